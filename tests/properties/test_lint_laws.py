"""Laws of the linter's rules: what a finding points at, what it claims, and that it always comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from routing_inspect.analysis import equivalent, implies, satisfiable
from routing_inspect.arrival import first_later, openings
from routing_inspect.contact import Contact, Criteria, Expiry, Roster, Step
from routing_inspect.errors import DocumentError
from routing_inspect.expr import And, AtLeast, Attribute, Expr, Mixed, Not, Or, operands_of
from routing_inspect.findings import CATALOGUE, Finding
from routing_inspect.forms import read
from routing_inspect.linting import document_findings, lint, refusal_findings
from routing_inspect.names import differences, edits, near_miss_key, near_misses
from routing_inspect.places import part_at
from routing_inspect.predefined import attributes_of
from routing_inspect.strategies import attributes, contacts, criteria, documents, expressions, rosters
from routing_inspect.text import unparse

_MINUTE = Expiry(timedelta(minutes=1))
# Few attributes, so that conditions meet.
ABOUT = st.shared(st.lists(attributes(), min_size=1, max_size=3, unique=True), key="about").flatmap(
    st.sampled_from
)
CROWDED = expressions(attributes=ABOUT, not_over_groups=True, unclear=True)


def _criteria_of(about: Criteria | Contact) -> Criteria:
    return about if isinstance(about, Criteria) else about.criteria or Criteria()


def _lint(about: Criteria | Contact, roster: Roster | None) -> list[Finding]:
    names = sorted({a.name for agent in (roster or Roster()).agents for a in agent.proficiencies or {}})
    known = None if roster is None else attributes_of(roster)
    plain = [name for name in names if "(" not in name]
    return lint(about, roster, known, max_wait=timedelta(seconds=30), required=plain[:2])


def _without(expression: Expr, condition: tuple[int, ...]) -> Expr:
    """Take an operand out of its AND or OR."""
    first, rest = condition[0], condition[1:]
    operands = list(operands_of(expression))
    operands[first : first + 1] = [_without(operands[first], rest)] if rest else []
    match expression:
        case Not():
            return Not(operands[0])
        case Mixed():
            return Mixed(operands)
        case And():
            return And(operands)
        case _:
            return Or(operands)


@given(st.one_of(contacts(), contacts(criteria=criteria(expressions=expressions(unclear=True)))), rosters())
def test_every_finding_points_into_the_criteria(contact: Contact, roster: Roster) -> None:
    """Linting any contact gives findings that name a step, and a part of its expression, that are there."""
    for finding in _lint(contact, roster):
        assert finding.id in CATALOGUE
        if finding.step is None:
            assert finding.condition is None
        else:
            step = _criteria_of(contact).steps[finding.step - 1]
            assert finding.where == f"step {finding.step}"
            part_at(step.expression, finding.condition or ())


@given(contacts(), st.none() | rosters())
def test_linting_is_deterministic(contact: Contact, roster: Roster | None) -> None:
    """The same arguments give the same findings in the same order, none twice, the whole before its steps."""
    found = _lint(contact, roster)

    assert found == _lint(contact, roster)
    assert len(set(found)) == len(found)
    assert [finding.step or 0 for finding in found] == sorted(finding.step or 0 for finding in found)


@given(documents(messy=True))
def test_any_document_is_linted_or_refused_with_findings(document: Any) -> None:
    """Whatever a reader makes of a document, the linter has an answer: findings, or why it was refused."""
    try:
        contact, problems = read(document), 0
    except DocumentError as error:
        found, problems = list(refusal_findings(error)), len(error.problems)
    else:
        found = [*document_findings(document), *lint(contact)]

    assert len(found) >= problems
    assert all(finding.id in CATALOGUE and "\n" not in finding.message for finding in found)


@given(CROWDED)
def test_a_redundant_condition_taken_out_leaves_an_equivalent_expression(expression: Expr) -> None:
    """RI215: without the part that changes nothing, the same agents are let in."""
    for finding in lint(Criteria([Step(expression)])):
        if finding.id == "RI215":
            assert finding.condition
            assert equivalent(expression, _without(expression, finding.condition))


@given(CROWDED)
def test_a_contradiction_lets_nobody_in(expression: Expr) -> None:
    """RI212: no agent satisfies the part that it points at."""
    found = [f for f in lint(Criteria([Step(expression)])) if f.id == "RI212"]

    for finding in found:
        assert not satisfiable(part_at(expression, finding.condition or ()))


# Steps out of few expressions, so that some are the same, or one stricter than another.
_EXPIRIES = st.sampled_from((None, _MINUTE, Expiry(timedelta(seconds=20)), Expiry(timedelta(0))))
SMALL = expressions(attributes=ABOUT, not_over_groups=True, unclear=True, max_conditions=3)
SEQUENCES = st.lists(SMALL, min_size=1, max_size=2).flatmap(
    lambda pool: st.builds(
        Criteria,
        st.lists(
            st.builds(Step, st.sampled_from([*pool, Or(pool), And(pool)]), expiry=_EXPIRIES),
            min_size=1,
            max_size=4,
        ),
    )
)


def _mended(steps: tuple[Step, ...], finding: Finding) -> list[Step] | None:
    """Do what a finding's hint says; None where it says nothing that a machine could do."""
    number = finding.step or 0
    before, this, behind = steps[: number - 1], steps[number - 1], steps[number:]
    hint = finding.hint or ""
    match finding.id:
        case "RI301" | "RI305":
            return [*before, evolve(this, expiry=_MINUTE), *behind]
        case "RI302" | "RI304":
            assert hint.startswith(f"let step {number - 1} ")
            together = None if this.expires_after is None else _sum(before[-1], this)
            return [*before[:-1], evolve(before[-1], expiry=together), *behind]
        case "RI306":
            assert hint == "shorten the steps"
            return [evolve(step, expiry=step.expiry and Expiry(timedelta(0))) for step in steps]
        case "RI213" if "take the step out" in hint:
            return [*before, *behind]
        case "RI212" | "RI215" if hint.startswith("take"):
            assert finding.condition is not None
            # Of parts that exclude each other one can go; what is idle, or under a NOT, goes as a whole.
            part = (*finding.condition, 0) if "one of them" in hint else finding.condition
            return [*before, evolve(this, expression=_without(this.expression, part)), *behind]
        case _:
            return None


