"""Laws that hold the printer, the parser and the errors of the text language together."""

from __future__ import annotations

import json
import re
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from routing_inspect.contact import Agent, Criteria, Expiry, Roster, RoutedQueue, Step
from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or
from routing_inspect.layout import format_criteria, format_roster
from routing_inspect.strategies import rosters
from routing_inspect.text import (
    KEYWORDS,
    outline_criteria,
    outline_roster,
    parse,
    parse_criteria,
    parse_roster,
    unparse,
    unparse_criteria,
    unparse_roster,
)
from routing_inspect.visible import visible

HOSTILE: Final = [
    *sorted(KEYWORDS),
    *(
        "a>=4",
        "x;y",
        "1-5",
        "1. French",
        " Language",
        "English ",
        "a  b",
        "Rock and Roll",
        "",
        '"',
        "\\",
        "\\u0041",
    ),
    *(
        "'French'",
        "- French",
        "connect:",
        ":x",
        "a: b",
        "Technology:AWS",
        "(x)",
        "[30 s]",
        "C#",
        "`",
        "a\tb",
        "a\nb",
    ),
    *(
        "\N{NO-BREAK SPACE}",
        "a\N{NO-BREAK SPACE}b",
        "\N{RIGHT-TO-LEFT OVERRIDE}",
        "\N{ZERO WIDTH JOINER}",
        "\0",
        "\x9b",
    ),
    *(
        "\ud83d",
        "\ude00",
        "\ud83d\ude00",
        "\N{GRINNING FACE}",
        "\U000e0041",
        "\U0010ffff",
        "\N{LINE SEPARATOR}",
    ),
    *(
        "\N{LATIN SMALL LETTER DOTLESS I}n",
        "İn",
        "\N{LATIN SMALL LETTER LONG S}",
        "हिन्दी",
        "日本語",
        "العربية",
        "$.External.x",
        "{found}",
        "{}",
    ),
]
SPELLINGS: Final = [
    ">=",
    "..",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    "@",
    "#",
    '"',
    "`",
    "\\",
    "=",
    ">",
    "=>",
    "4",
    "1-5",
    "30",
    "s",
    "never",
    "expires",
    "alice",
    "Language",
    "\n",
    "\r",
    "\ufeff",
]
# Letters that the language gives a meaning to, so that they meet each other.
SIGNS: Final = st.text(alphabet="aé9 :./=+-@'\"\\()[]#`,<>\ud83d\ude00\U000e0041", max_size=8)
ANY: Final = st.text(alphabet=st.characters(), max_size=8)

NAMES: Final = (
    st.sampled_from(HOSTILE) | SIGNS | ANY | st.lists(st.sampled_from(HOSTILE), max_size=3).map(" ".join)
)
LEVELS: Final = st.integers(1, 5) | st.floats(allow_nan=False, allow_infinity=False)
WORDS: Final = st.sampled_from([*KEYWORDS, *SPELLINGS])


# A composite strategy prints as its name; hypothesis warns of the page that the whole would fill.
@st.composite
def names(draw: st.DrawFn) -> str:
    """Draw a name, hostile more often than not."""
    return draw(NAMES)


ATTRIBUTES: Final = st.builds(Attribute, names(), names())
# JSON has no spelling for two surrogates side by side that are not one character.
TEXTS_OF_JSON: Final = names().map(lambda name: str(json.loads(json.dumps(name))))
SCALARS: Final = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | LEVELS | TEXTS_OF_JSON
MEMBERS: Final = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(TEXTS_OF_JSON, SCALARS, max_size=3)
CONDITIONS: Final = (
    st.builds(AtLeast, ATTRIBUTES, LEVELS)
    | st.builds(Between, ATTRIBUTES, LEVELS, LEVELS)
    | st.builds(AgentIn, st.lists(names(), max_size=3))
    | st.builds(Opaque, SCALARS | st.dictionaries(TEXTS_OF_JSON, MEMBERS, max_size=3))
)


@st.composite
def conditions(draw: st.DrawFn) -> Expr:
    """Draw one condition."""
    return draw(CONDITIONS)


