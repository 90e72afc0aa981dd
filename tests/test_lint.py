"""The linter's rules: a corpus of documents that have each finding and neighbours that have not."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

import routing_inspect
from records import FLUENT, FRENCH, agent, at, contact, step
from routing_inspect import clauses
from routing_inspect.analysis import equivalent
from routing_inspect.contact import Contact, Criteria, Expiry, Roster, Step
from routing_inspect.errors import CriteriaSyntaxError, DocumentError
from routing_inspect.expr import (
    MAX_DEPTH,
    AgentIn,
    And,
    AtLeast,
    Attribute,
    Between,
    Expr,
    Mixed,
    Not,
    Opaque,
    Or,
    depth,
)
from routing_inspect.findings import CATALOGUE, Finding
from routing_inspect.forms import metric_filter, read
from routing_inspect.limits import unfit_characters
from routing_inspect.linting import document_findings, lint, refusal_findings
from routing_inspect.places import part_at
from routing_inspect.predefined import attributes_of, is_predefined, read_attributes
from routing_inspect.roster import read_roster
from routing_inspect.text import parse, parse_criteria, parse_roster
from test_findings import PAGE

EC2 = Attribute("Technology", "AWS EC2")
# What other parts of the library say: the command about its files and suppressions, explaining for an
# agent or an instant that is asked about, fetching, chains and events.
ELSEWHERE = re.compile(r"RI110|RI19\d|RI407|RI413|RI52\d|RI53\d|RI603|RI60[5-9]|RI6[12]\d")


def _lint_example(finding_id: str, prefix: str = "") -> list[str]:
    example = PAGE.EXAMPLES[finding_id]
    roster = example.get(f"{prefix}roster", example.get("roster"))
    document = read(example["near" if prefix else "document"])
    return [finding.id for finding in lint(document, None if roster is None else read_roster(roster))]


@pytest.mark.parametrize("finding_id", [name for name in CATALOGUE if not ELSEWHERE.match(name)])
def test_a_document_has_its_finding_and_its_neighbour_has_not(finding_id: str) -> None:
    """Each finding that linting can give is there where it should be, once, and not on a near neighbour."""
    if finding_id in PAGE.CORPUS:
        has, has_not = (
            [finding.id for finding in PAGE.lint_findings(PAGE.CORPUS[finding_id], name)]
            for name in ("has", "has-not")
        )
    else:
        has, has_not = _lint_example(finding_id), _lint_example(finding_id, "near_")

    assert has.count(finding_id) == 1
    assert finding_id not in has_not


def test_the_corpus_is_about_findings_that_linting_gives() -> None:
    """No folder of the corpus is about a finding that does not exist, or comes from elsewhere."""
    assert not [name for name in PAGE.CORPUS if name not in CATALOGUE or ELSEWHERE.match(name)]


def _of(text: str, **options: Any) -> list[Finding]:
    return lint(parse_criteria(text), **options)


def _messages(found: list[Finding], finding_id: str) -> list[str]:
    return [finding.message for finding in found if finding.id == finding_id]


def _ids(found: list[Finding]) -> list[str]:
    return [finding.id for finding in found]


# ---------------------------------------------------------------------------- names

# What the example of the admin guide's page on routing by proficiencies comes to: the names of its steps
# are not those that its agents hold.
GUIDE = """
connect:Language(connect:French) >= 4 AND Technology(AWS DynamoDB) >= 5 [30 seconds]
connect:Language(connect:French) >= 4 AND Technology(AWS DynamoDB) >= 4 [30 seconds]
connect:Language(connect:French) >= 3 AND Technology(AWS DynamoDB) >= 4 [never expires]
"""
GUIDE_TEAM = """
Agent1: Language(French) 3, Technology(AWS Dynamo DB) 5
Agent2: Language(French) 4, Technology(AWS Dynamo DB) 3
"""


def test_the_guides_own_example_names_what_nobody_holds() -> None:
    """Each name that differs by a prefix or a blank is found, with who would match if it were meant."""
    found = _of(GUIDE, roster=parse_roster(GUIDE_TEAM))

    assert [(finding.id, finding.hint) for finding in found if finding.id == "RI401"] == [
        ("RI401", "did you mean Language(French), held by Agent1, Agent2 (the `connect:` prefix)?"),
        ("RI401", "did you mean Technology(AWS Dynamo DB), held by Agent1, Agent2 (blanks)?"),
    ]
    assert [message.partition(":")[0] for message in _messages(found, "RI412")] == [
        "were the names meant that agents hold, step 1 would match nobody all the same",
        "were the names meant that agents hold, step 2 would match nobody all the same",
        "were the names meant that agents hold, step 3 would match Agent1",
    ]
    assert set(_ids(found)) == {"RI401", "RI412"}


@pytest.mark.parametrize(
    ("held", "differs"),
    [("connect:Language(connect:French)", ""), ("Connect:Language(connect:French)", "letter case")],
)
def test_each_spelling_of_the_prefix_is_another_name(held: str, differs: str) -> None:
    """`connect:Language` and `Connect:Language`, both in the guide, are two attributes."""
    found = _of("connect:Language(connect:French) >= 3", roster=parse_roster(f"ana: {held} 4\nbo: {held} 2"))

    assert [differs in (finding.hint or "") for finding in found if finding.id == "RI401"] == (
        [True] if differs else []
    )


def test_names_that_are_meant_may_change_nothing() -> None:
    """Where the other operand of an OR lets in the same agents already, that is said."""
    team = parse_roster("ana: Language(French) 4, Team(Billing) 2\nbo: Team(Billing) 2")

    found = _of("Language(french) >= 4 OR Team(Billing) >= 2", roster=team)

    assert [m.partition(":")[0] for m in _messages(found, "RI412")] == [
        "were the names meant that agents hold, step 1 would match the same agents as now"
    ]


def test_what_is_meant_is_put_in_place_anywhere() -> None:
    """Under NOT, in ranges and in odd groups, too; agents and parts that nobody understands stay."""
    team = Roster(agents=[agent("ana", 4, username="ana"), agent("bo", 2, username="bo")])
    french = Attribute("language", "French")
    parts = Or(
        [
            And([Not(Between(french, 1, 2)), AgentIn(["ana", "bo"])]),
            Mixed([AtLeast(french, 3), AtLeast(french, 4)]),
            And([Opaque({"New": 1}), AtLeast(french, 5)]),
        ]
    )

    found = lint(Criteria([Step(parts)]), team)

    assert [m.partition(":")[0] for m in _messages(found, "RI412")] == [
        "were the names meant that agents hold, step 1 would match ana"
    ]


def test_a_step_that_nobody_matches_is_explained_once() -> None:
    """Where names that nobody has, or a contradiction, are why nobody matches, no more is said of it."""
    team = parse_roster("ana: Language(French) 4\nbo: Language(French) 2")

    assert _ids(_of("Team(Billing) >= 1 AND Language(French) >= 4", roster=team)) == ["RI401"]
    assert _ids(_of("agent in (carla) [30 seconds]", roster=team)) == ["RI404"]
    assert _ids(_of("Language(French) in 4..2", roster=team)) == ["RI204"]
    assert _ids(_of("Team(Billing) >= 1 AND Language(French) >= 5", roster=team)) == ["RI401", "RI408"]


def test_nothing_is_said_of_a_step_that_cannot_be_told() -> None:
    """While it is unknown of somebody whether they match, nobody and only one are no findings."""
    team = Roster(agents=[agent("ana", 4), agent("bo", proficiencies=None)])

    assert _ids(lint(Criteria([Step(FLUENT)]), team)) == []


def test_a_step_for_preferred_agents_may_hang_on_one() -> None:
    """That a step for one agent lets in one agent is what it is for; so it is in a roster of one."""
    team = Roster(agents=[agent("ana", 4), agent("bo", 2)])

    assert _ids(lint(Criteria([Step(AgentIn(["ana"]), Expiry(timedelta(seconds=30)))]), team)) == []
    assert _ids(lint(Criteria([Step(FLUENT)]), Roster(agents=[agent("ana", 4)]))) == []
    assert _ids(lint(Criteria([Step(FLUENT)]), team)) == ["RI409"]


def test_an_empty_roster_is_a_finding() -> None:
    """Of nobody nothing can be said but that."""
    assert _ids(lint(Criteria([Step(FLUENT)]), Roster())) == ["RI406"]


# ---------------------------------------------------------------------------- predefined attributes


def test_names_are_held_beside_the_predefined_ones() -> None:
    """A name that is none, a value that is none, and what may be meant, each once and without a roster."""
    known = {"Language": ["French", "English"], "Technology": None}
    text = (
        "Langauge(French) >= 3 AND Language(Frnech) >= 2 AND Technology(x) >= 1 [30s]\nLanguage(Frnech) >= 1"
    )

    found = [f for f in _of(text, attributes=known) if f.id == "RI410"]

    assert [(finding.message, finding.hint, finding.condition) for finding in found] == [
        (
            "no predefined attribute is named `Langauge`",
            "did you mean Language(French) (one letter)?",
            (0,),
        ),
        (
            "the attribute `Language` has no value `Frnech`",
            "did you mean Language(French) (one letter)?",
            (1,),
        ),
    ]


def test_an_attribute_of_unknown_values_is_meant_by_its_name() -> None:
    """Where a list has names alone, a near miss is about the name, and the value stays."""
    (found,) = _of("technology(EC2) >= 3", attributes={"Technology": None})

    assert found.hint == "did you mean Technology(EC2) (letter case)?"


def test_the_services_own_attributes_are_always_there() -> None:
    """`connect:Language` is predefined in every instance, whether a list shows it or not; references too."""
    text = 'connect:Language(connect:French) >= 3 AND Language("$.External.x") >= 1 AND agent in (ana)'

    assert "RI410" not in _ids(_of(text, attributes={}))
    assert _messages(_of("Hobby(Chess) >= 1", attributes={}), "RI410") == [
        "no predefined attribute is named `Hobby`"
    ]


def test_what_is_no_attribute_is_not_also_held_by_nobody() -> None:
    """RI410 says why nobody holds it; RI401 is for attributes that exist."""
    team = parse_roster("ana: Language(French) 4\nbo: Language(French) 3")
    known = {"Language": ["French", "Dutch"]}

    assert _ids(_of("Language(Duthc) >= 1", roster=team, attributes=known)) == ["RI410"]
    assert _ids(_of("Language(Dutch) >= 2", roster=team, attributes=known)) == ["RI401"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"attributes": {"Language": ["French"], "Team": None}}, {"Language": ("French",), "Team": None}),
        ({"schema": "routing-inspect/attributes/1", "attributes": {}}, {}),
        (
            {"agents": [{"id": "ana", "proficiencies": [{"name": "A", "value": "x", "level": 1}]}]},
            {"A": ("x",)},
        ),
        ({"agents": [{"id": "ana"}]}, {}),
        ({"PredefinedAttribute": {"Name": "A", "Values": {"StringList": ["x", "y"]}}}, {"A": ("x", "y")}),
        ({"PredefinedAttributeSummaryList": [{"Name": "A"}, {"Name": "B"}]}, {"A": None, "B": None}),
        ({"PredefinedAttributes": [{"Name": "A", "Values": {"StringList": []}}]}, {"A": ()}),
        (
            [
                {"PredefinedAttribute": {"Name": "A", "Values": {"StringList": ["x"]}}},
                {"PredefinedAttributeSummaryList": [{"Name": "A"}]},
                {"PredefinedAttribute": {"Name": "A", "Values": {"StringList": ["y", "x"]}}},
            ],
            {"A": ("x", "y")},
        ),
        ('{"attributes": {"A": ["x"]}}', {"A": ("x",)}),
    ],
)
def test_predefined_attributes_are_read_in_every_form(document: Any, expected: dict[str, Any]) -> None:
    """Our own form, a roster, the answers of the API and lists of them say the same."""
    assert read_attributes(document) == expected


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"names": []}, "$: expected predefined attributes, found an object"),
        ([3], "$[0]: expected predefined attributes, found `3`"),
        ({"attributes": {"A": "x"}}, '$.attributes.A: expected a list of values, found `"x"`'),
        ({"attributes": {"odd name": [1]}}, '$.attributes["odd name"]: expected a list of values'),
        ({"PredefinedAttributes": [{}]}, "$.PredefinedAttributes[0]: expected an attribute with a Name"),
        (
            {"schema": "routing-inspect/attributes/2", "attributes": {}},
            "$.schema: expected `routing-inspect/attributes/1`",
        ),
        ({"agents": [{}]}, "$.agents[0]: expected an agent with an id"),
        ([{"agents": [{}]}], "$[0].agents[0]: expected an agent with an id"),
    ],
)
def test_what_is_no_list_of_attributes_is_refused(document: Any, problem: str) -> None:
    """The message names the place and what belongs there."""
    with pytest.raises(DocumentError) as refused:
        read_attributes(document)

    assert problem in str(refused.value)


def test_a_roster_is_a_catalogue_of_what_is_held() -> None:
    """The values of each name come in order, and only what somebody holds is there."""
    team = parse_roster("ana: B(y) 1, A(z) 1, A(x) 2\nbo: A(x) 1")

    assert attributes_of(team) == {"A": ("x", "z"), "B": ("y",)}
    assert is_predefined(Attribute("A", "x"), attributes_of(team))
    assert not is_predefined(Attribute("A", "y"), attributes_of(team))


# ---------------------------------------------------------------------------- whom an expression lets in


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        (
            "A(x) >= 3 AND B(y) >= 1 AND NOT A(x) >= 2",
            (),
            "nobody matches: A(x) >= 3 and NOT A(x) >= 2 exclude each other",
        ),
        (
            "B(y) >= 1 OR A(x) >= 3 AND NOT A(x) >= 2",
            (1,),
            "nobody matches: A(x) >= 3 and NOT A(x) >= 2 exclude each other",
        ),
        (
            "B(y) >= 1 AND (A(x) >= 3 AND NOT A(x) >= 2)",
            (1,),
            "nobody matches: A(x) >= 3 and NOT A(x) >= 2 exclude each other",
        ),
        (
            "NOT (A(x) >= 3 OR NOT A(x) >= 3)",
            (),
            "nobody matches, since everybody satisfies what NOT excludes",
        ),
        (
            "(A(x) >= 1 OR B(y) >= 1) AND (NOT A(x) >= 1 OR C(z) >= 1) AND NOT B(y) >= 1 AND NOT C(z) >= 1",
            (),
            "cannot hold all at once",
        ),
    ],
)
def test_contradictions_are_found_where_they_are(text: str, part: tuple[int, ...], message: str) -> None:
    """RI212 points at the smallest part that nobody satisfies, and says what excludes what."""
    found = [finding for finding in _of(text) if finding.id == "RI212"]

    assert [finding.condition for finding in found] == [part]
    assert message in found[0].message


@pytest.mark.parametrize("text", ["A(x) in 4..2", "A(x) in 4..2 OR A(x) in 3..1", "A(x) >= 6 AND B(y) >= 1"])
def test_a_condition_that_nobody_satisfies_has_a_finding_of_its_own(text: str) -> None:
    """What RI204 and RI209 say is not said again."""
    assert "RI212" not in _ids(_of(text))


def test_a_mixed_node_that_nobody_satisfies_is_looked_into() -> None:
    """Each member of a mixed node that contradicts itself is named."""
    nobody = And([FLUENT, Not(FLUENT)])

    found = lint(Criteria([Step(Mixed([nobody, nobody]))]))

    assert [f.condition for f in found if f.id == "RI212"] == [(0,), (1,)]


@pytest.mark.parametrize(
    ("text", "part", "because"),
    [
        ("A(x) >= 4 AND A(x) >= 3", (1,), "A(x) >= 3 changes nothing: every agent who satisfies `A(x) >= 4`"),
        ("A(x) >= 3 AND A(x) >= 4", (0,), "every agent who satisfies `A(x) >= 4` satisfies it"),
        ("A(x) >= 4 OR A(x) >= 3", (0,), "A(x) >= 4 changes nothing: it lets in nobody beside `A(x) >= 3`"),
        ("A(x) >= 4 AND A(x) >= 4", (1,), "every agent who satisfies `A(x) >= 4`"),
        ("A(x) >= 1 AND NOT A(x) in 2..5 AND NOT A(x) >= 3", (2,), "`NOT A(x) in 2..5`"),
        (
            "(A(x) >= 1 OR B(y) >= 1) AND NOT A(x) >= 1 AND B(y) >= 1",
            (0,),
            "every agent who satisfies `B(y) >= 1`",
        ),
        (
            "A(x) in 3..5 AND (A(x) >= 1 OR B(y) >= 1)",
            (1,),
            "every agent who satisfies `A(x) in 3..5`",
        ),
        (
            "B(y) >= 1 AND A(x) >= 3 OR B(y) >= 1 AND NOT A(x) >= 3 OR B(y) >= 2",
            (2,),
            "beside `B(y) >= 1 AND A(x) >= 3` and `B(y) >= 1 AND NOT A(x) >= 3`",
        ),
        ("NOT (A(x) >= 3 OR A(x) >= 4)", (0, 1), "it lets in nobody beside `A(x) >= 3`"),
    ],
)
def test_what_changes_nothing_is_found_with_its_cause(text: str, part: tuple[int, ...], because: str) -> None:
    """RI215 names the part, and the neighbour, or all of them, that make up for it."""
    found = [finding for finding in _of(text) if finding.id == "RI215"]

    assert [finding.condition for finding in found] == [part]
    assert because in found[0].message


def test_nothing_is_redundant_in_what_cannot_hold() -> None:
    """Under a NOT, a contradiction has no parts that matter; the whole is found elsewhere."""
    found = _of("B(y) >= 1 AND NOT (A(x) >= 3 AND NOT A(x) >= 3 AND A(x) >= 1)")

    assert [finding.condition for finding in found if finding.id == "RI215"] == [(1,)]


def test_an_expression_for_everybody_is_one_finding() -> None:
    """RI213: that everybody matches says it all; no part of it is looked at."""
    assert [f.id for f in _of("A(x) >= 1 OR NOT A(x) >= 1 OR B(y) >= 2")] == ["RI229", "RI213"]


# A puzzle that no method solves fast: more agents than places, each in one of them and no two together.
def _puzzle(agents: int) -> Expr:
    def sits(one: int, place: int) -> Expr:
        return AtLeast(Attribute(f"Agent {one}", f"Place {place}"), 3)

    places = range(agents - 1)
    somewhere: list[Expr] = [Or([sits(one, place) for place in places]) for one in range(agents)]
    alone: list[Expr] = [
        Or([Not(sits(one, place)), Not(sits(other, place))])
        for place in places
        for one in range(agents)
        for other in range(one)
    ]
    return And([*somewhere, *alone])


def test_a_question_too_large_to_answer_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """RI219: no exception, but a finding that says what was not worked out; with a roster, too."""
    # What takes seconds to give up on in earnest; a smaller patience shows the same.
    monkeypatch.setattr(clauses, "TURNS", (50, 50, 50))
    team = parse_roster("ana: Language(French) 4")

    found = lint(Criteria([Step(_puzzle(6))]), team)

    assert [(f.severity, f.step, f.condition) for f in found if f.id == "RI219"] == [("note", 1, ())]
    assert "whom step 1 lets in was not worked out" in _messages(found, "RI219")[0]
    assert "RI408" in _ids(found)


def test_the_deepest_expression_is_linted() -> None:
    """An expression as deep as can be has no room for a NOT around it, so RI219 says what was not asked."""
    deepest: Expr = FLUENT
    while depth(deepest) < MAX_DEPTH:
        deepest = And([deepest])

    found = lint(Criteria([Step(deepest)]))

    assert {finding.id for finding in found} <= {"RI219", "RI228"}
    assert "RI219" in _ids(found)


def test_a_very_wide_group_is_not_searched() -> None:
    """RI219: of more than 64 parts none is held beside all others."""
    wide = Or([AtLeast(Attribute("Team", str(i)), 3) for i in range(65)])

    (found,) = [f for f in lint(Criteria([Step(wide)])) if f.id == "RI219"]

    assert found.message == "65 parts are too many to look for one that changes nothing"


# ---------------------------------------------------------------------------- steps beside one another


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "A(x) >= 3 [30s]\nA(x) >= 3 [1 second]",
            "step 2 lets in the same agents as step 1, so it is 1 second of waiting for nobody new",
        ),
        (
            "A(x) >= 3 [30s]\nA(x) >= 3",
            "step 2 lets in the same agents as step 1, and never expires",
        ),
    ],
)
def test_a_step_that_adds_nobody_says_what_it_costs(text: str, said: str) -> None:
    """RI302 names the step before, which lets in the same agents, and the wait."""
    assert _messages(_of(text), "RI302") == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A(x) >= 3 [30s]\nA(x) >= 4", "shuts out, for example, an agent with A(x) 3"),
        ("NOT A(x) >= 3 [30s]\nNOT A(x) >= 3 AND B(y) >= 1", "shuts out agents who hold nothing"),
        ("agent in (ana, bo) [30s]\nagent in (ana) [30s]", "shuts out bo"),
    ],
)
def test_a_stricter_step_says_whom_it_shuts_out(text: str, said: str) -> None:
    """RI304 gives an agent who could take the contact before and no longer can."""
    (message,) = _messages(_of(text), "RI304")

    assert message == f"step 2 is stricter than step 1: it wins nobody, and {said}"


@pytest.mark.parametrize(
    "text",
    [
        "A(x) >= 4 [30s]\nA(x) >= 3",
        "A(x) >= 4 [never expires]\nA(x) >= 4",
        "A(x) >= 4 [30s]\nA(x) in 3..2",
        "agent in (ana) [30s]\nA(x) >= 4",
    ],
)
def test_steps_that_widen_or_never_start_are_no_such_finding(text: str) -> None:
    """A wider step, one that cannot start, one that lets in nobody and another kind of step are no waste."""
    assert {"RI302", "RI304"}.isdisjoint(_ids(_of(text)))


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        ("agent in (ana)", True),
        ("agent in (ana) AND A(x) >= 3", True),
        ("agent in (ana) OR agent in (bo)", True),
        ("agent in (ana) OR A(x) >= 3", False),
        ("NOT agent in (ana)", False),
        ("agent in (ana) [30s]", False),
    ],
)
def test_waiting_for_named_agents_alone_is_found(text: str, pinned: bool) -> None:  # noqa: FBT001  (a parameter)
    """RI305: without an expiry, and with no other way in."""
    assert ("RI305" in _ids(_of(text))) is pinned


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A(x) >= 4 [60s]\nA(x) >= 3 [60s]", "it takes 120 seconds until anybody in the queue may take it"),
        ("A(x) >= 4 [60s]\nA(x) >= 3 [60s]\nA(x) >= 1", "it takes 120 seconds until step 3 starts"),
        (
            "A(x) >= 4 [91s]\nA(x) >= 3 [never expires]\nA(x) >= 1 [60s]",
            "it takes 91 seconds until step 2 starts",
        ),
        ("A(x) >= 4 [90s]\nA(x) >= 3", None),
        ("A(x) >= 4", None),
    ],
)
def test_the_wait_is_counted_to_the_last_step_that_starts(text: str, said: str | None) -> None:
    """RI306 adds up the timers that run before a step that never expires, or all of them."""
    found = _messages(_of(text, max_wait=timedelta(seconds=90)), "RI306")

    assert found == ([] if said is None else [f"{said}, where 90 seconds are allowed"])


def test_no_steps_take_no_time() -> None:
    """A criteria that a flow fills in has no wait to count."""
    assert _ids(lint(Criteria(reference="$.External.x"), max_wait=timedelta(0), required=["A"])) == ["RI101"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A(x) >= 1", []),
        ("A(x) >= 1 OR A(y) >= 2", []),
        ("agent in (ana) AND A(x) in 2..4", []),
        ("A(x) >= 1 [30s]", ["RI307"]),
        ("A(x) >= 1 [30s]\nB(y) >= 1", ["RI310"]),
        ("B(y) >= 1 [30s]\nA(x) >= 1", ["RI310"]),
        ("B(y) >= 1 [30s]", ["RI310"]),
        ("A(x) in 4..2", []),
        ("A(x) in 4..2 [30s]", ["RI307"]),
        ("a(x) >= 1 [30s]", ["RI310"]),
        ("B(y) >= 1 [30s]\nNOT A(x) >= 1 AND C(z) >= 2 [30s]", ["RI310"]),
    ],
)
def test_what_is_required_must_hold_to_the_end(text: str, expected: list[str]) -> None:
    """RI307 and RI310: some step asks for it, and another, or the fallback, does not."""
    found = _of(text, required=["A", "A"])

    assert [finding.id for finding in found if finding.id in {"RI307", "RI310"}] == expected


# ---------------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NOT (" + " OR ".join(f"A({i}x) >= 1" for i in range(9)) + ")", ["RI221"]),
        ("NOT (" + " AND ".join(f"A({i}x) >= 1" for i in range(4)) + ")", ["RI222"]),
        ("B(y) >= 1 AND NOT (A(x) >= 1 AND A(z) >= 1)", ["RI223"]),
        ("B(y) >= 1 AND NOT (A(x) >= 1 OR A(z) >= 1)", []),
        ("B(y) >= 1 OR (A(x) >= 1 OR A(z) >= 1)", ["RI223"]),
        ("NOT (B(y) >= 1 AND A(x) >= 1)", []),
    ],
)
def test_not_turns_and_into_or(text: str, expected: list[str]) -> None:
    """On the wire a NOT stands at conditions only, so the limits are about what is left after De Morgan."""
    assert [f.id for f in _of(text) if f.id.startswith("RI22")] == expected


def test_preferred_agents_are_counted_over_the_step() -> None:
    """Ten are admitted in a step, however many lists they stand in; who stands in several counts once."""
    first, second = ", ".join(f"a{i}" for i in range(8)), ", ".join(f"a{i}" for i in range(6, 11))

    assert _messages(_of(f"agent in ({first}) OR agent in ({second}) [30s]"), "RI224") == [
        "11 preferred agents in one step, where 10 are documented (admin guide, set-routing-criteria)"
    ]
    assert "RI224" not in _ids(_of(f"agent in ({first}) OR agent in (a0, a1) [30s]"))


def test_an_agent_listed_three_times_is_counted() -> None:
    """RI230 tells how often, an ARN counting as the id at its end."""
    arn = "arn:aws:connect:eu-west-2:111122223333:instance/i/agent/ana"
    found = lint(Criteria([Step(AgentIn(["ana", "ana", arn]), Expiry(timedelta(seconds=30)))]))

    assert _messages(found, "RI230") == ["preferred agent `ana` is listed 3 times"]
    assert "RI411" in _ids(found)


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("A(x) >= 1 AND NOT A(x) >= 4 AND A(x) in 2..3", True),
        ("A(x) >= 1 AND (B(y) >= 1 AND A(x) in 1..3)", True),
        ("A(x) >= 1 AND B(y) >= 1 OR A(x) >= 3 AND C(z) >= 1", True),
        ("A(x) >= 5 OR A(x) in 1..2", True),
        ("A(x) >= 1 AND (B(y) >= 1 OR A(x) >= 4)", True),
        ("A(x) >= 1 AND A(z) >= 1 OR A(y) >= 1", False),
        ("A(x) >= 4 [30s]\nA(x) >= 1", False),
        ("A(x) >= 1 AND A(z) >= 1 AND agent in (ana)", False),
        ("NOT (A(x) in 1..2 OR A(x) >= 5)", True),
    ],
)
def test_an_attribute_value_is_asked_for_once(text: str, repeats: bool) -> None:  # noqa: FBT001  (a parameter)
    """RI229 is about one name and value in one expression; other steps may ask again."""
    assert [f.id for f in _of(text)].count("RI229") == int(repeats)


def test_a_repeated_attribute_is_told_once() -> None:
    """RI229: of what is asked for four times, the second place is named; members side by side count, too."""
    four = Mixed([FLUENT, AtLeast(FRENCH, 3), Or([AtLeast(FRENCH, 2), AtLeast(FRENCH, 1)])])

    assert [f.condition for f in lint(Criteria([Step(four)])) if f.id == "RI229"] == [(1,)]


def test_groups_side_by_side_at_the_top_are_at_the_top() -> None:
    """RI223 is about an OR in an AND; of members of one node RI207 says what is odd."""
    either = Or([FLUENT, AtLeast(EC2, 1)])

    assert "RI223" not in _ids(lint(Criteria([Step(Mixed([And([FLUENT, AtLeast(EC2, 1)]), either]))])))
    assert "RI223" in _ids(lint(Criteria([Step(Mixed([And([FLUENT, either]), either]))])))


@pytest.mark.parametrize(
    ("name", "unfit"),
    [
        ("AWS DynamoDB", ""),
        ("a>=4; b<5, c?_.:/=+-@'", ""),
        ("日本語 Ünïcode ½\u00a0", ""),
        ("C#", "#"),
        ("R&D (EU)", "&()"),
        ("tab\there", "\t"),
        ("e\u0301", "\u0301"),
        ("aaa##", "#"),
    ],
)
def test_which_characters_an_attribute_can_have(name: str, unfit: str) -> None:
    """Letters, blanks, numbers and the signs that the guide prints, its range from + to @ included."""
    assert unfit_characters(name) == unfit


def test_an_empty_name_is_none() -> None:
    """RI227: no attribute is named by nothing; a reference is no name yet."""
    found = lint(Criteria([Step(AtLeast(Attribute("", "$.External.level#"), 3))]))

    assert _messages(found, "RI227") == ["the name `` is empty, which no predefined attribute can"]


def test_a_metric_is_as_long_as_its_characters() -> None:
    """RI228: a letter of any script counts once, as the service counts it."""
    japanese = [AtLeast(Attribute("Langue", f"日本語の応対{i}"), 3) for i in range(21)]
    latin = [AtLeast(Attribute("Langue", f"abcdefg{i}"), 3) for i in range(21)]

    assert len(metric_filter(Or(japanese))) == len(metric_filter(Or(latin))) - 21 < 3000
    assert "RI228" not in _ids(lint(Criteria([Step(Or(japanese))])))
    assert "RI228" in _ids(lint(Criteria([Step(Or(japanese * 2))])))


def test_what_has_no_form_on_the_wire_has_no_metric() -> None:
    """A step without an expression cannot be measured, and that is another finding."""
    assert _ids(lint(Criteria([Step(Opaque(None))]))) == ["RI205"]


# ---------------------------------------------------------------------------- documents


def test_a_refused_document_is_a_finding_for_each_problem() -> None:
    """RI104 is JSON inside a string; every other problem is RI105, with its path and its hint."""
    with pytest.raises(DocumentError) as refused:
        read({"Steps": [{"Expression": "{}", "Expiry": {"DurationInSeconds": "soon"}}]})

    assert [(finding.id, finding.where) for finding in refusal_findings(refused.value)] == [
        ("RI104", "$.Steps[0].Expression"),
        ("RI105", "$.Steps[0].Expiry.DurationInSeconds"),
    ]


ACTION = {
    "Identifier": "set",
    "Type": "UpdateRoutingCriteria",
    "Parameters": {"RoutingCriteria": {}},
    "Transitions": {"NextAction": "end", "Errors": [{"NextAction": "end", "ErrorType": "Other"}, 3]},
}


@pytest.mark.parametrize(
    ("wrap", "path"),
    [
        (lambda action: action, "$"),
        (lambda action: {"Actions": [{"Type": "Wait"}, action]}, "$.Actions[1]"),
        (
            lambda action: {"ContactFlow": {"Content": json.dumps({"Actions": [action]})}},
            "$.ContactFlow.Content.Actions[0]",
        ),
        (
            lambda action: {"ContactFlowModule": {"Content": json.dumps({"Actions": [action]})}},
            "$.ContactFlowModule.Content.Actions[0]",
        ),
    ],
)
def test_actions_are_found_in_every_wrapping(wrap: Any, path: str) -> None:
    """RI106 and RI107 point at the action, also inside the text of a DescribeContactFlow answer."""
    found = document_findings(wrap(ACTION))

    assert [(finding.id, finding.where) for finding in found] == [
        ("RI106", f"{path}.Type"),
        ("RI107", f"{path}.Transitions"),
    ]
    assert document_findings(json.dumps(wrap(ACTION))) == found


@pytest.mark.parametrize(
    "document",
    [
        [],
        "3",
        {"ContactFlow": {"Content": "{"}},
        {**ACTION, "Type": "UpdateContactRoutingCriteria", "Transitions": None},
        {"Type": "Wait", "Parameters": {}},
        {"Steps": [], "padding": "x" * 40_000},
        {"padding": "x" * 40_000},
        {"InstanceId": "i", "ContactId": "c", "padding": "x" * 40_000, "RoutingCriteria": {"Steps": []}},
    ],
)
def test_other_documents_have_no_such_findings(document: Any) -> None:
    """A pasted part of an action, text, another block, a large request: none of it is a flow's fault."""
    assert document_findings(document) == ()


