"""
Agents found by the service itself: SearchUsers tells who may satisfy an expression.

Everybody's id, name and routing profile come 500 to a call, and for each expression one search;
only those whom a search returns are asked about one by one, instead of the whole instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from attrs import evolve, frozen

from routing_inspect.aws.agents import Instance, refusal
from routing_inspect.aws.answers import DENIED, LISTED, REFUSALS, SEARCHED, User, list_users
from routing_inspect.aws.calls import identifier, reason_of
from routing_inspect.contact import Agent, Roster, RoutingProfile, shown_names
from routing_inspect.document import JSON
from routing_inspect.errors import DocumentError, RoutingInspectError, ServiceError
from routing_inspect.expr import Attribute, Expr
from routing_inspect.findings import Finding
from routing_inspect.pushdown import (
    Criteria,
    Search,
    disagreement,
    hint_for,
    needs_levels,
    past_limits,
    search_for,
    told,
)
from routing_inspect.text import unparse
from routing_inspect.visible import visible
from routing_inspect.wire import time_text

# How many agents are asked about one by one: at 2 requests a second about a minute of waiting.
MOST: Final = 100


@frozen(kw_only=True)
class Population:
    """
    The agents of an instance, as far as searches and a few questions tell of them.

    Attributes:
        roster: Everybody, in the service's order, then whom the caller knew beside them. Where an
            agent's levels are not known, `Agent.told` says what the searches say. None where nobody
            is known at all.
        source: ``SearchUsers``; ``ListUsers`` where each agent was fetched instead; None where
            nobody could be listed.
        size: How many agents the instance has; None: unknown.
        beside: How many agents of the roster the instance's own list has not got: they were deleted
            since, say.
        levels_of: Of how many agents the levels are known.
        taken_at_word: How many satisfy something because a search says so alone.
        left_open: How many of the instance would have needed a look at their levels, and got none.
        unasked: How many of those two nobody was asked about, since there were too many.
        searches: How many searches were made; each may have had several pages.
        findings: Why there was no search, what was refused, where a search and levels disagree.
    """

    roster: Roster | None
    as_of: datetime
    source: str | None = None
    size: int | None = None
    beside: int = 0
    levels_of: int = 0
    taken_at_word: int = 0
    left_open: int = 0
    unasked: int = 0
    searches: int = 0
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, JSON]:
        """Give everything but the agents and findings as plain JSON values."""
        return {
            "source": self.source,
            "as_of": time_text(self.as_of),
            "size": self.size,
            "beside": self.beside,
            "levels_of": self.levels_of,
            "taken_at_word": self.taken_at_word,
            "left_open": self.left_open,
            "unasked": self.unasked,
            "searches": self.searches,
        }


def find_agents(  # noqa: PLR0913  (whom to ask, whom about, what, and when)
    client: Any,
    roster: Roster | None,
    *,
    instance_id: str,
    expressions: Iterable[Expr],
    now: datetime,
    most: int = MOST,
) -> Population:
    """
    Find which agents of an instance satisfy expressions, by letting the service search.

    Args:
        client: A boto3 client for Amazon Connect, the caller's or one of `connect`.
        roster: Agents who are known already: whose levels are known, or were asked for at *now*, is not
            asked about again, and what they hold shows whether the searches are right about them.
        instance_id: The instance's id, or its ARN.
        expressions: What the agents will be asked about.
        now: The time of asking, which the facts are as of.
        most: How many agents may be asked about one by one. Of those beyond, a search is believed
            where it says just what the expression says; elsewhere they stay unknown.

    Returns:
        The agents. Where the service refuses or fails to search, they are fetched one by one if
        there are no more than *most*; finding RI608 says why.

    Raises:
        ServiceError: The service failed at what no search is needed for.
        DocumentError: An answer to that cannot be read.
        RoutingInspectError: The instance id is none.
    """
    instance = Instance(client, identifier(instance_id, "instance"), now)
    try:
        users = list_users(client, "SearchUsers", {"InstanceId": instance.id, "MaxResults": SEARCHED})
        answers = tuple(_answers(instance, dict.fromkeys(expressions)))
    except (ServiceError, DocumentError) as error:
        return _one_by_one(instance, roster, error, most)
    return _put_together(instance, roster, users, answers, most)


@frozen
class _Answer:
    """
    What a search said.

    Attributes:
        returned: Who was returned; nobody where there was nothing to ask.
    """

    expression: Expr
    search: Search
    returned: frozenset[str]


def _answers(instance: Instance, expressions: Iterable[Expr]) -> Iterator[_Answer]:
    """Make the search of each expression, where there is one; the same criteria only once."""
    asked: list[tuple[Criteria, frozenset[str]]] = []
    for expression in expressions:
        search = search_for(expression)
        if search is None:
            yield _Answer(expression, Search(None, ()), frozenset())
            continue
        returned = frozenset[str]()
        if search.criteria is not None:
            found = next((ids for criteria, ids in asked if criteria == search.criteria), None)
            if found is None:
                found = _returned(instance, search.criteria)
                asked.append((search.criteria, found))
            returned = found
        yield _Answer(expression, search, returned)


def _returned(instance: Instance, criteria: Criteria) -> frozenset[str]:
    wanted = {"InstanceId": instance.id, "MaxResults": SEARCHED, "SearchCriteria": criteria}
    return frozenset(user.id for user in list_users(instance.client, "SearchUsers", wanted))


# ---------------------------------------------------------------------------- putting it together


def _put_together(
    instance: Instance, roster: Roster | None, users: list[User], answers: tuple[_Answer, ...], most: int
) -> Population:
    known = roster or Roster()
    listed = {user.id: known.find(user.id) or _stranger(instance, user, answers) for user in users}
    everybody = {**listed, **{agent.id: agent for agent in known.agents if agent.id not in listed}}
    unsettled = [agent for agent in everybody.values() if _is_open(agent, answers)]
    wanting = [agent for agent in unsettled if not _was_asked(instance, known.find(agent.id))]
    if len(wanting) > most:
        first = _hinted(instance, answers)
        wanting.sort(key=lambda agent: agent.id not in first)
    unasked = sum(agent.id in listed for agent in wanting[most:])
    levels = {agent.id: instance.levels(agent.id) for agent in wanting[:most]}
    agents = [
        _believing(_with_levels(agent, levels.get(agent.id)), answers)
        for agent in everybody.values()
        if agent.id not in instance.gone or known.find(agent.id) is not None
    ]
    here = [agent for agent in agents if agent.id in listed and agent.id not in instance.gone]
    return Population(
        roster=Roster(agents=agents, as_of=instance.now, source=known.source or "Amazon Connect"),
        as_of=instance.now,
        source="SearchUsers",
        size=len(here),
        beside=len(agents) - len(here),
        levels_of=sum(agent.proficiencies is not None for agent in agents),
        taken_at_word=sum(agent.proficiencies is None and True in agent.told.values() for agent in here),
        left_open=sum(_is_open(agent, answers) for agent in here),
        unasked=unasked,
        searches=len({repr(answer.search.criteria) for answer in answers if answer.search.criteria}),
        findings=(
            *dict.fromkeys(instance.findings),
            *_deleted(instance, [agent for agent in wanting if known.find(agent.id) is None]),
            *(refusal(error) for agent_id, error in instance.gone.items() if known.find(agent_id)),
            *(_not_searched(answers) if unasked else ()),
            *_disagreements(instance, agents, answers),
        ),
    )


def _hinted(instance: Instance, answers: tuple[_Answer, ...]) -> frozenset[str]:
    """Search for whom to ask first: it decides nothing else, so that nothing is lost where it fails."""
    found: frozenset[str] = frozenset()
    for criteria in filter(None, (hint_for(answer.expression) for answer in answers)):
        with suppress(ServiceError, DocumentError):
            found |= _returned(instance, criteria)
    return found


def _was_asked(instance: Instance, agent: Agent | None) -> bool:
    """Say whether somebody is known whose levels were asked for at this very time, in vain."""
    return agent is not None and agent.as_of == instance.now


def _deleted(instance: Instance, agents: Iterable[Agent]) -> Iterator[Finding]:
    """Say who is gone since the list was made."""
    for agent in agents:
        if agent.id in instance.gone:
            error = instance.gone[agent.id]
            name = visible(agent.name)
            message = (
                f"{name} was deleted since it was listed, and is left out: {error.operation} finds no such"
            )
            hint = "ask again in a minute: a list goes on for a while to name who is gone"
            yield Finding("RI606", f"{message} {agent.id}", hint, str(error.operation))


def _not_searched(answers: Iterable[_Answer]) -> Iterator[Finding]:
    """Say what no search was asked for because of what searches admit, where that left agents open."""
    for answer in answers:
        for limit in past_limits(answer.expression):
            hint = "give a roster: `routing-inspect roster pull` makes one"
            yield Finding("RI608", f"not searched for: {limit}", hint, "SearchUsers")


def _stranger(instance: Instance, user: User, answers: tuple[_Answer, ...]) -> Agent:
    """Say of a user what the lists and the searches that left it out say."""
    agent = Agent(
        id=user.id,
        username=user.username,
        queues=instance.queues(user.profile_id),
        routing_profile=None if user.profile_id is None else RoutingProfile(id=user.profile_id),
        as_of=instance.now,
        source="SearchUsers",
    )
    for answer in answers:
        if user.id not in answer.returned:
            agent = told(agent, answer.search, returned=False)
    return agent


def _with_levels(
    agent: Agent, found: tuple[Mapping[Attribute, float] | None, datetime | None] | None
) -> Agent:
    """Give an agent the levels that were asked for, if they were told."""
    if found is None or found[0] is None:
        return agent
    levels, modified_at = found
    return evolve(agent, proficiencies=levels, modified_at=modified_at, source="Amazon Connect")


def _is_open(agent: Agent, answers: tuple[_Answer, ...]) -> bool:
    return agent.proficiencies is None and any(needs_levels(answer.expression, agent) for answer in answers)


def _believing(agent: Agent, answers: tuple[_Answer, ...]) -> Agent:
    """Note what the searches that returned an agent say, where something still hangs on its levels."""
    if _is_open(agent, answers):
        for answer in answers:
            if agent.id in answer.returned:
                agent = told(agent, answer.search, returned=True)
    return agent


def _disagreements(
    instance: Instance, agents: list[Agent], answers: tuple[_Answer, ...]
) -> Iterator[Finding]:
    names = shown_names(agents)
    # What an agent held at another time says nothing of a search made now.
    for agent in (agent for agent in agents if agent.as_of == instance.now):
        for answer in answers if agent.proficiencies is not None else ():
            returned = agent.id in answer.returned
            part = disagreement(answer.search, agent, returned=returned)
            if part is not None:
                does = "returns" if returned else "leaves out"
                levels = "do not satisfy" if returned else "satisfy"
                message = (
                    f"SearchUsers {does} {visible(names[agent.id])}, whose levels by ListUserProficiencies "
                    f"{levels} {unparse(part)}"
                )
                hint = "the levels count here; search again in a minute, since an edit takes a while to show"
                yield Finding("RI609", message, hint, "SearchUsers")


# ---------------------------------------------------------------------------- without a search


def _one_by_one(
    instance: Instance, roster: Roster | None, error: RoutingInspectError, most: int
) -> Population:
    """Fetch every agent of the instance where there are few, and say why there was no search."""
    known = roster or Roster()
    listed: list[User] = []
    refused = ""
    try:
        listed = list_users(instance.client, "ListUsers", {"InstanceId": instance.id, "MaxResults": LISTED})
    except ServiceError as second:
        if second.code not in REFUSALS:
            raise
        refused = f"; {second.message}"
    missing = [user for user in listed if known.find(user.id) is None]
    few = len(missing) <= most
    agents = _fetched(instance, missing) if few else []
    instead = "nobody else is known" if not listed else "each agent was fetched instead"
    if listed and not few:
        instead = f"there are {len(listed)}, too many to fetch one by one"
    message = f"the agents were not searched: {reason_of(error)}{refused}; {instead}"
    refused_search = isinstance(error, ServiceError) and error.code == DENIED
    hint = error.hint if refused_search else "give a roster: `routing-inspect roster pull` makes one"
    finding = Finding("RI608", message, hint, "SearchUsers")
    everybody = (*known.agents, *(agent for agent in agents if agent.id not in instance.gone))
    ids = {user.id for user in listed} - instance.gone.keys()
    return Population(
        roster=evolve(known, agents=everybody, source=known.source or "Amazon Connect")
        if everybody
        else None,
        as_of=instance.now,
        source="ListUsers" if listed and few else None,
        size=len(ids) if listed else None,
        beside=sum(agent.id not in ids for agent in everybody) if listed else 0,
        levels_of=sum(agent.proficiencies is not None for agent in everybody),
        findings=(finding, *dict.fromkeys(instance.findings), *_deleted(instance, agents)),
    )


def _fetched(instance: Instance, users: Iterable[User]) -> list[Agent]:
    """Fetch agents one by one; of one who is gone, or may not be described, the list's name stays."""
    agents = [(user, instance.agent(user.id)) for user in users]
    return [evolve(agent, username=agent.username or user.username) for user, agent in agents]
