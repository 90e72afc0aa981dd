"""
What a search of the service's own can say of an expression, and what follows for those it leaves out.

SearchUsers finds agents by their proficiencies, with AND and OR but without NOT, and tells nobody's
levels (API reference, UserSearchCriteria, ListCondition). So an expression is not translated but
bounded: whoever the search leaves out is known not to satisfy certain parts of it, which settles
the parts around them, a NOT included; whoever it returns is asked for levels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias, assert_never

from attrs import evolve, frozen

from routing_inspect.contact import Agent
from routing_inspect.document import JSON
from routing_inspect.evaluate import Trace, Verdict, evaluate
from routing_inspect.expr import (
    AgentIn,
    And,
    AtLeast,
    Attribute,
    Between,
    Expr,
    Mixed,
    Not,
    Opaque,
    Or,
    conditions,
    has_reference,
    is_reference,
    unnegated,
)
from routing_inspect.text import attribute_text
from routing_inspect.visible import visible

# The lengths of a name for which a search gives valid results, by the note at UserSearchCriteria. It speaks
# of "contains" queries; ours ask for the very name, but nothing says that these fare better.
SHORTEST_NAME: Final = 2
LONGEST_NAME: Final = 25
# How much one search is given. No page says how much it takes, so these are bounds of our own, above all that
# routing criteria admit: 8 conditions in an AND and 3 ANDs in an OR (admin guide, set-routing-criteria).
MOST_CONDITIONS: Final = 50
DEEPEST: Final = 5
# The longest name or value that an attribute can have (admin guide, predefined-attributes).
_LONGEST_TEXT: Final = 100
# How much of a long name a message shows.
_SHOWN: Final = 40

# The levels that an agent can hold, by the model's bounds of UserProficiency.
LOWEST: Final = 1
HIGHEST: Final = 5

# A SearchCriteria in the service's words.
Criteria: TypeAlias = Mapping[str, JSON]


@frozen
class Search:
    """
    A search that settles an expression for everybody whom it leaves out.

    Attributes:
        criteria: What to search for; None: nobody can satisfy it, so there is nothing to ask.
        fails: Parts of the expression that nobody satisfies whom the search leaves out.
        holds: Parts that everybody satisfies whom it returns.
    """

    criteria: Criteria | None
    fails: tuple[Expr, ...]
    holds: tuple[Expr, ...] = ()


@frozen
class _Bound:
    """
    Criteria that everybody meets who satisfies an expression, or may.

    Attributes:
        criteria: None: nobody.
        exact: Whether nobody else meets them.
    """

    criteria: Criteria | None
    exact: bool


def search_for(expression: Expr) -> Search | None:
    """
    Say what to search for, so that each agent left out needs no further question.

    Parts that no search can say (a NOT, agents by id, what is not understood) are left to `evaluate`:
    it decides them from what the search says of the others, and of those returned from their levels.

    Returns:
        None where a search would settle nothing: the expression admits only agents whom it lists, or
        no part of it is a condition on a level; and where it would be past a limit, see `past_limits`.
    """
    found = () if _is_large(expression) else tuple(_searches(expression))
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    return Search(
        _group("OrConditions", [one.criteria for one in found if one.criteria is not None]),
        tuple(part for one in found for part in one.fails),
    )


def past_limits(expression: Expr) -> Iterator[str]:
    """Say for what of an expression no search is made because the service may not take it, or not rightly."""
    if _is_large(expression):
        count = len(set(conditions(expression)))
        yield (
            f"{count} conditions, nested {_depth(expression)} deep, where one search is given "
            f"{MOST_CONDITIONS} conditions and {DEEPEST} levels"
        )
        return
    for attribute in dict.fromkeys(_attributes(expression)):
        if not has_reference(attribute) and not _is_searchable(attribute):
            name = visible(attribute_text(attribute))
            shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."
            yield (
                f"{shown}, where searches give valid results for names of {SHORTEST_NAME} to {LONGEST_NAME} "
                f"characters and values of 1 to {_LONGEST_TEXT}"
            )


def hint_for(expression: Expr) -> Criteria | None:
    """
    Say what to search for where no search is to be believed, to ask those first whom it returns.

    Returns:
        None where there is no such part, or too much of it.
    """
    if _is_large(expression):
        return None
    doubtful = [
        attribute
        for attribute in dict.fromkeys(_attributes(expression))
        if not has_reference(attribute) and not _is_searchable(attribute) and _can_be(attribute)
    ]
    return _group("OrConditions", [_holding(attribute, LOWEST, HIGHEST) for attribute in doubtful])


def told(agent: Agent, search: Search, *, returned: bool) -> Agent:
    """Note at an agent what it means that a search returned it, or left it out."""
    parts = search.holds if returned else search.fails
    return evolve(agent, told={**agent.told, **dict.fromkeys(parts, returned)}) if parts else agent


def needs_levels(expression: Expr, agent: Agent) -> bool:
    """Say whether the agent's verdict hangs on levels that are not known."""
    trace = evaluate(expression, agent)
    return trace.verdict is Verdict.UNKNOWN and any(_hangs_on_levels(leaf) for leaf in _open_leaves(trace))


