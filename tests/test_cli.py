"""The command line: what it prints where, and with which exit code it ends."""

import json
import os
import signal
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from records import Run
from routing_inspect import cli, files
from routing_inspect.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[1]
CONTACT = str(ROOT / "examples" / "contacts" / "matched-step.json")
ROSTER = str(ROOT / "examples" / "roster.json")
SCENARIO = json.loads((ROOT / "examples" / "demo.json").read_text(encoding="utf-8"))


def _ids(sandbox: Sandbox) -> list[str]:
    return ["--instance-id", SCENARIO["instance_id"], "--endpoint-url", sandbox.url]


CONTACT_ID = SCENARIO["contacts"][0]["Id"]
USER_IDS = {user["Username"]: user["Id"] for user in SCENARIO["users"]}


def test_demo_explains_a_contact_fetched_over_http(run: Run) -> None:
    """The demo needs no account and answers in its first line."""
    code, out, err = run("demo")

    assert code == 0
    assert out.startswith("carys got this contact on step 2 of 3, 71.7 s after it was queued")
    assert "http://127.0.0.1:" in err


def test_demo_prints_one_json_document(run: Run) -> None:
    """With --format json nothing but JSON is on standard output."""
    code, out, _ = run("demo", "--format", "json")

    assert code == 0
    assert json.loads(out)["path"]["kind"] == "matched-step"


def test_explain_fetches_the_contact_and_who_took_it(run: Run, endpoint: Sandbox) -> None:
    """A contact id is fetched, and so are the proficiencies of the agent who took the contact."""
    code, out, err = run("explain", CONTACT_ID, *_ids(endpoint), "--now", "2026-11-17T02:20:00Z")

    assert (code, err) == (0, "")
    assert out.startswith("carys got this contact on step 2 of 3")
    assert [request.operation for request in endpoint.requests][:4] == [
        "DescribeContact",
        "DescribeUser",
        "ListUserProficiencies",
        "ListRoutingProfileQueues",
    ]
    assert "6 in the instance, by SearchUsers with 3 searches" in out


def test_explain_without_now_looks_at_the_clock(run: Run, endpoint: Sandbox) -> None:
    """Facts fetched now are as of now, so today's proficiencies are marked as such."""
    _, out, _ = run("explain", CONTACT_ID, *_ids(endpoint), "--format", "json")

    assert json.loads(out)["agents"][0]["as_of"] > "2026-11"


@pytest.mark.parametrize(
    ("agent", "code"), [("carys", 0), ("aled", 0), ("bethan", 1), ("dylan", 1), ("eira", 1), ("fflur", 1)]
)
def test_exit_code_tells_whether_an_agent_could_have_had_it(
    agent: str, code: int, run: Run, endpoint: Sandbox
) -> None:
    """0: offered on a step that ran; 1: stopped by a condition, a queue or a delay on each of them."""
    found, out, _ = run("explain", CONTACT_ID, *_ids(endpoint), "--agent", USER_IDS[agent])

    assert found == code
    assert agent in out


def test_an_agent_whom_nobody_knows_cannot_be_told(run: Run, endpoint: Sandbox) -> None:
    """A user id the service does not know leaves the answer open, and says so."""
    code, out, _ = run(
        "explain", CONTACT_ID, *_ids(endpoint), "--agent", "00000000-0000-4000-8000-000000000009"
    )

    assert code == 4
    assert "RI606" in out


def test_an_agent_may_be_asked_about_by_username(run: Run, endpoint: Sandbox) -> None:
    """A username is looked up, unless it is that of the agent who took the contact."""
    stopped, out, _ = run("explain", CONTACT_ID, *_ids(endpoint), "--agent", "eira")
    took, _, _ = run("explain", CONTACT_ID, *_ids(endpoint), "--agent", "carys")

    assert (stopped, took) == (1, 0)
    assert "NOT Product(Landlord cover) in 1..5: has 2" in out
    looked_up = [request for request in endpoint.requests if "StringCondition" in str(request)]
    by_name = [request for request in looked_up if "'Username'" in str(request.parameters["SearchCriteria"])]
    assert len(by_name) == 1


