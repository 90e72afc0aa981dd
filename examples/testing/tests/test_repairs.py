"""Assertions on the flow's criteria, and on code that asks Amazon Connect."""

import boto3

import routing_inspect as ri
from routing_inspect.testing import assert_matches, assert_rejects, assert_routes

GAS = ri.Attribute("Certificate", "Gas")


def test_the_last_step_takes_any_gas_certificate(routing_criteria):
    """The desk must not stand still: an apprentice is better than nobody."""
    last = routing_criteria("../flows/repairs.json", action="boilers").steps[-1]

    assert_matches(last.expression, ri.Agent(id="apprentice", proficiencies={GAS: 1}))
    assert_rejects(last.expression, ri.Agent(id="electrician", proficiencies={}))


def test_each_step_widens_the_circle(routing_criteria, routing_roster):
    """The steps let in exactly these, one after the other."""
    criteria = routing_criteria("../flows/repairs.json", action="boilers")
    roster = routing_roster("../rosters/desk.roster")

    assert_routes(criteria, roster, {1: {"bryn"}, 3: {"bryn", "cadi", "dewi", "elin"}})


def test_the_flow_says_what_the_ticket_asked_for(routing_criteria):
    """The second step of the flow is the line that was agreed on."""
    step = routing_criteria("../flows/repairs.json", action="boilers").steps[1]

    assert step.expression == ri.parse("Certificate(Gas) >= 3 AND NOT Contract(Probation)")


def certified(client, instance_id, user_id):
    """Say whether Amazon Connect knows of a gas certificate of this user."""
    answer = client.list_user_proficiencies(InstanceId=instance_id, UserId=user_id)
    return any(row["AttributeValue"] == "Gas" for row in answer["UserProficiencyList"])


def test_code_that_asks_the_service(connect_sandbox, monkeypatch):
    """A local endpoint answers in the place of Amazon Connect."""
    instance_id = "11111111-1111-4111-8111-111111111111"
    gas = {"AttributeName": "Certificate", "AttributeValue": "Gas", "Level": 4}
    bryn = {"Id": "user-bryn", "Username": "bryn", "Proficiencies": [gas]}
    sandbox = connect_sandbox({"instance_id": instance_id, "users": [bryn]})
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    client = boto3.client("connect", region_name="eu-west-2", endpoint_url=sandbox.url)

    assert certified(client, instance_id, "user-bryn")
