"""`roster`: agents from the service into a file, and what files of agents say."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from routing_inspect import files
from routing_inspect.cli import options, printing
from routing_inspect.document import dumps
from routing_inspect.errors import DocumentError, RoutingInspectError, ServiceError
from routing_inspect.visible import visible

if TYPE_CHECKING:
    from routing_inspect.aws import Pulled
    from routing_inspect.contact import Roster
    from routing_inspect.expr import Attribute
    from routing_inspect.journal import Journal


# Requests a second: slower, and no pull would ever end.
_SLOWEST: Final = 0.01
_AGAIN: Final = "the same command goes on from there"


@click.group()
def roster() -> None:
    """Fetch the agents of an instance into a file; look at such files, and compare them."""


@roster.command()
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False),
    help="The roster's file; its journal is beside it.",
)
@click.option("--queue", help="Only agents who have this queue: its id or its name.")
@click.option(
    "--rate",
    type=float,
    default=2.0,
    show_default=True,
    help="Requests a second of one operation, your quota.",
)
@click.option(
    "--burst",
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="How many at once after a pause.",
)
@click.option(
    "--patience",
    type=click.IntRange(0, 86_400),
    default=120,
    show_default=True,
    help="How many seconds of nothing but throttling to bear.",
)
@click.option("--fresh", is_flag=True, help="Begin anew, whatever an earlier pull has kept.")
@options.aws_options
def pull(output: str, **given: Any) -> int:
    """
    Fetch all agents of an instance into a roster file.

    Proficiencies, routing profiles, queues. What is fetched is kept in a journal beside the
    file until it is complete: the same command goes on where it was stopped.
    """
    from routing_inspect import aws
    from routing_inspect.journal import journal_of, opened

    instance_id = _checked(output, given)
    client = aws.connect(
        profile=given["profile"], region=given["region"], endpoint_url=given["endpoint_url"], attempts=1
    )
    place = journal_of(output)
    # What is fetched is the same whatever queue is asked for.
    header = {"journal": "routing-inspect/pull/2", "instance": instance_id}
    with opened(place, header, fresh=given["fresh"]) as journal:
        if journal.kept:
            click.echo(f"going on with what {visible(str(place))} has kept", err=True)
        with _saying_what_is_kept(journal, str(place)):
            with _progress() as progress:
                pulled = aws.pull_roster(
                    client,
                    instance_id=instance_id,
                    queue=given["queue"],
                    rate=given["rate"],
                    burst=given["burst"],
                    patience=timedelta(seconds=given["patience"]),
                    clock=options.clock,
                    kept=journal.kept,
                    keep=journal.keep,
                    progress=progress,
                )
            if pulled.roster.agents:
                files.write(_document(pulled.roster), output)
        journal.is_done = True
    return _report(pulled, output)


def _document(found: Roster) -> str:
    """Write a roster, and see that it can be read again before it takes the place of one that can."""
    from routing_inspect.roster import read_roster, write_roster

    written = dumps(write_roster(found)) + "\n"
    try:
        read_roster(written)
    except DocumentError as error:
        error.file = "the roster that was fetched"
        raise
    return written


def _checked(output: str, given: dict[str, Any]) -> str:
    """Give the instance's id, after everything was checked that needs no answer of the service."""
    from routing_inspect.aws.calls import identifier

    if output == "-":
        raise options.usage_error("--output is a file: what is fetched is kept beside it")
    if given["instance_id"] is None:
        raise options.usage_error("give --instance-id (or ROUTING_INSPECT_INSTANCE_ID)")
    if not _SLOWEST <= given["rate"] <= 1000:
        raise click.BadParameter(f"a rate is {_SLOWEST} at least, and 1000 at most", param_hint="--rate")
    return identifier(given["instance_id"], "instance")


