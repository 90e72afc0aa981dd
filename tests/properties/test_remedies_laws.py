"""Laws of the smallest changes, against all there are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from routing_inspect import strategies as given_by
from routing_inspect.contact import Agent
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.expr import And, AtLeast, Attribute, Between, Expr, Mixed, Not, Or, conditions, unnegated
from routing_inspect.remedies import LEVELS, Edit, changes, relaxations

FEW = st.sampled_from([Attribute("Language", "French"), Attribute("Skill", "A"), Attribute("Skill", "B")])
EXPRESSIONS = given_by.expressions(attributes=FEW, unclear=True, not_over_groups=True)
AGENTS = given_by.agents(attributes=FEW)


def _price(held: dict[Attribute, float], levels: dict[Attribute, float | None]) -> tuple[float, int]:
    moved = sum(abs((level or 0) - held.get(attribute, 0)) for attribute, level in levels.items())
    return moved, sum(level != held.get(attribute) for attribute, level in levels.items())


def _set(agent: Agent, levels: dict[Attribute, float | None]) -> Agent:
    merged = {**(agent.proficiencies or {}), **levels}
    return evolve(agent, proficiencies={a: level for a, level in merged.items() if level is not None})


def _all_cheapest(expression: Expr, agent: Agent) -> set[frozenset[Edit]]:
    """Try every level of every attribute that the expression mentions."""
    held = dict(agent.proficiencies or {})
    leaves = list(map(unnegated, conditions(expression)))
    mentioned = list(dict.fromkeys(leaf.attribute for leaf in leaves if isinstance(leaf, AtLeast | Between)))
    priced: dict[tuple[float, int], set[frozenset[Edit]]] = {}
    for levels in product(*(dict.fromkeys((*LEVELS, held.get(a))) for a in mentioned)):
        point = dict(zip(mentioned, levels, strict=True))
        if evaluate(expression, _set(agent, point)).verdict is Verdict.MATCH:
            edits = frozenset(Edit(a, held.get(a), to) for a, to in point.items() if to != held.get(a))
            priced.setdefault(_price(held, point), set()).add(edits)
    return priced[min(priced)] if priced else set()


@given(EXPRESSIONS, AGENTS)
def test_changes_are_all_the_cheapest(expression: Expr, agent: Agent) -> None:
    """What is found is exactly what trying out every level finds."""
    assume(agent.proficiencies is not None)
    assume(evaluate(expression, agent).verdict is not Verdict.MATCH)

    found = changes(expression, agent)

    assert {frozenset(change.edits) for change in found} == _all_cheapest(expression, agent)
    assert len({frozenset(change.edits) for change in found}) == len(found)
    for change in found:
        moved = _price(dict(agent.proficiencies or {}), {edit.attribute: edit.after for edit in change.edits})
        assert change.cost == moved[0]


@given(EXPRESSIONS, AGENTS)
def test_a_relaxation_lets_the_agent_in_and_nobody_out(expression: Expr, agent: Agent) -> None:
    """The relaxed expression matches the agent and everybody who matched before."""
    found = relaxations(expression, agent)

    for relaxation in found:
        assert evaluate(relaxation.expression, agent).verdict is Verdict.MATCH
        for levels in product(LEVELS, repeat=3):
            names = (Attribute("Language", "French"), Attribute("Skill", "A"), Attribute("Skill", "B"))
            other = _set(agent, dict(zip(names, levels, strict=True)))
            if evaluate(expression, other).verdict is Verdict.MATCH:
                assert evaluate(relaxation.expression, other).verdict is Verdict.MATCH


def _bounds(condition: Expr | None) -> tuple[float, ...]:
    match condition:
        case Not(operand):
            return _bounds(operand)
        case AtLeast(_, level):
            return (level,)
        case Between(_, low, high):
            return (low, high)
        case _:
            return ()


@given(EXPRESSIONS, AGENTS)
def test_a_relaxation_moves_bounds_as_little_as_it_can(expression: Expr, agent: Agent) -> None:
    """With any bounds between those written and those proposed the agent is still kept out."""
    for relaxation in relaxations(expression, agent):
        relaxed = relaxation.relaxed
        if relaxed is None or relaxation.levels == 0:
            continue
        if list(conditions(relaxation.expression)).count(relaxed) == 1:
            for condition in _between(relaxation.condition, relaxation.levels):
                variant = _substituted(relaxation.expression, relaxed, condition)
                assert evaluate(variant, agent).verdict is not Verdict.MATCH


def _between(before: Expr, levels: float) -> Iterator[Expr]:
    """Give every condition that is weaker than the one written and moves its bounds by less."""
    is_negated = isinstance(before, Not)
    for moved in _moved(before.operand if isinstance(before, Not) else before, levels):
        condition = Not(moved) if is_negated else moved
        if all(_lets_in(condition, level) for level in LEVELS if _lets_in(before, level)):
            yield condition


def _moved(condition: Expr, levels: float) -> Iterator[Expr]:
    match condition:
        case AtLeast(attribute, level):
            yield from (AtLeast(attribute, to) for to in range(1, 6) if abs(to - level) < levels)
        case Between(attribute, low, high):
            for lower, upper in product((low, *range(1, 6)), (high, *range(1, 6))):
                if abs(lower - low) + abs(upper - high) < levels:
                    yield Between(attribute, lower, upper)


def _lets_in(condition: Expr, level: float | None) -> bool:
    inner = condition.operand if isinstance(condition, Not) else condition
    assert isinstance(inner, AtLeast | Between)
    agent = Agent(id="", proficiencies={} if level is None else {inner.attribute: level})
    return evaluate(condition, agent).verdict is Verdict.MATCH


def _substituted(expression: Expr, old: Expr, new: Expr) -> Expr:
    match expression:
        case _ if expression == old:
            return new
        case And() | Or() | Mixed():
            return evolve(expression, operands=[_substituted(e, old, new) for e in expression.operands])
        case Not(operand):
            return Not(_substituted(operand, old, new))
        case _:
            return expression
