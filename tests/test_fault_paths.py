"""
Every operation that a command asks, going wrong in every way: what becomes of the command.

The tables are in docs/faults.md and are what the tests expect. Run as a script, this runs all of it and
writes them anew.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from attrs import evolve

import aws_paths
from aws_paths import CAPTURE, EXPLAIN, PATHS, PULL, Path_, hurried, outcome_text, walk
from routing_inspect.document import JSON
from routing_inspect.sandbox import Sandbox

PAGE = Path(__file__).resolve().parents[1] / "docs" / "faults.md"
# The long run.
IS_DEEP = int(os.environ.get("EXAMPLES", "100")) > 1000
LATE = 0.4


def _error(code: str, **more: JSON) -> dict[str, JSON]:
    return {"error": code, "message": "so it is", **more}


FAULTS: Mapping[str, dict[str, JSON]] = {
    "throttled": _error("ThrottlingException"),
    "500": _error("InternalServiceException"),
    "too late": {"delay_seconds": 3600},
    "reset": {"cut": True},
    "cut short": {"truncate": 30},
    "not JSON": {"body": "{]"},
    "denied": _error("AccessDeniedException"),
    "expired": _error("ExpiredTokenException", status=403),
}
# What passes, one after the other: the tries of botocore, then those of this library.
PASSING = [FAULTS[name] for name in ("throttled", "500", "reset", "cut short", "not JSON")]
HEAD = "| path | operation | " + " | ".join(FAULTS) + " |\n|" + " --- |" * (len(FAULTS) + 2) + "\n"
CALLS = [(path, *operation) for path in PATHS for operation in path.operations]


def _name(operation: str, match: Mapping[str, str]) -> str:
    return f"{operation} of another segment" if aws_paths.EARLIER in match.values() else operation


IDS = [f"{path.name}-{_name(operation, match)}" for path, operation, match in CALLS]


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give boto3 credentials that nobody checks."""
    for name, value in aws_paths.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def plain() -> dict[str, aws_paths.Outcome]:
    """Give what each path comes to where nothing goes wrong but what belongs to it."""
    return _plain()


def _plain() -> dict[str, aws_paths.Outcome]:
    with pytest.MonkeyPatch.context() as patched, hurried():
        for name, value in aws_paths.ENVIRONMENT.items():
            patched.setenv(name, value)
        return {path.name: walk(path) for path in PATHS}


def _always(path: Path_, operation: str, match: Mapping[str, str], fault: JSON) -> aws_paths.Outcome:
    is_late = "delay_seconds" in fault
    with hurried(attempts=2, read_timeout=LATE if is_late else 20):
        return walk(path, {"operation": operation, "match": dict(match), "fault": fault})


def _cells() -> dict[tuple[str, str, str], str]:
    """Read the table of the page: the outcome by path, operation and fault."""
    table = PAGE.read_text(encoding="utf-8").partition(HEAD)[2].partition("\n\n")[0]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {
        (row[0], row[1], fault): cell for row in rows for fault, cell in zip(FAULTS, row[2:], strict=True)
    }


@pytest.mark.parametrize(("path", "operation", "match"), CALLS, ids=IDS)
def test_no_call_that_fails_passes_unseen(
    plain: dict[str, aws_paths.Outcome], path: Path_, operation: str, match: Mapping[str, str]
) -> None:
    """A call that keeps failing is an error that names it and the mend, or a finding that does."""
    expected = _cells()
    for fault, action in FAULTS.items():
        # Waiting takes its time: for all paths only in the long run.
        if fault == "too late" and not IS_DEEP and path not in (EXPLAIN, PULL):
            continue
        found = _always(path, operation, match, action)

        told = outcome_text(path, operation, found, plain[path.name])
        assert told != "same", f"nobody needs {operation}"
        assert (fault, told) == (fault, expected[path.name, _name(operation, match), fault])


@pytest.mark.parametrize(("path", "operation", "match"), CALLS, ids=IDS)
def test_a_fault_that_passes_changes_nothing(
    plain: dict[str, aws_paths.Outcome], path: Path_, operation: str, match: Mapping[str, str]
) -> None:
    """Five faults one after the other, each of another kind, and the answer is as without them."""
    # A pull does not wait for an endpoint that has never answered: it begins on the second page.
    first = 2 if path is PULL and operation == "SearchUsers" else 1
    once = [
        {"operation": operation, "match": dict(match), "calls": [number], "fault": fault}
        for number, fault in enumerate(PASSING, first)
    ]
    is_pull = path.arguments[:2] == PULL.arguments[:2]
    patient = evolve(path, arguments=(*path.arguments, "--patience", "1")) if is_pull else path

    with hurried(attempts=5):
        found = walk(patient, *once)

    asked = [request for request in found.requests if request.operation == operation]
    assert len(asked) > len(PASSING)
    assert (found.code, found.out) == (plain[path.name].code, plain[path.name].out)


