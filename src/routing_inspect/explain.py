"""Why a contact went where it went: contact and roster in, `Explanation` out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from typing import TypeAlias

from attrs import evolve

from routing_inspect.checks import (
    contact_findings,
    criteria_findings,
    evidence_findings,
    roster_findings,
)
from routing_inspect.contact import Agent, Contact, Criteria, Roster, user_id
from routing_inspect.errors import AnalysisLimit
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.explanation import (
    AgentExplanation,
    AgentStep,
    ConditionCount,
    EarlierCriteria,
    Explanation,
    Gate,
    Path,
    StepChange,
    StepExplanation,
    StepRelaxation,
    Unknown,
)
from routing_inspect.expr import AtLeast, Attribute, Between, Expr, Not, Opaque, conditions
from routing_inspect.findings import Finding
from routing_inspect.gates import agent_step, expression_gate, fallback_step, took
from routing_inspect.index import AgentIndex
from routing_inspect.moments import as_of, roster_as_of
from routing_inspect.paths import find_path
from routing_inspect.text import unparse
from routing_inspect.timeline import (
    NOT_STARTED,
    Phase,
    Timeline,
    in_agent_queue,
    replaced_timeline,
    seconds_text,
    taker_id,
    timeline,
)
from routing_inspect.visible import visible


def explain(
    contact: Contact,
    roster: Roster | None = None,
    now: datetime | None = None,
    *,
    agents: Iterable[str] | None = None,
    findings: Iterable[Finding] = (),
) -> Explanation:
    """
    Explain why a contact reached the agent it reached, why not another, or why nobody.

    Args:
        contact: Its current criteria is explained.
        roster: Whom the steps let in; None: nobody is known.
        now: When a contact that still waits is looked at, aware; None: no time is told against it.
        agents: Ids, ARNs or usernames to go through gate by gate. One who is not in the roster gets
            gates that are unknown; of a username that several have, all are shown. None: every
            agent of the roster.
        findings: What whoever fetched the facts has to say of them; it comes last.

    Returns:
        The same explanation for the same arguments: no clock is read and nothing is fetched.
    """
    known = roster or Roster()
    contact = evolve(contact, queue_name=contact.queue_name or _queue_name(contact, known))
    clock = timeline(contact, now)
    named = _named_agent(contact, known)
    name = "An agent" if named is None else named.name
    path = find_path(contact, clock, agent_name=name, joined=_joined(clock, named))
    names = None if agents is None else tuple(agents)
    shown = _shown(contact, known, named, names)
    index = AgentIndex(known)
    earlier = tuple(_explain_earlier(contact, known, index))
    current = _Steps(contact, clock)
    before = [_Steps(evolve(contact, criteria=one.criteria), one.timeline) for one in earlier]
    explained = tuple(_explain_agent(agent, known, current, before) for agent in shown)
    if names is not None:
        explained = tuple(_with_changes(contact, clock, one, known, index) for one in explained)
    steps = tuple(_explain_step(phase, _then(contact, clock, phase, known, index)) for phase in clock.phases)
    return Explanation(
        contact=contact,
        timeline=clock,
        path=path,
        steps=steps,
        agents=explained,
        findings=(
            *criteria_findings(contact.criteria or Criteria()),
            *_roster_findings(contact, roster, shown if names is not None else ()),
            *_asked_findings(contact, known, names or ()),
            *_findings(contact, clock, path, known, shown),
            *findings,
        ),
        unknowns=tuple(_unknowns(contact, clock, path, steps, explained)),
        roster_size=len(known.agents),
        names={agent.id: agent.name for agent in known.agents},
        earlier=earlier,
    )


def _named_agent(contact: Contact, roster: Roster) -> Agent | None:
    """The agent whom the document names: from the roster, or what the document alone says."""
    if contact.agent_id is None:
        return None
    agent_id = user_id(contact.agent_id)
    return roster.find(agent_id) or Agent(id=agent_id, username=contact.agent_username)


def _queue_name(contact: Contact, roster: Roster) -> str | None:
    """DescribeContact gives a queue's id alone; the routing profiles that have it know its name."""
    rows = (row for agent in roster.agents for row in agent.queues or () if row.id == contact.queue_id)
    return next((row.name for row in rows if row.name is not None), None)


