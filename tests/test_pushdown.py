"""Searches of the service's own: what they say, what they leave open, and what goes wrong with them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.validate import ParamValidator

import aws_paths
from records import Run
from routing_inspect import aws, parse
from routing_inspect.aws.search import Population, find_agents
from routing_inspect.contact import Agent, Roster
from routing_inspect.document import JSON
from routing_inspect.errors import ServiceError
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.explanation import condition_texts, trace_dict
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or
from routing_inspect.pushdown import (
    Search,
    disagreement,
    hint_for,
    needs_levels,
    past_limits,
    search_for,
    told,
)
from routing_inspect.sandbox import Sandbox
from routing_inspect.sandbox.protocol import model

INSTANCE = "11111111-1111-4111-8111-111111111111"
ASK = ["--instance-id", INSTANCE]
NOW = datetime(2026, 11, 17, 3, tzinfo=UTC)
YES, NO, UNKNOWN = Verdict.MATCH, Verdict.NO_MATCH, Verdict.UNKNOWN
FRENCH, GERMAN = Attribute("Language", "French"), Attribute("Language", "German")
A, B = AtLeast(FRENCH, 3), AtLeast(GERMAN, 2)
ODD = Opaque({"AttributeCondition": {"ComparisonOperator": "IsBetterThan"}})
REFERENCE = AtLeast(Attribute("$.External.name", "x"), 1)
# Who holds what: French, German.
LEVELS = {"ana": (5, None), "ben": (3, 4), "cai": (2, 1), "dee": (None, 5), "eve": (None, None)}


pytestmark = pytest.mark.usefixtures("_no_pauses")


def _users() -> list[dict[str, JSON]]:
    return [
        {
            "Id": f"user-{name}",
            "Username": name,
            "RoutingProfileId": "profile-1",
            "Proficiencies": [
                {"AttributeName": attribute.name, "AttributeValue": attribute.value, "Level": level}
                for attribute, level in zip((FRENCH, GERMAN), levels, strict=True)
                if level is not None
            ],
        }
        for name, levels in LEVELS.items()
    ]


def _scenario(*faults: Mapping[str, JSON], **more: JSON) -> dict[str, JSON]:
    queue = {
        "QueueId": "queue-1",
        "QueueArn": "arn",
        "QueueName": "General",
        "Priority": 1,
        "Delay": 0,
        "Channel": "VOICE",
    }
    return {
        "instance_id": INSTANCE,
        "users": _users(),
        "routing_profiles": [{"RoutingProfileId": "profile-1", "Queues": [queue]}],
        "queues": [{"QueueId": "queue-1"}],
        "faults": list(faults),
        **more,
    }


@contextmanager
def _serving(*faults: Mapping[str, JSON], **more: JSON) -> Iterator[tuple[Sandbox, Any]]:
    with (
        Sandbox(_scenario(*faults, **more)) as sandbox,
        closing(aws.connect(session=aws_paths.session(), endpoint_url=sandbox.url, attempts=2)) as client,
    ):
        yield sandbox, client


def _find(client: Any, *expressions: Expr, roster: Roster | None = None, most: int = 100) -> Population:
    return find_agents(client, roster, instance_id=INSTANCE, expressions=expressions, now=NOW, most=most)


def _verdicts(expression: Expr, population: Population) -> dict[str, Verdict]:
    agents = () if population.roster is None else population.roster.agents
    return {agent.name: evaluate(expression, agent).verdict for agent in agents}


def _operations(sandbox: Sandbox) -> Counter[str]:
    return Counter(request.operation for request in sandbox.requests)


def _searching(action: Mapping[str, JSON], *, calls: JSON = "all") -> dict[str, JSON]:
    return {"operation": "SearchUsers", "calls": calls, "fault": dict(action)}


# ---------------------------------------------------------------------------- what is asked


def _level(attribute: Attribute, **level: JSON) -> dict[str, Any]:
    texts = [
        {"StringCondition": {"FieldName": name, "Value": value, "ComparisonType": "EXACT"}}
        for name, value in (("name", attribute.name), ("value", attribute.value))
    ]
    number = {"NumberCondition": {"FieldName": "limit", **level}}
    return {"ListCondition": {"TargetListType": "PROFICIENCIES", "Conditions": [*texts, number]}}


def _from(attribute: Attribute, level: int) -> dict[str, Any]:
    return _level(attribute, ComparisonType="GREATER_OR_EQUAL", MinValue=level)


def _range(low: int, high: int) -> dict[str, Any]:
    return _level(FRENCH, ComparisonType="RANGE", MinValue=low, MaxValue=high)


@pytest.mark.parametrize(
    ("expression", "criteria", "exact"),
    [
        (A, _from(FRENCH, 3), True),
        (AtLeast(FRENCH, 2.5), _from(FRENCH, 2), False),
        (AtLeast(FRENCH, 0), _from(FRENCH, 1), True),
        (AtLeast(FRENCH, 9), _from(FRENCH, 5), False),
        (AtLeast(FRENCH, 1e300), _from(FRENCH, 5), False),
        (Between(FRENCH, 2, 4), _range(2, 4), True),
        (Between(FRENCH, 1.5, 3.5), _range(1, 4), False),
        (Between(FRENCH, 2, 5), _from(FRENCH, 2), True),
        (Between(FRENCH, 2, 4.5), _from(FRENCH, 2), False),
        (Between(FRENCH, -3, 0), _range(1, 1), False),
        (And([A, B]), {"AndConditions": [_from(FRENCH, 3), _from(GERMAN, 2)]}, True),
        (Or([A, B]), {"OrConditions": [_from(FRENCH, 3), _from(GERMAN, 2)]}, True),
        (And([A, A]), _from(FRENCH, 3), True),
        (
            And([A, And([B, AtLeast(GERMAN, 1)])]),
            {"AndConditions": [_from(FRENCH, 3), _from(GERMAN, 2), _from(GERMAN, 1)]},
            True,
        ),
        (And([A, Not(B)]), _from(FRENCH, 3), False),
        (And([A, ODD]), _from(FRENCH, 3), False),
        (Not(Not(A)), _from(FRENCH, 3), True),
        (Not(Or([Not(A), B])), _from(FRENCH, 3), False),
        (Mixed([A, Or([B])]), {"OrConditions": [_from(FRENCH, 3), _from(GERMAN, 2)]}, False),
        (Or([A, Between(FRENCH, 4, 2)]), _from(FRENCH, 3), True),
    ],
)
def test_what_bounds_an_expression(expression: Expr, criteria: JSON, exact: bool) -> None:  # noqa: FBT001  (pytest gives a parameter by its name)
    """Whoever may satisfy it meets the criteria, in whole levels; where nobody else does, that is known."""
    assert search_for(expression) == Search(criteria, (expression,), (expression,) if exact else ())


@pytest.mark.parametrize(
    ("expression", "criteria", "fails"),
    [
        (Not(A), _from(FRENCH, 3), (A,)),
        (Or([A, Not(B)]), {"OrConditions": [_from(FRENCH, 3), _from(GERMAN, 2)]}, (A, B)),
        (Or([Not(A), ODD]), _from(FRENCH, 3), (A,)),
        (Or([AgentIn(["user-ana"]), A]), _from(FRENCH, 3), (A,)),
        (And([Not(A), Not(B)]), {"OrConditions": [_from(FRENCH, 3), _from(GERMAN, 2)]}, (A, B)),
        (Or([Not(A), Not(Between(GERMAN, 4, 2))]), _from(FRENCH, 3), (A, Between(GERMAN, 4, 2))),
    ],
)
def test_what_no_search_can_say_is_searched_in_parts(
    expression: Expr, criteria: JSON, fails: tuple[Expr, ...]
) -> None:
    """A NOT admits who does not hold an attribute; who holds it is searched for, in one search a step."""
    search = search_for(expression)

    assert search is not None
    assert (search.criteria, search.fails) == (criteria, fails)


@pytest.mark.parametrize(
    "expression",
    [
        ODD,
        REFERENCE,
        AgentIn(["user-ana"]),
        AgentIn(["$.External.agent"]),
        And([AgentIn(["user-ana"]), A]),
        Not(Or([Not(AgentIn(["user-ana"])), A])),
        Not(AgentIn(["user-ana"])),
    ],
)
def test_what_needs_no_search_gets_none(expression: Expr) -> None:
    """Where only those listed can match, or nothing is about a level, no search would settle anything."""
    assert search_for(expression) is None


@pytest.mark.parametrize(
    ("expression", "searched", "limits"),
    [
        (AtLeast(Attribute("x" * 26, "v"), 1), False, 1),
        (AtLeast(Attribute("x" * 25, "v" * 100), 1), True, 0),
        (AtLeast(Attribute("xy", "v"), 1), True, 0),
        (AtLeast(Attribute("x", "v"), 1), False, 1),
        (AtLeast(Attribute("xy", ""), 1), False, 1),
        (Between(Attribute("xy", "v" * 101), 1, 2), False, 1),
        (
            And([A, Not(AtLeast(Attribute("", ""), 1)), AtLeast(Attribute("", ""), 2), REFERENCE, ODD]),
            True,
            1,
        ),
        (Or([AtLeast(Attribute("Name", str(n)), 1) for n in range(50)]), True, 0),
        (Or([AtLeast(Attribute("Name", str(n)), 1) for n in range(51)]), False, 1),
        (And([A, Or([A, And([A, Or([A, And([A, Not(Not(B))])])])])]), True, 0),
        (And([A, Or([A, And([A, Or([A, And([A, Mixed([A, B])])])])])]), False, 1),
        (Or([AgentIn([f"user-{n}"]) for n in range(3)]), False, 0),
    ],
)
def test_what_a_search_may_not_take_is_not_searched_for(
    expression: Expr,
    searched: bool,  # noqa: FBT001  (pytest gives a parameter by its name)
    limits: int,
) -> None:
    """Names that searches are not documented for, and criteria beyond our own bounds, are said to be so."""
    assert (search_for(expression) is not None) is searched
    assert len(list(past_limits(expression))) == limits


def test_a_limit_is_said_with_its_numbers() -> None:
    """Whoever reads it knows which attribute, or how many conditions, and what is admitted."""
    many = Or([AtLeast(Attribute("Name", str(n)), 1) for n in range(51)])
    said = "where searches give valid results for names of 2 to 25 characters and values of 1 to 100"

    assert list(past_limits(AtLeast(Attribute("N" * 200, "v"), 1))) == [f"{'N' * 40}..., {said}"]
    assert list(past_limits(AtLeast(Attribute("N", "v"), 1))) == [f"N(v), {said}"]
    assert list(past_limits(many)) == [
        "51 conditions, nested 1 deep, where one search is given 50 conditions and 5 levels"
    ]


def test_a_range_upside_down_is_settled_without_asking() -> None:
    """Nobody is in it, and nobody need be asked to know."""
    upside_down = Between(FRENCH, 4, 2)

    assert search_for(upside_down) == Search(None, (upside_down,), (upside_down,))
    assert search_for(And([A, upside_down])) == Search(
        None, (And([A, upside_down]),), (And([A, upside_down]),)
    )


def test_what_a_search_says_is_told_with_its_name() -> None:
    """A verdict by a search says so; where levels are known they count, whatever a search says."""
    search = Search({}, (A,), ())
    blind = told(Agent(id="ana", source="SearchUsers"), search, returned=False)
    negated = evaluate(Not(A), blind)

    assert evaluate(A, blind).verdict is NO
    assert (negated.verdict, evaluate(B, blind).verdict) == (YES, UNKNOWN)
    assert list(condition_texts(negated)) == ["NOT Language(French) >= 3: SearchUsers leaves out the agent"]
    assert trace_dict(evaluate(A, blind))["told_by"] == "SearchUsers"
    assert evaluate(A, Agent(id="ana", proficiencies={FRENCH: 4}, told={A: False})).verdict is YES
    both = Agent(id="ana", source="SearchUsers", told={And([A, B]): True})
    assert list(condition_texts(evaluate(And([A, B]), both))) == [
        "Language(French) >= 3 AND Language(German) >= 2: SearchUsers returns the agent"
    ]


def test_levels_are_needed_only_where_a_verdict_hangs_on_them() -> None:
    """An unknown part of another kind does not become clear by looking at levels."""
    blind = Agent(id="ana", username="ana")

    assert needs_levels(Or([A, ODD]), blind)
    assert not needs_levels(Or([A, ODD]), told(blind, Search({}, (A,)), returned=False))
    assert not needs_levels(REFERENCE, blind)
    assert not needs_levels(And([A, AgentIn(["user-ben"])]), blind)


def test_a_disagreement_names_the_part() -> None:
    """A search that leaves out who satisfies a part, or returns who does not, is wrong about that part."""
    search = Search({}, (A,), (A,))
    holds, lacks = Agent(id="a", proficiencies={FRENCH: 3}), Agent(id="b", proficiencies={})

    assert disagreement(search, holds, returned=False) == A
    assert disagreement(search, lacks, returned=True) == A
    assert disagreement(search, holds, returned=True) is None
    assert disagreement(search, lacks, returned=False) is None


# ---------------------------------------------------------------------------- what is found


@pytest.mark.parametrize(
    ("text", "matching", "asked"),
    [
        ("Language(French) >= 3", {"ana", "ben"}, 2),
        ("Language(French) >= 3 AND Language(German) >= 2", {"ben"}, 1),
        ("Language(French) >= 3 OR Language(German) >= 5", {"ana", "ben", "dee"}, 3),
        ("NOT Language(French)", {"dee", "eve"}, 3),
        ("Language(French) >= 3 AND NOT Language(German)", {"ana"}, 2),
        ("agent in (user-cai) AND Language(French) >= 2", {"cai"}, 1),
        ("agent in (user-cai) OR Language(German) >= 4", {"ben", "cai", "dee"}, 2),
        ("Language(Latin) >= 1", set(), 0),
    ],
)
def test_only_those_returned_are_asked_about_one_by_one(text: str, matching: set[str], asked: int) -> None:
    """One list, at most one search, one routing profile, and one call for each whose levels decide."""
    with _serving() as (sandbox, client):
        population = _find(client, parse(text))
        operations = _operations(sandbox)

    verdicts = _verdicts(parse(text), population)
    assert {name for name, verdict in verdicts.items() if verdict is YES} == matching
    assert {name for name, verdict in verdicts.items() if verdict is NO} == set(LEVELS) - matching
    assert operations["ListUserProficiencies"] == population.levels_of == asked
    assert operations["SearchUsers"] == 1 + population.searches <= 2
    assert operations["ListRoutingProfileQueues"] == 1
    assert (population.size, population.source, population.findings) == (5, "SearchUsers", ())


def test_steps_that_ask_the_same_are_searched_once() -> None:
    """The same criteria is one search, whichever steps it comes from."""
    with _serving() as (sandbox, client):
        population = _find(client, A, Not(A), A, B, ODD)

        assert population.searches == 2
        assert _operations(sandbox)["SearchUsers"] == 3


def test_what_nobody_can_satisfy_is_not_searched_for() -> None:
    """A range upside down is settled for everybody without a search."""
    upside_down = Between(FRENCH, 4, 2)
    with _serving() as (sandbox, client):
        population = _find(client, upside_down)

        assert _operations(sandbox)["SearchUsers"] == 1
    assert set(_verdicts(upside_down, population).values()) == {NO}
    assert (population.searches, population.levels_of) == (0, 0)


def test_a_listed_agent_without_levels_stays_open() -> None:
    """Where only those listed can match, no search stands in for the levels of one that are refused."""
    refused = {"operation": "ListUserProficiencies", "fault": {"error": "AccessDeniedException"}}
    expression = And([AgentIn(["user-ana"]), A])
    with _serving(refused) as (_, client):
        population = _find(client, expression)

    assert _verdicts(expression, population) == {"ana": UNKNOWN, "ben": NO, "cai": NO, "dee": NO, "eve": NO}
    assert (population.left_open, population.taken_at_word) == (1, 0)


def test_beyond_the_limit_an_exact_search_is_believed() -> None:
    """Of those nobody was asked about, a search that says just the expression is taken at its word."""
    with _serving() as (_, client):
        exact = _find(client, A, most=1)
        wide = _find(client, AtLeast(FRENCH, 2.5), most=0)

    assert exact.roster is not None
    assert [a.source for a in exact.roster.agents[:3]] == ["Amazon Connect", "SearchUsers", "SearchUsers"]
    assert _verdicts(A, exact)["ben"] is YES
    assert (exact.levels_of, exact.taken_at_word, exact.left_open, exact.unasked) == (1, 1, 0, 1)
    assert _verdicts(AtLeast(FRENCH, 2.5), wide) == {
        "ana": UNKNOWN,
        "ben": UNKNOWN,
        "cai": UNKNOWN,
        "dee": NO,
        "eve": NO,
    }
    assert (wide.levels_of, wide.taken_at_word, wide.left_open, wide.unasked) == (0, 0, 3, 3)


def test_agents_known_already_are_not_asked_about_again() -> None:
    """Whom the caller knows keeps what is known, in the service's order; who is gone comes last."""
    known = Roster(
        agents=[Agent(id="gone", proficiencies={}), Agent(id="user-ben", proficiencies={FRENCH: 3})]
    )
    with _serving() as (sandbox, client):
        population = _find(client, A, roster=known)

        asked = [r.parameters["UserId"] for r in sandbox.requests if r.operation == "ListUserProficiencies"]
    assert asked == ["user-ana"]
    assert population.roster is not None
    assert [agent.id for agent in population.roster.agents][1::4] == ["user-ben", "gone"]
    assert (population.size, population.beside, len(population.roster.agents)) == (5, 1, 6)


