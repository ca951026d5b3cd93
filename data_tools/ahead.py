"""Work ahead in a thread, so that reading goes on while something else computes."""

import contextlib
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

_LOOKS_UP_EVERY_S = 0.1
_END = object()


def ahead(items: Iterable[T], depth: int = 2) -> Iterator[T]:
    """The items, made in a thread while those before them are used.

    Args:
        items: what makes them; it is used in the thread alone.
        depth: how many may wait.

    Raises:
        BaseException: what making an item raised, after the items before it.
    """
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
