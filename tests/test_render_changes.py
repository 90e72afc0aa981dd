"""What it would have taken, as lines for a terminal."""

from __future__ import annotations

import pytest

from records import DYNAMO, contact, queue, step
from routing_inspect.contact import Agent, Roster, Step
from routing_inspect.explain import explain
from routing_inspect.expr import Attribute
from routing_inspect.render.changes import change_lines
from routing_inspect.text import parse

FRENCH = Attribute("L", "f")
ANA = "aaaaaaaa-0000-4000-8000-000000000001"


def _lines(*steps: str, agent: Agent | None = None, verbose: bool = False) -> list[str]:
    """Explain an agent who holds French 3 and DynamoDB 2 beside two others, and draw the changes."""
    ana = agent or Agent(id=ANA, username="ana", proficiencies={FRENCH: 3, DYNAMO: 2})
    others = [
        Agent(id=f"{name}", proficiencies={FRENCH: level, DYNAMO: 5})
        for name, level in (("ben", 3), ("cai", 2))
    ]
    some = contact(*(step("EXPIRED", 30, expression=parse(text)) for text in steps))
    explanation = explain(some, Roster(agents=[ana, *others]), agents=[ana.id])
    (explained,) = explanation.agents
    return [f"{line.label}{line.text}" for line in change_lines(explanation, explained, verbose=verbose)]


def test_both_sides_are_named() -> None:
    """What the agent lacks, and what the step asks too much of."""
    assert _lines("L(f) >= 4") == [
        "smallest changes to match",
        "on the agent     step 1 (+0.0 s): L(f) 3 -> 4; 1 level",
        "on the criteria  step 1 (+0.0 s): L(f) >= 4 -> >= 3; admits ben too",
    ]


def test_a_change_for_an_earlier_step_that_costs_no_more_comes_alone() -> None:
    """A later step that costs as much is told only where everything is asked for."""
    steps = "L(f) >= 4", "L(f) >= 4 AND Technology(AWS DynamoDB) >= 2"

    assert [line for line in _lines(*steps) if "->" in line][:1] == [
        "on the agent     step 1 (+0.0 s): L(f) 3 -> 4; 1 level"
    ]
    assert sum("3 -> 4" in line for line in _lines(*steps)) == 1
    assert sum("3 -> 4" in line for line in _lines(*steps, verbose=True)) == 2


def test_a_step_s_start_is_told_after_queueing() -> None:
    """Every other time counts from there, also of a second criteria; without times the timers count."""
    ana = Agent(id=ANA, username="ana", proficiencies={FRENCH: 3})
    steps = [
        step("EXPIRED", 15, expression=parse("L(f) >= 5")),
        step("ACTIVE", expression=parse("L(f) >= 4")),
    ]
    replaced = contact(*steps, activated=61, index=1)
    bare = contact(*steps, activated=None, enqueued_at=None)

    said = []
    for some in (replaced, bare):
        explanation = explain(some, Roster(agents=[ana]), agents=[ana.id])
        (explained,) = explanation.agents
        said.append([line.text for line in change_lines(explanation, explained, verbose=True)])

    assert [text[:16] for text in said[0][1:3]] == ["step 2 (+76.0 s)", "step 1 (+61.0 s)"]
    assert [text[:16] for text in said[1][1:3]] == ["step 2 (+15.0 s)", "step 1 (+0.0 s):"]


@pytest.mark.parametrize(
    ("first", "start"),
    [
        (step("ACTIVE", expression=parse("L(f) >= 5")), "step 2: "),
        (step("EXPIRED", expires_at=9), "step 2 (+9.0 s): "),
    ],
)
def test_a_step_after_one_without_a_duration(first: Step, start: str) -> None:
    """It never starts, and no time is told; where an expiry is recorded, it starts then."""
    ana = Agent(id=ANA, username="ana", proficiencies={FRENCH: 3})
    some = contact(first, step("INACTIVE", expression=parse("L(f) >= 4")))
    explanation = explain(some, Roster(agents=[ana]), agents=[ana.id])

    drawn = [line.text for line in change_lines(explanation, explanation.agents[0], verbose=True)]

    assert any(text.startswith(start) for text in drawn)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("agent in (ben)", "ana listed too; admits nobody else known"),
        (f"NOT agent in ({ANA}, ben)", "ana not listed; admits cai too"),
        ("NOT L(f) >= 2", "NOT L(f) >= 2 -> NOT >= 4; admits ben, cai too"),
        ("L(w) AND L(f)", "without L(w) in 1..5; admits ben, cai too"),
    ],
)  # fmt: skip
def test_how_a_condition_is_asked_less_of(text: str, line: str) -> None:
    """A bound moved, an agent listed or not, a condition left out."""
    assert [
        found.removeprefix("on the criteria  ").removeprefix("step 1 (+0.0 s): ") for found in _lines(text)
    ][-1] == line


def test_skills_are_added_and_taken_away() -> None:
    """An attribute that is not held has no level to start from, or to end at."""
    text = "NOT L(f) AND L(w) >= 2"

    assert _lines(text)[1] == (
        "on the agent     step 1 (+0.0 s): L(f) 3 -> not held, L(w) not held -> 2; 5 levels; "
        "nobody in the roster holds L(w)"
    )


def test_many_changes_are_summed_up() -> None:
    """Three of each side, and how many are left."""
    text = " OR ".join(f"A({i}) >= 2" for i in range(5))

    lines = _lines(text)

    assert len(lines) == 5
    assert lines[-1] == "and 2 more: --verbose shows all"
    nobody = "nobody in the roster holds A(1)"
    assert lines[2] == " " * 17 + f"step 1 (+0.0 s): A(1) not held -> 2; 2 levels; {nobody}"
    assert len(_lines(text, verbose=True)) == 6


def test_what_stops_the_agent_all_the_same_is_said() -> None:
    """A skill more is of no use where the queue is not in the routing profile."""
    ana = Agent(id=ANA, proficiencies={FRENCH: 3}, queues=(queue("other"),))

    assert _lines("L(f) >= 4", agent=ana)[1].endswith("; 1 level; still stopped by queue")


def test_nobody_to_change_is_no_line() -> None:
    """An agent who matches, and one of whom nothing is known."""
    assert _lines("L(f)") == []
    assert _lines("L(f)", agent=Agent(id=ANA)) == []


def test_a_crowd_is_counted() -> None:
    """Three of those let in beside the agent are named."""
    crowd = [Agent(id=f"a{i}", proficiencies={FRENCH: 3}) for i in range(6)]
    some = contact(step("EXPIRED", 30, expression=parse("L(f) >= 4")))
    explanation = explain(some, Roster(agents=crowd), agents=["a0"])

    lines = list(change_lines(explanation, explanation.agents[0], verbose=False))

    assert lines[-1].text.endswith("; admits a1, a2, a3 and 2 more too")
