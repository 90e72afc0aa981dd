"""
The segments of a contact as one story.

What hangs together, in which order, what is missing, and what cannot be so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from attrs import evolve, field, frozen

from routing_inspect.arguments import require_all
from routing_inspect.contact import Contact
from routing_inspect.errors import RoutingInspectError
from routing_inspect.explanation import Explanation
from routing_inspect.findings import Finding
from routing_inspect.forms import write_contact
from routing_inspect.links import Link, Linked, Naming, began_at, link_contacts, with_transfers
from routing_inspect.segments import Segment, alike_behind, segment_dict, tell_segments
from routing_inspect.timeline import TOLERANCE, seconds_text
from routing_inspect.visible import visible
from routing_inspect.wire import seconds_number

SCHEMA: Final = "routing-inspect/chain/1"

# A contact that comes so is the same customer in another queue; a callback goes to the old one by design.
_TRANSFERS: Final = frozenset({"queue-transfer", "agent-transfer"})
# In these somebody else joins in beside the customer, who stays where they are.
BESIDE: Final = frozenset({"consult", "monitoring"})
# How many ids or segments a finding names.
_SHOWN: Final = 6


@frozen(kw_only=True)
class Missing:
    """
    A contact that the chain names and nobody has.

    Attributes:
        named_by: Who names it, and as what; empty where only the service's list of the tree does.
        reason: Why it is not there, for people.
    """

    id: str
    named_by: tuple[Naming, ...]
    reason: str


@frozen(kw_only=True)
class Return:
    """
    A queue that the contact came back to after it had left it.

    Attributes:
        numbers: The segments in it, in order; at least two.
    """

    queue_id: str
    queue_name: str | None
    numbers: tuple[int, ...]


@frozen(kw_only=True)
class Chain:
    """
    Contacts that are one story, in order.

    Attributes:
        asked: The id of the contact that was asked about; None where nobody asked for one.
        links: What leads where; an end of a link may be missing.
        circles: Ids that lead back to themselves, so that their order is by time alone.
        groups: Ids that hang together; more than one group is more than one story.
        returns: The queues that the contact came back to.
        unvisited: The ids of contacts that are known of and were left out by the bound of a walk.
        findings: What is odd about the chain; what is odd about one segment is in its explanation.
    """

    segments: tuple[Segment, ...]
    asked: str | None = None
    links: tuple[Link, ...] = ()
    missing: tuple[Missing, ...] = ()
    circles: tuple[tuple[str, ...], ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    returns: tuple[Return, ...] = ()
    unvisited: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    _by_id: Mapping[str, Segment] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {segment.id: segment for segment in self.segments})

    @property
    def is_whole(self) -> bool:
        """Whether every contact that is named is there, and their order is sure."""
        return not (self.missing or self.circles or self.unvisited)

    @property
    def waited(self) -> timedelta:
        """How long the customer was in queues, as far as that is known; a consult's queue is not counted."""
        waits = (s.waited for s in self.segments if s.waited is not None and s.relation not in BESIDE)
        return sum(waits, timedelta(0))

    def find(self, contact_id: str) -> Segment | None:
        """Find a segment by its contact's id; None for one that is missing."""
        return self._by_id.get(contact_id)

    def to_dict(self) -> dict[str, Any]:
        """Give the chain as plain JSON values: schema ``routing-inspect/chain/1``."""
        return {
            "schema": SCHEMA,
            "asked": self.asked,
            "whole": self.is_whole,
            "waited_seconds": seconds_number(self.waited),
            "unvisited": list(self.unvisited),
            "segments": [segment_dict(segment) for segment in self.segments],
            "links": [{"from": e.source, "to": e.target, "roles": list(e.roles)} for e in self.links],
            "missing": [
                {
                    "id": m.id,
                    "reason": m.reason,
                    "named_by": [{"id": naming.by, "role": naming.role} for naming in m.named_by],
                }
                for m in self.missing
            ],
            "circles": [list(circle) for circle in self.circles],
            "groups": [list(group) for group in self.groups],
            "returns": [
                {"queue_id": r.queue_id, "queue_name": r.queue_name, "segments": list(r.numbers)}
                for r in self.returns
            ],
            "findings": [finding.to_dict() for finding in self.findings],
        }


