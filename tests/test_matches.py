"""Who matches an expression, for a terminal and as JSON."""

from __future__ import annotations

from records import DYNAMO, FLUENT, agent
from routing_inspect.checks import match_findings
from routing_inspect.contact import Roster
from routing_inspect.expr import And, AtLeast, Attribute
from routing_inspect.findings import Finding
from routing_inspect.index import AgentIndex
from routing_inspect.render.lines import draw
from routing_inspect.render.matches import SCHEMA, lines, to_dict

BOTH = And([FLUENT, AtLeast(DYNAMO, 4)])
ROSTER = Roster(
    agents=[
        agent("ana", proficiencies={FLUENT.attribute: 4, DYNAMO: 5}),
        agent("u-2", french=3, username="bo"),
        agent("cy", proficiencies=None),
    ]
)
FOUND = AgentIndex(ROSTER).match(BOTH)


def test_text() -> None:
    """Each agent has a verdict; who does not match has the reasons."""
    drawn = draw(lines(BOTH, ROSTER, FOUND, verbose=False), None)

    assert drawn.split("\n") == [
        "1 of 3 agents match, 1 do not, 1 unknown",
        "  Language(French) >= 4 AND Technology(AWS DynamoDB) >= 4",
        "  yes  ana",
        "  no   bo",
        "         Language(French) >= 4: has 3, 1 level short",
        "         Technology(AWS DynamoDB) >= 4: not held",
        "  ?    cy",
        "         Language(French) >= 4: the proficiencies of cy are not known",
        "         Technology(AWS DynamoDB) >= 4: the proficiencies of cy are not known",
        "",
    ]


def test_verbose_text() -> None:
    """On request those who match have their values, too."""
    drawn = draw(lines(BOTH, ROSTER, FOUND, verbose=True), None)

    assert "  yes  ana\n         Language(French) >= 4: has 4\n" in drawn


def test_a_near_miss_is_named() -> None:
    """An attribute that nobody holds has the one that may be meant as a hint; no step is named."""
    findings = tuple(match_findings(AtLeast(Attribute("language", "French"), 4), ROSTER))

    drawn = draw(lines(BOTH, ROSTER, FOUND, findings=findings, verbose=False), None)
    node = to_dict(BOTH, ROSTER, FOUND, findings=findings)

    assert drawn.endswith(
        "\n\n  error RI401  none of the 2 agents whose proficiencies are known holds\n"
        "               language(French)\n"
        "  hint         did you mean Language(French), held by ana, bo (letter case)?\n"
    )
    assert [(finding["id"], finding["where"]) for finding in node["findings"]] == [("RI401", "")]
    assert to_dict(BOTH, ROSTER, FOUND)["findings"] == []


def test_a_level_off_the_scale_is_the_rosters() -> None:
    """A finding about the roster says so; one about the expression has no place but the expression."""
    roster = Roster(agents=[agent("ana", french=9)])

    found = {finding.id: finding.where for finding in match_findings(BOTH, roster)}

    assert found == {"RI401": "", "RI405": "roster"}


def test_json() -> None:
    """The three populations are ids in roster order, each agent with a trace."""
    node = to_dict(BOTH, ROSTER, FOUND)

    assert node["schema"] == SCHEMA
    assert (node["matching"], node["not_matching"], node["unknown"]) == (["ana"], ["u-2"], ["cy"])
    assert [one["username"] for one in node["agents"]] == [None, "bo", None]
    assert node["agents"][1]["trace"]["verdict"] == "no_match"


def test_findings_come_last() -> None:
    """What is odd about the names stands below who matches, and in the JSON."""
    odd = Finding("RI401", "no agent holds Desk(North) at any level", None, "step 1")

    drawn = draw(lines(BOTH, ROSTER, FOUND, findings=[odd], verbose=False), None)

    assert drawn.endswith("\n\n  error RI401  no agent holds Desk(North) at any level (step 1)\n")
    assert [one["id"] for one in to_dict(BOTH, ROSTER, FOUND, findings=[odd])["findings"]] == ["RI401"]


def test_a_large_roster_is_cut_short() -> None:
    """Of each verdict 25 agents are shown, whoever they are; on request all."""
    agents = [agent(f"agent-{n}", french=4 if n % 3 else 1, username=f"a{n}") for n in range(100)]
    roster = Roster(agents=agents)
    found = AgentIndex(roster).match(FLUENT)

    drawn = draw(lines(FLUENT, roster, found, verbose=False), None).split("\n")
    everybody = draw(lines(FLUENT, roster, found, verbose=True), None)

    assert drawn[0] == "66 of 100 agents match, 34 do not, 0 unknown"
    assert sum(line.startswith("  yes  a") for line in drawn) == 26
    assert [line for line in drawn if "more" in line] == [
        "  no   and 9 more, whom --verbose shows",
        "  yes  and 41 more, whom --verbose shows",
    ]
    assert len([line for line in everybody.split("\n") if line.startswith(("  yes  ", "  no   "))]) == 100
    assert len(to_dict(FLUENT, roster, found)["agents"]) == 100
