"""
Everything that must hold for an agent to be offered a contact on a step, each by itself.

Queue membership and delay follow the routing profile (admin guide, concepts-routing-profiles-priority);
availability and free slots leave no trace in a contact, so they are unknown unless somebody knows,
or asks while the contact waits.
What the agent who took the contact did is evidence of its own, stronger than any roster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve, frozen

from routing_inspect.contact import Agent, Contact, Offer, Presence, RoutedQueue, Step, user_id
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.explanation import PRESENCE_GATES, AgentStep, Gate, deciding_text, together
from routing_inspect.expr import AgentIn, Expr, conditions, unnegated
from routing_inspect.text import duration_text
from routing_inspect.timeline import NOT_STARTED, Phase, Timeline, in_agent_queue, seconds_text, taker_id
from routing_inspect.visible import visible
from routing_inspect.windows import Window
from routing_inspect.wire import time_text

# The status in which agents are offered contacts; the service makes it, and others cannot do the same.
AVAILABLE: Final = "Available"

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


@frozen
class _Close:
    """
    How old the contact is when a window closes: at least and at most.

    Attributes:
        most: None: nobody can tell.
    """

    least: timedelta
    most: timedelta | None


_OPEN: Final = _Close(timedelta.max, timedelta.max)


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
    runs = phase.outcome == "active" and not timeline.is_over
    gates = (
        *_queue_gates(contact, agent, _closes(contact, timeline, phase), joined=joined),
        gate,
        # What an agent does now tells of the step that runs now, and of no other.
        *_presence_gates(contact, agent, joined=joined, now=runs),
        *map(_offer_gate, offers),
    )
    gates = _as_of_now(contact, timeline, agent, gates) if runs else gates
    return AgentStep(number=phase.number, verdict=together(gates), gates=gates, as_of=agent.as_of)


def open_step(contact: Contact, timeline: Timeline, window: Window, agent: Agent) -> AgentStep:
    """
    Put an agent before the gates that are left where no step decides.

    Args:
        contact: Its queue and channel are what the routing profile is asked about.
        timeline: The clock of the criteria that the window belongs to, or of the contact's own.
        window: When that was so.
        agent: Who is asked about.
    """
    waits = window.kind != "unseen" and window.until in {None, timeline.now} and not timeline.is_over
    is_last = window.until in {None, contact.connected_at, contact.disconnected_at}
    offers = _offers_on(contact, agent, window.since, None if waits or is_last else window.until)
    taken = window.until is not None and window.until == contact.connected_at
    joined = bool(offers) or (took(contact, agent) and taken)
    until = _age(contact, None if waits else window.until)
    closes = (
        _OPEN if waits else _Close(until if until is not None and window.certain else timedelta(0), until)
    )
    gates = (
        *_queue_gates(contact, agent, closes, joined=joined),
        *_presence_gates(contact, agent, joined=joined, now=waits),
        *map(_offer_gate, offers),
    )
    gates = _as_of_now(contact, timeline, agent, gates) if waits else gates
    return AgentStep(number=None, kind=window.kind, verdict=together(gates), gates=gates, as_of=agent.as_of)


def _age(contact: Contact, time: datetime | None) -> timedelta | None:
    return None if time is None or contact.enqueued_at is None else time - contact.enqueued_at


def _as_of_now(
    contact: Contact, timeline: Timeline, agent: Agent, gates: tuple[Gate, ...]
) -> tuple[Gate, ...]:
    """Hold the delay of a queue against how old a contact that waits is now."""
    now, (row, _) = timeline.now, _routed(contact, agent)
    if now is None or row is None or not row.delay:
        return gates
    until = delayed_until(contact, agent)
    since = contact.enqueued_at or timeline.begins_at
    if since is not None and since + row.delay <= now:
        return gates
    if until is None:
        told: dict[str, Any] = {"verdict": Verdict.UNKNOWN}
        left = "since when the contact waits is not known"
    else:
        told = {"verdict": Verdict.NO_MATCH, "until": until}
        left = f"not before {time_text(until)}, {seconds_text(until - now)} to go"
    return tuple(
        evolve(gate, reason=f"{gate.reason}; {left}", **told)
        if gate.gate == "delay" and gate.verdict is Verdict.MATCH
        else gate
        for gate in gates
    )


def facts_beside(agent: Agent) -> tuple[object, ...]:
    """
    Give all that the gates beside an expression's own hang on, of an agent whom the contact does not name.

    Returns:
        What can be compared for as long as the agents live: agents of one routing profile share its
        rows, and to compare these takes longer than to look through them, so they go by identity.
    """
    slots = None if agent.free_slots is None else frozenset(agent.free_slots.items())
    shared = (agent.queues, agent.seen_queue_ids, agent.routing_profile, agent.presence)
    return agent.source, agent.as_of, agent.available, slots, *map(id, shared)


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


def against_the_roster(contact: Contact, agent: Agent) -> Iterator[str]:
    """
    Say why, by what is known of them, the agent who took the contact could not have been offered it.

    The join stands; a routing profile may have been another one then.
    """
    if in_agent_queue(contact):
        return
    row, gate = _routed(contact, agent)
    if gate.verdict is Verdict.NO_MATCH:
        yield gate.reason
    taken = _age(contact, contact.connected_at)
    if row is not None and taken is not None and row.delay > taken:
        queue = visible(row.name or row.id)
        delay = f"the delay of {duration_text(row.delay)} on {queue}"
        yield f"{delay} was not over {seconds_text(taken)} after the contact was queued"


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


def _queue_gates(contact: Contact, agent: Agent, closes: _Close, *, joined: bool) -> Iterator[Gate]:
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
    elif (
        agent.seen_queue_ids is not None
        and contact.queue_id is not None
        and contact.queue_id not in agent.seen_queue_ids
    ):
        verdict, reason, row = Verdict.NO_MATCH, f"{queue} was not in the routing profile then", None
    elif agent.seen_queue_ids is not None and contact.queue_id is not None and row is None:
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


def _delay(agent: Agent, row: RoutedQueue, closes: _Close) -> Gate:
    """A queue's delay keeps a contact from the agent until it is that old, however idle the agent is."""
    queue = visible(row.name or row.id)
    delayed = f"delay of {duration_text(row.delay)} on {queue}"
    if not row.delay:
        return Gate(gate="delay", verdict=Verdict.MATCH, reason=f"no delay on {queue}", source=agent.source)
    if row.delay < closes.least:
        verdict = Verdict.MATCH
    else:
        verdict = Verdict.UNKNOWN if closes.most is None or row.delay < closes.most else Verdict.NO_MATCH
    if closes.least == timedelta.max:
        window = "the window stays open"
    elif closes.least == closes.most:
        window = f"the window closes at {seconds_text(closes.least)}"
    elif verdict is Verdict.NO_MATCH and closes.most is not None:
        window = f"the window closes at {seconds_text(closes.most)} at the latest"
    elif verdict is Verdict.MATCH:
        window = f"the window closes at {seconds_text(closes.least)} at the earliest"
    else:
        window = "when the window closes is not known"
    return Gate(gate="delay", verdict=verdict, reason=f"{delayed}; {window}", source=agent.source)


