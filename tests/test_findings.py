"""The catalogue of findings: every id has an example that has it, and a near neighbour that has not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import boto3
import pytest

from routing_inspect import aws
from routing_inspect.aws import client as aws_client
from routing_inspect.findings import CATALOGUE, Finding
from routing_inspect.resources import read_resource
from routing_inspect.sandbox import Sandbox
from routing_inspect.visible import visible
from scripts import load

ROOT = Path(__file__).resolve().parents[1]


PAGE = load(ROOT / "docs" / "findings.py")
# These are about files and what stands in them beside the criteria; tests/test_suppressions.py has them.
LINTED = {"RI110", "RI190", "RI191", "RI192", "RI193", "RI194"}
# These come up while facts are fetched; the tests at the end have them.
FETCHED = {"RI538", "RI603", "RI606", "RI608", "RI609", "RI610", "RI618", "RI619"}


@pytest.mark.parametrize("finding_id", sorted(PAGE.EXAMPLES))
def test_an_example_has_its_finding_and_its_neighbour_has_not(finding_id: str) -> None:
    """A finding is there where it should be, once, and not where something almost the same is right."""
    example = PAGE.EXAMPLES[finding_id]

    found = [finding.id for finding in PAGE.findings_of(example)]
    near = [finding.id for finding in PAGE.findings_of(example, "near_")]

    assert found.count(finding_id) == 1
    assert finding_id not in near


def _all_findings(finding_id: str) -> list[Finding]:
    if finding_id in PAGE.CORPUS:
        return list(PAGE.lint_findings(PAGE.CORPUS[finding_id], "has"))
    return list(PAGE.findings_of(PAGE.EXAMPLES[finding_id]))


@pytest.mark.parametrize("finding_id", sorted({*PAGE.EXAMPLES, *PAGE.CORPUS}))
def test_findings_read_like_findings(finding_id: str) -> None:
    """A message is one line, safe to print, without a full stop; so is its hint."""
    for finding in _all_findings(finding_id):
        for text in (finding.message, finding.hint or "x"):
            assert visible(text) == text
            assert not text.endswith(".")
            assert text[0].islower() or text[0].isdigit() or re.match(r"\w+\(|[A-Z]+ ", text), text


def test_every_id_has_an_example() -> None:
    """No id is without an example, and no example without an id."""
    assert set(PAGE.EXAMPLES) | set(PAGE.CORPUS) | FETCHED | LINTED == set(CATALOGUE)


def test_ids_are_in_order_and_of_known_severity() -> None:
    """The catalogue is a list to read: ordered, and each entry is complete."""
    assert list(CATALOGUE) == sorted(CATALOGUE)
    for finding_id, entry in CATALOGUE.items():
        assert re.fullmatch(r"RI[1-6]\d\d", finding_id)
        assert entry.severity in {"error", "warning", "note"}
        assert entry.text.endswith(".")


def test_severity_comes_from_the_catalogue() -> None:
    """A finding is as severe as its id says."""
    assert Finding("RI201", "no operator").severity == "note"


def test_the_page_is_up_to_date() -> None:
    """docs/findings.md is what docs/findings.py writes."""
    assert PAGE.PAGE.read_text(encoding="utf-8") == PAGE.page()


def test_an_old_model_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """RI603: a model without NOT and Range is reported; the loaded one has both."""
    client = aws.connect(endpoint_url="http://127.0.0.1:9", region="eu-west-2")

    assert aws.model_findings(client) == ()
    monkeypatch.setattr(aws_client, "model_gaps", lambda _: ("Expression.NotAttributeCondition",))
    assert [finding.id for finding in aws.model_findings(client)] == ["RI603"]


def test_an_agent_who_is_gone_is_a_finding() -> None:
    """RI606: an agent whom the service does not know is reported; one whom it knows is not."""
    scenario = json.loads(read_resource("examples/demo.json"))
    with Sandbox(scenario) as sandbox:
        session = boto3.Session("test", "test", region_name="eu-west-2")
        client = aws.connect(endpoint_url=sandbox.url, session=session)
        ask = {"instance_id": scenario["instance_id"], "now": PAGE.read_time("2026-11-17T02:20:00Z", "", [])}
        _, gone = aws.fetch_agents(client, agent_ids=["aaaaaaaa-0000-4000-8000-999999999999"], **ask)
        _, known = aws.fetch_agents(client, agent_ids=[scenario["users"][0]["Id"]], **ask)

    assert {finding.id for finding in gone} == {"RI606"}
    assert known == ()
