"""
Which route a contact took, from the statuses of its steps and what else its document says.

A sentence is the whole answer for somebody who reads nothing else, and claims no more than
the document shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from routing_inspect.contact import Contact, Criteria
from routing_inspect.evaluate import Verdict
from routing_inspect.explanation import Path, StepExplanation
from routing_inspect.timeline import (
    NOT_STARTED,
    TOLERANCE,
    Phase,
    Timeline,
    in_agent_queue,
    is_fresh,
    moved_on,
    seconds_text,
    taker_id,
)
from routing_inspect.visible import visible
from routing_inspect.wire import time_text
from routing_inspect.words import counted, joined


def find_path(
    contact: Contact,
    timeline: Timeline,
    *,
    agent_name: str,
    joined: Verdict,
    steps: Sequence[StepExplanation] = (),
) -> Path:
    """
    Say which route the contact took.

    Args:
        contact: What the document says.
        timeline: Its criteria on the clock.
        agent_name: What to call the agent who took it.
        joined: Whether that agent satisfies the step that was joined, by the facts given.
        steps: Whom each step lets in, where all are known who might have taken it: of a contact that
            nobody got, that is the reason most of the time.
    """
    criteria, name = contact.criteria, visible(agent_name)
    if contact.failed_block is not None and (criteria is None or not criteria.steps):
        return _failed_block(contact, contact.failed_block)
    if criteria is None or (not criteria.steps and criteria.reference is None):
        return _no_criteria(contact, timeline, name)
    if criteria.reference is not None:
        return _reference(contact, name, criteria.reference)
    problems = _problems(contact, timeline)
    if problems:
        return _undetermined(contact, name, problems[0], *problems)
    if in_agent_queue(contact):
        return _agent_queue(contact, timeline, name)
    path = _by_statuses(contact, timeline, name, joined, _Population(tuple(steps)))
    times = _odd_times(timeline)
    if times and path.kind in {"fallback", "waiting", "abandoned", "transferred"}:
        # Only a join says by itself how the contact came to its agent.
        return _undetermined(contact, name, times[0], *times, *path.evidence)
    return path


def _by_statuses(
    contact: Contact, timeline: Timeline, name: str, joined: Verdict, known: _Population
) -> Path:
    current = timeline.current
    if current is not None and current.outcome == "joined":
        return _joined(contact, timeline, current, name, joined)
    if current is not None:
        return _on_step(contact, timeline, current, name, known)
    if timeline.all_expired:
        return _after_last_step(contact, timeline, name, known)
    if any(phase.outcome == "expired" for phase in timeline.phases):
        return _between_steps(contact, timeline, name, known)
    return _not_started(contact, timeline, name)


def _problems(contact: Contact, timeline: Timeline) -> tuple[str, ...]:
    """Give what makes the statuses useless as evidence."""
    # A join settles the route, whatever an undocumented status elsewhere may mean.
    fatal = {"RI501", "RI514"} if _is_joined(timeline) else {"RI501", "RI502", "RI512", "RI514"}
    found = [sentence for finding, sentence in timeline.conflicts if finding in fatal]
    started = [phase for phase in timeline.phases if phase.outcome not in NOT_STARTED]
    if started and in_agent_queue(contact):
        first = f"step {started[0].number} has the status {visible(str(started[0].step.status))}"
        found.append(f"the queue is an agent's own, where no step starts, but {first}")
    return tuple(found)


def _odd_times(timeline: Timeline) -> tuple[str, ...]:
    return tuple(sentence for finding, sentence in timeline.conflicts if finding == "RI511")


def _is_joined(timeline: Timeline) -> bool:
    return timeline.current is not None and timeline.current.outcome == "joined"


def _undetermined(contact: Contact, name: str, why: str, *evidence: str) -> Path:
    """Say first what is certain of a contact whose route is not."""
    taken = taker_id(contact) is not None or contact.connected_at is not None
    ended = _after(contact, contact.disconnected_at)
    if taken:
        certain, open_ = f"{name} got this contact{_after(contact, contact.connected_at)}", "by what route"
    elif contact.agent_id is not None:
        named = f"the document names {name}, but no time of connection"
        certain, open_, why = "Whether anybody got this contact cannot be told", "", f"{named}, and {why}"
    elif moved_on(contact):
        certain, open_ = (
            f"Nobody got this contact here: it was transferred{ended}{_onward(contact)}",
            "from where",
        )
    elif contact.disconnected_at is not None:
        certain, open_ = f"Nobody got this contact: it ended{ended}{_reason(contact)}", "on which step"
    else:
        certain, open_ = f"Nobody had this contact {_when_made(contact)}", "on which step it waited"
    sentence = f"{certain}; {open_} cannot be told: {why}." if open_ else f"{certain}: {why}."
    return Path(kind="undetermined", sentence=sentence, agent_id=taker_id(contact), evidence=evidence)


# ---------------------------------------------------------------------------- nothing ran


def _failed_block(contact: Contact, failed: str) -> Path:
    sentence = "The flow block that should have set this contact's routing criteria failed and set none."
    evidence = [f"the flow log says `{visible(failed)}`"]
    if contact.criteria is not None and contact.criteria.reference is not None:
        evidence.append(f"the block was given `{visible(contact.criteria.reference)}`")
    return Path(kind="no-criteria", sentence=sentence, agent_id=taker_id(contact), evidence=tuple(evidence))


def _no_criteria(contact: Contact, timeline: Timeline, name: str) -> Path:
    lack = "no routing criteria" if contact.criteria is None else "a routing criteria without steps"
    after = _after(contact, contact.connected_at)
    yet, waits = _nobody_yet(contact, timeline)
    if contact.id is None:
        sentence = f"This document has {lack}."
    elif contact.connected_at is not None and in_agent_queue(contact):
        sentence = f"{name} got this contact from an agent's own queue{after}; it has {lack}."
    elif contact.connected_at is not None and contact.enqueued_at is not None:
        sentence = f"{name} got this contact{after}; it has {lack}, so any agent in its queue could."
    elif contact.connected_at is not None:
        sentence = f"{name} got this contact, which has {lack} and shows no queue."
    elif moved_on(contact):
        sentence = f"Nobody got this contact here: it has {lack}, and was transferred{_onward(contact)}."
    elif contact.disconnected_at is not None:
        ended = _after(contact, contact.disconnected_at)
        sentence = f"Nobody got this contact: it ended{ended}, and has {lack}."
    elif contact.enqueued_at is not None:
        sentence = f"{yet}: it has {lack}, so it {waits} for any agent in its queue."
    else:
        sentence = f"This contact has {lack}, and shows no queue."
    return Path(
        kind="no-criteria",
        sentence=sentence,
        agent_id=taker_id(contact),
        evidence=(f"the {contact.source} has {lack}", *_times(contact)),
    )


def _reference(contact: Contact, name: str, reference: str) -> Path:
    evidence = f"the criteria is `{visible(reference)}`, which the flow fills in when it runs"
    if contact.id is None:
        sentence = "This criteria has not run: it is a reference that only a running flow fills in."
        return Path(kind="not-queued", sentence=sentence, evidence=(evidence,))
    return _undetermined(contact, name, "its document shows a reference in place of steps", evidence)


def _agent_queue(contact: Contact, timeline: Timeline, name: str) -> Path:
    own = f"{name}'s" if contact.queue_id == contact.agent_id else "an agent's"
    if contact.connected_at is not None:
        said = f"{name} got this contact from {own} own queue{_after(contact, contact.connected_at)}"
    elif contact.disconnected_at is not None:
        after = _after(contact, contact.disconnected_at)
        said = f"Nobody got this contact: it ended in {own} own queue{after}"
    else:
        yet, waits = _nobody_yet(contact, timeline)
        said = f"{yet}: it {waits} in {own} own queue"
    evidence = "the queue is an agent's own: routing criteria have no effect there"
    if contact.queue_type is None:
        evidence = (
            "the queue's id is the agent's own id, and no step started (inferred: an agent's own queue)"
        )
    return Path(
        kind="agent-queue",
        sentence=f"{said}; routing criteria never run there.",
        agent_id=taker_id(contact),
        evidence=(evidence, *_times(contact)),
    )


def _not_started(contact: Contact, timeline: Timeline, name: str) -> Path:
    if contact.id is None:
        sentence = "This criteria has not run: it is given without a contact."
        return Path(kind="not-queued", sentence=sentence, evidence=("no step has a status",))
    evidence = ("no step is shown to have started", *_times(contact))
    if contact.enqueued_at is None and contact.queue_id is None:
        return _never_queued(contact, timeline, name, evidence)
    if contact.connected_at is not None:
        own = "an agent's own queue would explain it"
        return _undetermined(contact, name, "no step is shown to have started", *evidence, own)
    if moved_on(contact) or contact.disconnected_at is not None:
        return _left(contact, "before any step is shown to have started", None, evidence)
    yet, _ = _nobody_yet(contact, timeline)
    started = "no step had started" if timeline.now is None else "no step has started"
    sentence = f"{yet}: {_waiting_since(contact, timeline)}{started}."
    return Path(kind="waiting", sentence=sentence, evidence=evidence)


def _never_queued(contact: Contact, timeline: Timeline, name: str, evidence: tuple[str, ...]) -> Path:
    activated = _activation_evidence(contact)
    if activated:
        why = f"the document shows no queue, but {activated[0]}"
        return _undetermined(contact, name, why, *evidence, *activated)
    if contact.connected_at is not None:
        sentence = f"{name} got this contact past any queue, so its routing criteria never ran."
    elif contact.disconnected_at is not None or moved_on(contact):
        sentence = "This contact ended before it was put into a queue, so its routing criteria never ran."
    elif timeline.now is None:
        sentence = (
            f"This contact was in no queue {_when_made(contact)}, so its routing criteria had not started."
        )
    else:
        sentence = "This contact is not in a queue yet, so its routing criteria has not started."
    return Path(
        kind="not-queued",
        sentence=sentence,
        agent_id=taker_id(contact),
        evidence=(*evidence, "the document shows no queue and no time of queueing"),
    )


def _activation_evidence(contact: Contact) -> tuple[str, ...]:
    """Say what shows that a criteria was activated, as it is once its contact is put into a queue."""
    criteria = contact.criteria or Criteria()
    found = []
    if criteria.activated_at is not None:
        at = time_text(criteria.activated_at)
        found.append(f"the criteria was activated at {at}, which a queue does")
    if criteria.index:
        others = f"{criteria.index} other{'s' if criteria.index > 1 else ''}"
        found.append(f"the criteria replaced {others}, so the contact may have waited in a queue")
    return tuple(found)


# ---------------------------------------------------------------------------- a step holds the contact


def _on_step(contact: Contact, timeline: Timeline, phase: Phase, name: str, known: _Population) -> Path:
    place = _place(timeline, phase.number)
    evidence = (*_status_evidence(contact, timeline), *_times(contact))
    if phase.outcome == "interrupted" and not moved_on(contact):
        return _interrupted(contact, place, name, evidence)
    if contact.connected_at is not None:
        why = f"{place} is shown as {phase.step.status}, not as JOINED"
        return _undetermined(contact, name, why, *evidence)
    if phase.outcome == "active" and contact.disconnected_at is None and not moved_on(contact):
        return _waiting(contact, timeline, phase, evidence, known)
    return _left(contact, f"on {place}", phase.number, evidence, known.of_step(phase, tells_expiry=True))


def _joined(contact: Contact, timeline: Timeline, phase: Phase, name: str, joined: Verdict) -> Path:
    # Of times that cannot be, none is told as if it were so.
    after = "" if _odd_times(timeline) else _after(contact, contact.connected_at)
    start = f"got this contact on {_place(timeline, phase.number)}{after}"
    evidence = [*_status_evidence(contact, timeline), *_times(contact)]
    before, step, kind = _expired_before(timeline, phase.number), f"step {phase.number}", "matched-step"
    if contact.agent_id is None:
        sentence = f"An agent {start}; the document does not say who."
    elif joined is Verdict.NO_MATCH:
        kind = "contradiction"
        evidence.append(f"{name} does not satisfy {step} by the facts given")
        sentence = f"{name} {start}, but does not satisfy it by the facts given."
    elif joined is Verdict.MATCH:
        evidence.append(f"{name} satisfies {step}")
        sentence = f"{name} {start}: {before}{name} satisfies {step if before else 'it'}."
    else:
        sentence = f"{name} {start}: {before}whether {name} satisfies {step} cannot be told."
    return Path(
        kind=kind,
        sentence=sentence,
        step=phase.number,
        agent_id=contact.agent_id,
        evidence=tuple(evidence),
    )


def _interrupted(contact: Contact, place: str, name: str, evidence: tuple[str, ...]) -> Path:
    replaced = f"its criteria was replaced during {place}"
    if contact.connected_at is None and contact.disconnected_at is not None:
        ended = _after(contact, contact.disconnected_at)
        sentence = f"Nobody got this contact: it ended{ended}, after {replaced} by another, not shown."
        return Path(kind="abandoned", sentence=sentence, evidence=evidence)
    return _undetermined(contact, name, f"{replaced} by another, not shown", *evidence)


def _waiting(
    contact: Contact, timeline: Timeline, phase: Phase, evidence: tuple[str, ...], known: _Population
) -> Path:
    if contact.agent_id is not None:
        evidence = (*evidence, "the document names an agent, but no time of connection: the contact may ring")
    if phase.expires_at is None or timeline.now is None or timeline.now < phase.expires_at:
        sentence = _still_waiting(contact, timeline, phase, known)
    elif is_fresh(contact, timeline.now):
        # What the service says now outweighs what a clock of another machine makes of it.
        ago = seconds_text(timeline.now - phase.expires_at)
        sentence = (
            f"Nobody has this contact yet: it waits on {_place(timeline, phase.number)}, "
            f"though by this machine's clock the timer ran out {ago} ago{known.of_step(phase)}."
        )
        evidence = (*evidence, "the service was asked just now: its clock and this machine's may differ")
    else:
        sentence = _overtaken(timeline, phase)
    return Path(kind="waiting", sentence=sentence, step=phase.number, evidence=evidence)


def _still_waiting(contact: Contact, timeline: Timeline, phase: Phase, known: _Population) -> str:
    yet, waits = _nobody_yet(contact, timeline)
    start = f"{yet}: {_waiting_since(contact, timeline)}it {waits} on {_place(timeline, phase.number)}"
    why = known.of_step(phase)
    if phase.step.never_expires:
        return f"{start}, which never expires{why}."
    if phase.expires_at is None:
        return f"{start}{why}."
    last = phase.number == len(timeline.phases)
    following = "any agent in the queue may take it" if last else f"step {phase.number + 1} starts"
    started = phase.started_at is None or timeline.now is None or phase.started_at - timeline.now <= TOLERANCE
    if timeline.now is None or not started:
        return f"{start} until {time_text(phase.expires_at)}; then {following}{why}."
    return f"{start} for {seconds_text(phase.expires_at - timeline.now)} more; then {following}{why}."


def _overtaken(timeline: Timeline, phase: Phase) -> str:
    """Say what holds by the clock where the document is older than the active step's timer."""
    if timeline.now is None or phase.expires_at is None:
        raise AssertionError
    place = _place(timeline, phase.number)
    ago = seconds_text(timeline.now - phase.expires_at)
    start = f"Nobody had this contact when its document was made; by the clock {place} expired {ago} ago"
    running = timeline.step_at(timeline.now)
    unless = "unless somebody has taken it since"
    if running is None:
        return f"{start} and any agent in the queue may take it, {unless}."
    if running.expires_at is None:
        return f"{start} and step {running.number}, which never expires, runs now, {unless}."
    left = seconds_text(running.expires_at - timeline.now)
    return f"{start} and step {running.number} runs for {left} more, {unless}."


