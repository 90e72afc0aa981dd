"""Which step held when: starts, ends, what is derived, and what cannot be so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from records import FLUENT, QUEUED_AT, at, contact, step
from routing_inspect.contact import Contact, Criteria, Expiry, Step
from routing_inspect.timeline import (
    in_agent_queue,
    moved_on,
    offset_text,
    outcome,
    seconds_text,
    timeline,
    with_durations,
)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("EXPIRED", "expired"),
        ("JOINED", "joined"),
        ("ACTIVE", "active"),
        ("INACTIVE", "not-reached"),
        ("INTERRUPTED", "interrupted"),
        ("DEACTIVATED", "deactivated"),
        (None, "not-run"),
        ("PAUSED", "unknown"),
    ],
)
def test_outcome_of_each_status(status: str | None, said: str) -> None:
    """Every status has one outcome; one that nobody documents is unknown."""
    assert outcome(step(status)) == said


def test_steps_follow_one_another() -> None:
    """A step starts when the one before it expires, recorded or derived."""
    clock = timeline(
        contact(
            step("EXPIRED", 30, expires_at=30.5),
            step("EXPIRED", 20),
            step("JOINED", 40),
            step("INACTIVE", 10),
            step("INACTIVE"),
            connected_at=61.4,
            agent_id="ana",
        )
    )

    assert [(p.started_at, p.ended_at, p.expires_at) for p in clock.phases] == [
        (at(0), at(30.5), at(30.5)),
        (at(30.5), at(50.5), at(50.5)),
        (at(50.5), at(61.4), at(90.5)),
        (None, None, at(100.5)),
        (None, None, None),
    ]
    assert [p.derived for p in clock.phases] == [(), ("ended_at",), ("started_at",), (), ()]
    assert clock.conflicts == ()


def test_an_expiry_alone_tells_the_start() -> None:
    """Without an activation time, a recorded expiry and its duration say when the step started."""
    first = timeline(contact(step("EXPIRED", 30, expires_at=30), step("ACTIVE", 20), activated=None)).phases[
        0
    ]

    assert (first.started_at, first.derived) == (at(0), ("started_at",))


def test_without_times_nothing_is_derived() -> None:
    """Statuses without any time give phases without any time."""
    clock = timeline(contact(step("EXPIRED", 30), step("JOINED"), activated=None, agent_id="ana"))

    assert [(p.started_at, p.ended_at, p.derived) for p in clock.phases] == [(None, None, ())] * 2


def test_an_expiry_beyond_the_calendar_is_never() -> None:
    """A duration of a million years adds up to no instant, and to no error."""
    clock = timeline(contact(step("ACTIVE", 86_400 * 365 * 1_000_000)))

    assert clock.phases[0].expires_at is None
    assert clock.step_at(at(5)) is clock.phases[0]


@pytest.mark.parametrize("status", ["ACTIVE", "DEACTIVATED"])
def test_the_end_of_the_contact_ends_its_step(status: str) -> None:
    """No status has a time of its own for the end, so it is derived from the contact's."""
    phase = timeline(contact(step(status, 60), disconnected_at=12)).phases[0]

    assert (phase.ended_at, phase.derived) == (at(12), ("ended_at",))


def test_a_replaced_criteria_has_no_later_steps_on_the_clock() -> None:
    """When the criteria was replaced is not in the document, so nothing follows from it."""
    phases = timeline(contact(step("INTERRUPTED", 60), step("INACTIVE", 10))).phases

    assert [(p.ended_at, p.expires_at) for p in phases] == [(None, at(60)), (None, None)]


def test_activation_means_nothing_in_an_agents_queue() -> None:
    """The service sets the activation time there, too, though no step ever starts."""
    clock = timeline(contact(step("INACTIVE", 30), queue_type="AGENT"))

    assert clock.activated_at is None
    assert clock.phases[0].expires_at is None


@pytest.mark.parametrize(
    ("fields", "own"),
    [
        ({"queue_type": "AGENT"}, True),
        ({"queue_type": "agent"}, True),
        ({"queue_type": "STANDARD", "queue_id": "ana", "agent_id": "ana"}, False),
        ({"queue_id": "ana", "agent_id": "ana"}, True),
        ({"queue_id": "ana", "agent_id": "bo"}, False),
        ({"queue_id": None, "agent_id": None}, False),
        ({"queue_id": "ana", "agent_id": "ana", "criteria": None}, True),
    ],
)
def test_agent_queues_are_known_by_type_or_id(fields: dict[str, Any], *, own: bool) -> None:
    """Without a type, a queue is an agent's own if it has the agent's id and no step started."""
    assert in_agent_queue(contact(step("INACTIVE", 30), **fields)) is own


