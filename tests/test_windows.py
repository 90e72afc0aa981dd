"""What was in force while a contact was in its queue, and what follows for who could be offered it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from records import DYNAMO, FRENCH, agent, at, contact, queue, step
from routing_inspect.contact import Agent, Contact, Criteria, Roster
from routing_inspect.evaluate import Verdict
from routing_inspect.explain import explain
from routing_inspect.explanation import Explanation
from routing_inspect.expr import And, AtLeast, Attribute, Or
from routing_inspect.render.lines import draw
from routing_inspect.render.terminal import lines

YES, NO, UNKNOWN = Verdict.MATCH, Verdict.NO_MATCH, Verdict.UNKNOWN
L3, L5 = AtLeast(FRENCH, 3), AtLeast(FRENCH, 5)
A, B, N = agent("a", 4, queues=[queue()]), agent("b", 3, queues=[queue()]), agent("n", queues=[queue()])
ROSTER = Roster(agents=[A, B, N])
TAKEN: dict[str, Any] = {"agent_id": "zoe", "connected_at": 40}


def _earlier(*steps: Any, activated: float | None = 0, index: int | None = 0) -> Criteria:
    return Criteria(steps, activated_at=None if activated is None else at(activated), index=index)


def _verdicts(some: Contact, now: float | None = None, roster: Roster = ROSTER) -> tuple[Verdict, ...]:
    found = explain(some, roster, None if now is None else at(now))
    return tuple(found.eligible(one.id) for one in roster.agents)


def _kinds(some: Contact, now: float | None = None) -> list[tuple[str, int | None, int | None, bool]]:
    found = explain(some, ROSTER, None if now is None else at(now))
    return [(w.kind, w.criteria, w.step, w.certain) for w in found.windows]


def _text(found: Explanation, *asked: str) -> str:
    return " ".join(draw(lines(found, verbose=False, asked=asked), None).split())


# ---------------------------------------------------------------------------- an agent's own queue


@pytest.mark.parametrize("queue_type", ["AGENT", None])
def test_in_an_agents_own_queue_the_owner_could(queue_type: str | None) -> None:
    """The criteria decides nothing there, so no change to anybody's proficiencies would."""
    some = contact(step("INACTIVE"), queue_id="n", queue_type=queue_type)
    roster = Roster(agents=[A, B, evolve(N, queues=())])

    found = explain(some, roster, at(10), agents=["n", "a"])

    assert found.path.kind == "agent-queue"
    assert any("inferred" in fact for fact in found.path.evidence) is (queue_type is None)
    assert _verdicts(some, 10, roster) == (NO, NO, YES)
    assert [(one.changes, one.relaxations) for one in found.agents] == [((), ()), ((), ())]
    text = _text(found, "n")
    assert text.startswith("n could be offered this contact: own queue yes.")
    assert "smallest changes" not in text


# ---------------------------------------------------------------------------- before the first criteria


@pytest.mark.parametrize(
    ("index", "queued", "activated", "verdicts", "finding"),
    [
        (0, 0, 0, (YES, NO, NO), False),
        (0, 0, 25, (YES, YES, YES), True),
        (None, 0, 25, (YES, UNKNOWN, UNKNOWN), True),
        (0, None, 25, (YES, UNKNOWN, UNKNOWN), False),
        (0, 0, None, (YES, UNKNOWN, UNKNOWN), False),
        (2, 0, 25, (YES, UNKNOWN, UNKNOWN), False),
    ],
)
def test_until_the_first_criteria_came_anybody_could(
    index: int | None, queued: float | None, activated: float | None, verdicts: Any, *, finding: bool
) -> None:
    """By an index of 0 no criteria was in force; where nobody can tell, nobody is ruled out."""
    some = contact(step("JOINED"), activated=activated, index=index, enqueued_at=queued, **TAKEN)

    found = explain(some, ROSTER)

    assert _verdicts(some) == verdicts
    assert ("RI516" in [one.id for one in found.findings]) is finding