def _joined(clock: Timeline, named: Agent | None) -> Verdict:
    """Say whether the agent who took the contact satisfies the step that was joined."""
    phase = clock.current
    if named is None or phase is None or phase.outcome != "joined":
        return Verdict.UNKNOWN
    return evaluate(phase.step.expression, named).verdict


def _shown(
    contact: Contact, roster: Roster, named: Agent | None, names: tuple[str, ...] | None
) -> tuple[Agent, ...]:
    asked = roster.agents
    if names is not None:
        asked = tuple(agent for name in names for agent in _asked(name, roster, named))
    if named is not None and took(contact, named) and named not in asked:
        asked = (named, *asked)
    return tuple({agent.id: agent for agent in asked}.values())


def _asked(name: str, roster: Roster, named: Agent | None) -> tuple[Agent, ...]:
    """Find who is meant by a name: all who have it as their username, or one whom the roster has not got."""
    agent = roster.find(name)
    if agent is not None:
        return (agent,)
    stranger = named if named is not None and named.username == name else Agent(id=user_id(name))
    return _homonyms(name, roster) or (stranger,)


def _homonyms(name: str, roster: Roster) -> tuple[Agent, ...]:
    return tuple(agent for agent in roster.agents if agent.username == name)


def _explain_earlier(contact: Contact, roster: Roster, index: AgentIndex) -> Iterator[EarlierCriteria]:
    """Explain every criteria that another one replaced, each up to that moment."""
    current = () if contact.criteria is None else (contact.criteria,)
    for criteria, following in pairwise((*contact.earlier, *current)):
        clock = replaced_timeline(contact, criteria, following.activated_at)
        yield EarlierCriteria(
            criteria=criteria,
            timeline=clock,
            replaced_at=following.activated_at,
            sentence=_replaced(contact, criteria, following, clock),
            steps=tuple(
                _explain_step(phase, _then(contact, clock, phase, roster, index)) for phase in clock.phases
            ),
        )


def _replaced(contact: Contact, criteria: Criteria, following: Criteria, clock: Timeline) -> str:
    """Say how a criteria ended that another one replaced."""
    name = "An earlier criteria" if criteria.index is None else f"Criteria {criteria.index}"
    by = "the next one" if following.index is None else f"criteria {following.index}"
    zero = contact.enqueued_at or clock.activated_at
    at = following.activated_at
    after = ""
    if zero is not None and at is not None and at >= zero:
        after = f", {seconds_text(at - zero)} after it was queued"
    running, count = clock.current, len(clock.phases)
    if running is not None and running.outcome == "interrupted":
        when = "during its only step" if count == 1 else f"during step {running.number} of {count}"
    elif clock.all_expired:
        when = f"when {'its only step' if count == 1 else 'all its steps'} had expired"
    elif all(phase.outcome in NOT_STARTED for phase in clock.phases):
        when = "before any of its steps is known to have started"
    else:
        when = "at a step that nobody can tell"
    return f"{name} was replaced by {by} {when}{after}."


def _then(contact: Contact, clock: Timeline, phase: Phase, roster: Roster, index: AgentIndex) -> AgentIndex:
    """Give the agents as of one step: *index* itself where no event tells of them."""
    then = roster_as_of(roster, *_span(contact, clock, phase))
    return index if then is roster else AgentIndex(then)


def _span(contact: Contact, clock: Timeline, phase: Phase) -> tuple[datetime | None, datetime | None]:
    """Give the time in which a step ran; of one that did not, or still does, the end is the contact's own."""
    over = contact.connected_at or contact.disconnected_at or clock.now or contact.last_updated_at
    return phase.started_at, phase.ended_at or over


def _explain_step(phase: Phase, index: AgentIndex) -> StepExplanation:
    found = index.match(phase.step.expression)
    return StepExplanation(
        phase=phase,
        matching=found.matching,
        not_matching=found.not_matching,
        unknown=found.unknown,
        conditions=tuple(_counts(phase.step.expression, index)),
    )


