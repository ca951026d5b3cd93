"""Work in a process of its own, so that its memory is its own and no device is shared."""

import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from data_tools.errors import WorkerLost
from lartpc_zoo.backend.quiet import load_backend

T = TypeVar("T")


def in_a_process(work: Callable[..., T], what: str, *arguments: Any) -> T:
    """The result of `work(*arguments)` in a new process, which is ended when this one is interrupted.

    Started anew, not forked: a fork of a process with threads, as TensorFlow's, can hang.

    Args:
        work: a module's function.
        what: is measured, for messages.
        arguments: of the work.

    Raises:
        WorkerLost: the process ended without a result.
    """
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        return pool.submit(work, *arguments).result()
    except BrokenProcessPool as error:
        raise WorkerLost(
            f"The process that measured {what} was killed or crashed, as when memory runs out: use smaller batch "
            "sizes or images. A script needs: if __name__ == '__main__': in front of profile(...)."
        ) from error
    except KeyboardInterrupt:
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    finally:
        pool.shutdown()


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends Ctrl-C to this process too; its parent ends it
    load_backend()
