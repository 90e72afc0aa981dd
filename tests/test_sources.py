"""What there is to lint in a file, and where its steps and conditions stand."""

import json
from pathlib import Path
from typing import Any

import pytest

from routing_inspect import sources
from routing_inspect.contact import Contact
from routing_inspect.placed import unit_spans
from routing_inspect.sources import Part, Source, read_source, unreadable

ROOT = Path(__file__).resolve().parents[1]


def _leaf(level: float = 3, name: str = "A") -> dict[str, Any]:
    payload = {"Name": name, "Value": "b", "ProficiencyLevel": level}
    return {"AttributeCondition": {**payload, "ComparisonOperator": "NumberGreaterOrEqualTo"}}


def _steps(*expressions: Any) -> dict[str, Any]:
    return {"Steps": [{"Expression": expression} for expression in expressions]}


def _read(name: str, document: Any, *, is_named: bool = True) -> Source:
    text = document if isinstance(document, str) else json.dumps(document)
    return read_source(name, text.encode("utf-8"), is_named=is_named)


def _at(source: Source, part: Part, unit: int = 0) -> str:
    span = unit_spans([(source.units[unit], part)])[0]
    assert span is not None
    return source.text[slice(*span)]


TEXT = """# first
A(b) >= 3 AND NOT (C(d) >= 1 OR
  NOT "e"(f) in 2..4) [30 seconds]
agent in (x, "y z") OR agent in () OR MIXED (A(b), OPAQUE `{}`)
"""


@pytest.mark.parametrize(
    ("part", "written"),
    [
        ((1, None), TEXT[8 : TEXT.index("agent")].rstrip()),
        ((1, ()), TEXT[8 : TEXT.index(") [30")]),
        ((1, (0,)), "A(b) >= 3"),
        ((1, (1,)), 'NOT (C(d) >= 1 OR\n  NOT "e"(f) in 2..4'),
        ((1, (1, 0)), 'C(d) >= 1 OR\n  NOT "e"(f) in 2..4'),
        ((1, (1, 0, 1)), 'NOT "e"(f) in 2..4'),
        ((1, (1, 0, 1, 0)), '"e"(f) in 2..4'),
        ((2, (0,)), 'agent in (x, "y z")'),
        ((2, (1,)), "agent in ()"),
        ((2, (2, 1)), "OPAQUE `{}`"),
        ((2, None), TEXT[TEXT.index("agent") :].rstrip()),
        ((None, None), TEXT[8:].rstrip()),
    ],
)
def test_parts_of_text(part: Part, written: str) -> None:
    """A step, a group and a condition stand where they are written, the file's first bytes apart."""
    source = _read("a.routing", "\ufeff" + TEXT)

    assert _at(source, part) == written
    assert [source.text[slice(*span)] for span in source.comments] == ["# first"]


def test_parts_of_an_expression_alone() -> None:
    """An expression without an expiry is one step."""
    source = _read("a.routing", "A(b) >= 3 OR C(d)")

    assert [_at(source, part) for part in ((1, None), (1, (1,)))] == ["A(b) >= 3 OR C(d)", "C(d)"]


CRITERIA = _steps(
    {
        "AndExpression": [
            _leaf(),
            {"OrExpression": [{"NotAttributeCondition": _leaf()["AttributeCondition"]}]},
        ]
    },
    {"OrExpression": [_leaf(4)], "AttributeCondition": _leaf(5)["AttributeCondition"]},
    {"Unknown": 1},
    {},
)


