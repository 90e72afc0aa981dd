"""
What an exact answer costs: does every agent that A accepts satisfy B?

The peers are two solvers (python-sat, z3), decision diagrams (dd) and a computer algebra system
(sympy), each given the question in the form that suits it: levels as a ladder of "at least" for
those that know only yes and no, as an integer for z3. Their times run from the same records to the
answer, as ours do. Before anything counts, all must agree; who is not done in time is shown so.
Each round puts every question to everybody in turn, twice in a row, and the second time counts; of all
rounds the fastest.
"""

from __future__ import annotations

import importlib
import itertools
import random
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from routing_inspect.analysis import counterexample, implies
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Not, Or
from routing_inspect.places import leaves

ROUNDS = 5
SECONDS = 2.0
NOBODY = AgentIn(())
# Whether every agent that the first accepts is accepted by the second.
Question = tuple[Expr, Expr]
Peer = Callable[[Expr, Expr], bool]


def run() -> None:
    """Print for every kind of question how long it takes us, and the peers in multiples of that."""
    peers, missing = _peers()
    print(f"median and worst question of each row, fastest of {ROUNDS} rounds; peers as multiples of ours,")
    print(f"median and worst ratio of a question: above 1 we are faster; late: over {SECONDS:.0f} seconds\n")
    print(f"  {'':<44}{'us':>8}{'worst':>8}{'smallest':>10}" + "".join(f"{name:>16}" for name in peers))
    for title, questions in _rows():
        seconds = _timed(questions, {"ours": implies, "smallest": _smallest, **peers})
        ours = seconds["ours"]
        line = f"  {title:<44}{statistics.median(ours) * 1e6:8.0f}{max(ours) * 1e6:8.0f}"
        line += f"{statistics.median(seconds['smallest']) * 1e6:10.0f}"
        for name in peers:
            ratios = [theirs / own for theirs, own in zip(seconds[name], ours, strict=True)]
            shown = f"{_multiple(statistics.median(ratios))} {_multiple(min(ratios))}"
            line += f"{shown:>16}"
        print(line, flush=True)
    if missing:
        print("\n".join(["", *missing, "  pip install 'routing-inspect[bench]' for all of them"]))
    print()


def _multiple(ratio: float) -> str:
    return "late" if ratio == float("inf") else f"{ratio:.2g}" if ratio < 100 else f"{ratio:.0f}"


def _smallest(a: Expr, b: Expr) -> bool:
    return counterexample(a, b) is None


def _timed(questions: list[Question], everybody: dict[str, Peer]) -> dict[str, list[float]]:
    """Give for everybody the seconds that each question takes; infinity for one that is late."""
    seconds: dict[str, list[float]] = {name: [] for name in everybody}
    for question in questions:
        taken: dict[str, list[float]] = {name: [] for name in everybody}
        answers: dict[str, bool] = {}
        for _ in range(ROUNDS):
            for name, ask in everybody.items():
                if float("inf") in (*taken[name], *seconds[name]):
                    taken[name] = [float("inf")]
                    continue
                try:
                    # The first time only warms up, so that nobody pays for whoever came before.
                    answers[name] = _in_time(partial(ask, *question))
                    started = time.perf_counter()
                    _in_time(partial(ask, *question))
                    taken[name].append(time.perf_counter() - started)
                except TimeoutError:
                    taken[name] = [float("inf")]
        assert len(set(answers.values())) == 1, (answers, question)
        for name, rounds in taken.items():
            # Whatever else runs on the machine only ever adds.
            seconds[name].append(min(rounds))
    return seconds


