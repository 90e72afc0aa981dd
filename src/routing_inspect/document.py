"""JSON, read strictly: what Python's reader lets pass in silence is a problem with a path here."""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final, TypeAlias

from attrs import evolve

from routing_inspect.arguments import is_file_name, require_document
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.visible import visible

# Where a value stands: the container's own trail and the value's key in it, from which the path is built
# only when somebody asks; and how many levels down it is.
_Trail: TypeAlias = tuple["_Trail | None", object, int]
# A JSON value: None, bool, int, float, str, list and dict with string keys, nested.
JSON = Any

MAX_BYTES: Final = 64 * 1024 * 1024
# 64 groups are 128 levels of JSON; the rest is room for what stands around and inside them.
# Python's own reader gives up between 300 and 5,000 levels, depending on its version.
MAX_LEVELS: Final = 200
_LARGEST: Final = int(sys.float_info.max)

# An unclosed string runs to the end of the text. Nothing is ever tried twice, so no text takes longer
# than its length.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NO_BRACKETS = re.compile(r"[^\[{\]}]++")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOO_DEEP = Problem(
    "$",
    f"nested more than {MAX_LEVELS} levels deep",
    "an expression may nest 64 groups; Amazon Connect documents an OR of ANDs, which is two",
)


class _Repeating(dict[str, Any]):
    """An object in which a member occurred twice; `plain` reports it with its path."""

    repeated: tuple[str, ...]


class _TooLarge(float):
    """A number of JSON that no float can hold: infinite here, and not where it stood."""


