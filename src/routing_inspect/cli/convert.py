"""`convert`: a criteria or an expression in another form."""

from __future__ import annotations

import click

from routing_inspect import files
from routing_inspect.cli import options
from routing_inspect.document import dumps
from routing_inspect.errors import DocumentError, Problem, RoutingInspectError
from routing_inspect.visible import visible


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
    """
    from routing_inspect import forms, text

    contact = files.read_contact(file, action=action)
    criteria = contact.criteria
    if criteria is None:
        raise DocumentError((Problem("$", "the contact has no routing criteria"),))
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
    return 0
