"""Laws of exact answers: what they are by brute force over every kind of agent, and what they must obey."""

from collections.abc import Iterable, Mapping
from functools import reduce
from itertools import islice, pairwise, product
from math import isnan, nan, prod
from operator import and_, or_
from typing import assert_never

from attrs import evolve, frozen
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from routing_inspect.analysis import (
    Counterexample,
    admits_nobody_new,
    counterexample,
    disjoint,
    equivalent,
    implies,
    satisfiable,
    witness,
)
from routing_inspect.contact import Agent, is_user_id, user_id
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.expr import (
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
    is_reference,
    operands_of,
)
from routing_inspect.places import parts
from routing_inspect.strategies import levels
from routing_inspect.strategies.records import ARN, IDS, Group, trees

SKILLS = st.sampled_from((Attribute("Language", "French"), Attribute("AND", 'say "hi"')))
REFERENCES = st.sampled_from((Attribute("Language", "$.External.language"), Attribute("$['name']", "x")))
LEVELS = levels() | levels() | st.sampled_from((3.25, 0.0, 5.5, -1.0))
LISTED = st.sampled_from((*IDS, *IDS, f"{ARN}/agent/user-1", "$.External.first", "$.External.second"))
LEVEL_CONDITIONS = st.builds(AtLeast, SKILLS, LEVELS) | st.builds(Between, SKILLS, LEVELS, LEVELS)
ODD_CONDITIONS = (
    st.builds(AtLeast, REFERENCES, LEVELS)
    | st.builds(Between, REFERENCES, LEVELS, LEVELS)
    | st.sampled_from(("IsBetterThan", "Equals")).map(lambda operator: Opaque({"Operator": operator}))
)
LISTS = st.lists(LISTED, max_size=3).map(AgentIn)
CONDITIONS: SearchStrategy[Expr] = LEVEL_CONDITIONS | LEVEL_CONDITIONS | LISTS | ODD_CONDITIONS


def _not(operands: list[Expr]) -> Expr:
    return Not(operands[0])


def _mixed(operands: list[Expr]) -> Expr:
    members = [And([o]) if isinstance(o, Mixed) else o for o in operands]
    return Mixed(members if len(members) > 1 else [members[0], Or(operands)])


GROUPS: tuple[Group[Expr], ...] = ((3, And), (3, Or), (1, _not), (2, _mixed))
EXPRESSIONS = trees(CONDITIONS | CONDITIONS.map(Not), GROUPS, 4)


def _related(a: Expr, b: Expr, c: Expr) -> SearchStrategy[tuple[Expr, Expr]]:
    """Make pairs that are alike, as two versions of a criteria are, so that often one implies the other."""
    return st.sampled_from(
        (
            (a, b),
            (And((a, b)), a),
            (Or((a, b)), b),
            (a, Or((And((a, b)), And((a, c))))),
            (And((a, Or((b, c)))), Or((And((c, a)), And((b, a))))),
            (Mixed((And((a,)), Or((b,)))), And((b, a))),
        )
    )


PAIRS = st.tuples(EXPRESSIONS, EXPRESSIONS) | st.tuples(*(trees(CONDITIONS, GROUPS, 2),) * 3).flatmap(
    lambda parts: _related(*parts)
)
ALL, NONE = Not(AgentIn(())), AgentIn(())
MOST = 6_000

# Expressions without open parts, about more attributes, larger, and with none put aside.
FOUR = st.sampled_from([Attribute("Language", name) for name in ("French", "Welsh", "Greek", "Norse")])
# User ids alone: a username that counts would be an open part.
USERS = tuple(f"{number}0000000-0000-4000-8000-000000000000" for number in (1, 2, 3))
BOUNDS = st.builds(AtLeast, FOUR, LEVELS) | st.builds(Between, FOUR, LEVELS, LEVELS)
LISTS_OF_USERS = st.lists(st.sampled_from(USERS), max_size=3).map(AgentIn)
PLAIN_LEAVES: SearchStrategy[Expr] = BOUNDS | BOUNDS | BOUNDS | LISTS_OF_USERS
PLAIN_GROUPS: tuple[Group[Expr], ...] = ((4, And), (4, Or), (1, _not))
PLAIN = st.builds(
    lambda group, parts: group(parts),
    st.sampled_from((And, Or)),
    st.lists(trees(PLAIN_LEAVES | PLAIN_LEAVES.map(Not), PLAIN_GROUPS, 4), min_size=2, max_size=4),
)


