import gzip
import json
import logging
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import botocore
import botocore.endpoint
import pytest
from attrs import evolve
from botocore.config import Config
from botocore.stub import Stubber

import aws_paths
from routing_inspect import aws
from routing_inspect.aws import calls
from routing_inspect.contact import Agent, Contact, Roster, RoutedQueue
from routing_inspect.document import JSON
from routing_inspect.errors import DocumentError, RoutingInspectError, ServiceError
from routing_inspect.expr import Attribute, Between, Not, Opaque
from routing_inspect.findings import Finding
from routing_inspect.forms import read
from routing_inspect.sandbox import Sandbox

CENTRE = Path(__file__).parent / "data" / "sandbox" / "centre.json"
INSTANCE = "11111111-1111-4111-8111-111111111111"
ARN = f"arn:aws:connect:eu-west-2:123456789012:instance/{INSTANCE}"
NOW = datetime(2026, 11, 17, 3, tzinfo=UTC)
FRENCH = Attribute("connect:Language", "connect:French")
# A contact whose expressions need what botocore's model has only since 1.35.86, and more.
NEWER: dict[str, Any] = {
    "Id": "newer",
    "Arn": f"{ARN}/contact/newer",
    "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": "+442079460958"},
    "RoutingCriteria": {
        "Steps": [
            {
                "Expression": {
                    "NotAttributeCondition": {
                        "Name": "Claims",
                        "Value": "Fire",
                        "Range": {"MinProficiencyLevel": 1.0, "MaxProficiencyLevel": 5.0},
                        "ComparisonOperator": "Range",
                    }
                },
                "Status": "ACTIVE",
                "FutureMember": [1],
            },
            {"Expression": {"XorExpression": [{"Future": True}]}},
        ]
    },
}


pytestmark = pytest.mark.usefixtures("_no_pauses")


@pytest.fixture(scope="module", name="session")
def _session() -> boto3.Session:
    return aws_paths.session()


@pytest.fixture(scope="module")
def centre(session: boto3.Session) -> Iterator[tuple[Sandbox, Any]]:
    """Give a sandbox of the whole scenario and a client of it, for tests that only ask."""
    with Sandbox(CENTRE) as sandbox, _connected(session, sandbox) as client:
        yield sandbox, client


@contextmanager
def _connected(session: boto3.Session, sandbox: Sandbox) -> Iterator[Any]:
    with closing(aws.connect(session=session, endpoint_url=sandbox.url, attempts=2)) as client:
        yield client


@contextmanager
def _serving(session: boto3.Session, *faults: Mapping[str, JSON], **sections: JSON) -> Iterator[Any]:
    """Give a client of a sandbox with the whole scenario, but for these faults and sections."""
    scenario = {**json.loads(CENTRE.read_text("utf-8")), **sections, "faults": list(faults)}
    with Sandbox(scenario) as sandbox, _connected(session, sandbox) as client:
        yield client


def _describe(client: Any, contact_id: str = "contact-1") -> Contact:
    return aws.describe_contact(client, instance_id=INSTANCE, contact_id=contact_id)


def _fetch(client: Any, *agent_ids: str) -> Any:
    return aws.fetch_agents(client, instance_id=INSTANCE, agent_ids=agent_ids, now=NOW)


def _answering(operation: str, **answer: JSON) -> dict[str, JSON]:
    return {"operation": operation, "fault": {"body": json.dumps(answer)}}


def _refusing(operation: str, code: str, message: str = "no", **more: JSON) -> dict[str, JSON]:
    return {"operation": operation, "fault": {"error": code, "message": message, **more}}


# ---------------------------------------------------------------------------- contacts


def test_a_contact_is_what_the_scenario_says(centre: tuple[Sandbox, Any]) -> None:
    """The contact fetched is the one that a reader of the same document gets, and knows its instance."""
    contact = _describe(centre[1])

    written = json.loads(CENTRE.read_text("utf-8"))["contacts"][0]
    assert contact == evolve(read({"Contact": written}), instance_id=INSTANCE)
    assert contact.source == "DescribeContact"
    assert contact.agent_id == "user-alice"


def test_arns_do_for_ids(centre: tuple[Sandbox, Any]) -> None:
    """An instance and a contact may be named by their ARNs."""
    contact = aws.describe_contact(centre[1], instance_id=ARN, contact_id=f"{ARN}/contact/contact-2")

    assert (contact.instance_id, contact.id) == (INSTANCE, "contact-2")


BAD_IDS = ["..", "a/b", "a?b", "a b", "", ".", "-a", "a\n", "é", "arn:", "x" * 257, "%2e"]


@pytest.mark.parametrize("bad", BAD_IDS)
def test_ids_that_could_change_the_address_are_refused_before_any_call(
    session: boto3.Session, bad: str
) -> None:
    """An id goes into the URL, so what is no id never leaves this machine."""
    with Sandbox(CENTRE) as sandbox, _connected(session, sandbox) as client:
        with pytest.raises(RoutingInspectError, match="is no instance id"):
            aws.describe_contact(client, instance_id=bad, contact_id="contact-1")
        with pytest.raises(RoutingInspectError, match="is no contact id") as error:
            _describe(client, bad)
        with pytest.raises(RoutingInspectError, match="is no agent id"):
            _fetch(client, "user-alice", bad)

        assert sandbox.requests == ()
    assert error.value.hint is not None
    assert "\n" not in error.value.message


