"""
Documents in every form in which routing criteria occur: which form one is, and what it says.

Readers take the parsed document, or JSON text, which is read more strictly:
a repeated member or NaN cannot be seen any more once another reader has been at it.
All problems of a document come in one `DocumentError`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

from attrs import evolve

from routing_inspect.arguments import require
from routing_inspect.contact import Contact, Criteria, Step
from routing_inspect.document import JSON, loads, member_path, read_value, show
from routing_inspect.envelope import contact_node, describes_contact, read_contact_node
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.expr import Expr, is_reference
from routing_inspect.flows import (
    ACTION_TYPES,
    RoutingAction,
    action_value,
    no_actions,
    read_action,
    read_actions,
)
from routing_inspect.visible import visible
from routing_inspect.wire import (
    camel,
    criteria_node,
    expected,
    expression_node,
    has_member,
    read_criteria_node,
    read_expression_node,
    request_node,
    respell,
)
from routing_inspect.wrappings import Wrapping, wrapping

T = TypeVar("T")
Document: TypeAlias = Mapping[str, Any] | str | bytes

_KINDS: Final = (
    "a DescribeContact answer, a contact record or event, an UpdateContactRoutingData request, "
    "a flow or one of its actions, a Lambda's reply, Steps, or one expression"
)


def read(document: Document) -> Contact:
    """
    Read what a document says of a contact.

    A document that is a criteria alone, such as a flow block, a request or a Lambda's reply,
    gives a contact of which nothing else is known; one expression counts as one step that never
    expires.

    Raises:
        DocumentError: The document is none of the known forms, or something in it cannot be read.
    """
    value, problems = _document(document), list[Problem]()
    return _done(_contact(value, "$", problems), problems)


def read_criteria(document: Document) -> Criteria:
    """
    Read the criteria out of any document that has one.

    Raises:
        DocumentError: As in `read`; or the contact has no criteria, or the flow has several.
    """
    criteria = read(document).criteria
    if criteria is None:
        raise DocumentError((Problem("$", "the contact has no routing criteria"),))
    return criteria


def read_expression(document: Document) -> Expr:
    """
    Read one expression: bare, as a metric filter string, or that of a criteria's only step.

    Raises:
        DocumentError: As in `read_criteria`; or the criteria has not exactly one step.
    """
    criteria = read_criteria(document)
    if len(criteria.steps) != 1:
        hint = "give the expression of one step, or use a command that takes a criteria"
        raise DocumentError((Problem("$", f"expected one expression, found {_steps_text(criteria)}", hint),))
    return criteria.steps[0].expression


def read_flow(document: Document) -> tuple[RoutingAction, ...]:
    """
    Read every routing action of an exported flow, in the order of the document.

    Raises:
        DocumentError: It is no flow, or something in one of its routing actions cannot be read.
    """
    problems: list[Problem] = []
    value, path = _flow_content(_document(document), "$", problems)
    if not problems and not _has(value, "Actions"):
        raise DocumentError(
            (Problem("$", "expected a flow with Actions", "export it from the flow designer"),)
        )
    return _done(() if problems else read_actions(value, path, problems), problems)


def write_expression(expression: Expr, form: str = "api") -> dict[str, JSON]:
    """
    Write an expression as JSON values.

    Args:
        expression: A negated group is pushed down to its conditions: the wire has no other NOT.
        form: ``api`` (``AttributeCondition``) or ``event`` (``attributeCondition``).

    Raises:
        ValueError: A part of the expression has no form on the wire, the whole is one part that
            this version does not understand and nobody could tell for an expression, or *form*
            is unknown.
    """
    require("expression", expression, Expr)
    node = expression_node(expression)
    if not has_member(node, "Expression"):
        raise ValueError("an expression without any member that this version knows cannot stand alone")
    match form:
        case "api":
            return node
        case "event":
            return _camel(node, "Expression")
    raise ValueError(f"an expression is written as `api` or `event`, not as `{form}`")


def write_criteria(criteria: Criteria, form: str = "api") -> dict[str, JSON]:
    """
    Write a criteria as JSON values.

    Args:
        criteria: What to write. The forms differ in how much of it they have room for.
        form: ``api``: what UpdateContactRoutingData takes, without status, times and index.
            ``flow``: the Parameters of a flow action. ``contact``: what DescribeContact returns.
            ``event``: the same as ``contact``, spelled as in events.

    Raises:
        ValueError: A part of it has no place in the form, or *form* is unknown.
    """
    require("criteria", criteria, Criteria)
    if form not in {"api", "flow", "contact", "event"}:
        raise ValueError(f"a criteria is written as `api`, `flow`, `contact` or `event`, not as `{form}`")
    if form == "flow":
        return {"RoutingCriteria": action_value(criteria)}
    if criteria.reference is not None:
        raise ValueError(f"`{criteria.reference}` is filled in by a running flow; only a flow can hold it")
    match form:
        case "api":
            return request_node(criteria)
        case "contact":
            return criteria_node(criteria)
        case _:
            return _camel(criteria_node(criteria), "Criteria")


def metric_filter(expression: Expr) -> str:
    """
    Write the string that metrics know a step's expression by (``ROUTING_STEP_EXPRESSION``).

    The order of operands and their structure are part of the key and stay as they are;
    levels are written as floats, as the service's own example does, whatever the document had.
    What this version does not understand stays as it stood. Characters stand for themselves,
    apart from those that do not show: the service takes 3,000 characters.

    Raises:
        ValueError: As by `write_expression`.
    """
    node = write_expression(expression, "event")
    return visible(json.dumps(node, separators=(",", ":"), ensure_ascii=False))


def write_contact(contact: Contact) -> dict[str, JSON]:
    """
    Write a contact in the manner of a DescribeContact answer; `read` gives the same contact back.

    What only other documents say (queue name and type, the agent's username, earlier criteria,
    the contacts it went on as) stands beside the service's members in their style.

    Raises:
        TypeError: It is no contact.
    """
    require("contact", contact, Contact)
    return {"Contact": contact_node(contact)}


def _camel(node: dict[str, JSON], shape: str) -> dict[str, JSON]:
    spelled: dict[str, JSON] = respell(node, shape, camel)
    return spelled


def _steps_text(criteria: Criteria) -> str:
    if criteria.reference is not None:
        return f"the reference {show(criteria.reference)}"
    return f"a criteria of {len(criteria.steps)} steps"


def _document(document: Document) -> JSON:
    return read_value(document)


def _decoded(text: str, path: str, problems: list[Problem]) -> JSON:
    """Read JSON that stands inside a string of the document; None where it cannot be read."""
    try:
        return loads(text)
    except DocumentError as error:
        problems += [evolve(problem, path=path + problem.path[1:]) for problem in error.problems]
        return None


def _done(result: T, problems: list[Problem]) -> T:
    if problems:
        raise DocumentError(tuple(problems))
    return result


def _has(value: JSON, *names: str) -> bool:
    return isinstance(value, dict) and all(value.get(name) is not None for name in names)


def _contact(value: JSON, path: str, problems: list[Problem]) -> Contact:
    """Recognise a document by the members it has, the most telling first."""
    for recognises, reader in _FORMS:
        if recognises(value):
            return reader(value, path, problems)
    found = wrapping(value, path) or _nested(value, path)
    if found is None:
        problems.append(_unrecognised(value, path))
        return Contact()
    inner = _unwrapped(found, path, problems)
    return Contact() if inner is None else _contact(inner[1], inner[0], problems)


def _unwrapped(found: Wrapping, path: str, problems: list[Problem]) -> tuple[str, JSON] | None:
    """Take out the one document that another carries; of several nobody can tell which is meant."""
    if len(found.parts) > 1:
        message = f"{found.noun}, with {len(found.parts)} documents in it"
        problems.append(Problem(path, message, f"give one of them by itself, such as {found.parts[0][0]}"))
        return None
    place, inner = found.parts[0]
    if isinstance(inner, str):
        inner = _decoded(inner, place, problems)
    return None if inner is None else (place, inner)


def _nested(value: JSON, path: str) -> Wrapping | None:
    """Find the outermost documents of a known form that stand deeper in an object."""
    found: list[tuple[str, JSON]] = []
    waiting = [(path, value)]
    while waiting:
        place, node = waiting.pop()
        # A reply is known by what stands in it, and is looked into: there may be more than its reader takes.
        if place != path and any(recognises(node) for recognises, reader in _FORMS if reader is not _reply):
            found.append((place, node))
        elif isinstance(node, dict):
            inner = [(member_path(place, key), one) for key, one in node.items() if isinstance(one, dict)]
            waiting += reversed(inner)
    return Wrapping("an object", tuple(found)) if found else None


def _unrecognised(value: JSON, path: str) -> Problem:
    if isinstance(value, dict):
        return _unrecognised_object(value, path)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return Problem(path, f"a list of {len(value)}, not one document", "give one element of the list")
    return Problem(path, f"no document with routing criteria in it, but {show(value)}", f"expected {_KINDS}")


def _unrecognised_object(value: dict[str, JSON], path: str) -> Problem:
    if _has(value, "agents"):
        hint = "give it with --roster, and the contact or criteria beside it"
        return Problem(path, "this is a roster", hint)
    # boto3's ClientError keeps the answer under Error.
    error = value["Error"] if isinstance(value.get("Error"), dict) else value
    message = error.get("Message") or error.get("message")
    if isinstance(message, str):
        return Problem(path, f"an error answer, not a contact: {show(message)}")
    for key, inner in value.items():
        if isinstance(inner, str) and inner.lstrip().startswith("{"):
            return expected("a criteria object", inner, member_path(path, key))
    return Problem(path, "no document with routing criteria in it, but an object", f"expected {_KINDS}")


def _described(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    return read_contact_node(value["Contact"], f"{path}.Contact", "DescribeContact", problems)


def _searched(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    summaries = value["Contacts"]
    if len(summaries) != 1:
        message = f"expected one contact, found {len(summaries)}"
        problems.append(Problem(f"{path}.Contacts", message, "give one element of the list"))
        return Contact()
    return read_contact_node(summaries[0], f"{path}.Contacts[0]", "SearchContacts", problems)


def _event(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    return read_contact_node(value["detail"], f"{path}.detail", "contact event", problems)


def _flow(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    content, place = _flow_content(value, path, problems)
    if problems:
        return Contact()
    if not _has(content, "Actions"):
        problems.append(expected("a flow with Actions", content, place))
        return Contact()
    actions = read_actions(content, place, problems)
    if problems:
        return Contact()
    if not actions:
        problems.append(no_actions(content, f"{place}.Actions"))
        return Contact()
    if len(actions) > 1:
        found = ", ".join(f"`{visible(action.identifier)}`" for action in actions)
        message = f"expected one action that sets routing criteria, found {len(actions)}: {found}"
        problems.append(Problem(f"{place}.Actions", message, "name one of them with --action"))
        return Contact()
    return Contact(criteria=actions[0].criteria, source="flow")


def _flow_content(value: JSON, path: str, problems: list[Problem]) -> tuple[JSON, str]:
    """Take the flow out of a DescribeContactFlow answer, where it is JSON inside a string."""
    for name in ("ContactFlow", "ContactFlowModule"):
        if _has(value, name) and _has(value[name], "Content"):
            place = f"{path}.{name}.Content"
            content = value[name]["Content"]
            if isinstance(content, str):
                content = _decoded(content, place, problems)
            return content, place
    found = None if _has(value, "Actions") else wrapping(value, path)
    if found is not None:
        inner = _unwrapped(found, path, problems)
        return (None, path) if inner is None else _flow_content(inner[1], inner[0], problems)
    return value, path


def _action(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    if value["Type"] not in ACTION_TYPES:
        message = f"an action of type {show(value['Type'])} sets no routing criteria"
        problems.append(Problem(f"{path}.Type", message, f"the type that does is `{ACTION_TYPES[0]}`"))
        return Contact()
    return Contact(criteria=read_action(value, path, problems).criteria, source="flow action")


def _logged(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    """Read a flow log line: the contact, what the block was given, and whether it failed."""
    if value["ContactFlowModuleType"] not in ACTION_TYPES:
        block = show(value["ContactFlowModuleType"])
        message = f"the log line of a block of type {block}, which sets no routing criteria"
        hint = f"the type that does is `{ACTION_TYPES[0]}`"
        problems.append(Problem(f"{path}.ContactFlowModuleType", message, hint))
        return Contact()
    contact = read_contact_node(value, path, "flow log", problems)
    parameters = value.get("Parameters")
    given = parameters.get("JsonParameter") if isinstance(parameters, dict) else None
    reference = given.removeprefix("RoutingCriteria=") if isinstance(given, str) else ""
    return evolve(contact, criteria=Criteria(reference=reference)) if is_reference(reference) else contact


def _row(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    """Read a data lake row, in which each step's expression is JSON inside a string."""
    history, place = value["routing_criteria"], f"{path}.routing_criteria"
    if isinstance(history, list):
        history = [
            _decoded_criteria(criteria, f"{place}[{i}]", problems) for i, criteria in enumerate(history)
        ]
    else:
        history = _decoded_criteria(history, place, problems)
    return read_contact_node({**value, "routing_criteria": history}, path, "data lake", problems)


