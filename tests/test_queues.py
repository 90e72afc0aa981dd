"""What is asked of the queue that a contact is in, and what becomes of the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

import aws_paths
from records import Run, contact, step
from routing_inspect import aws
from routing_inspect.contact import Contact
from routing_inspect.document import JSON
from routing_inspect.errors import RoutingInspectError
from routing_inspect.findings import Finding
from routing_inspect.sandbox import Sandbox

INSTANCE = aws_paths.INSTANCE
ARN = f"arn:aws:connect:eu-west-2:111122223333:instance/{INSTANCE}/queue"
WAITING = contact(step("ACTIVE", 60))


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


def _complete(found: Contact, **queue: JSON) -> tuple[Contact, tuple[Finding, ...]]:
    """Ask about the contact's queue, which is answered with these members."""
    answer = {"operation": "DescribeQueue", "fault": {"body": json.dumps(queue)}}
    with _serving(answer) as (_, client):
        return aws.complete_queue(client, found, instance_id=INSTANCE)


def test_a_queue_gives_its_name() -> None:
    """A contact's document has the queue's id alone."""
    found, findings = _complete(WAITING, Queue={"QueueId": "queue-1", "Name": "Sales", "Status": "ENABLED"})

    assert (found.queue_name, found.queue_type, findings) == ("Sales", None, ())


@pytest.mark.parametrize(
    ("arn", "kind"),
    [(f"{ARN}/queue-1", "STANDARD"), (f"{ARN}/agent/queue-1", "AGENT"), ("arn", None)],
)
def test_whose_queue_it_is_shows_in_its_arn(arn: str, kind: str | None) -> None:
    """No member says it; the ARN of an agent's own queue does, and no step runs there."""
    found, _ = _complete(WAITING, Queue={"QueueId": "QUEUE-1", "QueueArn": arn})

    assert found.queue_type == kind


def test_what_the_contact_says_itself_stays() -> None:
    """A record of the contact's own time comes before what holds now."""
    named = contact(step("ACTIVE", 60), queue_name="Then", queue_type="STANDARD")
    found, _ = _complete(named, Queue={"QueueId": "queue-1", "Name": "Now", "QueueArn": f"{ARN}/agent/a"})

    assert found == named


def test_a_disabled_queue_is_a_finding_and_no_verdict() -> None:
    """New contacts do not come in; those in it still go to agents, so nothing else changes."""
    found, (finding,) = _complete(WAITING, Queue={"QueueId": "queue-1", "Status": "DISABLED"})

    assert found == WAITING
    assert (finding.id, finding.where) == ("RI618", "DescribeQueue")
    assert finding.message == (
        "the queue queue-1 is disabled now: no new contacts come into it, those in it are still routed"
    )


@pytest.mark.parametrize(
    "found",
    [
        contact(step("ACTIVE", 60), queue_id=None),
        contact(step("INACTIVE", 60), queue_type="AGENT"),
        contact(step("INACTIVE", 60), queue_id="user-1", agent_id="user-1"),
    ],
)
def test_where_no_queue_is_in_question_nothing_is_asked(found: Contact) -> None:
    """Neither of a contact without a queue nor of one in an agent's own."""
    with _serving() as (sandbox, client):
        assert aws.complete_queue(client, found, instance_id=INSTANCE) == (found, ())
        assert sandbox.requests == ()


@pytest.mark.parametrize(
    ("queue", "said"),
    [
        ({}, "DescribeQueue gave no whole answer in 4 tries: it has no Queue"),
        (
            {"Queue": {"QueueId": "queue-2"}},
            "DescribeQueue gave no whole answer in 4 tries: it is about another queue than the one asked for",
        ),
        (
            {"Queue": {"QueueId": "queue-1", "Name": 5}},
            "DescribeQueue of queue-1: $.Queue.Name: expected a string",
        ),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_finding(queue: dict[str, JSON], said: str) -> None:
    """No verdict needs the answer, so the explanation goes on, and says what it lacks."""
    found, (finding,) = _complete(WAITING, **queue)

    assert found == WAITING
    assert (finding.id, finding.where) == ("RI606", "DescribeQueue")
    assert finding.message.startswith(said)


def test_a_queue_that_is_gone_is_a_finding() -> None:
    """The hint says that it may have been deleted."""
    with _serving() as (_, client):
        _, (gone,) = aws.complete_queue(client, contact(queue_id="queue-9"), instance_id=INSTANCE)
        _, (odd,) = aws.complete_queue(client, contact(queue_id="a/b"), instance_id=INSTANCE)
        with pytest.raises(RoutingInspectError, match="is no instance id"):
            aws.complete_queue(client, WAITING, instance_id="a/b")

    assert gone.hint == "check the ids, the --region and the --profile; or the queue has been deleted"
    assert odd.message == "`a/b` is no queue id"


def test_explain_names_a_queue_that_no_agent_has(run: Run) -> None:
    """Nobody's routing profile knows the name; the service does."""
    scenario = {**aws_paths.SCENARIO, "users": [], "faults": []}
    to = ["--instance-id", INSTANCE, "--now", "2026-11-17T03:00:00Z"]
    with aws_paths.hurried(), Sandbox(scenario) as sandbox:
        _, out, _ = run("explain", aws_paths.WAITING, "--endpoint-url", sandbox.url, *to)

    assert "voice, inbound, queue Queue 1, from DescribeContact" in out
    assert "warning RI618  the queue Queue 1 is disabled now" in out


def test_live_goes_on_in_a_disabled_queue(run: Run) -> None:
    """Whoever could take a contact that waits in it still could."""
    to = ["--instance-id", INSTANCE, "--live", "--format", "json"]
    with aws_paths.hurried(), Sandbox(aws_paths.scenario()) as sandbox:
        _, out, _ = run("explain", aws_paths.WAITING, "--endpoint-url", sandbox.url, *to)

    told = json.loads(out)
    assert told["live"]["could"] == [aws_paths.AGENTS[0], aws_paths.AGENTS[1]]
    assert "RI618" in {finding["id"] for finding in told["findings"]}
