"""A contact's document and the records about it: what is filled in, what is odd, and how it is told."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from records import FRENCH, Run, agent, at, contact, queue, step
from routing_inspect.contact import Agent, Contact, Offer, Roster, Snapshot
from routing_inspect.evaluate import Verdict
from routing_inspect.explain import explain
from routing_inspect.explanation import Explanation, Gate
from routing_inspect.history import History, enrich, find_contact, gather, read_events
from routing_inspect.moments import as_of, roster_as_of
from routing_inspect.render.lines import draw
from routing_inspect.render.terminal import lines as drawn_lines
from routing_inspect.sandbox import Sandbox
from streams import INSTANCE, agent_event, clock, event, held, lines, snapshot, wire_criteria, wire_step

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "history"
JOINED = contact(step("JOINED"), agent_id="ana", connected_at=60)
TAKEN: dict[str, Any] = {"agent_id": "ana", "connected_at": 60}


def _read(some: Contact, *records: Any) -> History:
    return read_events(lines(*records), some)


def _explain(some: Contact, roster: Roster | None, *records: Any, now: float | None = None) -> Explanation:
    when = None if now is None else at(now)
    known, agents, findings = enrich(some, roster, _read(some, *records), when)
    return explain(known, agents, when, findings=findings)


def _ids(explanation: Explanation) -> list[str]:
    return [finding.id for finding in explanation.findings]


def _gate(explanation: Explanation, name: str, kind: str, number: int = 1) -> Gate:
    explained = explanation.find(name)
    assert explained is not None
    (found,) = [gate for gate in explained.steps[number - 1].gates if gate.gate == kind]
    return found


# ---------------------------------------------------------------------------- criteria


def test_events_bring_back_every_criteria_that_was_replaced() -> None:
    """Each has its steps, its times and its end; what DescribeContact cannot know is no question any more."""
    some = contact(step("JOINED"), index=2, activated=50, **TAKEN)
    records = [
        event(0, wire_criteria(wire_step("ACTIVE", 20), wire_step("INACTIVE", 60, level=3))),
        event(20, wire_criteria(wire_step("EXPIRED", 20, ended=20), wire_step("ACTIVE", 60, level=3))),
        event(30, wire_criteria(wire_step("ACTIVE", 60, level=2), index=1, activated=30)),
    ]

    before, after = explain(some), _explain(some, None, *records)

    assert "RI507" in _ids(before)
    assert "which criteria this one replaced" in [one.question for one in before.unknowns]
    assert "RI507" not in _ids(after)
    assert "which criteria this one replaced" not in [one.question for one in after.unknowns]
    assert [[phase.outcome for phase in one.timeline.phases] for one in after.earlier] == [
        ["expired", "interrupted"],
        ["interrupted"],
    ]
    assert [one.replaced_at for one in after.earlier] == [at(30), at(50)]
    assert [one.sentence for one in after.earlier] == [
        "Criteria 0 was replaced by criteria 1 during step 2 of 2, 30.0 s after it was queued.",
        "Criteria 1 was replaced by criteria 2 during its only step, 50.0 s after it was queued.",
    ]


@pytest.mark.parametrize(
    ("steps", "outcomes", "sentence"),
    [
        (
            [("ACTIVE", 10), ("INACTIVE", 15), ("INACTIVE", None)],
            "expired expired interrupted",
            "during step 3 of 3",
        ),
        ([("ACTIVE", 10), ("INACTIVE", 15)], "expired expired", "when all its steps had expired"),
        ([("INACTIVE", 10), ("INACTIVE", 90)], "expired interrupted", "during step 2 of 2"),
        ([("EXPIRED", 10), ("INTERRUPTED", 90)], "expired interrupted", "during step 2 of 2"),
        ([("EXPIRED", 10), ("INACTIVE", 90)], "expired interrupted", "during step 2 of 2"),
        ([("INTERRUPTED", 90), ("INACTIVE", None)], "interrupted not-reached", "during step 1 of 2"),
        ([("PAUSED", 10)], "unknown", "at a step that nobody can tell"),
    ],
)
def test_the_timers_tell_what_no_event_does(
    steps: list[tuple[str, float | None]], outcomes: str, sentence: str
) -> None:
    """An event older than the end leaves steps active; the clock says which expired before the end."""
    some = contact(step("JOINED"), index=1, activated=40, **TAKEN)

    found = _explain(
        some, None, event(0, wire_criteria(*(wire_step(status, n) for status, n in steps)))
    ).earlier[0]

    assert " ".join(phase.outcome for phase in found.timeline.phases) == outcomes
    assert found.sentence == f"Criteria 0 was replaced by criteria 1 {sentence}, 40.0 s after it was queued."
    derived = {"EXPIRED": (), "INTERRUPTED": ("ended_at",), "PAUSED": ()}.get(
        steps[0][0], ("outcome", "started_at")
    )
    assert set(derived) <= {*found.timeline.phases[0].derived, "started_at"}


def test_without_times_nothing_is_made_up() -> None:
    """A criteria of which no time is known is shown with what its statuses say, and no more."""
    some = contact(step("JOINED"), index=None, activated=None, **TAKEN)
    older = contact(step("ACTIVE", 20), step("INACTIVE"), index=None, activated=None).criteria
    waiting = contact(step("INACTIVE"), index=None, activated=None).criteria
    assert older is not None
    assert waiting is not None

    found = explain(evolve(some, earlier=(waiting, older), enqueued_at=None)).earlier

    assert [[phase.outcome for phase in one.timeline.phases] for one in found] == [
        ["not-reached"],
        ["interrupted", "not-reached"],
    ]
    assert [one.sentence for one in found] == [
        "An earlier criteria was replaced by the next one before any of its steps is known to have started.",
        "An earlier criteria was replaced by the next one during step 1 of 2.",
    ]
    assert found[1].timeline.phases[0].ended_at is None


def test_the_step_that_got_furthest_is_the_later_truth() -> None:
    """A late event does not undo an end, and a recorded expiry takes the place of a derived one."""
    some = contact(step("EXPIRED", 20), step("JOINED"), **TAKEN)
    expired = wire_step("EXPIRED", 20, ended=20.4)

    found = _explain(
        some,
        None,
        event(21, wire_criteria(expired, wire_step("ACTIVE"))),
        event(40, wire_criteria(wire_step("ACTIVE", 20), wire_step("INACTIVE"))),
    )

    assert [phase.outcome for phase in found.timeline.phases] == ["expired", "joined"]
    assert (found.timeline.phases[0].ended_at, found.timeline.phases[0].derived) == (at(20.4), ())


def test_an_active_step_is_not_made_inactive_by_a_late_event() -> None:
    """Of two documents without an end the one in which the step had begun is the later truth."""
    some = contact(step("INACTIVE", 20))
    records = [
        event(1, wire_criteria(wire_step("ACTIVE", 20))),
        event(2, wire_criteria(wire_step("INACTIVE", 20))),
    ]

    known, _, _ = enrich(some, None, _read(some, *records))

    assert known.criteria is not None
    assert known.criteria.steps[0].status == "ACTIVE"


def test_a_document_older_than_its_events_is_brought_up_to_date() -> None:
    """A contact that waited when it was read, and was taken since, was taken."""
    some = contact(step("ACTIVE", 90))
    joined = event(
        60,
        wire_criteria(wire_step("JOINED", 90)),
        queueInfo={"queueType": "STANDARD"},
        agentInfo={"agentArn": f"{INSTANCE}/agent/ana", "connectedToAgentTimestamp": clock(60.25)},
    )
    record = {
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "ContactId": "contact-1",
        "Channel": "VOICE",
        "InstanceARN": INSTANCE,
        "LastUpdateTimestamp": clock(500),
        "NextContactId": "contact-9",
        "Agent": {"ARN": f"{INSTANCE}/agent/ana", "Username": "Ana", "ConnectedToAgentTimestamp": clock(60)},
    }

    known, _, findings = enrich(some, None, _read(some, joined, record))

    assert explain(known).path.kind == "matched-step"
    assert (known.agent_id, known.agent_username, known.connected_at) == ("ana", "Ana", at(60.25))
    assert (known.queue_type, known.next_ids) == ("STANDARD", ("contact-9",))
    assert known.source == "DescribeContact, a contact event and a contact record"
    assert findings == ()


def test_criteria_without_an_index_are_told_apart_by_their_activation() -> None:
    """The same activation is the same criteria, whichever of the two documents says its index."""
    some = contact(step("JOINED"), index=None, activated=50, **TAKEN)

    known, _, _ = enrich(
        some,
        None,
        _read(
            some,
            event(50, wire_criteria(wire_step("ACTIVE"), index=1, activated=50)),
            event(0, wire_criteria(wire_step("ACTIVE"), index=0)),
        ),
    )

    assert known.criteria is not None
    assert [one.index for one in (*known.earlier, known.criteria)] == [0, 1]
    assert known.criteria.steps[0].status == "JOINED"


def test_documents_that_disagree_are_findings() -> None:
    """Other steps, another end, another expiry, another agent, another clock: the contact's own counts."""
    some = contact(step("EXPIRED", 20, expires_at=20), step("JOINED"), **TAKEN)
    joined = wire_step("JOINED", 20)

    found = _explain(
        some,
        None,
        event(1, wire_criteria(wire_step("ACTIVE", 20))),
        event(2, wire_criteria(joined, wire_step("INACTIVE"))),
        event(3, wire_criteria(wire_step("EXPIRED", 20, ended=25), wire_step("ACTIVE"))),
        event(4, None, agentInfo={"agentArn": "ben", "connectedToAgentTimestamp": clock(65)}),
        agent_event(
            60, "ana", snapshot(contacts=(held("CONNECTED", 60, ConnectedToAgentTimestamp=clock(50)),))
        ),
    )

    assert [f.message for f in found.findings if f.id in {"RI521", "RI522", "RI613"}] == [
        "criteria 0 has other steps in 1 of 4 documents",
        "step 1 of criteria 0 is EXPIRED and JOINED",
        "two documents differ by 5.0 s on when step 1 of criteria 0 expires",
        "the documents name different agents: ana and ben",
        "an agent event has it that an agent was connected 10.0 s earlier than DescribeContact has it",
    ]
    assert (found.path.kind, found.path.step) == ("matched-step", 2)


