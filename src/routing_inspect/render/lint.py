"""Findings of files as text, with the place underlined, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from routing_inspect.document import JSON
from routing_inspect.errors import crop
from routing_inspect.findings import CATALOGUE, SEVERITIES
from routing_inspect.placed import Placed
from routing_inspect.visible import visible
from routing_inspect.words import counted

SCHEMA: Final = "routing-inspect/lint/1"
# How many lines of a part are shown.
_SHOWN: Final = 6


@frozen
class Report:
    """
    What linting came to.

    Attributes:
        findings: Those that count and those that are suppressed, in the order to show them.
        files: Every file that was looked at, as it was named.
        criteria: How many criteria are in them.
    """

    findings: tuple[Placed, ...]
    files: tuple[str, ...]
    criteria: int

    @property
    def counting(self) -> list[Placed]:
        """Give the findings that nothing suppresses."""
        return [placed for placed in self.findings if not placed.kind]


def text(report: Report) -> str:
    """Write what was found, each with its place and what to do, and a line of totals."""
    blocks = [line for placed in report.counting for line in (*_block(placed), "")]
    return "\n".join([*blocks, total(report)]) + "\n"


def total(report: Report) -> str:
    """Write how much was found, in one line."""
    counts = Counter(placed.finding.severity for placed in report.counting)
    found = [counted(counts[severity], severity) for severity in SEVERITIES if counts[severity]]
    files = counted(len(report.files), "file")
    line = f"{', '.join(found) or 'no findings'} in {report.criteria} criteria, {files}"
    suppressed = len(report.findings) - len(report.counting)
    return f"{line}; {suppressed} suppressed" if suppressed else line


def place_text(placed: Placed) -> str:
    """Write where a finding stands: ``criteria.json:3:5``."""
    start = placed.start
    return visible(placed.file) if start is None else f"{visible(placed.file)}:{start[0]}:{start[1]}"


def message_text(placed: Placed) -> str:
    """Write what was found, and in which of several criteria."""
    block = f" (in `{visible(placed.unit)}`)" if placed.unit else ""
    return f"{placed.finding.message}{block}"


def to_dict(report: Report) -> dict[str, JSON]:
    """Give what was found as plain JSON values; members are only ever added to it."""
    counts = Counter(placed.finding.severity for placed in report.counting)
    return {
        "schema": SCHEMA,
        "findings": [_finding(placed) for placed in report.findings],
        "summary": {
            "files": len(report.files),
            "criteria": report.criteria,
            **{f"{severity}s": counts[severity] for severity in SEVERITIES},
            "suppressed": len(report.findings) - len(report.counting),
        },
    }


def _finding(placed: Placed) -> dict[str, JSON]:
    finding = placed.finding
    start, end = placed.start or (None, None), placed.end or (None, None)
    return {
        "id": finding.id,
        "severity": finding.severity,
        "title": CATALOGUE[finding.id].title,
        "message": finding.message,
        "hint": finding.hint,
        "where": finding.where,
        "step": finding.step,
        "condition": None if finding.condition is None else list(finding.condition),
        "file": placed.file,
        "block": placed.unit or None,
        "line": start[0],
        "column": start[1],
        "end_line": end[0],
        "end_column": end[1],
        "fingerprint": placed.fingerprint or None,
        "suppressed": None if not placed.kind else {"kind": placed.kind, "reason": placed.reason},
    }


def _block(placed: Placed) -> Iterator[str]:
    finding = placed.finding
    yield f"{place_text(placed)}: {finding.severity} {finding.id}  {message_text(placed)}"
    yield from _excerpt(placed)
    if finding.hint is not None:
        yield f"  hint: {finding.hint}"


def _excerpt(placed: Placed) -> Iterator[str]:
    """Draw the lines of a part, the first of them underlined."""
    start, end = placed.start, placed.end
    if placed.span is None or start is None or end is None:
        return
    lines, number = placed.lines, start[0]
    last = min(end[0], number + _SHOWN - 1)
    if not lines.line(number).strip() and placed.span[0] >= len(lines.text.rstrip()):
        # What ends too early is drawn where its last line with anything on it ends.
        number, column = lines.place(len(lines.text.rstrip()))
        start = end = (number, column)
        last = number
    # What cannot be read is drawn as every command does, with the lines around it.
    around = 1 if placed.finding.id == "RI190" else 0
    rows = range(max(1, number - around), min(len(lines), last + around) + 1)
    width = len(str(rows[-1]))
    for row in rows:
        line = lines.line(row)
        if row != number:
            yield f"  {row:>{width}} | {crop(line, 0, 0)[0]}".rstrip()
            continue
        stop = end[1] - 1 if end[0] == row else len(line.rstrip())
        shown, indent, underlined = crop(line, start[1] - 1, stop)
        yield f"  {row:>{width}} | {shown}".rstrip()
        yield f"  {'':>{width}} | {' ' * indent}{'^' * max(1, underlined)}"
    if last < end[0]:
        yield f"  {'':>{width}} | ..."
