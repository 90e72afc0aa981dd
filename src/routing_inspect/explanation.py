"""
What an explanation consists of, and its JSON.

Every rendering draws this one object. Two questions stay apart in it: the *path* (why the
contact took this route) and the *gates* (why an agent could or could not take it).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import field, frozen

from routing_inspect.contact import Agent, Contact, Criteria, Offer, user_id
from routing_inspect.evaluate import Trace, Verdict, evaluate, every, reasons, some
from routing_inspect.expr import AgentIn, AtLeast, Between, Expr, Not, Or
from routing_inspect.findings import Finding
from routing_inspect.text import attribute_text, level_text, unparse
from routing_inspect.timeline import Phase, Timeline, outcome
from routing_inspect.wire import seconds_number, time_text

if TYPE_CHECKING:
    from routing_inspect.changes import Change, Relaxation

SCHEMA: Final = "routing-inspect/explanation/1"

_RAN: Final = frozenset({"expired", "joined", "active", "interrupted", "deactivated"})
# What a path can be; see `Path`.
KINDS: Final = (
    "matched-step",
    "fallback",
    "waiting",
    "abandoned",
    "transferred",
    "agent-queue",
    "not-queued",
    "no-criteria",
    "contradiction",
    "undetermined",
)
# No path of these kinds says by what route the contact came to its agent.
UNCLEAR: Final = frozenset({"contradiction", "undetermined"})


@frozen(kw_only=True)
class Path:
    """
    The route the contact took.

    Attributes:
        kind: ``matched-step``, ``fallback`` (every step expired, anybody in the queue), ``waiting``,
            ``abandoned``, ``transferred`` (left before a join), ``agent-queue`` (the criteria never
            ran), ``not-queued``, ``no-criteria``, ``contradiction`` (the agent who joined does not
            satisfy the step that was joined, by the facts given), or ``undetermined``.
        step: The step joined, or the one that was active while the contact waited or was abandoned;
            None otherwise.
        agent_id: Who took the contact; None where nobody did, or nobody can tell.
        sentence: The answer, in one sentence.
        evidence: What the answer rests on, one fact each.
    """

    kind: str
    sentence: str
    step: int | None = None
    agent_id: str | None = None
    evidence: tuple[str, ...] = ()


@frozen(kw_only=True)
class ConditionCount:
    """
    How a roster fares on one condition of a step.

    Attributes:
        sole_blocker_of: Agents who fail the step and would satisfy it if only this condition
            passed, wherever it stands in the step.
    """

    expression: Expr
    matching: int
    not_matching: int
    unknown: int
    sole_blocker_of: int


@frozen(kw_only=True)
class StepExplanation:
    """A step on the clock, and which agents of the roster satisfy its expression: ids in roster order."""

    phase: Phase
    matching: tuple[str, ...]
    not_matching: tuple[str, ...]
    unknown: tuple[str, ...]
    conditions: tuple[ConditionCount, ...]


@frozen(kw_only=True)
class Gate:
    """
    One thing that must hold for an agent to be offered the contact on a step.

    Attributes:
        gate: ``queue``, ``delay``, ``proficiency``, ``preferred-agent`` (a step that only lists
            agents), ``availability`` or ``concurrency``.
        reason: Why the verdict is what it is, for people.
        source: Where the fact comes from; None where there is none.
        trace: How the expression was evaluated, for the gates that are about it.
    """

    gate: str
    verdict: Verdict
    reason: str
    source: str | None = None
    trace: Trace | None = None


@frozen(kw_only=True)
class AgentStep:
    """
    An agent on one step, or after the last.

    Attributes:
        number: The step; None after the last one has expired, when the criteria counts no more.
        verdict: Whether the agent could be offered the contact then: all gates together.
            Availability and concurrency count only where they are known.
        as_of: When the agent's proficiencies were as the gates say; None: unknown.
    """

    number: int | None
    verdict: Verdict
    gates: tuple[Gate, ...]
    as_of: datetime | None = None


@frozen(kw_only=True)
class StepChange:
    """
    What would have let an agent match a step: one cheapest change to the agent's proficiencies.

    Attributes:
        seconds_after_activation: When the step starts by the timers; None: never, a step before it
            does not expire.
    """

    step: int
    seconds_after_activation: float | None
    change: Change


@frozen(kw_only=True)
class StepRelaxation:
    """
    What would have let an agent match a step: the smallest change to one of its conditions.

    Attributes:
        seconds_after_activation: As in `StepChange`.
        admits: Who else of the roster would match then, by id in roster order.
    """

    step: int
    seconds_after_activation: float | None
    relaxation: Relaxation
    admits: tuple[str, ...]


@frozen(kw_only=True)
class AgentExplanation:
    """
    One agent on every step.

    Attributes:
        as_of: When the facts about the agent were so; None where nobody can tell.
        source: Where they come from; None where nothing is known of the agent.
        fallback: The gates that are left once every step has expired; None where a step has not.
        earlier: The agent on every step of each earlier criteria, in the order of `Explanation.earlier`.
        changes: Every cheapest change to the agent for each step that it does not match, step by step.
            None: not worked out, which is done for agents asked about.
        relaxations: The smallest change to each one condition, likewise.
    """

    agent: Agent
    as_of: datetime | None
    source: str | None
    steps: tuple[AgentStep, ...]
    fallback: AgentStep | None = None
    earlier: tuple[tuple[AgentStep, ...], ...] = ()
    changes: tuple[StepChange, ...] | None = None
    relaxations: tuple[StepRelaxation, ...] | None = None


@frozen
class Unknown:
    """A question that the facts given leave open, and what would answer it."""

    question: str
    answered_by: str


@frozen(kw_only=True)
class EarlierCriteria:
    """
    A criteria of the contact that another one replaced, step by step.

    Attributes:
        timeline: Its steps on the clock, up to when it was replaced.
        replaced_at: When the next criteria was activated; None: nobody can tell.
        sentence: How it ended, in one sentence.
        steps: Whom each of its steps let in.
    """

    criteria: Criteria
    timeline: Timeline
    replaced_at: datetime | None
    sentence: str
    steps: tuple[StepExplanation, ...]


@frozen(kw_only=True)
class Explanation:
    """
    Why a contact went where it went.

    Attributes:
        agents: Those asked about and the one who took the contact; every agent of the roster
            where nobody was asked about.
        roster_size: How many agents the steps' populations are about.
        names: What to call them, by id.
        earlier: The criteria that the contact's last one replaced, oldest first, as far as they are known.
        additions: Members for the JSON from whoever fetched the facts: ``population`` says where the
            agents come from, ``live`` how things stand now.
    """

    contact: Contact
    timeline: Timeline
    path: Path
    steps: tuple[StepExplanation, ...]
    agents: tuple[AgentExplanation, ...]
    findings: tuple[Finding, ...]
    unknowns: tuple[Unknown, ...]
    roster_size: int
    names: Mapping[str, str] = field(factory=dict, hash=False)
    earlier: tuple[EarlierCriteria, ...] = ()
    additions: Mapping[str, Any] = field(factory=dict, hash=False)

    def find(self, name: str) -> AgentExplanation | None:
        """Find one of `agents` by user id, by ARN, or by a username that only one of them has."""
        by_id = [explained for explained in self.agents if explained.agent.id == user_id(name)]
        found = by_id or [explained for explained in self.agents if explained.agent.username == name]
        return found[0] if len(found) == 1 else None

    def eligible(self, name: str) -> Verdict:
        """
        Say whether an agent could have been offered the contact while it was in the queue.

        The agent who took it could. Any other could on a step that ran, or after all of them had
        expired; where no step has run, all steps count. That nobody could is said only where
        nothing else may have run: by the clock, in another criteria, or on a route that nobody
        can tell.

        Args:
            name: The agent's id, ARN or username, one of `agents`.

        Returns:
            UNKNOWN for an agent of whom nothing is known, for one who might have been let in by
            what only may have run, and for the one who took the contact where the facts given
            contradict the document.
        """
        explained = self.find(name)
        if explained is None:
            return Verdict.UNKNOWN
        if self.path.agent_id is not None and explained.agent.id == user_id(self.path.agent_id):
            return Verdict.UNKNOWN if self.path.kind in UNCLEAR else Verdict.MATCH
        beside = _beside_the_expression(explained)
        if self.path.kind == "undetermined":
            return Verdict.NO_MATCH if beside is Verdict.NO_MATCH else Verdict.UNKNOWN
        ran = {step.phase.number for step in self.steps if step.phase.outcome in _RAN}
        verdicts = [step.verdict for step in explained.steps if step.number in ran or not ran]
        verdicts += [] if explained.fallback is None else [explained.fallback.verdict]
        verdicts += self._on_earlier_steps(explained)
        sure = some(verdicts) if verdicts else Verdict.UNKNOWN
        perhaps = sure is Verdict.NO_MATCH and some(self._perhaps(explained, beside)) is not Verdict.NO_MATCH
        return Verdict.UNKNOWN if perhaps else sure

    def _on_earlier_steps(self, explained: AgentExplanation) -> Iterator[Verdict]:
        """Give the agent's verdict on the steps of earlier criteria of which it is known when they ran."""
        for earlier, steps in zip(self.earlier, explained.earlier, strict=False):
            for phase, step in zip(earlier.timeline.phases, steps, strict=True):
                if phase.outcome in _RAN and phase.started_at is not None:
                    yield step.verdict

    def _perhaps(self, explained: AgentExplanation, beside: Verdict) -> Iterator[Verdict]:
        """Give the agent's verdict on all that may have run although no status says so."""
        contact, phases = self.contact, self.timeline.phases
        index = 0 if contact.criteria is None else contact.criteria.index or 0
        replaced = self.path.kind != "transferred" and any(p.outcome == "interrupted" for p in phases)
        if replaced or index > len(contact.earlier):
            yield beside  # another criteria ran, and its steps are not shown
        for number, criteria in enumerate(contact.earlier):
            known = self.earlier[number].timeline if number < len(self.earlier) else None
            if known is None or not _is_told(known):
                yield from _on_earlier(criteria, explained.agent, beside)
            elif known.all_expired:
                yield beside
        last = self._last_by_the_clock()
        if last is None:
            yield beside
        for phase, step in zip(phases, explained.steps, strict=True):
            if phase.outcome == "unknown" or last is None or phase.number <= last:
                yield step.verdict

    def _last_by_the_clock(self) -> int | None:
        """Say up to which step the timers ran, if beyond the statuses; None: perhaps all ran out."""
        clock, current = self.timeline, self.timeline.current
        instant = self.contact.disconnected_at
        if self.path.kind == "waiting" and current is not None:
            instant = clock.now
            if instant is None or current.expires_at is None or instant < current.expires_at:
                return 0
        elif (
            self.path.kind not in {"abandoned", "transferred"}
            or current is not None
            or {phase.outcome == "expired" for phase in clock.phases} != {True, False}
        ):
            return 0
        running = None if instant is None else clock.step_at(instant)
        return None if running is None else running.number

    def to_dict(self) -> dict[str, Any]:
        """
        Give the explanation as plain JSON values: schema ``routing-inspect/explanation/1``.

        Members are only ever added to it, so readers must let those pass that they do not know.
        """
        known: _Known = {}
        return {
            "schema": SCHEMA,
            "now": _time(self.timeline.now),
            "contact": _contact(self.contact),
            "path": {
                "kind": self.path.kind,
                "step": self.path.step,
                "agent_id": self.path.agent_id,
                "sentence": self.path.sentence,
                "evidence": list(self.path.evidence),
            },
            "steps": [_step(step) for step in self.steps],
            "earlier": [_earlier(earlier) for earlier in self.earlier],
            "agents": [_agent(agent, known) for agent in self.agents],
            "findings": [finding_dict(finding) for finding in self.findings],
            "unknowns": [{"question": u.question, "answered_by": u.answered_by} for u in self.unknowns],
            **self.additions,
        }


