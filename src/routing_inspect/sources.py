"""
What there is to lint in a file: every criteria in it, and where its steps and conditions stand.

Text, JSON in every form that `forms` knows and around them, and the literals of Python, JavaScript
and TypeScript. Nothing of a file is executed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePath
from typing import Any, Final, TypeAlias

from attrs import field, frozen

from routing_inspect import forms, text
from routing_inspect.contact import Contact, Criteria, Step
from routing_inspect.document import JSON, MAX_BYTES, loads
from routing_inspect.envelope import describes_contact
from routing_inspect.errors import CriteriaSyntaxError, DocumentError, Problem
from routing_inspect.expr import AgentIn, And, Expr, Mixed, Not, Or
from routing_inspect.flows import read_action
from routing_inspect.literals import COMPUTED, Literal, NotSourceError, Template, read_javascript, read_python
from routing_inspect.nodes import MARK, Node, embedded, holds_criteria, nodes
from routing_inspect.positions import Span, Trail, find_spans, trail_of
from routing_inspect.visible import visible
from routing_inspect.wire import members_of, read_criteria_node, read_expression_node

# A step, from 1, and the way down to a part of its expression; None for the whole of either.
Part: TypeAlias = tuple[int | None, tuple[int, ...] | None]
# A problem, and where it stands in the file, if anywhere.
PlacedProblem: TypeAlias = tuple[Problem, Span | None]
Finder: TypeAlias = Callable[[Iterable[Trail]], Mapping[Trail, Span]]


PYTHON: Final = frozenset({".py", ".pyi"})
JAVASCRIPT: Final = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})
# Templates of infrastructure: of these the JSON in them is read.
MARKUP: Final = frozenset({".yaml", ".yml", ".tf", ".hcl", ".tfvars"})
# What is looked at in a folder; a file that is named may have any name.
SUFFIXES: Final = PYTHON | JAVASCRIPT | MARKUP | {".json", ".routing"}

_BYTES_MARK: Final = re.compile(MARK.pattern.encode(), re.IGNORECASE)
# What JSON with criteria in it has, also a piece of it.
_OPEN_MARK: Final = re.compile(rf"{MARK.pattern}|\"Steps\"", re.IGNORECASE)
# What a Lambda's entry point is called by all who do as the documentation does.
_HANDLER: Final = re.compile(r"\b(?:lambda_?)?handler\b", re.IGNORECASE)
_LINE: Final = re.compile(r"[^\r\n]*")
_NOT: Final = re.compile(r"(?ai:not)[\s(]*\Z")


@frozen
class Unit:
    """
    One criteria of a file, or the contact that it is the criteria of.

    Attributes:
        name: Which one it is, such as a flow block's identifier; empty where it is the only one.
        subject: What there is to lint.
        address: Where a part of it stands, in the terms of `find`.
        path: Where the block, the contact or the criteria stands in its document; empty for text.
        find: Gives the spans of several addresses in one pass over the file.
    """

    name: str
    subject: Contact | Criteria
    address: Callable[[Part], Trail] = field(eq=False, repr=False)
    find: Finder = field(eq=False, repr=False)
    path: str = field(default="", eq=False, kw_only=True)

    @property
    def criteria(self) -> Criteria:
        """The criteria itself."""
        subject = self.subject
        return subject if isinstance(subject, Criteria) else subject.criteria or Criteria()


@frozen
class Source:
    """
    What a file holds.

    Attributes:
        name: The file, as it was named.
        text: Without a byte order mark; empty where it is no text.
        units: What there is to lint, in the order of the file.
        comments: The spans of its comments.
        problems: What cannot be read in it, each with where it stands. The path of one that is
            about the file itself is ``$``.
        computed: Where criteria stand that only the running program can know in full.
        unread: Where criteria stand in a language that is not read.
        texts: Where source code returns a criteria as the text of JSON.
        is_handler: Whether source code has a function that Lambda calls.
        documents: The JSON that it is, or that stands in it, each with what finds parts of it.
    """

    name: str
    text: str = field(default="", repr=False)
    units: tuple[Unit, ...] = ()
    comments: tuple[Span, ...] = ()
    problems: tuple[PlacedProblem, ...] = ()
    computed: tuple[Span, ...] = ()
    unread: tuple[Span, ...] = ()
    texts: tuple[Span, ...] = ()
    is_handler: bool = False
    documents: tuple[tuple[JSON, Finder], ...] = field(default=(), eq=False, repr=False)


def read_source(name: str, data: bytes, *, is_named: bool = True) -> Source:
    """
    Find what there is to lint in a file.

    Never fails: what cannot be read is among the `problems`.

    Args:
        name: The file; its ending says which language it is.
        data: Its content.
        is_named: Whether somebody named the file, so that there must be routing criteria in it.
    """
    suffix = PurePath(name).suffix.lower()
    if not is_named and suffix != ".routing" and _BYTES_MARK.search(data) is None:
        return Source(name)
    source = _source(name, data, suffix, is_named=is_named)
    if (
        source.units
        or source.computed
        or source.unread
        or not source.problems
        or suffix in PYTHON | JAVASCRIPT
    ):
        return source
    from routing_inspect import kinds  # noqa: PLC0415  (what can be read does without)

    mistake = kinds.mistaken(data, "a contact or routing criteria")
    return source if mistake is None else _unreadable(name, source.text, mistake)


def _source(name: str, data: bytes, suffix: str, *, is_named: bool) -> Source:
    if len(data) > MAX_BYTES:
        return _unreadable(name, "", Problem("$", f"larger than {MAX_BYTES // 2**20} MiB"))
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        readable = data[: error.start].decode("utf-8-sig")
        problem = Problem("$", f"byte {error.start} is not UTF-8", "save the file as UTF-8")
        return _unreadable(name, readable, problem, (len(readable), len(readable)))
    if suffix in PYTHON | JAVASCRIPT:
        source = _code(name, content, suffix)
    elif suffix in MARKUP:
        source = _markup(name, content)
    elif suffix != ".routing" and (suffix == ".json" or content.lstrip()[:1] in {"{", "[", "<", ""}):
        source = _document(name, content, is_named=is_named)
    else:
        source = _text(name, content)
    if source.units or source.problems or source.computed or source.unread or not is_named:
        return source
    hint = "documents with Steps, a RoutingCriteria or an expression have some"
    return _unreadable(name, content, Problem("$", "no routing criteria in it", hint))


def unreadable(name: str, message: str) -> Source:
    """Say that a file cannot be read at all."""
    return _unreadable(name, "", Problem("$", message))


def _unreadable(name: str, content: str, problem: Problem, span: Span | None = None) -> Source:
    return Source(name, content, problems=((problem, span),))


# ---------------------------------------------------------------------------- text


def _text(name: str, content: str) -> Source:
    try:
        criteria, outline = text.outline_criteria(content)
    except CriteriaSyntaxError as error:
        return _unreadable(name, error.source, Problem("$", error.message, error.hint), error.span)
    spans = partial(_text_spans, criteria, outline)
    return Source(name, outline.source, (Unit("", criteria, _text_address, spans),), outline.comments)


def _text_address(part: Part) -> Trail:
    step, condition = part
    return () if step is None else (step,) if condition is None else (step, "expression", *condition)


def _text_spans(criteria: Criteria, outline: text.Outline, _: Iterable[Trail]) -> Mapping[Trail, Span]:
    spans: dict[Trail, Span] = {}
    for number, (step, parts) in enumerate(zip(criteria.steps, outline.parts, strict=True), 1):
        rest = iter(parts)
        _note(step.expression, (number, "expression"), rest, spans, outline.source)
        begin = spans[number, "expression"][0]
        spans[number,] = (begin, next(rest, (0, spans[number, "expression"][1]))[1])
    spans[()] = (spans[1,][0], spans[len(criteria.steps),][1])
    return spans


def _note(
    expression: Expr, trail: Trail, parts: Iterator[Span], spans: dict[Trail, Span], source: str
) -> None:
    """Note where an expression and all in it stand, taking the spans of its conditions in order."""
    match expression:
        case And(operands) | Or(operands) | Mixed(operands):
            for i, operand in enumerate(operands):
                _note(operand, (*trail, i), parts, spans, source)
            span = (spans[*trail, 0][0], spans[*trail, len(operands) - 1][1])
        case Not(operand):
            _note(operand, (*trail, 0), parts, spans, source)
            begin, end = spans[*trail, 0]
            keyword = _NOT.search(source, max(0, begin - 200), begin)
            span = (begin if keyword is None else keyword.start(), end)
        case AgentIn(agent_ids):
            listed = [next(parts) for _ in range(max(1, len(agent_ids)))]
            span = (listed[0][0], source.find(")", listed[-1][1] - 1) + 1)
        case _:
            span = next(parts)
    spans[trail] = span


# ---------------------------------------------------------------------------- JSON


def _document(name: str, content: str, *, is_named: bool) -> Source:
    find = partial(find_spans, content)
    try:
        value = loads(content)
    except DocumentError as error:
        spans = _problem_spans(content, error)
        return Source(name, content, problems=tuple(zip(error.problems, spans, strict=True)))
    units, problems = _units(value, "$", find)
    if not is_named and not units and not _is_ours(value):
        return Source(name, content)
    told = tuple(_placed(problems, find))
    return Source(name, content, tuple(units), problems=told, documents=((value, find),))


def _problem_spans(content: str, error: DocumentError) -> list[Span | None]:
    """Say where a text is no JSON; where it is too deep or too large, no place says more than another."""
    cause = error.__cause__
    if isinstance(cause, json.JSONDecodeError):
        return [(cause.pos, min(cause.pos + 1, len(content)))]
    if cause is not None or error.problems[0].path == "$":
        return [None for _ in error.problems]
    found = find_spans(content, [trail_of(problem.path) for problem in error.problems])
    return [found.get(trail_of(problem.path)) for problem in error.problems]


def _placed(problems: Sequence[Problem], find: Finder) -> Iterator[PlacedProblem]:
    spans = find([trail_of(problem.path) for problem in problems]) if problems else {}
    for problem in problems:
        yield problem, None if problem.path == "$" else spans.get(trail_of(problem.path))


def _units(value: JSON, path: str, find: Finder, *, is_one: bool = True) -> tuple[list[Unit], list[Problem]]:
    """Find the criteria of a document, and what cannot be read of it."""
    if isinstance(value, dict) and isinstance(value.get("Contacts"), list):
        return _units(value["Contacts"], f"{path}.Contacts", find)
    if isinstance(value, list):
        pairs = [_units(element, f"{path}[{i}]", find, is_one=False) for i, element in enumerate(value)]
        return [unit for units, _ in pairs for unit in units], [p for _, problems in pairs for p in problems]
    units: list[Unit] = []
    problems: list[Problem] = []
    for node in nodes(value, path):
        found: list[Problem] = []
        unit = _unit(node, find, found)
        units += [] if found else [unit]
        problems += found
    if not isinstance(value, dict) or (_is_flow(value) and (units or problems)):
        return units, problems
    try:
        if _is_flow(value):
            forms.read_flow(value)
            return [], []
        contact = forms.read(value)
    except DocumentError as error:
        # Of a document in no known form, what was found in it is all there is to say.
        if _is_contact(value) or not (units or problems):
            return [], [Problem(path + p.path[1:], p.message, p.hint) for p in error.problems]
        return units, problems
    name = "" if is_one else contact.id or ""
    return _contact_units(contact, name, units, find), []


def _is_ours(value: JSON) -> bool:
    """Say whether a document that nobody named is one of Amazon Connect's all the same."""
    if any(True for _ in nodes(value)):
        return True
    return isinstance(value, dict) and (_is_contact(value) or _is_flow(value))


