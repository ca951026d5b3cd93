"""What a network costs in this process: peak memory, time forward and in training, and how long it waits for data."""

import itertools
import time
from dataclasses import replace

import keras
import numpy as np

from lartpc_zoo.backend.memory import NoMemory, find_meter
from lartpc_zoo.backend.which import is_tensorflow
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.profiling.timing import calls_for, milliseconds, rounds_of
from lartpc_zoo.training.recipe import load_recipe
from lartpc_zoo.training.trainer import compile_for_training

RECIPE = "paper"
"""Whose optimizer and penalty a training step has."""
HIT_PIXELS, HIT_ADC = 0.01, 100.0
"""Of random events: the part of all pixels that are hit, and their ADC."""


def measure_network(name, input_shape, classes, dtype, batch_sizes, rounds, feed=None):
    """{quantity: {batch size: [one value per round]}} of a network on the default device, and how memory was measured.

    forward: ms of one compiled inference. forward_backward: ms of one compiled training step, with the loss, the
    recipe's penalty and the update of the weights. Both with the batch in the device's memory, until the result is
    there. peak_memory: MB during one training step; see lartpc_zoo.backend.memory. io_wait: see `_Waits`; only with
    `feed`, a function of a batch size that gives endless batches. Without it the images are random sparse events.
    Returns (quantities, of what the memory is, or why it is not measured: a NoMemory).
    """
    steps = _Steps(create_model(name, input_shape, classes, dtype=dtype), dtype)
    images, labels = _batch(feed, input_shape, classes, _largest(batch_sizes))
    for size in (*_unmeasured(batch_sizes), *batch_sizes):
        steps.forward(images[:size])
        steps.train(images[:size], labels[:size])
    measures = [_Times(steps, images, labels)]
    try:
        kind, meter = find_meter()
        measures.append(lambda size: {"peak_memory": meter(lambda: steps.train(images[:size], labels[:size]))})
    except NoMemory as error:
        kind = error
    if feed:
        measures.append(_Waits(steps, feed, measures[0].calls))

    def measure(size):
        return {quantity: value for one in measures for quantity, value in one(size).items()}

    return rounds_of(measure, batch_sizes, rounds), kind


class _Steps:
    """The compiled steps of one network; each returns when its work is done."""

    def __init__(self, network, dtype):
        self._network = network
        self._trained = compile_for_training(network, replace(load_recipe(RECIPE), dtype=dtype))

    def forward(self, images):
        self._network.predict_on_batch(images)  # gives NumPy, so it has waited

    def train(self, images, labels):
        self._trained.train_on_batch(images, labels)
        # The loss, which it has waited for, is there before a GPU has updated the weights.
        keras.ops.convert_to_numpy(self._trained.trainable_variables[-1])


class _Times:
    """Milliseconds forward and in training of batches in memory. calls: {batch size: steps of one measurement}."""

    def __init__(self, steps, images, labels):
        self._steps, self._images, self._labels = steps, images, labels
        self.calls, self._forward_calls = {}, {}

    def __call__(self, size):
        images, labels = (keras.ops.convert_to_tensor(array[:size]) for array in (self._images, self._labels))

        def forward():
            self._steps.forward(images)

        def train():
            self._steps.train(images, labels)

        if size not in self.calls:
            self.calls[size], self._forward_calls[size] = calls_for(train), calls_for(forward)
        return {
            "forward": milliseconds(forward, self._forward_calls[size]),
            "forward_backward": milliseconds(train, self.calls[size]),
        }


class _Waits:
    """io_wait: milliseconds per batch blocked in the input's next() while the network trains, with the training's feed.

    The feed runs on, so its start (opening files, filling the window of events to shuffle) is not counted; as many
    steps as are measured come before, so that what it had prepared before them is used up.
    """

    def __init__(self, steps, feed, calls):
        self._steps, self._feed, self._calls = steps, feed, calls

    def __call__(self, size):
        batches, waited = iter(self._feed(size)), []
        measured = max(self._calls[size], 2)
        for _ in range(2 * measured):
            batch, taken = _next(batches)
            self._steps.train(*batch)
            waited.append(taken)
        return {"io_wait": float(np.mean(waited[measured:]))}


def _next(batches):
    """The next batch, and the milliseconds that it took to come."""
    begin = time.perf_counter()
    batch = next(batches)
    return batch, 1e3 * (time.perf_counter() - begin)


def _batch(feed, input_shape, classes, events):
    """Images and labels of so many events, as NumPy arrays."""
    if feed:
        return tuple(keras.ops.convert_to_numpy(array) for array in next(iter(feed(events))))
    random = np.random.default_rng(0)
    images = np.zeros((events, *input_shape), np.float32)
    images[random.random(images.shape, np.float32) < HIT_PIXELS] = HIT_ADC
    return images, np.arange(events) % classes


def _unmeasured(batch_sizes):
    """Two batch sizes to begin with on TensorFlow: it makes graphs for the first, then for any size, and all that are
    measured shall have the same."""
    if not is_tensorflow():
        return ()
    return tuple(itertools.islice((size for size in itertools.count(1) if size not in batch_sizes), 2))


def _largest(batch_sizes):
    return max(*batch_sizes, *_unmeasured(batch_sizes))
