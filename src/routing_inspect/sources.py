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
from routing_inspect.document import JSON, MAX_BYTES, loads, member_path
from routing_inspect.envelope import describes_contact
from routing_inspect.errors import CriteriaSyntaxError, DocumentError, Problem
from routing_inspect.expr import AgentIn, And, Expr, Mixed, Not, Or, is_reference
from routing_inspect.flows import ACTION_TYPES, read_action
from routing_inspect.literals import COMPUTED, Literal, NotSource, read_javascript, read_python
from routing_inspect.positions import Span, Trail, find_spans, trail_of
from routing_inspect.visible import visible
from routing_inspect.wire import has_member, members_of, read_criteria_node, read_expression_node

# A step, from 1, and the way down to a part of its expression; None for the whole of either.
Part: TypeAlias = tuple[int | None, tuple[int, ...] | None]
# A problem, and where it stands in the file, if anywhere.
PlacedProblem: TypeAlias = tuple[Problem, Span | None]
Finder: TypeAlias = Callable[[Iterable[Trail]], Mapping[Trail, Span]]


PYTHON: Final = frozenset({".py", ".pyi"})
JAVASCRIPT: Final = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})
# What is looked at in a folder; a file that is named may have any name.
SUFFIXES: Final = PYTHON | JAVASCRIPT | {".json", ".routing"}

_MARK: Final = re.compile(r"routing_?criteria|attribute_?condition|(?:and|or)_?expression", re.IGNORECASE)
_BYTES_MARK: Final = re.compile(_MARK.pattern.encode(), re.IGNORECASE)
_NOT: Final = re.compile(r"(?ai:not)[\s(]*\Z")


@frozen
class Unit:
    """
    One criteria of a file, or the contact that it is the criteria of.

    Attributes:
        name: Which one it is, such as a flow block's identifier; empty where it is the only one.
        subject: What there is to lint.
        address: Where a part of it stands, in the terms of `find`.
        find: Gives the spans of several addresses in one pass over the file.
    """

    name: str
    subject: Contact | Criteria
    address: Callable[[Part], Trail] = field(eq=False, repr=False)
    find: Finder = field(eq=False, repr=False)

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
        document: What it says as JSON; None where it is none.
        find: Where parts of the document stand.
    """

    name: str
    text: str = field(default="", repr=False)
    units: tuple[Unit, ...] = ()
    comments: tuple[Span, ...] = ()
    problems: tuple[PlacedProblem, ...] = ()
    computed: tuple[Span, ...] = ()
    document: JSON = field(default=None, repr=False)
    find: Finder = field(default=lambda _: {}, eq=False, repr=False)


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
    elif suffix != ".routing" and (suffix == ".json" or content.lstrip()[:1] in {"{", "[", "<", ""}):
        source = _document(name, content, is_named=is_named)
    else:
        source = _text(name, content)
    if source.units or source.problems or source.computed or not is_named:
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
    return Source(
        name, content, tuple(units), problems=tuple(_placed(problems, find)), document=value, find=find
    )


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


def _units(value: JSON, path: str, find: Finder) -> tuple[list[Unit], list[Problem]]:
    """Find the criteria of a document, and what cannot be read of it."""
    if isinstance(value, dict) and isinstance(value.get("Contacts"), list):
        return _units(value["Contacts"], f"{path}.Contacts", find)
    if isinstance(value, list):
        pairs = [_units(element, f"{path}[{i}]", find) for i, element in enumerate(value)]
        return [unit for units, _ in pairs for unit in units], [p for _, problems in pairs for p in problems]
    units: list[Unit] = []
    problems: list[Problem] = []
    for node in _nodes(value, path):
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
    return _contact_units(contact, units, find), []


def _is_ours(value: JSON) -> bool:
    """Say whether a document that nobody named is one of Amazon Connect's all the same."""
    if any(True for _ in _nodes(value, "$")):
        return True
    return isinstance(value, dict) and (_is_contact(value) or _is_flow(value))


def _is_flow(value: dict[str, JSON]) -> bool:
    return not value.keys().isdisjoint({"Actions", "ContactFlow", "ContactFlowModule"})


def _is_contact(value: dict[str, JSON]) -> bool:
    return describes_contact(value) or not value.keys().isdisjoint({"Contact", "routing_criteria"})


