"""
What it would take: the cheapest changes to an agent, and the smallest ones to an expression.

Levels are set to whole numbers from 1 to 5, which is what Amazon Connect's console and
documentation know. A level that an agent already holds may be any, and stays as it is unless a
change needs it to move. The price of a change is the levels moved, an attribute that is not held
counting as level 0; of equal ones the one that touches fewer attributes is cheaper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from heapq import heappop, heappush
from itertools import count, product
from typing import Final, TypeAlias, assert_never

from attrs import evolve, frozen

from routing_inspect.contact import Agent, user_id
from routing_inspect.errors import AnalysisLimit
from routing_inspect.evaluate import Verdict, evaluate, negate
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
    operands_of,
)
from routing_inspect.places import asked_attributes, leaves, part_at

# None stands for "not held".
Level: TypeAlias = float | None

LEVELS: Final[tuple[Level, ...]] = (None, 1.0, 2.0, 3.0, 4.0, 5.0)

# The largest documented expression, three groups of eight conditions, takes some hundreds.
MAX_PARTS: Final = 300_000
MAX_CHANGES: Final = 1_000


@frozen
class Edit:
    """
    One proficiency of an agent set to another level.

    Attributes:
        before: The level held; None: the agent does not hold the attribute.
        after: The level to hold; None: the attribute is taken away.
    """

    attribute: Attribute
    before: Level
    after: Level


@frozen
class Change:
    """
    Edits that together make an agent match.

    Attributes:
        edits: In the order in which the expression mentions the attributes; never empty.
        cost: Levels moved in all.
    """

    edits: tuple[Edit, ...]
    cost: float


@frozen
class Relaxation:
    """
    One condition of an expression asked less strictly.

    Attributes:
        condition: The condition as it stands, negated or not.
        relaxed: What to write in its place; None: take it out.
        expression: The whole expression with that done.
        levels: By how many levels its bounds move; 0 where it lists agents, or is taken out.
    """

    condition: Expr
    relaxed: Expr | None
    expression: Expr
    levels: float


def changes(expression: Expr, agent: Agent) -> list[Change]:
    """
    Find every cheapest change to an agent's proficiencies that makes it match.

    Only what certainly matches counts: a part whose verdict cannot be told never helps.

    Returns:
        All that cost the same least, in a stable order. Empty where the agent matches already,
        where no proficiency could make it match, and where its proficiencies are not known.

    Raises:
        AnalysisLimit: The question is too large to decide, or has more than 1,000 answers.
    """
    if evaluate(expression, agent).verdict is Verdict.MATCH or agent.proficiencies is None:
        return []
    return _Search(expression, agent).run()


def relaxations(expression: Expr, agent: Agent) -> list[Relaxation]:
    """
    Find the smallest way to ask less of each one condition that makes an agent match.

    A condition whose bounds cannot be moved far enough is taken out, if anything is left without it.

    Returns:
        At most one for each condition of the expression: first those that move a bound, by how far,
        then those that change a list of agents, then those that take a condition out. Empty where the
        agent matches already, and where no condition stands alone in its way.
    """
    if evaluate(expression, agent).verdict is Verdict.MATCH:
        return []
    found = list(_relaxations(expression, agent))
    return sorted(found, key=lambda relaxation: (_rank(relaxation), relaxation.levels))


# ---------------------------------------------------------------------------- changes to an agent

# What is wanted of which expression.
_Goal: TypeAlias = tuple[Expr, Verdict]
# Which levels an attribute may still have; one that is not in it may have any.
_Box: TypeAlias = Mapping[Attribute, tuple[Level, ...]]
# Levels moved, attributes touched.
_Price: TypeAlias = tuple[Fraction | int, int]
_State: TypeAlias = tuple[_Box, tuple[_Goal, ...]]


class _Search:
    """
    A search for the cheapest levels, the cheapest first.

    A state is a box of levels, and groups of which one operand is still to be met. What a box costs
    at least is known, attribute by attribute, so the first box without such a group is a cheapest one.
    """

    def __init__(self, expression: Expr, agent: Agent) -> None:
        self.expression = expression
        self.agent = agent
        self.held: Mapping[Attribute, float] = agent.proficiencies or {}
        self.found: dict[tuple[Edit, ...], None] = {}
        self.parts = 0

    def run(self) -> list[Change]:
        pushed = count()
        queue: list[tuple[_Price, int, _State]] = []
        best: _Price | None = None
        states = list(self._settled({}, ((self.expression, Verdict.MATCH),)))
        while True:
            for state in states:
                heappush(queue, (self._price(state[0]), next(pushed), state))
            if not queue or best not in {None, queue[0][0]}:
                return [Change(edits, float(_moved(edits))) for edits in self.found]
            price, _, (box, goals) = heappop(queue)
            states = list(self._next(box, goals))
            if not goals:
                best = price
                self._add_cheapest(box)

    def _next(self, box: _Box, goals: tuple[_Goal, ...]) -> list[_State]:
        if not goals:
            return []
        (group, wanted), *others = goals
        states = [
            state
            for operand in operands_of(group)
            for state in self._settled(box, ((operand, wanted), *others))
        ]
        # An operand that the whole box meets leaves nothing to choose.
        met = [state for state in states if state == (box, tuple(others))]
        return met[:1] or states

    def _settled(self, box: _Box, goals: tuple[_Goal, ...]) -> Iterator[_State]:
        """Work through the goals that leave no choice; nothing comes out where one cannot be met."""
        narrowed, pending, choices = dict(box), [*reversed(goals)], list[_Goal]()
        while pending:
            expression, wanted = pending.pop()
            self.parts += 1
            if self.parts > MAX_PARTS:
                raise self._too_large(f"not found in {MAX_PARTS:,} looks at a part of it")
            match expression:
                case AtLeast() | Between():
                    narrowed[expression.attribute] = self._levels(expression, wanted, narrowed)
                    if not narrowed[expression.attribute]:
                        return
                case AgentIn() | Opaque():
                    if evaluate(expression, self.agent).verdict is not wanted:
                        return
                case Not(operand):
                    pending.append((operand, negate(wanted)))
                case And() | Or() | Mixed():
                    # Both readings of a mixed node must agree, so every member has to be as wanted.
                    free = Or if wanted is Verdict.MATCH else And
                    if isinstance(expression, free):
                        choices.append((expression, wanted))
                    else:
                        pending += [(operand, wanted) for operand in reversed(expression.operands)]
                case _:
                    assert_never(expression)
        yield narrowed, tuple(choices)

    def _levels(self, condition: AtLeast | Between, wanted: Verdict, box: _Box) -> tuple[Level, ...]:
        levels = box.get(condition.attribute) or dict.fromkeys((*LEVELS, self.held.get(condition.attribute)))
        return tuple(level for level in levels if _verdict(condition, level) is wanted)

    def _price(self, box: _Box) -> _Price:
        prices = [min(self._move(attribute, level) for level in levels) for attribute, levels in box.items()]
        return sum(moved for moved, _ in prices), sum(touched for _, touched in prices)

    def _move(self, attribute: Attribute, level: Level) -> _Price:
        held = self.held.get(attribute)
        return _distance(held or 0, level or 0), int(level != held)

    def _add_cheapest(self, box: _Box) -> None:
        """Take down every cheapest point of a box."""
        mentioned = [attribute for attribute in _mentioned(self.expression) if attribute in box]
        choices = []
        for attribute in mentioned:
            price = min(self._move(attribute, level) for level in box[attribute])
            levels = [level for level in box[attribute] if self._move(attribute, level) == price]
            choices.append([Edit(attribute, self.held.get(attribute), level) for level in levels])
        for corner in product(*choices):
            self.found[tuple(edit for edit in corner if edit.before != edit.after)] = None
            if len(self.found) > MAX_CHANGES:
                raise self._too_large(f"there are more than {MAX_CHANGES:,}")

    def _too_large(self, message: str) -> AnalysisLimit:
        size = sum(1 for _ in conditions(self.expression))
        return AnalysisLimit(
            f"the cheapest changes for an expression of {size} conditions: {message}",
            hint="ask about a part of the expression",
        )


def _moved(edits: tuple[Edit, ...]) -> Fraction | int:
    return sum(_distance(edit.before or 0, edit.after or 0) for edit in edits)


def _verdict(condition: AtLeast | Between, level: Level) -> Verdict:
    proficiencies = {} if level is None else {condition.attribute: level}
    return evaluate(condition, Agent(id="", proficiencies=proficiencies)).verdict


def _mentioned(expression: Expr) -> dict[Attribute, None]:
    """Give the attributes of an expression in the order of their first mention."""
    return dict.fromkeys(asked_attributes(expression))


# ---------------------------------------------------------------------------- changes to an expression

# Which operand to go down to, again and again, to get to a part of an expression.
_Route: TypeAlias = tuple[int, ...]


def _relaxations(expression: Expr, agent: Agent) -> Iterator[Relaxation]:
    for condition, place, is_negated in leaves(expression):
        route = place.condition or ()
        weaker = [
            (moved, _replaced(expression, route, leaf))
            for moved, leaf in _weaker(condition, agent, is_negated=is_negated)
        ]
        enough = [row for row in weaker if evaluate(row[1], agent).verdict is Verdict.MATCH]
        if enough:
            moved, whole = min(enough, key=lambda row: row[0])
            yield Relaxation(_signed(expression, route), _signed(whole, route), whole, float(moved))
            continue
        left = _without(expression, route, is_negated=False)
        if left and evaluate(left[0], agent).verdict is Verdict.MATCH:
            yield Relaxation(_signed(expression, route), None, left[0], 0.0)


def _rank(relaxation: Relaxation) -> int:
    if relaxation.relaxed is None:
        return 2
    return 0 if relaxation.levels else 1


def _weaker(condition: Expr, agent: Agent, *, is_negated: bool) -> Iterator[tuple[Fraction | int, Expr]]:
    """Give a condition with its bounds moved so that it lets more agents in, with how far they move."""
    match condition:
        case AtLeast(attribute, level):
            for bound in (1.0, 2.0, 3.0, 4.0, 5.0):
                if bound != level and (bound > level) is is_negated:
                    yield _distance(level, bound), AtLeast(attribute, bound)
        case Between(attribute, low, high):
            for lower, upper in product((low, *range(1, 6)), (high, *range(1, 6))):
                inside = low <= lower <= upper <= high
                around = lower <= low and upper >= high
                if (lower, upper) != (low, high) and (inside if is_negated else around):
                    yield _distance(low, lower) + _distance(high, upper), Between(attribute, lower, upper)
        case AgentIn(agent_ids) if is_negated:
            others = [text for text in agent_ids if user_id(text) not in {agent.id, agent.username}]
            if others:
                yield 0, AgentIn(others)
        case AgentIn(agent_ids):
            yield 0, AgentIn((*agent_ids, agent.id))
        case _:
            return


def _distance(before: float, after: float) -> Fraction | int:
    """Say how far apart two levels are, exactly: sums in another order are the same sums."""
    if before == int(before) and after == int(after):
        return abs(int(after) - int(before))
    return abs(Fraction(after) - Fraction(before))


def _signed(expression: Expr, route: _Route) -> Expr:
    """Give a condition with the NOT that stands directly before it."""
    above = part_at(expression, route[:-1])
    return above if isinstance(above, Not) else part_at(expression, route)


def _replaced(expression: Expr, route: _Route, leaf: Expr) -> Expr:
    if not route:
        return leaf
    operands = list(operands_of(expression))
    operands[route[0]] = _replaced(operands[route[0]], route[1:], leaf)
    return _with_operands(expression, operands)


def _with_operands(expression: Expr, operands: list[Expr]) -> Expr:
    if isinstance(expression, And | Or | Mixed):
        return evolve(expression, operands=tuple(operands))
    return Not(operands[0])


def _without(expression: Expr, route: _Route, *, is_negated: bool) -> list[Expr] | None:
    """
    Take a condition out.

    Returns:
        What is left, as a list of one; empty where nothing is. None where it cannot be taken out, or
        would then let fewer agents in.
    """
    if not route:
        return []
    if isinstance(expression, Mixed):
        return None  # what the service makes of the rest would be another guess
    here, *_ = route
    operands = list(operands_of(expression))
    left = _without(operands[here], route[1:], is_negated=is_negated is not isinstance(expression, Not))
    if left is None:
        return None
    if left:
        operands[here : here + 1] = left
        return [_with_operands(expression, operands)]
    if len(operands) == 1:
        return []
    if isinstance(expression, Or) is not is_negated:
        return None
    del operands[here]
    return operands if len(operands) == 1 else [_with_operands(expression, operands)]
