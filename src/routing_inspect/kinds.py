"""
What a file looks to be that is not what was asked for, and what takes it instead.

Asked only once reading has failed: what can be read is never second-guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias

from attrs import frozen

from routing_inspect import forms, roster_answers, roster_tables, text
from routing_inspect.document import JSON, MAX_BYTES, loads, show
from routing_inspect.errors import CriteriaSyntaxError, DocumentError, Problem
from routing_inspect.visible import visible
from routing_inspect.words import counted

# What a command can want of a file, in the words of its errors.
Wanted: TypeAlias = Literal[
    "a contact or routing criteria",
    "contacts",
    "an expression",
    "criteria as text",
    "a roster",
    "a roster as text",
    "a scenario of the sandbox",
    "predefined attributes",
    "a baseline",
    "a table of pseudonyms",
]

# Beyond this no text is tried as another kind; what people write by hand is far below.
_TRIED: Final = 1024 * 1024


@frozen
class Kind:
    """
    What a file can be.

    Attributes:
        noun: What to call it.
        hint: What takes it, or what to do with it.
        serves: For which wants it is right, so that the reader's own error says more.
    """

    noun: str
    hint: str
    serves: tuple[Wanted, ...] = ()


_EMPTY: Final = Kind("an empty file", "look at what was to write it: it may have failed, or still be writing")
_UTF16: Final = Kind(
    "text in UTF-16", "save it as UTF-8; in PowerShell, write it with `| Out-File -Encoding utf8`"
)
_BINARY: Final = Kind("a binary file", "give JSON, or text in UTF-8")
_GZIP: Final = Kind("a gzip file", "unpack it with `gunzip`; only `--events` reads gzip as it is")
_CASES: Final = Kind("a case file of tests", "`pytest` runs it, named `test_*.routing.yaml`")
_YAML: Final = Kind("YAML", "write it as JSON, or write criteria and rosters as text")
_TABLE: Final = Kind(
    "a table (CSV)", "no command reads such a table; one of agents begins `id,name,value,level`"
)
_LOG: Final = Kind("lines of a log", "cut the JSON document out of it, from its first `{` to its last `}`")
_ROSTER_HINT: Final = "`--roster` takes it, and `routing-inspect roster show` prints it"
_LINES_HINT: Final = (
    "`--events` takes records and events one a line; elsewhere save one document in a file of its own"
)
_CONTACT_HINT: Final = "`routing-inspect explain` takes it as its first argument"
_CRITERIA_HINT: Final = "`routing-inspect explain`, `lint`, `diff` and `convert` take it as an argument"
_ANSWER_HINT: Final = "give the documents that it was made from"

# The documents of this project by their schema, apart from its number; all others are answers.
_OWN: Final[Mapping[str, Kind]] = {
    "roster": Kind("a roster", _ROSTER_HINT, ("a roster", "predefined attributes")),
    "attributes": Kind(
        "predefined attributes", "`routing-inspect lint --attributes` takes it", ("predefined attributes",)
    ),
    "baseline": Kind("a baseline", "`routing-inspect lint --baseline` takes it", ("a baseline",)),
    "pseudonyms": Kind(
        "a table of pseudonyms",
        "`routing-inspect capture --pseudonym-table` takes it",
        ("a table of pseudonyms",),
    ),
}
# What the first bytes say; of what is no text, nothing else tells.
_SIGNATURES: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"\xff\xfe", _UTF16),
    (b"\xfe\xff", _UTF16),
    (b"\x1f\x8b", _GZIP),
    (b"PK\x03\x04", Kind("a ZIP file", "unpack it, and give the file that is meant")),
    (b"%PDF-", Kind("a PDF", "give the JSON or the text that it was made from")),
    (b"\x89PNG", Kind("a picture", _BINARY.hint)),
    (b"\xff\xd8\xff", Kind("a picture", _BINARY.hint)),
)
_TITLE: Final = re.compile(r"<title[^>]*+>([^<]{1,200})", re.IGNORECASE)
_TIME: Final = re.compile(r"[\[(]?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d")
_SECTION: Final = re.compile(r"^(?:---|[\w\"'-]+:[ \t]*(?:[|>][-+]?[ \t]*)?)$", re.MULTILINE)
_NESTED: Final = re.compile(r"^[ \t]*(?:- |[ \t]+[\w\"'-]+:(?:[ \t]|$))", re.MULTILINE)


def mistaken(data: bytes, wanted: Wanted) -> Problem | None:
    """
    Say what a file looks to be, where that is something else than what was wanted.

    Args:
        data: What it holds.
        wanted: What it should have been.

    Returns:
        A problem of the whole file; None where it looks like what was wanted, or like nothing known.
    """
    kind = _kind(data)
    if kind is None or wanted in kind.serves:
        return None
    return Problem("$", f"expected {wanted}, found {kind.noun}", _hint(kind, wanted))


def _hint(kind: Kind, wanted: Wanted) -> str:
    """Say what to do; where text was wanted, how to come by it."""
    match wanted:
        case "criteria as text" if "a contact or routing criteria" in kind.serves:
            return "`routing-inspect convert FILE --to dsl` writes its criteria as text"
        case "criteria as text" if "a roster as text" in kind.serves:
            return "name it with the ending `.roster`, or `--stdin-filename x.roster`: that says what it is"
        case "a roster as text" if "criteria as text" in kind.serves:
            return "name it with another ending than `.roster`, which says that it is a roster"
        case _:
            return kind.hint


def _kind(data: bytes) -> Kind | None:
    if len(data) > MAX_BYTES:
        return None
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return kind
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        return _EMPTY
    if data[:2].count(0) == 1:
        return _UTF16
    try:
        written = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _BINARY if b"\0" in data[:1024] else None
    if written.lstrip().startswith("<"):
        return _page(written)
    return _json(written) if written.lstrip().startswith(("{", "[")) else _text(written)


def _page(written: str) -> Kind:
    if written.lstrip().startswith("<?xml"):
        return Kind("XML", "give JSON: with the AWS CLI, `--output json`")
    title = _TITLE.search(written)
    named = "" if title is None else f", `{visible(' '.join(title[1].split()))}`"
    hint = "a page to sign in, or of an error, was saved in place of the answer: sign in, and fetch it again"
    return Kind(f"a web page{named}", hint)


# ---------------------------------------------------------------------------- JSON


def _json(written: str) -> Kind | None:
    try:
        return _document(loads(written))
    except DocumentError as error:
        cause = error.__cause__
        if not isinstance(cause, json.JSONDecodeError) or cause.msg != "Extra data":
            return None
    start = len(written) - len(written.lstrip())
    first, end = json.JSONDecoder().raw_decode(written, start)
    if not isinstance(first, dict) or not written[end:].lstrip().startswith("{"):
        return None
    if roster_answers.is_answer(first):
        return Kind("agents as the service lists them", _ROSTER_HINT, ("a roster",))
    return Kind("several JSON documents, one after the other", _LINES_HINT)


def _document(value: JSON) -> Kind | None:
    if isinstance(value, list):
        return _listed(value)
    schema = value.get("schema")
    if isinstance(schema, str) and schema.startswith("routing-inspect/"):
        name = schema.split("/")[1]
        return _OWN.get(name, Kind(f"an answer of this tool, {show(schema)}", _ANSWER_HINT))
    for recognises, kind in _DOCUMENTS:
        if recognises(value):
            return kind
    return None


def _listed(value: list[JSON]) -> Kind | None:
    """Say what a list is by its first element."""
    first = _document(value[0]) if value and isinstance(value[0], dict) else None
    if first is None:
        return None
    if first.noun == "a contact":
        hint = "`routing-inspect chain` takes the whole list; elsewhere give one element of it"
        return Kind(f"a list of {counted(len(value), 'contact')}", hint, ("contacts",))
    serves: tuple[Wanted, ...] = tuple(
        want for want in first.serves if want in {"a roster", "predefined attributes"}
    )
    return Kind(f"a list that begins with {first.noun}", first.hint, serves)


def _is_scenario(value: dict[str, Any]) -> bool:
    return "instance_id" in value and not value.keys().isdisjoint({"contacts", "users"})


def _is_event(value: dict[str, Any]) -> bool:
    return "EventType" in value and "AgentARN" in value


def _is_predefined(value: dict[str, Any]) -> bool:
    names = {"PredefinedAttributeSummaryList", "PredefinedAttribute", "PredefinedAttributes", "attributes"}
    return not value.keys().isdisjoint(names)


_DOCUMENTS: Final[tuple[tuple[Callable[[dict[str, Any]], bool], Kind], ...]] = (
    (lambda value: isinstance(value.get("agents"), list), _OWN["roster"]),
    (
        _is_scenario,
        Kind(
            "a scenario of the sandbox", "`routing-inspect sandbox` serves it", ("a scenario of the sandbox",)
        ),
    ),
    (
        roster_answers.is_answer,
        Kind("agents as the service lists them", _ROSTER_HINT, ("a roster",)),
    ),
    (_is_event, Kind("an agent event", "`--events` takes it")),
    (_is_predefined, _OWN["attributes"]),
    (forms.is_flow, Kind("a flow", _CRITERIA_HINT, ("a contact or routing criteria", "an expression"))),
    (
        forms.is_contact,
        Kind("a contact", _CONTACT_HINT, ("a contact or routing criteria", "contacts", "an expression")),
    ),
    (
        forms.is_known,
        # Of a criteria alone, who wants contacts says best what is missing.
        Kind(
            "routing criteria", _CRITERIA_HINT, ("a contact or routing criteria", "contacts", "an expression")
        ),
    ),
)

# ---------------------------------------------------------------------------- text


def _text(written: str) -> Kind | None:
    if roster_tables.is_roster_table(written):
        return Kind("a roster as a table (CSV)", _ROSTER_HINT, ("a roster",))
    lines = [line for line in written.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if lines and all(_TIME.match(line) for line in lines[:3]):
        return _LOG
    if _SECTION.search(written) is not None and _NESTED.search(written) is not None:
        return _CASES if re.search(r"^cases:", written, re.MULTILINE) else _YAML
    commas = {line.count(",") for line in lines[:3]}
    if len(lines) > 1 and len(commas) == 1 and commas != {0} and not {"(", ":"} & set(lines[0]):
        return _TABLE
    return _in_our_language(written) if len(written) <= _TRIED else None


def _in_our_language(written: str) -> Kind | None:
    """Say whether text is a roster or a criteria that can be read whole."""
    try:
        text.parse_criteria(written)
    except CriteriaSyntaxError:
        pass
    else:
        return Kind(
            "routing criteria as text",
            _CRITERIA_HINT,
            ("a contact or routing criteria", "an expression", "criteria as text"),
        )
    try:
        agents = text.parse_roster(written).agents
    except CriteriaSyntaxError:
        return None
    return Kind("a roster as text", _ROSTER_HINT, ("a roster", "a roster as text")) if agents else None
