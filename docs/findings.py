"""
Write docs/findings.md: every finding, with an example that has it.

The examples are tests/data/findings.json, each of which is explained when this runs, and the
folders of tests/data/lint, each of which is linted; so the page shows what the library says.
Run as a script after a change; `tests/test_findings.py` checks that there is nothing to write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from routing_inspect.chain import link
from routing_inspect.errors import DocumentError
from routing_inspect.explain import explain
from routing_inspect.findings import CATALOGUE, Finding
from routing_inspect.forms import read
from routing_inspect.history import enrich, read_events
from routing_inspect.linting import document_findings, lint, refusal_findings
from routing_inspect.predefined import read_attributes
from routing_inspect.roster import read_roster
from routing_inspect.text import parse_criteria, parse_roster
from routing_inspect.wire import read_time

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "findings.md"
EXAMPLES: Mapping[str, Mapping[str, Any]] = json.loads(
    (ROOT / "tests" / "data" / "findings.json").read_text(encoding="utf-8")
)

CORPUS: Mapping[str, Path] = {
    folder.name: folder for folder in sorted((ROOT / "tests" / "data" / "lint").iterdir())
}
# Of a longer document the page shows only how long it is.
_LONGEST = 3000

_HEAD = """# Findings

<!-- Written by docs/findings.py; run it after a change. -->

What can be odd about a document, a criteria, a roster or a record.
A finding never stops an evaluation, and its id keeps its meaning for good.
`routing-inspect lint` looks for all that a document can have.
`routing-inspect explain` tells those that bear on the contact.
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
        example: Its document, and the roster, the events, the instant it is looked at and whom is
            asked about, if any; or the documents of a chain.
        prefix: ``near_`` for the near neighbour that has not got the finding.
    """
    if "chain" in example:
        contacts = [read(document) for document in example[f"{prefix}chain"]]
        return link(contacts, explain).findings
    roster = example.get(f"{prefix}roster", example.get("roster"))
    now = example.get(f"{prefix}now", example.get("now"))
    contact = read(example[prefix.rstrip("_") or "document"])
    agents, more = None if roster is None else read_roster(roster), ()
    if "events" in example:
        history = read_events(_lines(example[f"{prefix}events"]), contact)
        contact, agents, more = enrich(contact, agents, history)
    return explain(
        contact,
        agents,
        None if now is None else read_time(now, "now", []),
        agents=example.get("agents"),
        findings=more,
    ).findings


def _lines(events: list[Any]) -> list[str]:
    """Write records as the lines of a stream; a string is a line as it stands."""
    return [event if isinstance(event, str) else f"{json.dumps(event)}\n" for event in events]


def lint_findings(folder: Path, name: str) -> list[Finding]:
    """
    Lint a document of the corpus, beside the roster, the attributes and the options of its folder.

    Args:
        folder: One of `CORPUS`.
        name: ``has`` or ``has-not``.
    """
    document, text = _document(folder, name)
    try:
        contact = parse_criteria(text) if document.suffix == ".routing" else read(text)
    except DocumentError as error:
        return list(refusal_findings(error))
    team, attributes = folder / "team.roster", folder / "attributes.json"
    options = _options(folder)
    wait = options.get("max_wait_seconds")
    return [
        *(document_findings(text) if document.suffix == ".json" else ()),
        *lint(
            contact,
            parse_roster(team.read_text(encoding="utf-8")) if team.exists() else None,
            read_attributes(attributes.read_bytes()) if attributes.exists() else None,
            max_wait=None if wait is None else timedelta(seconds=wait),
            required=options.get("required", ()),
        ),
    ]


def _document(folder: Path, name: str) -> tuple[Path, str]:
    (document,) = folder.glob(f"{name}.*")
    return document, document.read_text(encoding="utf-8")


def _options(folder: Path) -> dict[str, Any]:
    options = folder / "options.json"
    return json.loads(options.read_bytes()) if options.exists() else {}


def page() -> str:
    """Give the whole page."""
    return "\n".join([_HEAD, *(_section(finding_id) for finding_id in CATALOGUE)])


def _section(finding_id: str) -> str:
    entry = CATALOGUE[finding_id]
    text = re.sub(r"(?<=\.) (?=[A-Z])", "\n", f"{entry.severity.capitalize()}. {entry.text}")
    lines = [f"## {finding_id}: {entry.title}", "", text, ""]
    if finding_id in CORPUS:
        return "\n".join([*lines, *_linted(finding_id)])
    if finding_id.startswith("RI19") or finding_id == "RI110":
        return "\n".join([*lines, "It comes up only where files are linted; see [lint.md](lint.md).", ""])
    if finding_id not in EXAMPLES:
        return "\n".join([*lines, "It comes up only while a contact or an agent is fetched.", ""])
    example = EXAMPLES[finding_id]
    found = next(finding for finding in findings_of(example) if finding.id == finding_id)
    shown = example["chain"] if "chain" in example else example["document"]
    lines += ["```json", _compact(shown), "```", ""]
    if "roster" in example:
        lines += ["with the roster", "", "```json", _compact(example["roster"]), "```", ""]
    if "events" in example:
        lines += [
            "with the events",
            "",
            "```json",
            *map(str.rstrip, map(_event, example["events"])),
            "```",
            "",
        ]
    if "now" in example:
        lines += [f"looked at {example['now']}", ""]
    if "agents" in example:
        lines += [f"asked about `{'`, `'.join(example['agents'])}`", ""]
    return "\n".join([*lines, *_drawn(found)])


def _linted(finding_id: str) -> list[str]:
    folder = CORPUS[finding_id]
    document, text = _document(folder, "has")
    lines = [f"A document of {len(text):,} characters", ""]
    if len(text) <= _LONGEST:
        is_json = document.suffix == ".json"
        shown = _compact(json.loads(text)) if is_json else text.rstrip()
        lines = ["```json" if is_json else "```text", shown, "```", ""]
    if (folder / "team.roster").exists():
        team = (folder / "team.roster").read_text(encoding="utf-8").rstrip()
        lines += ["with the roster", "", "```text", team, "```", ""]
    if (folder / "attributes.json").exists():
        attributes = _compact(json.loads((folder / "attributes.json").read_bytes()))
        lines += ["with the predefined attributes", "", "```json", attributes, "```", ""]
    options = _options(folder)
    if "max_wait_seconds" in options:
        lines += [f"with {options['max_wait_seconds']} seconds as the longest wait", ""]
    if "required" in options:
        lines += [f"with `{'`, `'.join(options['required'])}` required", ""]
    found = next(finding for finding in lint_findings(folder, "has") if finding.id == finding_id)
    return [*lines, *_drawn(found)]


def _drawn(found: Finding) -> list[str]:
    where = f" ({found.where})" if found.where else ""
    lines = ["```text", f"{found.severity} {found.id}  {found.message}{where}"]
    lines += [] if found.hint is None else [f"hint  {found.hint}"]
    return [*lines, "```", ""]


def _event(event: object) -> str:
    return event if isinstance(event, str) else _compact(event)


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
