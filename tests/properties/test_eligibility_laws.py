"""
Who could be offered a contact, held against contacts that were lived through step by step.

A contact is simulated with full knowledge: what was in force when, who could be offered it then. Its
document is written as the service would write it, and members of it are taken away at random. What is
said of eligibility then is right, or unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import accumulate
from math import inf
from typing import Any, Final

from attrs import evolve, frozen
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from records import FRENCH, agent, at, contact, queue
from routing_inspect.contact import Agent, Contact, Criteria, Expiry, Roster, Step
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.explain import explain
from routing_inspect.expr import AgentIn, AtLeast, Between, Expr, Not

IDS: Final = ("ana", "bo", "cy", "di")
LEVELS = st.integers(1, 5)
EXPRESSIONS: SearchStrategy[Expr] = st.one_of(
    st.builds(AtLeast, st.just(FRENCH), LEVELS),
    st.builds(AtLeast, st.just(FRENCH), LEVELS).map(Not),
    st.builds(Between, st.just(FRENCH), LEVELS, LEVELS),
    st.lists(st.sampled_from(IDS), min_size=1, max_size=2).map(AgentIn),
)
# What lasted for less than this may have been, or not: times are recorded in whole seconds.
GRAIN: Final = 1.0


@frozen
class Span:
    """What was in force: a step of a criteria, by their places; else anybody in the queue could."""

    criteria: int | None
    step: int | None
    since: float
    until: float


@frozen
class Life:
    """
    A contact as it really was.

    Attributes:
        criteria: Steps, each an expression and how many seconds it lasts.
        activated: When each began, in seconds after the contact was queued.
        over: When it was taken, left or is looked at.
        outcome: ``join``, ``abandon``, ``transfer``, ``wait``.
        taker: Who took it.
    """

    criteria: tuple[tuple[tuple[Expr, float | None], ...], ...]
    activated: tuple[float, ...]
    over: float
    outcome: str
    agents: tuple[Agent, ...]
    taker: str | None = None

    def spans(self, over: float | None = None) -> list[Span]:
        """Say what was in force from queueing on, or up to some earlier moment."""
        end = self.over if over is None else over
        found = [Span(None, None, 0, min([*self.activated[:1], end]))]
        for number, steps in enumerate(self.criteria):
            since, stop = self.activated[number], min([*self.activated[number + 1 : number + 2], end])
            for position, (_, after) in enumerate(steps):
                if since <= stop:
                    expires = inf if after is None else since + after
                    found.append(Span(number, position, since, min(expires, stop)))
                    since = expires
            if since <= stop:
                found.append(Span(number, None, since, stop))
        return found

    def could(self, who: Agent, span: Span) -> bool:
        """Say whether an agent could be offered the contact in a span."""
        if not who.queues or who.queues[0].delay.total_seconds() >= span.until:
            return False
        if span.criteria is None or span.step is None:
            return True
        expression, _ = self.criteria[span.criteria][span.step]
        return evaluate(expression, who).verdict is Verdict.MATCH

    def verdicts(self, who: Agent, shortest: float = 0) -> set[Verdict]:
        """Give what may be said of an agent: both, where all hangs on a moment longer than the shortest."""
        if who.id == self.taker:
            return {Verdict.MATCH, Verdict.UNKNOWN}
        let_in = [span for span in self.spans() if self.could(who, span)]
        if any(span.until - span.since >= GRAIN for span in let_in):
            return {Verdict.MATCH, Verdict.UNKNOWN}
        # What is in force as it is taken, ends or is looked at was so, if only for an instant.
        is_moment = any(s.until - s.since >= shortest or s == self.spans()[-1] for s in let_in)
        return {Verdict.UNKNOWN, Verdict.NO_MATCH, *([Verdict.MATCH] if is_moment else [])}


@st.composite
def lives(draw: DrawFn, *, delays: bool = True) -> Life:
    """Contacts that were queued, with up to three criteria one after another."""
    count = draw(st.integers(1, 3))
    criteria = tuple(draw(_steps()) for _ in range(count))
    gaps = draw(
        st.lists(st.sampled_from((5.0, 12.5, 30.0, 61.0, 75.25)), min_size=count - 1, max_size=count - 1)
    )
    activated = tuple(accumulate(gaps, initial=draw(st.sampled_from((0.0, 0.0, 0.0, 25.0)))))
    over = activated[-1] + draw(st.sampled_from((3.0, 10.0, 15.5, 30.5, 41.0, 90.5, 130.0)))
    life = Life(criteria, activated, over, "wait", tuple(draw(_agent(name, delays=delays)) for name in IDS))
    outcome = draw(st.sampled_from(("join", "abandon", "transfer", "wait")))
    candidates = [one.id for one in life.agents if life.could(one, life.spans()[-1])]
    if outcome == "join":
        assume(candidates)
        return evolve(life, outcome=outcome, taker=draw(st.sampled_from(candidates)))
    return evolve(life, outcome=outcome)


@st.composite
def _steps(draw: DrawFn) -> tuple[tuple[Expr, float | None], ...]:
    expressions = draw(st.lists(EXPRESSIONS, min_size=1, max_size=3))
    after = [draw(st.sampled_from((10.0, 30.0, 60.0))) for _ in expressions]
    last = draw(st.sampled_from((None, after[-1])))
    return tuple(zip(expressions, (*after[:-1], last), strict=True))


@st.composite
def _agent(draw: DrawFn, name: str, *, delays: bool) -> Agent:
    delay = draw(st.sampled_from((0, 0, 20.25, 45.75))) if delays else 0
    queues = draw(st.sampled_from(((queue(delay=delay),), (queue(delay=delay),), (queue("queue-2"),), ())))
    held = draw(st.none() | LEVELS)
    queues = tuple(one for one in queues if one.id == "queue-1")
    return agent(name, held, queues=queues)


# ---------------------------------------------------------------------------- its document


def _statuses(life: Life, number: int, ended: str, until: float | None = None) -> list[str]:
    """Say how the steps of a criteria ended, as of the end of the contact or an earlier moment."""
    spans = [span for span in life.spans(until) if span.criteria == number]
    last = spans[-1].step
    count = len(life.criteria[number])
    reached = count if last is None else last
    return ["EXPIRED"] * reached + [ended] * (reached < count) + ["INACTIVE"] * (count - reached - 1)


@st.composite
def documents(draw: DrawFn, life: Life) -> Contact:
    """Write what the service shows of a contact, as whole as it ever is."""
    count = len(life.criteria)
    ended = {
        "join": "JOINED",
        "wait": "ACTIVE",
        "transfer": draw(st.sampled_from(("DEACTIVATED", "ACTIVE"))),
        "abandon": draw(st.sampled_from(("DEACTIVATED", "ACTIVE", "INACTIVE"))),
    }[life.outcome]
    moment = life.over
    if life.outcome == "wait":  # looked at some time after its document was made
        moment = draw(st.sampled_from((life.over, life.activated[-1], (life.over + life.activated[-1]) / 2)))
    written = [_replaced(draw, life, number) for number in range(count - 1)]
    statuses = _statuses(life, count - 1, ended, moment)
    shown = [*written, _criteria(life, count - 1, statuses, recorded=draw(st.booleans()))]
    shown = shown[-draw(st.integers(1, count)) :]
    taken, left = life.outcome == "join", life.outcome in {"abandon", "transfer"}
    ended_at = life.over if left else life.over + 60 if taken and draw(st.booleans()) else None
    return contact(
        criteria=shown[-1],
        earlier=tuple(shown[:-1]),
        agent_id=life.taker,
        connected_at=at(life.over) if taken else None,
        disconnected_at=None if ended_at is None else at(ended_at),
        disconnect_reason="TRANSFERRED" if life.outcome == "transfer" else None,
        queue_type=draw(st.sampled_from((None, "STANDARD"))),
    )


def _replaced(draw: DrawFn, life: Life, number: int) -> Criteria:
    """Write a criteria that was replaced: as it ended, or from an event that was made while it still ran."""
    since, until = life.activated[number : number + 2]
    moment = draw(st.sampled_from((until, since, (since + until) / 2)))
    statuses = _statuses(life, number, "INTERRUPTED" if moment == until else "ACTIVE", moment)
    return _criteria(life, number, statuses, recorded=draw(st.booleans()))


def _criteria(life: Life, number: int, statuses: list[str], *, recorded: bool) -> Criteria:
    since = life.activated[number]
    steps = []
    for (expression, after), status in zip(life.criteria[number], statuses, strict=True):
        since = since + (after or 0)
        expires_at = at(since) if recorded and status == "EXPIRED" else None
        expiry = None if after is None else Expiry(timedelta(seconds=after), expires_at)
        steps.append(Step(expression, expiry, status))
    return Criteria(steps, activated_at=at(life.activated[number]), index=number)


DROPS: Final[tuple[Callable[[Contact], Contact], ...]] = (
    lambda some: evolve(some, enqueued_at=None),
    lambda some: evolve(some, disconnect_reason=None),
    lambda some: evolve(some, channel=None),
    lambda some: evolve(some, queue_id=None),
    lambda some: evolve(some, agent_id=None),
    lambda some: evolve(some, criteria=_bare(some.criteria, activated_at=None)),
    lambda some: evolve(some, criteria=_undated(some.criteria)),
    lambda some: evolve(some, criteria=_unmarked(some.criteria)),
    lambda some: evolve(some, earlier=tuple(_bare(one, activated_at=None) for one in some.earlier)),
    lambda some: evolve(some, earlier=tuple(map(_undated, some.earlier))),
    lambda some: evolve(some, earlier=tuple(map(_unmarked, some.earlier))),
    lambda some: evolve(some, earlier=some.earlier[1:]),
    lambda some: evolve(
        some,
        criteria=_bare(some.criteria, index=None),
        earlier=tuple(_bare(one, index=None) for one in some.earlier),
    ),
)


def _bare(criteria: Criteria | None, **members: Any) -> Criteria:
    return evolve(criteria or Criteria(), **members)


def _undated(criteria: Criteria | None) -> Criteria:
    """Take the recorded expiries away."""
    steps = [] if criteria is None else criteria.steps
    return evolve(
        criteria or Criteria(),
        steps=[evolve(s, expiry=None if s.expiry is None else Expiry(s.expiry.after)) for s in steps],
    )


def _unmarked(criteria: Criteria | None) -> Criteria:
    """Take the statuses away."""
    steps = [] if criteria is None else criteria.steps
    return evolve(criteria or Criteria(), steps=[evolve(one, status=None) for one in steps])


@st.composite
def mutilated(draw: DrawFn, life: Life) -> Contact:
    """Take members away, of those whose absence says nothing else."""
    some = draw(documents(life))
    for drop in draw(st.lists(st.sampled_from(DROPS), max_size=4)):
        some = drop(some)
    return some


@st.composite
def rosters(draw: DrawFn, agents: tuple[Agent, ...]) -> Roster:
    """Let some facts about agents be unknown."""
    forgets: SearchStrategy[dict[str, Any]] = st.sampled_from(
        ({}, {}, {}, {"queues": None}, {"proficiencies": None})
    )
    return Roster(agents=[evolve(one, **draw(forgets)) for one in agents])


def _now(life: Life) -> datetime | None:
    return at(life.over) if life.outcome == "wait" else None


@given(lives().flatmap(lambda life: st.tuples(st.just(life), documents(life))))
def test_eligibility_of_a_contact_lived_through(pair: tuple[Life, Contact]) -> None:
    """By a whole document, nobody is said to have been eligible who was not, or not to who was."""
    life, some = pair

    found = explain(some, Roster(agents=life.agents), _now(life))

    for who in life.agents:
        # By recorded times it is plain what did not last at all.
        assert found.eligible(who.id) in life.verdicts(who, shortest=0.001), who.id


@given(lives().flatmap(lambda life: st.tuples(st.just(life), mutilated(life), rosters(life.agents))))
def test_less_of_a_document_makes_eligibility_unknown_never_wrong(case: tuple[Life, Contact, Roster]) -> None:
    """Whatever the document and the roster leave out, what is said is right, or unknown."""
    life, some, roster = case

    found = explain(some, roster, _now(life))

    for who in life.agents:
        assert found.eligible(who.id) in life.verdicts(who), who.id


@given(
    lives(delays=False).flatmap(lambda life: st.tuples(st.just(life), mutilated(life))), st.floats(0, 0.999)
)
def test_times_in_whole_seconds_make_no_eligibility_wrong(pair: tuple[Life, Contact], offset: float) -> None:
    """Contact records cut times to whole seconds, so what follows by the clock may be off by one."""
    life, some = pair
    assume(life.outcome != "wait")

    found = explain(_in_whole_seconds(some, offset), Roster(agents=life.agents))

    for who in life.agents:
        assert found.eligible(who.id) in life.verdicts(who), who.id


def _in_whole_seconds(some: Contact, offset: float) -> Contact:
    """Move a contact by less than a second, and cut its times."""

    def cut(time: datetime | None) -> datetime | None:
        return None if time is None else (time + timedelta(seconds=offset)).replace(microsecond=0)

    def cut_all(criteria: Criteria) -> Criteria:
        steps = [
            evolve(one, expiry=None if one.expiry is None else evolve(one.expiry, at=cut(one.expiry.at)))
            for one in criteria.steps
        ]
        return evolve(criteria, steps=steps, activated_at=cut(criteria.activated_at))

    return evolve(
        some,
        enqueued_at=cut(some.enqueued_at),
        connected_at=cut(some.connected_at),
        disconnected_at=cut(some.disconnected_at),
        criteria=cut_all(some.criteria or Criteria()),
        earlier=tuple(map(cut_all, some.earlier)),
    )


@given(
    st.lists(EXPRESSIONS, min_size=1, max_size=2),
    st.sampled_from(IDS),
    st.sampled_from(("AGENT", None)),
    st.sampled_from(("join", "abandon", "wait")),
    st.booleans(),
)
def test_in_an_agents_own_queue_the_owner_alone_could(
    expressions: list[Expr],
    owner: str,
    queue_type: str | None,
    outcome: str,
    dated: bool,  # noqa: FBT001  (Hypothesis gives an argument by its name)
) -> None:
    """No step runs there, whatever the criteria says: the owner is eligible, and nobody else."""
    steps = [Step(expression, Expiry(timedelta(seconds=30)), "INACTIVE") for expression in expressions]
    taken: dict[str, Any] = {"agent_id": owner, "connected_at": 40} if outcome == "join" else {}
    left: dict[str, Any] = {"disconnected_at": 40} if outcome == "abandon" else {}
    some = contact(
        *steps, activated=0 if dated else None, queue_id=owner, queue_type=queue_type, **taken, **left
    )

    found = explain(some, Roster(agents=[agent(name, queues=[queue()]) for name in IDS]), at(40))

    for name in IDS:
        assert found.eligible(name) is (Verdict.MATCH if name == owner else Verdict.NO_MATCH)
