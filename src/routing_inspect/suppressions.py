"""
Findings that somebody has looked at and let stand, each with a reason.

A comment says it beside the step: ``# routing-inspect: ignore RI302 because it is a drill``.
A baseline says it in a file of its own, for JSON and for what was there before anybody linted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, field, frozen

from routing_inspect.document import JSON, dumps, loads, show
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.findings import CATALOGUE, Finding
from routing_inspect.placed import Placed, unit_spans
from routing_inspect.positions import Lines, Span, find_spans
from routing_inspect.sources import Source, Unit
from routing_inspect.visible import visible

SCHEMA: Final = "routing-inspect/baseline/1"
# What is said of the suppressions themselves cannot be suppressed, nor can a file that cannot be read.
FIRM: Final = frozenset({"RI190", "RI191", "RI192", "RI193"})

_MARK: Final = re.compile(r"routing-inspect:")
_IGNORE: Final = re.compile(
    r"routing-inspect:[ \t]*ignore(?P<file>-file)?[ \t]+(?P<ids>RI\d{3}(?:[ \t]*,[ \t]*RI\d{3})*)"
    r"(?:[ \t]+because[ \t]+(?P<reason>\S.*?))?[ \t]*(?:\*/)?\Z",
    re.DOTALL,
)
_HOW: Final = "write `routing-inspect: ignore RI302 because ...`, with the reason"
_SAME_LINE: Final = re.compile(r"[^\r\n]*")


@frozen
class _Remark:
    """A comment that suppresses: which ids, why, where it stands, and whether in the whole file."""

    ids: tuple[str, ...]
    reason: str
    span: Span
    in_file: bool


def apply_comments(
    source: Source, findings: Sequence[Placed], is_asked: Callable[[str], bool]
) -> list[Placed]:
    """
    Mark what the comments of a file suppress, and add what is wrong with them.

    Args:
        source: The file.
        findings: All there are in it.
        is_asked: Says of an id whether it could have been found; of others nobody knows whether
            their suppression is needed.
    """
    if not any(_MARK.search(source.text, *span) for span in source.comments):
        return list(findings)
    lines = Lines(source.text)
    remarks: list[_Remark] = []
    wrong: list[Placed] = []
    for span in source.comments:
        if _MARK.search(source.text, *span):
            read = _read(source.text[slice(*span)], span)
            if isinstance(read, _Remark):
                remarks.append(read)
            else:
                wrong.append(Placed(read, source.name, span=span, lines=lines))
    steps = _steps(source)
    marked, used = list(findings), set[tuple[int, str]]()
    for i, remark in enumerate(remarks):
        target = _target(remark, steps, source.text)
        for j, placed in enumerate(marked):
            if placed.finding.id in remark.ids and _covers(remark, target, placed, lines):
                used.add((i, placed.finding.id))
                marked[j] = evolve(placed, reason=remark.reason, kind="inSource")
    for i, remark in enumerate(remarks):
        unused = [name for name in remark.ids if (i, name) not in used and is_asked(name)]
        wrong += [Placed(_unused(name), source.name, span=remark.span, lines=lines) for name in unused]
    return [*marked, *wrong]


def _read(comment: str, span: Span) -> _Remark | Finding:
    found = _IGNORE.search(comment)
    if found is None:
        return Finding("RI192", "a comment to routing-inspect that is not understood", _HOW)
    ids = tuple(re.findall(r"RI\d{3}", found["ids"]))
    unknown = [name for name in ids if name not in CATALOGUE or name in FIRM]
    if unknown:
        return Finding("RI192", f"there is no {unknown[0]} to ignore", "look it up in the list of findings")
    if found["reason"] is None:
        return Finding("RI192", f"{', '.join(ids)} is ignored without a reason", _HOW)
    return _Remark(ids, " ".join(found["reason"].split()), span, found["file"] is not None)


def _unused(name: str) -> Finding:
    return Finding("RI191", f"{name} is ignored here, and there is none to ignore", "take it out")


def _steps(source: Source) -> list[tuple[Span, Unit, int]]:
    """List the steps of a file with where they stand, in its order."""
    steps = [(unit, number) for unit in source.units for number in range(1, len(unit.criteria.steps) + 1)]
    spans = unit_spans([(unit, (number, None)) for unit, number in steps])
    found = [
        (span, unit, number) for span, (unit, number) in zip(spans, steps, strict=True) if span is not None
    ]
    return sorted(found, key=lambda step: step[0])


def _target(remark: _Remark, steps: Sequence[tuple[Span, Unit, int]], text: str) -> tuple[Unit, int] | None:
    """Find the step that a comment is about: the one around it, before it on its line, or after it."""
    at = remark.span[0]
    for (begin, end), unit, number in steps:
        same_line = _SAME_LINE.match(text, end)
        if begin <= at < end or (end <= at and same_line is not None and at < same_line.end()):
            return unit, number
        if at < begin:
            return unit, number
    return None


def _covers(remark: _Remark, target: tuple[Unit, int] | None, placed: Placed, lines: Lines) -> bool:
    if remark.in_file or placed.span is None:
        return remark.in_file
    if placed.finding.step is not None:
        return target is not None and placed.owner is target[0] and placed.finding.step == target[1]
    number, first = lines.place(remark.span[0])[0], lines.place(placed.span[0])[0]
    return number in {first - 1, first} or placed.span[0] <= remark.span[0] < placed.span[1]


# ---------------------------------------------------------------------------- baseline


@frozen
class Entry:
    """
    A finding that a baseline lets stand.

    Attributes:
        file: Relative to the baseline's folder, with `/`.
        reason: Why; None where nobody said.
        message: What was found, for people.
    """

    file: str
    id: str
    fingerprint: str
    message: str
    reason: str | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes a finding the one that it is about."""
        return self.file, self.id, self.fingerprint


