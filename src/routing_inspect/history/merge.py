"""
A contact's document and its history put together, and where the two do not fit.

The contact's own document counts before any record; a record fills in what it leaves open.
Of several documents of one criteria the step that got furthest is the later truth, whenever its
event arrived: events come late, twice and out of order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final, TypeAlias

from attrs import evolve

from routing_inspect.contact import Agent, Contact, Criteria, Expiry, Offer, Roster, Snapshot, Step, user_id
from routing_inspect.envelope import in_order
from routing_inspect.expr import Attribute
from routing_inspect.findings import Finding
from routing_inspect.history.events import LONG_AGO, Counts, History, gather_documents
from routing_inspect.history.records import Sighting, View
from routing_inspect.history.streams import Piece
from routing_inspect.moments import SOURCE, as_of, levels_shown
from routing_inspect.places import asked_attributes
from routing_inspect.text import attribute_text, level_text
from routing_inspect.timeline import seconds_text
from routing_inspect.visible import visible
from routing_inspect.wire import time_text
from routing_inspect.words import joined

# Contact records and agent events tell whole seconds, so two of them may be this far apart and agree.
TOLERANCE: Final = timedelta(seconds=2)

# How far a step has got; what ended it cannot be undone.
_PROGRESS: Final = {None: 0, "INACTIVE": 1, "ACTIVE": 2}
_ENDED: Final = 3
_FILLED: Final = (
    *("instance_id", "channel", "initiation_method", "initial_id", "previous_id", "related_id"),
    *("association_id", "queue_id", "queue_name", "queue_type", "agent_username", "disconnect_reason"),
    *("initiated_at", "enqueued_at", "connected_at", "accepted_at", "disconnected_at", "last_updated_at"),
)
_TIMES: Final = {
    "enqueued_at": "the contact was queued",
    "connected_at": "an agent was connected",
    "disconnected_at": "the contact ended",
}
_OUTCOMES: Final = {
    "MISSED": "missed",
    "REJECTED": "rejected",
    "ERROR": "failed",
    "CONNECTED": "accepted",
    "CONNECTED_ONHOLD": "accepted",
}
_RINGING: Final = frozenset({"CONNECTING", "INCOMING", "PENDING"})

_Merged: TypeAlias = tuple[Contact, Roster | None, tuple[Finding, ...]]


def enrich(
    contact: Contact,
    roster: Roster | None,
    history: History,
    now: datetime | None = None,
    *,
    agents: Iterable[str] = (),
) -> _Merged:
    """
    Put a contact's document and its history together.

    Args:
        contact: What its own document says; one with an id alone is filled from the records.
        roster: Agents as somebody gave them. Each stays as given where no event tells of the time;
            those whom the contact was offered to or who took it are added where events tell of them.
            None: all agents of the events.
        history: From `read_events`.
        now: When a contact that still waits is looked at.
        agents: Whom else to add to a roster where events tell of them: ids or usernames.

    Returns:
        The contact with all its criteria and offers, the roster as of the time at which the contact
        was taken, ended or is looked at, and what is odd. Give all three to `explain`.
    """
    own = history.instance_id
    views = [
        view
        for view in history.views
        if contact.id == view.contact.id and own in {None, view.contact.instance_id or own}
    ]
    merged = _filled(contact, views)
    criteria, odd = _all_criteria(contact, views)
    merged = evolve(
        merged,
        criteria=criteria[-1] if criteria else contact.criteria,
        earlier=tuple(criteria[:-1]),
        offers=tuple(_offers(history.sightings)),
        source=_sources(contact, views),
    )
    until = merged.connected_at or merged.disconnected_at or now or merged.last_updated_at
    today, then = _roster_then(merged, roster, history, until, tuple(agents))
    findings = (
        *_broken(history.counts),
        *odd,
        *_disagreements(contact, views, history.sightings),
        *_drift(merged, today, then, until),
        *_passed_over(history.counts),
    )
    return merged, then, findings


def find_contact(pieces: Iterable[Piece], contact_id: str) -> Contact | None:
    """
    Put a contact together from its records alone.

    Agents are left to a second reading: before the contact's times are known, all would have to be kept.

    Returns:
        None where no record is about it.
    """
    history = gather_documents(pieces, contact_id)
    found, _, _ = enrich(Contact(id=contact_id), None, history)
    # Whoever puts the same records to it again names them as its source.
    return evolve(found, source="caller") if history.views else None


# ---------------------------------------------------------------------------- the contact


def _filled(contact: Contact, views: Iterable[View]) -> Contact:
    """Fill in what the contact's own document does not say, from the newest record that does."""
    newest = list(reversed(list(views)))
    given: dict[str, Any] = {}
    for name in _FILLED:
        if getattr(contact, name) is None:
            found = [getattr(view.contact, name) for view in newest]
            given[name] = _best([value for value in found if value is not None])
    if contact.agent_id is None:
        given["agent_id"] = next((v.contact.agent_id for v in newest if v.contact.agent_id is not None), None)
    if not contact.next_ids:
        given["next_ids"] = next((v.contact.next_ids for v in newest if v.contact.next_ids), ())
    return evolve(contact, **given)


