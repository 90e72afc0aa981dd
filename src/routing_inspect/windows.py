"""
What decided whom a contact could be offered to, from when to when: its whole time in the queue in windows.

Statuses and clocks may leave open how far a criteria got. So two of its steps count: the last one that is
known to have run, and the last one that may have. Whom no window lets in could not be offered the contact;
whom only a window lets in that may not have been, nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from routing_inspect.contact import Contact, Criteria
from routing_inspect.timeline import (
    NOT_STARTED,
    REACHED,
    TOLERANCE,
    Phase,
    Timeline,
    in_agent_queue,
    is_over,
    moved_on,
    shifted,
)

# Outcomes of steps that ran; behind one of the last three no other step did.
_RAN: Final = frozenset({"expired", *REACHED})
_FINAL: Final = frozenset({"joined", "interrupted", "deactivated"})


@frozen(kw_only=True)
class Window:
    """
    A span in which one thing decided whom a contact could be offered to.

    Attributes:
        kind: ``step``, ``fallback`` (every step had expired), ``no-criteria`` (none was in force, so
            anybody in the queue), ``own-queue`` (an agent's own, where no criteria counts), or
            ``unseen`` (another criteria, or none: no document says).
        criteria: Which of `Contact.all_criteria`, from 0; None where it is about none of them.
        step: The number of the step; None where it is no step.
        since: When it began; None: nobody can tell.
        until: When it was over at the latest; None: it lasts, or nobody can tell.
        certain: Whether it is known to have been; else it may have been or not.
    """

    kind: str
    criteria: int | None = None
    step: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    certain: bool = True


def windows(contact: Contact, clocks: Sequence[Timeline], *, is_told: bool) -> tuple[Window, ...]:
    """
    Divide a contact's time in the queue, up to when it was taken, ended or is looked at.

    Args:
        contact: What its document says.
        clocks: The timelines of all its criteria, oldest first; of a contact without, one without steps.
        is_told: Whether the route can be told at all, since else nothing the statuses say counts.

    Returns:
        In order, as far as there is one.
    """
    over_by = clocks[-1].over_by
    if not is_told:
        return (Window(kind="unseen", since=contact.enqueued_at, until=over_by, certain=False),)
    if in_agent_queue(contact):
        return (Window(kind="own-queue", since=contact.enqueued_at, until=over_by),)
    if contact.id is None and not clocks[-1].phases:
        return ()  # no contact, and nothing that could run
    if contact.criteria is None or not contact.criteria.steps:
        kind = "no-criteria" if contact.criteria is None or contact.criteria.reference is None else "unseen"
        before = () if not contact.earlier else (_unseen(contact.enqueued_at, over_by),)
        own = Window(kind=kind, since=contact.enqueued_at, until=over_by, certain=kind == "no-criteria")
        return (*before, own)
    if _is_ahead(contact, clocks[-1]):
        return tuple(_ahead(clocks[-1], len(clocks) - 1))
    return tuple(_all(contact, clocks))


def fallback(clock: Timeline, number: int) -> Window | None:
    """
    Give the time after the last step of a criteria, by its number among all.

    Returns:
        None where a step has not expired, so that the criteria still counts.
    """
    if not clock.all_expired:
        return None
    return Window(kind="fallback", criteria=number, since=clock.phases[-1].ended_at, until=clock.over_by)


def _unseen(since: datetime | None, until: datetime | None) -> Window:
    return Window(kind="unseen", since=since, until=until, certain=False)


# ---------------------------------------------------------------------------- what is still to come


def _is_ahead(contact: Contact, clock: Timeline) -> bool:
    """Say whether the criteria has not begun: it is given without a contact, or for one in no queue yet."""
    if contact.id is None:
        return True
    is_queued = contact.enqueued_at is not None or contact.queue_id is not None
    return not is_queued and not is_over(contact) and all(p.outcome in NOT_STARTED for p in clock.phases)


def _ahead(clock: Timeline, number: int) -> Iterator[Window]:
    """Give the steps that can start."""
    for phase in clock.phases:
        yield Window(kind="step", criteria=number, step=phase.number)
        if phase.step.never_expires:
            return


# ---------------------------------------------------------------------------- all criteria


def _all(contact: Contact, clocks: Sequence[Timeline]) -> Iterator[Window]:
    yield from _before(contact, clocks[0])
    earliest = contact.enqueued_at
    for number, clock in enumerate(clocks):
        is_last = number == len(clocks) - 1
        yield from _of_one(contact, clock, number, earliest, is_last=is_last)
        earliest = clock.activated_at or earliest
        if not is_last and not are_neighbours(contact.all_criteria[number], contact.all_criteria[number + 1]):
            yield _unseen(clock.activated_at, clocks[number + 1].activated_at)
    if (
        clocks[-1].phases
        and any(p.outcome == "interrupted" for p in clocks[-1].phases)
        and not moved_on(contact)
    ):
        yield _unseen(None, None)


def are_neighbours(one: Criteria, following: Criteria) -> bool:
    """Say whether no criteria came between two, as far as their indices tell."""
    return one.index is None or following.index is None or following.index == one.index + 1


def _before(contact: Contact, clock: Timeline) -> Iterator[Window]:
    """Give what was in force until the first criteria that is shown."""
    first = contact.all_criteria[0]
    queued_at, started_at = contact.enqueued_at, clock.begins_at
    missing = 0 if contact.criteria is None else (contact.criteria.index or 0) - len(contact.earlier)
    if first.index or missing > 0:
        yield _unseen(queued_at, started_at)
    elif queued_at is None or started_at is None:
        # A criteria may be given to a contact that waits already.
        yield _unseen(queued_at, started_at)
    elif started_at - queued_at >= TOLERANCE:
        is_first = first.index == 0
        kind = "no-criteria" if is_first else "unseen"
        yield Window(kind=kind, since=queued_at, until=started_at, certain=is_first)


def _of_one(
    contact: Contact, clock: Timeline, number: int, earliest: datetime | None, *, is_last: bool
) -> Iterator[Window]:
    """Give the steps of one criteria that ran, or may have, and the time after all of them."""
    if not clock.phases:  # it was replaced, and let in whoever had the queue
        since, until = clock.activated_at, clock.over_by
        is_sure = since is not None and until is not None and until - since >= TOLERANCE
        yield Window(kind="no-criteria", criteria=number, since=since, until=until, certain=is_sure)
        return
    last_sure, last_perhaps = _reach(clock, earliest, is_last=is_last)
    count = len(clock.phases)
    waits = not clock.is_over
    for phase in clock.phases[: min(last_perhaps, count)]:
        until = phase.ended_at or clock.over_by
        is_sure = (
            phase.number <= last_sure and phase.outcome in _RAN and _has_length(phase, until, waits=waits)
        )
        yield Window(
            kind="step",
            criteria=number,
            step=phase.number,
            since=phase.started_at,
            until=until,
            certain=is_sure,
        )
    if last_perhaps > count:
        since, until = clock.phases[-1].ended_at, clock.over_by
        is_sure = waits or _is_sure_fallback(contact, since, until, is_last=is_last)
        is_sure = is_sure and last_sure > count
        yield Window(kind="fallback", criteria=number, since=since, until=until, certain=is_sure)


def _has_length(phase: Phase, until: datetime | None, *, waits: bool) -> bool:
    """Say whether a step that ran did so for any time: times that are cut to whole seconds may be equal."""
    if phase.outcome == "joined" or (waits and phase.outcome == "active"):
        return True
    if phase.outcome == "expired" and phase.step.expires_after == timedelta(0):
        return False
    return phase.started_at is None or until is None or until - phase.started_at >= TOLERANCE


def _is_sure_fallback(
    contact: Contact, since: datetime | None, until: datetime | None, *, is_last: bool
) -> bool:
    """Say whether any time was left after the last step."""
    if is_last and contact.connected_at is not None:
        return True  # that is how it was taken
    if since is None or until is None:
        return is_last
    return until - since >= TOLERANCE


def _reach(clock: Timeline, earliest: datetime | None, *, is_last: bool) -> tuple[int, int]:
    """
    Say how far a criteria got: the number of the last step that is known to have run, and that may have.

    0 stands for none, the number after the last step for fallback.
    """
    phases, beyond = clock.phases, len(clock.phases) + 1
    joined = [phase.number for phase in phases if phase.outcome == "joined"]
    if joined:
        return joined[-1], joined[-1]
    if not _can_follow(phases):
        return 0, beyond
    ran = [phase for phase in phases if phase.outcome in _RAN]
    sure = beyond if clock.all_expired else len(ran)
    if sure == beyond or (ran and ran[-1].outcome in _FINAL and "outcome" not in ran[-1].derived):
        return sure, sure
    waits = not clock.is_over
    if is_last and ran and ran[-1].outcome == "active" and (not waits or clock.now is None):
        return sure, sure
    return sure, _by_the_clock(clock, max(sure, 1), earliest, is_exact=waits)


def _can_follow(phases: Sequence[Phase]) -> bool:
    """Say whether the steps' outcomes can be: some that expired, one that ran at most, and none that did."""
    left = [phase.outcome for phase in phases]
    while left and left[0] == "expired":
        del left[0]
    if left and left[0] in REACHED:
        del left[0]
    return all(outcome in NOT_STARTED for outcome in left)


def _by_the_clock(clock: Timeline, first: int, earliest: datetime | None, *, is_exact: bool) -> int:
    """
    Say up to which step the timers may have run, from one that may have started.

    Args:
        clock: The criteria's.
        first: That step's number.
        earliest: When the criteria may have been activated, where it is not known when it was.
        is_exact: Whether the end is an instant and no recorded time, which may be cut to whole seconds.
    """
    # At the very instant at which a timer runs out the next step starts.
    over_by, room = clock.over_by, timedelta.resolution if is_exact else TOLERANCE
    starts_at = clock.begins_at or earliest
    for phase in clock.phases:
        after = phase.step.expires_after
        expires_at = phase.expires_at or shifted(starts_at, after)
        if phase.number >= first:
            if phase.step.never_expires and phase.outcome != "expired":
                return phase.number
            if expires_at is not None and over_by is not None and expires_at >= over_by + room:
                return phase.number
        starts_at = expires_at
    return len(clock.phases) + 1