def _is_told(timeline: Timeline) -> bool:
    """Say whether it is known of every step of a replaced criteria when it ran, or that it did not."""
    return bool(timeline.phases) and all(
        phase.outcome == "not-reached" or (phase.outcome in _RAN and phase.started_at is not None)
        for phase in timeline.phases
    )


def _beside_the_expression(explained: AgentExplanation) -> Verdict:
    """Put together the gates that do not hang on the expression: the queue, and known presence."""
    beside = []
    for step in explained.steps:
        presence = [g.verdict for g in step.gates if g.gate in {"availability", "concurrency"}]
        known = [verdict for verdict in presence if verdict is not Verdict.UNKNOWN]
        beside.append(every([*known, *(g.verdict for g in step.gates if g.gate == "queue")]))
    return some(beside) if beside else Verdict.MATCH


def _on_earlier(criteria: Criteria, agent: Agent, beside: Verdict) -> Iterator[Verdict]:
    """Give an agent's verdict on the steps that ran of a criteria that was replaced."""
    outcomes = [outcome(step) for step in criteria.steps]
    if all(result == "expired" for result in outcomes):
        yield beside  # also without any step: then the queue alone counts
    for step, result in zip(criteria.steps, outcomes, strict=True):
        if result != "not-reached":
            yield every((evaluate(step.expression, agent).verdict, beside))


