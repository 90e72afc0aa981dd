"""Why a contact went where it went: contact and roster in, `Explanation` out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve

from routing_inspect.arguments import require, require_all
from routing_inspect.checks import (
    clock_findings,
    contact_findings,
    criteria_findings,
    empty_findings,
    evidence_findings,
    join_findings,
    roster_findings,
    taker_findings,
)
from routing_inspect.contact import Agent, Contact, Criteria, Roster, is_user_id, shown_names, user_id
from routing_inspect.errors import AnalysisLimit
from routing_inspect.evaluate import Verdict, evaluate
from routing_inspect.explanation import (
    AgentExplanation,
    AgentStep,
    ConditionCount,
    EarlierCriteria,
    Explanation,
    Path,
    StepChange,
    StepExplanation,
    StepLimit,
    StepRelaxation,
    Unknown,
    presence,
)
from routing_inspect.expr import AgentIn, Attribute, Expr, Opaque, conditions, unnegated
from routing_inspect.findings import Finding
from routing_inspect.gates import (
    against_the_roster,
    agent_step,
    expression_gate,
    facts_beside,
    open_step,
    took,
)
from routing_inspect.index import AgentIndex
from routing_inspect.moments import as_of, roster_as_of
from routing_inspect.paths import find_path
from routing_inspect.places import Place, asked_attributes, leaves
from routing_inspect.text import unparse
from routing_inspect.timeline import (
    NOT_STARTED,
    Phase,
    Timeline,
    in_agent_queue,
    outcome,
    replaced_timeline,
    seconds_text,
    taker_id,
    timeline,
)
from routing_inspect.visible import visible
from routing_inspect.windows import Window, are_neighbours, fallback, windows

if TYPE_CHECKING:
    from routing_inspect.remedies import Change


def explain(
    contact: Contact,
    roster: Roster | None = None,
    now: datetime | None = None,
    *,
    agents: Iterable[str] | None = None,
    findings: Iterable[Finding] = (),
) -> Explanation:
    """
    Explain why a contact reached the agent it reached, why not another, or why nobody.

    Args:
        contact: Its current criteria is explained.
        roster: Whom the steps let in; None: nobody is known.
        now: When a contact that still waits is looked at, aware; None: no time is told against it.
        agents: Ids, ARNs or usernames to go through gate by gate. One who is not in the roster gets
            gates that are unknown; of a username that several have, all are shown. None: every
            agent of the roster.
        findings: What whoever fetched the facts has to say of them; it comes last.

    Returns:
        The same explanation for the same arguments: no clock is read and nothing is fetched.

    Raises:
        TypeError: An argument is something else.
        ValueError: *now* has no time zone.
    """
    require("contact", contact, Contact)
    known = Roster() if roster is None else roster
    require("roster", known, Roster)
    document, contact = contact, _placed(contact, known)
    clock = timeline(contact, now)
    named = _named_agent(contact, known)
    called = shown_names(known.agents)
    name = "An agent" if named is None else called.get(named.id, named.name)
    names = None if agents is None else require_all("agents", agents, str)
    more = require_all("findings", findings, Finding)
    shown = _shown(contact, known, named, names)
    index = AgentIndex(known)
    steps = tuple(_explain_step(phase, _then(contact, clock, phase, known, index)) for phase in clock.phases)
    joined = _joined(clock, named)
    path = find_path(contact, clock, agent_name=name, joined=joined)
    earlier = tuple(_explain_earlier(contact, known, index))
    clocks = [*(one.timeline for one in earlier), clock]
    put = _Put(contact, clocks, windows(contact, clocks, is_told=path.kind != "undetermined"))
    explained = tuple(put.explained(agent, known) for agent in shown)
    stopped = _Stopped(put, known)
    if names is not None:
        explained = tuple(_with_changes(contact, clock, one, index, stopped) for one in explained)
    steps = stopped.added(steps, -1)
    earlier = tuple(evolve(one, steps=stopped.added(one.steps, n)) for n, one in enumerate(earlier))
    if _is_population(contact, known, shown if names is not None else ()):
        # Whom the steps let in is why nobody got a contact; those alone who were looked up say nothing of it.
        path = find_path(contact, clock, agent_name=name, joined=joined, steps=steps)
    return Explanation(
        contact=contact,
        timeline=clock,
        path=_with_inferred(path, document),
        steps=steps,
        agents=explained,
        findings=(
            *criteria_findings(contact.criteria or Criteria()),
            *_roster_findings(contact, roster, shown if names is not None else ()),
            *_asked_findings(contact, known, names or ()),
            *_findings(contact, clock, path, known, shown),
            *more,
        ),
        unknowns=tuple(_unknowns(contact, clock, path, steps, explained)),
        roster_size=len(known.agents),
        names=called,
        earlier=earlier,
        windows=put.windows,
    )


def _with_inferred(path: Path, document: Contact) -> Path:
    """Add that the queue was taken for an agent's own by the roster alone."""
    if path.kind != "agent-queue" or document.queue_type or document.queue_id == document.agent_id:
        return path
    inferred = "the queue's id is the id of an agent in the roster (inferred: an agent's own queue)"
    return evolve(path, evidence=(*path.evidence, inferred))