def link(
    contacts: Iterable[Contact],
    explain: Callable[[Contact], Explanation],
    *,
    asked: str | None = None,
    reasons: Mapping[str, str] | None = None,
    unvisited: Iterable[str] = (),
) -> Chain:
    """
    Put contacts together into the story they are segments of.

    Args:
        contacts: In any order; the same ones in another order give the same chain. Of several
            documents of one contact the one updated last counts.
        explain: Tells a contact's own story: `routing_inspect.explain`, or a function that gives it a
            roster and a time. It is given contacts that know which ones were transferred out of them.
        asked: The id of the contact that it is all about; None: of none.
        reasons: Why contacts that are named are not there, by id; of others, and with
            None of all, nobody gave the document.
        unvisited: The ids of contacts that a bounded walk left out.

    Raises:
        RoutingInspectError: One of them has no id, so that it can be no segment.
    """
    known, doubles = _by_id(require_all("contacts", contacts, Contact))
    linked = link_contacts(known)
    left_out = tuple(unvisited)
    told = {**dict.fromkeys(left_out, "not fetched: the walk stopped at its limit"), **(reasons or {})}
    explanations = {str(contact.id): explain(contact) for contact in with_transfers(known)}
    segments = tuple(tell_segments(explanations, linked))
    chain = Chain(
        segments=segments,
        asked=asked,
        links=linked.links,
        missing=tuple(_missing(linked, known, told)),
        circles=linked.circles,
        groups=linked.groups,
        returns=tuple(_returns(segments)),
        unvisited=left_out,
    )
    return evolve(chain, findings=(*doubles, *_findings(chain)))


def _missing(linked: Linked, known: Mapping[str, Contact], reasons: Mapping[str, str]) -> Iterator[Missing]:
    # The service may list contacts that no contact names.
    listed = {name: () for name in sorted(reasons) if name not in known and name not in linked.missing}
    for name, by in {**linked.missing, **listed}.items():
        yield Missing(id=name, named_by=by, reason=reasons.get(name, "no document of it was given"))


def _by_id(contacts: Iterable[Contact]) -> tuple[dict[str, Contact], list[Finding]]:
    found: dict[str, dict[Contact, None]] = {}
    for contact in contacts:
        if contact.id is None:
            hint = "give the contact's own document, such as a DescribeContact answer"
            message = f"a {contact.source} without a contact id is no segment of a chain"
            raise RoutingInspectError(message, hint=hint)
        found.setdefault(contact.id, {}).setdefault(contact)
    findings = [
        Finding(
            "RI537",
            f"{len(same)} documents of the contact {visible(name)} differ; the one updated last counts",
            "keep one of them",
            "chain",
        )
        for name, same in sorted(found.items())
        if len(same) > 1
    ]
    return {name: max(same, key=_freshness) for name, same in found.items()}, findings


def _freshness(contact: Contact) -> tuple[float, str]:
    updated_at = contact.last_updated_at
    return (
        -1.0 if updated_at is None else updated_at.timestamp(),
        json.dumps(write_contact(contact), sort_keys=True),
    )


# ---------------------------------------------------------------------------- the whole chain


def _returns(segments: tuple[Segment, ...]) -> Iterator[Return]:
    by_id = {segment.id: segment for segment in segments}
    earlier = {
        s.id: [name for name in s.follows if name not in by_id or by_id[name].number < s.number]
        for s in segments
    }
    queues = {s.id: s.contact.queue_id for s in segments if s.contact.queue_id is not None}
    behind = alike_behind(earlier, queues)
    found: dict[str, set[int]] = {}
    names: dict[str, str | None] = {}
    for segment in segments:
        if segment.id not in behind or segment.relation not in _TRANSFERS:
            continue
        queue = queues[segment.id]
        numbers = found.setdefault(queue, set())
        names[queue] = names.get(queue) or segment.contact.queue_name
        visited: Segment | None = segment
        # INVARIANT: with a number, those of all its visits before are in the set.
        while visited is not None and visited.number not in numbers:
            numbers.add(visited.number)
            visited = by_id.get(behind.get(visited.id, ""))
    for queue, numbers in found.items():
        yield Return(queue_id=queue, queue_name=names[queue], numbers=tuple(sorted(numbers)))


def _findings(chain: Chain) -> Iterator[Finding]:
    yield from _missing_findings(chain)
    for circle in chain.circles:
        what = "a contact leads to itself" if len(circle) == 1 else f"{len(circle)} contacts lead in a circle"
        hint = "their order here is by time alone: take the documents anew"
        yield Finding("RI532", f"{what}: {_way_text(chain, circle)}", hint, _where(chain, circle))
    yield from _contradictions(chain)
    for found in chain.returns:
        queue = visible(found.queue_name or found.queue_id)
        again = ", ".join(map(str, found.numbers[1:]))
        message = f"the queue {queue} of segment {found.numbers[0]} comes again in segment {again}"
        hint = "look at what the flows do with a contact that nobody took, and where agents transfer to"
        yield Finding("RI534", message, hint, f"segment {found.numbers[-1]}")
    yield from _time_findings(chain)
    yield from _instance_findings(chain)
    if chain.unvisited:
        message = (
            f"the walk stopped after {len(chain.segments)} contacts; {len(chain.unvisited)} more are known of"
        )
        yield Finding("RI538", message, "ask with a higher limit", "chain")
    own = next(
        (group for group in chain.groups if chain.asked in group), chain.groups[0] if chain.groups else ()
    )
    for group in chain.groups:
        if group != own:
            message = f"nothing links {_names(group)} with the rest of the chain"
            yield Finding("RI539", message, "leave it out, or look for what is between", _where(chain, group))


