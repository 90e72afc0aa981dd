"""Condition coverage: when a condition is shown to decide alone, and who would show what is not."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from routing_inspect import witnesses
from routing_inspect.cases import read_cases
from routing_inspect.contact import Agent, Criteria, Roster, Step
from routing_inspect.evaluate import Verdict
from routing_inspect.expr import And, AtLeast, Attribute, Mixed, Not, Opaque, Or
from routing_inspect.gaps import CriteriaCoverage, Pair, StepCoverage, Totals, cover, totals
from routing_inspect.mcdc import decides, outcome, shown, vector
from routing_inspect.observed import (
    FILE,
    TEST,
    Observations,
    listening,
    note_criteria,
    note_expression,
    note_verdict,
)
from routing_inspect.outcomes import check
from routing_inspect.render.conditions import agent_line, lines, proposed_files, to_dict
from routing_inspect.roster import read_roster
from routing_inspect.text import parse, parse_criteria, parse_roster, unparse

FRENCH = Attribute("Language", "French")
DYNAMO = Attribute("Technology", "AWS DynamoDB")


def _stating(criteria: str | Criteria, roster: str, steps: Iterable[int] | None = None) -> Observations:
    """State what the steps say of every agent of a roster; those of other steps stand around."""
    of = parse_criteria(criteria) if isinstance(criteria, str) else criteria
    agents = parse_roster(roster).agents if roster else ()
    with listening() as observations:
        note_criteria(of, agents, FILE, "desk.routing")
        for number, step in enumerate(of.steps, start=1):
            for agent in agents if steps is None or number in steps else ():
                note_verdict(step.expression, agent)
    return observations


def _step(
    criteria: str | Criteria, roster: str, number: int = 1, steps: Iterable[int] | None = None
) -> StepCoverage:
    (covered,) = cover(_stating(criteria, roster, steps))
    return covered.steps[number - 1]


def _proposed(step: StepCoverage) -> list[tuple[str, str]]:
    return [(proposal.verdict.value, agent_line(proposal.agent)) for proposal in step.proposals]


def test_two_agents_who_differ_in_one_condition_show_that_it_decides() -> None:
    """The textbook's three agents for an AND of two."""
    step = _step("A(B) >= 4 AND C(D) >= 2", "ana: A(B) 4, C(D) 2\nben: A(B) 3, C(D) 5\ncai: A(B) 5")

    assert [row.alone for row in step.conditions] == [Pair("ana", "ben"), Pair("ana", "cai")]
    assert [(row.passed, row.failed) for row in step.conditions] == [(2, 1), (2, 1)]
    assert step.stated == 3
    assert step.proposals == ()


def test_conditions_about_other_things_must_not_differ() -> None:
    """Where two conditions on two attributes turn together, neither is shown to decide alone."""
    step = _step("A(B) >= 4 AND C(D) >= 2", "ana: A(B) 4, C(D) 2\nben:")

    assert [row.alone for row in step.conditions] == [None, None]
    assert _proposed(step) == [("no_match", "new-1: C(D) 2"), ("no_match", "new-2: A(B) 4")]


def test_coupled_conditions_may_differ_where_they_have_no_part_in_it() -> None:
    """
    From 2 to 4 two conditions on one attribute turn; one of them decides and the other is masked.

    Language(French) below 2 is one way in and at 4 or above another, so at 4 the first does not
    count and at 3 neither holds.
    """
    expression = parse("NOT Language(French) >= 2 OR Language(French) >= 4")
    low, middle, high = (vector(expression, Agent(id=str(n), proficiencies={FRENCH: n})) for n in (1, 3, 4))

    assert (low, middle, high) == ((1, -1), (-1, -1), (-1, 1))
    assert shown(expression, 0, [low, middle, high]) == (low, middle)
    assert shown(expression, 1, [low, middle, high]) == (high, middle)
    assert shown(expression, 0, [low, high]) is None


def test_a_condition_that_stands_twice_counts_twice() -> None:
    """Each place has to be shown; the other place turns with it and must have no part in it."""
    step = _step("A(B) AND C(D) OR A(B) AND E(F)", "")

    assert [unparse(row.condition) for row in step.conditions].count("A(B) in 1..5") == 2
    assert all(row.can_decide for row in step.conditions)
    assert _proposed(step) == [
        ("match", "new-1: A(B) 1, C(D) 1"),
        ("no_match", "new-2: C(D) 1"),
        ("no_match", "new-3: A(B) 1"),
        ("match", "new-4: A(B) 1, E(F) 1"),
        ("no_match", "new-5: E(F) 1"),
    ]