def test_members_no_model_knows_arrive(session: boto3.Session) -> None:
    """The raw body is what is read, so expressions of a new kind and new members are kept as they stand."""
    with _serving(session, contacts=[{"Id": "newer", "raw": NEWER}]) as client:
        contact = _describe(client, "newer")

    assert contact.criteria is not None
    first, second = contact.criteria.steps
    assert first.expression == Not(Between(Attribute("Claims", "Fire"), 1.0, 5.0))
    assert first.extra == {"FutureMember": [1]}
    assert isinstance(second.expression, Opaque)


def test_letter_case_of_an_id_does_not_matter(session: boto3.Session) -> None:
    """UUIDs are told apart by their digits, whatever case they are written in."""
    answer = _answering("DescribeContact", Contact={"Id": "Ab"})
    with _serving(session, answer) as client:
        assert _describe(client, "aB").id == "Ab"


# ---------------------------------------------------------------------------- agents


def test_agents_are_what_the_scenario_says(centre: tuple[Sandbox, Any]) -> None:
    """Username, all pages of proficiencies, and the routing profile's queues, as of the time of asking."""
    roster, findings = _fetch(centre[1], "user-alice", "user-carol")

    alice, carol = roster.agents
    assert findings == ()
    assert (alice.username, alice.as_of, alice.source) == ("alice", NOW, "Amazon Connect")
    assert alice.proficiencies[FRENCH] == 4.0
    assert len(alice.proficiencies) == 5
    assert alice.modified_at == datetime.fromtimestamp(1767225600.5, UTC)
    assert [(q.name, q.channel, q.priority) for q in alice.queues] == [
        ("General", "VOICE", 1),
        ("General", "CHAT", 1),
        ("Billing", "VOICE", 2),
    ]
    assert (carol.proficiencies, carol.modified_at) == ({}, None)


def test_each_agent_and_each_profile_is_asked_about_once(session: boto3.Session) -> None:
    """An agent named twice, by id and by ARN, is one; two agents of one profile need its queues once."""
    with Sandbox(CENTRE) as sandbox, _connected(session, sandbox) as client:
        roster, _ = _fetch(client, "user-alice", f"{ARN}/agent/user-alice", "user-bob")
        asked = [(r.operation, r.parameters.get("NextToken")) for r in sandbox.requests]

    assert [agent.id for agent in roster.agents] == ["user-alice", "user-bob"]
    assert asked.count(("ListRoutingProfileQueues", None)) == 1
    assert asked.count(("DescribeUser", None)) == 2


def test_a_page_may_leave_out_when_levels_were_edited(session: boto3.Session) -> None:
    """The time of the last edit is known once any page has told it."""
    rows: list[JSON] = [{"AttributeName": "a", "AttributeValue": "b", "Level": 1}]
    last = _answering("ListUserProficiencies", UserProficiencyList=rows)
    with _serving(session, {**last, "calls": [3]}) as client:
        roster, _ = _fetch(client, "user-alice")

    assert len(roster.agents[0].proficiencies) == 5
    assert roster.agents[0].modified_at == datetime.fromtimestamp(1767225600.5, UTC)


def test_nobody_asked_about_is_nobody_fetched(centre: tuple[Sandbox, Any]) -> None:
    """Without agents there is nothing to ask, and the roster is empty."""
    roster, findings = _fetch(centre[1])

    assert (roster.agents, findings) == ((), ())


def test_an_agent_without_a_routing_profile_has_unknown_queues(session: boto3.Session) -> None:
    """What the service does not tell of a user is unknown, and no reason to fail."""
    with _serving(session, _answering("DescribeUser", User={"Id": "user-bob", "Username": None})) as client:
        roster, findings = _fetch(client, "user-bob")

    assert (roster.agents[0].username, roster.agents[0].queues, findings) == (None, None, ())


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_what_is_refused_is_unknown_and_a_finding_says_so(session: boto3.Session, code: str) -> None:
    """A refusal leaves a fact unknown, not empty; the same refusal is told once."""
    refusals = [
        _refusing(operation, code) for operation in ("ListUserProficiencies", "ListRoutingProfileQueues")
    ]
    with _serving(session, *refusals) as client:
        roster, findings = _fetch(client, "user-alice", "user-bob")

    assert [agent.username for agent in roster.agents] == ["alice", "bob"]
    assert all(agent.proficiencies is None and agent.queues is None for agent in roster.agents)
    assert {finding.id for finding in findings} == {"RI606"}
    assert {finding.where for finding in findings} == {"ListUserProficiencies", "ListRoutingProfileQueues"}
    assert len(findings) == len(set(findings))


def test_an_agent_who_is_gone_is_kept_with_nothing_known(centre: tuple[Sandbox, Any]) -> None:
    """A deleted user stays in the roster, so that questions about it have an answer: unknown."""
    roster, findings = _fetch(centre[1], "user-gone")

    assert roster.agents[0].id == "user-gone"
    assert (roster.agents[0].username, roster.agents[0].proficiencies) == (None, None)
    assert "user-gone" in findings[0].message


@pytest.mark.parametrize("operation", ["DescribeUser", "ListUserProficiencies", "ListRoutingProfileQueues"])
def test_other_faults_stop_the_whole_fetch(session: boto3.Session, operation: str) -> None:
    """Half a roster would pass for a whole one, so any fault but a refusal is raised."""
    fault = _refusing(operation, "InternalServiceException")
    with _serving(session, fault) as client, pytest.raises(ServiceError) as error:
        _fetch(client, "user-alice")

    assert error.value.operation == operation


