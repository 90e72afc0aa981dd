from __future__ import annotations

import doctest
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from routing_inspect import text
from routing_inspect.contact import Agent, Criteria, Expiry, Roster, RoutedQueue, Step
from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.expr import (
    MAX_DEPTH,
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
)
from routing_inspect.forms import write_criteria
from routing_inspect.slips import SLIPS, Slip
from routing_inspect.text import (
    attribute_text,
    duration_text,
    level_text,
    name_text,
    outline_criteria,
    outline_roster,
    parse,
    parse_criteria,
    parse_roster,
    step_text,
    unparse,
    unparse_criteria,
    unparse_roster,
)

ENGLISH: Final = AtLeast(Attribute("Language", "English"), 4)
BILLING: Final = AtLeast(Attribute("Skill", "Billing"), 3)
PARSERS: Final[dict[str, Callable[[str], object]]] = {
    "expression": parse,
    "criteria": parse_criteria,
    "roster": parse_roster,
}


def refusal(source: str, start: str = "expression") -> CriteriaSyntaxError:
    """Give the error that *source* is refused with."""
    with pytest.raises(CriteriaSyntaxError) as caught:
        PARSERS[start](source)
    return caught.value


def underlined(error: CriteriaSyntaxError) -> str:
    """Give the part of the source that the error points at."""
    return error.source[slice(*error.span)]


# ---- printing


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        (ENGLISH, "Language(English) >= 4"),
        (Between(Attribute("Language", "English"), 2, 4.5), "Language(English) in 2..4.5"),
        (AgentIn(["alice", "bob (night)"]), 'agent in (alice, "bob (night)")'),
        (Opaque({"New": "a`b"}), 'OPAQUE `{"New":"a\\u0060b"}`'),
        (Not(ENGLISH), "NOT Language(English) >= 4"),
        (Not(Not(And([ENGLISH, BILLING]))), "NOT NOT (Language(English) >= 4 AND Skill(Billing) >= 3)"),
        (
            Or([And([ENGLISH, BILLING]), ENGLISH]),
            "Language(English) >= 4 AND Skill(Billing) >= 3 OR Language(English) >= 4",
        ),
        (And([Or([ENGLISH]), ENGLISH]), "(OR (Language(English) >= 4)) AND Language(English) >= 4"),
        (Or([And([ENGLISH]), ENGLISH]), "(AND (Language(English) >= 4)) OR Language(English) >= 4"),
        (Mixed([ENGLISH, BILLING]), "MIXED (Language(English) >= 4, Skill(Billing) >= 3)"),
    ],
)
def test_expression_is_printed_as_it_stands(expression: Expr, printed: str) -> None:
    """Every operator and group is written out, and no parenthesis more."""
    assert unparse(expression) == printed


def test_criteria_is_printed_one_step_a_line() -> None:
    """Each step is a line of its own and says when it expires."""
    criteria = Criteria([Step(ENGLISH, Expiry(after=timedelta(seconds=30))), Step(ENGLISH)])

    printed = unparse_criteria(criteria)

    assert printed == "Language(English) >= 4 [30 seconds]\nLanguage(English) >= 4 [never expires]\n"
    assert step_text(criteria.steps[0]) == "Language(English) >= 4 [30 seconds]"


def test_criteria_that_a_flow_fills_in_cannot_be_printed() -> None:
    """A reference stands for steps that nobody has seen."""
    with pytest.raises(ValueError, match=r"\$\.External\.criteria"):
        unparse_criteria(Criteria(reference="$.External.criteria"))


def test_criteria_without_steps_cannot_be_printed() -> None:
    """An empty text would not be read again."""
    with pytest.raises(ValueError, match="no step, and its text needs one"):
        unparse_criteria(Criteria())


@pytest.mark.parametrize(
    ("duration", "printed"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=2), "120 seconds"),
        (timedelta(microseconds=500_000), "0.5 seconds"),
        (timedelta(microseconds=-1), "-0.000001 seconds"),
        (timedelta.max, "86399999999999.999999 seconds"),
    ],
)
def test_duration_is_printed_exactly(duration: timedelta, printed: str) -> None:
    """A duration is written in seconds, to the microsecond, and read back the same."""
    assert duration_text(duration) == printed
    assert parse_criteria(f"A(a) [{printed}]").steps[0].expires_after == duration


