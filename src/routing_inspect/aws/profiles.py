"""What a routing profile says beside its queues, asked for only where a gate hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from attrs import evolve, field, frozen

from routing_inspect.aws.answers import describe_profile, read_all
from routing_inspect.aws.calls import Parameters, identifier, pages, reading, reason_of
from routing_inspect.contact import Agent, Contact, Roster
from routing_inspect.document import JSON
from routing_inspect.errors import Problem, RoutingInspectError
from routing_inspect.findings import Finding
from routing_inspect.gates import hangs_on_cross_channel, hangs_on_manual_queues
from routing_inspect.wire import expected, read_text

_MANUAL: Final = "ListRoutingProfileManualAssignmentQueues"
_DESCRIBE: Final = "DescribeRoutingProfile"
# What each behaviour of a channel says of contacts of other channels; any other word leaves it unknown.
_BEHAVIOURS: Final = {"ROUTE_CURRENT_CHANNEL_ONLY": False, "ROUTE_ANY_CHANNEL": True}


def complete_profiles(
    client: Any, roster: Roster, contact: Contact, *, instance_id: str, agents: Iterable[str] = ()
) -> tuple[Roster, tuple[Finding, ...]]:
    """
    Ask for what the gates of a contact want to know of routing profiles, and nothing else.

    Of the agents named: which queues the profile has for manual assignment alone, where it does not
    route the contact's queue (ListRoutingProfileManualAssignmentQueues). Of everybody with a free slot
    and a contact of another channel in hand: which channels may be side by side (DescribeRoutingProfile).
    One request a profile.

    Args:
        client: A boto3 client for Amazon Connect, the caller's or one of `connect`.
        roster: The agents, with `Agent.presence` where that was asked for.
        contact: Which queue and channel it is about.
        instance_id: The instance's id, or its ARN.
        agents: Who is asked about: user ids, ARNs or usernames.

    Returns:
        The agents, and what could not be told; that stays unknown, and no other fact hangs on it.

    Raises:
        RoutingInspectError: The instance id is none.
    """
    asking = _Asking(client, identifier(instance_id, "instance"))
    named = {agent.id for name in agents if (agent := roster.find(name)) is not None}
    completed = [asking.completed(agent, contact, is_named=agent.id in named) for agent in roster.agents]
    return evolve(roster, agents=completed), tuple(asking.findings)


@frozen
class _Asking:
    """An instance that is asked about routing profiles, each time at most once."""

    client: Any
    instance: str
    findings: list[Finding] = field(factory=list)
    # Members of `RoutingProfile` by operation and profile; none where they could not be told.
    told: dict[tuple[str, str], dict[str, Any]] = field(factory=dict)

    def completed(self, agent: Agent, contact: Contact, *, is_named: bool) -> Agent:
        """Give an agent whose routing profile says what the contact's gates want to know."""
        profile = agent.routing_profile
        if profile is None:
            return agent
        told: dict[str, Any] = {}
        if is_named and hangs_on_manual_queues(contact, agent):
            told |= self.ask(_MANUAL, _manual_queues, profile.id)
        if hangs_on_cross_channel(contact, agent):
            told |= self.ask(_DESCRIBE, _cross_channel, profile.id)
        return evolve(agent, routing_profile=evolve(profile, **told)) if told else agent

    def ask(
        self, operation: str, fetch: Callable[[Any, Parameters], dict[str, Any]], profile: str
    ) -> dict[str, Any]:
        """Ask about a profile; whatever goes wrong becomes a finding, since no verdict needs the answer."""
        key = operation, profile
        if key not in self.told:
            self.told[key] = {}
            try:
                asked = {
                    "InstanceId": self.instance,
                    "RoutingProfileId": identifier(profile, "routing profile"),
                }
                self.told[key] = fetch(self.client, asked)
            except RoutingInspectError as error:
                self.findings.append(Finding("RI606", reason_of(error), error.hint, operation))
        return self.told[key]


def _manual_queues(client: Any, parameters: Parameters) -> dict[str, Any]:
    member = "RoutingProfileManualAssignmentQueueConfigSummaryList"
    rows: list[JSON] = []
    with reading(f"{_MANUAL} of {parameters['RoutingProfileId']}"):
        for page in pages(client, _MANUAL, parameters, member):
            rows += page[member]
        ids = read_all(rows, f"$.{member}", _queue_id)
    return {"manual_queue_ids": tuple(dict.fromkeys(ids))}


def _queue_id(row: JSON, path: str, problems: list[Problem]) -> str | None:
    return read_text(row.get("QueueId") if isinstance(row, dict) else None, f"{path}.QueueId", problems)


def _cross_channel(client: Any, parameters: Parameters) -> dict[str, Any]:
    return {"cross_channel": describe_profile(client, parameters, _behaviours)}


def _behaviours(profile: JSON, path: str, problems: list[Problem]) -> dict[str, bool]:
    """Read which channels admit others beside them, as far as the answer says it in one word."""
    node, path = profile.get("MediaConcurrencies"), f"{path}.MediaConcurrencies"
    if not isinstance(node, list | None):
        problems.append(expected("a list of channels", node, path))
        return {}
    told: dict[str, bool] = {}
    for i, row in enumerate(node or ()):
        match row:
            # Where a channel is divided by type of work, one word does not say it.
            case {"WorkloadTypeConcurrencies": [_, *_]}:
                continue
            case {"Channel": str() as channel, "CrossChannelBehavior": {"BehaviorType": str() as behaviour}}:
                told |= {channel: _BEHAVIOURS[behaviour]} if behaviour in _BEHAVIOURS else {}
            case {"Channel": str()}:
                continue
            case _:
                problems.append(expected("a channel with its concurrency", row, f"{path}[{i}]"))
    return told
