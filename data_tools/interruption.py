"""Interruption of a command by Ctrl-C, or by the SIGTERM with which batch systems end a job.

Python's own handler raises KeyboardInterrupt wherever the program happens to be. In a callback of a C library that
exception is printed and lost, and the work goes on to its end. Under `handled` a request is remembered: `check` between
two pieces of work raises it again. A second request ends the process at once, which is safe too: what is written is
either complete or not there.

Without `handled` nothing is changed: the handlers of a program that uses the library are its own.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_ONE_REQUEST_S = 0.5
"""Signals that come within so many seconds are one request: a terminal sends Ctrl-C to a process and to its parent,
which passes it on."""

_requested_at: float | None = None
_deferred = 0


@contextlib.contextmanager
def handled() -> Iterator[None]:
    """Context of a command, in which requests to end are remembered. In another thread than the main one it is idle."""
    global _requested_at
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _requested_at = None
    before = {number: signal.signal(number, _on_signal) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _requested_at = None


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Context of work that asks `check` often by itself, as a training after each of its iterations.

    A request does not break into it wherever it is, but takes effect at the next `check`, that at its end at the latest.
    """
    global _deferred
    _deferred += 1
    try:
        yield
    finally:
        _deferred -= 1
    check()


def check() -> None:
    """Raise KeyboardInterrupt where the command was asked to end; to be called between two pieces of work."""
    if _requested_at is not None and threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt


def _on_signal(number: int, frame: FrameType | None) -> None:
    global _requested_at
    now = time.monotonic()
    if _requested_at is not None and now - _requested_at > _ONE_REQUEST_S:
        _end_at_once(number)
    first, _requested_at = _requested_at is None, now if _requested_at is None else _requested_at
    if not _deferred:
        raise KeyboardInterrupt
    if first:
        _say("Interrupted: ends after this piece of work. Once more ends it at once.")


def _end_at_once(number: int) -> None:
    """End this process and those that it has started, as the signal would have done without a handler."""
    for child in multiprocessing.active_children():
        child.kill()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _say(text: str) -> None:
    # Not by print: the handler may have come in the middle of one.
    with contextlib.suppress(OSError, ValueError):
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"\n{text}\n".encode())
