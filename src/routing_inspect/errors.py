"""
What can go wrong, in the caller's terms.

::

    RoutingInspectError
    ├── CriteriaSyntaxError   text that cannot be read; where, what was expected, and a hint
    ├── DocumentError         a JSON document that cannot be read; every problem, each with its JSON path
    ├── NestingError          an expression deeper than 64 groups
    ├── AnalysisLimit         an exact question too large to decide
    └── ServiceError          Amazon Connect, or the way to it, did not give a usable answer

A message starts in lower case, has no full stop, and quotes what was found in backticks.
The mend is the *hint*, a separate field.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from attrs import frozen

from routing_inspect.visible import visible

# How many problems of one document are printed; a table may have one in every row.
_SHOWN: Final = 50


class RoutingInspectError(Exception):
    """
    The root of every error this package raises on purpose.

    Attributes:
        message: What is wrong, in one line.
        hint: What to do about it; None where there is nothing better to say.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n  hint: {self.hint}"


class CriteriaSyntaxError(RoutingInspectError):
    """
    Text that is no expression, no criteria or no roster.

    ``str()`` of it draws the place::

        criteria.routing:2:19: expected `>=`, `in`, `AND`, `OR`, `[` or the end, found `=>`
          1 | Language(French) >= 4 [30 seconds]
          2 | Language(English) => 4
            |                   ^^
          hint: write `>=` for "at least"

    Attributes:
        source: The whole text, without a byte order mark.
        span: Where in `source` the mistake stands, as start and end offsets. Both are the
            length of `source` where the text ends too early.
        file: The name of the file the text is from; whoever read the file sets it.
    """

    def __init__(
        self,
        message: str,
        source: str,
        span: tuple[int, int],
        *,
        hint: str | None = None,
        file: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        # Pickling, as pytest-xdist does it, makes a copy from these.
        self.args: tuple[Any, ...] = (message, source, span)
        self.source = source
        self.span = span
        self.file = file

    @property
    def line(self) -> int:
        """The line of the mistake, from 1."""
        return len(_LINE_END.findall(self.source, 0, self.span[0])) + 1

    @property
    def column(self) -> int:
        """The first character of the mistake in its line, from 1."""
        return len(_LINE_END.split(self.source[: self.span[0]])[-1]) + 1

    def __str__(self) -> str:
        place = "" if self.file is None else f"{visible(self.file)}:{self.line}:{self.column}: "
        lines = [f"{place}{self.message}", *_excerpt(self.source, self.span)]
        return "\n".join(lines if self.hint is None else [*lines, f"  hint: {self.hint}"])


class NestingError(RoutingInspectError, ValueError):
    """An expression whose groups nest deeper than 64; Amazon Connect documents a depth of two."""


@frozen
class Problem:
    """
    One thing that is wrong in a document.

    Attributes:
        path: Where, as a JSON path from the document's root: ``$.Steps[1].Expression``.
        message: What is wrong there.
        hint: What to do about it; None where the message says it all.
    """

    path: str
    message: str
    hint: str | None = None


class DocumentError(RoutingInspectError):
    """
    A JSON document that cannot be read as what it should be.

    Attributes:
        problems: Everything that is wrong with it, in the order of the document; never empty.
        file: The name of the file it is from; whoever read the file sets it.
    """

    def __init__(self, problems: tuple[Problem, ...], *, file: str | None = None) -> None:
        super().__init__(problems[0].message, hint=problems[0].hint)
        # Pickling, as pytest-xdist does it, makes a copy from these.
        self.args: tuple[Any, ...] = (problems,)
        self.problems = problems
        self.file = file

    def __str__(self) -> str:
        place = "" if self.file is None else f"{visible(self.file)}: "
        lines: list[str] = []
        for problem in self.problems[:_SHOWN]:
            lines.append(f"{place}{problem.path}: {problem.message}")
            if problem.hint is not None:
                lines.append(f"  hint: {problem.hint}")
        if len(self.problems) > _SHOWN:
            lines.append(f"{place}and {len(self.problems) - _SHOWN} more problems")
        return "\n".join(lines)


class AnalysisLimit(RoutingInspectError):  # noqa: N818  (says what it is: no fault, but a bound)
    """An exact question about expressions that is too large to decide; the message says how large."""


class ServiceError(RoutingInspectError):
    """
    Amazon Connect, or the way to it, did not give a usable answer.

    Attributes:
        operation: The API operation that was called: ``DescribeContact``; None before any call.
        code: The service's error code: ``AccessDeniedException``; None where the service gave none.
    """

    def __init__(
        self, message: str, *, hint: str | None = None, operation: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.operation = operation
        self.code = code


_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_COLUMNS: Final = 100


def _excerpt(source: str, span: tuple[int, int]) -> list[str]:
    """Draw the line where *span* starts, underlined, with two lines before it and one after."""
    # A text that ends too early is drawn where its last line with anything on it ends.
    start = min(span[0], len(source.rstrip()))
    lines = _LINE_END.split(source)
    before = _LINE_END.split(source[:start])
    number, column = len(before), len(before[-1])
    end = min(column + span[1] - span[0], len(lines[number - 1]))
    shown, indent, width = crop(lines[number - 1], column, end)
    gutter = len(str(min(number + 1, len(lines))))

    drawn = [
        f"  {n:>{gutter}} | {crop(lines[n - 1], 0, 0)[0] if n != number else shown}".rstrip()
        for n in range(max(1, number - 2), min(number + 1, len(lines)) + 1)
    ]
    below = number - max(1, number - 2) + 1
    drawn.insert(below, f"  {'':>{gutter}} | {' ' * indent}{'^' * max(width, 1)}")
    return drawn


def crop(line: str, start: int, end: int) -> tuple[str, int, int]:
    """Show at most 100 columns of *line* around *start*; say where the underline is and how wide."""
    low = max(0, start - _COLUMNS)
    cells = [" " if c == "\t" else visible(c) for c in line[low : start + _COLUMNS]]
    widths = [_width(cell) for cell in cells]
    start, end = start - low, end - low
    first = 0
    while sum(widths[first:start]) > _COLUMNS // 2 and sum(widths[first:]) > _COLUMNS:
        first += 1
    last = first
    while last < len(cells) and sum(widths[first : last + 1]) <= _COLUMNS:
        last += 1
    left = "…" if low + first else ""
    right = "…" if low + last < len(line) else ""
    shown = left + "".join(cells[first:last]) + right
    return shown, len(left) + sum(widths[first:start]), sum(widths[start : min(end, last)])


def _width(cell: str) -> int:
    """Count the columns that a terminal gives to one shown character, or to its escape."""
    if len(cell) > 1 or cell.isascii():
        return len(cell)
    if unicodedata.combining(cell):
        return 0
    return 2 if unicodedata.east_asian_width(cell) in "WF" else 1
