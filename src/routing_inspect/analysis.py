"""
Exact answers about expressions, each with an agent that shows it.

Every question here is about all agents that there can be (see `region`) and about everything that
an open part can stand for. A question is decided, never sampled; one that is too large to decide
is refused with `AnalysisLimit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any, Final, TypeAlias, TypeVar, assert_never, cast

from attrs import field, frozen

from routing_inspect.arguments import require, require_all
from routing_inspect.clauses import Clauses, OverLimitError
from routing_inspect.contact import Agent, Step
from routing_inspect.document import JSON
from routing_inspect.errors import AnalysisLimit
from routing_inspect.evaluate import Trace, Verdict, evaluate, every, negate, some
from routing_inspect.expr import (
    AgentIn,
    And,
    AtLeast,
    Between,
    Condition,
    Expr,
    Mixed,
    Not,
    Opaque,
    Or,
    conditions,
)
from routing_inspect.places import leaves, mapped
from routing_inspect.region import Choice, Every, Formula, Part, Some, Space, Within, space
from routing_inspect.text import unparse

T = TypeVar("T")


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

    def to_dict(self) -> dict[str, Any]:
        """Give the agent and what is assumed as plain JSON values."""
        agent = self.agent
        return {
            "id": agent.id,
            "username": agent.username,
            "proficiencies": [
                {"name": attribute.name, "value": attribute.value, "level": level}
                for attribute, level in (agent.proficiencies or {}).items()
            ],
            "assuming": [
                {"expression": unparse(part), "holds": holds} for part, holds in self.assuming.items()
            ],
            "is_fractional": self.is_fractional,
            "is_smallest": self.is_smallest,
        }


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
    return _smallest(accepted=_expressions(a=a), refused=_expressions(b=b))


def witness(expression: Expr) -> Counterexample | None:
    """
    Find the smallest agent that *expression* accepts, in the order of `counterexample`.

    Returns:
        None where there is none, whatever open parts stand for.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    return _smallest(accepted=_expressions(expression=expression), refused=())


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
    return not _exists(accepted=_expressions(a=a), refused=_expressions(b=b))


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
    return not _exists(accepted=_expressions(a=a, b=b), refused=())


