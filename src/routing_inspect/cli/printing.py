"""How commands print: an answer is printed whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from routing_inspect import files
from routing_inspect.document import dumps

if TYPE_CHECKING:
    from routing_inspect.explanation import Explanation
    from routing_inspect.render.lines import Line


def print_explanation(explanation: Explanation, form: str, output: str | None, *, verbose: bool) -> None:
    """Print an explanation in the form asked for, or write it to a file."""
    if form == "json":
        files.write(dumps(explanation.to_dict()) + "\n", output)
        return
    from routing_inspect.render import terminal

    print_lines(terminal.lines(explanation, verbose=verbose), output)


def print_lines(lines: Iterable[Line], output: str | None) -> None:
    """Print lines with what colours the terminal has, or write them to a file."""
    from routing_inspect.render.lines import draw

    if output is None:
        click.echo(draw(lines, sys.stdout), nl=False, color=True)
    else:
        files.write(draw(lines, None), output)