def disagreement(search: Search, agent: Agent, *, returned: bool) -> Expr | None:
    """
    Find a part of which the search says another thing than the agent's levels do.

    Args:
        search: The search.
        agent: One whose proficiencies are known.
        returned: Whether the search returned the agent.
    """
    wrong = Verdict.NO_MATCH if returned else Verdict.MATCH
    parts = search.holds if returned else search.fails
    return next((part for part in parts if evaluate(part, agent).verdict is wrong), None)


# ---------------------------------------------------------------------------- what to ask


def _searches(expression: Expr) -> Iterator[Search]:
    """Give the searches that settle an expression; whom all of them leave out, their OR leaves out."""
    if _listed_only(expression, negated=False):
        return
    bound = _bound(expression, negated=False)
    if bound is not None:
        yield Search(bound.criteria, (expression,), (expression,) if bound.exact else ())
        return
    match expression:
        case Not(operand):
            yield from _searches(operand)
        case And(operands) | Or(operands) | Mixed(operands):
            for operand in operands:
                yield from _searches(operand)
        case AtLeast() | Between() | AgentIn() | Opaque():
            return
        case _:
            assert_never(expression)


def _bound(expression: Expr, *, negated: bool) -> _Bound | None:
    """
    Bound an expression, or its negation, from above.

    Returns:
        None where the criteria of a search cannot do it. Whom a negated condition admits includes
        everybody who does not hold the attribute, and no search finds those.
    """
    match expression:
        case AtLeast(attribute, level) if not negated:
            return _held(attribute, level, math.inf)
        case Between(attribute, low, high) if not negated:
            return _held(attribute, low, high)
        case AtLeast() | Between() | AgentIn() | Opaque():
            return None
        case Not(operand):
            return _bound(operand, negated=not negated)
        case And(operands) | Or(operands) | Mixed(operands):
            bounds = [_bound(operand, negated=negated) for operand in operands]
            if _needs_all(expression, negated=negated):
                return _every(bounds)
            bound = _some(bounds)
            # Read as OR for the bound, although it may mean AND.
            return (
                None
                if bound is None
                else evolve(bound, exact=bound.exact and isinstance(expression, And | Or))
            )
        case _:
            assert_never(expression)


def _needs_all(expression: And | Or | Mixed, *, negated: bool) -> bool:
    """Say whether one operand that rules an agent out is enough; a negated OR is an AND of negations."""
    return isinstance(expression, Or if negated else And)


def _every(bounds: Iterable[_Bound | None]) -> _Bound | None:
    bounds = list(bounds)
    known = [bound for bound in bounds if bound is not None]
    if not known:
        return None
    exact = len(known) == len(bounds) and all(bound.exact for bound in known)
    criteria = [bound.criteria for bound in known if bound.criteria is not None]
    nobody = len(criteria) < len(known)
    return _Bound(None if nobody else _group("AndConditions", criteria), exact or nobody)


def _some(bounds: Iterable[_Bound | None]) -> _Bound | None:
    known = []
    for bound in bounds:
        if bound is None:
            return None
        known.append(bound)
    criteria = [bound.criteria for bound in known if bound.criteria is not None]
    return _Bound(_group("OrConditions", criteria), all(bound.exact for bound in known))


