"""Explain and unit-test Amazon Connect routing criteria: why this agent, why not that one, why nobody."""

from typing import TYPE_CHECKING, Any

from routing_inspect.contact import (
    Agent,
    Contact,
    Criteria,
    Expiry,
    Offer,
    Roster,
    RoutedQueue,
    RoutingProfile,
    Snapshot,
    Step,
)
from routing_inspect.errors import (
    AnalysisLimit,
    CriteriaSyntaxError,
    DocumentError,
    NestingError,
    Problem,
    RoutingInspectError,
    ServiceError,
)
from routing_inspect.evaluate import Trace, Verdict, evaluate
from routing_inspect.explain import explain
from routing_inspect.explanation import Explanation
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or
from routing_inspect.findings import Finding
from routing_inspect.forms import (
    metric_filter,
    read,
    read_criteria,
    read_expression,
    read_flow,
    write_contact,
    write_criteria,
    write_expression,
)
from routing_inspect.roster import read_roster, write_roster
from routing_inspect.text import (
    parse,
    parse_criteria,
    parse_roster,
    unparse,
    unparse_criteria,
    unparse_roster,
)
from routing_inspect.timeline import Phase, Timeline, timeline

if TYPE_CHECKING:
    from routing_inspect.analysis import (
        Counterexample,
        admits_nobody_new,
        counterexample,
        disjoint,
        equivalent,
        implies,
        satisfiable,
        witness,
    )
    from routing_inspect.blocks import document_findings, refusal_findings
    from routing_inspect.chain import Chain, link
    from routing_inspect.comparison import CriteriaDiff, diff
    from routing_inspect.history import History, read_events
    from routing_inspect.index import AgentIndex, Matches
    from routing_inspect.layout import format_criteria, format_roster
    from routing_inspect.linting import lint
    from routing_inspect.predefined import read_attributes
    from routing_inspect.roster_diff import RosterChanges, roster_changes

__all__ = [
    "Agent",
    "AgentIn",
    "AgentIndex",
    "AnalysisLimit",
    "And",
    "AtLeast",
    "Attribute",
    "Between",
    "Chain",
    "Contact",
    "Counterexample",
    "Criteria",
    "CriteriaDiff",
    "CriteriaSyntaxError",
    "DocumentError",
    "Expiry",
    "Explanation",
    "Expr",
    "Finding",
    "History",
    "Matches",
    "Mixed",
    "NestingError",
    "Not",
    "Offer",
    "Opaque",
    "Or",
    "Phase",
    "Problem",
    "Roster",
    "RosterChanges",
    "RoutedQueue",
    "RoutingInspectError",
    "RoutingProfile",
    "ServiceError",
    "Snapshot",
    "Step",
    "Timeline",
    "Trace",
    "Verdict",
    "admits_nobody_new",
    "counterexample",
    "diff",
    "disjoint",
    "document_findings",
    "equivalent",
    "evaluate",
    "explain",
    "format_criteria",
    "format_roster",
    "implies",
    "link",
    "lint",
    "metric_filter",
    "parse",
    "parse_criteria",
    "parse_roster",
    "read",
    "read_attributes",
    "read_criteria",
    "read_events",
    "read_expression",
    "read_flow",
    "read_roster",
    "refusal_findings",
    "roster_changes",
    "satisfiable",
    "timeline",
    "unparse",
    "unparse_criteria",
    "unparse_roster",
    "witness",
    "write_contact",
    "write_criteria",
    "write_expression",
    "write_roster",
]


# Loaded when first asked for, from the module named: most programs need none of these.
# INVARIANT: no module has the name of what is loaded late, or importing it would hide that.
_LATER = {
    "AgentIndex": "index",
    "Chain": "chain",
    "Counterexample": "analysis",
    "CriteriaDiff": "comparison",
    "History": "history",
    "Matches": "index",
    "RosterChanges": "roster_diff",
    "admits_nobody_new": "analysis",
    "counterexample": "analysis",
    "diff": "comparison",
    "disjoint": "analysis",
    "document_findings": "blocks",
    "equivalent": "analysis",
    "format_criteria": "layout",
    "format_roster": "layout",
    "implies": "analysis",
    "link": "chain",
    "lint": "linting",
    "read_attributes": "predefined",
    "read_events": "history",
    "refusal_findings": "blocks",
    "roster_changes": "roster_diff",
    "satisfiable": "analysis",
    "witness": "analysis",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module  # noqa: PLC0415  (as late as what it imports)

        found = getattr(import_module(f"routing_inspect.{_LATER[name]}"), name)
        globals()[name] = found
        return found
    if name == "__version__":
        # Reading the metadata costs as much as all other imports here together.
        from importlib.metadata import version  # noqa: PLC0415  (as said above)

        return version("routing-inspect")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
