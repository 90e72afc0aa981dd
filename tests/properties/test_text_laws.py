"""Laws that hold the printer, the parser and the errors of the text language together."""

from __future__ import annotations

import json
import re
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from routing_inspect.contact import Criteria, Expiry, Step
from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or
from routing_inspect.text import KEYWORDS, parse, parse_criteria, parse_roster, unparse, unparse_criteria
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


@given(expression=expressions())
def test_printed_expression_reads_as_itself(expression: Expr) -> None:
    """`parse(unparse(e)) == e` for every expression, whatever its names hold."""
    assert parse(unparse(expression)) == expression


@given(expression=expressions())
def test_printed_expression_is_one_visible_line(expression: Expr) -> None:
    """No name brings a line end, a control or an invisible character into printed text."""
    printed = unparse(expression)

    assert visible(printed) == printed


@given(routing=criteria(), line_end=st.sampled_from(["\n", "\r\n", "\r", " ", "\n\n", " # so\n"]))
def test_printed_criteria_reads_as_itself(routing: Criteria, line_end: str) -> None:
    """`parse_criteria(unparse_criteria(c)) == c`, whatever its line ends are turned into."""
    assert parse_criteria(unparse_criteria(routing).replace("\n", line_end)) == routing


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
