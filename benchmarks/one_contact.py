"""
From the JSON of one contact to its explanation, as a multiple of `json.loads`.

Against 50 agents, all of them gone through gate by gate; and against 10,000 of whom one is asked about.
Reading is measured once more on many contacts in a row, where nothing else fills the processor's cache.

Paired runs: each round times every stage once, in turn, in processor time, so that other load on the
machine does not lengthen what takes long more than what does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from rounds import medians

import routing_inspect as ri

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 200
AGENTS = 50
# Of a whole centre one agent is asked about: a round takes long, so there are fewer.
CENTRE = 10_000
CENTRE_ROUNDS = 10
# As in reading a month of records.
MANY = 500
MANY_ROUNDS = 9


def run() -> None:
    """Print the ratios."""
    text = (ROOT / "examples" / "contacts" / "matched-step.json").read_text(encoding="utf-8")
    contact = ri.read(text)
    roster = _roster(AGENTS)
    said = ri.explain(contact, roster).to_dict()
    stages: dict[str, Callable[[], object]] = {
        "json.loads": lambda: json.loads(text),
        "read": lambda: ri.read(text),
        "explain": lambda: ri.explain(contact, roster),
        "explain, one of them asked about": lambda: ri.explain(contact, roster, agents=["agent-3"]),
        "json.dumps of what it says, alone": lambda: json.dumps(said),
        "read, explain, to_dict, dumps": lambda: json.dumps(ri.explain(ri.read(text), roster).to_dict()),
    }
    seconds = medians(stages, ROUNDS)
    floor = seconds["json.loads"]
    print(f"one contact of {len(text)} bytes against {AGENTS} agents, median of {ROUNDS}, processor time;")
    print(f"1 = json.loads of the same bytes ({floor * 1e6:.0f} us here)\n")
    for name, taken in seconds.items():
        print(f"  {name:<36} {taken / floor:8.1f}")
    centre = _roster(CENTRE)
    one_of_all = {
        f"explain, one of {CENTRE:,} asked about": lambda: ri.explain(contact, centre, agents=["agent-3"])
    }
    for name, taken in medians(one_of_all, CENTRE_ROUNDS).items():
        print(f"  {name:<36} {taken / floor:8.1f}\n")
    _in_a_row([text.replace("000000000101", f"{number:012}") for number in range(MANY)])


def _in_a_row(texts: list[str]) -> None:
    stages: dict[str, Callable[[], object]] = {
        "json.loads": lambda: [json.loads(text) for text in texts],
        "read": lambda: [ri.read(text) for text in texts],
    }
    seconds = medians(stages, MANY_ROUNDS)
    floor = seconds["json.loads"]
    each = f"{floor / MANY * 1e6:.0f} us each here"
    print(f"{MANY} such contacts in a row; 1 = json.loads of them ({each})\n")
    for name, taken in seconds.items():
        print(f"  {name:<36} {taken / floor:8.1f}")


def _roster(size: int) -> ri.Roster:
    """Make agents with the attributes of the example, at every level in turn."""
    attributes = [
        ri.Attribute("connect:Language", "connect:Welsh"),
        ri.Attribute("Claims", "Flood damage"),
        ri.Attribute("Product", "Landlord cover"),
    ]
    return ri.Roster(
        agents=[
            ri.Agent(
                id=f"agent-{i}",
                proficiencies={a: (i + n) % 5 + 1 for n, a in enumerate(attributes) if (i + n) % 3},
            )
            for i in range(size)
        ]
    )


if __name__ == "__main__":
    run()