def test_a_reply_is_measured_as_it_is_sent() -> None:
    """RI108 counts the bytes of compact JSON, so that indentation in a file does not matter."""
    reply: dict[str, Any] = {"criteria": {"Steps": []}, "note": ""}
    reply["note"] = "é" * ((32 * 1024 - len(json.dumps(reply, separators=(",", ":")))) // 2)

    assert document_findings(json.dumps(reply, indent=8)) == ()
    assert [f.message for f in document_findings({**reply, "note": reply["note"] + "éé"})] == [
        "the reply has 32771 bytes, and a flow takes 32768 from a Lambda"
    ]


# ---------------------------------------------------------------------------- contacts


def test_a_contact_without_criteria_has_nothing_to_lint() -> None:
    """No criteria is no fault; an empty one is."""
    assert lint(Contact(id="c")) == []
    assert _ids(lint(Contact(id="c", criteria=Criteria()))) == ["RI109"]


def test_a_contact_is_held_beside_its_record_and_the_roster() -> None:
    """The findings that explaining gives of a record come here too, the joined step among them."""
    joined = contact(step("JOINED", 30), connected_at=5, agent_id="bo")
    team = Roster(agents=[agent("ana", 4, modified_at=at(600)), agent("bo", 3), agent("cy", 5)])

    assert _ids(lint(joined)) == []
    assert _ids(lint(joined, team)) == ["RI602", "RI508"]
    assert [f.step for f in lint(joined, team) if f.id == "RI508"] == [1]
    assert _ids(lint(joined, Roster(agents=[agent("ana", 4), agent("cy", 4)]))) == ["RI604"]


def test_an_agent_who_satisfies_the_joined_step_is_no_finding() -> None:
    """So it is where no step was joined, or nobody took the contact, or no time is known."""
    team = Roster(agents=[agent("ana", 4), agent("cy", 4)])

    assert lint(contact(step("JOINED", 30), connected_at=5, agent_id="ana"), team) == []
    assert lint(contact(step("EXPIRED", 30), connected_at=40, agent_id="ana"), team) == []
    assert lint(contact(step("ACTIVE", 30)), team) == []


def test_findings_of_the_whole_come_first() -> None:
    """The order is the document's: the whole, then step by step."""
    found = _of("A(x) >= 6 [30s]\nA(x) >= 3 [30s]\nA(x) >= 2", attributes={}, max_wait=timedelta(seconds=1))

    assert [(finding.id, finding.step) for finding in found[:2]] == [("RI306", None), ("RI209", 1)]
    assert [finding.step or 0 for finding in found] == sorted(finding.step or 0 for finding in found)


def test_taking_out_what_is_redundant_is_safe() -> None:
    """One example of the law: the expression without its redundant part lets in the same agents."""
    expression = parse("Language(French) >= 4 OR Language(French) >= 4 AND Technology(AWS EC2) >= 2")
    (found,) = [f for f in lint(Criteria([Step(expression)])) if f.id == "RI215"]

    assert equivalent(expression, FLUENT)
    assert part_at(expression, found.condition or ()) == And([FLUENT, AtLeast(EC2, 2)])


def test_lint_is_public() -> None:
    """The names are there from the front door, as functions."""
    assert routing_inspect.lint is lint
    assert routing_inspect.read_attributes is read_attributes


@pytest.mark.parametrize(
    "text",
    [
        "L(F) >= 4 [30 s]\nM(G) >= 2 [30 s]",
        "L(F) >= 4 [30 s]\nM(G) >= 2 [30 s]\nL(F) >= 4 OR M(G) >= 2",
        "A(b) [30 s]\nB(c) [30 s]\nA(b)",
    ],
)
def test_a_step_may_let_in_those_of_an_earlier_one_again(text: str) -> None:
    """RI302 looks at the step before alone: while that runs, nobody else is offered the contact."""
    assert {"RI302", "RI304"}.isdisjoint(_ids(_of(text)))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("A(x) >= 3 [30s]\nA(x) >= 3", "let step 1 never expire in its place, or widen it"),
        ("A(x) >= 3 [30s]\nA(x) >= 3 [20s]", "let step 1 last 50 seconds in its place, or widen it"),
        (
            "A(x) >= 3 [30s]\nA(x) >= 4 [20s]",
            (
                "let step 1 last 50 seconds in its place; or put it first, "
                "if its agents should have the contact first"
            ),
        ),
    ],
)
def test_no_hint_takes_a_step_out_that_keeps_others_away(text: str, hint: str) -> None:
    """RI302 and RI304: the time of a step that goes is given to the one before."""
    assert [f.hint for f in _of(text) if f.id in {"RI302", "RI304"}] == [hint]