def test_a_username_that_nobody_has_is_refused(run: Run, endpoint: Sandbox) -> None:
    """A slip in a name is no answer about an agent."""
    code, out, err = run("explain", CONTACT_ID, *_ids(endpoint), "--agent", "eria")

    assert (code, out) == (2, "")
    assert "nobody in instance" in err
    assert "`eria`" in err


def test_a_roster_spares_the_requests_for_agents_in_it(run: Run, endpoint: Sandbox) -> None:
    """Who is in the roster file is not asked about again."""
    code, _, _ = run("explain", CONTACT_ID, *_ids(endpoint), "--roster", ROSTER, "--agent", "aled")

    assert code == 0
    assert [request.operation for request in endpoint.requests] == ["DescribeContact", "DescribeQueue"]


def test_an_id_without_an_instance_is_a_usage_error(run: Run) -> None:
    """A contact id says nothing without its instance; the mend is named."""
    code, out, err = run("explain", CONTACT_ID)

    assert (code, out) == (2, "")
    assert "--instance-id" in err


def test_explain_reads_a_document(run: Run) -> None:
    """A file needs no AWS."""
    code, out, _ = run("explain", CONTACT, "--roster", ROSTER)

    assert code == 0
    assert "[matched-step]" in out


def test_explain_reads_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is standard input, and errors name it."""
    with (ROOT / "tests" / "data" / "empty.json").open() as empty:
        monkeypatch.setattr(sys, "stdin", empty)
        code, out, err = run("explain", "-")

    assert (code, out) == (2, "")
    assert err.startswith(
        "error: standard input: $: expected a contact or routing criteria, found an empty file\n"
    )


def test_explain_tells_what_a_finding_means(run: Run) -> None:
    """A finding's id is explained without any document."""
    code, out, _ = run("explain", "RI402")

    assert code == 0
    assert out.startswith("RI402 (warning): ")


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        ("RI218", "there is no finding RI218; near it are RI215, RI219 and RI221, and "),
        ("ri000", "there is no finding RI000; there are RI1xx, RI2xx, RI3xx, RI4xx, RI5xx and RI6xx"),
        ("RI42", "there is no finding RI42; there are RI1xx"),
        ("RI4021", "there is no finding RI4021; there are RI1xx"),
    ],
)
def test_a_finding_that_there_is_not_is_refused(run: Run, finding: str, said: str) -> None:
    """An id nobody gave out is a usage error that names the nearest, and says where all of them stand."""
    code, _, err = run("explain", finding)

    assert code == 2
    assert said in err
    assert err.endswith(": docs/findings.md says what each means\n")


def test_the_case_of_a_findings_id_does_not_count(run: Run) -> None:
    """Nobody types it as it is written at night."""
    assert run("explain", "ri402") == run("explain", "RI402")


def test_output_goes_to_a_file_whole(run: Run, tmp_path: Path) -> None:
    """--output writes text without colour, and prints nothing."""
    file = tmp_path / "answer.txt"
    code, out, _ = run("explain", CONTACT, "--output", str(file))

    assert (code, out) == (0, "")
    assert "[matched-step]" in file.read_text(encoding="utf-8")


def test_a_flow_action_is_chosen_by_its_identifier(run: Run) -> None:
    """A flow with several routing actions needs --action, and the error lists them."""
    flow = str(ROOT / "examples" / "flow.json")

    code, out, _ = run("convert", flow, "--to", "dsl", "--action", "language first")
    refused, _, err = run("convert", flow, "--to", "dsl")
    unknown, _, named = run("explain", flow, "--action", "nobody")

    assert (code, refused, unknown) == (0, 2, 2)
    assert out.splitlines() == [
        "connect:Language(connect:Welsh) >= 3 [20 seconds]",
        "connect:Language(connect:Welsh) >= 1 [never expires]",
    ]
    assert "`language first`, `claims desk`" in err
    assert "no action `nobody` sets routing criteria" in named


