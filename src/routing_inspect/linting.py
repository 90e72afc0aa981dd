"""
Findings on documents, criteria, rosters and records, all of them at once.

`lint` takes what has been read; `document_findings` and `refusal_findings` take what stands around it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta

from attrs import evolve

from routing_inspect.arguments import misused, require, require_all
from routing_inspect.blocks import document_findings, refusal_findings
from routing_inspect.checks import (
    clock_findings,
    contact_findings,
    criteria_findings,
    empty_findings,
    evidence_findings,
    first_names,
    join_findings,
    roster_findings,
    taker_findings,
)
from routing_inspect.contact import Contact, Criteria, Roster, Step
from routing_inspect.expr import AgentIn, AtLeast, Attribute, Between, Condition, Expr, has_reference
from routing_inspect.findings import Finding
from routing_inspect.index import AgentIndex
from routing_inspect.limits import limit_findings
from routing_inspect.lookalikes import lookalike_findings
from routing_inspect.names import near_misses
from routing_inspect.places import Place, asked_attributes, found, leaves, mapped, part_at
from routing_inspect.predefined import Catalogue, is_predefined, predefined_findings, read_attributes
from routing_inspect.text import unparse
from routing_inspect.timeline import taker_id, timeline
from routing_inspect.visible import visible

__all__ = ["document_findings", "lint", "read_attributes", "refusal_findings"]


def lint(
    criteria_or_contact: Criteria | Contact,
    roster: Roster | None = None,
    attributes: Catalogue | None = None,
    *,
    max_wait: timedelta | None = None,
    required: Collection[str] = (),
) -> list[Finding]:
    """
    Find what is odd about a criteria, or about a contact and its current criteria.

    Args:
        criteria_or_contact: What a reader gave.
        roster: Who is there; None: no names are held beside anybody's.
        attributes: The predefined attributes of the instance by name, each with its values, or None
            where nobody knows them; None: any name may be one.
        max_wait: How long the steps may take until the last that can start does, where it never
            expires, or until all have expired; None: any time.
        required: What whoever takes the contact has to have: names of attributes, or expressions such
            as ``Language(French)``. What has parentheses is an expression.

    Returns:
        Findings on the whole first, then step by step; the same for the same arguments. A question
        too large to answer is a finding too.

    Raises:
        TypeError: An argument is something else.
    """
    # Exact questions take a solver, and only those who lint need it.
    from routing_inspect.analysis import shared_answers  # noqa: PLC0415  (see above)
    from routing_inspect.reach import criteria_reach_findings  # noqa: PLC0415  (see above)

    if roster is not None:
        require("roster", roster, Roster)
    if attributes is not None and not isinstance(attributes, Mapping):
        raise misused("attributes", attributes, "Mapping")
    if max_wait is not None:
        require("max_wait", max_wait, timedelta)
    require_all("required", required, str)
    if isinstance(criteria_or_contact, Criteria):
        criteria, contact = criteria_or_contact, None
    elif not isinstance(criteria_or_contact, Contact):
        raise misused("criteria_or_contact", criteria_or_contact, "Criteria")
    else:
        criteria, contact = criteria_or_contact.criteria or Criteria(), criteria_or_contact
    with shared_answers():
        reach = tuple(criteria_reach_findings(criteria, max_wait=max_wait, required=required))
    every = [
        *(() if contact is not None and contact.criteria is None else _empty_findings(criteria)),
        *criteria_findings(criteria),
        *limit_findings(criteria),
        *lookalike_findings(criteria, roster, attributes),
        *reach,
        *(() if attributes is None else predefined_findings(criteria, attributes)),
        *(() if roster is None else _roster_findings(criteria, roster, attributes)),
        *(() if contact is None else _record_findings(contact, roster)),
    ]
    return sorted(dict.fromkeys(every), key=lambda finding: finding.step or 0)


def _empty_findings(criteria: Criteria) -> Iterator[Finding]:
    if not criteria.steps and criteria.reference is None:
        yield Finding("RI109", "the criteria has no steps", "configure the block, or take it out")


def _roster_findings(criteria: Criteria, roster: Roster, attributes: Catalogue | None) -> Iterator[Finding]:
    if not roster.agents:
        yield from empty_findings(roster)
        return
    meant = _meant(criteria, roster)
    brakes = {
        number for number, step in enumerate(criteria.steps, 1) if _is_brake(step, roster, meant, attributes)
    }
    for finding in roster_findings(criteria, roster):
        # Of what is no attribute at all, that nobody holds it goes without saying.
        is_attribute = attributes is None or _is_predefined(finding, criteria, attributes)
        if finding.id != "RI401" or (is_attribute and finding.step not in brakes):
            yield finding
    index = AgentIndex(roster)
    for number, step in enumerate(criteria.steps, 1):
        if number in brakes:
            message = (
                f"no agent of the roster holds {unparse(step.expression)}, so step {number} holds "
                "the contact until something else routes it"
            )
            yield found(
                Place(number), "RI408", message, "if that is not meant, give an agent what it asks for"
            )
        else:
            yield from _step_findings(step, Place(number), roster, index, meant)


def _is_brake(
    step: Step, roster: Roster, meant: Mapping[Attribute, Attribute], attributes: Catalogue | None
) -> bool:
    """
    Say whether a step looks to hold contacts back on purpose, as published flows have it.

    It never expires, asks for one attribute at any level, and nobody holds that or anything like it.
    """
    match step.expression:
        case AtLeast(attribute, level) if level <= 1:
            pass
        case Between(attribute, low, high) if low <= 1 and high >= 5:
            pass
        case _:
            return False
    if step.expires_after is not None or has_reference(attribute) or attribute in meant:
        return False
    if attributes is not None and not is_predefined(attribute, attributes):
        return False
    known = [agent.proficiencies for agent in roster.agents if agent.proficiencies is not None]
    return bool(known) and not any(attribute in held for held in known)


def _is_predefined(finding: Finding, criteria: Criteria, attributes: Catalogue) -> bool:
    condition = part_at(criteria.steps[(finding.step or 1) - 1].expression, finding.condition or ())
    return isinstance(condition, AtLeast | Between) and is_predefined(condition.attribute, attributes)


def _meant(criteria: Criteria, roster: Roster) -> dict[Attribute, Attribute]:
    """Give for each attribute that nobody holds the nearest one that somebody does, where there is one."""
    held = {attribute: None for agent in roster.agents for attribute in agent.proficiencies or {}}
    asked = {attribute for step in criteria.steps for attribute in asked_attributes(step.expression)}
    missing = [a for a in asked if a not in held and not has_reference(a)]
    near = {attribute: near_misses(attribute, held) for attribute in missing}
    return {attribute: misses[0].attribute for attribute, misses in near.items() if misses}


def _step_findings(
    step: Step, place: Place, roster: Roster, index: AgentIndex, meant: Mapping[Attribute, Attribute]
) -> Iterator[Finding]:
    """Find out who matches a step now, and who would if names that are nearly right were meant."""
    now = index.match(step.expression)
    renamed = _renamed(step.expression, meant)
    if renamed != step.expression:
        yield from _meant_findings(renamed, now.matching, place, roster, index)
    if now.unknown_count:
        return
    if now.count == 0 and not _is_explained(step.expression, roster, index):
        message = f"no agent of the roster matches step {place.step} now"
        yield found(place, "RI408", message, "relax it, or give an agent what it asks for")
    if now.count == 1 and len(roster.agents) > 1 and not _names_agents(step.expression):
        name = visible(_name(now.matching[0], roster))
        message = (
            f"step {place.step} hangs on {name} alone: nobody else of {len(roster.agents)} agents matches"
        )
        yield found(place, "RI409", message, "relax it, or give another agent what it asks for")


def _meant_findings(
    renamed: Expr, now: Sequence[str], place: Place, roster: Roster, index: AgentIndex
) -> Iterator[Finding]:
    then = index.match(renamed).matching
    if not then:
        whom = "nobody all the same"
    elif then == tuple(now):
        whom = "the same agents as now"
    else:
        whom = first_names([_name(agent_id, roster) for agent_id in then])
    message = (
        f"were the names meant that agents hold, step {place.step} would match {whom}: {unparse(renamed)}"
    )
    yield found(place, "RI412", message)


def _renamed(expression: Expr, meant: Mapping[Attribute, Attribute]) -> Expr:
    """Put what is meant in the place of what is written."""

    def rename(condition: Condition) -> Condition:
        match condition:
            case AtLeast(attribute) | Between(attribute) if attribute in meant:
                return evolve(condition, attribute=meant[attribute], written=None)
            case _:
                return condition

    return mapped(expression, rename)


def _is_explained(expression: Expr, roster: Roster, index: AgentIndex) -> bool:
    """Say whether other findings tell why nobody matches: a contradiction, or names that nobody has."""
    from routing_inspect.reach import lets_somebody_in  # noqa: PLC0415  (as in `lint`)

    everybody = AgentIn(agent.id for agent in roster.agents)
    held = {attribute for agent in roster.agents for attribute in agent.proficiencies or {}}

    def fill(condition: Condition) -> Condition:
        match condition:
            case AtLeast(attribute) | Between(attribute) if attribute not in held:
                return everybody
            case AgentIn(agent_ids) if not any(roster.find(agent_id) for agent_id in agent_ids):
                return everybody
            case _:
                return condition

    return index.match(mapped(expression, fill)).count > 0 or not lets_somebody_in(expression)


def _names_agents(expression: Expr) -> bool:
    return any(isinstance(condition, AgentIn) and not negated for condition, _, negated in leaves(expression))


def _name(agent_id: str, roster: Roster) -> str:
    agent = roster.find(agent_id)
    return agent_id if agent is None else agent.name


def _record_findings(contact: Contact, roster: Roster | None) -> Iterator[Finding]:
    """Find what is odd about how a contact fared, as far as it takes no question to be asked."""
    clock = timeline(contact)
    yield from contact_findings(contact)
    yield from clock_findings(contact, clock)
    if roster is None or not roster.agents:
        return
    yield from taker_findings(contact, roster)
    taker = taker_id(contact)
    agent = None if taker is None else roster.find(taker)
    if agent is not None:
        yield from join_findings(agent, clock)
    yield from evidence_findings(contact, clock, roster.agents, roster)
