"""`routing-inspect lint`: which files, which findings, in which form, with which exit code."""

import json
import os
import re
import shutil
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from records import Run
from routing_inspect import placed
from routing_inspect.cli import folders
from routing_inspect.contact import Step
from routing_inspect.linting import document_findings
from routing_inspect.text import step_text

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples" / "lint"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the examples, and stand in it."""
    copy = tmp_path / "work"
    shutil.copytree(EXAMPLES, copy)
    monkeypatch.chdir(copy)
    return copy


def _lint_json(run: Run, *arguments: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = run("lint", *arguments, "--format", "json")
    return code, json.loads(out)


def _ids(report: dict[str, Any]) -> list[str]:
    return [finding["id"] for finding in report["findings"] if not finding["suppressed"]]


def test_text_underlines_what_it_is_about(run: Run, folder: Path) -> None:
    """The first line is where and what, then the lines of the file, then what to do; last the totals."""
    (folder / "a.routing").write_text("A(b) >= 1\n\tAND \u65e5\u672c(\u8a9e) in 4..2", encoding="utf-8")

    code, out, err = run("lint", "a.routing", "--select", "RI204")

    assert (code, err) == (1, "")
    assert out == (
        "a.routing:2:6: error RI204  \u65e5\u672c(\u8a9e) in 4..2: no level is in it\n"
        "  2 |  AND \u65e5\u672c(\u8a9e) in 4..2\n"
        "    |      ^^^^^^^^^^^^^^^^\n"
        "  hint: swap the ends\n"
        "\n"
        "1 error in 1 criteria, 1 file\n"
    )


def test_a_part_of_several_lines_is_shown_in_part(run: Run, folder: Path) -> None:
    """Of a long part the first lines are shown; of a text that ends too early its last one."""
    _, out, _ = run("lint", "claims.json", "--select", "RI204")
    (folder / "cut.json").write_text('{"RoutingCriteria":\n\n\n', encoding="utf-8")
    _, cut, _ = run("lint", "cut.json")

    assert '  16 |               "NotAttributeCondition": {\n     |               ^^^^^^^^^^^^^^^^' in out
    assert "\n     | ...\n  hint" in out
    assert '  1 | {"RoutingCriteria":\n    |                    ^\n' in cut


@pytest.mark.usefixtures("folder")
def test_the_exit_code_follows_the_worst_finding(run: Run) -> None:
    """1 from the severity asked for, 0 below it, 2 where a file cannot be read, whatever was selected."""
    assert run("lint", "lambda")[0] == 0
    assert run("lint", "lambda", "--fail-on", "warning")[0] == 1
    assert run("lint", "lambda", "--ignore", "RI2", "--fail-on", "note")[0] == 1
    assert run("lint", "lambda", "--ignore", "RI2,RI194", "--fail-on", "note")[0] == 0
    assert run("lint", "nothing.json", "--ignore", "RI1")[0] == 2
    assert run("lint", "lambda", "nothing.json")[1].endswith(", 2 files\n")


@pytest.mark.usefixtures("folder")
def test_select_and_ignore_take_beginnings_of_ids(run: Run) -> None:
    """Only what is selected and not ignored is found; a beginning that is no id's is refused."""
    assert set(_ids(_lint_json(run, ".", "--select", "RI3,RI209")[1])) == {"RI301", "RI209"}
    assert "RI209" not in _ids(_lint_json(run, ".", "--ignore", "RI209", "--ignore", "RI3")[1])
    code, _, err = run("lint", ".", "--select", "RI7")
    assert code == 2
    assert "no finding's id begins with `RI7`" in err


@pytest.mark.usefixtures("folder")
def test_json_has_every_place(run: Run) -> None:
    """Line, column, step and condition stand beside the message; the summary counts."""
    code, report = _lint_json(run, "claims.json", "--select", "RI204")

    (finding,) = report["findings"]
    assert code == 1
    assert report["schema"] == "routing-inspect/lint/1"
    assert report["summary"] == {
        "files": 1,
        "criteria": 1,
        "errors": 1,
        "warnings": 0,
        "notes": 0,
        "suppressed": 0,
    }
    assert (finding["file"], finding["line"], finding["column"]) == ("claims.json", 16, 15)
    assert (finding["end_line"], finding["step"], finding["condition"]) == (24, 1, [1, 0])


def test_a_roster_and_attributes_are_held_beside_the_names(run: Run, folder: Path) -> None:
    """What is odd about the roster itself is told once, of its own file."""
    (folder / "desk.roster").write_text("ana: Claims(Flood damage) 9\n", encoding="utf-8")
    (folder / "attributes.json").write_text('{"attributes": {"Claims": ["Fire"]}}', encoding="utf-8")

    report = _lint_json(run, ".", "--roster", "desk.roster", "--attributes", "attributes.json")[1]

    about_roster = [f for f in report["findings"] if f["file"] == "desk.roster"]
    assert [f["id"] for f in about_roster] == ["RI405"]
    assert {"RI401", "RI410"} <= set(_ids(report))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--roster", "nothing.json"], "No such file"),
        (
            ["--attributes", "welsh.routing"],
            "welsh.routing: $: expected predefined attributes, found routing criteria as text",
        ),
        (["--attributes", "claims.json"], "claims.json: $"),
        (["--baseline", "claims.json"], "claims.json: $: expected a baseline"),
        (["--max-wait", "soon"], "write it as `90s`"),
        (["--max-wait", "2 days"], "write it as `90s`"),
        (["--write-baseline", "b.json"], "needs --reason"),
        (["--write-baseline", "b.json", "--reason", " "], "needs --reason"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_options_that_make_no_sense_are_refused(arguments: list[str], message: str, run: Run) -> None:
    """The file or the option at fault is named, and nothing is linted."""
    code, out, err = run("lint", ".", *arguments)

    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("wait", "found"), [("30", []), ("29s", ["RI306"]), ("0.5 minutes", []), ("1h", []), ("0.1m", ["RI306"])]
)
def test_max_wait_is_a_time(wait: str, found: list[str], run: Run, folder: Path) -> None:
    """Seconds, minutes and hours are understood."""
    (folder / "a.routing").write_text("A(b) >= 1 [30s] A(b)", encoding="utf-8")

    assert _ids(_lint_json(run, "a.routing", "--max-wait", wait, "--select", "RI306")[1]) == found


def test_required_attributes_are_asked_for(run: Run, folder: Path) -> None:
    """A name given with --required has to be in every step from which it could be left out."""
    (folder / "a.routing").write_text("A(b) >= 1 [30s] C(d) [10s]", encoding="utf-8")

    assert "RI307" in _ids(_lint_json(run, "a.routing", "--required", "A")[1])


# ---------------------------------------------------------------------------- files


def test_a_folder_is_searched(run: Run, folder: Path) -> None:
    """Files by their endings, in order; hidden folders, links to folders, pipes and packages not."""
    for name in (".hidden", "node_modules", "sub"):
        (folder / name).mkdir()
        shutil.copy(folder / "welsh.routing", folder / name)
    (folder / "notes.txt").write_text("A(b) in 4..2", encoding="utf-8")
    (folder / "other.json").write_text('{"name": "RoutingCriteria"}', encoding="utf-8")
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "loop.json").symlink_to("loop.json")
    os.mkfifo(folder / "pipe.json")

    code, report = _lint_json(run, ".", "welsh.routing", "./sub/../claims.json")

    assert code == 2
    assert list(dict.fromkeys(finding["file"] for finding in report["findings"])) == [
        "claims.json",
        "loop.json",
        "welsh.routing",
        "lambda/desk.py",
        "sub/welsh.routing",
    ]


