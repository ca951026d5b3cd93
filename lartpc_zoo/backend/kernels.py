"""The TensorFlow kernel of normalisation; imported where Keras runs on TensorFlow."""

from typing import Any

import tensorflow as tf


def batch_normalization(
    inputs: Any, gamma: Any, beta: Any, epsilon: float, mean: Any = None, variance: Any = None
) -> tuple[Any, Any, Any]:
    """Fused batch normalisation over all axes but the last.

    Args:
        inputs: (batch, rows, cols, channels), of any float dtype.
        gamma: scale (channels,) float32.
        beta: offset (channels,) float32.
        epsilon: added to the variance.
        mean: (channels,) float32, of the moving statistics; without it and `variance`, the batch's are used.
        variance: as `mean`.

    Returns:
        The outputs in the dtype of the inputs, and the float32 mean and variance that were used. The variance of a
        batch is that of all its pixels, as Keras has it.
    """
    empty = tf.zeros([0], tf.float32)
    outputs = tf.raw_ops.FusedBatchNormV3(
        x=inputs,
        scale=gamma,
        offset=beta,
        mean=empty if mean is None else mean,
        variance=empty if variance is None else variance,
        epsilon=epsilon,
        is_training=mean is None,
    )
    variance = outputs.batch_variance
    if mean is None:
        # The kernel gives n / (n - 1) of what it normalises with (Bessel's correction).
        pixels = tf.cast(tf.size(inputs) / tf.shape(inputs)[-1], tf.float32)
        variance *= (pixels - 1.0) / pixels
        # Of no pixel, which networks on sites may have, it gives NaN.
        some = pixels > 0
        return outputs.y, tf.where(some, outputs.batch_mean, 0.0), tf.where(some, variance, 0.0)
    return outputs.y, outputs.batch_mean, variance
