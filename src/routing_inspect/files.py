"""Files and standard input as records: JSON in any form, or text in the project's language."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, TypeVar, cast

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
    from routing_inspect.kinds import Wanted

T = TypeVar("T")

# Records in gzip are 5 to 50 times as large; a file beyond this and 4 MiB is made to fill time.
_MOST_PACKED: Final = 200
# A line of a stream beyond this is handed on in pieces, in characters.
_LONG_LINE: Final = 4 * 1024 * 1024
# A file that was not there before, and no link of that name.
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


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
        chosen = _named(name, data, "a contact or routing criteria", lambda: _flow_criteria(data, action))
        return Contact(criteria=chosen, source="flow action")
    if _is_json(data):
        return _named(name, data, "a contact or routing criteria", lambda: forms.read(data))
    criteria = _named(
        name, data, "a contact or routing criteria", lambda: text.parse_criteria(_decoded(data))
    )
    return Contact(criteria=criteria, source="criteria")


def flow_actions_of(data: bytes, name: str) -> tuple[RoutingAction, ...] | None:
    """
    Read every routing action out of what a file holds; None where that is no flow.

    Raises:
        DocumentError: It is no JSON although it begins so, or something in an action is wrong.
    """
    if not _is_json(data) or not _named(
        name, data, "a contact or routing criteria", lambda: forms.is_flow(loads(data))
    ):
        return None
    return _named(name, data, "a contact or routing criteria", lambda: forms.read_flow(data))


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
    return _named(name, data, "contacts", lambda: _contacts(data))


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
            return _named(argument, data, "an expression", lambda: forms.read_expression(data))
        return _named(argument, data, "an expression", lambda: text.parse(_decoded(data)))
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
    found = _named(name, data, "a roster", lambda: roster_of(data, name))
    return Roster(agents=found.agents, as_of=found.as_of, source=found.source or _display(name))


def roster_of(data: bytes, name: str) -> Roster:
    """
    Read a roster of any form out of what a file holds; see `read_roster`.

    Raises:
        DocumentError: It is JSON or CSV that is no roster, or something in it is wrong.
        CriteriaSyntaxError: It is text that is no roster.
    """
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
        DocumentError: A compressed file is more than 4 MiB and more than 200 times its size.
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
    shown, number = _display(name), 0
    with _open_binary(name) as file:
        unpacked = _Unpacked(file, shown) if file.peek(2)[:2] == b"\x1f\x8b" else None
        plain = file if unpacked is None else io.BufferedReader(unpacked)
        # What is no UTF-8 is noticed where it matters: in a record that is about the contact.
        with io.TextIOWrapper(plain, encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
            is_whole = True
            while text := lines.readline(_LONG_LINE):
                number += is_whole
                is_whole = text.endswith("\n")
                yield shown, number, text
        if unpacked is not None and unpacked.is_cut:
            yield shown, number, None


class _Unpacked(io.RawIOBase):
    """
    What a compressed file holds, up to where it breaks off or is damaged.

    Attributes:
        is_cut: Whether it did.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        import gzip  # noqa: PLC0415  (only who reads compressed events needs it)

        super().__init__()
        self.is_cut = False
        self._name = name
        self._packed = _Counted(file)
        self._plain = gzip.GzipFile(fileobj=cast("IO[bytes]", self._packed))
        self._size = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read on; where that fails, what came before is all there is."""
        import gzip  # noqa: PLC0415  (only who reads compressed events needs it)
        import zlib  # noqa: PLC0415  (as above)

        try:
            data = self._plain.read1(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.is_cut = True
            return 0
        self._size += len(data)
        if self._size > max(_LONG_LINE, self._packed.size * _MOST_PACKED):
            hint = "unpack it yourself if it is meant to be so"
            message = f"unpacks to more than {_MOST_PACKED} times its size, as no stream of records does"
            raise DocumentError((Problem("$", message, hint),), file=self._name)
        buffer[: len(data)] = data
        return len(data)


class _Counted:
    """
    A file that is unpacked, and how much of it was.

    Attributes:
        size: In bytes.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0

    def read(self, size: int) -> bytes:
        """Read so many bytes, or fewer at the end."""
        data = self._file.read(size)
        self.size += len(data)
        return data


