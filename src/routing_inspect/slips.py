"""
The usual slips in routing text, and what to say about them.

`SLIPS` is the table: one row per slip, with a wrong text, the part of it that gets underlined
and the hint.
"""

# ruff: noqa: RUF001  (signs that look like others are what some of the slips are about)

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from attrs import frozen

Start: TypeAlias = Literal["expression", "criteria", "roster"]

# Places that several terminals together stand for.
CONDITION: Final = "a condition"
AFTER_NAME: Final = "after a name"
AFTER_VALUE: Final = "after a value"


@frozen(kw_only=True)
class Slip:
    """
    A usual slip.

    Attributes:
        example: A wrong text.
        underlined: The part of it that the error underlines; empty for what is missing at the end.
        hint: What to do about it.
        start: What the example was to be.
        found: A pattern for what stands where reading stopped. A row without patterns is an
            example of a slip that is noticed elsewhere.
        after: A pattern for what stands right before; its group ``here`` is underlined too.
        wanted: The terminals or places of which one could have stood there instead.
        message: In place of what was expected and found.
    """

    example: str
    underlined: str
    hint: str
    start: Start = "expression"
    found: str | None = None
    after: str = ""
    wanted: tuple[str, ...] = ()
    message: str | None = None


_PAIR_HINT = "a condition names an attribute and one of its values: `Language(English) >= 4`"
_AGENT_HINT = (
    "write `agent in (alice, bob)`; an attribute whose name holds the word `agent` goes in double quotes"
)
_LABEL_HINT = "leave the label out: steps are numbered by their order"
_EXPIRY_HINT = "write the expiry in brackets: `[30 seconds]` or `[never expires]`"
_QUOTE_HINT = 'write straight double quotes, and only where they are needed: `"Rock and Roll"`'
_SIGNS_HINT = "a name or value with other signs than . : / = + - @ _ ' goes in double quotes"
_JSON_HINT = (
    "this is JSON, which `routing_inspect.read_criteria` reads and `routing-inspect convert` turns into text"
)