@pytest.mark.parametrize(("level", "printed"), [(4.0, "4"), (-1.0, "-1"), (2.5, "2.5"), (1e16, "1e+16")])
def test_level_is_printed_without_a_needless_fraction(level: float, printed: str) -> None:
    """A whole level is written as one, and every level is read back the same."""
    assert level_text(level) == printed
    assert parse(f"A(a) >= {printed}") == AtLeast(Attribute("A", "a"), level)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("AWS DynamoDB", "AWS DynamoDB"),
        ("connect:Language", "connect:Language"),
        ("O'Brien+1=2@x/y.z-", "O'Brien+1=2@x/y.z-"),
        ("日本語", "日本語"),
        ("Rock and Roll", '"Rock and Roll"'),
        ("AGENT", '"AGENT"'),
        ("1-5", '"1-5"'),
        ("1. French", '"1. French"'),
        ("'French'", "\"'French'\""),
        ("connect:", '"connect:"'),
        ("a>=4", '"a>=4"'),
        (" a", '" a"'),
        ("a  b", '"a  b"'),
        ('a"\\', '"a\\"\\\\"'),
        ("a\N{NO-BREAK SPACE}b", '"a\\u00a0b"'),
        ("\N{RIGHT-TO-LEFT OVERRIDE}", '"\\u202e"'),
        ("\U000e0041", '"\\udb40\\udc41"'),
        ("\ud83d", '"\\ud83d"'),
        ("\ud83d\ude00", '"\\u{d83d}\\ude00"'),
    ],
)
def test_name_is_quoted_where_it_would_be_misread(name: str, printed: str) -> None:
    """A name is written bare where that reads as itself, and in double quotes everywhere else."""
    assert name_text(name) == printed
    assert attribute_text(Attribute(name, name)) == f"{printed}({printed})"
    assert parse(f"{printed}({printed}) >= 4") == AtLeast(Attribute(name, name), 4)


# ---- reading


def test_names_are_plain_strings() -> None:
    """Nothing of the parser's own types is left in a record."""
    expression = parse("Language(English) >= 4")

    assert isinstance(expression, AtLeast)
    assert {type(expression.attribute.name), type(expression.attribute.value)} == {str}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\n\r\n"])
def test_byte_order_mark_and_any_line_end_are_accepted(line_end: str) -> None:
    """A file means the same whichever editor saved it."""
    criteria = parse_criteria(
        f"\ufeff# ours{line_end}Language(English) >= 4{line_end}AND Skill(Billing) >= 3"
    )

    assert criteria == Criteria([Step(And([ENGLISH, BILLING]))])


def test_roster_gives_agents_and_their_queues() -> None:
    """An agent's id is its name; a queue has the name as id and name, and VOICE unless it says another."""
    roster = parse_roster("alice @ General Inbound, Billing(chat): Language(French) 4\nbob:\n")

    alice, bob = roster.agents
    assert alice.id == "alice"
    assert alice.proficiencies == {Attribute("Language", "French"): 4}
    assert alice.queues == (
        RoutedQueue(id="General Inbound", name="General Inbound", channel="VOICE"),
        RoutedQueue(id="Billing", name="Billing", channel="CHAT"),
    )
    assert (bob.id, bob.proficiencies, bob.queues) == ("bob", {}, None)


def test_deepest_expression_can_be_written_and_read() -> None:
    """Sixty-four groups that each need two pairs of parentheses are read back."""
    expression: Expr = ENGLISH
    for _ in range(MAX_DEPTH):
        expression = And([Mixed([expression, BILLING])])
    expression = Mixed([expression, BILLING])

    assert parse(unparse(expression)) == expression


def test_groups_deeper_than_the_limit_are_refused() -> None:
    """The sixty-fifth group is an error of the text, with its place."""
    error = refusal("NOT " * 10_000 + "(Language(English) >= 4 AND Skill(Billing) >= 3)")

    assert error.message == "groups nest more than 64 deep"
    assert underlined(error).endswith("AND Skill(Billing) >= 3)")


@pytest.mark.parametrize("source", ["(" * 1_000_000, "(A(a) AND " * 100_000, 'NOT ("(" ' * 100_000])
def test_endless_parentheses_are_refused_at_once(source: str) -> None:
    """A megabyte of open parentheses costs one look at it, and no recursion."""
    error = refusal(source)

    assert error.message == "parentheses nest more than 130 deep"
    assert underlined(error) == "("


