"""`demo`: fetch a contact over HTTP from a local endpoint and explain it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

import click

from routing_inspect.cli import options, printing

# Where the clock of the demo stands, so that its output is the same on every day.
_NOW: Final = datetime(2026, 11, 17, 2, 20, tzinfo=UTC)


@click.command()
@options.form
@options.verbose
def demo(form: str, verbose: bool) -> int:
    """Fetch a contact over HTTP from a local endpoint and explain it; no AWS account is needed."""
    from routing_inspect import aws
    from routing_inspect.explain import explain as explain_contact
    from routing_inspect.resources import read_resource
    from routing_inspect.sandbox import Sandbox

    scenario = json.loads(read_resource("examples/demo.json"))
    with Sandbox(scenario) as sandbox:
        click.echo(f"fetching over HTTP from a local stand-in for Amazon Connect, {sandbox.url}", err=True)
        client = aws.connect_locally(sandbox.url)
        instance_id = scenario["instance_id"]
        contact = aws.describe_contact(
            client, instance_id=instance_id, contact_id=scenario["contacts"][0]["Id"]
        )
        agent_ids = [user["Id"] for user in scenario["users"]]
        roster, findings = aws.fetch_agents(client, instance_id=instance_id, agent_ids=agent_ids, now=_NOW)
    explanation = explain_contact(contact, roster, _NOW, findings=findings)
    printing.print_explanation(explanation, form, None, verbose=verbose)
    return 0