def _group(kind: str, criteria: list[Criteria]) -> Criteria | None:
    """Join criteria, each once, without groups of one or groups directly in their own kind."""
    flat: list[Criteria] = []
    for one in criteria:
        flat += [inner for inner in one.get(kind, [one]) if inner not in flat]
    return {kind: flat} if len(flat) > 1 else flat[0] if flat else None


def _held(attribute: Attribute, low: float, high: float) -> _Bound | None:
    """
    Say that an attribute is held at a level from *low* to *high*.

    The service takes whole numbers here, so other bounds are widened to the next.
    """
    if has_reference(attribute):
        return None
    if low > high:
        return _Bound(None, exact=True)
    if not _is_searchable(attribute):
        return None
    least, most = (min(max(level, LOWEST), HIGHEST) for level in (low, high))
    first, last = math.floor(least), math.ceil(most)
    # Beyond the scale the bound is as good as its end, on the inner side of it wider than what is asked.
    exact = low <= first and (high >= last)
    return _Bound(_holding(attribute, first, last), exact)


def _holding(attribute: Attribute, first: int, last: int) -> Criteria:
    level = {"FieldName": "limit", "ComparisonType": "GREATER_OR_EQUAL", "MinValue": first}
    if last < HIGHEST:
        level = {"FieldName": "limit", "ComparisonType": "RANGE", "MinValue": first, "MaxValue": last}
    wanted = [
        {"StringCondition": {"FieldName": "name", "Value": attribute.name, "ComparisonType": "EXACT"}},
        {"StringCondition": {"FieldName": "value", "Value": attribute.value, "ComparisonType": "EXACT"}},
        {"NumberCondition": level},
    ]
    return {"ListCondition": {"TargetListType": "PROFICIENCIES", "Conditions": wanted}}


def _is_large(expression: Expr) -> bool:
    return len(set(conditions(expression))) > MOST_CONDITIONS or _depth(expression) > DEEPEST


def _depth(expression: Expr) -> int:
    """Say how many groups stand in one another; a NOT is none, since no search has it."""
    match expression:
        case And(operands) | Or(operands) | Mixed(operands):
            return 1 + max((_depth(operand) for operand in operands), default=0)
        case Not(operand):
            return _depth(operand)
        case AtLeast() | Between() | AgentIn() | Opaque():
            return 0
        case _:
            assert_never(expression)


def _attributes(expression: Expr) -> Iterator[Attribute]:
    for condition in map(unnegated, conditions(expression)):
        if isinstance(condition, AtLeast | Between):
            yield condition.attribute


def _is_searchable(attribute: Attribute) -> bool:
    return SHORTEST_NAME <= len(attribute.name) <= LONGEST_NAME and _can_be(attribute)


def _can_be(attribute: Attribute) -> bool:
    return all(1 <= len(text) <= _LONGEST_TEXT for text in (attribute.name, attribute.value))


def _listed_only(expression: Expr, *, negated: bool) -> bool:
    """Say whether only agents whom the expression names can satisfy it, so that they alone need levels."""
    match expression:
        case AgentIn(agent_ids):
            return not negated and not any(is_reference(agent_id) for agent_id in agent_ids)
        case AtLeast() | Between() | Opaque():
            return False
        case Not(operand):
            return _listed_only(operand, negated=not negated)
        case And(operands) | Or(operands) | Mixed(operands):
            listed = [_listed_only(operand, negated=negated) for operand in operands]
            return any(listed) if _needs_all(expression, negated=negated) else all(listed)
        case _:
            assert_never(expression)


# ---------------------------------------------------------------------------- what is open


def _open_leaves(trace: Trace) -> Iterator[Trace]:
    """Go through the conditions whose verdict is unknown, below operands whose verdict is."""
    if trace.verdict is Verdict.UNKNOWN:
        if not trace.operands:
            yield trace
        for operand in trace.operands:
            yield from _open_leaves(operand)


def _hangs_on_levels(leaf: Trace) -> bool:
    match leaf.expression:
        case AtLeast(attribute) | Between(attribute):
            return not has_reference(attribute)
        case _:
            return False