def test_who_was_asked_about_a_moment_ago_is_not_asked_again() -> None:
    """The agent who took the contact and is gone is said to be so once, and counts beside the instance."""
    with _serving() as (sandbox, client):
        known, findings = aws.fetch_agents(client, instance_id=INSTANCE, agent_ids=["user-gone"], now=NOW)
        population = _find(client, A, roster=known)
        later = find_agents(
            client,
            known,
            instance_id=INSTANCE,
            expressions=[A],
            now=NOW + timedelta(hours=1),
        )
        asked = [r.operation for r in sandbox.requests if r.parameters.get("UserId") == "user-gone"]

    assert asked == ["DescribeUser", "ListUserProficiencies"]  # the latter an hour later
    assert [finding.where for finding in findings] == ["DescribeUser"]
    assert (population.findings, population.size, population.beside) == ((), 5, 1)
    assert (population.left_open, population.unasked) == (0, 0)
    assert (later.size, later.beside) == (5, 1)
    assert [finding.where for finding in later.findings] == ["ListUserProficiencies"]


@pytest.mark.parametrize("searching", [True, False])
def test_who_is_deleted_between_list_and_question_is_left_out(searching: bool) -> None:  # noqa: FBT001  (pytest gives a parameter by its name)
    """Nobody matches who is no more, whether found by a search or listed; a finding names them."""
    ghost = _user("user-ghost")
    faults = [
        _searching(_answer(*_users(), ghost), calls=[1]),
        _searching(_answer(*_users()[:2], ghost), calls=[2]),
    ]
    if not searching:
        listed = {"body": json.dumps({"UserSummaryList": [*_users(), ghost]})}
        faults = [
            _searching({"error": "AccessDeniedException"}),
            {"operation": "ListUsers", "fault": listed},
        ]
    with _serving(*faults) as (_, client):
        population = _find(client, A)

    assert _verdicts(A, population) == {"ana": YES, "ben": YES, "cai": NO, "dee": NO, "eve": NO}
    assert (population.size, population.beside) == (5, 0)
    gone = population.findings[-1]
    assert gone.id == "RI606"
    assert gone.message.startswith("ghost was deleted since it was listed, and is left out: ")


