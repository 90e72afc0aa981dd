"""The pre-commit hooks and the GitHub action, run as a repository of somebody else's would run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from routing_inspect.sources import SUFFIXES

ROOT = Path(__file__).resolve().parents[1]
# What a build takes; a repository of these alone is one that a hook can be installed from.
SOURCES = ("src", "grammar", "examples", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
GOOD = "Language(French) >= 4 [30 seconds]\nLanguage(French) >= 2 [never expires]\n"
BAD = "Language(French) in 4..2 [never expires]\n"

Done: TypeAlias = subprocess.CompletedProcess[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the examples."""
    copy = tmp_path / "work"
    shutil.copytree(ROOT / "examples" / "lint", copy)
    return copy


def _git(folder: Path, *arguments: str, **more: str) -> Done:
    """Run git as somebody who has configured nothing."""
    nobody = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = {
        f"GIT_{role}_{what}": "a@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    here = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "HOME": str(folder.parent)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["git", *arguments], cwd=folder, env={**nobody, **who, **here, "PATH": path, **more}, check=False,
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip


def _repository(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    assert _git(folder, "init", "--quiet").returncode == 0
    return folder


def _revision_of_the_working_tree(folder: Path) -> str:
    """Commit the files of this checkout, as they are, to a repository of their own."""
    _repository(folder)
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    for caches in [*folder.rglob("__pycache__")]:
        shutil.rmtree(caches)
    _git(folder, "add", "--all")
    assert _git(folder, "commit", "--quiet", "--message", "as it is").returncode == 0
    return _git(folder, "rev-parse", "HEAD").stdout.strip()


# ---------------------------------------------------------------------------- hooks


def test_the_hook_takes_the_files_that_the_command_reads() -> None:
    """The pre-commit hook's files are the endings of a folder, and its command has no other option."""
    hooks = {
        hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    }
    pattern = re.compile(hooks["routing-inspect-lint"]["files"])

    assert all(pattern.search(f"a{suffix}") for suffix in SUFFIXES)
    assert not any(pattern.search(name) for name in ("a.txt", "routing", "a.json5", "a.roster", "a.pyx"))
    assert hooks["routing-inspect-lint"]["entry"] == "routing-inspect lint --skip-unrelated"
    metadata = (ROOT / "pyproject.toml").read_text("utf-8")
    for hook in hooks.values():
        assert all(f'"{package}"' in metadata for package in hook["additional_dependencies"])


@pytest.mark.slow
def test_pre_commit_stops_a_bad_commit_and_lets_a_good_one_pass(tmp_path: Path) -> None:
    """Real pre-commit builds both hooks from this checkout, and git asks them before each commit."""
    revision = _revision_of_the_working_tree(tmp_path / "source")
    work = _repository(tmp_path / "work")
    hooks = [{"id": "routing-inspect-lint"}, {"id": "routing-inspect-fmt"}]
    source = {"repo": str(tmp_path / "source"), "rev": revision, "hooks": hooks}
    (work / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [source]}), encoding="utf-8")
    environment = {"PRE_COMMIT_HOME": str(tmp_path / "cache")}
    program = [sys.executable, "-m", "pre_commit", "install"]
    subprocess.run(program, cwd=work, env={**os.environ, **environment}, check=True, capture_output=True)

    def commit(**files: str) -> Done:
        for name, text in files.items():
            (work / f"{name}.routing").write_text(text, encoding="utf-8")
        _git(work, "add", "--all")
        return _git(work, "commit", "--message", "a change", **environment)

    bad = commit(desk=BAD)
    untidy = commit(desk=GOOD.replace(" >= ", ">="))
    good = commit(desk=GOOD)

    assert bad.returncode == 1
    assert "desk.routing:1:1: error RI204  Language(French) in 4..2: no level is in it" in bad.stderr
    assert untidy.returncode == 1
    assert "files were modified by this hook" in untidy.stderr
    assert (good.returncode, (work / "desk.routing").read_text(encoding="utf-8")) == (0, GOOD)
    assert _git(work, "log", "--format=%s").stdout == "a change\n"


# ---------------------------------------------------------------------------- the action


def _run_step(number: int, given: Mapping[str, str], temp: Path, folder: Path) -> Done:
    """Run the shell text of one of the action's steps, with its inputs where GitHub would put them."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    step: dict[str, Any] = action["runs"]["steps"][number]
    inputs = {name: given.get(name, value.get("default", "")) for name, value in action["inputs"].items()}
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], value)
        for name, value in step["env"].items()
    }
    around = {"RUNNER_TEMP": str(temp), "GITHUB_ACTION_PATH": str(ROOT)}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env={**os.environ, **environment, **around}, cwd=folder, check=False,
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip


def _as_installed(temp: Path) -> Path:
    """Let the program under test stand where the action's first step installs it."""
    (temp / "routing-inspect").mkdir(parents=True)
    (temp / "routing-inspect" / "bin").symlink_to(Path(sys.executable).parent)
    return temp


def test_every_input_of_the_action_goes_where_it_is_read() -> None:
    """Inputs come in by the environment, each once; in the script itself they could be commands."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = action["runs"]["steps"]
    read = [value for step in steps for value in step["env"].values()]

    assert len(steps) == 2
    assert sorted(read) == sorted(f"${{{{ inputs.{name} }}}}" for name in action["inputs"])
    assert not any("${{" in step["run"] for step in steps)
    quoted = {name for step in steps for name in step["env"] if f'"${name}"' in step["run"]}
    assert quoted == {name for step in steps for name in step["env"]}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (
            {
                "paths": "welsh.routing\n\nlambda",
                "roster": "desk.roster",
                "attributes": "a.json",
                "max-wait": "90s",
                "required": "Product\nClaims",
                "select": "RI2,RI3",
                "ignore": "RI301",
                "fail-on": "warning",
                "sarif": "out.sarif",
            },
            1,
        ),
        ({"paths": '$(touch pwned); "x'}, 2),
    ],
)
def test_the_action_runs_the_command(given: dict[str, str], code: int, folder: Path, tmp_path: Path) -> None:
    """The GitHub action's own script passes its inputs on, and never runs what is in them."""
    (folder / "desk.roster").write_text("ana: A(b) 3\n", encoding="utf-8")
    (folder / "a.json").write_text('{"attributes": {}}', encoding="utf-8")

    done = _run_step(1, given, _as_installed(tmp_path / "temp"), folder)

    assert (done.returncode, done.stderr) == (code, "")
    assert not (folder / "pwned").exists()
    assert ("sarif" in given) == (folder / "out.sarif").exists()


@pytest.mark.slow
def test_the_action_installs_what_it_runs(folder: Path, tmp_path: Path) -> None:
    """Both steps one after the other, from this checkout: errors fail the job, a clean folder does not."""
    clean = tmp_path / "clean"
    clean.mkdir()
    (clean / "desk.routing").write_text(GOOD, encoding="utf-8")
    temp = tmp_path / "temp"

    installed = _run_step(0, {"python": sys.executable}, temp, folder)
    failed = _run_step(1, {"sarif": "out.sarif"}, temp, folder)
    passed = _run_step(1, {"fail-on": "note"}, temp, clean)

    assert installed.returncode == 0, installed.stderr
    assert failed.returncode == 1
    assert failed.stdout.startswith("::error file=claims.json,line=16,endLine=24,title=RI204 ")
    log = json.loads((folder / "out.sarif").read_text(encoding="utf-8"))
    assert {result["ruleId"] for result in log["runs"][0]["results"]} >= {"RI204"}
    assert (passed.returncode, passed.stdout) == (0, "no findings in 1 criteria, 1 file\n")
