"""
Lines for a terminal: wrapped to its width, coloured if it wants colour.

Whatever came from outside is printed so that it cannot drive the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import TextIO

from attrs import frozen
from rich.console import Console
from rich.text import Text

from routing_inspect.visible import visible


@frozen
class Line:
    """
    One line before wrapping.

    Attributes:
        text: What it says; wrapped lines begin under where it does.
        indent: How many columns stand free before the label.
        label: A word in front, in a column of its own.
        style: A rich style for the label, or for the text where there is no label.
    """

    text: str
    indent: int = 0
    label: str = ""
    style: str = ""


def draw(content: Iterable[Line], stream: TextIO | None) -> str:
    """
    Draw lines for a stream: wrapped to its width, coloured if it wants colour.

    Args:
        content: The lines.
        stream: Where they will be printed; None, and every stream that is no terminal: 80
            columns and no colour.
    """
    if stream is not None and stream.isatty():
        console = Console(file=stream)
    else:
        console = Console(file=StringIO(), width=80, force_terminal=False, no_color=True)
    with console.capture() as captured:
        for line in content:
            _print(line, console)
    return captured.get()


def _print(line: Line, console: Console) -> None:
    label = Text(visible(line.label), style=line.style)
    text = Text(visible(line.text), style="" if line.label else line.style)
    column = line.indent + label.cell_len
    rows = text.wrap(console, max(console.width - column, 20)) or [Text()]
    for number, row in enumerate(rows):
        row.rstrip()
        lead = Text.assemble(" " * line.indent, label) if number == 0 else Text(" " * column)
        printed = Text.assemble(lead, row)
        printed.rstrip()
        console.print(printed, soft_wrap=True, highlight=False)
