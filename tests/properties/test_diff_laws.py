"""Laws of the difference between two criteria: both ways round, and against brute force."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import product

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from hostile import NAMES
from routing_inspect import strategies as given_by
from routing_inspect.analysis import Counterexample, equivalent, implies, settled
from routing_inspect.arrival import Arrival, Shift, compare
from routing_inspect.comparison import diff
from routing_inspect.contact import Agent, Criteria, Expiry, Roster, Step
from routing_inspect.criteria_diff import Relation, StepDiff
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.expr import And, AtLeast, Attribute, Between, Expr, Not, Or
from routing_inspect.part_changes import part_changes, similarity
from routing_inspect.render.diff import Part, Report, lines, markdown
from routing_inspect.render.diff_json import to_dict
from routing_inspect.render.lines import draw
from routing_inspect.strategies.records import Group, trees

FRENCH, SALES = Attribute("Language", "French"), Attribute("Skill", "Sales")
FEW = st.sampled_from([FRENCH, SALES])
PLAIN = given_by.expressions(attributes=FEW, max_conditions=3, not_over_groups=True)
UNCLEAR = given_by.expressions(attributes=FEW, max_conditions=3, not_over_groups=True, unclear=True)
ANY = PLAIN | UNCLEAR
CRITERIA = given_by.criteria(expressions=ANY, max_steps=3)
AGENTS = given_by.agents(attributes=FEW)
ROSTERS = given_by.rosters(agents=AGENTS)
LEVELS = given_by.levels()
BOUNDS = st.builds(AtLeast, FEW, LEVELS) | st.builds(Between, FEW, LEVELS, LEVELS)
GROUPS: tuple[Group[Expr], ...] = ((3, And), (3, Or))
# No lists of agents: every agent there can be is one of few.
LEVELLED = given_by.criteria(expressions=trees(BOUNDS | BOUNDS.map(Not), GROUPS, 3), max_steps=3)
# A level of every kind, around each that a condition may name.
EVERYBODY = (None, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.5, 4.0, 4.25, 4.5, 4.75, 5.0)


@st.composite
def edited(draw: DrawFn) -> tuple[Criteria, Criteria]:
    """Draw a criteria and what an editor may have made of it."""
    old = draw(CRITERIA)
    steps = list(old.steps)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(steps) - 1))
        match draw(
            st.sampled_from(("move", "drop", "insert", "time", "rewrite", "replace", "narrow", "widen"))
        ):
            case "move":
                steps.insert(draw(st.integers(0, len(steps) - 1)), steps.pop(place))
            case "drop" if len(steps) > 1:
                del steps[place]
            case "insert":
                steps.insert(place, Step(draw(ANY), Expiry(timedelta(seconds=30))))
            case "time":
                steps[place] = evolve(
                    steps[place], expiry=draw(st.none() | st.just(Expiry(timedelta(seconds=9))))
                )
            case "rewrite":
                steps[place] = evolve(steps[place], expression=Not(Not(steps[place].expression)))
            case "narrow":
                steps[place] = evolve(steps[place], expression=And([steps[place].expression, draw(ANY)]))
            case "widen":
                steps[place] = evolve(steps[place], expression=Or([draw(ANY), steps[place].expression]))
            case _:
                steps[place] = evolve(steps[place], expression=draw(ANY))
    return old, evolve(old, steps=steps)


PAIRS = edited() | st.tuples(CRITERIA, CRITERIA)
MIRRORED = {
    Relation.LOOSER: Relation.STRICTER,
    Relation.STRICTER: Relation.LOOSER,
    Relation.ADDED: Relation.REMOVED,
    Relation.REMOVED: Relation.ADDED,
}


def _facts(step: StepDiff) -> tuple[object, ...]:
    expiry = None if step.expiry is None else (step.expiry.old, step.expiry.new)
    seen = step.gained is not None, step.lost is not None
    return (step.old_number, step.new_number, step.relation, step.is_moved, expiry, seen, step.adds_nobody)


def _mirrored(step: StepDiff) -> tuple[object, ...]:
    expiry = None if step.expiry is None else (step.expiry.new, step.expiry.old)
    seen = step.lost is not None, step.gained is not None
    relation = MIRRORED.get(step.relation, step.relation)
    return (step.new_number, step.old_number, relation, step.is_moved, expiry, seen, step.adds_nobody)


@given(CRITERIA, ROSTERS)
def test_a_criteria_does_not_differ_from_itself(criteria: Criteria, roster: Roster) -> None:
    """Every step is unchanged and in its place, and every agent is reached when they were."""
    found = diff(criteria, criteria, roster)

    assert found.is_same
    assert found.occurrences == ()
    assert found.counts() == {"unchanged": len(criteria.steps)}
    assert found.reach is not None
    assert found.reach.counts() == Counter({"same": len(roster.agents)} if roster.agents else {})
    assert all(step.changes == () for step in found.steps)


@given(PAIRS, ROSTERS)
def test_the_other_way_round_everything_is_the_other_way_round(
    pair: tuple[Criteria, Criteria], roster: Roster
) -> None:
    """Looser and stricter change places, added and removed, earlier and later, gained and lost."""
    there, back = diff(*pair, roster), diff(pair[1], pair[0], roster)

    assert Counter(map(_facts, there.steps)) == Counter(map(_mirrored, back.steps))
    assert there.reach is not None
    assert back.reach is not None
    assert (there.reach.earlier is None) is (back.reach.later is None)
    assert (there.reach.later is None) is (back.reach.earlier is None)
    counts, mirrored = there.reach.counts(), back.reach.counts()
    for change, other in (
        ("earlier", "later"),
        ("later", "earlier"),
        ("same", "same"),
        ("unknown", "unknown"),
    ):
        assert counts[change] == mirrored[other]
    assert Counter(
        (s.agents.gained, s.agents.lost, s.agents.unknown) for s in there.steps if s.agents
    ) == Counter((s.agents.lost, s.agents.gained, s.agents.unknown) for s in back.steps if s.agents)


@given(PAIRS)
def test_every_step_of_both_sides_is_told_once(pair: tuple[Criteria, Criteria]) -> None:
    """No step is lost, and none is counted twice; the total is their number."""
    found = diff(*pair)

    for side, numbers in zip(
        pair, zip(*((s.old_number, s.new_number) for s in found.steps), strict=True), strict=True
    ):
        assert sorted(n for n in numbers if n is not None) == list(range(1, len(side.steps) + 1))
    assert sum(found.counts().values()) == len(found.steps)
    for step in found.steps:
        assert step.old is (None if step.old_number is None else pair[0].steps[step.old_number - 1])
        assert step.new is (None if step.new_number is None else pair[1].steps[step.new_number - 1])


def _shows(example: Counterexample, accepted: Expr, refused: Expr) -> bool:
    verdicts = [settled(evaluate(side, example.agent), example.assuming) for side in (accepted, refused)]
    return verdicts == [Verdict.MATCH, Verdict.NO_MATCH]


@given(PAIRS)
def test_a_relation_is_what_implication_says(pair: tuple[Criteria, Criteria]) -> None:
    """Looser exactly where old implies new and not the reverse; an agent shows each difference."""
    for step in diff(*pair).steps:
        if step.old is None or step.new is None:
            continue
        old, new = step.old.expression, step.new.expression
        expected = {
            (True, True): Relation.UNCHANGED if old == new else Relation.EQUIVALENT,
            (True, False): Relation.LOOSER,
            (False, True): Relation.STRICTER,
            (False, False): Relation.INCOMPARABLE,
        }
        assert step.relation is expected[implies(old, new), implies(new, old)]
        assert step.gained is None or _shows(step.gained, new, old)
        assert step.lost is None or _shows(step.lost, old, new)
        assert (step.gained is not None) is (step.relation in {Relation.LOOSER, Relation.INCOMPARABLE})
        assert (step.lost is not None) is (step.relation in {Relation.STRICTER, Relation.INCOMPARABLE})


@given(PAIRS)
def test_no_two_steps_left_over_mean_the_same(pair: tuple[Criteria, Criteria]) -> None:
    """What was removed and what was added let in different agents: else they would be one step."""
    found = diff(*pair).steps
    removed = [step.old.expression for step in found if step.new is None and step.old is not None]
    added = [step.new.expression for step in found if step.old is None and step.new is not None]

    assert not any(equivalent(old, new) for old in removed for new in added)


def _brute(criteria: Criteria, agent: Agent, assuming: dict[Expr, bool] | None = None) -> Arrival:
    """Walk down the steps with a clock, as the service would."""
    clock, perhaps = timedelta(0), None
    for number, step in enumerate(criteria.steps, 1):
        verdict = settled(evaluate(step.expression, agent), assuming or {})
        if verdict is Verdict.MATCH:
            return _at(clock, number, perhaps)
        if verdict is Verdict.UNKNOWN and perhaps is None:
            perhaps = clock, number
        if step.expires_after is None:
            return _at(None, None, perhaps)
        clock += step.expires_after
    return _at(clock, None, perhaps)


def _at(clock: timedelta | None, number: int | None, perhaps: tuple[timedelta, int] | None) -> Arrival:
    if perhaps is None or (clock is not None and perhaps[0] >= clock):
        return Arrival(after=clock, step=number)
    return Arrival(after=clock, step=number, perhaps_after=perhaps[0], perhaps_step=perhaps[1])


@given(PAIRS, ROSTERS)
def test_agents_of_a_roster_are_counted_as_one_by_one(
    pair: tuple[Criteria, Criteria], roster: Roster
) -> None:
    """Gained, lost, earlier and later are what asking each agent gives, and they add up."""
    found = diff(*pair, roster)

    for step in found.steps:
        agents = step.agents
        assert agents is not None
        gained, lost, unknown = list[str](), list[str](), list[str]()
        for agent in roster.agents:
            old, new = (
                Verdict.NO_MATCH if side is None else evaluate(side.expression, agent).verdict
                for side in (step.old, step.new)
            )
            if (
                step.relation in {Relation.UNCHANGED, Relation.EQUIVALENT}
                or old is new is not Verdict.UNKNOWN
            ):
                continue
            told = unknown if Verdict.UNKNOWN in {old, new} else gained if new is Verdict.MATCH else lost
            told.append(agent.id)
        assert (list(agents.gained), list(agents.lost), list(agents.unknown)) == (gained, lost, unknown)
        assert len(gained) + len(lost) + agents.same + len(unknown) == len(roster.agents)
    assert found.reach is not None
    assert found.reach.agents is not None
    assert [shift.agent for shift in found.reach.agents] == list(roster.agents)
    for shift in found.reach.agents:
        assert shift.old == _brute(pair[0], shift.agent)
        assert shift.new == _brute(pair[1], shift.agent)
        assert shift.change in {compare(shift.old, shift.new), "same" if found.reach.is_same else ""}
    assert sum(found.reach.counts().values()) == len(roster.agents)


@given(PAIRS, ROSTERS)
def test_the_whole_is_true_of_every_agent(pair: tuple[Criteria, Criteria], roster: Roster) -> None:
    """Where nobody is reached later, no agent of any roster is; the example is, by the clock."""
    reach = diff(*pair, roster).reach
    assert reach is not None
    assert reach.agents is not None

    for change, shift in (("earlier", reach.earlier), ("later", reach.later)):
        if shift is None:
            assert not any(agent.change == change for agent in reach.agents)
        else:
            _assert_shift(shift, change, pair)


def _assert_shift(shift: Shift, change: str, pair: tuple[Criteria, Criteria]) -> None:
    agent, assuming = shift.example.agent, dict(shift.example.assuming)
    assert shift.old == _brute(pair[0], agent, assuming)
    assert shift.new == _brute(pair[1], agent, assuming)
    assert compare(shift.old, shift.new) == change


@given(st.tuples(LEVELLED, LEVELLED))
def test_whoever_is_reached_at_another_time_is_found(pair: tuple[Criteria, Criteria]) -> None:
    """Of all agents with all levels: somebody is reached earlier or later exactly if the whole says so."""
    reach = diff(*pair).reach
    assert reach is not None
    seen = set[str]()
    for french, skill in product(EVERYBODY, EVERYBODY):
        held = {a: level for a, level in ((FRENCH, french), (SALES, skill)) if level is not None}
        agent = Agent(id="somebody", proficiencies=held)
        seen.add(compare(_brute(pair[0], agent), _brute(pair[1], agent)))

    assert seen - {"same"} == reach.changes


@given(ANY, ANY)
def test_expressions_are_alike_both_ways(one: Expr, other: Expr) -> None:
    """Similarity is the same both ways, 1 for an expression and itself, and never outside 0 to 1."""
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1


@given(ANY, ANY)
def test_there_is_a_change_exactly_where_expressions_differ(one: Expr, other: Expr) -> None:
    """Whatever was changed is told, and nothing is told where nothing was."""
    assert bool(part_changes(one, other)) is (one != other)


HOSTILE = st.builds(Attribute, NAMES, NAMES)


@given(
    st.tuples(
        *(given_by.criteria(expressions=given_by.expressions(attributes=HOSTILE, unclear=True), max_steps=2),)
        * 2
    ),
    given_by.rosters(agents=given_by.agents(attributes=HOSTILE)),
    NAMES,
    st.integers(0, 1),
)
def test_every_difference_can_be_drawn(
    pair: tuple[Criteria, Criteria], roster: Roster, name: str, verbosity: int
) -> None:
    """Whatever names there are, no line of text, Markdown or JSON drives a terminal or leaves its block."""
    part = Part(diff=diff(*pair, roster), old_name=name, new_name=name, is_flow=True)
    report = Report(old=(name, "flow"), new=(name, "flow"), parts=(part, part), fail_on=("looser", "later"))

    drawn = draw(lines(report, verbose=verbosity > 0), None)
    comment = markdown(report, verbose=verbosity > 0)

    assert all(character.isprintable() for line in f"{drawn}\n{comment}".split("\n") for character in line)
    blocks = comment.split("\n")
    fence = next(line for line in blocks if line.endswith("`diff")).removesuffix("diff")
    assert [line for line in blocks if line.startswith(fence)] == [f"{fence}diff", fence]
    assert to_dict(report) == to_dict(report)
