"""The corpus in ``grammar/corpus``: what each text means, and that no broken copy of it does harm."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, assert_never

import pytest
from attrs import frozen

from routing_inspect.contact import Agent, Criteria, Roster, Step
from routing_inspect.document import canonical
from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or
from routing_inspect.text import (
    level_text,
    parse,
    parse_criteria,
    parse_roster,
    unparse,
    unparse_criteria,
    unparse_roster,
)

FOLDER: Final = Path(__file__).parents[1] / "grammar" / "corpus"
PARSERS: Final[dict[str, Callable[[str], Expr | Criteria | Roster]]] = {
    "expression": parse,
    "criteria": parse_criteria,
    "roster": parse_roster,
}
_CASE = re.compile(
    r"^={3,}\n(?P<title>.+)\n(?P<flags>(?::.+\n)*)={3,}\n\n(?P<text>(?:.*\n)+?)\n-{3,}\n(?P<tree>(?:(?!={3,}).*\n)*)",
    re.MULTILINE,
)


@frozen
class Case:
    """One entry of the corpus; *tree* is empty where the text is to be refused."""

    title: str
    start: str
    text: str
    tree: str


def corpus() -> Iterator[Case]:
    """Go through the entries of every corpus file."""
    for path in sorted(FOLDER.glob("*.txt")):
        for found in _CASE.finditer(path.read_text(encoding="utf-8")):
            start = re.search(r":language\((\w+)\)", found["flags"])
            text = found["text"].removesuffix("\n")
            yield Case(
                f"{path.stem}: {found['title']}",
                start[1] if start else "expression",
                text,
                found["tree"].strip(),
            )


def tree(node: Expr | Criteria | Roster) -> str:
    """Write a record as the corpus has it: a name in parentheses with its parts, groups one part a line."""
    match node:
        case Criteria():
            return "(criteria" + "".join(f"\n  {_step(step)}" for step in node.steps) + ")"
        case Roster():
            return "(roster" + "".join(f"\n  {_agent(agent)}" for agent in node.agents) + ")"
        case _:
            return _expression(node, "")


def _step(step: Step) -> str:
    after = step.expires_after
    expiry = "(never)" if after is None else f"(after {level_text(after.total_seconds())})"
    return f"(step {expiry}\n    {_expression(step.expression, '    ')})"


def _agent(agent: Agent) -> str:
    parts = [_leaf("queue", queue.id, queue.channel) for queue in agent.queues or ()]
    held = (agent.proficiencies or {}).items()
    parts += [f"(holds {_attribute(attribute)} {level_text(level)})" for attribute, level in held]
    return "".join([_leaf("agent", agent.id)[:-1], *(f"\n    {part}" for part in parts), ")"])


def _expression(node: Expr, indent: str) -> str:
    match node:
        case AtLeast(attribute, level):
            return f"(at_least {_attribute(attribute)} {level_text(level)})"
        case Between(attribute, low, high):
            return f"(between {_attribute(attribute)} {level_text(low)} {level_text(high)})"
        case AgentIn(agent_ids):
            return _leaf("agent_in", *agent_ids)
        case Opaque(raw):
            return _leaf("opaque", canonical(raw))
        case Not(operand):
            operands: tuple[Expr, ...] = (operand,)
        case And(operands) | Or(operands) | Mixed(operands):
            pass
        case _:
            assert_never(node)
    deeper = f"{indent}  "
    parts = "".join(f"\n{deeper}{_expression(operand, deeper)}" for operand in operands)
    return f"({type(node).__name__.lower()}{parts})"


def _attribute(attribute: Attribute) -> str:
    return _leaf("attribute", attribute.name, attribute.value)


def _leaf(kind: str, *texts: str) -> str:
    return f"({' '.join([kind, *(json.dumps(text, ensure_ascii=not text.isprintable()) for text in texts)])})"


CASES: Final = list(corpus())
ACCEPTED: Final = [case for case in CASES if case.tree]


def titles(cases: list[Case]) -> list[str]:
    """Name the cases for pytest."""
    return [case.title for case in cases]


def test_corpus_is_read_whole() -> None:
    """Every header in the corpus files is a case, and no title stands twice."""
    headers = sum(
        len(re.findall("^={3,}$", path.read_text("utf-8"), re.MULTILINE)) for path in FOLDER.glob("*.txt")
    )

    assert len(CASES) == headers / 2 > 70
    assert len(set(titles(CASES))) == len(CASES)


@pytest.mark.parametrize("case", ACCEPTED, ids=titles(ACCEPTED))
def test_corpus_text_means_its_tree(case: Case) -> None:
    """Each text of the corpus is read as the tree below it."""
    assert tree(PARSERS[case.start](case.text)) == case.tree


@pytest.mark.parametrize("case", [case for case in CASES if not case.tree], ids=lambda case: case.title)
def test_corpus_text_marked_as_an_error_is_refused(case: Case) -> None:
    """Each text of the corpus under ``:error`` is refused."""
    assert refusal(case.start, case.text) is not None


@pytest.mark.parametrize("case", ACCEPTED, ids=titles(ACCEPTED))
def test_corpus_text_survives_printing(case: Case) -> None:
    """What a text of the corpus means, printed and read again, means the same."""
    match PARSERS[case.start](case.text):
        case Criteria() as criteria:
            assert parse_criteria(unparse_criteria(criteria)) == criteria
        case Roster() as roster:
            assert parse_roster(unparse_roster(roster)) == roster
        case expression:
            assert parse(unparse(expression)) == expression


@pytest.mark.parametrize("case", CASES, ids=titles(CASES))
def test_broken_copy_of_a_corpus_text_does_no_harm(case: Case) -> None:
    """Every prefix and every one-character deletion is read, or refused with a span inside the text."""
    text = case.text
    broken = {text[:i] for i in range(len(text))} | {text[:i] + text[i + 1 :] for i in range(len(text))}

    for copy in broken:
        error = refusal(case.start, copy)
        if error is not None:
            assert error.source == copy
            assert 0 <= error.span[0] <= error.span[1] <= len(copy)
            assert not _words_of_lark(error)


_LARK = re.compile(r"_[A-Z]{2}|Token|\$END|lark|\{[a-z]+\}")


def _words_of_lark(error: CriteriaSyntaxError) -> set[str]:
    """Give the words of the parser, or of the table of slips, that an error as a whole says by itself."""
    return set(_LARK.findall(str(error))) - set(_LARK.findall(error.source))


def refusal(start: str, text: str) -> CriteriaSyntaxError | None:
    """Read *text* and give the error that it is refused with, if any."""
    try:
        PARSERS[start](text)
    except CriteriaSyntaxError as error:
        return error
    return None
