import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import Run
from routing_inspect import files
from routing_inspect.contact import Agent, Roster, RoutingProfile
from routing_inspect.document import JSON
from routing_inspect.errors import CriteriaSyntaxError, DocumentError
from routing_inspect.expr import Attribute
from routing_inspect.roster import read_roster, write_roster
from routing_inspect.roster_answers import read_roster_answers, split_documents
from routing_inspect.roster_tables import is_roster_table, read_roster_table

FRENCH = Attribute("Language", "French")
FIRE = Attribute("Claims", "Fire")
EDITED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ALICE = "aaaaaaaa-0000-4000-8000-000000000001"
BOB = "aaaaaaaa-0000-4000-8000-000000000002"
ARN = "arn:aws:connect:eu-west-2:123456789012:instance/i/agent/"


def _level(name: str = "Language", value: str = "French", level: float = 4) -> dict[str, JSON]:
    return {"AttributeName": name, "AttributeValue": value, "Level": level}


def _told(*rows: JSON, **more: JSON) -> dict[str, JSON]:
    return {"UserProficiencyList": list(rows), **more}


def _table_problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(DocumentError) as refused:
        read_roster_table(text)
    return [(problem.path, problem.message) for problem in refused.value.problems]


# CSV.


def test_a_table_has_one_row_for_each_agent_and_attribute() -> None:
    """Rows of one id are one agent; an agent who holds nothing has an empty row."""
    table = (
        "id,username,name,value,level,modified_at\n"
        "u-1,alice,Language,French,4,2026-11-02T09:30:00Z\n"
        "u-2,bob,,,,\n"
        'u-1,,Claims,"Fire, ""big""\nand small",2.0,\n'
        "\n"
    )

    assert read_roster_table(table) == Roster(
        agents=[
            Agent(
                id="u-1",
                username="alice",
                proficiencies={FRENCH: 4, Attribute("Claims", 'Fire, "big"\nand small'): 2},
                modified_at=EDITED,
            ),
            Agent(id="u-2", username="bob", proficiencies={}),
        ]
    )


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffid,name,value,level\r\nu-1,Language,French,4\r\n",
        "\r\n\r\nlevel,id,value,name\r\n4,u-1,French,Language",
        "AttributeName,AttributeValue,Level,UserId\nLanguage,French, 4 ,u-1\n",
        f'"id","name","value","level"\n"{ARN}u-1","Language","French","4"\n',
        "username,name,value,level\nu-1,Language,French,4\n",
    ],
)
def test_tables_as_programs_write_them_are_read(table: str) -> None:
    """A byte order mark, any line end, any order, the service's names, an ARN, no id but a name."""
    (agent,) = read_roster_table(table).agents

    assert is_roster_table(table)
    assert (agent.id, agent.proficiencies) == ("u-1", {FRENCH: 4})


@pytest.mark.parametrize("text", ["alice: Language(French) 4", "", "id,name\n", "name\n"])
def test_other_text_is_no_table(text: str) -> None:
    """A roster as text keeps its own reader, and its own errors."""
    assert not is_roster_table(text)


