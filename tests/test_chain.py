"""Segments of a contact as one story: linking, telling, drawing, fetching, and the command."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import click
import pytest

from records import Run, at, contact, step
from routing_inspect import (
    Chain,
    Contact,
    Criteria,
    RoutingInspectError,
    ServiceError,
    aws,
    explain,
    link,
    links,
    read,
)
from routing_inspect.aws import chains
from routing_inspect.cli import chain as cli_chain
from routing_inspect.cli.chain import chain_of
from routing_inspect.cli.explain import explain as explain_command
from routing_inspect.cli.facts import Facts
from routing_inspect.contact import Expiry, Step
from routing_inspect.files import read_contacts
from routing_inspect.links import named_ids
from routing_inspect.render import chain as drawing
from routing_inspect.render.diagram import dot
from routing_inspect.render.lines import draw
from routing_inspect.roster import read_roster
from routing_inspect.sandbox import Sandbox

EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "chain"
SCENARIO = json.loads((EXAMPLES / "scenario.json").read_text(encoding="utf-8"))
IDS = [f"eeeeeeee-0000-4000-8000-{n:012d}" for n in range(1, 7)]


def segment(name: str, previous: str | None = None, start: float = 0, **fields: Any) -> Contact:
    """Make a contact without criteria that began so many seconds after the first was queued."""
    given = {
        "initiation_method": "INBOUND" if previous is None else "TRANSFER",
        "enqueued_at": None,
        "queue_id": None,
        "criteria": None,
        "initiated_at": start,
        **fields,
    }
    return contact(id=name, previous_id=previous, **given)


def told(*contacts: Contact, **options: Any) -> Chain:
    """Link contacts, each explained without a roster."""
    return link(contacts, explain, **options)


def order(chain: Chain) -> list[str]:
    """Give the ids in the order of the story."""
    return [one.id for one in chain.segments]


def findings(chain: Chain) -> list[str]:
    """Give the ids of what is odd about the chain."""
    return [finding.id for finding in chain.findings]


def text(chain: Chain, *, verbose: bool = False) -> str:
    """Draw a chain as for a pipe."""
    return draw(drawing.lines(chain, verbose=verbose), None)


def documents(*numbers: int) -> list[dict[str, Any]]:
    """Give contacts of the example as their documents, copied; none named: all."""
    every = json.loads(json.dumps(SCENARIO["contacts"]))
    return [every[number - 1] for number in numbers or range(1, 6)]


# ---------------------------------------------------------------------------- order and links


def test_segments_stand_in_the_order_of_their_links() -> None:
    """Whatever a segment follows comes before it, in whatever order they are given."""
    parts = [segment("a"), segment("b", "a", 10), segment("c", "b", 20), segment("d", "b", 15)]

    for given in permutations(parts):
        assert order(told(*given)) == ["a", "b", "d", "c"]


def test_links_come_before_times() -> None:
    """A segment that began before the one it follows still comes after it, with a finding."""
    chain = told(segment("a", start=50), segment("b", "a", 10))

    assert order(chain) == ["a", "b"]
    assert findings(chain) == ["RI535"]


def test_every_role_of_an_id_links() -> None:
    """Previous, next and related ids lead from the earlier contact to the later one."""
    chain = told(
        segment("a", next_ids=("b",)),
        segment("b", initial_id="b", start=1),
        segment("c", start=2, related_id="b"),
        segment("d", "c", 3, initial_id="a", association_id="a"),
    )

    assert [(edge.source, edge.target, edge.roles) for edge in chain.links] == [
        ("a", "b", ("next",)),
        ("b", "c", ("related",)),
        ("c", "d", ("previous",)),
    ]
    assert chain.segments[2].follows == ("b",)
    assert findings(chain) == []


def test_the_first_of_all_leads_to_what_nothing_else_leads_to() -> None:
    """Behind a gap only the initial contact's id shows that two parts are one story."""
    chain = told(
        segment("a", initial_id="a"),
        segment("c", "gone", 20, initial_id="a"),
        segment("d", "c", 30, initial_id="a", association_id="a"),
    )

    assert [(edge.source, edge.target, edge.roles) for edge in chain.links] == [
        ("a", "c", ("initial",)),
        ("gone", "c", ("previous",)),
        ("c", "d", ("previous",)),
    ]
    assert chain.groups == (("a", "c", "d"),)
    assert findings(chain) == ["RI531"]
    assert not chain.is_whole


def test_a_root_that_comes_later_closes_no_circle() -> None:
    """A contact that leads to the one it calls the first is not hung on it as well."""
    chain = told(segment("a", initial_id="b"), segment("b", "a", 5))

    assert chain.circles == ()
    assert order(chain) == ["a", "b"]


def test_a_contact_names_nobody_by_being_the_first() -> None:
    """InitialContactId and ContactAssociationId of a first contact are its own id."""
    assert list(named_ids(segment("a", initial_id="a", association_id="a"))) == []


