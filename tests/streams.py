"""Records of a contact centre in few words, for tests: seconds stand for instants after queueing."""

from __future__ import annotations

import json
from typing import Any

from records import at
from routing_inspect.wire import time_text

INSTANCE = "arn:aws:connect:eu-west-2:111122223333:instance/i-1"


def clock(seconds: float) -> str:
    """Write the instant so many seconds after the contact was queued."""
    return time_text(at(seconds))


def wire_step(
    status: str, after: float | None = None, *, level: float = 4, ended: float | None = None
) -> dict[str, Any]:
    """Make a step for French at *level*, spelled as events do; *ended* is the recorded expiry."""
    condition = {
        "name": "Language",
        "value": "French",
        "proficiencyLevel": level,
        "comparisonOperator": "NumberGreaterOrEqualTo",
    }
    node: dict[str, Any] = {"expression": {"attributeCondition": condition}, "status": status}
    expiry: dict[str, Any] = {} if after is None else {"durationInSeconds": after}
    if ended is not None:
        expiry["expiryTimestamp"] = clock(ended)
    return node | ({"expiry": expiry} if expiry else {})


def wire_criteria(*steps: dict[str, Any], index: int = 0, activated: float = 0) -> dict[str, Any]:
    """Make a criteria, spelled as events do."""
    return {"steps": list(steps), "index": index, "activationTimestamp": clock(activated)}


def event(
    time: float, criteria: Any = None, *, contact_id: str = "contact-1", **detail: Any
) -> dict[str, Any]:
    """Make a contact event as EventBridge delivers it."""
    inner = {"eventType": "CONTACT_DATA_UPDATED", "contactId": contact_id, "instanceArn": INSTANCE, **detail}
    if criteria is not None:
        inner["routingCriteria"] = criteria
    return {"detail-type": "Amazon Connect Contact Event", "time": clock(time), "detail": inner}


def snapshot(
    french: float | None = None,
    *,
    status: str | None = "Available",
    free: int | None = None,
    contacts: tuple[dict[str, Any], ...] = (),
    queues: tuple[str, ...] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Make an agent's snapshot; a level of 0 is an agent who holds nothing, None one who is not told."""
    configuration: dict[str, Any] = {"FirstName": "Never", "LastName": "Shown"}
    if french is not None:
        held = [{"Name": "Language", "Value": "French", "ProficiencyLevel": french}] if french else []
        configuration["Proficiencies"] = held
    profile: dict[str, Any] = {}
    if queues is not None:
        profile["InboundQueues"] = [{"ARN": f"{INSTANCE}/queue/{queue}", "Name": queue} for queue in queues]
    if free is not None:
        profile["Concurrency"] = [{"Channel": "VOICE", "AvailableSlots": free, "MaximumSlots": 1}]
    node = {"Configuration": {**configuration, "RoutingProfile": profile}, "Contacts": list(contacts)}
    return {**node, **({} if status is None else {"AgentStatus": {"Name": status}}), **more}


def held(state: str, since: float | None, contact_id: str = "contact-1", **more: Any) -> dict[str, Any]:
    """Make a contact in an agent's hands."""
    start = {} if since is None else {"StateStartTimestamp": clock(since)}
    return {"ContactId": contact_id, "State": state, **start, **more}


def agent_event(
    time: float, agent_id: str, current: Any, previous: Any = None, *, kind: str = "STATE_CHANGE", **more: Any
) -> dict[str, Any]:
    """Make a record of the agent event stream."""
    return {
        "AgentARN": f"{INSTANCE}/agent/{agent_id}",
        "InstanceARN": INSTANCE,
        "EventTimestamp": clock(time),
        "EventType": kind,
        "CurrentAgentSnapshot": current,
        "PreviousAgentSnapshot": previous,
        **more,
    }


def lines(*records: Any) -> list[str]:
    """Write records as JSON lines; a string is a line as it stands."""
    return [record if isinstance(record, str) else f"{json.dumps(record)}\n" for record in records]
