import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from records import Run
from routing_inspect.contact import Agent, Roster, RoutedQueue, RoutingProfile
from routing_inspect.errors import DocumentError
from routing_inspect.expr import Attribute
from routing_inspect.render import rosters as rendered
from routing_inspect.roster import read_roster, write_roster
from routing_inspect.roster_diff import roster_changes
from routing_inspect.strategies import rosters

FRENCH, WELSH = Attribute("Language", "French"), Attribute("Language", "Welsh")
EXAMPLE = str(Path(__file__).resolve().parents[1] / "examples" / "roster.json")
GENERAL = RoutingProfile(id="p-1", name="General", concurrency={"VOICE": 1, "CHAT": 3})
BILLING = RoutedQueue(id="q-1", channel="VOICE", name="Billing", priority=2, delay=timedelta(seconds=30))
CLAIMS = RoutedQueue(id="q-2", channel="CHAT")


def _write(file: Path, *agents: Agent, **more: Any) -> str:
    file.write_text(json.dumps(write_roster(Roster(agents=agents, **more))), encoding="utf-8")
    return str(file)


# Routing profiles in a roster's document.


def test_a_routing_profile_is_written_once_for_all_its_agents() -> None:
    """Thousands of agents share a few profiles; each stands once, with its queues."""
    agents = [Agent(id=f"u-{n}", routing_profile=GENERAL, queues=[BILLING, CLAIMS]) for n in range(3)]
    roster = Roster(agents=agents)

    document = write_roster(roster)

    assert document["agents"][1] == {"id": "u-1", "routing_profile": "p-1"}
    (profile,) = document["routing_profiles"]
    assert profile["concurrency"] == {"VOICE": 1, "CHAT": 3}
    assert [queue["id"] for queue in profile["queues"]] == ["q-1", "q-2"]
    assert read_roster(document) == roster


@pytest.mark.parametrize(
    "other",
    [
        Agent(id="u-2", routing_profile=GENERAL),
        Agent(id="u-2", routing_profile=GENERAL, queues=[]),
        Agent(id="u-2", routing_profile=RoutingProfile(id="p-1"), queues=[BILLING]),
        Agent(id="u-2", routing_profile=RoutingProfile(id="p-1")),
        Agent(id="u-2", routing_profile=RoutingProfile(id="p-2"), queues=None),
        Agent(id="u-2", queues=[BILLING]),
    ],
)
def test_agents_who_differ_from_their_profile_say_so(other: Agent) -> None:
    """Facts of different times may disagree about one profile; nothing is lost in writing."""
    roster = Roster(agents=[Agent(id="u-1", routing_profile=GENERAL, queues=[BILLING]), other])

    assert read_roster(write_roster(roster)) == roster
    assert read_roster(write_roster(Roster(agents=roster.agents[::-1]))).agents == roster.agents[::-1]


@pytest.mark.parametrize(
    ("document", "place", "message"),
    [
        ({"routing_profiles": 1}, "$.routing_profiles", "expected a list of routing profiles"),
        ({"routing_profiles": [{}]}, "$.routing_profiles[0]", "expected a routing profile with an id"),
        ({"routing_profiles": [{"id": "p", "x": 1}]}, "$.routing_profiles[0].x", "no such member"),
        (
            {"routing_profiles": [{"id": "p"}] * 2},
            "$.routing_profiles[1].id",
            "the same id as $.routing_prof",
        ),
        (
            {"agents": [{"id": "u", "routing_profile": "p"}]},
            "$.agents[0].routing_profile",
            "no routing profile",
        ),
        (
            {"agents": [{"id": "u", "routing_profile": {}}]},
            "$.agents[0].routing_profile",
            "expected a routing",
        ),
        ({"agents": [{"id": "u", "queues": 1}]}, "$.agents[0].queues", "expected a list of queues"),
    ],
)
def test_what_is_wrong_with_a_profile_has_its_place(document: Any, place: str, message: str) -> None:
    """A profile that is not there would pass for queues that are unknown."""
    with pytest.raises(DocumentError) as refused:
        read_roster({"agents": [], **document})

    assert refused.value.problems[0].path == place
    assert refused.value.problems[0].message.startswith(message)


# roster show


def test_show_counts_who_holds_what_at_which_level(run: Run) -> None:
    """Below the agents stands each attribute value with its levels."""
    code, out, _ = run("roster", "show", EXAMPLE)

    assert code == 0
    assert out.startswith("6 agents\n  as of 2026-11-17T02:20:00.000Z, from ")
    assert "  aled   connect:Language(connect:Welsh) 5, Claims(Flood damage) 3\n" in out
    assert "  connect:Language(connect:Welsh): 6 (2 at 3, 2 at 4, 2 at 5)" in out


