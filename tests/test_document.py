import json
import sys
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from routing_inspect.document import (
    MAX_BYTES,
    MAX_LEVELS,
    canonical,
    dumps,
    loads,
    member_path,
    plain,
    show,
)
from routing_inspect.errors import DocumentError, Problem


def _problems(document: object) -> tuple[Problem, ...]:
    with pytest.raises(DocumentError) as refused:
        loads(document) if isinstance(document, str | bytes) else plain(document)
    return refused.value.problems


def test_json_text_is_read_as_it_stands() -> None:
    """Text and bytes give the same values, in the order of the text, with or without a byte order mark."""
    text = '{"b": [1, 2.5, "x", null, true], "a": {}}'

    values = loads(text)

    assert values == {"b": [1, 2.5, "x", None, True], "a": {}}
    assert list(values) == ["b", "a"]
    assert loads("\ufeff" + text) == loads(text.encode()) == loads(b"\xef\xbb\xbf" + text.encode()) == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty: expected a JSON document"),
        (" \n ", "empty: expected a JSON document"),
        ('{"a": 1', "not JSON: it ends too early, at line 1, column 8"),
        ('{"a":\n "b', "not JSON: it ends too early, at line 2, column 2"),
        ('{"a" 1}', "not JSON: expecting ':' delimiter at line 1, column 6, found `1}`"),
        ('{"a": "\x01"}', 'not JSON: invalid control character at line 1, column 8, found `\\u0001"}`'),
        (
            "Language(French) >= 4",
            "not JSON: expecting value at line 1, column 1, found `Language(French) >= `",
        ),
        ("1" * 5000, "holds a number too long to read"),
        (b"\xff\xfe{", "byte 0 is not UTF-8"),
    ],
)
def test_text_that_is_no_json_is_refused_with_the_place(text: str | bytes, message: str) -> None:
    """The message says what was expected and what was found instead, and where."""
    (problem,) = _problems(text)

    assert (problem.path, problem.message) == ("$", message)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("<!DOCTYPE html>", "this looks like a web page, not an answer of the service"),
        ('{"a": 1}\n{"a": 2}', "one document ends here and another begins: give them one by one"),
        ('{"a": [', "was it cut while it was copied?"),
        ("a", None),
    ],
)
def test_the_usual_causes_have_a_hint(text: str, hint: str | None) -> None:
    """A web page, several documents in one file and a cut file are told apart."""
    assert _problems(text)[0].hint == hint


def test_everything_that_is_wrong_is_said_at_once_and_with_its_path() -> None:
    """Numbers that JSON lacks and repeated members are found anywhere, in the order of the document."""
    text = '{"a": NaN, "b c": [1, {"x": -Infinity}, 1e400], "d": {"e": 1, "f": 2, "e": 3}}'

    problems = _problems(text)

    assert [(problem.path, problem.message) for problem in problems] == [
        ("$.a", "`nan` is not a number JSON knows"),
        ('$["b c"][1].x', "`-inf` is not a number JSON knows"),
        ('$["b c"][2]', "too large a number"),
        ("$.d.e", "occurs more than once in one object"),
    ]


def test_a_whole_number_that_no_float_holds_is_refused() -> None:
    """Other readers of JSON take every number for a float, and this one would be infinite."""
    assert _problems('{"a": ' + "9" * 400 + "}") == (Problem("$.a", "too large a number"),)
    assert loads("9" * 300) == int("9" * 300)


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_deep_nesting_is_refused_whatever_pythons_limit(opening: str) -> None:
    """Depth is counted without recursion, so that no Python version decides; strings do not count."""
    (problem,) = _problems(opening * 10_000)

    assert problem.message == f"nested more than {MAX_LEVELS} levels deep"
    assert loads(json.dumps("[" * 1000)) == "[" * 1000
    assert loads(json.dumps(['\\"' + "[" * 300, "]" * 300])) == ['\\"' + "[" * 300, "]" * 300]


def test_two_hundred_levels_are_read_and_one_more_is_not() -> None:
    """The limit is the same for text and for parsed values."""
    assert loads("[" * 200 + "]" * 200) == plain(_nested(200))
    assert _problems("[" * 201 + "]" * 201) == _problems(_nested(202))


def _nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_many_brackets_side_by_side_are_no_depth() -> None:
    """A long list of objects is flat."""
    assert len(loads("[" + ",".join(["{}"] * 500) + "]")) == 500


def test_a_text_larger_than_64_mib_is_refused() -> None:
    """A whole export is to be read contact by contact."""
    (problem,) = _problems(b" " * (MAX_BYTES + 1))

    assert problem.message == "larger than 64 MiB"


