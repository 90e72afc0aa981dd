"""Laws of history: order, repetition and rubbish change nothing; what is wrapped is what is not."""

from __future__ import annotations

import base64
import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from records import FRENCH, agent, at, contact, step
from routing_inspect import files
from routing_inspect.contact import STATUSES, Contact, Roster, Snapshot
from routing_inspect.explain import explain
from routing_inspect.findings import CATALOGUE, Finding
from routing_inspect.history import enrich, read_events
from routing_inspect.history.streams import records
from routing_inspect.moments import HEARTBEAT, NEAR, SOURCE, as_of
from routing_inspect.render.lines import draw
from routing_inspect.render.terminal import lines as drawn
from streams import agent_event, event, held, lines, snapshot, wire_criteria, wire_step

SECONDS = st.integers(-300, 300)
AGENTS = st.sampled_from(("ana", "ben"))
LEVELS = st.none() | st.integers(0, 5)
DAY = int(NEAR.total_seconds())
DISTANCES = st.integers(-300, 300) | st.integers(-100 * DAY, 100 * DAY)
SOME = contact(step("EXPIRED", 30), step("JOINED"), index=2, activated=20, agent_id="ana", connected_at=60)
ROSTER = Roster(agents=[agent("ana", french=2), agent("zoe", french=5)])


@st.composite
def _events(draw: DrawFn) -> Any:
    statuses = st.sampled_from((*STATUSES, "PAUSED"))
    expiries = st.none() | st.integers(0, 60)
    steps = [
        wire_step(
            draw(statuses), draw(expiries), level=draw(st.integers(1, 5)), ended=draw(st.none() | SECONDS)
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    criteria = wire_criteria(*steps, index=draw(st.integers(0, 3)), activated=draw(SECONDS))
    contact_id = draw(st.sampled_from(("contact-1", "contact-1", "contact-2")))
    more: dict[str, Any] = draw(
        st.sampled_from(({}, {"channel": "VOICE"}, {"agentInfo": {"agentArn": "ben"}}))
    )
    return event(draw(SECONDS), draw(st.none() | st.just(criteria)), contact_id=contact_id, **more)


@st.composite
def _agent_events(draw: DrawFn) -> Any:
    states = st.sampled_from(("CONNECTING", "MISSED", "REJECTED", "CONNECTED", "ENDED"))
    hands = draw(st.lists(st.builds(held, states, SECONDS), max_size=2))
    shown = [
        snapshot(
            draw(LEVELS),
            status=draw(st.sampled_from((None, "Available", "Lunch", "Offline"))),
            free=draw(st.none() | st.integers(0, 2)),
            contacts=tuple(hands),
        )
        for _ in range(2)
    ]
    kind = draw(st.sampled_from(("STATE_CHANGE", "LOGOUT", "HEART_BEAT")))
    return agent_event(draw(SECONDS), draw(AGENTS), *shown, kind=kind)


RECORDS = st.lists(_events() | _agent_events(), max_size=8)
RUBBISH = st.sampled_from(("no json\n", "{'a': 1}\n", "\x00\n", "[}\n", '"text"\n', "\n"))


def _told(texts: list[str], some: Contact = SOME) -> tuple[Any, ...]:
    """Give what a stream comes to, without how many records there were."""
    known, roster, findings = enrich(some, ROSTER, read_events(texts, some))
    return known, roster, roster and [one.seen for one in roster.agents], known.source, _odd(findings)


def _odd(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.id not in {"RI611", "RI616", "RI617"}]


@given(RECORDS, st.randoms())
def test_the_order_of_records_changes_nothing(some: list[Any], random: Any) -> None:
    """Events are delivered in any order."""
    shuffled = random.sample(some, len(some))

    assert _told(lines(*shuffled)) == _told(lines(*some))


@given(RECORDS, st.data())
def test_a_record_told_twice_is_told_once(some: list[Any], data: st.DataObject) -> None:
    """Events and contact records are delivered at least once."""
    again = data.draw(st.lists(st.sampled_from(some), max_size=5)) if some else []

    assert _told(lines(*some, *again)) == _told(lines(*some))


@given(RECORDS)
def test_enriching_a_contact_again_changes_nothing(some: list[Any]) -> None:
    """What was put together once is what it is."""
    history = read_events(lines(*some), SOME)
    known, roster, _ = enrich(SOME, ROSTER, history)

    again, once_more, _ = enrich(known, roster, history)

    assert (evolve(again, source=known.source), once_more) == (known, roster)


@given(RECORDS, st.lists(RUBBISH, max_size=3), st.data())
def test_rubbish_between_records_costs_nothing_else(
    some: list[Any], rubbish: list[str], data: st.DataObject
) -> None:
    """A line that cannot be read leaves all others as they were."""
    texts = lines(*some)
    for text in rubbish:
        texts.insert(data.draw(st.integers(0, len(texts))), text)

    assert _told(texts) == _told(lines(*some))


OBJECTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=4),
    max_size=3,
)


