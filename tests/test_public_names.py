"""What the package offers: the names that stay, and a docstring that says what a signature cannot."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import routing_inspect as ri

# Names that programs rely on, and the arguments that these can count on, in order.
SETTLED: dict[str, tuple[str, ...]] = {
    "parse": ("text",),
    "unparse": ("expression",),
    "parse_criteria": ("text",),
    "unparse_criteria": ("criteria",),
    "parse_roster": ("text",),
    "read_roster": ("document",),
    "write_roster": ("roster",),
    "read": ("document",),
    "read_criteria": ("document",),
    "read_expression": ("document",),
    "write_expression": ("expression", "form"),
    "write_criteria": ("criteria", "form"),
    "metric_filter": ("expression",),
    "Attribute": ("name", "value"),
    "AtLeast": ("attribute", "level"),
    "Between": ("attribute", "low", "high"),
    "AgentIn": ("agent_ids",),
    "Not": ("operand",),
    "And": ("operands",),
    "Or": ("operands",),
    "Mixed": ("operands",),
    "Opaque": ("raw",),
    "Agent": ("id", "username", "proficiencies", "queues"),
    "Roster": ("agents", "as_of", "source"),
    "Criteria": ("steps", "activated_at", "index"),
    "Step": ("expression", "expiry", "status"),
    "Expiry": ("after", "at"),
    "evaluate": ("expression", "agent"),
    "timeline": ("contact", "now"),
    "explain": ("contact", "roster", "now"),
    "implies": ("a", "b"),
    "equivalent": ("a", "b"),
    "counterexample": ("a", "b"),
    "changes": ("expression", "agent"),
    "lint": ("criteria_or_contact", "roster", "attributes"),
    "diff": ("old", "new", "roster"),
    "AgentIndex": ("roster",),
}
MODULES = {path.stem for path in Path(ri.__file__).parent.iterdir()}
FUNCTIONS = sorted(name for name in ri.__all__ if inspect.isfunction(getattr(ri, name)))
RECORDS = sorted(
    name for name in ri.__all__ if inspect.isclass(getattr(ri, name)) and attrs.has(getattr(ri, name))
)


@pytest.mark.parametrize("name", SETTLED)
def test_a_settled_name_is_public_and_takes_what_it_took(name: str) -> None:
    """Arguments may be added, never taken away or renamed."""
    found = getattr(ri, name)
    parameters = [p for p in inspect.signature(found).parameters if p in SETTLED[name]]

    assert name in ri.__all__
    assert inspect.isfunction(found) or inspect.isclass(found)
    assert tuple(parameters) == SETTLED[name]


@pytest.mark.parametrize("name", sorted(MODULES & set(ri.__all__)))
def test_a_name_is_what_it_says_whatever_was_imported_before(name: str) -> None:
    """The module of the same name never stands in a function's place."""
    script = f"import routing_inspect.{name}, routing_inspect as ri; print(type(ri.{name}).__name__)"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True, encoding="utf-8"
    )

    assert done.stdout == "function\n"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_gives_and_refuses(name: str) -> None:
    """Each argument of several, what None stands for, and every error raised in sight are told."""
    function = getattr(ri, name)
    said = inspect.getdoc(function) or ""
    signature = inspect.signature(function)
    optional = [p.name for p in signature.parameters.values() if "None" in str(p.annotation)]

    assert [p for p in optional if not _says_none_of(p, said)] == []
    assert "None" not in str(signature.return_annotation) or "None" in said
    assert "Raises:" in said or not _refuses(function)


def _says_none_of(argument: str, said: str) -> bool:
    """Say whether a docstring tells what None is for an argument."""
    entry = re.search(rf"^ +{argument}: (.*(?:\n {{8,}}.*)*)", said, re.MULTILINE)
    return entry is not None and ("None" in entry[1] or "If it is not given" in entry[1])


def _refuses(function: Callable[..., Any]) -> bool:
    return re.search(r"^\s+raise |\brequire(_\w+)?\(", inspect.getsource(function), re.MULTILINE) is not None


def _unsaid(record: type) -> Iterator[str]:
    said = inspect.getdoc(record) or ""
    for field in attrs.fields(record):
        told = re.search(rf"^ +{field.name}: (.*(?:\n {{8,}}.*)*)", said, re.MULTILINE)
        is_public_and_optional = field.name[0] != "_" and re.search(r"\bNone\b", str(field.type))
        if is_public_and_optional and (told is None or not re.search(r"None\b|As in `", told[1])):
            yield field.name


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_says_what_none_means_in_it(name: str) -> None:
    """Of each field that can be None, the class's docstring tells what that stands for."""
    record = getattr(ri, name)
    # A document may leave out most of what a contact can have: one sentence says it for all of it.
    is_told_for_all = "something is None" in (record.__doc__ or "")

    assert is_told_for_all or list(_unsaid(record)) == []


@pytest.mark.parametrize("name", RECORDS)
def test_a_length_of_time_is_no_bare_number(name: str) -> None:
    """Durations are `timedelta`, and a number of seconds says so by its name."""
    for field in attrs.fields(getattr(ri, name)):
        if re.search(r"\b(float|int)\b", str(field.type)) and re.search(
            r"wait|delay|after|duration|expir|spent|time", field.name
        ):
            assert "seconds" in field.name
