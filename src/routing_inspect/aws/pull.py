"""
A whole instance's agents, with as few requests as the service allows and as fast as its quotas do.

Whatever is fetched is handed out at once as small documents, *entries*; a pull that is given the entries
of an earlier one asks for nothing that is in them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import define, field, frozen

from routing_inspect.aws.answers import (
    DENIED,
    REFUSALS,
    describe_profile,
    list_proficiencies,
    list_queues,
    read_all,
    read_profile,
    read_user,
)
from routing_inspect.aws.calls import identifier, led_back, pages, reading
from routing_inspect.aws.patience import PATIENCE, Patience
from routing_inspect.aws.rate import BURST, RATE, Buckets, limited
from routing_inspect.contact import Agent, Roster, RoutedQueue, RoutingProfile
from routing_inspect.document import JSON
from routing_inspect.errors import RoutingInspectError, ServiceError
from routing_inspect.expr import Attribute
from routing_inspect.findings import Finding
from routing_inspect.visible import visible

# Something that was fetched, as plain JSON values.
Entry = dict[str, JSON]

_USERS: Final = "SearchUsers"
_PROFILES: Final = "SearchRoutingProfiles"
_PROFILE: Final = "DescribeRoutingProfile"
_QUEUES: Final = "ListRoutingProfileQueues"
_LEVELS: Final = "ListUserProficiencies"
# How many requests of an operation may be on their way at once; together no more than a client's pool holds.
_WORKERS: Final = {_LEVELS: 12, _QUEUES: 2, _PROFILE: 2}
_STALE: Final = frozenset({"InvalidParameterException", "InvalidRequestException"})
# So many refusals without one answer are no affair of single agents.
_REFUSALS: Final = 5


@frozen
class Pulled:
    """
    What a pull came to.

    Attributes:
        roster: The agents, ordered by username and id.
        findings: What could not be told: agents who are gone, facts that were refused.
        requests: How many requests this pull sent, by operation.
    """

    roster: Roster
    findings: tuple[Finding, ...]
    requests: Mapping[str, int]


@define
class _Listing:
    """
    The pages of a search so far.

    Attributes:
        token: What leads to the next page; None before the first, and after the last.
        seen: Every token so far.
    """

    rows: list[JSON] = field(factory=list)
    token: str | None = None
    seen: set[str] = field(factory=set)
    is_whole: bool = False


@define(eq=False)
class _Arrivals:
    """
    Results in the order they came.

    Attributes:
        taken: How many have been taken in.
    """

    futures: list[Future[Entry]] = field(factory=list)
    news: threading.Event = field(factory=threading.Event)
    taken: int = 0

    def put(self, future: Future[Entry]) -> None:
        """Take in a result; what was cancelled is none."""
        if not future.cancelled():
            self.futures.append(future)
            self.news.set()

    def untaken(self) -> tuple[list[Entry], list[BaseException]]:
        """Give what has come since: entries, and failures."""
        ended = [(future, future.exception()) for future in self.futures[self.taken :]]
        entries = [future.result() for future, error in ended if error is None]
        return entries, [error for _, error in ended if error is not None]


def pull_roster(  # noqa: PLR0913  (all but two have defaults, and none belong together)
    client: Any,
    *,
    instance_id: str,
    queue: str | None = None,
    rate: float = RATE,
    burst: int = BURST,
    patience: timedelta = PATIENCE,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    kept: Iterable[Entry] = (),
    keep: Callable[[Sequence[Entry]], None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Pulled:
    """
    Fetch every agent of an instance: proficiencies, routing profile and queues.

    Args:
        client: A boto3 client for Amazon Connect. One of ``connect(attempts=1)`` leaves it to this function
            when to try again; every attempt of any client is held to the quotas.
        instance_id: The instance's id, or its ARN.
        queue: A queue's id or name: only agents whose routing profile has it; None: all.
        rate: Requests a second of one operation.
        burst: How many of one operation may be sent at once after a pause.
        patience: How long an operation may be throttled, without an answer between, before it is given up.
        clock: The time that facts are as of.
        kept: What an earlier pull of the same instance handed to *keep*.
        keep: Called with what has just been fetched, in the thread that fetched it.
        progress: Called with the number of agents fetched, and of all agents.

    Raises:
        ServiceError: The service did not give what is needed. What it did give has been handed to *keep*.
        RoutingInspectError: The instance id is none; no agent has the queue, or several have its name.
    """
    instance = identifier(instance_id, "instance")
    buckets = Buckets(rate, burst)
    patient = Patience(buckets, patience.total_seconds())
    pull = _Pull(client, instance, patient, clock, keep, progress)
    for entry in kept:
        pull.apply(entry)
    with limited(client, buckets):
        agent_ids = pull.fetch(queue)
    roster, findings = pull.roster(agent_ids)
    return Pulled(roster, findings, buckets.sent)


@define(eq=False)
class _Pull:
    """One pull, and what it has got so far."""

    client: Any
    instance: str
    patience: Patience
    clock: Callable[[], datetime]
    keep: Callable[[Sequence[Entry]], None]
    progress: Callable[[int, int], None]
    listings: dict[str, _Listing] = field(factory=lambda: {_USERS: _Listing(), _PROFILES: _Listing()})
    begun_at: datetime | None = None
    # By routing profile; the entry of a refusal holds None.
    described: dict[str, Entry] = field(factory=dict)
    queues: dict[str, Entry] = field(factory=dict)
    # By agent.
    levels: dict[str, Entry] = field(factory=dict)
    # How many agents' proficiencies were told, and refused.
    told: int = 0
    refused: int = 0
    # Why something was asked for in another way.
    fallen_back: list[Finding] = field(factory=list)

    def apply(self, entry: Entry) -> None:
        """Take in what was fetched, now or by an earlier pull."""
        match entry:
            case {"page": str() as operation, "rows": rows, "next": token, "at": at}:
                listing = self.listings[operation]
                listing.rows += rows
                listing.token = token
                listing.is_whole = token is None
                listing.seen |= {token} - {None}
                self.begun_at = self.begun_at or datetime.fromisoformat(at)
            case {"restart": str() as operation}:
                self.listings[operation] = _Listing()
            case {"profile": str() as profile}:
                self.described[profile] = entry
            case {"queues_of": str() as profile}:
                self.queues[profile] = entry
            case {"agent": str() as agent}:
                self.levels[agent] = entry
                self.refused += bool(entry.get("refused"))
                self.told += not entry.get("refused")
            case _:
                raise RoutingInspectError("something was kept that no pull has fetched")

    def record(self, entry: Entry) -> Entry:
        """Hand out what was fetched, unless it is a refusal: that may be over another time."""
        if not entry.get("refused"):
            self.keep([entry])
        return entry

    def fetch(self, queue: str | None) -> list[str]:
        """Fetch what is missing, and give the agents that are wanted, in the roster's order."""
        self.search(_USERS, "Users", _user_rows)
        users = self.users()
        wanted = {profile for _, profile in users.values() if profile is not None}
        self.search_profiles()
        known = {row["id"] for row in self.listings[_PROFILES].rows}
        about_profiles = [
            *((_QUEUES, profile, self.queues_of) for profile in sorted(wanted - self.queues.keys())),
            *(
                (_PROFILE, profile, self.describe)
                for profile in sorted(wanted - known - self.described.keys())
            ),
        ]
        if queue is None:
            self.work(about_profiles, list(users))
            return list(users)
        self.work([task for task in about_profiles if task[0] == _QUEUES], [])
        having = self.profiles_with(queue)
        agent_ids = [agent for agent, (_, profile) in users.items() if profile in having]
        self.work([task for task in about_profiles if task[0] == _PROFILE and task[1] in having], agent_ids)
        return agent_ids

    def search_profiles(self) -> None:
        """Search for routing profiles; where that is not allowed, each is described instead."""
        try:
            self.search(_PROFILES, "RoutingProfiles", _profile_rows)
        except ServiceError as error:
            if error.code != DENIED:
                raise
            message = f"{error.message}; each routing profile was described instead"
            self.fallen_back = [Finding("RI606", message, error.hint, _PROFILES)]

    def users(self) -> dict[str, tuple[str | None, str | None]]:
        """Give each agent's username and routing profile, ordered by username and id."""
        # A user may come twice where somebody was added while the pages were turned; the later row is newer.
        rows = {row[0]: (row[1], row[2]) for row in self.listings[_USERS].rows}
        return dict(sorted(rows.items(), key=lambda item: (item[1][0] or "", item[0])))

    def search(self, operation: str, member: str, rows_of: Callable[[JSON], list[JSON]]) -> None:
        """Turn the pages of a search from where it stands to the last."""
        is_resumed = self.listings[operation].token is not None
        while not self.listings[operation].is_whole:
            listing = self.listings[operation]
            try:
                rows, token = self.patience.fetch(operation, lambda: self.page(operation, member, rows_of))
            except ServiceError as error:
                # A token of an earlier day may mean nothing any more.
                if not is_resumed or error.code not in _STALE:
                    raise
                self.apply(self.record({"restart": operation}))
                is_resumed = False
                continue
            is_resumed = False
            if token is not None and token in listing.seen:
                raise led_back(operation)
            at = self.clock().isoformat()
            self.apply(self.record({"page": operation, "rows": rows, "next": token, "at": at}))

    def page(
        self, operation: str, member: str, rows_of: Callable[[JSON], list[JSON]]
    ) -> tuple[list[JSON], str | None]:
        """Ask for the next page of a search: its rows, and what leads on."""
        parameters: dict[str, Any] = {"InstanceId": self.instance, "MaxResults": 500}
        token = self.listings[operation].token
        with reading(operation):
            page = next(
                pages(self.client, operation, parameters | ({"NextToken": token} if token else {}), member)
            )
            return rows_of(page[member]), page.get("NextToken") or None

    def work(
        self, about_profiles: Sequence[tuple[str, str, Callable[[str], Entry]]], agents: list[str]
    ) -> None:
        """Fetch what is missing of routing profiles and agents, side by side, each operation at its rate."""
        missing = [agent for agent in agents if agent not in self.levels]
        tasks = [*about_profiles, *((_LEVELS, agent, self.levels_of) for agent in missing)]
        before = len(agents) - len(missing) - self.told - self.refused
        self.progress(before + self.told + self.refused, len(agents))
        arrivals = _Arrivals()
        lanes = {operation: ThreadPoolExecutor(n, operation) for operation, n in _WORKERS.items()}
        try:
            for operation, subject, fetch in tasks:
                # Whoever fetches keeps, so that a kill loses no more than is on its way.
                arrival = lanes[operation].submit(lambda f, s: self.record(f(s)), fetch, subject)
                arrival.add_done_callback(arrivals.put)
            while arrivals.taken < len(tasks):
                self.take(arrivals)
                self.progress(before + self.told + self.refused, len(agents))
                self.check_refusals()
        except BaseException:
            self.patience.buckets.stop()
            raise
        finally:
            for lane in lanes.values():
                # Waits for those on their way: they have cost as much as any, and are kept too.
                lane.shutdown(cancel_futures=True)

    def take(self, arrivals: _Arrivals) -> None:
        """Wait for results and take them in; raise the first failure among them."""
        arrivals.news.wait()
        arrivals.news.clear()
        entries, failures = arrivals.untaken()
        for entry in entries:
            self.apply(entry)
        arrivals.taken += len(entries) + len(failures)
        for failure in failures[:1]:
            raise failure

    def check_refusals(self) -> None:
        """Stop where nobody's proficiencies may be seen: a roster of unknowns is not worth the wait."""
        if self.refused and not self.told and self.refused >= min(_REFUSALS, len(self.users())):
            message, hint = next(iter(self.levels.values()))["finding"]
            raise ServiceError(message, hint=hint, operation=_LEVELS, code=DENIED)

    def levels_of(self, agent: str) -> Entry:
        """Fetch an agent's proficiencies."""
        parameters = {"InstanceId": self.instance, "UserId": agent, "MaxResults": 100}
        try:
            levels, modified_at = self.patience.fetch(
                _LEVELS, lambda: list_proficiencies(self.client, parameters)
            )
        except ServiceError as error:
            if error.code == "ResourceNotFoundException":
                return {"agent": agent, "is_gone": True, "finding": [error.message, error.hint]}
            return {"agent": agent, "levels": None, **_refusal(error), "at": self.clock().isoformat()}
        rows = [[attribute.name, attribute.value, level] for attribute, level in (levels or {}).items()]
        modified = None if modified_at is None else modified_at.isoformat()
        return {"agent": agent, "levels": rows, "modified_at": modified, "at": self.clock().isoformat()}

    def queues_of(self, profile: str) -> Entry:
        """Fetch the queues of a routing profile."""
        parameters = {"InstanceId": self.instance, "RoutingProfileId": profile, "MaxResults": 100}
        try:
            queues = self.patience.fetch(_QUEUES, lambda: list_queues(self.client, parameters))
        except ServiceError as error:
            return {"queues_of": profile, "queues": None, **_refusal(error)}
        rows = [[q.id, q.channel, q.name, q.priority, q.delay.total_seconds()] for q in queues]
        return {"queues_of": profile, "queues": rows}

    def describe(self, profile: str) -> Entry:
        """Fetch a routing profile that the search has not found: it may be too new for the search's index."""
        parameters = {"InstanceId": self.instance, "RoutingProfileId": profile}
        try:
            described = self.patience.fetch(
                _PROFILE, lambda: describe_profile(self.client, parameters, read_profile)
            )
        except ServiceError as error:
            return {"profile": profile, "row": {"id": profile}, **_refusal(error)}
        return {"profile": profile, "row": _profile_row(described)}

    def profiles_with(self, queue: str) -> set[str]:
        """Name the routing profiles that have a queue, given by its id or by a name that only one has."""
        named: dict[str, str | None] = {}
        for entry in self.queues.values():
            named |= {row[0]: row[2] for row in entry["queues"] or ()}
        ids = {queue} if queue in named else {found for found, name in named.items() if name == queue}
        if len(ids) != 1:
            shown = visible(queue)
            told = f"{len(ids)} queues are named `{shown}`" if ids else f"no agent has a queue `{shown}`"
            known = sorted({visible(name or found) for found, name in named.items()})
            hint = (
                f"give the id: {', '.join(sorted(ids))}" if ids else f"agents have: {', '.join(known[:20])}"
            )
            raise RoutingInspectError(told, hint=hint)
        return {
            profile
            for profile, entry in self.queues.items()
            if any(row[0] in ids for row in entry["queues"] or ())
        }

    def roster(self, agent_ids: Sequence[str]) -> tuple[Roster, tuple[Finding, ...]]:
        """Put the roster together, and say what it lacks."""
        users = self.users()
        profiles = self.profiles()
        queues = {
            profile: None if _odd_delays(entry) else _queues(entry["queues"])
            for profile, entry in self.queues.items()
        }
        agents = []
        for agent_id in agent_ids:
            entry = self.levels[agent_id]
            if not entry.get("is_gone"):
                username, profile = users[agent_id]
                known = (None, None) if profile is None else (profiles[profile], queues[profile])
                agents.append(_agent(agent_id, username, entry, *known))
        roster = Roster(agents=agents, as_of=self.begun_at, source="Amazon Connect")
        return roster, tuple(self.findings(agents, agent_ids))

    def profiles(self) -> dict[str, RoutingProfile]:
        """Give the routing profiles by id, as far as they are known."""
        return {
            row["id"]: RoutingProfile(
                id=row["id"],
                name=row.get("name"),
                concurrency=None if _odd_slots(row) else row.get("concurrency"),
                # What an earlier version has kept in its journal lacks the member.
                manual_queue_ids=None if row.get("manual") is None else tuple(row["manual"]),
            )
            for row in self.profile_rows()
        }

    def profile_rows(self) -> list[JSON]:
        """Give what was told of routing profiles, by the search and by describing them."""
        return [*self.listings[_PROFILES].rows, *(entry["row"] for entry in self.described.values())]

    def findings(self, agents: Sequence[Agent], agent_ids: Sequence[str]) -> Iterable[Finding]:
        """Say what could not be told, about agents in the roster's order and about routing profiles."""
        for agent_id in agent_ids:
            yield from _finding(self.levels[agent_id], _LEVELS)
        yield from self.fallen_back
        for operation, entries in ((_QUEUES, self.queues), (_PROFILE, self.described)):
            for subject in sorted(entries):
                yield from _finding(entries[subject], operation)
        yield from self.impossible()
        named: dict[str | None, list[str]] = {}
        for agent in agents:
            named.setdefault(agent.username, []).append(agent.id)
            if agent.routing_profile is None:
                message = f"{_USERS} names no routing profile of {visible(agent.name)}, so no queues"
                yield Finding("RI606", message, "look the agent up with DescribeUser", _USERS)
        for username, ids in named.items():
            if username is not None and len(ids) > 1:
                message = f"{len(ids)} agents have the username `{visible(username)}`: {', '.join(ids)}"
                yield Finding("RI407", message, "ask about them by user id")

    def impossible(self) -> Iterable[Finding]:
        """Say what was told of routing profiles and cannot be so; a roster holds it as unknown."""
        hint = "the fault is the service's, or of something on the way"
        for row in sorted(self.profile_rows(), key=lambda row: str(row["id"])):
            for number in _odd_slots(row)[:1]:
                message = f"the routing profile {row['id']} has a concurrency of {number}: taken as unknown"
                yield Finding("RI606", message, hint, _PROFILES)
        for profile in sorted(self.queues):
            for delay in _odd_delays(self.queues[profile])[:1]:
                message = f"the routing profile {profile} has a queue with a delay of {delay:g} s"
                yield Finding("RI606", f"{message}: its queues are taken as unknown", hint, _QUEUES)


