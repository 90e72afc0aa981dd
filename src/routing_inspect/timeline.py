"""
Which step held when, and why it ended.

Step 1 starts when the criteria is activated, each later step when the one before it expires
(admin guide, set-routing-criteria). What a document does not record is derived from that,
and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from routing_inspect.arguments import require, require_time
from routing_inspect.contact import STATUSES, Contact, Criteria, Expiry, Step
from routing_inspect.visible import visible

# How far a recorded time may be from the one it should be; the service's own sample is exact to
# the millisecond.
TOLERANCE: Final = timedelta(seconds=1)

# How long ago a contact may have been fetched to count as of now: searching its agents takes a while.
_JUST_NOW: Final = timedelta(seconds=60)

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR

# How long after a step's timer a join may come at most. An agent has 20 s to accept a call (admin guide,
# loop-prompts); the rest is room for channels that give more, and for the time it takes to connect.
_LONGEST_RING: Final = timedelta(seconds=60)

# Outcomes of steps that hold no sign of having started.
NOT_STARTED: Final = frozenset({"not-reached", "not-run"})

_OUTCOMES: Final = {
    "EXPIRED": "expired",
    "JOINED": "joined",
    "ACTIVE": "active",
    "INACTIVE": "not-reached",
    "INTERRUPTED": "interrupted",
    "DEACTIVATED": "deactivated",
}
# Outcomes of the one step that ran last.
REACHED: Final = frozenset({"joined", "active", "interrupted", "deactivated"})


@frozen(kw_only=True)
class Phase:
    """
    One step on the clock.

    Attributes:
        number: 1 for the first step.
        outcome: ``expired``, ``joined``, ``active``, ``not-reached``, ``interrupted``
            (the criteria was replaced), ``deactivated`` (the contact ended), ``not-run`` (the
            document has no status), or ``unknown`` (a status this version does not know).
        started_at: None where the step did not start, or nobody can tell when.
        ended_at: None where it has not ended, or nobody can tell when.
        expires_at: When its timer runs out if nobody takes the contact before, also for a step
            that is not reached; None: never, or nobody can tell.
        derived: Which of ``started_at`` and ``ended_at`` were not recorded but follow from the
            activation, the durations and the end of the contact; ``outcome`` too, where a document
            is older than the end of its criteria.
    """

    number: int
    step: Step
    outcome: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    expires_at: datetime | None = None
    derived: tuple[str, ...] = ()


@frozen(kw_only=True)
class Timeline:
    """
    A contact's criteria on the clock.

    Attributes:
        phases: One for each step, in order.
        activated_at: When step 1 started; None where the document does not say, and in an agent's
            own queue, where no step starts whatever the document says.
        now: The instant a contact still waiting is looked at; None where nobody said.
        conflicts: What cannot be so: pairs of a finding id and a sentence.
        is_over: Whether the criteria counts no more: it was replaced, or nobody can be offered the
            contact any more.
        over_by: Until when it may have counted at most: it was replaced, the contact was taken or
            ended then, or is looked at; None: nobody can tell.
    """

    phases: tuple[Phase, ...]
    activated_at: datetime | None = None
    now: datetime | None = None
    conflicts: tuple[tuple[str, str], ...] = ()
    is_over: bool = False
    over_by: datetime | None = None

    @property
    def begins_at(self) -> datetime | None:
        """When step 1 started, also where only its expiry is recorded; None: nobody can tell."""
        return self.activated_at or (self.phases[0].started_at if self.phases else None)

    @property
    def current(self) -> Phase | None:
        """The one step that is joined, active, interrupted or deactivated; None if none or several are."""
        reached = [phase for phase in self.phases if phase.outcome in REACHED]
        return reached[0] if len(reached) == 1 else None

    @property
    def all_expired(self) -> bool:
        """Whether every step is recorded as expired, so that any agent in the queue may take the contact."""
        return bool(self.phases) and all(phase.outcome == "expired" for phase in self.phases)

    def step_at(self, instant: datetime) -> Phase | None:
        """
        Say which step's timer runs at *instant*, if nobody has taken the contact by then.

        Returns:
            None where every timer has run out by then, or nobody can tell.
        """
        is_started = self.activated_at is not None
        for phase in self.phases:
            if phase.outcome == "expired" and phase.expires_at is None:
                is_started = True  # when is not known, but that it is over is
            elif phase.expires_at is None:
                return phase if is_started and (self.activated_at or phase.step.never_expires) else None
            elif instant < phase.expires_at:
                return phase
            else:
                is_started = True
        return None


def timeline(contact: Contact, now: datetime | None = None) -> Timeline:
    """
    Put the contact's current criteria on the clock.

    Args:
        contact: Without criteria, the timeline has no phases.
        now: When a contact that still waits is looked at; None: no time is told against it.

    Raises:
        ValueError: *now* has no time zone.
    """
    require("contact", contact, Contact)
    require_time("now", now)
    criteria = contact.criteria or Criteria()
    activated_at = None if in_agent_queue(contact) else criteria.activated_at
    phases = tuple(_phases(contact, criteria, activated_at))
    conflicts = (
        *_status_conflicts(contact, criteria),
        *_history_conflicts(contact, criteria),
        *_agent_conflicts(contact, phases),
        *_time_conflicts(contact, phases, activated_at),
        *_late_conflicts(contact),
        *_clock_conflicts(contact, phases, now),
    )
    over = is_over(contact)
    return Timeline(
        phases=phases,
        activated_at=activated_at,
        now=now,
        conflicts=conflicts,
        is_over=over,
        over_by=contact.connected_at or contact.disconnected_at or (None if over else now),
    )


def with_durations(criteria: Criteria) -> Criteria:
    """
    Give every step of which only the instant of its expiry is recorded the duration that follows from it.

    Step 1 starts when the criteria is activated, each later one when the one before it expires. Where
    that is not known, or lies after the expiry, the step stays as it is.
    """
    starts_at = criteria.activated_at
    steps: list[Step] = []
    for step, phase in zip(criteria.steps, timeline(Contact(criteria=criteria)).phases, strict=True):
        expiry = step.expiry
        if expiry is not None and expiry.after is None and expiry.at is not None and starts_at is not None:
            after = expiry.at - starts_at
            # A duration that is none says nothing; then the instant stays alone.
            expiry = evolve(expiry, after=after) if after > timedelta(0) else expiry
        steps.append(evolve(step, expiry=expiry))
        starts_at = phase.expires_at
    return evolve(criteria, steps=steps)


def replaced_timeline(
    contact: Contact, criteria: Criteria, replaced_at: datetime | None, over_by: datetime | None = None
) -> Timeline:
    """
    Put a criteria that another one replaced on the clock.

    Its documents may be older than its end. Then the timers say which steps expired before, and the
    step that ran last is interrupted; what follows from the clock alone is derived, outcomes too.

    Args:
        contact: Whose criteria it was.
        criteria: One of the contact's earlier criteria.
        replaced_at: When the next criteria was activated; None: nobody can tell.
        over_by: By when it was, at the latest, if only that is known.
    """
    alone = evolve(
        contact,
        criteria=criteria,
        earlier=(),
        offers=(),
        next_ids=(),
        connected_at=None,
        disconnected_at=None,
        disconnect_reason=None,
    )
    clock = timeline(alone)
    return evolve(
        clock,
        phases=tuple(_until(clock.phases, clock.activated_at, replaced_at)),
        conflicts=tuple(pair for pair in clock.conflicts if pair[0] not in _OF_THE_END),
        is_over=True,
        over_by=replaced_at or over_by,
    )


# What cannot be asked of a criteria that ended before its contact did.
_OF_THE_END: Final = frozenset({"RI501", "RI509", "RI510", "RI516", "RI605", "RI607"})


def _until(
    phases: tuple[Phase, ...], activated_at: datetime | None, replaced_at: datetime | None
) -> Iterator[Phase]:
    """Let the timers run until a criteria was replaced."""
    starts_at, is_running = activated_at, activated_at is not None
    for phase in phases:
        expires_at = phase.expires_at if phase.started_at is not None else None
        expires_at = expires_at or shifted(starts_at, phase.step.expires_after)
        if phase.outcome == "expired":
            starts_at, is_running = phase.ended_at, phase.ended_at is not None
            yield phase
        elif phase.outcome == "interrupted" or (phase.outcome == "active" and not is_running):
            is_running = False
            # One that was shown as active may have expired since; when it started is not known here.
            is_end = phase.outcome == "interrupted" or phase.step.never_expires
            yield _ended(phase, "interrupted", phase.started_at, replaced_at if is_end else None)
        elif phase.outcome not in {"active", "not-reached"} or not is_running or replaced_at is None:
            yield phase
        elif expires_at is not None and expires_at <= replaced_at:
            yield _ended(phase, "expired", starts_at, expires_at)
            starts_at = expires_at
        elif starts_at == replaced_at:
            is_running = False
            yield phase  # replaced as it was about to start
        else:
            is_running = False
            yield _ended(phase, "interrupted", starts_at, replaced_at)


def _ended(phase: Phase, result: str, started_at: datetime | None, ended_at: datetime | None) -> Phase:
    """Give a phase its end, and name what of it was not recorded."""
    derived = set(phase.derived)
    derived |= {"outcome"} if phase.outcome != result else set()
    derived |= {"started_at"} if phase.started_at is None and started_at is not None else set()
    derived |= {"ended_at"} if ended_at is not None else set()
    return evolve(
        phase,
        outcome=result,
        started_at=phase.started_at or started_at,
        ended_at=ended_at,
        derived=tuple(name for name in ("outcome", "started_at", "ended_at") if name in derived),
    )


def outcome(step: Step) -> str:
    """Say in the reader's words what a step's status means; see `Phase`."""
    return "not-run" if step.status is None else _OUTCOMES.get(step.status, "unknown")


def in_agent_queue(contact: Contact) -> bool:
    """
    Say whether the contact is in an agent's own queue, where no step ever starts.

    DescribeContact gives no type of queue. Then it is one if its id is the agent's own and
    no step is shown to have started.
    """
    if contact.queue_type is not None:
        return contact.queue_type.upper() == "AGENT"
    steps = () if contact.criteria is None else contact.criteria.steps
    own = contact.queue_id is not None and contact.queue_id == contact.agent_id
    return own and all(outcome(step) in NOT_STARTED for step in steps)


def taker_id(contact: Contact) -> str | None:
    """
    Say who took the contact, as the document spells the id.

    Returns:
        None where nobody did: an agent may be named while the phone still rings.
    """
    steps = () if contact.criteria is None else contact.criteria.steps
    taken = contact.connected_at is not None or any(outcome(step) == "joined" for step in steps)
    return contact.agent_id if taken else None


def is_over(contact: Contact) -> bool:
    """Say whether nobody can be offered the contact any more."""
    times = (contact.connected_at, contact.disconnected_at)
    return any(time is not None for time in times) or moved_on(contact)


def moved_on(contact: Contact) -> bool:
    """Say whether the document shows that the contact went on as another, by a transfer."""
    return bool(contact.next_ids) or contact.disconnect_reason == "TRANSFERRED"


def is_fresh(contact: Contact, now: datetime | None) -> bool:
    """Say whether the contact was fetched when it is looked at: its statuses are of now."""
    return now is not None and contact.fetched_at is not None and abs(now - contact.fetched_at) <= _JUST_NOW


def seconds_text(duration: timedelta) -> str:
    """Write a duration as people compare them: ``71.7 s``; from an hour on as an age, ``2.9 days``."""
    seconds = duration.total_seconds()
    if abs(seconds) < _HOUR:
        return f"{seconds:.1f} s"
    size, unit = (_HOUR, "hours") if abs(seconds) < _DAY else (_DAY, "days")
    return f"{seconds / size:.1f} {unit}"


def offset_text(since: timedelta) -> str:
    """
    Write how long after some zero an instant is, or with a minus before it: ``+71.7 s``.

    Offsets stand side by side, so none loses its seconds: ``+2 d 21 h 47 min 25.6 s``.
    """
    seconds = since.total_seconds()
    if abs(seconds) < _HOUR:
        return f"{seconds:+.1f} s"
    tenths = round(abs(seconds) * 10)
    minutes, rest = divmod(tenths, 600)
    days, hours = divmod(minutes // 60, 24)
    day = f"{days} d " if days else ""
    return f"{'-' if seconds < 0 else '+'}{day}{hours} h {minutes % 60} min {rest / 10:.1f} s"


def _phases(contact: Contact, criteria: Criteria, activated_at: datetime | None) -> Iterator[Phase]:
    starts_at, derived_start = activated_at, False
    for number, step in enumerate(criteria.steps, 1):
        result = outcome(step)
        recorded = None if step.expiry is None else step.expiry.at
        if starts_at is None and recorded is not None and step.expires_after is not None:
            starts_at, derived_start = _before(recorded, step.expires_after), True
        expires_at = recorded or shifted(starts_at, step.expires_after)
        ended_at, derived_end = _end(contact, step, result, starts_at, expires_at)
        started = result == "expired" or result in REACHED
        names = (("started_at", starts_at, derived_start and started), ("ended_at", ended_at, derived_end))
        yield Phase(
            number=number,
            step=step,
            outcome=result,
            started_at=starts_at if started else None,
            ended_at=ended_at,
            expires_at=expires_at,
            derived=tuple(name for name, time, derived in names if derived and time is not None),
        )
        # Beyond a step that has not expired, the clock tells only when the next one would start.
        halted = result in {"interrupted", "deactivated", "unknown"}
        starts_at = ended_at if result == "expired" else None if halted else expires_at
        derived_start = derived_end if result == "expired" else True


def shifted(time: datetime | None, by: timedelta | None) -> datetime | None:
    """Add a duration; a sum beyond the calendar's end is as good as never."""
    try:
        return None if time is None or by is None else time + by
    except OverflowError:
        return None


