"""
Routing expressions and criteria as JSON: the tree below any document's envelope.

The service spells one and the same tree in three ways (``AttributeCondition`` in the API,
``attributeCondition`` in events and metrics, ``attribute_condition`` around data lake rows).
All are read by one reader; `_SHAPES` says which members it knows.
What it does not know is kept as it stood, and written back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, TypeVar, assert_never

from routing_inspect.contact import Criteria, Expiry, Step, require_durations
from routing_inspect.document import JSON, show
from routing_inspect.errors import Problem
from routing_inspect.expr import (
    MAX_DEPTH,
    AgentIn,
    And,
    AtLeast,
    Attribute,
    Between,
    Condition,
    Expr,
    Mixed,
    Not,
    Opaque,
    Or,
    is_reference,
)

# What each operator compares, by the operator's name on the wire; these three are all that the
# service documents (admin guide, data model of contact records).
OPERATORS: Final = {"NumberGreaterOrEqualTo": "ProficiencyLevel", "Range": "Range", "Match": "MatchCriteria"}

# The members of each object of the tree, and the shape of each member's value.
_SHAPES: Final[Mapping[str, Mapping[str, str | None]]] = {
    "Criteria": {"Steps": "Step", "ActivationTimestamp": None, "Index": None},
    "Step": {"Expression": "Expression", "Expiry": "Expiry", "Status": None},
    "Expiry": {"DurationInSeconds": None, "ExpiryTimestamp": None},
    "Expression": {
        "AttributeCondition": "Condition",
        "NotAttributeCondition": "Condition",
        "AndExpression": "Expression",
        "OrExpression": "Expression",
    },
    "Condition": {
        "Name": None,
        "Value": None,
        "ProficiencyLevel": None,
        "Range": "Range",
        "MatchCriteria": "MatchCriteria",
        "ComparisonOperator": None,
    },
    "Range": {"MinProficiencyLevel": None, "MaxProficiencyLevel": None},
    "MatchCriteria": {"AgentsCriteria": "AgentsCriteria"},
    "AgentsCriteria": {"AgentIds": None},
}

# The members of a condition as the library writes it, by what it compares.
_STANDARD: Final = {
    "ProficiencyLevel": {"Name", "Value", "ProficiencyLevel", "ComparisonOperator"},
    "Range": {"Name", "Value", "Range", "ComparisonOperator"},
    "MatchCriteria": {"MatchCriteria", "ComparisonOperator"},
}

# The members that are levels, in a condition and in its range.
_LEVELS: Final = frozenset({"ProficiencyLevel", "MinProficiencyLevel", "MaxProficiencyLevel"})

# A step without an expression; and what stands in for a part of a document that is then refused.
_NO_EXPRESSION: Final = Opaque(None)

# As JSON writes numbers; Python's own reader also takes `1_000`, blanks and the digits of any script.
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")

T = TypeVar("T")
Spelling: TypeAlias = Callable[[str], str]
# A member as it was found: where it stands, and its value.
Member: TypeAlias = tuple[str, JSON]
Reader: TypeAlias = Callable[[JSON, str, list[Problem]], T | None]


def camel(name: str) -> str:
    """Spell a member as events and metrics do: ``attributeCondition``."""
    return name[0].lower() + name[1:]


def snake(name: str) -> str:
    """Spell a member as data lake columns do: ``activation_timestamp``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _spellings(shape: str) -> dict[str, str]:
    names = _SHAPES[shape]
    known = {spell(name): name for name in names for spell in (str, camel, snake)}
    if shape == "Expiry":
        known["expiry_duration_in_seconds"] = "DurationInSeconds"  # the data lake's own name
    return known


_KNOWN: Final = {shape: _spellings(shape) for shape in _SHAPES}


