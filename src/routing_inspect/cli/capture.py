"""`capture`: a contact as a redacted document, a roster and a case file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from routing_inspect import files
from routing_inspect.cli import options, printing
from routing_inspect.cli.facts import gather
from routing_inspect.document import dumps
from routing_inspect.errors import RoutingInspectError
from routing_inspect.visible import visible

if TYPE_CHECKING:
    from routing_inspect.capture import Capture
    from routing_inspect.pseudonyms import Pseudonyms


@click.command()
@click.argument("contact")
@click.option(
    "--output",
    "folder",
    type=click.Path(file_okay=False),
    required=True,
    help="The folder to write to; it is made if need be.",
)
@click.option("--roster", "roster_file", type=click.Path(), help="The agents to ask about.")
@options.events
@click.option("--agent", "agents", multiple=True, help="Whose way through the steps the case states too.")
@options.now
@click.option("--pseudonyms", is_flag=True, help="Replace ids too: of agents, queues, contacts, instances.")
@click.option(
    "--pseudonym-table",
    "table_file",
    type=click.Path(dir_okay=False),
    help="A file that keeps who is who, so that the next capture replaces alike; implies --pseudonyms.",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
@options.aws_options
def capture(contact: str, folder: str, force: bool, **given: Any) -> int:
    """
    Make a test of a contact: a redacted document, the roster, and a case file for pytest.

    CONTACT is a contact id (with --instance-id), a JSON file, or - for standard input.
    The case reproduces the explanation of today: the path, whom each step lets in.
    No phone number, customer id, attribute or name is in any of the files; names get
    pseudonyms such as agent-1, the same name the same one. A condition that this version
    does not understand is kept as it stood, and named: look at it before you pass it on.
    """
    from routing_inspect.capture import capture as capture_contact

    found = gather(contact, given["agents"], given)
    names = _pseudonyms(given)
    try:
        captured = capture_contact(
            found.contact, found.roster, found.now, agents=given["agents"], pseudonyms=names
        )
    except ValueError as error:
        raise RoutingInspectError(str(error)) from error
    written = _written(captured, Path(folder))
    # A link is there also where it leads nowhere: what it names is not this folder's.
    there = [place for place in written if place.exists() or place.is_symlink()]
    if there and not force:
        raise options.usage_error(f"{visible(str(there[0]))} is there already; --force writes over it")
    Path(folder).mkdir(parents=True, exist_ok=True)
    if given["table_file"] is not None:
        files.write(dumps(names.to_dict()) + "\n", given["table_file"])
    for place, content in written.items():
        files.write(content, str(place))
        click.echo(f"wrote {visible(str(place))}", err=True)
    for note in captured.notes:
        click.echo(f"note: {note}", err=True)
    # Nothing of it stands in the files, where a fact is unknown and does not say why.
    printing.tell_findings(found.findings)
    return 0


def _pseudonyms(given: dict[str, Any]) -> Pseudonyms:
    from routing_inspect.pseudonyms import Pseudonyms

    file = given["table_file"]
    if file is None or not Path(file).exists():
        return Pseudonyms(ids=given["pseudonyms"] or file is not None)
    return files.read_with(file, "a table of pseudonyms", lambda table: Pseudonyms(ids=True, table=table))


def _written(captured: Capture, folder: Path) -> dict[Path, str]:
    """Give the content of each file; the case comes last, since it expects the others."""
    name = captured.name
    written = {folder / f"{name}.contact.json": dumps(captured.contact) + "\n"}
    if captured.roster is not None:
        written[folder / f"{name}.roster.json"] = dumps(captured.roster) + "\n"
    return {**written, folder / f"test_{name}.routing.yaml": captured.case}
