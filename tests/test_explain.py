"""Contact and roster in, explanation out: populations, agents shown, findings and open questions."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytest
from attrs import evolve

from records import DYNAMO, FLUENT, FRENCH, agent, at, contact, queue, step
from routing_inspect.contact import (
    Agent,
    Contact,
    Criteria,
    Offer,
    Presence,
    Roster,
    RoutingProfile,
    Snapshot,
)
from routing_inspect.evaluate import Verdict
from routing_inspect.explain import explain
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Expr, Not, Opaque, Or
from routing_inspect.findings import Finding

TECH = AtLeast(DYNAMO, 4)
ARN = "arn:aws:connect:eu-west-2:111122223333:instance/i/agent/ana"


def _holder(agent_id: str, french: float, tech: float, **fields: Any) -> Agent:
    return Agent(id=agent_id, proficiencies={FRENCH: french, DYNAMO: tech}, **fields)


CENTRE = Roster(
    agents=[
        _holder("both", 4, 4),
        _holder("french", 5, 3),
        _holder("tech", 3, 5),
        _holder("neither", 1, 1),
        agent("blind", proficiencies=None),
    ]
)


@pytest.mark.parametrize(
    ("expression", "matching", "counts"),
    [
        (And([FLUENT, TECH]), ["both"], [(2, 2, 1, 1), (2, 2, 1, 1)]),
        (Or([FLUENT, TECH]), ["both", "french", "tech"], [(2, 2, 1, 1), (2, 2, 1, 1)]),
        (And([FLUENT, Not(TECH)]), ["french"], [(2, 2, 1, 1), (2, 2, 1, 1)]),
        (And([FLUENT, And([FLUENT, TECH])]), ["both"], [(2, 2, 1, 1), (2, 2, 1, 1)]),
        (And([FLUENT, Opaque({"New": 1})]), [], [(2, 2, 1, 0), (0, 0, 5, 0)]),
    ],
)
def test_populations_and_sole_blockers(
    expression: Expr, matching: list[str], counts: list[tuple[int, int, int, int]]
) -> None:
    """Every count adds up to the roster; a sole blocker is the one condition in somebody's way."""
    (found,) = explain(contact(step("ACTIVE", expression=expression)), CENTRE).steps

    assert list(found.matching) == matching
    assert len(found.matching) + len(found.not_matching) + len(found.unknown) == 5
    assert [(c.matching, c.not_matching, c.unknown, c.sole_blocker_of) for c in found.conditions] == counts


UUIDS = tuple(f"{number:08}-0000-4000-8000-000000000000" for number in range(4))
LISTING = [step("ACTIVE"), step("INACTIVE", expression=AgentIn([UUIDS[2], "ben"]))]
RINGING = Offer(agent_id=UUIDS[1], outcome="missed", offered_at=at(5), source="agent events")
FIRST = Agent(
    id=UUIDS[0], proficiencies={FRENCH: 4}, queues=[queue()], routing_profile=RoutingProfile(id="voice")
)
OTHERS = (evolve(FIRST, id="user-2", username="cy"), evolve(FIRST, id=UUIDS[3], proficiencies=None))
MANUAL = RoutingProfile(id="voice", manual_queue_ids=("queue-2",))
HERE = Presence(as_of=at(9), status="Available", free={"VOICE": 1})


