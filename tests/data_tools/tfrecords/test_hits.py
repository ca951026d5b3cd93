import itertools
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools import open_dataset
from data_tools.errors import BadManifest, BadOption, CorruptShard, NotADataset, UnknownSample
from data_tools.tfrecords.dataset import HitsDataset


@pytest.fixture(scope="module")
def hits_file(small_data, tmp_path_factory):
    path = tmp_path_factory.mktemp("hits") / "data.npz"
    small_data.save_hits(path)
    return path


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
        np.concatenate([image for image, _ in itertools.islice(train.batches(20, True, 1, mirror=mirror), 2)])
        for mirror in (False, True)
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


def test_a_batch_has_a_size_and_a_start(train):
    for wrong in ({"batch_size": 0}, {"batch_size": 1, "start_iteration": -1}):
        with pytest.raises(BadOption, match="expected 1 and 0 or more"):
            train.batches(**wrong)


def test_a_file_of_hits_is_the_same_data_set(hits_file, small_data):
    data = open_dataset(hits_file)
    assert isinstance(data, HitsDataset)
    assert repr(data).startswith(f"<Dataset {hits_file}: train 20, testA 10, testB 10 events of 5 classes")
    assert data.manifest == small_data.manifest
    data.verify()
    for sample in small_data.samples:
        assert data.events(sample).equals(small_data.events(sample))
        for name in ("starts", "index", "value", "label"):
            assert np.array_equal(getattr(data.hits(sample), name), getattr(small_data.hits(sample), name))


def test_what_a_file_of_hits_does_not_have(hits_file):
    data = open_dataset(hits_file)
    with pytest.raises(BadOption, match=r"its batches are data.hits\('train'\).batches"):
        data.tf_dataset("train", 5)
    with pytest.raises(BadOption, match="no records"):
        data.iterate("train")
    with pytest.raises(UnknownSample, match="no sample 'trian'"):
        data.hits("trian")


def test_a_file_that_is_no_file_of_hits(tmp_path, small_data):
    with pytest.raises(NotADataset, match="no such file"):
        open_dataset(tmp_path / "no.npz")
    np.savez(tmp_path / "other.npz", image=np.zeros(3))
    with pytest.raises(NotADataset, match="this is no file of hits"):
        open_dataset(tmp_path / "other.npz")
    np.savez(tmp_path / "manifest.npz", manifest=np.frombuffer(b"{}", np.uint8))
    with pytest.raises(BadManifest, match="schema version None"):
        open_dataset(tmp_path / "manifest.npz")
    np.savez(tmp_path / "pickle.npz", manifest=np.array([{}], dtype=object))
    with pytest.raises(CorruptShard, match="is damaged"):
        open_dataset(tmp_path / "pickle.npz")
    with pytest.raises(BadOption, match="ends in .npz"):
        small_data.save_hits(tmp_path / "data.hits")


def test_a_damaged_file_of_hits_is_noticed(hits_file, tmp_path):
    content = hits_file.read_bytes()
    copy = tmp_path / "copy.npz"
    random = np.random.default_rng(1)
    with zipfile.ZipFile(hits_file) as archive:
        members = [(info.header_offset + 30 + len(info.filename) + 20, info) for info in archive.infolist()]
    for start, info in members:  # behind the header of the member, of which not all fields matter
        position = int(start + random.integers(0, info.compress_size - 20))
        copy.write_bytes(content[:position] + bytes([content[position] ^ 0x10]) + content[position + 1 :])
        with pytest.raises((CorruptShard, NotADataset, BadManifest)):
            open_dataset(copy).verify()
    copy.write_bytes(content[: len(content) // 2])
    with pytest.raises(CorruptShard, match="is damaged"):
        open_dataset(copy)


def test_arrays_that_do_not_fit_together_are_noticed(hits_file, tmp_path):
    with np.load(hits_file) as stored:
        arrays = dict(stored)
    for change in ({"train/label": arrays["train/label"][1:]}, {"train/index": arrays["train/index"] + 64 * 64 * 3}):
        np.savez(tmp_path / "changed.npz", **{**arrays, **change})
        with pytest.raises(CorruptShard, match="do not fit together"):
            open_dataset(tmp_path / "changed.npz").hits("train")