def test_a_named_file_has_to_have_criteria(run: Run, folder: Path) -> None:
    """In a folder it need not, nor with --skip-unrelated, which is for those who name every file."""
    (folder / "package.json").write_text('{"name": "x"}', encoding="utf-8")

    assert run("lint", "package.json")[0] == 2
    assert run("lint", "package.json", "--skip-unrelated") == (0, "no findings in 0 criteria, 0 files\n", "")
    assert "package.json" not in run("lint", ".")[1]


@pytest.mark.usefixtures("folder")
def test_a_file_that_vanishes_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there when the folder was searched, and is not when it is read, is no crash."""
    monkeypatch.setattr(folders, "_walk", lambda *_: iter(["gone.json", "welsh.routing"]))

    code, out, _ = run("lint", ".")

    assert code == 2
    assert "gone.json: error RI190  no such file or directory\n" in out
    assert "welsh.routing:2:1: error RI301" in out


@pytest.mark.usefixtures("folder")
def test_standard_input_has_the_name_it_is_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor says which file it is about, and so which language it is."""
    for name in ((), ("--stdin-filename", "x.py")):
        data = b'{"Steps": [{"Expression": {}}]}'
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(data)))
        _, report = _lint_json(run, "-", *name, "--select", "RI205")
        assert [f["file"] for f in report["findings"]] == ["x.py" if name else "-"]


