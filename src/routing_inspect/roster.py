"""
Rosters as JSON: the agents to ask about, with what they hold.

An agent's proficiencies may be spelled as the library writes them (``name``, ``value``,
``level``), as ListUserProficiencies does (``AttributeName`` ...), or as the agent event
stream does (``Name``, ``Value``, and ``ProficiencyLevel`` or, in its sample, ``Level``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

from routing_inspect.arguments import require
from routing_inspect.contact import Agent, Roster, RoutedQueue, RoutingProfile, user_id
from routing_inspect.document import JSON, member_path, read_value, show
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.expr import Attribute
from routing_inspect.visible import visible
from routing_inspect.wire import (
    Reader,
    expected,
    read_duration,
    read_number,
    read_text,
    read_time,
    read_whole_number,
    seconds_number,
    time_text,
)

SCHEMA: Final = "routing-inspect/roster/1"

T = TypeVar("T")

# The routing profiles of a document by id, each with the queues of its agents.
_Profiles = Mapping[str, tuple[RoutingProfile, tuple[RoutedQueue, ...] | None]]

_AGENT_MEMBERS: Final = (
    "id",
    "username",
    "proficiencies",
    "queues",
    "routing_profile",
    "available",
    "free_slots",
    "as_of",
    "modified_at",
    "source",
)
_PROFILE_MEMBERS: Final = ("id", "name", "concurrency", "manual_queue_ids", "cross_channel", "queues")
_QUEUE_MEMBERS: Final = ("id", "channel", "name", "priority", "delay_seconds")
_SPELLINGS: Final = (
    ("name", "value", "level"),
    ("AttributeName", "AttributeValue", "Level"),
    ("Name", "Value", "ProficiencyLevel"),
    ("Name", "Value", "Level"),
)


def read_roster(document: Mapping[str, Any] | str | bytes) -> Roster:
    """
    Read a roster document, parsed or as JSON text.

    Raises:
        DocumentError: It is no roster, or something in it cannot be read: an agent without an id,
            two agents of one id, a routing profile that is not there, an attribute given twice, a
            level that is no finite number, a member that no roster has (it might be a misspelled
            one, so it is not passed over).
    """
    return read_roster_value(read_value(document))


def read_roster_value(value: JSON) -> Roster:
    """Read a roster out of plain JSON values, as `read_roster` does."""
    problems: list[Problem] = []
    if not isinstance(value, dict) or not isinstance(value.get("agents"), list):
        hint = 'a roster is `{"agents": [{"id": ..., "proficiencies": [...]}]}`'
        raise DocumentError((Problem("$", f"expected a roster, found {show(value)} without agents", hint),))
    _only(value, "$", ("schema", "as_of", "source", "routing_profiles", "agents"), problems)
    if value.get("schema", SCHEMA) != SCHEMA:
        problems.append(expected(f"`{SCHEMA}`", value["schema"], "$.schema"))
    profiles = _read(value, "$", "routing_profiles", _profiles, problems) or {}
    agents = [_agent(agent, f"$.agents[{i}]", profiles, problems) for i, agent in enumerate(value["agents"])]
    as_of = _read(value, "$", "as_of", read_time, problems)
    source = _read(value, "$", "source", read_text, problems)
    problems += _repeated([None if agent is None else agent.id for agent in agents], "$.agents")
    if problems:
        raise DocumentError(tuple(problems))
    return Roster(agents=[agent for agent in agents if agent is not None], as_of=as_of, source=source)


def write_roster(roster: Roster) -> dict[str, JSON]:
    """
    Write a roster as a document that `read_roster` gives the same roster for.

    Raises:
        TypeError: It is no roster.
    """
    require("roster", roster, Roster)
    node: dict[str, JSON] = {"schema": SCHEMA}
    if roster.as_of is not None:
        node["as_of"] = time_text(roster.as_of)
    if roster.source is not None:
        node["source"] = roster.source
    profiles = {
        agent.routing_profile.id: (agent.routing_profile, agent.queues)
        for agent in reversed(roster.agents)
        if agent.routing_profile is not None
    }
    if profiles:
        in_order = sorted(profiles.values(), key=lambda entry: entry[0].id)
        node["routing_profiles"] = [
            _profile_node(profile)
            | ({} if queues is None else {"queues": [_queue_node(queue) for queue in queues]})
            for profile, queues in in_order
        ]
    return {**node, "agents": [_agent_node(agent, profiles) for agent in roster.agents]}


def read_proficiencies(node: JSON, path: str, problems: list[Problem]) -> dict[Attribute, float] | None:
    """Read a list of proficiencies in any of the three spellings; None where it is no list."""
    if not isinstance(node, list):
        problems.append(expected("a list of proficiencies", node, path))
        return None
    levels: dict[Attribute, float] = {}
    for i, row in enumerate(node):
        read = _proficiency(row, f"{path}[{i}]", problems)
        if read is None:
            continue
        attribute, level = read
        if attribute in levels:
            message = f"{visible(attribute.name)}({visible(attribute.value)}) is given twice"
            problems.append(Problem(f"{path}[{i}]", message, "keep one: an agent has one level of it"))
        levels[attribute] = level
    return levels


def _proficiency(row: JSON, path: str, problems: list[Problem]) -> tuple[Attribute, float] | None:
    spelling = next(
        (names for names in _SPELLINGS if isinstance(row, dict) and set(names) <= row.keys()), None
    )
    if spelling is None:
        hint = 'write it as `{"name": "Language", "value": "French", "level": 4}`'
        problems.append(Problem(path, f"expected a proficiency, found {show(row)}", hint))
        return None
    # Not `_read`: a null level is no level, and to pass it over would say that the agent lacks the skill.
    name = read_text(row[spelling[0]], member_path(path, spelling[0]), problems)
    value = read_text(row[spelling[1]], member_path(path, spelling[1]), problems)
    level = read_number(row[spelling[2]], member_path(path, spelling[2]), problems)
    return None if name is None or value is None or level is None else (Attribute(name, value), level)


def _agent(node: JSON, path: str, profiles: _Profiles, problems: list[Problem]) -> Agent | None:
    if not isinstance(node, dict) or not isinstance(node.get("id"), str) or not node["id"]:
        problems.append(
            Problem(path, f"expected an agent with an id, found {show(node)}", "the id is the user id")
        )
        return None
    _only(node, path, _AGENT_MEMBERS, problems)
    profile, queues = _profile_of_agent(node, path, profiles, problems)
    # A null beside a profile says that the queues are unknown; without the member they are the profile's.
    if "queues" in node:
        told = _read(node, path, "queues", _queues, problems)
        queues = None if told is None else tuple(told)
    return Agent(
        id=user_id(node["id"]),
        username=_read(node, path, "username", read_text, problems),
        proficiencies=_read(node, path, "proficiencies", read_proficiencies, problems),
        queues=queues,
        routing_profile=profile,
        available=_read(node, path, "available", _boolean, problems),
        free_slots=_read(node, path, "free_slots", _slots, problems),
        as_of=_read(node, path, "as_of", read_time, problems),
        modified_at=_read(node, path, "modified_at", read_time, problems),
        source=_read(node, path, "source", read_text, problems),
    )


def _profile_of_agent(
    node: Mapping[str, JSON], path: str, profiles: _Profiles, problems: list[Problem]
) -> tuple[RoutingProfile | None, tuple[RoutedQueue, ...] | None]:
    """Give an agent's routing profile, named by its id or told in full, and the queues it brings along."""
    told, where = node.get("routing_profile"), f"{path}.routing_profile"
    match told:
        case None:
            return None, None
        case dict():
            entry = _profile(told, where, problems)
            return (None, None) if entry is None else entry
        case str() if told in profiles:
            return profiles[told]
        case _:
            known = ", ".join(f"`{visible(name)}`" for name in profiles) or "none"
            hint = f"those under $.routing_profiles: {known}"
            problems.append(Problem(where, f"no routing profile {show(told)}", hint))
            return None, None


