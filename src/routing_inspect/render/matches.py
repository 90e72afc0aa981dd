"""Which agents satisfy an expression, for a terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from routing_inspect.contact import Roster, shown_names
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.explanation import trace_dict
from routing_inspect.expr import Expr
from routing_inspect.findings import Finding
from routing_inspect.index import Matches
from routing_inspect.render.lines import Line
from routing_inspect.render.terminal import STYLES, WORDS, finding_section, trace_lines
from routing_inspect.text import unparse

SCHEMA: Final = "routing-inspect/match/1"

# Of a large roster so many agents of each verdict say enough; more are shown on request.
MOST_SHOWN: Final = 25


def lines(
    expression: Expr,
    roster: Roster,
    found: Matches,
    *,
    findings: Sequence[Finding] = (),
    verbose: bool,
) -> Iterator[Line]:
    """
    Say who matches, for all others which conditions stopped them, and what is odd about the names.

    Unless *verbose*, of each verdict the first `MOST_SHOWN` agents are shown; only whoever is shown
    is evaluated one by one.
    """
    yield Line(
        f"{found.count} of {len(roster.agents)} agents match, "
        f"{found.not_matching_count} do not, {found.unknown_count} unknown",
        style="bold",
    )
    yield Line(unparse(expression), indent=2)
    yield from _agents(expression, roster, found, verbose=verbose)
    if findings:
        yield Line("")
        yield from finding_section(findings, verbose=verbose)


def _agents(expression: Expr, roster: Roster, found: Matches, *, verbose: bool) -> Iterator[Line]:
    verdicts, names = _verdicts(found), shown_names(roster.agents)
    seen: Counter[Verdict] = Counter()
    for agent in roster.agents:
        verdict = verdicts[agent.id]
        seen[verdict] += 1
        if seen[verdict] > MOST_SHOWN and not verbose:
            continue
        label = f"{WORDS[verdict]:<5}"
        yield Line(names[agent.id], indent=2, label=label, style=STYLES[WORDS[verdict]])
        if verbose or verdict is not Verdict.MATCH:
            for text in trace_lines(evaluate(expression, agent), verbose=verbose):
                yield Line(text, indent=4 + len(label))
    for verdict, number in seen.items():
        if number > MOST_SHOWN and not verbose:
            word = WORDS[verdict]
            text = f"and {number - MOST_SHOWN} more, whom --verbose shows"
            yield Line(text, indent=2, label=f"{word:<5}", style=STYLES[word])


def _verdicts(found: Matches) -> Mapping[str, Verdict]:
    """Say the verdict of every agent, by id."""
    return {
        **dict.fromkeys(found.not_matching, Verdict.NO_MATCH),
        **dict.fromkeys(found.matching, Verdict.MATCH),
        **dict.fromkeys(found.unknown, Verdict.UNKNOWN),
    }


def to_dict(
    expression: Expr, roster: Roster, found: Matches, *, findings: Sequence[Finding] = ()
) -> dict[str, Any]:
    """Give the same, of every agent, as plain JSON values: schema ``routing-inspect/match/1``."""
    return {
        "schema": SCHEMA,
        "expression": unparse(expression),
        **found.to_dict(),
        "agents": [
            {
                "id": agent.id,
                "username": agent.username,
                "trace": trace_dict(evaluate(expression, agent)),
            }
            for agent in roster.agents
        ],
        "findings": [finding.to_dict() for finding in findings],
    }
