"""
Findings: what is odd about a criteria, about its names beside a roster, and about a contact's record.

A finding never stops an evaluation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Final, assert_never

from attrs import evolve, frozen

from routing_inspect.contact import Agent, Contact, Criteria, Roster, Step, user_id
from routing_inspect.document import JSON
from routing_inspect.evaluate import Trace, Verdict, evaluate, reasons
from routing_inspect.expr import (
    AgentIn,
    And,
    AtLeast,
    Attribute,
    Between,
    Expr,
    Mixed,
    Not,
    Opaque,
    Or,
    has_reference,
    is_reference,
    unnegated,
)
from routing_inspect.findings import Finding
from routing_inspect.names import near_miss_key, near_misses
from routing_inspect.places import Place, below, found, leaves
from routing_inspect.text import attribute_text, duration_text, level_text, unparse
from routing_inspect.timeline import Timeline, in_agent_queue, is_fresh, seconds_text, taker_id
from routing_inspect.visible import visible
from routing_inspect.wire import OPERATORS, has_member, member_names, members_of
from routing_inspect.words import joined, shortened

# Facts this near to the contact count as of its time: of when they are is told beside every agent, and
# proficiencies are edited on other days than in the hour in which somebody asks.
_SAME_TIME: Final = timedelta(hours=1)

# How many names that may be meant a hint shows.
_NEAR_SHOWN: Final = 3

# What an operator of another language is most likely to mean, by what its name has in it, in this order.
_MEANT: Final = (
    (re.compile(r"range|between", re.IGNORECASE), "Range"),
    (re.compile(r"great|more|least|min|^gte?$|>", re.IGNORECASE), "NumberGreaterOrEqualTo"),
    (re.compile(r"less|most|max|^lte?$|<", re.IGNORECASE), "Range, from 1 up to the level"),
    (re.compile(r"agent|user|match|list|^(?:is)?in$|contain", re.IGNORECASE), "Match"),
    (re.compile(r"equal|^(?:eq|is)$|=", re.IGNORECASE), "Range, both ends at the level"),
)


def criteria_findings(criteria: Criteria) -> Iterator[Finding]:
    """Find what is odd about a criteria by itself, step by step."""
    if criteria.reference is not None:
        hint = "look at what the flow was given"
        yield Finding("RI101", f"the criteria is `{visible(criteria.reference)}`", hint)
    yield from _member_findings(criteria.extra, Place(None))
    for number, step in enumerate(criteria.steps, 1):
        place = Place(number)
        yield from _expression_findings(step.expression, Place(number, ()))
        yield from _member_findings({**step.extra, **(step.expiry.extra if step.expiry else {})}, place)
        yield from _expiry_findings(step, number, place)
        left = len(criteria.steps) - number
        if step.never_expires and left:
            later = f"step {number + 1}" if left == 1 else f"steps {number + 1} to {number + left}"
            message = f"step {number} never expires, so {later} cannot start"
            yield found(place, "RI301", message, "give it an expiry")


def roster_findings(criteria: Criteria, roster: Roster) -> Iterator[Finding]:
    """Find what is odd about a criteria's names and a roster's levels, held side by side."""
    names = _index(roster)
    seen: set[tuple[Attribute | str, bool]] = set()
    for number, step in enumerate(criteria.steps, 1):
        for condition, place, negated in leaves(step.expression, Place(number, ())):
            for name in _names(condition):
                if (name, negated) not in seen:
                    seen.add((name, negated))
                    if isinstance(name, Attribute):
                        yield from _name_findings(name, names, roster, place, negated=negated)
                    else:
                        yield from _agent_findings(name, names, roster, place, negated=negated)
    for agent in roster.agents:
        for attribute, level in (agent.proficiencies or {}).items():
            if not _on_scale(level):
                message = f"{visible(agent.name)} has {attribute_text(attribute)} at {level_text(level)}"
                yield Finding("RI405", message, "levels are whole numbers from 1 to 5", "roster")


def match_findings(expression: Expr, roster: Roster) -> Iterator[Finding]:
    """Find what is odd about the names of an expression beside a roster."""
    for finding in roster_findings(Criteria((Step(expression),)), roster):
        yield finding if finding.step is None else evolve(finding, where="", step=None)


def contact_findings(contact: Contact) -> Iterator[Finding]:
    """Find what is odd about a contact's record beside its times and statuses."""
    criteria = contact.criteria
    if contact.failed_block is not None:
        hint = "check that the Lambda returns JSON, not a string of JSON"
        yield Finding("RI102", f"the block ended with `{visible(contact.failed_block)}`", hint, "contact")
    if criteria is None:
        return
    if criteria.index is not None and criteria.index > len(contact.earlier):
        missing = criteria.index - len(contact.earlier)
        message = f"{missing} earlier criteria of this contact {'is' if missing == 1 else 'are'} not shown"
        yield Finding("RI507", message, "contact events and the contact record keep more", "contact")
    if criteria.steps and in_agent_queue(contact):
        yield Finding("RI506", "the contact is in an agent's own queue, where no step runs", None, "contact")