def test_a_flow_of_forty_blocks(run: Run, folder: Path) -> None:
    """Every block is linted, and each finding says which block it is about."""
    flow = json.loads((ROOT / "examples" / "flow.json").read_text(encoding="utf-8"))
    block = flow["Actions"][1]
    level = {"Name": "A", "Value": "b", "ProficiencyLevel": 9, "ComparisonOperator": "NumberGreaterOrEqualTo"}
    steps = {"Steps": [{"Expression": {"AttributeCondition": level}}]}
    flow["Actions"] = [
        {**block, "Identifier": f"block\n{n}", "Parameters": {"RoutingCriteria": steps}} for n in range(40)
    ]
    (folder / "flow.json").write_text(json.dumps(flow, indent=1), encoding="utf-8")

    _, report = _lint_json(run, "flow.json", "--select", "RI209")

    assert [f["block"] for f in report["findings"]] == [f"block\n{n}" for n in range(40)]
    assert len({f["line"] for f in report["findings"]}) == 40
    assert report["summary"]["criteria"] == 40
    for form in ("text", "github"):
        assert "(in `block\\u000a39`)" in run("lint", "flow.json", "--format", form)[1]


# ---------------------------------------------------------------------------- suppression


@pytest.mark.usefixtures("folder")
def test_a_comment_suppresses(run: Run) -> None:
    """The example's comment counts once a roster shows its finding, and is not called unused before."""
    roster = str(ROOT / "examples" / "roster.json")

    assert "RI191" not in _ids(_lint_json(run, "welsh.routing")[1])
    report = _lint_json(run, "welsh.routing", "--roster", roster)[1]
    assert "RI401" not in _ids(report)
    assert [f["suppressed"] for f in report["findings"] if f["suppressed"]] == [
        {"kind": "inSource", "reason": "the team is hired in spring"}
    ]


def test_a_baseline_is_written_and_kept_to(run: Run, folder: Path) -> None:
    """What was there stands, from any folder; what is new does not; a mended finding's entry is told."""
    (folder / "sub").mkdir()
    code, out, err = run("lint", ".", "--write-baseline", "sub/b.json", "--reason", "before we linted")
    assert (code, out, err) == (0, "", "wrote sub/b.json\n")
    assert run("lint", ".", "--baseline", "sub/b.json")[1].startswith(
        "no findings in 3 criteria, 3 files; 7 "
    )

    text = (folder / "welsh.routing").read_text(encoding="utf-8")
    (folder / "welsh.routing").write_text("\n" + text.replace("4..2", "3..2"), encoding="utf-8")
    assert _ids(_lint_json(run, ".", "--baseline", "sub/b.json")[1]).count("RI191") == 2
    run("lint", ".", "--write-baseline", "sub/b.json", "--reason", "now")
    entries = json.loads((folder / "sub" / "b.json").read_text(encoding="utf-8"))["entries"]
    assert {entry["reason"] for entry in entries} == {"before we linted", "now"}
    assert run("lint", ".", "--baseline", "sub/b.json")[0] == 0
    assert run("lint", "nothing", "--write-baseline", "b.json", "--reason", "x")[0] == 2