def respell(value: JSON, shape: str, spelling: Spelling) -> JSON:
    """
    Copy a tree with every member the shape knows spelled one way, all else as it stood.

    An explicit null is left out: it counts as absent.
    """
    match value:
        case dict():
            stated = {key: member for key, member in value.items() if member is not None}
            names = {key: _KNOWN[shape].get(key) for key in stated}
            spelled = {key: key if name is None else spelling(name) for key, name in names.items()}
            if len(set(spelled.values())) < len(spelled):
                return stated  # one member in two spellings: to choose would lose the other
            return {
                spelled[key]: _respelled(member, _SHAPES[shape].get(names[key] or ""), spelling)
                for key, member in stated.items()
            }
        case list():
            return [respell(element, shape, spelling) for element in value]
        case _:
            return value


def _respelled(value: JSON, shape: str | None, spelling: Spelling) -> JSON:
    return value if shape is None else respell(value, shape, spelling)


def member_names(shape: str) -> tuple[str, ...]:
    """Give the members that a shape knows, by the API's names."""
    return tuple(_SHAPES[shape])


def has_member(node: JSON, shape: str) -> bool:
    """Say whether *node* is an object with a member that the shape knows, in any spelling, and not null."""
    return isinstance(node, dict) and any(node.get(name) is not None for name in _KNOWN[shape])


def read_expression_node(node: JSON, path: str, problems: list[Problem], groups: int = 0) -> Expr:
    """
    Read one expression; what cannot be read is appended to *problems*.

    Args:
        node: Plain JSON.
        path: Where it stands in its document.
        problems: Grows by everything that is wrong in *node*.
        groups: How many groups stand around it already.
    """
    if not isinstance(node, dict):
        problems.append(expected("an expression object", node, path))
        return _NO_EXPRESSION
    members, unknown = members_of(node, "Expression", path, problems)
    if unknown or not members:
        raw = respell(node, "Expression", str)
        if groups + _groups_in(raw) > MAX_DEPTH:
            problems.append(_too_deep(path))
        return Opaque(raw)
    parts = [_member(name, value, place, problems, groups) for name, (place, value) in members.items()]
    return parts[0] if len(parts) == 1 else Mixed(parts)


def _groups_in(raw: JSON) -> int:
    """Count how deep groups nest in an expression that is kept unread."""
    deepest = 0
    stack = [(raw, 0)]
    while stack:
        node, groups = stack.pop()
        deepest = max(deepest, groups)
        for name in ("AndExpression", "OrExpression"):
            operands = node.get(name) if isinstance(node, dict) else None
            if isinstance(operands, list):
                stack += [(operand, groups + 1) for operand in operands]
    return deepest


def _too_deep(path: str) -> Problem:
    hint = "Amazon Connect documents an OR of ANDs, two deep"
    return Problem(path, f"groups nest more than {MAX_DEPTH} deep", hint)


def read_criteria_node(node: JSON, path: str, problems: list[Problem]) -> Criteria:
    """Read one criteria object; what cannot be read is appended to *problems*."""
    if not isinstance(node, dict):
        problems.append(expected("a criteria object with Steps", node, path))
        return Criteria()
    members, unknown = members_of(node, "Criteria", path, problems)
    place, steps = members.get("Steps", (path, []))
    if not isinstance(steps, list):
        problems.append(expected("a list of steps", steps, place))
        steps = []
    return Criteria(
        [_step(step, f"{place}[{i}]", problems) for i, step in enumerate(steps)],
        activated_at=_read(members, "ActivationTimestamp", read_time, problems),
        index=_read(members, "Index", read_whole_number, problems),
        extra=unknown,
    )


def read_criteria_value(node: JSON, path: str, problems: list[Problem]) -> Criteria:
    """Read what stands where a criteria belongs: the criteria, or a reference that a flow fills in."""
    if isinstance(node, str) and is_reference(node):
        return Criteria(reference=node)
    return read_criteria_node(node, path, problems)


