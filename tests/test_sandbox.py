from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from records import Run
from routing_inspect.document import JSON, plain
from routing_inspect.errors import DocumentError
from routing_inspect.sandbox import Request, Sandbox, read_scenario
from routing_inspect.sandbox.protocol import conform, model, route
from routing_inspect.sandbox.server import _Handler
from routing_inspect.sandbox.service import OPERATIONS

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape
    from mypy_boto3_connect import ConnectClient

DATA = Path(__file__).parent / "data" / "sandbox"
CENTRE = DATA / "centre.json"
BROKEN = DATA / "broken.json"
INSTANCE = "11111111-1111-4111-8111-111111111111"
CONTACT = f"/contacts/{INSTANCE}/contact-1"
PROFICIENCIES = f"/users/{INSTANCE}/user-alice/proficiencies"
WORDS = [
    "instance_id",
    "contacts",
    "users",
    "routing_profiles",
    "queues",
    "faults",
    "page_size",
    "Id",
    "Queues",
]
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 whoever"}
# Paths of one valid call of each operation.
CALLS = {
    "DescribeContact": CONTACT,
    "DescribeQueue": f"/queues/{INSTANCE}/queue-general",
    "DescribeRoutingProfile": f"/routing-profiles/{INSTANCE}/profile-general",
    "DescribeUser": f"/users/{INSTANCE}/user-alice",
    "ListAssociatedContacts": f"/contact/associated/{INSTANCE}?contactId=contact-1",
    "ListRoutingProfileManualAssignmentQueues": (
        f"/routing-profiles/{INSTANCE}/profile-general/manual-assignment-queues"
    ),
    "ListRoutingProfileQueues": f"/routing-profiles/{INSTANCE}/profile-general/queues",
    "ListUserProficiencies": PROFICIENCIES,
    "ListUsers": f"/users-summary/{INSTANCE}",
}


class _Answer:
    """What a raw HTTP call got: status, headers, bytes, and the bytes read as JSON."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def document(self) -> JSON:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str, str]:
        return self.status, self.headers["x-amzn-ErrorType"], self.document["Message"]


@contextmanager
def _connected(sandbox: Sandbox, timeout: float = 30) -> Iterator[http.client.HTTPConnection]:
    address = sandbox.url.removeprefix("http://")
    with closing(http.client.HTTPConnection(address, timeout=timeout)) as connection:
        yield connection


def _ask(
    sandbox: Sandbox,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] = SIGNED,
    timeout: float = 30,
) -> _Answer:
    with _connected(sandbox, timeout) as connection:
        connection.request(method, path, body, dict(headers))
        return _Answer(connection.getresponse())


def _search(sandbox: Sandbox, **arguments: JSON) -> _Answer:
    body = json.dumps({"InstanceId": INSTANCE, **arguments}).encode()
    return _ask(sandbox, "/search-users", method="POST", body=body)


@contextmanager
def _client_of(url: str, attempts: int = 1) -> Iterator[ConnectClient]:
    config = Config(retries={"mode": "standard", "total_max_attempts": attempts}, max_pool_connections=16)
    client = boto3.session.Session().client(
        "connect",
        endpoint_url=url,
        region_name="eu-west-2",
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",  # noqa: S106  (what signs is never checked)
        config=config,
    )
    with closing(client):
        yield client


@pytest.fixture(scope="module")
def centre() -> Iterator[Sandbox]:
    """A sandbox of the whole scenario, for tests that only ask."""
    with Sandbox(CENTRE) as sandbox:
        yield sandbox


def _faulty(*faults: Mapping[str, Any]) -> Sandbox:
    return Sandbox({**json.loads(CENTRE.read_text("utf-8")), "faults": list(faults)})


def _faulty_always(fault: Mapping[str, Any]) -> Sandbox:
    return _faulty({"operation": "DescribeContact", "fault": fault})


def test_every_operation_is_reached_by_its_own_address() -> None:
    """The address that the model gives an operation leads to that operation and to its arguments."""
    for name in model().operation_names:
        http_of = model().operation_model(name).http
        path = re.sub(r"{(\w+)}", lambda found: f"value%20of-{found[1]}", http_of["requestUri"])

        operation, values = route(http_of["method"], path)

        assert operation.name == name
        assert values == {wire: f"value of-{wire}" for wire in re.findall(r"{(\w+)}", http_of["requestUri"])}


def test_every_method_of_the_model_is_handled() -> None:
    """The endpoint answers every HTTP method the model uses."""
    methods = {model().operation_model(name).http["method"] for name in model().operation_names}

    assert all(hasattr(_Handler, f"do_{method}") for method in methods)


def test_model_asks_for_nothing_the_protocol_leaves_out() -> None:
    """Served operations use paths of whole parts, queries and bodies, and times in epoch seconds, only."""
    for operation in map(model().operation_model, OPERATIONS):
        assert operation.input_shape
        assert operation.output_shape
        for part in operation.http["requestUri"].split("/"):
            assert re.fullmatch(r"{\w+}|[\w-]*", part)
        places = {member.serialization.get("location") for member in operation.input_shape.members.values()}
        assert places <= {"uri", "querystring", None}
        for shape in _shapes_below(operation.output_shape):
            assert not shape.serialization.keys() & {"timestampFormat", "location", "name", "payload"}


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ("Contact", []),
        ("Contact", {"Nobody": 1}),
        ("Contact", {"Id": 1}),
        ("Contact", {"Id": ""}),
        ("Contact", {"InitiationTimestamp": "yesterday"}),
        ("Contact", {"Tags": []}),
        ("Contact", {"Tags": {"a": 1}}),
        ("Contact", {"RoutingCriteria": {"Steps": {}}}),
        ("Contact", {"RoutingCriteria": {"Index": "1"}}),
        ("Contact", {"RoutingCriteria": {"Index": 1.5}}),
        ("User", {"PhoneConfig": {"AutoAccept": 1}}),
        ("User", {"PhoneConfig": {"AutoAccept": None}}),
        ("User", {"PhoneConfig": {"AfterContactWorkTimeLimit": -1}}),
        ("User", {"SecurityProfileIds": []}),
        ("UserProficiency", {"AttributeName": "a", "AttributeValue": "b"}),
        ("UserProficiency", {"AttributeName": "a", "AttributeValue": "b", "Level": 0.5}),
        ("UserProficiency", {"AttributeName": "a", "AttributeValue": "b", "Level": "3"}),
    ],
)
def test_what_botocore_refuses_is_refused(shape: str, value: JSON) -> None:
    """Whatever botocore's own validator finds wrong with a value is a problem here too."""
    problems: list[Any] = []

    conform(value, model().shape_for(shape), "$", problems)

    assert ParamValidator().validate(value, model().shape_for(shape)).has_errors()
    assert problems


def _shapes_below(shape: JSON, known: tuple[str, ...] = ()) -> Iterator[Shape]:
    if shape.name not in known:
        # A structure has members, a list one, and everything else none.
        inner = getattr(shape, "members", {"": getattr(shape, "member", None)})
        for below in filter(None, inner.values()):
            yield below
            yield from _shapes_below(below, (*known, shape.name))


@pytest.mark.parametrize("name", CALLS)
def test_answers_have_the_shape_of_the_model(centre: Sandbox, name: str) -> None:
    """To botocore's own validator no answer is wrong."""
    answer = _ask(centre, CALLS[name])

    assert answer.status == 200
    assert not _report(model().operation_model(name), answer)


def test_search_answers_have_the_shape_of_the_model(centre: Sandbox) -> None:
    """To botocore's own validator no answer of SearchUsers is wrong."""
    assert not _report(model().operation_model("SearchUsers"), _search(centre))


