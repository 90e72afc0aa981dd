import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from records import Run
from routing_inspect import aws
from routing_inspect.aws import calls, pull
from routing_inspect.aws.patience import Patience
from routing_inspect.aws.rate import Bucket, Buckets, StoppedError, limited
from routing_inspect.contact import Roster, RoutedQueue, RoutingProfile
from routing_inspect.document import JSON
from routing_inspect.errors import RoutingInspectError, ServiceError
from routing_inspect.expr import Attribute
from routing_inspect.roster import read_roster, write_roster
from routing_inspect.sandbox import Quota, Sandbox

INSTANCE = "11111111-1111-4111-8111-111111111111"
NOW = datetime(2026, 11, 17, 3, tzinfo=UTC)
# One for all tests, since it reads the service's model once.
SESSION = boto3.Session("none", "none", region_name="eu-west-2")
FAST = {"rate": 1000.0, "burst": 1000}

pytestmark = pytest.mark.usefixtures("_credentials")


def _centre(agents: int = 8, **extra: Any) -> dict[str, Any]:
    made = {"agents": agents, "routing_profiles": 3, "queues": 4}
    return {"instance_id": INSTANCE, "generate": made, **extra}


def _fault(operation: str, fault: dict[str, JSON], **rest: Any) -> dict[str, JSON]:
    return {"operation": operation, "fault": fault, **rest}


def _client(sandbox: Sandbox) -> Any:
    return aws.connect(session=SESSION, endpoint_url=sandbox.url, attempts=1)


def _pull(sandbox: Sandbox, **options: Any) -> aws.Pulled:
    options = {**FAST, "clock": lambda: NOW, "patience": timedelta(seconds=0.2), **options}
    return aws.pull_roster(_client(sandbox), instance_id=INSTANCE, **options)


def _id(number: int) -> str:
    return f"aaaaaaaa-0000-4000-8000-{number:012d}"


def _sent(sandbox: Sandbox) -> Counter[str]:
    return Counter(request.operation for request in sandbox.requests)


# The buckets.


def test_a_bucket_spreads_requests_so_that_the_quota_holds_with_room_to_spare() -> None:
    """Of a burst of five one token stays unused, and then requests go out at the rate."""
    bucket = Bucket(2.0, 5, clock=lambda: 100.0)

    assert [bucket.reserve() for _ in range(7)] == [0, 0, 0, 0, 0.5, 1.0, 1.5]
    assert bucket.sent == 7


@pytest.mark.parametrize(("burst", "at_once"), [(1, 1), (2, 1), (5, 4), (250, 200)])
def test_a_fifth_of_a_burst_stays_unused(burst: int, at_once: int) -> None:
    """What was slow on its way arrives closer to the next request, and the service counts arrivals."""
    bucket = Bucket(1.0, burst, clock=lambda: 0.0)

    waits = [bucket.reserve() for _ in range(burst + 1)]

    assert waits.count(0) == at_once


def test_a_bucket_fills_again_while_nothing_is_sent() -> None:
    """After a pause as long as the burst, as many may go at once as at the start."""
    now = [0.0]
    bucket = Bucket(2.0, 5, clock=lambda: now[0])
    for _ in range(4):
        bucket.reserve()
    now[0] = 2.0

    assert [bucket.reserve() for _ in range(5)] == [0, 0, 0, 0, 0.5]


def test_a_throttled_bucket_is_empty() -> None:
    """The service has said that nothing is left, so the next request waits for the pause and a token."""
    bucket = Bucket(2.0, 5, clock=lambda: 0.0)

    bucket.pause(0.25)

    assert bucket.reserve() == 0.5


def test_a_stop_ends_every_wait_and_lets_nothing_through() -> None:
    """A pull that is given up sends nothing more, whoever waits for a token."""
    buckets = Buckets(0.001, 1)
    buckets.wait("ListUsers")
    waiting = threading.Timer(0.05, buckets.stop)
    waiting.start()

    with pytest.raises(StoppedError):
        buckets.wait("ListUsers")
    with pytest.raises(StoppedError):
        buckets.wait("DescribeUser")

    assert buckets.sent == {"ListUsers": 2}
    waiting.join()


def test_a_stopped_request_never_leaves() -> None:
    """The limit is inside the client, before anything is sent, and goes when the block ends."""
    with Sandbox(_centre(1)) as sandbox:
        client = _client(sandbox)
        buckets = Buckets()
        buckets.stop()
        with limited(client, buckets), pytest.raises(StoppedError):
            client.list_users(InstanceId=INSTANCE)

        assert sandbox.requests == ()
        assert len(client.list_users(InstanceId=INSTANCE)["UserSummaryList"]) == 1