def test_two_actions_of_one_name_are_refused(run: Run, tmp_path: Path) -> None:
    """The name does not say which of the two is meant."""
    flow = json.loads((ROOT / "examples" / "flow.json").read_text(encoding="utf-8"))
    flow["Actions"][3]["Identifier"] = "language first"
    file = tmp_path / "flow.json"
    file.write_text(json.dumps(flow), encoding="utf-8")

    code, _, err = run("convert", str(file), "--to", "dsl", "--action", "language first")

    assert code == 2
    assert "2 actions are named `language first`" in err


def test_a_flow_without_routing_actions_says_so(run: Run, tmp_path: Path) -> None:
    """With or without a choice the answer is one: there is nothing to choose from, and why."""
    file = tmp_path / "flow.json"
    file.write_text('{"Actions": [{"Type": "UpdateContactRoutingBehavior"}]}', encoding="utf-8")

    plain = run("convert", str(file), "--to", "dsl")

    assert plain == run("convert", str(file), "--to", "dsl", "--action", "a")
    assert "no block of this flow sets routing criteria (1 block)" in plain[2]
    assert (
        "`UpdateContactRoutingBehavior`, which this flow has, sets a contact's priority and age" in plain[2]
    )


def test_a_scenario_that_is_none_is_refused_by_name(run: Run, tmp_path: Path) -> None:
    """The sandbox says which file is wrong."""
    file = tmp_path / "scenario.json"
    file.write_text("[]", encoding="utf-8")

    code, _, err = run("sandbox", str(file))

    assert code == 2
    assert "scenario.json: $: expected a scenario" in err


def test_now_must_be_a_time_with_a_zone(run: Run) -> None:
    """A time that could mean several instants is refused."""
    code, _, err = run("explain", CONTACT, "--now", "2026-11-17T02:20:00")

    assert code == 2
    assert "has no time zone" in err


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("connect:Language(connect:Welsh) >= 5", 0),
        ("Language(Klingon) >= 1", 1),
        ('{"AttributeCondition": {"ComparisonOperator": "Sideways"}}', 4),
    ],
)
def test_match_says_whether_anybody_matches(expression: str, code: int, run: Run) -> None:
    """0: somebody does; 1: nobody does; 4: nobody for sure, but it cannot be told of all."""
    found, out, _ = run("match", expression, "--roster", ROSTER)

    assert found == code
    assert " of 6 agents match" in out


def test_match_as_json_accounts_for_every_agent(run: Run) -> None:
    """Matching, not matching and unknown are the roster."""
    _, out, _ = run("match", "Claims(Flood damage) >= 3", "--roster", ROSTER, "--format", "json")

    answer = json.loads(out)
    counted = [*answer["matching"], *answer["not_matching"], *answer["unknown"]]
    assert sorted(counted) == sorted(agent["id"] for agent in answer["agents"])


def test_match_takes_files_of_either_kind(run: Run, tmp_path: Path) -> None:
    """An expression may stand in a file, as JSON or as text; a roster may be text too."""
    as_text = tmp_path / "expression.routing"
    as_text.write_text("Language(French) >= 4", encoding="utf-8")
    as_json = tmp_path / "expression.json"
    roster = tmp_path / "team.roster"
    roster.write_text("ana: Language(French) 4\nben: Language(French) 3\n", encoding="utf-8")
    run("convert", str(as_text), "--to", "api", "--output", str(as_json))

    for file in (as_text, as_json):
        code, out, _ = run("match", str(file), "--roster", str(roster))
        assert code == 0
        assert out.startswith("1 of 2 agents match")


@pytest.mark.parametrize("form", ["api", "event", "flow"])
def test_convert_gives_json_that_reads_back_as_the_same_criteria(form: str, run: Run, tmp_path: Path) -> None:
    """Whatever form a criteria is written in, its text is the same afterwards."""
    _, before, _ = run("convert", CONTACT, "--to", "dsl")
    _, out, _ = run("convert", CONTACT, "--to", form)
    written = json.loads(out)
    if form == "flow":
        written = {"Type": "UpdateContactRoutingCriteria", "Parameters": written}
    file = tmp_path / "criteria.json"
    file.write_text(json.dumps(written), encoding="utf-8")

    _, after, _ = run("convert", str(file), "--to", "dsl")

    assert after == before