def _row(**members: JSON) -> dict[str, JSON]:
    return {"QueueId": "q", "Channel": "VOICE", "Delay": 0, "Priority": 1, "QueueName": "Q", **members}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (5, ": expected a queue with QueueId, Channel and Delay, found `5`"),
        (None, ": expected a queue with QueueId, Channel and Delay, found `null`"),
        (_row(QueueId=None), ".QueueId: expected a string, found `null`"),
        ({"Channel": "VOICE", "Delay": 0}, ".QueueId: expected a string, found `null`"),
        (_row(Channel=["VOICE"]), ".Channel: expected a string, found a list"),
        (_row(Delay=None), ".Delay: expected a whole number of seconds, found `null`"),
        (_row(Delay="soon"), '.Delay: expected a whole number of seconds, found `"soon"`'),
        (_row(Delay=1e300), ".Delay: expected a whole number of seconds, found `1e+300`"),
        (_row(Priority={}), ".Priority: expected a whole number, found an object"),
        (_row(Priority=1.5), ".Priority: expected a whole number, found `1.5`"),
        (_row(QueueName=5), ".QueueName: expected a string, found `5`"),
    ],
)
def test_a_queue_that_cannot_be_read_is_named_with_its_place(
    session: boto3.Session, row: JSON, problem: str
) -> None:
    """A malformed row of a routing profile is a problem with a path, and never a KeyError."""
    answer = _answering("ListRoutingProfileQueues", RoutingProfileQueueConfigSummaryList=[_row(), row])
    with _serving(session, answer) as client, pytest.raises(DocumentError) as error:
        _fetch(client, "user-alice")

    path = "$.RoutingProfileQueueConfigSummaryList[1]"
    assert str(error.value).startswith(f"ListRoutingProfileQueues of profile-general: {path}{problem}")


def test_a_queue_may_lack_name_and_priority(session: boto3.Session) -> None:
    """What no gate depends on may be absent, and is then unknown."""
    row = {"QueueId": "q", "Channel": "CHAT", "Delay": 30}
    answer = _answering("ListRoutingProfileQueues", RoutingProfileQueueConfigSummaryList=[row])
    with _serving(session, answer) as client:
        roster, _ = _fetch(client, "user-alice")

    assert roster.agents[0].queues == (RoutedQueue(id="q", channel="CHAT", delay=timedelta(seconds=30)),)


@pytest.mark.parametrize(
    ("user", "kind", "problem"),
    [
        (None, ServiceError, "it has no User"),
        ([], ServiceError, "it has no User"),
        ({"Id": "user-bob"}, ServiceError, "it is about another user than the one asked for"),
        ({"Id": "user-alice", "Username": 5}, DocumentError, "$.User.Username: expected a string, found `5`"),
        (
            {"Id": "user-alice", "RoutingProfileId": {}},
            DocumentError,
            "$.User.RoutingProfileId: expected a string, found an object",
        ),
        (
            {"Id": "user-alice", "RoutingProfileId": ".."},
            RoutingInspectError,
            "`..` is no routing profile id",
        ),
    ],
)
def test_a_user_that_cannot_be_read_is_an_error(
    session: boto3.Session, user: JSON, kind: type[RoutingInspectError], problem: str
) -> None:
    """A user of an odd shape, or another user, is refused; so is a profile id that changes the next URL."""
    with _serving(session, _answering("DescribeUser", User=user)) as client, pytest.raises(kind) as error:
        _fetch(client, "user-alice")

    assert problem in str(error.value)


def test_a_username_is_compared_exactly(session: boto3.Session) -> None:
    """Whatever the service takes for the same name, only the very name is that agent's."""
    near = [{"Username": "Alice", "Id": "user-alice"}, {"Id": "user-bob"}]
    with (
        _serving(session, _answering("SearchUsers", Users=near)) as client,
        pytest.raises(RoutingInspectError) as error,
    ):
        aws.find_user_id(client, instance_id=INSTANCE, username="alice")

    assert error.value.message == f"nobody in instance {INSTANCE} has the username `alice`"


@pytest.mark.parametrize("user_id", [None, "a/b"])
def test_a_found_user_needs_an_id(session: boto3.Session, user_id: str | None) -> None:
    """What becomes a part of the next URL is checked like an id of the caller's, whoever tells it."""
    found = [{"Username": "alice", "Id": user_id}]
    searched = _answering("SearchUsers", Users=found)
    with _serving(session, searched) as client:
        listed = aws.find_user_id(client, instance_id=INSTANCE, username="alice")
    with (
        _serving(session, searched, _answering("ListUsers", UserSummaryList=found)) as client,
        pytest.raises(DocumentError) as error,
    ):
        aws.find_user_id(client, instance_id=INSTANCE, username="alice")

    assert listed == "user-alice"
    assert (error.value.file, error.value.problems[0].path) == ("ListUsers", "$.UserSummaryList[0].Id")


def test_a_username_that_several_have_is_no_agents_own(session: boto3.Session) -> None:
    """The first of several is not taken for the one who is meant: the error names them all."""
    twins = [{"Username": "alice", "Id": "user-1"}, {"Username": "alice", "Id": "user-2"}]
    with (
        _serving(session, _answering("SearchUsers", Users=[*twins, twins[0]])) as client,
        pytest.raises(RoutingInspectError) as error,
    ):
        aws.find_user_id(client, instance_id=INSTANCE, username="alice")

    assert error.value.message == f"2 users in instance {INSTANCE} have the username `alice`"
    assert error.value.hint == "give one of their user ids: user-1, user-2"


