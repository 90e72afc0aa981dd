"""`explain`: which step expired or joined, and why."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from routing_inspect import files
from routing_inspect.cli import options, printing
from routing_inspect.document import dumps

if TYPE_CHECKING:
    from routing_inspect.contact import Contact, Roster
    from routing_inspect.explanation import Explanation
    from routing_inspect.findings import Finding


@click.command()
@click.argument("contact")
@click.option("--roster", "roster_file", type=click.Path(), help="The agents to ask about, a JSON file.")
@click.option("--agent", "agents", multiple=True, help="Why this agent, or why not: a user id or a username.")
@click.option(
    "--now", help="When a waiting contact is looked at, in ISO 8601. [default: the time of fetching]"
)
@options.action
@options.form
@options.output
@options.verbose
@options.aws_options
def explain(contact: str, agents: tuple[str, ...], **given: Any) -> int:
    """
    Say which step expired or joined, and why.

    CONTACT is a contact id (with --instance-id), a JSON file, or - for standard input.
    A finding's id, such as RI402, prints what that finding means.
    """
    if re.fullmatch(r"RI\d{3}", contact):
        return _explain_finding(contact, given["form"], given["output"])
    from routing_inspect.explain import explain as explain_contact

    if contact == given["roster_file"] == "-":
        raise options.usage_error("standard input can be the contact or the roster, not both")
    now = None if given["now"] is None else options.time_of(given["now"])
    roster = None if given["roster_file"] is None else files.read_roster(given["roster_file"])
    findings: tuple[Finding, ...] = ()
    if files.is_file(contact):
        found = files.read_contact(contact, action=given["action"])
    else:
        if given["action"] is not None:
            raise options.usage_error(
                "--action chooses among the actions of a flow, and this is a contact id"
            )
        now = now or datetime.now(UTC)
        found, roster, findings = _fetch(contact, roster, agents, now, given)
    explanation = explain_contact(found, roster, now, agents=agents or None, findings=findings)
    printing.print_explanation(explanation, given["form"], given["output"], verbose=given["verbose"])
    return _explain_code(explanation, agents)


def _explain_finding(finding: str, form: str, output: str | None) -> int:
    from routing_inspect.findings import CATALOGUE

    if finding not in CATALOGUE:
        raise click.BadParameter(f"there is no finding {finding}; there are {', '.join(CATALOGUE)}")
    entry = CATALOGUE[finding]
    if form == "json":
        fields = {"id": finding, "severity": entry.severity, "title": entry.title, "text": entry.text}
        files.write(dumps(fields) + "\n", output)
    else:
        text = click.wrap_text(entry.text, 80)
        files.write(f"{finding} ({entry.severity}): {entry.title}\n\n{text}\n", output)
    return 0


def _fetch(
    contact_id: str, roster: Roster | None, agents: tuple[str, ...], now: datetime, given: dict[str, Any]
) -> tuple[Contact, Roster | None, tuple[Finding, ...]]:
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
    return contact, roster, (*refused, *more, *aws.model_findings(client))


def _explain_code(explanation: Explanation, agents: tuple[str, ...]) -> int:
    """Give 1 if an agent asked about could not have been offered the contact, 4 if that cannot be told."""
    from routing_inspect.evaluate import Verdict

    verdicts = {explanation.eligible(name) for name in agents}
    if Verdict.NO_MATCH in verdicts:
        return 1
    unclear = explanation.path.kind in {"undetermined", "contradiction"}
    return 4 if unclear or Verdict.UNKNOWN in verdicts else 0
