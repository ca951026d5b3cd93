"""Peak memory of a piece of work, in whatever way this machine can tell it."""

import ctypes
import re
from pathlib import Path

import keras

from lartpc_zoo.profiling.record import LARGE_TENSORS, PROCESS, TENSORS

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # proc(5)
_PROBE_BYTES = 1 << 20


class NoMemory(Exception):
    """Nothing here tells a peak; the message says why."""


def find_meter():
    """(TENSORS, LARGE_TENSORS or PROCESS, function): it calls what it is given and returns the peak meanwhile in MB.

    A MB has 10^6 bytes. Raises NoMemory.
    """
    if keras.backend.backend() == "tensorflow" and _counts_tensors():
        from lartpc_zoo.backend.kernels import gpu_kinds

        return TENSORS if gpu_kinds() else LARGE_TENSORS, _of_tensors
    if _jax_on_gpu():
        raise NoMemory("JAX does not forget the peak of a GPU")
    try:
        _of_process(lambda: None)
    except OSError as error:
        raise NoMemory("only Linux tells the peak of a process, and lets it be forgotten") from error
    return PROCESS, _of_process


def _counts_tensors():
    """Whether TensorFlow counts what it allocates: not with every allocator of a CPU."""
    try:
        return _of_tensors(lambda: keras.ops.zeros(_PROBE_BYTES, "uint8")) > 0
    except ValueError:
        return False


def _of_tensors(work):
    from lartpc_zoo.backend import kernels

    kernels.forget_peak_memory()
    work()
    return kernels.peak_memory() / 1e6


def _of_process(work):
    # What the work before has freed is given back first, as far as the C library can.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim is not None:
        trim(0)
    _CLEAR.write_text(_RESET_PEAK)
    work()
    return int(re.search(r"^VmHWM:\s*(\d+) kB", _STATUS.read_text(), re.MULTILINE)[1]) * 1024 / 1e6


def _jax_on_gpu():
    if keras.backend.backend() != "jax":
        return False
    import jax

    return jax.local_devices()[0].platform != "cpu"
