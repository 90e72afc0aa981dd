"""
Every way through the package that asks the service, run as a user would, over HTTP against a sandbox.

A path is a command line; what becomes of it is told in the words of docs/faults.md.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import botocore.endpoint
from attrs import evolve, field, frozen
from botocore.config import Config

from routing_inspect import aws, cli
from routing_inspect.aws import calls
from routing_inspect.document import JSON
from routing_inspect.sandbox import Request, Sandbox
from routing_inspect.sandbox.scenario import Scenario, read_scenario

INSTANCE = "11111111-1111-4111-8111-111111111111"
TAKEN, WAITING, EARLIER = (f"22222222-2222-4222-8222-22222222222{n}" for n in range(3))
NUMBER = "+442079460958"
NOW = datetime(2026, 11, 17, 3, tzinfo=UTC)
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_REGION": "eu-west-2",
    "AWS_DEFAULT_REGION": "eu-west-2",
}


def _agent_id(name: str) -> str:
    return f"33333333-3333-4333-8333-{'abcdefghij'.index(name[0]):012d}"


AGENTS = [_agent_id(name) for name in ("ana", "ben", "cai", "dee")]


def _level(level: float) -> dict[str, JSON]:
    return {"AttributeName": "Language", "AttributeValue": "French", "Level": level}


def _user(name: str, profile: str, level: float, **current: JSON) -> dict[str, JSON]:
    status = {"Status": {"StatusName": "Available"}, "AvailableSlotsByChannel": {"VOICE": 1}, **current}
    levels = [_level(level), {"AttributeName": "Claims", "AttributeValue": "Fire", "Level": 2}]
    return {
        "Id": _agent_id(name),
        "Username": name,
        "RoutingProfileId": profile,
        "Proficiencies": [*levels, {"AttributeName": "Claims", "AttributeValue": "Theft", "Level": 1}],
        "Current": status,
    }


def _queue(queue_id: str, **more: JSON) -> dict[str, JSON]:
    return {"QueueId": queue_id, "QueueArn": "arn", "QueueName": queue_id, "Channel": "VOICE", **more}


def _contact(contact_id: str, status: str, **more: JSON) -> dict[str, JSON]:
    condition = {
        "Name": "Language",
        "Value": "French",
        "ProficiencyLevel": 4,
        "ComparisonOperator": "NumberGreaterOrEqualTo",
    }
    return {
        "Id": contact_id,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "2026-11-17T02:13:00Z",
        "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": NUMBER},
        "QueueInfo": {"Id": "queue-1", "EnqueueTimestamp": "2026-11-17T02:14:00Z"},
        "RoutingCriteria": {
            "Steps": [
                {
                    "Expression": {"AttributeCondition": condition},
                    "Expiry": {"DurationInSeconds": 2_000_000_000},
                    "Status": status,
                }
            ],
            "ActivationTimestamp": "2026-11-17T02:14:00Z",
            "Index": 0,
        },
        **more,
    }


_CHAT: JSON = [{"ContactId": "c-1", "Channel": "CHAT", "AgentContactState": "CONNECTED"}]
_DAY = {"RoutingProfileId": "day", "Name": "Day", "Queues": [_queue("queue-1", Priority=1, Delay=0)]}
_HAND = {"RoutingProfileId": "hand", "Name": "Hand", "Queues": [_queue("queue-2", Priority=1, Delay=0)]}
_CHANNELS = [
    {"Channel": "VOICE", "Concurrency": 1},
    {"Channel": "CHAT", "Concurrency": 2, "CrossChannelBehavior": {"BehaviorType": "ROUTE_ANY_CHANNEL"}},
]
# Two rows a page, so that everything that has pages has several.
SCENARIO: dict[str, JSON] = {
    "instance_id": INSTANCE,
    "page_size": 2,
    "contacts": [
        _contact(
            TAKEN,
            "JOINED",
            PreviousContactId=EARLIER,
            InitialContactId=EARLIER,
            AgentInfo={"Id": _agent_id("ana"), "ConnectedToAgentTimestamp": "2026-11-17T02:14:30Z"},
            DisconnectTimestamp="2026-11-17T02:20:00Z",
        ),
        _contact(WAITING, "ACTIVE"),
        _contact(EARLIER, "ACTIVE", DisconnectTimestamp="2026-11-17T02:13:59Z"),
    ],
    "users": [
        _user("ana", "day", 5),
        _user("ben", "day", 4, Contacts=_CHAT),
        _user("cai", "day", 2),
        _user("dee", "hand", 5),
    ],
    "routing_profiles": [
        {**_DAY, "MediaConcurrencies": _CHANNELS},
        {
            **_HAND,
            "MediaConcurrencies": _CHANNELS,
            "ManualQueues": [
                {**_queue("queue-1"), "Channel": "TASK"},
                {**_queue("queue-3"), "Channel": "CHAT"},
            ],
        },
    ],
    "queues": [{"QueueId": f"queue-{n}", "Name": f"Queue {n}", "Status": "DISABLED"} for n in (1, 2, 3)],
}


def refused(*operations: str) -> list[JSON]:
    """Give the faults that deny access to operations."""
    denied = {"error": "AccessDeniedException", "message": "so it is"}
    return [{"operation": operation, "fault": denied} for operation in operations]


@frozen
class Path_:  # noqa: N801  (`Path` is the file system's)
    """
    A way through the package.

    Attributes:
        name: What it is called in the documentation.
        arguments: The command line; ``{folder}`` is an empty folder, and the endpoint comes on top.
        operations: What it is shown for on the page, each with the arguments of the calls meant.
        faults: What goes wrong on this path before anything else.
    """

    name: str
    arguments: tuple[str, ...]
    operations: tuple[tuple[str, Mapping[str, str]], ...]
    faults: tuple[JSON, ...] = field(default=(), converter=tuple)

    @property
    def writes(self) -> bool:
        """Whether it writes files, rather than to standard output."""
        return "--output" in self.arguments


def _ops(*operations: str) -> tuple[tuple[str, Mapping[str, str]], ...]:
    return tuple((operation, {}) for operation in operations)


_AGENT = ("DescribeUser", "ListUserProficiencies", "ListRoutingProfileQueues")
_JSON = ("--format", "json")
_EXPLAIN = ("explain", TAKEN, "--now", "2026-11-17T03:00:00Z", *_JSON)
_MATCH = ("match", "Language(French) >= 4", *_JSON)
_PULL = ("roster", "pull", "--output", "{folder}/roster.json", "--rate", "1000", "--burst", "1000")

EXPLAIN = Path_(
    "explain CONTACT --agent ID",
    (*_EXPLAIN, "--agent", _agent_id("dee")),
    _ops(
        *("DescribeContact", *_AGENT, "SearchUsers", "DescribeQueue"),
        "ListRoutingProfileManualAssignmentQueues",
    ),
)
LIVE = Path_(
    "explain CONTACT --live",
    ("explain", WAITING, "--live", *_JSON),
    _ops("DescribeContact", "GetCurrentUserData", "DescribeRoutingProfile", "DescribeQueue"),
)
MATCH = Path_(
    "match EXPRESSION",
    _MATCH,
    _ops("SearchUsers", "ListUserProficiencies", "ListRoutingProfileQueues"),
)
CHAIN = Path_(
    "chain CONTACT",
    ("chain", TAKEN, "--now", "2026-11-17T03:00:00Z", *_JSON),
    (
        ("DescribeContact", {"ContactId": TAKEN}),
        ("DescribeContact", {"ContactId": EARLIER}),
        *_ops("ListAssociatedContacts", *_AGENT),
    ),
)
PULL = Path_(
    "roster pull",
    (*_PULL, "--patience", "0"),
    _ops("SearchUsers", "SearchRoutingProfiles", "ListRoutingProfileQueues", "ListUserProficiencies"),
)
CAPTURE = Path_(
    "capture CONTACT",
    ("capture", TAKEN, "--now", "2026-11-17T03:00:00Z", "--output", "{folder}"),
    _ops("DescribeContact", *_AGENT),
)
PATHS = (
    EXPLAIN,
    Path_("explain CONTACT --agent USERNAME", (*_EXPLAIN, "--agent", "dee"), _ops("SearchUsers")),
    Path_("explain CONTACT, SearchUsers refused", _EXPLAIN, _ops("ListUsers"), refused("SearchUsers")),
    Path_(
        "explain CONTACT --agent USERNAME, SearchUsers refused",
        (*_EXPLAIN, "--agent", "dee"),
        _ops("ListUsers"),
        refused("SearchUsers"),
    ),
    LIVE,
    MATCH,
    Path_(
        "match EXPRESSION, SearchUsers refused",
        _MATCH,
        _ops("ListUsers", *_AGENT),
        refused("SearchUsers"),
    ),
    CHAIN,
    PULL,
    Path_(
        "roster pull, SearchRoutingProfiles refused",
        PULL.arguments,
        _ops("DescribeRoutingProfile"),
        refused("SearchRoutingProfiles"),
    ),
    CAPTURE,
)


@frozen
class Outcome:
    """
    What became of a run.

    Attributes:
        out: Standard output, or what the files hold that were written, one after the other.
        files: The names of the files that are there in the end.
        requests: What the sandbox was asked.
    """

    code: int
    out: str
    err: str
    files: tuple[str, ...]
    requests: tuple[Request, ...] = field(eq=False)

    @property
    def operations(self) -> set[str]:
        """Name the operations that were asked."""
        return {request.operation for request in self.requests}


class _NoWait:
    """In place of the module `time` in botocore: tries follow each other at once."""

    @staticmethod
    def sleep(_: float) -> None:
        """Wait no time at all."""


@cache
def session() -> boto3.Session:
    """Give one session for all clients, so that botocore's model of the service is read once."""
    return boto3.Session("nobody", "nothing", region_name="eu-west-2")