def _before(time: datetime, by: timedelta) -> datetime | None:
    """Take a duration off; what lies before the calendar's start is as good as unknown."""
    try:
        return time - by
    except OverflowError:
        return None


def _end(
    contact: Contact, step: Step, result: str, starts_at: datetime | None, expires_at: datetime | None
) -> tuple[datetime | None, bool]:
    """When a step ended, and whether that is derived rather than recorded."""
    match result:
        case "expired":
            recorded = step.expiry is not None and step.expiry.at is not None
            return expires_at, not recorded
        case "joined":
            joined_at = contact.connected_at
            if (
                joined_at is not None
                and starts_at is not None
                and joined_at < starts_at <= joined_at + TOLERANCE
            ):
                return starts_at, True  # a time cut to whole seconds
            return joined_at, False
        case "deactivated" | "active" if contact.connected_at is None:
            # No document has a time of its own for it; routing stops when the contact ends.
            return contact.disconnected_at, True
        case _:
            return None, False


def _status_conflicts(contact: Contact, criteria: Criteria) -> Iterator[tuple[str, str]]:
    """
    Check the sequence of statuses.

    Some EXPIRED, then at most one step that is JOINED, ACTIVE, INTERRUPTED or DEACTIVATED,
    then INACTIVE to the end: nothing else can come about.
    """
    statuses = [step.status for step in criteria.steps]
    for number, status in enumerate(statuses, 1):
        if status is not None and status not in STATUSES:
            shown = visible(status)
            yield "RI502", f"step {number} has the status `{shown}`, which the service does not document"
    if None in statuses and any(status is not None for status in statuses):
        yield "RI501", "some steps have a status and others have none"
    if any(status not in STATUSES for status in statuses):
        return
    rest = statuses[next((i for i, status in enumerate(statuses) if status != "EXPIRED"), len(statuses)) :]
    over = contact.disconnected_at is not None or moved_on(contact)
    if rest and rest[0] != "INACTIVE":
        rest = rest[1:]
    elif rest and rest != statuses and not over:
        # DescribeContact documents no status for the step at which a contact ended, so INACTIVE may be one.
        yield "RI501", f"no step is active, joined or ended after the expired ones ({_sequence(statuses)})"
        return
    if any(status != "INACTIVE" for status in rest):
        yield "RI501", f"the statuses cannot follow one another ({_sequence(statuses)})"


