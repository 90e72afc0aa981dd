"""
The reference semantics over many agents at once: for each question one bit per agent.

Python's integers are the bitsets, the first agent of the roster at the highest bit.
A row holds the agents who hold an attribute at a level or higher; AND, OR and NOT over a whole roster
are then one operation each.
`evaluate` says the same of one agent, and why.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import accumulate, chain, compress
from operator import and_, or_
from typing import Final, NamedTuple, TypeAlias, assert_never

from routing_inspect.arguments import require
from routing_inspect.contact import Agent, Roster, is_user_id, user_id
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
    conditions,
    has_reference,
    is_condition,
    is_reference,
    operands_of,
)
from routing_inspect.visible import visible
from routing_inspect.words import counted

# How many expressions an index keeps ready; a centre has hundreds.
MOST_PLANS: Final = 1024

# Who matches, and who matches or may. INVARIANT: the first are among the second; where nobody is
# unknown, both are one object.
_Rails: TypeAlias = tuple[int, int]

# Agents are found among the bits in pieces: to look at one takes as long as to take a bit out of so many
# bytes.
_PIECE: Final = 750
_AS_FLAGS: Final = bytes.maketrans(b"01", b"\0\1")


class Matches:
    """
    Which agents of a roster satisfy an expression.

    Ids come in roster order and are made anew whenever they are asked for; counting makes none.
    Later changes of the index do not show.
    """

    __slots__ = ("_everyone", "_ids", "_matching", "_perhaps")

    def __init__(self, matching: int, perhaps: int, everyone: int, ids: Sequence[str]) -> None:
        self._matching = matching
        self._perhaps = perhaps
        self._everyone = everyone
        self._ids = ids

    @property
    def count(self) -> int:
        """How many agents match."""
        return self._matching.bit_count()

    @property
    def unknown_count(self) -> int:
        """Of how many agents it cannot be told."""
        return (self._perhaps ^ self._matching).bit_count()

    @property
    def not_matching_count(self) -> int:
        """How many agents do not match."""
        return len(self._ids) - self._perhaps.bit_count()

    @property
    def matching(self) -> tuple[str, ...]:
        """The ids of those who match."""
        return _chosen(self._ids, self._matching)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The ids of those of whom it cannot be told."""
        return _chosen(self._ids, self._perhaps ^ self._matching)

    @property
    def not_matching(self) -> tuple[str, ...]:
        """The ids of those who do not match."""
        return _chosen(self._ids, self._everyone ^ self._perhaps)

    def __repr__(self) -> str:
        counts = f"{self.count} matching, {self.not_matching_count} not, {self.unknown_count} unknown"
        return f"<Matches: {counts}>"

    def to_dict(self) -> dict[str, list[str]]:
        """Give the ids as plain JSON values, by verdict."""
        return {
            "matching": list(self.matching),
            "not_matching": list(self.not_matching),
            "unknown": list(self.unknown),
        }