def _counts(expression: Expr, index: AgentIndex) -> Iterator[ConditionCount]:
    for condition, blocked in index.sole_blockers(expression).items():
        found = index.match(condition)
        yield ConditionCount(
            expression=condition,
            matching=found.count,
            not_matching=found.not_matching_count,
            unknown=found.unknown_count,
            sole_blocker_of=blocked,
        )


# The attributes of level conditions, and the conditions about anything else, as no NOT negates them.
_Questions: TypeAlias = tuple[tuple[Attribute, ...], tuple[Expr, ...]]


class _Steps:
    """
    The steps of one criteria, to be put before many agents.

    What a step says of an agent hangs on the levels of a few attributes and on what its lists of agents
    say, so it is worked out once for all agents of whom these are the same.
    """

    def __init__(self, contact: Contact, clock: Timeline) -> None:
        self._contact = contact
        self._clock = clock
        self._steps = [
            (phase, *_span(contact, clock, phase), _questions(phase.step.expression))
            for phase in clock.phases
        ]
        self._known: dict[tuple[object, ...], Gate] = {}

    def before(self, agent: Agent) -> Iterator[AgentStep]:
        """Put an agent before the gates of every step, as the agent was then."""
        for phase, since, until, asked in self._steps:
            then = as_of(agent, since, until)
            yield agent_step(self._contact, self._clock, phase, then, self._gate(phase, asked, then))

    def fallback(self, agent: Agent) -> AgentStep | None:
        """Put an agent before the gates that are left once every step has expired."""
        return fallback_step(self._contact, self._clock, agent)

    def _gate(self, phase: Phase, asked: _Questions, agent: Agent) -> Gate:
        if agent.proficiencies is None:
            return expression_gate(phase.step.expression, agent)
        attributes, others = asked
        said = [evaluate(condition, agent) for condition in others]
        key = (
            phase.number,
            agent.source,
            *map(agent.proficiencies.get, attributes),
            *[(trace.verdict is Verdict.MATCH, trace.unknown_because) for trace in said],
        )
        gate = self._known.get(key)
        if gate is None:
            gate = self._known[key] = expression_gate(phase.step.expression, agent)
        return gate


def _questions(expression: Expr) -> _Questions:
    """Find all that the verdicts of an expression and its conditions hang on."""
    attributes: dict[Attribute, None] = {}
    others: list[Expr] = []
    for condition in conditions(expression):
        asked = condition.operand if isinstance(condition, Not) else condition
        if isinstance(asked, AtLeast | Between):
            attributes[asked.attribute] = None
        else:
            others.append(asked)
    return tuple(attributes), tuple(others)


def _explain_agent(
    agent: Agent, roster: Roster, current: _Steps, earlier: Sequence[_Steps]
) -> AgentExplanation:
    known = agent.proficiencies is not None or agent.queues is not None
    source = agent.source or (roster.source if known else None)
    named = agent if agent.source == source else evolve(agent, source=source)
    return AgentExplanation(
        agent=named,
        as_of=agent.as_of or (roster.as_of if known else None),
        source=source,
        steps=tuple(current.before(named)),
        fallback=current.fallback(named),
        earlier=tuple(tuple(steps.before(named)) for steps in earlier),
    )


def _with_changes(
    contact: Contact, clock: Timeline, explained: AgentExplanation, roster: Roster, index: AgentIndex
) -> AgentExplanation:
    """Add what would have let an agent match, of each step that it does not."""
    from routing_inspect.changes import changes, relaxations  # noqa: PLC0415  (few ask)

    edits: list[StepChange] = []
    relaxed: list[StepRelaxation] = []
    starts: float | None = 0.0
    for phase in clock.phases:
        expression = phase.step.expression
        agent = as_of(explained.agent, *_span(contact, clock, phase))
        with suppress(AnalysisLimit):  # what is too large to work out is said by the step's own reasons
            edits += [
                StepChange(step=phase.number, seconds_after_activation=starts, change=change)
                for change in changes(expression, agent)
            ]
        then = _then(contact, clock, phase, roster, index)
        relaxed += [
            StepRelaxation(
                step=phase.number,
                seconds_after_activation=starts,
                relaxation=relaxation,
                admits=_admitted(expression, relaxation.expression, explained.agent.id, then),
            )
            for relaxation in relaxations(expression, agent)
        ]
        after = phase.step.expires_after
        starts = None if starts is None or after is None else starts + after.total_seconds()
    return evolve(explained, changes=tuple(edits), relaxations=tuple(relaxed))


