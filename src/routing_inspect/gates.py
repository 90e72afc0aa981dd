"""
Everything that must hold for an agent to be offered a contact on a step, each by itself.

Queue membership and delay follow the routing profile (admin guide, concepts-routing-profiles-priority);
availability and free slots leave no trace in a contact, so they are unknown unless somebody knows,
or asks while the contact waits.
What the agent who took the contact did is evidence of its own, stronger than any roster.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from routing_inspect.contact import Agent, Contact, Offer, Presence, RoutedQueue, user_id
from routing_inspect.evaluate import Verdict, evaluate, every
from routing_inspect.explanation import AgentStep, Gate, deciding_text
from routing_inspect.expr import AgentIn, Expr, Not, conditions
from routing_inspect.text import duration_text
from routing_inspect.timeline import Phase, Timeline, in_agent_queue, seconds_text, taker_id
from routing_inspect.visible import visible
from routing_inspect.wire import time_text

# The status in which agents are offered contacts; the service makes it, and others cannot do the same.
AVAILABLE: Final = "Available"

_NEVER = timedelta.max
_AVAILABILITY_UNKNOWN: Final = Gate(
    gate="availability",
    verdict=Verdict.UNKNOWN,
    reason="whether the agent was available is not recorded",
)
_CONCURRENCY_UNKNOWN: Final = Gate(
    gate="concurrency",
    verdict=Verdict.UNKNOWN,
    reason="whether the agent had a free slot is not recorded",
)
_CROSS_CHANNEL: Final = "whether the routing profile lets both be is not known"


def agent_step(contact: Contact, timeline: Timeline, phase: Phase, agent: Agent, gate: Gate) -> AgentStep:
    """
    Put an agent before every gate of one step.

    Args:
        contact: Its queue and channel are what the routing profile is asked about.
        timeline: Where the step's window lies.
        phase: The step.
        agent: Who is asked about.
        gate: What the step's expression says of the agent; see `expression_gate`.
    """
    offers = _offers_on(contact, agent, phase.started_at, phase.ended_at)
    joined = bool(offers) or (phase.outcome == "joined" and took(contact, agent))
    closes = _closes(contact, timeline, phase)
    gates = (
        *_queue_gates(contact, agent, closes, joined=joined),
        gate,
        # What an agent does now tells of the step that runs now, and of no other.
        *_presence_gates(contact, agent, joined=joined, now=phase.outcome == "active"),
        *map(_offer_gate, offers),
    )
    return AgentStep(number=phase.number, verdict=_together(gates), gates=gates, as_of=agent.as_of)


def fallback_step(contact: Contact, timeline: Timeline, agent: Agent) -> AgentStep | None:
    """
    Put an agent before the gates that are left once every step has expired.

    Returns:
        None where a step has not expired, so that the criteria still counts.
    """
    if not timeline.all_expired:
        return None
    over = contact.connected_at or contact.disconnected_at
    closes = _NEVER if over is None else None
    if over is not None and contact.enqueued_at is not None:
        closes = over - contact.enqueued_at
    offers = _offers_on(contact, agent, timeline.phases[-1].ended_at, None)
    joined = bool(offers) or (took(contact, agent) and contact.connected_at is not None)
    gates = (
        *_queue_gates(contact, agent, closes, joined=joined),
        *_presence_gates(contact, agent, joined=joined, now=over is None),
        *map(_offer_gate, offers),
    )
    return AgentStep(number=None, verdict=_together(gates), gates=gates, as_of=agent.as_of)


def took(contact: Contact, agent: Agent) -> bool:
    """Say whether *agent* is the one who took the contact; to be named is not enough."""
    taker = taker_id(contact)
    return taker is not None and user_id(taker) == agent.id


def delayed_until(contact: Contact, agent: Agent) -> datetime | None:
    """
    Say until when the agent's routing profile keeps the contact from the agent.

    Returns:
        None where it does not, or where that cannot be told: the queue gate says which.
    """
    if in_agent_queue(contact) or contact.enqueued_at is None:
        return None
    row, _ = _routed(contact, agent)
    return contact.enqueued_at + row.delay if row is not None and row.delay else None


def _offers_on(contact: Contact, agent: Agent, since: datetime | None, until: datetime | None) -> list[Offer]:
    """Give the offers that began to ring while a step ran; None for *until*: it still does."""
    if since is None or not contact.offers:
        return []
    rung = [
        (offer.offered_at or offer.ended_at, offer) for offer in contact.offers if offer.agent_id == agent.id
    ]
    return [offer for at, offer in rung if at is not None and since <= at and (until is None or at < until)]


def _offer_gate(offer: Offer) -> Gate:
    parts = [] if offer.offered_at is None else [f"offered at {_clock(offer.offered_at)}"]
    parts += [offer.outcome if offer.ended_at is None else f"{offer.outcome} at {_clock(offer.ended_at)}"]
    return Gate(gate="offer", verdict=Verdict.MATCH, reason=", ".join(parts), source=offer.source)


def _clock(time: datetime) -> str:
    return time_text(time)[11:]


def _together(gates: tuple[Gate, ...]) -> Verdict:
    # Whether an agent was free leaves no trace. Were it to count while unknown, every verdict would be.
    return every(
        gate.verdict
        for gate in gates
        if gate.gate not in {"availability", "concurrency"} or gate.verdict is not Verdict.UNKNOWN
    )


def _queue_gates(contact: Contact, agent: Agent, closes: timedelta | None, *, joined: bool) -> Iterator[Gate]:
    """Give the queue gate, and where the agent has the queue, the delay gate."""
    if contact.id is None and contact.queue_id is None:
        return  # a criteria by itself: no queue is in question
    if joined:
        own = took(contact, agent)
        reason = "took the contact from this queue" if own else "was offered the contact from this queue"
        source = contact.source if own else contact.offers[0].source
        yield Gate(gate="queue", verdict=Verdict.MATCH, reason=reason, source=source)
    elif in_agent_queue(contact):
        yield _own_queue(contact, agent)
    else:
        row, gate = _routed(contact, agent)
        yield gate
        if row is not None:
            yield _delay(agent, row, closes)


def _own_queue(contact: Contact, agent: Agent) -> Gate:
    if contact.queue_id is None:
        reason = "the document does not say whose own queue the contact is in"
        return Gate(gate="queue", verdict=Verdict.UNKNOWN, reason=reason)
    own = contact.queue_id == agent.id
    return Gate(
        gate="queue",
        verdict=Verdict.MATCH if own else Verdict.NO_MATCH,
        reason="the contact is in the agent's own queue"
        if own
        else "the contact is in another agent's own queue",
        source=contact.source,
    )


def _routed(contact: Contact, agent: Agent) -> tuple[RoutedQueue | None, Gate]:
    """Find the queue, for the contact's channel, in the agent's routing profile."""
    queue = visible(contact.queue_name or contact.queue_id or "")
    rows = [row for row in agent.queues or () if _is_queue(row, contact)]
    row = next((row for row in rows if row.channel == contact.channel), None)
    source = agent.source
    if not queue:
        verdict, reason, source = Verdict.UNKNOWN, "the document names no queue", None
    elif agent.then is not None and contact.queue_id is not None and contact.queue_id not in agent.then:
        verdict, reason, row = Verdict.NO_MATCH, f"{queue} was not in the routing profile then", None
    elif agent.then is not None and contact.queue_id is not None and row is None:
        # An agent event names the queues alone, not their channels, priorities and delays.
        verdict, reason = Verdict.MATCH, f"{queue} was in the routing profile then"
    elif agent.queues is None:
        verdict, reason, source = Verdict.UNKNOWN, "the routing profile is not known", None
    elif row is not None:
        verdict, reason = Verdict.MATCH, f"{queue} is in the routing profile for {visible(row.channel)}"
    elif rows and contact.channel is None:
        verdict, reason = Verdict.UNKNOWN, f"the document does not say for which channel {queue} is asked"
    elif rows:
        others = ", ".join(sorted({visible(row.channel) for row in rows}))
        verdict = Verdict.NO_MATCH
        reason = f"{queue} is in the routing profile for {others}, not for {visible(contact.channel or '')}"
    elif contact.queue_name is None and any(row.id == row.name for row in agent.queues):
        verdict, reason = Verdict.UNKNOWN, "the roster gives queues by name, the document by id"
    elif _is_manual(contact, agent):
        # Queues of "auto assignment" and of "manual assignment" are two lists, and only the first is routed.
        verdict = Verdict.NO_MATCH
        reason = f"{queue} is in the routing profile for manual assignment only: routing never offers it"
    else:
        verdict, reason = Verdict.NO_MATCH, f"{queue} is not in the routing profile"
    return row, Gate(gate="queue", verdict=verdict, reason=reason, source=source)


def _is_manual(contact: Contact, agent: Agent) -> bool:
    profile = agent.routing_profile
    manual = () if profile is None or profile.manual_queue_ids is None else profile.manual_queue_ids
    return contact.queue_id in manual


def hangs_on_manual_queues(contact: Contact, agent: Agent) -> bool:
    """Say whether why the agent lacks the queue could be told better by the profile's other queues."""
    profile = agent.routing_profile
    return (
        profile is not None
        and profile.manual_queue_ids is None
        and contact.queue_id is not None
        and agent.queues is not None
        and not in_agent_queue(contact)
        and not any(_is_queue(row, contact) for row in agent.queues)
    )


