import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.errors import CorruptShard, UnknownSample
from data_tools.tfrecords.dataset import open_dataset


@pytest.fixture(scope="module")
def train(small_data):
    return small_data.hits("train")


def test_images_are_those_of_the_events(small_data, train):
    expected = [(event.image(), label) for event, label in small_data.iterate("train")]
    assert len(train) == len(expected) == 20
    assert np.array_equal(train.images(range(20)), [image for image, _ in expected])
    assert train.label.tolist() == [label for _, label in expected]


@pytest.mark.parametrize(("batch_size", "pad"), [(20, False), (6, False), (6, True), (30, True)])
def test_evaluation_batches_are_those_of_tf_dataset(batch_size, pad, small_data, train):
    ours = list(train.batches(batch_size, pad=pad))
    theirs = list(small_data.tf_dataset("train", batch_size, pad=pad).as_numpy_iterator())
    assert len(ours) == len(theirs)
    for (image, label), (true_image, true_label) in zip(ours, theirs):
        assert np.array_equal(image, true_image)
        assert np.array_equal(label, true_label)
        assert (image.dtype, label.dtype) == (true_image.dtype, true_label.dtype)


def images_of(hits, events, shape):
    """Dense images of a HitBatch."""
    images = np.zeros((events, *shape), np.float32)
    images.reshape(events, -1)[hits.event, hits.index] = hits.value
    return images


@pytest.mark.parametrize(
    "options", [{}, {"pad": True}, {"training": True, "seed": 2, "mirror": True, "exchange_planes": True}]
)
def test_batches_of_hits_are_those_of_images(options, small_data, train):
    for batches in (
        train.batches,
        lambda size, **more: small_data.tf_dataset("train", size, **more).as_numpy_iterator(),
    ):
        pairs = zip(batches(6, **options), batches(6, as_hits=True, **options))
        for (images, labels), (hits, its_labels) in itertools.islice(pairs, 6):
            assert np.array_equal(labels, its_labels)
            assert np.array_equal(images, images_of(hits, len(labels), small_data.image_shape))
            assert [part.dtype for part in hits] == [np.int32, np.int32, np.float32]


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 50), st.integers(0, 30), st.integers(0, 5), st.booleans())
def test_training_batches_are_a_function_of_seed_and_iteration(train, batch_size, start, seed, mirror):
    options = {"training": True, "seed": seed, "mirror": mirror}
    whole = itertools.islice(train.batches(batch_size, **options), start, start + 3)
    continued = train.batches(batch_size, start_iteration=start, **options)
    for (image, label), (again, its_label) in zip(whole, continued):
        assert np.array_equal(image, again)
        assert np.array_equal(label, its_label)


def test_every_epoch_has_every_event_once_in_an_order_of_its_own(train):
    batches = train.batches(5, training=True, seed=3)
    epochs = [np.concatenate([image for image, _ in itertools.islice(batches, 4)]) for _ in range(2)]
    expected = sorted(image.tobytes() for image in train.images(range(20)))
    assert [sorted(image.tobytes() for image in epoch) for epoch in epochs] == [expected] * 2
    assert not np.array_equal(*epochs)
    other = np.concatenate([image for image, _ in itertools.islice(train.batches(5, training=True, seed=4), 4)])
    assert not np.array_equal(epochs[0], other)


def test_mirrors_turn_rows_and_columns_of_single_images(train):
    plain, turned = (
        np.concatenate([image for image, _ in itertools.islice(batches, 2)])
        for batches in (train.batches(20, training=True, seed=1, mirror=mirror) for mirror in (False, True))
    )
    kinds = set()
    for image, mirrored in zip(plain, turned):
        ways = {(r, c): image[::r, ::c] for r in (1, -1) for c in (1, -1)}
        kinds |= {way for way, expected in ways.items() if np.array_equal(mirrored, expected)}
        assert any(np.array_equal(mirrored, expected) for expected in ways.values())
    assert len(kinds) == 4


def test_images_can_be_mirrored_one_by_one(train):
    rows, cols = (np.repeat(np.array(coins)[:, None], 3, axis=1) for coins in ([1, 0, 0], [0, 1, 0]))
    images = train.images([3, 3, 3], np.stack([rows, cols, np.tile(np.arange(3), (3, 1))]))
    assert np.array_equal(images[0], images[2][::-1])
    assert np.array_equal(images[1], images[2][:, ::-1])


def test_hits_of_a_damaged_shard_or_of_no_sample(copy_of_small_data, small_data):
    shard = sorted(copy_of_small_data.glob("train-*"))[1]
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    with pytest.raises(CorruptShard, match=f"{shard.name}, record .* damaged"):
        open_dataset(copy_of_small_data).hits("train")
    with pytest.raises(UnknownSample, match="no sample 'trian'.* Did you mean train?"):
        small_data.hits("trian")


def test_hits_have_plain_types(train):
    types = [array.dtype for array in (train.starts, train.index, train.value, train.label)]
    assert types == [np.int64, np.int32, np.float32, np.int64]
