"""Whole outputs, compared with files: look at tests/golden to see what a reader sees."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from routing_inspect.forms import read
from routing_inspect.visible import visible
from scripts import load

GOLDEN = Path(__file__).parent / "golden"
ROOT = GOLDEN.parents[1]
KINDS = {
    *("matched-step", "fallback", "waiting", "abandoned", "transferred"),
    *("agent-queue", "not-queued", "no-criteria", "contradiction", "undetermined"),
}


OUTPUTS: dict[str, str] = dict(load(GOLDEN / "refresh.py").outputs())


@pytest.mark.parametrize("name", sorted(OUTPUTS))
def test_output_is_as_it_was(name: str) -> None:
    """`python tests/golden/refresh.py` writes what is compared here."""
    assert (GOLDEN / name).read_text(encoding="utf-8") == OUTPUTS[name]


def test_every_golden_file_is_compared() -> None:
    """A file that nothing writes any more is an old one."""
    found = {path.name for path in GOLDEN.iterdir() if path.suffix in {".txt", ".json"}}

    assert found == set(OUTPUTS)


def test_the_examples_have_one_contact_of_each_kind() -> None:
    """Ten kinds, ten contacts, each named for its kind."""
    kinds = {
        name.removesuffix(".json"): json.loads(text) for name, text in OUTPUTS.items() if name[-5:] == ".json"
    }

    assert {path.stem for path in (ROOT / "examples" / "contacts").glob("*.json")} == KINDS
    assert {kinds[kind]["path"]["kind"] for kind in KINDS} == KINDS
    assert [kind for kind in sorted(KINDS) if kinds[kind]["path"]["kind"] != kind] == []


@pytest.mark.parametrize("name", sorted(name for name in OUTPUTS if name.endswith(".txt")))
def test_text_is_safe_and_fits(name: str) -> None:
    """No line drives the terminal; none but those with wide names needs anything beyond ASCII."""
    lines = OUTPUTS[name].split("\n")

    assert [line for line in lines if visible(line) != line] == []
    assert name == "hostile.txt" or OUTPUTS[name].isascii()
    assert [line for line in lines if len(line) > 80 or line != line.rstrip()] == []


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("*.json")), ids=lambda path: path.stem)
def test_examples_hold_nobodys_number(path: Path) -> None:
    """Telephone numbers are of the ranges that Ofcom and the NANP keep for fiction."""
    numbers = _numbers(json.loads(path.read_text(encoding="utf-8")))

    assert [n for n in numbers if not n.startswith(("+442079460", "+12065550"))] == []


def _numbers(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [number for member in inner for number in _numbers(member)]
    return [value] if isinstance(value, str) and value.startswith("+") else []


def test_numbers_are_looked_for_where_they_are() -> None:
    """The check above can fail: it sees the numbers that the examples have."""
    assert _numbers(json.loads((ROOT / "examples" / "contacts" / "fallback.json").read_text())) != []


def test_nothing_personal_in_any_output() -> None:
    """Numbers and contact attributes never appear, whatever the document holds."""
    assert [name for name, text in OUTPUTS.items() if "+44" in text or "+1206" in text] == []


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "zone"), [("1", "Pacific/Chatham"), ("2", "America/St_Johns")])
def test_output_depends_on_no_hash_seed_and_no_time_zone(seed: str, zone: str) -> None:
    """The same bytes on every run and every machine."""
    script = "import runpy; m = runpy.run_path('tests/golden/refresh.py'); print(dict(m['outputs']()))"
    environment = {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONIOENCODING": "utf-8"}

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
        encoding="utf-8",
    )  # fmt: skip

    assert done.stdout == f"{OUTPUTS}\n"


def test_examples_are_of_several_forms() -> None:
    """Between them they are DescribeContact answers, contact records and contact events."""
    paths = (ROOT / "examples" / "contacts").glob("*.json")

    assert {read(path.read_bytes()).source for path in paths} == {
        "DescribeContact",
        "contact record",
        "contact event",
    }
