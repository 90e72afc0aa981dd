"""Names of attributes that read like words of the language: ``NO Language(English)``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from routing_inspect.contact import Criteria, Roster
from routing_inspect.expr import Attribute
from routing_inspect.findings import Finding
from routing_inspect.places import Place, asked_attributes, found, leaves
from routing_inspect.text import attribute_text
from routing_inspect.visible import visible

# What is typed for a word of the language and is none, each with the word. A name may begin so: the
# language has no other sign of where a name ends than the parenthesis behind it.
_MISTYPED: Final = {
    **dict.fromkeys(("nto", "ont", "nott", "noot", "nt", "ot"), "NOT"),
    **dict.fromkeys(("adn", "nad", "annd"), "AND"),
    **dict.fromkeys(("ro", "orr"), "OR"),
}
# Words of English, with which names begin as well: `No Claims`, with a capital alone, is such a name.
_SIMILAR: Final = {
    **dict.fromkeys(("no", "non", "without", "except", "exclude", "unless"), "NOT"),
    **dict.fromkeys(("plus", "also"), "AND"),
    **dict.fromkeys(("either", "else"), "OR"),
    **dict.fromkeys(("if", "then", "when", "where"), None),
}


def lookalike_findings(
    criteria: Criteria, roster: Roster | None = None, attributes: Collection[str] | None = None
) -> Iterator[Finding]:
    """
    Find the names that begin like a word of the language, unless somebody knows such a name.

    Args:
        criteria: Where to look.
        roster: Agents; a name of which one of them holds a value is no mistake.
        attributes: The names of the predefined attributes, where they are known.
    """
    known = set(attributes or ())
    known.update(a.name for agent in (roster.agents if roster else ()) for a in agent.proficiencies or {})
    for number, step in enumerate(criteria.steps, 1):
        for condition, place, _ in leaves(step.expression, Place(number)):
            for attribute in asked_attributes(condition):
                first, blank, rest = attribute.name.partition(" ")
                if blank and attribute.name not in known and _is_lookalike(first):
                    named = f"an attribute named `{visible(attribute.name)}`"
                    message = f"{attribute_text(attribute)} asks for {named}"
                    yield found(place, "RI231", message, _hint(first, Attribute(rest, attribute.value)))


def _is_lookalike(word: str) -> bool:
    folded = word.casefold()
    return folded in _MISTYPED or (folded in _SIMILAR and word != word.capitalize())


def _hint(first: str, rest: Attribute) -> str:
    meant = {**_MISTYPED, **_SIMILAR}[first.casefold()]
    if meant is None:
        return f"leave `{first}` out, which the language does not have; a name may begin so"
    return f"write `{meant} {attribute_text(rest)}` if that is meant; a name may begin so"
