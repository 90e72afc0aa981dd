"""
A chain of segments as text, and as boxes and arrows.

The story comes in order: how each segment came about, where it led, how long it waited, and what
its criteria took over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from routing_inspect.chain import BESIDE, Chain
from routing_inspect.contact import Contact
from routing_inspect.links import began_at
from routing_inspect.render.diagram import Arrow, Box, Diagram
from routing_inspect.render.lines import Line
from routing_inspect.render.terminal import finding_section
from routing_inspect.segments import Segment
from routing_inspect.timeline import in_agent_queue, offset_text, seconds_text
from routing_inspect.wire import time_text
from routing_inspect.words import counted

# Of more segments than this, only so many at both ends are told, unless somebody asks for all.
_SHOWN: Final = 20

# How a segment came about; braces hold the one before it.
_RELATION_WORDS: Final = {
    "inbound": "inbound",
    "outbound": "outbound",
    "agent-transfer": "transferred by the agent of {}",
    "queue-transfer": "transferred out of the queue of {}",
    "consult": "consulted by the agent of {}",
    "callback": "called back, after {}",
    "disconnect-flow": "by the flow that runs at the end of {}",
    "external-call": "call to somebody outside, by the agent of {}",
    "monitoring": "monitored, during {}",
    "reply": "reply, after {}",
    "flow": "made by a flow, after {}",
    "api": "made over the API, after {}",
}


def lines(chain: Chain, *, verbose: bool) -> Iterator[Line]:
    """Say what to print, line by line, before wrapping and escaping."""
    yield Line(headline(chain), style="bold")
    if chain.asked is not None:
        yield Line(f"asked about contact {chain.asked}", indent=2)
    yield from _wait_lines(chain)
    names = _queue_names(chain)
    left_out = 0 if verbose else max(len(chain.segments) - _SHOWN, 0)
    for segment in chain.segments:
        behind = segment.number - _SHOWN // 2
        if not left_out or behind <= 0 or behind > left_out:
            yield from _segment_lines(chain, segment, names, verbose=verbose)
        elif behind == 1:
            yield Line("")
            yield Line(f"and {left_out} more segments: --verbose shows all", indent=2)
    if chain.findings:
        yield Line("")
        yield from finding_section(chain.findings, verbose=verbose)


def headline(chain: Chain) -> str:
    """Sum the chain up in one sentence."""
    count = len(chain.segments)
    parts = [f"This contact has {counted(count, 'segment')}"]
    if len(chain.groups) > 1:
        parts = [f"These are {count} contacts of {len(chain.groups)} stories: no id links them"]
    if chain.missing:
        parts.append(f"{len(chain.missing)} more {'is' if len(chain.missing) == 1 else 'are'} missing")
    agents = dict.fromkeys(
        segment.explanation.path.agent_id for segment in chain.segments if segment.relation not in BESIDE
    )
    taken = len([agent for agent in agents if agent is not None])
    parts.append(f"{counted(taken, 'agent')} took it" if taken else "no agent took it")
    restarted = sum(segment.criteria.kind == "restarted" for segment in chain.segments)
    if restarted:
        times = {1: "once", 2: "twice"}.get(restarted, f"{restarted} times")
        parts.append(f"its criteria began again {times}")
    if chain.returns:
        names = _queue_names(chain)
        queues = ", ".join(names[found.queue_id] for found in chain.returns)
        parts.append(f"it came back to queue {queues}")
    if chain.circles:
        parts.append("its order cannot be told: ids lead in a circle")
    return "; ".join(parts) + "."


def _wait_lines(chain: Chain) -> Iterator[Line]:
    waits: dict[str, timedelta] = {}
    names = _queue_names(chain)
    for segment in chain.segments:
        if segment.waited is not None and segment.relation not in BESIDE:
            name = _queue(segment.contact, names) or "a queue without a name"
            waits[name] = waits.get(name, timedelta(0)) + segment.waited
    if waits:
        each = ", ".join(f"{name} {seconds_text(wait)}" for name, wait in waits.items())
        yield Line(f"{seconds_text(chain.waited)} in queues ({each})", indent=2, label="waited  ")


def _segment_lines(chain: Chain, segment: Segment, names: dict[str, str], *, verbose: bool) -> Iterator[Line]:
    contact, began = segment.contact, began_at(segment.contact)
    first = began_at(chain.segments[0].contact)
    words = [_relation(chain, segment)]
    words += [contact.channel.lower()] if contact.channel is not None else []
    queue = _queue(contact, names)
    words += [f"queue {queue}"] if queue else []
    if began is not None:
        words.append(time_text(began))
        words += [offset_text(began - first)] if first not in {None, began} else []
    words += ["asked about"] if segment.id == chain.asked else []
    yield Line("")
    yield Line(", ".join(words), indent=2, label=f"segment {segment.number}  ", style="bold")
    yield Line(segment.explanation.path.sentence, indent=4)
    told = _criteria(chain, segment)
    if told:
        yield Line(told, indent=4, label="criteria  ")
    if segment.inferred:
        yield Line(segment.inferred, indent=4, label="inferred  ")
    waited = "" if segment.waited is None else f", waited {seconds_text(segment.waited)}"
    yield Line(f"{segment.id}, from {contact.source}{waited}", indent=4, label="contact  ")
    own = segment.explanation.findings
    if verbose:
        yield from finding_section(own, verbose=True)
    elif own:
        ids = ", ".join(dict.fromkeys(finding.id for finding in own))
        yield Line(f"{ids}: --verbose says what they are", indent=4, label="findings  ")


def _relation(chain: Chain, segment: Segment) -> str:
    """Say how a segment came about, and out of which."""
    words = _RELATION_WORDS.get(
        segment.relation, f"by {segment.contact.initiation_method or 'an unknown way'}"
    )
    found = [chain.find(name) for name in segment.follows]
    places = ["a missing segment" if before is None else f"segment {before.number}" for before in found]
    if "{}" in words:
        return words.format(" and ".join(places) or "an unknown segment")
    return f"{words}, after {' and '.join(places)}" if places else words


def _criteria(chain: Chain, segment: Segment) -> str:
    """Say what the criteria took over; nothing where there is nothing to say."""
    taken = segment.criteria
    source = None if taken.source is None else chain.find(taken.source)
    if source is None:
        return "what it took over is unknown" if taken.kind == "unknown" else ""
    place = f"segment {source.number}"
    match taken.kind:
        case "restarted":
            spent = "" if taken.spent is None else f", {seconds_text(taken.spent)} in"
            return f"the same as in {place}, begun again at step 1 (there: step {taken.reached}{spent})"
        case "carried":
            return f"the same as in {place}, where no step had begun"
        case "replaced":
            return f"other steps than in {place}"
        case "dropped":
            return f"none, though {place} has one"
        case "unknown":
            return f"whether it is that of {place} is unknown"
        case _:
            return ""


def _queue_names(chain: Chain) -> dict[str, str]:
    """Call every queue by its name if any segment knows it: DescribeContact gives ids alone."""
    names: dict[str, str] = {}
    for segment in chain.segments:
        contact = segment.contact
        if contact.queue_id is None:
            continue
        name = contact.queue_name
        if name is None and in_agent_queue(contact) and _taker(segment):
            name = f"of {_taker(segment)}"
        if name is not None or contact.queue_id not in names:
            names[contact.queue_id] = name or contact.queue_id
    return names


def _queue(contact: Contact, names: dict[str, str]) -> str:
    return names.get(contact.queue_id or "", "") or contact.queue_name or ""


# ---------------------------------------------------------------------------- boxes and arrows


def diagram(chain: Chain) -> Diagram:
    """Draw segments and missing contacts as boxes, and what leads where as arrows; circles stand out."""
    names = _queue_names(chain)
    circle_of = {name: number for number, circle in enumerate(chain.circles) for name in circle}
    boxes = [_box(chain, segment, names, is_circle=segment.id in circle_of) for segment in chain.segments]
    boxes += [Box(m.id, ("missing", f"contact {m.id}", m.reason), "faint") for m in chain.missing]
    return Diagram(
        boxes=tuple(boxes),
        arrows=tuple(_arrows(chain, circle_of)),
        title=headline(chain),
    )


def _box(chain: Chain, segment: Segment, names: dict[str, str], *, is_circle: bool) -> Box:
    contact, path = segment.contact, segment.explanation.path
    taker = _taker(segment)
    queue = _queue(contact, names)
    said = [
        f"segment {segment.number}, {segment.relation}",
        *([f"queue {queue}"] if queue else []),
        f"{path.kind}{'' if path.step is None else f', step {path.step}'}{taker and f', {taker}'}",
        *([f"waited {seconds_text(segment.waited)}"] if segment.waited is not None else []),
        *(["criteria begun again"] if segment.criteria.kind == "restarted" else []),
        f"contact {segment.id}",
    ]
    return Box(
        segment.id, tuple(said), "alarm" if is_circle else "strong" if segment.id == chain.asked else "plain"
    )


def _taker(segment: Segment) -> str:
    agent_id = segment.explanation.path.agent_id
    if agent_id is None:
        return ""
    found = segment.explanation.find(agent_id)
    return agent_id if found is None else found.agent.name


def _arrows(chain: Chain, circle_of: dict[str, int]) -> Iterator[Arrow]:
    for edge in chain.links:
        target = chain.find(edge.target)
        roots = {"initial", "association"}.issuperset(edge.roles)
        label = "first of all" if roots else "related" if edge.roles == ("related",) else ""
        if not label and target is not None:
            label = target.relation
        own = circle_of.get(edge.source)
        in_circle = own is not None and own == circle_of.get(edge.target)
        absent = target is None or chain.find(edge.source) is None
        yield Arrow(
            edge.source, edge.target, label, "alarm" if in_circle else "faint" if absent or roots else "plain"
        )
