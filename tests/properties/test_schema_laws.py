"""Laws of the JSON: whatever is explained, compared or asked, the answer is as its schema says."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import hostile
from routing_inspect import strategies as given_by
from routing_inspect.chain import link
from routing_inspect.comparison import diff
from routing_inspect.contact import Contact, Criteria, Roster
from routing_inspect.explain import explain
from routing_inspect.expr import Expr
from routing_inspect.index import AgentIndex
from routing_inspect.lattice import step_lattice
from routing_inspect.render import diff_json, matches
from routing_inspect.render.diff import Part, Report
from routing_inspect.roster_diff import roster_changes
from schemas import problems

UNCLEAR = given_by.expressions(unclear=True, not_over_groups=True, max_conditions=4)
CRITERIA = given_by.criteria(expressions=UNCLEAR, max_steps=3)
CONTACTS = hostile.CONTACTS | given_by.contacts(criteria=CRITERIA)
ROSTERS = given_by.rosters(max_size=3)


@given(CONTACTS, hostile.ROSTERS | ROSTERS, hostile.MAYBE_TIMES, st.data())
def test_every_explanation_is_as_its_schema_says(
    contact: Contact, roster: Roster | None, now: datetime | None, data: st.DataObject
) -> None:
    """Of any contact in any form, with and without agents, asked about or not, and so its chain."""
    everybody = [] if roster is None else [agent.id for agent in roster.agents]
    agents = data.draw(
        st.none() | st.lists(st.sampled_from(everybody), max_size=2) if everybody else st.none()
    )

    assert problems(explain(contact, roster, now, agents=agents).to_dict()) == []
    assert problems(link([evolve(contact, id="contact-1")], explain).to_dict()) == []


@given(CRITERIA, CRITERIA, st.none() | ROSTERS)
def test_every_difference_is_as_its_schema_says(old: Criteria, new: Criteria, roster: Roster | None) -> None:
    """Of any two criteria, with and without agents; and so the order of the steps."""
    parts = (Part(diff=diff(old, new, roster)),)
    report = Report(old=("old", "text"), new=("new", "text"), parts=parts, fail_on=("looser",))

    assert problems(diff_json.to_dict(report)) == []
    assert problems(step_lattice(old).to_dict()) == []


@given(UNCLEAR, ROSTERS, ROSTERS)
def test_every_answer_about_agents_is_as_its_schema_says(
    expression: Expr, roster: Roster, other: Roster
) -> None:
    """Who matches any expression, and what differs between any two rosters."""
    found = AgentIndex(roster).match(expression)

    assert problems(matches.to_dict(expression, roster, found)) == []
    assert problems(roster_changes(roster, other).to_dict()) == []
