"""What differs between two criteria: for a terminal, and as Markdown for a pull request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import Final

from attrs import frozen

from routing_inspect.analysis import Counterexample
from routing_inspect.arrival import EARLIER, LATER, SAME, UNKNOWN, Arrival
from routing_inspect.contact import Step, shown_names, user_id
from routing_inspect.criteria_diff import (
    GATES,
    AgentShift,
    CriteriaDiff,
    ExpiryChange,
    Reach,
    Relation,
    StepAgents,
    StepDiff,
    change_text,
    headline,
    side_of,
)
from routing_inspect.expr import AgentIn, Expr
from routing_inspect.places import leaves
from routing_inspect.render.lines import Line
from routing_inspect.text import attribute_text, duration_text, level_text, name_text, step_text, unparse
from routing_inspect.timeline import offset_text, seconds_text
from routing_inspect.visible import visible
from routing_inspect.words import counted, shortened

# What there is more of than this is summed up, unless somebody asks for all.
_SHOWN: Final = 8

_SIGNS: Final = {
    Relation.UNCHANGED: "=",
    Relation.EQUIVALENT: "=",
    Relation.LOOSER: "~",
    Relation.STRICTER: "~",
    Relation.INCOMPARABLE: "~",
    Relation.ADDED: "+",
    Relation.REMOVED: "-",
}
_STYLES: Final = {"=": "", "~": "yellow", "+": "green", "-": "red"}
_WORDS: Final = {
    Relation.UNCHANGED: "unchanged",
    Relation.EQUIVALENT: "rewritten, equivalent: it lets in the same agents",
    Relation.LOOSER: "looser: it lets in all whom it did, and more",
    Relation.STRICTER: "stricter: it lets in some of whom it did, and nobody else",
    Relation.INCOMPARABLE: "incomparable: it lets in some whom it did not, and no longer some whom it did",
    Relation.ADDED: "added",
    Relation.REMOVED: "removed",
}


@frozen(kw_only=True)
class Part:
    """
    Two criteria of the documents compared, and what differs.

    Attributes:
        old_name: The identifier of the old side's flow action; None where that is no flow, or has none.
        new_name: The same of the new side.
        is_flow: Whether the part is named by flow actions.
    """

    diff: CriteriaDiff
    old_name: str | None = None
    new_name: str | None = None
    is_flow: bool = False


@frozen(kw_only=True)
class Report:
    """
    What is told of two documents.

    Attributes:
        old: What the old one is called, and what kind of document it is.
        new: The same of the new one.
        parts: One for each two criteria compared; one alone, unless flows with several actions are compared.
        notes: What a reader has to know of how they were compared.
        fail_on: What the gate is set on, of `comparison.GATES`; empty: there is no gate.
    """

    old: tuple[str, str]
    new: tuple[str, str]
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()
    fail_on: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[str, ...]:
        """What the gate is set on and occurs, in the order of `comparison.GATES`."""
        found = {gate for part in self.parts for gate in part.diff.occurrences}
        return tuple(gate for gate in GATES if gate in found and gate in self.fail_on)


# ---------------------------------------------------------------------------- for a terminal


def lines(report: Report, *, verbose: bool) -> Iterator[Line]:
    """Say what to print, line by line: the answer, each step, whom the whole reaches when, a total."""
    if len(report.parts) == 1:
        yield Line(headline(report.parts[0].diff), style="bold")
    else:
        changed = sum(not part.diff.is_same for part in report.parts)
        yield Line(f"{changed} of {len(report.parts)} actions differ.", style="bold")
    for side, (name, kind) in (("old", report.old), ("new", report.new)):
        yield Line(f"{name} ({kind})", indent=2, label=f"{side}  ")
    for note in report.notes:
        yield Line(note, indent=2, label="note  ", style="cyan")
    for part in report.parts:
        drawn = list(_part_lines(part, is_only=len(report.parts) == 1, verbose=verbose))
        yield from [Line(""), *drawn] if drawn else []
    yield Line("")
    yield Line(total(report), style="bold")


def total(report: Report) -> str:
    """Count every step of both sides once, and say whether the gate holds."""
    steps = [step for part in report.parts for step in part.diff.steps]
    relations = Counter(step.relation for step in steps)
    counted = [f"{relations[relation]} {relation.value}" for relation in Relation if relations[relation]]
    facts = Counter("moved" for step in steps if step.is_moved)
    facts += Counter(f"expiry {step.expiry.kind}" for step in steps if step.expiry is not None)
    among = ", ".join(f"{count} {fact}" for fact, count in facts.items())
    text = f"Total: {', '.join(counted) or 'no steps'}{f' ({among})' if among else ''}."
    if not report.fail_on:
        return text
    verdict = f"failed on {', '.join(report.failures)}" if report.failures else "passed"
    return f"{text} Gate ({', '.join(report.fail_on)}): {verdict}."


def _part_lines(part: Part, *, is_only: bool, verbose: bool) -> Iterator[Line]:
    if part.is_flow:
        yield Line(_part_name(part), indent=0, style="bold")
    if not is_only:
        yield Line(headline(part.diff), indent=2)
    if part.diff.extra_differs:
        yield Line("members of the criteria differ that this version does not know", indent=2, label="~ ")
    listed = _listed(part.diff)
    for step in part.diff.steps:
        yield from _step_lines(step, part.diff, listed, verbose=verbose)
    if part.diff.reach is not None and not part.diff.is_same:
        yield Line("")
        yield from _reach_lines(part.diff.reach, listed, verbose=verbose)


def _part_name(part: Part) -> str:
    if part.old_name is None:
        return f"action {part.new_name}: added"
    if part.new_name is None:
        return f"action {part.old_name}: removed"
    before = "" if part.old_name == part.new_name else f", before: {part.old_name}"
    return f"action {part.new_name}{before}"


def _step_lines(
    step: StepDiff, diff: CriteriaDiff, listed: Collection[str], *, verbose: bool
) -> Iterator[Line]:
    sign = _SIGNS[step.relation]
    if sign == "=" and (step.is_moved or step.expiry is not None or step.extra_differs):
        sign = "~"
    number = step.new_number or step.old_number
    yield Line(_step_words(step), indent=2, label=f"{sign} step {number}  ", style=_STYLES[sign])
    for text in _step_texts(step, diff, listed):
        yield Line(text, indent=6)
    if step.agents is not None and sign != "=" and step.relation not in _ALIKE:
        yield Line(_agents_text(step, step.agents, diff, verbose=verbose), indent=6)


_ALIKE: Final = frozenset({Relation.UNCHANGED, Relation.EQUIVALENT})


def _step_words(step: StepDiff) -> str:
    words = [_WORDS[step.relation]]
    if step.undecided is not None:
        words = [f"incomparable: {step.undecided}"]
    elif _is_as_it_was(step):
        words = []
    elif step.extra_differs and step.relation is Relation.UNCHANGED:
        words = ["unchanged, as far as this version reads it"]
    if step.is_moved:
        words.append(f"moved, it was step {step.old_number}")
    elif step.old_number and step.new_number and step.old_number != step.new_number:
        words.append(f"it was step {step.old_number}")
    if step.expiry is not None:
        words.append(f"expiry {step.expiry.kind}")
    return "; ".join(words)


def _is_as_it_was(step: StepDiff) -> bool:
    """Say whether nothing but its place or its expiry changed, which is then told instead."""
    return step.relation is Relation.UNCHANGED and (step.is_moved or step.expiry is not None)


def _step_texts(step: StepDiff, diff: CriteriaDiff, listed: Collection[str]) -> Iterator[str]:
    match step.old, step.new:
        case Step() as old, Step() as new if step.relation is Relation.EQUIVALENT:
            yield f"was  {unparse(old.expression)}"
            yield f"is   {unparse(new.expression)}"
        case (None, Step() as only) | (Step() as only, None):
            yield step_text(only)
        case Step(), Step() if step.is_untouched:
            pass
        case _, Step() as new if not step.changes:
            yield unparse(new.expression)
        case _:
            changes = step.changes if len(step.changes) <= _SHOWN else step.changes[: _SHOWN - 1]
            yield from map(change_text, changes)
            if len(changes) < len(step.changes):
                yield f"and {len(step.changes) - len(changes)} more changes"
    if step.expiry is not None:
        yield expiry_change_text(step.expiry)
    yield from _witness_texts(step, listed)
    yield from _place_texts(step, diff)
    if step.extra_differs:
        yield "members differ that this version does not know"


def _witness_texts(step: StepDiff, listed: Collection[str]) -> Iterator[str]:
    if step.gained is not None:
        yield f"only the new version lets in, for example, {example_text(step.gained, listed)}"
    if step.lost is not None:
        yield f"only the old version lets in, for example, {example_text(step.lost, listed)}"


def _place_texts(step: StepDiff, diff: CriteriaDiff) -> Iterator[str]:
    """Say when a step starts, where that is another time, and what a step by itself is good for."""
    before, after = step.starts
    if step.old is not None and step.new is not None and before != after:
        yield f"starts {_start_text(after)}, before {_start_text(before)}"
    if diff.hidden is not None or (step.old is not None and step.new is not None):
        return
    if step.new is not None:
        yield f"starts {_start_text(after)}"
    if step.adds_nobody:
        verbs = ("lets in", "have not let in") if step.new is not None else ("let in", "had not let in")
        yield f"{verbs[0]} nobody whom the steps before it {verbs[1]}"


def _start_text(after: timedelta | None) -> str:
    return "never, since a step before it never expires" if after is None else f"at {offset_text(after)}"


def expiry_change_text(change: ExpiryChange) -> str:
    """Say how an expiry changed: ``[30 seconds] -> [60 seconds]``."""
    old, new = (_after_text(after) for after in (change.old, change.new))
    return f"{old} -> {new}"


def _after_text(after: timedelta | None) -> str:
    return "[never expires]" if after is None else f"[{duration_text(after)}]"


def example_text(example: Counterexample, listed: Collection[str]) -> str:
    """
    Describe an agent that shows something: what they hold, and what that rests on.

    Args:
        example: The agent.
        listed: Ids and usernames that expressions list: an agent who is none of them has no name.
    """
    agent = example.agent
    held = ", ".join(f"{attribute_text(a)} {level_text(n)}" for a, n in (agent.proficiencies or {}).items())
    if agent.id in listed:
        text = f"the agent {name_text(agent.id)}"
    elif agent.username in listed:
        text = f"the agent with the username {name_text(agent.username or '')}"
    else:
        text = "an agent"
    text += f" with {held}" if held else ", who holds nothing" if text != "an agent" else " who holds nothing"
    for part, holds in example.assuming.items():
        text += f", if {unparse(part)} {'holds' if holds else 'does not hold'}"
    if example.is_fractional:
        text += "; only levels between whole ones tell the two apart, and Amazon Connect documents none"
    return text


def _listed(diff: CriteriaDiff) -> frozenset[str]:
    """Give the ids and usernames that any step lists."""
    steps = [side for step in diff.steps for side in (step.old, step.new) if side is not None]
    return frozenset(text for step in steps for text in _ids(step.expression))


def _ids(expression: Expr) -> Iterator[str]:
    for condition, _, _ in leaves(expression):
        if isinstance(condition, AgentIn):
            yield from map(user_id, condition.agent_ids)


def _agents_text(step: StepDiff, agents: StepAgents, diff: CriteriaDiff, *, verbose: bool) -> str:
    names = _agent_names(diff)

    def told(ids: Sequence[str], word: str) -> str:
        return f"{len(ids)} {word}".rstrip() + _named([names[i] for i in ids], verbose=verbose)

    unknown = told(agents.unknown, "unknown")
    if step.relation in {Relation.ADDED, Relation.REMOVED}:
        verb, ids = ("lets", agents.gained) if step.new is not None else ("let", agents.lost)
        return f"{_count(len(names))}: it {verb} in {told(ids, '')}, not {agents.same}, {unknown}"
    gained, lost = told(agents.gained, "gained"), told(agents.lost, "lost")
    return f"{_count(len(names))}: {gained}, {lost}, {agents.same} as before, {unknown}"


def _agent_names(diff: CriteriaDiff) -> dict[str, str]:
    return {} if diff.roster is None else shown_names(diff.roster.agents)


def _named(names: Sequence[str], *, verbose: bool) -> str:
    return f" ({shortened(names, None if verbose else _SHOWN)})" if names else ""


def _count(agents: int) -> str:
    return counted(agents, "agent")


def _reach_lines(reach: Reach, listed: Collection[str], *, verbose: bool) -> Iterator[Line]:
    """Say whom the contact reaches earlier or later, by an example and agent by agent."""
    if reach.is_same:
        yield Line("every agent when they were", indent=2, label="reached  ")
        return
    for change in (EARLIER, LATER):
        shift, is_decided = side_of(reach, change)
        if shift is not None:
            when = f"{arrival_text(shift.old)} -> {arrival_text(shift.new)}"
            text = f"for example {example_text(shift.example, listed)}: {when}"
        else:
            text = "nobody" if is_decided else "too large to decide"
        yield Line(text, indent=2, label=f"reached {change:<7}  ")
    if reach.agents is None:
        return
    counts = reach.counts()
    told = ", ".join(f"{counts[change]} {word}" for change, word in CHANGES.items())
    yield Line(f"{_count(len(reach.agents))}: {told}", indent=2)
    for change in (EARLIER, LATER, UNKNOWN):
        found = [each for each in reach.agents if each.change == change]
        shown = found if verbose else found[:_SHOWN]
        for one in shown:
            yield Line(shift_text(one), indent=4, label=f"{one.agent.name}  ")
        if len(shown) < len(found):
            yield Line(f"and {len(found) - len(shown)} more {change}: --verbose shows all", indent=4)


CHANGES: Final = {EARLIER: "earlier", LATER: "later", SAME: "as before", UNKNOWN: "unknown"}


def shift_text(shift: AgentShift) -> str:
    """Say when one agent of a roster is reached, before and now."""
    text = f"{arrival_text(shift.old)} -> {arrival_text(shift.new)}"
    if shift.change == UNKNOWN:
        return f"{text}: whether at another time is unknown"
    difference = shift.difference
    if difference is None:
        return f"{text}, {shift.change}"
    return f"{text}, {seconds_text(abs(difference))} {shift.change}"


def arrival_text(arrival: Arrival) -> str:
    """Say when the contact can first reach an agent: ``+30.0 s (step 2)``, ``never``."""
    text = "never" if arrival.after is None else f"{offset_text(arrival.after)} ({_by(arrival.step)})"
    if arrival.perhaps_after is None:
        return text
    return f"{text} or perhaps {offset_text(arrival.perhaps_after)} ({_by(arrival.perhaps_step)})"


def _by(step: int | None) -> str:
    return "fallback" if step is None else f"step {step}"


# ---------------------------------------------------------------------------- for a pull request


def markdown(report: Report, *, verbose: bool) -> str:
    """
    Write the same as a comment: the answer and the total as text, the rest as a block of differences.

    Whatever comes from the documents stands inside code, where nothing is a link, a mention or a tag.
    """
    drawn = [f"{' ' * line.indent}{line.label}{line.text}" for line in lines(report, verbose=verbose)]
    answer, *body, _, counted = drawn
    if any(part.diff.references != (None, None) for part in report.parts):
        # The answer names the reference, which is not ours to put outside code.
        answer, body = "There are no steps to compare.", [answer, *body]
    # A line is coloured by the sign that it begins with.
    inside = "\n".join(visible(text.removeprefix("  ")).rstrip() for text in body)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", inside)), default=0))
    return f"**Routing criteria**: {answer}\n\n{fence}diff\n{inside}\n{fence}\n\n{counted}\n"
