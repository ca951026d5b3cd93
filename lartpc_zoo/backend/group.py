"""A group of processes, on one host or several, that train one network together: Keras on JAX.

Every process makes its share of each batch and computes on its own devices; the first alone reads and writes files of
the run and speaks. What one process has to know from the first, `shared` gives it.
"""

import atexit
import contextlib
import functools
import os
import pickle
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from lartpc_zoo.backend.watch import Watch
from lartpc_zoo.backend.which import is_jax
from lartpc_zoo.errors import BadDevices, UserError

_SECONDS_WITHOUT_SIGN = 30
"""After which a process counts as dead that neither ended nor speaks any more, as when its host is lost."""
_SECONDS_TO_MEET = 300

T = TypeVar("T")


@dataclass(frozen=True)
class Group:
    """Where a process stands in its group.

    Attributes:
        process: its number, from 0.
        processes: how many there are.
        coordinator: 'HOST:PORT' of the first, by which they meet; None where Slurm says it.
    """

    process: int = 0
    processes: int = 1
    coordinator: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.process < self.processes:
            raise BadDevices(
                f"Process {self.process} of {self.processes}: expected processes from 1, and a process from 0 to one "
                "less."
            )


def group_of(
    process: int | None = None,
    processes: int | None = None,
    coordinator: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Group:
    """The group as a user names it, or as `srun` made it.

    Args:
        process: number of this process, from 0.
        processes: how many there are.
        coordinator: 'HOST:PORT' of process 0; the port has to be free there.
        environment: variables, where Slurm says what it started.

    Raises:
        BadDevices: something is missing or makes no sense.
    """
    given = {"--process": process, "--processes": processes, "--coordinator": coordinator}
    if missing := [name for name, value in given.items() if value is None]:
        if len(missing) < len(given):
            raise BadDevices(f"{', '.join(missing)}: missing; several processes need {', '.join(given)}.")
        tasks = int(environment.get("SLURM_STEP_NUM_TASKS", 1))  # of srun; a batch script by itself has none
        return Group(int(environment["SLURM_PROCID"]), tasks) if tasks > 1 else Group()
    host, _, port = str(coordinator).rpartition(":")
    if not host or not port.isdecimal():
        raise BadDevices(f"Coordinator {coordinator!r}: expected HOST:PORT of process 0, as in node17:12345.")
    return Group(process, processes, coordinator)  # type: ignore[arg-type]  # neither is None


@contextlib.contextmanager
def joined_group(group: Group) -> Iterator[None]:
    """Context in which this process is one of its group; to be entered before Keras computes anything.

    Where another process dies, this one says so and ends. Where this one fails, the others end.

    Raises:
        BadDevices: the backend is not JAX, or the processes do not meet.
    """
    if group.processes == 1:
        yield
        return
    _join(group)
    try:
        yield
        shared(lambda: None)  # none is done before all are
    except BaseException as error:
        # At its end JAX would wait for the others, which have ended by then, and abort.
        atexit.register(_end, 130 if isinstance(error, KeyboardInterrupt) else 1)
        raise


@functools.cache
def _join(group: Group) -> None:
    """Meet the others, once in the life of a process."""
    if not is_jax():
        raise BadDevices(
            f"{group.processes} processes: only Keras on JAX trains on several. Install it (pip install jax, or "
            '"jax[cuda12]" for NVIDIA GPUs), set KERAS_BACKEND=jax and start the same command again.'
        )
    import jax

    named = (group.coordinator, group.processes, group.process) if group.coordinator else (None, None, None)
    try:
        jax.distributed.initialize(
            *named, initialization_timeout=_SECONDS_TO_MEET, heartbeat_timeout_seconds=_SECONDS_WITHOUT_SIGN
        )
    except (RuntimeError, ValueError) as error:
        raise BadDevices(
            f"Process {group.process} of {group.processes}: the others were not met within {_SECONDS_TO_MEET} s at "
            f"{group.coordinator or 'the address that Slurm gives'} ({error})."
        ) from error
    host = group.coordinator.rpartition(":")[0] if group.coordinator else socket.gethostname()
    watch = Watch(group.process, group.processes, host, lambda address: shared(lambda: address))
    atexit.register(watch.done)


def _end(status: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def joined() -> Group:
    """The group that this process has joined; of one process where it has joined none."""
    if not is_jax():
        return Group()
    import jax

    return Group(jax.process_index(), jax.process_count())


def is_first() -> bool:
    """Whether this process is the first, or the only one."""
    return joined().process == 0


def shared(make: Callable[[], T]) -> T:
    """What the first process makes, in all of them; errors too.

    All have to call it at the same point of the program.

    Raises:
        UserError, OSError: as raised by `make` in the first process.
    """
    if joined().processes == 1:
        return make()
    error: Exception | None = None
    content = b""
    if is_first():
        try:
            content = pickle.dumps((make(), None))
        except (UserError, OSError) as found:
            error, content = found, pickle.dumps((None, f"{type(found).__name__} in process 0: {found}"))
    made, failure = pickle.loads(_from_first(content))
    if error:
        raise error
    if failure:
        raise UserError(failure)
    return made  # type: ignore[no-any-return]  # what the first pickled


def _from_first(content: bytes) -> bytes:
    """Bytes of the first process, in all of them."""
    import numpy as np
    from jax.experimental import multihost_utils

    length = int(multihost_utils.broadcast_one_to_all(np.int64(len(content))))
    padded = np.zeros(length, np.uint8)
    if is_first():
        padded[:] = np.frombuffer(content, np.uint8)
    return np.asarray(multihost_utils.broadcast_one_to_all(padded)).tobytes()
