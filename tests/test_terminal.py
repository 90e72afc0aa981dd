"""Drawing for a terminal: widths, escapes, and what is left out unless somebody asks."""

from __future__ import annotations

import io
from typing import Any

import pytest
from attrs import evolve
from rich.cells import cell_len

from records import DYNAMO, FLUENT, FRENCH, agent, at, contact, queue, step
from routing_inspect.contact import Contact, Criteria, Roster
from routing_inspect.explain import explain
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Not, Opaque, Or
from routing_inspect.findings import Finding
from routing_inspect.render.lines import Line, draw
from routing_inspect.render.terminal import finding_lines, lines

TECH = AtLeast(DYNAMO, 4)
TAKEN: dict[str, Any] = {"agent_id": "ana", "connected_at": 40}


def _drawn(some: Contact, roster: Roster | None = None, *, verbose: bool = False, **options: Any) -> str:
    return draw(lines(explain(some, roster, **options), verbose=verbose), None)


def _roster(*agents: Any) -> Roster:
    return Roster(agents=agents)


def test_the_first_line_is_the_answer() -> None:
    """Who reads one line only has read the answer."""
    drawn = _drawn(contact(step("JOINED"), **TAKEN), _roster(agent(french=5)))

    first = drawn.split("\n", maxsplit=1)[0]
    assert first == "ana got this contact on its only step, 40.0 s after it was queued: ana satisfies"


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("word " * 40, 80),
        ("x" * 200, 80),
        ("\u65e5\u672c\u8a9e" * 40, 80),
        ("e\u0301" * 120, 80),
        ("\u202e\x1b\u200b\x9b" * 30, 80),
        ("\U0001f600" * 60, 80),
        ("", 0),
    ],
)
def test_no_line_is_wider_than_the_terminal(text: str, width: int) -> None:
    """Long words are broken, wide characters count twice, invisible ones are written out."""
    drawn = draw([Line(text, indent=2, label="label  ")], None)

    assert max(cell_len(line) for line in drawn.split("\n")) <= max(width, 7)
    assert drawn.isprintable() or drawn.replace("\n", "").isprintable()


def test_wrapped_lines_begin_under_the_text() -> None:
    """What belongs together stands together."""
    first, second, _ = draw([Line("word " * 20, indent=2, label="label  ")], None).split("\n")

    assert first.startswith("  label  word")
    assert second.startswith(" " * 9 + "word")


