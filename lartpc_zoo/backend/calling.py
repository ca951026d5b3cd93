"""One call of a model after the other, compiled once for batches of any size."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lartpc_zoo.backend.which import is_tensorflow


def compiled(model: Any) -> Callable[[Sequence[np.ndarray]], np.ndarray]:
    """A function from the arrays that a Keras model takes to what it gives, in inference.

    On JAX it is compiled anew for every shape of the arrays.
    """
    if not is_tensorflow():
        return lambda arrays: np.asarray(model.predict_on_batch(_one_or_all(arrays)))
    import tensorflow as tf

    # Without a signature it would be traced again for every number of sites.
    @tf.function(input_signature=[tf.TensorSpec(one.shape, one.dtype) for one in model.inputs], autograph=False)
    def call(*arrays: Any) -> Any:
        return model(_one_or_all(arrays), training=False)

    return lambda arrays: call(*map(tf.convert_to_tensor, arrays)).numpy()


def use_threads(number: int) -> None:
    """Let TensorFlow compute in so many threads, where it has computed nothing in this process yet."""
    if is_tensorflow():
        import tensorflow as tf

        with contextlib.suppress(RuntimeError):
            tf.config.threading.set_intra_op_parallelism_threads(number)
            tf.config.threading.set_inter_op_parallelism_threads(number)


def _one_or_all(arrays: Sequence[Any]) -> Any:
    return arrays[0] if len(arrays) == 1 else list(arrays)
