"""Peak memory of a piece of work, in whatever way this machine can tell it."""

import ctypes
import re
from collections.abc import Callable
from pathlib import Path

from lartpc_zoo.backend.devices import gpu_kinds
from lartpc_zoo.backend.which import is_jax, is_tensorflow

TENSORS = "tensors"
"""How peak memory was measured: TensorFlow's own count on a GPU. It holds weights, state of the optimizer, activations,
gradients, images, and what kernels need for a while; no interpreter, libraries or compiled code."""
LARGE_TENSORS = "tensors of 256 KiB or more"
"""The same on a CPU with oneDNN, where TensorFlow does not count smaller ones: of small networks it is too little."""
PROCESS = "process"
"""Elsewhere the resident memory of the whole process (VmHWM of Linux), interpreter, libraries and compiled code
included, which are in the intercept."""

Meter = Callable[[Callable[[], object]], float]
"""Calls what it is given, and returns the peak meanwhile in MB of 10^6 bytes."""

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # proc(5)
_PROBE_BYTES = 1 << 20


class NoMemory(Exception):
    """Nothing here tells a peak; the message says why."""


def find_meter() -> tuple[str, Meter]:
    """How peak memory is measured here.

    Returns:
        TENSORS, LARGE_TENSORS or PROCESS, and the function that measures it.

    Raises:
        NoMemory: nothing here tells a peak.
    """
    if is_tensorflow() and _counts_tensors():
        return TENSORS if gpu_kinds() else LARGE_TENSORS, _of_tensors
    if is_jax() and gpu_kinds():
        raise NoMemory("JAX does not forget the peak of a GPU")
    try:
        _of_process(lambda: None)
    except OSError as error:
        raise NoMemory("only Linux tells the peak of a process, and lets it be forgotten") from error
    return PROCESS, _of_process


def _counts_tensors() -> bool:
    """Whether TensorFlow counts what it allocates: not with every allocator of a CPU."""
    import keras

    try:
        return _of_tensors(lambda: keras.ops.zeros(_PROBE_BYTES, "uint8")) > 0
    except ValueError:
        return False


def _of_tensors(work: Callable[[], object]) -> float:
    """Raises ValueError where nothing counts tensors."""
    import tensorflow as tf

    device = "GPU:0" if gpu_kinds() else "CPU:0"
    tf.config.experimental.reset_memory_stats(device)
    work()
    return float(tf.config.experimental.get_memory_info(device)["peak"] / 1e6)


def _of_process(work: Callable[[], object]) -> float:
    # What the work before has freed is given back first, as far as the C library can.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim is not None:
        trim(0)
    _CLEAR.write_text(_RESET_PEAK)
    work()
    peak = re.search(r"^VmHWM:\s*(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    if peak is None:
        raise OSError(f"{_STATUS} has no VmHWM")
    return int(peak[1]) * 1024 / 1e6