def groups(operands: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Put operands together in each way there is."""
    lists = st.lists(operands, min_size=1, max_size=3)
    members = operands.filter(lambda operand: not isinstance(operand, Mixed))
    return (
        st.builds(Not, operands)
        | st.builds(And, lists)
        | st.builds(Or, lists)
        | st.builds(Mixed, st.lists(members, min_size=2, max_size=3))
    )


EXPRESSIONS: Final = st.recursive(conditions(), groups, max_leaves=8)


@st.composite
def expressions(draw: st.DrawFn) -> Expr:
    """Draw an expression of up to eight conditions."""
    return draw(EXPRESSIONS)


EXPIRIES: Final = st.none() | st.builds(Expiry, after=st.timedeltas())
STEPS: Final = st.lists(st.builds(Step, expressions(), EXPIRIES), min_size=1, max_size=3)


@st.composite
def criteria(draw: st.DrawFn) -> Criteria:
    """Draw one to three steps, with expiries of any length."""
    return Criteria(draw(STEPS))


TEXTS: Final = (
    ANY | st.lists(WORDS, max_size=12).map(" ".join) | st.lists(WORDS | names(), max_size=12).map("".join)
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw what somebody might take for a text of the language."""
    return draw(TEXTS)


@settings(settings.get_profile("tenfold"))
@given(expression=expressions())
def test_printed_expression_reads_as_itself(expression: Expr) -> None:
    """`parse(unparse(e)) == e` for every expression, whatever its names hold."""
    assert parse(unparse(expression)) == expression


@given(expression=expressions())
def test_printed_expression_is_one_visible_line(expression: Expr) -> None:
    """No name brings a line end, a control or an invisible character into printed text."""
    printed = unparse(expression)

    assert visible(printed) == printed


@settings(settings.get_profile("tenfold"))
@given(routing=criteria(), line_end=st.sampled_from(["\n", "\r\n", "\r", " ", "\n\n", " # so\n"]))
def test_printed_criteria_reads_as_itself(routing: Criteria, line_end: str) -> None:
    """`parse_criteria(unparse_criteria(c)) == c`, whatever its line ends are turned into."""
    assert parse_criteria(unparse_criteria(routing).replace("\n", line_end)) == routing


# What brackets may stand in without being brackets; another spelling of it than the library's.
_ASIDE: Final = re.compile(r'"(?:\\.|[^"\\\r\n])*(?:"|$)|`[^`\r\n]*(?:`|$)|#[^\r\n]*', re.MULTILINE)


@given(routing=criteria(), data=st.data())
def test_a_bracket_is_called_open_only_where_nothing_closes_it(
    routing: Criteria, data: st.DataObject
) -> None:
    """Whatever is put into a text, "never closed" is said only where counting finds a bracket left open."""
    printed = unparse_criteria(routing)
    place = data.draw(st.integers(0, len(printed)))
    text = printed[:place] + data.draw(WORDS | names()) + printed[place + data.draw(st.integers(0, 2)) :]

    for read in (parse, parse_criteria, parse_roster):
        try:
            read(text)
        except CriteriaSyntaxError as error:
            sign = re.match(r"this `([(\[])` is never closed", error.message)
            if sign is None:
                continue
            begin, end = error.span
            assert error.source[begin:end] == sign[1]  # noqa: PT017  (it may raise, and need not)
            assert has_open(_ASIDE.sub("", error.source), sign[1])  # noqa: PT017  (the same)


def has_open(text: str, sign: str) -> bool:
    """Count whether a bracket is left that nothing closes; one that closes nothing counts for nothing."""
    level = 0
    for character in text:
        level = max(0, level + (character == sign) - (character == {"(": ")", "[": "]"}[sign]))
    return level > 0


@given(text=texts())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Each of the three parsers returns, or raises `CriteriaSyntaxError` with a span inside the text."""
    for read in (parse, parse_criteria, parse_roster):
        try:
            read(text)
        except CriteriaSyntaxError as error:
            refused = error
        else:
            continue
        assert text.endswith(refused.source)
        assert 0 <= refused.span[0] <= refused.span[1] <= len(refused.source)


@given(routing=criteria(), data=st.data())
def test_error_is_drawn_in_visible_lines(routing: Criteria, data: st.DataObject) -> None:
    """However a text is broken, the drawing of its error shows every character and obeys none."""
    printed = unparse_criteria(routing)
    place = data.draw(st.integers(0, len(printed)))
    broken = printed[:place] + data.draw(names()) + printed[place + 1 :]

    try:
        parse_criteria(broken)
    except CriteriaSyntaxError as error:
        refused = error
    else:
        return

    lines = str(refused).split("\n")
    assert [visible(line) for line in lines] == lines
    assert sum(re.fullmatch(r" +\| *\^+", line) is not None for line in lines) == 1


QUEUES: Final = st.lists(
    st.builds(
        lambda name, channel: RoutedQueue(id=name, name=name, channel=channel),
        names(),
        st.sampled_from(["VOICE", "CHAT", "TASK", "EMAIL"]),
    ),
    min_size=1,
    max_size=3,
)
AGENTS: Final = st.builds(
    Agent,
    id=names(),
    proficiencies=st.dictionaries(ATTRIBUTES, LEVELS, max_size=4),
    queues=st.none() | QUEUES,
)


@st.composite
def plain_rosters(draw: st.DrawFn) -> Roster:
    """Draw a roster that says nothing but what a line has a place for."""
    return Roster(agents=draw(st.lists(AGENTS, min_size=1, max_size=3, unique_by=lambda agent: agent.id)))


@given(roster=plain_rosters())
def test_printed_roster_reads_as_itself(roster: Roster) -> None:
    """`parse_roster(unparse_roster(r)) == r`, one visible line an agent, whatever its names hold."""
    printed = unparse_roster(roster)

    assert parse_roster(printed) == roster
    assert [visible(line) for line in printed.split("\n")] == [*printed.splitlines(), ""]


@given(roster=rosters())
def test_a_roster_is_printed_whole_or_refused(roster: Roster) -> None:
    """What a line has no place for is never left out in silence."""
    try:
        printed = unparse_roster(roster)
    except ValueError:
        return

    assert parse_roster(printed) == roster


# Where a line may end and a comment may stand, and what may not be looked into for such a place.
_GAP: Final = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|\[.*?\]|(?P<gap> (?:AND|OR|in|>=) |[(),]|\n)')
_ROSTER_GAP: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(?P<gap>,|\n)')
NOTES: Final = st.lists(
    st.sampled_from(["", " ", "\n", "\n\n\n", " # {}\n", "\n  #{} \n", "\r\n\t# {}\r", "#\n"]), max_size=3
).map("".join)


def annotated(data: st.DataObject, printed: str, gaps: re.Pattern[str]) -> str:
    """Put comments and line ends into some of the places where they may stand."""
    found = [gap for gap in gaps.finditer(printed) if gap["gap"]]
    places = [gap.start() if gap["gap"] == "\n" else gap.end() for gap in found]
    chosen = data.draw(st.lists(st.sampled_from([0, *places, len(printed)]), max_size=5, unique=True))
    for number, place in enumerate(sorted(chosen, reverse=True)):
        note = data.draw(NOTES).replace("{}", str(number))
        printed = f"{printed[:place]}{note}{printed[place:]}"
    return printed


@given(routing=criteria(), data=st.data())
def test_the_layout_of_a_criteria_keeps_meaning_and_comments(routing: Criteria, data: st.DataObject) -> None:
    """The criteria is the same, every comment is there in its order, and a second time changes nothing."""
    text = annotated(data, unparse_criteria(routing), _GAP)

    laid_out = format_criteria(text)

    assert parse_criteria(laid_out) == routing
    assert format_criteria(laid_out) == laid_out
    assert comments(laid_out) == comments(text)
    assert is_tidy(laid_out)


@given(expression=expressions(), data=st.data())
def test_the_layout_of_an_expression_is_one(expression: Expr, data: st.DataObject) -> None:
    """An expression stays an expression, and has no expiry afterwards."""
    text = annotated(data, unparse(expression), _GAP)

    laid_out = format_criteria(text)

    assert parse(laid_out) == expression
    assert format_criteria(laid_out) == laid_out
    assert comments(laid_out) == comments(text)
    assert is_tidy(laid_out)


@given(roster=plain_rosters(), data=st.data())
def test_the_layout_of_a_roster_keeps_meaning_and_comments(roster: Roster, data: st.DataObject) -> None:
    """The roster is the same, every comment is there in its order, and a second time changes nothing."""
    text = annotated(data, unparse_roster(roster), _ROSTER_GAP)

    laid_out = format_roster(text)

    assert parse_roster(laid_out) == roster
    assert format_roster(laid_out) == laid_out
    assert [note.rstrip() for note in roster_comments(text)] == roster_comments(laid_out)
    assert is_tidy(laid_out)


@given(routing=criteria())
def test_a_layout_only_ends_lines(routing: Criteria) -> None:
    """Without comments a layout is the printed text, with line ends in place of some blanks."""
    printed = unparse_criteria(routing)

    laid_out = format_criteria(printed)

    assert " ".join(line.lstrip(" ") for line in laid_out.split("\n")) == printed.replace("\n", " ")


def comments(text: str) -> list[str]:
    """List the comments of a criteria, without the blanks at their ends."""
    _, outline = outline_criteria(text)
    return [outline.source[start:end].rstrip() for start, end in outline.comments]


def roster_comments(text: str) -> list[str]:
    """List the comments of a roster."""
    _, outline = outline_roster(text)
    return [outline.source[start:end] for start, end in outline.comments]


def is_tidy(laid_out: str) -> bool:
    """Say whether no line ends in a blank, no two blank lines meet, and none begins or ends the text."""
    lines = laid_out.split("\n")
    return (
        all(line == line.rstrip() for line in lines)
        and "\n\n\n" not in laid_out
        and lines[0] != ""
        and laid_out.endswith("\n")
        and not laid_out.endswith("\n\n")
    )
