"""
What can be odd about a criteria, a roster or a record: findings, with ids that keep their meaning for good.

RI1xx is about the document, RI2xx about one expression, RI3xx about the sequence of steps,
RI4xx about names and the roster, RI5xx about the consistency of a record, RI6xx about evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen


@frozen
class Finding:
    """
    Something odd, in one place.

    Attributes:
        id: ``RI`` and three digits; see `CATALOGUE`.
        message: What is odd here, in one line.
        hint: What to do about it; None where there is nothing better to say.
        where: Which part it is about, such as ``step 2``; empty for the whole.
    """

    id: str
    message: str
    hint: str | None = None
    where: str = ""

    @property
    def severity(self) -> str:
        """How bad it is: ``error``, ``warning`` or ``note``."""
        return CATALOGUE[self.id].severity


@frozen
class Entry:
    """What a finding id means, whatever it is found in: its severity, title and explanation."""

    severity: str
    title: str
    text: str


CATALOGUE: Final[Mapping[str, Entry]] = {
    "RI101": Entry(
        "warning",
        "a reference that only a running flow can fill in",
        "A name, a value, an agent id or the whole criteria is a JSONPath such as `$.External.language`. "
        "What it stands for is not in the document, so every verdict that hangs on it is unknown. "
        "Look at the contact's record, or at the Lambda's reply, for what was filled in.",
    ),
    "RI102": Entry(
        "error",
        "the block that sets the criteria failed",
        "A flow log line says that the block took its Error branch, so the contact has no criteria from it. "
        "The service gives no reason. The commonest one is a Lambda that returns the criteria as a string "
        "of JSON in place of the JSON itself.",
    ),
    "RI103": Entry(
        "warning",
        "a member that this version does not know",
        "A criteria, a step or an expiry has a member beside the documented ones. It is kept as it stood. "
        "Should it change what the step means, the verdicts here do not know of it.",
    ),
    "RI201": Entry(
        "note",
        "no ComparisonOperator: inferred from the payload",
        "A condition names no operator. The service does not document what that means. "
        "With one payload (ProficiencyLevel, Range or MatchCriteria) only one operator fits it, "
        "and the condition is evaluated as if it were named.",
    ),
    "RI202": Entry(
        "warning",
        "operator and payload disagree",
        "A condition carries a payload that its operator does not use, such as a ProficiencyLevel beside the "
        "operator Range. The operator rules where its own payload is there too.",
    ),
    "RI203": Entry(
        "warning",
        "a range with one end",
        "Range needs MinProficiencyLevel and MaxProficiencyLevel; the service's shape lets one be absent and "
        "does not say what that means. A missing end is read as 1 or 5, the ends of the scale.",
    ),
    "RI204": Entry(
        "error",
        "a range upside down",
        "The lower end of a range lies above its upper end, so no level is in it and nobody matches.",
    ),
    "RI205": Entry(
        "error",
        "an empty expression",
        "An expression object has no member at all, or a step has no expression. botocore drops members "
        "that its model does not know, so an empty expression may have been anything: never 'everybody'. "
        "botocore 1.35.86 is the first that knows NotAttributeCondition and Range.",
    ),
    "RI206": Entry(
        "error",
        "an empty AND or OR",
        "A list of operands is empty. The service does not say whether that lets in everybody or nobody.",
    ),
    "RI207": Entry(
        "warning",
        "several members side by side in one expression",
        "An expression object should have one member; this one has several. Agents match where reading the "
        "members as AND and reading them as OR agree; where they differ, it is unknown.",
    ),
    "RI208": Entry(
        "error",
        "a condition that this version does not understand",
        "A condition has a member, an operator or a combination of both that is none of the documented ones. "
        "It is kept as it stood and its verdict is unknown.",
    ),
    "RI209": Entry(
        "warning",
        "a level outside the scale",
        "Proficiency levels are the whole numbers from 1 to 5. Another number is compared as it is.",
    ),
    "RI210": Entry(
        "error",
        "preferred agents: an empty list",
        "A Match condition lists no agent, so it lets in nobody.",
    ),
    "RI211": Entry(
        "note",
        "preferred agents, negated",
        "Excluding agents by id is possible in the service's shapes but documented nowhere. "
        "It is read as everybody but these.",
    ),
    "RI301": Entry(
        "error",
        "an untimed step before the last",
        "A step that never expires holds the contact for good, so no later step can start.",
    ),
    "RI303": Entry(
        "warning",
        "an expiry that is no whole number of seconds from 1",
        "DurationInSeconds is documented as an integer of at least 1.",
    ),
    "RI401": Entry(
        "error",
        "nobody holds this attribute value",
        "No agent of the roster holds the attribute value at any level, so none can satisfy the condition. "
        "Names and values are compared exactly: letter case, blanks and a `connect:` prefix count.",
    ),
    "RI402": Entry(
        "warning",
        "a name that differs by a hair",
        "Some agents hold the attribute value as written, others hold one that differs only in letter case, "
        "blanks, Unicode normalisation or a `connect:` prefix. The service compares exactly, "
        "so the others do not match.",
    ),
    "RI403": Entry(
        "warning",
        "a preferred agent given by username",
        "The API asks for user ids. The admin guide speaks of user ids or usernames, so whether a username "
        "works is unknown.",
    ),
    "RI404": Entry(
        "warning",
        "a preferred agent who is not in the roster",
        "The contact is held for the listed agents until the step expires, also while they are offline or "
        "deleted.",
    ),
    "RI405": Entry(
        "warning",
        "an agent's level outside the scale",
        "Proficiency levels are the whole numbers from 1 to 5. Another number is compared as it is.",
    ),
    "RI406": Entry(
        "warning",
        "a roster without agents",
        "A roster was given, and nobody is in it, so nothing can be said of whom a step lets in.",
    ),
    "RI407": Entry(
        "warning",
        "a username that several agents have",
        "An agent was asked about by a username that several agents of the roster have, so nobody can tell "
        "who is meant. All of them are shown.",
    ),
    "RI501": Entry(
        "error",
        "statuses that cannot follow one another",
        "Steps expire one after the other; at most one is joined, active, interrupted or deactivated, "
        "and all after it are inactive.",
    ),
    "RI502": Entry(
        "warning",
        "a status that the service does not document",
        "Known are INACTIVE, ACTIVE, EXPIRED, JOINED, INTERRUPTED and DEACTIVATED. Another is kept as it is.",
    ),
    "RI503": Entry(
        "warning",
        "an expiry other than start plus duration",
        "A step starts when the criteria is activated or the step before it expires, and expires after its "
        "duration. This expiry is recorded otherwise. The recorded time is used.",
    ),
    "RI504": Entry(
        "warning",
        "activated before the contact was queued",
        "A criteria is activated by the transfer to a queue, or later, when it replaces another.",
    ),
    "RI505": Entry(
        "note",
        "joined after the step's timer ran out",
        "A join is complete only when the agent accepts, and the timer keeps running while the phone rings.",
    ),
    "RI506": Entry(
        "warning",
        "criteria on a contact in an agent's own queue",
        "Routing criteria have no effect in an agent queue; no step is ever started there, although the "
        "activation time is set.",
    ),
    "RI507": Entry(
        "warning",
        "earlier criteria that this document does not show",
        "The criteria's index says how many others it replaced while the contact was queued. DescribeContact "
        "shows only the latest; contact records keep the last three, contact events all of them.",
    ),
    "RI508": Entry(
        "error",
        "the agent who joined does not satisfy the step that was joined",
        "By the facts given the agent could not have been matched on this step. Most likely the facts are "
        "not those of the time: proficiencies may have been edited since.",
    ),
    "RI509": Entry(
        "warning",
        "joined, but by nobody",
        "A step is JOINED, which takes an agent who accepted, and the document names none. The document may "
        "have been made while the agent's phone was still being connected, or leave agents out.",
    ),
    "RI510": Entry(
        "warning",
        "an agent without a join",
        "An agent was connected, but no step is JOINED and not all have expired. The document may have been "
        "made while it changed, or the agent was connected past the queue.",
    ),
    "RI511": Entry(
        "warning",
        "times that cannot follow one another",
        "A contact is queued, a step starts, an agent accepts while it runs, and the contact ends, in this "
        "order. Here a recorded time is out of order, so the route is told only where a step was joined.",
    ),
    "RI512": Entry(
        "error",
        "expired without an expiry",
        "A step is EXPIRED that has neither a duration nor a recorded expiry. Such a step never expires, so "
        "the document was changed, or lacks something.",
    ),
    "RI513": Entry(
        "warning",
        "an index below zero",
        "The Index of a criteria says how many others it replaced, so it is never negative.",
    ),
    "RI514": Entry(
        "error",
        "a join in several criteria of one contact",
        "A criteria is replaced only while its contact waits, so of all criteria of a contact one at most "
        "has a step that was joined.",
    ),
    "RI601": Entry(
        "warning",
        "proficiencies as of another time than the contact's",
        "The service tells an agent's proficiencies only as they are now. The agent event stream has them "
        "as they were.",
    ),
    "RI602": Entry(
        "warning",
        "proficiencies edited since the criteria was activated",
        "The agent's proficiencies were last edited after the contact's steps had begun to run, "
        "so a verdict may be about skills that the agent did not have then.",
    ),
    "RI603": Entry(
        "warning",
        "an SDK that drops NOT and Range",
        "The loaded botocore model of Amazon Connect lacks members that routing criteria use. botocore "
        "before 1.35.86 does, and so does an old model on AWS_DATA_PATH. An expression read through it "
        "arrives without them, and nothing says so.",
    ),
    "RI604": Entry(
        "warning",
        "the agent who took the contact is not in the roster",
        "Whether that agent satisfies the step that was joined cannot be checked.",
    ),
    "RI605": Entry(
        "warning",
        "the document is older than the question",
        "The document shows a step as active whose timer has run out since. Fetch the contact again.",
    ),
    "RI606": Entry(
        "warning",
        "facts that could not be fetched",
        "The service refused to tell something about an agent, or does not know the agent any more. "
        "What hangs on it is unknown.",
    ),
    "RI607": Entry(
        "warning",
        "the question is older than the document",
        "The contact is looked at as of an instant before the step it waits on had started, or before a step "
        "that is shown as expired had.",
    ),
}