@pytest.mark.parametrize("fails", [False, True])
def test_a_search_that_is_not_believed_says_whom_to_ask_first(fails: bool) -> None:  # noqa: FBT001  (pytest gives a parameter by its name)
    """Where not everybody can be asked those come first whom it returns; nobody is ruled out by it."""
    held = [{"AttributeName": "L", "AttributeValue": "French", "Level": 3}]
    users = [*_users(), {"Id": "user-fay", "Username": "fay", "Proficiencies": held}]
    odd = AtLeast(Attribute("L", "French"), 1)
    faults = [_searching({"error": "InvalidParameterException"}, calls=[2])] if fails else []
    with _serving(*faults, users=users) as (_, client):
        population = _find(client, odd, most=2)

    verdicts = _verdicts(odd, population)
    assert verdicts["fay"] is (UNKNOWN if fails else YES)
    assert list(verdicts.values()).count(UNKNOWN) == population.unasked == 4


def test_what_is_no_attribute_of_anybodys_is_no_hint() -> None:
    """Neither what a search is believed about, nor what cannot be, nor more than a search takes."""
    odd = [AtLeast(Attribute("L", str(n)), 1) for n in range(51)]

    assert hint_for(Or([A, AtLeast(Attribute("", "v"), 1), REFERENCE, AgentIn(["user-ana"])])) is None
    assert hint_for(Or(odd)) is None
    assert list(hint_for(And([A, Not(odd[0]), odd[1], odd[0]])) or {}) == ["OrConditions"]


