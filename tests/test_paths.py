"""Which route a contact took: each kind, its one sentence, and what it must not claim."""

from __future__ import annotations

from typing import Any

import pytest

from records import at, contact, step
from routing_inspect.contact import Contact, Criteria, Step
from routing_inspect.evaluate import Verdict
from routing_inspect.explanation import Path, StepExplanation
from routing_inspect.paths import find_path
from routing_inspect.timeline import timeline

ANA: dict[str, Any] = {"agent_id": "ana"}
TWO = (step("EXPIRED", 30), step("EXPIRED", 20))
EMPTY = Criteria()
REFERENCE = Criteria(reference="$.External.x")
GOT = "ana got this contact, 9.0 s after it was queued; by what route cannot be told: "
HAD = "Nobody had this contact when its document was made"
WAITED = f"{HAD}; on which step it waited cannot be told: "


def _path(some: Contact, *, now: float | None = None, joined: Verdict = Verdict.UNKNOWN) -> Path:
    clock = timeline(some, None if now is None else at(now))
    return find_path(some, clock, agent_name="ana" if some.agent_id else "An agent", joined=joined)


@pytest.mark.parametrize(
    ("steps", "fields", "joined", "sentence"),
    [
        (
            (step("JOINED"),),
            {**ANA, "connected_at": 7.5},
            Verdict.MATCH,
            "ana got this contact on its only step, 7.5 s after it was queued: ana satisfies it.",
        ),
        (
            (step("EXPIRED", 30), step("JOINED")),
            {**ANA, "connected_at": 37.5},
            Verdict.MATCH,
            (
                "ana got this contact on step 2 of 2, 37.5 s after it was queued: step 1 had expired, "
                "and ana satisfies step 2."
            ),
        ),
        (
            (*TWO, step("JOINED"), step("INACTIVE")),
            ANA,
            Verdict.UNKNOWN,
            (
                "ana got this contact on step 3 of 4: steps 1 and 2 had expired, and whether ana "
                "satisfies step 3 "
                "cannot be told."
            ),
        ),
        (
            (*TWO, *TWO, step("JOINED")),
            {},
            Verdict.UNKNOWN,
            "An agent got this contact on step 5 of 5; the document does not say who.",
        ),
        (
            (*TWO, step("EXPIRED", 5), step("JOINED")),
            {**ANA, "enqueued_at": None, "connected_at": 60},
            Verdict.MATCH,
            "ana got this contact on step 4 of 4: steps 1 to 3 had expired, and ana satisfies step 4.",
        ),
    ],
)
def test_matched_step(
    steps: tuple[Step, ...], fields: dict[str, Any], joined: Verdict, sentence: str
) -> None:
    """A join is told with its step, its second, what expired before it, and whether the facts agree."""
    path = _path(contact(*steps, **fields), joined=joined)

    assert (path.kind, path.sentence) == ("matched-step", sentence)
    assert path.step == sum(s.status == "EXPIRED" for s in steps) + 1


def test_contradiction() -> None:
    """A joined agent who does not satisfy the joined step is a contradiction, never a silent pass."""
    path = _path(contact(step("JOINED", 9), connected_at=4, **ANA), joined=Verdict.NO_MATCH)

    assert (path.kind, path.step, path.agent_id) == ("contradiction", 1, "ana")
    assert path.sentence == (
        "ana got this contact on its only step, 4.0 s after it was queued, but does not satisfy it by the "
        "facts given."
    )
    assert path.evidence[-1] == "ana does not satisfy step 1 by the facts given"


def test_a_join_outlives_an_undocumented_status_elsewhere() -> None:
    """What an unknown status after the joined step means cannot change who got the contact."""
    assert _path(contact(step("JOINED"), step("PAUSED"), **ANA)).kind == "matched-step"


def test_nothing_is_claimed_of_a_step_before_the_join_that_is_not_known_to_have_expired() -> None:
    """Neither an undocumented status nor an expiry out of nothing says that a step had expired."""
    for first in (step("PAUSED", 20), step("EXPIRED")):
        path = _path(contact(first, step("JOINED"), connected_at=30, **ANA), joined=Verdict.MATCH)

        assert path.sentence == (
            "ana got this contact on step 2 of 2, 30.0 s after it was queued: ana satisfies it."
        )


