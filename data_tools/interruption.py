"""Interruption of a command by Ctrl-C, or by the SIGTERM with which batch systems end a job.

Python's own handler raises KeyboardInterrupt wherever the program happens to be. In a callback of the garbage collector
that exception is printed and lost, and the work goes on to its end; in the middle of an import it comes out as another
error, or not at all. And while a library computes for seconds in C++, no handler runs. Under `handled`

- a request is remembered: where the exception was lost, `check` between two pieces of work raises it again;
- an error that comes after a request is taken for the interruption that it follows from;
- a second request ends the process at once, and so does a first one that has no effect for some seconds. That is safe:
  what is written is either complete or not there.

Without `handled` nothing is changed: the handlers of a program that uses the library are its own.
"""

import contextlib
import gc
import multiprocessing
import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_ONE_REQUEST_S = 0.5
"""Signals that come within so many seconds are one request: a terminal sends Ctrl-C to a process and to its parent,
which passes it on."""
_PATIENCE_S = 10.0
"""After so many seconds without an end the process is ended, well before a batch system would do it (30 s in Slurm)."""
_STOP = b"\0"  # no signal has this number
_SHOW_CURSOR = "\x1b[?25h"  # a progress bar may have hidden it

_requested = False
_expendable = False


@contextlib.contextmanager
def handled() -> Iterator[None]:
    """Context of a command in which it can be asked to end. In another thread than the main one it does nothing."""
    global _requested
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _requested = False
    try:
        with _watched(), _handlers(), recognised():
            yield
    finally:
        _requested = False


@contextlib.contextmanager
def expendable() -> Iterator[None]:
    """Context of work that leaves nothing behind, as imports: in it a request ends the process at once."""
    global _expendable
    _expendable = True
    try:
        yield
    finally:
        _expendable = False
    check()


@contextlib.contextmanager
def recognised() -> Iterator[None]:
    """Context in which what an interruption was turned into is a KeyboardInterrupt again."""
    try:
        yield
    except Exception as error:
        if _requested and not isinstance(error.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from error
        raise


def check() -> None:
    """Raise KeyboardInterrupt where the command was asked to end; to be called between two pieces of work."""
    if _requested and threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt


@contextlib.contextmanager
def _handlers() -> Iterator[None]:
    before = {number: signal.signal(number, _on_signal) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _on_signal(number: int, frame: FrameType | None) -> None:
    global _requested
    again, _requested = _requested, True
    if not (again or _expendable or _loses_exceptions(frame)):
        raise KeyboardInterrupt


def _loses_exceptions(frame: FrameType | None) -> bool:
    """Whether an exception would be printed and lost where the program is."""
    callbacks = [getattr(callback, "__code__", None) for callback in gc.callbacks]
    while frame is not None:
        if frame.f_code.co_name == "__del__" or frame.f_code in callbacks:
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def _watched() -> Iterator[None]:
    """Context in which a thread learns of signals, also while the main thread computes in C++."""
    with _pipe() as (signals, writing), _standard_error() as messages:
        os.set_blocking(writing, False)
        before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        watcher = threading.Thread(target=_watch, args=(signals, messages), name="interruption", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            os.write(writing, _STOP)
            watcher.join()


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


@contextlib.contextmanager
def _standard_error() -> Iterator[int | None]:
    """Where it leads now, whatever becomes of descriptor 2 meanwhile; None in a process without it."""
    try:
        copy = os.dup(2)
    except OSError:
        yield None
        return
    try:
        yield copy
    finally:
        os.close(copy)


def _watch(signals: int, messages: int | None) -> None:
    """End the process at a second request, or when the first one has no effect; until it is told to stop."""
    first: float | None = None
    number = 0
    while True:
        left = None if first is None else max(first + _PATIENCE_S - time.monotonic(), 0)
        if not select.select([signals], [], [], left)[0]:
            text = f"Interrupted: ended, as it did not end by itself within {_PATIENCE_S:g} s."
            _end_at_once(number, text, messages)
        if (received := os.read(signals, 1)) == _STOP:
            return
        if received[0] not in SIGNALS:
            continue
        number = received[0]
        if first is None:
            first = time.monotonic()
            if _expendable:
                _end_at_once(number, "Interrupted.", messages)
        elif time.monotonic() - first > _ONE_REQUEST_S:
            _end_at_once(number, "Interrupted twice: ended at once.", messages)


def _end_at_once(number: int, text: str, messages: int | None) -> None:
    """End this process, and those that work for it, from any thread."""
    for child in multiprocessing.active_children():
        child.kill()
    if messages is not None:
        cursor = _SHOW_CURSOR if os.isatty(messages) else ""
        text += " What is complete is kept; the same command goes on with it, or begins again."
        with contextlib.suppress(OSError):  # a terminal that is gone
            os.write(messages, f"{cursor}\n{text}\n".encode())
    os._exit(128 + number)
