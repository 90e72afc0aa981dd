"""What goes wrong, as data: which calls of which operation get which fault instead of their answer."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from routing_inspect.document import JSON, member_path, show
from routing_inspect.errors import Problem
from routing_inspect.sandbox.protocol import Reply, input_members, model, raw_bytes, status_of
from routing_inspect.sandbox.service import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    # What a member may be, in words, and whether a value is that.
    Check = tuple[str, Callable[[JSON], bool]]


@frozen
class Fault:
    """
    One entry of a scenario's faults.

    Attributes:
        operation: The operation it befalls; ``*`` for each.
        match: Arguments a call must have, by member name.
        calls: Which of the matching calls, counted from 1: ``"all"``, ``{"first": n}``,
            ``{"every": k}`` or a list of numbers.
        action: What happens, in the words of the scenario: ``{"cut": true}``.
    """

    operation: str
    match: Mapping[str, JSON]
    calls: JSON
    action: Mapping[str, JSON]

    def befalls(self, operation: str, arguments: Mapping[str, JSON]) -> bool:
        """Say whether a call counts for this fault."""
        is_meant = self.operation in {"*", operation}
        return is_meant and all(arguments.get(name) == value for name, value in self.match.items())

    def is_due(self, number: int) -> bool:
        """Say whether it happens at the matching call of this *number*."""
        match self.calls:
            case {"first": count}:
                return bool(number <= count)
            case {"every": step}:
                return bool(number % step == 0)
            case list() as numbers:
                return number in numbers
            case _:
                return True


def error_reply(code: str, message: str, status: int, headers: Mapping[str, str] | None = None) -> Reply:
    """Give the response that tells a client of an error, as rest-json does."""
    body = json.dumps({"Message": message}).encode()
    return Reply(status, body, headers={"x-amzn-ErrorType": code, **(headers or {})})


def changed(reply: Reply, action: Mapping[str, JSON]) -> Reply:
    """Apply what a fault changes in the response itself; how it is sent is the server's part."""
    match action:
        case {"error": code}:
            status = action.get("status") or status_of(code) or 400
            return error_reply(
                code, action.get("message", "a fault of the scenario"), status, action.get("headers")
            )
        case {"body": text}:
            return Reply(
                action.get("status", 200),
                raw_bytes(text),
                action.get("content_type", "application/json"),
                action.get("headers", {}),
            )
        case {"truncate_quietly": size}:
            return evolve(reply, body=reply.body[:size])
        case _:
            return reply


def fault_problems(document: JSON, path: str) -> Iterator[Problem]:
    """Find everything that is wrong with one entry of a scenario's faults."""
    if not isinstance(document, dict):
        yield Problem(path, f"expected an object, found {show(document)}")
        return
    for name in document:
        if name not in {"operation", "match", "calls", "fault"}:
            yield Problem(member_path(path, name), "a fault has no such member")
    operation = document.get("operation")
    if operation != "*" and operation not in OPERATIONS:
        served = ", ".join(f"`{name}`" for name in OPERATIONS)
        yield Problem(f"{path}.operation", f"expected `*` or one of {served}, found {show(operation)}")
    else:
        names = {name for o in OPERATIONS if operation in {"*", o} for name in _argument_names(o)}
        yield from _match_problems(document.get("match", {}), names, f"{path}.match")
    if not _is_calls(document.get("calls", "all")):
        expected = '`"all"`, `{"first": n}`, `{"every": k}` or a list of numbers from 1'
        yield Problem(f"{path}.calls", f"expected {expected}, found {show(document['calls'])}")
    yield from _action_problems(document.get("fault"), f"{path}.fault")


def _argument_names(operation: str) -> Mapping[str, object]:
    return input_members(model().operation_model(operation))


def _match_problems(match: JSON, names: set[str], path: str) -> Iterator[Problem]:
    if not isinstance(match, dict):
        yield Problem(path, f"expected an object, found {show(match)}")
        return
    for name in match:
        if name not in names:
            yield Problem(member_path(path, name), "the operation takes no such argument")


def _is_calls(calls: JSON) -> bool:
    match calls:
        case {"first": count, **rest} | {"every": count, **rest}:
            return not rest and _is_whole(count, 1)
        case [_, *_]:
            return all(_is_whole(number, 1) for number in calls)
        case _:
            return bool(calls == "all")


def _action_problems(action: JSON, path: str) -> Iterator[Problem]:
    kinds = [kind for kind in _KINDS if isinstance(action, dict) and kind in action]
    if len(kinds) != 1:
        names = ", ".join(f"`{kind}`" for kind in _KINDS)
        found = " and ".join(f"`{kind}`" for kind in kinds) or "none"
        yield Problem(path, f"expected an object with one of {names}, found {found}")
        return
    kind = kinds[0]
    for name, value in action.items():
        expected, is_right = _KINDS[kind].get(name, (f"no such member beside `{kind}`", _never))
        if not is_right(value):
            yield Problem(member_path(path, name), f"expected {expected}, found {show(value)}")
    if (
        kind == "error"
        and "status" not in action
        and isinstance(action["error"], str)
        and not status_of(action["error"])
    ):
        hint = "give a `status` beside it"
        yield Problem(f"{path}.error", f"the model knows no error {show(action['error'])}", hint)


def _never(_: JSON) -> bool:
    return False


def _is_whole(value: JSON, low: int, high: float = float("inf")) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_seconds(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 3600


def _is_line(value: JSON) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[ -~]*", value) is not None


def _is_headers(value: JSON) -> bool:
    return isinstance(value, dict) and all(
        re.fullmatch(r"[A-Za-z0-9-]+", name) and _is_line(text) for name, text in value.items()
    )


_TRUE: Final[Check] = ("`true`", lambda value: value is True)
_TEXT: Final[Check] = ("a text", lambda value: isinstance(value, str))
_LINE: Final[Check] = ("one line of ASCII text", _is_line)
_COUNT: Final[Check] = ("a whole number of bytes", lambda value: _is_whole(value, 0))
_STATUS: Final[Check] = ("an HTTP status, 200 to 599", lambda value: _is_whole(value, 200, 599))
_SECONDS: Final[Check] = ("a number of seconds, 0 to 3600", _is_seconds)
_HEADERS: Final[Check] = ("an object of header lines", _is_headers)
# Each kind of fault: the member that names it, and the members that may stand beside that.
_KINDS: Final[Mapping[str, Mapping[str, Check]]] = {
    "error": {"error": _LINE, "status": _STATUS, "message": _TEXT, "headers": _HEADERS},
    "body": {"body": _TEXT, "status": _STATUS, "content_type": _LINE, "headers": _HEADERS},
    "cut": {"cut": _TRUE},
    "close": {"close": _TRUE},
    "truncate": {"truncate": _COUNT},
    "truncate_quietly": {"truncate_quietly": _COUNT},
    "delay_seconds": {"delay_seconds": _SECONDS},
    "trickle_seconds": {"trickle_seconds": _SECONDS},
}
