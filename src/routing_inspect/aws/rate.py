"""
How fast to ask: a token bucket for each operation, which every attempt of a client has to pass.

The quotas are the service's, for the whole account and region: 2 requests a second of each operation
and 5 at once, unless Amazon Connect was asked for more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

RATE: Final = 2.0
BURST: Final = 5


class StoppedError(Exception):
    """A request that is not sent any more, since what it was for was given up."""


class Bucket:
    """
    The requests of one operation, spread so that a quota holds.

    One token in five, at least one where there are two, is left unused. A request that is slow on its
    way arrives closer to the next one than they were sent, and the service counts arrivals.

    Args:
        rate: Requests a second.
        burst: How many may be sent at once after a pause.
        clock: Gives seconds that never go back.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.sent = 0
        self.interval = 1 / rate
        self._slack = (max(1, min(burst - 1, int(burst * 0.8))) - 1) * self.interval
        self._clock = clock
        self._lock = threading.Lock()
        # When the bucket is full again (the theoretical arrival time of the GCRA), and when a pause ends.
        self._full_at = float("-inf")
        self._paused_until = float("-inf")

    def reserve(self) -> float:
        """Take the next place in the queue, and say how many seconds there are to wait for it."""
        with self._lock:
            now = self._clock()
            start = max(now, self._paused_until, self._full_at - self._slack)
            self._full_at = max(start, self._full_at) + self.interval
            self.sent += 1
            return start - now

    def pause(self, seconds: float) -> None:
        """Send nothing new for a while: the service has said that it is too much."""
        with self._lock:
            now = self._clock()
            self._paused_until = max(self._paused_until, now + seconds)
            # Whatever was thought to be left of the quota, somebody else has used it.
            self._full_at = max(self._full_at, now + self._slack + self.interval)


class Buckets:
    """
    The buckets of all operations; each is made when it is first needed.

    Args:
        rate: Requests a second of one operation.
        burst: How many of one operation may be sent at once after a pause.
    """

    def __init__(self, rate: float = RATE, burst: int = BURST) -> None:
        self._rate = rate
        self._burst = burst
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}
        self._stopped = threading.Event()

    def bucket(self, operation: str) -> Bucket:
        """Give the bucket of an operation."""
        with self._lock:
            return self._buckets.setdefault(operation, Bucket(self._rate, self._burst))

    @property
    def sent(self) -> dict[str, int]:
        """How many requests of each operation have been let through, by name."""
        with self._lock:
            return {operation: bucket.sent for operation, bucket in sorted(self._buckets.items())}

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is let through any more."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Let nothing through any more, and end every wait."""
        self._stopped.set()

    def wait(self, operation: str) -> None:
        """
        Wait until a request of an operation may be sent.

        Raises:
            StoppedError: Nothing is to be sent any more.
        """
        seconds = 0.0 if self.is_stopped else self.bucket(operation).reserve()
        if self.is_stopped or (seconds > 0 and self._stopped.wait(seconds)):
            raise StoppedError(operation)

    def sleep(self, seconds: float) -> None:
        """Sleep, unless everything stops."""
        self._stopped.wait(seconds)


@contextmanager
def limited(client: Any, buckets: Buckets) -> Iterator[None]:
    """Hold every attempt of a client, botocore's own repetitions included, to the buckets."""

    def hold(event_name: str, **_: Any) -> None:
        buckets.wait(event_name.rpartition(".")[2])

    client.meta.events.register("before-send.connect", hold)
    try:
        yield
    finally:
        client.meta.events.unregister("before-send.connect", hold)
