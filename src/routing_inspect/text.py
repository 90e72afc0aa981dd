"""
Routing criteria as text: the notation of Amazon Connect's documentation.

::

    connect:Language(connect:French) >= 4 AND Technology(AWS DynamoDB) >= 5 [30 seconds]

``grammar/routing.lark`` defines the language. lark and its tree stay inside this module.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import fields, frozen

from routing_inspect.arguments import require, require_text, unexpected
from routing_inspect.contact import (
    Agent,
    Criteria,
    Expiry,
    Roster,
    RoutedQueue,
    Step,
    require_durations,
)
from routing_inspect.document import loads
from routing_inspect.errors import CriteriaSyntaxError, RoutingInspectError
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
from routing_inspect.resources import read_resource
from routing_inspect.visible import visible

if TYPE_CHECKING:
    import lark

    from routing_inspect.slips import Start

# Where something stands in a text, as start and end offsets.
Span: TypeAlias = tuple[int, int]

KEYWORDS: Final = frozenset({"and", "or", "not", "in", "agent", "opaque", "mixed"})

# What the grammar reads as a name without quotes: NAME in grammar/routing.lark.
_BARE = re.compile(r"(?=[\w./@])(?![0-9]+\. )(?:[\w./=+\-@']|:(?=[\w:./=+\-@'])| (?=[^ ]))+")
# AWS's pages write a range of levels where our language has the value: French(1-5).
_LEVELS = re.compile(r"[0-9][0-9.]* *- *[0-9][0-9.]*")
# What it reads as an agent or a queue: AGENT.
_BARE_LABEL = re.compile(
    r"(?=[\w./])(?:[\w./=+\-']|(?<![ ])@(?=[\w:./=+\-@'])|:(?=[\w:./=+\-@'])| (?=[^ ]))+"
)
_CHANNELS: Final = frozenset({"VOICE", "CHAT", "TASK", "EMAIL"})
_SPLIT_PAIR = re.compile("(?<=[\ud800-\udbff])(?=[\udc00-\udfff])")
_ESCAPE = re.compile(
    r"\\(?:u\{(?P<point>\w+)\}|u(?P<high>[dD][89abAB]\w\w)\\u(?P<low>[dD][c-fC-F]\w\w)|u(?P<unit>\w{4})|(?P<sign>.))"
)
_SIGNS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}

# A group of one operand prints one pair of parentheses and a mixed node another: two for each of
# the groups that may nest, one for a mixed node around them all, one for an attribute's value.
_MAX_PARENTHESES: Final = 2 * MAX_DEPTH + 2


@frozen
class _RefusedError(Exception):
    """What the grammar lets through and the language does not; *child* says which part is at fault."""

    message: str
    hint: str | None = None
    child: int | None = None


def parse(text: str) -> Expr:
    """
    Read an expression: ``Language(French) >= 4 AND NOT agent in (alice)``.

    Raises:
        CriteriaSyntaxError: It is none, or its groups nest deeper than 64.
    """
    expression: Expr = _read(text, "expression")
    return expression


def parse_criteria(text: str) -> Criteria:
    """
    Read a criteria: expressions, each followed by its expiry in brackets.

    The last step may leave the expiry out; it then never expires. Line ends carry no meaning.

    Raises:
        CriteriaSyntaxError: It is none, or has no step.
    """
    criteria: Criteria = _read(text, "criteria")
    return criteria


def parse_roster(text: str) -> Roster:
    """
    Read a roster: one agent a line, as ``alice @ Billing: Language(French) 4``.

    The name of an agent or a queue is its id. A queue's channel is VOICE unless it says
    another, as in ``Billing(CHAT)``. An agent without queues has queues nobody knows; an agent
    without proficiencies holds none.

    Raises:
        CriteriaSyntaxError: It is none, has no agent, or gives an agent or an attribute twice.
    """
    roster: Roster = _read(text, "roster")
    return roster


@frozen
class Outline:
    """
    Where the parts of a text stand.

    Attributes:
        source: The text, without a byte order mark.
        parts: For each step the spans of its conditions and its expiry, a list of agents
            counting as one part an id; for each agent of a roster those of its queues and
            proficiencies, the first with the agent's name. What no line may be broken before
            is one part with what stands before it. A last step that leaves its expiry out has
            an empty span for it, unless it is the only one: that text is an expression.
        comments: The spans of the comments, in order.
    """

    source: str
    parts: tuple[tuple[Span, ...], ...]
    comments: tuple[Span, ...]


def outline_criteria(text: str) -> tuple[Criteria, Outline]:
    """Read a criteria or an expression as `parse_criteria` does, and say where its parts stand."""
    source, tree = _tree(text, "criteria")
    criteria: Criteria = _build(tree, source)
    steps: list[Any] = tree.children
    parts = [_step_spans(step) for step in steps]
    if len(steps) > 1 and len(steps[-1].children) == 1:
        parts[-1].append((steps[-1].meta.end_pos, steps[-1].meta.end_pos))
    return criteria, Outline(source, tuple(map(tuple, parts)), _comments(source))


def outline_roster(text: str) -> tuple[Roster, Outline]:
    """Read a roster as `parse_roster` does, and say where its parts stand."""
    source, tree = _tree(text, "roster")
    roster: Roster = _build(tree, source)
    agents: list[Any] = tree.children
    parts = [tuple(_agent_spans(agent)) for agent in agents]
    return roster, Outline(source, tuple(parts), _comments(source))


def unparse(expression: Expr) -> str:
    """
    Write *expression* as text, every operator and group as it stands.

    Two things have no spelling a person would write, and are marked as such: a part that this
    version does not understand (``OPAQUE`` and its JSON) and a wire node with several members
    side by side (``MIXED``).

    Raises:
        TypeError: It is no expression.
    """
    match expression:
        case AtLeast(attribute, level):
            return f"{attribute_text(attribute)} >= {level_text(level)}"
        case Between(attribute, low, high):
            return f"{attribute_text(attribute)} in {level_text(low)}..{level_text(high)}"
        case AgentIn(agent_ids):
            return f"agent in ({', '.join(name_text(agent_id) for agent_id in agent_ids)})"
        case Opaque(raw):
            # A backtick inside JSON can only stand in a string, where it has this other spelling.
            written = json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            quoted = visible(written).replace("`", "\\u0060")
            return f"OPAQUE `{quoted}`"
        case Not(operand):
            return f"NOT {_grouped(operand)}"
        case And(operands):
            return _chain("AND", operands)
        case Or(operands):
            return _chain("OR", operands)
        case Mixed(operands):
            return f"MIXED ({', '.join(unparse(operand) for operand in operands)})"
        case _:
            raise unexpected("expression", expression)


def unparse_criteria(criteria: Criteria) -> str:
    """
    Write *criteria* as text, one step a line, each with its expiry.

    What a run of the criteria adds (status, times, index) has no place in the language, nor have
    the members beside a step's expression that this version does not know: `lint` names them
    (RI103), and `write_criteria` keeps them.

    Raises:
        ValueError: The criteria has no step, or is a reference that a flow fills in; or of a step only
            the instant is recorded at which it expires, see `timeline.with_durations`.
    """
    require("criteria", criteria, Criteria)
    if criteria.reference is not None:
        raise ValueError(
            f"the criteria is `{visible(criteria.reference)}`, which only the running flow can fill in"
        )
    if not criteria.steps:
        raise ValueError("the criteria has no step, and its text needs one")
    require_durations(criteria)
    return "".join(f"{step_text(step)}\n" for step in criteria.steps)


def unparse_roster(roster: Roster) -> str:
    """
    Write *roster* as text, one agent a line, so that `parse_roster` reads an equal one.

    Raises:
        ValueError: The roster has no agent, or says what a line has no place for: a time, a
            username, a queue whose name is not its id. `write_roster` has room for all of it.
    """
    require("roster", roster, Roster)
    if not roster.agents:
        raise ValueError("the roster has no agent, and its text needs one")
    if roster.as_of is not None:
        raise ValueError("the roster says when it was taken, and its text has no place for that")
    for agent in roster.agents:
        beyond = _beyond_text(agent)
        if beyond:
            raise ValueError(
                f"text has no place for what is known of `{visible(agent.name)}`: {', '.join(beyond)}"
            )
    return "".join(f"{', '.join(agent_parts(agent))}\n" for agent in roster.agents)


def step_text(step: Step) -> str:
    """Write one step as text: its expression and its expiry in brackets."""
    return f"{unparse(step.expression)} {expiry_text(step)}"


def expiry_text(step: Step) -> str:
    """Write when a step gives up: ``[30 seconds]``, ``[never expires]``."""
    after = step.expires_after
    return "[never expires]" if after is None else f"[{duration_text(after)}]"


def agent_parts(agent: Agent) -> list[str]:
    """
    Write an agent of a roster in the parts that its line can be broken between.

    Joined by ``, `` they are the line. After the colon no line can end, so what stands before
    it and the first proficiency are one part.
    """
    queues = [_queue_text(queue) for queue in agent.queues or ()]
    held = [f"{attribute_text(a)} {level_text(level)}" for a, level in (agent.proficiencies or {}).items()]
    head = [_label_text(agent.id) + (f" @ {queues[0]}" if queues else ""), *queues[1:]]
    return [*head[:-1], " ".join([f"{head[-1]}:", *held[:1]]), *held[1:]]


def duration_text(duration: timedelta) -> str:
    """Write a duration in seconds: ``30 seconds``, ``1 second``, ``0.5 seconds``."""
    total = duration // timedelta(microseconds=1)
    whole, rest = divmod(abs(total), 1_000_000)
    fraction = f".{rest:06}".rstrip("0") if rest else ""
    seconds = f"{'-' if total < 0 else ''}{whole}{fraction}"
    return f"{seconds} second{'' if seconds == '1' else 's'}"


def attribute_text(attribute: Attribute) -> str:
    """Write an attribute as ``Name(Value)``, each part quoted where it would be misread."""
    return f"{name_text(attribute.name)}({name_text(attribute.value)})"


def name_text(name: str) -> str:
    """Write a name, a value or an agent id, in double quotes where it would be misread bare."""
    return name if _is_bare(name) else _quoted(name)


def _quoted(name: str) -> str:
    # Two surrogates side by side are not the character that JSON takes their escapes for.
    halves = _SPLIT_PAIR.split(json.dumps(name, ensure_ascii=False))
    return "".join(f"{visible(half[:-1])}\\u{{{ord(half[-1]):x}}}" for half in halves[:-1]) + visible(
        halves[-1]
    )


# An explanation writes the same few names thousands of times.
@lru_cache(maxsize=1024)
def _is_bare(name: str) -> bool:
    return (
        _BARE.fullmatch(name) is not None
        and _LEVELS.fullmatch(name) is None
        and visible(name) == name
        and KEYWORDS.isdisjoint(name.casefold().split(" "))
    )


def _label_text(label: str) -> str:
    """Write an agent's or a queue's name in a roster, where no keyword can stand but `@` can."""
    return label if _BARE_LABEL.fullmatch(label) and visible(label) == label else _quoted(label)


def _queue_text(queue: RoutedQueue) -> str:
    return _label_text(queue.id) + ("" if queue.channel == "VOICE" else f"({queue.channel})")


def _beyond_text(agent: Agent) -> list[str]:
    """Name the facts about an agent that would not be read back from its line."""
    queues = [RoutedQueue(id=q.id, name=q.id, channel=q.channel) for q in agent.queues or ()]
    told = Agent(id=agent.id, proficiencies=agent.proficiencies or {}, queues=queues or None)
    beyond = [
        member.name
        for member in fields(Agent)
        if member.eq and getattr(agent, member.name) != getattr(told, member.name)
    ]
    foreign = not _CHANNELS.issuperset(queue.channel for queue in queues)
    return [*beyond, "a channel"] if foreign else beyond


def level_text(level: float) -> str:
    """Write a level or another number without a needless ``.0``."""
    return str(int(level)) if level.is_integer() and abs(level) < 1e15 else repr(level)


def _chain(keyword: str, operands: tuple[Expr, ...]) -> str:
    if len(operands) == 1:
        return f"{keyword} ({unparse(operands[0])})"
    # AND binds tighter than OR, so a conjunction inside a disjunction needs no parentheses.
    parts = [unparse(o) if is_tighter(o, keyword) else f"({unparse(o)})" for o in operands]
    return f" {keyword} ".join(parts)


def is_tighter(operand: Expr, keyword: str) -> bool:
    """Say whether *operand* needs no parentheses in a chain of *keyword*, ``AND`` or ``OR``."""
    match operand:
        case And():
            return keyword == "OR" and len(operand.operands) > 1
        case Or():
            return False
        case _:
            return True


def _grouped(operand: Expr) -> str:
    return f"({unparse(operand)})" if isinstance(operand, And | Or) else unparse(operand)


@cache
def _parser() -> lark.Lark:
    import lark  # noqa: PLC0415  (the front door is light: only who reads text pays for lark)

    return lark.Lark(
        read_resource("grammar/routing.lark"),
        parser="lalr",
        lexer="contextual",
        start=["expression", "criteria", "roster"],
        propagate_positions=True,
        maybe_placeholders=False,
    )


def _read(text: str, start: Start) -> Any:
    source, tree = _tree(text, start)
    return _build(tree, source)


def _tree(text: str, start: Start) -> tuple[str, lark.Tree[lark.Token]]:
    """Parse *text*; give it back without a byte order mark, beside its tree."""
    import lark  # noqa: PLC0415  (as above)

    require_text("text", text)
    source = text.removeprefix("\ufeff")
    _check_parentheses(source)
    try:
        return source, _parser().parse(source, start=start)
    except lark.UnexpectedInput as error:
        from routing_inspect.diagnosis import explain  # noqa: PLC0415  (for those who made a mistake)

        position, expected = _stop(error, source, start)
        # Without its cause: a lark message never reaches a reader.
        raise explain(source, position, expected, start) from None


def _check_parentheses(source: str) -> None:
    """Refuse what nests too deep before anything is built from it; a megabyte of `(` costs one scan."""
    if source.count("(") <= _MAX_PARENTHESES:
        return
    from routing_inspect.diagnosis import open_parentheses  # noqa: PLC0415  (as in `_tree`)

    opened = open_parentheses(source, at_most=_MAX_PARENTHESES)
    if len(opened) > _MAX_PARENTHESES:
        message = f"parentheses nest more than {_MAX_PARENTHESES} deep"
        hint = "rewrite it flatter: Amazon Connect documents an OR of ANDs, two deep"
        raise CriteriaSyntaxError(message, source, (opened[-1], opened[-1] + 1), hint=hint)


def _stop(error: lark.UnexpectedInput, source: str, start: Start) -> tuple[int, frozenset[str]]:
    """Say where the parser stopped, and which terminals would have let it go on."""
    import lark  # noqa: PLC0415  (as above)

    stop: Any = error
    # lark puts $END at the last token, so a missing operand would point at `AND`.
    at_end = isinstance(error, lark.UnexpectedToken) and error.token.type == "$END"
    position = len(source) if at_end else stop.pos_in_stream
    # An LALR parser reduces before it notices, and forgets what else could have stood there.
    # So it reads once more, up to the mistake and not into it.
    again: Any = _parser().parse_interactive(source, start)
    with suppress(lark.UnexpectedInput):
        for token in again.lexer_thread.lex(again.parser_state):
            if token.start_pos >= position:
                break
            again.feed_token(token)
    return position, frozenset(again.accepts())


def _build(tree: lark.Tree[lark.Token], source: str) -> Any:
    """Turn the parse tree into records, leaves first, without recursion."""
    import lark  # noqa: PLC0415  (as above)

    built: dict[int, Any] = {}
    for node in tree.iter_subtrees():
        parts = [built[id(part)] if isinstance(part, lark.Tree) else part for part in node.children]
        try:
            built[id(node)] = _RECORDS[node.data](*parts)
        except _RefusedError as refused:
            place = node if refused.child is None else node.children[refused.child]
            raise CriteriaSyntaxError(refused.message, source, _span(place), hint=refused.hint) from None
        except RoutingInspectError as error:
            raise CriteriaSyntaxError(error.message, source, _span(node), hint=error.hint) from error
        except ValueError as error:
            raise CriteriaSyntaxError(str(error), source, _span(node)) from error
    return built[id(tree)]


def _step_spans(step: lark.Tree[lark.Token]) -> list[Span]:
    spans: list[Span] = []
    nodes: Any = step
    for node in nodes.iter_subtrees_topdown():
        match node.data:
            case "at_least" | "between" | "held" | "opaque":
                spans.append(_span(node))
            case "agent_in":
                ids = [_span(agent_id) for agent_id in node.children] or [_span(node)]
                spans += [(_span(node)[0], ids[0][1]), *ids[1:]]
            case "after" | "never":
                spans.append((_span(node)[0], _span(step)[1]))
    return spans


def _agent_spans(agent: lark.Tree[lark.Token]) -> list[Span]:
    start, end = _span(agent)
    rows: Any = agent.children[1:]
    spans = {row.data: [_span(part) for part in row.children] for row in rows}
    queues, held = spans.get("queues", []), spans.get("proficiencies", [])
    # The last queue, the colon and the first proficiency are one part.
    colon = (queues[-1][0] if queues else start, held[0][1] if held else end)
    parts = [*queues[:-1], colon, *held[1:]]
    return [(start, parts[0][1]), *parts[1:]]


@cache
def _comment_pattern() -> re.Pattern[str]:
    # In a text that has been read, a `#` outside these begins a comment.
    patterns = {
        name: _parser().get_terminal(name).pattern.to_regexp() for name in ("STRING", "JSON", "COMMENT")
    }
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items()))


def _comments(source: str) -> tuple[Span, ...]:
    found = _comment_pattern().finditer(source)
    return tuple(match.span() for match in found if match.lastgroup == "COMMENT")


def _span(place: lark.Tree[lark.Token] | lark.Token) -> tuple[int, int]:
    where: Any = getattr(place, "meta", place)
    return where.start_pos, where.end_pos


def _attribute(name: lark.Token, value: lark.Token) -> Attribute:
    if value.type == "VALUE" and _LEVELS.fullmatch(value):
        low, high = re.split(" *- *", value)
        written = f"Name({_short(name_text(_name(name)))}) in {_short(low)}..{_short(high)}"
        message = f"`{_short(value)}` stands where the attribute's value belongs"
        raise _RefusedError(message, f"write levels as `{written}`; quote a value that looks so", child=1)
    return Attribute(_name(name), _name(value))


def _pair(written: lark.Token) -> Attribute:
    """Read the console's spelling, ``Technology:AWS Kinesis``, where one colon gives it one meaning."""
    colons = [found.start() for found in islice(re.finditer(":", written), 4)]
    splits = [Attribute(written[:colon], written[colon + 1 :]) for colon in colons]
    # The colon after these belongs to the name: `connect:Language` is an attribute without its value.
    readings = [split for split in splits if split.name.casefold() not in {"connect", "aws"}]
    if len(colons) == 1 and readings:
        return readings[0]
    if not readings:
        hint = "write an attribute with its value: `Language(English) >= 4`"
        raise _RefusedError(f"`{_short(written)}` names no value", hint)
    choice = " or ".join(f"`{_short(attribute_text(reading))}`" for reading in readings)
    message = f"`{_short(written)}` can be read as {choice}"
    raise _RefusedError(message, "write the one you mean: the value goes in parentheses")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _name(token: lark.Token) -> str:
    return _ESCAPE.sub(_unescaped, token[1:-1]) if token.type == "STRING" else str(token)


