import itertools

import numpy as np
import pytest
import tensorflow as tf

from data_tools.tfrecords import pipeline
from data_tools.tfrecords.batches import BatchOptions


@pytest.fixture
def files(small_data):
    return [str(path) for path in small_data.shard_paths("train")]


def test_batches_of_one_thread_are_stored_events_without_end(files, small_data):
    hits = small_data.hits("train")
    shape = small_data.image_shape
    dense = pipeline.one_thread_batches(files, shape, "float32", 6, dense=True).as_numpy_iterator()
    sparse = pipeline.one_thread_batches(files, shape, "float32", 6, dense=False).as_numpy_iterator()
    for number, ((images, labels), (counts, index, value, its_labels)) in enumerate(
        itertools.islice(zip(dense, sparse), 7)
    ):
        events = np.arange(6 * number, 6 * number + 6) % 20
        assert np.array_equal(images, hits.images(events))
        assert np.array_equal(labels, hits.label[events])
        assert np.array_equal(its_labels, labels)
        assert np.array_equal(counts, np.diff(hits.starts)[events])
        assert len(index) == len(value) == counts.sum()


def test_shards_of_fewer_events_than_expected_are_an_error(files, small_data):
    options = BatchOptions(5)
    batches = pipeline.evaluation_batches(files[:2], 20, small_data.image_shape, "float32", options)
    with pytest.raises(tf.errors.FailedPreconditionError, match="20"):
        list(batches)


def test_shapes_are_known_before_a_batch_is_made(small_data):
    image, label = small_data.tf_dataset("train", 6, training=True).element_spec
    assert (image.shape, label.shape) == ((6, *small_data.image_shape), (6,))
    assert (image.dtype, label.dtype) == (tf.float32, tf.int64)
    image, _ = small_data.tf_dataset("train", 6, training=True, share=(1, 3)).element_spec
    assert image.shape == (2, *small_data.image_shape)
    image, _ = small_data.tf_dataset("train", 6).element_spec
    assert image.shape.as_list() == [None, *small_data.image_shape]


def test_symmetries_of_another_seed_or_iteration_are_others():
    def drawn(seed, iteration):
        options = BatchOptions(64, training=True, seed=seed, mirror=True, exchange_planes=True)
        parts = pipeline._symmetries(3, tf.constant(iteration, tf.int64), options)
        return np.stack([part.numpy() for part in parts])

    first = drawn(1, 5)
    assert (first.shape, first.dtype) == ((3, 64, 3), np.int32)
    assert np.array_equal(first, drawn(1, 5))
    assert not np.array_equal(first, drawn(1, 6))
    assert not np.array_equal(first, drawn(2, 5))
    assert (np.sort(first[2], axis=1) == np.arange(3)).all()  # planes are exchanged, none is lost
