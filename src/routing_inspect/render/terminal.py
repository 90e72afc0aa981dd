"""
An explanation for a terminal: the answer in the first line, what decided it below.

Nothing is said by colour alone or by a character outside ASCII, and 80 columns are enough.
Whatever came from outside is printed so that it cannot drive the terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, TypeAlias

from attrs import evolve

from routing_inspect.contact import Agent, Contact
from routing_inspect.evaluate import Trace, Verdict, reasons
from routing_inspect.explanation import (
    PRESENCE_GATES,
    UNCLEAR,
    AgentExplanation,
    AgentStep,
    EarlierCriteria,
    Explanation,
    Gate,
    StepExplanation,
    condition_texts,
)
from routing_inspect.expr import And, Expr, conditions
from routing_inspect.findings import Finding
from routing_inspect.gates import took
from routing_inspect.render.changes import behind, change_lines
from routing_inspect.render.lines import Line, unbroken
from routing_inspect.render.live import live_lines, population_lines
from routing_inspect.text import duration_text, unparse
from routing_inspect.timeline import Phase, offset_text
from routing_inspect.wire import time_text
from routing_inspect.words import counted, shortened

# What there is more of than this is summed up, unless somebody asks for all.
_AGENTS_SHOWN: Final = 8
_BLOCKS_SHOWN: Final = 8
# Of how many kinds of agents lines are made, to see which of them are the same.
_KINDS_DRAWN: Final = 200
_FINDINGS_SHOWN: Final = 3
# How many columns may stand before a reason.
_LONGEST_LABEL: Final = 24

WORDS: Final = {Verdict.MATCH: "yes", Verdict.NO_MATCH: "no", Verdict.UNKNOWN: "?"}
STYLES: Final = {
    "yes": "green",
    "no": "red",
    "?": "yellow",
    "error": "red",
    "warning": "yellow",
    "note": "cyan",
}


# What counted while no step did; see `Window`.
_BESIDE: Final = {
    "fallback": "fallback",
    "no-criteria": "no criteria",
    "own-queue": "own queue",
    "unseen": "criteria not shown",
}


def lines(explanation: Explanation, *, verbose: bool, asked: Sequence[str] = ()) -> Iterator[Line]:
    """
    Say what to print, line by line, before wrapping and escaping.

    Args:
        explanation: What to tell.
        verbose: Whether to tell all of it.
        asked: Who was asked about, as `Explanation.find` takes them: the answer for them comes first.
    """
    every = [*explanation.steps, *(step for earlier in explanation.earlier for step in earlier.steps)]
    return unbroken(_lines(explanation, asked, verbose=verbose), [one.phase.step.expression for one in every])


def _lines(explanation: Explanation, asked: Sequence[str], *, verbose: bool) -> Iterator[Line]:
    path = explanation.path
    first = _asked(explanation, asked)
    for one in first:
        yield from _answer_lines(explanation, one, verbose=verbose)
        yield Line("")
    yield Line(path.sentence, style="bold")
    yield from _about(explanation)
    if verbose or path.kind in UNCLEAR:
        for fact in path.evidence:
            yield Line(fact, indent=2, label="evidence  ")
    if explanation.additions:
        yield Line("")
        yield from live_lines(explanation, verbose=verbose)
        yield from population_lines(explanation)
    yield from _criteria_section(explanation, verbose=verbose)
    others = tuple(one for one in explanation.agents if one not in first)
    if explanation.windows and others:
        yield Line("")
        yield from _agent_section(explanation, others, verbose=verbose)
    if explanation.findings:
        yield Line("")
        yield from finding_section(explanation.findings, verbose=verbose)
    if explanation.unknowns:
        yield Line("")
        for unknown in explanation.unknowns:
            yield Line(f"{unknown.question}; answered by {unknown.answered_by}", indent=2, label="unknown  ")


def finding_lines(finding: Finding) -> Iterator[Line]:
    """Say what a finding is, and what to do about it."""
    where = f" ({finding.where})" if finding.where else ""
    label = f"{finding.severity} {finding.id}  "
    yield Line(f"{finding.message}{where}", indent=2, label=label, style=STYLES[finding.severity])
    if finding.hint is not None:
        yield Line(finding.hint, indent=2, label=f"{'hint':<{len(label) - 2}}  ")


def trace_lines(trace: Trace, *, verbose: bool) -> Iterator[str]:
    """
    Say which conditions decided a verdict, each with what was wanted and what was found.

    Args:
        trace: How the expression was evaluated.
        verbose: Whether to name every condition, also those that decided nothing.
    """
    return condition_texts(trace if verbose else reasons(trace))


def _about(explanation: Explanation) -> Iterator[Line]:
    contact, kind = explanation.contact, explanation.path.kind
    words = [part.lower() for part in (contact.channel, contact.initiation_method) if part is not None]
    if contact.queue_name or contact.queue_id:
        words.append(f"queue {contact.queue_name or contact.queue_id}")
    words.append(f"from {contact.source}" if words else contact.source)
    yield Line(", ".join(words), indent=2, label=f"[{kind}]  ")
    times = [] if contact.id is None else [f"contact {contact.id}"]
    if contact.enqueued_at is not None:
        times.append(f"queued {time_text(contact.enqueued_at)}")
    if times:
        yield Line(", ".join(times), indent=2)
    if kind == "waiting" and explanation.timeline.now is not None:
        yield Line(f"looked at {time_text(explanation.timeline.now)}", indent=2)


# ---------------------------------------------------------------------------- steps


def _criteria_section(explanation: Explanation, *, verbose: bool) -> Iterator[Line]:
    """Draw every criteria that the contact had, oldest first."""
    for earlier in explanation.earlier:
        yield Line("")
        yield from _earlier_lines(explanation, earlier, verbose=verbose)
    if explanation.steps:
        yield Line("")
        if explanation.earlier:
            yield Line(_current(explanation), indent=2, style="bold")
        for step in explanation.steps:
            yield from _step_lines(explanation, step, verbose=verbose)


def _earlier_lines(explanation: Explanation, earlier: EarlierCriteria, *, verbose: bool) -> Iterator[Line]:
    """Draw a criteria that was replaced as the contact's own is drawn, under how it ended."""
    yield Line(earlier.sentence, indent=2, style="bold")
    alone = evolve(explanation, steps=earlier.steps, timeline=earlier.timeline, agents=())
    for step in earlier.steps:
        yield from _step_lines(alone, step, verbose=verbose)