@pytest.mark.parametrize(
    ("table", "problems"),
    [
        ("", [("line 1", "a column is missing: `id`, `name`, `value`, `level`")]),
        ("id,name,level\n", [("line 1", "a column is missing: `value`")]),
        ("id;name;value;level\n", [("line 1", 'no column of a roster: `"id;name;value;level"`')]),
        ("id,name,value,level,shoe\n", [("line 1", 'no column of a roster: `"shoe"`')]),
        ("id,id,name,value,level\n", [("line 1", "two columns are the `id`")] * 2),
        ("id,name,value,level\nu,Language,French\n", [("line 2", "3 values in a table of 4 columns")]),
        ("id,name,value,level\n ,Language,French,4\n", [("line 2", "no id")]),
        (
            "id,name,value,level\nu,Language,French,\n",
            [("line 2, level", 'expected a number, found `""`')],
        ),
        (
            'id,name,value,level\nu,"a\nb",c,1\nu,,French,x\n',
            [("line 4, level", 'expected a number, found `"x"`'), ("line 4, name", "empty")],
        ),
        (
            "id,name,value,level\nu,Language,French,4\nu,Language,French,3\n",
            [("line 3", "Language(French) is given twice for this agent")],
        ),
        (
            "id,username,name,value,level\nu,a,,,\nu,b,,,\n",
            [("line 3, username", 'the username is `"b"` here and `"a"` in an earlier row of the agent')],
        ),
        (
            "id,name,value,level,modified_at\nu,,,,yesterday\n",
            [("line 2, modified_at", 'expected a time, found `"yesterday"`')],
        ),
    ],
)
def test_what_is_wrong_with_a_table_has_its_line(table: str, problems: list[tuple[str, str]]) -> None:
    """Whoever mends a file of 40,000 rows needs the row."""
    assert _table_problems(table) == problems


@pytest.mark.parametrize("row", ['u,"Language,French,4\n', 'u,"Lang"uage,French,4\n'])
def test_quotes_that_do_not_match_are_said(row: str) -> None:
    """Half a table would pass for the whole."""
    ((path, message),) = _table_problems(f"id,name,value,level\nv,,,\n{row}")

    assert path == "line 3"
    assert message.startswith("not CSV: ")


@given(st.text())
def test_any_text_is_a_table_or_refused(text: str) -> None:
    """There is no other way to fail."""
    try:
        read_roster_table("id,name,value,level\n" + text)
    except DocumentError as error:
        assert error.problems[0].path.startswith("line ")  # noqa: PT017  (reading is a choice, not a rule)


# Answers of the service.


def test_answers_about_users_and_their_proficiencies_make_a_roster() -> None:
    """A page of SearchUsers, a ListUserProficiencies each, a DescribeUser: each adds what it knows."""
    answers = [
        {"Users": [{"Id": ALICE, "Username": "alice", "RoutingProfileId": "p"}], "NextToken": "t"},
        {"Users": [{"Id": BOB}], "ApproximateTotalCount": 2},
        _told(_level(), UserId=ALICE, NextToken="t"),
        _told(_level("Claims", "Fire", 2), UserId=ALICE, LastModifiedTime="2026-11-02T09:30:00Z"),
        _told(UserId=f"{ARN}{BOB}"),
        {"User": {"Id": BOB, "Username": "bob", "RoutingProfileId": "p"}},
        {"UserSummaryList": [{"Id": "c", "Username": "cy"}]},
    ]

    profile = RoutingProfile(id="p")
    assert read_roster_answers(answers) == Roster(
        agents=[
            Agent(
                id=ALICE,
                username="alice",
                proficiencies={FRENCH: 4, FIRE: 2},
                routing_profile=profile,
                modified_at=EDITED,
            ),
            Agent(id=BOB, username="bob", proficiencies={}, routing_profile=profile),
            Agent(id="c", username="cy"),
        ]
    )


@pytest.mark.parametrize("file", [f"{ALICE}.json", f"of/{BOB}/proficiencies-{ALICE.upper()}.out"])
def test_a_list_of_proficiencies_may_be_named_by_its_user(file: str) -> None:
    """ListUserProficiencies does not repeat whom it was asked about; the file's name may say it."""
    (agent,) = read_roster_answers([_told(_level())], file=file).agents

    assert agent.id.lower() == ALICE
    assert agent.proficiencies == {FRENCH: 4}


