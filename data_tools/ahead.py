"""Work ahead in a thread, so that reading goes on while something else computes."""

import contextlib
import os
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

_LOOKS_UP_EVERY_S = 0.1
_END = object()


def available_cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ahead(items: Iterable[T], depth: int = 2) -> Iterator[T]:
    """The items, made in a thread while those before them are used, where this process may use a second core.

    Args:
        items: what makes them; it is used in one thread alone.
        depth: how many may wait.

    Raises:
        BaseException: what making an item raised, after the items before it.
    """
    return _in_a_thread(items, depth) if available_cores() > 1 else iter(items)


def _in_a_thread(items: Iterable[T], depth: int) -> Iterator[T]:
    made: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue(depth)
    ended = threading.Event()

    def put(item: Any, error: BaseException | None = None) -> None:
        while not ended.is_set():
            with contextlib.suppress(queue.Full):
                made.put((item, error), timeout=_LOOKS_UP_EVERY_S)
                return

    def make() -> None:
        try:
            for item in items:
                put(item)
                if ended.is_set():
                    return
            put(_END)
        except BaseException as error:  # handed to whom waits for the item
            put(_END, error)

    thread = threading.Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = made.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item
    finally:
        ended.set()
        thread.join()