def test_a_join_outlives_odd_times() -> None:
    """The route stands, but no time is told of it that cannot be."""
    path = _path(contact(step("JOINED", 20), connected_at=10, disconnected_at=5, **ANA), joined=Verdict.MATCH)

    assert path.sentence == "ana got this contact on its only step: ana satisfies it."


@pytest.mark.parametrize(
    ("some", "sentence"),
    [
        (
            contact(step("EXPIRED", 20), step("DEACTIVATED", 40), disconnected_at=5),
            (
                "Nobody got this contact: it ended, 5.0 s after it was queued; on which step cannot be told: "
                "the contact ended 15.0 s before step 2 started."
            ),
        ),
        (
            contact(step("ACTIVE", 40), disconnected_at=93, disconnect_reason="TELECOM_PROBLEM"),
            (
                "Nobody got this contact: it ended, 93.0 s after it was queued (TELECOM_PROBLEM); on which "
                "step cannot be told: step 1 is ACTIVE, but its timer ran out 53.0 s before the end."
            ),
        ),
        (
            contact(step("ACTIVE", 40), disconnected_at=93, next_ids=("contact-2",)),
            (
                "Nobody got this contact here: it was transferred, 93.0 s after it was queued, and went on "
                "as contact-2; from where cannot be told: "
                "step 1 is ACTIVE, but its timer ran out 53.0 s before the end."
            ),
        ),
        (
            contact(*TWO, connected_at=5, **ANA),
            (
                "ana got this contact, 5.0 s after it was queued; by what route cannot be told: "
                "an agent was connected 45.0 s before step 2 expired."
            ),
        ),
        (
            contact(step("EXPIRED", expires_at=60), step("EXPIRED", expires_at=40)),
            f"{WAITED}step 2 expires 20.0 s before it started.",
        ),
    ],
)
def test_odd_times_leave_every_other_route_open(some: Contact, sentence: str) -> None:
    """A sentence that its own times contradict is not said; what is certain all the same comes first."""
    path = _path(some)

    assert (path.kind, path.step, path.sentence) == ("undetermined", None, sentence)


def test_a_document_younger_than_the_question() -> None:
    """What had expired when the document was made need not have at the time asked about."""
    path = _path(contact(*TWO), now=30)

    assert (path.kind, path.sentence) == (
        "waiting",
        (
            "Nobody had this contact when its document was made: both steps had expired, "
            "so any agent in the queue could take it."
        ),
    )


@pytest.mark.parametrize(
    "some",
    [
        contact(criteria=None, **ANA),
        contact(step("ACTIVE", 30), **ANA),
        contact(*TWO, **ANA),
        contact(step("INACTIVE"), queue_type="AGENT", **ANA),
        contact(step("INACTIVE"), activated=None, queue_id=None, enqueued_at=None, **ANA),
        contact(criteria=None, failed_block="Error", **ANA),
    ],
)
def test_to_be_named_is_not_to_have_the_contact(some: Contact) -> None:
    """An agent without a connection and without a join did not take it."""
    assert _path(some).agent_id is None


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((step("EXPIRED", 30),), "its only step"),
        (TWO, "both steps"),
        ((*TWO, step("EXPIRED", 5)), "all 3 steps"),
    ],
)
def test_fallback(steps: tuple[Step, ...], said: str) -> None:
    """All steps expired and an agent connected: proficiency played no part."""
    path = _path(contact(*steps, connected_at=75.3, **ANA))

    assert (path.kind, path.step, path.agent_id) == ("fallback", None, "ana")
    assert path.sentence == (
        f"ana got this contact by fallback, 75.3 s after it was queued: {said} had expired, "
        "so any agent in the queue could."
    )


NEXT = (step("EXPIRED", 30), step("ACTIVE", 20), step("INACTIVE", 10), step("INACTIVE"))