@pytest.mark.parametrize(
    ("answers", "place", "message"),
    [
        ([_told(_level())], "$", "nobody knows whose proficiencies these are"),
        ([_told(UserId=1)], "$.UserId", "expected a string, found `1`"),
        ([_told(UserId="")], "$.UserId", "expected a user id, found an empty one"),
        ([_told({}, UserId="u")], "$.UserProficiencyList[0]", "expected a proficiency, found an object"),
        (
            [_told(UserId="u", LastModifiedTime="soon")],
            "$.LastModifiedTime",
            'expected a time, found `"soon"`',
        ),
        (
            [_told(UserId="u")] * 2,
            "document 2, $.UserProficiencyList",
            "a second list of the proficiencies of u",
        ),
        (
            [_told(_level(), UserId="u", NextToken="t"), _told(_level(), UserId="u")],
            "document 2, $.UserProficiencyList",
            "Language(French) stands on two pages of the proficiencies of u",
        ),
        ([{"Users": [], "NextToken": "t"}], "$.NextToken", "the list of SearchUsers goes on after this page"),
        ([{"Users": 1}], "$.Users", "expected a list of users, found `1`"),
        ([{"Users": [1]}], "$.Users[0]", "expected a user with Id and Username, found `1`"),
        ([{"Users": [{"Id": 1}]}], "$.Users[0].Id", "expected a string, found `1`"),
        ([{"Users": [{"Id": ""}]}], "$.Users[0].Id", "expected a user id, found an empty one"),
        ([{"Users": [{"Id": "u", "Username": 1}]}], "$.Users[0].Username", "expected a string, found `1`"),
        (
            [{"User": {"Id": "u", "Username": "a"}}, {"User": {"Id": "u", "Username": "b"}}],
            "document 2, $.User.Username",
            "`b` here and `a` before, of one user",
        ),
        ([{"Users": [], "User": {}}], "$", "expected an answer of SearchUsers, ListUsers, DescribeUser, "),
        ([[]], "$", "expected an answer of SearchUsers"),
    ],
)
def test_what_is_wrong_with_an_answer_has_its_place(answers: list[JSON], place: str, message: str) -> None:
    """Which of many answers, and where in it."""
    with pytest.raises(DocumentError) as refused:
        read_roster_answers(answers)

    assert refused.value.problems[0].path == place
    assert refused.value.problems[0].message.startswith(message)


@given(st.lists(st.dictionaries(st.text(), st.integers() | st.text()) | st.lists(st.none()), min_size=1))
def test_documents_that_follow_one_another_are_told_apart(documents: list[JSON]) -> None:
    """Spread over lines or packed, with blanks between or none."""
    for between, indent in (("", None), ("\n", None), (" \r\n\t", 2)):
        text = between.join(json.dumps(document, indent=indent) for document in documents)

        assert split_documents(f"\ufeff{text}\n") == documents


def test_many_documents_take_as_long_as_their_length() -> None:
    """A hundred thousand pages are told apart; with the rest copied for each it would take a minute."""
    assert len(split_documents('{"Users": []}\n' * 100_000)) == 100_000


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1} {"a": 1, "a": 2}', "document 2, $.a"),
        ('{"a": 1} {"b": ', "document 2, $"),
        ('{"a": 1} nonsense', "document 2, $"),
        ('{"a": 1} ' + "9" * 5000, "document 2, $"),
        ('{"a": 1', "$"),
        ('{"a": 1, "a": 2}', "$.a"),
    ],
)
def test_a_document_among_many_that_cannot_be_read_is_named(text: str, place: str) -> None:
    """The tenth of a thousand pages is not looked for by hand."""
    with pytest.raises(DocumentError) as refused:
        split_documents(text)

    assert refused.value.problems[0].path == place


# Every form as a file.

