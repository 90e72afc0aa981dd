"""Literals in source code: what is plain data in Python, JavaScript and TypeScript."""

from collections.abc import Callable
from typing import Any

import pytest

from routing_inspect.literals import (
    COMPUTED,
    MORE,
    Literal,
    NotSourceError,
    SourceCode,
    read_javascript,
    read_python,
)


def _values(code: SourceCode) -> list[Any]:
    return [literal.value for literal in code.literals]


def _written(text: str, literal: Literal) -> dict[tuple[Any, ...], str]:
    return {trail: text[slice(*span)] for trail, span in literal.spans.items()}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x = {'a': 1, \"b\": [None, True, -2.5, ('c',)]}", [{"a": 1, "b": [None, True, -2.5, ["c"]]}]),
        ("f({'a': name}, [1])", [{"a": COMPUTED}, [1]]),
        ("{'a': f({'b': 1}), **more, 2: {'c': 3}}", [{"a": COMPUTED, MORE: COMPUTED}, {"b": 1}, {"c": 3}]),
        ("x = '''{}''' 'y'", ["{}y"]),
        ("f'{x}' + b'z' + 1", ["\0\0\0"]),
        ("x = 'a' + 'b'; y = f'a' f'{{b}}'; z = 'a' + b", ["ab", "a{b}", "a\0"]),
        ("dict(a=1, b=dict(c='d'))", [{"a": 1, "b": {"c": "d"}}]),
        ("dict({'a': 1}, b=[2], **more)", [{"a": 1, "b": [2], MORE: COMPUTED}]),
        ("dict(pairs, a='x')\ndict([1])", ["x", [1]]),
        ("-x\n-'y'", ["y"]),
        ("", []),
    ],
)
def test_python_literals(text: str, values: list[Any]) -> None:
    """Data is taken as it stands; what is computed says so, and what it holds counts by itself."""
    assert _values(read_python(text)) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "const x = {a: 1, 'b': [null, true, -2.5, \"c\",], 3: .5,}",
            [{"a": 1, "b": [None, True, -2.5, "c"], "3": 0.5}],
        ),
        ("f({a: name, b}, [1])", [{"a": COMPUTED, "b": COMPUTED}, [1]]),
        (
            "x = {a: f({b: 1}), ...more, [k]: 2, m() { return {c: 3}; }}",
            [{"a": COMPUTED, MORE: COMPUTED, "m": COMPUTED}, {"b": 1}, [COMPUTED], {"c": 3}],
        ),
        (
            "x = {a: c ? {b: 1} : {b: 2}, d: [{e: 1}].map(f)}",
            [{"a": COMPUTED, "d": COMPUTED}, {"b": 1}, {"b": 2}, [{"e": 1}]],
        ),
        (
            "x = {a: 'q' as const, b: {c: 1} satisfies T, d: `t`, e: `${u}`}",
            [{"a": "q", "b": {"c": 1}, "d": "t", "e": COMPUTED}, "${u}"],
        ),
        ("if (x) { y = 1; }", []),
        ("type T = { a: string; }", []),
        ("{ a b }", []),
        ("x = {a: 1", []),
        ("x = {a: (1]}", []),
        ("x = [(1}, {a: 1}]", [{"a": 1}]),
        ("x = {a: f(", []),
        ("x = [1 2]", [[COMPUTED]]),
        ("// {a: 1}\n/* {b: 2} */ [3]", [[3]]),
        ("r = /[\"'`{]/g; x = {a: 6 / 2 / 1}; y = [1]", [{"a": COMPUTED}, [1]]),
        ("x = {a: undefined, b: 1n}", [{"a": None, "b": COMPUTED}]),
        (
            r"x = '\x41\u0042\u{43}\u{ffffff}\n\q\
'",
            ["ABC\ufffd\nq"],
        ),
        ("it's not a string\n[1]", [[1]]),
    ],
)
def test_javascript_literals(text: str, values: list[Any]) -> None:
    """Bare names, either quote, templates, comments, trailing commas and types are understood."""
    assert _values(read_javascript(text)) == values


@pytest.mark.parametrize("read", [read_python, read_javascript])
def test_parts_stand_where_they_are_written(read: Callable[[str], SourceCode]) -> None:
    """A member stands from its name on; a character is one, however many bytes it has."""
    text = 'é = "ü"; x = {"ö": ["ä", {"b": 1}]}'

    literal = read(text).literals[-1]

    assert _written(text, literal) == {
        (): '{"ö": ["ä", {"b": 1}]}',
        ("ö",): '"ö": ["ä", {"b": 1}]',
        ("ö", 0): '"ä"',
        ("ö", 1): '{"b": 1}',
        ("ö", 1, "b"): '"b": 1',
    }


@pytest.mark.parametrize(
    ("read", "text", "comments"),
    [
        (read_python, "x = '# no'  # yes\r\n# ünd\n", ["# yes", "# ünd"]),
        (read_javascript, "x = '// no' // yes\r\n/* and\nso */", ["// yes", "/* and\nso */"]),
    ],
)
def test_comments_have_their_places(
    read: Callable[[str], SourceCode], text: str, comments: list[str]
) -> None:
    """A comment stands from its sign to its end, and none stands in a string."""
    assert [text[slice(*span)] for span in read(text).comments] == comments


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("x = {\n", "not Python: '{' was never closed", 4),
        ("x = 1\ny = = 2\n", "not Python: invalid syntax", 10),
        ("x = '\0'", "not Python: source code string cannot contain null bytes", 0),
        ("-" * 20_000 + "1", "not Python: ", 0),
    ],
)
def test_what_is_no_python_is_refused(text: str, message: str, offset: int) -> None:
    """The place of the mistake is told; what is too deep for Python's own reader is refused, too."""
    with pytest.raises(NotSourceError) as caught:
        read_python(text)

    assert caught.value.message.startswith(message)
    assert caught.value.offset == offset


def test_no_javascript_is_too_deep() -> None:
    """What nests deeper than any criteria can is passed over, and costs no stack."""
    assert read_javascript("[" * 5_000 + "]" * 5_000).literals != ()
    assert read_javascript("x = {a:" * 3_000).literals == ()


def test_an_odd_escape_in_source_is_no_concern() -> None:
    """Python warns of an invalid escape in somebody's source; linting it does not."""
    assert _values(read_python(r"x = ['\d']")) == [["\\d"]]


def test_a_computed_part_shows_as_such() -> None:
    """In a failing test it is told apart from text."""
    assert repr(COMPUTED) == "COMPUTED"
