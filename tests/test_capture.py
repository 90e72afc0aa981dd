"""Captures: what is redacted, what the case says, and what the command writes where."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import aws_paths
from records import FLUENT, Run, at, step
from routing_inspect.capture import capture
from routing_inspect.contact import Agent, Contact, Criteria, Expiry, Roster, RoutedQueue
from routing_inspect.errors import DocumentError
from routing_inspect.expr import AgentIn, And, Mixed, Not, Opaque, Or
from routing_inspect.pseudonyms import SCHEMA, Pseudonyms
from routing_inspect.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[1]
MATCHED = ROOT / "examples" / "contacts" / "matched-step.json"
ROSTER = str(ROOT / "examples" / "roster.json")
CONTACT_ID = "dddddddd-0000-4000-8000-000000000101"
USER = "aaaaaaaa-0000-4000-8000-00000000000{}"
EXAMPLE_ARN = "arn:aws:connect:eu-west-2:111122223333:instance/d0000000-0000-4000-8000-000000000001/agent/"
ARN = "arn:aws:connect:us-west-2:999999999999:instance/9d1c2e5a-3b4f-4c6d-9e7f-0a1b2c3d4e5f/agent/"


def _expression(captured: dict[str, Any]) -> Any:
    return captured["Contact"]["RoutingCriteria"]["Steps"][0]["Expression"]


def _facts(captured: dict[str, Any]) -> Any:
    return captured["Contact"]


def _contact(*expressions: Any) -> Contact:
    return Contact(id="one", criteria=Criteria([step(expression=expression) for expression in expressions]))


def test_names_are_replaced_everywhere_alike() -> None:
    """A username has one pseudonym, in the criteria, the roster and the contact."""
    contact = evolve(_contact(AgentIn(["mali.pugh"])), agent_username="mali.pugh", queue_name="Repairs")
    queue = RoutedQueue(id=USER.format(9), channel="VOICE", name="Repairs")
    roster = Roster(agents=[Agent(id=USER.format(1), username="mali.pugh", queues=[queue], source="/home/x")])

    captured = capture(contact, roster)

    ids = _expression(captured.contact)["AttributeCondition"]["MatchCriteria"]["AgentsCriteria"]["AgentIds"]
    assert ids == ["agent-1"]
    assert _facts(captured.contact)["AgentInfo"] == {"Username": "agent-1"}
    assert _facts(captured.contact)["QueueInfo"] == {"Name": "queue-1"}
    assert captured.roster is not None
    assert captured.roster["agents"] == [
        {
            "id": USER.format(1),
            "username": "agent-1",
            "queues": [{"id": USER.format(9), "channel": "VOICE", "name": "queue-1", "delay_seconds": 0}],
        }
    ]
    assert captured.name == "contact-1"


def test_ids_are_replaced_on_request() -> None:
    """Ids stay ids, ARNs stay ARNs, and a flow's reference is nobody's name."""
    contact = _contact(Or([AgentIn([USER.format(1), ARN + USER.format(2), "$.External.agent"]), FLUENT]))

    kept = capture(contact).contact
    replaced = capture(contact, pseudonyms=Pseudonyms(ids=True)).contact

    match = "AttributeCondition", "MatchCriteria", "AgentsCriteria", "AgentIds"
    for document, ids in (
        (kept, [USER.format(1), ARN + USER.format(2), "$.External.agent"]),
        (
            replaced,
            [
                "a0000000-0000-4000-8000-000000000001",
                f"{EXAMPLE_ARN}a0000000-0000-4000-8000-000000000002",
                "$.External.agent",
            ],
        ),
    ):
        node = _expression(document)["OrExpression"][0]
        for name in match:
            node = node[name]
        assert node == ids


def test_an_agents_own_queue_is_named_like_the_agent() -> None:
    """The id of an agent queue is the agent's, and stays so."""
    roster = Roster(agents=[Agent(id=USER.format(1))])
    contact = evolve(_contact(FLUENT), queue_id=USER.format(1), queue_type="AGENT")

    captured = capture(contact, roster, pseudonyms=Pseudonyms(ids=True))

    assert _facts(captured.contact)["QueueInfo"]["Id"] == "a0000000-0000-4000-8000-000000000001"


