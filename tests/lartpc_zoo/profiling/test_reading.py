import time

import keras
import numpy as np
import pytest

from lartpc_zoo.profiling import reading
from lartpc_zoo.profiling.fits import fitted


def test_five_milliseconds_per_image_are_five_milliseconds_of_the_input_thread(small_data):
    fast = reading.reader_of(small_data, "train")

    def slow(batch_size, dense):
        for batch in fast(batch_size, dense):
            # Once per batch: a busy machine wakes up late, and that shall not count once per image.
            time.sleep(0.005 * batch_size)
            yield batch

    before, after = (
        {name: fitted("ms", values) for name, values in reading.measure_reading(reader, [1, 4, 8, 12], 5).items()}
        for reader in (fast, slow)
    )
    assert after["io_thread"].slope - before["io_thread"].slope == pytest.approx(5, abs=1)
    assert after["io_thread_copy"].slope - before["io_thread_copy"].slope == pytest.approx(0, abs=1)


def test_the_input_thread_reads_the_events_of_the_shards(small_data):
    reader = reading.reader_of(small_data, "train")
    images, labels = next(iter(reader(7, True)))
    expected_images, expected_labels = next(iter(small_data.tf_dataset("train", 7)))
    np.testing.assert_array_equal(images, expected_images)
    np.testing.assert_array_equal(labels, expected_labels)
    hits, index, value, labels = next(iter(reader(7, False)))
    np.testing.assert_array_equal(labels, expected_labels)
    assert int(sum(hits)) == len(index) == len(value) == np.count_nonzero(images)
    batches = iter(reader(15, False))
    assert [len(next(batches)[0]) for _ in range(4)] == [15] * 4  # endless


def test_why_the_input_thread_is_not_measured(monkeypatch):
    assert reading.why_not() is None
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert "only Keras on TensorFlow" in reading.why_not()
