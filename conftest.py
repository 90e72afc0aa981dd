"""Run the Python examples of the README and the pages: a block fenced as ``python`` is a test."""

import os
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

_ROOT = Path(__file__).parent


def _from_the_root(_: dict[str, object]) -> None:
    # Examples name files as a reader in a checkout would.
    os.chdir(_ROOT)


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "docs/*.md"],
    setup=_from_the_root,
).pytest()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the examples of a page on one worker: each goes on where the one before it ended."""
    for item in items:
        if item.path.suffix == ".md":
            item.add_marker(pytest.mark.xdist_group(str(item.path)))