def _history_conflicts(contact: Contact, criteria: Criteria) -> Iterator[tuple[str, str]]:
    """Check what no step and no sequence of criteria can come to."""
    for number, step in enumerate(criteria.steps, 1):
        if outcome(step) == "expired" and (step.expiry is None or step.expiry == Expiry()):
            yield "RI512", f"step {number} is EXPIRED, but has nothing to expire by"
    if criteria.index is not None and criteria.index < 0:
        yield "RI513", f"the criteria's index is {criteria.index}"
    joined = [
        one for one in (*contact.earlier, criteria) if any(outcome(step) == "joined" for step in one.steps)
    ]
    if len(joined) > 1:
        yield "RI514", f"a step was joined in each of {len(joined)} criteria"


def _sequence(statuses: list[str | None]) -> str:
    return ", ".join(str(status) for status in statuses)


def _agent_conflicts(contact: Contact, phases: tuple[Phase, ...]) -> Iterator[tuple[str, str]]:
    """Check whether an agent is there exactly where a join says so."""
    outcomes = [phase.outcome for phase in phases]
    if "joined" in outcomes and contact.agent_id is None:
        yield "RI509", f"step {outcomes.index('joined') + 1} was joined, but the document names no agent"
    odd = [phase for phase in phases if phase.outcome in {"active", "deactivated"}]
    if not odd and "expired" in outcomes and "joined" not in outcomes:
        odd = [phase for phase in phases if phase.outcome == "not-reached"][:1]
    if odd and contact.connected_at is not None and "joined" not in outcomes:
        yield "RI510", f"an agent was connected, but step {odd[0].number} is {odd[0].step.status}, not JOINED"