@pytest.mark.parametrize(
    ("steps", "now", "number", "sentence"),
    [
        (
            NEXT,
            35.5,
            2,
            (
                "Nobody has this contact yet: 35.5 s after it was queued it waits on step 2 of 4 "
                "for 14.5 s more; "
                "then step 3 starts."
            ),
        ),
        (
            NEXT,
            None,
            2,
            f"{HAD}: it waited on step 2 of 4 until 2026-03-04T14:03:01.000Z; then step 3 starts.",
        ),
        (
            NEXT,
            -60,
            2,
            (
                "Nobody has this contact yet: it waits on step 2 of 4 until 2026-03-04T14:03:01.000Z; "
                "then step 3 starts."
            ),
        ),
        (
            NEXT,
            52,
            2,
            (
                "Nobody had this contact when its document was made; by the clock step 2 of 4 "
                "expired 2.0 s ago "
                "and step 3 runs for 8.0 s more, unless somebody has taken it since."
            ),
        ),
        (
            NEXT,
            100,
            2,
            (
                "Nobody had this contact when its document was made; by the clock step 2 of 4 "
                "expired 50.0 s ago "
                "and step 4, which never expires, runs now, unless somebody has taken it since."
            ),
        ),
        (
            NEXT[:2],
            60,
            2,
            (
                "Nobody had this contact when its document was made; by the clock step 2 of 2 "
                "expired 10.0 s ago "
                "and any agent in the queue may take it, unless somebody has taken it since."
            ),
        ),
        (
            (step("ACTIVE", 30),),
            5,
            1,
            (
                "Nobody has this contact yet: 5.0 s after it was queued it waits on its only "
                "step for 25.0 s more; "
                "then any agent in the queue may take it."
            ),
        ),
        (
            (step("ACTIVE"),),
            5,
            1,
            (
                "Nobody has this contact yet: 5.0 s after it was queued it waits on its only step, "
                "which never expires."
            ),
        ),
        (
            TWO,
            60,
            None,
            (
                "Nobody has this contact yet: 60.0 s after it was queued the last of both steps has expired "
                "10.0 s ago, so any agent in the queue may take it."
            ),
        ),
        (
            TWO[:1],
            None,
            None,
            f"{HAD}: its only step had expired, so any agent in the queue could take it.",
        ),
        ((step("INACTIVE", 5),), None, None, f"{HAD}: no step had started."),
        (
            (step("INACTIVE", 5),),
            3,
            None,
            "Nobody has this contact yet: 3.0 s after it was queued no step has started.",
        ),
    ],
)
def test_waiting(steps: tuple[Step, ...], now: float | None, number: int | None, sentence: str) -> None:
    """A contact that waits is told as of now: how long already, how long still, and what comes then."""
    path = _path(contact(*steps), now=now)

    assert (path.kind, path.step, path.sentence) == ("waiting", number, sentence)


def test_waiting_without_a_start() -> None:
    """Without any time the sentence names the step and no more."""
    path = _path(contact(step("ACTIVE", 30), activated=None, enqueued_at=None), now=4)

    assert path.sentence == "Nobody has this contact yet: it waits on its only step."


def test_an_agent_named_before_the_connection_may_be_ringing() -> None:
    """An agent without a time of connection has not got the contact."""
    path = _path(contact(step("ACTIVE", 30), **ANA))

    assert (path.kind, path.agent_id) == ("waiting", None)
    assert path.evidence[-1].endswith("the contact may ring")


@pytest.mark.parametrize(
    ("steps", "fields", "number", "sentence"),
    [
        (
            (step("EXPIRED", 30), step("DEACTIVATED", 90)),
            {"disconnected_at": 52.1, "disconnect_reason": "CUSTOMER\x1b_DISCONNECT"},
            2,
            (
                "Nobody got this contact: it ended on step 2 of 2, 52.1 s after it was queued "
                r"(CUSTOMER\u001b_DISCONNECT)."
            ),
        ),
        (
            (step("ACTIVE", 30),),
            {"disconnected_at": 12},
            1,
            "Nobody got this contact: it ended on its only step, 12.0 s after it was queued.",
        ),
        (
            TWO,
            {"disconnected_at": 70},
            None,
            "Nobody got this contact: it ended when both steps had expired, 70.0 s after it was queued.",
        ),
        (
            (step("EXPIRED", 30), step("INACTIVE", 30), step("INACTIVE")),
            {"disconnected_at": 52},
            2,
            "Nobody got this contact: it ended on step 2 of 3, 52.0 s after it was queued.",
        ),
        (
            (step("EXPIRED", 30), step("INACTIVE", 30), step("INACTIVE")),
            {"disconnected_at": 75},
            None,
            "Nobody got this contact: it ended when step 1 of 3 had expired, 75.0 s after it was queued.",
        ),
        (
            (*TWO, step("INACTIVE", 30)),
            {"disconnected_at": 999},
            None,
            (
                "Nobody got this contact: it ended when steps 1 to 2 of 3 had expired, 999.0 s after it "
                "was queued."
            ),
        ),
        (
            (step("INACTIVE", 30),),
            {"disconnected_at": 9},
            None,
            (
                "Nobody got this contact: it ended before any step is shown to have started, "
                "9.0 s after it was queued."
            ),
        ),
        (
            (step("INTERRUPTED", 30),),
            {"disconnected_at": 52},
            None,
            (
                "Nobody got this contact: it ended, 52.0 s after it was queued, after its "
                "criteria was replaced "
                "during its only step by another, not shown."
            ),
        ),
    ],
)
def test_abandoned(
    steps: tuple[Step, ...], fields: dict[str, Any], number: int | None, sentence: str
) -> None:
    """A contact that ended without an agent is told with the step that held it, if any is shown to."""
    path = _path(contact(*steps, **fields))

    assert (path.kind, path.step, path.sentence) == ("abandoned", number, sentence)


