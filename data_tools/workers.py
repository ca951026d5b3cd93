"""The same pieces of work in this process, in several on this machine, or on a cluster through dask.distributed."""

import contextlib
import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from data_tools.errors import Argument, BadOption, UserNote, WorkerLost

_QUEUED_PER_WORKER = 4
_DASK_ANSWERS_WITHIN = 20  # seconds


def run(
    work: Callable[..., None],
    items: Sequence[Any],
    advance: Callable[[float], object],
    workers: int = 1,
    dask: str | None = None,
) -> None:
    """Do `work(item, advance)` for every item.

    Args:
        work: function of a module; what it does may be done twice.
        items: pieces of work with a `span` (start, stop) of entries.
        advance: is told of entries that are done.
        workers: processes on this machine.
        dask: address of a dask scheduler instead, whose workers see the same files.

    Raises:
        BadOption: dask.distributed is not installed, or no scheduler answers.
        WorkerLost: a process ended before its work was done.
        UserError: the first one that any item raised.
    """
    check_workers(workers)
    if dask is not None:
        _run_on_dask(work, items, advance, dask)
    elif workers == 1 or len(items) < 2:
        for item in items:
            work(item, advance)
    else:
        _run_in_processes(work, items, advance, workers)


def check_workers(workers: int) -> None:
    """Raise BadOption for a number of processes that cannot be."""
    if workers < 1:
        raise BadOption(Argument("workers", workers), ": expected 1 or more.")


def _run_in_processes(
    work: Callable[..., None], items: Sequence[Any], advance: Callable[[float], object], workers: int
) -> None:
    # Started anew, not forked: a fork of a process with threads, as TensorFlow's, can hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(items)), mp_context=context, initializer=_begin)
    waiting = list(reversed(items))
    running: dict[Future, Any] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers * _QUEUED_PER_WORKER:
                item = waiting.pop()
                running[pool.submit(work, item)] = item
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
                start, stop = running.pop(future).span
                advance(stop - start)
    except BrokenProcessPool as error:
        raise WorkerLost(
            "A worker process was killed, as happens when memory runs out. Started again, the same command goes on "
            "with what is complete; use fewer ",
            Argument("workers"),
            ". A script needs: if __name__ == '__main__': in front of the call.",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _run_on_dask(
    work: Callable[..., None], items: Sequence[Any], advance: Callable[[float], object], address: str
) -> None:
    distributed = _dask(address)
    with dask_client(address) as client:
        # dask gives the work of a lost worker to another one; a part that is made twice is the same.
        futures = dict(zip(client.map(work, items, pure=False), items))
        try:
            for future in distributed.as_completed(list(futures)):
                future.result()
                start, stop = futures[future].span
                advance(stop - start)
        except distributed.KilledWorker as error:
            raise WorkerLost(f"dask lost several workers at the same piece of work: {error}") from error


@contextlib.contextmanager
def dask_client(address: str) -> Iterator[Any]:
    """Context with a client of a dask scheduler.

    Raises:
        BadOption: dask.distributed is not installed, or no scheduler answers.

    Warns:
        UserNote: there is no worker yet.
    """
    distributed = _dask(address)
    try:
        client = distributed.Client(address, timeout=_DASK_ANSWERS_WITHIN)
    except (OSError, ValueError) as error:
        raise BadOption(Argument("dask", address), f": no scheduler answers there ({error}).") from error
    with client:
        if not client.ncores():
            warnings.warn(
                UserNote(Argument("dask", address), ": no workers yet; waiting for the first one."), stacklevel=3
            )
        yield client


def _dask(address: str) -> Any:
    try:
        import distributed
    except ImportError as error:
        raise BadOption(
            Argument("dask", address), " needs dask.distributed: pip install 'lartpc-zoo[dask]'."
        ) from error
    return distributed


def _begin() -> None:
    """In a new process: Ctrl-C is left to the parent, and where that is killed, this one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, name="parent", daemon=True).start()


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
