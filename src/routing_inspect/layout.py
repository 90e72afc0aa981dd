"""
One layout for a text, with its comments.

A step or an agent takes one line. Where that is longer than 100 characters, or a comment
stands inside it, each part has a line of its own, indented by how deep it stands::

    # native speakers first
    connect:Language(connect:French) >= 5
      AND (Technology(AWS DynamoDB) >= 4  # billing, mostly
        OR Technology(AWS Kinesis) >= 4)
      [30 seconds]

A comment on a line of its own stays above the part that follows it, one behind a part stays
behind it, and one inside a part moves above it. Of several blank lines between steps one stays.
"""

from __future__ import annotations

import difflib
import re
from collections import deque
from collections.abc import Iterator
from itertools import chain
from typing import Final, TypeAlias, assert_never

from attrs import Factory, define, evolve, frozen

from routing_inspect.contact import Agent, Step
from routing_inspect.expr import AgentIn, And, AtLeast, Between, Expr, Mixed, Not, Opaque, Or
from routing_inspect.text import (
    Outline,
    agent_parts,
    expiry_text,
    is_tighter,
    name_text,
    outline_criteria,
    outline_roster,
    unparse,
)
from routing_inspect.visible import visible

_COLUMNS: Final = 100
_INDENT: Final = 2

# What may stand between a part and the comment behind it; anything else belongs to the next part.
_BEHIND = re.compile(r"[ \t),]*(?:(?ai:and|or)[ \t]*)?")
_LINE_END = re.compile(r"\r\n|\r|\n")


def format_criteria(text: str) -> str:
    """
    Write a criteria or an expression in its one layout, comments and all.

    What is read from it is what is read from *text*. A text of one step without an expiry is an
    expression and stays one; a last step after others is given ``[never expires]``.

    Raises:
        CriteriaSyntaxError: It is neither.
    """
    criteria, outline = outline_criteria(text)
    remarks, last = _remarks(outline)
    lines = [
        line for step, row in zip(criteria.steps, remarks, strict=True) for line in _step(step, iter(row))
    ]
    return _joined([*lines, *last])


def format_roster(text: str) -> str:
    """
    Write a roster in its one layout, comments and all.

    Raises:
        CriteriaSyntaxError: It is none.
    """
    roster, outline = outline_roster(text)
    remarks, last = _remarks(outline)
    lines = [line for agent, row in zip(roster.agents, remarks, strict=True) for line in _agent(agent, row)]
    return _joined([*lines, *last])


def difference(before: str, after: str, name: str) -> str:
    """
    Write how a file's text and its layout differ, as a unified diff.

    What does not show is written as its escape, a carriage return among it.
    """
    shown = visible(name)
    rows = difflib.unified_diff(_rows(before), _rows(after), shown, shown, lineterm="")
    return "".join(f"{row}\n" for row in rows)


def _rows(text: str) -> list[str]:
    *rows, rest = map(visible, text.split("\n"))
    return [*rows, f"{rest}\n\\ No newline at end of file"] if rest else rows


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).lstrip("\n") + "\n"


# ---------------------------------------------------------------------------- comments


@define
class _Remarks:
    """
    The comments on a part.

    Attributes:
        above: Those on lines of their own; an empty text is a blank line.
        beside: The one behind it; None where there is none.
    """

    above: list[str] = Factory(list)
    beside: str | None = None


def _remarks(outline: Outline) -> tuple[list[list[_Remarks]], list[str]]:
    """Give each part its comments, and beside all of them the lines after the last part."""
    source = outline.source
    rows = [[_Remarks() for _ in parts] for parts in outline.parts]
    comments = deque(outline.comments)
    behind: _Remarks | None = None
    above: list[str] = []
    end = 0

    def take(stop: int) -> None:
        """Put the comments that start before *stop* behind the part that ended, or above the next."""
        nonlocal end
        while comments and comments[0][0] < stop:
            start, after = comments.popleft()
            comment = source[start:after].rstrip()
            if behind is not None and _BEHIND.fullmatch(source, end, start):
                behind.beside = comment
            else:
                above.extend([*_blank(source[end:start]), comment])
            end = after

    for row, parts in zip(rows, outline.parts, strict=True):
        for remarks, (start, stop) in zip(row, parts, strict=True):
            take(start)
            above += _blank(source[end:start])
            while comments and comments[0][0] < stop:
                above.append(source[slice(*comments.popleft())].rstrip())
            # Blank lines stand between steps, not inside them.
            remarks.above = above if remarks is row[0] else [line for line in above if line]
            behind, above, end = remarks, [], stop
    take(len(source))
    return rows, above


def _blank(gap: str) -> list[str]:
    """Give the one blank line that is left of those in *gap*."""
    return [""] if len(_LINE_END.findall(gap)) > 1 else []


# ---------------------------------------------------------------------------- lines


@frozen
class _Leaf:
    """A part that is never broken, with the comments on it."""

    text: str
    remarks: _Remarks


