"""The clock, and the order in which things are measured."""

import math
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

_AT_LEAST = 0.05  # seconds of one measurement, where it is cheap
_MOST_CALLS = 200


def milliseconds(call: Callable[[], object], calls: int = 1) -> float:
    """Milliseconds of one call, the mean of so many in a row. `call` ends when its work is done."""
    begin = time.perf_counter()
    for _ in range(calls):
        call()
    return 1e3 * (time.perf_counter() - begin) / calls


def calls_for(call: Callable[[], object]) -> int:
    """How many calls make a measurement that is long against the clock and the scheduler. To be warmed up before."""
    taken = milliseconds(call) / 1e3
    return min(_MOST_CALLS, math.ceil(_AT_LEAST / taken))


def rounds_of(
    measure: Callable[[int], Mapping[str, float]], batch_sizes: Sequence[int], rounds: int
) -> dict[str, dict[int, list[float]]]:
    """Measure several times.

    A round measures every batch size once, each in a random order of its own: a machine that gets slower, or busy for
    a while, then makes noise and not a slope.

    Args:
        measure: from a batch size to {quantity: value}.
        batch_sizes: to measure.
        rounds: number of rounds.

    Returns:
        {quantity: {batch size: [one value per round]}}
    """
    random = np.random.default_rng(0)
    values: dict[str, dict[int, list[float]]] = {}
    for _ in range(rounds):
        for size in random.permutation(batch_sizes).tolist():
            for name, value in measure(size).items():
                values.setdefault(name, {}).setdefault(size, []).append(value)
    return values
