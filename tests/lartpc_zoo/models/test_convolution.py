import keras
import numpy as np
import pytest
import tensorflow as tf

from lartpc_zoo.models.convolution import PointwiseConv2D, subsampling
from lartpc_zoo.models.registry import create_model

IMAGES = np.random.default_rng(1).normal(size=(3, 7, 5, 4)).astype(np.float32)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("use_bias", [True, False])
def test_a_pointwise_convolution_is_a_convolution(use_bias, training):
    ours, theirs = PointwiseConv2D(6, use_bias=use_bias), keras.layers.Conv2D(6, 1, use_bias=use_bias)
    theirs(IMAGES)
    ours.build(IMAGES.shape)
    ours.set_weights([weight + 0.5 for weight in theirs.get_weights()])
    theirs.set_weights(ours.get_weights())
    gradients = []
    for layer in (ours, theirs):
        x = tf.Variable(IMAGES)
        with tf.GradientTape() as tape:
            outputs = layer(x, training=training)
            loss = tf.reduce_sum(outputs**3)
        gradients.append([outputs, *tape.gradient(loss, [x, *(weight.value for weight in layer.weights)])])
    for mine, keras_own in zip(*gradients):
        assert np.allclose(mine, keras_own, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_subsampling_takes_every_so_many_pixels(stride):
    assert np.array_equal(subsampling(stride, "name")(IMAGES), IMAGES[:, ::stride, ::stride])


@pytest.mark.parametrize("name", ["resnet14b_wd8", "plainresnet10b_wd8", "googlenet_wd8"])
def test_no_strided_1x1_convolution_whose_gradient_corrupts_memory(name):
    layers = [layer for layer in create_model(name, (64, 64, 3)).layers if isinstance(layer, keras.layers.Conv2D)]
    assert {layer.strides for layer in layers if layer.kernel_size == (1, 1)} == {(1, 1)}
