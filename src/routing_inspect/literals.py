"""
Literals in source code: what stands in a Python, JavaScript or TypeScript file as plain data.

Nothing is executed or imported. What is computed (a name, a call, a template with ``${}``) becomes
`COMPUTED`, so whoever reads on can tell data that is whole from data that is not.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

from attrs import field, frozen

from routing_inspect.document import MAX_LEVELS
from routing_inspect.nodes import may_be_text
from routing_inspect.positions import Lines, Span, Trail


class Computed:
    """What only the running program can know."""

    def __repr__(self) -> str:
        return "COMPUTED"


COMPUTED: Final = Computed()


class Template(str):
    """Text of which parts are computed; what it holds is the rest, with a gap where they go."""

    __slots__ = ()


_GAP: Final = "\x00"
# The name under which an object holds members whose own names are computed.
MORE: Final = "..."


@frozen
class Literal:
    """
    A literal as plain JSON values, `COMPUTED` among them.

    Attributes:
        value: An object, a list or a string; Python's tuples are lists.
        spans: Where each part of it stands; a member from its name on.
        returned: Where the function stands that turns it into JSON text which is returned, or the text
            itself; None where it is no text, or where nobody can see what becomes of it.
    """

    value: Any
    spans: Mapping[Trail, Span] = field(eq=False, repr=False)
    returned: Span | None = None


@frozen
class SourceCode:
    """
    What a source file holds beside its code.

    Attributes:
        literals: The outermost objects, lists and long strings, in order; what stands inside a
            computed part counts as outermost.
        comments: Their spans, in order, the sign that begins them included.
    """

    literals: tuple[Literal, ...]
    comments: tuple[Span, ...]


class NotSourceError(Exception):
    """Text that is not the language it should be; *offset* says where that shows."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


# ---------------------------------------------------------------------------- Python


def read_python(text: str) -> SourceCode:
    """
    Find the literals of Python source.

    Raises:
        NotSourceError: It is none, or nests too deep for Python itself.
    """
    lines = Lines(text)
    try:
        with warnings.catch_warnings():
            # An invalid escape in somebody's source is no concern of ours.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        place = lines.offset(min(error.lineno or 1, len(lines)), 1) + max(0, (error.offset or 1) - 1)
        raise NotSourceError(f"not Python: {error.msg}", min(place, len(text))) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotSourceError(f"not Python: {str(error) or 'nested too deep'}", 0) from error
    # Python itself reads no more than 200 brackets inside each other, so `_Python` may recurse.
    literals = tuple(_Python(lines).literals(tree))
    return SourceCode(literals, tuple(_python_comments(text, lines)))


def _python_comments(text: str, lines: Lines) -> Iterator[Span]:
    if "#" not in text:
        return
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type == tokenize.COMMENT:
            start = lines.offset(*token.start) + 1
            yield start, start + len(token.string)


