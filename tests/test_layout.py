"""The one layout of a text: where its lines end, and where its comments go."""

from __future__ import annotations

from textwrap import dedent
from typing import Final

import pytest

from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.layout import difference, format_criteria, format_roster
from routing_inspect.text import parse, parse_criteria, parse_roster
from test_corpus import ACCEPTED, Case, titles

IDS: Final = [f"{n}{n}{n}{n}1111-2222-3333-4444-555555555555" for n in range(4)]


def laid_out(text: str) -> str:
    """Lay out a criteria, and see that a second time changes nothing."""
    once = format_criteria(text)
    assert format_criteria(once) == once
    return once


@pytest.mark.parametrize("case", ACCEPTED, ids=titles(ACCEPTED))
def test_layout_of_a_corpus_text_means_the_same(case: Case) -> None:
    """Each text of the corpus, laid out, reads as before; an expression stays an expression."""
    match case.start:
        case "roster":
            assert parse_roster(format_roster(case.text)) == parse_roster(case.text)
        case "criteria":
            assert parse_criteria(laid_out(case.text)) == parse_criteria(case.text)
        case _:
            assert parse(laid_out(case.text)) == parse(case.text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("language( English )>=4", "language(English) >= 4\n"),
        ("(a(b))  or c:d in 1 .. 2", "a(b) in 1..5 OR c(d) in 1..2\n"),
        ("a(b) [2m]a(c)", "a(b) in 1..5 [120 seconds]\na(c) in 1..5 [never expires]\n"),
        ("a(b) >= 1 [never]", "a(b) >= 1 [never expires]\n"),
        ("\ufeffa(b) >= 1\r\n", "a(b) >= 1\n"),
        ("not agent in ()", "NOT agent in ()\n"),
    ],
)
def test_short_steps_stand_in_one_line(text: str, expected: str) -> None:
    """Names, levels and words in their printed spelling; only an expression has no expiry."""
    assert laid_out(text) == expected


def test_a_long_step_has_a_line_for_each_part() -> None:
    """The deeper a group binds, the further its lines are indented; the expiry comes last."""
    attributes = [f"Technology(Amazon Web Services number {n}) >= 3" for n in range(6)]
    a, b, c, d, e, f = attributes

    assert laid_out(f"{a} OR {b} AND {c} AND NOT ({d} OR {e} AND ({f})) [30s]").splitlines() == [
        a,
        f"  OR {b}",
        f"    AND {c}",
        f"    AND NOT ({d}",
        f"      OR {e}",
        f"        AND {f})",
        "  [30 seconds]",
    ]


def test_a_part_that_fits_stays_in_one_line() -> None:
    """Only what is too long is broken, from the outside in, up to 100 characters a line."""
    first, second = f"a({'b' * 40}) >= 1", f"c({'d' * 34}) >= 1"
    fits = f"{first} AND {second}"

    assert len(f"  OR {fits}") == 100
    assert laid_out(f"{fits} OR {fits}") == f"{fits}\n  OR {fits}\n"
    assert laid_out(f"{fits} OR b{fits}") == f"{fits}\n  OR b{first}\n    AND {second}\n"


def test_a_long_condition_is_never_broken() -> None:
    """A name goes on as long as it must; then the expiry has a line of its own."""
    name = "b" * 120

    assert laid_out(f"a({name}) >= 1 [30s]") == f"a({name}) >= 1\n  [30 seconds]\n"


def test_long_lists_have_a_line_for_each_member() -> None:
    """Agent ids and the members of a mixed node end in a comma where the line ends."""
    agents = f"agent in ({', '.join(IDS)})"

    assert laid_out(f"a(b) >= 1 OR {agents} [30s]").splitlines() == [
        "a(b) >= 1",
        f"  OR agent in ({IDS[0]},",
        f"    {IDS[1]},",
        f"    {IDS[2]},",
        f"    {IDS[3]})",
        "  [30 seconds]",
    ]
    assert laid_out(f"AND (MIXED (not {agents}, or (a(b) >= 1))) [30s]").splitlines() == [
        f"AND (MIXED (NOT agent in ({IDS[0]},",
        f"    {IDS[1]},",
        f"    {IDS[2]},",
        f"    {IDS[3]}),",
        "  OR (a(b) >= 1)))",
        "  [30 seconds]",
    ]