def _time_conflicts(
    contact: Contact, phases: tuple[Phase, ...], activated_at: datetime | None
) -> Iterator[tuple[str, str]]:
    queued_at = contact.enqueued_at
    if queued_at and activated_at and queued_at - activated_at > TOLERANCE:
        yield "RI504", "the criteria was activated before the contact was queued"
    for phase in phases:
        yield from _expiry_conflicts(phase)
    for name, time in (("connected", contact.connected_at), ("ended", contact.disconnected_at)):
        if queued_at and time and queued_at - time > TOLERANCE:
            yield "RI511", f"the contact {name} {seconds_text(queued_at - time)} before it was queued"
    yield from _join_conflicts(contact, phases)
    yield from _end_conflicts(contact, phases)


def _late_conflicts(contact: Contact) -> Iterator[tuple[str, str]]:
    """Check whether the first criteria of all was there from the start; RI507 is about those not shown."""
    first, queued_at = contact.all_criteria[:1], contact.enqueued_at
    if not first or first[0].index or first[0].activated_at is None or queued_at is None:
        return
    late = first[0].activated_at - queued_at
    if late >= TOLERANCE and not in_agent_queue(contact):
        none = (
            "no criteria was in force"
            if first[0].index == 0
            else "no criteria, or one not shown, was in force"
        )
        yield (
            "RI516",
            f"the criteria was activated {seconds_text(late)} after queueing: until then {none}",
        )