def test_show_gives_one_json_document(run: Run, tmp_path: Path) -> None:
    """The agents as a roster has them, the counts, and of whom nothing is known."""
    file = _write(
        tmp_path / "r.json",
        Agent(id="u-1", username="ann", proficiencies={FRENCH: 4}, routing_profile=GENERAL, queues=[BILLING]),
        Agent(id="u-2", proficiencies={FRENCH: 2, WELSH: 1}),
        Agent(id="u-3"),
    )
    code, out, _ = run("roster", "show", file, "--format", "json")
    told = json.loads(out)

    assert code == 0
    assert (told["schema"], told["total"], told["as_of"]) == ("routing-inspect/roster-show/1", 3, None)
    assert [agent["id"] for agent in told["agents"]] == ["u-1", "u-2", "u-3"]
    assert told["routing_profiles"][0]["name"] == "General"
    assert told["attributes"][0] == {
        "name": "Language",
        "value": "French",
        "agents": 2,
        "levels": [{"level": 2.0, "agents": 1}, {"level": 4.0, "agents": 1}],
    }
    assert told["unknown"] == ["u-3"]


def test_show_chooses_agents_and_attributes(run: Run, tmp_path: Path) -> None:
    """By id, by a name that two may share, by what is held; nobody left is exit code 1."""
    file = _write(
        tmp_path / "r.json",
        Agent(id="u-1", username="twin", proficiencies={FRENCH: 4, WELSH: 2}),
        Agent(id="u-2", username="twin", proficiencies={WELSH: 1}),
        Agent(id="u-3", proficiencies={}),
        Agent(id="u-4"),
    )
    _, out, _ = run("roster", "show", file, "--agent", "twin", "--agent", "u-3")
    assert out.startswith("3 of 4 agents\n")
    assert "  twin (u-1) Language(French) 4, Language(Welsh) 2\n" in out
    assert "  twin (u-2) Language(Welsh) 1\n  u-3        holds nothing\n" in out
    _, out, _ = run("roster", "show", file, "--attribute", "Language(French)")
    assert "\n  twin (u-1) Language(French) 4\n\n  Language(French): 1 (1 at 4)\n" in out
    code, out, _ = run("roster", "show", file, "--agent", "nobody")
    assert (code, out.splitlines()[0]) == (1, "0 of 4 agents")
    _, out, _ = run("roster", "show", file, "--agent", "u-4")
    assert "1 agent of whom it is unknown what they hold" in out
    code, out, _ = run("roster", "show", file, "--attribute", "Language(Greek)")
    assert (code, out.splitlines()[0]) == (4, "0 of 4 agents")
    assert "1 agent of whom it is unknown what they hold" in out
    code, _, err = run("roster", "show", file, "--attribute", "Language(French) >= 4")
    assert code == 2
    assert "give a name and a value alone" in err


def test_show_says_the_rest_when_asked(run: Run, tmp_path: Path) -> None:
    """Many agents are summed up; --verbose has all of them, with profile, queues and time of edit."""
    agents = [Agent(id=f"u-{n:02}", proficiencies={FRENCH: 1}) for n in range(25)]
    told = Agent(
        id="u-99",
        username="zoe",
        proficiencies={FRENCH: 2},
        routing_profile=GENERAL,
        queues=[BILLING, CLAIMS],
        modified_at=read_roster({"as_of": "2026-11-02T09:30:00Z", "agents": []}).as_of,
    )
    bare = Agent(id="u-98", proficiencies={FRENCH: 2}, routing_profile=RoutingProfile(id="p-2"), queues=[])
    file = _write(tmp_path / "r.json", *agents, told, bare)

    _, out, _ = run("roster", "show", file)
    assert "and 7 more; --verbose shows all" in out
    _, out, _ = run("roster", "show", file, "--verbose")
    assert "more" not in out
    assert "routing profile General, at once CHAT 3, VOICE 1" in out
    assert "queues Billing (VOICE, priority 2, delay 30 seconds); q-2 (CHAT)" in out
    assert "proficiencies edited 2026-11-02T09:30:00.000Z" in out
    assert "routing profile p-2\n" in out
    assert "queues none" in out


# roster diff

