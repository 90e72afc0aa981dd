import pytest

from routing_inspect.contact import Agent
from routing_inspect.evaluate import Trace, Verdict, evaluate, every, negate, reasons, some
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Opaque, Or

FRENCH = Attribute("Language", "French")
AGENT = Agent(id="agent-1", username="alice", proficiencies={FRENCH: 3})
YES, NO = AtLeast(FRENCH, 1), AtLeast(FRENCH, 5)
UNCLEAR = Opaque({"AttributeCondition": {"ComparisonOperator": "IsBetterThan"}})


@pytest.mark.parametrize(
    ("condition", "found", "short_by"),
    [
        (AtLeast(FRENCH, 5), 3.0, 2.0),
        (Between(FRENCH, 4, 5), 3.0, 1.0),
        (Between(FRENCH, 1, 2), 3.0, -1.0),
        (Between(FRENCH, 5, 1), 3.0, None),
        (AtLeast(Attribute("Language", "English"), 2), None, 2.0),
        (Between(Attribute("Language", "English"), 2, 3), None, 2.0),
        (AtLeast(Attribute("Language", "English"), -1), None, 0.0),
        (AtLeast(FRENCH, 3), 3.0, None),
    ],
)
def test_a_trace_says_what_was_found_and_how_far_off(
    condition: Expr, found: float | None, short_by: float | None
) -> None:
    """A level too low is short, one too high is short by less than nothing, an absent one counts as 0."""
    trace = evaluate(condition, AGENT)

    assert (trace.found, trace.short_by) == (found, short_by)


@pytest.mark.parametrize(
    ("condition", "agent", "reason"),
    [
        (UNCLEAR, AGENT, "this version does not understand the condition"),
        (YES, Agent(id="2", username="bob"), "the proficiencies of bob are not known"),
        (AtLeast(Attribute("$.External.x", "y"), 1), AGENT, "the flow fills in `$.External.x` when it runs"),
        (AgentIn(["$.External.id"]), AGENT, "the flow fills in `$.External.id` when it runs"),
        (
            AgentIn(["alice"]),
            AGENT,
            "it names alice by username: the service's documents disagree on whether that counts",
        ),
        (
            Mixed([YES, NO]),
            AGENT,
            "several members stand side by side, and reading them as AND and as OR differs",
        ),
    ],
)
def test_what_cannot_be_told_says_why(condition: Expr, agent: Agent, reason: str) -> None:
    """A reader of "unknown" asks why."""
    trace = evaluate(condition, agent)

    assert (trace.verdict, trace.unknown_because) == (Verdict.UNKNOWN, reason)


def test_a_mixed_node_that_both_readings_leave_open_blames_its_members() -> None:
    """Where AND and OR agree on unknown, they do not differ."""
    trace = evaluate(Mixed([UNCLEAR, UNCLEAR]), AGENT)

    assert (trace.verdict, trace.unknown_because) == (Verdict.UNKNOWN, None)


@pytest.mark.parametrize("listed", ["agent-1", "arn:aws:connect:eu-west-2:1:instance/i/agent/agent-1"])
def test_a_listed_agent_matches_by_id_or_arn(listed: str) -> None:
    """What else the list holds makes no difference, references included."""
    assert evaluate(AgentIn(["$.External.id", listed]), AGENT).verdict is Verdict.MATCH


def test_every_operand_is_evaluated() -> None:
    """The second no is told as well as the first."""
    trace = evaluate(And([NO, NO, YES]), AGENT)

    assert [operand.verdict.value for operand in trace.operands] == ["no_match", "no_match", "match"]


def test_nothing_to_ask_is_a_yes_for_and_and_a_no_for_or() -> None:
    """These two are about verdicts; an expression without operands cannot be made."""
    assert every([]) is Verdict.MATCH
    assert some([]) is Verdict.NO_MATCH
    assert negate(Verdict.UNKNOWN) is Verdict.UNKNOWN


def _kept(trace: Trace) -> list[Expr]:
    return [operand.expression for operand in reasons(trace).operands]


