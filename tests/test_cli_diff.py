"""`routing-inspect diff`: which documents, which revisions, in which form, with which exit code."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from records import Run
from routing_inspect.cli import revisions
from routing_inspect.cli.revisions import is_revision

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples" / "diff"
BASE = str(EXAMPLES / "base.routing")
FLOW = str(ROOT / "examples" / "flow.json")


def _json(run: Run, *arguments: str) -> tuple[int, dict[str, Any]]:
    code, out, err = run("diff", *arguments, "--format", "json")
    assert err == ""
    return code, json.loads(out)


@pytest.mark.parametrize(
    ("edit", "occurs"),
    [
        ("01-lowered", ["looser", "earlier"]),
        ("02-raised", ["stricter", "later"]),
        ("03-longer", ["later"]),
        ("04-added", ["added", "later"]),
        ("05-removed", ["removed", "later", "earlier"]),
        ("06-swapped", ["moved", "later", "earlier"]),
        ("07-rewritten", []),
        ("08-renamed", ["incomparable", "later", "earlier"]),
        ("09-agent", ["stricter", "later"]),
        ("10-branch", ["looser", "earlier"]),
        ("11-gap", ["stricter", "later"]),
    ],
)
def test_each_edit_is_told_for_what_it_is(run: Run, edit: str, occurs: list[str]) -> None:
    """The examples of the page, and back again."""
    mirror = {"looser": "stricter", "added": "removed", "earlier": "later"}
    mirror |= {there: back for back, there in mirror.items()}
    edited = str(EXAMPLES / f"{edit}.routing")

    there, back = (_json(run, *pair)[1]["criteria"][0] for pair in ((BASE, edited), (edited, BASE)))

    assert there["occurrences"] == occurs
    assert set(back["occurrences"]) == {mirror.get(gate, gate) for gate in occurs}


@pytest.mark.parametrize(
    ("fail_on", "code", "failed"),
    [
        ("", 0, []),
        ("stricter", 0, []),
        ("looser", 1, ["looser"]),
        (" earlier ,looser,, looser", 1, ["looser", "earlier"]),
    ],
)
def test_a_gate_decides_the_exit_status(run: Run, fail_on: str, code: int, failed: list[str]) -> None:
    """A difference alone is no failure; what the gate is set on is."""
    status, document = _json(run, BASE, str(EXAMPLES / "01-lowered.routing"), "--fail-on", fail_on)

    assert status == code
    assert document["gate"]["failed"] == failed
    assert document["gate"]["passed"] is (not failed)


def test_an_unknown_gate_is_a_usage_error(run: Run) -> None:
    """The message lists what there is."""
    code, out, err = run("diff", BASE, BASE, "--fail-on", "wider\x1b[31m")

    assert (code, out) == (2, "")
    assert "`wider\\u001b[31m` is nothing to fail on: choose among looser, stricter, incomparable," in err


def test_every_form_goes_to_a_file(run: Run, tmp_path: Path) -> None:
    """Text, JSON and Markdown, with --output and without."""
    edited = str(EXAMPLES / "05-removed.routing")
    roster = str(EXAMPLES / "desk.roster")
    for form in ("text", "json", "markdown"):
        file = tmp_path / form

        code, out, _ = run("diff", BASE, edited, "--roster", roster, "--format", form)
        assert code == 0
        assert run("diff", BASE, edited, "--roster", roster, "--format", form, "--output", str(file))[1] == ""
        assert file.read_text(encoding="utf-8") == out
        assert "bethan" in out


def test_standard_input_is_one_side(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Old or new, but only once."""
    file = tmp_path / "in"
    shutil.copy(BASE, file)
    with file.open(encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        code, document = _json(run, "-", BASE)

    assert code == 0
    assert document["is_same"]
    assert document["old"] == {"name": "standard input", "kind": "criteria"}
    assert "standard input can be one of OLD, NEW and the roster" in run("diff", "-", "-")[2]
    assert run("diff", "-", BASE, "--roster", "-")[0] == 2


# ---------------------------------------------------------------------------- flows and other documents


def _flow(tmp_path: Path, name: str, *changes: tuple[str, str]) -> str:
    text = Path(FLOW).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def _actions(document: dict[str, Any]) -> list[tuple[str | None, str | None, list[str]]]:
    return [(c["old_action"], c["new_action"], c["occurrences"]) for c in document["criteria"]]


def test_actions_of_two_flows_are_matched_by_their_identifiers(run: Run, tmp_path: Path) -> None:
    """Each is compared with its namesake; an unchanged reference is unchanged."""
    new = _flow(tmp_path, "new.json", ('"20"', '"25"'))

    code, document = _json(run, FLOW, new)
    text = run("diff", FLOW, new)[1]

    assert code == 0
    assert _actions(document) == [
        ("language first", "language first", ["later"]),
        ("claims desk", "claims desk", []),
    ]
    assert text.startswith("1 of 2 actions differ.\n")
    assert "action language first\n  Nobody is reached earlier; some agents are reached later." in text


def test_an_action_that_was_renamed_is_compared_with_the_one_left_over(run: Run, tmp_path: Path) -> None:
    """Another name does not hide what was changed, and the report says which two were compared."""
    new = _flow(tmp_path, "new.json", ("language first", "welsh first"))

    _, document = _json(run, FLOW, new)

    assert _actions(document)[0] == ("language first", "welsh first", [])
    assert document["notes"] == [
        "action welsh first is compared with language first, the only other one without a namesake"
    ]
    assert "action welsh first, before: language first" in run("diff", FLOW, new)[1]


def test_actions_that_came_or_went_are_told(run: Run, tmp_path: Path) -> None:
    """Every step of theirs is added or removed, and nobody is asked about before."""
    new = _flow(
        tmp_path, "new.json", ('"Identifier": "language first"', '"Identifier": "x"'), ("claims desk", "y")
    )
    none = _flow(tmp_path, "none.json", ("UpdateContactRoutingCriteria", "Wait"))

    _, document = _json(run, FLOW, new)

    assert _actions(document) == [
        (None, "x", ["added"]),
        (None, "y", ["incomparable"]),
        ("language first", None, ["removed"]),
        ("claims desk", None, ["incomparable"]),
    ]
    text = run("diff", FLOW, new)[1]
    assert "action x: added\n  There is no old criteria to compare with.\n" in text
    assert "action language first: removed\n  There is no new criteria to compare with.\n" in text
    assert _actions(_json(run, none, FLOW)[1]) == [
        (None, "language first", ["added"]),
        (None, "claims desk", ["incomparable"]),
    ]
    code, _, err = run("diff", none, none)
    assert code == 2
    assert "$.Actions: no action of either flow sets routing criteria" in err


def test_actions_of_one_name_are_refused(run: Run, tmp_path: Path) -> None:
    """Nobody could say which is which."""
    twice = _flow(tmp_path, "twice.json", ('"Identifier": "claims desk"', '"Identifier": "language first"'))

    code, _, err = run("diff", FLOW, twice)

    assert code == 2
    assert "$.Actions: 2 actions are named `language first`" in err


def test_one_action_of_a_flow_is_compared_with_another_document(run: Run) -> None:
    """It has to be named where there are several; the note says what is compared."""
    code, _, err = run("diff", FLOW, BASE)
    assert code == 2
    assert "found 2: `language first`, `claims desk`" in err
    assert "by --old-action" in err

    _, document = _json(run, FLOW, BASE, "--old-action", "language first")
    assert document["old"]["kind"] == "flow action"
    assert document["notes"] == [
        "documents of two kinds: their steps and expiries are compared, and nothing else"
    ]
    assert _actions(document)[0][:2] == ("language first", None)
    assert _actions(_json(run, FLOW, FLOW, "--action", "language first")[1]) == [
        ("language first", "language first", [])
    ]
    assert run("diff", BASE, FLOW, "--action", "nothing")[0] == 2
    assert "and neither document is one" in run("diff", BASE, BASE, "--action", "language first")[2]
    assert (
        "actions of a flow, and OLD is none" in run("diff", BASE, FLOW, "--old-action", "language first")[2]
    )


def test_a_flow_of_one_action_needs_no_name(run: Run, tmp_path: Path) -> None:
    """Beside a document with one criteria it can only be that."""
    flow = json.loads(Path(FLOW).read_text(encoding="utf-8"))
    flow["Actions"] = [action for action in flow["Actions"] if action["Identifier"] != "claims desk"]
    one = tmp_path / "one.json"
    one.write_text(json.dumps(flow), encoding="utf-8")

    _, document = _json(run, BASE, str(one))

    assert _actions(document)[0][:2] == (None, "language first")


def test_a_reference_is_not_compared_with_steps(run: Run) -> None:
    """The gate takes it for incomparable."""
    code, out, _ = run("diff", BASE, FLOW, "--action", "claims desk", "--fail-on", "incomparable")

    assert code == 1
    assert out.startswith("The criteria cannot be compared: the new criteria is `$.External.")
    assert "Gate (incomparable): failed on incomparable." in out


def test_an_expression_is_one_step(run: Run, tmp_path: Path) -> None:
    """Beside a criteria it is said to be that."""
    file = tmp_path / "expression.json"
    code, out, _ = run("convert", str(EXAMPLES / "base.routing"), "--to", "metric")
    file.write_text(out.splitlines()[1], encoding="utf-8")

    code, document = _json(run, str(file), BASE)

    assert code == 0
    assert document["old"]["kind"] == "expression"
    assert document["notes"] == ["an expression is compared as one step that never expires"]
    assert _json(run, str(file), str(file))[1]["notes"] == []


def test_a_contact_is_compared_by_its_current_criteria(run: Run, tmp_path: Path) -> None:
    """One without criteria is refused; earlier criteria of a record are left out, and said to be."""
    contacts = ROOT / "examples" / "contacts"
    code, _, err = run("diff", BASE, str(contacts / "no-criteria.json"))
    assert code == 2
    assert "$: the contact has no routing criteria" in err

    steps = {
        "Steps": [{"Expression": {"AttributeCondition": {"Name": "L", "Value": "f", "ProficiencyLevel": 3}}}]
    }
    record = {
        "ContactId": "c",
        "AWSAccountId": "1",
        "RoutingCriteria": [{**steps, "Index": i} for i in (0, 1)],
    }
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record), encoding="utf-8")

    _, document = _json(run, str(file), str(file))

    assert document["notes"] == [f"{file}: of 2 criteria of the contact, the current one"] * 2


