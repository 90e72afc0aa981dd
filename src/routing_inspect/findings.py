"""
What can be odd about a criteria, a roster or a record: findings, with ids that keep their meaning for good.

RI1xx is about the document, RI2xx about one expression, RI3xx about the sequence of steps,
RI4xx about names and the roster, RI5xx about the consistency of a record, RI6xx about evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen


@frozen
class Finding:
    """
    Something odd, in one place.

    Attributes:
        id: ``RI`` and three digits; see `CATALOGUE`.
        message: What is odd here, in one line.
        hint: What to do about it; None where there is nothing better to say.
        where: Which part it is about, such as ``step 2``; empty for the whole.
        step: The number of the step it is about, from 1; None where it is about no one step, or
            about an expression that is no step's.
        condition: Which part of the expression it is about: the places of operands on the way
            down from the whole, each from 0, the operand of a NOT having place 0. Empty: the
            expression itself. None where it is about no part of an expression.
    """

    id: str
    message: str
    hint: str | None = None
    where: str = ""
    step: int | None = field(default=None, kw_only=True)
    condition: tuple[int, ...] | None = field(default=None, kw_only=True)

    @property
    def severity(self) -> str:
        """How bad it is: ``error``, ``warning`` or ``note``."""
        return CATALOGUE[self.id].severity

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return {
            "id": self.id,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
            "where": self.where,
        }


# How bad a finding can be, the worst first.
SEVERITIES: Final = ("error", "warning", "note")


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
    "RI104": Entry(
        "error",
        "JSON inside a string",
        "A criteria stands in the document as the text of JSON, in quotation marks, in place of the JSON "
        "itself. The service takes the Error branch and gives no reason; by its own guide this is the first"
        " thing to look for. A Lambda should return the object, and the block that calls it expect JSON.",
    ),
    "RI105": Entry(
        "error",
        "a document that cannot be read",
        "Something in the document contradicts JSON, itself or the shape of routing criteria, so nothing "
        "else was looked at.",
    ),
    "RI106": Entry(
        "warning",
        "an action type that the service does not take",
        "The developer guide calls the flow action UpdateRoutingCriteria. The console exports "
        "UpdateContactRoutingCriteria, and people report that the service refuses the documented name.",
    ),
    "RI107": Entry(
        "warning",
        "a block without an error branch",
        "A flow action that sets routing criteria needs a transition for NoMatchingError; people report "
        "that the service refuses a flow without. It is taken when the criteria is malformed or names an "
        "attribute that is gone.",
    ),
    "RI108": Entry(
        "error",
        "a reply that is too large",
        "A flow takes at most 32 KB from a Lambda; for a larger reply it takes the Error branch.",
    ),
    "RI109": Entry(
        "warning",
        "a criteria without steps",
        "The block is not configured, or the list of steps is empty, so nothing is asked of whoever takes "
        "the contact. What the service makes of an empty list is not documented.",
    ),
    "RI110": Entry(
        "warning",
        "source code that returns a criteria as text",
        "A function returns a criteria that it has turned into the text of JSON. A flow cannot use that "
        "(see RI104). Nothing in the file says that the function is a Lambda's handler, so it may be for "
        "another caller, who wants text. In a file with a handler the finding is RI104.",
    ),
    "RI190": Entry(
        "error",
        "a file that cannot be read",
        "A file was given to `lint` that is missing, is not what its name says, or holds something that is "
        "no routing criteria where one should be. Nothing is known of what is in it, so no selection "
        "and no baseline leaves this out.",
    ),
    "RI191": Entry(
        "warning",
        "a suppression that suppresses nothing",
        "A comment or an entry of a baseline names a finding that is not there. It was mended, or the "
        "comment stands at another step. Left in, it would hide the next one of its kind.",
    ),
    "RI192": Entry(
        "error",
        "a suppression that does not count",
        "A comment or an entry of a baseline gives no reason, names no finding there is, or is not written "
        "as `routing-inspect: ignore RI302 because ...`. It suppresses nothing.",
    ),
    "RI193": Entry(
        "warning",
        "a baseline of a file that is gone",
        "An entry of the baseline is about a file that does not exist beside the baseline. The file was "
        "renamed or deleted, or the baseline belongs to another project.",
    ),
    "RI194": Entry(
        "note",
        "a criteria that is partly computed, or written in a language that is not read",
        "Source code builds a criteria from values that only the running program knows, such as a variable "
        "or a call. Nothing of it is executed, so it cannot be looked at. So it is with templates in YAML "
        "and HCL, of which only the JSON in them is read.",
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
    "RI212": Entry(
        "error",
        "parts that exclude each other",
        "No agent can satisfy the expression, or one part of its OR, because its conditions contradict each "
        "other. A step with such an expression only makes the contact wait.",
    ),
    "RI213": Entry(
        "warning",
        "every agent matches",
        "The expression holds for every agent that there can be, so the step lets in the whole queue.",
    ),
    "RI214": Entry(
        "note",
        "agents match by what they lack",
        "An agent who holds no attribute at all satisfies the expression, because it asks for nothing but "
        "that something is not so. That is most of the queue as a rule, which may be what was meant.",
    ),
    "RI215": Entry(
        "warning",
        "a condition that changes nothing",
        "Without this part the expression lets in exactly the same agents: its neighbours make up for it. "
        "Nothing is wrong with the routing, but whoever wrote it may have meant something else.",
    ),
    "RI219": Entry(
        "note",
        "a question too large to answer",
        "An expression is so large that whom it lets in, or which of its parts change nothing, cannot be "
        "worked out exactly in good time. Some rules were not tried on it.",
    ),
    "RI221": Entry(
        "warning",
        "more conditions in one AND than documented",
        "The admin guide (set-routing-criteria) admits 8 attributes in an AND.",
    ),
    "RI222": Entry(
        "warning",
        "more parts in one OR than documented",
        "The admin guide (set-routing-criteria) admits 3 conditions in an OR.",
    ),
    "RI223": Entry(
        "warning",
        "an OR below the top",
        "The admin guide (set-routing-criteria) has an OR only at the top of an expression, with ANDs in it. "
        "A NOT over an AND counts as an OR: on the wire only a condition can be negated.",
    ),
    "RI224": Entry(
        "warning",
        "more preferred agents than documented",
        "The admin guide (set-routing-criteria) admits 10 preferred agents in a step.",
    ),
    "RI225": Entry(
        "warning",
        "a name or value that is too long",
        "The name and the value of a predefined attribute have 100 characters at most, by the admin guide "
        "(predefined-attributes) and the API. A condition's value may have 128 by the API, but no agent "
        "could hold such a value.",
    ),
    "RI226": Entry(
        "note",
        "a name or value longer than some pages admit",
        "The pages on contact records, contact events, agent events and the flow language give 64 "
        "characters, the API and the page on predefined attributes give 100. The larger number is the newer"
        " one.",
    ),
    "RI227": Entry(
        "warning",
        "a character that no predefined attribute can have",
        "The admin guide (predefined-attributes) admits letters, blanks, numbers and some signs. A name or "
        "value with another character, or without any, cannot be that of an attribute, so nobody matches.",
    ),
    "RI228": Entry(
        "note",
        "an expression too long for metrics",
        "GetCurrentMetricData and GetMetricDataV2 know a step by its expression as JSON text, and take 3000 "
        "characters of it. A letter of any script counts as one: JSON can spell it as itself.",
    ),
    "RI229": Entry(
        "warning",
        "an attribute value asked for twice",
        "The admin guide (proficiency-routing) does not admit an attribute twice in an expression. Its own "
        "examples repeat a name with another value, and no example repeats both, so this is about one name "
        "with one value in one step, whatever joins the conditions. Several steps may ask for the same.",
    ),
    "RI230": Entry(
        "note",
        "an agent listed twice",
        "A list of preferred agents has one agent more than once, which changes nothing.",
    ),
    "RI231": Entry(
        "warning",
        "a name that begins like a word of the language",
        "In text `NO Language(English)` asks for an attribute named `NO Language`, and is not the NOT of "
        "`Language(English)`. A name may begin so, and then all is well: nothing is said of a name of which "
        "an agent of the roster holds a value or that is predefined, nor of one such as `No Claims`.",
    ),
    "RI301": Entry(
        "error",
        "an untimed step before the last",
        "A step that never expires holds the contact for good, so no later step can start.",
    ),
    "RI302": Entry(
        "warning",
        "a step that adds nobody",
        "The step lets in the same agents as the one before it, so the two are one step in two parts, and "
        "the contact waits longer for the same agents. Only the step before counts: while a step runs the "
        "contact is offered to its agents alone, so a step may well let in those of an earlier one again.",
    ),
    "RI303": Entry(
        "warning",
        "an expiry that is no whole number of seconds from 1",
        "DurationInSeconds is documented as an integer of at least 1.",
    ),
    "RI304": Entry(
        "warning",
        "a step stricter than the one before",
        "Criteria widen as they go: whoever could take the contact in one step can in the next. Here some "
        "agents can take it earlier and no longer after, and nobody is won. If the stricter step was meant "
        "to come first, putting it there makes all others wait for it.",
    ),
    "RI305": Entry(
        "warning",
        "preferred agents without an expiry",
        "The contact is held for the listed agents and offered to nobody else, also while they are offline,"
        " busy or deleted (admin guide, set-routing-criteria).",
    ),
    "RI306": Entry(
        "warning",
        "a wait longer than allowed",
        "The timers of the steps add up to more than the longest wait that was given: until all of them have "
        "run out, or until the step starts that never expires.",
    ),
    "RI307": Entry(
        "error",
        "a required attribute that lapses",
        "When the last step expires anybody in the queue may take the contact, also agents who do not hold "
        "an attribute that was marked as required.",
    ),
    "RI308": Entry(
        "warning",
        "more steps than documented",
        "The pages on contact records and contact events give 5 steps at most; the API gives no number.",
    ),
    "RI309": Entry(
        "note",
        "an expiry shorter than a ring",
        "An agent has 20 seconds to accept a contact (admin guide, loop-prompts). In a step that is shorter"
        " a missed call leaves no time for a second agent; the admin guide (set-routing-criteria) warns of "
        "that.",
    ),
    "RI310": Entry(
        "error",
        "a required attribute that is not asked for",
        "An attribute, or an expression, was marked as required: whoever takes the contact has to have it. "
        "No step asks for it, or some step lets in agents who have not got it; or the criteria asks for one "
        "whose name is nearly that. A criteria to which that need not apply is linted without it.",
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
    "RI408": Entry(
        "warning",
        "a step that nobody matches now",
        "No agent of the roster satisfies the step, although each name in it is held by somebody, or the "
        "step never expires and asks for nothing but one attribute that nobody holds. The contact only "
        "waits there. That can be meant: contacts are held back so until something else routes them.",
    ),
    "RI409": Entry(
        "note",
        "a step that hangs on one agent",
        "One agent of the roster satisfies the step and nobody else, so the step does nothing while that "
        "agent is busy or away.",
    ),
    "RI410": Entry(
        "error",
        "a name that is no predefined attribute",
        "The list of predefined attributes has no such name, or the attribute has no such value. For new "
        "contacts the block takes its Error branch; those that wait match nobody.",
    ),
    "RI411": Entry(
        "note",
        "a preferred agent given by ARN",
        "The API asks for user ids. An ARN is read as the id at its end.",
    ),
    "RI412": Entry(
        "note",
        "who would match if the near misses were meant",
        "The criteria names attributes that nobody holds, and agents hold others that look the same. "
        "This says whom the step would let in if those were meant.",
    ),
    "RI413": Entry(
        "warning",
        "an agent asked about who is not in the roster",
        "The agent asked about is neither in the roster nor the one who took the contact, so nothing is "
        "known of the agent, and every answer is unknown. Mostly it is a slip of the keyboard.",
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
    "RI515": Entry(
        "warning",
        "joined longer after the step's timer than a ring lasts",
        "A join is complete only when the agent accepts, and an agent has some seconds to do so: 20 for a "
        "call, by the admin guide. A join more than a minute after the timer was no ring, so the document's "
        "times, or its statuses, are not of one run.",
    ),
    "RI516": Entry(
        "warning",
        "a criteria that came after the contact was queued",
        "The contact waited before its first criteria was activated. An index of 0 says that no criteria was "
        "in force until then, so any agent in the queue could be offered the contact; without an index "
        "another criteria may have been, which no document shows.",
    ),
    "RI521": Entry(
        "warning",
        "documents that disagree about a step",
        "Two records of one criteria show other steps, or two ends of one step: joined and expired, say. "
        "The document made last counts.",
    ),
    "RI522": Entry(
        "warning",
        "documents that name different agents",
        "Two records of one contact do not agree on who took it. A contact that goes to another agent goes "
        "on under another id. The contact's own document counts.",
    ),
    "RI531": Entry(
        "warning",
        "a segment of the chain that is missing",
        "A contact names another as the one before it, as one after it, as related or as the first of "
        "all, and there is no document of that one. Amazon Connect tells of a contact for 24 months, and "
        "of no contact of another instance. What happened in the missing segment is unknown.",
    ),
    "RI532": Entry(
        "error",
        "segments that lead in a circle",
        "By the ids they name, a contact comes before itself, at once or over others. No contact can, so "
        "one of the documents is wrong. The segments of the circle stand in the order of their times.",
    ),
    "RI533": Entry(
        "warning",
        "links between segments of which only one can be so",
        "A contact leaves its queue once: two queue transfers out of one contact cannot be, and a contact "
        "that another went on as names that other as the one before it. Consults are no such case: an "
        "agent may make several during one contact.",
    ),
    "RI534": Entry(
        "warning",
        "a contact that came back to a queue it had left",
        "A transfer put the contact into a queue that it had been in before. Its criteria begins at step "
        "1 each time, and the customer waits anew. A callback to the queue it came from is no such case.",
    ),
    "RI535": Entry(
        "warning",
        "a segment that began before the one that leads to it",
        "By its times a segment is older than the one that it follows. The links decide the order here.",
    ),
    "RI536": Entry(
        "warning",
        "a segment of another instance",
        "A contact and all it is transferred to stay in one Amazon Connect instance. A document of "
        "another one got in by mistake, or the instance was replicated to another region.",
    ),
    "RI537": Entry(
        "warning",
        "two documents of one contact that differ",
        "The same contact was given twice, not alike. The document that was updated last counts, the "
        "others do not.",
    ),
    "RI538": Entry(
        "warning",
        "a chain that is longer than the walk",
        "Segments are fetched one by one, up to a limit. The chain goes on beyond it; what is left out is "
        "unknown.",
    ),
    "RI539": Entry(
        "warning",
        "a contact that nothing links with the rest",
        "No id leads from this contact to the others, over missing ones either, so it belongs to another "
        "story.",
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
        "The service refused to tell something about an agent, a routing profile or a contact, does not know "
        "it any more, or told what cannot be. What hangs on it is unknown, unless records of the customer's "
        "own say it.",
    ),
    "RI607": Entry(
        "warning",
        "the question is older than the document",
        "The contact is looked at as of an instant before the step it waits on had started, or before a step "
        "that is shown as expired had.",
    ),
    "RI608": Entry(
        "warning",
        "agents who could not be searched",
        "Without a roster the service is asked to search its agents (SearchUsers), and it refused or failed. "
        "Where the instance has few agents each was fetched instead; otherwise only those asked about are "
        "known. Allow connect:SearchUsers, or give a roster.",
    ),
    "RI609": Entry(
        "warning",
        "a search that contradicts an agent's levels",
        "SearchUsers returned an agent whose levels, by ListUserProficiencies, do not satisfy what was "
        "searched for, or left out one whose levels do. The levels count. Either they were edited a moment "
        "ago, or the service compares in another way than this library.",
    ),
    "RI610": Entry(
        "note",
        "nothing to see live",
        "What agents are doing now says something of a contact that waits now. This one does not wait, or "
        "no step and no queue is open to anybody, so nobody was asked.",
    ),
    "RI611": Entry(
        "warning",
        "records that could not be read",
        "A part of the events is no JSON, is wrapped in a way that is not known, or says something of the "
        "contact that makes no sense. Everything else is used, but for the rest of a line in which brackets "
        "do not match. Only the place is named: records hold what customers said and who they are.",
    ),
    "RI612": Entry(
        "note",
        "proficiencies that events and roster do not agree on",
        "The agent events show an agent with other levels around the time of the contact than the roster "
        "does. What is nearer to the contact counts; the finding says which. Attributes that the contact's "
        "criteria do not ask about are left out.",
    ),
    "RI613": Entry(
        "warning",
        "sources that differ on when something happened",
        "Two documents are more than 2 seconds apart on one instant. Contact records and agent events tell "
        "whole seconds, so less says nothing. The contact's own document counts, and no clock is corrected.",
    ),
    "RI614": Entry(
        "warning",
        "proficiencies edited while the contact waited",
        "Two agent events of the time of waiting show other levels. Whether the service looks again while a "
        "step runs is not documented: each step is judged by what held at its end.",
    ),
    "RI615": Entry(
        "warning",
        "a file that breaks off",
        "A file ends in the midst of a record, of a batch, of an array or of its compressed data. What "
        "stands before is used.",
    ),
    "RI616": Entry(
        "note",
        "records that were passed over",
        "The events hold records about other contacts, of another Amazon Connect instance, or of a kind that "
        "tells nothing of routing. They are counted and not used.",
    ),
    "RI617": Entry(
        "warning",
        "events that tell nothing of the contact",
        "No record is about the contact or about an agent of its instance. The files may be of another day.",
    ),
    "RI618": Entry(
        "warning",
        "a queue that is disabled",
        "DescribeQueue gives the status of the contact's queue as DISABLED. No new contacts are routed to "
        "such a queue, while those that are in it already still go to agents, so no verdict hangs on it. The "
        "status is as of now; nothing tells what it was at another time.",
    ),
    "RI619": Entry(
        "warning",
        "more candidates than were looked at",
        "A search leaves more agents than may be asked about one by one. Of the rest the search's word "
        "counts where it says just what the expression says, as far as the service compares like this "
        "library; elsewhere they are unknown. A pulled roster has everybody's levels.",
    ),
    "RI620": Entry(
        "warning",
        "an agent who took the contact and could not have, by the roster",
        "By the roster the agent's routing profile lacks the contact's queue, has it for other channels, or "
        "delays it for longer than the contact waited. The join stands. The routing profile was another one "
        "then, or the contact was assigned by hand; what the roster says of other agents may be as old.",
    ),
}