def test_a_username_is_listed_where_it_cannot_be_searched_for(session: boto3.Session) -> None:
    """Whoever may list users finds the agent; where neither is allowed the error names both operations."""
    search = _refusing("SearchUsers", "AccessDeniedException")
    with _serving(session, search) as client:
        found = aws.find_user_id(client, instance_id=INSTANCE, username="alice")
    with (
        _serving(session, search, _refusing("ListUsers", "AccessDeniedException")) as client,
        pytest.raises(ServiceError) as error,
    ):
        aws.find_user_id(client, instance_id=INSTANCE, username="alice")

    assert found == "user-alice"
    assert error.value.message == "not allowed to call SearchUsers: no; not allowed to call ListUsers: no"
    assert error.value.hint == f"the IAM policy needs connect:SearchUsers on instance {INSTANCE}"


# ---------------------------------------------------------------------------- adding to a roster


def _extend(client: Any, roster: Roster | None, *names: str) -> tuple[Roster, tuple[Finding, ...]]:
    extended, findings = aws.extend_roster(client, roster, instance_id=INSTANCE, names=names, now=NOW)
    assert extended is not None
    return extended, findings


@pytest.mark.parametrize("username", [None, "alice-before"])
def test_who_is_known_by_id_is_not_added_by_username(session: boto3.Session, username: str | None) -> None:
    """One agent stays one: whoever lacks a username, or has another by now, is found by the one asked for."""
    known = Roster(agents=[Agent(id="user-alice", username=username, proficiencies={})], source="a file")
    with _serving(session) as client:
        roster, findings = _extend(client, known, "alice")

    assert roster == Roster(agents=[evolve(known.agents[0], username="alice")])
    assert (roster.source, findings) == ("a file", ())


def test_a_username_asked_for_counts_where_the_user_may_not_be_described(session: boto3.Session) -> None:
    """The agent who was found by username can be found by it again, although DescribeUser is refused."""
    with _serving(session, _refusing("DescribeUser", "AccessDeniedException")) as client:
        roster, findings = _extend(client, None, "alice", "alice")

    assert [agent.username for agent in roster.agents] == ["alice"]
    assert [finding.where for finding in findings] == ["DescribeUser"]


def test_all_of_one_username_are_fetched_unless_the_roster_has_several(session: boto3.Session) -> None:
    """Which of them is meant is for the explanation to ask; a roster that has several is not added to."""
    twins = [{"Username": "twin", "Id": "user-alice"}, {"Username": "twin", "Id": "user-bob"}]
    with _serving(session, _answering("SearchUsers", Users=twins)) as client:
        roster, _ = _extend(client, None, "twin")
        again, _ = _extend(client, roster, "twin")

    assert [(agent.id, agent.username) for agent in roster.agents] == [
        ("user-alice", "twin"),
        ("user-bob", "twin"),
    ]
    assert again is roster


# ---------------------------------------------------------------------------- what each error says to do


@pytest.mark.parametrize(
    ("code", "more", "message", "hint"),
    [
        (
            "AccessDeniedException",
            {"message": "User: arn:aws:iam::1:user/x is not authorized"},
            "not allowed to call DescribeContact: User: arn:aws:iam::1:user/x is not authorized",
            f"the IAM policy needs connect:DescribeContact on instance {INSTANCE}",
        ),
        (
            "AccessDeniedException",
            {"message": "with an explicit deny in a service control policy"},
            "not allowed to call DescribeContact: with an explicit deny in a service control policy",
            "an explicit deny overrules every permission: ask whoever set it",
        ),
        (
            "ResourceNotFoundException",
            {},
            f"DescribeContact finds no contact-1 in instance {INSTANCE}, region eu-west-2",
            (
                "check the ids, the --region and the --profile; "
                "contacts are kept for 24 months from their initiation"
            ),
        ),
        (
            "ExpiredTokenException",
            {"status": 403},
            "DescribeContact failed with ExpiredTokenException: no",
            "renew the credentials (`aws sso login`, `aws configure`), or choose others with --profile",
        ),
        (
            "InvalidSignatureException",
            {"status": 403},
            "DescribeContact failed with InvalidSignatureException: no",
            (
                "check this machine's clock; if it is right, renew the credentials "
                "(`aws sso login`, `aws configure`), or choose others with --profile"
            ),
        ),
        (
            "ThrottlingException",
            {},
            "DescribeContact failed with ThrottlingException: no (tried 2 times)",
            "wait a little: the quota is 2 requests a second for the whole account and region",
        ),
        (
            "InternalServiceException",
            {},
            "DescribeContact failed with InternalServiceException: no (tried 2 times)",
            "the fault is the service's: try again in a minute",
        ),
        (
            "InvalidParameterException",
            {},
            "DescribeContact failed with InvalidParameterException: no",
            "check the instance id and the other ids: they are UUIDs, or end in one",
        ),
        (
            "Unheard.Of",
            {"status": 418, "message": "m" * 501},
            f"DescribeContact failed with Unheard.Of: {'m' * 500}…",
            "try again in a minute",
        ),
        (
            "404",
            {"status": 404},
            "DescribeContact was answered with an HTTP status of 404, and no error of the service",
            "check the endpoint: it does not know Amazon Connect",
        ),
        (
            "",
            {"status": 407},
            "DescribeContact was answered with an HTTP status of 407, and no error of the service",
            "the proxy wants to know who you are: put user and password into HTTPS_PROXY",
        ),
        (
            "",
            {"status": 302},
            "DescribeContact was answered with an HTTP status of 302, and no error of the service",
            "something on the way redirects, such as a proxy's sign-in page",
        ),
    ],
)
def test_each_error_of_the_service_says_what_to_do(
    session: boto3.Session, code: str, more: dict[str, JSON], message: str, hint: str
) -> None:
    """The service's errors come out with a mend that fits."""
    fault = {"operation": "DescribeContact", "fault": {"error": code, "message": "no", **more}}
    with _serving(session, fault) as client, pytest.raises(ServiceError) as error:
        _describe(client)

    assert error.value.message == message
    assert error.value.hint == hint
    assert error.value.operation == "DescribeContact"
    assert error.value.code == (code if code[:1].isalpha() else None)


