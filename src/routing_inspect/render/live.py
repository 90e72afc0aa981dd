"""
What stands beside an explanation, for a terminal: where its agents come from, and how things stand now.

Both are drawn from the members that they add to the explanation's JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from routing_inspect.explanation import Explanation
from routing_inspect.render.lines import Line
from routing_inspect.timeline import offset_text, seconds_text
from routing_inspect.words import shortened

# How many are named where nobody asks for all.
_NAMED: Final = 8


def live_lines(explanation: Explanation, *, verbose: bool) -> Iterator[Line]:
    """Say who could take the contact now, what holds the others back, and what comes next."""
    live = explanation.additions.get("live")
    if live is None:
        return
    yield Line(
        f"{live['as_of']}, from {live['source']}: {live['asked']} agents asked about, "
        f"{live['signed_in']} signed in",
        indent=2,
        label="now  ",
        style="bold",
    )
    names, most = explanation.names, None if verbose else _NAMED
    if live["offered_to"]:
        yield _entry("rings at", _named(names, live["offered_to"], most))
    yield _entry("could take it", _named(names, live["could"], most) or "nobody")
    for member, label in (
        ("perhaps", "perhaps"),
        ("later", "later"),
        ("idle_but_held", "idle, but held"),
        ("busy", "not free"),
    ):
        yield from _held_lines(explanation, label, live[member], most)
    if live["next"] is not None:
        yield _entry("next", _next_text(explanation, live["next"], most))
    yield Line("")


def population_lines(explanation: Explanation) -> Iterator[Line]:
    """Say where the agents come from, and of how many the levels are known."""
    found = explanation.additions.get("population")
    if found is None:
        return
    size = "an unknown number" if found["size"] is None else str(found["size"])
    beside = f", and {found['beside']} known beside them" if found["beside"] else ""
    if found["source"] == "SearchUsers":
        how = f", by SearchUsers with {found['searches']} search{'' if found['searches'] == 1 else 'es'}"
    else:
        how = "" if found["source"] is None else f", by {found['source']}"
    said = f"{size} in the instance{how}{beside}; levels known of {found['levels_of']}"
    if found["taken_at_word"]:
        verb = "counts" if found["taken_at_word"] == 1 else "count"
        said += f"; {found['taken_at_word']} {verb} by the search's word alone"
    if found["left_open"]:
        said += f"; {found['left_open']} {'is' if found['left_open'] == 1 else 'are'} left open"
    yield Line(said, indent=2, label="agents  ")


def _entry(label: str, text: str) -> Line:
    return Line(text, indent=4, label=f"{label:<14}  ")


def _held_lines(
    explanation: Explanation, label: str, held: list[dict[str, Any]], most: int | None
) -> Iterator[Line]:
    for number, entry in enumerate(held[:most]):
        name = explanation.names.get(entry["id"], entry["id"])
        # Who is not signed in has no status and no slot, for one and the same reason.
        reasons = list(dict.fromkeys(gate["reason"] for gate in entry["gates"]))
        if entry["until"] is not None:
            reasons.insert(0, f"the queue's delay ends {_when(explanation, entry['until'])}")
        yield _entry("" if number else label, ": ".join([name, *(["; ".join(reasons)] if reasons else [])]))
    if most is not None and len(held) > most:
        yield _entry("", f"and {len(held) - most} more: --verbose shows all")


def _next_text(explanation: Explanation, coming: dict[str, Any], most: int | None) -> str:
    starts = (
        "at a time nobody can tell"
        if coming["starts_at"] is None
        else _when(explanation, coming["starts_at"])
    )
    what = "anybody in the queue" if coming["step"] is None else f"step {coming['step']}"
    added = _named(explanation.names, coming["adds"], most) or "nobody"
    said = f"{what} {starts}; adds {added}"
    busy = [agent_id for agent_id in coming["adds"] if agent_id not in coming["free"]]
    for lead, ids in (("not free now: ", busy), ("perhaps ", coming["may_add"])):
        said += f"; {lead}{_named(explanation.names, ids, most)}" if ids else ""
    return said


def _when(explanation: Explanation, text: str) -> str:
    """Write an instant as seconds after queueing, and from now."""
    at, zero = datetime.fromisoformat(text), explanation.contact.enqueued_at
    now = datetime.fromisoformat(explanation.additions["live"]["as_of"])
    since = text if zero is None else offset_text(at - zero)
    away = f"in {seconds_text(at - now)}" if at >= now else f"{seconds_text(now - at)} ago"
    return f"at {since}, {away}"


def _named(names: Mapping[str, str], ids: list[str], most: int | None) -> str:
    return shortened([names.get(agent_id, agent_id) for agent_id in ids], most)
