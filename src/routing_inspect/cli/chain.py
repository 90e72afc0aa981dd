"""`chain`: every segment of a contact, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
from attrs import evolve

from routing_inspect import files
from routing_inspect.cli import options, printing
from routing_inspect.document import dumps
from routing_inspect.errors import ServiceError

if TYPE_CHECKING:
    from routing_inspect.chain import Chain
    from routing_inspect.cli.facts import Facts
    from routing_inspect.explanation import Explanation

# `routing_inspect.aws.chains.SEGMENT_LIMIT`: importing that module for a help text costs too much.
_LIMIT: Final = 50


@click.command()
@click.argument("contacts", metavar="CONTACT...", nargs=-1, required=True)
@click.option("--roster", "roster_file", type=click.Path(), help="The agents by name, a roster file.")
@options.now
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=_LIMIT,
    show_default=True,
    help="The most contacts to ask Amazon Connect for.",
)
@options.form_of("text", "json", "mermaid", "dot")
@options.output
@click.option("--verbose", "-v", is_flag=True, help="Every segment of a long chain, and every finding.")
@options.aws_options
def chain(contacts: tuple[str, ...], **given: Any) -> int:
    """
    Tell every segment of a contact in order: transfers, consults, callbacks.

    CONTACT is a contact id (with --instance-id), whose segments are fetched, or else any number
    of files: a contact each, a JSON list of contacts, a folder of such files, or - for standard
    input.

    Exit status 4: the story cannot be told whole, since a segment is missing, or the order
    cannot be told, since ids lead in a circle.
    """
    if all(map(files.is_file, contacts)):
        found = _read(contacts, given)
    elif len(contacts) > 1:
        raise options.usage_error("give one contact id, or files: the segments of an id are fetched")
    else:
        found = _fetch(contacts[0], given)
    _print(found, given)
    return 0 if found.is_whole else 4


def _read(names: tuple[str, ...], given: dict[str, Any]) -> Chain:
    from routing_inspect.chain import link
    from routing_inspect.explain import explain

    if list(names).count("-") + (given["roster_file"] == "-") > 1:
        raise options.usage_error("standard input can be given once")
    now = None if given["now"] is None else options.time_of(given["now"])
    roster = None if given["roster_file"] is None else files.read_roster(given["roster_file"])
    found = [contact for name in names for contact in files.read_contacts(name)]
    asked = found[0].id if len(found) == 1 else None
    return link(found, lambda contact: explain(contact, roster, now), asked=asked)


def _fetch(contact_id: str, given: dict[str, Any]) -> Chain:
    """Fetch a contact's segments, and the agents who took them as far as the roster has not got them."""
    from routing_inspect import aws
    from routing_inspect.chain import link
    from routing_inspect.explain import explain
    from routing_inspect.findings import Finding

    instance = options.instance_of(given)
    now = options.clock() if given["now"] is None else options.time_of(given["now"])
    roster = None if given["roster_file"] is None else files.read_roster(given["roster_file"])
    client = options.client_of(given)
    walk = aws.fetch_chain(client, instance_id=instance, contact_id=contact_id, limit=given["limit"])
    takers = dict.fromkeys(contact.agent_id for contact in walk.contacts if contact.agent_id is not None)
    try:
        roster, refused = aws.extend_roster(client, roster, instance_id=instance, names=takers, now=now)
    except ServiceError as error:
        # What was fetched stays worth telling; the agents are called by their ids.
        refused = (Finding("RI606", error.message, error.hint, error.operation or "agents"),)
    found = link(
        walk.contacts,
        lambda contact: explain(contact, roster, now),
        asked=walk.contacts[0].id,
        reasons=walk.reasons,
        unvisited=walk.unvisited,
    )
    findings = (*found.findings, *walk.findings, *refused, *aws.model_findings(client))
    return evolve(found, findings=findings)


def _print(found: Chain, given: dict[str, Any]) -> None:
    from routing_inspect.render import chain as drawing
    from routing_inspect.render.diagram import dot, mermaid

    match given["form"]:
        case "json":
            files.write(dumps(found.to_dict()) + "\n", given["output"])
        case "mermaid":
            files.write(mermaid(drawing.diagram(found)), given["output"])
        case "dot":
            files.write(dot(drawing.diagram(found)), given["output"])
        case _:
            printing.print_lines(drawing.lines(found, verbose=given["verbose"]), given["output"])


def chain_of(facts: Facts, contact: str, given: dict[str, Any]) -> tuple[Chain, Facts]:
    """
    Find the chain that an explained contact is a segment of.

    Args:
        facts: What `explain` is about to explain.
        contact: The argument it was given: a file, or a contact id whose segments are fetched.
        given: Its options by name.

    Returns:
        The chain, and the facts, completed by the contacts that were transferred out of this one.
    """
    from routing_inspect.chain import link
    from routing_inspect.explain import explain

    if given["form"] not in {"text", "json"}:
        raise options.usage_error(f"--chain is printed as text or json, not as {given['form']}")
    name = facts.contact.id
    if name is None:
        raise options.usage_error("--chain is about a contact, and this is a criteria alone")
    # What was put together from records, without Amazon Connect, is told with its gaps.
    if files.is_file(contact) or facts.client is None:
        found = link([facts.contact], lambda one: explain(one, facts.roster, facts.now), asked=name)
    else:
        found = _fetch(contact, {**given, "limit": _LIMIT})
    after = [segment.contact.next_ids for segment in found.segments if segment.id == name]
    return found, evolve(facts, contact=evolve(facts.contact, next_ids=after[0]))


def print_with_chain(explanation: Explanation, found: Chain, given: dict[str, Any]) -> None:
    """Print an explanation, and below it the chain that its contact is a segment of."""
    from routing_inspect.render import chain as drawing
    from routing_inspect.render import terminal
    from routing_inspect.render.lines import Line

    if given["form"] == "json":
        both = {**explanation.to_dict(), "chain": found.to_dict()}
        files.write(dumps(both) + "\n", given["output"])
    else:
        told = [*terminal.lines(explanation, verbose=given["verbose"]), Line("")]
        told += drawing.lines(found, verbose=given["verbose"])
        printing.print_lines(told, given["output"])