class _Python:
    """Turns syntax nodes into literals; what a computed part holds waits in `left`."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.left: list[ast.AST] = []
        self.spans: dict[Trail, Span] = {}
        self.returned: dict[ast.AST, ast.AST] = {}

    def literals(self, tree: ast.AST) -> Iterator[Literal]:
        self.left = [tree]
        self.returned = _texts(tree)
        while self.left:
            node = self.left.pop()
            if isinstance(node, ast.Dict | ast.List | ast.Tuple) or _is_text(node) or _is_dict_call(node):
                waiting, self.left, self.spans = self.left, [], {}
                value = self.value(node, (), self.span(node))
                text = self.returned.get(node)
                yield Literal(value, self.spans, None if text is None else self.span(text))
                self.left = waiting + self.left[::-1]
            else:
                self.left += reversed(list(ast.iter_child_nodes(node)))

    def span(self, node: Any) -> Span:
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def offset(self, number: int, column: int) -> int:
        """Give the offset of a place that Python counts in bytes of UTF-8."""
        start = self.lines.offset(number, 1)
        line = self.lines.line(number)
        return start + (column if line.isascii() else len(line.encode()[:column].decode(errors="ignore")))

    def value(self, node: ast.AST, trail: Trail, span: Span) -> Any:
        self.spans[trail] = span
        match node:
            case ast.Constant(value=str() | bool() | int() | float() | None as plain):
                return plain
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.Dict(keys=keys, values=values):
                return self.members(keys, values, trail)
            case ast.Call(args=arguments, keywords=keywords) if _is_dict_call(node):
                return self.members(*_named(cast("list[ast.Dict]", arguments), keywords), trail)
            case ast.JoinedStr() | ast.BinOp() if _is_text(node) and (
                not trail or not isinstance(_joined(node), Template)
            ):
                return _joined(node)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return [self.value(e, (*trail, i), self.span(e)) for i, e in enumerate(elements)]
            case _:
                self.left.append(node)
                return COMPUTED

    def members(self, keys: list[ast.expr | None], values: list[ast.expr], trail: Trail) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key, value in zip(keys, values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                span = (self.span(key)[0], self.span(value)[1])
                members[key.value] = self.value(value, (*trail, key.value), span)
            else:
                members[MORE] = COMPUTED
                self.left.append(value)
        return members


def _is_text(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _is_text(left) or _is_text(right)
        case _:
            return False


def _joined(node: ast.AST) -> str:
    """Put text together that several parts make up; with a gap in it where one of them is computed."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            texts = [_joined(part) for part in parts]
        case ast.BinOp(left=left, right=right, op=ast.Add()):
            texts = [_joined(left), _joined(right)]
        case _:
            return Template(_GAP)
    whole = "".join(texts)
    return Template(whole) if any(isinstance(text, Template) for text in texts) else whole


def _is_dict_call(node: ast.AST) -> bool:
    """Say whether a call is `dict` with members by name, perhaps on top of an object."""
    match node:
        case ast.Call(func=ast.Name(id="dict"), args=[] | [ast.Dict()]):
            return True
        case _:
            return False


def _named(
    arguments: list[ast.Dict], keywords: list[ast.keyword]
) -> tuple[list[ast.expr | None], list[ast.expr]]:
    """Give the names and the values of what a call of `dict` makes, as an object has them."""
    names: list[ast.expr | None] = []
    values: list[ast.expr] = []
    for argument in arguments:
        names += argument.keys
        values += argument.values
    for keyword in keywords:
        name = None if keyword.arg is None else ast.copy_location(ast.Constant(keyword.arg), keyword)
        names.append(name)
        values.append(keyword.value)
    return names, values


