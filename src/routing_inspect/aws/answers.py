"""What answers tell of users, proficiencies, queues and routing profiles: one reader for each shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from attrs import frozen

from routing_inspect.aws.calls import Parameters, call, identifier, pages, reading
from routing_inspect.contact import RoutedQueue, RoutingProfile
from routing_inspect.document import JSON
from routing_inspect.errors import DocumentError, Problem, RoutingInspectError
from routing_inspect.expr import Attribute
from routing_inspect.roster import read_proficiencies
from routing_inspect.wire import Reader, expected, read_duration, read_text, read_time, read_whole_number

T = TypeVar("T")

# The codes of errors that leave one fact unknown; after any other the whole would be half an answer.
# STS denies with `AccessDenied`: where no role could be assumed, nothing was asked.
DENIED: Final = "AccessDeniedException"
REFUSALS: Final = frozenset({DENIED, "ResourceNotFoundException"})
# The most that SearchUsers and ListUsers give at once, by the model.
SEARCHED: Final = 500
LISTED: Final = 1000


@frozen
class User:
    """
    A user, as the lists and DescribeUser tell of one.

    Attributes:
        username: None: the answer does not say.
        profile_id: The id of the routing profile; None: the answer does not say.
    """

    id: str
    username: str | None
    profile_id: str | None


@frozen
class Queue:
    """
    A queue, as DescribeQueue tells of one; None: the answer does not say.

    Attributes:
        status: ``ENABLED`` or ``DISABLED``.
    """

    name: str | None
    arn: str | None
    status: str | None


# ---------------------------------------------------------------------------- reading


def optional(value: JSON, reader: Reader[T], path: str, problems: list[Problem]) -> T | None:
    """Read a member that may be absent or null; None then."""
    return None if value is None else reader(value, path, problems)


def read_all(nodes: Sequence[JSON], path: str, reader: Reader[T]) -> list[T]:
    """
    Read every row of a list.

    Raises:
        DocumentError: Some cannot be read.
    """
    problems: list[Problem] = []
    read = [reader(node, f"{path}[{i}]", problems) for i, node in enumerate(nodes)]
    done(problems)
    return [row for row in read if row is not None]


def done(problems: list[Problem]) -> None:
    """Raise what was found wrong with an answer, if anything."""
    if problems:
        raise DocumentError(tuple(problems))


def read_user(node: JSON, path: str, problems: list[Problem]) -> User | None:
    """Read a row of SearchUsers or ListUsers."""
    if not isinstance(node, dict):
        problems.append(expected("a user with Id and Username", node, path))
        return None
    found = _read_id(node.get("Id"), "agent", f"{path}.Id", problems)
    username = optional(node.get("Username"), read_text, f"{path}.Username", problems)
    profile_id = optional(node.get("RoutingProfileId"), _profile_id, f"{path}.RoutingProfileId", problems)
    return None if found is None else User(found, username, profile_id)


def read_profile(node: JSON, path: str, problems: list[Problem]) -> RoutingProfile | None:
    """Read a routing profile as SearchRoutingProfiles and DescribeRoutingProfile give it."""
    if not isinstance(node, dict):
        problems.append(expected("a routing profile with RoutingProfileId", node, path))
        return None
    profile_id = _profile_id(node.get("RoutingProfileId"), f"{path}.RoutingProfileId", problems)
    name = optional(node.get("Name"), read_text, f"{path}.Name", problems)
    where = f"{path}.MediaConcurrencies"
    concurrency = optional(node.get("MediaConcurrencies"), _concurrency, where, problems)
    manual = _manual_queue_ids(node, path, problems)
    if profile_id is None:
        return None
    return RoutingProfile(id=profile_id, name=name, concurrency=concurrency, manual_queue_ids=manual)


def _read_id(value: JSON, what: str, path: str, problems: list[Problem]) -> str | None:
    """Read an id that becomes a part of the next call's URL, like an id of the caller's."""
    text = read_text(value, path, problems)
    try:
        return None if text is None else identifier(text, what)
    except RoutingInspectError as error:
        problems.append(Problem(path, error.message))
        return None


def _profile_id(value: JSON, path: str, problems: list[Problem]) -> str | None:
    return _read_id(value, "routing profile", path, problems)


def _manual_queue_ids(node: Mapping[str, JSON], path: str, problems: list[Problem]) -> tuple[str, ...] | None:
    """Read the ids of the queues for manual assignment; None where the answer does not have them."""
    told = node.get("AssociatedManualAssignmentQueueIds")
    where = f"{path}.AssociatedManualAssignmentQueueIds"
    if isinstance(told, list):
        return tuple(str(read_text(queue, f"{where}[{i}]", problems)) for i, queue in enumerate(told))
    if told is not None:
        problems.append(expected("a list of queue ids", told, where))
    # An empty list may be left out of an answer, and then the count alone tells it from one that is not told.
    return () if node.get("NumberOfAssociatedManualAssignmentQueues") == 0 else None


def _concurrency(value: JSON, path: str, problems: list[Problem]) -> dict[str, int] | None:
    if not isinstance(value, list):
        problems.append(expected("a list of channels with their concurrency", value, path))
        return None
    read: dict[str, int] = {}
    for i, row in enumerate(value):
        told = row if isinstance(row, dict) else {}
        channel = read_text(told.get("Channel"), f"{path}[{i}]", problems)
        number = read_whole_number(told.get("Concurrency"), f"{path}[{i}]", problems)
        if channel is not None and number is not None:
            read[channel] = number
    return read


def _queue(node: JSON, path: str, problems: list[Problem]) -> RoutedQueue | None:
    if not isinstance(node, dict):
        problems.append(expected("a queue with QueueId, Channel and Delay", node, path))
        return None
    queue_id = read_text(node.get("QueueId"), f"{path}.QueueId", problems)
    channel = read_text(node.get("Channel"), f"{path}.Channel", problems)
    delay = read_duration(node.get("Delay"), f"{path}.Delay", problems)
    name = optional(node.get("QueueName"), read_text, f"{path}.QueueName", problems)
    priority = optional(node.get("Priority"), read_whole_number, f"{path}.Priority", problems)
    if queue_id is None or channel is None or delay is None:
        return None
    return RoutedQueue(id=queue_id, channel=channel, name=name, priority=priority, delay=delay)


# ---------------------------------------------------------------------------- asking


def list_users(client: Any, operation: str, parameters: Parameters) -> list[User]:
    """List users by one of the operations that can: SearchUsers, ListUsers."""
    member = {"SearchUsers": "Users", "ListUsers": "UserSummaryList"}[operation]
    users: list[User] = []
    with reading(operation):
        for page in pages(client, operation, parameters, member):
            users += read_all(page[member], f"$.{member}", read_user)
    return users


def describe_user(client: Any, parameters: Parameters) -> User:
    """Give a user (DescribeUser)."""
    wanted = parameters["UserId"]

    def flaw_of(answer: dict[str, JSON]) -> str | None:
        user = answer.get("User")
        if not isinstance(user, dict):
            return "it has no User"
        is_wanted = str(user.get("Id")).casefold() == wanted.casefold()
        return None if is_wanted else "it is about another user than the one asked for"

    problems: list[Problem] = []
    with reading(f"DescribeUser of {wanted}"):
        user = call(client, "DescribeUser", parameters, flaw_of)["User"]
        username = optional(user.get("Username"), read_text, "$.User.Username", problems)
        profile_id = optional(user.get("RoutingProfileId"), _profile_id, "$.User.RoutingProfileId", problems)
        done(problems)
    return User(wanted, username, profile_id)


def list_proficiencies(
    client: Any, parameters: Parameters
) -> tuple[dict[Attribute, float] | None, datetime | None]:
    """Give a user's levels, and when they were last edited (ListUserProficiencies)."""
    rows: list[JSON] = []
    modified_at = None
    problems: list[Problem] = []
    with reading(f"ListUserProficiencies of {parameters['UserId']}"):
        for page in pages(client, "ListUserProficiencies", parameters, "UserProficiencyList"):
            rows += page["UserProficiencyList"]
            told_at = optional(page.get("LastModifiedTime"), read_time, "$.LastModifiedTime", problems)
            modified_at = told_at or modified_at
        levels = read_proficiencies(rows, "$.UserProficiencyList", problems)
        done(problems)
    return levels, modified_at