def test_a_contact_may_be_known_from_its_records_alone() -> None:
    """No AWS account is needed where the records are kept."""
    records = lines(
        event(
            0, wire_criteria(wire_step("JOINED")), channel="VOICE", queueInfo={"enqueueTimestamp": clock(0)}
        ),
        "no json\n",
        agent_event(0, "ana", snapshot(4)),
    )
    pieces = [("f", n, line) for n, line in enumerate(records, 1)]

    found = find_contact(pieces, "contact-1")

    assert found is not None
    assert (found.channel, found.enqueued_at, found.source) == ("VOICE", at(0), "caller")
    assert find_contact(pieces, "contact-2") is None
    assert gather(pieces, found).counts.unreadable == 1


# ---------------------------------------------------------------------------- agents


def test_proficiencies_are_those_of_the_join() -> None:
    """Today's roster contradicts the join; the events of that day do not, and say what changed."""
    today = Roster(agents=[agent("ana", french=2, modified_at=at(90_000))], as_of=at(100_000))
    events = [agent_event(50, "ana", snapshot(4)), agent_event(70, "ana", snapshot(4))]

    before, after = explain(JOINED, today), _explain(JOINED, today, *events)

    assert before.path.kind == "contradiction"
    assert {"RI508", "RI602"} <= set(_ids(before))
    assert after.path.kind == "matched-step"
    assert [f"{f.id} {f.message}" for f in after.findings if f.id[2] == "6"] == [
        "RI612 ana had other proficiencies: Language(French) 4 then, 2 now"
    ]
    assert _gate(after, "ana", "proficiency").source == "agent events"
    assert after.to_dict()["agents"][0]["as_of"] == clock(60)


