"""Exact answers about expressions: what they say, of whom, and where they stop."""

from typing import Any

import pytest

import routing_inspect as ri
from routing_inspect import analysis, clauses
from routing_inspect.analysis import (
    Counterexample,
    admits_nobody_new,
    counterexample,
    disjoint,
    equivalent,
    implies,
    outsider,
    satisfiable,
    witness,
)
from routing_inspect.contact import Agent, Step
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or
from routing_inspect.text import parse

FRENCH = Attribute("Language", "French")
UNKNOWN = Opaque({"AttributeCondition": {"ComparisonOperator": "IsBetterThan"}})
USER = "39bc9666-4d3c-4558-b2ad-9bab4bd48568"


def _shown(found: Counterexample | None) -> Counterexample:
    assert found is not None
    return found


def test_a_counterexample_is_the_lowest_level_that_differs() -> None:
    """Level 3 is what `>= 3` lets in and `>= 4` does not."""
    found = _shown(counterexample(parse("Language(French) >= 3"), parse("Language(French) >= 4")))

    assert found.agent.proficiencies == {FRENCH: 3.0}
    assert found.assuming == {}
    assert found.is_smallest
    assert not found.is_fractional


def test_fewer_proficiencies_come_before_lower_levels() -> None:
    """One attribute at 5 is smaller than two at 1."""
    found = _shown(witness(parse("(A(a) >= 1 AND B(b) >= 1) OR C(c) >= 5")))

    assert found.agent.proficiencies == {Attribute("C", "c"): 5.0}


def test_a_level_between_two_whole_ones_comes_last() -> None:
    """Only an agent at 3.5, whom Amazon Connect does not document, falls between the two ranges."""
    found = _shown(counterexample(parse("A(a) in 1..5"), parse("A(a) in 1..3 OR A(a) >= 4")))

    assert found.agent.proficiencies == {Attribute("A", "a"): 3.5}
    assert found.is_fractional


def test_nobody_is_outside_the_scale() -> None:
    """Agents hold levels from 1 to 5, so a bound below says "held" and one above lets in nobody."""
    assert equivalent(AtLeast(FRENCH, 0), Between(FRENCH, 1, 5))
    assert not satisfiable(AtLeast(FRENCH, 5.5))
    assert implies(Between(FRENCH, 4, 2), AgentIn(()))


def test_a_fractional_bound_counts_as_it_stands() -> None:
    """`>= 3.5` lets in less than `>= 3` and more than `>= 4`."""
    assert not implies(AtLeast(FRENCH, 3), AtLeast(FRENCH, 3.5))
    assert implies(AtLeast(FRENCH, 4), AtLeast(FRENCH, 3.5))
    assert _shown(counterexample(AtLeast(FRENCH, 3.5), AtLeast(FRENCH, 4))).is_fractional


def test_an_open_part_may_hold_or_not() -> None:
    """What cannot be told counts as holding where it must, the same wherever it stands."""
    both = And((UNKNOWN, AtLeast(FRENCH, 2)))

    assert _shown(witness(both)).assuming == {UNKNOWN: True}
    assert _shown(counterexample(AtLeast(FRENCH, 2), both)).assuming == {UNKNOWN: False}
    assert not satisfiable(And((UNKNOWN, Not(UNKNOWN))))
    assert implies(AtLeast(FRENCH, 2), Or((UNKNOWN, Not(UNKNOWN))))
    assert implies(UNKNOWN, UNKNOWN)


def test_nothing_is_assumed_without_need() -> None:
    """An agent who needs no open part is preferred, though it holds more."""
    found = _shown(witness(Or((UNKNOWN, And((AtLeast(FRENCH, 5), parse("A(a) >= 5")))))))

    assert found.assuming == {}
    assert len(found.agent.proficiencies or {}) == 2


def test_a_reference_has_levels() -> None:
    """Whatever `$.x` stands for, who has it at 4 has it at 3; two references may be two things."""
    four, three = (AtLeast(Attribute("Language", "$.x"), level) for level in (4, 3))
    other = AtLeast(Attribute("Language", "$.y"), 3)

    assert implies(four, three)
    assert _shown(counterexample(three, four)).assuming == {three: True, four: False}
    assert not implies(four, other)
    assert _shown(counterexample(three, four)).agent.proficiencies == {}