# ---------------------------------------------------------------------------- no step holds it any more


def _after_last_step(contact: Contact, timeline: Timeline, name: str, known: _Population) -> Path:
    steps = _all_steps(timeline)
    evidence = (*_status_evidence(contact, timeline), *_times(contact))
    if contact.connected_at is not None:
        after = _after(contact, contact.connected_at)
        could = f"{steps} had expired, so any agent in the queue could"
        sentence = f"{name} got this contact by fallback{after}: {could}{known.of_all()}."
        return Path(kind="fallback", sentence=sentence, agent_id=contact.agent_id, evidence=evidence)
    if contact.disconnected_at is not None or moved_on(contact):
        return _left(contact, f"when {steps} had expired", None, evidence, known.of_all())
    if contact.agent_id is not None:
        return _undetermined(contact, name, f"{steps} expired", *evidence)
    ended_at, now = timeline.phases[-1].ended_at, timeline.now
    if now is None or (ended_at is not None and ended_at - now > TOLERANCE):
        made = f"Nobody had this contact {_when_made(contact)}"
        sentence = f"{made}: {steps} had expired, so any agent in the queue could take it{known.of_all()}."
        return Path(kind="waiting", sentence=sentence, evidence=evidence)
    ago = "" if ended_at is None or now < ended_at else f" {seconds_text(now - ended_at)} ago"
    last = f"the last of {steps}" if len(timeline.phases) > 1 else steps
    waits = f"{_waiting_since(contact, timeline)}{last} has expired{ago}"
    sentence = f"Nobody has this contact yet: {waits}, so any agent in the queue may take it{known.of_all()}."
    return Path(kind="waiting", sentence=sentence, evidence=evidence)


