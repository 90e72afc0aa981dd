"""
One contact as a segment of a story: how it came out of the one before, and what it took over.

A transfer, a consult or a callback makes a new contact with routing criteria of its own, which may
be those of the one before it, begun again at step 1.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeAlias

from attrs import frozen

from routing_inspect.contact import Contact, Criteria
from routing_inspect.explanation import Explanation
from routing_inspect.expr import Expr
from routing_inspect.links import Linked
from routing_inspect.timeline import TOLERANCE, in_agent_queue, seconds_text
from routing_inspect.wire import seconds_number, time_text

# The steps of a criteria as their author wrote them.
_Written: TypeAlias = tuple[tuple[Expr, timedelta | None], ...]

# How a contact came about, by its InitiationMethod (API Reference, `Contact`).
_RELATIONS: Final[Mapping[str, str]] = {
    "INBOUND": "inbound",
    "OUTBOUND": "outbound",
    "TRANSFER": "agent-transfer",
    "QUEUE_TRANSFER": "queue-transfer",
    "CALLBACK": "callback",
    "API": "api",
    "WEBRTC_API": "api",
    "DISCONNECT": "disconnect-flow",
    "MONITOR": "monitoring",
    "EXTERNAL_OUTBOUND": "external-call",
    "AGENT_REPLY": "reply",
    "FLOW": "flow",
}
# What a step's outcome is where it is known to have run.
_RAN: Final = frozenset({"expired", "joined", "active", "interrupted", "deactivated"})


@frozen(kw_only=True)
class Inheritance:
    """
    What a segment's criteria is to those of the segments before it.

    Attributes:
        kind: ``first`` (no segment before it has one), ``restarted`` (the same steps, begun again at
            step 1), ``carried`` (the same steps, which had not begun before), ``replaced`` (other
            steps), ``dropped`` (the one before has a criteria, this has none), ``none`` (neither has
            one), or ``unknown`` (a segment before it is missing, or one of the two shows a reference
            in place of steps).
        source: The id of the segment that it is compared with: the last one before it that has the same
            steps, or else the last that has a criteria; None where there is none.
        reached: The step that was current there when the contact left; None where nobody can tell, and
            wherever nothing was restarted.
        spent: How long the criteria had run there by then; None as for *reached*.
    """

    kind: str
    source: str | None = None
    reached: int | None = None
    spent: timedelta | None = None


@frozen(kw_only=True)
class Segment:
    """
    One contact of the chain.

    Attributes:
        number: Its place in the story, from 1.
        explanation: Its own story.
        relation: How it came about: ``inbound``, ``outbound``, ``queue-transfer``, ``agent-transfer``,
            ``consult``, ``callback``, ``disconnect-flow``, ``external-call``, ``monitoring``,
            ``reply``, ``flow``, ``api``, or ``unknown`` for any other InitiationMethod, and for none.
        inferred: What the relation rests on beside the InitiationMethod; empty where on nothing else.
        follows: The ids of the segments that it follows, missing ones among them; mostly one.
        waited: How long it was in a queue until an agent was connected, it left, or it was looked at;
            None where it was in none, or nobody can tell.
        criteria: What its criteria took over.
    """

    number: int
    explanation: Explanation
    relation: str
    inferred: str = ""
    follows: tuple[str, ...] = ()
    waited: timedelta | None = None
    criteria: Inheritance

    @property
    def contact(self) -> Contact:
        """What its document says."""
        return self.explanation.contact

    @property
    def id(self) -> str:
        """The contact's id."""
        return str(self.contact.id)


def tell_segments(known: Mapping[str, Explanation], linked: Linked) -> Iterator[Segment]:
    """
    Say of each contact how it came about and what it took over.

    Args:
        known: Explanations by contact id.
        linked: The same contacts in order.
    """
    follows: dict[str, list[str]] = {}
    for edge in linked.links:
        if edge.source != edge.target and not {"initial", "association"}.issuperset(edge.roles):
            follows.setdefault(edge.target, []).append(edge.source)
    for name, before in follows.items():
        # What a contact itself calls the one before it comes first.
        previous = known[name].contact.previous_id if name in known else None
        if previous in before:
            before.insert(0, before.pop(before.index(previous)))
    place = {name: number for number, name in enumerate(linked.order)}
    # In a circle something follows what came later; nothing is concluded from that.
    earlier = {
        name: [other for other in before if other not in place or place[other] < place.get(name, 0)]
        for name, before in follows.items()
    }
    written = {
        name: steps
        for name, explanation in known.items()
        if (steps := _written(explanation.contact.criteria)) is not None
    }
    behind = alike_behind(earlier, written), alike_behind(earlier, dict.fromkeys(written, True))
    for number, name in enumerate(linked.order, 1):
        source = next((known.get(other) for other in earlier.get(name, ())), None)
        relation, inferred = _relation(known[name].contact, None if source is None else source.contact)
        yield Segment(
            number=number,
            explanation=known[name],
            relation=relation,
            inferred=inferred,
            follows=tuple(follows.get(name, ())),
            waited=_waited(known[name]),
            criteria=(
                Inheritance(kind="unknown")
                if name in follows and not earlier[name]
                else _inheritance(name, known, earlier, *behind)
            ),
        )


