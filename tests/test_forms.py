import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from routing_inspect.contact import Contact, Criteria, Expiry, Step
from routing_inspect.document import JSON
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.expr import And, AtLeast, Attribute, Between, Not, Opaque, Or
from routing_inspect.flows import RoutingAction
from routing_inspect.forms import (
    metric_filter,
    read,
    read_criteria,
    read_expression,
    read_flow,
    write_contact,
    write_criteria,
    write_expression,
)
from routing_inspect.wire import camel

DATA = Path(__file__).parent / "data" / "wire"
FRENCH = Attribute("Language", "French")
AT_LEAST = {
    "Name": "Language",
    "Value": "French",
    "ProficiencyLevel": 3.0,
    "ComparisonOperator": "NumberGreaterOrEqualTo",
}
STEPS = {"Steps": [{"Expression": {"AttributeCondition": AT_LEAST}}]}


def _load(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def _at(minute: int, second: int, microsecond: int = 0) -> datetime:
    return datetime(2026, 3, 4, 14, minute, second, microsecond, tzinfo=UTC)


def _problems(document: Any, reader: Any = read) -> tuple[Problem, ...]:
    with pytest.raises(DocumentError) as refused:
        reader(document)
    return refused.value.problems


def test_a_describe_contact_answer() -> None:
    """Everything that matters is read, and nothing personal."""
    contact = read(_load("describe_contact"))

    assert contact == Contact(
        id="c0000000-0000-4000-8000-000000000001",
        instance_id="11111111-1111-4111-8111-111111111111",
        initial_id="c0000000-0000-4000-8000-000000000001",
        channel="VOICE",
        initiation_method="INBOUND",
        queue_id="q0000000-0000-4000-8000-000000000001",
        agent_id="a0000000-0000-4000-8000-000000000001",
        next_ids=("c0000000-0000-4000-8000-000000000002",),
        initiated_at=_at(2, 5),
        enqueued_at=_at(2, 11, 250_000),
        connected_at=_at(2, 50, 500_000),
        criteria=Criteria(
            [
                Step(
                    And([AtLeast(FRENCH, 4), AtLeast(Attribute("Technology", "AWS DynamoDB"), 5)]),
                    Expiry(timedelta(seconds=30), _at(2, 41, 250_000)),
                    "EXPIRED",
                ),
                Step(AtLeast(FRENCH, 3), Expiry(timedelta(seconds=30)), "JOINED"),
            ],
            activated_at=_at(2, 11, 250_000),
            index=0,
        ),
    )
    assert contact.source == "DescribeContact"
    assert "+44" not in repr(contact)


def test_a_contact_record_keeps_the_history_in_order() -> None:
    """The criteria of the highest Index is the current one, those before it stand in their order."""
    contact = read(_load("contact_record"))

    assert contact.source == "contact record"
    assert contact.criteria is not None
    assert [contact.criteria.index, *(earlier.index for earlier in contact.earlier)] == [1, 0]
    assert (contact.queue_name, contact.agent_username) == ("General Inbound", "alice")
    assert contact.queue_id == "q0000000-0000-4000-8000-000000000001"
    assert contact.next_ids == ("c0000000-0000-4000-8000-000000000002",)
    assert contact.instance_id == "11111111-1111-4111-8111-111111111111"
    assert (contact.disconnected_at, contact.disconnect_reason) == (_at(10, 0), "AGENT_DISCONNECT")


def test_a_data_lake_row() -> None:
    """Nulls are absent, the expression in its string is read, and columns have their own names."""
    contact = read(_load("data_lake_row"))

    assert contact.source == "data lake"
    assert contact.queue_type == "STANDARD"
    assert contact.enqueued_at == _at(2, 11)
    assert contact.connected_at == _at(2, 50)
    assert contact.criteria == Criteria(
        [Step(Not(Between(FRENCH, 4, 5)), Expiry(timedelta(seconds=30)), "JOINED")],
        activated_at=_at(2, 11),
        index=0,
    )


def test_a_data_lake_row_with_a_broken_expression_says_where() -> None:
    """Problems inside the string have the string's own path before them."""
    row = _load("data_lake_row")
    row["routing_criteria"][0]["steps"][0]["expression"] = '{"a": NaN}'
    row["routing_criteria"] += [4, {"steps": 4}, {"steps": [4]}]

    problems = _problems(row)

    assert [problem.path for problem in problems] == [
        "$.routing_criteria[0].steps[0].expression.a",
        "$.routing_criteria[1]",
        "$.routing_criteria[2].steps",
        "$.routing_criteria[3].steps[0]",
    ]


def test_a_data_lake_row_may_have_one_criteria_unpacked() -> None:
    """A query that unnests the array leaves one criteria in each row."""
    row = _load("data_lake_row")
    packed = read(row)
    row["routing_criteria"] = row["routing_criteria"][0]

    assert read(row) == packed


def test_a_flow_with_several_actions() -> None:
    """Each routing action is found under either type name, in the order of the flow."""
    static, dynamic, empty = read_flow(_load("flow"))

    assert static.criteria == Criteria(
        [Step(AtLeast(Attribute("Language", "$.External.language"), 4), Expiry(timedelta(seconds=30)))]
    )
    assert dynamic == RoutingAction(
        "dynamic", "UpdateRoutingCriteria", Criteria(reference="$.External.criteria"), "$.Actions[2]"
    )
    assert (empty.identifier, empty.criteria) == ("empty", Criteria())
    (problem,) = _problems(_load("flow"))
    assert (problem.path, problem.message) == (
        "$.Actions",
        "expected one action that sets routing criteria, found 3: `static`, `dynamic`, `empty`",
    )


def test_a_flow_as_the_api_returns_it() -> None:
    """DescribeContactFlow gives the flow as JSON in a string; problems have its path before them."""
    flow = _load("flow")
    answer = {"ContactFlow": {"Id": "f", "Content": json.dumps(flow)}}
    module = {"ContactFlowModule": {"Content": {**flow, "Actions": flow["Actions"][:2]}}}

    assert [action.identifier for action in read_flow(answer)] == ["static", "dynamic", "empty"]
    assert read_flow(answer)[0].path == "$.ContactFlow.Content.Actions[1]"
    assert len(read(module).criteria.steps) == 1  # type: ignore[union-attr]  # (a flow has a criteria)
    for reader in (read, read_flow):
        (problem,) = _problems({"ContactFlow": {"Content": "{"}}, reader)
        assert problem.path == "$.ContactFlow.Content"
        assert problem.message.startswith("not JSON: it ends too early")


@pytest.mark.parametrize(
    ("flow", "path", "message"),
    [
        ({"Actions": 4}, "$.Actions", "expected a list of actions, found `4`"),
        ({"Actions": [4]}, "$.Actions", "no block of this flow sets routing criteria (0 blocks)"),
        ({"ContactFlow": {"Id": "f"}}, "$", "expected a flow with Actions, found an object"),
        (
            {"Actions": [{"Type": "UpdateContactRoutingCriteria"}]},
            "$.Actions[0].Parameters",
            "expected an object with RoutingCriteria, found `null`",
        ),
        (
            {"Type": "SetQueue", "Parameters": {}},
            "$.Type",
            'an action of type `"SetQueue"` sets no routing criteria',
        ),
    ],
)
def test_a_flow_that_cannot_be_read_says_where(flow: JSON, path: str, message: str) -> None:
    """A flow without a routing action, or with a broken one, is no criteria."""
    problem = _problems(flow)[0]

    assert (problem.path, problem.message) == (path, message)


def test_a_flow_reader_wants_a_flow() -> None:
    """Any other document is refused, and an action without parameters has its problem."""
    assert _problems(STEPS, read_flow)[0].message == "expected a flow with Actions"
    broken = {"Actions": [{"Type": "UpdateRoutingCriteria", "Parameters": []}]}
    assert _problems(broken, read_flow)[0].path == "$.Actions[0].Parameters"
    unnamed = {"Actions": [{"Type": "UpdateRoutingCriteria", "Parameters": {}, "Identifier": 4}]}
    assert read_flow(unnamed)[0].identifier == ""


def test_a_flow_log_line() -> None:
    """The contact, the reference that the block was given, and how it ended."""
    line = {
        "Results": "Error",
        "ContactId": "c",
        "ContactFlowModuleType": "UpdateContactRoutingCriteria",
        "Parameters": {"JsonParameter": "RoutingCriteria=$.External.criteria"},
    }

    contact = read(line)

    assert (contact.id, contact.failed_block, contact.source) == ("c", "Error", "flow log")
    assert contact.criteria == Criteria(reference="$.External.criteria")
    assert read(line | {"Results": "Success"}).failed_block is None
    assert read(line | {"Parameters": {"JsonParameter": "x"}}).criteria is None
    assert read(line | {"Parameters": 4}).criteria is None
    (problem,) = _problems(line | {"ContactFlowModuleType": "SetQueue"})
    assert problem.message == 'the log line of a block of type `"SetQueue"`, which sets no routing criteria'


@pytest.mark.parametrize(
    ("document", "source", "contact_id"),
    [
        ({"Contact": {"Id": "c", "RoutingCriteria": STEPS}}, "DescribeContact", "c"),
        ({"Contacts": [{"Id": "c", "RoutingCriteria": STEPS}]}, "SearchContacts", "c"),
        ({"detail": {"contactId": "c", "routingCriteria": STEPS}}, "contact event", "c"),
        ({"Id": "c", "Channel": "CHAT", "RoutingCriteria": STEPS}, "contact", "c"),
        ({"Id": "c", "Channel": "CHAT"}, "contact", "c"),
        (
            {"AWSContactTraceRecordFormatVersion": "1", "ContactId": "c", "Channel": "CHAT"},
            "contact record",
            "c",
        ),
        ({"ContactId": "c", "RoutingCriteria": [STEPS]}, "contact record", "c"),
        ({"ContactId": "c", "RoutingCriteria": {**STEPS, "ActivationTimestamp": 0}}, "contact", "c"),
        ({"ContactId": "c", "RoutingCriteria": {"Steps": [{"Status": "ACTIVE"}]}}, "contact", "c"),
        ({"ContactId": "c", "InstanceId": "i", "RoutingCriteria": STEPS}, "request", None),
        ({"RoutingCriteria": STEPS}, "criteria", None),
        ({"routingCriteria": STEPS}, "criteria", None),
        ({"anything": STEPS, "else": 1}, "criteria", None),
        (STEPS, "criteria", None),
        ({"steps": []}, "criteria", None),
        ({"AttributeCondition": AT_LEAST}, "expression", None),
        ({"Type": "UpdateRoutingCriteria", "Parameters": {}}, "flow action", None),
    ],
)
def test_a_document_is_told_by_its_members(document: JSON, source: str, contact_id: str | None) -> None:
    """The most telling member decides; a request names a contact and says nothing of it."""
    contact = read(document)

    assert (contact.source, contact.id) == (source, contact_id)
    assert read(json.dumps(document)) == contact


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        ({}, "$", "no document with routing criteria in it, but an object"),
        ([], "$", "no document with routing criteria in it, but a list"),
        ([STEPS, STEPS], "$", "a list of 2, not one document"),
        (4, "$", "no document with routing criteria in it, but `4`"),
        ({"agents": []}, "$", "this is a roster"),
        ({"Message": "Rate exceeded"}, "$", 'an error answer, not a contact: `"Rate exceeded"`'),
        ({"message": "Forbidden"}, "$", 'an error answer, not a contact: `"Forbidden"`'),
        (
            {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}},
            "$",
            'an error answer, not a contact: `"Rate exceeded"`',
        ),
        ({"name": "x", "version": 1}, "$", "no document with routing criteria in it, but an object"),
        ({"c": ' {"Steps": []}'}, "$.c", "expected a criteria object, found a string"),
        ({"a": STEPS, "b": STEPS}, "$", "several criteria: `a`, `b`"),
        ({"Contacts": []}, "$.Contacts", "expected one contact, found 0"),
        ({"Contacts": ["c"]}, "$.Contacts[0]", 'expected a contact object, found `"c"`'),
        ({"Contact": "c"}, "$.Contact", 'expected a contact object, found `"c"`'),
        ({"detail": []}, "$.detail", "expected a contact object, found a list"),
        (
            {"RoutingCriteria": '{"Steps": []}'},
            "$.RoutingCriteria",
            "expected a criteria object with Steps, found a string",
        ),
        ({"Contact": {"Id": 4}}, "$.Contact.Id", "expected a string, found `4`"),
        (
            {"Contact": {"queueInfo": {"enqueue_timestamp": "now"}}},
            "$.Contact.queueInfo.enqueue_timestamp",
            'expected a time, found `"now"`',
        ),
        (
            {"Contact": {"NextContactIds": ["a", 4]}},
            "$.Contact.NextContactIds[1]",
            "expected a string, found `4`",
        ),
        ({"Contact": {"Results": 4}}, "$.Contact.Results", "expected a string, found `4`"),
    ],
)
def test_a_document_that_is_none_of_the_known_says_what_it_is(document: Any, path: str, message: str) -> None:
    """An error answer, a roster and a criteria in a string are named for what they are."""
    problem = _problems(document)[0]

    assert (problem.path, problem.message) == (path, message)


