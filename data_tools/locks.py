"""One process writes to a directory: a lock of the system, which ends with the process, however it ends."""

import contextlib
import errno
import fcntl
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from data_tools.errors import UserError

_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EBADF)


class NoLock(UserWarning):
    """Nothing keeps two processes from one directory."""


@contextlib.contextmanager
def locked(directory: str | Path, busy: UserError, wait: bool = False) -> Iterator[None]:
    """Context in which no other process that asks for the lock writes to a directory.

    The directory is made, and removed again where nothing was written into it.

    Args:
        directory: what is locked.
        busy: what to raise where another process holds the lock.
        wait: for the other process instead.

    Warns:
        NoLock: the file system has no locks.
    """
    directory = Path(directory)
    made = not directory.exists()
    descriptor = _open_locked(directory, busy, wait)
    try:
        yield
    finally:
        # Before the lock ends, so that nobody has begun to write there.
        if made:
            with contextlib.suppress(OSError):  # it is not empty
                directory.rmdir()
        os.close(descriptor)


def _open_locked(directory: Path, busy: UserError, wait: bool) -> int:
    while True:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            _lock(descriptor, directory, busy, wait)
            # Who held it until now may have removed the directory: then the lock is on one that no path leads to.
            if directory.is_dir() and os.path.samestat(os.fstat(descriptor), directory.stat()):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int, directory: Path, busy: UserError, wait: bool) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise busy from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        warnings.warn(f"{directory} is on a file system without locks: start one process only.", NoLock, stacklevel=5)
