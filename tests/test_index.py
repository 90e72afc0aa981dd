"""All agents at once: what the laws in properties/test_index_laws.py do not reach, and what it costs."""

from __future__ import annotations

from time import perf_counter

import pytest

from records import DYNAMO, FLUENT, FRENCH, agent
from routing_inspect import AgentIndex, index
from routing_inspect.contact import Agent, Roster
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or

TECH = AtLeast(DYNAMO, 4)
CENTRE = Roster(
    agents=[
        Agent(id="both", proficiencies={FRENCH: 4, DYNAMO: 4}),
        Agent(id="french", proficiencies={FRENCH: 5, DYNAMO: 3.5}),
        Agent(id="blind", username="bo"),
        Agent(id="tech", proficiencies={DYNAMO: 5}),
    ]
)
EVERY_LEVEL = Between(FRENCH, 1, 5)


@pytest.mark.parametrize(
    ("expression", "matching", "unknown"),
    [
        (FLUENT, ["both", "french"], ["blind"]),
        (Between(DYNAMO, 3.5, 4), ["both", "french"], ["blind"]),
        (Between(DYNAMO, 5, 4), [], []),
        (Between(DYNAMO, 4.1, 4.9), [], ["blind"]),
        (AtLeast(FRENCH, 5.5), [], ["blind"]),
        (AtLeast(FRENCH, -1), ["both", "french"], ["blind"]),
        (Not(EVERY_LEVEL), ["tech"], ["blind"]),
        (AtLeast(Attribute("Desk", "North"), 1), [], ["blind"]),
        (AtLeast(Attribute("$.External.name", "x"), 1), [], ["both", "french", "blind", "tech"]),
        (And([FLUENT, Not(TECH)]), ["french"], ["blind"]),
        (Or([Not(FLUENT), Not(TECH), TECH]), ["both", "french", "tech"], ["blind"]),
        (Mixed([FLUENT, Or([TECH])]), ["both"], ["french", "blind", "tech"]),
        (Opaque({"New": 1}), [], ["both", "french", "blind", "tech"]),
        (AgentIn(["tech", "bo", "nobody"]), ["tech"], ["blind"]),
        (AgentIn([]), [], []),
        (AgentIn(["both", "$.External.id"]), ["both"], ["french", "blind", "tech"]),
    ],
)
def test_who_matches_and_who_may(expression: Expr, matching: list[str], unknown: list[str]) -> None:
    """Ids come in roster order, and the three populations are the roster."""
    found = AgentIndex(CENTRE).match(expression)

    assert (list(found.matching), list(found.unknown)) == (matching, unknown)
    assert [*found.not_matching] == [a.id for a in CENTRE.agents if a.id not in {*matching, *unknown}]
    assert (found.count, found.unknown_count) == (len(matching), len(unknown))
    assert found.count + found.unknown_count + found.not_matching_count == 4


def test_an_empty_roster_has_no_matches() -> None:
    """Nobody matches, and nobody fails."""
    found = AgentIndex(Roster()).match(Or([FLUENT, Not(TECH), Opaque(None)]))

    assert (found.matching, found.unknown, found.not_matching) == ((), (), ())
    assert (found.count, found.unknown_count, found.not_matching_count) == (0, 0, 0)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 511, 512, 513, 5000])
@pytest.mark.parametrize("every", [1, 2, 11, 13, 60, 1000])
def test_ids_are_found_however_few_or_many_match(size: int, every: int) -> None:
    """Whichever way the bits are gone through, each match comes out once, in order."""
    agents = [agent(f"agent-{n}", french=5 if n % every == every - 1 else 1) for n in range(size)]

    found = AgentIndex(Roster(agents=agents)).match(FLUENT)

    assert list(found.matching) == [f"agent-{n}" for n in range(every - 1, size, every)]
    assert found.count == len(found.matching)


def test_an_agent_is_replaced() -> None:
    """The index answers for the new agent from then on; what was asked before stays as it was."""
    some = AgentIndex(CENTRE)
    before = some.match(FLUENT)
    named = some.match(AgentIn(["bo"]))

    some.replace(
        Agent(id="blind", username="zoe", proficiencies={FRENCH: 4.5, Attribute("Desk", "North"): 1})
    )
    some.replace(Agent(id="both"))
    some.replace(Agent(id="tech", username="bo", proficiencies={FRENCH: 4}))

    assert some.match(FLUENT).matching == ("french", "blind", "tech")
    assert some.match(FLUENT).unknown == ("both",)
    assert some.match(AtLeast(FRENCH, 4.5)).matching == ("french", "blind")
    assert some.match(AtLeast(Attribute("Desk", "North"), 1)).matching == ("blind",)
    assert some.match(AgentIn(["bo"])).unknown == ("tech",)
    assert (before.matching, before.unknown) == (("both", "french"), ("blind",))
    assert named.unknown == ("blind",)