def test_what_is_not_understood_is_kept_and_said() -> None:
    """An unknown condition stays, names listed in it are replaced, and a note asks to look at it."""
    raw = {"Skill": {"AgentIds": ["mali", 3], "Of": ["mali", "other", 1, None]}}
    contact = _contact(And([Mixed([And([FLUENT]), AgentIn(["mali"])]), Not(AgentIn(["mali"])), Opaque(raw)]))

    captured = capture(contact)

    opaque = _expression(captured.contact)["AndExpression"][2]
    assert opaque == {"Skill": {"AgentIds": ["agent-1", 3], "Of": ["agent-1", "other", 1, None]}}
    assert captured.notes == (
        "kept as they stood: 1 conditions that this version does not understand; look at them",
    )


def test_unknown_members_are_left_out_and_said() -> None:
    """A member beside the documented ones may hold anything."""
    odd = evolve(step(), expiry=Expiry(extra={"A": 1}), extra={"B": 2})
    contact = Contact(
        criteria=Criteria([odd], extra={"CustomerName": "x"}), earlier=(Criteria(extra={"C": 3, "D": 4}),)
    )

    captured = capture(contact)

    assert captured.name == "criteria"
    assert captured.notes == ("left out: 5 members that this version does not know",)
    assert '"x"' not in json.dumps(captured.contact)


def test_a_difference_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the redaction change the explanation, nobody is left to find that out alone."""
    monkeypatch.setattr("routing_inspect.capture.write_contact", lambda _: {"Contact": {"Id": "other"}})

    captured = capture(_contact(FLUENT))

    assert captured.notes == (
        "the redacted files are explained otherwise than the contact itself: compare the two",
    )


def test_routes_that_cannot_be_told_are_left_out() -> None:
    """The case states only what is so: not the way of an agent about whom nothing is known."""
    roster = Roster(agents=[Agent(id=USER.format(1)), Agent(id=USER.format(2), proficiencies={})])

    case = capture(_contact(FLUENT), roster, at(5), agents=[USER.format(1), USER.format(2)]).case

    assert f"{USER.format(2)}: falls back" in case
    assert f"{USER.format(1)}:" not in case
    assert "now: 2026-03-04T14:02:16.000Z" in case


def test_a_table_goes_on_where_it_ended() -> None:
    """What had a pseudonym keeps it, what is new gets the next number."""
    first = Pseudonyms(ids=True)
    first.agent("mali")
    first.contact(CONTACT_ID)

    second = Pseudonyms(ids=True, table=json.dumps(first.to_dict()))

    assert second.agent("carys") == "agent-2"
    assert second.agent("mali") == "agent-1"
    assert second.contact(CONTACT_ID) == "c0000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ([], "$.schema"),
        ({"schema": "other"}, "$.schema"),
        ({"schema": SCHEMA, "agents": 3}, "$.agents"),
        ({"schema": SCHEMA, "agents": {"a": 1}}, "$.agents"),
        ({"schema": SCHEMA, "agents": {}}, "$.queues"),
    ],
)
def test_another_file_is_no_table(table: Any, path: str) -> None:
    """A table that would lose who is who is refused."""
    with pytest.raises(DocumentError) as refused:
        Pseudonyms(table=table if isinstance(table, dict) else json.dumps(table))

    assert refused.value.problems[0].path == path


# ---------------------------------------------------------------------------- the command


def test_the_command_writes_a_test_that_passes(run: Run, tmp_path: Path) -> None:
    """Three files, which pytest runs in a process of its own."""
    folder = tmp_path / "tests"
    code, out, err = run("capture", str(MATCHED), "--roster", ROSTER, "--output", str(folder))

    assert (code, out) == (0, "")
    assert err.splitlines() == [
        f"wrote {folder}/{CONTACT_ID}.contact.json",
        f"wrote {folder}/{CONTACT_ID}.roster.json",
        f"wrote {folder}/test_{CONTACT_ID}.routing.yaml",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert "3 passed" in done.stdout
    text = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    assert "+442079460011" not in text
    assert "carys" not in text


def test_a_contact_is_fetched_and_captured(run: Run, endpoint: Sandbox, tmp_path: Path) -> None:
    """A contact id is fetched with the agents it needs."""
    scenario = json.loads((ROOT / "examples" / "demo.json").read_text(encoding="utf-8"))
    given = ["--instance-id", scenario["instance_id"], "--endpoint-url", endpoint.url, "--agent", "aled"]
    code, _, _ = run("capture", scenario["contacts"][0]["Id"], *given, "--output", str(tmp_path))

    (case,) = tmp_path.glob("test_*.routing.yaml")
    assert code == 0
    assert case.read_text(encoding="utf-8").count("joins at step") == 2


def test_a_criteria_alone_is_captured_too(run: Run, tmp_path: Path) -> None:
    """Without a contact's id the files are named after the criteria; without a roster there is none."""
    file = tmp_path / "x.routing"
    file.write_text("Language(French) >= 4", encoding="utf-8")

    code, _, _ = run("capture", str(file), "--output", str(tmp_path / "out"))

    assert code == 0
    assert sorted(place.name for place in (tmp_path / "out").iterdir()) == [
        "criteria.contact.json",
        "test_criteria.routing.yaml",
    ]