def test_a_skill_gained_since_is_said_too() -> None:
    """What was not held then is told as that, of the agents of whom both times are known."""
    today = Roster(agents=[agent("ana", french=4), agent("ben", proficiencies=None), agent("cy", french=4)])

    found = _explain(
        JOINED,
        today,
        agent_event(59, "ana", snapshot(0)),
        agent_event(59, "ben", snapshot(1)),
        agent_event(59, "cy", snapshot(None)),
    )

    assert [f.message for f in found.findings if f.id == "RI612"] == [
        "ana had other proficiencies: Language(French) not held then, 4 now"
    ]


def test_each_step_is_judged_by_its_own_time() -> None:
    """Who held the skill on step 1 and lost it before step 2 matches step 1 alone; the edit is a finding."""
    some = contact(step("EXPIRED", 30), step("JOINED"), **TAKEN)
    events = [agent_event(0, "ben", snapshot(4)), agent_event(40, "ben", snapshot(2))]

    found = _explain(some, Roster(agents=[agent("ben", french=2)]), *events)
    alone = found.find("ben")

    assert [one.matching for one in found.steps] == [("ben",), ()]
    assert alone is not None
    assert [(one.verdict, one.as_of) for one in alone.steps] == [
        (Verdict.UNKNOWN, at(0)),
        (Verdict.NO_MATCH, at(40)),
    ]
    (edited,) = [f.message for f in found.findings if f.id == "RI614"]
    assert edited == (
        f"ben had Language(French) 4 at {clock(0)} and 2 at {clock(40)}, while the contact waited"
    )


FOUR, TWO = {FRENCH: 4.0}, {FRENCH: 2.0}


@pytest.mark.parametrize(
    ("seen", "levels", "time"),
    [
        ([], None, None),
        ([Snapshot(at=at(0), proficiencies=FOUR)], FOUR, 0),
        ([Snapshot(at=at(0), proficiencies=FOUR), Snapshot(at=at(90), proficiencies=FOUR)], FOUR, 60),
        ([Snapshot(at=at(0), proficiencies=FOUR), Snapshot(at=at(90), proficiencies=TWO)], FOUR, 0),
        ([Snapshot(at=at(90), proficiencies=TWO)], TWO, 90),
        (
            [Snapshot(at=at(90), proficiencies=TWO), Snapshot(at=at(90), proficiencies=FOUR, previous=True)],
            FOUR,
            90,
        ),
        (
            [
                Snapshot(at=at(0), proficiencies=FOUR),
                Snapshot(at=at(90), proficiencies=TWO),
                Snapshot(at=at(90), proficiencies=FOUR, previous=True),
            ],
            FOUR,
            60,
        ),
        ([Snapshot(at=at(60), proficiencies=TWO), Snapshot(at=at(0))], TWO, 60),
        ([Snapshot(at=at(0))], None, None),
    ],
)
def test_the_events_around_a_moment_tell_of_it(
    seen: list[Snapshot], levels: dict[Any, float] | None, time: float | None
) -> None:
    """Two that agree around it tell it for certain; else the one before, else what was before the next."""
    then = as_of(Agent(id="ana", seen=tuple(sorted(seen, key=lambda one: one.at))), at(30), at(60))

    assert then.proficiencies == levels
    assert then.as_of == (None if time is None else at(time))


HOUR, DAYS = 3600, 86_400


@pytest.mark.parametrize(
    ("given", "edited", "seen", "level"),
    [
        # The nearer of the two counts, whichever side of the moment it is on.
        (2 * DAYS, None, 30 * DAYS, 2),
        (2 * DAYS, None, 3600 * 24 * 365 * 1000, 2),
        (2 * DAYS, None, -HOUR, 4),
        (2 * DAYS, None, HOUR, 4),
        (-HOUR, None, -2 * HOUR, 2),
        (-2 * HOUR, None, HOUR, 4),
        (0, None, -60, 2),
        # What was last edited before the moment and read after it held at the moment.
        (2 * DAYS, -HOUR, -60, 2),
        (-HOUR, -DAYS, -60, 4),
        (None, -DAYS, -60, 4),
        # What was edited since is of after the moment: any event of the day tells more.
        (HOUR, 60, -20 * HOUR, 4),
        (HOUR, 60, -2 * DAYS, 2),
        # Of an unknown time: an event of the day counts.
        (None, None, -HOUR, 4),
        (None, None, HOUR, 4),
        (None, None, 2 * DAYS, 2),
        (None, None, -2 * DAYS, 2),
    ],
)
def test_of_events_and_roster_the_nearer_counts(
    given: float | None, edited: float | None, seen: float, level: float
) -> None:
    """An event of any other day never overrides a roster that was taken nearer to the contact."""
    ana = agent(
        "ana",
        french=2,
        as_of=None if given is None else at(given),
        modified_at=None if edited is None else at(edited),
        source="a roster",
        seen=(Snapshot(at=at(seen), proficiencies=FOUR),),
    )

    then = as_of(ana, None, at(0))

    assert then.proficiencies == {FRENCH: level}
    assert (then.source, then.as_of) == (
        ("a roster", ana.as_of) if level == 2 else ("agent events", at(seen))
    )