def test_no_time_is_too_long_for_a_hint() -> None:
    """Of two timers that no clock could add up no sum is said."""
    endless = Expiry(timedelta.max)
    (found,) = [f for f in lint(Criteria([Step(FLUENT, endless), Step(FLUENT, endless)])) if f.id == "RI302"]

    assert found.hint == "let step 1 last as long as both in its place, or widen it"


def test_empty_expressions_are_not_the_same() -> None:
    """RI302: an SDK leaves as much of anything that it does not know."""
    assert "RI302" not in _ids(
        lint(Criteria([Step(Opaque({}), Expiry(timedelta(seconds=30))), Step(Opaque({}))]))
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("A(x) OR NOT A(x) [30s]\nB(y)", "ask for what was meant"),
        ("A(x) OR NOT A(x)", "ask for what was meant"),
        (
            "B(y) [30s]\nA(x) OR NOT A(x)",
            (
                "ask for what was meant, or take the step out: "
                "behind the last step anybody in the queue may take the contact, too"
            ),
        ),
    ],
)
def test_a_step_for_everybody_goes_only_where_everybody_follows(text: str, hint: str) -> None:
    """RI213: taken out before another, all but that one's agents would wait for it."""
    assert [f.hint for f in _of(text) if f.id == "RI213"] == [hint]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("B(y) OR A(x) >= 3 AND NOT A(x) >= 2", "take one of them out, or join them by OR"),
        ("NOT (B(y) OR A(x) >= 3 AND NOT A(x) >= 2)", "take it out as a whole: it excludes nobody"),
        ("NOT (B(y) OR NOT (A(x) OR NOT A(x)))", "take it out as a whole: it excludes nobody"),
    ],
)
def test_under_a_not_a_contradiction_goes_as_a_whole(text: str, hint: str) -> None:
    """RI212: with half of it gone, the NOT would shut somebody out."""
    assert [f.hint for f in _of(text) if f.id == "RI212"] == [hint]


