"""
From a contact to a test: what it was routed by, without anything personal, and a case that says so.

What is left out is not only hidden: times, levels, ids and the wording of the criteria stay, phone
numbers, customers' ids and attributes are never read, and every name gets a pseudonym.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, assert_never

from attrs import evolve, frozen

from routing_inspect.contact import Agent, Contact, Criteria, Roster, Step
from routing_inspect.document import JSON
from routing_inspect.evaluate import Verdict
from routing_inspect.explain import explain
from routing_inspect.explanation import Explanation
from routing_inspect.expr import AgentIn, AtLeast, Between, Condition, Opaque, is_reference
from routing_inspect.forms import read, write_contact
from routing_inspect.places import leaves, mapped
from routing_inspect.pseudonyms import Pseudonyms
from routing_inspect.roster import read_roster, write_roster
from routing_inspect.visible import visible
from routing_inspect.wire import time_text

_LISTS: Final = {Verdict.MATCH: "matches", Verdict.NO_MATCH: "rejects", Verdict.UNKNOWN: "unknown"}


@frozen(kw_only=True)
class Capture:
    """
    A contact as a test.

    Attributes:
        name: What to call the files: the contact's id, or its pseudonym.
        contact: The document, redacted.
        roster: The roster, redacted; None where none was given.
        case: The text of the case file, which expects the two others beside it, as
            ``NAME.contact.json`` and ``NAME.roster.json``.
        notes: What somebody who passes it on should know, one line each.
    """

    name: str
    contact: dict[str, JSON]
    roster: dict[str, JSON] | None
    case: str
    notes: tuple[str, ...]


def capture(
    contact: Contact,
    roster: Roster | None = None,
    now: datetime | None = None,
    *,
    agents: Iterable[str] = (),
    pseudonyms: Pseudonyms | None = None,
) -> Capture:
    """
    Make a test of a contact that gives the explanation that it has today.

    Args:
        contact: As `explain` takes it.
        roster: As `explain` takes it.
        now: As `explain` takes it.
        agents: Whose way through the steps the case states too: ids, ARNs or usernames.
        pseudonyms: What to put in place of names, and of ids if it says so; None: names alone.

    Raises:
        ValueError: The criteria was put together by hand, and a part of it has no form in a document.
    """
    names = pseudonyms or Pseudonyms()
    asked = tuple(agents)
    before = explain(contact, roster, now, agents=asked)
    redacted_roster = None if roster is None else _roster(roster, names)
    redacted = _contact(contact, names)
    document = write_contact(redacted)
    written = None if redacted_roster is None else write_roster(redacted_roster)
    found = [explained.agent.id for explained in before.agents]
    after = explain(
        read(document),
        None if written is None else read_roster(written),
        now,
        agents=[names.agent(agent_id) for agent_id in found],
    )
    name = redacted.id or "criteria"
    return Capture(
        name=name,
        contact=document,
        roster=written,
        case=_case(name, after, has_roster=written is not None),
        notes=(*_left_out(contact), *_differences(before, after, names)),
    )


# ---------------------------------------------------------------------------- redaction


def _contact(contact: Contact, names: Pseudonyms) -> Contact:
    agent_id = None if contact.agent_id is None else names.agent(contact.agent_id)
    made: dict[str, Any] = {
        field: None if text is None else make(text)
        for field, text, make in (
            ("id", contact.id, names.contact),
            ("initial_id", contact.initial_id, names.contact),
            ("previous_id", contact.previous_id, names.contact),
            ("related_id", contact.related_id, names.contact),
            ("association_id", contact.association_id, names.contact),
            ("instance_id", contact.instance_id, names.instance),
            ("queue_id", contact.queue_id, names.queue),
            ("queue_name", contact.queue_name, names.queue),
            ("agent_username", contact.agent_username, names.agent),
        )
    }
    return evolve(
        contact,
        **made,
        agent_id=agent_id,
        next_ids=tuple(names.contact(next_id) for next_id in contact.next_ids),
        criteria=None if contact.criteria is None else _criteria(contact.criteria, names),
        earlier=tuple(_criteria(criteria, names) for criteria in contact.earlier),
    )


def _criteria(criteria: Criteria, names: Pseudonyms) -> Criteria:
    return evolve(criteria, steps=[_step(step, names) for step in criteria.steps], extra={})


def _step(step: Step, names: Pseudonyms) -> Step:
    expiry = None if step.expiry is None else evolve(step.expiry, extra={})
    expression = mapped(step.expression, lambda condition: _condition(condition, names))
    return evolve(step, expression=expression, expiry=expiry, extra={})


def _condition(condition: Condition, names: Pseudonyms) -> Condition:
    match condition:
        case AgentIn(agent_ids):
            ids = tuple(_listed(agent_id, names) for agent_id in agent_ids)
            return evolve(condition, agent_ids=ids, written=_raw(condition.written, names))
        case AtLeast() | Between():
            return evolve(condition, written=_raw(condition.written, names))
        case Opaque(raw):
            return Opaque(_raw(raw, names))
        case _:
            assert_never(condition)


def _raw(value: Any, names: Pseudonyms) -> Any:
    """Redact a part of a document that is kept as it stood: listed agents, and names met elsewhere."""
    match value:
        case Mapping():
            return {key: _raw_member(key, member, names) for key, member in value.items()}
        case list():
            return [_raw(member, names) for member in value]
        case str():
            return names.known(value)
        case _:
            return value


def _listed(agent_id: str, names: Pseudonyms) -> str:
    """Redact an agent that a criteria names; a reference that a flow fills in names nobody."""
    return agent_id if is_reference(agent_id) else names.agent(agent_id)


def _raw_member(key: str, member: Any, names: Pseudonyms) -> Any:
    if key.replace("_", "").casefold() == "agentids" and isinstance(member, list):
        return [_listed(entry, names) if isinstance(entry, str) else _raw(entry, names) for entry in member]
    return _raw(member, names)


def _roster(roster: Roster, names: Pseudonyms) -> Roster:
    # Ids first: an agent's own queue is named by the id.
    ids = [names.agent(agent.id) for agent in roster.agents]
    agents = [_agent(agent, agent_id, names) for agent, agent_id in zip(roster.agents, ids, strict=True)]
    return Roster(agents=agents, as_of=roster.as_of)


def _agent(agent: Agent, agent_id: str, names: Pseudonyms) -> Agent:
    queues = agent.queues and [
        evolve(queue, id=names.queue(queue.id), name=None if queue.name is None else names.queue(queue.name))
        for queue in agent.queues
    ]
    username = None if agent.username is None else names.agent(agent.username)
    # The queues stand with the agent; the routing profile has a name of its own, and tells no verdict.
    return evolve(agent, id=agent_id, username=username, queues=queues, routing_profile=None, source=None)


# ---------------------------------------------------------------------------- the case


def _case(name: str, explanation: Explanation, *, has_roster: bool) -> str:
    """Write the case file: every word of it is a pseudonym, an id or a number, so that none needs quotes."""
    path = explanation.path
    lines = ["# " + visible(path.sentence), "contact:", f"  file: {name}.contact.json"]
    if explanation.timeline.now is not None:
        lines.append(f"  now: {time_text(explanation.timeline.now)}")
    if has_roster:
        lines.append(f"roster: {{file: {name}.roster.json}}")
    lines += ["cases:", f"  the contact takes the path {path.kind}:", "    path:", f"      kind: {path.kind}"]
    if path.step is not None:
        lines.append(f"      step: {path.step}")
    if path.agent_id is not None:
        lines.append(f"      agent: {path.agent_id}")
    lines += _step_lines(explanation)
    lines += _route_lines(explanation)
    return "\n".join(lines) + "\n"


def _step_lines(explanation: Explanation) -> Iterator[str]:
    if not any(step.matching or step.not_matching or step.unknown for step in explanation.steps):
        return
    yield "  the steps let in whom they let in today:"
    yield "    steps:"
    for step in explanation.steps:
        yield f"      {step.phase.number}:"
        for verdict, ids in zip(Verdict, (step.matching, step.not_matching, step.unknown), strict=True):
            if ids:
                yield f"        {_LISTS[verdict]}:"
                yield from (f"          - {agent_id}" for agent_id in ids)


def _route_lines(explanation: Explanation) -> Iterator[str]:
    listed = {
        agent_id
        for step in explanation.steps
        for agent_id in (*step.matching, *step.not_matching, *step.unknown)
    }
    routes = [
        (explained.agent.id, _route(explanation, explained.agent.id))
        for explained in explanation.agents
        if explained.agent.id in listed
    ]
    told = [(agent_id, route) for agent_id, route in routes if route is not None]
    if told:
        yield "  each comes in where the criteria alone says:"
        yield "    agents:"
        yield from (f"      {agent_id}: {route}" for agent_id, route in told)


def _route(explanation: Explanation, agent_id: str) -> str | None:
    """Say which step is the first to let an agent in; None where that cannot be told."""
    for step in explanation.steps:
        if agent_id in step.matching:
            return f"{{joins at step: {step.phase.number}}}"
        if agent_id in step.unknown:
            return None
    return "falls back"


# ---------------------------------------------------------------------------- what it lacks


def _left_out(contact: Contact) -> Iterator[str]:
    steps = [step for criteria in contact.all_criteria for step in criteria.steps]
    unknown = sum(
        map(
            len,
            (
                *(criteria.extra for criteria in contact.all_criteria),
                *(step.extra for step in steps),
                *(step.expiry.extra for step in steps if step.expiry is not None),
            ),
        )
    )
    if unknown:
        yield f"left out: {unknown} members that this version does not know"
    opaque = sum(isinstance(part, Opaque) for step in steps for part, _, _ in leaves(step.expression))
    if opaque:
        yield f"kept as they stood: {opaque} conditions that this version does not understand; look at them"


def _differences(before: Explanation, after: Explanation, names: Pseudonyms) -> Iterator[str]:
    """Say what the redacted explanation tells otherwise; nothing, if all is well."""
    if _told(before, names) != _told(after, None):
        yield "the redacted files are explained otherwise than the contact itself: compare the two"


def _told(explanation: Explanation, names: Pseudonyms | None) -> tuple[object, ...]:
    def ids(found: Iterable[str]) -> list[str]:
        return [agent_id if names is None else names.agent(agent_id) for agent_id in found]

    path = explanation.path
    return (
        (path.kind, path.step, ids([] if path.agent_id is None else [path.agent_id])),
        [
            (step.phase.outcome, ids(step.matching), ids(step.not_matching), ids(step.unknown))
            for step in explanation.steps
        ],
        [
            (ids([explained.agent.id]), [step.verdict for step in explained.steps])
            for explained in explanation.agents
        ],
    )
