"""What is odd about a criteria, its names beside a roster, and facts of another time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import pytest

from records import DYNAMO, FLUENT, FRENCH, agent, at, contact, step
from routing_inspect.checks import (
    contact_findings,
    criteria_findings,
    evidence_findings,
    join_findings,
    match_findings,
    roster_findings,
)
from routing_inspect.contact import Criteria, Expiry, Roster, Step
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or
from routing_inspect.findings import Finding
from routing_inspect.names import near_miss_key
from routing_inspect.timeline import timeline


def _of(*expressions: Expr) -> Criteria:
    return Criteria([step(after=30, expression=expression) for expression in expressions])


def _opaque(**condition: Any) -> Opaque:
    return Opaque({"AttributeCondition": condition})


@pytest.mark.parametrize(
    ("expression", "finding", "message"),
    [
        (Opaque(None), "RI205", "the step has no expression"),
        (Opaque({"OrExpression": []}), "RI206", "an empty OrExpression"),
        (_opaque(ProficiencyLevel="$.External.x"), "RI101", "the flow fills in the level `$.External.x`"),
        (_opaque(ComparisonOperator="Match", Name="x"), "RI202", "the operator Match has no MatchCriteria"),
        (
            _opaque(ComparisonOperator="Range", Range={"Low": 1}, Name="x", Value="y"),
            "RI208",
            "not understood",
        ),
        (_opaque(ProficiencyLevel=3, Range={}), "RI208", "no operator, and none to infer"),
        (Opaque({"New": 1}), "RI208", "`New` is not known"),
        (Opaque("text"), "RI208", "not understood"),
        (Opaque({"OrExpression": [1]}), "RI208", "not understood"),
        (
            AtLeast(FRENCH, 4, written={"MatchCriteria": {}, "ComparisonOperator": "x"}),
            "RI202",
            "MatchCriteria stands beside it",
        ),
        (AgentIn(["$.External.agent"]), "RI101", "the flow fills in `$.External.agent`"),
        (Between(FRENCH, 0, 5), "RI209", "0 is not on the scale"),
        (AtLeast(FRENCH, 2.5), "RI209", "2.5 is not on the scale"),
        (AgentIn(["ana"], written={"Name": ""}), "RI201", "no ComparisonOperator"),
    ],
)
def test_odd_conditions(expression: Expr, finding: str, message: str) -> None:
    """What is odd about one condition is said with the condition."""
    found = list(criteria_findings(_of(expression)))

    assert found[0].id == finding
    assert message in found[0].message
    assert found[0].where == "step 1"


def test_conditions_are_found_at_any_depth() -> None:
    """A finding inside groups and NOT is found, in order."""
    odd = AtLeast(FRENCH, 6)

    found = list(criteria_findings(_of(Not(Or([And([odd]), Mixed([odd, FLUENT])])))))

    assert [finding.id for finding in found] == ["RI209", "RI207", "RI209"]


def test_unknown_members_are_named_where_they_stand() -> None:
    """Members that a later service may add are reported, of the criteria, a step and its expiry."""
    steps = [Step(FLUENT, Expiry(extra={"Later": 1}), extra={"Weight\x1b": 2})]

    found = list(criteria_findings(Criteria(steps, extra={"Mode": 1})))

    assert [(finding.id, finding.where) for finding in found] == [("RI103", ""), ("RI103", "step 1")]
    assert r"`Weight\u001b`, `Later`" in found[1].message


@pytest.mark.parametrize(("count", "said"), [(2, "step 2 cannot start"), (4, "steps 2 to 4 cannot start")])
def test_an_untimed_step_blocks_all_after_it(count: int, said: str) -> None:
    """RI301 names every step that cannot start."""
    found = next(criteria_findings(Criteria([Step(FLUENT), *[step(after=1)] * (count - 1)])))

    assert (found.id, said in found.message) == ("RI301", True)


def test_a_fraction_of_a_second_is_odd() -> None:
    """DurationInSeconds is a whole number."""
    (found,) = criteria_findings(Criteria([Step(FLUENT, Expiry(timedelta(seconds=1.5)))]))

    assert found.message == "step 1 expires after 1.5 seconds"


def _names(criteria: Criteria, *agents: Any) -> list[Finding]:
    return list(roster_findings(criteria, Roster(agents=agents)))


def test_near_misses_name_who_holds_them() -> None:
    """A near miss is shown with its holders, three by name, and never matched."""
    many = [agent(f"agent-{i}", proficiencies={Attribute("language", "French "): 4}) for i in range(5)]

    (found,) = _names(_of(FLUENT), *many)

    assert found.id == "RI401"
    held = 'language("French "), held by agent-0, agent-1, agent-2 and 2 more'
    assert found.hint == f"did you mean {held} (blanks, letter case)?"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("connect:Language", "connect:French"),
        ("LANGUAGE", "french"),
        ("Language", "Fr\u200bench"),
        ("Lang\u00a0uage", "French"),
    ],
)
def test_what_counts_as_a_near_miss(name: str, value: str) -> None:
    """Case, blanks, invisible characters, Unicode forms and the prefix are what readers overlook."""
    assert near_miss_key(Attribute(name, value)) == near_miss_key(FRENCH)


def test_attributes_are_checked_once() -> None:
    """The first step that names an attribute has the finding."""
    found = _names(_of(Or([FLUENT, AtLeast(FRENCH, 5)]), AtLeast(FRENCH, 3)), agent())

    assert [(finding.id, finding.where) for finding in found] == [("RI401", "step 1")]


def test_nobody_holding_what_not_excludes_is_as_it_should_be() -> None:
    """NOT over an attribute that nobody holds excludes nobody; a near miss still is one."""
    assert _names(_of(Not(FLUENT)), agent()) == []
    near = agent(proficiencies={Attribute("Language", "french"): 4})
    assert [finding.id for finding in _names(_of(Not(FLUENT)), near)] == ["RI402"]


def test_unknown_proficiencies_do_not_count_as_none() -> None:
    """Of agents whose proficiencies nobody knows, nothing is claimed."""
    blind = agent("bo", proficiencies=None)

    assert _names(_of(FLUENT), blind) == []
    (found,) = _names(_of(FLUENT), blind, agent())
    assert found.message == "none of the 1 agents whose proficiencies are known holds Language(French)"


def test_references_and_opaque_parts_have_no_names() -> None:
    """What a flow fills in, or nobody understands, is no name to look for."""
    refers = AtLeast(Attribute("Language", "$.External.x"), 3)

    assert _names(_of(refers, Opaque({"New": 1}), AgentIn(["$.External.y"])), agent()) == []


def test_agents_who_are_listed() -> None:
    """A listed agent is in the roster by id; a username is doubtful, a stranger holds the contact up."""
    roster = (agent("user-1", username="ana"),)

    assert [f.id for f in _names(_of(AgentIn(["ana", "bo", "user-1"])), *roster)] == ["RI403", "RI404"]
    assert [f.id for f in _names(_of(Not(AgentIn(["ana", "bo"]))), *roster)] == ["RI403"]


def test_a_listed_username_of_several_agents_is_ambiguous() -> None:
    """An agent whom the roster has twice is not missing from it."""
    (found,) = _names(_of(AgentIn(["dup"])), agent("x", username="dup"), agent("y", username="dup"))

    assert (found.id, found.message) == ("RI403", "preferred agent `dup` is the username of 2 agents")


def test_facts_at_the_edge_of_the_calendar() -> None:
    """Times without room for a tolerance beside them compare like any other."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

    def found(as_of: datetime) -> list[str]:
        who = agent(as_of=as_of)
        some = contact(step("ACTIVE"), activated=None, enqueued_at=first)
        return [f.id for f in evidence_findings(some, timeline(some, last), [who], Roster(agents=[who]))]

    assert found(first) == found(last) == []


