"""Two records that are not equal, for whoever asserted that they are: what differs, and for whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final
from unicodedata import combining, east_asian_width

from attrs import fields

from routing_inspect.analysis import Counterexample, counterexample
from routing_inspect.comparison import diff
from routing_inspect.contact import Criteria, Step
from routing_inspect.criteria_diff import CriteriaDiff, Reach, Relation, StepDiff, side_of
from routing_inspect.errors import AnalysisLimit
from routing_inspect.expr import Expr, Not
from routing_inspect.render.diff import arrival_text
from routing_inspect.text import agent_parts, step_text, unparse
from routing_inspect.visible import visible

_WORD: Final = re.compile(r"\w+|\W")


def unequal_lines(left: object, right: object) -> list[str] | None:
    """
    Show two expressions, steps, lists of steps or criteria that are not equal.

    Steps are told as pairs that mean the same, not by their places; those that are as they were come
    last, since whoever shows this may cut it short.

    Returns:
        What differs, in one line, and then how; None of anything else.
    """
    match left, right:
        case Criteria(), Criteria():
            return ["two criteria differ", *_criteria_lines(left, right)]
        case Step(), Step():
            return ["two steps differ", *_step_lines(left, right)]
        case (list() | tuple(), list() | tuple()) if type(left) is type(right) and _are_steps(left, right):
            return ["two lists of steps differ", *_criteria_lines(Criteria(left), Criteria(right))]
        case _ if isinstance(left, Expr) and isinstance(right, Expr):
            return ["two expressions differ", *_expression_lines(left, right)]
        case _:
            return None


def _are_steps(*sides: Sequence[object]) -> bool:
    return any(sides) and all(isinstance(one, Step) for side in sides for one in side)


def _expression_lines(left: Expr, right: Expr) -> Iterator[str]:
    yield from _texts("", unparse(left), unparse(right))
    try:
        yield from _witness_lines(gained=counterexample(right, left), lost=counterexample(left, right))
    except AnalysisLimit as error:
        yield f"  whom they let in: {error.message}"


def _step_lines(left: Step, right: Step) -> Iterator[str]:
    if step_text(left) == step_text(right):
        yield from _other_lines(left, right)
    yield from _texts("", step_text(left), step_text(right))
    if left.expression != right.expression:
        yield from list(_expression_lines(left.expression, right.expression))[3:]


def _criteria_lines(left: Criteria, right: Criteria) -> Iterator[str]:
    try:
        found = diff(left, right)
    except AnalysisLimit as error:
        yield f"  {error.message}: {error.hint}"
        return
    if found.references != (None, None):
        texts = [visible(side.reference or f"{len(side.steps)} steps") for side in (left, right)]
        yield from _texts("", *texts)
    if found.is_same:
        yield from _other_lines(left, right)
    for step in found.steps:
        if not _is_kept(step):
            yield from _pair_lines(step)
        elif step.old is not None and step.new is not None and step.old != step.new:
            yield from _other_lines(step.old, step.new, f"step {step.old_number}: ")
    if found.reach is not None and not found.is_same:
        yield from _reach_lines(found.reach)
    yield from _kept_lines(found)


def _is_kept(step: StepDiff) -> bool:
    return step.is_untouched and not step.extra_differs


def _pair_lines(step: StepDiff) -> Iterator[str]:
    """Show what became of one step, on either side."""
    if step.old is None or step.new is None:
        side, number = ("left", step.old_number) if step.new is None else ("right", step.new_number)
        only = step.old or step.new
        yield f"  only {side} has step {number}: {'' if only is None else step_text(only)}"
        return
    numbers = [f"step {number}  " for number in (step.old_number, step.new_number)]
    yield from _texts(numbers[0], step_text(step.old), step_text(step.new), numbers[1])
    if step.extra_differs:
        yield "  members differ that this version does not know"
    if step.undecided is not None:
        yield f"  whom they let in: {step.undecided}"
    elif step.relation is not Relation.UNCHANGED:
        yield from _witness_lines(gained=step.gained, lost=step.lost)


def _reach_lines(reach: Reach) -> Iterator[str]:
    """Show an agent whom the contact reaches at another time, for each of earlier and later."""
    for change in ("earlier", "later"):
        shift, is_decided = side_of(reach, change)
        if shift is not None:
            yield (
                f"  right reaches {change}  {_agent(shift.example)}  "
                f"left {arrival_text(shift.old)}, right {arrival_text(shift.new)}"
            )
        elif not is_decided:
            yield f"  whom right reaches {change}: too large to decide"
    if reach.is_same:
        yield "  both reach every agent at the same time"


def _kept_lines(found: CriteriaDiff) -> Iterator[str]:
    """Name the steps that are as they were, by their numbers on both sides."""
    kept = [step for step in found.steps if _is_kept(step)]
    if kept and len(kept) < len(found.steps):
        pairs = (
            f"{step.old_number}" + (f" as {step.new_number}" if step.new_number != step.old_number else "")
            for step in kept
        )
        yield f"  both have step {', '.join(pairs)}"
    elif kept:
        for step in kept:
            yield f"        {'' if step.new is None else step_text(step.new)}"


def _other_lines(left: Step | Criteria, right: Step | Criteria, where: str = "") -> Iterator[str]:
    """Name the members that differ where the text does not."""
    names = [f.name for f in fields(type(left)) if getattr(left, f.name) != getattr(right, f.name)]
    yield f"  {where}the texts are the same; not the same are: {', '.join(names)}"


def _texts(label: str, left: str, right: str, other: str | None = None) -> Iterator[str]:
    """Show one text below the other, with carets below what differs."""
    second = label if other is None else other
    yield f"  left  {label}{left}"
    yield f"  right {second}{right}"
    if left != right:
        yield f"        {' ' * len(second)}{_marks(left, right)}"


def _witness_lines(*, gained: Counterexample | None, lost: Counterexample | None) -> Iterator[str]:
    """Show an agent whom only the one lets in, as a roster has it, for each of them."""
    for side, shown in (("left", lost), ("right", gained)):
        if shown is not None:
            yield f"  only {side} lets in  {_agent(shown)}"
    if gained is None and lost is None:
        yield "  they let in the same agents"


def _agent(shown: Counterexample) -> str:
    assumed = " and ".join(unparse(part if holds else Not(part)) for part, holds in shown.assuming.items())
    return ", ".join(agent_parts(shown.agent)) + (f"  where {assumed}" if assumed else "")


def _marks(before: str, after: str) -> str:
    """Draw carets below every word of *after* that *before* has not, or where *before* has more."""
    words = [*_WORD.findall(after), " "]
    marks = [" "] * len(words)
    for tag, _, _, start, end in SequenceMatcher(None, _WORD.findall(before), words[:-1]).get_opcodes():
        if tag != "equal":
            marks[start : max(end, start + 1)] = "^" * max(end - start, 1)
    return "".join(mark * _width(word) for mark, word in zip(marks, words, strict=True)).rstrip()


def _width(word: str) -> int:
    """Count the columns that a terminal gives to a word."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in word)
