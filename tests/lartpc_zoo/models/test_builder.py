"""The seam of executions: the builder in NumPy, with the weights of a model of Keras by the names of its layers."""

import keras
import numpy as np
import pytest

from lartpc_zoo.models.builder import build
from lartpc_zoo.models.counting import Counting
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.operations import Operations
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.models.spec import parse_network

SHAPE, CLASSES = (66, 40, 3), 4
INPUTS = InputSpec(threshold=(5.0, 10.0, 20.0), maximum=300.0, scale=0.02)
NETWORKS = [
    "resnet14b_wd16_s1_fc8x4",
    "plainresnet10b_wd16_towers",
    "vgg16a_wd16_fc8_p2",
    "vgg16c_wd16",
    "alexnet_wd16_s1_fc8_t40",
    "googlenet_wd8_towers",
]


class InNumpy(Operations):
    """Inference with given weights, {name of a layer: its arrays}."""

    def __init__(self, weights):
        self.weights = weights

    def prepare(self, image, inputs, plane):
        image = np.where(image < np.asarray(inputs.threshold), 0, image)
        prepared = np.minimum(image, inputs.maximum) * inputs.scale
        return prepared if plane is None else prepared[..., plane : plane + 1]

    def channels(self, x):
        return x.shape[-1]

    def convolution(self, x, filters, size, stride, bias, name):
        kernel, *biases = self.weights[name]
        assert (kernel.shape[0], kernel.shape[3], len(biases)) == (size, filters, bias)
        return np.einsum("brcuvi,uvif->brcf", windows(x, size, stride, "same", 0), kernel) + sum(biases)

    def batch_normalization(self, x, name):
        gamma, beta, mean, variance = self.weights[name]
        return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta

    def relu(self, x, name):
        return np.maximum(x, 0)

    def pool(self, x, size, stride, padding, name):
        return windows(x, size, stride, padding, -np.inf).max(axis=(3, 4))

    def way_down(self, x, stride, name):
        return x[:, ::stride, ::stride]

    def addition(self, x, y, name):
        return x + y

    def concatenation(self, parts, name):
        return np.concatenate(parts, axis=-1)

    def planes_to_batch(self, x, name):
        return np.concatenate([image[..., plane][None, ..., None] for image in x for plane in range(x.shape[-1])])

    def planes_to_channels(self, x, planes, name):
        return np.stack([np.concatenate(x[i : i + planes], axis=-1) for i in range(0, len(x), planes)])

    def mean(self, x, name):
        return x.mean(axis=(1, 2))

    def flatten(self, x, name):
        return x.reshape(len(x), -1)

    def dropout(self, x, rate, name):
        return x

    def dense(self, x, units, relu, name):
        kernel, bias = self.weights[name]
        assert kernel.shape[1] == units
        return np.maximum(x @ kernel + bias, 0 if relu else -np.inf)

    def logits(self, x, classes, name):
        return self.dense(x, classes, False, name)


def windows(x, size, stride, padding, outside):
    """(batch, rows, cols, size, size, channels) of every window, padded as TensorFlow does it."""
    if padding == "same":
        lost = [max((-(-side // stride) - 1) * stride + size - side, 0) for side in x.shape[1:3]]
        x = np.pad(x, [(0, 0), *((n // 2, n - n // 2) for n in lost), (0, 0)], constant_values=outside)
    found = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    return np.moveaxis(found, 3, -1)


@pytest.mark.parametrize("name", NETWORKS)
def test_another_execution_gives_the_same_logits_with_the_weights_of_the_layers(name):
    model = create_model(name, SHAPE, CLASSES, INPUTS)
    random = np.random.default_rng(1)
    for weight in model.weights:  # statistics and offsets that do something
        if weight.name in ("gamma", "beta", "moving_mean", "moving_variance", "bias"):
            weight.assign(random.uniform(0.2, 1.0, weight.shape))
    images = random.gamma(0.2, 100.0, (3, *SHAPE)).astype(np.float32)
    weights = {layer.name: [array.astype(np.float64) for array in layer.get_weights()] for layer in model.layers}
    logits = build(parse_network(name), images.astype(np.float64), INPUTS, CLASSES, InNumpy(weights))
    assert np.allclose(model(images), logits, rtol=1e-3, atol=1e-3 * np.abs(logits).max())
    assert np.ptp(logits) > 0


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_are_asked_for_once_each_and_by_the_same_names(name):
    counting = Counting()
    build(parse_network(name), counting.image(SHAPE), INPUTS, CLASSES, counting)
    names = [layer.name for layer in counting.layers]
    assert len(set(names)) == len(names)
    assert set(names) == {layer.name for layer in create_model(name, SHAPE, CLASSES, INPUTS).layers}


def test_the_first_block_of_a_stage_has_the_stride():
    strides = []

    class Strides(Counting):
        def way_down(self, x, stride, name):
            strides.append((name, stride))
            return super().way_down(x, stride, name)

    counting = Strides()
    build(parse_network("resnet29b_wd16"), counting.image((64, 64, 1)), InputSpec(), 5, counting)
    down = [name for name, stride in strides if stride > 1]
    assert down == [f"stage{number}_block1_subsample" for number in (3, 4, 5)]


def test_the_threshold_of_a_name_comes_before_that_of_the_inputs():
    seen = []

    class Seen(Counting):
        def prepare(self, image, inputs, plane):
            seen.append((inputs, plane))
            return super().prepare(image, inputs, plane)

    for name in ("resnet14b_wd16_t40_p1", "resnet14b_wd16"):
        counting = Seen()
        build(parse_network(name), counting.image((64, 64, 3)), INPUTS, 5, counting)
    assert seen == [(InputSpec(40, 300.0, 0.02), 1), (INPUTS, None)]


def test_keras_models_are_made_of_what_the_builder_asks_for():
    model = create_model("resnet14b_wd16", (64, 64, 3))
    assert isinstance(model, keras.Model)
    assert model.layers[0].name == "adc"
    assert model.layers[-1].name == "logits"
