"""Names that a reader takes for the same: which are found, and in what they are said to differ."""

from __future__ import annotations

import pytest

from routing_inspect.expr import Attribute
from routing_inspect.names import differences, edits, fold, near_misses

LANGUAGE = Attribute("Language", "French")
DYNAMO = Attribute("Technology", "AWS DynamoDB")


@pytest.mark.parametrize(
    ("written", "known", "expected"),
    [
        (LANGUAGE, Attribute("language", "FRENCH"), ("letter case",)),
        (DYNAMO, Attribute("Technology", "AWS Dynamo DB"), ("blanks",)),
        (DYNAMO, Attribute("Technology", "AWS\u00a0DynamoDB"), ("blanks",)),
        (DYNAMO, Attribute("Technology", " AWS DynamoDB "), ("blanks",)),
        (LANGUAGE, Attribute("connect:Language", "connect:French"), ("the `connect:` prefix",)),
        (Attribute("Connect:Language", "x"), Attribute("connect:Language", "x"), ("letter case",)),
        (Attribute("Connect:Language", "x"), Attribute("Language", "x"), ("the `connect:` prefix",)),
        (LANGUAGE, Attribute("Language", "Fr\u200bench"), ("invisible characters",)),
        (LANGUAGE, Attribute("Language", "Fr\u00adench"), ("invisible characters",)),
        (Attribute("Café", "x"), Attribute("Cafe\u0301", "x"), ("composed letters",)),
        (LANGUAGE, Attribute("Language", "Fr\u0435nch"), ("letters that look alike",)),
        (LANGUAGE, Attribute("Ｌanguage", "French"), ("letters that look alike",)),  # noqa: RUF001  (alike)
        (Attribute("Tier", "A-1"), Attribute("Tier", "A\u20131"), ("letters that look alike",)),
        (Attribute("Team", "O365"), Attribute("Team", "0365"), ("letters that look alike",)),
        (
            LANGUAGE,
            Attribute("\u200bConnect: language", "FR\u0395NCH"),
            (
                "invisible characters",
                "blanks",
                "the `connect:` prefix",
                "letters that look alike",
                "letter case",
            ),
        ),
    ],
)
def test_what_a_reader_overlooks_is_found_and_named(
    written: Attribute, known: Attribute, expected: tuple[str, ...]
) -> None:
    """Each kind of difference that the eye passes over is found both ways, and named with no other."""
    assert [miss.differences for miss in near_misses(written, [known])] == [expected]
    assert [miss.differences for miss in near_misses(known, [written])] == [expected]


@pytest.mark.parametrize(
    ("written", "known", "said"),
    [
        (Attribute("Technology", "AWS DynamDB"), DYNAMO, "one letter"),
        (Attribute("Technolgoy", "AWS DynamoDB"), DYNAMO, "one letter"),
        (Attribute("Tecnology", "AWS DynamDB"), DYNAMO, "2 letters"),
        (Attribute("Language", "Frnech"), LANGUAGE, "one letter"),
    ],
)
def test_slips_of_the_keyboard_are_found(written: Attribute, known: Attribute, said: str) -> None:
    """A letter too few, too many, another or swapped with its neighbour is a slip."""
    assert [miss.differences for miss in near_misses(written, [known])] == [(said,)]


@pytest.mark.parametrize(
    ("written", "known"),
    [
        (Attribute("Tier", "1"), Attribute("Tier", "2")),
        (Attribute("Product line 11", "x"), Attribute("Product line 12", "x")),
        (Attribute("Language", "Thai"), Attribute("Language", "Tha")),
        (Attribute("Language", "Irish"), Attribute("Language", "Danish")),
        (Attribute("Language", "Spanish"), Attribute("Language", "Danish")),
        (LANGUAGE, Attribute("Team", "French")),
        (LANGUAGE, LANGUAGE),
        (Attribute("Skill", "mail"), Attribute("Skill", "mall")),
    ],
)
def test_other_names_are_no_near_misses(written: Attribute, known: Attribute) -> None:
    """Another number, another short word, another attribute: somebody may well mean just that."""
    assert near_misses(written, [known]) == []


def test_the_nearest_comes_first_and_slips_only_where_nothing_is_nearer() -> None:
    """Fewer differences come first; a slip is no guess where another spelling of the name is there."""
    known = [
        Attribute("Technology", "AWS DynamDB"),
        Attribute("technology", "aws dynamo db"),
        Attribute("Technology", "aws dynamodb"),
    ]

    found = [miss.attribute for miss in near_misses(DYNAMO, known)]

    assert found == [known[2], known[1]]
    assert [miss.attribute for miss in near_misses(DYNAMO, [*known[:1], Attribute("x", "y")])] == known[:1]


def test_equal_names_differ_in_nothing() -> None:
    """Between a name and itself there is no difference to tell."""
    assert differences(LANGUAGE, LANGUAGE) == ()


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "xbc", 1), ("ab", "ba", 1)],
)
def test_edits_are_counted(one: str, other: str, count: int) -> None:
    """Adding, leaving out, replacing and swapping count one each."""
    assert edits(one, other, most=2) == count


def test_more_edits_than_asked_for_are_not_counted() -> None:
    """What lies beyond the bound is no slip, however far it is."""
    assert edits("French", "German", most=2) is None
    assert edits("French", "Fr", most=2) is None


def test_the_prefix_is_taken_off_once_and_only_in_front() -> None:
    """`connect:` is a prefix; elsewhere it is part of the name."""
    assert fold("connect:connect:x") == "connect:x"
    assert fold("Reconnect:x") == "reconnect:x"
