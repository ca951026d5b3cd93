import numpy as np
import pytest
import tensorflow as tf

from lartpc_zoo.backend.kernels import batch_normalization

IMAGES = np.random.default_rng(1).normal(3.0, 2.0, (4, 5, 6, 3)).astype(np.float32)
GAMMA, BETA = np.float32([1.0, 2.0, 0.5]), np.float32([0.0, -1.0, 3.0])
EPSILON = 1e-3


def test_with_the_statistics_of_the_batch():
    outputs, mean, variance = batch_normalization(IMAGES, GAMMA, BETA, EPSILON)
    expected_mean, expected_variance = IMAGES.mean(axis=(0, 1, 2)), IMAGES.var(axis=(0, 1, 2))
    assert np.allclose(mean, expected_mean, rtol=1e-5)
    assert np.allclose(variance, expected_variance, rtol=1e-5)  # of all pixels: without Bessel's correction of 1 / 119
    expected = (IMAGES - expected_mean) / np.sqrt(expected_variance + EPSILON) * GAMMA + BETA
    assert np.allclose(outputs, expected, atol=1e-4)


def test_with_given_statistics():
    mean, variance = np.float32([1.0, 2.0, 3.0]), np.float32([4.0, 1.0, 0.25])
    outputs, used, _ = batch_normalization(IMAGES, GAMMA, BETA, EPSILON, mean, variance)
    assert np.allclose(outputs, (IMAGES - mean) / np.sqrt(variance + EPSILON) * GAMMA + BETA, atol=1e-4)
    assert np.array_equal(used, mean)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_outputs_have_the_dtype_of_the_inputs_and_statistics_are_float32(dtype):
    outputs, mean, variance = batch_normalization(tf.cast(IMAGES, dtype), GAMMA, BETA, EPSILON)
    assert (outputs.dtype, mean.dtype, variance.dtype) == (tf.as_dtype(dtype), tf.float32, tf.float32)