class _Odd:
    """Notices, while JSON is read, that something in it will be refused."""

    def __init__(self) -> None:
        self.seen = False

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        self.seen = True
        repeating = _Repeating(members)
        repeating.repeated = tuple(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
        return repeating

    def real(self, digits: str) -> float:
        number = float(digits)
        if math.isinf(number) and digits[-1].isdigit():
            number = _TooLarge(number)
        self.seen = self.seen or not math.isfinite(number)
        return number

    def whole(self, digits: str) -> int:
        self.seen = self.seen or len(digits) > 300
        return int(digits)


def member_path(path: str, key: str) -> str:
    """Extend a JSON path by one object member, quoted where it is not a plain word."""
    return (
        f"{path}.{key}"
        if _PLAIN_KEY.fullmatch(key)
        else f"{path}[{visible(json.dumps(key, ensure_ascii=False))}]"
    )


def show(value: JSON) -> str:
    """Write a value as it would stand in the document, in backticks, safe to print and short."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            text = visible(json.dumps(value, ensure_ascii=False))
            return f"`{text if len(text) <= 80 else text[:77] + '...'}`"


def loads(text: str | bytes) -> JSON:
    """
    Read JSON text into plain values.

    Raises:
        DocumentError: The text is larger than 64 MiB, not UTF-8, not JSON, nested more than
            200 levels deep, repeats a member in one object, or holds NaN or an infinite number.
    """
    if len(text) > MAX_BYTES:
        hint = "read the contacts one by one: one contact is a few kilobytes"
        raise DocumentError((Problem("$", f"larger than {MAX_BYTES // 2**20} MiB", hint),))
    text = (_decode(text) if isinstance(text, bytes) else text).removeprefix("\ufeff")
    if _is_too_deep(text):
        raise DocumentError((_TOO_DEEP,))
    odd = _Odd()
    try:
        value = json.loads(
            text,
            object_pairs_hook=odd.object,
            parse_float=odd.real,
            parse_int=odd.whole,
            parse_constant=odd.real,
        )
    except json.JSONDecodeError as error:
        raise DocumentError((_not_json(text, error),)) from error
    except ValueError as error:
        # Python refuses to convert integers of more than 4,300 digits.
        raise DocumentError((Problem("$", "holds a number too long to read"),)) from error
    # `plain` says where the odd thing stands, which costs four times as much as reading.
    return plain(value) if odd.seen else value


def read_value(document: object) -> JSON:
    """
    Give the plain values of a document: JSON text, as `loads` reads it, or what somebody parsed.

    Raises:
        TypeError: It cannot be a document: a path, an open file, a record.
        DocumentError: As by `loads` and by `plain`.
    """
    require_document(document)
    return loads(document) if isinstance(document, str | bytes) else plain(document)


def plain(value: object) -> JSON:
    """
    Copy *value* into plain JSON values: what boto3 returns and what `json` reads come out alike.

    Times become ISO strings in UTC, decimals become numbers, tuples become lists.

    Raises:
        DocumentError: *value* nests more than 200 levels deep or holds what JSON cannot: NaN,
            an infinite number, a repeated member, a key that is no string, a time without a zone.
    """
    problems: list[Problem] = []
    top: list[JSON] = [None]
    # The walk keeps its own stack, so that no document can exhaust Python's.
    stack: list[tuple[object, Any, Any, _Trail]] = [(value, top, 0, (None, "", 0))]
    while stack:
        item, container, key, trail = stack.pop()
        if trail[2] > MAX_LEVELS:
            raise DocumentError((_TOO_DEEP,))
        match item:
            case Mapping():
                copied: Any = dict.fromkeys(item)
                problems += _object_problems(item, trail)
                members: Iterable[tuple[object, object]] = item.items()
            case list() | tuple():
                copied = [None] * len(item)
                members = enumerate(item)
            case _:
                container[key], found = _scalar(item)
                problems += [] if found is None else [evolve(found, path=_path(trail))]
                continue
        container[key] = copied
        stack += reversed(_fill(copied, members, trail))
    if problems:
        raise DocumentError(tuple(problems))
    return top[0]


def dumps(value: JSON) -> str:
    """Write plain values as JSON for people: two blanks of indent, the order kept, every script readable."""
    text = _indented(value, "\n")
    if text.isascii() and "\x7f" not in text:  # JSON escapes all other controls itself
        return text
    # An unpaired surrogate cannot be encoded, and a control character such as U+009B drives a terminal.
    return "\n".join(visible(line) for line in text.split("\n"))


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def _indented(value: JSON, end: str) -> str:
    """Write a value whose lines end in *end*, which takes `json` itself three times as long."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, dict) and value:
        inner = f"{end}  "
        members = [f"{encode_basestring(name)}: {_indented(below, inner)}" for name, below in value.items()]
        return f"{{{inner}{f',{inner}'.join(members)}{end}}}"
    if isinstance(value, (list, tuple)) and value:
        inner = f"{end}  "
        return f"[{inner}{f',{inner}'.join([_indented(below, inner) for below in value])}{end}]"
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return repr(value)
    return _ENCODER.encode(value)


def canonical(value: JSON) -> str:
    """Write plain values as JSON for comparison: equal values, equal text, whatever the order of members."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _fill(
    copied: Any, members: Iterable[tuple[object, object]], trail: _Trail
) -> list[tuple[object, Any, Any, _Trail]]:
    """Put what is plain already into *copied*, and give back what is left to copy."""
    left: list[tuple[object, Any, Any, _Trail]] = []
    for name, inner in members:
        if inner is None or type(inner) is str or type(inner) is bool:
            copied[name] = inner
        else:
            left.append((inner, copied, name, (trail, name, trail[2] + 1)))
    return left


def _path(trail: _Trail) -> str:
    keys: list[object] = []
    parent, key, _ = trail
    while parent is not None:
        keys.append(key)
        parent, key, _ = parent
    path = "$"
    for name in reversed(keys):
        path = f"{path}[{name}]" if isinstance(name, int) else member_path(path, str(name))
    return path


def _object_problems(item: Mapping[Any, Any], trail: _Trail) -> Iterator[Problem]:
    for key in item:
        if not isinstance(key, str):
            message = f"the member name {visible(repr(key))} is not a string"
            yield Problem(_path(trail), message, "JSON names members by strings")
    if isinstance(item, _Repeating):
        for name in item.repeated:
            hint = "keep one of them: readers disagree on which counts"
            yield Problem(member_path(_path(trail), name), "occurs more than once in one object", hint)


def _scalar(item: object) -> tuple[JSON, Problem | None]:
    """Copy one value that holds no others; the problem's path is the caller's to say."""
    match item:
        case None | bool() | str():
            return item, None
        case int():
            # As large as a float can be: other readers of JSON take every number for one.
            return item, None if abs(item) <= _LARGEST else Problem("", "too large a number")
        case _TooLarge():
            return None, Problem("", "too large a number")
        case float() | Decimal():
            number = math.nan if isinstance(item, Decimal) and item.is_nan() else float(item)
            return number, None if math.isfinite(number) else Problem(
                "", f"`{number}` is not a number JSON knows"
            )
        case datetime():
            return _time(item)
        case _:
            return None, Problem("", f"JSON has no value like {visible(repr(item))[:80]}")


def _time(time: datetime) -> tuple[str | None, Problem | None]:
    if time.utcoffset() is None:
        return None, Problem("", "a time without a time zone", "give it one: AWS's times are in UTC")
    try:
        return time.astimezone(UTC).isoformat(), None
    except OverflowError:
        return None, Problem("", f"the time `{time}` is out of range in UTC")


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem("$", f"byte {error.start} is not UTF-8", "save the file as UTF-8")
        raise DocumentError((problem,)) from error


def _is_too_deep(text: str) -> bool:
    """Say whether brackets nest more than 200 levels deep, strings apart, without recursion."""
    if text.count("[") + text.count("{") <= MAX_LEVELS:
        return False  # as in nearly every document
    level = 0
    for bracket in _NO_BRACKETS.sub("", _STRING.sub("", text)):
        level += 1 if bracket in "[{" else -1
        if level > MAX_LEVELS:
            return True
    return False


def _not_json(text: str, error: json.JSONDecodeError) -> Problem:
    if not text.strip():
        return Problem("$", "empty: expected a JSON document")
    where = f"line {error.lineno}, column {error.colno}"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return Problem("$", f"not JSON: it ends too early, at {where}", "was it cut while it was copied?")
    found = visible(text[error.pos : error.pos + 20].split("\n", maxsplit=1)[0])
    message = f"not JSON: {error.msg.lower().removesuffix(' at')} at {where}, found `{found}`"
    hint = None
    if is_file_name(text):
        hint = "this looks like a file's name: give what is in the file, `pathlib.Path(...).read_bytes()`"
    elif text.lstrip().startswith("<"):
        hint = "this looks like a web page, not an answer of the service"
    elif error.msg == "Extra data":
        hint = "one document ends here and another begins: give them one by one"
    return Problem("$", message, hint)
