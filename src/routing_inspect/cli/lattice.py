"""`lattice`: which step of a criteria covers which."""

from __future__ import annotations

import click

from routing_inspect import files
from routing_inspect.cli import options, printing
from routing_inspect.contact import Criteria
from routing_inspect.document import dumps


@click.command()
@click.argument("file")
@options.action
@options.form_of("text", "json", "mermaid", "dot")
@options.output
def lattice(file: str, action: str | None, form: str, output: str | None) -> int:
    """
    Say which step of a criteria lets in all that another does.

    FILE holds any document that has routing criteria, text, or is - for standard input.
    Decided exactly, for every agent that there can be.
    """
    from routing_inspect.lattice import step_lattice
    from routing_inspect.render import diagram
    from routing_inspect.render import lattice as drawn

    found = step_lattice(files.read_contact(file, action=action).criteria or Criteria())
    match form:
        case "json":
            files.write(dumps(found.to_dict()) + "\n", output)
        case "mermaid":
            files.write(diagram.mermaid(drawn.diagram(found)), output)
        case "dot":
            files.write(diagram.dot(drawn.diagram(found)), output)
        case _:
            printing.print_lines(drawn.lines(found), output)
    return 0