def _named_agent(contact: Contact, roster: Roster) -> Agent | None:
    """The agent whom the document names: from the roster, or what the document alone says."""
    if contact.agent_id is None:
        return None
    agent_id = user_id(contact.agent_id)
    return roster.find(agent_id) or Agent(id=agent_id, username=contact.agent_username)


def _placed(contact: Contact, roster: Roster) -> Contact:
    """
    Say what queue the contact is in, as far as the roster knows.

    DescribeContact gives a queue's id alone. A routing profile that has it knows its name, and that
    it is no agent's own; an agent's own has the agent's id.
    """
    rows = [row for agent in roster.agents for row in agent.queues or () if row.id == contact.queue_id]
    name = next((row.name for row in rows if row.name is not None), None)
    kind = contact.queue_type or ("STANDARD" if rows and contact.queue_id is not None else None)
    return evolve(
        contact, queue_name=contact.queue_name or name, queue_type=kind or _own_type(contact, roster)
    )


def _own_type(contact: Contact, roster: Roster) -> str | None:
    """Take a queue with an agent's id for the agent's own, where no step is shown to have started there."""
    steps = () if contact.criteria is None else contact.criteria.steps
    own = contact.queue_id is not None and any(agent.id == contact.queue_id for agent in roster.agents)
    return "AGENT" if own and all(outcome(step) in NOT_STARTED for step in steps) else None


def _joined(clock: Timeline, named: Agent | None) -> Verdict:
    """Say whether the agent who took the contact satisfies the step that was joined."""
    phase = clock.current
    if named is None or phase is None or phase.outcome != "joined":
        return Verdict.UNKNOWN
    return evaluate(phase.step.expression, named).verdict


def _shown(
    contact: Contact, roster: Roster, named: Agent | None, names: tuple[str, ...] | None
) -> tuple[Agent, ...]:
    asked = roster.agents
    if names is not None:
        asked = tuple(agent for name in names for agent in _asked(name, roster, named))
    if named is not None and took(contact, named) and named not in asked:
        asked = (named, *asked)
    return tuple({agent.id: agent for agent in asked}.values())


def _asked(name: str, roster: Roster, named: Agent | None) -> tuple[Agent, ...]:
    """Find who is meant by a name: all who have it as their username, or one whom the roster has not got."""
    agent = roster.find(name)
    if agent is not None:
        return (agent,)
    stranger = named if named is not None and named.username == name else Agent(id=user_id(name))
    return _homonyms(name, roster) or (stranger,)


def _homonyms(name: str, roster: Roster) -> tuple[Agent, ...]:
    return tuple(agent for agent in roster.agents if agent.username == name)


