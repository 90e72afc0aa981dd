"""
Every fault that a call can meet, and what becomes of it: the same answer, or an error of ours.

The rows below are the whole matrix. Run as a script, this writes them into docs/faults.md.
"""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import botocore.endpoint
import pytest
from attrs import field, frozen
from botocore.config import Config

import aws_paths
from routing_inspect import aws
from routing_inspect.contact import Contact, Roster
from routing_inspect.errors import DocumentError, RoutingInspectError, ServiceError
from routing_inspect.sandbox import Sandbox

PAGE = Path(__file__).resolve().parents[1] / "docs" / "faults.md"
INSTANCE = "11111111-1111-4111-8111-111111111111"
CONTACT = "22222222-2222-4222-8222-222222222222"
AGENT = "33333333-3333-4333-8333-333333333333"
NUMBER = "+442079460958"
NOW = datetime(2026, 11, 17, 3, tzinfo=UTC)
SAME = "the same answer"
HEAD = "| what goes wrong | what becomes of it | code | message |\n| --- | --- | --- | --- |\n"
HTML = "<html><body>Please sign in</body></html>"


def _condition(name: str, **bound: Any) -> dict[str, Any]:
    return {"Name": "Claims", "Value": name, **bound}


CONTACT_ANSWER: dict[str, dict[str, Any]] = {
    "Contact": {
        "Id": CONTACT,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": 1794881621.012,
        "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": NUMBER},
        "AgentInfo": {"Id": AGENT, "ConnectedToAgentTimestamp": 1794881718.9},
        "RoutingCriteria": {
            "ActivationTimestamp": 1794881647.25,
            "Index": 0,
            "Steps": [
                {
                    "Expression": {
                        "AndExpression": [
                            {
                                "AttributeCondition": _condition(
                                    "Crue (région)",
                                    ProficiencyLevel=4.0,
                                    ComparisonOperator="NumberGreaterOrEqualTo",
                                )
                            },
                            {
                                "NotAttributeCondition": _condition(
                                    "Fire",
                                    Range={"MinProficiencyLevel": 1.0, "MaxProficiencyLevel": 5.0},
                                    ComparisonOperator="Range",
                                )
                            },
                        ]
                    },
                    "Expiry": {"DurationInSeconds": 40},
                    "Status": "JOINED",
                }
            ],
        },
    }
}
LEVELS_ANSWER = {
    "UserProficiencyList": [
        {"AttributeName": "Claims", "AttributeValue": value, "Level": level}
        for value, level in (
            ("Crue (région)", 4.0),
            ("Fire", 2.5),
            ("Theft", 1.0),
            ("Storm", 3.0),
            ("Glass", 5.0),
        )
    ],
    "LastModifiedTime": 1794000000.5,
}
# Two rows a page, so that the list takes three calls.
SCENARIO = {
    "instance_id": INSTANCE,
    "page_size": 2,
    "contacts": [{"Id": CONTACT, "raw_text": json.dumps(CONTACT_ANSWER, ensure_ascii=False)}],
    "users": [
        {
            "Id": AGENT,
            "Username": "carys",
            "Proficiencies": LEVELS_ANSWER["UserProficiencyList"],
            "ProficienciesLastModifiedTime": LEVELS_ANSWER["LastModifiedTime"],
        }
    ],
}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "DescribeContact": CONTACT_ANSWER,
    "ListUserProficiencies": LEVELS_ANSWER,
}
# How a message about each of the two differs.
WORDS = {
    "DescribeContact": {
        "operation": "DescribeContact",
        "subject": CONTACT,
        "list": "Contact",
        "level": (
            "$.Contact.RoutingCriteria.Steps[0].Expression.AndExpression[0].AttributeCondition.ProficiencyLevel"
        ),
        "time": "$.Contact.RoutingCriteria.ActivationTimestamp",
    },
    "ListUserProficiencies": {
        "operation": "ListUserProficiencies",
        "subject": AGENT,
        "list": "list UserProficiencyList",
        "level": "$.UserProficiencyList[0].Level",
        "time": "$.LastModifiedTime",
    },
}
DAMAGED = "ServiceError: {operation} gave no whole answer in 4 tries: "
UNREADABLE = "DocumentError: {operation} of {subject}: "


