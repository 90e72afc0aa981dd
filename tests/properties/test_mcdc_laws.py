"""Laws of condition coverage: the search is exact, and what it proposes shows what it promises."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from routing_inspect.cases import read_cases
from routing_inspect.contact import Agent, Criteria, Step
from routing_inspect.evaluate import Verdict, evaluate, every, negate, some
from routing_inspect.expr import AgentIn, And, Attribute, Expr, Mixed, Not, Or, conditions
from routing_inspect.gaps import CriteriaCoverage, cover, totals
from routing_inspect.mcdc import decides, outcome, shown, things, vector
from routing_inspect.observed import FILE, Observations, listening, note_criteria, note_verdict
from routing_inspect.outcomes import check
from routing_inspect.render.conditions import proposed_files
from routing_inspect.strategies import agents_for, expressions
from routing_inspect.witnesses import pair, space

ATTRIBUTES = (Attribute("Language", "French"), Attribute("Technology", "AWS DynamoDB"))
# Edges are multiples of a half, so there is a level on and between any two of them here.
LEVELS = (None, *(1 + n / 4 for n in range(17)))
WHOLE = (None, 1.0, 2.0, 3.0, 4.0, 5.0)
IDS = ("user-1", "user-2", "39bc9666-4d3c-4558-b2ad-9bab4bd48568", "somebody else")

SMALL = expressions(
    attributes=st.sampled_from(ATTRIBUTES), not_over_groups=True, unclear=True, max_conditions=8
)


def _everybody(expression: Expr) -> list[tuple[Verdict, ...]]:
    """Give the verdicts of every agent there can be on every condition, each once."""
    terms = list(conditions(expression))
    seen = {}
    for agent_id, *levels in product(IDS, LEVELS, LEVELS):
        agent = _agent(agent_id, levels)
        seen[tuple(evaluate(term, agent).verdict for term in terms)] = agent
    return list(seen)


def _outcome(expression: Expr, verdicts: list[Verdict]) -> Verdict:
    """Settle an expression by the reference's own logic, taking verdicts off the list's front."""
    match expression:
        case And(operands) | Or(operands) | Mixed(operands):
            below = [_outcome(operand, verdicts) for operand in operands]
            if isinstance(expression, Mixed):
                return every(below) if every(below) is some(below) else Verdict.UNKNOWN
            return every(below) if isinstance(expression, And) else some(below)
        case Not(operand=And() | Or() | Mixed() | Not() as group):
            return negate(_outcome(group, verdicts))
        case _:
            return verdicts.pop(0)


def _turns(expression: Expr, verdicts: tuple[Verdict, ...], number: int) -> bool:
    """Say whether the outcome is a match for one verdict on a condition and no match for the other."""
    outcomes = {
        _outcome(expression, [*verdicts[:number], verdict, *verdicts[number + 1 :]])
        for verdict in (Verdict.MATCH, Verdict.NO_MATCH)
    }
    return outcomes == {Verdict.MATCH, Verdict.NO_MATCH}


def _can_be_shown(expression: Expr, everybody: list[tuple[Verdict, ...]], number: int) -> bool:
    about = things(expression)
    turning = [verdicts for verdicts in everybody if _turns(expression, verdicts, number)]
    return any(
        (one[number], two[number]) == (Verdict.MATCH, Verdict.NO_MATCH)
        and all(a is b for a, b, thing in zip(one, two, about, strict=True) if thing != about[number])
        for one in turning
        for two in turning
    )


@given(SMALL)
def test_the_search_agrees_with_trying_everybody(expression: Expr) -> None:
    """Two agents are found exactly where two of all agents there can be show it."""
    everybody = _everybody(expression)
    within = space(expression)

    for number in range(len(things(expression))):
        assert (pair(within, number) is not None) is _can_be_shown(expression, everybody, number)


@given(SMALL)
def test_a_pair_shows_what_it_is_found_for(expression: Expr) -> None:
    """The agents made of a pair have the verdicts they are said to have, and show the condition."""
    within = space(expression)

    for number in range(len(things(expression))):
        found = pair(within, number)
        if found is not None:
            made = [within.agent(choices, set(), lambda: "new") for choices in found]
            vectors = [vector(expression, agent) for agent in made]
            assert vectors == [within.vector(choices) for choices in found]
            assert shown(expression, number, vectors) == tuple(vectors)
            assert {evaluate(expression, agent).verdict for agent in made} == {
                Verdict.MATCH,
                Verdict.NO_MATCH,
            }


@given(SMALL)
def test_no_two_agents_are_smaller_than_a_pair(expression: Expr) -> None:
    """Where whole levels will do, none of all pairs that show a condition holds less."""
    within = space(expression)
    assume(all((c.level or 1.0).is_integer() for choices in within.choices.values() for c in choices))
    about = things(expression)
    agents = [
        (vector(expression, agent), _cost(agent))
        for agent_id, *levels in product(IDS, WHOLE, WHOLE)
        for agent in [_agent(agent_id, levels)]
    ]

    for number, thing in enumerate(about):
        found = pair(within, number)
        sides: dict[tuple[int, ...], dict[int, tuple[int, float]]] = {}
        for numbers, cost in agents:
            if decides(expression, numbers, number):
                others = tuple(n for n, other in zip(numbers, about, strict=True) if other != thing)
                best = sides.setdefault(others, {})
                best[numbers[number]] = min(cost, best.get(numbers[number], cost))
        costs = [
            (both[1][0] + both[-1][0], both[1][1] + both[-1][1])
            for both in sides.values()
            if {1, -1} <= set(both)
        ]
        made = () if found is None else (within.agent(choices, set(), lambda: "new") for choices in found)
        held, levels = zip(*map(_cost, made), strict=True) if found is not None else ((), ())
        assert (sum(held), sum(levels)) == min(costs, default=(0, 0))


def _agent(agent_id: str, levels: Sequence[float | None]) -> Agent:
    held = {a: level for a, level in zip(ATTRIBUTES, levels, strict=True) if level is not None}
    return Agent(id=agent_id, proficiencies=held)


def _cost(agent: Agent) -> tuple[int, float]:
    held = (agent.proficiencies or {}).values()
    return len(held), sum(held)


@given(st.data(), expressions(not_over_groups=True, unclear=True))
def test_the_outcome_of_a_vector_is_the_verdict(data: st.DataObject, expression: Expr) -> None:
    """What the conditions say of an agent settles what the reference says of the agent."""
    agent = data.draw(agents_for(expression))

    assert outcome(expression, vector(expression, agent)) is evaluate(expression, agent).verdict


@given(st.data(), expressions(not_over_groups=True, unclear=True))
def test_a_condition_that_decides_is_known_to_be_turned(data: st.DataObject, expression: Expr) -> None:
    """`decides` says yes exactly where the reference's logic gives a match one way and none the other."""
    verdicts = tuple(evaluate(c, data.draw(agents_for(expression))).verdict for c in conditions(expression))
    numbers = {Verdict.MATCH: 1, Verdict.UNKNOWN: 0, Verdict.NO_MATCH: -1}

    for number in range(len(verdicts)):
        found = decides(expression, tuple(numbers[v] for v in verdicts), number)
        assert (found is True) is _turns(expression, verdicts, number)


