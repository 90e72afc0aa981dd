"""Where in a criteria a finding is, and the ways through its expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, assert_never

from attrs import frozen

from routing_inspect.expr import (
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
    operands_of,
)
from routing_inspect.findings import Finding


@frozen
class Place:
    """
    Which part of a criteria something is about; see `Finding`.

    Attributes:
        step: The number of the step, from 1; None for an expression that is no step's.
        condition: The way down in its expression; None for the step itself.
    """

    step: int | None
    condition: tuple[int, ...] | None = None


NOWHERE: Final = Place(None)


def found(place: Place, finding_id: str, message: str, hint: str | None = None) -> Finding:
    """Make a finding about *place*."""
    where = "" if place.step is None else f"step {place.step}"
    return Finding(finding_id, message, hint, where, step=place.step, condition=place.condition)


def below(place: Place, operand: int) -> Place:
    """Give the place of an operand, counted from 0."""
    return Place(place.step, (*(place.condition or ()), operand))


def parts(
    expression: Expr, place: Place = NOWHERE, *, negated: bool = False
) -> Iterator[tuple[Expr, Place, bool]]:
    """
    Go through an expression and all its parts, the whole before its parts.

    Returns:
        Each part, where it is, and whether it stands under an odd number of NOTs.
    """
    yield expression, place, negated
    inner = negated is not isinstance(expression, Not)
    for i, operand in enumerate(operands_of(expression)):
        yield from parts(operand, below(place, i), negated=inner)


def leaves(expression: Expr, place: Place = NOWHERE) -> Iterator[tuple[Expr, Place, bool]]:
    """Go through the conditions of an expression alone; see `parts`."""
    for part, where, negated in parts(expression, place):
        if not operands_of(part):
            yield part, where, negated


def asked_attributes(expression: Expr) -> Iterator[Attribute]:
    """Give the attributes that an expression asks for, in its order, as often as it does."""
    for condition, _, _ in leaves(expression):
        if isinstance(condition, AtLeast | Between):
            yield condition.attribute


def mapped(expression: Expr, change: Callable[[Condition], Condition]) -> Expr:
    """Change the conditions of an expression one by one, and keep its shape."""
    match expression:
        case Not(operand):
            return Not(mapped(operand, change))
        case And(operands):
            return And(mapped(operand, change) for operand in operands)
        case Or(operands):
            return Or(mapped(operand, change) for operand in operands)
        case Mixed(operands):
            return Mixed(mapped(operand, change) for operand in operands)
        case AtLeast() | Between() | AgentIn() | Opaque():
            return change(expression)
        case _:
            assert_never(expression)


def part_at(expression: Expr, condition: tuple[int, ...]) -> Expr:
    """
    Follow the way down that a finding gives.

    Raises:
        IndexError: The expression has no such part.
    """
    for operand in condition:
        expression = operands_of(expression)[operand]
    return expression
