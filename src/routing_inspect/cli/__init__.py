"""
The command line: arguments in, one call, one rendering, an exit code.

Exit codes: 0 as expected, 1 the answer is no, 2 usage or unreadable input, 3 AWS or network,
4 cannot tell, 70 a fault of this program, 130 interrupted. Each command is a module here, imported
when it is asked for; what is costly to import is imported by the command that needs it.
"""

from __future__ import annotations

import atexit
import codecs
import gc
import os
import sys
from importlib import import_module
from typing import Final

try:
    import click
except ModuleNotFoundError as missing:  # the library alone does not need it
    sys.stderr.write(
        f"routing-inspect: the command line needs {missing.name}: pip install 'routing-inspect[cli]'\n"
    )
    raise SystemExit(2) from None

from routing_inspect.errors import AnalysisLimit, RoutingInspectError, ServiceError
from routing_inspect.visible import escape_unencodable, visible

# Each is a module of this package, with the command under its own name.
COMMANDS: Final = (
    "capture",
    "chain",
    "convert",
    "demo",
    "diff",
    "explain",
    "fmt",
    "lattice",
    "lint",
    "match",
    "roster",
    "sandbox",
)


# An interpreter that ends looks through all that there is for cycles, which takes as long as a tenth of
# a short command; what is frozen it passes over.
atexit.register(gc.freeze)


class _Commands(click.Group):
    """The commands, each imported only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002  (the same)
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"routing_inspect.cli.{name}"), name)
        return command


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="routing-inspect")
def cli() -> None:
    """Explain Amazon Connect routing criteria: why this agent, why not that one, why nobody."""


def main() -> None:
    """Run the command line and exit."""
    # What a short command makes is gone before looking for cycles in it would pay.
    gc.set_threshold(100_000)
    _prepare_streams()
    stdout = sys.stdout
    try:
        code = cli.main(prog_name="routing-inspect", standalone_mode=False)
    except SystemExit as stopped:
        # click stops and puts a wrapper around the stream when a pipe is closed: the reader has seen
        # enough (`| head -1`).
        code = stopped.code if sys.stdout is stdout else 0
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        usage = "" if context is None else f"{context.get_usage()}\n\n"
        # click sets choices off with tabs.
        message = error.format_message().replace("\t", "  ")
        code = _complain("\n".join(map(visible, message.splitlines())), 2, usage)
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except ServiceError as error:
        code = _complain(str(error), 3)
    except AnalysisLimit as error:
        code = _complain(str(error), 4)
    except RoutingInspectError as error:
        code = _complain(str(error), 2)
    except OSError as error:
        place = "" if error.filename is None else f": {visible(str(error.filename))}"
        code = _complain(f"{error.strerror or error}{place}", 2)
    except Exception:  # noqa: BLE001  (a fault of ours, which must not end like an answer of "no")
        from traceback import format_exc

        code = _complain(f"a fault of routing-inspect itself; please report it\n{format_exc()}", 70)
    sys.exit(code)


def _prepare_streams() -> None:
    """Make every stream take every character, also one that is closed."""
    codecs.register_error("routing_inspect", escape_unencodable)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # A closed stream is rare, and pathlib costs as much as reading a contact.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  (until the end)
        # A name in a script that the terminal's encoding lacks is no reason to fail at 2 a.m.
        getattr(sys, name).reconfigure(errors="routing_inspect")


def _complain(message: str, code: int, usage: str = "") -> int:
    click.echo(f"{usage}error: {message}", err=True)
    return code