def _profiles(node: JSON, path: str, problems: list[Problem]) -> _Profiles | None:
    if not isinstance(node, list):
        problems.append(expected("a list of routing profiles", node, path))
        return None
    read = [_profile(profile, f"{path}[{i}]", problems) for i, profile in enumerate(node)]
    problems += _repeated([None if entry is None else entry[0].id for entry in read], path)
    return {entry[0].id: entry for entry in read if entry is not None}


def _profile(
    node: JSON, path: str, problems: list[Problem]
) -> tuple[RoutingProfile, tuple[RoutedQueue, ...] | None] | None:
    if not isinstance(node, dict) or not isinstance(node.get("id"), str):
        problems.append(expected("a routing profile with an id", node, path))
        return None
    _only(node, path, _PROFILE_MEMBERS, problems)
    profile = RoutingProfile(
        id=node["id"],
        name=_read(node, path, "name", read_text, problems),
        concurrency=_read(node, path, "concurrency", _slots, problems),
        manual_queue_ids=_read(node, path, "manual_queue_ids", _texts, problems),
        cross_channel=_read(node, path, "cross_channel", _booleans, problems),
    )
    queues = _read(node, path, "queues", _queues, problems)
    return profile, None if queues is None else tuple(queues)


def _queues(node: JSON, path: str, problems: list[Problem]) -> list[RoutedQueue] | None:
    if not isinstance(node, list):
        problems.append(expected("a list of queues", node, path))
        return None
    queues = [_queue(queue, f"{path}[{i}]", problems) for i, queue in enumerate(node)]
    return [queue for queue in queues if queue is not None]


