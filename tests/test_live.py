"""A contact that waits, right now: what agents are doing, who could take it, and what comes next."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from botocore.exceptions import ClientError

import aws_paths
from records import FLUENT, FRENCH, Run, agent, at, contact, queue, step
from routing_inspect import aws
from routing_inspect.contact import Agent, Contact, Handled, Presence, Roster, RoutingProfile
from routing_inspect.document import JSON
from routing_inspect.errors import DocumentError, RoutingInspectError
from routing_inspect.evaluate import Verdict
from routing_inspect.explain import explain
from routing_inspect.explanation import Explanation
from routing_inspect.expr import AtLeast
from routing_inspect.gates import delayed_until
from routing_inspect.live import Live, in_question, live, live_dict, waits
from routing_inspect.render import terminal
from routing_inspect.render.lines import draw
from routing_inspect.sandbox import Sandbox

INSTANCE = "11111111-1111-4111-8111-111111111111"
NOW = at(45)
YES, NO, UNKNOWN = Verdict.MATCH, Verdict.NO_MATCH, Verdict.UNKNOWN
BEGINNER = AtLeast(FRENCH, 1)
# Step 2 of 3 runs from 30 to 90 seconds after queueing.
WAITING = contact(
    step("EXPIRED", 30, expression=AtLeast(FRENCH, 5)),
    step("ACTIVE", 60, expression=FLUENT),
    step("INACTIVE", expression=BEGINNER),
)


def _free(slots: int = 1, status: str | None = "Available", **more: Any) -> Presence:
    given = {"status": status, "free": {"VOICE": slots}, "source": "GetCurrentUserData", **more}
    return Presence(as_of=NOW, **given)


AWAY = Presence(as_of=NOW, signed_in=False, source="GetCurrentUserData")


def _agent(name: str, french: float | None, presence: Presence | None, **more: Any) -> Agent:
    given = {"queues": [queue()], "username": name, "source": "Amazon Connect", **more}
    return agent(f"id-{name}", french, presence=presence, **given)


def _explained(*agents: Agent, about: Contact = WAITING) -> Explanation:
    return explain(about, Roster(agents=agents), NOW)


def _live(*agents: Agent, about: Contact = WAITING) -> Live:
    return live(_explained(*agents, about=about), NOW)


def _presence_gates(presence: Presence, **fields: Any) -> list[tuple[Verdict, str]]:
    """Give availability and concurrency on the step that runs."""
    explained = _explained(_agent("ana", 4, presence), about=evolve(WAITING, **fields))
    gates = explained.agents[0].steps[1].gates
    assert {gate.source for gate in gates[-2:]} == {"GetCurrentUserData"}
    return [(gate.verdict, gate.reason) for gate in gates[-2:]]


# ---------------------------------------------------------------------------- gates


@pytest.mark.parametrize(
    ("presence", "verdict", "reason"),
    [
        (_free(), YES, "available"),
        (_free(since=at(-60)), YES, "available, since 2026-03-04T14:01:11.000Z"),
        (_free(status="Lunch"), NO, "status Lunch"),
        (_free(status="Lun\u202ech"), NO, "status Lun\\u202ech"),
        (_free(next_status="Lunch"), NO, "takes no more contacts before the next status, Lunch"),
        (_free(status=None), UNKNOWN, "the status is not told"),
        (AWAY, NO, "not signed in"),
    ],
)
def test_only_who_is_available_is_offered_contacts(presence: Presence, verdict: Verdict, reason: str) -> None:
    """Any other status, a next status already chosen, or being away holds an agent back."""
    assert _presence_gates(presence)[0] == (verdict, reason)


UNTOLD = "whether the routing profile lets both be is not known"
CHAT = Handled(id="other", channel="CHAT", state="CONNECTED")


@pytest.mark.parametrize(
    ("presence", "fields", "verdict", "reason"),
    [
        (_free(), {}, YES, "1 free VOICE slot"),
        (_free(0), {}, NO, "0 free VOICE slots"),
        (_free(0, handling=(CHAT,)), {}, NO, "0 free VOICE slots"),
        (
            _free(handling=(CHAT,)),
            {},
            UNKNOWN,
            "1 free VOICE slot, but busy with CHAT: whether the routing profile lets both be is not known",
        ),
        (
            _free(handling=(evolve(CHAT, channel="VOICE"), evolve(CHAT, channel=None))),
            {},
            YES,
            "1 free VOICE slot",
        ),
        (_free(free={"CHAT": 2}), {}, UNKNOWN, "the free VOICE slots are not told"),
        (_free(), {"channel": None}, UNKNOWN, "the document does not say which channel the contact is on"),
        (AWAY, {}, NO, "not signed in"),
    ],
)
def test_a_slot_must_be_free_on_the_channel(
    presence: Presence, fields: dict[str, Any], verdict: Verdict, reason: str
) -> None:
    """A contact of another channel in hand makes it unknown: that hangs on the routing profile."""
    assert _presence_gates(presence, **fields)[1] == (verdict, reason)


@pytest.mark.parametrize(
    ("told", "verdict", "reason"),
    [
        (
            {"CHAT": True, "TASK": True},
            YES,
            "1 free VOICE slot beside CHAT, TASK, which the routing profile admits",
        ),
        (
            {"CHAT": True, "TASK": False},
            NO,
            "busy with TASK, beside which the routing profile admits no other channel",
        ),
        ({"TASK": False}, NO, "busy with TASK, beside which the routing profile admits no other channel"),
        (
            {"CHAT": True, "VOICE": True},
            UNKNOWN,
            f"1 free VOICE slot, but busy with CHAT, TASK: {UNTOLD}",
        ),
        (
            None,
            UNKNOWN,
            f"1 free VOICE slot, but busy with CHAT, TASK: {UNTOLD}",
        ),
    ],
)
def test_each_channel_in_hand_must_admit_others(
    told: dict[str, bool] | None, verdict: Verdict, reason: str
) -> None:
    """Of every channel in hand the routing profile says whether contacts of others come beside it."""
    busy = _free(handling=(CHAT, evolve(CHAT, channel="TASK")))
    profile = RoutingProfile(id="day", cross_channel=told)
    explained = _explained(_agent("ana", 4, busy, routing_profile=profile))

    gate = explained.agents[0].steps[1].gates[-1]
    assert (gate.verdict, gate.reason) == (verdict, reason)


def test_what_an_agent_does_now_tells_of_the_running_step_alone() -> None:
    """Of steps that are over or to come, who was free stays unknown."""
    steps = _explained(_agent("ana", 5, AWAY)).agents[0].steps

    assert [step.verdict for step in steps] == [YES, NO, YES]
    assert [step.gates[-2].verdict for step in steps] == [UNKNOWN, NO, UNKNOWN]


def test_after_the_last_step_presence_counts_for_everybody_in_the_queue() -> None:
    """Once all steps have expired anybody in the queue may take it, who is there now."""
    over = contact(step("EXPIRED", 30, expression=FLUENT))
    explained = _explained(_agent("ana", None, _free()), _agent("ben", None, AWAY), about=over)

    assert [one.fallback.verdict for one in explained.agents if one.fallback] == [YES, NO]
    stand = live(explained, NOW)
    assert (stand.step, [a.name for a in stand.could], stand.next) == (None, ["ana"], None)
    assert [held.agent.name for held in stand.busy] == ["ben"]


def test_a_delay_is_told_as_an_instant() -> None:
    """Where a profile delays the queue, there is a time from which the contact may be offered."""
    delayed = _agent("ana", 4, None, queues=[queue(delay=50)])

    assert delayed_until(WAITING, delayed) == at(50)
    assert delayed_until(WAITING, _agent("ana", 4, None)) is None
    assert delayed_until(WAITING, _agent("ana", 4, None, queues=[])) is None
    assert delayed_until(evolve(WAITING, enqueued_at=None), delayed) is None
    assert delayed_until(evolve(WAITING, queue_type="AGENT"), delayed) is None


# ---------------------------------------------------------------------------- how things stand


def test_everybody_asked_about_stands_somewhere() -> None:
    """Who could, may, may later; whom only what they do holds back; who idles behind another gate."""
    ringing = Handled(id="contact-1", channel="VOICE", state="CONNECTING")
    stand = _live(
        _agent("could", 4, _free()),
        _agent("perhaps", 4, _free(handling=(CHAT,))),
        _agent("blind", None, _free(), proficiencies=None),
        _agent("later", 4, _free(), queues=[queue(delay=50)]),
        _agent("idle", 3, _free()),
        _agent("lunch", 4, _free(status="Lunch")),
        _agent("rings", 4, _free(0, handling=(ringing,))),
        _agent("neither", 3, AWAY),
        _agent("elsewhere", 4, None, queues=[]),
    )

    assert [who.name for who in stand.could] == ["could"]
    assert [held.agent.name for held in stand.perhaps] == ["perhaps", "blind"]
    assert [(held.agent.name, held.until) for held in stand.later] == [("later", at(50))]
    assert [(held.agent.name, [gate.gate for gate in held.gates]) for held in stand.idle] == [
        ("idle", ["proficiency"])
    ]
    assert [(held.agent.name, [gate.gate for gate in held.gates]) for held in stand.busy] == [
        ("lunch", ["availability"]),
        ("rings", ["concurrency"]),
    ]
    assert [who.name for who in stand.offered_to] == ["rings"]
    assert (stand.asked, stand.signed_in, stand.source, stand.step) == (8, 7, "GetCurrentUserData", 2)


def test_a_delay_that_is_over_holds_nobody_back() -> None:
    """An agent whose delay has passed could take the contact now."""
    assert _live(_agent("ana", 4, _free(), queues=[queue(delay=40)])).could != ()


def test_the_next_step_says_when_it_starts_and_whom_it_adds() -> None:
    """It adds whom it lets in and the running one does not, free now or not."""
    stand = _live(
        _agent("fluent", 4, _free()),
        _agent("beginner", 2, _free()),
        _agent("away", 1, AWAY),
        _agent("none", None, _free()),
        _agent("blind", None, _free(), proficiencies=None),
        _agent("elsewhere", 2, None, queues=[]),
    )

    assert stand.next is not None
    assert (stand.next.step, stand.next.starts_at) == (3, at(90))
    assert [who.name for who in stand.next.adds] == ["beginner", "away"]
    assert [who.name for who in stand.next.free] == ["beginner"]
    assert [who.name for who in stand.next.may_add] == ["blind"]


def test_after_the_last_step_comes_everybody_in_the_queue() -> None:
    """A last step that expires lets in anybody who has the queue; one that never does, nobody more."""
    last = contact(step("ACTIVE", 60, expression=FLUENT))
    forever = contact(step("ACTIVE", expression=FLUENT))
    stand = _live(_agent("none", None, _free()), _agent("elsewhere", 1, None, queues=[]), about=last)

    assert stand.next is not None
    assert (stand.next.step, stand.next.starts_at) == (None, at(60))
    assert [who.name for who in stand.next.adds] == ["none"]
    assert _live(about=forever).next is None
    assert "next  " not in _drawn(_explained(about=forever), _live(about=forever))


def test_who_is_in_question_has_the_queue_or_may_have_it() -> None:
    """An agent without the queue is not asked about; one of an unknown profile is."""
    explained = _explained(
        _agent("has", 1, None), _agent("unknown", 1, None, queues=None), _agent("lacks", 4, None, queues=[])
    )

    assert in_question(explained) == ("id-has", "id-unknown")
    assert in_question(explain(contact(step("EXPIRED", 5)), Roster(agents=[agent()]), NOW)) == ("ana",)


@pytest.mark.parametrize(
    ("about", "does"),
    [
        (WAITING, True),
        (contact(step("EXPIRED", 30)), True),
        (contact(step("JOINED", 30), agent_id="ana", connected_at=5), False),
        (contact(step("DEACTIVATED", 30), disconnected_at=5), False),
        (contact(step("INACTIVE", 30), queue_id="ana", queue_type="AGENT"), False),
        (contact(step("INACTIVE", 30)), False),
    ],
)
def test_only_a_contact_that_waits_is_worth_asking_about(about: Contact, does: bool) -> None:  # noqa: FBT001  (pytest gives a parameter by its name)
    """On a step that runs, or after all of them; else what agents do now says nothing of it."""
    assert waits(explain(about, None, NOW)) is does


# ---------------------------------------------------------------------------- drawing


def _drawn(explained: Explanation, stand: Live, *, verbose: bool = False) -> str:
    shown = evolve(explained, additions={"live": live_dict(stand)})
    return draw(terminal.lines(shown, verbose=verbose), None)


def test_the_drawing_says_who_what_and_when() -> None:
    """Each kind of agent has a line of its own, times counted from queueing and from now."""
    ringing = Handled(id="contact-1", channel="VOICE", state="INCOMING")
    agents = (
        _agent("aya", 4, _free(handling=(CHAT,))),
        _agent("bo", 4, _free(), queues=[queue(delay=50)]),
        _agent("cy", 3, _free()),
        _agent("di", 4, _free(0, handling=(ringing,))),
        _agent("ed", None, _free(), proficiencies=None),
        _agent("flo", 2, AWAY),
    )
    explained = _explained(*agents)

    drawn = " ".join(_drawn(explained, live(explained, NOW)).split())

    for said in (
        "now 2026-03-04T14:02:56.000Z, from GetCurrentUserData: 6 agents asked about, 5 signed in",
        "rings at di",
        "could take it nobody",
        "perhaps aya: 1 free VOICE slot, but busy with CHAT",
        "later bo: the queue's delay ends at +50.0 s, in 5.0 s",
        "idle, but held cy: Language(French) >= 4: has 3, 1 level short",
        "not free di: 0 free VOICE slots",
        "next step 3 at +90.0 s, in 45.0 s; adds cy, flo; not free now: flo; perhaps ed",
    ):
        assert said in drawn


def test_many_are_summed_up_unless_all_are_asked_for() -> None:
    """Eight of a kind are named, the rest counted."""
    agents = [_agent(f"a{n}", 4, _free()) for n in range(10)] + [
        _agent(f"b{n}", 3, _free()) for n in range(10)
    ]
    explained = _explained(*agents)
    stand = live(explained, NOW)

    brief, whole = (" ".join(_drawn(explained, stand, verbose=v).split()) for v in (False, True))

    assert "could take it a0, a1, a2, a3, a4, a5, a6, a7 and 2 more" in brief
    assert "and 2 more: --verbose shows all" in brief
    assert "b9: Language(French) >= 4: has 3" in whole
    assert "--verbose" not in whole


def test_a_time_that_cannot_be_told_is_said_so() -> None:
    """Without a time of queueing instants are written whole; a step whose start nobody knows says that."""
    bare = evolve(WAITING, enqueued_at=None)
    explained = _explained(about=bare)
    stand = live(explained, NOW)
    assert stand.next is not None
    past = evolve(stand, as_of=at(100))
    unknown = evolve(stand, next=evolve(stand.next, starts_at=None, step=None))

    assert "step 3 at 2026-03-04T14:03:41.000Z, in 45.0 s; adds nobody" in " ".join(
        _drawn(explained, stand).split()
    )
    assert "10.0 s ago" in _drawn(explained, past)
    drawn = " ".join(_drawn(explained, unknown).split())
    assert "anybody in the queue at a time nobody can tell" in drawn


def test_json_has_every_agent_asked_about_with_what_they_do() -> None:
    """Each fact about an agent has its instant; agents without a presence are not in it."""
    stand = _live(_agent("ana", 4, _free(handling=(CHAT,), since=at(0))), _agent("ben", 4, _free()))
    document = live_dict(stand)

    assert json.loads(json.dumps(document)) == document
    assert document["could"] == ["id-ben"]
    assert document["presence"][1] == {
        "id": "id-ana",
        "username": "ana",
        "as_of": "2026-03-04T14:02:56.000Z",
        "signed_in": True,
        "status": "Available",
        "next_status": None,
        "since": "2026-03-04T14:02:11.000Z",
        "free_slots": {"VOICE": 1},
        "handling": [{"id": "other", "channel": "CHAT", "state": "CONNECTED"}],
    }
    assert document["perhaps"][0]["gates"][0]["source"] == "GetCurrentUserData"


# ---------------------------------------------------------------------------- fetching


def _user(name: str, *, level: float | None = None, current: JSON = None, profile: str = "day") -> JSON:
    held = (
        [] if level is None else [{"AttributeName": "Language", "AttributeValue": "French", "Level": level}]
    )
    user = {"Id": f"id-{name}", "Username": name, "RoutingProfileId": profile, "Proficiencies": held}
    return user if current is None else {**user, "Current": current}


def _current(status: str = "Available", slots: int = 1, **more: JSON) -> dict[str, JSON]:
    return {"Status": {"StatusName": status}, "AvailableSlotsByChannel": {"VOICE": slots}, **more}


def _row(queue_id: str, delay: int = 0) -> dict[str, JSON]:
    named = {"QueueId": queue_id, "QueueArn": "arn", "QueueName": queue_id, "Channel": "VOICE"}
    return {**named, "Priority": 1, "Delay": delay}


def _scenario(*users: JSON, **more: JSON) -> dict[str, JSON]:
    return {
        "instance_id": INSTANCE,
        "users": list(users),
        "routing_profiles": [
            {"RoutingProfileId": "day", "Queues": [_row("queue-1")]},
            {"RoutingProfileId": "other", "Queues": [_row("queue-2")]},
        ],
        "queues": [{"QueueId": "queue-1"}, {"QueueId": "queue-2"}],
        **more,
    }


@contextmanager
def _serving(*users: JSON, **more: JSON) -> Iterator[tuple[Sandbox, Any]]:
    with (
        Sandbox(_scenario(*users, **more)) as sandbox,
        closing(aws.connect(session=aws_paths.session(), endpoint_url=sandbox.url, attempts=1)) as client,
    ):
        yield sandbox, client


def _fetch(client: Any, **which: Any) -> dict[str, Presence]:
    return aws.fetch_presence(client, instance_id=INSTANCE, now=NOW, **which)


CONTACTS = [
    {
        "ContactId": "c-1",
        "Channel": "CHAT",
        "AgentContactState": "CONNECTED",
        "StateStartTimestamp": "2026-03-04T14:00:00Z",
        "Queue": {"Id": "queue-2"},
    }
]
BUSY = _current("Lunch", 0, NextStatus="Offline", Contacts=CONTACTS)
USERS = (
    _user("ana", current=_current()),
    _user("ben", current={**BUSY, "Status": {"StatusName": "Lunch", "StatusStartTimestamp": 1_772_632_800}}),
    _user("cai"),
    _user("dee", current={}, profile="other"),
)


def test_what_agents_do_is_what_the_scenario_says() -> None:
    """Status, next status, since when, free slots and contacts in hand; who is not signed in is not there."""
    with _serving(*USERS) as (_, client):
        found = _fetch(client, agent_ids=["id-ana", "id-ben", "id-cai", "id-dee"])

    since = datetime(2026, 3, 4, 14, tzinfo=UTC)
    assert found == {
        "id-ana": Presence(as_of=NOW, status="Available", free={"VOICE": 1}),
        "id-ben": Presence(
            as_of=NOW,
            status="Lunch",
            next_status="Offline",
            since=since,
            free={"VOICE": 0},
            handling=(Handled(id="c-1", channel="CHAT", state="CONNECTED", since=since),),
        ),
        "id-dee": Presence(as_of=NOW),
    }


@pytest.mark.parametrize(
    ("which", "ids"),
    [
        ({"queue_ids": ["queue-1"]}, ["id-ana", "id-ben"]),
        (
            {"queue_ids": ["queue-2", "arn:aws:connect:eu-west-2:1:instance/i/queue/queue-1"]},
            ["id-ana", "id-ben", "id-dee"],
        ),
        ({"routing_profile_ids": ["other"]}, ["id-dee"]),
        ({"agent_ids": ["id-ben", "id-ben", "id-cai"]}, ["id-ben"]),
        ({"agent_ids": ["id-ana"], "routing_profile_ids": ["other"]}, ["id-dee", "id-ana"]),
        ({}, []),
    ],
)
def test_agents_are_asked_for_by_queue_profile_or_id(which: dict[str, Any], ids: list[str]) -> None:
    """One kind of filter to a call, as the service wants it; pages of one are gone through."""
    with _serving(*USERS, page_size=1) as (_, client):
        assert list(_fetch(client, **which)) == ids


def test_a_hundred_ids_go_into_a_call() -> None:
    """The service takes 100 to a filter, so 250 agents are three calls."""
    with _serving(*USERS) as (sandbox, client):
        _fetch(client, agent_ids=[f"id-{n}" for n in range(250)])
        asked = [len(request.parameters["Filters"]["Agents"]) for request in sandbox.requests]

    assert asked == [100, 100, 50]


def test_ids_that_are_none_are_refused_before_any_call() -> None:
    """What is no id never leaves this machine."""
    with _serving(*USERS) as (sandbox, client):
        for which in ({"queue_ids": [".."]}, {"routing_profile_ids": ["a/b"]}, {"agent_ids": ["a?"]}):
            with pytest.raises(RoutingInspectError, match="is no "):
                _fetch(client, **which)
        assert sandbox.requests == ()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (5, ": expected an object, found `5`"),
        ({}, ".User: expected an object, found `null`"),
        ({"User": {}}, ".User.Id: expected a string, found `null`"),
        ({"User": {"Id": "a"}, "Status": 5}, ".Status: expected an object, found `5`"),
        ({"User": {"Id": "a"}, "Status": {"StatusName": 5}}, ".Status.StatusName: expected a string"),
        (
            {"User": {"Id": "a"}, "Status": {"StatusStartTimestamp": "soon"}},
            ".Status.StatusStartTimestamp: expected a time",
        ),
        ({"User": {"Id": "a"}, "NextStatus": []}, ".NextStatus: expected a string"),
        ({"User": {"Id": "a"}, "AvailableSlotsByChannel": 5}, ".AvailableSlotsByChannel: expected an object"),
        (
            {"User": {"Id": "a"}, "AvailableSlotsByChannel": {"VOICE": 1.5}},
            ".AvailableSlotsByChannel.VOICE: expected a whole number",
        ),
        ({"User": {"Id": "a"}, "Contacts": {}}, ".Contacts: expected a list of contacts"),
        ({"User": {"Id": "a"}, "Contacts": [5]}, ".Contacts[0]: expected an object"),
        ({"User": {"Id": "a"}, "Contacts": [{}]}, ".Contacts[0].ContactId: expected a string"),
    ],
)
def test_an_answer_that_cannot_be_read_is_named_with_its_place(row: JSON, problem: str) -> None:
    """A malformed row is a problem with a path, and never a KeyError."""
    good = {"User": {"Id": "id-ana"}}
    fault = {"operation": "GetCurrentUserData", "fault": {"body": json.dumps({"UserDataList": [good, row]})}}
    with _serving(*USERS, faults=[fault]) as (_, client), pytest.raises(DocumentError) as error:
        _fetch(client, agent_ids=["id-ana"])

    assert str(error.value).startswith(f"GetCurrentUserData: $.UserDataList[1]{problem}")


def test_who_was_asked_about_and_is_not_told_of_is_not_signed_in() -> None:
    """Ids are compared whatever their letter case; who was not asked about stays unknown."""
    roster = Roster(agents=[agent("ID-ana"), agent("id-cai"), agent("id-dee")])
    found = {"id-ana": _free()}

    shown = aws.with_presence(roster, found, ["ID-ana", "id-cai"], NOW)

    assert [who.presence for who in shown.agents] == [_free(), AWAY, None]


# ---------------------------------------------------------------------------- the sandbox


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({}, "expected one of `Queues`, `RoutingProfiles`, `Agents`, `UserHierarchyGroups`, found none"),
        ({"Queues": ["a"], "Agents": ["b"]}, "found `Queues` and `Agents`"),
        ({"UserHierarchyGroups": ["a"]}, "the sandbox does not serve Filters.UserHierarchyGroups"),
    ],
)
def test_the_sandbox_takes_one_filter(filters: JSON, message: str) -> None:
    """A maximum of one filter can be passed, says the model; what is not served is refused by name."""
    with _serving(*USERS) as (_, client), pytest.raises(ClientError) as error:
        client.get_current_user_data(InstanceId=INSTANCE, Filters=filters)

    assert error.value.response["Error"]["Code"] == "InvalidParameterException"
    assert message in error.value.response["Error"]["Message"]


def test_the_sandbox_filters_by_contact_state() -> None:
    """With contact states only users with such a contact are told of; references come from the records."""
    lone = {"Id": "id-eve", "Username": "eve", "Arn": "arn:eve", "Current": {}}
    with _serving(*USERS, lone) as (_, client):
        agents = {"Agents": ["id-ana", "id-ben", "id-eve"]}
        states = {**agents, "ContactFilter": {"ContactStates": ["CONNECTED", "MISSED"]}}
        whole, some = (
            client.get_current_user_data(InstanceId=INSTANCE, Filters=filters)["UserDataList"]
            for filters in (agents, states)
        )
        for kind in ("Queues", "RoutingProfiles"):
            answer = client.get_current_user_data(InstanceId=INSTANCE, Filters={kind: ["id-eve"]})
            assert answer["UserDataList"] == []

    assert [(user["User"], user.get("RoutingProfile")) for user in whole] == [
        ({"Id": "id-ana"}, {"Id": "day"}),
        ({"Id": "id-ben"}, {"Id": "day"}),
        ({"Id": "id-eve", "Arn": "arn:eve"}, None),
    ]
    assert [user["User"]["Id"] for user in some] == ["id-ben"]


# ---------------------------------------------------------------------------- the command line


def _waiting(ago: float = 10, **more: JSON) -> dict[str, JSON]:
    queued = datetime.now(UTC) - timedelta(seconds=ago)
    condition = {"Name": "Language", "Value": "French", "ComparisonOperator": "NumberGreaterOrEqualTo"}
    steps = [
        {
            "Expression": {"AttributeCondition": {**condition, "ProficiencyLevel": level}},
            "Expiry": {"DurationInSeconds": 600},
            "Status": status,
        }
        for level, status in ((4.0, "ACTIVE"), (1.0, "INACTIVE"))
    ]
    return {
        "Id": "contact-1",
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "QueueInfo": {"Id": "queue-1", "EnqueueTimestamp": queued.isoformat()},
        "RoutingCriteria": {"Steps": steps, "ActivationTimestamp": queued.isoformat(), "Index": 0},
        **more,
    }


PEOPLE = (
    _user("ana", level=4, current=_current()),
    _user("ben", level=4, current=_current("Lunch")),
    _user("cai", level=2, current=_current()),
    _user("dee", level=5, current=_current(), profile="other"),
)


def _explain(run: Run, sandbox: Sandbox, *more: str) -> tuple[int, str, str]:
    to = ["--instance-id", INSTANCE, "--endpoint-url", sandbox.url]
    code, out, err = run("explain", "contact-1", *to, "--live", *more)
    return code, out if "json" in more else " ".join(out.split()), err


@pytest.mark.usefixtures("_credentials")
def test_explain_live_says_who_could_take_it_now(run: Run) -> None:
    """Who could, who is not free, who idles and why, what comes next: as text and as JSON."""
    with Sandbox(_scenario(*PEOPLE, contacts=[_waiting()])) as sandbox:
        code, out, err = _explain(run, sandbox)
        _, document, _ = _explain(run, sandbox, "--format", "json")
        told = [request for request in sandbox.requests if request.operation == "GetCurrentUserData"]

    assert (code, err) == (0, "")
    for said in ("could take it ana", "not free ben: status Lunch", "next step 2 at +600.0 s"):
        assert said in out
    assert "idle, but held cai: Language(French) >= 4: has 2, 2 levels short" in out
    live_member = json.loads(document)["live"]
    assert (live_member["could"], live_member["next"]["adds"]) == (["id-ana"], ["id-cai"])
    assert live_member["next"]["free"] == ["id-cai"]
    # Dee does not have the queue, so nobody asks what she does.
    assert told[0].parameters["Filters"] == {"Agents": ["id-ana", "id-ben", "id-cai"]}


@pytest.mark.usefixtures("_credentials")
def test_explain_live_believes_the_service_s_clock(run: Run) -> None:
    """Where this machine's clock is an hour ahead, the step that the service names runs, in every line."""
    with Sandbox(_scenario(*PEOPLE, contacts=[_waiting(ago=3610)])) as sandbox:
        code, out, _ = _explain(run, sandbox)

    assert code == 0
    assert "it waits on step 1 of 2, though by this machine's clock the timer ran out 3010." in out
    assert "runs now" not in out
    assert "could take it ana" in out
    assert "hint the service was asked just now: look whether this machine's clock is right" in out


