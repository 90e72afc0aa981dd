"""Exported flows: the blocks in them that set routing criteria."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from routing_inspect.contact import Criteria
from routing_inspect.document import JSON
from routing_inspect.errors import Problem
from routing_inspect.wire import expected, read_criteria_value, request_node
from routing_inspect.words import counted

# The developer guide says UpdateRoutingCriteria; the console and the service say the other.
ACTION_TYPES: Final = ("UpdateContactRoutingCriteria", "UpdateRoutingCriteria")
# Named so much alike that one is taken for the other.
_BEHAVIOUR: Final = "UpdateContactRoutingBehavior"


@frozen
class RoutingAction:
    """
    A block of a flow that sets routing criteria.

    Attributes:
        identifier: The block's own id in the flow.
        type: ``UpdateContactRoutingCriteria``, or the developer guide's ``UpdateRoutingCriteria``.
        criteria: No steps and no reference where the block is not configured.
        path: Where the block stands in its document.
    """

    identifier: str
    type: str
    criteria: Criteria
    path: str


def read_actions(flow: Mapping[str, JSON], path: str, problems: list[Problem]) -> tuple[RoutingAction, ...]:
    """Read every block of a flow that sets routing criteria, in the order of the document."""
    actions = flow["Actions"]
    if not isinstance(actions, list):
        problems.append(expected("a list of actions", actions, f"{path}.Actions"))
        return ()
    return tuple(
        read_action(action, f"{path}.Actions[{i}]", problems)
        for i, action in enumerate(actions)
        if isinstance(action, dict) and action.get("Type") in ACTION_TYPES
    )


def no_actions(flow: Mapping[str, JSON], path: str) -> Problem:
    """Say of a flow that none of its blocks sets routing criteria, and what it has in their place."""
    actions = flow["Actions"]
    types = [action.get("Type") for action in actions if isinstance(action, dict)]
    message = f"no block of this flow sets routing criteria ({counted(len(types), 'block')})"
    hint = f"the type of the block that does is `{ACTION_TYPES[0]}`"
    if _BEHAVIOUR in types:
        hint += f"; `{_BEHAVIOUR}`, which this flow has, sets a contact's priority and age in its queue alone"
    return Problem(path, message, hint)


def read_action(action: Mapping[str, JSON], path: str, problems: list[Problem]) -> RoutingAction:
    """Read one block that sets routing criteria."""
    criteria = Criteria()
    parameters = action.get("Parameters")
    if not isinstance(parameters, dict):
        problems.append(expected("an object with RoutingCriteria", parameters, f"{path}.Parameters"))
    elif parameters.get("RoutingCriteria") is not None:
        place = f"{path}.Parameters.RoutingCriteria"
        criteria = read_criteria_value(parameters["RoutingCriteria"], place, problems)
    identifier = action.get("Identifier")
    return RoutingAction(identifier if isinstance(identifier, str) else "", action["Type"], criteria, path)


def action_value(criteria: Criteria) -> JSON:
    """Write *criteria* as a block's RoutingCriteria: ``{}`` where the block is not configured."""
    if criteria.reference is not None:
        return criteria.reference
    return request_node(criteria) if criteria.steps or criteria.extra else {}
