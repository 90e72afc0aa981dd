"""Condition coverage for a terminal and as JSON."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from routing_inspect.contact import Agent, Roster, Step
from routing_inspect.evaluate import Verdict
from routing_inspect.gaps import ConditionCoverage, CriteriaCoverage, Proposal, StepCoverage, Totals, totals
from routing_inspect.roster import write_roster
from routing_inspect.text import agent_parts, level_text, name_text, step_text, unparse
from routing_inspect.visible import visible

SCHEMA: Final = "routing-inspect/condition-coverage/1"

LISTS: Final = {Verdict.MATCH: "matches", Verdict.NO_MATCH: "rejects", Verdict.UNKNOWN: "unknown"}


def agent_line(agent: Agent) -> str:
    """Write an agent as a line of a roster in text."""
    return ", ".join(agent_parts(agent))


def lines(covered: Sequence[CriteriaCoverage]) -> Iterator[str]:
    """Say of each condition how many agents pass and fail it, and whether it is shown to decide alone."""
    for criteria, file in zip(covered, proposed_files(covered), strict=True):
        yield visible(criteria.name)
        for step in criteria.steps:
            yield f"  step {step.number}"
            yield "    pass  fail  alone"
            for row in step.conditions:
                yield from _condition_lines(row)
        if file is not None:
            yield f"  to close the gaps, as {file.name}:"
            yield from (f"    {line}".rstrip() for line in file.text.splitlines())
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
            {
                "name": criteria.name,
                "steps": [_step(step) for step in criteria.steps],
                "proposed_file": None if file is None else {"name": file.name, "text": file.text},
            }
            for criteria, file in zip(covered, proposed_files(covered), strict=True)
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


# ---------------------------------------------------------------------------- what would close the gaps


@frozen
class ProposedFile:
    """A case file that would close the gaps of one criteria: where to put it, and what it says."""

    name: str
    text: str


def proposed_files(covered: Sequence[CriteriaCoverage]) -> list[ProposedFile | None]:
    """Write for each criteria the case file that would close its gaps; None where none can be closed."""
    names: set[str] = set()
    return [_proposed_file(criteria, names) for criteria in covered]


def _proposed_file(criteria: CriteriaCoverage, names: set[str]) -> ProposedFile | None:
    rosters = _rosters(criteria)
    if not rosters:
        return None
    (first, *others) = rosters
    lines = ["roster: |", *(f"  {agent_line(agent)}" for agent in first.values())]
    lines += [
        *_criteria_lines(criteria),
        "cases:",
        "  what no test had shown:",
        *_case_lines(criteria, first),
    ]
    for number, roster in enumerate(others, start=2):
        # One roster cannot have two agents of one id.
        lines += [f"  what no test had shown, {number}:", "    roster: |"]
        lines += [f"      {agent_line(agent)}" for agent in roster.values()]
        lines += _case_lines(criteria, roster)
    return ProposedFile(_file_name(criteria, names), "\n".join(lines) + "\n")


def _rosters(criteria: CriteriaCoverage) -> list[dict[str, Agent]]:
    """Put the agents of all proposals into rosters, as few as there can be."""
    rosters: list[dict[str, Agent]] = []
    for step in criteria.steps:
        for proposal in step.proposals:
            agent = proposal.agent
            roster = next((r for r in rosters if r.get(agent.id, agent) == agent), None)
            if roster is None:
                rosters.append(roster := {})
            roster[agent.id] = agent
    return rosters


def _criteria_lines(criteria: CriteriaCoverage) -> Iterator[str]:
    """Name the file of a criteria as seen from the tests; write any other out."""
    if criteria.is_file:
        file, _, action = criteria.name.partition(", action ")
        seen = _yaml(posixpath.relpath(file, criteria.folder or "."))
        yield f"criteria: {{file: {seen}{f', action: {_yaml(action)}' if action else ''}}}"
        return
    yield "criteria: |"
    for step in criteria.steps:
        yield f"  {step_text(Step(step.expression))}"


def _case_lines(criteria: CriteriaCoverage, roster: Mapping[str, Agent]) -> Iterator[str]:
    yield "    steps:"
    for step in criteria.steps:
        stated = [p for p in step.proposals if roster.get(p.agent.id) == p.agent]
        if stated:
            yield f"      {step.number}:"
        for verdict, name in LISTS.items():
            ids = [_yaml(p.agent.id) for p in stated if p.verdict is verdict]
            if ids:
                yield f"        {name}: [{', '.join(ids)}]"


def _file_name(criteria: CriteriaCoverage, names: set[str]) -> str:
    """Name the file after what it is about, in the folder of the tests."""
    about = criteria.name.rpartition("/")[2].removeprefix("test_")
    for ending in (".routing.yaml", ".json", ".routing", ".py"):
        about = about.replace(ending, "")
    slug = "_".join(re.findall(r"[A-Za-z0-9]+", about.replace(", action ", " "))) or "criteria"
    free = (f"test_{slug}_gaps{number}.routing.yaml" for number in ("", *map(str, range(2, 10_000))))
    name = next(f for f in (posixpath.join(criteria.folder, f) for f in free) if f not in names)
    names.add(name)
    return name


def _yaml(text: str) -> str:
    """Write a text so that a case file can have it in a list or a table."""
    plain = re.fullmatch(r"[\w./][\w./@ -]*", text) and not text.endswith(" ")
    return text if plain else json.dumps(text)


# ---------------------------------------------------------------------------- as JSON


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
    return {
        "agent": write_roster(Roster(agents=[proposal.agent]))["agents"][0],
        "roster_line": agent_line(proposal.agent),
        "verdict": proposal.verdict.value,
        "known_as": proposal.known_as,
    }