def hangs_on_cross_channel(contact: Contact, agent: Agent) -> bool:
    """Say whether the agent's free slot counts only if the routing profile lets channels be side by side."""
    presence = agent.presence
    return (
        presence is not None
        and presence.free.get(contact.channel or "", 0) > 0
        and bool(_other_channels(contact, presence))
        and agent.routing_profile is not None
        and agent.routing_profile.cross_channel is None
    )


def _other_channels(contact: Contact, presence: Presence) -> list[str]:
    return sorted(
        {one.channel for one in presence.handling if one.channel and one.channel != contact.channel}
    )


def _is_queue(row: RoutedQueue, contact: Contact) -> bool:
    """Compare ids; a roster written by hand, or a document without the id, has the name alone."""
    if row.id == contact.queue_id:
        return True
    named = contact.queue_name is not None and contact.queue_name in {row.id, row.name}
    return named and (contact.queue_id is None or row.id == row.name)


def _delay(agent: Agent, row: RoutedQueue, closes: timedelta | None) -> Gate:
    """A queue's delay keeps a contact from the agent until it is that old, however idle the agent is."""
    queue = visible(row.name or row.id)
    delayed = f"delay of {duration_text(row.delay)} on {queue}"
    if not row.delay:
        verdict, reason = Verdict.MATCH, f"no delay on {queue}"
    elif closes is None:
        verdict, reason = Verdict.UNKNOWN, f"{delayed}; when the window closes is not known"
    elif closes == _NEVER:
        verdict, reason = Verdict.MATCH, f"{delayed}; the window stays open"
    else:
        verdict = Verdict.MATCH if row.delay < closes else Verdict.NO_MATCH
        reason = f"{delayed}; the window closes at {seconds_text(closes)}"
    return Gate(gate="delay", verdict=verdict, reason=reason, source=agent.source)


