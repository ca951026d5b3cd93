"""What was measured on, without names of hosts, users or paths: a profile is made to be published."""

import os
import platform
import re
from pathlib import Path

import keras

from lartpc_zoo.backend.environment import versions

_CPU_INFO = Path("/proc/cpuinfo")


def environment(dtype):
    """Versions, backend, machine, device and dtype policy, as profile.json holds them."""
    return {
        "versions": versions(),
        "keras_backend": keras.backend.backend(),
        "machine": platform.machine(),
        "system": platform.system(),
        "cpus": _cpus(),
        "device": _device(),
        "dtype": dtype,
    }


def _cpus():
    """Processors that this process may use, which on a shared machine are not all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _device():
    """The kind of the first GPU, else of the processor."""
    if keras.backend.backend() == "tensorflow":
        from lartpc_zoo.backend.kernels import gpu_kinds

        return next(iter(gpu_kinds()), _cpu())
    if keras.backend.backend() == "jax":
        import jax

        device = jax.local_devices()[0]
        return _cpu() if device.platform == "cpu" else device.device_kind
    return _cpu()


def _cpu():
    text = _CPU_INFO.read_text() if _CPU_INFO.is_file() else ""
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return named[1].strip() if named else platform.processor() or platform.machine()
