"""What differs between two criteria, step by step and as a whole, exactly, with agents that show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final, TypeAlias

from attrs import evolve

from routing_inspect.analysis import Counterexample, admits_nobody_new, counterexample, shared_answers
from routing_inspect.arguments import misused, require
from routing_inspect.arrival import (
    SAME,
    Opening,
    Shift,
    arrivals,
    compare,
    first_later,
    openings,
)
from routing_inspect.contact import Criteria, Roster, Step
from routing_inspect.criteria_diff import (
    AgentShift,
    CriteriaDiff,
    ExpiryChange,
    Reach,
    Relation,
    StepAgents,
    StepDiff,
)
from routing_inspect.errors import AnalysisLimit
from routing_inspect.expr import Expr
from routing_inspect.index import AgentIndex, Matches
from routing_inspect.pairing import Pair, moved_pairs, pair_steps
from routing_inspect.part_changes import part_changes
from routing_inspect.visible import visible

# Amazon Connect documents five; fifty large ones on each side take some seconds.
MOST_STEPS: Final = 50


# What is compared; None: there is none, such as on the old side of a flow block that was added.
Side: TypeAlias = Criteria | Expr | None


@shared_answers()
def diff(old: Side, new: Side, roster: Roster | None = None) -> CriteriaDiff:
    """
    Compare two criteria: which step is which, whom each lets in now, and when the contact reaches whom.

    Expressions are compared by what they mean for every agent there can be, expiries by their duration.
    Statuses and times of a criteria that has run are not compared.

    Args:
        old: A criteria; an expression counts as one step that never expires. None: there is none, and
            every step of the other side was added.
        new: The same.
        roster: Agents to tell about one by one; None: nobody.

    Raises:
        AnalysisLimit: A criteria has more than 50 steps.
    """
    before, after = _criteria("old", old), _criteria("new", new)
    for criteria in (before, after):
        if len(criteria.steps) > MOST_STEPS:
            raise AnalysisLimit(
                f"a criteria of {len(criteria.steps)} steps is too large to compare",
                hint=f"up to {MOST_STEPS} are compared; Amazon Connect documents five",
            )
    references = before.reference, after.reference
    if roster is not None:
        require("roster", roster, Roster)
    population = None if roster is None else _Population(roster)
    hidden = _hidden(before, after)
    steps = tuple(_steps(before, after, population, is_hidden=hidden is not None))
    missing = "old" if old is None else "new" if new is None else None
    return CriteriaDiff(
        steps=steps,
        reach=_reach(before, after, population) if missing is None and references == (None, None) else None,
        hidden=hidden,
        missing=missing,
        references=references,
        extra_differs=before.extra != after.extra,
        roster=roster,
    )


class _Population:
    """A roster, indexed once, and what each expression asked about says of it."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self.index = AgentIndex(roster)

    def step_agents(self, step: StepDiff) -> StepAgents:
        ids = [agent.id for agent in self.roster.agents]
        if step.relation in {Relation.UNCHANGED, Relation.EQUIVALENT}:
            return StepAgents(gained=(), lost=(), same=len(ids), unknown=())
        old, new = (self._match(side) for side in (step.old, step.new))
        unknown = old[1] | new[1]
        gained, lost = new[0] - old[0] - unknown, old[0] - new[0] - unknown
        return StepAgents(
            gained=tuple(agent_id for agent_id in ids if agent_id in gained),
            lost=tuple(agent_id for agent_id in ids if agent_id in lost),
            same=len(ids) - len(gained) - len(lost) - len(unknown),
            unknown=tuple(agent_id for agent_id in ids if agent_id in unknown),
        )

    def _match(self, step: Step | None) -> tuple[frozenset[str], frozenset[str]]:
        """Give who matches, and of whom it is unknown; nobody where there is no step."""
        if step is None:
            return frozenset(), frozenset()
        matches: Matches = self.index.match(step.expression)
        return frozenset(matches.matching), frozenset(matches.unknown)


def _criteria(name: str, side: Side) -> Criteria:
    match side:
        case Criteria():
            return side
        case None:
            return Criteria()
        case _:
            if not isinstance(side, Expr):
                raise misused(name, side, "Criteria")
            return Criteria([Step(side)])


def _hidden(old: Criteria, new: Criteria) -> str | None:
    """Say why steps cannot be compared, where a reference stands in their place on one side."""
    if old.reference == new.reference:
        return None
    sides = [
        f"the {name} criteria is `{visible(criteria.reference)}`"
        for name, criteria in (("old", old), ("new", new))
        if criteria.reference is not None
    ]
    return f"{' and '.join(sides)}, which only the running flow can fill in"


# ---------------------------------------------------------------------------- step by step