def test_an_answer_that_trickled_for_too_long_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of a hundred answers that hang must not end the pull."""
    monkeypatch.setattr(calls, "LONGEST_ANSWER", timedelta(seconds=1))
    slow = _fault("ListUserProficiencies", {"trickle_seconds": 3600}, calls=[2])
    with Sandbox(_centre(4)) as sandbox:
        usual = _pull(sandbox)
    with Sandbox(_centre(4, faults=[slow])) as sandbox:
        pulled = _pull(sandbox)

        assert _sent(sandbox)["ListUserProficiencies"] == 5
    assert pulled.roster == usual.roster


# What is pulled.


def test_a_pull_brings_everything_a_roster_can_say() -> None:
    """Levels with their time of edit, routing profile with concurrency, queues with priority and delay."""
    scenario = {
        "instance_id": INSTANCE,
        "users": [
            {
                "Id": "u-1",
                "Username": "alice",
                "RoutingProfileId": "p-1",
                "Proficiencies": [
                    {"AttributeName": "Language", "AttributeValue": "French", "Level": 4},
                ],
                "ProficienciesLastModifiedTime": "2026-11-02T09:30:00Z",
            },
        ],
        "routing_profiles": [
            {
                "RoutingProfileId": "p-1",
                "Name": "General",
                "MediaConcurrencies": [
                    {"Channel": "VOICE", "Concurrency": 1},
                    {"Channel": "CHAT", "Concurrency": 3},
                ],
                "Queues": [
                    {
                        "QueueId": "q-1",
                        "QueueArn": "arn:aws:connect:eu-west-2:123456789012:queue/q-1",
                        "QueueName": "Billing",
                        "Priority": 2,
                        "Delay": 30,
                        "Channel": "VOICE",
                    }
                ],
            }
        ],
        "queues": [{"QueueId": "q-1"}],
    }
    with Sandbox(scenario) as sandbox:
        pulled = _pull(sandbox)

    (agent,) = pulled.roster.agents
    assert (agent.id, agent.username) == ("u-1", "alice")
    assert agent.proficiencies == {Attribute("Language", "French"): 4}
    assert agent.modified_at == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert agent.as_of == pulled.roster.as_of == NOW
    concurrency = {"VOICE": 1, "CHAT": 3}
    assert agent.routing_profile == RoutingProfile(id="p-1", name="General", concurrency=concurrency)
    assert agent.queues == (
        RoutedQueue(id="q-1", channel="VOICE", name="Billing", priority=2, delay=timedelta(seconds=30)),
    )
    assert pulled.findings == ()
    assert read_roster(write_roster(pulled.roster)) == pulled.roster


def test_a_pull_sends_the_least_requests_there_can_be() -> None:
    """A page of 500 users and of profiles, the queues of each used profile, and one request an agent."""
    with Sandbox(_centre(501)) as sandbox:
        pulled = _pull(sandbox)

        least = {
            "ListRoutingProfileQueues": 3,
            "ListUserProficiencies": 501,
            "SearchRoutingProfiles": 1,
            "SearchUsers": 2,
        }
        assert _sent(sandbox) == pulled.requests == least
    assert [agent.username for agent in pulled.roster.agents] == [f"agent{n:05}" for n in range(1, 502)]


def test_a_pull_at_the_quota_is_never_throttled() -> None:
    """The sandbox enforces the same rate and burst, and has nothing to turn away."""
    with Sandbox(_centre(40), quota=Quota(20, 20)) as sandbox:
        began = time.monotonic()
        _pull(sandbox, rate=20.0, burst=20)
        took = time.monotonic() - began

        assert sandbox.throttled == 0
    assert took >= (40 - 20) / 20


def test_pages_are_turned_to_the_last() -> None:
    """However small the pages, everything arrives, once."""
    with Sandbox(_centre()) as sandbox:
        whole = _pull(sandbox)
    with Sandbox(_centre(page_size=1)) as sandbox:
        paged = _pull(sandbox)

    assert paged.roster == whole.roster


def test_an_instance_without_agents_is_an_empty_roster() -> None:
    """Nobody is there, and that is an answer."""
    with Sandbox({"instance_id": INSTANCE}) as sandbox:
        assert _pull(sandbox).roster == Roster(as_of=NOW)


def test_agents_are_limited_to_those_who_have_a_queue() -> None:
    """By id or by name; nobody else's proficiencies are asked for."""
    with Sandbox(_centre(30)) as sandbox:
        everybody = _pull(sandbox).roster
    queue_id = "bbbbbbbb-0000-4000-8000-000000000002"
    having = [agent for agent in everybody.agents if queue_id in {queue.id for queue in agent.queues or ()}]
    assert 0 < len(having) < 30
    for queue in (queue_id, "Queue 2"):
        with Sandbox(_centre(30)) as sandbox:
            pulled = _pull(sandbox, queue=queue)

            assert list(pulled.roster.agents) == having
            assert _sent(sandbox)["ListUserProficiencies"] == len(having)


def test_a_queue_that_nobody_has_or_several_are_is_an_error() -> None:
    """A slip in a queue's name must not pass for a queue without agents."""
    scenario = _centre(30)
    with Sandbox(scenario) as sandbox, pytest.raises(RoutingInspectError, match="no agent has") as refused:
        _pull(sandbox, queue="Queue 22")
    assert str(refused.value.hint).startswith("agents have: Queue 1, ")

    queues = [
        {
            "QueueId": f"q-{n}",
            "QueueName": "Twin",
            "Channel": "VOICE",
            "QueueArn": "x",
            "Priority": 1,
            "Delay": 0,
        }
        for n in (1, 2)
    ]
    twins = {
        "instance_id": INSTANCE,
        "users": [{"Id": "u", "Username": "u", "RoutingProfileId": "p"}],
        "routing_profiles": [{"RoutingProfileId": "p", "Queues": queues}],
        "queues": [{"QueueId": "q-1"}, {"QueueId": "q-2"}],
    }
    with (
        Sandbox(twins) as sandbox,
        pytest.raises(RoutingInspectError, match="2 queues are named `Twin`") as refused,
    ):
        _pull(sandbox, queue="Twin")
    assert refused.value.hint == "give the id: q-1, q-2"


