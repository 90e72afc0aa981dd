"""`match`: which agents of a roster satisfy an expression."""

from __future__ import annotations

from typing import Any

import click

from routing_inspect import files
from routing_inspect.cli import options, printing
from routing_inspect.cli.agents import roster_for
from routing_inspect.document import dumps


@click.command()
@click.argument("expression")
@click.option("--roster", "roster_file", type=click.Path(), help="The agents to ask about.")
@options.form
@options.output
@options.verbose
@options.aws_options
def match(
    expression: str, roster_file: str | None, form: str, output: str | None, verbose: bool, **given: Any
) -> int:
    """
    Say which agents of a roster, or of an instance, satisfy an expression.

    Without --roster the agents are those of --instance-id, found by Amazon Connect's own search.
    EXPRESSION is text such as 'Language(French) >= 4', wire JSON, a file of either, or -.
    """
    from routing_inspect.checks import match_findings
    from routing_inspect.index import AgentIndex
    from routing_inspect.render import matches

    wanted = files.read_expression(expression)
    roster, searched = roster_for(wanted, roster_file, given)
    found = AgentIndex(roster).match(wanted)
    findings = (*match_findings(wanted, roster), *searched)
    if form == "json":
        files.write(dumps(matches.to_dict(wanted, roster, found, findings=findings)) + "\n", output)
    else:
        printing.print_lines(matches.lines(wanted, roster, found, findings=findings, verbose=verbose), output)
    if found.count:
        return 0
    return 4 if found.unknown_count else 1
