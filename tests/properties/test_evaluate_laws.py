"""Laws of evaluation: Kleene's logic, absence, levels, and what a trace is good for."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from records import settled
from routing_inspect.contact import Agent, is_user_id, user_id
from routing_inspect.evaluate import Trace, Verdict, evaluate, negate, reasons
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
    conditions,
)
from routing_inspect.places import leaves
from routing_inspect.strategies import agents, agents_for, attributes, expressions, levels

UNCLEAR = expressions(not_over_groups=True, unclear=True)
GROUPS = st.lists(UNCLEAR, min_size=1, max_size=4)
RANK = {Verdict.NO_MATCH: 0, Verdict.UNKNOWN: 1, Verdict.MATCH: 2}


def _verdict(expression: Expr, agent: Agent) -> Verdict:
    return evaluate(expression, agent).verdict


def _agent(data: st.DataObject, *of: Expr) -> Agent:
    return data.draw(agents_for(And(of)) | agents(), label="agent")


@given(st.data(), GROUPS)
def test_de_morgan_holds_for_both_groups(data: st.DataObject, operands: list[Expr]) -> None:
    """NOT over an AND is the OR of the NOTs, and the other way round, whatever is unknown."""
    agent = _agent(data, *operands)

    nots = [Not(operand) for operand in operands]

    assert _verdict(Not(And(operands)), agent) is _verdict(Or(nots), agent)
    assert _verdict(Not(Or(operands)), agent) is _verdict(And(nots), agent)


@given(st.data(), GROUPS)
def test_the_order_of_operands_changes_no_verdict(data: st.DataObject, operands: list[Expr]) -> None:
    """AND and OR are about a set of operands; their order is the author's alone."""
    agent = _agent(data, *operands)

    shuffled = data.draw(st.permutations(operands))

    assert _verdict(And(operands), agent) is _verdict(And(shuffled), agent)
    assert _verdict(Or(operands), agent) is _verdict(Or(shuffled), agent)


@given(st.data(), UNCLEAR)
def test_two_nots_cancel(data: st.DataObject, expression: Expr) -> None:
    """A NOT of a NOT says what the expression says, and a NOT never says the same."""
    agent = _agent(data, expression)

    verdict = _verdict(expression, agent)

    assert _verdict(Not(Not(expression)), agent) is verdict
    assert _verdict(Not(expression), agent) is negate(verdict)


@given(st.data(), GROUPS)
def test_and_narrows_and_or_widens(data: st.DataObject, operands: list[Expr]) -> None:
    """No operand of an AND says less yes than the AND, and none of an OR says more than the OR."""
    agent = _agent(data, *operands)

    ranks = [RANK[_verdict(operand, agent)] for operand in operands]

    assert RANK[_verdict(And(operands), agent)] == min(ranks)
    assert RANK[_verdict(Or(operands), agent)] == max(ranks)


@given(st.data(), st.lists(expressions(), min_size=2, max_size=4))
def test_a_mixed_node_lies_between_its_two_readings(data: st.DataObject, operands: list[Expr]) -> None:
    """A mixed node says what AND and OR of its members both say, and is unknown where they differ."""
    agent = _agent(data, *operands)

    both = {_verdict(And(operands), agent), _verdict(Or(operands), agent)}

    assert _verdict(Mixed(operands), agent) is (both.pop() if len(both) == 1 else Verdict.UNKNOWN)


@given(attributes(), levels(), levels(), agents())
def test_an_agent_without_the_attribute_satisfies_its_not(
    attribute: Attribute, low: float, high: float, agent: Agent
) -> None:
    """No bound is met by an attribute that is not held, so every negated bound is."""
    held = {a: level for a, level in (agent.proficiencies or {}).items() if a != attribute}
    without = evolve(agent, proficiencies=held)

    for condition in (AtLeast(attribute, low), Between(attribute, low, high)):
        assert _verdict(condition, without) is Verdict.NO_MATCH
        assert _verdict(Not(condition), without) is Verdict.MATCH