def _between_steps(contact: Contact, timeline: Timeline, name: str, known: _Population) -> Path:
    """Some steps expired, the rest INACTIVE: how a document without DEACTIVATED may show an end."""
    expired = sum(phase.outcome == "expired" for phase in timeline.phases)
    evidence = (*_status_evidence(contact, timeline), *_times(contact))
    if contact.connected_at is not None:
        why = f"no step is JOINED and only {expired} of {len(timeline.phases)} expired"
        return _undetermined(contact, name, why, *evidence)
    ended_at = contact.disconnected_at
    running = None if ended_at is None else timeline.step_at(ended_at)
    which = "step 1" if expired == 1 else f"steps 1 to {expired}"
    if running is None or running.number != expired + 1:
        return _left(contact, f"when {which} of {len(timeline.phases)} had expired", None, evidence)
    inferred = f"by the clock step {running.number} ran when the contact ended (inferred)"
    why = known.of_step(running, tells_expiry=True)
    return _left(
        contact, f"on {_place(timeline, running.number)}", running.number, (*evidence, inferred), why
    )


def _left(contact: Contact, when: str, step: int | None, evidence: tuple[str, ...], why: str = "") -> Path:
    """Say how a contact left without a join: transferred on, or abandoned; *why* ends the sentence."""
    after = _after(contact, contact.disconnected_at)
    if moved_on(contact):
        how = f"it was transferred {when}{after}{_onward(contact)}"
        return Path(
            kind="transferred",
            sentence=f"Nobody got this contact here: {how}{why}.",
            evidence=(*evidence, "the document says that the contact was transferred"),
        )
    return Path(
        kind="abandoned",
        sentence=f"Nobody got this contact: it ended {when}{after}{_reason(contact)}{why}.",
        step=step,
        evidence=(*evidence, "the document shows no connection to an agent, and no transfer"),
    )


