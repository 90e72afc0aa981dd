import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from routing_inspect.contact import Criteria, Expiry, Step
from routing_inspect.document import JSON
from routing_inspect.errors import Problem
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or
from routing_inspect.wire import (
    camel,
    criteria_node,
    expression_node,
    has_member,
    read_criteria_node,
    read_criteria_value,
    read_duration,
    read_expression_node,
    read_number,
    read_text,
    read_time,
    read_whole_number,
    request_node,
    respell,
    seconds_number,
    snake,
    time_text,
)

FRENCH = Attribute("Language", "French")
AT_LEAST: dict[str, JSON] = {
    "Name": "Language",
    "Value": "French",
    "ProficiencyLevel": 4.0,
    "ComparisonOperator": "NumberGreaterOrEqualTo",
}


def _expression(node: JSON) -> Expr:
    problems: list[Problem] = []
    expression = read_expression_node(node, "$", problems)
    assert problems == []
    return expression


def _condition(**members: JSON) -> Expr:
    return _expression({"AttributeCondition": members})


def _problems(reader: Any, value: JSON) -> list[tuple[str, str]]:
    problems: list[Problem] = []
    reader(value, "$", problems)
    return [(problem.path, problem.message) for problem in problems]


def _step_with(members: dict[str, JSON], operator: str) -> JSON:
    condition = {"Name": "a", "Value": "b", "ComparisonOperator": operator, **members}
    return {"Steps": [{"Expression": {"AttributeCondition": condition}}]}


def test_the_three_spellings_of_a_member() -> None:
    """One name serves the API, events and data lake columns."""
    assert camel("NotAttributeCondition") == "notAttributeCondition"
    assert snake("NotAttributeCondition") == "not_attribute_condition"


def test_respelling_touches_known_members_only() -> None:
    """Names and values of attributes are not members, and neither is what nobody knows."""
    node = {
        "AttributeCondition": {"Name": "Name", "Value": "Value", "Future": {"Name": 1}},
        "Other": [{"Name": 2}],
    }

    spelled = respell(node, "Expression", camel)

    assert spelled == {
        "attributeCondition": {"name": "Name", "value": "Value", "Future": {"Name": 1}},
        "Other": [{"Name": 2}],
    }
    assert respell(spelled, "Expression", str) == node


def test_respelling_never_merges_two_members() -> None:
    """An object that has one member in two spellings keeps both."""
    node = {"Name": "a", "name": "b", "Value": None}

    assert respell(node, "Condition", camel) == {"Name": "a", "name": "b"}


def test_members_are_known_in_any_spelling() -> None:
    """A document is recognised whoever spelled it."""
    assert has_member({"and_expression": []}, "Expression")
    assert not has_member({"and_expression": None, "Future": 1}, "Expression")
    assert not has_member({"AndExpressions": []}, "Expression")
    assert not has_member([], "Expression")


@pytest.mark.parametrize(
    ("members", "expression"),
    [
        (AT_LEAST, AtLeast(FRENCH, 4)),
        (AT_LEAST | {"ProficiencyLevel": "4.0"}, AtLeast(FRENCH, 4)),
        (
            {
                "MatchCriteria": {"AgentsCriteria": {"AgentIds": ["a"]}},
                "ComparisonOperator": "Match",
                "Name": "",
            },
            AgentIn(["a"]),
        ),
    ],
)
def test_a_standard_condition_needs_no_copy_of_itself(members: dict[str, JSON], expression: Expr) -> None:
    """What the library would write the same way is not kept twice."""
    read = _condition(**members)

    assert read == expression
    assert isinstance(read, AtLeast | AgentIn)
    assert read.written is None


@pytest.mark.parametrize(
    "members",
    [
        {name: value for name, value in AT_LEAST.items() if name != "ComparisonOperator"},
        AT_LEAST | {"Range": {"MinProficiencyLevel": 1.0}},
        {"Name": "A", "Value": "b", "Range": {"MinProficiencyLevel": 2.0}, "ComparisonOperator": "Range"},
        {
            "Name": "A",
            "Value": "b",
            "MatchCriteria": {"AgentsCriteria": {"AgentIds": ["a"]}},
            "ComparisonOperator": "Match",
        },
    ],
)
def test_a_condition_said_in_another_way_is_written_back_as_it_stood(members: dict[str, JSON]) -> None:
    """What the author wrote stays as written, in meaning and in form."""
    assert expression_node(_condition(**members)) == {"AttributeCondition": members}