def _contact(contact: Contact) -> dict[str, Any]:
    criteria = contact.criteria
    return {
        "id": contact.id,
        "source": contact.source,
        "channel": contact.channel,
        "queue_id": contact.queue_id,
        "queue_name": contact.queue_name,
        "queue_type": contact.queue_type,
        "agent_id": contact.agent_id,
        "initiation_method": contact.initiation_method,
        "enqueued_at": _time(contact.enqueued_at),
        "activated_at": _time(None if criteria is None else criteria.activated_at),
        "connected_at": _time(contact.connected_at),
        "disconnected_at": _time(contact.disconnected_at),
        "criteria_index": None if criteria is None else criteria.index,
        "offers": [_offer(offer) for offer in contact.offers],
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "agent_id": offer.agent_id,
        "outcome": offer.outcome,
        "offered_at": _time(offer.offered_at),
        "ended_at": _time(offer.ended_at),
        "source": offer.source,
    }


def _earlier(earlier: EarlierCriteria) -> dict[str, Any]:
    return {
        "index": earlier.criteria.index,
        "activated_at": _time(earlier.timeline.activated_at),
        "replaced_at": _time(earlier.replaced_at),
        "sentence": earlier.sentence,
        "steps": [_step(step) for step in earlier.steps],
    }


def _step(step: StepExplanation) -> dict[str, Any]:
    phase = step.phase
    after = phase.step.expires_after
    return {
        "number": phase.number,
        "status": phase.step.status,
        "expression": unparse(phase.step.expression),
        "expires_after_seconds": None if after is None else seconds_number(after),
        "started_at": _time(phase.started_at),
        "ended_at": _time(phase.ended_at),
        "expires_at": _time(phase.expires_at),
        "derived": list(phase.derived),
        "outcome": phase.outcome,
        "matching": list(step.matching),
        "not_matching": list(step.not_matching),
        "unknown": list(step.unknown),
        "conditions": [
            {
                "expression": unparse(count.expression),
                "matching": count.matching,
                "not_matching": count.not_matching,
                "unknown": count.unknown,
                "sole_blocker_of": count.sole_blocker_of,
            }
            for count in step.conditions
        ],
    }