def test_what_cannot_be_read_is_named(run: Run, tmp_path: Path) -> None:
    """A file that is not there, text that is none, JSON that is none."""
    broken = tmp_path / "broken.routing"
    broken.write_text("Language(French) => 4\n", encoding="utf-8")
    document = tmp_path / "broken.json"
    document.write_text('{"Actions": [1', encoding="utf-8")

    assert run("diff", BASE, str(tmp_path / "nothing")) == (
        2,
        "",
        f"error: No such file or directory: {tmp_path / 'nothing'}\n",
    )
    assert f"{broken}:1:18: expected" in run("diff", str(broken), BASE)[2]
    assert f"{document}: $: not JSON" in run("diff", str(document), BASE)[2]


# ---------------------------------------------------------------------------- git


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.invalid")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a repository whose criteria was committed, then staged otherwise; stand in it."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    folder = tmp_path / "repository"
    (folder / "deep").mkdir(parents=True)
    _git(folder, "init", "-q", "-b", "main", ".")
    for name in ("desk.routing", "deep/inner.routing"):
        shutil.copy(BASE, folder / name)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "begin")
    shutil.copy(EXAMPLES / "01-lowered.routing", folder / "desk.routing")
    _git(folder, "add", "-A")
    shutil.copy(EXAMPLES / "02-raised.routing", folder / "desk.routing")
    monkeypatch.chdir(folder)
    return folder


