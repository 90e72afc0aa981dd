"""Findings on whom an expression lets in, and whom one step lets in beside another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import Final

from attrs import evolve

from routing_inspect.analysis import (
    Counterexample,
    counterexample,
    disjoint,
    implies,
    satisfiable,
    told_apart,
)
from routing_inspect.contact import Agent, Criteria, Step, user_id
from routing_inspect.errors import AnalysisLimit, NestingError
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Expr, Mixed, Not, Or, operands_of
from routing_inspect.findings import Finding
from routing_inspect.limits import RING
from routing_inspect.names import fold, near_miss_key
from routing_inspect.places import Place, asked_attributes, below, found, leaves
from routing_inspect.text import attribute_text, duration_text, level_text, parse, unparse
from routing_inspect.visible import visible

# Of how many operands of one AND or OR each is held beside all others: at a hundred that takes a second.
_OPERANDS: Final = 64
_NO_TIME: Final = timedelta(0)
_SHUTS_NOBODY_OUT: Final = "take it out as a whole: it excludes nobody"

# An agent of whom every condition is known, and who satisfies none.
_NEWCOMER: Final = Agent(id="newcomer", username="newcomer", proficiencies={})


def criteria_reach_findings(
    criteria: Criteria, *, max_wait: timedelta | None = None, required: Collection[str] = ()
) -> Iterator[Finding]:
    """
    Find what is odd about whom the steps let in, and when.

    Args:
        criteria: Its steps, in order.
        max_wait: How long it may take until the step that never expires starts, or all have expired;
            None: any time.
        required: What whoever takes the contact has to have: names of attributes, or expressions.

    Raises:
        CriteriaSyntaxError: One of *required* has parentheses, and is no expression.
    """
    steps = criteria.steps
    apart, starting = told_apart(step.expression for step in steps), _starting(criteria)
    for number, step in enumerate(steps, 1):
        place, part = Place(number), Place(number, ())
        yield from _asked(partial(_reach, step.expression, part, is_last=number == len(steps)), part)
        if 1 < number <= starting:
            before, this = (evolve(steps[i], expression=apart[i]) for i in (number - 2, number - 1))
            yield from _asked(partial(_beside, before, this, place), place)
        yield from _timer_findings(step, place)
        yield from _asked(partial(_pinned_findings, step, place), place)
    yield from _wait_findings(criteria, max_wait)
    for name in dict.fromkeys(required):
        wanted = required_expression(name)
        yield from _asked(partial(_required, criteria, name, wanted), Place(len(steps) or None))


def _starting(criteria: Criteria) -> int:
    """Count the steps that can start: all up to the first that never expires."""
    timed = takewhile(lambda step: not step.never_expires, criteria.steps)
    return 1 + sum(1 for _ in timed)


def required_expression(required: str) -> Expr | None:
    """
    Read what is required: an expression, such as ``Language(French)``, or None for an attribute's name.

    Raises:
        CriteriaSyntaxError: It has parentheses, which no name has, and is no expression.
    """
    return parse(required) if "(" in required else None


def lets_somebody_in(expression: Expr) -> bool:
    """Say whether an expression lets in any agent there can be; of one too large to tell, that it does."""
    try:
        return satisfiable(expression)
    except AnalysisLimit:
        return True


def _asked(ask: Callable[[], Iterator[Finding]], place: Place) -> tuple[Finding, ...]:
    """Ask, and say so where the question is too large to be answered."""
    try:
        return tuple(ask())
    # Of the deepest expression there can be, the NOT is too deep to ask about.
    except (AnalysisLimit, NestingError) as error:
        what = "this part" if place.step is None else f"step {place.step}"
        message = f"whom {what} lets in was not worked out: {error.message}"
        return (found(place, "RI219", message, error.hint),)


def _reach(expression: Expr, place: Place, *, is_last: bool) -> Iterator[Finding]:
    """Find what is odd about whom one expression lets in: nobody, everybody, parts that change nothing."""
    if not satisfiable(expression):
        yield from _nobody(expression, place)
        return
    if not satisfiable(Not(expression)):
        message = f"{unparse(expression)}: every agent matches, whatever they hold"
        hint = "ask for what was meant"
        if is_last and place.step != 1:
            hint += (
                ", or take the step out: behind the last step anybody in the queue may take the contact, too"
            )
        yield found(place, "RI213", message, hint)
        return
    if evaluate(expression, _NEWCOMER).verdict is Verdict.MATCH:
        message = f"{unparse(expression)}: an agent who holds no attribute at all matches"
        yield found(place, "RI214", message, "add what the agent should hold, if that is not what was meant")
    yield from _parts(expression, place, negated=False)


def _nobody(expression: Expr, place: Place, *, negated: bool = False) -> Iterator[Finding]:
    """
    Find the smallest parts that nobody can satisfy; a condition by itself has a finding of its own.

    Where they are *negated*, they shut nobody out, and what can be taken out is the whole of one.
    """
    operands = operands_of(expression)
    match expression:
        case Or() | Mixed():
            hopeless = list(enumerate(operands))
        case And():
            hopeless = [(i, operand) for i, operand in enumerate(operands) if not satisfiable(operand)]
            if not hopeless:
                yield _contradiction(expression, place, negated=negated)
        case Not():
            message = f"{unparse(expression)}: nobody matches, since everybody satisfies what NOT excludes"
            yield found(place, "RI212", message, _SHUTS_NOBODY_OUT if negated else "narrow what NOT excludes")
            return
        case _:
            return
    for i, operand in hopeless:
        yield from _nobody(operand, below(place, i), negated=negated)


def _contradiction(expression: And, place: Place, *, negated: bool) -> Finding:
    """Say which two operands of an AND exclude each other, or that all of them together do."""
    operands = expression.operands
    hint = _SHUTS_NOBODY_OUT if negated else "take one of them out, or join them by OR"
    for i, one in enumerate(operands[:_OPERANDS]):
        for other in operands[i + 1 : _OPERANDS]:
            if disjoint(one, other):
                message = f"nobody matches: {unparse(one)} and {unparse(other)} exclude each other"
                return found(place, "RI212", message, hint)
    message = f"nobody matches: {unparse(expression)} cannot hold all at once"
    return found(place, "RI212", message, hint)


def _parts(expression: Expr, place: Place, *, negated: bool) -> Iterator[Finding]:
    """Go down to every AND and OR that can go either way, and find what changes nothing in it."""
    if not satisfiable(expression):
        return  # under a NOT: what cannot hold has no part that matters
    match expression:
        case And(operands) | Or(operands):
            alive = list[int]()
            for i, operand in enumerate(operands):
                if isinstance(expression, Or) and not satisfiable(operand):
                    yield from _nobody(operand, below(place, i), negated=negated)
                else:
                    alive.append(i)
            yield from _redundant(expression, alive, place)
        case Not():
            alive, negated = [0], not negated
        case _:
            return  # in a mixed node every member counts, since nobody knows how it is read
    for i in alive:
        yield from _parts(operands_of(expression)[i], below(place, i), negated=negated)


def _redundant(expression: And | Or, alive: Sequence[int], place: Place) -> Iterator[Finding]:
    """Find operands that the others make up for, the later of two that make up for each other."""
    if len(alive) > _OPERANDS:
        message = f"{len(alive)} parts are too many to look for one that changes nothing"
        yield found(place, "RI219", message, "split the expression over several steps")
        return
    operands, kept = expression.operands, list(alive)

    def causes(i: int) -> list[int]:
        return [j for j in kept if j != i and _makes_up(expression, [operands[j]], operands[i])]

    def is_idle(i: int) -> bool:
        rest = [operands[j] for j in kept if j != i]
        return bool(rest) and _makes_up(expression, rest, operands[i])

    idle = [i for i in reversed(alive) if is_idle(i)]
    told: dict[int, Finding] = {}
    # What one neighbour makes up for goes first: it is the plainer reason.
    for i in sorted(idle, key=lambda i: not causes(i)):
        if is_idle(i):
            because = causes(i)[:1] or [j for j in kept if j != i]
            told[i] = _idle(expression, i, because, below(place, i))
            kept.remove(i)
    for i in sorted(told):
        yield told[i]


def _makes_up(expression: And | Or, rest: Sequence[Expr], operand: Expr) -> bool:
    if isinstance(expression, And):
        return implies(And(rest), operand)
    return implies(operand, Or(rest))


def _idle(expression: And | Or, i: int, because: Sequence[int], place: Place) -> Finding:
    operands = expression.operands
    others = " and ".join(f"`{unparse(operands[j])}`" for j in because)
    if isinstance(expression, And):
        why = f"every agent who satisfies {others} satisfies it"
    else:
        why = f"it lets in nobody beside {others}"
    message = f"{unparse(operands[i])} changes nothing: {why}"
    return found(place, "RI215", message, "take it out, or ask for what was meant")


def _beside(before: Step, this: Step, place: Place) -> Iterator[Finding]:
    """
    Hold a step beside the one that runs before it.

    Not beside earlier ones: while a step runs the contact is offered to no agents but its own, so one
    that lets in those of an earlier step offers it to them anew.
    """
    number = place.step or 0
    if not (satisfiable(this.expression) and implies(this.expression, before.expression)):
        return  # one that lets in nobody has other findings
    lost = counterexample(before.expression, this.expression)
    if lost is not None:
        message = (
            f"step {number} is stricter than step {number - 1}: it wins nobody, "
            f"and {_lost(lost, before.expression)}"
        )
        hint = (
            f"{_longer(before, this, number)}; or put it first, if its agents should have the contact first"
        )
        yield found(place, "RI304", message, hint)
    elif this.expires_after is None:
        message = f"step {number} lets in the same agents as step {number - 1}, and never expires"
        yield found(place, "RI302", message, f"{_longer(before, this, number)}, or widen it")
    else:
        message = (
            f"step {number} lets in the same agents as step {number - 1}, "
            f"so it is {duration_text(this.expires_after)} of waiting for nobody new"
        )
        yield found(place, "RI302", message, f"{_longer(before, this, number)}, or widen it")


def _longer(before: Step, this: Step, number: int) -> str:
    """Say how the step before a step does for both: then it lets nobody in later, nor those behind them."""
    if this.expires_after is None:
        return f"let step {number - 1} never expire in its place"
    try:
        both = max(before.expires_after or _NO_TIME, _NO_TIME) + max(this.expires_after, _NO_TIME)
    except OverflowError:
        return f"let step {number - 1} last as long as both in its place"
    return f"let step {number - 1} last {duration_text(both)} in its place"


def _lost(example: Counterexample, before: Expr) -> str:
    """Say whom a stricter step shuts out, by an example."""
    skills = ", ".join(
        f"{attribute_text(a)} {level_text(level)}" for a, level in (example.agent.proficiencies or {}).items()
    )
    if skills:
        return f"shuts out, for example, an agent with {skills}"
    if example.agent.id in map(user_id, _listed(before)):
        return f"shuts out {visible(example.agent.id)}"
    return "shuts out agents who hold nothing"


def _listed(expression: Expr) -> list[str]:
    """Give the preferred agents of an expression."""
    return [
        agent_id
        for condition, _, negated in leaves(expression)
        if isinstance(condition, AgentIn) and not negated
        for agent_id in condition.agent_ids
    ]


def _timer_findings(step: Step, place: Place) -> Iterator[Finding]:
    after = step.expires_after
    if after is not None and timedelta(seconds=1) <= after < RING:
        message = (
            f"step {place.step} expires after {duration_text(after)}, and agents have "
            f"{duration_text(RING)} to accept: a missed call takes all of it"
        )
        hint = "40 seconds or more leave time for a second agent, at the cost of whoever comes later"
        yield found(place, "RI309", message, hint)


def _pinned_findings(step: Step, place: Place) -> Iterator[Finding]:
    """Find a step that waits for named agents and for nobody else, for good."""
    listed = _listed(step.expression)
    if step.never_expires and listed and implies(step.expression, AgentIn(listed)):
        message = (
            f"step {place.step} never expires and lets in preferred agents alone, "
            "so the contact waits for them even while they are offline"
        )
        yield found(place, "RI305", message, "give the step an expiry")


def _wait_findings(criteria: Criteria, max_wait: timedelta | None) -> Iterator[Finding]:
    timers = list(takewhile(lambda after: after is not None, (step.expires_after for step in criteria.steps)))
    if max_wait is None or not criteria.steps:
        return
    total = sum((after for after in timers if after is not None), timedelta(0))
    if total > max_wait:
        number = len(timers) + 1
        then = "anybody in the queue may take it" if number > len(criteria.steps) else f"step {number} starts"
        message = f"it takes {duration_text(total)} until {then}, where {duration_text(max_wait)} are allowed"
        yield found(Place(None), "RI306", message, "shorten the steps")


def _required(criteria: Criteria, name: str, wanted: Expr | None) -> Iterator[Finding]:
    """Find where the contact may go to an agent who has not got what whoever takes it must have."""
    if not criteria.steps:
        return  # nobody is asked for anything, and another finding says so
    asked = sorted({a for step in criteria.steps for a in asked_attributes(step.expression)})
    near = _misspelt(asked, name, wanted)
    if near is not None:
        yield near
    values = [AtLeast(attribute, 1) for attribute in asked if attribute.name == name]
    held = wanted or (Or(values) if values else AgentIn(()))
    numbered = [(number, step.expression) for number, step in enumerate(criteria.steps, 1)]
    lacking = [number for number, expression in numbered if not implies(expression, held)]
    asking = [number for number, expression in numbered if number not in lacking and satisfiable(expression)]
    if lacking and not asking:
        if near is None:
            message = f"`{visible(name)}` is required, and no step asks it of everybody whom it lets in"
            yield found(Place(None), "RI310", message, "ask for it in every step, or do not require it here")
        return
    whom = f"without `{visible(name)}`" if wanted is None else f"who do not satisfy `{visible(name)}`"
    for number in lacking:
        message = f"step {number} lets in agents {whom}, which step {asking[0]} asks for"
        yield found(Place(number), "RI310", message, f"ask for `{visible(name)}` in step {number} too")
    if all(step.expires_after is not None for step in criteria.steps):
        last = len(criteria.steps)
        message = (
            f"once step {last} has expired the contact may go to anybody in the queue, also to agents {whom}"
        )
        hint = "let the last step never expire, or use a queue of its own"
        yield found(Place(last), "RI307", message, hint)


def _misspelt(asked: Sequence[Attribute], name: str, wanted: Expr | None) -> Finding | None:
    """Find what is asked for where all but what is required is meant: names that are nearly the same."""
    if wanted is None:
        pairs = [(name, a.name) for a in asked if fold(a.name) == fold(name)]
    else:
        keys = [(attribute, near_miss_key(attribute)) for attribute in asked_attributes(wanted)]
        pairs = [
            (attribute_text(r), attribute_text(a))
            for r, key in keys
            for a in asked
            if near_miss_key(a) == key
        ]
    present = {required for required, written in pairs if required == written}
    for required, written in pairs:
        if required not in present:
            message = f"`{visible(required)}` is required, and `{visible(written)}` is asked for"
            return found(Place(None), "RI310", message, f"write `{visible(required)}`")
    return None