# ---------------------------------------------------------------------------- who was there


@frozen
class _Population:
    """
    Whom the steps of a criteria let in, in the words that end a sentence about a contact nobody got.

    Attributes:
        steps: Empty where it is not known who there is.
    """

    steps: tuple[StepExplanation, ...]

    def of_step(self, phase: Phase, *, tells_expiry: bool = False) -> str:
        """Say how many satisfy the step that held a contact, and where nobody does, any before it."""
        if not self._size:
            return ""
        this, number = self.steps[phase.number - 1], phase.number
        it = "it" if len(self.steps) == 1 else f"step {number}"
        if this.matching:
            return f"; {self._some(len(this.matching), it)}{_stopped(this)}"
        never = ", which never expires" if tells_expiry and phase.step.never_expires else ""
        if this.unknown:
            return f"; {self._nobody('is known to satisfy', 'is not known to satisfy', it)}{never}"
        before = self.steps[: number - 1]
        if before and not never and not any(step.matching or step.unknown for step in before):
            it = f"step {joined([str(n) for n in range(1, number + 1)]).replace(' and ', ' or ')}"
        return f"; {self._nobody('satisfies', 'does not satisfy', it)}{never}"

    def of_all(self) -> str:
        """Say how many satisfy any of the steps, all of which expired."""
        if not self._size:
            return ""
        it = {1: "it", 2: "either"}.get(len(self.steps), "any of them")
        match = {agent_id for step in self.steps for agent_id in step.matching}
        if match:
            return f"; {self._some(len(match), it)}"
        if any(step.unknown for step in self.steps):
            return f"; {self._nobody('is known to satisfy', 'is not known to satisfy', it)}"
        return f"; {self._nobody('satisfies', 'does not satisfy', it)}"

    @property
    def _size(self) -> int:
        of_one = self.steps[:1]
        return sum(len(step.matching) + len(step.not_matching) + len(step.unknown) for step in of_one)

    def _some(self, count: int, it: str) -> str:
        return f"{count} of {counted(self._size, 'agent')} {'satisfies' if count == 1 else 'satisfy'} {it}"

    def _nobody(self, verb: str, alone: str, it: str) -> str:
        if self._size == 1:
            return f"the only agent known {alone} {it}"
        return f"nobody of {self._size} agents {verb} {it}"