def _best(told: list[Any]) -> Any:
    """Take the newest value; of an instant told in whole seconds the one near it that is told exactly."""
    if not told:
        return None
    first = told[0]
    if not isinstance(first, datetime) or first.microsecond:
        return first
    return next((one for one in told if one.microsecond and abs(one - first) <= TOLERANCE), first)


def _sources(contact: Contact, views: list[View]) -> str:
    """Say which documents the contact was put together from: ``DescribeContact and 5 contact events``."""
    counts = Counter(view.source for view in views)
    told = [f"{n} {source}s" if n > 1 else f"a {source}" for source, n in sorted(counts.items())]
    own = [] if contact.source == "caller" else [contact.source]
    return joined([*own, *told] or [contact.source])


def _all_criteria(contact: Contact, views: list[View]) -> tuple[list[Criteria], list[Finding]]:
    """Give every criteria that any document shows, oldest first, each as far as it is known to have got."""
    seen = [
        (criteria, view.at or LONG_AGO)
        for view in views
        for criteria in (*view.contact.earlier, view.contact.criteria)
        if criteria is not None
    ]
    # What the contact's own document says is the last word.
    latest = max((at for _, at in seen), default=LONG_AGO)
    seen = [*seen, *((criteria, latest) for criteria in contact.all_criteria)]
    index_of = {
        c.activated_at: c.index for c, _ in seen if c.index is not None and c.activated_at is not None
    }
    groups: dict[tuple[int, datetime], list[Criteria]] = {}
    for criteria, _ in seen:
        activated_at = criteria.activated_at or LONG_AGO
        index = index_of.get(activated_at) if criteria.index is None else criteria.index
        key = (-1, activated_at) if index is None else (index, LONG_AGO)
        groups.setdefault(key, []).append(criteria)
    findings: list[Finding] = []
    return in_order([_one_criteria(groups[key], findings) for key in sorted(groups)]), findings


def _one_criteria(documents: list[Criteria], findings: list[Finding]) -> Criteria:
    """Put the documents of one criteria together; the last of them has the last word."""
    last = documents[-1]
    shape = [step.expression for step in last.steps]
    alike = [one for one in documents if [step.expression for step in one.steps] == shape]
    which = f"criteria {last.index}" if last.index is not None else "the criteria"
    if len(alike) < len(documents):
        message = f"{which} has other steps in {len(documents) - len(alike)} of {len(documents)} documents"
        findings.append(Finding("RI521", message, "the one made last counts", which))
    steps = [
        _one_step([one.steps[i] for one in alike], f"step {i + 1} of {which}", findings)
        for i in range(len(shape))
    ]
    activated = [one.activated_at for one in documents if one.activated_at is not None]
    indices = [one.index for one in documents if one.index is not None]
    return evolve(
        last,
        steps=steps,
        activated_at=activated[-1] if activated else None,
        index=indices[-1] if indices else None,
    )


def _one_step(documents: list[Step], which: str, findings: list[Finding]) -> Step:
    """Put the documents of one step together: the status that got furthest, and what was recorded."""
    last = documents[-1]
    furthest = max(documents, key=lambda step: _PROGRESS.get(step.status, _ENDED))
    ended = [step.status for step in documents if _PROGRESS.get(step.status, _ENDED) == _ENDED]
    if ended:
        furthest = next(step for step in reversed(documents) if step.status == ended[-1])
    if len(set(ended)) > 1:
        statuses = " and ".join(visible(str(status)) for status in sorted(set(map(str, ended))))
        findings.append(Finding("RI521", f"{which} is {statuses}", "the document made last counts", which))
    recorded = [
        step.expiry.at for step in documents if step.expiry is not None and step.expiry.at is not None
    ]
    expiry = last.expiry
    if recorded:
        expiry = evolve(expiry or Expiry(), at=recorded[-1])
        if max(recorded) - min(recorded) > TOLERANCE:
            apart = seconds_text(max(recorded) - min(recorded))
            message = f"two documents differ by {apart} on when {which} expires"
            findings.append(Finding("RI613", message, "the document made last counts", which))
    return evolve(last, status=furthest.status, expiry=expiry)