def test_convert_says_what_is_wrong_with_what_it_writes(run: Run, tmp_path: Path) -> None:
    """The output is what was asked for, errors and levels off the scale stand beside it, warnings do not."""
    file = tmp_path / "odd.routing"
    file.write_text(
        "Skill(Sales) >= 6 [30 seconds] Skill(Sales) in 4..2 [0.5 s] Skill(Sales)", encoding="utf-8"
    )

    code, out, err = run("convert", str(file), "--to", "dsl")

    assert (code, out.splitlines()[1]) == (0, "Skill(Sales) in 4..2 [0.5 seconds]")
    assert err.splitlines() == [
        "warning RI209: Skill(Sales) >= 6: 6 is not on the scale (step 1)",
        "  hint: levels are whole numbers from 1 to 5",
        "error RI204: Skill(Sales) in 4..2: no level is in it (step 2)",
        "  hint: swap the ends",
    ]


def test_convert_says_what_text_has_no_place_for(run: Run, tmp_path: Path) -> None:
    """Members of a later version are kept in every form but text, which says that it leaves them out."""
    file = tmp_path / "later.json"
    step = {"Expression": {"AttributeCondition": {"Name": "L", "Value": "F", "ProficiencyLevel": "3.0"}}}
    file.write_text(json.dumps({"Foo": 1, "Steps": [{**step, "Bar": 2}]}), encoding="utf-8")

    code, out, err = run("convert", str(file), "--to", "dsl")

    assert (code, out) == (0, "L(F) >= 3 [never expires]\n")
    assert err.splitlines() == [
        "warning RI103: members this version does not know: `Foo`",
        "  hint: the text leaves them out",
        "warning RI103: members this version does not know: `Bar` (step 1)",
        "  hint: the text leaves them out",
    ]
    for form in ("api", "event", "flow"):
        _, out, err = run("convert", str(file), "--to", form)
        assert ('"Foo": 1' in out, '"Bar": 2' in out, err) == (True, True, "")


def test_convert_refuses_to_write_no_step_as_text(run: Run, tmp_path: Path) -> None:
    """An empty file would not be read again."""
    file = tmp_path / "empty.json"
    file.write_text('{"Steps": []}', encoding="utf-8")

    assert run("convert", str(file), "--to", "dsl") == (
        2,
        "",
        "error: the criteria has no step, and its text needs one\n",
    )


def test_convert_is_silent_about_what_is_right(run: Run) -> None:
    """Nothing to say, nothing said."""
    assert run("convert", CONTACT, "--to", "event")[2] == ""


def test_convert_gives_one_metric_filter_a_step(run: Run) -> None:
    """Metrics know a step by the string of its expression."""
    _, out, _ = run("convert", CONTACT, "--to", "metric")

    assert [len(json.loads(line)) == 1 for line in out.splitlines()] == [True] * 3


def test_convert_refuses_what_the_form_has_no_room_for(run: Run, tmp_path: Path) -> None:
    """A reference that a flow fills in is no criteria for the API."""
    file = tmp_path / "action.json"
    action = {
        "Type": "UpdateContactRoutingCriteria",
        "Parameters": {"RoutingCriteria": "$.External.criteria"},
    }
    file.write_text(json.dumps(action), encoding="utf-8")

    code, out, err = run("convert", str(file), "--to", "api")

    assert (code, out) == (2, "")
    assert "`$.External.criteria`" in err


def test_convert_refuses_a_contact_without_criteria(run: Run) -> None:
    """There is nothing to write."""
    code, out, err = run("convert", str(ROOT / "examples" / "contacts" / "no-criteria.json"), "--to", "dsl")

    assert (code, out) == (2, "")
    assert "no routing criteria" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "no-such-file.json"], "No such file or directory: no-such-file.json"),
        (["explain", CONTACT, "--roster", CONTACT], "expected a roster"),
        (["explain", ROSTER], "expected a contact or routing criteria, found a roster"),
        (["match", "A(b) => 3", "--roster", ROSTER], "hint: "),
        (["match", "A(b) >= 3", "--roster", "no\x1b[31m.json"], "no\\u001b[31m.json"),
        (["explain", CONTACT, "--now", "soon"], "epoch seconds"),
        (["explain"], "Missing argument 'CONTACT'"),
        (["explian", "x"], "No such command 'explian'"),
        (["convert", CONTACT, "--to", "yaml"], "'yaml' is not one of"),
    ],
)
def test_bad_input_ends_with_2_and_says_where(arguments: list[str], said: str, run: Run) -> None:
    """Nothing is on standard output, the place and the mend are on standard error."""
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert said in err


