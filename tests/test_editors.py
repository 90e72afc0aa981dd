"""What colours text in editors and on pages: the Pygments lexers and the TextMate grammars."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
from attrs import frozen
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, String, _TokenType

from routing_inspect import highlight, text
from routing_inspect.highlight import CriteriaLexer, RosterLexer
from test_corpus import ACCEPTED, CASES, Case, titles

EDITORS: Final = Path(__file__).parents[1] / "editors"
Span: TypeAlias = tuple[int, int]

# For each terminal of the grammar the colour of Pygments and the scope of TextMate. A text in
# quotes has those of the name it stands for.
NAMES: Final = {
    "NAME": (Name.Attribute, "variable.other"),
    "VALUE": (String.Symbol, "string.unquoted.value"),
    "AGENT_ID": (Name.Label, "entity.name.tag"),
    "AGENT": (Name.Label, "entity.name.tag"),
    "QUEUE": (Name.Namespace, "entity.name.section"),
}
COLOURS: Final = {
    **NAMES,
    "JSON": (String.Backtick, "string.quoted.other"),
    "NUMBER": (Number, "constant.numeric"),
    "DURATION": (Number, "constant.numeric"),
    "UNIT": (Keyword.Type, "keyword.other.unit"),
    "NEVER": (Keyword.Constant, "constant.language"),
    "CHANNEL": (Keyword.Type, "constant.language"),
    "_AND": (Operator.Word, "keyword.operator.word"),
    "_OR": (Operator.Word, "keyword.operator.word"),
    "_NOT": (Operator.Word, "keyword.operator.word"),
    "_IN": (Operator.Word, "keyword.operator.word"),
    "_AGENT": (Keyword, "keyword.other"),
    "_OPAQUE": (Keyword, "keyword.other"),
    "_MIXED": (Keyword, "keyword.other"),
    "_AT_LEAST": (Operator, "keyword.operator.comparison"),
    "_TO": (Operator, "keyword.operator.range"),
    "_AT": (Operator, "keyword.operator"),
    "COMMENT": (Comment.Single, "comment.line.number-sign"),
}
SIGNS: Final = {"_LPAR", "_RPAR", "_OPEN", "_CLOSE", "_COMMA", "_COLON"}


def terminals(case: Case) -> Iterator[tuple[str, Span]]:
    """Give the tokens that the grammar itself finds in a text, comments among them."""
    reading = text._parser().parse_interactive(case.text, case.start)
    for token in reading.iter_parse():
        if token.type != "_LINE":
            yield token.type, (token.start_pos or 0, token.end_pos or 0)
    for span in text._comments(case.text):
        yield "COMMENT", span


# ---------------------------------------------------------------------------- Pygments


def coloured(case: Case) -> dict[Span, _TokenType]:
    """Give the colour of each token that Pygments finds."""
    lexer = RosterLexer() if case.start == "roster" else CriteriaLexer()
    found = list(lexer.get_tokens_unprocessed(case.text))
    assert "".join(value for _, _, value in found) == case.text
    return {(start, start + len(value)): kind for start, kind, value in found}


@pytest.mark.parametrize("case", ACCEPTED, ids=titles(ACCEPTED))
def test_pygments_sees_what_the_grammar_sees(case: Case) -> None:
    """Every terminal of a corpus text is one token of the right colour, and no token is an error."""
    colours = coloured(case)

    assert Error not in colours.values()
    for terminal, span in terminals(case):
        if terminal == "STRING":
            assert colours[span] in {String.Double, *(colour for colour, _ in NAMES.values())}
        else:
            assert colours[span] is (Punctuation if terminal in SIGNS else COLOURS[terminal][0])


@pytest.mark.parametrize("case", CASES, ids=titles(CASES))
def test_pygments_colours_any_text(case: Case) -> None:
    """Each prefix of a text, refused or not, is coloured from its first character to its last."""
    for end in range(len(case.text)):
        coloured(Case(case.title, case.start, case.text[:end], ""))


@pytest.mark.parametrize(
    "name", ["NAME", "AGENT", "STRING", "JSON", "NUMBER", "UNIT", "NEVER", "CHANNEL", "COMMENT"]
)
def test_pygments_spells_the_terminals_as_the_grammar_does(name: str) -> None:
    """The lexer's patterns are the grammar's, but for groups that do not capture."""
    ours = getattr(highlight, f"_{name}")
    theirs = text._parser().get_terminal(name).pattern.to_regexp()

    assert _plain(ours) == _plain(theirs.replace(r"\/", "/"))


def _plain(pattern: str) -> str:
    """Take away what has several spellings: groups, and characters by number."""
    plain = re.sub(r"\(\?:|[()]", "", pattern)
    numbered = r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|[fnrt])(?![a-z])"
    return re.sub(numbered, lambda found: found[0].encode().decode("unicode_escape"), plain)


def test_pygments_finds_the_lexers_by_name() -> None:
    """A file's extension is enough, and so is the word behind a fence in Markdown."""
    assert isinstance(get_lexer_for_filename("a.routing"), CriteriaLexer)
    assert isinstance(get_lexer_for_filename("a.roster"), RosterLexer)
    assert isinstance(get_lexer_by_name("routing"), CriteriaLexer)
    assert isinstance(get_lexer_by_name("routing-roster"), RosterLexer)