def clock_findings(contact: Contact, clock: Timeline) -> Iterator[Finding]:
    """Find what cannot be so in a contact's times and statuses."""
    for finding, sentence in clock.conflicts:
        yield Finding(finding, sentence, _clock_hint(contact, clock, finding), "contact")


def _clock_hint(contact: Contact, clock: Timeline, finding: str) -> str | None:
    """Say what to do where a document and a clock do not go together."""
    if finding in {"RI605", "RI607"} and is_fresh(contact, clock.now):
        return "the service was asked just now: look whether this machine's clock is right"
    return "fetch the contact again" if finding == "RI605" else None


def empty_findings(roster: Roster) -> Iterator[Finding]:
    """Find that there is nobody in a roster."""
    if not roster.agents:
        yield Finding("RI406", "the roster has no agents", "pull it again, or leave it out", "roster")


def taker_findings(contact: Contact, roster: Roster) -> Iterator[Finding]:
    """Find that whoever took a contact is not in a roster that has somebody in it."""
    taker = taker_id(contact)
    if taker is not None and roster.agents and roster.find(taker) is None:
        message = f"the agent who took the contact, {visible(taker)}, is not in the roster"
        yield Finding("RI604", message, "add the agent, or leave the roster out", "contact")


def evidence_findings(
    contact: Contact, clock: Timeline, agents: Sequence[Agent], roster: Roster
) -> Iterator[Finding]:
    """
    Find where facts about agents are of another time than the contact's.

    Args:
        contact: What counts begins when it was queued or its first criteria was activated, and ends when
            an agent was connected, the contact ended, or it is looked at.
        clock: Its criteria on the clock.
        agents: Whose proficiencies count.
        roster: Where it says of what time it is, its agents are of that time too.
    """
    end = _end(contact, clock)
    if end is None or not clock.phases:
        return
    until, what = end
    # Facts count from when the contact was queued, also of criteria that were replaced since.
    starts = (contact.enqueued_at, clock.activated_at, *(one.activated_at for one in contact.earlier))
    since = min([until, *(time for time in starts if time is not None)])
    edited = [
        (agent.modified_at, agent) for agent in agents if agent.modified_at and agent.modified_at > since
    ]
    if edited:
        time, agent = max(edited, key=lambda pair: pair[0])
        when = f"{_apart(time, until)} {what}" if time > until else "while the contact waited"
        others = f", as were those of {len(edited) - 1} more" if len(edited) > 1 else ""
        message = f"the proficiencies of {visible(agent.name)} were edited {when}{others}"
        yield Finding("RI602", message, "ask the agent event stream what they were", "evidence")
    others_as_of = [
        (as_of, agent)
        for agent in agents
        if (agent.proficiencies is not None or agent.told)
        and (agent.modified_at is None or agent.modified_at <= since)
        and (as_of := agent.as_of or roster.as_of) is not None
        # What was last edited before the contact, and read after it, is what held at the time.
        and not (agent.modified_at is not None and as_of >= since)
        and (since - as_of > _SAME_TIME or as_of - until > _SAME_TIME)
    ]
    if others_as_of:
        time, agent = max(others_as_of, key=lambda pair: abs(pair[0] - until))
        who = visible(agent.name) if len(others_as_of) == 1 else f"{len(others_as_of)} agents"
        message = f"the proficiencies of {who} are as of {_apart(time, until)} {what}"
        yield Finding("RI601", message, "ask the agent event stream what they were", "evidence")


