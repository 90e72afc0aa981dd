"""Condition coverage for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from routing_inspect.contact import Agent, Roster
from routing_inspect.evaluate import Verdict
from routing_inspect.gaps import ConditionCoverage, CriteriaCoverage, Proposal, StepCoverage, Totals, totals
from routing_inspect.roster import write_roster
from routing_inspect.text import attribute_text, level_text, name_text, unparse
from routing_inspect.visible import visible

SCHEMA: Final = "routing-inspect/condition-coverage/1"

LISTS: Final = {Verdict.MATCH: "matches", Verdict.NO_MATCH: "rejects", Verdict.UNKNOWN: "unknown"}


def agent_line(agent: Agent) -> str:
    """Write an agent as a line of a roster in text."""
    # Before a roster's colon an `@` may begin the agent's queues.
    written = (
        json.dumps(agent.id) if "@" in agent.id and name_text(agent.id) == agent.id else name_text(agent.id)
    )
    held = (agent.proficiencies or {}).items()
    levels = ", ".join(f"{attribute_text(attribute)} {level_text(level)}" for attribute, level in held)
    return f"{written}: {levels}".rstrip()


def lines(covered: Sequence[CriteriaCoverage]) -> Iterator[str]:
    """Say of each condition how many agents pass and fail it, and whether it is shown to decide alone."""
    for criteria in covered:
        yield visible(criteria.name)
        for step in criteria.steps:
            yield f"  step {step.number}"
            yield "    pass  fail  alone"
            for row in step.conditions:
                yield from _condition_lines(row)
        yield from _proposal_lines(criteria)
        yield ""
    yield _total_line(totals(covered))


def _total_line(counted: Totals) -> str:
    """Sum up in one line."""
    if not counted.conditions:
        return "no criteria was under test"
    cannot = counted.conditions - counted.possible
    rest = f"; {cannot} cannot" if cannot else ""
    return (
        f"{counted.conditions} conditions, {counted.both_ways} seen to pass and to fail; "
        f"{counted.alone} of {counted.possible} shown to decide alone, {_percent(counted)} %{rest}"
    )


def to_dict(covered: Sequence[CriteriaCoverage]) -> dict[str, Any]:
    """Give the same as plain JSON values: schema ``routing-inspect/condition-coverage/1``."""
    counted = totals(covered)
    return {
        "schema": SCHEMA,
        "criteria": [
            {"name": criteria.name, "steps": [_step(step) for step in criteria.steps]} for criteria in covered
        ],
        "totals": {
            "conditions": counted.conditions,
            "both_ways": counted.both_ways,
            "possible": counted.possible,
            "alone": counted.alone,
            "percent": counted.percent,
        },
    }


def _percent(counted: Totals) -> str:
    return level_text(counted.percent)


def _condition_lines(row: ConditionCoverage) -> Iterator[str]:
    alone = "yes" if row.alone is not None else {True: "no", False: "never", None: "?"}[row.can_decide]
    yield f"    {row.passed:>4}  {row.failed:>4}  {alone:<5}  {unparse(row.condition)}"
    lead = " " * 23
    if row.why_not:
        yield f"{lead}no two agents can show it: {row.why_not}"
    if row.can_decide is None:
        yield f"{lead}whether two agents could show it took too long to find out"
    if row.needs:
        yield f"{lead}needs {', '.join(map(name_text, row.needs))}"


def _proposal_lines(criteria: CriteriaCoverage) -> Iterator[str]:
    new = [(p, p.agent) for step in criteria.steps for p in step.proposals if p.agent is not None]
    if new:
        yield "  to add to the roster:"
        for proposal, agent in new:
            taken = "   # in another roster: this one has the id" if proposal.is_taken else ""
            yield f"    {agent_line(agent)}{taken}"
    if any(step.proposals for step in criteria.steps):
        yield "  to state in a test:"
        for step in criteria.steps:
            yield from _statement_lines(step)


def _statement_lines(step: StepCoverage) -> Iterator[str]:
    if step.proposals:
        yield f"    {step.number}:"
    for verdict, name in LISTS.items():
        ids = [_yaml(p.agent_id) for p in step.proposals if p.verdict is verdict]
        if ids:
            yield f"      {name}: [{', '.join(ids)}]"


def _yaml(agent_id: str) -> str:
    """Write an id so that a case file can have it in a list."""
    plain = all(c.isalnum() or c in "-_.@" for c in agent_id) and agent_id[:1].isalnum()
    return agent_id if plain else json.dumps(agent_id)


def _step(step: StepCoverage) -> dict[str, Any]:
    return {
        "number": step.number,
        "expression": unparse(step.expression),
        "stated": step.stated,
        "conditions": [_condition(row) for row in step.conditions],
        "proposals": [_proposal(proposal) for proposal in step.proposals],
    }


def _condition(row: ConditionCoverage) -> dict[str, Any]:
    return {
        "expression": unparse(row.condition),
        "passed": row.passed,
        "failed": row.failed,
        "alone": None if row.alone is None else {"passing": row.alone.passing, "failing": row.alone.failing},
        "can_decide": row.can_decide,
        "why_not": row.why_not or None,
        "needs": list(row.needs),
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    agent = proposal.agent
    return {
        "agent_id": proposal.agent_id,
        "verdict": proposal.verdict.value,
        "roster_line": None if agent is None else agent_line(agent),
        "agent": None if agent is None else write_roster(Roster(agents=[agent]))["agents"][0],
        "is_taken": proposal.is_taken,
    }
