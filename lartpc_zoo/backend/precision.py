"""The dtype policy of a network: 'auto' is what the machine is fast at."""

import contextlib
import re
from pathlib import Path

import keras

from lartpc_zoo.backend.dtypes import AUTO, DTYPES, HALF
from lartpc_zoo.errors import BadInput

_CPU_FLAGS = {"avx512_bf16", "amx_bf16"}
_CPU_INFO = Path("/proc/cpuinfo")
# NVIDIA's first generation that multiplies bfloat16 (Ampere); older ones emulate it.
_GPU_CAPABILITY = (8, 0)


def resolve(policy):
    """A Keras dtype policy from 'auto', a policy, or None (Keras's own).

    'auto' is 'mixed_bfloat16' where the machine multiplies bfloat16: on GPUs of compute capability 8.0 or higher, and
    for TensorFlow on CPUs with AVX512-BF16 or AMX; else 'float32'. Weights and logits are float32 in any case. Raises
    BadInput for what Keras does not know.
    """
    if policy == AUTO:
        return HALF if _multiplies_bfloat16() else "float32"
    if policy is None:
        return keras.config.dtype_policy().name
    try:
        return keras.dtype_policies.get(policy).name
    except (TypeError, ValueError) as error:
        raise BadInput(f"dtype {policy!r}: expected {', '.join(DTYPES)} or another dtype policy of Keras.") from error


@contextlib.contextmanager
def exact_products():
    """Context in which float32 is multiplied as such, for scoring; GPUs may take TensorFloat-32 (10 bits) elsewhere."""
    if keras.backend.backend() == "jax":
        import jax

        with jax.default_matmul_precision("highest"):
            yield
    elif keras.backend.backend() == "tensorflow":
        from lartpc_zoo.backend.kernels import without_tensorfloat

        with without_tensorfloat():
            yield
    else:
        yield


@contextlib.contextmanager
def dtype_policy(policy):
    """Context in which layers are made with a policy; Keras's own is there again afterwards."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(resolve(policy))
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _multiplies_bfloat16():
    if keras.backend.backend() == "tensorflow":
        from lartpc_zoo.backend.kernels import gpu_capabilities

        gpus = gpu_capabilities()
        return min(gpus) >= _GPU_CAPABILITY if gpus else bool(_CPU_FLAGS & _cpu_flags())
    if keras.backend.backend() == "jax":
        import jax

        gpus = [device for device in jax.local_devices() if device.platform == "gpu"]
        # XLA's CPU code is slower in bfloat16 than in float32.
        return bool(gpus) and min(_capability(device) for device in gpus) >= _GPU_CAPABILITY
    return False


def _capability(device):
    """(major, minor) of an NVIDIA GPU in JAX; (0, 0) of others, which name theirs in another way."""
    found = re.fullmatch(r"(\d+)\.(\d+)", str(getattr(device, "compute_capability", "")))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _cpu_flags():
    """Instruction sets of the processor, where Linux tells them."""
    if not _CPU_INFO.is_file():
        return set()
    flags = re.search(r"^flags\s*:(.*)$", _CPU_INFO.read_text(), re.MULTILINE)
    return set(flags[1].split()) if flags else set()