def read_time(value: JSON, path: str, problems: list[Problem]) -> datetime | None:
    """Read an instant: epoch seconds, or ISO 8601 with a time zone. Comes out in UTC."""
    try:
        time = _time(value)
        in_utc = None if time is None or time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        time = in_utc = None
    if time is None:
        hint = "write epoch seconds, or ISO 8601 such as `2026-03-04T14:02:11Z`"
        problems.append(Problem(path, f"expected a time, found {show(value)}", hint))
    elif in_utc is None:
        problems.append(
            Problem(path, f"the time {show(value)} has no time zone", "append `Z` if it is in UTC")
        )
    return in_utc


def _time(value: JSON) -> datetime | None:
    if isinstance(value, str):
        # Athena prints a time stamp with its zone as "2026-03-04 14:02:11.000 UTC".
        return datetime.fromisoformat(f"{value[:-4]}+00:00" if value.endswith(" UTC") else value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    return None


def read_text(value: JSON, path: str, problems: list[Problem]) -> str | None:
    """Read a string."""
    if isinstance(value, str):
        return value
    problems.append(expected("a string", value, path))
    return None


def read_number(value: JSON, path: str, problems: list[Problem]) -> float | None:
    """Read a finite number, also from a string such as ``"4.0"``, as exported flows spell it."""
    number = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value)
    if math.isfinite(number):
        return float(number)
    problems.append(expected("a number", value, path))
    return None


def read_whole_number(value: JSON, path: str, problems: list[Problem]) -> int | None:
    """Read a whole number, also from a string such as ``"2"``."""
    number = read_number(value, path, [])
    if number is not None and number.is_integer():
        return int(number)
    problems.append(expected("a whole number", value, path))
    return None


def expected(what: str, found: JSON, path: str) -> Problem:
    """Say that something else stands where *what* should."""
    if isinstance(found, str) and found.lstrip().startswith(("{", "[")):
        hint = "it is JSON inside a string: put the object itself there, not its text"
        return Problem(path, f"expected {what}, found a string", hint)
    return Problem(path, f"expected {what}, found {show(found)}")


def members_of(
    node: Mapping[str, JSON], shape: str, path: str, problems: list[Problem]
) -> tuple[dict[str, Member], dict[str, JSON]]:
    """
    Sort an object's members into those the shape knows, by the API's names, and all others.

    An explicit null counts as absent, as it does for the service's own SDKs.
    """
    names = _KNOWN[shape]
    known: dict[str, Member] = {}
    unknown: dict[str, JSON] = {}
    for key, value in node.items():
        name = names.get(key)
        if value is None:
            continue
        if name is None:
            unknown[key] = value
            continue
        place = f"{path}.{key}"  # as `member_path` has it: every name that is known is a plain word
        if name in known:
            problems.append(Problem(place, f"the same member as {known[name][0]}", "keep one of them"))
        else:
            known[name] = (place, value)
    return known, unknown


def _read(members: Mapping[str, Member], name: str, reader: Reader[T], problems: list[Problem]) -> T | None:
    if name not in members:
        return None
    place, value = members[name]
    return reader(value, place, problems)


def _member(name: str, value: JSON, path: str, problems: list[Problem], groups: int) -> Expr:
    """Read one member of an expression object, by the member's name."""
    match name:
        case "AttributeCondition":
            return _condition(value, path, problems)
        case "NotAttributeCondition":
            return Not(_condition(value, path, problems))
    if not isinstance(value, list):
        problems.append(expected("a list of expressions", value, path))
        return _NO_EXPRESSION
    if groups == MAX_DEPTH:
        problems.append(_too_deep(path))
        return _NO_EXPRESSION
    if not value:
        return Opaque({name: []})
    operands = [
        read_expression_node(operand, f"{path}[{i}]", problems, groups + 1) for i, operand in enumerate(value)
    ]
    return And(operands) if name == "AndExpression" else Or(operands)