TEXT = '{"attributeCondition":{"name":"A","value":"b","proficiencyLevel":1.0}}'


@pytest.mark.parametrize(
    "document",
    [
        TEXT,
        {"Filters": {"RoutingStepExpressions": [TEXT]}},
        {
            "Filters": [
                "x",
                {"FilterKey": "QUEUE", "FilterValues": ["q"]},
                {"FilterKey": "ROUTING_STEP_EXPRESSION", "FilterValues": [TEXT]},
            ]
        },
    ],
)
def test_a_step_expression_of_a_metric(document: Any) -> None:
    """The string by itself, and the requests that filter by it."""
    assert read_expression(document) == AtLeast(Attribute("A", "b"), 1)


@pytest.mark.parametrize(
    ("filters", "path", "message"),
    [
        (
            {"RoutingStepExpressions": [TEXT, TEXT]},
            "$.Filters",
            "expected one step expression, found 2",
        ),
        (
            {"RoutingStepExpressions": [4]},
            "$.Filters.RoutingStepExpressions[0]",
            "expected a step expression as a string of JSON, found `4`",
        ),
        (
            {"RoutingStepExpressions": ["{"]},
            "$.Filters.RoutingStepExpressions[0]",
            "not JSON: it ends too early, at line 1, column 2",
        ),
        (
            [{"FilterKey": "ROUTING_STEP_EXPRESSION", "FilterValues": ['{"andExpression":4}']}],
            "$.Filters[0].FilterValues[0].andExpression",
            "expected a list of expressions, found `4`",
        ),
        (
            [{"FilterKey": "ROUTING_STEP_EXPRESSION", "FilterValues": 4}],
            "$",
            "no document with routing criteria in it, but an object",
        ),
        (4, "$", "no document with routing criteria in it, but an object"),
    ],
)
def test_a_metric_request_that_cannot_be_read_says_where(filters: JSON, path: str, message: str) -> None:
    """The path leads into the string, where the string is what is wrong."""
    (problem,) = _problems({"Filters": filters})

    assert (problem.path, problem.message) == (path, message)


