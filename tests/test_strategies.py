import inspect
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from routing_inspect import strategies
from routing_inspect.checks import criteria_findings
from routing_inspect.contact import Agent, Criteria
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.expr import (
    AgentIn,
    And,
    AtLeast,
    Attribute,
    Between,
    Expr,
    Mixed,
    Not,
    Opaque,
    Or,
    conditions,
)
from routing_inspect.forms import read
from routing_inspect.paths import find_path
from routing_inspect.timeline import timeline

QUIETLY = settings(max_examples=5_000, database=None, deadline=None)


def _smallest(strategy: Any, condition: Any) -> Any:
    return find(strategy, condition, settings=QUIETLY)


def _first(strategy: Any, condition: Any) -> Any:
    return find(strategy, condition, settings=settings(QUIETLY, phases=[Phase.generate]))


def test_a_failing_criteria_shrinks_to_one_condition() -> None:
    """Where one condition is enough to fail, one step with it alone is what hypothesis shows."""
    shrunk = _smallest(
        strategies.criteria(),
        lambda c: any(isinstance(leaf, AtLeast) for step in c.steps for leaf in conditions(step.expression)),
    )

    assert shrunk.steps[0].expression == AtLeast(Attribute("Language", "French"), 1)
    assert len(shrunk.steps) == 1
    assert shrunk.steps[0].expires_after is None


def test_a_failing_expression_shrinks_out_of_its_groups() -> None:
    """A deep expression that fails for one of its conditions shrinks to that condition."""
    shrunk = _smallest(
        strategies.expressions(not_over_groups=True, unclear=True),
        lambda e: any(isinstance(leaf, AgentIn) and leaf.agent_ids for leaf in conditions(e)),
    )

    assert shrunk == AgentIn(["user-1"])


@given(strategies.documents())
def test_tidy_documents_have_nothing_odd_in_their_conditions(document: Any) -> None:
    """What is not asked to be messy is what the service documents."""
    criteria = read(document).criteria

    assert criteria is not None
    odd = {finding.id for finding in criteria_findings(criteria)}
    assert odd.isdisjoint({"RI201", "RI202", "RI203", "RI205", "RI206", "RI207", "RI208"})


@pytest.mark.parametrize("form", strategies.DOCUMENT_FORMS)
def test_every_form_comes_up_with_all_that_it_can_say(form: str) -> None:
    """A form that describes a contact names its queue and its agent at times; every form has steps."""
    describes = strategies.DOCUMENT_FORMS.index(form) < 9 or form == "data-lake"

    def says_all(document: Any) -> bool:
        contact = read(document)
        known = contact.queue_id is not None and contact.agent_id is not None
        steps = contact.criteria.steps if contact.criteria else ()
        return (known and any(step.expiry for step in steps)) if describes else contact.criteria is not None

    assert read(_first(strategies.documents(form=form), says_all)).criteria is not None
    assert _first(strategies.documents(form=form, messy=True), lambda document: bool(read(document)))


@pytest.mark.parametrize(
    "finding", ["RI101", "RI201", "RI202", "RI203", "RI205", "RI206", "RI207", "RI208", "RI209", "RI210"]
)
def test_messy_documents_hold_every_oddity(finding: str) -> None:
    """Unknown members and operators, absent ones, empty ones, several side by side: all come up."""
    document = _first(
        strategies.documents(form="steps", messy=True),
        lambda d: any(f.id == finding for f in criteria_findings(read(d).criteria or Criteria())),
    )

    assert document["Steps"]


def _kinds(expression: Expr) -> set[type]:
    below = [expression.operand] if isinstance(expression, Not) else getattr(expression, "operands", ())
    return {type(expression)}.union(*(_kinds(operand) for operand in below))


@pytest.mark.parametrize("kind", [AtLeast, Between, AgentIn, Not, And, Or])
def test_expressions_hold_every_kind_of_node(kind: type[Expr]) -> None:
    """What Amazon Connect documents comes up by default, what it does not only where asked for."""
    assert kind in _kinds(_first(strategies.expressions(), lambda e: kind in _kinds(e)))


@pytest.mark.parametrize("kind", [Mixed, Opaque])
def test_unclear_expressions_hold_what_the_service_leaves_undefined(kind: type[Expr]) -> None:
    """Mixed nodes and parts that are not understood come up where they are asked for."""
    assert kind in _kinds(_first(strategies.expressions(unclear=True), lambda e: kind in _kinds(e)))


