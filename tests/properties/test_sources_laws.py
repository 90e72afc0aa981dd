"""Laws of sources: every part of every criteria has its place in the file, whatever the file is."""

import json
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from routing_inspect.contact import Criteria
from routing_inspect.expr import And, AtLeast, Between, Expr, Mixed, Not, Or
from routing_inspect.forms import write_criteria
from routing_inspect.placed import unit_spans
from routing_inspect.sources import Part, read_source
from routing_inspect.strategies import criteria
from routing_inspect.text import attribute_text, parse, unparse_criteria

FORMS = {
    "a.json": lambda document: json.dumps(document, indent=1),
    "b.json": lambda document: json.dumps({"ContactFlow": {"Content": json.dumps(_flow(document))}}),
    "a.py": lambda document: f"x = {document!r}",
    "a.ts": lambda document: f"const x = {json.dumps(document, ensure_ascii=False)} as const;",
    "b.ts": lambda document: f"const x = JSON.parse({json.dumps(json.dumps(document))});",
}


def _flow(document: object) -> object:
    block = {"Type": "UpdateContactRoutingCriteria", "Parameters": {"RoutingCriteria": document}}
    return {"Actions": [{"Identifier": "a", **block}, {"Identifier": "b", **block}]}


def _ways(expression: Expr, way: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Expr]]:
    yield way, expression
    match expression:
        case And(operands) | Or(operands) | Mixed(operands):
            for i, operand in enumerate(operands):
                yield from _ways(operand, (*way, i))
        case Not(operand):
            yield from _ways(operand, (*way, 0))
        case _:
            pass


def _parts(found: Criteria) -> Iterator[tuple[Part, Expr | None]]:
    for number, step in enumerate(found.steps, 1):
        yield (number, None), None
        for way, expression in _ways(step.expression):
            yield (number, way), expression


@given(name=st.sampled_from(list(FORMS)), written=criteria())
def test_every_part_of_a_document_has_its_place(name: str, written: Criteria) -> None:
    """A condition's name stands inside its span, in JSON, in strings of it, and in source code."""
    document = json.loads(json.dumps(write_criteria(written, "api")))
    source = read_source(name, FORMS[name](document).encode("utf-8", "surrogatepass"))

    assert len(source.units) == (2 if name == "b.json" else 1)
    for unit in source.units:
        parts = list(_parts(unit.criteria))
        for (part, expression), span in zip(parts, unit_spans([(unit, p) for p, _ in parts]), strict=True):
            assert span is not None, part
            if isinstance(expression, AtLeast | Between):
                assert "Condition" in source.text[slice(*span)]
    assert source.computed == ()


@given(written=criteria())
def test_every_part_of_a_text_has_its_place(written: Criteria) -> None:
    """What stands in a condition's span reads as that condition."""
    source = read_source("a.routing", unparse_criteria(written).encode())
    (unit,) = source.units
    parts = list(_parts(unit.criteria))

    for (part, expression), span in zip(parts, unit_spans([(unit, p) for p, _ in parts]), strict=True):
        assert span is not None, part
        if isinstance(expression, AtLeast | Between):
            assert parse(source.text[slice(*span)]) == expression
            assert attribute_text(expression.attribute) in source.text[slice(*span)]