@frozen
class Meaning:
    """
    What open parts stand for; None leaves one open.

    Attributes:
        parts: Whether an opaque part holds, a mixed node is read as OR, a reference in a list is the agent.
        levels: The level of an attribute with a reference in it; NaN: not held.
    """

    parts: Mapping[Expr | str, bool | None]
    levels: Mapping[Attribute, float | None]
    username_counts: bool


NOTHING_OPEN = Meaning({}, {}, username_counts=False)


@frozen
class Kind:
    """An agent, what open parts stand for, and how far from simple both are."""

    agent: Agent
    meaning: Meaning
    cost: tuple[float, ...]


def _fixed(expression: Expr, meaning: Meaning, agent: Agent) -> Expr:
    """Put what it stands for in the place of every open part, so that `evaluate` can tell."""
    match expression:
        case AtLeast(attribute, low):
            return _fixed_level(expression, low, 99.0, meaning.levels.get(attribute))
        case Between(attribute, low, high):
            return _fixed_level(expression, low, high, meaning.levels.get(attribute))
        case AgentIn():
            return AgentIn(_fixed_id(user_id(text), meaning, agent) for text in expression.agent_ids)
        case Opaque():
            holds = meaning.parts[expression]
            return expression if holds is None else ALL if holds else NONE
        case Not(operand):
            return Not(_fixed(operand, meaning, agent))
        case And(operands):
            return And(_fixed(operand, meaning, agent) for operand in operands)
        case Or(operands):
            return Or(_fixed(operand, meaning, agent) for operand in operands)
        case Mixed(operands):
            reading = meaning.parts[expression]
            node = Mixed if reading is None else Or if reading else And
            return node(_fixed(operand, meaning, agent) for operand in operands)
        case _:
            assert_never(expression)


def _fixed_level(expression: Expr, low: float, high: float, level: float | None) -> Expr:
    if level is None:
        return expression
    return ALL if low <= level <= high else NONE


def _fixed_id(text: str, meaning: Meaning, agent: Agent) -> str:
    if is_reference(text):
        stands = meaning.parts[text]
        return text if stands is None else agent.id if stands else "nobody at all"
    return agent.id if meaning.username_counts and text == agent.username else text


def _leaves(expression: Expr) -> list[Expr]:
    """Give the conditions, and every mixed node too: its reading is one more thing that is open."""
    return [part for part, _, _ in parts(expression) if isinstance(part, Mixed) or not operands_of(part)]


def _levels(conditions: list[AtLeast | Between]) -> list[float]:
    """Give a level of every kind by what `evaluate` says of it, the simplest of each; NaN: not held."""
    bounds = {
        level for c in conditions for level in ((c.level,) if isinstance(c, AtLeast) else (c.low, c.high))
    }
    points = sorted({1.0, 2.0, 3.0, 4.0, 5.0} | {level for level in bounds if 1 <= level <= 5})
    fine = sorted({*points, *((low + high) / 2 for low, high in pairwise(points))})
    kinds: dict[tuple[bool, ...], float] = {}
    for level in (nan, *sorted(fine, key=lambda level: (not level.is_integer(), level))):
        said = tuple(_holds(condition, level) for condition in conditions)
        kinds.setdefault(said, level)
    return list(kinds.values())


def _holds(condition: AtLeast | Between, level: float) -> bool:
    plain = Attribute("plain", "plain")
    agent = Agent(id="x", proficiencies={} if isnan(level) else {plain: level})
    match condition:
        case AtLeast(_, low):
            return evaluate(AtLeast(plain, low), agent).verdict is Verdict.MATCH
        case Between(_, low, high):
            return evaluate(Between(plain, low, high), agent).verdict is Verdict.MATCH


