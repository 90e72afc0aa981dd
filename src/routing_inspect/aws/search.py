"""
Agents found by the service itself: SearchUsers tells who may satisfy an expression.

Everybody's id, name and routing profile come 500 to a call, and for each expression one search;
only those whom a search returns are asked about one by one, instead of the whole instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve, frozen

from routing_inspect.aws.agents import Instance, fetch_agents
from routing_inspect.aws.calls import identifier, pages, reading
from routing_inspect.contact import Agent, Roster, RoutingProfile
from routing_inspect.document import JSON
from routing_inspect.errors import DocumentError, Problem, RoutingInspectError, ServiceError
from routing_inspect.expr import Expr
from routing_inspect.findings import Finding
from routing_inspect.pushdown import Criteria, Search, disagreement, needs_levels, search_for, told
from routing_inspect.text import unparse
from routing_inspect.visible import visible
from routing_inspect.wire import expected, read_text, time_text

# How many agents are asked about one by one: at 2 requests a second about a minute of waiting.
MOST: Final = 100
# The most that SearchUsers and ListUsers give at once, by the model.
_SEARCHED: Final = 500
_LISTED: Final = 1000

# A user as the lists give it: the id, the username, the routing profile.
_User = tuple[str, str | None, str | None]


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
        levels_of: Of how many agents the levels are known.
        taken_at_word: How many satisfy something because a search says so alone.
        left_open: How many would have needed a look at their levels, and got none.
        searches: How many searches were made; each may have had several pages.
        findings: Why there was no search, what was refused, where a search and levels disagree.
    """

    roster: Roster | None
    as_of: datetime
    source: str | None = None
    size: int | None = None
    levels_of: int = 0
    taken_at_word: int = 0
    left_open: int = 0
    searches: int = 0
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, JSON]:
        """Give everything but the agents and findings as plain JSON values."""
        return {
            "source": self.source,
            "as_of": time_text(self.as_of),
            "size": self.size,
            "levels_of": self.levels_of,
            "taken_at_word": self.taken_at_word,
            "left_open": self.left_open,
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
        roster: Agents who are known already: they are not asked about again, and what they hold
            shows whether the searches are right about them.
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
        users = tuple(_users(instance, None))
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
                found = frozenset(user_id for user_id, _, _ in _users(instance, search.criteria))
                asked.append((search.criteria, found))
            returned = found
        yield _Answer(expression, search, returned)


def _users(instance: Instance, criteria: Criteria | None) -> Iterator[_User]:
    """Search for users; None: everybody."""
    wanted = {"InstanceId": instance.id, "MaxResults": _SEARCHED}
    if criteria is not None:
        wanted["SearchCriteria"] = criteria
    problems: list[Problem] = []
    with reading("SearchUsers"):
        for page in pages(instance.client, "SearchUsers", wanted, "Users"):
            for i, user in enumerate(page["Users"]):
                read = _user(user, f"$.Users[{i}]", problems)
                if problems:
                    raise DocumentError(tuple(problems))
                yield read


def _user(user: JSON, path: str, problems: list[Problem]) -> _User:
    if not isinstance(user, dict):
        problems.append(expected("a user with an Id", user, path))
        return "", None, None
    texts = [
        None
        if user.get(name) is None and name != "Id"
        else read_text(user.get(name), f"{path}.{name}", problems)
        for name in ("Id", "Username", "RoutingProfileId")
    ]
    for name, text in zip(("Id", "RoutingProfileId"), texts[::2], strict=True):
        try:
            # Both become a part of the next call's URL.
            None if text is None else identifier(text, "user" if name == "Id" else "routing profile")
        except RoutingInspectError as error:
            problems.append(Problem(f"{path}.{name}", error.message))
    return str(texts[0]), texts[1], texts[2]


# ---------------------------------------------------------------------------- putting it together


def _put_together(
    instance: Instance,
    roster: Roster | None,
    users: tuple[_User, ...],
    answers: tuple[_Answer, ...],
    most: int,
) -> Population:
    known = roster or Roster()
    agents = {
        user_id: known.find(user_id) or _stranger(instance, (user_id, username, profile), answers)
        for user_id, username, profile in users
    }
    extra = {agent.id: agent for agent in known.agents if agent.id not in agents}
    fetched = _with_levels(instance, {**agents, **extra}, answers, most)
    believed = [_believing(agent, answers) for agent in fetched]
    return Population(
        roster=Roster(agents=believed, as_of=instance.now, source=known.source or "Amazon Connect"),
        as_of=instance.now,
        source="SearchUsers",
        size=len(agents),
        levels_of=sum(agent.proficiencies is not None for agent in believed),
        taken_at_word=sum(agent.proficiencies is None and True in agent.told.values() for agent in believed),
        left_open=sum(_is_open(agent, answers) for agent in believed),
        searches=len({repr(answer.search.criteria) for answer in answers if answer.search.criteria}),
        findings=(
            *dict.fromkeys(instance.findings),
            # What an agent held at another time says nothing of a search made now.
            *_disagreements([agent for agent in believed if agent.as_of == instance.now], answers),
        ),
    )


def _stranger(instance: Instance, user: _User, answers: tuple[_Answer, ...]) -> Agent:
    """Say of a user what the lists and the searches that left it out say."""
    user_id, username, profile = user
    agent = Agent(
        id=user_id,
        username=username,
        queues=instance.queues(profile),
        routing_profile=None if profile is None else RoutingProfile(id=profile),
        as_of=instance.now,
        source="SearchUsers",
    )
    for answer in answers:
        if user_id not in answer.returned:
            agent = told(agent, answer.search, returned=False)
    return agent


def _with_levels(
    instance: Instance, agents: Mapping[str, Agent], answers: tuple[_Answer, ...], most: int
) -> Iterator[Agent]:
    """Ask for the levels of those on whom something hangs, up to *most* of them."""
    asked = 0
    for agent in agents.values():
        if asked >= most or not _is_open(agent, answers):
            yield agent
            continue
        asked += 1
        levels, modified_at = instance.levels(agent.id)
        source = agent.source if levels is None else "Amazon Connect"
        yield evolve(agent, proficiencies=levels, modified_at=modified_at, source=source)


def _is_open(agent: Agent, answers: tuple[_Answer, ...]) -> bool:
    return agent.proficiencies is None and any(needs_levels(answer.expression, agent) for answer in answers)


def _believing(agent: Agent, answers: tuple[_Answer, ...]) -> Agent:
    """Note what the searches that returned an agent say, where something still hangs on its levels."""
    if _is_open(agent, answers):
        for answer in answers:
            if agent.id in answer.returned:
                agent = told(agent, answer.search, returned=True)
    return agent


def _disagreements(agents: Iterable[Agent], answers: tuple[_Answer, ...]) -> Iterator[Finding]:
    for agent in agents:
        for answer in answers if agent.proficiencies is not None else ():
            returned = agent.id in answer.returned
            part = disagreement(answer.search, agent, returned=returned)
            if part is not None:
                does = "returns" if returned else "leaves out"
                levels = "do not satisfy" if returned else "satisfy"
                message = (
                    f"SearchUsers {does} {visible(agent.name)}, whose levels by ListUserProficiencies "
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
    listed: tuple[str, ...] = ()
    refused = ""
    try:
        listed = tuple(_listed(instance))
    except ServiceError as second:
        if second.code not in {"AccessDeniedException", "ResourceNotFoundException"}:
            raise
        refused = f"; {second.message}"
    missing = [user_id for user_id in listed if known.find(user_id) is None]
    few = len(missing) <= most
    agents, findings = _fetched(instance, missing) if few else ((), ())
    instead = "nobody else is known" if not listed else "each agent was fetched instead"
    if listed and not few:
        instead = f"there are {len(listed)}, too many to fetch one by one"
    message = f"the agents were not searched: {_reason(error)}{refused}; {instead}"
    refused_search = isinstance(error, ServiceError) and error.code == "AccessDeniedException"
    hint = error.hint if refused_search else "give a roster: `routing-inspect roster pull` makes one"
    finding = Finding("RI608", message, hint, "SearchUsers")
    everybody = (*known.agents, *agents)
    return Population(
        roster=evolve(known, agents=everybody, source=known.source or "Amazon Connect")
        if everybody
        else None,
        as_of=instance.now,
        source="ListUsers" if listed and few else None,
        size=len(listed) if listed else None,
        levels_of=sum(agent.proficiencies is not None for agent in everybody),
        findings=(finding, *findings),
    )


def _fetched(instance: Instance, agent_ids: list[str]) -> tuple[tuple[Agent, ...], tuple[Finding, ...]]:
    roster, findings = fetch_agents(
        instance.client, instance_id=instance.id, agent_ids=agent_ids, now=instance.now
    )
    return roster.agents, findings


def _reason(error: RoutingInspectError) -> str:
    """Say what went wrong, for an answer that cannot be read also where."""
    if isinstance(error, DocumentError):
        return f"{error.file}: {error.problems[0].path}: {error.message}"
    return error.message


def _listed(instance: Instance) -> Iterator[str]:
    wanted = {"InstanceId": instance.id, "MaxResults": _LISTED}
    problems: list[Problem] = []
    with reading("ListUsers"):
        for page in pages(instance.client, "ListUsers", wanted, "UserSummaryList"):
            for i, user in enumerate(page["UserSummaryList"]):
                user_id, _, _ = _user(user, f"$.UserSummaryList[{i}]", problems)
                if problems:
                    raise DocumentError(tuple(problems))
                yield user_id
