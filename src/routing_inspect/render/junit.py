"""Findings of files as a JUnit report: a suite for each file, a case for each finding."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterator, Sequence

from routing_inspect.placed import Placed
from routing_inspect.render.lint import Report, message_text, place_text
from routing_inspect.visible import visible


def text(report: Report, failing: Collection[str]) -> str:
    """
    Write the report; a file without a finding is a case that passed.

    Args:
        report: What was found.
        failing: The severities that count as failures; other findings pass, and are in the output.
    """
    named = dict.fromkeys([*report.files, *(placed.file for placed in report.findings)])
    groups = {name: [p for p in report.findings if p.file == name] for name in named}
    cases = sum(max(1, len(group)) for group in groups.values())
    failed = sum(_fails(placed, failing) for placed in report.findings)
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    lines.append(f'<testsuites name="routing-inspect lint" tests="{cases}" failures="{failed}" errors="0">')
    for name, group in groups.items():
        lines += _suite(name, group, failing)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _fails(placed: Placed, failing: Collection[str]) -> bool:
    return not placed.kind and placed.finding.severity in failing


def _suite(name: str, group: Sequence[Placed], failing: Collection[str]) -> Iterator[str]:
    failed = sum(_fails(placed, failing) for placed in group)
    skipped = sum(bool(placed.kind) for placed in group)
    yield (
        f'  <testsuite name="{_escaped(name)}" tests="{max(1, len(group))}" failures="{failed}" errors="0" '
        f'skipped="{skipped}">'
    )
    if not group:
        yield f'    <testcase classname="{_escaped(name)}" name="lint"/>'
    for placed in group:
        yield from _case(placed, failing)
    yield "  </testsuite>"


def _case(placed: Placed, failing: Collection[str]) -> Iterator[str]:
    finding = placed.finding
    line = "" if placed.start is None else f' line="{placed.start[0]}"'
    label = f"{finding.id} {place_text(placed)}"
    yield (
        f'    <testcase classname="{_escaped(placed.file)}" name="{_escaped(label)}" '
        f'file="{_escaped(placed.file)}"{line}>'
    )
    told = f"{finding.severity} {finding.id}: {message_text(placed)}"
    body = told if finding.hint is None else f"{told}\nhint: {finding.hint}"
    if placed.kind:
        yield f'      <skipped message="{_escaped(f"suppressed: {placed.reason}")}"/>'
    elif finding.severity in failing:
        yield (
            f'      <failure type="{finding.id}" message="{_escaped(message_text(placed))}">'
            f"{_escaped_lines(body)}</failure>"
        )
    else:
        yield f"      <system-out>{_escaped_lines(body)}</system-out>"
    yield "    </testcase>"


def _escaped(text: str) -> str:
    """Write text for XML, which knows no control characters, not even as references."""
    return html.escape(visible(text))


def _escaped_lines(text: str) -> str:
    """Write text for XML, and keep its line ends."""
    return "\n".join(map(_escaped, text.split("\n")))