def _explain_earlier(contact: Contact, roster: Roster, index: AgentIndex) -> Iterator[EarlierCriteria]:
    """Explain every criteria that another one replaced, each up to that moment."""
    current = () if contact.criteria is None else (contact.criteria,)
    for criteria, following in pairwise((*contact.earlier, *current)):
        over_by = following.activated_at
        replaced_at = over_by if are_neighbours(criteria, following) else None
        clock = replaced_timeline(contact, criteria, replaced_at, over_by)
        yield EarlierCriteria(
            criteria=criteria,
            timeline=clock,
            replaced_at=replaced_at,
            sentence=_replaced(contact, criteria, following, clock),
            steps=tuple(
                _explain_step(phase, _then(contact, clock, phase, roster, index)) for phase in clock.phases
            ),
        )


def _replaced(contact: Contact, criteria: Criteria, following: Criteria, clock: Timeline) -> str:
    """Say how a criteria ended that another one replaced."""
    name = "An earlier criteria" if criteria.index is None else f"Criteria {criteria.index}"
    if not are_neighbours(criteria, following):
        return f"{name} was replaced by another, not shown."
    by = "the next one" if following.index is None else f"criteria {following.index}"
    zero = contact.enqueued_at or clock.activated_at
    at = following.activated_at
    after = ""
    if zero is not None and at is not None and at >= zero:
        after = f", {seconds_text(at - zero)} after it was queued"
    running, count = clock.current, len(clock.phases)
    expired = sum(phase.outcome == "expired" for phase in clock.phases)
    if running is not None and running.outcome == "interrupted":
        when = "during its only step" if count == 1 else f"during step {running.number} of {count}"
    elif clock.all_expired:
        when = f"when {'its only step' if count == 1 else 'all its steps'} had expired"
    elif expired and at is not None and clock.phases[expired - 1].ended_at == at:
        when = f"as step {expired} of {count} expired"
    elif all(phase.outcome in NOT_STARTED for phase in clock.phases):
        when = "before any of its steps is known to have started"
    else:
        when = "at a step that nobody can tell"
    return f"{name} was replaced by {by} {when}{after}."


def _then(contact: Contact, clock: Timeline, phase: Phase, roster: Roster, index: AgentIndex) -> AgentIndex:
    """Give the agents as of one step: *index* itself where no event tells of them."""
    then = roster_as_of(roster, *_span(contact, clock, phase))
    return index if then is roster else AgentIndex(then)


def _span(contact: Contact, clock: Timeline, phase: Phase) -> tuple[datetime | None, datetime | None]:
    """Give the time in which a step ran; of one that did not, or still does, the end is the contact's own."""
    over = contact.connected_at or contact.disconnected_at or clock.now or contact.last_updated_at
    return phase.started_at, phase.ended_at or over


def _explain_step(phase: Phase, index: AgentIndex) -> StepExplanation:
    found = index.match(phase.step.expression)
    return StepExplanation(
        phase=phase,
        matching=found.matching,
        not_matching=found.not_matching,
        unknown=found.unknown,
        conditions=tuple(_counts(phase.step.expression, index)),
    )


def _counts(expression: Expr, index: AgentIndex) -> Iterator[ConditionCount]:
    for condition, blocked in index.sole_blockers(expression).items():
        found = index.match(condition)
        yield ConditionCount(
            expression=condition,
            matching=found.count,
            not_matching=found.not_matching_count,
            unknown=found.unknown_count,
            sole_blocker_of=blocked,
        )


# A step, the time in which it ran, and the attributes that it asks about.
_Row: TypeAlias = tuple[Phase, datetime | None, datetime | None, tuple[Attribute, ...]]


