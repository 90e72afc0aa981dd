"""The segments of a contact, fetched one by one up to a limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import field, frozen

from routing_inspect.aws.calls import identifier, pages, reading
from routing_inspect.aws.contacts import describe_contact
from routing_inspect.contact import Contact
from routing_inspect.errors import DocumentError, RoutingInspectError, ServiceError
from routing_inspect.findings import Finding
from routing_inspect.links import named_ids

# How many contacts a walk fetches where nobody says; at the documented 2 requests a second, half a minute.
SEGMENT_LIMIT: Final = 50

# Why a contact that is named is not there, by the service's error code; at any other the walk ends.
_REASONS: Final = {
    "ResourceNotFoundException": (
        "Amazon Connect does not know it: older than 24 months, or of another instance"
    ),
    "AccessDeniedException": "access to it was denied: the IAM policy needs connect:DescribeContact for it",
}


_LEFT_OUT: Final = "segments that no fetched contact names are left out"


@frozen(kw_only=True)
class Walk:
    """
    What a walk along the segments of a contact found.

    Attributes:
        contacts: The contact asked about first, then the others as they were come upon.
        reasons: Why contacts that are named are not among them, by id.
        unvisited: The ids of those it knows of and did not ask for, beyond the limit.
        findings: What the service did not tell.
    """

    contacts: tuple[Contact, ...]
    reasons: dict[str, str] = field(factory=dict, hash=False)
    unvisited: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def fetch_chain(client: Any, *, instance_id: str, contact_id: str, limit: int = SEGMENT_LIMIT) -> Walk:
    """
    Fetch a contact and every segment that hangs together with it.

    ListAssociatedContacts names them, and so do the contacts. Each is fetched once, so circles end.
    Where the service fails on the way, what was fetched is told, and the rest with the reason.

    Args:
        client: A boto3 client for Amazon Connect, the caller's or one of `connect`.
        instance_id: The instance's id, or its ARN.
        contact_id: The contact's id, or its ARN.
        limit: The most contacts to ask for, 1 at least.

    Raises:
        ServiceError: The contact itself cannot be had.
        DocumentError: Its document cannot be read, or the list of those that hang together with it.
        RoutingInspectError: One of the two ids is none.
        ValueError: The limit is below 1.
    """
    if limit < 1:
        raise ValueError("a walk asks for at least 1 contact")
    first = describe_contact(client, instance_id=instance_id, contact_id=contact_id)
    listed, findings = _associated(client, instance_id, str(first.id))
    found, reasons = {str(first.id): first}, dict[str, str]()
    # Nearest first: where the limit cuts, it cuts what is farther away.
    left = dict.fromkeys([*_neighbours(first), *listed])
    asked = 1
    while (name := next((n for n in left if n not in found and n not in reasons), None)) and asked < limit:
        del left[name]
        asked += 1
        try:
            contact = describe_contact(client, instance_id=instance_id, contact_id=name)
        except RoutingInspectError as error:
            reasons[name] = _reason(error)
            if isinstance(error, ServiceError) and _is_about_all(error):
                findings.append(Finding("RI606", error.message, error.hint, "DescribeContact"))
                rest = [one for one in left if one not in found and one not in reasons]
                reasons |= dict.fromkeys(rest, "not asked for: the walk ended before it")
                break
            continue
        found[name] = contact
        left |= dict.fromkeys(_neighbours(contact))
    beyond = [name for name in left if name not in found and name not in reasons]
    return Walk(
        contacts=tuple(found.values()), reasons=reasons, unvisited=tuple(beyond), findings=tuple(findings)
    )


def _neighbours(contact: Contact) -> Iterator[str]:
    return (name for _, name in named_ids(contact))


def _is_about_all(error: ServiceError) -> bool:
    """Say whether the next question would fare no better: credentials are over, or nobody can be reached."""
    # An answer that was not whole is an error of ours, with neither.
    return error.code not in _REASONS and (error.code is not None or error.__cause__ is not None)


def _reason(error: RoutingInspectError) -> str:
    """Say why a contact is not there."""
    match error:
        case ServiceError(code=str(code)) if code in _REASONS:
            return _REASONS[code]
        case ServiceError():
            return f"not fetched: {error.message}"
        case DocumentError(problems=(problem, *_)):
            return f"its document cannot be read: {problem.path}: {problem.message}"
        case _:
            return "what names it holds no contact id"


def _associated(client: Any, instance_id: str, contact_id: str) -> tuple[list[str], list[Finding]]:
    """List the ids of a contact's tree; a list that fails is made up for by the ids in the contacts."""
    parameters = {"InstanceId": identifier(instance_id, "instance"), "ContactId": contact_id}
    ids: list[str] = []
    findings: list[Finding] = []
    nameless = 0
    try:
        with reading(f"ListAssociatedContacts of {contact_id}"):
            for page in pages(client, "ListAssociatedContacts", parameters, "ContactSummaryList"):
                entries = [
                    entry.get("ContactId") if isinstance(entry, dict) else None
                    for entry in page["ContactSummaryList"]
                ]
                ids += [entry for entry in entries if isinstance(entry, str)]
                nameless += len(entries) - sum(isinstance(entry, str) for entry in entries)
    except ServiceError as error:
        findings.append(Finding("RI606", error.message, _LEFT_OUT, "ListAssociatedContacts"))
    if nameless:
        message = f"ListAssociatedContacts lists {nameless} contacts without a contact id"
        findings.append(Finding("RI606", message, _LEFT_OUT, "ListAssociatedContacts"))
    return ids, findings
