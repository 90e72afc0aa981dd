"""The policies of docs/permissions.md: each is enough, all of it is needed, and no more is ever called."""

import json
import re
from inspect import getsource, signature
from pathlib import Path
from typing import Any

import pytest
from botocore.validate import ParamValidator

import aws_paths
from aws_paths import CAPTURE, CHAIN, EXPLAIN, LIVE, MATCH, PULL, Outcome, Path_, hurried, outcome_text, walk
from routing_inspect import aws, parse
from routing_inspect.errors import RoutingInspectError
from routing_inspect.sandbox import Sandbox
from routing_inspect.sandbox.service import OPERATIONS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "permissions.md"
# The section of the page that a path is held to.
SECTIONS = {
    "explain CONTACT": EXPLAIN,
    "explain CONTACT --live": LIVE,
    "match EXPRESSION": MATCH,
    "chain CONTACT": CHAIN,
    "capture CONTACT": CAPTURE,
    "roster pull": PULL,
}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give boto3 credentials that nobody checks."""
    for name, value in aws_paths.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def _section(name: str) -> str:
    page = PAGE.read_text(encoding="utf-8")
    return page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def _allowed(name: str) -> set[str]:
    """Read which operations the policy of a section allows."""
    policy = json.loads(_section(name).partition("```json")[2].partition("```")[0])
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Allow"
    return {action.removeprefix("connect:") for action in statement["Action"]}


def _losses() -> list[tuple[str, str, str]]:
    """Read what becomes of each section's command without one action."""
    return [
        (section, *found)
        for section in SECTIONS
        for found in re.findall(r"^\| `connect:(\w+)` \| (\w+) \|", _section(section), re.MULTILINE)
    ]


def _walk(path: Path_, allowed: set[str]) -> Outcome:
    with hurried(attempts=1):
        return walk(path, *aws_paths.refused(*sorted(OPERATIONS.keys() - allowed)))


@pytest.mark.parametrize("section", SECTIONS)
def test_the_policy_is_enough(section: str) -> None:
    """With everything else denied, the answer is the one of somebody who may do anything."""
    assert _walk(SECTIONS[section], _allowed(section)) == _walk(SECTIONS[section], set(OPERATIONS))


@pytest.mark.parametrize("section", SECTIONS)
def test_each_action_of_a_policy_has_its_row(section: str) -> None:
    """The page says of every action what becomes of the command without it."""
    assert {action for name, action, _ in _losses() if name == section} == _allowed(section)


@pytest.mark.parametrize(("section", "action", "becomes"), _losses())
def test_what_is_lacking_without_one_action(section: str, action: str, becomes: str) -> None:
    """None is needless: without one the command fails or says what it does not know, as the page has it."""
    path = SECTIONS[section]
    whole = _walk(path, _allowed(section))

    found = _walk(path, _allowed(section) - {action})

    assert outcome_text(path, action, found, whole) == becomes


def test_listing_and_describing_do_where_a_search_is_denied() -> None:
    """An instance of few agents is read one by one; the finding names the action that would do better."""
    instead = _allowed("match EXPRESSION") - {"SearchUsers"} | {"ListUsers", "DescribeUser"}

    found = _walk(MATCH, instead)

    assert found.code == 0
    assert outcome_text(MATCH, "SearchUsers", found, _walk(MATCH, _allowed("match EXPRESSION"))) == "RI608"


def test_profiles_are_described_where_their_search_is_denied() -> None:
    """The roster is the same but for the queues for manual assignment, which only the search tells."""
    instead = _allowed("roster pull") - {"SearchRoutingProfiles"} | {"DescribeRoutingProfile"}

    found, whole = _walk(PULL, instead), _walk(PULL, _allowed("roster pull"))

    told = [json.loads(outcome.out) for outcome in (found, whole)]
    for document in told:
        for profile in document["routing_profiles"]:
            profile.pop("manual_queue_ids", None)
    assert told[0] == told[1]


# ---------------------------------------------------------------------------- every request there is


def _ask_everything(client: Any) -> None:
    """Call every function of the package that asks the service."""
    now = aws_paths.NOW
    instance = aws_paths.INSTANCE
    ids = [*aws_paths.AGENTS, *(f"user-{n}" for n in range(150))]
    contact = aws.describe_contact(client, instance_id=instance, contact_id=aws_paths.WAITING)
    aws.complete_queue(client, contact, instance_id=instance)
    people = aws_paths.AGENTS
    levels = [f"Language(French) {bound}" for bound in (">= 2.5", "in 2..4", ">= 1")]
    expression = parse(f"({' OR '.join(levels)}) AND NOT Claims(Fire)")
    roster, _ = aws.fetch_agents(client, instance_id=instance, agent_ids=people, now=now)
    extended, _ = aws.extend_roster(client, roster, instance_id=instance, names=["ana", people[3]], now=now)
    assert extended is not None
    with pytest.raises(RoutingInspectError, match="nobody in instance"):
        aws.find_user_id(client, instance_id=instance, username="a \u65e5\u672c")
    aws.find_agents(client, None, instance_id=instance, expressions=[expression], now=now)
    kinds = ("agent_ids", "queue_ids", "routing_profile_ids")
    asked: dict[str, Any] = dict.fromkeys(kinds, ids)
    found = aws.fetch_presence(client, instance_id=instance, now=now, **asked)
    present = aws.with_presence(extended, found, people, now)
    aws.complete_profiles(client, present, contact, instance_id=instance, agents=people)
    aws.fetch_chain(client, instance_id=instance, contact_id=aws_paths.TAKEN)
    aws.pull_roster(client, instance_id=instance, rate=1000, burst=1000)


def _sent(*faults: Any) -> tuple[set[str], list[str]]:
    """Give the operations that are sent, and what botocore's model finds wrong with their parameters."""
    operations: set[str] = set()
    problems: list[str] = []

    def look(params: Any, model: Any, **_: Any) -> None:
        operations.add(model.name)
        report = ParamValidator().validate(params, model.input_shape)
        problems.extend([f"{model.name}: {report.generate_report()}"] if report.has_errors() else [])

    with hurried(attempts=1), Sandbox(aws_paths.scenario(*faults)) as sandbox:
        client = aws.connect(endpoint_url=sandbox.url)
        client.meta.events.register("before-parameter-build.connect", look)
        try:
            _ask_everything(client)
        finally:
            client.close()
        assert {request.operation for request in sandbox.requests} == operations
    return operations, problems


def test_every_request_is_one_that_the_service_takes() -> None:
    """
    The model of the service has every parameter that is sent, at its type, and nothing else is sent.

    The sandbox holds them to both ends of every range besides, and refuses what is beyond.
    """
    usual, problems = _sent()
    # Only where everybody is searched for: usernames and pulls need the search.
    everybody = {"operation": "SearchUsers", "match": {"MaxResults": 500}, "calls": [1]}
    unsearched, more = _sent({**everybody, "fault": {"error": "AccessDeniedException"}})

    assert (problems, more) == ([], [])
    assert "ListUsers" in unsearched
    assert usual | unsearched == _allowed("Everything")


def test_no_function_that_asks_is_left_out() -> None:
    """A function with a client among its parameters is one of those called here, so a new one fails this."""
    asking = {
        name
        for name in aws.__all__
        if callable(getattr(aws, name)) and "client" in signature(getattr(aws, name)).parameters
    }

    called = set(re.findall(r"aws\.(\w+)\(", getsource(_ask_everything)))
    assert asking - called == {"model_findings", "model_gaps"}  # these look at the client alone
