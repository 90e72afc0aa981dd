"""
Case files, ``test_*.routing.yaml``: a roster, a criteria, and what the one should make of the other.

::

    roster: |
      ana: Language(French) 4
      ben: Language(French) 3
    criteria: |
      Language(French) >= 4 [30 seconds]
      Language(French) >= 3
    cases:
      the fluent come first:
        steps:
          1: {matches: [ana], rejects: [ben]}
        agents:
          ben: {joins at step: 2}

In place of a criteria a file can name a contact, and a case say which path it took::

    contact: {file: contact.json}
    cases:
      ana takes it at once:
        path: {kind: matched-step, step: 1, agent: ana}

What a file says wrongly is refused with its place before any case runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from attrs import frozen

from routing_inspect import files
from routing_inspect.contact import Agent, Contact, Criteria, Roster, user_id
from routing_inspect.errors import CriteriaSyntaxError, DocumentError, Problem
from routing_inspect.evaluate import Verdict
from routing_inspect.explanation import KINDS
from routing_inspect.observed import CASE_FILE, FILE
from routing_inspect.strict_yaml import Items, Node, Span, Table, Text, place, read
from routing_inspect.testing import find
from routing_inspect.text import parse_criteria, parse_roster
from routing_inspect.visible import visible
from routing_inspect.wire import read_time

T = TypeVar("T")

LISTS: Final = {"matches": Verdict.MATCH, "rejects": Verdict.NO_MATCH, "unknown": Verdict.UNKNOWN}

_STEP_NUMBER: Final = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


@frozen
class StepExpectation:
    """
    What one step should say of one agent.

    Attributes:
        span: Where the case file says so.
    """

    agent: Agent
    step: int
    verdict: Verdict
    span: Span


@frozen
class RouteExpectation:
    """
    Where one agent should come in.

    Attributes:
        step: The first step that lets the agent in; None: no step does.
        span: Where the case file says so.
    """

    agent: Agent
    step: int | None
    span: Span


@frozen
class PathExpectation:
    """
    Which path the contact took.

    Attributes:
        step: None: of no concern.
        agent_id: Who took it; None: of no concern.
        span: Where the case file says so.
    """

    kind: str
    step: int | None
    agent_id: str | None
    span: Span


Expectation: TypeAlias = StepExpectation | RouteExpectation | PathExpectation


@frozen(kw_only=True)
class Case:
    """
    One case of a case file.

    Attributes:
        line: Where it stands, from 1.
        about: What to call the criteria: its file, or the case file that holds it.
        rank: How good a name that is; see `observed`.
        contact: Whose criteria it is; None for a criteria alone.
        now: When a contact that still waits is looked at.
    """

    name: str
    line: int
    criteria: Criteria
    about: str
    rank: int
    roster: Roster
    expectations: tuple[Expectation, ...]
    contact: Contact | None = None
    now: datetime | None = None


@frozen
class CaseFile:
    """A case file: its text, and its cases in order."""

    source: str
    cases: tuple[Case, ...]


def read_cases(path: Path, *, tree: Path) -> CaseFile:
    """
    Read a case file.

    Args:
        path: The file.
        tree: A folder that no file named in it may stand outside of.

    Raises:
        OSError: The file cannot be read.
        CriteriaSyntaxError: Something in it is wrong; it says where.
    """
    data = path.read_bytes()
    try:
        source = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        text = data.decode("latin-1")
        span = (error.start, error.start + 1)
        hint = "save the file as UTF-8"
        raise CriteriaSyntaxError("not UTF-8", text, span, hint=hint, file=path.name) from error
    try:
        return CaseFile(source, tuple(_Reader(source, path, tree).cases()))
    except CriteriaSyntaxError as error:
        error.file = path.name
        raise


@frozen
class _Subject:
    """What the cases are about: a criteria, or a contact and its criteria."""

    criteria: Criteria
    about: str
    rank: int
    contact: Contact | None = None
    now: datetime | None = None


class _Reader:
    """One reading of one case file; what is wrong is raised with its place."""

    def __init__(self, source: str, path: Path, tree: Path) -> None:
        self.source = source
        self.path = path
        self.tree = tree

    def cases(self) -> Iterator[Case]:
        top = self._table(read(self.source), "a table with roster, criteria and cases")
        self._known(top, ("roster", "criteria", "contact", "cases"))
        shared_roster = self._optional(top, "roster", self._roster)
        shared = self._subject(top)
        cases = self._table(self._member(top, "cases"), "a table of cases by name")
        if not cases.members:
            raise self._wrong("there is no case", cases.span)
        for name, node in cases.members.items():
            self._check_name(name, cases.keys[name])
            case = self._table(node, "a table with steps, agents or path")
            self._known(case, ("roster", "criteria", "contact", "steps", "agents", "path"))
            roster = self._optional(case, "roster", self._roster) or shared_roster
            subject = self._subject(case) or shared
            if roster is None and not {"steps", "agents"} & case.members.keys() and "path" in case.members:
                roster = Roster()  # the document alone says which path it was
            if roster is None or subject is None:
                missing = "roster" if roster is None else "criteria"
                hint = "give one to the case, or to the whole file"
                raise self._wrong(f"the case has no {missing}", cases.keys[name], hint)
            yield self._case(name, cases.keys[name], case, roster, subject)

    def _case(self, name: str, span: Span, case: Table, roster: Roster, subject: _Subject) -> Case:
        steps = len(subject.criteria.steps)
        expectations: list[Expectation] = []
        if "path" in case.members:
            expectations.append(self._path_taken(case.members["path"], roster, subject))
        for key, reader in (("steps", self._step_lists), ("agents", self._routes)):
            if key in case.members:
                expectations += reader(case.members[key], roster, steps)
        if not expectations:
            hint = "say under `steps`, `agents` or `path` what should be so"
            raise self._wrong("the case expects nothing", span, hint)
        return Case(
            name=name,
            line=CriteriaSyntaxError("", self.source, span).line,
            criteria=subject.criteria,
            about=subject.about,
            rank=subject.rank,
            roster=roster,
            expectations=tuple(expectations),
            contact=subject.contact,
            now=subject.now,
        )

    def _check_name(self, name: str, span: Span) -> None:
        if not name.strip() or visible(name) != name or "::" in name:
            hint = "pytest must be able to print and to select it: no `::`, no control characters"
            raise self._wrong("this is no name for a case", span, hint)

    # ---- roster, criteria and contact ----------------------------------------------------------

    def _roster(self, node: Node) -> Roster:
        if isinstance(node, Text):
            return self._inline(node, parse_roster)
        table = self._table(node, "a roster as text, or `{file: ...}`")
        self._known(table, ("file",))
        name = self._text(self._member(table, "file"), "the name of a file")
        return self._loaded(name, lambda path: files.read_roster(str(path)))

    def _subject(self, table: Table) -> _Subject | None:
        if {"criteria", "contact"} <= table.members.keys():
            hint = "the criteria of the contact is meant where a contact is given"
            raise self._wrong("a criteria and a contact side by side", table.keys["contact"], hint)
        return self._optional(table, "criteria", self._criteria) or self._optional(
            table, "contact", self._contact
        )

    def _contact(self, node: Node) -> _Subject:
        table = self._table(node, "`{file: ...}`")
        self._known(table, ("file", "now"))
        name = self._text(self._member(table, "file"), "the name of a file")
        contact = self._loaded(name, lambda path: files.read_contact(str(path)))
        now = self._optional(table, "now", self._time)
        about = _beside(self.path.parent / name.text, self.tree)
        return _Subject(contact.criteria or Criteria(), about, FILE, contact, now)

    def _time(self, node: Node) -> datetime:
        text = self._text(node, "a time")
        problems: list[Problem] = []
        time = read_time(text.text, "", problems)
        if time is None:
            raise self._wrong(problems[0].message, text.span, problems[0].hint)
        return time

    def _criteria(self, node: Node) -> _Subject:
        shown = _beside(self.path, self.tree)
        if isinstance(node, Text):
            return self._with_steps(node, _Subject(self._inline(node, parse_criteria), shown, CASE_FILE))
        table = self._table(node, "a criteria as text, or `{file: ...}`")
        self._known(table, ("file", "action"))
        name = self._text(self._member(table, "file"), "the name of a file")
        action = self._optional(
            table, "action", lambda inner: self._text(inner, "the id of a flow's action").text
        )
        criteria = self._loaded(
            name, lambda path: files.read_contact(str(path), action=action).criteria or Criteria()
        )
        file = _beside(self.path.parent / name.text, self.tree)
        about = file if action is None else f"{file}, action {action}"
        return self._with_steps(name, _Subject(criteria, about, FILE))

    def _with_steps(self, text: Text, subject: _Subject) -> _Subject:
        if not subject.criteria.steps:
            raise self._wrong("the criteria has no steps to test", text.span)
        return subject

    def _inline(self, text: Text, parse: Callable[[str], T]) -> T:
        try:
            return parse(text.text)
        except CriteriaSyntaxError as error:
            hint = error.hint
            if "\n" not in text.text.strip() and (self.path.parent / text.text.strip()[:200]).is_file():
                hint = f"write `{{file: {visible(text.text.strip())}}}` to name a file"
            raise self._wrong(error.message, place(self.source, text, error.span), hint) from error

    def _loaded(self, name: Text, load: Callable[[Path], T]) -> T:
        path = self._path(name)
        try:
            return load(path)
        except DocumentError as error:
            first = error.problems[0]
            message = f"in the file, {first.path}: {first.message}"
            raise self._wrong(message, name.span, first.hint) from error
        except CriteriaSyntaxError as error:
            message = f"in the file, line {error.line}, column {error.column}: {error.message}"
            raise self._wrong(message, name.span, error.hint) from error
        except OSError as error:
            raise self._wrong(f"the file cannot be read: {error.strerror}", name.span) from error

    def _path(self, name: Text) -> Path:
        """Find the file that is meant; where it really stands counts, links followed."""
        hint = "name a file below the folder that pytest calls its rootdir, as seen from this file"
        try:
            path = (self.path.parent / name.text).resolve()
            inside = path.is_relative_to(self.tree.resolve())
            is_there = path.is_file()
        except (OSError, RuntimeError, ValueError) as error:
            raise self._wrong("there is no such file", name.span, hint) from error
        if Path(name.text).is_absolute() or not inside:
            raise self._wrong("the file stands outside the tests' folders", name.span, hint)
        if not is_there:
            raise self._wrong("there is no such file", name.span, hint)
        return path

    # ---- expectations --------------------------------------------------------------------------

    def _step_lists(self, node: Node, roster: Roster, steps: int) -> Iterator[Expectation]:
        table = self._table(node, "a table of steps by number")
        for number, inner in table.members.items():
            step = self._step_number(number, table.keys[number], steps)
            lists = self._table(inner, "a table with matches, rejects or unknown")
            self._known(lists, LISTS)
            seen: set[str] = set()
            for name, agents in lists.members.items():
                for text in self._names(agents):
                    agent = self._agent(text.text, text.span, roster)
                    if agent.id in seen:
                        raise self._wrong(f"step {step} has {visible(agent.name)} already", text.span)
                    seen.add(agent.id)
                    yield StepExpectation(agent, step, LISTS[name], text.span)

    def _routes(self, node: Node, roster: Roster, steps: int) -> Iterator[Expectation]:
        table = self._table(node, "a table of agents by name")
        for name, inner in table.members.items():
            agent = self._agent(name, table.keys[name], roster)
            if isinstance(inner, Text):
                if inner.text != "falls back":
                    hint = "write `{joins at step: 1}` or `falls back`"
                    raise self._wrong("expected a step or `falls back`", inner.span, hint)
                yield RouteExpectation(agent, None, inner.span)
                continue
            route = self._table(inner, "`{joins at step: ...}` or `falls back`")
            self._known(route, ("joins at step",))
            number = self._text(self._member(route, "joins at step"), "the number of a step")
            yield RouteExpectation(agent, self._step_number(number.text, number.span, steps), number.span)

    def _path_taken(self, node: Node, roster: Roster, subject: _Subject) -> PathExpectation:
        table = self._table(node, "a table with kind, step or agent")
        self._known(table, ("kind", "step", "agent"))
        kind = self._text(self._member(table, "kind"), "a kind of path")
        if kind.text not in KINDS:
            raise self._wrong(
                f"there is no path `{visible(kind.text)}`", kind.span, f"known: {', '.join(KINDS)}"
            )
        if subject.contact is None:
            hint = "name it: `contact: {file: ...}`"
            raise self._wrong("only a contact takes a path, and none is given", table.span, hint)
        step = self._optional(table, "step", lambda inner: self._text(inner, "the number of a step"))
        agent = self._optional(table, "agent", lambda inner: self._text(inner, "the name of an agent"))
        found = None if agent is None else roster.find(agent.text)
        steps = len(subject.criteria.steps)
        return PathExpectation(
            kind=kind.text,
            step=None if step is None else self._step_number(step.text, step.span, steps),
            agent_id=found.id if found is not None else None if agent is None else user_id(agent.text),
            span=kind.span,
        )

    def _names(self, node: Node) -> Iterable[Text]:
        if not isinstance(node, Items):
            raise self._wrong("expected a list of agents", node.span, "write `[ana, ben]`")
        if not node.nodes:
            hint = "leave it out; who should not match is listed under `rejects`"
            raise self._wrong("an empty list expects nothing", node.span, hint)
        return [self._text(inner, "the name of an agent") for inner in node.nodes]

    def _agent(self, name: str, span: Span, roster: Roster) -> Agent:
        try:
            return find(roster, name)
        except ValueError as error:
            raise self._wrong(str(error), span) from error

    def _step_number(self, text: str, span: Span, steps: int) -> int:
        if not _STEP_NUMBER.fullmatch(text):
            raise self._wrong(f"expected the number of a step, found `{visible(text)}`", span)
        if int(text) > steps:
            raise self._wrong(f"there is no step {text}: the criteria has {steps}", span)
        return int(text)

    # ---- nodes ---------------------------------------------------------------------------------

    def _table(self, node: Node, what: str) -> Table:
        if not isinstance(node, Table):
            raise self._wrong(f"expected {what}", node.span)
        return node

    def _text(self, node: Node, what: str) -> Text:
        if not isinstance(node, Text) or not node.text:
            raise self._wrong(f"expected {what}", node.span)
        return node

    def _member(self, table: Table, key: str) -> Node:
        if key not in table.members:
            raise self._wrong(f"expected the key `{key}`", table.span)
        return table.members[key]

    def _optional(self, table: Table, key: str, reader: Callable[[Node], T]) -> T | None:
        return reader(table.members[key]) if key in table.members else None

    def _known(self, table: Table, keys: Iterable[str]) -> None:
        names = list(keys)
        for key in table.members:
            if key not in names:
                near = get_close_matches(key, names, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(names)}"
                raise self._wrong(f"there is no key `{visible(key)}` here", table.keys[key], hint)

    def _wrong(self, message: str, span: Span, hint: str | None = None) -> CriteriaSyntaxError:
        return CriteriaSyntaxError(message, self.source, span, hint=hint)


def _beside(path: Path, tree: Path) -> str:
    """Name a file as seen from the folder of the tests."""
    resolved, root = path.resolve(), tree.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else path.name
