"""JSON schemas, for tests: those of this project's own outputs, and how strictly an output keeps to one."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schemas"
NAMES = sorted(path.name.removesuffix("-1.json") for path in FOLDER.glob("*-1.json"))


def schema(name: str) -> dict[str, Any]:
    """Read the schema of an output, such as ``explanation``."""
    node: dict[str, Any] = json.loads((FOLDER / f"{name}-1.json").read_text(encoding="utf-8"))
    return node


def problems(document: dict[str, Any]) -> list[str]:
    """
    Say what in an output is not as its schema says, a member that no page documents among it.

    Readers let members pass that they do not know, so the schemas do; for what the project itself
    writes, every object has to be described whole.
    """
    name = document["schema"].split("/")[1]
    return [f"{error.json_path}: {error.message}" for error in _strict(name).iter_errors(document)]


@cache
def _strict(name: str) -> Draft202012Validator:
    return Draft202012Validator(_closed(schema(name)), format_checker=FormatChecker())


def _closed(node: Any) -> Any:
    """Let every object have the described members alone, unless the schema says that others may be there."""
    if isinstance(node, list):
        return [_closed(member) for member in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if "properties" in node and node.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