def _decoded_criteria(criteria: JSON, path: str, problems: list[Problem]) -> JSON:
    steps = criteria.get("steps") if isinstance(criteria, dict) else None
    if not isinstance(steps, list):
        return criteria
    decoded = [_decoded_step(step, f"{path}.steps[{i}].expression", problems) for i, step in enumerate(steps)]
    return {**criteria, "steps": decoded}


def _decoded_step(step: JSON, path: str, problems: list[Problem]) -> JSON:
    text = step.get("expression") if isinstance(step, dict) else None
    return {**step, "expression": _decoded(text, path, problems)} if isinstance(text, str) else step


def _carrier(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    """Read an object with a RoutingCriteria member: a contact, a record, a request or a Lambda's reply."""
    if _is_record(value):
        return read_contact_node(value, path, "contact record", problems)
    contact = read_contact_node(value, path, "contact", problems)
    criteria = contact.criteria or Criteria()
    has_run = criteria.activated_at is not None or any(step.status is not None for step in criteria.steps)
    if describes_contact(value) or (contact.id is not None and has_run):
        return contact
    # A request names its contact too, but says nothing of it: whether it was queued, say.
    return Contact(criteria=contact.criteria, source="criteria" if contact.id is None else "request")


def _is_record(value: dict[str, JSON]) -> bool:
    return "AWSContactTraceRecordFormatVersion" in value or isinstance(value.get("RoutingCriteria"), list)


def _described_bare(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    """Read a contact that has no routing criteria, without the envelope of an answer."""
    source = "contact record" if _is_record(value) else "contact"
    return read_contact_node(value, path, source, problems)


def _bare_criteria(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    return Contact(criteria=read_criteria_node(value, path, problems), source="criteria")


def _bare_expression(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    expression = read_expression_node(value, path, problems)
    return Contact(criteria=Criteria([Step(expression)]), source="expression")


def _metric_request(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    filters = _metric_filters(value)
    if len(filters) != 1:
        hint = "give one of the strings by itself"
        problems.append(
            Problem(f"{path}.Filters", f"expected one step expression, found {len(filters)}", hint)
        )
        return Contact()
    place, text = filters[0]
    if not isinstance(text, str):
        problems.append(expected("a step expression as a string of JSON", text, place))
        return Contact()
    expression = _decoded(text, place, problems)
    return Contact() if problems else _bare_expression(expression, place, problems)


def _metric_filters(value: JSON) -> list[tuple[str, JSON]]:
    """Find the step expressions of a GetCurrentMetricData or a GetMetricDataV2 request, with their paths."""
    filters = value.get("Filters") if isinstance(value, dict) else None
    if isinstance(filters, dict):
        found = [("$.Filters.RoutingStepExpressions", filters.get("RoutingStepExpressions"))]
    else:
        found = [
            (f"$.Filters[{i}].FilterValues", row.get("FilterValues"))
            for i, row in enumerate(filters if isinstance(filters, list) else ())
            if isinstance(row, dict) and row.get("FilterKey") == "ROUTING_STEP_EXPRESSION"
        ]
    return [
        (f"{path}[{i}]", text)
        for path, texts in found
        if isinstance(texts, list)
        for i, text in enumerate(texts)
    ]


def _reply(value: dict[str, JSON], path: str, problems: list[Problem]) -> Contact:
    """Read a Lambda's reply, in which the criteria stands under a key of the author's choice."""
    wrapped = [(key, inner) for key, inner in value.items() if _has_steps(inner)]
    if len(wrapped) > 1:
        names = ", ".join(f"`{visible(key)}`" for key, _ in wrapped)
        problems.append(Problem(path, f"several criteria: {names}", "give one of them by itself"))
        return Contact()
    key, inner = wrapped[0]
    return _bare_criteria(inner, member_path(path, key), problems)


def _has_steps(value: JSON) -> bool:
    return isinstance(value, dict) and ("Steps" in value or "steps" in value)


def is_flow(value: JSON) -> bool:
    """Say whether a JSON value is an exported flow, or the service's answer that holds one."""
    return _has(value, "Actions") or _has(value, "ContactFlow") or _has(value, "ContactFlowModule")


def is_contact(value: JSON) -> bool:
    """Say whether a JSON value is about a contact, rather than a criteria alone."""
    return any(recognises(value) for recognises, reader in _FORMS if reader in _CONTACT_READERS)


def is_known(value: JSON) -> bool:
    """Say whether a JSON value is of a form that `read` knows; what is in it may be wrong all the same."""
    return any(recognises(value) for recognises, _ in _FORMS)


def _is_reply(value: JSON) -> bool:
    return isinstance(value, dict) and any(map(_has_steps, value.values()))


_FORMS: Final[tuple[tuple[Callable[[JSON], bool], Callable[[Any, str, list[Problem]], Contact]], ...]] = (
    (lambda value: _has(value, "Contact"), _described),
    (lambda value: _has(value, "Contacts") and isinstance(value["Contacts"], list), _searched),
    (lambda value: _has(value, "detail"), _event),
    (is_flow, _flow),
    (lambda value: _has(value, "Type", "Parameters"), _action),
    (lambda value: _has(value, "ContactFlowModuleType"), _logged),
    (lambda value: _has(value, "routing_criteria"), _row),
    (lambda value: _has(value, "RoutingCriteria") or _has(value, "routingCriteria"), _carrier),
    (_has_steps, _bare_criteria),
    (lambda value: has_member(value, "Expression"), _bare_expression),
    (lambda value: bool(_metric_filters(value)), _metric_request),
    (describes_contact, _described_bare),
    (_is_reply, _reply),
)
_CONTACT_READERS: Final = (_described, _searched, _event, _logged, _row, _carrier, _described_bare)