def _closes(contact: Contact, timeline: Timeline, phase: Phase) -> timedelta | None:
    """
    How old the contact is when a step's window closes, by what happened or else by the timers.

    None: nobody can tell. A delay counts from queueing; a criteria that replaced another is
    activated later than that.
    """
    criteria = contact.criteria
    closes_at = phase.ended_at or phase.expires_at
    queued_at = contact.enqueued_at
    if queued_at is None and (criteria is None or not criteria.index):
        queued_at = timeline.activated_at
    if closes_at is not None and queued_at is not None:
        return closes_at - queued_at
    durations = [earlier.step.expires_after for earlier in timeline.phases[: phase.number]]
    try:
        total = sum((duration or timedelta(0) for duration in durations), timedelta(0))
    except OverflowError:
        return _NEVER
    if None in durations:
        return _NEVER
    return None if criteria is not None and criteria.index else total


def expression_gate(expression: Expr, agent: Agent) -> Gate:
    """Give the gate that a step's expression is, with how it was evaluated for the agent."""
    trace = evaluate(expression, agent)
    only_agents = all(_is_agent_list(condition) for condition in conditions(expression))
    return Gate(
        gate="preferred-agent" if only_agents else "proficiency",
        verdict=trace.verdict,
        reason=visible(deciding_text(trace)),
        source=agent.source,
        trace=trace,
    )


def _is_agent_list(condition: Expr) -> bool:
    return isinstance(condition.operand if isinstance(condition, Not) else condition, AgentIn)