@pytest.mark.parametrize(
    ("seen", "level"),
    [(-400 * DAYS, 4), (-HOUR, 4), (DAYS, 4), (DAYS + 1, None), (30 * DAYS, None)],
)
def test_without_a_roster_the_last_that_is_known_counts(seen: float, level: float | None) -> None:
    """It holds if nothing was changed since, and says of when it is; what is days later tells nothing."""
    then = as_of(Agent(id="ana", seen=(Snapshot(at=at(seen), proficiencies=FOUR),)), None, at(0))

    assert then.proficiencies == (None if level is None else {FRENCH: level})
    assert then.as_of == (None if level is None else at(seen))


def test_what_is_days_later_hides_nothing_that_was_before() -> None:
    """An event of two days after is nearer than one of three days before, and still tells less."""
    seen = (Snapshot(at=at(-3 * DAYS), proficiencies=FOUR), Snapshot(at=at(2 * DAYS), proficiencies=TWO))

    assert as_of(Agent(id="ana", seen=seen), None, at(0)).proficiencies == FOUR


def test_queues_are_of_the_nearer_source_too() -> None:
    """A queue that an agent lost weeks later was there at the time."""
    far, near = Snapshot(at=at(30 * DAYS), queue_ids=()), Snapshot(at=at(60), queue_ids=())
    ana = agent("ana", 4, queues=(queue(),), as_of=at(2 * DAYS))

    assert as_of(evolve(ana, seen=(far,)), None, at(0)).seen_queue_ids is None
    assert as_of(evolve(ana, seen=(near,)), None, at(0)).seen_queue_ids == ()
    assert as_of(evolve(ana, queues=None, seen=(far,)), None, at(0)).seen_queue_ids is None


def test_a_later_event_is_not_called_then() -> None:
    """Of a roster older than the event both times are told, and of an event too far off to count."""
    had, later = "ana had other proficiencies:", f"an event of {clock(30 * DAYS)}"
    why = "the roster counts: it is nearer"
    older = Roster(agents=[agent("ana", french=2)], as_of=at(-5000))
    day_after = Roster(agents=[agent("ana", french=2)], as_of=at(DAYS))

    found = _explain(JOINED, older, agent_event(160, "ana", snapshot(4)))
    unknown = _explain(JOINED, Roster(agents=[agent("ana", 2)]), agent_event(30 * DAYS, "ana", snapshot(4)))
    far = _explain(JOINED, day_after, agent_event(30 * DAYS, "ana", snapshot(4)))

    assert [f.message for f in found.findings if f.id == "RI612"] == [
        f"{had} Language(French) 4 in an event of {clock(160)}, 2 in the roster of {clock(-5000)}"
    ]
    assert found.path.kind == "matched-step"
    assert far.path.kind == "contradiction"
    assert [f"{f.message}; {f.hint}" for f in far.findings if f.id == "RI612"] == [
        f"{had} Language(French) 4 in {later}, 2 in the roster of {clock(DAYS)}; {why}"
    ]
    assert [f.message for f in unknown.findings if f.id == "RI612"] == [
        f"{had} Language(French) 4 in {later}, 2 in the roster"
    ]


def test_without_a_moment_nothing_changes() -> None:
    """An agent, and a roster, of no known time stays as it was given."""
    ana = Agent(id="ana", seen=(Snapshot(at=at(0), proficiencies=FOUR),))
    roster = Roster(agents=[ana])

    assert as_of(ana, None, None) is ana
    assert roster_as_of(roster, None, None) is roster
    assert roster_as_of(Roster(agents=[Agent(id="b")]), None, at(0)) == Roster(agents=[Agent(id="b")])


@pytest.mark.parametrize(
    ("events", "available", "free"),
    [
        ([(0, snapshot(free=1, status="Lunch"))], False, {"VOICE": 1}),
        ([(0, snapshot(free=1, status="Lunch")), (45, snapshot(free=0))], True, {"VOICE": 0}),
        ([(0, snapshot(free=1))], True, {"VOICE": 1}),
        ([(0, snapshot(free=0))], True, {"VOICE": 0}),
        ([(0, snapshot(free=0)), (45, snapshot(free=1))], True, {"VOICE": 1}),
        ([(45, snapshot(free=0))], True, None),
        ([(0, snapshot(status="Lunch"))], False, None),
        ([(0, snapshot(status="Lunch")), (45, snapshot())], True, None),
        ([(0, snapshot(NextAgentStatus={"Name": "Lunch"}))], False, None),
        ([(0, snapshot(status=None))], None, None),
        ([(-500, snapshot(free=1))], None, None),
        ([(-500, snapshot(status="Offline"))], False, None),
        ([(-500, snapshot(status=None, AgentStatus={"Name": "Off", "Type": "OFFLINE"}))], False, None),
        ([(0, snapshot(status=None, AgentStatus={"Name": "Ready", "Type": "ROUTABLE"}))], True, None),
        ([(90, snapshot())], None, None),
    ],
)
def test_presence_is_that_of_the_steps_time(
    events: list[tuple[float, Any]],
    available: bool | None,  # noqa: FBT001  (what is expected)
    free: dict[str, int] | None,
) -> None:
    """Free at any time of the step is free; a no needs the whole of it, and silence is no no."""
    history = _read(contact(), *(agent_event(time, "ana", shown) for time, shown in events))

    then = as_of(Agent(id="ana", seen=history.snapshots["ana"]), at(30), at(60))

    assert (then.available, then.free_slots) == (available, free)


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        (snapshot(status="Lunch"), "Lunch"),
        (snapshot(NextAgentStatus={"Name": "Lunch"}), "Available, then Lunch"),
        (snapshot(status=None, AgentStatus={"Type": "OFFLINE"}), None),
        (snapshot(), None),
    ],
)
def test_the_status_that_kept_an_agent_away_has_its_name(shown: Any, status: str | None) -> None:
    """What an event calls the status is told, of an agent who was not free for anything."""
    history = _read(contact(), agent_event(0, "ana", shown))

    assert as_of(Agent(id="ana", seen=history.snapshots["ana"]), at(30), at(60)).seen_status == status