@frozen
class Row:
    """
    One fault and what becomes of it.

    Attributes:
        fault: What the sandbox does, or how the true answer is changed.
        calls: Which calls it befalls.
        becomes: What a caller gets; words in braces differ between the two operations.
        contact: The same, for DescribeContact alone; the fault makes no sense elsewhere.
        agents: The same, for ListUserProficiencies alone.
        attempts: How often botocore tries.
        read_timeout: How long a caller's own client waits, in seconds; None: one of `aws.connect`.
    """

    name: str
    fault: Mapping[str, Any] | Callable[[str], str | Mapping[str, Any]]
    becomes: str | None = None
    calls: Any = field(default="all", kw_only=True)
    contact: str | None = field(default=None, kw_only=True)
    agents: str | None = field(default=None, kw_only=True)
    attempts: int = field(default=3, kw_only=True)
    read_timeout: float | None = field(default=None, kw_only=True)

    def outcome(self, operation: str) -> str | None:
        """Say what is expected of an operation; None where the fault makes no sense."""
        alone = {"DescribeContact": self.contact, "ListUserProficiencies": self.agents}[operation]
        expected = self.becomes if alone is None else alone
        return None if expected is None else expected.format_map(WORDS[operation])


def _instead(pattern: str, replacement: str) -> Callable[[str], str]:
    return lambda body: re.sub(pattern, replacement, body, count=1)


def _level(text: str) -> Callable[[str], str]:
    return _instead(r'Level": [\d.]+', f'Level": {text}')


def _time(text: str) -> Callable[[str], str]:
    return _instead(r'"(ActivationTimestamp|LastModifiedTime)": [\d.]+', rf'"\1": {text}')


def _nested(body: str) -> str:
    deep = '{"AndExpression": [' * 10_000 + "]}" * 10_000
    return re.sub(r'(?s)"(Expression|UserProficiencyList)": .*', rf'"\1": {deep}', body)


def _compressed(body: str) -> Mapping[str, Any]:
    packed = gzip.compress(body.encode(), mtime=0).decode("utf-8", "surrogateescape")
    return {"body": packed, "headers": {"Content-Encoding": "gzip"}}


def _error(code: str, status: int | None = None, message: str = "so it is") -> dict[str, Any]:
    return {"error": code, "message": message} | ({} if status is None else {"status": status})


def _page(**members: Any) -> dict[str, Any]:
    return {"body": json.dumps(members)}


THROTTLED = _error("ThrottlingException")
WEB_PAGE = {"body": HTML, "content_type": "text/html"}
INTERNAL = _error("InternalServiceException")
NO_ERROR = "ServiceError: {operation} was answered with an HTTP status of %d, and no error of the service"
CLOSED = "ServiceError: {operation} got no answer: ENDPOINT ended the connection before it had answered"
FAILED = "ServiceError: {operation} failed with %s: so it is"

