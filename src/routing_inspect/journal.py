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
    """

    def __init__(self, file: IO[bytes], kept: list[Entry], size: int) -> None:
        self.kept = kept
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


def journal_of(output: str) -> Path:
    """Say where the journal of the work on an output file is: beside it."""
    place = Path(os.path.realpath(output))
    return place.with_name(f"{place.name}.journal")


@contextmanager
def opened(place: Path, header: Entry, *, fresh: bool) -> Iterator[Journal]:
    """
    Open the journal of one piece of work, a new one where there is none; it stays when the block ends.

    Args:
        place: The file.
        header: What the work is: a journal that begins with another is not gone on with.
        fresh: Begin anew, whatever is there.

    Raises:
        RoutingInspectError: It belongs to other work, is damaged, or another process is writing it.
        OSError: It cannot be read or written.
    """
    with place.open("ab+", buffering=0) as file:
        _lock(file, place)
        if fresh:
            file.truncate(0)
        file.seek(0)
        entries, size = _read(file.read(), place)
        # What stands after the last whole line was being written when something ended it.
        file.truncate(size)
        journal = Journal(file, entries[1:], size)
        if not entries:
            journal.keep([header])
            journal.kept.clear()
        elif entries[0] != header:
            raise RoutingInspectError(
                f"{visible(str(place))} is the journal of other work: {_difference(entries[0], header)}",
                hint="finish that, choose another --output, or begin anew with --fresh",
            )
        yield journal


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
        checksum, _, text = line.rstrip(b"\n").partition(b" ")
        if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
            if number < len(lines):
                message = f"{visible(str(place))} is damaged at line {number} of {len(lines)}"
                raise RoutingInspectError(message, hint="begin anew with --fresh")
            break
        entries.append(json.loads(text))
        size += len(line)
    return entries, size


def _difference(found: Any, header: Entry) -> str:
    """Say in what two headers differ."""
    names = [name for name in header if found.get(name) != header[name]]
    return ", ".join(
        f"{name} `{visible(str(found.get(name)))}`, not `{visible(str(header[name]))}`" for name in names
    )
