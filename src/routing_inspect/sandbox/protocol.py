"""
Amazon Connect's rest-json protocol, as botocore's service model states it.

No path, no member name, no limit and no status is written down here: the model knows them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, unquote

from attrs import field, frozen

from routing_inspect.document import JSON, loads, member_path, show
from routing_inspect.errors import DocumentError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

# The nouns of the model's scalars, and the values that JSON gives for them.
_SCALARS: Final[dict[str, tuple[str, tuple[type, ...]]]] = {
    "string": ("a text", (str,)),
    "boolean": ("true or false", (bool,)),
    "integer": ("a whole number", (int,)),
    "long": ("a whole number", (int,)),
    "float": ("a number", (int, float)),
    "double": ("a number", (int, float)),
}


# Unpaired surrogates U+DC80 to U+DCFF, as "surrogatepass" encodes them; no other text has these bytes.
_LONE_BYTES: Final = re.compile(rb"\xed[\xb2\xb3][\x80-\xbf]")


class RefusedCallError(Exception):
    """A call that is answered with an error; the status is the model's where none is given."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or status_of(code) or 400


@frozen
class Reply:
    """One HTTP response, before it meets a fault."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(factory=dict)


@frozen
class UnknownMember(Problem):
    """A member the model does not know; the service has an error code of its own for it."""


@cache
def model() -> ServiceModel:
    """Load botocore's model of Amazon Connect; one on ``AWS_DATA_PATH`` is the clients' affair."""
    from botocore.loaders import Loader  # noqa: PLC0415  (importing the sandbox must not cost botocore)
    from botocore.model import ServiceModel  # noqa: PLC0415  (as above)

    return ServiceModel(Loader().load_service_model("connect", "service-2"), "connect")


def raw_bytes(text: str) -> bytes:
    """
    Encode a text of a scenario that goes out as it is.

    An unpaired surrogate U+DC80 to U+DCFF is the byte 80 to FF, so that any bytes can be written in JSON.
    Every other becomes three bytes that are not UTF-8.
    """

    def byte_of(found: re.Match[bytes]) -> bytes:
        return found[0].decode("utf-8", "surrogatepass").encode("utf-8", "surrogateescape")

    return _LONE_BYTES.sub(byte_of, text.encode("utf-8", "surrogatepass"))


def status_of(code: str) -> int | None:
    """Look up the HTTP status of an error; None where the model has no such error."""
    if code not in model().shape_names:
        return None
    status: int | None = model().shape_for(code).metadata.get("error", {}).get("httpStatusCode")
    return status


def input_members(operation: OperationModel) -> Mapping[str, Shape]:
    """List an operation's arguments."""
    return operation.input_shape.members if operation.input_shape else {}


def output_member(operation: OperationModel, name: str) -> Shape:
    """Give the shape of one member of an operation's answer."""
    return cast("StructureShape", operation.output_shape).members[name]


def element(shape: Shape) -> Shape:
    """Give the shape of a list's elements."""
    return cast("ListShape", shape).member


def route(method: str, path: str) -> tuple[OperationModel, dict[str, str]]:
    """
    Find the operation that a method and a path mean, and the arguments in the path by their wire names.

    Raises:
        RefusedCallError: No operation has this address.
    """
    parts = path.split("/")
    for template, operation in _routes()[method, len(parts)]:
        pairs = list(zip(template, parts, strict=True))
        if all(literal == part or (literal.startswith("{") and part) for literal, part in pairs):
            # A part is decoded after the split, since an id may hold an encoded slash.
            return operation, {name[1:-1]: unquote(part) for name, part in pairs if name.startswith("{")}
    message = f"no operation of Amazon Connect has the address {method} {path}"
    raise RefusedCallError("UnknownOperationException", message, 404)


@cache
def _routes() -> Mapping[tuple[str, int], list[tuple[list[str], OperationModel]]]:
    routes = defaultdict(list)
    for name in model().operation_names:
        operation = model().operation_model(name)
        template = operation.http["requestUri"].split("/")
        routes[operation.http["method"], len(template)].append((template, operation))
    for candidates in routes.values():
        # More literal text is more specific: `/a/{X}/queues` goes before `/a/{X}/{Y}`.
        candidates.sort(key=lambda candidate: -len("".join(p for p in candidate[0] if not p.startswith("{"))))
    return routes


def arguments(operation: OperationModel, path: Mapping[str, str], query: str, body: bytes) -> dict[str, JSON]:
    """
    Collect an operation's arguments by member name from where the model puts them; values are not checked.

    Raises:
        RefusedCallError: The query or the body cannot be read or holds what the operation does not take.
    """
    placed: dict[str | None, dict[str, JSON]] = {
        "uri": {**path},
        "querystring": _query(query),
        None: _body(body),
    }
    found: dict[str, JSON] = {}
    for name, member in input_members(operation).items():
        location = member.serialization.get("location")
        wire_name = member.serialization.get("name", name)
        if wire_name in placed[location]:
            value = placed[location].pop(wire_name)
            found[name] = value if location is None else _from_text(value, member)
    for where, left in (("query parameter", placed["querystring"]), ("body member", placed[None])):
        if left:
            message = f"{operation.name} takes no {where} {show(next(iter(left)))}"
            raise RefusedCallError("InvalidRequestException", message)
    return found


