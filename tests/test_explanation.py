"""The explanation as data: its JSON, its words for conditions, and who was eligible."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from records import DYNAMO, FLUENT, FRENCH, agent, at, contact, queue, step
from routing_inspect.contact import Contact, Criteria, Roster
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.explain import explain
from routing_inspect.explanation import condition_texts, deciding_text, trace_dict
from routing_inspect.expr import AgentIn, And, AtLeast, Between, Expr, Mixed, Not, Opaque, Or

YES, NO, UNKNOWN = Verdict.MATCH, Verdict.NO_MATCH, Verdict.UNKNOWN
TECH = AtLeast(DYNAMO, 2)
TOP = {"schema", "now", "contact", "path", "steps", "earlier", "windows", "agents", "findings", "unknowns"}


def test_members_of_the_contract() -> None:
    """Every member is there, null where it does not apply."""
    some = contact(step("EXPIRED", 30), step("JOINED"), agent_id="ana", connected_at=40)

    node = explain(some, Roster(agents=[agent(french=5)])).to_dict()

    assert node.keys() == TOP
    assert node["contact"].keys() == {
        *("id", "source", "channel", "queue_id", "queue_name", "queue_type", "agent_id"),
        *("initiation_method", "enqueued_at", "activated_at", "connected_at", "disconnected_at"),
        *("criteria_index", "offers"),
    }
    assert node["path"].keys() == {"kind", "step", "agent_id", "sentence", "evidence"}
    assert node["steps"][0].keys() == {
        *("number", "status", "expression", "expires_after_seconds", "started_at", "ended_at"),
        *("expires_at", "derived", "outcome", "matching", "not_matching", "unknown", "conditions"),
        "stopped",
    }
    assert node["agents"][0].keys() == {
        *("id", "username", "as_of", "source", "steps", "fallback", "earlier", "changes", "relaxations"),
        *("eligible", "windows", "limits"),
    }
    assert node["agents"][0]["steps"][0].keys() == {"number", "verdict", "as_of", "gates"}
    assert node["agents"][0]["fallback"] is None


def test_values_of_the_contract() -> None:
    """Times are UTC text, durations seconds, verdicts words."""
    some = contact(step("EXPIRED", 30), agent_id="ana", connected_at=40)

    node = explain(some, Roster(agents=[agent(french=3)])).to_dict()

    assert node["steps"][0] == {
        "number": 1,
        "status": "EXPIRED",
        "expression": "Language(French) >= 4",
        "expires_after_seconds": 30,
        "started_at": "2026-03-04T14:02:11.000Z",
        "ended_at": "2026-03-04T14:02:41.000Z",
        "expires_at": "2026-03-04T14:02:41.000Z",
        "derived": ["ended_at"],
        "outcome": "expired",
        "matching": [],
        "not_matching": ["ana"],
        "unknown": [],
        "stopped": {},
        "conditions": [
            {
                "expression": "Language(French) >= 4",
                "matching": 0,
                "not_matching": 1,
                "unknown": 0,
                "sole_blocker_of": 1,
            }
        ],
    }
    assert node["agents"][0]["fallback"]["verdict"] == "match"
    assert node["agents"][0]["steps"][0]["gates"][1] == {
        "gate": "proficiency",
        "verdict": "no_match",
        "reason": "Language(French) >= 4: has 3, 1 level short",
        "source": None,
        "trace": {
            "expression": "Language(French) >= 4",
            "verdict": "no_match",
            "found": 3.0,
            "short_by": 1.0,
        },
    }


def test_a_contact_without_criteria_has_no_steps() -> None:
    """What is absent is null or empty, never left out."""
    node = explain(contact(criteria=None)).to_dict()

    assert (node["steps"], node["agents"]) == ([], [])
    assert (node["contact"]["activated_at"], node["contact"]["criteria_index"]) == (None, None)


def test_what_one_agent_is_told_can_be_changed_alone() -> None:
    """Agents who hold the same have equal traces in the JSON, each of its own."""
    roster = Roster(agents=[evolve(agent(french=4), id=name) for name in ("one", "two")])
    criteria = step("ACTIVE", expression=And([FLUENT, AtLeast(FRENCH, 1)]))

    one, two = explain(contact(criteria), roster).to_dict()["agents"]
    traces = [
        [gate["trace"] for gate in told["steps"][0]["gates"] if gate["trace"] is not None]
        for told in (one, two)
    ]
    assert traces[0] == traces[1]
    traces[0][0]["operands"][0]["expression"] = traces[0][0]["expression"] = "changed"

    assert "changed" not in repr(two)


def test_trace_leaves_out_what_does_not_apply() -> None:
    """A node of a trace has the members that say something."""
    trace = evaluate(And([TECH, Opaque({"New": 1})]), agent())

    node = trace_dict(trace)

    assert node.keys() == {"expression", "verdict", "operands"}
    assert node["operands"][1].keys() == {"expression", "verdict", "unknown_because"}


def test_a_distance_beyond_numbers_is_left_out() -> None:
    """JSON has no infinity, and two finite levels may be infinitely far apart."""
    trace = evaluate(AtLeast(FRENCH, 1.7e308), agent(french=-1.7e308))

    assert trace_dict(trace).keys() == {"expression", "verdict", "found"}


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        (FLUENT, ["Language(French) >= 4: has 3, 1 level short"]),
        (AtLeast(FRENCH, 5), ["Language(French) >= 5: has 3, 2 levels short"]),
        (Between(FRENCH, 1, 2), ["Language(French) in 1..2: has 3, 1 level too high"]),
        (Between(FRENCH, 5, 4), ["Language(French) in 5..4: no level is in it"]),
        (AtLeast(FRENCH, 2), ["Language(French) >= 2: has 3"]),
        (TECH, ["Technology(AWS DynamoDB) >= 2: not held"]),
        (Not(TECH), ["NOT Technology(AWS DynamoDB) >= 2: not held"]),
        (Not(AtLeast(FRENCH, 1)), ["NOT Language(French) >= 1: has 3"]),
        (AgentIn(["ana"]), ["agent in (ana): listed"]),
        (AgentIn(["bo"]), ["agent in (bo): not listed"]),
        (Not(AgentIn(["bo"])), ["NOT agent in (bo): not listed"]),
        (
            AgentIn(["ann"]),
            [
                (
                    "agent in (ann): it names ann by username: "
                    "the service's documents disagree on whether that counts"
                )
            ],
        ),
        (Opaque({"New": 1}), ['OPAQUE `{"New":1}`: this version does not understand the condition']),
        (Not(Opaque({"New": 1})), None),
        (Or([FLUENT, TECH]), ["Language(French) >= 4: has 3, 1 level short", None]),
        (And([FLUENT, TECH]), ["Language(French) >= 4: has 3, 1 level short", None]),
        (Not(Or([FLUENT, AtLeast(FRENCH, 2)])), None),
    ],
)
def test_words_for_conditions(expression: Expr, texts: list[str | None] | None) -> None:
    """Value and threshold stand side by side, and by how much the one misses the other."""
    found = list(condition_texts(evaluate(expression, agent(french=3, username="ann"))))

    if texts is None:
        assert len(found) == 1
    else:
        assert [text for text, wanted in zip(found, texts, strict=True) if wanted not in {None, text}] == []


def test_alternatives_are_told_as_such() -> None:
    """Where none of several ways in is open, a reader must not take them for joint demands."""
    who = agent(french=3)

    assert deciding_text(evaluate(Or([And([FLUENT, TECH]), AtLeast(FRENCH, 5)]), who)) == (
        "Language(French) >= 4: has 3, 1 level short; Technology(AWS DynamoDB) >= 2: not held; "
        "or Language(French) >= 5: has 3, 2 levels short"
    )
    assert deciding_text(evaluate(Or([FLUENT, AtLeast(FRENCH, 1)]), who)) == "Language(French) >= 1: has 3"


def test_a_negated_group_is_told_whole() -> None:
    """What stands under a NOT over a group would mislead without it."""
    text = deciding_text(evaluate(Not(Or([FLUENT, AtLeast(FRENCH, 2)])), agent(french=3)))

    assert text == "NOT (Language(French) >= 4 OR Language(French) >= 2): Language(French) >= 2: has 3"


def test_a_mixed_node_says_why_it_is_unknown() -> None:
    """Its conditions alone would not explain the verdict."""
    texts = list(condition_texts(evaluate(Mixed([AtLeast(FRENCH, 1), TECH]), agent(french=3))))

    assert len(texts) == 3
    assert "reading them as AND and as OR" in texts[0]


TAKEN: dict[str, Any] = {"agent_id": "ana", "connected_at": 40}


@pytest.mark.parametrize(
    ("some", "name", "verdict"),
    [
        (contact(step("EXPIRED", 30), step("JOINED"), **TAKEN), "ana", YES),
        (
            contact(step("EXPIRED", 30), step("JOINED"), **TAKEN),
            "arn:aws:connect:x:1:instance/i/agent/ana",
            YES,
        ),
        (contact(step("JOINED", expression=TECH), **TAKEN), "ana", UNKNOWN),
        (contact(step("ACTIVE"), **TAKEN), "ana", UNKNOWN),
        (contact(step("EXPIRED", 30), step("JOINED"), **TAKEN), "bo", NO),
        (contact(step("EXPIRED", 30), **TAKEN), "bo", YES),
        (contact(step("EXPIRED", 30), **TAKEN), "bobby", YES),
        (contact(step("JOINED"), step("INACTIVE", expression=AtLeast(FRENCH, 1)), **TAKEN), "bo", NO),
        (contact(step("INACTIVE"), step("INACTIVE", expression=AtLeast(FRENCH, 1))), "bo", NO),
        (contact(step("ACTIVE")), "zoe", UNKNOWN),
        (contact(step("ACTIVE")), "dup", UNKNOWN),
        (contact(criteria=None), "ana", YES),
        (contact(criteria=None), "x", UNKNOWN),
    ],
)
def test_eligible(some: Contact, name: str, verdict: Verdict) -> None:
    """Who took the contact could; another could on a step that ran, or after all had expired."""
    roster = Roster(
        agents=[
            agent(french=4, queues=[queue()]),
            agent("bo", french=3, queues=[queue()], username="bobby"),
            agent("x", username="dup"),
            agent("y", username="dup"),
        ]
    )

    assert explain(some, roster).eligible(name) is verdict


SHORT: dict[str, Any] = {"disconnected_at": 30}
X_TOOK: dict[str, Any] = {"agent_id": "x", "connected_at": 30}
EARLIER = Criteria([step("INTERRUPTED", 60)], index=0)


@pytest.mark.parametrize(
    ("some", "now", "verdicts"),
    [
        # The clock: a document older than its timers, and a step that is inferred.
        (contact(step("ACTIVE", 20), step("INACTIVE", 40, expression=TECH)), 10, (YES, NO, NO)),
        (contact(step("ACTIVE", 20), step("INACTIVE", 40, expression=TECH)), None, (YES, NO, NO)),
        (contact(step("ACTIVE", 20), step("INACTIVE", 40, expression=TECH)), 30, (YES, UNKNOWN, NO)),
        (contact(step("ACTIVE", 20), step("INACTIVE", 40, expression=TECH)), 100, (YES, UNKNOWN, UNKNOWN)),
        (
            contact(step("EXPIRED", 20), step("INACTIVE", 40, expression=TECH), **SHORT),
            None,
            (YES, UNKNOWN, NO),
        ),
        (
            contact(step("EXPIRED", 20), step("INACTIVE", 40, expression=TECH), disconnected_at=90),
            None,
            (YES, UNKNOWN, UNKNOWN),
        ),
        (
            contact(step("EXPIRED", 20), step("INACTIVE", expression=TECH), next_ids=("contact-2",)),
            None,
            (YES, UNKNOWN, NO),
        ),
        # What the statuses settle.
        (contact(step("DEACTIVATED", 60), step("INACTIVE", expression=TECH), **SHORT), None, (YES, NO, NO)),
        (contact(step("INACTIVE", 60), **SHORT), None, (UNKNOWN, NO, NO)),
        (contact(step("EXPIRED", 20, expression=TECH), **SHORT), None, (YES, YES, YES)),
        (contact(step("INTERRUPTED", 60), next_ids=("contact-2",)), None, (YES, NO, NO)),
        # What no status settles.
        (
            contact(step("PAUSED", 20), step("JOINED", 40, expression=TECH), **X_TOOK),
            None,
            (UNKNOWN, YES, NO),
        ),
        (contact(step("INTERRUPTED", 60)), None, (UNKNOWN, UNKNOWN, UNKNOWN)),
        (contact(step("INTERRUPTED", 60), **SHORT), None, (YES, UNKNOWN, UNKNOWN)),
        (
            contact(step("INACTIVE", 20), step("ACTIVE", 40, expression=TECH)),
            None,
            (UNKNOWN, UNKNOWN, UNKNOWN),
        ),
        # Other criteria of the contact.
        (
            contact(step("JOINED", 60, expression=TECH), earlier=(EARLIER,), index=1, **X_TOOK),
            None,
            (YES, YES, UNKNOWN),
        ),
        (
            contact(
                step("JOINED", 60, expression=TECH),
                earlier=(Criteria([step("ACTIVE", 60, expression=TECH), step("INACTIVE")]),),
                index=1,
                **X_TOOK,
            ),
            None,
            (UNKNOWN, YES, UNKNOWN),
        ),
        (
            contact(step("JOINED", 60, expression=TECH), earlier=(Criteria(),), index=1, **X_TOOK),
            None,
            (UNKNOWN, YES, UNKNOWN),
        ),
        (contact(step("JOINED", 60, expression=TECH), index=1, **X_TOOK), None, (UNKNOWN, YES, UNKNOWN)),
    ],
)
def test_nobody_is_ruled_out_by_what_only_may_have_run(
    some: Contact, now: float | None, verdicts: tuple[Verdict, ...]
) -> None:
    """A no needs to be one on every step that may have run; who is not in the queue could on none."""
    roster = Roster(
        agents=[
            agent("f", french=4, queues=[queue()]),
            agent("x", proficiencies={DYNAMO: 4}, queues=[queue()]),
            agent("n", queues=[queue()]),
            agent("away", french=4, queues=[]),
            agent("busy", french=4, queues=[queue()], available=False),
        ]
    )

    explanation = explain(some, roster, None if now is None else at(now))

    assert tuple(explanation.eligible(name) for name in ("f", "x", "n")) == verdicts
    assert explanation.eligible("away") is explanation.eligible("busy") is NO


def test_prose_is_safe_to_print() -> None:
    """Sentences, reasons and messages hold no character that drives a terminal."""
    some = evolve(contact(step("JOINED")), agent_id="a\x1b", queue_id="q\u202e", queue_name=None)

    node = explain(some, Roster(agents=[agent("a\x1b", queues=[queue("b\x07")])])).to_dict()

    prose = [node["path"]["sentence"], *node["path"]["evidence"]]
    prose += [gate["reason"] for step in node["agents"][0]["steps"] for gate in step["gates"]]
    prose += [f["message"] for f in node["findings"]] + [u["question"] for u in node["unknowns"]]
    assert [text for text in prose if not text.isprintable()] == []


def test_criteria_by_itself_is_explained_for_a_roster() -> None:
    """A criteria without a contact has verdicts for agents, as far as the expression goes."""
    alone = Contact(criteria=Criteria([step()]))

    node = explain(alone, Roster(agents=[agent(french=5)])).to_dict()

    assert node["agents"][0]["steps"][0]["verdict"] == "match"
