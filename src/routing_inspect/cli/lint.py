"""`lint`: what is odd about the routing criteria in files."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from routing_inspect import files
from routing_inspect.cli import folders, options
from routing_inspect.document import dumps
from routing_inspect.errors import CriteriaSyntaxError, DocumentError, RoutingInspectError
from routing_inspect.findings import CATALOGUE, SEVERITIES
from routing_inspect.visible import visible

if TYPE_CHECKING:
    from routing_inspect.placed import Placed, Rules
    from routing_inspect.predefined import Catalogue
    from routing_inspect.render.lint import Report
    from routing_inspect.suppressions import Baseline

# The units of the language, and seconds where there is none.
_WAIT: Final = re.compile(
    r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,6})?) *(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hours?)?",
    re.IGNORECASE,
)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
# What can only be found beside something that is given with an option.
_NEEDS: Final = {
    "roster_file": frozenset({f"RI{n}" for n in (*range(401, 407), 408, 409, 412, 508, 601, 602, 604)}),
    "attributes_file": frozenset({"RI410"}),
    "max_wait": frozenset({"RI306"}),
    "required": frozenset({"RI307", "RI310"}),
}


def _ids(_: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Take ids and beginnings of ids out of an option, each of which must be one."""
    prefixes = tuple(name.strip() for text in given for name in text.split(",") if name.strip())
    for prefix in prefixes:
        if not any(name.startswith(prefix) for name in CATALOGUE):
            raise click.BadParameter(f"no finding's id begins with `{prefix}`", param=option)
    return prefixes


def _wait(_: click.Context, option: click.Parameter, given: str | None) -> timedelta | None:
    if given is None:
        return None
    found = _WAIT.fullmatch(given.strip())
    if found is None:
        raise click.BadParameter("write it as `90s`, `2m` or `1h`", param=option)
    return timedelta(seconds=float(found["number"]) * _SECONDS[(found["unit"] or "s")[0].lower()])