# The first row that fits counts, so the narrower stand before the wider.
SLIPS: Final = (
    # ---- agents
    Slip(
        example="agent(alice)",
        underlined="(",
        found=r"\(|[^\s(]+",
        after=r"\bagent\s*",
        wanted=("_IN",),
        hint=_AGENT_HINT,
    ),
    Slip(example="agent = alice", underlined="=", hint=_AGENT_HINT),
    Slip(
        example="agent in alice",
        underlined="alice",
        found=r"[^\s(),]+",
        after=r"\bagent\s+in\s*",
        wanted=("_LPAR",),
        hint="write the agents in parentheses: `agent in (alice, bob)`",
    ),
    Slip(
        example="agnt in (alice, bob)",
        underlined="agnt",
        found=r"(?=\()",
        after=r"(?P<here>[\w:.\-]+)\s+in\s*",
        wanted=("NUMBER",),
        message="only `agent` can be in a list",
        hint=_AGENT_HINT,
    ),
    # ---- signs of programming languages
    Slip(example="Language(English) => 4", underlined="=>", found="=>|=<", hint='write `>=` for "at least"'),
    Slip(
        example="Language(English) == 4",
        underlined="==",
        found="={1,3}",
        hint="write `>= 4` for at least 4, `in 4..4` for exactly 4",
    ),
    Slip(
        example="Language(English) = 4",
        underlined="=",
        hint="write `>= 4` for at least 4, `in 4..4` for exactly 4",
    ),
    Slip(
        example="Language(English) > 3",
        underlined=">",
        found=">(?![=>])",
        hint="write `>= 4` for more than 3: Amazon Connect compares with `>=` only",
    ),
    Slip(example="Language(English) ≥ 4", underlined="≥", found="[≥⩾]|＞[=＝]|>＝", hint="write `>=`"),
    Slip(
        example="Language(English) <= 3",
        underlined="<=",
        found="<=|≤",
        hint="write `in 1..3` for at most 3, `NOT ... >= 4` to let in those without it too",
    ),
    Slip(
        example="Language(English) != 4",
        underlined="!=",
        found="!=|<>|≠",
        hint="write `NOT Language(English) in 4..4`",
    ),
    Slip(
        example="Language(English) < 4",
        underlined="<",
        found="<",
        hint="write `in 1..3` for less than 4, `NOT ... >= 4` to let in those without it too",
    ),
    Slip(
        example="connect:French(1–5)",
        underlined="1–5",
        found="[–—−] *[0-9.]+",
        after=r"(?P<here>[0-9.]+ *)",
        wanted=(AFTER_VALUE,),
        message="levels stand where the attribute's value belongs",
        hint="write levels as `Name(Value) in 1..5`",
    ),
    Slip(
        example="Skill（Billing） >= 3",
        underlined="（",
        found="[（）［］，：；]",
        hint="this is a full-width sign of an East Asian keyboard: type the plain one",
    ),
    Slip(
        example="Skill(R&D) >= 3",
        underlined="&",
        found=r"[^\w\s()\[\]\"<>=#](?=\w)",
        after=r"\w",
        wanted=(AFTER_NAME, AFTER_VALUE),
        hint=_SIGNS_HINT,
    ),
    Slip(
        example="Language(English) >= 4 && Skill(Billing) >= 3",
        underlined="&&",
        found="&&?",
        hint="write `AND`",
    ),
    Slip(
        example="Language(English) >= 4 || Language(French) >= 4",
        underlined="||",
        found=r"\|\|?",
        hint="write `OR`",
    ),
    Slip(example="!Language(English) >= 4", underlined="!", found="[!~¬]", hint="write `NOT`"),
    # ---- quotes and brackets
    Slip(example="Skill(“Rock and Roll”) >= 3", underlined="“", found="[“”„‟«»‘’‚‛´`]", hint=_QUOTE_HINT),
    Slip(example="Skill('Rock and Roll') >= 3", underlined="'", found="'", hint=_QUOTE_HINT),
    Slip(
        example='Skill("Rock and Roll) >= 3',
        underlined='"Rock and Roll) >= 3',
        message="this quote is never closed",
        hint='close it with a second `"` on the same line',
    ),
    Slip(example=r'Skill("C:\Windows") >= 3', underlined=r"\W", hint=r"write `\\` for a backslash"),
    Slip(
        example="Language[English] >= 4",
        underlined="[",
        found=r"[\[{]",
        wanted=(AFTER_NAME,),
        hint="write the value in parentheses: `Language(English)`",
    ),
    Slip(
        example="(Language(English) >= 4 OR Language(French) >= 4",
        underlined="(",
        message="this `(` is never closed",
        hint="close it with `)`",
    ),
    Slip(
        example="Language(English) >= 4) AND Skill(Billing) >= 3",
        underlined=")",
        found=r"\)",
        wanted=("_AND",),
        message="this `)` closes nothing",
        hint="take it away, or open a group with `(`",
    ),
    Slip(
        example='{"AndExpression": []}',
        underlined="{",
        found=r'\{|\[\s*[\[{"\]]',
        wanted=(CONDITION, "AGENT"),
        hint=_JSON_HINT,
    ),
    # ---- attributes and values
    Slip(
        example="Step 1: Language(English) >= 4 [30 seconds]",
        underlined="Step 1:",
        start="criteria",
        found=":",
        after=r"(?P<here>step *[0-9]* *)",
        wanted=(AFTER_NAME,),
        message="a step has no label",
        hint=_LABEL_HINT,
    ),
    Slip(
        example="1. Language(English) >= 4 [30 seconds]",
        underlined="1.",
        start="criteria",
        found=r"[0-9]+\.(?=\s)|[-*•–]\s*",
        wanted=(CONDITION,),
        hint=_LABEL_HINT,
    ),
    Slip(
        example="1) Language(English) >= 4 [30 seconds]",
        underlined="1)",
        start="criteria",
        found=r"\)",
        after=r"(?P<here>[0-9]+\s*)",
        wanted=(AFTER_NAME,),
        message="a step has no label",
        hint=_LABEL_HINT,
    ),
    Slip(
        example="Technology: AWS Kinesis >= 2",
        underlined=":",
        found=":",
        wanted=(AFTER_NAME,),
        hint="write `Technology(AWS Kinesis) >= 2`, or `Technology:AWS Kinesis >= 2` without the blank",
    ),
    Slip(
        example="Language >= 4",
        underlined="Language",
        message="`Language` names no value",
        hint="write an attribute with its value: `Language(English) >= 4`",
    ),
    Slip(
        example="Language() >= 4",
        underlined="()",
        found=r"\)",
        after=r"(?P<here>\(\s*)",
        wanted=("VALUE",),
        hint="write the value between the parentheses: `Language(English)`",
    ),
    Slip(
        example="connect:Language:connect:French >= 4",
        underlined="connect:Language:connect:French",
        message="`connect:Language:connect:French` can be read as `connect:Language(connect:French)`"
        " or `connect:Language:connect(French)`",
        hint="write the one you mean: the value goes in parentheses",
    ),
    Slip(
        example="NOT connect:French(1-5)",
        underlined="1-5",
        message="`1-5` stands where the attribute's value belongs",
        hint="write levels as `Name(connect:French) in 1..5`; quote a value that looks so",
    ),
    Slip(
        example="Music(Rock and Roll) >= 3",
        underlined="and",
        found=r"(?:and|or|not|in|agent|opaque|mixed)\b(?=[^()]*\))",
        wanted=(AFTER_VALUE,),
        hint="a value that holds a word of the language goes in double quotes",
    ),
    Slip(
        example="Skill(C#) >= 3",
        underlined="#",
        found="",
        after=r"\([^()\"\r\n]*(?P<here>#)[^\r\n]*\s*",
        wanted=(AFTER_VALUE,),
        message="this `#` starts a comment",
        hint='a value that holds `#` goes in double quotes: `"C#"`',
    ),
    Slip(
        example="ot (Language(English) >= 4)",
        underlined="ot",
        found=r"(?=\()",
        after=r"\b(?P<here>ot|nt|no|nto|ont|nott|noot)\s*\([^()]*",
        wanted=(AFTER_VALUE,),
        message="expected `NOT`, found {found}",
        hint="did you mean `NOT`?",
    ),
    Slip(
        example="Language(English >= 4",
        underlined="(",
        found="",
        after=r"(?P<here>\()\s*[^()\r\n]*",
        wanted=(AFTER_VALUE,),
        message="this `(` is never closed",
        hint="close it with `)`",
    ),
    # ---- levels
    Slip(
        example="Language(English) 4",
        underlined="4",
        found="-?[0-9]+",
        wanted=("_AT_LEAST",),
        hint="write `>=` before the level",
    ),
    Slip(
        example="Language(English) at least 4",
        underlined="at least",
        found=r"(?:at least|is|equals|minimum|level)\b|:",
        wanted=("_AT_LEAST",),
        hint='write `>=` for "at least", `in 4..4` for "exactly"',
    ),
    Slip(
        example="Language(English) >=",
        underlined="",
        found=r"\Z",
        after=r">=\s*",
        wanted=("NUMBER",),
        hint="write the lowest level that will do: `>= 4`",
    ),
    Slip(
        example="Language(English) >= four",
        underlined="four",
        found=r"[^\W\d]\w*",
        wanted=("NUMBER",),
        hint="write the level as a number: `>= 4`",
    ),
    Slip(
        example="Language(English) >= 4+",
        underlined="+",
        found=r"\+|%",
        wanted=("_AND",),
        hint='take the sign away: `>= 4` says "4 or more"',
    ),
    Slip(
        example="Language(English) in 1-5",
        underlined="1-5",
        found="[-–—−] *[0-9.]+",
        after=r"(?P<here>[0-9.]+\s*)",
        wanted=("_TO",),
        message="expected `..` between two levels, found {found}",
        hint="write `in 1..5`",
    ),
    Slip(
        example="Language(English) in 1 to 5",
        underlined="to",
        found=r"to\b|and\b|,|:|;|…",
        wanted=("_TO",),
        hint="write `in 1..5`",
    ),
    Slip(
        example="Language(English) in 1...5",
        underlined=".",
        found=r"\.",
        after=r"\.\.",
        wanted=("NUMBER",),
        hint="write `in 1..5`, with two dots",
    ),
    Slip(
        example="Language(English) in (1..5)",
        underlined="(",
        found=r"[(\[](?=\s*-?[0-9])",
        wanted=("NUMBER",),
        hint="write the levels alone: `in 1..5`",
    ),
    # ---- AND, OR, NOT
    Slip(
        example="Language(English) not in 1..2",
        underlined="not",
        found=r"not\b",
        wanted=("_IN",),
        hint="put `NOT` first: `NOT Language(English) in 1..2`",
    ),
    Slip(
        example="AND Language(English) >= 4",
        underlined="AND",
        found="",
        after=r"(?:\A|[(\]])\s*(?P<here>and|or)\s+",
        wanted=("_LPAR",),
        message="expected a condition, found {found}",
        hint="`AND` and `OR` stand between two conditions",
    ),
    Slip(
        example="Language(English) >= 4 AND AND Skill(Billing) >= 3",
        underlined="AND",
        found="",
        after=r"\b(?:and|or|not)\s+(?P<here>and|or)\s+",
        wanted=("_LPAR",),
        message="expected a condition, found a second {found}",
        hint="keep one of the two",
    ),
    Slip(
        example="Language(English) >= 4 AND",
        underlined="",
        found=r"\Z",
        after=r"\b(?:and|or|not)\s*",
        wanted=(CONDITION, "_LPAR"),
        message="expected a condition, found the end",
        hint="write the condition that follows, or take the last word away",
    ),
    Slip(
        example="Language(English) >= 4 adn Skill(Billing) >= 3", underlined="adn", hint="did you mean `AND`?"
    ),
    Slip(
        example="Language(English) >= 4, Skill(Billing) >= 3",
        underlined=",",
        found="[,;]",
        wanted=("_AND",),
        hint="join two conditions with `AND` or `OR`; a step ends with its expiry: `[30 seconds]`",
    ),
    Slip(
        example="Language(English) >= 4; Skill(Billing) >= 3",
        underlined=";",
        hint="join two conditions with `AND` or `OR`; a step ends with its expiry: `[30 seconds]`",
    ),
    # ---- steps
    Slip(
        example="Language(English) >= 4 [30] Language(English) >= 3",
        underlined="30",
        start="criteria",
        found=r"(?=\])",
        after=r"(?P<here>[-0-9.]+)\s*",
        wanted=("UNIT",),
        message="expected `seconds`, `minutes` or `hours` after the number",
        hint="write `[30 seconds]`",
    ),
    Slip(
        example="Language(English) >= 4 [2 days]",
        underlined="days",
        start="criteria",
        found=r"\w+",
        wanted=("UNIT",),
        hint="write the time in seconds, minutes or hours",
    ),
    Slip(
        example="Language(English) >= 4 [30 secnds]",
        underlined="secnds",
        start="criteria",
        hint="did you mean `seconds`?",
    ),
    Slip(
        example="Language(English) >= 4 [expires in 30 seconds]",
        underlined="expires in",
        start="criteria",
        found=r"[a-z]+(?: +[a-z]+)*(?= *[0-9])",
        wanted=("DURATION",),
        hint="write the time alone: `[30 seconds]`",
    ),
    Slip(
        example="Language(English) >= 4 [none]",
        underlined="none",
        start="criteria",
        found=r"\w+|(?=\])",
        wanted=("DURATION",),
        hint="write `[never expires]`, or a time such as `[30 seconds]`",
    ),
    Slip(
        example="Language(English) >= 4 [30 seconds",
        underlined="[",
        start="criteria",
        found="",
        after=r"(?P<here>\[)[^\[\]]*",
        wanted=("_CLOSE", "UNIT", "DURATION"),
        message="this `[` is never closed",
        hint="close it with `]`: `[30 seconds]`",
    ),
    Slip(
        example="Language(English) >= 4 (30 seconds)",
        underlined="(30 seconds)",
        start="criteria",
        found=r"\(?\s*(?:[0-9.]+\s*[smh]\w*|never(?:\s+expires?)?\b)\s*\)?",
        wanted=("_OPEN",),
        hint=_EXPIRY_HINT,
    ),
    Slip(
        example="[30 seconds] Language(English) >= 4",
        underlined="[",
        start="criteria",
        found=r"\[",
        wanted=(CONDITION,),
        hint="the expiry comes after the conditions of its step",
    ),
    Slip(
        example="Language(English) >= 4 Language(English) >= 3 [30 seconds]",
        underlined="Language",
        start="criteria",
        found=r"\(|[\w\"][\w:.]*",
        wanted=("_OPEN",),
        hint="end every step but the last with its expiry, such as `[30 seconds]`, or join with `AND`",
    ),
    Slip(
        example="Language(English) >= 4 [30 seconds]",
        underlined="[",
        found=r"\[",
        wanted=("$END",),
        hint="an expression has no expiry: `parse_criteria` reads steps",
    ),
    Slip(
        example="Language(English) >= 4 Skill(Billing) >= 3",
        underlined="Skill",
        found=r"\(|[\w\"][\w:.]*",
        wanted=("_AND",),
        hint="join two conditions with `AND` or `OR`",
    ),
    # ---- rosters
    Slip(
        example="alice Language(English) 4",
        underlined="(",
        start="roster",
        found=r"\(|[\w\"]\S*",
        wanted=("_COLON",),
        hint="put a colon and a blank after the agent, all on one line: `alice: Language(English) 4`",
    ),
    Slip(
        example="alice: Language(English) >= 4",
        underlined=">=",
        start="roster",
        found=r">=",
        wanted=("NUMBER",),
        hint="a roster says which level an agent has: `Language(English) 4`",
    ),
    Slip(
        example="alice: Language(English)",
        underlined="",
        start="roster",
        found=r"\Z",
        wanted=("NUMBER",),
        hint="write the level the agent has: `Language(English) 4`",
    ),
    Slip(
        example="alice: Language(English) 4 Skill(Billing) 3",
        underlined="Skill",
        start="roster",
        found=r"[\w\"][\w:.]*|;",
        wanted=("_COMMA",),
        hint="write a comma between two attributes, and every agent on a line of its own",
    ),
    Slip(
        example="alice @ Billing(PHONE): Language(English) 4",
        underlined="PHONE",
        start="roster",
        found=r"\w*",
        wanted=("CHANNEL",),
        hint="a channel is `VOICE`, `CHAT`, `TASK` or `EMAIL`",
    ),
    Slip(
        example="alice: Language(English) 4, Language(English) 3",
        underlined="Language(English) 3",
        start="roster",
        message="Language(English) is given twice",
        hint="keep one of the two levels",
    ),
    Slip(
        example="# nobody yet",
        underlined="",
        start="roster",
        found=r"\Z",
        wanted=("AGENT",),
        hint="write an agent and its attributes: `alice: Language(English) 4`",
    ),
    Slip(
        example="alice: Language 4",
        underlined="",
        start="roster",
        found="",
        wanted=("_LPAR",),
        hint="write an attribute with its value and the level: `Language(English) 4`",
    ),
    # ---- what is left
    Slip(
        example="Language($.External.language) >= 4",
        underlined="$",
        found=r"[^\w\s()\[\]<>=,;:!&|{}\"'#-]",
        wanted=(CONDITION, "NAME", "VALUE", "AGENT_ID", AFTER_NAME, AFTER_VALUE),
        hint=_SIGNS_HINT,
    ),
    Slip(
        example="",
        underlined="",
        found=r"\Z",
        wanted=(CONDITION,),
        hint="write a condition: `Language(English) >= 4`, `Language(English) in 2..4` or `agent in (alice)`",
    ),
    Slip(example="Language", underlined="", found="", wanted=(AFTER_NAME,), hint=_PAIR_HINT),
)
