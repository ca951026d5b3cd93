import itertools

import keras
import numpy as np
import pytest

from lartpc_zoo.backend.batches import AllEvents, batches_of, source_of_batches


@pytest.fixture
def on_jax(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")


def test_on_tensorflow_batches_are_those_of_tf_data(small_data):
    assert source_of_batches() == "tf.data"
    assert batches_of(small_data) == small_data.tf_dataset


def test_elsewhere_training_batches_are_those_of_hits(on_jax, small_data):
    assert source_of_batches() == "hits"
    options = {"training": True, "seed": 2, "start_iteration": 3, "mirror": True}
    pairs = zip(batches_of(small_data)("train", 6, **options), small_data.hits("train").batches(6, **options))
    for (image, label), (expected, its_label) in itertools.islice(pairs, 4):
        assert np.array_equal(image, expected)
        assert np.array_equal(label, its_label)


@pytest.mark.parametrize("pad", [False, True])
def test_elsewhere_all_events_have_a_length(pad, on_jax, small_data):
    ours = batches_of(small_data)("testA", 4, pad=pad)
    assert isinstance(ours, AllEvents)
    assert len(ours) == 3
    theirs = list(small_data.hits("testA").batches(4, pad=pad))
    for number, (image, label) in enumerate(theirs):
        assert np.array_equal(ours[number][0], image)
        assert np.array_equal(ours[number][1], label)
