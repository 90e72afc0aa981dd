"""Findings on the document around a criteria: what it was refused for, flow actions, a Lambda's reply."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from routing_inspect.document import JSON, loads, plain
from routing_inspect.errors import DocumentError
from routing_inspect.findings import Finding
from routing_inspect.flows import ACTION_TYPES
from routing_inspect.forms import read
from routing_inspect.limits import REPLY_BYTES
from routing_inspect.wire import expected

# What a reader says of an object that stands there as text.
_AS_TEXT: Final = expected("an object", "{}", "$").hint


def refusal_findings(error: DocumentError) -> tuple[Finding, ...]:
    """
    Say as findings why a document could not be read.

    Returns:
        One for each problem of *error*; ``where`` is the problem's JSON path.
    """
    return tuple(
        Finding("RI104" if problem.hint == _AS_TEXT else "RI105", problem.message, problem.hint, problem.path)
        for problem in error.problems
    )


def document_findings(document: Mapping[str, Any] | list[Any] | str | bytes) -> tuple[Finding, ...]:
    """
    Find what is odd about a document around its criteria; what it says itself is not looked at.

    Args:
        document: Parsed, or as JSON text. What is no flow, no action and no Lambda's reply has none.

    Returns:
        Each with the JSON path of the part it is about as its ``where``.

    Raises:
        DocumentError: It is no JSON.
    """
    value = loads(document) if isinstance(document, str | bytes) else plain(document)
    return (*_flow_findings(value, "$"), *_reply_findings(value))


def _flow_findings(value: JSON, path: str) -> Iterator[Finding]:
    match value:
        case {"ContactFlow": {"Content": str(content)}}:
            yield from _flow_findings(_decoded(content), f"{path}.ContactFlow.Content")
        case {"ContactFlowModule": {"Content": str(content)}}:
            yield from _flow_findings(_decoded(content), f"{path}.ContactFlowModule.Content")
        case {"Actions": list(actions)}:
            for i, action in enumerate(actions):
                yield from _flow_findings(action, f"{path}.Actions[{i}]")
        case {"Type": str(kind), "Parameters": dict()} if kind in ACTION_TYPES:
            yield from _action_findings(value, path)
        case _:
            pass


def _decoded(content: str) -> JSON:
    try:
        return loads(content)
    except DocumentError:
        return None  # reading the flow says what is wrong with it


def _action_findings(action: Mapping[str, JSON], path: str) -> Iterator[Finding]:
    if action["Type"] != ACTION_TYPES[0]:
        message = f"an action of type {action['Type']}, which the service is reported to refuse"
        yield Finding("RI106", message, f"write {ACTION_TYPES[0]}", f"{path}.Type")
    # A part of an action, as people paste it, has no transitions at all.
    transitions = action.get("Transitions")
    if isinstance(transitions, dict) and not _catches_errors(transitions.get("Errors")):
        message = "the action has no transition for NoMatchingError, so nothing follows where it fails"
        yield Finding("RI107", message, "connect its error branch", f"{path}.Transitions")


def _catches_errors(errors: JSON) -> bool:
    return isinstance(errors, list) and any(
        isinstance(error, dict) and error.get("ErrorType") == "NoMatchingError" for error in errors
    )


def _reply_findings(value: JSON) -> Iterator[Finding]:
    """Find a Lambda's reply, known by the criteria standing under a name of its own, that is too large."""
    if not isinstance(value, dict) or "Steps" in value:
        return
    size = len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size <= REPLY_BYTES.most:
        return
    try:
        is_reply = read(value).source == "criteria"
    except DocumentError:
        return  # reading it says what it is
    if is_reply:
        message = f"the reply has {size} bytes, and a flow takes {REPLY_BYTES.most} from a Lambda"
        yield Finding("RI108", message, "leave out what the flow does not need", "$")