def test_contacts_without_times_stand_by_their_neighbours() -> None:
    """A segment of unknown age is as old as what follows it, or as what it follows."""
    chain = told(
        segment("z", initiated_at=None),
        segment("y", "z", 5),
        segment("b", start=3),
        segment("c", "b", initiated_at=None),
        segment("lost", initiated_at=None),
    )

    assert order(chain) == ["b", "c", "z", "y", "lost"]
    assert "segment 5  inbound, voice\n" in text(chain)


def test_an_unlinked_contact_is_a_finding() -> None:
    """What no id links with the contact asked about belongs to another story, and is still told."""
    chain = told(segment("a"), segment("b", "a", 5), segment("x", start=1), segment("y", "x", 2), asked="b")

    assert findings(chain) == ["RI539"]
    assert "the contact x and 1 with it" in chain.findings[0].message
    assert drawing.headline(chain).startswith("These are 4 contacts of 2 stories")
    assert order(chain) == ["a", "x", "y", "b"]


def test_no_contacts_are_an_empty_chain() -> None:
    """Nothing in, nothing out: no error and no finding."""
    chain = told()

    assert chain.segments == ()
    assert chain.findings == ()
    assert chain.is_whole


# ---------------------------------------------------------------------------- broken records


def test_a_circle_is_reported_and_told_by_time() -> None:
    """Ids that lead round in a circle give a finding, an order by time, and no conclusion over the gap."""
    chain = told(*(read(document) for document in json.loads((EXAMPLES / "circle.json").read_text())))

    assert chain.circles == ((IDS[0], IDS[1], IDS[2], IDS[4]),)
    assert findings(chain) == ["RI532", "RI534", "RI535"]
    assert chain.segments[0].criteria.kind == "unknown"
    assert chain.segments[0].relation == "agent-transfer"
    assert not chain.is_whole
    assert "lead in a circle" in text(chain)


def test_a_contact_that_names_itself_is_a_circle_of_one() -> None:
    """A contact cannot come before itself."""
    chain = told(segment("a", "a"), segment("b", "a", 3))

    assert chain.circles == (("a",),)
    assert findings(chain) == ["RI532"]
    assert chain.findings[0].message == "a contact leads to itself: a -> a"
    assert chain.segments[0].follows == ()


def test_a_long_circle_is_named_in_short() -> None:
    """A circle of 9 names 6 of its ids, in the order in which they lead to each other."""
    names = [f"s{n}" for n in range(9)]
    chain = told(*(segment(name, names[n - 1], n) for n, name in enumerate(names)))

    way = "s0 -> s1 -> s2 -> s3 -> s4 -> ... 3 more ... -> s8 -> s0"
    assert chain.findings[0].message == f"9 contacts lead in a circle: {way}"
    assert chain.findings[0].where == "segments 1, 2, 3, 4, 5, 6 and 3 more"


def test_a_circle_is_told_as_the_links_lead() -> None:
    """The times may have it otherwise; where ids lead in several circles at once, one of them is told."""
    chain = told(segment("a", "b"), segment("b", "c", 1), segment("c", "a", 2))
    assert chain.circles == (("a", "b", "c"),)
    assert chain.findings[0].message == "3 contacts lead in a circle: a -> c -> b -> a"

    both = told(segment("a", "b"), segment("b", "a", 1), segment("c", "b", 2, next_ids=("b",)))
    message = "3 contacts lead in a circle: a -> b -> a (and 1 more in other circles)"
    assert both.findings[0].message == message


def test_two_queue_transfers_out_of_one_contact_are_a_finding() -> None:
    """A contact leaves its queue once; its agent may make several transfers and consults."""
    both = [segment("b", "a", 5, initiation_method="QUEUE_TRANSFER")]
    both.append(segment("c", "a", 6, initiation_method="QUEUE_TRANSFER"))

    assert findings(told(segment("a"), *both)) == ["RI533"]
    assert findings(told(*both)) == ["RI531", "RI533"]
    assert findings(told(segment("a"), segment("b", "a", 5), segment("c", "a", 6))) == []


def test_next_and_previous_that_disagree_are_a_finding() -> None:
    """The contact another went on as must name that other as the one before it."""
    chain = told(segment("a", next_ids=("b",)), segment("c", start=1), segment("b", "c", 5))

    assert findings(chain) == ["RI533"]
    assert chain.findings[0].where == "segment 3"


def test_a_contact_of_another_instance_is_a_finding() -> None:
    """The instance of the contact asked about is the chain's own."""
    parts = [segment("a", instance_id="i1"), segment("b", "a", 5, instance_id="i2"), segment("c", "b", 9)]

    assert [f.where for f in told(*parts, asked="b").findings] == ["segment 1"]
    assert [f.where for f in told(*parts).findings] == ["segment 2"]


