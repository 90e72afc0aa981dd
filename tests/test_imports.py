"""The direction of imports, what the front door costs, and what is public."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import routing_inspect

PACKAGE = Path(routing_inspect.__file__).parent

# A module imports only from rows above its own; a folder is one module.
ROWS = (
    ("visible", "resources", "slips", "highlight", "words", "arguments"),
    ("errors", "findings"),
    ("clauses", "document", "diagnosis", "strict_yaml", "positions"),
    ("expr",),
    ("contact", "places"),
    ("text", "wire", "evaluate", "pseudonyms", "timeline"),
    (
        "region",
        "envelope",
        "flows",
        "wrappings",
        "roster",
        "windows",
        "layout",
        "links",
        "mcdc",
        "names",
        "index",
        "remedies",
    ),
    (
        "analysis",
        "forms",
        "nodes",
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
    ("kinds", "arrival", "literals"),
    (
        "criteria_diff",
        "pairing",
        "gates",
        "history",
        "lattice",
        "paths",
        "files",
        "journal",
        "gaps",
        "testing",
        "lookalikes",
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

    assert _wrong_imports([file], ROWS) == ["evaluate (row 5) imports cli (row 12)"]


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


def _all_loaded_by(statement: str) -> set[str]:
    """Name the modules that a fresh interpreter loads for *statement*."""
    report = "print(*set(sys.modules) - before, file=sys.stderr)"
    program = f"import sys\nbefore = set(sys.modules)\n{statement}\n{report}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def _loaded_by(statement: str) -> set[str]:
    """Name the top-level modules that a fresh interpreter loads for *statement*."""
    return {name.split(".")[0] for name in _all_loaded_by(statement)}


def test_the_front_door_loads_the_standard_library_alone() -> None:
    """`import routing_inspect` loads no module of the package, and nothing that is foreign."""
    loaded = _all_loaded_by("import routing_inspect")

    assert {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names} == {
        "routing_inspect"
    }


def test_the_pytest_plugin_loads_nothing_else_of_the_package() -> None:
    """Every pytest run of an environment loads it, and a measurement of coverage begins after it."""
    loaded = _all_loaded_by("import pytest; before = set(sys.modules); import routing_inspect.pytest_plugin")

    assert {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names} == {
        "routing_inspect",
        "routing_inspect.pytest_plugin",
    }


def test_reading_evaluating_and_explaining_need_attrs_alone() -> None:
    """What most programs use pulls in nothing that costs."""
    core = "import routing_inspect as ri; ri.read, ri.parse, ri.evaluate, ri.explain, ri.write_criteria"
    foreign = _loaded_by(core) - set(sys.stdlib_module_names)

    assert foreign == {"routing_inspect", "attr", "attrs"}


@pytest.mark.parametrize("first", ["explain", "evaluate", "timeline"])
def test_a_function_is_not_hidden_by_the_module_it_is_called_like(first: str) -> None:
    """Importing `routing_inspect.explain` puts the module into the package, where the function belongs."""
    program = (
        f"import routing_inspect.{first}\nfrom routing_inspect.{first} import {first} as it\n"
        f"from routing_inspect import {first}\nassert {first} is it is routing_inspect.{first}\n"
        f"import routing_inspect.{first}\nassert routing_inspect.{first} is it"
    )

    assert f"routing_inspect.{first}" in _all_loaded_by(program)


def test_what_else_is_put_into_the_package_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test may put a function of its own in the place of one, and a module under any other name."""
    monkeypatch.setattr(routing_inspect, "explain", len)
    assert vars(routing_inspect)["explain"] is len
    monkeypatch.setattr(routing_inspect, "mine", sys, raising=False)
    assert vars(routing_inspect)["mine"] is sys


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


# What nobody makes, and programs name all the same; what takes arguments is in test_public_names.py.
SETTLED = """
    Change Contact Counterexample CriteriaSyntaxError Edit Explanation Expr Finding Gate Matches Phase
    Relaxation Timeline Trace Verdict relaxations
"""


def test_every_settled_name_is_there_and_is_no_module() -> None:
    """Code that was written by the documentation keeps working, whatever has been imported before."""
    for module in sorted({_module(file) for file in _files()} - {"highlight"}):
        __import__(f"routing_inspect.{module}")

    assert [name for name in SETTLED.split() if not hasattr(routing_inspect, name)] == []
    assert [
        name for name in routing_inspect.__all__ if inspect.ismodule(getattr(routing_inspect, name))
    ] == []


def test_all_lists_exactly_the_public_names() -> None:
    """What `__all__` promises has a home, in order; `dir` shows it, and the page on the API tells of it."""
    page = (PACKAGE.parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)[(`]", page))

    assert routing_inspect.__all__ == sorted(routing_inspect._HOMES)
    assert {*routing_inspect.__all__, "__version__"} <= set(dir(routing_inspect))
    assert set(SETTLED.split()) <= set(routing_inspect.__all__) <= told


def test_type_checkers_know_each_name_from_its_module() -> None:
    """What they read stands beside what runs, and says the same."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    known = {
        alias.name: str(node.module).removeprefix("routing_inspect.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("routing_inspect.")
        for alias in node.names
    }

    assert known == routing_inspect._HOMES


def test_no_module_has_the_name_of_a_function_of_another() -> None:
    """Who imports the module of that name would look there for the function."""
    modules = {_module(file) for file in _files()}

    assert {
        name for name, home in routing_inspect._HOMES.items() if name in modules and home != name
    } == set()


def test_the_version_is_the_installed_one() -> None:
    """`__version__` is what the metadata says; other names that are not there are refused as usual."""
    assert routing_inspect.__version__ == "0.1.0"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        vars(routing_inspect)["__getattr__"]("nothing")
