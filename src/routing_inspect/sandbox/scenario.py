"""What a sandbox serves: records in the service's own words, checked against the service's own model."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from attrs import field, frozen

from routing_inspect.document import JSON, loads, member_path, plain, show
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.sandbox.faults import Fault, fault_problems
from routing_inspect.sandbox.generate import generate_problems, generated
from routing_inspect.sandbox.protocol import conform, conform_members, model, raw_bytes
from routing_inspect.sandbox.quotas import Quota, quota_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import StructureShape

Records = Mapping[str, dict[str, JSON]]


@frozen
class Scenario:
    """
    What a sandbox serves; `read_scenario` makes it.

    Records are in wire form, by id. A user also holds its proficiencies, a routing profile its queues.

    Attributes:
        raw_contacts: Bodies that DescribeContact answers with, whatever the contact's record says.
        page_size: The most that a page holds; None for what the caller asks for.
        quotas: How often each operation may be called, by its name; ``*`` stands for every other.
    """

    instance_id: str
    contacts: Records = field(factory=dict)
    users: Records = field(factory=dict)
    routing_profiles: Records = field(factory=dict)
    queues: Records = field(factory=dict)
    raw_contacts: Mapping[str, bytes] = field(factory=dict)
    faults: tuple[Fault, ...] = ()
    page_size: int | None = None
    quotas: Mapping[str, Quota] = field(factory=dict)

    @property
    def sections(self) -> Mapping[str, Records]:
        """Give the records by the name they have in a scenario file."""
        return {name: getattr(self, name) for name in _SECTIONS}


@frozen
class _Section:
    """
    One list of a scenario.

    Attributes:
        shape: What the model calls its records.
        keys: Members every record has, and no two records share; the first is its id.
        extras: Members that another operation of the service answers with, and their shapes.
    """

    shape: str
    keys: tuple[str, ...]
    extras: Mapping[str, str] = field(factory=dict)


_SECTIONS: Final = {
    "contacts": _Section("Contact", ("Id",)),
    "users": _Section(
        "User",
        ("Id", "Username"),
        {
            "Proficiencies": "UserProficiencyList",
            "ProficienciesLastModifiedTime": "Timestamp",
            "Current": "UserData",
        },
    ),
    "routing_profiles": _Section(
        "RoutingProfile",
        ("RoutingProfileId",),
        {
            "Queues": "RoutingProfileQueueConfigSummaryList",
            "ManualQueues": "RoutingProfileManualAssignmentQueueConfigSummaryList",
        },
    ),
    "queues": _Section("Queue", ("QueueId",)),
}


def read_scenario(source: Mapping[str, Any] | str | os.PathLike[str]) -> Scenario:
    """
    Read a scenario from a JSON file, or from a dict of the same form.

    Raises:
        DocumentError: It is no scenario; every problem is reported at once, each with its JSON path.
        OSError: The file cannot be read.
    """
    document = loads(Path(source).read_bytes()) if isinstance(source, str | os.PathLike) else plain(source)
    if not isinstance(document, dict):
        raise DocumentError((Problem("$", f"expected an object, found {show(document)}"),))
    problems = list(generate_problems(document["generate"], "$.generate")) if "generate" in document else []
    if problems:
        raise DocumentError(tuple(problems))
    reader = _Reader(generated(document) if "generate" in document else document)
    scenario = reader.read()
    if reader.problems:
        raise DocumentError(tuple(reader.problems))
    return scenario


class _Reader:
    """One reading of one document; every problem found goes to the same list."""

    def __init__(self, document: dict[str, JSON]) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.raw_contacts: dict[str, bytes] = {}

    def read(self) -> Scenario:
        if "instance_id" not in self.document:
            self.problems.append(Problem("$", "expected a member `instance_id`, found none"))
        members: dict[str, Any] = {}
        for name, value in self.document.items():
            path = member_path("$", name)
            if name == "instance_id":
                members[name] = conform(value, model().shape_for("InstanceId"), path, self.problems)
            elif name == "page_size":
                members[name] = self._page_size(value, path)
            elif name == "quotas":
                members[name] = self._quotas(value, path)
            elif name == "faults":
                members[name] = tuple(self._faults(value, path))
            elif name in _SECTIONS:
                members[name] = self._section(_SECTIONS[name], value, path)
            else:
                self.problems.append(Problem(path, "a scenario has no such member"))
        return Scenario(**{"instance_id": "", **members}, raw_contacts=self.raw_contacts)

    def _page_size(self, value: JSON, path: str) -> JSON:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self.problems.append(Problem(path, f"expected a whole number from 1, found {show(value)}"))
        return value

    def _quotas(self, value: JSON, path: str) -> Mapping[str, Quota]:
        found = list(quota_problems(value, path))
        self.problems += found
        return {} if found else {operation: Quota(**quota) for operation, quota in value.items()}

    def _elements(self, value: JSON, path: str) -> Iterator[tuple[JSON, str]]:
        if isinstance(value, list):
            yield from ((element, f"{path}[{i}]") for i, element in enumerate(value))
        else:
            self.problems.append(Problem(path, f"expected a list, found {show(value)}"))

    def _faults(self, value: JSON, path: str) -> Iterator[Fault]:
        for entry, where in self._elements(value, path):
            found = list(fault_problems(entry, where))
            self.problems += found
            if not found:
                yield Fault(
                    entry["operation"], entry.get("match", {}), entry.get("calls", "all"), entry["fault"]
                )

    def _section(self, section: _Section, value: JSON, path: str) -> Records:
        records: dict[str, dict[str, JSON]] = {}
        taken: set[tuple[str, str]] = set()
        for element, where in self._elements(value, path):
            record = self._record(section, element, where)
            keys = {(key, record[key]) for key in section.keys if isinstance(record.get(key), str)}
            for key, text in sorted(keys & taken):
                problem = Problem(f"{where}.{key}", f"an earlier record has the {key} {show(text)}")
                self.problems.append(problem)
            taken |= keys
            self._check_references(record, where)
            records[str(record.get(section.keys[0]))] = record
        return records

    def _record(self, section: _Section, value: JSON, path: str) -> dict[str, JSON]:
        if not isinstance(value, dict):
            self.problems.append(Problem(path, f"expected an object, found {show(value)}"))
            return {}
        if section.shape == "Contact":
            value = self._without_raw(value, path)
        shape = cast("StructureShape", model().shape_for(section.shape))
        extras = {name: model().shape_for(shape_name) for name, shape_name in section.extras.items()}
        record = conform_members(value, {**shape.members, **extras}, list(section.keys), path, self.problems)
        # The model gives most ids no least length; an empty one could never be asked for.
        empty = [key for key in section.keys if record.get(key) == ""]
        self.problems += [Problem(f"{path}.{key}", "expected a text, found an empty one") for key in empty]
        return record

    def _without_raw(self, value: dict[str, JSON], path: str) -> dict[str, JSON]:
        """Set the raw content of a contact aside; its other members are checked like any contact's."""
        if "raw" in value and "raw_text" in value:
            self.problems.append(Problem(path, "expected `raw` or `raw_text`, found both"))
        elif "raw" in value:
            self.raw_contacts[str(value.get("Id"))] = json.dumps({"Contact": value["raw"]}).encode()
        elif isinstance(value.get("raw_text"), str):
            self.raw_contacts[str(value.get("Id"))] = raw_bytes(value["raw_text"])
        elif "raw_text" in value:
            problem = Problem(f"{path}.raw_text", f"expected a text, found {show(value['raw_text'])}")
            self.problems.append(problem)
        return {name: inner for name, inner in value.items() if name not in {"raw", "raw_text"}}

    def _check_references(self, record: dict[str, JSON], path: str) -> None:
        for place, section, record_id in _references(record):
            key = _SECTIONS[section].keys[0]
            records = self.document.get(section)
            known = [r.get(key) for r in records if isinstance(r, dict)] if isinstance(records, list) else []
            if record_id not in known:
                message = f"no record of `{section}` has the {key} {show(record_id)}"
                self.problems.append(Problem(f"{path}.{place}", message))
        instance_id = self.document.get("instance_id")
        if record.get("InstanceId", instance_id) != instance_id:
            message = f"expected the scenario's own, {show(instance_id)}, found {show(record['InstanceId'])}"
            self.problems.append(Problem(f"{path}.InstanceId", message))


def _references(record: dict[str, JSON]) -> Iterator[tuple[str, str, str]]:
    """
    List what a record refers to: where it says so, the section meant, the id.

    No record but a user and a routing profile has these members. A contact may name agents and queues
    that are gone, so nothing is asked of it.
    """
    match record:
        case {"RoutingProfileId": str() as record_id}:
            yield "RoutingProfileId", "routing_profiles", record_id
    for member in ("Queues", "ManualQueues"):
        queues = record.get(member)
        for i, queue in enumerate(queues if isinstance(queues, list) else ()):
            match queue:
                case {"QueueId": str() as record_id}:
                    yield f"{member}[{i}].QueueId", "queues", record_id
