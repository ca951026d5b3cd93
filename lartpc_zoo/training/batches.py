"""Where a training gets its batches."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.models.execution import Executed
from lartpc_zoo.training.recipe import Recipe

TRAIN, TEST_A = "train", "testA"


@dataclass(frozen=True)
class Feed:
    """Where a training gets its batches: (what the model takes, label (batch,)).

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


def feed_of(data: Dataset, recipe: Recipe, seed: int, trained: Executed, measured: Executed) -> Feed:
    """The Feed of a data_tools Dataset for a Recipe: for the network that is trained and the one that is measured."""
    batch, batches = recipe.batch_size, measured.batches(data)
    return Feed(
        training=lambda iteration: trained.batches(data)(
            TRAIN,
            batch,
            training=True,
            seed=seed,
            start_iteration=iteration,
            mirror=recipe.mirror,
            exchange_planes=recipe.exchange_planes,
            effects=recipe.effects,
        ),
        train_events=data.size(TRAIN),
        statistics=functools.cache(
            lambda: batches(TRAIN, batch, pad=True)
        ),  # to make them anew takes half a second each time
        statistics_steps=max(1, min(recipe.statistics_events, data.size(TRAIN)) // batch),
        test=functools.cache(lambda: batches(TEST_A, measured.scoring_size(batch), pad=True)),
        test_labels=data.events(TEST_A)["label"].to_numpy(),
    )
