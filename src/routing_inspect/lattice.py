"""Which step of a criteria lets in all that another does: the steps as a partial order."""

from __future__ import annotations

from itertools import permutations
from typing import Any, Final

from attrs import frozen

from routing_inspect.analysis import implies, satisfiable, shared_answers
from routing_inspect.arguments import require
from routing_inspect.contact import Criteria
from routing_inspect.errors import AnalysisLimit
from routing_inspect.expr import Expr
from routing_inspect.text import unparse

# Each step is held against every other: at 256 of them that takes some seconds.
_STEPS: Final = 256


SCHEMA: Final = "routing-inspect/lattice/1"


@frozen(kw_only=True)
class Lattice:
    """
    The steps of a criteria, ordered by whom they let in.

    Attributes:
        criteria: Whose steps they are; they are named by their numbers, from 1.
        groups: Steps that let in exactly the same agents stand together; groups come in the order of
            their first step, and each step is in one.
        covers: A wider group, by its place in `groups`, and the next narrower one: everybody whom the
            narrower lets in, the wider does too. What follows from two of them is left out.
        nobody: Steps that let nobody in; every other covers them.
        undecided: Pairs of steps of which it could not be decided whether the first covers the second.
    """

    criteria: Criteria
    groups: tuple[tuple[int, ...], ...]
    covers: tuple[tuple[int, int], ...]
    nobody: tuple[int, ...] = ()
    undecided: tuple[tuple[int, int], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the lattice as plain JSON values: schema ``routing-inspect/lattice/1``."""
        return {
            "schema": SCHEMA,
            "steps": [
                {"number": number, "expression": unparse(step.expression)}
                for number, step in enumerate(self.criteria.steps, start=1)
            ],
            "groups": [list(group) for group in self.groups],
            "covers": [
                {"wider": list(self.groups[wide]), "narrower": list(self.groups[narrow])}
                for wide, narrow in self.covers
            ],
            "nobody": list(self.nobody),
            "undecided": [{"wider": wide, "narrower": narrow} for wide, narrow in self.undecided],
        }


@shared_answers()
def step_lattice(criteria: Criteria) -> Lattice:
    """
    Find which step covers which, whatever open parts of their expressions stand for.

    A pair that is too large to decide counts as unordered, and is named.

    Raises:
        AnalysisLimit: There are more than 256 steps.
    """
    require("criteria", criteria, Criteria)
    if len(criteria.steps) > _STEPS:
        raise AnalysisLimit(
            f"{len(criteria.steps)} steps are too many to put in order, {_STEPS} is the most",
            hint="Amazon Connect documents 5 steps: look at fewer of them at once",
        )
    import networkx as nx  # type: ignore[import-untyped]  # noqa: PLC0415  (it costs more than all else here)

    expressions = {number: step.expression for number, step in enumerate(criteria.steps, start=1)}
    graph = nx.DiGraph()
    graph.add_nodes_from(expressions)
    undecided = []
    for wide, narrow in permutations(expressions, 2):
        covered = _implied(expressions[narrow], expressions[wide])
        if covered is None:
            undecided.append((wide, narrow))
        elif covered:
            graph.add_edge(wide, narrow)
    # With pairs left undecided two steps may be linked both ways by others only: one group all the same.
    whole = nx.condensation(graph)
    members = {part: tuple(sorted(numbers)) for part, numbers in whole.nodes(data="members")}
    order = sorted(members, key=members.__getitem__)
    place = {part: i for i, part in enumerate(order)}
    reduced = nx.transitive_reduction(whole)
    return Lattice(
        criteria=criteria,
        groups=tuple(members[part] for part in order),
        covers=tuple(sorted((place[wide], place[narrow]) for wide, narrow in reduced.edges)),
        nobody=tuple(number for number, expression in expressions.items() if _lets_nobody_in(expression)),
        undecided=tuple(undecided),
    )


def _implied(narrow: Expr, wide: Expr) -> bool | None:
    try:
        return implies(narrow, wide)
    except AnalysisLimit:
        return None


def _lets_nobody_in(expression: Expr) -> bool:
    try:
        return not satisfiable(expression)
    except AnalysisLimit:
        return False
