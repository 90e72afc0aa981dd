"""
Where things stand: lines and columns of offsets in a text, and the spans of the parts of JSON in it.

The text is known to be JSON already; `document.loads` is what refuses.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

# Where something stands in a text, as start and end offsets.
Span: TypeAlias = tuple[int, int]
# The way down to a value: names of members and places of elements. What is JSON inside a string goes
# on below that string.
Trail: TypeAlias = tuple[str | int, ...]
_Tree: TypeAlias = dict[str | int, Any]

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR: Final = re.compile(r'[^\s"{}\[\],:]++')
_SIGNIFICANT: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]]', re.DOTALL)
# One character of a string, or two escapes that are one.
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL
)
_STEP: Final = re.compile(r'\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]|\[("(?:[^"\\]|\\.)*")\]')


class Lines:
    """The lines of a text, however they end."""

    def __init__(self, text: str) -> None:
        ends = [found.span() for found in _LINE_END.finditer(text)]
        self.text = text
        self._starts = [0, *(end for _, end in ends)]
        self._stops = [*(start for start, _ in ends), len(text)]

    def __len__(self) -> int:
        return len(self._starts)

    def place(self, offset: int) -> tuple[int, int]:
        """Give the line and the column of an offset, both from 1, a column being one character."""
        number = bisect_right(self._starts, offset)
        return number, offset - self._starts[number - 1] + 1

    def line(self, number: int) -> str:
        """Give a line by its number, from 1, without its end."""
        return self.text[self._starts[number - 1] : self._stops[number - 1]]

    def offset(self, number: int, column: int) -> int:
        """Give the offset of a line and a column, both from 1."""
        return self._starts[number - 1] + column - 1


def trail_of(path: str) -> Trail:
    """Read a JSON path as the library writes them: ``$.Steps[0]["odd name"]``."""
    keys: list[str | int] = []
    for name, place, quoted in _STEP.findall(path):
        keys.append(int(place) if place else json.loads(quoted) if quoted else name)
    return tuple(keys)


def find_spans(text: str, wanted: Iterable[Trail], start: int = 0) -> dict[Trail, Span]:
    """
    Find where parts of a JSON document stand, in one pass over it.

    A member stands from its name on. What is wanted below a string is looked for in the JSON
    that the string holds. What is not there is left out.

    Args:
        text: JSON that has been read.
        wanted: The parts, by their trails.
        start: Where in *text* the document begins.
    """
    tree: _Tree = {}
    for trail in wanted:
        node = tree
        for key in trail:
            node = node.setdefault(key, {})
    spans: dict[Trail, Span] = {}
    begin = _blanks(text, start)
    spans[()] = (begin, _value(text, begin, tree, (), spans))
    return spans


def decoded(text: str, span: Span) -> tuple[str, Sequence[int]]:
    """
    Decode a JSON string in *text*, quotes and all.

    Returns:
        What it says, and for each character of that the offset in *text* where it is written,
        with the offset of the closing quote at the end.
    """
    start, end = span[0] + 1, span[1] - 1
    parts: list[str] = []
    offsets: list[int] = []
    for escape in _ESCAPE.finditer(text, start, end):
        parts += [text[start : escape.start()], json.loads(f'"{escape[0]}"')]
        offsets += range(start, escape.start())
        # Half a pair stays one character, and so does a whole pair.
        offsets.append(escape.start())
        start = escape.end()
    parts.append(text[start:end])
    offsets += range(start, end + 1)
    return "".join(parts), offsets


def through(offsets: Sequence[int], spans: Mapping[Trail, Span]) -> dict[Trail, Span]:
    """Say where spans of a decoded string stand in the text that it was decoded from."""
    return {trail: (offsets[start], offsets[end]) for trail, (start, end) in spans.items()}


def _blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return at if found is None else found.end()


def _value(text: str, at: int, tree: _Tree, trail: Trail, spans: dict[Trail, Span]) -> int:
    """Note the spans of what is wanted below one value, and say where the value ends."""
    if not tree:
        return _skip(text, at)
    match text[at : at + 1]:
        case "{":
            return _members(text, at, tree, trail, spans)
        case "[":
            return _elements(text, at, tree, trail, spans)
        case '"':
            end = _skip(text, at)
            spans |= _inside(text, (at, end), tree, trail)
            return end
        case _:
            return _skip(text, at)


def _members(text: str, at: int, tree: _Tree, trail: Trail, spans: dict[Trail, Span]) -> int:
    at = _blanks(text, at + 1)
    while text[at] != "}":
        begin, at = at, _skip(text, at)
        name = json.loads(text[begin:at])
        at = _blanks(text, _blanks(text, at) + 1)
        if name in tree:
            at = _value(text, at, tree[name], (*trail, name), spans)
            spans[*trail, name] = (begin, at)
        else:
            at = _skip(text, at)
        at = _next(text, at)
    return at + 1


def _elements(text: str, at: int, tree: _Tree, trail: Trail, spans: dict[Trail, Span]) -> int:
    at = _blanks(text, at + 1)
    place = 0
    while text[at] != "]":
        begin = at
        if place in tree:
            at = _value(text, at, tree[place], (*trail, place), spans)
            spans[*trail, place] = (begin, at)
        else:
            at = _skip(text, at)
        at = _next(text, at)
        place += 1
    return at + 1


def _next(text: str, at: int) -> int:
    """Go on to what follows a member or an element: the next one, or the end of what holds it."""
    at = _blanks(text, at)
    return _blanks(text, at + 1) if text[at] == "," else at


def _inside(text: str, span: Span, tree: _Tree, trail: Trail) -> dict[Trail, Span]:
    inner, offsets = decoded(text, span)
    if not inner.lstrip().startswith(("{", "[")):
        return {}
    found: dict[Trail, Span] = {}
    _value(inner, _blanks(inner, 0), tree, trail, found)
    return through(offsets, found)


def _skip(text: str, at: int) -> int:
    """Say where a value ends that nobody looks into."""
    match text[at]:
        case '"':
            found = _STRING.match(text, at)
        case "{" | "[":
            return _skip_brackets(text, at)
        case _:
            found = _SCALAR.match(text, at)
    return at if found is None else found.end()


def _skip_brackets(text: str, at: int) -> int:
    level = 0
    for sign in _SIGNIFICANT.finditer(text, at):
        if sign[0] in "{[":
            level += 1
        elif sign[0] in "}]":
            level -= 1
            if level == 0:
                return sign.end()
    raise AssertionError("what has been read as JSON closes its brackets")