ROSTER = {"agents": [{"id": ALICE, "proficiencies": [{"name": "Language", "value": "French", "level": 4}]}]}
FORMS: dict[str, Any] = {
    "roster.json": json.dumps(ROSTER),
    "roster.txt": f"{ALICE}: Language(French) 4\n",
    "roster.csv": f"id,name,value,level\n{ALICE},Language,French,4\n",
    "export": f"\ufeffid,name,value,level\r\n{ALICE},Language,French,4\r\n",
    "answer.json": json.dumps(_told(_level(), UserId=ALICE)),
    f"{ALICE}.json": json.dumps(_told(_level()), indent=4),
    "pages.json": json.dumps({"Users": [{"Id": BOB}], "NextToken": "t"}, indent=4)
    + "\n"
    + json.dumps({"Users": [{"Id": ALICE, "Username": "alice"}]}, indent=4)
    + json.dumps(_told(_level(), UserId=ALICE)),
    "lines.jsonl": "".join(
        json.dumps(answer) + "\n" for answer in ({"Users": [{"Id": ALICE}]}, _told(_level(), UserId=ALICE))
    ),
    "slurped.json": json.dumps([{"Users": [{"Id": ALICE}]}, _told(_level(), UserId=ALICE)]),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_a_roster_to_every_command(name: str, run: Run, tmp_path: Path) -> None:
    """JSON, text, CSV and the service's answers are told by what they are, not by options."""
    file = tmp_path / name
    file.write_text(FORMS[name], encoding="utf-8", newline="")

    code, out, _ = run("match", "Language(French) >= 4", "--roster", str(file), "--format", "json")

    assert code == 0
    assert json.loads(out)["matching"] == [ALICE]


def test_a_file_that_ends_in_csv_is_a_table_whatever_its_header(tmp_path: Path) -> None:
    """A header with a slip in it gets the error of a header, not that of a text."""
    file = tmp_path / "roster.CSV"
    file.write_text("id,nmae,value,level\n", encoding="utf-8")

    with pytest.raises(DocumentError, match="no column of a roster"):
        files.read_roster(str(file))


@pytest.mark.parametrize("content", ["null", "[]", '"text"', "{}", "<html>", "", '[{"Users": []}, 1]'])
def test_json_that_is_no_roster_is_refused(content: str, tmp_path: Path) -> None:
    """An empty file and a web page too, each with the file's name."""
    file = tmp_path / "roster.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises((DocumentError, CriteriaSyntaxError)) as refused:
        files.read_roster(str(file))

    assert str(refused.value).startswith(str(file))


# Routing profiles.


def test_a_routing_profile_says_what_is_assigned_by_hand_and_what_goes_side_by_side() -> None:
    """Both come back as they were; without the members they are unknown."""
    profile = RoutingProfile(id="p", manual_queue_ids=("q-1",), cross_channel={"CHAT": True, "VOICE": False})
    roster = Roster(agents=[Agent(id="u-1", routing_profile=profile)])

    assert read_roster(write_roster(roster)) == roster
    (unknown,) = read_roster({"agents": [{"id": "u-1", "routing_profile": {"id": "p"}}]}).agents
    assert unknown.routing_profile == RoutingProfile(id="p")


@pytest.mark.parametrize(
    ("member", "value", "path", "message"),
    [
        ("manual_queue_ids", "q-1", "manual_queue_ids", "expected a list of ids"),
        ("manual_queue_ids", [1], "manual_queue_ids[0]", "expected a string"),
        ("cross_channel", ["CHAT"], "cross_channel", "expected yes or no by channel"),
        ("cross_channel", {"CHAT": "yes"}, "cross_channel.CHAT", "expected `true` or `false`"),
    ],
)
def test_a_routing_profile_that_cannot_be_read_is_named_with_its_place(
    member: str, value: JSON, path: str, message: str
) -> None:
    """Nothing of a wrong kind is passed over."""
    with pytest.raises(DocumentError) as refused:
        read_roster({"agents": [], "routing_profiles": [{"id": "p", member: value}]})

    (problem,) = refused.value.problems
    assert problem.path == f"$.routing_profiles[0].{path}"
    assert problem.message.startswith(message)


def test_a_roster_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything of it is taken apart, whatever it is."""
    file = tmp_path / "roster.json"
    file.write_text(json.dumps({"agents": []}), encoding="utf-8")
    monkeypatch.setattr(files, "MAX_BYTES", 5)

    with pytest.raises(DocumentError, match="larger than"):
        files.read_roster(str(file))