def test_a_changed_condition_forgets_what_the_document_said() -> None:
    """What a document said of level 4 is not what is to be written for level 2."""
    members = {name: value for name, value in AT_LEAST.items() if name != "ComparisonOperator"}
    condition = _condition(**members)
    assert isinstance(condition, AtLeast)

    changed = expression_node(evolve(condition, level=2.0))

    assert changed == {"AttributeCondition": AT_LEAST | {"ProficiencyLevel": 2.0}}


@pytest.mark.parametrize(
    "members",
    [
        {},
        AT_LEAST | {"ComparisonOperator": "IsBetterThan", "ProficiencyLevel": "four"},
        AT_LEAST | {"ProficiencyLevel": "$.External.level"},
        {"Value": "b", "ProficiencyLevel": 1.0},
        {"Name": "A", "Value": "b", "Range": {}},
        {"Name": "A", "Value": "b", "Range": {"Middle": 3.0}},
        {"Name": "A", "Value": "b", "Range": {"MinProficiencyLevel": "$.External.low"}},
        {"MatchCriteria": {}},
        {"MatchCriteria": {"QueuesCriteria": {}}},
        {"MatchCriteria": {"AgentsCriteria": {}}},
        {"MatchCriteria": {"AgentsCriteria": {"AgentIds": ["a"], "MatchType": "MATCH_ALL"}}},
    ],
)
def test_a_condition_that_is_not_understood_is_kept(members: dict[str, JSON]) -> None:
    """It is unknown, not refused: a later version of the service may mean something by it."""
    assert _condition(**members) == Opaque({"AttributeCondition": members})
    assert _expression({"NotAttributeCondition": members}) == Not(Opaque({"AttributeCondition": members}))


@pytest.mark.parametrize(
    ("node", "path", "message"),
    [
        ([], "$", "expected an expression object, found a list"),
        ({"AndExpression": {}}, "$.AndExpression", "expected a list of expressions, found an object"),
        ({"AndExpression": [4]}, "$.AndExpression[0]", "expected an expression object, found `4`"),
        ({"attributeCondition": 4}, "$.attributeCondition", "expected a condition object, found `4`"),
        (
            {"AttributeCondition": AT_LEAST | {"ProficiencyLevel": "four"}},
            "$.AttributeCondition.ProficiencyLevel",
            'expected a number, found `"four"`',
        ),
        (
            {"AttributeCondition": AT_LEAST | {"Name": 4}},
            "$.AttributeCondition.Name",
            "expected a string, found `4`",
        ),
        (
            {"AttributeCondition": AT_LEAST | {"ComparisonOperator": 4}},
            "$.AttributeCondition.ComparisonOperator",
            "expected a string, found `4`",
        ),
        (
            {"AttributeCondition": {"Name": "A", "Value": "b", "Range": 3}},
            "$.AttributeCondition.Range",
            "expected an object with MinProficiencyLevel and MaxProficiencyLevel, found `3`",
        ),
        (
            {"AttributeCondition": {"Name": "A", "Value": "b", "Range": {"MaxProficiencyLevel": True}}},
            "$.AttributeCondition.Range.MaxProficiencyLevel",
            "expected a number, found `true`",
        ),
        (
            {"AttributeCondition": {"MatchCriteria": {"AgentsCriteria": ["a"]}}},
            "$.AttributeCondition.MatchCriteria.AgentsCriteria",
            "expected an object, found a list",
        ),
        (
            {"AttributeCondition": {"MatchCriteria": {"AgentsCriteria": {"AgentIds": "a"}}}},
            "$.AttributeCondition.MatchCriteria.AgentsCriteria.AgentIds",
            'expected a list of agent ids, found `"a"`',
        ),
        (
            {"AttributeCondition": {"MatchCriteria": {"AgentsCriteria": {"AgentIds": ["a", 4]}}}},
            "$.AttributeCondition.MatchCriteria.AgentsCriteria.AgentIds[1]",
            "expected a string, found `4`",
        ),
        (
            {"AttributeCondition": AT_LEAST | {"name": "x"}},
            "$.AttributeCondition.name",
            "the same member as $.AttributeCondition.Name",
        ),
    ],
)
def test_an_expression_that_cannot_be_read_says_where(node: JSON, path: str, message: str) -> None:
    """The path is in the document's own spelling, the message names what was found there."""
    assert _problems(read_expression_node, node) == [(path, message)]


