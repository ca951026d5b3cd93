"""What a network costs in this process: peak memory, time forward and in training, and how long it waits for data."""

import functools
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import tree

from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.backend.memory import NoMemory, find_meter
from lartpc_zoo.backend.which import is_tensorflow
from lartpc_zoo.models.execution import executed
from lartpc_zoo.models.executions import SITES
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.profiling.timing import calls_for, milliseconds, rounds_of
from lartpc_zoo.training.recipe import load_recipe
from lartpc_zoo.training.trainer import compile_for_training

RECIPE = "paper"
"""Whose optimizer and penalty a training step has."""
HIT_PIXELS, HIT_ADC = 0.01, 100.0
"""Of random events: the fraction of all pixels that is hit, and their ADC."""
_DIFFERENT = 8
"""Batches of each size that take turns where their cost depends on the events."""

Batches = Callable[[int], list[Any]]
"""From a size to one or more batches (inputs, labels) of NumPy arrays, the same every time."""


def measure_network(
    name: str,
    input_shape: tuple[int, int, int],
    classes: int,
    dtype: str,
    batch_sizes: Sequence[int],
    rounds: int,
    data: Dataset | None = None,
    sample: str = "",
) -> tuple[dict[str, dict[int, list[float]]], str, str | NoMemory]:
    """Measure a network on the default device, as `auto` executes it.

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
        data: data set. Without it the images are random sparse events, and io_wait is not measured; a submanifold
            network cannot be measured then.
        sample: of the data.

    Returns:
        ({quantity: {batch size: [one value per round]}}, the execution, how memory was measured or why it was not)
    """
    steps = _Steps(create_model(name, input_shape, classes, dtype=dtype), dtype)
    if data is None:
        batches = _random_batches(input_shape, classes)
    else:
        feed = functools.partial(steps.ran.batches(data), sample, training=True)
        batches = _batches_of(feed, _DIFFERENT if steps.ran.execution == SITES else 1)
    for size in (*_unmeasured(batch_sizes), *batch_sizes):
        for inputs, labels in batches(size):
            steps.forward(inputs)
            steps.train(inputs, labels)
    times = _Times(steps, batches)
    measures: list[Callable[[int], dict[str, float]]] = [times]
    kind: str | NoMemory
    try:
        kind, meter = find_meter()
        measures.append(lambda size: {"peak_memory": meter(lambda: steps.train(*batches(size)[0]))})
    except NoMemory as error:
        kind = error
    if data is not None:
        measures.append(_Waits(steps, feed, times.calls))

    def measure(size: int) -> dict[str, float]:
        return {quantity: value for one in measures for quantity, value in one(size).items()}

    return rounds_of(measure, batch_sizes, rounds), steps.ran.execution, kind


class _Steps:
    """The compiled steps of one network; each returns when its work is done."""

    def __init__(self, network: keras.Model, dtype: str) -> None:
        self.ran = executed(network)
        self._trained = compile_for_training(network, replace(load_recipe(RECIPE), dtype=dtype)).model

    def forward(self, inputs: Any) -> None:
        self.ran.model.predict_on_batch(inputs)  # gives NumPy, so it has waited

    def train(self, inputs: Any, labels: Any) -> None:
        self._trained.train_on_batch(inputs, labels)
        # The loss, which it has waited for, is there before a GPU has updated the weights.
        keras.ops.convert_to_numpy(self._trained.trainable_variables[-1])


class _Times:
    """Milliseconds forward and in training of batches in memory. calls: {batch size: steps of one measurement}."""

    def __init__(self, steps: _Steps, batches: Batches) -> None:
        self._steps, self._batches = steps, batches
        self.calls: dict[int, int] = {}
        self._forward_calls: dict[int, int] = {}

    def __call__(self, size: int) -> dict[str, float]:
        in_memory = [tree.map_structure(keras.ops.convert_to_tensor, batch) for batch in self._batches(size)]
        forward_of, trained_with = itertools.cycle(in_memory), itertools.cycle(in_memory)

        def forward() -> None:
            self._steps.forward(next(forward_of)[0])

        def train() -> None:
            self._steps.train(*next(trained_with))

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


def _batches_of(feed: Callable[[int], Iterable[Any]], different: int) -> Batches:
    """Some batches of a feed for every size."""

    @functools.cache
    def batches(size: int) -> list[Any]:
        return [
            tree.map_structure(keras.ops.convert_to_numpy, batch) for batch in itertools.islice(feed(size), different)
        ]

    return batches


def _random_batches(input_shape: tuple[int, int, int], classes: int) -> Batches:
    """One batch of random sparse events for every size."""

    @functools.cache
    def batches(size: int) -> list[Any]:
        random = np.random.default_rng(0)
        images = np.zeros((size, *input_shape), np.float32)
        images[random.random(images.shape, np.float32) < HIT_PIXELS] = HIT_ADC
        return [(images, np.arange(size) % classes)]

    return batches


def _unmeasured(batch_sizes: Sequence[int]) -> tuple[int, ...]:
    """Two batch sizes to begin with on TensorFlow: it makes a graph for the first size, then one for any size, and all
    that are measured shall have the same."""
    if not is_tensorflow():
        return ()
    return tuple(itertools.islice((size for size in itertools.count(1) if size not in batch_sizes), 2))