def test_only_contacts_are_said_to_expire(session: boto3.Session) -> None:
    """The retention of contacts is no reason why a user is not found."""
    with _serving(session) as client:
        _, findings = _fetch(client, "user-gone")

    (finding,) = findings
    assert finding.where == "DescribeUser"
    assert finding.hint == ("check the ids, the --region and the --profile; or the agent has been deleted")


def _closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _deaf() -> Iterator[str]:
    """Give the address of a socket that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def _full() -> Iterator[str]:
    """Give the address of a socket that takes no connection more."""
    with socket.socket() as listener, ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def _own(session: boto3.Session, url: str, **options: Any) -> Iterator[Any]:
    """Give a caller's own client, of little patience."""
    config = Config(
        **{
            "connect_timeout": 0.3,
            "read_timeout": 0.3,
            "retries": {"mode": "standard", "total_max_attempts": 1},
            **options,
        }
    )
    with closing(session.client("connect", endpoint_url=url, config=config)) as client:
        yield client


def _complaint(client: Any) -> tuple[str, str | None]:
    with pytest.raises(ServiceError) as error:
        _describe(client)
    assert error.value.operation == "DescribeContact"
    assert error.value.code is None
    return error.value.message, error.value.hint


def test_nobody_at_the_endpoint(session: boto3.Session) -> None:
    """A refused connection names the host, without password and path, and says to look at the endpoint."""
    port = _closed_port()
    with _own(session, f"http://me:secret@127.0.0.1:{port}") as client:
        message, hint = _complaint(client)

    assert message == (
        f"DescribeContact got no answer: nobody can be reached at 127.0.0.1:{port}: connection refused"
    )
    assert hint == "check the network and the endpoint: it may not listen there"


def test_a_host_that_has_no_address(session: boto3.Session) -> None:
    """A name that cannot be looked up says to look for a slip in the region."""
    with _own(session, "http://connect.eu-wst-9.invalid") as client:
        message, hint = _complaint(client)

    assert message.startswith(
        "DescribeContact got no answer: nobody can be reached at connect.eu-wst-9.invalid:"
    )
    assert hint == "check --region and --endpoint-url for a slip, and the network"


def test_an_endpoint_that_never_answers(session: boto3.Session) -> None:
    """A read timeout says how long was waited, which is the client's own setting."""
    with _deaf() as address, _own(session, f"http://{address}") as client:
        message, hint = _complaint(client)

    assert message == f"DescribeContact got no answer: {address} did not answer in 0.3 s"
    assert hint == "try again in a minute"


LIMIT = timedelta(seconds=0.3)