def _expiry_conflicts(phase: Phase) -> Iterator[tuple[str, str]]:
    recorded = None if phase.step.expiry is None else phase.step.expiry.at
    due = shifted(phase.started_at, phase.step.expires_after)
    if recorded is not None and phase.started_at is not None and phase.started_at - recorded > TOLERANCE:
        early = seconds_text(phase.started_at - recorded)
        yield "RI511", f"step {phase.number} expires {early} before it started"
    elif recorded is not None and due is not None and abs(recorded - due) > TOLERANCE:
        side = "later" if recorded > due else "earlier"
        difference = seconds_text(abs(recorded - due))
        yield (
            "RI503",
            f"step {phase.number} expires {difference} {side} than its start and duration add up to",
        )


def _join_conflicts(contact: Contact, phases: tuple[Phase, ...]) -> Iterator[tuple[str, str]]:
    """Check the times at which an agent was connected, or the contact ended, against the steps' timers."""
    connected_at, ended_at = contact.connected_at, contact.disconnected_at
    for phase in phases:
        step, starts_at, expires_at = f"step {phase.number}", phase.started_at, phase.expires_at
        match phase.outcome:
            case "joined" if connected_at and starts_at and starts_at - connected_at > TOLERANCE:
                yield "RI511", f"{step} was joined {seconds_text(starts_at - connected_at)} before it started"
            case "joined" if connected_at and expires_at and connected_at - expires_at > TOLERANCE:
                # Accepting takes as long as a phone rings, and the timer keeps running meanwhile.
                rang_for = connected_at - expires_at
                finding = "RI505" if rang_for <= _LONGEST_RING else "RI515"
                yield finding, f"{step} was joined {seconds_text(rang_for)} after its timer"
            case "expired" if phase is phases[-1] and connected_at and expires_at:
                if expires_at - connected_at <= TOLERANCE:
                    continue
                early = seconds_text(expires_at - connected_at)
                yield "RI511", f"an agent was connected {early} before {step} expired"
            case "active" | "deactivated" if ended_at and expires_at and ended_at - expires_at > TOLERANCE:
                late = seconds_text(ended_at - expires_at)
                yield "RI511", f"{step} is {phase.step.status}, but its timer ran out {late} before the end"