def _condition(node: JSON, path: str, problems: list[Problem]) -> Condition:
    """Read one condition: the operator rules where its own payload is there."""
    if not isinstance(node, dict):
        problems.append(expected("a condition object", node, path))
        return _NO_EXPRESSION
    members, unknown = members_of(node, "Condition", path, problems)
    payload = _payload(members, problems)
    if unknown or payload is None:
        return _opaque_condition(node)
    if payload == "MatchCriteria":
        condition: AtLeast | Between | AgentIn | None = _agents(members, problems)
    else:
        condition = _level_condition(members, payload, problems)
    if condition is None:
        return _opaque_condition(node)
    if _is_standard(members, payload):
        return condition
    return _with_written(condition, _in_numbers(_in_api_words(node)))


def _opaque_condition(node: JSON) -> Opaque:
    return Opaque({"AttributeCondition": _in_api_words(node)})


def _in_api_words(node: JSON) -> JSON:
    return respell(node, "Condition", str)


def _in_numbers(node: Mapping[str, JSON]) -> dict[str, JSON]:
    """Write every level of a condition as a float: documents also have `4` and `"4.0"` for it."""
    return {
        name: _in_numbers(value) if isinstance(value, dict) and name == "Range" else _number_at(name, value)
        for name, value in node.items()
    }


def _number_at(name: str, value: JSON) -> JSON:
    number = read_number(value, "$", []) if name in _LEVELS else None
    return value if number is None else number


def _payload(members: Mapping[str, Member], problems: list[Problem]) -> str | None:
    """Say what a condition compares; None: nothing that is there, or nobody can tell."""
    payloads = [payload for payload in OPERATORS.values() if payload in members]
    if "ComparisonOperator" not in members:
        return payloads[0] if len(payloads) == 1 else None
    payload = OPERATORS.get(_read(members, "ComparisonOperator", read_text, problems) or "")
    return payload if payload in payloads else None


def _level_condition(
    members: Mapping[str, Member], payload: str, problems: list[Problem]
) -> AtLeast | Between | None:
    name = _read(members, "Name", read_text, problems)
    value = _read(members, "Value", read_text, problems)
    if payload == "ProficiencyLevel":
        level = _read(members, payload, _level, problems)
        return (
            None if name is None or value is None or level is None else AtLeast(Attribute(name, value), level)
        )
    bounds = _read(members, "Range", _range, problems)
    return (
        None if name is None or value is None or bounds is None else Between(Attribute(name, value), *bounds)
    )


def _range(node: JSON, path: str, problems: list[Problem]) -> tuple[float, float] | None:
    if not isinstance(node, dict):
        problems.append(expected("an object with MinProficiencyLevel and MaxProficiencyLevel", node, path))
        return None
    members, unknown = members_of(node, "Range", path, problems)
    if unknown or not members:
        return None
    bounds = []
    for name, default in (("MinProficiencyLevel", 1.0), ("MaxProficiencyLevel", 5.0)):
        bound = _read(members, name, _level, problems) if name in members else default
        if bound is None:
            return None
        bounds.append(bound)
    return bounds[0], bounds[1]


def _level(value: JSON, path: str, problems: list[Problem]) -> float | None:
    if isinstance(value, str) and is_reference(value):
        return None  # the flow fills it in, so nobody can tell now; that is no fault of the document
    return read_number(value, path, problems)


def _agents(members: Mapping[str, Member], problems: list[Problem]) -> AgentIn | None:
    place, node = members["MatchCriteria"]
    for shape in ("MatchCriteria", "AgentsCriteria"):
        if not isinstance(node, dict):
            problems.append(expected("an object", node, place))
            return None
        inner, unknown = members_of(node, shape, place, problems)
        if unknown or not inner:
            return None
        place, node = next(iter(inner.values()))
    if not isinstance(node, list):
        problems.append(expected("a list of agent ids", node, place))
        return None
    ids = [read_text(agent_id, f"{place}[{i}]", problems) for i, agent_id in enumerate(node)]
    return AgentIn([agent_id for agent_id in ids if agent_id is not None])