def _query(query: str) -> dict[str, JSON]:
    pairs = parse_qsl(query, keep_blank_values=True)
    values = dict(pairs)
    if len(values) < len(pairs):
        raise RefusedCallError("InvalidRequestException", "a query parameter is given twice")
    return values


def _body(body: bytes) -> dict[str, JSON]:
    try:
        document = loads(body) if body else {}
    except DocumentError as error:
        raise RefusedCallError("InvalidRequestException", str(error)) from error
    if not isinstance(document, dict):
        raise RefusedCallError("InvalidRequestException", f"expected an object, found {show(document)}")
    return document


def _from_text(text: str, shape: Shape) -> JSON:
    is_number = shape.type_name in {"integer", "long"} and re.fullmatch(r"-?[0-9]{1,18}", text)
    return int(text) if is_number else text


def check(operation: OperationModel, values: dict[str, JSON]) -> None:
    """
    Check arguments as the service does, against both ends of every range.

    botocore's client checks the lower ends only.

    Raises:
        RefusedCallError: An argument is missing, unknown, of the wrong type or out of its range.
    """
    problems: list[Problem] = []
    conform(values, cast("StructureShape", operation.input_shape), "$", problems)
    for problem in problems:
        code = (
            "InvalidRequestException" if isinstance(problem, UnknownMember) else "InvalidParameterException"
        )
        raise RefusedCallError(code, f"{problem.path.removeprefix('$.')}: {problem.message}")


def conform(value: JSON, shape: Shape, path: str, problems: list[Problem]) -> JSON:
    """
    Give *value* as it goes over the wire, and add to *problems* whatever the model does not allow.

    Times come out as epoch seconds, fractions kept. Patterns are not checked: some of the model's are wrong.
    """
    match shape.type_name, value:
        case "structure", dict():
            structure = cast("StructureShape", shape)
            return conform_members(value, structure.members, structure.required_members, path, problems)
        case "list", list():
            _check_size(len(value), shape, "a list of {} elements", path, problems)
            return [conform(v, element(shape), f"{path}[{i}]", problems) for i, v in enumerate(value)]
        case "map", dict():
            values = cast("MapShape", shape).value
            return {k: conform(v, values, member_path(path, k), problems) for k, v in value.items()}
        case "timestamp", _:
            return _conform_time(value, path, problems)
        case ("structure" | "map" | "list") as kind, _:
            expected = "a list" if kind == "list" else "an object"
            problems.append(Problem(path, f"expected {expected}, found {show(value)}"))
        case _:
            _check_scalar(value, shape, path, problems)
    return value


def conform_members(
    value: dict[str, JSON],
    members: Mapping[str, Shape],
    required: list[str],
    path: str,
    problems: list[Problem],
) -> dict[str, JSON]:
    """Do for an object with these members what `conform` does for a value; those unknown are left out."""
    problems += [
        Problem(path, f"expected a member `{name}`, found none") for name in required if name not in value
    ]
    conformed = {}
    for name, inner in value.items():
        where = member_path(path, name)
        if name in members:
            conformed[name] = conform(inner, members[name], where, problems)
        else:
            problems.append(UnknownMember(where, "Amazon Connect's model knows no such member"))
    return conformed


def _check_scalar(value: JSON, shape: Shape, path: str, problems: list[Problem]) -> None:
    noun, types = _SCALARS[shape.type_name]
    allowed = shape.metadata.get("enum", [value])
    # JSON's `true` is a number to Python, and to nobody else.
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        problems.append(Problem(path, f"expected {noun}, found {show(value)}"))
    elif value not in allowed:
        names = ", ".join(f"`{name}`" for name in allowed)
        problems.append(Problem(path, f"expected one of {names}, found {show(value)}"))
    elif isinstance(value, str):
        _check_size(len(value), shape, f"{noun} of {{}} characters", path, problems)
    else:
        _check_size(value, shape, f"{noun}, {{}}", path, problems)


def _check_size(size: JSON, shape: Shape, expected: str, path: str, problems: list[Problem]) -> None:
    match shape.metadata:
        case {"min": low, "max": high}:
            is_within, bounds = low <= size <= high, f"{low} to {high}"
        case {"min": low}:
            is_within, bounds = low <= size, f"at least {low}"
        case {"max": high}:
            is_within, bounds = size <= high, f"at most {high}"
        case _:
            return
    if not is_within:
        problems.append(Problem(path, f"expected {expected.format(bounds)}, found `{size}`"))


def _conform_time(value: JSON, path: str, problems: list[Problem]) -> JSON:
    if isinstance(value, str):
        with suppress(ValueError):
            at = datetime.fromisoformat(value)
            if at.tzinfo is not None:
                seconds = at.timestamp()
                return int(seconds) if seconds.is_integer() else seconds
    elif isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError, OSError):
            datetime.fromtimestamp(value, UTC)
            return value
    hint = "write `2026-03-29T01:40:00Z`, or seconds since 1970"
    problems.append(Problem(path, f"expected a time with its zone, found {show(value)}", hint))
    return value


def project(value: Any, shape: Shape) -> JSON:
    """Keep of a record what a smaller shape of the model shows of it: a summary's members, say."""
    match shape.type_name:
        case "structure":
            members = cast("StructureShape", shape).members
            return {name: project(value[name], member) for name, member in members.items() if name in value}
        case "list":
            return [project(v, element(shape)) for v in value]
        case _:
            return value