def test_a_mixed_node_is_read_in_one_way_or_the_other() -> None:
    """Its AND is certain, its OR has to be assumed, and beyond both is nobody."""
    parts = (AtLeast(FRENCH, 2), parse("A(a) >= 3"))
    node = Mixed(parts)

    assert implies(And(parts), node)
    assert implies(node, Or(parts))
    assert _shown(counterexample(node, And(parts))).assuming == {node: True}
    assert _shown(counterexample(Or(parts), node)).assuming == {node: False}


def test_agents_are_compared_by_user_id() -> None:
    """An ARN and the id at its end name one agent; lists are sets."""
    arn = f"arn:aws:connect:eu-west-2:123456789012:instance/i-1/agent/{USER}"

    assert equivalent(AgentIn((USER, "a")), AgentIn(("a", arn, "a")))
    assert _shown(counterexample(AgentIn(("a", "b")), AgentIn(("b", "c")))).agent == Agent(
        id="a", proficiencies={}
    )
    assert disjoint(AgentIn(("a",)), AgentIn(("b",)))
    assert not satisfiable(AgentIn(()))


def test_a_name_nobody_lists_is_made_up() -> None:
    """The agent of a counterexample is none of those listed unless it has to be."""
    found = _shown(witness(Not(AgentIn(("somebody", "somebody-2")))))

    assert found.agent.id == "somebody-3"


def test_a_listed_username_may_count_for_a_listed_user() -> None:
    """The service's documents disagree on usernames, so a user may be in a list by name."""
    by_id, by_name = AgentIn((USER,)), AgentIn(("bob",))

    found = _shown(counterexample(by_id, Not(by_name)))

    assert not disjoint(by_id, by_name)
    assert (found.agent.id, found.agent.username) == (USER, "bob")
    assert found.assuming == {by_name: True}
    # Alone, the id needs a username of its own: of one that is not known nobody could tell.
    assert _shown(witness(And((by_id, Not(by_name))))).agent.username == "somebody"


def test_a_reference_in_a_list_may_be_the_agent() -> None:
    """A list with a reference lets in those it names, and perhaps the agent asked about."""
    some = AgentIn(("$.External.agent", "a"))

    assert implies(AgentIn(("a",)), some)
    assert _shown(counterexample(some, AgentIn(("a",)))).assuming == {some: True}
    assert implies(some, AgentIn(("b", "$.External.agent", "a")))


def test_a_step_that_adds_nobody_is_told_by_its_number() -> None:
    """Step 3 asks for more than step 1 does, step 4 for what nobody has; step 2 is looser."""
    steps = [parse(f"Language(French) >= {level}") for level in (4, 3, 5)]

    assert admits_nobody_new([*steps, AgentIn(())]) == (3, 4)
    assert admits_nobody_new([AgentIn(()), *steps]) == (1, 4)
    assert admits_nobody_new([]) == ()
    assert admits_nobody_new(Step(step) for step in [*steps, AgentIn(())]) == (3, 4)


def test_steps_that_say_nothing_are_never_the_same() -> None:
    """`{}` may be what an old SDK left of anything, so no step is said to repeat it."""
    empty, absent = Opaque({}), Opaque(None)

    assert admits_nobody_new([empty, empty, absent, absent]) == ()
    assert admits_nobody_new([empty, And((empty, AtLeast(FRENCH, 2)))]) == ()
    assert admits_nobody_new([UNKNOWN, UNKNOWN, Not(UNKNOWN), empty]) == (2, 4)


def test_whom_one_accepts_and_no_other_does_is_shown() -> None:
    """At 3 only the loosest lets an agent in; below the others nobody is left."""
    three, four, two = (parse(f"Language(French) >= {level}") for level in (3, 4, 2))

    assert _shown(outsider(two, [three, four])).agent.proficiencies == {FRENCH: 2.0}
    assert outsider(four, [two, three]) is None


def test_names_are_compared_as_they_stand() -> None:
    """Case, blanks and control characters in a name make another attribute."""
    hostile = Attribute("Lang\u202euage", "Fre\x1b[31mnch\n")

    assert not implies(AtLeast(FRENCH, 1), AtLeast(Attribute("Language", "french"), 1))
    assert _shown(witness(AtLeast(hostile, 2))).agent.proficiencies == {hostile: 2.0}