def _is_flow(value: dict[str, JSON]) -> bool:
    return not value.keys().isdisjoint({"Actions", "ContactFlow", "ContactFlowModule"})


def _is_contact(value: dict[str, JSON]) -> bool:
    return describes_contact(value) or not value.keys().isdisjoint({"Contact", "routing_criteria"})


def _contact_units(contact: Contact, name: str, units: list[Unit], find: Finder) -> list[Unit]:
    """Put what a document says of its contact beside the criteria that it is the contact's."""
    criteria = contact.criteria
    if criteria is None:
        return units
    same = [unit for unit in units if unit.subject == criteria]
    address = same[-1].address if same else _nowhere
    alone = contact == Contact(criteria=criteria)
    return [Unit(name, criteria if alone else contact, address, find, path=same[-1].path if same else "")]


def _nowhere(_: Part) -> Trail:
    return ()


def _unit(node: Node, find: Finder, problems: list[Problem]) -> Unit:
    path, value = node.path, node.value
    match node.kind:
        case "action":
            action = read_action(value, path, problems)
            parameters = value["Parameters"] if isinstance(value["Parameters"], dict) else {}
            inner = parameters.get("RoutingCriteria")
            address = partial(_address, inner, f"{path}.Parameters.RoutingCriteria")
            return Unit(action.identifier, action.criteria, address, find, path=path)
        case "reference":
            return Unit("", Criteria(reference=str(value)), partial(_address, None, path), find, path=path)
        case "criteria":
            plain = _with_objects(value)
            criteria = read_criteria_node(plain, path, problems)
            return Unit("", criteria, partial(_address, plain, path), find, path=path)
        case _:
            expression = read_expression_node(value, path, problems)
            address = partial(_expression_address, value, path)
            return Unit("", Criteria([Step(expression)]), address, find, path=path)