@pytest.mark.parametrize(
    ("part", "begins"),
    [
        ((1, None), '{"Expression": {"AndExpression"'),
        ((1, ()), '"AndExpression": [{"Attr'),
        ((1, (0,)), '"AttributeCondition": {"Name"'),
        ((1, (1,)), '"OrExpression": [{"Not'),
        ((1, (1, 0)), '"NotAttributeCondition"'),
        ((1, (1, 0, 0)), '"NotAttributeCondition"'),
        ((2, ()), '"Expression": {"OrExpression"'),
        ((2, (0,)), '"OrExpression": [{'),
        ((2, (0, 0)), '"AttributeCondition": {"Name": "A", "Value": "b", "ProficiencyLevel": 4'),
        ((2, (1,)), '"AttributeCondition": {"Name": "A", "Value": "b", "ProficiencyLevel": 5'),
        ((3, ()), '"Expression": {"Unknown"'),
        ((4, (0,)), '"Expression": {}'),
        ((9, None), '{"Steps"'),
        ((None, None), '{"Steps"'),
    ],
)
def test_parts_of_json(part: Part, begins: str) -> None:
    """A condition stands from the member that it is, the way down being the one its reader goes."""
    assert _at(_read("a.json", CRITERIA), part).startswith(begins)


def test_a_step_without_an_expression_stands_as_a_step() -> None:
    """Where there is no expression to point at, the step is."""
    source = _read("a.json", {"Steps": [{"Expression": _leaf()}, {"Expiry": {}}]})

    assert _at(source, (2, ())) == '{"Expiry": {}}'


FLOW = {
    "Actions": [
        {
            "Identifier": "one",
            "Type": "UpdateContactRoutingCriteria",
            "Parameters": {"RoutingCriteria": CRITERIA},
        },
        {"Identifier": "talk", "Type": "MessageParticipant", "Parameters": {}},
        {
            "Identifier": "two",
            "Type": "UpdateContactRoutingCriteria",
            "Parameters": {"RoutingCriteria": "$.External.c"},
        },
        {
            "Identifier": "three",
            "Type": "UpdateContactRoutingCriteria",
            "Parameters": {"RoutingCriteria": {}},
        },
    ]
}
CONTACT = {"Id": "c", "Channel": "VOICE", "RoutingCriteria": {**_steps(_leaf()), "Index": 0}}
ROW = {
    "contact_id": "c",
    "routing_criteria": [{"steps": [{"expression": json.dumps(_leaf()), "status": "ACTIVE"}], "index": 0}],
}


@pytest.mark.parametrize(
    ("document", "units"),
    [
        (CRITERIA, [("", 4)]),
        (FLOW, [("one", 4), ("two", 0), ("three", 0)]),
        ({"ContactFlow": {"Content": json.dumps(FLOW)}}, [("one", 4), ("two", 0), ("three", 0)]),
        ({"Resources": {"F": {"Content": json.dumps(FLOW)}}}, [("one", 4), ("two", 0), ("three", 0)]),
        (FLOW["Actions"][0], [("", 4)]),
        (_leaf(), [("", 1)]),
        ({"Contact": CONTACT}, [("", 1)]),
        ({"Contacts": [CONTACT, CONTACT]}, [("c", 1), ("c", 1)]),
        ([FLOW, [FLOW]], [("one", 4), ("two", 0), ("three", 0)] * 2),
        (json.dumps(json.dumps({"RoutingCriteria": CRITERIA})), [("", 4)]),
        ([CRITERIA, CONTACT], [("", 4), ("c", 1)]),
        (ROW, [("", 1)]),
        ({"a": CRITERIA, "b": CRITERIA}, [("", 4), ("", 4)]),
        ({"deep": [{"RoutingCriteria": "$.External.x"}, {"RoutingCriteria": "x"}]}, [("", 0)]),
        ({"Filters": {"RoutingStepExpressions": [json.dumps(_leaf())]}}, [("", 1)]),
        ({"Steps": []}, [("", 0)]),
    ],
)
def test_every_criteria_of_a_document_is_found(document: Any, units: list[tuple[str, int]]) -> None:
    """All blocks of a flow, all contacts of a search, and what stands in documents of no known form."""
    source = _read("a.json", document)

    assert [(unit.name, len(unit.criteria.steps)) for unit in source.units] == units
    assert source.problems == ()
    for unit in source.units:
        assert unit_spans([(unit, (1, ()))])[0] is not None