def test_data_of_users_has_the_shape_of_the_model() -> None:
    """To botocore's own validator no answer of GetCurrentUserData is wrong."""
    current = {
        "Status": {"StatusName": "Available", "StatusStartTimestamp": "2026-11-17T02:00:00Z"},
        "AvailableSlotsByChannel": {"VOICE": 1},
        "Contacts": [{"ContactId": "c", "Channel": "VOICE", "AgentContactState": "CONNECTED"}],
    }
    users = [{"Id": "user-a", "Username": "a", "Current": current}]
    with Sandbox({"instance_id": INSTANCE, "users": users}) as sandbox:
        body = json.dumps({"Filters": {"Agents": ["user-a"]}}).encode()
        answer = _ask(sandbox, f"/metrics/userdata/{INSTANCE}", method="POST", body=body)

    assert answer.document["UserDataList"][0]["Status"]["StatusStartTimestamp"] == 1_794_880_800
    assert not _report(model().operation_model("GetCurrentUserData"), answer)


def test_every_served_operation_is_asked_here() -> None:
    """No operation is served that these tests leave out."""
    assert {*CALLS, "GetCurrentUserData", "SearchRoutingProfiles", "SearchUsers"} == set(OPERATIONS)


def test_times_travel_as_epoch_seconds_with_their_fractions(centre: Sandbox) -> None:
    """A time goes out as a number of seconds, whichever way the scenario writes it."""
    contact = _ask(centre, CONTACT).document["Contact"]

    assert contact["InitiationTimestamp"] == 1774748400
    assert contact["DisconnectTimestamp"] == 1774752330.25
    assert contact["QueueInfo"]["EnqueueTimestamp"] == 1774748402.125


def test_boto3_reads_times_levels_and_steps(centre: Sandbox) -> None:
    """boto3 gives back what the scenario says, in its own types."""
    with _client_of(centre.url) as client:
        contact = client.describe_contact(InstanceId=INSTANCE, ContactId="contact-1")["Contact"]

    assert contact["DisconnectTimestamp"] == datetime(2026, 3, 29, 2, 45, 30, 250000, UTC)
    steps = contact["RoutingCriteria"]["Steps"]
    assert [step["Status"] for step in steps] == ["EXPIRED", "JOINED"]
    assert steps[1]["Expression"]["AttributeCondition"]["ProficiencyLevel"] == 3.0


def test_a_user_is_described_without_what_other_operations_tell(centre: Sandbox) -> None:
    """DescribeUser tells nothing of proficiencies, which have an operation of their own."""
    user = _ask(centre, CALLS["DescribeUser"]).document["User"]

    assert user["Username"] == "alice"
    assert not user.keys() & {"Proficiencies", "ProficienciesLastModifiedTime"}


def test_proficiencies_come_with_the_time_of_their_last_change(centre: Sandbox) -> None:
    """ListUserProficiencies gives the time the scenario states, and none where it states none."""
    alice = _ask(centre, PROFICIENCIES).document
    carol = _ask(centre, PROFICIENCIES.replace("alice", "carol")).document

    assert alice["LastModifiedTime"] == 1767225600.5
    assert carol == {"UserProficiencyList": []}


def test_a_routing_profile_without_queues_lists_none(centre: Sandbox) -> None:
    """A profile's queues may be left out of the scenario."""
    path = CALLS["ListRoutingProfileQueues"].replace("general", "empty")

    assert _ask(centre, path).document == {"RoutingProfileQueueConfigSummaryList": []}


def test_ids_are_decoded_part_by_part(centre: Sandbox) -> None:
    """An id may hold a slash, a question mark and letters beyond ASCII."""
    with _client_of(centre.url) as client:
        contact = client.describe_contact(InstanceId=INSTANCE, ContactId="a/b?c é")["Contact"]

    assert contact["Id"] == "a/b?c é"


def test_raw_contacts_are_served_as_they_stand(centre: Sandbox) -> None:
    """Raw content reaches the wire unchecked: members no model knows, or members that occur twice."""
    raw = _ask(centre, CONTACT.replace("contact-1", "contact-raw"))
    text = _ask(centre, CONTACT.replace("contact-1", "contact-text"))

    expression = {"XorExpression": [{"Future": True}]}
    assert raw.document["Contact"]["RoutingCriteria"]["Steps"] == [{"Expression": expression}]
    assert text.body == b'{"Contact": {"Id": "contact-text", "Id": "twice"}}'


def test_raw_text_may_hold_bytes_that_are_not_utf_8() -> None:
    """An unpaired surrogate of the scenario becomes bytes that no UTF-8 reader takes."""
    contacts = [{"Id": "contact-1", "raw_text": '{"Contact": {"Id": "\ud800"}}'}]
    with Sandbox({"instance_id": INSTANCE, "contacts": contacts}) as sandbox:
        body = _ask(sandbox, CONTACT).body

    assert b"\xed\xa0\x80" in body


@pytest.mark.parametrize("start", ["contact-1", "contact-2", "contact-3", "contact-raw"])
def test_associated_contacts_are_the_whole_tree_in_order_of_initiation(centre: Sandbox, start: str) -> None:
    """From any contact of a tree one gets all of it, the contact itself included."""
    with _client_of(centre.url) as client:
        summaries = list(_all_associated(client, start))

    assert [s["ContactId"] for s in summaries] == ["contact-1", "contact-3", "contact-2", "contact-raw"]
    assert summaries[0]["ContactArn"].endswith("contact-1")
    assert summaries[1]["PreviousContactId"] == "contact-2"


def test_a_contact_alone_is_its_own_tree(centre: Sandbox) -> None:
    """A contact without relatives is associated with itself."""
    path = f"/contact/associated/{INSTANCE}?contactId=contact-text"

    assert _ask(centre, path).document == {"ContactSummaryList": [{"ContactId": "contact-text"}]}


@pytest.mark.parametrize(
    "path",
    [
        f"/contacts/{INSTANCE}/nobody",
        f"/users/{INSTANCE}/nobody",
        f"/users/{INSTANCE}/nobody/proficiencies",
        f"/routing-profiles/{INSTANCE}/nobody",
        f"/routing-profiles/{INSTANCE}/nobody/queues",
        f"/queues/{INSTANCE}/nobody",
        f"/contact/associated/{INSTANCE}?contactId=nobody",
        "/contacts/another-instance/contact-1",
        "/users-summary/another-instance",
    ],
)
def test_what_does_not_exist_is_not_found(centre: Sandbox, path: str) -> None:
    """An id that the scenario does not hold, the instance's included, is a ResourceNotFoundException."""
    status, code, message = _ask(centre, path).error

    assert (status, code) == (404, "ResourceNotFoundException")
    assert "nobody" in message or "another-instance" in message


def test_operations_that_are_not_served_say_so(centre: Sandbox) -> None:
    """Every other operation of the model answers 501, with its name."""
    with _connected(centre) as connection:
        for name in set(model().operation_names) - set(OPERATIONS):
            http_of = model().operation_model(name).http
            path = re.sub(r"{\w+}", "x", http_of["requestUri"])
            connection.request(http_of["method"], path, b"", SIGNED)

            status, code, message = _Answer(connection.getresponse()).error

            assert (status, code) == (501, "NotImplementedException")
            assert message.startswith(f"the sandbox does not serve {name};")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/nowhere"), ("PATCH", CONTACT), ("GET", f"/contacts/{INSTANCE}/")],
)
def test_unknown_addresses_are_not_found(centre: Sandbox, method: str, path: str) -> None:
    """An address that is no operation's answers 404 and names the address."""
    answer = _ask(centre, path, method=method, body=b"")

    address = f"no operation of Amazon Connect has the address {method} {path}"
    assert answer.error == (404, "UnknownOperationException", address)


