"""Where criteria stand in a document of any kind: as objects, inside strings, and as text by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from routing_inspect.document import JSON, loads, member_path
from routing_inspect.envelope import describes_contact
from routing_inspect.errors import DocumentError
from routing_inspect.expr import is_reference
from routing_inspect.flows import ACTION_TYPES
from routing_inspect.wire import has_member

MARK: Final = re.compile(r"routing_?criteria|attribute_?condition|(?:and|or)_?expression", re.IGNORECASE)

# Members whose text may well be JSON, and what stands in them is text for good: a flow's or a template's
# content, an HTTP body, a queue's message, an environment, a DynamoDB item, a stored value.
TEXT_MEMBERS: Final = frozenset(
    {
        *("body", "content", "input", "message", "messagebody", "payload", "records"),
        *("environment", "parameter", "properties", "resource", "resources", "s", "value", "variables"),
    }
)


@frozen
class Node:
    """
    A part of a document that holds criteria.

    Attributes:
        kind: What it was found as: ``action``, ``criteria``, ``expression`` or ``reference``.
        path: Where it stands; what is inside a string has the path that it would have as JSON.
        value: What it says.
        text_path: Where the string stands that holds it and where an object is expected; None where
            there is none.
    """

    kind: str
    path: str
    value: JSON
    text_path: str | None = None


def nodes(value: JSON, path: str = "$") -> Iterator[Node]:
    """Go through all that holds criteria, the outermost of each, in the order of the document."""
    # Beside each part whether its text is text for good, and the string around it that should be none.
    stack: list[tuple[str, JSON, bool, str | None]] = [(path, value, False, None)]
    while stack:
        path, node, is_text, within = stack.pop()
        if isinstance(node, str):
            node = embedded(node)
            within = path if not is_text and within is None and holds_criteria(node) else within
        if isinstance(node, list):
            stack += [(f"{path}[{i}]", node[i], is_text, within) for i in reversed(range(len(node)))]
        if not isinstance(node, dict):
            continue
        kind = _kind(node)
        if kind is not None:
            yield Node(kind, path, node, within)
            continue
        for name, member in reversed(node.items()):
            if name == "RoutingCriteria" and isinstance(member, str) and is_reference(member):
                yield Node("reference", f"{path}.{name}", member)
            elif isinstance(member, dict | list | str):
                stack.append((member_path(path, name), member, is_text or may_be_text(name), within))


def may_be_text(name: str) -> bool:
    """Say whether the text of a member of this name may be JSON for good."""
    return name.replace("_", "").lower() in TEXT_MEMBERS


def embedded(content: str) -> JSON:
    """Read JSON that a string holds; None where there is none with routing criteria in it."""
    if not content.lstrip().startswith(("{", "[", '"')) or MARK.search(content) is None:
        return None
    try:
        return loads(content)
    except DocumentError:
        return None


def holds_criteria(value: JSON) -> bool:
    """Say whether a document is a criteria, or one under a name of its own, as a Lambda replies it."""
    if not isinstance(value, dict) or not _OTHERS.isdisjoint(value) or describes_contact(value):
        return False
    return _is_criteria(value) or any(map(_is_criteria, value.values()))


# What makes a document with criteria in it another one than a reply.
_OTHERS: Final = frozenset({"Actions", "Contact", "ContactFlow", "ContactId", "InstanceId", "detail"})


def _is_criteria(value: JSON) -> bool:
    return isinstance(value, dict) and _kind(value) == "criteria"


def _kind(node: dict[str, JSON]) -> str | None:
    if node.get("Type") in ACTION_TYPES and "Parameters" in node:
        return "action"
    steps = node.get("Steps", node.get("steps"))
    if isinstance(steps, list) and any(
        isinstance(step, dict) and not {"Expression", "expression"}.isdisjoint(step) for step in steps
    ):
        return "criteria"
    return "expression" if has_member(node, "Expression") else None