def _current(explanation: Explanation) -> str:
    """Head the steps of the criteria that counted last."""
    criteria, zero = explanation.contact.criteria, explanation.contact.enqueued_at
    index = None if criteria is None else criteria.index
    since = explanation.timeline.activated_at
    name = "The last criteria" if index is None else f"Criteria {index}"
    after = "" if since is None or zero is None else f", from {offset_text(since - zero)}"
    return f"{name}{after}:"


def _step_lines(explanation: Explanation, step: StepExplanation, *, verbose: bool) -> Iterator[Line]:
    phase = step.phase
    timer = _timer(explanation, phase)
    said = f"{phase.outcome.replace('-', ' ')}{_window(explanation, step)}; {timer}"
    yield Line(said, indent=2, label=f"step {phase.number}  ", style="bold")
    flat = _flat(phase.step.expression) if explanation.roster_size else ()
    if not flat:
        yield Line(unparse(phase.step.expression), indent=4)
    if not explanation.roster_size:
        return
    if flat or len(step.conditions) > 1:
        yield from _condition_lines(step, flat)
    yield Line(_population(explanation, step, verbose=verbose), indent=4)


def _timer(explanation: Explanation, phase: Phase) -> str:
    """Say by what a step expires: its duration, or the instant that alone is recorded."""
    after, zero = (
        phase.step.expires_after,
        explanation.contact.enqueued_at or explanation.timeline.activated_at,
    )
    if after is not None:
        return f"timer {duration_text(after)}"
    if phase.step.never_expires or phase.expires_at is None:
        return "never expires"
    if phase.outcome == "expired":
        return "how long its timer was is not recorded"
    at = time_text(phase.expires_at) if zero is None else offset_text(phase.expires_at - zero)
    return f"expires at {at}"


def _flat(expression: Expr) -> tuple[Expr, ...]:
    """Give the conditions that must all hold, where that is all the expression says."""
    operands = expression.operands if isinstance(expression, And) else ()
    flat = all(list(conditions(operand)) == [operand] for operand in operands)
    return operands if flat and len(set(operands)) == len(operands) > 1 else ()


def _condition_lines(step: StepExplanation, flat: tuple[Expr, ...]) -> Iterator[Line]:
    """Say how many agents fail each condition; of a nested expression only those that somebody fails."""
    labels = []
    for count in step.conditions:
        unknown = f", {count.unknown} unknown" if count.unknown else ""
        alone = f", {count.sole_blocker_of} on it alone" if count.sole_blocker_of else ""
        labels.append(f"{count.not_matching} fail{alone}{unknown}")
    width = max(len(label) for label in labels)
    for number, (count, label) in enumerate(zip(step.conditions, labels, strict=True)):
        if flat or count.not_matching or count.unknown:
            lead = "AND " if flat and number else ""
            yield Line(f"{lead}{unparse(count.expression)}", indent=4, label=f"{label:<{width}}  ")