def test_many_names_are_checked_in_no_time() -> None:
    """Names are folded once, not once for each pair of them."""
    attributes = [Attribute("Skill", str(number)) for number in range(2000)]
    who = agent(proficiencies=dict.fromkeys(attributes, 4))

    started = perf_counter()
    found = list(
        match_findings(And([AtLeast(attribute, 3) for attribute in attributes]), Roster(agents=[who]))
    )

    assert found == []
    assert perf_counter() - started < 2


@pytest.mark.parametrize(
    ("index", "said"), [(0, None), (1, "1 earlier criteria of this contact is"), (3, "3 earlier")]
)
def test_criteria_that_are_not_shown(index: int, said: str | None) -> None:
    """The index counts what was replaced, and the document may show less."""
    found = list(contact_findings(contact(step("ACTIVE"), index=index)))

    assert [finding.id for finding in found] == ([] if said is None else ["RI507"])
    assert said is None or found[0].message.startswith(said)


def test_earlier_criteria_that_are_shown_are_not_missing() -> None:
    """A contact record keeps the latest three."""
    some = contact(step("ACTIVE"), index=2, earlier=(Criteria(index=0), Criteria(index=1)))

    assert list(contact_findings(some)) == []
    assert list(contact_findings(contact(criteria=None))) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"modified_at": at(-60), "as_of": at(9000)}, None),
        ({"as_of": at(10 + 3600)}, None),
        ({"as_of": at(-3600)}, None),
        (
            {"as_of": at(10 + 7200)},
            "the proficiencies of ana are as of 2.0 hours after an agent was connected",
        ),
        ({"as_of": at(-3700)}, "the proficiencies of ana are as of 1.0 hours before an agent was connected"),
        ({"modified_at": at(5)}, "the proficiencies of ana were edited while the contact waited"),
        ({"modified_at": at(40)}, "the proficiencies of ana were edited 30.0 s after an agent was connected"),
        (
            {"modified_at": at(-7200), "as_of": at(-7100)},
            "the proficiencies of ana are as of 2.0 hours before an agent was connected",
        ),
        ({"as_of": at(9000), "proficiencies": None}, None),
        ({}, None),
    ],
)
def test_facts_of_another_time(fields: dict[str, Any], said: str | None) -> None:
    """Facts hold if they are of the contact's time, or were last edited before it and read after it."""
    who = agent(**{"proficiencies": {FRENCH: 4}, **fields})

    some = contact(step("JOINED"), connected_at=10, disconnected_at=500)
    found = list(evidence_findings(some, timeline(some), [who], Roster(agents=[who])))

    assert [finding.message for finding in found] == ([] if said is None else [said])