def test_the_arn_of_a_contact_tells_its_instance() -> None:
    """DescribeContact gives the instance within the ARN alone; one without an instance tells none."""
    arn = "arn:aws:connect:eu-west-2:111122223333:instance/i-1/contact/c-1"

    assert read({"Contact": {"Id": "c-1", "Channel": "VOICE", "Arn": arn}}).instance_id == "i-1"
    assert read({"Contact": {"Id": "c-1", "Channel": "VOICE", "Arn": "arn:aws:x"}}).instance_id is None
    assert read({"ContactId": "c-1", "Channel": "VOICE", "InstanceId": "i-2"}).instance_id == "i-2"


def test_of_two_documents_of_a_contact_the_later_counts() -> None:
    """Documents that differ are a finding; the same one twice is none."""
    early = segment("a", channel="CHAT", last_updated_at=1)
    late = segment("a", channel="VOICE", last_updated_at=2)

    for pair in ((early, late), (late, early)):
        chain = told(*pair)
        assert findings(chain) == ["RI537"]
        assert chain.segments[0].contact.channel == "VOICE"
    assert findings(told(early, early)) == []


def test_two_documents_without_a_time_of_update_give_one_chain() -> None:
    """Which of them counts does not hang on their order."""
    first, second = segment("a", channel="CHAT"), segment("a", channel="VOICE")

    assert told(first, second) == told(second, first)


def test_a_document_without_an_id_is_refused() -> None:
    """A criteria alone is no segment."""
    with pytest.raises(RoutingInspectError, match="without a contact id is no segment"):
        told(Contact(source="criteria"))


def test_a_missing_contact_says_who_names_it() -> None:
    """A gap is told once, with the role and the reason, however many name it."""
    chain = told(segment("a", "gone"), segment("b", "gone", 5), reasons={"gone": "denied"})

    assert findings(chain) == ["RI531"]
    assert (
        chain.findings[0].message
        == "the contact gone is missing, segment 1 names it as the one before it: denied"
    )
    assert chain.findings[0].where == "segments 1, 2"
    assert [(naming.by, naming.role) for naming in chain.missing[0].named_by] == [
        ("a", "previous"),
        ("b", "previous"),
    ]
    assert "after a missing segment" in text(told(segment("a", "gone", initiation_method="INBOUND")))


def test_what_only_the_service_lists_is_not_lost() -> None:
    """A contact that could not be fetched is missing even if no contact names it."""
    chain = told(segment("a"), reasons={"gone": "denied", "a": "never said"})

    assert [missing.id for missing in chain.missing] == ["gone"]
    assert "the service lists it in the same tree: denied" in chain.findings[0].message


def test_a_thousand_segments_are_linked_and_summed_up() -> None:
    """A long chain is whole; its text shows both ends, and everything on demand."""
    parts = [segment(f"s{n:04}", f"s{n - 1:04}" if n else None, n) for n in range(1000)]
    chain = told(*parts[::2], *parts[1::2])
    drawn = text(chain)

    assert order(chain) == sorted(part.id or "" for part in parts)
    assert "and 980 more segments: --verbose shows all" in drawn
    assert "segment 10 " in drawn
    assert "segment 11 " not in drawn
    assert "segment 990 " not in drawn
    assert "segment 991 " in drawn
    assert "segment 500 " in text(chain, verbose=True)


# ---------------------------------------------------------------------------- the story


def example() -> Chain:
    """Link the example of five segments, with its roster."""
    roster = read_roster(json.loads((EXAMPLES / "roster.json").read_text(encoding="utf-8")))
    return link(read_contacts(str(EXAMPLES / "segments")), partial(explain, roster=roster))


def test_the_example_tells_how_each_segment_came_about() -> None:
    """A consult shows by its times, everything else by its initiation method."""
    chain = example()

    assert order(chain) == IDS[:5]
    assert [one.relation for one in chain.segments] == [
        "inbound",
        "agent-transfer",
        "queue-transfer",
        "consult",
        "agent-transfer",
    ]
    assert [bool(one.inferred) for one in chain.segments] == [False, False, False, True, False]
    assert chain.is_whole


def test_the_example_comes_back_to_its_first_queue() -> None:
    """A queue that comes again after a transfer is told, with the segments in it."""
    chain = example()

    assert [found.numbers for found in chain.returns] == [(1, 5)]
    assert findings(chain) == ["RI534"]
    assert "came back to queue Claims" in " ".join(text(chain).split())


def test_the_example_begins_its_criteria_again() -> None:
    """The same steps begin again at step 1, and it is told how far they had come, and where."""
    told_of = [(one.criteria.kind, one.criteria.source, one.criteria.reached) for one in example().segments]

    assert told_of == [
        ("first", None, None),
        ("replaced", IDS[0], None),
        ("restarted", IDS[1], 1),
        ("dropped", IDS[2], None),
        ("restarted", IDS[0], 2),
    ]