def test_a_logout_lasts() -> None:
    """Who has signed out is away until an event says otherwise, however long ago it was."""
    history = _read(contact(), agent_event(-5000, "ana", snapshot(4), kind="LOGOUT"))

    assert as_of(Agent(id="ana", seen=history.snapshots["ana"]), at(30), at(60)).available is False


def test_the_steps_time_must_be_known_for_presence() -> None:
    """Of a span without a beginning nobody can say that somebody was away in all of it."""
    history = _read(contact(), agent_event(0, "ana", snapshot(status="Lunch")))

    assert as_of(Agent(id="ana", seen=history.snapshots["ana"]), None, at(60)).available is None


def test_who_was_free_is_answered_where_events_cover_the_steps() -> None:
    """The question goes once every agent's presence on every step that ran is known, and not before."""
    roster = Roster(agents=[agent("ana", french=4), agent("ben", french=4), agent("cy", french=4)])
    question = "who was free while each step ran"
    covered = [
        agent_event(-10, "ben", snapshot(4, free=0)),
        agent_event(-10, "cy", snapshot(4, status="Lunch")),
    ]

    part, whole = _explain(JOINED, roster, covered[0]), _explain(JOINED, roster, *covered)

    assert question in [one.question for one in part.unknowns]
    assert question not in [one.question for one in whole.unknowns]
    assert _gate(whole, "ben", "concurrency").reason == "0 free VOICE slots"
    assert _gate(whole, "cy", "availability").reason == "status Lunch"
    assert whole.eligible("ben") is whole.eligible("cy") is Verdict.NO_MATCH


def test_the_queues_are_those_of_the_time() -> None:
    """An event names the queues of the profile: one that was not there is a no, whatever the roster has."""
    roster = Roster(
        agents=[agent("ana", queues=[queue()]), agent("ben", queues=[]), agent("cy", queues=[queue()])]
    )
    events = [
        agent_event(59, "ana", snapshot(4, queues=("queue-2",))),
        agent_event(59, "ben", snapshot(4, queues=("queue-1",))),
        agent_event(59, "cy", snapshot(4, queues=("queue-1",))),
    ]

    found = _explain(contact(step("ACTIVE")), roster, *events, now=60)

    assert [
        (_gate(found, name, "queue").verdict, _gate(found, name, "queue").reason)
        for name in ("ana", "ben", "cy")
    ] == [
        (Verdict.NO_MATCH, "queue-1 was not in the routing profile then"),
        (Verdict.MATCH, "queue-1 was in the routing profile then"),
        (Verdict.MATCH, "queue-1 is in the routing profile for VOICE"),
    ]


def test_without_a_roster_the_events_are_the_roster() -> None:
    """Everybody whom the events show is asked about, under the name that they show last."""
    named = snapshot(4)
    named["Configuration"]["Username"] = "Ana"

    found = _explain(JOINED, None, agent_event(59, "ana", named), agent_event(59, "ben", snapshot(1)))

    assert [(one.agent.name, one.source) for one in found.agents] == [
        ("Ana", "agent events"),
        ("ben", "agent events"),
    ]
    assert found.steps[0].matching == ("ana",)
    assert _explain(JOINED, None, event(0)).roster_size == 0


def test_a_roster_is_joined_by_those_who_had_to_do_with_the_contact() -> None:
    """Who took it, whom it was offered to and who is asked about, where events tell of them; nobody else."""
    some = contact(step("JOINED"), agent_id="ana", connected_at=60)
    shown = snapshot(4)
    shown["Configuration"]["Username"] = "Dee"
    history = _read(
        some,
        agent_event(59, "ana", snapshot(4)),
        agent_event(30, "ben", snapshot(4, contacts=(held("MISSED", 30),))),
        agent_event(30, "cy", snapshot(4)),
        agent_event(30, "dee", shown),
    )

    _, roster, _ = enrich(some, Roster(agents=[agent("zoe")]), history, agents=["Dee", "nobody"])

    assert roster is not None
    assert [one.id for one in roster.agents] == ["zoe", "ana", "ben", "dee"]


# ---------------------------------------------------------------------------- offers


