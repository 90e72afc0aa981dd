"""What is asked of routing profiles beside their queues, of whose, and what becomes of the answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from attrs import evolve

import aws_paths
from records import Run, at, contact, queue, step
from routing_inspect import aws
from routing_inspect.contact import Agent, Handled, Presence, Roster, RoutingProfile
from routing_inspect.document import JSON
from routing_inspect.errors import RoutingInspectError
from routing_inspect.findings import Finding
from routing_inspect.gates import hangs_on_cross_channel, hangs_on_manual_queues
from routing_inspect.sandbox import Sandbox

INSTANCE = aws_paths.INSTANCE
MANUAL, DESCRIBE = "ListRoutingProfileManualAssignmentQueues", "DescribeRoutingProfile"
MANUAL_QUEUES = "RoutingProfileManualAssignmentQueueConfigSummaryList"
WAITING = contact(step("ACTIVE", 60))
HAND = RoutingProfile(id="hand")
# Queue-1 is not among the queues that are routed.
DEE = Agent(id="dee", username="dee", proficiencies={}, queues=[queue("queue-2")], routing_profile=HAND)
BUSY = Presence(as_of=at(1), free={"VOICE": 1}, handling=(Handled(id="c", channel="CHAT"),))
BEN = Agent(
    id="ben", proficiencies={}, queues=[queue()], routing_profile=RoutingProfile(id="day"), presence=BUSY
)


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give boto3 credentials that nobody checks."""
    for name, value in aws_paths.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@contextmanager
def _serving(*faults: JSON) -> Iterator[tuple[Sandbox, Any]]:
    with (
        aws_paths.hurried(attempts=1),
        Sandbox(aws_paths.scenario(*faults)) as sandbox,
        closing(aws.connect(endpoint_url=sandbox.url)) as client,
    ):
        yield sandbox, client


def _complete(
    client: Any, *agents: Agent, names: tuple[str, ...] = ()
) -> tuple[list[RoutingProfile | None], tuple[Finding, ...]]:
    roster, findings = aws.complete_profiles(
        client, Roster(agents=agents), WAITING, instance_id=INSTANCE, agents=names
    )
    return [agent.routing_profile for agent in roster.agents], findings


def _answer(operation: str, **members: JSON) -> dict[str, JSON]:
    return {"operation": operation, "fault": {"body": json.dumps(members)}}


def test_whose_queue_is_for_manual_assignment_is_told_of_those_asked_about() -> None:
    """One request a profile, whatever its pages, and none for whoever is not named."""
    twin, stranger = evolve(DEE, id="twin", username=None), evolve(DEE, id="other", username=None)
    with _serving() as (sandbox, client):
        profiles, findings = _complete(client, DEE, twin, stranger, names=("dee", "twin", "nobody"))
        sent = Counter(request.operation for request in sandbox.requests)

    known = RoutingProfile(id="hand", manual_queue_ids=("queue-1", "queue-3"))
    assert (profiles, findings) == ([known, known, HAND], ())
    assert sent == {MANUAL: 1}


@pytest.mark.parametrize(
    "agent",
    [
        evolve(DEE, routing_profile=None),
        evolve(DEE, routing_profile=evolve(HAND, manual_queue_ids=())),
        evolve(DEE, queues=None),
        evolve(DEE, queues=[queue()]),
        # Even on another channel: that it is routed on that one is what the gate says.
        evolve(DEE, queues=[queue(channel="CHAT")]),
    ],
)
def test_nothing_is_asked_where_nothing_hangs_on_it(agent: Agent) -> None:
    """Known already, no profile, unknown queues, or the queue is routed: no request."""
    assert not hangs_on_manual_queues(WAITING, agent)
    with _serving() as (sandbox, client):
        assert _complete(client, agent, names=("dee",)) == ([agent.routing_profile], ())
        assert sandbox.requests == ()


def test_an_own_queue_and_a_contact_without_a_queue_ask_nothing() -> None:
    """Another agent's own queue is in nobody's routing profile."""
    assert hangs_on_manual_queues(WAITING, DEE)
    assert not hangs_on_manual_queues(evolve(WAITING, queue_type="AGENT"), DEE)
    assert not hangs_on_manual_queues(evolve(WAITING, queue_id=None), DEE)


