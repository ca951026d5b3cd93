"""Where a training gets its batches: tf.data where Keras runs on TensorFlow, hits in memory everywhere else."""

import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import keras
import numpy as np

from data_tools.dataset import HitsDataset

TRAIN, TEST_A, TEST_B = "train", "testA", "testB"


@dataclass(frozen=True)
class Feed:
    """Where a training gets its batches, (image (batch, rows, cols, planes) float32 ADC, label (batch,)).

    training(i): endless batches from iteration i on, batch i a function of i alone. statistics(): `statistics_steps`
    or more batches of train events, the same every time. test(): testA once, in order, in batches of equal size, the
    last one filled up. test_labels: (events,) of testA. train_events: events per epoch.
    """

    training: Callable[[int], Iterable]
    train_events: int
    statistics: Callable[[], Iterable]
    statistics_steps: int
    test: Callable[[], Iterable]
    test_labels: np.ndarray


def feed_of(data, recipe, seed):
    """The Feed of a data_tools Dataset for a Recipe."""
    batch, batches = recipe.batch_size, batches_of(data)
    return Feed(
        training=lambda iteration: batches(
            TRAIN,
            batch,
            training=True,
            seed=seed,
            start_iteration=iteration,
            mirror=recipe.mirror,
            exchange_planes=recipe.exchange_planes,
        ),
        train_events=data.size(TRAIN),
        statistics=lambda: batches(TRAIN, batch),
        statistics_steps=max(1, min(recipe.statistics_events, data.size(TRAIN)) // batch),
        test=lambda: batches(TEST_A, batch, pad=True),
        test_labels=data.events(TEST_A)["label"].to_numpy(),
    )


def source_of(data):
    """Where the batches of a Dataset come from, 'tf.data' or 'hits': in training they are not the same batches."""
    shards = not isinstance(data, HitsDataset)
    return "tf.data" if keras.backend.backend() == "tensorflow" and shards else "hits"


def batches_of(data):
    """Function (sample, batch_size, and options of Hits.batches): batches of a Dataset for this backend of Keras."""
    if source_of(data) == "tf.data":
        return data.tf_dataset
    hits = functools.cache(data.hits)

    def batches(sample, batch_size, training=False, pad=False, **options):
        if training:
            return hits(sample).batches(batch_size, training=True, **options)
        return AllEvents(hits(sample), batch_size, pad)

    return batches


class AllEvents(keras.utils.PyDataset):
    """All events of Hits once, in stored order: as Hits.batches, but of a length that Keras knows."""

    def __init__(self, hits, batch_size, pad):
        super().__init__()
        self._hits, self._batch_size, self._pad = hits, batch_size, pad

    def __len__(self):
        return math.ceil(len(self._hits) / self._batch_size)

    def __getitem__(self, number):
        return self._hits.batch(number, self._batch_size, self._pad)
