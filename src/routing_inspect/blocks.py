"""Findings on the document around a criteria: what it was refused for, flow actions, a Lambda's reply."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from routing_inspect.arguments import require
from routing_inspect.document import JSON, read_value
from routing_inspect.errors import DocumentError
from routing_inspect.findings import Finding
from routing_inspect.flows import ACTION_TYPES
from routing_inspect.forms import read
from routing_inspect.limits import REPLY_BYTES
from routing_inspect.nodes import nodes
from routing_inspect.positions import trail_of
from routing_inspect.wire import expected

# What a reader says of an object that stands there as text.
_AS_TEXT: Final = expected("an object", "{}", "$").hint


def refusal_findings(error: DocumentError) -> tuple[Finding, ...]:
    """
    Say as findings why a document could not be read.

    Returns:
        One for each problem of *error*; ``where`` is the problem's JSON path.

    Raises:
        TypeError: It is no such error.
    """
    require("error", error, DocumentError)
    return tuple(
        Finding("RI104" if problem.hint == _AS_TEXT else "RI105", problem.message, problem.hint, problem.path)
        for problem in error.problems
    )


def document_findings(document: Mapping[str, Any] | list[Any] | str | bytes) -> tuple[Finding, ...]:
    """
    Find what is odd about a document around its criteria; what it says itself is not looked at.

    Args:
        document: Parsed, or as JSON text. What has no action and no criteria as text, and is no Lambda's
            reply, has none.

    Returns:
        Each with the JSON path of the part it is about as its ``where``.

    Raises:
        DocumentError: It is no JSON.
    """
    value = read_value(document)
    found: list[Finding] = []
    texts: dict[str, None] = {}
    for node in nodes(value):
        if node.text_path is not None:
            texts[node.text_path] = None
        elif node.kind == "action" and isinstance(node.value, dict):
            found += _action_findings(node.value, node.path)
    return (*map(_text_finding, texts), *found, *_reply_findings(value))


def _text_finding(path: str) -> Finding:
    name = str((trail_of(path) or ("",))[-1])
    is_known = name.replace("_", "").lower() == "routingcriteria"
    problem = expected("a criteria object with Steps" if is_known else "a criteria object", "{}", path)
    return Finding("RI104", problem.message, problem.hint, path)


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
