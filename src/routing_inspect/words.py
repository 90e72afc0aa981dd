"""Numbers and lists in words, the same wherever something is said."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """Say how many there are: ``1 agent``, ``2 agents``, ``0 agents``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def joined(texts: Sequence[str]) -> str:
    """Put texts one after the other as a sentence has them: ``1``, ``1 and 2``, ``1, 2 and 3``."""
    *most, last = texts
    return f"{', '.join(most)} and {last}" if most else last


def shortened(names: Sequence[str], most: int | None) -> str:
    """
    Name the first *most* and count the rest: ``ana, ben and 3 more``; None: name all.

    Nothing is cut for a single one more, which takes no more room than to count it.
    """
    shown = names if most is None or len(names) == most + 1 else names[:most]
    left = len(names) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "")
