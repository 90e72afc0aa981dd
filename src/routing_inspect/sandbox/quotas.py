"""What a sandbox allows: a token bucket for each operation, as the service keeps them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import frozen

from routing_inspect.document import JSON, member_path, show
from routing_inspect.errors import Problem
from routing_inspect.sandbox.service import OPERATIONS


@frozen
class Quota:
    """
    How often an operation may be called.

    Attributes:
        rate: Requests a second that are granted for good; 2 is the service's own default.
        burst: How many may come at once after a pause; 5 is the service's own default.
    """

    rate: float = 2.0
    burst: int = 5


class Buckets:
    """
    The tokens left for each operation; every bucket is full at the start.

    Args:
        quotas: By operation; ``*`` stands for each that is not named. One not meant has no quota.
        clock: Gives seconds that never go back.
    """

    def __init__(self, quotas: Mapping[str, Quota], clock: Callable[[], float] = time.monotonic) -> None:
        self._quotas = quotas
        self._clock = clock
        self._lock = threading.Lock()
        # Tokens left, and when that was so.
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, operation: str) -> bool:
        """Take a token; False where there is none, and the call is to be throttled."""
        quota = self._quotas.get(operation, self._quotas.get("*"))
        if quota is None:
            return True
        with self._lock:
            now = self._clock()
            tokens, at = self._left.get(operation, (float(quota.burst), now))
            tokens = min(quota.burst, tokens + (now - at) * quota.rate)
            is_granted = tokens >= 1
            self._left[operation] = (tokens - is_granted, now)
            return is_granted


def _is_rate(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 100_000


def _is_burst(value: JSON) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000


# The members of a quota: what each may be, in words, and whether a value is that.
_MEMBERS: Final[Mapping[str, tuple[str, Callable[[JSON], bool]]]] = {
    "rate": ("a number of requests a second, above 0 to 100000", _is_rate),
    "burst": ("a whole number from 1 to 1000000", _is_burst),
}


def quota_problems(document: JSON, path: str) -> Iterator[Problem]:
    """Find everything that is wrong with a scenario's quotas."""
    if not isinstance(document, dict):
        yield Problem(path, f"expected an object, found {show(document)}")
        return
    for operation, quota in document.items():
        where = member_path(path, operation)
        if operation != "*" and operation not in OPERATIONS:
            yield Problem(where, "the sandbox serves no such operation", "name one that it does, or `*`")
        elif not isinstance(quota, dict):
            yield Problem(where, f'expected `{{"rate": 2, "burst": 5}}`, found {show(quota)}')
        else:
            yield from _member_problems(quota, where)


def _member_problems(quota: Mapping[str, JSON], path: str) -> Iterator[Problem]:
    for name, value in quota.items():
        if name not in _MEMBERS:
            yield Problem(member_path(path, name), "a quota has no such member", "it has `rate` and `burst`")
            continue
        expected, is_right = _MEMBERS[name]
        if not is_right(value):
            yield Problem(f"{path}.{name}", f"expected {expected}, found {show(value)}")