def test_aws_faults_end_with_3(run: Run, endpoint: Sandbox) -> None:
    """What the service refuses is no usage error, and the message says what to do."""
    code, out, err = run("explain", "00000000-0000-4000-8000-000000000404", *_ids(endpoint))

    assert (code, out) == (3, "")
    assert "24 months" in err


def test_the_demo_needs_nothing_of_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that does not exist, a broken configuration, a dead proxy: none of them matters."""
    monkeypatch.setenv("AWS_PROFILE", "nosuch")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(ROOT / "README.md"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    assert run("demo")[0] == 0


def test_a_finding_is_explained_as_json_and_into_a_file(run: Run, tmp_path: Path) -> None:
    """--format and --output hold for findings as for contacts."""
    file = tmp_path / "finding.json"
    _, out, _ = run("explain", "RI402", "--format", "json", "--output", str(file))

    assert out == ""
    assert json.loads(file.read_text(encoding="utf-8"))["id"] == "RI402"


def test_what_makes_no_sense_together_is_a_usage_error(run: Run, endpoint: Sandbox) -> None:
    """Standard input is read once, and a contact id has no flow actions."""
    for arguments in (["-", "--roster", "-"], [CONTACT_ID, *_ids(endpoint), "--action", "a"]):
        code, out, err = run("explain", *arguments)
        assert (code, out) == (2, "")
        assert err.startswith("Usage: ")


def test_usage_errors_cannot_drive_the_terminal(run: Run) -> None:
    """What the caller typed is shown escaped."""
    _, _, err = run("explain", CONTACT, "b", "\x1b[31m\u202ex")

    assert "\\u001b[31m\\u202ex" in err


@pytest.mark.parametrize("name", ["", "missing/answer.txt", "folder"])
def test_output_that_cannot_be_written_is_named(
    name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the file the caller named, and nothing is left lying about."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    code, out, err = run("explain", CONTACT, "--output", name)

    assert (code, out) == (2, "")
    assert name in err
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_output_to_a_pipe_is_written_to_the_pipe(run: Run, tmp_path: Path) -> None:
    """What is no regular file is not put out of its place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        code, _, _ = run("convert", CONTACT, "--to", "dsl", "--output", str(pipe))
        out, _ = reader.communicate()

    assert code == 0
    assert "[20 seconds]" in out
    assert pipe.is_fifo()


def test_output_to_dash_is_standard_output(run: Run) -> None:
    """As everywhere a file goes, `-` is the stream."""
    assert run("convert", CONTACT, "--to", "dsl", "--output", "-") == run("convert", CONTACT, "--to", "dsl")


