"""Kinds of agents: how conditions cut what an agent can be, and what each side of a part is."""

import pytest

from routing_inspect.clauses import Clauses
from routing_inspect.contact import Agent
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque
from routing_inspect.region import Space, Who, Within, space

FRENCH = Attribute("Language", "French")
USER = "39bc9666-4d3c-4558-b2ad-9bab4bd48568"


def _values(within: Space, axis: int = 0) -> list[object]:
    return [kind.value for kind in within.axes[axis].kinds]


def test_levels_that_no_condition_tells_apart_are_one_kind() -> None:
    """One bound makes two kinds, of which the lowest level and "not held" are shown."""
    assert _values(space([AtLeast(FRENCH, 3)])) == [None, 3.0]


def test_a_range_ends_on_its_level() -> None:
    """Beyond 3 is a kind of its own, shown by the next whole level where there is one that will do."""
    assert _values(space([Between(FRENCH, 2, 3), AtLeast(FRENCH, 1)])) == [None, 1.0, 2.0]
    assert _values(space([Between(FRENCH, 2, 3), AtLeast(FRENCH, 4)])) == [None, 2.0, 4.0]


def test_between_two_whole_levels_is_a_kind_where_it_shows() -> None:
    """An agent at 3.5 is in none of two ranges that meet there, as one without the attribute is."""
    within = space([Between(FRENCH, 1, 3), AtLeast(FRENCH, 4), AtLeast(FRENCH, 1)])

    assert _values(within) == [None, 1.0, 4.0, 3.5]


def test_a_fractional_bound_makes_a_kind() -> None:
    """Conditions at 3.25 and 3.5 are told apart by 3.25 alone."""
    assert _values(space([AtLeast(FRENCH, 3.25), AtLeast(FRENCH, 3.5)])) == [None, 4.0, 3.25]


def test_ids_are_of_one_kind_where_the_same_lists_hold_them() -> None:
    """Of five hundred ids in overlapping lists, as many kinds are left as there are overlaps."""
    ids = [f"agent-{n}" for n in range(500)]
    within = space([AgentIn(ids[:300]), AgentIn(ids[200:]), AgentIn(ids[250:270])])

    assert _values(within) == [None, "agent-0", "agent-200", "agent-250", "agent-300"]


def test_a_username_is_an_axis_where_users_are_listed_too() -> None:
    """Where a list holds a user id everybody has one, and a name that is listed is a username."""
    within = space([AgentIn((USER, "bob")), AgentIn(("alice",))])

    assert [axis.subject for axis in within.axes] == [Who.ID, Who.USERNAME]
    assert _values(within, 0) == [None, USER]
    assert _values(within, 1) == [None, "bob", "alice"]


def test_nobody_of_whom_a_list_holds_the_id_has_a_user_id_too() -> None:
    """Whether somebody without a user id is meant by a listed one could not be told."""
    first = "00000000-0000-4000-8000-000000000000"
    within = space([Not(AgentIn((first, USER)))])

    found = within.agent([0])

    assert (found.id, found.username) == (f"{first[:-1]}1", "somebody")


def test_a_range_upside_down_refuses_whatever_a_reference_stands_for() -> None:
    """Nobody is in it, so there is nothing to be left open."""
    condition = Between(Attribute("$.External.name", "x"), 4, 2)
    within = space([condition, AtLeast(condition.attribute, 3)])

    assert within.refuses(condition) == Within(0, (1 << len(within.axes[0].kinds)) - 1)
    assert within.accepts(condition) == Within(0, 0)


@pytest.mark.parametrize(
    "part",
    [
        AtLeast(Attribute("$.External.name", "x"), 3),
        Opaque({"a": 1}),
        AgentIn(("$.External.agent",)),
        Mixed([And([AtLeast(FRENCH, 2)]), AtLeast(FRENCH, 4)]),
    ],
    ids=["reference", "opaque", "reference to an agent", "mixed"],
)
def test_a_part_left_open_is_on_neither_side(part: Expr) -> None:
    """Where nothing is assumed, a part is neither accepted nor refused, as `evaluate` says of it."""
    within = space([part])
    agent = Agent(id="somebody", proficiencies={FRENCH: 2})
    choice = [1 if axis.subject == FRENCH else 0 for axis in within.axes]

    assert evaluate(part, agent).verdict is Verdict.UNKNOWN
    assert part not in within.assumed(choice)


def test_costs_compare_in_the_order_documented() -> None:
    """A level that is not whole weighs more than any assumption, and that more than any skill."""
    parts: list[Expr] = [Between(FRENCH, 1.25, 1.5), AtLeast(FRENCH, 5), Opaque({"a": 1}), AgentIn(("a",))]
    five, fractional = 1, 2
    french, opened, listed = space(parts).prices()

    assert _values(space(parts)) == [None, 5.0, 1.25]
    assert 0 < listed[1] < french[five] < opened[1] == opened[2] < french[fractional]
    assert french[0] == opened[0] == listed[0] == 0


def test_clauses_without_variables_hold() -> None:
    """Nothing to choose is one choice; an empty clause is never held."""
    assert Clauses([], [], switches=0).can_hold()
    assert not Clauses([2], [{0: 0}], switches=1).can_hold()
    assert Clauses([2], [{0: 0}], switches=1).cheapest([[0, 1]]) is None
    assert not Clauses([2], [{0: 1}, {0: 2}], switches=1).can_hold()


def test_the_cheapest_values_are_found_and_said_to_be() -> None:
    """Of two ways to hold both clauses, the one that one variable does is cheaper."""
    clauses = Clauses([2, 2, 2], [{0: 2, 1: 2}, {1: 2, 2: 2}], switches=3)
    found = clauses.cheapest([[0, 1], [0, 1], [0, 1]])

    assert found is not None
    assert (found.cost, found.values, found.is_cheapest) == (1, [0, 1, 0], True)


def test_a_negated_part_swaps_its_sides() -> None:
    """NOT accepts whom the part refuses."""
    part = AtLeast(FRENCH, 3)
    within = space([Not(part)])

    assert within.accepts(Not(part)) == within.refuses(part) == Within(0, 0b01)
    assert within.refuses(Not(part)) == within.accepts(part) == Within(0, 0b10)
