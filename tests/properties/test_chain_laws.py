"""Laws of chains: any contacts at all, linked by any ids at all, are one story told alike."""

from __future__ import annotations

import json

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from records import contact, step
from routing_inspect import Chain, Contact, explain, link
from routing_inspect.links import link_contacts, named_ids
from routing_inspect.render.chain import diagram, lines
from routing_inspect.render.diagram import Arrow, Box, Diagram, dot, mermaid
from routing_inspect.render.lines import draw
from routing_inspect.visible import visible

NAMES = st.sampled_from(["a", "b", "c", "d", "e", "gone", "lost"])
METHODS = st.sampled_from(["INBOUND", "TRANSFER", "QUEUE_TRANSFER", "CALLBACK", "DISCONNECT", "odd", None])
# How a contact may have fared: what the links make of it is the question here, not its steps.
FARED = (
    Contact(),
    contact(step("ACTIVE", 30), step("INACTIVE")),
    contact(step("EXPIRED", 30), step("JOINED"), connected_at=40, agent_id="ana", disconnected_at=90),
    contact(step("EXPIRED", 30), connected_at=50, agent_id="bob", initiated_at=-5),
    contact(criteria=None, enqueued_at=20, initiated_at=10, connected_at=30, agent_id="ana"),
    contact(criteria=None, enqueued_at=None, initiated_at=60, queue_name="\u202eClaims", channel=None),
    contact(step("DEACTIVATED", 30), enqueued_at=100, activated=100, disconnected_at=95),
)


@st.composite
def linked_contacts(draw: st.DrawFn) -> list[Contact]:
    """Contacts that name each other, themselves and others in any way, cycles and gaps among them."""
    names = draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=5, unique=True))
    return [
        evolve(
            draw(st.sampled_from(FARED)),
            id=name,
            previous_id=draw(st.none() | NAMES),
            related_id=draw(st.none() | NAMES),
            initial_id=draw(st.none() | NAMES),
            association_id=draw(st.none() | NAMES),
            next_ids=tuple(draw(st.lists(NAMES, max_size=2))),
            initiation_method=draw(METHODS),
            queue_id=draw(st.none() | st.sampled_from(["q1", "q2"])),
        )
        for name in names
    ]


def told(given_contacts: list[Contact]) -> Chain:
    """Link contacts, each explained without a roster."""
    return link(given_contacts, explain)


@given(st.data(), linked_contacts())
def test_the_order_of_the_documents_changes_nothing(data: st.DataObject, some: list[Contact]) -> None:
    """The same contacts in another order are the same chain."""
    assert told(data.draw(st.permutations(some))) == told(some)


@given(linked_contacts())
def test_nothing_is_lost(some: list[Contact]) -> None:
    """Every contact is one segment, and every id that is named is a segment or missing."""
    chain = told(some)
    named = {other for one in some for _, other in named_ids(one)}
    there = {one.id for one in some}

    assert sorted(segment.id for segment in chain.segments) == sorted(str(name) for name in there)
    assert {missing.id for missing in chain.missing} == named - there
    assert sorted(name for group in chain.groups for name in group) == sorted(str(name) for name in there)


@given(linked_contacts())
def test_links_lead_forward_outside_circles(some: list[Contact]) -> None:
    """A segment comes after all it follows, unless both are in one circle."""
    linked = link_contacts({str(one.id): one for one in some})
    place = {name: number for number, name in enumerate(linked.order)}
    circle = {name: number for number, names in enumerate(linked.circles) for name in names}

    for edge in linked.links:
        if edge.source in place and edge.target in place and place[edge.source] >= place[edge.target]:
            assert circle[edge.source] == circle[edge.target]


@given(linked_contacts())
def test_every_chain_can_be_told_and_drawn(some: list[Contact]) -> None:
    """Text fits 80 columns, JSON is strict, and no form drives a terminal."""
    chain = told(some)
    json.dumps(chain.to_dict(), allow_nan=False)
    drawn = diagram(chain)

    for verbose in (False, True):
        for row in draw(lines(chain, verbose=verbose), None).splitlines():
            assert len(row) <= 80
    for written in (mermaid(drawn), dot(drawn)):
        assert all(visible(row) == row for row in written.split("\n"))
    assert len(drawn.arrows) == len(chain.links)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=4, unique=True), st.text(max_size=20))
def test_labels_never_leave_their_quotes(keys: list[str], label: str) -> None:
    """A diagram has as many statements as boxes and arrows, whatever its labels say."""
    boxes = tuple(Box(key, (label, key)) for key in keys)
    arrows = tuple(Arrow(keys[0], key, label) for key in keys)
    drawn = Diagram(boxes=boxes, arrows=arrows)

    assert len(mermaid(drawn).split("\n")) == 1 + 2 * len(keys) + 1
    assert len(dot(drawn).split("\n")) == 3 + 2 * len(keys) + 2
    assert mermaid(drawn).count('"') % 2 == 0
    assert dot(drawn).replace("\\\\", "").replace('\\"', "").count('"') % 2 == 0