def test_sixty_four_groups_deep_is_answered() -> None:
    """The deepest expressions that can exist, mixed nodes among them, need no stack of their own."""
    plain: Expr = AtLeast(FRENCH, 1)
    mixed: Expr = AtLeast(FRENCH, 1)
    for number in range(63):
        condition = AtLeast(Attribute("A", str(number)), 1)
        plain = (And if number % 2 else Or)((plain, condition))
        mixed = Mixed((Or((mixed, condition)), condition))

    assert implies(plain, plain)
    assert not implies(Not(plain), plain)
    assert equivalent(mixed, mixed)
    assert _shown(witness(mixed)).is_smallest


def _pigeons(pigeons: int, holes: int) -> Expr:
    nests = [
        [Between(Attribute("P", f"{n}"), 1 + hole / 4, 1 + hole / 4) for hole in range(holes)]
        for n in range(pigeons)
    ]
    apart = [
        Not(And((nests[a][hole], nests[b][hole])))
        for a in range(pigeons)
        for b in range(a)
        for hole in range(holes)
    ]
    return And((*map(Or, nests), *apart))


def test_past_the_limit_the_question_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that cannot be decided in time says how large it was, and what to do."""
    monkeypatch.setattr(clauses, "TURNS", (500, 1_000))

    with pytest.raises(ri.AnalysisLimit, match="cannot decide a question with 648 conditions about 9 things"):
        satisfiable(_pigeons(9, 8))
    with pytest.raises(ri.AnalysisLimit) as caught:
        witness(_pigeons(9, 8))
    assert caught.value.hint == "ask about one step, or one part of it, at a time"


def test_a_large_question_may_leave_open_which_is_smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that is found is shown, with the doubt that a smaller one may exist."""
    monkeypatch.setattr(clauses, "TURNS", (2_000, 2_000))
    parts = [AtLeast(Attribute("A", str(number)), 1 + number % 5) for number in range(30)]
    threes = And(Or((parts[n], parts[n * 7 % 30], parts[n * 11 % 30])) for n in range(30))

    found = _shown(witness(threes))

    assert not found.is_smallest
    assert ri.evaluate(threes, found.agent).verdict is ri.Verdict.MATCH


def test_an_endless_choice_is_answered_without_filling_the_memory() -> None:
    """Of thousands of alternatives only those that are tried take a copy of all the others."""
    loose = Or(AtLeast(Attribute("A", str(number)), 1) for number in range(5_000))

    found = _shown(witness(loose))

    assert found.is_smallest
    assert found.agent.proficiencies == {Attribute("A", "0"): 1.0}


def test_a_hard_question_is_asked_once_among_those_that_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal and a hard answer are remembered; outside every question is asked anew."""
    monkeypatch.setattr(clauses, "TURNS", (10, 100_000))
    built: list[int] = []
    begin = clauses.Clauses.__init__

    def counted(self: clauses.Clauses, *given: Any, **options: Any) -> None:
        built.append(1)
        begin(self, *given, **options)

    monkeypatch.setattr(clauses.Clauses, "__init__", counted)
    refused, answered = _pigeons(9, 8), _pigeons(5, 4)

    with analysis.shared_answers(), analysis.shared_answers():
        for _ in range(2):
            with pytest.raises(ri.AnalysisLimit, match="648 conditions about 9 things\n"):
                satisfiable(refused)
            assert not satisfiable(answered)
        assert len(built) == 2
    assert not satisfiable(answered)
    assert len(built) == 3


def test_hard_questions_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hard questions before it have used up a further one cannot have; an easy one is answered."""
    monkeypatch.setattr(clauses, "TURNS", (1_000, 50_000))
    monkeypatch.setattr(analysis, "TOGETHER", 110_000)

    with analysis.shared_answers():
        with pytest.raises(ri.AnalysisLimit, match="about 9 things\n"):
            satisfiable(_pigeons(9, 8))
        with pytest.raises(ri.AnalysisLimit, match="about 7 things beside the hard ones before it"):
            satisfiable(_pigeons(7, 6))
        assert satisfiable(AtLeast(Attribute("A", "B"), 1))


def test_a_level_past_the_scale_leaves_a_reference_open() -> None:
    """Only a range upside down settles what a reference stands for; what it takes is assumed, not held."""
    past = AtLeast(Attribute("Language", "$.External.language"), 5.5)
    low = AtLeast(Attribute("Language", "$.External.language"), 1)

    found = counterexample(Not(past), And([low, Not(AtLeast(Attribute("Language", "French"), 1))]))

    assert found is not None
    assert found.agent.proficiencies == {}
    assert found.assuming == {past: False, low: False}
