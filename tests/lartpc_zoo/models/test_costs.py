import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from lartpc_zoo.models.costs import layer_table, totals
from lartpc_zoo.models.registry import create_model, network_info


def test_multiply_adds_of_a_network_counted_by_hand():
    # plainresnet10b_wd16 at 32 x 32 x 1: stem, then per stage two 3x3 and, but in the first, a projection.
    stem = 7 * 7 * 1 * 4 * 16 * 16
    first = 2 * (9 * 4 * 4 * 8 * 8)
    others = sum((9 * w * 2 * w + 9 * 2 * w * 2 * w + w * 2 * w) * s * s for w, s in ((4, 4), (8, 2), (16, 1)))
    assert network_info("plainresnet10b_wd16", (32, 32, 1))["macs"] == stem + first + others + 32 * 5


def test_multiply_adds_of_bottlenecks_have_the_stride_in_the_first_1x1():
    # resnet14b_wd16 at 32 x 32 x 1: outputs four times as wide; the 3x3 already runs on the smaller image.
    stem = 7 * 7 * 1 * 4 * 16 * 16
    stages, before = 0, 4
    for width, side in ((4, 8), (8, 4), (16, 2), (32, 1)):
        stages += (before * width + 9 * width * width + width * 4 * width + before * 4 * width) * side * side
        before = 4 * width
    assert network_info("resnet14b_wd16", (32, 32, 1))["macs"] == stem + stages + 128 * 5


def test_activations_are_the_outputs_of_all_layers_but_the_image():
    image = keras.Input((8, 6, 2))
    model = keras.Model(image, layers.Flatten()(layers.ReLU()(layers.Conv2D(3, 3, padding="same")(image))))
    assert totals(layer_table(model))["activations_mb"] == 4 * 3 * (8 * 6 * 3) / 1e6


@pytest.mark.parametrize(
    "name", ["resnet14b_wd16", "plainresnet10b_wd16_s1", "vgg16a_wd16_fc8", "vgg16c_wd16", "googlenet_wd8"]
)
def test_the_receptive_field_is_what_the_gradient_reaches(name):
    field = network_info(name, (64, 64, 1))["receptive_field"]
    side = 2 * field
    model = create_model(name, (side, side, 1))
    for weight in model.weights:  # nothing negative, so that nothing cancels and no ReLU cuts off
        weight.assign(np.full(weight.shape, 1.0 if "norm" in weight.path else 1 / np.prod(weight.shape[:-1])))
    features = next(layer for layer in reversed(model.layers) if len(layer.output.shape) == 4)
    # Maximum pools would pass the gradient of one pixel only.
    inner = keras.Model(model.input, features.output)
    inner = keras.models.clone_model(inner, clone_function=_with_average_pools)
    image = tf.ones((1, side, side, 1))
    with tf.GradientTape() as tape:
        tape.watch(image)
        output = inner(image)
        middle = output.shape[1] // 2
        pixel = tf.reduce_sum(output[0, middle, middle])
    rows = np.flatnonzero(np.abs(tape.gradient(pixel, image)[0, ..., 0]).sum(axis=1))
    assert rows[-1] - rows[0] + 1 == field


def _with_average_pools(layer):
    if isinstance(layer, layers.MaxPooling2D):
        return layers.AveragePooling2D(layer.pool_size, layer.strides, layer.padding)
    return layer