def _queue(node: JSON, path: str, problems: list[Problem]) -> RoutedQueue | None:
    if not isinstance(node, dict):
        problems.append(expected("a queue with id and channel", node, path))
        return None
    _only(node, path, _QUEUE_MEMBERS, problems)
    queue_id = read_text(node.get("id"), f"{path}.id", problems)
    channel = read_text(node.get("channel"), f"{path}.channel", problems)
    priority = _read(node, path, "priority", read_whole_number, problems)
    delay = _read(node, path, "delay_seconds", read_duration, problems)
    if delay is not None and delay < timedelta(0):
        problems.append(
            Problem(f"{path}.delay_seconds", "a delay below zero", "a contact is at least 0 seconds old")
        )
    if queue_id is None or channel is None:
        return None
    return RoutedQueue(
        id=queue_id,
        channel=channel,
        name=_read(node, path, "name", read_text, problems),
        priority=priority,
        delay=timedelta(0) if delay is None else delay,
    )


def _boolean(value: JSON, path: str, problems: list[Problem]) -> bool | None:
    if isinstance(value, bool):
        return value
    problems.append(expected("`true` or `false`", value, path))
    return None


def _texts(value: JSON, path: str, problems: list[Problem]) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        problems.append(expected("a list of ids", value, path))
        return None
    read = [read_text(text, f"{path}[{i}]", problems) for i, text in enumerate(value)]
    return tuple(text for text in read if text is not None)


def _booleans(value: JSON, path: str, problems: list[Problem]) -> dict[str, bool] | None:
    if not isinstance(value, dict):
        problems.append(expected('yes or no by channel, such as `{"CHAT": true}`', value, path))
        return None
    read = {channel: _boolean(told, member_path(path, channel), problems) for channel, told in value.items()}
    return {channel: told for channel, told in read.items() if told is not None}


def _slots(value: JSON, path: str, problems: list[Problem]) -> dict[str, int] | None:
    if not isinstance(value, dict):
        problems.append(expected('free slots by channel, such as `{"VOICE": 1}`', value, path))
        return None
    read = {
        channel: read_whole_number(n, member_path(path, channel), problems) for channel, n in value.items()
    }
    for channel, n in read.items():
        if n is not None and n < 0:
            problems.append(Problem(member_path(path, channel), "fewer than no slots", "write 0 for none"))
    return {channel: n for channel, n in read.items() if n is not None}


def _read(
    node: Mapping[str, JSON],
    path: str,
    name: str,
    reader: Reader[T],
    problems: list[Problem],
) -> T | None:
    return None if node.get(name) is None else reader(node[name], member_path(path, name), problems)


def _only(node: Mapping[str, JSON], path: str, names: tuple[str, ...], problems: list[Problem]) -> None:
    for name in node:
        if name not in names:
            hint = f"known here: {', '.join(names)}"
            problems.append(Problem(member_path(path, name), "no such member", hint))


def _repeated(ids: list[str | None], path: str) -> list[Problem]:
    first: dict[str, int] = {}
    problems: list[Problem] = []
    for i, found in enumerate(ids):
        if found is not None and first.setdefault(found, i) != i:
            message = f"the same id as {path}[{first[found]}]: `{visible(found)}`"
            problems.append(Problem(f"{path}[{i}].id", message, "keep one of the two"))
    return problems


def _agent_node(agent: Agent, profiles: _Profiles) -> dict[str, JSON]:
    node: dict[str, JSON] = {"id": agent.id}
    if agent.username is not None:
        node["username"] = agent.username
    if agent.proficiencies is not None:
        node["proficiencies"] = [
            {"name": attribute.name, "value": attribute.value, "level": level}
            for attribute, level in agent.proficiencies.items()
        ]
    profile, queues = agent.routing_profile, None
    if profile is not None:
        shared, queues = profiles[profile.id]
        node["routing_profile"] = profile.id if profile == shared else _profile_node(profile)
        queues = queues if profile == shared else None
    if agent.queues != queues:
        told = agent.queues
        node["queues"] = None if told is None else [_queue_node(queue) for queue in told]
    if agent.available is not None:
        node["available"] = agent.available
    if agent.free_slots is not None:
        node["free_slots"] = dict(agent.free_slots)
    for name, time in (("as_of", agent.as_of), ("modified_at", agent.modified_at)):
        if time is not None:
            node[name] = time_text(time)
    return node if agent.source is None else {**node, "source": agent.source}


def _profile_node(profile: RoutingProfile) -> dict[str, JSON]:
    node: dict[str, JSON] = {"id": profile.id}
    if profile.name is not None:
        node["name"] = profile.name
    if profile.concurrency is not None:
        node["concurrency"] = dict(profile.concurrency)
    if profile.manual_queue_ids is not None:
        node["manual_queue_ids"] = list(profile.manual_queue_ids)
    return node if profile.cross_channel is None else {**node, "cross_channel": dict(profile.cross_channel)}


def _queue_node(queue: RoutedQueue) -> dict[str, JSON]:
    node: dict[str, JSON] = {"id": queue.id, "channel": queue.channel}
    if queue.name is not None:
        node["name"] = queue.name
    if queue.priority is not None:
        node["priority"] = queue.priority
    return {**node, "delay_seconds": seconds_number(queue.delay)}