def _contact_units(contact: Contact, units: list[Unit], find: Finder) -> list[Unit]:
    """Put what a document says of its contact beside the criteria that it is the contact's."""
    criteria = contact.criteria
    if criteria is None:
        return units
    same = [unit for unit in units if unit.subject == criteria]
    address = same[-1].address if same else _nowhere
    alone = contact == Contact(criteria=criteria)
    return [Unit("", criteria if alone else contact, address, find)]


def _nowhere(_: Part) -> Trail:
    return ()


# What a criteria is found as: ``action``, ``criteria``, ``expression`` or ``reference``.
_Node: TypeAlias = tuple[str, str, JSON]


def _nodes(value: JSON, path: str) -> Iterator[_Node]:
    """Go through all that holds criteria, the outermost of each, in the order of the document."""
    stack = [(path, value)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, str):
            node = _embedded(node)
        if isinstance(node, list):
            stack += [(f"{path}[{i}]", node[i]) for i in reversed(range(len(node)))]
        if not isinstance(node, dict):
            continue
        kind = _kind(node)
        if kind is not None:
            yield kind, path, node
            continue
        for name, member in reversed(node.items()):
            if name == "RoutingCriteria" and isinstance(member, str) and is_reference(member):
                yield "reference", f"{path}.{name}", member
            elif isinstance(member, dict | list | str):
                stack.append((member_path(path, name), member))


def _embedded(content: str) -> JSON:
    """Read JSON that a string holds; None where there is none with routing criteria in it."""
    if not content.lstrip().startswith(("{", "[")) or _MARK.search(content) is None:
        return None
    try:
        return loads(content)
    except DocumentError:
        return None


def _kind(node: dict[str, JSON]) -> str | None:
    if node.get("Type") in ACTION_TYPES and "Parameters" in node:
        return "action"
    steps = node.get("Steps", node.get("steps"))
    if isinstance(steps, list) and any(
        isinstance(step, dict) and not {"Expression", "expression"}.isdisjoint(step) for step in steps
    ):
        return "criteria"
    return "expression" if has_member(node, "Expression") else None


def _unit(node: _Node, find: Finder, problems: list[Problem]) -> Unit:
    kind, path, value = node
    match kind:
        case "action":
            action = read_action(value, path, problems)
            parameters = value["Parameters"] if isinstance(value["Parameters"], dict) else {}
            inner = parameters.get("RoutingCriteria")
            address = partial(_address, inner, f"{path}.Parameters.RoutingCriteria")
            return Unit(action.identifier, action.criteria, address, find)
        case "reference":
            return Unit("", Criteria(reference=value), partial(_address, None, path), find)
        case "criteria":
            plain = _with_objects(value)
            criteria = read_criteria_node(plain, path, problems)
            return Unit("", criteria, partial(_address, plain, path), find)
        case _:
            expression = read_expression_node(value, path, problems)
            address = partial(_expression_address, value, path)
            return Unit("", Criteria([Step(expression)]), address, find)


def _with_objects(criteria: dict[str, JSON]) -> dict[str, JSON]:
    """Put expressions in place of their JSON text, which is how data lake rows have them."""
    key = "Steps" if "Steps" in criteria else "steps"
    if not any(isinstance(step, dict) and isinstance(step.get("expression"), str) for step in criteria[key]):
        return criteria
    steps = [
        {**step, "expression": _embedded(step["expression"]) or step["expression"]}
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
    except NotSource as error:
        span = (error.offset, min(error.offset + 1, len(content)))
        return _unreadable(name, content, Problem("$", visible(error.message)), span)
    units: list[Unit] = []
    problems: list[PlacedProblem] = []
    computed: list[Span] = []
    for literal in code.literals:
        find = partial(_literal_spans, content, literal)
        for node in _nodes(literal.value, "$"):
            if _is_computed(node[2]):
                trail = trail_of(node[1])
                computed.append(find([trail])[trail])
                continue
            found: list[Problem] = []
            unit = _unit(node, find, found)
            problems += _placed(found, find)
            units += [] if found else [unit]
    return Source(name, content, tuple(units), code.comments, tuple(problems), tuple(computed))


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