def test_what_is_not_searched_for_is_said_where_that_leaves_somebody_open() -> None:
    """Where everybody's levels were looked at nothing is lacking, and nothing is said."""
    odd = AtLeast(Attribute("L", "French"), 1)
    with _serving() as (sandbox, client):
        all_asked = _find(client, odd)
        some_open = _find(client, odd, most=2)
        sent = [r for r in sandbox.requests if "SearchCriteria" in r.parameters]

    assert (set(_verdicts(odd, all_asked).values()), all_asked.findings) == ({NO}, ())
    assert (some_open.left_open, some_open.unasked) == (3, 3)
    assert [r.parameters["SearchCriteria"] for r in sent] == [_from(odd.attribute, 1)]
    (finding,) = some_open.findings
    assert (finding.id, finding.hint) == ("RI608", "give a roster: `routing-inspect roster pull` makes one")
    assert finding.message.startswith("not searched for: L(French), where searches give valid results")


def test_pages_and_empty_pages_are_gone_through() -> None:
    """A page of nobody with a token is not the end; a list may come one by one."""
    body = {"Users": [], "NextToken": "more"}
    empty = _searching({"body": json.dumps(body)}, calls=[1])
    with _serving(page_size=1) as (_, client):
        small = _find(client, A)
    with _serving(empty) as (sandbox, client):
        # The sandbox gave no such token, so that what follows is refused; the page itself was no end.
        _find(client, A)
        tokens = [request.parameters.get("NextToken") for request in sandbox.requests[:2]]

    assert [name for name, verdict in _verdicts(A, small).items() if verdict is YES] == ["ana", "ben"]
    assert tokens == [None, "more"]