def satisfiable(expression: Expr) -> bool:
    """
    Say whether *expression* accepts anybody, for something that its open parts can stand for.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    return _exists(accepted=_expressions(expression=expression), refused=())


def admits_nobody_new(steps: Iterable[Step | Expr]) -> tuple[int, ...]:
    """
    Say which steps let nobody in whom none before let in, whatever open parts stand for.

    Steps may be given as they are, ``criteria.steps``, or by their expressions alone.

    An opaque part that says nothing (``{}``, no expression) is never taken to be the same as another:
    an SDK older than the service leaves as much of any condition that it does not know.

    Returns:
        Their numbers, counted from 1, in order. Step 1 is among them where it accepts nobody.

    Raises:
        AnalysisLimit: The question is too large to decide.
    """
    given = require_all("steps", steps, Step | Expr)
    ordered = told_apart(step.expression if isinstance(step, Step) else step for step in given)
    return tuple(
        number
        for number, step in enumerate(ordered, 1)
        if not _exists(accepted=(step,), refused=ordered[: number - 1])
    )


def told_apart(expressions: Iterable[Expr]) -> tuple[Expr, ...]:
    """Give each opaque part that says nothing a content of its own, such as no document holds."""
    numbers = count()

    def apart(condition: Condition) -> Condition:
        return Opaque([next(numbers)]) if _is_silent(condition) else condition

    return tuple(
        [
            mapped(expression, apart)
            if any(_is_silent(leaf) for leaf, _, _ in leaves(expression))
            else expression
            for expression in expressions
        ]
    )


def _is_silent(condition: Expr) -> bool:
    return isinstance(condition, Opaque) and _says_nothing(condition.raw)


def _expressions(**given: Expr) -> tuple[Expr, ...]:
    """Take expressions by the names of their parameters; anything else is a `TypeError`."""
    for name, expression in given.items():
        require(name, expression, Expr)
    return tuple(given.values())


def _says_nothing(raw: JSON) -> bool:
    return raw is None or (isinstance(raw, dict) and all(map(_says_nothing, raw.values())))


# How much all questions that share their answers may look at beyond the first turns: some seconds' worth.
TOGETHER: Final = 60_000_000

# A question by the identity of its expressions, which are kept beside the answer so that it stays theirs.
_Asked: TypeAlias = tuple[bool, tuple[int, ...], tuple[int, ...]]


class _Shared:
    """
    What was answered, and how much may still be looked at.

    Attributes:
        answers: Of hard questions alone: to remember an easy one costs as much as to ask it again.
    """

    def __init__(self) -> None:
        self.left = TOGETHER
        self.answers: dict[_Asked, tuple[object, tuple[Expr, ...]]] = {}


_shared: Final[ContextVar[_Shared | None]] = ContextVar("_shared", default=None)


@contextmanager
def shared_answers() -> Iterator[None]:
    """
    Ask each hard question once within, and all of them together no more than a criteria is worth.

    What goes beyond is refused with `AnalysisLimit`; easy questions are still answered. One within
    another is the same as the outer one.
    """
    if _shared.get() is not None:
        yield
        return
    token = _shared.set(_Shared())
    try:
        yield
    finally:
        _shared.reset(token)


def _exists(accepted: tuple[Expr, ...], refused: tuple[Expr, ...]) -> bool:
    return _once(accepted, refused, _can_hold)


def _smallest(accepted: tuple[Expr, ...], refused: tuple[Expr, ...]) -> Counterexample | None:
    return _once(accepted, refused, _cheapest)


def _once(
    accepted: tuple[Expr, ...],
    refused: tuple[Expr, ...],
    decide: Callable[[_Rewriting, Clauses], T],
) -> T:
    """Decide a question, unless it was one of those that share their answers and is known."""
    shared = _shared.get()
    asked = (decide is _cheapest, tuple(map(id, accepted)), tuple(map(id, refused)))
    if shared is not None and asked in shared.answers:
        known = shared.answers[asked][0]
        if isinstance(known, AnalysisLimit):
            raise AnalysisLimit(known.message, hint=known.hint)
        return cast("T", known)
    rewriting = _Rewriting(accepted, refused)
    clauses = rewriting.clauses(most=None if shared is None else shared.left)
    answer: T | AnalysisLimit
    try:
        answer = decide(rewriting, clauses)
    except OverLimitError as error:
        is_cut = clauses.was_cut
        answer = _too_large(rewriting.within, accepted + refused, is_cut=is_cut)
        answer.__cause__ = error
    if shared is not None and (clauses.beyond or isinstance(answer, AnalysisLimit)):
        shared.left -= clauses.beyond
        shared.answers[asked] = answer, accepted + refused
    if isinstance(answer, AnalysisLimit):
        raise answer
    return answer


def _can_hold(_: _Rewriting, clauses: Clauses) -> bool:
    return clauses.can_hold()


def _cheapest(rewriting: _Rewriting, clauses: Clauses) -> Counterexample | None:
    within = rewriting.within
    found = clauses.cheapest(within.prices())
    if found is None:
        return None
    choice = found.values[: len(within.axes)]
    return _checked(within, choice, rewriting.accepted, rewriting.refused, is_smallest=found.is_cheapest)


def _too_large(within: Space, expressions: Iterable[Expr], *, is_cut: bool) -> AnalysisLimit:
    asked = sum(1 for expression in expressions for _ in conditions(expression))
    if is_cut:
        return AnalysisLimit(
            f"cannot decide a question with {asked} conditions about {len(within.axes)} things "
            "beside the hard ones before it",
            hint="ask about fewer steps at a time, or about simpler ones",
        )
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
        self.accepted, self.refused = accepted, refused
        self.within = space((*accepted, *refused))
        self.found: list[dict[int, int]] = []
        self._axes = len(self.within.axes)
        # By identity: what stands in several places, or in both readings of a mixed node, is rewritten once.
        self._switch_of: dict[tuple[int, bool], int] = {}
        self._readings: dict[tuple[int, bool], Formula] = {}
        for expression in accepted:
            self._ask(expression, {}, accepting=True)
        for expression in refused:
            self._ask(expression, {}, accepting=False)

    def clauses(self, *, most: int | None) -> Clauses:
        """Give what was found to who can tell whether it can hold."""
        sizes = [len(kinds) for _, kinds, _ in self.within.axes]
        return Clauses(sizes + [2] * len(self._switch_of), self.found, switches=self._axes, most=most)

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
