"""
Explain and unit-test Amazon Connect routing criteria: why this agent, why not that one, why nobody.

A name is loaded from its module when it is first asked for, so that a program pays for what it uses,
and whoever loads the pytest plugin for nothing.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

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
    from routing_inspect.comparison import diff
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
    from routing_inspect.criteria_diff import CriteriaDiff, StepDiff
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
    from routing_inspect.explanation import AgentExplanation, AgentStep, Explanation, Gate, StepExplanation
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
    from routing_inspect.history import History, read_events
    from routing_inspect.index import AgentIndex, Matches
    from routing_inspect.layout import format_criteria, format_roster
    from routing_inspect.linting import lint
    from routing_inspect.predefined import read_attributes
    from routing_inspect.remedies import Change, Edit, Relaxation, changes, relaxations
    from routing_inspect.roster import read_roster, write_roster
    from routing_inspect.roster_diff import RosterChanges, roster_changes
    from routing_inspect.text import (
        parse,
        parse_criteria,
        parse_roster,
        unparse,
        unparse_criteria,
        unparse_roster,
    )
    from routing_inspect.timeline import Phase, Timeline, timeline

    __version__: str

__all__ = [
    "Agent",
    "AgentExplanation",
    "AgentIn",
    "AgentIndex",
    "AgentStep",
    "AnalysisLimit",
    "And",
    "AtLeast",
    "Attribute",
    "Between",
    "Chain",
    "Change",
    "Contact",
    "Counterexample",
    "Criteria",
    "CriteriaDiff",
    "CriteriaSyntaxError",
    "DocumentError",
    "Edit",
    "Expiry",
    "Explanation",
    "Expr",
    "Finding",
    "Gate",
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
    "Relaxation",
    "Roster",
    "RosterChanges",
    "RoutedQueue",
    "RoutingInspectError",
    "RoutingProfile",
    "ServiceError",
    "Snapshot",
    "Step",
    "StepDiff",
    "StepExplanation",
    "Timeline",
    "Trace",
    "Verdict",
    "admits_nobody_new",
    "changes",
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
    "relaxations",
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

# The module of each name.
_HOMES: Final = {
    "Agent": "contact",
    "AgentExplanation": "explanation",
    "AgentIn": "expr",
    "AgentIndex": "index",
    "AgentStep": "explanation",
    "AnalysisLimit": "errors",
    "And": "expr",
    "AtLeast": "expr",
    "Attribute": "expr",
    "Between": "expr",
    "Chain": "chain",
    "Change": "remedies",
    "Contact": "contact",
    "Counterexample": "analysis",
    "Criteria": "contact",
    "CriteriaDiff": "criteria_diff",
    "CriteriaSyntaxError": "errors",
    "DocumentError": "errors",
    "Edit": "remedies",
    "Expiry": "contact",
    "Explanation": "explanation",
    "Expr": "expr",
    "Finding": "findings",
    "Gate": "explanation",
    "History": "history",
    "Matches": "index",
    "Mixed": "expr",
    "NestingError": "errors",
    "Not": "expr",
    "Offer": "contact",
    "Opaque": "expr",
    "Or": "expr",
    "Phase": "timeline",
    "Problem": "errors",
    "Relaxation": "remedies",
    "Roster": "contact",
    "RosterChanges": "roster_diff",
    "RoutedQueue": "contact",
    "RoutingInspectError": "errors",
    "RoutingProfile": "contact",
    "ServiceError": "errors",
    "Snapshot": "contact",
    "Step": "contact",
    "StepDiff": "criteria_diff",
    "StepExplanation": "explanation",
    "Timeline": "timeline",
    "Trace": "evaluate",
    "Verdict": "evaluate",
    "admits_nobody_new": "analysis",
    "changes": "remedies",
    "counterexample": "analysis",
    "diff": "comparison",
    "disjoint": "analysis",
    "document_findings": "blocks",
    "equivalent": "analysis",
    "evaluate": "evaluate",
    "explain": "explain",
    "format_criteria": "layout",
    "format_roster": "layout",
    "implies": "analysis",
    "link": "chain",
    "lint": "linting",
    "metric_filter": "forms",
    "parse": "text",
    "parse_criteria": "text",
    "parse_roster": "text",
    "read": "forms",
    "read_attributes": "predefined",
    "read_criteria": "forms",
    "read_events": "history",
    "read_expression": "forms",
    "read_flow": "forms",
    "read_roster": "roster",
    "refusal_findings": "blocks",
    "relaxations": "remedies",
    "roster_changes": "roster_diff",
    "satisfiable": "analysis",
    "timeline": "timeline",
    "unparse": "text",
    "unparse_criteria": "text",
    "unparse_roster": "text",
    "witness": "analysis",
    "write_contact": "forms",
    "write_criteria": "forms",
    "write_expression": "forms",
    "write_roster": "roster",
}


class _Front(ModuleType):
    """
    The package as a module.

    Python puts each submodule that is imported into the package, under the submodule's name. Where that
    is also the name of a function, such as `explain`, the function is what the package has by that name.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Front


# Not for type checkers: with it they would take every name for one that is there.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _HOMES:
            found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
            globals()[name] = found
            return found
        if name == "__version__":
            # Reading the metadata costs more than most of what is here.
            from importlib.metadata import version  # noqa: PLC0415  (as said above)

            return version("routing-inspect")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
