"""
A journal: what a long piece of work has got so far, on disk, so that it can be killed and go on.

One line is one document with a checksum before it. A line is written at once and forced to the disk; one
that was cut short, which only the last can be, is dropped when the journal is opened again.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from routing_inspect.document import JSON
from routing_inspect.errors import RoutingInspectError
from routing_inspect.visible import visible

Entry = dict[str, JSON]

_HAS_LOCKS: Final = os.name != "nt"


class Journal:
    """
    An open journal; `opened` makes it.

    Attributes:
        kept: What has been written, by earlier work and by this, in order.
        is_done: Whether the work is done, so that nobody needs the journal any more.
    """

    def __init__(self, file: IO[bytes], kept: list[Entry], size: int) -> None:
        self.kept = kept
        self.is_done = False
        self._file = file
        self._size = size
        self._lock = threading.Lock()

    def keep(self, entries: Sequence[Entry]) -> None:
        """
        Write entries, and return when they are on the disk; several threads may.

        Raises:
            OSError: They could not be written, and the journal is as it was before; or nobody knows
                whether they are on the disk.
        """
        lines = b"".join(map(_line, entries))
        with self._lock:
            written = 0
            try:
                written = self._file.write(lines)
            finally:
                if written != len(lines):
                    # A half line would be in the way of those after it.
                    self._file.truncate(self._size)
            if written != len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._size += len(lines)
            self.kept += entries
        # Outside the lock: the system forces what several threads wrote to the disk together.
        os.fsync(self._file.fileno())

    def is_spare(self) -> bool:
        """Say whether nobody needs the journal: the work is done, or it holds nothing and is in the way."""
        is_empty = not self.kept and os.fstat(self._file.fileno()).st_size == self._size
        return self.is_done or is_empty


def journal_of(output: str) -> Path:
    """Say where the journal of the work on an output file is: beside it."""
    place = Path(os.path.realpath(output))
    return place.with_name(f"{place.name}.journal")


@contextmanager
def opened(place: Path, header: Entry, *, fresh: bool) -> Iterator[Journal]:
    """
    Open the journal of one piece of work, a new one where there is none.

    It stays when the block ends, unless it holds nothing or its `is_done` was set.

    Args:
        place: The file.
        header: What the work is: a journal that begins with another is not gone on with.
        fresh: Begin anew, whatever the journal there holds.

    Raises:
        RoutingInspectError: It belongs to other work, is damaged or no journal at all, or another
            process is writing it.
        OSError: It cannot be read or written.
    """
    is_spare = False
    try:
        with _open(place) as file:
            _lock(file, place)
            file.seek(0)
            data = file.read()
            _check_first(data, header, place)
            entries, size = ([], 0) if fresh else _read(data, place)
            if entries and entries[0] != header:
                difference = _difference(entries[0], header)
                message = f"{visible(str(place))} is the journal of other work: {difference}"
                raise RoutingInspectError(
                    message, hint="finish that, choose another --output, or begin anew with --fresh"
                )
            # What stands after the last whole line was being written when something ended it.
            file.truncate(size)
            journal = Journal(file, entries[1:], size)
            if not entries:
                journal.keep([header])
                journal.kept.clear()
            try:
                yield journal
            finally:
                is_spare = journal.is_spare()
    finally:
        # Some systems remove no file that is open.
        if is_spare:
            place.unlink(missing_ok=True)


def _open(place: Path) -> IO[bytes]:
    """Open a journal for reading and appending; what is no regular file of this very name is left alone."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    if place.is_symlink() or (place.exists() and not place.is_file()):
        raise _no_journal(place)
    return os.fdopen(os.open(place, flags, 0o666), "ab+", buffering=0)


def _check_first(data: bytes, header: Entry, place: Path) -> None:
    """Refuse a file that somebody else has written; a header that was cut short is a journal's."""
    first = data.split(b"\n", 1)[0] + b"\n" if b"\n" in data else data
    if _entry(first) is None and not _line(header).startswith(first):
        raise _no_journal(place)


def _no_journal(place: Path) -> RoutingInspectError:
    hint = "move it away, or choose another --output"
    return RoutingInspectError(f"{visible(str(place))} is no journal of this program", hint=hint)


def _lock(file: IO[bytes], place: Path) -> None:
    """Let no other process write the same journal; the lock ends with this process, however it ends."""
    if not _HAS_LOCKS:
        return
    fcntl = importlib.import_module("fcntl")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        hint = "wait for it, or choose another --output"
        raise RoutingInspectError(f"another process is writing {visible(str(place))}", hint=hint) from None


def _line(entry: Entry) -> bytes:
    text = json.dumps(entry, separators=(",", ":")).encode()
    return b"%08x %b\n" % (zlib.crc32(text), text)


def _read(data: bytes, place: Path) -> tuple[list[Entry], int]:
    """Give the whole entries of a journal, and where the last of them ends."""
    entries: list[Entry] = []
    size = 0
    lines = data.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        entry = _entry(line)
        if entry is None:
            if number < len(lines):
                message = f"{visible(str(place))} is damaged at line {number} of {len(lines)}"
                raise RoutingInspectError(message, hint="begin anew with --fresh")
            break
        entries.append(entry)
        size += len(line)
    return entries, size


def _entry(line: bytes) -> Entry | None:
    """Read a line; None where it is not whole."""
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
        return None
    try:
        entry = json.loads(text)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _difference(found: Any, header: Entry) -> str:
    """Say in what two headers differ."""
    names = [name for name in header if found.get(name) != header[name]]
    return ", ".join(
        f"{name} `{visible(str(found.get(name)))}`, not `{visible(str(header[name]))}`" for name in names
    )