def _end_conflicts(contact: Contact, phases: tuple[Phase, ...]) -> Iterator[tuple[str, str]]:
    """Check that the contact did not end before what its document shows to have come about."""
    ended_at, connected_at = contact.disconnected_at, contact.connected_at
    queued_at = contact.enqueued_at
    if ended_at is None or (queued_at is not None and queued_at - ended_at > TOLERANCE):
        return
    if connected_at is not None and connected_at - ended_at > TOLERANCE:
        early = seconds_text(connected_at - ended_at)
        yield "RI511", f"the contact ended {early} before an agent was connected"
    ran = [phase for phase in phases if phase.started_at is not None or phase.outcome == "expired"]
    if not ran or connected_at is not None:
        return
    last = ran[-1]
    then, what = (last.ended_at, "expired") if last.outcome == "expired" else (last.started_at, "started")
    if then is not None and then - ended_at > TOLERANCE:
        yield "RI511", f"the contact ended {seconds_text(then - ended_at)} before step {last.number} {what}"


def _clock_conflicts(
    contact: Contact, phases: tuple[Phase, ...], now: datetime | None
) -> Iterator[tuple[str, str]]:
    """Check *now* against the step that a contact still waits on."""
    if now is None or is_over(contact):
        return
    for phase in phases:
        if phase.outcome != "active":
            continue
        if phase.expires_at is not None and now >= phase.expires_at:
            ago = seconds_text(now - phase.expires_at)
            yield "RI605", f"step {phase.number} is shown as active, but its timer ran out {ago} ago"
        if phase.started_at is not None and phase.started_at - now > TOLERANCE:
            early = seconds_text(phase.started_at - now)
            yield "RI607", f"the contact is looked at {early} before step {phase.number} started"
    last = phases[-1] if phases else None
    if last and last.outcome == "expired" and last.ended_at and last.ended_at - now > TOLERANCE:
        early = seconds_text(last.ended_at - now)
        yield "RI607", f"the contact is looked at {early} before step {last.number} expired"
