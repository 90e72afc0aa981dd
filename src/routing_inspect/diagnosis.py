"""Why text cannot be read: from where the parser stopped to an error in the reader's words."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from typing import Final, TypeAlias

from routing_inspect.arguments import is_file_name
from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.slips import AFTER_NAME, AFTER_VALUE, CONDITION, SLIPS, Start
from routing_inspect.visible import is_visible, visible

# What may stand somewhere, in the reader's words and in the order of a sentence.
_WORDS: Final[Mapping[str, str]] = {
    "AGENT": "an agent",
    "QUEUE": "a queue",
    "NAME": "an attribute",
    "VALUE": "a value",
    "AGENT_ID": "an agent id",
    "NUMBER": "a level",
    "_AT_LEAST": "`>=`",
    "_IN": "`in`",
    "_TO": "`..`",
    "_AND": "`AND`",
    "_OR": "`OR`",
    "JSON": "JSON in backticks",
    "DURATION": "a time",
    "NEVER": "`never expires`",
    "UNIT": "`seconds`, `minutes` or `hours`",
    "CHANNEL": "`VOICE`, `CHAT`, `TASK` or `EMAIL`",
    "_LPAR": "`(`",
    "_RPAR": "`)`",
    "_OPEN": "`[`",
    "_CLOSE": "`]`",
    "_COMMA": "`,`",
    "_AT": "`@`",
    "_COLON": "`:`",
    "_LINE": "the end of the line",
    "$END": "the end",
}

# Where something stands in a text, as start and end offsets.
Span: TypeAlias = tuple[int, int]

# The words of the language, for a guess at what a misspelled one was to be.
_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "_AND": ("AND",),
    "_OR": ("OR",),
    "_NOT": ("NOT",),
    "_IN": ("in",),
    "NEVER": ("never expires",),
    "UNIT": ("seconds", "minutes", "hours"),
    "CHANNEL": ("VOICE", "CHAT", "TASK", "EMAIL"),
}

# Words that are near those of the language, and are none of them misspelled.
_OTHER_WORDS: Final = frozenset({"for"})

_BRACKETS = re.compile(r'"(?:[^"\\\r\n]|\\.)*+"?|`[^`\r\n]*+`?|#[^\r\n]*+|[()\[\]]')
_CLOSERS: Final = {"(": ")", "[": "]"}
_STRING = re.compile(
    r'"(?:[^"\\\x00-\x1f\x7f-\x9f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}|\\u\{(?:10|[0-9a-fA-F])?[0-9a-fA-F]{1,4}\})*+'
)
_PIECE = re.compile(r'"[^"\r\n]*"|\w(?:[\w.\-/@\']*\w)?|[<>=!&|]+|.', re.DOTALL)
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def explain(source: str, position: int, expected: frozenset[str], start: Start) -> CriteriaSyntaxError:
    """
    Say what is wrong where reading stopped.

    Args:
        source: The whole text.
        position: Where that was; the length of *source* where the text ends too early.
        expected: The terminals of the grammar that could have stood there.
        start: What the whole text was to be.
    """
    places = _places(expected)
    piece = _PIECE.match(source, position)
    span = (position, position) if piece is None else piece.span()
    message = f"expected {_choice(places)}, found {_quoted(source, span)}"
    return (
        _file_name(source)
        or _invisible(source, position, message)
        or _broken_string(source, position)
        or _misspelled(source, position, expected)
        or _slip(source, span, places, start)
        or CriteriaSyntaxError(message, source, span)
    )


def open_parentheses(source: str, *, at_most: int | None = None) -> list[int]:
    """List the parentheses that nothing closes; stop at one more than *at_most* inside each other."""
    return _open_brackets(source, "(", at_most=at_most)


def _open_brackets(source: str, sign: str, *, at_most: int | None = None) -> list[int]:
    opened: list[int] = []
    for found in _BRACKETS.finditer(source):
        if found[0] == sign:
            opened.append(found.start())
            if len(opened) - 1 == at_most:
                break
        elif found[0] == _CLOSERS[sign] and opened:
            opened.pop()
    return opened


def _places(expected: frozenset[str]) -> frozenset[str]:
    """Add the names of the place to the terminals that could stand there."""
    places = set(expected)
    if "_NOT" in expected:
        places.add(CONDITION)
    if {"_LPAR", "_AT_LEAST"} <= expected:
        places.add(AFTER_NAME)
    if expected == {"_RPAR"}:
        places.add(AFTER_VALUE)
    return frozenset(places)


def _choice(places: frozenset[str]) -> str:
    if AFTER_NAME in places:
        return "a value in parentheses"
    words = ["a condition"] if CONDITION in places else []
    # Where a condition may begin, what it may begin with says less than that.
    begins = {"NAME", "_LPAR", "_AND", "_OR"} if words else {"_LINE"} if "AGENT" in places else set()
    words += [word for terminal, word in _WORDS.items() if terminal in places - begins]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _quoted(source: str, span: tuple[int, int]) -> str:
    found = source[slice(*span)]
    if not found:
        return "the end"
    return f"`{visible(found if len(found) <= 40 else found[:39] + '…')}`"


def _file_name(source: str) -> CriteriaSyntaxError | None:
    if not is_file_name(source):
        return None
    hint = "this looks like a file's name: give what is in the file, `pathlib.Path(...).read_text()`"
    return CriteriaSyntaxError(
        f"expected a condition or a roster, found `{visible(source.strip())}`",
        source,
        (0, len(source)),
        hint=hint,
    )


def _invisible(source: str, position: int, message: str) -> CriteriaSyntaxError | None:
    character = source[position : position + 1]
    if not character or is_visible(character):
        return None
    if unicodedata.category(character) == "Zs":
        hint = "this blank is not a plain one: type a plain blank, or put the name in double quotes"
    elif character in _REORDERING:
        hint = f"it reorders what is around it: delete it, or write `{visible(character)}` in double quotes"
    else:
        hint = f"it does not show: delete it, or write `{visible(character)}` in double quotes"
    return CriteriaSyntaxError(message, source, (position, position + 1), hint=hint)


def _broken_string(source: str, position: int) -> CriteriaSyntaxError | None:
    string = _STRING.match(source, position)
    if string is None:
        return None
    stop = string.end()
    match source[stop : stop + 1]:
        case '"':
            return None
        case "" | "\r" | "\n":
            hint = 'close it with a second `"` on the same line'
            return CriteriaSyntaxError("this quote is never closed", source, (position, stop), hint=hint)
        case "\\":
            found = visible(source[stop : stop + 2])
            message = rf"expected an escape such as `\"`, `\\` or `\u00e9`, found `{found}`"
            return CriteriaSyntaxError(
                message,
                source,
                (stop, stop + len(source[stop : stop + 2])),
                hint=r"write `\\` for a backslash",
            )
        case control:
            message = f"found `{visible(control)}` in quotes"
            hint = f"write it as `{visible(control)}`: six characters, beginning with a backslash"
            return CriteriaSyntaxError(message, source, (stop, stop + 1), hint=hint)


def _misspelled(source: str, position: int, expected: frozenset[str]) -> CriteriaSyntaxError | None:
    # A word with a parenthesis right after it is the name of an attribute.
    word = re.compile(r"[^\W\d_]{2,20}(?![\w(])").match(source, position)
    known = {
        word.split()[0].casefold(): word for t, words in _SPELLINGS.items() if t in expected for word in words
    }
    if word is None:
        return None
    near = difflib.get_close_matches(word[0].casefold(), known, n=1)
    if not near or word[0].casefold() in {near[0], *_OTHER_WORDS}:
        return None
    meant = known[near[0]]
    message = f"expected `{meant}`, found `{word[0]}`"
    return CriteriaSyntaxError(message, source, word.span(), hint=f"did you mean `{meant}`?")


def _slip(source: str, stop: Span, places: frozenset[str], start: Start) -> CriteriaSyntaxError | None:
    """Find the row of the table that fits the piece of text at *stop*, where reading stopped."""
    position = stop[0]
    # What decides stands close by; a longer look back would cost more than it tells.
    window = source[max(0, position - 300) : position]
    for row in SLIPS:
        if row.found is None or (row.wanted and places.isdisjoint(row.wanted)):
            continue
        found = re.compile(row.found, re.IGNORECASE).match(source, position)
        if found is None or (row.start == "roster" != start):
            continue
        after = re.search(rf"(?:{row.after})\Z", window, re.IGNORECASE)
        if after is None:
            continue
        if row.unclosed is None:
            span = _underlined(stop, found, after)
        else:
            opener = _never_closed(source, position, row.unclosed)
            if opener is None:
                continue
            span = (opener, opener + 1)
        quoted = _quoted(source, span if span[0] < span[1] else stop)
        message = row.message or f"expected {_choice(places)}, found {{found}}"
        hint = _filled(row.hint, {**after.groupdict(), **found.groupdict()})
        return CriteriaSyntaxError(message.replace("{found}", quoted), source, span, hint=hint)
    return None


def _underlined(stop: Span, found: re.Match[str], after: re.Match[str]) -> Span:
    if "here" in after.groupdict():
        begin = stop[0] - len(after.string) + after.start("here")
        return begin, found.end() if found[0] else begin + len(after["here"])
    # A pattern for a place takes all that stands there.
    return found.span() if found[0] else stop


def _filled(hint: str, groups: Mapping[str, str | None]) -> str:
    return re.sub(r"{(\w+)}", lambda name: visible(groups.get(name[1]) or name[0]), hint)


def _never_closed(source: str, position: int, sign: str) -> int | None:
    """Say where the *sign* stands that was opened last before *position*; None where something closes it."""
    pair = (sign, _CLOSERS[sign])
    following = next((found[0] for found in _BRACKETS.finditer(source, position) if found[0] in pair), "")
    if following == _CLOSERS[sign] or not _open_brackets(source, sign):
        return None
    return _open_brackets(source[:position], sign)[-1]