def _offers(sightings: Iterable[Sighting]) -> Iterator[Offer]:
    """Say whom the contact was offered to, from its states in agents' hands, which are oldest first."""
    by_agent: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        by_agent.setdefault(sighting.agent_id, []).append(sighting)
    offers = [offer for agent_id, rows in by_agent.items() for offer in _offers_to(agent_id, rows)]
    yield from sorted(offers, key=lambda one: (one.offered_at or one.ended_at or LONG_AGO, one.agent_id))


def _offers_to(agent_id: str, rows: list[Sighting]) -> Iterator[Offer]:
    ringing: datetime | None = None
    ended: str | None = None
    for row in rows:
        outcome = _OUTCOMES.get(row.state)
        if row.state in _RINGING:
            ringing, ended = ringing or row.at, None
        elif outcome is not None and outcome != ended:
            yield Offer(
                agent_id=agent_id, outcome=outcome, offered_at=ringing, ended_at=row.at, source=SOURCE
            )
            ringing, ended = None, outcome
    if ringing is not None:
        yield Offer(agent_id=agent_id, outcome="ringing", offered_at=ringing, source=SOURCE)


# ---------------------------------------------------------------------------- the agents


def _roster_then(
    contact: Contact, roster: Roster | None, history: History, until: datetime | None, asked: tuple[str, ...]
) -> tuple[dict[str, Agent], Roster | None]:
    """Give the agents as they were given, by id, and the roster as of the time asked about."""
    today = {} if roster is None else {agent.id: agent for agent in roster.agents}
    offered = [offer.agent_id for offer in contact.offers]
    taker = [] if contact.agent_id is None else [user_id(contact.agent_id)]
    named = [one for one in history.snapshots if {one, history.usernames.get(one)} & set(map(user_id, asked))]
    wanted = history.snapshots if roster is None else dict.fromkeys([*taker, *offered, *named])
    agents = dict(today)
    for agent_id in wanted:
        if agent_id in history.snapshots:
            agents.setdefault(agent_id, Agent(id=agent_id))
    if roster is None and not agents:
        return today, None
    given = roster or Roster(source=SOURCE)
    then = [_agent_then(agent, history, until, given.as_of) for agent in agents.values()]
    return today, evolve(given, agents=then)


def _agent_then(agent: Agent, history: History, until: datetime | None, given_at: datetime | None) -> Agent:
    seen: tuple[Snapshot, ...] = history.snapshots.get(agent.id, ())
    if not seen:
        return agent
    username = agent.username or history.usernames.get(agent.id)
    source = SOURCE if agent.proficiencies is None else agent.source
    time = agent.as_of or given_at
    return as_of(evolve(agent, seen=seen, username=username, source=source, as_of=time), None, until)


def _drift(
    contact: Contact, today: dict[str, Agent], then: Roster | None, until: datetime | None
) -> Iterator[Finding]:
    """Say whose proficiencies the criteria asks about are others in the events than they were given."""
    asked = dict.fromkeys(_attributes(contact))
    for agent in () if then is None else then.agents:
        given = today.get(agent.id)
        told = None if until is None else levels_shown(agent.seen, until)
        if given is None or given.proficiencies is None or told is None:
            continue
        levels, seen_at = told
        roster_at = given.as_of or (None if then is None else then.as_of)
        in_events, in_roster = "then", "now"
        # What is later than the roster, or too far from the contact to count, is no `then`.
        if agent.source != SOURCE or (roster_at is not None and roster_at < seen_at):
            in_events = f"in an event of {time_text(seen_at)}"
            in_roster = f"in the roster{'' if roster_at is None else f' of {time_text(roster_at)}'}"
        changes = [
            f"{attribute_text(one)} {_level(levels.get(one))} {in_events}, "
            f"{_level(given.proficiencies.get(one))} {in_roster}"
            for one in asked
            if levels.get(one) != given.proficiencies.get(one)
        ]
        if changes:
            message = f"{visible(agent.name)} had other proficiencies: {'; '.join(changes)}"
            hint = "what held then counts" if agent.source == SOURCE else "the roster counts: it is nearer"
            yield Finding("RI612", message, hint, "evidence")
    yield from _edited_meanwhile(contact, then, asked)


