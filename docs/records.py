"""
Write docs/records.md: every record that a public function gives or takes, member by member.

What it says comes from the classes and their docstrings. It begins with the public names and goes on
to the records that their members are made of.
Run as a script after a change; `tests/test_docs.py` checks that there is nothing to write.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs

import routing_inspect

PAGE = Path(__file__).resolve().parent / "records.md"

_HEAD = """# Records

<!-- Written by docs/records.py; run it after a change. -->

What the records of [the API](api.md) consist of.
They are immutable; `attrs.evolve(record, member=...)` gives one that differs in a member.
Those without a module are attributes of `routing_inspect`.
"""


def page() -> str:
    """Write the whole page."""
    found = sorted(records().items(), key=lambda item: item[0].lower())
    return _HEAD + "".join(f"\n{section}" for section in map(_section, (record for _, record in found)))


def records() -> dict[str, type]:
    """Find the records among the public names, and those that their members are made of, by name."""
    public = (getattr(routing_inspect, name) for name in routing_inspect.__all__)
    pending = [value for value in public if _is_record(value)]
    found: dict[str, type] = {}
    while pending:
        record = pending.pop()
        if found.setdefault(record.__name__, record) is record:
            pending += [other for other in _mentioned(record) if other.__name__ not in found]
    return found


def _is_record(value: object) -> bool:
    if not isinstance(value, type) or not value.__module__.startswith("routing_inspect"):
        return False
    return attrs.has(value) or issubclass(value, Enum)


def _mentioned(record: type) -> Iterator[type]:
    """Give the records that the types of a record's members name."""
    known = _known(record.__module__)
    for _, written, _ in _members(record):
        yield from (known[word] for word in re.findall(r"\w+", written) if word in known)


@cache
def _known(name: str) -> dict[str, type]:
    """Give the records that a module defines or imports, also those that it imports for types alone."""
    module = import_module(name)
    found = dict(vars(module))
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("routing_inspect."):
            source = import_module(str(node.module))
            found |= {alias.name: getattr(source, alias.name, None) for alias in node.names}
    return {word: value for word, value in found.items() if _is_record(value)}


def _section(record: type) -> str:
    home = "" if record.__name__ in routing_inspect.__all__ else f"`{record.__module__}`: "
    summary, told = _docstring(record)
    lines = [f"## {record.__name__}", "", f"{home}{summary}", "", "| member | type | is |", "|---|---|---|"]
    if issubclass(record, Enum):
        lines[-2:] = ["| member | value |", "|---|---|"]
        lines += [f"| `{member.name}` | `{member.value!r}` |" for member in record]
    else:
        rows = [
            (name, written, told.get(name) or said or _links(record, written))
            for name, written, said in _members(record)
        ]
        lines += [f"| `{name}` | `{_cell(written)}` | {_cell(said)} |" for name, written, said in rows]
        if not rows:
            del lines[-3:]
    return "\n".join(lines) + "\n"


def _links(record: type, written: str) -> str:
    """Lead to the sections of what a member consists of."""
    words = dict.fromkeys(re.findall(r"\w+", written))
    return ", ".join(f"[{word}](#{word.lower()})" for word in words if word in _known(record.__module__))


def _members(record: type) -> Iterator[tuple[str, str, str]]:
    """Give the name, the type and the meaning of each field, property and method."""
    if issubclass(record, Enum):
        return
    for field in attrs.fields(record):
        if not field.name.startswith("_"):
            yield field.name, _written(field.type), ""
    for name, value in vars(record).items():
        is_property = isinstance(value, property)
        function: Any = value.fget if isinstance(value, property) else value
        if not name.startswith("_") and inspect.isfunction(function):
            written = _written(inspect.signature(function).return_annotation)
            arguments = [*inspect.signature(function).parameters][1:]
            shown = name if is_property else f"{name}({', '.join(arguments)})"
            yield shown, written, _docstring(function)[0]


def _written(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _docstring(documented: object) -> tuple[str, dict[str, str]]:
    """Give the first paragraph of a docstring, and what it says of attributes."""
    text = inspect.getdoc(documented) or ""
    summary = " ".join(text.split("\n\n")[0].split("\nAttributes:")[0].split())
    section = re.search(r"^Attributes:\n((?:    .*\n?|\n)+)", text, re.MULTILINE)
    told: dict[str, str] = {}
    name = ""
    for line in section[1].splitlines() if section else ():
        begun = re.match(r" {4}(\w+): (.*)", line)
        if begun:
            name = begun[1]
            told[name] = begun[2]
        elif name and line.strip():
            told[name] += f" {line.strip()}"
    return _plain(summary), {name: _plain(said) for name, said in told.items()}


def _plain(text: str) -> str:
    """Put what is marked as code in docstrings, in two ways, as Markdown has it."""
    return re.sub(r"\*(\w+)\*", r"`\1`", text.replace("``", "`"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