@pytest.mark.parametrize(
    ("some", "fields"),
    [
        (contact(*LISTING), {"proficiencies": {FRENCH: 3}}),
        (contact(*LISTING), {"proficiencies": None}),
        (contact(*LISTING), {"source": "a list"}),
        (contact(*LISTING), {"as_of": at(3)}),
        (contact(*LISTING), {"queues": [queue(delay=30)]}),
        (contact(*LISTING), {"queues": [queue("queue-2")]}),
        (contact(*LISTING, queue_id="queue-2"), {"routing_profile": MANUAL}),
        (contact(*LISTING), {"seen_queue_ids": ("queue-2",)}),
        (contact(*LISTING, last_updated_at=9), {"seen": (Snapshot(at=at(-5), queue_ids=("queue-2",)),)}),
        (contact(*LISTING), {"available": True}),
        (contact(*LISTING), {"free_slots": {"VOICE": 0}}),
        (contact(*LISTING), {"presence": HERE}),
        (contact(*LISTING), {"id": UUIDS[2]}),
        (contact(*LISTING), {"id": "user-1"}),
        (contact(*LISTING), {"username": "ana"}),
        (contact(*LISTING), {"username": "ben"}),
        (contact(*LISTING, offers=(RINGING,)), {}),
        (contact(step("JOINED"), agent_id=UUIDS[1], connected_at=9), {}),
        (contact(step("EXPIRED", 9), agent_id=UUIDS[1], connected_at=19), {}),
        (contact(*LISTING, queue_id=UUIDS[1], queue_type="AGENT"), {}),
        (contact(step("EXPIRED", 9)), {"available": True}),
    ],
)
def test_who_differs_in_one_fact_is_not_taken_for_another(some: Contact, fields: dict[str, Any]) -> None:
    """Agents share what was worked out only where every fact that it hangs on is the same."""
    second = evolve(FIRST, **{"id": UUIDS[1], **fields})

    (alone,) = explain(some, Roster(agents=[second])).agents
    before, *_, among = explain(some, Roster(agents=[FIRST, *OTHERS, second])).agents

    assert repr((among.steps, among.fallback)) == repr((alone.steps, alone.fallback))
    assert repr((among.steps, among.fallback)) != repr((before.steps, before.fallback))


def test_agents_of_whom_the_same_is_known_share_their_steps() -> None:
    """What is the same for a whole centre is worked out once."""
    roster = Roster(agents=[FIRST, evolve(FIRST, id=UUIDS[1])])

    one, two = explain(contact(*LISTING, step("INACTIVE")), roster).agents

    assert [one.steps[i] is two.steps[i] for i in range(3)] == [True, True, True]


def test_agents_are_the_whole_roster_or_those_asked_about() -> None:
    """Who took the contact is always among them; a stranger has gates that are unknown."""
    some = contact(step("JOINED"), agent_id="tech")

    def shown(**options: Any) -> list[str]:
        return [one.agent.id for one in explain(some, CENTRE, **options).agents]

    assert shown() == ["both", "french", "tech", "neither", "blind"]
    assert shown(agents=["both"]) == ["tech", "both"]
    assert shown(agents=["tech", "tech"]) == ["tech"]
    assert shown(agents=["zoe", ARN]) == ["tech", "zoe", "ana"]
    assert shown(agents=iter(["both"])) == ["tech", "both"]


def test_a_username_of_several_agents_is_ambiguous() -> None:
    """Nobody is made up for a username that several have: all are shown, and a finding says so."""
    roster = Roster(agents=[agent("x", username="dup"), agent("y", username="dup"), agent("z")])

    found = explain(contact(step("ACTIVE")), roster, agents=["dup", "dup"])

    assert [one.agent.id for one in found.agents] == ["x", "y"]
    assert found.eligible("dup") is Verdict.UNKNOWN
    (finding,) = (one for one in found.findings if one.id == "RI407")
    assert finding.message == "2 agents have the username `dup`"


def test_an_agent_whose_phone_rings_did_not_take_the_contact() -> None:
    """To be named without a connection is not enough, also not to be missed in the roster."""
    some = contact(criteria=None, agent_id="ana", agent_username="ana.p")

    found = explain(some, Roster(agents=[agent("bo")]))

    assert found.path.agent_id is None
    assert [one.agent.id for one in found.agents] == ["bo"]
    assert [finding.id for finding in found.findings] == []
    assert [one.agent.id for one in explain(some, agents=["ana.p"]).agents] == ["ana"]


def test_many_conditions_are_explained_in_no_time() -> None:
    """Sole blockers are found in one pass, not in one for each condition."""
    expression = And([AtLeast(Attribute("Skill", str(number)), 3) for number in range(2000)])
    held = {Attribute("Skill", str(number)): 4.0 for number in range(1999)}

    started = perf_counter()
    (found,) = explain(
        contact(step("ACTIVE", expression=expression)), Roster(agents=[agent(proficiencies=held)])
    ).steps

    assert [count.sole_blocker_of for count in found.conditions] == [0] * 1999 + [1]
    assert perf_counter() - started < 2


