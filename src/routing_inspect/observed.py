"""
What tests have stated and found to be so: which agents each step lets in, and which not.

Nobody listens unless somebody measures; then every statement that held goes to the listener.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from attrs import define, field

from routing_inspect.contact import Agent, Criteria, Roster
from routing_inspect.expr import Expr
from routing_inspect.mcdc import Vector, vector
from routing_inspect.roster import read_roster, write_roster
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
        examples: By text and verdicts, of the agents in *around* the one with the first id.
        folders: By the texts of its steps, the folder of the tests of a criteria, as pytest names it; the
            first, where there are several.
    """

    criteria: dict[tuple[str, ...], tuple[int, str]] = field(factory=dict)
    alone: dict[tuple[str, ...], tuple[int, str]] = field(factory=dict)
    stated: dict[str, Vectors] = field(factory=dict)
    around: dict[str, Vectors] = field(factory=dict)
    examples: dict[str, dict[Vector, Agent]] = field(factory=dict)
    folders: dict[tuple[str, ...], str] = field(factory=dict)

    def merge(self, dumped: Mapping[str, Any]) -> None:
        """Take over what another process has dumped."""
        for names in ("criteria", "alone"):
            for texts, (rank, name) in dumped[names]:
                known = getattr(self, names)
                known[tuple(texts)] = min((rank, name), known.get(tuple(texts), (rank, name)))
        for kind in ("stated", "around"):
            for text, numbers, ids in dumped[kind]:
                getattr(self, kind).setdefault(text, {}).setdefault(tuple(numbers), set()).update(ids)
        for text, numbers, agent in dumped["examples"]:
            _keep(self.examples.setdefault(text, {}), tuple(numbers), read_roster(agent).agents[0])
        for texts, folder in dumped["folders"]:
            self.folders[tuple(texts)] = min(folder, self.folders.get(tuple(texts), folder))

    def dump(self) -> dict[str, Any]:
        """Give everything as plain values, which can travel between processes; see `merge`."""
        named = {names: [[list(k), list(v)] for k, v in getattr(self, names).items()] for names in _NAMES}
        seen = {
            kind: [
                [text, list(numbers), sorted(ids)]
                for text, vectors in getattr(self, kind).items()
                for numbers, ids in vectors.items()
            ]
            for kind in ("stated", "around")
        }
        examples = [
            [text, list(numbers), write_roster(Roster(agents=[agent]))]
            for text, vectors in self.examples.items()
            for numbers, agent in vectors.items()
        ]
        return {
            **named,
            **seen,
            "examples": examples,
            "folders": [[list(k), v] for k, v in self.folders.items()],
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


def note_criteria(criteria: Criteria, agents: Collection[Agent], rank: int, name: str) -> None:
    """Say that *criteria* is under test with these agents at hand, and what to call it."""
    texts = tuple(_text(step.expression) for step in criteria.steps) if _listeners else ()
    for listener in _listeners:
        _name(listener, listener.criteria, texts, (rank, name))
        for text, step in zip(texts, criteria.steps, strict=True):
            around = listener.around.setdefault(text, {})
            examples = listener.examples.setdefault(text, {})
            for agent in agents:
                numbers = vector(step.expression, agent)
                around.setdefault(numbers, set()).add(agent.id)
                _keep(examples, numbers, agent)


def note_expression(expression: Expr, name: str) -> None:
    """Say that *expression* is under test by itself."""
    for listener in _listeners:
        _name(listener, listener.alone, (_text(expression),), (TEST, name))


def note_verdict(expression: Expr, agent: Agent) -> None:
    """Say that a test states what *expression* says of *agent*, and that it is so."""
    for listener in _listeners:
        vectors = listener.stated.setdefault(_text(expression), {})
        vectors.setdefault(vector(expression, agent), set()).add(agent.id)


def test_name() -> str:
    """Name the test that runs, as pytest knows it; empty under another runner."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]


def _name(
    listener: Observations,
    names: dict[tuple[str, ...], tuple[int, str]],
    texts: tuple[str, ...],
    name: tuple[int, str],
) -> None:
    folder = test_name().partition("::")[0].rpartition("/")[0]
    listener.folders[texts] = min(folder, listener.folders.get(texts, folder))
    names[texts] = min(name, names.get(texts, name))


def _keep(examples: dict[Vector, Agent], numbers: Vector, agent: Agent) -> None:
    if numbers not in examples or agent.id < examples[numbers].id:
        examples[numbers] = agent