def alike_behind(follows: Mapping[str, Sequence[str]], kinds: Mapping[str, Hashable]) -> dict[str, str]:
    """
    Find the last segment of the same kind behind each, along what each follows in the first place.

    Args:
        follows: What each follows; none leads back to itself.
        kinds: By id; what has no kind is passed over.
    """
    after: dict[str, list[str]] = {}
    for name, before in follows.items():
        if before:
            after.setdefault(before[0], []).append(name)
    found: dict[str, str] = {}
    # Those on the way down to where we are, by their kind, the last of them last.
    way: dict[Hashable, list[str]] = {}
    left = [(name, True) for name in {*kinds, *after} if not follows.get(name)]
    while left:
        name, is_new = left.pop()
        same = way.setdefault(kinds[name], []) if name in kinds else []
        if not is_new:
            del same[-1:]
            continue
        if same:
            found[name] = same[-1]
        same.append(name)
        left.append((name, False))
        left += [(other, True) for other in after.get(name, ())]
    return found


def _relation(contact: Contact, source: Contact | None) -> tuple[str, str]:
    """Say how a contact came about; a consult shows by its times alone."""
    relation = _RELATIONS.get((contact.initiation_method or "").upper(), "unknown")
    if relation != "agent-transfer" or source is None or contact.connected_at is None:
        return relation, ""
    stayed = source.disconnected_at
    if stayed is None or source.connected_at is None or stayed - contact.connected_at <= TOLERANCE:
        return relation, ""
    longer = seconds_text(stayed - contact.connected_at)
    return "consult", f"the segment before it went on for {longer} after this one was answered"


def _waited(explanation: Explanation) -> timedelta | None:
    contact = explanation.contact
    looked_at = explanation.timeline.now if explanation.path.kind == "waiting" else None
    ended_at = contact.connected_at or contact.disconnected_at or looked_at
    queued_at = contact.enqueued_at
    if queued_at is None or ended_at is None or ended_at < queued_at:
        return None
    return ended_at - queued_at


def _inheritance(
    name: str,
    known: Mapping[str, Explanation],
    follows: Mapping[str, Sequence[str]],
    same_behind: Mapping[str, str],
    any_behind: Mapping[str, str],
) -> Inheritance:
    """Compare a segment's criteria with those before it, step by step as they are written."""
    own, before = known[name].contact.criteria, next(iter(follows.get(name, ())), None)
    if before is None:
        return Inheritance(kind="none" if own is None else "first")
    if before not in known:
        return Inheritance(kind="unknown")
    last = known[before].contact.criteria
    if any(criteria is not None and criteria.reference is not None for criteria in (own, last)):
        return Inheritance(kind="unknown", source=before)
    if own is None:
        return Inheritance(kind="none" if last is None else "dropped", source=before)
    same = same_behind.get(name)
    if same is None:
        source = any_behind.get(name)
        return Inheritance(kind="first" if source is None else "replaced", source=source or before)
    phases = known[same].timeline.phases
    reached = max((phase.number for phase in phases if phase.outcome in _RAN), default=None)
    if reached is None:
        return Inheritance(kind="carried", source=same)
    return Inheritance(kind="restarted", source=same, reached=reached, spent=_spent(known[same]))


def _written(criteria: Criteria | None) -> _Written | None:
    if criteria is None:
        return None
    return tuple((step.expression, step.expires_after) for step in criteria.steps)


def _spent(explanation: Explanation) -> timedelta | None:
    contact, activated_at = explanation.contact, explanation.timeline.activated_at
    left_at = contact.connected_at or contact.disconnected_at
    if activated_at is None or left_at is None or left_at < activated_at:
        return None
    return left_at - activated_at


# ---------------------------------------------------------------------------- JSON


def segment_dict(segment: Segment) -> dict[str, Any]:
    """Give a segment as plain JSON values: what its explanation has of the whole, and how it came about."""
    told = segment.explanation.to_dict()
    contact, criteria = segment.contact, segment.criteria
    return {
        "number": segment.number,
        "contact": {
            **told["contact"],
            "initiated_at": None if contact.initiated_at is None else time_text(contact.initiated_at),
            "instance_id": contact.instance_id,
            "initial_id": contact.initial_id,
            "previous_id": contact.previous_id,
            "related_id": contact.related_id,
            "association_id": contact.association_id,
            "next_ids": list(contact.next_ids),
        },
        "relation": segment.relation,
        "inferred": segment.inferred or None,
        "follows": list(segment.follows),
        "path": told["path"],
        "agent_queue": in_agent_queue(contact),
        "waited_seconds": _seconds(segment.waited),
        "criteria": {
            "kind": criteria.kind,
            "source": criteria.source,
            "reached_step": criteria.reached,
            "spent_seconds": _seconds(criteria.spent),
        },
        "findings": told["findings"],
    }


def _seconds(duration: timedelta | None) -> int | float | None:
    return None if duration is None else seconds_number(duration)
