"""Contacts and rosters that need not be possible, for laws that hold of whatever can be read."""

from __future__ import annotations

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from routing_inspect import strategies as given_by
from routing_inspect.contact import STATUSES, Contact, Criteria
from routing_inspect.strategies.records import TIMES

NAMES = st.text(max_size=8) | st.sampled_from(
    ("ana", "\x1b[31m", "\u202e", "\u65e5\u672c\u8a9e" * 9, "\ud800")
)
MAYBE_TIMES = st.none() | TIMES
UNCLEAR = given_by.expressions(unclear=True, not_over_groups=True)


@st.composite
def any_contacts(draw: DrawFn) -> Contact:
    """Contacts that need not be possible: any status, any time, anything absent."""
    some = draw(given_by.contacts(criteria=given_by.criteria(expressions=UNCLEAR)))
    statuses = st.none() | st.sampled_from((*STATUSES, "PAUSED"))
    criteria = some.criteria or Criteria()
    expiries = [
        None if step.expiry is None else evolve(step.expiry, at=draw(MAYBE_TIMES)) for step in criteria.steps
    ]
    steps = [
        evolve(step, status=draw(statuses), expiry=expiry)
        for step, expiry in zip(criteria.steps, expiries, strict=True)
    ]
    current = evolve(
        criteria, steps=steps, activated_at=draw(MAYBE_TIMES), index=draw(st.none() | st.integers(0, 4))
    )
    referring = Criteria(reference="$.External.criteria")
    return evolve(
        some,
        id=draw(st.none() | NAMES),
        channel=draw(st.sampled_from((None, "VOICE", "CHAT"))),
        queue_id=draw(st.none() | st.just("queue-1") | NAMES),
        queue_type=draw(st.sampled_from((None, "STANDARD", "AGENT", "type"))),
        agent_id=draw(st.none() | st.just("user-1") | NAMES),
        agent_username=draw(st.none() | NAMES),
        enqueued_at=draw(MAYBE_TIMES),
        connected_at=draw(MAYBE_TIMES),
        disconnected_at=draw(MAYBE_TIMES),
        disconnect_reason=draw(st.sampled_from((None, "TRANSFERRED", "OTHER\x07"))),
        next_ids=draw(st.sampled_from(((), ("contact-2",)))),
        failed_block=draw(st.sampled_from((None, None, "Error"))),
        criteria=draw(st.sampled_from((current, current, current, None, Criteria(), referring))),
    )


HOSTILE = given_by.agents().flatmap(
    lambda agent: st.builds(lambda i, n: evolve(agent, id=i, username=n), NAMES, st.none() | NAMES)
)
ROSTERS = st.none() | given_by.rosters() | given_by.rosters(agents=HOSTILE)
CONTACTS = given_by.contacts() | any_contacts()
