"""
Which agents of a roster satisfy an expression: against naive Python and the engines people reach for.

Before anything is timed, every engine must find the same agents as the naive one, in the same order.
Each round asks every engine every expression, in turn; the fastest of the rounds counts, since whatever
else runs on the machine only ever adds. What counts is processor time, all threads together, so that a
busy machine does not lengthen what takes long more than what does not; DuckDB and polars get one thread,
which is all that so few rows are worth to them. A ratio is naive Python's time over the engine's, for
one expression; the table has its median over the expressions, and that of all of them together.

`python benchmarks/matching.py docs` also puts table and plot into docs/performance.md.
"""

from __future__ import annotations

import csv
import importlib
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import workload

import routing_inspect as ri
from routing_inspect.places import asked_attributes

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
EXPRESSIONS: Final = 24
SIZES: Final = {200: 5, 1_000: 5, 10_000: 5, 100_000: 5}  # agents: rounds
# A call of a few microseconds is repeated, since reading the clock takes about one.
REPEATS: Final = 10
CONDITIONS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
NAIVE: Final = "naive Python over the JSON"
IDS: Final = "AgentIndex, ids"
COUNT: Final = "AgentIndex, count"

# Ask for the n-th expression: ids in roster order, or how many there are.
Ask: TypeAlias = Callable[[int], Sequence[str] | int]


class Engine(NamedTuple):
    """How to make an engine ready for a roster and expressions, and what it gets through."""

    name: str
    build: Callable[[ri.Roster, list[ri.Expr]], Ask]
    most_agents: int = 100_000
    rounds: int = 100
    repeats: int = 1


# ---------------------------------------------------------------------------- ours


