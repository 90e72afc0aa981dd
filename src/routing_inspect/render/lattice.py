"""Which step covers which, as text, as JSON, and as boxes and arrows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from routing_inspect.lattice import Lattice
from routing_inspect.render.diagram import Arrow, Box, Diagram
from routing_inspect.render.lines import Line, unbroken
from routing_inspect.text import expiry_text, unparse
from routing_inspect.words import joined


def lines(lattice: Lattice) -> Iterator[Line]:
    """Say what to print, line by line: each step, and whom it lets in next to others."""
    return unbroken(_lines(lattice), [step.expression for step in lattice.criteria.steps])


def _lines(lattice: Lattice) -> Iterator[Line]:
    yield Line(headline(lattice), style="bold")
    for number, step in enumerate(lattice.criteria.steps, start=1):
        yield Line("")
        yield Line(f"{unparse(step.expression)} {expiry_text(step)}", indent=2, label=f"step {number}  ")
        for text in _relations(lattice, number):
            yield Line(text, indent=4)
    for wide, narrow in lattice.undecided:
        yield Line("")
        yield Line(f"whether step {wide} covers step {narrow} is too large a question", indent=2)


def headline(lattice: Lattice) -> str:
    """Say in one sentence how the steps are ordered."""
    steps = len(lattice.criteria.steps)
    if not lattice.covers and steps == len(lattice.groups):
        return "No step covers another." if steps else "There are no steps."
    rising = [(i + 1, i) for i in range(steps - 1)]
    if list(lattice.covers) == rising and not lattice.nobody:
        return "Each step lets in all that the one before it does, and more."
    narrower = {narrow for _, narrow in lattice.covers}
    widest = [group[0] for i, group in enumerate(lattice.groups) if i not in narrower]
    return f"{_steps(widest).capitalize()} of {steps}: covered by no other that lets in more."


def _relations(lattice: Lattice, number: int) -> Iterator[str]:
    here = next(i for i, group in enumerate(lattice.groups) if number in group)
    same = [other for other in lattice.groups[here] if other != number]
    if number in lattice.nobody:
        yield "lets nobody in"
        return
    if same:
        yield f"lets in the same agents as {_steps(same)}"
    below = [lattice.groups[narrow][0] for wide, narrow in lattice.covers if wide == here]
    below = [other for other in below if other not in lattice.nobody]
    if below:
        yield f"lets in everybody whom {_steps(below)} {'does' if len(below) == 1 else 'do'}, and more"
    above = [lattice.groups[wide][0] for wide, narrow in lattice.covers if narrow == here]
    if above:
        yield f"covered by {_steps(above)}"
    if not (same or below or above):
        yield "covers no other step, and none covers it"


def _steps(numbers: Iterable[int]) -> str:
    texts = [str(number) for number in numbers]
    return f"step{'' if len(texts) == 1 else 's'} {joined(texts)}"


def diagram(lattice: Lattice) -> Diagram:
    """Draw a box for each group of steps that let in the same agents, the wider above the narrower."""
    steps = lattice.criteria.steps
    boxes = [
        Box(
            str(i),
            tuple(f"step {number}: {unparse(steps[number - 1].expression)}" for number in group),
            "alarm" if group[0] in lattice.nobody else "plain",
        )
        for i, group in enumerate(lattice.groups)
    ]
    arrows = [Arrow(str(wide), str(narrow)) for wide, narrow in lattice.covers]
    return Diagram(boxes=tuple(boxes), arrows=tuple(arrows), title=headline(lattice))