def _texts(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """Find what functions return as JSON text, also by a name that they or the module give it."""
    found: dict[ast.AST, ast.AST] = {}
    of_module = _assigned(tree)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            names = {**of_module, **_assigned(function)}
            returns = (node.value for node in ast.walk(function) if isinstance(node, ast.Return))
            for value in filter(None, returns):
                for given, made in _returned(value):
                    found[names.get(given.id, given) if isinstance(given, ast.Name) else given] = made
    return found


def _assigned(scope: ast.AST) -> dict[str, ast.AST]:
    """Give what stands behind the names that a scope assigns, the last that each is given."""
    return {
        node.targets[0].id: node.value
        for node in ast.iter_child_nodes(scope)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def _returned(value: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Find what is returned as JSON text, alone or in an object, each with what makes it text."""
    match value:
        case ast.Call(
            func=ast.Name(id="dumps") | ast.Attribute(attr="dumps"),
            args=[ast.Dict() | ast.Call() | ast.Name() as given, *_],
        ):
            yield given, value
        case ast.Constant(value=str()):
            yield value, value
        case ast.Dict(keys=keys, values=values):
            for key, member in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and not may_be_text(str(key.value)):
                    yield from _returned(member)
        case ast.Call(keywords=keywords) if _is_dict_call(value):
            for keyword in keywords:
                if keyword.arg is not None and not may_be_text(keyword.arg):
                    yield from _returned(keyword.value)
        case _:
            pass


# ---------------------------------------------------------------------------- JavaScript, TypeScript


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


_TOKENS: Final = re.compile(
    r"""(?P<comment>//[^\r\n]*+|/\*(?s:.*?)\*/)
    |(?P<string>"(?:[^"\\\r\n]|\\(?s:.))*+"|'(?:[^'\\\r\n]|\\(?s:.))*+'|`(?:[^`\\]|\\(?s:.))*+`)
    |(?P<number>-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w$]))
    |(?P<word>[\w$]+)
    |(?P<spread>\.\.\.)
    |(?P<sign>[^\s])""",
    re.VERBOSE,
)
_REGEX: Final = re.compile(r"/(?![*/])(?:[^/\\\[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.)*\])+/[a-z]*")
# After these a `/` begins a pattern; after anything else it divides.
_BEFORE_REGEX: Final = frozenset({"", *"(,=:[!&|?{};+", "return", "typeof", "case"})
_ESCAPE: Final = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|(?s:.)))"
)
_SIGNS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_WORDS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None, "undefined": None}
_CLOSING: Final = {"{": "}", "[": "]", "(": ")"}


def read_javascript(text: str) -> SourceCode:
    """
    Find the literals of JavaScript or TypeScript source.

    It is taken apart into words and signs, not parsed, so nothing in it is an error; only what is
    plain data throughout counts as data: quoted and bare member names, single and double quotes,
    templates without ``${}``, comments, trailing commas, ``as const``.
    """
    comments: list[Span] = []
    tokens: list[_Token] = []
    for token in _lexed(text):
        if token.kind == "comment":
            comments.append((token.start, token.end))
        else:
            tokens.append(token)
    tokens.append(_Token("end", "", len(text), len(text)))
    return SourceCode(tuple(_JavaScript(tokens).literals()), tuple(comments))


def _lexed(text: str) -> Iterator[_Token]:
    at, before = 0, ""
    while True:
        found = _TOKENS.search(text, at)
        if found is None:
            return
        pattern = _REGEX.match(text, found.start()) if before in _BEFORE_REGEX else None
        kind = "pattern" if pattern is not None else str(found.lastgroup)
        start, at = found.span() if pattern is None else pattern.span()
        yield _Token(kind, text[start:at], start, at)
        if kind != "comment":
            before = text[start:at] if kind in {"sign", "word"} else kind


def _pairs(tokens: list[_Token]) -> dict[int, int]:
    """Say of each bracket which one closes it; of one that nothing closes, nothing."""
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for at, token in enumerate(tokens):
        if token.kind == "sign" and token.text in _CLOSING:
            opened.append(at)
        elif token.kind == "sign" and token.text in {"}", "]", ")"} and opened:
            if _CLOSING[tokens[opened[-1]].text] == token.text:
                pairs[opened[-1]] = at
            opened.pop()
    return pairs


class _NoLiteralError(Exception):
    """What looked like an object or a list is neither."""


class _JavaScript:
    """Reads literals from tokens, the last of which is of the kind ``end``."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.spans: dict[Trail, Span] = {}
        self.computed: list[range] = []
        self.too_deep = 0
        self.pairs = _pairs(tokens)

    def literals(self) -> Iterator[Literal]:
        waiting = [range(len(self.tokens) - 1)]
        while waiting:
            part = waiting.pop()
            self.at = part.start
            while self.at < part.stop:
                begin, self.spans, self.computed = self.at, {}, []
                token = self.tokens[begin]
                if token.text not in {"{", "["} and token.kind != "string":
                    self.at += 1
                    continue
                try:
                    value = self.value((), token.start, 0)
                except _NoLiteralError:
                    value = COMPUTED
                if value is COMPUTED:
                    # All that leads down to where it is too deep is passed over in one go.
                    self.at = max(begin + 1, self.too_deep)
                    continue
                yield Literal(value, self.spans, self.returned(begin))
                if self.computed:
                    waiting += [range(self.at, part.stop), *reversed(self.computed)]
                    break

    def value(self, trail: Trail, start: int, level: int) -> Any:
        """Read one value, and note where it stands; *start* is where the member's name does."""
        token = self.tokens[self.at]
        begin, known = self.at, len(self.computed)
        if level > MAX_LEVELS:
            self.too_deep = self.at
            raise _NoLiteralError
        match token.kind, token.text:
            case "sign", "{":
                value: Any = self.group("}", lambda members: self.member(members, trail, level), {})
            case "sign", "[":
                value = self.group("]", lambda elements: self.element(elements, trail, level), [])
            case "string", text if text[0] != "`" or "${" not in text:
                value = _unescaped(text[1:-1])
                self.at += 1
            case "string", text if level == 0:
                value = Template(_unescaped(text[1:-1]))
                self.at += 1
            case "number", text:
                value = float(text) if not text.lstrip("-").isdecimal() else int(text[:400])
                self.at += 1
            case "word", ("true" | "false" | "null" | "undefined") as text:
                value = _WORDS[text]
                self.at += 1
            case _:
                value = COMPUTED
        self.spans[trail] = (start, self.tokens[max(0, self.at - 1)].end)
        if level > 0 and not self.is_whole(value):
            # What the computed part holds is looked at by itself.
            self.computed[known:] = [range(begin, self.at)]
            self.spans[trail] = (start, self.tokens[self.at - 1].end)
            return COMPUTED
        return value

    def returned(self, begin: int) -> Span | None:
        """Say where what begins at a token is turned into JSON text that is returned, or is such text."""
        tokens, at = self.tokens, begin
        if [token.text for token in tokens[max(0, begin - 4) : begin]] == ["JSON", ".", "stringify", "("]:
            at = begin - 4
        elif tokens[begin].kind != "string":
            return None
        span = tokens[at].start, tokens[at].end if at == begin else tokens[begin - 2].end
        while at > 1:
            before, ahead = tokens[at - 1].text, tokens[at - 2].text
            if before == "return" or (ahead, before) == ("=", ">"):
                return span
            if before == ":" and not may_be_text(ahead.strip("'\"`")):
                at = self.opening(at)
            elif before == "(" and (ahead in {"return", ">"}):
                at -= 1
            else:
                return None
        return None

    def opening(self, at: int) -> int:
        """Give the bracket that a token stands in; 0 where there is none."""
        around = (opened for opened, closed in self.pairs.items() if opened < at < closed)
        return max(around, default=0)

    def is_whole(self, value: Any) -> bool:
        """Go on to what ends a value inside a group, and say whether only a type stood on the way."""
        token = self.tokens[self.at]
        if value is not COMPUTED and token.text in {",", "}", "]"}:
            return True
        self.skip()
        return value is not COMPUTED and token.text in {"as", "satisfies"}

    def skip(self) -> None:
        """Go to the comma or the bracket that ends the value at hand."""
        while True:
            token = self.tokens[self.at]
            if token.kind == "end" or token.text == ";":
                raise _NoLiteralError
            if token.kind == "sign":
                if token.text in {",", "}", "]", ")"}:
                    return
                if token.text in _CLOSING:
                    self.at = self.closing(self.at)
            self.at += 1

    def closing(self, opening: int) -> int:
        """Give the bracket that closes one; what nothing closes is no literal."""
        if opening not in self.pairs:
            raise _NoLiteralError
        return self.pairs[opening]

    def group(self, closing: str, read: Callable[[Any], None], held: Any) -> Any:
        self.closing(self.at)
        self.at += 1
        while self.tokens[self.at].text != closing:
            read(held)
            if self.tokens[self.at].text == ",":
                self.at += 1
            elif self.tokens[self.at].text != closing:
                raise AssertionError("a paired bracket holds nothing but pairs")
        self.at += 1
        return held

    def element(self, elements: list[Any], trail: Trail, level: int) -> None:
        place = len(elements)
        elements.append(self.value((*trail, place), self.tokens[self.at].start, level + 1))

    def member(self, members: dict[str, Any], trail: Trail, level: int) -> None:
        name = self.tokens[self.at]
        follows = self.tokens[min(self.at + 1, len(self.tokens) - 1)].text
        if name.kind in {"word", "string", "number"} and follows == ":":
            key = _unescaped(name.text[1:-1]) if name.kind == "string" else name.text
            self.at += 2
            members[key] = self.value((*trail, key), name.start, level + 1)
        elif (
            name.kind == "spread" or name.text == "[" or (name.kind == "word" and follows in {",", "}", "("})
        ):
            begin = self.at
            self.skip()
            self.computed.append(range(begin, self.at))
            members[name.text if name.kind == "word" else MORE] = COMPUTED
        else:
            raise _NoLiteralError


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    number = escape[1] or escape[2] or escape[3]
    if number is None:
        return "" if escape[4] in {"\n", "\r", "\r\n"} else _SIGNS.get(escape[4], escape[4])
    return chr(int(number, 16)) if int(number, 16) <= 0x10FFFF else "\ufffd"
