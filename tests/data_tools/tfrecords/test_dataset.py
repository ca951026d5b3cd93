import itertools
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from data_tools.description import Adc
from data_tools.errors import BadManifest, CorruptShard, NotADataset, UnknownSample
from data_tools.tfrecords.dataset import open_dataset


def batches(data, count, **options):
    return [
        (x.numpy(), y.numpy())
        for x, y in itertools.islice(data.tf_dataset("train", 7, training=True, **options), count)
    ]


def labels_by_image(data):
    """{bytes of an image: label}, from the truth, for the train sample."""
    images = np.concatenate([x for x, _ in data.tf_dataset("train", 7).as_numpy_iterator()])
    return {image.tobytes(): label for image, label in zip(images, data.events("train")["label"])}


def test_label_and_image_stay_together_through_shuffling_and_parallel_reading(small_data):
    right = labels_by_image(small_data)
    assert len(right) == 20
    seen = [pair for images, labels in batches(small_data, 20, seed=5) for pair in zip(images, labels)]
    assert all(right[image.tobytes()] == label for image, label in seen)
    # 140 events are seven epochs of 20: each holds every event once.
    for epoch in range(7):
        assert len({image.tobytes() for image, _ in seen[20 * epoch : 20 * (epoch + 1)]}) == 20
    orders = {tuple(image.tobytes() for image, _ in seen[20 * epoch : 20 * (epoch + 1)]) for epoch in range(7)}
    assert len(orders) == 7


def same(first, second):
    return all(np.array_equal(a, c) and np.array_equal(b, d) for (a, b), (c, d) in zip(first, second, strict=True))


@pytest.mark.parametrize("start", [1, 2, 3, 9])
def test_batch_i_is_a_function_of_seed_and_i_alone(small_data, start):
    whole = batches(small_data, 12, seed=3, mirror=True)
    tf.random.set_seed(start)
    assert same(whole[start:], batches(small_data, 12 - start, seed=3, mirror=True, start_iteration=start))
    assert not same(whole, batches(small_data, 12, seed=4, mirror=True))


def test_a_cache_in_memory_changes_no_batch(small_data):
    options = {"seed": 3, "mirror": True, "start_iteration": 2}
    assert same(batches(small_data, 9, **options), batches(small_data, 9, cache=True, **options))
    plain, cached = (list(small_data.tf_dataset("testA", 4, cache=cache)) for cache in (False, True))
    assert same([(x.numpy(), y.numpy()) for x, y in plain], [(x.numpy(), y.numpy()) for x, y in cached])


def test_training_batches_have_one_size(small_data):
    sizes = {images.shape for images, _ in batches(small_data, 10)}
    assert sizes == {(7, *small_data.image_shape)}


def test_events_as_hits(small_data):
    images = np.concatenate([images for images, _ in small_data.tf_dataset("testB", 4).as_numpy_iterator()])
    table = small_data.events("testB")
    for image, (event, label), row in zip(images, small_data.iterate("testB"), table.itertuples(), strict=True):
        assert np.array_equal(event.image(), image)
        assert (label, event.entry, event.truth.pdg) == (row.label, row.entry, row.pdg)


def test_mirrors_are_all_four_and_keep_the_charge(small_data):
    plain = batches(small_data, 30, seed=3)
    mirrored = batches(small_data, 30, seed=3, mirror=True)
    seen, patterns = set(), set()
    for (images, labels), (turned, same_labels) in zip(plain, mirrored):
        assert np.array_equal(labels, same_labels)
        pattern = tuple(np.array_equal(image, other) for image, other in zip(images, turned))
        patterns.add(pattern)
        for image, other in zip(images, turned):
            kinds = {(r, c) for r in (1, -1) for c in (1, -1) if np.array_equal(image[::r, ::c], other)}
            assert kinds
            seen |= kinds if len(kinds) == 1 else set()
    assert len(patterns) > 10  # other events are mirrored in every batch
    assert seen == {(1, 1), (1, -1), (-1, 1), (-1, -1)}


