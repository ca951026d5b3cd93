"""Rows of features: what networks on sites need of the backend, where Keras's own operation is slow or has none."""

import math
import os
from collections.abc import Sequence
from typing import Any

from lartpc_zoo.backend.which import is_jax, is_tensorflow

_USUAL_FRACTION = 0.55
"""Sites of a level in those of the level above, as in events of Geant4 at 288 x 288."""
_SCALES_PER_OCTAVE = 4
_PRIMITIVES = 16_384
"""That oneDNN keeps. A step of resnet14b_wd4_s1_sub has 52 products of matrices, each in up to 24 shapes; with the
usual 1,024 many are made anew in every step, which takes 53 ms instead of 40, and 0.08 GB less."""


def keep_primitives() -> None:
    """Let oneDNN keep what it prepares for a shape of arrays, unless the environment says how much of it.

    It counts where oneDNN has computed nothing in this process yet.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(_PRIMITIVES))


def gather_rows(x: Any, numbers: Any) -> Any:
    """Rows of x by their numbers.

    Args:
        x: (rows, channels).
        numbers: int32 of any shape, none negative; keras.ops.take would look for such in a pass of its own.

    Returns:
        (*shape of numbers, channels).
    """
    if is_tensorflow():
        import tensorflow as tf

        return tf.gather(x, numbers)
    if is_jax():
        return x.at[numbers].get(mode="promise_in_bounds")
    import keras

    return keras.ops.take(x, numbers, axis=0)


def first_rows(x: Any, number: Any) -> tuple[Any, Any]:
    """The first rows of x, as far as the backend can have arrays whose sizes are found out at run time.

    Args:
        x: (rows, channels).
        number: of rows, (1,) int32.

    Returns:
        These rows and None; or, on JAX, all rows, and (rows,) float32 with 1 for those that are meant.
    """
    if is_tensorflow():
        import tensorflow as tf

        return tf.slice(x, [0, 0], [number[0], -1]), None  # the gradient of x[:n] is ten times as slow
    from keras import ops

    return x, ops.cast(ops.arange(x.shape[0]) < number[0], "float32")


def with_rows_of_zeros(x: Any, mask: Any, like: Any) -> Any:
    """What became of `first_rows`, with rows of zeros behind it.

    Args:
        x: (rows, channels).
        mask: as `first_rows` gave it.
        like: the features that it was given, with as many rows as the result.
    """
    from keras import ops

    if mask is not None:
        return x * ops.cast(mask, x.dtype)[:, None]
    return ops.pad(x, [[0, ops.shape(like)[0] - ops.shape(x)[0]], [0, 0]])


def capacities(numbers: Sequence[int]) -> list[int]:
    """How many rows of features to keep for so many sites: one or more rows of zeros behind them.

    What the backend has prepared for arrays of one shape serves others of the same shape only, so there are few shapes.
    On TensorFlow it is a primitive of oneDNN for each array, and the steps are a 16th to a 32nd of the number; on JAX
    it is the whole compiled step, and the capacities of all levels follow from one number of few.

    Args:
        numbers: of sites, from the finest level to the coarsest.
    """
    return _tied(numbers) if is_jax() else [_rounded_up(number + 1) for number in numbers]


def _rounded_up(number: int) -> int:
    step = max(8, 1 << max(number.bit_length() - 5, 0))
    return -(-number // step) * step


def _tied(numbers: Sequence[int]) -> list[int]:
    usual = [_USUAL_FRACTION**level for level in range(len(numbers))]
    scale = max((number + 1) / fraction for number, fraction in zip(numbers, usual))
    scale = 2 ** (math.ceil(_SCALES_PER_OCTAVE * math.log2(scale)) / _SCALES_PER_OCTAVE)
    return [math.ceil(scale * fraction / 8) * 8 for fraction in usual]