def test_channels_side_by_side_are_told_of_who_has_one_in_hand() -> None:
    """Whoever else: the slots alone say it."""
    idle = evolve(BEN, id="idle", presence=evolve(BUSY, handling=()))
    full = evolve(BEN, id="full", presence=evolve(BUSY, free={"VOICE": 0}))
    away = evolve(BEN, id="away", presence=None)
    with _serving() as (sandbox, client):
        profiles, findings = _complete(client, BEN, idle, full, away)
        sent = Counter(request.operation for request in sandbox.requests)

    assert profiles == [RoutingProfile(id="day", cross_channel={"CHAT": True}), *[BEN.routing_profile] * 3]
    assert (findings, sent) == ((), {DESCRIBE: 1})
    assert not hangs_on_cross_channel(WAITING, evolve(BEN, routing_profile=None))
    assert not hangs_on_cross_channel(evolve(WAITING, channel=None), BEN)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"CrossChannelBehavior": {"BehaviorType": "ROUTE_ANY_CHANNEL"}}, {"CHAT": True}),
        ({"CrossChannelBehavior": {"BehaviorType": "ROUTE_CURRENT_CHANNEL_ONLY"}}, {"CHAT": False}),
        ({"CrossChannelBehavior": {"BehaviorType": "ROUTE_SOMEHOW"}}, {}),
        ({}, {}),
        (
            {
                "CrossChannelBehavior": {"BehaviorType": "ROUTE_ANY_CHANNEL"},
                "WorkloadTypeConcurrencies": [{"WorkloadType": "claims", "Concurrency": 1}],
            },
            {},
        ),
    ],
)
def test_a_behaviour_that_one_word_does_not_tell_stays_unknown(row: JSON, told: dict[str, bool]) -> None:
    """Another word, none, or a channel that is divided by type of work."""
    profile = {
        "RoutingProfileId": "day",
        "MediaConcurrencies": [{"Channel": "CHAT", "Concurrency": 1, **row}],
    }
    with _serving(_answer(DESCRIBE, RoutingProfile=profile)) as (_, client):
        profiles, findings = _complete(client, BEN)

    assert (profiles, findings) == ([RoutingProfile(id="day", cross_channel=told)], ())


@pytest.mark.parametrize(
    ("operation", "members", "said"),
    [
        (DESCRIBE, {"RoutingProfile": {"RoutingProfileId": "day"}}, None),
        (
            DESCRIBE,
            {"RoutingProfile": {"RoutingProfileId": "night"}},
            f"{DESCRIBE} gave no whole answer in 4 tries: it is about another routing profile",
        ),
        (
            DESCRIBE,
            {"RoutingProfile": {"RoutingProfileId": "day", "MediaConcurrencies": "all"}},
            f"{DESCRIBE} of day: $.RoutingProfile.MediaConcurrencies: expected a list of channels",
        ),
        (
            DESCRIBE,
            {"RoutingProfile": {"RoutingProfileId": "day", "MediaConcurrencies": [7]}},
            f"{DESCRIBE} of day: $.RoutingProfile.MediaConcurrencies[0]: expected a channel",
        ),
        (DESCRIBE, {}, f"{DESCRIBE} gave no whole answer in 4 tries: it has no RoutingProfile"),
        (
            MANUAL,
            {MANUAL_QUEUES: [7, {"QueueId": 5}]},
            f"{MANUAL} of hand: $.{MANUAL_QUEUES}[0].QueueId: expected a string",
        ),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_finding(
    operation: str, members: dict[str, JSON], said: str | None
) -> None:
    """No verdict needs it, so the rest of the answer stands; it is said once for all agents of a profile."""
    twin = evolve(BEN, id="twin")
    with _serving(_answer(operation, **members)) as (_, client):
        profiles, findings = _complete(
            client, *((BEN, twin) if operation == DESCRIBE else (DEE,)), names=("dee",)
        )

    if said is None:
        assert (profiles, findings) == ([RoutingProfile(id="day", cross_channel={})] * 2, ())
    else:
        (finding,) = findings
        assert (finding.id, finding.where) == ("RI606", operation)
        assert finding.message.startswith(said)
        assert profiles == [
            agent.routing_profile for agent in ((BEN, twin) if operation == DESCRIBE else (DEE,))
        ]


def test_a_profile_whose_id_is_none_is_a_finding_and_an_instance_id_an_error() -> None:
    """A roster written by hand may call its profiles anything; what goes into an address is checked."""
    with _serving() as (sandbox, client):
        odd = evolve(DEE, routing_profile=RoutingProfile(id="../x"))
        _, findings = _complete(client, odd, names=("dee",))
        with pytest.raises(RoutingInspectError, match="no instance id"):
            aws.complete_profiles(client, Roster(), WAITING, instance_id="../x")
        assert sandbox.requests == ()

    assert findings[0].message == "`../x` is no routing profile id"


def test_explain_says_that_a_queue_is_for_manual_assignment_only(run: Run) -> None:
    """Asked why not this agent: the queue is in the routing profile, and still routing never offers it."""
    to = ["--instance-id", INSTANCE, "--agent", aws_paths.AGENTS[3], "--now", "2026-11-17T03:00:00Z"]
    with aws_paths.hurried(), Sandbox(aws_paths.scenario()) as sandbox:
        code, out, _ = run("explain", aws_paths.TAKEN, "--endpoint-url", sandbox.url, *to)

    assert code == 1
    said = "Queue 1 is in the routing profile for manual assignment only: routing never offers it"
    assert said in " ".join(out.split())


def test_explain_live_knows_whether_a_channel_in_hand_admits_the_contact(run: Run) -> None:
    """Ben chats, and his routing profile admits a call beside it: he could take it."""
    to = ["--instance-id", INSTANCE, "--live", "--format", "json"]
    with aws_paths.hurried(), Sandbox(aws_paths.scenario()) as sandbox:
        _, out, _ = run("explain", aws_paths.WAITING, "--endpoint-url", sandbox.url, *to)

    assert aws_paths.AGENTS[1] in json.loads(out)["live"]["could"]