def test_a_step_that_ran_speaks_against_an_agents_queue() -> None:
    """Where a step started, an equal id is a coincidence."""
    assert not in_agent_queue(contact(step("JOINED"), queue_id="ana", agent_id="ana"))


@pytest.mark.parametrize(
    ("fields", "moved"),
    [({}, False), ({"next_ids": ("contact-2",)}, True), ({"disconnect_reason": "TRANSFERRED"}, True)],
)
def test_moved_on(fields: dict[str, Any], *, moved: bool) -> None:
    """A contact went on as another if it names that one, or its end says so."""
    assert moved_on(contact(**fields)) is moved


@pytest.mark.parametrize(("seconds", "number"), [(0, 1), (29.9, 1), (30, 2), (49.9, 2), (50, 3), (10_000, 3)])
def test_step_at_an_instant(seconds: float, number: int) -> None:
    """By the clock a step holds from its start until its timer runs out, the end not included."""
    clock = timeline(contact(step("ACTIVE", 30), step("INACTIVE", 20), step("INACTIVE")))

    found = clock.step_at(at(seconds))

    assert found is not None
    assert found.number == number


def test_no_step_holds_after_the_last() -> None:
    """Once every timer has run out no step holds; where none is known nobody can tell."""
    steps = (step("ACTIVE", 30), step("INACTIVE", 20))

    assert timeline(contact(*steps)).step_at(at(50)) is None
    assert timeline(contact(*steps, activated=None)).step_at(at(5)) is None


@pytest.mark.parametrize(
    ("statuses", "number"),
    [
        (("EXPIRED", "JOINED"), 2),
        (("ACTIVE", "INACTIVE"), 1),
        (("EXPIRED", "EXPIRED"), None),
        (("JOINED", "JOINED"), None),
    ],
)
def test_current(statuses: tuple[str, ...], number: int | None) -> None:
    """The current step is the only one that is neither over nor yet to come."""
    current = timeline(contact(*(step(status, 30) for status in statuses))).current

    assert (None if current is None else current.number) == number


@pytest.mark.parametrize(
    ("statuses", "legal"),
    [
        (("INACTIVE", "INACTIVE"), True),
        (("EXPIRED", "EXPIRED"), True),
        (("EXPIRED", "ACTIVE", "INACTIVE"), True),
        (("INTERRUPTED", "INACTIVE"), True),
        (("DEACTIVATED",), True),
        ((None, None), True),
        (("INACTIVE", "EXPIRED"), False),
        (("ACTIVE", "ACTIVE"), False),
        (("JOINED", "EXPIRED"), False),
        (("EXPIRED", "INACTIVE"), False),
        ((None, "ACTIVE"), False),
    ],
)
def test_status_sequences(statuses: tuple[str | None, ...], *, legal: bool) -> None:
    """Expired steps, at most one that holds, then inactive ones: anything else is RI501."""
    found = [i for i, _ in timeline(contact(*(step(s, 30) for s in statuses), agent_id="ana")).conflicts]

    assert found == ([] if legal else ["RI501"])


@pytest.mark.parametrize("end", [{"disconnected_at": 40}, {"next_ids": ("contact-2",)}])
def test_inactive_after_expired_is_legal_at_the_end(end: dict[str, Any]) -> None:
    """The API has no status for the step at which a contact ended, so INACTIVE may be that one."""
    assert timeline(contact(step("EXPIRED", 30), step("INACTIVE", 30), **end)).conflicts == ()


def _ids(some: Contact, now: datetime | None = None) -> list[str]:
    return [finding for finding, _ in timeline(some, now).conflicts]


TAKEN: dict[str, Any] = {"agent_id": "ana"}