def _steps(
    old: Criteria, new: Criteria, population: _Population | None, *, is_hidden: bool
) -> Iterable[StepDiff]:
    pairs = pair_steps(old.steps, new.steps)
    moved = moved_pairs(pairs)
    found = [_paired(old, new, pair, is_moved=pair in moved) for pair in pairs]
    found += _alone(old, new, {pair[0] for pair in pairs}, {pair[1] for pair in pairs})
    starts = [{opening.step: opening.after for opening in openings(side)} for side in (old, new)]
    for step in _in_order(found):
        placed = evolve(step, starts=(starts[0].get(step.old_number), starts[1].get(step.new_number)))
        if is_hidden:
            placed = evolve(placed, relation=Relation.INCOMPARABLE, undecided="the other side has no steps")
        if population is not None:
            placed = evolve(placed, agents=population.step_agents(placed))
        yield placed


def _paired(old: Criteria, new: Criteria, pair: Pair, *, is_moved: bool) -> StepDiff:
    before, after = old.steps[pair[0]], new.steps[pair[1]]
    relation, gained, lost, undecided = _relation(before.expression, after.expression)
    expires = before.expires_after, after.expires_after
    return StepDiff(
        relation=relation,
        old_number=pair[0] + 1,
        new_number=pair[1] + 1,
        old=before,
        new=after,
        is_moved=is_moved,
        changes=part_changes(before.expression, after.expression),
        expiry=None if expires[0] == expires[1] else ExpiryChange(*expires),
        gained=gained,
        lost=lost,
        undecided=undecided,
        extra_differs=_extra(before) != _extra(after),
    )


def _relation(
    old: Expr, new: Expr
) -> tuple[Relation, Counterexample | None, Counterexample | None, str | None]:
    if old == new:
        return Relation.UNCHANGED, None, None, None
    gained = lost = None
    try:
        gained = counterexample(new, old)
        lost = counterexample(old, new)
    except AnalysisLimit as limit:
        return Relation.INCOMPARABLE, gained, lost, f"too large to compare: {limit.message}"
    match gained, lost:
        case None, None:
            relation = Relation.EQUIVALENT
        case _, None:
            relation = Relation.LOOSER
        case None, _:
            relation = Relation.STRICTER
        case _:
            relation = Relation.INCOMPARABLE
    return relation, gained, lost, None


def _alone(
    old: Criteria, new: Criteria, paired_old: Collection[int], paired_new: Collection[int]
) -> Iterable[StepDiff]:
    """Give the steps that only one side has."""
    removed = [i for i in range(len(old.steps)) if i not in paired_old]
    added = [j for j in range(len(new.steps)) if j not in paired_new]
    idle = _idle(old) if removed else frozenset[int]()
    for i in removed:
        yield StepDiff(
            relation=Relation.REMOVED, old_number=i + 1, old=old.steps[i], adds_nobody=i + 1 in idle
        )
    idle = _idle(new) if added else frozenset[int]()
    for j in added:
        yield StepDiff(relation=Relation.ADDED, new_number=j + 1, new=new.steps[j], adds_nobody=j + 1 in idle)


def _idle(criteria: Criteria) -> frozenset[int]:
    """Number the steps that let in nobody whom none before does; none where that is too large to tell."""
    try:
        return frozenset(admits_nobody_new(criteria.steps))
    except AnalysisLimit:
        return frozenset()


def _in_order(steps: Iterable[StepDiff]) -> list[StepDiff]:
    """Order by the new numbers, and put each step that was removed behind the one it stood behind."""
    ordered = sorted((step for step in steps if step.new_number), key=lambda step: step.new_number or 0)
    removed = sorted((step for step in steps if not step.new_number), key=lambda step: step.old_number or 0)
    for step in removed:
        number = step.old_number or 0
        places = [place for place, other in enumerate(ordered, 1) if 0 < (other.old_number or 0) < number]
        ordered.insert(max(places, default=0), step)
    return ordered


def _extra(step: Step) -> Mapping[str, object]:
    """Give what a step holds that this version does not know."""
    return {**step.extra, "": {} if step.expiry is None else dict(step.expiry.extra)}


# ---------------------------------------------------------------------------- over all steps


def _reach(old: Criteria, new: Criteria, population: _Population | None) -> Reach:
    before, after = openings(old), openings(new)
    later, later_decided = first_later(before, after)
    earlier, earlier_decided = first_later(after, before)
    found = Reach(
        earlier=None if earlier is None else Shift(earlier.example, earlier.new, earlier.old),
        later=later,
        earlier_decided=earlier_decided,
        later_decided=later_decided,
    )
    if population is None:
        return found
    return evolve(found, agents=_agent_shifts(before, after, population, is_same=found.is_same))


def _agent_shifts(
    old: Iterable[Opening], new: Iterable[Opening], population: _Population, *, is_same: bool
) -> tuple[AgentShift, ...]:
    before, after = (arrivals(tuple(side), population.roster, population.index) for side in (old, new))
    return tuple(
        # Whatever an agent holds of whom that is unknown, it makes no difference where none does.
        AgentShift(agent, was, now, SAME if is_same else compare(was, now))
        for agent in population.roster.agents
        for was, now in ((before[agent.id], after[agent.id]),)
    )
