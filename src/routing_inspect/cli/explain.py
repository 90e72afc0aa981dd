"""`explain`: which step expired or joined, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from routing_inspect import files
from routing_inspect.cli import options, printing
from routing_inspect.cli.agents import explain_with_agents
from routing_inspect.cli.facts import gather
from routing_inspect.document import dumps
from routing_inspect.words import joined

# How many ids are named where one is not known.
_NEAREST: Final = 3

if TYPE_CHECKING:
    from routing_inspect.explanation import Explanation


@click.command()
@click.argument("contact")
@click.option("--roster", "roster_file", type=click.Path(), help="The agents to ask about.")
@click.option("--agent", "agents", multiple=True, help="Why this agent, or why not: a user id or a username.")
@options.events
@options.now
@click.option("--chain", "with_chain", is_flag=True, help="Tell the segments before and after it, too.")
@click.option("--live", is_flag=True, help="Who could take a waiting contact now, and what holds them back.")
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
    if re.fullmatch(r"(?i:RI)[0-9]{1,4}", contact):
        return _explain_finding(contact.upper(), given["form"], given["output"])
    facts = gather(contact, agents, given)
    if given["with_chain"]:
        from routing_inspect.cli.chain import chain_of, print_with_chain

        found, facts = chain_of(facts, contact, given)
        explanation = explain_with_agents(facts, agents, given)
        print_with_chain(explanation, found, given)
    else:
        explanation = explain_with_agents(facts, agents, given)
        printing.print_explanation(
            explanation, given["form"], given["output"], verbose=given["verbose"], asked=agents
        )
    return _explain_code(explanation, agents)


def _explain_finding(finding: str, form: str, output: str | None) -> int:
    from routing_inspect.findings import CATALOGUE

    if finding not in CATALOGUE:
        raise click.BadParameter(f"there is no finding {finding}; {_nearest(finding, list(CATALOGUE))}")
    entry = CATALOGUE[finding]
    if form == "json":
        fields = {"id": finding, "severity": entry.severity, "title": entry.title, "text": entry.text}
        files.write(dumps(fields) + "\n", output)
    else:
        from routing_inspect.render.lines import Line

        head = f"{finding} ({entry.severity}): {entry.title}"
        printing.print_lines((Line(head), Line(""), Line(entry.text)), output)
    return 0


def _nearest(finding: str, known: list[str]) -> str:
    """Name the ids that may be meant, and where all of them stand."""
    alike = [other for other in known if other[:3] == finding[:3] and len(finding) == len(other)]
    if not alike:
        hundreds = sorted({f"{other[:3]}xx" for other in known})
        return f"there are {joined(hundreds)}: docs/findings.md says what each means"
    alike.sort(key=lambda other: abs(int(other[2:]) - int(finding[2:])))
    nearest = joined(sorted(alike[:_NEAREST]))
    rest = f", and {len(alike) - _NEAREST} more of {finding[:3]}xx" if len(alike) > _NEAREST else ""
    return f"near it are {nearest}{rest}: docs/findings.md says what each means"


def _explain_code(explanation: Explanation, agents: tuple[str, ...]) -> int:
    """Give 1 if an agent asked about could not have been offered the contact, 4 if that cannot be told."""
    from routing_inspect.evaluate import Verdict

    verdicts = {explanation.eligible(name) for name in agents}
    if Verdict.NO_MATCH in verdicts:
        return 1
    unclear = explanation.path.kind in {"undetermined", "contradiction"}
    return 4 if unclear or Verdict.UNKNOWN in verdicts else 0