def test_facts_of_many_agents_are_one_finding() -> None:
    """A roster of last week is one finding, not one for each agent."""
    agents = [agent("a"), agent("b"), agent("c", modified_at=at(50)), agent("d", modified_at=at(50))]
    roster = Roster(agents=agents, as_of=at(86_400 * 7))

    some = contact(step("DEACTIVATED"), disconnected_at=10)
    found = list(evidence_findings(some, timeline(some), agents, roster))

    assert [finding.message for finding in found] == [
        "the proficiencies of c were edited 40.0 s after the contact ended, as were those of 1 more",
        "the proficiencies of 2 agents are as of 7.0 days after the contact ended",
    ]


def test_without_a_time_or_a_step_no_facts_are_of_another_time() -> None:
    """There is nothing that they could be held against."""
    who = agent(french=4, as_of=at(86_400))
    for some in (contact(step("JOINED")), contact(connected_at=10)):
        assert list(evidence_findings(some, timeline(some), [who], Roster(agents=[who]))) == []


@pytest.mark.parametrize(
    ("expression", "message", "hint"),
    [
        (FLUENT, "ana does not satisfy step 1 by the proficiencies given", "take the proficiencies"),
        (AgentIn(["bo"]), "ana is not listed in step 1", "the ids in the document"),
        (Not(AgentIn(["ana"])), "ana is one of those whom step 1 excludes", "the ids in the document"),
        (And([AgentIn(["bo"]), Not(FLUENT)]), "ana is not listed in step 1", "the ids in the document"),
        (
            And([AgentIn(["bo"]), FLUENT]),
            "ana does not satisfy step 1 by the proficiencies given",
            "take the proficiencies",
        ),
        (Or([AgentIn(["ana"]), FLUENT]), None, None),
        (AgentIn(["$.External.agent"]), None, None),
    ],
)
def test_a_join_that_the_facts_contradict(expression: Expr, message: str | None, hint: str | None) -> None:
    """A step that lists agents is not about proficiencies, so none are blamed."""
    clock = timeline(contact(step("JOINED", expression=expression), agent_id="ana", connected_at=5))

    found = list(join_findings(agent("ana", 1), clock))

    assert [f.message for f in found] == ([] if message is None else [message])
    assert all(f.id == "RI508" and (f.hint or "").startswith(hint or "") for f in found)


