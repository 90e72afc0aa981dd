"""
Documents that carry others: messages of a queue, results of a function, templates, answers of metrics.

Only where each keeps what it carries is known here; what that is, its reader says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from attrs import frozen

from routing_inspect.document import JSON, member_path

# Where something stands, and what: a string holds JSON.
Part: TypeAlias = tuple[str, JSON]

_FLOWS: Final = frozenset({"AWS::Connect::ContactFlow", "AWS::Connect::ContactFlowModule"})


@frozen
class Wrapping:
    """
    A document that carries others.

    Attributes:
        noun: What to call it.
        parts: What it carries, in the order of the document; at least one.
    """

    noun: str
    parts: tuple[Part, ...]


def wrapping(value: JSON, path: str) -> Wrapping | None:
    """
    Say what a document carries.

    Args:
        value: Plain JSON.
        path: Where it stands.

    Returns:
        None where it is none of those known here, or carries nothing.
    """
    if not isinstance(value, dict):
        return None
    for noun, find in _WRAPPINGS:
        # Metrics tell of one expression in several rows.
        parts = {(repr(part[1]) if find is _dimensions else part[0]): part for part in find(value, path)}
        if parts:
            return Wrapping(noun, tuple(parts.values()))
    return None


def _messages(value: dict[str, JSON], path: str) -> Iterator[Part]:
    """Find the bodies of messages from Amazon SQS: as a Lambda gets them, as ReceiveMessage gives them."""
    for name, body in (("Records", "body"), ("Messages", "Body")):
        yield from _texts(value, path, name, (body,))
    for body, name in (("body", "messageId"), ("Body", "MessageId")):
        if isinstance(value.get(body), str) and name in value:
            yield member_path(path, body), value[body]


def _notifications(value: dict[str, JSON], path: str) -> Iterator[Part]:
    """Find the messages of notifications from Amazon SNS."""
    yield from _texts(value, path, "Records", ("Sns", "Message"))
    if value.get("Type") == "Notification" and isinstance(value.get("Message"), str):
        yield f"{path}.Message", value["Message"]


def _texts(value: dict[str, JSON], path: str, name: str, way: tuple[str, ...]) -> Iterator[Part]:
    rows = value.get(name)
    for i, row in enumerate(rows if isinstance(rows, list) else ()):
        place, node = f"{path}.{name}[{i}]", row
        for step in way:
            place, node = f"{place}.{step}", node.get(step) if isinstance(node, dict) else None
        if isinstance(node, str):
            yield place, node


def _payload(value: dict[str, JSON], path: str) -> Iterator[Part]:
    """Find what a function gave back: to a state machine, to `aws lambda invoke`, to an HTTP endpoint."""
    for name, beside in (("Payload", ()), ("body", ("statusCode", "headers"))):
        inner = value.get(name)
        named = not beside or any(other in value for other in beside)
        if named and isinstance(inner, dict | str):
            yield f"{path}.{name}", inner


def _dimensions(value: dict[str, JSON], path: str) -> Iterator[Part]:
    """Find the step expressions that metrics were grouped by."""
    rows = value.get("MetricResults")
    for place, row in (
        *(
            (f"{path}.MetricResults[{i}]", row)
            for i, row in enumerate(rows if isinstance(rows, list) else ())
        ),
        (path, value),
    ):
        dimensions = row.get("Dimensions") if isinstance(row, dict) else None
        for name in ("RoutingStepExpression", "ROUTING_STEP_EXPRESSION"):
            if isinstance(dimensions, dict) and isinstance(dimensions.get(name), str):
                yield f"{place}.Dimensions.{name}", dimensions[name]


def _resources(value: dict[str, JSON], path: str) -> Iterator[Part]:
    """Find the flows of a CloudFormation template."""
    resources = value.get("Resources")
    for name, resource in resources.items() if isinstance(resources, dict) else ():
        if not isinstance(resource, dict) or resource.get("Type") not in _FLOWS:
            continue
        properties = resource.get("Properties")
        content = properties.get("Content") if isinstance(properties, dict) else None
        place = f"{member_path(f'{path}.Resources', name)}.Properties.Content"
        if isinstance(content, dict) and "Fn::Sub" in content:
            place, content = member_path(place, "Fn::Sub"), content["Fn::Sub"]
            if isinstance(content, list) and content:
                place, content = f"{place}[0]", content[0]
        if isinstance(content, str):
            yield place, content


_WRAPPINGS: Final[tuple[tuple[str, Callable[[dict[str, JSON], str], Iterator[Part]]], ...]] = (
    ("messages of a queue (SQS)", _messages),
    ("notifications (SNS)", _notifications),
    ("a function's result", _payload),
    ("metrics by step expression", _dimensions),
    ("a CloudFormation template", _resources),
)
