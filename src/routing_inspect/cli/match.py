"""`match`: which agents of a roster satisfy an expression."""

from __future__ import annotations

import click

from routing_inspect import files
from routing_inspect.cli import options, printing
from routing_inspect.document import dumps


@click.command()
@click.argument("expression")
@click.option("--roster", "roster_file", type=click.Path(), required=True, help="The agents to ask about.")
@options.form
@options.output
@options.verbose
def match(expression: str, roster_file: str, form: str, output: str | None, verbose: bool) -> int:
    """
    Say which agents of a roster satisfy an expression.

    EXPRESSION is text such as 'Language(French) >= 4', wire JSON, a file of either, or -.
    """
    from routing_inspect.checks import match_findings
    from routing_inspect.evaluate import Verdict, evaluate
    from routing_inspect.render import matches

    wanted = files.read_expression(expression)
    roster = files.read_roster(roster_file)
    traces = [evaluate(wanted, agent) for agent in roster.agents]
    verdicts = {trace.verdict for trace in traces}
    findings = tuple(match_findings(wanted, roster))
    if form == "json":
        files.write(dumps(matches.to_dict(wanted, roster, traces, findings=findings)) + "\n", output)
    else:
        printing.print_lines(
            matches.lines(wanted, roster, traces, findings=findings, verbose=verbose), output
        )
    if Verdict.MATCH in verdicts:
        return 0
    return 4 if Verdict.UNKNOWN in verdicts else 1
