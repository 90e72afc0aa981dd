"""
Records in a stream of text: JSON lines, JSON over many lines, arrays, objects end to end without a newline.

Nothing but the record at hand is held. What cannot be read costs itself alone, and is said; where its
brackets do not match, it costs the rest of its line.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeAlias

from attrs import frozen

from routing_inspect.document import JSON, MAX_BYTES

# A file's name, the number of a line, and the line; a long line comes in several pieces, all but the
# last of which end without a newline. None in place of text: the file breaks off here.
Piece: TypeAlias = tuple[str, int, str | None]

_DECODER: Final = json.JSONDecoder()
# Between records; the brackets of an array of records count as that, too.
_BETWEEN: Final = re.compile(r"[\s,\[\]\ufeff]*")
# What stands behind an element of an array that is no object.
_BEHIND: Final = frozenset(" \t\r\n,]")
_STRING: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?')
_MARK: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\]]')
_DEEPER: Final = {"{": 1, "[": 1, "}": -1, "]": -1}
# The beginning of a batch up to its rows, past members that are neither lists nor objects.
_BATCH: Final = re.compile(r'\{(?:[^{}\[\]"]|"(?:[^"\\]++|\\.)*+")*?"[Rr]ecords"\s*+:\s*+\[')
# How near its end Python's reader may find fault with a text that was merely cut: within an escape.
_NEAR_END: Final = 16
# How records are wrapped when a Lambda or the CLI takes them from a stream or a queue.
_WRAPPED: Final = (("kinesis", "data"), ("data",), ("Data",), ("body",), ("Sns", "Message"))


@frozen
class Found:
    """
    One record of a stream, or the place of something that is none.

    Attributes:
        value: The record as JSON; None where `problem` says why there is none.
        text: The record as it stood; empty where there is none.
        problem: ``unreadable``, or ``cut`` where a file ends in the midst of a record or of an array.
    """

    file: str
    line: int
    value: JSON = None
    text: str = ""
    problem: str | None = None


@frozen
class _Open:
    """
    The beginning of a record that goes on in the next piece.

    Attributes:
        pieces: One list for the whole record, which grows: a record may go over a million lines.
        depth: How many brackets are open; None within a line of which more is to come.
        tried: How long it was when it was last read.
    """

    line: int
    pieces: list[str]
    size: int
    depth: int | None
    tried: int


@frozen
class _Scan:
    """
    What stands one after the other in a text.

    Attributes:
        values: Each value and its text; what is no object is no record.
        arrays: How many arrays are open at the end.
        rest: What could not be read any more.
        may_go_on: Whether the rest may be the beginning of a value, if more were to come.
    """

    values: list[tuple[JSON, str]]
    arrays: int
    rest: str
    may_go_on: bool


def records(pieces: Iterable[Piece]) -> Iterator[Found]:
    """
    Find every record in the files that *pieces* are of, those wrapped in batches one by one.

    Args:
        pieces: In the order of each file, one file after the other.
    """
    file: _File | None = None
    for name, line, text in pieces:
        if file is not None and (name != file.name or line < file.line):
            yield from file.end(None)
            file = None
        file = file or _File(name)
        if text is None:
            yield from file.end(line)
            file = None
        else:
            yield from file.take(line, text)
    if file is not None:
        yield from file.end(None)


class _File:
    """A file as far as it has been read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.line = 0
        self._opened: _Open | None = None
        self._arrays = 0
        # Up to where something that cannot be read is passed over.
        self._passing: Literal["line", "record"] | None = None
        self._is_line_over = True

    def take(self, line: int, text: str) -> list[Found]:
        """Read one more piece; give the records that end in it."""
        begins, self._is_line_over = self._is_line_over, text.endswith("\n")
        self.line = line
        if self._passing is not None:
            if not begins or (self._passing == "record" and not text.startswith("{")):
                return []
            self._passing = None
        opened, self._opened = self._opened, None
        if opened is None:
            return self._read(line, text)
        if begins and _is_record(text):
            # A record never ends in another one that begins its own line: it was broken off.
            self._arrays = 0
            return [*self._broken(opened.line, "".join(opened.pieces)), *self._read(line, text)]
        longer = _longer(opened, text)
        depth = longer.depth or 0
        if longer.size >= MAX_BYTES:
            return self._give_up(longer, "record" if depth > 0 else "line")
        # A long line is read again when twice as much of it is there, so that each takes its length.
        if depth > 0 or (not self._is_line_over and longer.size < 2 * longer.tried):
            self._opened = longer
            return []
        return self._read(opened.line, "".join(longer.pieces))

    def end(self, broken_at: int | None) -> list[Found]:
        """
        Read what is left where the file ends.

        Args:
            broken_at: The line in which it breaks off; None: nothing says that it does.
        """
        line, text = self.line, ""
        if self._opened is not None:
            line, text = self._opened.line, "".join(self._opened.pieces)
        scan = _scan(text, self._arrays, is_whole=True)
        found = self._records(line, scan)
        if scan.rest.startswith("{"):
            return [*found, *self._broken(line, scan.rest, "cut")]
        if scan.arrays or broken_at is not None:
            return [*found, Found(self.name, broken_at or line, problem="cut")]
        return [*found, *(self._broken(line, scan.rest) if scan.rest else ())]

    def _read(self, line: int, text: str) -> list[Found]:
        scan = _scan(text, self._arrays, is_whole=self._is_line_over)
        self._arrays = scan.arrays
        found = self._records(line, scan)
        if not scan.rest:
            return found
        depth = _depth(scan.rest) if self._is_line_over else None
        opened = _Open(line, [scan.rest], len(scan.rest), depth, len(scan.rest))
        if opened.size >= MAX_BYTES or not scan.may_go_on or (depth is not None and depth <= 0):
            return [*found, *self._give_up(opened, "line")]
        self._opened = opened
        return found

    def _records(self, line: int, scan: _Scan) -> list[Found]:
        found: list[Found] = []
        for value, raw in scan.values:
            if isinstance(value, dict):
                found += _unwrapped(Found(self.name, line, value, raw))
            else:
                found += self._broken(line, raw)
        return found

    def _give_up(self, opened: _Open, up_to: Literal["line", "record"]) -> list[Found]:
        self._passing = up_to
        # Nobody knows which brackets of it would have closed an array.
        self._arrays = 0
        return self._broken(opened.line, "".join(opened.pieces))

    def _broken(self, line: int, text: str, problem: str = "unreadable") -> list[Found]:
        """Say that something cannot be read; of a batch, give the rows that can."""
        found: list[Found] = []
        begun = _BATCH.match(text)
        if begun is not None:
            for row, _ in _scan(text[begun.end() :], 1, is_whole=True).values:
                found += _unwrapped_row(self.name, line, row)
        if problem == "unreadable" and any(one.problem is not None for one in found):
            return found
        return [*found, Found(self.name, line, problem=problem)]


