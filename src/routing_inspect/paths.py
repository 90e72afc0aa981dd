"""
Which route a contact took, from the statuses of its steps and what else its document says.

A sentence is the whole answer for somebody who reads nothing else, and claims no more than
the document shows.
"""

from __future__ import annotations

from datetime import datetime

from routing_inspect.contact import Contact, Criteria
from routing_inspect.evaluate import Verdict
from routing_inspect.explanation import Path
from routing_inspect.timeline import (
    NOT_STARTED,
    TOLERANCE,
    Phase,
    Timeline,
    in_agent_queue,
    moved_on,
    seconds_text,
    taker_id,
)
from routing_inspect.visible import visible
from routing_inspect.wire import time_text


def find_path(contact: Contact, timeline: Timeline, *, agent_name: str, joined: Verdict) -> Path:
    """
    Say which route the contact took.

    Args:
        contact: What the document says.
        timeline: Its criteria on the clock.
        agent_name: What to call the agent who took it.
        joined: Whether that agent satisfies the step that was joined, by the facts given.
    """
    criteria, name = contact.criteria, visible(agent_name)
    if contact.failed_block is not None and (criteria is None or not criteria.steps):
        return _failed_block(contact, contact.failed_block)
    if criteria is None or (not criteria.steps and criteria.reference is None):
        return _no_criteria(contact, name)
    if criteria.reference is not None:
        return _reference(contact, criteria.reference)
    problems = _problems(contact, timeline)
    if problems:
        sentence = "The route of this contact cannot be told: what its document says of the steps cannot be."
        return _undetermined(contact, sentence, *problems)
    if in_agent_queue(contact):
        return _agent_queue(contact, name)
    path = _by_statuses(contact, timeline, name, joined)
    times = _odd_times(timeline)
    if times and path.kind in {"fallback", "waiting", "abandoned", "transferred"}:
        # Only a join says by itself how the contact came to its agent.
        sentence = "The route of this contact cannot be told: the times in its document cannot be."
        return _undetermined(contact, sentence, *times, *path.evidence)
    return path


def _by_statuses(contact: Contact, timeline: Timeline, name: str, joined: Verdict) -> Path:
    if timeline.current is not None:
        return _on_step(contact, timeline, timeline.current, name, joined)
    if timeline.all_expired:
        return _after_last_step(contact, timeline, name)
    if any(phase.outcome == "expired" for phase in timeline.phases):
        return _between_steps(contact, timeline, name)
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


def _undetermined(contact: Contact, sentence: str, *evidence: str) -> Path:
    return Path(kind="undetermined", sentence=sentence, agent_id=taker_id(contact), evidence=evidence)


def _unexplained(contact: Contact, name: str, but: str, *evidence: str) -> Path:
    """An agent was connected, and nothing shows on what route."""
    who = "an agent" if contact.agent_id is None else name
    got = f"{who} got it{_after(contact, contact.connected_at)}"
    return _undetermined(contact, f"The route of this contact cannot be told: {got}, {but}.", *evidence)


# ---------------------------------------------------------------------------- nothing ran


def _failed_block(contact: Contact, failed: str) -> Path:
    sentence = "The flow block that should have set this contact's routing criteria failed and set none."
    evidence = [f"the flow log says `{visible(failed)}`"]
    if contact.criteria is not None and contact.criteria.reference is not None:
        evidence.append(f"the block was given `{visible(contact.criteria.reference)}`")
    return Path(kind="no-criteria", sentence=sentence, agent_id=taker_id(contact), evidence=tuple(evidence))


def _no_criteria(contact: Contact, name: str) -> Path:
    lack = "no routing criteria" if contact.criteria is None else "a routing criteria without steps"
    after = _after(contact, contact.connected_at)
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
        sentence = f"Nobody has this contact yet: it has {lack}, so it waits for any agent in its queue."
    else:
        sentence = f"This contact has {lack}, and shows no queue."
    return Path(
        kind="no-criteria",
        sentence=sentence,
        agent_id=taker_id(contact),
        evidence=(f"the {contact.source} has {lack}", *_times(contact)),
    )


