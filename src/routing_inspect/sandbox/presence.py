"""What GetCurrentUserData tells: who is signed in, and what each of them is doing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from routing_inspect.document import JSON
from routing_inspect.sandbox.protocol import RefusedCallError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routing_inspect.sandbox.scenario import Scenario

# "A maximum of one filter can be passed" from these, says the model.
_RESOURCES = ("Queues", "RoutingProfiles", "Agents", "UserHierarchyGroups")


def current_users(scenario: Scenario, filters: Mapping[str, JSON]) -> list[JSON]:
    """
    List the data of the users that a call asks for; only who is signed in has any.

    Raises:
        RefusedCallError: The filters are more than one, none, or what the sandbox does not implement.
    """
    given = [name for name in _RESOURCES if name in filters]
    if len(given) != 1:
        found = " and ".join(f"`{name}`" for name in given) or "none"
        names = ", ".join(f"`{name}`" for name in _RESOURCES)
        message = f"Filters: expected one of {names}, found {found}"
        raise RefusedCallError("InvalidParameterException", message)
    if given == ["UserHierarchyGroups"]:
        message = "the sandbox does not serve Filters.UserHierarchyGroups"
        raise RefusedCallError("InvalidParameterException", message)
    # The model takes "IDs or ARNs" here.
    wanted = {text.rpartition("/")[2] for text in filters[given[0]]}
    states = filters.get("ContactFilter", {}).get("ContactStates", [])
    return [
        _data(user)
        for user in scenario.users.values()
        if "Current" in user
        and wanted.intersection(_resources(scenario, user, given[0]))
        and (not states or any(contact.get("AgentContactState") in states for contact in _contacts(user)))
    ]


def _resources(scenario: Scenario, user: JSON, kind: str) -> Iterator[str]:
    """List what a user is found by: itself, its routing profile, or the queues of that."""
    profile = user.get("RoutingProfileId")
    match kind:
        case "Agents":
            yield user["Id"]
        case "RoutingProfiles" if profile is not None:
            yield profile
        case "Queues" if profile is not None:
            yield from (queue["QueueId"] for queue in scenario.routing_profiles[profile].get("Queues", []))


def _contacts(user: JSON) -> list[JSON]:
    contacts: list[JSON] = user["Current"].get("Contacts", [])
    return contacts


def _data(user: JSON) -> JSON:
    """Put together what the scenario says of a user, with the references that follow from its record."""
    references = {"User": _reference(user["Id"], user.get("Arn"))}
    if "RoutingProfileId" in user:
        references["RoutingProfile"] = _reference(user["RoutingProfileId"], None)
    return {**references, **user["Current"]}


def _reference(record_id: str, arn: str | None) -> JSON:
    return {"Id": record_id} if arn is None else {"Id": record_id, "Arn": arn}