def _with_objects(criteria: dict[str, JSON]) -> dict[str, JSON]:
    """Put expressions in place of their JSON text, which is how data lake rows have them."""
    key = "Steps" if "Steps" in criteria else "steps"
    if not any(isinstance(step, dict) and isinstance(step.get("expression"), str) for step in criteria[key]):
        return criteria
    steps = [
        {**step, "expression": embedded(step["expression"]) or step["expression"]}
        if isinstance(step, dict) and isinstance(step.get("expression"), str)
        else step
        for step in criteria[key]
    ]
    return {**criteria, key: steps}


def _address(node: JSON, path: str, part: Part) -> Trail:
    """Say where a part of a criteria object stands, by the members that it goes down."""
    number, condition = part
    steps = _member(node, path, "Criteria", "Steps")
    if number is None or steps is None or not 0 < number <= len(steps[1]):
        return trail_of(path)
    place, step = f"{steps[0]}[{number - 1}]", steps[1][number - 1]
    expression = _member(step, place, "Step", "Expression")
    if condition is None or expression is None:
        return trail_of(place)
    return trail_of(_operand_path(expression[1], expression[0], condition))


def _expression_address(node: JSON, path: str, part: Part) -> Trail:
    return trail_of(_operand_path(node, path, part[1] or ()))