@cache
def _scenario() -> Scenario:
    return read_scenario(SCENARIO)


def scenario(*faults: JSON) -> Scenario:
    """Give the scenario with these faults; it is checked once, and its faults each time."""
    small = read_scenario({"instance_id": INSTANCE, "faults": list(faults)})
    return evolve(_scenario(), faults=small.faults)


@contextmanager
def hurried(*, attempts: int = 3, read_timeout: float = 20) -> Iterator[None]:
    """Let every client try at once again, so often, and wait for an answer so many seconds."""

    def connect(*, endpoint_url: str | None = None, **given: Any) -> Any:
        retries: Any = {"mode": "standard", "total_max_attempts": given.get("attempts", attempts)}
        config = Config(read_timeout=read_timeout, retries=retries, proxies={})
        return session().client("connect", endpoint_url=endpoint_url, config=config)

    none = (timedelta(0),) * len(calls.PAUSES)
    with (
        patch.object(aws, "connect", connect),
        patch.object(botocore.endpoint, "time", _NoWait),
        patch.object(calls, "PAUSES", none),
    ):
        yield


def walk(path: Path_, *faults: JSON, folder: Path | None = None) -> Outcome:
    """Run a path's command line in this process against a sandbox with these faults."""
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            return walk(path, *faults, folder=Path(made))
    with Sandbox(scenario(*faults, *path.faults)) as sandbox:
        arguments = [argument.format(folder=folder) for argument in path.arguments]
        asked = [*arguments, "--instance-id", INSTANCE, "--endpoint-url", sandbox.url]
        code, out, err = _run(asked)
        requests = sandbox.requests
        told = f"{out}\0{err}".replace(sandbox.url.removeprefix("http://"), "ENDPOINT")
    out, err = told.replace(str(folder), "FOLDER").split("\0")
    written = sorted(file for file in folder.rglob("*") if file.is_file() and ".journal" not in file.name)
    out += "".join(file.read_text(encoding="utf-8") for file in written)
    files = tuple(file.name for file in sorted(folder.rglob("*")))
    return Outcome(code, _without_times(out), err, files, requests)


