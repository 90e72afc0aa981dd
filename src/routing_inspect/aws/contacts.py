"""Contacts, and the queues they are in, as the service describes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve

from routing_inspect.aws.answers import Queue, describe_queue
from routing_inspect.aws.calls import call, identifier, reading, reason_of
from routing_inspect.contact import Contact
from routing_inspect.document import JSON
from routing_inspect.errors import RoutingInspectError
from routing_inspect.findings import Finding
from routing_inspect.forms import read
from routing_inspect.timeline import in_agent_queue
from routing_inspect.visible import visible


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


def complete_queue(client: Any, contact: Contact, *, instance_id: str) -> tuple[Contact, tuple[Finding, ...]]:
    """
    Ask about the queue that a contact is in: its name, whose it is, if it is disabled (DescribeQueue).

    Of a contact without a queue, and of one in an agent's own, nothing is asked.

    Args:
        client: A boto3 client for Amazon Connect, the caller's or one of `connect`.
        contact: What it says itself stays as it is.
        instance_id: The instance's id, or its ARN.

    Returns:
        The contact, and that the queue is disabled, or why nothing could be told: no verdict needs it.

    Raises:
        RoutingInspectError: The instance id is none.
    """
    instance = identifier(instance_id, "instance")
    if contact.queue_id is None or in_agent_queue(contact):
        return contact, ()
    try:
        asked = {"InstanceId": instance, "QueueId": identifier(contact.queue_id, "queue")}
        queue = describe_queue(client, asked)
    except RoutingInspectError as error:
        return contact, (Finding("RI606", reason_of(error), error.hint, "DescribeQueue"),)
    kind = contact.queue_type or _kind(queue)
    completed = evolve(contact, queue_name=contact.queue_name or queue.name, queue_type=kind)
    return completed, tuple(_disabled(completed, queue))


def _kind(queue: Queue) -> str | None:
    """Tell an agent's own queue by its ARN, as documents of contacts do."""
    if queue.arn is None or "/queue/" not in queue.arn:
        return None
    return "AGENT" if "/queue/agent/" in queue.arn else "STANDARD"


def _disabled(contact: Contact, queue: Queue) -> Iterator[Finding]:
    if queue.status == "DISABLED":
        name = visible(contact.queue_name or str(contact.queue_id))
        message = (
            f"the queue {name} is disabled now: no new contacts come into it, those in it are still routed"
        )
        hint = "enable the queue, or let the flow choose another; it is no reason why a contact in it waits"
        yield Finding("RI618", message, hint, "DescribeQueue")
