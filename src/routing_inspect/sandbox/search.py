"""What SearchUsers looks for: its criteria as predicates on users."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from routing_inspect.document import JSON, show
from routing_inspect.sandbox.protocol import RefusedCallError

if TYPE_CHECKING:
    from collections.abc import Mapping

Predicate = Callable[[JSON], bool]

# Where a field's text stands in a record. The model's documentation names these fields, in no constant case.
_USER_FIELDS: Final = {
    "username": ("Username",),
    "firstname": ("IdentityInfo", "FirstName"),
    "lastname": ("IdentityInfo", "LastName"),
    "routingprofileid": ("RoutingProfileId",),
    "securityprofileid": ("SecurityProfileIds",),
    "resourceid": ("Id",),
}
_PROFICIENCY_FIELDS: Final = {"name": ("AttributeName",), "value": ("AttributeValue",)}
_TEXT_COMPARISONS: Final[dict[str, Callable[[str, str], bool]]] = {
    "STARTS_WITH": str.startswith,
    "CONTAINS": operator.contains,
    "EXACT": operator.eq,
}
# The bounds that a comparison reads. The model does not say them for EQUAL and NOT_EQUAL.
_NUMBER_COMPARISONS: Final[dict[str, tuple[tuple[str, ...], Callable[..., bool]]]] = {
    "RANGE": (("MinValue", "MaxValue"), lambda level, low, high: low <= level <= high),
    "GREATER_OR_EQUAL": (("MinValue",), operator.ge),
    "GREATER": (("MinValue",), operator.gt),
    "LESSER_OR_EQUAL": (("MaxValue",), operator.le),
    "LESSER": (("MaxValue",), operator.lt),
    "EQUAL": (("MinValue",), operator.eq),
    "NOT_EQUAL": (("MinValue",), operator.ne),
}


def user_predicate(arguments: Mapping[str, JSON]) -> Predicate:
    """
    Read the criteria of a SearchUsers call.

    Raises:
        RefusedCallError: The call holds what the sandbox does not implement; nothing of it is ignored.
    """
    if "SearchFilter" in arguments:
        raise _unserved("SearchFilter")
    if "SearchCriteria" not in arguments:
        return _every([])
    return _criteria(arguments["SearchCriteria"], "SearchCriteria")


def _criteria(condition: JSON, path: str) -> Predicate:
    kind, inner = _only_member(condition, path)
    path = f"{path}.{kind}"
    match kind:
        case "StringCondition":
            return _text_condition(inner, path, _USER_FIELDS)
        case "AndConditions":
            return _every([_criteria(c, where) for c, where in _elements(inner, path)])
        case "OrConditions":
            return _some([_criteria(c, where) for c, where in _elements(inner, path)])
        case "ListCondition":
            return _list_condition(inner, path)
        case _:
            raise _unserved(path)


def _text_condition(condition: JSON, path: str, fields: Mapping[str, tuple[str, ...]]) -> Predicate:
    field, value, comparison = _members(condition, path, "FieldName", "Value", "ComparisonType")
    if field.lower() not in fields:
        raise _unserved(f"{path}.FieldName", field)
    place = fields[field.lower()]
    holds = _TEXT_COMPARISONS[comparison]
    return lambda record: any(holds(text, value) for text in _texts(record, place))


def _texts(record: JSON, place: tuple[str, ...]) -> list[str]:
    for name in place:
        record = record.get(name, {})
    return record if isinstance(record, list) else [record] if record else []


def _list_condition(condition: JSON, path: str) -> Predicate:
    _, conditions = _members(condition, path, "TargetListType", "Conditions")
    predicates = []
    for inner, place in _elements(conditions, f"{path}.Conditions"):
        kind, leaf = _only_member(inner, place)
        where = f"{place}.{kind}"
        if kind == "StringCondition":
            predicates.append(_text_condition(leaf, where, _PROFICIENCY_FIELDS))
        else:
            predicates.append(_number_condition(leaf, where))
    holds = _every(predicates)
    return lambda user: any(holds(proficiency) for proficiency in user.get("Proficiencies", []))


def _number_condition(condition: JSON, path: str) -> Predicate:
    comparison = condition.get("ComparisonType")
    bounds, holds = _NUMBER_COMPARISONS.get(comparison, _NUMBER_COMPARISONS["EQUAL"])
    field, _, *values = _members(condition, path, "FieldName", "ComparisonType", *bounds)
    # So the model calls what bounds a level, a ProficiencyLimit, although nothing else does.
    if field.lower() != "limit":
        raise _unserved(f"{path}.FieldName", field)
    return lambda proficiency: holds(proficiency["Level"], *values)


def _every(predicates: list[Predicate]) -> Predicate:
    return lambda record: all(holds(record) for holds in predicates)


def _some(predicates: list[Predicate]) -> Predicate:
    return lambda record: any(holds(record) for holds in predicates)


def _elements(conditions: list[JSON], path: str) -> list[tuple[JSON, str]]:
    if not conditions:
        raise RefusedCallError(
            "InvalidParameterException", f"{path}: expected a condition, found an empty list"
        )
    return [(condition, f"{path}[{i}]") for i, condition in enumerate(conditions)]


def _only_member(condition: dict[str, JSON], path: str) -> tuple[str, JSON]:
    if len(condition) != 1:
        found = " and ".join(f"`{name}`" for name in condition) or "none"
        raise RefusedCallError("InvalidParameterException", f"{path}: expected one member, found {found}")
    return next(iter(condition.items()))


def _members(condition: dict[str, JSON], path: str, *names: str) -> list[JSON]:
    """Give the values of exactly these members: the model requires none, and none is guessed."""
    for name in (*names, *condition):
        if (name in names) != (name in condition):
            fault = "is missing" if name in names else "has no meaning here"
            raise RefusedCallError("InvalidParameterException", f"{path}.{name} {fault}")
    return [condition[name] for name in names]


def _unserved(path: str, value: JSON = None) -> RefusedCallError:
    what = path if value is None else f"{path} {show(value)}"
    return RefusedCallError("InvalidParameterException", f"the sandbox does not serve {what}")
