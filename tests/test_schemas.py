"""The JSON schemas of the outputs: every member is described, and every output is as its schema says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from jsonschema import Draft202012Validator

from records import FRENCH, Run, agent, at, contact, queue, step
from routing_inspect.contact import Handled, Presence, Roster
from routing_inspect.explain import explain
from routing_inspect.expr import AtLeast
from routing_inspect.live import live, live_dict
from routing_inspect.sandbox import Sandbox
from schemas import FOLDER, NAMES, problems, schema

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
ROSTER = str(EXAMPLES / "roster.json")
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.json"))
BASE = str(EXAMPLES / "diff" / "base.routing")
NOW = "2026-11-17T02:20:00Z"


def _answer(run: Run, *arguments: str) -> dict[str, Any]:
    _, out, err = run(*arguments, "--format", "json")
    assert out, err
    node: dict[str, Any] = json.loads(out)
    return node


def _members(node: Any, place: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every part of a schema that says what something is."""
    if isinstance(node, list):
        for number, member in enumerate(node):
            yield from _members(member, f"{place}[{number}]")
    elif isinstance(node, dict):
        for key in ("properties", "$defs"):
            for name, member in node.get(key, {}).items():
                yield f"{place}.{name}", member
                yield from _members(member, f"{place}.{name}")
        for key in ("items", "anyOf", "additionalProperties"):
            yield from _members(node.get(key), place)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_describes_every_member(name: str) -> None:
    """It is a schema of JSON Schema 2020-12, named for the number in its documents, with a word on all."""
    node = schema(name)

    Draft202012Validator.check_schema(node)
    assert node["title"] == node["properties"]["schema"]["const"] == f"routing-inspect/{name}/1"
    assert node["description"]
    described = {f"#/$defs/{key}" for key, value in node.get("$defs", {}).items() if value["description"]}
    members = dict(_members(node))
    assert [
        p for p, m in members.items() if not m.get("description") and m.get("$ref") not in described
    ] == []
    assert len(members) > 5


@pytest.mark.parametrize("name", NAMES)
def test_a_member_that_may_be_null_says_what_that_means(name: str) -> None:
    """Whoever reads `null` finds in the schema what it stands for."""
    for place, member in _members(schema(name)):
        kinds = [member.get("type"), *(part.get("type") for part in member.get("anyOf", ()))]
        may_be_null = any("null" in (kind if isinstance(kind, list) else [kind]) for kind in kinds)
        may_be_null = may_be_null or None in member.get("enum", ())
        told = re.search(r"\bnull\b", member.get("description", ""))
        assert told or not may_be_null or place.endswith(("_at", "as_of", "since", "until")), place


def test_what_several_schemas_describe_they_describe_alike() -> None:
    """A trace or a finding is the same wherever it stands."""
    seen: dict[str, Any] = {}
    for name in NAMES:
        for key, node in schema(name).get("$defs", {}).items():
            assert seen.setdefault(key, node) == node, (name, key)


def test_the_page_lists_every_schema() -> None:
    """docs/cli.md links each schema beside its number, and there is no other."""
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")

    assert re.findall(r"\[`routing-inspect/([\w-]+)/1`\]\(schemas/([\w-]+)-1\.json\)", page) == [
        (name, name) for name in re.findall(r"\[`routing-inspect/([\w-]+)/1`\]\(schemas/", page)
    ]
    assert sorted(re.findall(r"\]\(schemas/([\w-]+)-1\.json\)", page)) == NAMES
    assert len(list(FOLDER.iterdir())) == len(NAMES)


