"""The corpus of the linter, and every document of docs/findings.md, on the command line and by the API."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft7Validator, FormatChecker
from xmlschema import XMLSchema

from records import Run
from routing_inspect.errors import DocumentError
from routing_inspect.findings import Finding
from routing_inspect.forms import read
from routing_inspect.linting import document_findings, lint, refusal_findings
from routing_inspect.roster import read_roster
from schemas import problems
from scripts import load

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "tests" / "data" / "schemas"
PAGE = load(ROOT / "docs" / "findings.py")
SARIF = Draft7Validator(
    json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")), format_checker=FormatChecker()
)
# GitLab and others read which file and line a test case is about; the schema knows neither attribute.
BESIDE_JUNIT = ("file", "line")

Found: TypeAlias = set[tuple[str, str, str, int | None, tuple[int, ...] | None]]


def _arguments(folder: Path) -> list[str]:
    """Give what a folder of the corpus is linted with, as options of the command line."""
    given = folder / "options.json"
    options = json.loads(given.read_bytes()) if given.exists() else {}
    team, attributes = folder / "team.roster", folder / "attributes.json"
    return [
        *(["--roster", str(team)] if team.exists() else []),
        *(["--attributes", str(attributes)] if attributes.exists() else []),
        *(["--max-wait", f"{options['max_wait_seconds']}s"] if "max_wait_seconds" in options else []),
        *(part for name in options.get("required", ()) for part in ("--required", name)),
    ]


CASES = [
    pytest.param([str(document), *_arguments(folder)], folder, name, id=f"{folder.name}-{name}")
    for folder in PAGE.CORPUS.values()
    for name in ("has", "has-not")
    for document in folder.glob(f"{name}.*")
]


def _on_the_command_line(run: Run, *arguments: str) -> tuple[Found, dict[str, Any]]:
    _, out, err = run("lint", *arguments, "--format", "json")
    assert out, err
    report = json.loads(out)
    assert problems(report) == []
    return {
        (
            f["id"],
            f["message"],
            f["where"],
            f["step"],
            None if f["condition"] is None else tuple(f["condition"]),
        )
        for f in report["findings"]
    }, report


def _found(findings: Iterable[Finding]) -> Found:
    return {(f.id, f.message, f.where, f.step, f.condition) for f in findings}


@pytest.mark.parametrize(("arguments", "folder", "name"), CASES)
def test_the_command_line_finds_what_the_api_finds(
    arguments: list[str], folder: Path, name: str, run: Run
) -> None:
    """In every document of the corpus, with the roster, the attributes and the options of its folder."""
    found, report = _on_the_command_line(run, *arguments)

    assert found == _found(PAGE.lint_findings(folder, name))
    assert [f["id"] for f in report["findings"]].count(folder.name) == (1 if name == "has" else 0)


@pytest.mark.parametrize("finding_id", sorted(PAGE.CORPUS))
def test_the_page_shows_what_the_command_line_says(finding_id: str, run: Run) -> None:
    """Severity, id, message and place of docs/findings.md are those that a user sees."""
    page = PAGE.PAGE.read_text(encoding="utf-8")
    section = page[page.index(f"## {finding_id}:") :].split("\n## ")[0]
    (document,) = PAGE.CORPUS[finding_id].glob("has.*")
    _, report = _on_the_command_line(run, str(document), *_arguments(PAGE.CORPUS[finding_id]))

    (said,) = (f for f in report["findings"] if f["id"] == finding_id)
    where = f" ({said['where']})" if said["where"] else ""
    assert f"\n{said['severity']} {finding_id}  {said['message']}{where}\n" in section
    assert said["hint"] is None or f"\nhint  {said['hint']}\n" in section


@pytest.mark.parametrize("finding_id", sorted(name for name, e in PAGE.EXAMPLES.items() if "document" in e))
def test_documents_of_the_page_are_linted_alike(finding_id: str, run: Run, tmp_path: Path) -> None:
    """Documents that the page explains are linted, too, beside their rosters: both ways find the same."""
    example = PAGE.EXAMPLES[finding_id]
    document, roster = tmp_path / "document.json", tmp_path / "roster.json"
    document.write_text(json.dumps(example["document"]), encoding="utf-8")
    beside = []
    if "roster" in example:
        roster.write_text(json.dumps(example["roster"]), encoding="utf-8")
        beside = ["--roster", str(roster)]

    found, _ = _on_the_command_line(run, str(document), *beside)

    assert found == _found(_linted(document.read_bytes(), roster.read_bytes() if beside else None))


def _linted(document: bytes, roster: bytes | None) -> list[Finding]:
    try:
        contact = read(document)
    except DocumentError as error:
        return list(refusal_findings(error))
    return [*document_findings(document), *lint(contact, None if roster is None else read_roster(roster))]


# ---------------------------------------------------------------------------- formats that are not ours


def _sarif(run: Run, *arguments: str) -> dict[str, Any]:
    _, out, err = run("lint", *arguments, "--format", "sarif")
    assert out, err
    log: dict[str, Any] = json.loads(out)
    return log


@pytest.mark.parametrize(("arguments", "folder", "name"), CASES)
def test_sarif_is_what_its_schema_says(arguments: list[str], folder: Path, name: str, run: Run) -> None:
    """The log of every document of the corpus is valid by the schema of SARIF 2.1.0."""
    log = _sarif(run, *arguments)

    assert [f"{error.json_path}: {error.message}" for error in SARIF.iter_errors(log)] == []
    assert (folder.name in {result["ruleId"] for result in log["runs"][0]["results"]}) is (name == "has")


def test_sarif_of_clean_suppressed_and_unreadable_files_is_valid(run: Run, tmp_path: Path) -> None:
    """No findings at all, one that a comment lets stand, an odd file name, no place."""
    (tmp_path / "clean.routing").write_text(
        "Language(French) >= 4 [30s] Language(French) >= 2", encoding="utf-8"
    )
    (tmp_path / "a b\u00e9#%.routing").write_text(
        "# routing-inspect: ignore RI204 because x\nA(b) in 4..2", "utf-8"
    )
    (tmp_path / "cut.json").write_text('{"RoutingCriteria"', encoding="utf-8")
    (tmp_path / "loop.json").symlink_to("loop.json")
    clean, all_of_them = _sarif(run, str(tmp_path / "clean.routing")), _sarif(run, str(tmp_path))

    assert list(SARIF.iter_errors(clean)) == list(SARIF.iter_errors(all_of_them)) == []
    assert clean["runs"][0]["results"] == []
    assert len(all_of_them["runs"][0]["results"]) >= 3


def test_the_schema_of_sarif_sees_what_is_wrong(run: Run) -> None:
    """A level that there is not, a line before the first, a member of our own: each is an error."""
    (document,) = PAGE.CORPUS["RI212"].glob("has.*")
    for place, member, value in (
        (("results", 0), "level", "fatal"),
        (("results", 0, "locations", 0, "physicalLocation", "region"), "startLine", 0),
        (("results", 0), "confidence", 1),
        (("tool",), "driver", {}),
    ):
        log = _sarif(run, str(document))
        node = log["runs"][0]
        for part in place:
            node = node[part]
        node[member] = value
        assert list(SARIF.iter_errors(log)) != []


def test_junit_is_what_its_schema_says(run: Run) -> None:
    """The whole corpus as one report, valid by the schema of Jenkins but for two attributes beside it."""
    _, out, _ = run("lint", str(ROOT / "tests" / "data" / "lint"), "--format", "junit")
    root = ET.fromstring(out)  # noqa: S314  (written just now)
    told = [(e.path, e.reason) for e in XMLSchema(SCHEMAS / "junit-10.xsd").iter_errors(out)]

    assert len(root.findall("testsuite/testcase")) > len(PAGE.CORPUS)
    assert [reason for _, reason in told if reason not in {
        f"{name!r} attribute not allowed for element" for name in BESIDE_JUNIT
    }] == []  # fmt: skip
    assert told
