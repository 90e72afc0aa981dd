"""What users install: the wheel and the sdist, with and without the command line's extra."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)


def _ok(*command: str | Path, cwd: Path) -> str:
    done = _run(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder away from the checkout, with both distributions and an environment without extras."""
    folder = tmp_path_factory.mktemp("away")
    _ok(sys.executable, "-m", "build", "--outdir", folder / "dist", ROOT, cwd=folder)
    _ok(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    return folder


def _install(away: Path, *what: str | Path) -> None:
    _ok(away / "venv" / "bin" / "python", "-m", "pip", "install", "-q", "--force-reinstall", *what, cwd=away)


def _distribution(away: Path, pattern: str) -> Path:
    (found,) = (away / "dist").glob(pattern)
    return found


PARSE = "import routing_inspect as ri; print(ri.unparse(ri.parse('Language(French) >= 4')))"


def test_the_wheel_alone_parses_and_says_what_the_command_line_needs(away: Path) -> None:
    """Without extras the library works, grammar included, and the command names the extra."""
    _install(away, _distribution(away, "*.whl"))

    assert _ok(away / "venv" / "bin" / "python", "-c", PARSE, cwd=away) == "Language(French) >= 4\n"
    refused = _run(away / "venv" / "bin" / "routing-inspect", "--help", cwd=away)
    assert refused.returncode == 2
    assert "pip install 'routing-inspect[cli]'" in refused.stderr


def test_the_sdist_with_its_extra_runs_the_demo(away: Path) -> None:
    """A wheel built from the sdist holds the grammar and the demo's scenario too."""
    _install(away, "--no-deps", _distribution(away, "*.tar.gz"))
    _install(away, "click", "rich")

    assert _ok(away / "venv" / "bin" / "python", "-c", PARSE, cwd=away) == "Language(French) >= 4\n"
    assert _ok(away / "venv" / "bin" / "routing-inspect", "demo", cwd=away).startswith(
        "carys got this contact"
    )


def test_both_distributions_hold_what_they_need_and_no_more(away: Path) -> None:
    """The wheel holds the package with its grammar and types, and nothing of the tests."""
    names = _ok(sys.executable, "-m", "zipfile", "--list", _distribution(away, "*.whl"), cwd=away)

    for needed in ("routing_inspect/grammar/routing.lark", "routing_inspect/examples/demo.json", "py.typed"):
        assert needed in names
    assert "tests/" not in names
    assert "conftest" not in names
