"""Laws of documents: what is read and written is the same when read again, whatever form it is in."""

import copy
import json
from typing import Any, Final

import botocore.session
import pytest
from attrs import evolve
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from routing_inspect.contact import Contact, Criteria, Expiry, Step
from routing_inspect.document import JSON, dumps, plain
from routing_inspect.errors import DocumentError
from routing_inspect.evaluate import evaluate
from routing_inspect.expr import Expr, Opaque, depth, operands_of
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
from routing_inspect.strategies import (
    DOCUMENT_FORMS,
    agents_for,
    contacts,
    criteria,
    documents,
    expressions,
)

# What boto3 checks an expression against before it sends it.
_EXPRESSION_SHAPE: Final = botocore.session.get_session().get_service_model("connect").shape_for("Expression")

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("$.External.x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
MEMBERS = (
    *("Contact", "Contacts", "detail", "Actions", "Type", "Parameters", "RoutingCriteria", "Steps"),
    *("routing_criteria", "ContactFlowModuleType", "ContactFlow", "Filters", "FilterKey", "FilterValues"),
    *("RoutingStepExpressions", "Id", "Channel", "Index", "Expression", "Expiry", "Status", "QueueInfo"),
    *("AttributeCondition", "AndExpression", "orExpression", "not_attribute_condition", "Name", "Value"),
    *("ComparisonOperator", "ProficiencyLevel", "Range", "MatchCriteria", "AgentsCriteria", "AgentIds"),
    *(
        "XorExpression",
        "MinProficiencyLevel",
        "maxProficiencyLevel",
        "DurationInSeconds",
        "ExpiryTimestamp",
        "ActivationTimestamp",
        "NextContacts",
        "Message",
        "agents",
    ),
)
VALUES = st.sampled_from(("Match", "Range", "UpdateContactRoutingCriteria", "ROUTING_STEP_EXPRESSION", "[{}"))
# JSON made of the members that the readers know, in places where they may not expect them.
FAMILIAR = st.recursive(
    JSON_VALUES | VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4)
        | inner.map(json.dumps)
    ),
    max_leaves=15,
)


@pytest.mark.parametrize("form", DOCUMENT_FORMS)
@given(data=st.data())
def test_a_contact_written_and_read_is_the_same(form: str, data: st.DataObject) -> None:
    """Whatever form a contact was read from, writing and reading it again gives the same contact."""
    document = data.draw(documents(form=form, messy=data.draw(st.booleans())))

    contact = read(document)
    written = write_contact(contact)

    assert read(written) == contact
    assert read(dumps(written)) == contact
    assert write_contact(read(written)) == written


@given(st.sampled_from(DOCUMENT_FORMS).flatmap(lambda form: documents(form=form, messy=True)))
def test_a_criteria_written_in_any_form_and_read_is_the_same(document: Any) -> None:
    """Each form keeps of a criteria all that it has room for."""
    found = read(document).criteria
    assume(found is not None)
    assert found is not None

    flow = {"Type": "UpdateContactRoutingCriteria", "Parameters": write_criteria(found, "flow")}
    assert read_criteria(flow) == _as_written(found)
    assume(found.reference is None)
    assert read_criteria(write_criteria(found)) == _as_written(found)
    assert read_criteria(write_criteria(found, "contact")) == found
    assert read_criteria(write_criteria(found, "event")) == found
    # Datetimes apart, all three are JSON.
    assert read_criteria(dumps(write_criteria(found, "event"))) == found


def _as_written(run: Criteria) -> Criteria:
    """Take away what only a criteria that runs has: statuses, times and the index."""
    steps = [
        Step(
            step.expression,
            None if step.expiry is None else Expiry(step.expiry.after, extra=step.expiry.extra),
            extra=step.extra,
        )
        for step in run.steps
    ]
    return Criteria(steps, reference=run.reference, extra=run.extra)


@given(expressions(unclear=True))
def test_an_expression_written_and_read_is_the_same(expression: Expr) -> None:
    """Where only conditions are negated, the wire says exactly what the expression says."""
    assert read_expression(write_expression(expression)) == expression
    assert read_expression(write_expression(expression, "event")) == expression
    assert read_expression(metric_filter(expression)) == expression
    assert metric_filter(read_expression(metric_filter(expression))) == metric_filter(expression)


@given(documents(form="expression", messy=True))
def test_an_expression_of_any_document_survives(document: JSON) -> None:
    """What the service leaves undefined is written so that it is read as the same again."""
    _assert_written_whole(read_expression(document))


# Most messy documents have a part that nobody understands; there are enough of the others.
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(documents(form="expression", messy=True))
def test_levels_are_written_as_floats(document: JSON) -> None:
    """However a document spells a level, the metric's key has a float and boto3 gets a number."""
    expression = read_expression(document)
    assume(_is_understood(expression))

    node = write_expression(expression)
    report = ParamValidator().validate(node, _EXPRESSION_SHAPE).generate_report()
    levels = [
        value
        for inner in _nodes(json.loads(metric_filter(expression)))
        if isinstance(inner, dict)
        for name, value in inner.items()
        if name in {"proficiencyLevel", "minProficiencyLevel", "maxProficiencyLevel"}
    ]

    assert all(type(level) is float for level in levels)
    assert "Invalid type" not in report


def _is_understood(expression: Expr) -> bool:
    """Say whether this version knows every part."""
    return not isinstance(expression, Opaque) and all(map(_is_understood, operands_of(expression)))


