"""An agent as of one moment, from what agent events show around it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve

from routing_inspect.contact import Agent, Roster, Snapshot

SOURCE: Final = "agent events"
# While an agent is signed in, an event comes every 120 s at the latest (admin guide,
# agent-event-stream-model); the rest is room for its way into the stream.
HEARTBEAT: Final = timedelta(seconds=150)


def roster_as_of(roster: Roster, since: datetime | None, until: datetime | None) -> Roster:
    """Give every agent of a roster as of one span of time; the same roster where no event was given."""
    if until is None or not any(agent.seen for agent in roster.agents):
        return roster
    return evolve(roster, agents=[as_of(agent, since, until) for agent in roster.agents])


def as_of(agent: Agent, since: datetime | None, until: datetime | None) -> Agent:
    """
    Give an agent as of the end of a span of time, and whether contacts could be routed to them in it.

    Args:
        agent: What events show of the agent is under ``seen``; without, the agent stays as it is.
        since: When the span begins; None: unknown.
        until: The moment asked about; None: unknown, and then nothing changes.

    Returns:
        The agent with the proficiencies and queues of that moment. Where the events before and after
        it say the same, that was so at the moment itself; else they are as of the event before, or of
        the next one after. Whoever had been let in at any time of the span counts as available.
    """
    if until is None or not agent.seen:
        return agent
    available, free = _presence(agent.seen, since, until)
    shown = _nearest(agent.seen, until, lambda snapshot: snapshot.queue_ids)
    agent = evolve(
        agent,
        available=agent.available if available is None else available,
        free_slots=agent.free_slots if free is None else free,
        then=None if shown is None else shown[0].queue_ids,
    )
    held = _nearest(agent.seen, until, lambda snapshot: snapshot.proficiencies)
    if held is None:
        return agent
    snapshot, time = held
    return evolve(agent, proficiencies=snapshot.proficiencies, as_of=time, modified_at=None, source=SOURCE)


def _nearest(
    seen: tuple[Snapshot, ...], moment: datetime, fact: Callable[[Snapshot], object]
) -> tuple[Snapshot, datetime] | None:
    """Find the event that tells a fact of *moment*, and as of when it does."""
    telling = [snapshot for snapshot in seen if fact(snapshot) is not None]
    before = [snapshot for snapshot in telling if not snapshot.previous and snapshot.at <= moment]
    after = [snapshot for snapshot in telling if snapshot.at > moment]
    # Of the same time, the state before an event comes first.
    after.sort(key=lambda snapshot: (snapshot.at, not snapshot.previous))
    if before and after and fact(before[-1]) == fact(after[0]):
        return before[-1], moment
    if before:
        return before[-1], before[-1].at
    return (after[0], after[0].at) if after else None


def _presence(
    seen: tuple[Snapshot, ...], since: datetime | None, until: datetime
) -> tuple[bool | None, dict[str, int] | None]:
    """Say whether contacts were routed to an agent at any time of a span, and how many there was room for."""
    told = [snapshot for snapshot in seen if not snapshot.previous and snapshot.routable is not None]
    inside = [snapshot for snapshot in told if since is not None and since < snapshot.at <= until]
    before = [snapshot for snapshot in told if since is not None and snapshot.at <= since]
    first = before[-1:]
    is_whole = bool(first) and since is not None and (first[0].signed_out or since - first[0].at <= HEARTBEAT)
    shown = [*(first if is_whole else []), *inside]
    routed = [snapshot for snapshot in shown if snapshot.routable]
    if not routed:
        return (False if is_whole else None), None
    free: dict[str, int] = {}
    for snapshot in routed:
        for channel, slots in (snapshot.slots or {}).items():
            free[channel] = max(slots, free.get(channel, 0))
    # Room that was not seen may have been there before the first event.
    return True, {channel: slots for channel, slots in free.items() if slots or is_whole} or None