def test_waits_add_up() -> None:
    """The sum over all queues but those of consults is the time the customer waited; JSON says the same."""
    chain = example()

    assert chain.waited.total_seconds() == pytest.approx(163.3)
    assert chain.to_dict()["waited_seconds"] == pytest.approx(163.3)
    assert "163.3 s in queues (Claims 80.6 s, Billing 30.4 s" in text(chain)


def test_a_segment_left_by_a_transfer_is_not_abandoned() -> None:
    """The document of a contact need not name the one after it; that one's own document does."""
    alone = told(read(documents(2)[0]))
    chain = told(*map(read, documents(2, 3)))

    assert alone.segments[0].explanation.path.kind == "abandoned"
    assert chain.segments[0].explanation.path.kind == "transferred"


def test_a_transfer_to_itself_moves_nothing_on() -> None:
    """A contact that names itself as the one before it did not go on as itself."""
    assert told(segment("a", "a", initiation_method="TRANSFER")).segments[0].contact.next_ids == ()


CARRIED = Criteria((step(after=30), step()), activated_at=at(0))


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (None, None, "none"),
        (None, CARRIED, "first"),
        (CARRIED, None, "dropped"),
        (CARRIED, CARRIED, "carried"),
        (CARRIED, Criteria((step(after=31), step())), "replaced"),
        (CARRIED, Criteria(reference="$.External.x"), "unknown"),
        (Criteria((step("JOINED", after=30), step("INACTIVE"))), CARRIED, "restarted"),
    ],
)
def test_criteria_are_compared_with_the_segment_before(
    first: Criteria | None, second: Criteria | None, kind: str
) -> None:
    """Steps are the same as they are written: expressions and durations, whatever their statuses."""
    chain = told(segment("a", criteria=first), segment("b", "a", 5, criteria=second))

    assert chain.segments[1].criteria.kind == kind
    assert text(chain)


def test_criteria_behind_a_gap_are_unknown() -> None:
    """Of what a missing segment had nothing is said."""
    assert told(segment("b", "gone", criteria=CARRIED)).segments[0].criteria.kind == "unknown"
    assert "what it took over is unknown" in text(told(segment("b", "gone", criteria=CARRIED)))


def test_a_callback_to_its_queue_is_no_return() -> None:
    """A callback goes to the queue it came from by design."""
    parts = [segment("a", queue_id="q"), segment("b", "a", 9, queue_id="q", initiation_method="CALLBACK")]

    assert told(*parts).returns == ()
    assert "called back, after segment 1" in text(told(*parts))


def test_a_return_counts_only_segments_before_it() -> None:
    """In a circle the queue of a later segment is no queue the contact had left."""
    parts = [segment("a", "b", 0, queue_id="q"), segment("b", "a", 5, queue_id="q", queue_name="Claims")]
    chain = told(*parts)

    assert [found.numbers for found in chain.returns] == [(1, 2)]
    assert chain.returns[0].queue_name == "Claims"


@pytest.mark.parametrize(
    ("fields", "relation"),
    [
        ({"connected_at": 20}, "consult"),
        ({"connected_at": 100}, "agent-transfer"),
        ({}, "agent-transfer"),
        ({"connected_at": 20, "initiation_method": "monitor"}, "monitoring"),
        ({"initiation_method": "CARRIER_PIGEON"}, "unknown"),
        ({"initiation_method": None}, "unknown"),
    ],
)
def test_a_relation_needs_its_evidence(fields: Mapping[str, Any], relation: str) -> None:
    """A consult is one that was answered well before the segment it came from ended."""
    source = segment("a", connected_at=5, disconnected_at=100)
    chain = told(source, segment("b", "a", 10, **fields))

    assert chain.segments[1].relation == relation
    assert text(chain)


def test_a_source_that_never_had_an_agent_was_not_consulting() -> None:
    """Without an agent before it, or without its end, nothing shows that anybody stayed."""
    for source in (segment("a", disconnected_at=100), segment("a", connected_at=5)):
        chain = told(source, segment("b", "a", 10, connected_at=20))
        assert chain.segments[1].relation == "agent-transfer"


def test_waiting_and_odd_waits() -> None:
    """A contact that waits has waited until it is looked at; of times that cannot be no wait is told."""
    waiting = contact(step("ACTIVE"), id="a")
    odd = segment("b", "a", 5, enqueued_at=50, connected_at=40)
    looked_at = link([waiting], lambda one: explain(one, None, at(42)))

    assert looked_at.waited.total_seconds() == 42
    assert told(waiting).segments[0].waited is None
    assert told(odd).segments[0].waited is None


