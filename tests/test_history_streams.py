"""Files of records: every layout, every way of being broken, and never more than one record in memory."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routing_inspect import DocumentError, files
from routing_inspect.history import streams

ONE: dict[str, Any] = {"a": 1, "s": 'brackets } ] { [ and "quotes"'}
TWO: dict[str, Any] = {"b": [{"c": 2}]}


def _read(*texts: str | None, file: str = "f") -> tuple[list[Any], list[tuple[int, str]]]:
    """Give the values found, and the lines and kinds of what is none."""
    pieces = ((file, number, text) for number, text in enumerate(texts, 1))
    found = list(streams.records(pieces))
    return [one.value for one in found if one.problem is None], [
        (one.line, one.problem) for one in found if one.problem is not None
    ]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


@pytest.mark.parametrize(
    "text",
    [
        f"{json.dumps(ONE)}\n{json.dumps(TWO)}\n",
        f"\ufeff{json.dumps(ONE)}\r\n\r\n{json.dumps(TWO)}",
        f"{json.dumps(ONE)}{json.dumps(TWO)}",
        f"[{json.dumps(ONE)},\n {json.dumps(TWO)}]\n",
        json.dumps([ONE, TWO], indent=2),
        f"{json.dumps(ONE, indent=4)}\n{json.dumps(TWO, indent=1)}",
        f"[\n{json.dumps(ONE)},\n{json.dumps(TWO)}\n]\n",
        json.dumps(
            {
                "Records": [
                    {"kinesis": {"data": base64.b64encode(json.dumps(r).encode()).decode()}}
                    for r in (ONE, TWO)
                ]
            }
        ),
        json.dumps(
            {"records": [{"data": base64.b64encode((json.dumps(ONE) + json.dumps(TWO)).encode()).decode()}]}
        ),
        json.dumps({"Records": [{"Data": json.dumps(ONE)}, {"body": json.dumps(TWO)}]}),
        json.dumps({"Records": [{"Sns": {"Message": json.dumps(ONE)}}, {"body": json.dumps(TWO)}]}),
    ],
)
def test_every_layout_gives_the_same_records(text: str) -> None:
    """JSON lines, objects end to end, arrays, JSON over many lines and batches are one to the reader."""
    assert _read(*_lines(text)) == ([ONE, TWO], [])


def test_a_long_line_may_be_cut_anywhere() -> None:
    """A line in pieces, cut in strings and between records alike, is read as the whole line is."""
    text = (json.dumps(ONE) + json.dumps(TWO)) * 5
    for size in (1, 2, 7, 30):
        pieces = [text[i : i + size] for i in range(0, len(text), size)]

        assert _read(*pieces) == ([ONE, TWO] * 5, [])


@pytest.mark.parametrize(
    ("texts", "values", "problems"),
    [
        (["no json\n", json.dumps(ONE)], [ONE], [(1, "unreadable")]),
        (["12\n", '"text"\n'], [], [(1, "unreadable"), (2, "unreadable")]),
        ([f"{json.dumps(ONE)} and more\n", json.dumps(TWO)], [ONE, TWO], [(1, "unreadable")]),
        (["{'a': 1}\n", json.dumps(TWO)], [TWO], [(1, "unreadable")]),
        (['{"a": {\n', f"{json.dumps(TWO)}\n", json.dumps(ONE)], [TWO, ONE], [(1, "unreadable")]),
        (['{"a": "never closed\n', f"{json.dumps(TWO)}\n"], [TWO], [(1, "unreadable")]),
        (['{"a": {\n', "  }, oops\n", "}\n", json.dumps(ONE)], [ONE], [(1, "unreadable")]),
        (['{"a": '], [], [(1, "cut")]),
        ([json.dumps(ONE), None], [ONE], [(2, "cut")]),
        (['{"a": ', None], [], [(1, "cut")]),
        ([json.dumps({"Records": [{"kinesis": {"data": "%%%"}}, {}, 3]})], [], [(1, "unreadable")] * 3),
        ([json.dumps({"Records": []})], [], []),
        ([json.dumps({"Records": 3})], [{"Records": 3}], []),
        (['{"a":' * 5000 + "1" + "}" * 5000 + "\n", json.dumps(ONE)], [ONE], [(1, "unreadable")]),
    ],
)
def test_what_is_broken_costs_itself_alone(
    texts: list[str | None], values: list[Any], problems: list[tuple[int, str]]
) -> None:
    """A record that cannot be read is named by its line, and everything around it is read."""
    assert _read(*texts) == (values, problems)


def test_a_file_that_breaks_off_does_not_swallow_the_next() -> None:
    """An open record ends with its file."""
    found = list(streams.records([("f", 1, '{"a": '), ("g", 1, json.dumps(ONE))]))

    assert [(one.file, one.problem) for one in found] == [("f", "cut"), ("g", None)]


def test_an_endless_record_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What grows past the limit is no record, and is not kept."""
    monkeypatch.setattr(streams, "MAX_BYTES", 100)

    values, problems = _read('{"a": [\n', *["1,\n"] * 60, f"{json.dumps(ONE)}\n")

    assert values == [ONE]
    assert problems[0] == (1, "unreadable")