def _unescaped(escape: re.Match[str]) -> str:
    match escape.lastgroup:
        case "sign":
            return _SIGNS.get(escape["sign"], escape["sign"])
        case "low":
            return chr(0x10000 + (int(escape["high"], 16) - 0xD800 << 10) + int(escape["low"], 16) - 0xDC00)
        case _:
            return chr(int(escape["point"] or escape["unit"], 16))


def _duration(number: str, unit: str) -> timedelta:
    # Past this no timedelta reaches, and computing with a million digits would take its time.
    if abs(float(number)) < 1e15:
        seconds = Decimal(number) * _SECONDS[unit[0].lower()]
        with suppress(OverflowError):
            return timedelta(microseconds=int(seconds * 1_000_000))
    raise _RefusedError("a step cannot wait that long", "write `[never expires]` for a step without an end")


def _finite(number: str) -> float:
    level = float(number)
    if not math.isfinite(level):
        raise ValueError(f"a proficiency level is a finite number, found {level}")
    return level


def _refuse_repeated(names: Sequence[str], message: str, hint: str) -> None:
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            raise _RefusedError(message.format(visible(_short(name))), hint, child=i)
        seen.add(name)


def _queue(name: lark.Token, channel: str = "VOICE") -> RoutedQueue:
    return RoutedQueue(id=_name(name), name=_name(name), channel=channel.upper())


