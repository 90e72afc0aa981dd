"""Findings of files as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from routing_inspect.document import JSON
from routing_inspect.findings import CATALOGUE
from routing_inspect.placed import Placed
from routing_inspect.render.lint import Report, message_text

# The scheme of the format, which readers know it by.
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT: Final = "%SRCROOT%"


def to_dict(report: Report, *, version: str, paths: dict[str, str]) -> dict[str, JSON]:
    """
    Give the log as plain JSON values.

    Args:
        report: What was found.
        version: Of this package.
        paths: Each file as it was named, and relative to the folder that the log is about, with
            `/`; an absolute path where it is not below that folder.
    """
    ids = sorted({placed.finding.id for placed in report.findings})
    names = dict.fromkeys([*report.files, *(placed.file for placed in report.findings)])
    driver = {
        "name": "routing-inspect",
        "semanticVersion": version,
        "rules": [_rule(name) for name in ids],
    }
    is_whole = all(placed.finding.id != "RI190" for placed in report.findings)
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": is_whole}],
                "artifacts": [{"location": _location(name, paths)} for name in names],
                "results": [_result(placed, ids, paths) for placed in report.findings],
            }
        ],
    }


def _rule(name: str) -> dict[str, JSON]:
    entry = CATALOGUE[name]
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in _words(entry.title)),
        "shortDescription": {"text": _sentence(entry.title)},
        "fullDescription": {"text": entry.text},
        "help": {
            "text": f"{_sentence(entry.title)}\n\n{entry.text}",
            "markdown": f"**{_sentence(entry.title)}**\n\n{entry.text}",
        },
        "defaultConfiguration": {"level": entry.severity},
        "properties": {"tags": ["amazon-connect", "routing-criteria"], "problem.severity": _problem(name)},
    }


def _words(title: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in title).split()


def _sentence(title: str) -> str:
    return f"{title[:1].upper()}{title[1:]}."


def _problem(name: str) -> str:
    """Say how bad it is in the words of GitHub's code scanning."""
    severity = CATALOGUE[name].severity
    return "recommendation" if severity == "note" else severity


def _result(placed: Placed, ids: Sequence[str], paths: dict[str, str]) -> dict[str, JSON]:
    finding = placed.finding
    hint = "" if finding.hint is None else f"\nHint: {finding.hint}"
    physical: dict[str, JSON] = {"artifactLocation": _location(placed.file, paths)}
    if placed.start is not None and placed.end is not None:
        physical["region"] = _region(*placed.start, *placed.end)
    location: dict[str, JSON] = {"physicalLocation": physical}
    if placed.unit:
        location["logicalLocations"] = [{"name": placed.unit, "kind": "object"}]
    result: dict[str, JSON] = {
        "ruleId": finding.id,
        "ruleIndex": ids.index(finding.id),
        "level": finding.severity,
        "message": {"text": f"{message_text(placed)}{hint}"},
        "locations": [location],
    }
    if placed.fingerprint:
        result["partialFingerprints"] = {"routingInspect/v1": placed.fingerprint}
    if placed.kind:
        result["suppressions"] = [{"kind": placed.kind, "justification": placed.reason}]
    return result


def _region(line: int, column: int, end_line: int, end_column: int) -> dict[str, JSON]:
    region: dict[str, JSON] = {"startLine": line, "startColumn": column}
    # A region that is a point has no end.
    if (end_line, end_column) > (line, column):
        region |= {"endLine": end_line, "endColumn": end_column}
    return region


def _location(name: str, paths: dict[str, str]) -> dict[str, JSON]:
    path = paths.get(name, name)
    if path.startswith("/"):
        return {"uri": f"file://{quote(path, errors='surrogateescape')}"}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": _ROOT}
