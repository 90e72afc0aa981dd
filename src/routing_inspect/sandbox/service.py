"""The operations the sandbox serves: a scenario and arguments in, the body of an answer out."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import TYPE_CHECKING, Final

from attrs import frozen

from routing_inspect.document import JSON, canonical, show
from routing_inspect.sandbox.presence import current_users
from routing_inspect.sandbox.protocol import RefusedCallError, element, output_member, project
from routing_inspect.sandbox.search import user_predicate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel

    from routing_inspect.sandbox.scenario import Scenario

# What a page holds where the caller asks for no number; ListUsers documents it.
_PAGE: Final = 100
# How a contact's members are called in its summary, where the two differ.
_SUMMARY_NAMES: Final = {"Id": "ContactId", "Arn": "ContactArn"}
# What DescribeRoutingProfile tells and SearchRoutingProfiles does not.
_DESCRIBED_ONLY: Final = frozenset({"AgentAvailabilityTimer", "LastModifiedRegion", "LastModifiedTime"})
_TREE_MEMBERS: Final = (
    "Id",
    "InitialContactId",
    "PreviousContactId",
    "RelatedContactId",
    "ContactAssociationId",
)


@frozen
class Call:
    """One call that passed the checks of the model."""

    scenario: Scenario
    operation: OperationModel
    arguments: Mapping[str, JSON]

    def record(self, section: str, argument: str) -> JSON:
        """Look up the record that *argument* names; ResourceNotFoundException where there is none."""
        record_id = self.arguments[argument]
        records = self.scenario.sections[section]
        if record_id not in records:
            raise RefusedCallError(
                "ResourceNotFoundException", f"no {argument} {show(record_id)} in this instance"
            )
        return records[record_id]

    def page(self, member: str, items: list[JSON]) -> dict[str, JSON]:
        """Answer with one page of *items* as the list *member*, and a token where more follow."""
        start = self._start()
        size = min(self.arguments.get("MaxResults", _PAGE), self.scenario.page_size or math.inf)
        end = start + int(size)
        shape = element(output_member(self.operation, member))
        answer = {member: [project(item, shape) for item in items[start:end]]}
        return answer | ({"NextToken": self._token(end)} if end < len(items) else {})

    def _start(self) -> int:
        token = self.arguments.get("NextToken")
        if token is None:
            return 0
        start = int(token[:8], 16) if re.fullmatch(r"[0-9a-f]{32}", token) else 0
        if token != self._token(start):
            raise RefusedCallError(
                "InvalidParameterException", "NextToken: no page of this operation gave this token"
            )
        return start

    def _token(self, start: int) -> str:
        kept = {k: v for k, v in self.arguments.items() if k not in {"NextToken", "MaxResults"}}
        page = canonical([self.operation.name, kept, start])
        return f"{start:08x}{hashlib.sha256(page.encode()).hexdigest()[:24]}"


def answer(call: Call) -> bytes:
    """
    Answer a call with the body of its response.

    Raises:
        RefusedCallError: What the call names does not exist, or it asks for what the sandbox does not do.
    """
    if call.arguments["InstanceId"] != call.scenario.instance_id:
        raise RefusedCallError(
            "ResourceNotFoundException", f"no instance {show(call.arguments['InstanceId'])}"
        )
    document = OPERATIONS[call.operation.name](call)
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def _describe_contact(call: Call) -> JSON | bytes:
    contact = call.record("contacts", "ContactId")
    raw = call.scenario.raw_contacts.get(contact["Id"])
    return _describe(call, "Contact", contact) if raw is None else raw


def _describe(call: Call, member: str, record: JSON) -> JSON:
    return {member: project(record, output_member(call.operation, member))}


def _list_user_proficiencies(call: Call) -> JSON:
    user = call.record("users", "UserId")
    page = call.page("UserProficiencyList", user.get("Proficiencies", []))
    if "ProficienciesLastModifiedTime" in user:
        page["LastModifiedTime"] = user["ProficienciesLastModifiedTime"]
    return page


def _list_routing_profile_queues(call: Call) -> JSON:
    profile = call.record("routing_profiles", "RoutingProfileId")
    return call.page("RoutingProfileQueueConfigSummaryList", profile.get("Queues", []))


def _list_manual_queues(call: Call) -> JSON:
    profile = call.record("routing_profiles", "RoutingProfileId")
    return call.page("RoutingProfileManualAssignmentQueueConfigSummaryList", profile.get("ManualQueues", []))


def _list_users(call: Call) -> JSON:
    return call.page("UserSummaryList", list(call.scenario.users.values()))


def _search_users(call: Call) -> JSON:
    is_wanted = user_predicate(call.arguments)
    users = [_in_milliseconds(user) for user in call.scenario.users.values() if is_wanted(user)]
    return call.page("Users", users) | {"ApproximateTotalCount": len(users)}


def _search_routing_profiles(call: Call) -> JSON:
    for name in ("SearchFilter", "SearchCriteria"):
        if name in call.arguments:
            raise RefusedCallError("InvalidParameterException", f"the sandbox does not serve {name}")
    profiles = [_found_profile(profile) for profile in call.scenario.routing_profiles.values()]
    return call.page("RoutingProfiles", profiles) | {"ApproximateTotalCount": len(profiles)}


def _found_profile(profile: JSON) -> JSON:
    # By the notes in the model, DescribeRoutingProfile alone tells these, and not the queues' ids.
    kept = {name: value for name, value in profile.items() if name not in _DESCRIBED_ONLY}
    concurrencies = [
        {name: value for name, value in entry.items() if name != "CrossChannelBehavior"}
        for entry in profile.get("MediaConcurrencies", [])
    ]
    queue_ids, manual_ids = (
        list(dict.fromkeys(queue["QueueId"] for queue in profile.get(member, [])))
        for member in ("Queues", "ManualQueues")
    )
    found = {**kept, "MediaConcurrencies": concurrencies, "AssociatedQueueIds": queue_ids}
    # Whether the service tells these is not documented, so a scenario decides it by having them.
    return found | ({"AssociatedManualAssignmentQueueIds": manual_ids} if "ManualQueues" in profile else {})


def _get_current_user_data(call: Call) -> JSON:
    users = current_users(call.scenario, call.arguments["Filters"])
    return call.page("UserDataList", users) | {"ApproximateTotalCount": len(users)}


def _in_milliseconds(value: JSON) -> JSON:
    # "AfterContactWorkTimeLimit is returned in milliseconds", says the model of SearchUsers alone.
    match value:
        case {"AfterContactWorkTimeLimit": int() as seconds}:
            return {**value, "AfterContactWorkTimeLimit": seconds * 1000}
        case dict():
            return {name: _in_milliseconds(inner) for name, inner in value.items()}
        case list():
            return [_in_milliseconds(inner) for inner in value]
        case _:
            return value


def _list_associated_contacts(call: Call) -> JSON:
    contact = call.record("contacts", "ContactId")
    tree = _tree(contact, list(call.scenario.contacts.values()))
    tree.sort(key=lambda member: member.get("InitiationTimestamp", math.inf))
    summaries = [{_SUMMARY_NAMES.get(name, name): value for name, value in member.items()} for member in tree]
    return call.page("ContactSummaryList", summaries)


def _tree(contact: JSON, contacts: list[JSON]) -> list[JSON]:
    """Every contact reached from *contact* over shared ids, in either direction; itself included."""
    ids: set[str] = set()
    grown = {contact["Id"]}
    while grown != ids:
        ids = grown
        mentioned = [{c[name] for name in _TREE_MEMBERS if name in c} for c in contacts]
        grown = ids.union(*(mentions for mentions in mentioned if mentions & ids))
    return [c for c in contacts if c["Id"] in ids]


OPERATIONS: Final[Mapping[str, Callable[[Call], JSON]]] = {
    "DescribeContact": _describe_contact,
    "DescribeQueue": lambda call: _describe(call, "Queue", call.record("queues", "QueueId")),
    "DescribeRoutingProfile": lambda call: _describe(
        call, "RoutingProfile", call.record("routing_profiles", "RoutingProfileId")
    ),
    "DescribeUser": lambda call: _describe(call, "User", call.record("users", "UserId")),
    "GetCurrentUserData": _get_current_user_data,
    "ListAssociatedContacts": _list_associated_contacts,
    "ListRoutingProfileManualAssignmentQueues": _list_manual_queues,
    "ListRoutingProfileQueues": _list_routing_profile_queues,
    "ListUserProficiencies": _list_user_proficiencies,
    "ListUsers": _list_users,
    "SearchRoutingProfiles": _search_routing_profiles,
    "SearchUsers": _search_users,
}
