"""The public functions used slightly wrong: an error that says what to give instead."""

import inspect
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import routing_inspect as ri
from records import Run
from routing_inspect.arguments import is_file_name
from routing_inspect.lattice import step_lattice

FRENCH = ri.parse("Language(French) >= 4")
CRITERIA = ri.Criteria([ri.Step(FRENCH)])
CONTACT = ri.Contact(id="c1", criteria=CRITERIA)
ROSTER = ri.parse_roster("ana: Language(French) 4")
ANA = ROSTER.agents[0]

# An argument that is right, by the name of the parameter.
RIGHT: dict[str, Any] = {
    "a": FRENCH,
    "agent": ANA,
    "attributes": None,
    "b": FRENCH,
    "contact": CONTACT,
    "contacts": [CONTACT],
    "criteria": CRITERIA,
    "criteria_or_contact": CRITERIA,
    "document": {"Steps": []},
    "error": ri.DocumentError((ri.Problem("$", "wrong"),)),
    "expression": FRENCH,
    "lines": [],
    "new": CRITERIA,
    "old": CRITERIA,
    "roster": ROSTER,
    "steps": [FRENCH],
    "text": "Language(French) >= 4",
}
# What people give by mistake.
MISTAKES = (
    "Language(French) >= 4",
    "contacts/one.json",
    b"{}",
    {"Id": "c1"},
    [1],
    [{"Id": "c1"}],
    7,
    None,
    Path("one.json"),
    datetime(2026, 1, 1),  # noqa: DTZ001  (the mistake)
    FRENCH,
    CRITERIA,
    CRITERIA.steps[0],
    CONTACT,
    ROSTER,
    ANA,
    ri.Attribute("Language", "French"),
)


def _functions() -> Iterator[tuple[str, Callable[..., Any], str]]:
    """List every parameter without a default of every public function, and who is asked about and when."""
    for name in ri.__all__:
        function = getattr(ri, name)
        for parameter in inspect.signature(function).parameters if inspect.isfunction(function) else ():
            if parameter in RIGHT or parameter in {"now", "agents", "findings", "max_wait", "required"}:
                yield name, function, parameter