def _closes(contact: Contact, timeline: Timeline, phase: Phase) -> _Close:
    """
    Say how old the contact is when a step's window closes, by what happened or else by the timers.

    A delay counts from queueing; a criteria that replaced another, or came late, is activated later.
    """
    ended = _age(contact, phase.ended_at)
    if ended is not None:
        return _Close(ended, ended)
    timers = [one.step for one in timeline.phases[: phase.number]]
    ahead = phase.outcome in {"active", *NOT_STARTED} and not timeline.is_over
    if ahead and any(step.never_expires for step in timers):
        return _OPEN
    if ahead or phase.outcome == "expired":
        expires = _age(contact, phase.expires_at)
        if expires is not None:
            return _Close(expires, expires)
        return _Close(_in_all(timers), _age(contact, timeline.over_by) if timeline.is_over else None)
    most = [
        age for age in (_age(contact, phase.expires_at), _age(contact, timeline.over_by)) if age is not None
    ]
    return _Close(_in_all(timers[:-1]), min(most, default=None))


def _in_all(steps: Iterable[Step]) -> timedelta:
    """Add up how long steps take by their timers."""
    try:
        return sum((step.expires_after or timedelta(0) for step in steps), timedelta(0))
    except OverflowError:
        return timedelta.max


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
    return isinstance(unnegated(condition), AgentIn)


def _presence_gates(contact: Contact, agent: Agent, *, joined: bool, now: bool) -> Iterator[Gate]:
    """Give the gates of which a contact's document tells only for the agent who took it."""
    if now and agent.presence is not None:
        yield _status(agent.presence)
        yield _slots(contact, agent, agent.presence)
    elif joined:
        own = took(contact, agent)
        reason = "took the contact" if own else "was offered the contact"
        source = contact.source if own else contact.offers[0].source
        for name in PRESENCE_GATES:
            yield Gate(gate=name, verdict=Verdict.MATCH, reason=reason, source=source)
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
    if agent.available:
        reason = "available"
    else:
        reason = "not available" if agent.seen_status is None else f"status {visible(agent.seen_status)}"
    return Gate(gate="availability", verdict=verdict, reason=reason, source=agent.source)


def _concurrency(contact: Contact, agent: Agent) -> Gate:
    channel = contact.channel
    slots = None if agent.free_slots is None or channel is None else agent.free_slots.get(channel)
    if channel is None or slots is None:
        return _CONCURRENCY_UNKNOWN
    verdict = Verdict.MATCH if slots > 0 else Verdict.NO_MATCH
    return Gate(gate="concurrency", verdict=verdict, reason=_slots_text(slots, channel), source=agent.source)
