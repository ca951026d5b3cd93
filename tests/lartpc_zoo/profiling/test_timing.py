import time

import pytest

from lartpc_zoo.profiling.fits import fitted
from lartpc_zoo.profiling.timing import calls_for, milliseconds, rounds_of

SIZES = [1, 2, 4]


def test_a_machine_that_gets_slower_makes_no_slope():
    clock = iter(range(10_000))
    values = rounds_of(lambda size: {"t": 100 + 0.1 * next(clock)}, SIZES, 51)
    assert fitted("ms", values["t"]).slope == pytest.approx(0, abs=0.3)
    assert {size: len(found) for size, found in values["t"].items()} == dict.fromkeys(SIZES, 51)


def test_a_call_is_timed_in_milliseconds():
    assert milliseconds(lambda: time.sleep(0.02), calls=2) == pytest.approx(20, rel=0.5)


def test_cheap_calls_are_measured_many_at_a_time():
    assert calls_for(lambda: None) == 200
    assert calls_for(lambda: time.sleep(0.1)) == 1