@contextmanager
def _trickling(head: bytes) -> Iterator[str]:
    """Give the address of a server that sends *head* at once, and then a byte every 50 ms without end."""

    def trickle() -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            connection.recv(65_536)
            connection.sendall(head)
            while not ended.wait(0.05):
                connection.sendall(b"x")

    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=trickle)
        serving.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()
            serving.join()


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{", b"HTTP/1.1 200 OK\r\nX-Slow: "]
)
def test_an_answer_that_trickles_in_without_end_is_given_up(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    """No silence is as long as the read timeout, but the whole of an answer has a limit of its own."""
    monkeypatch.setattr(calls, "LONGEST_ANSWER", LIMIT)
    began = time.monotonic()
    with _trickling(head) as address, _own(session, f"http://{address}") as client:
        message, hint = _complaint(client)
        took = time.monotonic() - began

    assert message == "DescribeContact gave no whole answer in 0.3 s: it trickles in, or hangs"
    assert hint == "try again; if it stays so, check the network, and any proxy"
    assert LIMIT.total_seconds() <= took < 3


def test_the_limit_is_on_one_try(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """What botocore waits between two tries does not count, however long it is."""

    class Slow:
        sleep = staticmethod(lambda _: time.sleep(1.2))

    # Long enough for an answer on a machine that has other things to do.
    monkeypatch.setattr(calls, "LONGEST_ANSWER", timedelta(seconds=0.8))
    monkeypatch.setattr(botocore.endpoint, "time", Slow)
    fault = {**_refusing("DescribeContact", "InternalServiceException"), "calls": [1]}
    with _serving(session, fault) as client:
        assert _describe(client).id == "contact-1"


def test_what_was_given_up_is_not_asked_for_again(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second try of botocore comes after its timeout, and by then nobody waits any more."""

    class AtOnce:
        sleep = staticmethod(lambda _: None)

    monkeypatch.setattr(calls, "LONGEST_ANSWER", LIMIT)
    monkeypatch.setattr(botocore.endpoint, "time", AtOnce)
    ended = threading.Event()
    late = {"operation": "*", "fault": {"delay_seconds": 60}}
    scenario = {"instance_id": INSTANCE, "contacts": [{"Id": "contact-1"}], "faults": [late]}
    retries = {"mode": "standard", "total_max_attempts": 2}
    with Sandbox(scenario) as sandbox:
        with _own(session, sandbox.url, read_timeout=0.8, retries=retries) as client:
            client.meta.events.register_last("needs-retry.connect", lambda **_: ended.set())
            with pytest.raises(ServiceError, match=r"no whole answer in 0\.3 s"):
                _describe(client)
            assert ended.wait(5)
            time.sleep(0.2)

        assert len(sandbox.requests) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
def test_an_endpoint_that_takes_no_connection(session: boto3.Session) -> None:
    """A connect timeout is told apart from a slow answer."""
    with _full() as address, _own(session, f"http://{address}") as client:
        message, hint = _complaint(client)

    assert message == f"DescribeContact got no answer: {address} does not take the connection"
    assert hint == "check the network, and any proxy"


def test_a_proxy_that_is_not_there(session: boto3.Session) -> None:
    """A proxy that cannot be reached is named, without its password."""
    proxy = f"http://me:secret@127.0.0.1:{_closed_port()}"
    with _own(session, "http://127.0.0.1:9", proxies={"http": proxy}) as client:
        message, hint = _complaint(client)

    assert message.startswith("DescribeContact got no answer: the proxy http://***:***@127.0.0.1:")
    assert message.endswith(" cannot be reached: connection refused")
    assert hint == "check HTTPS_PROXY"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_an_endpoint_nobody_vouches_for(session: boto3.Session, tmp_path: Path) -> None:
    """A certificate that nobody signed is told from a network fault, with how to make it known."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(["openssl", "req", "-x509", *kind, *files, *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with _tls(context) as address, _own(session, f"https://{address}") as client:
        message, hint = _complaint(client)

    assert message.startswith(f"DescribeContact got no answer: no secure connection to {address}: self")
    assert hint == "check the endpoint; a proxy that opens TLS needs its certificate in AWS_CA_BUNDLE"


def test_https_to_an_endpoint_without_it(session: boto3.Session) -> None:
    """An endpoint that does not speak TLS is told in words, without the numbers of a library."""
    with Sandbox(CENTRE) as sandbox, _own(session, sandbox.url.replace("http:", "https:")) as client:
        message, _ = _complaint(client)

    assert "no secure connection to 127.0.0.1:" in message
    assert "_ssl.c" not in message
    assert "[" not in message


@contextmanager
def _tls(context: ssl.SSLContext) -> Iterator[str]:
    """Give the address of a server that shakes hands once."""
    with socket.socket() as listener, ThreadPoolExecutor(1) as pool:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def shake() -> None:
            connection, _ = listener.accept()
            with connection, pytest.raises(OSError, match=r".*"):
                context.wrap_socket(connection, server_side=True).close()

        shaken = pool.submit(shake)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        shaken.result()


def test_a_url_of_a_scheme_nobody_speaks(session: boto3.Session) -> None:
    """What botocore has no class for comes out as our error too, in its own words."""
    with _own(session, "ftp://127.0.0.1:9") as client:
        message, hint = _complaint(client)

    assert message.startswith("DescribeContact got no answer: ")
    assert hint == "check the endpoint, the network, and any proxy"


def test_a_port_beyond_all_ports(session: boto3.Session) -> None:
    """A URL that fails when it is used is told like one that fails at once."""
    with _own(session, "http://127.0.0.1:99999") as client:
        message, hint = _complaint(client)

    assert message == "DescribeContact got no answer: port out of range 0-65535"
    assert hint == "check the endpoint: it is written like `http://127.0.0.1:5077`"


# ---------------------------------------------------------------------------- the client


CONFIGURATION = """
[profile process]
credential_process = false
[profile missing-process]
credential_process = /no/such/program
[profile sso]
sso_session = work
sso_account_id = 1
sso_role_name = reader
[sso-session work]
sso_region = eu-west-2
sso_start_url = https://example.com/start
[profile partial]
aws_access_key_id = AKIA
[profile lost]
role_arn = arn:aws:iam::1:role/reader
source_profile = nobody
[profile role]
role_arn = arn:aws:iam::1:role/reader
source_profile = keys
[profile keys]
aws_access_key_id = AKIA
aws_secret_access_key = secret
"""


@pytest.fixture
def _configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(CONFIGURATION, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.usefixtures("_configured")
@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (
            {"profile": "prod\x1b[31m"},
            "the AWS configuration has no profile `prod\\u001b[31m`",
            "`aws configure list-profiles` lists those it has",
        ),
        ({"region": None}, "no AWS region is given", "give --region, or set AWS_DEFAULT_REGION"),
        ({"region": "eu west"}, "`eu west` is no AWS region", "a region is written like `eu-west-2`"),
        (
            {"endpoint_url": "localhost:5077"},
            "invalid endpoint: localhost:5077",
            "check the endpoint: it is written like `http://127.0.0.1:5077`",
        ),
        (
            {"endpoint_url": "http://[::1"},
            "invalid IPv6 URL",
            "check the endpoint: it is written like `http://127.0.0.1:5077`",
        ),
        (
            {"attempts": 0},
            'value provided to "max_attempts": 0 must be an integer greater than or equal to 1',
            "give at least 1 attempt",
        ),
        (
            {"profile": "partial"},
            "the AWS credentials are incomplete: aws_secret_access_key is missing",
            "set both the access key id and the secret access key",
        ),
        (
            {"profile": "process"},
            "the AWS credentials cannot be had from custom-process",
            "check what the profile says about it, or choose another with --profile",
        ),
        (
            {"profile": "missing-process"},
            "no such file or directory: /no/such/program",
            "check the files that the AWS configuration names",
        ),
        (
            {"profile": "lost"},
            'the source_profile "nobody" referenced in the profile "lost" does not exist',
            "mend the AWS configuration, or choose another --profile",
        ),
    ],
)
def test_a_client_that_cannot_be_made_says_what_to_do(
    options: dict[str, Any], message: str, hint: str
) -> None:
    """Whatever is wrong with profile, region, endpoint or credentials is our error, with its mend."""
    with pytest.raises(ServiceError) as error:
        aws.connect(**{"region": "eu-west-2", **options})

    assert error.value.message == message
    assert error.value.hint == hint
    assert (error.value.operation, error.value.code) == (None, None)


def test_a_configuration_file_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A broken configuration file is named."""
    file = tmp_path / "config"
    file.write_bytes(b"[default\nregion = \xe9")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))

    with pytest.raises(ServiceError) as error:
        aws.connect(region="eu-west-2")

    assert error.value.message == f"the AWS configuration cannot be read: {file}"


def test_no_credentials_at_all() -> None:
    """Without credentials the first call says how to give some."""
    with closing(aws.connect(region="eu-west-2")) as client:
        message, hint = _complaint(client)

    assert message == "DescribeContact got no answer: no AWS credentials are found"
    assert hint == "choose a --profile, set AWS_ACCESS_KEY_ID and its kin, or run `aws configure`"


@pytest.mark.usefixtures("_configured")
def test_a_session_that_has_to_be_signed_in_again() -> None:
    """A single sign-on that has ended says so, and how to sign in."""
    with closing(aws.connect(profile="sso", region="eu-west-2")) as client:
        message, hint = _complaint(client)

    assert message.startswith("DescribeContact got no answer: error loading SSO Token")
    assert hint == "sign in again: `aws sso login`, with the --profile in use"


class _Denying(BaseHTTPRequestHandler):
    """An AWS STS that lets nobody assume a role."""

    def do_POST(self) -> None:
        error = "<Error><Code>AccessDenied</Code><Message>not yours</Message></Error>"
        body = f"<ErrorResponse>{error}</ErrorResponse>".encode()
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.usefixtures("_configured")
def test_a_role_that_may_not_be_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal by the service that lends roles is not taken for one by Amazon Connect."""
    with HTTPServer(("127.0.0.1", 0), _Denying) as server, ThreadPoolExecutor(1) as pool:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.server_port}")
        pool.submit(server.handle_request)
        with (
            closing(aws.connect(profile="role", region="eu-west-2")) as client,
            pytest.raises(ServiceError) as error,
        ):
            _fetch(client, "user-alice")

    assert error.value.message == (
        "DescribeUser was not called, since AssumeRole failed with AccessDenied: not yours"
    )
    assert error.value.hint == "check the role that the profile names, and who may assume it"


def test_the_client_is_set_up_for_a_slow_service(session: boto3.Session) -> None:
    """Retries are adaptive, timeouts short, and the service can see who asks."""
    with closing(aws.connect(session=session)) as client:
        config = client.meta.config

    assert config.retries == {"mode": "adaptive", "total_max_attempts": 10}
    assert (config.connect_timeout, config.read_timeout) == (5, 20)
    assert "routing-inspect" in config.user_agent_extra
    assert client.meta.region_name == "eu-west-2"


def test_where_nobody_is_there_is_soon_known(session: boto3.Session) -> None:
    """Ten tries are for a service that throttles; where nothing listens, three will do."""
    tries = []
    url = f"http://127.0.0.1:{_closed_port()}"
    with closing(aws.connect(session=session, endpoint_url=url)) as client:
        client.meta.events.register("before-send.connect", lambda **_: tries.append(1))
        message, _ = _complaint(client)

    assert len(tries) == 3
    assert message.endswith("connection refused")


def test_the_region_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable that the hint names is one that boto3 reads."""
    with pytest.raises(ServiceError) as error:
        aws.connect()
    assert error.value.hint is not None
    monkeypatch.setenv(error.value.hint.rpartition(" ")[2], "eu-west-2")

    with closing(aws.connect()) as client:
        assert client.meta.region_name == "eu-west-2"


# ---------------------------------------------------------------------------- a caller's own client


def test_a_default_client_of_boto3_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client made by boto3 with nothing configured gets the same contact, read from the raw body."""
    for name, value in (("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x")):
        monkeypatch.setenv(name, value)
    with Sandbox({"instance_id": INSTANCE, "contacts": [{"Id": "newer", "raw": NEWER}]}) as sandbox:
        own = boto3.Session().client("connect", region_name="eu-west-2", endpoint_url=sandbox.url)
        with closing(own) as client:
            contact = _describe(client, "newer")

    assert contact.criteria is not None
    assert contact.criteria.steps[0].extra == {"FutureMember": [1]}


def test_a_stubbed_client_will_do(session: boto3.Session) -> None:
    """Under botocore's Stubber there is no body on the wire, so what the stub gives is read."""
    steps = [{"Expression": NEWER["RoutingCriteria"]["Steps"][0]["Expression"], "Status": "ACTIVE"}]
    at = datetime(2026, 3, 29, 1, 40, tzinfo=UTC)
    stubbed = {"Contact": {"Id": "c", "InitiationTimestamp": at, "RoutingCriteria": {"Steps": steps}}}
    with closing(aws.connect(session=session)) as client, Stubber(client) as stub:
        asked = {"InstanceId": INSTANCE, "ContactId": "c"}
        stub.add_response("describe_contact", stubbed, asked)
        contact = _describe(client, "c")

    assert contact.initiated_at == at
    assert contact.criteria is not None
    assert contact.criteria.steps[0].expression == Not(Between(Attribute("Claims", "Fire"), 1.0, 5.0))


def test_a_stub_that_errs_gives_our_errors(session: boto3.Session) -> None:
    """A stubbed error, a time without a zone and a stub that has run out are ours, like the real ones."""
    with closing(aws.connect(session=session)) as client, Stubber(client) as stub:
        stub.add_client_error("describe_contact", "AccessDeniedException", "no", 403)
        with pytest.raises(ServiceError, match="not allowed to call DescribeContact: no"):
            _describe(client, "c")
        naive = datetime(2026, 3, 29, 1, 40)  # noqa: DTZ001  (without a zone on purpose)
        stub.add_response("describe_contact", {"Contact": {"Id": "c", "InitiationTimestamp": naive}})
        with pytest.raises(DocumentError, match="a time without a time zone"):
            _describe(client, "c")
        with pytest.raises(ServiceError, match="DescribeContact got no answer"):
            _describe(client, "c")


def test_threads_that_share_a_client_get_their_own_answers(centre: tuple[Sandbox, Any]) -> None:
    """One client, many threads: no answer is read by the thread next door."""
    names = ["contact-1", "contact-2", "contact-3"] * 40
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda name: _describe(centre[1], name).id, names))

    assert found == names


