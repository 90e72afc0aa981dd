"""
What it costs to read an expression as text, as a multiple of reading the same one as JSON.

The peers read the same conditions in languages of their own: CEL, rule-engine's, and our notation
in a grammar for pyparsing. Before anything is timed, each must give our verdict on every agent.
Each round times every reader once, in turn, in processor time. Below stands what a cold start pays for text.
"""

from __future__ import annotations

import importlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rounds import cold_medians, medians

import routing_inspect as ri
from routing_inspect import text as language
from routing_inspect.expr import And, AtLeast, Between, Expr, Not, Or

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 60
COLD_ROUNDS = 15

EXPRESSIONS = (
    "Language(French) >= 4",
    "Language(French) >= 4 AND Technology(AWS DynamoDB) >= 5",
    "Language(French) in 2..4 OR Language(English) >= 3 AND NOT Technology(AWS Kinesis) >= 2",
    "(Language(French) >= 4 OR Language(English) >= 5) AND (Skill(Sales) >= 3 OR Skill(Care) in 1..2)",
)
ATTRIBUTES = sorted(
    {
        ri.Attribute(name, value)
        for expression in EXPRESSIONS
        for name, value in re.findall(r"(\w+)\(([\w ]+)\)", expression)
    }
)
AGENTS = [
    ri.Agent(
        id=f"agent-{n}",
        proficiencies={a: (n * 7 + i) % 5 + 1 for i, a in enumerate(ATTRIBUTES) if n >> i & 1},
    )
    for n in range(2 ** len(ATTRIBUTES))
]


def run() -> None:
    """Print the ratios, and the parts of a cold start."""
    documents = [json.dumps(ri.write_expression(ri.parse(source))) for source in EXPRESSIONS]
    readers: dict[str, Callable[[], object]] = {
        "json.loads + read_expression": lambda: [ri.read_expression(json.loads(d)) for d in documents],
        "read_expression of JSON text": lambda: [ri.read_expression(d) for d in documents],
        "parse (lark, LALR)": lambda: [ri.parse(source) for source in EXPRESSIONS],
    }
    missing = []
    for name, peer in (("cel-python", _celpy), ("rule-engine", _rule_engine), ("pyparsing", _pyparsing)):
        try:
            read, verdict, write = peer()
        except ModuleNotFoundError as absent:
            missing.append(f"  {name}: skipped, since {absent.name} is not installed")
            continue
        sources = [write(ri.parse(source)) for source in EXPRESSIONS]
        _check(name, [read(source) for source in sources], verdict)
        readers[name] = partial(_read_all, read, sources)
    seconds = medians(readers, ROUNDS)
    floor = seconds["json.loads + read_expression"]
    each = floor / len(EXPRESSIONS) * 1e6
    print(f"reading {len(EXPRESSIONS)} expressions, median of {ROUNDS} rounds;")
    print(f"1 = json.loads + read_expression ({each:.0f} us an expression here)\n")
    for name, taken in seconds.items():
        print(f"  {name:<30} {taken / floor:8.1f}")
    if missing:
        print("\n".join([*missing, "  pip install 'routing-inspect[bench]' for all of them"]))
    print()
    _cold_start()


def _read_all(read: Callable[[str], Any], sources: Sequence[str]) -> list[Any]:
    return [read(source) for source in sources]


def _check(name: str, rules: list[Any], verdict: Callable[[Any, dict[str, float]], bool]) -> None:
    """Let a peer answer for every agent, and see that the answers are ours."""
    for source, rule in zip(EXPRESSIONS, rules, strict=True):
        expression = ri.parse(source)
        for agent in AGENTS:
            ours = ri.evaluate(expression, agent).verdict is ri.Verdict.MATCH
            levels = {_variable(a): (agent.proficiencies or {}).get(a, 0.0) for a in ATTRIBUTES}
            assert verdict(rule, levels) is ours, (name, source, agent)


def _variable(attribute: ri.Attribute) -> str:
    return re.sub(r"\W", "_", f"{attribute.name}_{attribute.value}")


def _infix(expression: Expr, words: tuple[str, str, str]) -> str:
    """Write an expression as the peers spell it; an attribute that is not held is at level 0."""
    conjunction, disjunction, negation = words
    match expression:
        case AtLeast(attribute, level):
            return f"{_variable(attribute)} >= {level}"
        case Between(attribute, low, high):
            name = _variable(attribute)
            return f"({name} >= {low} {conjunction} {name} <= {high})"
        case Not(operand):
            return f"{negation}({_infix(operand, words)})"
        case And(operands):
            return "(" + f" {conjunction} ".join(_infix(operand, words) for operand in operands) + ")"
        case Or(operands):
            return "(" + f" {disjunction} ".join(_infix(operand, words) for operand in operands) + ")"
        case _:
            raise AssertionError(expression)