@pytest.mark.parametrize(
    ("states", "offers"),
    [
        ([("CONNECTING", 10), ("MISSED", 30)], [("missed", 10, 30)]),
        ([("CONNECTING", 10), ("REJECTED", 12)], [("rejected", 10, 12)]),
        ([("CONNECTING", 10), ("ERROR", 12)], [("failed", 10, 12)]),
        ([("CONNECTING", 10)], [("ringing", 10, None)]),
        ([("MISSED", 30)], [("missed", None, 30)]),
        (
            [("CONNECTING", 10), ("CONNECTED", 15), ("CONNECTED_ONHOLD", 40), ("ENDED", 50)],
            [("accepted", 10, 15)],
        ),
        (
            [("CONNECTING", 10), ("MISSED", 30), ("CONNECTING", 35), ("MISSED", 55)],
            [("missed", 10, 30), ("missed", 35, 55)],
        ),
        ([("INCOMING", 10), ("PENDING", 11), ("CONNECTING", 12), ("CONNECTED", 15)], [("accepted", 10, 15)]),
        ([("ENDED", 50)], []),
    ],
)
def test_offers_follow_from_the_states_in_an_agents_hands(
    states: list[tuple[str, float]], offers: list[tuple[str, float | None, float | None]]
) -> None:
    """Each event repeats the state; an offer is one ring, from its beginning to what came of it."""
    some = contact(step("ACTIVE"))
    events = [
        agent_event(time + lag, "ben", snapshot(contacts=(held(state, time), {"ContactId": 3})))
        for state, time in states
        for lag in (0, 5)
    ]

    known, _, _ = enrich(some, None, _read(some, *events))

    assert known.offers == tuple(
        Offer(
            agent_id="ben",
            outcome=outcome,
            offered_at=None if start is None else at(start),
            ended_at=None if end is None else at(end),
        )
        for outcome, start, end in offers
    )


def test_a_state_without_its_start_begins_with_its_event() -> None:
    """An older stream does not say since when; the event's own time is then the nearest."""
    some = contact(step("ACTIVE"))

    known, _, _ = enrich(
        some, None, _read(some, agent_event(7, "ben", snapshot(contacts=(held("MISSED", None),))))
    )

    assert [one.ended_at for one in known.offers] == [at(7)]


def test_who_missed_the_contact_could_have_had_it() -> None:
    """The offer stands in the agent's gates, and is stronger than what a roster says of the queue."""
    some = contact(step("EXPIRED", 30), step("JOINED"), **TAKEN)
    ringing = snapshot(4, free=0, contacts=(held("CONNECTING", 10),))
    missed = snapshot(4, free=0, contacts=(held("MISSED", 28),))
    roster = Roster(agents=[agent("ben", french=4, queues=[]), agent("cy", french=4, queues=[])])

    found = _explain(some, roster, agent_event(10, "ben", ringing), agent_event(28, "ben", missed, ringing))

    assert _gate(found, "ben", "offer").reason == "offered at 14:02:21.000Z, missed at 14:02:39.000Z"
    assert _gate(found, "ben", "queue").reason == "was offered the contact from this queue"
    assert _gate(found, "ben", "concurrency").reason == "was offered the contact"
    assert (found.eligible("ben"), found.eligible("cy")) == (Verdict.MATCH, Verdict.NO_MATCH)
    assert "offered at 14:02:21.000Z, missed" in draw(drawn_lines(found, verbose=False), None)
    assert found.to_dict()["contact"]["offers"][0]["outcome"] == "missed"


def test_an_offer_after_the_last_step_stands_with_the_fallback() -> None:
    """Once all steps have expired an offer belongs to none of them."""
    some = contact(step("EXPIRED", 30), **TAKEN)
    roster = Roster(agents=[agent("ben")])

    found = _explain(some, roster, agent_event(40, "ben", snapshot(contacts=(held("MISSED", 40),)))).find(
        "ben"
    )

    assert found is not None
    assert found.fallback is not None
    assert [gate.reason for gate in found.fallback.gates if gate.gate == "offer"] == [
        "missed at 14:02:51.000Z"
    ]
    assert "offer" not in [gate.gate for gate in found.steps[0].gates]


def test_a_step_of_which_no_time_is_known_has_no_offers() -> None:
    """To which step an offer belongs cannot be told then."""
    some = contact(step("JOINED"), activated=None, agent_id="ana")

    found = _explain(
        some, Roster(agents=[agent("ben")]), agent_event(40, "ben", snapshot(contacts=(held("MISSED", 40),)))
    )

    explained = found.find("ben")
    assert explained is not None
    assert "offer" not in [gate.gate for gate in explained.steps[0].gates]


# ---------------------------------------------------------------------------- earlier criteria and agents


def test_an_agent_let_in_by_an_earlier_criteria_was_eligible() -> None:
    """Where it is known when the replaced steps ran, they count like any other step; as of their time."""
    some = contact(step("JOINED", expression=step("x").expression), index=1, activated=30, **TAKEN)
    older = event(0, wire_criteria(wire_step("INTERRUPTED", 60, level=2)))
    roster = Roster(
        agents=[agent("ben", french=3, queues=[queue()]), agent("cy", french=1, queues=[queue()])]
    )

    before, after = explain(some, roster), _explain(some, roster, older)

    assert (before.eligible("ben"), before.eligible("cy")) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert (after.eligible("ben"), after.eligible("cy")) == (Verdict.MATCH, Verdict.NO_MATCH)
    assert [one.matching for one in after.earlier[0].steps] == [("ben",)]
    node = after.to_dict()
    assert node["earlier"][0]["steps"][0]["outcome"] == "interrupted"
    assert node["earlier"][0]["index"] == 0
    assert [one["earlier"][0][0]["verdict"] for one in node["agents"] if one["id"] == "ben"] == ["match"]


def test_after_an_earlier_criteria_ran_out_anybody_in_the_queue_could() -> None:
    """The time between its last step and the next criteria counts for everybody in the queue."""
    some = contact(step("JOINED"), index=1, activated=30, **TAKEN)
    roster = Roster(agents=[agent("cy", french=1, queues=[queue()])])

    found = _explain(some, roster, event(0, wire_criteria(wire_step("ACTIVE", 10))))

    assert found.earlier[0].sentence.startswith(
        "Criteria 0 was replaced by criteria 1 when its only step had expired"
    )
    assert found.eligible("cy") is Verdict.MATCH


# ---------------------------------------------------------------------------- what is passed over