def _open_binary(name: str) -> io.BufferedReader:
    if name == "-":
        return io.BufferedReader(cast("io.RawIOBase", _standard_input()))
    file = _path(name).open("rb")
    if stat.S_ISCHR(os.fstat(file.fileno()).st_mode) and not file.isatty() and name != os.devnull:
        file.close()
        raise OSError(errno.EINVAL, "a device that never ends, not a file", name)
    return file


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
    is_roster = _path(shown).suffix == ".roster"
    wanted: Wanted = "a roster as text" if is_roster else "criteria as text"
    form = layout.format_roster if is_roster else layout.format_criteria
    before = _named(shown, data, wanted, lambda: _decoded(data))
    return before, _named(shown, data, wanted, lambda: form(before))


def read_scenario(name: str, read: Callable[[dict[str, JSON]], T]) -> T:
    """
    Read a scenario of the sandbox.

    Args:
        name: The file; ``-``: standard input.
        read: Makes a scenario of what it says.

    Raises:
        OSError: The file cannot be read.
        DocumentError: It is no JSON object, has no ``instance_id``, as every scenario does, or as
            *read* does.
    """
    data = read_bytes(name)
    return _named(name, data, "a scenario of the sandbox", lambda: read(_scenario(loads(data))))


def _scenario(document: JSON) -> dict[str, JSON]:
    if not isinstance(document, dict):
        raise DocumentError((Problem("$", f"expected a scenario, found {show(document)}"),))
    if "instance_id" not in document:
        hint = 'a scenario is `{"instance_id": ..., "contacts": [...], "users": [...]}`'
        raise DocumentError((Problem("$", "expected a member `instance_id`, found none", hint),))
    return document


def write(content: str, name: str | None) -> None:
    """
    Write to a file, or to standard output where *name* is None or ``-``.

    A file is there whole or not at all: it is written beside its place, under a name that nobody can
    have taken, forced to the disk and then moved there.
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
    # A file's own name may hold what is no UTF-8; it is written as an escape, as on standard output.
    data = content.encode("utf-8", "backslashreplace")
    if place.exists() and not place.is_file():
        place.write_bytes(data)
        return
    beside = place.with_name(f".routing-inspect-{os.urandom(8).hex()}.part")
    handle = os.open(beside, _NEW_FILE, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            beside.chmod(stat.S_IMODE(place.stat().st_mode))
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def _path(name: str) -> Path:
    from pathlib import Path  # noqa: PLC0415  (reading a document does without)

    return Path(name)


def read_bytes(name: str) -> bytes:
    """
    Read a file, never more of it than a document may hold and one byte to tell.

    Raises:
        OSError: It cannot be read, or is a folder.
    """
    if name == "-":
        return _standard_input().read(MAX_BYTES + 1)
    try:
        with open(name, "rb") as file:  # noqa: PTH123  (pathlib costs more than the file)
            return file.read(MAX_BYTES + 1)
    except IsADirectoryError as error:
        takers = "`chain`, `fmt`, `lint` and `--events` take folders"
        error.strerror = f"this is a folder: name a file in it ({takers})"
        raise


def read_with(name: str, wanted: Wanted, read: Callable[[bytes], T]) -> T:
    """
    Read what a file holds by *read*; where that fails, the error says which file it was.

    Args:
        name: The file; ``-``: standard input.
        wanted: What the file should be, for what is said where it is something else.
        read: Makes something of what it holds.

    Raises:
        OSError: The file cannot be read.
        DocumentError: As *read* does.
        CriteriaSyntaxError: As *read* does.
    """
    data = read_bytes(name)
    return _named(name, data, wanted, lambda: read(data))


def _standard_input() -> BinaryIO:
    """Give standard input, which a program can be started without."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "standard input")
    return sys.stdin.buffer


def _exists(argument: str) -> bool:
    try:
        return _path(argument).exists()
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


def _named(name: str, data: bytes, wanted: Wanted, read: Callable[[], T]) -> T:
    """Read; where that fails, say which file it was, and what it is where it is something else."""
    try:
        return read()
    except (DocumentError, CriteriaSyntaxError) as error:
        from routing_inspect import kinds  # noqa: PLC0415  (what can be read does without)

        mistake = kinds.mistaken(data, wanted)
        if mistake is not None:
            raise DocumentError((mistake,), file=_display(name)) from error
        error.file = _display(name)
        raise


def _flow_criteria(data: bytes, identifier: str) -> Criteria:
    actions = forms.read_flow(data)
    if not actions:
        return forms.read_criteria(data)  # which says what the flow has in place of one
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
        problem = Problem(
            "$.Actions", f"no action `{shown}` sets routing criteria", f"those that do: {known}"
        )
    raise DocumentError((problem,))
