"""
What tests have stated and found to be so: which agents each step lets in, and which not.

Nobody listens unless somebody measures; then every statement that held goes to the listener.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from attrs import define, field

from routing_inspect.contact import Agent, Criteria
from routing_inspect.expr import Expr
from routing_inspect.mcdc import Vector, vector
from routing_inspect.text import unparse

# How good a name for a criteria is: its own file, then the case file it stands in, then the test.
FILE: Final = 0
CASE_FILE: Final = 1
TEST: Final = 2

# Who has which verdicts on the conditions of an expression: ids of agents by vector.
Vectors = dict[Vector, set[str]]

_text = lru_cache(maxsize=4096)(unparse)


@define
class Observations:
    """
    Statements that held, gathered over a run.

    Attributes:
        criteria: The best name of each criteria under test, by the texts of its steps.
        alone: The same for expressions that tests asked about by themselves.
        stated: By an expression's text, the agents of whom a test states what it says.
        around: The same for agents who stood in a roster beside them and of whom no test spoke.
    """

    criteria: dict[tuple[str, ...], tuple[int, str]] = field(factory=dict)
    alone: dict[tuple[str, ...], tuple[int, str]] = field(factory=dict)
    stated: dict[str, Vectors] = field(factory=dict)
    around: dict[str, Vectors] = field(factory=dict)

    def merge(self, dumped: Mapping[str, Any]) -> None:
        """Take over what another process has dumped."""
        for names in ("criteria", "alone"):
            for texts, (rank, name) in dumped[names]:
                _name(getattr(self, names), tuple(texts), (rank, name))
        for kind in ("stated", "around"):
            for text, numbers, ids in dumped[kind]:
                getattr(self, kind).setdefault(text, {}).setdefault(tuple(numbers), set()).update(ids)

    def dump(self) -> dict[str, Any]:
        """Give everything as plain values, which can travel between processes; see `merge`."""
        named = {names: [[list(k), list(v)] for k, v in getattr(self, names).items()] for names in _NAMES}
        return named | {
            kind: [
                [text, list(numbers), sorted(ids)]
                for text, vectors in getattr(self, kind).items()
                for numbers, ids in vectors.items()
            ]
            for kind in ("stated", "around")
        }


_NAMES: Final = ("criteria", "alone")
_listeners: list[Observations] = []


@contextmanager
def listening() -> Iterator[Observations]:
    """Gather what tests state, for the length of the ``with`` block."""
    observations = Observations()
    _listeners.append(observations)
    try:
        yield observations
    finally:
        _listeners.remove(observations)


def note_criteria(criteria: Criteria, agents: Iterable[Agent], rank: int, name: str) -> None:
    """Say that *criteria* is under test with these agents at hand, and what to call it."""
    texts = tuple(_text(step.expression) for step in criteria.steps) if _listeners else ()
    for listener in _listeners:
        _name(listener.criteria, texts, (rank, name))
        for step in criteria.steps:
            _see(listener.around, step.expression, agents)


def note_expression(expression: Expr, name: str) -> None:
    """Say that *expression* is under test by itself."""
    for listener in _listeners:
        _name(listener.alone, (_text(expression),), (TEST, name))


def note_verdict(expression: Expr, agent: Agent) -> None:
    """Say that a test states what *expression* says of *agent*, and that it is so."""
    for listener in _listeners:
        _see(listener.stated, expression, (agent,))


def _name(
    names: dict[tuple[str, ...], tuple[int, str]], texts: tuple[str, ...], name: tuple[int, str]
) -> None:
    names[texts] = min(name, names.get(texts, name))


def _see(kind: dict[str, Vectors], expression: Expr, agents: Iterable[Agent]) -> None:
    vectors = kind.setdefault(_text(expression), {})
    for agent in agents:
        vectors.setdefault(vector(expression, agent), set()).add(agent.id)