def test_who_took_the_contact_is_known_by_the_document_alone() -> None:
    """Without a roster the document's own words for the agent are used."""
    some = contact(step("JOINED"), agent_id=ARN, agent_username="ana.p")

    found = explain(some, agents=["ana.p"])

    assert [(one.agent.id, one.agent.username) for one in found.agents] == [("ana", "ana.p")]
    assert found.path.sentence.startswith("ana.p got this contact on its only step")


def test_queue_name_comes_from_a_routing_profile() -> None:
    """DescribeContact gives the queue's id alone, and not every row has a name."""
    roster = Roster(agents=[agent("a", queues=[queue()]), agent("b", queues=[queue(name="General")])])

    assert explain(contact(step("ACTIVE")), roster).contact.queue_name == "General"
    assert explain(contact(step("ACTIVE"), queue_name="Own"), roster).contact.queue_name == "Own"


def test_facts_about_agents_have_a_source_and_a_time() -> None:
    """An agent's own source and time come before the roster's; of who is unknown there is neither."""
    dated = agent("a", source="ListUserProficiencies", as_of=at(5))
    roster = Roster(agents=[dated, agent("b")], source="roster.json", as_of=at(9))

    found = explain(contact(step("ACTIVE")), roster, agents=["a", "b", "zoe"])

    assert [(one.source, one.as_of) for one in found.agents] == [
        ("ListUserProficiencies", at(5)),
        ("roster.json", at(9)),
        (None, None),
    ]


def _ids(some: Contact, roster: Roster | None = None, **options: Any) -> list[str]:
    return [finding.id for finding in explain(some, roster, **options).findings]


def test_findings_of_whoever_fetched_come_last() -> None:
    """What the caller has to say is kept as it is."""
    extra = Finding("RI606", "no answer")

    found = explain(contact(step("PAUSED")), findings=[extra]).findings

    assert [finding.id for finding in found] == ["RI502", "RI606"]


@pytest.mark.parametrize(
    ("roster", "options", "found"),
    [
        (None, {}, []),
        (Roster(), {}, ["RI406"]),
        (Roster(agents=[agent("tech", french=5)]), {}, []),
        (Roster(agents=[agent("tech"), agent("zoe")]), {"agents": ["zoe"]}, ["RI508"]),
        (Roster(agents=[agent("tech"), agent("zoe")]), {}, ["RI401", "RI508"]),
        (Roster(agents=[agent("zoe", french=5)]), {}, ["RI604"]),
    ],
)
def test_a_roster_is_more_than_the_agents_asked_about(
    roster: Roster | None, options: dict[str, Any], found: list[str]
) -> None:
    """That nobody holds a name is no finding where only single agents were looked up."""
    assert _ids(contact(step("JOINED"), agent_id="tech"), roster, **options) == found


def test_contradiction_is_a_finding_on_its_step() -> None:
    """The finding says which step, and where the facts of the time are."""
    some = contact(step("EXPIRED", 30), step("JOINED"), agent_id="tech", connected_at=40)

    (found,) = explain(some, Roster(agents=[_holder("tech", 3, 5)])).findings

    assert (found.id, found.where, found.severity) == ("RI508", "step 2", "error")
    assert found.hint is not None


@pytest.mark.parametrize(
    ("fields", "now", "said"),
    [
        ({"agent_id": "ana", "connected_at": 40}, None, "3.0 days after"),
        ({"disconnected_at": 40}, None, "3.0 days after"),
        ({}, 40, "3.0 days after"),
        ({"last_updated_at": 40}, None, "3.0 days after"),
        ({}, None, None),
        ({"criteria": None, "disconnected_at": 40}, None, None),
    ],
)
def test_age_of_the_facts(fields: dict[str, Any], now: float | None, said: str | None) -> None:
    """Facts are held against the end of the wait, or the instant it is looked at."""
    roster = Roster(agents=[agent(french=5)], as_of=at(40 + 3 * 86_400))
    steps = [step("JOINED" if "agent_id" in fields else "ACTIVE")]

    found = explain(contact(*steps, **fields), roster, None if now is None else at(now)).findings

    assert [f.id for f in found] == (["RI601"] if said else [])
    assert said is None or said in found[0].message


def test_the_agent_who_took_the_contact_is_named_first() -> None:
    """Of many agents edited since, the one who took the contact matters most."""
    roster = Roster(agents=[agent("a", modified_at=at(900)), agent("z", french=5, modified_at=at(900))])

    found = explain(contact(step("JOINED"), agent_id="z", connected_at=5), roster).findings

    assert [f.message.split(" were")[0] for f in found] == ["the proficiencies of z"]