def test_comments_keep_their_places() -> None:
    """Above a step, behind a part, between parts and at the end; where one stands inside, lines break."""
    text = """


        # the night shift


        # French first
        Language(French) >= 4 # fluent
        # and
        AND (Skill(Sales) >= 3 or # sells
        Skill(Support) >= 3) # or helps
        [30 seconds] # half a minute
        Language(French) >= 1 # anybody

        # the end
    """

    assert laid_out(text) == dedent("""\
        # the night shift

        # French first
        Language(French) >= 4  # fluent
          # and
          AND (Skill(Sales) >= 3  # sells
            OR Skill(Support) >= 3)  # or helps
          [30 seconds]  # half a minute
        Language(French) >= 1 [never expires]  # anybody

        # the end
        """)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a( # of b\n b) >= 1 [30s]", "# of b\na(b) >= 1 [30 seconds]\n"),
        ("a(b) >= 1 [ # soon\n 30s]", "a(b) >= 1\n  # soon\n  [30 seconds]\n"),
        ("a(b) >= 1 [30 # soon\n s] # x", "a(b) >= 1\n  # soon\n  [30 seconds]  # x\n"),
        ("a(b) >= 1 and ( # c\n c(d) >= 1)", "a(b) >= 1\n  # c\n  AND c(d) >= 1\n"),
        ("a(b) >= 1 and not # c\n c(d) >= 1", "a(b) >= 1\n  # c\n  AND NOT c(d) >= 1\n"),
        ("a(b) >= 1 AND#c\n c(d) >= 1", "a(b) >= 1  #c\n  AND c(d) >= 1\n"),
        ("(a(b) >= 1)#c", "a(b) >= 1  #c\n"),
        ("agent in (ann, # A\n bo # B\n) [5s]", "agent in (ann,  # A\n  bo)  # B\n  [5 seconds]\n"),
        (
            "a(b) [5s] # 1\n\n\n # 2\n\n(c(d))",
            "a(b) in 1..5 [5 seconds]  # 1\n\n# 2\n\nc(d) in 1..5 [never expires]\n",
        ),
        ("a(b) [5s] ( # 1\n\n\n c(d))", "a(b) in 1..5 [5 seconds]\n# 1\n\nc(d) in 1..5 [never expires]\n"),
        ("a(b) >= 1\n\n\nand c(d) >= 1", "a(b) >= 1 AND c(d) >= 1\n"),
        ('a("#") >= 1 # "', 'a("#") >= 1  # "\n'),
        ('opaque `{"a":"#`"}`'.replace('`"}', '"}'), 'OPAQUE `{"a":"#"}`\n'),
    ],
)
def test_a_comment_in_an_odd_place_goes_to_the_next_best(text: str, expected: str) -> None:
    """Inside a part: above it. Behind an opening parenthesis or a NOT: above what follows."""
    assert laid_out(text) == expected


def test_rosters_have_one_layout() -> None:
    """An agent a line; a long one is broken after its commas, never after its colon."""
    held = ", ".join(f"Technology(Amazon number {n}) {n}" for n in range(1, 5))
    text = f'# nights\n\n\nann@x :  # new\n"bo" @ Billing (chat),General : {held} # B\ncy @ "a b":\n\n# x'

    once = format_roster(text)

    assert format_roster(once) == once
    assert once.splitlines() == [
        "# nights",
        "",
        "ann@x:  # new",
        "bo @ Billing(CHAT),",
        "  General: Technology(Amazon number 1) 1,",
        "  Technology(Amazon number 2) 2,",
        "  Technology(Amazon number 3) 3,",
        "  Technology(Amazon number 4) 4  # B",
        "cy @ a b:",
        "",
        "# x",
    ]


def test_what_is_no_text_of_the_kind_is_refused() -> None:
    """A layout is of what can be read; a roster is no criteria."""
    with pytest.raises(CriteriaSyntaxError):
        format_criteria("ann: Language(French) 4")
    with pytest.raises(CriteriaSyntaxError):
        format_roster("Language(French) >= 4")


def test_the_layout_of_a_long_chain_takes_its_time_once() -> None:
    """Ten thousand conditions are laid out, one a line."""
    chain = " OR ".join(f"a(b{n}) >= 1" for n in range(10_000))

    assert len(format_criteria(chain).splitlines()) == 10_000


def test_a_difference_shows_what_does_not_show() -> None:
    """Carriage returns, other controls and a missing line end at the end are to be seen."""
    drawn = difference("a(b) >= 1\r\n\nc", "a(b) >= 1\n\nd\n", "x\x1b.routing")

    assert drawn.splitlines() == [
        "--- x\\u001b.routing",
        "+++ x\\u001b.routing",
        "@@ -1,3 +1,3 @@",
        "-a(b) >= 1\\u000d",
        "+a(b) >= 1",
        " ",
        "-c",
        "\\ No newline at end of file",
        "+d",
    ]