@given(st.data(), st.lists(SMALL, min_size=1, max_size=2))
def test_the_proposed_file_closes_every_gap_that_can_be_closed(
    data: st.DataObject, steps: list[Expr]
) -> None:
    """Whatever tests state already: with the file beside them, as it is, nothing possible is missing."""
    criteria = Criteria(map(Step, steps))
    present = data.draw(st.lists(agents_for(And(steps)), max_size=3, unique_by=lambda agent: agent.id))
    observations = _stated(criteria, dict.fromkeys(data.draw(st.sets(st.integers(0, 1))), present), present)

    (before,) = cover(observations)
    observations.merge(_run(before).dump())
    (after,) = cover(observations)

    counted = totals([after])
    assert counted.alone == counted.possible == totals([before]).possible
    assert all(step.proposals == () for step in after.steps)


def _run(before: CriteriaCoverage) -> Observations:
    """Run the case file that is proposed; every case in it has to hold."""
    (file,) = proposed_files([evolve(before, is_file=False)])
    with listening() as observations, TemporaryDirectory() as folder:
        if file is not None:
            path = Path(folder) / "test_gaps.routing.yaml"
            path.write_text(file.text, encoding="utf-8")
            assert [check(case) for case in read_cases(path, tree=Path(folder)).cases if check(case)] == []
    return observations


def _stated(
    criteria: Criteria, agents_by_step: dict[int, list[Agent]], around: list[Agent] | tuple[()]
) -> Observations:
    with listening() as observations:
        note_criteria(criteria, around, FILE, "desk")
        for number, agents in agents_by_step.items():
            for agent in agents if number < len(criteria.steps) else ():
                note_verdict(criteria.steps[number].expression, agent)
    return observations


@given(SMALL)
def test_a_list_of_agents_never_tells_more_than_its_ids(expression: Expr) -> None:
    """Every choice of who the agent is has an id of the expression, or stands for everybody else."""
    for choice in space(expression).choices.get(AgentIn, ()):
        assert set(choice.ids) <= set(IDS)
