"""
Records in a stream of text: JSON lines, JSON over many lines, arrays, objects end to end without a newline.

Nothing but the record at hand is held. What cannot be read costs that one record, and is said.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from attrs import frozen

from routing_inspect.document import JSON, MAX_BYTES

# A file's name, the number of a line, and the line; a long line comes in several pieces, all but the
# last of which end without a newline. None in place of text: the file breaks off here.
Piece: TypeAlias = tuple[str, int, str | None]

_DECODER: Final = json.JSONDecoder()
# Between records; the brackets of an array of records count as that, too.
_BETWEEN: Final = re.compile(r"[\s,\[\]\ufeff]*")
_STRING: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?')
# How records are wrapped when a Lambda or the CLI takes them from a stream or a queue.
_WRAPPED: Final = (("kinesis", "data"), ("data",), ("Data",), ("body",), ("Sns", "Message"))


@frozen
class Found:
    """
    One record of a stream, or the place of something that is none.

    Attributes:
        value: The record as JSON; None where `problem` says why there is none.
        text: The record as it stood; empty where there is none.
        problem: ``unreadable``, or ``cut`` where a file ends in the midst of a record.
    """

    file: str
    line: int
    value: JSON = None
    text: str = ""
    problem: str | None = None


@frozen
class _Open:
    """
    The beginning of a record that goes on in the next piece; *depth* is None within a cut line.

    Attributes:
        pieces: One list for the whole record, which grows: a record may go over a million lines.
    """

    line: int
    pieces: list[str]
    size: int
    depth: int | None


def records(pieces: Iterable[Piece]) -> Iterator[Found]:
    """
    Find every record in the files that *pieces* are of, those wrapped in batches one by one.

    Args:
        pieces: In the order of each file, one file after the other.
    """
    opened: _Open | None = None
    before = ""
    for file, line, text in pieces:
        if opened is not None and (text is None or file != before):
            yield Found(before, opened.line, problem="cut")
            opened = None
        elif text is None:
            yield Found(file, line, problem="cut")
        before = file
        if text is not None:
            found, opened = _read(file, line, text, opened)
            yield from found
    if opened is not None:
        yield Found(before, opened.line, problem="cut")


def _read(file: str, line: int, text: str, opened: _Open | None) -> tuple[list[Found], _Open | None]:
    """Read one more piece of a file; give the records that end in it, and what is still open."""
    lost: list[Found] = []
    if opened is not None:
        longer = _longer(opened, text)
        if longer.depth is not None and longer.depth > 0 and not _is_record(text) and longer.size < MAX_BYTES:
            return [], longer
        if longer.size >= MAX_BYTES or (longer.depth != 0 and _is_record(text)):
            # A record never ends in another one that begins its own line: it was broken off.
            lost = [Found(file, opened.line, problem="unreadable")]
        else:
            line, text = opened.line, "".join(longer.pieces)
    values, rest = _values(text)
    found = [*lost, *(one for value, raw in values for one in _unwrapped(Found(file, line, value, raw)))]
    if not rest:
        return found, None
    depth = _depth(rest) if rest.endswith("\n") else None
    if rest.startswith("{") and len(rest) < MAX_BYTES and (depth is None or depth > 0):
        return found, _Open(line, [rest], len(rest), depth)
    return [*found, Found(file, line, problem="unreadable")], None


def _longer(opened: _Open, text: str) -> _Open:
    depth = None if opened.depth is None or not text.endswith("\n") else opened.depth + _depth(text)
    opened.pieces.append(text)
    return _Open(opened.line, opened.pieces, opened.size + len(text), depth)


def _is_record(text: str) -> bool:
    """Say whether a whole line is one record, not a line of a record over many lines."""
    if not text.startswith("{") or not text.rstrip().endswith("}"):
        return False
    values, rest = _values(text)
    return bool(values) and not rest


def _values(text: str) -> tuple[list[tuple[JSON, str]], str]:
    """Read the objects that stand one after the other in *text*; give what is left, too."""
    values: list[tuple[JSON, str]] = []
    position = _past(text, 0)
    while position < len(text) and text[position] == "{":
        try:
            value, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        values.append((value, text[position:end]))
        position = _past(text, end)
    return values, text[position:]


def _past(text: str, position: int) -> int:
    found = _BETWEEN.match(text, position)
    return position if found is None else found.end()


def _depth(text: str) -> int:
    """Count how many brackets *text* leaves open; no string goes over the end of a line."""
    bare = _STRING.sub("", text)
    return bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")


def _unwrapped(found: Found) -> Iterator[Found]:
    """Take records out of a batch; any other record is itself."""
    rows = _rows(found.value)
    if rows is None:
        yield found
        return
    for row in rows:
        payload = _payload(row)
        values, rest = ([], "?") if payload is None else _values(payload)
        for value, raw in values:
            yield Found(found.file, found.line, value, raw)
        if rest:
            yield Found(found.file, found.line, problem="unreadable")


def _rows(value: JSON) -> list[JSON] | None:
    rows = value.get("Records", value.get("records")) if isinstance(value, dict) else None
    return rows if isinstance(rows, list) else None


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