@frozen
class _Group:
    """
    Parts that stand in one line, or in one each.

    Attributes:
        before: What begins every part but the first: ``AND ``.
        after: What ends every part but the last: ``,``.
    """

    parts: tuple[_Node, ...]
    opening: str = ""
    closing: str = ""
    before: str = ""
    after: str = ""


_Node: TypeAlias = _Leaf | _Group


def _step(step: Step, remarks: Iterator[_Remarks]) -> Iterator[str]:
    expression = _node(step.expression, remarks)
    expiry = [_Leaf(expiry_text(step), found) for found in remarks]
    whole = _Group((expression, *expiry))
    if len(_flat(whole)) <= _COLUMNS and not _is_parted(whole):
        return _lines(whole)
    # A step in several lines is broken at each of its ANDs, not only before its expiry.
    lines = _broken(expression) if isinstance(expression, _Group) else _lines(expression)
    return chain(lines, *(_lines(leaf, indent=_INDENT) for leaf in expiry))


def _agent(agent: Agent, remarks: list[_Remarks]) -> Iterator[str]:
    parts = tuple(map(_Leaf, agent_parts(agent), remarks))
    return _lines(_Group(parts, after=","))


def _node(expression: Expr, remarks: Iterator[_Remarks]) -> _Node:
    """Lay out an expression as `unparse` writes it, each part with its comments."""
    match expression:
        case AgentIn(agent_ids) if agent_ids:
            ids = tuple(_Leaf(name_text(agent_id), next(remarks)) for agent_id in agent_ids)
            return _Group(ids, opening="agent in (", closing=")", after=",")
        case AtLeast() | Between() | AgentIn() | Opaque():
            return _Leaf(unparse(expression), next(remarks))
        case Not(operand):
            inner = _node(operand, remarks)
            return _within("NOT (", inner, ")") if isinstance(operand, And | Or) else _within("NOT ", inner)
        case And(operands):
            return _chain("AND", operands, remarks)
        case Or(operands):
            return _chain("OR", operands, remarks)
        case Mixed(operands):
            members = tuple(_node(operand, remarks) for operand in operands)
            return _Group(members, opening="MIXED (", closing=")", after=",")
        case _:
            assert_never(expression)


def _chain(keyword: str, operands: tuple[Expr, ...], remarks: Iterator[_Remarks]) -> _Node:
    if len(operands) == 1:
        return _within(f"{keyword} (", _node(operands[0], remarks), ")")
    parts = [(_node(operand, remarks), is_tighter(operand, keyword)) for operand in operands]
    return _Group(
        tuple(part if tighter else _within("(", part, ")") for part, tighter in parts), before=f"{keyword} "
    )


def _within(opening: str, node: _Node, closing: str = "") -> _Node:
    match node:
        case _Leaf(text):
            return evolve(node, text=f"{opening}{text}{closing}")
        case _Group():
            return evolve(node, opening=f"{opening}{node.opening}", closing=f"{node.closing}{closing}")
        case _:
            assert_never(node)


def _lines(node: _Node, depth: int = 0, before: str = "", after: str = "", indent: int = 0) -> Iterator[str]:
    """
    Write a node in one line where it fits.

    Args:
        node: What to write.
        depth: In how many broken groups it stands.
        before: What begins its first line, behind the indentation: a keyword, parentheses.
        after: What ends its last line.
        indent: Of its first line; the others depend on the depth.
    """
    flat = f"{'':{indent}}{before}{_flat(node)}{after}"
    if isinstance(node, _Group) and (len(flat) > _COLUMNS or _is_parted(node)):
        yield from _broken(node, depth, before, after, indent)
        return
    leaves = list(_leaves(node))
    yield from (f"{'':{indent}}{comment}".rstrip() for comment in leaves[0].remarks.above)
    beside = leaves[-1].remarks.beside
    yield f"{flat}{'' if beside is None else f'  {beside}'}"


def _broken(
    group: _Group, depth: int = 0, before: str = "", after: str = "", indent: int = 0
) -> Iterator[str]:
    """Write each part of a group from a line of its own."""
    last = len(group.parts) - 1
    for i, part in enumerate(group.parts):
        yield from _lines(
            part,
            depth + 1,
            before + group.opening if i == 0 else group.before,
            group.closing + after if i == last else group.after,
            indent if i == 0 else _INDENT * (depth + 1),
        )


def _flat(node: _Node) -> str:
    match node:
        case _Leaf(text):
            return text
        case _Group():
            joint = f"{node.after} {node.before}"
            return f"{node.opening}{joint.join(map(_flat, node.parts))}{node.closing}"
        case _:
            assert_never(node)


def _is_parted(group: _Group) -> bool:
    """Say whether a comment stands inside, where no line can go on behind it."""
    leaves = list(_leaves(group))
    return any(leaf.remarks.above for leaf in leaves[1:]) or any(
        leaf.remarks.beside is not None for leaf in leaves[:-1]
    )


def _leaves(node: _Node) -> Iterator[_Leaf]:
    match node:
        case _Leaf():
            yield node
        case _Group(parts):
            for part in parts:
                yield from _leaves(part)
        case _:
            assert_never(node)