# ---------------------------------------------------------------------------- other forms

NAME = "a,b:c%\n\u00e9.routing"


@pytest.fixture
def odd(folder: Path) -> Path:
    """Stand beside one file with an odd name, and one that cannot be read."""
    for file in [*folder.glob("*.*"), folder / "lambda" / "desk.py"]:
        file.unlink()
    text = "# routing-inspect: ignore RI209 because 100%\nA(b) >= 9 [1s] A(b) in 4..2 AND\nC(d) >= 9"
    (folder / NAME).write_text(text, encoding="utf-8")
    (folder / "cut.json").write_text('{"RoutingCriteria"', encoding="utf-8")
    (folder / "loop.json").symlink_to("loop.json")
    return folder


@pytest.mark.usefixtures("odd")
def test_github_commands_are_escaped(run: Run) -> None:
    """What would end a property or a line of GitHub's is written as its escape."""
    code, out, _ = run("lint", ".", "--format", "github", "--select", "RI204,RI209")

    *commands, total = out.splitlines()
    assert code == 2
    assert commands == [
        (
            "::error file=a%2Cb%3Ac%25%0A\u00e9.routing,line=2,endLine=2,col=16,endColumn=27,"
            "title=RI204 step 2::A(b) in 4..2: no level is in it%0Ahint: swap the ends"
        ),
        (
            "::warning file=a%2Cb%3Ac%25%0A\u00e9.routing,line=3,endLine=3,col=1,endColumn=9,"
            "title=RI209 step 2::C(d) >= 9: 9 is not on the scale"
            "%0Ahint: levels are whole numbers from 1 to 5"
        ),
        (
            "::error file=cut.json,line=1,endLine=1,col=19,endColumn=19,title=RI190::"
            "not JSON: it ends too early, at line 1, column 19%0Ahint: was it cut while it was copied?"
        ),
        "::error file=loop.json,title=RI190::too many levels of symbolic links",
    ]
    assert total == "3 errors, 1 warning in 1 criteria, 3 files; 1 suppressed"


@pytest.mark.usefixtures("folder")
def test_github_gives_no_columns_over_several_lines(run: Run) -> None:
    """GitHub refuses columns of different lines."""
    out = run("lint", "claims.json", "--format", "github", "--select", "RI204")[1]

    assert out.startswith("::error file=claims.json,line=16,endLine=24,title=RI204 step 1::")


def test_junit_counts_what_fails(run: Run, odd: Path) -> None:
    """A suite for each file and a case for each finding: failed, skipped where suppressed, else passed."""
    (odd / "good.routing").write_text("A(b)", encoding="utf-8")
    (odd / "report").mkdir()

    code, out, _ = run("lint", ".", "--select", "RI2", "--format", "junit", "--output", "report/lint.xml")

    assert (code, out) == (2, "")
    root = ET.parse(odd / "report" / "lint.xml").getroot()  # noqa: S314  (written above)
    suites = {suite.get("name"): suite for suite in root}
    first = suites["a,b:c%\\u000a\u00e9.routing"]
    assert [case.find("failure") is not None for case in first][:3].count(True) == 1
    assert first.get("skipped") == str(len(first.findall("testcase/skipped"))) == "1"
    assert len(suites["good.routing"]) == 1
    assert not list(suites["good.routing"][0])
    for number in ("tests", "failures"):
        assert root.get(number) == str(sum(int(suite.get(number, "")) for suite in root))
    assert root.get("tests") == str(len(root.findall("testsuite/testcase")))
    assert root.get("failures") == str(len(root.findall("testsuite/testcase/failure")))
    assert first.findall("testcase/system-out")


