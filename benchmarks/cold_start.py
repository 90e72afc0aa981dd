"""
What a command costs from a cold start, as a multiple of an interpreter that does nothing.

The runs of all commands are interleaved, so that a busy machine slows all of them alike; the ratio is of
medians of processor time. The package is compiled beforehand, as it is where it was installed. Below
stands what the time goes to, by `-X importtime`.
"""

from __future__ import annotations

import compileall
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from rounds import cold_medians

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 15

_MAIN = "import sys; sys.argv = {}; from routing_inspect.cli import main; main()"
_CONTACT = str(ROOT / "examples" / "contacts" / "matched-step.json")
_ROSTER = str(ROOT / "examples" / "roster.json")
_EXPLAIN = ["routing-inspect", "explain", _CONTACT, "--roster", _ROSTER]

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import attrs": ["-c", "import attrs"],
    "import click": ["-c", "import click"],
    "import rich.console": ["-c", "import rich.console"],
    "import lark": ["-c", "import lark"],
    "import boto3": ["-c", "import boto3"],
    "import routing_inspect": ["-c", "import routing_inspect"],
    "... read and explain": ["-c", "from routing_inspect import read, explain"],
    "explain FILE --format json": ["-c", _MAIN.format([*_EXPLAIN, "--format", "json"])],
    "explain FILE": ["-c", _MAIN.format(_EXPLAIN)],
    "match TEXT": ["-c", _MAIN.format(["routing-inspect", "match", "a(b) >= 3", "--roster", _ROSTER])],
}


def run() -> None:
    """Print the ratios, and what `explain FILE` spends its time on."""
    compileall.compile_dir(ROOT / "src", quiet=1)
    seconds = cold_medians(COMMANDS, ROUNDS)
    floor = seconds["python -c pass"]
    print(f"cold start, median of {ROUNDS}; 1 = python -c pass ({floor * 1000:.0f} ms here)\n")
    for name, taken in seconds.items():
        print(f"  {name:<28} {taken / floor:5.1f}")
    print("\nwhat explain FILE --format json imports, share of the time spent importing\n")
    for package, share in _import_shares(COMMANDS["explain FILE --format json"]):
        print(f"  {package:<28} {share:5.0%}")
    print()


def _import_shares(arguments: list[str]) -> list[tuple[str, float]]:
    """Sum up the import times of a command by top-level package; the standard library is one."""
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    spent: Counter[str] = Counter()
    for line in re.findall(r"^import time:\s+(\d+) \|\s+\d+ \| +([\w.]+)", done.stderr, re.MULTILINE):
        package = line[1].split(".")[0]
        spent["standard library" if package in sys.stdlib_module_names else package] += int(line[0])
    return [(package, time_spent / spent.total()) for package, time_spent in spent.most_common(6)]


if __name__ == "__main__":
    run()