ROWS = (
    Row("throttled, every second call", THROTTLED, SAME, calls={"every": 2}, read_timeout=20),
    Row("throttled, the first 3 calls", THROTTLED, SAME, calls={"first": 3}, attempts=4, read_timeout=20),
    Row(
        "throttled, always",
        THROTTLED,
        FAILED % "ThrottlingException" + " (tried 2 times)",
        attempts=2,
        read_timeout=20,
    ),
    Row("throttled with status 503, once", THROTTLED | {"status": 503}, SAME, calls=[1], read_timeout=20),
    Row("500, once", INTERNAL, SAME, calls=[1]),
    Row("500, always", INTERNAL, FAILED % "InternalServiceException" + " (tried 3 times)"),
    Row("500 with a web page", {"body": HTML, "status": 500}, NO_ERROR % 500 + " (tried 3 times)"),
    Row("500 with a JSON list, once", {"body": "[1]", "status": 500}, SAME, calls=[1]),
    Row(
        "500 with a JSON list, always",
        {"body": "[1]", "status": 500},
        DAMAGED + "a status of 500 with a body that nobody can read",
    ),
    Row("502 with an empty body", {"body": "", "status": 502}, NO_ERROR % 502 + " (tried 3 times)"),
    Row("503, once", _error("ServiceUnavailable", 503), SAME, calls=[1]),
    Row("503, always", _error("ServiceUnavailable", 503), FAILED % "ServiceUnavailable" + " (tried 3 times)"),
    Row("504 with a web page, once", {"body": HTML, "status": 504}, SAME, calls=[1]),
    Row("504 with a web page, always", {"body": HTML, "status": 504}, NO_ERROR % 504 + " (tried 3 times)"),
    Row("connection reset, once", {"cut": True}, SAME, calls=[1]),
    Row("connection reset, always", {"cut": True}, CLOSED),
    Row("connection closed without a byte, once", {"close": True}, SAME, calls=[1]),
    Row("connection closed without a byte, always", {"close": True}, CLOSED),
    Row("body cut on its way, once", {"truncate": 60}, SAME, calls=[1]),
    Row(
        "body cut on its way, always",
        {"truncate": 60},
        contact=DAMAGED + "it was cut short, 60 of 813 bytes",
        agents=DAMAGED + "it was cut short, 60 of 260 bytes",
    ),
    Row("body cut, with a length that fits, once", {"truncate_quietly": 60}, SAME, calls=[1]),
    Row(
        "body cut, with a length that fits, always",
        {"truncate_quietly": 60},
        contact=DAMAGED + "it is not JSON from character 59 on",
        agents=DAMAGED + "it is not JSON from character 53 on",
    ),
    Row(
        "body cut after its first byte",
        {"truncate_quietly": 1},
        DAMAGED + "it is not JSON from character 1 on",
    ),
    Row("200 with an empty body, once", {"body": ""}, SAME, calls=[1]),
    Row("200 with an empty body, always", {"body": ""}, DAMAGED + "it is empty"),
    Row("200 with `{}`, once", {"body": "{}"}, SAME, calls=[1]),
    Row("200 with `{}`, always", {"body": "{}"}, DAMAGED + "it has no {list}"),
    Row("200 with `null`", {"body": "null"}, DAMAGED + "it is no object"),
    Row("200 with a list", {"body": "[{}]"}, DAMAGED + "it is no object"),
    Row("200 with a web page, once", {"body": HTML, "content_type": "text/html"}, SAME, calls=[1]),
    Row(
        "200 with a web page, always",
        {"body": HTML, "content_type": "text/html"},
        DAMAGED + "it is a web page",
    ),
    Row("204 without a body", {"body": "", "status": 204}, DAMAGED + "it is empty"),
    Row("302 to a sign-in page", {"body": HTML, "status": 302, "headers": {"Location": "/"}}, NO_ERROR % 302),
    Row(
        "malformed JSON",
        _instead("}$", "],"),
        contact=DAMAGED + "it is not JSON from character 811 on",
        agents=DAMAGED + "it is not JSON from character 415 on",
    ),
    Row(
        "JSON with something behind it",
        lambda body: body + HTML,
        contact=DAMAGED + "it is not JSON from character 812 on",
        agents=DAMAGED + "it is not JSON from character 416 on",
    ),
    Row("a byte order mark before the JSON", lambda body: "\ufeff" + body, SAME),
    Row(
        "a Latin-1 byte",
        _instead("é", "\udce9"),
        contact=DAMAGED + "it is not UTF-8 at byte 504",
        agents=DAMAGED + "it is not UTF-8 at byte 79",
    ),
    Row(
        "UTF-16",
        lambda body: body.encode("utf-16").decode("utf-8", "surrogateescape"),
        DAMAGED + "it is not UTF-8 at byte 0",
    ),
    Row(
        "compressed, which nobody asked for",
        _compressed,
        DAMAGED + "it is encoded as `gzip`, which was not asked for",
    ),
    Row("NaN for a level", _level("NaN"), UNREADABLE + "{level}: `nan` is not a number JSON knows"),
    Row("1e400 for a level", _level("1e400"), UNREADABLE + "{level}: too large a number"),
    Row("5,000 digits for a level", _level("9" * 5000), UNREADABLE + "$: holds a number too long to read"),
    Row("a list for a level", _level("[4]"), UNREADABLE + "{level}: expected a number, found a list"),
    Row("a word for a level", _level('"four"'), UNREADABLE + '{level}: expected a number, found `"four"`'),
    Row("`true` for a level", _level("true"), UNREADABLE + "{level}: expected a number, found `true`"),
    Row("text for a level, but of a number", _instead(r'(Level": )([\d.]+)', r'\1"\2"'), SAME),
    Row(
        "a level twice in one object",
        _instead('("(Proficiency)?Level": )', r"\g<1>1, \g<1>"),
        UNREADABLE + "{level}: occurs more than once in one object",
    ),
    Row("nested 20,000 deep", _nested, UNREADABLE + "$: nested more than 200 levels deep"),
    Row("a word for a time", _time('"soon"'), UNREADABLE + '{time}: expected a time, found `"soon"`'),
    Row(
        "a time without a zone",
        _time('"2026-11-17T02:14:07"'),
        UNREADABLE + '{time}: the time `"2026-11-17T02:14:07"` has no time zone',
    ),
    Row("a time beyond all time", _time("1e300"), UNREADABLE + "{time}: expected a time, found `1e+300`"),
    Row(
        "another contact",
        _instead(CONTACT, INSTANCE),
        contact=DAMAGED + "it is about another contact than the one asked for",
    ),
    Row("`Contact` is null", lambda _: '{"Contact": null}', contact=DAMAGED + "it has no Contact"),
    Row("`Contact` is a list", lambda _: '{"Contact": []}', contact=DAMAGED + "it has no Contact"),
    Row(
        "`Steps` is text",
        _instead(r'"Steps": .*', '"Steps": "none"}}}'),
        contact=UNREADABLE + '$.Contact.RoutingCriteria.Steps: expected a list of steps, found `"none"`',
    ),
    Row(
        "`Steps` holds null",
        _instead(r"\[{", "[null, {"),
        contact=UNREADABLE + "$.Contact.RoutingCriteria.Steps[0]: expected a step object, found `null`",
    ),
    Row(
        "`Expression` is a list",
        _instead(r'"Expression": {', '"Expression": [], "Other": {'),
        contact=(
            UNREADABLE
            + "$.Contact.RoutingCriteria.Steps[0].Expression: expected an expression object, found a list"
        ),
    ),
    Row("the list is null", _page(UserProficiencyList=None), agents=DAMAGED + "it has no {list}"),
    Row(
        "a row is null",
        _instead(r"\[{", "[null, {"),
        agents=UNREADABLE + "$.UserProficiencyList[0]: expected a proficiency, found `null`",
    ),
    Row(
        "a row lacks its level",
        _instead(r', "Level": [\d.]+', ""),
        agents=UNREADABLE + "$.UserProficiencyList[0]: expected a proficiency, found an object",
    ),
    Row(
        "a row comes twice",
        _instead(r"({[^{}]*}),", r"\1, \1,"),
        agents=UNREADABLE + "$.UserProficiencyList[1]: Claims(Crue (région)) is given twice",
    ),
    Row("second page without its list, once", {"body": "{}"}, calls=[2], agents=SAME),
    Row(
        "second page without its list, always",
        _page(NextToken="a"),
        calls=[2, 3, 4, 5],
        agents=DAMAGED + "it has no {list}",
    ),
    Row("second page throttled", THROTTLED, calls=[2], agents=SAME, read_timeout=20),
    Row("second page reset", {"cut": True}, calls=[2], agents=SAME),
    Row("second page cut short", {"truncate": 60}, calls=[2], agents=SAME),
    Row(
        "second page denied",
        _error("AccessDeniedException"),
        calls=[2],
        agents="finding RI606: not allowed to call {operation}: so it is",
    ),
    Row(
        "the same NextToken again and again",
        _page(UserProficiencyList=[], NextToken="a"),
        agents="ServiceError: {operation} leads back to a page it gave before",
    ),
    Row(
        "a number for NextToken",
        _page(UserProficiencyList=[], NextToken=5),
        agents=DAMAGED + "its NextToken is no string",
    ),
    Row("an answer 0.3 s late", {"delay_seconds": 0.3}, SAME, calls=[1]),
    Row(
        "an answer later than the client waits, once", {"delay_seconds": 1}, SAME, calls=[1], read_timeout=0.4
    ),
    Row(
        "an answer too late for the client, always",
        {"delay_seconds": 3600},
        "ServiceError: {operation} got no answer: ENDPOINT did not answer in 0.2 s",
        read_timeout=0.2,
        attempts=2,
    ),
    Row("an answer that trickles in, byte by byte", {"trickle_seconds": 0.3}, SAME, calls=[1]),
    Row(
        "64 MiB of blanks behind the JSON",
        lambda body: body + " " * 2**26,
        UNREADABLE + "$: larger than 64 MiB",
    ),
    Row(
        "access denied",
        _error("AccessDeniedException"),
        contact="ServiceError: not allowed to call {operation}: so it is",
        agents="finding RI606: not allowed to call {operation}: so it is",
    ),
    Row(
        "not found",
        _error("ResourceNotFoundException"),
        contact=f"ServiceError: {{operation}} finds no {{subject}} in instance {INSTANCE}, region eu-west-2",
        agents=f"finding RI606: {{operation}} finds no {{subject}} in instance {INSTANCE}, region eu-west-2",
    ),
    Row("a parameter refused", _error("InvalidParameterException"), FAILED % "InvalidParameterException"),
    Row("a request refused", _error("InvalidRequestException"), FAILED % "InvalidRequestException"),
    Row("expired token", _error("ExpiredTokenException", 403), FAILED % "ExpiredTokenException"),
    Row("unknown key", _error("UnrecognizedClientException", 403), FAILED % "UnrecognizedClientException"),
    Row("wrong signature", _error("InvalidSignatureException", 403), FAILED % "InvalidSignatureException"),
    Row("403 with a web page", {"body": HTML, "status": 403}, NO_ERROR % 403),
    Row("404 with a web page", {"body": HTML, "status": 404}, NO_ERROR % 404),
    Row("407 of a proxy", {"body": HTML, "status": 407}, NO_ERROR % 407),
    Row(
        "an error nobody knows, with control characters",
        _error("SomethingNew", 418, "\u202eape \x1b[31m"),
        "ServiceError: {operation} failed with SomethingNew: \\u202eape \\u001b[31m",
    ),
)