@frozen
class Baseline:
    """What a baseline file lets stand; *name* is the file's."""

    name: str
    entries: tuple[Entry, ...] = ()
    lines: Lines = field(factory=lambda: Lines(""), eq=False, repr=False)
    spans: tuple[Span, ...] = ()


def read_baseline(name: str, data: str | bytes) -> Baseline:
    """
    Read a baseline.

    Raises:
        DocumentError: It is no JSON, or the baseline of another tool, or an entry is incomplete.
    """
    value = loads(data)
    text = (data.decode() if isinstance(data, bytes) else data).removeprefix("\ufeff")
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema != SCHEMA or not isinstance(value.get("entries"), list):
        found = f"`{visible(schema)}`" if isinstance(schema, str) else _tool(value)
        hint = "write one with --write-baseline FILE --reason TEXT"
        raise DocumentError((Problem("$", f"expected a baseline of `{SCHEMA}`, found {found}", hint),))
    problems: list[Problem] = []
    entries = [_entry(entry, f"$.entries[{i}]", problems) for i, entry in enumerate(value["entries"])]
    if problems:
        raise DocumentError(tuple(problems))
    trails = [("entries", i) for i in range(len(entries))]
    spans = find_spans(text, trails)
    return Baseline(name, tuple(entries), Lines(text), tuple(spans[trail] for trail in trails))


def _tool(value: JSON) -> str:
    if isinstance(value, dict) and "runs" in value:
        return "a SARIF log"
    if isinstance(value, dict) and ("results" in value or "plugins_used" in value):
        return "what looks like the baseline of another tool"
    return show(value)


def _entry(value: JSON, path: str, problems: list[Problem]) -> Entry:
    members = value if isinstance(value, dict) else {}
    missing = [name for name in ("file", "id", "fingerprint") if not isinstance(members.get(name), str)]
    problems += [Problem(path, f"an entry without a `{name}`", "write the baseline anew") for name in missing]
    reason = members.get("reason")
    return Entry(
        str(members.get("file")),
        str(members.get("id")),
        str(members.get("fingerprint")),
        str(members.get("message", "")),
        reason.strip() if isinstance(reason, str) and reason.strip() else None,
    )