def test_every_problem_of_a_criteria_is_found() -> None:
    """One reading tells all that is wrong, in the order of the document."""
    node = {
        "Steps": [
            3,
            {"Expression": [], "Expiry": 30, "Status": 4},
            {"Expiry": {"DurationInSeconds": "$.External.seconds", "ExpiryTimestamp": "soon"}},
            {"Expiry": {"DurationInSeconds": 1e300}},
        ],
        "ActivationTimestamp": True,
        "Index": 1.5,
    }

    assert _problems(read_criteria_node, node) == [
        ("$.Steps[0]", "expected a step object, found `3`"),
        ("$.Steps[1].Expression", "expected an expression object, found a list"),
        ("$.Steps[1].Expiry", "expected an expiry object with DurationInSeconds, found `30`"),
        ("$.Steps[1].Status", "expected a string, found `4`"),
        (
            "$.Steps[2].Expiry.DurationInSeconds",
            'expected a whole number of seconds, found `"$.External.seconds"`',
        ),
        ("$.Steps[2].Expiry.ExpiryTimestamp", 'expected a time, found `"soon"`'),
        ("$.Steps[3].Expiry.DurationInSeconds", "expected a whole number of seconds, found `1e+300`"),
        ("$.ActivationTimestamp", "expected a time, found `true`"),
        ("$.Index", "expected a whole number, found `1.5`"),
    ]
    assert _problems(read_criteria_node, {"Steps": {}}) == [
        ("$.Steps", "expected a list of steps, found an object")
    ]
    assert _problems(read_criteria_node, 4) == [("$", "expected a criteria object with Steps, found `4`")]


def test_a_reference_may_stand_for_a_whole_criteria() -> None:
    """Only a JSONPath may; any other string is no criteria, and JSON in a string has a hint."""
    problems: list[Problem] = []

    assert read_criteria_value("$.External.criteria", "$", problems).reference == "$.External.criteria"
    assert problems == []
    read_criteria_value('{"Steps": []}', "$", problems)
    assert problems[0].message == "expected a criteria object with Steps, found a string"
    assert problems[0].hint == "it is JSON inside a string: put the object itself there, not its text"


@pytest.mark.parametrize(
    ("value", "number"),
    [(4, 4.0), (4.5, 4.5), ("4", 4.0), ("-4.5", -4.5), ("4e0", 4.0)],
)
def test_numbers_may_be_strings(value: JSON, number: float) -> None:
    """Some exported flows write every scalar as a string."""
    assert read_number(value, "$", []) == number


@pytest.mark.parametrize("value", ["", " 4", "1_0", "٤", "nan", "inf", "1e400", True, None, [], {}])
def test_what_json_would_not_write_as_a_number_is_none(value: JSON) -> None:
    """Python's own reader takes blanks, underscores and the digits of any script, too."""
    problems: list[Problem] = []

    assert read_number(value, "$.x", problems) is None
    assert [problem.path for problem in problems] == ["$.x"]