def _end(contact: Contact, clock: Timeline) -> tuple[datetime, str] | None:
    """Give the last instant at which an agent could be matched, and what happened then."""
    ends = (
        (contact.connected_at, "an agent was connected"),
        (contact.disconnected_at, "the contact ended"),
        (clock.now, "the contact is looked at"),
        (contact.last_updated_at, "the contact was last updated"),
    )
    return next(((time, what) for time, what in ends if time is not None), None)


def _apart(time: datetime, then: datetime) -> str:
    """Write how far apart two instants are: ``3.0 days after``."""
    return f"{seconds_text(abs(time - then))} {'after' if time > then else 'before'}"


def join_findings(agent: Agent, clock: Timeline) -> Iterator[Finding]:
    """Find that the agent who took the contact does not satisfy the step that was joined."""
    phase = clock.current
    if phase is None or phase.outcome != "joined":
        return
    trace = evaluate(phase.step.expression, agent)
    if trace.verdict is not Verdict.NO_MATCH:
        return
    step, who = f"step {phase.number}", visible(agent.name)
    failed = list(_deciding(reasons(trace)))
    if all(isinstance(unnegated(condition), AgentIn) for condition in failed):
        # No proficiency is in question, so none can have been edited since.
        excluded = all(isinstance(condition, Not) for condition in failed)
        message = (
            f"{who} is one of those whom {step} excludes" if excluded else f"{who} is not listed in {step}"
        )
        hint = "the ids in the document do not go together: look whether they were rewritten"
    else:
        message = f"{who} does not satisfy {step} by the proficiencies given"
        hint = "take the proficiencies of that time from the agent event stream"
    yield found(Place(phase.number, ()), "RI508", message, hint)


def _deciding(trace: Trace) -> Iterator[Expr]:
    """Go through the conditions that decided a verdict, of a trace with no others."""
    if isinstance(trace.expression, Not) or not trace.operands:
        yield trace.expression
        return
    for operand in trace.operands:
        yield from _deciding(operand)


@frozen
class _Names:
    """
    The names in a roster.

    Attributes:
        holders: Who holds each attribute, by name.
        alike: The attributes held, by `names.near_miss_key`.
        known: How many agents' proficiencies are known.
        usernames: How many agents have each.
    """

    holders: Mapping[Attribute, list[str]]
    alike: Mapping[tuple[str, str], list[Attribute]]
    known: int
    usernames: Mapping[str | None, int]


def _index(roster: Roster) -> _Names:
    holders: dict[Attribute, list[str]] = {}
    for agent in roster.agents:
        for attribute in agent.proficiencies or {}:
            holders.setdefault(attribute, []).append(agent.name)
    alike: dict[tuple[str, str], list[Attribute]] = {}
    for attribute in holders:
        alike.setdefault(near_miss_key(attribute), []).append(attribute)
    known = sum(agent.proficiencies is not None for agent in roster.agents)
    return _Names(holders, alike, known, Counter(agent.username for agent in roster.agents))


def _name_findings(
    attribute: Attribute, names: _Names, roster: Roster, place: Place, *, negated: bool
) -> Iterator[Finding]:
    if has_reference(attribute):
        return
    known = names.known
    # That nobody holds what a NOT excludes is as it should be.
    if attribute not in names.holders and known and not negated:
        message = f"no agent holds {attribute_text(attribute)} at any level"
        if known < len(roster.agents):
            message = (
                f"none of the {known} agents whose proficiencies are known holds {attribute_text(attribute)}"
            )
        yield found(place, "RI401", message, _meant(attribute, names))
        return
    near = [a for a in names.alike.get(near_miss_key(attribute), ()) if a != attribute]
    if near:
        held_instead = "; ".join(_held(a, names.holders[a]) for a in near)
        yield found(place, "RI402", f"{held_instead}, is not {attribute_text(attribute)}")


def _meant(attribute: Attribute, names: _Names) -> str | None:
    """Ask whether something else was meant that agents do hold, and say in what it differs."""
    meant = [
        f"{_held(miss.attribute, names.holders[miss.attribute])} ({', '.join(miss.differences)})"
        for miss in near_misses(attribute, names.holders)[:_NEAR_SHOWN]
    ]
    return f"did you mean {'; or '.join(meant)}?" if meant else None


