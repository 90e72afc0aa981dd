"""
Lines for a terminal: wrapped to a width, coloured if it wants colour.

Whatever came from outside is printed so that it cannot drive the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final, TextIO

from attrs import evolve, frozen
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from routing_inspect.expr import Expr, conditions, unnegated
from routing_inspect.text import unparse
from routing_inspect.visible import visible

# How wide a row is where nobody says so, and how narrow a column of text is at least.
WIDTH: Final = 80
_NARROWEST: Final = 20
# What stands for a blank that no row ends at. What is visible never has it, and it is as wide as a blank.
_GLUE: Final = "\ue000"


@frozen
class Line:
    """
    One line before wrapping.

    Attributes:
        text: What it says; wrapped lines begin under where it does.
        indent: How many columns stand free before the label.
        label: A word in front, in a column of its own.
        style: A rich style for the label, or for the text where there is no label.
        whole: Parts of the text that no row ends in the midst of, if they fit in one: conditions.
    """

    text: str
    indent: int = 0
    label: str = ""
    style: str = ""
    whole: tuple[str, ...] = ()


def unbroken(content: Iterable[Line], expressions: Iterable[Expr]) -> Iterator[Line]:
    """Let no row end in the midst of a condition of *expressions*."""
    found = {unparse(unnegated(one)) for expression in expressions for one in conditions(expression)}
    # Where one condition is a part of another, the longer one counts.
    whole = tuple(sorted((text for text in found if " " in text), key=lambda text: (-len(text), text)))
    for line in content:
        yield evolve(line, whole=whole) if len(line.text) > _NARROWEST else line


def draw(content: Iterable[Line], stream: TextIO | None, *, width: int = WIDTH) -> str:
    """
    Draw lines for a stream: wrapped to a width, coloured if it wants colour.

    Args:
        content: The lines.
        stream: Where they will be printed; None, and every stream that is no terminal: no colour.
        width: How many columns a row has, 40 at least.
    """
    if stream is None or not stream.isatty():
        console = Console(file=StringIO(), width=width, force_terminal=False, no_color=True)
        return "".join([f"{row}\n" for line in content for row in _plain_rows(line, console)])
    # Without a height, rich takes a simple terminal for 80 columns wide, whatever the width.
    console = Console(file=stream, width=width, height=25)
    with console.capture() as captured:
        for line in content:
            for row in _rows(line, console):
                console.print(row, soft_wrap=True, highlight=False)
    return captured.get()


def _glued(text: str, whole: tuple[str, ...], width: int) -> str:
    """Put what is no blank in place of the blanks that no row may end at."""
    for part in whole:
        shown = visible(part)
        if shown in text and cell_len(shown) <= width:
            text = text.replace(shown, shown.replace(" ", _GLUE))
    return text


def _plain_rows(line: Line, console: Console) -> Iterator[str]:
    # What fits in one row needs no wrapping, and a report of thousands of lines is mostly such.
    lead = " " * line.indent + visible(line.label)
    whole = lead + visible(line.text)
    if whole.isascii() and len(whole) <= console.width:
        yield whole.rstrip()
    else:
        yield from (row.plain for row in _rows(line, console))


def _rows(line: Line, console: Console) -> Iterator[Text]:
    label = Text(visible(line.label), style=line.style)
    style = "" if line.label else line.style
    indent = min(line.indent, console.width - _NARROWEST)
    lead, column = Text.assemble(" " * indent, label), indent + label.cell_len
    if console.width - column < _NARROWEST:
        # Beside the label there is no room: the text goes below it.
        yield from _wrapped(label, Text(" " * indent), indent, console)
        column = min(indent + 2, console.width - _NARROWEST)
        lead = Text(" " * column)
    glued = _glued(visible(line.text), line.whole, console.width - column)
    yield from _wrapped(Text(glued, style=style), lead, column, console)


def _wrapped(text: Text, lead: Text, column: int, console: Console) -> Iterator[Text]:
    """Wrap a text; *lead* stands before its first row, and blanks up to *column* before all others."""
    for number, row in enumerate(text.wrap(console, console.width - column) or [Text()]):
        row.rstrip()
        shown = Text(row.plain.replace(_GLUE, " "), style=row.style)
        printed = Text.assemble(lead if number == 0 else " " * column, shown)
        printed.rstrip()
        yield printed
