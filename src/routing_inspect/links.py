"""
Contacts by the ids they name: what follows what, in which order, and what is missing.

A contact that is transferred goes on as another contact, a segment of the same story. Each names
the one before it, the first one, one it is related to, or those after it. Records can be broken:
an id may lead nowhere, to the contact itself, or round in a circle; none of it stops the reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve, frozen

from routing_inspect.contact import Contact
from routing_inspect.errors import AnalysisLimit

# What a contact may name another as. The last two say which story it belongs to, not what it follows.
ROLES: Final = ("previous", "next", "related", "initial", "association")

_NEVER: Final = datetime.max.replace(tzinfo=UTC)

# How many links are looked at to tell which contacts already lead to each other: some seconds' worth.
_LOOKS: Final = 5_000_000


@frozen
class Link:
    """
    One contact leads to another.

    Attributes:
        source: The id of the earlier one.
        target: The id of the later one.
        roles: Who says so: ``previous``, ``related`` and ``next`` are said by the target, the target
            and the source. ``initial`` and ``association`` (the target names the source as the
            first of all) stand only where nothing else leads from there.
    """

    source: str
    target: str
    roles: tuple[str, ...]


@frozen
class Naming:
    """A contact, by its id, names an id in a role that nothing is there for."""

    by: str
    role: str


@frozen(kw_only=True)
class Linked:
    """
    Contacts in the order in which they came about.

    Attributes:
        order: Every id that is there: whatever a contact follows comes first, then the earlier one.
        links: In that order, by target and then by source; the ends of a link may be missing.
        circles: Ids that lead back to themselves, each circle in order; no order can be right for these.
        groups: Ids that hang together, over missing ones too; the group with the earliest contact first.
        missing: Ids that are named and not there, and who names them.
    """

    order: tuple[str, ...]
    links: tuple[Link, ...]
    circles: tuple[tuple[str, ...], ...]
    groups: tuple[tuple[str, ...], ...]
    missing: Mapping[str, tuple[Naming, ...]]


def named_ids(contact: Contact) -> Iterator[tuple[str, str]]:
    """List whom a contact names: role and id; that it is itself the first of all names nobody."""
    for role, named in (("previous", contact.previous_id), ("related", contact.related_id)):
        if named is not None:
            yield role, named
    for named in contact.next_ids:
        yield "next", named
    for role, named in (("initial", contact.initial_id), ("association", contact.association_id)):
        if named not in {None, contact.id}:
            yield role, str(named)


def with_transfers(contacts: Mapping[str, Contact]) -> Iterator[Contact]:
    """
    Tell each contact which ones were transferred out of it, as those themselves say.

    A document need not name the contacts that came after it; without them, one that left its queue by
    a transfer looks abandoned.

    Args:
        contacts: By id.
    """
    after: dict[str, list[str]] = {}
    for name in sorted(contacts):
        contact = contacts[name]
        moved = (contact.initiation_method or "").upper() in {"TRANSFER", "QUEUE_TRANSFER"}
        if moved and contact.previous_id not in {None, name}:
            after.setdefault(str(contact.previous_id), []).append(name)
    for name, contact in contacts.items():
        told = frozenset(contact.next_ids)
        fresh = [other for other in after.get(name, ()) if other not in told]
        yield evolve(contact, next_ids=(*contact.next_ids, *fresh)) if fresh else contact


def link_contacts(contacts: Mapping[str, Contact]) -> Linked:
    """
    Put contacts into an order, whatever order they are given in.

    Args:
        contacts: By id.

    Returns:
        The same for the same contacts in any order.

    Raises:
        AnalysisLimit: Thousands of them name first ones in such a tangle that it takes too long.
    """
    import networkx as nx  # type: ignore[import-untyped]  # noqa: PLC0415  (it costs more than reading a chain)

    graph, namings = _graph(contacts)
    age = _ages(contacts, graph)
    _add_roots(contacts, graph, _ordered(graph, age))
    order = _ordered(graph, age)
    place = {name: number for number, name in enumerate(order)}
    circles = [
        tuple(sorted(part, key=place.__getitem__))
        for part in nx.strongly_connected_components(graph)
        if len(part) > 1 or any(graph.has_edge(name, name) for name in part)
    ]
    groups = [
        tuple(name for name in sorted(part, key=place.__getitem__) if name in contacts)
        for part in nx.weakly_connected_components(graph)
    ]
    edges = sorted(graph.edges(data="roles"), key=lambda edge: (place[edge[1]], place[edge[0]]))
    return Linked(
        order=tuple(name for name in order if name in contacts),
        links=tuple(Link(a, b, tuple(r for r in ROLES if r in roles)) for a, b, roles in edges),
        circles=tuple(sorted(circles, key=lambda part: place[part[0]])),
        groups=tuple(sorted(groups, key=lambda part: place[part[0]])),
        missing={name: tuple(namings[name]) for name in order if name not in contacts},
    )


def _graph(contacts: Mapping[str, Contact]) -> tuple[Any, dict[str, list[Naming]]]:
    """Draw what contacts say of their neighbours, and note who names what is not there."""
    import networkx as nx  # noqa: PLC0415  (as above)

    graph = nx.DiGraph()
    graph.add_nodes_from(sorted(contacts))
    namings: dict[str, list[Naming]] = {}
    for name in sorted(contacts):
        for role, named in named_ids(contacts[name]):
            if named not in contacts:
                namings.setdefault(named, []).append(Naming(name, role))
                graph.add_node(named)
            if role not in {"initial", "association"}:
                _add(graph, *((name, named) if role == "next" else (named, name)), role)
    return graph, namings


def _add(graph: Any, source: str, target: str, role: str) -> None:
    graph.add_edge(source, target)
    graph.edges[source, target].setdefault("roles", set()).add(role)


def _add_roots(contacts: Mapping[str, Contact], graph: Any, order: list[str]) -> None:
    """Hang what nothing else leads to on the contact that it names as the first."""
    ways = _Ways(graph, order)
    for role in ("initial", "association"):
        roots = {name: root for name, one in contacts.items() if (root := dict(named_ids(one)).get(role))}
        # Those that their own first contact leads to.
        hung: set[str] = set()
        for name in order:
            root = roots.get(name)
            if root is None:
                continue
            if any(other == root or (other in hung and roots[other] == root) for other in ways.before[name]):
                hung.add(name)
            # What already leads to its own first contact would only close another circle.
            elif not ways.any_between(root, name):
                _add(graph, root, name, role)
                ways.add(root, name)
                hung.add(name)


class _Ways:
    """
    Whether one contact leads to another, while links are added that close no circle.

    Attributes:
        before: What leads to each contact.
    """

    def __init__(self, graph: Any, order: list[str]) -> None:
        self.before = {name: list(graph.predecessors(name)) for name in order}
        self._after = {name: list(graph.successors(name)) for name in order}
        self._looks = 0
        # A first way down from each contact, in one walk: from its place on up to its end.
        self._place: dict[str, int] = {}
        self._end: dict[str, int] = {}
        left = [(name, True) for name in reversed(order)]
        while left:
            name, is_new = left.pop()
            if not is_new:
                self._end[name] = len(self._place)
            elif name not in self._place:
                self._place[name] = len(self._place)
                left.append((name, False))
                left += [(other, True) for other in self._after[name] if other not in self._place]

    def add(self, source: str, target: str) -> None:
        """Have one contact lead to another."""
        self._after[source].append(target)
        self.before[target].append(source)

    def any_between(self, one: str, other: str) -> bool:
        """
        Say whether any of two contacts leads to the other.

        Raises:
            AnalysisLimit: Contacts were looked at too often, this time and before.
        """
        is_below = any(
            self._place[a] <= self._place[b] < self._end[a] for a, b in ((one, other), (other, one))
        )
        return is_below or self._leads(one, other) or self._leads(other, one)

    def _leads(self, source: str, target: str) -> bool:
        """Look from both ends in turn: mostly one of them is a short way."""
        ends = zip(_along(self._after, source), _along(self.before, target), strict=False)
        for after, before in ends:
            if after == target or before == source:
                return True
            self._looks += 1
            if self._looks > _LOOKS:
                raise AnalysisLimit(
                    f"{len(self.before)} contacts name each other in a tangle too large to put in order",
                    hint="give fewer of them at once, such as those with one InitialContactId",
                )
        return False


def _along(near: Mapping[str, Iterable[str]], name: str) -> Iterator[str]:
    """Go along every link behind a contact, or else before it."""
    seen, left = {name}, [name]
    while left:
        for other in near[left.pop()]:
            yield other
            if other not in seen:
                seen.add(other)
                left.append(other)


def _ordered(graph: Any, age: Mapping[str, tuple[datetime, str]]) -> list[str]:
    """Sort so that links lead forward, a circle taken as one; what they leave open goes by age."""
    import networkx as nx  # noqa: PLC0415  (as above)

    whole = nx.condensation(graph)
    members = {part: sorted(names, key=age.__getitem__) for part, names in whole.nodes(data="members")}
    parts = nx.lexicographical_topological_sort(whole, key=lambda part: age[members[part][0]])
    return [name for part in parts for name in members[part]]


def _ages(contacts: Mapping[str, Contact], graph: Any) -> dict[str, tuple[datetime, str]]:
    """Say when each contact began; one without a time counts as old as what it leads to, or leads to it."""
    known = {name: began for name, contact in contacts.items() if (began := began_at(contact)) is not None}
    ages = {}
    for name in graph:
        after = [known[other] for other in graph.successors(name) if other in known]
        before = [known[other] for other in graph.predecessors(name) if other in known]
        ages[name] = known.get(name) or min(after, default=max(before, default=_NEVER))
    return {name: (age, name) for name, age in ages.items()}


def began_at(contact: Contact) -> datetime | None:
    """Give the first time that is known of a contact; None where none is."""
    times = (contact.initiated_at, contact.enqueued_at, contact.connected_at, contact.disconnected_at)
    return next((time for time in times if time is not None), None)