def _who(listed: list[str]) -> list[tuple[str, str, bool]]:
    """Give ids, usernames, and whether the username counts."""
    ids = [text for text in dict.fromkeys(listed) if not is_reference(text)]
    names = [text for text in ids if not is_user_id(text)]
    users = [text for text in ids if is_user_id(text)]
    # Where a user id is listed everybody has one, and a name that is listed is a username.
    nobody = "ffffffff-0000-4000-8000-000000000000" if users else "unlisted"
    plain = [(text, "unlisted", False) for text in (nobody, *(users or ids))]
    return [*plain, *((user, name, True) for user in (nobody, *users) for name in names)]


def _kinds(*expressions: Expr) -> list[Kind]:
    """Go through every kind of agent that *expressions* tell apart, and all that may be open, open or not."""
    leaves = [leaf for expression in expressions for leaf in _leaves(expression)]
    about: dict[Attribute, list[AtLeast | Between]] = {}
    listed: list[str] = []
    parts: dict[Expr | str, None] = {}
    for leaf in leaves:
        match leaf:
            case AtLeast(attribute) | Between(attribute):
                about.setdefault(attribute, []).append(leaf)
            case AgentIn(agent_ids):
                listed += map(user_id, agent_ids)
            case _:
                parts.setdefault(leaf)
    parts |= dict.fromkeys(text for text in listed if is_reference(text))
    skills = {a: cs for a, cs in about.items() if not is_reference(a.name) and not is_reference(a.value)}
    references = {a: cs for a, cs in about.items() if a not in skills}
    levels = list(product(*map(_levels, skills.values())))
    who = _who(listed)
    holding = list(product((None, True, False), repeat=len(parts)))
    referred = list(product(*((None, *_levels(cs)) for cs in references.values())))
    assume(len(levels) * len(who) * len(holding) * len(referred) <= MOST)
    meanings = [
        Meaning(dict(zip(parts, holds, strict=True)), dict(zip(references, refers, strict=True)), counts)
        for holds in holding
        for refers in referred
        for counts in (False, True)
    ]
    return [
        _kind(skills, held, named, meaning)
        for held in levels
        for named in who
        for meaning in meanings
        if meaning.username_counts is named[2]
    ]


def _kind(
    skills: Iterable[Attribute], levels: tuple[float, ...], who: tuple[str, str, bool], meaning: Meaning
) -> Kind:
    held = {a: level for a, level in zip(skills, levels, strict=True) if not isnan(level)}
    agent = Agent(id=who[0], username=who[1], proficiencies=held)
    fixed = (*meaning.parts.values(), *meaning.levels.values())
    assumed = sum(value is not None for value in fixed) + meaning.username_counts
    return Kind(agent, meaning, (_fractional(held), assumed, len(held), sum(held.values()), _named(agent)))


def _fractional(held: Mapping[Attribute, float]) -> int:
    return sum(not level.is_integer() for level in held.values())


def _named(agent: Agent) -> int:
    return sum(text in {*IDS, *USERS} for text in (agent.id, agent.username))


def _among(kinds: list[Kind], accepted: list[Expr], refused: list[Expr]) -> Kind | None:
    """Find the simplest of *kinds* that some expressions accept and some refuse."""
    wanted = [(e, Verdict.MATCH) for e in accepted] + [(e, Verdict.NO_MATCH) for e in refused]
    for kind in sorted(kinds, key=lambda kind: kind.cost):
        if all(evaluate(_fixed(e, kind.meaning, kind.agent), kind.agent).verdict is v for e, v in wanted):
            return kind
    return None