def test_sarif_has_what_code_scanning_reads(run: Run, odd: Path) -> None:
    """Rules, places, fingerprints and suppressions, each reference leading to what it names."""
    outside = odd.parent / "outside.routing"
    outside.write_text("A(b) in 4..2", encoding="utf-8")

    code, out, _ = run("lint", ".", str(outside), "--select", "RI204,RI209", "--format", "sarif")

    log = json.loads(out)
    (sarif,) = log["runs"]
    assert (code, log["version"]) == (2, "2.1.0")
    assert sarif["invocations"] == [{"executionSuccessful": False}]
    rules = sarif["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({result["ruleId"] for result in sarif["results"]})
    for rule in rules:
        assert re.fullmatch(r"[A-Z]\w+", rule["name"])
        assert rule["help"]["text"].startswith(rule["shortDescription"]["text"])
    for result in sarif["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert rules[result["ruleIndex"]]["defaultConfiguration"]["level"] == result["level"]
        assert re.fullmatch(r"[0-9a-f]{32}:\d+", result["partialFingerprints"]["routingInspect/v1"])
    uris = [artifact["location"] for artifact in sarif["artifacts"]]
    assert {"uri": "a%2Cb%3Ac%25%0A%C3%A9.routing", "uriBaseId": "%SRCROOT%"} in uris
    assert {"uri": f"file://{outside}"} in uris
    assert [r["suppressions"] for r in sarif["results"] if "suppressions" in r] == [
        [{"kind": "inSource", "justification": "100%"}]
    ]
    regions = [r["locations"][0]["physicalLocation"].get("region") for r in sarif["results"]]
    assert None in regions
    assert {"startLine": 1, "startColumn": 19} in regions
    assert {"startLine": 2, "startColumn": 16, "endLine": 2, "endColumn": 28} in regions


def test_sarif_names_the_block_of_a_flow(run: Run, folder: Path) -> None:
    """A block is a logical location; a run in which every file was read is a success."""
    shutil.copy(ROOT / "examples" / "flow.json", folder)

    (folder / "a.routing").write_text("A(b) # routing-inspect: ignore all", encoding="utf-8")

    log = json.loads(run("lint", "flow.json", "a.routing", "--format", "sarif")[1])

    assert log["runs"][0]["invocations"] == [{"executionSuccessful": True}]
    assert "partialFingerprints" not in log["runs"][0]["results"][-1]
    blocks = [r["locations"][0].get("logicalLocations") for r in log["runs"][0]["results"]]
    assert [{"name": "claims desk", "kind": "object"}] in blocks


# ---------------------------------------------------------------------------- odd files


@pytest.mark.usefixtures("folder")
def test_names_of_files_drive_no_terminal_and_stop_no_report(run: Run, folder: Path) -> None:
    """A file's name may hold any byte: it is shown as escapes, in every format, printed or written."""
    for name in (b"esc\x1b[31m.routing", b"lat\xe9in.routing"):
        (folder / os.fsdecode(name)).write_text("A(b) in 4..2\n", encoding="utf-8")

    for form in ("text", "json", "sarif", "github", "junit"):
        code, out, _ = run("lint", ".", "--format", form)
        written = run("lint", ".", "--format", form, "--output", str(folder / "out"))[0]

        assert code == written == 1
        assert "\x1b" not in out
        assert (folder / "out").read_text(encoding="utf-8") == out
    assert "file=esc\\u001b[31m.routing" in run("lint", ".", "--format", "github")[1]
    assert "\x1b" not in run("lint", ".", "--write-baseline", "b\x1b[31m.json", "--reason", "x")[2]


@pytest.mark.usefixtures("folder")
def test_a_baseline_may_name_what_no_file_can_be_named(run: Run, folder: Path) -> None:
    """An entry for a name that is too long, or has a NUL, is one for a file that does not exist."""
    entry = {"id": "RI204", "fingerprint": "x", "reason": "a drill"}
    entries = [{**entry, "file": name} for name in ("x" * 5000, "a\0b", "\ud800")]
    baseline = {"schema": "routing-inspect/baseline/1", "entries": entries}
    (folder / "b.json").write_text(json.dumps(baseline), encoding="utf-8")

    _, report = _lint_json(run, "lambda", "--baseline", "b.json", "--select", "RI193")

    assert _ids(report) == ["RI193"] * 3


def test_a_long_step_is_written_out_once(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step with a thousand findings is not spelled a thousand times for their fingerprints."""
    file = tmp_path / "long.routing"
    file.write_text(" OR ".join(f"A(v{i}) in 4..2" for i in range(1000)), encoding="utf-8")
    written: list[Step] = []

    def spy(step: Step) -> str:
        written.append(step)
        return step_text(step)

    monkeypatch.setattr(placed, "step_text", spy)

    _, report = _lint_json(run, str(file), "--select", "RI204")

    assert len(_ids(report)) == 1000
    assert len(written) == 1


def test_a_folder_with_nothing_to_check_is_no_good_news(run: Run, tmp_path: Path) -> None:
    """A wrong path must not look like criteria without findings, unless that may be so."""
    code, out, err = run("lint", str(tmp_path))

    assert (code, out) == (2, "")
    assert err.startswith(f"error: no routing criteria in {tmp_path}")
    assert run("lint", str(tmp_path), "--skip-unrelated")[0] == 0


def test_who_is_not_in_the_roster_is_said_where_the_contact_stands(run: Run, tmp_path: Path) -> None:
    """Of two contacts it would not be clear whose agent is missing, if the roster's file were named."""
    expression = {"Name": "Language", "Value": "French", "ProficiencyLevel": 4}
    operator = {"ComparisonOperator": "NumberGreaterOrEqualTo"}
    step = {"Status": "JOINED", "Expression": {"AttributeCondition": {**expression, **operator}}}
    for name in ("c1", "c2"):
        taken = {"Id": "nobody", "ConnectedToAgentTimestamp": "2026-03-04T14:03:11Z"}
        criteria = {"Index": 0, "ActivationTimestamp": "2026-03-04T14:02:11Z", "Steps": [step]}
        contact = {"Id": name, "AgentInfo": taken, "RoutingCriteria": criteria}
        (tmp_path / f"{name}.json").write_text(json.dumps({"Contact": contact}), encoding="utf-8")
    roster = tmp_path / "who.roster"
    roster.write_text("ana: Language(French) 4\n", encoding="utf-8")

    _, out, _ = run("lint", str(tmp_path / "c1.json"), str(tmp_path / "c2.json"), "--roster", str(roster))

    places = [line.split(":")[0] for line in out.splitlines() if "RI604" in line]
    assert places == [str(tmp_path / "c1.json"), str(tmp_path / "c2.json")]


LEAF = {
    "AttributeCondition": {
        "Name": "A",
        "Value": "b",
        "ProficiencyLevel": 4,
        "ComparisonOperator": "NumberGreaterOrEqualTo",
    }
}
CRITERIA = {"Steps": [{"Expression": LEAF}]}
TEXT = json.dumps(CRITERIA)


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"criteria": TEXT}, '"criteria": "{'),
        ({"RoutingCriteria": TEXT}, '"RoutingCriteria": "{'),
        ({"routingCriteria": TEXT}, '"routingCriteria": "{'),
        ([{"deep": {"reply": TEXT}}], '"reply": "{'),
        ({"reply": json.dumps({"RoutingCriteria": CRITERIA})}, '"reply": "{'),
        (json.dumps({"RoutingCriteria": CRITERIA}), None),
    ],
)
def test_a_criteria_as_text_is_an_error(document: Any, place: str | None, run: Run, tmp_path: Path) -> None:
    """RI104 is told once, at the string, whatever the member is called; the API tells the same."""
    file = tmp_path / "reply.json"
    file.write_text(json.dumps(document), encoding="utf-8")

    code, report = _lint_json(run, str(file))
    (found,) = (f for f in report["findings"] if f["id"] == "RI104")

    assert code == 1
    assert [f.message for f in document_findings(file.read_bytes())] == [found["message"]]
    if place is not None:
        line = file.read_text(encoding="utf-8").split("\n")[found["line"] - 1]
        assert line[found["column"] - 1 :].startswith(place)