def test_what_no_document_can_say_is_refused(run: Run, tmp_path: Path) -> None:
    """Text can say what has no form on the wire; then nothing is written."""
    file = tmp_path / "x.routing"
    file.write_text("MIXED (A(B) >= 1, A(C) >= 1)", encoding="utf-8")

    code, _, err = run("capture", str(file), "--output", str(tmp_path / "out"))

    assert (code, err) == (2, "error: two members of a mixed node have one name on the wire\n")
    assert not (tmp_path / "out").exists()


def test_a_finding_is_passed_on(run: Run, tmp_path: Path) -> None:
    """What a reader should know stands on standard error."""
    file = tmp_path / "x.json"
    file.write_text('{"Steps": [{"Expression": {"New": 1}}], "Odd": 2}', encoding="utf-8")

    _, _, err = run("capture", str(file), "--output", str(tmp_path / "out"))

    assert "note: left out: 1 members that this version does not know" in err
    assert "note: kept as they stood: 1 conditions" in err


def test_nothing_is_written_over_unless_asked(run: Run, tmp_path: Path) -> None:
    """A file that is there stops the command before it writes anything."""
    arguments = ["capture", str(MATCHED), "--output", str(tmp_path)]
    there = tmp_path / f"test_{CONTACT_ID}.routing.yaml"
    there.write_text("mine", encoding="utf-8")

    code, _, err = run(*arguments)

    assert code == 2
    assert f"{there} is there already; --force writes over it" in err
    assert [place.name for place in tmp_path.iterdir()] == [there.name]
    assert run(*arguments, "--force")[0] == 0
    assert there.read_text(encoding="utf-8") != "mine"


def test_a_link_that_leads_nowhere_is_there_already(run: Run, tmp_path: Path) -> None:
    """What it names is outside the folder, and nobody asked to write there."""
    folder, outside = tmp_path / "out", tmp_path / "outside"
    folder.mkdir()
    (folder / f"{CONTACT_ID}.contact.json").symlink_to(outside)

    code, _, err = run("capture", str(MATCHED), "--output", str(folder))

    assert code == 2
    assert "is there already" in err
    assert not outside.exists()


def test_one_table_serves_several_captures(run: Run, tmp_path: Path) -> None:
    """The same agent has the same pseudonym in all of them, by the table that is kept aside."""
    table = tmp_path / "who-is-who.json"
    for number, name in enumerate(("matched-step", "fallback"), start=1):
        file = ROOT / "examples" / "contacts" / f"{name}.json"
        out = str(tmp_path / "out")
        code, _, _ = run(
            "capture", str(file), "--roster", ROSTER, "--output", out, "--pseudonym-table", str(table)
        )
        assert code == 0
        assert (tmp_path / "out" / f"c0000000-0000-4000-8000-{number:012d}.contact.json").exists()

    rosters = [file.read_text(encoding="utf-8") for file in (tmp_path / "out").glob("*.roster.json")]
    assert rosters[0] == rosters[1]
    assert "aaaaaaaa-" not in "".join(
        file.read_text(encoding="utf-8") for file in (tmp_path / "out").iterdir()
    )


def test_another_file_is_not_taken_for_a_table(run: Run, tmp_path: Path) -> None:
    """The error names the file."""
    code, _, err = run("capture", str(MATCHED), "--output", str(tmp_path), "--pseudonym-table", ROSTER)

    assert code == 2
    assert "roster.json: $: expected a table of pseudonyms, found a roster" in err


# Events.


