"""
Assertions on routing criteria, for any test runner.

::

    from routing_inspect.testing import assert_matches, assert_rejects, assert_routes

A failure says which conditions decided, each with what was wanted and what was found.
A verdict that cannot be told is a failure, whatever was asserted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher, get_close_matches
from itertools import zip_longest
from typing import Final, TypeVar
from unicodedata import combining, east_asian_width

from attrs import fields

from routing_inspect import observed
from routing_inspect.analysis import counterexample
from routing_inspect.contact import Agent, Criteria, Roster
from routing_inspect.errors import AnalysisLimit
from routing_inspect.evaluate import Trace, Verdict, evaluate, reasons
from routing_inspect.explanation import condition_texts
from routing_inspect.expr import Expr, Not
from routing_inspect.text import (
    agent_parts,
    name_text,
    parse,
    parse_criteria,
    parse_roster,
    step_text,
    unparse,
)
from routing_inspect.visible import visible

T = TypeVar("T", Expr, Criteria)

_WORD: Final = re.compile(r"\w+|\W")
_SAID: Final = {
    Verdict.MATCH: "{} matches {}",
    Verdict.NO_MATCH: "{} does not match {}",
    Verdict.UNKNOWN: "it cannot be told whether {} matches {}",
}


def assert_matches(expression: Expr | str, agent: Agent) -> None:
    """
    Fail unless *expression* lets *agent* in.

    Raises:
        AssertionError: It does not, or it cannot be told; the message says why.
        CriteriaSyntaxError: The text is no expression.
    """
    __tracebackhide__ = True
    _assert_verdict(expression, agent, Verdict.MATCH)


def assert_rejects(expression: Expr | str, agent: Agent) -> None:
    """
    Fail unless *expression* keeps *agent* out.

    Raises:
        AssertionError: It does not, or it cannot be told; the message says why.
        CriteriaSyntaxError: The text is no expression.
    """
    __tracebackhide__ = True
    _assert_verdict(expression, agent, Verdict.NO_MATCH)


def assert_routes(
    criteria: Criteria | str, roster: Roster | str, expected: Mapping[int, Collection[str]]
) -> None:
    """
    Fail unless each step named lets in exactly the agents named for it.

    Args:
        criteria: As a record or as text.
        roster: As a record or as text.
        expected: For steps, counted from 1, the ids or usernames of all agents of the roster who
            match. A step that is not in it is not looked at.

    Raises:
        AssertionError: An agent is let in who should not be, or the other way round, or it cannot be told;
            the message says why, agent by agent.
        ValueError: The criteria has no such step, or the roster no such agent.
        CriteriaSyntaxError: The text is no criteria, or no roster.
    """
    __tracebackhide__ = True
    criteria = parse_criteria(criteria) if isinstance(criteria, str) else criteria
    roster = parse_roster(roster) if isinstance(roster, str) else roster
    observed.note_criteria(criteria, roster.agents, observed.TEST, _test_name())
    problems: list[str] = []
    for number, names in expected.items():
        if not 1 <= number <= len(criteria.steps):
            raise ValueError(f"there is no step {number}: the criteria has {len(criteria.steps)}")
        wanted = {find(roster, name).id for name in names}
        problems += _step_problems(criteria.steps[number - 1].expression, number, roster, wanted)
    if problems:
        raise AssertionError("\n".join(problems))


def find(roster: Roster, name: str) -> Agent:
    """
    Find an agent of whom a test speaks.

    Raises:
        ValueError: There is no such agent, or several have the name; the message says which are near.
    """
    agent = roster.find(name)
    if agent is None:
        near = get_close_matches(name, sorted({agent.name for agent in roster.agents}), n=1)
        meant = f"; did you mean `{visible(near[0])}`?" if near else ""
        raise ValueError(f"the roster has no agent `{visible(name)}`{meant}")
    return agent


def verdict_text(agent: Agent, what: str, verdict: Verdict) -> str:
    """Say in one line whether an agent matches: ``ana does not match step 1``."""
    return _SAID[verdict].format(visible(agent.name), what)


def reason_lines(trace: Trace) -> Iterator[str]:
    """Say which conditions decided a verdict, what they wanted and what they found."""
    return (visible(text) for text in condition_texts(reasons(trace)))


def difference_lines(left: T, right: T) -> Iterator[str]:
    """Show two expressions or two criteria one below the other: what differs, and for whom it matters."""
    befores, afters = _parts(left), _parts(right)
    if [text for text, _ in befores] == [text for text, _ in afters]:
        names = [f.name for f in fields(type(left)) if getattr(left, f.name) != getattr(right, f.name)]
        yield f"the texts are the same; not the same are: {', '.join(names)}"
    for (before, lefts), (after, rights) in zip_longest(befores, afters, fillvalue=("", None)):
        if before == after:
            yield f"        {before}"
            continue
        yield f"  left  {before or '(no such step)'}"
        yield f"  right {after or '(no such step)'}"
        if before and after:
            yield f"        {_marks(before, after)}"
        if lefts is not None and rights is not None and lefts != rights:
            yield from witness_lines(lefts, rights)


def witness_lines(left: Expr, right: Expr) -> Iterator[str]:
    """Show an agent whom only the one of two expressions lets in, as a roster has it, for each of them."""
    try:
        found = {"left": counterexample(left, right), "right": counterexample(right, left)}
    except AnalysisLimit as error:
        yield f"  whom they let in: {error.message}"
        return
    for side, shown in found.items():
        if shown is not None:
            assumed = (unparse(part if holds else Not(part)) for part, holds in shown.assuming.items())
            where = f"  where {' and '.join(assumed)}" if shown.assuming else ""
            yield f"  only {side} lets in  {', '.join(agent_parts(shown.agent))}{where}"
    if not any(found.values()):
        yield "  they let in the same agents"


def _assert_verdict(expression: Expr | str, agent: Agent, wanted: Verdict) -> None:
    __tracebackhide__ = True
    expression = parse(expression) if isinstance(expression, str) else expression
    observed.note_expression(expression, _test_name())
    trace = evaluate(expression, agent)
    if trace.verdict is not wanted:
        said = verdict_text(agent, f"`{unparse(expression)}`", trace.verdict)
        raise AssertionError("\n  ".join((said, *reason_lines(trace))))
    observed.note_verdict(expression, agent)


def _step_problems(expression: Expr, number: int, roster: Roster, wanted: Collection[str]) -> Iterator[str]:
    wrong = []
    for agent in roster.agents:
        trace = evaluate(expression, agent)
        if trace.verdict is (Verdict.MATCH if agent.id in wanted else Verdict.NO_MATCH):
            observed.note_verdict(expression, agent)
        else:
            wrong.append((agent, trace))
    if not wrong:
        return
    ids = ", ".join(name_text(a.name) for a in roster.agents if a.id in wanted)
    yield f"step {number} should let in {ids or 'nobody'}: {unparse(expression)}"
    for agent, trace in wrong:
        yield f"  {verdict_text(agent, 'it', trace.verdict)}"
        for text in reason_lines(trace):
            yield f"    {text}"


def _test_name() -> str:
    """Name the test that runs, as pytest knows it; empty under another runner."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]


def _parts(either: Expr | Criteria) -> list[tuple[str, Expr | None]]:
    """Give what is compared line by line, and the expression in it."""
    if not isinstance(either, Criteria):
        return [(unparse(either), either)]
    if either.reference is not None:
        return [(visible(either.reference), None)]
    return [(step_text(step), step.expression) for step in either.steps]


def _marks(before: str, after: str) -> str:
    """Draw carets below every word of *after* that *before* has not, or where *before* has more."""
    words = [*_WORD.findall(after), " "]
    marks = [" "] * len(words)
    for tag, _, _, start, end in SequenceMatcher(None, _WORD.findall(before), words[:-1]).get_opcodes():
        if tag != "equal":
            marks[start : max(end, start + 1)] = "^" * max(end - start, 1)
    return "".join(mark * _width(word) for mark, word in zip(marks, words, strict=True)).rstrip()


def _width(word: str) -> int:
    """Count the columns that a terminal gives to a word."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in word)
