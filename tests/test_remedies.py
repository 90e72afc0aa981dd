"""The smallest changes: to an agent that it may match, and to an expression that it may let the agent in."""

import pytest

from routing_inspect.contact import Agent
from routing_inspect.errors import AnalysisLimit
from routing_inspect.expr import And, AtLeast, Attribute, Expr, Not, Or
from routing_inspect.remedies import Change, Edit, changes, relaxations
from routing_inspect.text import parse, unparse

FRENCH = Attribute("L", "f")
DYNAMO = Attribute("T", "d")
UUID = "aaaaaaaa-0000-4000-8000-000000000001"
ANA = "aaaaaaaa-0000-4000-8000-000000000002"


def _agent(**levels: float) -> Agent:
    names = {"french": FRENCH, "dynamo": DYNAMO}
    return Agent(id=UUID, proficiencies={names[name]: level for name, level in levels.items()})


def _texts(text: str, agent: Agent) -> list[str]:
    """Name each change: attribute, from, to."""
    return [
        ", ".join(f"{edit.attribute.value} {edit.before}->{edit.after}" for edit in change.edits)
        for change in changes(parse(text), agent)
    ]


def test_the_missing_level_is_all_it_takes() -> None:
    """What is there already stays as it is."""
    expression = parse("L(f) >= 4 AND T(d) >= 5")

    assert changes(expression, _agent(french=4, dynamo=3)) == [Change((Edit(DYNAMO, 3, 5),), 2)]


@pytest.mark.parametrize(
    ("text", "agent", "found"),
    [
        ("L(f) >= 1", _agent(), ["f None->1.0"]),
        ("NOT L(f)", _agent(french=2), ["f 2.0->None"]),
        ("NOT L(f) in 3..3", _agent(french=3), ["f 3.0->2.0", "f 3.0->4.0"]),
        ("L(f) >= 4", _agent(french=2.5), ["f 2.5->4.0"]),
        ("L(f) in 1..2", _agent(french=5), ["f 5.0->2.0"]),
        (
            "L(f) >= 3 OR T(d) >= 2",
            _agent(french=1),
            ["f 1.0->3.0", "d None->2.0"],
        ),
        # One attribute moved by two levels is cheaper than two moved by one.
        (
            "L(f) >= 4 OR (L(f) >= 3 AND T(d) >= 3)",
            _agent(french=2, dynamo=2),
            ["f 2.0->4.0"],
        ),
        ("NOT (L(f) >= 2 AND T(d))", _agent(french=2, dynamo=1), ["f 2.0->1.0", "d 1.0->None"]),
        ("L(f) >= 4 AND L(f) in 1..3", _agent(), []),
        ("agent in (somebody)", _agent(), []),
        (f"agent in ({UUID}) AND L(f) >= 1", _agent(), ["f None->1.0"]),
        ("OPAQUE `{}` OR L(f) >= 1", _agent(), ["f None->1.0"]),
        ("OPAQUE `{}` AND L(f) >= 1", _agent(), []),
        ('"$.External.language"(f) >= 1', _agent(), []),
        ("MIXED (L(f) >= 1 AND L(f) >= 2, T(d))", _agent(), ["f None->2.0, d None->1.0"]),
        ("L(f) >= 9", _agent(), []),
        ("L(f) >= 1", _agent(french=1), []),
    ],
)  # fmt: skip
def test_cheapest_changes(text: str, agent: Agent, found: list[str]) -> None:
    """Raising, lowering, adding and taking away; all that cost the same least; none where none would do."""
    assert _texts(text, agent) == found


def test_an_agent_of_whom_nothing_is_known_has_no_changes() -> None:
    """Nobody can say from where to move."""
    assert changes(AtLeast(FRENCH, 4), Agent(id=UUID)) == []


def _pairs(number: int) -> Expr:
    return And(
        Or((AtLeast(Attribute("A", str(i)), 1), AtLeast(Attribute("B", str(i)), 1))) for i in range(number)
    )


def test_too_many_answers_are_refused() -> None:
    """Twelve independent choices of two have 4,096 answers."""
    assert len(changes(_pairs(9), _agent())) == 512
    with pytest.raises(AnalysisLimit, match="expression of 24 conditions: there are more than 1,000"):
        changes(_pairs(12), _agent())


