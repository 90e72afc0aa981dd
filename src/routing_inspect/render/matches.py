"""Which agents satisfy an expression, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from routing_inspect.contact import Roster
from routing_inspect.evaluate import Trace, Verdict
from routing_inspect.explanation import finding_dict, trace_dict
from routing_inspect.expr import Expr
from routing_inspect.findings import Finding
from routing_inspect.render.terminal import STYLES, WORDS, Line, finding_section, trace_lines
from routing_inspect.text import unparse

SCHEMA: Final = "routing-inspect/match/1"


def lines(
    expression: Expr,
    roster: Roster,
    traces: Sequence[Trace],
    *,
    findings: Sequence[Finding] = (),
    verbose: bool,
) -> Iterator[Line]:
    """Say who matches, for all others which conditions stopped them, and what is odd about the names."""
    verdicts = [trace.verdict for trace in traces]
    counts = {verdict: verdicts.count(verdict) for verdict in Verdict}
    yield Line(
        f"{counts[Verdict.MATCH]} of {len(roster.agents)} agents match, "
        f"{counts[Verdict.NO_MATCH]} do not, {counts[Verdict.UNKNOWN]} unknown",
        style="bold",
    )
    yield Line(unparse(expression), indent=2)
    for agent, trace in zip(roster.agents, traces, strict=True):
        word = WORDS[trace.verdict]
        label = f"{word:<5}"
        yield Line(agent.name, indent=2, label=label, style=STYLES[word])
        if verbose or trace.verdict is not Verdict.MATCH:
            for text in trace_lines(trace, verbose=verbose):
                yield Line(text, indent=4 + len(label))
    if findings:
        yield Line("")
        yield from finding_section(findings, verbose=verbose)


def to_dict(
    expression: Expr, roster: Roster, traces: Sequence[Trace], *, findings: Sequence[Finding] = ()
) -> dict[str, Any]:
    """Give the same as plain JSON values: schema ``routing-inspect/match/1``."""
    pairs = list(zip(roster.agents, traces, strict=True))
    return {
        "schema": SCHEMA,
        "expression": unparse(expression),
        "matching": [agent.id for agent, trace in pairs if trace.verdict is Verdict.MATCH],
        "not_matching": [agent.id for agent, trace in pairs if trace.verdict is Verdict.NO_MATCH],
        "unknown": [agent.id for agent, trace in pairs if trace.verdict is Verdict.UNKNOWN],
        "agents": [
            {"id": agent.id, "username": agent.username, "trace": trace_dict(trace)} for agent, trace in pairs
        ],
        "findings": [finding_dict(finding) for finding in findings],
    }