# Traces as JSON by the identity of the trace: agents who hold the same share theirs.
_Known: TypeAlias = dict[int, dict[str, Any]]


def _agent(explained: AgentExplanation, known: _Known) -> dict[str, Any]:
    return {
        "id": explained.agent.id,
        "username": explained.agent.username,
        "as_of": _time(explained.as_of),
        "source": explained.source,
        "steps": [_agent_step(step, known) for step in explained.steps],
        "fallback": None if explained.fallback is None else _verdicts(explained.fallback, known),
        "earlier": [[_agent_step(step, known) for step in steps] for steps in explained.earlier],
        "changes": None if explained.changes is None else [*map(_change, explained.changes)],
        "relaxations": None if explained.relaxations is None else [*map(_relaxation, explained.relaxations)],
    }


def _change(found: StepChange) -> dict[str, Any]:
    return {
        "step": found.step,
        "seconds_after_activation": _number(found.seconds_after_activation),
        "set": [
            {
                "attribute": attribute_text(edit.attribute),
                "from": _number(edit.before),
                "to": _number(edit.after),
            }
            for edit in found.change.edits
        ],
        "cost": _number(found.change.cost),
    }


def _relaxation(found: StepRelaxation) -> dict[str, Any]:
    relaxed = found.relaxation.relaxed
    return {
        "step": found.step,
        "seconds_after_activation": _number(found.seconds_after_activation),
        "condition": unparse(found.relaxation.condition),
        "relaxed": None if relaxed is None else unparse(relaxed),
        "levels": _number(found.relaxation.levels),
        "admits": list(found.admits),
    }


def _number(value: float | None) -> float | None:
    """Give a whole number as one."""
    return int(value) if value is not None and value == int(value) else value


def _agent_step(step: AgentStep, known: _Known) -> dict[str, Any]:
    return {"number": step.number, **_verdicts(step, known)}