def _places(names: list[str]) -> list[tuple[str, int, str | None]]:
    return [(Path(file).name, number, text) for file, number, text in files.read_stream(names)]


def test_a_folder_is_read_at_every_depth_in_order(tmp_path: Path) -> None:
    """Firehose writes folders by year, month, day and hour; gzip is told by its content."""
    (tmp_path / "2026" / "03").mkdir(parents=True)
    (tmp_path / "2026" / "03" / "b").write_bytes(gzip.compress(b"one\ntwo\n"))
    (tmp_path / "a.jsonl").write_text("zero\n", encoding="utf-8")

    assert _places([str(tmp_path), str(tmp_path / "a.jsonl")]) == [
        ("b", 1, "one\n"),
        ("b", 2, "two\n"),
        ("a.jsonl", 1, "zero\n"),
        ("a.jsonl", 1, "zero\n"),
    ]


def test_a_truncated_gzip_gives_what_it_holds(tmp_path: Path) -> None:
    """All before the break is read; where it breaks off is said, and the files after it are read too."""
    text = "".join(f"{os.urandom(30).hex()}\n" for _ in range(2000))
    packed = gzip.compress(text.encode())
    (tmp_path / "a.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "b.gz").write_bytes(packed[:-8] + b"\0" * 8)
    (tmp_path / "c.gz").write_bytes(packed[:40] + b"\xff" * 40)

    found = list(files.read_stream([str(tmp_path)]))
    whole = [text for file, _, text in found if file.endswith("a.gz") and text is not None]

    assert "".join(whole) == text[: len("".join(whole))]
    assert 500 < len(whole) < 1500
    assert [Path(file).name for file, _, text in found if text is None] == ["a.gz", "b.gz", "c.gz"]


def test_long_lines_come_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of a line counts lines, not pieces."""
    monkeypatch.setattr(files, "_LONG_LINE", 4)
    (tmp_path / "f").write_text("abcdef\ngh\n", encoding="utf-8")

    assert _places([str(tmp_path / "f")]) == [("f", 1, "abcd"), ("f", 1, "ef\n"), ("f", 2, "gh\n")]


def test_standard_input_is_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads standard input, compressed or not; a closed one is an error."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(b"one\n"))))

    assert _places(["-"]) == [("standard input", 1, "one\n")]
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(OSError, match="Bad file descriptor"):
        _places(["-"])


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    """A file that is not there and an empty folder are refused by name."""
    for name in (tmp_path / "none", tmp_path):
        with pytest.raises(FileNotFoundError) as caught:
            _places([str(name)])
        assert caught.value.filename == str(name)


@pytest.mark.parametrize("end", ["\n", ""])
def test_memory_does_not_grow_with_the_file(end: str) -> None:
    """Sixteen times the records take no more memory, on lines of their own or end to end."""

    def pieces(count: int) -> Iterator[tuple[str, int, str]]:
        for number in range(count):
            yield "f", number, json.dumps({**ONE, "padding": "x" * 2000, "n": number}) + end

    def peak(count: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in streams.records(pieces(count))) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(1600) < 2 * peak(100)


def test_a_record_over_many_lines_takes_as_long_as_its_length() -> None:
    """A record over 200,000 lines is read; copied anew for each of its lines it would take a minute."""
    lines = ['{"a": [\n', *["1,\n"] * 200_000, "1]}\n", '{"b": 2}\n']

    values, problems = _read(*lines)

    assert [list(value) for value in values] == [["a"], ["b"]]
    assert problems == []


def test_a_gzip_made_to_fill_time_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to hundreds of times its size is no stream of records; what packs well is one."""
    monkeypatch.setattr(files, "_LONG_LINE", 1_000)
    (tmp_path / "well.gz").write_bytes(gzip.compress(b'{"a": 1}\n' * 100))
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"{}\n" * 300_000))

    assert len(list(files.read_stream([str(tmp_path / "well.gz")]))) == 100
    with pytest.raises(DocumentError, match="unpacks to more than 200 times its size") as caught:
        list(files.read_stream([str(tmp_path / "bomb.gz")]))
    assert caught.value.file == str(tmp_path / "bomb.gz")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_a_device_without_an_end_is_refused() -> None:
    """A device is no file of records; the empty one is."""
    assert list(files.read_stream([os.devnull])) == []
    with pytest.raises(OSError, match="a device that never ends"):
        list(files.read_stream(["/dev/zero"]))