def _stopped(step: StepExplanation) -> str:
    """Say what kept those out whom a step's expression lets in."""
    stopped = [step.stopped[agent_id] for agent_id in step.matching if agent_id in step.stopped]
    if not stopped:
        return ""
    gates = joined(list(dict.fromkeys(gate for gates in stopped for gate in gates)))
    whole = {1: ""}.get(len(step.matching), "all ")
    who = whole if len(stopped) == len(step.matching) else f"{len(stopped)} of them "
    return f", {who}stopped by {gates}"


# ---------------------------------------------------------------------------- words


def _place(timeline: Timeline, number: int) -> str:
    count = len(timeline.phases)
    return "its only step" if count == 1 else f"step {number} of {count}"


def _all_steps(timeline: Timeline) -> str:
    count = len(timeline.phases)
    return {1: "its only step", 2: "both steps"}.get(count, f"all {count} steps")


def _expired_before(timeline: Timeline, number: int) -> str:
    """Say that the earlier steps had expired, where every one of them is known to have."""
    earlier = timeline.phases[: number - 1]
    odd = any(finding == "RI512" for finding, _ in timeline.conflicts)
    if not earlier or odd or any(phase.outcome != "expired" for phase in earlier):
        return ""
    steps = {2: "step 1", 3: "steps 1 and 2"}.get(number, f"steps 1 to {number - 1}")
    return f"{steps} had expired, and "


