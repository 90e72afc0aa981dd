"""
Arguments of the public functions that are something else than they should be, and what to give instead.

Who calls a function from a notebook at night reads an error, not the API's page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import UnionType
from typing import Any, Final, Never

# What to give in place of what was given: by what is wanted, and by what kind of thing came.
_INSTEAD: Final[Mapping[str, Mapping[str, str]]] = {
    "expression": {
        "text": "`routing_inspect.parse(text)` makes one",
        "document": "`routing_inspect.read_expression(document)` makes one",
        "Criteria": "take that of one step: `criteria.steps[0].expression`",
        "Contact": "take that of one step: `contact.criteria.steps[0].expression`",
        "Step": "take `step.expression`",
        "Attribute": "say at which level: `routing_inspect.AtLeast(attribute, 1)`",
    },
    "Agent": {
        "NoneType": "no agent was given; `roster.find(name)` is None where nobody is called that",
        "text": "find the agent in a roster: `roster.find(name)`",
        "document": "`routing_inspect.Agent(id=..., proficiencies={...})` makes one, and "
        "`routing_inspect.read_roster(document)` reads many",
        "Roster": "take one of `roster.agents`",
    },
    "Roster": {
        "text": "`routing_inspect.parse_roster(text)` reads text, `routing_inspect.read_roster(text)` JSON",
        "document": "`routing_inspect.read_roster(document)` makes one",
        "list": "`routing_inspect.Roster(agents=[...])` makes one of agents",
        "Agent": "`routing_inspect.Roster(agents=[agent])` makes one",
    },
    "Contact": {
        "text": "`routing_inspect.read(text)` reads JSON",
        "document": "`routing_inspect.read(document)` makes one",
        "path": "`routing_inspect.read(path.read_bytes())` makes one",
        "Criteria": "`routing_inspect.Contact(criteria=criteria)` makes one",
        "list": "give them one by one",
    },
    "Criteria": {
        "text": "`routing_inspect.parse_criteria(text)` reads it, `routing_inspect.read_criteria(text)` JSON",
        "document": "`routing_inspect.read_criteria(document)` makes one",
        "Contact": "take `contact.criteria`",
        "expression": "`routing_inspect.Criteria([routing_inspect.Step(expression)])` makes one",
        "list": "`routing_inspect.Criteria(steps)` makes one of steps",
    },
    "Step": {"expression": "`routing_inspect.Step(expression)` makes one"},
    "Attribute": {
        "text": "`routing_inspect.Attribute(name, value)` makes one, such as of `Language` and `French`",
        "list": "`routing_inspect.Attribute(*pair)` makes one",
    },
    "text": {
        "document": "a document is read by `routing_inspect.read` and its neighbours",
        "path": "give what is in the file: `path.read_text()`",
        "expression": "it has been read already",
    },
    "document": {
        "path": "give what is in the file: `path.read_bytes()`",
        "file": "give what is in the file: `file.read()`",
    },
    "timedelta": {"number": "`timedelta(seconds=number)` makes one"},
    "datetime": {
        "text": "`datetime.fromisoformat(text)` makes one",
        "number": "`datetime.fromtimestamp(number, UTC)` makes one",
    },
}
_EXPRESSIONS: Final = frozenset({"AtLeast", "Between", "AgentIn", "Not", "And", "Or", "Mixed", "Opaque"})
_FILE_NAME: Final = re.compile(r"[^\n{}<>()=\[\]]{1,500}\.(?:jsonl?|routing|roster|csv|txt|ya?ml)")
_WRITTEN: Final = {"text": "text", "document": "a document", "expression": "an expression"}


def require(name: str, value: object, wanted: type | UnionType) -> None:
    """
    Refuse an argument that is of another type.

    Args:
        name: The parameter.
        value: What was given for it.
        wanted: Its type; a union is that of expressions.

    Raises:
        TypeError: It is of another; the message says what to do instead.
    """
    # A test that gives it is shown by pytest, not this function.
    __tracebackhide__ = True
    if not isinstance(value, wanted):
        raise misused(name, value, "expression" if isinstance(wanted, UnionType) else wanted.__name__)


def require_all(name: str, values: object, wanted: type | UnionType) -> tuple[Any, ...]:
    """
    Take the elements of an argument, each of which must be of one type.

    Raises:
        TypeError: One is of another, or *values* is one thing itself.
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        shown = "text" if isinstance(values, str) else _shown(values)
        raise TypeError(f"`{name}` takes a list, and this is {shown}: put it into brackets, `[{name[:-1]}]`")
    found = tuple(values)
    for number, value in enumerate(found):
        if not isinstance(value, wanted):
            require(f"{name}[{number}]", value, wanted)
    return found


def require_text(name: str, value: object) -> None:
    """
    Refuse what is no text.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(value, str):
        raise misused(name, value, "text")


def require_time(name: str, value: object) -> None:
    """
    Refuse a time that is none, or of which nobody knows the zone; None is well.

    Raises:
        TypeError: It is no datetime.
        ValueError: It has no time zone.
    """
    if value is None:
        return
    require(name, value, datetime)
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise ValueError(
            f"{name} needs a time zone: `datetime.now(UTC)`, or `{name}.replace(tzinfo=UTC)` where it is UTC"
        )


def require_document(value: object) -> None:
    """
    Refuse what cannot be a document: a path, an open file, a record that was read before.

    Raises:
        TypeError: It is one of these.
    """
    is_record = type(value).__module__.startswith("routing_inspect.") and not isinstance(value, Mapping)
    if is_record or _kind(value) in {"path", "file"}:
        raise misused("document", value, "document")


def misused(name: str, value: object, wanted: str) -> TypeError:
    """Give the error that says what to give for *name* in place of *value*."""
    article = "text" if wanted == "text" else _with_article(wanted)
    instead = _INSTEAD.get(wanted, {}).get(_kind(value))
    hint = "" if instead is None else f": {instead}"
    return TypeError(f"`{name}` takes {article}, and this is {_shown(value)}{hint}")


def unexpected(name: str, value: Never) -> TypeError:
    """Give the error that ends a match over all expressions, where only what is none can come."""
    return misused(name, value, "expression")


def _shown(value: object) -> str:
    kind = _kind(value)
    if kind in {"text", "document", "expression"}:
        return _WRITTEN[kind]
    return "None" if value is None else _with_article(type(value).__name__)


def _with_article(word: str) -> str:
    return f"{'an' if word[0] in 'AEIOUaeiou' else 'a'} {word}"


def _kind(value: object) -> str:
    """Say what kind of thing was given, in the words of the table."""
    match value:
        case str():
            return "text"
        case bytes() | Mapping():
            return "document"
        case os.PathLike():
            return "path"
        case bool() | int() | float():
            return "number"
        case list() | tuple() | set():
            return "list"
        case _:
            name = type(value).__name__
            return "file" if hasattr(value, "read") else "expression" if name in _EXPRESSIONS else name


def is_file_name(text: str) -> bool:
    """Say whether text can only be meant as the name of a file, by its ending."""
    return _FILE_NAME.fullmatch(text.strip()) is not None
