"""`sandbox`: a local Amazon Connect endpoint."""

from __future__ import annotations

import click

from routing_inspect import files


@click.command()
@click.argument("scenario", type=click.Path())
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="0: any port that is free.")
def sandbox(scenario: str, port: int) -> int:
    """
    Serve a local Amazon Connect endpoint until interrupted.

    SCENARIO is a JSON file with contacts, users, routing profiles and queues.
    """
    from routing_inspect.sandbox import Sandbox

    with Sandbox(files.read_scenario(scenario), port=port) as running:
        click.echo(running.url)
        running.serve_forever()
    return 0