def test_only_who_is_there_can_be_replaced() -> None:
    """An id that no agent has is named, safe to print."""
    with pytest.raises(ValueError, match=r"^no agent has the id `zoe\\u001b`$"):
        AgentIndex(CENTRE).replace(agent("zoe\x1b"))


def test_what_is_told_of_a_whole_settles_it() -> None:
    """Of an agent whose levels nobody knows, somebody's word for an expression counts, wherever it stands."""
    both, no_french = And([FLUENT, TECH]), Not(FLUENT)
    roster = Roster(
        agents=[
            Agent(id="yes", told={both: True, no_french: False}),
            Agent(id="no", told={both: False}),
            Agent(id="known", proficiencies={FRENCH: 5}, told={both: True}),
        ]
    )

    some = AgentIndex(roster)

    assert (some.match(both).matching, some.match(both).unknown) == (("yes",), ())
    assert some.match(Not(both)).matching == ("no", "known")
    assert some.match(Or([both, TECH])).unknown == ("no",)
    assert some.match(no_french).unknown == ("no",)
    # Nobody knows which part of what "no" fails is to blame; "known" lacks but one.
    assert some.sole_blockers(both) == {FLUENT: 0, TECH: 1}
    assert some.sole_blockers(And([no_french, Not(both)])) == {no_french: 1, FLUENT: 0, TECH: 0}


@pytest.mark.parametrize(
    ("expression", "counts"),
    [
        (And([FLUENT, TECH]), [1, 1]),
        (And([TECH, Or([FLUENT, EVERY_LEVEL])]), [1, 1, 1]),
        (And([FLUENT, Not(And([TECH, EVERY_LEVEL]))]), [1, 0, 0]),
        (And([FLUENT, Not(Or([Not(TECH), Not(EVERY_LEVEL)]))]), [0, 0, 0]),
        (Not(Not(FLUENT)), [0]),
        (And([FLUENT, And([FLUENT, TECH])]), [1, 1]),
        (And([Not(FLUENT), Or([FLUENT, TECH])]), [2, 0, 0]),
        (Mixed([And([FLUENT, TECH]), Or([FLUENT, EVERY_LEVEL])]), [1, 0, 0]),
    ],
)
def test_sole_blockers(expression: Expr, counts: list[int]) -> None:
    """A condition counts whoever lacks it alone; under an odd number of NOTs none helps."""
    assert list(AgentIndex(CENTRE).sole_blockers(expression).values()) == counts


def test_an_expression_is_prepared_once_however_often_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept ready is found by what an expression says, and has a bound."""
    monkeypatch.setattr(index, "MOST_PLANS", 2)
    some = AgentIndex(CENTRE)

    counts = [some.match(And([AtLeast(FRENCH, level % 6)])).count for level in range(12)]
    assert counts == [2, 2, 2, 2, 2, 1] * 2
    assert len(some._plans) <= 2

    kept = len(some._plans)
    monkeypatch.setattr(some, "_planned", None)
    assert some.match(And([AtLeast(FRENCH, 5)])).count == 1
    assert len(some._plans) == kept


def test_a_large_roster_is_shown_by_its_size() -> None:
    """A terminal is not flooded by who looks at an index, its answer or its roster."""
    roster = Roster(agents=[Agent(id=str(n), proficiencies={}) for n in range(10_000)])
    some = AgentIndex(roster)

    assert repr(some) == "<AgentIndex: 10000 agents>"
    assert repr(some.match(FLUENT)) == "<Matches: 0 matching, 10000 not, 0 unknown>"
    assert repr(roster) == "Roster(agents=<10,000 agents>, as_of=None, source=None)"
    assert repr(Roster(agents=[Agent(id="ana")])).startswith("Roster(agents=(Agent(id='ana',")


def test_ten_thousand_agents_cost_next_to_nothing() -> None:
    """An expression over a large roster takes far less than evaluating it for each agent would."""
    skills = [Attribute("Skill", str(n)) for n in range(20)]
    agents = [
        Agent(id=str(n), proficiencies=dict.fromkeys(skills[: n % 20], n % 5 + 1)) for n in range(10_000)
    ]
    some = AgentIndex(Roster(agents=agents))
    expression = And([AtLeast(skill, 3) for skill in skills])
    some.match(expression)

    started = perf_counter()
    for _ in range(100):
        some.match(expression).matching  # noqa: B018  (it is made when it is asked for)

    assert perf_counter() - started < 1
