"""What differs between two criteria, as JSON."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, Final

from routing_inspect.analysis import Counterexample
from routing_inspect.arrival import EARLIER, LATER, Arrival, Shift
from routing_inspect.comparison import (
    AgentShift,
    CriteriaDiff,
    ExpiryChange,
    Reach,
    Relation,
    StepAgents,
    StepDiff,
)
from routing_inspect.contact import Step
from routing_inspect.part_changes import PartChange
from routing_inspect.render.diff import CHANGES, Report, change_text, headline, side_of
from routing_inspect.text import unparse
from routing_inspect.wire import seconds_number

SCHEMA: Final = "routing-inspect/diff/1"


def to_dict(report: Report) -> dict[str, Any]:
    """Give the report as plain JSON values: schema ``routing-inspect/diff/1``."""
    counts = Counter[str]()
    for part in report.parts:
        counts.update(part.diff.counts())
    return {
        "schema": SCHEMA,
        "old": {"name": report.old[0], "kind": report.old[1]},
        "new": {"name": report.new[0], "kind": report.new[1]},
        "notes": list(report.notes),
        "is_same": all(part.diff.is_same for part in report.parts),
        "criteria": [
            {
                "old_action": part.old_name,
                "new_action": part.new_name,
                **diff_dict(part.diff),
            }
            for part in report.parts
        ],
        "total": {relation.value: counts[relation.value] for relation in Relation},
        "gate": {
            "fail_on": list(report.fail_on),
            "failed": list(report.failures),
            "passed": not report.failures,
        },
    }


def diff_dict(diff: CriteriaDiff) -> dict[str, Any]:
    """Give what differs between two criteria as plain JSON values."""
    return {
        "sentence": headline(diff),
        "is_same": diff.is_same,
        "occurrences": list(diff.occurrences),
        "references": {"old": diff.references[0], "new": diff.references[1]},
        "hidden": diff.hidden,
        "missing": diff.missing,
        "unread_members_differ": diff.extra_differs,
        "steps": [_step_dict(step) for step in diff.steps],
        "reach": None if diff.reach is None else _reach_dict(diff.reach),
    }


def _step_dict(step: StepDiff) -> dict[str, Any]:
    return {
        "relation": step.relation.value,
        "old": _side_dict(step.old, step.old_number, step.starts[0]),
        "new": _side_dict(step.new, step.new_number, step.starts[1]),
        "moved": step.is_moved,
        "changes": [_change_dict(change) for change in step.changes],
        "expiry": None if step.expiry is None else _expiry_dict(step.expiry),
        "only_new": None if step.gained is None else _example_dict(step.gained),
        "only_old": None if step.lost is None else _example_dict(step.lost),
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


def _example_dict(example: Counterexample) -> dict[str, Any]:
    agent = example.agent
    return {
        "id": agent.id,
        "username": agent.username,
        "proficiencies": [
            {"name": attribute.name, "value": attribute.value, "level": level}
            for attribute, level in (agent.proficiencies or {}).items()
        ],
        "assuming": [
            {"expression": unparse(part), "holds": holds} for part, holds in example.assuming.items()
        ],
        "is_fractional": example.is_fractional,
        "is_smallest": example.is_smallest,
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
        "counts": None if reach.agents is None else {c: reach.counts()[c] for c in CHANGES},
        "agents": None if reach.agents is None else [_agent_dict(shift) for shift in reach.agents],
    }


def _shift_dict(shift: Shift | None, is_decided: bool) -> dict[str, Any]:  # noqa: FBT001  (as `side_of` gives it)
    return {
        "anybody": True if shift is not None else False if is_decided else None,
        "decided": is_decided,
        "example": None
        if shift is None
        else {
            "agent": _example_dict(shift.example),
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