def _questions(some: Contact, roster: Roster | None = None, **options: Any) -> list[str]:
    return [unknown.question for unknown in explain(some, roster, **options).unknowns]


FREE = "who was free while each step ran"
KNOWN: dict[str, Any] = {"queues": [queue()], "as_of": at(0)}


@pytest.mark.parametrize(
    ("some", "roster", "questions"),
    [
        (contact(criteria=None), None, []),
        (contact(step("ACTIVE")), None, ["whom each step lets in"]),
        (contact(step("ACTIVE")), Roster(agents=[agent(**KNOWN)]), [FREE]),
        (
            contact(step("ACTIVE")),
            Roster(agents=[agent(**KNOWN, available=True, free_slots={"VOICE": 1})]),
            [],
        ),
        (
            contact(step("ACTIVE")),
            Roster(agents=[agent(), agent("b\x1b", proficiencies=None)]),
            [
                r"which proficiencies b\u001b had",
                "whether the queue is in the routing profile of 2 agents",
                "of what time the proficiencies are",
                FREE,
            ],
        ),
        (
            contact(step("JOINED"), agent_id="ana"),
            Roster(agents=[agent(french=5, **KNOWN), agent("bo", french=5, **KNOWN)]),
            [FREE, "why this agent of all who could"],
        ),
        (
            contact(step("JOINED"), agent_id="ana"),
            Roster(agents=[agent(french=5, **KNOWN), agent("bo", french=3, **KNOWN)]),
            [FREE],
        ),
        (
            contact(step("EXPIRED", 9), agent_id="ana", connected_at=10),
            Roster(agents=[agent(**KNOWN, available=True, free_slots={"VOICE": 1})]),
            ["why this agent of all who could"],
        ),
        (
            contact(step("INACTIVE"), queue_id=None, enqueued_at=None),
            Roster(agents=[agent(**KNOWN)]),
            ["into which queue the contact goes"],
        ),
        (
            contact(
                step("INACTIVE"), agent_id="ana", connected_at=10, queue_id="queue-2", queue_name="queue-1"
            ),
            Roster(agents=[agent(**KNOWN)]),
            ["whether the queue is an agent's own, where no step runs"],
        ),
        (
            contact(step("ACTIVE"), disconnected_at=9),
            Roster(agents=[agent(**KNOWN, available=True, free_slots={"VOICE": 1})]),
            ["whether it went on as another contact"],
        ),
        (
            contact(step("DEACTIVATED"), disconnected_at=9),
            Roster(agents=[agent(**KNOWN, available=True, free_slots={"VOICE": 1})]),
            [],
        ),
        (
            contact(step("ACTIVE", expression=And([Opaque({"New": 1}), Not(Opaque({"Old": 1}))])), index=1),
            Roster(agents=[agent(**KNOWN, available=True, free_slots={"VOICE": 1})]),
            [
                'whom OPAQUE `{"New":1}` lets in (step 1)',
                'whom NOT OPAQUE `{"Old":1}` lets in (step 1)',
                "which criteria this one replaced",
            ],
        ),
        (
            Contact(criteria=Criteria(reference="$.External.x")),
            None,
            ["what `$.External.x` stands for"],
        ),
    ],
)
def test_open_questions(some: Contact, roster: Roster | None, questions: list[str]) -> None:
    """What the facts leave open is asked, with what would answer it, and nothing else."""
    assert _questions(some, roster) == questions
    assert all(unknown.answered_by for unknown in explain(some, roster).unknowns)


def test_a_preferred_agent_and_a_near_miss() -> None:
    """The demo in small: a pinned step expired, a near miss stood in the way, the next step joined."""
    near = Attribute("Technology", "AWS Dynamo DB")
    some = contact(
        step("EXPIRED", 20, expression=AgentIn(["gone"])),
        step("JOINED", 40, expression=FLUENT),
        agent_id="ana",
        connected_at=25,
    )
    roster = Roster(agents=[agent(french=4, **KNOWN), agent("bo", proficiencies={near: 5}, **KNOWN)])

    found = explain(some, roster)

    assert (found.path.kind, found.path.step) == ("matched-step", 2)
    assert [finding.id for finding in found.findings] == ["RI404"]
    assert found.steps[0].not_matching == ("ana", "bo")


