"""
Write docs/findings.md: every finding, with an example that has it.

The examples are tests/data/findings.json; each is explained when this runs, so that the page
shows what the library says. Run as a script after a change; `tests/test_findings.py` checks that
there is nothing to write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from routing_inspect.explain import explain
from routing_inspect.findings import CATALOGUE, Finding
from routing_inspect.forms import read
from routing_inspect.roster import read_roster
from routing_inspect.wire import read_time

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "findings.md"
EXAMPLES: Mapping[str, Mapping[str, Any]] = json.loads(
    (ROOT / "tests" / "data" / "findings.json").read_text(encoding="utf-8")
)

_HEAD = """# Findings

<!-- Written by docs/findings.py; run it after a change. -->

What can be odd about a criteria, a roster or a record.
A finding never stops an evaluation, and its id keeps its meaning for good.
`routing-inspect explain RI402` prints what stands here.

| ids | about |
|---|---|
| RI1xx | the document |
| RI2xx | one expression |
| RI3xx | the sequence of steps |
| RI4xx | names and the roster |
| RI5xx | the consistency of a record |
| RI6xx | evidence: its age, and what is missing |
"""


def findings_of(example: Mapping[str, Any], prefix: str = "") -> tuple[Finding, ...]:
    """
    Explain an example, and give what is odd about it.

    Args:
        example: Its document, and the roster, the instant it is looked at and whom is asked about, if any.
        prefix: ``near_`` for the near neighbour that has not got the finding.
    """
    roster = example.get(f"{prefix}roster", example.get("roster"))
    now = example.get(f"{prefix}now", example.get("now"))
    return explain(
        read(example["near" if prefix else "document"]),
        None if roster is None else read_roster(roster),
        None if now is None else read_time(now, "now", []),
        agents=example.get("agents"),
    ).findings


def page() -> str:
    """Give the whole page."""
    return "\n".join([_HEAD, *(_section(finding_id) for finding_id in CATALOGUE)])


def _section(finding_id: str) -> str:
    entry = CATALOGUE[finding_id]
    text = re.sub(r"(?<=\.) (?=[A-Z])", "\n", f"{entry.severity.capitalize()}. {entry.text}")
    lines = [f"## {finding_id}: {entry.title}", "", text, ""]
    if finding_id not in EXAMPLES:
        return "\n".join([*lines, "It comes up only while a contact or an agent is fetched.", ""])
    example = EXAMPLES[finding_id]
    found = next(finding for finding in findings_of(example) if finding.id == finding_id)
    where = f" ({found.where})" if found.where else ""
    lines += ["```json", _compact(example["document"]), "```", ""]
    if "roster" in example:
        lines += ["with the roster", "", "```json", _compact(example["roster"]), "```", ""]
    if "now" in example:
        lines += [f"looked at {example['now']}", ""]
    if "agents" in example:
        lines += [f"asked about `{'`, `'.join(example['agents'])}`", ""]
    lines += ["```text", f"{found.severity} {found.id}  {found.message}{where}"]
    lines += [] if found.hint is None else [f"hint  {found.hint}"]
    return "\n".join([*lines, "```", ""])


def _compact(document: object) -> str:
    """Write JSON with what fits on one line on one line."""
    return _written(document, 0)


def _written(value: object, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + 2 * depth <= 130 or not isinstance(value, dict | list) or not value:
        return flat
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_written(member, depth + 1)}" for key, member in value.items()]
        return "{\n" + ",\n".join(inner + part for part in parts) + f"\n{outer}}}"
    return "[\n" + ",\n".join(inner + _written(member, depth + 1) for member in value) + f"\n{outer}]"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