class _NoWait:
    """In place of the module `time` in botocore: tries follow each other at once."""

    @staticmethod
    def sleep(_: float) -> None:
        """Wait no time at all."""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch, _no_pauses: None) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", _NoWait)


@pytest.fixture(scope="module", name="session")
def _session() -> boto3.Session:
    return aws_paths.session()


@pytest.fixture(scope="module")
def truth(session: boto3.Session) -> Mapping[str, Contact | Roster]:
    """Give what each operation answers where nothing goes wrong."""
    with (
        Sandbox(SCENARIO) as sandbox,
        closing(aws.connect(session=session, endpoint_url=sandbox.url)) as client,
    ):
        return {operation: _ask(client, operation) for operation in WORDS}


class _RefusedError(RoutingInspectError):
    """A finding in place of levels."""


def _ask(client: Any, operation: str) -> Contact | Roster:
    if operation == "DescribeContact":
        return aws.describe_contact(client, instance_id=INSTANCE, contact_id=CONTACT)
    roster, findings = aws.fetch_agents(client, instance_id=INSTANCE, agent_ids=[AGENT], now=NOW)
    if findings:
        # What was refused is unknown, and a finding says so.
        assert roster.agents[0].proficiencies is None
        raise _RefusedError(findings[0].message, hint=findings[0].hint)
    return roster