def _reference(contact: Contact, reference: str) -> Path:
    evidence = f"the criteria is `{visible(reference)}`, which the flow fills in when it runs"
    if contact.id is None:
        sentence = "This criteria has not run: it is a reference that only a running flow fills in."
        return Path(kind="not-queued", sentence=sentence, evidence=(evidence,))
    sentence = "The route of this contact cannot be told: its document shows a reference in place of steps."
    return _undetermined(contact, sentence, evidence)


def _agent_queue(contact: Contact, name: str) -> Path:
    own = f"{name}'s" if contact.queue_id == contact.agent_id else "an agent's"
    if contact.connected_at is not None:
        said = f"{name} got this contact from {own} own queue{_after(contact, contact.connected_at)}"
    elif contact.disconnected_at is not None:
        after = _after(contact, contact.disconnected_at)
        said = f"Nobody got this contact: it ended in {own} own queue{after}"
    else:
        said = f"Nobody has this contact yet: it is in {own} own queue"
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
        return _never_queued(contact, name, evidence)
    if contact.connected_at is not None:
        but = "but no step is shown to have started"
        return _unexplained(contact, name, but, *evidence, "an agent's own queue would explain it")
    if moved_on(contact) or contact.disconnected_at is not None:
        return _left(contact, "before any step is shown to have started", None, evidence)
    sentence = f"Nobody has this contact yet: {_waiting_since(contact, timeline)}no step has started."
    return Path(kind="waiting", sentence=sentence, evidence=evidence)


def _never_queued(contact: Contact, name: str, evidence: tuple[str, ...]) -> Path:
    over = contact.disconnected_at is not None or moved_on(contact)
    if contact.connected_at is not None:
        sentence = f"{name} got this contact past any queue, so its routing criteria never ran."
    elif over:
        sentence = "This contact ended before it was put into a queue, so its routing criteria never ran."
    else:
        sentence = "This contact is not in a queue yet, so its routing criteria has not started."
    return Path(
        kind="not-queued",
        sentence=sentence,
        agent_id=taker_id(contact),
        evidence=(*evidence, "the document shows no queue and no time of queueing"),
    )


# ---------------------------------------------------------------------------- a step holds the contact


def _on_step(contact: Contact, timeline: Timeline, phase: Phase, name: str, joined: Verdict) -> Path:
    place = _place(timeline, phase.number)
    evidence = (*_status_evidence(contact, timeline), *_times(contact))
    if phase.outcome == "joined":
        return _joined(contact, timeline, phase, name, joined)
    if phase.outcome == "interrupted" and not moved_on(contact):
        return _interrupted(contact, place, name, evidence)
    if contact.connected_at is not None:
        but = f"but {place} is shown as {phase.step.status}, not as JOINED"
        return _unexplained(contact, name, but, *evidence)
    if phase.outcome == "active" and contact.disconnected_at is None and not moved_on(contact):
        return _waiting(contact, timeline, phase, evidence)
    return _left(contact, f"on {place}", phase.number, evidence)


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
        evidence.append(f"{name} does not satisfy {step} by the proficiencies given")
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
    if contact.connected_at is not None:
        return _unexplained(contact, name, f"but {replaced} by another, not shown", *evidence)
    sentence = f"The route of this contact cannot be told: {replaced} by another, not shown."
    return _undetermined(contact, sentence, *evidence)


def _waiting(contact: Contact, timeline: Timeline, phase: Phase, evidence: tuple[str, ...]) -> Path:
    ran_out = phase.expires_at is not None and timeline.now is not None and timeline.now >= phase.expires_at
    if contact.agent_id is not None:
        evidence = (*evidence, "the document names an agent, but no time of connection: the contact may ring")
    return Path(
        kind="waiting",
        sentence=_overtaken(timeline, phase) if ran_out else _still_waiting(contact, timeline, phase),
        step=phase.number,
        evidence=evidence,
    )