def apply_baseline(
    baseline: Baseline,
    findings: Iterable[Placed],
    files: Mapping[str, str],
    *,
    is_asked: Callable[[str], bool],
    exists: Callable[[str], bool],
) -> list[Placed]:
    """
    Mark what a baseline lets stand, and add what is wrong with it.

    Args:
        baseline: What was read.
        findings: All there are.
        files: Each file that was linted, as it was named, and as the baseline would name it.
        is_asked: As in `apply_comments`.
        exists: Says whether there is such a file, by the baseline's name for it.
    """
    known = {entry.key: i for i, entry in enumerate(baseline.entries)}
    used: set[int] = set()
    marked: list[Placed] = []
    for placed in findings:
        key = (files.get(placed.file, placed.file), placed.finding.id, placed.fingerprint)
        i = known.get(key)
        if i is None or placed.finding.id in FIRM:
            marked.append(placed)
            continue
        used.add(i)
        reason = baseline.entries[i].reason
        counts = placed.kind or reason is None
        marked.append(placed if counts else evolve(placed, reason=reason, kind="external"))
    return [*marked, *_wrong_entries(baseline, used, set(files.values()), is_asked, exists)]


def _wrong_entries(
    baseline: Baseline,
    used: set[int],
    linted: set[str],
    is_asked: Callable[[str], bool],
    exists: Callable[[str], bool],
) -> Iterator[Placed]:
    for i, entry in enumerate(baseline.entries):
        finding = None
        if entry.reason is None:
            message = f"{visible(entry.id)} of {visible(entry.file)} is in the baseline without a reason"
            finding = Finding("RI192", message, "say why in its `reason`")
        elif i not in used and entry.file in linted and is_asked(entry.id):
            message = f"{visible(entry.id)} of {visible(entry.file)} is in the baseline, and is not found"
            finding = Finding("RI191", message, "take the entry out")
        elif i not in used and entry.file not in linted and not exists(entry.file):
            message = f"the baseline has an entry for {visible(entry.file)}, which does not exist"
            finding = Finding("RI193", message, "take the entry out, or name the baseline of this project")
        if finding is not None:
            yield Placed(finding, baseline.name, span=baseline.spans[i], lines=baseline.lines)


def write_baseline(
    findings: Iterable[Placed], files: Mapping[str, str], *, reason: str, before: Baseline | None = None
) -> str:
    """
    Write a baseline that lets all *findings* stand, except what comments suppress already.

    Args:
        findings: All there are.
        files: As in `apply_baseline`.
        reason: Why they may stand.
        before: The baseline as it was: its reasons are kept, and its entries for other files.
    """
    kept = {entry.key: entry for entry in (() if before is None else before.entries)}
    linted = set(files.values())
    entries = [entry for entry in kept.values() if entry.file not in linted]
    entries += [
        _let_stand(placed, files[placed.file], kept, reason)
        for placed in findings
        if placed.finding.id not in FIRM and placed.kind != "inSource" and placed.file in files
    ]
    entries.sort(key=lambda entry: entry.key)
    rows: list[dict[str, Any]] = [
        {"file": e.file, "id": e.id, "fingerprint": e.fingerprint, "message": e.message, "reason": e.reason}
        for e in entries
    ]
    return dumps({"schema": SCHEMA, "entries": rows}) + "\n"


def _let_stand(placed: Placed, file: str, kept: Mapping[tuple[str, str, str], Entry], reason: str) -> Entry:
    entry = Entry(file, placed.finding.id, placed.fingerprint, placed.finding.message, reason)
    before = kept.get(entry.key)
    return entry if before is None or before.reason is None else evolve(entry, reason=before.reason)
