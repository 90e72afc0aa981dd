"""Laws of the index: over any roster it says what the evaluator says of each agent by itself."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from records import settled
from routing_inspect.contact import Agent, Roster, user_id
from routing_inspect.evaluate import Trace, Verdict, evaluate
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Or, conditions
from routing_inspect.index import AgentIndex
from routing_inspect.strategies import expressions

EXPRESSIONS = expressions(unclear=True, not_over_groups=True)
OTHER = Attribute("Desk", "North")
MOST = 600
# Of an expression and an agent, on the average of all examples: the long run has 10,000 of these.
PAIRS_AN_EXAMPLE = 200
SIZES: list[int] = []


def _parts(expression: Expr) -> list[Expr]:
    match expression:
        case Not(operand):
            return [expression, *_parts(operand)]
        case And(operands) | Or(operands) | Mixed(operands):
            return [expression, *(part for operand in operands for part in _parts(operand))]
        case _:
            return [expression]


class _Crowd:
    """Agents for whom an expression is a close call; one seed draws them all, since hundreds are wanted."""

    def __init__(self, seed: int, expression: Expr, *, told: bool) -> None:
        self.dice = random.Random(seed)  # noqa: S311  (hypothesis draws the seed)
        self.parts = _parts(expression) if told else []
        self.levels: dict[Attribute, set[float]] = {OTHER: {3.0}}
        listed: dict[str, None] = {}
        for part in _parts(expression):
            match part:
                case AtLeast(attribute, level):
                    self.levels.setdefault(attribute, set()).add(level)
                case Between(attribute, low, high):
                    self.levels.setdefault(attribute, set()).update((low, high))
                case AgentIn(agent_ids):
                    listed |= dict.fromkeys(user_id(agent_id) for agent_id in agent_ids)
        self.listed = list(listed)

    def agent(self, number: int) -> Agent:
        """Make the agent at a place: the first have the ids that the expression lists."""
        dice = self.dice
        strangers = (f"agent-{number}", f"00000000-0000-4000-8000-{number:012}")
        blind = dice.random() < 0.2
        return Agent(
            id=self.listed[number] if number < len(self.listed) else dice.choice(strangers),
            username=dice.choice((None, "somebody", *self.listed)),
            proficiencies=None if blind else dict(self.skills()),
            told=dict(self.words()) if blind else {},
        )

    def skills(self) -> Iterator[tuple[Attribute, float]]:
        """Draw what an agent holds: levels at the edges that the expression names, or near them."""
        for attribute, levels in self.levels.items():
            if self.dice.random() < 0.7:
                near = self.dice.choice((-1.0, -0.5, 0.0, 0.0, 0.5, 1.0))
                yield attribute, self.dice.choice(sorted(levels)) + near

    def words(self) -> Iterator[tuple[Expr, bool]]:
        """Draw what somebody says of an agent of whom nobody knows what the agent holds."""
        for part in self.dice.sample(self.parts, min(len(self.parts), self.dice.randrange(3))):
            yield part, self.dice.random() < 0.5


@st.composite
def _crowds(draw: DrawFn, *, told: bool = True, most: int = MOST) -> tuple[Expr, _Crowd, Roster]:
    expression = draw(EXPRESSIONS)
    crowd = _Crowd(draw(st.integers(0, 2**32)), expression, told=told)
    # Not drawn by hypothesis, which prefers small numbers: then most rosters would be small ones.
    size = crowd.dice.randrange(most + 1)
    return expression, crowd, Roster(agents=[crowd.agent(number) for number in range(size)])


def _check(index: AgentIndex, expression: Expr, roster: Roster) -> None:
    ids: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
    for agent in roster.agents:
        ids[evaluate(expression, agent).verdict].append(agent.id)

    found = index.match(expression)

    assert list(found.matching) == ids[Verdict.MATCH]
    assert list(found.unknown) == ids[Verdict.UNKNOWN]
    assert list(found.not_matching) == ids[Verdict.NO_MATCH]
    assert found.count == len(ids[Verdict.MATCH])
    assert found.unknown_count == len(ids[Verdict.UNKNOWN])
    assert found.not_matching_count == len(ids[Verdict.NO_MATCH])


def _on_enough_pairs(law: Callable[[], None]) -> Callable[[], None]:
    """Have a law of rosters checked on so many agents in all that the long run comes to 2,000,000."""

    @wraps(law)
    def counted() -> None:
        SIZES.clear()
        law()
        assert sum(SIZES) >= PAIRS_AN_EXAMPLE * settings().max_examples

    return counted


@_on_enough_pairs
@given(_crowds())
def test_the_index_says_what_the_evaluator_says(case: tuple[Expr, _Crowd, Roster]) -> None:
    """Of every agent the index has the verdict that evaluating the expression for that agent gives."""
    expression, _, roster = case
    SIZES.append(len(roster.agents))

    _check(AgentIndex(roster), expression, roster)


@given(_crowds(most=40), st.data())
def test_replacing_agents_is_indexing_the_new_roster(
    case: tuple[Expr, _Crowd, Roster], data: st.DataObject
) -> None:
    """An index with agents replaced answers like one that is built anew, whatever was asked before."""
    expression, crowd, roster = case
    index = AgentIndex(roster)
    before = index.match(expression)
    kept = before.matching, before.unknown, before.not_matching
    agents = list(roster.agents)

    for place in data.draw(st.lists(st.integers(0, len(agents) - 1), max_size=8) if agents else st.just([])):
        agents[place] = evolve(crowd.agent(place), id=agents[place].id)
        index.replace(agents[place])

    _check(index, expression, Roster(agents=agents))
    for part in conditions(expression):
        _check(index, part, Roster(agents=agents))
    assert (before.matching, before.unknown, before.not_matching) == kept


def _revised(trace: Trace, condition: Expr) -> Verdict:
    """Say what the verdict would be if *condition*, wherever it stands in the trace, matched."""
    if trace.expression == condition:
        return Verdict.MATCH
    return settled(trace, [_revised(operand, condition) for operand in trace.operands])


@given(_crowds(told=False, most=40))
def test_sole_blockers_of_a_roster_are_those_that_revising_finds(case: tuple[Expr, _Crowd, Roster]) -> None:
    """Counting over a roster at once finds what revising the trace of each agent finds."""
    expression, _, roster = case
    wanted: Counter[Expr] = Counter()
    for agent in roster.agents:
        trace = evaluate(expression, agent)
        for condition in dict.fromkeys(conditions(expression)):
            fails = evaluate(condition, agent).verdict is trace.verdict is Verdict.NO_MATCH
            wanted[condition] += fails and _revised(trace, condition) is Verdict.MATCH

    found = AgentIndex(roster).sole_blockers(expression)

    assert list(found) == list(dict.fromkeys(conditions(expression)))
    assert all(found[condition] == wanted[condition] for condition in found)
