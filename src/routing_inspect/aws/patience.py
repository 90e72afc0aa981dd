"""Asking again: what may go better the next time, and for how long nobody loses patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from attrs import define, field

from routing_inspect.aws.calls import reason_of
from routing_inspect.aws.rate import Buckets, StoppedError
from routing_inspect.errors import DocumentError, ServiceError

T = TypeVar("T")

PATIENCE: Final = timedelta(minutes=2)

_THROTTLED: Final = frozenset({"ThrottlingException", "TooManyRequestsException", "Throttling"})
# What may be gone at the next try. botocore's classes, since there was no answer that could have a code.
_PASSING: Final = frozenset({"InternalServiceException", "InternalFailure", "ServiceUnavailable"})
_ON_THE_WAY: Final = frozenset(
    {
        "ConnectionClosedError",
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "ReadTimeoutError",
        # An answer that trickled in for too long.
        "TimeoutError",
    }
)
_TRIES: Final = 5
_LONGEST_PAUSE: Final = 20.0


@define(eq=False)
class Patience:
    """
    How long the requests of one piece of work are tried again.

    Attributes:
        seconds: How long an operation may be throttled, without an answer between.
        is_answered: Whether any request had an answer yet.
        answered: When each operation last gave any answer, in seconds of the monotonic clock.
    """

    buckets: Buckets
    seconds: float
    is_answered: bool = False
    answered: dict[str, float] = field(factory=dict)

    def fetch(self, operation: str, ask: Callable[[], T]) -> T:
        """
        Ask, and ask again where that may go better.

        Raises:
            ServiceError: It will not, or has not for too long.
        """
        self.answered.setdefault(operation, time.monotonic())
        tries = 0
        while True:
            tries += 1
            try:
                answer = ask()
            except DocumentError as error:
                raise ServiceError(reason_of(error), hint=error.hint, operation=operation) from error
            except ServiceError as error:
                if self.buckets.is_stopped:
                    raise StoppedError(operation) from error
                self._wait(operation, error, tries)
            else:
                self.is_answered = True
                self.answered[operation] = time.monotonic()
                return answer

    def _wait(self, operation: str, error: ServiceError, tries: int) -> None:
        """Wait as long as the drought has lasted, which doubles it; raise where waiting is no use."""
        drought = time.monotonic() - self.answered[operation]
        bucket = self.buckets.bucket(operation)
        if error.code in _THROTTLED:
            if drought > self.seconds:
                message = f"{operation} was throttled for {drought:.0f} s without an answer"
                hint = "something else uses up the quota of the account: try later, or with a lower --rate"
                raise ServiceError(message, hint=hint, operation=operation, code=error.code) from error
            bucket.pause(min(_LONGEST_PAUSE, max(bucket.interval, drought)))
            return
        if tries == _TRIES or not self.may_pass(error):
            raise error
        self.buckets.sleep(min(_LONGEST_PAUSE, self.seconds, 0.5 * 2**tries))

    def may_pass(self, error: ServiceError) -> bool:
        """Say whether the same request may get an answer later."""
        if error.code in _PASSING:
            return True
        # Before the first answer it is rather the endpoint that is wrong, and nobody should wait for that.
        return self.is_answered and type(error.__cause__).__name__ in _ON_THE_WAY
