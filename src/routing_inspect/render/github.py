"""Findings of files as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from typing import Final

from routing_inspect.placed import Placed
from routing_inspect.render.lint import Report, message_text, total
from routing_inspect.visible import visible

_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def text(report: Report) -> str:
    """Write one command a finding, and a line of totals for the log."""
    return "".join(f"{line}\n" for line in (*map(_command, report.counting), total(report)))


def _command(placed: Placed) -> str:
    finding = placed.finding
    # A log shows what stands here, so nothing but the line ends, which have escapes, stays as it is.
    name = "".join(c if c in "\r\n" else visible(c) for c in placed.file)
    properties = {"file": name}
    if placed.start is not None and placed.end is not None:
        (line, column), (end_line, end_column) = placed.start, placed.end
        properties |= {"line": str(line), "endLine": str(end_line)}
        if line == end_line:
            # Columns of different lines are refused.
            properties |= {"col": str(column), "endColumn": str(max(column, end_column - 1))}
    properties["title"] = f"{finding.id} {visible(finding.where)}".strip()
    hint = "" if finding.hint is None else f"\nhint: {finding.hint}"
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {given}::{_data(message_text(placed) + hint)}"


def _data(text: str) -> str:
    """Escape what stands behind the second pair of colons."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape the value of a property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