class _Steps:
    """
    The steps of one criteria, to be put before many agents.

    What a step says of an agent hangs on a few facts, so it is worked out once for all agents of whom
    these are the same.
    """

    def __init__(self, contact: Contact, clock: Timeline) -> None:
        self._contact = contact
        self._clock = clock
        self._steps = [
            (
                phase,
                *_span(contact, clock, phase),
                tuple(dict.fromkeys(asked_attributes(phase.step.expression))),
            )
            for phase in clock.phases
        ]
        self._named = _named_ids(contact, clock)
        # By the facts about an agent beside levels: by step and levels, and by window.
        self._known: dict[object, dict[tuple[float | None, ...], AgentStep]] = defaultdict(dict)
        self._open: dict[tuple[object, Window], AgentStep] = {}

    def before(self, agent: Agent) -> tuple[AgentStep, ...]:
        """Put an agent before the gates of every step, as the agent was then."""
        known = self._known[self._facts(agent)]
        return tuple([self._one(step, agent, known) for step in self._steps])

    def at(self, number: int, agent: Agent) -> AgentStep:
        """Put an agent before the gates of one step."""
        return self._one(self._steps[number - 1], agent, self._known[self._facts(agent)])

    def between(self, window: Window, agent: Agent) -> AgentStep:
        """Put an agent before the gates that are left in a window in which no step decided."""
        key = (self._facts(agent), window)
        if key not in self._open:
            then = as_of(agent, window.since, window.until)
            self._open[key] = open_step(self._contact, self._clock, window, then)
        return self._open[key]

    def _one(self, row: _Row, agent: Agent, known: dict[tuple[float | None, ...], AgentStep]) -> AgentStep:
        phase, since, until, asked = row
        then = as_of(agent, since, until)
        levels = () if then.proficiencies is None else map(then.proficiencies.get, asked)
        key = (phase.number, *levels)
        step = known.get(key)
        if step is None:
            gate = expression_gate(phase.step.expression, then)
            step = known[key] = agent_step(self._contact, self._clock, phase, then, gate)
        return step

    def names(self, agent: Agent) -> bool:
        """Say whether the contact or a list of agents names an agent."""
        return agent.id in self._named or agent.username in self._named

    def _facts(self, agent: Agent) -> object:
        """Give all that gates hang on beside levels; of an agent who is named or little known, the id."""
        if self.names(agent) or agent.seen or agent.proficiencies is None:
            return agent.id
        # Whom a list of agents may mean although it does not say so.
        return agent.username is None, is_user_id(agent.id), *facts_beside(agent)


def _named_ids(contact: Contact, clock: Timeline) -> frozenset[str | None]:
    """Find everybody whom the contact or a list of agents names: by user id, and in lists by username too."""
    listed = [
        user_id(agent_id)
        for phase in clock.phases
        for leaf, _, _ in leaves(phase.step.expression, Place(phase.number))
        if isinstance(leaf, AgentIn)
        for agent_id in leaf.agent_ids
    ]
    offered = [offer.agent_id for offer in contact.offers]
    return frozenset({user_id(taker_id(contact) or ""), contact.queue_id, *listed, *offered} - {None})


class _Put:
    """
    All criteria of a contact and its windows, to be put before many agents.

    Attributes:
        steps: Those of each criteria, the contact's own last.
    """

    def __init__(self, contact: Contact, clocks: Sequence[Timeline], found: tuple[Window, ...]) -> None:
        criteria = [*contact.earlier[: len(clocks) - 1], contact.criteria]
        self.windows = found
        self.steps = [
            _Steps(evolve(contact, criteria=one), clock) for one, clock in zip(criteria, clocks, strict=True)
        ]
        self._fallback = fallback(clocks[-1], len(clocks) - 1)

    def explained(self, agent: Agent, roster: Roster) -> AgentExplanation:
        """Put an agent before everything."""
        known = agent.proficiencies is not None or agent.queues is not None
        named = self.named(agent, roster)
        *earlier, steps = [one.before(named) for one in self.steps]
        return AgentExplanation(
            agent=named,
            as_of=agent.as_of or (roster.as_of if known else None),
            source=named.source,
            steps=steps,
            fallback=None if self._fallback is None else self.steps[-1].between(self._fallback, named),
            earlier=tuple(earlier),
            windows=tuple([self._in(window, named, (*earlier, steps)) for window in self.windows]),
        )

    @staticmethod
    def named(agent: Agent, roster: Roster) -> Agent:
        """Give an agent with where the facts about them come from."""
        known = agent.proficiencies is not None or agent.queues is not None
        source = agent.source or (roster.source if known else None)
        return agent if agent.source == source else evolve(agent, source=source)

    def beside(self, agent: Agent) -> object:
        """Give all that the gates beside expressions hang on; of an agent who is named, the id."""
        is_named = any(steps.names(agent) for steps in self.steps)
        return agent.id if is_named or agent.seen else facts_beside(agent)

    def _in(self, window: Window, agent: Agent, steps: Sequence[tuple[AgentStep, ...]]) -> AgentStep:
        of = -1 if window.criteria is None else window.criteria
        if window.step is None:
            return self.steps[of].between(window, agent)
        return steps[of][window.step - 1]


