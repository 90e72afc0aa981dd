"""What differs between two criteria: for a terminal, as JSON, and as Markdown for a pull request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from attrs import frozen

from routing_inspect.analysis import Counterexample
from routing_inspect.arrival import EARLIER, LATER, SAME, UNKNOWN, Arrival, Shift
from routing_inspect.comparison import (
    GATES,
    AgentShift,
    CriteriaDiff,
    ExpiryChange,
    Reach,
    Relation,
    StepAgents,
    StepDiff,
)
from routing_inspect.contact import Step, user_id
from routing_inspect.expr import AgentIn, Expr
from routing_inspect.part_changes import PartChange
from routing_inspect.places import Place, leaves
from routing_inspect.render.terminal import Line
from routing_inspect.text import attribute_text, duration_text, level_text, name_text, step_text, unparse
from routing_inspect.visible import visible
from routing_inspect.wire import seconds_number

SCHEMA: Final = "routing-inspect/diff/1"

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
        yield Line("")
        yield from _part_lines(part, is_only=len(report.parts) == 1, verbose=verbose)
    yield Line("")
    yield Line(total(report), style="bold")


def headline(diff: CriteriaDiff) -> str:
    """Say in one sentence what the change does."""
    if diff.missing is not None:
        return f"There is no {diff.missing} criteria to compare with."
    if diff.hidden is not None:
        return f"The criteria cannot be compared: {diff.hidden}."
    if diff.references[0] is not None:
        return f"Both criteria are {visible(diff.references[0])}, which only the running flow can fill in."
    reach = diff.reach
    if diff.is_same:
        return "The criteria say the same."
    if reach is None or reach.is_same:
        meaning = all(step.relation is Relation.EQUIVALENT or _is_untouched(step) for step in diff.steps)
        if meaning:
            return "The criteria are written otherwise and mean the same."
        return "The steps differ, but every agent is reached when they were."
    return f"{_reached(reach, EARLIER).capitalize()} reached earlier, {_reached(reach, LATER)} later."


def _reached(reach: Reach, change: str) -> str:
    shift, is_decided = _side(reach, change)
    if shift is None:
        return "nobody is" if is_decided else "perhaps somebody is"
    return "some agents are"


def _side(reach: Reach, change: str) -> tuple[Shift | None, bool]:
    if change == EARLIER:
        return reach.earlier, reach.earlier_decided
    return reach.later, reach.later_decided


def _is_untouched(step: StepDiff) -> bool:
    return step.relation is Relation.UNCHANGED and not step.is_moved and step.expiry is None


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
    match part.old_name, part.new_name:
        case None, new:
            return f"action {new}: added"
        case old, None:
            return f"action {old}: removed"
        case old, new if old == new:
            return f"action {new}"
        case old, new:
            return f"action {new}, before: {old}"


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
        yield Line(_agents_text(step.agents, diff, verbose=verbose), indent=6)


_ALIKE: Final = frozenset({Relation.UNCHANGED, Relation.EQUIVALENT})


def _step_words(step: StepDiff) -> str:
    words = [_WORDS[step.relation]]
    if step.undecided is not None:
        words = [f"incomparable: {step.undecided}"]
    elif _is_as_it_was(step):
        words = []
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
        case Step(), Step() if _is_untouched(step):
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
    return "never, since a step before it never expires" if after is None else f"at {_plus(after)}"


def _plus(after: timedelta) -> str:
    return f"+{level_text(after.total_seconds())} s"


def change_text(change: PartChange) -> str:
    """Say what was changed in an expression, in the reader's words."""
    match change.kind:
        case "bounds":
            text = f"{change.attribute} {change.old} -> {change.new}"
        case "part added":
            text = f"added: {change.joined_by} {change.new}"
        case "part removed":
            text = f"removed: {change.joined_by} {change.old}"
        case "agent added":
            text = f"agent added to the list: {name_text(change.new or '')}"
        case "agent removed":
            text = f"agent removed from the list: {name_text(change.old or '')}"
        case "joined":
            text = f"{change.old} -> {change.new} between the parts"
        case "order":
            text = f"the parts joined by {change.joined_by} stand in another order"
        case "value" | "name":
            text = f"another {change.kind}: {change.old} -> {change.new}"
        case _:
            text = f"{change.old} -> {change.new}"
    return text if change.within is None else f"{text}, in {change.within}"


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
    text += f" with {held}" if held else " who holds nothing"
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
    for condition, _, _ in leaves(expression, Place(None)):
        if isinstance(condition, AgentIn):
            yield from map(user_id, condition.agent_ids)


def _agents_text(agents: StepAgents, diff: CriteriaDiff, *, verbose: bool) -> str:
    names = _agent_names(diff)

    def told(ids: Sequence[str], word: str) -> str:
        return f"{len(ids)} {word}{_named([names[i] for i in ids], verbose=verbose)}"

    gained, lost = told(agents.gained, "gained"), told(agents.lost, "lost")
    return f"{_count(len(names))}: {gained}, {lost}, {agents.same} as before, {told(agents.unknown, 'unknown')}"