def test_unknown_is_neither_passed_nor_failed() -> None:
    """An agent of whom a condition cannot be told shows nothing of it."""
    criteria = parse_criteria("A(B) >= 4 OR C(D) >= 1")
    with listening() as observations:
        note_criteria(criteria, (), FILE, "x")
        note_verdict(criteria.steps[0].expression, Agent(id="blind"))
    ((step,),) = (covered.steps for covered in cover(observations))

    assert [(row.passed, row.failed) for row in step.conditions] == [(0, 0), (0, 0)]
    assert decides(criteria.steps[0].expression, (0, 0), 0) is None
    assert decides(criteria.steps[0].expression, (0, 1), 0) is False
    assert step.stated == 1


def test_the_outcome_follows_kleene() -> None:
    """The numbers settle what the verdicts settle, NOT over groups and mixed nodes included."""
    mixed = Mixed([AtLeast(FRENCH, 1), Or([AtLeast(DYNAMO, 1)])])

    assert outcome(mixed, (1, 1)) is Verdict.MATCH
    assert outcome(mixed, (-1, -1)) is Verdict.NO_MATCH
    assert outcome(mixed, (1, -1)) is Verdict.UNKNOWN
    assert outcome(Not(Or([AtLeast(FRENCH, 1), Not(AtLeast(DYNAMO, 1))])), (-1, -1)) is Verdict.MATCH
    assert outcome(Not(Not(AtLeast(FRENCH, 1))), (1,)) is Verdict.NO_MATCH


@pytest.mark.parametrize(
    ("expression", "number", "why"),
    [
        ("A(B) >= 3 AND A(B) >= 2", 1, "`A(B) >= 3` asks about the same"),
        ("A(B) >= 3 OR A(B) in 4..5 OR A(B) in 4..5", 1, "`A(B) >= 3`, `A(B) in 4..5` asks about the same"),
        ("A(B) in 4..2 OR C(D) >= 1", 0, "no agent passes it"),
        ("C(D) >= 1 AND NOT A(B) >= 6", 1, "no agent fails it"),
        ("C(D) >= 1 AND OPAQUE `{}`", 1, "its verdict cannot be told of any agent"),
        ('"$.External.x"(B) >= 1', 0, "its verdict cannot be told of any agent"),
        ("C(D) >= 1 AND OPAQUE `{}`", 0, "the outcome never hangs on it"),
        ("agent in ()", 0, "no agent passes it"),
        ("MIXED (A(B) >= 1, C(D) >= 1)", 0, "the outcome never hangs on it"),
    ],
)
def test_what_no_agent_can_show_is_said_to_be_so(expression: str, number: int, why: str) -> None:
    """Redundant conditions, and those whose verdict is never known, are no gap in the tests."""
    row = _step(expression, "").conditions[number]

    assert row.can_decide is False
    assert row.why_not == why


def test_what_cannot_decide_alone_is_still_to_be_seen_both_ways() -> None:
    """Whoever passes and whoever fails a redundant condition is proposed, where there is anybody."""
    step = _step("A(B) >= 3 AND A(B) >= 2", "ana: A(B) 3")

    assert step.conditions[1].can_decide is False
    assert step.conditions[1].needs == ("new-2",)
    assert _proposed(step) == [("no_match", "new-1: A(B) 2"), ("no_match", "new-2:")]
    assert _step("A(B) in 4..2", "ana: A(B) 3").proposals == ()


def test_the_smallest_agents_are_proposed() -> None:
    """The fewest attributes first, then the lowest levels; a fraction only where no whole level will do."""
    either = _step("A(B) >= 5 AND C(D) >= 5 AND E(F) >= 1 OR G(H) >= 4 AND A(B) >= 2", "")

    assert _proposed(either)[0] == ("match", "new-1: A(B) 5, C(D) 5, E(F) 1")
    # One more beside somebody who is proposed already, rather than two smaller ones.
    assert _proposed(either)[4] == ("match", "new-5: A(B) 5, E(F) 1, G(H) 4")
    assert _proposed(_step("A(B) in 2.2..2.8", "")) == [("match", "new-1: A(B) 2.2"), ("no_match", "new-2:")]
    assert ("no_match", "new-2: A(B) 2.5") in _proposed(
        _step("NOT A(B) in 2..3 OR A(B) in 2..2 OR A(B) in 3..3", "")
    )


