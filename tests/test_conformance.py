"""The semantics as data: every vector in tests/conformance, every rule in docs/semantics.md."""

import ast
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from routing_inspect.checks import criteria_findings, roster_findings
from routing_inspect.contact import Contact, Criteria, Roster, Step
from routing_inspect.document import JSON
from routing_inspect.errors import DocumentError
from routing_inspect.evaluate import evaluate
from routing_inspect.explain import explain
from routing_inspect.forms import read, read_expression, write_contact, write_expression
from routing_inspect.roster import read_roster
from routing_inspect.wire import expression_node, seconds_number, time_text

HERE = Path(__file__).parent
RULES = HERE.parent / "docs" / "semantics.md"
PROPERTIES = HERE.parent / "docs" / "properties.md"
VECTORS: list[dict[str, Any]] = [
    vector
    for file in sorted((HERE / "conformance").glob("*.json"))
    for vector in json.loads(file.read_text(encoding="utf-8"))
]
VERDICTS = ("match", "no_match", "unknown")
OPERATORS = ("NumberGreaterOrEqualTo", "Range", "Match")


def _with(member: str, *, without: tuple[str, ...] = ()) -> list[Any]:
    chosen = [v for v in VECTORS if member in v and not v.keys() & set(without)]
    return [pytest.param(v, id=f"{v['section']}: {v['name']}") for v in chosen]


@pytest.mark.parametrize("vector", _with("verdict"))
def test_verdicts(vector: dict[str, Any]) -> None:
    """Each expression has, for each agent, the verdict and the findings that its vector says."""
    expression = read_expression({"Steps": [{"Expression": vector["expression"]}]})
    roster = read_roster({"agents": [vector["agent"]]})

    trace = evaluate(expression, roster.agents[0])
    written = write_expression(expression)

    assert trace.verdict.value == vector["verdict"]
    assert read_expression({"Steps": [{"Expression": written}]}) == expression
    if "written" in vector:
        assert written == vector["written"]
    if "findings" in vector:
        criteria = Criteria([Step(expression)])
        found = [*criteria_findings(criteria), *roster_findings(criteria, roster)]
        _check_findings([finding.id for finding in found], vector["findings"])


@pytest.mark.parametrize("vector", _with("error"))
def test_refusals(vector: dict[str, Any]) -> None:
    """Each document is refused, with the first problem at the path that its vector says."""
    with pytest.raises(DocumentError) as refused:
        read(vector["text"] if "text" in vector else vector["document"])

    assert refused.value.problems[0].path == vector["error"]["path"]
    assert vector["error"]["message"] in refused.value.problems[0].message


@pytest.mark.parametrize("vector", _with("document", without=("error", "explanation")))
def test_records(vector: dict[str, Any]) -> None:
    """Each document says what its vector says, and says it again after it was written and read."""
    contact = read(vector["document"])

    for same in (contact, read(write_contact(contact))):
        _check_record(same, vector)


def _check_record(contact: Contact, vector: dict[str, Any]) -> None:
    for name, value in vector.get("contact", {}).items():
        found = getattr(contact, name)
        assert (time_text(found) if isinstance(found, datetime) else found) == value, name
    criteria = contact.criteria
    if vector.get("steps", []) is None:
        assert criteria is None
        return
    if "steps" in vector:
        assert criteria is not None
        told = [_step(step) for step in criteria.steps]
        assert len(told) == len(vector["steps"])
        assert all(row | wanted == row for row, wanted in zip(told, vector["steps"], strict=True)), told
    for name in ("reference", "index"):
        if name in vector:
            assert getattr(criteria, name) == vector[name]
    if "earlier" in vector:
        assert [earlier.index for earlier in contact.earlier] == vector["earlier"]
    if "findings" in vector:
        assert [f.id for f in criteria_findings(criteria or Criteria())] == vector["findings"]


def _step(step: Step) -> dict[str, JSON]:
    after = step.expires_after
    return {
        "expression": expression_node(step.expression),
        "expires_after_seconds": None if after is None else seconds_number(after),
        "status": step.status,
    }


