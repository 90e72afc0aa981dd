"""What differs between two criteria: which step is which, whom it lets in, who is reached when."""

from datetime import timedelta

import pytest

import routing_inspect as ri
from routing_inspect import analysis, clauses, comparison
from routing_inspect.arrival import Arrival, openings
from routing_inspect.comparison import diff
from routing_inspect.contact import Agent, Criteria, Expiry, Roster, Step
from routing_inspect.criteria_diff import CriteriaDiff, Relation, StepDiff, change_text, headline
from routing_inspect.errors import AnalysisLimit
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Expr, Not, Opaque, Or
from routing_inspect.pairing import moved_pairs, pair_steps
from routing_inspect.part_changes import PartChange, part_changes, similarity
from routing_inspect.render.diff import (
    Part,
    Report,
    example_text,
    lines,
    markdown,
    shift_text,
    total,
)
from routing_inspect.render.diff_json import to_dict
from routing_inspect.render.lines import draw

SECOND = Expiry(timedelta(seconds=1))
OPEN = Opaque({"AttributeCondition": {"ComparisonOperator": "FromTheFuture"}})


def _criteria(*steps: str) -> Criteria:
    return ri.parse_criteria("\n".join(steps))


def _diff(old: str, new: str, roster: str | None = None) -> CriteriaDiff:
    return diff(
        ri.parse_criteria(old),
        ri.parse_criteria(new),
        None if roster is None else ri.parse_roster(roster),
    )


def _report(found: CriteriaDiff, *fail_on: str) -> Report:
    return Report(old=("a", "criteria"), new=("b", "criteria"), parts=(Part(diff=found),), fail_on=fail_on)


def _text(found: CriteriaDiff, *fail_on: str, verbose: bool = False) -> str:
    return draw(lines(_report(found, *fail_on), verbose=verbose), None)


def _only(found: CriteriaDiff) -> StepDiff:
    (step,) = found.steps
    return step


# ---------------------------------------------------------------------------- what was changed


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("L(f) >= 4", "L(f) >= 3", ["L(f) >= 4 -> >= 3"]),
        ("L(f) >= 4", "L(f) in 2..4", ["L(f) >= 4 -> in 2..4"]),
        ("NOT L(f) >= 4", "NOT L(f) >= 3", ["NOT L(f) >= 4 -> >= 3"]),
        ("L(f) >= 4", "NOT L(f) >= 4", ["L(f) >= 4 -> NOT L(f) >= 4"]),
        ("L(f) >= 4", "NOT L(f) >= 3", ["L(f) >= 4 -> NOT L(f) >= 3"]),
        ("L(f) >= 4", "L(g) >= 4", ["another value: L(f) >= 4 -> L(g) >= 4"]),
        ("L(f) >= 4", "M(f) >= 4", ["another name: L(f) >= 4 -> M(f) >= 4"]),
        ("A(a b) >= 4", "a(ab) >= 4", ["A(a b) >= 4 -> a(ab) >= 4"]),
        ("L(f) >= 4", "T(d) >= 1", ["L(f) >= 4 -> T(d) >= 1"]),
        ("L(f) >= 4", "agent in (a)", ["L(f) >= 4 -> agent in (a)"]),
        (
            "agent in (a, b)",
            "agent in (b, c)",
            ["agent removed from the list: a", "agent added to the list: c"],
        ),
        ("agent in (a, b)", "agent in (b, a)", ["agent in (a, b) -> agent in (b, a)"]),
        ("L(f) >= 4", "L(f) >= 4 AND T(d) >= 1", ["added: AND T(d) >= 1"]),
        ("L(f) >= 4 AND T(d) >= 1", "T(d) >= 1", ["removed: AND L(f) >= 4"]),
        ("L(f) >= 4 AND T(d) >= 1", "L(f) >= 4 OR T(d) >= 1", ["AND -> OR between the parts"]),
        (
            "L(f) >= 4 AND T(d) >= 1",
            "T(d) >= 1 AND L(f) >= 4",
            ["the parts joined by AND stand in another order"],
        ),
        (
            "L(f) >= 4 AND T(d) >= 1",
            "(L(f) >= 4 AND T(d) >= 1) OR T(d) >= 5",
            ["added: OR T(d) >= 5"],
        ),
        (
            "L(f) >= 4 AND T(d) >= 1 OR L(f) >= 4 AND T(e) >= 1",
            "L(f) >= 4 AND T(d) >= 1 OR L(f) >= 3 AND T(e) >= 1",
            ["L(f) >= 4 -> >= 3, in L(f) >= 4 AND T(e) >= 1"],
        ),
        (
            "L(f) >= 4 AND T(d) >= 1 OR T(e) >= 2 AND T(g) >= 2",
            "L(f) >= 4 AND T(d) >= 1 AND T(h) >= 1 OR T(e) >= 2",
            [
                "added: AND T(h) >= 1, beside L(f) >= 4 AND T(d) >= 1",
                "removed: AND T(g) >= 2, in T(e) >= 2 AND T(g) >= 2",
            ],
        ),
        (
            "X(y) >= 1 AND NOT (L(f) >= 4 OR T(d) >= 1)",
            "X(y) >= 1 AND NOT (L(f) >= 3 OR T(d) >= 1)",
            ["L(f) >= 4 -> >= 3, in NOT (L(f) >= 4 OR T(d) >= 1)"],
        ),
        ("NOT (NOT L(f) >= 4)", "NOT (NOT L(f) >= 3)", ["NOT L(f) >= 4 -> >= 3, in NOT NOT L(f) >= 4"]),
        ("NOT (L(f) >= 4 OR T(d) >= 1)", "X(y) >= 1", ["NOT (L(f) >= 4 OR T(d) >= 1) -> X(y) >= 1"]),
    ],
)
def test_a_change_is_told_in_the_readers_words(old: str, new: str, told: list[str]) -> None:
    """Whose bounds, which agent, which part: what an editor did, and not the whole line twice."""
    assert [change_text(change) for change in part_changes(ri.parse(old), ri.parse(new))] == told