def _proficiencies(*held: tuple[Attribute, float]) -> dict[Attribute, float]:
    names = [attribute_text(attribute) for attribute, _ in held]
    _refuse_repeated(names, "{} is given twice", "keep one of the two levels")
    return dict(held)


def _agent(name: lark.Token, *rest: tuple[RoutedQueue, ...] | dict[Attribute, float]) -> Agent:
    queues = next((part for part in rest if isinstance(part, tuple)), None)
    held = next((part for part in rest if isinstance(part, dict)), {})
    return Agent(id=_name(name), proficiencies=held, queues=queues)


def _roster(*agents: Agent) -> Roster:
    _refuse_repeated(
        [agent.id for agent in agents], "the agent `{}` is given twice", "keep one of the two lines"
    )
    return Roster(agents=agents)


# What each rule of the grammar, or each name of an alternative, stands for.
_RECORDS: Final[Mapping[str, Callable[..., object]]] = {
    "any_of": lambda *operands: Or(operands),
    "all_of": lambda *operands: And(operands),
    "negation": Not,
    "mixed": lambda *operands: Mixed(operands),
    "at_least": lambda attribute, level: AtLeast(attribute, float(level)),
    "between": lambda attribute, low, high: Between(attribute, float(low), float(high)),
    "held": lambda attribute: Between(attribute, 1, 5),
    "agent_in": lambda *agent_ids: AgentIn(map(_name, agent_ids)),
    "opaque": lambda quoted: Opaque(loads(quoted[1:-1])),
    "attribute": _attribute,
    "pair": _pair,
    "criteria": lambda *steps: Criteria(steps),
    "step": Step,
    "after": lambda number, unit: Expiry(after=_duration(number, unit)),
    "never": lambda _: None,
    "roster": _roster,
    "agent": _agent,
    "queues": lambda *queues: queues,
    "queue": _queue,
    "proficiencies": _proficiencies,
    "proficiency": lambda attribute, level: (attribute, _finite(level)),
}
