"""Every gate by itself: queue, delay, preferred agent, proficiency, availability, concurrency."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from records import FLUENT, agent, at, contact, queue, step
from routing_inspect.contact import Agent, Contact, Criteria
from routing_inspect.evaluate import Verdict
from routing_inspect.explanation import AgentStep, Gate
from routing_inspect.expr import AgentIn, And, Not
from routing_inspect.gates import agent_step, expression_gate, open_step, took
from routing_inspect.timeline import timeline
from routing_inspect.windows import fallback

YES, NO, UNKNOWN = Verdict.MATCH, Verdict.NO_MATCH, Verdict.UNKNOWN
TWO = (step("EXPIRED", 30), step("JOINED", 60), step("INACTIVE"))


def _step(some: Contact, who: Agent, number: int = 1) -> AgentStep:
    clock = timeline(some)
    phase = clock.phases[number - 1]
    return agent_step(some, clock, phase, who, expression_gate(phase.step.expression, who))


def _fallback(some: Contact, who: Agent) -> AgentStep:
    clock = timeline(some)
    window = fallback(clock, 0)
    assert window is not None
    return open_step(some, clock, window, who)


def _gate(given: AgentStep, name: str) -> Gate | None:
    found = [gate for gate in given.gates if gate.gate == name]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("fields", "queues", "verdict", "reason"),
    [
        ({}, None, UNKNOWN, "the routing profile is not known"),
        ({}, [], NO, "queue-1 is not in the routing profile"),
        ({}, [queue()], YES, "queue-1 is in the routing profile for VOICE"),
        ({}, [queue("queue-2")], NO, "queue-1 is not in the routing profile"),
        (
            {"queue_name": "Gen\x1b"},
            [queue(channel="CHAT"), queue(channel="TASK")],
            NO,
            r"Gen\u001b is in the routing profile for CHAT, TASK, not for VOICE",
        ),
        (
            {"channel": None},
            [queue()],
            UNKNOWN,
            "the document does not say for which channel queue-1 is asked",
        ),
        ({"queue_id": None}, [queue()], UNKNOWN, "the document names no queue"),
        ({"queue_id": None, "queue_name": "General"}, [queue(name="General")], YES, None),
        ({"queue_name": "General"}, [queue("General", name="General")], YES, None),
        ({"queue_name": "General"}, [queue("queue-9", name="General")], NO, None),
        (
            {},
            [queue("General", name="General")],
            UNKNOWN,
            "the roster gives queues by name, the document by id",
        ),
        ({"queue_type": "AGENT", "queue_id": "ana"}, [], YES, "the contact is in the agent's own queue"),
        ({"queue_type": "AGENT", "queue_id": "bo"}, [], NO, "the contact is in another agent's own queue"),
        (
            {"queue_type": "AGENT", "queue_id": None},
            [],
            UNKNOWN,
            "the document does not say whose own queue the contact is in",
        ),
    ],
)
def test_queue_gate(fields: dict[str, Any], queues: Any, verdict: Verdict, reason: str | None) -> None:
    """The queue must be in the routing profile for the contact's channel; what is not given is unknown."""
    gate = _gate(_step(contact(step("INACTIVE"), **fields), agent(queues=queues)), "queue")

    assert gate is not None
    assert gate.verdict is verdict
    assert reason in {None, gate.reason}


def test_a_criteria_by_itself_asks_for_no_queue() -> None:
    """Without a contact no queue is in question, so only the expression decides."""
    alone = Contact(criteria=Criteria([step()]))

    found = _step(alone, agent(french=5))

    assert _gate(found, "queue") is None
    assert found.verdict is YES