def _member(node: JSON, path: str, shape: str, name: str) -> tuple[str, Any] | None:
    return members_of(node, shape, path, [])[0].get(name) if isinstance(node, dict) else None


def _operand_path(node: JSON, path: str, way: tuple[int, ...]) -> str:
    """Go down an expression object as its reader does: several members side by side are a level."""
    while True:
        members, unknown = members_of(node, "Expression", path, [])
        if unknown or not members:
            return path
        if len(members) == 1:
            name, (path, node) = next(iter(members.items()))
        elif way and way[0] < len(members):
            name, (path, node) = list(members.items())[way[0]]
            way = way[1:]
        else:
            return path
        is_group = name in {"AndExpression", "OrExpression"} and isinstance(node, list)
        if not way or not is_group or way[0] >= len(node):
            return path
        path, node, way = f"{path}[{way[0]}]", node[way[0]], way[1:]


# ---------------------------------------------------------------------------- source code


def _code(name: str, content: str, suffix: str) -> Source:
    try:
        code = read_python(content) if suffix in PYTHON else read_javascript(content)
    except NotSourceError as error:
        span = (error.offset, min(error.offset + 1, len(content)))
        return _unreadable(name, content, Problem("$", visible(error.message)), span)
    parts = [_literal_parts(content, literal) for literal in code.literals]
    return Source(
        name,
        content,
        tuple(unit for part in parts for unit in part.units),
        code.comments,
        tuple(problem for part in parts for problem in part.problems),
        tuple(span for part in parts for span in part.computed),
        texts=tuple(span for part in parts for span in part.texts),
        is_handler=_HANDLER.search(content) is not None,
    )


def _literal_parts(content: str, literal: Literal) -> Source:
    """Find what there is to lint in a literal, as if it were a file of its own."""
    find = partial(_literal_spans, content, literal)
    if isinstance(literal.value, str) and _is_broken_text(literal.value):
        return Source("", computed=(literal.spans[()],))
    units: list[Unit] = []
    problems: list[PlacedProblem] = []
    computed = [span for trail, span in literal.spans.items() if _has_open_steps(literal.value, trail)]
    for node in nodes(literal.value):
        if _is_computed(node.value):
            trail = trail_of(node.path)
            computed.append(find([trail])[trail])
            continue
        found: list[Problem] = []
        unit = _unit(node, find, found)
        problems += _placed(found, find)
        units += [] if found else [unit]
    value = embedded(literal.value) if isinstance(literal.value, str) else literal.value
    is_text = literal.returned is not None and holds_criteria(value)
    texts = (literal.returned,) if is_text and literal.returned is not None else ()
    return Source("", units=tuple(units), problems=tuple(problems), computed=tuple(computed), texts=texts)