def test_a_criteria_is_wanted_and_there_is_none() -> None:
    """A contact without criteria is a contact, but no criteria."""
    (problem,) = _problems({"Id": "c", "Channel": "VOICE"}, read_criteria)

    assert problem.message == "the contact has no routing criteria"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"Steps": []}, "expected one expression, found a criteria of 0 steps"),
        (
            {"Type": "UpdateRoutingCriteria", "Parameters": {"RoutingCriteria": "$.External.x"}},
            'expected one expression, found the reference `"$.External.x"`',
        ),
    ],
)
def test_one_expression_is_wanted_and_there_is_another_number(document: JSON, message: str) -> None:
    """Which of several steps is meant is not guessed."""
    assert _problems(document, read_expression)[0].message == message


def test_queues_of_agents_are_told_by_their_arn() -> None:
    """The ARN of an agent's own queue ends in the agent's id, after `queue/agent`."""
    arn = "arn:aws:connect:eu-west-2:1:instance/i/queue/agent/a-1"

    contact = read({"detail": {"contactId": "c", "queueInfo": {"queueArn": arn, "queueType": "STANDARD"}}})

    assert (contact.queue_id, contact.queue_type) == ("a-1", "AGENT")
    assert read(write_contact(contact)) == contact


def test_an_empty_history_is_no_criteria() -> None:
    """A record of a contact that had none may say so with an empty list."""
    contact = read({"ContactId": "c", "Channel": "VOICE", "RoutingCriteria": []})

    assert (contact.criteria, contact.earlier) == (None, ())