def _way_text(chain: Chain, circle: tuple[str, ...]) -> str:
    """Write a way round as the links lead, in short; ids that lead in several circles are on none alone."""
    way = [visible(name) for name in _way_round(circle, chain.links)]
    beside = f" (and {len(circle) - len(way)} more in other circles)" if len(circle) > len(way) else ""
    if len(way) > _SHOWN:
        way[_SHOWN - 1 : -1] = [f"... {len(way) - _SHOWN} more ..."]
    return " -> ".join([*way, way[0]]) + beside


def _way_round(circle: tuple[str, ...], links: Iterable[Link]) -> list[str]:
    """Give a shortest way from the first of a circle back to it, without its end."""
    members = frozenset(circle)
    after: dict[str, list[str]] = {}
    for edge in links:
        if edge.source in members and edge.target in members:
            after.setdefault(edge.source, []).append(edge.target)
    # INVARIANT: every member of a circle leads to every other, so the way ends.
    came_from: dict[str, str] = {}
    reached = [circle[0]]
    for name in reached:
        for other in after.get(name, ()):
            if other not in came_from:
                came_from[other] = name
                reached.append(other)
    way = [came_from[circle[0]]]
    while way[-1] != circle[0]:
        way.append(came_from[way[-1]])
    return way[::-1]


def _names(ids: tuple[str, ...]) -> str:
    one = f"the contact {visible(ids[0])}"
    return one if len(ids) == 1 else f"{one} and {len(ids) - 1} with it"


def _where(chain: Chain, ids: Iterable[str]) -> str:
    numbers = sorted({segment.number for name in ids if (segment := chain.find(name)) is not None})
    if not numbers:
        return "chain"
    shown = ", ".join(map(str, numbers[:_SHOWN]))
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"segment {shown}" if len(numbers) == 1 else f"segments {shown}{more}"


_ROLE_WORDS: Final = {
    "previous": "the one before it",
    "next": "one after it",
    "related": "related to it",
    "initial": "the first of all",
    "association": "the root of its tree",
}


def _missing_findings(chain: Chain) -> Iterator[Finding]:
    unvisited = frozenset(chain.unvisited)
    for missing in chain.missing:
        if missing.id in unvisited:
            continue
        by = "the service lists it in the same tree"
        for naming in missing.named_by[:1]:
            by = f"{_where(chain, (naming.by,))} names it as {_ROLE_WORDS[naming.role]}"
        message = f"the contact {visible(missing.id)} is missing, {by}: {missing.reason}"
        hint = "give its document, or its contact record: a contact can be fetched for 24 months"
        yield Finding("RI531", message, hint, _where(chain, (naming.by for naming in missing.named_by)))


def _contradictions(chain: Chain) -> Iterator[Finding]:
    """Find links of which only one can be so."""
    left: dict[str, list[Segment]] = {}
    for segment in chain.segments:
        previous = segment.contact.previous_id
        for edge in segment.contact.next_ids:
            after = chain.find(edge)
            claimed = None if after is None else after.contact.previous_id
            if after is not None and claimed not in {None, segment.id}:
                went_on = f"segment {segment.number} went on as segment {after.number}"
                message = f"{went_on}, which names another before it"
                yield Finding("RI533", message, "take both documents anew", f"segment {after.number}")
        if segment.relation == "queue-transfer" and previous is not None:
            left.setdefault(previous, []).append(segment)
    for previous, taken in left.items():
        if len(taken) > 1:
            numbers = ", ".join(str(segment.number) for segment in taken)
            source = chain.find(previous)
            what = visible(previous) if source is None else f"segment {source.number}"
            message = f"segments {numbers} all took {what} out of its queue, which can happen once"
            yield Finding("RI533", message, "take the documents anew", f"segment {taken[-1].number}")


def _time_findings(chain: Chain) -> Iterator[Finding]:
    for edge in chain.links:
        source, target = chain.find(edge.source), chain.find(edge.target)
        if source is None or target is None:
            continue
        began, after = began_at(source.contact), began_at(target.contact)
        if began is not None and after is not None and began - after > TOLERANCE:
            early = seconds_text(began - after)
            message = (
                f"segment {target.number} began {early} before segment {source.number}, which leads to it"
            )
            yield Finding("RI535", message, "take both documents anew", f"segment {target.number}")


def _instance_findings(chain: Chain) -> Iterator[Finding]:
    named = [(segment, segment.contact.instance_id) for segment in chain.segments]
    asked = [instance for segment, instance in named if segment.id == chain.asked]
    own = next((instance for instance in (*asked, *(i for _, i in named)) if instance is not None), None)
    for segment, instance in named:
        if instance not in {None, own}:
            names = f"{visible(str(instance))}, not of {visible(str(own))}"
            message = f"segment {segment.number} is of instance {names}"
            hint = "a chain stays in one instance: leave it out, unless it was replicated"
            yield Finding("RI536", message, hint, f"segment {segment.number}")
