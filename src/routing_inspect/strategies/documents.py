"""
Strategies for documents: what Amazon Connect, its SDKs and its users write, in every form.

Built from plain values by rules of their own, not with the library's writers, which they test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import DrawFn, SearchStrategy

from routing_inspect.document import JSON
from routing_inspect.strategies.records import ARN, IDS, STATUSES, TIMES, attributes, levels, trees

DOCUMENT_FORMS: Final = (
    "describe-contact",
    "describe-contact-epoch",
    "boto3",
    "search-contacts",
    "contact-record",
    "event-camel",
    "event-camel-list",
    "event-pascal",
    "event-pascal-list",
    "request",
    "flow-action",
    "flow",
    "flow-content",
    "flow-log",
    "lambda",
    "steps",
    "expression",
    "metric-filter",
    "current-metrics",
    "metrics-v2",
    "data-lake",
)

Node: TypeAlias = dict[str, JSON]


def documents(*, form: str | None = None, messy: bool = False) -> SearchStrategy[Any]:
    """
    Documents as Amazon Connect, its SDKs and its users make them; `read` takes every one.

    Args:
        form: One of `DOCUMENT_FORMS`; None: any of them.
        messy: Whether they hold what the service leaves undefined, or only later versions of it
            have: unknown members and operators, absent operators, a second payload, ranges with
            one end, several members side by side, empty lists and objects, explicit nulls,
            levels as strings and as whole numbers, references.

    Returns:
        Parsed documents; JSON text for ``metric-filter``, which is a string everywhere. Those of
        ``boto3`` hold datetimes in various zones.

    Raises:
        InvalidArgument: There is no such form.
    """
    if form is None:
        return st.sampled_from(DOCUMENT_FORMS).flatmap(lambda name: documents(form=name, messy=messy))
    if form not in DOCUMENT_FORMS:
        raise InvalidArgument(f"{form!r} is none of {', '.join(DOCUMENT_FORMS)}")
    return _FORMS[form](messy=messy)


def _condition_nodes(*, messy: bool) -> SearchStrategy[Node]:
    level: SearchStrategy[JSON] = levels()
    if messy:
        level |= st.integers(0, 6) | st.sampled_from(("4.0", "2", "$.External.level"))
    named = attributes().map(lambda attribute: {"Name": attribute.name, "Value": attribute.value})
    ids = st.lists(st.sampled_from((*IDS, f"{ARN}/agent/user-1")), min_size=0 if messy else 1, max_size=3)
    plain: SearchStrategy[Node] = (
        st.builds(_level_node, named, level)
        | st.builds(_range_node, named, level, level)
        | ids.map(_match_node)
    )
    return _twisted(plain, _CONDITION_TWISTS) if messy else plain


def _level_node(named: Node, level: JSON) -> Node:
    return {**named, "ProficiencyLevel": level, "ComparisonOperator": "NumberGreaterOrEqualTo"}


def _range_node(named: Node, low: JSON, high: JSON) -> Node:
    bounds = {"MinProficiencyLevel": low, "MaxProficiencyLevel": high}
    return {**named, "Range": bounds, "ComparisonOperator": "Range"}


def _match_node(ids: list[str]) -> Node:
    return {"MatchCriteria": {"AgentsCriteria": {"AgentIds": ids}}, "ComparisonOperator": "Match"}


_SOME_MATCH: Final = {"AgentsCriteria": {"AgentIds": ["user-2"]}}
_CONDITION_TWISTS: Final[tuple[Callable[[Node], Node], ...]] = (
    lambda node: {name: value for name, value in node.items() if name != "ComparisonOperator"},
    lambda node: {**node, "ComparisonOperator": "IsBetterThan"},
    lambda node: {**node, "FutureMember": {"Deep": [1, None, "x"]}},
    lambda node: {**node, "ProficiencyLevel": 2.0},
    lambda node: {**node, "ProficiencyLevel": "3.0"},
    lambda node: {**node, "Range": {"MinProficiencyLevel": 2}},
    lambda node: {**node, "Range": {"minProficiencyLevel": "2", "MaxProficiencyLevel": None}},
    lambda node: {**node, "Range": {"MinProficiencyLevel": None, "MaxProficiencyLevel": "3.0"}},
    lambda node: {**node, "Range": {}},
    lambda node: {**node, "MatchCriteria": _SOME_MATCH},
    lambda node: {**node, "MatchCriteria": {"FutureCriteria": {}, "AgentsCriteria": None}},
    lambda node: {**node, "Name": "$.External.name"},
    lambda node: {**node, "Value": None},
    lambda node: {**dict.fromkeys(("Range", "MatchCriteria", "ProficiencyLevel")), **node},
)
_EXPRESSION_TWISTS: Final[tuple[Callable[[Node], Node], ...]] = (
    lambda _: {},
    lambda _: {"AndExpression": []},
    lambda _: {"AttributeCondition": None, "XorExpression": [{}]},
    lambda node: {**node, "OrExpression": []},
    lambda node: {**node, "AndExpression": [{}]},
    lambda node: {**node, "FutureExpression": [{"AttributeCondition": {"Name": "x"}}]},
    lambda node: {**dict.fromkeys(("AttributeCondition", "AndExpression", "OrExpression")), **node},
)
_STEP_TWISTS: Final[tuple[Callable[[Node], Node], ...]] = (
    lambda node: {name: value for name, value in node.items() if name != "Expression"},
    lambda node: {**node, "Expiry": {}},
    lambda node: {**node, "Expiry": {"DurationInSeconds": "30", "FutureMember": [{}]}},
    lambda node: {**node, "Expiry": {"DurationInSeconds": 0.5, "ExpiryTimestamp": None}},
    lambda node: {**node, "Status": "PAUSED"},
    lambda node: {**node, "FutureMember": {"Name": None}},
    lambda node: {**node, "Expression": None},
)


def _twisted(nodes: SearchStrategy[Node], twists: tuple[Callable[[Node], Node], ...]) -> SearchStrategy[Node]:
    def twist(node: Node, chosen: list[Callable[[Node], Node]]) -> Node:
        for change in chosen:
            node = change(node)
        return node

    return st.builds(twist, nodes, st.lists(st.sampled_from(twists), max_size=2))


def _expression_nodes(*, messy: bool) -> SearchStrategy[Node]:
    conditions = _condition_nodes(messy=messy)
    leaves: SearchStrategy[Node] = conditions.map(lambda node: {"AttributeCondition": node})
    leaves |= conditions.map(lambda node: {"NotAttributeCondition": node})
    if messy:
        leaves = _twisted(leaves, _EXPRESSION_TWISTS)

    nodes = trees(leaves, ((3, _and_node), (3, _or_node)), 6)
    return _twisted(nodes, _EXPRESSION_TWISTS) if messy else nodes


def _and_node(operands: list[Node]) -> Node:
    return {"AndExpression": operands}


def _or_node(operands: list[Node]) -> Node:
    return {"OrExpression": operands}


def _bare_nodes(*, messy: bool) -> SearchStrategy[Node]:
    """Expressions that can be told for one by themselves: a known member is there, and is not null."""
    known = ("AttributeCondition", "NotAttributeCondition", "AndExpression", "OrExpression")
    return _expression_nodes(messy=messy).filter(
        lambda node: any(node.get(name) is not None for name in known)
    )


@st.composite
def _steps_nodes(draw: DrawFn, *, messy: bool, run: bool = False) -> Node:
    """A criteria: its steps, and with *run* their statuses and times too, which are datetimes here."""
    nodes = draw(st.lists(_expression_nodes(messy=messy), min_size=0 if messy else 1, max_size=3))
    steps: list[Node] = []
    for number, node in enumerate(nodes):
        expiry = {"Expiry": {"DurationInSeconds": draw(st.integers(1, 600))}}
        step = {"Expression": node, **(expiry if number < len(nodes) - 1 else {})}
        steps.append({**step, "Status": draw(st.sampled_from(STATUSES))} if run else step)
        if run and "Expiry" in step:
            steps[-1]["Expiry"]["ExpiryTimestamp"] = draw(TIMES)
    if messy:
        steps = [draw(_twisted(st.just(step), _STEP_TWISTS)) for step in steps]
    return {"Steps": steps, "ActivationTimestamp": draw(TIMES), "Index": 0} if run else {"Steps": steps}


@st.composite
def _facts(draw: DrawFn, *, messy: bool) -> Node:
    """What DescribeContact says of a contact beside its criteria."""
    optional = {
        "PreviousContactId": st.just("contact-0"),
        "DisconnectTimestamp": TIMES,
        "LastUpdateTimestamp": TIMES,
        "DisconnectReason": st.just("CUSTOMER_DISCONNECT"),
        "QueueInfo": st.fixed_dictionaries({"Id": st.just("queue-1")}, optional={"EnqueueTimestamp": TIMES}),
        "AgentInfo": st.fixed_dictionaries(
            {"Id": st.sampled_from(IDS)}, optional={"ConnectedToAgentTimestamp": TIMES}
        ),
    }
    required = {"Id": st.just("contact-1"), "Channel": st.just("VOICE"), "InitiationTimestamp": TIMES}
    facts = draw(st.fixed_dictionaries(required, optional=optional))
    return {**facts, "Attributes": {"customer": "+44"}, "RelatedContactId": None} if messy else facts


def _histories(*, messy: bool) -> SearchStrategy[list[Node]]:
    runs = st.lists(_steps_nodes(messy=messy, run=True), min_size=1, max_size=3)
    return runs.map(lambda nodes: [{**node, "Index": index} for index, node in enumerate(nodes, 2)])


def _described(*, messy: bool) -> SearchStrategy[Node]:
    runs = _steps_nodes(messy=messy, run=True) | st.just({}) if messy else _steps_nodes(messy=False, run=True)
    return st.builds(
        lambda facts, run: {"Contact": {**facts, "RoutingCriteria": run}}, _facts(messy=messy), runs
    )


def _searched(answer: Node) -> Node:
    return {"Contacts": [answer["Contact"]], "TotalCount": 1}


def _detailed(facts: Node, criteria: JSON) -> Node:
    """Turn what DescribeContact says into the detail of an event, which names things by ARN."""
    detail = {name: value for name, value in facts.items() if name not in {"Id", "QueueInfo", "AgentInfo"}}
    queue, agent = dict(facts.get("QueueInfo", {})), dict(facts.get("AgentInfo", {}))
    if queue:
        detail["QueueInfo"] = {
            "QueueArn": f"{ARN}/queue/{queue.pop('Id')}",
            "QueueType": "STANDARD",
            **queue,
        }
    if agent:
        detail["AgentInfo"] = {"AgentArn": f"{ARN}/agent/{agent.pop('Id')}", **agent}
    return {**detail, "ContactId": facts["Id"], "InstanceArn": ARN, "RoutingCriteria": criteria}


def _event(detail: Node) -> Node:
    return {"version": "0", "detail-type": "Amazon Connect Contact Event", "detail": detail}


def _record(facts: Node, criteria: list[Node]) -> Node:
    """Turn what DescribeContact says into a contact record."""
    detail = _detailed(facts, criteria)
    queue, agent = detail.pop("QueueInfo", {}), detail.pop("AgentInfo", {})
    if queue:
        detail["Queue"] = {"ARN": queue.pop("QueueArn"), "Name": "General Inbound", **queue}
    if agent:
        detail["Agent"] = {"ARN": agent.pop("AgentArn"), "Username": "alice", **agent}
    return {"AWSContactTraceRecordFormatVersion": "2017-03-10", "NextContactId": None, **detail}


def _row(facts: Node, history: list[Node]) -> Node:
    """Turn what DescribeContact says into a data lake row."""
    return {
        "contact_id": facts["Id"],
        "channel": facts["Channel"],
        "initiation_timestamp": facts["InitiationTimestamp"],
        "queue_id": facts.get("QueueInfo", {}).get("Id"),
        "agent_id": facts.get("AgentInfo", {}).get("Id"),
        "routing_criteria": [
            {
                "index": criteria["Index"],
                "activation_timestamp": criteria["ActivationTimestamp"],
                "steps": [_row_step(step) for step in criteria["Steps"]],
            }
            for criteria in history
        ],
    }


def _row_step(step: Node) -> Node:
    expiry = step.get("Expiry", {})
    names = {"DurationInSeconds": "expiry_duration_in_seconds", "ExpiryTimestamp": "expiry_timestamp"}
    return {
        "status": step["Status"],
        "expiry": {names.get(name, name): value for name, value in expiry.items()},
        "expression": _compact(_nulled(step["Expression"])) if step.get("Expression") else None,
    }


def _nulled(node: JSON) -> JSON:
    """State what is absent as null, as the data lake does."""
    match node:
        case {"Name": _} | {"MatchCriteria": _}:
            return {**dict.fromkeys(("Name", "Value", "ProficiencyLevel", "Range", "MatchCriteria")), **node}
        case dict():
            return {name: _nulled(inner) for name, inner in node.items()}
        case list():
            return [_nulled(inner) for inner in node]
        case _:
            return node


def _camel(node: JSON) -> JSON:
    match node:
        case dict():
            return {name[:1].lower() + name[1:]: _camel(inner) for name, inner in node.items()}
        case list():
            return [_camel(inner) for inner in node]
        case _:
            return node


def _compact(node: Node) -> str:
    """Write one expression as metrics and the data lake do: camelCase JSON without blanks."""
    return json.dumps(_camel(node), separators=(",", ":"), ensure_ascii=False)


def _times(node: JSON, write: Callable[[datetime], JSON]) -> JSON:
    """Write every datetime in *node* as the form has it."""
    match node:
        case dict():
            return {name: _times(inner, write) for name, inner in node.items()}
        case list():
            return [_times(inner, write) for inner in node]
        case datetime():
            return write(node)
        case _:
            return node


def _iso(node: JSON) -> JSON:
    return _times(node, lambda time: time.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


def _epoch(node: JSON) -> JSON:
    return _times(node, datetime.timestamp)


def _zoned(node: JSON, hours: int) -> JSON:
    return _times(node, lambda time: time.astimezone(timezone(timedelta(hours=hours))))


def _scalars_as_text(node: JSON) -> JSON:
    """Write numbers as strings, as some exported flows do."""
    match node:
        case dict():
            return {name: _scalars_as_text(inner) for name, inner in node.items()}
        case list():
            return [_scalars_as_text(inner) for inner in node]
        case int() | float():
            return str(node)
        case _:
            return node


def _actions(*, messy: bool) -> SearchStrategy[Node]:
    written = _steps_nodes(messy=messy)
    values: SearchStrategy[JSON] = (
        written | written.map(_scalars_as_text) | st.just({}) | st.just("$.External.criteria")
    )
    return st.builds(
        lambda value, name: {"Identifier": "set", "Type": name, "Parameters": {"RoutingCriteria": value}},
        values,
        st.sampled_from(("UpdateContactRoutingCriteria", "UpdateRoutingCriteria")),
    )


def _flow(action: Node) -> Node:
    others = [{"Identifier": "play", "Type": "MessageParticipant", "Parameters": {"Text": "Hello"}}]
    return {"Version": "2019-10-30", "StartAction": "play", "Actions": [*others, action]}


def _flow_content(action: Node) -> Node:
    return {"ContactFlow": {"Id": "flow-1", "Name": "Main", "Content": json.dumps(_flow(action))}}


def _logged(reference: str) -> Node:
    return {
        "Results": "Error",
        "ContactId": "contact-1",
        "ContactFlowModuleType": "UpdateContactRoutingCriteria",
        "Timestamp": "2026-03-04T14:02:11.348Z",
        "Parameters": {"JsonParameter": f"RoutingCriteria={reference}"},
    }


def _filter_row(text: str) -> Node:
    queues = {"FilterKey": "QUEUE", "FilterValues": ["queue-1"]}
    return {"Filters": [queues, {"FilterKey": "ROUTING_STEP_EXPRESSION", "FilterValues": [text]}]}


def _filters(*, messy: bool) -> SearchStrategy[str]:
    return _bare_nodes(messy=messy).map(_compact)


_FORMS: Final[dict[str, Callable[..., SearchStrategy[Any]]]] = {
    "describe-contact": lambda *, messy: _described(messy=messy).map(_iso),
    "describe-contact-epoch": lambda *, messy: _described(messy=messy).map(_epoch),
    "boto3": lambda *, messy: st.builds(_zoned, _described(messy=messy), st.integers(-11, 11)),
    "search-contacts": lambda *, messy: _described(messy=messy).map(_searched).map(_iso),
    "contact-record": lambda *, messy: st.builds(_record, _facts(messy=messy), _histories(messy=messy)).map(
        _iso
    ),
    "event-camel": lambda *, messy: (
        st.builds(_detailed, _facts(messy=messy), _steps_nodes(messy=messy, run=True))
        .map(_camel)
        .map(_event)
        .map(_iso)
    ),
    "event-camel-list": lambda *, messy: (
        st.builds(_detailed, _facts(messy=messy), _histories(messy=messy)).map(_camel).map(_event).map(_iso)
    ),
    "event-pascal": lambda *, messy: (
        st.builds(_detailed, _facts(messy=messy), _steps_nodes(messy=messy, run=True)).map(_event).map(_iso)
    ),
    "event-pascal-list": lambda *, messy: (
        st.builds(_detailed, _facts(messy=messy), _histories(messy=messy)).map(_event).map(_iso)
    ),
    "request": lambda *, messy: _steps_nodes(messy=messy).map(
        lambda steps: {"InstanceId": "i-1", "ContactId": "contact-1", "RoutingCriteria": steps}
    ),
    "flow-action": _actions,
    "flow": lambda *, messy: _actions(messy=messy).map(_flow),
    "flow-content": lambda *, messy: _actions(messy=messy).map(_flow_content),
    "flow-log": lambda **_: st.sampled_from(("$.External.criteria", "$.Lambda.x.y")).map(_logged),
    "lambda": lambda *, messy: st.builds(
        lambda key, steps: {key: steps},
        st.sampled_from(("MyRoutingCriteria", "criteria", "what I like")),
        _steps_nodes(messy=messy),
    ),
    "steps": lambda *, messy: _steps_nodes(messy=messy),
    "expression": lambda *, messy: _bare_nodes(messy=messy),
    "metric-filter": _filters,
    "current-metrics": lambda *, messy: _filters(messy=messy).map(
        lambda text: {"Filters": {"Queues": ["queue-1"], "RoutingStepExpressions": [text]}}
    ),
    "metrics-v2": lambda *, messy: _filters(messy=messy).map(_filter_row),
    "data-lake": lambda *, messy: st.builds(_row, _facts(messy=messy), _histories(messy=messy)).map(_iso),
}