@pytest.mark.parametrize(
    ("delay", "number", "verdict", "reason"),
    [
        (0, 1, YES, "no delay on General"),
        (29, 1, YES, "delay of 29 seconds on General; the window closes at 30.0 s"),
        (30, 1, NO, "delay of 30 seconds on General; the window closes at 30.0 s"),
        (41, 2, YES, "delay of 41 seconds on General; the window closes at 41.5 s"),
        (42, 2, NO, "delay of 42 seconds on General; the window closes at 41.5 s"),
        (
            9000,
            3,
            NO,
            "delay of 9000 seconds on General; the window closes at 41.5 s at the latest",
        ),
    ],
)
def test_delay_gate(delay: float, number: int, verdict: Verdict, reason: str) -> None:
    """A delay keeps a contact from an agent until it is that old; a join closes the window early."""
    some = contact(*TWO, connected_at=41.5, agent_id="bo")
    who = agent(queues=[queue(delay=delay, name="General")])

    gate = _gate(_step(some, who, number), "delay")

    assert gate == Gate(gate="delay", verdict=verdict, reason=reason)


def test_delay_counts_from_queueing_not_from_activation() -> None:
    """A criteria that replaced another closes its window later in the contact's life."""
    who = agent(queues=[queue(delay=80)])

    assert _gate(_step(contact(step("ACTIVE", 30), activated=61, index=1), who), "delay") == Gate(
        gate="delay", verdict=YES, reason="delay of 80 seconds on queue-1; the window closes at 91.0 s"
    )


@pytest.mark.parametrize(("index", "verdict"), [(0, UNKNOWN), (None, UNKNOWN), (1, UNKNOWN)])
def test_delay_without_a_time_of_queueing(index: int | None, verdict: Verdict) -> None:
    """The contact may have waited before the criteria came, so it is as old as the step lasts, or older."""
    some = contact(step("ACTIVE", 30), enqueued_at=None, index=index)

    late, soon = (_gate(_step(some, agent(queues=[queue(delay=delay)])), "delay") for delay in (80, 29))

    assert late is not None
    assert late.verdict is verdict
    assert soon == Gate(
        gate="delay",
        verdict=YES,
        reason="delay of 29 seconds on queue-1; the window closes at 30.0 s at the earliest",
    )


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ((step("INACTIVE", 30),), UNKNOWN),
        ((step("INACTIVE"), step("INACTIVE", 30)), YES),
        ((step("INACTIVE", 8e13), step("INACTIVE", 8e13)), YES),
    ],
)
def test_delay_without_any_time(steps: Any, verdict: Verdict) -> None:
    """Without times the durations add up to the least; behind a step that never expires it stays open."""
    some = contact(*steps, activated=None, enqueued_at=None)

    gate = _gate(_step(some, agent(queues=[queue(delay=80)]), len(steps)), "delay")

    assert gate is not None
    assert gate.verdict is verdict


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (FLUENT, "proficiency"),
        (AgentIn(["ana"]), "preferred-agent"),
        (Not(AgentIn(["bo"])), "preferred-agent"),
        (And([FLUENT, AgentIn(["ana"])]), "proficiency"),
    ],
)
def test_expression_gate_is_named_for_what_it_asks(expression: Any, name: str) -> None:
    """A step that only lists agents is a gate of its own; each carries its trace."""
    found = _step(contact(step("ACTIVE", expression=expression)), agent(french=4))

    gate = _gate(found, name)

    assert gate is not None
    assert gate.verdict is YES
    assert gate.trace is not None


def test_expression_gate_says_value_and_threshold() -> None:
    """The reason holds what was wanted, what was found, and by how much it fails."""
    gate = _gate(_step(contact(step("ACTIVE")), agent(french=2)), "proficiency")

    assert gate is not None
    assert gate.reason == "Language(French) >= 4: has 2, 2 levels short"


@pytest.mark.parametrize(
    ("fields", "name", "verdict", "reason"),
    [
        ({}, "availability", UNKNOWN, "whether the agent was available is not recorded"),
        ({"available": True}, "availability", YES, "available"),
        ({"available": False}, "availability", NO, "not available"),
        ({}, "concurrency", UNKNOWN, "whether the agent had a free slot is not recorded"),
        (
            {"free_slots": {"CHAT": 1}},
            "concurrency",
            UNKNOWN,
            "whether the agent had a free slot is not recorded",
        ),
        ({"free_slots": {"VOICE": 0}}, "concurrency", NO, "0 free VOICE slots"),
        ({"free_slots": {"VOICE": 1}}, "concurrency", YES, "1 free VOICE slot"),
    ],
)
def test_presence_gates(fields: dict[str, Any], name: str, verdict: Verdict, reason: str) -> None:
    """Availability and free slots are unknown unless somebody gives them, and count only then."""
    who = agent(french=5, queues=[queue()], **fields)

    found = _step(contact(step("ACTIVE")), who)

    gate = _gate(found, name)
    assert gate is not None
    assert (gate.verdict, gate.reason) == (verdict, reason)
    assert found.verdict is (NO if verdict is NO else YES)