def test_many_parentheses_side_by_side_are_no_nesting() -> None:
    """Only parentheses inside each other count, and none in quotes or comments."""
    chain = " OR ".join(['A("((((") >= 1'] * 200)

    assert parse(f"{chain} # {'(' * 200}") == Or([AtLeast(Attribute("A", "(((("), 1)] * 200)


@pytest.mark.slow
def test_hundred_thousand_terms_are_one_chain() -> None:
    """A chain is one node, however long; neither the parser nor the builder recurses over it."""
    expression = parse(" AND ".join(["A(a)"] * 100_000))

    assert isinstance(expression, And)
    assert len(expression.operands) == 100_000


@pytest.mark.parametrize(
    "source",
    [
        '"' * 200_000,
        '"' + '\\"' * 200_000,
        "a" + ":b" * 200_000 + " >= 3",
        "a" + " " * 200_000 + "(",
        "A(a) in 1" + "." * 200_000,
        "A(a) >= " + "9" * 200_000,
        f"A({'1' * 200_000}-5)",
        "\n#" * 50_000,
        "OPAQUE `" + "[" * 200_000 + "`",
    ],
)
def test_hostile_text_is_refused_in_linear_time_and_few_words(source: str) -> None:
    """A long text neither hangs the parser nor floods the terminal with its error."""
    assert len(str(refusal(source))) < 2_000


@pytest.mark.parametrize("expiry", ["1e30 seconds", "9" * 400 + " seconds", "99999999999999 hours"])
def test_expiry_that_no_clock_reaches_is_refused(expiry: str) -> None:
    """A time too long to compute with is an error of the text."""
    error = refusal(f"Language(English) >= 4 [{expiry}]", "criteria")

    assert error.hint is not None


def test_importing_the_module_does_not_load_lark() -> None:
    """The grammar is loaded when the first text is read, not before."""
    program = "import sys, routing_inspect.text; sys.exit('lark' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_every_way_to_read_is_in_the_grammar() -> None:
    """The records and the rules of the grammar name the same things."""
    rules = {str(rule.alias or rule.origin.name) for rule in text._parser().rules}

    inlined = {"expression", "conjunction", "operand", "condition", "last", "expiry"}
    assert {rule for rule in rules if not rule.startswith("_")} - inlined == set(text._RECORDS)


# ---- errors


def row_name(row: Slip) -> str:
    """Name a row for pytest."""
    return f"{row.start}: {row.example}"


@pytest.mark.parametrize("row", SLIPS, ids=row_name)
def test_usual_slip_has_its_hint(row: Slip) -> None:
    """Each row of the table underlines the part it names and gives its own hint, filled from the text."""
    error = refusal(row.example, row.start)
    hint = re.sub(r"\\{[a-z]+\\}", "[^{}]+", re.escape(row.hint))

    assert underlined(error) == row.underlined
    assert re.fullmatch(hint, error.hint or "")
    if row.message is not None:
        assert error.message == row.message.replace("{found}", f"`{row.underlined}`")