@pytest.mark.parametrize(
    ("odd", "near", "finding"),
    [
        (contact(step("PAUSED\x1b")), contact(step("ACTIVE")), "RI502"),
        (
            contact(step("EXPIRED", 30, expires_at=32), step("ACTIVE")),
            contact(step("EXPIRED", 30, expires_at=31), step("ACTIVE")),
            "RI503",
        ),
        (
            contact(step("EXPIRED", 30, expires_at=28), step("ACTIVE")),
            contact(step("EXPIRED", 30, expires_at=29), step("ACTIVE")),
            "RI503",
        ),
        (contact(step("ACTIVE"), activated=-2), contact(step("ACTIVE"), activated=-1), "RI504"),
        (
            contact(step("JOINED", 30), connected_at=32, **TAKEN),
            contact(step("JOINED", 30), connected_at=31, **TAKEN),
            "RI505",
        ),
        (contact(step("JOINED")), contact(step("JOINED"), **TAKEN), "RI509"),
        (
            contact(step("ACTIVE"), connected_at=9, **TAKEN),
            contact(step("INTERRUPTED"), connected_at=9, **TAKEN),
            "RI510",
        ),
        (
            contact(step("DEACTIVATED"), connected_at=9, **TAKEN),
            contact(step("JOINED"), connected_at=9, **TAKEN),
            "RI510",
        ),
        (
            contact(step("EXPIRED", 5), step("INACTIVE"), connected_at=9, disconnected_at=12, **TAKEN),
            contact(step("EXPIRED", 5), step("INACTIVE"), disconnected_at=12),
            "RI510",
        ),
        (
            contact(step("EXPIRED", 30), step("JOINED"), connected_at=28, **TAKEN),
            contact(step("EXPIRED", 30), step("JOINED"), connected_at=29, **TAKEN),
            "RI511",
        ),
        (
            contact(step("EXPIRED", 30), connected_at=28, **TAKEN),
            contact(step("EXPIRED", 30), connected_at=29, **TAKEN),
            "RI511",
        ),
        (
            contact(step("ACTIVE", 30), disconnected_at=32),
            contact(step("ACTIVE", 30), disconnected_at=31),
            "RI511",
        ),
        (
            contact(step("INACTIVE"), disconnected_at=-2),
            contact(step("INACTIVE"), disconnected_at=-1),
            "RI511",
        ),
        (
            contact(step("EXPIRED", 20), step("DEACTIVATED", 40), disconnected_at=18),
            contact(step("EXPIRED", 20), step("DEACTIVATED", 40), disconnected_at=19),
            "RI511",
        ),
        (
            contact(step("EXPIRED", 20), step("EXPIRED", 40), disconnected_at=58),
            contact(step("EXPIRED", 20), step("EXPIRED", 40), disconnected_at=59),
            "RI511",
        ),
        (
            contact(step("JOINED", 20), connected_at=10, disconnected_at=8, **TAKEN),
            contact(step("JOINED", 20), connected_at=10, disconnected_at=9, **TAKEN),
            "RI511",
        ),
        (
            contact(step("EXPIRED", expires_at=60), step("EXPIRED", expires_at=58)),
            contact(step("EXPIRED", expires_at=60), step("EXPIRED", expires_at=59)),
            "RI511",
        ),
        (
            contact(step("EXPIRED", 20), step("EXPIRED")),
            contact(step("EXPIRED", 20), step("EXPIRED", expires_at=60)),
            "RI512",
        ),
        (contact(step("ACTIVE"), index=-1), contact(step("ACTIVE"), index=None), "RI513"),
        (
            contact(step("JOINED"), earlier=(Criteria([step("JOINED")]),), index=1, **TAKEN),
            contact(step("JOINED"), earlier=(Criteria([step("INTERRUPTED")]),), index=1, **TAKEN),
            "RI514",
        ),
    ],
)
def test_conflicts_and_their_near_neighbours(odd: Contact, near: Contact, finding: str) -> None:
    """Each conflict is found, and what is only just possible is not one."""
    assert _ids(odd) == [finding]
    assert _ids(near) == []


@pytest.mark.parametrize(("seconds", "found"), [(-2, ["RI607"]), (-1, []), (29.9, []), (30, ["RI605"])])
def test_now_against_the_active_step(seconds: float, found: list[str]) -> None:
    """A document may be older than the question, at the very instant too; a second younger is no matter."""
    assert _ids(contact(step("EXPIRED", 0), step("ACTIVE", 31 - 1)), at(seconds)) == found


@pytest.mark.parametrize(("seconds", "found"), [(28, ["RI607"]), (29, []), (300, [])])
def test_now_against_the_last_expiry(seconds: float, found: list[str]) -> None:
    """What is shown as expired had not expired before its time."""
    assert _ids(contact(step("EXPIRED", 10), step("EXPIRED", 20)), at(seconds)) == found


FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("edge", [FIRST, LAST])
@pytest.mark.parametrize("other", [FIRST, LAST])
@pytest.mark.parametrize("status", ["EXPIRED", "JOINED", "ACTIVE"])
def test_times_at_the_edge_of_the_calendar(status: str, edge: datetime, other: datetime) -> None:
    """No time is too early or too late to be compared."""
    some = evolve(
        contact(step(status, 30), step(status, 30)), enqueued_at=edge, connected_at=other, agent_id="ana"
    )
    over = evolve(some, connected_at=None, disconnected_at=other)
    activated = evolve(some, criteria=Criteria(some.criteria.steps, activated_at=edge))  # type: ignore[union-attr]  # (it has a criteria)

    for one in (some, over, activated, evolve(some, connected_at=None, agent_id=None)):
        assert timeline(one, other).phases


def test_a_start_before_the_calendar_is_unknown() -> None:
    """What a recorded expiry and a duration would put before year 1 has no start."""
    expired = Step(FLUENT, Expiry(timedelta.max, FIRST), "EXPIRED")

    assert timeline(contact(expired, activated=None)).phases[0].started_at is None


def test_now_says_nothing_of_a_contact_that_is_over() -> None:
    """An active step of a contact that has ended is not late."""
    over = contact(step("ACTIVE", 30), disconnected_at=12)

    assert _ids(over, at(5000)) == []


def test_a_discrepancy_is_reported_once() -> None:
    """Later steps count from the recorded expiry, so that one odd time is one finding."""
    odd = contact(step("EXPIRED", 30, expires_at=40), step("EXPIRED", 20, expires_at=60), step("ACTIVE"))

    assert _ids(odd) == ["RI503"]


def test_now_needs_a_zone() -> None:
    """A naive instant is refused before anything is compared with it."""
    with pytest.raises(ValueError, match="time zone"):
        timeline(contact(), QUEUED_AT.replace(tzinfo=None))


def test_no_criteria_has_no_phases() -> None:
    """A contact without criteria has an empty timeline."""
    clock = timeline(contact(criteria=None))

    assert (clock.phases, clock.current, clock.all_expired) == ((), None, False)


def test_an_expiry_without_duration_is_an_instant() -> None:
    """A recorded instant counts, also where no duration is given."""
    assert timeline(contact(step("EXPIRED", expires_at=30))).phases[0].ended_at == at(30)


def test_a_duration_follows_from_a_recorded_expiry() -> None:
    """Where only the instant is recorded at which a step expired, its start says how long it ran."""
    some = contact(step("EXPIRED", expires_at=30), step("EXPIRED", expires_at=50), step("ACTIVE"))
    assert some.criteria is not None

    found = with_durations(some.criteria)

    assert [one.expires_after for one in found.steps] == [timedelta(seconds=30), timedelta(seconds=20), None]
    assert [one.never_expires for one in found.steps] == [False, False, True]
    assert [one.expiry and one.expiry.at for one in found.steps] == [at(30), at(50), None]


@pytest.mark.parametrize(
    "steps", [(step("EXPIRED", expires_at=-5),), (step("ACTIVE"), step("INACTIVE", expires_at=9))]
)
def test_a_duration_that_does_not_follow_is_none(steps: tuple[Step, ...]) -> None:
    """Without a start before it, an instant says nothing of a duration."""
    some = contact(*steps)
    assert some.criteria is not None

    assert with_durations(some.criteria) == some.criteria


@pytest.mark.parametrize(
    ("seconds", "duration", "offset"),
    [
        (71.66, "71.7 s", "+71.7 s"),
        (3599, "3599.0 s", "+3599.0 s"),
        (3630, "1.0 hours", "+1 h 0 min 30.0 s"),
        (251_246.1, "2.9 days", "+2 d 21 h 47 min 26.1 s"),
        (-7200, "-2.0 hours", "-2 h 0 min 0.0 s"),
    ],
)
def test_how_long_is_written_so_that_it_can_be_read(seconds: float, duration: str, offset: str) -> None:
    """Seconds up to an hour; then an age in the largest unit, and an offset in all of them."""
    assert seconds_text(timedelta(seconds=seconds)) == duration
    assert offset_text(timedelta(seconds=seconds)) == offset


@pytest.mark.parametrize(("late", "finding"), [(20, "RI505"), (60, "RI505"), (61, "RI515"), (600, "RI515")])
def test_a_join_longer_after_the_timer_than_a_ring_lasts(late: float, finding: str) -> None:
    """That a phone rang on explains some seconds, not ten minutes."""
    assert finding in _ids(contact(step("JOINED", 30), agent_id="ana", connected_at=30 + late))
