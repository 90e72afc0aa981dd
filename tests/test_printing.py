"""How wide text is printed: one rule for all commands."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from records import Run
from routing_inspect.render.lines import Line, draw

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "history"
COMMANDS = (
    ("explain", "RI401"),
    ("explain", "RI531"),
    (
        *("explain", str(EXAMPLE / "contact.json"), "--events", str(EXAMPLE / "events"), "--verbose"),
        *("--roster", str(EXAMPLE / "roster.json"), "--agent", "aled"),
    ),
    ("explain", str(ROOT / "examples" / "contacts" / "matched-step.json"), "--chain"),
    ("chain", str(ROOT / "examples" / "chain" / "segments"), "--verbose"),
    ("roster", "show", str(ROOT / "examples" / "roster.json"), "--verbose"),
    ("match", "Language(English) >= 4", "--roster", str(ROOT / "examples" / "roster.json")),
)


def _widest(text: str) -> int:
    return max(map(cell_len, text.splitlines()))


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: " ".join(one[:2]).rpartition("/")[2])
@pytest.mark.parametrize(("told", "most"), [("20", 40), ("40", 40), ("57", 57), ("120", 120), ("9" * 30, 80)])
def test_columns_says_how_wide_text_is(
    arguments: tuple[str, ...], told: str, most: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COLUMNS holds for every command, printed and into a file; below 40 columns nobody could read it."""
    monkeypatch.setenv("COLUMNS", told)

    _, out, _ = run(*arguments)

    assert min(most, 100) / 2 < _widest(out) <= most


def test_a_file_is_as_wide_as_columns_says(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without COLUMNS it has 80, whatever the terminal."""
    for told, most in (("", 80), ("0", 80), ("x", 80), ("50", 50)):
        monkeypatch.setenv("COLUMNS", told)
        run("explain", "RI531", "--output", str(tmp_path / "a"))

        assert most - 15 < _widest((tmp_path / "a").read_text("utf-8")) <= most


@pytest.mark.parametrize(("size", "most"), [(55, 55), (25, 40), (0, 80), (None, 80)])
def test_a_terminal_is_asked_how_wide_it_is(
    size: int | None, most: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that does not say, or says 0, is taken for 80 columns wide."""

    def asked(_: int) -> os.terminal_size:
        if size is None:
            raise OSError
        return os.terminal_size((size, 24))

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "fileno", lambda: 1, raising=False)
    monkeypatch.setattr(os, "get_terminal_size", asked)

    _, out, _ = run("explain", "RI531")

    assert most - 15 < _widest(out) <= most


@pytest.mark.parametrize(
    "line",
    [
        Line("word " * 40, indent=2, label="a label of some length  "),
        Line("word " * 40, indent=2, label="a label that is longer than the whole of a row can be  "),
        Line("word " * 40, indent=70),
        Line("word " * 40, indent=70, label="label  "),
        Line("\u65e5\u672c\u8a9e" * 40, indent=10, label="a label of some length  "),
        Line("", indent=2, label="a label that is longer than the whole of a row can be  "),
    ],
)
def test_text_goes_below_a_label_that_leaves_no_room(line: Line) -> None:
    """No row is wider than the rest, and no word is lost."""
    for width in (40, 41, 60):
        drawn = draw([line], None, width=width)

        assert _widest(drawn) <= width
        assert "".join(drawn.split()) == "".join((line.label + line.text).split())


def test_a_label_without_room_stands_alone() -> None:
    """Its text begins two columns farther in."""
    line = Line("word " * 6, indent=2, label="a label of some length  ")

    assert draw([line], io.StringIO(), width=40) == (
        "  a label of some length\n    word word word word word word\n"
    )
