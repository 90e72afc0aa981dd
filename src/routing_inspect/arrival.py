"""When a criteria first lets an agent in, and for whom another one does so earlier or later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Final

from attrs import evolve, frozen

from routing_inspect.analysis import Counterexample, outsider, settled
from routing_inspect.contact import Criteria, Roster
from routing_inspect.errors import AnalysisLimit
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.expr import AgentIn, Expr, Not
from routing_inspect.index import AgentIndex

EARLIER: Final = "earlier"
LATER: Final = "later"
SAME: Final = "same"
UNKNOWN: Final = "unknown"

_NOT_YET: Final = timedelta(0)


@frozen
class Opening:
    """
    A time from which on a criteria lets some agents in.

    Attributes:
        step: The number of the step that starts then; None: every step has expired.
        after: How long after the activation, by the durations of the steps before.
        expression: Whom it lets in.
    """

    step: int | None
    after: timedelta
    expression: Expr


@frozen(kw_only=True)
class Arrival:
    """
    When the contact can first reach an agent.

    Attributes:
        after: How long after the activation it certainly can; None: never.
        step: The number of the step that lets the agent in then; None where that is the fallback after
            the last step has expired, and for never.
        perhaps_after: When it perhaps can already, by a step of which that is unknown; None: there is
            no such step earlier than *after*.
        perhaps_step: The number of that step; None as for *perhaps_after*.
    """

    after: timedelta | None
    step: int | None = None
    perhaps_after: timedelta | None = None
    perhaps_step: int | None = None

    @property
    def is_certain(self) -> bool:
        """Whether the time is known."""
        return self.perhaps_after is None


@frozen
class Shift:
    """
    An agent whom the contact reaches at another time, as an example.

    Attributes:
        example: The agent, and what that rests on.
        old: When it did.
        new: When it does.
    """

    example: Counterexample
    old: Arrival
    new: Arrival


def openings(criteria: Criteria) -> tuple[Opening, ...]:
    """
    Say when each step starts, and when anybody in the queue may take the contact.

    Steps behind one that never expires do not start, and are left out. Without any step the contact is
    open to everybody at once. A step does not start before the one in front of it.
    """
    found: list[Opening] = []
    after: timedelta = _NOT_YET
    for number, step in enumerate(criteria.steps, 1):
        found.append(Opening(number, after, step.expression))
        if step.expires_after is None:
            return tuple(found)
        after = _added(after, step.expires_after)
    return (*found, Opening(None, after, Not(AgentIn(()))))


def arrival(opened: Iterable[Opening], verdict_of: Callable[[Opening], Verdict]) -> Arrival:
    """Say when an agent is first let in, by whether each opening lets the agent in."""
    perhaps: Opening | None = None
    for opening in opened:
        match verdict_of(opening):
            case Verdict.MATCH:
                return _arrival(opening, perhaps)
            case Verdict.UNKNOWN if perhaps is None:
                perhaps = opening
            case _:
                pass
    return _arrival(None, perhaps)


def compare(old: Arrival, new: Arrival) -> str:
    """Say whether an agent is reached ``earlier``, ``later`` or at the ``same`` time; or ``unknown``."""
    if _latest(new) < _earliest(old):
        return EARLIER
    if _latest(old) < _earliest(new):
        return LATER
    return SAME if old.is_certain and new.is_certain else UNKNOWN


def first_later(old: Sequence[Opening], new: Sequence[Opening]) -> tuple[Shift | None, bool]:
    """
    Find an agent whom the old criteria lets in, and the new one later or never, whatever is open.

    Returns:
        The example: one with whole levels and without assumptions if there is any, else the first.
        And whether the question was decided in full; where it was not, None does not mean nobody.
    """
    found: list[Shift] = []
    for opening in old:
        rivals = [other.expression for other in new if other.after <= opening.after]
        if opening.expression in rivals:
            continue
        try:
            example = outsider(opening.expression, rivals)
        except AnalysisLimit:
            return _plainest(found), False
        if example is not None:
            found.append(_shift(example, old, new))
            if not (example.is_fractional or example.assuming):
                break
    return _plainest(found), True


def arrivals(opened: Sequence[Opening], roster: Roster, index: AgentIndex) -> dict[str, Arrival]:
    """Say of every agent of a roster, by id, when the contact can first reach them."""
    found: dict[str, Arrival] = {}
    perhaps: dict[str, Opening] = {}
    for opening in opened:
        matches = index.match(opening.expression)
        for agent_id in matches.matching:
            found.setdefault(agent_id, _arrival(opening, perhaps.get(agent_id)))
        for agent_id in matches.unknown:
            perhaps.setdefault(agent_id, opening)
    return {agent.id: found.get(agent.id) or _arrival(None, perhaps.get(agent.id)) for agent in roster.agents}


def _added(after: timedelta, duration: timedelta) -> timedelta:
    try:
        return after + max(duration, _NOT_YET)
    except OverflowError:
        return timedelta.max


def _arrival(opening: Opening | None, perhaps: Opening | None) -> Arrival:
    known = Arrival(after=None) if opening is None else Arrival(after=opening.after, step=opening.step)
    if perhaps is None or (opening is not None and perhaps.after >= opening.after):
        return known
    return evolve(known, perhaps_after=perhaps.after, perhaps_step=perhaps.step)


# Whether never, and else when: so that never is after every time.
def _latest(when: Arrival) -> tuple[bool, timedelta]:
    return when.after is None, when.after or _NOT_YET


def _earliest(when: Arrival) -> tuple[bool, timedelta]:
    return _latest(when) if when.perhaps_after is None else (False, when.perhaps_after)


def _shift(example: Counterexample, old: Sequence[Opening], new: Sequence[Opening]) -> Shift:
    def verdict_of(opening: Opening) -> Verdict:
        return settled(evaluate(opening.expression, example.agent), example.assuming)

    return Shift(example, arrival(old, verdict_of), arrival(new, verdict_of))


def _plainest(found: Sequence[Shift]) -> Shift | None:
    def price(shift: Shift) -> tuple[bool, int]:
        return shift.example.is_fractional, len(shift.example.assuming)

    return min(found, key=price, default=None)
