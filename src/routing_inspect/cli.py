"""
The command line: arguments in, one call, one rendering, an exit code.

Exit codes: 0 as expected, 1 the answer is no, 2 usage or unreadable input, 3 AWS or network,
4 cannot tell, 130 interrupted. What is costly to import is imported by the command that needs it.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

try:
    import click
except ModuleNotFoundError as missing:  # the library alone does not need it
    sys.stderr.write(
        f"routing-inspect: the command line needs {missing.name}: pip install 'routing-inspect[cli]'\n"
    )
    raise SystemExit(2) from None


from routing_inspect import files
from routing_inspect.document import dumps
from routing_inspect.errors import DocumentError, Problem, RoutingInspectError, ServiceError
from routing_inspect.visible import escape_unencodable, visible

if TYPE_CHECKING:
    from routing_inspect.contact import Contact, Roster
    from routing_inspect.explanation import Explanation
    from routing_inspect.findings import Finding
    from routing_inspect.render.terminal import Line

F = TypeVar("F", bound=Callable[..., Any])

# Where the clock of the demo stands, so that its output is the same on every day.
_DEMO_NOW: Final = datetime(2026, 11, 17, 2, 20, tzinfo=UTC)


def main() -> None:
    """Run the command line and exit."""
    _prepare_streams()
    stdout = sys.stdout
    try:
        code = cli.main(prog_name="routing-inspect", standalone_mode=False)
    except SystemExit as stopped:
        # click stops and puts a wrapper around the stream when a pipe is closed: the reader has seen
        # enough (`| head -1`).
        code = stopped.code if sys.stdout is stdout else 0
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        usage = "" if context is None else f"{context.get_usage()}\n\n"
        code = _complain("\n".join(map(visible, error.format_message().splitlines())), 2, usage)
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except ServiceError as error:
        code = _complain(str(error), 3)
    except RoutingInspectError as error:
        code = _complain(str(error), 2)
    except OSError as error:
        place = "" if error.filename is None else f": {visible(str(error.filename))}"
        code = _complain(f"{error.strerror or error}{place}", 2)
    sys.exit(code)


def _prepare_streams() -> None:
    """Make every stream take every character, also one that is closed."""
    codecs.register_error("routing_inspect", escape_unencodable)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (until the end)
        # A name in a script that the terminal's encoding lacks is no reason to fail at 2 a.m.
        getattr(sys, name).reconfigure(errors="routing_inspect")


def _complain(message: str, code: int, usage: str = "") -> int:
    click.echo(f"{usage}error: {message}", err=True)
    return code


def _aws_options(command: F) -> F:
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


_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print the answer."
)
_output = click.option(
    "--output", type=click.Path(dir_okay=False), help="A file to write to, in place of printing."
)
_verbose = click.option("--verbose", "-v", is_flag=True, help="Every agent, and every condition and gate.")
_action = click.option("--action", help="Which action of a flow, by its identifier.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="routing-inspect")
def cli() -> None:
    """Explain Amazon Connect routing criteria: why this agent, why not that one, why nobody."""


@cli.command()
@_format
@_verbose
def demo(form: str, verbose: bool) -> int:
    """Fetch a contact over HTTP from a local endpoint and explain it; no AWS account is needed."""
    from routing_inspect import aws
    from routing_inspect.explain import explain as explain_contact
    from routing_inspect.resources import read_resource
    from routing_inspect.sandbox import Sandbox

    scenario = json.loads(read_resource("examples/demo.json"))
    with Sandbox(scenario) as sandbox:
        click.echo(f"fetching over HTTP from a local stand-in for Amazon Connect, {sandbox.url}", err=True)
        client = aws.connect_locally(sandbox.url)
        instance_id = scenario["instance_id"]
        contact = aws.describe_contact(
            client, instance_id=instance_id, contact_id=scenario["contacts"][0]["Id"]
        )
        agent_ids = [user["Id"] for user in scenario["users"]]
        roster, findings = aws.fetch_agents(
            client, instance_id=instance_id, agent_ids=agent_ids, now=_DEMO_NOW
        )
    explanation = explain_contact(contact, roster, _DEMO_NOW, findings=findings)
    _print_explanation(explanation, form, None, verbose=verbose)
    return 0


@cli.command()
@click.argument("contact")
@click.option("--roster", "roster_file", type=click.Path(), help="The agents to ask about, a JSON file.")
@click.option("--agent", "agents", multiple=True, help="Why this agent, or why not: a user id or a username.")
@click.option(
    "--now", help="When a waiting contact is looked at, in ISO 8601. [default: the time of fetching]"
)
@_action
@_format
@_output
@_verbose
@_aws_options
def explain(contact: str, agents: tuple[str, ...], **options: Any) -> int:
    """
    Say which step expired or joined, and why.

    CONTACT is a contact id (with --instance-id), a JSON file, or - for standard input.
    A finding's id, such as RI402, prints what that finding means.
    """
    if re.fullmatch(r"RI\d{3}", contact):
        return _explain_finding(contact, options["form"], options["output"])
    from routing_inspect.explain import explain as explain_contact

    if contact == options["roster_file"] == "-":
        raise _usage_error("standard input can be the contact or the roster, not both")
    now = None if options["now"] is None else _time(options["now"])
    roster = None if options["roster_file"] is None else files.read_roster(options["roster_file"])
    findings: tuple[Finding, ...] = ()
    if files.is_file(contact):
        found = files.read_contact(contact, action=options["action"])
    else:
        if options["action"] is not None:
            raise _usage_error("--action chooses among the actions of a flow, and this is a contact id")
        now = now or datetime.now(UTC)
        found, roster, findings = _fetch(contact, roster, agents, now, options)
    explanation = explain_contact(found, roster, now, agents=agents or None, findings=findings)
    _print_explanation(explanation, options["form"], options["output"], verbose=options["verbose"])
    return _explain_code(explanation, agents)


@cli.command()
@click.argument("expression")
@click.option("--roster", "roster_file", type=click.Path(), required=True, help="The agents to ask about.")
@_format
@_output
@_verbose
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
        _print_lines(matches.lines(wanted, roster, traces, findings=findings, verbose=verbose), output)
    if Verdict.MATCH in verdicts:
        return 0
    return 4 if Verdict.UNKNOWN in verdicts else 1


@cli.command()
@click.argument("file")
@click.option(
    "--to",
    "form",
    type=click.Choice(["dsl", "api", "event", "flow", "metric"]),
    required=True,
    help="The form to write.",
)
@_action
@_output
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


@cli.command()
@click.argument("names", metavar="FILE...", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--stdin-filename", metavar="NAME", help="What standard input is, by its name.")
def fmt(names: tuple[str, ...], check: bool, diff: bool, stdin_filename: str | None) -> int:
    """
    Write criteria, expressions and rosters in their one layout.

    A FILE that ends in .roster is a roster, any other a criteria or an expression as text.
    Those whose layout changes are written anew; if one cannot be read, none is written.
    - is standard input, whose layout goes to standard output.
    With --check and --diff the exit status is 1 if anything would change.
    """
    from routing_inspect.layout import difference

    texts = [(name, *files.read_layout(name, stdin_filename)) for name in names]
    changed = [text for text in texts if text[1] != text[2]]
    if diff:
        click.echo("".join(difference(before, after, name) for name, before, after in changed), nl=False)
    elif check:
        click.echo("".join(f"{visible(name)}\n" for name, _, _ in changed), nl=False)
    if check or diff:
        return 1 if changed else 0
    for name, before, after in texts:
        if name == "-":
            files.write(after, None)
        elif before != after:
            files.write(after, name)
            click.echo(f"wrote {visible(name)}", err=True)
    return 0


@cli.command()
@click.argument("scenario", type=click.Path())
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="0: any port that is free.")
def sandbox(scenario: str, port: int) -> int:
    """
    Serve a local Amazon Connect endpoint until interrupted.

    SCENARIO is a JSON file with contacts, users, routing profiles and queues.
    """
    from routing_inspect.sandbox import Sandbox

    with Sandbox(files.read_scenario(scenario), port=port) as running:
        click.echo(running.url)
        running.serve_forever()
    return 0


# ---------------------------------------------------------------------------- explaining


def _usage_error(message: str) -> click.UsageError:
    return click.UsageError(message, click.get_current_context())


def _explain_finding(finding: str, form: str, output: str | None) -> int:
    from routing_inspect.findings import CATALOGUE

    if finding not in CATALOGUE:
        raise click.BadParameter(f"there is no finding {finding}; there are {', '.join(CATALOGUE)}")
    entry = CATALOGUE[finding]
    if form == "json":
        fields = {"id": finding, "severity": entry.severity, "title": entry.title, "text": entry.text}
        files.write(dumps(fields) + "\n", output)
    else:
        text = click.wrap_text(entry.text, 80)
        files.write(f"{finding} ({entry.severity}): {entry.title}\n\n{text}\n", output)
    return 0


def _fetch(
    contact_id: str, roster: Roster | None, agents: tuple[str, ...], now: datetime, options: dict[str, Any]
) -> tuple[Contact, Roster | None, tuple[Finding, ...]]:
    """Fetch a contact, who took it and who is asked about, as far as the roster has not got them."""
    from routing_inspect import aws

    if options["instance_id"] is None:
        raise _usage_error("a contact id needs --instance-id (or ROUTING_INSPECT_INSTANCE_ID)")
    client = aws.connect(**{name: options[name] for name in ("profile", "region", "endpoint_url")})
    asked = {"instance_id": options["instance_id"], "now": now}
    contact = aws.describe_contact(client, instance_id=options["instance_id"], contact_id=contact_id)
    taker = [contact.agent_id] if contact.agent_id is not None else []
    roster, refused = aws.extend_roster(client, roster, names=taker, **asked)
    # The agent who took the contact may be the one asked about, by name.
    roster, more = aws.extend_roster(client, roster, names=agents, **asked)
    return contact, roster, (*refused, *more, *aws.model_findings(client))


def _print_explanation(explanation: Explanation, form: str, output: str | None, *, verbose: bool) -> None:
    if form == "json":
        files.write(dumps(explanation.to_dict()) + "\n", output)
        return
    from routing_inspect.render import terminal

    _print_lines(terminal.lines(explanation, verbose=verbose), output)


def _print_lines(lines: Iterable[Line], output: str | None) -> None:
    from routing_inspect.render.terminal import draw

    # Drawn whole before anything is written: an answer is printed whole or not at all.
    if output is None:
        click.echo(draw(lines, sys.stdout), nl=False, color=True)
    else:
        files.write(draw(lines, None), output)


def _explain_code(explanation: Explanation, agents: tuple[str, ...]) -> int:
    """Give 1 if an agent asked about could not have been offered the contact, 4 if that cannot be told."""
    from routing_inspect.evaluate import Verdict

    verdicts = {explanation.eligible(name) for name in agents}
    if Verdict.NO_MATCH in verdicts:
        return 1
    unclear = explanation.path.kind in {"undetermined", "contradiction"}
    return 4 if unclear or Verdict.UNKNOWN in verdicts else 0


def _time(text: str) -> datetime:
    from routing_inspect.wire import read_time

    problems: list[Problem] = []
    time = read_time(text, "--now", problems)
    if time is None:
        raise click.BadParameter(f"{problems[0].message}: {problems[0].hint}", param_hint="--now")
    return time
