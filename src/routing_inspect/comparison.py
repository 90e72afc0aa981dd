"""What differs between two criteria, step by step and as a whole, exactly, with agents that show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Final, TypeAlias

from attrs import evolve, frozen

from routing_inspect.analysis import Counterexample, admits_nobody_new, counterexample
from routing_inspect.arrival import (
    EARLIER,
    LATER,
    SAME,
    Arrival,
    Opening,
    Shift,
    arrivals,
    compare,
    first_later,
    openings,
)
from routing_inspect.contact import Agent, Criteria, Roster, Step
from routing_inspect.errors import AnalysisLimit
from routing_inspect.expr import Expr
from routing_inspect.index import AgentIndex, Matches
from routing_inspect.pairing import Pair, moved_pairs, pair_steps
from routing_inspect.part_changes import PartChange, part_changes
from routing_inspect.visible import visible

# Amazon Connect documents five; fifty large ones on each side take some seconds.
MOST_STEPS: Final = 50


class Relation(Enum):
    """How a step, or the whole, stands to what it was; the value is its name in every output."""

    UNCHANGED = "unchanged"
    EQUIVALENT = "equivalent"
    LOOSER = "looser"
    STRICTER = "stricter"
    INCOMPARABLE = "incomparable"
    ADDED = "added"
    REMOVED = "removed"


# What a gate can be set on, in the order in which it is told.
GATES: Final = (
    "looser",
    "stricter",
    "incomparable",
    "added",
    "removed",
    "moved",
    "later",
    "earlier",
)


@frozen
class ExpiryChange:
    """
    A step that waits for another time.

    Attributes:
        old: How long it waited; None: it never expired.
        new: How long it waits; None: it never expires.
    """

    old: timedelta | None
    new: timedelta | None

    @property
    def kind(self) -> str:
        """``longer``, ``shorter``, ``now never`` or ``now expires``."""
        if self.new is None:
            return "now never"
        if self.old is None:
            return "now expires"
        return "longer" if self.new > self.old else "shorter"


@frozen(kw_only=True)
class StepAgents:
    """
    What a change of one step does for the agents of a roster; together they are all of them.

    Attributes:
        gained: The ids of those whom only the new version lets in, in the order of the roster.
        lost: The ids of those whom only the old one did.
        same: How many are let in by both or by none.
        unknown: The ids of those of whom it cannot be told for one version at least; nobody where both let
            in the same agents.
    """

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    same: int
    unknown: tuple[str, ...]


@frozen(kw_only=True)
class StepDiff:
    """
    What became of one step; a step that was added or removed has one side only.

    Attributes:
        relation: Whom it lets in next to whom it let in. UNCHANGED: written as it was.
        old_number: The number of the old step, from 1; None where there is none.
        new_number: The number of the new step; None where there is none.
        old: The old step; None where there is none.
        new: The new step; None where there is none.
        is_moved: Whether it changed places with other steps; see `pairing.moved_pairs`.
        changes: What was changed in its expression, as it is written.
        expiry: How its expiry changed; None: it did not, or there is one side only.
        gained: The smallest agent whom only the new version lets in; None: there is none, or it was not
            worked out.
        lost: The smallest agent whom only the old version lets in; None as above.
        undecided: Why it is not known whom it lets in next to before; None where it is. Such a step counts
            as INCOMPARABLE.
        adds_nobody: Whether a step that was added, or removed, lets in only agents whom a step before it
            does. False for any other.
        starts: When the old and the new step start after the activation; None: never, or there is none.
        extra_differs: Whether members that this version does not know differ.
        agents: What it does for the agents of a roster; None without one.
    """

    relation: Relation
    old_number: int | None = None
    new_number: int | None = None
    old: Step | None = None
    new: Step | None = None
    is_moved: bool = False
    changes: tuple[PartChange, ...] = ()
    expiry: ExpiryChange | None = None
    gained: Counterexample | None = None
    lost: Counterexample | None = None
    undecided: str | None = None
    adds_nobody: bool = False
    starts: tuple[timedelta | None, timedelta | None] = (None, None)
    extra_differs: bool = False
    agents: StepAgents | None = None


@frozen
class AgentShift:
    """
    When the contact can first reach one agent of a roster, before and now.

    Attributes:
        change: ``earlier``, ``later``, ``same`` or ``unknown``.
    """

    agent: Agent
    old: Arrival
    new: Arrival
    change: str

    @property
    def difference(self) -> timedelta | None:
        """How much later, negative for earlier; None where one side is never, or unknown."""
        if self.old.after is None or self.new.after is None or self.change not in {EARLIER, LATER}:
            return None
        return self.new.after - self.old.after if self.old.is_certain and self.new.is_certain else None


@frozen(kw_only=True)
class Reach:
    """
    When the contact can first reach agents, before and now, over all steps.

    Attributes:
        earlier: An agent whom it reaches earlier; None: nobody, if *earlier_decided*.
        later: An agent whom it reaches later, or no longer; None: nobody, if *later_decided*.
        earlier_decided: Whether it was decided for every agent there can be.
        later_decided: The same.
        agents: Every agent of the roster, in its order; None without one.
    """

    earlier: Shift | None = None
    later: Shift | None = None
    earlier_decided: bool = True
    later_decided: bool = True
    agents: tuple[AgentShift, ...] | None = None

    @property
    def is_same(self) -> bool:
        """Whether every agent there can be is reached when they were."""
        return not self.changes

    @property
    def changes(self) -> frozenset[str]:
        """Which of ``earlier`` and ``later`` occurs, or may, where it was not decided."""
        earlier = {EARLIER} if self.earlier is not None or not self.earlier_decided else set[str]()
        later = {LATER} if self.later is not None or not self.later_decided else set[str]()
        return frozenset(earlier | later)

    def counts(self) -> dict[str, int]:
        """Count the agents of the roster by what changed for them; nothing without a roster."""
        return Counter(shift.change for shift in self.agents or ())


@frozen(kw_only=True)
class CriteriaDiff:
    """
    What differs between two criteria.

    Attributes:
        steps: What became of each step, in the new order; those removed stand where they stood. Every step
            of both sides is in one of them.
        reach: What it does over all steps; None where one side has no steps to see.
        hidden: Why one side has no steps to see; None where both have, or say the same.
        missing: ``old`` or ``new``, where there is no criteria on that side at all; None otherwise.
        references: The JSONPath on the old and the new side, where one stands in place of steps.
        extra_differs: Whether members of the criteria differ that this version does not know.
        roster: The agents told about; None where there are none.
    """

    steps: tuple[StepDiff, ...]
    reach: Reach | None = None
    hidden: str | None = None
    missing: str | None = None
    references: tuple[str | None, str | None] = (None, None)
    extra_differs: bool = False
    roster: Roster | None = None

    def counts(self) -> dict[str, int]:
        """Count what became of the steps, by the value of `Relation`; they add up to `steps`."""
        found = Counter(step.relation for step in self.steps)
        return {relation.value: found[relation] for relation in Relation if found[relation]}

    @property
    def occurrences(self) -> tuple[str, ...]:
        """
        What of `GATES` occurs, in that order.

        A step or a whole that could not be compared is ``incomparable``, and so is one in which members
        differ that this version does not know; ``later`` and ``earlier`` also occur where they could not
        be decided.
        """
        is_unread = self.extra_differs or any(step.extra_differs for step in self.steps)
        found = set(self.counts())
        found |= {"moved"} if any(step.is_moved for step in self.steps) else set()
        found |= {"incomparable"} if self.hidden is not None or is_unread else set()
        found |= set() if self.reach is None else self.reach.changes
        return tuple(gate for gate in GATES if gate in found)

    @property
    def is_same(self) -> bool:
        """Whether both say the same as they are written: every step unchanged, in place, with its expiry."""
        says_same = self.hidden is None and self.missing is None and not self.extra_differs
        return says_same and all(_is_same(step) for step in self.steps)


# What is compared; None: there is none, such as on the old side of a flow block that was added.
Side: TypeAlias = Criteria | Expr | None


def diff(old: Side, new: Side, roster: Roster | None = None) -> CriteriaDiff:
    """
    Compare two criteria: which step is which, whom each lets in now, and when the contact reaches whom.

    Expressions are compared by what they mean for every agent there can be, expiries by their duration.
    Statuses and times of a criteria that has run are not compared.

    Args:
        old: A criteria; an expression counts as one step that never expires. None: there is none, and
            every step of the other side was added.
        new: The same.
        roster: Agents to tell about one by one.

    Raises:
        AnalysisLimit: A criteria has more than 50 steps.
    """
    before, after = _criteria(old), _criteria(new)
    for criteria in (before, after):
        if len(criteria.steps) > MOST_STEPS:
            raise AnalysisLimit(
                f"a criteria of {len(criteria.steps)} steps is too large to compare",
                hint=f"up to {MOST_STEPS} are compared; Amazon Connect documents five",
            )
    references = before.reference, after.reference
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


def _criteria(side: Side) -> Criteria:
    match side:
        case Criteria():
            return side
        case None:
            return Criteria()
        case _:
            return Criteria([Step(side)])


def _is_same(step: StepDiff) -> bool:
    return (
        step.relation is Relation.UNCHANGED
        and not step.is_moved
        and step.expiry is None
        and not step.extra_differs
    )


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
        return frozenset(admits_nobody_new(step.expression for step in criteria.steps))
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