def test_time_spent_needs_both_ends() -> None:
    """How long a criteria had run is told only where it can be."""
    ran = Criteria((Step(step().expression, Expiry(None), "JOINED"),))
    again = Criteria((Step(step().expression, Expiry(None)),))
    chain = told(segment("a", criteria=ran), segment("b", "a", 5, criteria=again))

    assert chain.segments[1].criteria.spent is None
    assert "(there: step 1)" in text(chain)


def test_find_gives_a_segment_by_its_contact() -> None:
    """A missing contact is no segment."""
    chain = told(segment("a", "gone"))

    assert chain.find("a") is chain.segments[0]
    assert chain.find("gone") is None


def test_json_is_one_plain_document() -> None:
    """The chain's JSON is strict, has a schema, and says of each segment what its explanation does."""
    document = json.loads(json.dumps(example().to_dict(), allow_nan=False))

    assert document["schema"] == "routing-inspect/chain/1"
    assert [one["path"]["kind"] for one in document["segments"]] == [
        "matched-step",
        "transferred",
        "matched-step",
        "no-criteria",
        "matched-step",
    ]
    assert document["segments"][2]["criteria"] == {
        "kind": "restarted",
        "source": IDS[1],
        "reached_step": 1,
        "spent_seconds": 30.4,
    }
    assert document["segments"][1]["contact"]["next_ids"] == [IDS[2]]


def test_text_says_what_each_segment_has_of_its_own() -> None:
    """Findings of a segment are named in short, and told with --verbose; nothing personal is in either."""
    waiting = contact(step("ACTIVE", 5), step("LATER"), id="a", queue_id=None, queue_name="")

    assert "findings  RI502: --verbose says what they are" in text(told(waiting))
    assert "warning RI502" in text(told(waiting), verbose=True)
    assert "a queue without a name" in text(
        told(contact(id="a", queue_id=None, criteria=None, connected_at=5, enqueued_at=0))
    )


def test_the_headline_counts() -> None:
    """One segment, several missing, restarts more than twice: the words fit the numbers."""
    ran = Criteria((step("JOINED"),), activated_at=at(0))
    parts = [segment("s0", "x", initial_id="y", criteria=ran)]
    parts += [segment(f"s{n}", f"s{n - 1}", n, criteria=ran) for n in range(1, 5)]

    assert drawing.headline(told(parts[0])).startswith(
        "This contact has 1 segment; 2 more are missing; no agent"
    )
    assert "began again 4 times" in drawing.headline(told(*parts))


# ---------------------------------------------------------------------------- drawing


def test_a_diagram_has_a_box_for_each_contact_and_an_arrow_for_each_link() -> None:
    """Missing contacts are boxes, too; the contact asked about and a circle stand out."""
    chain = told(
        segment("a", "a", queue_id="q", agent_id="x", connected_at=3, enqueued_at=1),
        segment("b", "gone", 4, initial_id="a"),
        segment("c", "b", 6, next_ids=("later",)),
        segment("d", start=8, related_id="c"),
        asked="b",
    )
    drawn = drawing.diagram(chain)

    assert [(box.key, box.kind) for box in drawn.boxes] == [
        ("a", "alarm"),
        ("b", "strong"),
        ("c", "plain"),
        ("d", "plain"),
        ("gone", "faint"),
        ("later", "faint"),
    ]
    assert {(arrow.source, arrow.target): (arrow.label, arrow.kind) for arrow in drawn.arrows} == {
        ("a", "a"): ("agent-transfer", "alarm"),
        ("a", "b"): ("first of all", "faint"),
        ("gone", "b"): ("agent-transfer", "faint"),
        ("b", "c"): ("agent-transfer", "plain"),
        ("c", "d"): ("related", "plain"),
        ("c", "later"): ("", "faint"),
    }


def test_an_agents_own_queue_is_called_by_the_agent() -> None:
    """DescribeContact gives an agent's own queue by the agent's id alone."""
    assert "queue of carys" in text(example())


# ---------------------------------------------------------------------------- fetching


def walk(scenario: Mapping[str, Any], **options: Any) -> aws.Walk:
    """Fetch the chain of the example's third contact over HTTP from a sandbox."""
    with Sandbox(scenario) as sandbox:
        client = aws.connect_locally(sandbox.url)
        asked = {"instance_id": SCENARIO["instance_id"], "contact_id": IDS[2], **options}
        return aws.fetch_chain(client, **asked)


def test_a_walk_fetches_every_segment_over_http() -> None:
    """The contact asked about comes first, then everything that hangs together with it, on several pages."""
    found = walk(SCENARIO)

    assert next(one.id for one in found.contacts) == IDS[2]
    assert {one.id for one in found.contacts} == set(IDS[:5])
    assert (found.reasons, found.unvisited, found.findings) == ({}, (), ())