@pytest.mark.parametrize("fault", ["500", "reset", "not JSON", "expired"])
@pytest.mark.parametrize("operation", [operation for operation, _ in PULL.operations])
def test_a_pull_that_failed_goes_on_where_it_was(
    plain: dict[str, aws_paths.Outcome], tmp_path: Path, operation: str, fault: str
) -> None:
    """The second run asks for nothing that the first has got, and the file is the same as in one run."""
    # The first page of two is good, and of the agents' levels the first four pages.
    good = 1 if operation.startswith(("Search", "ListRouting")) else 4
    later = {"operation": operation, "calls": list(range(good + 1, 60)), "fault": FAULTS[fault]}
    if operation == "SearchRoutingProfiles":
        later["calls"] = "all"  # it has one page
    with hurried():
        first = walk(PULL, later, folder=tmp_path)
        second = walk(PULL, folder=tmp_path)

    assert (first.code, first.out) == (3, "")
    assert (second.code, second.out) == (0, plain[PULL.name].out)
    assert second.files == ("roster.json",)
    users = [
        {
            request.parameters["UserId"]
            for request in run.requests
            if request.operation == "ListUserProficiencies" and "NextToken" in request.parameters
        }
        for run in (first, second)
    ]
    # Whoever's second page came is done; a fault on that page is asked for again.
    if operation != "ListUserProficiencies":
        assert users[0] & users[1] == set()
    answered = len(first.requests)
    assert answered + len(second.requests) < 2 * len(plain[PULL.name].requests) + 20


def test_a_capture_that_fails_leaves_no_folder_and_no_file(tmp_path: Path) -> None:
    """What cannot be fetched is known before anything is written."""
    folder = tmp_path / "new"
    with hurried(attempts=1):
        found = walk(CAPTURE, {"operation": "ListUserProficiencies", "fault": FAULTS["500"]}, folder=folder)

    assert found.code == 3
    assert not folder.exists()


def test_the_paths_ask_every_operation_and_no_other(plain: dict[str, aws_paths.Outcome]) -> None:
    """What the tables show is what is really sent."""
    sent = {operation for outcome in plain.values() for operation in outcome.operations}

    assert {operation for _, operation, _ in CALLS} == sent


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "operation", "fault"),
    [
        (EXPLAIN, "ListUserProficiencies", "denied"),
        (PULL, "ListUserProficiencies", "denied"),
        (CAPTURE, "DescribeUser", "not JSON"),
    ],
)
def test_the_program_itself_says_the_same(
    plain: dict[str, aws_paths.Outcome], tmp_path: Path, path: Path_, operation: str, fault: str
) -> None:
    """The installed program, in a process of its own with a client of its own, comes to the same."""
    faults = [{"operation": operation, "fault": FAULTS[fault]}]
    program = str(Path(sys.executable).parent / "routing-inspect")
    with Sandbox(aws_paths.scenario(*faults)) as sandbox:
        arguments = [argument.format(folder=tmp_path) for argument in path.arguments]
        done = subprocess.run(
            [program, *arguments, "--instance-id", aws_paths.INSTANCE, "--endpoint-url", sandbox.url],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    found = aws_paths.Outcome(
        done.returncode, done.stdout, done.stderr, tuple(file.name for file in tmp_path.iterdir()), ()
    )
    told = outcome_text(path, operation, found, plain[path.name])
    assert told == _cells()[path.name, operation, fault]


def _rows() -> Iterator[str]:
    found = _plain()
    for path, operation, match in CALLS:
        cells = [
            outcome_text(path, operation, _always(path, operation, match, fault), found[path.name])
            for fault in FAULTS.values()
        ]
        yield f"| `{path.name}` | {_name(operation, match)} | " + " | ".join(cells) + " |\n"


def written() -> str:
    """Give the page with the table as a run of everything has it."""
    os.environ |= aws_paths.ENVIRONMENT
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(HEAD)
    return before + HEAD + "".join(_rows()) + "\n" + rest.partition("\n\n")[2]


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
