"""Where a training gets its batches: tf.data where Keras runs on TensorFlow, hits in memory everywhere else."""

import functools
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
            TRAIN, batch, training=True, seed=seed, start_iteration=iteration, mirror=recipe.mirror
        ),
        train_events=data.size(TRAIN),
        statistics=lambda: batches(TRAIN, batch),
        statistics_steps=max(1, min(recipe.statistics_events, data.size(TRAIN)) // batch),
        test=lambda: batches(TEST_A, batch, pad=True),
        test_labels=data.events(TEST_A)["label"].to_numpy(),
    )


def batches_of(data):
    """Function with the arguments of Dataset.tf_dataset: batches of a Dataset as this backend of Keras takes them."""
    if keras.backend.backend() == "tensorflow" and not isinstance(data, HitsDataset):
        return data.tf_dataset
    hits = functools.cache(data.hits)
    return lambda sample, batch_size, **options: hits(sample).batches(batch_size, **options)