def _report(operation: OperationModel, answer: _Answer) -> str:
    assert operation.output_shape
    found: str = ParamValidator().validate(answer.document, operation.output_shape).generate_report()
    return found


def _all_associated(client: ConnectClient, contact_id: str) -> Iterator[Mapping[str, Any]]:
    arguments: JSON = {"InstanceId": INSTANCE, "ContactId": contact_id}
    while True:
        page = client.list_associated_contacts(**arguments)
        yield from page["ContactSummaryList"]
        if "NextToken" not in page:
            return
        arguments["NextToken"] = page["NextToken"]


def test_a_scenario_limits_the_size_of_pages(centre: Sandbox) -> None:
    """No page is larger than the scenario's page_size, and boto3's paginator gathers them all."""
    with _client_of(centre.url) as client:
        pages = list(
            client.get_paginator("list_user_proficiencies").paginate(InstanceId=INSTANCE, UserId="user-alice")
        )

    assert [len(page["UserProficiencyList"]) for page in pages] == [2, 2, 1]
    levels = [p["Level"] for page in pages for p in page["UserProficiencyList"]]
    assert levels == [4.0, 2.0, 5.0, 3.5, 1.0]


def test_a_caller_may_ask_for_smaller_pages(centre: Sandbox) -> None:
    """MaxResults limits a page further."""
    with _client_of(centre.url) as client:
        pages = list(
            client.get_paginator("list_users").paginate(InstanceId=INSTANCE, PaginationConfig={"PageSize": 1})
        )

    assert [[user["Username"] for user in page["UserSummaryList"]] for page in pages] == [
        ["alice"],
        ["bob"],
        ["carol"],
    ]


def test_without_page_size_a_page_holds_a_hundred() -> None:
    """Pages hold 100 where neither the scenario nor the caller says otherwise."""
    users = [{"Id": f"u{i}", "Username": f"u{i}"} for i in range(101)]
    with Sandbox({"instance_id": INSTANCE, "users": users}) as sandbox:
        first = _ask(sandbox, CALLS["ListUsers"]).document
        second = _ask(sandbox, f"{CALLS['ListUsers']}?nextToken={first['NextToken']}").document

    assert len(first["UserSummaryList"]) == 100
    assert [user["Id"] for user in second["UserSummaryList"]] == ["u100"]
    assert "NextToken" not in second


def test_every_list_gives_all_its_elements_once(centre: Sandbox) -> None:
    """Pages of a list join to the whole of it, for each operation that has a paginator."""
    with _client_of(centre.url) as client:
        queues = client.get_paginator("list_routing_profile_queues").paginate(
            InstanceId=INSTANCE, RoutingProfileId="profile-general"
        )
        users = client.get_paginator("search_users").paginate(InstanceId=INSTANCE)

        rows = [q for page in queues for q in page["RoutingProfileQueueConfigSummaryList"]]
        found = [u["Username"] for page in users for u in page["Users"] if "Username" in u]

    assert [(q["QueueName"], q["Channel"], q["Priority"]) for q in rows] == [
        ("General", "VOICE", 1),
        ("General", "CHAT", 1),
        ("Billing", "VOICE", 2),
    ]
    assert found == ["alice", "bob", "carol"]


@pytest.mark.parametrize("token", ["made-up", "0" * 32, "", "9" * 32])
def test_a_made_up_token_is_refused(centre: Sandbox, token: str) -> None:
    """A token that no page gave is an InvalidParameterException."""
    status, code, message = _ask(centre, f"{PROFICIENCIES}?nextToken={token}").error

    assert (status, code) == (400, "InvalidParameterException")
    assert message == "NextToken: no page of this operation gave this token"


def test_a_token_belongs_to_one_operation_and_its_arguments(centre: Sandbox) -> None:
    """A token of another operation, or of another user, is refused like a made-up one."""
    token = _ask(centre, PROFICIENCIES).document["NextToken"]

    assert _ask(centre, f"{CALLS['ListUsers']}?nextToken={token}").status == 400
    assert _ask(centre, f"{PROFICIENCIES.replace('alice', 'bob')}?nextToken={token}").status == 400
    assert _ask(centre, f"{PROFICIENCIES}?nextToken={token}&maxResults=1").status == 200


def _text_condition(field: str, value: str, comparison: str = "EXACT") -> dict[str, Any]:
    return {"StringCondition": {"FieldName": field, "Value": value, "ComparisonType": comparison}}


def _level_condition(comparison: str, **bounds: int) -> dict[str, Any]:
    return {"NumberCondition": {"FieldName": "limit", "ComparisonType": comparison, **bounds}}


def _holding(*conditions: Mapping[str, Any]) -> dict[str, Any]:
    return {"ListCondition": {"TargetListType": "PROFICIENCIES", "Conditions": list(conditions)}}


ENGLISH = _text_condition("value", "connect:English")


@pytest.mark.parametrize(
    ("criteria", "usernames"),
    [
        (_text_condition("Username", "alice"), ["alice"]),
        (_text_condition("username", "b", "STARTS_WITH"), ["bob"]),
        (_text_condition("Username", "o", "CONTAINS"), ["bob", "carol"]),
        (_text_condition("Username", "o"), []),
        (_text_condition("FirstName", "Bob"), ["bob"]),
        (_text_condition("LastName", "Martin"), ["alice"]),
        (_text_condition("RoutingProfileId", "profile-general"), ["alice", "bob"]),
        (_text_condition("SecurityProfileId", "security-lead"), ["bob"]),
        (_text_condition("resourceId", "user-carol"), ["carol"]),
        ({"AndConditions": [_text_condition("Username", "o", "CONTAINS"), _holding(ENGLISH)]}, ["bob"]),
        (
            {"OrConditions": [_text_condition("Username", "carol"), _holding(ENGLISH)]},
            ["alice", "bob", "carol"],
        ),
        (
            _holding(_text_condition("name", "Technology"), _text_condition("value", "Kinesis", "CONTAINS")),
            ["alice"],
        ),
        (_holding(_text_condition("name", "Technology"), ENGLISH), []),
        (_holding(ENGLISH, _level_condition("GREATER_OR_EQUAL", MinValue=2)), ["alice", "bob"]),
        (_holding(ENGLISH, _level_condition("GREATER", MinValue=2)), ["bob"]),
        (_holding(ENGLISH, _level_condition("LESSER_OR_EQUAL", MaxValue=2)), ["alice"]),
        (_holding(ENGLISH, _level_condition("LESSER", MaxValue=2)), []),
        (_holding(ENGLISH, _level_condition("EQUAL", MinValue=5)), ["bob"]),
        (_holding(ENGLISH, _level_condition("NOT_EQUAL", MinValue=5)), ["alice"]),
        (_holding(ENGLISH, _level_condition("RANGE", MinValue=2, MaxValue=4)), ["alice"]),
    ],
)
def test_criteria_select_users(centre: Sandbox, criteria: JSON, usernames: list[str]) -> None:
    """Conditions on a list hold where one element meets all of them; texts are compared as they stand."""
    answer = _search(centre, SearchCriteria=criteria).document

    total = answer["ApproximateTotalCount"]
    token = answer.get("NextToken")
    rest = _search(centre, SearchCriteria=criteria, NextToken=token).document["Users"] if token else []
    assert [user["Username"] for user in answer["Users"] + rest] == usernames
    assert total == len(usernames)