def _onward(contact: Contact) -> str:
    return f", and went on as {visible(contact.next_ids[0])}" if contact.next_ids else ""


def _after(contact: Contact, time: datetime | None) -> str:
    """Say how long after queueing something happened; nothing where that cannot be told."""
    if time is None or contact.enqueued_at is None or time < contact.enqueued_at:
        return ""
    return f", {seconds_text(time - contact.enqueued_at)} after it was queued"


def _reason(contact: Contact) -> str:
    return f" ({visible(contact.disconnect_reason)})" if contact.disconnect_reason else ""


def _when_made(contact: Contact) -> str:
    """Say of when a document is that nobody holds against a clock."""
    if contact.last_updated_at is None:
        return "when its document was made"
    return f"when it was last updated, at {time_text(contact.last_updated_at)}"


def _nobody_yet(contact: Contact, timeline: Timeline) -> tuple[str, str]:
    """Begin a sentence about a contact that waits, with the verb in its tense: of now, or of its document."""
    if timeline.now is None:
        return f"Nobody had this contact {_when_made(contact)}", "waited"
    return "Nobody has this contact yet", "waits"


def _waiting_since(contact: Contact, timeline: Timeline) -> str:
    now, queued_at = timeline.now, contact.enqueued_at
    if now is None or queued_at is None or now < queued_at:
        return ""
    return f"{seconds_text(now - queued_at)} after it was queued "


def _status_evidence(contact: Contact, timeline: Timeline) -> tuple[str, ...]:
    """Say what the statuses are, and what the criteria replaced."""
    statuses = ", ".join(f"step {p.number} {visible(str(p.step.status))}" for p in timeline.phases)
    criteria = contact.criteria or Criteria()
    if not criteria.index:
        return (f"statuses: {statuses}",)
    replaced = f"this criteria replaced {criteria.index} other{'s' if criteria.index > 1 else ''}"
    at = "" if timeline.activated_at is None else _after(contact, timeline.activated_at)
    return f"statuses: {statuses}", f"{replaced}{at}"


def _times(contact: Contact) -> tuple[str, ...]:
    """Give the times that the contact's document records."""
    times = (
        ("queued", contact.enqueued_at),
        ("connected to an agent", contact.connected_at),
        ("ended", contact.disconnected_at),
    )
    return tuple(f"{what} at {time_text(time)}" for what, time in times if time is not None)