def test_whole_numbers_and_texts() -> None:
    """A whole number may be written with a point; a text is a string and nothing else."""
    assert read_whole_number(2.0, "$", []) == 2
    assert read_whole_number("2", "$", []) == 2
    assert _problems(read_whole_number, "x") == [("$", 'expected a whole number, found `"x"`')]
    assert read_text("x", "$", []) == "x"
    assert _problems(read_text, 2) == [("$", "expected a string, found `2`")]


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-04T14:02:11Z",
        "2026-03-04T15:02:11.000+01:00",
        "2026-03-04 14:02:11.000 UTC",
        1772632931,
        1772632931.0,
    ],
)
def test_times_come_out_in_utc(value: JSON) -> None:
    """Epoch seconds and ISO 8601 in any zone are one instant."""
    time = read_time(value, "$", [])

    assert time == datetime(2026, 3, 4, 14, 2, 11, tzinfo=UTC)
    assert time is not None
    assert time.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2026-03-04T14:02:11", 'the time `"2026-03-04T14:02:11"` has no time zone'),
        ("2026-03-04", 'the time `"2026-03-04"` has no time zone'),
        ("yesterday", 'expected a time, found `"yesterday"`'),
        (1772632931000, "expected a time, found `1772632931000`"),
        (1e300, "expected a time, found `1e+300`"),
        ("9999-12-31T23:59:59-12:00", 'expected a time, found `"9999-12-31T23:59:59-12:00"`'),
        (None, "expected a time, found `null`"),
        (True, "expected a time, found `true`"),
    ],
)
def test_what_is_no_instant_is_refused(value: JSON, message: str) -> None:
    """Milliseconds, days and local times are not guessed at."""
    assert _problems(read_time, value) == [("$", message)]


def test_durations_and_times_are_written_as_the_service_writes_them() -> None:
    """Whole seconds as whole numbers, instants with milliseconds, and no more digits than there are."""
    assert seconds_number(timedelta(seconds=30)) == 30
    assert json.dumps(seconds_number(timedelta(seconds=30))) == "30"
    assert seconds_number(timedelta(milliseconds=500)) == 0.5
    assert time_text(datetime(2026, 3, 4, 14, 2, 11, tzinfo=UTC)) == "2026-03-04T14:02:11.000Z"
    assert time_text(datetime(2026, 3, 4, 14, 2, 11, 1, tzinfo=UTC)) == "2026-03-04T14:02:11.000001Z"
    assert time_text(datetime(2026, 3, 4, 14, 2, 11, 123_400, tzinfo=UTC)) == "2026-03-04T14:02:11.123400Z"
    assert read_duration("30", "$", []) == timedelta(seconds=30)


def test_a_negated_group_is_pushed_down_to_its_conditions() -> None:
    """The wire has a NOT for conditions alone: NOT (a AND (b OR c)) is NOT a OR (NOT b AND NOT c)."""
    one, two, three = (AtLeast(Attribute("A", value), 1) for value in "abc")

    node = expression_node(Not(And([one, Not(two), Or([Between(FRENCH, 1, 2), AgentIn(["x"])]), three])))

    pushed_down = Or([Not(one), two, And([Not(Between(FRENCH, 1, 2)), Not(AgentIn(["x"]))]), Not(three)])
    assert _expression(node) == pushed_down


def test_a_negated_mixed_node_stays_mixed() -> None:
    """Its two readings change places, so the members do."""
    one, two = AtLeast(Attribute("A", "b"), 1), AtLeast(Attribute("C", "d"), 2)

    node = expression_node(Not(Mixed([And([one]), Or([two])])))

    assert _expression(node) == Mixed([Or([Not(one)]), And([Not(two)])])


def test_what_the_wire_cannot_say_is_an_error() -> None:
    """Nothing is dropped in silence: a NOT over what is not understood, a second member of one name."""
    with pytest.raises(ValueError, match="a part that this version does not understand cannot be negated"):
        expression_node(Not(Opaque({"XorExpression": []})))
    with pytest.raises(ValueError, match="two members of a mixed node have one name on the wire"):
        expression_node(Mixed([AtLeast(FRENCH, 1), AtLeast(FRENCH, 2)]))


def test_a_negated_opaque_condition_is_written_negated() -> None:
    """That it is negated is understood, whatever it says."""
    opaque = Opaque({"AttributeCondition": {"ComparisonOperator": "Future"}})

    assert expression_node(Not(opaque)) == {"NotAttributeCondition": {"ComparisonOperator": "Future"}}
    assert expression_node(Opaque(None)) == {}