def test_found_users_are_told_in_the_words_of_search(centre: Sandbox) -> None:
    """SearchUsers leaves out what its summary lacks, and gives after-contact work in milliseconds."""
    user = _search(centre, SearchCriteria=_text_condition("Username", "alice")).document["Users"][0]

    assert user["IdentityInfo"] == {"FirstName": "Alice", "LastName": "Martin"}
    assert user["PhoneConfig"]["AfterContactWorkTimeLimit"] == 30_000
    assert user["Tags"] == {"AfterContactWorkTimeLimit": "a tag, no time"}
    assert user["SecurityProfileIds"] == ["security-agent"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"SearchFilter": {}}, "the sandbox does not serve SearchFilter"),
        ({"SearchCriteria": {}}, "SearchCriteria: expected one member, found none"),
        (
            {"SearchCriteria": {**_text_condition("Username", "a"), **_holding(ENGLISH)}},
            "SearchCriteria: expected one member, found `StringCondition` and `ListCondition`",
        ),
        (
            {"SearchCriteria": {"HierarchyGroupCondition": {"Value": "group"}}},
            "the sandbox does not serve SearchCriteria.HierarchyGroupCondition",
        ),
        (
            {"SearchCriteria": _text_condition("Email", "a")},
            'the sandbox does not serve SearchCriteria.StringCondition.FieldName `"Email"`',
        ),
        (
            {"SearchCriteria": {"StringCondition": {"FieldName": "Username", "Value": "a"}}},
            "SearchCriteria.StringCondition.ComparisonType is missing",
        ),
        (
            {"SearchCriteria": {"AndConditions": []}},
            "SearchCriteria.AndConditions: expected a condition, found an empty list",
        ),
        (
            {
                "SearchCriteria": {
                    "OrConditions": [_text_condition("Username", "alice"), {"AndConditions": [{}]}]
                }
            },
            "SearchCriteria.OrConditions[1].AndConditions[0]: expected one member, found none",
        ),
        (
            {"SearchCriteria": _holding(_text_condition("level", "a"))},
            (
                "the sandbox does not serve "
                'SearchCriteria.ListCondition.Conditions[0].StringCondition.FieldName `"level"`'
            ),
        ),
        (
            {"SearchCriteria": _holding({"NumberCondition": {"FieldName": "limit"}})},
            "SearchCriteria.ListCondition.Conditions[0].NumberCondition.ComparisonType is missing",
        ),
        (
            {"SearchCriteria": _holding(_level_condition("GREATER", MinValue=1, MaxValue=2))},
            "SearchCriteria.ListCondition.Conditions[0].NumberCondition.MaxValue has no meaning here",
        ),
        (
            {
                "SearchCriteria": _holding(
                    {"NumberCondition": {"FieldName": "level", "ComparisonType": "EQUAL", "MinValue": 1}}
                )
            },
            (
                "the sandbox does not serve "
                'SearchCriteria.ListCondition.Conditions[0].NumberCondition.FieldName `"level"`'
            ),
        ),
        (
            {"SearchCriteria": _text_condition("Username", "a", "LIKE")},
            (
                "SearchCriteria.StringCondition.ComparisonType: "
                'expected one of `STARTS_WITH`, `CONTAINS`, `EXACT`, found `"LIKE"`'
            ),
        ),
    ],
)
def test_what_is_not_implemented_is_refused_by_name(centre: Sandbox, arguments: JSON, message: str) -> None:
    """Nothing of a search is ignored: what the sandbox cannot do is an InvalidParameterException."""
    assert _search(centre, **arguments).error == (400, "InvalidParameterException", message)


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        (
            f"{PROFICIENCIES}?maxResults=101",
            "InvalidParameterException",
            "MaxResults: expected a whole number, 1 to 100, found `101`",
        ),
        (
            f"{PROFICIENCIES}?maxResults=0",
            "InvalidParameterException",
            "MaxResults: expected a whole number, 1 to 100, found `0`",
        ),
        (
            f"{PROFICIENCIES}?maxResults=ten",
            "InvalidParameterException",
            'MaxResults: expected a whole number, found `"ten"`',
        ),
        (
            f"{PROFICIENCIES}?MaxResults=1",
            "InvalidRequestException",
            'ListUserProficiencies takes no query parameter `"MaxResults"`',
        ),
        (
            f"{PROFICIENCIES}?maxResults=1&maxResults=2",
            "InvalidRequestException",
            "a query parameter is given twice",
        ),
        (
            f"/users-summary/{INSTANCE}?maxResults=1001",
            "InvalidParameterException",
            "MaxResults: expected a whole number, 1 to 1000, found `1001`",
        ),
        (
            f"/contacts/{'i' * 101}/contact-1",
            "InvalidParameterException",
            "InstanceId: expected a text of 1 to 100 characters, found `101`",
        ),
        (
            f"/contact/associated/{INSTANCE}",
            "InvalidParameterException",
            "$: expected a member `ContactId`, found none",
        ),
    ],
)
def test_arguments_are_checked_as_the_model_says(centre: Sandbox, path: str, code: str, message: str) -> None:
    """Both ends of every range hold, and nothing unknown passes."""
    assert _ask(centre, path).error == (400, code, message)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"{", "InvalidRequestException", "$: not JSON"),
        (b"[]", "InvalidRequestException", "expected an object, found a list"),
        (b"[" * 100_000, "InvalidRequestException", "$: nested more than"),
        (b"\xff", "InvalidRequestException", "$: byte 0 is not UTF-8"),
        (
            b'{"InstanceId": "i", "Sort": 1}',
            "InvalidRequestException",
            'SearchUsers takes no body member `"Sort"`',
        ),
        (
            b'{"InstanceId": "i", "SearchFilter": {"NameFilter": 1}}',
            "InvalidRequestException",
            "SearchFilter.NameFilter: Amazon Connect's model knows no such member",
        ),
        (
            b'{"InstanceId": "i", "MaxResults": 501}',
            "InvalidParameterException",
            "MaxResults: expected a whole number, 1 to 500, found `501`",
        ),
        (
            b'{"InstanceId": "i", "MaxResults": true}',
            "InvalidParameterException",
            "MaxResults: expected a whole number, found `true`",
        ),
        (b"", "InvalidParameterException", "$: expected a member `InstanceId`, found none"),
    ],
)
def test_bodies_are_checked_as_the_model_says(centre: Sandbox, body: bytes, code: str, message: str) -> None:
    """A body that is no JSON object of the operation's members is refused, and says why."""
    status, found, text = _ask(centre, "/search-users", method="POST", body=body).error

    assert (status, found) == (400, code)
    assert text.startswith(message)


def test_a_body_on_a_call_that_takes_none_is_refused(centre: Sandbox) -> None:
    """Members that travel in the path are not taken from the body."""
    answer = _ask(centre, CONTACT, body=b'{"ContactId": "contact-2"}')

    message = 'DescribeContact takes no body member `"ContactId"`'
    assert answer.error == (400, "InvalidRequestException", message)


def test_a_call_without_authorization_is_refused(centre: Sandbox) -> None:
    """A call that nobody signed is a MissingAuthenticationTokenException; signatures are not verified."""
    answer = _ask(centre, CONTACT, headers={})

    assert answer.error == (403, "MissingAuthenticationTokenException", "Missing Authentication Token")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /search-users HTTP/1.1\r\n\r\n", 411),
        (b"POST /search-users HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST /search-users HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST /search-users HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /search-users HTTP/1.1\r\nContent-Length: 10\r\n\r\n{}", 400),
    ],
)
def test_a_body_of_unknown_length_is_refused(centre: Sandbox, head: bytes, status: int) -> None:
    """Without a true Content-Length nobody knows where the next call begins, so the connection ends."""
    with socket.create_connection(_address_of(centre)) as connection:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"x-amzn-ErrorType: InvalidRequestException" in answer


