"""What a file holds, or held in a git revision: `main:criteria.routing`."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from routing_inspect import files
from routing_inspect.document import MAX_BYTES
from routing_inspect.errors import DocumentError, Problem, RoutingInspectError
from routing_inspect.visible import visible


def read_source(name: str) -> bytes:
    r"""
    Read a file, standard input (``-``), or a file as it was in a git revision (``REVISION:PATH``).

    A file that is there comes first, whatever its name, and ``C:\x`` or ``C:/x`` is always a file. As for
    git itself, PATH counts from the root of the repository, ``./PATH`` from the folder at hand, and
    without a REVISION it is what is staged.

    Raises:
        OSError: The file cannot be read.
        RoutingInspectError: There is no git, no repository, no such revision, or no such file in it.
        DocumentError: The file in the revision is larger than 64 MiB.
    """
    if name == "-" or not is_revision(name):
        return files.read_bytes(name)
    revision, _, path = name.partition(":")
    _require_repository(name, revision)
    if revision and _git("rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}").returncode:
        raise RoutingInspectError(
            f"`{visible(revision)}` is no revision of this repository, and `{visible(name)}` is no file",
            hint="git rev-parse says which names there are; a branch of a remote has to be fetched before",
        )
    blob = f"{revision}:{path}"
    size = _git("cat-file", "-s", blob).stdout.strip()
    if _kind(blob) != b"blob" or not size.isdigit():
        raise _missing(revision, path)
    if int(size) > MAX_BYTES:
        problem = Problem("$", f"larger than {MAX_BYTES // 2**20} MiB")
        raise DocumentError((problem,), file=name)
    return _git("cat-file", "blob", blob).stdout


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


def _require_repository(name: str, revision: str) -> None:
    done = _git("rev-parse", "--git-dir")
    if not done.returncode:
        return
    if b"not a git repository" in done.stderr:
        raise RoutingInspectError(
            f"`{visible(name)}` is no file, and there is no git repository here to look for the revision "
            f"`{visible(revision)}` in"
        )
    # An owner whom git does not trust, a configuration that it cannot read: it says so best itself.
    reason = done.stderr.decode(errors="replace").partition("\n")[0].removeprefix("fatal: ")
    raise RoutingInspectError(f"`{visible(name)}` is no file, and git does not work here: {visible(reason)}")


def _missing(revision: str, path: str) -> RoutingInspectError:
    where = f"the revision `{visible(revision)}`" if revision else "what is staged"
    if _kind(f"{revision}:{path}") == b"tree":
        return RoutingInspectError(f"`{visible(path)}` is a folder in {where}")
    here, hint = f"{revision}:./{path}", None
    if _kind(here) == b"blob":
        hint = f"a path counts from the root of the repository; from this folder it is `{visible(here)}`"
    return RoutingInspectError(f"there is no file `{visible(path)}` in {where}", hint=hint)


def _kind(name: str) -> bytes:
    """Say what a name means to git: ``blob`` for a file, ``tree`` for a folder, nothing where it is none."""
    return _git("cat-file", "-t", name).stdout.strip()


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  (no shell; no argument of the user begins with a dash)
            ["git", *arguments],  # noqa: S607  (the git that the user has)
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise RoutingInspectError(
            "reading a file out of a revision needs git, which is not installed",
            hint="install git, or save the old version as a file",
        ) from error
