"""
Rosters as CSV (RFC 4180): a header, then one row for each agent and attribute value.

The columns, in any order, are ``id``, ``username``, ``name``, ``value``, ``level`` and
``modified_at``; ListUserProficiencies' names for them do too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import define, field

from routing_inspect.contact import Agent, Roster, user_id
from routing_inspect.document import show
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.expr import Attribute
from routing_inspect.visible import visible
from routing_inspect.wire import read_number, read_time

# What each column may be called.
_COLUMNS: Final = {
    "id": ("id", "UserId", "Id", "agent_id"),
    "username": ("username", "Username"),
    "name": ("name", "AttributeName"),
    "value": ("value", "AttributeValue"),
    "level": ("level", "Level"),
    "modified_at": ("modified_at", "LastModifiedTime"),
}
_COLUMN_OF: Final = {spelling: column for column, spellings in _COLUMNS.items() for spelling in spellings}
_NEEDED: Final = ("name", "value", "level")
_HEADER: Final = "the first line is a header such as `id,username,name,value,level`"


@define
class _Found:
    """One agent as the rows so far tell."""

    username: str | None = None
    modified_at: str | None = None
    levels: dict[Attribute, float] = field(factory=dict)


def is_roster_table(text: str) -> bool:
    """Say whether text begins with a header of such a table."""
    first = text.removeprefix("\ufeff").lstrip("\r\n").split("\n", maxsplit=1)[0]
    names = {name.strip().strip('"') for name in first.split(",")}
    return {_COLUMN_OF.get(name) for name in names} >= {*_NEEDED}


def read_roster_table(text: str) -> Roster:
    """
    Read a roster out of CSV text.

    An agent without an ``id`` column goes by the username. An agent who holds nothing has one row
    whose name, value and level are empty. Queues are unknown.

    Raises:
        DocumentError: It is no such table, or something in it is wrong; every problem has its line.
    """
    problems: list[Problem] = []
    rows = _rows(text.removeprefix("\ufeff"), problems)
    header = next(rows, (0, []))
    columns = _columns(header, problems)
    agents: dict[str, _Found] = {}
    if not problems:
        for line, cells in rows:
            _take(line, cells, columns, agents, problems)
    if problems:
        raise DocumentError(tuple(problems))
    return Roster(agents=[_agent(agent_id, found) for agent_id, found in agents.items()])


def _rows(text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Go through the rows, each with the line it begins on; blank lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        hint = (
            'a value with a comma, a quote or a line break stands in quotes, its quotes doubled: `"a ""b"""`'
        )
        problems.append(Problem(f"line {line}", f"not CSV: {error}", hint))


def _columns(header: tuple[int, Sequence[str]], problems: list[Problem]) -> list[str]:
    line, cells = header
    where = f"line {max(line, 1)}"
    columns = [_COLUMN_OF.get(cell.strip(), "") for cell in cells]
    for cell, column in zip(cells, columns, strict=True):
        if not column:
            known = ", ".join(_COLUMNS)
            hint = "separate the columns by commas" if ";" in cell or "\t" in cell else f"known: {known}"
            problems.append(Problem(where, f"no column of a roster: {show(cell)}", hint))
        elif columns.count(column) > 1:
            problems.append(Problem(where, f"two columns are the `{column}`", "keep one of them"))
    missing = [name for name in _NEEDED if name not in columns]
    if "id" not in columns and "username" not in columns:
        missing = ["id", *missing]
    if missing and not problems:
        names = ", ".join(f"`{name}`" for name in missing)
        problems.append(Problem(where, f"a column is missing: {names}", _HEADER))
    return columns


def _take(
    line: int, cells: list[str], columns: list[str], agents: dict[str, _Found], problems: list[Problem]
) -> None:
    """Take in one row."""
    where = f"line {line}"
    if len(cells) != len(columns):
        message = f"{len(cells)} values in a table of {len(columns)} columns"
        problems.append(Problem(where, message, "a value with a comma in it stands in quotes"))
        return
    row = dict(zip(columns, cells, strict=True))
    agent_id = user_id(row.get("id", row.get("username", "")).strip())
    if not agent_id:
        problems.append(Problem(where, "no id", "the id is the agent's user id"))
        return
    found = agents.setdefault(agent_id, _Found())
    for name in ("username", "modified_at"):
        _agree(found, name, row.get(name, "").strip(), where, problems)
    if found.modified_at is not None:
        read_time(found.modified_at, f"{where}, modified_at", problems)
    _take_level(found, row, where, problems)


def _agree(found: _Found, name: str, told: str, where: str, problems: list[Problem]) -> None:
    """Hold what a row says of its agent against what an earlier one said."""
    before = getattr(found, name)
    if told and before not in {None, told}:
        message = f"the {name} is {show(told)} here and {show(before)} in an earlier row of the agent"
        problems.append(Problem(f"{where}, {name}", message, "an agent has one"))
    elif told:
        setattr(found, name, told)


def _take_level(found: _Found, row: dict[str, str], where: str, problems: list[Problem]) -> None:
    name, value, level = (row[column] for column in _NEEDED)
    if not name and not value and not level.strip():
        return
    number = read_number(level.strip(), f"{where}, level", problems)
    for column, text in (("name", name), ("value", value)):
        if not text:
            hint = "an agent who holds nothing has a row without name, value and level"
            problems.append(Problem(f"{where}, {column}", "empty", hint))
    attribute = Attribute(name, value)
    if attribute in found.levels:
        message = f"{visible(name)}({visible(value)}) is given twice for this agent"
        problems.append(Problem(where, message, "keep one: an agent has one level of it"))
    if number is not None:
        found.levels[attribute] = number


def _agent(agent_id: str, found: _Found) -> Agent:
    at = None if found.modified_at is None else read_time(found.modified_at, "", [])
    return Agent(id=agent_id, username=found.username, proficiencies=found.levels, modified_at=at)