def _longer(opened: _Open, text: str) -> _Open:
    depth = None if opened.depth is None or not text.endswith("\n") else opened.depth + _depth(text)
    opened.pieces.append(text)
    return _Open(opened.line, opened.pieces, opened.size + len(text), depth, opened.tried)


def _is_record(text: str) -> bool:
    """Say whether a whole line is one record, not a line of a record over many lines."""
    if not text.startswith("{") or not text.rstrip().endswith("}"):
        return False
    scan = _scan(text, 0, is_whole=True)
    return not scan.rest and all(isinstance(value, dict) for value, _ in scan.values)


def _scan(text: str, arrays: int, *, is_whole: bool) -> _Scan:
    """
    Read the values that stand one after the other.

    Args:
        text: One or more lines, or a part of one.
        arrays: How many arrays are open at its beginning.
        is_whole: Whether its end is that of a line.
    """
    values: list[tuple[JSON, str]] = []
    position = 0
    while True:
        between = _BETWEEN.match(text, position)
        gap = "" if between is None else between[0]
        position += len(gap)
        for bracket in gap if "[" in gap or "]" in gap else "":
            arrays = max(0, arrays + _DEEPER.get(bracket, 0))
        if position == len(text):
            return _Scan(values, arrays, "", may_go_on=False)
        value, end, may_go_on = _value(text, position, is_element=arrays > 0, is_whole=is_whole)
        if end is None:
            return _Scan(values, arrays, text[position:], may_go_on)
        values.append((value, text[position:end]))
        position = end


def _value(text: str, position: int, *, is_element: bool, is_whole: bool) -> tuple[JSON, int | None, bool]:
    """Read one value: None for what is no object, its end if it has one, and whether it may go on."""
    is_object = text[position] == "{"
    if not is_object and not is_element:
        return None, None, False
    try:
        value, end = _DECODER.raw_decode(text, position)
    except (ValueError, RecursionError) as error:
        is_cut = isinstance(error, json.JSONDecodeError) and (
            error.pos >= len(text) - _NEAR_END or error.msg.startswith("Unterminated string")
        )
        if is_cut and not is_whole:
            return None, None, True
        # What goes on in the next line has no end in this one.
        return None, _end_of(text, position) if is_object else None, is_whole and is_object
    if is_object:
        return value, end, False
    if end == len(text):
        return None, None, True  # a number may go on
    return None, end if text[end] in _BEHIND else None, False


def _end_of(text: str, position: int) -> int | None:
    """Find where an object ends by its brackets, whatever is in it; None where it does not."""
    depth = 0
    for mark in _MARK.finditer(text, position):
        depth += _DEEPER.get(mark[0], 0)
        if depth == 0:
            return mark.end()
    return None


def _depth(text: str) -> int:
    """Count how many brackets *text* leaves open; no string goes over the end of a line."""
    bare = _STRING.sub("", text)
    return bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")


def _unwrapped(found: Found) -> list[Found]:
    """Take records out of a batch; any other record is itself."""
    rows = found.value.get("Records", found.value.get("records"))
    if not isinstance(rows, list):
        return [found]
    return [one for row in rows for one in _unwrapped_row(found.file, found.line, row)]


def _unwrapped_row(file: str, line: int, row: JSON) -> list[Found]:
    payload = _payload(row)
    if payload is None:
        return [Found(file, line, problem="unreadable")]
    scan = _scan(payload, 0, is_whole=True)
    found = [
        Found(file, line, value, raw) if isinstance(value, dict) else Found(file, line, problem="unreadable")
        for value, raw in scan.values
    ]
    return [*found, Found(file, line, problem="unreadable")] if scan.rest else found


def _payload(row: JSON) -> str | None:
    """Give the text that a row of a batch carries, in base64 or plain; None where it carries none."""
    for place in _WRAPPED:
        inner = row
        for name in place:
            inner = inner.get(name) if isinstance(inner, dict) else None
        if isinstance(inner, str):
            return inner if inner.lstrip().startswith("{") else _plain(inner)
    return None


def _plain(encoded: str) -> str | None:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
