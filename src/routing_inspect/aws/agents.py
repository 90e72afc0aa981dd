"""Agents, put together from what the service tells of users, proficiencies and routing profiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from routing_inspect.aws.answers import (
    DENIED,
    LISTED,
    REFUSALS,
    User,
    describe_user,
    list_proficiencies,
    list_queues,
    list_users,
)
from routing_inspect.aws.calls import Parameters, identifier, reason_of
from routing_inspect.contact import Agent, Roster, RoutedQueue, RoutingProfile, is_user_id, user_id
from routing_inspect.errors import DocumentError, RoutingInspectError, ServiceError
from routing_inspect.expr import Attribute
from routing_inspect.findings import Finding
from routing_inspect.visible import visible

T = TypeVar("T")


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
    findings = (*instance.findings, *map(refusal, instance.gone.values()))
    return Roster(agents=agents, as_of=now, source="Amazon Connect"), tuple(dict.fromkeys(findings))


def extend_roster(
    client: Any, roster: Roster | None, *, instance_id: str, names: Iterable[str], now: datetime
) -> tuple[Roster | None, tuple[Finding, ...]]:
    """
    Fetch the agents that a roster has not got, and add them to it.

    Args:
        client: As in `fetch_agents`.
        roster: None: nobody is known yet.
        instance_id: As in `fetch_agents`.
        names: User ids, ARNs or usernames; a username costs one SearchUsers. Of a username that
            several have, all are fetched.
        now: As in `fetch_agents`.

    Returns:
        The roster, None where there was and is none; and what could not be fetched. An agent in it
            who turns out to be the one asked for by username has that username now.

    Raises:
        RoutingInspectError: As in `fetch_agents` and `find_user_id`.
    """
    known = roster or Roster()
    usernames = {agent.username for agent in known.agents}
    # The username by which each was asked for; None: by id.
    meant: dict[str, str | None] = {}
    for name in names:
        if known.find(name) is not None or name in usernames:
            continue
        if is_user_id(user_id(name)):
            meant.setdefault(user_id(name), None)
        else:
            meant |= dict.fromkeys(_user_ids(client, identifier(instance_id, "instance"), name), name)
    if not meant:
        return roster, ()
    missing = [agent_id for agent_id in meant if known.find(agent_id) is None]
    fetched, findings = fetch_agents(client, instance_id=instance_id, agent_ids=missing, now=now)
    # Whoever is found by a username goes by it, whatever name an older answer gives, or none.
    agents = [
        evolve(agent, username=meant.get(agent.id) or agent.username)
        for agent in (*known.agents, *fetched.agents)
    ]
    return evolve(known, agents=agents, source=known.source or fetched.source), findings


def find_user_id(client: Any, *, instance_id: str, username: str) -> str:
    """
    Find the user id behind a username: by SearchUsers, or where that fails by ListUsers.

    Raises:
        ServiceError: The service did not give a usable answer.
        DocumentError: An answer cannot be read.
        RoutingInspectError: Nobody has this username, or several have.
    """
    instance = identifier(instance_id, "instance")
    first, *others = _user_ids(client, instance, username)
    if others:
        number, hint = 1 + len(others), f"give one of their user ids: {', '.join([first, *others])}"
        message = f"{number} users in instance {instance} have the username `{visible(username)}`"
        raise RoutingInspectError(message, hint=hint)
    return first


def _user_ids(client: Any, instance: str, username: str) -> list[str]:
    """Find the ids of all who have a username; there is at least one."""
    wanted = {"FieldName": "Username", "Value": username, "ComparisonType": "EXACT"}
    searched = {"InstanceId": instance, "SearchCriteria": {"StringCondition": wanted}}
    try:
        users = list_users(client, "SearchUsers", searched)
    except (ServiceError, DocumentError) as error:
        users = _listed(client, instance, error)
    # Whatever the service takes for the same name, only the very name is meant.
    ids = dict.fromkeys(user.id for user in users if user.username == username)
    if not ids:
        hint = "give the user id, the last part of the agent's ARN"
        raise RoutingInspectError(
            f"nobody in instance {instance} has the username `{visible(username)}`", hint=hint
        )
    return list(ids)


def _listed(client: Any, instance: str, error: RoutingInspectError) -> list[User]:
    """List everybody, since a search failed with *error*."""
    try:
        return list_users(client, "ListUsers", {"InstanceId": instance, "MaxResults": LISTED})
    except ServiceError as second:
        message = f"{reason_of(error)}; {second.message}"
        raise ServiceError(message, hint=error.hint or second.hint, operation=second.operation) from second


@frozen
class Instance:
    """
    An instance that is asked about agents, one by one.

    Attributes:
        findings: What it refused to tell.
        profiles: The queues of each routing profile asked about so far; None: refused.
        gone: Users whom it does not know (any more), by id, with its words. They are in no finding.
    """

    client: Any
    id: str
    now: datetime
    findings: list[Finding] = field(factory=list)
    profiles: dict[str, tuple[RoutedQueue, ...] | None] = field(factory=dict)
    gone: dict[str, ServiceError] = field(factory=dict)

    def agent(self, agent_id: str) -> Agent:
        """Fetch one agent; of one who is gone the id is all there is."""
        user = self._ask(describe_user, "UserId", agent_id) or User(agent_id, None, None)
        proficiencies, modified_at = (None, None) if agent_id in self.gone else self.levels(agent_id)
        return Agent(
            id=agent_id,
            username=user.username,
            proficiencies=proficiencies,
            queues=self.queues(user.profile_id),
            routing_profile=None if user.profile_id is None else RoutingProfile(id=user.profile_id),
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
            if error.code not in REFUSALS:
                raise
            if error.code != DENIED and name == "UserId":
                self.gone[subject] = error
            else:
                self.findings.append(refusal(error))
            return None


def refusal(error: ServiceError) -> Finding:
    """Say what the service refused to tell, or does not know."""
    return Finding("RI606", error.message, error.hint, str(error.operation))
