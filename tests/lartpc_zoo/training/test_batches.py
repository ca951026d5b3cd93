import itertools
from dataclasses import replace

import numpy as np

from data_tools.detector.charge import Gain
from data_tools.detector.combination import Effects
from lartpc_zoo.models.execution import executed
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.training.batches import feed_of


def test_training_batches_are_those_of_the_recipe(small_data, tiny):
    effects = (Effects(), Effects(gain=Gain(0.1)))
    names = ("mirror", "exchange_planes", "effects")
    kinds = [dict(zip(names, kind)) for kind in itertools.product((True, False), (True, False), effects)]
    network = executed(create_model("plainresnet10b_wd16", small_data.image_shape))
    for kind in kinds:
        mine = feed_of(small_data, replace(tiny(), **kind), 5, network, network).training(2)
        for other in kinds:
            theirs = small_data.tf_dataset("train", 4, training=True, seed=5, start_iteration=2, **other)
            same = [np.array_equal(a[0], b[0]) for a, b in zip(mine.take(5), theirs.take(5))]
            assert all(same) is (kind == other)
