import itertools

import numpy as np
import pytest

from data_tools.errors import BadOption, UnknownSample
from data_tools.tfrecords.batches import BatchOptions


def in_tensorflow(data, sample):
    return lambda *size, **options: data.tf_dataset(sample, *size, **options).as_numpy_iterator()


def in_memory(data, sample):
    return data.hits(sample).batches


both = pytest.mark.parametrize("source", [in_tensorflow, in_memory])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size 0, start_iteration 0: expected 1 and 0 or more"),
        ({"batch_size": 1, "start_iteration": -1}, "batch_size 1, start_iteration -1: expected 1 and 0 or more"),
        ({"batch_size": 6, "share": (0, 4)}, r"share \(0, 4\): expected .* that divides batch_size 6"),
        ({"batch_size": 6, "share": (2, 2)}, r"share \(2, 2\): expected \(process, processes\)"),
        ({"batch_size": 6, "share": (-1, 2)}, r"share \(-1, 2\)"),
        ({"batch_size": 6, "share": (0, 0)}, r"share \(0, 0\)"),
        ({"batch_size": 6, "share": (0, 2), "training": False}, r"share \(0, 2\): expected pad=True"),
        ({"batch_size": 6, "exchange_planes": True}, "exchange_planes: expected images of three planes, .* got 2"),
    ],
)
def test_options_of_which_no_batches_can_be_made(options, message):
    with pytest.raises(BadOption, match=message):
        BatchOptions(**{"training": True, **options}).check_images((64, 64, 2))


@both
def test_they_are_checked_at_once(source, small_data):
    with pytest.raises(BadOption, match="expected 1 and 0 or more"):
        source(small_data, "train")(0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'shuffle'"):
        source(small_data, "train")(4, shuffle=True)
    with pytest.raises(UnknownSample):
        source(small_data, "none")(4)


@both
def test_a_record_or_arguments_give_the_same_batches(source, small_data):
    batches = source(small_data, "train")
    options = BatchOptions(batch_size=6, training=True, seed=4, mirror=True)
    for others in (
        batches(options),
        batches(6, training=True, seed=4, mirror=True),
        batches(batch_size=6, training=True, seed=4, mirror=True),
        batches(BatchOptions(batch_size=6, training=True, mirror=True), seed=4),
    ):
        for (image, label), (other, its_label) in itertools.islice(zip(batches(options), others), 4):
            assert np.array_equal(image, other)
            assert np.array_equal(label, its_label)


@both
@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("start", [0, 5])
def test_the_shares_of_all_processes_are_the_batch(source, processes, start, small_data):
    batches = source(small_data, "train")
    options = {"batch_size": 6, "training": True, "seed": 3, "start_iteration": start}
    options |= {"mirror": True, "exchange_planes": True}
    shares = [batches(**options, share=(process, processes)) for process in range(processes)]
    for (image, label), *parts in itertools.islice(zip(batches(**options), *shares), 8):
        assert {len(part) for part, _ in parts} == {6 // processes}
        assert np.array_equal(np.concatenate([part for part, _ in parts]), image)
        assert np.array_equal(np.concatenate([its_label for _, its_label in parts]), label)


@both
def test_the_shares_of_all_events_are_filled_up(source, small_data):
    batches = source(small_data, "testA")  # 10 events: the last batch has 2 of 8
    shares = zip(*(batches(8, pad=True, share=(process, 4)) for process in range(4)), strict=True)
    for (image, label), parts in zip(batches(8, pad=True), shares, strict=True):
        assert np.array_equal(np.concatenate([part for part, _ in parts]), image)
        assert np.array_equal(np.concatenate([its_label for _, its_label in parts]), label)
