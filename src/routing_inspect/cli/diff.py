"""`diff`: what differs between two criteria, decided exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click
from attrs import frozen

from routing_inspect import files
from routing_inspect.cli import options, printing
from routing_inspect.document import dumps
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.visible import visible

if TYPE_CHECKING:
    from routing_inspect.contact import Criteria, Roster
    from routing_inspect.flows import RoutingAction
    from routing_inspect.render.diff import Part, Report

# As contacts call it that are read out of one.
_FLOW: Final = "flow"
_EXPRESSION: Final = "expression"


@frozen
class _Side:
    """
    One of the two documents.

    Attributes:
        name: What to call it.
        kind: What kind of document it is, for people.
        criteria: By the identifier of the flow's action; None for what is no whole flow.
        notes: What of it is not compared.
    """

    name: str
    kind: str
    criteria: tuple[tuple[str | None, Criteria], ...]
    notes: tuple[str, ...] = ()

    @property
    def is_flow(self) -> bool:
        """Whether it is a whole flow, of which no action was chosen."""
        return self.kind == _FLOW


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--roster", "roster_file", type=click.Path(), help="The agents to tell about, one by one.")
@click.option("--action", help="Which action of a flow, by its identifier.")
@click.option("--old-action", help="The same of OLD, where it was called otherwise.")
@click.option("--fail-on", default="", help="What ends with exit status 1: a list such as looser,later.")
@options.form_of("text", "json", "markdown")
@options.output
@options.verbose
def diff(
    old: str,
    new: str,
    roster_file: str | None,
    action: str | None,
    old_action: str | None,
    fail_on: str,
    form: str,
    output: str | None,
    verbose: bool,
) -> int:
    """
    Say what differs between two criteria: who is let in now, and when.

    OLD and NEW hold routing criteria in any form: text, JSON, an exported flow. One of them may be - for
    standard input, and each may be a file in a git revision, such as main:criteria.routing. Decided exactly,
    for every agent that there can be.

    --fail-on takes looser, stricter, incomparable, added, removed, moved, later, earlier.
    """
    from routing_inspect.render import diff as drawn
    from routing_inspect.render import diff_json

    gate = _gate(fail_on)
    if [old, new, roster_file].count("-") > 1:
        raise options.usage_error("standard input can be one of OLD, NEW and the roster")
    sides = _side(old, action if old_action is None else old_action), _side(new, action)
    _check_chosen(sides, action, old_action)
    roster = None if roster_file is None else files.read_roster(roster_file)
    report = _report(*sides, roster, gate)
    match form:
        case "json":
            files.write(dumps(diff_json.to_dict(report)) + "\n", output)
        case "markdown":
            files.write(drawn.markdown(report, verbose=verbose), output)
        case _:
            printing.print_lines(drawn.lines(report, verbose=verbose), output)
    return 1 if report.failures else 0


def _check_chosen(sides: tuple[_Side, _Side], action: str | None, old_action: str | None) -> None:
    """Refuse the name of an action where there is no flow to choose it from."""
    is_chosen = [not side.is_flow and side.criteria[0][0] is not None for side in sides]
    if old_action is not None and not is_chosen[0]:
        raise options.usage_error("--old-action chooses among the actions of a flow, and OLD is none")
    if action is not None and not any(is_chosen):
        raise options.usage_error("--action chooses among the actions of a flow, and neither document is one")


def _report(before: _Side, after: _Side, roster: Roster | None, gate: tuple[str, ...]) -> Report:
    from routing_inspect.analysis import shared_answers
    from routing_inspect.render.diff import Report

    with shared_answers():
        parts = tuple(_parts(before, after, roster))
    return Report(
        old=(before.name, before.kind),
        new=(after.name, after.kind),
        parts=parts,
        notes=(*before.notes, *after.notes, *_notes(before, after)),
        fail_on=gate,
    )


def _gate(fail_on: str) -> tuple[str, ...]:
    """Read what the gate is set on, each once and in the order of `GATES`."""
    from routing_inspect.criteria_diff import GATES

    asked = [name.strip() for name in fail_on.split(",") if name.strip()]
    unknown = [name for name in asked if name not in GATES]
    if unknown:
        message = f"`{visible(unknown[0])}` is nothing to fail on: choose among {', '.join(GATES)}"
        raise click.BadParameter(message, param_hint="--fail-on")
    return tuple(gate for gate in GATES if gate in asked)


def _side(name: str, action: str | None) -> _Side:
    """Read one document: all actions of a whole flow, or the one asked for."""
    from routing_inspect.cli.revisions import read_source

    shown = "standard input" if name == "-" else name
    data = read_source(name)
    actions = files.flow_actions_of(data, name)
    if actions is not None and action is None:
        return _Side(shown, _FLOW, _named_apart(actions, shown))
    contact = files.contact_of(data, name, action=None if actions is None else action)
    if contact.criteria is None:
        raise DocumentError((Problem("$", "the contact has no routing criteria"),), file=shown)
    earlier = len(contact.earlier)
    notes = () if not earlier else (f"{shown}: of {earlier + 1} criteria of the contact, the current one",)
    chosen = action if actions is not None else None
    return _Side(shown, contact.source, ((chosen, contact.criteria),), notes)


def _named_apart(actions: Sequence[RoutingAction], shown: str) -> tuple[tuple[str | None, Criteria], ...]:
    """Give the criteria of each action of a flow by its identifier."""
    times = Counter(action.identifier for action in actions)
    repeated = next((name for name, found in times.items() if found > 1), None)
    if repeated is not None:
        message = f"{times[repeated]} actions are named `{visible(repeated)}`"
        raise DocumentError((Problem("$.Actions", message, "give each its own Identifier"),), file=shown)
    return tuple((action.identifier, action.criteria) for action in actions)


def _parts(before: _Side, after: _Side, roster: Roster | None) -> Iterator[Part]:
    """Compare what belongs together: of two flows the actions of one name, else the only criteria of each."""
    from routing_inspect.comparison import diff as compared
    from routing_inspect.render.diff import Part

    if not (before.is_flow and after.is_flow):
        (old_name, old), (new_name, new) = _only(before, "--old-action"), _only(after, "--action")
        yield Part(diff=compared(old, new, roster), old_name=old_name, new_name=new_name)
        return
    olds, news = dict(before.criteria), dict(after.criteria)
    if not olds and not news:
        message = "no action of either flow sets routing criteria"
        raise DocumentError((Problem("$.Actions", message),), file=after.name)
    renamed = _renamed(before, after)
    for name, criteria in news.items():
        was = renamed[0] if renamed is not None and name == renamed[1] else name
        difference = compared(olds.pop(was, None), criteria, roster)
        found = was if difference.missing is None else None
        yield Part(diff=difference, old_name=found, new_name=name, is_flow=True)
    for name, criteria in olds.items():
        yield Part(diff=compared(criteria, None, roster), old_name=name, is_flow=True)


def _only(side: _Side, option: str) -> tuple[str | None, Criteria]:
    if len(side.criteria) != 1:
        found = ", ".join(f"`{visible(name or '')}`" for name, _ in side.criteria) or "none"
        message = f"expected one action that sets routing criteria, found {len(side.criteria)}: {found}"
        hint = f"the other document has one criteria: name the action to compare it with by {option}"
        raise DocumentError((Problem("$.Actions", message, hint),), file=side.name)
    return side.criteria[0]


def _renamed(before: _Side, after: _Side) -> tuple[str | None, str | None] | None:
    """Give the names of an action that only the old flow has and of one that only the new one has."""
    olds, news = ({name: None for name, _ in side.criteria} for side in (before, after))
    gone = [name for name in olds if name not in news]
    come = [name for name in news if name not in olds]
    return (gone[0], come[0]) if len(gone) == len(come) == 1 else None


def _notes(before: _Side, after: _Side) -> Iterator[str]:
    """Say how the documents were compared, where that is not plain."""
    if before.is_flow and after.is_flow:
        renamed = _renamed(before, after)
        if renamed is not None:
            yield f"action {renamed[1]} is compared with {renamed[0]}, the only other one without a namesake"
    elif _EXPRESSION in {before.kind, after.kind} and before.kind != after.kind:
        yield "an expression is compared as one step that never expires"
    elif before.kind != after.kind:
        yield "documents of two kinds: their steps and expiries are compared, and nothing else"