@pytest.mark.parametrize(
    ("function", "parameter"),
    [
        pytest.param(function, parameter, id=f"{name}-{parameter}")
        for name, function, parameter in _functions()
    ],
)
def test_no_function_breaks_over_an_argument_of_another_type(
    function: Callable[..., Any], parameter: str
) -> None:
    """What is not understood is a TypeError, a ValueError or one of the project's own, in its words."""
    required = [
        name
        for name, known in inspect.signature(function).parameters.items()
        if known.default is inspect.Parameter.empty and name != "explain"
    ]
    said = []
    for mistake in MISTAKES:
        given = {name: RIGHT[name] for name in required} | {parameter: mistake}
        if function is ri.link:
            given["explain"] = ri.explain

        try:
            function(**given)
        except ri.RoutingInspectError:
            pass
        except (TypeError, ValueError) as error:
            said.append(str(error))

    assert [text for text in said if "`" not in text or " object" in text] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: ri.evaluate("Language(French) >= 4", ANA), "`expression` takes an expression, and this is"),  # type: ignore[arg-type]
        (lambda: ri.evaluate("Language(French) >= 4", ANA), "text: `routing_inspect.parse(text)` makes one"),  # type: ignore[arg-type]
        (lambda: ri.evaluate({"And": []}, ANA), "`routing_inspect.read_expression(document)` makes one"),  # type: ignore[arg-type]
        (lambda: ri.evaluate(CRITERIA, ANA), "take that of one step"),  # type: ignore[arg-type]
        (lambda: ri.evaluate(FRENCH, "ana"), "`roster.find(name)`"),  # type: ignore[arg-type]
        (lambda: ri.evaluate(FRENCH, {"id": "ana"}), "`routing_inspect.Agent(id="),  # type: ignore[arg-type]
        (lambda: ri.unparse("text"), "`routing_inspect.parse(text)` makes one"),  # type: ignore[arg-type]
        (lambda: ri.read(Path("x.json")), "`path.read_bytes()`"),  # type: ignore[arg-type]
        (lambda: ri.read(CONTACT), "`document` takes a document, and this is a Contact"),  # type: ignore[arg-type]
        (lambda: ri.explain({"Contact": {}}), "`routing_inspect.read(document)` makes one"),  # type: ignore[arg-type]
        (lambda: ri.explain(CONTACT, {"agents": []}), "`routing_inspect.read_roster(document)` makes one"),  # type: ignore[arg-type]
        (lambda: ri.explain(CONTACT, [ANA]), "`routing_inspect.Roster(agents=[...])`"),  # type: ignore[arg-type]
        (lambda: ri.explain(CONTACT, ROSTER, agents="ana"), "put it into brackets, `[agent]`"),
        (lambda: ri.explain(CONTACT, ROSTER, "2026-01-01"), "`datetime.fromisoformat(text)`"),  # type: ignore[arg-type]
        (lambda: ri.timeline(CONTACT, 17), "`datetime.fromtimestamp(number, UTC)`"),  # type: ignore[arg-type]
        (lambda: ri.lint(CRITERIA, required="Language"), "`required` takes a list, and this is text"),
        (lambda: ri.lint(CRITERIA, max_wait=60), "`timedelta(seconds=number)`"),  # type: ignore[arg-type]
        (lambda: ri.lint(CRITERIA, attributes=["Language"]), "`attributes` takes a Mapping"),  # type: ignore[arg-type]
        (lambda: ri.lint("text"), "`routing_inspect.parse_criteria(text)`"),  # type: ignore[arg-type]
        (lambda: ri.diff(CONTACT, CRITERIA), "`old` takes a Criteria, and this is a Contact"),  # type: ignore[arg-type]
        (lambda: ri.AgentIndex("ana"), "`routing_inspect.parse_roster(text)`"),  # type: ignore[arg-type]
        (lambda: ri.AgentIndex(ROSTER).match("text"), "`routing_inspect.parse(text)` makes one"),  # type: ignore[arg-type]
        (lambda: ri.parse(Path("x.routing")), "`path.read_text()`"),  # type: ignore[arg-type]
        (lambda: ri.read_events("{}", CONTACT), "`text.splitlines()`"),
        (lambda: ri.read_events([{}], CONTACT), "`lines` takes text, and this is a document"),  # type: ignore[list-item]
        (lambda: step_lattice(FRENCH), "`routing_inspect.Criteria([routing_inspect.Step(expression)])`"),  # type: ignore[arg-type]
        (lambda: ri.And(["A(b) >= 4"]), "`operands[0]` takes an expression"),  # type: ignore[list-item]
        (lambda: ri.Not("A(b) >= 4"), "`operand` takes an expression"),  # type: ignore[arg-type]
        (lambda: ri.And(FRENCH), "`operands` takes a list, and this is an expression"),  # type: ignore[arg-type]
        (lambda: ri.AgentIn("ana"), "put it into brackets, `[agent_id]`"),
        (lambda: ri.AtLeast("Language", 4), "`routing_inspect.Attribute(name, value)`"),  # type: ignore[arg-type]
        (
            lambda: ri.Agent(id="a", proficiencies={"Language(French)": 4}),  # type: ignore[dict-item]
            "`proficiencies` takes an Attribute",
        ),
        (lambda: ri.Agent(id="a", proficiencies=[("Language", 4)]), "`proficiencies` takes a Mapping"),  # type: ignore[arg-type]
        (lambda: ri.Step("A(b) >= 4"), "`routing_inspect.parse(text)` makes one"),  # type: ignore[arg-type]
        (lambda: ri.Criteria([FRENCH]), "`routing_inspect.Step(expression)` makes one"),  # type: ignore[list-item]
        (lambda: ri.Roster(agents=[{"id": "ana"}]), "`agents[0]` takes an Agent, and this is a document"),  # type: ignore[list-item]
        (lambda: ri.Contact(connected_at="noon"), "`connected_at` takes a datetime, and this is text"),  # type: ignore[arg-type]
        (lambda: ri.Contact(connected_at=None, enqueued_at=True), "`enqueued_at` takes a datetime"),  # type: ignore[arg-type]
        (lambda: ri.implies(None, FRENCH), "`a` takes an expression, and this is None"),  # type: ignore[arg-type]
    ],
)
def test_the_error_says_what_to_give_instead(wrong: Callable[[], object], said: str) -> None:
    """A wrong argument is named, with what it is and how to come by what is wanted."""
    with pytest.raises(TypeError) as raised:
        wrong()

    assert said in str(raised.value)


