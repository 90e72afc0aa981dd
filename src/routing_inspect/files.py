"""Files and standard input as records: JSON in any form, or text in the project's language."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from routing_inspect import forms, layout, roster, text
from routing_inspect.contact import Contact, Criteria, Roster
from routing_inspect.document import JSON, MAX_BYTES, loads, show
from routing_inspect.errors import CriteriaSyntaxError, DocumentError, Problem
from routing_inspect.expr import Expr
from routing_inspect.visible import visible

T = TypeVar("T")


def is_file(argument: str) -> bool:
    """Say whether an argument means a file or standard input (``-``) rather than an id."""
    return argument == "-" or os.sep in argument or "." in argument or Path(argument).exists()


def read_contact(name: str, *, action: str | None = None) -> Contact:
    """
    Read a contact or a criteria out of a file of any form.

    Args:
        name: The file; ``-``: standard input.
        action: Which action of a flow, by its identifier; None: it has only one.

    Raises:
        OSError: The file cannot be read.
        DocumentError: It is JSON that says nothing of routing criteria, or something in it is wrong.
        CriteriaSyntaxError: It is text that is no criteria.
    """
    data = _read_bytes(name)
    if action is not None:
        return _named(name, lambda: Contact(criteria=_flow_criteria(data, action), source="flow action"))
    if _is_json(data):
        return _named(name, lambda: forms.read(data))
    criteria = _named(name, lambda: text.parse_criteria(_decoded(data)))
    return Contact(criteria=criteria, source="criteria")


def read_expression(argument: str) -> Expr:
    """
    Read an expression given as text, as JSON, or as a file of either.

    Raises:
        OSError: It names a file that cannot be read.
        DocumentError: It is JSON without exactly one expression, or something in it is wrong.
        CriteriaSyntaxError: It is text that is no expression.
    """
    if argument == "-" or Path(argument).suffix in {".json", ".routing"} or _exists(argument):
        data = _read_bytes(argument)
        if _is_json(data):
            return _named(argument, lambda: forms.read_expression(data))
        return _named(argument, lambda: text.parse(_decoded(data)))
    if argument.lstrip().startswith(("{", "[")):
        return forms.read_expression(argument)
    return text.parse(argument)


def read_roster(name: str) -> Roster:
    """
    Read a roster out of a JSON or a text file; its source is the file's name.

    Raises:
        OSError: The file cannot be read.
        DocumentError: It is JSON that is no roster, or something in it is wrong.
        CriteriaSyntaxError: It is text that is no roster.
    """
    data = _read_bytes(name)
    if _is_json(data):
        found = _named(name, lambda: roster.read_roster(data))
    else:
        found = _named(name, lambda: text.parse_roster(_decoded(data)))
    return Roster(agents=found.agents, as_of=found.as_of, source=found.source or _display(name))


def read_layout(name: str, stdin_name: str | None = None) -> tuple[str, str]:
    """
    Read a text file, and give it as it stands and in its one layout.

    Args:
        name: The file; ``-``: standard input. One that ends in ``.roster`` is a roster, any
            other a criteria or an expression.
        stdin_name: The name that says what standard input is.

    Raises:
        OSError: The file cannot be read.
        DocumentError: It is larger than 64 MiB, or not UTF-8.
        CriteriaSyntaxError: It is text that is no such thing.
    """
    shown = stdin_name or name if name == "-" else name
    data = _read_bytes(name)
    before = _named(shown, lambda: _decoded(data))
    form = layout.format_roster if Path(shown).suffix == ".roster" else layout.format_criteria
    return before, _named(shown, lambda: form(before))


def read_scenario(name: str) -> dict[str, JSON]:
    """
    Read a scenario of the sandbox as it stands in its file; the sandbox checks what it says.

    Raises:
        OSError: The file cannot be read.
        DocumentError: It is no JSON object.
    """
    data = _read_bytes(name)
    document = _named(name, lambda: loads(data))
    if not isinstance(document, dict):
        raise DocumentError((Problem("$", f"expected a scenario, found {show(document)}"),), file=name)
    return document


def write(content: str, name: str | None) -> None:
    """
    Write to a file, or to standard output where *name* is None or ``-``.

    A file is there whole or not at all: it is written beside its place and then moved there.
    One that was there before keeps its permissions, a link still leads to it, and what is no
    regular file, such as a pipe, is written to as it is.

    Raises:
        OSError: It cannot be written; the error names *name*.
    """
    if name is None or name == "-":
        sys.stdout.write(content)
        # A closed pipe shows here, and not when the interpreter ends.
        sys.stdout.flush()
        return
    try:
        _write_whole(content, Path(os.path.realpath(name)), is_named=bool(name))
    except OSError as error:
        error.filename, error.filename2 = name, None
        raise


def _write_whole(content: str, place: Path, *, is_named: bool) -> None:
    if not is_named or place.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if place.exists() and not place.is_file():
        place.write_text(content, encoding="utf-8", newline="\n")
        return
    beside = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        beside.write_text(content, encoding="utf-8", newline="\n")
        if place.exists():
            shutil.copymode(place, beside)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def _read_bytes(name: str) -> bytes:
    """Read a file, never more of it than a document may hold and one byte to tell."""
    if name == "-":
        if sys.stdin is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF), "standard input")
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _exists(argument: str) -> bool:
    try:
        return Path(argument).is_file()
    except (OSError, ValueError):  # too long for a file name, or holds a NUL: an expression
        return False


def _is_json(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"[", b"<", b""} or len(data) > MAX_BYTES


def _decoded(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise DocumentError((Problem("$", f"larger than {MAX_BYTES // 2**20} MiB"),))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(
            (Problem("$", f"byte {error.start} is not UTF-8", "save the file as UTF-8"),)
        ) from error


def _display(name: str) -> str:
    return "standard input" if name == "-" else name


def _named(name: str, read: Callable[[], T]) -> T:
    """Read, and say which file it was where that fails."""
    try:
        return read()
    except (DocumentError, CriteriaSyntaxError) as error:
        error.file = _display(name)
        raise


def _flow_criteria(data: bytes, identifier: str) -> Criteria:
    actions = forms.read_flow(data)
    found = [action.criteria for action in actions if action.identifier == identifier]
    if len(found) == 1:
        return found[0]
    shown = visible(identifier)
    if found:
        problem = Problem(
            "$.Actions", f"{len(found)} actions are named `{shown}`", "give each its own Identifier"
        )
    else:
        known = ", ".join(f"`{visible(action.identifier)}`" for action in actions)
        hint = f"those that do: {known}" if known else "no action of this flow does"
        problem = Problem("$.Actions", f"no action `{shown}` sets routing criteria", hint)
    raise DocumentError((problem,))
