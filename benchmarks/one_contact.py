"""
From the JSON of one contact to its explanation, as a multiple of `json.loads`.

Against 50 agents, all of them gone through gate by gate; and against 10,000 of whom one is asked about.

Paired runs: each round times every stage once, in turn, in processor time, so that other load on the
machine does not lengthen what takes long more than what does not.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import routing_inspect as ri

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 200
AGENTS = 50
# Of a whole centre one agent is asked about: a round takes long, so there are fewer.
CENTRE = 10_000
CENTRE_ROUNDS = 10


def run() -> None:
    """Print the ratios."""
    text = (ROOT / "examples" / "contacts" / "matched-step.json").read_text(encoding="utf-8")
    contact = ri.read(text)
    roster = _roster(AGENTS)
    stages: dict[str, Callable[[], object]] = {
        "json.loads": lambda: json.loads(text),
        "read": lambda: ri.read(text),
        "explain": lambda: ri.explain(contact, roster),
        "explain, one of them asked about": lambda: ri.explain(contact, roster, agents=["agent-3"]),
        "read, explain, to_dict, dumps": lambda: json.dumps(ri.explain(ri.read(text), roster).to_dict()),
    }
    seconds: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(ROUNDS):
        for name, stage in stages.items():
            started = time.process_time()
            stage()
            seconds[name].append(time.process_time() - started)
    floor = statistics.median(seconds["json.loads"])
    print(f"one contact of {len(text)} bytes against {AGENTS} agents, median of {ROUNDS}, processor time;")
    print(f"1 = json.loads of the same bytes ({floor * 1e6:.0f} us here)\n")
    for name, taken in seconds.items():
        print(f"  {name:<36} {statistics.median(taken) / floor:8.1f}")
    centre = _roster(CENTRE)
    slow = []
    for _ in range(CENTRE_ROUNDS):
        started = time.process_time()
        ri.explain(contact, centre, agents=["agent-3"])
        slow.append(time.process_time() - started)
    print(f"  {f'explain, one of {CENTRE:,} asked about':<36} {statistics.median(slow) / floor:8.1f}\n")


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
