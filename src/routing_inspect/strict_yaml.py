"""
YAML, read strictly: tables, lists and text, each with its place in the source.

Nothing is guessed from how a word looks, so ``NO``, ``on``, ``1:30`` and ``2026-03-29`` stay what
was written, and whoever expects a number reads it out of the text.
What JSON has no word for (anchors, aliases, tags) is refused, and so is a key given twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import yaml
from attrs import frozen

from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.visible import visible

Span: TypeAlias = tuple[int, int]
Node: TypeAlias = "Text | Items | Table"

MAX_CHARACTERS: Final = 1_000_000
MAX_LEVELS: Final = 16

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_WORD: Final = re.compile(r"\S*")


@frozen
class Text:
    """
    A scalar as it was written, of whatever kind another reader might take it for.

    Attributes:
        style: ``|`` for a block whose lines stand in the source as they are, ``>`` for one whose lines are
            folded, a quote, or nothing.
    """

    text: str
    span: Span
    style: str = ""


@frozen
class Items:
    """A list."""

    nodes: tuple[Node, ...]
    span: Span


@frozen
class Table:
    """
    A mapping from text to nodes, in the order of the source.

    Attributes:
        keys: Where each key stands.
    """

    members: Mapping[str, Node]
    keys: Mapping[str, Span]
    span: Span


def read(source: str) -> Node:
    """
    Read one YAML document.

    Raises:
        CriteriaSyntaxError: It is not YAML, is no single document, holds what JSON cannot, repeats
            a key, nests more than 16 levels deep or is longer than a million characters.
    """
    if len(source) > MAX_CHARACTERS:
        message = f"longer than {MAX_CHARACTERS:,} characters"
        raise CriteriaSyntaxError(message, source, (0, 0), hint="split it into several files")
    events = _events(source)
    first = next(events, None)
    if first is None:
        raise CriteriaSyntaxError("empty: expected a table", source, (0, len(source)))
    node = _node(first, events, source, MAX_LEVELS)
    for more in events:
        hint = "one file holds one document: leave out the `---` between them"
        raise CriteriaSyntaxError("a second document", source, _span(more), hint=hint)
    return node


def place(source: str, text: Text, span: Span) -> Span:
    """
    Say where in *source* a part of *text* stands.

    Args:
        source: The document that *text* was read from.
        text: What was read from it.
        span: Start and end offsets inside `text.text`.

    Returns:
        The place of all of *text* where YAML has folded or unescaped it on the way.
    """
    start = min(span[0], len(text.text.rstrip()))
    line = text.text.count("\n", 0, start)
    written = text.text.split("\n")[line]
    column = start - (text.text.rfind("\n", 0, start) + 1)
    if text.style == "|":
        begins = text.span[0] + _line_starts(source[slice(*text.span)])[line + 1]
        raw = _LINE_END.split(source[begins : text.span[1]])[0]
        begins += len(raw) - len(written)
    else:
        begins = text.span[0] + len(text.style)
        raw = source[begins : begins + len(text.text)]
        written = text.text
    if not raw.endswith(written):
        return text.span
    begins += column
    return begins, min(begins + span[1] - span[0], begins + len(written) - column)


def _line_starts(raw: str) -> list[int]:
    return [0, *(found.end() for found in _LINE_END.finditer(raw))]


def _events(source: str) -> Iterator[Any]:
    """Go through what PyYAML sees, one by one, so that a hostile source is left as soon as it shows."""
    bookends = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
    try:
        # Not the loader in C, which dies of deep nesting before anybody can count it.
        for event in yaml.parse(source, Loader=yaml.SafeLoader):
            if not isinstance(event, bookends):
                yield event
    except yaml.reader.ReaderError as error:
        message = f"the character {visible(source[error.position])} has no place in YAML"
        span = (error.position, error.position + 1)
        raise CriteriaSyntaxError(message, source, span, hint="write it escaped, in double quotes") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        index = len(source) if mark is None else mark.index
        problem = visible(str(error.problem or error.context)).replace("'", "`")
        raise CriteriaSyntaxError(f"not YAML: {problem}", source, (index, index + 1)) from None


def _node(event: Any, events: Iterator[Any], source: str, levels: int) -> Node:
    _refuse_extras(event, source)
    if levels == 0:
        raise CriteriaSyntaxError(f"nested more than {MAX_LEVELS} levels deep", source, _span(event))
    match event:
        case yaml.ScalarEvent():
            return Text(event.value, _span(event), event.style or "")
        case yaml.SequenceStartEvent():
            nodes: list[Node] = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                nodes.append(_node(inner, events, source, levels - 1))
            return Items(tuple(nodes), (_span(event)[0], _span(inner)[1]))
        case _:
            return _table(event, events, source, levels)


def _table(event: Any, events: Iterator[Any], source: str, levels: int) -> Table:
    members: dict[str, Node] = {}
    keys: dict[str, Span] = {}
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _node(inner, events, source, levels - 1)
        if not isinstance(key, Text):
            raise CriteriaSyntaxError("expected a key, found a list or a table", source, key.span)
        if key.text in members:
            hint = "keep one of them"
            raise CriteriaSyntaxError(f"`{visible(key.text)}` is given twice", source, key.span, hint=hint)
        keys[key.text] = key.span
        members[key.text] = _node(next(events), events, source, levels - 1)
    return Table(members, keys, (_span(event)[0], _span(inner)[1]))


def _refuse_extras(event: Any, source: str) -> None:
    start, end = _span(event)
    mark = next(_WORD.finditer(source, start)).span()  # it may be empty, so there is one at the start
    if isinstance(event, yaml.AliasEvent):
        message = "expected the text itself, found an alias"
        raise CriteriaSyntaxError(message, source, (start, end), hint="write it out: nothing is shared here")
    if event.anchor is not None:
        raise CriteriaSyntaxError("an anchor has no use here", source, mark, hint="leave it out")
    if event.tag is not None:
        hint = "leave it out: everything is text, as it is written"
        raise CriteriaSyntaxError("a tag has no place here", source, mark, hint=hint)


def _span(event: Any) -> Span:
    return event.start_mark.index, event.end_mark.index