def test_who_is_in_the_roster_already_needs_only_a_statement() -> None:
    """Before anybody new is proposed, a test is asked to speak of those who are there."""
    step = _step(
        "A(B) >= 4 [9s] A(B) >= 4 AND C(D)", "ana: A(B) 4, C(D) 1\nben: A(B) 3, C(D) 1", 2, steps=[1]
    )

    assert _proposed(step) == [
        ("match", "ana: A(B) 4, C(D) 1"),
        ("no_match", "ben: A(B) 3, C(D) 1"),
        ("no_match", "new-1: A(B) 4"),
    ]
    assert [proposal.known_as for proposal in step.proposals] == ["ana", "ben", None]


def test_who_is_there_goes_by_the_username_where_that_will_do() -> None:
    """A roster as text has one name for an agent; where a list asks for the id, that is the one."""
    user_id = "aaaaaaaa-0000-4000-8000-000000000001"
    level = {Attribute("A", "B"): 4.0}
    ana = Agent(id=user_id, username="ana", proficiencies={**level, FRENCH: 2}, queues=())
    blind = Agent(id="0", username="cai", proficiencies=None)

    def proposed(criteria: str) -> list[str]:
        with listening() as observations:
            note_criteria(parse_criteria(criteria), [ana, blind], FILE, "x")
        return [line for _, line in _proposed(cover(observations)[0].steps[0])]

    assert proposed("A(B) >= 4") == ["ana: A(B) 4", "new-1:"]
    assert f"{user_id}: A(B) 4" in proposed(f"A(B) >= 4 AND NOT agent in ({user_id})")
    assert "ana: A(B) 4" in proposed("A(B) >= 4 AND NOT agent in (ana)")


def test_an_agent_there_is_half_of_a_pair() -> None:
    """One new agent is proposed where somebody who is there is the other half, spoken of or not."""
    stated = _step("A(B) >= 4 AND C(D)", "ana: A(B) 5, C(D) 1\nben:")
    around = _step("A(B) >= 4 [9s] A(B) >= 4 OR C(D)", "ana: A(B) 3", 2, steps=[1])

    assert stated.conditions[0].needs == ("new-1",)
    assert around.conditions[0].needs == ("new-1", "ana")


def test_an_agent_proposed_for_one_step_serves_the_next() -> None:
    """A roster line is proposed once; further steps ask for a statement about it."""
    step = _step("A(B) >= 4 [9s] NOT A(B) >= 4", "", 2)

    assert _proposed(step) == [("match", "new-2:"), ("no_match", "new-1: A(B) 4")]


def test_nobody_can_be_like_an_agent_of_whom_nothing_is_known() -> None:
    """Beside an agent whose other verdicts are unknown nobody can be put, so two new ones are proposed."""
    criteria = parse_criteria("agent in (ana) OR C(D) AND agent in ()")
    with listening() as observations:
        note_criteria(criteria, (), FILE, "x")
        note_verdict(criteria.steps[0].expression, Agent(id="ben"))
    ((step,),) = (covered.steps for covered in cover(observations))

    assert (step.conditions[0].failed, step.conditions[0].needs) == (1, ("ana", "new-1"))


def test_only_a_listed_agent_will_do() -> None:
    """Where a condition lists agents, one of them is proposed by id, the free one first."""
    step = _step(
        "agent in (ana, arn:aws:connect:eu-west-2:1:instance/i/agent/ben) AND A(B) >= 4", "ana: A(B) 4"
    )

    assert _proposed(step) == [("no_match", "new-1: A(B) 4"), ("no_match", "ben:")]


def test_a_listed_agent_with_two_sets_of_levels_needs_two_rosters(tmp_path: Path) -> None:
    """One roster cannot hold an agent twice, so the file proposed has a case with one of its own."""
    covered = cover(_stating("agent in (ana) AND A(B) >= 4", ""))
    (file,) = proposed_files(covered)

    assert file is not None
    assert file.text.splitlines() == [
        "roster: |",
        "  ana: A(B) 4",
        "  new-1: A(B) 4",
        "criteria: {file: ../desk.routing}",
        "cases:",
        "  what no test had shown:",
        "    steps:",
        "      1:",
        "        matches: [ana]",
        "        rejects: [new-1]",
        "  what no test had shown, 2:",
        "    roster: |",
        "      ana:",
        "    steps:",
        "      1:",
        "        rejects: [ana]",
    ]
    (tmp_path / "desk.routing").write_text("agent in (ana) AND A(B) >= 4", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / file.name).write_text(file.text, encoding="utf-8")
    cases = read_cases(tmp_path / file.name, tree=tmp_path).cases
    assert [check(case) for case in cases] == [(), ()]