def test_boto3_knows_the_errors_by_their_classes(centre: Sandbox) -> None:
    """An error of the sandbox is to boto3 what the service's own is."""
    with _client_of(centre.url) as client:
        with pytest.raises(client.exceptions.ResourceNotFoundException, match="nobody") as missing:
            client.describe_contact(InstanceId=INSTANCE, ContactId="nobody")
        with pytest.raises(client.exceptions.InvalidParameterException):
            client.list_user_proficiencies(InstanceId=INSTANCE, UserId="user-alice", MaxResults=101)

    assert missing.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def _address_of(sandbox: Sandbox) -> tuple[str, int]:
    host, _, port = sandbox.url.removeprefix("http://").partition(":")
    return host, int(port)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"error": "ThrottlingException"}, (429, "ThrottlingException", "a fault of the scenario")),
        ({"error": "AccessDeniedException", "message": "no"}, (403, "AccessDeniedException", "no")),
        (
            {"error": "InternalServiceException", "status": 503},
            (503, "InternalServiceException", "a fault of the scenario"),
        ),
        ({"error": "SomethingNew", "status": 418}, (418, "SomethingNew", "a fault of the scenario")),
    ],
)
def test_an_error_has_the_status_of_the_model_or_its_own(fault: JSON, error: tuple[int, str, str]) -> None:
    """An error takes its status from the model, unless the fault gives one."""
    with _faulty_always(fault) as sandbox:
        assert _ask(sandbox, CONTACT).error == error


def test_an_error_may_carry_headers() -> None:
    """Headers of a fault travel beside those of every error."""
    with _faulty_always({"error": "ThrottlingException", "headers": {"x-amz-retry-after": "50"}}) as sandbox:
        answer = _ask(sandbox, CONTACT)

    assert answer.headers["x-amz-retry-after"] == "50"
    assert answer.headers["x-amzn-ErrorType"] == "ThrottlingException"


def test_boto3_retries_what_is_throttled() -> None:
    """The client's own retries get through once the fault is over, and each attempt is on record."""
    fault = {"operation": "*", "calls": {"first": 2}, "fault": {"error": "ThrottlingException"}}
    with _faulty(fault) as sandbox, _client_of(sandbox.url, attempts=3) as client:
        answer = client.list_users(InstanceId=INSTANCE)

        assert answer["ResponseMetadata"]["RetryAttempts"] == 2
        assert sandbox.requests == (Request("ListUsers", {"InstanceId": INSTANCE}),) * 3


def test_access_denied_is_a_class_of_its_own_to_boto3() -> None:
    """A fault may be an error that the operation does not declare."""
    with (
        _faulty_always({"error": "AccessDeniedException"}) as sandbox,
        _client_of(sandbox.url) as client,
        pytest.raises(client.exceptions.AccessDeniedException),
    ):
        client.describe_contact(InstanceId=INSTANCE, ContactId="contact-1")


def test_cut_resets_the_connection() -> None:
    """A cut connection is reset before a byte is sent."""
    with _faulty_always({"cut": True}) as sandbox, pytest.raises(ConnectionResetError) as error:
        _ask(sandbox, CONTACT)

    assert type(error.value) is ConnectionResetError


def test_close_ends_the_connection_politely() -> None:
    """A closed connection ends without a byte, and without a reset."""
    with _faulty_always({"close": True}) as sandbox, pytest.raises(http.client.RemoteDisconnected):
        _ask(sandbox, CONTACT)


def test_truncate_promises_more_than_it_sends() -> None:
    """A truncated answer has the length of the whole one, and ends early."""
    with _faulty_always({"truncate": 13}) as sandbox, pytest.raises(http.client.IncompleteRead) as error:
        _ask(sandbox, CONTACT)

    assert error.value.partial == b'{"Contact": {'


def test_truncate_quietly_promises_what_it_sends() -> None:
    """A quietly truncated answer looks whole until somebody reads it."""
    with _faulty_always({"truncate_quietly": 13}) as sandbox:
        answer = _ask(sandbox, CONTACT)

    assert (answer.status, answer.body) == (200, b'{"Contact": {')
    assert answer.headers["Content-Length"] == "13"


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        ({"body": "<html>", "content_type": "text/html"}, 200, "text/html", b"<html>"),
        ({"body": "", "status": 502}, 502, "application/json", b""),
        ({"body": "\ud800"}, 200, "application/json", b"\xed\xa0\x80"),
        ({"body": "\udc80 é \udcff"}, 200, "application/json", b"\x80 \xc3\xa9 \xff"),
    ],
)
def test_any_body_may_be_sent(fault: JSON, status: int, content_type: str, body: bytes) -> None:
    """A body of the fault's own goes out as it is, with the status it gives or 200."""
    with _faulty_always(fault) as sandbox:
        answer = _ask(sandbox, CONTACT)

    assert (answer.status, answer.headers["Content-Type"], answer.body) == (status, content_type, body)


def test_any_body_may_carry_headers() -> None:
    """Headers of a body travel beside it, so that it may claim to be compressed."""
    with _faulty_always({"body": "", "headers": {"Content-Encoding": "gzip"}}) as sandbox:
        assert _ask(sandbox, CONTACT).headers["Content-Encoding"] == "gzip"


def test_a_delay_outlasts_an_impatient_client() -> None:
    """A delayed answer is the normal one, for those who wait."""
    with _faulty_always({"delay_seconds": 0.3}) as sandbox:
        with pytest.raises(TimeoutError):
            _ask(sandbox, CONTACT, timeout=0.05)
        patient = _ask(sandbox, CONTACT)

    assert patient.document["Contact"]["Id"] == "contact-1"


def test_a_trickle_comes_in_many_pieces() -> None:
    """A dribbled body is whole in the end."""
    with _faulty_always({"trickle_seconds": 0.2}) as sandbox, _connected(sandbox) as connection:
        connection.request("GET", CONTACT, headers=SIGNED)
        response = connection.getresponse()
        pieces = list(iter(lambda: response.read1(65536), b""))

    assert len(pieces) > 5
    assert json.loads(b"".join(pieces))["Contact"]["Id"] == "contact-1"


def test_leaving_does_not_wait_for_slow_answers() -> None:
    """A sandbox that ends drops an answer that is still to come."""
    with ThreadPoolExecutor() as pool:
        with _faulty_always({"delay_seconds": 3600}) as sandbox:
            call = pool.submit(_ask, sandbox, CONTACT)
            _until(lambda: bool(sandbox.requests))

        assert isinstance(call.exception(), ConnectionError)


@pytest.mark.parametrize(
    ("calls", "faulted"),
    [
        ("all", [1, 2, 3, 4, 5, 6]),
        ({"first": 2}, [1, 2]),
        ({"every": 3}, [3, 6]),
        ([1, 4], [1, 4]),
    ],
)
def test_calls_are_counted_from_one(calls: JSON, faulted: list[int]) -> None:
    """A fault happens at the calls it names, counted from 1."""
    fault = {"operation": "DescribeContact", "calls": calls, "fault": {"error": "ThrottlingException"}}
    with _faulty(fault) as sandbox:
        statuses = [_ask(sandbox, CONTACT).status for _ in range(6)]

    assert [number for number, status in enumerate(statuses, 1) if status == 429] == faulted


def test_only_matching_calls_count() -> None:
    """A fault with arguments leaves calls of other arguments and other operations alone, and uncounted."""
    fault = {
        "operation": "DescribeContact",
        "match": {"ContactId": "contact-2"},
        "calls": [1],
        "fault": {"error": "ThrottlingException"},
    }
    second = CONTACT.replace("contact-1", "contact-2")
    with _faulty(fault) as sandbox:
        statuses = [_ask(sandbox, path).status for path in (CONTACT, PROFICIENCIES, second, second)]

    assert statuses == [200, 200, 429, 200]


