"""
Exact answers about expressions, each with an agent that shows it.

Every question here is about all agents that there can be (see `region`) and about everything that
an open part can stand for. A question is decided, never sampled; one that is too large to decide
is refused with `AnalysisLimit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import assert_never

from attrs import field, frozen

from routing_inspect.clauses import Clauses, OverLimitError
from routing_inspect.contact import Agent
from routing_inspect.document import JSON
from routing_inspect.errors import AnalysisLimit
from routing_inspect.evaluate import Trace, Verdict, evaluate, every, negate, some
from routing_inspect.expr import AgentIn, And, AtLeast, Between, Expr, Mixed, Not, Opaque, Or, conditions
from routing_inspect.region import Choice, Every, Formula, Part, Some, Space, Within, space


@frozen
class Counterexample:
    """
    An agent that shows something, and what that rests on.

    Attributes:
        assuming: Parts whose verdict `evaluate` cannot tell, as they stand in the expressions, and
            whether each counts as holding. Empty where the agent shows it whatever they stand for.
        is_smallest: Whether there is certainly no smaller one. False only for large expressions,
            where finding one is possible and ruling all smaller ones out is not.
    """

    agent: Agent
    assuming: Mapping[Expr, bool] = field(factory=dict, hash=False)
    is_smallest: bool = field(default=True, kw_only=True)

    @property
    def is_fractional(self) -> bool:
        """Whether it takes a level between two whole ones, which Amazon Connect does not document."""
        return any(not level.is_integer() for level in (self.agent.proficiencies or {}).values())


def counterexample(a: Expr, b: Expr) -> Counterexample | None:
    """
    Find the smallest agent that *a* accepts and *b* does not.

    What is open counts as holding or as not holding only where it has to, the same for both.
    Of all such agents the one comes back with the fewest levels that are not whole; then with the
    fewest open parts assumed; then with the fewest proficiencies; then with the lowest levels, added
    up; then one that no list names. It is checked with `evaluate` before.

    Returns:
        None where there is none: *b* accepts all that *a* accepts, whatever open parts stand for.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    return _smallest(accepted=(a,), refused=(b,))


def witness(expression: Expr) -> Counterexample | None:
    """
    Find the smallest agent that *expression* accepts, in the order of `counterexample`.

    Returns:
        None where there is none, whatever open parts stand for.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    return _smallest(accepted=(expression,), refused=())


def outsider(expression: Expr, others: Iterable[Expr]) -> Counterexample | None:
    """
    Find the smallest agent that *expression* accepts and none of *others* does, in the same order.

    Returns:
        None where there is none, whatever open parts stand for.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    return _smallest(accepted=(expression,), refused=tuple(others))


def implies(a: Expr, b: Expr) -> bool:
    """
    Say whether *b* accepts every agent that *a* accepts, whatever open parts stand for.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    return not _exists(accepted=(a,), refused=(b,))


def equivalent(a: Expr, b: Expr) -> bool:
    """
    Say whether *a* and *b* accept the same agents, whatever open parts stand for.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    return implies(a, b) and implies(b, a)


def disjoint(a: Expr, b: Expr) -> bool:
    """
    Say whether no agent is accepted by both *a* and *b*, whatever open parts stand for.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    return not _exists(accepted=(a, b), refused=())


def satisfiable(expression: Expr) -> bool:
    """
    Say whether *expression* accepts anybody, for something that its open parts can stand for.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    return _exists(accepted=(expression,), refused=())


