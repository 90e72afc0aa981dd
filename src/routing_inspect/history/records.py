"""
What one record tells: a contact's document, or an agent at one instant.

Of a record only what routing hangs on is taken: no name, number, endpoint or attribute of a customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve, frozen

from routing_inspect import forms
from routing_inspect.contact import Contact, Snapshot, user_id
from routing_inspect.document import JSON, loads
from routing_inspect.envelope import describes_contact
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.roster import read_proficiencies
from routing_inspect.wire import read_time

CONTACT_EVENT: Final = "Amazon Connect Contact Event"
SNAPSHOTS: Final = ("PreviousAgentSnapshot", "CurrentAgentSnapshot")
_NAMES: Final = ("ContactId", "contactId", "contact_id", "Id", "id")


@frozen(kw_only=True)
class Sighting:
    """The state of a contact in an agent's hands: ``CONNECTING``, ``MISSED`` and so on, and since when."""

    contact_id: str
    agent_id: str
    state: str
    at: datetime
    connected_at: datetime | None = None
    enqueued_at: datetime | None = None


@frozen(kw_only=True)
class AgentEvent:
    """What one record of the agent event stream tells."""

    agent_id: str
    instance_id: str | None
    snapshots: tuple[Snapshot, ...]
    sightings: tuple[Sighting, ...]


@frozen(kw_only=True)
class View:
    """
    What one document said of the contact, at the time it was made.

    Attributes:
        at: None where the document does not say.
        source: What kind of document it was: ``contact event``.
    """

    contact: Contact
    at: datetime | None
    source: str


def kind_of(value: Mapping[str, Any]) -> str | None:
    """Say what a record is: ``agent``, ``contact``, or None where it is neither."""
    if isinstance(value.get("AgentARN"), str):
        return "agent"
    # A list or an object in its place cannot be looked up in a set.
    if value.get("detail-type") is not None and value["detail-type"] != CONTACT_EVENT:
        return None
    return None if contact_id(value) is None else "contact"


def contact_id(value: Mapping[str, Any]) -> str | None:
    """Give the id of the contact that a record is about; None where it is about none."""
    inner = next((value[name] for name in ("detail", "Contact") if name in value), value)
    if not isinstance(inner, dict):
        return None
    found = next((inner[name] for name in _NAMES if isinstance(inner.get(name), str)), None)
    # Any JSON may have an `id`; a document of a contact that has no other name for it says more.
    is_contact = "Contact" in value or not {"Id", "id"} & inner.keys() or describes_contact(inner)
    return found if is_contact else None


def read_view(text: str) -> View:
    """
    Read a document of a contact.

    Raises:
        DocumentError: Something in it cannot be read.
    """
    value = loads(text.encode("utf-8", "surrogateescape"))
    contact = forms.read(value)
    problems: list[Problem] = []
    given = value.get("time")
    at = contact.last_updated_at if given is None else read_time(given, "$.time", problems)
    if problems:
        raise DocumentError(tuple(problems))
    return View(contact=contact, at=at, source=contact.source)


def read_agent_event(text: str) -> AgentEvent:
    """
    Read a record of the agent event stream.

    Raises:
        DocumentError: Something in it cannot be read.
    """
    value = loads(text.encode("utf-8", "surrogateescape"))
    problems: list[Problem] = []
    at = read_time(value.get("EventTimestamp"), "$.EventTimestamp", problems)
    instance_id, agent_id = agent_key(value)
    snapshots: list[Snapshot] = []
    sightings: list[Sighting] = []
    for name in SNAPSHOTS:
        node = value.get(name)
        if at is not None and isinstance(node, dict):
            previous = name.startswith("Previous")
            snapshots.append(_snapshot(node, f"$.{name}", at, problems, previous=previous))
            sightings += _sightings(node, f"$.{name}", at, agent_id, problems)
    if problems:
        raise DocumentError(tuple(problems))
    if value.get("EventType") == "LOGOUT" and snapshots and not snapshots[-1].previous:
        snapshots[-1] = evolve(snapshots[-1], routable=False, signed_out=True)
    return AgentEvent(
        agent_id=agent_id,
        instance_id=instance_id,
        snapshots=tuple(snapshots),
        sightings=tuple(sightings),
    )


