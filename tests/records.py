"""Contacts, steps and agents in few words, for tests: seconds stand for instants after queueing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from routing_inspect.contact import Agent, Contact, Criteria, Expiry, RoutedQueue, Step
from routing_inspect.evaluate import Trace, Verdict, every, negate, some
from routing_inspect.expr import And, AtLeast, Attribute, Expr, Mixed, Not, Or

# The command line, run in this process: exit code, standard output, standard error.
Run = Callable[..., tuple[int, str, str]]

QUEUED_AT = datetime(2026, 3, 4, 14, 2, 11, tzinfo=UTC)
FRENCH = Attribute("Language", "French")
DYNAMO = Attribute("Technology", "AWS DynamoDB")
FLUENT = AtLeast(FRENCH, 4)


def at(seconds: float) -> datetime:
    """Give the instant so many seconds after the contact was queued."""
    return QUEUED_AT + timedelta(seconds=seconds)


def step(
    status: str | None = None,
    after: float | None = None,
    *,
    expires_at: float | None = None,
    expression: Expr = FLUENT,
) -> Step:
    """Make a step; *expires_at* is the recorded instant."""
    duration = None if after is None else timedelta(seconds=after)
    recorded = None if expires_at is None else at(expires_at)
    expiry = None if after is None and expires_at is None else Expiry(duration, recorded)
    return Step(expression, expiry, status)


def contact(*steps: Step, activated: float | None = 0, index: int | None = 0, **fields: Any) -> Contact:
    """Make a contact that was queued, with these steps; a number among *fields* is an instant."""
    activated_at = None if activated is None else at(activated)
    given = {
        "id": "contact-1",
        "channel": "VOICE",
        "initiation_method": "INBOUND",
        "queue_id": "queue-1",
        "enqueued_at": 0,
        "criteria": Criteria(steps, activated_at=activated_at, index=index),
        "source": "DescribeContact",
        **fields,
    }
    times = {name: at(value) for name, value in given.items() if isinstance(value, int | float)}
    return Contact(**{**given, **times})


def agent(agent_id: str = "ana", french: float | None = None, **fields: Any) -> Agent:
    """Make an agent of known proficiencies, French alone or none."""
    return Agent(**{"id": agent_id, "proficiencies": {FRENCH: french} if french else {}, **fields})


def queue(queue_id: str = "queue-1", channel: str = "VOICE", delay: float = 0, **fields: Any) -> RoutedQueue:
    """Make a row of a routing profile."""
    return RoutedQueue(id=queue_id, channel=channel, delay=timedelta(seconds=delay), **fields)


def settled(trace: Trace, below: Sequence[Verdict]) -> Verdict:
    """Say what the verdict of a trace is where those of its operands are *below*."""
    match trace.expression:
        case Not():
            return negate(below[0])
        case And():
            return every(below)
        case Or():
            return some(below)
        case Mixed():
            return every(below) if every(below) is some(below) else Verdict.UNKNOWN
        case _:
            return trace.verdict
