"""`convert`: a criteria or an expression in another form."""

from __future__ import annotations

from typing import Final

import click
from attrs import evolve

from routing_inspect import files
from routing_inspect.cli import options, printing
from routing_inspect.document import dumps
from routing_inspect.errors import DocumentError, Problem, RoutingInspectError
from routing_inspect.visible import visible

# What is said beside errors: the service takes no such level, whoever it was meant for.
_TOLD: Final = frozenset({"RI209"})
# Members that this version does not know, for which text alone has no place.
_LEFT_OUT: Final = "RI103"


@click.command()
@click.argument("file")
@click.option(
    "--to",
    "form",
    type=click.Choice(["dsl", "api", "event", "flow", "metric"]),
    required=True,
    help="The form to write.",
)
@options.action
@options.output
def convert(file: str, form: str, action: str | None, output: str | None) -> int:
    """
    Write a criteria or an expression in another form.

    FILE holds any document that has routing criteria, text, or is - for standard input.
    dsl is text, api what UpdateContactRoutingData takes, event what contact events hold,
    flow the Parameters of a flow action, metric the filter string of each step.
    What lint calls an error, and a level that there is not, is said on standard error and
    written all the same; the exit status is 0. Members that this version does not know have
    no place in text: dsl leaves them out and says so.
    """
    from routing_inspect import forms, text
    from routing_inspect.linting import lint
    from routing_inspect.timeline import with_durations

    contact = files.read_contact(file, action=action)
    if contact.criteria is None:
        raise DocumentError((Problem("$", "the contact has no routing criteria"),))
    # Only an event has room for the instant at which a step expired.
    criteria = contact.criteria if form == "event" else with_durations(contact.criteria)
    if criteria.reference is not None and form != "flow":
        raise RoutingInspectError(
            f"the criteria is `{visible(criteria.reference)}`, which only the running flow can fill in"
        )
    alone = contact.source == "expression"
    try:
        match form:
            case "dsl" if alone:
                written = text.unparse(criteria.steps[0].expression) + "\n"
            case "dsl":
                written = text.unparse_criteria(criteria)
            case "metric":
                written = "".join(forms.metric_filter(step.expression) + "\n" for step in criteria.steps)
            case "api" | "event" if alone:
                written = dumps(forms.write_expression(criteria.steps[0].expression, form)) + "\n"
            case _:
                written = dumps(forms.write_criteria(criteria, form)) + "\n"
    except ValueError as error:
        raise RoutingInspectError(str(error)) from error
    files.write(written, output)
    findings = lint(criteria)
    printing.tell_findings(found for found in findings if found.severity == "error" or found.id in _TOLD)
    if form == "dsl":
        left_out = (found for found in findings if found.id == _LEFT_OUT)
        printing.tell_findings(evolve(found, hint="the text leaves them out") for found in left_out)
    return 0