def test_the_time_before_the_first_criteria_is_told() -> None:
    """An agent whom no step lets in is told what did."""
    found = explain(contact(step("JOINED"), activated=25, **TAKEN), ROSTER, agents=["n"])

    assert _text(found, "n").startswith("n could be offered this contact: no criteria yes, step 1 no.")
    assert found.to_dict()["windows"][0] == {
        "kind": "no-criteria",
        "criteria": None,
        "step": None,
        "since": "2026-03-04T14:02:11.000Z",
        "until": "2026-03-04T14:02:36.000Z",
        "certain": True,
    }
    assert [one["window"] for one in found.to_dict()["agents"][0]["windows"]] == [0]


def test_what_no_document_shows_is_told_where_it_matters() -> None:
    """Who might have been let in by it cannot be told of, and the answer says why."""
    found = explain(contact(step("JOINED"), index=1, **TAKEN), ROSTER, agents=["a", "n"])

    text = _text(found, "a", "n")
    assert "a could be offered this contact: step 1 yes." in text
    assert "n could be offered this contact cannot be told: criteria not shown unknown, step 1 no." in text


def test_without_criteria_the_queue_alone_decides() -> None:
    """Whoever has the queue could; the gates are shown."""
    roster = Roster(agents=[A, evolve(B, queues=()), evolve(N, queues=None)])
    for some in (contact(criteria=None, disconnected_at=9), contact(criteria=Criteria(), disconnected_at=9)):
        assert _verdicts(some, None, roster) == (YES, NO, UNKNOWN)
        (put,) = explain(some, roster).to_dict()["agents"][0]["windows"]
        assert [gate["gate"] for gate in put["gates"]] == ["queue", "delay", "availability", "concurrency"]


def test_a_reference_in_place_of_a_criteria_lets_in_nobody_knows_whom() -> None:
    """What a flow fills in is open, for whoever has the queue."""
    some = contact(criteria=Criteria(reference="$.External.x"), disconnected_at=9)

    assert _verdicts(some, None, Roster(agents=[A, evolve(B, queues=())])) == (UNKNOWN, NO)
    assert (
        explain(contact(criteria=None, earlier=(_earlier(step("INTERRUPTED")),))).windows[0].kind == "unseen"
    )


# ---------------------------------------------------------------------------- how far a criteria got


def test_a_step_that_could_not_have_started_lets_in_nobody() -> None:
    """Where no step is shown to have started, the timers say which ones can have."""
    steps = (step("INACTIVE", 30, expression=L5), step("INACTIVE"))

    assert _verdicts(contact(*steps, disconnected_at=10)) == (NO, NO, NO)
    assert _verdicts(contact(*steps, disconnected_at=40)) == (UNKNOWN, NO, NO)
    assert _verdicts(contact(*steps), 10) == (NO, NO, NO)
    assert _verdicts(contact(*steps), 31) == (UNKNOWN, NO, NO)


@pytest.mark.parametrize(
    ("earlier", "activated", "verdicts"),
    [
        (_earlier(step("EXPIRED", 30), step("INACTIVE", 30, expression=L3), activated=None), 50, UNKNOWN),
        (_earlier(step("EXPIRED", 30), step("INACTIVE", 30, expression=L3)), 50, YES),
        (_earlier(step("INACTIVE", expression=L3)), None, UNKNOWN),
        (_earlier(step("INACTIVE"), step("EXPIRED", 30, expression=L3)), 50, UNKNOWN),
    ],
)
def test_an_earlier_criteria_of_which_no_time_is_known_rules_nobody_out(
    earlier: Criteria, activated: float | None, verdicts: Verdict
) -> None:
    """A step that is not shown to have started may have all the same, before the next criteria came."""
    some = contact(
        step("JOINED"), activated=activated, index=1, earlier=(earlier,), agent_id="zoe", connected_at=60
    )

    assert _verdicts(some)[1] is verdicts


