"""What agents are doing right now: GetCurrentUserData as records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from attrs import evolve

from routing_inspect.aws.answers import optional, read_all
from routing_inspect.aws.calls import identifier, pages, reading
from routing_inspect.contact import Handled, Presence, Roster, user_id
from routing_inspect.document import JSON, member_path
from routing_inspect.errors import Problem
from routing_inspect.wire import expected, read_text, read_time, read_whole_number

SOURCE: Final = "GetCurrentUserData"
# The most of each that one filter takes, and that a page holds, by the model.
_MOST: Final = 100


def fetch_presence(  # noqa: PLR0913  (one argument for each filter of the service's)
    client: Any,
    *,
    instance_id: str,
    now: datetime,
    queue_ids: Iterable[str] = (),
    routing_profile_ids: Iterable[str] = (),
    agent_ids: Iterable[str] = (),
) -> dict[str, Presence]:
    """
    Ask what agents are doing right now (GetCurrentUserData).

    The service takes one kind of filter to a call and 100 ids to a filter, so there are as many
    calls as that needs; who is found in several of them is one agent.

    Args:
        client: A boto3 client for Amazon Connect, the caller's or one of `connect`.
        instance_id: The instance's id, or its ARN.
        now: The time of asking, which the facts are as of.
        queue_ids: Queues whose agents are asked about.
        routing_profile_ids: Routing profiles whose agents are asked about.
        agent_ids: User ids, or their ARNs.

    Returns:
        What each is doing, by user id. The service tells of those alone who are signed in.

    Raises:
        ServiceError: The service did not give a whole answer.
        DocumentError: An answer cannot be read.
        RoutingInspectError: One of the ids is none; then nothing was asked.
    """
    instance = identifier(instance_id, "instance")
    filters = (
        ("Queues", [identifier(queue, "queue") for queue in queue_ids]),
        ("RoutingProfiles", [identifier(profile, "routing profile") for profile in routing_profile_ids]),
        ("Agents", [identifier(user_id(agent), "agent") for agent in agent_ids]),
    )
    found: dict[str, Presence] = {}
    for kind, ids in filters:
        unique = list(dict.fromkeys(ids))
        for start in range(0, len(unique), _MOST):
            asked = {
                "InstanceId": instance,
                "Filters": {kind: unique[start : start + _MOST]},
                "MaxResults": _MOST,
            }
            found |= _presence(client, asked, now)
    return found


def with_presence(
    roster: Roster, found: Mapping[str, Presence], asked: Iterable[str], now: datetime
) -> Roster:
    """
    Give the agents of a roster what they are doing.

    Args:
        roster: The agents.
        found: What `fetch_presence` gave.
        asked: The user ids of those who were asked about. Whoever of them is not in *found* is taken
            not to be signed in, since the service tells of "active" users.
        now: The time of asking.
    """
    known = dict.fromkeys(asked, Presence(as_of=now, signed_in=False, source=SOURCE))
    agents = [
        evolve(agent, presence=found.get(agent.id.casefold(), known.get(agent.id))) for agent in roster.agents
    ]
    return evolve(roster, agents=agents)


def _presence(client: Any, asked: dict[str, Any], now: datetime) -> dict[str, Presence]:
    found: dict[str, Presence] = {}
    with reading(SOURCE):
        for page in pages(client, SOURCE, asked, "UserDataList"):
            found |= read_all(page["UserDataList"], "$.UserDataList", partial(_user, now))
    return found


def _user(now: datetime, row: JSON, path: str, problems: list[Problem]) -> tuple[str, Presence] | None:
    node = _object(row, path, problems)
    user = _object(node.get("User"), f"{path}.User", problems)
    status = _object(node.get("Status") or {}, f"{path}.Status", problems)
    agent_id = read_text(user.get("Id"), f"{path}.User.Id", problems)
    place = f"{path}.Status"
    presence = Presence(
        as_of=now,
        status=optional(status.get("StatusName"), read_text, f"{place}.StatusName", problems),
        next_status=optional(node.get("NextStatus"), read_text, f"{path}.NextStatus", problems),
        since=optional(
            status.get("StatusStartTimestamp"), read_time, f"{place}.StatusStartTimestamp", problems
        ),
        free=_free(node.get("AvailableSlotsByChannel"), f"{path}.AvailableSlotsByChannel", problems),
        handling=_handling(node.get("Contacts"), f"{path}.Contacts", problems),
        source=SOURCE,
    )
    return None if agent_id is None else (agent_id.casefold(), presence)


def _free(node: JSON, path: str, problems: list[Problem]) -> dict[str, int]:
    slots = _object(node or {}, path, problems)
    read = {
        channel: read_whole_number(count, member_path(path, channel), problems)
        for channel, count in slots.items()
    }
    return {channel: count for channel, count in read.items() if count is not None}


def _handling(node: JSON, path: str, problems: list[Problem]) -> tuple[Handled, ...]:
    if not isinstance(node, list | None):
        problems.append(expected("a list of contacts", node, path))
        return ()
    return tuple(_handled(row, f"{path}[{i}]", problems) for i, row in enumerate(node or ()))


def _handled(row: JSON, path: str, problems: list[Problem]) -> Handled:
    node = _object(row, path, problems)
    return Handled(
        id=read_text(node.get("ContactId"), f"{path}.ContactId", problems) or "",
        channel=optional(node.get("Channel"), read_text, f"{path}.Channel", problems),
        state=optional(node.get("AgentContactState"), read_text, f"{path}.AgentContactState", problems),
        since=optional(node.get("StateStartTimestamp"), read_time, f"{path}.StateStartTimestamp", problems),
    )


def _object(node: JSON, path: str, problems: list[Problem]) -> dict[str, JSON]:
    if isinstance(node, dict):
        return node
    problems.append(expected("an object", node, path))
    return {}