def test_a_walk_stops_at_its_limit_and_says_so() -> None:
    """What the walk knows of and did not ask for is counted and missing, with the reason."""
    found = walk(SCENARIO, limit=2)
    chain = link(found.contacts, explain, asked=IDS[2], reasons=found.reasons, unvisited=found.unvisited)

    assert len(found.contacts) == 2
    assert len(found.unvisited) == 3
    assert findings(chain) == ["RI538"]
    assert {missing.id for missing in chain.missing} == set(found.unvisited)
    assert {missing.reason for missing in chain.missing} == {"not fetched: the walk stopped at its limit"}


def test_a_walk_of_none_is_refused() -> None:
    """A limit below 1 cannot even ask for the contact itself."""
    with pytest.raises(ValueError, match="at least 1 contact"):
        aws.fetch_chain(None, instance_id="i", contact_id="c", limit=0)


def test_a_contact_that_is_gone_is_missing_and_never_dropped() -> None:
    """Retention ends after 24 months, and no other instance's contact is known: 404 is told as a gap."""
    contacts = documents()
    contacts[0]["RelatedContactId"] = IDS[5]
    found = walk({**SCENARIO, "contacts": contacts})

    assert found.reasons == {
        IDS[5]: "Amazon Connect does not know it: older than 24 months, or of another instance"
    }


def test_ids_that_are_none_are_missing_too() -> None:
    """An id that could change the URL it becomes a part of is never asked for."""
    contacts = documents()
    contacts[0]["RelatedContactId"] = "../../users"
    found = walk({**SCENARIO, "contacts": contacts})

    assert found.reasons == {"../../users": "what names it holds no contact id"}


def test_a_circle_over_http_ends() -> None:
    """A circle of ids ends where it began: each contact is fetched once."""
    contacts = documents()
    contacts[0]["PreviousContactId"] = IDS[4]
    found = walk({**SCENARIO, "contacts": contacts})

    assert len(found.contacts) == 5


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (
            {"error": "AccessDeniedException"},
            "access to it was denied: the IAM policy needs connect:DescribeContact for it",
        ),
        (
            {"body": json.dumps({"Contact": {"Id": IDS[0], "Channel": 5}})},
            "its document cannot be read: $.Contact.Channel: expected a string, found `5`",
        ),
    ],
)
def test_a_segment_that_cannot_be_had_is_a_gap(fault: Mapping[str, Any], reason: str) -> None:
    """One segment that is denied or broken does not end the walk."""
    faults = [_fault("DescribeContact", fault, ContactId=IDS[0])]
    found = walk({**SCENARIO, "faults": faults})

    assert found.reasons == {IDS[0]: reason}
    assert len(found.contacts) == 4


def test_a_service_that_fails_ends_the_walk_and_what_was_fetched_is_told() -> None:
    """Credentials that end part-way cost the segments after it, and each says why it is not there."""
    expired = {"error": "ExpiredTokenException", "status": 403}
    found = walk({**SCENARIO, "faults": [{"operation": "DescribeContact", "fault": expired, "calls": [3]}]})
    chain = link(found.contacts, explain, asked=IDS[2], reasons=found.reasons, unvisited=found.unvisited)

    assert len(found.contacts) == 2
    assert len(found.reasons) == 3
    assert sorted(reason.partition(":")[0] for reason in found.reasons.values()) == [
        "not asked for",
        "not asked for",
        "not fetched",
    ]
    (finding,) = found.findings
    assert (finding.id, finding.where) == ("RI606", "DescribeContact")
    assert finding.hint is not None
    assert "renew the credentials" in finding.hint
    assert findings(chain).count("RI531") == 3

    denied = _fault("DescribeContact", expired, ContactId=IDS[2])
    with pytest.raises(ServiceError, match="ExpiredToken"):
        walk({**SCENARIO, "faults": [denied]})


@pytest.mark.parametrize("what", ["denied", "loop"])
def test_without_the_list_the_ids_lead_on(what: str) -> None:
    """If ListAssociatedContacts is denied, or its pages go round, the walk goes by ids and says so."""
    body = {"ContactSummaryList": [{"ContactId": IDS[0]}, "odd", {"ContactId": 5}], "NextToken": "again"}
    fault = {"error": "AccessDeniedException"} if what == "denied" else {"body": json.dumps(body)}
    found = walk({**SCENARIO, "faults": [_fault("ListAssociatedContacts", fault)]})

    assert {one.id for one in found.contacts} == set(IDS[:5])
    nameless = ["ListAssociatedContacts lists 4 contacts without a contact id"] * (what == "loop")
    assert [finding.id for finding in found.findings] == ["RI606"] * (1 + len(nameless))
    assert [finding.message for finding in found.findings[1:]] == nameless
    assert {finding.where for finding in found.findings} == {"ListAssociatedContacts"}


def _fault(operation: str, fault: Mapping[str, Any], **match: str) -> dict[str, Any]:
    return {"operation": operation, "fault": fault, "match": match}


