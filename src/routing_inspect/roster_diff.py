"""What differs between two rosters: who came and went, levels, queues, routing profiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen

from routing_inspect.arguments import require
from routing_inspect.contact import Agent, Roster, RoutedQueue, RoutingProfile
from routing_inspect.expr import Attribute
from routing_inspect.wire import seconds_number

SCHEMA: Final = "routing-inspect/roster-diff/1"


@frozen
class LevelChange:
    """A level that is another now; None: not held."""

    attribute: Attribute
    old: float | None
    new: float | None


@frozen
class QueueChange:
    """A queue and channel that came, went, or has another name, priority or delay; None: not there."""

    old: RoutedQueue | None
    new: RoutedQueue | None


@frozen
class FactChange:
    """
    Another fact about an agent that changed.

    Attributes:
        fact: ``username``, ``routing profile``, ``concurrency``, ``proficiencies`` or ``queues``. The
            last two only where they were unknown before, or are now.
        old: In words; None: unknown.
        new: The same.
    """

    fact: str
    old: str | None
    new: str | None


@frozen
class AgentChange:
    """What changed about one agent whom both rosters have."""

    agent: Agent
    facts: tuple[FactChange, ...]
    levels: tuple[LevelChange, ...]
    queues: tuple[QueueChange, ...]


@frozen
class RosterChanges:
    """
    What differs between two rosters.

    Attributes:
        added: Agents that only the new roster has, in its order.
        removed: Agents that only the old one has, in its order.
        changed: Agents that both have, in the new one's order.
    """

    added: tuple[Agent, ...]
    removed: tuple[Agent, ...]
    changed: tuple[AgentChange, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def to_dict(self) -> dict[str, Any]:
        """Give them as plain JSON values: schema ``routing-inspect/roster-diff/1``."""
        return {
            "schema": SCHEMA,
            "added": [{"id": agent.id, "username": agent.username} for agent in self.added],
            "removed": [{"id": agent.id, "username": agent.username} for agent in self.removed],
            "changed": [
                {
                    "id": change.agent.id,
                    "username": change.agent.username,
                    "facts": [{"fact": fact.fact, "from": fact.old, "to": fact.new} for fact in change.facts],
                    "levels": [
                        {
                            "name": level.attribute.name,
                            "value": level.attribute.value,
                            "from": level.old,
                            "to": level.new,
                        }
                        for level in change.levels
                    ],
                    "queues": [
                        {"from": _queue_dict(queue.old), "to": _queue_dict(queue.new)}
                        for queue in change.queues
                    ],
                }
                for change in self.changed
            ],
        }


def roster_changes(old: Roster, new: Roster) -> RosterChanges:
    """
    Compare two rosters, agent by agent; an agent is the same where the user id is.

    Times, sources, and what is known of the moment (who is available, free slots) are not compared.

    Raises:
        TypeError: One of the two is something else.
    """
    require("old", old, Roster)
    require("new", new, Roster)
    before = {agent.id: agent for agent in old.agents}
    after = {agent.id: agent for agent in new.agents}
    changes = [_agent_change(before[agent.id], agent) for agent in new.agents if agent.id in before]
    return RosterChanges(
        added=tuple(agent for agent in new.agents if agent.id not in before),
        removed=tuple(agent for agent in old.agents if agent.id not in after),
        changed=tuple(change for change in changes if change.facts or change.levels or change.queues),
    )


def _agent_change(old: Agent, new: Agent) -> AgentChange:
    facts = [change for change in _facts(old, new) if change.old != change.new]
    levels: tuple[LevelChange, ...] = ()
    if old.proficiencies is not None and new.proficiencies is not None:
        held = dict.fromkeys((*old.proficiencies, *new.proficiencies))
        pairs = ((a, old.proficiencies.get(a), new.proficiencies.get(a)) for a in sorted(held))
        levels = tuple(LevelChange(*pair) for pair in pairs if pair[1] != pair[2])
    queues: tuple[QueueChange, ...] = ()
    if old.queues is not None and new.queues is not None and old.queues != new.queues:
        before = {(queue.id, queue.channel): queue for queue in old.queues}
        after = {(queue.id, queue.channel): queue for queue in new.queues}
        both = ((before.get(key), after.get(key)) for key in sorted(before.keys() | after.keys()))
        queues = tuple(QueueChange(*pair) for pair in both if pair[0] != pair[1])
    return AgentChange(new, tuple(facts), levels, queues)


def _facts(old: Agent, new: Agent) -> Iterator[FactChange]:
    yield FactChange("username", old.username, new.username)
    before, after = old.routing_profile, new.routing_profile
    yield FactChange("routing profile", _profile_text(before, after), _profile_text(after, before))
    yield FactChange("concurrency", _concurrency_text(before), _concurrency_text(after))
    yield FactChange("proficiencies", *(_known(agent.proficiencies) for agent in (old, new)))
    yield FactChange("queues", *(_known(agent.queues) for agent in (old, new)))


def _profile_text(profile: RoutingProfile | None, other: RoutingProfile | None) -> str | None:
    """Name a routing profile; by its id too where another has the same name."""
    if profile is None or profile.name is None:
        return None if profile is None else profile.id
    is_ambiguous = other is not None and other.id != profile.id and other.name == profile.name
    return f"{profile.name} ({profile.id})" if is_ambiguous else profile.name


def _concurrency_text(profile: RoutingProfile | None) -> str | None:
    if profile is None or profile.concurrency is None:
        return None
    return ", ".join(f"{channel} {number}" for channel, number in sorted(profile.concurrency.items()))


def _known(fact: object) -> str | None:
    return None if fact is None else "known"


def _queue_dict(queue: RoutedQueue | None) -> dict[str, Any] | None:
    if queue is None:
        return None
    return {
        "id": queue.id,
        "channel": queue.channel,
        "name": queue.name,
        "priority": queue.priority,
        "delay_seconds": seconds_number(queue.delay),
    }
