"""The pages say what is so: their commands print what they show, their links lead somewhere."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType

import attrs
import click
import pytest

import routing_inspect
from records import Run
from routing_inspect.cli import cli
from scripts import load

ROOT = Path(__file__).resolve().parents[1]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SUBMODULES = (
    "aws",
    "capture",
    "history",
    "lattice",
    "pseudonyms",
    "sandbox",
    "strategies",
    "testing",
)


REFRESH = load(ROOT / "docs" / "refresh.py")
PAGES: tuple[Path, ...] = REFRESH.PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_show_what_their_commands_print(page: Path) -> None:
    """Each command in a page prints what stands below it; `make docs` writes it anew."""
    text = page.read_text(encoding="utf-8")

    assert REFRESH.refreshed(text) == text


def test_a_page_with_other_output_is_noticed() -> None:
    """The check above can fail: output that is not the command's is replaced."""
    page = "```console\n$ echo so\nnot so\n```\n"

    assert REFRESH.refreshed(page) == "```console\n$ echo so\nso\n```\n"


def test_a_command_may_go_on_over_several_lines() -> None:
    """A line that ends in a backslash is not the end of its command."""
    page = "```console\n$ echo a \\\n    b\n```\n"

    assert REFRESH.refreshed(page) == "```console\n$ echo a \\\n    b\na b\n```\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of the project."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def _anchors(page: Path) -> set[str]:
    """Name the headings of a page as GitHub does."""
    fences = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", fences.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_headings_lead_to_one(page: Path) -> None:
    """A link to a part of a page, this one or another, names a heading there."""
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]*)\)", page.read_text(encoding="utf-8"))
    wrong = [
        f"{target}#{anchor}"
        for target, anchor in links
        if anchor not in _anchors(page.parent / target if target else page)
    ]

    assert wrong == []


def _commands() -> Iterator[tuple[str, click.Command]]:
    """Walk every command that does something, by the words that call it."""
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", command.commands[inner]) for inner in command.commands)
        else:
            yield name, command


def test_every_command_has_help_and_a_section() -> None:
    """A command that is not in docs/cli.md cannot be found."""
    manual = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")

    for name, command in _commands():
        assert command.help, name
        assert f"$ routing-inspect {name} --help" in manual, name


def test_every_option_has_help() -> None:
    """An option says what it does."""
    for name, command in _commands():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.name}"


def test_the_page_on_records_says_what_they_have() -> None:
    """It is what docs/records.py writes, and every record among the public names is on it."""
    records = load(ROOT / "docs" / "records.py")

    assert (ROOT / "docs" / "records.md").read_text(encoding="utf-8") == records.page()
    public = {name for name in routing_inspect.__all__ if attrs.has(getattr(routing_inspect, name))}
    assert {*public, "Path", "ConditionCount", "PartChange", "Verdict"} <= set(records.records())


def _names(module: ModuleType) -> set[str]:
    """Name what a module offers: what it lists, else the functions and classes that it defines itself."""
    defined = {
        name
        for name, value in vars(module).items()
        if isinstance(value, type | FunctionType) and value.__module__ == module.__name__
    }
    return set(getattr(module, "__all__", {name for name in defined if not name.startswith("_")}))


def _named(markdown: str) -> set[str]:
    return set(re.findall(r"`(\w+)[`(]", markdown))


def test_every_public_name_is_on_the_page_of_the_api() -> None:
    """Whoever looks for a name finds what it is for."""
    assert _names(routing_inspect) - _named(API) == set()


@pytest.mark.parametrize("name", SUBMODULES)
def test_every_public_name_of_a_submodule_is_in_its_section(name: str) -> None:
    """The same, for each submodule that has a section."""
    sections = [part for part in API.split("\n## ") if f"routing_inspect.{name}" in part.partition("\n")[0]]

    assert len(sections) == 1
    assert _names(import_module(f"routing_inspect.{name}")) - _named(sections[0]) == set()


def test_the_readme_leads_to_every_page() -> None:
    """A page that no index names is not found."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(([^)#]+\.md)\)", readme))

    assert links == {str(page.relative_to(ROOT)) for page in PAGES if page.name != "README.md"}


def _calls(text: str) -> Iterator[tuple[str, list[str]]]:
    """Give each call of the command line that a text names: its words, and the options among them."""
    for call in re.findall(r"routing-inspect ([a-z][^`\"\n|;#>]*)", text.replace("\\\n", " ")):
        words = call.split()
        yield call, [word.partition("=")[0] for word in words if word.startswith("--")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_pages_have_the_options_they_are_given(page: Path) -> None:
    """Also where a page only names a command, or shows it without running it."""
    options = {
        name: {o for p in command.params for o in p.opts} | {"--help"} for name, command in _commands()
    }
    wrong = []
    for call, given in _calls(page.read_text(encoding="utf-8")):
        named = [name for name in options if f"{call} ".startswith(f"{name} ")]
        if not named or set(given) - options[named[0]]:
            wrong.append(call)

    assert wrong == []


def test_every_schema_is_on_the_page_of_the_command_line() -> None:
    """Whoever reads JSON of ours finds what wrote it; the page names no schema that nothing writes."""
    schema = re.compile(r"routing-inspect/[a-z-]+/\d+")
    sources = (ROOT / "src").rglob("*.py")
    written = {found for file in sources for found in schema.findall(file.read_text(encoding="utf-8"))}

    assert set(schema.findall((ROOT / "docs" / "cli.md").read_text(encoding="utf-8"))) == written


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "examples/contacts/matched-step.json", "--roster", "examples/roster.json"),
        ("chain", "examples/chain/segments"),
        ("match", "Claims(Fire) >= 2", "--roster", "examples/roster.json"),
        ("lint", "examples/lint"),
        ("diff", "examples/tutorial/contact.json", "examples/tutorial/night.routing"),
        ("lattice", "examples/tutorial/night.routing"),
        ("roster", "show", "examples/roster.json"),
        ("roster", "diff", "examples/roster.json", "examples/tutorial/roster.json"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_members_of_each_schema_are_those_of_the_page(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """The table says what is in the JSON, member by member."""
    monkeypatch.chdir(ROOT)
    _, out, _ = run(*arguments, "--format", "json")
    document = json.loads(out)
    schema = document.pop("schema")
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith(f"| [`{schema}`]("))
    always, _, _ = row.split(" | ")[-1].partition(";")

    assert re.findall(r"`(\w+)`", always) == list(document)