def test_a_contact_is_linted_as_one() -> None:
    """What a document says of its contact goes with the criteria, and the places are the criteria's."""
    source = _read("a.json", {"Contact": CONTACT})

    assert isinstance(source.units[0].subject, Contact)
    assert _at(source, (1, ())).startswith('"AttributeCondition": {"Name"')


def test_a_data_lake_row_has_its_expressions_in_strings() -> None:
    """A condition inside a string of JSON has its place there."""
    assert _at(_read("a.json", ROW), (1, ())).startswith('\\"AttributeCondition\\": {')


@pytest.mark.parametrize(
    ("name", "data", "message", "begins"),
    [
        ("a.json", b"{\n  1}", "not JSON", "1"),
        ("a.json", b"", "expected a contact or routing criteria, found an empty file", None),
        ("a.json", b'{"a": 1, "a": 2}', "occurs more than once", '"a": 2'),
        ("a.json", b"[" * 300, "nested more than", None),
        ("a.json", b'{"a": ' + b"1" * 5000 + b"}", "holds a number too long", None),
        ("a.json", b"caf\xe9", "byte 3 is not UTF-8", ""),
        ("a.json", b'{"x": 1}', "no document with routing criteria", None),
        ("a.json", b'{"Actions": []}', "no routing criteria in it", None),
        ("a.json", b'{"ContactFlow": {"Content": "{"}}', "not JSON", '"Content": "{"'),
        ("a.json", b'{"Actions": {}}', "expected a list of actions", '"Actions": {}'),
        ("a.json", b'[{"x": 1}]', "no document with routing", "{"),
        ("a.txt", b"A(b) => 3", "expected `>=`", "=>"),
        ("a.py", b"x = (", "not Python", "("),
        ("a.py", b"x = 1", "no routing criteria in it", None),
        ("a.ts", b"x = 1", "no routing criteria in it", None),
        (
            "a.json",
            b'{"Steps": [{"Expression": {}, "Expiry": {"DurationInSeconds": "x"}}]}',
            "expected a whole number",
            '"DurationInSeconds": "x"',
        ),
        (
            "a.json",
            (
                b'{"Contact": {"Id": "c", "InitiationTimestamp": "noon", '
                b'"RoutingCriteria": {"Steps": [{"Expression": {}}]}}}'
            ),
            "expected a time",
            '"InitiationTimestamp": "noon"',
        ),
        (
            "a.py",
            b"x = {'Steps': [{'Expression': {'AndExpression': 1}}]}",
            "expected a list",
            "'AndExpression': 1",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(
    name: str, data: bytes, message: str, begins: str | None
) -> None:
    """Nothing is raised: the problem and where it stands are there to show beside the others."""
    source = read_source(name, data)

    (problem, span), *_ = source.problems
    assert problem.message.startswith(message)
    if begins is None:
        assert span is None
    else:
        assert span is not None
        assert source.text[slice(*span)].startswith(begins)
    assert source.units == ()


def test_a_file_past_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not even decoded."""
    monkeypatch.setattr(sources, "MAX_BYTES", 3)

    assert read_source("a.json", b"{   }").problems[0][0].message.startswith("larger than")
    assert unreadable("a", "gone").problems[0][0].message == "gone"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("package.json", b'{"name": "x", "steps": [{"run": "make"}]}'),
        ("tsconfig.json", b"{ // comment\n}"),
        ("words.json", b'{"help": "RoutingCriteria are ..."}'),
        ("latin.json", b"\xff"),
        ("x.py", b"def f(:"),
        ("flow.json", b'{"Actions": [], "x": "UpdateContactRoutingCriteria"}'),
        ("list.json", b'[1, "RoutingCriteria"]'),
    ],
)
def test_a_file_that_nobody_named_may_be_about_something_else(name: str, data: bytes) -> None:
    """In a folder, what is not about routing criteria is passed over, readable or not."""
    source = read_source(name, data, is_named=False)

    assert (source.units, source.problems) == ((), ())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", b'{"RoutingCriteria": '),
        ("a.json", b'{"Contact": {"Id": "c", "Channel": 1, "RoutingCriteria": {"Steps": []}}}'),
        ("a.json", b'{"Steps": [{"Expression": {"AndExpression": 1}}]}'),
        ("a.routing", b"nothing"),
        ("a.py", b"RoutingCriteria ="),
    ],
)
def test_a_broken_file_about_routing_criteria_is_told(name: str, data: bytes) -> None:
    """In a folder, too, what is about routing criteria and cannot be read is a problem."""
    assert read_source(name, data, is_named=False).problems != ()


PYTHON = """
CRITERIA = json.loads('{"Steps": [{"Expression": {"AttributeCondition": {"Name": "A", "Value": "b"}}}]}')
ESCAPED = '{"Steps": [{"Expression": {"AttributeCondition": {"Name": "\\u00e9", "Value": "b"}}}]}'
def handler(event, context):
    other = {"Steps": [{"Expression": {"AttributeCondition": {"Name": event}}}]}
    return {"RoutingCriteria": {"Steps": [{"Expression": {"AttributeCondition": {"Name": "é", "Value": "b",
        "ProficiencyLevel": 4}}}]}, "body": json.dumps(other), "broken": '{"RoutingCriteria": ',
        "inner": [' {"AttributeCondition": {"Name": "B"}}']}
"""
JAVASCRIPT = """
const criteria = JSON.parse('{"Steps": [{"Expression": {"AttributeCondition": {"Name": "A"}}}]}');
const escaped = JSON.parse(
  "{\\"Steps\\": [{\\"Expression\\": {\\"AttributeCondition\\": {\\"Name\\": \\"A\\"}}}]}");
exports.handler = async (event) => {
  const other = { Steps: [{ Expression: { AttributeCondition: { Name: event } } }] };
  return { RoutingCriteria: { Steps: [{ Expression: { AttributeCondition: { Name: 'é', Value: `b`,
    ProficiencyLevel: 4 } } }] }, body: JSON.stringify(other) };
};
"""


@pytest.mark.parametrize(
    ("name", "code", "written"),
    [
        (
            "a.py",
            PYTHON,
            [
                '"AttributeCondition": {"Name": "A", "Value": "b"}',
                '\'{"Steps"',
                '"AttributeCondition": {"Name": "é"',
                '"AttributeCondition": {"Name": "B"}',
            ],
        ),
        (
            "a.mjs",
            JAVASCRIPT,
            ['"AttributeCondition": {"Name": "A"}', '"{\\"Steps', "AttributeCondition: { Name: 'é'"],
        ),
    ],
)
def test_criteria_in_source_code(name: str, code: str, written: list[str]) -> None:
    """Literals and JSON in strings are found where they stand; one that is partly computed is told."""
    source = _read(name, code)

    found = [_at(source, (1, ()), unit) for unit in range(len(source.units))]
    assert [at[: len(begins)] for at, begins in zip(found, written, strict=True)] == written
    (computed,) = source.computed
    assert "event" in source.text[slice(*computed)]
    assert source.problems == ()


LEAF = "{'Expression': {'AttributeCondition': {'Name': 'A', 'Value': 'b', 'ProficiencyLevel': 4}}}"


@pytest.mark.parametrize(
    ("name", "code", "computed"),
    [
        ("a.py", f"x = dict(Steps=[{LEAF}])", []),
        (
            "a.py",
            "x = {'Steps': [step(1), step(2)], 'routing_criteria': 1}",
            ["{'Steps': [step(1), step(2)]"],
        ),
        ("a.py", "x = {'Steps': steps}", ["{'Steps': steps}"]),
        ("a.py", "x = dict(Steps=steps)", ["dict(Steps=steps)"]),
        ("a.py", "LEVEL = 4\nx = dict(AttributeCondition=dict(Name='A', Level=LEVEL))", ["dict(Attr"]),
        ("a.py", """x = f'{{"Steps": [{level}]}}'""", ["f'{{"]),
        ("a.py", """x = {'a': f'{{"Steps": [{level}]}}'}""", ["f'{{"]),
        ("a.py", """x = {'a': 'b' + 'c'}; f'{{"Steps": []}}'""", []),
        ("a.py", """x = '{"Steps": [' + steps + ']}'""", ["'{\"Steps\": [' + steps"]),
        ("a.py", """x = '{"Steps": [%s]}' % step""", ["'{\"Steps\": [%s]}'"]),
        ("a.ts", f"const x = {{Steps: [{LEAF} as const,], }} satisfies Criteria; // c", []),
        ("a.ts", "const x = {Steps: [step(1)]};", ["{Steps: [step(1)]}"]),
        ("a.ts", 'const x = `{"Steps": [${step}]}`;', ['`{"Steps": [${step}]}`']),
        ("a.ts", """const x = '{"Steps": [' + step + ']}';""", ["'{\"Steps\": ['"]),
        ("a.ts", 'const x = `{"help": "${step}"}`;', []),
    ],
)
def test_what_source_code_says_is_read_or_named(name: str, code: str, computed: list[str]) -> None:
    """A literal in any clothes is read; of what is computed the place is told."""
    source = _read(name, code, is_named=False) if "Criteria" in code else read_source(name, code.encode())

    found = [source.text[slice(*span)] for span in source.computed]
    assert [at[: len(begins)] for at, begins in zip(found, computed, strict=True)] == computed
    assert bool(source.units) is ("LEAF" not in code and "'Name': 'A', 'Value'" in code)


STEPS = "{'Steps': [" + LEAF + "]}"


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("a.py", f"def f():\n    return json.dumps({STEPS})", "json.dumps("),
        ("a.py", f"def f():\n    return dumps(dict(criteria={STEPS}), indent=1)", "dumps(dict("),
        ("a.py", f"def f():\n    return {{'criteria': json.dumps({STEPS})}}", "json.dumps("),
        ("a.py", f"def f():\n    return dict(criteria=json.dumps({STEPS}), **more)", "json.dumps("),
        ("a.py", f"def f():\n    return {json.dumps(_steps(_leaf()))!r}", "'{"),
        ("a.py", f"def f():\n    return {{'statusCode': 200, 'body': json.dumps({STEPS})}}", None),
        ("a.py", f"def f():\n    return dict(body=json.dumps({STEPS}))", None),
        ("a.py", f"def f():\n    x = json.dumps({STEPS})\n    return", None),
        ("a.py", f"def f():\n    x = {STEPS}\n    return json.dumps(x)", "json.dumps(x)"),
        ("a.py", f"X = {STEPS}\nasync def f():\n    return {{'a': json.dumps(X)}}", "json.dumps(X)"),
        ("a.py", f"X = {STEPS}\ndef f(x):\n    x.a = 1\n    return json.dumps(x)", None),
        ("a.py", f"def f():\n    return {STEPS}", None),
        ("a.py", f"def f():\n    return json.dumps({{'flow': {{'Actions': {STEPS}}}}})", None),
        ("a.js", f"f = () => {{ return JSON.stringify({STEPS}); }}", "JSON.stringify"),
        ("a.js", f"f = () => JSON.stringify({STEPS});", "JSON.stringify"),
        ("a.js", f"f = () => ({{criteria: JSON.stringify({STEPS})}});", "JSON.stringify"),
        ("a.js", f"f = () => {{ return ({{'a': {{b: JSON.stringify({STEPS})}}}}); }}", "JSON.stringify"),
        ("a.js", f"f = () => {{ return {json.dumps(_steps(_leaf()))!r}; }}", "'{"),
        ("a.js", f"f = () => {{ return {{body: JSON.stringify({STEPS})}}; }}", None),
        ("a.js", f"const x = JSON.stringify({STEPS});", None),
        ("a.js", f"send(JSON.stringify({STEPS}));", None),
        ("a.js", f"JSON.stringify({STEPS})", None),
        ("a.js", f"f = () => {STEPS}", None),
        ("a.js", "f = () => 'text'; return '{}'; x = {Steps: [{Expression: {OrExpression: []}}]}", None),
    ],
)
def test_a_criteria_that_is_returned_as_text(name: str, code: str, text: str | None) -> None:
    """The call that makes it text is where it stands; an HTTP body is text as it should be."""
    source = _read(name, code)

    found = [source.text[slice(*span)] for span in source.texts]
    assert [at[: len(text or "")] for at in found] == ([] if text is None else [text])
    assert source.is_handler is False
    assert _read(name, f"{code}\nhandler = f").is_handler


FLOW_TEXT = json.dumps(FLOW, indent=2).replace("\n", "\n      ")


@pytest.mark.parametrize(
    ("name", "content", "units", "unread"),
    [
        ("a.yaml", f"Resources:\n  Flow:\n    Content: |\n      {FLOW_TEXT}\n", 3, []),
        (
            "a.yml",
            f"a: {{x: 1}}\nb: !Sub '{json.dumps(FLOW)}'\nRoutingCriteria:\n  Steps: []\n",
            3,
            ["RoutingCriteria:"],
        ),
        (
            "a.yaml",
            'Content: !Sub \'{"RoutingCriteria": "${criteria}"}\'',
            0,
            ['{"RoutingCriteria": "${criteria}"}'],
        ),
        (
            "a.tf",
            "x = jsonencode({ RoutingCriteria = { Steps = [] } })",
            0,
            ["RoutingCriteria = { Steps = [] } })"],
        ),
        ("a.tf", f"# RoutingCriteria\ncontent = <<EOT\n{json.dumps(FLOW)}\nEOT\n", 3, ["RoutingCriteria"]),
        ("a.tf", f"x = {'{' * 600}{json.dumps(FLOW)}", 0, ["RoutingCriteria"]),
        ("a.yaml", '{"a": 1, "a": 2, "RoutingCriteria": 1}', 0, ["RoutingCriteria"]),
    ],
)
def test_of_a_template_the_json_is_read(name: str, content: str, units: int, unread: list[str]) -> None:
    """JSON in YAML and HCL is linted where it stands; where else a template is about criteria is told."""
    source = _read(name, content, is_named=False)

    found = [source.text[slice(*span)] for span in source.unread]
    assert [at[: len(begins)] for at, begins in zip(found, unread, strict=True)] == unread
    assert len(source.units) == units
    if units:
        assert _at(source, (1, ())).startswith('"AndExpression"')
        assert len(source.documents) == 1


def test_a_template_of_something_else() -> None:
    """One that somebody named has to be about routing; in one that nobody did, a problem is placed."""
    assert _read("a.yaml", "a: 1").problems[0][0].message == "no routing criteria in it"

    source = _read("a.yaml", 'a: \'{"Steps": [{"Expression": {"AndExpression": 1}}]}\'')

    ((problem, span),) = source.problems
    assert problem.path == "$.Steps[0].Expression.AndExpression"
    assert span is not None
    assert source.text[slice(*span)] == '"AndExpression": 1'


def test_the_examples_of_the_project_are_read() -> None:
    """Every document in examples/ that has routing criteria has units, and no problem."""
    for file in sorted((ROOT / "examples").rglob("*.json")):
        source = read_source(file.name, file.read_bytes(), is_named=False)
        assert source.problems == (), file