@pytest.mark.usefixtures("_credentials")
def test_explain_live_says_a_reason_once_and_times_to_the_millisecond(run: Run) -> None:
    """Who is not signed in has no status and no free slot, for one reason; no clock has microseconds."""
    with Sandbox(_scenario(*PEOPLE, _user("eve", level=4), contacts=[_waiting()])) as sandbox:
        code, out, _ = _explain(run, sandbox)

    assert code == 0
    assert "eve: not signed in" in out
    assert "not signed in; not signed in" not in out
    assert re.search(r"looked at \S+\.\d{3}Z", out)


@pytest.mark.usefixtures("_credentials")
def test_explain_live_about_one_agent_still_knows_the_others(run: Run) -> None:
    """Whom --agent asks about is shown alone below; who could take it is said of all."""
    with Sandbox(_scenario(*PEOPLE, contacts=[_waiting()])) as sandbox:
        code, out, _ = _explain(run, sandbox, "--agent", "ben")

    assert code == 1
    assert "could take it ana" in out


@pytest.mark.usefixtures("_credentials")
def test_explain_live_of_a_contact_that_does_not_wait_is_a_note(run: Run) -> None:
    """What agents do now says nothing of a contact that is over: nobody is asked, and a note says why."""
    over = _waiting(DisconnectTimestamp=datetime.now(UTC).isoformat())
    with Sandbox(_scenario(*PEOPLE, contacts=[over])) as sandbox:
        code, out, _ = _explain(run, sandbox)

        assert "GetCurrentUserData" not in {request.operation for request in sandbox.requests}
    assert code == 0
    assert (
        "note RI610 --live says nothing of a contact that does not wait for an agent: it is abandoned" in out
    )


