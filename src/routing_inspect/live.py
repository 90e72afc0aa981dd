"""
A contact that waits, right now: who could take it, what holds the others back, and whom the next step adds.

Everything is read off an explanation whose agents have a `Presence`; nothing is fetched here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from routing_inspect.contact import Agent, Contact, Presence
from routing_inspect.evaluate import Verdict, every
from routing_inspect.explanation import AgentExplanation, AgentStep, Explanation, Gate, lets_in, presence
from routing_inspect.gates import delayed_until
from routing_inspect.wire import time_text

# The states of a contact that an agent is being offered.
_RINGING: Final = frozenset({"INCOMING", "PENDING", "CONNECTING"})


@frozen
class Held:
    """
    An agent whom something holds back from the contact now.

    Attributes:
        gates: What does not hold, or cannot be told, in the order of the gates.
        until: When the queue's delay ends, if that alone holds the agent back; None otherwise.
    """

    agent: Agent
    gates: tuple[Gate, ...] = ()
    until: datetime | None = None


@frozen(kw_only=True)
class Next:
    """
    What changes when the running step expires.

    Attributes:
        step: The number of the step that starts then; None: the last one expires, and anybody in
            the queue may take the contact.
        starts_at: When; None: nobody can tell.
        adds: Agents whom it lets in and the running step does not.
        free: Those of them who are available with a free slot now.
        may_add: Those of whom one of the two cannot be told.
    """

    step: int | None
    starts_at: datetime | None
    adds: tuple[Agent, ...]
    free: tuple[Agent, ...] = ()
    may_add: tuple[Agent, ...] = ()


@frozen(kw_only=True)
class Live:
    """
    How things stand at one instant.

    Attributes:
        as_of: The instant.
        source: Who told what the agents are doing.
        step: The step that runs; None: all have expired, and anybody in the queue may take the contact.
        offered_to: At whom it rings now.
        could: Who could take it now: every gate holds.
        perhaps: Of whom a gate cannot be told, while no other fails.
        later: Whom a delay of the queue alone holds back, and until when.
        idle: Who is available with a free slot, and held back by something else.
        busy: Whom only what they are doing holds back.
        next: What changes next; None: the running step never expires, or none runs.
        asked: How many agents were asked about.
        signed_in: How many of them are signed in.
    """

    as_of: datetime
    source: str
    step: int | None
    offered_to: tuple[Agent, ...]
    could: tuple[Agent, ...]
    perhaps: tuple[Held, ...]
    later: tuple[Held, ...]
    idle: tuple[Held, ...]
    busy: tuple[Held, ...]
    next: Next | None
    asked: int
    signed_in: int


def waits(explanation: Explanation) -> bool:
    """Say whether the contact waits now, so that somebody might take it: on a step, or after all of them."""
    if explanation.path.kind != "waiting":
        return False
    return explanation.path.step is not None or explanation.timeline.all_expired


def in_question(explanation: Explanation) -> tuple[str, ...]:
    """
    Give the ids of those whose doings matter: all who have the queue, or may have it.

    Args:
        explanation: One of every agent, without a presence.
    """
    return tuple(
        one.agent.id
        for one in explanation.agents
        if not any(
            g.gate == "queue" and g.verdict is Verdict.NO_MATCH for g in _running(explanation, one).gates
        )
    )


def live(explanation: Explanation, now: datetime) -> Live:
    """
    Say how things stand.

    Args:
        explanation: One of every agent of a contact that `waits`, with a presence where it was asked for.
        now: The instant.
    """
    asked = [one for one in explanation.agents if one.agent.presence is not None]
    held: dict[str, list[Held]] = {"could": [], "perhaps": [], "later": [], "idle": [], "busy": []}
    for one in asked:
        kind, entry = _stand(explanation.contact, one.agent, _running(explanation, one), now)
        if kind is not None:
            held[kind].append(entry)
    return Live(
        as_of=now,
        source=next(
            (p.source for p in (one.agent.presence for one in asked) if p and p.source), "the roster"
        ),
        step=explanation.path.step,
        offered_to=tuple(one.agent for one in asked if _rings(explanation.contact, one.agent)),
        could=tuple(entry.agent for entry in held["could"]),
        perhaps=tuple(held["perhaps"]),
        later=tuple(held["later"]),
        idle=tuple(held["idle"]),
        busy=tuple(held["busy"]),
        next=_next(explanation),
        asked=len(asked),
        signed_in=sum(bool(p and p.signed_in) for p in (one.agent.presence for one in asked)),
    )


def _running(explanation: Explanation, one: AgentExplanation) -> AgentStep:
    """Give an agent's gates of the step that runs, or of what is left once all have expired."""
    number = explanation.path.step
    if number is not None:
        return one.steps[number - 1]
    # `waits` says that every step has expired.
    return one.fallback or one.steps[-1]