@pytest.mark.parametrize(
    ("text", "required", "said"),
    [
        ("A(x) >= 2", "A(x)", []),
        (
            "A(x) >= 2",
            "A(x) >= 3",
            ["`A(x) >= 3` is required, and no step asks it of everybody whom it lets in"],
        ),
        ("A(x) OR B(y)", "A", ["`A` is required, and no step asks it of everybody whom it lets in"]),
        ("B(y)", "A", ["`A` is required, and no step asks it of everybody whom it lets in"]),
        ("a(x)", "A(x)", ["`A(x)` is required, and `a(x)` is asked for"]),
        ("A(x)", "A(X)", ["`A(X)` is required, and `A(x)` is asked for"]),
        (
            "A(x) [30s]\nB(y)",
            "A(x)",
            ["step 2 lets in agents who do not satisfy `A(x)`, which step 1 asks for"],
        ),
        ("A(x) [30s]\na(x)", "A", ["step 2 lets in agents without `A`, which step 1 asks for"]),
    ],
)
def test_a_required_name_or_expression_is_always_looked_for(
    text: str, required: str, said: list[str]
) -> None:
    """RI310: what no step asks for is missed everywhere, so that a slip in what is required is seen."""
    assert _messages(_of(text, required=[required]), "RI310") == said