def _naive(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    """Python as it is written in an afternoon, over the API's JSON, and well: skills in a dict."""
    documents = [ri.write_expression(expression) for expression in expressions]
    agents = [
        (agent.id, {(a.name, a.value): level for a, level in (agent.proficiencies or {}).items()})
        for agent in roster.agents
    ]
    return lambda n: [agent_id for agent_id, held in agents if _satisfies(documents[n], agent_id, held)]


def _satisfies(node: dict[str, Any], agent_id: str, held: dict[tuple[str, str], float]) -> bool:
    if "AttributeCondition" in node:
        return _meets(node["AttributeCondition"], agent_id, held)
    if "NotAttributeCondition" in node:
        return not _meets(node["NotAttributeCondition"], agent_id, held)
    if "AndExpression" in node:
        return all(_satisfies(operand, agent_id, held) for operand in node["AndExpression"])
    return any(_satisfies(operand, agent_id, held) for operand in node["OrExpression"])


def _meets(condition: dict[str, Any], agent_id: str, held: dict[tuple[str, str], float]) -> bool:
    operator = condition["ComparisonOperator"]
    if operator == "Match":
        return agent_id in condition["MatchCriteria"]["AgentsCriteria"]["AgentIds"]
    level = held.get((condition["Name"], condition["Value"]))
    if level is None:
        return False
    if operator == "NumberGreaterOrEqualTo":
        return bool(level >= condition["ProficiencyLevel"])
    ends = condition["Range"]
    return bool(ends["MinProficiencyLevel"] <= level <= ends["MaxProficiencyLevel"])


def _evaluate(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    def ask(n: int) -> list[str]:
        expression = expressions[n]
        return [a.id for a in roster.agents if ri.evaluate(expression, a).verdict is ri.Verdict.MATCH]

    return ask


def _index_ids(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    index = ri.AgentIndex(roster)
    return lambda n: index.match(expressions[n]).matching


def _index_count(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    index = ri.AgentIndex(roster)
    return lambda n: index.match(expressions[n]).count


def _index_anew(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    """An expression that the index has not seen before: as JSON came in, a new object each time."""
    index = ri.AgentIndex(roster)

    def ask(n: int) -> int:
        index._plans.clear()  # noqa: SLF001  (what is measured is what it takes without them)
        return index.match(expressions[n]).count

    return ask


def _index_equal(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    """An expression that the index knows, read anew: the same criteria came in with another contact."""
    index = ri.AgentIndex(roster)
    copies = [
        cycle([ri.read_expression(ri.write_expression(expression)) for _ in range(64)])
        for expression in expressions
    ]
    return lambda n: index.match(next(copies[n])).count


# ---------------------------------------------------------------------------- peers


def _columns(expressions: list[ri.Expr]) -> dict[ri.Attribute, str]:
    """Name a column for each attribute asked for: the peers need not carry the others."""
    asked = {attribute for expression in expressions for attribute in asked_attributes(expression)}
    return {attribute: f"a{number}" for number, attribute in enumerate(sorted(asked))}


class _Words(NamedTuple):
    """How a language of another engine spells an expression; {c} is a column."""

    both: str
    either: str
    negation: str
    at_least: str
    between: str
    listed: Callable[[tuple[str, ...]], str]


def _spelled(expression: ri.Expr, words: _Words, columns: dict[ri.Attribute, str]) -> str:
    match expression:
        case ri.AtLeast(attribute, level):
            return words.at_least.format(c=columns[attribute], low=int(level))
        case ri.Between(attribute, low, high):
            return words.between.format(c=columns[attribute], low=int(low), high=int(high))
        case ri.AgentIn(agent_ids):
            return words.listed(agent_ids)
        case ri.Not(operand):
            return words.negation.format(_spelled(operand, words, columns))
        case ri.And(operands) | ri.Or(operands):
            joint = words.both if isinstance(expression, ri.And) else words.either
            return "(" + joint.join(_spelled(operand, words, columns) for operand in operands) + ")"
        case _:
            raise AssertionError(expression)


def _levels(agent: ri.Agent, columns: dict[ri.Attribute, str]) -> dict[str, int]:
    return {columns[a]: int(level) for a, level in (agent.proficiencies or {}).items() if a in columns}


def _every_level(agent: ri.Agent, columns: dict[ri.Attribute, str]) -> dict[str, int]:
    """Give a level for every column; 0 is not held."""
    return {**dict.fromkeys(columns.values(), 0), **_levels(agent, columns)}


def _infix(*, both: str, either: str, negation: str) -> _Words:
    """Spell conditions as most languages do, over columns that are never empty."""
    return _Words(
        both=both,
        either=either,
        negation=negation,
        at_least="{c} >= {low}",
        between=f"({{c}} >= {{low}}{both}{{c}} <= {{high}})",
        listed=lambda agent_ids: f"id in [{_quoted(agent_ids)}]",
    )


def _quoted(agent_ids: tuple[str, ...]) -> str:
    return ", ".join(f"'{agent_id}'" for agent_id in agent_ids)


def _duckdb(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    """A wide table, a column for each attribute, NULL where it is not held."""
    duckdb = importlib.import_module("duckdb")
    columns = _columns(expressions)
    connection = duckdb.connect(config={"threads": 1})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "agents.csv"
        with file.open("w", newline="") as text:
            writer = csv.DictWriter(text, ["id", *columns.values()])
            writer.writeheader()
            writer.writerows({"id": agent.id, **_levels(agent, columns)} for agent in roster.agents)
        types = ", ".join(f"'{name}': 'TINYINT'" for name in columns.values())
        connection.execute(
            f"CREATE TABLE agents AS SELECT * FROM read_csv('{file}', types={{'id': 'VARCHAR', {types}}})"  # noqa: S608  (the file is the own one of this run)
        )
    words = _Words(
        both=" AND ",
        either=" OR ",
        negation="(NOT coalesce({}, false))",
        at_least="{c} >= {low}",
        between="{c} BETWEEN {low} AND {high}",
        listed=lambda agent_ids: f"id IN ({_quoted(agent_ids)})",
    )
    questions = [
        f"SELECT id FROM agents WHERE {_spelled(expression, words, columns)}"  # noqa: S608  (made here)
        for expression in expressions
    ]
    return lambda n: [row[0] for row in connection.execute(questions[n]).fetchall()]


def _polars(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    """The same table, asked by a lazy filter."""
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    pl = importlib.import_module("polars")
    columns = _columns(expressions)
    held = [_levels(agent, columns) for agent in roster.agents]
    table = pl.DataFrame(
        {
            "id": [agent.id for agent in roster.agents],
            **{name: pl.Series([one.get(name) for one in held], dtype=pl.Int8) for name in columns.values()},
        }
    ).lazy()

    def filtered(expression: ri.Expr) -> Any:
        match expression:
            case ri.AtLeast(attribute, level):
                return (pl.col(columns[attribute]) >= int(level)).fill_null(value=False)
            case ri.Between(attribute, low, high):
                return pl.col(columns[attribute]).is_between(int(low), int(high)).fill_null(value=False)
            case ri.AgentIn(agent_ids):
                return pl.col("id").is_in(list(agent_ids))
            case ri.Not(operand):
                return ~filtered(operand)
            case ri.And(operands):
                return pl.all_horizontal([filtered(operand) for operand in operands])
            case ri.Or(operands):
                return pl.any_horizontal([filtered(operand) for operand in operands])
            case _:
                raise AssertionError(expression)

    filters = [filtered(expression) for expression in expressions]
    return lambda n: list(table.filter(filters[n]).select("id").collect()["id"].to_list())


def _cel(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    """cel-python with compiled programs and activations made beforehand; level 0 is not held."""
    celpy = importlib.import_module("celpy")
    columns = _columns(expressions)
    words = _infix(both=" && ", either=" || ", negation="!({})")
    environment = celpy.Environment()
    programs = [
        environment.program(environment.compile(_spelled(expression, words, columns)))
        for expression in expressions
    ]
    agents = [
        (
            agent.id,
            {
                "id": celpy.celtypes.StringType(agent.id),
                **{n: celpy.celtypes.IntType(v) for n, v in _every_level(agent, columns).items()},
            },
        )
        for agent in roster.agents
    ]
    return lambda n: [agent_id for agent_id, activation in agents if programs[n].evaluate(activation)]


def _rule_engine(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    """rule-engine with compiled rules over dicts; level 0 is not held."""
    rule_engine = importlib.import_module("rule_engine")
    columns = _columns(expressions)
    words = _infix(both=" and ", either=" or ", negation="not ({})")
    rules = [rule_engine.Rule(_spelled(expression, words, columns)) for expression in expressions]
    agents = [(agent.id, {"id": agent.id, **_every_level(agent, columns)}) for agent in roster.agents]
    return lambda n: [agent_id for agent_id, held in agents if rules[n].matches(held)]


def _cedar(roster: ri.Roster, expressions: list[ri.Expr]) -> Ask:
    """Cedar at its best: policies and entities read beforehand, all agents in one batch."""
    cedarpy = importlib.import_module("cedarpy")
    columns = _columns(expressions)
    words = _Words(
        both=" && ",
        either=" || ",
        negation="!({})",
        at_least="(principal has {c} && principal.{c} >= {low})",
        between="(principal has {c} && principal.{c} >= {low} && principal.{c} <= {high})",
        listed=lambda ids: "[" + ", ".join(f'Agent::"{i}"' for i in ids) + "].contains(principal)",
    )
    policies = [
        cedarpy.PolicySet.from_str(
            f"permit(principal, action, resource) when {{ {_spelled(expression, words, columns)} }};"
        )
        for expression in expressions
    ]
    entities = cedarpy.Entities.from_json_str(
        json.dumps(
            [
                {"uid": {"type": "Agent", "id": agent.id}, "attrs": _levels(agent, columns), "parents": []}
                for agent in roster.agents
            ]
        )
    )
    requests = [
        {
            "principal": {"type": "Agent", "id": agent.id},
            "action": {"type": "Action", "id": "take"},
            "resource": {"type": "Queue", "id": "queue"},
            "context": {},
        }
        for agent in roster.agents
    ]

    def ask(n: int) -> list[str]:
        results = cedarpy.is_authorized_batch(requests, policies[n], entities)
        return [agent.id for agent, result in zip(roster.agents, results, strict=True) if result.allowed]

    return ask


ENGINES: Final = (
    Engine("cel-python", _cel, 200, rounds=1),
    Engine("rule-engine", _rule_engine, 1_000),
    Engine("cedarpy, one batch", _cedar, 1_000),
    Engine("evaluate, agent by agent", _evaluate, 10_000, rounds=1),
    Engine(NAIVE, _naive),
    Engine("DuckDB, wide table, WHERE", _duckdb),
    Engine("polars, lazy filter", _polars),
    Engine(IDS, _index_ids, repeats=REPEATS),
    Engine(COUNT, _index_count, repeats=REPEATS),
    Engine("AgentIndex, count, an equal expression", _index_equal, repeats=REPEATS),
    Engine("AgentIndex, count, a new expression", _index_anew, repeats=REPEATS),
)


# ---------------------------------------------------------------------------- measuring


class Result(NamedTuple):
    """The fastest time of every expression, in seconds, by engine; and agents matched on average."""

    agents: int
    seconds: dict[str, list[float]]
    matches: float
    build_per_agent: float

    def ratio(self, name: str, peer: str = NAIVE) -> float:
        """Say how many times faster *name* is than *peer* on the median expression."""
        pairs = zip(self.seconds[peer], self.seconds[name], strict=True)
        return statistics.median(slow / fast for slow, fast in pairs)

    def together(self, name: str) -> float:
        """Say how many times faster it is than naive Python on all expressions, one after another."""
        return sum(self.seconds[NAIVE]) / sum(self.seconds[name])


def _measured(size: int, rounds: int, expressions: list[ri.Expr], missing: set[str]) -> Result:
    roster = workload.roster(size)
    asks: dict[str, Ask] = {}
    for engine in ENGINES:
        if size > engine.most_agents:
            continue
        try:
            asks[engine.name] = engine.build(roster, expressions)
        except ModuleNotFoundError as absent:
            missing.add(f"  {engine.name}: skipped, since {absent.name} is not installed")
    found = _agreed(asks, len(expressions))
    seconds = {name: [math.inf] * len(expressions) for name in asks}
    for number in range(rounds):
        for engine in ENGINES:
            if engine.name in asks and number < engine.rounds:
                best = seconds[engine.name]
                for n in range(len(expressions)):
                    best[n] = min(best[n], _seconds(asks[engine.name], n, engine.repeats))
    started = time.process_time()
    ri.AgentIndex(roster)
    return Result(size, seconds, statistics.mean(found), (time.process_time() - started) / size)


def _seconds(ask: Ask, n: int, repeats: int) -> float:
    started = time.process_time()
    for _ in range(repeats):
        ask(n)
    return (time.process_time() - started) / repeats


def _agreed(asks: dict[str, Ask], expressions: int) -> list[int]:
    """See that all engines find the same agents, and say how many."""
    counts = []
    for n in range(expressions):
        wanted = asks[NAIVE](n)
        assert not isinstance(wanted, int)
        counts.append(len(wanted))
        for name, ask in asks.items():
            found = ask(n)
            assert found == len(wanted) if isinstance(found, int) else list(found) == list(wanted), (name, n)
    return counts


def _by_conditions(size: int = 10_000) -> list[tuple[int, dict[str, float]]]:
    """Time AND and OR of more and more conditions, in milliseconds."""
    roster = workload.roster(size)
    attributes = sorted({a for agent in roster.agents for a in agent.proficiencies or {}})
    rows = []
    for number in CONDITIONS:
        leaves = [ri.AtLeast(attribute, 2) for attribute in attributes[:number]]
        groups: dict[str, ri.Expr] = {"AND": ri.And(leaves), "OR": ri.Or(leaves)}
        row = {}
        for word, group in groups.items():
            ask = _naive(roster, [group])
            _agreed({NAIVE: ask, IDS: _index_ids(roster, [group])}, 1)
            row[f"{NAIVE}, {word}"] = 1000 * min(_seconds(ask, 0, 1) for _ in range(3))
            count = _index_count(roster, [group])
            row[f"{COUNT}, {word}"] = 1000 * min(_seconds(count, 0, REPEATS) for _ in range(5))
        rows.append((number, row))
    return rows


# ---------------------------------------------------------------------------- showing


def run() -> tuple[list[Result], list[tuple[int, dict[str, float]]]]:
    """Print the ratios."""
    missing: set[str] = set()
    # The smallest roster is the beginning of every larger one, so its agents are in all of them.
    expressions = workload.expressions(EXPRESSIONS, workload.roster(min(SIZES)))
    results = [_measured(size, rounds, expressions, missing) for size, rounds in SIZES.items()]
    print(f"{EXPRESSIONS} expressions, fastest of several rounds; 1 = {NAIVE};")
    print("the median expression, and in brackets all of them together\n")
    print("\n".join(_table(results)))
    if missing:
        print("\n".join([*sorted(missing), "  pip install 'routing-inspect[bench]' for all of them"]))
    growth = _by_conditions()
    print("\n" + "\n".join(_growth_table(growth)) + "\n")
    return results, growth


def _table(results: list[Result]) -> Iterator[str]:
    yield "| engine | " + " | ".join(f"{result.agents:,} agents" for result in results) + " |"
    yield "|---|" + "---:|" * len(results)
    for engine in ENGINES:
        cells = [
            f"{_number(result.ratio(engine.name))} ({_number(result.together(engine.name))})"
            if engine.name in result.seconds
            else ""
            for result in results
        ]
        if any(cells):
            yield f"| {engine.name} | " + " | ".join(cells) + " |"
    for peer in ("DuckDB, wide table, WHERE", "polars, lazy filter"):
        if peer in results[0].seconds:
            cells = [_number(result.ratio(IDS, peer)) for result in results]
            yield f"| *{IDS}, against {peer.split(',')[0]}* | " + " | ".join(cells) + " |"
    yield "| *agents who match, on average* | " + " | ".join(f"{r.matches:,.0f}" for r in results) + " |"
    cells = [f"{1e6 * result.build_per_agent:.1f} us" for result in results]
    yield "| *building the index, for each agent* | " + " | ".join(cells) + " |"


def _growth_table(growth: list[tuple[int, dict[str, float]]]) -> Iterator[str]:
    yield "| 10,000 agents, milliseconds | " + " | ".join(f"{number}" for number, _ in growth) + " |"
    yield "|---|" + "---:|" * len(growth)
    for name in growth[0][1]:
        yield f"| {name} | " + " | ".join(f"{row[name]:.3g}" for _, row in growth) + " |"


def _number(ratio: float) -> str:
    """Write a ratio with two digits that count, and no more."""
    if ratio >= 100:
        step = 10 ** (len(str(int(ratio))) - 2)
        return f"{round(ratio / step) * step:,}"
    return f"{ratio:.2g}"


# ---------------------------------------------------------------------------- docs/performance.md


class Curve(NamedTuple):
    """A line of a plot."""

    name: str
    points: list[tuple[float, float]]


COLOURS: Final = ("#4a4a4a", "#b5651d", "#7a5195", "#00695c", "#1f78b4", "#a0a0a0")


def _plot(title: str, across: str, curves: list[Curve]) -> Iterator[str]:
    """Draw curves on two logarithmic scales, 440 by 300, at the origin."""
    xs = [x for curve in curves for x, _ in curve.points]
    ys = [y for curve in curves for _, y in curve.points]
    low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))

    def place(x: float, y: float) -> tuple[float, float]:
        right = math.log10(x / min(xs)) / math.log10(max(xs) / min(xs))
        return 60 + 330 * right, 250 - 210 * (math.log10(y) - low) / (high - low)

    yield f'<text x="60" y="22" font-weight="bold">{title}</text>'
    for power in range(low, high + 1):
        _, y = place(min(xs), 10.0**power)
        yield f'<line x1="60" x2="390" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="54" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
    for x in sorted(set(xs)):
        right, _ = place(x, 10.0**low)
        yield f'<text x="{right:.1f}" y="266" text-anchor="middle">{x:,.0f}</text>'
    yield f'<text x="225" y="284" text-anchor="middle">{across}</text>'
    for curve, colour in zip(curves, COLOURS, strict=False):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in curve.points))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for row, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        y = 306 + 16 * row
        yield f'<line x1="60" x2="80" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="3"/>'
        yield f'<text x="86" y="{y + 4}">{curve.name}</text>'


def _svg(results: list[Result], growth: list[tuple[int, dict[str, float]]]) -> str:
    names = [NAIVE, "DuckDB, wide table, WHERE", "polars, lazy filter", IDS, COUNT]
    by_agents = [
        Curve(
            name,
            [(r.agents, 1000 * statistics.mean(r.seconds[name])) for r in results if name in r.seconds],
        )
        for name in names
    ]
    by_conditions = [Curve(name, [(number, row[name]) for number, row in growth]) for name in growth[0][1]]
    left = "\n".join(_plot("one expression, milliseconds", "agents", [c for c in by_agents if c.points]))
    right = "\n".join(_plot("10,000 agents, milliseconds", "conditions", by_conditions))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 400" '
        'font-family="sans-serif" font-size="11">\n'
        '<rect width="860" height="400" fill="white"/>\n'
        f'<g>\n{left}\n</g>\n<g transform="translate(430 0)">\n{right}\n</g>\n</svg>\n'
    )


def write_page(results: list[Result], growth: list[tuple[int, dict[str, float]]]) -> None:
    """Put table and plot into the documentation."""
    page = DOCS / "performance.md"
    head, _, rest = page.read_text(encoding="utf-8").partition("<!-- matching -->\n")
    _, _, tail = rest.partition("<!-- end -->\n")
    tables = "\n".join([*_table(results), "", *_growth_table(growth)])
    page.write_text(f"{head}<!-- matching -->\n{tables}\n<!-- end -->\n{tail}", encoding="utf-8")
    (DOCS / "performance.svg").write_text(_svg(results, growth), encoding="utf-8")


if __name__ == "__main__":
    figures = run()
    if sys.argv[1:] == ["docs"]:
        write_page(*figures)