def _agent_names(diff: CriteriaDiff) -> dict[str, str]:
    return {} if diff.roster is None else {agent.id: agent.name for agent in diff.roster.agents}


def _named(names: Sequence[str], *, verbose: bool) -> str:
    shown = names if verbose else names[:_SHOWN]
    more = f" and {len(names) - len(shown)} more" if len(shown) < len(names) else ""
    return f" ({', '.join(shown)}{more})" if names else ""


def _count(agents: int) -> str:
    return f"{agents} agent{'' if agents == 1 else 's'}"


def _reach_lines(reach: Reach, listed: Collection[str], *, verbose: bool) -> Iterator[Line]:
    """Say whom the contact reaches earlier or later, by an example and agent by agent."""
    for change in (EARLIER, LATER):
        shift, is_decided = _side(reach, change)
        if shift is not None:
            when = f"{arrival_text(shift.old)} -> {arrival_text(shift.new)}"
            text = f"for example {example_text(shift.example, listed)}: {when}"
        else:
            text = "nobody" if is_decided else "too large to decide"
        yield Line(text, indent=2, label=f"reached {change:<7}  ")
    if reach.agents is None:
        return
    counts = reach.counts()
    told = ", ".join(f"{counts[change]} {word}" for change, word in _CHANGES.items())
    yield Line(f"{_count(len(reach.agents))}: {told}", indent=2)
    for change in (EARLIER, LATER, UNKNOWN):
        found = [shift for shift in reach.agents if shift.change == change]
        shown = found if verbose else found[:_SHOWN]
        for shift in shown:
            yield Line(shift_text(shift), indent=4, label=f"{shift.agent.name}  ")
        if len(shown) < len(found):
            yield Line(f"and {len(found) - len(shown)} more {change}: --verbose shows all", indent=4)


_CHANGES: Final = {EARLIER: "earlier", LATER: "later", SAME: "as before", UNKNOWN: "unknown"}


def shift_text(shift: AgentShift) -> str:
    """Say when one agent of a roster is reached, before and now."""
    text = f"{arrival_text(shift.old)} -> {arrival_text(shift.new)}"
    if shift.change == UNKNOWN:
        return f"{text}: whether at another time is unknown"
    difference = shift.difference
    if difference is None:
        return f"{text}, {shift.change}"
    return f"{text}, {level_text(abs(difference).total_seconds())} s {shift.change}"


def arrival_text(arrival: Arrival) -> str:
    """Say when the contact can first reach an agent: ``+30 s (step 2)``, ``never``."""
    if arrival.after is None:
        text = "never"
    else:
        text = f"{_plus(arrival.after)} ({_by(arrival.step)})"
    if arrival.perhaps_after is None:
        return text
    return f"{text} or perhaps {_plus(arrival.perhaps_after)} ({_by(arrival.perhaps_step)})"


def _by(step: int | None) -> str:
    return "fallback" if step is None else f"step {step}"


# ---------------------------------------------------------------------------- for a pull request


def markdown(report: Report, *, verbose: bool) -> str:
    """
    Write the same as a comment: the answer and the total as text, the rest as a block of differences.

    Whatever comes from the documents stands inside code, where nothing is a link, a mention or a tag.
    """
    drawn = [f"{' ' * line.indent}{line.label}{line.text}" for line in lines(report, verbose=verbose)]
    # A difference is coloured by the sign that its line begins with.
    body = "\n".join(visible(text.removeprefix("  ")).rstrip() for text in drawn[1:-2])
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", body)), default=0))
    answer, counted = (_code_free(drawn[place]) for place in (0, -1))
    return f"**Routing criteria**: {answer}\n\n{fence}diff\n{body}\n{fence}\n\n{counted}\n"


def _code_free(text: str) -> str:
    """Escape what Markdown could take for markup or a mention; a reference may stand in the headline."""
    return re.sub(r"([\\`*_{}\[\]<>#|~@$!&])", r"\\\1", visible(text))


# ---------------------------------------------------------------------------- as JSON


def to_dict(report: Report) -> dict[str, Any]:
    """Give the report as plain JSON values: schema ``routing-inspect/diff/1``."""
    counts = Counter[str]()
    for part in report.parts:
        counts.update(part.diff.counts())
    return {
        "schema": SCHEMA,
        "old": {"name": report.old[0], "kind": report.old[1]},
        "new": {"name": report.new[0], "kind": report.new[1]},
        "notes": list(report.notes),
        "is_same": all(part.diff.is_same for part in report.parts),
        "criteria": [
            {
                "old_action": part.old_name,
                "new_action": part.new_name,
                **diff_dict(part.diff),
            }
            for part in report.parts
        ],
        "total": {relation.value: counts[relation.value] for relation in Relation},
        "gate": {
            "fail_on": list(report.fail_on),
            "failed": list(report.failures),
            "passed": not report.failures,
        },
    }


