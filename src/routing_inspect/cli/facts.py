"""The facts that an explanation needs, from files or from Amazon Connect."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from routing_inspect import files
from routing_inspect.cli import options
from routing_inspect.contact import Contact
from routing_inspect.errors import ServiceError
from routing_inspect.visible import visible

if TYPE_CHECKING:
    from routing_inspect.contact import Roster
    from routing_inspect.findings import Finding


@frozen
class Facts:
    """
    What `routing_inspect.explain` is given.

    Attributes:
        roster: None where nobody is known.
        now: None: no time is told against what a file says.
        findings: What could not be fetched.
        client: What it was fetched with; None for files.
    """

    contact: Contact
    roster: Roster | None
    now: datetime | None
    findings: tuple[Finding, ...] = ()
    client: Any = None


def gather(contact: str, agents: tuple[str, ...], given: dict[str, Any]) -> Facts:
    """
    Read a contact out of a file, or fetch it, and the agents that go with it.

    Args:
        contact: A file, ``-`` or a contact id.
        agents: Who is asked about.
        given: The options by name: ``roster_file``, ``now``, perhaps ``action``, and those of
            `options.aws_options`; perhaps ``events``, of which `files.read_stream` reads.
    """
    events: tuple[str, ...] = given.get("events", ())
    if [contact, given["roster_file"], *events].count("-") > 1:
        raise options.usage_error("standard input can be one of the contact, the roster and the events")
    now = None if given["now"] is None else options.time_of(given["now"])
    roster = None if given["roster_file"] is None else files.read_roster(given["roster_file"])
    action = given.get("action")
    if given.get("live") and now is not None:
        raise options.usage_error("--live is about this moment: leave --now out")
    if files.is_file(contact):
        facts = Facts(files.read_contact(contact, action=action), roster, now)
    elif action is not None:
        raise options.usage_error("--action chooses among the actions of a flow, and this is a contact id")
    elif events and given["instance_id"] is None:
        facts = Facts(_from_events(contact, events), roster, now)
    else:
        try:
            facts = _fetch(contact, roster, agents, now or options.clock(), given)
        except ServiceError as error:
            facts = _instead(error, contact, events, given, Facts(Contact(), roster, now))
    return _with_events(facts, events, agents, given) if events else facts


def _from_events(contact_id: str, events: tuple[str, ...]) -> Contact:
    """Put a contact together from its records alone."""
    from routing_inspect.history import find_contact

    if "-" in events:
        raise options.usage_error("a contact that is in the events alone is read twice: give them as files")
    found = find_contact(files.read_stream(events), contact_id)
    if found is None:
        raise options.usage_error(
            f"no record of --events is about the contact {visible(contact_id)}; to ask Amazon Connect, "
            "give --instance-id (or ROUTING_INSPECT_INSTANCE_ID)"
        )
    return found


def _instead(
    error: ServiceError, contact_id: str, events: tuple[str, ...], given: dict[str, Any], known: Facts
) -> Facts:
    """
    Put a contact that Amazon Connect does not tell together from its records.

    Raises:
        ServiceError: No record is about it, or nothing but the service can say what is asked.
    """
    from routing_inspect.findings import Finding
    from routing_inspect.history import find_contact

    if not events or "-" in events or given.get("live"):
        raise error
    found = find_contact(files.read_stream(events), contact_id)
    if found is None:
        raise error
    message = f"Amazon Connect does not tell the contact, its records do: {error.message}"
    refused = Finding("RI606", message, error.hint, error.operation or "DescribeContact")
    return evolve(known, contact=found, findings=(refused,))


def _with_events(
    facts: Facts, events: tuple[str, ...], agents: tuple[str, ...], given: dict[str, Any]
) -> Facts:
    """Put what the customer's own records tell beside the facts."""
    from routing_inspect import history

    instance_id = facts.contact.instance_id or given["instance_id"]
    asked = evolve(facts.contact, instance_id=instance_id)
    told = history.gather(files.read_stream(events), asked)
    # Without a roster of the user's own, everybody whom the events show is asked about.
    wanted = (*agents, *(told.snapshots if given["roster_file"] is None else ()))
    contact, roster, findings = history.enrich(asked, facts.roster, told, facts.now, agents=wanted)
    return evolve(facts, contact=contact, roster=roster, findings=(*facts.findings, *findings))


def _fetch(
    contact_id: str, roster: Roster | None, agents: tuple[str, ...], now: datetime, given: dict[str, Any]
) -> Facts:
    """Fetch a contact, who took it and who is asked about, as far as the roster has not got them."""
    from routing_inspect import aws

    instance_id = options.instance_of(given)
    client = options.client_of(given)
    asked: dict[str, Any] = {"instance_id": instance_id, "now": now}
    contact = aws.describe_contact(client, instance_id=instance_id, contact_id=contact_id)
    contact = evolve(contact, fetched_at=options.clock())
    taker = [contact.agent_id] if contact.agent_id is not None else []
    roster, refused = aws.extend_roster(client, roster, names=taker, **asked)
    # The agent who took the contact may be the one asked about, by name.
    roster, more = aws.extend_roster(client, roster, names=agents, **asked)
    return Facts(contact, roster, now, (*refused, *more, *aws.model_findings(client)), client)
