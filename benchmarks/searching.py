"""
How many requests the agents of an instance take: found by a search, against fetched one by one.

Both ask one local endpoint over HTTP. Requests are what a quota of 2 a second makes slow, so they
are counted, and not timed.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import routing_inspect as ri
from routing_inspect import aws
from routing_inspect.sandbox import Sandbox

INSTANCE = "11111111-1111-4111-8111-111111111111"
NOW = datetime(2026, 11, 17, 3, tzinfo=UTC)
STEPS = (
    "Language(L3) >= 5 AND Product(P7) >= 4",
    "Language(L3) >= 4 AND Product(P7) >= 3 AND NOT Team(T1)",
    "Language(L3) >= 3 AND Product(P7)",
)


def scenario(size: int) -> dict[str, Any]:
    """Make a centre in which an agent has two of ten languages, three of twenty products and a team."""
    draw = random.Random(7)  # noqa: S311  (no secret)
    users = []
    for number in range(size):
        names = [("Language", f"L{n}") for n in draw.sample(range(10), 2)]
        names += [("Product", f"P{n}") for n in draw.sample(range(20), 3)] + [
            ("Team", f"T{draw.randrange(5)}")
        ]
        held = [{"AttributeName": n, "AttributeValue": v, "Level": draw.randint(1, 5)} for n, v in names]
        user = {"Id": f"user-{number}", "Username": f"name-{number}", "RoutingProfileId": f"p-{number % 20}"}
        users.append({**user, "Proficiencies": held})
    profiles = [{"RoutingProfileId": f"p-{n}", "Queues": []} for n in range(20)]
    return {"instance_id": INSTANCE, "users": users, "routing_profiles": profiles}


def compare(size: int) -> tuple[Counter[str], Counter[str]]:
    """Count the requests of both ways, which must come to the same verdicts."""
    steps = [ri.parse(text) for text in STEPS]
    with Sandbox(scenario(size)) as sandbox:
        client = aws.connect_locally(sandbox.url)
        found = aws.find_agents(client, None, instance_id=INSTANCE, expressions=steps, now=NOW).roster
        by_search = Counter(request.operation for request in sandbox.requests)
        ids = [f"user-{number}" for number in range(size)]
        fetched, _ = aws.fetch_agents(client, instance_id=INSTANCE, agent_ids=ids, now=NOW)
        both = Counter(request.operation for request in sandbox.requests)
        client.close()
    agents = [] if found is None else found.agents
    for step in steps:
        verdicts = [[ri.evaluate(step, agent).verdict for agent in some] for some in (agents, fetched.agents)]
        if verdicts[0] != verdicts[1]:
            raise AssertionError(f"the two ways differ on {step}")
    return by_search, both - by_search


def run() -> None:
    """Print the requests for three sizes of an instance, and their ratio."""
    print("agents  by search  one by one  ratio")
    for size in (50, 500, 2000):
        searched, one_by_one = (sum(counts.values()) for counts in compare(size))
        print(f"{size:>6}  {searched:>9}  {one_by_one:>10}  {one_by_one / searched:.1f}")


if __name__ == "__main__":
    run()