class _Stopped:
    """
    Whom gates beside a step's expression kept out, of any agents of the roster, shown or not.

    They hang on few facts, so each step is put before one agent of those of whom these are the same.
    """

    def __init__(self, put: _Put, roster: Roster) -> None:
        self.roster = roster
        self._put = put
        self._agents = {agent.id: agent for agent in roster.agents}
        self._facts: dict[str, object] = {}
        self._told: dict[tuple[int, int], dict[object, tuple[str, ...]]] = defaultdict(dict)

    def added(self, steps: tuple[StepExplanation, ...], of: int) -> tuple[StepExplanation, ...]:
        """Add to the steps of one criteria, by its place, whom else than the expression they kept out."""
        return tuple(
            evolve(step, stopped=self.among((*step.matching, *step.unknown), step.phase.number, of))
            for step in steps
        )

    def among(self, ids: Iterable[str], number: int, of: int = -1) -> dict[str, tuple[str, ...]]:
        """Give those of some agents who were stopped at a step, each with the gates that did."""
        told, stopped = self._told[number, of], dict[str, tuple[str, ...]]()
        for agent_id in ids:
            facts = self._facts.get(agent_id)
            if facts is None:
                facts = self._facts[agent_id] = self._put.beside(self._agents[agent_id])
            names = told.get(facts)
            if names is None:
                step = self._put.steps[of].at(number, self._agents[agent_id])
                gates = (gate for gate in step.gates if gate.trace is None)
                names = told[facts] = tuple(g.gate for g in gates if g.verdict is Verdict.NO_MATCH)
            if names:
                stopped[agent_id] = names
        return stopped


def _with_changes(
    contact: Contact,
    clock: Timeline,
    explained: AgentExplanation,
    index: AgentIndex,
    stopped: _Stopped,
) -> AgentExplanation:
    """Add what would have let an agent match, of each step that it does not."""
    if in_agent_queue(contact):
        return evolve(explained, changes=(), relaxations=())  # no step runs there
    from routing_inspect.remedies import changes, relaxations  # noqa: PLC0415  (few ask)

    edits: list[StepChange] = []
    relaxed: list[StepRelaxation] = []
    limits: list[StepLimit] = []
    own = explained.agent.id
    others = any(one.id != own and one.proficiencies is not None for one in stopped.roster.agents)
    starts: float | None = 0.0
    for phase in clock.phases:
        expression = phase.step.expression
        agent = as_of(explained.agent, *_span(contact, clock, phase))
        try:
            found = changes(expression, agent)
        except AnalysisLimit as error:
            found = []
            limits.append(StepLimit(phase.number, error.message))
        edits += [
            StepChange(
                step=phase.number,
                seconds_after_activation=starts,
                change=change,
                unheld=tuple(_unheld(change, index)) if others else (),
            )
            for change in found
        ]
        then = _then(contact, clock, phase, stopped.roster, index)
        for relaxation in relaxations(expression, agent):
            admits = _admitted(expression, relaxation.expression, own, then)
            relaxed.append(
                StepRelaxation(
                    step=phase.number,
                    seconds_after_activation=starts,
                    relaxation=relaxation,
                    admits=admits,
                    stopped=stopped.among(admits, phase.number),
                )
            )
        after = phase.step.expires_after
        starts = None if starts is None or after is None else starts + after.total_seconds()
    return evolve(explained, changes=tuple(edits), relaxations=tuple(relaxed), limits=tuple(limits))