def _is_standard(members: Mapping[str, Member], payload: str) -> bool:
    """Say whether a condition has the members that the library would write, and no others."""
    if payload == "Range" and sum(end is not None for end in members[payload][1].values()) < 2:
        return False
    standard = _STANDARD[payload]
    # A preferred-agent condition may carry an empty name and value: they say nothing.
    blank = {name for name in ("Name", "Value") if name not in standard and _is_blank(members, name)}
    return members.keys() - blank == standard


def _is_blank(members: Mapping[str, Member], name: str) -> bool:
    return name in members and members[name][1] == ""


def _with_written(condition: AtLeast | Between | AgentIn, raw: Mapping[str, JSON]) -> Condition:
    match condition:
        case AtLeast(attribute, level):
            return AtLeast(attribute, level, written=raw)
        case Between(attribute, low, high):
            return Between(attribute, low, high, written=raw)
        case AgentIn(agent_ids):
            return AgentIn(agent_ids, written=raw)
        case _:
            assert_never(condition)


def _step(node: JSON, path: str, problems: list[Problem]) -> Step:
    if not isinstance(node, dict):
        problems.append(expected("a step object", node, path))
        return Step(_NO_EXPRESSION)
    members, unknown = members_of(node, "Step", path, problems)
    expression: Expr = _NO_EXPRESSION
    if "Expression" in members:
        place, value = members["Expression"]
        expression = read_expression_node(value, place, problems)
    return Step(
        expression,
        _read(members, "Expiry", _expiry, problems),
        _read(members, "Status", read_text, problems),
        extra=unknown,
    )


def _expiry(node: JSON, path: str, problems: list[Problem]) -> Expiry | None:
    if not isinstance(node, dict):
        problems.append(expected("an expiry object with DurationInSeconds", node, path))
        return None
    members, unknown = members_of(node, "Expiry", path, problems)
    return Expiry(
        _read(members, "DurationInSeconds", read_duration, problems),
        _read(members, "ExpiryTimestamp", read_time, problems),
        extra=unknown,
    )


def read_duration(value: JSON, path: str, problems: list[Problem]) -> timedelta | None:
    """Read a number of seconds, also from a string such as ``"30"``."""
    if isinstance(value, str) and is_reference(value):
        hint = "the flow block takes the expiry as a plain number only"
        problems.append(Problem(path, f"expected a whole number of seconds, found {show(value)}", hint))
        return None
    found: list[Problem] = []
    seconds = read_number(value, path, found)
    try:
        duration = None if seconds is None else timedelta(seconds=seconds)
    except OverflowError:
        duration = None
    if duration is None:
        problems.append(expected("a whole number of seconds", value, path))
    return duration


def expression_node(expression: Expr) -> dict[str, JSON]:
    """
    Write *expression* as the API spells it; a negated group is pushed down to its conditions.

    Raises:
        ValueError: A part cannot be said on the wire: a part not understood that is negated,
            or members of a mixed node that would need one and the same name.
    """
    match expression:
        case AtLeast() | Between() | AgentIn():
            return {"AttributeCondition": _written_or_standard(expression)}
        case Opaque(raw):
            return raw if isinstance(raw, dict) else {}
        case Not(operand):
            return _negated_node(operand)
        case And(operands):
            return {"AndExpression": [expression_node(operand) for operand in operands]}
        case Or(operands):
            return {"OrExpression": [expression_node(operand) for operand in operands]}
        case Mixed(operands):
            return _side_by_side([expression_node(operand) for operand in operands])
        case _:
            assert_never(expression)


def _negated_node(expression: Expr) -> dict[str, JSON]:
    match expression:
        case AtLeast() | Between() | AgentIn():
            return {"NotAttributeCondition": _written_or_standard(expression)}
        case Opaque(raw):
            return _negated_opaque(raw)
        case Not(operand):
            return expression_node(operand)
        case And(operands):
            return {"OrExpression": [_negated_node(operand) for operand in operands]}
        case Or(operands):
            return {"AndExpression": [_negated_node(operand) for operand in operands]}
        case Mixed(operands):
            # Its two readings swap under negation, so a mixed node stays one.
            return _side_by_side([_negated_node(operand) for operand in operands])
        case _:
            assert_never(expression)