@pytest.mark.usefixtures("_credentials")
def test_explain_live_without_permission_is_an_error_of_the_service(run: Run) -> None:
    """Who asks about now and is refused gets the refusal, and the action that is missing."""
    refused = {
        "operation": "GetCurrentUserData",
        "fault": {"error": "AccessDeniedException", "message": "no"},
    }
    with Sandbox(_scenario(*PEOPLE, contacts=[_waiting()], faults=[refused])) as sandbox:
        code, out, err = _explain(run, sandbox)

    assert (code, out) == (3, "")
    assert "connect:GetCurrentUserData" in err


@pytest.mark.usefixtures("_credentials")
def test_explain_live_knows_nobody_without_a_search(run: Run) -> None:
    """Refused every list of agents, it says that nobody was asked about."""
    refused = [
        {"operation": name, "fault": {"error": "AccessDeniedException", "message": "no"}}
        for name in ("SearchUsers", "ListUsers")
    ]
    with Sandbox(_scenario(*PEOPLE, contacts=[_waiting()], faults=refused)) as sandbox:
        code, out, _ = _explain(run, sandbox)

    assert code == 0
    assert "0 agents asked about, 0 signed in" in out
    assert "RI608" in out


def test_live_needs_a_contact_id_and_no_other_time(run: Run) -> None:
    """A file is no contact that waits now, and now is no other time."""
    file = "examples/contacts/waiting.json"
    for arguments, said in (
        ([], "give a contact id"),
        (["--now", "2026-11-17T03:00:00Z"], "leave --now out"),
    ):
        code, out, err = run("explain", file, "--live", *arguments)
        assert (code, out) == (2, "")
        assert said in " ".join(err.split())
