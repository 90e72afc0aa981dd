"""Stages timed in turn, round by round, so that a busy machine slows all of them alike."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial


def medians(
    stages: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """
    Time every stage once in each round.

    Args:
        stages: What is timed, by name.
        rounds: How often.
        clock: Gives seconds; the processor time of this process unless another is given.

    Returns:
        The median of each stage in seconds, in the order of *stages*.
    """
    seconds: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(rounds):
        for name, stage in stages.items():
            started = clock()
            stage()
            seconds[name].append(clock() - started)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def cold_medians(programs: Mapping[str, list[str]], rounds: int) -> dict[str, float]:
    """Time interpreters that are started anew, each with its arguments, by the processor time they take."""
    stages = {
        name: partial(subprocess.run, [sys.executable, *arguments], stdout=subprocess.DEVNULL, check=False)
        for name, arguments in programs.items()
    }
    return medians(stages, rounds, _spent_by_children)


def _spent_by_children() -> float:
    """Give the processor time, in seconds, of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
