"""
Contacts, criteria, steps, agents and rosters, whatever document they came from.

Times are aware datetimes in UTC, durations are timedeltas.
None means that the source did not say; it never means "no" or "zero".
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import Attribute as Field
from attrs import field, frozen

from routing_inspect.arguments import misused, require, require_all, require_time
from routing_inspect.expr import Attribute, Expr

_USER_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# What the service documents; any other status is kept as it is. The API's own enum lists four,
# contact records and events add INTERRUPTED and DEACTIVATED.
STATUSES: Final = ("INACTIVE", "ACTIVE", "EXPIRED", "JOINED", "INTERRUPTED", "DEACTIVATED")


def _aware(_: object, name: Field[Any], value: datetime | None) -> None:
    if value is not None:
        require_time(name.name, value)


@frozen
class Expiry:
    """
    When a step gives up.

    Attributes:
        after: How long after the step starts; None: never, unless the instant is recorded.
        at: The instant the service recorded; None: none. It does so once the step has expired, not before.
        extra: Members this version does not know, as they stood.
    """

    after: timedelta | None = None
    at: datetime | None = field(default=None, validator=_aware)
    extra: Mapping[str, Any] = field(factory=dict, hash=False, kw_only=True)


def _expression(_: object, __: object, expression: Expr) -> None:
    require("expression", expression, Expr)


@frozen
class Step:
    """
    One step of a criteria.

    Attributes:
        expression: Which agents it lets in.
        expiry: When it gives up; None, or an expiry with neither ``after`` nor ``at``: never.
        status: INACTIVE, ACTIVE, EXPIRED, JOINED, INTERRUPTED or DEACTIVATED; any other text
            as it stood; None where the criteria has not run.
        extra: Members this version does not know, as they stood.
    """

    expression: Expr = field(validator=_expression)
    expiry: Expiry | None = None
    status: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False, kw_only=True)

    @property
    def expires_after(self) -> timedelta | None:
        """How long after its start the step gives up; None: never, or only the instant is recorded."""
        return None if self.expiry is None else self.expiry.after

    @property
    def never_expires(self) -> bool:
        """Whether the step has nothing to expire by: no duration, and no recorded instant."""
        return self.expiry is None or (self.expiry.after is None and self.expiry.at is None)


def _steps(steps: Iterable[Step]) -> tuple[Step, ...]:
    return require_all("steps", steps, Step)


@frozen
class Criteria:
    """
    Routing criteria: steps that are tried one after the other.

    Attributes:
        steps: In order; step 1 is the first. Empty for an unconfigured flow block.
        activated_at: When step 1 started; None: it has not, or nobody said. Set for a contact in an agent
            queue too, where no step runs.
        index: How many criteria of this contact it replaced; None where the source does not say.
        reference: The JSONPath, such as ``$.External.criteria``, that a flow fills in when it
            runs; then there are no steps to see. None for a criteria that is spelled out.
        extra: Members this version does not know, as they stood.
    """

    steps: tuple[Step, ...] = field(default=(), converter=_steps)
    activated_at: datetime | None = field(default=None, validator=_aware, kw_only=True)
    index: int | None = field(default=None, kw_only=True)
    reference: str | None = field(default=None, kw_only=True)
    extra: Mapping[str, Any] = field(factory=dict, hash=False, kw_only=True)


def require_durations(criteria: Criteria) -> None:
    """
    Refuse a criteria to be written where there is room for durations alone.

    Raises:
        ValueError: Of a step only the instant is recorded at which it expires: it would read "never".
    """
    for number, step in enumerate(criteria.steps, 1):
        if step.expires_after is None and not step.never_expires:
            raise ValueError(
                f"step {number} records the instant at which it expires and no duration, "
                "and when it started is not known"
            )


@frozen(kw_only=True)
class Offer:
    """
    A contact put before an agent, and what came of it.

    Attributes:
        outcome: ``accepted``, ``missed``, ``rejected`` (also: the customer gave up while it rang),
            ``failed``, or ``ringing`` where nothing is recorded of how it ended.
        offered_at: When it began to ring; None: not recorded.
        ended_at: When it was taken, missed or rejected; None: not recorded.
        source: Where it comes from, for people: ``agent events``; None: nobody said. Not compared.
    """

    agent_id: str
    outcome: str
    offered_at: datetime | None = field(default=None, validator=_aware)
    ended_at: datetime | None = field(default=None, validator=_aware)
    source: str | None = field(default=None, eq=False)


@frozen(kw_only=True)
class Contact:
    """
    What one document says of a contact, without anything personal: no number, name or attribute.

    Times are aware. Where something is None the document does not say, unless another meaning is given here.

    Attributes:
        id: None where the document is a criteria alone, such as a flow block.
        queue_type: STANDARD or AGENT; None where the document does not say, as DescribeContact never does.
        agent_id: Who took it; None where nobody has.
        connected_at: When the agent was connected.
        accepted_at: Outbound-campaign previews only.
        next_ids: Contacts that this one went on as, after a transfer.
        criteria: The current criteria; None where the contact has none.
        earlier: Criteria that `criteria` replaced, oldest first, as far as the document keeps them.
        offers: Whom it was offered to, in order, as far as agent events were given; no document of
            the contact itself says so.
        failed_block: The flow block's error in a flow log entry, ``Error``; None elsewhere.
        source: What kind of document it was, for people: ``DescribeContact``. Not compared.
        fetched_at: When the service was asked for it, by the clock of the machine that did; None: it is
            from a file. Not compared.
    """

    id: str | None = None
    instance_id: str | None = None
    channel: str | None = None
    initiation_method: str | None = None
    initial_id: str | None = None
    previous_id: str | None = None
    related_id: str | None = None
    association_id: str | None = None
    next_ids: tuple[str, ...] = ()
    queue_id: str | None = None
    queue_name: str | None = None
    queue_type: str | None = None
    agent_id: str | None = None
    agent_username: str | None = None
    disconnect_reason: str | None = None
    initiated_at: datetime | None = field(default=None, validator=_aware)
    enqueued_at: datetime | None = field(default=None, validator=_aware)
    connected_at: datetime | None = field(default=None, validator=_aware)
    accepted_at: datetime | None = field(default=None, validator=_aware)
    disconnected_at: datetime | None = field(default=None, validator=_aware)
    last_updated_at: datetime | None = field(default=None, validator=_aware)
    criteria: Criteria | None = None
    earlier: tuple[Criteria, ...] = ()
    offers: tuple[Offer, ...] = ()
    failed_block: str | None = None
    source: str = field(default="caller", eq=False)
    fetched_at: datetime | None = field(default=None, eq=False, validator=_aware)

    @property
    def all_criteria(self) -> tuple[Criteria, ...]:
        """Every criteria that it is known to have had, oldest first; the current one is the last."""
        return self.earlier if self.criteria is None else (*self.earlier, self.criteria)


@frozen(kw_only=True)
class RoutedQueue:
    """
    A queue and channel in an agent's routing profile.

    Attributes:
        name: The queue's name; None: unknown.
        priority: 1 to 99, the lower the sooner; it orders queues for one agent, not agents. None: unknown.
        delay: How old a contact must be before this agent is offered it.
    """

    id: str
    channel: str
    name: str | None = None
    priority: int | None = None
    delay: timedelta = timedelta(0)


@frozen(kw_only=True)
class RoutingProfile:
    """
    A routing profile, apart from its queues: those stand with the agent.

    Attributes:
        name: What people call it; None: unknown.
        concurrency: How many contacts an agent may have at once, by channel; None: unknown.
        manual_queue_ids: Queues out of which contacts are only picked or assigned by hand; None: unknown.
        cross_channel: By the channel of a contact in hand, whether contacts of other channels are
            offered beside it; a channel that is not in it, or None: unknown.
    """

    id: str
    name: str | None = None
    concurrency: Mapping[str, int] | None = field(default=None, hash=False)
    manual_queue_ids: tuple[str, ...] | None = None
    cross_channel: Mapping[str, bool] | None = field(default=None, hash=False)


def _levels(proficiencies: Mapping[Attribute, float] | None) -> Mapping[Attribute, float] | None:
    if proficiencies is None:
        return None
    if not isinstance(proficiencies, Mapping):
        raise misused("proficiencies", proficiencies, "Mapping")
    levels = {attribute: float(level) for attribute, level in proficiencies.items()}
    for attribute, level in levels.items():
        if not isinstance(attribute, Attribute):
            raise misused("proficiencies", attribute, "Attribute")
        if not math.isfinite(level):
            raise ValueError(f"a proficiency level is a finite number, found {level} for {attribute}")
    return levels


@frozen(kw_only=True)
class Handled:
    """
    A contact in an agent's hands.

    Attributes:
        state: ``CONNECTING`` while it rings, ``CONNECTED``, ``CONNECTED_ONHOLD``, ``MISSED``, ``ENDED`` ...
        since: When that state began; None: unknown.
    """

    id: str
    channel: str | None = None
    state: str | None = None
    since: datetime | None = field(default=None, validator=_aware)


@frozen(kw_only=True)
class Presence:
    """
    What an agent is doing at one instant.

    Attributes:
        signed_in: Whether the agent is there at all; if not, nothing else is known.
        status: The status that the agent chose, such as ``Available`` or ``Lunch``; None: unknown.
        next_status: The status that follows once the contacts in hand are done, chosen already.
        since: When the status began; None: unknown.
        free: How many more contacts the agent could take, by channel.
        handling: The contacts in hand.
        as_of: The instant.
        source: Where it comes from, for people: ``GetCurrentUserData``. Not compared.
    """

    as_of: datetime = field(validator=_aware)
    signed_in: bool = True
    status: str | None = None
    next_status: str | None = None
    since: datetime | None = field(default=None, validator=_aware)
    free: Mapping[str, int] = field(factory=dict, hash=False)
    handling: tuple[Handled, ...] = ()
    source: str | None = field(default=None, eq=False)


def _optional_tuple(queues: Iterable[RoutedQueue] | None) -> tuple[RoutedQueue, ...] | None:
    return None if queues is None else tuple(queues)


@frozen(kw_only=True)
class Snapshot:
    """
    What one agent event shows of an agent.

    Attributes:
        at: When it was so.
        proficiencies: Levels by attribute; None: the event does not say.
        queue_ids: The queues of the routing profile; None: the event does not say.
        routable: Whether contacts were routed to the agent: the status, and none chosen to follow it;
            None: unknown.
        status: What the status is called; None: the event does not say.
        slots: How many more contacts the agent could take, by channel; None: the event does not say.
        signed_out: Whether the agent was offline, which lasts until the next event.
        previous: Whether it is the state before the event of this time, of which only the end is known.
    """

    at: datetime = field(validator=_aware)
    proficiencies: Mapping[Attribute, float] | None = field(default=None, converter=_levels, hash=False)
    queue_ids: tuple[str, ...] | None = None
    routable: bool | None = None
    status: str | None = None
    slots: Mapping[str, int] | None = field(default=None, hash=False)
    signed_out: bool = False
    previous: bool = False


@frozen(kw_only=True)
class Agent:
    """
    An agent, as far as routing criteria are concerned.

    Attributes:
        id: The user id, a UUID in Amazon Connect.
        username: What the agent signs in with; None: unknown.
        proficiencies: Levels by attribute, 1.0 to 5.0; an attribute that is not in it is not
            held. None: nobody knows what the agent holds.
        queues: The queues of the routing profile; None: unknown. Empty: none.
        routing_profile: The routing profile itself; None: unknown.
        available: Whether the agent could take a contact at the time asked about; None: unknown.
        free_slots: How many more contacts the agent could take, by channel; None: unknown.
        as_of: When this was so; None: unknown.
        modified_at: When the proficiencies were last edited; None: unknown.
        told: What somebody who knows the levels says of whole expressions: whether the agent satisfies
            them. It counts only where `proficiencies` is None.
        presence: What the agent is doing now; None: nobody asked.
        source: Where it comes from, for people: ``ListUserProficiencies``; None: nobody said. Not compared.
        seen_status: The status that kept contacts from the agent all of the time asked about, from agent
            events; None: unknown, or there was none. Not compared.
        seen_queue_ids: The queues of the routing profile as they were at the time asked about, from agent
            events, which do not say priority and delay; None: unknown. Not compared.
        seen: What agent events show of the agent around the contact, oldest first. Not compared.
    """

    id: str
    username: str | None = None
    proficiencies: Mapping[Attribute, float] | None = field(default=None, converter=_levels, hash=False)
    queues: tuple[RoutedQueue, ...] | None = field(default=None, converter=_optional_tuple)
    routing_profile: RoutingProfile | None = None
    available: bool | None = None
    free_slots: Mapping[str, int] | None = field(default=None, hash=False)
    as_of: datetime | None = field(default=None, validator=_aware)
    modified_at: datetime | None = field(default=None, validator=_aware)
    told: Mapping[Expr, bool] = field(factory=dict, hash=False)
    presence: Presence | None = None
    source: str | None = field(default=None, eq=False)
    seen_status: str | None = field(default=None, eq=False)
    seen_queue_ids: tuple[str, ...] | None = field(default=None, eq=False)
    seen: tuple[Snapshot, ...] = field(default=(), eq=False)

    @property
    def name(self) -> str:
        """What to call the agent: the username, or the id where there is none."""
        return self.username or self.id


def shown_names(agents: Iterable[Agent]) -> dict[str, str]:
    """
    Say what to call agents who are shown together, by id.

    Each goes by the username, or by the id where there is none; behind a name that several of them
    have stands the id.
    """
    told = {agent.id: agent.name for agent in agents}
    times = Counter(told.values())
    return {one: name if times[name] == 1 else f"{name} ({one})" for one, name in told.items()}


def is_user_id(text: str) -> bool:
    """Say whether *text* looks like a user id, which is a UUID in Amazon Connect; no username does."""
    return _USER_ID.fullmatch(text) is not None


def user_id(agent_id: str) -> str:
    """Take the user id out of an agent's ARN; any other text stays as it is."""
    return agent_id.rpartition("/agent/")[2] if agent_id.startswith("arn:") else agent_id


