"""What was changed between two expressions, part by part, and how alike they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias, TypeVar

from attrs import evolve, frozen

from routing_inspect.contact import user_id
from routing_inspect.expr import (
    AgentIn,
    And,
    AtLeast,
    Between,
    Expr,
    Mixed,
    Not,
    Opaque,
    Or,
    is_condition,
    unnegated,
)
from routing_inspect.names import fold
from routing_inspect.places import leaves
from routing_inspect.text import attribute_text, unparse

T = TypeVar("T")

# From this on two parts count as versions of one another.
ALIKE: Final = 1 / 3
# Beyond so many pairs only equal parts are found: 32 conditions that changed beside 32 others.
_PAIRS: Final = 1_024

# A condition, and whether it stands under an odd number of NOTs.
_Leaf: TypeAlias = tuple[Expr, bool]


@frozen(kw_only=True)
class PartChange:
    """
    One change to an expression.

    Attributes:
        kind: What changed: ``bounds``, ``value``, ``name`` or ``attribute`` (name and value) of a condition;
            ``negation``; ``agent added`` or ``agent removed`` in a list of agents; ``part added`` or
            ``part removed``; ``joined``, where AND became OR or the reverse; ``order``; ``replaced``.
        old: What stood there, as text; None where something was added, and for an order.
        new: What stands there, as text; None where something was removed, and for an order.
        attribute: For ``bounds``, the attribute whose they are; None for any other kind.
        joined_by: ``AND``, ``OR`` or ``MIXED``, by which a part that was added or removed, or whose order
            changed, is joined to the others; None for any other kind.
        within: The group it is in, as text; None where that is the whole, and where there is no doubt.
    """

    kind: str
    old: str | None = None
    new: str | None = None
    attribute: str | None = None
    joined_by: str | None = None
    within: str | None = None


def part_changes(old: Expr, new: Expr) -> tuple[PartChange, ...]:
    """
    Say what was changed on the way from one expression to another, in the order of the old one.

    Parts are compared as they are written, so two that mean the same may differ here.
    """
    repeated = {
        unparse(leaf)
        for whole in (old, new)
        for leaf, count in Counter(leaf for leaf, _, _ in leaves(whole)).items()
        if count > 1
    }
    found = tuple(_changes(old, new, _Around(repeated=frozenset(repeated))))
    if found or old == new:
        return found
    # The same parts in other parentheses, such as a group of one.
    return (PartChange(kind="replaced", old=unparse(old), new=unparse(new)),)


def similarity(old: Expr, new: Expr) -> float:
    """
    Say how alike two expressions are in their conditions, from 0 to 1.

    Each condition of one goes with the one of the other that is most like it; one that has none counts
    as 0. The same both ways.
    """
    before, after = _leaves(old), _leaves(new)
    same = Counter(before) & Counter(after)
    total = float(same.total())
    left, right = _without(before, same), _without(after, same)
    if len(left) * len(right) <= _PAIRS:
        total += sum(alike for alike, _, _ in matched(left, right, _leaf_similarity))
    return 2 * total / (len(before) + len(after))


def matched(
    old: Sequence[T], new: Sequence[T], alike: Callable[[T, T], float]
) -> Iterator[tuple[float, int, int]]:
    """
    Pair what is alike, the most alike first; of pairs that are equally so, the nearest in place.

    Yields:
        How alike the two are, at least `ALIKE`, and the place of each, counted from 0.
    """
    scored = [(alike(one, other), i, j) for i, one in enumerate(old) for j, other in enumerate(new)]
    scored.sort(key=lambda row: (-row[0], abs(row[1] - row[2]), row[1] + row[2]))
    taken, given = set[int](), set[int]()
    for score, i, j in scored:
        if score >= ALIKE and i not in taken and j not in given:
            taken.add(i)
            given.add(j)
            yield score, i, j


@frozen(kw_only=True)
class _Around:
    """
    Where a part stands.

    Attributes:
        repeated: Which conditions, as text, stand more than once in the whole.
        group: The group around it, as text; None where that is the whole.
        negated: The NOT directly around it; None where there is none.
        is_inside: Whether there is a group around it at all.
        is_told: Whether the group is told with every change in it, since a NOT stands above.
    """

    repeated: frozenset[str]
    group: str | None = None
    negated: Not | None = None
    is_inside: bool = False
    is_told: bool = False

    def inside(self, group: Expr) -> _Around:
        around = self.negated or group
        told = self.is_inside or self.negated is not None
        return _Around(
            repeated=self.repeated,
            group=unparse(around) if told else None,
            is_inside=True,
            is_told=self.is_told or self.negated is not None,
        )

    def within(self, condition: Expr) -> str | None:
        if self.negated is not None:
            return unparse(self.negated)
        return self.group if self.is_told or unparse(condition) in self.repeated else None


def _changes(old: Expr, new: Expr, around: _Around) -> Iterator[PartChange]:
    if old == new:
        return
    match old, new:
        case (And() as a, And() as b) | (Or() as a, Or() as b) | (Mixed() as a, Mixed() as b):
            yield from _operand_changes(_keyword(old), a.operands, b.operands, around.inside(old))
        case Not(operand=a) as negation, Not(operand=b) if not (is_condition(old) and is_condition(new)):
            yield from _changes(a, b, evolve(around, negated=around.negated or negation))
        case _ if is_condition(old) and is_condition(new):
            yield from _leaf_changes(old, new, around)
        case _:
            yield from _regrouped(old, new, around)


def _regrouped(old: Expr, new: Expr, around: _Around) -> Iterator[PartChange]:
    """Compare a group with what is no group, or is joined otherwise: the nearest reading of the two."""
    before, after = _operands(old), _operands(new)
    readings = [
        (similarity(old, new) if before and after else 0.0, before, after),
        (_nearest(old, after), (old,), after),
        (_nearest(new, before), before, (new,)),
    ]
    alike, olds, news = max(readings, key=lambda reading: reading[0])
    if alike < ALIKE:
        yield PartChange(kind="replaced", old=unparse(old), new=unparse(new), within=around.group)
        return
    if olds == before and news == after:
        yield PartChange(kind="joined", old=_keyword(old), new=_keyword(new), within=around.group)
    keyword = _keyword(old if olds == before else new)
    yield from _operand_changes(keyword, olds, news, around.inside(old))


def _operand_changes(
    keyword: str, old: Sequence[Expr], new: Sequence[Expr], around: _Around
) -> Iterator[PartChange]:
    same = Counter(old) & Counter(new)
    left, right = _without(old, same), _without(new, same)
    if not left and not right:
        if list(old) != list(new):
            yield PartChange(kind="order", joined_by=keyword, within=around.group)
        return
    is_small = len(left) * len(right) <= _PAIRS
    partner = {i: j for _, i, j in matched(left, right, similarity)} if is_small else {}
    for i, part in enumerate(left):
        if i in partner:
            yield from _changes(part, right[partner[i]], around)
        else:
            yield PartChange(kind="part removed", old=unparse(part), joined_by=keyword, within=around.group)
    for j, part in enumerate(right):
        if j not in partner.values():
            yield PartChange(kind="part added", new=unparse(part), joined_by=keyword, within=around.group)


def _leaf_changes(old: Expr, new: Expr, around: _Around) -> Iterator[PartChange]:
    before, after = unnegated(old), unnegated(new)
    within = around.within(before)
    if before == after or isinstance(old, Not) is not isinstance(new, Not):
        kind = "negation" if before == after else "replaced"
        yield PartChange(kind=kind, old=unparse(old), new=unparse(new), within=within)
        return
    match before, after:
        case ((AtLeast() | Between()), (AtLeast() | Between())) if before.attribute == after.attribute:
            written = attribute_text(before.attribute)
            bounds = [unparse(side).removeprefix(written).strip() for side in (before, after)]
            named = f"NOT {written}" if isinstance(old, Not) else written
            yield PartChange(kind="bounds", old=bounds[0], new=bounds[1], attribute=named, within=within)
        case ((AtLeast() | Between()), (AtLeast() | Between())):
            one, other = before.attribute, after.attribute
            kind = "value" if one.name == other.name else "name" if one.value == other.value else "attribute"
            yield PartChange(kind=kind, old=unparse(old), new=unparse(new), within=within)
        case AgentIn(), AgentIn():
            yield from _agent_changes(before, after, within)
        case _:
            yield PartChange(kind="replaced", old=unparse(old), new=unparse(new), within=within)


def _agent_changes(old: AgentIn, new: AgentIn, within: str | None) -> Iterator[PartChange]:
    before = dict.fromkeys(map(user_id, old.agent_ids))
    after = dict.fromkeys(map(user_id, new.agent_ids))
    for agent_id in before:
        if agent_id not in after:
            yield PartChange(kind="agent removed", old=agent_id, within=within)
    for agent_id in after:
        if agent_id not in before:
            yield PartChange(kind="agent added", new=agent_id, within=within)
    if before.keys() == after.keys():
        # The same agents in another order, named twice, or by their ARNs.
        yield PartChange(kind="replaced", old=unparse(old), new=unparse(new), within=within)


def _operands(expression: Expr) -> tuple[Expr, ...]:
    return expression.operands if isinstance(expression, And | Or | Mixed) else ()


def _keyword(expression: Expr) -> str:
    match expression:
        case And():
            return "AND"
        case Or():
            return "OR"
        case _:
            return "MIXED"


def _nearest(part: Expr, others: Sequence[Expr]) -> float:
    return max((similarity(part, other) for other in others), default=0.0)


def _leaves(expression: Expr) -> list[_Leaf]:
    return [(leaf, negated) for leaf, _, negated in leaves(expression)]


def _leaf_similarity(old: _Leaf, new: _Leaf) -> float:
    """Say how alike two different conditions are; where one is negated and the other not, half of it."""
    (before, is_negated), (after, is_other) = old, new
    sign = 1.0 if is_negated is is_other else 0.5
    match before, after:
        case _ if before == after:
            return sign
        case ((AtLeast() | Between()), (AtLeast() | Between())):
            return sign * _level_similarity(before, after)
        case AgentIn(), AgentIn():
            ids, others = (set(map(user_id, side.agent_ids)) for side in (before, after))
            return sign * (0.5 + 0.4 * len(ids & others) / max(len(ids | others), 1))
        case Opaque(), Opaque():
            return sign * 0.5
        case _:
            return 0.0


def _level_similarity(old: AtLeast | Between, new: AtLeast | Between) -> float:
    (low, high), (other_low, other_high) = map(_bounds, (old, new))
    nearness = 1 / (1 + abs(low - other_low) + abs(high - other_high))
    one, other = old.attribute, new.attribute
    if one == other:
        return 0.6 + 0.3 * nearness
    if (fold(one.name), fold(one.value)) == (fold(other.name), fold(other.value)):
        return 0.5 + 0.3 * nearness
    # Another name with the same value, or another value: what a condition that was renamed looks like.
    return 0.35 + 0.15 * nearness if one.name == other.name or one.value == other.value else 0.0


def _bounds(condition: AtLeast | Between) -> tuple[float, float]:
    return (condition.level, 5.0) if isinstance(condition, AtLeast) else (condition.low, condition.high)


def _without(items: Sequence[T], same: Counter[T]) -> list[T]:
    """Take as many of each item away as *same* counts, the first ones."""
    left = Counter(same)
    kept: list[T] = []
    for item in items:
        if left[item]:
            left[item] -= 1
        else:
            kept.append(item)
    return kept
