"""Laws of places: every part of a JSON document is found where it is written."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from routing_inspect.document import member_path
from routing_inspect.literals import read_javascript
from routing_inspect.positions import Trail, find_spans, trail_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def _parts(value: Any, trail: Trail = ()) -> Iterator[tuple[Trail, Any]]:
    yield trail, value
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in members:
        yield from _parts(inner, (*trail, key))


@given(value=VALUES, ensure_ascii=st.booleans(), indent=st.sampled_from([None, 0, 2]))
def test_every_part_is_found_where_it_is_written(value: Any, **layout: Any) -> None:
    """What stands in the span of a part reads as that part."""
    text = json.dumps(value, **layout)
    parts = dict(_parts(value))

    spans = find_spans(text, parts)

    for trail, part in parts.items():
        start, end = spans[trail]
        written = text[start:end]
        if trail and isinstance(trail[-1], str):
            assert json.loads(f"{{{written}}}") == {trail[-1]: part}
        else:
            assert json.loads(written) == part


@given(trail=st.lists(st.text(max_size=6) | st.integers(0, 99), max_size=6))
def test_a_path_says_which_trail_it_is(trail: list[str | int]) -> None:
    """A JSON path as the library writes it leads to the same part, whatever the names are."""
    path = "$"
    for key in trail:
        path = f"{path}[{key}]" if isinstance(key, int) else member_path(path, key)

    assert trail_of(path) == tuple(trail)


SIGNS = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    ";",
    "a",
    "1",
    "'s'",
    "`${",
    "`",
    "/",
    "...",
    "as",
    "//",
    "\n",
]


@given(words=st.lists(st.sampled_from(SIGNS), max_size=40))
def test_no_javascript_is_too_odd(words: list[str]) -> None:
    """Whatever the words and their order, literals are found without an error, each in its place."""
    text = " ".join(words)

    for literal in read_javascript(text).literals:
        start, end = literal.spans[()]
        assert text[start] in "{['`"
        assert all(start <= low <= high <= end for low, high in literal.spans.values())
