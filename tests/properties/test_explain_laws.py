"""Laws of the explanation, on generated contacts, criteria and rosters."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from hostile import CONTACTS, MAYBE_TIMES, NAMES, ROSTERS
from routing_inspect import strategies as given_by
from routing_inspect.contact import (
    Agent,
    Contact,
    Criteria,
    Roster,
    Step,
)
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.explain import explain
from routing_inspect.explanation import Explanation
from routing_inspect.expr import And, AtLeast, Attribute, Expr, Not, Or
from routing_inspect.findings import CATALOGUE
from routing_inspect.forms import read, write_contact
from routing_inspect.gates import agent_step, expression_gate, open_step
from routing_inspect.render.lines import draw
from routing_inspect.render.terminal import lines
from routing_inspect.visible import visible

KINDS = {
    *("matched-step", "fallback", "waiting", "abandoned", "transferred"),
    *("agent-queue", "not-queued", "no-criteria", "contradiction", "undetermined"),
}


@given(CONTACTS, ROSTERS, MAYBE_TIMES, st.none() | st.lists(NAMES, max_size=2))
def test_every_contact_can_be_explained(
    contact: Contact, roster: Roster | None, now: datetime | None, names: list[str] | None
) -> None:
    """Whatever a document says, the explanation is one of ten kinds, has evidence, and adds up."""
    explanation = explain(contact, roster, now, agents=names)

    assert explanation.path.kind in KINDS
    assert explanation.path.evidence
    assert {finding.id for finding in explanation.findings} <= CATALOGUE.keys()
    _check_populations(explanation, 0 if roster is None else len(roster.agents))


def _check_populations(explanation: Explanation, size: int) -> None:
    for step in explanation.steps:
        ids = [*step.matching, *step.not_matching, *step.unknown]
        assert len(ids) == len(set(ids)) == size
        for count in step.conditions:
            assert count.matching + count.not_matching + count.unknown == size
            assert count.sole_blocker_of <= min(count.not_matching, len(step.not_matching))


@given(CONTACTS, ROSTERS, MAYBE_TIMES)
def test_json_is_strict_and_the_same_again(
    contact: Contact, roster: Roster | None, now: datetime | None
) -> None:
    """The explanation is plain JSON without NaN, and a function of its arguments alone."""
    first = explain(contact, roster, now).to_dict()
    second = explain(contact, roster, now).to_dict()

    text = json.dumps(first, allow_nan=False)

    assert text == json.dumps(second, allow_nan=False)
    assert json.loads(text) == first


@given(CONTACTS, ROSTERS, MAYBE_TIMES, st.booleans())
def test_every_explanation_can_be_drawn(
    contact: Contact,
    roster: Roster | None,
    now: datetime | None,
    verbose: bool,  # noqa: FBT001  (Hypothesis gives an argument by its name)
) -> None:
    """No line is wider than 80 cells, and none drives the terminal."""
    drawn = draw(lines(explain(contact, roster, now), verbose=verbose), None)

    for line in drawn.split("\n"):
        assert visible(line) == line
        assert cell_len(line) <= 80


@given(CONTACTS, ROSTERS)
def test_prose_is_safe(contact: Contact, roster: Roster | None) -> None:
    """Sentences, evidence, messages and questions are one line each, and safe to print."""
    explanation = explain(contact, roster)

    prose = [explanation.path.sentence, *explanation.path.evidence]
    prose += [finding.message for finding in explanation.findings]
    prose += [unknown.question for unknown in explanation.unknowns]
    assert [text for text in prose if visible(text) != text] == []


@given(given_by.contacts())
def test_phases_follow_one_another(contact: Contact) -> None:
    """On a possible record every phase that ran starts where the one before it ended."""
    clock = explain(contact).timeline

    assert [finding for finding, _ in clock.conflicts if finding in {"RI501", "RI502", "RI503"}] == []
    ran = [phase for phase in clock.phases if phase.started_at is not None]
    assert [phase.number for phase in ran] == list(range(1, len(ran) + 1))
    ends = [clock.activated_at, *(phase.ended_at for phase in ran[:-1])]
    assert [phase.started_at for phase in ran] == ends[: len(ran)]
    for phase in ran:
        assert phase.started_at is not None
        assert phase.ended_at is None or phase.started_at <= phase.ended_at


@given(given_by.contacts(), given_by.rosters())
def test_a_contact_read_back_is_explained_alike(contact: Contact, roster: Roster) -> None:
    """Writing a contact and reading it again changes nothing but the name of the source."""
    again = evolve(read(write_contact(contact)), source=contact.source)

    assert explain(again, roster).to_dict() == explain(contact, roster).to_dict()


@given(given_by.contacts(), st.integers(0, 7200))
def test_whoever_waits_is_told_from_now(contact: Contact, seconds: int) -> None:
    """A contact waits if and only if nobody has it, it is not over, and its statuses are possible."""
    assert contact.enqueued_at is not None
    path = explain(contact, None, contact.enqueued_at + timedelta(seconds=seconds)).path

    statuses = [step.status for step in (contact.criteria or Criteria()).steps]
    open_still = "ACTIVE" in statuses or set(statuses) == {"EXPIRED"}
    nobody = contact.agent_id is None and contact.connected_at is None and contact.disconnected_at is None
    assert (path.kind == "waiting") is (open_still and nobody)


ATTRIBUTES = [
    Attribute("Language", "French"),
    Attribute("Technology", "AWS DynamoDB"),
    Attribute("Desk", "North"),
]
DISTINCT = st.permutations(ATTRIBUTES).flatmap(
    lambda attributes: st.tuples(*(st.builds(AtLeast, st.just(a), st.integers(1, 5)) for a in attributes))
)
SHAPES: tuple[Callable[..., Expr], ...] = (
    lambda a, b, c: And([a, b, c]),
    lambda a, b, c: Or([And([a, b]), c]),
    lambda a, b, c: And([Or([a, Not(b)]), c]),
    lambda a, b, c: Or([a, b, c]),
)


@given(CONTACTS, ROSTERS)
def test_among_others_an_agent_is_evaluated_alike(contact: Contact, roster: Roster) -> None:
    """What was worked out for one agent is said of another only where it is just as true."""
    explanation = explain(contact, roster)

    for explained in explanation.agents:
        facts, clock, agent = explanation.contact, explanation.timeline, explained.agent
        alone = tuple(
            agent_step(facts, clock, phase, agent, expression_gate(phase.step.expression, agent))
            for phase in clock.phases
        )
        assert repr(explained.steps) == repr(alone)
        beside = [window for window in explanation.windows if window.step is None]
        put = [open_step(facts, clock, window, agent) for window in beside]
        assert repr([step for step in explained.windows if step.number is None]) == repr(put)


@given(DISTINCT, st.sampled_from(SHAPES), given_by.agents(attributes=st.sampled_from(ATTRIBUTES)))
def test_a_sole_blocker_is_what_its_name_says(
    leaves: tuple[AtLeast, ...], shape: Callable[..., Expr], agent: Agent
) -> None:
    """An agent is counted where lifting or dropping one attribute alone would let the agent in."""
    expression = shape(*leaves)
    explanation = explain(Contact(criteria=Criteria([Step(expression)])), Roster(agents=[agent]))

    for count in explanation.steps[0].conditions:
        fails = evaluate(expression, agent).verdict is Verdict.NO_MATCH
        mended = evaluate(expression, _mended(agent, count.expression)).verdict is Verdict.MATCH
        failing = evaluate(count.expression, agent).verdict is Verdict.NO_MATCH
        assert count.sole_blocker_of == int(fails and failing and mended)


def _mended(agent: Agent, condition: Expr) -> Agent:
    """Give the agent what one condition asks for, and nothing else."""
    held = dict(agent.proficiencies or {})
    match condition:
        case AtLeast(attribute, level):
            held[attribute] = level
        case Not(AtLeast(attribute)):
            held.pop(attribute, None)
    return evolve(agent, proficiencies=held)
