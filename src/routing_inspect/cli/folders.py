"""Which files are meant by the names of files and folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

# Beside hidden folders: what somebody else wrote, and what is made from what is looked at anyway.
_SKIPPED: Final = frozenset({"node_modules", "__pycache__", "site-packages"})


def files_of(names: Sequence[str], suffixes: Collection[str]) -> dict[str, bool]:
    """
    List files, each once, and of each whether somebody named it.

    Of a folder these are the files with one of the endings, in hidden folders none, in the order of
    their names. Links to folders are not followed.
    """
    found: dict[str, str] = {}
    named: dict[str, bool] = {}
    for name in names:
        is_folder = name != "-" and Path(name).is_dir()
        for file in _walk(name, suffixes) if is_folder else (name,):
            first = found.setdefault(name if name == "-" else os.path.realpath(file), file)
            named[first] = named.get(first, False) or not is_folder
    return named


def _walk(folder: str, suffixes: Collection[str]) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in _SKIPPED)
        for name in sorted(names):
            file = Path(place) / name
            if file.suffix.lower() in suffixes and _may_be_read(file):
                yield str(file)


def _may_be_read(file: Path) -> bool:
    """Say no to pipes and devices; of what cannot be asked, reading will tell."""
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except OSError:
        return True


def relative(name: str, folder: str) -> str:
    """Name a file from a folder, with `/`; absolute where it is not below it."""
    path = os.path.realpath(name) if name != "-" else name
    try:
        return Path(path).relative_to(os.path.realpath(folder)).as_posix()
    except ValueError:
        return Path(path).as_posix()
