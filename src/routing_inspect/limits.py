"""
What Amazon Connect admits in routing criteria, as its documentation has it, and where that stands.

The pages disagree in places and the service model checks none of it, so what goes past a limit is
a finding and never refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from attrs import frozen

from routing_inspect.contact import Criteria, user_id
from routing_inspect.expr import AgentIn, And, AtLeast, Attribute, Between, Expr, Mixed, Not, Or, is_reference
from routing_inspect.findings import Finding
from routing_inspect.forms import metric_filter
from routing_inspect.places import Place, found, leaves, part_at, parts
from routing_inspect.text import attribute_text
from routing_inspect.visible import visible


@frozen
class Limit:
    """
    A number that the documentation gives.

    Attributes:
        most: The largest number that is admitted.
        source: The page that says so: an admin guide page by the last part of its address, or a
            shape of the API reference.
    """

    most: int
    source: str


# As documented in November 2026, with the service model of botocore 1.44.
CONDITIONS_IN_AND: Final = Limit(8, "admin guide, set-routing-criteria")
PARTS_OF_OR: Final = Limit(3, "admin guide, set-routing-criteria")
PREFERRED_AGENTS: Final = Limit(10, "admin guide, set-routing-criteria")
STEPS: Final = Limit(5, "admin guide, ctr-data-model")
NAME_LENGTH: Final = Limit(100, "admin guide, predefined-attributes")
# Contact records, contact events, agent events and the flow language still say 64.
OLD_NAME_LENGTH: Final = Limit(64, "admin guide, ctr-data-model")
METRIC_TEXT: Final = Limit(3000, "API reference, GetCurrentMetricData")
REPLY_BYTES: Final = Limit(32 * 1024, "admin guide, connect-lambda-functions")

# How much of a long name a message shows.
_SHOWN: Final = 40

# How long an agent is rung before the contact counts as missed (admin guide, loop-prompts, which
# asks for interruptions longer than that).
RING: Final = timedelta(seconds=20)

# The admin guide (predefined-attributes) prints a class of letters, blanks, numbers and
# `_.:/=+-@'`. In it `+-@` is a range, so everything from `+` to `@` is in: digits, `,`, `;`, `<`, `?` too.
_SIGNS: Final = re.compile(r"[+-@_']")
_CATEGORIES: Final = frozenset("LZN")


def unfit_characters(name: str) -> str:
    """Give the characters of a name or a value that no predefined attribute can have, each once."""
    return "".join(c for c in dict.fromkeys(name) if not _fits(c))


def _fits(character: str) -> bool:
    return bool(_SIGNS.fullmatch(character)) or unicodedata.category(character)[0] in _CATEGORIES


def limit_findings(criteria: Criteria) -> Iterator[Finding]:
    """Find where a criteria goes past what the documentation admits."""
    if len(criteria.steps) > STEPS.most:
        message = f"{len(criteria.steps)} steps, where {_admitted(STEPS)}"
        yield Finding("RI308", message, "merge steps, or replace the criteria from a customer queue flow")
    for number, step in enumerate(criteria.steps, 1):
        yield from _expression_findings(step.expression, Place(number, ()))


def _expression_findings(expression: Expr, place: Place) -> Iterator[Finding]:
    """Find where one expression goes past what the documentation admits."""
    for part, where, negated in parts(expression, place):
        match part:
            case And() | Or():
                # On the wire a NOT stands at a condition only, so that NOT turns AND into OR and back.
                if isinstance(part, And) is not negated:
                    yield from _and_findings(part, where)
                else:
                    yield from _or_findings(part, where, is_whole=_is_whole(expression, where))
            case AtLeast(attribute) | Between(attribute):
                yield from _name_findings(attribute, where)
            case _:
                pass
    yield from _agent_findings(expression, place)
    yield from _repeated_attributes(expression, place)
    yield from _metric_findings(expression, place)


def _is_whole(expression: Expr, place: Place) -> bool:
    """Say whether nothing but NOTs stands around the part at *place*, or members side by side with it."""
    down = place.condition or ()
    return all(isinstance(part_at(expression, down[:depth]), Not | Mixed) for depth in range(len(down)))


def _and_findings(part: And | Or, place: Place) -> Iterator[Finding]:
    count = sum(1 for _ in leaves(part, place))
    if count > CONDITIONS_IN_AND.most and not any(isinstance(operand, Or) for operand in part.operands):
        message = f"{count} conditions in one AND, where {_admitted(CONDITIONS_IN_AND)}"
        yield found(place, "RI221", message, "ask for fewer attributes, or join some in one attribute")


def _or_findings(part: And | Or, place: Place, *, is_whole: bool) -> Iterator[Finding]:
    if not is_whole:
        message = "an OR below the top of the expression, where only an OR of ANDs is documented"
        hint = "write it as several steps, or as an OR of ANDs"
        yield found(place, "RI223", f"{message} (admin guide, set-routing-criteria)", hint)
    if len(part.operands) > PARTS_OF_OR.most:
        message = f"{len(part.operands)} parts in one OR, where {_admitted(PARTS_OF_OR)}"
        yield found(place, "RI222", message, "spread the parts over several steps")


def _admitted(limit: Limit) -> str:
    return f"{limit.most} are documented ({limit.source})"


def _agent_findings(expression: Expr, place: Place) -> Iterator[Finding]:
    listed = [(one, where) for one, where, _ in leaves(expression, place) if isinstance(one, AgentIn)]
    ids = [user_id(agent_id) for condition, _ in listed for agent_id in condition.agent_ids]
    if len(set(ids)) > PREFERRED_AGENTS.most:
        message = f"{len(set(ids))} preferred agents in one step, where {_admitted(PREFERRED_AGENTS)}"
        yield found(listed[0][1], "RI224", message, "give those agents an attribute value, and ask for that")
    for condition, where in listed:
        twice = [name for name, n in Counter(map(user_id, condition.agent_ids)).items() if n > 1]
        if twice:
            message = f"preferred agent `{visible(twice[0])}` is listed {_times(condition, twice[0])}"
            yield found(where, "RI230", message, "list each agent once")
        arns = [agent_id for agent_id in condition.agent_ids if user_id(agent_id) != agent_id]
        if arns:
            message = (
                f"preferred agent given by ARN, where the API asks for the user id: `{visible(arns[0])}`"
            )
            yield found(where, "RI411", message, f"write `{visible(user_id(arns[0]))}`")


def _times(condition: AgentIn, agent_id: str) -> str:
    times = [user_id(listed) for listed in condition.agent_ids].count(agent_id)
    return "twice" if times == 2 else f"{times} times"


def _repeated_attributes(expression: Expr, place: Place) -> Iterator[Finding]:
    """Find what is asked for again; the documentation has it of the expression, whatever joins its parts."""
    asked: Counter[Attribute] = Counter()
    for condition, where, _ in leaves(expression, place):
        if isinstance(condition, AtLeast | Between):
            asked[condition.attribute] += 1
            if asked[condition.attribute] == 2:
                message = (
                    f"{attribute_text(condition.attribute)} is asked for more than once in one expression"
                )
                hint = "ask for it once, as in one range, or spread the alternatives over several steps"
                yield found(where, "RI229", f"{message} (admin guide, proficiency-routing)", hint)


def _name_findings(attribute: Attribute, place: Place) -> Iterator[Finding]:
    for kind, text in (("name", attribute.name), ("value", attribute.value)):
        if is_reference(text):
            continue
        if len(text) > NAME_LENGTH.most:
            message = (
                f"the {kind} {_clipped(text)} has {len(text)} characters, where {_admitted(NAME_LENGTH)}"
            )
            yield found(place, "RI225", message, "use the attribute as it was created: none can be longer")
        elif len(text) > OLD_NAME_LENGTH.most:
            some = f"some pages still say {OLD_NAME_LENGTH.most} ({OLD_NAME_LENGTH.source})"
            message = f"the {kind} {_clipped(text)} has {len(text)} characters; {some}"
            yield found(place, "RI226", message)
        unfit = unfit_characters(text)
        if unfit or not text:
            what = f"holds `{visible(unfit)}`" if unfit else "is empty"
            message = f"the {kind} {_clipped(text)} {what}, which no predefined attribute can"
            yield found(place, "RI227", message, "use the attribute as it was created")


def _clipped(text: str) -> str:
    return f"`{visible(text if len(text) <= _SHOWN else text[:_SHOWN] + '…')}`"


def _metric_findings(expression: Expr, place: Place) -> Iterator[Finding]:
    try:
        length = len(metric_filter(expression))
    except ValueError:
        return  # it has no form on the wire, and so no metric either
    if length > METRIC_TEXT.most:
        message = f"as JSON the expression has {length} characters, and metrics take {METRIC_TEXT.most}"
        yield found(place, "RI228", f"{message} ({METRIC_TEXT.source})", "shorten it to measure this step")