def _verdicts(step: AgentStep, known: _Known) -> dict[str, Any]:
    gates = [_gate(gate, known) for gate in step.gates]
    return {"verdict": step.verdict.value, "as_of": _time(step.as_of), "gates": gates}


def _gate(gate: Gate, known: _Known) -> dict[str, Any]:
    trace = None
    if gate.trace is not None:
        node = known.get(id(gate.trace))
        if node is None:
            trace = known[id(gate.trace)] = trace_dict(gate.trace)
        else:
            trace = _copied(node)
    return {
        "gate": gate.gate,
        "verdict": gate.verdict.value,
        "reason": gate.reason,
        "source": gate.source,
        "trace": trace,
    }


def _copied(node: dict[str, Any]) -> dict[str, Any]:
    """Copy a trace: what one agent's reader changes is not to change another's."""
    copy = node.copy()
    if "operands" in node:
        copy["operands"] = [_copied(operand) for operand in node["operands"]]
    return copy


def trace_dict(trace: Trace) -> dict[str, Any]:
    """Give a trace as plain JSON values; what does not apply to a node is left out."""
    node: dict[str, Any] = {"expression": unparse(trace.expression), "verdict": trace.verdict.value}
    if trace.found is not None:
        node["found"] = trace.found
    # The distance between two levels that no scale has may be beyond what JSON can hold.
    if trace.short_by is not None and math.isfinite(trace.short_by):
        node["short_by"] = trace.short_by
    if trace.unknown_because is not None:
        node["unknown_because"] = trace.unknown_because
    if trace.told_by is not None:
        node["told_by"] = trace.told_by
    if trace.operands:
        node["operands"] = [trace_dict(operand) for operand in trace.operands]
    return node


def condition_texts(trace: Trace) -> Iterator[str]:
    """
    Say of every condition of a trace what was wanted and what was found, in order.

    Give it `evaluate.reasons` of a trace for those alone that decided the verdict.
    Alternatives of which none is met begin with ``or``.
    """
    expression = trace.expression
    if isinstance(expression, AtLeast | Between | AgentIn | Not) or not trace.operands:
        yield f"{unparse(expression)}: {_leaf_text(trace)}"
        return
    if trace.unknown_because is not None:
        yield f"{unparse(expression)}: {trace.unknown_because}"
    alternatives = isinstance(expression, Or) and trace.verdict is not Verdict.MATCH
    for number, operand in enumerate(trace.operands):
        lead = "or " if alternatives and number else ""
        for position, text in enumerate(condition_texts(operand)):
            yield text if position else lead + text


def _leaf_text(trace: Trace) -> str:
    """Say what was found of one condition, or of what stands under a NOT."""
    if trace.told_by is not None:
        return f"{trace.told_by} says {'so' if trace.verdict is Verdict.MATCH else 'no'}"
    match trace.expression:
        case AtLeast() | Between():
            return _found(trace)
        case AgentIn():
            return trace.unknown_because or ("listed" if trace.verdict is Verdict.MATCH else "not listed")
        case Not(operand=AtLeast() | Between()):
            inner = trace.operands[0]
            return _held(inner) if inner.told_by is None else _leaf_text(inner)
        case Not(operand=AgentIn()):
            return _leaf_text(trace.operands[0])
        case Not():
            return "; ".join(condition_texts(trace.operands[0]))
        case _:
            return str(trace.unknown_because)


def deciding_text(trace: Trace) -> str:
    """Say in one line which conditions decided the verdict."""
    return "; ".join(condition_texts(reasons(trace)))


def _found(trace: Trace) -> str:
    if trace.short_by is None or trace.found is None:
        return _held(trace)
    miss = abs(trace.short_by)
    levels = f"{level_text(miss)} level{'' if miss == 1 else 's'}"
    return f"{_held(trace)}, {levels} {'short' if trace.short_by > 0 else 'too high'}"


def _held(trace: Trace) -> str:
    if trace.unknown_because is not None:
        return trace.unknown_because
    return "not held" if trace.found is None else f"has {level_text(trace.found)}"


def finding_dict(finding: Finding) -> dict[str, Any]:
    """Give a finding as plain JSON values."""
    return {
        "id": finding.id,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        "where": finding.where,
    }


def _time(time: datetime | None) -> str | None:
    return None if time is None else time_text(time)
