"""Run the Python examples of the README and the pages: a block fenced as ``python`` is a test."""

import os
from pathlib import Path

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