def _run(arguments: list[str]) -> tuple[int, str, str]:
    written, complained = io.BytesIO(), io.BytesIO()
    out, err = (
        io.TextIOWrapper(stream, encoding="utf-8", write_through=True) for stream in (written, complained)
    )
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        patch.object(sys, "argv", ["routing-inspect", *arguments]),
    ):
        try:
            cli.main()
        except SystemExit as stopped:
            code = stopped.code
    return int(code or 0), written.getvalue().decode(), complained.getvalue().decode()


def _without_times(text: str) -> str:
    """Leave out the times of asking, which differ from run to run."""
    text = re.sub(r'"(as_of|at|now|until)": "[^"]*"', r'"\1": "NOW"', text)
    text = re.sub(r"\b\d+\.\d s\b", "0 s", text)
    # A waiting contact's own clocks run on, too.
    return re.sub(r'("[a-z_]*seconds[a-z_]*"): [\d.]+', r"\1: 0", text)


def outcome_text(path: Path_, operation: str, found: Outcome, plain: Outcome) -> str:
    """
    Say in a word what became of a run in which an operation failed: never nothing at all.

    Raises:
        AssertionError: The failure passed in silence, something was written by half, or what is said
            does not name the operation and the mend.
    """
    assert "Traceback" not in found.err
    assert NUMBER not in found.out + found.err
    if found.code == 3:
        assert found.out == "", "half an answer"
        assert all(".journal" in name for name in found.files), "half a file"
        assert re.search(rf"^error: .*\b{operation}\b", found.err, re.MULTILINE), found.err
        assert re.search(r"^  hint: \S", found.err, re.MULTILINE), found.err
        return "error"
    if (found.code, found.out) == (plain.code, plain.out):
        return "same"
    findings = _findings(path, found)
    named = [ids for ids, text in findings if operation in text]
    assert named, f"{operation} failed in silence: {found}"
    return ", ".join(dict.fromkeys(named))


def _findings(path: Path_, found: Outcome) -> list[tuple[str, str]]:
    """Give the ids of the findings that are told, each with all its words."""
    if path.writes:
        lines = re.findall(r"^(?:warning|note) ?(RI\d{3})?:? (.*)$", found.err, re.MULTILINE)
        return [(finding_id or "note", text) for finding_id, text in lines]
    document = json.loads(found.out)
    return [(finding["id"], json.dumps(finding)) for finding in document["findings"]]
