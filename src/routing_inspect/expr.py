"""
What a routing expression is.

An expression says which agents a step lets in.
It is one frozen record per construct, joined in the union `Expr`; functions elsewhere
take it apart with ``match``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from attrs import field, frozen

from routing_inspect.arguments import require, require_all
from routing_inspect.document import JSON, canonical, plain
from routing_inspect.errors import NestingError

# Amazon Connect states no depth; it documents an OR of ANDs. Past this, Python versions differ in
# what they survive, so every way in refuses the same documents.
MAX_DEPTH: Final = 64


@frozen(order=True)
class Attribute:
    """
    A predefined attribute and one of its values, such as ``Technology(AWS DynamoDB)``.

    Both are compared exactly, code point by code point: ``french`` is not ``French``.
    """

    name: str
    value: str


def _level(value: float) -> float:
    level = float(value)
    if not math.isfinite(level):
        raise ValueError(f"a proficiency level is a finite number, found {level}")
    return level


def _attribute(_: object, __: object, attribute: Attribute) -> None:
    require("attribute", attribute, Attribute)


def _expressions(operands: Iterable[Expr]) -> tuple[Expr, ...]:
    return require_all("operands", operands, Expr)


def _ids(agent_ids: Iterable[str]) -> tuple[str, ...]:
    return require_all("agent_ids", agent_ids, str)


def _groups_below(operands: Iterable[Expr]) -> int:
    return max(depth(operand) for operand in operands)


@frozen
class AtLeast:
    """
    The agent holds *attribute* at *level* or higher; ``NumberGreaterOrEqualTo`` on the wire.

    Attributes:
        level: 1.0 to 5.0 in a document the service accepts; any finite number is compared as it is.
        written: The document's own condition where it said this in another way than the
            library would (operator absent, a second payload), its levels as floats; None
            otherwise. Not compared.
    """

    attribute: Attribute = field(validator=_attribute)
    level: float = field(converter=_level)
    written: Mapping[str, Any] | None = field(default=None, eq=False, repr=False, kw_only=True)


@frozen
class Between:
    """
    The agent holds *attribute* at a level from *low* to *high*, both included; ``Range`` on the wire.

    Attributes:
        low: A document that leaves it out means 1.
        high: A document that leaves it out means 5. Below *low*, nobody matches.
        written: As in `AtLeast`.
    """

    attribute: Attribute = field(validator=_attribute)
    low: float = field(converter=_level)
    high: float = field(converter=_level)
    written: Mapping[str, Any] | None = field(default=None, eq=False, repr=False, kw_only=True)


@frozen
class AgentIn:
    """
    The agent is one of these: preferred agents, ``Match`` on the wire.

    Attributes:
        agent_ids: User ids, or ARNs that end in one, in the order of the document. Empty: nobody.
        written: As in `AtLeast`.
    """

    agent_ids: tuple[str, ...] = field(converter=_ids)
    written: Mapping[str, Any] | None = field(default=None, eq=False, repr=False, kw_only=True)


@frozen
class Opaque:
    """
    A part this version does not understand, kept as it stood; whether it matches is unknown.

    Attributes:
        raw: The expression node as plain JSON, its known members spelled as in the API.
            None where a step had no expression at all.
    """

    raw: JSON = field(converter=plain, eq=canonical)


@frozen(cache_hash=True)
class Not:
    """
    Everybody whom *operand* does not let in.

    On the wire only a condition can be negated; writing pushes a negated group down.
    """

    operand: Expr
    _depth: int = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        require("operand", self.operand, Expr)
        # A negated condition is itself a condition, as it is on the wire, not a group.
        below = depth(self.operand)
        _set_depth(self, below if isinstance(self.operand, Condition) else below + 1)


@frozen(cache_hash=True)
class And:
    """
    Agents whom all *operands* let in.

    Raises:
        ValueError: There is no operand: an empty AND would say "everybody" in silence.
    """

    operands: tuple[Expr, ...] = field(converter=_expressions)
    _depth: int = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _require(self.operands, "AND", at_least=1)
        _set_depth(self, _groups_below(self.operands) + 1)


@frozen(cache_hash=True)
class Or:
    """
    Agents whom at least one of *operands* lets in.

    Raises:
        ValueError: There is no operand: an empty OR would say "nobody" in silence.
    """

    operands: tuple[Expr, ...] = field(converter=_expressions)
    _depth: int = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _require(self.operands, "OR", at_least=1)
        _set_depth(self, _groups_below(self.operands) + 1)


@frozen(cache_hash=True)
class Mixed:
    """
    One wire node with several members side by side, which the service leaves undefined.

    Agents match where reading the members as AND and reading them as OR both say so;
    where the two readings differ, the verdict is unknown.

    Raises:
        ValueError: There are fewer than two operands, or one is itself a `Mixed`.
    """

    operands: tuple[Expr, ...] = field(converter=_expressions)
    _depth: int = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _require(self.operands, "a mixed node", at_least=2)
        # INVARIANT: a mixed node adds no depth, so it must not be able to nest in itself.
        if any(isinstance(operand, Mixed) for operand in self.operands):
            raise ValueError("a mixed node cannot be a member of another")
        _set_depth(self, _groups_below(self.operands))


Condition: TypeAlias = AtLeast | Between | AgentIn | Opaque
Expr: TypeAlias = AtLeast | Between | AgentIn | Opaque | Not | And | Or | Mixed


def depth(expression: Expr) -> int:
    """
    Count how many groups nest in *expression*: 0 for a condition, negated or not.

    Known from construction, so it costs nothing.
    """
    match expression:
        case Not(_depth=groups) | And(_depth=groups) | Or(_depth=groups) | Mixed(_depth=groups):
            return groups
        case _:
            return 0


def operands_of(expression: Expr) -> tuple[Expr, ...]:
    """Give what *expression* is made of; nothing for a condition."""
    match expression:
        case Not(operand):
            return (operand,)
        case And(operands) | Or(operands) | Mixed(operands):
            return operands
        case _:
            return ()


def unnegated(expression: Expr) -> Expr:
    """Give what stands under a NOT; *expression* itself where it is none."""
    return expression.operand if isinstance(expression, Not) else expression


def is_condition(expression: Expr) -> bool:
    """Say whether *expression* counts as one condition: one that is negated does."""
    return isinstance(unnegated(expression), Condition)


def conditions(expression: Expr) -> Iterator[Expr]:
    """Go through the conditions of *expression* in order, a negated condition counting as one."""
    if is_condition(expression):
        yield expression
        return
    for operand in operands_of(expression):
        yield from conditions(operand)


def is_reference(text: str) -> bool:
    """
    Say whether *text* is a JSONPath that a flow fills in, such as ``$.External.language``.

    ``$['External']['language']`` is another spelling of the same.

    No attribute, value or agent id can begin so: the service admits no ``$`` in them.
    """
    return text.startswith(("$.", "$["))


def has_reference(attribute: Attribute) -> bool:
    """Say whether a flow fills in the name or the value of *attribute*; see `is_reference`."""
    return is_reference(attribute.name) or is_reference(attribute.value)


def _require(operands: tuple[Expr, ...], name: str, *, at_least: int) -> None:
    if len(operands) < at_least:
        raise ValueError(f"{name} needs at least {at_least} operand{'s' if at_least > 1 else ''}")


def _set_depth(node: Not | And | Or | Mixed, groups: int) -> None:
    if groups > MAX_DEPTH:
        raise NestingError(
            f"groups nest more than {MAX_DEPTH} deep",
            hint="rewrite it flatter: Amazon Connect documents an OR of ANDs, two deep",
        )
    object.__setattr__(node, "_depth", groups)
