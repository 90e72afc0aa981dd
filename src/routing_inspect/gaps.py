"""What tests do not show of a criteria's conditions yet, and the smallest agents that would show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

from attrs import frozen

from routing_inspect.contact import Agent
from routing_inspect.evaluate import Verdict
from routing_inspect.expr import Expr, conditions
from routing_inspect.mcdc import NO, UNKNOWN, YES, Vector, decides, outcome, shown, vector
from routing_inspect.observed import FILE, Observations, Vectors
from routing_inspect.places import asked_attributes
from routing_inspect.text import parse, unparse
from routing_inspect.witnesses import Choices, SearchLimitError, Space, cost, pair, partner, passing, space


@frozen
class Pair:
    """
    Two agents who show that a condition decides alone.

    Attributes:
        passing: The id of the one who passes it.
        failing: The id of the one who fails it.
    """

    passing: str
    failing: str


@frozen(kw_only=True)
class ConditionCoverage:
    """
    What tests show of one condition.

    Attributes:
        passed: How many agents pass it of whom a test states the outcome.
        failed: The same for agents who fail it.
        alone: Two who show that it decides the outcome alone; None where tests do not show it.
        can_decide: Whether any two agents could show it; None: the search was given up.
        why_not: Why no two agents can; empty where some can.
        needs: The ids that proposed agents have of whom a test would have to state the outcome.
    """

    condition: Expr
    passed: int
    failed: int
    alone: Pair | None
    can_decide: bool | None = True
    why_not: str = ""
    needs: tuple[str, ...] = ()


@frozen(kw_only=True)
class Proposal:
    """
    A statement that a test would have to make.

    Attributes:
        verdict: What the step says of the agent.
        agent: The agent, as a roster as text can have it; by the username, where that will do.
        known_as: The agent's id in the roster of a test; None for an agent who is in none.
    """

    verdict: Verdict
    agent: Agent
    known_as: str | None = None


@frozen(kw_only=True)
class StepCoverage:
    """
    What tests show of the conditions of one step.

    Attributes:
        stated: Of how many agents a test states the outcome.
        proposals: The statements that would close every gap that can be closed.
    """

    number: int
    expression: Expr
    stated: int
    conditions: tuple[ConditionCoverage, ...]
    proposals: tuple[Proposal, ...]


@frozen(kw_only=True)
class CriteriaCoverage:
    """
    What tests show of the conditions of one criteria.

    Attributes:
        name: The file that holds it, or the test it stands in.
        is_file: Whether that is a file of its own.
        folder: Where the tests are that are about it, as pytest names it; empty where it was started.
    """

    name: str
    steps: tuple[StepCoverage, ...]
    is_file: bool = False
    folder: str = ""


@frozen
class Totals:
    """
    Conditions, counted over several criteria.

    Attributes:
        both_ways: Those that some agent passes and another fails.
        possible: Those that could be shown to decide alone: all but those proven not to.
        alone: Those that are shown to.
    """

    conditions: int
    both_ways: int
    possible: int
    alone: int

    @property
    def percent(self) -> float:
        """The share of what could be shown that is shown, cut to a tenth; 0 where nothing could be."""
        # Cut, not rounded: 99.96 % is not everything.
        return self.alone * 1000 // self.possible / 10 if self.possible else 0.0


def totals(covered: Iterable[CriteriaCoverage]) -> Totals:
    """Count the conditions of all criteria."""
    rows = [row for criteria in covered for step in criteria.steps for row in step.conditions]
    return Totals(
        conditions=len(rows),
        both_ways=sum(row.passed > 0 and row.failed > 0 for row in rows),
        possible=sum(row.can_decide is not False for row in rows),
        alone=sum(row.alone is not None for row in rows),
    )


def cover(observations: Observations) -> tuple[CriteriaCoverage, ...]:
    """
    Say what a run of tests shows of every criteria under test, and what would show the rest.

    An expression that tests ask about by itself counts for every step that says the same, and
    is listed only where none does.
    """
    known = {text for texts in observations.criteria for text in texts}
    named = {**{texts: name for texts, name in observations.alone.items() if texts[0] not in known}}
    named.update(observations.criteria)
    new_ids = _new_ids(observations)
    return tuple(
        CriteriaCoverage(
            name=name,
            steps=tuple(_cover_steps(texts, observations, new_ids)),
            is_file=rank == FILE,
            folder=observations.folders[texts],
        )
        for texts, (rank, name) in sorted(named.items(), key=lambda item: (item[1], item[0]))
    )


def _new_ids(observations: Observations) -> Iterator[str]:
    """Give ids that no agent under test has."""
    taken = _ids(*observations.stated.values(), *observations.around.values())
    return (new_id for number in count(1) if (new_id := f"new-{number}") not in taken)


def _ids(*groups: Vectors) -> set[str]:
    return {agent_id for group in groups for ids in group.values() for agent_id in ids}


def _cover_steps(
    texts: tuple[str, ...], observations: Observations, new_ids: Iterator[str]
) -> Iterator[StepCoverage]:
    taken = _ids(
        *(kind.get(text, {}) for text in texts for kind in (observations.stated, observations.around))
    )
    expressions = [parse(text) for text in texts]
    proposed: dict[Agent, str | None] = {}
    for number, (text, expression) in enumerate(zip(texts, expressions, strict=True), start=1):
        known = dict(_written(observations.examples.get(text, {}).values(), expressions))
        around = {
            vector(expression, agent): (agent, known_as) for agent, known_as in (known | proposed).items()
        }
        plan = _Plan(expression, observations.stated.get(text, {}), around, taken, new_ids)
        rows = tuple(plan.row(position) for position in range(len(plan.terms)))
        proposals = tuple(plan.proposals.values())
        proposed |= {proposal.agent: proposal.known_as for proposal in proposals}
        yield StepCoverage(
            number=number,
            expression=expression,
            stated=len(_ids(plan.stated)),
            conditions=rows,
            proposals=proposals,
        )


def _written(agents: Iterable[Agent], expressions: Sequence[Expr]) -> Iterator[tuple[Agent, str]]:
    """
    Give agents as a roster as text can have them, by the username where that will do, with their ids.

    Whoever would then fare otherwise is left out: of whom nothing is known, that cannot be written.
    """
    asked = {attribute for expression in expressions for attribute in asked_attributes(expression)}
    for agent in sorted(agents, key=lambda agent: agent.id):
        levels = {a: level for a, level in (agent.proficiencies or {}).items() if a in asked}
        for name in dict.fromkeys((agent.name, agent.id)):
            written = Agent(id=name, proficiencies=levels)
            if all(vector(each, written) == vector(each, agent) for each in expressions):
                yield written, agent.id
                break


class _Plan:
    """
    One step's gaps, closed in the order of its conditions; who closes one may close others.

    Attributes:
        stated: The agents of whom tests state the outcome.
        around: Those who are there besides, and of whom they do not, with their ids in a roster.
        proposals: The statements planned so far.
    """

    def __init__(
        self,
        expression: Expr,
        stated: Vectors,
        around: Mapping[Vector, tuple[Agent, str | None]],
        taken: set[str],
        new_ids: Iterator[str],
    ) -> None:
        self.expression = expression
        self.terms = tuple(conditions(expression))
        self.stated = stated
        self.around = around
        self.proposals: dict[Vector, Proposal] = {}
        self._taken = taken
        self._new_ids = new_ids
        self._space: Space | None = None

    @property
    def space(self) -> Space:
        """Every agent that the expression can tell apart; not looked for where nothing is missing."""
        if self._space is None:
            self._space = space(self.expression)
        return self._space

    def row(self, number: int) -> ConditionCoverage:
        """Say what is shown of condition *number*, from 0, and plan how to show the rest."""
        alone = shown(self.expression, number, sorted(self.stated, reverse=True))
        if alone is not None:
            return self._row(number, alone=Pair(*(min(self.stated[numbers]) for numbers in alone)))
        try:
            needed = self._needed(number)
        except SearchLimitError:
            return self._row(number, can_decide=None, needs=self._plan(self._both_ways(number)))
        if needed is None:
            needs = self._plan(self._both_ways(number))
            return self._row(number, can_decide=False, why_not=self._why_not(number), needs=needs)
        return self._row(number, needs=self._plan(needed))

    def _row(
        self,
        number: int,
        *,
        alone: Pair | None = None,
        can_decide: bool | None = True,
        why_not: str = "",
        needs: tuple[str, ...] = (),
    ) -> ConditionCoverage:
        passed, failed = (
            len(_ids({numbers: ids for numbers, ids in self.stated.items() if numbers[number] == verdict}))
            for verdict in (YES, NO)
        )
        return ConditionCoverage(
            condition=self.terms[number],
            passed=passed,
            failed=failed,
            alone=alone,
            can_decide=can_decide,
            why_not=why_not,
            needs=needs,
        )

    @property
    def _planned(self) -> list[Vector]:
        return [*sorted(self.stated, reverse=True), *self.proposals]

    @property
    def _everybody(self) -> list[Vector]:
        return [*self._planned, *sorted(self.around, reverse=True)]

    def _needed(self, number: int) -> tuple[Vector | Choices, ...] | None:
        """Find the two who would show that a condition decides alone: known ones, one new, or both new."""
        for known in (self._planned, self._everybody):
            found = shown(self.expression, number, known)
            if found is not None:
                return found
        for known in (self._planned, self._everybody):
            halves = [n for n in known if n[number] != UNKNOWN and decides(self.expression, n, number)]
            ends = [(half, end) for half in halves if (end := partner(self.space, number, half)) is not None]
            if ends:
                return min(ends, key=lambda two: cost(*two[1].values()))
        return pair(self.space, number)

    def _both_ways(self, number: int) -> Iterator[Vector | Choices]:
        """Find who would pass and who would fail a condition, as far as anybody can."""
        for verdict in (YES, NO):
            found = next((numbers for numbers in self._everybody if numbers[number] == verdict), None)
            needed = found or passing(self.space, number, verdict)
            if needed is not None:
                yield needed

    def _plan(self, needed: Iterable[Vector | Choices]) -> tuple[str, ...]:
        """Propose a statement on each of *needed* of whom there is none."""
        ids = []
        for one in needed:
            numbers = one if isinstance(one, tuple) else self.space.vector(one)
            if numbers not in self.stated and numbers not in self.proposals:
                self.proposals[numbers] = self._proposal(numbers, one)
            if numbers in self.proposals:
                ids.append(self.proposals[numbers].agent.id)
        return tuple(ids)

    def _proposal(self, numbers: Vector, who: Vector | Choices) -> Proposal:
        verdict = outcome(self.expression, numbers)
        if not isinstance(who, Mapping):
            agent, known_as = self.around[numbers]
            return Proposal(verdict=verdict, agent=agent, known_as=known_as)
        agent = self.space.agent(who, self._taken, self._new_ids.__next__)
        self._taken.add(agent.id)
        return Proposal(verdict=verdict, agent=agent)

    def _why_not(self, number: int) -> str:
        can = {verdict for verdict in (YES, NO) if passing(self.space, number, verdict) is not None}
        if not can:
            return "its verdict cannot be told of any agent"
        if len(can) == 1:
            return "no agent fails it" if YES in can else "no agent passes it"
        own = self.space.about[number]
        tied = [
            f"`{unparse(term)}`"
            for other, term in enumerate(self.terms)
            if other != number and self.space.about[other] == own
        ]
        if tied:
            return f"{', '.join(dict.fromkeys(tied))} asks about the same"
        return "the outcome never hangs on it"
