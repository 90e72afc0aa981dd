"""What of a stream concerns one contact: kept small, and the same in whatever order the records come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from attrs import field, frozen

from routing_inspect.arguments import misused, require
from routing_inspect.contact import Contact, Snapshot
from routing_inspect.document import JSON, canonical
from routing_inspect.envelope import contact_node
from routing_inspect.errors import DocumentError
from routing_inspect.history.records import (
    SNAPSHOTS,
    AgentEvent,
    Sighting,
    View,
    agent_key,
    contact_id,
    kind_of,
    read_agent_event,
    read_view,
    username_of,
)
from routing_inspect.history.streams import Found, Piece, records
from routing_inspect.wire import read_time

LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
# Snapshots of an agent beyond those of the time asked about are thrown away by and by.
_MANY: Final = 64


@frozen(kw_only=True)
class Counts:
    """
    How many records there were, and of which kind.

    Attributes:
        kept: About the contact, or of an agent at its time.
        others: About other contacts.
        foreign: Of another Amazon Connect instance.
        unknown: Of no kind known here.
        unreadable: That could not be read; *first* names the first of them.
        cut: The places where a file ends in the midst of a record.
    """

    records: int = 0
    kept: int = 0
    others: int = 0
    foreign: int = 0
    unknown: int = 0
    unreadable: int = 0
    first: str | None = None
    cut: tuple[str, ...] = ()


@frozen(kw_only=True)
class History:
    """
    What records tell of a contact and of the agents at its time.

    Two histories are equal where they tell the same, however often and in whatever order it was said.

    Attributes:
        contact_id: Whom it is about; None: no contact was named.
        views: What each document said of the contact, oldest first.
        sightings: In whose hands the contact was seen, oldest first.
        snapshots: What is known of each agent, by id, oldest first.
        usernames: By agent id.
        instance_id: The Amazon Connect instance that the records about the contact are of; None: unknown.
        counts: How many records there were. Not compared.
    """

    contact_id: str | None = None
    views: tuple[View, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    snapshots: Mapping[str, tuple[Snapshot, ...]] = field(factory=dict, hash=False)
    usernames: Mapping[str, str] = field(factory=dict, hash=False)
    instance_id: str | None = None
    counts: Counts = field(factory=Counts, eq=False)


def read_events(lines: Iterable[str], contact: Contact | str) -> History:
    """
    Read what a stream of records tells of a contact.

    Args:
        lines: JSON lines, or any other pieces of text that are one stream: records may go over
            several lines, stand end to end, or be batches of Kinesis.
        contact: The contact as its document has it, or its id alone. Where its times are known,
            only what agents were around them is kept.

    Returns:
        What concerns the contact. What cannot be read is counted, and never ends the reading.

    Raises:
        TypeError: *lines* are no pieces of text, or *contact* is no contact.
    """
    if isinstance(lines, str | bytes) or not isinstance(lines, Iterable):
        raise TypeError("`lines` takes an iterable of lines: `text.splitlines()`, or an open file")
    return gather((("the events", number, _text(line)) for number, line in enumerate(lines, 1)), contact)


def _text(line: object) -> str:
    if not isinstance(line, str):
        raise misused("lines", line, "text")
    return line


def gather(pieces: Iterable[Piece], contact: Contact | str) -> History:
    """As `read_events`, from pieces of files that know where they stand."""
    some = Contact(id=contact) if isinstance(contact, str) else contact
    require("contact", some, Contact)
    reading = _Reading(some)
    for found in records(pieces):
        reading.take(found)
    return reading.history()


def gather_documents(pieces: Iterable[Piece], contact_id: str) -> History:
    """As `gather`, without the agents."""
    reading = _Reading(Contact(id=contact_id))
    for found in records(pieces):
        if found.problem is None and kind_of(found.value) == "contact":
            reading.take(found)
    return reading.history()


class _Reading:
    """What has been kept of a stream so far."""

    def __init__(self, contact: Contact) -> None:
        self.contact = contact
        self.since, self.until = _times(contact)
        self.read: dict[tuple[datetime, str, str], View] = {}
        self.agents: dict[tuple[str | None, str], set[tuple[datetime, str, Snapshot]]] = {}
        # Of each agent the last whole event before the contact's time, and the first after it.
        self.nearest: dict[tuple[str | None, str], tuple[datetime | None, datetime | None]] = {}
        self.sightings: set[tuple[str | None, Sighting]] = set()
        self.usernames: dict[str, tuple[datetime, str]] = {}
        self.instances: Counter[str | None] = Counter()
        self.numbers: Counter[str] = Counter()
        self.first: str | None = None
        self.cut: list[str] = []

    def take(self, found: Found) -> None:
        """Keep of one record what concerns the contact."""
        place = f"{found.file}, line {found.line}"
        if found.problem == "cut":
            self.cut.append(place)
            return
        self.numbers["records"] += 1
        kind = None if found.problem is not None else kind_of(found.value)
        try:
            if found.problem is not None:
                self._unreadable(place)
            elif kind is None:
                self.numbers["unknown"] += 1
            elif kind == "agent":
                self._take_agent(found.value, found.text)
            else:
                self._take_document(found.value, found.text)
        except DocumentError as error:
            # Of what is wrong only the place is told: a record holds what customers said and who they are.
            self._unreadable(f"{place}, at {error.problems[0].path}")

    def _unreadable(self, place: str) -> None:
        self.numbers["unreadable"] += 1
        self.first = self.first or place

    def _take_document(self, value: Mapping[str, JSON], text: str) -> None:
        if contact_id(value) != self.contact.id:
            self.numbers["others"] += 1
            return
        view = read_view(text)
        key = (view.at or LONG_AGO, view.source, canonical(contact_node(view.contact)))
        self.read[key] = view
        self.instances[view.contact.instance_id] += 1

    def _take_agent(self, value: Mapping[str, JSON], text: str) -> None:
        key, at = agent_key(value), read_time(value.get("EventTimestamp"), "$", [])
        username = username_of(value)
        if at is not None and username is not None:
            self.usernames[key[1]] = max((at, username), self.usernames.get(key[1], (at, username)))
        is_whole = all(isinstance(value.get(name), dict) for name in SNAPSHOTS)
        if at is not None and is_whole and self._is_far(key, at) and str(self.contact.id) not in text:
            # Most of a long stream is such; it need not be read any further.
            self.instances[key[0]] += 1
            return
        self._keep(read_agent_event(text))
        if at is not None and is_whole:
            self._narrow(key, at)

    def _is_far(self, key: tuple[str | None, str], at: datetime) -> bool:
        """Say whether an event is beyond those next to the contact's time on either side."""
        before, after = self.nearest.get(key, (None, None))
        return (before is not None and at < before) or (after is not None and at > after)

    def _narrow(self, key: tuple[str | None, str], at: datetime) -> None:
        before, after = self.nearest.get(key, (None, None))
        if self.since is not None and at <= self.since:
            before = max(at, before or at)
        if self.until is not None and at > self.until:
            after = min(at, after or at)
        self.nearest[key] = (before, after)

    def _keep(self, event: AgentEvent) -> None:
        self.instances[event.instance_id] += 1
        for sighting in event.sightings:
            if sighting.contact_id == self.contact.id:
                self.sightings.add((event.instance_id, sighting))
        kept = self.agents.setdefault((event.instance_id, event.agent_id), set())
        kept.update((snapshot.at, _spelled(snapshot), snapshot) for snapshot in event.snapshots)
        if len(kept) > _MANY:
            self._prune(kept)

    def _prune(self, kept: set[tuple[datetime, str, Snapshot]]) -> None:
        """Leave what is of the contact's time, the last before it and the first after it."""
        for previous in (False, True):
            times = {at for at, _, snapshot in kept if snapshot.previous is previous}
            before = max((at for at in times if self.since is not None and at <= self.since), default=None)
            after = min((at for at in times if self.until is not None and at > self.until), default=None)
            far = {
                at
                for at in times
                if (before is not None and at < before) or (after is not None and at > after)
            }
            kept -= {one for one in kept if one[2].previous is previous and one[0] in far}

    def history(self) -> History:
        """Give what was kept, without what is of another instance than the contact."""
        own = self._instance()
        views = {
            key: view for key, view in self.read.items() if own in {None, view.contact.instance_id or own}
        }
        by_agent: dict[str, set[tuple[datetime, str, Snapshot]]] = {}
        for (instance, agent_id), found in self.agents.items():
            if own in {None, instance or own}:
                by_agent.setdefault(agent_id, set()).update(found)
        for found in by_agent.values():
            self._prune(found)
        snapshots = {
            agent_id: tuple(one[2] for one in sorted(by_agent[agent_id], key=lambda one: one[:2]))
            for agent_id in sorted(by_agent)
        }
        sightings = {one for instance, one in self.sightings if own in {None, instance or own}}
        foreign = sum(n for name, n in self.instances.items() if own is not None and name not in {None, own})
        kept = sum(self.instances.values()) - foreign
        return History(
            contact_id=self.contact.id,
            views=tuple(views[key] for key in sorted(views)),
            sightings=tuple(sorted(sightings, key=lambda one: (one.at, one.agent_id, one.state, repr(one)))),
            snapshots=snapshots,
            usernames={one: self.usernames[one][1] for one in snapshots if one in self.usernames},
            instance_id=own,
            counts=Counts(**self.numbers, kept=kept, foreign=foreign, first=self.first, cut=tuple(self.cut)),
        )

    def _instance(self) -> str | None:
        """Say which instance the contact is of: as its document says, or as most records about it do."""
        if self.contact.instance_id is not None:
            return self.contact.instance_id
        told = Counter(view.contact.instance_id for view in self.read.values())
        return max(
            (name for name in told if name is not None), key=lambda name: (told[name], name), default=None
        )


def _spelled(snapshot: Snapshot) -> str:
    """Write a snapshot so that two which say the same come out equal."""
    levels = (
        None
        if snapshot.proficiencies is None
        else sorted((one.name, one.value, level) for one, level in snapshot.proficiencies.items())
    )
    slots = None if snapshot.slots is None else sorted(snapshot.slots.items())
    doing = (snapshot.routable, snapshot.status, slots, snapshot.signed_out)
    return repr((snapshot.previous, levels, snapshot.queue_ids, *doing))


def _times(contact: Contact) -> tuple[datetime | None, datetime | None]:
    """Give the time in which what agents were like matters: from the contact's beginning to its end."""
    activated_at = None if contact.criteria is None else contact.criteria.activated_at
    # A criteria that replaced another was activated later than the one that it replaced.
    first = () if contact.enqueued_at or contact.initiated_at else (activated_at,)
    starts = [time for time in (contact.enqueued_at, contact.initiated_at, *first) if time is not None]
    ends = (contact.disconnected_at, contact.connected_at)
    return min(starts, default=None), max((time for time in ends if time is not None), default=None)