# ---------------------------------------------------------------------------- what goes wrong


def _user(user_id: str, **more: JSON) -> dict[str, JSON]:
    return {"Id": user_id, "Username": user_id.removeprefix("user-"), **more}


def _answer(*users: JSON) -> dict[str, JSON]:
    return {"body": json.dumps({"Users": list(users)})}


def test_a_search_that_returns_who_does_not_match_is_a_finding() -> None:
    """The levels count, and the contradiction is not hidden."""
    wrong = _searching(_answer(_user("user-ana"), _user("user-cai")), calls=[2])
    with _serving(wrong) as (_, client):
        population = _find(client, A)

    assert _verdicts(A, population)["cai"] is NO
    assert [finding.id for finding in population.findings] == ["RI609"]
    assert population.findings[0].message == (
        "SearchUsers returns cai, whose levels by ListUserProficiencies do not satisfy Language(French) >= 3"
    )


def test_a_search_that_leaves_out_who_matches_is_a_finding_where_that_is_known() -> None:
    """Of an agent who was fetched by other means, an omission shows; of others it cannot."""
    with _serving(_searching(_answer(), calls=[2])) as (_, client):
        known, _ = aws.fetch_agents(client, instance_id=INSTANCE, agent_ids=["user-ana"], now=NOW)
        population = _find(client, A, roster=known)
        old, _ = aws.fetch_agents(
            client, instance_id=INSTANCE, agent_ids=["user-ana"], now=NOW - timedelta(days=1)
        )
        of_yesterday = _find(client, A, roster=old)

    assert _verdicts(A, population) == {"ana": YES, "ben": NO, "cai": NO, "dee": NO, "eve": NO}
    assert [finding.message for finding in population.findings] == [
        "SearchUsers leaves out ana, whose levels by ListUserProficiencies satisfy Language(French) >= 3"
    ]
    assert of_yesterday.findings == ()


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({"error": "AccessDeniedException", "message": "no"}, "not allowed to call SearchUsers: no"),
        ({"error": "InvalidParameterException", "message": "limit"}, "SearchUsers failed with InvalidP"),
        ({"error": "InternalServiceException", "message": "x"}, "SearchUsers failed with InternalS"),
        ({"body": '{"Users": [{"Id": "a"}], "NextToken": "t"}'}, "SearchUsers leads back to a page it gave"),
        ({"body": '{"Users": 5}'}, "SearchUsers gave no whole answer in 4 tries: it has no list Users"),
        (_answer(5), "SearchUsers: $.Users[0]: expected a user with Id and Username"),
        (_answer({"Username": "ana"}), "SearchUsers: $.Users[0].Id: expected a string"),
        (_answer(_user("..")), "SearchUsers: $.Users[0].Id: `..` is no agent id"),
        (_answer(_user("user-ana", Username=5)), "SearchUsers: $.Users[0].Username: expected a string"),
        (
            _answer(_user("user-ana", RoutingProfileId="a/b")),
            "SearchUsers: $.Users[0].RoutingProfileId: `a/b` is no routing profile id",
        ),
    ],
)
def test_without_a_search_each_agent_is_fetched_and_the_reason_told(
    action: Mapping[str, JSON], reason: str
) -> None:
    """Whatever is wrong with a search, of a small instance each agent is fetched; a finding says why."""
    with _serving(_searching(action)) as (_, client):
        client.meta.events.register_first("needs-retry.connect", lambda **_: False)
        population = _find(client, A)

    assert _verdicts(A, population) == {"ana": YES, "ben": YES, "cai": NO, "dee": NO, "eve": NO}
    assert [finding.id for finding in population.findings] == ["RI608"]
    assert population.findings[0].message.startswith(f"the agents were not searched: {reason}")
    assert population.findings[0].message.endswith("; each agent was fetched instead")
    assert (population.source, population.size, population.levels_of) == ("ListUsers", 5, 5)