def _chosen(ids: Sequence[str], bits: int) -> tuple[str, ...]:
    """Turn bits into ids; this takes longer than all that comes before it."""
    found = bits.bit_count()
    if not found:
        return ()
    if found * 12 > len(ids):
        return tuple(compress(ids, f"{bits:0{len(ids)}b}".encode().translate(_AS_FLAGS)))
    # Few: go from one to the next, in pieces of such a length that both pieces and bits cost least.
    octets = -(-len(ids) // 8)
    size = min(octets, math.isqrt(_PIECE * octets // found))
    whole = -(-octets // size) * size
    data = (bits << (8 * whole - len(ids))).to_bytes(whole, "big")
    chosen = []
    for start in range(0, whole, size):
        piece = int.from_bytes(data[start : start + size], "big")
        end = 8 * (start + size)
        while piece:
            length = piece.bit_length()
            chosen.append(ids[end - length])
            piece ^= 1 << (length - 1)
    return tuple(chosen)


class _Cuts:
    """
    Who holds one attribute, cut at every level that somebody holds.

    Attributes:
        levels: In rising order.
        rows: For each level those who hold it or a higher one, and last of all nobody.
    """

    __slots__ = ("levels", "rows")

    def __init__(self, levels: list[float], rows: list[int]) -> None:
        self.levels = levels
        self.rows = rows

    def between(self, low: float, high: float) -> int:
        first, beyond = bisect_left(self.levels, low), bisect_right(self.levels, high)
        if first >= beyond:
            return 0
        # Those above the upper end are among those from the lower end on.
        above = self.rows[beyond]
        return self.rows[first] ^ above if above else self.rows[first]

    def drop(self, bit: int, level: float) -> None:
        for row in range(bisect_right(self.levels, level)):
            self.rows[row] ^= bit

    def add(self, bit: int, level: float) -> None:
        place = bisect_left(self.levels, level)
        if self.levels[place : place + 1] != [level]:
            self.levels.insert(place, level)
            self.rows.insert(place, self.rows[place])
        for row in range(place + 1):
            self.rows[row] |= bit


class _Plan(NamedTuple):
    """
    What is left of one rail of an expression once its conditions are rows.

    Attributes:
        every: Whether all parts must hold, or any of them.
        rows: Agents, taken as they are.
        without: Agents, all others taken.
    """

    every: bool
    rows: tuple[int, ...]
    without: tuple[int, ...]
    plans: tuple[_Plan, ...]


def _row(bits: int) -> _Plan:
    return _Plan(every=True, rows=(bits,), without=(), plans=())


def _negated(plan: _Plan) -> _Plan:
    """De Morgan."""
    inner = tuple(_negated(inner) for inner in plan.plans)
    return _Plan(not plan.every, plan.without, plan.rows, inner)


def _joined(plans: Sequence[_Plan], *, every: bool) -> _Plan:
    """Join plans into one; what is joined in the same way, or is one part alone, dissolves in it."""
    flat: list[_Plan] = []
    inner: list[_Plan] = []
    for plan in plans:
        dissolves = plan.every is every or len(plan.rows) + len(plan.without) + len(plan.plans) == 1
        (flat if dissolves else inner).append(plan)
    return _Plan(
        every,
        tuple(row for plan in flat for row in plan.rows),
        tuple(row for plan in flat for row in plan.without),
        (*(below for plan in flat for below in plan.plans), *inner),
    )


def _carried_out(plan: _Plan, everyone: int) -> int:
    every, rows, without, plans = plan
    if every:
        bits = everyone
        for row in rows:
            bits &= row
            if not bits:
                return 0
        for row in without:
            bits ^= bits & row  # a quarter of the time of `bits & ~row`
        for inner in plans:
            bits &= _carried_out(inner, everyone)
        return bits
    bits = 0
    for row in rows:
        bits |= row
    if without:
        bits |= everyone ^ reduce(and_, without)
    for inner in plans:
        bits |= _carried_out(inner, everyone)
    return bits


class AgentIndex:
    """
    The agents of a roster, ready to be asked about all at once.

    Of every expression and agent it says what `evaluate` says.
    To build one takes a few microseconds an agent. Threads may share it while nobody calls `replace`.
    """

    def __init__(self, roster: Roster) -> None:
        require("roster", roster, Roster)
        self._agents = list(roster.agents)
        self._ids = tuple(agent.id for agent in roster.agents)
        self._everyone = (1 << len(self._ids)) - 1
        self._places = {agent_id: place for place, agent_id in enumerate(self._ids)}
        self._named: dict[str, list[int]] = {}
        self._nameless: set[int] = set()
        # By name and value, not by `Attribute`: tuples of strings are hashed and compared in C.
        # Where agents stand is turned into rows once an expression asks.
        self._held: dict[tuple[str, str], dict[float, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._cuts: dict[tuple[str, str], _Cuts] = {}
        # Whom somebody else says to satisfy a whole expression, and whom not; see `Agent.told`.
        self._told: dict[Expr, tuple[int, int]] = {}
        blind = []
        for place, agent in enumerate(roster.agents):
            self._name(agent, place)
            if agent.proficiencies is None:
                blind.append(place)
                if agent.told:
                    self._tell(agent, self._bits([place]))
                continue
            for attribute, level in agent.proficiencies.items():
                self._held[attribute.name, attribute.value][level].append(place)
        self._blind = self._bits(blind)
        self._plans: dict[Expr, tuple[_Plan, _Plan]] = {}

    def __repr__(self) -> str:
        return f"<AgentIndex: {counted(len(self._ids), 'agent')}>"

    def match(self, expression: Expr) -> Matches:
        """
        Say which agents satisfy *expression*.

        Asking about an equal one again is faster: what can be prepared is kept, of the last thousand or so.
        """
        require("expression", expression, Expr)
        plans = self._plans.get(expression)
        if plans is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            plans = self._plans[expression] = self._planned(expression)
        sure, perhaps = plans
        everyone = self._everyone
        matching = _carried_out(sure, everyone)
        at_most = matching if perhaps is sure else _carried_out(perhaps, everyone)
        return Matches(matching, at_most, everyone, self._ids)

    def is_held(self, attribute: Attribute) -> bool:
        """Say whether any agent is known to hold an attribute value, at whatever level."""
        return self._cut(attribute).rows[0] != 0

    def sole_blockers(self, expression: Expr) -> dict[Expr, int]:
        """
        Count for each condition the agents for whom it alone stands in the way.

        They fail *expression* and the condition, and would satisfy the expression if the condition
        matched, wherever it stands, and all others stayed as they are.

        Returns:
            A count for every distinct condition, in order, a negated condition counting as one.
        """
        known: dict[int, _Rails] = {}
        failing = self._everyone ^ self._rails(expression, known)[1]
        paths: dict[Expr, list[tuple[int, ...]]] = defaultdict(list)
        for condition, path in _occurrences(expression):
            paths[condition].append(path)
        counts = dict.fromkeys(conditions(expression), 0)
        lifted = dict(self._lifting(expression, failing, known))
        for condition in counts:
            agents = lifted.get(condition, 0)
            if len(paths[condition]) > 1:
                agents = failing & self._mended(expression, condition, {*chain(*paths[condition])}, known)[0]
            counts[condition] = (agents ^ (agents & known[id(condition)][1])).bit_count()
        return counts

    def replace(self, agent: Agent) -> None:
        """
        Put *agent* in the place of the one with the same id.

        It takes as long as the two hold many attributes, not as the roster is large.

        Raises:
            ValueError: No agent has the id.
        """
        place = self._places.get(agent.id)
        if place is None:
            raise ValueError(f"no agent has the id `{visible(agent.id)}`")
        before, self._agents[place] = self._agents[place], agent
        self._plans.clear()
        self._unname(before, place)
        self._name(agent, place)
        bit = self._bits([place])
        self._told = {said: (yes & ~bit, no & ~bit) for said, (yes, no) in self._told.items()}
        for attribute, level in (before.proficiencies or {}).items():
            self._cut(attribute).drop(bit, level)
        for attribute, level in (agent.proficiencies or {}).items():
            key = (attribute.name, attribute.value)
            self._cuts.setdefault(key, self._cut(attribute)).add(bit, level)
        self._blind = (self._blind | bit) ^ (0 if agent.proficiencies is None else bit)
        if agent.proficiencies is None:
            self._tell(agent, bit)

    # ------------------------------------------------------------------ agents as bits

    def _bits(self, places: Iterable[int]) -> int:
        last = len(self._ids) - 1
        octets = bytearray(len(self._ids) // 8 + 1)
        for place in places:
            octets[(last - place) >> 3] |= 1 << ((last - place) & 7)
        return int.from_bytes(octets, "little")

    def _name(self, agent: Agent, place: int) -> None:
        if agent.username is None:
            self._nameless.add(place)
        else:
            self._named.setdefault(agent.username, []).append(place)

    def _unname(self, agent: Agent, place: int) -> None:
        if agent.username is None:
            self._nameless.remove(place)
        else:
            self._named[agent.username].remove(place)

    def _tell(self, agent: Agent, bit: int) -> None:
        for expression, verdict in agent.told.items():
            yes, no = self._told.get(expression, (0, 0))
            self._told[expression] = (yes | bit, no) if verdict else (yes, no | bit)

    def _cut(self, attribute: Attribute) -> _Cuts:
        """Give an attribute's rows; of one that nobody holds, rows that are not kept."""
        key = (attribute.name, attribute.value)
        cuts = self._cuts.get(key)
        if cuts is not None:
            return cuts
        held = self._held.get(key)
        if held is None:
            # Another thread may have made the rows between the two looks: it keeps them before it lets go.
            return self._cuts.get(key) or _Cuts([], [0])
        levels = sorted(held)
        exact = [self._bits(held[level]) for level in reversed(levels)]
        cuts = self._cuts[key] = _Cuts(levels, list(accumulate(exact, or_, initial=0))[::-1])
        self._held.pop(key, None)
        return cuts

    # ------------------------------------------------------------------ one condition

    def _condition(self, condition: Condition) -> _Rails:
        match condition:
            case AtLeast(attribute, level):
                return self._bounded(attribute, level, math.inf)
            case Between(attribute, low, high):
                return self._bounded(attribute, low, high)
            case AgentIn(agent_ids):
                return self._listed({user_id(agent_id) for agent_id in agent_ids})
            case Opaque():
                return 0, self._everyone
            case _:
                assert_never(condition)

    def _bounded(self, attribute: Attribute, low: float, high: float) -> _Rails:
        if low > high:
            return 0, 0  # nobody, whatever they hold
        if has_reference(attribute):
            return 0, self._everyone
        sure = self._cut(attribute).between(low, high)
        return sure, sure | self._blind if self._blind else sure

    def _listed(self, ids: set[str]) -> _Rails:
        sure = self._bits(self._places[agent_id] for agent_id in ids if agent_id in self._places)
        if any(is_reference(agent_id) for agent_id in ids):
            return sure, self._everyone
        places = {place for agent_id in ids for place in self._named.get(agent_id, ())}
        if not all(is_user_id(agent_id) for agent_id in ids):
            # Any of these names may be the username of somebody whose username is not known.
            places |= {place for place in self._nameless if is_user_id(self._ids[place])}
        if any(is_user_id(agent_id) for agent_id in ids):
            # And any of these ids may be the one of somebody who is known by name alone.
            places |= {place for place, known in enumerate(self._ids) if not is_user_id(known)}
        return sure, sure | self._bits(places) if places else sure

    # ------------------------------------------------------------------ a whole expression

    def _planned(self, expression: Expr) -> tuple[_Plan, _Plan]:
        """Plan both rails; they are one object where nobody can be unknown."""
        sure, perhaps = self._planned_of_parts(expression)
        if not self._told or expression not in self._told:
            return sure, perhaps
        yes, no = (_row(bits) for bits in self._told[expression])
        told = [_joined([rail, yes], every=False) for rail in (sure, perhaps)]
        below, above = (_joined([rail, _negated(no)], every=True) for rail in told)
        return below, above

    def _planned_of_parts(self, expression: Expr) -> tuple[_Plan, _Plan]:
        match expression:
            case Not(operand):
                below, above = self._planned(operand)
                sure = _negated(above)
                return sure, sure if above is below else _negated(below)
            case And(operands) | Or(operands) | Mixed(operands):
                pairs = [self._planned(operand) for operand in operands]
                sure = _joined([pair[0] for pair in pairs], every=not isinstance(expression, Or))
                if not isinstance(expression, Mixed) and all(below is above for below, above in pairs):
                    return sure, sure
                return sure, _joined([pair[1] for pair in pairs], every=isinstance(expression, And))
            case _:
                bits, at_most = self._condition(expression)
                sure = _row(bits)
                return sure, sure if at_most is bits else _row(at_most)

    # ------------------------------------------------------------------ what stands in the way

    def _rails(self, expression: Expr, known: dict[int, _Rails]) -> _Rails:
        """Work both rails out; *known* keeps them for every part, by identity."""
        rails = known.get(id(expression))
        if rails is None:
            below = [self._rails(operand, known) for operand in operands_of(expression)]
            rails = known[id(expression)] = self._combined(expression, below)
        return rails

    def _mended(
        self, expression: Expr, condition: Expr, touched: set[int], known: dict[int, _Rails]
    ) -> _Rails:
        """Work both rails out as if everybody satisfied *condition*, which only *touched* parts contain."""
        if id(expression) not in touched:
            return known[id(expression)]
        if expression == condition:
            return self._everyone, self._everyone
        below = [self._mended(operand, condition, touched, known) for operand in operands_of(expression)]
        return self._combined(expression, below)

    def _combined(self, expression: Expr, below: Sequence[_Rails]) -> _Rails:
        match expression:
            case Not():
                sure, perhaps = self._everyone ^ below[0][1], self._everyone ^ below[0][0]
            case And() | Or() | Mixed():
                sure = reduce(or_ if isinstance(expression, Or) else and_, (rails[0] for rails in below))
                perhaps = reduce(and_ if isinstance(expression, And) else or_, (rails[1] for rails in below))
            case _:
                sure, perhaps = self._condition(expression)
        if self._told and expression in self._told:
            yes, no = self._told[expression]
            return (sure | yes) & ~no, (perhaps | yes) & ~no
        return sure, perhaps

    def _lifting(
        self, expression: Expr, agents: int, known: dict[int, _Rails], *, matching: bool = True
    ) -> Iterator[tuple[Expr, int]]:
        """
        Find for each condition the agents for whom the whole would match if only it did.

        Args:
            expression: A part of the whole.
            agents: For whom the whole would match if this part matched, or else failed.
            known: The rails of every part.
            matching: Which of both; where it has to fail, no condition helps by matching.
        """
        if self._told and expression in self._told and not is_condition(expression):
            # Of whom the whole is told, no part of it decides.
            yes, no = self._told[expression]
            agents &= ~(yes | no)
        match expression:
            case And(operands) | Or(operands) | Mixed(operands):
                lifted = [agents] * len(operands)
                # An OR matches with one operand alone, an AND fails with one; else all others matter.
                if not isinstance(expression, Or if matching else And):
                    rails = [known[id(operand)] for operand in operands]
                    settled = [sure if matching else self._everyone ^ perhaps for sure, perhaps in rails]
                    lifted = _beside(settled, agents)
                for operand, beside in zip(operands, lifted, strict=True):
                    yield from self._lifting(operand, beside, known, matching=matching)
            case Not(operand) if not is_condition(expression):
                yield from self._lifting(operand, agents, known, matching=not matching)
            case _ if matching:
                yield expression, agents
            case _:
                pass


def _beside(sets: Sequence[int], agents: int) -> list[int]:
    """Give for each of *sets* those of *agents* who are in all the others."""
    before = accumulate(sets[:-1], and_, initial=agents)
    after = list(accumulate(reversed(sets[1:]), and_, initial=agents))
    return [former & latter for former, latter in zip(before, reversed(after), strict=True)]


def _occurrences(expression: Expr, above: tuple[int, ...] = ()) -> Iterator[tuple[Expr, tuple[int, ...]]]:
    """
    Go through all places where a condition stands, each with the ids of the objects on the way to it.

    A negated condition is one, and what it negates another.
    """
    path = (*above, id(expression))
    if is_condition(expression):
        yield expression, path
    for operand in operands_of(expression):
        yield from _occurrences(operand, path)