UUID = "12345678-1234-4234-8234-123456789012"
TAKER = "87654321-1234-4234-8234-123456789012"


@pytest.mark.parametrize(
    ("listed", "username", "kind"),
    [
        (AgentIn(["AGENT_1"]), None, "matched-step"),
        (Not(AgentIn(["AGENT_1"])), None, "matched-step"),
        (AgentIn(["AGENT_1"]), "ana", "contradiction"),
        (AgentIn([UUID]), None, "contradiction"),
        (FLUENT, None, "contradiction"),
    ],
)
def test_a_username_nobody_knows_contradicts_nothing(listed: Expr, username: str | None, kind: str) -> None:
    """AWS's own sample lists `AGENT_1` and gives the agent as a UUID: both may be one and the same."""
    some = contact(step("JOINED", expression=listed), agent_id=TAKER)

    assert explain(some, Roster(agents=[agent(TAKER, username=username)])).path.kind == kind


WATERFALL = contact(
    step("EXPIRED", 30, expression=And([FLUENT, AtLeast(DYNAMO, 5)])),
    step("EXPIRED", 30, expression=And([FLUENT, TECH])),
    step("JOINED", expression=And([AtLeast(FRENCH, 3), TECH])),
    agent_id="tech",
)


def test_what_it_would_have_taken_is_worked_out_for_agents_asked_about() -> None:
    """Every step that the agent fails, with when it starts; of an agent nobody asked about it is unknown."""
    node = explain(WATERFALL, CENTRE, agents=["french"]).to_dict()

    taker, asked = node["agents"]
    assert asked["changes"] == [
        _change(1, 0, 5, 2),
        _change(2, 30, 4, 1),
        _change(3, 60, 4, 1),
    ]
    assert [change["set"][0]["attribute"] for change in taker["changes"]] == ["Language(French)"] * 2
    assert {one["changes"] is None for one in explain(WATERFALL, CENTRE).to_dict()["agents"]} == {True}


def _change(number: int, seconds: float, to: float, cost: float) -> dict[str, Any]:
    edit = {"attribute": "Technology(AWS DynamoDB)", "from": 3, "to": to}
    return {"step": number, "seconds_after_activation": seconds, "set": [edit], "cost": cost, "unheld": []}


def test_a_relaxation_says_who_else_would_come_in() -> None:
    """The agents whom the relaxed expression lets in beside the one asked about."""
    crowd = Roster(agents=[*CENTRE.agents, _holder("more", 4, 3.5), _holder("less", 5, 2)])

    node = explain(WATERFALL, crowd, agents=["french"]).to_dict()["agents"][1]

    assert node["relaxations"][1] == {
        "step": 2,
        "seconds_after_activation": 30,
        "condition": "Technology(AWS DynamoDB) >= 4",
        "relaxed": "Technology(AWS DynamoDB) >= 3",
        "levels": 1,
        "admits": ["more"],
        "stopped": {},
    }


def test_a_step_behind_one_that_never_expires_has_no_time() -> None:
    """It never starts."""
    some = contact(step("ACTIVE"), step("INACTIVE"))

    (asked,) = explain(some, CENTRE, agents=["neither"]).agents

    assert [found.seconds_after_activation for found in asked.changes or ()] == [0, None]
    assert [found.seconds_after_activation for found in asked.relaxations or ()] == [0, None]


def test_changes_too_many_to_list_are_said_to_be() -> None:
    """A step without a change would look as if nothing helped."""
    many = And(
        Or((AtLeast(Attribute("A", str(i)), 1), AtLeast(Attribute("B", str(i)), 1))) for i in range(12)
    )

    found = explain(contact(step("ACTIVE", expression=many)), CENTRE, agents=["neither"])
    (asked,) = found.agents

    assert "what it would take to match step 1" in [unknown.question for unknown in found.unknowns]
    assert found.to_dict()["agents"][0]["limits"] == [{"step": 1, "reason": asked.limits[0].reason}]
    assert asked.changes == ()
    assert [(limit.step, "1,000" in limit.reason) for limit in asked.limits] == [(1, True)]