@pytest.mark.parametrize(
    ("history", "current"),
    [
        ([(1, 5), (1, 3)], (1, 5)),
        ([(1, 3), (1, 5)], (1, 5)),
        ([(None, 9), (0, 1)], (None, 9)),
        ([(0, 1), (None, 9)], (None, 9)),
        ([(None, 1), (0, 9)], (0, 9)),
        ([(None, None), (0, None)], (0, None)),
        ([(0, 5), (None, 3), (1, 1)], (1, 1)),
        ([(None, 9), (None, 1)], (None, 9)),
        ([(None, None), (None, 1)], (None, 1)),
    ],
)
def test_the_current_criteria_of_an_odd_history(
    history: list[tuple[int | None, int | None]], current: tuple[int | None, int | None]
) -> None:
    """The Index comes first; without one the activation decides, and what has neither is oldest."""
    nodes: list[JSON] = [{"Steps": [], "Index": index, "ActivationTimestamp": at} for index, at in history]

    criteria = read({"ContactId": "c", "RoutingCriteria": nodes}).criteria

    assert criteria is not None
    index, at = current
    assert criteria.index == index
    assert criteria.activated_at == (None if at is None else datetime.fromtimestamp(at, UTC))


def test_a_history_may_hold_references() -> None:
    """What a flow filled in is not in the document, wherever the criteria stands."""
    contact = read({"ContactId": "c", "RoutingCriteria": ["$.External.x", {**STEPS, "Index": 1}]})

    assert contact.earlier == (Criteria(reference="$.External.x"),)
    assert read(write_contact(contact)) == contact