def _population(explanation: Explanation, step: StepExplanation, *, verbose: bool) -> str:
    counts = (len(step.matching), len(step.not_matching), len(step.unknown))
    said = "{} match, {} do not, {} unknown".format(*counts)
    parts = [f"{counted(explanation.roster_size, 'agent')}: {said}"]
    for word, ids in (("matching", step.matching), ("unknown", step.unknown)):
        if ids:
            # Nobody is left out for being one more: to name takes no more room than to count.
            names = _named(explanation, step, ids if verbose else ids[: _AGENTS_SHOWN + 1])
            rest = ids[_AGENTS_SHOWN + 1 :] if not verbose else ()
            parts.append(f"{word}: {shortened([*names, *rest], None if verbose else _AGENTS_SHOWN)}")
    return "; ".join(parts)


def _named(explanation: Explanation, step: StepExplanation, ids: tuple[str, ...]) -> Iterator[str]:
    """Name agents; behind a name stand the gates that stop one whom the expression lets in."""
    for agent_id in ids:
        yield behind(explanation.names[agent_id], step.stopped.get(agent_id))


def _window(explanation: Explanation, step: StepExplanation) -> str:
    phase = step.phase
    zero = explanation.contact.enqueued_at or explanation.timeline.activated_at
    if zero is None:
        return ""
    if phase.started_at is None:
        ahead = explanation.steps[phase.number - 2].phase.expires_at if phase.number > 1 else None
        due = explanation.path.kind == "waiting" and phase.outcome == "not-reached"
        return f", due at {offset_text(ahead - zero)}" if due and ahead is not None else ""
    if phase.ended_at is None:
        return f" since {offset_text(phase.started_at - zero)}"
    derived = " (derived)" if "ended_at" in phase.derived else ""
    return f" from {offset_text(phase.started_at - zero)} to {offset_text(phase.ended_at - zero)}{derived}"


# ---------------------------------------------------------------------------- agents


def _asked(explanation: Explanation, names: Sequence[str]) -> list[AgentExplanation]:
    """Find who was asked about, each once; where nothing could be in force there is nothing to say."""
    found = [explanation.find(name) for name in names] if explanation.windows else []
    once = {one.agent.id: one for one in found if one is not None}
    return list(once.values())


def _answer_lines(explanation: Explanation, explained: AgentExplanation, *, verbose: bool) -> Iterator[Line]:
    """Answer for one who was asked about: yes, no or cannot tell, then what decided it."""
    agent = explained.agent
    name = explanation.name(agent)
    answers = {
        Verdict.MATCH: f"{name} could be offered this contact",
        Verdict.NO_MATCH: f"{name} could not be offered this contact",
        Verdict.UNKNOWN: f"Whether {name} could be offered this contact cannot be told",
    }
    answer = answers[explanation.eligible(agent.id)]
    if _took(explanation, explained):
        answer = f"{name} took this contact"
    yield Line(f"{answer}: {_verdicts(_tried(explanation, explained))}.", style="bold")
    if agent.username and verbose:
        yield Line(agent.id, indent=2, label="id  ")
    if _facts(explained):
        yield Line(f"as of {_facts(explained)}", indent=2)
    yield from _agent_body(explanation, explained, verbose=verbose)


def _agent_section(
    explanation: Explanation, agents: Sequence[AgentExplanation], *, verbose: bool
) -> Iterator[Line]:
    """Draw agents, the one who took the contact first; those of whom the same is to be said, together."""
    taker = [one for one in agents if _took(explanation, one)]
    shown = [*taker, *(one for one in agents if one not in taker)]
    common = ""
    counts = Counter(filter(None, map(_facts, shown)))
    for facts, number in counts.most_common(1):
        if len(counts) == 1 or number > 1:
            common, rest = facts, "" if len(counts) == 1 else ", unless it says otherwise"
            yield Line(f"facts about agents as of {common}{rest}", indent=2)
    blocks = list(_blocks(explanation, shown, common, verbose=verbose))
    # To say that one more block is left out takes a line, and so may the block.
    most = len(blocks) if verbose or len(blocks) == _BLOCKS_SHOWN + 1 else _BLOCKS_SHOWN
    for members, about, body in blocks[:most]:
        names = shortened(
            [explanation.name(one.agent) for one in members], None if verbose else _AGENTS_SHOWN
        )
        yield Line(f"{names}{about}", indent=2, style="bold")
        yield from body
    left = len(shown) - sum(len(members) for members, _, _ in blocks[:most])
    if left:
        yield Line(
            f"and {counted(left, 'more agent')}: --agent NAME says why not, --verbose shows all", indent=2
        )


