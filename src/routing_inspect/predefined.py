"""The predefined attributes of an instance: what there is to ask for, and what is asked for beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, TypeAlias

from attrs import evolve

from routing_inspect.contact import Criteria, Roster
from routing_inspect.document import JSON, member_path, read_value, show
from routing_inspect.errors import DocumentError, Problem
from routing_inspect.expr import AtLeast, Attribute, Between, has_reference
from routing_inspect.findings import Finding
from routing_inspect.names import NearMiss, near_misses
from routing_inspect.places import Place, found, leaves
from routing_inspect.roster import read_roster
from routing_inspect.text import attribute_text
from routing_inspect.visible import visible
from routing_inspect.wire import expected

# The values of each attribute by its name; None where nobody knows them.
Catalogue: TypeAlias = Mapping[str, Collection[str] | None]

SCHEMA: Final = "routing-inspect/attributes/1"
# Every instance has these, and the service adds to their values.
_SYSTEM: Final = frozenset({"connect:Language", "connect:Subtype", "connect:WorkloadType"})
# How many attributes that may be meant a hint shows.
_SHOWN: Final = 3


def read_attributes(
    document: Mapping[str, Any] | list[Any] | str | bytes,
) -> dict[str, tuple[str, ...] | None]:
    """
    Read which predefined attributes there are.

    Args:
        document: Parsed or as JSON text: ``{"attributes": {"Language": ["French"]}}``; a roster, which has
            what its agents hold; an answer of ListPredefinedAttributes, DescribePredefinedAttribute or
            SearchPredefinedAttributes; or a list of such answers.

    Returns:
        The values by name, in the order of the document; None for the values that it does not say, as
        ListPredefinedAttributes never does. What several parts say of one attribute is put together.

    Raises:
        DocumentError: It is none of these, or something in it cannot be read.
    """
    value = read_value(document)
    catalogue: dict[str, tuple[str, ...] | None] = {}
    problems: list[Problem] = []
    documents = value if isinstance(value, list) else [value]
    for i, part in enumerate(documents):
        path = f"$[{i}]" if isinstance(value, list) else "$"
        for name, values in _rows(part, path, problems):
            known = catalogue.get(name) or ()
            catalogue[name] = (
                catalogue.get(name) if values is None else tuple(dict.fromkeys((*known, *values)))
            )
    if problems:
        raise DocumentError(tuple(problems))
    return catalogue


def attributes_of(roster: Roster) -> dict[str, tuple[str, ...] | None]:
    """Give the attributes that agents of a roster hold, as a catalogue."""
    held = sorted({attribute for agent in roster.agents for attribute in agent.proficiencies or {}})
    names = dict.fromkeys(attribute.name for attribute in held)
    return {name: tuple(a.value for a in held if a.name == name) for name in names}


def predefined_findings(criteria: Criteria, attributes: Catalogue) -> Iterator[Finding]:
    """Find the names and values in a criteria that are none of the predefined ones, each once."""
    told: set[Attribute] = set()
    for number, step in enumerate(criteria.steps, 1):
        for condition, place, _ in leaves(step.expression, Place(number, ())):
            if isinstance(condition, AtLeast | Between) and condition.attribute not in told:
                told.add(condition.attribute)
                yield from _name_findings(condition.attribute, attributes, place)


def is_predefined(attribute: Attribute, attributes: Catalogue) -> bool:
    """Say whether there is such an attribute with such a value, as far as the catalogue tells."""
    values = attributes.get(attribute.name, None if attribute.name in _SYSTEM else ())
    return values is None or attribute.value in values


def _name_findings(attribute: Attribute, attributes: Catalogue, place: Place) -> Iterator[Finding]:
    if has_reference(attribute):
        return
    if is_predefined(attribute, attributes):
        return
    if attribute.name in attributes:
        message = f"the attribute `{visible(attribute.name)}` has no value `{visible(attribute.value)}`"
    else:
        message = f"no predefined attribute is named `{visible(attribute.name)}`"
    meant = [_meant(miss) for miss in _near(attribute, attributes)[:_SHOWN]]
    yield found(place, "RI410", message, f"did you mean {'; or '.join(meant)}?" if meant else None)


def _near(attribute: Attribute, attributes: Catalogue) -> list[NearMiss]:
    """Find what may be meant; of an attribute whose values nobody knows, the name alone."""
    known = (
        Attribute(name, value)
        for name, values in attributes.items()
        for value in ((attribute.value,) if values is None else values)
    )
    return near_misses(attribute, known)


def _meant(miss: NearMiss) -> str:
    return f"{attribute_text(miss.attribute)} ({', '.join(miss.differences)})"


def _rows(node: JSON, path: str, problems: list[Problem]) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    match node:
        case {"agents": list()}:
            yield from _held(node, path, problems)
        case {"attributes": dict(attributes)}:
            if node.get("schema", SCHEMA) != SCHEMA:
                problems.append(expected(f"`{SCHEMA}`", node["schema"], f"{path}.schema"))
            for name, values in attributes.items():
                yield name, _values(values, member_path(f"{path}.attributes", name), problems)
        case {"PredefinedAttribute": dict(attribute)}:
            yield from _attribute(attribute, f"{path}.PredefinedAttribute", problems)
        case {"PredefinedAttributeSummaryList": list(rows)} | {"PredefinedAttributes": list(rows)}:
            for i, row in enumerate(rows):
                yield from _attribute(
                    row, f"{path}.{next(k for k in node if node[k] is rows)}[{i}]", problems
                )
        case _:
            hint = 'write `{"attributes": {"Language": ["French", "English"]}}`, or give a roster'
            message = f"expected predefined attributes, found {show(node)}"
            problems.append(Problem(path, message, hint))


def _held(
    roster: dict[str, JSON], path: str, problems: list[Problem]
) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    try:
        yield from attributes_of(read_roster(roster)).items()
    except DocumentError as error:
        problems += [evolve(problem, path=path + problem.path[1:]) for problem in error.problems]


def _attribute(
    node: JSON, path: str, problems: list[Problem]
) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    match node:
        case {"Name": str(name), "Values": {"StringList": values}}:
            yield name, _values(values, f"{path}.Values.StringList", problems)
        case {"Name": str(name)}:
            yield name, None
        case _:
            problems.append(expected("an attribute with a Name", node, path))


def _values(node: JSON, path: str, problems: list[Problem]) -> tuple[str, ...] | None:
    if node is None:
        return None
    if not isinstance(node, list) or not all(isinstance(value, str) for value in node):
        problems.append(expected("a list of values", node, path))
        return None
    return tuple(node)
