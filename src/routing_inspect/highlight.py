"""
Colours for criteria and rosters: lexers for Pygments, which finds them by itself.

They follow ``grammar/routing.lark``, whose terminals they spell again, since a lexer that colours
half-typed text cannot wait for a parser. Text that is no criteria is coloured as far as it is one.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from pygments.lexer import RegexLexer, default, include
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

_END: Final = r"(?![\w:./=+\-@'])"
_WORD: Final = rf"(?!(?ai:and|or|not|in|agent|opaque|mixed){_END})(?:[\w./=+\-@']|:(?=[\w:./=+\-@']))+"
_LABEL: Final = r"(?!@)(?:[\w./=+\-']|[:@](?=[\w:./=+\-@']))+"

# The terminals of the grammar, by their names there.
_NAME: Final = rf"(?=[\w./@])(?![0-9]+\. ){_WORD}(?: +{_WORD})*"
_AGENT: Final = rf"(?=[\w./]){_LABEL}(?: +{_LABEL})*"
_STRING: Final = (
    r'"(?:[^"\\\x00-\x1f\x7f-\x9f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}'
    r'|\\u\{(?:10|[0-9a-fA-F])?[0-9a-fA-F]{1,4}\})*+"'
)
_JSON: Final = r"`[^`\r\n]*`"
_NUMBER: Final = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+\-]?[0-9]+)?"
_UNIT: Final = r"(?ai:s|secs?|seconds?|m|mins?|minutes?|h|hours?)(?!\w)"
_NEVER: Final = r"(?ai:never(?:[ \t]+expires?)?)(?!\w)"
_CHANNEL: Final = r"(?ai:voice|chat|task|email)(?!\w)"
_COMMENT: Final = r"#[^\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]*"

# What both kinds of text have: where a state ends by itself, the next rule of the one below counts.
_SHARED: Final[dict[str, list[Any]]] = {
    "blanks": [(r"[ \t\r\n]+", Whitespace), (_COMMENT, Comment.Single)],
    "value": [
        include("blanks"),
        (_STRING, String.Double),
        (_NAME, String.Symbol),
        (r"\)", Punctuation, "#pop"),
    ],
    "level": [include("blanks"), (_NUMBER, Number, "#pop"), default("#pop")],
}


class CriteriaLexer(RegexLexer):
    """Colours criteria and expressions."""

    name = "Routing criteria"
    url = "https://docs.aws.amazon.com/connect/latest/adminguide/concepts-routing.html"
    aliases: ClassVar[list[str]] = ["routing"]
    filenames: ClassVar[list[str]] = ["*.routing"]
    mimetypes: ClassVar[list[str]] = []

    tokens: ClassVar[dict[str, list[Any]]] = {
        **_SHARED,
        "root": [
            include("blanks"),
            (rf"(?ai:and|or|not){_END}", Operator.Word),
            (rf"(?ai:mixed){_END}", Keyword),
            (rf"(?ai:opaque){_END}", Keyword, "opaque"),
            (rf"(?ai:agent){_END}", Keyword, "agent"),
            (rf"(?ai:in){_END}", Operator.Word, "range"),
            (r">=", Operator, "level"),
            (r"\[", Punctuation, "expiry"),
            (r"[(),]", Punctuation),
            (_STRING, Name.Attribute, "attribute"),
            (_NAME, Name.Attribute, "attribute"),
        ],
        "attribute": [include("blanks"), (r"\(", Punctuation, ("#pop", "value")), default("#pop")],
        "range": [include("blanks"), (_NUMBER, Number, ("#pop", "to")), default("#pop")],
        "to": [include("blanks"), (r"\.\.", Operator, ("#pop", "level")), default("#pop")],
        "opaque": [include("blanks"), (_JSON, String.Backtick, "#pop"), default("#pop")],
        "agent": [
            include("blanks"),
            (rf"(?ai:in){_END}", Operator.Word),
            (r"\(", Punctuation, ("#pop", "ids")),
            default("#pop"),
        ],
        "ids": [
            include("blanks"),
            (_STRING, Name.Label),
            (_NAME, Name.Label),
            (r",", Punctuation),
            (r"\)", Punctuation, "#pop"),
        ],
        "expiry": [
            include("blanks"),
            (_NUMBER, Number),
            (_UNIT, Keyword.Type),
            (_NEVER, Keyword.Constant),
            (r"\]", Punctuation, "#pop"),
        ],
    }


class RosterLexer(RegexLexer):
    """Colours rosters."""

    name = "Routing roster"
    url = CriteriaLexer.url
    aliases: ClassVar[list[str]] = ["routing-roster"]
    filenames: ClassVar[list[str]] = ["*.roster"]
    mimetypes: ClassVar[list[str]] = []

    tokens: ClassVar[dict[str, list[Any]]] = {
        **_SHARED,
        "root": [
            include("blanks"),
            (_STRING, Name.Label),
            (_AGENT, Name.Label),
            (r"@", Operator, "queues"),
            (r":", Punctuation, "held"),
        ],
        "queues": [
            include("blanks"),
            (_STRING, Name.Namespace),
            (_AGENT, Name.Namespace),
            (r"\(", Punctuation, "channel"),
            (r",", Punctuation),
            (r":", Punctuation, ("#pop", "held")),
        ],
        "channel": [include("blanks"), (_CHANNEL, Keyword.Type), (r"\)", Punctuation, "#pop")],
        "held": [
            (r"[ \t]+", Whitespace),
            (_COMMENT, Comment.Single),
            # The end of a line ends an agent, but not after a comma.
            (r"[\r\n]+", Whitespace, "#pop"),
            (r",", Punctuation, "comma"),
            (_STRING, Name.Attribute, "attribute"),
            (_NAME, Name.Attribute, "attribute"),
        ],
        "comma": [include("blanks"), default("#pop")],
        "attribute": [include("blanks"), (r"\(", Punctuation, ("#pop", "level", "value")), default("#pop")],
    }
