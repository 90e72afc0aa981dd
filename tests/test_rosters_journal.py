import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest

from routing_inspect import journal
from routing_inspect.errors import RoutingInspectError
from routing_inspect.journal import Entry, journal_of, opened

HEADER: Entry = {"journal": "test", "of": "one"}


def _keep(place: Path, *entries: Entry) -> None:
    with opened(place, HEADER, fresh=False) as found:
        found.keep(entries)


def _kept(place: Path) -> list[Entry]:
    with opened(place, HEADER, fresh=False) as found:
        return list(found.kept)


def test_what_was_kept_is_there_the_next_time(tmp_path: Path) -> None:
    """Entries come back in order, from as many sittings as there were."""
    place = tmp_path / "journal"
    _keep(place, {"n": 1}, {"n": 2, "text": "é\n"})
    _keep(place, {"n": 3})

    assert _kept(place) == [{"n": 1}, {"n": 2, "text": "é\n"}, {"n": 3}]


def test_a_journal_cut_anywhere_gives_its_whole_lines_and_goes_on(tmp_path: Path) -> None:
    """Whatever moment ended the work, what is whole counts, and more can be written after it."""
    place = tmp_path / "journal"
    _keep(place, {"n": 1}, {"n": 2})
    data = place.read_bytes()
    ends = [i for i in range(len(data) + 1) if data[:i].endswith(b"\n")]
    for cut in range(len(data) + 1):
        place.write_bytes(data[:cut])
        whole = sum(end <= cut for end in ends) - 1

        _keep(place, {"n": 9})

        assert _kept(place) == [*[{"n": 1}, {"n": 2}][: max(whole, 0)], {"n": 9}], cut


def test_damage_before_the_last_line_is_said(tmp_path: Path) -> None:
    """A line that changed is not passed over: what it held would be missing, and nobody would know."""
    place = tmp_path / "journal"
    _keep(place, {"n": 1}, {"n": 2})
    place.write_bytes(place.read_bytes().replace(b'"n":1', b'"n":7'))

    with pytest.raises(RoutingInspectError, match="damaged at line 2 of 3") as refused:
        _kept(place)

    assert refused.value.hint == "begin anew with --fresh"
    with opened(place, HEADER, fresh=True) as anew:
        assert anew.kept == []


def test_the_journal_of_other_work_is_refused(tmp_path: Path) -> None:
    """What was fetched of one instance is no part of another's roster."""
    place = tmp_path / "journal"
    _keep(place, {"n": 1})

    with (
        pytest.raises(RoutingInspectError, match="other work: of `one`, not `two`"),
        opened(place, {**HEADER, "of": "two"}, fresh=False),
    ):
        pass


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no such lock on Windows")
def test_two_processes_do_not_write_one_journal(tmp_path: Path) -> None:
    """Their lines would interleave; the second is told to wait."""
    place = tmp_path / "journal"
    program = (
        "import sys; from pathlib import Path; from routing_inspect.journal import opened\n"
        "with opened(Path(sys.argv[1]), {}, fresh=False): print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(place)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"

        with (
            pytest.raises(RoutingInspectError, match="another process is writing"),
            opened(place, {}, fresh=False),
        ):
            pass
        other.communicate("")
    with opened(place, {}, fresh=False) as free:
        assert free.kept == []


def test_where_there_are_no_locks_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has no such lock, and the journal works without; elsewhere the second to open it is refused."""
    place = tmp_path / "journal"
    with opened(place, HEADER, fresh=False):
        with pytest.raises(RoutingInspectError, match="another process"):
            _keep(place, {"n": 1})
        monkeypatch.setattr(journal, "_HAS_LOCKS", False)

        _keep(place, {"n": 1})

    assert _kept(place) == [{"n": 1}]


class _FullDisk:
    """A file that takes half of what is written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        """Write half of it, and say so, as a file without a buffer does."""
        return self._file.write(data[: len(data) // 2])

    def truncate(self, size: int) -> int:
        """Cut the file as the real one does."""
        return self._file.truncate(size)


def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A half line in the middle would make all after it unreadable."""
    place = tmp_path / "journal"
    with opened(place, HEADER, fresh=False) as found:
        found.keep([{"n": 1}])
        with monkeypatch.context() as patch:
            patch.setattr(found, "_file", _FullDisk(found._file))
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                found.keep([{"n": 2}])
        found.keep([{"n": 3}])

        assert found.kept == [{"n": 1}, {"n": 3}]
    assert _kept(place) == [{"n": 1}, {"n": 3}]


def test_several_threads_may_write_one_journal(tmp_path: Path) -> None:
    """Whoever fetches keeps: no line is lost, and none is cut by another."""
    place = tmp_path / "journal"
    entries: list[Entry] = [{"n": n, "text": "x" * 200} for n in range(200)]
    with opened(place, HEADER, fresh=False) as found, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda entry: found.keep([entry]), entries))

    assert sorted(_kept(place), key=lambda entry: int(entry["n"])) == entries


def test_a_journal_stands_beside_its_output(tmp_path: Path) -> None:
    """Also where the output is reached over a link."""
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real" / "roster.json")

    assert journal_of(str(link)) == tmp_path / "real" / "roster.json.journal"


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "content",
    ["precious notes without an end", "precious\n", "a\nb\n", "00000000 \n", "84b12bae 5\n", "{}\n" * 3],
)
def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path, content: str, fresh: bool) -> None:  # noqa: FBT001  (a case)
    """Whatever stands beside the output and is not ours stays as it is, asked to begin anew or not."""
    place = tmp_path / "journal"
    place.write_text(content, encoding="utf-8")

    with (
        pytest.raises(RoutingInspectError, match="is no journal") as refused,
        opened(place, HEADER, fresh=fresh),
    ):
        pass

    assert refused.value.hint == "move it away, or choose another --output"
    assert place.read_text("utf-8") == content


@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "pipe"])
def test_what_is_no_file_of_its_own_is_no_journal(tmp_path: Path, kind: str) -> None:
    """A link would lead to somebody else's file, and a pipe would never end."""
    place, other = tmp_path / "journal", tmp_path / "other"
    _keep(other, {"n": 1})
    before = other.read_bytes()
    match kind:
        case "link":
            place.symlink_to(other)
        case "dangling":
            place.symlink_to(tmp_path / "none")
        case "folder":
            place.mkdir()
        case _:
            os.mkfifo(place)

    with pytest.raises(RoutingInspectError, match="is no journal"), opened(place, HEADER, fresh=True):
        pass

    assert other.read_bytes() == before
    assert not (tmp_path / "none").exists()


def test_a_journal_that_holds_nothing_does_not_stay(tmp_path: Path) -> None:
    """It would only be in the way of other work; so would one whose work is done."""
    place = tmp_path / "journal"
    with pytest.raises(ZeroDivisionError), opened(place, HEADER, fresh=False):
        raise ZeroDivisionError
    assert not place.exists()

    _keep(place, {"n": 1})
    assert place.exists()
    with opened(place, HEADER, fresh=False) as found:
        found.is_done = True
    assert not place.exists()