Peer = tuple[
    Callable[[str], Any], Callable[[Any, dict[str, float]], bool], Callable[[Expr], str]
]  # read, verdict, write


def _celpy() -> Peer:
    celpy = importlib.import_module("celpy")
    environment = celpy.Environment()

    def verdict(rule: Any, levels: dict[str, float]) -> bool:
        activation = {name: celpy.celtypes.DoubleType(level) for name, level in levels.items()}
        return bool(environment.program(rule).evaluate(activation))

    return environment.compile, verdict, lambda e: _infix(e, ("&&", "||", "!"))


def _rule_engine() -> Peer:
    rule_engine = importlib.import_module("rule_engine")
    return (
        rule_engine.Rule,
        lambda rule, levels: bool(rule.matches(levels)),
        lambda e: _infix(e, ("and", "or", "not")),
    )


def _pyparsing() -> Peer:
    pp = importlib.import_module("pyparsing")
    # Its own number would read the first dot of `2..4` as a decimal point.
    number = pp.Regex(r"\d+(?:\.\d+)?").set_parse_action(lambda t: float(t[0]))
    words = pp.Regex(r"\w+(?: \w+)*")
    attribute = (words + pp.Suppress("(") + words + pp.Suppress(")")).set_parse_action(
        lambda t: ri.Attribute(*t)
    )
    at_least = (attribute + pp.Suppress(">=") + number).set_parse_action(lambda t: AtLeast(*t))
    between = (attribute + pp.Suppress("in") + number + pp.Suppress("..") + number).set_parse_action(
        lambda t: Between(*t)
    )
    grammar = pp.infix_notation(
        between | at_least,
        [
            (pp.Suppress(pp.Keyword("NOT")), 1, pp.OpAssoc.RIGHT, lambda t: Not(t[0][0])),
            (pp.Suppress(pp.Keyword("AND")), 2, pp.OpAssoc.LEFT, lambda t: And(t[0])),
            (pp.Suppress(pp.Keyword("OR")), 2, pp.OpAssoc.LEFT, lambda t: Or(t[0])),
        ],
    )

    def read(source: str) -> Expr:
        expression: Expr = grammar.parse_string(source, parse_all=True)[0]
        return expression

    def verdict(rule: Expr, levels: dict[str, float]) -> bool:
        held = {a: levels[_variable(a)] for a in ATTRIBUTES if levels[_variable(a)]}
        return ri.evaluate(rule, ri.Agent(id="a", proficiencies=held)).verdict is ri.Verdict.MATCH

    return read, verdict, ri.unparse


# ---------------------------------------------------------------------------- cold start


def _cold_start() -> None:
    """Print what a process pays before it has read its first text."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "parser"
        with saved.open("wb") as file:
            language._parser().save(file)  # noqa: SLF001  (what the benchmark is about)
        seconds = cold_medians(dict(_programs(saved, Path(folder))), COLD_ROUNDS)
    floor = seconds["python -c pass"]
    print(f"cold start with text, median of {COLD_ROUNDS}; 1 = python -c pass ({floor * 1000:.0f} ms here)\n")
    for name, taken in seconds.items():
        print(f"  {name:<42} {taken / floor:5.1f} {taken * 1000:7.0f} ms")
    print()


def _programs(saved: Path, folder: Path) -> Iterator[tuple[str, list[str]]]:
    source = EXPRESSIONS[1]
    roster = ROOT / "examples" / "roster.json"
    document = folder / "expression.json"
    document.write_text(json.dumps(ri.write_expression(ri.parse(source))), encoding="utf-8")
    main = "import sys; sys.argv = {}; from routing_inspect.cli import main; main()"
    build = "from routing_inspect import text; text._parser()"
    load = f"import routing_inspect.text, lark; lark.Lark.load(open({str(saved)!r}, 'rb'))"
    yield "python -c pass", ["-c", "pass"]
    yield "import routing_inspect", ["-c", "import routing_inspect"]
    yield "import routing_inspect, lark", ["-c", "import routing_inspect, lark"]
    yield "... and build the parser from the grammar", ["-c", build]
    yield "... or load a saved parser", ["-c", load]
    for name, expression in (("match TEXT", source), ("match FILE.json", str(document))):
        arguments = ["routing-inspect", "match", expression, "--roster", str(roster)]
        yield name, ["-c", main.format(arguments)]


if __name__ == "__main__":
    run()