def _admitted(before: Expr, after: Expr, agent_id: str, index: AgentIndex) -> tuple[str, ...]:
    matched = {agent_id, *index.match(before).matching}
    return tuple(found for found in index.match(after).matching if found not in matched)


def _roster_findings(contact: Contact, roster: Roster | None, asked: tuple[Agent, ...]) -> Iterator[Finding]:
    """Check names against a roster; agents who were looked up one by one are none, of others nobody asked."""
    if roster is None:
        return
    if not roster.agents:
        yield Finding("RI406", "the roster has no agents", "pull it again, or leave it out", "roster")
    looked_up = {agent.id for agent in asked}
    looked_up |= {user_id(contact.agent_id)} if contact.agent_id is not None else set()
    if any(agent.id not in looked_up for agent in roster.agents):
        yield from roster_findings(contact.criteria or Criteria(), roster)


def _asked_findings(contact: Contact, roster: Roster, names: Iterable[str]) -> Iterator[Finding]:
    # Who took the contact may be asked about without being in the roster; RI604 says so.
    taken = {contact.agent_username, user_id(contact.agent_id or "")}
    for name in dict.fromkeys(names):
        homonyms = () if roster.find(name) is not None else _homonyms(name, roster)
        if homonyms:
            message = f"{len(homonyms)} agents have the username `{visible(name)}`"
            yield Finding("RI407", message, "ask by user id", "roster")
        elif roster.agents and roster.find(name) is None and user_id(name) not in taken:
            from difflib import get_close_matches  # noqa: PLC0415  (for those alone who made a slip)

            near = get_close_matches(name, sorted({agent.name for agent in roster.agents}), n=1)
            hint = f"did you mean `{visible(near[0])}`?" if near else "ask for one who is, or add the agent"
            yield Finding("RI413", f"the roster has no agent `{visible(name)}`", hint, "roster")


def _findings(
    contact: Contact, clock: Timeline, path: Path, roster: Roster, shown: tuple[Agent, ...]
) -> Iterator[Finding]:
    yield from contact_findings(contact)
    for finding, sentence in clock.conflicts:
        hint = "fetch the contact again" if finding == "RI605" else None
        yield Finding(finding, sentence, hint, "contact")
    if path.kind == "contradiction":
        hint = "take the proficiencies of that time from the agent event stream"
        yield Finding("RI508", path.evidence[-1], hint, f"step {path.step}", step=path.step)
    taker = taker_id(contact)
    if taker is not None and roster.agents and roster.find(taker) is None:
        message = f"the agent who took the contact, {visible(taker)}, is not in the roster"
        yield Finding("RI604", message, "add the agent, or leave the roster out", "roster")
    times = (contact.connected_at, contact.disconnected_at, clock.now, contact.last_updated_at)
    until = next((time for time in times if time is not None), None)
    if until is not None and clock.phases:
        since = min(until, clock.activated_at or contact.enqueued_at or until)
        # The agent who took the contact comes first: of several, that one is named.
        first = (agent for agent in shown if took(contact, agent))
        agents = {agent.id: agent for agent in (*first, *roster.agents, *shown)}
        yield from evidence_findings(tuple(agents.values()), roster, since=since, until=until)


def _unknowns(
    contact: Contact,
    clock: Timeline,
    path: Path,
    steps: tuple[StepExplanation, ...],
    explained: tuple[AgentExplanation, ...],
) -> Iterator[Unknown]:
    yield from _unknown_criteria(contact, clock)
    yield from _unknown_route(contact, clock, path)
    if clock.phases:
        yield from _unknown_agents(contact, steps, explained)
    if path.kind in {"matched-step", "fallback"} and _others(path, steps):
        yield Unknown("why this agent of all who could", "nothing on record")


