"""`sandbox`: a local Amazon Connect endpoint."""

from __future__ import annotations

import signal
from contextlib import suppress

import click

from routing_inspect import files


@click.command()
@click.argument("scenario", type=click.Path())
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="0: any port that is free.")
@click.option("--rate", type=float, help="How many requests of an operation it grants in a second.")
@click.option("--burst", type=click.IntRange(1, 100_000), help="How many it grants at once after a pause.")
def sandbox(scenario: str, port: int, rate: float | None, burst: int | None) -> int:
    """
    Serve a local Amazon Connect endpoint until interrupted.

    SCENARIO is a JSON file with contacts, users, routing profiles and queues.
    Requests past --rate and --burst (the service's own are 2 and 5) are throttled.
    """
    from routing_inspect.sandbox import Quota, Sandbox, read_scenario

    if rate is not None and not 0 < rate <= 100_000:
        raise click.BadParameter("a rate is above 0, and 100000 at most", param_hint="--rate")
    quota = None
    if rate is not None or burst is not None:
        usual = Quota()
        quota = Quota(rate or usual.rate, burst or usual.burst)
    # A shell starts what it runs in the background with interrupts ignored, and a service is stopped by
    # SIGTERM: both end it in good order.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    read = files.read_scenario(scenario, read_scenario)
    # It may come as soon as the address is printed, before anything waits for it.
    with suppress(KeyboardInterrupt), Sandbox(read, port=port, quota=quota) as running:
        click.echo(running.url)
        running.serve_forever()
    return 0
