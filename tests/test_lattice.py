"""Which step covers which: decided exactly, and drawn."""

import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import Run
from routing_inspect import strategies as given_by
from routing_inspect.analysis import equivalent, implies, satisfiable
from routing_inspect.contact import Criteria
from routing_inspect.errors import AnalysisLimit
from routing_inspect.expr import Attribute
from routing_inspect.lattice import Lattice, step_lattice
from routing_inspect.render.diagram import dot
from routing_inspect.render.lattice import diagram, headline, lines
from routing_inspect.text import parse_criteria

FEW = st.sampled_from([Attribute("L", "f"), Attribute("T", "d")])


def _lattice(*steps: str) -> Lattice:
    return step_lattice(parse_criteria("\n".join(f"{step} [30 seconds]" for step in steps)))


def _text(lattice: Lattice) -> list[str]:
    return [line.text for line in lines(lattice) if line.text and not line.label]


def test_a_waterfall_rises_step_by_step() -> None:
    """The usual criteria: every step asks for less, and what follows from two steps is left out."""
    lattice = _lattice("L(f) >= 4 AND T(d) >= 5", "L(f) >= 4 AND T(d) >= 4", "L(f) >= 3 AND T(d) >= 4")

    assert lattice.covers == ((1, 0), (2, 1))
    assert _text(lattice) == [
        "Each step lets in all that the one before it does, and more.",
        "covered by step 2",
        "lets in everybody whom step 1 does, and more",
        "covered by step 3",
        "lets in everybody whom step 2 does, and more",
    ]


def test_steps_that_mean_the_same_stand_together() -> None:
    """Steps that let in the same agents are one group, however they are written."""
    lattice = _lattice("L(f) >= 2", "NOT (NOT L(f) >= 2)", "T(d)", "L(f)")

    assert lattice.groups == ((1, 2), (3,), (4,))
    assert headline(lattice) == "Steps 3 and 4 of 4: covered by no other that lets in more."


def test_a_step_that_lets_nobody_in_is_covered_by_every_other() -> None:
    """It stands at the bottom, and says what it is."""
    lattice = _lattice("L(f) >= 4 AND L(f) in 1..2", "T(d)", "T(d) >= 1")

    assert lattice.nobody == (1,)
    assert _text(lattice)[1] == "lets nobody in"
    assert _text(lattice)[2:4] == ["lets in the same agents as step 3", "lets in the same agents as step 2"]


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ((), "There are no steps."),
        (("L(f)",), "No step covers another."),
        (("L(f)", "T(d)"), "No step covers another."),
    ],
)
def test_steps_without_an_order(steps: tuple[str, ...], sentence: str) -> None:
    """Where no step covers another, every step says so, and so does the headline."""
    lattice = _lattice(*steps) if steps else step_lattice(Criteria())

    assert headline(lattice) == sentence
    assert _text(lattice)[1:] == ["covers no other step, and none covers it"] * len(steps)


def test_what_cannot_be_decided_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pair that is too large counts as unordered, and is named."""

    def too_large(*_: object) -> bool:
        raise AnalysisLimit("too large")

    monkeypatch.setattr("routing_inspect.lattice.implies", too_large)
    monkeypatch.setattr("routing_inspect.lattice.satisfiable", too_large)

    lattice = _lattice("L(f)", "T(d)")

    assert lattice.undecided == ((1, 2), (2, 1))
    assert _text(lattice)[-1] == "whether step 2 covers step 1 is too large a question"


@given(given_by.criteria(expressions=given_by.expressions(attributes=FEW, unclear=True), max_steps=4))
def test_the_lattice_is_implication(criteria: Criteria) -> None:
    """One step covers another exactly if a way leads down from its group to the other's."""
    lattice = step_lattice(criteria)
    group_of = {number: i for i, group in enumerate(lattice.groups) for number in group}

    def reached(group: int) -> set[int]:
        below = [narrow for wide, narrow in lattice.covers if wide == group]
        return {group}.union(*map(reached, below))

    expressions = {number: step.expression for number, step in enumerate(criteria.steps, start=1)}
    for (wide, upper), (narrow, lower) in product(group_of.items(), repeat=2):
        assert implies(expressions[narrow], expressions[wide]) is (lower in reached(upper))
        assert equivalent(expressions[narrow], expressions[wide]) is (lower == upper)
    assert [number for number in expressions if not satisfiable(expressions[number])] == [*lattice.nobody]
    assert dot(diagram(lattice)).count(" -> ") == len(lattice.covers)


@pytest.mark.parametrize(
    ("form", "start"), [("text", "Each step"), ("mermaid", "flowchart"), ("dot", "digraph")]
)
def test_the_command_draws_it(run: Run, tmp_path: Path, form: str, start: str) -> None:
    """The command draws the lattice as text, as Mermaid and as DOT."""
    file = tmp_path / "x.routing"
    file.write_text("L(f) >= 4 [30s]\nL(f) >= 3 [30s]\n", encoding="utf-8")

    code, out, err = run("lattice", str(file), "--format", form)

    assert (code, err) == (0, "")
    assert out.startswith(start)


def test_the_command_prints_json(run: Run, tmp_path: Path) -> None:
    """JSON is one document, in which steps are named by their numbers."""
    file = tmp_path / "x.routing"
    file.write_text("L(f) >= 4 [30s]\nL(f) >= 3 [30s]\nL(f) in 3..5\n", encoding="utf-8")

    _, out, _ = run("lattice", str(file), "--format", "json")

    assert json.loads(out)["covers"] == [{"wider": [2, 3], "narrower": [1]}]


def test_too_many_steps_are_refused(run: Run, tmp_path: Path) -> None:
    """Each step is held against every other, so past 256 of them it cannot be told: exit status 4."""
    file = tmp_path / "many.routing"
    file.write_text("L(f) >= 4 [30s]\n" * 257, encoding="utf-8")

    code, out, err = run("lattice", str(file))

    assert (code, out) == (4, "")
    assert err.startswith("error: 257 steps are too many to put in order, 256 is the most\n  hint: ")