def test_a_schema_sees_what_is_wrong() -> None:
    """A member left out, one of another type, one that is not described: each is a problem."""
    node = json.loads((ROOT / "tests" / "golden" / "matched-step.json").read_text(encoding="utf-8"))

    assert problems(node) == []
    assert len(problems({**node, "steps": None})) == 1
    assert len(problems({**node, "more": 1})) == 1
    assert len(problems({key: value for key, value in node.items() if key != "path"})) == 1
    assert len(problems({**node, "path": {**node["path"], "kind": "luck"}})) == 1
    assert len(problems({**node, "findings": [{"id": "RI402"}]})) > 1


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_outputs_are_as_their_schema_says(path: Path) -> None:
    """Every kind of path, a hostile contact, no roster, agents of whom nothing is known."""
    assert problems(json.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("agents", [(), ("aled",), ("eira", "fflur")])
@pytest.mark.parametrize("path", sorted((EXAMPLES / "contacts").glob("*.json")), ids=lambda path: path.stem)
def test_explanations_are_as_their_schema_says(path: Path, agents: tuple[str, ...], run: Run) -> None:
    """Changes and relaxations are worked out for whom somebody asks about, and only for them."""
    asked = [part for name in agents for part in ("--agent", name)]
    node = _answer(run, "explain", str(path), "--roster", ROSTER, "--now", NOW, *asked)

    assert problems(node) == []
    shown = {agent["username"]: agent for agent in node["agents"]}
    assert all((shown[name]["changes"] is None) == (shown[name]["relaxations"] is None) for name in shown)
    assert all(shown[name]["changes"] is not None for name in agents if node["steps"])


def test_an_explanation_with_events_and_a_chain(run: Run) -> None:
    """Earlier criteria, offers and the chain of the contact's segments are described, too."""
    history, segment = EXAMPLES / "history", EXAMPLES / "contacts" / "transferred.json"
    node = _answer(
        run, "explain", str(history / "contact.json"), "--events", str(history / "events"),
        "--roster", str(history / "roster.json"),
    )  # fmt: skip
    chained = _answer(run, "explain", str(segment), "--chain")

    assert problems(node) == problems(chained) == problems(chained["chain"]) == []
    assert node["earlier"]
    assert node["agents"][0]["earlier"]
    assert node["contact"]["offers"]


def test_answers_of_an_instance_say_where_the_agents_come_from(run: Run, endpoint: Sandbox) -> None:
    """What a search came to is a member of its own."""
    scenario = json.loads((EXAMPLES / "demo.json").read_text(encoding="utf-8"))
    service = ("--instance-id", scenario["instance_id"], "--endpoint-url", endpoint.url)

    node = _answer(run, "explain", scenario["contacts"][0]["Id"], *service)
    matched = _answer(run, "match", "connect:Language(connect:Welsh) >= 4", *service)

    assert problems(node) == problems(matched) == []
    assert node["population"]["source"] == "SearchUsers"


def test_how_things_stand_now_is_as_the_schema_says() -> None:
    """Who could, who perhaps, who later, who is held back, what comes next: `--live` adds it all."""
    waiting = contact(
        step("EXPIRED", 30, expression=AtLeast(FRENCH, 5)),
        step("ACTIVE", 60),
        step("INACTIVE", expression=AtLeast(FRENCH, 1)),
    )
    call = Handled(id="contact-1", channel="VOICE", state="INCOMING")
    free = Presence(as_of=at(45), status="Available", free={"VOICE": 1}, source="GetCurrentUserData")
    stands = {
        "could": (4, evolve(free, handling=(call,)), queue()),
        "perhaps": (4, evolve(free, status=None), queue()),
        "later": (4, free, queue(delay=60)),
        "idle_but_held": (2, free, queue()),
        "busy": (4, evolve(free, free={}, signed_in=False), queue()),
    }
    agents = [
        agent(f"id-{name}", level, presence=doing, queues=[has])
        for name, (level, doing, has) in stands.items()
    ]
    explanation = explain(waiting, Roster(agents=agents), at(45))
    node = live_dict(live(explanation, at(45)))

    assert problems(evolve(explanation, additions={"live": node}).to_dict()) == []
    assert [len(node[name]) for name in stands] == [1] * len(stands)
    assert node["next"]["adds"] == ["id-idle_but_held"]
    assert node["offered_to"] == ["id-could"]


@pytest.mark.parametrize("more", [(), ("--roster", str(EXAMPLES / "diff" / "desk.roster"))])
@pytest.mark.parametrize("path", sorted((EXAMPLES / "diff").glob("*.routing")), ids=lambda path: path.stem)
def test_differences_are_as_their_schema_says(path: Path, more: tuple[str, ...], run: Run) -> None:
    """Every edit of the examples, with a roster and without."""
    assert problems(_answer(run, "diff", BASE, str(path), "--fail-on", "looser,later", *more)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A(b) >= 4 [30s] A(c)", "A(c) [never expires]"),
        ("A(b) >= 1 AND (C(d) >= 2 OR E(f) >= 3)", "A(x) >= 1 OR (C(d) in 2..3 AND NOT E(f) >= 3)"),
        ("agent in (a, b) [10s] A(b) >= 2", "agent in (b, c) [never expires]"),
        ('agent in ("$.External.x")', "A(b) >= 3.5"),
        (
            '{"RoutingCriteria": "$.External.criteria"}',
            '{"RoutingCriteria": {"Steps": [{"Expression": {"Odd": 1}}]}}',
        ),
    ],
)
def test_odd_differences_are_as_their_schema_says(old: str, new: str, run: Run, tmp_path: Path) -> None:
    """References, opaque parts, lists of agents, timers that come and go, levels between whole ones."""
    for name, text in (("old", old), ("new", new)):
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert problems(_answer(run, "diff", str(tmp_path / "old"), str(tmp_path / "new"))) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("chain", str(EXAMPLES / "chain" / "segments"), "--roster", str(EXAMPLES / "chain" / "roster.json")),
        ("chain", str(EXAMPLES / "chain" / "circle.json")),
        ("match", "connect:Language(connect:Welsh) >= 4 OR Claims(Flood damage) in 2..3", "--roster", ROSTER),
        ("lattice", BASE),
        ("lint", str(EXAMPLES)),
        ("lint", str(EXAMPLES / "lint"), "--roster", ROSTER),
        ("roster", "show", ROSTER),
        ("roster", "show", str(EXAMPLES / "diff" / "desk.roster")),
        ("roster", "diff", ROSTER, str(EXAMPLES / "chain" / "roster.json")),
        ("roster", "diff", ROSTER, ROSTER),
    ],
    ids=" ".join,
)
def test_other_answers_are_as_their_schema_says(arguments: tuple[str, ...], run: Run) -> None:
    """The examples of every other command."""
    assert problems(_answer(run, *arguments)) == []
