"""Names that read like words of the language."""

import pytest

from routing_inspect.contact import Agent, Criteria, Roster, Step
from routing_inspect.expr import Attribute
from routing_inspect.linting import lint
from routing_inspect.lookalikes import lookalike_findings
from routing_inspect.text import parse, parse_criteria


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("NO Language(English)", "`NOT Language(English)`"),
        ("no Language(English) >= 3", "`NOT Language(English)`"),
        ("Nto Language(English) in 2..4", "`NOT Language(English)`"),
        ("A(b) AND NOT nt C(d)", "`NOT C(d)`"),
        ("adn C(d)", "`AND C(d)`"),
        ("A(b) OR (C(d) AND else E(f))", "`OR E(f)`"),
        ("IF Language(English)", "leave `IF` out"),
        ('"NO Rock and Roll"(x)', '`NOT "Rock and Roll"(x)`'),
    ],
)
def test_a_name_that_begins_like_a_word_of_the_language_is_found(text: str, hint: str) -> None:
    """RI231: a slip that is a name all the same is legal, and would turn a condition round in silence."""
    (finding,) = lookalike_findings(Criteria([Step(parse(text))]))

    assert finding.id == "RI231"
    assert hint in (finding.hint or "")


@pytest.mark.parametrize(
    "text",
    ["No Claims(Home)", "Notary(x)", "NO(x)", "Language(NO English)", "agent in (no ana)", "Norway Desk(x)"],
)
def test_a_name_that_is_one_is_not_found(text: str) -> None:
    """A capital, a longer word, a name of one word and everything but a name mean what they say."""
    assert not list(lookalike_findings(Criteria([Step(parse(text))])))


def test_a_name_that_somebody_knows_is_not_found() -> None:
    """What an agent holds or the instance defines is no slip."""
    criteria = parse_criteria("A(b) [30s] NO Claims(Home) >= 3")
    roster = Roster(
        agents=[Agent(id="ana", proficiencies={Attribute("NO Claims", "Motor"): 3}), Agent(id="bo")]
    )

    assert [found.where for found in lookalike_findings(criteria)] == ["step 2"]
    assert not list(lookalike_findings(criteria, roster))
    assert not list(lookalike_findings(criteria, attributes={"NO Claims": ()}))
    assert list(lookalike_findings(criteria, Roster(agents=[Agent(id="bo")]), {"Claims": ()}))
    assert "RI231" in [found.id for found in lint(criteria)]
    assert "RI231" not in [found.id for found in lint(criteria, roster)]
