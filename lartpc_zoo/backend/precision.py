"""The dtype policy of a network: 'auto' is what the machine is fast at."""

import contextlib
from collections.abc import Iterator

from lartpc_zoo.backend.devices import gpu_capabilities
from lartpc_zoo.backend.dtypes import AUTO, DTYPES, HALF
from lartpc_zoo.backend.processor import processor_flags
from lartpc_zoo.backend.which import is_jax, is_tensorflow
from lartpc_zoo.errors import BadInput

_CPU_FLAGS = {"avx512_bf16", "amx_bf16"}
# NVIDIA's first generation that multiplies bfloat16 (Ampere); older ones emulate it.
_GPU_CAPABILITY = (8, 0)


def resolve(policy: str | None) -> str:
    """The Keras dtype policy that is meant.

    Args:
        policy: a policy of Keras; 'auto': 'mixed_bfloat16' where the machine multiplies it, on GPUs of compute
            capability 8.0 or higher and for TensorFlow on CPUs with AVX512-BF16 or AMX, else 'float32'; None: Keras's
            own. Weights and logits are float32 in any case.

    Raises:
        BadInput: Keras does not know it.
    """
    if policy == AUTO:
        return HALF if _multiplies_bfloat16() else "float32"
    import keras

    if policy is None:
        return str(keras.config.dtype_policy().name)
    try:
        return str(keras.dtype_policies.get(policy).name)
    except (TypeError, ValueError) as error:
        raise BadInput(f"dtype {policy!r}: expected {', '.join(DTYPES)} or another dtype policy of Keras.") from error


@contextlib.contextmanager
def exact_products() -> Iterator[None]:
    """Context in which float32 is multiplied as such, for scoring; GPUs may take TensorFloat-32 (10 bits) elsewhere."""
    if is_jax():
        import jax

        with jax.default_matmul_precision("highest"):
            yield
    elif is_tensorflow():
        with _without_tensorfloat():
            yield
    else:
        yield


@contextlib.contextmanager
def dtype_policy(policy: str | None) -> Iterator[None]:
    """Context in which layers are made with a policy; Keras's own is there again afterwards."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(resolve(policy))
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextlib.contextmanager
def _without_tensorfloat() -> Iterator[None]:
    import tensorflow as tf

    switches = tf.config.experimental
    before = switches.tensor_float_32_execution_enabled()
    switches.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        switches.enable_tensor_float_32_execution(before)


def _multiplies_bfloat16() -> bool:
    if gpus := gpu_capabilities():
        return min(gpus) >= _GPU_CAPABILITY
    # XLA's CPU code is slower in bfloat16 than in float32.
    return is_tensorflow() and bool(_CPU_FLAGS & processor_flags())
