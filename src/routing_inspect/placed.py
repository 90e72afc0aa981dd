"""Findings at their places: in which file, on which line, and under a fingerprint that moves with them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

from routing_inspect.contact import Contact, Criteria
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.expr import Expr, operands_of
from routing_inspect.findings import Finding
from routing_inspect.positions import Lines, Span, Trail, trail_of
from routing_inspect.sources import Part, Source, Unit
from routing_inspect.text import step_text, unparse

_NO_LINES: Final = Lines("")


@frozen
class Placed:
    """
    A finding, and where it stands.

    Attributes:
        file: As it was named.
        unit: Which of several criteria in the file; empty for the only one.
        span: Where in the file; None where it is about all of it.
        lines: The file's lines.
        fingerprint: Stays the same while the step means the same, wherever in the file it moves.
        reason: Why it does not count; None where it does.
        kind: How it was made not to count: ``inSource`` or ``external``; empty where it does.
        owner: The criteria that it is about; None where it is about no one criteria.
    """

    finding: Finding
    file: str
    unit: str = ""
    span: Span | None = None
    lines: Lines = field(default=_NO_LINES, eq=False, repr=False)
    fingerprint: str = ""
    reason: str | None = None
    kind: str = ""
    owner: Unit | None = field(default=None, eq=False, repr=False)

    @property
    def start(self) -> tuple[int, int] | None:
        """The line and the column where it begins, from 1."""
        return None if self.span is None else self.lines.place(self.span[0])

    @property
    def end(self) -> tuple[int, int] | None:
        """The line and the column behind its end, from 1."""
        return None if self.span is None else self.lines.place(self.span[1])


@frozen(kw_only=True)
class Rules:
    """
    What finds something.

    Attributes:
        subject: On a criteria or a contact.
        document: On the document around them; ``where`` is a JSON path.
        refusal: On a document that cannot be read as what it should be.
        elsewhere: The files that findings of a certain ``where`` are about, such as ``roster``.
    """

    subject: Callable[[Contact | Criteria], Iterable[Finding]]
    document: Callable[[Any], Iterable[Finding]]
    refusal: Callable[[DocumentError], Iterable[Finding]]
    elsewhere: Mapping[str, str] = field(factory=dict)


def find_all(source: Source, rules: Rules) -> list[Placed]:
    """Find all there is to find in a file, in the order of its lines."""
    lines = Lines(source.text)
    every = [
        *_problems(source, rules),
        *(Placed(_COMPUTED, source.name, span=span) for span in source.computed),
        *(Placed(_UNREAD, source.name, span=span) for span in source.unread),
        *_as_text(source),
        *_around(source, rules),
        *_within(source, rules),
    ]
    every.sort(key=lambda placed: (placed.span or (-1, -1), placed.finding.id, placed.finding.message))
    seen: Counter[str] = Counter()
    numbered: list[Placed] = []
    for placed in every:
        digest = placed.fingerprint or _digest([placed.finding.id, placed.finding.message])
        seen[digest] += 1
        own = lines if placed.file == source.name else _NO_LINES
        numbered.append(evolve(placed, lines=own, fingerprint=f"{digest}:{seen[digest]}"))
    return numbered


_COMPUTED: Final = Finding(
    "RI194",
    "a criteria that is partly computed: not looked at",
    "lint what the program makes of it, such as a reply that a test has saved",
)


_UNREAD: Final = Finding(
    "RI194", "a criteria in a language that is not read: not looked at", "lint the JSON that it comes to"
)


def _as_text(source: Source) -> Iterator[Placed]:
    """Find criteria that source code returns as text: what a Lambda does so, no flow can use."""
    for span in source.texts:
        if source.is_handler:
            finding = Finding(
                "RI104", "the criteria is returned as the text of JSON", "return the object itself"
            )
        else:
            hint = "return the object itself, if a flow is to have it"
            finding = Finding("RI110", "a criteria is returned as the text of JSON", hint)
        yield Placed(finding, source.name, span=span)


def _problems(source: Source, rules: Rules) -> Iterator[Placed]:
    for problem, span in source.problems:
        for finding in _refused(problem, rules):
            yield Placed(finding, source.name, span=span)


def _refused(problem: Problem, rules: Rules) -> Iterable[Finding]:
    if problem.path == "$":
        return (Finding("RI190", problem.message, problem.hint),)
    return rules.refusal(DocumentError((problem,)))


def _around(source: Source, rules: Rules) -> Iterator[Placed]:
    """Find what is odd about the documents in a file; of a block the findings bear its name."""
    told = {problem.path for problem, _ in source.problems}
    for document, find in source.documents:
        # A string by itself would be read as the text of JSON.
        given = document if isinstance(document, dict | list) else json.dumps(document)
        found = [finding for finding in rules.document(given) if finding.where not in told]
        trails = [trail_of(finding.where) for finding in found]
        spans = find(trails) if found else {}
        units = {unit.path: unit for unit in source.units if unit.find is find and unit.path}
        for finding, trail in zip(found, trails, strict=True):
            # What a block is said of has the path of one of its members.
            unit = units.get(finding.where.rpartition(".")[0])
            name = "" if unit is None else unit.name
            digest = _digest([finding.id, name, finding.message]) if name else ""
            span = spans.get(trail) if trail else None
            yield Placed(finding, source.name, name, span, fingerprint=digest)


def _within(source: Source, rules: Rules) -> Iterator[Placed]:
    found = [(unit, finding) for unit in source.units for finding in rules.subject(unit.subject)]
    spans = unit_spans([(unit, (finding.step, finding.condition)) for unit, finding in found])
    # Of a long step with as many findings, each would write it out anew.
    written = {
        (id(unit), number): step_text(step)
        for unit in {id(unit): unit for unit, _ in found}.values()
        for number, step in enumerate(unit.criteria.steps, 1)
    }
    for (unit, finding), span in zip(found, spans, strict=True):
        if finding.where in rules.elsewhere:
            yield Placed(finding, rules.elsewhere[finding.where])
        else:
            digest = _digest([finding.id, unit.name, *_meaning(unit, finding, written)])
            yield Placed(finding, source.name, unit.name, span, fingerprint=digest, owner=unit)


def unit_spans(parts: list[tuple[Unit, Part]]) -> list[Span | None]:
    """Say where parts of units stand, with one pass for all that stand in the same document."""
    trails = [unit.address(part) for unit, part in parts]
    groups: dict[int, tuple[Unit, list[Trail]]] = {}
    for (unit, _), trail in zip(parts, trails, strict=True):
        groups.setdefault(id(unit.find), (unit, []))[1].append(trail)
    spans = {key: unit.find(wanted) for key, (unit, wanted) in groups.items()}
    return [spans[id(unit.find)].get(trail) for (unit, _), trail in zip(parts, trails, strict=True)]


def _meaning(unit: Unit, finding: Finding, written: Mapping[tuple[int, int], str]) -> list[str]:
    """Say what a finding is about in words that do not change where a line or a step is put before it."""
    steps = unit.criteria.steps
    if finding.step is None or finding.step > len(steps):
        return [finding.message]
    expression = steps[finding.step - 1].expression
    part = "" if finding.condition is None else unparse(_part(expression, finding.condition))
    return [written[id(unit), finding.step], part]


def _part(expression: Expr, way: tuple[int, ...]) -> Expr:
    """Follow the way down that a finding gives, as far as there is one."""
    for place in way:
        operands = operands_of(expression)
        if place >= len(operands):
            break
        expression = operands[place]
    return expression


def _digest(words: list[str]) -> str:
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:32]