def test_an_earlier_criteria_that_was_joined_ran_no_further() -> None:
    """Whatever the clock would have allowed."""
    earlier = _earlier(step("EXPIRED", 10), step("JOINED", 10), step("INACTIVE", 10, expression=L3))
    some = contact(step("DEACTIVATED"), activated=50, index=1, earlier=(earlier,), disconnected_at=60)

    assert _verdicts(some) == (YES, NO, NO)


def test_a_gap_between_two_criteria_is_a_criteria_that_nobody_shows() -> None:
    """When the first of them was replaced cannot be told, and by what neither."""
    first = _earlier(step("ACTIVE", 30), step("INACTIVE", 30, expression=L3))
    some = contact(step("JOINED"), activated=90, index=2, earlier=(first,), agent_id="zoe", connected_at=99)

    found = explain(some, ROSTER)

    assert found.earlier[0].sentence == "Criteria 0 was replaced by another, not shown."
    assert found.earlier[0].replaced_at is None
    assert ("unseen", None, None, False) in _kinds(some)
    assert _verdicts(some) == (YES, UNKNOWN, UNKNOWN)


def test_after_an_earlier_criteria_ran_out_anybody_could() -> None:
    """The time up to the next criteria is a fallback like any other, if there was any."""
    whole = _earlier(step("EXPIRED", 30))
    some = contact(step("JOINED"), activated=90, index=1, earlier=(whole,), agent_id="zoe", connected_at=99)

    assert _verdicts(some) == (YES, YES, YES)
    assert "criteria 0 step 1 no, fallback yes" in _text(explain(some, ROSTER, agents=["n"]), "n")
    at_once = contact(
        step("JOINED"), activated=30, index=1, earlier=(whole,), agent_id="zoe", connected_at=99
    )
    assert _verdicts(at_once) == (YES, UNKNOWN, UNKNOWN)


def test_a_criteria_without_steps_let_in_whoever_had_the_queue() -> None:
    """As long as it counted."""
    some = contact(
        step("JOINED"), activated=90, index=1, earlier=(_earlier(),), agent_id="zoe", connected_at=99
    )

    assert _verdicts(some) == (YES, YES, YES)


def test_a_criteria_replaced_as_its_step_expired_ran_no_further() -> None:
    """The next step did not run for any time; by recorded times it may have for less than a second."""
    steps = (step("EXPIRED", 30), step("INACTIVE", 30, expression=L3))
    some = contact(
        step("JOINED"), activated=30, index=1, earlier=(_earlier(*steps),), agent_id="zoe", connected_at=40
    )

    found = explain(some, ROSTER)

    assert found.earlier[0].sentence == (
        "Criteria 0 was replaced by criteria 1 as step 1 of 2 expired, 30.0 s after it was queued."
    )
    assert [phase.outcome for phase in found.earlier[0].timeline.phases] == ["expired", "not-reached"]
    assert _verdicts(some) == (YES, UNKNOWN, NO)


def test_a_step_that_expires_at_once_lets_in_nobody_for_sure() -> None:
    """No time is left for an offer."""
    some = contact(step("EXPIRED", 0, expression=L3), step("JOINED"), **TAKEN)

    assert _verdicts(some) == (YES, UNKNOWN, NO)


def test_a_join_in_the_second_in_which_its_step_started() -> None:
    """A record cuts times to whole seconds, so the join came when the step started."""
    some = contact(
        step("EXPIRED", 30), step("JOINED", 30, expression=L3), activated=0.9, agent_id="zoe", connected_at=30
    )

    joined = explain(some, ROSTER).timeline.phases[1]

    assert (joined.started_at, joined.ended_at, joined.derived) == (
        at(30.9),
        at(30.9),
        ("started_at", "ended_at"),
    )


def test_of_a_criteria_by_itself_the_steps_that_can_start_count() -> None:
    """None has run, and the last one expires or not."""
    timed = Contact(criteria=Criteria([step(None, 30, expression=L5), step(None, 30)]))
    stuck = Contact(criteria=Criteria([step(None, expression=L5), step(None)]))

    assert _verdicts(timed) == (YES, NO, NO)
    assert _verdicts(stuck) == (NO, NO, NO)
    assert [window.step for window in explain(stuck).windows] == [1]