def _edited_meanwhile(
    contact: Contact, then: Roster | None, asked: dict[Attribute, None]
) -> Iterator[Finding]:
    """Say whose proficiencies changed while the contact waited."""
    start = contact.enqueued_at or (None if contact.criteria is None else contact.criteria.activated_at)
    end = contact.connected_at or contact.disconnected_at
    if then is None or start is None or end is None:
        return
    for agent in then.agents:
        told = [s for s in agent.seen if not s.previous and s.proficiencies is not None and s.at <= end]
        around = [*[s for s in told if s.at <= start][-1:], *(s for s in told if s.at > start)]
        for one, (before, after) in ((one, pair) for one in asked for pair in pairwise(around)):
            old, new = (before.proficiencies or {}).get(one), (after.proficiencies or {}).get(one)
            if old != new:
                then_and_later = (
                    f"{_level(old)} at {time_text(before.at)} and {_level(new)} at {time_text(after.at)}"
                )
                name = f"{visible(agent.name)} had {attribute_text(one)}"
                message = f"{name} {then_and_later}, while the contact waited"
                yield Finding("RI614", message, "each step is judged by what held at its end", "evidence")


def _attributes(contact: Contact) -> Iterator[Attribute]:
    for criteria in contact.all_criteria:
        for step in criteria.steps:
            yield from asked_attributes(step.expression)


def _level(level: float | None) -> str:
    return "not held" if level is None else level_text(level)


# ---------------------------------------------------------------------------- what is odd


def _broken(counts: Counts) -> Iterator[Finding]:
    """Say what of the events could not be read."""
    if counts.unreadable:
        message = f"{counts.unreadable} of {counts.records} records could not be read"
        yield Finding("RI611", message, f"the first is {visible(counts.first or '')}", "events")
    for place in counts.cut:
        message = f"{visible(place)}: the file breaks off here"
        yield Finding("RI615", message, "what stands before is used; get the file again", "events")


def _passed_over(counts: Counts) -> Iterator[Finding]:
    """Say how many records were not used, and if none was."""
    passed = (
        (counts.others, "about other contacts"),
        (counts.foreign, "of another instance"),
        (counts.unknown, "of no kind known here"),
    )
    told = [f"{n} {'is' if n == 1 else 'are'} {what}" for n, what in passed if n]
    if told:
        yield Finding("RI616", f"of {counts.records} records {', '.join(told)}", None, "events")
    if not counts.kept:
        hint = "are these the files of that day, and of this instance?"
        yield Finding("RI617", f"none of {counts.records} records tells of this contact", hint, "events")


def _disagreements(contact: Contact, views: list[View], sightings: tuple[Sighting, ...]) -> Iterator[Finding]:
    """Say where two sources differ on what happened when, and on who took the contact."""
    agents = {user_id(v.contact.agent_id) for v in views if v.contact.agent_id is not None}
    agents |= set() if contact.agent_id is None else {user_id(contact.agent_id)}
    if len(agents) > 1:
        names = " and ".join(visible(agent) for agent in sorted(agents))
        hint = "the contact's own document counts"
        yield Finding("RI522", f"the documents name different agents: {names}", hint, "contact")
    for name, what in _TIMES.items():
        told = [(getattr(contact, name), contact.source)]
        told += [(getattr(view.contact, name), f"a {view.source}") for view in views]
        told += [(getattr(one, name, None), "an agent event") for one in sightings]
        yield from _skew([(time, source) for time, source in told if time is not None], what)


def _skew(told: list[tuple[datetime, str]], what: str) -> Iterator[Finding]:
    if not told:
        return
    first, own = told[0]
    time, source = max(told, key=lambda pair: (abs(pair[0] - first), pair))
    if abs(time - first) > TOLERANCE:
        side = "later" if time > first else "earlier"
        message = f"{source} has it that {what} {seconds_text(abs(time - first))} {side} than {own} has it"
        yield Finding("RI613", message, "clocks that differ, or two documents of different moments", "events")
