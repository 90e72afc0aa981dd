"""`fmt`: text in its one layout."""

from __future__ import annotations

from typing import Final

import click

from routing_inspect import files
from routing_inspect.cli import folders
from routing_inspect.visible import visible

# What is written anew in a folder; a file that is named may have any name.
_SUFFIXES: Final = frozenset({".routing", ".roster"})


@click.command()
@click.argument("names", metavar="FILE...", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--stdin-filename", metavar="NAME", help="What standard input is, by its name.")
def fmt(names: tuple[str, ...], check: bool, diff: bool, stdin_filename: str | None) -> int:
    """
    Write criteria, expressions and rosters in their one layout.

    A FILE that ends in .roster is a roster, any other a criteria or an expression as text.
    Of a folder, and of those below it that are not hidden, it is each file ending in .routing or .roster.
    Those whose layout changes are written anew; if one cannot be read, none is written.
    - is standard input, whose layout goes to standard output.
    With --check and --diff the exit status is 1 if anything would change.
    """
    from routing_inspect.layout import difference

    texts = [(name, *files.read_layout(name, stdin_filename)) for name in folders.files_of(names, _SUFFIXES)]
    changed = [text for text in texts if text[1] != text[2]]
    if diff:
        click.echo("".join(difference(before, after, name) for name, before, after in changed), nl=False)
    elif check:
        click.echo("".join(f"{visible(name)}\n" for name, _, _ in changed), nl=False)
    if check or diff:
        return 1 if changed else 0
    for name, before, after in texts:
        if name == "-":
            files.write(after, None)
        elif before != after:
            files.write(after, name)
            click.echo(f"wrote {visible(name)}", err=True)
    return 0