def _agents(agents: Iterable[Agent]) -> tuple[Agent, ...]:
    return require_all("agents", agents, Agent)


def _few(agents: tuple[Agent, ...]) -> str:
    """Show some agents, and of more how many they are: a repr is for a terminal."""
    return repr(agents) if len(agents) <= 5 else f"<{len(agents):,} agents>"


@frozen(kw_only=True)
class Roster:
    """
    Agents to ask about, in a stable order.

    Attributes:
        as_of: When it was taken; None: unknown. An agent's own ``as_of`` comes first.
        source: Where it comes from, for people: a file's name; None: nobody said. Not compared.

    Raises:
        ValueError: Two agents have one id.
    """

    agents: tuple[Agent, ...] = field(default=(), converter=_agents, repr=_few)
    as_of: datetime | None = field(default=None, validator=_aware)
    source: str | None = field(default=None, eq=False)
    _by_id: Mapping[str, Agent] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        repeated = [agent_id for agent_id, n in Counter(agent.id for agent in self.agents).items() if n > 1]
        if repeated:
            raise ValueError(f"two agents have the id `{repeated[0]}`")
        object.__setattr__(self, "_by_id", {agent.id: agent for agent in self.agents})

    def find(self, name: str) -> Agent | None:
        """
        Find an agent by user id, by ARN, or by a username that only one agent has.

        Returns:
            None where there is no such agent, or several share the username.
        """
        agent = self._by_id.get(user_id(name))
        if agent is None:
            named = [candidate for candidate in self.agents if candidate.username == name]
            agent = named[0] if len(named) == 1 else None
        return agent