def test_an_expression_is_written_in_two_spellings() -> None:
    """The API's and that of events and metrics; attribute names are no members and stay."""
    expression = Or([AtLeast(Attribute("Name", "Value"), 1)])

    assert write_expression(expression) == {
        "OrExpression": [
            {
                "AttributeCondition": {
                    "Name": "Name",
                    "Value": "Value",
                    "ProficiencyLevel": 1.0,
                    "ComparisonOperator": "NumberGreaterOrEqualTo",
                }
            }
        ]
    }
    assert metric_filter(expression) == (
        '{"orExpression":[{"attributeCondition":{"name":"Name","value":"Value","proficiencyLevel":1.0,'
        '"comparisonOperator":"NumberGreaterOrEqualTo"}}]}'
    )
    with pytest.raises(ValueError, match="written as `api` or `event`, not as `flow`"):
        write_expression(expression, "flow")


def test_a_metric_filter_has_the_characters_themselves() -> None:
    """The service counts characters; only what does not show is an escape, which JSON reads as the same."""
    expression = AtLeast(Attribute("Langue", "日本語\N{RIGHT-TO-LEFT OVERRIDE}\ud83d"), 3)

    written = metric_filter(expression)

    assert '"value":"日本語\\u202e\\ud83d"' in written
    assert read_expression(written) == expression


@pytest.mark.parametrize("raw", [None, {}, {"XorExpression": 1}, {"AttributeCondition": None, "X": 1}])
def test_a_part_that_nobody_could_tell_for_an_expression_does_not_stand_alone(raw: object) -> None:
    """It is kept inside a criteria, where its place says what it is; alone it is neither written nor read."""
    with pytest.raises(ValueError, match="cannot stand alone"):
        write_expression(Opaque(raw))
    with pytest.raises(ValueError, match="cannot stand alone"):
        metric_filter(Opaque(raw))
    with pytest.raises(DocumentError):
        read_expression(json.dumps(raw))


def test_a_criteria_is_written_in_four_forms() -> None:
    """A request, a flow block's parameters, an answer and an event."""
    criteria = Criteria([Step(AtLeast(FRENCH, 3), status="ACTIVE")], index=0)

    assert write_criteria(criteria) == STEPS
    assert write_criteria(criteria, "flow") == {"RoutingCriteria": STEPS}
    assert write_criteria(criteria, "contact")["Index"] == 0
    assert write_criteria(criteria, "event")["steps"][0]["status"] == "ACTIVE"
    with pytest.raises(ValueError, match="written as `api`, `flow`, `contact` or `event`, not as `dsl`"):
        write_criteria(criteria, "dsl")


