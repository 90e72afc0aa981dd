from __future__ import annotations

import pickle
from textwrap import dedent

import pytest

from routing_inspect.errors import CriteriaSyntaxError, DocumentError, Problem


def drawn(source: str, underlined: str, **more: str) -> str:
    """Draw an error about the one place where *underlined* stands in *source*."""
    start = source.index(underlined)
    return str(CriteriaSyntaxError("wrong", source, (start, start + len(underlined)), **more))


def block(text: str) -> str:
    """Take the indent of the test away."""
    return dedent(text).strip("\n")


def test_syntax_error_underlines_its_place() -> None:
    """The drawing is the message, the line with its number, the underline and the hint."""
    assert drawn("Language(English) => 4", "=>", hint="write `>=`") == block(
        """
        wrong
          1 | Language(English) => 4
            |                   ^^
          hint: write `>=`
        """
    )


def test_syntax_error_shows_the_lines_around_it() -> None:
    """Two lines before and one after say where in a file one is; the numbers stay aligned."""
    source = "\n".join(f"Step({n}) >= 4 [30 seconds]" for n in range(1, 13))

    assert drawn(source, "(9)", file="ours.routing") == block(
        """
        ours.routing:9:5: wrong
           7 | Step(7) >= 4 [30 seconds]
           8 | Step(8) >= 4 [30 seconds]
           9 | Step(9) >= 4 [30 seconds]
             |     ^^^
          10 | Step(10) >= 4 [30 seconds]
        """
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_syntax_error_counts_every_kind_of_line_end(line_end: str) -> None:
    """A line is a line whichever editor wrote it, and its end is not shown."""
    error = CriteriaSyntaxError(
        "wrong", f"a{line_end}{line_end}b c", (3 + 2 * len(line_end), 4 + 2 * len(line_end))
    )

    assert (error.line, error.column) == (3, 3)
    assert str(error) == "wrong\n  1 | a\n  2 |\n  3 | b c\n    |   ^"


def test_syntax_error_at_the_end_is_drawn_behind_the_last_word() -> None:
    """What is missing at the end is missed after the last word, not after empty lines."""
    source = "Language(English) >=\n\n"

    assert str(CriteriaSyntaxError("wrong", source, (len(source), len(source)))) == block(
        """
        wrong
          1 | Language(English) >=
            |                     ^
          2 |
        """
    )


def test_syntax_error_in_an_empty_text_has_a_caret_too() -> None:
    """Even nothing has a place."""
    assert str(CriteriaSyntaxError("wrong", "", (0, 0))) == "wrong\n  1 |\n    | ^"


def test_underline_ends_with_its_line() -> None:
    """A span over several lines is drawn on the first of them."""
    assert drawn("a (b\nc) d", "(b\nc)") == "wrong\n  1 | a (b\n    |   ^^\n  2 | c) d"


@pytest.mark.parametrize(
    ("source", "line", "underline"),
    [
        ("\ta\t=> b", " a => b", "   ^^"),
        ("日本 => b", "日本 => b", "     ^^"),
        ("e\N{COMBINING ACUTE ACCENT} => b", "e\N{COMBINING ACUTE ACCENT} => b", "  ^^"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE} => b", "a\\u202e => b", "        ^^"),
        ("\ud83d\x1b => b", "\\ud83d\\u001b => b", "             ^^"),
    ],
)
def test_underline_stands_under_its_place(source: str, line: str, underline: str) -> None:
    """Escapes, wide letters and accents do not move the underline away from what it is about."""
    assert drawn(source, "=>").split("\n")[1:] == [f"  1 | {line}", f"    | {underline}"]


def test_long_line_is_cropped_around_its_place() -> None:
    """Of a long line the hundred columns around the mistake are shown."""
    _, line, underline = drawn(f"{'a' * 500} => {'b' * 500}", "=>").split("\n")

    assert line.startswith("  1 | …aaa")
    assert line.endswith("bbb…")
    assert len(line) == 6 + 102
    assert underline.index("^^") == line.index("=>")


def test_line_of_long_escapes_is_cropped_around_its_place() -> None:
    """A line of a hundred characters can be six hundred columns wide."""
    _, line, underline = drawn("\x00" * 60 + "=>" + "\x00" * 60, "=>").split("\n")

    assert len(line) <= 6 + 102
    assert underline.index("^^") == line.index("=>")


def test_cropped_underline_ends_with_the_line() -> None:
    """An underline is no longer than what it underlines."""
    _, line, underline = drawn("(" + "a" * 500, "(" + "a" * 500).split("\n")

    assert line == f"  1 | ({'a' * 99}…"
    assert underline == f"    | {'^' * 100}"


def test_file_name_is_shown_safely() -> None:
    """A file's name may hold what would drive a terminal."""
    assert drawn("a => b", "=>", file="\x1b.routing").startswith("\\u001b.routing:1:3: wrong\n")


def test_syntax_error_survives_pickling() -> None:
    """An error raised in a worker process arrives whole."""
    error = CriteriaSyntaxError("wrong", "a => b", (2, 4), hint="write `>=`", file="ours.routing")

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  (our own bytes)

    assert str(copy) == str(error)
    assert (copy.message, copy.source, copy.span) == (error.message, error.source, error.span)


def test_of_a_thousand_problems_fifty_are_printed() -> None:
    """A table that is wrong in every row says so once a row, up to a point; all of them are kept."""
    error = DocumentError(tuple(Problem(f"line {n}", "empty") for n in range(1000)), file="r.csv")

    lines = str(error).splitlines()

    assert len(error.problems) == 1000
    assert len(lines) == 51
    assert lines[-2:] == ["r.csv: line 49: empty", "r.csv: and 950 more problems"]
