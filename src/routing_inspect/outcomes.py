"""Whether a case holds, and if not, where and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from attrs import frozen

from routing_inspect import observed
from routing_inspect.cases import Case, PathExpectation, RouteExpectation, StepExpectation
from routing_inspect.contact import Agent, Contact, Criteria
from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.evaluate import Trace, Verdict, evaluate
from routing_inspect.explain import explain
from routing_inspect.strict_yaml import Span
from routing_inspect.testing import reason_lines, verdict_text
from routing_inspect.text import unparse
from routing_inspect.visible import visible

_WORDS: Final = {Verdict.MATCH: "yes", Verdict.NO_MATCH: "no", Verdict.UNKNOWN: "cannot be told"}


@frozen
class Failure:
    """
    An expectation that does not hold.

    Attributes:
        message: What is so instead.
        span: Where the case file says otherwise.
        reasons: Why, line by line.
    """

    message: str
    span: Span
    reasons: tuple[str, ...]


def check(case: Case) -> tuple[Failure, ...]:
    """Find every expectation of *case* that does not hold, in the order of the file."""
    if case.criteria.steps:
        observed.note_criteria(case.criteria, case.roster.agents, case.rank, case.about)
    failures: list[Failure] = []
    for expectation in case.expectations:
        match expectation:
            case StepExpectation():
                failures += _step_failures(case.criteria, expectation)
            case RouteExpectation():
                failures += _route_failures(case.criteria, expectation)
            case PathExpectation():
                failures += _path_failures(case, expectation)
            case _:
                assert_never(expectation)
    return tuple(failures)


def draw(failures: Iterable[Failure], source: str, file: str) -> str:
    """Show each failure: file and line, the line itself with a caret, and why."""
    return "\n\n".join(
        "\n".join((str(CriteriaSyntaxError(f.message, source, f.span, file=file)), *f.reasons))
        for f in failures
    )


def _step_failures(criteria: Criteria, expected: StepExpectation) -> Iterator[Failure]:
    expression = criteria.steps[expected.step - 1].expression
    trace = evaluate(expression, expected.agent)
    if trace.verdict is expected.verdict:
        observed.note_verdict(expression, expected.agent)
        return
    message = verdict_text(expected.agent, f"step {expected.step}", trace.verdict)
    yield Failure(message, expected.span, tuple(_why(expected.step, trace)))


def _route_failures(criteria: Criteria, expected: RouteExpectation) -> Iterator[Failure]:
    traces = [evaluate(step.expression, expected.agent) for step in criteria.steps]
    number = next((n for n, t in enumerate(traces, start=1) if t.verdict is not Verdict.NO_MATCH), None)
    looked_at = traces[: number if number is not None else len(traces)]
    told = all(trace.verdict is not Verdict.UNKNOWN for trace in looked_at)
    if told and number == expected.step:
        for trace in looked_at:
            observed.note_verdict(trace.expression, expected.agent)
        return
    reasons = [line for n, trace in enumerate(looked_at, start=1) for line in _why(n, trace)]
    yield Failure(_joined(expected.agent, number, told=told), expected.span, tuple(reasons))


def _path_failures(case: Case, expected: PathExpectation) -> Iterator[Failure]:
    path = explain(case.contact or Contact(), case.roster, case.now, agents=()).path
    taker = None if path.agent_id is None else case.roster.find(path.agent_id)
    # The contact and the case may call the same agent by id and by username.
    taken_by, called = (path.agent_id, path.agent_id) if taker is None else (taker.id, taker.name)
    unlike = [
        f"{name} {shown}"
        for name, shown, found, wanted in (
            ("the path is", path.kind, path.kind, expected.kind),
            ("its step is", path.step, path.step, expected.step),
            ("who took it is", called, taken_by, expected.agent_id),
        )
        if wanted is not None and found != wanted
    ]
    if unlike:
        reasons = (path.sentence, *path.evidence)
        yield Failure(visible(", ".join(unlike)), expected.span, tuple(f"  {line}" for line in reasons))


def _joined(agent: Agent, step: int | None, *, told: bool) -> str:
    name = visible(agent.name)
    if step is None:
        return f"{name} falls back: no step lets {name} in"
    return (
        f"{name} joins at step {step}" if told else f"it cannot be told whether {name} joins at step {step}"
    )


def _why(number: int, trace: Trace) -> Iterator[str]:
    yield f"  step {number} ({_WORDS[trace.verdict]}): {unparse(trace.expression)}"
    for text in reason_lines(trace):
        yield f"    {text}"