def _is_broken_text(text: str) -> bool:
    """Say whether text would be JSON with criteria in it, were it whole."""
    if not text.lstrip().startswith(("{", "[")) or _OPEN_MARK.search(text) is None:
        return False
    return isinstance(text, Template) or not _is_json(text)


def _is_json(text: str) -> bool:
    try:
        loads(text)
    except DocumentError:
        return False
    return True


def _has_open_steps(value: Any, trail: Trail) -> bool:
    """Say whether the part at *trail* is an object whose steps, or some of them, are computed as a whole."""
    for key in trail:
        value = value[key]
    steps = value.get("Steps") if isinstance(value, dict) else None
    return steps is COMPUTED or (isinstance(steps, list) and COMPUTED in steps)


# ---------------------------------------------------------------------------- templates

# At how many places a template is tried for JSON, each of which may go on to its end.
_TRIES: Final = 500
_DECODER: Final = json.JSONDecoder()


def _markup(name: str, content: str) -> Source:
    """Read the JSON in a template of YAML or HCL, and say where else it is about routing criteria."""
    units: list[Unit] = []
    problems: list[PlacedProblem] = []
    unread: list[Span] = []
    documents: list[tuple[JSON, Finder]] = []
    behind = 0
    for begin, end in _json_spans(content):
        if MARK.search(content, behind, begin) is not None:
            unread.append(_line_of(content, behind, begin))
        behind = end
        if "${" in content[begin:end]:
            unread.append((begin, end))
            continue
        find = partial(_shifted_spans, content[begin:end], begin)
        documents.append((loads(content[begin:end]), find))
        found, wrong = _units(documents[-1][0], "$", find)
        units += found
        problems += _placed(wrong, find)
    if MARK.search(content, behind) is not None:
        unread.append(_line_of(content, behind, len(content)))
    return Source(
        name,
        content,
        tuple(units),
        problems=tuple(problems),
        unread=tuple(unread),
        documents=tuple(documents),
    )


def _json_spans(content: str) -> Iterator[Span]:
    """Find the JSON objects in a text that have routing criteria in them, the outermost of each."""
    at = 0
    for _ in range(_TRIES):
        begin = content.find("{", at)
        if begin < 0:
            return
        at = begin + 1
        try:
            _, end = _DECODER.raw_decode(content, begin)
        except (ValueError, RecursionError):
            continue
        if MARK.search(content, begin, end) is not None and _is_json(content[begin:end]):
            yield begin, end
        at = end


def _line_of(content: str, begin: int, end: int) -> Span:
    """Give the rest of the first line, from where it is about routing criteria."""
    found = MARK.search(content, begin, end)
    start = begin if found is None else found.start()
    line = _LINE.match(content, start)
    return start, end if line is None else min(end, line.end())


def _shifted_spans(document: str, begin: int, wanted: Iterable[Trail]) -> Mapping[Trail, Span]:
    spans = find_spans(document, wanted)
    return {trail: (start + begin, end + begin) for trail, (start, end) in spans.items()}


def _is_computed(value: Any) -> bool:
    stack = [value]
    while stack:
        node = stack.pop()
        if node is COMPUTED:
            return True
        stack += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return False


def _literal_spans(content: str, literal: Literal, wanted: Iterable[Trail]) -> Mapping[Trail, Span]:
    """Find parts of a literal; what is JSON inside a string of it stands in that string, or is it."""
    spans: dict[Trail, Span] = {(): literal.spans[()]}
    for trail in wanted:
        known = next(trail[:n] for n in range(len(trail), -1, -1) if trail[:n] in literal.spans)
        spans[trail] = literal.spans[known]
        if known != trail:
            spans[trail] = _below(content, literal, known, trail[len(known) :])
    return spans


def _below(content: str, literal: Literal, known: Trail, rest: Trail) -> Span:
    value = literal.value
    for key in known:
        value = value[key]
    begin, end = literal.spans[known]
    # Escapes of the language, if any, stand between; then the string as a whole has to do.
    at = content.find(value, begin, end) if isinstance(value, str) else -1
    found = find_spans(value, [rest]).get(rest) if at >= 0 else None
    return (begin, end) if found is None else (at + found[0], at + found[1])
