"""
One call: the body of its answer as it came over the wire.

botocore drops members its model does not know, takes the last of two repeated ones, and turns a body
that was cut short into an empty success. What it made of a body counts only where there is none to
be had, as under its Stubber.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from attrs import define, field, frozen

from routing_inspect.aws.mends import UPGRADE, service_error, way_error
from routing_inspect.document import JSON, loads, plain
from routing_inspect.errors import DocumentError, RoutingInspectError, ServiceError
from routing_inspect.visible import visible

# The pauses between our own tries: botocore does not try again after a status of 200, whatever came with it.
PAUSES: Final = (timedelta(seconds=0.2), timedelta(seconds=0.5), timedelta(seconds=1))

# How long one try may take from the request to the last byte of its answer. The client's own limit is
# on the silence between two bytes, so an answer that trickles in would never end.
LONGEST_ANSWER: Final = timedelta(seconds=60)

Parameters = Mapping[str, Any]
# What an answer lacks, in words; None where it is whole.
Flaw = Callable[[dict[str, JSON]], str | None]


@frozen
class _Answer:
    """An HTTP answer before any parser has seen it."""

    status: int
    headers: dict[str, str]
    body: bytes


class _DamagedError(Exception):
    """An answer that was damaged on its way, so that asking again may help."""


@define(eq=False)
class _Call:
    """
    A call under way.

    Attributes:
        answers: The answer to its last try, if there has been one.
        began: When the try under way was sent, in seconds of the monotonic clock; None between two.
        is_given_up: Whether nobody waits for it any more.
    """

    answers: list[_Answer] = field(factory=list)
    began: float | None = None
    is_given_up: bool = False

    def left(self) -> float:
        """Say how many seconds the try under way may still take."""
        limit = LONGEST_ANSWER.total_seconds()
        return limit if self.began is None else self.began + limit - time.monotonic()


# `call` is there during a call.
_call_of_thread = threading.local()
_registering = threading.Lock()


def identifier(text: str, what: str) -> str:
    """
    Take the id out of an ARN, and refuse what could change the URL it becomes a part of.

    Raises:
        RoutingInspectError: It is no id; *what* says of what.
    """
    found = text.rpartition("/")[2] if text.startswith("arn:") else text
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,255}", found):
        return found
    hint = "give the id, such as `1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d`, or the ARN"
    raise RoutingInspectError(f"`{visible(text)}` is no {what} id", hint=hint)


def listen(client: Any) -> None:
    """Hear, from now on, the raw answers that a client gets, while one of our calls is under way."""
    # A client keeps one listener of this id, however often it is registered. The lock is there because
    # botocore's own bookkeeping has none.
    with _registering:
        events = client.meta.events
        events.register("before-parse.connect", _hear, unique_id="routing-inspect")
        # Last, since others wait in this event until they may send.
        events.register_last("before-send.connect", _begin, unique_id="routing-inspect-begin")
        events.register_first("needs-retry.connect", _end, unique_id="routing-inspect-end")


def call(client: Any, operation: str, parameters: Parameters, flaw_of: Flaw) -> dict[str, JSON]:
    """
    Call an operation and read its raw answer; one that is not whole is asked for again.

    Raises:
        ServiceError: The service did not give a whole answer.
        DocumentError: It gave one that cannot be read: a repeated member, NaN, nested too deep.
    """
    listen(client)
    flaw: str | None = None
    for pause in (*PAUSES, None):
        try:
            answer = _ask(client, operation, parameters)
            flaw = flaw_of(answer) if isinstance(answer, dict) else "it is no object"
            if flaw is None:
                return dict(answer)
        except _DamagedError as error:
            flaw = str(error)
        if pause is not None:
            time.sleep(pause.total_seconds())
    raise ServiceError(
        f"{operation} gave no whole answer in {len(PAUSES) + 1} tries: {flaw}",
        hint="try again; if it stays so, something on the way, such as a proxy, changes the answers",
        operation=operation,
    )


def pages(client: Any, operation: str, parameters: Parameters, member: str) -> Iterator[dict[str, JSON]]:
    """
    Go through the pages of a list; a page without its list is no empty page.

    Raises:
        ServiceError: As in `call`; or a page leads back to an earlier one.
        DocumentError: As in `call`.
    """

    def flaw_of(page: dict[str, JSON]) -> str | None:
        if not isinstance(page.get(member), list):
            return f"it has no list {member}"
        return None if isinstance(page.get("NextToken"), str | None) else "its NextToken is no string"

    seen: set[str] = set()
    asked = parameters
    while True:
        page = call(client, operation, asked, flaw_of)
        yield page
        token = page.get("NextToken")
        if not token:
            return
        if token in seen:
            raise led_back(operation)
        seen.add(token)
        asked = {**parameters, "NextToken": token}


def led_back(operation: str) -> ServiceError:
    """Make the error of a list whose pages go round in a circle."""
    hint = "the fault is the service's: a part of the list would pass for the whole"
    return ServiceError(f"{operation} leads back to a page it gave before", hint=hint, operation=operation)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Name the answer that a `DocumentError` is about, as the name of a file does elsewhere."""
    try:
        yield
    except DocumentError as error:
        error.file = what
        raise