def test_a_search_may_fail_after_the_list_of_everybody() -> None:
    """Half an answer would pass for a whole one, so the list alone is no reason to go on with it."""
    with _serving(_searching({"error": "AccessDeniedException"}, calls=[2])) as (_, client):
        population = _find(client, A)

    assert (population.source, [finding.id for finding in population.findings]) == ("ListUsers", ["RI608"])


def test_throttling_is_waited_out() -> None:
    """Too many requests are a reason to wait, not to give up."""
    with _serving(_searching({"error": "ThrottlingException"}, calls=[1])) as (_, client):
        population = _find(client, A)

    assert population.findings == ()
    assert population.source == "SearchUsers"


def test_a_large_instance_is_not_fetched_one_by_one() -> None:
    """Beyond the limit only those stay known who were; the finding says how many there are."""
    known = Roster(agents=[Agent(id="user-ana", proficiencies={FRENCH: 5})])
    with _serving(_searching({"error": "AccessDeniedException"})) as (_, client):
        population = _find(client, A, roster=known, most=3)
        nobody = _find(client, A, most=3)

    assert population.findings[0].message.endswith("; there are 5, too many to fetch one by one")
    assert (population.roster, population.source, population.size) == (
        Roster(agents=known.agents, source="Amazon Connect"),
        None,
        5,
    )
    assert nobody.roster is None


def test_with_neither_search_nor_list_nobody_else_is_known() -> None:
    """Where both are refused the finding names both; any other failure of the list is an error."""
    refused = {"operation": "*", "fault": {"error": "AccessDeniedException", "message": "no"}}
    broken = {"operation": "ListUsers", "fault": {"error": "InternalServiceException"}}
    with _serving(refused) as (_, client):
        population = _find(client, A)
    with _serving(_searching({"error": "AccessDeniedException"}), broken) as (_, client):
        client.meta.events.register_first("needs-retry.connect", lambda **_: False)
        with pytest.raises(ServiceError, match="ListUsers"):
            _find(client, A)

    assert population.roster is None
    assert "ListUsers" in population.findings[0].message
    assert population.findings[0].message.endswith("; nobody else is known")


def test_a_list_that_cannot_be_read_is_named_with_its_place() -> None:
    """The one who falls back on a malformed list is told where it is malformed."""
    listed = {"operation": "ListUsers", "fault": {"body": json.dumps({"UserSummaryList": [{"Id": 5}]})}}
    with (
        _serving(_searching({"error": "AccessDeniedException"}), listed) as (_, client),
        pytest.raises(Exception, match=r"ListUsers: \$\.UserSummaryList\[0\]\.Id: expected a string"),
    ):
        _find(client, A)


