"""Findings that may stand: comments, baselines, and the fingerprints that both rest on."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from attrs import evolve

from routing_inspect.checks import criteria_findings
from routing_inspect.contact import Contact, Criteria
from routing_inspect.errors import DocumentError
from routing_inspect.findings import Finding
from routing_inspect.placed import Placed, Rules, find_all
from routing_inspect.sources import read_source
from routing_inspect.suppressions import (
    FIRM,
    Baseline,
    apply_baseline,
    apply_comments,
    read_baseline,
    write_baseline,
)


def _subject(subject: Contact | Criteria) -> Iterable[Finding]:
    criteria = subject if isinstance(subject, Criteria) else subject.criteria or Criteria()
    yield Finding("RI405", "a level of the roster", None, "roster")
    yield from criteria_findings(criteria)


def _none(_: object) -> Iterable[Finding]:
    return ()


RULES = Rules(
    subject=_subject,
    document=lambda document: [Finding("RI107", "no error branch", None, "$.b")] if "b" in document else [],
    refusal=lambda error: [Finding("RI105", error.message, None, error.problems[0].path)],
    elsewhere={"roster": "desk.roster"},
)


def _find(name: str, text: str) -> list[Placed]:
    """Lint a file, comments applied, with nothing but its own findings."""
    source = read_source(name, text.encode())
    found = apply_comments(source, find_all(source, RULES), lambda name: not name.startswith("RI4"))
    return [placed for placed in found if placed.file != "desk.roster"]


def _short(found: Iterable[Placed]) -> list[tuple[str, int, str]]:
    return [(p.finding.id, p.start[0] if p.start else 0, p.reason or "") for p in found]


IGNORE = "routing-inspect: ignore"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # on a line of its own: the step after it, whatever stands between
        (f"# {IGNORE} RI204 because  it\tis\n# so\nA(b) in 4..2", [("RI204", 3, "it is")]),
        # behind a step or inside it: that step
        (
            f"A(b) in 4..2 [1s] # {IGNORE} RI204 because x\nA(b) in 4..2",
            [("RI204", 1, "x"), ("RI204", 2, "")],
        ),
        (f"A(b)\n# {IGNORE} RI204 because x\nOR A(b) in 4..2", [("RI204", 3, "x")]),
        # several ids, one of them not needed
        (f"# {IGNORE} RI204, RI209 because x\nA(b) in 4..2", [("RI204", 2, "x"), ("RI191", 1, "")]),
        # one that needs what was not given
        (f"# {IGNORE} RI401 because x\nA(b) in 2..4", []),
        # after the last step
        (f"A(b) in 4..2\n# {IGNORE} RI204 because x", [("RI204", 1, ""), ("RI191", 2, "")]),
        # no reason, no such id, one that cannot be ignored, not understood
        (f"# {IGNORE} RI204\nA(b) in 4..2", [("RI204", 2, ""), ("RI192", 1, "")]),
        (f"# {IGNORE} RI204 because\nA(b) in 4..2", [("RI204", 2, ""), ("RI192", 1, "")]),
        (f"# {IGNORE} RI999 because x\nA(b)", [("RI192", 1, "")]),
        (f"# {IGNORE} RI192 because x\nA(b)", [("RI192", 1, "")]),
        (f"# {IGNORE} everything because x\nA(b)", [("RI192", 1, "")]),
        # the whole file
        (
            f"A(b) in 4..2 [1s] A(b) in 4..2\n# {IGNORE}-file RI204 because x",
            [("RI204", 1, "x"), ("RI204", 1, "x")],
        ),
        # about no one step: the line above
        (f"# {IGNORE} RI301 because x\nA(b) [never] A(b)", [("RI301", 2, "x")]),
        ("# nothing to us\nA(b)", []),
    ],
)
def test_comments_in_text(text: str, found: list[tuple[str, int, str]]) -> None:
    """A comment with a reason lets a finding of one step stand; all else is itself a finding."""
    assert _short(_find("a.routing", text)) == found


CODE = """
# routing-inspect: ignore RI194 because the names come from a table
x = {"Steps": [{"Expression": {"AttributeCondition": {"Name": name}}}]}
y = {"Steps": [
    # routing-inspect: ignore RI209 because the scale is wider there
    {"Expression": {"AttributeCondition": {"Name": "A", "Value": "b", "ProficiencyLevel": 9,
        "ComparisonOperator": "NumberGreaterOrEqualTo"}}},
    {"Expression": {"AttributeCondition": {"Name": "A", "Value": "b", "ProficiencyLevel": 9,
        "ComparisonOperator": "NumberGreaterOrEqualTo"}}},
]}
"""


@pytest.mark.parametrize(
    ("name", "sign", "end"), [("a.py", "#", ""), ("a.ts", "//", ""), ("a.js", "/*", " */")]
)
def test_comments_in_source_code(name: str, sign: str, end: str) -> None:
    """The same comment counts in source code, in each of its own ways to write one."""
    lines = [f"{line}{end}" if line.strip().startswith("#") else line for line in CODE.split("\n")]
    found = _find(name, "\n".join(lines).replace("#", sign))

    assert [row for row in _short(found) if row[0] != "RI301"] == [
        ("RI194", 3, "the names come from a table"),
        ("RI209", 6, "the scale is wider there"),
        ("RI209", 8, ""),
    ]


def test_what_is_found_around_a_criteria_has_its_place_too() -> None:
    """Problems, and findings on the document, stand where their JSON path leads."""
    found = find_all(read_source("a.json", b'{"Steps": [{"Expression": 1}],\n"b": 2}'), RULES)

    assert _short(found) == [("RI105", 1, ""), ("RI107", 2, "")]


def test_a_finding_without_a_span_is_about_the_file() -> None:
    """What stands nowhere comes first, and has neither line nor column."""
    (placed,) = find_all(read_source("a.json", b"[" * 300), RULES)

    assert (placed.finding.id, placed.start, placed.end) == ("RI190", None, None)


def _prints(text: str) -> dict[str, str]:
    return {p.finding.message: p.fingerprint for p in _find("a.routing", text) if p.finding.step}


def test_a_fingerprint_moves_with_its_step() -> None:
    """Lines, comments and steps put before a step change nothing; what the step says does."""
    before = _prints("A(b) in 4..2 AND C(d) >= 9 [30s]\nA(b)")
    moved = _prints("# new\nC(d)[1s]\n\nA(b)  in 4..2 # x\n AND C(d) >= 9 [30 seconds] A(b)")
    changed = _prints("A(b) in 4..2 AND C(d) >= 9 [31s]\nA(b)")

    assert len(before) == 2
    assert moved == before
    assert not set(changed.values()) & set(before.values())


def test_two_of_a_kind_have_two_fingerprints() -> None:
    """The same finding twice is told apart by its number."""
    found = _find("a.routing", "A(b) in 4..2 [1s] A(b) in 4..2 [1s] A(b)")

    assert [p.fingerprint[-2:] for p in found] == [":1", ":2"]
    assert len({p.fingerprint for p in found}) == 2


def test_a_place_that_leads_nowhere_is_no_error() -> None:
    """A finding that points past its expression is about the part that there is."""
    odd = Rules(
        subject=lambda _: [
            Finding("RI204", "x", step=1, condition=(0, 5, 1)),
            Finding("RI204", "y", step=7, condition=(0,)),
        ],
        document=_none,
        refusal=_none,
    )
    found = find_all(read_source("a.json", b'{"Steps": [{"Expression": {"AndExpression": []}}]}'), odd)

    assert [p.finding.message for p in found] == ["y", "x"]


# ---------------------------------------------------------------------------- baseline

TEXT = "A(b) in 4..2 [1s]\nA(b) in 4..2 AND C(d) >= 9"
FILES = {"src/a.routing": "a.routing"}


def _found(text: str = TEXT) -> list[Placed]:
    return _find("src/a.routing", text)


def _apply(baseline: Baseline, found: list[Placed], **given: Any) -> list[Placed]:
    return apply_baseline(
        baseline,
        found,
        given.get("files", FILES),
        is_asked=given.get("is_asked", lambda _: True),
        exists=given.get("exists", lambda _: True),
    )


def _baseline(**changed: Any) -> Baseline:
    document = json.loads(write_baseline(_found(), FILES, reason="old"))
    document["entries"] = [{**entry, **changed} for entry in document["entries"]]
    return read_baseline("b.json", json.dumps(document).encode())


def test_a_baseline_lets_what_was_there_stand() -> None:
    """All findings of a file are suppressed with their reason, wherever their lines have gone."""
    found = _apply(_baseline(), _found("\n\nA(b)[9s]\n" + TEXT))

    assert _short(found) == [("RI204", 4, "old"), ("RI204", 5, "old"), ("RI209", 5, "old")]
    assert {p.kind for p in found} == {"external"}


def test_an_entry_that_is_not_needed_is_a_finding() -> None:
    """It is told in the baseline; one that nobody asked about, or of a file not linted, is not."""
    found = _apply(_baseline(), _found("A(b) in 4..2 [1s]\nA(b)"))

    assert _short(found)[1:] == [("RI191", 1, ""), ("RI191", 1, "")]
    assert {p.file for p in found[1:]} == {"b.json"}
    assert _apply(_baseline(), [], is_asked=lambda name: name == "RI999") == []
    assert _apply(_baseline(), [], files={}) == []


def test_an_entry_without_a_reason_does_not_count() -> None:
    """The finding stays, and so does the question why."""
    found = _apply(_baseline(reason=" "), _found())

    assert [p.finding.id for p in found] == ["RI204", "RI204", "RI209", "RI192", "RI192", "RI192"]
    assert not any(p.kind for p in found)


def test_an_entry_for_a_file_that_is_gone_is_a_finding() -> None:
    """A baseline of another project shows so."""
    found = _apply(_baseline(file="gone\n.json"), _found(), exists=lambda _: False)

    assert [p.finding.id for p in found[3:]] == ["RI193"] * 3
    assert "gone\\u000a.json" in found[-1].finding.message


def test_what_cannot_be_suppressed_is_in_no_baseline() -> None:
    """A file that cannot be read, and what is said of suppressions, always counts."""
    firm = [Placed(Finding(name, "x"), "src/a.routing", fingerprint="f") for name in sorted(FIRM)]

    assert json.loads(write_baseline(firm, FILES, reason="x"))["entries"] == []
    entry = {"file": "a.routing", "id": "RI190", "fingerprint": "f", "message": "", "reason": "x"}
    document = json.dumps({"schema": "routing-inspect/baseline/1", "entries": [entry]})
    assert not any(p.kind for p in _apply(read_baseline("b", document), firm))


def test_what_a_comment_suppresses_needs_no_baseline() -> None:
    """It is not written to one, and its own reason stays."""
    found = _found(f"# {IGNORE} RI204 because x\nA(b) in 4..2")

    assert json.loads(write_baseline(found, FILES, reason="x"))["entries"] == []
    again = _apply(_baseline(fingerprint=found[0].fingerprint), found)
    assert (again[0].kind, again[0].reason) == ("inSource", "x")


def test_a_baseline_written_anew_keeps_reasons_and_other_files() -> None:
    """What was said before stays; entries no longer needed go."""
    before = _baseline(reason="said before")
    other = evolve(before.entries[0], file="other.routing")
    before = evolve(before, entries=(*before.entries, other))
    found = _found("A(b) in 4..2 [1s]\nA(b) in 3..1")

    entries = json.loads(write_baseline(found, FILES, reason="new", before=before))["entries"]

    assert [(e["file"], e["reason"]) for e in entries] in (
        [("a.routing", "said before"), ("a.routing", "new"), ("other.routing", "said before")],
        [("a.routing", "new"), ("a.routing", "said before"), ("other.routing", "said before")],
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"version": "2.1.0", "runs": []}, "found a SARIF log"),
        ({"results": {}}, "found what looks like the baseline of another tool"),
        ({"schema": "routing-inspect/lint/1"}, "found `routing-inspect/lint/1`"),
        ({"schema": "routing-inspect/baseline/1"}, "found `routing-inspect/baseline/1`"),
        ("x", 'found `"x"`'),
        ({}, "found an object"),
        ([1], "found a list"),
        ({"schema": "routing-inspect/baseline/1", "entries": [1]}, "an entry without a `file`"),
        (
            {"schema": "routing-inspect/baseline/1", "entries": [{"file": "a", "id": 1, "fingerprint": "x"}]},
            "an entry without a `id`",
        ),
    ],
)
def test_what_is_no_baseline_is_refused(document: Any, message: str) -> None:
    """The error says what was found in its place."""
    with pytest.raises(DocumentError, match=message):
        read_baseline("b.json", "\ufeff" + json.dumps(document))