def test_free_slots_of_an_unknown_channel() -> None:
    """Without a channel nobody can tell which slots count."""
    gate = _gate(_step(contact(step(), channel=None), agent(free_slots={"VOICE": 1})), "concurrency")

    assert gate is not None
    assert gate.verdict is UNKNOWN


def test_an_unknown_queue_makes_the_step_unknown() -> None:
    """All gates together are unknown where one that counts is, and no where one fails."""
    some = contact(step("ACTIVE"))

    assert _step(some, agent(french=5)).verdict is UNKNOWN
    assert _step(some, agent(french=3)).verdict is NO


def test_who_took_the_contact_passed_every_gate_but_the_expression() -> None:
    """The join itself is evidence, stronger than a roster of another day."""
    some = contact(*TWO, connected_at=41.5, agent_id="ana")

    found = _step(some, agent(french=5, queues=[], available=False), 2)

    assert found.verdict is YES
    assert [(gate.gate, gate.source) for gate in found.gates] == [
        ("queue", "DescribeContact"),
        ("proficiency", None),
        ("availability", "DescribeContact"),
        ("concurrency", "DescribeContact"),
    ]
    assert _step(some, agent(french=5, queues=[]), 1).verdict is NO


@pytest.mark.parametrize(
    ("agent_id", "is_taker"),
    [("ana", True), ("arn:aws:connect:eu-west-2:111122223333:instance/i/agent/ana", True), (None, False)],
)
def test_took(agent_id: str | None, *, is_taker: bool) -> None:
    """The agent is named by id or by ARN, with a connection or a join; a name alone may still ring."""
    assert took(contact(agent_id=agent_id, connected_at=9), agent()) is is_taker
    assert took(contact(step("JOINED"), agent_id=agent_id), agent()) is is_taker
    assert not took(contact(step("ACTIVE"), agent_id=agent_id), agent())
    assert not took(contact(criteria=None, agent_id=agent_id), agent())


def test_no_fallback_while_a_step_has_not_expired() -> None:
    """Before the last step has expired the criteria counts."""
    some = contact(*TWO)

    assert fallback(timeline(some), 0) is None


@pytest.mark.parametrize(
    ("fields", "delay", "verdict"),
    [
        ({"connected_at": 70}, 69, YES),
        ({"connected_at": 70}, 70, NO),
        ({"disconnected_at": 70}, 70, NO),
        ({}, 7000, YES),
        ({"connected_at": 70, "enqueued_at": None}, 7000, UNKNOWN),
    ],
)
def test_fallback_gates(fields: dict[str, Any], delay: float, verdict: Verdict) -> None:
    """After the last step any agent in the queue could, whose delay is over before somebody took it."""
    some = contact(step("EXPIRED", 60), agent_id="bo", **fields)

    found = _fallback(some, agent(queues=[queue(delay=delay)]))

    assert (found.number, found.kind, found.verdict) == (None, "fallback", verdict)
    assert [gate.gate for gate in found.gates] == ["queue", "delay", "availability", "concurrency"]


def test_fallback_of_who_took_the_contact() -> None:
    """The agent who took the contact by fallback passed its gates."""
    some = contact(step("EXPIRED", 60), agent_id="ana", connected_at=70)

    found = _fallback(some, agent(queues=[]))

    assert found is not None
    assert found.verdict is YES


def test_expiry_recorded_at_another_time_moves_the_window() -> None:
    """The window closes when the record says so, not when the durations add up."""
    some = contact(step("EXPIRED", 30, expires_at=50))
    who = agent(queues=[queue(delay=40)])

    gate = _gate(_step(evolve(some, enqueued_at=at(0)), who), "delay")

    assert gate is not None
    assert gate.verdict is YES
