"""An agent as of one moment, from what agent events show around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve

from routing_inspect.contact import Agent, Roster, Snapshot
from routing_inspect.expr import Attribute

SOURCE: Final = "agent events"
# While an agent is signed in, an event comes every 120 s at the latest (admin guide,
# agent-event-stream-model); the rest is room for its way into the stream.
HEARTBEAT: Final = timedelta(seconds=150)
# Who works leaves an event within a day, on either side; one farther off tells of another time.
NEAR: Final = timedelta(days=1)


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
        it say the same, that was so at the moment itself; else whatever is nearest to it counts, of
        the events and of what was given. Whoever had been let in at any time of the span counts as
        available.
    """
    if until is None or not agent.seen:
        return agent
    available, status, free = _presence(agent.seen, since, until)
    shown = _nearest(agent.seen, until, lambda snapshot: snapshot.queue_ids)
    if shown is not None and not _counts(shown[1], until, agent.as_of, is_given=agent.queues is not None):
        shown = None
    held = _nearest(agent.seen, until, lambda snapshot: snapshot.proficiencies)
    is_given = agent.proficiencies is not None and agent.source != SOURCE
    if held is not None and not _counts(held[1], until, _given_at(agent, until, held[0]), is_given=is_given):
        held = None
    agent = evolve(
        agent,
        available=agent.available if available is None else available,
        free_slots=agent.free_slots if free is None else free,
        seen_status=status,
        seen_queue_ids=None if shown is None else shown[0].queue_ids,
    )
    if held is None:
        return agent
    snapshot, time = held
    return evolve(agent, proficiencies=snapshot.proficiencies, as_of=time, modified_at=None, source=SOURCE)


def levels_shown(
    seen: tuple[Snapshot, ...], moment: datetime
) -> tuple[Mapping[Attribute, float], datetime] | None:
    """Give the levels that the event nearest to a moment shows, and of when; None where none does."""
    found = _nearest(seen, moment, lambda snapshot: snapshot.proficiencies)
    return None if found is None else (found[0].proficiencies or {}, found[1])


def _given_at(agent: Agent, moment: datetime, shown: Snapshot) -> datetime | None:
    """Say of when the levels are that were given; None where that is unknown, or they were edited since."""
    if agent.modified_at is None or agent.proficiencies == shown.proficiencies:
        return agent.as_of
    if agent.modified_at > moment:
        return None
    # What was last edited before the moment and read after it is what held at the moment.
    return None if agent.as_of is None else min(agent.as_of, moment)


def _counts(time: datetime, moment: datetime, given_at: datetime | None, *, is_given: bool) -> bool:
    """
    Say whether what an event tells counts.

    Args:
        time: Of when the event tells it.
        moment: What is asked about.
        given_at: Of when that is what was given; None: unknown.
        is_given: Whether anything was. Without, the last that is known before the moment counts,
            however old it is.
    """
    away = abs(time - moment)
    if not is_given:
        return time <= moment or away <= NEAR
    return away <= (NEAR if given_at is None else abs(given_at - moment))


def _nearest(
    seen: tuple[Snapshot, ...], moment: datetime, fact: Callable[[Snapshot], object]
) -> tuple[Snapshot, datetime] | None:
    """Find the event that tells a fact of *moment*, and as of when it does."""
    telling = [snapshot for snapshot in seen if fact(snapshot) is not None]
    before = [snapshot for snapshot in telling if not snapshot.previous and snapshot.at <= moment][-1:]
    after = [snapshot for snapshot in telling if snapshot.at > moment]
    # Of the same time, the state before an event comes first.
    after = sorted(after, key=lambda snapshot: (snapshot.at, not snapshot.previous))[:1]
    if before and after and fact(before[0]) == fact(after[0]):
        return before[0], moment
    # While events come as they should, what one shows lasts until the next; days later it tells nothing.
    if before and (moment - before[0].at <= HEARTBEAT or (after and after[0].at - moment > NEAR)):
        after = []
    found = min([*before, *after], key=lambda snapshot: abs(snapshot.at - moment), default=None)
    return None if found is None else (found, found.at)


def _presence(
    seen: tuple[Snapshot, ...], since: datetime | None, until: datetime
) -> tuple[bool | None, str | None, dict[str, int] | None]:
    """
    Say whether contacts were routed to an agent at any time of a span, and how many there was room for.

    Returns:
        Whether they were; if not, the status that the agent was in last; and the room by channel, of
        the times at which contacts were routed, or else of all.
    """
    told = [snapshot for snapshot in seen if not snapshot.previous and snapshot.routable is not None]
    inside = [snapshot for snapshot in told if since is not None and since < snapshot.at <= until]
    before = [snapshot for snapshot in told if since is not None and snapshot.at <= since]
    first = before[-1:]
    is_whole = bool(first) and since is not None and (first[0].signed_out or since - first[0].at <= HEARTBEAT)
    shown = [*(first if is_whole else []), *inside]
    routed = [snapshot for snapshot in shown if snapshot.routable]
    if not routed and not is_whole:
        return None, None, None
    free: dict[str, int] = {}
    for snapshot in routed or shown:
        for channel, slots in (snapshot.slots or {}).items():
            free[channel] = max(slots, free.get(channel, 0))
    # Room that was not seen may have been there before the first event.
    room = {channel: slots for channel, slots in free.items() if slots or is_whole} or None
    return bool(routed), None if routed else shown[-1].status, room
