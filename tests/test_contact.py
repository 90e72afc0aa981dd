from datetime import UTC, datetime, timedelta

import pytest

from routing_inspect.contact import Agent, Contact, Criteria, Expiry, Roster, Step, shown_names, user_id
from routing_inspect.expr import AtLeast, Attribute

FRENCH = AtLeast(Attribute("Language", "French"), 4)
NAIVE = datetime(2026, 3, 4)  # noqa: DTZ001  (without a zone on purpose)


def test_a_step_expires_after_its_duration_or_never() -> None:
    """No expiry, and an expiry without a duration, both mean never."""
    assert Step(FRENCH).expires_after is None
    assert Step(FRENCH, Expiry()).expires_after is None
    assert Step(FRENCH, Expiry(timedelta(seconds=30))).expires_after == timedelta(seconds=30)


@pytest.mark.parametrize("make", [lambda: Criteria(activated_at=NAIVE), lambda: Expiry(at=NAIVE)])
def test_times_without_a_zone_are_refused(make: object) -> None:
    """A time that could be any of 24 hours settles nothing."""
    assert callable(make)
    with pytest.raises(ValueError, match="needs a time zone"):
        make()


def test_the_source_of_a_fact_is_not_compared() -> None:
    """The same contact read from two kinds of document is the same contact."""
    assert Contact(id="c", source="DescribeContact") == Contact(id="c", source="contact record")
    assert Contact(id="c", enqueued_at=datetime(2026, 3, 4, tzinfo=UTC)).enqueued_at is not None


def test_all_criteria_come_oldest_first() -> None:
    """The current one is the last, and what a contact does not have is left out."""
    first, second = Criteria(index=0), Criteria(index=1)

    assert Contact(criteria=second, earlier=(first,)).all_criteria == (first, second)
    assert Contact(earlier=(first,)).all_criteria == (first,)
    assert Contact().all_criteria == ()


def test_an_agent_is_called_by_username_or_id() -> None:
    """People know usernames, documents know ids."""
    assert Agent(id="1", username="alice").name == "alice"
    assert Agent(id="1").name == "1"


def test_levels_of_an_agent_are_finite_numbers() -> None:
    """Whole numbers become floats, and what compares with nothing is refused."""
    french = Attribute("Language", "French")

    assert Agent(id="1", proficiencies={french: 4}).proficiencies == {french: 4.0}
    with pytest.raises(ValueError, match="a proficiency level is a finite number, found nan"):
        Agent(id="1", proficiencies={french: float("nan")})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arn:aws:connect:eu-west-2:1:instance/i/agent/u-1", "u-1"),
        ("arn:aws:connect:eu-west-2:1:instance/i", "arn:aws:connect:eu-west-2:1:instance/i"),
        ("a/agent/b", "a/agent/b"),
        ("u-1", "u-1"),
    ],
)
def test_the_user_id_is_at_the_end_of_an_agents_arn(text: str, expected: str) -> None:
    """Only an agent's ARN is taken apart; any other text may be an id as it stands."""
    assert user_id(text) == expected


def test_a_roster_finds_agents_by_id_arn_or_unique_username() -> None:
    """A username that two agents have finds neither."""
    alice, bob, other = (
        Agent(id="1", username="alice"),
        Agent(id="2", username="bob"),
        Agent(id="3", username="bob"),
    )
    roster = Roster(agents=[alice, bob, other])

    assert roster.find("1") is alice
    assert roster.find("arn:aws:connect:eu-west-2:1:instance/i/agent/2") is bob
    assert roster.find("alice") is alice
    assert roster.find("bob") is None
    assert roster.find("carol") is None


def test_two_agents_of_one_id_are_refused() -> None:
    """Nobody could say which of the two a contact reached."""
    with pytest.raises(ValueError, match="two agents have the id `1`"):
        Roster(agents=[Agent(id="1"), Agent(id="2"), Agent(id="1")])


def test_agents_of_one_name_are_shown_with_their_ids() -> None:
    """Whoever shares a username goes by it and the id, everybody else by the name alone."""
    agents = [Agent(id="u-1", username="twin"), Agent(id="u-2"), Agent(id="u-3", username="twin")]

    assert shown_names(agents) == {"u-1": "twin (u-1)", "u-2": "u-2", "u-3": "twin (u-3)"}
    assert shown_names(agents[:2]) == {"u-1": "twin", "u-2": "u-2"}