def _required(_: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Take what is required: names, or expressions, which have parentheses."""
    from routing_inspect.text import parse

    for text in given:
        try:
            if "(" in text:
                parse(text)
            elif not text.strip():
                raise click.BadParameter("write an attribute's name, or `Name(Value)`", param=option)
        except CriteriaSyntaxError as error:
            raise click.BadParameter(f"`{visible(text)}`: {error.message}", param=option) from error
    return given


@click.command()
@click.argument("names", metavar="FILE...", nargs=-1, required=True)
@click.option("--roster", "roster_file", type=click.Path(), help="The agents there are.")
@click.option(
    "--attributes", "attributes_file", type=click.Path(), help="The predefined attributes there are."
)
@click.option("--max-wait", callback=_wait, help="How long the steps may take in all, such as 90s.")
@click.option(
    "--required",
    multiple=True,
    callback=_required,
    help="What whoever takes the contact has to have: a name, or an expression.",
)
@options.form_of("text", "json", "sarif", "github", "junit")
@options.output
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="error",
    help="What ends with exit status 1. [default: error]",
)
@click.option("--select", multiple=True, callback=_ids, help="Only these ids, such as RI3,RI204.")
@click.option("--ignore", multiple=True, callback=_ids, help="All but these ids.")
@click.option("--baseline", "baseline_file", type=click.Path(), help="Findings that may stand.")
@click.option("--write-baseline", type=click.Path(), help="Let all findings stand, in this file.")
@click.option("--reason", help="Why they may, with --write-baseline.")
@click.option("--skip-unrelated", is_flag=True, help="Pass over named files without routing criteria, too.")
@click.option("--stdin-filename", metavar="NAME", help="What standard input is, by its name.")
def lint(names: tuple[str, ...], **given: Any) -> int:
    """
    Find what is odd about the routing criteria in files.

    FILE is text, JSON of any form, an exported flow, Python, JavaScript or TypeScript
    source, a template with JSON in it, a folder of these, or - for standard input. The
    exit status is 1 if there is an error, and 2 if a file cannot be read.
    """
    from routing_inspect.suppressions import write_baseline

    if given["write_baseline"] is not None and not (given["reason"] or "").strip():
        raise options.usage_error("--write-baseline needs --reason: why the findings may stand")
    baseline = _baseline(given["baseline_file"])
    report = _report(names, given, baseline)
    if not (report.criteria or report.findings or given["skip_unrelated"]):
        # Nothing was checked: a wrong path must not look like good news.
        shown = ", ".join(map(visible, names))
        raise RoutingInspectError(
            f"no routing criteria in {shown}",
            hint="name other files, or pass --skip-unrelated if there may be none",
        )
    if given["write_baseline"] is not None:
        target = given["write_baseline"]
        before = baseline or (_baseline(target) if Path(target).exists() else None)
        known = _known(report.files, target)
        files.write(
            write_baseline(report.findings, known, reason=given["reason"].strip(), before=before), target
        )
        click.echo(f"wrote {visible(target)}", err=True)
        return 2 if _is_unreadable(report) else 0
    failing = SEVERITIES[: SEVERITIES.index(given["fail_on"]) + 1]
    files.write(_written(report, given["form"], failing), given["output"])
    if _is_unreadable(report):
        return 2
    return 1 if any(placed.finding.severity in failing for placed in report.counting) else 0


def _is_unreadable(report: Report) -> bool:
    return any(placed.finding.id == "RI190" for placed in report.findings)


def _report(names: tuple[str, ...], given: dict[str, Any], baseline: Baseline | None) -> Report:
    from routing_inspect.placed import find_all
    from routing_inspect.render.lint import Report
    from routing_inspect.sources import SUFFIXES
    from routing_inspect.suppressions import apply_baseline, apply_comments

    rules = _rules(given)
    is_asked = partial(_is_asked, given)
    found: list[Placed] = []
    shown: list[str] = []
    criteria = 0
    for file, is_named in folders.files_of(names, SUFFIXES).items():
        source = _source(file, given["stdin_filename"], is_named=is_named and not given["skip_unrelated"])
        findings = [placed for placed in find_all(source, rules) if _is_selected(given, placed.finding.id)]
        if source.units or findings:
            shown.append(source.name)
        criteria += len(source.units)
        found += apply_comments(source, findings, is_asked)
    if baseline is not None:
        folder = str(Path(baseline.name).parent)
        found = apply_baseline(
            baseline,
            found,
            _known(tuple(shown), baseline.name),
            is_asked=is_asked,
            exists=partial(_exists, folder),
        )
    # What is said of the roster comes up with every criteria.
    once = dict.fromkeys(placed for placed in found if _is_selected(given, placed.finding.id))
    order = {name: number for number, name in enumerate(shown)}
    ordered = sorted(once, key=lambda placed: (order.get(placed.file, -1), placed.span or (-1, -1)))
    return Report(tuple(ordered), tuple(shown), criteria)


def _exists(folder: str, name: str) -> bool:
    try:
        return (Path(folder) / name).exists()
    except (OSError, ValueError):  # no file can be named so: too long, or a character no name can hold
        return False


def _source(name: str, stdin_name: str | None, *, is_named: bool) -> Any:
    from routing_inspect.sources import read_source, unreadable

    shown = (stdin_name or name) if name == "-" else name
    try:
        data = files.read_bytes(name)
    except OSError as error:
        return unreadable(shown, (error.strerror or str(error)).lower())
    return read_source(shown, data, is_named=is_named)


def _rules(given: dict[str, Any]) -> Rules:
    from routing_inspect.linting import document_findings, refusal_findings
    from routing_inspect.linting import lint as find
    from routing_inspect.placed import Rules

    roster = None if given["roster_file"] is None else files.read_roster(given["roster_file"])
    attributes = None if given["attributes_file"] is None else _attributes(given["attributes_file"])
    return Rules(
        subject=lambda subject: find(
            subject, roster, attributes, max_wait=given["max_wait"], required=given["required"]
        ),
        document=document_findings,
        refusal=refusal_findings,
        elsewhere={} if roster is None else {"roster": given["roster_file"]},
    )


def _attributes(name: str) -> Catalogue:
    """Read which predefined attributes there are; a roster of any form has those that its agents hold."""
    from routing_inspect.linting import read_attributes
    from routing_inspect.predefined import attributes_of

    def read(data: bytes) -> Catalogue:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
            try:
                return read_attributes(data)
            except DocumentError as error:
                refused = error
            try:
                return attributes_of(files.roster_of(data, name))
            except (DocumentError, CriteriaSyntaxError):
                raise refused from None
        return attributes_of(files.roster_of(data, name))

    return files.read_with(name, "predefined attributes", read)


def _baseline(name: str | None) -> Baseline | None:
    from routing_inspect.suppressions import read_baseline

    return None if name is None else files.read_with(name, "a baseline", partial(read_baseline, name))


def _known(names: tuple[str, ...], baseline: str) -> dict[str, str]:
    """Give the names that a baseline has for files: from its own folder."""
    return {name: folders.relative(name, str(Path(baseline).parent)) for name in names}


def _is_asked(given: dict[str, Any], name: str) -> bool:
    needed = [option for option, ids in _NEEDS.items() if name in ids]
    return _is_selected(given, name) and all(given[option] for option in needed)


def _is_selected(given: dict[str, Any], name: str) -> bool:
    from routing_inspect.suppressions import FIRM

    if name == "RI190":
        return True
    if any(name.startswith(prefix) for prefix in given["ignore"]):
        return False
    # To ask for some findings is no wish to miss what is wrong with suppressions.
    return name in FIRM or not given["select"] or name.startswith(given["select"])


def _written(report: Report, form: str, failing: tuple[str, ...]) -> str:
    from importlib.metadata import version

    from routing_inspect.render import github, junit, sarif
    from routing_inspect.render import lint as rendered

    match form:
        case "json":
            return dumps(rendered.to_dict(report)) + "\n"
        case "sarif":
            every = {placed.file for placed in report.findings} | set(report.files)
            paths = {name: folders.relative(name, os.getcwd()) for name in every}  # noqa: PTH109  (as text, which is what is compared)
            return dumps(sarif.to_dict(report, version=version("routing-inspect"), paths=paths)) + "\n"
        case "github":
            return github.text(report)
        case "junit":
            return junit.text(report, failing)
        case _:
            return rendered.text(report)