def test_json_stays_json_whatever_the_encoding_lacks() -> None:
    """An escape in place of a character is one that JSON reads back."""
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    arguments = ["match", '"Dŵr"("😀") >= 1', "--roster", ROSTER, "--format", "json"]
    with _start(*arguments, env=environment) as process:
        out, _ = process.communicate()

    assert json.loads(out)["expression"] == 'Dŵr("😀") >= 1'


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_closed_streams_are_no_traceback(closed: str) -> None:
    """Without standard input `-` cannot be read; without standard output nothing is printed."""
    command = (
        f"{Path(sys.executable).parent / 'routing-inspect'} explain - {closed} </dev/null"
        if closed == ">&-"
        else (f"{Path(sys.executable).parent / 'routing-inspect'} explain - {closed}")
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith("error: ")


def test_an_interrupt_ends_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no answer of any kind."""

    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.cli, "main", interrupted)

    assert run("demo")[0] == 130


def _start(*arguments: str, **options: object) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).parent / "routing-inspect"), *arguments]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload, no-any-return]  # (which overload it is hangs on the options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("_credentials")
def test_sandbox_serves_until_interrupted(run: Run, number: int) -> None:
    """It prints its address, answers, and stops cleanly on Ctrl-C, or when a script stops it."""
    with _start("sandbox", str(ROOT / "examples" / "demo.json")) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        instance = SCENARIO["instance_id"]
        code, out, _ = run("explain", CONTACT_ID, "--instance-id", instance, "--endpoint-url", url)
        process.send_signal(number)
        stopped = process.wait(10)

    assert (code, stopped) == (0, 0)
    assert out.startswith("carys")


def test_a_sandbox_in_the_background_of_a_script_can_be_interrupted() -> None:
    """A shell starts it with interrupts ignored, and then means them."""
    program = Path(sys.executable).parent / "routing-inspect"
    command = f"trap '' INT; exec {program} sandbox {ROOT / 'examples' / 'demo.json'}"
    with subprocess.Popen(["bash", "-c", command], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)

        assert process.wait(10) == 0


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    """`| head -1` closes the pipe early; nothing is printed on standard error."""
    command = f"{Path(sys.executable).parent / 'routing-inspect'} explain {CONTACT} --verbose | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("arguments", [f"explain {CONTACT} -v", f"convert {CONTACT} --to dsl"])
def test_a_closed_pipe_ends_with_0(arguments: str) -> None:
    """The reader went away; nothing failed."""
    command = f"({Path(sys.executable).parent / 'routing-inspect'} {arguments}; echo $? >&2) | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert done.stderr == "0\n"


def test_a_terminal_without_the_letters_still_gets_an_answer() -> None:
    """Characters outside the stream's encoding are escaped, not fatal."""
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    with _start("match", "Dŵr(Cymraeg) >= 1", "--roster", ROSTER, env=environment) as process:
        out, err = process.communicate()

    assert (process.returncode, err) == (1, "")
    assert "D\\u0175r(Cymraeg) >= 1" in out


FLOWING = "language(French)>=4 and b(c) >= 1[30s]\r\na(b) >= 1 # last"
LAID_OUT = "language(French) >= 4 AND b(c) >= 1 [30 seconds]\na(b) >= 1 [never expires]  # last\n"


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    """Write a criteria with a loose layout, and a roster with the right one."""
    criteria, roster = tmp_path / "a.routing", tmp_path / "b.roster"
    criteria.write_bytes(FLOWING.encode())
    roster.write_bytes(b"ana: Language(French) 4\n")
    return criteria, roster


def test_fmt_writes_what_changes_and_nothing_else(run: Run, sources: tuple[Path, Path]) -> None:
    """A file is rewritten in its layout with its permissions; one that has it stays untouched."""
    criteria, roster = sources
    criteria.chmod(0o640)
    before = roster.stat()

    code, out, err = run("fmt", *map(str, sources))

    assert (code, out, err) == (0, "", f"wrote {criteria}\n")
    assert criteria.read_bytes().decode() == LAID_OUT
    assert criteria.stat().st_mode & 0o777 == 0o640
    assert (roster.stat().st_ino, roster.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert run("fmt", *map(str, sources)) == (0, "", "")


def test_fmt_follows_a_link(run: Run, sources: tuple[Path, Path], tmp_path: Path) -> None:
    """The file that a link leads to is rewritten; the link stays one."""
    link = tmp_path / "link.routing"
    link.symlink_to(sources[0])

    run("fmt", str(link))

    assert link.is_symlink()
    assert sources[0].read_bytes().decode() == LAID_OUT


def test_fmt_writes_none_where_one_cannot_be_read(
    run: Run, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    """All files are read before any is written; the error names its file and place."""
    broken = tmp_path / "c.routing"
    broken.write_text("A(b) => 3", encoding="utf-8")

    code, out, err = run("fmt", str(sources[0]), str(broken))

    assert (code, out) == (2, "")
    assert err.startswith(f"error: {broken}:1:6: ")
    assert sources[0].read_bytes().decode() == FLOWING


def test_fmt_check_names_the_files_that_would_change(run: Run, sources: tuple[Path, Path]) -> None:
    """1 where a file would change, 0 where none would; nothing is written."""
    assert run("fmt", "--check", *map(str, sources)) == (1, f"{sources[0]}\n", "")
    assert sources[0].read_bytes().decode() == FLOWING
    assert run("fmt", "--check", str(sources[1])) == (0, "", "")


def test_fmt_diff_shows_what_would_change(run: Run, sources: tuple[Path, Path]) -> None:
    """The difference is a unified diff, and nothing is written."""
    code, out, _ = run("fmt", "--diff", *map(str, sources))

    assert code == 1
    assert out.splitlines()[:2] == [f"--- {sources[0]}", f"+++ {sources[0]}"]
    assert "+a(b) >= 1 [never expires]  # last" in out
    assert sources[0].read_bytes().decode() == FLOWING
    assert run("fmt", "--diff", str(sources[1])) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "text", "printed"),
    [
        ([], FLOWING, LAID_OUT),
        ([], LAID_OUT, LAID_OUT),
        (["--stdin-filename", "teams/a.roster"], "ana:Language(French) 4", None),
        (["--stdin-filename", "teams/a.roster"], "ana : Language(French) 4", "ana: Language(French) 4\n"),
    ],
)
def test_fmt_prints_the_layout_of_standard_input(
    arguments: list[str], text: str, printed: str | None, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-` goes to standard output, changed or not; a name says what it is, and stands in errors."""
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(text.encode())))

    code, out, err = run("fmt", "-", *arguments)

    assert (code, out) == ((2, "") if printed is None else (0, printed))
    assert err.startswith("" if printed else "error: teams/a.roster:1:1")


def test_fmt_refuses_what_is_no_text(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON, another encoding and a file past the limit are refused; the mend is named."""
    file = tmp_path / "a.routing"
    said = {b"{}": "this is JSON", b"\xff": "save the file as UTF-8", b"#" * 99: "larger than"}
    monkeypatch.setattr(files, "MAX_BYTES", 90)

    for content, hint in said.items():
        file.write_bytes(content)
        code, out, err = run("fmt", str(file))
        assert (code, out) == (2, "")
        assert hint in err
        assert file.read_bytes() == content


def test_fmt_takes_folders(
    run: Run, sources: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder these are criteria and rosters as text, each once, in folders that are not hidden."""
    criteria, _ = sources
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("sub/c.ROUTING", "sub/d.roster", ".git/e.routing"):
        (tmp_path / name).write_bytes(b"a(b)>=1" if "roster" not in name else b"ana:  Language(French) 4")
    (tmp_path / "sub" / "x.json").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert run("fmt", "--check", ".") == (1, "a.routing\nsub/c.ROUTING\nsub/d.roster\n", "")
    assert run("fmt", ".", str(criteria))[::2] == (
        0,
        "wrote a.routing\nwrote sub/c.ROUTING\nwrote sub/d.roster\n",
    )
    assert run("fmt", "--check", ".", "sub") == (0, "", "")
    assert (tmp_path / ".git" / "e.routing").read_bytes() == b"a(b)>=1"


@pytest.mark.parametrize("form", ["text", "json"])
def test_match_says_whom_a_misspelled_name_may_mean(form: str, run: Run) -> None:
    """An attribute that nobody holds is named with its near miss; the exit code is as ever."""
    code, out, err = run("match", "claims(Flood Damage) >= 3", "--roster", ROSTER, "--format", form)

    assert (code, err) == (1, "")
    if form == "json":
        (finding,) = json.loads(out)["findings"]
        assert (finding["id"], finding["where"]) == ("RI401", "")
        assert finding["hint"].startswith("did you mean Claims(Flood damage), held by ")
    else:
        assert "  error RI401  no agent holds claims(Flood Damage) at any level\n" in out
        assert "did you mean Claims(Flood damage), held by " in out


def test_an_expression_is_converted_as_an_expression(run: Run, tmp_path: Path) -> None:
    """A bare expression stays one: no step and no expiry are put around it."""
    file = tmp_path / "expression.json"
    node = {"NotAttributeCondition": {"Name": "a", "Value": "b", "Range": {"MinProficiencyLevel": 1.0}}}
    file.write_text(json.dumps(node), encoding="utf-8")

    assert run("convert", str(file), "--to", "dsl")[1] == "NOT a(b) in 1..5\n"
    assert json.loads(run("convert", str(file), "--to", "api")[1]) == node


def test_what_has_no_form_on_the_wire_is_refused(run: Run, tmp_path: Path) -> None:
    """A part that is not understood cannot be negated there."""
    file = tmp_path / "expression.routing"
    file.write_text('NOT OPAQUE `{"XorExpression":[]}` [never expires]', encoding="utf-8")

    code, out, err = run("convert", str(file), "--to", "api")

    assert (code, out) == (2, "")
    assert "cannot be negated on the wire" in err


def test_an_expression_too_long_for_a_file_name_is_one(run: Run) -> None:
    """What the file system cannot name is no file."""
    code, out, _ = run("match", " AND ".join(["Language(Klingon) >= 1"] * 400), "--roster", ROSTER)

    assert code == 1
    assert out.startswith("0 of 6 agents match")


def test_without_click_the_command_says_what_it_needs() -> None:
    """The library alone is installed without the command line's packages."""
    program = "import sys; sys.modules['click'] = None; import routing_inspect.cli"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert (
        done.stderr == "routing-inspect: the command line needs click: pip install 'routing-inspect[cli]'\n"
    )


def test_an_agent_asked_about_by_a_slip_is_named(run: Run) -> None:
    """Nobody is left to wonder about an agent who does not exist: the nearest name is offered."""
    code, out, _ = run("explain", CONTACT, "--roster", ROSTER, "--agent", "fluur")

    assert code == 4
    assert "RI413  the roster has no agent `fluur`" in out
    assert "did you mean `fflur`?" in out


def test_a_fault_of_the_tool_ends_like_no_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 70, and the traceback for a report: 1 would say that the answer is no."""

    def broken(*_: object, **__: object) -> None:
        raise AssertionError("a bug")

    monkeypatch.setattr(files, "read_contact", broken)

    code, out, err = run("explain", CONTACT)

    assert (code, out) == (70, "")
    assert err.startswith("error: a fault of routing-inspect itself; please report it\nTraceback")


def test_choices_are_listed_without_escapes(run: Run) -> None:
    """Click sets them off with tabs."""
    _, _, err = run("convert", CONTACT)

    assert "Missing option '--to'. Choose from:\n  dsl,\n  api," in err


def test_convert_works_out_a_duration_from_a_recorded_expiry(run: Run, tmp_path: Path) -> None:
    """A step that expired at a recorded instant is not written as one that never does."""
    condition = {
        "Name": "L",
        "Value": "f",
        "ProficiencyLevel": 4,
        "ComparisonOperator": "NumberGreaterOrEqualTo",
    }
    step = {
        "Status": "EXPIRED",
        "Expiry": {"ExpiryTimestamp": "2026-11-17T02:00:30Z"},
        "Expression": {"AttributeCondition": condition},
    }
    file = tmp_path / "contact.json"
    said = []
    for activated in ({"ActivationTimestamp": "2026-11-17T02:00:00Z"}, {}):
        file.write_text(json.dumps({"Id": "c", "RoutingCriteria": {"Steps": [step], **activated}}), "utf-8")
        said.append([run("convert", str(file), "--to", form) for form in ("dsl", "api", "flow", "event")])

    assert said[0][0][:2] == (0, "L(f) >= 4 [30 seconds]\n")
    assert all('"DurationInSeconds": 30' in out for _, out, _ in said[0][1:3])
    assert [code for code, _, _ in said[1]] == [2, 2, 2, 0]
    assert all("step 1 records the instant at which it expires" in err for _, _, err in said[1][:3])
    assert '"expiryTimestamp": "2026-11-17T02:00:30.000Z"' in said[1][3][1]