def test_what_boto3_returns_comes_out_as_json() -> None:
    """Times become text in UTC, decimals numbers, tuples lists; any mapping will do."""
    time = datetime(2026, 3, 4, 15, 2, 11, tzinfo=timezone(timedelta(hours=1)))
    value = MappingProxyType({"at": time, "level": Decimal("4.0"), "ids": ("a", "b"), "n": 3, "none": None})

    copied = plain(value)

    assert copied == {
        "at": "2026-03-04T14:02:11+00:00",
        "level": 4.0,
        "ids": ["a", "b"],
        "n": 3,
        "none": None,
    }
    assert list(copied) == list(value)


class _Nowhere(tzinfo):
    """A time zone that does not know its offset."""

    def utcoffset(self, _: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ([datetime(2026, 3, 4)], "$[0]", "a time without a time zone"),  # noqa: DTZ001  (without a zone on purpose)
        ([datetime(2026, 3, 4, tzinfo=_Nowhere())], "$[0]", "a time without a time zone"),
        (
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
            "$",
            "the time `9999-12-31 23:59:59.999999-01:00` is out of range in UTC",
        ),
        ({"a": Decimal("sNaN")}, "$.a", "`nan` is not a number JSON knows"),
        ({"a": Decimal("1e400")}, "$.a", "`inf` is not a number JSON knows"),
        ({"a": {1: 2}}, "$.a", "the member name 1 is not a string"),
        ({"a": b"x"}, "$.a", "JSON has no value like b'x'"),
        ({"a": 10**5000}, "$.a", "too large a number"),
    ],
)
def test_values_that_json_lacks_are_refused(value: object, path: str, message: str) -> None:
    """A parsed document may hold what no JSON text could."""
    (problem,) = _problems(value)

    assert (problem.path, problem.message) == (path, message)


def test_a_document_that_contains_itself_is_too_deep() -> None:
    """A cycle is the deepest nesting there is."""
    value: dict[str, Any] = {}
    value["self"] = value

    assert _problems(value)[0].message.startswith("nested more than")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": 1}, "an object"),
        ([1], "a list"),
        ("soon", '`"soon"`'),
        (None, "`null`"),
        ("\x1b", '`"\\u001b"`'),
        ("x" * 100, '`"' + "x" * 76 + "...`"),
    ],
)
def test_a_value_is_shown_short_and_safe(value: object, shown: str) -> None:
    """A message quotes what it found as the document has it, and no more than fits in a line."""
    assert show(value) == shown


def test_a_path_quotes_what_is_no_plain_word() -> None:
    """A JSON path can be pasted into a tool, whatever the member is called."""
    assert member_path("$", "Steps") == "$.Steps"
    assert member_path("$", 'a "b"\n') == '$["a \\"b\\"\\n"]'


def test_json_for_people_is_readable_and_drives_no_terminal() -> None:
    """Every script stays readable, invisible characters are escaped, and the text reads as the value."""
    value = {"name": "Français", "odd": ["\x9b", "\ud800", "\u00a0"]}

    text = dumps(value)

    assert '"name": "Français"' in text
    assert text.isprintable() or set(text) - {"\n"} == {c for c in text if c.isprintable()}
    assert loads(text) == value


@pytest.mark.parametrize(
    "value",
    [
        {},
        [[], {}, ()],
        {"a": [1, -2.5, 1e300, True, False, None, 'a "b"\n'], "": {"b": [{"c": []}, (1, 2)]}},
        "text",
        10**20,
    ],
)
def test_json_for_people_is_what_python_writes(value: Any) -> None:
    """Indented by two, in the order given, character by character."""
    assert dumps(value) == json.dumps(value, indent=2, ensure_ascii=False)


@pytest.mark.parametrize("number", [int(1e308), int(sys.float_info.max), -int(sys.float_info.max)])
def test_the_largest_number_is_still_one(number: int) -> None:
    """What a float can be, a whole number can be too, or what was read as `1e308` could not be read again."""
    assert plain({"a": number}) == {"a": number}
    assert _problems(f'{{"a": {number * 10}}}') == (Problem("$.a", "too large a number"),)


def test_json_for_people_has_no_number_that_json_lacks() -> None:
    """NaN and infinity are no JSON."""
    with pytest.raises(ValueError, match="Out of range"):
        dumps({"a": [float("nan")]})


def test_canonical_text_is_about_the_value_not_the_order() -> None:
    """Two objects with the same members are one, whatever order they were written in."""
    assert canonical({"b": 1, "a": [2]}) == canonical({"a": [2], "b": 1}) == '{"a":[2],"b":1}'


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1E+999", "1.5e9999", "9" * 400 + ".0"])
def test_a_number_that_no_float_holds_is_too_large(number: str) -> None:
    """It is a number of JSON all the same, and nobody wrote an infinite one."""
    assert _problems(f'{{"a": [1, {number}]}}') == (Problem("$.a[1]", "too large a number"),)