def test_a_client_hears_only_our_calls(session: boto3.Session) -> None:
    """Bodies of the caller's own calls on the client are not kept, and the listener is there once."""
    with _serving(session) as client:
        for _ in range(3):
            _describe(client)
        client.describe_contact(InstanceId=INSTANCE, ContactId="contact-1")
        heard = client.meta.events._emitter._lookup_cache["before-parse.connect.DescribeContact"]

    assert not hasattr(calls._call_of_thread, "answers")
    assert [handler for handler in heard if handler is calls._hear] == [calls._hear]


def test_a_client_of_another_service_is_told(session: boto3.Session) -> None:
    """A client that cannot make the call at all says which call that is."""
    with closing(session.client("sts")) as client, pytest.raises(ServiceError) as error:
        _describe(client)

    assert error.value.message == "the client's model of its service has no DescribeContact"
    assert error.value.hint is not None


def test_nothing_of_an_answer_is_logged_or_printed(
    session: boto3.Session, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Botocore logs bodies at DEBUG; this library logs nothing, and changes no level of botocore's."""
    with (
        caplog.at_level(logging.DEBUG, logger="routing_inspect"),
        _serving(session, contacts=[{"Id": "newer", "raw": NEWER}]) as client,
    ):
        _describe(client, "newer")

    assert [record for record in caplog.records if record.name.startswith("routing_inspect")] == []
    assert logging.getLogger("botocore").level == logging.NOTSET
    assert "+44" not in caplog.text
    assert capfd.readouterr() == ("", "")


# ---------------------------------------------------------------------------- old models


def test_this_model_lacks_nothing(centre: tuple[Sandbox, Any]) -> None:
    """The botocore that the package asks for knows every member that routing criteria use."""
    assert aws.model_gaps(centre[1]) == ()
    assert aws.model_findings(centre[1]) == ()


def test_a_model_without_routing_criteria_lacks_them_all(session: boto3.Session) -> None:
    """A model that knows nothing of expressions lacks every member of them."""
    with closing(session.client("sts")) as client:
        gaps = aws.model_gaps(client)

    assert len(gaps) == 10
    assert gaps[0] == "Expression.AttributeCondition"


@pytest.fixture(scope="module")
def old_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a model directory as botocore 1.35.85 had it: without NOT and without Range."""
    packed = Path(botocore.__file__).parent / "data" / "connect" / "2017-08-08" / "service-2.json.gz"
    model = json.loads(gzip.decompress(packed.read_bytes()))
    del model["shapes"]["Expression"]["members"]["NotAttributeCondition"]
    del model["shapes"]["AttributeCondition"]["members"]["Range"]
    folder = tmp_path_factory.mktemp("models")
    place = folder / "connect" / "2017-08-08" / "service-2.json"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(model), encoding="utf-8")
    return folder


OLD = """
import sys
import boto3
from routing_inspect import aws
session = boto3.Session("x", "x", region_name="eu-west-2")
client = aws.connect(session=session, endpoint_url=sys.argv[1])
asked = {"InstanceId": sys.argv[2], "ContactId": "newer"}
print(client.describe_contact(**asked)["Contact"]["RoutingCriteria"]["Steps"][0]["Expression"])
print(aws.describe_contact(client, instance_id=sys.argv[2], contact_id="newer").criteria.steps[0].expression)
print(*aws.model_gaps(client))
print(aws.model_findings(client)[0].id)
client.close()
"""


@pytest.mark.slow
def test_an_old_model_on_the_data_path_loses_nothing_here(old_models: Path) -> None:
    """Botocore drops NOT and Range in silence; the raw body still has them, and the gap is named."""
    environment = {**os.environ, "AWS_DATA_PATH": str(old_models)}
    with Sandbox({"instance_id": INSTANCE, "contacts": [{"Id": "newer", "raw": NEWER}]}) as sandbox:
        done = subprocess.run(
            [sys.executable, "-c", OLD, sandbox.url, INSTANCE],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )

    dropped, kept, gaps, finding = done.stdout.splitlines()
    assert dropped == "{}"
    assert kept == str(Not(Between(Attribute("Claims", "Fire"), 1.0, 5.0)))
    assert gaps == "Expression.NotAttributeCondition AttributeCondition.Range"
    assert finding == "RI603"