# What goes wrong.


def test_an_agent_deleted_meanwhile_is_left_out_and_said() -> None:
    """Gone between the list and the question: the pull completes without the agent."""
    gone = _fault("ListUserProficiencies", {"error": "ResourceNotFoundException"}, match={"UserId": _id(3)})
    with Sandbox(_centre(faults=[gone])) as sandbox:
        pulled = _pull(sandbox)

    assert len(pulled.roster.agents) == 7
    assert pulled.roster.find(_id(3)) is None
    (finding,) = pulled.findings
    assert finding.id == "RI606"
    assert _id(3) in finding.message


def test_a_refusal_about_one_agent_leaves_that_agent_unknown() -> None:
    """A policy may exclude some agents; nobody is left out, and nothing is made up."""
    refused = _fault(
        "ListUserProficiencies", {"error": "AccessDeniedException", "status": 403}, match={"UserId": _id(3)}
    )
    kept: list[pull.Entry] = []
    with Sandbox(_centre(faults=[refused])) as sandbox:
        pulled = _pull(sandbox, keep=kept.extend)

    agent = pulled.roster.find(_id(3))
    assert agent is not None
    assert agent.proficiencies is None
    assert [finding.id for finding in pulled.findings] == ["RI606"]
    assert not any(entry.get("agent") == _id(3) for entry in kept)


def test_a_refusal_about_everybody_stops_soon() -> None:
    """Without the permission there are no 5,000 questions to have refused."""
    denied = _fault("ListUserProficiencies", {"error": "AccessDeniedException", "status": 403})
    with Sandbox(_centre(200, faults=[denied]), quota=Quota(1000, 20)) as sandbox:
        with pytest.raises(ServiceError, match="not allowed to call ListUserProficiencies") as stopped:
            _pull(sandbox, rate=40.0, burst=10)

        assert _sent(sandbox)["ListUserProficiencies"] < 60
    assert "connect:ListUserProficiencies" in str(stopped.value.hint)


def test_without_the_search_profiles_are_described_one_by_one() -> None:
    """An old policy has DescribeRoutingProfile only; with neither, the name is unknown, and that is said."""
    denied = {"error": "AccessDeniedException", "status": 403}
    with Sandbox(_centre()) as sandbox:
        usual = _pull(sandbox)
    with Sandbox(_centre(faults=[_fault("SearchRoutingProfiles", denied)])) as sandbox:
        described = _pull(sandbox)
        assert _sent(sandbox)["DescribeRoutingProfile"] == 3
        one_queue = _pull(sandbox, queue="Queue 2")
    assert described.roster == usual.roster
    assert set(one_queue.roster.agents) <= set(usual.roster.agents)

    faults = [_fault("SearchRoutingProfiles", denied), _fault("DescribeRoutingProfile", denied)]
    with Sandbox(_centre(faults=faults)) as sandbox:
        refused = _pull(sandbox)
    assert {agent.routing_profile and agent.routing_profile.name for agent in refused.roster.agents} == {None}
    assert [finding.where for finding in refused.findings] == [
        "SearchRoutingProfiles",
        *["DescribeRoutingProfile"] * 3,
    ]
    assert described.findings[0].message.endswith("; each routing profile was described instead")


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({"AssociatedManualAssignmentQueueIds": ["q-1", "q-2"]}, ("q-1", "q-2")),
        ({"AssociatedManualAssignmentQueueIds": []}, ()),
        ({"NumberOfAssociatedManualAssignmentQueues": 0}, ()),
        ({"NumberOfAssociatedManualAssignmentQueues": 2}, None),
        ({}, None),
    ],
)
def test_queues_for_manual_assignment_are_kept_where_the_search_tells_them(
    told: dict[str, JSON], known: tuple[str, ...] | None
) -> None:
    """A count of none is none; a list that is not told is unknown, and costs no request of its own."""
    profiles = [{"RoutingProfileId": f"bbbbbbbb-1111-4000-8000-00000000000{n}", **told} for n in (1, 2, 3)]
    with Sandbox(_centre(1)) as sandbox:
        (agent,) = _pull(sandbox).roster.agents
    assert agent.routing_profile is not None
    profiles.append({"RoutingProfileId": agent.routing_profile.id, **told})
    answer = _fault("SearchRoutingProfiles", {"body": json.dumps({"RoutingProfiles": profiles})})

    with Sandbox(_centre(1, faults=[answer])) as sandbox:
        pulled = _pull(sandbox)
        assert "ListRoutingProfileManualAssignmentQueues" not in _sent(sandbox)

    (agent,) = pulled.roster.agents
    assert agent.routing_profile is not None
    assert agent.routing_profile.manual_queue_ids == known
    assert read_roster(write_roster(pulled.roster)) == pulled.roster


def test_any_other_failure_of_the_search_for_profiles_stops() -> None:
    """Only a refusal is a reason to take the longer way."""
    expired = _fault("SearchRoutingProfiles", {"error": "ExpiredTokenException", "status": 403})
    with Sandbox(_centre(faults=[expired])) as sandbox, pytest.raises(ServiceError, match="ExpiredToken"):
        _pull(sandbox)


