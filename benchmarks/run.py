"""
Run every benchmark: ratios against a named peer or a floor, measured in one run.

`python benchmarks/run.py docs` also puts what is printed into docs/performance.md and docs/analysis.md,
and the plot beside it; after `docs` may stand the names of those to run.
Not among them is `python benchmarks/pull.py`: it waits for the service's quota, two minutes, and its
figures are in docs/roster.md.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cold_start
import exact_questions
import matching
import one_contact
import parse_cost
import searching

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
# Where the output of each goes, between marks of the same name.
PAGES: Final = {
    "cold_start": (cold_start.run, "performance.md"),
    "exact_questions": (exact_questions.run, "analysis.md"),
    "one_contact": (one_contact.run, "performance.md"),
    "parse_cost": (parse_cost.run, "performance.md"),
    "searching": (searching.run, "performance.md"),
}


def _printed(benchmark: Callable[[], None]) -> str:
    """Run a benchmark, show what it prints, and give it."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        benchmark()
    print(text.getvalue(), flush=True)
    return text.getvalue().strip("\n")


def _put(page: Path, name: str, text: str) -> None:
    head, mark, rest = page.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")
    _, end, tail = rest.partition("<!-- end -->\n")
    assert mark, f"{page} has no place for {name}"
    assert end, f"{page} has no end for {name}"
    page.write_text(f"{head}{mark}```text\n{text}\n```\n{end}{tail}", encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Run all of them, or those that are named."""
    is_for_docs = arguments[:1] == ["docs"]
    names = arguments[1:] or [*PAGES, "matching"]
    for name in names:
        if name == "matching":
            figures = matching.run()
            if is_for_docs:
                matching.write_page(*figures)
            continue
        benchmark, page = PAGES[name]
        text = _printed(benchmark)
        if is_for_docs:
            _put(DOCS / page, name, text)


if __name__ == "__main__":
    main(sys.argv[1:])
