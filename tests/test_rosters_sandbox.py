from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from records import Run
from routing_inspect import aws
from routing_inspect.errors import DocumentError
from routing_inspect.sandbox import Quota, Sandbox, Scenario, generate, read_scenario
from routing_inspect.sandbox.quotas import Buckets

INSTANCE = "11111111-1111-4111-8111-111111111111"
SESSION = boto3.Session("none", "none", region_name="eu-west-2")


def _client(sandbox: Sandbox) -> Any:
    once = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return SESSION.client("connect", endpoint_url=sandbox.url, config=once)


def _centre(**more: Any) -> dict[str, Any]:
    return {"instance_id": INSTANCE, "generate": {"agents": 3}, **more}


def _problems(scenario: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(DocumentError) as refused:
        read_scenario(scenario)
    return [(problem.path, problem.message) for problem in refused.value.problems]


# Quotas.


def test_a_bucket_grants_its_burst_and_then_its_rate() -> None:
    """Each operation has tokens of its own, and never more than the burst."""
    now = [0.0]
    buckets = Buckets({"*": Quota(2, 3), "DescribeUser": Quota(1, 1)}, clock=lambda: now[0])

    assert [buckets.take("ListUsers") for _ in range(4)] == [True, True, True, False]
    assert [buckets.take("DescribeUser") for _ in range(2)] == [True, False]
    now[0] = 0.5
    assert [buckets.take("ListUsers") for _ in range(2)] == [True, False]
    now[0] = 100.0
    assert [buckets.take("ListUsers") for _ in range(4)] == [True, True, True, False]


def test_an_operation_without_a_quota_is_never_throttled() -> None:
    """What the quotas do not name is as free as without any."""
    buckets = Buckets({"ListUsers": Quota(1, 1)}, clock=lambda: 0.0)

    assert all(buckets.take("SearchUsers") for _ in range(1000))


def test_requests_past_the_quota_are_throttled_as_the_service_does() -> None:
    """ThrottlingException with 429, counted, and still among the requests."""
    quotas = {"ListUsers": {"rate": 0.001, "burst": 2}}
    with Sandbox(_centre(quotas=quotas)) as sandbox:
        client = _client(sandbox)
        for _ in range(2):
            client.list_users(InstanceId=INSTANCE)
        with pytest.raises(ClientError) as refused:
            client.list_users(InstanceId=INSTANCE)
        client.search_users(InstanceId=INSTANCE)

        assert refused.value.response["Error"]["Code"] == "ThrottlingException"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert (sandbox.throttled, len(sandbox.requests)) == (1, 4)


def test_a_quota_given_beside_the_scenario_rules_for_every_operation() -> None:
    """A caller may try one scenario at several rates."""
    with Sandbox(_centre(quotas={"ListUsers": {"rate": 9, "burst": 9}}), quota=Quota(0.001, 1)) as sandbox:
        client = _client(sandbox)
        client.list_users(InstanceId=INSTANCE)
        with pytest.raises(ClientError):
            client.list_users(InstanceId=INSTANCE)


def test_a_quota_left_out_in_part_is_the_services_own() -> None:
    """Two a second, five at once."""
    assert read_scenario(_centre(quotas={"*": {}})).quotas == {"*": Quota(2.0, 5)}


@pytest.mark.parametrize(
    ("quotas", "place", "message"),
    [
        (1, "$.quotas", "expected an object"),
        ({"Nothing": {}}, "$.quotas.Nothing", "the sandbox serves no such operation"),
        ({"*": 2}, '$.quotas["*"]', "expected `{"),
        ({"ListUsers": {"rat": 1}}, "$.quotas.ListUsers.rat", "a quota has no such member"),
        ({"ListUsers": {"rate": 0}}, "$.quotas.ListUsers.rate", "expected a number of requests a second"),
        ({"ListUsers": {"rate": True}}, "$.quotas.ListUsers.rate", "expected a number of requests a second"),
        ({"ListUsers": {"burst": 1.5}}, "$.quotas.ListUsers.burst", "expected a whole number from 1"),
        ({"ListUsers": {"burst": True}}, "$.quotas.ListUsers.burst", "expected a whole number from 1"),
    ],
)
def test_what_is_wrong_with_quotas_has_its_place(quotas: Any, place: str, message: str) -> None:
    """A slip in an operation's name would leave it without a quota."""
    ((path, found),) = _problems(_centre(quotas=quotas))

    assert path == place
    assert found.startswith(message)


# Generated centres.


def test_a_generated_centre_is_the_same_every_time_and_valid() -> None:
    """Tests can rely on who holds what; another seed is another centre of the same size."""
    one, same, other = generate(agents=50), generate(agents=50), generate(agents=50, seed=1)

    assert one == same != other
    assert [len(one[name]) for name in ("users", "routing_profiles", "queues")] == [50, 12, 20]
    assert isinstance(read_scenario({"instance_id": INSTANCE, **one}), Scenario)


def test_a_scenario_may_want_agents_generated_beside_its_own() -> None:
    """Five thousand agents are one line of a scenario file."""
    alice = {"Id": "alice", "Username": "alice"}
    made = {"agents": 5000, "routing_profiles": 2, "queues": 3}
    scenario = read_scenario({"instance_id": INSTANCE, "generate": made, "users": [alice]})

    assert len(scenario.users) == 5001
    assert scenario.users["alice"] == alice
    assert (len(scenario.routing_profiles), len(scenario.queues)) == (2, 3)


@pytest.mark.parametrize(
    ("wanted", "place", "message"),
    [
        (1, "$.generate", "expected an object"),
        ({"agent": 1}, "$.generate.agent", "what is generated has no such member"),
        ({"agents": -1}, "$.generate.agents", "expected a whole number from 0 to 100000"),
        ({"agents": True}, "$.generate.agents", "expected a whole number from 0 to 100000"),
        ({"queues": 0}, "$.generate.queues", "expected a whole number from 1 to 1000"),
    ],
)
def test_what_is_wrong_with_what_is_generated_has_its_place(wanted: Any, place: str, message: str) -> None:
    """A misspelled member would generate the default."""
    ((path, found),) = _problems({"instance_id": INSTANCE, "generate": wanted})

    assert path == place
    assert found.startswith(message)


# SearchRoutingProfiles.


@pytest.fixture(scope="module")
def profiles() -> Iterator[Sandbox]:
    """Serve two profiles, of which one says all it can."""
    queue = {"QueueId": "q", "QueueName": "Q", "QueueArn": "x", "Priority": 1, "Delay": 0}
    scenario = {
        "instance_id": INSTANCE,
        "queues": [{"QueueId": "q"}],
        "routing_profiles": [
            {
                "RoutingProfileId": "p-1",
                "Name": "One",
                "AgentAvailabilityTimer": "TIME_SINCE_LAST_INBOUND",
                "LastModifiedTime": 1,
                "MediaConcurrencies": [
                    {
                        "Channel": "CHAT",
                        "Concurrency": 3,
                        "CrossChannelBehavior": {"BehaviorType": "ROUTE_ANY_CHANNEL"},
                    }
                ],
                "Queues": [{**queue, "Channel": "VOICE"}, {**queue, "Channel": "CHAT"}],
            },
            {"RoutingProfileId": "p-2", "Name": "Two"},
        ],
    }
    with Sandbox(scenario) as sandbox:
        yield sandbox


def test_a_search_for_profiles_tells_what_the_models_notes_say(profiles: Sandbox) -> None:
    """Queue ids, but neither the availability timer nor the time of edit nor cross-channel behaviour."""
    answer = _client(profiles).search_routing_profiles(InstanceId=INSTANCE, MaxResults=500)

    assert answer["ApproximateTotalCount"] == 2
    assert answer["RoutingProfiles"][0] == {
        "RoutingProfileId": "p-1",
        "Name": "One",
        "MediaConcurrencies": [{"Channel": "CHAT", "Concurrency": 3}],
        "AssociatedQueueIds": ["q"],
    }


def test_a_filtered_search_for_profiles_is_not_served(profiles: Sandbox) -> None:
    """What would be ignored is refused instead."""
    criteria = {"StringCondition": {"FieldName": "Name", "Value": "One", "ComparisonType": "EXACT"}}
    with pytest.raises(ClientError, match="does not serve SearchCriteria"):
        _client(profiles).search_routing_profiles(InstanceId=INSTANCE, SearchCriteria=criteria)


# The command.


def test_the_command_hands_its_quota_on(run: Run, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """--rate and --burst are the sandbox's; one alone leaves the other the service's own."""
    file = tmp_path / "scenario.json"
    file.write_text('{"instance_id": "i"}', encoding="utf-8")
    seen: list[Any] = []
    monkeypatch.setattr(Sandbox, "serve_forever", lambda self: seen.append(self.scenario.quotas))

    assert run("sandbox", str(file))[0] == 0
    assert run("sandbox", str(file), "--rate", "100")[0] == 0
    assert run("sandbox", str(file), "--burst", "9")[0] == 0
    code, _, err = run("sandbox", str(file), "--rate", "0")

    assert seen == [{}, {"*": Quota(100.0, 5)}, {"*": Quota(2.0, 9)}]
    assert code == 2
    assert "a rate is above 0" in err


def test_a_client_of_one_attempt_leaves_the_rate_to_its_caller() -> None:
    """Several attempts adapt to throttling; with one there is nothing to adapt."""
    modes = [
        aws.connect(session=SESSION, attempts=attempts).meta.config.retries["mode"] for attempts in (1, 2)
    ]

    assert modes == ["standard", "adaptive"]