def test_queues_that_are_refused_stay_unknown() -> None:
    """An agent whose profile's queues may not be seen has unknown queues, not none."""
    denied = _fault("ListRoutingProfileQueues", {"error": "AccessDeniedException", "status": 403})
    with Sandbox(_centre(faults=[denied])) as sandbox:
        pulled = _pull(sandbox)

        assert {agent.queues for agent in pulled.roster.agents} == {None}
        assert read_roster(write_roster(pulled.roster)) == pulled.roster
        with pytest.raises(RoutingInspectError, match="no agent has a queue"):
            _pull(sandbox, queue="Queue 1")


def test_two_agents_of_one_name_are_both_there_and_said() -> None:
    """A username that two agents have is asked about by user id."""
    body = json.dumps({"Users": [{"Id": "u-1", "Username": "twin"}, {"Id": "u-2", "Username": "twin"}]})
    users = [{"Id": f"u-{n}", "Username": f"u-{n}"} for n in (1, 2)]
    scenario = {"instance_id": INSTANCE, "users": users, "faults": [_fault("SearchUsers", {"body": body})]}
    with Sandbox(scenario) as sandbox:
        pulled = _pull(sandbox)

    assert [agent.id for agent in pulled.roster.agents] == ["u-1", "u-2"]
    assert [finding.id for finding in pulled.findings] == ["RI606", "RI606", "RI407"]
    assert "2 agents have the username `twin`: u-1, u-2" in pulled.findings[-1].message


def test_a_user_who_comes_twice_is_one_agent() -> None:
    """Pages shift where somebody is added between two of them."""
    user = {"Id": "u-1", "Username": "one"}
    scenario = {
        "instance_id": INSTANCE,
        "users": [user],
        "faults": [_fault("SearchUsers", {"body": json.dumps({"Users": [user, user]})})],
    }
    with Sandbox(scenario) as sandbox:
        assert [agent.id for agent in _pull(sandbox).roster.agents] == ["u-1"]


def test_some_throttling_is_waited_out() -> None:
    """Others use the same quota; a pull slows down and completes."""
    with Sandbox(_centre(30), quota=Quota(60, 5)) as sandbox:
        pulled = _pull(sandbox, patience=timedelta(seconds=20))

        assert sandbox.throttled > 0
    assert len(pulled.roster.agents) == 30


def test_throttling_that_never_ends_stops_and_keeps_what_is_there() -> None:
    """Patience is bounded, and what was told before the drought is safe."""
    kept: list[pull.Entry] = []
    quotas = {"ListUserProficiencies": {"rate": 0.001, "burst": 3}}
    with Sandbox(_centre(quotas=quotas)) as sandbox:
        with pytest.raises(ServiceError, match=r"was throttled for .* s without an answer") as stopped:
            _pull(sandbox, keep=kept.extend)
        assert stopped.value.code == "ThrottlingException"
    assert sum("agent" in entry for entry in kept) == 3

    with Sandbox(_centre()) as sandbox:
        resumed = _pull(sandbox, kept=kept)
        assert _sent(sandbox) == {"ListUserProficiencies": 5}
    with Sandbox(_centre()) as sandbox:
        assert resumed.roster == _pull(sandbox).roster


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("ExpiredTokenException", "renew the credentials"),
        ("InvalidSignatureException", "check this machine's clock"),
        ("RequestTimeTooSkewed", "check this machine's clock"),
    ],
)
def test_credentials_that_end_in_mid_pull_stop_it(code: str, hint: str) -> None:
    """What was told before is kept, nothing is asked for longer, and the mend is named."""
    kept: list[pull.Entry] = []
    faults = [
        _fault("ListUserProficiencies", {"error": code, "status": 403}, match={"UserId": _id(n)})
        for n in (7, 8)
    ]
    with (
        Sandbox(_centre(faults=faults)) as sandbox,
        pytest.raises(ServiceError, match=code) as stopped,
    ):
        _pull(sandbox, keep=kept.extend)

    assert hint in str(stopped.value.hint)
    with Sandbox(_centre()) as sandbox:
        resumed = _pull(sandbox, kept=kept)
        told = sum("agent" in entry for entry in kept)
        assert _sent(sandbox)["ListUserProficiencies"] == 8 - told
    assert len(resumed.roster.agents) == 8


@pytest.mark.parametrize(
    "fault",
    [
        {"error": "InternalServiceException"},
        {"close": True},
        {"error": "ThrottlingException"},
        {"body": "<html>"},
    ],
)
def test_a_passing_fault_is_tried_again(fault: dict[str, JSON]) -> None:
    """Once is no reason to stop, whatever it was."""
    faults = [_fault("ListUserProficiencies", fault, calls=[2])]
    with Sandbox(_centre(faults=faults)) as sandbox:
        assert len(_pull(sandbox).roster.agents) == 8


def test_a_fault_that_stays_is_given_up_after_some_tries() -> None:
    """A service that only fails is not asked for ever."""
    broken = _fault("ListUserProficiencies", {"error": "InternalServiceException"}, match={"UserId": _id(1)})
    with Sandbox(_centre(1, faults=[broken])) as sandbox:
        with pytest.raises(ServiceError, match="InternalServiceException"):
            _pull(sandbox, patience=timedelta(seconds=0.01))
        assert _sent(sandbox)["ListUserProficiencies"] == 5