def test_only_a_flow_can_hold_a_reference_or_an_empty_criteria() -> None:
    """Elsewhere there is no flow that would fill it in."""
    reference = Criteria(reference="$.External.x")

    assert write_criteria(reference, "flow") == {"RoutingCriteria": "$.External.x"}
    assert write_criteria(Criteria(), "flow") == {"RoutingCriteria": {}}
    assert write_criteria(Criteria(extra={"Later": 1}), "flow") == {
        "RoutingCriteria": {"Steps": [], "Later": 1}
    }
    for form in ("api", "contact", "event"):
        with pytest.raises(ValueError, match=r"`\$.External.x` is filled in by a running flow; only a flow"):
            write_criteria(reference, form)


def test_a_contact_is_written_like_a_describe_contact_answer() -> None:
    """What only other documents say stands beside the service's own members."""
    record = read(_load("contact_record"))

    node = write_contact(record)["Contact"]

    assert node["QueueInfo"] == {
        "Id": "q0000000-0000-4000-8000-000000000001",
        "Name": "General Inbound",
        "EnqueueTimestamp": "2026-03-04T14:02:11.000Z",
    }
    assert [criteria["Index"] for criteria in node["RoutingCriteria"]] == [0, 1]
    assert node["NextContactIds"] == ["c0000000-0000-4000-8000-000000000002"]
    assert write_contact(Contact()) == {"Contact": {}}
    assert read(write_contact(Contact(criteria=Criteria([Step(Opaque({}))])))).criteria is not None


def test_a_long_document_is_refused_before_it_is_read() -> None:
    """65 MB of JSON are no contact."""
    (problem,) = _problems(" " * 65_000_000 + " " * 3_000_000)

    assert problem.message == "larger than 64 MiB"


@pytest.mark.parametrize("groups", [65, 90])
def test_too_many_groups_are_refused_in_any_document(groups: int) -> None:
    """JSON text and a parsed answer have the same limit, and the same error."""
    node: JSON = {"AttributeCondition": AT_LEAST}
    for _ in range(groups):
        node = {"AndExpression": [node]}
    document = {"Contact": {"Id": "c", "RoutingCriteria": {"Steps": [{"Expression": node}]}}}

    for given in (document, json.dumps(document)):
        assert _problems(given)[0].message == "groups nest more than 64 deep"


def test_ten_thousand_groups_are_refused_in_any_document() -> None:
    """Neither the reader of JSON nor that of expressions runs out of stack."""
    node: JSON = {}
    for _ in range(10_000):
        node = {"AndExpression": [node]}
    text = '{"Steps": [{"Expression": ' + '{"AndExpression": [' * 10_000 + "]}" * 10_000 + "}]}"

    for given in ({"Steps": [{"Expression": node}]}, text):
        (problem,) = _problems(given)
        assert problem.message == "nested more than 200 levels deep"


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ({"Channel": "VOICE", "channel": "CHAT"}, ["$.Contact.channel"]),
        ({"AgentInfo": {"Id": "a"}, "agentInfo": {"Id": "b"}}, ["$.Contact.agentInfo"]),
        ({"QueueInfo": {"Id": "a", "ID": "b"}}, ["$.Contact.QueueInfo.ID"]),
        ({"Tags": {"a": "1", "A": "2"}}, []),
    ],
)
def test_a_member_in_two_spellings_is_refused(document: dict[str, object], paths: list[str]) -> None:
    """Which of the two counts, nobody can know; where nothing is read, nothing is refused."""
    value = {"Contact": {"Id": "c", **document}}

    if not paths:
        assert read(value).id == "c"
        return
    with pytest.raises(DocumentError) as error:
        read(value)

    assert [problem.path for problem in error.value.problems] == paths


_FLOW = json.dumps(
    {
        "Actions": [
            {
                "Identifier": "a",
                "Type": "UpdateContactRoutingCriteria",
                "Parameters": {"RoutingCriteria": STEPS},
            }
        ]
    }
)
_EVENT = json.dumps({"detail": {"contactId": "c", "channel": "VOICE", "RoutingCriteria": STEPS}})
_TOPIC = json.dumps({"Type": "Notification", "Message": _EVENT})
_FILTER = json.dumps({"attributeCondition": {camel(name): value for name, value in AT_LEAST.items()}})


def _template(content: JSON, kind: str = "ContactFlow") -> dict[str, JSON]:
    return {"Type": f"AWS::Connect::{kind}", "Properties": {"Content": content}}