def _presence_gates(contact: Contact, agent: Agent, *, joined: bool, now: bool) -> Iterator[Gate]:
    """Give the gates of which a contact's document tells only for the agent who took it."""
    if now and agent.presence is not None:
        yield _status(agent.presence)
        yield _slots(contact, agent, agent.presence)
    elif joined:
        own = took(contact, agent)
        reason = "took the contact" if own else "was offered the contact"
        source = contact.source if own else contact.offers[0].source
        for gate in ("availability", "concurrency"):
            yield Gate(gate=gate, verdict=Verdict.MATCH, reason=reason, source=source)
    else:
        yield _availability(agent)
        yield _concurrency(contact, agent)


def _status(presence: Presence) -> Gate:
    """Contacts are offered to the status Available alone (admin guide, metrics-agent-status)."""
    verdict = Verdict.NO_MATCH
    if not presence.signed_in:
        reason = "not signed in"
    elif presence.status is None:
        verdict, reason = Verdict.UNKNOWN, "the status is not told"
    elif presence.status != AVAILABLE:
        reason = f"status {visible(presence.status)}"
    elif presence.next_status is not None:
        reason = f"takes no more contacts before the next status, {visible(presence.next_status)}"
    else:
        verdict, reason = Verdict.MATCH, "available"
    if presence.since is not None:
        reason += f", since {time_text(presence.since)}"
    return Gate(gate="availability", verdict=verdict, reason=reason, source=presence.source)


def _slots(contact: Contact, agent: Agent, presence: Presence) -> Gate:
    channel = contact.channel
    slots = None if channel is None else presence.free.get(channel)
    others = _other_channels(contact, presence)
    if not presence.signed_in:
        verdict, reason = Verdict.NO_MATCH, "not signed in"
    elif channel is None:
        verdict, reason = Verdict.UNKNOWN, "the document does not say which channel the contact is on"
    elif slots is None:
        verdict, reason = Verdict.UNKNOWN, f"the free {visible(channel)} slots are not told"
    elif slots > 0 and others:
        verdict, reason = _beside(agent, others, _slots_text(slots, channel))
    else:
        verdict = Verdict.MATCH if slots > 0 else Verdict.NO_MATCH
        reason = _slots_text(slots, channel)
    return Gate(gate="concurrency", verdict=verdict, reason=reason, source=presence.source)


def _beside(agent: Agent, others: list[str], slots: str) -> tuple[Verdict, str]:
    """
    Say whether a contact comes in beside contacts of other channels.

    The routing profile says it of each channel in hand: contacts of any channel may come beside it, or
    of its own alone (admin guide, channels-and-concurrency). Every one of them must admit it.
    """
    profile = agent.routing_profile
    told = {} if profile is None or profile.cross_channel is None else profile.cross_channel
    closed = [channel for channel in others if told.get(channel) is False]
    if closed:
        busy = visible(", ".join(closed))
        return Verdict.NO_MATCH, f"busy with {busy}, beside which the routing profile admits no other channel"
    busy = visible(", ".join(others))
    if all(channel in told for channel in others):
        return Verdict.MATCH, f"{slots} beside {busy}, which the routing profile admits"
    return Verdict.UNKNOWN, f"{slots}, but busy with {busy}: {_CROSS_CHANNEL}"


def _slots_text(slots: int, channel: str) -> str:
    return f"{slots} free {visible(channel)} slot{'' if slots == 1 else 's'}"


def _availability(agent: Agent) -> Gate:
    if agent.available is None:
        return _AVAILABILITY_UNKNOWN
    verdict = Verdict.MATCH if agent.available else Verdict.NO_MATCH
    reason = "available" if agent.available else "not available"
    return Gate(gate="availability", verdict=verdict, reason=reason, source=agent.source)


def _concurrency(contact: Contact, agent: Agent) -> Gate:
    channel = contact.channel
    slots = None if agent.free_slots is None or channel is None else agent.free_slots.get(channel)
    if channel is None or slots is None:
        return _CONCURRENCY_UNKNOWN
    verdict = Verdict.MATCH if slots > 0 else Verdict.NO_MATCH
    return Gate(gate="concurrency", verdict=verdict, reason=_slots_text(slots, channel), source=agent.source)