def test_opaque_and_mixed_parts_are_compared_as_written() -> None:
    """What this version does not understand is replaced; members side by side are a group like others."""
    other = Opaque({"AttributeCondition": {"ComparisonOperator": "Equals"}})
    condition = ri.parse("L(f) >= 4")
    mixed, more = ri.Mixed([condition, OPEN]), ri.Mixed([condition, other])

    assert [change.kind for change in part_changes(mixed, more)] == ["replaced"]
    assert [change.kind for change in part_changes(condition, mixed)] == ["part added"]
    assert similarity(OPEN, other) == 0.5
    assert similarity(OPEN, condition) == 0
    assert similarity(condition, Not(condition)) == 0.5


def test_a_group_of_one_is_another_way_to_write_it() -> None:
    """Where only parentheses differ, the whole is shown before and after."""
    condition = ri.parse("L(f) >= 4")

    assert [change.kind for change in part_changes(condition, And([condition]))] == ["replaced"]
    assert part_changes(condition, condition) == ()


def test_of_very_many_parts_only_the_equal_ones_are_found() -> None:
    """Forty conditions that all changed are told as removed and added, in no time."""
    old, new = (And([AtLeast(Attribute("S", str(i)), level) for i in range(40)]) for level in (3, 4))
    kept = And([*old.operands, AtLeast(Attribute("L", "f"), 1)])

    changes = part_changes(old, new)

    assert [change.kind for change in changes] == ["part removed"] * 40 + ["part added"] * 40
    assert similarity(old, new) == 0
    assert [change.kind for change in part_changes(old, kept)] == ["part added"]


def test_the_lists_of_agents_are_alike_by_whom_they_share() -> None:
    """An empty list is like another list by half, as any two lists are."""
    assert similarity(AgentIn(["a", "b"]), AgentIn(["b", "a"])) == pytest.approx(0.9)
    assert similarity(AgentIn([]), AgentIn(["a"])) == pytest.approx(0.5)


# ---------------------------------------------------------------------------- which step is which