@pytest.mark.parametrize(
    ("source", "start", "hint"),
    [
        ("A(b) in 3-4", "expression", "`in 3..4`"),
        ("A(b) in 2.5 to 3.5", "expression", "`in 2.5..3.5`"),
        ("A(b) between 2 and 4", "expression", "`in 2..4`"),
        ("A(b) in (2-4)", "expression", "`in 2..4`"),
        ("A(b) in 2...4", "expression", "`in 2..4`"),
        ("A(b) in 4", "expression", "`in 4..4` for exactly 4, or `>= 4`"),
        ("A(b) in 3, C(d) >= 2", "expression", "`in 3..3` for exactly 3"),
        ("A(b) in 3 C(d) >= 2", "expression", "`in 3..3` for exactly 3"),
        ("A(b) in 2 4", "expression", "`in 2..4`"),
        ("P((A))", "expression", "parentheses goes in double quotes"),
        ("A(b) in 4.. AND C(d)", "expression", "`in 4..5`, or `>= 4`"),
        ("A(b) in ..4", "expression", "`in 1..4`"),
        ("A(b >= 3)", "expression", "`(b) >= 3`"),
        ("P( A \N{EN DASH} B ) >= 2", "expression", '`("A \N{EN DASH} B")`'),
        ("P(A & B)", "expression", '`("A & B")`'),
        ("P(A ! B)", "expression", '`("A ! B")`'),
        ("P(A [B])", "expression", '`("A [B]")`'),
        ("P(A, B)", "expression", '`("A, B")`'),
        ("P ! Q(A)", "expression", "double quotes"),
        ("agent in (Cafe\N{COMBINING ACUTE ACCENT})", "expression", "double quotes"),
        ("Cafe\N{COMBINING ACUTE ACCENT}(x)", "expression", "double quotes"),
        ("P(Cafe\N{COMBINING ACUTE ACCENT})", "expression", '`("Cafe\N{COMBINING ACUTE ACCENT}")`'),
        ("zoe: A(b)=4", "roster", "`Language(English) 4`"),
        ("zoe: A(b) level 2", "roster", "`Language(English) 2`"),
        ("zoe: A(b) >= ", "roster", "`Language(English) 4`"),
        ("zoe: A(b) 3 & C(d) 4", "roster", "a comma between two attributes"),
        ("zoe @ R&D: A(b) 3", "roster", "double quotes"),
        ("Zoë \N{EN DASH} nights: A(b) 3", "roster", "double quotes"),
        ("zoe: P \N{EN DASH} Q(A) 3", "roster", "double quotes"),
        ("// nights\nzoe: A(b) 3", "roster", "`#`"),
        ("A(b) >= 3 -- for now", "expression", "`#`"),
        ("A(b) /* x */ >= 3", "expression", "`#`"),
    ],
)
def test_hint_is_about_what_was_written(source: str, start: str, hint: str) -> None:
    """A hint has the numbers and the names of the text, not those of an example."""
    assert hint in (refusal(source, start).hint or "")


@pytest.mark.parametrize(
    ("source", "start", "underline"),
    [
        ("A(b => 3", "expression", "("),
        ("A(b, c >= 4", "expression", "("),
        ("Language(English >= 4 AND Skill(Billing) >= 3", "expression", "("),
        ("(Language(English >= 4 OR Language(French) >= 4)", "expression", "("),
        ("A(b) AND (C(d) # )", "expression", "("),
        ("zoe: L(F 3", "roster", "("),
        ("zoe @ Billing(VOICE: L(F) 3", "roster", "("),
        ("A(b) [1 minute 30 seconds", "criteria", "["),
        ("A(b) [30 # [x]\n", "criteria", "["),
        ("A(b) [30 seconds C(d) [20 seconds]", "criteria", "["),
    ],
)
def test_bracket_that_nothing_closes_is_pointed_at(source: str, start: str, underline: str) -> None:
    """What stands open to the end is where the mistake is, whatever comes after it."""
    error = refusal(source, start)

    assert error.message == f"this `{underline}` is never closed"
    assert underlined(error) == underline
    assert "#" not in source[: error.span[0]]


@pytest.mark.parametrize(
    ("source", "start"),
    [
        ("A(b) [1 minute 30 seconds]", "criteria"),
        ("A(b) [1:30]", "criteria"),
        ("A(b) [30 seconds,]", "criteria"),
        ("A(b) [[30 seconds]]", "criteria"),
        ("(A(b) >= 3 [30 seconds])", "criteria"),
        ("P(A \N{EN DASH} B) >= 2", "expression"),
        ("A(b, c) >= 4", "expression"),
        ("P(A >= 3 (x))", "expression"),
        ('P("A" B)', "expression"),
        (r"P(C:\Win) >= 2", "expression"),
        ("zoe: L(F, G) 3", "roster"),
    ],
)
def test_bracket_that_is_closed_is_not_called_open(source: str, start: str) -> None:
    """The error says what stands wrong between the brackets."""
    error = refusal(source, start)

    assert error.message.startswith("expected ")
    assert error.span[0] > source.index(underlined(error)) - 1 > 0


def test_table_holds_each_slip_once() -> None:
    """There are more than fifty slips, and no example stands twice."""
    assert len({(row.start, row.example) for row in SLIPS}) == len(SLIPS) > 50


def test_examples_in_the_manual_are_true() -> None:
    """What `docs/language.md` shows in Python is what Python shows."""
    page = (Path(__file__).parents[1] / "docs" / "language.md").read_text(encoding="utf-8")
    examples = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))

    test = doctest.DocTestParser().get_doctest(examples, {}, "language.md", None, 0)

    assert len(test.examples) > 8
    assert doctest.DocTestRunner().run(test).failed == 0