def test_the_step_behind_an_expired_one_ran_where_it_never_expires() -> None:
    """Nobody knows when the first step expired; that the second was running at the end is plain."""
    some = contact(step("EXPIRED", 30), step("INACTIVE"), activated=None, disconnected_at=100)

    found = explain(some, ROSTER)

    assert (found.path.kind, found.path.step) == ("abandoned", 2)
    timed = evolve(some, criteria=Criteria([step("EXPIRED", 30), step("INACTIVE", 30)]))
    assert explain(timed, ROSTER).path.step is None


# ---------------------------------------------------------------------------- delay


def test_a_delay_that_is_not_over_yet_is_told() -> None:
    """Of a contact that waits, an agent whose queue is delayed is held back until then."""
    who = agent("a0", 5, queues=[queue(delay=45)], available=True)
    some = contact(step("ACTIVE", 60, expression=L3))

    found = explain(some, Roster(agents=[who]), at(10), agents=["a0"])

    reason = "not before 2026-03-04T14:02:56.000Z, 35.0 s to go"
    assert found.eligible("a0") is NO
    assert _text(found, "a0").startswith("a0 could not be offered this contact: step 1 no.")
    assert reason in _text(found, "a0")
    gates = {gate["gate"]: gate for gate in found.to_dict()["agents"][0]["steps"][0]["gates"]}
    assert gates["delay"]["until"] == "2026-03-04T14:02:56.000Z"
    assert "until" not in gates["queue"]
    assert _verdicts(some, 46, Roster(agents=[who])) == (YES,)
    assert _verdicts(some, None, Roster(agents=[who])) == (YES,)
    assert _verdicts(evolve(some, enqueued_at=None), 10, Roster(agents=[who])) == (UNKNOWN,)
    assert _verdicts(contact(step("EXPIRED", 5)), 10, Roster(agents=[who])) == (NO,)
    assert _verdicts(contact(criteria=None), 10, Roster(agents=[who])) == (NO,)


@pytest.mark.parametrize(
    ("some", "delay", "verdict"),
    [
        (
            contact(step("INTERRUPTED", 60), disconnected_at=30, disconnect_reason="TRANSFERRED"),
            45,
            NO,
        ),
        (contact(step("DEACTIVATED"), activated=None, enqueued_at=None, disconnected_at=5), 600, UNKNOWN),
        (contact(step("EXPIRED", 5), step("DEACTIVATED"), activated=None, disconnected_at=30), 4, YES),
        (contact(step("EXPIRED", 8e13), step("INACTIVE", 8e13), activated=None, disconnected_at=30), 4, YES),
    ],
)
def test_a_window_closes_when_the_contact_leaves(some: Contact, delay: float, verdict: Verdict) -> None:
    """Whatever the timer would have allowed; where it is not known when, nobody can tell."""
    who = agent("a", 4, queues=[queue(delay=delay)])

    assert _verdicts(some, None, Roster(agents=[who])) == (verdict,)


# ---------------------------------------------------------------------------- the agent who took it


@pytest.mark.parametrize(
    ("queues", "reason"),
    [
        ([queue(channel="CHAT")], "queue-1 is in the routing profile for CHAT, not for VOICE"),
        (
            [queue(delay=45)],
            "the delay of 45 seconds on queue-1 was not over 40.0 s after the contact was queued",
        ),
        ([queue()], None),
    ],
)
def test_a_roster_that_contradicts_the_join_is_told(queues: Any, reason: str | None) -> None:
    """The join stands; what the roster says of the queue was so at another time."""
    roster = Roster(agents=[agent("zoe", 5, queues=queues)])

    for some in (contact(step("JOINED"), **TAKEN), contact(step("EXPIRED", 9), **TAKEN)):
        found = [one.message for one in explain(some, roster).findings if one.id == "RI620"]
        assert found == ([] if reason is None else [f"zoe took the contact, although by the roster {reason}"])
    own = contact(step("INACTIVE"), queue_id="zoe", queue_type="AGENT", **TAKEN)
    assert "RI620" not in [one.id for one in explain(own, roster).findings]


