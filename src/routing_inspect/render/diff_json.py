"""What differs between two criteria, as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from routing_inspect.criteria_diff import Relation
from routing_inspect.render.diff import Report

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
                **part.diff.to_dict(),
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