def test_error_at_the_end_points_behind_the_text() -> None:
    """Where something is missing at the end, the span is empty and lies at the end."""
    source = "Language(English) >= 4 AND  # and?\n"

    assert refusal(source).span == (len(source), len(source))


def test_error_has_no_parser_error_behind_it() -> None:
    """A traceback shows no message of the parser's."""
    error = refusal("Language(English) => 4")

    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize(
    ("source", "found", "hint"),
    [
        ("Language\N{NO-BREAK SPACE}(English)", "\\u00a0", "plain blank"),
        ("Language(English\N{RIGHT-TO-LEFT OVERRIDE})", "\\u202e", "reorders"),
        ("Language(English) >= 4 # \N{RIGHT-TO-LEFT OVERRIDE}", "\\u202e", "reorders"),
        ("Language(English) >= 4 # \N{LINE SEPARATOR}", "\\u2028", "does not show"),
        ("Language(\ud83d)", "\\ud83d", "does not show"),
        ("\0Language(English)", "\\u0000", "does not show"),
    ],
)
def test_invisible_character_is_refused_and_shown(source: str, found: str, hint: str) -> None:
    """What does not show has no place outside quotes; the error shows it escaped."""
    error = refusal(source)

    assert error.message.endswith(f"found `{found}`")
    assert hint in (error.hint or "")


@pytest.mark.parametrize(
    "name", ["\N{RIGHT-TO-LEFT OVERRIDE}", "\ud83d", "\N{NO-BREAK SPACE}", "\N{LINE SEPARATOR}"]
)
def test_invisible_character_may_stand_in_quotes(name: str) -> None:
    """In double quotes every character but a control stands for itself."""
    assert parse(f'"{name}"(x)') == Between(Attribute(name, "x"), 1, 5)


@pytest.mark.parametrize(
    ("source", "underline", "hint"),
    [
        ('A("a\tb")', "\t", "write it as `\\u0009`: six characters, beginning with a backslash"),
        ('A("a\\', "\\", "write `\\\\` for a backslash"),
        ('A("\\u12")', "\\u", "write `\\\\` for a backslash"),
        ('A("\\u{110000}")', "\\u", "write `\\\\` for a backslash"),
        ('A("a\nb")', '"a', 'close it with a second `"` on the same line'),
    ],
)
def test_mistake_inside_quotes_is_pointed_at(source: str, underline: str, hint: str) -> None:
    """Inside quotes the error names the character at fault, not the whole string."""
    error = refusal(source)

    assert underlined(error) == underline
    assert error.hint == hint


@pytest.mark.parametrize(
    ("source", "start", "message"),
    [
        ("Language(English)(x)", "expression", "expected `>=`, `in`, `AND`, `OR` or the end, found `(`"),
        ("(Language(English) >= 4 [30 s]", "criteria", "this `(` is never closed"),
        ("MIXED (A(a)", "expression", "expected `>=`, `in`, `AND`, `OR` or `,`, found the end"),
        ("MIXED (A(a) >= 1, MIXED (A(b), A(c)))", "expression", "a mixed node cannot be a member of another"),
        ("agent in (alice bob; carl)", "expression", "expected `)` or `,`, found `;`"),
        ("OPAQUE `{`", "expression", "not JSON: it ends too early, at line 1, column 2"),
        ("A(a) >= 1e999", "expression", "a proficiency level is a finite number, found inf"),
        ("alice: A(a) 1e999", "roster", "a proficiency level is a finite number, found inf"),
        ("alice: A(a) 1\nbob: A(a) 1\nalice: A(a) 2", "roster", "the agent `alice` is given twice"),
        (
            "connect:Language:French >= 4",
            "expression",
            "`connect:Language:French` can be read as `connect:Language(French)`",
        ),
        ("connect:Language >= 4", "expression", "`connect:Language` names no value"),
        ("A(a) >= 1 Brand(b)", "expression", "expected `AND`, `OR` or the end, found `Brand`"),
        ("A(a) >= 1 and and", "expression", "expected a condition, found the end"),
        ("x" * 100, "expression", "expected a value in parentheses, found the end"),
        (f"A(a) >= 1 {'x' * 100}", "expression", f"expected `AND`, `OR` or the end, found `{'x' * 39}…`"),
    ],
)
def test_message_says_what_was_expected_and_what_was_found(source: str, start: str, message: str) -> None:
    """A message is in the reader's words, short, and true of the place."""
    assert refusal(source, start).message == message


