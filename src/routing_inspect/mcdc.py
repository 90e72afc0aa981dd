"""
Condition coverage: do tests show that each condition of an expression matters?

A test shows something by stating what the expression says of an agent. A condition is *passed*
by an agent for whom it matches and *failed* by one for whom it does not; for an agent of whom
it cannot be told it is neither. It *decides alone*, shown by two agents of whom tests state
the outcome, if

1. one passes it and the other fails it,
2. all conditions about other things have the same verdict for both, and
3. for each of the two, the outcome is a match with the condition passed and no match with it
   failed (or the other way round), every other condition as it is.

So the outcome differs for the two, and this condition alone is why. Conditions are about one thing
if they ask for the same attribute, or if both list agents: a change of the agent that turns one may be bound
to turn another, so 2 lets these differ where 3 sees to it that they have no part in the outcome.
That is unique-cause MC/DC, with masking for strongly coupled conditions alone (J. Chilenski,
*An Investigation of Three Forms of the Modified Condition Decision Coverage (MCDC) Criterion*,
DOT/FAA/AR-01/18, 2001; CAST-6, 2001). A condition that stands in an expression twice counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias, assert_never

from routing_inspect.contact import Agent
from routing_inspect.evaluate import Verdict, evaluate
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
    unnegated,
)

# Kleene's verdicts as numbers: AND is the least, OR the greatest, NOT the negative.
YES: Final = 1
UNKNOWN: Final = 0
NO: Final = -1
_NUMBERS: Final = {Verdict.MATCH: YES, Verdict.UNKNOWN: UNKNOWN, Verdict.NO_MATCH: NO}
_VERDICTS: Final = {number: verdict for verdict, number in _NUMBERS.items()}

# The verdicts of one agent on the conditions of an expression, in their order.
Vector: TypeAlias = tuple[int, ...]
# What a condition asks about. An opaque part is about nothing but itself, and all lists of agents
# are about who the agent is.
Thing: TypeAlias = Attribute | Opaque | type[AgentIn]


def vector(expression: Expr, agent: Agent) -> Vector:
    """Say what every condition of *expression* says of *agent*."""
    return tuple(_NUMBERS[evaluate(condition, agent).verdict] for condition in conditions(expression))


def outcome(expression: Expr, numbers: Vector) -> Verdict:
    """Say what *expression* says where its conditions say *numbers*."""
    return _VERDICTS[_settle(expression, numbers)]


def decides(expression: Expr, numbers: Vector, number: int) -> bool | None:
    """
    Say whether condition *number*, counted from 0, decides the outcome where the others are as they are.

    Returns:
        None where that hangs on verdicts that are unknown.
    """
    on, off = (
        _settle(expression, (*numbers[:number], verdict, *numbers[number + 1 :])) for verdict in (YES, NO)
    )
    if UNKNOWN in {on, off}:
        return None
    return on != off


def hanging(expression: Expr, numbers: Vector) -> list[int]:
    """Say by number which conditions whose verdict is unknown could still turn the outcome."""
    return _look(expression, iter(enumerate(numbers)))[1]


def things(expression: Expr) -> tuple[Thing, ...]:
    """Say of every condition of *expression* what it asks about."""
    return tuple(_thing(condition) for condition in conditions(expression))


def shown(expression: Expr, number: int, vectors: Iterable[Vector]) -> tuple[Vector, Vector] | None:
    """
    Find two agents who show that condition *number*, counted from 0, decides alone.

    Args:
        expression: What the tests are about.
        number: Which condition of it.
        vectors: The agents of whom tests state the outcome.

    Returns:
        The first two that will do: the one who passes the condition, and the one who fails it.
    """
    about = things(expression)
    seen: dict[Vector, dict[int, Vector]] = {}
    for numbers in vectors:
        if numbers[number] == UNKNOWN or not decides(expression, numbers, number):
            continue
        others = tuple(n for n, thing in zip(numbers, about, strict=True) if thing != about[number])
        sides = seen.setdefault(others, {})
        sides.setdefault(numbers[number], numbers)
        if len(sides) == 2:
            return sides[YES], sides[NO]
    return None


def _settle(expression: Expr, numbers: Vector) -> int:
    return _look(expression, iter(enumerate(numbers)))[0]


def _look(expression: Expr, numbers: Iterator[tuple[int, int]]) -> tuple[int, list[int]]:
    """Settle what can be, taking verdicts in the order of `conditions`; say on what the rest hangs."""
    match expression:
        case And(operands):
            return _join(min, operands, numbers)
        case Or(operands):
            return _join(max, operands, numbers)
        case Mixed(operands):
            return _join(_both_readings, operands, numbers)
        case Not(operand=And() | Or() | Mixed() | Not() as group):
            verdict, hanging = _look(group, numbers)
            return -verdict, hanging
        case Not() | AtLeast() | Between() | AgentIn() | Opaque():
            number, verdict = next(numbers)
            return verdict, [number] if verdict == UNKNOWN else []
        case _:
            assert_never(expression)


def _join(
    join: Callable[[list[int]], int], operands: Iterable[Expr], numbers: Iterator[tuple[int, int]]
) -> tuple[int, list[int]]:
    below = [_look(operand, numbers) for operand in operands]
    verdict = join([verdict for verdict, _ in below])
    return verdict, [number for _, hanging in below for number in hanging] if verdict == UNKNOWN else []


def _both_readings(verdicts: list[int]) -> int:
    return verdicts[0] if min(verdicts) == max(verdicts) else UNKNOWN


def _thing(condition: Expr) -> Thing:
    match unnegated(condition):
        case AtLeast(attribute) | Between(attribute):
            return attribute
        case Opaque() as part:
            return part
        case _:
            return AgentIn