def _substituted(expression: Expr, assuming: Mapping[Expr, bool]) -> Expr:
    if expression in assuming:
        return ALL if assuming[expression] else NONE
    match expression:
        case Not(operand):
            return Not(_substituted(operand, assuming))
        case And(operands):
            return And(_substituted(operand, assuming) for operand in operands)
        case Or(operands):
            return Or(_substituted(operand, assuming) for operand in operands)
        case Mixed(operands):
            return Mixed(_substituted(operand, assuming) for operand in operands)
        case _:
            return expression


def _check(
    found: Counterexample | None, best: Kind | None, accepted: list[Expr], refused: list[Expr]
) -> None:
    """Hold *found* against the best of brute force, and let `evaluate` say that it is one."""
    assert (found is None) is (best is None)
    if found is None or best is None:
        return
    held = found.agent.proficiencies or {}
    fractional, assumed, *others = best.cost
    assert (_fractional(held), len(held), sum(held.values()), _named(found.agent)) == (fractional, *others)
    assert found.is_fractional is (fractional > 0)
    assert (len(found.assuming) > 0) is (assumed > 0)
    assert found.is_smallest
    for expressions, verdict in ((accepted, Verdict.MATCH), (refused, Verdict.NO_MATCH)):
        for expression in expressions:
            assert evaluate(_substituted(expression, found.assuming), found.agent).verdict is verdict
    for part in found.assuming:
        assert evaluate(part, found.agent).verdict is Verdict.UNKNOWN


@given(PAIRS)
def test_a_counterexample_is_the_simplest_that_brute_force_finds(pair: tuple[Expr, Expr]) -> None:
    """There is one if any kind of agent is one, it is a simplest one, and `evaluate` confirms it."""
    a, b = pair
    best = _among(_kinds(a, b), [a], [b])

    _check(counterexample(a, b), best, [a], [b])
    assert implies(a, b) is (best is None)


@given(EXPRESSIONS)
def test_a_witness_is_the_simplest_that_brute_force_finds(expression: Expr) -> None:
    """There is one if any kind of agent is accepted, it is a simplest one, and `evaluate` confirms it."""
    best = _among(_kinds(expression), [expression], [])

    _check(witness(expression), best, [expression], [])
    assert satisfiable(expression) is (best is not None)


@given(PAIRS)
def test_yes_and_no_agree_with_brute_force(pair: tuple[Expr, Expr]) -> None:
    """Equivalence and disjointness are what no kind of agent contradicts."""
    a, b = pair
    kinds = _kinds(a, b)

    assert disjoint(a, b) is (_among(kinds, [a, b], []) is None)
    assert equivalent(a, b) is (_among(kinds, [a], [b]) is None and _among(kinds, [b], [a]) is None)