# ---------------------------------------------------------------------------- the command


@pytest.fixture
def served(_credentials: None) -> Iterator[tuple[str, ...]]:
    """Serve the example, and give the options that ask it."""
    with Sandbox(SCENARIO) as sandbox:
        yield (
            *("--instance-id", SCENARIO["instance_id"]),
            *("--endpoint-url", sandbox.url, "--region", "eu-west-2", "--now", "2026-11-18T10:00:00Z"),
        )


def test_the_command_fetches_and_tells(run: Run, served: tuple[str, ...]) -> None:
    """A contact id is enough: segments, agents and queues come over HTTP."""
    code, out, err = run("chain", IDS[3], *served)

    assert (code, err) == (0, "")
    assert f"asked about contact {IDS[3]}" in out
    assert "ana got this contact on step 2 of 2" in out
    assert "queue of carys" in out
    assert out.count("segment ") > 5


@pytest.mark.usefixtures("_credentials", "_no_pauses")
def test_the_command_tells_what_it_got(run: Run) -> None:
    """Credentials that end part-way leave a chain with gaps, agents by their ids, and exit code 4."""
    expired = {"error": "ExpiredTokenException", "status": 403}
    faults = [
        {"operation": "DescribeContact", "fault": expired, "calls": [3, 4, 5, 6]},
        {"operation": "DescribeUser", "fault": expired},
    ]
    with Sandbox({**SCENARIO, "faults": faults}) as sandbox:
        asked = ("--instance-id", SCENARIO["instance_id"], "--endpoint-url", sandbox.url)
        code, out, err = run("chain", IDS[2], *asked, "--format", "json")
        told = json.loads(out)

    assert (code, err) == (4, "")
    assert len(told["segments"]) == 2
    assert not told["whole"]
    assert [finding["where"] for finding in told["findings"] if finding["id"] == "RI606"] == [
        "DescribeContact",
        "DescribeUser",
    ]


def test_the_command_walks_as_far_as_the_library() -> None:
    """Where nobody says how far, both stop at the same number of contacts."""
    assert cli_chain._LIMIT == chains.SEGMENT_LIMIT


def test_the_command_stops_at_its_limit(run: Run, served: tuple[str, ...]) -> None:
    """A bounded walk is no whole story: exit status 4."""
    code, out, _ = run("chain", IDS[0], *served, "--limit", "2", "--format", "json")

    assert code == 4
    assert len(json.loads(out)["unvisited"]) == 3


def test_the_command_reads_folders_lists_and_files(run: Run, tmp_path: Path) -> None:
    """However the documents are given, the story is the same."""
    whole = tmp_path / "all.json"
    whole.write_text(json.dumps([{"Contact": document} for document in documents()]), encoding="utf-8")
    answers = {
        run("chain", *arguments, "--roster", str(EXAMPLES / "roster.json"))
        for arguments in (
            [str(EXAMPLES / "segments")],
            [str(path) for path in sorted((EXAMPLES / "segments").iterdir(), reverse=True)],
            [str(whole)],
        )
    }

    assert len(answers) == 1
    assert answers.pop()[0] == 0


def test_a_file_alone_is_a_chain_with_gaps(run: Run) -> None:
    """One document tells of the others by their ids alone."""
    code, out, _ = run(
        "chain", str(EXAMPLES / "segments" / "3-queue-transfer.json"), "--now", "2026-11-18T10:00:00Z"
    )

    assert code == 4
    assert "This contact has 1 segment; 4 more are missing" in out


@pytest.mark.parametrize(("form", "start"), [("mermaid", "flowchart TB\n"), ("dot", "digraph {\n")])
def test_the_command_draws(run: Run, tmp_path: Path, form: str, start: str) -> None:
    """Mermaid and DOT go to standard output or to a file."""
    _, out, _ = run("chain", str(EXAMPLES / "segments"), "--format", form)
    drawn = tmp_path / "drawn"
    run("chain", str(EXAMPLES / "segments"), "--format", form, "--output", str(drawn))

    assert out.startswith(start)
    assert drawn.read_text(encoding="utf-8") == out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chain"], "Missing argument"),
        (["chain", "one", "two"], "give one contact id, or files"),
        (["chain", "one"], "needs --instance-id"),
        (["chain", "-", "-"], "standard input can be given once"),
        (["chain", "-", "--roster", "-"], "standard input can be given once"),
        (["chain", "one", "--limit", "0"], "--limit"),
        (["explain", "examples/flow.json", "--action", "language first", "--chain"], "a criteria alone"),
    ],
)
def test_a_slip_in_the_arguments_is_told(run: Run, arguments: list[str], said: str) -> None:
    """What does not go together is a usage error: exit status 2."""
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "$: expected contacts, found an empty list"),
        ('[{"Id": "a", "Channel": "VOICE"}, {"Steps": []}, 5]', "$[1]: expected a contact with its id"),
        (
            '[{"Id": "a", "Channel": "VOICE"}, {"Id": "b", "Channel": 5}]',
            "$[1].Channel: expected a string, found `5`",
        ),
        ('{"Steps": []}', "$: expected a contact with its id"),
        ("Language(French) >= 4", "$: "),
    ],
)
def test_a_document_that_is_no_contact_is_named(run: Run, tmp_path: Path, content: str, said: str) -> None:
    """The error names the file, the place and the mend."""
    file = tmp_path / "odd.json"
    file.write_text(content, encoding="utf-8")

    code, out, err = run("chain", str(tmp_path))

    assert (code, out) == (2, "")
    assert f"{file}: {said}" in err


