"""Agents, put together from what the service tells of users, proficiencies and routing profiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from routing_inspect.aws.calls import Parameters, call, identifier, pages, reading
from routing_inspect.contact import Agent, Roster, RoutedQueue, RoutingProfile, is_user_id, user_id
from routing_inspect.document import JSON
from routing_inspect.errors import DocumentError, Problem, RoutingInspectError, ServiceError
from routing_inspect.expr import Attribute
from routing_inspect.findings import Finding
from routing_inspect.roster import read_proficiencies
from routing_inspect.visible import visible
from routing_inspect.wire import expected, read_duration, read_text, read_time, read_whole_number

T = TypeVar("T")

# Answers that leave one fact unknown; after any other the whole would be half an answer.
_REFUSALS = frozenset({"AccessDeniedException", "ResourceNotFoundException"})


def fetch_agents(
    client: Any, *, instance_id: str, agent_ids: Iterable[str], now: datetime
) -> tuple[Roster, tuple[Finding, ...]]:
    """
    Fetch agents: username, proficiencies and the queues of their routing profiles.

    Args:
        client: A boto3 client for Amazon Connect, the caller's or one of `connect`.
        instance_id: The instance's id, or its ARN.
        agent_ids: User ids, or their ARNs.
        now: The time of asking, which the facts are as of.

    Returns:
        The agents, and what could not be fetched because the service refused it or does not know
        the agent any more; those facts are None.

    Raises:
        ServiceError: The service failed otherwise: half an answer would pass for a whole one.
        DocumentError: An answer cannot be read.
        RoutingInspectError: One of the ids is none; then nothing was asked.
    """
    instance = Instance(client, identifier(instance_id, "instance"), now)
    ids = dict.fromkeys(identifier(user_id(agent_id), "agent") for agent_id in agent_ids)
    agents = [instance.agent(agent_id) for agent_id in ids]
    return Roster(agents=agents, as_of=now, source="Amazon Connect"), tuple(dict.fromkeys(instance.findings))


def extend_roster(
    client: Any, roster: Roster | None, *, instance_id: str, names: Iterable[str], now: datetime
) -> tuple[Roster | None, tuple[Finding, ...]]:
    """
    Fetch the agents that a roster has not got, and add them to it.

    Args:
        client: As in `fetch_agents`.
        roster: None: nobody is known yet.
        instance_id: As in `fetch_agents`.
        names: User ids, ARNs or usernames; a username costs one SearchUsers.
        now: As in `fetch_agents`.

    Returns:
        The roster, None where there was and is none; and what could not be fetched.

    Raises:
        RoutingInspectError: As in `fetch_agents` and `find_user_id`.
    """
    known = roster or Roster()
    missing = [name for name in names if known.find(name) is None]
    ids = [
        name if is_user_id(user_id(name)) else find_user_id(client, instance_id=instance_id, username=name)
        for name in missing
    ]
    if not ids:
        return roster, ()
    fetched, findings = fetch_agents(client, instance_id=instance_id, agent_ids=ids, now=now)
    source = known.source or fetched.source
    return evolve(known, agents=(*known.agents, *fetched.agents), source=source), findings


def find_user_id(client: Any, *, instance_id: str, username: str) -> str:
    """
    Find the user id behind a username (SearchUsers).

    Raises:
        ServiceError: The service did not give a usable answer.
        DocumentError: An answer cannot be read.
        RoutingInspectError: Nobody has this username.
    """
    instance = identifier(instance_id, "instance")
    wanted = {"FieldName": "Username", "Value": username, "ComparisonType": "EXACT"}
    parameters = {"InstanceId": instance, "SearchCriteria": {"StringCondition": wanted}}
    problems: list[Problem] = []
    with reading(f"SearchUsers for {visible(username)}"):
        for page in pages(client, "SearchUsers", parameters, "Users"):
            for i, user in enumerate(page["Users"]):
                if isinstance(user, dict) and user.get("Username") == username:
                    found = read_text(user.get("Id"), f"$.Users[{i}].Id", problems)
                    done(problems)
                    return identifier(str(found), "agent")
    hint = "give the user id, the last part of the agent's ARN"
    raise RoutingInspectError(
        f"nobody in instance {instance} has the username `{visible(username)}`", hint=hint
    )


@frozen
class Instance:
    """
    An instance that is asked about agents, one by one.

    Attributes:
        findings: What it refused to tell.
        profiles: The queues of each routing profile asked about so far; None: refused.
    """

    client: Any
    id: str
    now: datetime
    findings: list[Finding] = field(factory=list)
    profiles: dict[str, tuple[RoutedQueue, ...] | None] = field(factory=dict)

    def agent(self, agent_id: str) -> Agent:
        """Fetch one agent."""
        username, profile = self._ask(_describe_user, "UserId", agent_id) or (None, None)
        proficiencies, modified_at = self.levels(agent_id)
        return Agent(
            id=agent_id,
            username=username,
            proficiencies=proficiencies,
            queues=self.queues(profile),
            routing_profile=None if profile is None else RoutingProfile(id=profile),
            modified_at=modified_at,
            as_of=self.now,
            source="Amazon Connect",
        )

    def levels(self, agent_id: str) -> tuple[dict[Attribute, float] | None, datetime | None]:
        """Fetch what an agent holds, and when that was last edited."""
        return self._ask(list_proficiencies, "UserId", agent_id) or (None, None)

    def queues(self, profile: str | None) -> tuple[RoutedQueue, ...] | None:
        """Fetch the queues of a routing profile, once however often they are asked for."""
        if profile is not None and profile not in self.profiles:
            self.profiles[profile] = self._ask(list_queues, "RoutingProfileId", profile)
        return None if profile is None else self.profiles[profile]

    def _ask(self, fetch: Callable[[Any, Parameters], T], name: str, subject: str) -> T | None:
        """Ask about one user or profile; a refusal becomes a finding."""
        try:
            return fetch(self.client, {"InstanceId": self.id, name: subject})
        except ServiceError as error:
            if error.code not in _REFUSALS:
                raise
            self.findings.append(Finding("RI606", error.message, error.hint, str(error.operation)))
            return None


def _describe_user(client: Any, parameters: Parameters) -> tuple[str | None, str | None]:
    """Give a user's name and routing profile."""
    wanted = parameters["UserId"]

    def flaw_of(answer: dict[str, JSON]) -> str | None:
        user = answer.get("User")
        if not isinstance(user, dict):
            return "it has no User"
        is_wanted = str(user.get("Id")).casefold() == wanted.casefold()
        return None if is_wanted else "it is about another user than the one asked for"

    problems: list[Problem] = []
    with reading(f"DescribeUser of {wanted}"):
        user = call(client, "DescribeUser", parameters, flaw_of)["User"]
        username = optional(user.get("Username"), read_text, "$.User.Username", problems)
        profile = optional(user.get("RoutingProfileId"), read_profile_id, "$.User.RoutingProfileId", problems)
        done(problems)
    return username, profile


