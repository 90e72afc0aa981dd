"""Assertions on routing criteria: what holds in silence, and what a failure says."""

from collections.abc import Callable

import pytest
from attrs import evolve

from routing_inspect import observed
from routing_inspect.contact import Agent, Criteria, Step
from routing_inspect.errors import AnalysisLimit
from routing_inspect.expr import And, AtLeast, Attribute, Not, Opaque
from routing_inspect.testing import assert_matches, assert_rejects, assert_routes, difference_lines
from routing_inspect.text import parse, parse_criteria, parse_roster

DESK = """
ana: Language(French) 4, Technology(AWS DynamoDB) 2
ben: Language(French) 3
"""
ANA, BEN = parse_roster(DESK).agents


def _message(call: Callable[[], None]) -> list[str]:
    with pytest.raises(AssertionError) as failure:
        call()
    return str(failure.value).split("\n")


def test_an_assertion_that_holds_says_nothing() -> None:
    """Expressions may be given as text or as records."""
    assert_matches("Language(French) >= 4", ANA)
    assert_matches(AtLeast(Attribute("Language", "French"), 4), ANA)
    assert_rejects("Language(French) >= 4", BEN)
    assert_routes("Language(French) >= 4 [30s] Language(French) >= 3", DESK, {1: {"ana"}, 2: ["ana", "ben"]})
    assert_routes(parse_criteria("Language(French) >= 5"), parse_roster(DESK), {1: ()})


def test_a_failure_names_the_conditions_that_decided() -> None:
    """What was wanted, what was found and how far short, one line for each condition that decided."""
    expression = "Language(French) >= 4 AND Technology(AWS DynamoDB) >= 4"

    assert _message(lambda: assert_matches(expression, ANA)) == [
        "ana does not match `Language(French) >= 4 AND Technology(AWS DynamoDB) >= 4`",
        "  Technology(AWS DynamoDB) >= 4: has 2, 2 levels short",
    ]
    assert _message(lambda: assert_rejects("Language(French) >= 4 OR Language(Welsh) >= 1", ANA)) == [
        "ana matches `Language(French) >= 4 OR Language(Welsh) >= 1`",
        "  Language(French) >= 4: has 4",
    ]


@pytest.mark.parametrize("assertion", [assert_matches, assert_rejects])
def test_what_cannot_be_told_holds_for_neither(assertion: Callable[[Opaque, Agent], None]) -> None:
    """An unknown verdict is no match and no rejection; the failure says why it is unknown."""
    assert _message(lambda: assertion(Opaque({"Future": 1}), ANA)) == [
        'it cannot be told whether ana matches `OPAQUE `{"Future":1}``',
        '  OPAQUE `{"Future":1}`: this version does not understand the condition',
    ]


def test_routes_fail_for_everyone_who_is_wrong() -> None:
    """Who is let in and should not be, who is not and should be, and of whom it cannot be told."""
    roster = parse_roster(DESK + "cai: Language(Welsh) 5")
    blind = evolve(roster, agents=(*roster.agents, Agent(id="dee")))

    message = _message(
        lambda: assert_routes(
            "Language(French) >= 4 [30s] Language(French)", blind, {1: ["ben"], 2: ["ana", "ben"]}
        )
    )

    assert message == [
        "step 1 should let in ben: Language(French) >= 4",
        "  ana matches it",
        "    Language(French) >= 4: has 4",
        "  ben does not match it",
        "    Language(French) >= 4: has 3, 1 level short",
        "  it cannot be told whether dee matches it",
        "    Language(French) >= 4: the proficiencies of dee are not known",
        "step 2 should let in ana, ben: Language(French) in 1..5",
        "  it cannot be told whether dee matches it",
        "    Language(French) in 1..5: the proficiencies of dee are not known",
    ]
    assert _message(lambda: assert_routes("Language(French) >= 3", BEN_ALONE, {1: ()}))[0] == (
        "step 1 should let in nobody: Language(French) >= 3"
    )


BEN_ALONE = "ben: Language(French) 3"


def test_routes_take_usernames() -> None:
    """A roster from the service has ids nobody can remember."""
    roster = evolve(parse_roster(BEN_ALONE), agents=(evolve(BEN, id="39bc9666", username="ben"),))

    assert_routes("Language(French) >= 3", roster, {1: {"ben"}})


def test_a_test_that_is_itself_wrong_is_told_so() -> None:
    """A step or an agent that is not there is a mistake in the test, not in the criteria."""
    with pytest.raises(ValueError, match="there is no step 2: the criteria has 1"):
        assert_routes("Language(French) >= 4", DESK, {2: ()})
    with pytest.raises(ValueError, match="the roster has no agent `anna`; did you mean `ana`"):
        assert_routes("Language(French) >= 4", DESK, {1: {"anna"}})
    with pytest.raises(ValueError, match=r"the roster has no agent `zoltan`$"):
        assert_routes("Language(French) >= 4", DESK, {1: {"zoltan"}})


def test_what_is_printed_cannot_drive_a_terminal() -> None:
    """Names from outside are escaped."""
    agent = Agent(id="a\x1b[2Jb", proficiencies={})

    assert "\x1b" not in "".join(_message(lambda: assert_matches('Language("\\u202eFrench") >= 1', agent)))