@given(strategies.expressions(allow_not=False, max_conditions=3))
def test_options_of_expressions_are_kept(expression: Expr) -> None:
    """No NOT where none is allowed, and no more conditions than that."""
    assert Not not in _kinds(expression)
    assert len(list(conditions(expression))) <= 3


@given(strategies.expressions(attributes=st.just(Attribute("A", "b"))))
def test_attributes_can_be_chosen(expression: Expr) -> None:
    """A test about its own attributes gets no others."""
    for condition in conditions(expression):
        leaf = condition.operand if isinstance(condition, Not) else condition
        assert isinstance(leaf, AgentIn) or leaf.attribute == Attribute("A", "b")  # type: ignore[union-attr]  # (no other condition is asked for)


@pytest.mark.parametrize(
    "make",
    [
        lambda: strategies.expressions(allow_not=False, not_over_groups=True),
        lambda: strategies.expressions(max_conditions=0),
        lambda: strategies.criteria(max_steps=0),
        lambda: strategies.rosters(max_size=-1),
        lambda: strategies.documents(form="fax"),
    ],
)
def test_impossible_options_are_refused(make: Any) -> None:
    """They are an error where they are written, and not an empty strategy."""
    with pytest.raises(InvalidArgument):
        make()


def test_agents_are_made_for_expressions_alone() -> None:
    """Text would give agents for whom nothing is close."""
    with pytest.raises(TypeError, match=r"`routing_inspect\.parse\(text\)` makes one"):
        strategies.agents_for("Language(French) >= 4")  # type: ignore[arg-type]  # (the mistake)


EDGES = And(
    [
        AtLeast(Attribute("A", "b"), 4),
        Not(Between(Attribute("C", "d"), 2, 3)),
        Or([AgentIn(["arn:aws:connect:eu-west-2:1:instance/i/agent/user-9"]), Opaque({"x": 1})]),
    ]
)


@pytest.mark.parametrize("level", [None, 3.0, 3.5, 4.0, 4.5, 5.0])
def test_agents_for_an_expression_stand_at_its_edges(level: float | None) -> None:
    """At the level, around it by whole and half levels, and without the attribute."""
    agent = _first(
        strategies.agents_for(EDGES),
        lambda a: a.proficiencies is not None and a.proficiencies.get(Attribute("A", "b")) == level,
    )

    assert isinstance(agent, Agent)


@pytest.mark.parametrize(
    "wanted",
    [lambda a: a.id == "user-9", lambda a: a.username == "user-9", lambda a: a.proficiencies is None],
)
def test_agents_for_an_expression_are_among_those_it_lists(wanted: Any) -> None:
    """By id, by a username equal to one, or not; and some are of unknown skill."""
    assert wanted(_first(strategies.agents_for(EDGES), wanted))


@pytest.mark.parametrize("verdict", ["match", "no_match", "unknown"])
def test_agents_for_an_expression_have_every_verdict(verdict: str) -> None:
    """A close call falls on either side."""
    expression = And([AtLeast(Attribute("A", "b"), 4), AgentIn(["user-9"])])

    _first(strategies.agents_for(expression), lambda a: evaluate(expression, a).verdict.value == verdict)


@given(strategies.rosters(max_size=4))
def test_rosters_have_agents_of_different_ids(roster: Any) -> None:
    """Two agents of one id make no roster."""
    assert len({agent.id for agent in roster.agents}) == len(roster.agents) <= 4


@given(strategies.contacts())
def test_contacts_ran_as_contacts_do(contact: Any) -> None:
    """Statuses and times can be so: at most the criteria came late, and the route can be told."""
    clock = timeline(contact)
    path = find_path(contact, clock, agent_name="somebody", joined=Verdict.UNKNOWN)

    assert {finding for finding, _ in clock.conflicts} <= {"RI516"}
    assert (path.kind == "undetermined") is any(s.status == "INTERRUPTED" for s in contact.criteria.steps)


def test_the_front_door_does_not_need_hypothesis() -> None:
    """Only those who import the strategies pay for them."""
    code = "import sys, routing_inspect; sys.exit('hypothesis' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_strategy_is_public_and_takes_options_by_name() -> None:
    """Strategies are functions with plural names; a positional option would be a riddle."""
    functions = [f for name in strategies.__all__ if callable(f := getattr(strategies, name))]

    assert len(functions) == 9
    for function in functions:
        kinds = {p.kind for p in inspect.signature(function).parameters.values()}
        assert kinds <= {inspect.Parameter.KEYWORD_ONLY} or function is strategies.agents_for
