"""What a file holds, or held in a git revision: `main:criteria.routing`."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from routing_inspect import files
from routing_inspect.errors import RoutingInspectError
from routing_inspect.visible import visible


def read_source(name: str) -> bytes:
    """
    Read a file, standard input (``-``), or a file as it was in a git revision (``REVISION:PATH``).

    A file that is there comes first, whatever its name, and ``C:\\x`` or ``C:/x`` is always a file. As for
    git itself, PATH counts from the root of the repository, ``./PATH`` from the folder at hand, and
    without a REVISION it is what is staged.

    Raises:
        OSError: The file cannot be read.
        RoutingInspectError: There is no git, no repository, no such revision, or no such file in it.
    """
    if name == "-" or not is_revision(name):
        return files.read_bytes(name)
    revision, _, path = name.partition(":")
    if _git("rev-parse", "--git-dir").returncode:
        raise RoutingInspectError(
            f"`{visible(name)}` is no file, and there is no git repository here to look for the revision "
            f"`{visible(revision)}` in"
        )
    if revision and _git("rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}").returncode:
        raise RoutingInspectError(
            f"`{visible(revision)}` is no revision of this repository, and `{visible(name)}` is no file",
            hint="git rev-parse says which names there are; a branch of a remote has to be fetched before",
        )
    done = _git("cat-file", "blob", f"{revision}:{path}")
    if done.returncode:
        raise RoutingInspectError(_missing(revision, path), hint=_hint(revision, path))
    return done.stdout


def is_revision(name: str) -> bool:
    """Say whether a name can only mean a file in a git revision."""
    revision, colon, path = name.partition(":")
    if not colon or not path or "\0" in name or revision.startswith("-"):
        return False
    if re.match(r"[A-Za-z]:[\\/]", name) is not None:
        return False
    try:
        return not Path(name).exists()
    except OSError:  # too long for the name of a file
        return True


def _missing(revision: str, path: str) -> str:
    where = f"the revision `{visible(revision)}`" if revision else "what is staged"
    kind = _git("cat-file", "-t", f"{revision}:{path}").stdout.strip()
    if kind == b"tree":
        return f"`{visible(path)}` is a folder in {where}"
    return f"there is no file `{visible(path)}` in {where}"


def _hint(revision: str, path: str) -> str | None:
    here = f"{revision}:./{path}"
    if not _git("cat-file", "-e", here).returncode:
        return f"a path counts from the root of the repository; from this folder it is `{visible(here)}`"
    return None


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  (no shell; no argument of the user begins with a dash)
            ["git", *arguments],  # noqa: S607  (the git that the user has)
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise RoutingInspectError(
            "reading a file out of a revision needs git, which is not installed",
            hint="install git, or save the old version as a file",
        ) from error
