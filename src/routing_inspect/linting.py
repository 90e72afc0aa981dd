"""
Findings on documents, criteria, rosters and records, all of them at once.

`lint` takes what has been read; `document_findings` and `refusal_findings` take what stands around it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta

from attrs import evolve

from routing_inspect.blocks import document_findings, refusal_findings
from routing_inspect.checks import (
    contact_findings,
    criteria_findings,
    evidence_findings,
    people,
    roster_findings,
)
from routing_inspect.contact import Agent, Contact, Criteria, Roster, Step
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.expr import AgentIn, AtLeast, Attribute, Between, Condition, Expr, is_reference
from routing_inspect.findings import Finding
from routing_inspect.index import AgentIndex
from routing_inspect.limits import limit_findings
from routing_inspect.names import near_misses
from routing_inspect.places import Place, asked_attributes, found, leaves, mapped, part_at
from routing_inspect.predefined import Catalogue, is_predefined, predefined_findings, read_attributes
from routing_inspect.text import unparse
from routing_inspect.timeline import Timeline, taker_id, timeline
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
        required: Names of attributes that whoever takes the contact has to hold. A criteria that
            asks for none of them in any step is not about them.

    Returns:
        Findings on the whole first, then step by step; the same for the same arguments. A question
        too large to answer is a finding too.
    """
    # Exact questions take a solver, and only those who lint need it.
    from routing_inspect.reach import criteria_reach_findings  # noqa: PLC0415  (see above)

    if isinstance(criteria_or_contact, Criteria):
        criteria, contact = criteria_or_contact, None
    else:
        criteria, contact = criteria_or_contact.criteria or Criteria(), criteria_or_contact
    every = [
        *(() if contact is not None and contact.criteria is None else _empty_findings(criteria)),
        *criteria_findings(criteria),
        *limit_findings(criteria),
        *criteria_reach_findings(criteria, max_wait=max_wait, required=required),
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
        yield Finding("RI406", "the roster has no agents", "pull it again, or leave it out", "roster")
        return
    meant = _meant(criteria, roster)
    for finding in roster_findings(criteria, roster):
        # Of what is no attribute at all, that nobody holds it goes without saying.
        if finding.id != "RI401" or attributes is None or _is_predefined(finding, criteria, attributes):
            yield finding
    index = AgentIndex(roster)
    for number, step in enumerate(criteria.steps, 1):
        yield from _step_findings(step, Place(number), roster, index, meant)


def _is_predefined(finding: Finding, criteria: Criteria, attributes: Catalogue) -> bool:
    condition = part_at(criteria.steps[(finding.step or 1) - 1].expression, finding.condition or ())
    return isinstance(condition, AtLeast | Between) and is_predefined(condition.attribute, attributes)


def _meant(criteria: Criteria, roster: Roster) -> dict[Attribute, Attribute]:
    """Give for each attribute that nobody holds the nearest one that somebody does, where there is one."""
    held = {attribute: None for agent in roster.agents for attribute in agent.proficiencies or {}}
    asked = {attribute for step in criteria.steps for attribute in asked_attributes(step.expression)}
    missing = [a for a in asked if a not in held and not is_reference(a.name) and not is_reference(a.value)]
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
        whom = people([_name(agent_id, roster) for agent_id in then])
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
    return any(
        isinstance(condition, AgentIn) and not negated
        for condition, _, negated in leaves(expression, Place(None))
    )


def _name(agent_id: str, roster: Roster) -> str:
    agent = roster.find(agent_id)
    return agent_id if agent is None else agent.name


def _record_findings(contact: Contact, roster: Roster | None) -> Iterator[Finding]:
    """Find what is odd about how a contact fared, as far as it takes no question to be asked."""
    clock = timeline(contact)
    yield from contact_findings(contact)
    for finding, sentence in clock.conflicts:
        yield Finding(finding, sentence, None, "contact")
    if roster is None or not roster.agents:
        return
    taker = taker_id(contact)
    agent = None if taker is None else roster.find(taker)
    if taker is not None and agent is None:
        message = f"the agent who took the contact, {visible(taker)}, is not in the roster"
        yield Finding("RI604", message, "add the agent, or leave the roster out", "roster")
    if agent is not None:
        yield from _join_findings(agent, clock)
    yield from _age_findings(contact, roster, clock)


def _join_findings(agent: Agent, clock: Timeline) -> Iterator[Finding]:
    phase = clock.current
    if phase is None or phase.outcome != "joined":
        return
    if evaluate(phase.step.expression, agent).verdict is Verdict.NO_MATCH:
        message = f"{visible(agent.name)} does not satisfy step {phase.number} by the proficiencies given"
        hint = "take the proficiencies of that time from the agent event stream"
        yield found(Place(phase.number, ()), "RI508", message, hint)


def _age_findings(contact: Contact, roster: Roster, clock: Timeline) -> Iterator[Finding]:
    times = (contact.connected_at, contact.disconnected_at, contact.last_updated_at)
    until = next((time for time in times if time is not None), None)
    if until is not None and clock.phases:
        since = min(until, clock.activated_at or contact.enqueued_at or until)
        yield from evidence_findings(roster.agents, roster, since=since, until=until)
