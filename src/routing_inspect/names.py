"""
Names that a reader takes for the same and the service does not.

The service compares names and values code point by code point. What differs by letter case, blanks,
invisible characters, composed letters, letters that look alike or the ``connect:`` prefix is
nearly always a mistake, and so is a letter too many, too few or in another's place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import combinations
from typing import Final

from attrs import frozen

from routing_inspect.expr import Attribute

# Cyrillic and Greek letters drawn like Latin ones, dashes, quotes, and the zero that is an O; from
# Unicode's confusables (UTS #39), those that a keyboard or a word processor puts in by itself.
_CYRILLIC: Final = "АВЕЅІЈКМНОРСТХУавеѕіјкмнорстхуԁԛԝҺһ"
_GREEK: Final = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυχ"
_SIGNS: Final = "0‐‑‒–—−’‘ʼ´`"  # noqa: RUF001  (signs that look alike)
_ALIKE: Final = str.maketrans(
    _CYRILLIC + _GREEK + _SIGNS,
    "ABESIJKMHOPCTXYabesijkmhopctxydqwHh" + "ABEZHIKMNOPTYXavopux" + "O------'''''",
)
_PREFIX: Final = re.compile("connect:", re.IGNORECASE)


def _look(text: str) -> str:
    """Give each character the shape that a reader sees; blanks are another matter."""
    shapes = (c if c.isspace() else unicodedata.normalize("NFKC", c) for c in text)
    return "".join(shapes).translate(_ALIKE)


def _without_blanks(text: str) -> str:
    return "".join(c for c in text if not c.isspace())


def _without_invisible(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def _without_prefix(text: str) -> str:
    return _PREFIX.sub("", text, count=1) if _PREFIX.match(text) else text


# In the order in which they apply: a blank before the prefix would hide it.
_FOLDS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("invisible characters", _without_invisible),
    ("blanks", _without_blanks),
    ("the `connect:` prefix", _without_prefix),
    ("composed letters", lambda text: unicodedata.normalize("NFC", text)),
    ("letters that look alike", _look),
    ("letter case", str.casefold),
)


@frozen
class NearMiss:
    """
    An attribute that a reader may take for another.

    Attributes:
        attribute: The one that is there.
        differences: In what it differs from the one that was written, in words: ``letter case``.
    """

    attribute: Attribute
    differences: tuple[str, ...]


def near_miss_key(attribute: Attribute) -> tuple[str, str]:
    """Fold an attribute so that names which a reader would take for the same come out equal."""
    return fold(attribute.name), fold(attribute.value)


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Take everything out of a name or a value that a reader overlooks."""
    return _folded(text, _FOLDS)


def near_misses(written: Attribute, known: Iterable[Attribute]) -> list[NearMiss]:
    """
    Find which of *known* a reader takes for *written*, the nearest first.

    Those that differ in what a reader overlooks come alone; only where there is none, those that
    a slip of the keyboard away. *written* itself is never among them.
    """
    others = [attribute for attribute in dict.fromkeys(known) if attribute != written]
    key = near_miss_key(written)
    alike = [attribute for attribute in others if near_miss_key(attribute) == key]
    if alike:
        found = [NearMiss(attribute, differences(written, attribute)) for attribute in alike]
        return sorted(found, key=lambda miss: len(miss.differences))
    slips = [(slip, attribute) for attribute in others if (slip := _slips(written, attribute))]
    return [
        NearMiss(attribute, ("one letter" if slip == 1 else f"{slip} letters",))
        for slip, attribute in sorted(slips, key=lambda pair: pair[0])
    ]


def differences(one: Attribute, other: Attribute) -> tuple[str, ...]:
    """
    Say in what two attributes of one `near_miss_key` differ: in as few things as can be.

    Returns:
        Nothing where they are equal.
    """
    found = {
        name
        for a, b in ((one.name, other.name), (one.value, other.value))
        for name in _smallest_difference(a, b)
    }
    return tuple(name for name, _ in _FOLDS if name in found)


def _smallest_difference(one: str, other: str) -> tuple[str, ...]:
    # The other way round, so that a prefix in another case is a matter of case, not of the prefix.
    folds = next(
        last_first[::-1]
        for size in range(len(_FOLDS) + 1)
        for last_first in combinations(reversed(_FOLDS), size)
        if _folded(one, last_first[::-1]) == _folded(other, last_first[::-1])
    )
    return tuple(name for name, _ in folds)


def _folded(text: str, folds: Iterable[tuple[str, Callable[[str], str]]]) -> str:
    for _, apply in folds:
        text = apply(text)
    return text


def _slips(one: Attribute, other: Attribute) -> int:
    """Count the slips of the keyboard between two attributes; 0 where they are not the same but for slips."""
    total = 0
    for a, b in zip(near_miss_key(one), near_miss_key(other), strict=True):
        slips = edits(a, b, most=_allowed(min(len(a), len(b))))
        if slips is None:
            return 0
        total += slips
    return total


def _allowed(length: int) -> int:
    """How many slips leave a word recognisable: in a short one, any makes another word."""
    return 0 if length < 5 else 1 if length < 9 else 2


def edits(one: str, other: str, *, most: int) -> int | None:
    """
    Count letters added, left out, replaced, or swapped with their neighbour between two words.

    Returns:
        None for more than *most*, and where a digit is among them: ``Tier 1`` is no slip for ``Tier 2``.
    """
    if abs(len(one) - len(other)) > most or _digits(one) != _digits(other):
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1] if row[-1] <= most else None


def _digits(text: str) -> list[str]:
    return [c for c in text if c.isnumeric()]