@pytest.mark.parametrize("batch_size", [1, 3, 10, 64])
def test_evaluation_gives_every_event_once_in_stored_order(small_data, batch_size):
    truth = small_data.events("testA")["label"].to_numpy()
    plain = list(small_data.tf_dataset("testA", batch_size).as_numpy_iterator())
    assert np.array_equal(np.concatenate([labels for _, labels in plain]), truth)
    padded = list(small_data.tf_dataset("testA", batch_size, pad=True).as_numpy_iterator())
    assert {len(labels) for _, labels in padded} == {batch_size}
    labels = np.concatenate([labels for _, labels in padded])
    assert np.array_equal(labels[: len(truth)], truth)
    assert np.all(labels[len(truth) :] == -1)
    assert not np.concatenate([images for images, _ in padded])[len(truth) :].any()


def test_the_event_table(small_data):
    table = small_data.events("testB")
    assert len(table) == 10
    assert np.allclose(np.linalg.norm(table[["direction_x", "direction_y", "direction_z"]], axis=1), 1)
    images = np.concatenate([images for images, _ in small_data.tf_dataset("testB", 4).as_numpy_iterator()])
    hits = np.count_nonzero(images, axis=(1, 2))
    assert table[["npx_U", "npx_V", "npx_Y"]].to_numpy().tolist() == hits.tolist()


def test_a_directory_without_a_manifest(tmp_path):
    with pytest.raises(NotADataset, match="no manifest.json, so this is not a .complete. data set.*lartpc-convert"):
        open_dataset(tmp_path)


def test_an_unknown_sample_names_the_near_one(small_data):
    with pytest.raises(
        UnknownSample, match="no sample 'testC'; it has train, testA, testB. Convert again with a sample .* mean test"
    ):
        small_data.events("testC")


def test_a_shard_with_a_wrong_hash(copy_of_small_data):
    shard = sorted(copy_of_small_data.glob("testA-*"))[1]
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    data = open_dataset(copy_of_small_data)
    data.verify(["train"])
    with pytest.raises(CorruptShard, match=rf"{shard.name}: its sha256 is [0-9a-f]+, the manifest says"):
        data.verify()


def test_a_shard_that_is_cut_or_missing(copy_of_small_data):
    shard = sorted(copy_of_small_data.glob("testA-*"))[1]
    content = shard.read_bytes()
    shard.write_bytes(content[:-1])
    with pytest.raises(CorruptShard, match=f"it has {len(content) - 1} bytes, the manifest says {len(content)}"):
        open_dataset(copy_of_small_data)
    shard.unlink()
    with pytest.raises(CorruptShard, match="it is missing"):
        open_dataset(copy_of_small_data)


def test_a_manifest_that_leads_out_of_its_directory(copy_of_small_data, edit_manifest):
    def lead_out(content):
        content["samples"]["train"]["shards"][0]["file"] = "../secret.tfrecord"

    edit_manifest(copy_of_small_data, lead_out)
    with pytest.raises(BadManifest, match="is not the name of a shard"):
        open_dataset(copy_of_small_data)


def test_what_is_known_without_reading_shards(small_data):
    assert repr(small_data) == (
        f"<Dataset {small_data.directory}: train 20, testA 10, testB 10 events of 5 classes, (64, 64, 3)>"
    )
    assert small_data.classes == ("electron", "gamma", "muon", "pion", "proton")
    assert (small_data.size("train"), small_data.labelled("train")) == (20, True)
    assert small_data.sample("testA").events_per_class == dict.fromkeys(small_data.classes, 2)
    (source,) = small_data.sources
    assert Path(source.path).name == "larcv2_256.root"
    paths = small_data.shard_paths("testB")
    assert [path.name for path in paths] == [f"testB-0000{number}-of-00003.tfrecord" for number in range(3)]
    assert all(path.is_file() for path in paths)


def test_the_description_that_runs_and_cards_hold(small_data):
    description = small_data.description
    assert description.fingerprint == small_data.fingerprint
    assert description.sources == tuple(source.sha256 for source in small_data.sources)
    assert description.class_names == small_data.classes
    assert dict(description.classes)["pion"] == (-211, 211)
    assert (description.image_shape, description.planes, description.pixel_cm) == ((64, 64, 3), (0, 1, 2), (2.0, 2.0))
    assert description.adc == Adc(down_sample=4)
    assert description.samples == {"train": 20, "testA": 10, "testB": 10}