@given(st.lists(OBJECTS, max_size=5), st.integers(1, 40))
def test_every_layout_holds_the_same_records(some: list[Any], size: int) -> None:
    """Lines, objects end to end, an array, many lines, pieces of any size and batches are read alike."""
    objects = [value for value in some if not {"Records", "records"} & value.keys()]
    texts = [json.dumps(value) for value in objects]
    whole = "".join(texts)
    coded = [{"kinesis": {"data": base64.b64encode(text.encode()).decode()}} for text in texts]
    layouts = [
        [f"{text}\n" for text in texts],
        [whole[i : i + size] for i in range(0, len(whole), size)],
        json.dumps(objects, indent=1).splitlines(keepends=True),
        [f"{json.dumps({'Records': coded})}\n"],
    ]

    for layout in layouts:
        found = list(records(("f", n, text) for n, text in enumerate(layout, 1)))
        assert [one.value for one in found] == objects


@given(
    st.lists(
        st.text()
        | RUBBISH
        | st.sampled_from(
            ("{", "}", "[", '"', '{"AgentARN": "a"}', '{"detail": {"contactId": "contact-1"}}')
        ),
        max_size=8,
    )
)
def test_any_text_is_read(texts: list[str]) -> None:
    """Whatever a file holds, reading ends, and what is said of it can be printed."""
    _, _, findings = enrich(SOME, None, read_events(texts, SOME))

    assert {finding.id for finding in findings} <= set(CATALOGUE)
    assert all(finding.message.isprintable() and (finding.hint or "").isprintable() for finding in findings)


@given(st.binary(max_size=200).map(gzip.compress), st.integers(0, 200))
def test_any_beginning_of_a_compressed_file_is_read(data: bytes, length: int) -> None:
    """Where a compressed file breaks off, what stands before is the beginning of the whole."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "f"
        place.write_bytes(data[: max(length, 3)])
        read = "".join(text for _, _, text in files.read_stream([str(place)]) if text is not None)

    # A character that is cut in two is two broken ones, so bytes are compared.
    assert gzip.decompress(data).startswith(read.encode("utf-8", "surrogateescape"))


@given(RECORDS, st.none() | SECONDS)
def test_a_contact_with_its_history_is_explained(some: list[Any], now: float | None) -> None:
    """Counts add up for every step of every criteria, and the whole can be drawn and written."""
    when = None if now is None else at(now)
    known, roster, findings = enrich(SOME, ROSTER, read_events(lines(*some), SOME), when)

    explanation = explain(known, roster, when, findings=findings)

    size = explanation.roster_size
    for found in (*explanation.steps, *(one for e in explanation.earlier for one in e.steps)):
        assert len(found.matching) + len(found.not_matching) + len(found.unknown) == size
    assert len(explanation.earlier) == len(known.earlier)
    for explained in explanation.agents:
        assert [len(steps) for steps in explained.earlier] == [len(one.steps) for one in explanation.earlier]
        explanation.eligible(explained.agent.id)
    json.dumps(explanation.to_dict(), allow_nan=False)
    assert draw(drawn(explanation, verbose=True), None)


@given(st.lists(st.tuples(SECONDS, LEVELS), max_size=6), SECONDS)
def test_a_moment_knows_no_more_than_the_events(told: list[tuple[int, int | None]], moment: int) -> None:
    """Proficiencies as of a moment are those of the nearest event, or of one before it that still lasts."""
    seen = tuple(
        Snapshot(at=at(time), proficiencies=None if level is None else {FRENCH: level})
        for time, level in sorted(told, key=lambda pair: pair[0])
    )

    then = as_of(agent("ana", proficiencies=None, seen=seen), None, at(moment))

    known = [(one.at, one.proficiencies) for one in seen if one.proficiencies is not None]
    before = [pair for pair in known if pair[0] <= at(moment)]
    if not known:
        assert then.proficiencies is None
    elif before and at(moment) - before[-1][0] <= HEARTBEAT:
        assert then.proficiencies == before[-1][1]
        assert then.as_of in {before[-1][0], at(moment)}
    else:
        least = min(abs(time - at(moment)) for time, _ in known)
        assert then.proficiencies in [
            held for time, held in known if abs(time - at(moment)) == least or then.as_of == at(moment)
        ]


@given(LEVELS, DISTANCES, LEVELS, DISTANCES, st.none() | DISTANCES)
def test_nothing_far_counts_before_what_is_near(
    level: int | None, away: int, given_level: int | None, given_away: int, edited: int | None
) -> None:
    """Of an event and a roster the nearer counts; a roster edited since does not tell of the time."""
    seen = (Snapshot(at=at(away), proficiencies=None if level is None else {FRENCH: level}),)
    roster = agent(
        "ana",
        proficiencies=None if given_level is None else {FRENCH: given_level},
        as_of=at(given_away),
        modified_at=None if edited is None else at(edited),
        seen=seen,
    )

    then = as_of(roster, None, at(0))

    if level is None:
        assert then == roster
    elif then.source == SOURCE:
        assert then.as_of == at(away)
        assert away <= 0 or abs(away) <= max(DAY, abs(given_away))
    else:
        assert given_level is None or abs(given_away) < abs(away) or abs(away) > DAY or edited is not None
