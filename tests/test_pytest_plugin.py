"""The pytest plugin, as a user meets it: every run here is a pytest of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from routing_inspect.pytest_plugin import RoutingFile

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "testing"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pytest_plugin")]

Run = Callable[..., tuple[int, str]]

DESK = """
roster: |
  ana: Language(French) 4
  ben: Language(French) 3
criteria: |
  Language(French) >= 4 [30 seconds]
  Language(French) >= 3
"""
TESTS = '''
import pytest
import routing_inspect as ri
from routing_inspect.testing import assert_matches, assert_routes

def test_fixtures(routing_roster, routing_criteria, connect_sandbox, request):
    """Rosters, criteria and scenarios stand beside the test."""
    assert [agent.id for agent in routing_roster("desk.roster").agents] == ["ana"]
    assert_routes(routing_criteria("steps.routing"), routing_roster("desk.roster"), {1: {"ana"}})
    assert routing_criteria("none.json") == ri.Criteria()
    first, second = connect_sandbox("scenario.json"), connect_sandbox({"instance_id": "i" * 36})
    assert first.url.startswith("http://127.0.0.1:") and first.url != second.url
    request.config.first = first

def test_closed(request):
    """What the fixture has started is gone with its test."""
    import socket
    port = int(request.config.first.url.rpartition(":")[2])
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1)

def test_expressions():
    assert ri.parse("A(B) >= 4") == ri.parse("A(B) >= 3")

def test_criteria():
    assert ri.parse_criteria("A(B) >= 4") == ri.parse_criteria("A(B) >= 4 [9s]")

def test_steps():
    steps = [ri.Step(ri.parse("A(B) >= 4"))]
    assert steps == steps * 2

def test_others():
    assert ri.Agent(id="ana") == ri.Agent(id="ben")

def test_not_ours():
    assert ri.parse("A(B) >= 4") != ri.parse("A(B) >= 4")
'''


HOOK = """
def pytest_runtest_call(item):
    if item.name == "one":
        raise KeyError("mine")
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run pytest in a folder of its own, strictly: its exit status, and what it printed."""

    def run_pytest(*arguments: str, cwd: Path = tmp_path) -> tuple[int, str]:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-W",
            "error",
            "--strict-markers",
            "-p",
            "no:cacheprovider",
        ]
        environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
        environment["COLUMNS"] = "100"
        done = subprocess.run(
            [*command, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run_pytest


def _write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def test_case_files_run_on_workers_and_are_reported(run: Run, tmp_path: Path) -> None:
    """A case is a test like any other, on workers and in JUnit, and its failure shows place and reason."""
    failing = (
        f"{DESK}cases:\n"
        "  holds: {agents: {ana: {joins at step: 1}}}\n"
        "  NO: {agents: {ben: falls back}}\n"
    )
    _write(tmp_path, **{"test_desk.routing.yaml": failing, "desk.routing.yaml": "not collected"})

    code, out = run("-n", "2", "-rA", "--junitxml", "junit.xml")

    assert code == 1
    assert "PASSED test_desk.routing.yaml::holds" in out
    assert "FAILED test_desk.routing.yaml::NO" in out
    junit = unescape((tmp_path / "junit.xml").read_text(encoding="utf-8"))
    assert re.search('name="holds" time="[0-9.]+" ?/>', junit)
    assert (
        "test_desk.routing.yaml:10:22: ben joins at step 2\n"
        "   8 | cases:\n"
        "   9 |   holds: {agents: {ana: {joins at step: 1}}}\n"
        "  10 |   NO: {agents: {ben: falls back}}\n"
        "     |                      ^^^^^^^^^^\n"
        "  11 |\n"
        "  step 1 (no): Language(French) >= 4\n"
        "    Language(French) >= 4: has 3, 1 level short\n"
        "  step 2 (yes): Language(French) >= 3\n"
        "    Language(French) >= 3: has 3</failure>"
    ) in junit


def test_one_case_can_be_selected_and_what_is_wrong_in_a_file_stops_it(run: Run, tmp_path: Path) -> None:
    """A case has a node id; a file that is refused is an error of collection with its place."""
    (tmp_path / "sub").mkdir()
    _write(
        tmp_path / "sub",
        **{
            "test_a.routing.yaml": (
                f"{DESK}cases:\n"
                "  one [x]: {agents: {ana: falls back}}\n"
                "  two: {agents: {ben: falls back}}\n"
            ),
            "test_b.routing.yaml": "roster: {file: ../../desk.roster}",
        },
    )

    code, out = run("sub/test_a.routing.yaml::one [x]", "-q")
    assert (code, "ana joins at step 1" in out, "ben joins" in out) == (1, True, False)

    code, out = run("-q", "--rootdir", "sub", "sub/test_b.routing.yaml")
    assert code == 2
    assert "sub/test_b.routing.yaml:1:16: the file stands outside the tests' folders" in out


def test_fixtures_and_comparisons(run: Run, tmp_path: Path) -> None:
    """Files beside the test, endpoints that end with it, and two texts where two records differ."""
    _write(
        tmp_path,
        **{
            "test_all.py": TESTS,
            "desk.roster": "ana: Language(French) 4",
            "steps.routing": "Language(French) >= 4",
            "none.json": '{"Contact": {"Id": "c", "Channel": "VOICE"}}',
            "scenario.json": json.dumps({"instance_id": "i" * 36}),
            "test_desk.routing.yaml": f"{DESK}cases: {{one: {{agents: {{ana: falls back}}}}}}",
            "conftest.py": HOOK,
        },
    )

    code, out = run("-q")

    assert code == 1
    assert "6 failed, 2 passed" in out
    assert "KeyError: 'mine'" in out
    assert "assert two expressions differ" in out
    assert "  left  A(B) >= 4\n" in out
    assert "assert two criteria differ" in out
    assert "assert two lists of steps differ" in out
    assert "  right step 1  A(B) >= 4 [9 seconds]\n" in out


def test_the_plugin_can_be_left_out(run: Run, tmp_path: Path) -> None:
    """`-p no:routing_inspect` leaves nothing of it: no options, no case files."""
    _write(tmp_path, **{"test_desk.routing.yaml": "not read"})

    assert run("-p", "no:routing_inspect")[0] == 5
    code, out = run("-p", "no:routing_inspect", "--routing-cov")
    assert code == 4
    assert "unrecognized arguments: --routing-cov" in out


def test_without_pyyaml_a_case_file_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The extra is needed only by those who have case files."""
    monkeypatch.delitem(sys.modules, "routing_inspect.cases", raising=False)
    monkeypatch.delitem(sys.modules, "routing_inspect.strict_yaml", raising=False)
    monkeypatch.setitem(sys.modules, "yaml", None)
    file = RoutingFile.from_parent(request.session, path=tmp_path / "test_x.routing.yaml")

    with pytest.raises(
        RoutingFile.CollectError, match=r"case files need yaml: pip install 'routing-inspect\[testing\]'"
    ):
        list(file.collect())


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Copy the sample project to where it may be added to."""
    return shutil.copytree(SAMPLE, tmp_path / "sample", ignore=shutil.ignore_patterns("__pycache__"))


def _read(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def test_coverage_is_the_same_on_workers(run: Run, sample: Path) -> None:
    """What workers have seen comes together: the same JSON with and without them."""
    code, out = run("-q", "--routing-cov-json", "alone.json", cwd=sample)
    assert code == 0, out
    code, out = run(
        "-q", "-n", "2", "--routing-cov-json", "workers.json", "--routing-cov-min", "50", cwd=sample
    )
    assert code == 0, out

    alone = _read(sample / "alone.json")
    assert alone == _read(sample / "workers.json")
    assert alone["totals"] == {"conditions": 10, "both_ways": 9, "possible": 9, "alone": 5, "percent": 55.5}
    assert "5 of 9 shown to decide alone, 55.5 %; 1 cannot" in out


def test_what_is_proposed_closes_the_gaps_where_the_report_says(run: Run, sample: Path) -> None:
    """Each block of the report, as it stands on the screen, put into the file that it names."""
    code, out = run("-q", "--routing-cov", "--routing-cov-min", "100", cwd=sample)
    assert code == 1
    assert "routing condition coverage: 55.5 % is less than 100 %" in out

    proposed = re.findall(r"^  to close the gaps, as (.+):\n((?:    .*\n)+)", out, re.MULTILINE)
    assert len(proposed) == 3
    for name, text in proposed:
        assert not (sample / name).exists()
        (sample / name).write_text(text, encoding="utf-8")
    code, out = run("-q", "--routing-cov-json", "after.json", "--routing-cov-min", "100", cwd=sample)

    assert code == 0, out
    totals = _read(sample / "after.json")["totals"]
    assert (totals["alone"], totals["possible"], totals["percent"]) == (9, 9, 100.0)
    assert "to close the gaps" not in out


def test_a_worker_that_dies_is_missed(run: Run, tmp_path: Path) -> None:
    """What a crashed worker had seen is lost, and the report says so."""
    test = (
        "import os\nfrom routing_inspect import Agent\nfrom routing_inspect.testing import assert_rejects\n"
        "def test_dies():\n"
        "    assert_rejects('A(B) >= 4', Agent(id='ana', proficiencies={}))\n"
        "    os._exit(1)\n"
    )
    _write(tmp_path, **{"test_dies.py": test})

    code, out = run("-q", "-n", "1", "--routing-cov", "--max-worker-restart", "0")

    assert code == 1
    assert "what 1 crashed workers had seen is lost" in out
    assert "no criteria was under test" in out


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--routing-cov-min=101", "expected a percentage from 0 to 100, found 101"),
        ("--routing-cov-min=nan", "expected a percentage from 0 to 100, found nan"),
        ("--routing-cov-min=most", "expected a percentage from 0 to 100, found most"),
        ("--routing-cov-json=none/x.json", "--routing-cov-json: there is no folder none"),
    ],
)
def test_options_that_cannot_be_are_refused_at_the_start(run: Run, option: str, said: str) -> None:
    """A run of an hour must not end in a report that cannot be written."""
    code, out = run(option)

    assert code == 4
    assert said in out