def test_an_endpoint_that_is_not_there_is_no_reason_to_wait() -> None:
    """Before the first answer it is rather a slip in the region."""
    with Sandbox(_centre()) as sandbox:
        client = _client(sandbox)
    began = time.monotonic()
    with pytest.raises(ServiceError, match="nobody can be reached"):
        aws.pull_roster(client, instance_id=INSTANCE)
    assert time.monotonic() - began < 2


def test_a_list_that_leads_back_is_noticed_also_across_a_stop() -> None:
    """A token that was given before would make the pull go round for ever."""
    page = {"Users": [{"Id": "u-1", "Username": "one"}], "NextToken": "same"}
    faults = [_fault("SearchUsers", {"body": json.dumps(page)})]
    kept: list[pull.Entry] = []
    with Sandbox(_centre(faults=faults)) as sandbox:
        with pytest.raises(ServiceError, match="leads back to a page it gave before"):
            _pull(sandbox, keep=kept.extend)
        with pytest.raises(ServiceError, match="leads back to a page it gave before"):
            _pull(sandbox, kept=kept)
        assert _sent(sandbox) == {"SearchUsers": 3}


def test_a_search_goes_on_from_the_page_it_had() -> None:
    """A pull that was stopped between two pages asks for the next one, not for the first."""
    kept: list[pull.Entry] = []
    expired = _fault("SearchUsers", {"error": "ExpiredTokenException", "status": 403}, calls=[3])
    with Sandbox(_centre(page_size=2, faults=[expired])) as sandbox:
        with pytest.raises(ServiceError):
            _pull(sandbox, keep=kept.extend)
        resumed = _pull(sandbox, kept=kept)
        whole = _pull(sandbox)

        assert _sent(sandbox)["SearchUsers"] == 3 + 2 + 4
    assert resumed.roster == whole.roster


def test_a_stale_token_begins_the_search_anew() -> None:
    """A token may mean nothing any more on another day; any other refusal of the first page is an error."""
    stale = {"page": "SearchUsers", "rows": [["gone", "gone", None]], "next": "0" * 32, "at": NOW.isoformat()}
    with Sandbox(_centre()) as sandbox:
        assert len(_pull(sandbox, kept=[stale]).roster.agents) == 8

    refused = _fault("SearchUsers", {"error": "InvalidRequestException"})
    with Sandbox(_centre(faults=[refused])) as sandbox, pytest.raises(ServiceError, match="InvalidRequest"):
        _pull(sandbox)


@pytest.mark.parametrize(
    ("operation", "answer", "place"),
    [
        ("SearchUsers", {"Users": [1]}, "$.Users[0]: expected a user"),
        ("SearchUsers", {"Users": [{"Id": "a/b"}]}, "$.Users[0].Id: `a/b` is no agent id"),
        ("SearchUsers", {"Users": [{"Username": "x"}]}, "$.Users[0].Id: expected a string"),
        (
            "SearchRoutingProfiles",
            {"RoutingProfiles": [1]},
            "$.RoutingProfiles[0]: expected a routing profile",
        ),
        (
            "SearchRoutingProfiles",
            {"RoutingProfiles": [{"Name": "Basic"}]},
            "$.RoutingProfiles[0].RoutingProfileId: expected a string",
        ),
        (
            "SearchRoutingProfiles",
            {"RoutingProfiles": [{"RoutingProfileId": "p", "MediaConcurrencies": 1}]},
            "expected a list of channels",
        ),
        (
            "SearchRoutingProfiles",
            {"RoutingProfiles": [{"RoutingProfileId": "p", "MediaConcurrencies": [1]}]},
            "$.RoutingProfiles[0].MediaConcurrencies[0]: expected a string",
        ),
        (
            "SearchRoutingProfiles",
            {"RoutingProfiles": [{"RoutingProfileId": "p", "AssociatedManualAssignmentQueueIds": "q"}]},
            "$.RoutingProfiles[0].AssociatedManualAssignmentQueueIds: expected a list of queue ids",
        ),
        (
            "ListUserProficiencies",
            {"UserProficiencyList": [{}]},
            "$.UserProficiencyList[0]: expected a profic",
        ),
    ],
)
def test_an_answer_that_cannot_be_read_stops_with_its_place(operation: str, answer: JSON, place: str) -> None:
    """It is the service's fault, not the caller's input; what was told before is kept."""
    faults = [_fault(operation, {"body": json.dumps(answer)})]
    kept: list[pull.Entry] = []
    with Sandbox(_centre(faults=faults)) as sandbox, pytest.raises(ServiceError) as stopped:
        _pull(sandbox, keep=kept.extend)

    assert place in stopped.value.message
    assert stopped.value.operation == operation


def test_a_described_profile_must_be_one() -> None:
    """An answer without its RoutingProfile is asked for again, and then an error."""
    faults = [
        _fault("SearchRoutingProfiles", {"error": "AccessDeniedException", "status": 403}),
        _fault("DescribeRoutingProfile", {"body": "{}"}),
    ]
    with (
        Sandbox(_centre(1, faults=faults)) as sandbox,
        pytest.raises(ServiceError, match="no RoutingProfile"),
    ):
        _pull(sandbox)


def test_a_described_profile_must_be_the_one_asked_for() -> None:
    """An answer about another profile is no answer about this one."""
    other = {"RoutingProfileId": "profile-9", "Name": "Other"}
    faults = [
        _fault("SearchRoutingProfiles", {"error": "AccessDeniedException", "status": 403}),
        _fault("DescribeRoutingProfile", {"body": json.dumps({"RoutingProfile": other})}),
    ]
    with (
        Sandbox(_centre(1, faults=faults)) as sandbox,
        pytest.raises(ServiceError, match="another routing profile than the one asked for"),
    ):
        _pull(sandbox)


