"""Records that are not equal, as a failing assertion shows them."""

import pytest
from attrs import evolve

from routing_inspect.contact import Criteria, Expiry, Step
from routing_inspect.errors import AnalysisLimit
from routing_inspect.render.unequal import unequal_lines
from routing_inspect.text import parse, parse_criteria


def _lines(left: object, right: object) -> list[str]:
    lines = unequal_lines(left, right)
    assert lines is not None
    return lines


def _expressions(left: str, right: str) -> list[str]:
    return _lines(parse(left), parse(right))[1:]


def _criteria(left: str, right: str) -> list[str]:
    return _lines(parse_criteria(left), parse_criteria(right))[1:]


def test_two_expressions_are_shown_with_their_difference_marked() -> None:
    """Both texts, and carets below the words that differ, however wide these are."""
    assert _lines(parse("A(B) >= 4 AND C(D) >= 1"), parse("A(B) >= 3 AND C(D) >= 1")) == [
        "two expressions differ",
        "  left  A(B) >= 4 AND C(D) >= 1",
        "  right A(B) >= 3 AND C(D) >= 1",
        "                ^",
        "  only right lets in  somebody: A(B) 3, C(D) 1",
    ]
    assert _expressions("A(フランス語) >= 4", "A(英語) >= 4") == [
        "  left  A(フランス語) >= 4",
        "  right A(英語) >= 4",
        "          ^^^^",
        "  only left lets in  somebody: A(フランス語) 4",
        "  only right lets in  somebody: A(英語) 4",
    ]
    assert _expressions('A("Be\u0301") >= 4', 'A("Be\u0301") >= 3')[2] == f"{'':19}^"
    assert _expressions("A(B) AND C(D)", "A(B)")[2].endswith("^")


def test_an_agent_shows_what_the_difference_means() -> None:
    """One for each way, what they rest on beside them; or that there is none."""
    assert _expressions("A(B) >= 4", "NOT (NOT A(B) >= 4)")[3:] == ["  they let in the same agents"]
    assert _expressions("A(B) AND OPAQUE `{}`", "A(B) AND C(D)")[3:] == [
        "  only left lets in  somebody: A(B) 1  where OPAQUE `{}`",
        "  only right lets in  somebody: A(B) 1, C(D) 1  where NOT OPAQUE `{}`",
    ]


def test_what_is_too_large_to_compare_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts are shown all the same."""

    def too_large(*_: object) -> None:
        raise AnalysisLimit("too large")

    monkeypatch.setattr("routing_inspect.render.unequal.counterexample", too_large)
    monkeypatch.setattr("routing_inspect.comparison.counterexample", too_large)
    monkeypatch.setattr("routing_inspect.arrival.outsider", too_large)

    assert _expressions("A(B)", "C(D)")[3:] == ["  whom they let in: too large"]
    assert _criteria("A(B) [9s] C(D)", "A(B) >= 2 [9s] C(D)")[3:] == [
        "  whom they let in: too large to compare: too large",
        "  whom right reaches earlier: too large to decide",
        "  whom right reaches later: too large to decide",
        "  both have step 2",
    ]
    many = Criteria([Step(parse("A(B)"))] * 51)
    (line,) = _lines(many, Criteria())[1:]
    assert line.startswith("  a criteria of 51 steps is too large to compare: up to 50 are compared")


def test_steps_are_told_as_pairs_that_mean_the_same() -> None:
    """A step that was put first leaves the others as they were; what it does comes before them."""
    assert _criteria("A(B) >= 4 [30s] C(D) >= 1", "E(F) >= 2 [10s] A(B) >= 4 [30s] C(D) >= 1") == [
        "  only right has step 1: E(F) >= 2 [10 seconds]",
        "  right reaches earlier  somebody: E(F) 2  left never, right +0.0 s (step 1)",
        "  right reaches later  somebody: A(B) 4  left +0.0 s (step 1), right +10.0 s (step 2)",
        "  both have step 1 as 2, 2 as 3",
    ]
    assert _criteria("A(B) >= 4 [30s] C(D) >= 1 [10s]", "A(B) >= 4 [30s]")[0] == (
        "  only left has step 2: C(D) >= 1 [10 seconds]"
    )


def test_another_expiry_is_shown_by_who_is_reached_later() -> None:
    """Whom the steps let in is as it was; when they do is not."""
    assert _criteria("A(B) >= 4 [30s] C(D) >= 1", "A(B) >= 4 [45s] C(D) >= 1") == [
        "  left  step 1  A(B) >= 4 [30 seconds]",
        "  right step 1  A(B) >= 4 [45 seconds]",
        "                           ^^",
        "  right reaches later  somebody: C(D) 1  left +30.0 s (step 2), right +45.0 s (step 2)",
        "  both have step 2",
    ]


def test_a_step_that_means_the_same_says_so() -> None:
    """Written otherwise, it lets in the same agents at the same time."""
    assert _criteria("A(B) in 1..5", "NOT (NOT A(B))")[3:] == [
        "  they let in the same agents",
        "  both reach every agent at the same time",
    ]


def test_steps_and_lists_of_steps_are_shown_in_the_same_way() -> None:
    """A step alone, with whom it lets in; a list as the criteria of its steps."""
    one, other = parse_criteria("A(B) >= 4 [30s]").steps + parse_criteria("A(B) >= 3 [20s]").steps

    assert _lines(one, other) == [
        "two steps differ",
        "  left  A(B) >= 4 [30 seconds]",
        "  right A(B) >= 3 [20 seconds]",
        "                ^  ^^",
        "  only right lets in  somebody: A(B) 3",
    ]
    assert _lines(one, evolve(one, status="EXPIRED"))[:2] == [
        "two steps differ",
        "  the texts are the same; not the same are: status",
    ]
    assert _lines([one], [one, other])[:2] == [
        "two lists of steps differ",
        "  only right has step 2: A(B) >= 3 [20 seconds]",
    ]


@pytest.mark.parametrize(("left", "right"), [([], ()), ([], []), ([1], [2]), (1, 2), (parse("A(B)"), 1)])
def test_anything_else_is_left_to_pytest(left: object, right: object) -> None:
    """Nothing is said of what is no record of the package."""
    assert unequal_lines(left, right) is None


def test_a_difference_that_text_does_not_show_is_named() -> None:
    """Status, times and index have no place in the text; nor have members that are not known."""
    written = parse_criteria("A(B) >= 4")
    expression = written.steps[0].expression
    run = Criteria([Step(expression, status="ACTIVE")], index=2)

    assert _lines(written, run)[1:] == [
        "  the texts are the same; not the same are: steps, index",
        "  step 1: the texts are the same; not the same are: status",
        "        A(B) >= 4 [never expires]",
    ]
    more = Criteria([Step(expression, Expiry(extra={"Jitter": 1}))])
    assert _lines(written, more)[1:] == [
        "  left  step 1  A(B) >= 4 [never expires]",
        "  right step 1  A(B) >= 4 [never expires]",
        "  members differ that this version does not know",
        "  both reach every agent at the same time",
    ]


def test_a_reference_has_no_steps() -> None:
    """What only the running flow can fill in is shown as it is written."""
    reference = Criteria(reference="$.External.criteria")

    assert _lines(parse_criteria("A(B) >= 4"), reference)[1:3] == [
        "  left  1 steps",
        "  right $.External.criteria",
    ]