def test_records_of_others_are_counted_and_not_used() -> None:
    """Another contact, another instance, another kind: each is told by number."""
    foreign = agent_event(59, "ben", snapshot(4)) | {"InstanceARN": "arn:aws:connect:x:1:instance/i-2"}
    records = [
        event(0, wire_criteria(wire_step("JOINED"))),
        event(1, wire_criteria(wire_step("JOINED"))),
        event(0, contact_id="contact-2"),
        foreign,
        event(0) | {"detail": {"contactId": "contact-1", "instanceArn": "arn:aws:connect:x:1:instance/i-2"}},
        {"eventName": "StartInstances", "id": "contact-1"},
        {"detail-type": "Contact Lens Analysis State Change", "detail": {"contactId": "contact-1"}},
        {"detail-type": ["Amazon Connect Contact Event"], "detail": {"contactId": "contact-1"}},
        {"detail-type": {"a": 1}},
        {"detail": "text"},
    ]
    history = _read(JOINED, *records)

    _, roster, findings = enrich(JOINED, None, history)

    assert (history.counts.records, history.counts.kept) == (10, 2)
    assert [f.message for f in findings] == [
        "of 10 records 1 is about other contacts, 2 are of another instance, 5 are of no kind known here"
    ]
    assert roster is None


def test_the_contacts_own_instance_decides() -> None:
    """Where its document names the instance, records of another one are not the contact's."""
    some = evolve(JOINED, instance_id="i-2")

    known, _, findings = enrich(some, None, _read(some, event(0, channel="CHAT")))

    assert known.instance_id == "i-2"
    assert {"RI616", "RI617"} == {finding.id for finding in findings}


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (event(0, {"steps": 3}), "$.detail.routingCriteria.steps"),
        (event(0) | {"time": "yesterday"}, "$.time"),
        (agent_event(0, "ana", snapshot()) | {"EventTimestamp": "noon"}, "$.EventTimestamp"),
        (
            agent_event(0, "ana", {"Configuration": {"Proficiencies": "secret"}}),
            "$.CurrentAgentSnapshot.Configuration.Proficiencies",
        ),
        (
            agent_event(
                0, "ana", snapshot(contacts=(held("MISSED", 0) | {"StateStartTimestamp": "secret"},))
            ),
            "$.CurrentAgentSnapshot.Contacts[0].StateStartTimestamp",
        ),
        ('{"ContactId": "contact-1", "Channel": "V", "Channel": "secret"}\n', "$.Channel"),
        ('{"ContactId": "contact-1", "Channel": "\udcff"}\n', "$"),
    ],
)
def test_a_record_that_makes_no_sense_is_named_by_its_place_alone(record: Any, place: str) -> None:
    """What stands in it may be about a customer, so it is never quoted; all else is read."""
    history = _read(JOINED, event(0, channel="CHAT"), record)

    _, _, findings = enrich(JOINED, None, history)
    (said,) = [finding for finding in findings if finding.id == "RI611"]

    assert said.message == "1 of 2 records could not be read"
    assert said.hint == f"the first is the events, line 2, at {place}"
    assert len(history.views) == 1


def test_odd_members_of_an_agent_event_are_no_facts() -> None:
    """Absent, null and misshapen members say nothing; a snapshot without a status says no presence."""
    odd = {
        "Configuration": {
            "Proficiencies": None,
            "RoutingProfile": {"InboundQueues": [3], "Concurrency": [{}, 3]},
        },
        "Contacts": None,
    }
    bare = agent_event(0, "ana", odd) | {"InstanceARN": None}
    nothing = {"AgentARN": "ana", "EventTimestamp": clock(0), "EventType": "LOGOUT"}

    history = _read(JOINED, bare, nothing)

    assert history.snapshots["ana"] == (Snapshot(at=at(0), queue_ids=()),)