@given(st.data(), expressions(allow_not=False))
def test_more_skill_never_loses_a_match_without_upper_ends(data: st.DataObject, expression: Expr) -> None:
    """Where nothing is negated and no range ends, a higher level loses no agent a match."""
    open_ended = _without_upper_ends(expression)
    agent = data.draw(agents_for(open_ended).filter(lambda agent: agent.proficiencies is not None))
    raised = {a: level + data.draw(levels()) for a, level in (agent.proficiencies or {}).items()}

    better = evolve(agent, proficiencies=raised)

    assert RANK[_verdict(open_ended, better)] >= RANK[_verdict(open_ended, agent)]


def _without_upper_ends(expression: Expr) -> Expr:
    match expression:
        case Between(attribute, low, _):
            return AtLeast(attribute, low)
        case And(operands):
            return And(_without_upper_ends(operand) for operand in operands)
        case Or(operands):
            return Or(_without_upper_ends(operand) for operand in operands)
        case _:
            return expression


@given(st.data(), UNCLEAR)
def test_unknown_proficiencies_only_take_knowledge_away(data: st.DataObject, expression: Expr) -> None:
    """What is told of an agent of whom nothing is known holds for that agent with any skills."""
    agent = _agent(data, expression)

    blind = _verdict(expression, evolve(agent, proficiencies=None))

    assert blind in {Verdict.UNKNOWN, _verdict(expression, agent)}


@given(st.data(), UNCLEAR)
def test_a_trace_has_the_shape_of_its_expression(data: st.DataObject, expression: Expr) -> None:
    """Every operand has a trace, in order, also where the verdict was settled before it."""
    _same_shape(evaluate(expression, _agent(data, expression)), expression)


def _same_shape(trace: Trace, expression: Expr) -> None:
    assert trace.expression == expression
    match expression:
        case Not(operand):
            operands: tuple[Expr, ...] = (operand,)
        case And(operands) | Or(operands) | Mixed(operands):
            pass
        case _:
            operands = ()
    for below, operand in zip(trace.operands, operands, strict=True):
        _same_shape(below, operand)


@given(st.data(), UNCLEAR)
def test_a_trace_explains_itself(data: st.DataObject, expression: Expr) -> None:
    """A condition that cannot be told says why, and one that misses a bound says by how much."""
    for leaf in _leaves(evaluate(expression, _agent(data, expression))):
        assert (leaf.unknown_because is not None) is (leaf.verdict is Verdict.UNKNOWN)
        if leaf.verdict is not Verdict.NO_MATCH:
            assert leaf.short_by is None


def _leaves(trace: Trace) -> list[Trace]:
    return [leaf for below in trace.operands for leaf in _leaves(below)] if trace.operands else [trace]


@given(st.data(), UNCLEAR)
def test_the_reasons_keep_the_verdict(data: st.DataObject, expression: Expr) -> None:
    """What is left of a trace once all else is cut off settles the same verdict."""
    trace = evaluate(expression, _agent(data, expression))

    kept = reasons(trace)

    assert kept.verdict is trace.verdict
    assert _settled(kept) is trace.verdict


def _settled(trace: Trace) -> Verdict:
    return settled(trace, [_settled(operand) for operand in trace.operands])


def _lists(expression: Expr) -> list[AgentIn]:
    return [leaf for leaf, _, _ in leaves(expression) if isinstance(leaf, AgentIn)]


@given(st.data(), expressions(not_over_groups=True))
def test_what_is_clear_is_never_unknown(data: st.DataObject, expression: Expr) -> None:
    """Of an agent whose skills are known, only ids of another kind than the listed ones leave it open."""
    agent = data.draw(agents_for(expression).filter(lambda agent: agent.proficiencies is not None))
    listed = {user_id(text) for leaf in _lists(expression) for text in leaf.agent_ids}
    is_known = len({is_user_id(text) for text in (agent.id, *listed)}) == 1

    verdict = _verdict(expression, evolve(agent, username=None))

    assert verdict is not Verdict.UNKNOWN or not is_known
    assert not any(isinstance(condition, Opaque) for condition in conditions(expression))
