import pytest

from routing_inspect.errors import NestingError
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
    conditions,
    depth,
    is_reference,
)

FRENCH = AtLeast(Attribute("Language", "French"), 4)
ENGLISH = Between(Attribute("Language", "English"), 2, 3)
PREFERRED = AgentIn(["agent-1"])


def _nested(groups: int) -> Expr:
    expression: Expr = FRENCH
    for _ in range(groups):
        expression = And([expression])
    return expression


def test_levels_are_floats_and_ids_are_tuples() -> None:
    """Records compare by value, whatever sequence or number they were made from."""
    assert AtLeast(Attribute("A", "b"), 4) == AtLeast(Attribute("A", "b"), 4.0)
    assert AgentIn(["a", "b"]) == AgentIn(("a", "b"))
    assert hash(And([FRENCH, ENGLISH])) == hash(And((FRENCH, ENGLISH)))


@pytest.mark.parametrize("level", [float("nan"), float("inf")])
def test_a_level_that_is_no_number_is_refused(level: float) -> None:
    """NaN compares with nothing, so no verdict could rest on it."""
    with pytest.raises(ValueError, match="a proficiency level is a finite number, found"):
        AtLeast(Attribute("A", "b"), level)


def test_what_the_document_said_is_not_compared() -> None:
    """Two conditions that mean the same are equal, however their documents put it."""
    assert AtLeast(Attribute("A", "b"), 4, written={"Name": "A"}) == AtLeast(Attribute("A", "b"), 4)


@pytest.mark.parametrize("group", [And, Or])
def test_an_empty_group_is_refused(group: type[And] | type[Or]) -> None:
    """An AND of nothing would say everybody and an OR of nothing nobody, both in silence."""
    with pytest.raises(ValueError, match=f"{group.__name__.upper()} needs at least 1 operand$"):
        group([])


def test_a_mixed_node_has_two_members_at_least_and_no_mixed_one() -> None:
    """One member is no mix, and a mix within a mix would add depth that nobody counts."""
    with pytest.raises(ValueError, match="a mixed node needs at least 2 operands"):
        Mixed([FRENCH])
    with pytest.raises(ValueError, match="a mixed node cannot be a member of another"):
        Mixed([Mixed([FRENCH, ENGLISH]), ENGLISH])


def test_opaque_parts_compare_by_value() -> None:
    """The order of members in a part that is not understood makes no difference."""
    assert Opaque({"a": 1, "b": 2}) == Opaque({"b": 2, "a": 1})
    assert hash(Opaque({"a": 1, "b": 2})) == hash(Opaque({"b": 2, "a": 1}))
    assert Opaque(None) != Opaque({})


def test_depth_counts_groups() -> None:
    """A condition is no group, negated or not; a negated group is one more."""
    assert depth(FRENCH) == depth(Not(FRENCH)) == 0
    assert depth(And([FRENCH, Or([ENGLISH])])) == 2
    assert depth(Not(And([FRENCH]))) == 2
    assert depth(Not(Not(FRENCH))) == 1
    assert depth(Mixed([And([FRENCH]), Or([ENGLISH])])) == 1


def test_sixty_four_groups_nest_and_no_more() -> None:
    """The 65th group is refused when it is made, so that nothing later can run out of stack."""
    deepest = _nested(MAX_DEPTH)

    assert depth(deepest) == 64
    for group in (And, Or):
        with pytest.raises(NestingError, match="groups nest more than 64 deep"):
            group([deepest])
    with pytest.raises(NestingError):
        Not(deepest)


def test_conditions_come_in_order_and_negated_ones_count_as_one() -> None:
    """Groups are walked through, also where they are negated."""
    expression = And([Not(FRENCH), Or([ENGLISH, Not(Or([PREFERRED]))]), Mixed([FRENCH, Or([ENGLISH])])])

    assert list(conditions(expression)) == [Not(FRENCH), ENGLISH, PREFERRED, FRENCH, ENGLISH]


def test_a_reference_is_a_jsonpath() -> None:
    """The service admits no `$` in names, values and ids, so nothing else can begin like one."""
    assert is_reference("$.External.language")
    assert is_reference("$['External']['language']")
    assert not is_reference("US$")
