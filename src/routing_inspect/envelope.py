"""
A contact's own facts, wherever a document keeps them: around the criteria, which `wire` reads.

One table says where each fact stands; letter case and underscores do not count, so that one
spelling serves for the API, events, records and data lake rows.
Whatever is not in the table, personal data above all, is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from routing_inspect.contact import Contact, Criteria
from routing_inspect.document import JSON, member_path
from routing_inspect.errors import Problem
from routing_inspect.wire import criteria_node, expected, read_criteria_value, read_text, read_time, time_text

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def read_contact_node(value: JSON, path: str, source: str, problems: list[Problem]) -> Contact:
    """
    Read an object that describes a contact; what cannot be read is appended to *problems*.

    Args:
        value: Plain JSON.
        path: Where it stands in its document.
        source: What kind of document it is, for people.
        problems: Grows by everything that is wrong in *value*.
    """
    if not isinstance(value, dict):
        problems.append(expected("a contact object", value, path))
        return Contact()
    node = _Object(value, path, problems)
    fields = {
        name: reader(found[1], found[0], problems)
        for name, (places, reader) in _FIELDS.items()
        if (found := node.find(*places)) is not None
    }
    queue = node.find(*_FIELDS["queue_id"][0])
    if queue is not None and "/queue/agent/" in str(queue[1]):
        # An agent's own queue: the ARN ends in the agent's user id.
        fields["queue_type"] = "AGENT"
    current, earlier = _criteria_history(node, problems)
    return Contact(
        **fields, criteria=current, earlier=earlier, next_ids=_next_ids(node, problems), source=source
    )


def contact_node(contact: Contact) -> dict[str, JSON]:
    """Write a contact's facts where DescribeContact has them, all others beside them in its style."""
    node: dict[str, JSON] = {}
    for name, (places, _) in _FIELDS.items():
        value = getattr(contact, name)
        if value is not None:
            *outer, last = places[0].split(".")
            inner = node.setdefault(outer[0], {}) if outer else node
            inner[last] = value if isinstance(value, str) else time_text(value)
    if contact.next_ids:
        node["NextContactIds"] = list(contact.next_ids)
    if contact.criteria is not None:
        history = [_criteria_value(criteria) for criteria in (*contact.earlier, contact.criteria)]
        node["RoutingCriteria"] = history if contact.earlier else history[0]
    return node


def describes_contact(value: JSON) -> bool:
    """Say whether *value* is an object with a contact's id and more about it."""
    names = set(map(_fold, value)) if isinstance(value, dict) else set()
    return not names.isdisjoint({"id", "contactid"}) and not names.isdisjoint(_TELLING)


# A description of a contact has at least one of these; a request to change it has none.
_TELLING: Final = frozenset(
    {"channel", "initiationmethod", "initiationtimestamp", "disconnecttimestamp", "queueinfo", "queue"}
)


def _fold(name: str) -> str:
    return name.replace("_", "").casefold()


