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
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from attrs import frozen

from routing_inspect.aws.mends import UPGRADE, service_error, way_error
from routing_inspect.document import JSON, loads, plain
from routing_inspect.errors import DocumentError, RoutingInspectError, ServiceError
from routing_inspect.visible import visible

# The pauses between our own tries: botocore does not try again after a status of 200, whatever came with it.
PAUSES: Final = (timedelta(seconds=0.2), timedelta(seconds=0.5), timedelta(seconds=1))

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


# `answers` is there during a call, and holds the answer to its last attempt.
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
        client.meta.events.register("before-parse.connect", _hear, unique_id="routing-inspect")


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
            hint = "the fault is the service's: a part of the list would pass for the whole"
            message = f"{operation} leads back to a page it gave before"
            raise ServiceError(message, hint=hint, operation=operation)
        seen.add(token)
        asked = {**parameters, "NextToken": token}


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Name the answer that a `DocumentError` is about, as the name of a file does elsewhere."""
    try:
        yield
    except DocumentError as error:
        error.file = what
        raise


def _ask(client: Any, operation: str, parameters: Parameters) -> JSON:
    answer, parsed = _send(client, operation, parameters)
    return plain(parsed) if answer is None else _read(answer)


def _send(client: Any, operation: str, parameters: Parameters) -> tuple[_Answer | None, dict[str, Any]]:
    """Send one request; give its raw answer where there is one, and what botocore made of it."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    if operation not in client.meta.service_model.operation_names:
        message = f"the client's model of its service has no {operation}"
        raise ServiceError(message, hint=UPGRADE, operation=operation)
    parsed: dict[str, Any] = {}
    with _answers() as answers:
        try:
            parsed = getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())(**parameters)
        except ClientError as error:
            raise service_error(error, operation, parameters, client.meta.region_name) from error
        except BotoCoreError as error:
            raise way_error(error, operation, client.meta.config.read_timeout) from error
        except Exception as error:
            # botocore's parsers let all sorts of exceptions out over a body of an odd shape; that body is
            # read here instead. Without one it is a fault before any answer.
            if not answers:
                raise way_error(error, operation) from error
    parsed.pop("ResponseMetadata", None)
    return (answers[-1] if answers else None), parsed


@contextmanager
def _answers() -> Iterator[list[_Answer]]:
    """Collect what this thread is answered."""
    answers: list[_Answer] = []
    _call_of_thread.answers = answers
    try:
        yield answers
    finally:
        # A caller's client may live on, and the next body it gets is none of our business.
        del _call_of_thread.answers


def _hear(response_dict: dict[str, Any], **_: Any) -> None:
    answers = getattr(_call_of_thread, "answers", None)
    if answers is not None:
        headers = {str(name).lower(): str(value) for name, value in response_dict["headers"].items()}
        answers[:] = [_Answer(response_dict["status_code"], headers, response_dict["body"])]


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