def _batch(*rows: Any) -> str:
    data = [base64.b64encode(json.dumps(row).encode()).decode() for row in rows]
    return json.dumps({"invocation": "x[{", "Records": [{"kinesis": {"data": one}} for one in data]})


@pytest.mark.parametrize(
    ("texts", "values", "problems"),
    [
        # An array that never ends, wherever it was cut.
        ([f"[{json.dumps(ONE)},\n"], [ONE], [(1, "cut")]),
        ([f"[{json.dumps(ONE)}"], [ONE], [(1, "cut")]),
        ([f"[\n{json.dumps(ONE)},\n", f"{json.dumps(TWO)},\n"], [ONE, TWO], [(3, "cut")]),
        ([json.dumps(ONE), "\n", "[[[\n"], [ONE], [(3, "cut")]),
        ([f"[{json.dumps(ONE)}, 12"], [ONE], [(1, "cut")]),
        ([f'[{json.dumps(ONE)}, "te'], [ONE], [(1, "cut")]),
        # One that ends is whole, also in arrays; a bracket too many closes nothing.
        ([f"[[{json.dumps(ONE)}],[{json.dumps(TWO)}]]"], [ONE, TWO], []),
        ([f"{json.dumps(ONE)}]\n", f"][{json.dumps(TWO)}]"], [ONE, TWO], []),
        # What cannot be read may have held the bracket that is missing.
        ([f"[{json.dumps(ONE)},\n", '{"a": [\n', f"{json.dumps(TWO)}\n"], [ONE, TWO], [(2, "unreadable")]),
        (["[1 2]}\n", json.dumps(ONE)], [ONE], [(1, "unreadable")] * 3),
        # Elements of an array that are no objects cost themselves.
        (
            [f'[1,null,"x",{{}},{json.dumps(ONE)},{json.dumps(TWO)}]\n'],
            [{}, ONE, TWO],
            [(1, "unreadable")] * 3,
        ),
        ([f"[oops, {json.dumps(ONE)}]\n", json.dumps(TWO)], [TWO], [(1, "unreadable")]),
        ([f"[1x, {json.dumps(ONE)}]\n", json.dumps(TWO)], [TWO], [(1, "unreadable")]),
        # So does an object whose brackets match.
        ([f"{{'a': [1}}]}}{json.dumps(ONE)}\n"], [], [(1, "unreadable")] * 2),
        ([f"{{'a': [1]}}{json.dumps(ONE)}\n"], [ONE], [(1, "unreadable")]),
        ([f'{{"a": oops}}{json.dumps(ONE)}'], [ONE], [(1, "unreadable")]),
        (['{"a": ' + "1" * 5000 + "}" + json.dumps(ONE)], [ONE], [(1, "unreadable")]),
        (["no json"], [], [(1, "unreadable")]),
        (["no json", None], [], [(1, "unreadable"), (1, "cut")]),
    ],
)
def test_what_is_missing_is_said_and_what_is_there_is_read(
    texts: list[str | None], values: list[Any], problems: list[tuple[int, str]]
) -> None:
    """An array that never ends is a cut file, and what is odd in one costs itself alone."""
    lines = [line for text in texts for line in ([None] if text is None else _lines(text))]
    if None in lines:
        pieces = [("f", 1, line) for line in lines]
    else:
        pieces = [("f", number, line) for number, line in enumerate(lines, 1)]

    found = list(streams.records(pieces))

    assert [one.value for one in found if one.problem is None] == values
    assert [(one.line, one.problem) for one in found if one.problem is not None] == problems


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_batch_that_is_cut_gives_the_rows_before_the_cut(end: str) -> None:
    """A batch is one JSON document of many records; those that are whole are not lost with the last."""
    batch = _batch(ONE, TWO, ONE)

    values, problems = _read(batch[:-25] + end)

    assert values == [ONE, TWO]
    assert problems == [(1, "cut")]