class _Object:
    """
    An object of a document, its members found by folded name; two of one name are a problem.

    Null counts as absent, and what is no object has no members.
    Every fact is looked for in several places, so what was folded once is kept.
    """

    def __init__(self, value: JSON, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self.members: dict[str, tuple[str, JSON]] = {}
        self.inner: dict[str, _Object] = {}
        for key, member in value.items() if isinstance(value, dict) else ():
            if member is None:
                continue
            folded = _fold(key)
            first, _ = self.members.setdefault(folded, (key, member))
            if first != key and folded in _READ:
                same = f"the same member as {member_path(path, first)}"
                problems.append(Problem(member_path(path, key), same, "keep one of them"))

    def find(self, *places: str) -> tuple[str, JSON] | None:
        """Find the first of *places* that is there, with its path in the document's own words."""
        for place in places:
            outer, last = _way(place)
            inside = self._inside(outer) if outer else self
            if last in inside.members:
                key, member = inside.members[last]
                return member_path(inside.path, key), member
        return None

    def _inside(self, place: str) -> _Object:
        if place not in self.inner:
            path, value = self.find(place) or (self.path, None)
            self.inner[place] = _Object(value, path, self.problems)
        return self.inner[place]


@cache
def _way(place: str) -> tuple[str, str]:
    """Take a place apart: the way to the object it is in, and its name there, both folded."""
    outer, _, last = place.casefold().rpartition(".")
    return outer, last


def _read_id(value: JSON, path: str, problems: list[Problem]) -> str | None:
    """Read an id, or take it from the end of an ARN."""
    text = read_text(value, path, problems)
    return text.rpartition("/")[2] if text is not None and text.startswith("arn:") else text


def _read_instance(value: JSON, path: str, problems: list[Problem]) -> str | None:
    """Read an instance's id, or take it out of an ARN: the instance's own, or one of what is in it."""
    text = read_text(value, path, problems)
    if text is None or not text.startswith("arn:"):
        return text
    found = re.search(r":instance/([^/]+)", text)
    return None if found is None else found[1]


def _read_failure(value: JSON, path: str, problems: list[Problem]) -> str | None:
    """Read how a flow block ended, where it ended in an error."""
    text = read_text(value, path, problems)
    return text if text is not None and "error" in text.casefold() else None


# Where each member of `Contact` stands: first where the library writes it, then where other documents
# have it. Letter case and underscores do not count, so one spelling serves for all.
_FIELDS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[JSON, str, list[Problem]], Any]]]] = {
    "id": (("Id", "ContactId"), _read_id),
    "instance_id": (("InstanceId", "InstanceArn", "Arn", "ContactArn"), _read_instance),
    "channel": (("Channel",), read_text),
    "initiation_method": (("InitiationMethod",), read_text),
    "initial_id": (("InitialContactId",), _read_id),
    "previous_id": (("PreviousContactId",), _read_id),
    "related_id": (("RelatedContactId",), _read_id),
    "association_id": (("ContactAssociationId",), _read_id),
    "queue_id": (("QueueInfo.Id", "QueueInfo.QueueArn", "Queue.Arn", "QueueId"), _read_id),
    "queue_name": (("QueueInfo.Name", "Queue.Name", "QueueName"), read_text),
    "queue_type": (("QueueInfo.QueueType", "Queue.QueueType", "QueueType"), read_text),
    "agent_id": (("AgentInfo.Id", "AgentInfo.AgentArn", "Agent.Arn", "AgentId"), _read_id),
    "agent_username": (("AgentInfo.Username", "Agent.Username", "AgentUsername"), read_text),
    "disconnect_reason": (("DisconnectReason",), read_text),
    "failed_block": (("Results",), _read_failure),
    "initiated_at": (("InitiationTimestamp",), read_time),
    "enqueued_at": (
        ("QueueInfo.EnqueueTimestamp", "Queue.EnqueueTimestamp", "QueueEnqueueTimestamp"),
        read_time,
    ),
    "connected_at": (
        (
            "AgentInfo.ConnectedToAgentTimestamp",
            "Agent.ConnectedToAgentTimestamp",
            "AgentConnectedToAgentTimestamp",
        ),
        read_time,
    ),
    "accepted_at": (
        ("AgentInfo.AcceptedByAgentTimestamp", "Agent.AcceptedByAgentTimestamp"),
        read_time,
    ),
    "disconnected_at": (("DisconnectTimestamp",), read_time),
    "last_updated_at": (("LastUpdateTimestamp",), read_time),
}


# The names under which something is read; of all others two may differ in letter case alone.
_READ: Final = frozenset(
    name for places, _ in _FIELDS.values() for place in places for name in place.casefold().split(".")
) | {"routingcriteria", "nextcontactid", "nextcontactids", "nextcontacts"}


def _next_ids(node: _Object, problems: list[Problem]) -> tuple[str, ...]:
    """Find the contacts this one went on as: a record's NextContactId, DescribeContact's NextContacts."""
    found = [node.find("NextContactId"), *_elements(node, "NextContactIds")]
    found += [
        _Object(entry, path, problems).find("NextContactMetadata.QuickConnectContactData.ContactId")
        for path, entry in _elements(node, "NextContacts")
    ]
    ids = [_read_id(place[1], place[0], problems) for place in found if place is not None]
    return tuple(next_id for next_id in ids if next_id is not None)


def _elements(node: _Object, name: str) -> list[tuple[str, JSON]]:
    path, elements = node.find(name) or ("", None)
    return [(f"{path}[{i}]", e) for i, e in enumerate(elements)] if isinstance(elements, list) else []


def _criteria_history(node: _Object, problems: list[Problem]) -> tuple[Criteria | None, tuple[Criteria, ...]]:
    """
    Read the current criteria and those before it.

    Of a list, the one of the highest Index is the current one; of several of that Index the one
    activated last. One without an Index stands where its activation puts it among the others,
    before all of them where that is not told; and what nothing else decides, the list does.
    """
    place, value = node.find("RoutingCriteria") or ("", [])
    if value == []:
        return None, ()
    if not isinstance(value, list):
        return read_criteria_value(value, place, problems), ()
    history = [read_criteria_value(criteria, f"{place}[{i}]", problems) for i, criteria in enumerate(value)]
    *earlier, current = in_order(history)
    return current, tuple(earlier)


def in_order(history: Sequence[Criteria]) -> list[Criteria]:
    """Put the criteria of one contact in the order in which one replaced the other, the oldest first."""
    undated = [one for one in history if one.index is None and one.activated_at is None]
    dated = [one for one in history if one.index is None and one.activated_at is not None]
    numbered = [(one.index, _since(one), i, one) for i, one in enumerate(history) if one.index is not None]
    ordered = [one for *_, one in sorted(numbered, key=lambda row: row[:3])]
    for criteria in sorted(dated, key=_since):
        later = (i for i, one in enumerate(ordered) if _since(one) > _since(criteria))
        ordered.insert(next(later, len(ordered)), criteria)
    return [*undated, *ordered]


def _since(criteria: Criteria) -> datetime:
    return criteria.activated_at or _LONG_AGO


def _criteria_value(criteria: Criteria) -> JSON:
    return criteria_node(criteria) if criteria.reference is None else criteria.reference