def _sum(one: Step, other: Step) -> Expiry:
    assert one.expires_after is not None
    assert other.expires_after is not None
    return Expiry(one.expires_after + other.expires_after)


@given(SEQUENCES)
def test_whoever_follows_a_hint_reaches_nobody_later(written: Criteria) -> None:
    """RI2xx and RI3xx: done as the hint says, nobody is let in later, or never; by RI302's nobody earlier."""
    for finding in lint(written, max_wait=timedelta(seconds=30)):
        mended = _mended(written.steps, finding)
        if mended is not None:
            before, after = openings(written), openings(Criteria(mended))
            assert first_later(before, after)[0] is None, finding
            assert finding.id != "RI302" or first_later(after, before)[0] is None


@given(SEQUENCES)
def test_steps_that_add_nobody_imply_the_one_before(written: Criteria) -> None:
    """RI302 and RI304: all whom the step lets in the one before does; a stricter one shuts somebody out."""
    for finding in lint(written):
        if finding.id in {"RI302", "RI304"}:
            assert finding.step is not None
            before, this = (step.expression for step in written.steps[finding.step - 2 : finding.step])
            assert implies(this, before)
            assert implies(before, this) is (finding.id == "RI302")


@given(SEQUENCES, ABOUT.map(lambda attribute: AtLeast(attribute, 2)))
def test_what_is_required_and_not_missed_is_held_by_whoever_is_let_in(written: Criteria, held: Expr) -> None:
    """RI307 and RI310: without them every step that starts is for those alone who have what is required."""
    found = {finding.id for finding in lint(written, required=[unparse(held)])}

    if found.isdisjoint({"RI307", "RI310", "RI219"}):
        assert all(implies(opening.expression, held) for opening in openings(written))


WORDS = st.text("abAB1 ", max_size=8)
DRESSINGS = st.text("connect:LanguageCafé\u0301\u200b \u00a0\u0410\u0435-\u2013", max_size=12)


@given(WORDS, WORDS)
def test_edits_are_a_distance(one: str, other: str) -> None:
    """Edits are none between equals alone, and as many there as back."""
    forth, back = edits(one, other, most=8), edits(other, one, most=8)

    assert forth == back
    assert (forth == 0) is (one == other)


@given(st.builds(Attribute, DRESSINGS, DRESSINGS), st.data())
def test_differences_are_the_same_both_ways_and_none_is_idle(one: Attribute, data: st.DataObject) -> None:
    """What a reader takes for the same differs in something, and in the same things there and back."""
    dress = st.sampled_from((str.upper, str.lower, "connect:{}".format, " {} ".format, "\u200b{}".format))
    other = Attribute(data.draw(dress)(one.name), data.draw(dress)(one.value))

    if near_miss_key(one) == near_miss_key(other):
        assert differences(one, other) == differences(other, one)
        assert bool(differences(one, other)) is (one != other)
        assert (one != other) is bool(near_misses(one, [other]))