OLD = (
    Agent(id="u-1", username="ann", proficiencies={FRENCH: 3}, routing_profile=GENERAL, queues=[BILLING]),
    Agent(id="u-2", username="bob", proficiencies={FRENCH: 3, WELSH: 1}),
    Agent(id="u-3", username="cy", proficiencies={FRENCH: 3}, queues=[BILLING]),
    Agent(id="u-4", username="dee"),
)
NEW = (
    Agent(
        id="u-1",
        username="anna",
        proficiencies={FRENCH: 4},
        routing_profile=RoutingProfile(id="p-2", name="General", concurrency={"VOICE": 1}),
        queues=[CLAIMS],
    ),
    Agent(id="u-2", username="bob", proficiencies={FRENCH: 3, WELSH: 1}, queues=[]),
    Agent(
        id="u-3",
        username="cy",
        proficiencies={WELSH: 2},
        routing_profile=RoutingProfile(id="p-3"),
        queues=[RoutedQueue(id="q-1", channel="VOICE", name="Billing", priority=1)],
    ),
    Agent(id="u-5", username="eve", proficiencies={FRENCH: 5}),
)


def test_diff_says_who_came_and_went_and_what_changed(run: Run, tmp_path: Path) -> None:
    """Levels, queues, routing profiles and what is known of them, agent by agent."""
    old, new = _write(tmp_path / "old.json", *OLD), _write(tmp_path / "new.json", *NEW)

    code, out, _ = run("roster", "diff", old, new)

    assert code == 1
    assert out.splitlines() == [
        "1 added, 1 removed, 3 changed",
        "  + eve: Language(French) 5",
        "  - dee: what the agent holds is unknown",
        "  ~ anna",
        "      username: ann -> anna",
        "      routing profile: General (p-1) -> General (p-2)",
        "      concurrency: CHAT 3, VOICE 1 -> VOICE 1",
        "      Language(French): 3 -> 4",
        "      - queue Billing (VOICE, priority 2, delay 30 seconds)",
        "      + queue q-2 (CHAT)",
        "  ~ bob",
        "      queues: unknown -> known",
        "  ~ cy",
        "      routing profile: unknown -> p-3",
        "      Language(French): 3 -> not held",
        "      Language(Welsh): not held -> 2",
        "      queue Billing (VOICE, priority 2, delay 30 seconds) -> Billing (VOICE,",
        "      priority 1)",
    ]


def test_diff_gives_one_json_document(run: Run, tmp_path: Path) -> None:
    """The same as the text, with what is not there as null."""
    old, new = _write(tmp_path / "old.json", *OLD), _write(tmp_path / "new.json", *NEW)

    code, out, _ = run("roster", "diff", old, new, "--format", "json")
    told = json.loads(out)

    assert (code, told["schema"]) == (1, "routing-inspect/roster-diff/1")
    assert told["added"] == [{"id": "u-5", "username": "eve"}]
    assert told["removed"] == [{"id": "u-4", "username": "dee"}]
    assert told["changed"][2]["levels"] == [
        {"name": "Language", "value": "French", "from": 3.0, "to": None},
        {"name": "Language", "value": "Welsh", "from": None, "to": 2.0},
    ]
    assert told["changed"][0]["queues"][1] == {
        "from": None,
        "to": {"id": "q-2", "channel": "CHAT", "name": None, "priority": None, "delay_seconds": 0},
    }
    assert told["changed"][1]["facts"] == [{"fact": "queues", "from": None, "to": "known"}]


def test_agents_who_changed_alike_share_their_lines() -> None:
    """A queue added to a profile of 500 agents is one change, not 500."""
    old = Roster(agents=[Agent(id=f"u-{n}", queues=[]) for n in range(12)])
    new = Roster(agents=[Agent(id=f"u-{n}", queues=[CLAIMS]) for n in range(12)])

    texts = [line.text for line in rendered.diff_lines(roster_changes(old, new))]

    assert texts == [
        "0 added, 0 removed, 12 changed",
        "u-0, u-1, u-2, u-3, u-4, u-5, u-6, u-7 and 4 more",
        "+ queue q-2 (CHAT)",
    ]


def test_the_same_roster_has_no_difference(run: Run) -> None:
    """Nothing to say, and 0; standard input cannot be both."""
    assert run("roster", "diff", EXAMPLE, EXAMPLE)[:2] == (0, "the rosters say the same\n")
    assert run("roster", "diff", "-", "-")[0] == 2


@given(rosters(), rosters())
def test_changes_are_empty_exactly_between_equal_rosters(one: Roster, other: Roster) -> None:
    """A roster never differs from itself; whoever is added one way is removed the other way."""
    there, back = roster_changes(one, other), roster_changes(other, one)

    assert not roster_changes(one, one)
    assert {agent.id for agent in there.added} == {agent.id for agent in back.removed}
    assert {change.agent.id for change in there.changed} == {change.agent.id for change in back.changed}
    assert list(rendered.diff_lines(there))
