"""Ctrl-C and SIGTERM: the first ends a command in order, the second at once."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Context in which SIGTERM raises KeyboardInterrupt as Ctrl-C does, and a second of either ends the process."""
    if threading.current_thread() is not threading.main_thread():  # only there may Python be told of signals
        yield
        return
    before = {number: signal.signal(number, _first) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _first(number: int, frame: FrameType | None) -> None:
    for each in _SIGNALS:
        signal.signal(each, _second)
    raise KeyboardInterrupt


def _second(number: int, frame: FrameType | None) -> None:
    # Without them: workers that this process started would go on waiting for it.
    if multiprocessing := sys.modules.get("multiprocessing"):
        for child in multiprocessing.active_children():
            child.kill()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