@contextmanager
def _saying_what_is_kept(journal: Journal, place: str) -> Iterator[None]:
    """Where a pull stops early, say what is safe and how to go on."""
    try:
        yield
    except (RoutingInspectError, KeyboardInterrupt, OSError) as error:
        if journal.kept:
            kept = sum("agent" in entry for entry in journal.kept)
            is_mistake = isinstance(error, RoutingInspectError) and not isinstance(error, ServiceError)
            again = "the command goes on from there once it is mended" if is_mistake else _AGAIN
            click.echo(f"stopped: {kept} agents are kept in {visible(place)}; {again}", err=True)
        raise


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how far a pull is, how fast, and how long it will take; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("agents"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("agents", total=None, rate="")

        def show(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(
                task, completed=done, total=total, rate="" if speed is None else f"{speed:.1f} a second"
            )

        yield show


def _report(pulled: Pulled, output: str) -> int:
    """Say on standard error what a pull came to; 4 where something about an agent stays unknown."""
    from routing_inspect.findings import Finding

    printing.tell_findings(pulled.findings)
    agents = pulled.roster.agents
    if not agents:
        message = f"the service names no agent, so nothing is written to {output}"
        hint = "a policy may keep users from this role, such as by their tags"
        printing.tell_findings([Finding("RI606", message, hint, "SearchUsers")])
        return 4
    requests = ", ".join(f"{n} {operation}" for operation, n in pulled.requests.items())
    click.echo(f"wrote {visible(output)}: {len(agents)} agents; requests: {requests or 'none'}", err=True)
    is_known = all(agent.proficiencies is not None and agent.queues is not None for agent in agents)
    return 0 if is_known else 4


@roster.command()
@click.argument("file")
@click.option("--agent", "agents", multiple=True, help="Only this agent: a user id or a username.")
@click.option("--attribute", help="Only those who hold it, such as 'Language(French)'.")
@options.form
@options.output
@options.verbose
def show(
    file: str, agents: tuple[str, ...], attribute: str | None, form: str, output: str | None, verbose: bool
) -> int:
    """
    Show the agents of a roster, and how many hold what at which level.

    FILE is a roster in any form, or - for standard input. The exit status is 1 if nobody is
    left to show, and 4 if somebody might hold the attribute of whom it is unknown.
    """
    from routing_inspect.render import rosters

    wanted = None if attribute is None else _attribute(attribute)
    found = files.read_roster(file)
    chosen = rosters.chosen(found, agents, wanted)
    if form == "json":
        files.write(dumps(rosters.show_dict(found, chosen, wanted)) + "\n", output)
    else:
        printing.print_lines(rosters.show_lines(found, chosen, wanted, verbose=verbose), output)
    if chosen:
        return 0
    return 4 if rosters.unknown_agents(found, chosen, wanted) else 1


def _attribute(text: str) -> Attribute:
    from routing_inspect.expr import Between
    from routing_inspect.text import parse

    match parse(text):
        case Between(attribute=attribute, low=1.0, high=5.0):
            return attribute
        case _:
            raise click.BadParameter(
                "give a name and a value alone, such as `Language(French)`", param_hint="--attribute"
            )


@roster.command()
@click.argument("old")
@click.argument("new")
@options.form
@options.output
def diff(old: str, new: str, form: str, output: str | None) -> int:
    """
    Say what differs between two rosters: agents, levels, queues, routing profiles.

    OLD and NEW are rosters in any form; one of them may be - for standard input.
    The exit status is 1 if anything differs. Times and sources are not compared.
    """
    from routing_inspect.render import rosters
    from routing_inspect.roster_diff import roster_changes

    if old == new == "-":
        raise options.usage_error("standard input can be one of the rosters, not both")
    changes = roster_changes(files.read_roster(old), files.read_roster(new))
    if form == "json":
        files.write(dumps(changes.to_dict()) + "\n", output)
    else:
        printing.print_lines(rosters.diff_lines(changes), output)
    return 1 if changes else 0