@given(st.data(), expressions(not_over_groups=True))
def test_a_negated_group_is_pushed_down_and_means_the_same(data: st.DataObject, expression: Expr) -> None:
    """The wire negates conditions alone; what is written for a negated group lets in the same agents."""
    agent = data.draw(agents_for(expression))

    pushed_down = read_expression(write_expression(expression))

    assert evaluate(pushed_down, agent).verdict is evaluate(expression, agent).verdict
    assert depth(pushed_down) <= depth(expression)


@given(criteria(expressions=expressions(unclear=True)))
def test_a_criteria_made_by_hand_survives(written: Criteria) -> None:
    """What an author puts together is the same after a way over the wire."""
    assert read_criteria(write_criteria(written)) == written


@given(contacts())
def test_a_contact_made_by_hand_survives(contact: Contact) -> None:
    """A contact put together from records is the same after a way over the wire."""
    assert read(write_contact(contact)) == contact


@given(st.data())
def test_unknown_members_survive_as_they_stood(data: st.DataObject) -> None:
    """What this version does not know is written back value for value, beside what it knows."""
    unknown = data.draw(JSON_VALUES.filter(lambda value: value is not None and _is_plain(value)))
    condition = {"Name": "A", "Value": "b", "ProficiencyLevel": 2.0, "ComparisonOperator": "Future"}
    step = {
        "Expression": {"AttributeCondition": {**condition, "FutureMember": unknown}},
        "FuturePart": unknown,
    }
    group = {
        "Expression": {"AndExpression": [{"FutureExpression": unknown}]},
        "Expiry": {"FutureEnd": unknown},
    }
    document = {"Steps": [step, group], "FutureList": unknown}

    assert write_criteria(read_criteria(document)) == document
    assert write_criteria(read_criteria(write_criteria(read_criteria(document), "event"))) == document


def _is_plain(value: JSON) -> bool:
    try:
        plain(value)
    except DocumentError:
        return False
    return True


@given(st.sampled_from(("IsBetterThan", "NumberLessOrEqualTo", "", "numbergreaterorequalto")))
def test_an_unknown_operator_survives_negated_or_not(operator: str) -> None:
    """An operator is known by its exact name; any other is kept, unknown, and written back."""
    condition = {"Name": "A", "Value": "b", "ProficiencyLevel": 2.0, "ComparisonOperator": operator}
    for member in ("AttributeCondition", "NotAttributeCondition"):
        expression = read_expression({member: condition})

        assert write_expression(expression) == {member: condition}
        leaf = expression if isinstance(expression, Opaque) else expression.operand  # type: ignore[union-attr]  # (what is not opaque is a NOT here)
        assert leaf == Opaque({"AttributeCondition": condition})


@given(FAMILIAR)
def test_any_json_is_read_or_refused(value: JSON) -> None:
    """No JSON makes a reader fail in any other way than with a `DocumentError` that names a place."""
    for reader in (read, read_criteria, read_expression, read_flow):
        _read_or_refuse(reader, value)
    _read_or_refuse(read, json.dumps(value))


@given(st.data())
def test_a_mutilated_document_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever is taken out, put in or put elsewhere, a document is read or refused."""
    document = copy.deepcopy(data.draw(documents(messy=True)))
    if isinstance(document, str):
        document = json.loads(document)
    for _ in range(data.draw(st.integers(1, 3))):
        _mutilate(data, document)

    _read_or_refuse(read, document)


@given(st.text(max_size=30) | st.binary(max_size=30))
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    """Text that is no JSON, or bytes that are no text, is refused like any other document."""
    _read_or_refuse(read, text)


def _read_or_refuse(reader: Any, document: Any) -> None:
    try:
        result = reader(document)
    except DocumentError as error:
        assert error.problems  # noqa: PT017  (it may raise, and need not)
        assert all(problem.path.startswith("$") for problem in error.problems)  # noqa: PT017  (it may raise, and need not)
        assert all("\n" not in problem.message for problem in error.problems)  # noqa: PT017  (it may raise, and need not)
    else:
        if isinstance(result, Contact):
            again = read(write_contact(result))
            # Earlier criteria stand in the order of their age, so equal ones may change places.
            assert evolve(again, earlier=()) == evolve(result, earlier=())
            assert len(again.earlier) == len(result.earlier)
        if isinstance(result, Expr):
            _assert_written_whole(result)


def _assert_written_whole(expression: Expr) -> None:
    """Every form in which an expression is written is read as the same one; what has none is refused."""
    for write in (write_expression, lambda whole: write_expression(whole, "event"), metric_filter):
        try:
            written = write(expression)
        except ValueError:
            continue
        assert read_expression(written) == expression


def _mutilate(data: st.DataObject, document: JSON) -> None:
    """Delete, replace, copy or retype one node, anywhere."""
    containers = [node for node in _nodes(document) if isinstance(node, dict | list) and node]
    if not containers:
        return
    container = data.draw(st.sampled_from(containers))
    keys = list(container) if isinstance(container, dict) else list(range(len(container)))
    key = data.draw(st.sampled_from(keys))
    match data.draw(st.sampled_from(("delete", "replace", "copy", "stringify", "rename"))):
        case "delete":
            del container[key]
        case "replace":
            container[key] = data.draw(FAMILIAR)
        case "copy":
            container[key] = copy.deepcopy(data.draw(st.sampled_from(containers)))
        case "stringify":
            container[key] = json.dumps(container[key], default=str)
        case _ if isinstance(container, dict):
            container[data.draw(st.sampled_from(MEMBERS))] = container.pop(key)
        case _:
            container.append(copy.deepcopy(container[key]))


def _nodes(node: JSON) -> list[JSON]:
    inner = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    return [node, *(found for child in inner for found in _nodes(child))]
