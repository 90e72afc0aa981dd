"""The pages say what is so: their commands print what they show, their links lead somewhere."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from routing_inspect.cli import cli

ROOT = Path(__file__).resolve().parents[1]


def _refresh() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFRESH = _refresh()
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