def reason_of(error: RoutingInspectError) -> str:
    """Say what went wrong, of an answer that cannot be read also which and where."""
    if isinstance(error, DocumentError):
        return f"{error.file}: {error.problems[0].path}: {error.message}"
    return error.message


def _ask(client: Any, operation: str, parameters: Parameters) -> JSON:
    answer, parsed = _send(client, operation, parameters)
    return plain(parsed) if answer is None else _read(answer)


def _send(client: Any, operation: str, parameters: Parameters) -> tuple[_Answer | None, dict[str, Any]]:
    """
    Send one request; give its raw answer where there is one, and what botocore made of it.

    Raises:
        ServiceError: There is no such operation, no answer, or none that is whole in time.
    """
    if operation not in client.meta.service_model.operation_names:
        message = f"the client's model of its service has no {operation}"
        raise ServiceError(message, hint=UPGRADE, operation=operation)
    under_way = _Call()
    outcome: Future[dict[str, Any]] = Future()
    # A thread of its own, which is left behind where its answer takes too long: nothing in botocore ends it.
    threading.Thread(
        target=_settle, args=(outcome, under_way, client, operation, parameters), daemon=True
    ).start()
    while not wait([outcome], max(0.0, under_way.left())).done:
        if under_way.left() <= 0:
            under_way.is_given_up = True
            raise _late(operation)
    parsed = outcome.result()
    parsed.pop("ResponseMetadata", None)
    return (under_way.answers[-1] if under_way.answers else None), parsed


def _late(operation: str) -> ServiceError:
    message = (
        f"{operation} gave no whole answer in {LONGEST_ANSWER.total_seconds():g} s: it trickles in, or hangs"
    )
    hint = "try again; if it stays so, check the network, and any proxy"
    error = ServiceError(message, hint=hint, operation=operation)
    error.__cause__ = TimeoutError()
    return error


def _settle(
    outcome: Future[dict[str, Any]], under_way: _Call, client: Any, operation: str, parameters: Parameters
) -> None:
    """Make a call in this thread, and hand over what became of it."""
    _call_of_thread.call = under_way
    try:
        outcome.set_result(_parsed(under_way, client, operation, parameters))
    except BaseException as error:  # noqa: BLE001  (whoever waits gets it, whatever it is)
        outcome.set_exception(error)


def _parsed(under_way: _Call, client: Any, operation: str, parameters: Parameters) -> dict[str, Any]:
    """Call an operation by botocore, and give what that makes of the answer."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (loaded by then)

    try:
        method = getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())
        return dict(method(**parameters))
    except ClientError as error:
        raise service_error(error, operation, parameters, client.meta.region_name) from error
    except BotoCoreError as error:
        raise way_error(error, operation, client.meta.config.read_timeout) from error
    except Exception as error:
        # botocore's parsers let all sorts of exceptions out over a body of an odd shape; that body is
        # read here instead. Without one it is a fault before any answer.
        if not under_way.answers:
            raise way_error(error, operation) from error
        return {}


def _begin(**_: Any) -> None:
    under_way = getattr(_call_of_thread, "call", None)
    if under_way is not None:
        if under_way.is_given_up:
            raise TimeoutError
        under_way.began = time.monotonic()


def _end(**_: Any) -> None:
    under_way = getattr(_call_of_thread, "call", None)
    if under_way is not None:
        under_way.began = None


def _hear(response_dict: dict[str, Any], **_: Any) -> None:
    under_way = getattr(_call_of_thread, "call", None)
    if under_way is not None:
        headers = {str(name).lower(): str(value) for name, value in response_dict["headers"].items()}
        under_way.answers[:] = [_Answer(response_dict["status_code"], headers, response_dict["body"])]


def _read(answer: _Answer) -> JSON:
    if answer.status >= 300:
        raise _DamagedError(f"a status of {answer.status} with a body that nobody can read")
    encoding = answer.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise _DamagedError(f"it is encoded as `{visible(encoding)}`, which was not asked for")
    length = answer.headers.get("content-length", "")
    # botocore takes what comes before the connection ends for the whole.
    if re.fullmatch("[0-9]+", length) and int(length) != len(answer.body):
        raise _DamagedError(f"it was cut short, {len(answer.body)} of {length} bytes")
    try:
        return loads(answer.body)
    except DocumentError as error:
        # In words of our own: the reader's show what it found, and a body holds telephone numbers.
        match error.__cause__:
            case UnicodeDecodeError(start=start):
                raise _DamagedError(f"it is not UTF-8 at byte {start}") from error
            case json.JSONDecodeError(pos=position):
                raise _DamagedError(_kind_of(answer.body, position)) from error
        raise


def _kind_of(body: bytes, position: int) -> str:
    match body.lstrip()[:1]:
        case b"":
            return "it is empty"
        case b"<":
            return "it is a web page"
        case _:
            return f"it is not JSON from character {position} on"