def test_a_file_that_breaks_off_is_said(run: Run, tmp_path: Path) -> None:
    """What stands before the break is used, and the place is named."""
    packed = gzip.compress("".join(lines(*(event(0, contact_id=f"{n:x}") for n in range(300)))).encode())
    file = tmp_path / "cut.gz"
    file.write_bytes(packed[: len(packed) // 2])

    _, out, _ = run(
        "explain", str(EXAMPLE / "contact.json"), "--events", str(EXAMPLE), "--events", str(tmp_path)
    )

    assert "warning RI615" in out
    assert "the file breaks off here" in out
    assert "[matched-step]" in out


def test_other_contacts_in_an_agents_hands_are_no_offers() -> None:
    """An agent may have several contacts; those of other ids are nobody's business here."""
    busy = snapshot(4, contacts=(held("CONNECTED", 5, "contact-2"), held("MISSED", 30)))

    known, _, _ = enrich(JOINED, None, _read(JOINED, agent_event(30, "ben", busy)))

    assert [one.outcome for one in known.offers] == ["missed"]


def test_what_the_document_says_is_not_overwritten() -> None:
    """The contacts it went on as and the agent who took it stand as the contact's own document has them."""
    some = evolve(JOINED, next_ids=("contact-7",), channel="CHAT")

    known, _, _ = enrich(some, None, _read(some, event(0, channel="VOICE", nextContactId="contact-8")))

    assert (known.next_ids, known.channel) == (("contact-7",), "CHAT")


def test_only_what_agents_were_around_the_contact_is_kept() -> None:
    """Of a long stream the last event before the contact, the first after it and those between are left."""
    some = contact(step("JOINED"), **TAKEN)
    times = [*range(-30_000, 30_000, 120)]

    history = _read(some, *(agent_event(time, "ana", snapshot(4), snapshot(4)) for time in times))

    kept = [one.at for one in history.snapshots["ana"] if not one.previous]
    assert kept == [at(0), at(120)]
    unknown = _read(Contact(id="contact-1"), *(agent_event(time, "ana", snapshot(4)) for time in times))
    assert len(unknown.snapshots["ana"]) == len(times)


# ---------------------------------------------------------------------------- the command line


def test_the_command_line_tells_the_true_story(run: Run) -> None:
    """The example of the page: alone, the document contradicts itself; with its events it does not."""
    arguments = ["explain", str(EXAMPLE / "contact.json"), "--roster", str(EXAMPLE / "roster.json")]

    code, out, _ = run(*arguments)
    assert code == 4
    assert "[contradiction]" in out

    code, out, _ = run(*arguments, "--events", str(EXAMPLE / "events"))
    assert code == 0
    assert "[matched-step]" in out
    assert "offered at 02:10:50.400Z, missed at 02:11:10.400Z" in out


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_personal_is_printed(run: Run, form: str) -> None:
    """Numbers, attributes and names of people stand in the records, and nowhere else."""
    arguments = ["explain", str(EXAMPLE / "contact.json"), "--events", str(EXAMPLE / "events")]

    _, out, err = run(*arguments, "--format", form, "--verbose")

    for secret in ("442079460011", "HX-440", "Example", "policyNumber", "Aled"):
        assert secret not in out + err
    if form == "json":
        assert len(json.loads(out)["earlier"]) == 2


def test_a_contact_id_needs_no_account_where_events_are(run: Run) -> None:
    """The records alone explain a contact; one that is not in them is a usage error."""
    contact_id = "dddddddd-0000-4000-8000-000000000301"
    events = ("--events", str(EXAMPLE / "events"))

    code, out, _ = run("explain", contact_id, *events)
    assert code == 0
    assert "from 5 contact events and a contact record" in out.replace("\n                  ", " ")

    code, _, err = run("explain", "dddddddd-0000-4000-8000-000000000999", *events)
    assert code == 2
    assert "no record of --events is about the contact" in err
    code, _, err = run("explain", contact_id, "--events", "-")
    assert code == 2
    assert "read twice" in err


EXAMPLE_ID = "dddddddd-0000-4000-8000-000000000301"


@pytest.mark.parametrize("why", ["no endpoint", "no credentials", "denied", "gone"])
def test_the_records_tell_a_contact_that_the_service_does_not(
    why: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an instance in the environment the service is asked first; where it cannot tell, records do."""
    denied = {"operation": "DescribeContact", "fault": {"error": "AccessDeniedException", "status": 403}}
    with Sandbox({"instance_id": "i-1", "faults": [denied] if why == "denied" else []}) as sandbox:
        url = "http://127.0.0.1:1" if why == "no endpoint" else sandbox.url
        monkeypatch.setenv("ROUTING_INSPECT_INSTANCE_ID", "i-1")
        if why != "no credentials":
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
        asked = ("--endpoint-url", url, "--region", "eu-west-2")
        events = ("--events", str(EXAMPLE / "events"))

        code, out, err = run("explain", EXAMPLE_ID, *events, *asked)
        other = run("explain", EXAMPLE_ID.replace("301", "999"), *events, *asked)
        live = run("explain", EXAMPLE_ID, *events, *asked, "--live")
        chain_code, chain, _ = run("explain", EXAMPLE_ID, *events, *asked, "--chain", "--format", "json")

    assert (code, err) == (0, "")
    assert "[matched-step]" in out
    assert "warning RI606  Amazon Connect does not tell the contact, its records do:" in out
    assert other[:2] == (3, "")
    assert live[:2] == (3, "")
    assert chain_code == 0
    assert json.loads(chain)["chain"]["asked"] == EXAMPLE_ID
    assert len(json.loads(chain)["chain"]["segments"]) == 1


def test_records_on_standard_input_are_read_once(run: Run, endpoint: Sandbox) -> None:
    """They cannot tell a contact that is found by reading them twice, so the service's word stands."""
    asked = ("--instance-id", endpoint.scenario.instance_id, "--endpoint-url", endpoint.url)

    code, out, err = run("explain", EXAMPLE_ID, "--events", "-", *asked)

    assert (code, out) == (3, "")
    assert "24 months" in err


def test_standard_input_is_one_thing(run: Run) -> None:
    """It cannot be the contact and the events."""
    code, _, err = run("explain", "-", "--events", "-")

    assert code == 2
    assert "standard input can be one of" in err


def test_a_wrong_path_is_an_error(run: Run, tmp_path: Path) -> None:
    """A file that is not there is named."""
    code, _, err = run("explain", str(EXAMPLE / "contact.json"), "--events", str(tmp_path / "none"))

    assert code == 2
    assert "none" in err


def test_agents_asked_about_are_found_in_the_events(run: Run) -> None:
    """A roster that lacks them is no obstacle."""
    code, out, _ = run(
        "explain", str(EXAMPLE / "contact.json"), "--events", str(EXAMPLE / "events"), "--agent", "bethan"
    )

    assert code == 1
    assert "bethan" in out


def test_tolerance_is_two_seconds() -> None:
    """Contact records tell whole seconds, so less than that is no disagreement."""
    some = evolve(JOINED, connected_at=at(60) + timedelta(milliseconds=900))
    near = event(1, None, agentInfo={"connectedToAgentTimestamp": clock(60)})
    far = event(1, None, agentInfo={"connectedToAgentTimestamp": clock(58)})

    assert [f.id for f in enrich(some, None, _read(some, near))[2]] == []
    assert [f.id for f in enrich(some, None, _read(some, far))[2]] == ["RI613"]
