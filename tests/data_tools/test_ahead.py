import threading

import pytest

from data_tools.ahead import ahead


def test_items_come_in_their_order_from_another_thread():
    def items():
        for number in range(20):
            yield number, threading.current_thread().name

    found = list(ahead(items()))
    assert [number for number, _ in found] == list(range(20))
    assert {name for _, name in found} == {"ahead"}


def test_no_more_are_made_than_may_wait():
    made = []

    def items():
        for number in range(10):
            made.append(number)
            yield number

    waiting = ahead(items(), depth=2)
    assert next(waiting) == 0
    assert len(made) <= 4  # one is used, two wait, one is being handed over
    waiting.close()
    assert len(made) < 10
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]


def test_an_error_comes_after_the_items_before_it():
    def items():
        yield 1
        raise ValueError("no second")

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(ValueError, match="no second"):
        next(found)