# Agents of whom the same is to be said: who, what stands behind their names, and the lines below.
_Block: TypeAlias = tuple[list[AgentExplanation], str, list[Line]]


def _blocks(
    explanation: Explanation, agents: Sequence[AgentExplanation], common: str, *, verbose: bool
) -> Iterator[_Block]:
    """
    Put agents together whose lines would be the same, in the order of the first of each.

    Of a large roster most share all that is known of them; lines are made for the first few kinds only.
    """
    kinds: dict[object, list[AgentExplanation]] = {}
    for one in agents:
        same = (
            _took(explanation, one),
            _facts(one),
            *map(id, _tried(explanation, one)),
            *map(id, chain(*one.earlier)),
        )
        kinds.setdefault(one.agent.id if verbose or one.changes is not None else same, []).append(one)
    found: dict[object, _Block] = {}
    for number, members in enumerate(kinds.values()):
        if number >= _KINDS_DRAWN and not verbose:
            yield from found.values()
            yield members, "", []
            found = {}
            continue
        about = _about_agent(explanation, members[0], common, verbose=verbose)
        body = list(_agent_body(explanation, members[0], verbose=verbose))
        key = number if verbose else (about, *((line.label, line.text, line.indent) for line in body))
        found.setdefault(key, ([], about, body))[0].extend(members)
    yield from found.values()


def _facts(explained: AgentExplanation) -> str:
    """Say of when the facts about an agent are, and where they come from."""
    if explained.source is None and explained.as_of is None:
        return ""
    time = "an unknown time" if explained.as_of is None else time_text(explained.as_of)
    return time if explained.source is None else f"{time}, from {explained.source}"


def _took(explanation: Explanation, explained: AgentExplanation) -> bool:
    return took(explanation.contact, explained.agent)


def _about_agent(explanation: Explanation, explained: AgentExplanation, common: str, *, verbose: bool) -> str:
    """Say what stands behind an agent's name."""
    agent, facts = explained.agent, _facts(explained)
    about = ["who took the contact"] if _took(explanation, explained) else []
    about += [f"as of {facts}"] if facts not in {"", common} else []
    about += [f"id {agent.id}"] if agent.username and verbose else []
    return f"{''.join(f', {part}' for part in about)}: {_verdicts(_tried(explanation, explained))}"


def _tried(explanation: Explanation, explained: AgentExplanation) -> list[AgentStep]:
    """Give the steps, and what counted beside them: before a criteria, after all steps, instead of them."""
    beside = [
        step
        for window, step in zip(explanation.windows, explained.windows, strict=True)
        if window.criteria is None and (window.kind != "unseen" or _matters(explanation, explained, step))
    ]
    if explanation.path.kind == "agent-queue":
        return beside
    fallback = [] if explained.fallback is None else [explained.fallback]
    return [*beside, *explained.steps, *fallback]


def _matters(explanation: Explanation, explained: AgentExplanation, step: AgentStep) -> bool:
    """Say whether an agent cannot be told of for what no document shows; an untold route is said already."""
    if step.verdict is Verdict.NO_MATCH or explanation.path.kind == "undetermined":
        return False
    return explanation.could(explained) is Verdict.UNKNOWN


def _agent_body(explanation: Explanation, explained: AgentExplanation, *, verbose: bool) -> Iterator[Line]:
    """Say what decided each step for an agent, and what would change it."""
    # Of the one who took the contact, the step that was joined comes before the rest.
    joined = explanation.path.step if _took(explanation, explained) else None
    in_order = sorted(
        _tried(explanation, explained), key=lambda step: joined is None or step.number != joined
    )
    yield from _reason_lines(explanation, explained, in_order, 4, verbose=verbose)
    if verbose or not _took(explanation, explained):
        yield from change_lines(explanation, explained, verbose=verbose)
    for number, (earlier, steps) in enumerate(zip(explanation.earlier, explained.earlier, strict=True)):
        index = earlier.criteria.index
        label = "an earlier criteria" if index is None else f"criteria {index}"
        put = zip(explanation.windows, explained.windows, strict=True)
        before = [
            *steps,
            *(step for window, step in put if window.criteria == number and window.step is None),
        ]
        yield Line(_verdicts(before) or "no step", indent=4, label=f"{label}  ")
        alone = evolve(explanation, steps=earlier.steps, timeline=earlier.timeline)
        yield from _reason_lines(alone, explained, before, 6, verbose=verbose)


