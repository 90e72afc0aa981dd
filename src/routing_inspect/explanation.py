"""
What an explanation consists of, and its JSON.

Every rendering draws this one object. Two questions stay apart in it: the *path* (why the
contact took this route) and the *gates* (why an agent could or could not take it).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from routing_inspect.contact import Agent, Contact, Criteria, Offer, user_id
from routing_inspect.evaluate import Trace, Verdict, every, reasons
from routing_inspect.expr import AgentIn, AtLeast, Attribute, Between, Expr, Not, Or
from routing_inspect.findings import Finding
from routing_inspect.text import attribute_text, level_text, unparse
from routing_inspect.timeline import Phase, Timeline
from routing_inspect.windows import Window
from routing_inspect.wire import seconds_number, time_text

if TYPE_CHECKING:
    from routing_inspect.remedies import Change, Relaxation

SCHEMA: Final = "routing-inspect/explanation/1"

# The gates that are about what an agent is doing, of which no document of a contact tells.
PRESENCE_GATES: Final = ("availability", "concurrency")
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
    """
    A step on the clock, and which agents of the roster satisfy its expression: ids in roster order.

    Attributes:
        stopped: Of those who match, or may, the gates beside the expression that kept them out, by id;
            whoever passed them all is not in it.
    """

    phase: Phase
    matching: tuple[str, ...]
    not_matching: tuple[str, ...]
    unknown: tuple[str, ...]
    conditions: tuple[ConditionCount, ...]
    stopped: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Gate:
    """
    One thing that must hold for an agent to be offered the contact on a step.

    Attributes:
        gate: ``queue``, ``delay``, ``proficiency``, ``preferred-agent`` (a step that only lists
            agents), ``offer`` (the contact was put before the agent then), ``availability`` or
            ``concurrency``.
        reason: Why the verdict is what it is, for people.
        source: Where the fact comes from; None where there is none.
        trace: How the expression was evaluated, for the gates that are about it; None for others.
        until: From when on the gate lets the agent pass, if the contact still waits then; None: it
            passes already, or never will.
    """

    gate: str
    verdict: Verdict
    reason: str
    source: str | None = None
    trace: Trace | None = None
    until: datetime | None = None


@frozen(kw_only=True)
class AgentStep:
    """
    An agent on one step, or while no step decided.

    Attributes:
        number: The step; None where it is none.
        kind: What decided then; see `Window`.
        verdict: Whether the agent could be offered the contact then: all gates together.
            Availability and concurrency count only where they are known.
        as_of: When the agent's proficiencies were as the gates say; None: unknown.
    """

    number: int | None
    verdict: Verdict
    gates: tuple[Gate, ...]
    as_of: datetime | None = None
    kind: str = "step"


@frozen(kw_only=True)
class StepChange:
    """
    What would have let an agent match a step: one cheapest change to the agent's proficiencies.

    Attributes:
        seconds_after_activation: When the step starts by the timers; None: never, a step before it
            does not expire.
        unheld: What the change would give the agent and nobody of the roster holds: a name that was
            meant to be another, perhaps.
    """

    step: int
    seconds_after_activation: float | None
    change: Change
    unheld: tuple[Attribute, ...] = ()


@frozen(kw_only=True)
class StepRelaxation:
    """
    What would have let an agent match a step: the smallest change to one of its conditions.

    Attributes:
        seconds_after_activation: As in `StepChange`.
        admits: Who else of the roster would match then, by id in roster order.
        stopped: As in `StepExplanation`, of those in `admits`.
    """

    step: int
    seconds_after_activation: float | None
    relaxation: Relaxation
    admits: tuple[str, ...]
    stopped: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)


@frozen
class StepLimit:
    """A step of which no change was worked out, and why not."""

    step: int
    reason: str


@frozen(kw_only=True)
class AgentExplanation:
    """
    One agent on every step.

    Attributes:
        as_of: When the facts about the agent were so; None where nobody can tell.
        source: Where they come from; None where nothing is known of the agent.
        fallback: The gates that are left once every step has expired; None where a step has not.
        earlier: The agent on every step of each earlier criteria, in the order of `Explanation.earlier`.
        windows: The agent in each of `Explanation.windows`.
        changes: Every cheapest change to the agent for each step that it does not match, step by step.
            None: not worked out, which is done for agents asked about.
        relaxations: The smallest change to each one condition, likewise; None: not worked out.
        limits: Why the cheapest changes of a step were not worked out.
    """

    agent: Agent
    as_of: datetime | None
    source: str | None
    steps: tuple[AgentStep, ...]
    fallback: AgentStep | None = None
    earlier: tuple[tuple[AgentStep, ...], ...] = ()
    windows: tuple[AgentStep, ...] = ()
    changes: tuple[StepChange, ...] | None = None
    relaxations: tuple[StepRelaxation, ...] | None = None
    limits: tuple[StepLimit, ...] = ()


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
        windows: The contact's whole time in the queue, by what decided whom it could be offered to.
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
    windows: tuple[Window, ...] = ()
    additions: Mapping[str, Any] = field(factory=dict, hash=False)

    def name(self, agent: Agent) -> str:
        """Say what to call an agent; see `shown_names`."""
        return self.names.get(agent.id, agent.name)

    def find(self, name: str) -> AgentExplanation | None:
        """Find one of `agents` by user id, by ARN, or by a username that only one of them has."""
        by_id = [explained for explained in self.agents if explained.agent.id == user_id(name)]
        found = by_id or [explained for explained in self.agents if explained.agent.username == name]
        return found[0] if len(found) == 1 else None

    def eligible(self, name: str) -> Verdict:
        """
        Say whether an agent could have been offered the contact while it was in the queue.

        The agent who took it could. Any other could whom one of the `windows` lets in that are known to
        have been. That nobody could is said only where no window lets the agent in, not even one that
        only may have been.

        Args:
            name: The agent's id, ARN or username, one of `agents`.

        Returns:
            UNKNOWN for an agent of whom nothing is known, for one who might have been let in by
            what only may have been, and for the one who took the contact where the facts given
            contradict the document.
        """
        explained = self.find(name)
        return Verdict.UNKNOWN if explained is None else self.could(explained)

    def could(self, explained: AgentExplanation) -> Verdict:
        """As `eligible`, of one of `agents`."""
        if self.path.agent_id is not None and explained.agent.id == user_id(self.path.agent_id):
            return Verdict.UNKNOWN if self.path.kind in UNCLEAR else Verdict.MATCH
        put = [(window, step.verdict) for window, step in zip(self.windows, explained.windows, strict=True)]
        if any(window.certain and verdict is Verdict.MATCH for window, verdict in put):
            return Verdict.MATCH
        nowhere = all(verdict is Verdict.NO_MATCH for _, verdict in put)
        return Verdict.NO_MATCH if nowhere and put else Verdict.UNKNOWN

    def to_dict(self) -> dict[str, Any]:
        """
        Give the explanation as plain JSON values: schema ``routing-inspect/explanation/1``.

        Members are only ever added to it, so readers must let those pass that they do not know.
        """
        once = _Once()
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
            "steps": [_step(step, once) for step in self.steps],
            "earlier": [_earlier(earlier, once) for earlier in self.earlier],
            "windows": [*map(_window, self.windows)],
            "agents": [self._agent(agent, once) for agent in self.agents],
            "findings": [finding.to_dict() for finding in self.findings],
            "unknowns": [{"question": u.question, "answered_by": u.answered_by} for u in self.unknowns],
            **self.additions,
        }

    def _agent(self, explained: AgentExplanation, once: _Once) -> dict[str, Any]:
        open_windows = [
            {"window": number, **once.verdicts(step)}
            for number, step in enumerate(explained.windows)
            if step.number is None
        ]
        return {
            "id": explained.agent.id,
            "username": explained.agent.username,
            "as_of": _time(explained.as_of),
            "source": explained.source,
            "eligible": self.could(explained).value,
            "steps": [once.step(step) for step in explained.steps],
            "fallback": None if explained.fallback is None else once.verdicts(explained.fallback),
            "earlier": [[once.step(step) for step in steps] for steps in explained.earlier],
            "windows": open_windows,
            "changes": None if explained.changes is None else [*map(_change, explained.changes)],
            "relaxations": None
            if explained.relaxations is None
            else [*map(_relaxation, explained.relaxations)],
            "limits": [{"step": limit.step, "reason": limit.reason} for limit in explained.limits],
        }


def together(gates: Iterable[Gate]) -> Verdict:
    """
    Say whether an agent could be offered a contact, by these gates.

    Whether an agent was free leaves no trace. Were it to count while unknown, every verdict would be.
    """
    counted = [g.verdict for g in gates if g.verdict is not Verdict.UNKNOWN or g.gate not in PRESENCE_GATES]
    return every(counted)


def presence(step: AgentStep) -> Verdict:
    """Say whether an agent is available with a free slot, as far as the gates of a step tell."""
    return every([gate.verdict for gate in step.gates if gate.gate in PRESENCE_GATES])


def lets_in(step: AgentStep) -> Verdict:
    """Say whether an agent passes the gates of a step that hang on no presence, or will in time."""
    return every(
        [gate.verdict for gate in step.gates if gate.gate not in PRESENCE_GATES and gate.until is None]
    )


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


def _earlier(earlier: EarlierCriteria, once: _Once) -> dict[str, Any]:
    return {
        "index": earlier.criteria.index,
        "activated_at": _time(earlier.timeline.activated_at),
        "replaced_at": _time(earlier.replaced_at),
        "sentence": earlier.sentence,
        "steps": [_step(step, once) for step in earlier.steps],
    }


def _step(step: StepExplanation, once: _Once) -> dict[str, Any]:
    phase = step.phase
    after = phase.step.expires_after
    return {
        "number": phase.number,
        "status": phase.step.status,
        "expression": once.text(phase.step.expression),
        "expires_after_seconds": None if after is None else seconds_number(after),
        "started_at": _time(phase.started_at),
        "ended_at": _time(phase.ended_at),
        "expires_at": _time(phase.expires_at),
        "derived": list(phase.derived),
        "outcome": phase.outcome,
        "matching": list(step.matching),
        "not_matching": list(step.not_matching),
        "unknown": list(step.unknown),
        "stopped": _stopped(step.stopped),
        "conditions": [
            {
                "expression": once.text(count.expression),
                "matching": count.matching,
                "not_matching": count.not_matching,
                "unknown": count.unknown,
                "sole_blocker_of": count.sole_blocker_of,
            }
            for count in step.conditions
        ],
    }


def _window(window: Window) -> dict[str, Any]:
    return {
        "kind": window.kind,
        "criteria": window.criteria,
        "step": window.step,
        "since": _time(window.since),
        "until": _time(window.until),
        "certain": window.certain,
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
        "unheld": [*map(attribute_text, found.unheld)],
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
        "stopped": _stopped(found.stopped),
    }


def _stopped(stopped: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {agent_id: list(gates) for agent_id, gates in stopped.items()}


def _number(value: float | None) -> float | None:
    """Give a whole number as one."""
    return int(value) if value is not None and value == int(value) else value


class _Once:
    """
    What is said more than once in the JSON of one explanation, worked out once.

    By identity: agents of whom the same is known share their steps, and traces the step's expressions.
    """

    def __init__(self) -> None:
        self._steps: dict[int, dict[str, Any]] = {}
        self._texts: dict[int, str] = {}

    def step(self, step: AgentStep) -> dict[str, Any]:
        """Give an agent's step: what one agent's reader changes is not to change another's."""
        node = self._steps.get(id(step))
        if node is not None:
            return _copied(node)
        node = self._steps[id(step)] = {"number": step.number, **self.verdicts(step)}
        return node

    def verdicts(self, step: AgentStep) -> dict[str, Any]:
        """Give an agent's step, whichever it is."""
        gates = [self._gate(gate) for gate in step.gates]
        return {"verdict": step.verdict.value, "as_of": _time(step.as_of), "gates": gates}

    def text(self, expression: Expr) -> str:
        """Give an expression as text."""
        text = self._texts.get(id(expression))
        if text is None:
            text = self._texts[id(expression)] = unparse(expression)
        return text

    def _gate(self, gate: Gate) -> dict[str, Any]:
        node = {
            "gate": gate.gate,
            "verdict": gate.verdict.value,
            "reason": gate.reason,
            "source": gate.source,
            "trace": None if gate.trace is None else trace_dict(gate.trace, self.text),
        }
        return node if gate.until is None else {**node, "until": _time(gate.until)}


