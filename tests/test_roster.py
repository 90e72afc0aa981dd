from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from routing_inspect.contact import Agent, Roster, RoutedQueue
from routing_inspect.document import JSON
from routing_inspect.errors import DocumentError
from routing_inspect.expr import Attribute
from routing_inspect.roster import read_proficiencies, read_roster, write_roster

FRENCH = Attribute("Language", "French")
ROW = {"name": "Language", "value": "French", "level": 4}


def _problems(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(DocumentError) as refused:
        read_roster(document)
    return [(problem.path, problem.message) for problem in refused.value.problems]


def test_a_roster_says_what_is_known_of_each_agent() -> None:
    """Whatever a roster can say is read, and written again as it was."""
    document = {
        "schema": "routing-inspect/roster/1",
        "as_of": "2026-03-04T14:00:00.000Z",
        "source": "by hand",
        "agents": [
            {
                "id": "agent-1",
                "username": "alice",
                "proficiencies": [{"name": "Language", "value": "French", "level": 4.0}],
                "queues": [
                    {"id": "q", "channel": "VOICE", "name": "Main", "priority": 1, "delay_seconds": 30},
                    {"id": "q", "channel": "CHAT", "delay_seconds": 0},
                ],
                "available": False,
                "free_slots": {"VOICE": 1},
                "as_of": "2026-03-04T13:00:00.000Z",
                "modified_at": "2026-03-04T12:00:00.000Z",
                "source": "ListUserProficiencies",
            },
            {"id": "agent-2"},
        ],
    }

    roster = read_roster(document)

    assert roster == Roster(
        agents=[
            Agent(
                id="agent-1",
                username="alice",
                proficiencies={FRENCH: 4},
                queues=[
                    RoutedQueue(
                        id="q", channel="VOICE", name="Main", priority=1, delay=timedelta(seconds=30)
                    ),
                    RoutedQueue(id="q", channel="CHAT"),
                ],
                available=False,
                free_slots={"VOICE": 1},
                as_of=datetime(2026, 3, 4, 13, tzinfo=UTC),
                modified_at=datetime(2026, 3, 4, 12, tzinfo=UTC),
            ),
            Agent(id="agent-2"),
        ],
        as_of=datetime(2026, 3, 4, 14, tzinfo=UTC),
    )
    assert write_roster(roster) == document
    assert write_roster(Roster()) == {"schema": "routing-inspect/roster/1", "agents": []}


def test_an_agent_given_by_arn_has_the_id_at_its_end() -> None:
    """Criteria and contacts name agents by user id."""
    arn = "arn:aws:connect:eu-west-2:1:instance/i/agent/agent-1"

    assert read_roster({"agents": [{"id": arn}]}).agents[0].id == "agent-1"


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        {"AttributeName": "Language", "AttributeValue": "French", "Level": 4.0},
        {"Name": "Language", "Value": "French", "ProficiencyLevel": "4.0"},
    ],
)
def test_the_three_spellings_of_a_proficiency(row: JSON) -> None:
    """The library, ListUserProficiencies and agent events spell one thing in three ways."""
    assert read_proficiencies([row], "$", []) == {FRENCH: 4.0}


def test_to_hold_nothing_is_not_to_be_unknown() -> None:
    """An empty list says that the agent holds nothing, no list that nobody knows."""
    roster = read_roster('{"agents": [{"id": "1", "proficiencies": []}, {"id": "2", "proficiencies": null}]}')

    assert [agent.proficiencies for agent in roster.agents] == [{}, None]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "expected a roster, found a list without agents"),
        ({"Contact": {"Id": "c"}}, "expected a roster, found an object without agents"),
        ({"agents": {}}, "expected a roster, found an object without agents"),
    ],
)
def test_what_is_no_roster_is_refused(document: JSON, message: str) -> None:
    """A contact in the place of a roster is noticed."""
    assert _problems(document) == [("$", message)]


def test_every_problem_of_a_roster_is_found() -> None:
    """A member that no roster has may be a misspelled one, so it is not passed over."""
    document = {
        "schema": "routing-inspect/roster/9",
        "as_of": "2026-03-04T14:00:00",
        "agent": 1,
        "agents": [
            4,
            {"id": ""},
            {"id": "1", "proficiencys": [], "available": "yes", "free_slots": 3, "queues": {}},
            {"id": "1", "proficiencies": {}, "free_slots": {"VOICE": 1.5}},
            {
                "id": "2",
                "proficiencies": [
                    ROW,
                    ROW,
                    {"name": "Language"},
                    {"name": "Language", "value": "English", "level": None},
                    {"name": 4, "value": "English", "level": "four"},
                ],
            },
            {"id": "3", "queues": [3, {"id": "q", "priority": 1.5, "delay": 3}]},
        ],
    }

    assert _problems(document) == [
        ("$.agent", "no such member"),
        ("$.schema", 'expected `routing-inspect/roster/1`, found `"routing-inspect/roster/9"`'),
        ("$.agents[0]", "expected an agent with an id, found `4`"),
        ("$.agents[1]", "expected an agent with an id, found an object"),
        ("$.agents[2].proficiencys", "no such member"),
        ("$.agents[2].queues", "expected a list of queues, found an object"),
        ("$.agents[2].available", 'expected `true` or `false`, found `"yes"`'),
        ("$.agents[2].free_slots", 'expected free slots by channel, such as `{"VOICE": 1}`, found `3`'),
        ("$.agents[3].proficiencies", "expected a list of proficiencies, found an object"),
        ("$.agents[3].free_slots.VOICE", "expected a whole number, found `1.5`"),
        ("$.agents[4].proficiencies[1]", "Language(French) is given twice"),
        ("$.agents[4].proficiencies[2]", "expected a proficiency, found an object"),
        ("$.agents[4].proficiencies[3].level", "expected a number, found `null`"),
        ("$.agents[4].proficiencies[4].name", "expected a string, found `4`"),
        ("$.agents[4].proficiencies[4].level", 'expected a number, found `"four"`'),
        ("$.agents[5].queues[0]", "expected a queue with id and channel, found `3`"),
        ("$.agents[5].queues[1].delay", "no such member"),
        ("$.agents[5].queues[1].channel", "expected a string, found `null`"),
        ("$.agents[5].queues[1].priority", "expected a whole number, found `1.5`"),
        ("$.as_of", 'the time `"2026-03-04T14:00:00"` has no time zone'),
        ("$.agents[3].id", "the same id as $.agents[2]: `1`"),
    ]


def test_what_is_below_zero_is_refused() -> None:
    """A delay and a number of slots count from 0."""
    queue = {"id": "q", "channel": "VOICE", "delay_seconds": -7}
    document = {"agents": [{"id": "ana", "queues": [queue], "free_slots": {"VOICE": -1, "CHAT": 0}}]}

    with pytest.raises(DocumentError) as error:
        read_roster(document)

    assert [problem.path for problem in error.value.problems] == [
        "$.agents[0].queues[0].delay_seconds",
        "$.agents[0].free_slots.VOICE",
    ]
