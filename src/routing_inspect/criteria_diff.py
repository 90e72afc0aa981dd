"""What a comparison of two criteria consists of, what it says in a sentence, and its JSON."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from enum import Enum
from typing import Any, Final

from attrs import frozen

from routing_inspect.analysis import Counterexample
from routing_inspect.arrival import EARLIER, LATER, SAME, UNKNOWN, Arrival, Shift
from routing_inspect.contact import Agent, Roster, Step
from routing_inspect.part_changes import PartChange
from routing_inspect.text import name_text, unparse
from routing_inspect.visible import visible
from routing_inspect.wire import seconds_number

# How the time at which an agent is reached can change, in the order of what is counted.
_SHIFTS: Final = (EARLIER, LATER, SAME, UNKNOWN)


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

    @property
    def is_untouched(self) -> bool:
        """Whether it says what it said, where it stood, with the expiry it had."""
        return self.relation is Relation.UNCHANGED and not self.is_moved and self.expiry is None


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
        references: The JSONPath on the old and the new side; None for a side that has steps.
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

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain JSON values: what `routing-inspect diff` has for each criteria."""
        return {
            "sentence": headline(self),
            "is_same": self.is_same,
            "occurrences": list(self.occurrences),
            "references": {"old": self.references[0], "new": self.references[1]},
            "hidden": self.hidden,
            "missing": self.missing,
            "unread_members_differ": self.extra_differs,
            "steps": [_step_dict(step) for step in self.steps],
            "reach": None if self.reach is None else _reach_dict(self.reach),
        }


def _is_same(step: StepDiff) -> bool:
    return (
        step.relation is Relation.UNCHANGED
        and not step.is_moved
        and step.expiry is None
        and not step.extra_differs
    )


# ---------------------------------------------------------------------------- in words


def headline(diff: CriteriaDiff) -> str:
    """Say in one sentence what the change does."""
    if diff.missing is not None:
        return f"There is no {diff.missing} criteria to compare with."
    if diff.hidden is not None:
        return f"The criteria cannot be compared: {diff.hidden}."
    if diff.references[0] is not None:
        return f"Both criteria are {visible(diff.references[0])}, which only the running flow can fill in."
    reach = diff.reach
    if diff.is_same:
        return "The criteria say the same."
    if reach is None or reach.is_same:
        meaning = all(step.relation is Relation.EQUIVALENT or step.is_untouched for step in diff.steps)
        if meaning:
            return "The criteria are written otherwise and mean the same."
        return "The steps differ, but every agent is reached when they were."
    told = f"{_reached(reach, EARLIER)}; {_reached(reach, LATER)}."
    return told[0].upper() + told[1:]


def _reached(reach: Reach, change: str) -> str:
    shift, is_decided = side_of(reach, change)
    if not is_decided and (shift is None or shift.example.is_fractional):
        return f"whether anybody is reached {change} is too large to decide"
    if shift is None:
        return f"nobody is reached {change}"
    if shift.example.is_fractional:
        return f"only agents with levels between whole ones are reached {change}"
    return f"some agents are reached {change}"


def side_of(reach: Reach, change: str) -> tuple[Shift | None, bool]:
    """Give the example of who is reached earlier, or later, and whether the question was decided."""
    if change == EARLIER:
        return reach.earlier, reach.earlier_decided
    return reach.later, reach.later_decided


def change_text(change: PartChange) -> str:
    """Say what was changed in an expression, in the reader's words."""
    match change.kind:
        case "bounds":
            text = f"{change.attribute} {change.old} -> {change.new}"
        case "part added":
            text = f"added: {change.joined_by} {change.new}"
        case "part removed":
            text = f"removed: {change.joined_by} {change.old}"
        case "agent added":
            text = f"agent added to the list: {name_text(change.new or '')}"
        case "agent removed":
            text = f"agent removed from the list: {name_text(change.old or '')}"
        case "joined":
            text = f"{change.old} -> {change.new} between the parts"
        case "order":
            text = f"the parts joined by {change.joined_by} stand in another order"
        case "value" | "name":
            text = f"another {change.kind}: {change.old} -> {change.new}"
        case _:
            text = f"{change.old} -> {change.new}"
    if change.within is None:
        return text
    return f"{text}, {'beside' if change.kind == 'part added' else 'in'} {change.within}"