def read_profile_id(value: JSON, path: str, problems: list[Problem]) -> str | None:
    """Read an id that becomes a part of the next call's URL, like an id of the caller's."""
    text = read_text(value, path, problems)
    try:
        return None if text is None else identifier(text, "routing profile")
    except RoutingInspectError as error:
        problems.append(Problem(path, error.message))
        return None


def list_proficiencies(
    client: Any, parameters: Parameters
) -> tuple[dict[Attribute, float] | None, datetime | None]:
    """Give a user's levels, and when they were last edited (ListUserProficiencies)."""
    rows: list[JSON] = []
    modified_at = None
    problems: list[Problem] = []
    with reading(f"ListUserProficiencies of {parameters['UserId']}"):
        for page in pages(client, "ListUserProficiencies", parameters, "UserProficiencyList"):
            rows += page["UserProficiencyList"]
            told_at = optional(page.get("LastModifiedTime"), read_time, "$.LastModifiedTime", problems)
            modified_at = told_at or modified_at
        levels = read_proficiencies(rows, "$.UserProficiencyList", problems)
        done(problems)
    return levels, modified_at


def list_queues(client: Any, parameters: Parameters) -> tuple[RoutedQueue, ...]:
    """Give the queues of a routing profile, one entry for each channel (ListRoutingProfileQueues)."""
    member = "RoutingProfileQueueConfigSummaryList"
    problems: list[Problem] = []
    with reading(f"ListRoutingProfileQueues of {parameters['RoutingProfileId']}"):
        rows = [
            row
            for page in pages(client, "ListRoutingProfileQueues", parameters, member)
            for row in page[member]
        ]
        queues = [_queue(row, f"$.{member}[{i}]", problems) for i, row in enumerate(rows)]
        done(problems)
    return tuple(queue for queue in queues if queue is not None)


def _queue(row: JSON, path: str, problems: list[Problem]) -> RoutedQueue | None:
    if not isinstance(row, dict):
        problems.append(expected("a queue with QueueId, Channel and Delay", row, path))
        return None
    queue_id = read_text(row.get("QueueId"), f"{path}.QueueId", problems)
    channel = read_text(row.get("Channel"), f"{path}.Channel", problems)
    delay = read_duration(row.get("Delay"), f"{path}.Delay", problems)
    name = optional(row.get("QueueName"), read_text, f"{path}.QueueName", problems)
    priority = optional(row.get("Priority"), read_whole_number, f"{path}.Priority", problems)
    if queue_id is None or channel is None or delay is None:
        return None
    return RoutedQueue(
        id=queue_id,
        channel=channel,
        name=name,
        priority=priority,
        delay=delay,
    )


def optional(
    value: JSON, reader: Callable[[JSON, str, list[Problem]], T | None], path: str, problems: list[Problem]
) -> T | None:
    """Read a member that may be absent or null; None then."""
    return None if value is None else reader(value, path, problems)


def done(problems: list[Problem]) -> None:
    """Raise what was found wrong with an answer, if anything."""
    if problems:
        raise DocumentError(tuple(problems))
