"""Assertions on routing criteria: what holds in silence, and what a failure says."""

from collections.abc import Callable

import pytest
from attrs import evolve

from routing_inspect import observed
from routing_inspect.contact import Agent
from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.expr import And, AtLeast, Attribute, Not, Opaque
from routing_inspect.testing import assert_matches, assert_rejects, assert_routes
from routing_inspect.text import parse_criteria, parse_roster

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


def test_a_test_that_is_itself_wrong_is_told_so_beside_the_rest() -> None:
    """Steps and agents that are not there, and whoever else is not as expected, come in one failure."""
    expected = {2: (), 1: ["anna", "ben", "zoltan"]}

    assert _message(lambda: assert_routes("Language(French) >= 4", DESK, expected)) == [
        "there is no step 2: the criteria has 1",
        "step 1: the roster has no agent `anna`; did you mean `ana`?",
        "step 1: the roster has no agent `zoltan`",
        "step 1 should let in ben: Language(French) >= 4",
        "  ana matches it",
        "    Language(French) >= 4: has 4",
        "  ben does not match it",
        "    Language(French) >= 4: has 3, 1 level short",
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: assert_rejects("NOT L(F)", parse_roster(DESK).find("nobody")), "and this is None: no agent"),  # type: ignore[arg-type]
        (lambda: assert_matches("NOT L(F)", DESK), "`agent` takes an Agent, and this is text"),  # type: ignore[arg-type]
        (lambda: assert_matches({"And": []}, ANA), "`routing_inspect.read_expression(document)`"),  # type: ignore[arg-type]
        (lambda: assert_routes({"Steps": []}, DESK, {}), "`routing_inspect.read_criteria(document)`"),  # type: ignore[arg-type]
        (lambda: assert_routes("A(b)", [ANA], {}), r"`routing_inspect.Roster(agents=[...])`"),  # type: ignore[arg-type]
        (lambda: assert_routes("A(b)", DESK, [{"ana"}]), "`expected` takes a Mapping"),  # type: ignore[arg-type]
        (lambda: assert_routes("A(b)", DESK, {1: "ana"}), "put it into brackets"),
    ],
)
def test_an_argument_of_another_type_is_named_with_the_mend(wrong: Callable[[], None], said: str) -> None:
    """Who forgot that a roster has no such agent reads that, whatever the expression asks."""
    with pytest.raises(TypeError) as raised:
        wrong()

    assert said in str(raised.value)


def test_text_that_cannot_be_read_is_shown_without_the_reader() -> None:
    """The traceback of a syntax error begins at the assertion, which pytest leaves out."""
    with pytest.raises(CriteriaSyntaxError, match="expected") as raised:
        assert_matches("Language(French) => 4", ANA)

    assert [entry.frame.f_locals.get("__tracebackhide__") for entry in raised.traceback[1:]] == [True] * 3


def test_what_is_printed_cannot_drive_a_terminal() -> None:
    """Names from outside are escaped."""
    agent = Agent(id="a\x1b[2Jb", proficiencies={})

    assert "\x1b" not in "".join(_message(lambda: assert_matches('Language("\\u202eFrench") >= 1', agent)))


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