def _unheld(change: Change, index: AgentIndex) -> Iterator[Attribute]:
    """Give what a change would give an agent while nobody of the roster holds it."""
    for edit in change.edits:
        if edit.after is not None and not index.is_held(edit.attribute):
            yield edit.attribute


def _admitted(before: Expr, after: Expr, agent_id: str, index: AgentIndex) -> tuple[str, ...]:
    matched = {agent_id, *index.match(before).matching}
    return tuple(found for found in index.match(after).matching if found not in matched)


def _roster_findings(contact: Contact, roster: Roster | None, asked: tuple[Agent, ...]) -> Iterator[Finding]:
    """Check names against a roster; agents who were looked up one by one are none, of others nobody asked."""
    if roster is None:
        return
    yield from empty_findings(roster)
    if _is_population(contact, roster, asked):
        yield from roster_findings(contact.criteria or Criteria(), roster)


def _is_population(contact: Contact, roster: Roster, asked: tuple[Agent, ...]) -> bool:
    """Say whether a roster has anybody but the agent whom the contact names, and those asked about."""
    looked_up = {agent.id for agent in asked}
    looked_up |= {user_id(contact.agent_id)} if contact.agent_id is not None else set()
    return any(agent.id not in looked_up for agent in roster.agents)


def _asked_findings(contact: Contact, roster: Roster, names: Iterable[str]) -> Iterator[Finding]:
    # Who took the contact may be asked about without being in the roster; RI604 says so.
    taken = {contact.agent_username, user_id(contact.agent_id or "")}
    for name in dict.fromkeys(names):
        homonyms = () if roster.find(name) is not None else _homonyms(name, roster)
        if homonyms:
            message = f"{len(homonyms)} agents have the username `{visible(name)}`"
            ids = visible(", ".join(agent.id for agent in homonyms))
            yield Finding("RI407", message, f"ask by user id: {ids}", "roster")
        elif roster.agents and roster.find(name) is None and user_id(name) not in taken:
            from difflib import get_close_matches  # noqa: PLC0415  (for those alone who made a slip)

            near = get_close_matches(name, sorted({agent.name for agent in roster.agents}), n=1)
            hint = f"did you mean `{visible(near[0])}`?" if near else "ask for one who is, or add the agent"
            yield Finding("RI413", f"the roster has no agent `{visible(name)}`", hint, "roster")


def _findings(
    contact: Contact, clock: Timeline, path: Path, roster: Roster, shown: tuple[Agent, ...]
) -> Iterator[Finding]:
    yield from contact_findings(contact)
    yield from clock_findings(contact, clock)
    named = _named_agent(contact, roster)
    if path.kind == "contradiction" and named is not None:
        yield from join_findings(named, clock)
    taker = roster.find(taker_id(contact) or "")
    if taker is not None:
        yield from _roster_against(contact, taker)
    yield from taker_findings(contact, roster)
    # The agent who took the contact comes first: of several, that one is named.
    first = (agent for agent in shown if took(contact, agent))
    agents = {agent.id: agent for agent in (*first, *roster.agents, *shown)}
    yield from evidence_findings(contact, clock, tuple(agents.values()), roster)


def _roster_against(contact: Contact, taker: Agent) -> Iterator[Finding]:
    for reason in against_the_roster(contact, taker):
        message = f"{visible(taker.name)} took the contact, although by the roster {reason}"
        yield Finding("RI620", message, "the routing profile may have been another one then", "roster")


def _unknowns(
    contact: Contact,
    clock: Timeline,
    path: Path,
    steps: tuple[StepExplanation, ...],
    explained: tuple[AgentExplanation, ...],
) -> Iterator[Unknown]:
    yield from _unknown_criteria(contact, clock)
    yield from _unknown_route(contact, clock, path)
    if clock.phases:
        yield from _unknown_agents(contact, steps, explained)
    for number in sorted({limit.step for one in explained for limit in one.limits}):
        yield Unknown(f"what it would take to match step {number}", "asking about a part of the expression")
    if path.kind in {"matched-step", "fallback"} and _others(path, steps):
        yield Unknown("why this agent of all who could", "nothing on record")


