"""The direction of imports, what the front door costs, and what is public."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import routing_inspect

PACKAGE = Path(routing_inspect.__file__).parent

# A module imports only from rows above its own; a folder is one module.
ROWS = (
    ("visible", "resources", "slips", "highlight", "words"),
    ("errors", "findings"),
    ("clauses", "document", "diagnosis", "strict_yaml", "positions"),
    ("expr", "literals"),
    ("contact", "places"),
    ("text", "wire", "evaluate", "pseudonyms"),
    (
        "region",
        "envelope",
        "flows",
        "roster",
        "timeline",
        "layout",
        "links",
        "mcdc",
        "names",
        "index",
        "changes",
    ),
    (
        "analysis",
        "forms",
        "checks",
        "explanation",
        "moments",
        "observed",
        "pushdown",
        "witnesses",
        "roster_answers",
        "roster_diff",
        "roster_tables",
        "part_changes",
    ),
    (
        "arrival",
        "pairing",
        "gates",
        "history",
        "lattice",
        "paths",
        "files",
        "journal",
        "gaps",
        "testing",
        "limits",
        "predefined",
        "segments",
        "sources",
    ),
    ("explain", "comparison", "live", "reach", "blocks", "chain", "placed"),
    ("linting", "render", "aws", "sandbox", "strategies", "cases", "capture", "suppressions"),
    ("cli", "outcomes"),
    ("pytest_plugin",),
)


def _module(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imported(file: Path) -> set[str]:
    """Name the package's own modules that *file* imports anywhere in it, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(module=str(name), names=names) if name == "routing_inspect":
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(name)) if name.startswith("routing_inspect."):
                found.add(name.split(".")[1])
            case ast.Import(names=names):
                found |= {a.name.split(".")[1] for a in names if a.name.startswith("routing_inspect.")}
    return found - {_module(file)}


def _wrong_imports(files: list[Path], rows: tuple[tuple[str, ...], ...]) -> list[str]:
    row_of = {module: number for number, row in enumerate(rows) for module in row}
    return [
        f"{_module(file)} (row {row_of[_module(file)]}) imports {name} (row {row_of[name]})"
        for file in files
        for name in sorted(_imported(file))
        if row_of[name] >= row_of[_module(file)]
    ]


def _files() -> list[Path]:
    return [file for file in sorted(PACKAGE.rglob("*.py")) if file != PACKAGE / "__init__.py"]


def test_every_module_imports_only_from_rows_above_its_own() -> None:
    """Imports go one way, so every module can be read knowing only those above it."""
    assert _wrong_imports(_files(), ROWS) == []


def test_an_import_against_the_rows_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check above can fail: evaluation importing the command line is named."""
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    file = tmp_path / "evaluate.py"
    file.write_text("def late():\n    from routing_inspect import cli\n", encoding="utf-8")

    assert _wrong_imports([file], ROWS) == ["evaluate (row 5) imports cli (row 11)"]


def test_every_module_has_a_row() -> None:
    """No module stands outside the rows, and no row names a module that is gone."""
    assert {_module(file) for file in _files()} == {module for row in ROWS for module in row}


def test_the_architecture_page_shows_the_rows() -> None:
    """The table in docs/architecture.md is these rows, in order."""
    page = (PACKAGE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| (\d+) \| ((?:`\w+`(?:, )?)+) \|", page, re.MULTILINE)
    rows = [(int(row), name) for row, names in shown for name in re.findall(r"\w+", names)]

    assert sorted(rows) == sorted((number, name) for number, row in enumerate(ROWS) for name in row)
    assert [row for row, _ in rows] == sorted(row for row, _ in rows)


def _loaded_by(statement: str) -> set[str]:
    """Name the top-level modules that a fresh interpreter loads for *statement*."""
    report = "print(*set(sys.modules) - before, file=sys.stderr)"
    program = f"import sys\nbefore = set(sys.modules)\n{statement}\n{report}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stderr.split()}


def test_the_front_door_loads_the_standard_library_and_attrs_alone() -> None:
    """`import routing_inspect` pulls in nothing that costs."""
    foreign = _loaded_by("import routing_inspect") - set(sys.stdlib_module_names)

    assert foreign == {"routing_inspect", "attr", "attrs"}


@pytest.mark.parametrize("form", ["text", "json"])
def test_explaining_a_file_never_loads_boto3(form: str) -> None:
    """A document needs no AWS, so explaining one does not pay for it."""
    example = PACKAGE.parents[1] / "examples" / "contacts" / "matched-step.json"
    arguments = ["routing-inspect", "explain", str(example), "--format", form]
    program = (
        f"sys.argv = {arguments}\nfrom routing_inspect.cli import main\ntry: main()\nexcept SystemExit: pass"
    )
    loaded = _loaded_by(program)

    assert {"boto3", "botocore", "networkx", "lark"}.isdisjoint(loaded)
    assert "click" in loaded


def test_all_lists_exactly_the_public_names() -> None:
    """What `__all__` promises is there, and every public name is promised."""
    public = {
        name
        for name, value in vars(routing_inspect).items()
        if not name.startswith("_")
        and type(value).__name__ != "module"
        and name not in {"TYPE_CHECKING", "Any"}
    }
    public |= set(routing_inspect._LATER)
    assert all(hasattr(routing_inspect, name) for name in public)

    assert public == set(routing_inspect.__all__)
    assert routing_inspect.__all__ == sorted(routing_inspect.__all__)


def test_what_is_loaded_late_is_hidden_by_no_module() -> None:
    """Importing a module puts it into the package under its name, in place of a function called the same."""
    assert {_module(file) for file in _files()}.isdisjoint(routing_inspect._LATER)


def test_the_version_is_the_installed_one() -> None:
    """`__version__` is what the metadata says; other names that are not there are refused as usual."""
    assert routing_inspect.__version__ == "0.1.0"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = routing_inspect.nothing
