"""Which step of one criteria is which step of another, and which of them changed places."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import TypeAlias

from attrs import evolve

from routing_inspect.analysis import equivalent, witness
from routing_inspect.contact import Agent, Roster, Step
from routing_inspect.errors import AnalysisLimit
from routing_inspect.expr import Expr
from routing_inspect.index import AgentIndex
from routing_inspect.part_changes import matched, similarity

# The places of an old and of a new step, counted from 0.
Pair: TypeAlias = tuple[int, int]
# Whether two steps are written alike, whether they expire alike, and how near they stand.
_Likeness: TypeAlias = tuple[int, int, int]


def pair_steps(old: Sequence[Step], new: Sequence[Step]) -> list[Pair]:
    """
    Find which old step each new one is.

    Steps that let in the same agents go together first. Where several do, as many as can be are paired in
    their order; if one side has more of them, those are left over that are written least like the others.
    Of the rest the two that are most alike in their conditions go together, then the next two, as long as
    they are alike by a third.

    Returns:
        Pairs in the order of the new steps; no step is in two of them. With *old* and *new* the other
        way round they are the same pairs.
    """
    if [step.expression for step in old] == [step.expression for step in new]:
        return [(place, place) for place in range(len(new))]
    pairs: list[Pair] = []
    for olds, news in _alike_in_meaning(old, new):
        if len(olds) <= len(news):
            pairs += _in_order(old, olds, new, news)
        else:
            pairs += [(i, j) for j, i in _in_order(new, news, old, olds)]
    paired = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    left = [i for i in range(len(old)) if i not in paired[0]]
    right = [j for j in range(len(new)) if j not in paired[1]]
    expressions = [old[i].expression for i in left], [new[j].expression for j in right]
    pairs += [(left[i], right[j]) for _, i, j in matched(*expressions, similarity)]
    return sorted(pairs, key=lambda pair: pair[1])


def moved_pairs(pairs: Iterable[Pair]) -> frozenset[Pair]:
    """
    Find the pairs that changed places.

    Of the pairs, as many as can be are still in one order; those that are so whichever of them are chosen
    stayed, and all others moved. So where one step goes past four that one moved, and where two
    neighbours change places both did.
    """
    ordered = sorted(pairs)
    before, after = _chains(ordered), _chains([(-i, -j) for i, j in reversed(ordered)])[::-1]
    longest = max(before, default=0)
    ranks = [b if b + a - 1 == longest else 0 for b, a in zip(before, after, strict=True)]
    return frozenset(
        pair for pair, rank in zip(ordered, ranks, strict=True) if not rank or ranks.count(rank) > 1
    )


def _chains(ordered: Sequence[Pair]) -> list[int]:
    """Count for each pair how many at most, ending with it, are in one order on both sides."""
    lengths: list[int] = []
    for place, (_, j) in enumerate(ordered):
        below = [lengths[k] for k in range(place) if ordered[k][1] < j]
        lengths.append(1 + max(below, default=0))
    return lengths


def _alike_in_meaning(old: Sequence[Step], new: Sequence[Step]) -> list[tuple[list[int], list[int]]]:
    """Sort steps by whom they let in; what is too large to decide is like nothing but itself."""
    apart = _told_apart({step.expression for steps in (old, new) for step in steps})
    kinds: dict[Expr, tuple[list[int], list[int]]] = {}
    for side, steps in enumerate((old, new)):
        for place, step in enumerate(steps):
            kind = step.expression
            if kind not in kinds:
                kind = next((o for o in kinds if not apart(o, kind) and _equivalent(o, kind)), kind)
            kinds.setdefault(kind, ([], []))[side].append(place)
    return list(kinds.values())


def _told_apart(expressions: Collection[Expr]) -> Callable[[Expr, Expr], bool]:
    """
    Give what says of two expressions that some agent is let in by one of them alone.

    To hold the smallest agent of each beside all others at once is quicker than to compare every two.
    """
    agents: dict[str, Agent] = {}
    for expression in expressions:
        with suppress(AnalysisLimit):
            if (found := witness(expression)) is not None:
                name = found.agent.id if found.agent.id not in agents else f"{found.agent.id}#{len(agents)}"
                agents[name] = evolve(found.agent, id=name)
    index = AgentIndex(Roster(agents=tuple(agents.values())))
    sides: dict[Expr, tuple[frozenset[str], frozenset[str]]] = {}
    for expression in expressions:
        matches = index.match(expression)
        matching, unknown = frozenset(matches.matching), frozenset(matches.unknown)
        sides[expression] = matching, frozenset(agents.keys() - matching - unknown)

    def apart(one: Expr, other: Expr) -> bool:
        (let_in, kept_out), (others_in, others_out) = sides[one], sides[other]
        return not (let_in.isdisjoint(others_out) and kept_out.isdisjoint(others_in))

    return apart


def _equivalent(one: Expr, other: Expr) -> bool:
    try:
        return equivalent(one, other)
    except AnalysisLimit:
        return False


def _in_order(
    few: Sequence[Step], some: Sequence[int], many: Sequence[Step], others: Sequence[int]
) -> list[Pair]:
    """Pair all of *some* with as many of *others*, in order, written as much alike as can be."""
    # For each number of *some*, counted from the first: how alike those paired are, and with which others.
    best: dict[int, tuple[_Likeness, tuple[int, ...]]] = {0: ((0, 0, 0), ())}
    for other in others:
        for number in range(len(some), 0, -1):
            if number - 1 not in best:
                continue
            likeness, chosen = best[number - 1]
            here = _likeness(few, some[number - 1], many, other)
            total = (likeness[0] + here[0], likeness[1] + here[1], likeness[2] + here[2])
            # Of equally good choices the first stays, which is that of the earlier steps.
            if number not in best or total > best[number][0]:
                best[number] = total, (*chosen, other)
    return list(zip(some, best[len(some)][1], strict=True))


def _likeness(few: Sequence[Step], place: int, many: Sequence[Step], other: int) -> _Likeness:
    one, another = few[place], many[other]
    return (
        int(one.expression == another.expression),
        int(one.expires_after == another.expires_after),
        -abs(place - other),
    )