KINDS = {DocumentError: "DocumentError", ServiceError: "ServiceError", _RefusedError: "finding RI606"}


def _client(session: boto3.Session, url: str, row: Row) -> Any:
    if row.read_timeout is None:
        return aws.connect(session=session, endpoint_url=url, attempts=row.attempts)
    retries: Any = {"mode": "standard", "total_max_attempts": row.attempts}
    config = Config(read_timeout=row.read_timeout, retries=retries)
    return session.client("connect", endpoint_url=url, config=config)


def _scenario(row: Row, operation: str) -> dict[str, Any]:
    action = row.fault
    if callable(action):
        spoiled = action(json.dumps(ANSWERS[operation], ensure_ascii=False))
        action = {"body": spoiled} if isinstance(spoiled, str) else spoiled
    return {**SCENARIO, "faults": [{"operation": operation, "calls": row.calls, "fault": action}]}


def _outcome(session: boto3.Session, row: Row, operation: str) -> tuple[Contact | Roster | None, str]:
    """Let one fault happen, and say what a caller gets: an answer, or an error in words."""
    with (
        Sandbox(_scenario(row, operation)) as sandbox,
        closing(_client(session, sandbox.url, row)) as client,
    ):
        try:
            return _ask(client, operation), SAME
        except RoutingInspectError as error:
            told = str(error).replace(sandbox.url.removeprefix("http://"), "ENDPOINT")
            return None, f"{KINDS[type(error)]}: {told}"


@pytest.mark.parametrize(
    ("row", "operation"),
    [
        pytest.param(row, operation, id=f"{row.name}-{operation}")
        for row in ROWS
        for operation in WORDS
        if row.outcome(operation) is not None
    ],
)
def test_every_fault_gives_the_same_answer_or_our_own_error(
    session: boto3.Session, truth: Mapping[str, Contact | Roster], row: Row, operation: str
) -> None:
    """No fault passes in silence, no exception of another library comes out, and nothing personal is told."""
    found, told = _outcome(session, row, operation)

    assert told.split("\n", maxsplit=1)[0] == row.outcome(operation)
    assert found == (truth[operation] if told == SAME else None)
    assert "\n  hint: " in told or told.startswith((SAME, "DocumentError"))
    assert NUMBER not in told