@pytest.mark.parametrize(
    ("steps", "fields", "sentence"),
    [
        (
            (step("EXPIRED", 30), step("ACTIVE", 30)),
            {"next_ids": ("contact-2",), "disconnected_at": 33},
            (
                "Nobody got this contact here: it was transferred on step 2 of 2, 33.0 s after "
                "it was queued, "
                "and went on as contact-2."
            ),
        ),
        (
            (step("INTERRUPTED", 30),),
            {"disconnect_reason": "TRANSFERRED"},
            "Nobody got this contact here: it was transferred on its only step.",
        ),
        (
            TWO,
            {"next_ids": ("c",)},
            "Nobody got this contact here: it was transferred when both steps had expired, and went on as c.",
        ),
        (
            (step("EXPIRED", 30), step("INACTIVE", 30)),
            {"next_ids": ("c",)},
            (
                "Nobody got this contact here: it was transferred when step 1 of 2 had expired, and went "
                "on as c."
            ),
        ),
        (
            (step("INACTIVE", 30),),
            {"next_ids": ("c",)},
            (
                "Nobody got this contact here: it was transferred before any step is shown to have started, "
                "and went on as c."
            ),
        ),
    ],
)
def test_transferred(steps: tuple[Step, ...], fields: dict[str, Any], sentence: str) -> None:
    """A contact that went on before a join is not abandoned."""
    path = _path(contact(*steps, **fields))

    assert (path.kind, path.step, path.sentence) == ("transferred", None, sentence)


def test_a_transfer_after_a_join_is_a_join() -> None:
    """What an agent does with the contact later does not change how it came to the agent."""
    assert _path(contact(step("JOINED"), next_ids=("c",), connected_at=3, **ANA)).kind == "matched-step"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"queue_id": "ana", "connected_at": 9, **ANA},
            (
                "ana got this contact from ana's own queue, 9.0 s after it was queued; routing "
                "criteria never run "
                "there."
            ),
        ),
        (
            {"queue_type": "AGENT", "disconnected_at": 9},
            (
                "Nobody got this contact: it ended in an agent's own queue, 9.0 s after it was queued; "
                "routing criteria never run there."
            ),
        ),
        (
            {"queue_type": "AGENT"},
            f"{HAD}: it waited in an agent's own queue; routing criteria never run there.",
        ),
    ],
)
def test_agent_queue(fields: dict[str, Any], sentence: str) -> None:
    """In an agent's own queue no step runs, although the activation time is set."""
    path = _path(contact(step("INACTIVE", 30), **fields))

    assert (path.kind, path.step, path.sentence) == ("agent-queue", None, sentence)