def test_a_request_has_room_for_expressions_and_durations() -> None:
    """Status, times and Index are for the service to set; members that nobody knows go along."""
    at = datetime(2026, 3, 4, 14, tzinfo=UTC)
    criteria = Criteria(
        [
            Step(
                AtLeast(FRENCH, 4),
                Expiry(timedelta(seconds=30), at, extra={"Later": 1}),
                "EXPIRED",
                extra={"X": 2},
            ),
            Step(Opaque(None), Expiry(None), "ACTIVE"),
        ],
        activated_at=at,
        index=1,
        extra={"Y": 3},
    )

    assert request_node(criteria) == {
        "Steps": [
            {
                "Expression": {"AttributeCondition": AT_LEAST},
                "Expiry": {"DurationInSeconds": 30, "Later": 1},
                "X": 2,
            },
            {"Expiry": {}},
        ],
        "Y": 3,
    }
    run = criteria_node(criteria)
    assert run["Steps"][0]["Expiry"]["ExpiryTimestamp"] == "2026-03-04T14:00:00.000Z"
    assert [step["Status"] for step in run["Steps"]] == ["EXPIRED", "ACTIVE"]
    assert (run["Index"], run["ActivationTimestamp"]) == (1, "2026-03-04T14:00:00.000Z")
    assert read_criteria_node(run, "$", []) == criteria
    assert criteria_node(Criteria()) == {"Steps": []}


def test_a_step_that_has_not_run_is_written_the_same_both_ways() -> None:
    """Without status and times, a request and an answer say the same."""
    criteria = Criteria([Step(And([AtLeast(FRENCH, 4)]))])

    node: JSON = {"Steps": [{"Expression": {"AndExpression": [{"AttributeCondition": AT_LEAST}]}}]}
    assert request_node(criteria) == criteria_node(criteria) == node


def _groups(groups: int) -> JSON:
    node: JSON = {"AttributeCondition": AT_LEAST}
    for _ in range(groups):
        node = {"OrExpression": [node]}
    return node


def test_sixty_four_groups_are_read_and_the_next_is_refused() -> None:
    """The path leads to the group that is one too many."""
    assert expression_node(_expression(_groups(64))) == _groups(64)
    problems: list[Problem] = []
    read_expression_node(_groups(65), "$", problems)
    assert [(p.path, p.message) for p in problems] == [
        ("$" + ".OrExpression[0]" * 64 + ".OrExpression", "groups nest more than 64 deep")
    ]
    assert problems[0].hint == "Amazon Connect documents an OR of ANDs, two deep"


def test_empty_groups_and_several_members_are_kept() -> None:
    """What the service leaves undefined is written back as it stood."""
    node: dict[str, JSON] = {"AndExpression": [], "OrExpression": [{}, {"AttributeCondition": AT_LEAST}]}

    mixed = _expression(node)

    assert mixed == Mixed([Opaque({"AndExpression": []}), Or([Opaque({}), AtLeast(FRENCH, 4)])])
    assert expression_node(mixed) == node


def test_members_of_a_later_version_make_a_part_opaque() -> None:
    """The known part beside an unknown one may be qualified by it, so neither is evaluated."""
    node: JSON = {"attributeCondition": AT_LEAST, "XorExpression": [], "orExpression": None}

    assert _expression(node) == Opaque({"AttributeCondition": AT_LEAST, "XorExpression": []})


@pytest.mark.parametrize(
    ("members", "written"),
    [
        ({"ProficiencyLevel": "3.0"}, {"ProficiencyLevel": 3.0}),
        ({"ProficiencyLevel": 3}, {"ProficiencyLevel": 3.0}),
        ({"Range": {"min_proficiency_level": 4}}, {"Range": {"MinProficiencyLevel": 4.0}}),
        (
            {"Range": {"MinProficiencyLevel": None, "MaxProficiencyLevel": "4"}},
            {"Range": {"MaxProficiencyLevel": 4.0}},
        ),
        (
            {"ProficiencyLevel": "4", "ComparisonOperator": "NumberGreaterOrEqualTo", "Range": {}},
            {"ProficiencyLevel": 4.0, "ComparisonOperator": "NumberGreaterOrEqualTo", "Range": {}},
        ),
        (
            {"ProficiencyLevel": "x", "Range": {"MaxProficiencyLevel": 2}, "ComparisonOperator": "Range"},
            {"ProficiencyLevel": "x", "Range": {"MaxProficiencyLevel": 2.0}, "ComparisonOperator": "Range"},
        ),
        (
            {"ProficiencyLevel": 2, "Range": "x", "ComparisonOperator": "NumberGreaterOrEqualTo"},
            {"ProficiencyLevel": 2.0, "Range": "x", "ComparisonOperator": "NumberGreaterOrEqualTo"},
        ),
    ],
)
def test_levels_are_written_as_numbers(members: dict[str, JSON], written: dict[str, JSON]) -> None:
    """A level is a float wherever a condition is understood: keys of metrics and boto3 want that."""
    named = {"Name": "L", "Value": "F"}
    problems: list[Problem] = []
    expression = read_expression_node({"AttributeCondition": {**named, **members}}, "$", problems)

    assert problems == []
    assert repr(expression_node(expression)) == repr({"AttributeCondition": {**named, **written}})


