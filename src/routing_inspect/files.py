"""Files and standard input as records: JSON in any form, or text in the project's language."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING, BinaryIO, Final, TypeVar, cast

from attrs import evolve

from routing_inspect import forms, roster, roster_answers, text
from routing_inspect.contact import Contact, Criteria, Roster
from routing_inspect.document import JSON, MAX_BYTES, loads, show
from routing_inspect.errors import CriteriaSyntaxError, DocumentError, Problem
from routing_inspect.expr import Expr
from routing_inspect.visible import visible

if TYPE_CHECKING:
    from pathlib import Path

    from routing_inspect.flows import RoutingAction

T = TypeVar("T")

# A line of a stream beyond this is handed on in pieces, in characters.
_LONG_LINE: Final = 4 * 1024 * 1024


def is_file(argument: str) -> bool:
    """Say whether an argument means a file or standard input (``-``) rather than an id."""
    return argument == "-" or os.sep in argument or "." in argument or _path(argument).exists()


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
    return contact_of(read_bytes(name), name, action=action)


def contact_of(data: bytes, name: str, *, action: str | None = None) -> Contact:
    """
    Read a contact or a criteria out of what a file holds; see `read_contact`.

    Args:
        data: What it holds.
        name: What errors call it.
        action: Which action of a flow, by its identifier; None: it has only one.

    Raises:
        DocumentError: It is JSON that says nothing of routing criteria, or something in it is wrong.
        CriteriaSyntaxError: It is text that is no criteria.
    """
    if action is not None:
        return _named(name, lambda: Contact(criteria=_flow_criteria(data, action), source="flow action"))
    if _is_json(data):
        return _named(name, lambda: forms.read(data))
    criteria = _named(name, lambda: text.parse_criteria(_decoded(data)))
    return Contact(criteria=criteria, source="criteria")


def flow_actions_of(data: bytes, name: str) -> tuple[RoutingAction, ...] | None:
    """
    Read every routing action out of what a file holds; None where that is no flow.

    Raises:
        DocumentError: It is no JSON although it begins so, or something in an action is wrong.
    """
    if not _is_json(data) or not _named(name, lambda: forms.is_flow(loads(data))):
        return None
    return _named(name, lambda: forms.read_flow(data))


def read_contacts(name: str) -> tuple[Contact, ...]:
    """
    Read every contact of a file or a folder, each with its id.

    Args:
        name: A file with one contact, or with a JSON list of contacts; ``-``: standard input; or a
            folder, of which every ``.json`` file is read, in the order of their names.

    Raises:
        OSError: Something cannot be read, or a folder has no such file.
        DocumentError: A document is no contact, or something in it is wrong.
    """
    if name != "-" and _path(name).is_dir():
        inside = sorted(str(path) for path in _path(name).glob("*.json") if path.is_file())
        if not inside:
            raise FileNotFoundError(errno.ENOENT, "no .json file in this folder", name)
        return tuple(contact for file in inside for contact in read_contacts(file))
    data = read_bytes(name)
    return _named(name, lambda: _contacts(data))


def _contacts(data: bytes) -> tuple[Contact, ...]:
    document = loads(data)
    if not isinstance(document, list):
        return (_with_id(forms.read(document), "$"),)
    found: list[Contact] = []
    problems: list[Problem] = []
    for number, element in enumerate(document):
        try:
            found.append(_with_id(forms.read(element), "$"))
        except DocumentError as error:
            problems += [evolve(p, path=f"$[{number}]{p.path[1:]}") for p in error.problems]
    if not document:
        problems.append(Problem("$", "expected contacts, found an empty list"))
    if problems:
        raise DocumentError(tuple(problems))
    return tuple(found)


def _with_id(contact: Contact, path: str) -> Contact:
    if contact.id is None:
        hint = "give the contact's own document, such as a DescribeContact answer"
        message = f"expected a contact with its id, found a {contact.source} without one"
        raise DocumentError((Problem(path, message, hint),))
    return contact


def read_expression(argument: str) -> Expr:
    """
    Read an expression given as text, as JSON, or as a file of either.

    Raises:
        OSError: It names a file that cannot be read.
        DocumentError: It is JSON without exactly one expression, or something in it is wrong.
        CriteriaSyntaxError: It is text that is no expression.
    """
    if argument == "-" or _path(argument).suffix in {".json", ".routing"} or _exists(argument):
        data = read_bytes(argument)
        if _is_json(data):
            return _named(argument, lambda: forms.read_expression(data))
        return _named(argument, lambda: text.parse(_decoded(data)))
    if argument.lstrip().startswith(("{", "[")):
        return forms.read_expression(argument)
    return text.parse(argument)


def read_roster(name: str) -> Roster:
    """
    Read a roster out of a file of any form; its source is the file's name, unless it names another.

    JSON is a roster document, or answers of SearchUsers, ListUsers, DescribeUser and
    ListUserProficiencies, as many as there are. CSV is told by its header, or by a name that ends in
    ``.csv``. Anything else is text in the project's language.

    Raises:
        OSError: The file cannot be read.
        DocumentError: It is JSON or CSV that is no roster, or something in it is wrong.
        CriteriaSyntaxError: It is text that is no roster.
    """
    data = read_bytes(name)
    found = _named(name, lambda: _roster(name, data))
    return Roster(agents=found.agents, as_of=found.as_of, source=found.source or _display(name))


def _roster(name: str, data: bytes) -> Roster:
    if _is_json(data):
        documents = roster_answers.split_documents(_decoded(data))
        match documents:
            case [list() as listed] if listed and all(map(roster_answers.is_answer, listed)):
                documents = listed
            case [document] if not roster_answers.is_answer(document):
                return roster.read_roster_value(document)
        return roster_answers.read_roster_answers(documents, file=name)
    from routing_inspect import roster_tables  # noqa: PLC0415  (most rosters are no tables)

    written = _decoded(data)
    if _path(name).suffix.lower() == ".csv" or roster_tables.is_roster_table(written):
        return roster_tables.read_roster_table(written)
    return text.parse_roster(written)


def read_stream(names: Iterable[str]) -> Iterator[tuple[str, int, str | None]]:
    """
    Read files of any size line by line, gzip or not; of a folder every file in it, at any depth.

    Args:
        names: Files and folders; ``-``: standard input.

    Yields:
        A file's name, the number of a line, and the line; a line beyond 4 Mi characters comes in
        pieces. None in place of a line where a compressed file breaks off.

    Raises:
        OSError: A file cannot be read, or a folder is empty.
    """
    for name in names:
        inside = [name]
        if name != "-" and _path(name).is_dir():
            inside = sorted(str(path) for path in _path(name).rglob("*") if path.is_file())
            if not inside:
                raise FileNotFoundError(errno.ENOENT, "no file in this folder", name)
        for file in inside:
            yield from _pieces(file)


def _pieces(name: str) -> Iterator[tuple[str, int, str | None]]:
    # Only who reads events needs them.
    import gzip  # noqa: PLC0415  (as above)
    import zlib  # noqa: PLC0415  (as above)

    shown, number = _display(name), 0
    with _open_binary(name) as file:
        is_gzip = file.peek(2)[:2] == b"\x1f\x8b"
        plain = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if is_gzip else file
        # What is no UTF-8 is noticed where it matters: in a record that is about the contact.
        with io.TextIOWrapper(plain, encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
            is_whole = True
            while True:
                try:
                    text = lines.readline(_LONG_LINE)
                except (EOFError, zlib.error, gzip.BadGzipFile):
                    yield shown, number, None
                    return
                if not text:
                    return
                number += is_whole
                is_whole = text.endswith("\n")
                yield shown, number, text


def _open_binary(name: str) -> io.BufferedReader:
    if name == "-":
        return io.BufferedReader(cast("io.RawIOBase", _standard_input()))
    return _path(name).open("rb")


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
    from routing_inspect import layout  # noqa: PLC0415  (only who formats pays for it)

    shown = stdin_name or name if name == "-" else name
    data = read_bytes(name)
    before = _named(shown, lambda: _decoded(data))
    form = layout.format_roster if _path(shown).suffix == ".roster" else layout.format_criteria
    return before, _named(shown, lambda: form(before))


def read_scenario(name: str) -> dict[str, JSON]:
    """
    Read a scenario of the sandbox as it stands in its file; the sandbox checks what it says.

    Raises:
        OSError: The file cannot be read.
        DocumentError: It is no JSON object.
    """
    data = read_bytes(name)
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
        _write_whole(content, _path(os.path.realpath(name)))
    except OSError as error:
        error.filename, error.filename2 = name, None
        raise


def _write_whole(content: str, place: Path) -> None:
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if place.exists() and not place.is_file():
        _write_text(content, place)
        return
    beside = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        _write_text(content, beside)
        if place.exists():
            beside.chmod(stat.S_IMODE(place.stat().st_mode))
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def _write_text(content: str, place: Path) -> None:
    # A file's own name may hold what is no UTF-8; it is written as an escape, as on standard output.
    place.write_text(content, encoding="utf-8", errors="backslashreplace", newline="\n")


def _path(name: str) -> Path:
    from pathlib import Path  # noqa: PLC0415  (reading a document does without)

    return Path(name)


def read_bytes(name: str) -> bytes:
    """
    Read a file, never more of it than a document may hold and one byte to tell.

    Raises:
        OSError: It cannot be read.
    """
    if name == "-":
        return _standard_input().read(MAX_BYTES + 1)
    with open(name, "rb") as file:  # noqa: PTH123  (pathlib costs more than the file)
        return file.read(MAX_BYTES + 1)


def read_with(name: str, read: Callable[[bytes], T]) -> T:
    """
    Read what a file holds by *read*; where that fails, the error says which file it was.

    Raises:
        OSError: The file cannot be read.
        DocumentError: As *read* does.
        CriteriaSyntaxError: As *read* does.
    """
    data = read_bytes(name)
    return _named(name, lambda: read(data))


def _standard_input() -> BinaryIO:
    """Give standard input, which a program can be started without."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "standard input")
    return sys.stdin.buffer


def _exists(argument: str) -> bool:
    try:
        return _path(argument).is_file()
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