@pytest.mark.parametrize(
    ("some", "sentence"),
    [
        (
            contact(step("INACTIVE"), activated=None, queue_id=None, enqueued_at=None),
            (
                "This contact was in no queue when its document was made, so its routing criteria had not "
                "started."
            ),
        ),
        (
            contact(step("INACTIVE"), activated=None, queue_id=None, enqueued_at=None, disconnected_at=9),
            "This contact ended before it was put into a queue, so its routing criteria never ran.",
        ),
        (
            contact(step("INACTIVE"), activated=None, queue_id=None, enqueued_at=None, connected_at=9, **ANA),
            "ana got this contact past any queue, so its routing criteria never ran.",
        ),
        (Contact(criteria=Criteria([step()])), "This criteria has not run: it is given without a contact."),
        (
            Contact(criteria=REFERENCE),
            "This criteria has not run: it is a reference that only a running flow fills in.",
        ),
    ],
)
def test_not_queued(some: Contact, sentence: str) -> None:
    """Criteria that no queue has activated have not run."""
    path = _path(some)

    assert (path.kind, path.sentence) == ("not-queued", sentence)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"id": None}, "This document has no routing criteria."),
        (
            {"connected_at": 9, **ANA},
            (
                "ana got this contact, 9.0 s after it was queued; it has no routing criteria, "
                "so any agent in its queue could."
            ),
        ),
        (
            {"connected_at": 9, "queue_type": "AGENT", **ANA},
            (
                "ana got this contact from an agent's own queue, 9.0 s after it was queued; "
                "it has no routing criteria."
            ),
        ),
        (
            {"connected_at": 9, "enqueued_at": None, **ANA},
            "ana got this contact, which has no routing criteria and shows no queue.",
        ),
        (
            {"next_ids": ("c",)},
            (
                "Nobody got this contact here: it has no routing criteria, and was transferred, and went "
                "on as c."
            ),
        ),
        (
            {"disconnected_at": 9},
            "Nobody got this contact: it ended, 9.0 s after it was queued, and has no routing criteria.",
        ),
        (
            {},
            (f"{HAD}: it has no routing criteria, so it waited for any agent in its queue."),
        ),
        ({"enqueued_at": None}, "This contact has no routing criteria, and shows no queue."),
        (
            {"criteria": EMPTY},
            (f"{HAD}: it has a routing criteria without steps, so it waited for any agent in its queue."),
        ),
        (
            {"failed_block": "Error"},
            "The flow block that should have set this contact's routing criteria failed and set none.",
        ),
        (
            {"failed_block": "Error", "criteria": REFERENCE},
            "The flow block that should have set this contact's routing criteria failed and set none.",
        ),
    ],
)
def test_no_criteria(fields: dict[str, Any], sentence: str) -> None:
    """Without criteria the sentence says where the contact is, and no more than the document does."""
    path = _path(contact(**{"criteria": None, **fields}))

    assert (path.kind, path.sentence) == ("no-criteria", sentence)


@pytest.mark.parametrize(
    ("some", "sentence"),
    [
        (
            contact(step("ACTIVE"), connected_at=9, **ANA),
            (f"{GOT}its only step is shown as ACTIVE, not as JOINED."),
        ),
        (
            contact(step("DEACTIVATED"), connected_at=-9),
            (
                "An agent got this contact; by what route cannot be told: "
                "its only step is shown as DEACTIVATED, not as JOINED."
            ),
        ),
        (
            contact(step("EXPIRED", 5), step("INACTIVE"), connected_at=9, disconnected_at=10, **ANA),
            f"{GOT}no step is JOINED and only 1 of 2 expired.",
        ),
        (
            contact(step("INACTIVE"), connected_at=9, **ANA),
            f"{GOT}no step is shown to have started.",
        ),
        (
            contact(step("INTERRUPTED")),
            f"{WAITED}its criteria was replaced during its only step by another, not shown.",
        ),
        (
            contact(step("INTERRUPTED"), connected_at=9, **ANA),
            (f"{GOT}its criteria was replaced during its only step by another, not shown."),
        ),
        (
            contact(*TWO, **ANA),
            (
                "Whether anybody got this contact cannot be told: the document names ana, but no time of "
                "connection, and both steps expired."
            ),
        ),
        (
            contact(criteria=REFERENCE),
            f"{WAITED}its document shows a reference in place of steps.",
        ),
        (
            contact(step("PAUSED")),
            f"{WAITED}step 1 has the status `PAUSED`, which the service does not document.",
        ),
        (
            contact(step("ACTIVE"), step("ACTIVE")),
            f"{WAITED}the statuses cannot follow one another (ACTIVE, ACTIVE).",
        ),
        (
            contact(step("EXPIRED", 9), queue_type="AGENT"),
            (
                f"{WAITED}the queue is an agent's own, where no step starts, "
                "but step 1 has the status EXPIRED."
            ),
        ),
    ],
)
def test_undetermined(some: Contact, sentence: str) -> None:
    """Where the document does not show the route, the sentence says why, and no step is named."""
    path = _path(some)

    assert (path.kind, path.step, path.sentence) == ("undetermined", None, sentence)