@pytest.mark.parametrize(
    ("document", "source"),
    [
        ({"statusCode": 200, "data": {"routing": {"criteria": STEPS}}, "list": [1]}, "criteria"),
        ({"ExecutedVersion": "$LATEST", "Payload": {"routing": STEPS}}, "criteria"),
        ({"StatusCode": 200, "Payload": json.dumps({"routing": STEPS})}, "criteria"),
        ({"statusCode": 200, "body": json.dumps(STEPS)}, "criteria"),
        ({"Records": [{"messageId": "m", "body": _EVENT}]}, "contact event"),
        ({"Messages": [{"MessageId": "m", "Body": _EVENT}]}, "contact event"),
        ({"MessageId": "m", "Body": _EVENT}, "contact event"),
        ({"messageId": "m", "body": _TOPIC}, "contact event"),
        ({"Records": [{"Sns": {"Message": _EVENT}}]}, "contact event"),
        ({"MetricResults": [{"Dimensions": {"RoutingStepExpression": _FILTER}}] * 2}, "expression"),
        ({"Dimensions": {"ROUTING_STEP_EXPRESSION": _FILTER}}, "expression"),
        ({"Resources": {"Flow": _template(_FLOW), "Queue": {"Type": "AWS::Connect::Queue"}, "x": 1}}, "flow"),
        ({"Resources": {"Flow": _template({"Fn::Sub": _FLOW})}}, "flow"),
        ({"Resources": {"A flow": _template({"Fn::Sub": [_FLOW, {}]}, "ContactFlowModule")}}, "flow"),
    ],
)
def test_a_document_is_read_as_it_comes_wrapped(document: dict[str, JSON], source: str) -> None:
    """What a queue, a function, metrics or a template carries is read, where it is the only one in it."""
    contact = read(document)

    assert contact.source == source
    assert contact.criteria is not None
    (step,) = contact.criteria.steps
    assert step.expression == AtLeast(FRENCH, 3)


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        (
            {"Messages": [{"Body": _EVENT}, {"Body": _EVENT}]},
            "$",
            "messages of a queue (SQS), with 2 documents in it",
        ),
        ({"a": {"one": STEPS, "two": {"x": STEPS}}}, "$", "an object, with 2 documents in it"),
        ({"Messages": [{"Body": "hello"}]}, "$.Messages[0].Body", "not JSON: expecting value at line 1"),
        ({"Messages": [{"Body": None}, 4], "Records": 4}, "$", "no document with routing criteria in it"),
        ({"Resources": {"Flow": _template({"Fn::Sub": []})}}, "$", "no document with routing criteria in it"),
        ({"Resources": {"Flow": {"Type": "AWS::Connect::ContactFlow"}}}, "$", "no document with routing"),
        ({"body": "{}"}, "$.body", "expected a criteria object"),
        (
            {"Records": [{"body": json.dumps({"Steps": 4})}]},
            "$.Records[0].body.Steps",
            "expected a list of steps",
        ),
    ],
)
def test_what_is_wrapped_and_cannot_be_told_apart_is_refused(
    document: dict[str, JSON], path: str, message: str
) -> None:
    """Of several none is chosen, and what is wrong in one has its place."""
    (problem,) = _problems(document)

    assert problem.path == path
    assert problem.message.startswith(message)


def test_the_actions_of_a_wrapped_flow() -> None:
    """A template is as good as the flow in it; of two flows none is chosen."""
    one, two = _template(_FLOW), _template(_FLOW)

    (action,) = read_flow({"Resources": {"Flow": one}})
    with pytest.raises(DocumentError, match="a CloudFormation template, with 2 documents in it"):
        read_flow({"Resources": {"One": one, "Two": two}})

    assert action.identifier == "a"


def test_a_flow_says_what_it_has_in_place_of_criteria() -> None:
    """A block of nearly the same name is not the one that sets criteria."""
    (plain,) = _problems({"Actions": [{"Type": "SetQueue"}]})
    (behaviour,) = _problems({"Actions": [{"Type": "UpdateContactRoutingBehavior"}]})

    assert plain.hint == "the type of the block that does is `UpdateContactRoutingCriteria`"
    assert "`UpdateContactRoutingBehavior`, which this flow has, sets" in str(behaviour.hint)