def _held(attribute: Attribute, names: list[str]) -> str:
    return f"{attribute_text(attribute)}, held by {first_names(names)}"


def first_names(names: Sequence[str]) -> str:
    """Name the first three, and count the rest."""
    return visible(shortened(names, 3))


def _agent_findings(
    agent_id: str, names: _Names, roster: Roster, place: Place, *, negated: bool
) -> Iterator[Finding]:
    if is_reference(agent_id):
        return
    agent, homonyms = roster.find(agent_id), names.usernames.get(agent_id, 0)
    if agent is None and homonyms > 1:
        message = f"preferred agent `{visible(agent_id)}` is the username of {homonyms} agents"
        yield found(place, "RI403", message, "write the user id of the one who is meant")
    elif agent is None and not negated:
        hint = "the contact waits for such an agent until the step expires"
        yield found(place, "RI404", f"preferred agent `{visible(agent_id)}` is not in the roster", hint)
    elif agent is not None and agent.id != user_id(agent_id):
        message = f"preferred agent `{visible(agent_id)}` is a username"
        yield found(place, "RI403", message, f"write the user id `{visible(agent.id)}`")


def _member_findings(extra: Mapping[str, JSON], place: Place) -> Iterator[Finding]:
    if extra:
        names = ", ".join(f"`{visible(name)}`" for name in extra)
        hint = "they are kept, and nothing is made of them"
        yield found(place, "RI103", f"members this version does not know: {names}", hint)


def _expiry_findings(step: Step, number: int, place: Place) -> Iterator[Finding]:
    after = step.expires_after
    if after is not None and (after.microseconds or after < timedelta(seconds=1)):
        message = f"step {number} expires after {duration_text(after)}"
        yield found(place, "RI303", message, "write a whole number from 1")


def _expression_findings(expression: Expr, place: Place) -> Iterator[Finding]:
    match expression:
        case AtLeast() | Between() | AgentIn():
            yield from _condition_findings(expression, place)
            yield from _written_findings(expression, place)
        case Opaque(raw):
            yield _opaque_finding(raw, expression, place)
        case Not(operand):
            if isinstance(operand, AgentIn):
                yield found(place, "RI211", f"{unparse(expression)}: read as everybody but these")
            yield from _expression_findings(operand, below(place, 0))
        case Mixed():
            message = "several members side by side: reading them as AND and as OR may differ"
            yield found(place, "RI207", message, "give the expression one member")
            for i, operand in enumerate(expression.operands):
                yield from _expression_findings(operand, below(place, i))
        case And(operands) | Or(operands):
            for i, operand in enumerate(operands):
                yield from _expression_findings(operand, below(place, i))
        case _:
            assert_never(expression)


def _condition_findings(condition: AtLeast | Between | AgentIn, place: Place) -> Iterator[Finding]:
    match condition:
        case AgentIn(agent_ids):
            if not agent_ids:
                yield found(place, "RI210", "the list of preferred agents is empty: nobody matches")
            names, levels = list(agent_ids), []
        case AtLeast(attribute, level):
            names, levels = [attribute.name, attribute.value], [level]
        case Between(attribute, low, high):
            names, levels = [attribute.name, attribute.value], [low, high]
            if low > high:
                yield found(place, "RI204", f"{unparse(condition)}: no level is in it", "swap the ends")
        case _:
            assert_never(condition)
    for name in filter(is_reference, names):
        yield found(place, "RI101", f"{unparse(condition)}: the flow fills in `{visible(name)}`")
    for level in levels:
        if not _on_scale(level):
            message = f"{unparse(condition)}: {level_text(level)} is not on the scale"
            yield found(place, "RI209", message, "levels are whole numbers from 1 to 5")


def _written_findings(condition: AtLeast | Between | AgentIn, place: Place) -> Iterator[Finding]:
    written = condition.written
    if written is None:
        return
    text = unparse(condition)
    own = {AtLeast: "ProficiencyLevel", Between: "Range", AgentIn: "MatchCriteria"}[type(condition)]
    if "ComparisonOperator" not in written:
        yield found(place, "RI201", f"{text}: no ComparisonOperator, inferred from {own}")
    used = {"ComparisonOperator", own} | (set() if own == "MatchCriteria" else {"Name", "Value"})
    unused = [name for name in written if name not in used]
    if unused:
        message = f"{text}: {', '.join(unused)} stands beside it and is not used"
        yield found(place, "RI202", message, "take it out")
    if own == "Range" and len(written["Range"]) == 1:
        yield found(place, "RI203", f"{text}: only one end is given", "give both ends")