def _others(path: Path, steps: tuple[StepExplanation, ...]) -> bool:
    """Say whether anybody but the agent who took the contact is known to match, or may."""
    if path.step is None:
        return True
    joined = steps[path.step - 1]
    return any(agent_id != path.agent_id for agent_id in (*joined.matching, *joined.unknown))


def _unknown_route(contact: Contact, clock: Timeline, path: Path) -> Iterator[Unknown]:
    started = any(phase.outcome != "not-reached" for phase in clock.phases)
    unclear = contact.queue_id is not None and contact.queue_type is None and not in_agent_queue(contact)
    if unclear and clock.phases and not started:
        yield Unknown("whether the queue is an agent's own, where no step runs", "DescribeQueue")
    ended = any(phase.outcome == "deactivated" for phase in clock.phases)
    if path.kind == "abandoned" and contact.disconnect_reason is None and not ended:
        yield Unknown(
            "whether it went on as another contact", "ListAssociatedContacts, or the contact record"
        )


def _unknown_criteria(contact: Contact, clock: Timeline) -> Iterator[Unknown]:
    for phase in clock.phases:
        for condition in conditions(phase.step.expression):
            if isinstance(unnegated(condition), Opaque):
                question = f"whom {unparse(condition)} lets in (step {phase.number})"
                yield Unknown(question, "a later version of this library, or the service's documentation")
    criteria = contact.criteria or Criteria()
    if criteria.reference is not None:
        question = f"what `{visible(criteria.reference)}` stands for"
        yield Unknown(question, "the Lambda's reply, or the contact record")
    if criteria.index is not None and criteria.index > len(contact.earlier):
        yield Unknown("which criteria this one replaced", "the contact record, or the contact's events")


def _unknown_agents(
    contact: Contact, steps: tuple[StepExplanation, ...], explained: tuple[AgentExplanation, ...]
) -> Iterator[Unknown]:
    if not any(step.matching or step.not_matching or step.unknown for step in steps):
        yield Unknown("whom each step lets in", "a roster (--roster FILE)")
    blind = [one.agent for one in explained if one.agent.proficiencies is None and not one.agent.told]
    if blind:
        answer = "a roster that has them, or ListUserProficiencies"
        yield Unknown(f"which proficiencies {_who(blind)} had", answer)
    unrouted = [one.agent for one in explained if _queue_is_open(one)]
    if unrouted and contact.queue_id is None and contact.queue_name is None:
        yield Unknown("into which queue the contact goes", "the flow, or the contact once it is queued")
    elif unrouted:
        question = f"whether the queue is in the routing profile of {_who(unrouted)}"
        yield Unknown(question, "queues in the roster, or DescribeUser and ListRoutingProfileQueues")
    if any(one.as_of is None and one.agent.proficiencies is not None for one in explained):
        yield Unknown("of what time the proficiencies are", "an `as_of` in the roster")
    if _presence_is_open(steps, explained):
        yield Unknown("who was free while each step ran", "the agent event stream")


def _presence_is_open(steps: tuple[StepExplanation, ...], explained: tuple[AgentExplanation, ...]) -> bool:
    """Say whether somebody's presence on a step that ran is open; one gate that says no settles it."""
    ran = {step.phase.number for step in steps if step.phase.outcome not in NOT_STARTED}
    put = (step for one in explained for step in one.steps if step.number in ran)
    return any(presence(step) is Verdict.UNKNOWN for step in put)


def _queue_is_open(explained: AgentExplanation) -> bool:
    gates = (gate for step in explained.steps for gate in step.gates if gate.gate == "queue")
    return any(gate.verdict is Verdict.UNKNOWN for gate in gates)


def _who(agents: Sequence[Agent]) -> str:
    return visible(agents[0].name) if len(agents) == 1 else f"{len(agents)} agents"
