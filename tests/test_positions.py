"""Where things stand: lines, columns, and the parts of JSON."""

import json

import pytest

from routing_inspect.positions import Lines, decoded, find_spans, trail_of

DOCUMENT = """{
  "Steps": [
    {"a": 1}, [true, "x\\\\\\"]}"],
    {"odd name": {"Expression": {}}, "b": -1.5e3 }
  ], "empty": {}, "none": []
}"""


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("$.Steps[0]", '{"a": 1}'),
        ("$.Steps[0].a", '"a": 1'),
        ("$.Steps[1][1]", '"x\\\\\\"]}"'),
        ('$.Steps[2]["odd name"].Expression', '"Expression": {}'),
        ("$.Steps[2].b", '"b": -1.5e3'),
        ("$.empty", '"empty": {}'),
        ("$.none", '"none": []'),
        ("$", DOCUMENT),
    ],
)
def test_a_path_leads_to_what_is_written_there(path: str, written: str) -> None:
    """A member stands from its name to the end of its value, an element as its value does."""
    trail = trail_of(path)

    start, end = find_spans(DOCUMENT, [trail])[trail]

    assert DOCUMENT[start:end] == written


@pytest.mark.parametrize(
    "path", ["$.nothing", "$.Steps[9]", "$.Steps[0].a.b", "$.Steps[1][1].c", "$.none[0]"]
)
def test_what_is_not_there_is_left_out(path: str) -> None:
    """A trail that leads nowhere has no span, and none of its parts gets in the way."""
    assert trail_of(path) not in find_spans(DOCUMENT, [trail_of(path)])


def test_a_trail_goes_on_inside_a_string_of_json() -> None:
    """What stands in JSON inside a string has its place in the text around it, escapes and all."""
    inner = json.dumps({"é😀": ["\n", {"b": 1}]})
    text = json.dumps({"Content": " " + inner})

    spans = find_spans(text, [("Content", "é😀", 1, "b"), ("Content", "é😀")])

    start, end = spans["Content", "é😀", 1, "b"]
    assert text[start:end] == '\\"b\\": 1'
    start, end = spans["Content", "é😀"]
    assert text[start:end].startswith('\\"\\\\u00e9\\\\ud83d\\\\ude00\\": [')


def test_a_string_is_decoded_with_the_place_of_each_character() -> None:
    """Two escapes that are one character count as one, half a pair as itself."""
    text = r'["a\u00e9\ud83d\ude00\ud83dz\n"]'

    inner, offsets = decoded(text, (1, len(text) - 1))

    assert inner == "aé😀\ud83dz\n"
    assert [text[offset] for offset in offsets] == ["a", "\\", "\\", "\\", "z", "\\", '"']


def test_lines_end_in_three_ways() -> None:
    """A place is a line and a column from 1; the end of a line is no part of it."""
    lines = Lines("a\r\nbc\rd\n")

    assert [lines.line(number) for number in range(1, len(lines) + 1)] == ["a", "bc", "d", ""]
    assert [lines.place(offset) for offset in (0, 1, 3, 4, 6, 8)] == [
        (1, 1),
        (1, 2),
        (2, 1),
        (2, 2),
        (3, 1),
        (4, 1),
    ]
    assert lines.offset(2, 2) == 4
