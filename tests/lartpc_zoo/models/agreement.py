"""Both executions of a submanifold network side by side; on whatever backend Keras runs.

agreement.py NETWORK [NETWORK ...]: compare them on the events of CASES and print the largest differences.
"""

import sys

import keras
import numpy as np

from data_tools.tfrecords.batches import HitBatch
from lartpc_zoo.models.execution import executed
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.normalization import Normalization
from lartpc_zoo.models.registry import create_model

SHAPE, CLASSES = (61, 58, 3), 4
THRESHOLDS, MAXIMUM, SCALE = (1.0, 2.0, 3.0), 200.0, 0.02
KINDS = ("nothing", "one hit", "border", "corners", "track", "all")
CASES = [("track", "nothing", "border"), ("one hit",)]
RATE = 100.0
"""Of plain gradient descent: the step is large against the weights, so that the gradient can be read off it."""


def event(kind, random, shape=SHAPE):
    """An image (rows, cols, planes) of one kind."""
    rows, cols, planes = shape
    hit = np.zeros(shape, bool)
    if kind == "one hit":
        hit[random.integers(rows), random.integers(cols), random.integers(planes)] = True
    elif kind == "border":
        hit[[0, -1]] = random.random((2, cols, planes)) < 0.3
        hit[:, [0, -1]] = random.random((rows, 2, planes)) < 0.3
    elif kind == "corners":
        hit[[0, 0, -1, -1], [0, -1, 0, -1]] = random.random((4, planes)) < 0.7
    elif kind == "track":
        col = (random.integers(cols) + np.cumsum(random.integers(-1, 2, rows))) % cols
        hit[np.arange(rows), col, random.integers(planes, size=rows)] = True
    elif kind == "all":
        hit[:] = True
    # Some are below the threshold, and some above the maximum.
    return np.where(hit, random.gamma(2.0, 30.0, shape), 0).astype(np.float32)


def hits_of(images):
    """The HitBatch of images."""
    where = np.argwhere(images.reshape(len(images), -1)).astype(np.int32)
    return HitBatch(where[:, 0], where[:, 1], images.reshape(len(images), -1)[where[:, 0], where[:, 1]])


def network_of(name, shape=SHAPE):
    """A network with offsets and statistics that do something: with offsets of 0 much is 0 but for rounding."""
    network = create_model(name, shape, CLASSES, InputSpec(THRESHOLDS[: shape[-1]], MAXIMUM, SCALE))
    random = np.random.default_rng(1)
    for layer in network.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0  # no two calls drop the same
        if isinstance(layer, Normalization):
            layer.epsilon = 0.1  # over two sites that are nearly alike, 1e-5 makes rounding 300 times as large
    for weight in network.weights:
        if weight.name in ("gamma", "beta", "moving_mean", "moving_variance", "bias"):
            weight.assign(random.uniform(0.2, 1.0, weight.shape))
    return network


class Both:
    """A network and its execution on sites, which share the weights; both compiled for plain gradient descent."""

    def __init__(self, name, shape=SHAPE, rate=RATE):
        self.network = network_of(name, shape)
        self.sites = executed(self.network, "sites")
        self.make = self.sites.plan.maker()
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        for model in (self.network, self.sites.model):
            model.compile(keras.optimizers.SGD(rate), loss, jit_compile="auto")
        self.start = self.network.get_weights()

    def inputs(self, images):
        """What each of the models takes, and the model."""
        return [(self.network, images), (self.sites.model, self.make(hits_of(images), len(images)))]

    def logits(self, images):
        """Of both."""
        self.network.set_weights(self.start)
        return [model.predict_on_batch(inputs) for model, inputs in self.inputs(images)]

    def stepped(self, batches):
        """Weights of both after training with these batches of images, from the same start: {path: array}."""
        return [self._stepped(which, self.start, batches) for which in range(2)]

    def gradients(self, images):
        """{path: gradient} of both, and on images of a network whose weights differ by ten times their rounding."""
        random = np.random.default_rng(5)
        near = [weight * (1 + 1e-6 * random.choice([-1, 1], weight.shape)).astype("float32") for weight in self.start]
        found = []
        for which, start in ((0, self.start), (1, self.start), (0, near)):
            after = self._stepped(which, start, [images])
            pairs = zip(self.network.weights, start)
            found.append({w.path: (before - after[w.path]) / RATE for w, before in pairs if w.trainable})
        return found

    def _stepped(self, which, start, batches):
        self.network.set_weights(start)
        for images in batches:
            model, inputs = self.inputs(images)[which]
            model.train_on_batch(inputs, np.arange(len(images)) % CLASSES)
        return {weight.path: keras.ops.convert_to_numpy(weight) for weight in self.network.weights}


def difference(one, other, more=1e-6):
    """Largest difference of two arrays, as a fraction of the largest number and `more`."""
    return float(np.abs(one - other).max() / (np.abs(one).max() + more))


def differences(both, images):
    """Largest relative differences of logits, gradients and moving statistics.

    A ReLU or maximum that is within rounding of its kink makes a gradient jump, and a normalisation over few sites that
    are nearly alike enlarges what rounding does. So five times of what a change of the weights by ten times their
    rounding does to a gradient is subtracted. Before a normalisation over a single site gradients are 0 but for
    rounding, so a tenth of the largest of all is added to what they are compared with.
    """
    on_images, on_sites, near = both.gradients(images)
    more = 0.1 * max(np.abs(gradient).max() for gradient in on_images.values())
    gradients = [
        difference(gradient, on_sites[path], more) - 5 * difference(gradient, near[path], more)
        for path, gradient in on_images.items()
    ]
    one, other = both.stepped([images])
    statistics = [difference(one[path], other[path]) for path in one if path not in on_images]
    with_nothing = np.concatenate([images, 0 * images[:1]])
    one, other = both.logits(with_nothing)
    # What the events add to the logits of nothing, which are the same in both by their offsets alone.
    logits = difference(one - one[-1], other - other[-1], 0.01 * np.abs(one).max())
    return logits, max(gradients), max(statistics, default=0.0)


def main():
    random = np.random.default_rng(2)
    for name in sys.argv[1:]:
        both = Both(name)
        for kinds in CASES:
            print(name, *differences(both, np.stack([event(kind, random) for kind in kinds])), flush=True)


if __name__ == "__main__":
    main()
