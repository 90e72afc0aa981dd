"""Laws of captures, on generated contacts and rosters."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from hostile import CONTACTS, MAYBE_TIMES, ROSTERS
from routing_inspect import strategies as given_by
from routing_inspect.capture import Capture, capture
from routing_inspect.cases import read_cases
from routing_inspect.contact import Agent, Contact, Criteria, Roster
from routing_inspect.expr import AgentIn, And
from routing_inspect.outcomes import check
from routing_inspect.pseudonyms import Pseudonyms

PERSON = "Mali Pugh"
TIME = datetime(2026, 1, 1, tzinfo=UTC)


def _failures(captured: Capture) -> list[object]:
    """Write a capture into a folder, read it as pytest does and run it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        documents = {"contact": captured.contact, "roster": captured.roster}
        for kind, document in documents.items():
            if document is not None:
                place = folder / f"{captured.name}.{kind}.json"
                place.write_text(json.dumps(document), encoding="utf-8")
        case_file = folder / "test_captured.routing.yaml"
        case_file.write_text(captured.case, encoding="utf-8")
        cases = read_cases(case_file, tree=folder).cases
        assert cases
        return [failure for case in cases for failure in check(case)]


@given(CONTACTS, ROSTERS, MAYBE_TIMES, st.booleans())
# The agent who took it is known by a username alone.
@example(
    contact=Contact(agent_id="", connected_at=TIME),
    roster=Roster(agents=[Agent(id="0", username="")]),
    now=None,
    ids=False,
)
def test_a_capture_holds(
    contact: Contact,
    roster: Roster | None,
    now: datetime | None,
    ids: bool,  # noqa: FBT001  (hypothesis draws it)
) -> None:
    """Whatever was captured, the case file can be read, holds, and is explained like the contact."""
    captured = capture(contact, roster, now, pseudonyms=Pseudonyms(ids=ids))

    assert _failures(captured) == []
    assert not [note for note in captured.notes if "otherwise" in note]


def _with_secrets(contact: Contact, roster: Roster) -> tuple[Contact, Roster]:
    criteria = contact.criteria or Criteria()
    preferred = AgentIn([f"{PERSON} 1"], written={"MatchCriteria": {"AgentIds": [f"{PERSON} 2"]}})
    steps = [
        evolve(step, expression=And([step.expression, preferred]), extra={"Note": PERSON})
        for step in criteria.steps
    ]
    agents = [evolve(agent, username=f"{PERSON} {i}", source=PERSON) for i, agent in enumerate(roster.agents)]
    secret = evolve(criteria, steps=steps, extra={"CustomerName": PERSON})
    hidden = evolve(contact, criteria=secret, agent_username=f"{PERSON} 3", queue_name=f"{PERSON}'s")
    return hidden, Roster(agents=[*agents, Agent(id=f"{PERSON} 9")], source=PERSON)


@given(given_by.contacts(), given_by.rosters())
def test_no_name_is_in_a_capture(contact: Contact, roster: Roster) -> None:
    """Usernames, queue names, ids that are names and unknown members never come out."""
    captured = capture(*_with_secrets(contact, roster))

    text = json.dumps([captured.contact, captured.roster, captured.case, captured.notes, captured.name])
    assert PERSON not in text