def _pairs(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    sides = [[Step(ri.parse(text)) for text in texts] for texts in (old, new)]
    return pair_steps(*sides)


def test_steps_that_mean_the_same_go_together_however_written() -> None:
    """Meaning comes before the looks: the second old step is the first new one."""
    assert _pairs(["L(f) >= 4", "NOT (NOT L(f) >= 3)"], ["L(f) >= 3", "L(f) >= 5"]) == [(1, 0), (0, 1)]


def test_of_several_that_mean_the_same_those_written_alike_go_together() -> None:
    """The one that is left over is the one that is written least like the others."""
    assert _pairs(["NOT (NOT L(f) >= 3)", "L(f) >= 3"], ["L(f) >= 3"]) == [(1, 0)]
    assert _pairs(["L(f) >= 3"], ["NOT (NOT L(f) >= 3)", "L(f) >= 3", "L(f) >= 3"]) == [(0, 1)]
    assert _pairs(["L(f)", "NOT (NOT L(f))"], ["L(f)", "L(f)", "NOT (NOT L(f))"]) == [(0, 0), (1, 2)]


def test_of_several_that_are_written_alike_the_nearest_go_together() -> None:
    """Of two that are equally near, the first."""
    assert _pairs(["T(d)", "L(f)"], ["L(f)", "L(f)"]) == [(1, 1)]
    assert _pairs(["T(d)", "L(f)"], ["L(f)", "X(y)", "L(f)"]) == [(1, 0)]


def test_steps_with_nothing_in_common_are_two_steps() -> None:
    """Less alike than by a third, they are told as removed and added."""
    assert _pairs(["L(f) >= 3"], ["agent in (a)"]) == []
    assert _pairs(["L(f) >= 4", "L(f) >= 3"], ["L(f) >= 2"]) == [(1, 0)]


@pytest.mark.parametrize(
    ("pairs", "moved"),
    [
        ([(0, 0), (1, 1)], set()),
        ([(0, 1), (1, 0)], {(0, 1), (1, 0)}),
        ([(0, 1), (1, 2), (2, 0)], {(2, 0)}),
        ([(0, 3), (1, 0), (2, 1), (3, 2)], {(0, 3)}),
        ([(0, 0), (2, 5)], set()),
        ([], set()),
    ],
)
def test_as_few_steps_as_can_be_moved(pairs: list[tuple[int, int]], moved: set[tuple[int, int]]) -> None:
    """One step that passes others moved, and they did not; of two that change places both did."""
    assert moved_pairs(pairs) == moved


def _pigeons(pigeons: int, holes: int) -> Expr:
    """Ask each pigeon to sit in a hole, and no two in one: hard to refuse for any solver."""
    sits = [[AtLeast(Attribute(f"pigeon {p}", f"hole {h}"), 3) for h in range(holes)] for p in range(pigeons)]
    crowds = [
        Or([Not(sits[p][h]), Not(sits[q][h])]) for h in range(holes) for p in range(pigeons) for q in range(p)
    ]
    return And([*map(Or, sits), *crowds])


def test_what_is_too_large_to_decide_is_paired_by_its_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts as incomparable, says why, and trips the gates it may concern."""
    monkeypatch.setattr(clauses, "TURNS", tuple(turns // 1_000 for turns in clauses.TURNS))
    hard = _pigeons(9, 8)
    assert isinstance(hard, And)
    old = Criteria([Step(hard, Expiry(timedelta(seconds=30))), Step(ri.parse("T(d)"))])
    narrower = And([*hard.operands, ri.parse("L(f) >= 3")])
    new = Criteria([Step(narrower, Expiry(timedelta(seconds=30)))])

    found = diff(old, new)

    assert [step.relation for step in found.steps] == [Relation.INCOMPARABLE, Relation.REMOVED]
    assert not found.steps[1].adds_nobody
    assert found.occurrences == ("incomparable", "removed", "later", "earlier")
    text = _text(found)
    assert "whether anybody is reached later is too large to decide" in text.replace("\n", " ")
    assert "incomparable: too large to compare: cannot decide a question with" in text
    assert "reached later    too large to decide" in text
    assert to_dict(_report(found))["criteria"][0]["reach"]["later"] == {
        "anybody": None,
        "decided": False,
        "example": None,
    }


def test_a_difference_found_before_the_question_grew_too_large_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is known of a step that is too large stays in the report."""
    exact = analysis.counterexample

    def one_way(a: Expr, b: Expr) -> object:
        if isinstance(a, Or):
            return exact(a, b)
        raise AnalysisLimit("too large")

    monkeypatch.setattr(comparison, "counterexample", one_way)

    step = _only(_diff("L(f) >= 4 [30s]", "L(f) >= 4 OR L(g) >= 4 [30s]"))

    assert (step.relation, step.lost, step.undecided) == (
        Relation.INCOMPARABLE,
        None,
        "too large to compare: too large",
    )
    assert step.gained is not None


def test_a_criteria_of_very_many_steps_is_refused() -> None:
    """Fifty are compared; Amazon Connect documents five."""
    many = Criteria([Step(AtLeast(Attribute("S", str(i)), 3)) for i in range(51)])

    with pytest.raises(AnalysisLimit, match="a criteria of 51 steps is too large to compare"):
        diff(many, Criteria())


def test_fifty_steps_that_all_changed_are_still_told_apart() -> None:
    """Each goes with its own successor."""
    old, new = (
        Criteria([Step(AtLeast(Attribute(str(i), str(i)), level), SECOND) for i in range(50)])
        for level in (3, 4)
    )

    assert diff(old, new).counts() == {"stricter": 50}


# ---------------------------------------------------------------------------- what is told of a step


def test_steps_that_moved_or_were_rewritten_are_shown() -> None:
    """What a reader has to recognise stands in full, before and after."""
    found = _diff("L(f) [9s] T(d) [9s] NOT L(g) [9s]", "T(d) [9s] L(f) [9s] NOT (NOT (NOT L(g))) [9s]")

    text = _text(found)

    assert (
        "~ step 1  moved, it was step 2\n      T(d) in 1..5\n      starts at +0.0 s, before at +9.0 s" in text
    )
    assert (
        "= step 3  rewritten, equivalent: it lets in the same agents\n      was  NOT L(g) in 1..5\n" in text
    )
    assert "      is   NOT NOT NOT L(g) in 1..5\n" in text
    assert total(_report(found)) == "Total: 2 unchanged, 1 equivalent (2 moved)."


def test_criteria_that_mean_the_same_are_said_to() -> None:
    """The answer stands in the first line, and nobody has to read on."""
    found = _diff("L(f) [9s]", "NOT (NOT L(f)) [9s]", "ana: T(d) 1")

    assert headline(found) == "The criteria are written otherwise and mean the same."
    assert "reached  every agent when they were" in _text(found)


@pytest.mark.parametrize(
    ("old", "new", "kind", "text"),
    [
        ("[30s]", "[60s]", "longer", "[30 seconds] -> [60 seconds]"),
        ("[60s]", "[1s]", "shorter", "[60 seconds] -> [1 second]"),
        ("[30s]", "[never expires]", "now never", "[30 seconds] -> [never expires]"),
        ("[never expires]", "[30s]", "now expires", "[never expires] -> [30 seconds]"),
    ],
)
def test_an_expiry_is_a_fact_of_its_own(old: str, new: str, kind: str, text: str) -> None:
    """The step is unchanged in whom it lets in, and told by its expiry."""
    found = _diff(f"L(f) {old}", f"L(f) {new}")

    step = _only(found)
    assert step.relation is Relation.UNCHANGED
    assert step.expiry is not None
    assert step.expiry.kind == kind
    assert not found.is_same
    assert text in _text(found)
    assert total(_report(found)) == f"Total: 1 unchanged (1 expiry {kind})."


def test_a_step_that_adds_nobody_says_so() -> None:
    """Added or removed, it makes the contact wait and lets in nobody new."""
    old, new = "L(f) >= 3 [30s] T(d) [9s]", "L(f) >= 3 [30s] L(f) >= 5 [20s] T(d) [9s]"

    assert "= step 3  unchanged; it was step 2\n      starts at +50.0 s, before at +30.0 s" in _text(
        _diff(old, new)
    )
    assert "lets in nobody whom the steps before it have not let in" in _text(_diff(old, new))
    assert "let in nobody whom the steps before it had not let in" in _text(_diff(new, old))
    assert "lets in nobody whom" not in _text(_diff(old, "L(f) >= 3 [30s] L(f) >= 2 [20s] T(d) [9s]"))


def test_a_step_behind_one_that_never_expires_never_starts() -> None:
    """It is compared all the same, and said to be without effect."""
    found = _diff("L(f) [never expires]", "L(f) [never expires] T(d) [9s]")

    assert found.occurrences == ("added",)
    assert "starts never, since a step before it never expires" in _text(found)
    assert headline(found) == "The steps differ, but every agent is reached when they were."


def test_only_fractional_levels_are_said_to_be_that() -> None:
    """A range in two halves leaves a gap between whole levels, where nobody is."""
    found = _diff("L(f) in 1..5 [30s]", "L(f) in 1..3 OR L(f) in 4..5 [30s]")

    assert _only(found).relation is Relation.STRICTER
    assert headline(found) == (
        "Nobody is reached earlier; only agents with levels between whole ones are reached later."
    )
    assert "only levels between whole ones tell the two apart" in _text(found).replace("\n      ", " ")


def test_a_fractional_example_is_no_answer_where_the_rest_is_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An agent with whole levels might have come later, so nobody can say "only"."""
    found = _diff("L(f) in 1..5 [30s]", "L(f) in 1..3 OR L(f) in 4..5 [30s]").reach
    assert found is not None
    monkeypatch.setattr(comparison, "first_later", lambda *_: (found.later, False))

    sentence = headline(_diff("L(f) in 1..5 [30s]", "L(f) in 1..3 OR L(f) in 4..5 [30s]"))

    assert "whether anybody is reached later is too large to decide" in sentence


def test_an_example_prefers_whole_levels_on_a_later_step() -> None:
    """A fractional example on the first step gives way to a whole one on the second."""
    found = _diff("L(f) in 1..5 [30s] L(g) [30s]", "L(f) in 1..3 OR L(f) in 4..5 [30s] L(g) >= 2 [30s]")

    assert found.reach is not None
    assert found.reach.later is not None
    assert not found.reach.later.example.is_fractional


def test_an_example_says_who_and_on_what_it_rests() -> None:
    """A listed agent by name, an open part by what it is taken for."""
    listed = {"bob", "39bc9666-4d3c-4558-b2ad-9bab4bd48568"}
    open_part = analysis.Counterexample(Agent(id="somebody", proficiencies={}), {OPEN: False})
    by_name = Agent(id="somebody", username="bob", proficiencies={Attribute("L", "f"): 3})

    assert example_text(open_part, listed).startswith("an agent who holds nothing, if OPAQUE ")
    assert example_text(open_part, listed).endswith(" does not hold")
    assert (
        example_text(analysis.Counterexample(by_name), listed)
        == "the agent with the username bob with L(f) 3"
    )
    assert example_text(analysis.Counterexample(Agent(id="bob", proficiencies={})), listed) == (
        "the agent bob, who holds nothing"
    )


def test_unknown_members_that_differ_are_not_passed_over() -> None:
    """A later version's member may mean anything, so the criteria do not say the same."""
    step = Step(ri.parse("L(f)"), Expiry(timedelta(seconds=9)))
    newer = Step(step.expression, Expiry(timedelta(seconds=9), extra={"Jitter": 3}))

    found = diff(Criteria([step]), Criteria([newer]))
    whole = diff(Criteria([step]), Criteria([step], extra={"Owner": "x"}))

    assert (found.is_same, found.occurrences) == (False, ("incomparable",))
    assert (whole.is_same, whole.occurrences) == (False, ("incomparable",))
    assert "~ step 1  unchanged, as far as this version reads it\n      members differ" in _text(found)
    assert "members of the criteria differ" in _text(whole)
    assert diff(Criteria([Step(step.expression)]), Criteria([Step(step.expression, Expiry())])).is_same


def test_many_changes_are_summed_up() -> None:
    """Seven are told and the rest counted."""
    old, new = (
        Criteria([Step(And([AtLeast(Attribute("S", str(i)), level) for i in range(10)]))]) for level in (3, 4)
    )

    text = _text(diff(old, new))

    assert "S(6) >= 3 -> >= 4" in text
    assert "S(7)" not in text.partition("only the old")[0]
    assert "and 3 more changes" in text


def test_what_every_step_is_unknown_is_compared_as_it_is_written() -> None:
    """Parts that nobody understands are equal to themselves, and open to anything next to others."""
    unknown = Criteria([Step(OPEN, Expiry(timedelta(seconds=9))), Step(Opaque({}))])
    roster = ri.parse_roster("ana: L(f) 4")

    same = diff(unknown, unknown, roster)
    other = diff(
        unknown, Criteria([Step(OPEN, Expiry(timedelta(seconds=9))), Step(ri.parse("L(f)"))]), roster
    )

    assert same.is_same
    assert same.reach is not None
    assert same.reach.counts() == {"same": 1}
    assert other.reach is not None
    assert other.reach.agents is not None
    assert other.reach.counts() == {"unknown": 1}
    assert shift_text(other.reach.agents[0]) == (
        "never or perhaps +0.0 s (step 1) -> +9.0 s (step 2) or perhaps +0.0 s (step 1): "
        "whether at another time is unknown"
    )
    assert "ana  never or perhaps" in _text(other)


# ---------------------------------------------------------------------------- over all steps


def test_steps_open_one_after_the_other() -> None:
    """By their durations; after the last, anybody in the queue; nothing behind one that never expires."""
    timed = openings(_criteria("L(f) [30s]", "T(d) [15s]"))
    never = openings(_criteria("L(f) [never expires]", "T(d) [15s]"))

    assert [(opening.step, opening.after.total_seconds()) for opening in timed] == [
        (1, 0),
        (2, 30),
        (None, 45),
    ]
    assert [opening.step for opening in never] == [1]
    assert [opening.step for opening in openings(Criteria())] == [None]


def test_durations_that_cannot_be_are_no_reason_to_fail() -> None:
    """One below nothing counts as nothing, and the sum stays within what can be told."""
    endless = Expiry(timedelta.max)
    steps = [Step(ri.parse("L(f)"), expiry) for expiry in (Expiry(timedelta(seconds=-9)), endless, endless)]

    opened = openings(Criteria([*steps, Step(ri.parse("T(d)"))]))

    assert [opening.after for opening in opened] == [timedelta(0), timedelta(0), timedelta.max, timedelta.max]


def test_what_may_let_an_agent_in_at_the_same_time_leaves_no_doubt() -> None:
    """A step that takes no time and nobody understands makes no difference to when."""
    nothing = Expiry(timedelta(0))
    criteria = Criteria([Step(OPEN, nothing), Step(ri.parse("L(f)"))])

    found = diff(criteria, _criteria("L(f)"), ri.parse_roster("ana: L(f) 3"))

    assert found.reach is not None
    assert found.reach.agents is not None
    assert found.reach.agents[0].old == Arrival(after=timedelta(0), step=2)
    assert found.reach.agents[0].change == "same"


def test_agents_of_a_roster_are_told_with_how_much_earlier_or_later() -> None:
    """First the numbers, which add up; then each agent for whom something changes."""
    roster = "ana: L(f) 4\nbo: L(f) 3\ncy: L(f) 2\ndee: T(d) 1"
    found = _diff("L(f) >= 4 [30s] L(f) >= 2 [never expires]", "L(f) >= 3 [30s] T(d) [never expires]", roster)

    text = _text(found)

    assert found.reach is not None
    assert found.reach.agents is not None
    assert found.reach.counts() == {"same": 1, "earlier": 2, "later": 1}
    assert [shift.difference for shift in found.reach.agents] == [None, timedelta(seconds=-30), None, None]
    assert "4 agents: 2 earlier, 1 later, 1 as before, 0 unknown" in text
    assert "bo  +30.0 s (step 2) -> +0.0 s (step 1), 30.0 s earlier" in text
    assert "cy  +30.0 s (step 2) -> never, later" in text
    assert "dee  never -> +30.0 s (step 2), earlier" in text
    assert found.reach.agents[2].new == Arrival(after=None)


def test_a_difference_in_time_is_told_only_where_both_times_are_certain() -> None:
    """Earlier for certain, but nobody can say by how much."""
    told = {ri.parse("L(f) >= 2"): True}
    roster = Roster(agents=[Agent(id="ana", told=told)])

    found = diff(
        _criteria("agent in (bo) [30s]", "T(d) [30s]", "L(f) >= 2 [9s]"), _criteria("L(f) >= 2 [30s]"), roster
    )

    assert found.reach is not None
    assert found.reach.agents is not None
    (shift,) = found.reach.agents
    assert (shift.change, shift.difference) == ("earlier", None)


def test_long_lists_of_agents_are_summed_up() -> None:
    """Eight names, then a count; --verbose shows all."""
    roster = "\n".join(f"agent-{n}: L(f) 3" for n in range(12))
    found = _diff("L(f) >= 4 [30s]", "L(f) >= 3 [30s]", roster)

    text = _text(found)

    assert "agent-7 and 4 more)" in text.replace("\n      ", " ")
    assert "and 4 more earlier: --verbose shows all" in text
    assert "agent-11  +30.0 s (fallback) -> +0.0 s (step 1), 30.0 s earlier" in _text(found, verbose=True)


def test_whom_an_added_or_a_removed_step_lets_in_is_told() -> None:
    """Numbers that add up to the roster, also without anybody else to compare with."""
    roster = "ana: L(f) 4\nbo: T(d) 3"

    assert "2 agents: it lets in 1 (bo), not 1, 0 unknown" in _text(
        _diff("L(f) [9s]", "L(f) [9s] T(d) [9s]", roster)
    )
    assert "2 agents: it let in 1 (bo), not 1, 0 unknown" in _text(
        _diff("L(f) [9s] T(d) [9s]", "L(f) [9s]", roster)
    )


def test_an_example_may_be_reached_earlier_by_what_nobody_understands() -> None:
    """The time that is certain is told, and the one that is not beside it."""
    found = diff(
        Criteria([Step(OPEN, SECOND), Step(ri.parse("L(f)"))]), Criteria([Step(ri.parse("agent in (a)"))])
    )

    assert found.reach is not None
    assert found.reach.later is not None
    assert found.reach.later.old == Arrival(
        after=timedelta(seconds=1), step=2, perhaps_after=timedelta(0), perhaps_step=1
    )


# ---------------------------------------------------------------------------- what has no steps to see


def test_an_expression_counts_as_one_step_that_never_expires() -> None:
    """So two expressions can be compared directly."""
    found = ri.diff(ri.parse("L(f) >= 4"), ri.parse("L(f) >= 3"))

    assert isinstance(found, ri.CriteriaDiff)
    assert found.counts() == {"looser": 1}


def test_a_reference_cannot_be_compared_with_steps() -> None:
    """It is incomparable, also for gates; the same reference on both sides is the same."""
    reference, steps = Criteria(reference="$.External.a"), _criteria("L(f) [9s]")
    other = Criteria(reference="$.External.b")

    assert diff(reference, steps).occurrences == ("incomparable",)
    assert diff(steps, reference, ri.parse_roster("ana: L(f) 4")).counts() == {"incomparable": 1}
    assert headline(diff(reference, other)) == (
        "The criteria cannot be compared: the old criteria is `$.External.a` and the new criteria is "
        "`$.External.b`, which only the running flow can fill in."
    )
    assert diff(reference, reference).is_same
    assert headline(diff(reference, reference)) == (
        "Both criteria are $.External.a, which only the running flow can fill in."
    )
    assert "the other side has no steps" in _text(diff(steps, reference, ri.parse_roster("ana: L(f) 4")))


def test_where_there_is_no_criteria_every_step_was_added() -> None:
    """And nobody asks when agents were reached before."""
    found = diff(None, _criteria("L(f) [9s]"))

    assert (found.counts(), found.reach, found.is_same) == ({"added": 1}, None, False)
    assert headline(found) == "There is no old criteria to compare with."
    assert headline(diff(_criteria("L(f) [9s]"), None)) == "There is no new criteria to compare with."


def test_a_criteria_without_steps_is_open_to_everybody_at_once() -> None:
    """Taking all steps out lets everybody in earlier."""
    found = diff(_criteria("L(f) [9s]"), Criteria())

    assert found.occurrences == ("removed", "earlier")
    assert _text(diff(Criteria(), Criteria())) == (
        "The criteria say the same.\n  old  a (criteria)\n  new  b (criteria)\n\nTotal: no steps.\n"
    )


# ---------------------------------------------------------------------------- how it is drawn


def test_the_whole_report_of_one_edit() -> None:
    """The answer first, each step, whom the contact reaches when, a total with the gate."""
    found = _diff("L(f) >= 4 [30s] T(d) [30s]", "L(f) >= 3 [30s] T(d) [30s]", "ana: L(f) 3")

    assert _text(found, "looser", "later") == (
        "Some agents are reached earlier; nobody is reached later.\n"
        "  old  a (criteria)\n"
        "  new  b (criteria)\n"
        "\n"
        "  ~ step 1  looser: it lets in all whom it did, and more\n"
        "      L(f) >= 4 -> >= 3\n"
        "      only the new version lets in, for example, an agent with L(f) 3\n"
        "      1 agent: 1 gained (ana), 0 lost, 0 as before, 0 unknown\n"
        "  = step 2  unchanged\n"
        "\n"
        "  reached earlier  for example an agent with L(f) 3: +60.0 s (fallback) -> +0.0\n"
        "                   s (step 1)\n"
        "  reached later    nobody\n"
        "  1 agent: 1 earlier, 0 later, 0 as before, 0 unknown\n"
        "    ana  +60.0 s (fallback) -> +0.0 s (step 1), 60.0 s earlier\n"
        "\n"
        "Total: 1 unchanged, 1 looser. Gate (looser, later): failed on looser.\n"
    )


def test_a_gate_that_holds_says_so() -> None:
    """Only what occurs fails it."""
    assert total(_report(_diff("L(f) [9s]", "L(f) [9s]"), "looser")) == (
        "Total: 1 unchanged. Gate (looser): passed."
    )


def test_markdown_keeps_what_comes_from_outside_in_its_block() -> None:
    """A name with a fence in it cannot end the block, nor a reference leave it."""
    evil = Attribute("```", "@team <img src=x>")
    found = diff(Criteria([Step(AtLeast(evil, 3))]), Criteria([Step(AtLeast(evil, 4))]))
    reference = diff(Criteria(reference="$.@team"), Criteria(reference="$.b"))

    comment = markdown(_report(found, "stricter"), verbose=False)
    hidden = markdown(_report(reference), verbose=False)

    assert comment.startswith(
        "**Routing criteria**: Nobody is reached earlier; some agents are reached later.\n\n````diff\nold  a"
    )
    assert comment.endswith("\n````\n\nTotal: 1 stricter. Gate (stricter): failed on stricter.\n")
    assert "\n~ step 1  stricter" in comment
    assert hidden.startswith("**Routing criteria**: There are no steps to compare.\n\n```diff\nThe criteria")
    assert hidden.count("$.@team") == hidden.split("```")[1].count("$.@team") == 1


def test_json_says_all_that_the_text_does() -> None:
    """One object a criteria, with numbers in seconds and each part by name."""
    roster = "ana: L(f) 3"
    found = _diff("L(f) >= 4 [30s]", "L(f) >= 3 [45s]", roster)

    document = to_dict(_report(found, "looser"))

    assert document["schema"] == "routing-inspect/diff/1"
    assert document["total"]["looser"] == 1
    assert document["gate"] == {"fail_on": ["looser"], "failed": ["looser"], "passed": False}
    (criteria,) = document["criteria"]
    (step,) = criteria["steps"]
    assert step["changes"][0]["text"] == "L(f) >= 4 -> >= 3"
    assert step["expiry"] == {"change": "longer", "old_seconds": 30, "new_seconds": 45}
    assert step["only_new"]["proficiencies"] == [{"name": "L", "value": "f", "level": 3.0}]
    assert step["agents"] == {"gained": ["ana"], "lost": [], "same": 0, "unknown": []}
    assert criteria["reach"]["counts"] == {"earlier": 1, "later": 0, "same": 0, "unknown": 0}
    assert criteria["reach"]["agents"][0]["difference_seconds"] == -30
    assert criteria["reach"]["later"]["example"]["new"] == {
        "by": "fallback",
        "after_seconds": 45,
        "step": None,
        "perhaps": None,
    }


def test_json_tells_never_and_perhaps_apart() -> None:
    """An agent who may be reached by a part that nobody understands is not reached for certain."""
    found = diff(Criteria([Step(OPEN)]), Criteria([Step(ri.parse("L(f)"))]), ri.parse_roster("ana: T(d) 3"))

    (agent,) = to_dict(_report(found))["criteria"][0]["reach"]["agents"]

    assert agent["old"] == {
        "by": "never",
        "after_seconds": None,
        "step": None,
        "perhaps": {"after_seconds": 0, "step": 1},
    }
    assert agent["change"] == "unknown"


def test_the_words_for_a_part_that_became_another() -> None:
    """Every kind of change has words, also one that has no side."""
    assert (
        change_text(PartChange(kind="order", joined_by="OR"))
        == "the parts joined by OR stand in another order"
    )
    assert change_text(PartChange(kind="replaced", old="a", new="b", within="c")) == "a -> b, in c"
