"""The facts that an explanation needs, from files or from Amazon Connect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from routing_inspect import files
from routing_inspect.cli import options

if TYPE_CHECKING:
    from routing_inspect.contact import Contact, Roster
    from routing_inspect.findings import Finding


@frozen
class Facts:
    """
    What `routing_inspect.explain` is given.

    Attributes:
        roster: None where nobody is known.
        now: None: no time is told against what a file says.
        findings: What could not be fetched.
    """

    contact: Contact
    roster: Roster | None
    now: datetime | None
    findings: tuple[Finding, ...] = ()


def gather(contact: str, agents: tuple[str, ...], given: dict[str, Any]) -> Facts:
    """
    Read a contact out of a file, or fetch it, and the agents that go with it.

    Args:
        contact: A file, ``-`` or a contact id.
        agents: Who is asked about.
        given: The options by name: ``roster_file``, ``now``, perhaps ``action``, and those of
            `options.aws_options`.
    """
    if contact == given["roster_file"] == "-":
        raise options.usage_error("standard input can be the contact or the roster, not both")
    now = None if given["now"] is None else options.time_of(given["now"])
    roster = None if given["roster_file"] is None else files.read_roster(given["roster_file"])
    action = given.get("action")
    if files.is_file(contact):
        return Facts(files.read_contact(contact, action=action), roster, now)
    if action is not None:
        raise options.usage_error("--action chooses among the actions of a flow, and this is a contact id")
    return _fetch(contact, roster, agents, now or datetime.now(UTC), given)


def _fetch(
    contact_id: str, roster: Roster | None, agents: tuple[str, ...], now: datetime, given: dict[str, Any]
) -> Facts:
    """Fetch a contact, who took it and who is asked about, as far as the roster has not got them."""
    from routing_inspect import aws

    if given["instance_id"] is None:
        raise options.usage_error("a contact id needs --instance-id (or ROUTING_INSPECT_INSTANCE_ID)")
    client = aws.connect(**{name: given[name] for name in ("profile", "region", "endpoint_url")})
    asked = {"instance_id": given["instance_id"], "now": now}
    contact = aws.describe_contact(client, instance_id=given["instance_id"], contact_id=contact_id)
    taker = [contact.agent_id] if contact.agent_id is not None else []
    roster, refused = aws.extend_roster(client, roster, names=taker, **asked)
    # The agent who took the contact may be the one asked about, by name.
    roster, more = aws.extend_roster(client, roster, names=agents, **asked)
    return Facts(contact, roster, now, (*refused, *more, *aws.model_findings(client)))
