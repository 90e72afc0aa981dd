"""Rosters, and what differs between two of them, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from routing_inspect.contact import Agent, Roster, RoutedQueue, shown_names
from routing_inspect.expr import Attribute
from routing_inspect.render.lines import Line
from routing_inspect.roster import write_roster
from routing_inspect.roster_diff import AgentChange, FactChange, QueueChange, RosterChanges
from routing_inspect.text import attribute_text, duration_text, level_text
from routing_inspect.wire import time_text
from routing_inspect.words import counted, shortened

SHOW_SCHEMA: Final = "routing-inspect/roster-show/1"
# What there is more of than this is summed up, unless somebody asks for all.
_AGENTS_SHOWN: Final = 20
_NAMES_SHOWN: Final = 8


def chosen(roster: Roster, names: Sequence[str], attribute: Attribute | None) -> tuple[Agent, ...]:
    """Choose agents by user id, ARN or username, and by what they hold; all where neither is asked for."""
    ids = {agent.id for name in names for agent in roster.agents if name in {agent.id, agent.username}}
    ids |= {agent.id for agent in map(roster.find, names) if agent is not None}
    return tuple(
        agent
        for agent in roster.agents
        if (not names or agent.id in ids) and (attribute is None or attribute in (agent.proficiencies or {}))
    )


def unknown_agents(roster: Roster, agents: Sequence[Agent], attribute: Attribute | None) -> tuple[Agent, ...]:
    """Give those of whom it is unknown what they hold: of all, where an attribute chooses among them."""
    asked = agents if attribute is None else roster.agents
    return tuple(agent for agent in asked if agent.proficiencies is None)


def show_lines(
    roster: Roster, agents: Sequence[Agent], attribute: Attribute | None, *, verbose: bool
) -> Iterator[Line]:
    """Say who is there and what they hold, and how many hold what at which level."""
    number, total = len(agents), len(roster.agents)
    yield Line(counted(total, "agent") if number == total else f"{number} of {total} agents", style="bold")
    as_of = "" if roster.as_of is None else f"as of {time_text(roster.as_of)}, "
    yield Line(f"{as_of}from {roster.source}", indent=2)
    shown = agents if verbose else agents[:_AGENTS_SHOWN]
    names = shown_names(roster.agents)
    width = min(24, max((len(names[agent.id]) for agent in shown), default=0))
    yield Line("")
    for agent in shown:
        yield Line(_held(agent, attribute), indent=2, label=f"{names[agent.id]:<{width}} ")
        if verbose:
            for text in _background(agent):
                yield Line(text, indent=5 + width)
    if len(shown) < number:
        yield Line(f"and {number - len(shown)} more; --verbose shows all", indent=2)
    yield Line("")
    for held, levels in _levels_held(agents, attribute).items():
        spread = ", ".join(f"{n} at {level_text(level)}" for level, n in sorted(levels.items()))
        yield Line(f"{attribute_text(held)}: {sum(levels.values())} ({spread})", indent=2)
    unknown = unknown_agents(roster, agents, attribute)
    if unknown:
        text = f"{counted(len(unknown), 'agent')} of whom it is unknown what they hold"
        yield Line(text, indent=2, style="yellow")


def show_dict(roster: Roster, agents: Sequence[Agent], attribute: Attribute | None) -> dict[str, Any]:
    """Give the same as plain JSON values: schema ``routing-inspect/roster-show/1``."""
    document = write_roster(Roster(agents=agents))
    return {
        "schema": SHOW_SCHEMA,
        "source": roster.source,
        "as_of": None if roster.as_of is None else time_text(roster.as_of),
        "total": len(roster.agents),
        "routing_profiles": document.get("routing_profiles", []),
        "agents": document["agents"],
        "attributes": [
            {
                "name": held.name,
                "value": held.value,
                "agents": sum(levels.values()),
                "levels": [{"level": level, "agents": n} for level, n in sorted(levels.items())],
            }
            for held, levels in _levels_held(agents, attribute).items()
        ],
        "unknown": [agent.id for agent in unknown_agents(roster, agents, attribute)],
    }


def diff_lines(changes: RosterChanges) -> Iterator[Line]:
    """Say what differs; agents about whom the same changed share their lines."""
    if not changes:
        yield Line("the rosters say the same", style="bold")
        return
    numbers = (
        (len(changes.added), "added"),
        (len(changes.removed), "removed"),
        (len(changes.changed), "changed"),
    )
    yield Line(", ".join(f"{n} {what}" for n, what in numbers), style="bold")
    for agents, sign, style in ((changes.added, "+", "green"), (changes.removed, "-", "red")):
        for agent in agents:
            yield Line(f"{agent.name}: {_held(agent, None)}", indent=2, label=f"{sign} ", style=style)
    groups: dict[tuple[object, ...], list[AgentChange]] = {}
    for change in changes.changed:
        groups.setdefault((change.facts, change.levels, change.queues), []).append(change)
    for group in groups.values():
        names = shortened([change.agent.name for change in group], _NAMES_SHOWN)
        yield Line(names, indent=2, label="~ ", style="yellow")
        for text in _change_texts(group[0]):
            yield Line(text, indent=6)


def _held(agent: Agent, attribute: Attribute | None) -> str:
    if agent.proficiencies is None:
        return "what the agent holds is unknown"
    held = {a: n for a, n in agent.proficiencies.items() if attribute in {None, a}}
    return ", ".join(f"{attribute_text(a)} {level_text(n)}" for a, n in held.items()) or "holds nothing"


def _background(agent: Agent) -> Iterator[str]:
    """Say what else is known of an agent."""
    if agent.name != agent.id:
        yield agent.id
    profile = agent.routing_profile
    if profile is not None:
        slots = ", ".join(f"{channel} {n}" for channel, n in sorted((profile.concurrency or {}).items()))
        yield f"routing profile {profile.name or profile.id}" + (f", at once {slots}" if slots else "")
    if agent.queues is not None:
        yield "queues " + ("; ".join(map(_queue_text, agent.queues)) or "none")
    if agent.modified_at is not None:
        yield f"proficiencies edited {time_text(agent.modified_at)}"


def _levels_held(agents: Iterable[Agent], attribute: Attribute | None) -> dict[Attribute, dict[float, int]]:
    """Count agents by attribute value and level, in the order of names and values."""
    counts: dict[Attribute, dict[float, int]] = {}
    for agent in agents:
        for held, level in (agent.proficiencies or {}).items():
            if attribute in {None, held}:
                levels = counts.setdefault(held, {})
                levels[level] = levels.get(level, 0) + 1
    return dict(sorted(counts.items()))


def _change_texts(change: AgentChange) -> Iterator[str]:
    for fact in change.facts:
        yield _fact_text(fact)
    for level in change.levels:
        old, new = ("not held" if n is None else level_text(n) for n in (level.old, level.new))
        yield f"{attribute_text(level.attribute)}: {old} -> {new}"
    for queue in change.queues:
        yield _queue_change_text(queue)


def _fact_text(fact: FactChange) -> str:
    return f"{fact.fact}: {fact.old or 'unknown'} -> {fact.new or 'unknown'}"


def _queue_change_text(change: QueueChange) -> str:
    match change.old, change.new:
        case None, RoutedQueue() as new:
            return f"+ queue {_queue_text(new)}"
        case RoutedQueue() as old, None:
            return f"- queue {_queue_text(old)}"
        case _:
            return f"queue {_queue_text(change.old)} -> {_queue_text(change.new)}"


def _queue_text(queue: RoutedQueue | None) -> str:
    if queue is None:
        raise AssertionError("a change has a queue on one side at least")
    priority = "" if queue.priority is None else f", priority {queue.priority}"
    delay = f", delay {duration_text(queue.delay)}" if queue.delay else ""
    return f"{queue.name or queue.id} ({queue.channel}{priority}{delay})"
