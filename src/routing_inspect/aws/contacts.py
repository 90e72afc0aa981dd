"""Contacts, as the service describes them."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from routing_inspect.aws.calls import call, identifier, reading
from routing_inspect.contact import Contact
from routing_inspect.document import JSON
from routing_inspect.forms import read


def describe_contact(client: Any, *, instance_id: str, contact_id: str) -> Contact:
    """
    Fetch a contact (DescribeContact).

    Args:
        client: A boto3 client for Amazon Connect, the caller's or one of `connect`.
        instance_id: The instance's id, or its ARN.
        contact_id: The contact's id, or its ARN.

    Raises:
        ServiceError: The service did not give a usable answer.
        DocumentError: It did, but the answer cannot be read.
        RoutingInspectError: One of the ids is none.
    """
    instance = identifier(instance_id, "instance")
    wanted = identifier(contact_id, "contact")

    def flaw_of(answer: dict[str, JSON]) -> str | None:
        contact = answer.get("Contact")
        if not isinstance(contact, dict):
            return "it has no Contact"
        is_wanted = str(contact.get("Id")).casefold() == wanted.casefold()
        return None if is_wanted else "it is about another contact than the one asked for"

    with reading(f"DescribeContact of {wanted}"):
        answer = call(client, "DescribeContact", {"InstanceId": instance, "ContactId": wanted}, flaw_of)
        return evolve(read({"Contact": answer["Contact"]}), instance_id=instance)