def _table() -> str:
    """Write the rows as they stand in the documentation."""
    lines = []
    for row in ROWS:
        told = next(told for operation in WORDS if (told := row.outcome(operation)) is not None)
        kind, _, message = told.partition(": ")
        code = {"DocumentError": "2", "ServiceError": "3"}.get(kind, "")
        cells = (row.name, f"`{kind}`" if code else kind, code, message)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(lines)


def _refreshed(page: str) -> str:
    start = page.index(HEAD) + len(HEAD)
    return page[:start] + _table()


def test_the_page_shows_the_matrix() -> None:
    """The table in docs/faults.md is these rows; `python tests/test_faults.py` writes it anew."""
    page = PAGE.read_text(encoding="utf-8")

    assert _refreshed(page) == page


# ---------------------------------------------------------------------------- through the command line

PROGRAMS = Path(sys.executable).parent


def _environment(**more: str) -> dict[str, str]:
    nobody = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-west-2"}
    return {**os.environ, **nobody, "NO_COLOR": "1", "AWS_PAGER": "", **more}


def _explain(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user would."""
    asked = [CONTACT, "--instance-id", INSTANCE, "--endpoint-url", url, "--now", "2026-11-17T03:00:00Z"]
    return subprocess.run(
        [str(PROGRAMS / "routing-inspect"), "explain", *asked, *arguments],
        env=_environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def _explained(row: Row, *arguments: str) -> subprocess.CompletedProcess[str]:
    with Sandbox(_scenario(row, "DescribeContact")) as sandbox:
        return _explain(sandbox.url, *arguments)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "code", "mend"),
    [
        (WEB_PAGE, 3, "something on the way, such as a proxy, changes the answers"),
        (_error("ResourceNotFoundException"), 3, "contacts are kept for 24 months"),
        (_level("NaN"), 2, "ProficiencyLevel: "),
    ],
)
def test_the_program_fails_with_a_mend_and_prints_nothing(fault: Any, code: int, mend: str) -> None:
    """Nothing partial is printed: exit code 3 for the service and the way there, 2 for a bad document."""
    done = _explained(Row("", fault))

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("error: ")
    assert mend in done.stderr
    assert "Traceback" not in done.stderr
    assert NUMBER not in done.stderr


@pytest.mark.slow
def test_the_program_gets_the_same_answer_through_a_fault() -> None:
    """A fault that passes leaves no trace in the explanation, and a personal number never gets into it."""
    plain = _explained(Row("", {"cut": True}, calls=[100]), "--format", "json")
    faulty = _explained(Row("", {"truncate": 60}, calls=[1]), "--format", "json")

    assert plain.returncode == faulty.returncode
    assert plain.stdout == faulty.stdout
    assert json.loads(plain.stdout)["contact"]["id"] == CONTACT
    assert NUMBER not in plain.stdout


@pytest.mark.slow
def test_the_aws_command_line_reads_from_the_sandbox_command(tmp_path: Path) -> None:
    """The unmodified AWS CLI reads a contact from `routing-inspect sandbox`, which an interrupt ends."""
    scenario = tmp_path / "scenario.json"
    contact = {**CONTACT_ANSWER["Contact"], "Attributes": {"policy": "1"}}
    scenario.write_text(json.dumps({**SCENARIO, "contacts": [contact]}), encoding="utf-8")
    serving = [str(PROGRAMS / "routing-inspect"), "sandbox", str(scenario)]
    with subprocess.Popen(serving, env=_environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        asked = ["connect", "describe-contact", "--instance-id", INSTANCE, "--contact-id", CONTACT]
        done = subprocess.run(
            [str(PROGRAMS / "aws"), "--endpoint-url", url, *asked],
            env=_environment(),
            capture_output=True,
            check=False,
        )
        process.send_signal(signal.SIGINT)

        assert process.stdout.read() == ""
    assert process.returncode == 0
    steps = json.loads(done.stdout)["Contact"]["RoutingCriteria"]["Steps"]
    assert steps == CONTACT_ANSWER["Contact"]["RoutingCriteria"]["Steps"]


if __name__ == "__main__":
    import test_fault_paths

    PAGE.write_text(_refreshed(test_fault_paths.written()), encoding="utf-8")