def test_an_empty_folder_is_told(run: Run, tmp_path: Path) -> None:
    """A folder without a document is no empty story."""
    assert run("chain", str(tmp_path)) == (2, "", f"error: no .json file in this folder: {tmp_path}\n")


def test_explain_tells_the_chain_below(run: Run, served: tuple[str, ...]) -> None:
    """--chain adds the whole story to one contact's own, as text and as JSON."""
    code, out, _ = run("explain", IDS[1], *served, "--chain")
    document = json.loads(run("explain", IDS[1], *served, "--chain", "--format", "json")[1])

    assert code == 0
    assert out.index("step 1 of 2") < out.index("This contact has 5 segments")
    assert document["schema"] == "routing-inspect/explanation/1"
    assert document["path"]["kind"] == "transferred"
    assert document["chain"]["asked"] == IDS[1]
    assert len(document["chain"]["segments"]) == 5


def test_explain_tells_the_chain_of_a_file(run: Run) -> None:
    """Of a file, the chain is what the file names."""
    _, out, _ = run("explain", str(EXAMPLES / "segments" / "5-back-again.json"), "--chain")

    assert "This contact has 1 segment; 2 more are missing" in out


def test_explain_tells_no_chain_in_other_forms() -> None:
    """A form that has no room for both is refused, never cut short."""
    with (
        click.Context(explain_command),
        pytest.raises(click.UsageError, match="printed as text or json, not as html"),
    ):
        chain_of(Facts(segment("a"), None, None), "a.json", {"form": "html"})


def test_nothing_personal_is_told() -> None:
    """Numbers and attributes in the documents reach no form of the output."""
    contacts = [json.loads(file.read_text()) for file in sorted((EXAMPLES / "segments").iterdir())]
    for one in contacts:
        one["Contact"] |= {
            "CustomerEndpoint": {"Address": "+442079460000"},
            "Attributes": {"policy": "PN-77"},
        }
    chain = link(map(read, contacts), explain)

    shown = text(chain, verbose=True) + json.dumps(chain.to_dict()) + dot(drawing.diagram(chain))

    assert "+4420" not in shown
    assert "PN-77" not in shown


# ---------------------------------------------------------------------------- long ones


def test_a_chain_of_thousands_is_told_in_one_walk() -> None:
    """Whatever a segment takes over is found without going back to the first each time."""
    parts = [
        segment(f"c{n:04}", f"c{n - 1:04}" if n else None, n, initial_id="c0000", queue_id=f"q{n % 2}")
        for n in range(2_000)
    ]

    chain = told(*reversed(parts))

    assert order(chain) == [str(one.id) for one in parts]
    assert {edge.roles for edge in chain.links} == {("previous",)}


def test_first_contacts_that_lead_to_each_other_are_hung_up_once() -> None:
    """A contact is hung on its first one only where nothing leads either way, however many name one."""
    chain = told(
        segment("a"),
        segment("b", "gone", 5, initial_id="a"),
        segment("c", "lost", 6, initial_id="a"),
        segment("d", "b", 7, initial_id="c", related_id="c"),
        segment("e", "d", 8, initial_id="b"),
    )

    hung = [(edge.source, edge.target) for edge in chain.links if edge.roles == ("initial",)]
    assert hung == [("a", "b"), ("a", "c")]


def test_a_tangle_too_large_to_put_in_order_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Branches that name each other contact by contact are given up after a fixed number of looks."""
    parts = [segment("root")]
    for n in range(20):
        parts.append(segment(f"a{n:02}", f"a{n - 1:02}" if n else "root", n, initial_id=f"b{n:02}"))
        parts.append(segment(f"b{n:02}", f"b{n - 1:02}" if n else "root", n))
    assert len(told(*parts).segments) == 41
    monkeypatch.setattr(links, "_LOOKS", 20)

    with pytest.raises(RoutingInspectError, match="41 contacts name each other in a tangle") as caught:
        told(*parts)
    assert caught.value.hint == "give fewer of them at once, such as those with one InitialContactId"
