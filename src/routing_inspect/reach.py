"""Findings on whom an expression lets in, and whom one step lets in beside another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import Final

from routing_inspect.analysis import Counterexample, counterexample, disjoint, implies, satisfiable
from routing_inspect.contact import Agent, Criteria, Step, user_id
from routing_inspect.errors import AnalysisLimit, NestingError
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.expr import AgentIn, And, AtLeast, Expr, Mixed, Not, Or
from routing_inspect.findings import Finding
from routing_inspect.limits import RING
from routing_inspect.names import fold
from routing_inspect.places import Place, asked_attributes, below, found, leaves, operands_of
from routing_inspect.text import attribute_text, duration_text, level_text, unparse
from routing_inspect.visible import visible

# Of how many operands of one AND or OR each is held beside all others: at a hundred that takes a second.
_OPERANDS: Final = 64
# How many steps are held beside all those before them: at this many that takes a second.
_STEPS: Final = 256

# An agent of whom every condition is known, and who satisfies none.
_NEWCOMER: Final = Agent(id="newcomer", username="newcomer", proficiencies={})


def _expression_findings(expression: Expr, place: Place) -> Iterator[Finding]:
    """Find what is odd about whom one expression lets in: nobody, everybody, parts that change nothing."""
    yield from _asked(partial(_reach, expression, place), place)


def criteria_reach_findings(
    criteria: Criteria, *, max_wait: timedelta | None = None, required: Collection[str] = ()
) -> Iterator[Finding]:
    """
    Find what is odd about whom one step lets in beside another, and when.

    Args:
        criteria: Its steps, in order.
        max_wait: How long it may take until the step that never expires starts, or all have expired;
            None: any time.
        required: Names of attributes that whoever takes the contact has to hold.
    """
    for number, step in enumerate(criteria.steps, 1):
        place = Place(number)
        yield from _expression_findings(step.expression, Place(number, ()))
        if number <= _STEPS:
            yield from _asked(partial(_beside, criteria.steps, number), place)
        yield from _timer_findings(step, place)
        yield from _asked(partial(_pinned_findings, step, place), place)
    if len(criteria.steps) > _STEPS:
        message = f"{len(criteria.steps)} steps are too many to hold each beside all before it: {_STEPS} are"
        yield found(Place(None), "RI219", message, "Amazon Connect documents 5 steps")
    yield from _wait_findings(criteria, max_wait)
    for name in dict.fromkeys(required):
        place = Place(len(criteria.steps) or None)
        yield from _asked(partial(_required, criteria, name), place)


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


def _reach(expression: Expr, place: Place) -> Iterator[Finding]:
    if not satisfiable(expression):
        yield from _nobody(expression, place)
        return
    if not satisfiable(Not(expression)):
        message = f"{unparse(expression)}: every agent matches, whatever they hold"
        yield found(place, "RI213", message, "take the step out, or ask for what was meant")
        return
    if evaluate(expression, _NEWCOMER).verdict is Verdict.MATCH:
        message = f"{unparse(expression)}: an agent who holds no attribute at all matches"
        yield found(place, "RI214", message, "add what the agent should hold, if that is not what was meant")
    yield from _parts(expression, place)


def _nobody(expression: Expr, place: Place) -> Iterator[Finding]:
    """Find the smallest parts that nobody can satisfy; a condition by itself has a finding of its own."""
    operands = operands_of(expression)
    match expression:
        case Or() | Mixed():
            hopeless = list(enumerate(operands))
        case And():
            hopeless = [(i, operand) for i, operand in enumerate(operands) if not satisfiable(operand)]
            if not hopeless:
                yield _contradiction(expression, place)
        case Not():
            message = f"{unparse(expression)}: nobody matches, since everybody satisfies what NOT excludes"
            yield found(place, "RI212", message, "narrow what NOT excludes")
            return
        case _:
            return
    for i, operand in hopeless:
        yield from _nobody(operand, below(place, i))


def _contradiction(expression: And, place: Place) -> Finding:
    """Say which two operands of an AND exclude each other, or that all of them together do."""
    operands = expression.operands
    for i, one in enumerate(operands[:_OPERANDS]):
        for other in operands[i + 1 : _OPERANDS]:
            if disjoint(one, other):
                message = f"nobody matches: {unparse(one)} and {unparse(other)} exclude each other"
                return found(place, "RI212", message, "take one of them out, or join them by OR")
    message = f"nobody matches: {unparse(expression)} cannot hold all at once"
    return found(place, "RI212", message, "take a part out")


def _parts(expression: Expr, place: Place) -> Iterator[Finding]:
    """Go down to every AND and OR that can go either way, and find what changes nothing in it."""
    if not satisfiable(expression):
        return  # under a NOT: what cannot hold has no part that matters
    match expression:
        case And(operands) | Or(operands):
            alive = list[int]()
            for i, operand in enumerate(operands):
                if isinstance(expression, Or) and not satisfiable(operand):
                    yield from _nobody(operand, below(place, i))
                else:
                    alive.append(i)
            yield from _redundant(expression, alive, place)
        case Not():
            alive = [0]
        case _:
            return  # in a mixed node every member counts, since nobody knows how it is read
    for i in alive:
        yield from _parts(operands_of(expression)[i], below(place, i))


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


def _beside(steps: Sequence[Step], number: int) -> Iterator[Finding]:
    """Hold a step beside those before it; one that cannot start, or lets in nobody, has other findings."""
    this, before = steps[number - 1], [step.expression for step in steps[: number - 1]]
    starts = all(step.expires_after is not None for step in steps[: number - 1])
    if not before or not starts or not satisfiable(this.expression):
        return
    place = Place(number)
    lost = counterexample(before[-1], this.expression)
    if lost is not None and implies(this.expression, before[-1]):
        message = (
            f"step {number} is stricter than step {number - 1}: it wins nobody, and {_lost(lost, before[-1])}"
        )
        yield found(place, "RI304", message, "put the stricter step first, or relax this one")
    elif implies(this.expression, Or(before)):
        one = next((i for i, step in enumerate(before, 1) if implies(this.expression, step)), None)
        whom = "those before it have" if one is None else f"step {one} has"
        cost = "and never expires"
        if this.expires_after is not None:
            cost = f"so it is {duration_text(this.expires_after)} of waiting for nobody new"
        message = f"step {number} lets in nobody whom {whom} not let in, {cost}"
        yield found(place, "RI302", message, "take the step out, or widen it")


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
        for condition, _, negated in leaves(expression, Place(None))
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
        yield found(place, "RI309", message, "leave time for a second agent: 40 seconds or more")


def _pinned_findings(step: Step, place: Place) -> Iterator[Finding]:
    """Find a step that waits for named agents and for nobody else, for good."""
    listed = _listed(step.expression)
    if step.expires_after is None and listed and implies(step.expression, AgentIn(listed)):
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
        yield found(Place(None), "RI306", message, "shorten the steps, or take one out")


def _required(criteria: Criteria, name: str) -> Iterator[Finding]:
    """Find where the contact may go to an agent without an attribute that whoever takes it must hold."""
    asked = {a for step in criteria.steps for a in asked_attributes(step.expression)}
    values = sorted(attribute for attribute in asked if attribute.name == name)
    like = sorted({a.name for a in asked if a.name != name and fold(a.name) == fold(name)})
    if like:
        message = f"the attribute `{visible(name)}` is required, and `{visible(like[0])}` is asked for"
        yield found(Place(None), "RI310", message, f"write `{visible(name)}`")
    if not values:
        return
    held = Or([AtLeast(attribute, 1) for attribute in values])
    asking = [n for n, step in enumerate(criteria.steps, 1) if implies(step.expression, held)]
    for number in range(1, len(criteria.steps) + 1) if asking else ():
        if number not in asking:
            whom = f"agents without `{visible(name)}`"
            message = f"step {number} lets in {whom}, which step {asking[0]} asks for"
            yield found(Place(number), "RI310", message, f"ask for `{visible(name)}` in step {number} too")
    last = len(criteria.steps)
    if asking and all(step.expires_after is not None for step in criteria.steps):
        whom = f"anybody in the queue, also without `{visible(name)}`"
        message = f"once step {last} has expired the contact may go to {whom}"
        yield found(
            Place(last), "RI307", message, "let the last step never expire, or use a queue of its own"
        )