def test_a_described_profile_that_cannot_be_read_stops_with_its_place() -> None:
    """The place is that in the answer, which holds one profile and no list."""
    (user,) = Sandbox(_centre(1)).scenario.users.values()
    named = {"RoutingProfileId": user["RoutingProfileId"], "Name": 5}
    faults = [
        _fault("SearchRoutingProfiles", {"error": "AccessDeniedException", "status": 403}),
        _fault("DescribeRoutingProfile", {"body": json.dumps({"RoutingProfile": named})}),
    ]
    place = re.escape("$.RoutingProfile.Name: expected a string")
    with Sandbox(_centre(1, faults=faults)) as sandbox, pytest.raises(ServiceError, match=place):
        _pull(sandbox)


def test_what_no_pull_has_kept_is_refused() -> None:
    """Entries of something else are no part of a roster."""
    with Sandbox(_centre()) as sandbox, pytest.raises(RoutingInspectError, match="no pull has fetched"):
        _pull(sandbox, kept=[{"what": "ever"}])


def test_answers_that_were_on_their_way_are_kept_too() -> None:
    """An agent who is asked about when another's answer ends the pull costs as much as any."""
    kept: list[pull.Entry] = []
    faults = [
        _fault("ListUserProficiencies", {"delay_seconds": 0.3}, match={"UserId": _id(1)}),
        _fault(
            "ListUserProficiencies",
            {"error": "ExpiredTokenException", "status": 403},
            match={"UserId": _id(2)},
        ),
    ]
    with Sandbox(_centre(2, faults=faults)) as sandbox, pytest.raises(ServiceError, match="Expired"):
        _pull(sandbox, keep=kept.extend)

    assert [entry["agent"] for entry in kept if "agent" in entry] == [_id(1)]


def test_a_wait_ends_when_another_question_ends_the_pull() -> None:
    """Nobody waits out a fault for an answer that will not be used."""
    faults = [
        _fault("ListUserProficiencies", {"close": True}, match={"UserId": _id(1)}),
        _fault(
            "ListUserProficiencies",
            {"error": "ExpiredTokenException", "status": 403},
            match={"UserId": _id(2)},
        ),
    ]
    began = time.monotonic()
    with Sandbox(_centre(2, faults=faults)) as sandbox, pytest.raises(ServiceError, match="Expired"):
        _pull(sandbox, patience=timedelta(seconds=30))

    assert time.monotonic() - began < 5


def test_progress_counts_what_was_there_before() -> None:
    """The bar begins where the earlier pull ended."""
    kept: list[pull.Entry] = []
    with Sandbox(_centre()) as sandbox:
        _pull(sandbox, keep=kept.extend)
        seen: list[tuple[int, int]] = []
        some = [entry for entry in kept if entry.get("agent") not in {_id(1), _id(2)}]
        _pull(sandbox, kept=some, progress=lambda *at: seen.append(at))

    assert seen[0] == (6, 8)
    assert seen[-1] == (8, 8)


# The command.


def _command(sandbox: Sandbox, output: Path, *more: str) -> list[str]:
    fixed = ["--instance-id", INSTANCE, "--endpoint-url", sandbox.url, "--output", str(output)]
    return ["roster", "pull", *fixed, *(more or ("--rate", "1000", "--burst", "1000"))]


def _without_times(file: Path) -> JSON:
    document = json.loads(file.read_text("utf-8"))
    assert document.pop("as_of")
    assert all(agent.pop("as_of") for agent in document["agents"])
    return document


def test_the_command_writes_a_roster_and_takes_its_journal_away(run: Run, tmp_path: Path) -> None:
    """A pull that is complete leaves one file, and says on standard error what it cost."""
    output = tmp_path / "roster.json"
    with Sandbox(_centre()) as sandbox:
        code, out, err = run(*_command(sandbox, output))

    assert (code, out) == (0, "")
    assert "8 agents; requests: 3 ListRoutingProfileQueues, 8 ListUserProficiencies" in err
    assert [file.name for file in tmp_path.iterdir()] == ["roster.json"]
    assert len(read_roster(output.read_bytes()).agents) == 8


def test_a_pull_that_stops_keeps_the_good_file_and_says_how_to_go_on(run: Run, tmp_path: Path) -> None:
    """The old roster stays until the new one is whole; the same command goes on."""
    output = tmp_path / "roster.json"
    output.write_text("the old one", encoding="utf-8")
    expired = _fault("ListUserProficiencies", {"error": "ExpiredTokenException", "status": 403}, calls=[8])
    with Sandbox(_centre(faults=[expired])) as sandbox:
        code, out, err = run(*_command(sandbox, output))

        assert (code, out) == (3, "")
        assert "agents are kept in" in err
        assert "the same command goes on from there" in err
        assert "renew the credentials" in err
        assert output.read_text("utf-8") == "the old one"

        code, _, err = run(*_command(sandbox, output))
        assert code == 0
        assert "going on with what" in err
        assert _sent(sandbox)["ListUserProficiencies"] == 9
    assert len(read_roster(output.read_bytes()).agents) == 8