def _others(path: Path, steps: tuple[StepExplanation, ...]) -> bool:
    """Say whether anybody but the agent who took the contact is known to match, or may."""
    if path.step is None:
        return True
    joined = steps[path.step - 1]
    return any(agent_id != path.agent_id for agent_id in (*joined.matching, *joined.unknown))


def _unknown_route(contact: Contact, clock: Timeline, path: Path) -> Iterator[Unknown]:
    started = any(phase.outcome != "not-reached" for phase in clock.phases)
    unclear = contact.queue_id is not None and contact.queue_type is None and not in_agent_queue(contact)
    if unclear and clock.phases and not started:
        yield Unknown("whether the queue is an agent's own, where no step runs", "DescribeQueue")
    ended = any(phase.outcome == "deactivated" for phase in clock.phases)
    if path.kind == "abandoned" and contact.disconnect_reason is None and not ended:
        yield Unknown(
            "whether it went on as another contact", "ListAssociatedContacts, or the contact record"
        )


def _unknown_criteria(contact: Contact, clock: Timeline) -> Iterator[Unknown]:
    for phase in clock.phases:
        for condition in conditions(phase.step.expression):
            if isinstance(condition, Opaque) or (
                isinstance(condition, Not) and isinstance(condition.operand, Opaque)
            ):
                question = f"whom {unparse(condition)} lets in (step {phase.number})"
                yield Unknown(question, "a later version of this library, or the service's documentation")
    criteria = contact.criteria or Criteria()
    if criteria.reference is not None:
        question = f"what `{visible(criteria.reference)}` stands for"
        yield Unknown(question, "the Lambda's reply, or the contact record")
    if criteria.index is not None and criteria.index > len(contact.earlier):
        yield Unknown("which criteria this one replaced", "the contact record, or the contact's events")


def _unknown_agents(
    contact: Contact, steps: tuple[StepExplanation, ...], explained: tuple[AgentExplanation, ...]
) -> Iterator[Unknown]:
    if not any(step.matching or step.not_matching or step.unknown for step in steps):
        yield Unknown("whom each step lets in", "a roster (--roster FILE)")
    blind = [one.agent for one in explained if one.agent.proficiencies is None and not one.agent.told]
    if blind:
        answer = "a roster that has them, or ListUserProficiencies"
        yield Unknown(f"which proficiencies {_who(blind)} had", answer)
    unrouted = [one.agent for one in explained if _queue_is_open(one)]
    if unrouted and contact.queue_id is None and contact.queue_name is None:
        yield Unknown("into which queue the contact goes", "the flow, or the contact once it is queued")
    elif unrouted:
        question = f"whether the queue is in the routing profile of {_who(unrouted)}"
        yield Unknown(question, "queues in the roster, or DescribeUser and ListRoutingProfileQueues")
    if any(one.as_of is None and one.agent.proficiencies is not None for one in explained):
        yield Unknown("of what time the proficiencies are", "an `as_of` in the roster")
    if _presence_is_open(steps, explained):
        yield Unknown("who was free while each step ran", "the agent event stream")


def _presence_is_open(steps: tuple[StepExplanation, ...], explained: tuple[AgentExplanation, ...]) -> bool:
    """Say whether somebody's presence on a step that ran is open; one gate that says no settles it."""
    ran = {step.phase.number for step in steps if step.phase.outcome not in NOT_STARTED}
    presence = [
        {gate.verdict for gate in step.gates if gate.gate in {"availability", "concurrency"}}
        for one in explained
        for step in one.steps
        if step.number in ran
    ]
    return any(Verdict.UNKNOWN in verdicts and Verdict.NO_MATCH not in verdicts for verdicts in presence)


def _queue_is_open(explained: AgentExplanation) -> bool:
    return any(gate.verdict is Verdict.UNKNOWN for gate in _gates(explained, "queue"))


def _gates(explained: AgentExplanation, *names: str) -> Iterator[Gate]:
    return (gate for step in explained.steps for gate in step.gates if gate.gate in names)


def _who(agents: Sequence[Agent]) -> str:
    return visible(agents[0].name) if len(agents) == 1 else f"{len(agents)} agents"