class _Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_colour_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe gets none, a terminal does, unless NO_COLOR is set; the words are the same."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    line = [Line("all is well", label="note  ", style="red")]

    coloured = draw(line, _Terminal())
    piped = draw(line, io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[" in coloured
    assert piped == "note  all is well\n"
    assert "\x1b[31m" not in draw(line, _Terminal())


def test_markup_in_names_is_text() -> None:
    """What rich takes for markup is drawn as it is."""
    assert draw([Line("[bold]x[/bold] [/] :smile:")], None) == "[bold]x[/bold] [/] :smile:\n"


def test_a_finding_with_and_without_hint() -> None:
    """The hint stands under the message; the place behind it."""
    with_hint = Finding("RI301", "step 1 never expires", "give it an expiry", "step 1")

    assert draw(finding_lines(with_hint), None) == (
        "  error RI301  step 1 never expires (step 1)\n  hint         give it an expiry\n"
    )
    assert draw(finding_lines(Finding("RI201", "no operator")), None) == "  note RI201  no operator\n"


def test_evidence_is_shown_where_the_answer_is_unclear() -> None:
    """An undetermined route shows what it rests on; a clear one only on request."""
    clear = contact(step("JOINED"), **TAKEN)

    assert "evidence" in _drawn(contact(step("ACTIVE"), **TAKEN))
    assert "evidence" not in _drawn(clear)
    assert "evidence  statuses: step 1 JOINED" in _drawn(clear, verbose=True)


@pytest.mark.parametrize(
    ("some", "text"),
    [
        (contact(step("ACTIVE", 30)), "active since +0.0 s; timer 30 seconds"),
        (contact(step("ACTIVE", 30), activated=61), "active since +61.0 s"),
        (contact(step("EXPIRED", 30), step("ACTIVE")), "expired from +0.0 s to +30.0 s (derived)"),
        (contact(step("EXPIRED", 30, expires_at=30), step("ACTIVE")), "from +0.0 s to +30.0 s; timer"),
        (contact(step("ACTIVE", 30), step("INACTIVE")), "not reached, due at +30.0 s; never expires"),
        (contact(step("ACTIVE"), step("INACTIVE")), "not reached; never expires"),
        (contact(step("INACTIVE", 5), queue_type="STANDARD"), "not reached; timer 5 seconds"),
        (contact(step("ACTIVE"), activated=None, enqueued_at=None), "active; never expires"),
        (Contact(criteria=Criteria([step()])), "not run; never expires"),
    ],
)
def test_a_step_says_when(some: Contact, text: str) -> None:
    """Seconds count from queueing; what is derived says so; what is to come has its time."""
    assert text in _drawn(some)


def test_flat_conditions_stand_in_place_of_the_expression() -> None:
    """Where all conditions must hold, each has its count, also the one that nobody fails."""
    both = step("ACTIVE", expression=And([FLUENT, Not(TECH)]))

    drawn = _drawn(contact(both), _roster(agent("a", 5), agent("b", proficiencies=None)))

    assert "    0 fail, 1 unknown  Language(French) >= 4\n" in drawn
    assert "    0 fail, 1 unknown  AND NOT Technology(AWS DynamoDB) >= 4\n" in drawn


@pytest.mark.parametrize(
    "expression",
    [Or([FLUENT, TECH]), And([FLUENT, Or([TECH, AtLeast(FRENCH, 1)])]), And([FLUENT, FLUENT]), And([FLUENT])],
)
def test_other_expressions_stand_whole(expression: Any) -> None:
    """Where structure counts, the expression is printed, and only the conditions that somebody fails."""
    drawn = _drawn(contact(step("ACTIVE", expression=expression)), _roster(agent("a", 5)))

    assert "    0 fail" not in drawn
    assert "AND" in drawn or "OR" in drawn


def test_without_a_roster_there_are_no_counts() -> None:
    """Nobody is counted where nobody was asked about."""
    drawn = _drawn(contact(step("ACTIVE", expression=And([FLUENT, TECH]))))

    assert "fail" not in drawn
    assert "0 match" not in drawn
    assert "Language(French) >= 4 AND Technology(AWS DynamoDB) >= 4" in drawn


def test_agents_who_match_are_named_with_what_stops_them() -> None:
    """The expression lets them in, the routing profile does not."""
    roster = _roster(agent("a", 5, queues=[]), agent("b", 5, username="bo"), agent("c", proficiencies=None))

    drawn = _drawn(contact(step("ACTIVE")), roster, agents=["a"])

    assert "3 agents: 2 match, 0 do not, 1 unknown; matching: a (stopped by queue), bo;" in drawn
    assert "unknown: c" in drawn


def test_many_agents_are_summed_up() -> None:
    """Of a crowd the first few are named, and the others counted; --verbose shows all."""
    roster = _roster(*(agent(f"agent-{i}", 5) for i in range(12)))
    nobody, somebody = contact(step("ACTIVE")), contact(step("JOINED"), agent_id="agent-7")

    def words(some: Contact, *, verbose: bool = False) -> str:
        return " ".join(_drawn(some, roster, verbose=verbose).split())

    assert "agent-7 and 4 more: step 1 unknown (queue)" in words(nobody)
    assert "agent-8" not in words(nobody)
    assert "agent-7, who took the contact: step 1 yes" in words(somebody)
    assert "agent-8 and 3 more: step 1 unknown (queue)" in words(somebody)
    assert "\n  agent-11: step 1" in _drawn(nobody, roster, verbose=True)
    assert "matching: agent-0" in _drawn(nobody, roster, verbose=True)
    assert "agent-10, agent-11" in words(nobody, verbose=True)
    assert "agent-7 and 4 more\n" in _drawn(nobody, roster)


def test_nobody_is_left_out_for_being_one_more() -> None:
    """To name one more takes no more room than to count one."""
    same = _roster(*(agent(f"agent-{i}", 5) for i in range(9)))
    unlike = [_roster(*(agent(f"agent-{i}", i / 10) for i in range(1, n))) for n in (10, 11)]

    assert " more" not in _drawn(contact(step("ACTIVE")), same)
    assert "agent-9: step 1 no" in _drawn(contact(step("ACTIVE")), unlike[0])
    assert "agent-9: step 1 no" not in _drawn(contact(step("ACTIVE")), unlike[1])
    assert "and 2 more agents: --agent NAME says why not" in _drawn(contact(step("ACTIVE")), unlike[1])


def test_who_took_it_leaves_room_for_the_others() -> None:
    """That the taker is not in the roster hides none of those who are."""
    roster = _roster(*(agent(f"agent-{i}", i / 10) for i in range(1, 9)))

    drawn = _drawn(contact(step("JOINED"), agent_id="stranger"), roster)

    assert all(f"agent-{i}: step 1 no" in drawn for i in range(1, 9))


def test_agents_of_whom_the_same_is_to_be_said_share_their_lines() -> None:
    """Facts of several times are told apart; the most common ones stand above all."""
    early = [agent(f"early-{i}", 1, as_of=at(0), queues=[queue()]) for i in range(3)]
    late = agent("late", 1, as_of=at(9), queues=[queue()])

    drawn = _drawn(contact(step("ACTIVE")), _roster(*early, late))

    assert "facts about agents as of 2026-03-04T14:02:11.000Z, unless it says otherwise" in drawn
    assert "\n  early-0, early-1, early-2: step 1 no\n    step 1  Language(French) >= 4: has 1" in drawn
    assert "\n  late, as of 2026-03-04T14:02:20.000Z: step 1 no\n" in drawn


def test_of_a_large_roster_not_every_line_is_made() -> None:
    """Beyond the first few hundred kinds of agents nobody looks whether their lines are the same."""
    crowd = [agent(f"agent-{i}", 1, as_of=at(i)) for i in range(300)]

    drawn = _drawn(contact(step("ACTIVE")), _roster(*crowd))

    assert "and 292 more agents" in drawn


def test_no_row_ends_in_the_midst_of_a_condition() -> None:
    """What belongs together stays together, as long as a row has room for it."""
    name = Attribute("Langue", "\u65e5\u672c\u8a9e")
    long = AtLeast(Attribute("A rather long name of an attribute that nobody would", "choose twice over"), 4)
    some = contact(*(step("INACTIVE", expression=And([AtLeast(name, 4)] * n + [long])) for n in range(1, 6)))

    drawn = _drawn(some)

    assert (
        "AND A rather long name of an attribute that nobody would(choose twice over) >= 4"
        in drawn.replace("\n    ", " ")
    )
    assert drawn.count("Langue(\u65e5\u672c\u8a9e) >= 4") == 1 + 2 + 3 + 4 + 5
    assert "\ue000" not in drawn


def test_a_step_of_which_the_expiry_alone_is_recorded() -> None:
    """A recorded expiry is told, and never called never."""
    ran = contact(step("EXPIRED", expires_at=30), step("ACTIVE", expires_at=70))
    bare = contact(step("ACTIVE", expires_at=30), activated=None, enqueued_at=None)

    assert "step 1  expired from +0.0 s to +30.0 s; how long its timer was is not recorded" in _drawn(ran)
    assert "step 2  active since +30.0 s; expires at +70.0 s" in _drawn(ran)
    assert "step 1  active; expires at 2026-03-04T14:02:41.000Z" in _drawn(bare)


def test_facts_in_common_are_said_once() -> None:
    """One source is a heading; several stand with each agent, and an unknown time is called so."""
    one = Roster(agents=[agent("a"), agent("b")], as_of=at(0), source="r.json")
    two = Roster(agents=[agent("a", as_of=at(5)), agent("b", source="API")])

    assert "facts about agents as of 2026-03-04T14:02:11.000Z, from r.json" in _drawn(
        contact(step("ACTIVE")), one
    )
    drawn = _drawn(contact(step("ACTIVE")), two)
    assert "a, as of 2026-03-04T14:02:16.000Z: step 1 no" in drawn
    assert "b, as of an unknown time, from API: step 1 no" in drawn


def test_rows_join_steps_with_one_reason() -> None:
    """Neighbours are a range, others a list, and what comes after the last step has its name."""
    steps = [step("EXPIRED", 1, expression=e) for e in (FLUENT, FLUENT, TECH, FLUENT)]
    some = contact(*steps, agent_id="bo", connected_at=9)

    drawn = _drawn(some, _roster(agent("a", queues=[], proficiencies={})), agents=["a"])

    assert "a: steps 1-4 and fallback no" in drawn
    assert "    steps 1-4 and fallback  queue-1 is not in the routing profile" in drawn
    assert "    steps 1-2, 4  Language(French) >= 4: not held" in drawn


def test_a_long_list_of_steps_stands_in_the_text() -> None:
    """A label is never so wide that nothing fits beside it."""
    steps = [step("INACTIVE", 1, expression=e) for e in (FLUENT, TECH) * 20]

    drawn = _drawn(contact(*steps), _roster(agent("a", queues=[queue()])))

    assert "    steps 1, 3, 5, 7, 9, 11," in drawn
    assert max(map(len, drawn.split("\n"))) <= 80


def test_a_join_shows_what_held() -> None:
    """Of the step that was joined the values are shown, contradicted or not; of others what failed."""
    both = And([FLUENT, TECH])
    some = contact(step("JOINED", expression=both), step("INACTIVE"), **TAKEN)

    good = _drawn(some, _roster(agent(proficiencies={FRENCH: 4, DYNAMO: 5})))
    bad = _drawn(some, _roster(agent(proficiencies={FRENCH: 4, DYNAMO: 1})))

    assert "step 1  Technology(AWS DynamoDB) >= 4: has 5\n" in good
    assert "step 1  Language(French) >= 4: has 4\n" in bad
    assert "step 1  Technology(AWS DynamoDB) >= 4: has 1, 3 levels short\n" in bad
    assert "    step 1  took the contact\n" in _drawn(some, _roster(agent()), verbose=True)


def test_unknown_is_printed_as_unknown() -> None:
    """An agent of whom nothing is known is neither yes nor no, and the gates say why."""
    drawn = _drawn(contact(step("ACTIVE")), agents=["zoe"])

    assert "zoe: step 1 unknown (queue, proficiency)\n" in drawn
    assert "unknown  which proficiencies zoe had" in drawn


def test_what_nobody_understands_has_its_reason() -> None:
    """A condition that cannot be evaluated is told for each agent."""
    odd = step("ACTIVE", expression=Opaque({"New": 1}))

    drawn = _drawn(contact(odd), _roster(agent("a", queues=[queue()])))

    assert 'step 1  OPAQUE `{"New":1}`: this version does not understand the condition' in drawn


def test_verbose_shows_ids_gates_and_all_findings() -> None:
    """Nothing is left out on request."""
    held = {evolve(FRENCH, value=f"v{i}"): 9 for i in range(5)}
    roster = _roster(agent("a", username="ana", proficiencies=held, queues=[queue()]))
    some = contact(step("ACTIVE", expression=AgentIn(["a"])), step("INACTIVE"))

    short, full = _drawn(some, roster), _drawn(some, roster, verbose=True)

    assert "and 2 more of RI405: --verbose shows all" in short
    assert short.count("RI405  ") == 3
    assert full.count("RI405  ") == 5
    assert "ana, id a: step 1 yes, step 2 no" in full
    assert "no delay on queue-1" in full
    assert "whether the agent was available is not recorded" in full


def test_a_contact_without_criteria_is_short() -> None:
    """Nothing is drawn but the answer, where it is from, and who has the queue."""
    roster = _roster(agent(queues=[queue()]), agent("bo", queues=[]))
    drawn = _drawn(contact(criteria=None), roster)

    assert "  ana: no criteria yes\n  bo: no criteria no\n    no criteria  queue-1 is not" in drawn
    assert "step" not in drawn
    assert "  [no-criteria]  criteria\n" in _drawn(Contact(source="criteria"))


def test_a_waiting_contact_says_as_of_when() -> None:
    """The instant that the answer is about stands with it."""
    assert "  looked at 2026-03-04T14:02:16.000Z\n" in _drawn(contact(step("ACTIVE", 30)), now=at(5))


def test_who_was_asked_about_comes_before_the_story() -> None:
    """Yes, no or cannot tell, with the reasons below, each agent once; the others stay behind the steps."""
    some = contact(step("JOINED"), **TAKEN)
    roster = _roster(agent(french=5), agent("ben", french=1), agent("cai", proficiencies=None))

    names = ("ben", "cai", "ana", "ben")
    drawn = draw(lines(explain(some, roster, agents=names), verbose=False, asked=names), None)

    answers, _, story = drawn.partition("ana got this contact on its only step")
    assert [line for line in answers.split("\n") if line and not line.startswith(" ")] == [
        "ben could not be offered this contact: step 1 no.",
        "Whether cai could be offered this contact cannot be told: step 1 unknown (queue,",
        "proficiency).",
        "ana took this contact: step 1 yes.",
    ]
    assert "smallest changes to match" in answers
    assert "ben: step 1" not in story


def test_an_asked_agent_has_an_id_on_request() -> None:
    """A username is not enough to look somebody up with."""
    roster = _roster(evolve(agent("u-1", french=5), username="bea"))

    drawn = draw(
        lines(explain(contact(step("JOINED")), roster, agents=["bea"]), verbose=True, asked=["bea"]), None
    )

    assert drawn.split("\n")[:3] == [
        "Whether bea could be offered this contact cannot be told: step 1 unknown",
        "(queue).",
        "  id  u-1",
    ]


def test_of_a_document_without_steps_and_contact_nobody_comes_first() -> None:
    """Where nothing could be in force there is no answer about an agent."""
    some = Contact(source="criteria")

    drawn = draw(
        lines(explain(some, _roster(agent(french=5)), agents=["ana"]), verbose=False, asked=["ana"]), None
    )

    assert drawn.startswith(explain(some).path.sentence[:20])