def test_levels_that_are_refused_leave_the_search_standing() -> None:
    """Without ListUserProficiencies an exact search still says who matches."""
    refused = {"operation": "ListUserProficiencies", "fault": {"error": "AccessDeniedException"}}
    with _serving(refused) as (_, client):
        population = _find(client, A)

    assert _verdicts(A, population) == {"ana": YES, "ben": YES, "cai": NO, "dee": NO, "eve": NO}
    assert {finding.id for finding in population.findings} == {"RI606"}
    assert (population.levels_of, population.taken_at_word) == (0, 2)


def test_who_turns_up_only_in_a_search_is_not_lost_to_the_counts() -> None:
    """An agent made between the list and the search is not among those listed, so not counted."""
    with _serving(_searching(_answer(_user("user-ana"), _user("user-new")), calls=[2])) as (_, client):
        population = _find(client, A)

    assert set(_verdicts(A, population)) == set(LEVELS)


# ---------------------------------------------------------------------------- every request


def test_every_request_is_what_the_model_allows() -> None:
    """Whatever these calls send passes botocore's own validator, which refuses unknown parameters."""
    with _serving(page_size=2) as (sandbox, client):
        population = _find(client, A, And([A, Not(B)]), AgentIn(["user-eve"]))
        aws.fetch_presence(
            client,
            instance_id=INSTANCE,
            now=NOW,
            queue_ids=["queue-1"],
            routing_profile_ids=["profile-1"],
            agent_ids=["user-ana"],
        )
        aws.find_user_id(client, instance_id=INSTANCE, username="ana")
        aws.fetch_agents(client, instance_id=INSTANCE, agent_ids=["user-ana"], now=NOW)
        requests = sandbox.requests
    with _serving(_searching({"error": "AccessDeniedException"})) as (sandbox, client):
        _find(client, A)
        requests += sandbox.requests

    assert population.findings == ()
    assert {request.operation for request in requests} >= {
        "SearchUsers",
        "ListUsers",
        "ListUserProficiencies",
        "DescribeUser",
        "GetCurrentUserData",
    }
    for request in requests:
        shape = model().shape_for(f"{request.operation}Request")
        assert not ParamValidator().validate(dict(request.parameters), shape).has_errors()
        odd = {**request.parameters, "Unknown": 1}
        assert "Unknown" in ParamValidator().validate(odd, shape).generate_report()


# ---------------------------------------------------------------------------- on the command line


def _contact(**more: JSON) -> dict[str, JSON]:
    condition = {"Name": "Language", "Value": "French", "ComparisonOperator": "NumberGreaterOrEqualTo"}
    step = {"AttributeCondition": {**condition, "ProficiencyLevel": 3.0}}
    return {
        "Id": "contact-1",
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "QueueInfo": {"Id": "queue-1", "EnqueueTimestamp": "2026-11-17T02:00:00Z"},
        "RoutingCriteria": {
            "Steps": [{"Expression": step, "Status": "ACTIVE"}],
            "ActivationTimestamp": "2026-11-17T02:00:00Z",
            "Index": 0,
        },
        **more,
    }


@pytest.mark.usefixtures("_credentials")
def test_explain_counts_every_agent_of_the_instance(run: Run) -> None:
    """Match, no match and unknown add up to everybody, and the page says how everybody was found."""
    with Sandbox(_scenario(contacts=[_contact()])) as sandbox:
        to = ["contact-1", *ASK, "--endpoint-url", sandbox.url]
        code, out, err = run("explain", *to)
        _, document, _ = run("explain", *to, "--format", "json")

    assert (code, err) == (0, "")
    assert "agents  5 in the instance, by SearchUsers with 1 search; levels known of 2" in out
    assert "5 agents: 2 match, 3 do not, 0 unknown; matching: ana, ben" in out
    assert "Language(French) >= 3: SearchUsers leaves out the agent" in out
    explained = json.loads(document)
    assert explained["population"]["size"] == 5
    step = explained["steps"][0]
    assert [len(step[name]) for name in ("matching", "not_matching", "unknown")] == [2, 3, 0]