def _stand(contact: Contact, agent: Agent, step: AgentStep, now: datetime) -> tuple[str | None, Held]:
    """Say which kind of agent this is now, and what holds it back; None: more than one kind of thing does."""
    missing = tuple(gate for gate in step.gates if gate.verdict is not Verdict.MATCH)
    free, rest = presence(step), lets_in(step)
    until = delayed_until(contact, agent)
    all_hold = every((free, rest))
    if all_hold is not Verdict.NO_MATCH and until is not None and until > now:
        return "later", Held(agent, missing, until)
    if all_hold is not Verdict.NO_MATCH:
        return ("could" if all_hold is Verdict.MATCH else "perhaps"), Held(agent, missing)
    failed = tuple(gate for gate in missing if gate.verdict is Verdict.NO_MATCH)
    if rest is not Verdict.NO_MATCH:
        return "busy", Held(agent, failed)
    return ("idle" if free is Verdict.MATCH else None), Held(agent, failed)


def _rings(contact: Contact, agent: Agent) -> bool:
    handled = () if agent.presence is None else agent.presence.handling
    return any(one.id == contact.id and one.state in _RINGING for one in handled)


def _next(explanation: Explanation) -> Next | None:
    number = explanation.path.step
    if number is None:
        return None
    running = explanation.steps[number - 1].phase
    if running.step.expires_after is None and running.expires_at is None:
        return None
    last = number == len(explanation.steps)
    added = [(one, _added(one, number, last=last)) for one in explanation.agents]
    adds = [one for one, verdict in added if verdict is Verdict.MATCH]
    return Next(
        step=None if last else number + 1,
        starts_at=running.expires_at,
        adds=tuple(one.agent for one in adds),
        free=tuple(one.agent for one in adds if presence(one.steps[number - 1]) is Verdict.MATCH),
        may_add=tuple(one.agent for one, verdict in added if verdict is Verdict.UNKNOWN),
    )


def _added(one: AgentExplanation, number: int, *, last: bool) -> Verdict:
    """Say whether an agent is let in by what comes next, and not by what runs; what it does now apart."""
    running = lets_in(one.steps[number - 1])
    queue = every(gate.verdict for gate in one.steps[number - 1].gates if gate.gate == "queue")
    coming = queue if last else lets_in(one.steps[number])
    if running is Verdict.MATCH or coming is Verdict.NO_MATCH:
        return Verdict.NO_MATCH
    return Verdict.MATCH if (running, coming) == (Verdict.NO_MATCH, Verdict.MATCH) else Verdict.UNKNOWN


# ---------------------------------------------------------------------------- JSON


def live_dict(stand: Live) -> dict[str, Any]:
    """Give it as plain JSON values: the member ``live`` of an explanation."""
    return {
        "as_of": time_text(stand.as_of),
        "source": stand.source,
        "step": stand.step,
        "asked": stand.asked,
        "signed_in": stand.signed_in,
        "offered_to": [agent.id for agent in stand.offered_to],
        "could": [agent.id for agent in stand.could],
        "perhaps": [_held_dict(held) for held in stand.perhaps],
        "later": [_held_dict(held) for held in stand.later],
        "idle_but_held": [_held_dict(held) for held in stand.idle],
        "busy": [_held_dict(held) for held in stand.busy],
        "next": None if stand.next is None else _next_dict(stand.next),
        "presence": [
            _presence_dict(agent, agent.presence) for agent in _everybody(stand) if agent.presence is not None
        ],
    }


def _everybody(stand: Live) -> Iterator[Agent]:
    yield from stand.could
    for held in (*stand.perhaps, *stand.later, *stand.idle, *stand.busy):
        yield held.agent


def _held_dict(held: Held) -> dict[str, Any]:
    return {
        "id": held.agent.id,
        "until": None if held.until is None else time_text(held.until),
        "gates": [
            {"gate": gate.gate, "verdict": gate.verdict.value, "reason": gate.reason, "source": gate.source}
            for gate in held.gates
        ],
    }


def _next_dict(coming: Next) -> dict[str, Any]:
    return {
        "step": coming.step,
        "starts_at": None if coming.starts_at is None else time_text(coming.starts_at),
        "adds": [agent.id for agent in coming.adds],
        "free": [agent.id for agent in coming.free],
        "may_add": [agent.id for agent in coming.may_add],
    }


def _presence_dict(agent: Agent, presence: Presence) -> dict[str, Any]:
    return {
        "id": agent.id,
        "username": agent.username,
        "as_of": time_text(presence.as_of),
        "signed_in": presence.signed_in,
        "status": presence.status,
        "next_status": presence.next_status,
        "since": None if presence.since is None else time_text(presence.since),
        "free_slots": dict(presence.free),
        "handling": [{"id": one.id, "channel": one.channel, "state": one.state} for one in presence.handling],
    }
