import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from lartpc_zoo.models.catalogue import list_models, network_info
from lartpc_zoo.models.counting import Counting, Sizes
from lartpc_zoo.models.levels import Level
from lartpc_zoo.models.registry import create_model


def test_multiply_adds_of_a_network_counted_by_hand():
    # plainresnet10b_wd16 at 32 x 32 x 1: stem, then per stage two 3x3 and, but in the first, a projection.
    stem = 7 * 7 * 1 * 4 * 16 * 16
    first = 2 * (9 * 4 * 4 * 8 * 8)
    others = sum((9 * w * 2 * w + 9 * 2 * w * 2 * w + w * 2 * w) * s * s for w, s in ((4, 4), (8, 2), (16, 1)))
    assert network_info("plainresnet10b_wd16", (32, 32, 1)).macs == stem + first + others + 32 * 5


def test_multiply_adds_of_bottlenecks_have_the_stride_in_the_first_1x1():
    # resnet14b_wd16 at 32 x 32 x 1: outputs four times as wide; the 3x3 already runs on the smaller image.
    stem = 7 * 7 * 1 * 4 * 16 * 16
    stages, before = 0, 4
    for width, side in ((4, 8), (8, 4), (16, 2), (32, 1)):
        stages += (before * width + 9 * width * width + width * 4 * width + before * 4 * width) * side * side
        before = 4 * width
    assert network_info("resnet14b_wd16", (32, 32, 1)).macs == stem + stages + 128 * 5


def test_submanifold_networks_see_whole_cells_on_their_way_down():
    # One maximum of 2 x 2 before each of three stages, where pixels are 4, 8 and 16 apart.
    dense, sub = (network_info(name, (288, 288, 3)).receptive_field for name in ("resnet14b", "resnet14b_sub"))
    assert sub == dense + 4 + 8 + 16
    plain, sub = (network_info(name, (288, 288, 3)).receptive_field for name in ("vgg16b", "vgg16b_sub"))
    assert sub == plain


def test_activations_are_the_outputs_of_all_layers_but_the_image():
    counting = Counting()
    image = Sizes(2, Level((8, 6)))
    counting._count("adc", "InputLayer", image)
    counting.flatten(counting.relu(counting.convolution(image, 3, 3, 1, True, "conv"), "relu"), "flatten")
    assert counting.totals().activations_mb == 4 * 3 * (8 * 6 * 3) / 1e6


VARIANTS = [
    "resnet14b_wd16_s1_fc8x4_p2",
    "resnet29b_wd16_towers",
    "plainresnet18b_wd16_towers",
    "vgg16c_wd16_s1_towers",
]
VARIANTS += ["alexnet_wd16_s1_fc8", "googlenet_wd8_towers", "googlenet_wd8_fc8_p0", "vgg16a_wd16_fc8_t40"]


def macs(layer):
    """Multiply-adds of a layer of Keras, from the shapes of its kernel and its output."""
    if isinstance(layer, layers.Conv2D):
        return math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:3])
    return math.prod(layer.kernel.shape) if isinstance(layer, layers.Dense) else 0


@pytest.mark.parametrize("name", [*list_models(), *VARIANTS])
@pytest.mark.parametrize("shape", [(64, 64, 3), (77, 120, 3)])
def test_what_is_counted_is_what_keras_builds(name, shape):
    model = create_model(name if "_w" in name else f"{name}_wd8", shape, 4)
    info = network_info(model.name, shape, 4)
    planes, inside = shape[-1], False
    expected = {}
    for layer in model.layers:
        inside = (inside or layer.name == "split_planes") and layer.name != "join_planes"
        images = planes if inside and "towers" in name else 1
        output = tuple(layer.output.shape[1:])
        parameters = sum(math.prod(weight.shape) for weight in layer.trainable_weights)
        kind = type(layer).__name__
        expected[layer.name] = (kind, output, parameters, images * macs(layer), images * math.prod(output))
    found = {one.name: (one.kind, one.output, one.parameters, one.macs, one.activations) for one in info.layers}
    assert found == expected
    assert info.parameters == sum(math.prod(weight.shape) for weight in model.trainable_weights)


@pytest.mark.parametrize(
    "name", ["resnet14b_wd16", "plainresnet10b_wd16_s1", "vgg16a_wd16_fc8", "vgg16c_wd16", "googlenet_wd8"]
)
def test_the_receptive_field_is_what_the_gradient_reaches(name):
    field = network_info(name, (64, 64, 1)).receptive_field
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