def test_each_proposed_file_has_a_name_of_its_own() -> None:
    """It tells of the criteria and of where its tests are, in letters that every disk takes."""
    step = cover(_stating("A(B)", ""))[0].steps
    names = ("flows/a.json, action x y", "flows/a.json, action x.y", "tests/test_a.py::test_b[1]", "語")

    files = proposed_files([CriteriaCoverage(name=name, steps=step, folder="tests") for name in names])

    assert [file.name for file in files if file is not None] == [
        "tests/test_a_x_y_gaps.routing.yaml",
        "tests/test_a_x_y_gaps2.routing.yaml",
        "tests/test_a_test_b_1_gaps.routing.yaml",
        "tests/test_criteria_gaps.routing.yaml",
    ]


def test_new_agents_never_take_a_name_that_is_there() -> None:
    """Proposals can be pasted beside every agent under test."""
    step = _step("A(B) >= 4", "new-1: A(B) 4")

    assert _proposed(step) == [("no_match", "new-2:")]


def test_a_reference_in_a_list_of_agents_names_nobody() -> None:
    """What a flow fills in is no agent to propose; whoever is listed beside it is."""
    step = _step('agent in ("$.External.agent", ana)', "")

    assert step.conditions[0].can_decide is False
    assert _proposed(step) == [("match", "ana:")]


def test_a_search_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nobody can tell whether two agents could show it; it counts as a gap, and says so."""
    monkeypatch.setattr(witnesses, "LIMIT", 1)
    (covered,) = cover(_stating("A(B) >= 4 AND C(D) >= 2", ""))
    row = covered.steps[0].conditions[0]

    assert row.can_decide is None
    assert row.needs == ("new-1", "new-2")
    assert totals([covered]).possible == 2
    assert "whether two agents could show it took too long to find out" in "\n".join(lines([covered]))


def test_what_the_service_documents_is_searched_in_full() -> None:
    """Three groups of eight conditions stay far below the limit, on own attributes or on shared ones."""
    own = [And([AtLeast(Attribute(f"A{g}", str(n)), 3) for n in range(8)]) for g in range(3)]
    shared = [And([AtLeast(Attribute("A", str(n)), 3 + g) for n in range(8)]) for g in range(3)]

    apart, together = (_step(Criteria([Step(Or(groups))]), "") for groups in (own, shared))

    assert all(row.can_decide for row in apart.conditions)
    assert len(apart.proposals) == 27
    assert [row.can_decide for row in together.conditions] == [True] * 8 + [False] * 16


def test_the_same_criteria_under_two_names_is_one() -> None:
    """The file's name is the better one; an expression by itself counts for every step that says the same."""
    criteria = parse_criteria("A(B) >= 4")
    expression = criteria.steps[0].expression
    with listening() as observations:
        note_criteria(criteria, (), TEST, "test_x")
        note_criteria(criteria, (), FILE, "flow.json")
        note_expression(expression, "test_y")
        note_verdict(expression, Agent(id="ana", proficiencies={}))
        note_expression(parse("C(D)"), "test_z")

    covered = cover(observations)

    assert [criteria.name for criteria in covered] == ["flow.json", "test_z"]
    assert covered[0].steps[0].stated == 1


def test_percentages_are_never_rounded_up() -> None:
    """Nearly everything is not everything, and nothing of nothing is nothing."""
    assert Totals(2000, 2000, 2000, 1999).percent == 99.9
    assert Totals(3, 3, 3, 3).percent == 100
    assert Totals(0, 0, 0, 0).percent == 0


