"""
Rosters as the service answers, one answer or many.

SearchUsers, ListUsers, DescribeUser and ListUserProficiencies are read. Answers follow one another
as the AWS CLI prints them, or one a line. ListUserProficiencies does not say whose proficiencies it
lists: a ``UserId`` is added to it, or the file is named by the user id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import define, field

from routing_inspect.contact import Agent, Roster, RoutingProfile, user_id
from routing_inspect.document import JSON, loads
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.expr import Attribute
from routing_inspect.roster import read_proficiencies
from routing_inspect.visible import visible
from routing_inspect.wire import expected, read_text, read_time

# The members by which an answer is known, and the operation that gives it.
_KINDS: Final = {
    "Users": "SearchUsers",
    "UserSummaryList": "ListUsers",
    "User": "DescribeUser",
    "UserProficiencyList": "ListUserProficiencies",
}
_UUID: Final = re.compile(
    r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])"
)

_BLANKS: Final = re.compile(r"\s*+")


@define
class _Found:
    """What the answers so far say of one agent."""

    username: str | None = None
    profile: str | None = None
    levels: dict[Attribute, float] | None = None
    modified_at: datetime | None = None


@define
class _Reading:
    """One reading; `open` holds, by what the pages list, where the page before says that another follows."""

    file: str
    agents: dict[str, _Found] = field(factory=dict)
    open: dict[str, str] = field(factory=dict)
    problems: list[Problem] = field(factory=list)


def split_documents(text: str) -> list[JSON]:
    """
    Read JSON documents that follow one another, with white space between them or none.

    Raises:
        DocumentError: One cannot be read; the first that cannot is meant.
    """
    try:
        return [loads(text)]
    except DocumentError as error:
        cause = error.__cause__
        if not isinstance(cause, json.JSONDecodeError) or cause.msg != "Extra data":
            raise
    decoder, documents = json.JSONDecoder(), []
    text = text.removeprefix("\ufeff").rstrip()
    at = _past_blanks(text, 0)
    while at < len(text):
        start = at
        try:
            _, at = decoder.raw_decode(text, start)
        except ValueError:  # a number of more than 4,300 digits is one that is no JSONDecodeError
            at = len(text)
        try:
            documents.append(loads(text[start:at]))
        except DocumentError as error:
            number = len(documents) + 1
            problems = (Problem(f"document {number}, {p.path}", p.message, p.hint) for p in error.problems)
            raise DocumentError(tuple(problems)) from error
        at = _past_blanks(text, at)
    return documents


def _past_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return at if found is None else found.end()


def is_answer(document: JSON) -> bool:
    """Say whether a document is an answer that a roster can be made of."""
    return isinstance(document, dict) and len(_KINDS.keys() & document.keys()) == 1


def read_roster_answers(documents: Sequence[JSON], *, file: str = "") -> Roster:
    """
    Put a roster together from answers of the service.

    What several answers say of one user belongs together, so a SearchUsers and a
    ListUserProficiencies for each user are a whole roster. Without the latter it is unknown what a user
    holds. Queues are unknown.

    Args:
        documents: The answers, in any order; the pages of one list in theirs.
        file: The file's name. A user id in it says whose proficiencies a ListUserProficiencies lists.

    Raises:
        DocumentError: One is no such answer, or something in it is wrong: nobody knows whose
            proficiencies they are, a list ends with a token for a page that is not there.
    """
    reading = _Reading(file)
    for i, document in enumerate(documents):
        path = "$" if len(documents) == 1 else f"document {i + 1}, $"
        _take(document, path, reading)
    for listed, path in reading.open.items():
        hint = "append the pages after it; `--no-paginate` and `--max-items` of the AWS CLI cut lists short"
        reading.problems.append(Problem(path, f"the list of {listed} goes on after this page", hint))
    if reading.problems:
        raise DocumentError(tuple(reading.problems))
    return Roster(agents=[_agent(agent_id, found) for agent_id, found in reading.agents.items()])


def _take(document: JSON, path: str, reading: _Reading) -> None:
    """Take in one answer."""
    kinds = sorted(_KINDS.keys() & document.keys()) if isinstance(document, dict) else []
    match kinds:
        case ["UserProficiencyList"]:
            _take_proficiencies(document, path, reading)
        case ["User"]:
            _take_user(document["User"], f"{path}.User", reading)
        case [member]:
            _note_page(document, _KINDS[member], path, reading)
            users = document[member]
            if not isinstance(users, list):
                reading.problems.append(expected("a list of users", users, f"{path}.{member}"))
                return
            for i, user in enumerate(users):
                _take_user(user, f"{path}.{member}[{i}]", reading)
        case _:
            wanted = f"an answer of {', '.join(_KINDS.values())}"
            reading.problems.append(expected(wanted, document, path))


def _note_page(document: Mapping[str, JSON], listed: str, path: str, reading: _Reading) -> None:
    """Note whether a list goes on; the next page of it, wherever it stands, takes the note away."""
    reading.open.pop(listed, None)
    if document.get("NextToken"):
        reading.open[listed] = f"{path}.NextToken"


def _take_user(user: JSON, path: str, reading: _Reading) -> None:
    problems = reading.problems
    if not isinstance(user, dict):
        problems.append(expected("a user with Id and Username", user, path))
        return
    agent_id = read_text(user.get("Id"), f"{path}.Id", problems)
    if agent_id is None:
        return
    if not agent_id:
        problems.append(Problem(f"{path}.Id", "expected a user id, found an empty one"))
        return
    found = reading.agents.setdefault(user_id(agent_id), _Found())
    for name, member in (("username", "Username"), ("profile", "RoutingProfileId")):
        told = user.get(member)
        if told is None or read_text(told, f"{path}.{member}", problems) is None:
            continue
        before = getattr(found, name)
        if before not in {None, told}:
            message = f"`{visible(told)}` here and `{visible(before)}` before, of one user"
            problems.append(Problem(f"{path}.{member}", message, "keep the newer answer"))
        setattr(found, name, told)


def _take_proficiencies(document: Mapping[str, JSON], path: str, reading: _Reading) -> None:
    problems = reading.problems
    told = document.get("UserId")
    agent_id = _id_in(reading.file) if told is None else read_text(told, f"{path}.UserId", problems)
    if agent_id is None:
        if told is None:
            hint = 'add `"UserId": "..."` to the answer, or put the user id into the name of the file'
            problems.append(Problem(path, "nobody knows whose proficiencies these are", hint))
        return
    if not agent_id:
        problems.append(Problem(f"{path}.UserId", "expected a user id, found an empty one"))
        return
    agent_id = user_id(agent_id)
    listed = f"the proficiencies of {visible(agent_id)}"
    is_continued = listed in reading.open
    _note_page(document, listed, path, reading)
    found = reading.agents.setdefault(agent_id, _Found())
    where = f"{path}.UserProficiencyList"
    levels = read_proficiencies(document["UserProficiencyList"], where, problems) or {}
    if found.levels is not None and not is_continued:
        problems.append(Problem(where, f"a second list of {listed}", "keep the newer answer"))
        return
    before = found.levels or {}
    for attribute in before.keys() & levels.keys():
        message = f"{visible(attribute.name)}({visible(attribute.value)}) stands on two pages of {listed}"
        problems.append(Problem(where, message, "the list changed while it was read: fetch it again"))
    found.levels = {**before, **levels}
    if document.get("LastModifiedTime") is not None:
        found.modified_at = read_time(document["LastModifiedTime"], f"{path}.LastModifiedTime", problems)


def _id_in(file: str) -> str | None:
    """Find the one user id in the name of a file."""
    ids = set(_UUID.findall(re.split(r"[/\\]", file)[-1]))
    return ids.pop() if len(ids) == 1 else None


def _agent(agent_id: str, found: _Found) -> Agent:
    return Agent(
        id=agent_id,
        username=found.username,
        proficiencies=found.levels,
        routing_profile=None if found.profile is None else RoutingProfile(id=found.profile),
        modified_at=found.modified_at,
    )
