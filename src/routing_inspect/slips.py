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
        hint: What to do about it; ``{low}`` is what a group of that name found.
        start: What the example was to be.
        found: A pattern for what stands where reading stopped. A row without patterns is an
            example of a slip that is noticed elsewhere.
        after: A pattern for what stands right before; its group ``here`` is underlined too.
        wanted: The terminals or places of which one could have stood there instead.
        message: In place of what was expected and found.
        unclosed: The bracket, ``(`` or ``[``, that was opened last and that nothing closes; it is
            underlined. None: the row says nothing of that.
    """

    example: str
    underlined: str
    hint: str
    start: Start = "expression"
    found: str | None = None
    after: str = ""
    wanted: tuple[str, ...] = ()
    message: str | None = None
    unclosed: str | None = None


_PAIR_HINT = "a condition names an attribute and one of its values: `Language(English) >= 4`"
_AGENT_HINT = (
    "write `agent in (alice, bob)`; an attribute whose name holds the word `agent` goes in double quotes"
)
_LABEL_HINT = "leave the label out: steps are numbered by their order"
_EXPIRY_HINT = "write the expiry in brackets: `[30 seconds]` or `[never expires]`"
_QUOTE_HINT = 'write straight double quotes, and only where they are needed: `"Rock and Roll"`'
_SIGNS_HINT = "a name or value with other signs than . : / = + - @ _ ' goes in double quotes"
_JSON_HINT = (
    "this is JSON: give it where a document is wanted; `routing-inspect convert --to dsl` makes text of it"
)
_NO_EXPIRY_HINT = "one expression has no expiry: take it away, or give the steps where a criteria is wanted"
_ONE_TIME_HINT = "an expiry is one number and its unit, such as `[90 seconds]`, or `[never expires]`"
_LEVEL_HINT = "a roster says which level an agent has: `Language(English) {level}`"
_CHANNEL_HINT = "a channel is `VOICE`, `CHAT`, `TASK` or `EMAIL`"
_COMMENT_HINT = "a comment begins with `#`"
_RANGE_HINT = "write `in {low}..{high}`"
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
# What may stand beside a sign in a value, so that the whole can be shown in quotes.
_BEFORE = r"\([ \t]*(?P<before>[^()\"\\\r\n]*)"
_REST = r"(?=(?P<rest>[^()\"\\\r\n]{0,99}[^()\"\\\s])[ \t]{0,9}\))"

# The first row that fits counts, so the narrower stand before the wider.
SLIPS: Final = (
    # ---- agents
    Slip(
        example="agent not in (alice, bob)",
        underlined="not in",
        found=r"not\s+in\b",
        after=r"\bagent\s+",
        wanted=("_IN",),
        hint="put `NOT` first: `NOT agent in (alice, bob)`",
    ),
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
        example="agent in (alice; bob)",
        underlined=";",
        found=r"[;|/]|&(?!\w)|(?:and|or)\b",
        after=r"\bagent\s+in\s*\([^()]*",
        wanted=("_COMMA",),
        hint="write commas between the agents: `agent in (alice, bob)`",
    ),
    Slip(
        example="agent in (R&D)",
        underlined="&",
        found=r"[^\w\s()\[\]{}\"'<>=#,:]",
        after=r"\bagent\s+in\s*\([^()]*",
        wanted=("_COMMA",),
        hint=_SIGNS_HINT,
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
    # ---- inside the parentheses of a value
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
        example="alice @ Billing(PHONE): Language(English) 4",
        underlined="PHONE",
        start="roster",
        found=r"\w*",
        wanted=("CHANNEL",),
        hint=_CHANNEL_HINT,
    ),
    Slip(
        example="Language(English >= 4",
        underlined="(",
        found="",
        wanted=(AFTER_VALUE,),
        unclosed="(",
        message="this `(` is never closed",
        hint="close it with `)`",
    ),
    Slip(
        example="alice @ Billing(VOICE, CHAT): Language(English) 4",
        underlined=",",
        start="roster",
        found=r"[^\s)]",
        after=r"@[^:\r\n]*\((?:voice|chat|task|email)\s*",
        wanted=(AFTER_VALUE,),
        hint="a queue has one channel: write `Billing(VOICE), Billing(CHAT)`",
    ),
    Slip(
        example="Music(Rock and Roll) >= 3",
        underlined="and",
        found=r"(?:and|or|not|in|agent|opaque|mixed)\b(?=[^()]*\))",
        wanted=(AFTER_VALUE,),
        hint="a value that holds a word of the language goes in double quotes",
    ),
    Slip(
        example="Skill(Billing (EU)) >= 3",
        underlined="(",
        found=r"\(",
        wanted=(AFTER_VALUE, "VALUE"),
        hint='a value that holds parentheses goes in double quotes: `"Billing (EU)"`',
    ),
    Slip(
        example="Language(English >= 4)",
        underlined=">= 4",
        found=rf"(?:>=|=>|={{1,2}}|≥)\s*(?P<level>{_NUMBER})(?=\s*\))",
        after=r"\([ \t]*(?P<value>[^()\"\\\r\n]*[^()\"\\\s])[ \t]*",
        wanted=(AFTER_VALUE,),
        hint="the level comes after the parentheses: `({value}) >= {level}`",
    ),
    Slip(
        example="alice: Language(English, French) 4",
        underlined=",",
        start="roster",
        found=rf"{_REST}[,;]",
        after=_BEFORE,
        wanted=(AFTER_VALUE,),
        hint='write an attribute for each value; if it is one, in double quotes: `("{before}{rest}")`',
    ),
    Slip(
        example="Language(English, French) >= 4",
        underlined=",",
        found=rf"{_REST}[,;]",
        after=_BEFORE,
        wanted=(AFTER_VALUE,),
        hint='write a condition for each value; if it is one, in double quotes: `("{before}{rest}")`',
    ),
    Slip(
        example="Skill(Sales & Service) >= 3",
        underlined="&",
        found=rf"{_REST}[^\w\s()]",
        after=_BEFORE,
        wanted=(AFTER_VALUE,),
        hint=f'{_SIGNS_HINT}: `("{{before}}{{rest}}")`',
    ),
    Slip(
        example='Language("English", "French") >= 4',
        underlined=",",
        found="[,;]",
        wanted=(AFTER_VALUE,),
        hint="write a condition for each value",
    ),
    Slip(
        example=r"Skill(C:\Windows) >= 3",
        underlined=":",
        found=r"[^\w\s()]",
        wanted=(AFTER_VALUE,),
        hint=rf"{_SIGNS_HINT}, and there `\\` is a backslash and `\"` a quote",
    ),
    # ---- beside a name
    Slip(
        example="Sales & Service(Billing) >= 3",
        underlined="&",
        found=r"[^\w\s()\[\]{}\"'<>=#,;:!|]|[!|](?![=|])",
        wanted=(AFTER_NAME, AFTER_VALUE),
        hint=_SIGNS_HINT,
    ),
    Slip(
        example="zoe @ Santé – nuit: Language(French) 3",
        underlined="–",
        start="roster",
        found=r"[^\w\s()\[\]{}\"'<>=#,;:@]",
        wanted=("_COLON", "_LPAR"),
        hint=_SIGNS_HINT,
    ),
    # ---- levels of a roster
    Slip(
        example="alice: Language(English) >= 4",
        underlined=">=",
        start="roster",
        found=rf"(?:[<>=:≥≤]{{1,3}}|(?:at least|level|is|in)\b)(?=\s*(?P<level>{_NUMBER}))",
        wanted=("NUMBER",),
        hint=_LEVEL_HINT,
    ),
    Slip(example="alice: Language(English)=3", underlined="=", start="roster", hint=_LEVEL_HINT),
    Slip(
        example="alice: Language(English) >=",
        underlined=">=",
        start="roster",
        found=r"[<>=:≥≤]{1,3}",
        wanted=("NUMBER",),
        hint="a roster says which level an agent has: `Language(English) 4`",
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
        example="Language(English) >= 4 && Skill(Billing) >= 3",
        underlined="&&",
        found="&&?",
        wanted=("_AND",),
        hint="write `AND`",
    ),
    Slip(
        example="Language(English) >= 4 || Language(French) >= 4",
        underlined="||",
        found=r"\|\|?",
        wanted=("_OR",),
        hint="write `OR`",
    ),
    Slip(
        example="!Language(English) >= 4",
        underlined="!",
        found="[!~¬]",
        wanted=(CONDITION,),
        hint="write `NOT`",
    ),
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
        found=r"\Z|\[",
        wanted=("_RPAR",),
        unclosed="(",
        message="this `(` is never closed",
        hint="close it with `)`",
    ),
    Slip(
        example="(Language(English) >= 4 [30 seconds])",
        underlined="[",
        start="criteria",
        found=r"\[",
        wanted=("_RPAR",),
        hint="the expiry comes after the parentheses of its step",
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
    # ---- comments
    Slip(
        example="// French first\nLanguage(French) >= 4",
        underlined="//",
        found="",
        after=r"(?P<here>//|--|/\*)[^\r\n]*\s*",
        wanted=(AFTER_NAME, "_COLON"),
        message="{found} begins no comment",
        hint=_COMMENT_HINT,
    ),
    Slip(
        example="Language(French) >= 4 // for now",
        underlined="//",
        found=r"//|--|/\*",
        message="{found} begins no comment",
        wanted=("_AND", CONDITION, "AGENT", "_COMMA"),
        hint=_COMMENT_HINT,
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
        example="Language(English) in 4..",
        underlined="",
        found=r"(?!\.)",
        after=rf"\bin\s+(?P<low>{_NUMBER})\s*\.\.\s*",
        wanted=("NUMBER",),
        hint="write both ends: `in {low}..5`, or `>= {low}` for at least {low}",
    ),
    Slip(
        example="Language(English) >= four",
        underlined="four",
        found=r"[^\W\d]\w*",
        wanted=("NUMBER",),
        hint="write the level as a number, such as `4`",
    ),
    Slip(
        example="Language(English) >= 4+",
        underlined="+",
        found=r"\+|%",
        wanted=("_AND",),
        hint='take the sign away: `>= 4` says "4 or more"',
    ),
    Slip(
        example="Language(English) in 3-4",
        underlined="3-4",
        found=rf"[-–—−] *(?P<high>{_NUMBER})",
        after=rf"(?P<here>(?P<low>{_NUMBER})\s*)",
        wanted=("_TO",),
        message="expected `..` between two levels, found {found}",
        hint=_RANGE_HINT,
    ),
    Slip(
        example="Language(English) in 2 to 4",
        underlined="to",
        found=rf"(?:(?:to|and|or)\b|[,:;…]|)(?=\s*(?P<high>{_NUMBER}))",
        after=rf"(?P<low>{_NUMBER})\s*",
        wanted=("_TO",),
        hint=_RANGE_HINT,
    ),
    Slip(
        example="Language(English) between 2 and 4",
        underlined="between",
        found=rf"(?:between|from)\b(?=\s+(?P<low>{_NUMBER})\s*(?:and\b|to\b|[-–,])\s*(?P<high>{_NUMBER}))",
        wanted=("_IN",),
        hint=_RANGE_HINT,
    ),
    Slip(
        example="Language(English) in 2...4",
        underlined=".",
        found=rf"\.(?=\s*(?P<high>{_NUMBER}))",
        after=rf"(?P<low>{_NUMBER})\s*\.\.",
        wanted=("NUMBER",),
        hint=f"{_RANGE_HINT}, with two dots",
    ),
    Slip(
        example="Language(English) in (2..4)",
        underlined="(",
        found=rf"[(\[{{](?=\s*(?P<low>{_NUMBER})\s*(?:\.\.+|to\b|[-–,])\s*(?P<high>{_NUMBER}))",
        wanted=("NUMBER",),
        hint="write the levels alone: `in {low}..{high}`",
    ),
    Slip(
        example="Language(English) in 4",
        underlined="",
        found="",
        after=rf"(?P<low>{_NUMBER})\s*",
        wanted=("_TO",),
        hint="write both ends: `in {low}..{low}` for exactly {low}, or `>= {low}` for at least {low}",
    ),
    Slip(
        example="Language(English) in ..4",
        underlined="..",
        found=rf"\.\.+(?=\s*(?P<high>{_NUMBER}))",
        after=r"\bin\s*",
        wanted=("NUMBER",),
        hint="write both ends: `in 1..{high}`",
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
        wanted=("_CLOSE", "UNIT", "DURATION"),
        unclosed="[",
        message="this `[` is never closed",
        hint="close it with `]`: `[30 seconds]`",
    ),
    Slip(
        example="Language(English) >= 4 [1 minute 30 seconds]",
        underlined="30",
        start="criteria",
        found=r"\w+|[^\s\]]",
        wanted=("_CLOSE", "UNIT", "DURATION"),
        hint=_ONE_TIME_HINT,
    ),
    Slip(
        example="Language(English) >= 4 [1:30]",
        underlined=":",
        start="criteria",
        hint=_ONE_TIME_HINT,
    ),
    Slip(
        example="Language(English) >= 4 [[30 seconds]]",
        underlined="[",
        start="criteria",
        hint=_ONE_TIME_HINT,
    ),
    Slip(
        example="Language(English) >= 4 [30 seconds,]",
        underlined=",",
        start="criteria",
        hint=_ONE_TIME_HINT,
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
        example="Language(English) >= 4 {30 seconds}",
        underlined="{30 seconds}",
        start="criteria",
        found=r"\{[^{}\r\n]{0,40}\}",
        wanted=("_OPEN",),
        hint=_EXPIRY_HINT,
    ),
    Slip(
        example="Language(English) >= 4 for 30 seconds",
        underlined="for 30 seconds",
        start="criteria",
        found=r"(?:for|after|within)\s+[0-9.]+\s*[smh]\w*",
        wanted=("_OPEN",),
        hint=_EXPIRY_HINT,
    ),
    Slip(
        example="Language(English) >= 4 for 30 seconds",
        underlined="for 30 seconds",
        found=r"(?:for|after|within)\s+[0-9.]+\s*[smh]\w*",
        wanted=("$END",),
        hint=_NO_EXPIRY_HINT,
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
        example="alice: Language(English) 4 [30 seconds]",
        underlined="[",
        start="roster",
        found=r"\[",
        wanted=("_COMMA",),
        hint="a roster has no expiry: take it away",
    ),
    Slip(
        example="Language(English) >= 4 [30 seconds]",
        underlined="[",
        found=r"\[",
        wanted=("$END",),
        hint=_NO_EXPIRY_HINT,
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
        example="alice, bob: Language(English) 4",
        underlined=",",
        start="roster",
        found="[,;&]",
        wanted=("_AT",),
        hint="write a line for every agent",
    ),
    Slip(
        example="alice: NOT Language(English) 4",
        underlined="NOT",
        start="roster",
        found=r"(?:and|or|not|in|agent|opaque|mixed)\b",
        wanted=("NAME",),
        hint="leave out what an agent does not hold; a word of the language in a name goes in double quotes",
    ),
    Slip(
        example="alice Language(English) 4",
        underlined="(",
        start="roster",
        found=r"\(|[\w\"]\S*",
        wanted=("_COLON",),
        hint="put a colon and a blank after the agent, all on one line: `alice: Language(English) 4`",
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
        found=r"[\w\"][\w:.]*|;|&&?",
        wanted=("_COMMA",),
        hint="write a comma between two attributes, and every agent on a line of its own",
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