def test_the_table_says_what_is_shown_and_what_to_add() -> None:
    """A line for each condition; below, a case file to paste, and where."""
    covered = cover(_stating('A(B) >= 4 AND A(B) >= 2 [9s] agent in (a b, "@c")', "ana: A(B) 5"))

    assert list(lines(covered)) == [
        "desk.routing",
        "  step 1",
        "    pass  fail  alone",
        "       1     0  no     A(B) >= 4",
        "                       needs new-1",
        "       1     0  never  A(B) >= 2",
        "                       no two agents can show it: `A(B) >= 4` asks about the same",
        "                       needs new-2",
        "  step 2",
        "    pass  fail  alone",
        "       0     1  no     agent in (a b, @c)",
        "                       needs a b",
        "  to close the gaps, as tests/test_desk_gaps.routing.yaml:",
        "    roster: |",
        "      new-1: A(B) 2",
        "      new-2:",
        "      a b:",
        "    criteria: {file: ../desk.routing}",
        "    cases:",
        "      what no test had shown:",
        "        steps:",
        "          1:",
        "            rejects: [new-1, new-2]",
        "          2:",
        "            matches: [a b]",
        "",
        "3 conditions, 0 seen to pass and to fail; 0 of 2 shown to decide alone, 0 %; 1 cannot",
    ]
    assert list(lines([])) == ["no criteria was under test"]


def test_the_json_says_the_same() -> None:
    """Every proposal is there as a line of a text roster and as an agent of a JSON roster."""
    covered = cover(_stating("A(B) >= 4", "ana: A(B) 5"))
    document: dict[str, Any] = to_dict(covered)

    assert document["schema"] == "routing-inspect/condition-coverage/1"
    assert document["totals"] == {"conditions": 1, "both_ways": 0, "possible": 1, "alone": 0, "percent": 0.0}
    ((step,),) = (criteria["steps"] for criteria in document["criteria"])
    assert step["conditions"] == [
        {
            "expression": "A(B) >= 4",
            "passed": 1,
            "failed": 0,
            "alone": None,
            "can_decide": True,
            "why_not": None,
            "needs": ["new-1"],
        }
    ]
    (proposal,) = step["proposals"]
    assert (proposal["roster_line"], proposal["verdict"], proposal["known_as"]) == (
        "new-1:",
        "no_match",
        None,
    )
    assert document["criteria"][0]["proposed_file"] == {
        "name": "tests/test_desk_gaps.routing.yaml",
        "text": "roster: |\n  new-1:\ncriteria: {file: ../desk.routing}\ncases:\n"
        "  what no test had shown:\n    steps:\n      1:\n        rejects: [new-1]\n",
    }
    assert read_roster({"agents": [proposal["agent"]]}).agents == (Agent(id="new-1", proficiencies={}),)
    both = to_dict(cover(_stating("A(B) >= 4", "ana: A(B) 5\nben:")))
    assert both["criteria"][0]["proposed_file"] is None
    assert both["criteria"][0]["steps"][0]["conditions"][0]["alone"] == {"passing": "ana", "failing": "ben"}
    beside = to_dict(cover(_stating("A(B) >= 4 [9s] A(B) >= 4 AND A(B)", "ana: A(B) 5", steps=[1])))
    assert beside["criteria"][0]["steps"][1]["proposals"][0]["known_as"] == "ana"


@pytest.mark.parametrize(
    "agent_id", ["ana", "ana@example.com", "@ana", "a b", "not", 'say "hi"', "Bob: night", "é"]
)
def test_a_proposed_line_is_a_line_of_a_roster(agent_id: str) -> None:
    """Whatever the id and the attribute, the line reads back as the agent."""
    agent = Agent(id=agent_id, proficiencies={Attribute("a>=4", "AND"): 2.5, FRENCH: 4})

    assert parse_roster(agent_line(agent)) == Roster(agents=[agent])


def test_proposals_close_the_gaps() -> None:
    """With the proposed agents added and spoken of, nothing that can be shown is left to show."""
    criteria = (
        "A(B) >= 4 AND (C(D) in 2..3 OR NOT agent in (ana)) [9s] A(B) >= 2 OR C(D) in 3..5 AND A(B) in 1..1"
    )
    observations = _stating(criteria, "eve: A(B) 1")
    before = cover(observations)
    new = [proposal.agent for step in before[0].steps for proposal in step.proposals]

    with listening() as more:
        for step in parse_criteria(criteria).steps:
            for agent in new:
                note_verdict(step.expression, agent)
    observations.merge(more.dump())
    after = cover(observations)

    assert totals(before).percent < totals(after).percent == 100
    assert all(step.proposals == () for step in after[0].steps)


def test_an_opaque_part_leaves_the_rest_to_be_shown() -> None:
    """What cannot be told hides nothing where the outcome does not hang on it."""
    step = _step(Criteria([Step(Or([Opaque({}), AtLeast(FRENCH, 4)]))]), "")

    assert [row.can_decide for row in step.conditions] == [False, False]
    assert step.conditions[1].why_not == "the outcome never hangs on it"