def test_two_expressions_are_shown_with_their_difference_marked() -> None:
    """Both texts, and carets below the words that differ, however wide these are."""
    assert list(difference_lines(parse("A(B) >= 4 AND C(D) >= 1"), parse("A(B) >= 3 AND C(D) >= 1"))) == [
        "  left  A(B) >= 4 AND C(D) >= 1",
        "  right A(B) >= 3 AND C(D) >= 1",
        "                ^",
        "  only right lets in  somebody: A(B) 3, C(D) 1",
    ]
    assert list(difference_lines(parse("A(フランス語) >= 4"), parse("A(英語) >= 4"))) == [
        "  left  A(フランス語) >= 4",
        "  right A(英語) >= 4",
        "          ^^^^",
        "  only left lets in  somebody: A(フランス語) 4",
        "  only right lets in  somebody: A(英語) 4",
    ]
    left, right = parse('A("Be\u0301") >= 4'), parse('A("Be\u0301") >= 3')
    assert list(difference_lines(left, right))[2] == f"{'':19}^"
    assert list(difference_lines(parse("A(B) AND C(D)"), parse("A(B)")))[2].endswith("^")


def test_an_agent_shows_what_the_difference_means() -> None:
    """One for each way, what they rest on beside them; or that there is none; or that nobody can tell."""
    assert _last_lines("A(B) >= 4", "NOT (NOT A(B) >= 4)") == ["  they let in the same agents"]
    assert _last_lines("A(B) AND OPAQUE `{}`", "A(B) AND C(D)") == [
        "  only left lets in  somebody: A(B) 1  where OPAQUE `{}`",
        "  only right lets in  somebody: A(B) 1, C(D) 1  where NOT OPAQUE `{}`",
    ]


def test_what_is_too_large_to_compare_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The difference is shown all the same."""

    def too_large(*_: object) -> None:
        raise AnalysisLimit("too large")

    monkeypatch.setattr("routing_inspect.testing.counterexample", too_large)

    assert _last_lines("A(B)", "C(D)") == ["  whom they let in: too large"]


def _last_lines(left: str, right: str) -> list[str]:
    return list(difference_lines(parse(left), parse(right)))[3:]


def test_two_criteria_are_shown_step_by_step() -> None:
    """Steps that are equal stand once, and a step that only one has says so."""
    left = parse_criteria("A(B) >= 4 [30s] C(D) >= 1 [10s]")
    right = parse_criteria("A(B) >= 4 [30s] C(D) >= 1 [20s] E(F) >= 2")

    assert list(difference_lines(left, right)) == [
        "        A(B) >= 4 [30 seconds]",
        "  left  C(D) >= 1 [10 seconds]",
        "  right C(D) >= 1 [20 seconds]",
        "                   ^^",
        "  left  (no such step)",
        "  right E(F) >= 2 [never expires]",
    ]


def test_a_difference_that_text_does_not_show_is_named() -> None:
    """Status, times and index have no place in the text, and a reference has no steps."""
    written = parse_criteria("A(B) >= 4")
    run = Criteria([Step(written.steps[0].expression, status="ACTIVE")], index=2)

    assert list(difference_lines(written, run)) == [
        "the texts are the same; not the same are: steps, index",
        "        A(B) >= 4 [never expires]",
    ]
    reference = Criteria(reference="$.External.criteria")
    assert list(difference_lines(written, reference))[1] == "  right $.External.criteria"


def test_nobody_listens_unless_somebody_measures() -> None:
    """Statements are gathered only inside `listening`, and only those that hold."""
    assert_matches("A(B) >= 4", Agent(id="before", proficiencies={Attribute("A", "B"): 4}))
    with observed.listening() as observations:
        assert_rejects("A(B) >= 4", Agent(id="ana", proficiencies={}))
        with pytest.raises(AssertionError):
            assert_rejects("A(B) >= 4", Agent(id="ben"))
        assert_routes("A(B) >= 4 [9s] A(B) >= 3", "cai: A(B) 3\ndee: A(B) 5", {2: ["cai", "dee"]})
    assert_matches("A(B) >= 4", Agent(id="after", proficiencies={Attribute("A", "B"): 4}))

    assert observations.stated == {
        "A(B) >= 4": {(-1,): {"ana"}},
        "A(B) >= 3": {(1,): {"cai", "dee"}},
    }
    assert observations.around == {
        "A(B) >= 4": {(-1,): {"cai"}, (1,): {"dee"}},
        "A(B) >= 3": {(1,): {"cai", "dee"}},
    }
    assert [name for _, name in observations.alone.values()] == [
        "tests/test_testing.py::test_nobody_listens_unless_somebody_measures"
    ]


def test_observations_of_several_processes_are_one() -> None:
    """What is dumped and merged is what would have been seen in one process; the best name stays."""
    criteria = parse_criteria("A(B) >= 4")
    with observed.listening() as whole, observed.listening() as first:
        observed.note_criteria(criteria, [ANA], observed.TEST, "test_x")
        observed.note_expression(And([criteria.steps[0].expression]), "test_y")
        observed.note_verdict(criteria.steps[0].expression, ANA)
    with observed.listening() as second:
        observed.note_criteria(criteria, [BEN], observed.FILE, "flow.json")
        observed.note_verdict(Not(criteria.steps[0].expression), BEN)

    first.merge(second.dump())
    whole.merge(second.dump())

    assert first == whole
    assert list(first.criteria.values()) == [(observed.FILE, "flow.json")]