@pytest.mark.parametrize(
    "document",
    [
        {"statusCode": 200, "body": TEXT},
        {"Records": [{"data": TEXT}]},
        {"Environment": {"Variables": {"CRITERIA": TEXT}}},
        {"item": {"criteria": {"S": TEXT}}},
        {"filter": json.dumps(LEAF)},
        {"log": json.dumps({"Contact": {"Id": "c", "Channel": "VOICE", "RoutingCriteria": CRITERIA}})},
        {"record": json.dumps({"Id": "c", "Channel": "VOICE", "RoutingCriteria": CRITERIA})},
        {"request": json.dumps({"InstanceId": "i", "ContactId": "c", "RoutingCriteria": CRITERIA})},
    ],
)
def test_text_may_be_text(document: Any, run: Run, tmp_path: Path) -> None:
    """Bodies, messages, environments, items, metric expressions and whole contacts are text for good."""
    file = tmp_path / "reply.json"
    file.write_text(json.dumps(document), encoding="utf-8")

    code, report = _lint_json(run, str(file))

    assert (code, report["findings"], report["summary"]["criteria"]) == (0, [], 1)


@pytest.mark.parametrize(
    ("wrap", "copies"),
    [
        (lambda flow: flow, 1),
        (lambda flow: [flow, flow], 2),
        (lambda flow: {"Resources": {"F": {"Properties": {"Content": json.dumps(flow)}}}}, 1),
        (lambda flow: {"ContactFlow": {"Content": json.dumps(flow)}}, 1),
    ],
)
def test_blocks_are_named_in_every_wrapping(wrap: Any, copies: int, run: Run, tmp_path: Path) -> None:
    """RI106 and RI107 come for each block, with its name, wherever its flow stands; in SARIF, too."""
    action = {"Type": "UpdateRoutingCriteria", "Parameters": {"RoutingCriteria": CRITERIA}, "Transitions": {}}
    flow = {"Actions": [{"Identifier": name, **action} for name in ("one", "two")]}
    file = tmp_path / "flow.json"
    file.write_text(json.dumps(wrap(flow)), encoding="utf-8")

    _, report = _lint_json(run, str(file))
    _, out, _ = run("lint", str(file), "--format", "sarif")
    named = [
        result["locations"][0]["logicalLocations"][0]["name"]
        for result in json.loads(out)["runs"][0]["results"]
    ]

    assert sorted((f["id"], f["block"]) for f in report["findings"]) == sorted(
        [(name, block) for name in ("RI106", "RI107") for block in ("one", "two")] * copies
    )
    assert sorted(named) == sorted(["one", "one", "two", "two"] * copies)
    assert "(in `two`)" in run("lint", str(file))[1]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def handler(event, context):\n    return json.dumps(%s)\n", "RI104"),
        ("def reply():\n    return json.dumps(%s)\n", "RI110"),
    ],
)
def test_a_lambda_must_not_return_text(code: str, found: str, run: Run, tmp_path: Path) -> None:
    """RI104 in a file with a handler; where nobody can see who calls, RI110 is a warning."""
    file = tmp_path / "reply.py"
    file.write_text(code % CRITERIA, encoding="utf-8")

    status, report = _lint_json(run, str(file))

    assert _ids(report) == [found]
    assert status == (1 if found == "RI104" else 0)