def _occurs(run: Run, old: str, new: str) -> list[str]:
    occurrences: list[str] = _json(run, old, new)[1]["criteria"][0]["occurrences"]
    return occurrences


@pytest.mark.slow
def test_a_side_may_be_a_file_in_a_revision(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A branch, HEAD, what is staged; a path from the root, or from the folder at hand."""
    assert _occurs(run, "main:desk.routing", "HEAD:desk.routing") == []
    assert _occurs(run, "main:desk.routing", ":desk.routing") == ["looser", "earlier"]
    assert _occurs(run, "main:desk.routing", "desk.routing") == ["stricter", "later"]

    monkeypatch.chdir(repository / "deep")
    assert _occurs(run, "main:desk.routing", "main:./inner.routing") == []
    assert _occurs(run, "main:deep/inner.routing", "inner.routing") == []


@pytest.mark.slow
@pytest.mark.usefixtures("repository")
def test_a_file_in_a_revision_has_the_bound_of_any_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git is asked for the size before it hands out the file."""
    monkeypatch.setattr(revisions, "MAX_BYTES", 10)

    code, out, err = run("diff", "main:desk.routing", "desk.routing")

    assert (code, out) == (2, "")
    assert "main:desk.routing: $: larger than" in err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere:desk.routing", "`nowhere` is no revision of this repository"),
        ("HEAD~1:desk.routing", "`HEAD~1` is no revision of this repository"),
        ("a\x1b[31m:desk.routing", "`a\\u001b[31m` is no revision of this repository"),
        ("main:gone.routing", "there is no file `gone.routing` in the revision `main`\n"),
        (":gone.routing", "there is no file `gone.routing` in what is staged\n"),
        ("main:deep", "`deep` is a folder in the revision `main`\n"),
        ("https://example.invalid/x", "`https` is no revision of this repository, and `https://"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_git_has_not_got_is_said_plainly(run: Run, name: str, message: str) -> None:
    """No such revision, no such path, a folder: each in words of its own, with exit status 2."""
    code, out, err = run("diff", name, "desk.routing")

    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.slow
def test_a_path_from_another_folder_comes_with_a_hint(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths count from the root, which nobody remembers inside a folder."""
    monkeypatch.chdir(repository / "deep")

    _, _, err = run("diff", "main:inner.routing", "inner.routing")

    assert "error: there is no file `inner.routing` in the revision `main`\n" in err
    assert "from the root of the repository; from this folder it is `main:./inner.routing`\n" in err


def test_a_file_whose_name_looks_like_a_revision_is_a_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there comes first; a drive's letter never is a revision."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(BASE, "main:desk.routing")

    assert _json(run, "main:desk.routing", BASE)[1]["is_same"]
    assert run("diff", r"C:\desk.routing", BASE)[2] == "error: No such file or directory: C:\\desk.routing\n"
    assert run("diff", "C:/desk.routing", BASE)[2] == "error: No such file or directory: C:/desk.routing\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("main:x", True),
        (":x", True),
        ("C:x", True),
        ("x", False),
        ("main:", False),
        ("-p:x", False),
        ("main:\0", False),
        (r"c:\x", False),
        ("D:/x", False),
        (f"main:{'x' * 5000}", True),
    ],
)
def test_which_names_can_mean_a_revision(name: str, expected: bool) -> None:  # noqa: FBT001  (a parameter of pytest)
    """A colon with something behind it, no drive, nothing that git would take for an option."""
    assert is_revision(name) is expected


@pytest.mark.slow
def test_outside_a_repository_there_are_no_revisions(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what was looked for, and where."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)

    code, _, err = run("diff", "main:desk.routing", BASE)

    assert code == 2
    assert "`main:desk.routing` is no file, and there is no git repository here to look for" in err


@pytest.mark.slow
def test_where_git_does_not_work_it_says_why(run: Run, repository: Path) -> None:
    """Its own reason, and not that there were no repository."""
    (repository / ".git" / "config").write_text("[broken", encoding="utf-8")

    code, _, err = run("diff", "main:desk.routing", BASE)

    assert code == 2
    assert "`main:desk.routing` is no file, and git does not work here: bad config line" in err


def test_without_git_a_revision_cannot_be_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what is missing and what to do instead."""
    monkeypatch.setenv("PATH", str(tmp_path))

    code, _, err = run("diff", "main:desk.routing", BASE)

    assert code == 2
    assert err == (
        "error: reading a file out of a revision needs git, which is not installed\n"
        "  hint: install git, or save the old version as a file\n"
    )