def test_an_edit_while_an_earlier_criteria_ran_is_told() -> None:
    """Who is eligible by it may be so by levels of another time."""
    earlier = _earlier(step("EXPIRED", 30), step("INTERRUPTED", 60, expression=L3))
    some = contact(step("JOINED"), activated=90, index=1, earlier=(earlier,), agent_id="a", connected_at=99)
    for edited, found in ((50, ["RI602"]), (-50, [])):
        roster = Roster(agents=[evolve(A, modified_at=at(edited))], as_of=at(200))
        assert [one.id for one in explain(some, roster).findings] == found


# ---------------------------------------------------------------------------- populations and changes


def test_who_matches_and_was_stopped_is_named_so_whoever_is_shown() -> None:
    """`agents` limits who is shown, never who is counted, on steps of earlier criteria too."""
    away = agent("away", 5, queues=[])
    earlier = _earlier(step("INTERRUPTED", 60))
    some = contact(step("JOINED"), activated=20, index=1, earlier=(earlier,), agent_id="a", connected_at=40)
    roster = Roster(agents=[A, N, away])

    for names in (None, ["n"], []):
        found = explain(some, roster, agents=names)
        text = _text(found)
        assert text.count("matching: a, away (stopped by queue)") == 2
        assert found.to_dict()["steps"][0]["stopped"] == {"away": ["queue"]}


def test_whom_a_change_admits_is_named_with_what_stops_them() -> None:
    """And a proficiency that nobody holds is said to be one."""
    away, who = agent("away", 3, queues=[]), agent("who", 3, queues=[queue()])
    both = And([AtLeast(Attribute("connect:Language", "French"), 1), L3])
    roster = Roster(agents=[A, away, who])

    text = _text(explain(contact(step("ACTIVE")), roster, at(1), agents=["who"]), "who")
    odd = explain(contact(step("ACTIVE", expression=both)), roster, at(1), agents=["who"])
    alone = explain(contact(step("ACTIVE", expression=both)), Roster(agents=[who]), at(1), agents=["who"])

    assert "admits away (stopped by queue) too" in text
    assert "nobody in the roster holds" not in text
    assert "nobody in the roster holds connect:Language(French)" in _text(odd, "who")
    assert odd.to_dict()["agents"][0]["changes"][0]["unheld"] == ["connect:Language(French)"]
    assert "nobody in the roster" not in _text(alone, "who")


def test_changes_that_were_not_worked_out_are_said_to_be() -> None:
    """A step without a change would look as if nothing helped."""
    many = And(
        Or((AtLeast(Attribute("A", str(i)), 3), AtLeast(Attribute("B", str(i)), 3))) for i in range(15)
    )

    found = explain(contact(step("ACTIVE", expression=many)), ROSTER, agents=["a"])

    assert "smallest changes for step 1 not worked out: the cheapest changes" in _text(found, "a")


def test_nobody_named_is_known_to_the_windows() -> None:
    """An agent of whom nothing is known is ruled out by nothing."""
    some = contact(step("JOINED"), **TAKEN)

    assert explain(some, Roster(agents=[Agent(id="x")])).eligible("x") is UNKNOWN
    assert explain(some, Roster(agents=[evolve(A, proficiencies={DYNAMO: 5})])).eligible("a") is NO


def test_an_active_step_of_an_old_document_may_have_expired_since() -> None:
    """When it was activated is not known, so a delay may have outlasted it."""
    earlier = _earlier(step("ACTIVE", 10), step("INACTIVE", expression=L5), activated=None)
    some = contact(
        step("DEACTIVATED", expression=L5), activated=30, index=1, earlier=(earlier,), disconnected_at=33
    )

    assert _verdicts(some, None, Roster(agents=[agent("a", 4, queues=[queue(delay=20)])])) == (UNKNOWN,)
    assert _verdicts(some)[0] is YES