def test_a_journal_of_another_instance_is_not_gone_on_with(run: Run, tmp_path: Path) -> None:
    """It is refused, unless a fresh start is asked for."""
    output = tmp_path / "roster.json"
    expired = _fault("ListUserProficiencies", {"error": "ExpiredTokenException", "status": 403}, calls=[8])
    fast = ("--rate", "1000", "--burst", "1000")
    other = INSTANCE.replace("1", "2")
    with Sandbox(_centre(faults=[expired])) as sandbox:
        run(*_command(sandbox, output))
        code, _, err = run(*_command(sandbox, output, *fast, "--instance-id", other))
        assert code == 2
        assert f"the journal of other work: instance `{INSTANCE}`, not `{other}`" in err

        code, _, err = run(*_command(sandbox, output, *fast, "--fresh"))
        assert code == 0
        assert "going on" not in err


def test_a_queue_that_was_mistyped_costs_nothing(run: Run, tmp_path: Path) -> None:
    """What was fetched is of the instance, whatever queue is asked for: the mended command goes on."""
    output = tmp_path / "roster.json"
    fast = ("--rate", "1000", "--burst", "1000")
    with Sandbox(_centre()) as sandbox:
        code, _, err = run(*_command(sandbox, output, *fast, "--queue", "Queu 2"))
        assert code == 2
        assert "no agent has a queue `Queu 2`" in err
        assert "the command goes on from there once it is mended" in err
        assert "the same command" not in err

        code, _, err = run(*_command(sandbox, output, *fast, "--queue", "Queue 2"))
        assert code == 0
        assert "going on with what" in err
        assert _sent(sandbox)["SearchUsers"] == 1
        assert [file.name for file in tmp_path.iterdir()] == ["roster.json"]


def test_a_pull_that_got_nothing_leaves_nothing(run: Run, tmp_path: Path) -> None:
    """An empty journal would be in the way, and there is nothing to go on with."""
    denied = _fault("SearchUsers", {"error": "AccessDeniedException", "status": 403})
    with Sandbox(_centre(faults=[denied])) as sandbox:
        code, _, err = run(*_command(sandbox, tmp_path / "roster.json"))

    assert code == 3
    assert "stopped" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_list_of_no_agents_replaces_no_roster(run: Run, tmp_path: Path) -> None:
    """Nobody at all is what a role sees that may not see them: the good file stays, and no journal does."""
    output = tmp_path / "roster.json"
    output.write_text("the old one", encoding="utf-8")
    empty = _fault("SearchUsers", {"body": json.dumps({"Users": []})})
    with Sandbox(_centre(faults=[empty])) as sandbox:
        code, _, err = run(*_command(sandbox, output))

    assert code == 4
    assert f"warning RI606: the service names no agent, so nothing is written to {output}" in err
    assert [file.name for file in tmp_path.iterdir()] == ["roster.json"]
    assert output.read_text("utf-8") == "the old one"


def test_what_cannot_be_so_is_unknown_and_said(run: Run, tmp_path: Path) -> None:
    """A roster cannot hold a concurrency or a delay below zero; what is written can be read again."""
    output = tmp_path / "roster.json"
    profile = "cccccccc-0000-4000-8000-000000000001"
    slots = {"MediaConcurrencies": [{"Channel": "VOICE", "Concurrency": -1}]}
    search = {"RoutingProfiles": [{"RoutingProfileId": profile, "Name": "one", **slots}]}
    row = {"QueueId": "q", "QueueArn": "q", "QueueName": "q", "Priority": 1, "Delay": -1, "Channel": "VOICE"}
    faults = [
        _fault("SearchRoutingProfiles", {"body": json.dumps(search)}),
        _fault(
            "ListRoutingProfileQueues",
            {"body": json.dumps({"RoutingProfileQueueConfigSummaryList": [row]})},
            match={"RoutingProfileId": profile},
        ),
    ]
    with Sandbox(_centre(faults=faults)) as sandbox:
        code, _, err = run(*_command(sandbox, output))

    assert code == 4
    assert f"the routing profile {profile} has a concurrency of -1: taken as unknown" in err
    assert f"the routing profile {profile} has a queue with a delay of -1 s: its queues are taken" in err
    read = [agent for agent in read_roster(output.read_bytes()).agents if agent.routing_profile is not None]
    odd = [
        (agent.queues, p.concurrency) for agent in read if (p := agent.routing_profile) and p.id == profile
    ]
    assert odd
    assert set(odd) == {(None, None)}
    assert any(agent.queues for agent in read)


