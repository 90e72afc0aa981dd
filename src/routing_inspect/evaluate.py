"""
The reference semantics: does an agent satisfy an expression, and why.

Slow and obviously right; everything fast is tested against it.
Verdicts follow Kleene's strong three-valued logic: unknown is never folded into no.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import assert_never

from attrs import evolve, frozen

from routing_inspect.arguments import require
from routing_inspect.contact import Agent, is_user_id, user_id
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
)


class Verdict(Enum):
    """What is known of a question: yes, no, or that it cannot be told."""

    MATCH = "match"
    NO_MATCH = "no_match"
    UNKNOWN = "unknown"


@frozen
class Trace:
    """
    Why an expression has its verdict for one agent: a tree in the shape of the expression.

    Attributes:
        operands: One trace for each operand, also of those that could not change the verdict.
        found: The level the agent holds; None where the agent does not hold the attribute,
            where that is unknown, and for everything that is no level condition.
        short_by: Levels by which the agent misses a bound, an attribute not held counting as
            level 0; negative where the level is too high. None where no bound is missed.
        unknown_because: Why the verdict cannot be told; None where it can, and where the operands
            say why.
        told_by: Who says so, where the verdict was not found by looking at levels; see `Agent.told`.
            None: it was, or nobody is named.
    """

    expression: Expr
    verdict: Verdict
    operands: tuple[Trace, ...] = ()
    found: float | None = None
    short_by: float | None = None
    unknown_because: str | None = None
    told_by: str | None = None


def evaluate(expression: Expr, agent: Agent) -> Trace:
    """
    Say whether *agent* satisfies *expression*, and why.

    Every operand is evaluated, including those that cannot change the verdict.
    An attribute the agent does not hold has no level: it satisfies no bound, and so every
    negated one.

    Returns:
        A trace in the shape of *expression*. The verdict is UNKNOWN where it hangs on something
        that nobody can tell from the facts given.

    Raises:
        TypeError: One of the two is something else.
    """
    require("expression", expression, Expr)
    require("agent", agent, Agent)
    return _traced(expression, agent)


def _traced(expression: Expr, agent: Agent) -> Trace:
    if agent.told and agent.proficiencies is None and expression in agent.told:
        verdict = Verdict.MATCH if agent.told[expression] else Verdict.NO_MATCH
        return Trace(expression, verdict, told_by=agent.source)
    match expression:
        case AtLeast(attribute, level):
            return _bounded(expression, attribute, level, None, agent)
        case Between(attribute, low, high):
            return _bounded(expression, attribute, low, high, agent)
        case AgentIn():
            return _listed(expression, agent)
        case Opaque():
            reason = "this version does not understand the condition"
            return Trace(expression, Verdict.UNKNOWN, unknown_because=reason)
        case Not(operand):
            inner = _traced(operand, agent)
            return Trace(expression, negate(inner.verdict), (inner,))
        case And(operands):
            traces = [_traced(operand, agent) for operand in operands]
            return Trace(expression, every([t.verdict for t in traces]), tuple(traces))
        case Or(operands):
            traces = [_traced(operand, agent) for operand in operands]
            return Trace(expression, some([t.verdict for t in traces]), tuple(traces))
        case Mixed(operands):
            traces = [_traced(operand, agent) for operand in operands]
            return _both_readings(Trace(expression, Verdict.UNKNOWN, tuple(traces)))
        case _:
            assert_never(expression)


def negate(verdict: Verdict) -> Verdict:
    """Turn yes into no and no into yes; what cannot be told stays so."""
    if verdict is Verdict.UNKNOWN:
        return verdict
    return Verdict.NO_MATCH if verdict is Verdict.MATCH else Verdict.MATCH


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """AND: one no settles it; MATCH where there is nothing to ask."""
    return _first(Verdict.NO_MATCH, verdicts)


def some(verdicts: Iterable[Verdict]) -> Verdict:
    """OR: one yes settles it; NO_MATCH where there is nothing to ask."""
    return _first(Verdict.MATCH, verdicts)


def _first(settling: Verdict, verdicts: Iterable[Verdict]) -> Verdict:
    """Give what settles a question if it is among *verdicts*, else UNKNOWN if that is, else the opposite."""
    seen = tuple(verdicts)
    for verdict in (settling, Verdict.UNKNOWN):
        if verdict in seen:
            return verdict
    return negate(settling)


def reasons(trace: Trace) -> Trace:
    """
    Keep only the operands that decided the verdict.

    Where an AND fails these are the operands that fail; where it matches, all of them.
    A mixed node keeps all, since each has its part in whether the two readings agree.
    """
    if not trace.operands:
        return trace
    match trace.expression:
        case And() | Or():
            kept = [reasons(operand) for operand in trace.operands if operand.verdict is trace.verdict]
        case _:
            kept = [reasons(operand) for operand in trace.operands]
    # A level is found for a condition alone, which has no operands.
    return Trace(
        trace.expression,
        trace.verdict,
        tuple(kept),
        unknown_because=trace.unknown_because,
        told_by=trace.told_by,
    )


def _bounded(expression: Expr, attribute: Attribute, low: float, high: float | None, agent: Agent) -> Trace:
    if high is not None and low > high:
        # Nobody, whatever they hold.
        return Trace(expression, Verdict.NO_MATCH, found=(agent.proficiencies or {}).get(attribute))
    for text in (attribute.name, attribute.value):
        if is_reference(text):
            return Trace(
                expression, Verdict.UNKNOWN, unknown_because=f"the flow fills in `{text}` when it runs"
            )
    if agent.proficiencies is None:
        reason = f"the proficiencies of {agent.name} are not known"
        return Trace(expression, Verdict.UNKNOWN, unknown_because=reason)
    found = agent.proficiencies.get(attribute)
    if found is not None and found >= low and (high is None or found <= high):
        return Trace(expression, Verdict.MATCH, found=found)
    return Trace(expression, Verdict.NO_MATCH, found=found, short_by=_miss(found, low, high))


def _miss(found: float | None, low: float, high: float | None) -> float | None:
    if found is None:
        return max(low, 0.0)
    return low - found if high is None or found < low else high - found


def _listed(expression: AgentIn, agent: Agent) -> Trace:
    ids = [user_id(agent_id) for agent_id in expression.agent_ids]
    if agent.id in ids:
        return Trace(expression, Verdict.MATCH)
    if agent.username is not None and agent.username in ids:
        # The block's documentation speaks of "user ID or username", the API's of the user ID alone.
        reason = (
            f"it names {agent.username} by username: the service's documents disagree on whether that counts"
        )
        return Trace(expression, Verdict.UNKNOWN, unknown_because=reason)
    for agent_id in ids:
        if is_reference(agent_id):
            reason = f"the flow fills in `{agent_id}` when it runs"
        elif agent.username is None and is_user_id(agent.id) and not is_user_id(agent_id):
            reason = f"`{agent_id}` is no user id but may be the agent's username, which is not known"
        elif is_user_id(agent_id) and not is_user_id(agent.id):
            # A roster by name, such as a table of usernames: there the name is all that is known.
            reason = f"{agent_id} may be the user id of {agent.name}, which is not known"
        else:
            continue
        return Trace(expression, Verdict.UNKNOWN, unknown_because=reason)
    return Trace(expression, Verdict.NO_MATCH)


def _both_readings(trace: Trace) -> Trace:
    verdicts = [operand.verdict for operand in trace.operands]
    if every(verdicts) is some(verdicts):
        return evolve(trace, verdict=every(verdicts))
    reason = "several members stand side by side, and reading them as AND and as OR differs"
    return evolve(trace, unknown_because=reason)