def test_a_template_that_is_not_read_is_told(run: Run, tmp_path: Path) -> None:
    """RI194: what stands in HCL is not linted, and does not pass in silence."""
    file = tmp_path / "flow.tf"
    file.write_text("x = jsonencode({ RoutingCriteria = {} })", encoding="utf-8")

    status, report = _lint_json(run, str(file), "--skip-unrelated")

    assert (status, _ids(report)) == (0, ["RI194"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("team.roster", "ana: A(c) 4\n"),
        ("team.csv", "id,name,value,level\nana,A,c,4\n"),
        (
            "team.json",
            '{"agents": [{"id": "ana", "proficiencies": [{"name": "A", "value": "c", "level": 4}]}]}',
        ),
        (
            "answers.json",
            json.dumps(
                {
                    "UserId": "ana",
                    "UserProficiencyList": [{"AttributeName": "A", "AttributeValue": "c", "Level": 4}],
                }
            ),
        ),
        ("attributes.json", '{"attributes": {"A": ["c"]}}'),
    ],
)
def test_attributes_are_a_roster_of_any_form(name: str, content: str, run: Run, tmp_path: Path) -> None:
    """What --roster reads, --attributes reads as what its agents hold."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "a.routing").write_text("A(b) >= 3", encoding="utf-8")

    _, report = _lint_json(run, str(tmp_path / "a.routing"), "--attributes", str(tmp_path / name))

    assert _ids(report) == ["RI410"]


def test_attributes_that_are_none_are_refused(run: Run, tmp_path: Path) -> None:
    """The message speaks of attributes, though a roster would do."""
    (tmp_path / "a.routing").write_text("A(b) >= 3", encoding="utf-8")
    (tmp_path / "x.json").write_text('{"x": 1}', encoding="utf-8")

    code, _, err = run("lint", str(tmp_path / "a.routing"), "--attributes", str(tmp_path / "x.json"))

    assert code == 2
    assert "expected predefined attributes, found an object" in err


@pytest.mark.parametrize("required", ["A(", "  "])
def test_what_is_required_is_a_name_or_an_expression(required: str, run: Run, tmp_path: Path) -> None:
    """A slip of the keyboard is no gate that is always open."""
    (tmp_path / "a.routing").write_text("A(b) >= 3", encoding="utf-8")

    assert run("lint", str(tmp_path / "a.routing"), "--required", required)[0] == 2
    assert _ids(_lint_json(run, str(tmp_path / "a.routing"), "--required", "A(b)")[1]) == []
    assert _ids(_lint_json(run, str(tmp_path / "a.routing"), "--required", "B")[1]) == ["RI310"]


def test_suppressions_in_odd_files(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CRLF changes nothing, a comment in a string is none, a baseline for other files does no harm."""
    monkeypatch.chdir(tmp_path)
    ignore = "routing-inspect: ignore RI204 because x"
    Path("a.routing").write_bytes(f"A(b) in 4..2 [30s]\r\n# {ignore}\r\nA(b) in 4..2\r\n".encode())
    Path("b.py").write_text(f'X = """\n# {ignore}\n"""\nY = {CRITERIA}\n', encoding="utf-8")
    run("lint", "a.routing", "--write-baseline", "base.json", "--reason", "old")

    _, report = _lint_json(run, "a.routing")
    assert [
        (f["id"], f["line"], bool(f["suppressed"])) for f in report["findings"] if f["id"] == "RI204"
    ] == [
        ("RI204", 1, False),
        ("RI204", 3, True),
    ]
    assert _ids(_lint_json(run, "b.py", "--baseline", "base.json")[1]) == []
    Path("a.routing").unlink()
    assert set(_ids(_lint_json(run, "b.py", "--baseline", "base.json")[1])) == {"RI193"}


def test_json_that_is_no_document_is_refused(run: Run, tmp_path: Path) -> None:
    """A number is JSON, and nothing to lint."""
    (tmp_path / "x.json").write_text("3", encoding="utf-8")

    code, report = _lint_json(run, str(tmp_path / "x.json"))

    assert (code, _ids(report)) == (2, ["RI190"])