def _opaque_finding(raw: JSON, expression: Opaque, place: Place) -> Finding:
    match raw:
        case None:
            return found(place, "RI205", "the step has no expression", "was it read with an old SDK?")
        case {} if not raw:
            return found(place, "RI205", "an empty expression", "was it read with an old SDK?")
        case {"AndExpression": []} | {"OrExpression": []}:
            return found(place, "RI206", f"an empty {next(iter(raw))}", "give it operands or take it out")
        case {"AttributeCondition": {"ProficiencyLevel": str(level)}} if is_reference(level):
            return found(place, "RI101", f"the flow fills in the level `{visible(level)}`")
        case {"AttributeCondition": dict(condition)}:
            return _condition_finding(condition, expression, place)
        case dict() if has_member(raw, "Condition"):
            message = f"a condition without `AttributeCondition` around it: {unparse(expression)}"
            hint = 'write {"AttributeCondition": {...}} with these members inside'
            return found(place, "RI208", message, hint)
        case dict():
            unknown = members_of(raw, "Expression", "$", [])[1]
            if unknown:
                message = f"{_unknown_members(unknown, 'Expression')}: {unparse(expression)}"
                return found(place, "RI208", message, f"the members are {joined(member_names('Expression'))}")
    return _not_understood(expression, place)


def _condition_finding(condition: dict[str, JSON], expression: Opaque, place: Place) -> Finding:
    """Say why a condition was not understood, by the first thing that is wrong with it."""
    operator = condition.get("ComparisonOperator")
    unknown = members_of(condition, "Condition", "$", [])[1]
    text = unparse(expression)
    if isinstance(operator, str) and operator not in OPERATORS:
        meant = next((known for pattern, known in _MEANT if pattern.search(operator)), None)
        asked = "" if meant is None else f"; did you mean {meant}?"
        message = f"operator `{visible(operator)}` is not known{asked}"
        return found(place, "RI208", message, f"the operators are {joined(list(OPERATORS))}")
    if unknown:
        message = f"{_unknown_members(unknown, 'Condition')}: {text}"
        return found(place, "RI208", message, f"the members are {joined(member_names('Condition'))}")
    if operator is None:
        hint = f"name one of the operators {joined(list(OPERATORS))}"
        return found(place, "RI208", f"no operator, and none to infer: {text}", hint)
    payload = OPERATORS[str(operator)]
    if payload not in condition:
        return found(
            place, "RI202", f"the operator {operator} has no {payload}: {text}", f"give it a {payload}"
        )
    missing = [name for name in ("Name", "Value") if name not in condition]
    if payload != "MatchCriteria" and missing:
        message = f"a condition on a level without its {joined(missing)}: {text}"
        return found(place, "RI208", message, "name the attribute and its value")
    return _not_understood(expression, place)


def _unknown_members(unknown: Mapping[str, JSON], shape: str) -> str:
    """Name members that are not known, each with the one that may be meant."""
    names = []
    for name in unknown:
        near = get_close_matches(name.casefold(), map(str.casefold, member_names(shape)), n=1, cutoff=0.7)
        meant = next((known for known in member_names(shape) if [known.casefold()] == near), None)
        names.append(f"`{visible(name)}`" + ("" if meant is None else f" (did you mean {meant}?)"))
    return f"{joined(names)} {'is' if len(names) == 1 else 'are'} not known"


def _not_understood(expression: Opaque, place: Place) -> Finding:
    hint = "a later version of this library may know it"
    return found(place, "RI208", f"not understood: {unparse(expression)}", hint)


def _on_scale(level: float) -> bool:
    return level.is_integer() and 1 <= level <= 5


def _names(condition: Expr) -> tuple[Attribute | str, ...]:
    """Give what a condition asks for by name: an attribute, or agents."""
    match condition:
        case AtLeast(attribute=attribute) | Between(attribute=attribute):
            return (attribute,)
        case AgentIn(agent_ids):
            return agent_ids
        case _:
            return ()
