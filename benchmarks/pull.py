"""
How close `roster pull` comes to what the service's quotas allow, and what a kill costs it.

The peer is the quota itself: so many requests at so many a second take so long, whoever sends them. The
sandbox enforces it over HTTP; the pull is the command in a process of its own. Figures are of the machine
at hand; where its processor is busy with other things, the ratio at the higher rate says so.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from routing_inspect.sandbox import Quota, Sandbox, read_scenario

INSTANCE = "11111111-1111-4111-8111-111111111111"
ENVIRONMENT = {
    **os.environ,
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_REGION": "eu-west-2",
}


def main() -> None:
    """Pull small and large centres, at the service's own rate and at a raised one, whole and killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=100.0)
    given = parser.parse_args()
    # A raised quota keeps the service's proportion of rate and burst, 2 to 5.
    large = Quota(given.rate, math.ceil(given.rate * 2.5))
    with TemporaryDirectory() as folder:
        measure(40, Quota(), Path(folder))
        measure(given.agents // 10, Quota(given.rate / 5, math.ceil(given.rate / 2)), Path(folder))
        whole = measure(given.agents, large, Path(folder))
        killed(given.agents, large, Path(folder), whole)


def minimum(agents: int, profiles: int) -> Counter[str]:
    """Say how many requests there must be: see docs/roster.md."""
    return Counter(
        SearchUsers=math.ceil(agents / 500),
        SearchRoutingProfiles=math.ceil(profiles / 500),
        ListRoutingProfileQueues=profiles,
        ListUserProficiencies=agents,
    )


def command(url: str, quota: Quota, output: Path) -> list[str]:
    """Give the command that pulls from a sandbox."""
    arguments = ["--instance-id", INSTANCE, "--endpoint-url", url, "--output", str(output)]
    limits = ["--rate", str(quota.rate), "--burst", str(quota.burst)]
    return [
        sys.executable,
        "-c",
        "from routing_inspect.cli import main; main()",
        "roster",
        "pull",
        *arguments,
        *limits,
    ]


def centre(agents: int, quota: Quota) -> Sandbox:
    """Make a sandbox of a generated centre, with every routing profile in use."""
    scenario = read_scenario({"instance_id": INSTANCE, "generate": {"agents": agents}})
    return Sandbox(scenario, quota=quota)


def measure(agents: int, quota: Quota, folder: Path) -> Path:
    """Pull a centre once, and print requests against the minimum and time against the quota's floor."""
    output = folder / f"whole-{agents}.json"
    with centre(agents, quota) as sandbox:
        began = time.monotonic()
        subprocess.run(command(sandbox.url, quota, output), env=ENVIRONMENT, check=True, capture_output=True)
        took = time.monotonic() - began
        asked = [request.at for request in sandbox.requests]
        sent = Counter(request.operation for request in sandbox.requests)
        turned_away = sandbox.throttled
    used = {user["RoutingProfileId"] for user in sandbox.scenario.users.values()}
    least = minimum(agents, len(used))
    floor = (agents - quota.burst) / quota.rate
    between = (max(asked) - min(asked)).total_seconds()
    print(f"{agents} agents, quota {quota.rate:g} a second, burst {quota.burst}")
    print(f"  requests {sent.total()}, at least {least.total()}; throttled {turned_away}")
    print(f"  whole command {took:.2f} s, {took / floor:.3f} of the floor of {floor:.2f} s")
    print(f"  first to last request {between:.2f} s, {between / floor:.3f} of the floor")
    assert sent - least == Counter(), sent - least
    return output


def killed(agents: int, quota: Quota, folder: Path, whole: Path) -> None:
    """Kill a pull at three points, let it go on, and compare what comes out."""
    output = folder / "killed.json"
    with centre(agents, quota) as sandbox:
        for part in (0.1, 0.5, 0.9):
            process = subprocess.Popen(
                command(sandbox.url, quota, output), env=ENVIRONMENT, stderr=subprocess.DEVNULL
            )
            while len(sandbox.requests) < agents * part and process.poll() is None:
                time.sleep(0.01)
            process.kill()
            process.wait()
            assert not output.exists()
        subprocess.run(command(sandbox.url, quota, output), env=ENVIRONMENT, check=True, capture_output=True)
        sent = Counter(request.operation for request in sandbox.requests)
    least = minimum(agents, len({user["RoutingProfileId"] for user in sandbox.scenario.users.values()}))
    is_same = _without_times(output) == _without_times(whole)
    print(f"{agents} agents, killed three times (SIGKILL at 10, 50 and 90 % of the requests), then finished")
    again = (sent - least).total()
    print(f"  requests {sent.total()}, at least {least.total()}: {again} were asked again")
    print(f"  the same file but for the times of asking: {is_same}")
    assert is_same


def _without_times(file: Path) -> str:
    """Give a roster file without the times of asking, as text of one layout."""
    document = json.loads(file.read_text("utf-8"))
    del document["as_of"]
    for agent in document["agents"]:
        del agent["as_of"]
    return json.dumps(document)


if __name__ == "__main__":
    main()