def test_a_roster_that_could_not_be_read_again_replaces_none(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the reason, the good file and the journal stay."""
    output = tmp_path / "roster.json"
    output.write_text("the old one", encoding="utf-8")
    monkeypatch.setattr("routing_inspect.roster._AGENT_MEMBERS", ("id",))
    with Sandbox(_centre()) as sandbox:
        code, _, err = run(*_command(sandbox, output))

    assert code == 2
    assert "the roster that was fetched: $.agents[0]" in err
    assert "8 agents are kept in" in err
    assert output.read_text("utf-8") == "the old one"
    assert (tmp_path / "roster.json.journal").exists()


def test_facts_that_stay_unknown_are_said_and_give_4(run: Run, tmp_path: Path) -> None:
    """The roster is written; of one agent it cannot say what is held."""
    refused = _fault(
        "ListUserProficiencies", {"error": "AccessDeniedException", "status": 403}, match={"UserId": _id(3)}
    )
    gone = _fault("ListUserProficiencies", {"error": "ResourceNotFoundException"}, match={"UserId": _id(4)})
    twins = {
        "Users": [
            {"Id": _id(n), "Username": "twin", "RoutingProfileId": "cccccccc-0000-4000-8000-000000000001"}
            for n in (1, 2)
        ]
    }
    output = tmp_path / "roster.json"
    with Sandbox(_centre(faults=[refused, gone])) as sandbox:
        code, _, err = run(*_command(sandbox, output))
    assert code == 4
    assert err.count("warning RI606: ") == 2

    with Sandbox(_centre(faults=[_fault("SearchUsers", {"body": json.dumps(twins)})])) as sandbox:
        code, _, err = run(*_command(sandbox, output))
    assert code == 0
    assert "warning RI407: 2 agents have the username `twin`" in err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--output", "-", "--instance-id", INSTANCE], "--output is a file"),
        (["--output", "x"], "give --instance-id"),
        (["--output", "x", "--instance-id", "a b"], "is no instance id"),
        (["--output", "x", "--instance-id", INSTANCE, "--rate", "0"], "a rate is 0.01 at least"),
        (["--output", "x", "--instance-id", INSTANCE, "--rate", "nan"], "a rate is 0.01 at least"),
        (["--output", "x", "--instance-id", INSTANCE, "--rate", "1e-300"], "a rate is 0.01 at least"),
        (["--output", "x", "--instance-id", INSTANCE, "--burst", "1001"], "1<=x<=1000"),
        (["--output", "x", "--instance-id", INSTANCE, "--patience", "9" * 20], "0<=x<=86400"),
    ],
)
def test_what_cannot_be_pulled_is_said_before_anything_is_asked(
    arguments: list[str], complaint: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Usage errors cost no request and leave no file."""
    monkeypatch.chdir(tmp_path)
    code, _, err = run("roster", "pull", *arguments)

    assert code == 2
    assert complaint in err
    assert list(tmp_path.iterdir()) == []


def test_progress_is_drawn_on_a_terminal_only(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far, how fast and how long, for whoever watches."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    with Sandbox(_centre(40)) as sandbox:
        code, out, err = run(*_command(sandbox, tmp_path / "r.json", "--rate", "60", "--burst", "5"))

    assert (code, out) == (0, "")
    assert "agents" in err
    assert "a second" in err
    assert "40/40" in err


def _start(sandbox: Sandbox, output: Path, *more: str) -> subprocess.Popen[str]:
    program = "from routing_inspect.cli import main; main()"
    command = [sys.executable, "-c", program, *_command(sandbox, output, *more)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ})


def _wait_for(sandbox: Sandbox, requests: int) -> None:
    until = time.monotonic() + 60
    while len(sandbox.requests) < requests:
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.fixture
def slow_centre() -> Iterator[Sandbox]:
    """A centre that hands out 60 answers a second, so that there is time to kill."""
    with Sandbox(_centre(60), quota=Quota(60, 10)) as sandbox:
        yield sandbox


@pytest.mark.slow
def test_a_pull_that_is_killed_three_times_ends_with_the_same_file(
    slow_centre: Sandbox, run: Run, tmp_path: Path
) -> None:
    """SIGKILL loses only what was on its way, and never a good file."""
    output, slow = tmp_path / "roster.json", ("--rate", "60", "--burst", "10")
    output.write_text("the old one", encoding="utf-8")
    for requests in (15, 35, 55):
        process = _start(slow_centre, output, *slow)
        _wait_for(slow_centre, requests)
        process.kill()
        process.communicate()
        assert output.read_text("utf-8") == "the old one"
    code, _, _ = run(*_command(slow_centre, output, *slow))

    assert code == 0
    sent = _sent(slow_centre)
    assert sent["SearchUsers"] == 1
    # At most as many as may be on their way at once were asked about again, for each kill.
    assert 60 <= sent["ListUserProficiencies"] <= 60 + 3 * 12 + slow_centre.throttled
    with Sandbox(_centre(60)) as sandbox:
        run(*_command(sandbox, tmp_path / "whole.json"))
    assert _without_times(output) == _without_times(tmp_path / "whole.json")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["roster.json", "whole.json"]


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_there_and_says_how_to_go_on(
    slow_centre: Sandbox, run: Run, tmp_path: Path
) -> None:
    """An interrupt is exit code 130, no traceback, and loses nothing that was answered."""
    output, slow = tmp_path / "roster.json", ("--rate", "60", "--burst", "10")
    process = _start(slow_centre, output, *slow)
    _wait_for(slow_centre, 30)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "the same command goes on from there" in err
    assert "Traceback" not in err
    assert not output.exists()
    assert run(*_command(slow_centre, output, *slow))[0] == 0
    assert 0 <= _sent(slow_centre)["ListUserProficiencies"] - 60 <= slow_centre.throttled


def test_a_fault_on_the_way_is_told_by_its_cause() -> None:
    """A timeout may pass once the service has answered; a certificate that is wrong does not."""
    one = Patience(Buckets(), 1.0)
    error = ServiceError("no answer", operation="SearchUsers")
    error.__cause__ = ReadTimeoutError(endpoint_url="http://x")

    assert not one.may_pass(error)
    one.is_answered = True
    assert one.may_pass(error)
    error.__cause__ = OSError()
    assert not one.may_pass(error)
