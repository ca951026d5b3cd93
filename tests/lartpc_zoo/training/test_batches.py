import itertools

import numpy as np

from lartpc_zoo.training.batches import feed_of


def test_training_batches_are_those_of_the_recipe(small_data, tiny):
    kinds = [dict(zip(("mirror", "exchange_planes"), kind)) for kind in itertools.product((True, False), repeat=2)]
    for kind in kinds:
        mine = feed_of(small_data, tiny(**kind), seed=5).training(2)
        for other in kinds:
            theirs = small_data.tf_dataset("train", 4, training=True, seed=5, start_iteration=2, **other)
            same = [np.array_equal(a[0], b[0]) for a, b in zip(mine.take(5), theirs.take(5))]
            assert all(same) is (kind == other)