class Everybody:
    """Every kind of agent that plain expressions tell apart: one bit of an integer for each."""

    def __init__(self, *expressions: Expr) -> None:
        conditions = dict.fromkeys(leaf for expression in expressions for leaf in _leaves(expression))
        about: dict[Attribute, list[AtLeast | Between]] = {}
        for condition in conditions:
            if isinstance(condition, AtLeast | Between):
                about.setdefault(condition.attribute, []).append(condition)
        self.axes: dict[Attribute | None, list[Agent]] = {
            None: [Agent(id=user, username="unlisted", proficiencies={}) for user in ("unlisted", *USERS)]
        }
        for attribute, its in about.items():
            self.axes[attribute] = [
                Agent(id="unlisted", proficiencies={} if isnan(level) else {attribute: level})
                for level in _levels(its)
            ]
        self.size = prod(map(len, self.axes.values()))
        self.all = (1 << self.size) - 1
        self._those = {condition: self._satisfying(condition) for condition in conditions}
        costs = [[_cost(agent) for agent in agents] for agents in self.axes.values()]
        totals = [tuple(map(sum, zip(*kind, strict=True))) for kind in product(*costs)]
        self._order = sorted(range(self.size), key=totals.__getitem__)

    def _satisfying(self, condition: Expr) -> int:
        """Ask `evaluate` of each agent along the one axis that a condition is about."""
        axis = condition.attribute if isinstance(condition, AtLeast | Between) else None
        stride, those = self.size, 0
        for attribute, agents in self.axes.items():
            period, stride = stride, stride // len(agents)
            if attribute == axis:
                held = [evaluate(condition, agent).verdict is Verdict.MATCH for agent in agents]
                block = sum(
                    ((1 << stride) - 1) << (stride * place) for place, holds in enumerate(held) if holds
                )
                those = block * (self.all // ((1 << period) - 1))
        return those

    def accepted(self, expression: Expr) -> int:
        """Give those who satisfy an expression."""
        match expression:
            case Not(operand):
                return self.all & ~self.accepted(operand)
            case And(operands):
                return reduce(and_, map(self.accepted, operands))
            case Or(operands):
                return reduce(or_, map(self.accepted, operands))
            case _:
                return self._those[expression]

    def simplest(self, those: int) -> Kind | None:
        """Give the simplest of some; None where there is nobody."""
        for number in self._order if those else ():
            if those >> number & 1:
                return self._kind(number)
        return None

    def _kind(self, number: int) -> Kind:
        who, *others = next(islice(product(*self.axes.values()), number, None))
        held = {a: level for agent in others for a, level in (agent.proficiencies or {}).items()}
        agent = evolve(who, proficiencies=held)
        return Kind(agent, NOTHING_OPEN, _cost(agent))


def _cost(agent: Agent) -> tuple[float, ...]:
    held = agent.proficiencies or {}
    return (_fractional(held), 0, len(held), sum(held.values()), _named(agent))


@given(PLAIN, PLAIN, PLAIN)
def test_of_four_attributes_the_answers_are_those_of_every_kind_of_agent(a: Expr, b: Expr, c: Expr) -> None:
    """Whatever is asked of plain expressions, going through everybody there can be answers the same."""
    everybody = Everybody(a, b, c)
    of = everybody.accepted
    pairs = ((a, b), (And((a, b)), Or((c, And((a, c))))), (And((a, Or((b, c)))), Or((And((c, a)), b))))
    for old, new in pairs:
        better = everybody.simplest(of(old) & ~of(new))
        _check(counterexample(old, new), better, [old], [new])
        assert implies(old, new) is (better is None)
        assert equivalent(old, new) is (of(old) == of(new))
        assert disjoint(old, new) is (of(old) & of(new) == 0)
        _check(witness(old), everybody.simplest(of(old)), [old], [])
    seen = [0, of(a), of(a) | of(b)]
    useless = [number for number, step in enumerate((a, b, c), 1) if of(step) & ~seen[number - 1] == 0]
    assert list(admits_nobody_new((a, b, c))) == useless


@given(st.lists(EXPRESSIONS, min_size=1, max_size=4))
def test_a_step_adds_nobody_if_it_implies_those_before(steps: list[Expr]) -> None:
    """A step adds nobody exactly where it implies the OR of all before it, or accepts nobody."""
    expected = [
        number
        for number, step in enumerate(steps, 1)
        if (implies(step, Or(steps[: number - 1])) if number > 1 else not satisfiable(step))
    ]

    assert list(admits_nobody_new(steps)) == expected


@given(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS)
def test_implication_is_an_order(a: Expr, b: Expr, c: Expr) -> None:
    """Every expression implies itself, and what it implies by way of another."""
    assert implies(a, a)
    if implies(a, b) and implies(b, c):
        assert implies(a, c)
    assert equivalent(a, b) is (implies(a, b) and implies(b, a))


@given(st.lists(EXPRESSIONS, min_size=1, max_size=3))
def test_and_implies_and_or_is_implied(operands: list[Expr]) -> None:
    """An AND implies each operand, each implies the OR, and NOT turns this round."""
    for operand in operands:
        assert implies(And(operands), operand)
        assert implies(operand, Or(operands))
        assert implies(Not(Or(operands)), Not(operand))
    assert equivalent(Not(And(operands)), Or(map(Not, operands)))
    assert equivalent(Not(Not(operands[0])), operands[0])
    assert disjoint(operands[0], Not(operands[0]))