def test_an_open_file_is_read_by_who_opened_it(tmp_path: Path) -> None:
    """A document is what a file holds."""
    (tmp_path / "contact.json").write_text("{}", encoding="utf-8")

    with (tmp_path / "contact.json").open() as file, pytest.raises(TypeError, match=r"`file\.read\(\)`"):
        ri.read(file)  # type: ignore[arg-type]


def test_a_time_without_a_zone_is_refused_with_the_mend() -> None:
    """Nobody can tell which instant it is."""
    naive = datetime(2026, 1, 1)  # noqa: DTZ001  (the mistake)

    for ask in (ri.explain, ri.timeline):
        with pytest.raises(ValueError, match=r"now needs a time zone: .*`now\.replace\(tzinfo=UTC\)`"):
            ask(CONTACT, now=naive)


@pytest.mark.parametrize(
    "name", ["contact.json", "examples/criteria.routing", "C:\\x\\team.roster", " a b.csv "]
)
def test_the_name_of_a_file_in_place_of_what_it_holds_is_known(name: str) -> None:
    """What is read as JSON or as text is the content."""
    assert is_file_name(name)
    with pytest.raises(ri.DocumentError, match="looks like a file's name"):
        ri.read(name)
    with pytest.raises(ri.CriteriaSyntaxError, match="looks like a file's name"):
        ri.parse_criteria(name)


@pytest.mark.parametrize("text", ["", "Language(French) >= 4", "{}", "a.json\nb.json", "Skill", "<x.json"])
def test_other_text_is_no_name_of_a_file(text: str) -> None:
    """Only what can be meant as nothing else is taken for one."""
    assert not is_file_name(text)


def test_what_is_right_is_taken() -> None:
    """Expressions of every kind, lists and generators, times with their zone, as they should be."""
    both = ri.And(iter([FRENCH, ri.Not(FRENCH)]))

    assert ri.evaluate(both, ANA).verdict is ri.Verdict.NO_MATCH
    assert ri.lint(CRITERIA, required=("Language",), max_wait=timedelta(seconds=9)) == ri.lint(CRITERIA)
    assert ri.explain(CONTACT, ROSTER, agents=(name for name in ["ana"])).agents[0].agent is ANA


def _results() -> list[object]:
    """Make one of every record that answers a question."""
    explanation = ri.explain(CONTACT, ROSTER)
    stricter = ri.Criteria([ri.Step(ri.parse("Language(French) >= 5"))])
    (finding,) = ri.lint(ri.parse_criteria("Language(French) in 4..2"))
    return [
        explanation,
        finding,
        ri.link([CONTACT], ri.explain),
        ri.diff(CRITERIA, stricter, ROSTER),
        ri.counterexample(FRENCH, ri.parse("Language(French) >= 5")),
        ri.roster_changes(ROSTER, ri.Roster(agents=[ri.Agent(id="ben")])),
        ri.AgentIndex(ROSTER).match(FRENCH),
        step_lattice(CRITERIA),
    ]


@pytest.mark.parametrize("result", _results(), ids=lambda result: type(result).__name__)
def test_every_result_gives_its_json_in_the_same_way(result: Any) -> None:
    """`to_dict` gives plain JSON values, the same each time."""
    given = result.to_dict()

    assert json.loads(json.dumps(given)) == given == result.to_dict()
    assert given


def test_the_json_of_a_comparison_is_that_of_the_command(run: Run, tmp_path: Path) -> None:
    """What `routing-inspect diff` has for a criteria is what `CriteriaDiff.to_dict` gives."""
    old, new = tmp_path / "old.routing", tmp_path / "new.routing"
    old.write_text("Language(French) >= 4 [30 s] Skill(Sales)", encoding="utf-8")
    new.write_text("Language(French) >= 3 [30 s] Skill(Sales) in 1..3", encoding="utf-8")

    _, out, _ = run("diff", str(old), str(new), "--format", "json")

    (printed,) = json.loads(out)["criteria"]
    before, after = (ri.parse_criteria(file.read_text(encoding="utf-8")) for file in (old, new))
    found = ri.diff(before, after).to_dict()
    assert printed == {"old_action": None, "new_action": None, **found}
    assert found["sentence"].startswith("Some agents are reached earlier")