@pytest.mark.usefixtures("_credentials")
def test_explain_says_what_a_search_left_open(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the page says that some count by a search alone, or stay open, and what would tell."""
    monkeypatch.setattr(find_agents, "__kwdefaults__", {"most": 0})
    fraction = _contact()
    fraction["RoutingCriteria"]["Steps"][0]["Expression"]["AttributeCondition"]["ProficiencyLevel"] = 2.5
    for contact, said in ((_contact(), "2 count by the search's word alone"), (fraction, "3 are left open")):
        with Sandbox(_scenario(contacts=[contact])) as sandbox:
            _, out, _ = run("explain", "contact-1", *ASK, "--endpoint-url", sandbox.url)
        flat = " ".join(out.split())
        assert said in flat
        assert "unknown the levels of" in flat
        assert "more agents of whom the steps ask; answered by a roster of them all" in flat


@pytest.mark.usefixtures("_credentials")
def test_explain_goes_on_without_a_search(run: Run) -> None:
    """Refused a search and the list, the explanation is as before, and says what is missing and why."""
    faults = [
        {"operation": name, "fault": {"error": "AccessDeniedException", "message": "no"}}
        for name in ("SearchUsers", "ListUsers")
    ]
    with Sandbox(_scenario(*faults, contacts=[_contact()])) as sandbox:
        code, out, _ = run("explain", "contact-1", *ASK, "--endpoint-url", sandbox.url)

    flat = " ".join(out.split())
    assert code == 0
    assert "agents an unknown number in the instance; levels known of 0" in flat
    assert "warning RI608 the agents were not searched: not allowed to call SearchUsers" in flat
    assert "unknown whom each step lets in" in flat


@pytest.mark.usefixtures("_credentials")
def test_a_contact_without_steps_needs_no_search(run: Run) -> None:
    """Without a criteria there is nothing to search for."""
    with Sandbox(_scenario(contacts=[_contact(RoutingCriteria={})])) as sandbox:
        run("explain", "contact-1", *ASK, "--endpoint-url", sandbox.url)

        assert "SearchUsers" not in _operations(sandbox)


@pytest.mark.usefixtures("_credentials")
def test_match_searches_an_instance(run: Run) -> None:
    """Without a roster the instance is searched; its findings stand with the others."""
    with Sandbox(_scenario()) as sandbox:
        to = [*ASK, "--endpoint-url", sandbox.url]
        code, out, _ = run("match", "Language(French) >= 3", *to)
        none, _, _ = run("match", "Language(Latin)", *to)
    with Sandbox(_scenario(_searching({"error": "AccessDeniedException"}))) as sandbox:
        fallen_back, shown, _ = run("match", "Language(French) >= 3", *ASK, "--endpoint-url", sandbox.url)

    assert (code, none, fallen_back) == (0, 1, 0)
    assert out.startswith("2 of 5 agents match, 3 do not, 0 unknown")
    assert "RI608" in shown


@pytest.mark.usefixtures("_credentials")
def test_match_says_that_there_are_more_than_it_looks_at(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who counts by a search's word alone, or is unknown for the limit alone, is told, with what helps."""
    monkeypatch.setattr(find_agents, "__kwdefaults__", {"most": 1})
    with Sandbox(_scenario()) as sandbox:
        to = [*ASK, "--endpoint-url", sandbox.url]
        _, out, _ = run("match", "Language(French) >= 3", *to)
        code, document, _ = run(
            "match", "Language(French) >= 3 AND NOT Language(Latin)", *to, "--format", "json"
        )

    flat = " ".join(out.split())
    assert out.startswith("2 of 5 agents match")
    assert "warning RI619 1 more agent may match than are asked for their levels one by one; " in flat
    assert "these count by the search's word alone (SearchUsers)" in flat
    assert "hint make a roster with `routing-inspect roster pull`, and give it by --roster" in flat
    told_ = json.loads(document)
    assert (code, told_["matching"], told_["unknown"]) == (0, ["user-ana"], ["user-ben"])
    (finding,) = [one for one in told_["findings"] if one["id"] == "RI619"]
    assert finding["message"].endswith("these are unknown")


@pytest.mark.usefixtures("_credentials")
def test_agents_of_one_name_are_told_apart(run: Run) -> None:
    """Behind a name that several have stands the id."""
    twins = _searching(_answer(_user("user-ana"), _user("user-ben", Username="ana"), _user("user-cai")))
    with Sandbox(_scenario(twins, contacts=[_contact()])) as sandbox:
        to = [*ASK, "--endpoint-url", sandbox.url]
        _, matched, _ = run("match", "Language(French) >= 3", *to)
        _, explained, _ = run("explain", "contact-1", *to)
        _, asked, _ = run("explain", "contact-1", *to, "--agent", "ana")

    assert "yes  ana (user-ana)\n  yes  ana (user-ben)\n  no   cai\n" in matched
    assert "matching: ana (user-ana), ana (user-ben)" in " ".join(explained.split())
    flat = " ".join(asked.split())
    assert "RI407 2 agents have the username `ana`" in flat
    assert "ask by user id: user-ana, user-ben" in flat


@pytest.mark.usefixtures("_credentials")
def test_match_needs_agents_from_somewhere(run: Run) -> None:
    """Neither a roster nor an instance is a usage error; an instance that tells of nobody is another."""
    refused = {"operation": "*", "fault": {"error": "AccessDeniedException", "message": "no"}}
    usage, _, told_of_usage = run("match", "Language(French) >= 3")
    with Sandbox(_scenario(refused)) as sandbox:
        code, out, err = run("match", "Language(French) >= 3", *ASK, "--endpoint-url", sandbox.url)

    from_file, _, _ = run("match", "Claims(Flood damage) >= 4", "--roster", "examples/roster.json")

    assert from_file == 0
    assert usage == 2
    assert "give --roster, or --instance-id" in told_of_usage
    assert (code, out) == (3, "")
    assert "nobody else is known" in err