def _copied(node: dict[str, Any]) -> dict[str, Any]:
    """Copy a step, a gate or a trace, and all that is in it."""
    copy = node.copy()
    if node.get("trace") is not None:
        copy["trace"] = _copied(node["trace"])
    for name in ("gates", "operands"):
        if name in node:
            copy[name] = [_copied(inner) for inner in node[name]]
    return copy


def trace_dict(trace: Trace, text: Callable[[Expr], str] = unparse) -> dict[str, Any]:
    """Give a trace as plain JSON values, expressions as *text* has them; what does not apply is left out."""
    node: dict[str, Any] = {"expression": text(trace.expression), "verdict": trace.verdict.value}
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
        node["operands"] = [trace_dict(operand, text) for operand in trace.operands]
    return node


def condition_texts(trace: Trace) -> Iterator[str]:
    """
    Say of every condition of a trace what was wanted and what was found, in order.

    Give it `evaluate.reasons` of a trace for those alone that decided the verdict.
    Alternatives of which none is met begin with ``or``.
    """
    expression = trace.expression
    if isinstance(expression, Not) or not trace.operands:
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
        # Of a part alone that it can look for, it is no "no" to the whole: the verdict follows from this.
        return f"{trace.told_by} {'returns' if trace.verdict is Verdict.MATCH else 'leaves out'} the agent"
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
    match trace.expression:
        case Between(low=low, high=high) if low > high:
            return "no level is in it"
    if trace.short_by is None or trace.found is None:
        return _held(trace)
    miss = abs(trace.short_by)
    levels = f"{level_text(miss)} level{'' if miss == 1 else 's'}"
    return f"{_held(trace)}, {levels} {'short' if trace.short_by > 0 else 'too high'}"


def _held(trace: Trace) -> str:
    if trace.unknown_because is not None:
        return trace.unknown_because
    return "not held" if trace.found is None else f"has {level_text(trace.found)}"


def _time(time: datetime | None) -> str | None:
    return None if time is None else time_text(time)
