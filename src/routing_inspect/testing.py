"""
Assertions on routing criteria, for any test runner.

::

    from routing_inspect.testing import assert_matches, assert_rejects, assert_routes

A failure says which conditions decided, each with what was wanted and what was found.
A verdict that cannot be told is a failure, whatever was asserted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Final, TypeVar

from routing_inspect import observed
from routing_inspect.arguments import require
from routing_inspect.contact import Agent, Criteria, Roster
from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.evaluate import Trace, Verdict, evaluate, reasons
from routing_inspect.explanation import condition_texts
from routing_inspect.expr import Expr
from routing_inspect.text import name_text, parse, parse_criteria, parse_roster, unparse
from routing_inspect.visible import visible

T = TypeVar("T")

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
        TypeError: There is no agent, or something else in its place.
    """
    __tracebackhide__ = True
    _assert_verdict(expression, agent, Verdict.MATCH)


def assert_rejects(expression: Expr | str, agent: Agent) -> None:
    """
    Fail unless *expression* keeps *agent* out.

    Raises:
        AssertionError: It does not, or it cannot be told; the message says why.
        CriteriaSyntaxError: The text is no expression.
        TypeError: There is no agent, or something else in its place.
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
            the criteria has no such step, or the roster no such agent. The message tells all of it,
            with the reasons, agent by agent.
        CriteriaSyntaxError: The text is no criteria, or no roster.
        TypeError: An argument is something else than it should be.
    """
    __tracebackhide__ = True
    criteria = _read(criteria, parse_criteria) if isinstance(criteria, str) else criteria
    require("criteria", criteria, Criteria)
    roster = _read(roster, parse_roster) if isinstance(roster, str) else roster
    require("roster", roster, Roster)
    require("expected", expected, Mapping)
    for number, names in expected.items():
        if isinstance(names, str):
            raise TypeError(f"`expected[{number}]` takes a list, and this is text: put it into brackets")
    observed.note_criteria(criteria, roster.agents, observed.TEST, observed.test_name())
    problems = [
        line for number, names in expected.items() for line in _problems(criteria, number, roster, names)
    ]
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


def _assert_verdict(given: Expr | str, agent: Agent, wanted: Verdict) -> None:
    __tracebackhide__ = True
    expression = _read(given, parse) if isinstance(given, str) else given
    require("expression", expression, Expr)
    require("agent", agent, Agent)
    observed.note_expression(expression, observed.test_name())
    trace = evaluate(expression, agent)
    if trace.verdict is not wanted:
        said = verdict_text(agent, f"`{unparse(expression)}`", trace.verdict)
        raise AssertionError("\n  ".join((said, *reason_lines(trace))))
    observed.note_verdict(expression, agent)


def _read(text: str, read: Callable[[str], T]) -> T:
    """Read text; what is wrong with it is shown where the test has it, not where it is read."""
    __tracebackhide__ = True
    try:
        return read(text)
    except CriteriaSyntaxError as error:
        raise error.with_traceback(None) from None


def _problems(criteria: Criteria, number: int, roster: Roster, names: Collection[str]) -> Iterator[str]:
    """Say what of one step is not as expected."""
    wanted = set()
    for name in names:
        try:
            wanted.add(find(roster, name).id)
        except ValueError as error:
            yield f"step {number}: {error}"
    if 1 <= number <= len(criteria.steps):
        yield from _step_problems(criteria.steps[number - 1].expression, number, roster, wanted)
    else:
        yield f"there is no step {number}: the criteria has {len(criteria.steps)}"


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