def test_repeated_agent_is_underlined_where_it_is_repeated() -> None:
    """The second line of an agent given twice is the one to delete."""
    error = refusal("alice: A(a) 1\nbob: A(a) 1\nalice: A(a) 2", "roster")

    assert underlined(error) == "alice: A(a) 2"
    assert (error.line, error.column) == (3, 1)


def test_roster_is_printed_one_agent_a_line() -> None:
    """An agent's name is quoted only where it would be misread before a colon, an attribute as ever."""
    roster = parse_roster(
        '"not reserved" @ "General Inbound", Billing(chat): "in"(x) 4.0, L(f) 2.5\n'
        '"a @ b":\n"Bob: nights": L(f) 3\n"x@":\n"@x":\n"a  b":\nann@x.org:'
    )

    assert unparse_roster(roster) == (
        'not reserved @ General Inbound, Billing(CHAT): "in"(x) 4, L(f) 2.5\n'
        '"a @ b":\n"Bob: nights": L(f) 3\n"x@":\n"@x":\n"a  b":\nann@x.org:\n'
    )


QUEUE: Final = RoutedQueue(id="q", name="q", channel="VOICE")
HELD: Final = {Attribute("Language", "French"): 4.0}
WHEN: Final = datetime(2026, 11, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        (Roster(), "^the roster has no agent, and its text needs one$"),
        (
            Roster(agents=[Agent(id="a", proficiencies={})], as_of=WHEN),
            "^the roster says when it was taken, ",
        ),
        (Roster(agents=[Agent(id="a")]), "`a`: proficiencies"),
        (Roster(agents=[Agent(id="a", username="ann", proficiencies=HELD)]), "`ann`: username"),
        (Roster(agents=[Agent(id="a", proficiencies={}, queues=[])]), "`a`: queues"),
        (Roster(agents=[Agent(id="a", proficiencies={}, as_of=WHEN, available=True)]), "available, as_of"),
        (
            Roster(agents=[Agent(id="a", proficiencies={}, queues=[evolve(QUEUE, priority=2)])]),
            "`a`: queues",
        ),
        (
            Roster(agents=[Agent(id="a", proficiencies={}, queues=[evolve(QUEUE, channel="FAX")])]),
            "`a`: a channel",
        ),
    ],
)
def test_roster_that_says_more_than_a_line_holds_is_refused(roster: Roster, said: str) -> None:
    """Nothing known of an agent is dropped in silence; the error names what has no place."""
    with pytest.raises(ValueError, match=said):
        unparse_roster(roster)


def test_where_a_roster_comes_from_is_not_compared_and_not_printed() -> None:
    """The source is for people, so a roster with one has a text."""
    roster = Roster(agents=[Agent(id="a", proficiencies=HELD, queues=[QUEUE], source="x")], source="y")

    assert parse_roster(unparse_roster(roster)) == roster


def test_outline_of_a_criteria_says_where_its_parts_stand() -> None:
    """Conditions, ids and expiries have spans; a last expiry that is left out has an empty one."""
    source = "NOT a(b)>=1 [ 30 s ] opaque `{}` OR agent in ( x,y ) [never]\n(c:d in 1..2 # z\n)"

    _, outline = outline_criteria(f"\ufeff{source}")

    assert outline.source == source
    assert [[source[start:end] for start, end in parts] for parts in outline.parts] == [
        ["a(b)>=1", "30 s ]"],
        ["opaque `{}`", "agent in ( x", "y", "never]"],
        ["c:d in 1..2", ""],
    ]
    assert outline.parts[2][1] == (len(source), len(source))
    assert [source[start:end] for start, end in outline.comments] == ["# z"]
    assert [len(parts) for parts in outline_criteria("a(b) AND agent in ()")[1].parts] == [2]


def test_outline_of_a_roster_says_where_its_parts_stand() -> None:
    """What no line can be broken before is one part: the name, and what stands about the colon."""
    source = 'ann @ A, "#"(CHAT), C : d(e) 4, f(g) 5 # z\nbo :\ncy @ A :\n# y\ndi : d(e) 1, f(g) 2, h(i) 3\n'

    _, outline = outline_roster(source)

    assert [[source[start:end] for start, end in parts] for parts in outline.parts] == [
        ["ann @ A", '"#"(CHAT)', "C : d(e) 4", "f(g) 5"],
        ["bo :"],
        ["cy @ A :"],
        ["di : d(e) 1", "f(g) 2", "h(i) 3"],
    ]
    assert [source[start:end] for start, end in outline.comments] == ["# z", "# y"]


