"""
The smallest agents that show something of an expression, or the certainty that there are none.

All levels of an attribute between which no condition tells a difference are one choice, so the
agents an expression can tell apart are finite in number. Agents here are such as Amazon Connect
can have: an attribute is not held, or held at a level from 1 to 5, a whole one wherever that will do.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from attrs import frozen

from routing_inspect.contact import Agent, user_id
from routing_inspect.expr import (
    AgentIn,
    And,
    AtLeast,
    Attribute,
    Between,
    Expr,
    conditions,
    is_reference,
    unnegated,
)
from routing_inspect.mcdc import NO, UNKNOWN, YES, Thing, Vector, decides, hanging, things, vector

# How many partial agents one search looks at. AWS documents at most 24 conditions (three groups of
# eight), for which a few hundred are enough.
LIMIT: Final = 5_000

_NOBODY: Final = "\N{NULL}"  # an id that no list can hold


class SearchLimitError(Exception):
    """The search was given up: nobody can tell whether there is such an agent."""


@frozen
class Choice:
    """
    Agents that no condition on one thing tells apart.

    Attributes:
        cost: Attributes held, then levels; the smallest comes first.
        verdicts: What the conditions on the thing say, by their number in the expression.
        level: The level held; None: not held, or the thing is no attribute.
        ids: Who the agent is; empty: nobody that a condition lists, or the thing is an attribute.
    """

    cost: tuple[int, float]
    verdicts: Mapping[int, int]
    level: float | None = None
    ids: tuple[str, ...] = ()


# One choice for each thing that is settled; of the others, the smallest.
Choices = Mapping[Thing, Choice]


@frozen
class Space:
    """
    Every agent that *expression* can tell apart.

    Attributes:
        choices: For each thing that conditions ask about, the smallest first; never empty.
    """

    expression: Expr
    about: tuple[Thing, ...]
    choices: Mapping[Thing, tuple[Choice, ...]]

    def vector(self, chosen: Choices) -> Vector:
        """Say what every condition says of an agent."""
        return tuple(
            chosen.get(thing, self.choices[thing][0]).verdicts[number]
            for number, thing in enumerate(self.about)
        )

    def agent(self, chosen: Choices, taken: Container[str], new_id: Callable[[], str]) -> Agent:
        """Make an agent: of the ids that will do, one that is not taken where there is one."""
        ids = chosen[AgentIn].ids if AgentIn in chosen else ()
        free = [known for known in ids if known not in taken]
        agent_id = (free or ids)[0] if ids else new_id()
        # In the order of the expression, whatever order they were found in.
        levels = {
            thing: level
            for thing in self.choices
            if isinstance(thing, Attribute) and thing in chosen and (level := chosen[thing].level) is not None
        }
        return Agent(id=agent_id, proficiencies=levels)


def space(expression: Expr) -> Space:
    """Find every agent that *expression* can tell apart."""
    about = things(expression)
    terms = tuple(conditions(expression))
    choices = {}
    for thing in dict.fromkeys(about):
        numbers = [number for number, other in enumerate(about) if other == thing]
        candidates = _candidates(thing, [terms[number] for number in numbers])
        choices[thing] = _distinct(candidates, And(terms[number] for number in numbers), numbers)
    return Space(expression, about, choices)


def passing(within: Space, number: int, verdict: int) -> Choices | None:
    """Find the smallest agent for whom condition *number* has *verdict*; None where there is none."""
    thing = within.about[number]
    return next(
        ({thing: choice} for choice in within.choices[thing] if choice.verdicts[number] == verdict), None
    )


def partner(within: Space, number: int, agent: Vector) -> Choices | None:
    """
    Find the smallest agent who, with one of whom *agent* is known, shows that a condition decides alone.

    Args:
        within: Where to look.
        number: The condition.
        agent: Somebody for whom condition *number* decides.

    Returns:
        None where there is none.
    """
    own = within.about[number]
    chosen: dict[Thing, Choice] = {}
    for thing, choices in within.choices.items():
        if thing != own:
            alike = [choice for choice in choices if all(agent[n] == v for n, v in choice.verdicts.items())]
            if not alike:
                return None
            chosen[thing] = alike[0]
    for choice in within.choices[own]:
        found = {**chosen, own: choice}
        if choice.verdicts[number] == -agent[number] and decides(
            within.expression, within.vector(found), number
        ):
            return found
    return None


def pair(within: Space, number: int) -> tuple[Choices, Choices] | None:
    """
    Find the two smallest agents who show that condition *number* decides alone.

    Returns:
        The one who passes it and the one who fails it; None where no two agents show it.

    Raises:
        SearchLimitError: 5,000 partial agents were not enough to tell.
    """
    own = within.about[number]
    search = _Search(within, number)
    for passes in within.choices[own]:
        for fails in within.choices[own]:
            if passes.verdicts[number] == YES and fails.verdicts[number] == NO:
                search.look(passes, fails)
    if search.best is None:
        return None
    passes, fails, others = search.best
    return {**others, own: passes}, {**others, own: fails}


class _Search:
    """
    A walk over the choices for all things but the condition's own, the smallest first.

    A thing not settled yet has verdicts unknown, so by Kleene's logic what is known already holds
    however it is settled. A branch ends where the condition decides, where it has no say any more, and
    where it costs as much as the best pair found.
    """

    def __init__(self, within: Space, number: int) -> None:
        self.within = within
        self.number = number
        self.best: tuple[Choice, Choice, Choices] | None = None
        self.best_cost: tuple[int, float] = (10**9, 0.0)
        self.visits = 0

    def look(self, passes: Choice, fails: Choice) -> None:
        """Look for the smallest pair that differs in this way."""
        vectors = []
        for own in (passes, fails):
            numbers = [UNKNOWN] * len(self.within.about)
            for number, verdict in own.verdicts.items():
                numbers[number] = verdict
            vectors.append(numbers)
        self._settle(passes, fails, vectors, {})

    def _settle(
        self, passes: Choice, fails: Choice, vectors: list[list[int]], chosen: dict[Thing, Choice]
    ) -> None:
        self.visits += 1
        if self.visits > LIMIT:
            raise SearchLimitError
        together = cost(passes, fails, *chosen.values(), *chosen.values())
        if together >= self.best_cost:
            return
        if all(decides(self.within.expression, tuple(numbers), self.number) for numbers in vectors):
            self.best, self.best_cost = (passes, fails, chosen), together
            return
        for thing, choice in self._next(vectors, chosen):
            settled = [_with(numbers, choice.verdicts) for numbers in vectors]
            self._settle(passes, fails, settled, {**chosen, thing: choice})

    def _next(self, vectors: list[list[int]], chosen: Choices) -> Iterator[tuple[Thing, Choice]]:
        """
        Say what to settle next, and how: of the things on which the outcome hangs, the nearest.

        Nothing comes where nothing is left to settle, or the condition has no say any more.
        """
        hangs_on: set[int] = set()
        for numbers in vectors:
            # As if the condition itself were not known, so that all that is open beside it shows.
            holed = (*numbers[: self.number], UNKNOWN, *numbers[self.number + 1 :])
            found = hanging(self.within.expression, holed)
            if self.number not in found:
                return
            hangs_on.update(found)
        done = {*chosen, self.within.about[self.number]}
        near = sorted(hangs_on, key=lambda number: (abs(number - self.number), number))
        thing = next((t for number in near if (t := self.within.about[number]) not in done), None)
        if thing is None:
            return
        seen: set[Vector] = set()
        for choice in self.within.choices[thing]:
            # Of choices that differ only where nothing hangs on it any more, the smallest will do.
            said = tuple(verdict for number, verdict in choice.verdicts.items() if number in hangs_on)
            if said not in seen:
                seen.add(said)
                yield thing, choice


def _with(numbers: list[int], verdicts: Mapping[int, int]) -> list[int]:
    return [verdicts.get(position, number) for position, number in enumerate(numbers)]


def cost(*choices: Choice) -> tuple[int, float]:
    """Add up what several choices cost: attributes held, then levels."""
    return sum(choice.cost[0] for choice in choices), sum(choice.cost[1] for choice in choices)


def _candidates(thing: Thing, terms: Iterable[Expr]) -> Iterator[tuple[tuple[int, float], Agent]]:
    """Go through agents among whom there is one of every kind, the smallest first, with their costs."""
    yield (0, 0.0), Agent(id=_NOBODY, proficiencies={})
    leaves = [unnegated(term) for term in terms]
    if isinstance(thing, Attribute):
        for level in _levels(leaves):
            yield (1, level), Agent(id=_NOBODY, proficiencies={thing: level})
    listed = (
        user_id(agent_id) for leaf in leaves if isinstance(leaf, AgentIn) for agent_id in leaf.agent_ids
    )
    for agent_id in dict.fromkeys(listed):
        if not is_reference(agent_id):
            yield (0, 0.0), Agent(id=agent_id, proficiencies={})


def _levels(leaves: Iterable[Expr]) -> Iterator[float]:
    """Give the levels that an agent may hold: all whole ones, then one on and between each two ends."""
    whole = (1.0, 2.0, 3.0, 4.0, 5.0)
    yield from whole
    ends = set(whole)
    for leaf in leaves:
        match leaf:
            case AtLeast(_, level):
                ends.add(level)
            case Between(_, low, high):
                ends |= {low, high}
            case _:
                raise AssertionError(leaf)
    inside = sorted(end for end in ends if 1 <= end <= 5)
    middles = [(low + high) / 2 for low, high in pairwise(inside)]
    yield from sorted(set(inside) - set(whole))
    yield from middles


def _distinct(
    candidates: Iterable[tuple[tuple[int, float], Agent]], of: And, numbers: list[int]
) -> tuple[Choice, ...]:
    """Keep the first of all agents whom the conditions in *of* do not tell apart, with all their ids."""
    found: dict[Vector, Choice] = {}
    for cost, agent in candidates:
        key = vector(of, agent)
        ids = () if agent.id == _NOBODY else (agent.id,)
        level = next(iter((agent.proficiencies or {}).values()), None)
        known = found.get(key)
        if known is None:
            found[key] = Choice(cost, dict(zip(numbers, key, strict=True)), level, ids)
        elif ids and known.ids:
            found[key] = Choice(cost, known.verdicts, None, known.ids + ids)
    return tuple(sorted(found.values(), key=lambda choice: choice.cost))