def _still_waiting(contact: Contact, timeline: Timeline, phase: Phase) -> str:
    start = f"Nobody has this contact yet: {_waiting_since(contact, timeline)}it waits"
    place = _place(timeline, phase.number)
    if phase.step.expires_after is None:
        return f"{start} on {place}, which never expires."
    if phase.expires_at is None:
        return f"{start} on {place}."
    last = phase.number == len(timeline.phases)
    following = "any agent in the queue may take it" if last else f"step {phase.number + 1} starts"
    started = phase.started_at is None or timeline.now is None or phase.started_at - timeline.now <= TOLERANCE
    if timeline.now is None or not started:
        return f"{start} on {place} until {time_text(phase.expires_at)}; then {following}."
    return f"{start} on {place} for {seconds_text(phase.expires_at - timeline.now)} more; then {following}."


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


def _after_last_step(contact: Contact, timeline: Timeline, name: str) -> Path:
    steps = _all_steps(timeline)
    evidence = (*_status_evidence(contact, timeline), *_times(contact))
    if contact.connected_at is not None:
        after = _after(contact, contact.connected_at)
        could = f"{steps} had expired, so any agent in the queue could"
        sentence = f"{name} got this contact by fallback{after}: {could}."
        return Path(kind="fallback", sentence=sentence, agent_id=contact.agent_id, evidence=evidence)
    if contact.disconnected_at is not None or moved_on(contact):
        return _left(contact, f"when {steps} had expired", None, evidence)
    if contact.agent_id is not None:
        named = f"the document names {name}, but no time of connection"
        sentence = f"Whether anybody got this contact cannot be told: {steps} expired, and {named}."
        return _undetermined(contact, sentence, *evidence)
    ended_at, now = timeline.phases[-1].ended_at, timeline.now
    ago = "" if ended_at is None or now is None or now < ended_at else f" {seconds_text(now - ended_at)} ago"
    if ended_at is not None and now is not None and ended_at - now > TOLERANCE:
        sentence = (
            f"Nobody had this contact when its document was made: {steps} had expired, "
            "so any agent in the queue could take it."
        )
        return Path(kind="waiting", sentence=sentence, evidence=evidence)
    last = f"the last of {steps}" if len(timeline.phases) > 1 else steps
    waits = f"{_waiting_since(contact, timeline)}{last} has expired{ago}"
    sentence = f"Nobody has this contact yet: {waits}, so any agent in the queue may take it."
    return Path(kind="waiting", sentence=sentence, evidence=evidence)


def _between_steps(contact: Contact, timeline: Timeline, name: str) -> Path:
    """Some steps expired, the rest INACTIVE: how a document without DEACTIVATED may show an end."""
    expired = sum(phase.outcome == "expired" for phase in timeline.phases)
    evidence = (*_status_evidence(contact, timeline), *_times(contact))
    if contact.connected_at is not None:
        but = f"but no step is JOINED and only {expired} of {len(timeline.phases)} expired"
        return _unexplained(contact, name, but, *evidence)
    ended_at = contact.disconnected_at
    running = None if ended_at is None else timeline.step_at(ended_at)
    which = "step 1" if expired == 1 else f"steps 1 to {expired}"
    if running is None or running.number != expired + 1:
        return _left(contact, f"when {which} of {len(timeline.phases)} had expired", None, evidence)
    inferred = f"by the clock step {running.number} ran when the contact ended (inferred)"
    return _left(contact, f"on {_place(timeline, running.number)}", running.number, (*evidence, inferred))


def _left(contact: Contact, when: str, step: int | None, evidence: tuple[str, ...]) -> Path:
    """Say how a contact left without a join: transferred on, or abandoned."""
    after = _after(contact, contact.disconnected_at)
    if moved_on(contact):
        return Path(
            kind="transferred",
            sentence=f"Nobody got this contact here: it was transferred {when}{after}{_onward(contact)}.",
            evidence=(*evidence, "the document says that the contact was transferred"),
        )
    reason = f" ({visible(contact.disconnect_reason)})" if contact.disconnect_reason else ""
    return Path(
        kind="abandoned",
        sentence=f"Nobody got this contact: it ended {when}{after}{reason}.",
        step=step,
        evidence=(*evidence, "the document shows no connection to an agent, and no transfer"),
    )


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
