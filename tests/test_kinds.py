"""Files of another kind than a command takes: what the error calls them, and what it says takes them."""

import gzip
import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from records import Run
from routing_inspect.kinds import Wanted, mistaken

ROOT = Path(__file__).resolve().parents[1]
CONTACT = (ROOT / "examples" / "tutorial" / "contact.json").read_bytes()
ROSTER = (ROOT / "examples" / "tutorial" / "roster.json").read_bytes()
ON_ONE_LINE = json.dumps(json.loads(CONTACT)).encode()


def _zipped() -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("contact.json", CONTACT)
    return written.getvalue()


# By name: what the file holds, what it is called, and a word of the hint.
WRONG = {
    "empty.json": (b"", "an empty file", "still be writing"),
    "blank.json": (b"\xef\xbb\xbf \n", "an empty file", "still be writing"),
    "contact.pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF", "the JSON or the text"),
    "contact.zip": (_zipped(), "a ZIP file", "unpack it"),
    "contact.json.gz": (gzip.compress(CONTACT), "a gzip file", "gunzip"),
    "screen.png": (b"\x89PNG\r\n\x1a\n\0\0", "a picture", "give JSON"),
    "odd.bin": (b"\x01\x02\xfe\0\0", "a binary file", "give JSON"),
    "marked.json": ("\ufeff{}".encode("utf-16-le"), "text in UTF-16", "UTF-8"),
    "unmarked.json": ("{}".encode("utf-16-le"), "text in UTF-16", "UTF-8"),
    "signin.json": (
        b"<!DOCTYPE html>\n<html><title>\n Sign-In\n</title>",
        "a web page, `Sign-In`",
        "sign in, and fetch it again",
    ),
    "page.json": (b"<html>", "a web page\n", "sign in, and fetch it again"),
    "answer.xml": (b"<?xml version='1.0'?><x/>", "XML", "--output json"),
    "lines.log": (ON_ONE_LINE + b"\n" + ON_ONE_LINE, "several JSON documents", "`--events`"),
    "app.log": (
        b"2026-11-17 02:20:00 INFO {}\n[2026-11-17T02:20 x\n",
        "lines of a log",
        "from its first `{`",
    ),
    "criteria.yaml": (b"Steps:\n  - Expression:\n      Name: x\n", "YAML", "write it as JSON"),
    "test_x.routing.yaml": (
        b"criteria: |\n  A(b)\ncases:\n  - steps: {}\n",
        "a case file",
        "`pytest` runs it",
    ),
    "calls.csv": (b"contact,channel\n1,VOICE\n", "a table (CSV)", "`id,name,value,level`"),
    "event.json": (b'{"EventType": "LOGIN", "AgentARN": "x"}', "an agent event", "`--events`"),
    "told.json": (b'{"schema": "routing-inspect/explanation/1"}', "an answer of this tool", "made from"),
    "table.json": (
        b'{"schema": "routing-inspect/pseudonyms/1"}',
        "a table of pseudonyms",
        "`routing-inspect capture --pseudonym-table`",
    ),
}
# And what is right for some command, with the commands that take it.
RIGHT = {
    "contact.json": (CONTACT, "a contact", "`routing-inspect explain`"),
    "roster.json": (ROSTER, "a roster", "`--roster`"),
    "roster.csv": (b"id,name,value,level\nana,A,b,4\n", "a roster as a table (CSV)", "`--roster`"),
    "team.roster": (b"ana: A(b) 4\nben: A(b) 2\n", "a roster as text", "`--roster`"),
    "users.json": (b'{"UserSummaryList": []}', "agents as the service lists them", "`--roster`"),
    "two.json": (b'{"Users": []} {"Users": []}', "agents as the service lists them", "`--roster`"),
    "criteria.routing": (b"A(b) >= 4 [30 seconds] A(b)", "routing criteria as text", "`lint`"),
    "steps.json": (b'{"Steps": []}', "routing criteria", "`convert`"),
    "flow.json": (b'{"Actions": []}', "a flow", "`lint`"),
    "contacts.json": (b"[" + CONTACT + b"]", "a list of 1 contact", "`routing-inspect chain`"),
    "flows.json": (b'[{"Actions": []}]', "a list that begins with a flow", "`lint`"),
    "predefined.json": (
        b'{"PredefinedAttributeSummaryList": []}',
        "predefined attributes",
        "`routing-inspect lint --attributes`",
    ),
    "scenario.json": (
        (ROOT / "examples" / "demo.json").read_bytes(),
        "a scenario of the sandbox",
        "`routing-inspect sandbox`",
    ),
}
# Every command that reads a file, and which of the files above are right for it.
COMMANDS = {
    "explain FILE": {"contact.json", "criteria.routing", "steps.json"},
    "explain CONTACT --roster FILE": {"roster.json", "roster.csv", "team.roster", "users.json", "two.json"},
    "match FILE --roster ROSTER": set(),
    "convert FILE --to event": {"contact.json", "criteria.routing", "steps.json"},
    "lint FILE": {"contact.json", "criteria.routing", "steps.json", "contacts.json", "scenario.json"},
    "lint CRITERIA --attributes FILE": {
        "roster.json",
        "roster.csv",
        "team.roster",
        "users.json",
        "two.json",
        "predefined.json",
    },
    "lint CRITERIA --baseline FILE": set(),
    "diff CRITERIA FILE": {"contact.json", "criteria.routing", "steps.json", "flow.json"},
    "capture FILE --output OUT --force": {"contact.json", "criteria.routing", "steps.json"},
    "capture CONTACT --output OUT --force --pseudonym-table FILE": {"table.json"},
    "roster show FILE": {"roster.json", "roster.csv", "team.roster", "users.json", "two.json"},
    "roster diff ROSTER FILE": {"roster.json", "roster.csv", "team.roster", "users.json", "two.json"},
    "chain FILE": {"contact.json", "contacts.json"},
    "lattice FILE": {"contact.json", "criteria.routing", "steps.json"},
    "sandbox FILE": {"scenario.json"},
    "fmt --check FILE": {"criteria.routing", "team.roster"},
}
# What these commands say of such a file is more than what kind it is.
SPECIFIC = {
    ("explain FILE", "flow.json"),
    ("match FILE --roster ROSTER", "contact.json"),
    ("match FILE --roster ROSTER", "criteria.routing"),
    ("match FILE --roster ROSTER", "steps.json"),
    ("match FILE --roster ROSTER", "flow.json"),
    ("convert FILE --to event", "flow.json"),
    ("lint FILE", "flow.json"),
    ("lint FILE", "flows.json"),
    ("capture FILE --output OUT --force", "flow.json"),
    ("chain FILE", "steps.json"),
    ("lattice FILE", "flow.json"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write all files that there are to mistake."""
    for name, (data, _, _) in (WRONG | RIGHT).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_a_file_is_and_what_takes_it(run: Run, folder: Path, command: str) -> None:
    """Whatever is given in place of what a command takes, the error names both, and the way out."""
    for name, (_, noun, hint) in (WRONG | RIGHT).items():
        if name in COMMANDS[command] or (command, name) in SPECIFIC:
            continue
        fill = {
            "FILE": name,
            "CONTACT": "contact.json",
            "ROSTER": "roster.json",
            "CRITERIA": "criteria.routing",
            "OUT": "out",
        }
        words = [fill.get(word, word) for word in command.split()]
        paths = [str(folder / w) if w in fill.values() else w for w in words]

        code, out, err = run(*paths)

        assert code == 2, (command, name, out, err)
        said = out + err
        assert f", found {noun}" in said, (command, name, said)
        assert hint in said or "convert FILE --to dsl" in said or ".roster`" in said, (command, name, said)


@pytest.mark.parametrize(
    "command", [c for c in COMMANDS if not c.startswith(("chain", "lint FILE", "fmt", "capture CONTACT"))]
)
def test_a_folder_is_no_file(run: Run, folder: Path, command: str) -> None:
    """A folder is called one, with the commands that take folders."""
    fill = {"FILE": "folder", "CONTACT": "contact.json", "ROSTER": "roster.json", "OUT": "out"}
    fill["CRITERIA"] = "criteria.routing"
    words = [str(folder / fill[word]) if word in fill else word for word in command.split()]

    code, _, err = run(*words)

    assert code == 2
    assert "this is a folder: name a file in it (`chain`, `fmt`, `lint` and `--events` take folders)" in err


@pytest.mark.parametrize(
    ("data", "wanted", "hint"),
    [
        (CONTACT, "criteria as text", "`routing-inspect convert FILE --to dsl`"),
        (b"ana: A(b) 4", "criteria as text", "the ending `.roster`"),
        (b"A(b) >= 4", "a roster as text", "another ending than `.roster`"),
    ],
)
def test_where_text_is_wanted_the_hint_says_how_to_come_by_it(data: bytes, wanted: Wanted, hint: str) -> None:
    """`fmt` goes by the ending of a name, and lays out text alone."""
    problem = mistaken(data, wanted)

    assert problem is not None
    assert hint in (problem.hint or "")


@pytest.mark.parametrize(
    "data",
    [
        CONTACT[:-40],
        b'{"x": 1}',
        b"[]",
        b"[[1]]",
        b"[7]",
        b'[{"x": 1}]',
        b'{"a": 1} tail',
        b'[1] {"a": 1}',
        b'"text"',
        b"Skill(Sales) => 4",
        b"# nothing but a remark",
        b"caf\xe9",
        b"A(b) >= 4 " * 200_000,
        b" " * (64 * 2**20 + 1),
    ],
)
def test_what_looks_like_nothing_known_is_left_to_its_reader(data: bytes) -> None:
    """A mistake inside the right kind of file keeps the error that says where it stands."""
    assert mistaken(data, "a contact or routing criteria") is None


def test_a_list_of_attribute_answers_serves_as_one() -> None:
    """What a list is goes by its first element, and so does what it is right for."""
    data = b'[{"PredefinedAttribute": {"Name": 1}}]'

    assert mistaken(data, "predefined attributes") is None
    assert mistaken(data, "a roster") is not None