def admits_nobody_new(steps: Iterable[Expr]) -> tuple[int, ...]:
    """
    Say which steps let nobody in whom none before let in, whatever open parts stand for.

    An opaque part that says nothing (``{}``, no expression) is never taken to be the same as another:
    an SDK older than the service leaves as much of any condition that it does not know.

    Returns:
        Their numbers, counted from 1, in order. Step 1 is among them where it accepts nobody.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    numbers = count()
    ordered = tuple([_told_apart(step, numbers) for step in steps])
    return tuple(
        number
        for number, step in enumerate(ordered, 1)
        if not _exists(accepted=(step,), refused=ordered[: number - 1])
    )


def _told_apart(expression: Expr, numbers: Iterator[int]) -> Expr:
    """Give every opaque part that says nothing a content of its own, such as no document holds."""
    match expression:
        case Opaque(raw):
            return Opaque([next(numbers)]) if _says_nothing(raw) else expression
        case Not(operand):
            return Not(_told_apart(operand, numbers))
        case And(operands) | Or(operands) | Mixed(operands):
            return type(expression)([_told_apart(operand, numbers) for operand in operands])
        case AtLeast() | Between() | AgentIn():
            return expression
        case _:
            assert_never(expression)


def _says_nothing(raw: JSON) -> bool:
    return raw is None or (isinstance(raw, dict) and all(map(_says_nothing, raw.values())))


def _exists(accepted: tuple[Expr, ...], refused: tuple[Expr, ...]) -> bool:
    rewriting = _Rewriting(accepted, refused)
    try:
        return rewriting.clauses().can_hold()
    except OverLimitError as error:
        raise _too_large(rewriting.within, accepted + refused) from error


def _smallest(accepted: tuple[Expr, ...], refused: tuple[Expr, ...]) -> Counterexample | None:
    rewriting = _Rewriting(accepted, refused)
    within = rewriting.within
    try:
        found = rewriting.clauses().cheapest(within.prices())
    except OverLimitError as error:
        raise _too_large(within, accepted + refused) from error
    if found is None:
        return None
    choice = found.values[: len(within.axes)]
    return _checked(within, choice, accepted, refused, is_smallest=found.is_cheapest)


def _too_large(within: Space, expressions: Iterable[Expr]) -> AnalysisLimit:
    asked = sum(1 for expression in expressions for _ in conditions(expression))
    return AnalysisLimit(
        f"cannot decide a question with {asked} conditions about {len(within.axes)} things",
        hint="ask about one step, or one part of it, at a time",
    )


class _Rewriting:
    """
    A question as clauses that can be held up exactly where it can (Plaisted and Greenbaum's).

    An expression is rewritten as it stands; only what has sides of its own goes through formulas.

    Attributes:
        found: The clauses. A group within a group has a switch of its own, on only where the group holds.
    """

    def __init__(self, accepted: tuple[Expr, ...], refused: tuple[Expr, ...]) -> None:
        self.within = space((*accepted, *refused))
        self.found: list[dict[int, int]] = []
        self._axes = len(self.within.axes)
        # By identity: what stands in several places, or in both readings of a mixed node, is rewritten once.
        self._switch_of: dict[tuple[int, bool], int] = {}
        self._readings: dict[tuple[int, bool], Formula] = {}
        self._require(self.within.possible, {})
        for expression in accepted:
            self._ask(expression, {}, accepting=True)
        for expression in refused:
            self._ask(expression, {}, accepting=False)

    def clauses(self) -> Clauses:
        """Give what was found to who can tell whether it can hold."""
        sizes = [len(kinds) for _, kinds, _ in self.within.axes]
        return Clauses(sizes + [2] * len(self._switch_of), self.found, switches=self._axes)

    # ------------------------------------------------------------------ expressions

    def _ask(self, expression: Expr, unless: dict[int, int], *, accepting: bool) -> None:
        """Have *expression* accept, or else refuse, wherever the literals *unless* do not hold."""
        match expression:
            case AtLeast() | Between() | AgentIn() | Opaque() | Mixed():
                self._require(self._side(expression, accepting=accepting), unless)
            case Not(operand):
                self._ask(operand, unless, accepting=not accepting)
            case And(operands) | Or(operands):
                if accepting is isinstance(expression, And):
                    for operand in operands:
                        self._ask(operand, unless, accepting=accepting)
                else:
                    clause = dict(unless)
                    self.found.append(clause)
                    for operand in operands:
                        self._offer(operand, clause, accepting=accepting)
            case _:
                assert_never(expression)

    def _offer(self, expression: Expr, clause: dict[int, int], *, accepting: bool) -> None:
        """Add to *clause* that *expression* accepts, or else refuses."""
        match expression:
            case AtLeast() | Between() | AgentIn() | Opaque() | Mixed():
                self._add(self._side(expression, accepting=accepting), clause)
            case Not(operand):
                self._offer(operand, clause, accepting=not accepting)
            case And(operands) | Or(operands):
                if len(operands) == 1 or accepting is isinstance(expression, Or):
                    for operand in operands:
                        self._offer(operand, clause, accepting=accepting)
                else:
                    clause[self._switch(expression, accepting=accepting)] = 0b10
            case _:
                assert_never(expression)

    def _side(self, part: Part, *, accepting: bool) -> Formula:
        if not isinstance(part, Mixed):
            return self.within.sides[id(part)][not accepting]
        found = self._readings.get((id(part), accepting))
        if found is None:
            found = self.within.accepts(part) if accepting else self.within.refuses(part)
            self._readings[id(part), accepting] = found
        return found

    def _switch(self, group: Expr | Every, *, accepting: bool = True) -> int:
        """Give the switch with which all of *group* has to hold."""
        switch = self._switch_of.get((id(group), accepting))
        if switch is None:
            switch = self._switch_of[id(group), accepting] = self._axes + len(self._switch_of)
            if isinstance(group, Every):
                self._require(group, {switch: 0b01})
            else:
                self._ask(group, {switch: 0b01}, accepting=accepting)
        return switch

    # ------------------------------------------------------------------ formulas

    def _require(self, formula: Formula, unless: dict[int, int]) -> None:
        """Have *formula* hold wherever the literals *unless* do not."""
        match formula:
            case Within(axis, kinds):
                self.found.append({**unless, axis: kinds})
            case Every(parts):
                for part in parts:
                    self._require(part, unless)
            case Some():
                clause = dict(unless)
                self.found.append(clause)
                self._add(formula, clause)
            case _:
                assert_never(formula)

    def _add(self, formula: Formula, clause: dict[int, int]) -> None:
        """Add *formula* to the literals of *clause*."""
        match formula:
            case Within(axis, kinds):
                clause[axis] = clause.get(axis, 0) | kinds
            case Some(parts):
                for part in parts:
                    self._add(part, clause)
            case Every((part,)):
                self._add(part, clause)
            case Every():
                clause[self._switch(formula)] = 0b10
            case _:
                assert_never(formula)


def _checked(
    within: Space,
    choice: Choice,
    accepted: tuple[Expr, ...],
    refused: tuple[Expr, ...],
    *,
    is_smallest: bool,
) -> Counterexample:
    """Make the agent, let `evaluate` confirm it, and keep only the assumptions that it takes."""
    agent = within.agent(choice)
    wanted = [(evaluate(expression, agent), Verdict.MATCH) for expression in accepted]
    wanted += [(evaluate(expression, agent), Verdict.NO_MATCH) for expression in refused]

    def shown(assuming: Mapping[Expr, bool]) -> bool:
        return all(settled(trace, assuming) is verdict for trace, verdict in wanted)

    assuming = within.assumed(choice)
    if not shown(assuming):
        raise AssertionError((agent, assuming))
    for part in tuple(assuming):
        fewer = {other: holds for other, holds in assuming.items() if other != part}
        if shown(fewer):
            assuming = fewer
    return Counterexample(agent, assuming, is_smallest=is_smallest)


def settled(trace: Trace, assuming: Mapping[Expr, bool]) -> Verdict:
    """Say what the verdict is with open parts counted as *assuming* says, as in `Counterexample`."""
    below = [settled(operand, assuming) for operand in trace.operands]
    match trace.expression:
        case Not():
            return negate(below[0])
        case And():
            return every(below)
        case Or():
            return some(below)
        case Mixed():
            verdict = every(below) if every(below) is some(below) else Verdict.UNKNOWN
        case AtLeast() | Between() | AgentIn() | Opaque():
            verdict = trace.verdict
        case _:
            assert_never(trace.expression)
    if verdict is not Verdict.UNKNOWN or trace.expression not in assuming:
        return verdict
    return Verdict.MATCH if assuming[trace.expression] else Verdict.NO_MATCH
