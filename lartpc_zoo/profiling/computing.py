"""What a network costs in this process: peak memory, time forward and in training, and how long it waits for data."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

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
"""Of random events: the fraction of all pixels that is hit, and their ADC."""


def measure_network(
    name: str,
    input_shape: tuple[int, int, int],
    classes: int,
    dtype: str,
    batch_sizes: Sequence[int],
    rounds: int,
    feed: Callable[[int], Iterable[Any]] | None = None,
) -> tuple[dict[str, dict[int, list[float]]], str | NoMemory]:
    """Measure a network on the default device.

    forward: ms of one compiled inference. forward_backward: ms of one compiled training step, with the loss, the
    recipe's penalty and the update of the weights. Both with the batch in the device's memory, until the result is
    there. peak_memory: MB during one training step; see lartpc_zoo.backend.memory. io_wait: see `_Waits`.

    Args:
        name: of the network.
        input_shape: (rows, cols, planes) of an image.
        classes: how many.
        dtype: Keras dtype policy.
        batch_sizes: to measure.
        rounds: measurements of each.
        feed: from a batch size to endless batches. Without it the images are random sparse events, and io_wait is not
            measured.

    Returns:
        ({quantity: {batch size: [one value per round]}}, how memory was measured or why it was not)
    """
    steps = _Steps(create_model(name, input_shape, classes, dtype=dtype), dtype)
    images, labels = _batch(feed, input_shape, classes, _largest(batch_sizes))
    for size in (*_unmeasured(batch_sizes), *batch_sizes):
        steps.forward(images[:size])
        steps.train(images[:size], labels[:size])
    times = _Times(steps, images, labels)
    measures: list[Callable[[int], dict[str, float]]] = [times]
    kind: str | NoMemory
    try:
        kind, meter = find_meter()
        measures.append(lambda size: {"peak_memory": meter(lambda: steps.train(images[:size], labels[:size]))})
    except NoMemory as error:
        kind = error
    if feed:
        measures.append(_Waits(steps, feed, times.calls))

    def measure(size: int) -> dict[str, float]:
        return {quantity: value for one in measures for quantity, value in one(size).items()}

    return rounds_of(measure, batch_sizes, rounds), kind


class _Steps:
    """The compiled steps of one network; each returns when its work is done."""

    def __init__(self, network: keras.Model, dtype: str) -> None:
        self._network = network
        self._trained = compile_for_training(network, replace(load_recipe(RECIPE), dtype=dtype))

    def forward(self, images: Any) -> None:
        self._network.predict_on_batch(images)  # gives NumPy, so it has waited

    def train(self, images: Any, labels: Any) -> None:
        self._trained.train_on_batch(images, labels)
        # The loss, which it has waited for, is there before a GPU has updated the weights.
        keras.ops.convert_to_numpy(self._trained.trainable_variables[-1])


class _Times:
    """Milliseconds forward and in training of batches in memory. calls: {batch size: steps of one measurement}."""

    def __init__(self, steps: _Steps, images: np.ndarray, labels: np.ndarray) -> None:
        self._steps, self._images, self._labels = steps, images, labels
        self.calls: dict[int, int] = {}
        self._forward_calls: dict[int, int] = {}

    def __call__(self, size: int) -> dict[str, float]:
        images, labels = (keras.ops.convert_to_tensor(array[:size]) for array in (self._images, self._labels))

        def forward() -> None:
            self._steps.forward(images)

        def train() -> None:
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

    def __init__(self, steps: _Steps, feed: Callable[[int], Iterable[Any]], calls: dict[int, int]) -> None:
        self._steps, self._feed, self._calls = steps, feed, calls

    def __call__(self, size: int) -> dict[str, float]:
        batches, waited = iter(self._feed(size)), []
        measured = max(self._calls[size], 2)
        for _ in range(2 * measured):
            batch, taken = _next(batches)
            self._steps.train(*batch)
            waited.append(taken)
        return {"io_wait": float(np.mean(waited[measured:]))}


def _next(batches: Iterator[Any]) -> tuple[Any, float]:
    """The next batch, and the milliseconds that it took to come."""
    begin = time.perf_counter()
    batch = next(batches)
    return batch, 1e3 * (time.perf_counter() - begin)


def _batch(
    feed: Callable[[int], Iterable[Any]] | None, input_shape: tuple[int, int, int], classes: int, events: int
) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of so many events, as NumPy arrays."""
    if feed:
        images, labels = next(iter(feed(events)))
        return keras.ops.convert_to_numpy(images), keras.ops.convert_to_numpy(labels)
    random = np.random.default_rng(0)
    images = np.zeros((events, *input_shape), np.float32)
    images[random.random(images.shape, np.float32) < HIT_PIXELS] = HIT_ADC
    return images, np.arange(events) % classes


def _unmeasured(batch_sizes: Sequence[int]) -> tuple[int, ...]:
    """Two batch sizes to begin with on TensorFlow: it makes a graph for the first size, then one for any size, and all
    that are measured shall have the same."""
    if not is_tensorflow():
        return ()
    return tuple(itertools.islice((size for size in itertools.count(1) if size not in batch_sizes), 2))


def _largest(batch_sizes: Sequence[int]) -> int:
    return max(*batch_sizes, *_unmeasured(batch_sizes))