def test_each_kind_of_condition_is_written_in_full() -> None:
    """The API's names, both ends of a range, and an operator that is never left to be inferred."""
    assert expression_node(Between(FRENCH, 2, 3)) == {
        "AttributeCondition": {
            "Name": "Language",
            "Value": "French",
            "Range": {"MinProficiencyLevel": 2.0, "MaxProficiencyLevel": 3.0},
            "ComparisonOperator": "Range",
        }
    }
    assert expression_node(AgentIn(["a"])) == {
        "AttributeCondition": {
            "MatchCriteria": {"AgentsCriteria": {"AgentIds": ["a"]}},
            "ComparisonOperator": "Match",
        }
    }


def test_the_mend_is_named() -> None:
    """What to do stands beside what is wrong, wherever there is one thing to do."""
    found: list[Problem] = []
    read_time("soon", "$", found)
    read_time("2026-03-04T14:02:11", "$", found)
    read_duration("$.External.seconds", "$", found)
    read_number('["1"]', "$", found)
    read_criteria_node({"Steps": [], "steps": []}, "$", found)

    assert [problem.hint for problem in found] == [
        "write epoch seconds, or ISO 8601 such as `2026-03-04T14:02:11Z`",
        "append `Z` if it is in UTC",
        "the flow block takes the expiry as a plain number only",
        "it is JSON inside a string: put the object itself there, not its text",
        "keep one of them",
    ]


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ({"Steps": [{"Expression": {"AndExpression": [], "andExpression": []}}]}, "andExpression"),
        ({"Steps": [{"Expiry": {"DurationInSeconds": 1, "durationInSeconds": 1}}]}, "durationInSeconds"),
        ({"Index": 0, "index": 0}, "index"),
        (
            _step_with({"Range": {"MinProficiencyLevel": 1, "minProficiencyLevel": 1}}, "Range"),
            "minProficiencyLevel",
        ),
        (
            _step_with({"MatchCriteria": {"AgentsCriteria": {}, "agentsCriteria": {}}}, "Match"),
            "agentsCriteria",
        ),
        (
            _step_with({"MatchCriteria": {"AgentsCriteria": {"AgentIds": [], "agentIds": []}}}, "Match"),
            "agentIds",
        ),
    ],
)
def test_a_member_given_twice_is_a_problem_in_every_object(node: JSON, path: str) -> None:
    """Two spellings of one member leave open which of them counts."""
    problems: list[Problem] = []

    read_criteria_node(node, "$", problems)

    assert any(problem.path.endswith(f".{path}") for problem in problems)