def agent_key(value: Mapping[str, Any]) -> tuple[str | None, str]:
    """Give the instance, where it is told, and the agent of a record of the agent event stream."""
    arn = str(value["AgentARN"])
    own, is_arn, _ = arn.partition("/agent/")
    instance = value.get("InstanceARN") or (own if is_arn else "")
    return str(instance).rpartition("/")[2] or None, user_id(arn)


def username_of(value: Mapping[str, Any]) -> str | None:
    """Give the agent's username as a record of the agent event stream has it."""
    names = [
        _object(_object(value.get(name)).get("Configuration")).get("Username") for name in reversed(SNAPSHOTS)
    ]
    return next((name for name in names if isinstance(name, str)), None)


def _object(value: JSON) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def _snapshot(
    node: Mapping[str, Any], path: str, at: datetime, problems: list[Problem], *, previous: bool
) -> Snapshot:
    configuration = _object(node.get("Configuration"))
    profile = _object(configuration.get("RoutingProfile"))
    levels = None
    if configuration.get("Proficiencies") is not None:
        place = f"{path}.Configuration.Proficiencies"
        levels = read_proficiencies(configuration["Proficiencies"], place, problems)
    queue_ids = None
    if isinstance(profile.get("InboundQueues"), list):
        arns = [_object(queue).get("ARN") for queue in profile["InboundQueues"]]
        queue_ids = tuple(sorted(_tail(arn) for arn in arns if isinstance(arn, str)))
    routable, signed_out = _routable(node)
    return Snapshot(
        at=at,
        proficiencies=levels,
        queue_ids=queue_ids,
        routable=routable,
        status=_status_text(node),
        slots=_slots(profile.get("Concurrency")),
        signed_out=signed_out,
        previous=previous,
    )


def _tail(arn: str) -> str:
    return arn.rpartition("/")[2]


def _routable(node: Mapping[str, Any]) -> tuple[bool | None, bool]:
    """Say whether contacts were routed to the agent, and whether the agent was offline."""
    status = _object(node.get("AgentStatus"))
    kind, name = status.get("Type"), status.get("Name")
    if not isinstance(kind, str) and not isinstance(name, str):
        return None, False
    # Older streams have no type; then the service's own status of that name is the one that is routed to.
    routable = kind == "ROUTABLE" if isinstance(kind, str) else name == "Available"
    offline = kind == "OFFLINE" or (not isinstance(kind, str) and name == "Offline")
    # A status chosen to come next keeps new contacts away at once.
    return routable and not _object(node.get("NextAgentStatus")), offline


def _status_text(node: Mapping[str, Any]) -> str | None:
    """Say what an agent's status is called, and which one was chosen to follow it."""
    names = [_object(node.get(name)).get("Name") for name in ("AgentStatus", "NextAgentStatus")]
    return ", then ".join(name for name in names if isinstance(name, str)) or None


def _slots(value: JSON) -> dict[str, int] | None:
    rows = [_object(row) for row in _list(value)]
    slots = {
        row["Channel"]: row["AvailableSlots"]
        for row in rows
        if isinstance(row.get("Channel"), str) and type(row.get("AvailableSlots")) is int
    }
    return slots or None


def _sightings(
    node: Mapping[str, Any], path: str, at: datetime, agent_id: str, problems: list[Problem]
) -> list[Sighting]:
    found = []
    for i, row in enumerate(map(_object, _list(node.get("Contacts")))):
        place = f"{path}.Contacts[{i}]"
        if not isinstance(row.get("ContactId"), str) or not isinstance(row.get("State"), str):
            continue
        times = {
            name: None if row.get(name) is None else read_time(row[name], f"{place}.{name}", problems)
            for name in ("StateStartTimestamp", "ConnectedToAgentTimestamp", "QueueTimestamp")
        }
        found.append(
            Sighting(
                contact_id=row["ContactId"],
                agent_id=agent_id,
                state=row["State"],
                at=times["StateStartTimestamp"] or at,
                connected_at=times["ConnectedToAgentTimestamp"],
                enqueued_at=times["QueueTimestamp"],
            )
        )
    return found