def test_the_first_fault_due_happens_and_every_match_counts() -> None:
    """Where two faults are due, the earlier entry happens; the call counts for both."""
    with _faulty(
        {"operation": "*", "calls": [1], "fault": {"error": "ThrottlingException"}},
        {"operation": "DescribeContact", "calls": [2], "fault": {"error": "InternalServiceException"}},
    ) as sandbox:
        statuses = [_ask(sandbox, CONTACT).status for _ in range(3)]

    assert statuses == [429, 500, 200]


def test_invalid_calls_are_refused_before_any_fault() -> None:
    """A call that the model does not allow is answered as that, and counts for no fault."""
    with _faulty({"operation": "*", "calls": [1], "fault": {"error": "ThrottlingException"}}) as sandbox:
        statuses = [_ask(sandbox, path).status for path in (f"{PROFICIENCIES}?maxResults=101", PROFICIENCIES)]

    assert statuses == [400, 429]


def test_counting_is_exact_under_threads() -> None:
    """Every third of 160 calls fails, whichever threads they come from."""
    fault = {"operation": "*", "calls": {"every": 3}, "fault": {"error": "ThrottlingException"}}

    def statuses(sandbox: Sandbox) -> list[int]:
        with _connected(sandbox) as connection:
            return [_status_on(connection) for _ in range(10)]

    with _faulty(fault) as sandbox, ThreadPoolExecutor(16) as pool:
        found = [status for statuses in pool.map(statuses, [sandbox] * 16) for status in statuses]

        assert found.count(429) == 53
        assert len(sandbox.requests) == 160


def _status_on(connection: http.client.HTTPConnection) -> int:
    connection.request("GET", CONTACT, headers=SIGNED)
    return _Answer(connection.getresponse()).status


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert is_so()


def test_listens_on_this_machine_only(centre: Sandbox) -> None:
    """The endpoint is on 127.0.0.1, on a port of its own."""
    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9][0-9]+", centre.url)


def test_requests_are_on_record_refused_ones_included() -> None:
    """Every call whose operation and arguments could be read is kept, in order, with its time."""
    before = datetime.now(UTC)
    with Sandbox(CENTRE) as sandbox:
        _ask(sandbox, f"{PROFICIENCIES}?maxResults=101")
        _search(sandbox, MaxResults=1)
        _ask(sandbox, "/nowhere")
    after = datetime.now(UTC)

    arguments = {"InstanceId": INSTANCE, "UserId": "user-alice", "MaxResults": 101}
    assert sandbox.requests == (
        Request("ListUserProficiencies", arguments),
        Request("SearchUsers", {"InstanceId": INSTANCE, "MaxResults": 1}),
    )
    assert before <= sandbox.requests[0].at <= sandbox.requests[1].at <= after


def test_each_start_is_afresh() -> None:
    """A sandbox that starts again has no requests and has counted no fault."""
    sandbox = _faulty({"operation": "*", "calls": [1], "fault": {"error": "ThrottlingException"}})
    for _ in range(2):
        with sandbox:
            assert sandbox.requests == ()
            assert [_ask(sandbox, CONTACT).status for _ in range(2)] == [429, 200]


def test_calls_share_one_connection(centre: Sandbox) -> None:
    """A connection is kept alive from call to call, errors included."""
    with _connected(centre) as connection:
        connection.connect()
        first = connection.sock
        statuses = [_status_on(connection) for _ in range(3)]
        connection.request("GET", "/nowhere", headers=SIGNED)
        statuses.append(_Answer(connection.getresponse()).status)

        assert statuses == [200, 200, 200, 404]
        assert connection.sock is first


def test_boto3_opens_one_connection(centre: Sandbox) -> None:
    """boto3 makes all its calls over the connection it opened first."""
    with _client_of(centre.url) as client:
        for _ in range(3):
            client.list_users(InstanceId=INSTANCE)
        manager = cast("Any", client)._endpoint.http_session._manager
        connections = manager.connection_from_url(centre.url).num_connections

    assert connections == 1


def test_answers_leave_at_once_in_one_piece(centre: Sandbox) -> None:
    """Small packets are not held back, and headers are buffered with their body."""
    with _connected(centre) as connection:
        _status_on(connection)
        assert centre._server
        served = {
            peer: sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for sock in tuple(centre._server._connections)
            for peer in [sock.getpeername()]
        }

        assert served[connection.sock.getsockname()] != 0
        assert _Handler.wbufsize == -1


def test_a_port_is_free_again_at_once() -> None:
    """A second sandbox takes the port of the first, though a client had kept its connection."""
    with ExitStack() as stack:
        with Sandbox(CENTRE) as first:
            connection = stack.enter_context(_connected(first))
            assert _status_on(connection) == 200

        with Sandbox(CENTRE, port=_address_of(first)[1]) as second:
            with pytest.raises(ConnectionError):
                _status_on(connection)
            connection.close()
            assert _status_on(connection) == 200
            assert len(second.requests) == 1


def test_a_taken_port_is_refused(centre: Sandbox) -> None:
    """Two sandboxes cannot share a port."""
    with pytest.raises(OSError, match="in use"), Sandbox(CENTRE, port=_address_of(centre)[1]):
        pass


