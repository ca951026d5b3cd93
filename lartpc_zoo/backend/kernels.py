"""The only TensorFlow kernels of the networks, and what it knows of its devices; imported where Keras runs on it."""

import contextlib

import tensorflow as tf


def one_replica():
    """Whether the code runs outside a distribution strategy, or under one of a single replica."""
    return tf.distribute.get_strategy().num_replicas_in_sync == 1


def normalise(inputs, gamma, beta, epsilon, mean=None, variance=None):
    """Fused batch normalisation over all axes but the last of (batch, rows, cols, channels).

    With mean and variance (inference) they are used; without, those of the batch. Statistics are float32 whatever
    the inputs are. Returns the outputs and the batch's mean and variance, that of all its pixels as Keras has it.
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
    return outputs.y, outputs.batch_mean, variance


@contextlib.contextmanager
def without_tensorfloat():
    """Context in which GPUs multiply float32 as such."""
    switches = tf.config.experimental
    before = switches.tensor_float_32_execution_enabled()
    switches.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        switches.enable_tensor_float_32_execution(before)


def gpu_capabilities():
    """Compute capability (major, minor) of every NVIDIA GPU that TensorFlow sees; (0, 0) where it is not known."""
    details = (tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU"))
    return [found.get("compute_capability", (0, 0)) for found in details]


def gpu_kinds():
    """The kind of every GPU that TensorFlow sees, as in 'NVIDIA H100 80GB HBM3'."""
    details = (tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU"))
    return [found.get("device_name", "GPU") for found in details]


def forget_peak_memory():
    """Let the peak of `peak_memory` be what the tensors take now."""
    tf.config.experimental.reset_memory_stats(_first_device())


def peak_memory():
    """Most bytes that tensors took on the first GPU, else the CPU. Raises ValueError where nothing counts them."""
    return tf.config.experimental.get_memory_info(_first_device())["peak"]


def _first_device():
    return "GPU:0" if tf.config.list_physical_devices("GPU") else "CPU:0"