def test_reasons_are_the_operands_that_decided() -> None:
    """A failing AND is down to what fails, a matching OR to what matches; a NOT and a mix keep theirs."""
    assert _kept(evaluate(And([YES, NO, UNCLEAR]), AGENT)) == [NO]
    assert _kept(evaluate(Or([YES, NO, UNCLEAR]), AGENT)) == [YES]
    assert _kept(evaluate(And([YES, UNCLEAR]), AGENT)) == [UNCLEAR]
    assert _kept(evaluate(Not(And([NO, YES])), AGENT)) == [And([NO, YES])]
    assert reasons(evaluate(Not(And([NO, YES])), AGENT)).operands[0].operands[0].expression == NO
    assert _kept(evaluate(Mixed([YES, NO, UNCLEAR]), AGENT)) == [YES, NO, UNCLEAR]
    assert _kept(evaluate(YES, AGENT)) == []
    mixed = evaluate(Mixed([YES, NO]), AGENT)
    assert reasons(mixed) == mixed


def test_an_id_that_is_no_user_id_may_be_an_unknown_username() -> None:
    """An agent whose username nobody knows may be the one that is named, further down the list too."""
    agent = Agent(id="11111111-2222-3333-4444-555555555555")
    other = "99999999-2222-3333-4444-555555555555"
    expression = AgentIn([other, "alice"])

    trace = evaluate(expression, agent)

    reason = "`alice` is no user id but may be the agent's username, which is not known"
    assert trace == Trace(expression, Verdict.UNKNOWN, unknown_because=reason)
    assert evaluate(AgentIn([other]), agent).verdict is Verdict.NO_MATCH


def test_a_listed_user_id_may_be_of_somebody_known_by_name() -> None:
    """In a roster by name the name is all that is known; whose a listed user id is stays open."""
    listed = "99999999-2222-3333-4444-555555555555"
    ana = Agent(id="ana", proficiencies={})

    trace = evaluate(AgentIn(["bo", listed]), ana)

    reason = f"{listed} may be the user id of ana, which is not known"
    assert trace == Trace(trace.expression, Verdict.UNKNOWN, unknown_because=reason)
    assert evaluate(AgentIn([listed, "ana"]), ana).verdict is Verdict.MATCH
    assert evaluate(AgentIn(["bo"]), ana).verdict is Verdict.NO_MATCH


def test_a_range_upside_down_holds_nobody_whoever_it_is() -> None:
    """Neither unknown proficiencies nor a reference can make a level be in it."""
    for attribute in (FRENCH, Attribute("$.External.name", "x")):
        nowhere = Between(attribute, 4, 2)
        assert evaluate(nowhere, Agent(id="x")).verdict is Verdict.NO_MATCH
        assert evaluate(Not(nowhere), Agent(id="x")).verdict is Verdict.MATCH


def test_a_range_of_one_level_is_missed_by_what_lies_between() -> None:
    """Exactly 4 is one level above 3 and one below 5: neither end is upside down."""
    short_by = [
        evaluate(Between(FRENCH, 4, 4), Agent(id="a", proficiencies={FRENCH: level})).short_by
        for level in (3, 5)
    ]

    assert short_by == [1.0, -1.0]


def test_what_others_say_counts_only_where_no_levels_are_known() -> None:
    """Levels come first; without them the word of a search stands for whatever whole it is about."""
    both = And([YES, NO])
    told: dict[Expr, bool] = {YES: False, both: True}
    known = Agent(id="a", proficiencies={FRENCH: 3}, told=told, source="SearchUsers")
    blind = Agent(id="a", told=told, source="SearchUsers")

    assert evaluate(YES, known) == evaluate(YES, AGENT)
    assert evaluate(both, known) == evaluate(both, AGENT)
    assert evaluate(YES, blind) == Trace(YES, Verdict.NO_MATCH, told_by="SearchUsers")
    assert evaluate(both, blind) == Trace(both, Verdict.MATCH, told_by="SearchUsers")
    assert evaluate(NO, blind).verdict is Verdict.UNKNOWN
    assert reasons(evaluate(Not(YES), blind)).operands[0].told_by == "SearchUsers"
