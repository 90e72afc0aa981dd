"""Why a contact went where it went: contact and roster in, `Explanation` out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from attrs import evolve

from routing_inspect.checks import (
    contact_findings,
    criteria_findings,
    evidence_findings,
    roster_findings,
)
from routing_inspect.contact import Agent, Contact, Criteria, Roster, user_id
from routing_inspect.evaluate import Trace, Verdict, evaluate, every, negate, some
from routing_inspect.explanation import (
    AgentExplanation,
    ConditionCount,
    Explanation,
    Gate,
    Path,
    StepExplanation,
    Unknown,
)
from routing_inspect.expr import And, Condition, Expr, Not, Opaque, Or, conditions
from routing_inspect.findings import Finding
from routing_inspect.gates import agent_step, fallback_step, took
from routing_inspect.paths import find_path
from routing_inspect.text import unparse
from routing_inspect.timeline import NOT_STARTED, Phase, Timeline, in_agent_queue, taker_id, timeline
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
    explained = tuple(_explain_agent(contact, clock, agent, known) for agent in shown)
    steps = tuple(_explain_step(phase, known) for phase in clock.phases)
    return Explanation(
        contact=contact,
        timeline=clock,
        path=path,
        steps=steps,
        agents=explained,
        findings=(
            *criteria_findings(contact.criteria or Criteria()),
            *_roster_findings(contact, roster, shown if names is not None else ()),
            *_asked_findings(known, names or ()),
            *_findings(contact, clock, path, known, shown),
            *findings,
        ),
        unknowns=tuple(_unknowns(contact, clock, path, steps, explained)),
        roster_size=len(known.agents),
        names={agent.id: agent.name for agent in known.agents},
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


def _explain_step(phase: Phase, roster: Roster) -> StepExplanation:
    traces = [evaluate(phase.step.expression, agent) for agent in roster.agents]
    ids: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
    for agent, trace in zip(roster.agents, traces, strict=True):
        ids[trace.verdict].append(agent.id)
    return StepExplanation(
        phase=phase,
        matching=tuple(ids[Verdict.MATCH]),
        not_matching=tuple(ids[Verdict.NO_MATCH]),
        unknown=tuple(ids[Verdict.UNKNOWN]),
        conditions=tuple(_counts(phase, roster, traces)),
    )


def _counts(phase: Phase, roster: Roster, traces: Sequence[Trace]) -> Iterator[ConditionCount]:
    blockers = Counter(blocker for trace in traces for blocker in sole_blockers(trace))
    for condition in dict.fromkeys(conditions(phase.step.expression)):
        verdicts = [evaluate(condition, agent).verdict for agent in roster.agents]
        yield ConditionCount(
            expression=condition,
            matching=verdicts.count(Verdict.MATCH),
            not_matching=verdicts.count(Verdict.NO_MATCH),
            unknown=verdicts.count(Verdict.UNKNOWN),
            sole_blocker_of=blockers[condition],
        )


def sole_blockers(trace: Trace) -> Iterator[Expr]:
    """
    Find each condition that fails and without which a failing trace would match.

    The same as asking `evaluate.revise` of every condition, in one pass over the trace.
    """
    if trace.verdict is Verdict.NO_MATCH:
        for condition, verdict in _revised(trace).items():
            if verdict is Verdict.MATCH:
                yield condition


def _revised(trace: Trace) -> dict[Expr, Verdict]:
    """Give the verdict that *trace* would have if a failing condition matched, for each that changes it."""
    counts = Counter(operand.verdict for operand in trace.operands)
    changes: dict[Expr, Counter[Verdict]] = {}
    for operand in trace.operands:
        for condition, verdict in _revised(operand).items():
            change = changes.setdefault(condition, Counter())
            change[operand.verdict] -= 1
            change[verdict] += 1
    revised = {}
    for condition, change in changes.items():
        left = [verdict for verdict in Verdict if counts[verdict] + change[verdict] > 0]
        verdict = _of_operands(trace.expression, left)
        if verdict is not trace.verdict:
            revised[condition] = verdict
    inner = trace.expression.operand if isinstance(trace.expression, Not) else trace.expression
    if isinstance(inner, Condition) and trace.verdict is Verdict.NO_MATCH:
        revised[trace.expression] = Verdict.MATCH
    return revised


def _of_operands(expression: Expr, verdicts: Sequence[Verdict]) -> Verdict:
    """Say what follows from the operands' verdicts, each of which need be given only once."""
    match expression:
        case Not():
            return negate(verdicts[0])
        case Or():
            return some(verdicts)
        case And():
            return every(verdicts)
        case _:
            return every(verdicts) if every(verdicts) is some(verdicts) else Verdict.UNKNOWN


def _explain_agent(contact: Contact, clock: Timeline, agent: Agent, roster: Roster) -> AgentExplanation:
    known = agent.proficiencies is not None or agent.queues is not None
    source = agent.source or (roster.source if known else None)
    named = evolve(agent, source=source)
    steps = tuple(
        agent_step(contact, clock, phase, named, evaluate(phase.step.expression, named))
        for phase in clock.phases
    )
    return AgentExplanation(
        agent=named,
        as_of=agent.as_of or (roster.as_of if known else None),
        source=source,
        steps=steps,
        fallback=fallback_step(contact, clock, named),
    )


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


def _asked_findings(roster: Roster, names: Iterable[str]) -> Iterator[Finding]:
    for name in dict.fromkeys(names):
        homonyms = () if roster.find(name) is not None else _homonyms(name, roster)
        if homonyms:
            message = f"{len(homonyms)} agents have the username `{visible(name)}`"
            yield Finding("RI407", message, "ask by user id", "roster")


def _findings(
    contact: Contact, clock: Timeline, path: Path, roster: Roster, shown: tuple[Agent, ...]
) -> Iterator[Finding]:
    yield from contact_findings(contact)
    for finding, sentence in clock.conflicts:
        hint = "fetch the contact again" if finding == "RI605" else None
        yield Finding(finding, sentence, hint, "contact")
    if path.kind == "contradiction":
        hint = "take the proficiencies of that time from the agent event stream"
        yield Finding("RI508", path.evidence[-1], hint, f"step {path.step}")
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
    blind = [one.agent for one in explained if one.agent.proficiencies is None]
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
    presence = {gate.verdict for one in explained for gate in _gates(one, "availability", "concurrency")}
    if Verdict.UNKNOWN in presence and any(step.phase.outcome not in NOT_STARTED for step in steps):
        yield Unknown("who was free while each step ran", "the agent event stream")


def _queue_is_open(explained: AgentExplanation) -> bool:
    return any(gate.verdict is Verdict.UNKNOWN for gate in _gates(explained, "queue"))


def _gates(explained: AgentExplanation, *names: str) -> Iterator[Gate]:
    return (gate for step in explained.steps for gate in step.gates if gate.gate in names)


def _who(agents: Sequence[Agent]) -> str:
    return visible(agents[0].name) if len(agents) == 1 else f"{len(agents)} agents"