def test_a_client_that_leaves_is_not_worth_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    """A client that resets its connection in the middle of a call disturbs nobody."""
    with Sandbox(CENTRE) as sandbox:
        assert sandbox._server
        connections = sandbox._server._connections
        with socket.create_connection(_address_of(sandbox)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n")
            _until(lambda: bool(connections))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        _until(lambda: not connections)

        assert _ask(sandbox, CONTACT).status == 200
    assert capfd.readouterr() == ("", "")


def test_a_bug_is_not_hidden(centre: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    """What goes wrong in the sandbox itself is printed, as http.server prints it."""
    assert centre._server
    try:
        int("a bug of ours")
    except ValueError:
        centre._server.handle_error(None, ("127.0.0.1", 1))

    assert "a bug of ours" in capfd.readouterr().err


def test_importing_it_does_not_import_botocore() -> None:
    """Importing the sandbox does not load botocore; reading a scenario does."""
    code = (
        "import sys, routing_inspect.sandbox; sys.exit('botocore' in sys.modules or 'boto3' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


NOBODY = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_DEFAULT_REGION": "eu-west-2",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def test_boto3_needs_nothing_but_the_environment(centre: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that knows nothing of the sandbox reads from it through AWS_ENDPOINT_URL_CONNECT."""
    for name, value in {**NOBODY, "AWS_ENDPOINT_URL_CONNECT": centre.url}.items():
        monkeypatch.setenv(name, value)

    with closing(boto3.session.Session().client("connect")) as client:
        contact = client.describe_contact(InstanceId=INSTANCE, ContactId="contact-1")["Contact"]

    assert contact["Id"] == "contact-1"


@pytest.mark.slow
def test_the_aws_command_line_reads_from_it(centre: Sandbox) -> None:
    """The unmodified AWS CLI describes a contact, pages through proficiencies, and shows an error."""

    def aws(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = str(Path(sys.executable).with_name("aws"))
        command = [
            program,
            "--endpoint-url",
            centre.url,
            "connect",
            *arguments,
            "--instance-id",
            INSTANCE,
        ]
        environment = {**os.environ, **NOBODY, "AWS_PAGER": ""}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    contact = aws("describe-contact", "--contact-id", "contact-1")
    proficiencies = aws("list-user-proficiencies", "--user-id", "user-alice")
    missing = aws("describe-contact", "--contact-id", "nobody")

    assert json.loads(contact.stdout)["Contact"]["RoutingCriteria"]["Steps"][0]["Status"] == "EXPIRED"
    assert len(json.loads(proficiencies.stdout)["UserProficiencyList"]) == 5
    assert "ResourceNotFoundException" in missing.stderr


@pytest.mark.slow
def test_an_interrupt_ends_it_cleanly() -> None:
    """Served for ever, a sandbox ends at an interrupt: no traceback, the next line runs."""
    code = (
        "import sys\n"
        "from routing_inspect.sandbox import Sandbox\n"
        "with Sandbox(sys.argv[1]) as sandbox:\n"
        "    print(sandbox.url, flush=True)\n"
        "    sandbox.serve_forever()\n"
        "print('ended')\n"
    )
    command = [sys.executable, "-c", code, str(CENTRE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        url = process.stdout.readline().strip()
        time.sleep(0.3)
        with _client_of(url) as client:
            assert client.list_users(InstanceId=INSTANCE)["UserSummaryList"]
        process.send_signal(signal.SIGINT)

        assert process.stdout.read() == "ended\n"
        assert process.stderr.read() == ""
    assert process.returncode == 0


def _minimal(**members: JSON) -> dict[str, Any]:
    return {"instance_id": INSTANCE, **members}


def _queue_row(queue_id: str) -> dict[str, Any]:
    row = {"QueueArn": "arn", "QueueName": "Name", "Priority": 1, "Delay": 0, "Channel": "VOICE"}
    return {"QueueId": queue_id, **row}


def _fault_of(**members: JSON) -> dict[str, Any]:
    return _minimal(faults=[{"operation": "DescribeContact", "fault": {"cut": True}, **members}])


def _action_of(**action: JSON) -> dict[str, Any]:
    return _fault_of(fault=action)


KINDS = "`error`, `body`, `cut`, `close`, `truncate`, `truncate_quietly`, `delay_seconds`, `trickle_seconds`"


def test_every_problem_is_reported_at_once() -> None:
    """All that is wrong with a scenario comes in one error, each with its JSON path."""
    with pytest.raises(DocumentError) as error:
        read_scenario(BROKEN)

    assert [problem.path for problem in error.value.problems] == [
        "$.instance_id",
        "$.contacts[0].QueueInfo.Name",
        "$.contacts[0].InitiationTimestamp",
        "$.contacts[1].RoutingCriteria.Steps[0].Status",
        "$.users[0].RoutingProfileId",
        "$.users[1].Proficiencies[0]",
        "$.users[1].Id",
        "$.users[1].Username",
        "$.users[2].Proficiencies[0].Level",
        "$.users[2].Username",
        "$.queues",
        "$.faults[0].operation",
        "$.page_size",
        "$.pages",
    ]


@pytest.mark.parametrize(
    ("scenario", "problem"),
    [
        ([], "$: expected an object, found a list"),
        ({}, "$: expected a member `instance_id`, found none"),
        ({"instance_id": 5}, "$.instance_id: expected a text, found `5`"),
        (
            {"instance_id": "i" * 101},
            "$.instance_id: expected a text of 1 to 100 characters, found `101`",
        ),
        (_minimal(contacts=[5]), "$.contacts[0]: expected an object, found `5`"),
        (_minimal(contacts=[{}]), "$.contacts[0]: expected a member `Id`, found none"),
        (_minimal(queues=[{"QueueId": ""}]), "$.queues[0].QueueId: expected a text, found an empty one"),
        (_minimal(queues=[{"QueueId": "q", "Name": 5}]), "$.queues[0].Name: expected a text, found `5`"),
        (
            _minimal(queues=[{"QueueId": "q", "MaxContacts": -1}]),
            "$.queues[0].MaxContacts: expected a whole number, at least 0, found `-1`",
        ),
        (
            _minimal(users=[{"Id": "u", "Username": "u", "SecurityProfileIds": []}]),
            "$.users[0].SecurityProfileIds: expected a list of 1 to 10 elements, found `0`",
        ),
        (
            _minimal(users=[{"Id": "u", "Username": "u", "Tags": 1}]),
            "$.users[0].Tags: expected an object, found `1`",
        ),
        (
            _minimal(users=[{"Id": "u", "Username": "u", "Proficiencies": {}}]),
            "$.users[0].Proficiencies: expected a list, found an object",
        ),
        (
            _minimal(queues=[{"QueueId": "q", "OutboundCallerConfig": {"OutboundFlowId": "f" * 501}}]),
            (
                "$.queues[0].OutboundCallerConfig.OutboundFlowId: "
                "expected a text of at most 500 characters, found `501`"
            ),
        ),
        (
            _minimal(contacts=[{"Id": "c", "InitiationTimestamp": True}]),
            "$.contacts[0].InitiationTimestamp: expected a time with its zone, found `true`",
        ),
        (
            _minimal(contacts=[{"Id": "c", "InitiationTimestamp": 1e300}]),
            "$.contacts[0].InitiationTimestamp: expected a time with its zone, found `1e+300`",
        ),
        (
            _minimal(contacts=[{"Id": "c", "raw": 1, "raw_text": ""}]),
            "$.contacts[0]: expected `raw` or `raw_text`, found both",
        ),
        (
            _minimal(contacts=[{"Id": "c", "raw_text": 5}]),
            "$.contacts[0].raw_text: expected a text, found `5`",
        ),
        (
            _minimal(users=[{"Id": "u", "Username": "u", "RoutingProfileId": "p"}], routing_profiles=[5]),
            '$.users[0].RoutingProfileId: no record of `routing_profiles` has the RoutingProfileId `"p"`',
        ),
        (
            _minimal(routing_profiles=[{"RoutingProfileId": "p", "InstanceId": "other"}]),
            (
                "$.routing_profiles[0].InstanceId: "
                f'expected the scenario\'s own, `"{INSTANCE}"`, found `"other"`'
            ),
        ),
        (
            _minimal(routing_profiles=[{"RoutingProfileId": "p", "Queues": [5, _queue_row("q")]}]),
            '$.routing_profiles[0].Queues[1].QueueId: no record of `queues` has the QueueId `"q"`',
        ),
        (_minimal(faults=[5]), "$.faults[0]: expected an object, found `5`"),
        (_minimal(page_size=True), "$.page_size: expected a whole number from 1, found `true`"),
        (_fault_of(when="now"), "$.faults[0].when: a fault has no such member"),
        (_fault_of(match=[]), "$.faults[0].match: expected an object, found a list"),
        (
            _fault_of(match={"UserId": "u"}),
            "$.faults[0].match.UserId: the operation takes no such argument",
        ),
        (
            _fault_of(operation="*", match={"Contact": "c"}),
            "$.faults[0].match.Contact: the operation takes no such argument",
        ),
        (
            _fault_of(calls="some"),
            (
                '$.faults[0].calls: expected `"all"`, `{"first": n}`, `{"every": k}` '
                'or a list of numbers from 1, found `"some"`'
            ),
        ),
        (_action_of(), f"$.faults[0].fault: expected an object with one of {KINDS}, found none"),
        (_fault_of(fault=5), f"$.faults[0].fault: expected an object with one of {KINDS}, found none"),
        (
            _action_of(cut=True, close=True),
            f"$.faults[0].fault: expected an object with one of {KINDS}, found `cut` and `close`",
        ),
        (_action_of(cut=1), "$.faults[0].fault.cut: expected `true`, found `1`"),
        (
            _action_of(cut=True, status=1),
            "$.faults[0].fault.status: expected no such member beside `cut`, found `1`",
        ),
        (_action_of(error=5), "$.faults[0].fault.error: expected one line of ASCII text, found `5`"),
        (_action_of(error="Oops"), '$.faults[0].fault.error: the model knows no error `"Oops"`'),
        (_action_of(error="Contact"), '$.faults[0].fault.error: the model knows no error `"Contact"`'),
        (
            _action_of(error="Oops", status=99),
            "$.faults[0].fault.status: expected an HTTP status, 200 to 599, found `99`",
        ),
        (
            _action_of(error="ThrottlingException", headers={"a": "b\r\nc: d"}),
            "$.faults[0].fault.headers: expected an object of header lines, found an object",
        ),
        (
            _action_of(error="ThrottlingException", headers={"a b": "c"}),
            "$.faults[0].fault.headers: expected an object of header lines, found an object",
        ),
        (_action_of(body=5), "$.faults[0].fault.body: expected a text, found `5`"),
        (
            _action_of(truncate=True),
            "$.faults[0].fault.truncate: expected a whole number of bytes, found `true`",
        ),
        (
            _action_of(delay_seconds=-1),
            "$.faults[0].fault.delay_seconds: expected a number of seconds, 0 to 3600, found `-1`",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(scenario: JSON, problem: str) -> None:
    """A scenario is checked against the service's model, so that it cannot drift from the service."""
    with pytest.raises(DocumentError) as error:
        read_scenario(scenario)

    told = [f"{found.path}: {found.message}" for found in error.value.problems]
    assert problem in told


@pytest.mark.parametrize(
    "calls", [{}, [], [0], [True], {"first": 0}, {"every": "1"}, {"first": 1, "every": 2}]
)
def test_calls_are_numbers_from_one(calls: JSON) -> None:
    """Which calls a fault befalls is told in one of four ways, and in no other."""
    with pytest.raises(DocumentError, match=r"\$\.faults\[0\]\.calls"):
        read_scenario(_fault_of(calls=calls))


def test_an_error_without_a_status_of_the_model_hints_at_giving_one() -> None:
    """An error the model does not know needs a status, and the hint says so."""
    with pytest.raises(DocumentError) as error:
        read_scenario(_action_of(error="Oops"))

    assert error.value.hint == "give a `status` beside it"


def test_a_file_that_is_no_json_is_a_problem_of_the_document(tmp_path: Path) -> None:
    """A scenario file that cannot be read as JSON is a DocumentError, not an error of json's."""
    path = tmp_path / "scenario.json"
    path.write_text("{", "utf-8")

    with pytest.raises(DocumentError, match=r"\$: not JSON"):
        Sandbox(path)


def test_a_scenario_may_be_given_in_python() -> None:
    """A dict may hold aware datetimes, a file's path may be a text, and a Scenario is taken as it is."""
    at = datetime(2026, 3, 29, 1, 40, tzinfo=UTC)
    scenario = read_scenario(_minimal(contacts=[{"Id": "c", "InitiationTimestamp": at}]))

    assert scenario.contacts["c"]["InitiationTimestamp"] == at.timestamp()
    assert Sandbox(scenario).scenario is scenario
    assert read_scenario(str(CENTRE)).instance_id == INSTANCE


def test_a_scenario_does_not_follow_its_source() -> None:
    """What changes in a dict after it was read changes nothing in the scenario."""
    source = _minimal(queues=[{"QueueId": "q", "Name": "before"}])
    scenario = read_scenario(source)
    source["queues"][0]["Name"] = "after"

    assert scenario.queues["q"]["Name"] == "before"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(WORDS), inner),
        max_leaves=20,
    ).filter(lambda document: not isinstance(document, str))
)
def test_any_document_is_a_scenario_or_a_document_error(document: JSON) -> None:
    """No JSON makes the reader fail in another way than by a DocumentError."""
    try:
        scenario = read_scenario(document)
    except DocumentError:
        return
    assert scenario.instance_id


@given(st.data())
def test_any_damage_is_a_scenario_or_a_document_error(data: st.DataObject) -> None:
    """A good scenario with one value replaced is read, or refused by a DocumentError."""
    document = plain(json.loads(CENTRE.read_text("utf-8")))
    place: JSON = document
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not place[key] or not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(st.sampled_from([None, True, 0, -1, 1.5, "", "x", [], [[]], {}, {"x": 1}]))

    try:
        scenario = read_scenario(document)
    except DocumentError:
        return
    assert scenario.instance_id


@given(st.text(), st.binary(max_size=200))
def test_any_call_gets_an_answer(centre: Sandbox, text: str, body: bytes) -> None:
    """No path, query or body breaks the endpoint: every call is answered, with JSON."""
    tail = quote(text.encode("utf-8", "replace"), safe="/?&=")
    with _connected(centre) as connection:
        for path in (f"/{tail}", f"/users/{INSTANCE}/{tail}", f"{PROFICIENCIES}?{tail}"):
            connection.request("POST" if len(text) % 2 else "GET", path, body, SIGNED)
            assert isinstance(_Answer(connection.getresponse()).document, dict)
        connection.request("POST", "/search-users", body, SIGNED)
        assert _Answer(connection.getresponse()).status == 400


def test_threads_and_calls_do_not_mix(centre: Sandbox) -> None:
    """One boto3 client shared by many threads gets each its own answer."""
    names = ["contact-1", "contact-2", "contact-3"] * 30
    with _client_of(centre.url) as client, ThreadPoolExecutor(16) as pool:

        def describe(contact_id: str) -> str:
            contact = client.describe_contact(InstanceId=INSTANCE, ContactId=contact_id)["Contact"]
            return str(contact.get("Id"))

        assert list(pool.map(describe, names)) == names


def test_a_failed_call_is_a_client_error(centre: Sandbox) -> None:
    """An operation that is not served reaches a boto3 caller as a ClientError with its message."""
    with _client_of(centre.url) as client, pytest.raises(ClientError, match="does not serve ListQueues"):
        client.list_queues(InstanceId=INSTANCE)


def test_no_thread_is_left_behind() -> None:
    """After the block the thread that listened is gone."""
    before = set(threading.enumerate())
    with Sandbox(CENTRE):
        started = set(threading.enumerate()) - before

    assert started
    assert not any(thread.is_alive() for thread in started)


@pytest.mark.usefixtures("_credentials")
def test_the_scenario_to_copy_gives_what_its_page_shows(run: Run, tmp_path: Path) -> None:
    """What stands in docs/sandbox.md is the example's file, and what the command prints of it."""
    root = Path(__file__).resolve().parents[1]
    page = (root / "docs" / "sandbox.md").read_text(encoding="utf-8")
    section = page.partition("## A scenario to copy\n")[2].partition("\n## ")[0]
    scenario, command, printed = re.findall(r"```(?:json|sh|text)\n(.*?)```", section, re.DOTALL)
    copied = tmp_path / "scenario.json"
    copied.write_text(scenario, encoding="utf-8")

    with Sandbox(copied) as sandbox:
        _, *arguments = command.replace("\\\n", " ").replace("http://127.0.0.1:5077", sandbox.url).split()
        code, out, err = run(*arguments)

    assert (code, out, err) == (0, printed, "")
    assert scenario == (root / "examples" / "sandbox" / "scenario.json").read_text(encoding="utf-8")


def test_a_scenario_that_is_wrong_is_named_by_its_file(run: Run, tmp_path: Path) -> None:
    """A problem in it says in which file it stands; so does one on standard input, by that name."""
    scenario = tmp_path / "scenario.json"
    scenario.write_text('{"instance_id": "i", "contacts": [{"Id": 5}]}', encoding="utf-8")

    code, out, err = run("sandbox", str(scenario))

    assert (code, out) == (2, "")
    assert err.startswith(f"error: {scenario}: $.contacts[0].Id: expected")


@pytest.mark.parametrize("arguments", [("--burst", "9" * 20), ("--rate", "1e400"), ("--rate", "nan")])
def test_quotas_of_the_command_are_bounded(run: Run, arguments: tuple[str, str]) -> None:
    """What no quota can be is a usage error before anything is served."""
    code, out, err = run("sandbox", "examples/demo.json", *arguments)

    assert (code, out) == (2, "")
    assert arguments[0] in err