# ---------------------------------------------------------------------------- TextMate


@frozen
class Rule:
    """A rule that has begun: what ends it, and what may stand inside."""

    end: str | None
    captures: dict[str, Any]
    patterns: list[dict[str, Any]]


class TextMate:
    """As much of a TextMate engine as the grammars use: line by line, the leftmost rule, then the first."""

    def __init__(self, name: str) -> None:
        self.grammar = json.loads((EDITORS / f"{name}.tmLanguage.json").read_text(encoding="utf-8"))

    def scopes(self, source: str) -> dict[Span, str]:
        """Give the scope of each stretch that has one, without the name of the language at its end."""
        found: dict[Span, str] = {}
        stack = [Rule(None, {}, self.grammar["patterns"])]
        for line in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n|$)", source):
            place = 0
            while (step := self._step(stack, line[0], place)) is not None:
                match, scopes = step
                found |= {
                    (line.start() + start, line.start() + end): scope.rpartition(".")[0]
                    for (start, end), scope in scopes
                    if start < end
                }
                assert match.end() > place or match[0] == ""
                place = max(match.end(), place + (match[0] == ""))
        return found

    def _step(
        self, stack: list[Rule], line: str, place: int
    ) -> tuple[re.Match[str], list[tuple[Span, str]]] | None:
        rule = stack[-1]
        ends = [] if rule.end is None else [{"match": rule.end, "captures": rule.captures}]
        choices = [
            (match, pattern)
            for pattern in [*ends, *map(self._resolved, rule.patterns)]
            if (match := re.compile(pattern.get("match") or pattern["begin"]).search(line, place))
        ]
        if not choices:
            return None
        # The leftmost; of several there, the first.
        match, pattern = min(choices, key=lambda choice: choice[0].start())
        if [pattern] == ends:
            stack.pop()
        if "begin" in pattern:
            stack.append(Rule(pattern["end"], pattern["endCaptures"], pattern["patterns"]))
            return match, _captured(match, pattern["beginCaptures"])
        whole = [(match.span(), pattern["name"])] if "name" in pattern else []
        return match, whole + _captured(match, pattern.get("captures", {}))

    def _resolved(self, pattern: dict[str, Any]) -> dict[str, Any]:
        reference = pattern.get("include")
        return pattern if reference is None else self.grammar["repository"][reference.removeprefix("#")]


def _captured(match: re.Match[str], captures: dict[str, Any]) -> list[tuple[Span, str]]:
    return [(match.span(int(group)), capture["name"]) for group, capture in captures.items()]


ENGINES: Final = {
    "expression": TextMate("routing"),
    "criteria": TextMate("routing"),
    "roster": TextMate("roster"),
}


@pytest.mark.parametrize("case", ACCEPTED, ids=titles(ACCEPTED))
def test_textmate_sees_what_the_grammar_sees(case: Case) -> None:
    """Every terminal of a corpus text has a stretch of its own with the right scope."""
    scopes = ENGINES[case.start].scopes(case.text)

    for terminal, span in terminals(case):
        if terminal == "STRING":
            assert scopes[span] in {"string.quoted.double", *(scope for _, scope in NAMES.values())}
        elif terminal in SIGNS:
            assert scopes[span].startswith("punctuation.")
        else:
            assert scopes[span] == COLOURS[terminal][1]


@pytest.mark.parametrize("case", CASES, ids=titles(CASES))
def test_textmate_scopes_any_text(case: Case) -> None:
    """The scopes of a text, refused or not, lie inside it, and the rules come to an end."""
    for end in range(0, len(case.text), 3):
        scopes = ENGINES[case.start].scopes(case.text[:end])
        assert all(0 <= start < stop <= end for start, stop in scopes)


def test_the_extension_names_files_that_are_there() -> None:
    """What an editor loads by `package.json` is beside it, with the scope that it says."""
    extension = json.loads((EDITORS / "package.json").read_text(encoding="utf-8"))["contributes"]

    for grammar in extension["grammars"]:
        named = json.loads((EDITORS / grammar["path"]).read_text(encoding="utf-8"))
        assert named["scopeName"] == grammar["scopeName"]
    for language in extension["languages"]:
        assert (EDITORS / language["configuration"]).is_file()
    assert {language["id"] for language in extension["languages"]} == {
        grammar["language"] for grammar in extension["grammars"]
    }