# ---------------------------------------------------------------------------- as JSON


def _step_dict(step: StepDiff) -> dict[str, Any]:
    return {
        "relation": step.relation.value,
        "old": _side_dict(step.old, step.old_number, step.starts[0]),
        "new": _side_dict(step.new, step.new_number, step.starts[1]),
        "moved": step.is_moved,
        "changes": [_change_dict(change) for change in step.changes],
        "expiry": None if step.expiry is None else _expiry_dict(step.expiry),
        "only_new": None if step.gained is None else step.gained.to_dict(),
        "only_old": None if step.lost is None else step.lost.to_dict(),
        "undecided": step.undecided,
        "adds_nobody": step.adds_nobody,
        "unread_members_differ": step.extra_differs,
        "agents": None if step.agents is None else _step_agents_dict(step.agents),
    }


def _side_dict(step: Step | None, number: int | None, start: timedelta | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "number": number,
        "expression": unparse(step.expression),
        "expires_after_seconds": _seconds(step.expires_after),
        "starts_after_seconds": _seconds(start),
    }


def _change_dict(change: PartChange) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "old": change.old,
        "new": change.new,
        "attribute": change.attribute,
        "joined_by": change.joined_by,
        "within": change.within,
        "text": change_text(change),
    }


def _expiry_dict(change: ExpiryChange) -> dict[str, Any]:
    return {
        "change": change.kind,
        "old_seconds": _seconds(change.old),
        "new_seconds": _seconds(change.new),
    }


def _step_agents_dict(agents: StepAgents) -> dict[str, Any]:
    return {
        "gained": list(agents.gained),
        "lost": list(agents.lost),
        "same": agents.same,
        "unknown": list(agents.unknown),
    }


def _reach_dict(reach: Reach) -> dict[str, Any]:
    return {
        "earlier": _shift_dict(*side_of(reach, EARLIER)),
        "later": _shift_dict(*side_of(reach, LATER)),
        "counts": None if reach.agents is None else {c: reach.counts()[c] for c in _SHIFTS},
        "agents": None if reach.agents is None else [_agent_dict(shift) for shift in reach.agents],
    }


def _shift_dict(shift: Shift | None, is_decided: bool) -> dict[str, Any]:  # noqa: FBT001  (as `side_of` gives it)
    return {
        "anybody": True if shift is not None else False if is_decided else None,
        "decided": is_decided,
        "example": None
        if shift is None
        else {
            "agent": shift.example.to_dict(),
            "old": _arrival_dict(shift.old),
            "new": _arrival_dict(shift.new),
        },
    }


def _agent_dict(shift: AgentShift) -> dict[str, Any]:
    return {
        "id": shift.agent.id,
        "username": shift.agent.username,
        "change": shift.change,
        "difference_seconds": _seconds(shift.difference),
        "old": _arrival_dict(shift.old),
        "new": _arrival_dict(shift.new),
    }


def _arrival_dict(arrival: Arrival) -> dict[str, Any]:
    """Give when an agent is reached: by a step, by fallback, or never; and by which step perhaps earlier."""
    perhaps = None
    if arrival.perhaps_after is not None:
        perhaps = {"after_seconds": _seconds(arrival.perhaps_after), "step": arrival.perhaps_step}
    return {
        "by": "never" if arrival.after is None else "fallback" if arrival.step is None else "step",
        "after_seconds": _seconds(arrival.after),
        "step": arrival.step,
        "perhaps": perhaps,
    }


def _seconds(duration: timedelta | None) -> int | float | None:
    return None if duration is None else seconds_number(duration)
