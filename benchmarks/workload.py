"""
Seeded rosters, expressions and contacts for the benchmarks: a generator's assumptions, no customer's trace.

Thirty attributes of ten values each, both drawn by Zipf's law: a few are asked for and held often,
most rarely. Agents hold 4 to 10 of the 300. A criteria has 1 to 4 steps, each a little wider than the
one before it; an expression has 1 to 8 conditions, among them ORs of up to three, NOTs of single
conditions, ranges and preferred agents; most of what it asks for is held by one agent of the roster,
since authors write for somebody. 300 criteria serve 88 % of the contacts, the others are one-off.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import routing_inspect as ri

SEED: Final = 20_26
ATTRIBUTES: Final = 30
VALUES: Final = 10
REUSED: Final = 300
SHARE_REUSED: Final = 0.88
_EPOCH: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_BY_RANK: Final = [1 / rank for rank in range(1, ATTRIBUTES + 1)]
_VALUES_BY_RANK: Final = _BY_RANK[:VALUES]


def roster(size: int, seed: int = SEED) -> ri.Roster:
    """Make a roster of *size* agents, whose proficiencies are all known."""
    dice = random.Random(f"roster {seed}")  # noqa: S311  (the same roster every time is the point)
    return ri.Roster(agents=[_agent(dice, number) for number in range(size)], source="workload")


def expressions(count: int, roster: ri.Roster, seed: int = SEED) -> list[ri.Expr]:
    """Make *count* expressions of 1 to 8 conditions; preferred agents are some of *roster*."""
    dice = random.Random(f"expressions {seed}")  # noqa: S311  (as above)
    return [_expression(dice, roster) for _ in range(count)]


def criteria(dice: random.Random, roster: ri.Roster) -> ri.Criteria:
    """Make a criteria of 1 to 4 steps, each with fewer or lower demands than the one before it."""
    conditions = _conditions(dice, roster, dice.randint(1, 8))
    steps = []
    for left in range(dice.randint(1, 4), 0, -1):
        expiry = ri.Expiry(timedelta(seconds=dice.choice((15, 30, 60, 120)))) if left > 1 else None
        steps.append(ri.Step(_joined(conditions), expiry))
        conditions = [_wider(condition) for condition in conditions[: max(1, len(conditions) - 1)]]
    return ri.Criteria(steps)


def contacts(count: int, roster: ri.Roster, seed: int = SEED) -> Iterator[ri.Contact]:
    """Make *count* contacts that waited in a queue; each was taken by somebody on its last step."""
    dice = random.Random(f"contacts {seed}")  # noqa: S311  (as above)
    reused = [criteria(dice, roster) for _ in range(REUSED)]
    weights = [1 / rank for rank in range(1, REUSED + 1)]
    for number in range(count):
        if dice.random() < SHARE_REUSED:
            (written,) = dice.choices(reused, weights)
        else:
            written = criteria(dice, roster)
        yield _contact(dice, number, written, roster)


def _contact(dice: random.Random, number: int, written: ri.Criteria, roster: ri.Roster) -> ri.Contact:
    activated_at = _EPOCH + timedelta(seconds=13 * number)
    expired = dice.randrange(len(written.steps))
    at = activated_at
    steps = []
    for position, step in enumerate(written.steps):
        after = None if step.expiry is None else step.expiry.after
        if position < expired and after is not None:
            at += after
            steps.append(ri.Step(step.expression, ri.Expiry(after, at), "EXPIRED"))
        else:
            steps.append(
                ri.Step(step.expression, step.expiry, "JOINED" if position == expired else "INACTIVE")
            )
    return ri.Contact(
        id=str(uuid.UUID(int=dice.getrandbits(128))),
        channel="VOICE",
        initiation_method="INBOUND",
        queue_id=f"queue-{dice.randint(1, 20)}",
        agent_id=dice.choice(roster.agents).id,
        initiated_at=activated_at - timedelta(seconds=8),
        enqueued_at=activated_at,
        connected_at=at + timedelta(seconds=dice.randint(1, 14)),
        criteria=ri.Criteria(steps, activated_at=activated_at, index=0),
        source="workload",
    )


def _agent(dice: random.Random, number: int) -> ri.Agent:
    held = {_attribute(dice): dice.randint(1, 5) for _ in range(dice.randint(4, 10))}
    agent_id = str(uuid.UUID(int=dice.getrandbits(128)))
    return ri.Agent(id=agent_id, username=f"agent{number}", proficiencies=held)


def _attribute(dice: random.Random) -> ri.Attribute:
    (name,) = dice.choices(range(ATTRIBUTES), _BY_RANK)
    (value,) = dice.choices(range(VALUES), _VALUES_BY_RANK)
    return ri.Attribute(f"Skill {name:02}", f"value {value}")


def _expression(dice: random.Random, roster: ri.Roster) -> ri.Expr:
    return _joined(_conditions(dice, roster, dice.randint(1, 8)))


def _joined(operands: list[ri.Expr]) -> ri.Expr:
    return operands[0] if len(operands) == 1 else ri.And(operands)


def _conditions(dice: random.Random, roster: ri.Roster, left: int) -> list[ri.Expr]:
    """Make the operands of an AND that have *left* conditions in all."""
    operands: list[ri.Expr] = []
    model = dice.choice(roster.agents)
    while left:
        if left > 1 and dice.random() < 0.45:
            width = dice.randint(2, min(3, left))
            operands.append(ri.Or([_leaf(dice, roster, model) for _ in range(width)]))
        else:
            width = 1
            leaf = _leaf(dice, roster, model)
            operands.append(ri.Not(leaf) if dice.random() < 0.12 else leaf)
        left -= width
    return operands


def _leaf(dice: random.Random, roster: ri.Roster, model: ri.Agent) -> ri.Expr:
    kind = dice.random()
    if kind < 0.04:
        return ri.AgentIn([agent.id for agent in dice.sample(roster.agents, dice.randint(1, 5))])
    if kind < 0.16:
        return ri.Between(_attribute(dice), *sorted((dice.randint(1, 5), dice.randint(1, 5))))
    if kind < 0.75:
        attribute, level = dice.choice(list((model.proficiencies or {}).items()))
        return ri.AtLeast(attribute, dice.randint(1, int(level)))
    return ri.AtLeast(_attribute(dice), dice.choices((1, 2, 3, 4, 5), (1, 2, 4, 3, 1))[0])


def _wider(expression: ri.Expr) -> ri.Expr:
    """Ask for a level less, as authors do from step to step."""
    match expression:
        case ri.AtLeast(attribute, level):
            return ri.AtLeast(attribute, max(1.0, level - 1))
        case ri.Or(operands):
            return ri.Or([_wider(operand) for operand in operands])
        case _:
            return expression