def _odd_slots(row: Entry) -> list[int]:
    return [n for n in (row.get("concurrency") or {}).values() if n < 0]


def _odd_delays(entry: Entry) -> list[float]:
    return [delay for *_, delay in entry["queues"] or () if delay < 0]


def _refusal(error: ServiceError) -> Entry:
    """Turn an error that leaves one fact unknown into what is said of it; raise any other."""
    if error.code not in REFUSALS:
        raise error
    return {"refused": True, "finding": [error.message, error.hint]}


def _finding(entry: Entry, operation: str) -> Iterable[Finding]:
    if "finding" in entry:
        message, hint = entry["finding"]
        yield Finding("RI606", message, hint, operation)


def _user_rows(users: JSON) -> list[JSON]:
    return [[user.id, user.username, user.profile_id] for user in read_all(users, "$.Users", read_user)]


def _profile_rows(profiles: JSON) -> list[JSON]:
    return [_profile_row(profile) for profile in read_all(profiles, "$.RoutingProfiles", read_profile)]


def _profile_row(profile: RoutingProfile) -> JSON:
    manual = profile.manual_queue_ids
    return {
        "id": profile.id,
        "name": profile.name,
        "concurrency": None if profile.concurrency is None else dict(profile.concurrency),
        "manual": None if manual is None else list(manual),
    }


def _queues(rows: JSON) -> tuple[RoutedQueue, ...] | None:
    if rows is None:
        return None
    return tuple(
        RoutedQueue(
            id=queue_id, channel=channel, name=name, priority=priority, delay=timedelta(seconds=delay)
        )
        for queue_id, channel, name, priority, delay in rows
    )


def _agent(
    agent_id: str,
    username: str | None,
    entry: Entry,
    profile: RoutingProfile | None,
    queues: tuple[RoutedQueue, ...] | None,
) -> Agent:
    told, modified_at = entry["levels"], entry.get("modified_at")
    return Agent(
        id=agent_id,
        username=username,
        proficiencies=None if told is None else {Attribute(name, value): n for name, value, n in told},
        queues=queues,
        routing_profile=profile,
        modified_at=None if modified_at is None else datetime.fromisoformat(modified_at),
        as_of=datetime.fromisoformat(entry["at"]),
    )