def _reason_lines(
    explanation: Explanation,
    explained: AgentExplanation,
    steps: list[AgentStep],
    indent: int,
    *,
    verbose: bool,
) -> Iterator[Line]:
    rows: dict[str, list[AgentStep]] = {}
    for step in steps:
        for text in _gate_texts(explanation, explained, step, verbose=verbose):
            rows.setdefault(text, []).append(step)
    for text, places in rows.items():
        where = _places(places)
        # A long list of steps would push the reasons off the page.
        label, lead = (f"{where}  ", "") if len(where) <= _LONGEST_LABEL else ("", f"{where}: ")
        yield Line(f"{lead}{text}", indent=indent, label=label)


def _verdicts(steps: list[AgentStep]) -> str:
    """Say yes, no or ? of each step, neighbours of one verdict together: ``step 1 no, steps 2-3 yes``."""
    runs: list[tuple[str, list[AgentStep]]] = []
    for step in steps:
        word = WORDS[step.verdict]
        if step.verdict is Verdict.UNKNOWN:
            counted = [gate for gate in step.gates if gate.gate not in PRESENCE_GATES]
            gates = [gate.gate for gate in counted if gate.verdict is Verdict.UNKNOWN]
            word = f"unknown ({', '.join(gates)})"
        elif step.kind == "unseen":
            word = "unknown"
        if not runs or runs[-1][0] != word:
            runs.append((word, []))
        runs[-1][1].append(step)
    return ", ".join(f"{_places(places)} {word}" for word, places in runs)


def _places(steps: list[AgentStep]) -> str:
    """Name steps, neighbours as a range: ``steps 1-3, 5``; None is what comes after the last."""
    numbers = sorted({step.number for step in steps if step.number is not None})
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][-1] == number - 1:
            ranges[-1] = [ranges[-1][0], number]
        else:
            ranges.append([number])
    said = [f"step{'s' if len(numbers) > 1 else ''} {', '.join('-'.join(map(str, r)) for r in ranges)}"]
    others = dict.fromkeys(_BESIDE[step.kind] for step in steps if step.number is None)
    return " and ".join([*(said if numbers else []), *others])


def _gate_texts(
    explanation: Explanation, explained: AgentExplanation, step: AgentStep, *, verbose: bool
) -> Iterator[str]:
    """Give the reasons of what is not met, and for the step that was joined also of what is."""
    joined = step.number is not None and explanation.steps[step.number - 1].phase.outcome == "joined"
    proof = joined and _took(explanation, explained)
    for gate in step.gates:
        told = verbose or gate.verdict is not Verdict.MATCH or (proof and gate.trace is not None)
        told = told or gate.gate == "offer"
        if not told or (not verbose and _unasked(explanation.contact, gate, explained.agent)):
            continue
        if gate.trace is None:
            yield gate.reason
        else:
            # A join that the facts contradict is worth every condition.
            whole = verbose or (proof and gate.verdict is not Verdict.MATCH)
            yield from trace_lines(gate.trace, verbose=whole)


def _unasked(contact: Contact, gate: Gate, agent: Agent) -> bool:
    """Say whether a gate is unknown since nobody gave the facts: lines at the end say so for all."""
    if gate.verdict is not Verdict.UNKNOWN:
        return False
    if gate.gate in PRESENCE_GATES:
        return True
    no_queue = contact.queue_id is None and contact.queue_name is None
    missing = {
        "queue": agent.queues is None or no_queue,
        "proficiency": agent.proficiencies is None,
    }
    return missing.get(gate.gate, False)


# ---------------------------------------------------------------------------- findings


def finding_section(findings: Sequence[Finding], *, verbose: bool) -> Iterator[Line]:
    """Draw findings; of many with one id only the first few, unless somebody asks for all."""
    seen: dict[str, int] = {}
    for finding in findings:
        seen[finding.id] = seen.get(finding.id, 0) + 1
        if verbose or seen[finding.id] <= _FINDINGS_SHOWN:
            yield from finding_lines(finding)
    for finding_id, number in seen.items():
        if not verbose and number > _FINDINGS_SHOWN:
            left = number - _FINDINGS_SHOWN
            yield Line(f"and {left} more of {finding_id}: --verbose shows all", indent=2)