def list_queues(client: Any, parameters: Parameters) -> tuple[RoutedQueue, ...]:
    """Give the queues of a routing profile, one entry for each channel (ListRoutingProfileQueues)."""
    member = "RoutingProfileQueueConfigSummaryList"
    rows: list[JSON] = []
    with reading(f"ListRoutingProfileQueues of {parameters['RoutingProfileId']}"):
        for page in pages(client, "ListRoutingProfileQueues", parameters, member):
            rows += page[member]
        return tuple(read_all(rows, f"$.{member}", _queue))


def describe_profile(client: Any, parameters: Parameters, reader: Reader[T]) -> T:
    """Give what *reader* reads of a routing profile (DescribeRoutingProfile)."""
    wanted = parameters["RoutingProfileId"]

    def flaw_of(answer: dict[str, JSON]) -> str | None:
        profile = answer.get("RoutingProfile")
        if not isinstance(profile, dict):
            return "it has no RoutingProfile"
        is_wanted = profile.get("RoutingProfileId") == wanted
        return None if is_wanted else "it is about another routing profile than the one asked for"

    with reading(f"DescribeRoutingProfile of {wanted}"):
        profile = call(client, "DescribeRoutingProfile", parameters, flaw_of)["RoutingProfile"]
        problems: list[Problem] = []
        read = reader(profile, "$.RoutingProfile", problems)
        if read is None or problems:
            raise DocumentError(tuple(problems))
    return read


def describe_queue(client: Any, parameters: Parameters) -> Queue:
    """Give a queue (DescribeQueue)."""
    wanted = parameters["QueueId"]

    def flaw_of(answer: dict[str, JSON]) -> str | None:
        queue = answer.get("Queue")
        if not isinstance(queue, dict):
            return "it has no Queue"
        is_wanted = str(queue.get("QueueId")).casefold() == wanted.casefold()
        return None if is_wanted else "it is about another queue than the one asked for"

    problems: list[Problem] = []
    with reading(f"DescribeQueue of {wanted}"):
        queue = call(client, "DescribeQueue", parameters, flaw_of)["Queue"]
        name, arn, status = (
            optional(queue.get(member), read_text, f"$.Queue.{member}", problems)
            for member in ("Name", "QueueArn", "Status")
        )
        done(problems)
    return Queue(name, arn, status)
