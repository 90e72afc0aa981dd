"""Print what the parser says to the usual slips, for one kind of text: ``docs/slips.md`` holds the output."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from routing_inspect import CriteriaSyntaxError, parse, parse_criteria, parse_roster
from routing_inspect.slips import SLIPS

_PARSERS = {"expression": parse, "criteria": parse_criteria, "roster": parse_roster}


def messages(start: str) -> Iterator[str]:
    """Go through the real messages for the wrong texts of the table."""
    for row in SLIPS:
        try:
            _PARSERS[row.start](row.example)
        except CriteriaSyntaxError as error:
            if row.start == start:
                yield str(error)


if __name__ == "__main__":
    print("\n\n".join(messages(sys.argv[1])))  # noqa: T201  (what it prints goes into the page)
