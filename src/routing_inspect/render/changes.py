"""What would have let an agent match, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from routing_inspect.evaluate import Verdict
from routing_inspect.explanation import AgentExplanation, Explanation, StepChange, StepRelaxation
from routing_inspect.expr import AgentIn, AtLeast, Between, Expr, Not
from routing_inspect.remedies import Edit, Level, Relaxation
from routing_inspect.render.lines import Line
from routing_inspect.text import attribute_text, level_text, unparse
from routing_inspect.timeline import offset_text
from routing_inspect.words import shortened

# What there is more of than this is summed up, unless somebody asks for all.
_SHOWN: Final = 3


def change_lines(explanation: Explanation, explained: AgentExplanation, *, verbose: bool) -> Iterator[Line]:
    """
    Say what it would have taken, on the agent's side and on that of the criteria.

    Unless *verbose*, a change that comes no cheaper than one for an earlier step is left out.
    """
    changes = sorted(explained.changes or (), key=lambda found: (found.change.cost, found.step))
    if not verbose:
        changes = [found for found in changes if not any(_is_better(other, found) for other in changes)]
    # What moves a bound comes before what lists an agent or takes a condition out.
    relaxed = sorted(explained.relaxations or (), key=lambda found: found.relaxation.levels or float("inf"))
    rows = [("on the agent", _change_text(explanation, explained, found)) for found in changes]
    rows += [("on the criteria", _relaxation_text(explanation, explained, found)) for found in relaxed]
    for limit in explained.limits:
        yield Line(f"smallest changes for step {limit.step} not worked out: {limit.reason}", indent=4)
    if not rows:
        return
    yield Line("smallest changes to match", indent=4)
    seen: dict[str, int] = {}
    for label, text in rows:
        seen[label] = seen.get(label, 0) + 1
        if verbose or seen[label] <= _SHOWN:
            yield Line(text, indent=6, label=f"{label if seen[label] == 1 else '':<15}  ")
    left = sum(max(number - _SHOWN, 0) for number in seen.values())
    if left and not verbose:
        yield Line(f"and {left} more: --verbose shows all", indent=6)


def behind(name: str, stopped: Sequence[str] | None) -> str:
    """Put behind an agent's name the gates that keep out one whom the expression lets in."""
    return f"{name} (stopped by {', '.join(stopped)})" if stopped else name


def _is_better(other: StepChange, found: StepChange) -> bool:
    return other.step < found.step and other.change.cost <= found.change.cost


def _change_text(explanation: Explanation, explained: AgentExplanation, found: StepChange) -> str:
    edits = ", ".join(map(_edit_text, found.change.edits))
    levels = f"{found.change.cost:g} level{'' if found.change.cost == 1 else 's'}"
    where = _step(explanation, found)
    held = ", ".join(map(attribute_text, found.unheld))
    nobody = f"; nobody in the roster holds {held}" if held else ""
    return f"{where}: {edits}; {levels}{nobody}{_still_stopped(explained, found.step)}"


def _edit_text(edit: Edit) -> str:
    return f"{attribute_text(edit.attribute)} {_level(edit.before)} -> {_level(edit.after)}"


def _level(level: Level) -> str:
    return "not held" if level is None else level_text(level)


def _relaxation_text(explanation: Explanation, explained: AgentExplanation, found: StepRelaxation) -> str:
    names = [behind(explanation.names[agent_id], found.stopped.get(agent_id)) for agent_id in found.admits]
    admits = f"admits {shortened(names, _SHOWN)} too" if names else "admits nobody else known"
    where = _step(explanation, found)
    said = _relaxed_text(found.relaxation, explanation.name(explained.agent))
    return f"{where}: {said}; {admits}{_still_stopped(explained, found.step)}"


def _relaxed_text(relaxation: Relaxation, name: str) -> str:
    """Say what to write: a bound beside the old one, an agent by name, or what to leave out."""
    condition, relaxed = relaxation.condition, relaxation.relaxed
    if relaxed is None:
        return f"without {unparse(condition)}"
    if isinstance(relaxed, AgentIn):
        return f"{name} listed too"
    if isinstance(relaxed, Not):
        inner = relaxed.operand
        moved = f"{unparse(condition)} -> NOT {_bounds(inner)}"
        return f"{name} not listed" if isinstance(inner, AgentIn) else moved
    return f"{unparse(condition)} -> {_bounds(relaxed)}"


def _bounds(condition: Expr) -> str:
    """Write a condition without the attribute that stands beside it already."""
    named = attribute_text(condition.attribute) if isinstance(condition, AtLeast | Between) else ""
    return unparse(condition).removeprefix(named).lstrip()


def _step(explanation: Explanation, found: StepChange | StepRelaxation) -> str:
    """Name a step, and when it starts: after queueing, as every other time is, where that is known."""
    clock, number, seconds = explanation.timeline, found.step, found.seconds_after_activation
    zero = explanation.contact.enqueued_at or clock.activated_at
    before = clock.phases[number - 2].expires_at if number > 1 else clock.activated_at
    starts_at = clock.phases[number - 1].started_at or before
    if zero is not None and starts_at is not None:
        return f"step {number} ({offset_text(starts_at - zero)})"
    return f"step {number}" + ("" if seconds is None else f" ({offset_text(timedelta(seconds=seconds))})")


def _still_stopped(explained: AgentExplanation, number: int) -> str:
    """Name the gates that would keep the agent out all the same."""
    gates = next(step.gates for step in explained.steps if step.number == number)
    stopped = [gate.gate for gate in gates if gate.trace is None and gate.verdict is Verdict.NO_MATCH]
    return f"; still stopped by {', '.join(stopped)}" if stopped else ""
