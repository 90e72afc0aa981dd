"""A contact centre of any size, the same on every day: for tests that need thousands of agents."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from routing_inspect.document import JSON, member_path, show
from routing_inspect.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ATTRIBUTES: Final = (
    ("connect:Language", ("connect:English", "connect:French", "connect:Welsh", "connect:Polish")),
    ("Claims", ("Flood damage", "Theft", "Fire", "Storm")),
    ("Product", ("Landlord cover", "Motor", "Travel")),
)
_CHANNELS: Final = ("VOICE", "CHAT", "TASK")
_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
# The members of a scenario's `generate`, the least and the most that each may be.
_MEMBERS: Final = {
    "agents": (0, 100_000),
    "routing_profiles": (1, 1_000),
    "queues": (1, 1_000),
    "seed": (0, 2**32),
}


def generate(
    *, agents: int = 100, routing_profiles: int = 12, queues: int = 20, seed: int = 0
) -> dict[str, list[JSON]]:
    """
    Make users, routing profiles and queues in a scenario's own form; the same arguments, the same centre.

    Args:
        agents: How many users; each holds up to eight proficiencies, some none.
        routing_profiles: How many; each with up to five queues on one to three channels.
        queues: How many.
        seed: Another centre of the same size.
    """
    # Nothing secret is drawn here: the same centre must come out everywhere.
    draw = random.Random(seed)  # noqa: S311  (made-up agents, no secret)
    made_queues = [{"QueueId": _id("bbbbbbbb", i), "Name": f"Queue {i}"} for i in range(1, queues + 1)]
    profiles = [_profile(i, made_queues, draw) for i in range(1, routing_profiles + 1)]
    users = [_user(i, profiles, draw) for i in range(1, agents + 1)]
    return {"users": users, "routing_profiles": profiles, "queues": made_queues}


def _id(family: str, number: int) -> str:
    return f"{family}-0000-4000-8000-{number:012d}"


def _profile(number: int, queues: list[dict[str, str]], draw: random.Random) -> dict[str, JSON]:
    chosen = draw.sample(queues, min(len(queues), draw.randint(1, 5)))
    channels = _CHANNELS[: draw.randint(1, 3)]
    return {
        "RoutingProfileId": _id("cccccccc", number),
        "Name": f"Profile {number}",
        "MediaConcurrencies": [
            {"Channel": channel, "Concurrency": 1 if channel == "VOICE" else draw.randint(1, 5)}
            for channel in channels
        ],
        "Queues": [
            {
                "QueueId": queue["QueueId"],
                "QueueArn": f"arn:aws:connect:eu-west-2:123456789012:queue/{queue['QueueId']}",
                "QueueName": queue["Name"],
                "Priority": draw.randint(1, 5),
                "Delay": draw.choice((0, 0, 0, 30, 120)),
                "Channel": channel,
            }
            for queue in chosen
            for channel in channels
        ],
    }


def _user(number: int, profiles: list[dict[str, JSON]], draw: random.Random) -> dict[str, JSON]:
    values = [(name, value) for name, values in _ATTRIBUTES for value in values]
    held = draw.sample(values, draw.randint(0, 8))
    return {
        "Id": _id("aaaaaaaa", number),
        "Username": f"agent{number:05d}",
        "RoutingProfileId": draw.choice(profiles)["RoutingProfileId"],
        "Proficiencies": [
            {"AttributeName": name, "AttributeValue": value, "Level": draw.randint(1, 5)}
            for name, value in held
        ],
        "ProficienciesLastModifiedTime": (_EPOCH + timedelta(minutes=draw.randrange(400_000))).isoformat(),
    }


def generate_problems(document: JSON, path: str) -> Iterator[Problem]:
    """Find everything that is wrong with what a scenario wants generated."""
    if not isinstance(document, dict):
        yield Problem(path, f"expected an object, found {show(document)}")
        return
    for name, value in document.items():
        if name not in _MEMBERS:
            hint = f"it has {', '.join(f'`{known}`' for known in _MEMBERS)}"
            yield Problem(member_path(path, name), "what is generated has no such member", hint)
            continue
        low, high = _MEMBERS[name]
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not low <= value <= high:
            yield Problem(
                f"{path}.{name}", f"expected a whole number from {low} to {high}, found {show(value)}"
            )


def generated(document: Mapping[str, JSON]) -> dict[str, JSON]:
    """Give a scenario with what it wants generated put in front of the records it has itself."""
    made = generate(**document["generate"])
    rest = {name: value for name, value in document.items() if name != "generate"}
    return rest | {name: [*records, *rest.get(name, [])] for name, records in made.items()}