@pytest.mark.parametrize(("index", "said"), [(1, "1 other"), (3, "3 others")])
def test_a_replaced_criteria_is_evidence(index: int, said: str) -> None:
    """A criteria that replaced others says so, and when."""
    path = _path(contact(step("ACTIVE"), activated=61, index=index))

    assert f"this criteria replaced {said}, 61.0 s after it was queued" in path.evidence


def test_a_replaced_criteria_without_a_time() -> None:
    """Without an activation time only the number is told."""
    path = _path(contact(step("ACTIVE"), activated=None, index=1))

    assert "this criteria replaced 1 other" in path.evidence


def test_a_hostile_name_is_written_out() -> None:
    """A sentence is safe to print and one line long, whatever an agent is called."""
    some = contact(step("JOINED"), **ANA)

    path = find_path(some, timeline(some), agent_name="a\x1b[31m\n\u202e", joined=Verdict.MATCH)

    assert path.sentence == (
        r"a\u001b[31m\u000a\u202e got this contact on its only step: a\u001b[31m\u000a\u202e satisfies it."
    )


@pytest.mark.parametrize(
    ("some", "sentence"),
    [
        (
            contact(step("INACTIVE"), queue_id=None, enqueued_at=None),
            (
                f"{WAITED}the document shows no queue, "
                "but the criteria was activated at 2026-03-04T14:02:11.000Z, which a queue does."
            ),
        ),
        (
            contact(
                step("INACTIVE"),
                activated=None,
                index=2,
                queue_id=None,
                enqueued_at=None,
                disconnected_at=9,
            ),
            (
                "Nobody got this contact: it ended; on which step cannot be told: the document shows no "
                "queue, but the criteria replaced 2 others, so the contact may have waited in a queue."
            ),
        ),
        (
            contact(step("INACTIVE"), index=1, queue_id=None, enqueued_at=None, connected_at=9, **ANA),
            (
                "ana got this contact; by what route cannot be told: the document shows no queue, "
                "but the criteria was activated at 2026-03-04T14:02:11.000Z, which a queue does."
            ),
        ),
    ],
)
def test_what_was_activated_is_not_called_unqueued(some: Contact, sentence: str) -> None:
    """A time of activation, or an Index, says that the contact was queued, whatever else is missing."""
    path = _path(some)

    assert (path.kind, path.step, path.sentence) == ("undetermined", None, sentence)


def test_a_contact_that_is_not_in_a_queue_now() -> None:
    """Held against a clock, it is told as of now."""
    some = contact(step("INACTIVE"), activated=None, queue_id=None, enqueued_at=None)

    assert _path(some, now=5).sentence == (
        "This contact is not in a queue yet, so its routing criteria has not started."
    )


def test_a_document_says_of_when_it_is() -> None:
    """Nobody asked what holds now, so the sentence is about the time of the document's last change."""
    path = _path(contact(step("ACTIVE"), last_updated_at=7))

    assert path.sentence == (
        "Nobody had this contact when it was last updated, at 2026-03-04T14:02:18.000Z: "
        "it waited on its only step, which never expires."
    )


def test_a_step_of_which_the_expiry_alone_is_recorded_expires() -> None:
    """A recorded expiry is one, whatever duration is missing beside it."""
    path = _path(contact(step("ACTIVE", expires_at=30), step("INACTIVE")), now=10)

    assert path.sentence == (
        "Nobody has this contact yet: 10.0 s after it was queued it waits on step 1 of 2 for 20.0 s more; "
        "then step 2 starts."
    )


def test_the_service_is_believed_before_this_machine_s_clock() -> None:
    """A contact that was fetched just now waits on the step that the service names, not the clock."""
    some = contact(step("ACTIVE", 30), step("INACTIVE", 30), step("INACTIVE"), fetched_at=3600)

    fetched, kept = _path(some, now=3605), _path(some, now=3700)

    assert (fetched.step, fetched.sentence) == (
        1,
        (
            "Nobody has this contact yet: it waits on step 1 of 3, though by this machine's clock the timer "
            "ran out 3575.0 s ago."
        ),
    )
    assert fetched.evidence[-1].endswith("its clock and this machine's may differ")
    assert "by the clock step 1 of 3 expired 1.0 hours ago and step 3" in kept.sentence