def test_a_hopeless_search_is_given_up() -> None:
    """More pigeons than holes: no change would do, and to prove it takes too long."""
    attribute = [[Attribute(f"P{p}", f"H{h}") for h in range(8)] for p in range(9)]
    somewhere = [Or(AtLeast(hole, 1) for hole in holes) for holes in attribute]
    alone = [
        Or((Not(AtLeast(attribute[p][h], 1)), Not(AtLeast(attribute[q][h], 1))))
        for h in range(8)
        for p in range(9)
        for q in range(p)
    ]

    with pytest.raises(AnalysisLimit, match=r"expression of 648 conditions: not found in 300,000 looks"):
        changes(And((*somewhere, *alone)), _agent())


@pytest.mark.parametrize(
    ("text", "agent", "found"),
    [
        (
            "L(f) >= 4 AND T(d) >= 5",
            _agent(french=4, dynamo=3),
            ["2 T(d) >= 5 -> T(d) >= 3"],
        ),
        ("L(f) in 4..4", _agent(french=2), ["2 L(f) in 4..4 -> L(f) in 2..4"]),
        ("L(f) >= 4", _agent(), []),
        ("L(f) >= 4 AND NOT T(d)", _agent(french=4, dynamo=1), ["1 NOT T(d) in 1..5 -> NOT T(d) in 2..5"]),
        ("NOT L(f) >= 3", _agent(french=4), ["2 NOT L(f) >= 3 -> NOT L(f) >= 5"]),
        ("NOT L(f) >= 3", _agent(french=5), []),
        ("agent in (ana) AND L(f)", _agent(french=5), [f"0 agent in (ana) -> agent in (ana, {UUID})"]),
        (
            f"NOT agent in ({UUID}, {ANA})",
            _agent(),
            [f"0 NOT agent in ({UUID}, {ANA}) -> NOT agent in ({ANA})"],
        ),
        (f'NOT agent in ({UUID}, "$.a")', _agent(), []),
        (f"NOT agent in ({UUID}) AND T(d)", _agent(dynamo=2), [f"0 NOT agent in ({UUID}) -> None"]),
        ("L(f) >= 1 AND T(d)", _agent(dynamo=2), ["0 L(f) >= 1 -> None"]),
        ("L(f) >= 1 AND (T(d))", _agent(french=2), ["0 T(d) in 1..5 -> None"]),
        ("NOT (NOT T(d) in 5..5 OR L(f))", _agent(french=2, dynamo=5), ["2 L(f) in 1..5 -> L(f) in 3..5"]),
        ("NOT (T(d) OR L(f) in 2..2)", _agent(french=2), ["0 L(f) in 2..2 -> None"]),
        ("OPAQUE `{}` AND L(f)", _agent(french=2), ["0 OPAQUE `{}` -> None"]),
        ("OPAQUE `{}` OR L(f) >= 3", _agent(french=2), ["1 L(f) >= 3 -> L(f) >= 2"]),
        ("MIXED (OPAQUE `{}`, L(f))", _agent(french=2), []),
        ("L(f) >= 1", _agent(french=2), []),
    ],
)  # fmt: skip
def test_smallest_relaxations(text: str, agent: Agent, found: list[str]) -> None:
    """One condition at a time: a bound moved, an agent listed or struck out, the condition taken out."""
    assert [
        f"{r.levels:g} {unparse(r.condition)} -> {None if r.relaxed is None else unparse(r.relaxed)}"
        for r in relaxations(parse(text), agent)
    ] == found


def test_relaxations_that_move_less_come_first() -> None:
    """What moves bounds comes by how far, then lists of agents, then what is taken out."""
    text = "(L(f) >= 5 OR T(d) >= 3 OR agent in (ana)) AND T(d)"

    found = relaxations(parse(text), _agent(french=1, dynamo=2))

    assert [(r.levels, unparse(r.condition)) for r in found] == [
        (1, "T(d) >= 3"),
        (4, "L(f) >= 5"),
        (0, "agent in (ana)"),
    ]