def diff_dict(diff: CriteriaDiff) -> dict[str, Any]:
    """Give what differs between two criteria as plain JSON values."""
    return {
        "sentence": headline(diff),
        "is_same": diff.is_same,
        "occurrences": list(diff.occurrences),
        "references": {"old": diff.references[0], "new": diff.references[1]},
        "hidden": diff.hidden,
        "missing": diff.missing,
        "unread_members_differ": diff.extra_differs,
        "steps": [_step_dict(step) for step in diff.steps],
        "reach": None if diff.reach is None else _reach_dict(diff.reach),
    }


def _step_dict(step: StepDiff) -> dict[str, Any]:
    return {
        "relation": step.relation.value,
        "old": _side_dict(step.old, step.old_number, step.starts[0]),
        "new": _side_dict(step.new, step.new_number, step.starts[1]),
        "moved": step.is_moved,
        "changes": [_change_dict(change) for change in step.changes],
        "expiry": None if step.expiry is None else _expiry_dict(step.expiry),
        "only_new": None if step.gained is None else _example_dict(step.gained),
        "only_old": None if step.lost is None else _example_dict(step.lost),
        "undecided": step.undecided,
        "adds_nobody": step.adds_nobody,
        "unread_members_differ": step.extra_differs,
        "agents": None if step.agents is None else _step_agents_dict(step.agents),
    }


def _side_dict(step: Step | None, number: int | None, start: timedelta | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "number": number,
        "expression": unparse(step.expression),
        "expires_after_seconds": _seconds(step.expires_after),
        "starts_after_seconds": _seconds(start),
    }


def _change_dict(change: PartChange) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "old": change.old,
        "new": change.new,
        "attribute": change.attribute,
        "joined_by": change.joined_by,
        "within": change.within,
        "text": change_text(change),
    }


def _expiry_dict(change: ExpiryChange) -> dict[str, Any]:
    return {
        "change": change.kind,
        "old_seconds": _seconds(change.old),
        "new_seconds": _seconds(change.new),
    }


def _example_dict(example: Counterexample) -> dict[str, Any]:
    agent = example.agent
    return {
        "id": agent.id,
        "username": agent.username,
        "proficiencies": [
            {"name": attribute.name, "value": attribute.value, "level": level}
            for attribute, level in (agent.proficiencies or {}).items()
        ],
        "assuming": [
            {"expression": unparse(part), "holds": holds} for part, holds in example.assuming.items()
        ],
        "is_fractional": example.is_fractional,
        "is_smallest": example.is_smallest,
    }


def _step_agents_dict(agents: StepAgents) -> dict[str, Any]:
    return {
        "gained": list(agents.gained),
        "lost": list(agents.lost),
        "same": agents.same,
        "unknown": list(agents.unknown),
    }


def _reach_dict(reach: Reach) -> dict[str, Any]:
    return {
        "earlier": _shift_dict(*_side(reach, EARLIER)),
        "later": _shift_dict(*_side(reach, LATER)),
        "counts": None if reach.agents is None else {c: reach.counts()[c] for c in _CHANGES},
        "agents": None if reach.agents is None else [_agent_dict(shift) for shift in reach.agents],
    }


def _shift_dict(shift: Shift | None, is_decided: bool) -> dict[str, Any]:  # noqa: FBT001  (as `_side` gives it)
    return {
        "anybody": True if shift is not None else False if is_decided else None,
        "decided": is_decided,
        "example": None
        if shift is None
        else {
            "agent": _example_dict(shift.example),
            "old": _arrival_dict(shift.old),
            "new": _arrival_dict(shift.new),
        },
    }


def _agent_dict(shift: AgentShift) -> dict[str, Any]:
    return {
        "id": shift.agent.id,
        "username": shift.agent.username,
        "change": shift.change,
        "difference_seconds": _seconds(shift.difference),
        "old": _arrival_dict(shift.old),
        "new": _arrival_dict(shift.new),
    }


def _arrival_dict(arrival: Arrival) -> dict[str, Any]:
    """Give when an agent is reached: by a step, by fallback, or never; and by which step perhaps earlier."""
    perhaps = None
    if arrival.perhaps_after is not None:
        perhaps = {"after_seconds": _seconds(arrival.perhaps_after), "step": arrival.perhaps_step}
    return {
        "by": "never" if arrival.after is None else "fallback" if arrival.step is None else "step",
        "after_seconds": _seconds(arrival.after),
        "step": arrival.step,
        "perhaps": perhaps,
    }


def _seconds(duration: timedelta | None) -> int | float | None:
    return None if duration is None else seconds_number(duration)