def test_events_are_part_of_what_is_captured(run: Run, tmp_path: Path) -> None:
    """What the events say of the contact and of its agents at the time stands in the files."""
    history = ROOT / "examples" / "history"
    file, roster = str(history / "contact.json"), str(history / "roster.json")
    plain, told = tmp_path / "plain", tmp_path / "told"
    given = ["capture", file, "--roster", roster]

    assert run(*given, "--output", str(plain))[0] == 0
    code, out, err = run(*given, "--output", str(told), "--events", str(history / "events"))

    assert (code, out) == (0, "")
    rosters = [json.loads(next(folder.glob("*.roster.json")).read_text("utf-8")) for folder in (plain, told)]
    levels = [{agent["id"]: agent["proficiencies"] for agent in found["agents"]} for found in rosters]
    # The roster is of another day: what an agent held then is what is captured.
    assert levels[0] != levels[1]
    assert "RI612" in err
    code, _, err = run("capture", "-", "--events", "-", "--output", str(tmp_path / "no"))
    assert code == 2
    assert "standard input can be one of" in err


def test_what_the_service_refused_is_said(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent whose levels are unknown in the files was not without skills: the finding says why."""
    for name, value in aws_paths.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Sandbox(aws_paths.scenario(*aws_paths.refused("ListUserProficiencies"))) as sandbox:
        to = ["--instance-id", aws_paths.INSTANCE, "--endpoint-url", sandbox.url]
        code, _, err = run("capture", aws_paths.TAKEN, *to, "--output", str(tmp_path))

    assert code == 0
    assert "warning RI606: not allowed to call ListUserProficiencies" in err


def test_a_name_that_looks_like_a_reference_is_still_a_name() -> None:
    """Only a criteria may hold a reference: an agent called `$.x` gets a pseudonym, or could write YAML."""
    odd = "$.mali.pugh\n  evil: {path: 1}"
    contact = evolve(_contact(FLUENT), agent_id=odd, agent_username="$.mali", queue_name="$.Repairs")
    roster = Roster(agents=[Agent(id=odd, username="$.mali", proficiencies={})])

    captured = capture(contact, roster)

    everything = json.dumps([captured.contact, captured.roster]) + captured.case
    assert not any(word in everything for word in ("mali", "evil", "Repairs"))
    assert captured.notes == ()


def test_an_arn_keeps_nothing_but_what_arns_have() -> None:
    """What stands before the user id is kept only where it is an ARN indeed."""
    for odd in (
        "arn:aws\n: x:connect:eu:1:instance/i/agent/ana",
        "arn:aws:connect:eu:1:instance/mali p/agent/a",
    ):
        assert Pseudonyms().agent(odd) == "agent-1"


def test_listed_agents_are_replaced_in_every_spelling() -> None:
    """The service spells the member in three ways, and a part that is not understood may have any."""
    raw = {"skill": {"agent_ids": ["mali"], "agentIds": ["ben"], "AgentIds": ["cai"]}}

    captured = capture(_contact(Opaque(raw)))

    node = _expression(captured.contact)
    assert node == {"skill": {"agent_ids": ["agent-1"], "agentIds": ["agent-2"], "AgentIds": ["agent-3"]}}


def test_a_table_with_gaps_gives_no_pseudonym_twice() -> None:
    """Somebody took a row out of the table: the next name is none of those that are left."""
    table = {**Pseudonyms().to_dict(), "agents": {"ben": "agent-2"}}

    names = Pseudonyms(table=table)

    assert [names.agent(name) for name in ("ben", "ana", "cai")] == ["agent-2", "agent-3", "agent-4"]


@pytest.mark.parametrize(
    "made", [{"c": "../../x"}, {"c": "contact-1\nevil: 1"}, {"a": "contact-1", "b": "contact-1"}, {"c": ""}]
)
def test_a_table_names_no_files_of_its_own(made: dict[str, str]) -> None:
    """Pseudonyms become names of files, so a table holds none but those that are made here, each once."""
    with pytest.raises(DocumentError, match="no pseudonym of one text alone") as refused:
        Pseudonyms(table={**Pseudonyms().to_dict(), "contacts": made})

    assert refused.value.problems[0].path == "$.contacts"


def test_a_table_without_an_end_is_refused(run: Run, tmp_path: Path) -> None:
    """No more is read than a document may hold."""
    table = tmp_path / "endless"
    with table.open("wb") as file:
        file.truncate(2**26 + 1)

    code, _, err = run("capture", str(MATCHED), "--output", str(tmp_path), "--pseudonym-table", str(table))

    assert code == 2
    assert "larger than 64 MiB" in err
