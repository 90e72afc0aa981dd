"""
Write the golden outputs again: ``python tests/golden/refresh.py``.

`tests/test_golden.py` compares; look at the difference before committing it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from attrs import evolve

from routing_inspect.contact import Agent, Contact, Roster
from routing_inspect.document import dumps
from routing_inspect.explain import explain
from routing_inspect.explanation import Explanation
from routing_inspect.expr import Attribute
from routing_inspect.forms import read
from routing_inspect.index import AgentIndex
from routing_inspect.render import matches, terminal
from routing_inspect.render.lines import draw
from routing_inspect.roster import read_roster
from routing_inspect.text import parse

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
NOW = datetime(2026, 11, 17, 2, 20, tzinfo=UTC)


def outputs() -> Iterator[tuple[str, str]]:
    """Give every golden file's name and what it should hold."""
    roster = evolve(_roster(EXAMPLES / "roster.json"), source="examples/roster.json")
    contacts = {path.stem: _contact(path) for path in sorted((EXAMPLES / "contacts").glob("*.json"))}
    for kind, contact in contacts.items():
        yield from _both(kind, explain(contact, roster, NOW))
    joined, waiting = contacts["matched-step"], contacts["waiting"]
    yield from _both("waiting-overtaken", explain(waiting, roster, datetime(2026, 11, 17, 2, 22, tzinfo=UTC)))
    yield "verbose.txt", _text(explain(joined, roster), verbose=True)
    hostile = _contact(HERE / "hostile" / "contact.json")
    yield from _both("hostile", explain(hostile, _roster(HERE / "hostile" / "roster.json")))
    yield "no-roster.txt", _text(explain(joined))
    yield from _both("empty-roster", explain(joined, Roster()))
    yield from _both("unknown-agents", explain(joined, roster, agents=["zoe", "aled"]))
    yield (
        "asked.txt",
        _text(explain(joined, roster, agents=["dylan", "eira"]), asked=("dylan", "eira", "dylan")),
    )
    yield "large-roster.txt", _text(explain(joined, _large(roster)))
    yield from _match(roster)


def _contact(path: Path) -> Contact:
    return read(path.read_bytes())


def _roster(path: Path) -> Roster:
    return read_roster(path.read_bytes())


def _large(roster: Roster) -> Roster:
    """A roster of 200, in which the first six stand for themselves and the others for a crowd."""
    flood = Attribute("Claims", "Flood damage")
    crowd = [
        Agent(id=f"agent-{i:03}", username=f"colleague-{i:03}", proficiencies={flood: 1 + i % 5})
        for i in range(194)
    ]
    return evolve(roster, agents=(*roster.agents, *crowd))


def _match(roster: Roster) -> Iterator[tuple[str, str]]:
    expression = parse("connect:Language(connect:Welsh) >= 4 AND Claims(Flood damage) in 3..5")
    found = AgentIndex(roster).match(expression)
    drawn = draw(matches.lines(expression, roster, found, verbose=False), None)
    yield "match.txt", drawn
    yield "match.json", dumps(matches.to_dict(expression, roster, found)) + "\n"


def _both(name: str, explanation: Explanation) -> Iterator[tuple[str, str]]:
    yield f"{name}.txt", _text(explanation)
    node = explanation.to_dict()
    # What stands in the file is what a reader of it gets back.
    if json.loads(dumps(node)) != node:
        raise AssertionError(name)
    yield f"{name}.json", dumps(node) + "\n"


def _text(explanation: Explanation, *, verbose: bool = False, asked: tuple[str, ...] = ()) -> str:
    return draw(terminal.lines(explanation, verbose=verbose, asked=asked), None)


if __name__ == "__main__":
    for name, content in outputs():
        (HERE / name).write_text(content, encoding="utf-8")
