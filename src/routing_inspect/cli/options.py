"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from routing_inspect.errors import Problem

F = TypeVar("F", bound=Callable[..., Any])


def form_of(*forms: str) -> Callable[[F], F]:
    """Make the option that says in which of *forms* to print; the first where nobody does."""
    return click.option(
        "--format", "form", type=click.Choice(forms), default=forms[0], help="How to print the answer."
    )


form = form_of("text", "json")
output = click.option(
    "--output", type=click.Path(dir_okay=False), help="A file to write to, in place of printing."
)
verbose = click.option("--verbose", "-v", is_flag=True, help="Every agent, and every condition and gate.")
action = click.option("--action", help="Which action of a flow, by its identifier.")
now = click.option(
    "--now", help="When a waiting contact is looked at, in ISO 8601. [default: the time of fetching]"
)
events = click.option(
    "--events",
    multiple=True,
    type=click.Path(),
    help="Contact records, contact events, agent events: a file or a folder.",
)


def aws_options(command: F) -> F:
    """Add the options that say which AWS account and endpoint to ask."""
    options = (
        click.option(
            "--instance-id", envvar="ROUTING_INSPECT_INSTANCE_ID", help="The Amazon Connect instance."
        ),
        click.option("--profile", help="A profile of the AWS configuration."),
        click.option("--region", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"], help="Such as eu-west-2."),
        click.option("--endpoint-url", help="Another endpoint, such as that of the sandbox."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def client_of(given: dict[str, Any]) -> Any:
    """Make the client for Amazon Connect that the options of `aws_options` ask for, given by name."""
    from routing_inspect import aws

    return aws.connect(profile=given["profile"], region=given["region"], endpoint_url=given["endpoint_url"])


def instance_of(given: dict[str, Any]) -> str:
    """
    Give the instance to look a contact id up in.

    Raises:
        click.UsageError: No option, and nothing in the environment, says which.
    """
    instance_id: str | None = given["instance_id"]
    if instance_id is None:
        raise usage_error("a contact id needs --instance-id (or ROUTING_INSPECT_INSTANCE_ID)")
    return instance_id


def usage_error(message: str) -> click.UsageError:
    """Give the error that says how the command at hand is used."""
    return click.UsageError(message, click.get_current_context())


def clock() -> datetime:
    """Read the clock, to the millisecond: no time of the service says more."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def time_of(text: str, option: str = "--now") -> datetime:
    """
    Read a time given as an argument.

    Raises:
        click.BadParameter: It is no time in ISO 8601 with its offset from UTC.
    """
    from routing_inspect.wire import read_time

    problems: list[Problem] = []
    time = read_time(text, option, problems)
    if time is None:
        raise click.BadParameter(f"{problems[0].message}: {problems[0].hint}", param_hint=option)
    return time
