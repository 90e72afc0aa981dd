from __future__ import annotations

from pathlib import Path

import pytest

from routing_inspect import resources
from routing_inspect.resources import read_resource


def test_checkout_reads_from_its_root() -> None:
    """In a checkout the grammar lies beside the sources."""
    assert read_resource("grammar/routing.lark").startswith("//")


def test_wheel_reads_from_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a wheel the files lie inside the package, and come before what lies around it."""
    package = tmp_path / "site-packages" / "routing_inspect"
    (package / "grammar").mkdir(parents=True)
    (package / "grammar" / "routing.lark").write_text("// Ä", encoding="utf-8")
    monkeypatch.setattr(resources, "__file__", str(package / "resources.py"))

    assert read_resource("grammar/routing.lark") == "// Ä"


def test_unknown_resource_is_reported() -> None:
    """A name that nothing has is an error that names it."""
    with pytest.raises(FileNotFoundError, match=r"grammar/none\.lark"):
        read_resource("grammar/none.lark")