def test_what_is_required_has_to_be_readable() -> None:
    """No name has parentheses, so what has is an expression, or refused."""
    with pytest.raises(CriteriaSyntaxError):
        _of("A(x)", required=["A("])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Routing(True) >= 1", ["RI408"]),
        ("Routing(True)", ["RI408"]),
        ("agent in (ana) [30s]\nRouting(True) >= 1", ["RI408"]),
        ("Routing(True) >= 2", ["RI401"]),
        ("Routing(True) >= 1 [30s]", ["RI401"]),
        ("Language(french) >= 1", ["RI401", "RI412"]),
        ("Language(French)", []),
        ("Routing($.External.x)", ["RI101"]),
    ],
)
def test_a_parking_brake_is_no_error(text: str, expected: list[str]) -> None:
    """RI408: a step that never expires and asks for what nobody holds may hold contacts back."""
    team = parse_roster("ana: Language(French) 4\nbo: Language(French) 2")

    assert _ids(_of(text.replace("$.External.x", '"$.External.x"'), roster=team)) == expected


def test_nobody_known_is_no_parking_brake() -> None:
    """Where nobody's proficiencies are known, nobody can say that an attribute is held by nobody."""
    team = Roster(agents=[agent("ana", proficiencies=None)])

    assert _ids(_of("Routing(True) >= 1", roster=team)) == []


def test_many_steps_are_each_held_beside_the_one_before() -> None:
    """RI302 is looked for in a criteria of any length."""
    findings = lint(parse_criteria("Language(French) >= 4 [30s]\n" * 257))

    assert [finding.step for finding in findings if finding.id == "RI302"] == list(range(2, 258))
    assert "RI219" not in _ids(findings)
