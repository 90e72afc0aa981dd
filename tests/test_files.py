"""Files as they are written: whole or not at all, and never through a link that was guessed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from routing_inspect import files


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk fails before it is forced out, the old file stands and nothing lies beside it."""
    place = tmp_path / "a"
    files.write("old", str(place))

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="No space left") as refused:
            files.write("new", str(place))

    assert refused.value.filename == str(place)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert place.read_text("utf-8") == "old"


def test_what_is_written_beside_follows_no_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name beside cannot be guessed; if somebody did, a link of that name would be an error."""
    monkeypatch.setattr(os, "urandom", lambda size: b"\0" * size)
    victim, guessed = tmp_path / "victim", tmp_path / f".routing-inspect-{'0' * 16}.part"
    victim.write_text("mine", "utf-8")
    guessed.symlink_to(victim)

    with pytest.raises(FileExistsError):
        files.write("new", str(tmp_path / "a"))

    assert victim.read_text("utf-8") == "mine"
    assert guessed.is_symlink()
    assert not (tmp_path / "a").exists()


def test_permissions_and_links_of_the_output_stay(tmp_path: Path) -> None:
    """A new file has what the user's mask says, an old one what it had; a link still leads to the file."""
    place, link = tmp_path / "a", tmp_path / "link"
    files.write("new", str(place))
    assert place.stat().st_mode & 0o777 == 0o666 & ~_mask()

    place.chmod(0o600)
    link.symlink_to(place)
    files.write("newer", str(link))

    assert place.stat().st_mode & 0o777 == 0o600
    assert link.is_symlink()
    assert place.read_text("utf-8") == "newer"


def test_the_longest_name_there_is_can_be_written(tmp_path: Path) -> None:
    """What is written beside it has a short name of its own."""
    place = tmp_path / ("n" * 255)
    files.write("new", str(place))

    assert place.read_text("utf-8") == "new"


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