@pytest.mark.parametrize("vector", _with("explanation"))
def test_routes(vector: dict[str, Any]) -> None:
    """Each contact took the route that its vector says, with these times, gates and findings."""
    roster = read_roster(vector["roster"]) if "roster" in vector else Roster()
    now = datetime.fromisoformat(vector["now"]) if "now" in vector else None

    explanation = explain(read(vector["document"]), roster, now).to_dict()

    _check_part(explanation, vector["explanation"], "$")
    if "findings" in vector:
        _check_findings([finding["id"] for finding in explanation["findings"]], vector["findings"])


def _check_findings(found: list[str], wanted: list[str]) -> None:
    """Those of the vector are among what was found; an empty list says that nothing is odd."""
    assert set(wanted) <= set(found) if wanted else found == []


def _check_part(whole: JSON, part: JSON, path: str) -> None:
    """Compare what *part* says of *whole*; of an object it may leave members out."""
    match part:
        case dict():
            for name, wanted in part.items():
                _check_part(whole[name], wanted, f"{path}.{name}")
        case list() if part and isinstance(part[0], dict):
            assert len(whole) == len(part), path
            for i, wanted in enumerate(part):
                _check_part(whole[i], wanted, f"{path}[{i}]")
        case _:
            assert whole == part, path


def test_every_vector_has_one_kind_and_a_name_of_its_own() -> None:
    """A vector expects a verdict, an error, a record or an explanation, and can be told by its name."""
    kinds = [[m for m in ("verdict", "error", "explanation") if m in v] for v in VECTORS]
    names = [(vector["section"], vector["name"]) for vector in VECTORS]

    assert [v["name"] for v, kind in zip(VECTORS, kinds, strict=True) if len(kind) > 1] == []
    assert len(set(names)) == len(names)
    assert all({"section", "name", "rules"} < vector.keys() for vector in VECTORS)


def test_every_rule_has_a_vector_and_every_vector_a_rule() -> None:
    """No rule in docs/semantics.md is untested, and no vector tests a rule that nobody wrote down."""
    written = set(re.findall(r"^\*\*([DS]\d+)\*\*", RULES.read_text(encoding="utf-8"), re.MULTILINE))
    tested = {rule for vector in VECTORS for rule in vector["rules"]}

    assert tested == written
    assert {f"D{n}" for n in range(1, 25)} <= written


@pytest.mark.parametrize("member", ["AttributeCondition", "NotAttributeCondition"])
@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_has_a_vector_of_each_verdict(operator: str, member: str) -> None:
    """Each row of the operator table is seen to match, to fail and to be unknown, negated and not."""
    seen = {
        vector["verdict"]
        for vector in VECTORS
        if vector["section"] == "operators"
        and vector["expression"].get(member, {}).get("ComparisonOperator") == operator
    }

    assert seen == set(VERDICTS)


def _laws(file: Path) -> set[str]:
    """Name the tests of a file that hypothesis draws cases for."""
    tests = [
        node for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)
    ]
    return {test.name for test in tests if any("given(" in ast.unparse(d) for d in test.decorator_list)}


def test_every_law_is_in_the_table_and_every_row_of_the_table_is_tested() -> None:
    """docs/properties.md leaves out no law, and claims none that nobody checks."""
    rows = re.findall(r"^\| .* \| (`test_.*`) \|$", PROPERTIES.read_text(encoding="utf-8"), re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`(test_\w+)`", row)}
    tested = set().union(*(_laws(file) for file in HERE.rglob("test_*.py")))

    assert sorted(tested - listed) == []
    assert sorted(listed - tested) == []


@pytest.mark.parametrize("file", sorted((HERE / "properties").glob("test_*.py")), ids=lambda file: file.stem)
def test_the_folder_of_laws_holds_laws_alone(file: Path) -> None:
    """What `make deep` runs on many examples is drawn by hypothesis."""
    written = set(re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))

    assert written == _laws(file)