def test_times_are_written_in_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own zone shows nowhere."""
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        written = time_text(datetime(2026, 3, 4, 14, 2, 11, tzinfo=UTC))
        read = read_time(1772632931, "$", [])
    finally:
        monkeypatch.undo()
        time.tzset()

    assert written == "2026-03-04T14:02:11.000Z"
    assert str(read) == "2026-03-04 14:02:11+00:00"


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ({"NotAttributeCondition": 7}, "$.NotAttributeCondition"),
        (
            {"AttributeCondition": {"Name": "a", "Value": 7, "ProficiencyLevel": 1}},
            "$.AttributeCondition.Value",
        ),
    ],
)
def test_a_problem_in_a_condition_has_its_path(node: JSON, path: str) -> None:
    """A negated condition and the value of an attribute are no exception."""
    assert [found for found, _ in _problems(read_expression_node, node)] == [path]


def test_a_step_that_is_no_object_still_has_a_place() -> None:
    """It is a problem, and the criteria keeps a step there, without an expression."""
    problems: list[Problem] = []

    criteria = read_criteria_node({"Steps": [7]}, "$", problems)

    assert [problem.path for problem in problems] == ["$.Steps[0]"]
    assert criteria.steps == (Step(Opaque(None)),)


def test_an_empty_name_and_value_beside_preferred_agents_say_nothing() -> None:
    """A condition that the service pads with empty texts is the standard one."""
    condition = _condition(
        Name="",
        Value="",
        MatchCriteria={"AgentsCriteria": {"AgentIds": ["a"]}},
        ComparisonOperator="Match",
    )

    assert isinstance(condition, AgentIn)
    assert condition.written is None


@pytest.mark.parametrize(("groups", "said"), [(64, []), (65, ["groups nest more than 64 deep"])])
def test_groups_beside_a_member_nobody_knows_count_too(groups: int, said: list[str]) -> None:
    """The limit is the same for a part that is kept unread."""
    node: dict[str, JSON] = {"AttributeCondition": {}}
    for _ in range(groups - 1):
        node = {"AndExpression": [node]}
    problems: list[Problem] = []

    read_expression_node({"AndExpression": [node], "OrExpression": 1, "XorExpression": 1}, "$", problems)

    assert [problem.message for problem in problems] == said


def _buried(groups: int, name: str, inner: JSON) -> JSON:
    """Put a part under so many groups, each time beside text and a group of nothing."""
    for _ in range(groups):
        inner = {name: [inner, "text", {name: []}]}
    return inner


@pytest.mark.parametrize("name", ["AndExpression", "OrExpression"])
def test_groups_of_an_unread_part_count_too(name: str) -> None:
    """What is kept unread nests no deeper than what is read, and the error names where it begins."""
    fits: JSON = {"Future": 1, **_object(_buried(64, name, "text"))}
    too_deep: JSON = {"Future": 1, **_object(_buried(65, name, "text"))}
    message = "groups nest more than 64 deep"

    assert _problems(read_expression_node, fits) == []
    assert _problems(read_expression_node, too_deep) == [("$", message)]
    assert _problems(read_expression_node, {name: [{"AttributeCondition": AT_LEAST}, too_deep]})[0] == (
        f"$.{name}[1]",
        message,
    )
    assert _problems(read_expression_node, _only(64, name, {"Future": 1})) == []


def _object(node: JSON) -> dict[str, JSON]:
    assert isinstance(node, dict)
    return node


def _only(groups: int, name: str, inner: JSON) -> JSON:
    for _ in range(groups):
        inner = {name: [inner]}
    return inner


def test_what_is_no_member_keeps_its_value_when_names_are_respelled() -> None:
    """Text and numbers among the operands of a part that is kept unread stay what they are."""
    node = {"andExpression": ["x", 1, {"orExpression": [None]}]}

    assert respell(node, "Expression", str) == {"AndExpression": ["x", 1, {"OrExpression": [None]}]}


@pytest.mark.parametrize("wrong", ["Name", "Value"])
@pytest.mark.parametrize("operator", ["NumberGreaterOrEqualTo", "Range"])
def test_a_name_or_a_value_that_is_no_text_is_one_problem(operator: str, wrong: str) -> None:
    """Each alone is told, and no condition is made of the rest."""
    bounds: dict[str, JSON] = {"Range": {"MinProficiencyLevel": 1.0, "MaxProficiencyLevel": 2.0}}
    payload = bounds if operator == "Range" else {"ProficiencyLevel": 1.0}
    members: dict[str, JSON] = {
        "Name": "A",
        "Value": "b",
        **payload,
        "ComparisonOperator": operator,
        wrong: 5,
    }

    (problem,) = _problems(read_expression_node, {"AttributeCondition": members})
    assert problem[0] == f"$.AttributeCondition.{wrong}"