def _let_in(
    steps: tuple[Step, ...], *counts: tuple[int, int, int], stopped: int = 0
) -> list[StepExplanation]:
    """Make the populations of steps: how many match, do not, and may, of agents named a0, a1 ..."""
    found = []
    for phase, (match, fail, unknown) in zip(timeline(contact(*steps)).phases, counts, strict=True):
        ids = [f"a{i}" for i in range(match + fail + unknown)]
        found.append(
            StepExplanation(
                phase=phase,
                matching=tuple(ids[:match]),
                not_matching=tuple(ids[match : match + fail]),
                unknown=tuple(ids[match + fail :]),
                conditions=(),
                stopped=dict.fromkeys(ids[:stopped], ("queue",)),
            )
        )
    return found


ENDED = (step("EXPIRED", 30), step("DEACTIVATED"))


@pytest.mark.parametrize(
    ("steps", "counts", "stopped", "why"),
    [
        (ENDED[1:], [(0, 8, 0)], 0, "; nobody of 8 agents satisfies it, which never expires."),
        (ENDED, [(0, 8, 0), (0, 8, 0)], 0, "; nobody of 8 agents satisfies step 2, which never expires."),
        (
            (step("EXPIRED", 30), step("DEACTIVATED", 90)),
            [(0, 8, 0), (0, 8, 0)],
            0,
            "; nobody of 8 agents satisfies step 1 or 2.",
        ),
        (
            ENDED,
            [(1, 0, 0), (0, 1, 0)],
            0,
            "; the only agent known does not satisfy step 2, which never expires.",
        ),
        (
            ENDED,
            [(0, 8, 0), (0, 7, 1)],
            0,
            "; nobody of 8 agents is known to satisfy step 2, which never expires.",
        ),
        (ENDED, [(0, 8, 0), (3, 5, 0)], 0, "; 3 of 8 agents satisfy step 2."),
        (ENDED, [(0, 8, 0), (1, 7, 0)], 1, "; 1 of 8 agents satisfies step 2, stopped by queue."),
        (ENDED, [(0, 8, 0), (3, 5, 0)], 2, "; 3 of 8 agents satisfy step 2, 2 of them stopped by queue."),
        (ENDED, [(0, 8, 0), (3, 5, 0)], 3, "; 3 of 8 agents satisfy step 2, all stopped by queue."),
        (TWO, [(0, 8, 0), (0, 8, 0)], 0, "; nobody of 8 agents satisfies either."),
        (TWO, [(0, 8, 0), (0, 7, 1)], 0, "; nobody of 8 agents is known to satisfy either."),
        ((*TWO, TWO[0]), [(0, 8, 0), (1, 7, 0), (2, 6, 0)], 0, "; 2 of 8 agents satisfy any of them."),
        (TWO[:1], [(0, 0, 0)], 0, "queued."),
    ],
)
def test_why_nobody(
    steps: tuple[Step, ...], counts: list[tuple[int, int, int]], stopped: int, why: str
) -> None:
    """The first sentence says whom the step let in, which is why nobody came most of the time."""
    some = contact(*steps, disconnected_at=85)
    let_in = _let_in(steps, *counts, stopped=stopped)

    path = find_path(some, timeline(some), agent_name="An agent", joined=Verdict.UNKNOWN, steps=let_in)

    assert path.kind == "abandoned"
    assert path.sentence.endswith(why)


def test_why_a_fallback() -> None:
    """That nobody satisfied a step is why the contact fell back to the queue."""
    some = contact(*TWO, connected_at=60, **ANA)
    let_in = _let_in(TWO, (0, 8, 0), (0, 8, 0))

    path = find_path(some, timeline(some), agent_name="ana", joined=Verdict.UNKNOWN, steps=let_in)

    assert path.sentence == (
        "ana got this contact by fallback, 60.0 s after it was queued: both steps had expired, so any agent "
        "in the queue could; nobody of 8 agents satisfies either."
    )