def test_without_a_join_there_is_nothing_to_contradict() -> None:
    """Who waits, or fell back, satisfies no step."""
    assert list(join_findings(agent("ana", 1), timeline(contact(step("ACTIVE"))))) == []


@pytest.mark.parametrize(
    ("operator", "meant"),
    [
        ("GreaterThan", "NumberGreaterOrEqualTo"),
        (">=", "NumberGreaterOrEqualTo"),
        ("NumberLessOrEqualTo", "Range, from 1 up to the level"),
        ("Between", "Range"),
        ("StringEquals", "Range, both ends at the level"),
        ("AgentIdIn", "Match"),
        ("\u65e5", None),
    ],
)
def test_an_operator_that_is_none(operator: str, meant: str | None) -> None:
    """It is named, and so is the one most likely to be meant."""
    asked = "" if meant is None else f"; did you mean {meant}?"

    (found,) = criteria_findings(_of(_opaque(Name="x", Value="y", ComparisonOperator=operator)))

    assert (found.id, found.message) == ("RI208", f"operator `{operator}` is not known{asked}")
    assert found.hint == "the operators are NumberGreaterOrEqualTo, Range and Match"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            {"Name": "Langue", "Value": "\u65e5\u672c\u8a9e", "ProficiencyLevel": 3},
            (
                "a condition without `AttributeCondition` around it: "
                'OPAQUE `{"Name":"Langue","ProficiencyLevel":3,"Value":"\u65e5\u672c\u8a9e"}`'
            ),
        ),
        ({"XorExpression": []}, "`XorExpression` (did you mean OrExpression?) is not known"),
        ({"New": 1, "Newer": 2}, "`New` and `Newer` are not known"),
        (
            {"AttributeCondition": {"Nmae": "x", "ComparisonOperator": "Range"}},
            "`Nmae` (did you mean Name?) is not known",
        ),
        (
            {"AttributeCondition": {"ProficiencyLevel": 3, "ComparisonOperator": "NumberGreaterOrEqualTo"}},
            "a condition on a level without its Name and Value",
        ),
    ],
)
def test_what_is_not_understood_is_named(raw: dict[str, Any], message: str) -> None:
    """The member that is wrong is named, the wrapper that is missing, or what is not there."""
    (found,) = criteria_findings(_of(Opaque(raw)))

    assert found.id == "RI208"
    assert found.message.startswith(message)


def test_levels_off_the_scale() -> None:
    """An agent's odd level is reported with the agent's name written out."""
    (found,) = _names(Criteria(), agent("u", username="ana\u202e", proficiencies={DYNAMO: 0}))

    assert found.message == r"ana\u202e has Technology(AWS DynamoDB) at 0"


def test_an_expression_by_itself_has_no_step() -> None:
    """What is odd about an expression's names is not said of a step that nobody wrote."""
    found = list(match_findings(FLUENT, Roster(agents=[agent(proficiencies={DYNAMO: 9})])))

    assert [(finding.id, finding.where) for finding in found] == [("RI401", ""), ("RI405", "roster")]
