"""Laws of push-down: what a search says and what local evaluation says are the same, over HTTP."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from routing_inspect import aws
from routing_inspect.aws.search import find_agents
from routing_inspect.contact import Agent, user_id
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.expr import AgentIn, Attribute, Expr, conditions, unnegated
from routing_inspect.places import asked_attributes
from routing_inspect.pushdown import needs_levels, past_limits, search_for, told
from routing_inspect.sandbox import Sandbox, read_scenario
from routing_inspect.sandbox.protocol import model
from routing_inspect.sandbox.search import user_predicate
from routing_inspect.strategies import expressions, levels

INSTANCE = "11111111-1111-4111-8111-111111111111"
NOW = datetime(2026, 11, 17, 3, tzinfo=UTC)
EXPRESSIONS = expressions(not_over_groups=True, unclear=True)
USERNAMES = ("alice", "user-2", "bob", "user-1", "carol", "dave", "erin")


@pytest.fixture(scope="module")
def centre() -> Iterator[tuple[Sandbox, Any]]:
    """Serve one sandbox for all examples, each with a scenario of its own."""
    with Sandbox({"instance_id": INSTANCE}) as sandbox:
        yield sandbox, aws.connect_locally(sandbox.url)


@st.composite
def cases(draw: DrawFn) -> tuple[Expr, tuple[Agent, ...]]:
    """Draw an expression, and agents who hold its attributes at levels near those it names, or not at all."""
    expression = draw(EXPRESSIONS)
    named = set(asked_attributes(expression))
    held = st.dictionaries(st.sampled_from(sorted(named | {Attribute("Spare", "one")})), levels(), max_size=4)
    agents: list[Agent] = []
    for number in range(draw(st.integers(0, 7))):
        agent_id = draw(
            st.sampled_from(("user-1", "user-2", "39bc9666-4d3c-4558-b2ad-9bab4bd48568", "nobody"))
        )
        taken = agent_id in {agent.id for agent in agents}
        agents.append(
            Agent(
                id=f"user-{number}-more" if taken else agent_id,
                username=USERNAMES[number],
                proficiencies=draw(held),
            )
        )
    return expression, tuple(agents)


def _scenario(agents: tuple[Agent, ...], page_size: int | None = None) -> dict[str, Any]:
    users = [
        {
            "Id": agent.id,
            "Username": agent.username,
            "Proficiencies": [
                {"AttributeName": attribute.name, "AttributeValue": attribute.value, "Level": level}
                for attribute, level in (agent.proficiencies or {}).items()
            ],
        }
        for agent in agents
    ]
    return {
        "instance_id": INSTANCE,
        "users": users,
        **({} if page_size is None else {"page_size": page_size}),
    }


def _serve(sandbox: Sandbox, scenario: dict[str, Any]) -> None:
    sandbox._started.scenario = read_scenario(scenario)


@given(case=cases(), page_size=st.sampled_from((None, None, 1, 3)))
def test_a_search_and_local_evaluation_give_the_same_three_sets(
    centre: tuple[Sandbox, Any], case: tuple[Expr, tuple[Agent, ...]], page_size: int | None
) -> None:
    """Whoever matches, does not match or is unknown by the levels is so by a search and a few questions."""
    sandbox, client = centre
    expression, agents = case
    _serve(sandbox, _scenario(agents, page_size))

    before = len(sandbox.requests)
    found = find_agents(client, None, instance_id=INSTANCE, expressions=[expression], now=NOW)
    after = len(sandbox.requests)

    assert found.roster is not None
    assert found.findings == ()
    assert [agent.id for agent in found.roster.agents] == [agent.id for agent in agents]
    assert [_verdict(expression, agent) for agent in found.roster.agents] == [
        _verdict(expression, agent) for agent in agents
    ]
    assert (found.size, found.left_open, found.taken_at_word) == (len(agents), 0, 0)
    if page_size is None:
        assert found.searches <= 1
        assert after - before <= 2 + len(agents)


def _verdict(expression: Expr, agent: Agent) -> Verdict:
    return evaluate(expression, agent).verdict


@given(cases())
def test_a_search_alone_never_says_what_is_not_so(case: tuple[Expr, tuple[Agent, ...]]) -> None:
    """Without levels a verdict is right, or unknown of whom a search returns, lists or cannot look for."""
    expression, agents = case
    inner = map(unnegated, conditions(expression))
    listed = {user_id(i) for one in inner if isinstance(one, AgentIn) for i in one.agent_ids}
    search = search_for(expression)
    records = {user["Id"]: user for user in _scenario(agents)["users"]}

    for agent in agents:
        blind = Agent(id=agent.id, username=agent.username, source="SearchUsers")
        if search is not None:
            meets = search.criteria is not None and user_predicate({"SearchCriteria": search.criteria})(
                records[agent.id]
            )
            blind = told(blind, search, returned=bool(meets))
            if not meets and agent.id not in listed and not list(past_limits(expression)):
                assert not needs_levels(expression, blind)
        verdict = _verdict(expression, blind)
        assert verdict in {Verdict.UNKNOWN, _verdict(expression, agent)}
        if not needs_levels(expression, blind):
            assert verdict is _verdict(expression, agent)


@given(EXPRESSIONS)
def test_every_search_is_what_the_model_allows(expression: Expr) -> None:
    """To botocore's own validator no search is wrong, and none has a member that its model does not know."""
    search = search_for(expression)
    if search is not None and search.criteria is not None:
        shape = model().shape_for("SearchUsersRequest")
        call = {"InstanceId": INSTANCE, "MaxResults": 500, "SearchCriteria": search.criteria}

        assert not ParamValidator().validate(call, shape).has_errors()
        assert json.loads(json.dumps(search.criteria)) == search.criteria