def test_a_batch_with_a_broken_row_gives_the_others() -> None:
    """The row is said, and the batch is not said beside it."""
    row = '{"kinesis": {"data": oops}}'
    broken = _batch(ONE, TWO).replace('[{"kinesis"', f'[{row}, 5, {{"kinesis"')

    assert _read(broken + "\n", json.dumps(ONE)) == ([ONE, TWO, ONE], [(1, "unreadable")] * 2)
    assert _read(_batch(ONE)[:-1] + ", oops}\n") == ([ONE], [(1, "unreadable")])
    assert _read('{"Records": [{"body": "{} {"}, {"body": "12"}]}') == ([{}], [(1, "unreadable")] * 2)
    assert _read('{"Records": [{"body": "{}{\'a\': 1}{}"}]}') == ([{}, {}], [(1, "unreadable")])


def test_a_long_line_that_cannot_be_read_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In however many pieces it comes; what follows on the next line is read."""
    monkeypatch.setattr(streams, "MAX_BYTES", 400)
    for bad in ("x" * 1000, '{"a": oops ' + "x" * 1000, '{"a": "' + "x" * 1000, '["' + "x" * 1000):
        pieces = [bad[i : i + 100] for i in range(0, len(bad), 100)]
        found = [*((1, piece) for piece in pieces), (1, "\n"), (2, json.dumps(ONE) + "\n")]

        read = list(streams.records([("f", line, text) for line, text in found]))

        assert [(one.line, one.problem, one.value) for one in read] == [
            (1, "unreadable", None),
            (2, None, ONE),
        ], bad[:8]


def test_a_piece_of_a_line_is_no_record_of_its_own() -> None:
    """Where a long record is cut just before and after an object in it, that object is not taken for one."""
    assert _read('{"x": ', json.dumps(ONE), "}\n") == ([{"x": ONE}], [])


def test_a_file_that_is_given_twice_is_read_twice() -> None:
    """What is open at its end ends there."""
    pieces = [("f", 1, json.dumps(ONE) + "\n"), ("f", 2, '{"a": '), ("f", 1, json.dumps(ONE))]

    assert [one.problem for one in streams.records(pieces)] == [None, "cut", None]


def test_a_truncated_gzip_of_one_line_gives_every_whole_record(tmp_path: Path) -> None:
    """Firehose writes objects end to end without a newline: what was unpacked before the break is read."""
    each = [{"n": n, "padding": os.urandom(40).hex()} for n in range(500)]
    packed = gzip.compress("".join(map(json.dumps, each)).encode())
    for cut in (1, 8, len(packed) // 2):
        (tmp_path / "f.gz").write_bytes(packed[:-cut])

        found = list(streams.records(files.read_stream([str(tmp_path / "f.gz")])))
        values = [one.value for one in found if one.problem is None]

        assert values == each[: len(values)]
        assert len(values) == 500 if cut <= 8 else 200 < len(values) < 300
        assert [one.problem for one in found[len(values) :]] == ["cut"]
