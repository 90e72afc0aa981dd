"""How commands print: an answer is printed whole or not at all."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TextIO

import click

from routing_inspect import files
from routing_inspect.document import dumps
from routing_inspect.visible import visible

if TYPE_CHECKING:
    from routing_inspect.explanation import Explanation
    from routing_inspect.findings import Finding
    from routing_inspect.render.lines import Line

# How wide text is where nobody says so; and how narrow at least, whatever a terminal says.
_WIDTH: Final = 80
_NARROWEST: Final = 40


def print_explanation(
    explanation: Explanation, form: str, output: str | None, *, verbose: bool, asked: Sequence[str] = ()
) -> None:
    """Print an explanation in the form asked for, or write it to a file; first who was asked about."""
    if form == "json":
        files.write(dumps(explanation.to_dict()) + "\n", output)
        return
    from routing_inspect.render import terminal

    print_lines(terminal.lines(explanation, verbose=verbose, asked=asked), output)


def tell_findings(findings: Iterable[Finding]) -> None:
    """Say findings on standard error, beside an answer that has no place for them."""
    for finding in findings:
        where = f" ({finding.where})" if finding.where else ""
        hint = "" if finding.hint is None else f"\n  hint: {visible(finding.hint)}"
        click.echo(f"{finding.severity} {finding.id}: {visible(finding.message)}{where}{hint}", err=True)


def print_lines(lines: Iterable[Line], output: str | None) -> None:
    """Print lines with what colours the terminal has, or write them to a file."""
    from routing_inspect.render.lines import draw

    if output is None:
        click.echo(draw(lines, sys.stdout, width=_width(sys.stdout)), nl=False, color=True)
    else:
        files.write(draw(lines, None, width=_width(None)), output)


def _width(stream: TextIO | None) -> int:
    """Say how wide text is printed: as COLUMNS says, as the terminal is, or 80 columns; never below 40."""
    told = os.environ.get("COLUMNS", "")
    columns = int(told) if re.fullmatch("[0-9]{1,6}", told) else 0
    if not columns and stream is not None and stream.isatty():
        with suppress(OSError):  # some terminals do not say
            columns = os.get_terminal_size(stream.fileno()).columns
    return max(columns or _WIDTH, _NARROWEST)