def _in_time(ask: Callable[[], bool]) -> bool:
    def late(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        return ask()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


# ------------------------------------------------------------------------------ questions


def _rows() -> Iterator[tuple[str, list[Question]]]:
    chance = random.Random(7)  # noqa: S311  (a benchmark, no secret)
    yield "typical: 4 conditions", [_typical(chance, 4) for _ in range(40)]
    yield "AND of 8", [pair for _ in range(5) for pair in _conjunctions(chance, 8)]
    yield "documented most: OR of 3 ANDs of 8", [pair for _ in range(5) for pair in _largest(chance)]
    yield "CNF, ten 3-ORs over 30, equal", [_cnf(chance, off=False) for _ in range(3)]
    yield "  the same, one level off", [_cnf(chance, off=True) for _ in range(3)]
    yield "DNF, fifteen 2-ANDs with guards, equal", [_dnf(chance, off=False) for _ in range(3)]
    yield "  the same, one level off", [_dnf(chance, off=True) for _ in range(3)]
    yield "five 2-ORs and their 32 cubes", list(_cubes())
    yield "30 ranges over 6 values, equal", [_ranges(chance, off=False) for _ in range(3)]
    yield "  the same, one level off", [_ranges(chance, off=True) for _ in range(3)]
    for attributes, clauses in ((12, 51), (30, 128), (64, 270)):
        row: list[Question] = [(_random_cnf(chance, attributes, clauses), NOBODY) for _ in range(5)]
        yield f"random 3-CNF, {attributes} attributes, {clauses} ORs", row
    yield "pigeonhole, 5 into 4 levels", [(_pigeons(5, 4), NOBODY)]
    yield "500 agent ids in three lists", list(_lists(chance))


def _about(number: int) -> Attribute:
    return Attribute("Skill", f"S{number}")


def _condition(chance: random.Random, attributes: int) -> Expr:
    attribute, level = _about(chance.randrange(attributes)), chance.randint(1, 4)
    made: Expr = AtLeast(attribute, level)
    if chance.random() < 0.3:
        made = Between(attribute, level, level + 1)
    return Not(made) if chance.random() < 0.2 else made


def _typical(chance: random.Random, conditions: int) -> Question:
    a, b, c, d, *_ = (_condition(chance, 4) for _ in range(conditions))
    old = And((a, Or((b, And((c, d))))))
    new = chance.choice((And((a, Or((b, c)))), Or((And((a, b)), And((a, c, d)))), And((a, Or((c, b)), d))))
    return chance.choice(((old, new), (new, old)))


def _conjunctions(chance: random.Random, size: int) -> Iterator[Question]:
    parts = [AtLeast(_about(n), chance.randint(1, 4)) for n in range(size)]
    mixed = chance.sample(parts, size)
    yield And(parts), And(mixed)
    yield And(parts), And([*mixed[:-1], AtLeast(mixed[-1].attribute, mixed[-1].level + 1)])


def _largest(chance: random.Random) -> Iterator[Question]:
    groups = [[_condition(chance, 12) for _ in range(8)] for _ in range(3)]
    mixed = [chance.sample(group, 8) for group in chance.sample(groups, 3)]
    yield Or(map(And, groups)), Or(map(And, mixed))
    yield Or(map(And, groups)), Or([And([*mixed[0], AtLeast(_about(13), 2)]), *map(And, mixed[1:])])


def _off(part: AtLeast) -> AtLeast:
    return AtLeast(part.attribute, part.level + 1)


def _cnf(chance: random.Random, *, off: bool) -> Question:
    parts = [AtLeast(_about(n), chance.randint(1, 4)) for n in chance.sample(range(30), 30)]
    ors = [parts[n : n + 3] for n in range(0, 30, 3)]
    mixed = [chance.sample(group, 3) for group in chance.sample(ors, 10)]
    mixed[4][1] = _off(mixed[4][1]) if off else mixed[4][1]
    return And(map(Or, ors)), And(map(Or, mixed))


def _dnf(chance: random.Random, *, off: bool) -> Question:
    parts = [AtLeast(_about(n), chance.randint(1, 4)) for n in range(30)]
    # All firsts, then all seconds: the worst order for whoever keeps one of both for later.
    pairs = [[parts[n], parts[n + 15]] for n in range(15)]
    mixed = [chance.sample(pair, 2) for pair in chance.sample(pairs, 15)]
    mixed[7][0] = _off(mixed[7][0]) if off else mixed[7][0]
    guarded = And((Or(parts[:15]), Or(parts[15:]), Or(map(And, mixed))))
    return Or(map(And, pairs)), guarded


def _cubes() -> Iterator[Question]:
    parts = [AtLeast(_about(n), 3) for n in range(10)]
    ors = And(Or(parts[n : n + 2]) for n in range(0, 10, 2))
    cubes = [And(cube) for cube in itertools.product(*(parts[n : n + 2] for n in range(0, 10, 2)))]
    yield ors, Or(cubes)
    yield Or(cubes), ors
    yield ors, Or(cubes[:-1])


def _ranges(chance: random.Random, *, off: bool) -> Question:
    wanted = [(_about(n), chance.randint(1, 2), chance.randint(4, 5)) for n in range(30)]
    halves: list[Expr] = []
    for number, (attribute, low, high) in enumerate(chance.sample(wanted, 30)):
        top = high - 1 if off and number == 17 else high
        halves.append(Or((Between(attribute, low, 3), Between(attribute, 2, top))))
    return And(Between(*each) for each in wanted), And(halves)


def _random_cnf(chance: random.Random, attributes: int, clauses: int) -> Expr:
    parts = [AtLeast(_about(n), 3) for n in range(attributes)]
    return And(
        Or(chance.choice((part, Not(part))) for part in chance.sample(parts, 3)) for _ in range(clauses)
    )


def _pigeons(pigeons: int, holes: int) -> Expr:
    nests = [[Between(_about(n), hole, hole) for hole in range(1, holes + 1)] for n in range(pigeons)]
    apart = [
        Or((Not(one[hole]), Not(other[hole])))
        for one, other in itertools.combinations(nests, 2)
        for hole in range(holes)
    ]
    return And((*map(Or, nests), *apart))


def _lists(chance: random.Random) -> Iterator[Question]:
    ids = [f"agent-{n}" for n in range(500)]
    first, second, third = ids[:300], ids[200:], ids[150:350]
    for agents in (first, second, third):
        chance.shuffle(agents)
    yield And((AgentIn(first), AgentIn(second))), AgentIn(third)
    yield And((AgentIn(first), AgentIn(third))), AgentIn(second)


# ---------------------------------------------------------------------------------- peers


def _peers() -> tuple[dict[str, Peer], list[str]]:
    peers: dict[str, Peer] = {}
    missing = []
    known = (("python-sat", _pysat), ("z3-solver", _z3), ("dd", _dd), ("sympy", _sympy))
    for name, peer in known:
        try:
            peers[name] = peer()
        except ModuleNotFoundError as absent:
            missing.append(f"  {name}: skipped, since {absent.name} is not installed")
    return peers, missing


class _Ladder:
    """
    Levels as yes and no: for each attribute, whether it is at least (or above) each level that is named.

    Who the agent is counts as one more attribute, whose levels are the ids in the order in which they
    come.
    """

    def __init__(self, *expressions: Expr) -> None:
        self.rungs: dict[object, set[tuple[float, int]]] = {}
        self.numbers: dict[str, int] = {}
        for expression in expressions:
            for condition, _, _ in leaves(expression):
                self._climb(condition)

    def _climb(self, condition: Expr) -> None:
        match condition:
            case AtLeast(attribute, level):
                self.rungs.setdefault(attribute, set()).add((level, 0))
            case Between(attribute, low, high):
                self.rungs.setdefault(attribute, set()).update({(low, 0), (high, 1)})
            case AgentIn(agent_ids):
                for agent_id in agent_ids:
                    number = self.numbers.setdefault(agent_id, len(self.numbers) + 1)
                    self.rungs.setdefault("agent", set()).update({(number, 0), (number + 1, 0)})
            case _:
                raise AssertionError(condition)

    def steps(self) -> Iterator[tuple[tuple[object, float, int], tuple[object, float, int]]]:
        """Give each rung with the one below it, which it implies."""
        for about, rungs in self.rungs.items():
            for lower, upper in itertools.pairwise(sorted(rungs)):
                yield (about, *upper), (about, *lower)


class _Words(NamedTuple):
    """How a peer says a rung, AND and OR of a list, and NOT."""

    rung: Callable[[Any], Any]
    every: Callable[[list[Any]], Any]
    some: Callable[[list[Any]], Any]
    negated: Callable[[Any], Any]


def _built(expression: Expr, ladder: _Ladder, words: _Words) -> Any:
    """Say *expression* in a peer's own words, over the rungs of a ladder."""
    rung, every, some, negated = words
    match expression:
        case AtLeast(attribute, level):
            return rung((attribute, level, 0))
        case Between(attribute, low, high):
            return every([rung((attribute, low, 0)), negated(rung((attribute, high, 1)))])
        case AgentIn(agent_ids):
            numbers = [ladder.numbers[agent_id] for agent_id in agent_ids]
            return some([every([rung(("agent", n, 0)), negated(rung(("agent", n + 1, 0)))]) for n in numbers])
        case Not(operand):
            return negated(_built(operand, ladder, words))
        case And(operands):
            return every([_built(operand, ladder, words) for operand in operands])
        case Or(operands):
            return some([_built(operand, ladder, words) for operand in operands])
        case _:
            raise AssertionError(expression)


def _pysat() -> Peer:  # noqa: C901  (a peer's way to answer is read as a whole)
    solvers = importlib.import_module("pysat.solvers")

    def ask(a: Expr, b: Expr) -> bool:
        ladder = _Ladder(a, b)
        rungs = {
            (about, *rung): number
            for number, (about, rung) in enumerate(
                ((about, rung) for about, all_rungs in ladder.rungs.items() for rung in sorted(all_rungs)), 1
            )
        }
        clauses = [[-rungs[upper], rungs[lower]] for upper, lower in ladder.steps()]
        fresh = itertools.count(len(rungs) + 1)

        # A formula is the literals of a clause and whether they are ANDed: Plaisted and Greenbaum.
        def literal(formula: tuple[str, list[Any]] | int) -> int:
            if isinstance(formula, int):
                return formula
            kind, parts = formula
            switch = next(fresh)
            if kind == "or":
                clauses.append([-switch, *map(literal, parts)])
            else:
                clauses.extend([-switch, literal(part)] for part in parts)
            return switch

        def require(formula: tuple[str, list[Any]] | int) -> None:
            if isinstance(formula, int):
                clauses.append([formula])
            elif formula[0] == "and":
                for part in formula[1]:
                    require(part)
            else:
                clauses.append([literal(part) for part in formula[1]])

        def negated(formula: tuple[str, list[Any]] | int) -> Any:
            if isinstance(formula, int):
                return -formula
            return ("or" if formula[0] == "and" else "and", [negated(part) for part in formula[1]])

        words = _Words(rungs.__getitem__, lambda parts: ("and", parts), lambda parts: ("or", parts), negated)
        require(_built(a, ladder, words))
        require(negated(_built(b, ladder, words)))
        with solvers.Minisat22(bootstrap_with=clauses) as solver:
            return not solver.solve()

    return ask


def _z3() -> Peer:  # noqa: C901  (the same)
    z3 = importlib.import_module("z3")

    def ask(a: Expr, b: Expr) -> bool:
        ladder = _Ladder(a, b)
        # Twice the level, so that one between two whole ones is an integer too; 0: not held.
        whole = {about: z3.Int(str(about)) for about in ladder.rungs}

        def said(expression: Expr) -> Any:
            match expression:
                case AtLeast(attribute, level):
                    return whole[attribute] >= int(level * 2)
                case Between(attribute, low, high):
                    return z3.And(whole[attribute] >= int(low * 2), whole[attribute] <= int(high * 2))
                case AgentIn(agent_ids):
                    return z3.Or([whole["agent"] == ladder.numbers[agent_id] for agent_id in agent_ids])
                case Not(operand):
                    return z3.Not(said(operand))
                case And(operands):
                    return z3.And([said(operand) for operand in operands])
                case Or(operands):
                    return z3.Or([said(operand) for operand in operands])
                case _:
                    raise AssertionError(expression)

        solver = z3.Solver()
        solver.set("timeout", int(SECONDS * 1000))
        for about, level in whole.items():
            solver.add(level >= 0, level <= (len(ladder.numbers) if about == "agent" else 10))
        solver.add(said(a), z3.Not(said(b)))
        found = solver.check()
        if found == z3.unknown:
            raise TimeoutError
        return bool(found == z3.unsat)

    return ask


def _dd() -> Peer:
    try:
        dd = importlib.import_module("dd.cudd")
    except ImportError:
        dd = importlib.import_module("dd.autoref")

    def ask(a: Expr, b: Expr) -> bool:
        ladder = _Ladder(a, b)
        diagrams = dd.BDD()
        names = {
            (about, *rung): f"x{number}"
            for number, (about, rung) in enumerate(
                (about, rung) for about, all_rungs in ladder.rungs.items() for rung in sorted(all_rungs)
            )
        }
        diagrams.declare(*names.values())

        def conj(parts: list[Any]) -> Any:
            found = diagrams.true
            for part in parts:
                found &= part
            return found

        def disj(parts: list[Any]) -> Any:
            found = diagrams.false
            for part in parts:
                found |= part
            return found

        def rung(name: tuple[object, float, int]) -> Any:
            return diagrams.var(names[name])

        words = _Words(rung, conj, disj, lambda part: ~part)
        found = _built(a, ladder, words) & ~_built(b, ladder, words)
        for upper, lower in ladder.steps():
            found &= ~rung(upper) | rung(lower)
        return bool(found == diagrams.false)

    return ask


def _sympy() -> Peer:
    sympy = importlib.import_module("sympy")
    satisfiable = importlib.import_module("sympy.logic.inference").satisfiable

    def ask(a: Expr, b: Expr) -> bool:
        ladder = _Ladder(a, b)

        def rung(name: tuple[object, float, int]) -> Any:
            return sympy.Symbol(str(name))

        words = _Words(rung, lambda parts: sympy.And(*parts), lambda parts: sympy.Or(*parts), sympy.Not)
        steps = [sympy.Or(sympy.Not(rung(upper)), rung(lower)) for upper, lower in ladder.steps()]
        wanted = sympy.And(_built(a, ladder, words), sympy.Not(_built(b, ladder, words)), *steps)
        return satisfiable(wanted) is False

    return ask


if __name__ == "__main__":
    run()
