"""Explain and unit-test Amazon Connect routing criteria: why this agent, why not that one, why nobody."""

from routing_inspect.contact import Agent, Contact, Criteria, Expiry, Roster, RoutedQueue, Step
from routing_inspect.errors import (
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
from routing_inspect.layout import format_criteria, format_roster
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

__all__ = [
    "Agent",
    "AgentIn",
    "And",
    "AtLeast",
    "Attribute",
    "Between",
    "Contact",
    "Criteria",
    "CriteriaSyntaxError",
    "DocumentError",
    "Expiry",
    "Explanation",
    "Expr",
    "Finding",
    "Mixed",
    "NestingError",
    "Not",
    "Opaque",
    "Or",
    "Phase",
    "Problem",
    "Roster",
    "RoutedQueue",
    "RoutingInspectError",
    "ServiceError",
    "Step",
    "Timeline",
    "Trace",
    "Verdict",
    "evaluate",
    "explain",
    "format_criteria",
    "format_roster",
    "metric_filter",
    "parse",
    "parse_criteria",
    "parse_roster",
    "read",
    "read_criteria",
    "read_expression",
    "read_flow",
    "read_roster",
    "timeline",
    "unparse",
    "unparse_criteria",
    "unparse_roster",
    "write_contact",
    "write_criteria",
    "write_expression",
    "write_roster",
]


def __getattr__(name: str) -> str:
    if name == "__version__":
        # Reading the metadata costs as much as all other imports here together.
        from importlib.metadata import version  # noqa: PLC0415

        return version("routing-inspect")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