def _negated_opaque(raw: JSON) -> dict[str, JSON]:
    if isinstance(raw, dict) and raw.keys() == {"AttributeCondition"}:
        return {"NotAttributeCondition": raw["AttributeCondition"]}
    raise ValueError("a part that this version does not understand cannot be negated on the wire")


def _side_by_side(nodes: list[dict[str, JSON]]) -> dict[str, JSON]:
    members = {name: value for node in nodes for name, value in node.items()}
    if len(members) < sum(len(node) for node in nodes):
        raise ValueError("two members of a mixed node have one name on the wire")
    return members


def _written_or_standard(condition: AtLeast | Between | AgentIn) -> dict[str, JSON]:
    # A record changed with `attrs.evolve` may still carry what the document said before.
    if condition.written is not None and _condition(condition.written, "$", []) == condition:
        return dict(condition.written)
    return _condition_node(condition)


def _condition_node(condition: AtLeast | Between | AgentIn) -> dict[str, JSON]:
    match condition:
        case AtLeast(Attribute(name, value), level):
            payload: JSON = {"Name": name, "Value": value, "ProficiencyLevel": level}
            operator = "NumberGreaterOrEqualTo"
        case Between(Attribute(name, value), low, high):
            bounds = {"MinProficiencyLevel": low, "MaxProficiencyLevel": high}
            payload = {"Name": name, "Value": value, "Range": bounds}
            operator = "Range"
        case AgentIn(agent_ids):
            payload = {"MatchCriteria": {"AgentsCriteria": {"AgentIds": list(agent_ids)}}}
            operator = "Match"
        case _:
            assert_never(condition)
    return {**payload, "ComparisonOperator": operator}


def request_node(criteria: Criteria) -> dict[str, JSON]:
    """
    Write *criteria* as UpdateContactRoutingData takes it: expressions and durations.

    Raises:
        ValueError: As `contact.require_durations`, or of `expression_node`.
    """
    require_durations(criteria)
    return {"Steps": [_step_node(step) for step in criteria.steps], **criteria.extra}


def criteria_node(criteria: Criteria) -> dict[str, JSON]:
    """Write *criteria* as DescribeContact returns it: with status, times and index."""
    node: dict[str, JSON] = {"Steps": [_run_step_node(step) for step in criteria.steps]}
    if criteria.activated_at is not None:
        node["ActivationTimestamp"] = time_text(criteria.activated_at)
    if criteria.index is not None:
        node["Index"] = criteria.index
    return {**node, **criteria.extra}


def time_text(time: datetime) -> str:
    """Write an instant in UTC, to the millisecond where that says it all: ``2026-03-04T14:02:11.000Z``."""
    precision = "microseconds" if time.microsecond % 1000 else "milliseconds"
    return time.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def seconds_number(duration: timedelta) -> int | float:
    """Write a duration in seconds, as a whole number where it is one."""
    seconds = duration.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _step_node(step: Step) -> dict[str, JSON]:
    node: dict[str, JSON] = {}
    if step.expression != _NO_EXPRESSION:
        node["Expression"] = expression_node(step.expression)
    if step.expiry is not None:
        duration = step.expiry.after
        timed = {} if duration is None else {"DurationInSeconds": seconds_number(duration)}
        node["Expiry"] = {**timed, **step.expiry.extra}
    return {**node, **step.extra}


def _run_step_node(step: Step) -> dict[str, JSON]:
    node = _step_node(step)
    if step.expiry is not None and step.expiry.at is not None:
        node["Expiry"]["ExpiryTimestamp"] = time_text(step.expiry.at)
    if step.status is not None:
        node["Status"] = step.status
    return node
