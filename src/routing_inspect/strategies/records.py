"""Strategies for records: attributes, expressions, criteria, agents, rosters and contacts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, TypeVar

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import DrawFn, SearchStrategy

from routing_inspect.arguments import require
from routing_inspect.contact import Agent, Contact, Criteria, Expiry, Roster, RoutedQueue, Step, user_id
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or
from routing_inspect.places import leaves

_PLAIN: Final = (
    Attribute("Language", "French"),
    Attribute("Language", "English"),
    Attribute("Technology", "AWS DynamoDB"),
    Attribute("connect:Language", "connect:French"),
)
# Each of these is a name to the service and something else to a careless reader of it.
_AWKWARD: Final = (
    *("AND", "not", "a>=4", "in 1..5", "agent in", " French", "french", "Fran\u00e7ais", "Franc\u0327ais"),
    *("AWS\u00a0DynamoDB", "a=b/c:d@e+f-g", "it's", 'say "hi"', "back\\slash", "(", "[30s]", "# no", "Name"),
)
_AWS_TEXT: Final = st.text(
    st.characters(categories=["L", "N", "Zs"], include_characters="_.:/=+-@'\"\\()[]#,"),
    min_size=1,
    max_size=12,
)
T = TypeVar("T")
# How many members a group has at most, and what makes it of them.
Group: TypeAlias = tuple[int, Callable[[list[T]], T]]

IDS: Final = ("user-1", "user-2", "39bc9666-4d3c-4558-b2ad-9bab4bd48568")
ARN: Final = "arn:aws:connect:eu-west-2:123456789012:instance/i-1"
STATUSES: Final = ("JOINED", "ACTIVE", "DEACTIVATED", "INTERRUPTED")


def attributes() -> SearchStrategy[Attribute]:
    """Attributes: often one of a few plain ones, so that expressions and agents meet; else awkward names."""
    names = st.sampled_from(_AWKWARD) | _AWS_TEXT
    return st.sampled_from(_PLAIN) | st.builds(Attribute, names, names)


def levels() -> SearchStrategy[float]:
    """Levels: whole numbers from 1 to 5, and now and then a fraction, which the wire could carry."""
    return st.integers(1, 5).map(float) | st.sampled_from((1.5, 2.5, 4.5))


# The names of the options below hide those of the functions.
_default_attributes = attributes


def expressions(
    *,
    attributes: SearchStrategy[Attribute] | None = None,
    allow_not: bool = True,
    not_over_groups: bool = False,
    unclear: bool = False,
    max_conditions: int = 8,
) -> SearchStrategy[Expr]:
    """
    Routing expressions of any nesting.

    Args:
        attributes: What conditions are about; None: `attributes`.
        allow_not: Whether conditions may be negated.
        not_over_groups: Whether groups may be negated, too; the wire has no such NOT.
        unclear: Whether parts occur on which the service is silent: mixed nodes, opaque parts,
            references, ranges upside down, levels off the scale.
        max_conditions: The most conditions that one expression has.

    Raises:
        InvalidArgument: *not_over_groups* without *allow_not*, or no condition at all.
    """
    if not_over_groups and not allow_not:
        raise InvalidArgument("not_over_groups=True needs allow_not=True")
    if max_conditions < 1:
        raise InvalidArgument("an expression has at least one condition")
    plain = _conditions(_default_attributes() if attributes is None else attributes, unclear=unclear)
    leaves = plain | plain.map(Not) if allow_not else plain

    groups: list[Group[Expr]] = [(3, And), (3, Or)]
    groups += [(1, _not)] if not_over_groups else []
    groups += [(3, _mixed)] if unclear else []
    return trees(leaves, tuple(groups), max_conditions)


@st.composite
def trees(
    draw: DrawFn, leaves: SearchStrategy[T], groups: tuple[Group[T], ...], size: int, depth: int = 4
) -> T:
    """
    Trees that shrink to the part of them that matters.

    What is drawn is the same function at every level, by which hypothesis knows that any part
    may stand for the whole; `st.recursive` has another strategy at each.

    Args:
        draw: Given by hypothesis.
        leaves: What is no group.
        groups: For each kind of group, how many members it has at most, and what makes it of them.
        size: The most leaves.
        depth: The most groups within one another.
    """
    group = draw(st.sampled_from((None, None, *groups))) if depth else None
    if group is None:
        return draw(leaves)
    most = min(group[0], size)
    return group[1](draw(st.lists(trees(leaves, groups, size // most, depth - 1), min_size=1, max_size=most)))


def _not(operands: list[Expr]) -> Expr:
    return Not(operands[0])


def _mixed(operands: list[Expr]) -> Expr:
    """Make a mixed node that the wire can hold: its members are of different kinds."""
    first, *others = operands
    plain = isinstance(first, AtLeast | Between | AgentIn)
    return Mixed([first if plain else And([first]), Or(others or [first])])


def _conditions(about: SearchStrategy[Attribute], *, unclear: bool) -> SearchStrategy[Expr]:
    level = levels() | st.sampled_from((0.0, 5.5, -1.0)) if unclear else levels()
    ids = st.lists(st.sampled_from((*IDS, f"{ARN}/agent/user-1")), min_size=0 if unclear else 1, max_size=3)
    ends = st.tuples(level, level) if unclear else st.tuples(level, level).map(sorted).map(tuple)
    ranges = st.builds(lambda attribute, pair: Between(attribute, *pair), about, ends)
    conditions: SearchStrategy[Expr] = st.builds(AtLeast, about, level) | ranges | ids.map(AgentIn)
    if unclear:
        referring = st.builds(Attribute, st.just("$.External.name"), st.just("x")).map(
            lambda attribute: AtLeast(attribute, 1.0)
        )
        conditions |= referring | st.sampled_from(("IsBetterThan", "Equals")).map(_opaque_condition)
    return conditions


def _opaque_condition(operator: str) -> Opaque:
    condition = {"Name": "Language", "Value": "French", "ComparisonOperator": operator}
    return Opaque({"AttributeCondition": condition})


_default_expressions = expressions


def criteria(
    *, expressions: SearchStrategy[Expr] | None = None, max_steps: int = 4
) -> SearchStrategy[Criteria]:
    """
    Routing criteria as an author writes them: every step timed, but the last one not always.

    Args:
        expressions: What the steps say; None: `expressions`.
        max_steps: The most steps; the service documents five.

    Raises:
        InvalidArgument: No step at all.
    """
    if max_steps < 1:
        raise InvalidArgument("a criteria has at least one step")
    return _criteria(_default_expressions() if expressions is None else expressions, max_steps)


@st.composite
def _criteria(draw: DrawFn, of: SearchStrategy[Expr], max_steps: int) -> Criteria:
    steps = draw(st.lists(of, min_size=1, max_size=max_steps))
    timed = [Step(expression, Expiry(draw(_DURATIONS))) for expression in steps[:-1]]
    last = draw(st.none() | st.builds(Expiry, _DURATIONS))
    return Criteria([*timed, Step(steps[-1], last)])


_DURATIONS: Final = st.integers(1, 600).map(lambda seconds: timedelta(seconds=seconds))
# To the millisecond, as the service tells them, and now and then finer.
TIMES: Final = st.builds(
    lambda ms, us: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms, microseconds=us),
    st.integers(0, 10**10),
    st.sampled_from((0, 0, 0, 100, 450, 999)),
)


def agents(*, attributes: SearchStrategy[Attribute] | None = None) -> SearchStrategy[Agent]:
    """
    Agents, some of whom nobody knows the proficiencies or the queues of.

    Args:
        attributes: What they hold; None: `attributes`.
    """
    held = st.dictionaries(_default_attributes() if attributes is None else attributes, levels(), max_size=5)
    return st.builds(
        Agent,
        id=st.sampled_from(IDS),
        username=st.none() | st.sampled_from(("alice", "bob")),
        proficiencies=held | st.none(),
        queues=st.none() | st.lists(_QUEUES, max_size=2),
        available=st.none() | st.booleans(),
        free_slots=st.none() | st.dictionaries(st.sampled_from(("VOICE", "CHAT")), st.integers(0, 5)),
        as_of=st.none() | TIMES,
        modified_at=st.none() | TIMES,
        source=st.none() | st.just("ListUserProficiencies"),
    )


_QUEUES: Final = st.builds(
    RoutedQueue,
    id=st.sampled_from(("queue-1", "queue-2")),
    channel=st.sampled_from(("VOICE", "CHAT")),
    name=st.none() | st.just("General Inbound"),
    priority=st.none() | st.integers(1, 99),
    delay=st.just(timedelta(0)) | _DURATIONS,
)


_default_agents = agents


def agents_for(expression: Expr) -> SearchStrategy[Agent]:
    """
    Agents for whom *expression* is a close call.

    They hold its attributes at, just above and just below the levels that it names, or not at
    all, and carry ids that it lists, or usernames equal to them.

    Raises:
        TypeError: *expression* is none, such as text.
    """
    require("expression", expression, Expr)
    edges: dict[Attribute, set[float]] = {}
    listed: dict[str, None] = {}
    for condition, _, _ in leaves(expression):
        match condition:
            case AtLeast(attribute, level):
                edges.setdefault(attribute, set()).add(level)
            case Between(attribute, low, high):
                edges.setdefault(attribute, set()).update((low, high))
            case AgentIn(agent_ids):
                listed |= dict.fromkeys(user_id(agent_id) for agent_id in agent_ids)
            case _:
                pass
    held = {attribute: _around(sorted(ends)) for attribute, ends in edges.items()}
    names = [*listed, "somebody-else"]
    return st.builds(
        Agent,
        id=st.sampled_from(names[::-1]),
        username=st.none() | st.sampled_from(names),
        proficiencies=st.fixed_dictionaries({}, optional=held) | st.none(),
    )


def _around(edges: list[float]) -> SearchStrategy[float]:
    near = {level for edge in edges for level in (edge, edge - 0.5, edge + 0.5, edge - 1, edge + 1)}
    return st.sampled_from(sorted(near | {1.0, 5.0}))


def rosters(*, agents: SearchStrategy[Agent] | None = None, max_size: int = 5) -> SearchStrategy[Roster]:
    """
    Rosters of agents with ids of their own.

    Args:
        agents: Who is in them; None: `agents`. Ids are numbered where several have one.
        max_size: The most agents.

    Raises:
        InvalidArgument: *max_size* is less than 0.
    """
    if max_size < 0:
        raise InvalidArgument("a roster has no fewer than no agents")
    some = st.lists(_default_agents() if agents is None else agents, max_size=max_size)
    return st.builds(
        Roster,
        agents=some.map(_numbered),
        as_of=st.none() | TIMES,
        source=st.none() | st.just("roster.json"),
    )


def _numbered(some: list[Agent]) -> list[Agent]:
    seen: set[str] = set()
    numbered: list[Agent] = []
    for number, agent in enumerate(some):
        fresh = evolve(agent, id=f"{agent.id}-{number}") if agent.id in seen else agent
        seen.add(fresh.id)
        numbered.append(fresh)
    return numbered


def contacts(*, criteria: SearchStrategy[Criteria] | None = None) -> SearchStrategy[Contact]:
    """
    Contacts whose criteria has run as far as it did: statuses and times that can be so.

    Args:
        criteria: What they carry; None: `criteria`.
    """
    return _contacts(_default_criteria() if criteria is None else criteria)


_default_criteria = criteria


@st.composite
def _contacts(draw: DrawFn, of: SearchStrategy[Criteria]) -> Contact:
    written = draw(of)
    expired = draw(st.integers(0, len(written.steps)))
    reached = None if expired == len(written.steps) else draw(st.sampled_from(STATUSES))
    enqueued_at = draw(TIMES)
    activated_at = enqueued_at + draw(st.just(timedelta(0)) | _DURATIONS)
    if expired and written.steps[expired - 1].expires_after is None:
        expired, reached = expired - 1, "ACTIVE"  # a step that never expires has not expired
    spent = sum((step.expires_after or timedelta(0) for step in written.steps[:expired]), timedelta(0))
    left_at = activated_at + spent + timedelta(milliseconds=draw(st.integers(0, 900)))
    taken = reached == "JOINED" or (reached is None and draw(st.booleans()))
    left = {"DEACTIVATED": left_at, "JOINED": draw(st.none() | st.just(left_at + timedelta(minutes=1)))}
    return Contact(
        id="contact-1",
        channel=draw(st.sampled_from(("VOICE", "CHAT"))),
        initiation_method="INBOUND",
        queue_id="queue-1",
        queue_type=draw(st.none() | st.just("STANDARD")),
        agent_id=draw(st.sampled_from(IDS)) if taken else None,
        initiated_at=enqueued_at - timedelta(seconds=5),
        enqueued_at=enqueued_at,
        connected_at=left_at if taken else None,
        disconnected_at=left.get(reached or ""),
        criteria=_run(written, expired, reached, activated_at),
        source="strategies",
    )


def _run(written: Criteria, expired: int, reached: str | None, activated_at: datetime) -> Criteria:
    """Give every step of *written* the status and the recorded expiry that it has after so many expired."""
    steps: list[Step] = []
    expires_at: datetime | None = activated_at
    for number, step in enumerate(written.steps):
        status = "EXPIRED" if number < expired else "INACTIVE" if number > expired else reached
        after = step.expires_after
        expires_at = None if expires_at is None or after is None else expires_at + after
        recorded = Expiry(after, expires_at) if status == "EXPIRED" else step.expiry
        steps.append(evolve(step, status=status, expiry=recorded))
    return evolve(written, steps=steps, activated_at=activated_at, index=0)