@pytest.mark.parametrize(
    ("outline", "source"), [(outline_criteria, "a(b)\n[30s] a(1-5)"), (outline_roster, "a: b(1-5) 4")]
)
def test_outline_is_refused_like_the_text(outline: Callable[[str], object], source: str) -> None:
    """The error knows the text and underlines the mistake in it."""
    with pytest.raises(CriteriaSyntaxError) as caught:
        outline(source)

    assert underlined(caught.value) == "1-5"


def test_numbers_at_the_edge_of_their_spelling() -> None:
    """Nothing is no negative duration; a level of sixteen digits is no whole number."""
    assert duration_text(timedelta(0)) == "0 seconds"
    assert duration_text(timedelta(microseconds=1)) == "0.000001 seconds"
    assert level_text(1e15 - 1) == "999999999999999"
    assert level_text(1e15) == "1000000000000000.0"


def test_halves_of_a_character_stay_apart() -> None:
    """Two surrogates side by side are written so that they are not read as one character."""
    pairs = "ab\ud83d\ude00cd\ud83d\ude00"

    assert name_text(pairs) == r'"ab\u{d83d}\ude00cd\u{d83d}\ude00"'


READINGS: Final = "`a(b:c:d:e:f)` or `a:b(c:d:e:f)` or `a:b:c(d:e:f)` or `a:b:c:d(e:f)`"


@pytest.mark.parametrize(
    ("source", "start", "message", "hint"),
    [
        (
            "A(a) [9e9 s]".replace("9e9", "9" * 15),
            "criteria",
            "a step cannot wait that long",
            "write `[never expires]` for a step without an end",
        ),
        ("a: b(c) 4\na:", "roster", "the agent `a` is given twice", "keep one of the two lines"),
        (
            "NOT " * 70 + "a(b)",
            "expression",
            "groups nest more than 64 deep",
            "rewrite it flatter: Amazon Connect documents an OR of ANDs, two deep",
        ),
        (
            "AWS:Language >= 4",
            "expression",
            "`AWS:Language` names no value",
            "write an attribute with its value: `Language(English) >= 4`",
        ),
        (
            "a:b:c:d:e:f >= 4",
            "expression",
            f"`a:b:c:d:e:f` can be read as {READINGS}",
            "write the one you mean: the value goes in parentheses",
        ),
        (
            f"connect:{'x' * 52} >= 4",
            "expression",
            f"`connect:{'x' * 52}` names no value",
            "write an attribute with its value: `Language(English) >= 4`",
        ),
        (
            f"connect:{'x' * 53} >= 4",
            "expression",
            f"`connect:{'x' * 51}…` names no value",
            "write an attribute with its value: `Language(English) >= 4`",
        ),
    ],
)
def test_what_the_builder_refuses_it_explains(source: str, start: str, message: str, hint: str) -> None:
    """Message and hint are whole sentences of one line, and what is quoted is cut at 60 characters."""
    error = refusal(source, start)

    assert (error.message, error.hint) == (message, hint)


def test_an_expiry_without_a_duration_is_not_written_as_never() -> None:
    """The language has room for durations alone, and a step that expired is none that never does."""
    expired = Criteria(
        [Step(AtLeast(Attribute("L", "f"), 4), Expiry(None, datetime(2026, 1, 1, tzinfo=UTC)))]
    )

    with pytest.raises(ValueError, match="step 1 records the instant at which it expires and no duration"):
        unparse_criteria(expired)
    with pytest.raises(ValueError, match="step 1 records the instant"):
        write_criteria(expired)


def test_what_is_not_understood_is_shown_as_it_stands() -> None:
    """Letters of any script stay letters, and what cannot be seen is escaped; both read back the same."""
    raw = {"Value": "\u65e5\u672c\u8a9e`\u202e"}

    written = unparse(Opaque(raw))

    assert written == 'OPAQUE `{"Value":"\u65e5\u672c\u8a9e\\u0060\\u202e"}`'
    assert parse(written) == Opaque(raw)
