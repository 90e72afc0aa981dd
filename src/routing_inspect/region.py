"""
What an expression accepts, as exact finite sets.

The conditions at hand cut what an agent can be into a few *kinds* along each of a few *axes*: the
level of one attribute, who the agent is, what one part that nobody can tell stands for. Agents of
one kind along every axis are told apart by no condition, so a question about all agents is one
about finitely many.

Agents here are such as Amazon Connect can have. What they hold is known, each attribute not at all
or at any level from 1 to 5, whole or not. No username looks like a user id, and where a list holds a
user id, everybody has one; else the names in lists may be ids themselves, as in a roster by name.

A part whose verdict `evaluate` cannot tell is open: it may hold or not, the same wherever equal
contents stand. Its axis has a kind more, *left open*, on which it counts neither as holding nor as
not holding. Along it, what a formula says is what `evaluate` says: UNKNOWN is that neither
`accepts` nor `refuses` holds.

- An attribute with a reference in it, such as ``Language($.External.language)``, has levels like
  any other, but nobody knows which attribute's: at ``>= 4`` it is at ``>= 3`` as well.
- A reference among agent ids may stand for the agent or not.
- A listed username may count for the agent who has it or not.
- An opaque part may hold or not.
- A mixed node may be read as OR or as AND.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from itertools import count, pairwise
from math import inf, lcm
from typing import Final, NamedTuple, TypeAlias, assert_never

from attrs import field, frozen

from routing_inspect.contact import Agent, is_user_id, user_id
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
    has_reference,
    is_reference,
)


class Who(Enum):
    """The two things by which a list of agents can name one."""

    ID = "id"
    USERNAME = "username"


# What an axis is about; text is a reference among agent ids.
Subject: TypeAlias = Attribute | Who | Opaque | Mixed | str


class Cost(NamedTuple):
    """
    How far an agent is from the simplest one; the smaller, the sooner it is shown.

    Attributes:
        fractional: Levels between two whole ones. Amazon Connect documents whole ones alone, so
            such an agent comes last.
        assumed: Open parts that count as holding or as not holding.
        held: Attributes held.
        level: The levels, added up.
        named: Ids that a list names.
    """

    fractional: int = 0
    assumed: int = 0
    held: int = 0
    level: float = 0.0
    named: int = 0


class Kind(NamedTuple):
    """
    One kind of agents along one axis, and the simplest of them.

    Attributes:
        value: The level held, the id or the username; whether an open part holds, or a mixed node
            is read as OR. None: not held, somebody whom no list names, or left open.
        holds: Bit *n* is set where condition *n* about the axis holds.
    """

    cost: Cost
    value: float | str | bool | None
    holds: int


class Axis(NamedTuple):
    """
    One thing in which agents differ.

    Attributes:
        kinds: The simplest first; never empty. Numbered from 0, a set of them is an integer with
            these bits.
        is_open: Whether kind 0 is that of a part left open.
    """

    subject: Subject
    kinds: tuple[Kind, ...]
    is_open: bool = False


class Within(NamedTuple):
    """Agents whose kind along an axis, by its number, is one of *kinds*."""

    axis: int
    kinds: int


class Every(NamedTuple):
    """Agents of whom all of *parts* hold; everybody where there is none."""

    parts: tuple[Formula, ...]


class Some(NamedTuple):
    """Agents of whom at least one of *parts* holds; nobody where there is none."""

    parts: tuple[Formula, ...]


# What is left of an expression: no NOT, and nothing open.
Formula: TypeAlias = Within | Every | Some
# Whom a part accepts, and whom it refuses.
Sides: TypeAlias = tuple[Formula, Formula]
# What has sides of its own.
Part: TypeAlias = AtLeast | Between | AgentIn | Opaque | Mixed
# The lowest and the highest level.
Bounds: TypeAlias = tuple[float, float]
# One kind along each axis.
Choice: TypeAlias = Sequence[int]


@frozen
class Space:
    """
    Every kind of agent that some expressions can tell apart.

    Attributes:
        sides: Whom each part accepts and refuses. By identity, as parts are looked up far more often
            than they are equal.
    """

    axes: tuple[Axis, ...]
    _parts: tuple[Part, ...] = field(repr=False)
    sides: Mapping[int, Sides] = field(repr=False)

    def accepts(self, expression: Expr) -> Formula:
        """Say whom *expression* accepts, whatever is left open."""
        match expression:
            case Not(operand):
                return self.refuses(operand)
            case And(operands):
                return Every(tuple([self.accepts(operand) for operand in operands]))
            case Or(operands):
                return Some(tuple([self.accepts(operand) for operand in operands]))
            case Mixed(operands):
                parts = tuple([self.accepts(operand) for operand in operands])
                return Some((Every(parts), Every((Some(parts), self.sides[id(expression)][0]))))
            case AtLeast() | Between() | AgentIn() | Opaque():
                return self.sides[id(expression)][0]
            case _:
                assert_never(expression)

    def refuses(self, expression: Expr) -> Formula:
        """Say whom *expression* does not accept, whatever is left open."""
        match expression:
            case Not(operand):
                return self.accepts(operand)
            case And(operands):
                return Some(tuple([self.refuses(operand) for operand in operands]))
            case Or(operands):
                return Every(tuple([self.refuses(operand) for operand in operands]))
            case Mixed(operands):
                parts = tuple([self.refuses(operand) for operand in operands])
                return Some((Every(parts), Every((Some(parts), self.sides[id(expression)][1]))))
            case AtLeast() | Between() | AgentIn() | Opaque():
                return self.sides[id(expression)][1]
            case _:
                assert_never(expression)

    def agent(self, choice: Choice) -> Agent:
        """Make the simplest agent of one kind."""
        levels: dict[Attribute, float] = {}
        who: dict[Who, str] = {}
        for axis, chosen in zip(self.axes, choice, strict=True):
            value = axis.kinds[chosen].value
            match axis.subject:
                case Attribute() as attribute if value is not None and not axis.is_open:
                    levels[attribute] = float(value)
                case Who() as name if value is not None:
                    who[name] = str(value)
                case _:
                    pass
        listed = {text for part in self._parts if isinstance(part, AgentIn) for text in _texts(part)}
        username = who.get(Who.USERNAME)
        # Of an agent with a user id, `evaluate` takes a username that is not known for any listed one,
        # and of one without, the user id that is not known for any listed one.
        has_id = any(map(is_user_id, listed))
        agent_id = who.get(Who.ID) or (_unlisted_id(listed) if has_id else _unlisted("somebody", listed))
        if (
            username is None
            and is_user_id(agent_id)
            and (Who.ID not in who or not all(map(is_user_id, listed)))
        ):
            username = _unlisted("somebody", listed)
        return Agent(id=agent_id, username=username, proficiencies=levels)

    def prices(self) -> list[list[int]]:
        """Say for every kind along each axis what it costs; sums compare as their `Cost` do."""
        costs = [[kind.cost for kind in axis.kinds] for axis in self.axes]
        scale = lcm(
            *(cost.level.as_integer_ratio()[1] for along in costs for cost in along if cost.fractional)
        )
        most = len(costs) + 1
        steps = sum(int(scale * max(cost.level for cost in along)) for along in costs) + 1
        return [
            [
                (((c.fractional * most + c.assumed) * most + c.held) * steps + int(c.level * scale)) * most
                + c.named
                for c in along
            ]
            for along in costs
        ]

    def assumed(self, choice: Choice) -> dict[Expr, bool]:
        """Say which parts that can be open hold for one kind, and which do not; not those left open."""
        found: dict[Expr, bool] = {}
        for part in self._parts:
            yes, no = self.sides[id(part)]
            if isinstance(part, AtLeast | Between) and not has_reference(part.attribute):
                continue
            if _says(yes, choice):
                found[part] = True
            elif _says(no, choice):
                found[part] = False
        return found


def space(expressions: Iterable[Expr]) -> Space:
    """Find every kind of agent that some *expressions* can tell apart."""
    # By name and value, which hash and compare faster than an `Attribute` does.
    about: dict[tuple[str, str], tuple[Attribute, list[int], list[Bounds]]] = {}
    lists: dict[int, AgentIn] = {}
    opens: dict[Opaque | Mixed, list[int]] = {}
    parts: list[Part] = []
    _gather(expressions, parts)
    for part in parts:
        match part:
            case AtLeast():
                bounds = (part.level, inf)
            case Between():
                bounds = (part.low, part.high)
            case AgentIn():
                lists[id(part)] = part
                continue
            case _:
                opens.setdefault(part, []).append(id(part))
                continue
        attribute = part.attribute
        name = (attribute.name, attribute.value)
        asked = about.get(name)
        if asked is None:
            asked = about[name] = (attribute, [], [])
        asked[1].append(id(part))
        asked[2].append(bounds)
    axes: list[Axis] = []
    sides: dict[int, Sides] = {}
    for attribute, ids, along in about.values():
        is_open = has_reference(attribute)
        kinds, halves = _cut(len(axes), tuple(along), is_open)
        sides.update(zip(ids, halves, strict=True))
        axes.append(Axis(attribute, kinds, is_open))
    for open_part, places in opens.items():
        halves_of_it = Within(len(axes), 0b010), Within(len(axes), 0b100)
        sides.update(dict.fromkeys(places, halves_of_it))
        axes.append(Axis(open_part, _OPEN, is_open=True))
    if lists:
        _add_lists(axes, lists, sides)
    return Space(tuple(axes), tuple(parts), sides)


_NOBODY: Final = Cost()
_NAMED: Final = Cost(named=1)
_ASSUMED: Final = Cost(assumed=1)
_OPEN: Final = (
    Kind(_NOBODY, value=None, holds=0),
    Kind(_ASSUMED, value=True, holds=1),
    Kind(_ASSUMED, value=False, holds=0),
)
_WHOLE: Final = (1.0, 2.0, 3.0, 4.0, 5.0)


def _gather(expressions: Iterable[Expr], parts: list[Part]) -> None:
    """Add all conditions without their NOTs, and all mixed nodes, in order, to *parts*."""
    for expression in expressions:
        match expression:
            case AtLeast() | Between() | AgentIn() | Opaque():
                parts.append(expression)
            case And(operands) | Or(operands):
                _gather(operands, parts)
            case Not(operand):
                _gather((operand,), parts)
            case Mixed(operands):
                parts.append(expression)
                _gather(operands, parts)
            case _:
                assert_never(expression)


@lru_cache(maxsize=4096)
def _cut(
    axis: int,
    bounds: tuple[Bounds, ...],
    is_open: bool,  # noqa: FBT001  (a cache looks up what is named three times slower)
) -> tuple[tuple[Kind, ...], tuple[Sides, ...]]:
    """
    Divide the levels of an attribute, from 1 to 5, and not holding it, into kinds along *axis*.

    Returns:
        The kinds, and for each pair of *bounds* those within and those not.
    """
    not_held = Kind(_NOBODY, None, 0)
    kinds = [not_held, Kind(_ASSUMED, None, 0)] if is_open else [not_held]
    seen = {0}
    for level in _candidates(bounds):
        holds = sum(1 << bit for bit, (low, high) in enumerate(bounds) if low <= level <= high)
        if holds not in seen:
            seen.add(holds)
            cost = Cost(fractional=not level.is_integer(), held=1, level=level)
            kinds.append(Kind(_ASSUMED if is_open else cost, level, holds))
    # A range upside down holds nobody, whichever attribute a reference stands for.
    halves = (_halves(kinds, bit, is_open=is_open and low <= high) for bit, (low, high) in enumerate(bounds))
    return tuple(kinds), tuple((Within(axis, having), Within(axis, lacking)) for having, lacking in halves)


def _halves(kinds: Sequence[Kind], condition: int, *, is_open: bool) -> tuple[int, int]:
    """Give the kinds for which *condition*, by its number, holds, and those for which it does not."""
    having = sum(1 << kind for kind, (_, _, holds) in enumerate(kinds) if holds >> condition & 1)
    return having, (1 << len(kinds)) - 1 - is_open & ~having


def _candidates(bounds: Iterable[Bounds]) -> Iterator[float]:
    """Give levels among which there is one of every kind, whole ones first, each time the lowest first."""
    yield from _WHOLE
    ends = {end for pair in bounds for end in pair if 1 < end < 5}
    # No condition starts after a whole level without saying so, but a range ends on one.
    points = sorted(ends.union(_WHOLE))
    between = [(low + high) / 2 for low, high in pairwise(points) if low in ends or high in ends]
    yield from sorted({*between, *ends}.difference(_WHOLE))


def _add_lists(axes: list[Axis], lists: Mapping[int, AgentIn], sides: dict[int, Sides]) -> None:
    """Add the axes on which lists of agents hang."""
    texts = {same: _texts(part) for same, part in lists.items()}
    holding: dict[str, int] = {}
    references: dict[str, None] = {}
    for bit, listed in enumerate(texts.values()):
        for text in listed:
            if is_reference(text):
                references.setdefault(text)
            else:
                holding[text] = holding.get(text, 0) | 1 << bit
    named = {text: is_user_id(text) for text in holding}
    # A name stands for its agent as an id would, unless agents are known to be named by an id as well.
    both = len(set(named.values())) == 2
    ids = {0: Kind(_NOBODY, None, 0)}
    usernames = {0: Kind(_NOBODY, None, 0)}
    for text, holds in holding.items():
        if both and not named[text]:
            usernames.setdefault(holds, Kind(Cost(assumed=1, named=1), text, holds))
        else:
            ids.setdefault(holds, Kind(_NAMED, text, holds))
    places: dict[Who | str, int] = {Who.ID: len(axes)}
    axes.append(Axis(Who.ID, tuple(ids.values())))
    if both:
        places[Who.USERNAME] = len(axes)
        axes.append(Axis(Who.USERNAME, tuple(usernames.values())))
    for reference in references:
        places[reference] = len(axes)
        axes.append(Axis(reference, _OPEN, is_open=True))
    for bit, (same, listed) in enumerate(texts.items()):
        sides[same] = _listed(axes, places, bit, listed)


def _listed(axes: Sequence[Axis], places: Mapping[Who | str, int], bit: int, listed: Iterable[str]) -> Sides:
    """Say whom list number *bit* accepts and refuses, *places* being the axes that lists hang on."""
    asked = [(places[who], bit) for who in Who if who in places]
    asked += [(places[text], 0) for text in dict.fromkeys(listed) if is_reference(text)]
    yes: list[Formula] = []
    no: list[Formula] = []
    for place, condition in asked:
        having, lacking = _halves(axes[place].kinds, condition, is_open=axes[place].is_open)
        yes.append(Within(place, having))
        no.append(Within(place, lacking))
    return Some(tuple(yes)), Every(tuple(no))


def _texts(condition: AgentIn) -> list[str]:
    return [user_id(agent_id) for agent_id in condition.agent_ids]


def _unlisted(name: str, listed: Container[str]) -> str:
    """Make a name of *name* that is not listed."""
    return next(made for n in count(1) if (made := name if n == 1 else f"{name}-{n}") not in listed)


def _unlisted_id(listed: Container[str]) -> str:
    """Make a user id that is not listed."""
    return next(made for n in count() if (made := f"00000000-0000-4000-8000-{n:012}") not in listed)


def _says(formula: Formula, choice: Choice) -> bool:
    match formula:
        case Within(axis, kinds):
            return bool(kinds >> choice[axis] & 1)
        case Every(parts):
            return all(_says(part, choice) for part in parts)
        case Some(parts):
            return any(_says(part, choice) for part in parts)
        case _:
            assert_never(formula)
