import itertools

import numpy as np
import pytest

from data_tools.detector.charge import Gain
from data_tools.detector.combination import Effects
from data_tools.detector.losses import LostHits
from data_tools.detector.window import Shift


def in_tensorflow(data):
    return lambda *size, **options: data.tf_dataset("train", *size, training=True, **options).as_numpy_iterator()


def in_memory(data):
    hits = data.hits("train")
    return lambda *size, **options: hits.batches(*size, training=True, **options)


both = pytest.mark.parametrize("source", [in_tensorflow, in_memory])
SOME = Effects(shift=Shift(4, 4), gain=Gain(0.1), lost_hits=LostHits(0.5))


@both
def test_a_batch_has_the_events_of_the_one_without_effects(source, small_data):
    batches = source(small_data)
    for exchange in (False, True):
        options = {"seed": 3, "mirror": True, "exchange_planes": exchange and small_data.image_shape[-1] == 3}
        with_gain = batches(6, effects=Effects(gain=Gain(0.1)), **options)
        for (images, labels), (plain, its_labels) in itertools.islice(zip(with_gain, batches(6, **options)), 3):
            assert np.array_equal(labels, its_labels)
            assert np.array_equal(images != 0, plain != 0)
            ratios = [np.unique(np.round(i[p > 0] / p[p > 0], 4)) for i, p in zip(*map(_planes, (images, plain)))]
            assert all(len(ratio) <= 1 for ratio in ratios) and len({r[0] for r in ratios if len(r)}) > 6


def _planes(images):
    return np.moveaxis(images, -1, 1).reshape(-1, *images.shape[1:3])


@both
def test_effects_are_drawn_anew_for_every_event_and_iteration(source, small_data):
    only = Effects(lost_hits=LostHits(1.0))
    batches = source(small_data)
    kept = [
        (images != 0).sum((1, 2, 3)) / (plain != 0).sum((1, 2, 3))
        for (images, _), (plain, _) in itertools.islice(zip(batches(6, effects=only), batches(6)), 4)
    ]
    assert np.ptp(kept) > 0.5 and len(np.unique(np.round(kept, 3))) > 20


@both
def test_batch_i_is_a_function_of_seed_and_i_alone(source, small_data):
    batches = source(small_data)
    options = {"seed": 3, "mirror": True, "effects": SOME, "as_hits": True}
    for (hits, _), (others, _) in itertools.islice(
        zip(itertools.islice(batches(6, **options), 2, None), batches(6, start_iteration=2, **options)), 3
    ):
        assert all(np.array_equal(a, b) for a, b in zip(hits, others, strict=True))


@both
def test_shares_are_those_of_the_whole_batch(source, small_data):
    batches = source(small_data)
    whole = [images for images, _ in itertools.islice(batches(6, effects=SOME), 3)]
    shares = [[images for images, _ in itertools.islice(batches(6, effects=SOME, share=(i, 2)), 3)] for i in (0, 1)]
    for image, *parts in zip(whole, *shares, strict=True):
        assert np.array_equal(image, np.concatenate(parts))


@both
def test_hits_are_those_of_images(source, small_data):
    batches = source(small_data)
    options = {"seed": 5, "mirror": True, "effects": SOME}
    hits, _ = next(iter(batches(6, as_hits=True, **options)))
    images, _ = next(iter(batches(6, **options)))
    again = np.zeros_like(images).reshape(6, -1)
    again[hits.event, hits.index] = hits.value
    assert np.array_equal(again.reshape(images.shape), images)


@both
def test_effects_are_given_ascending_hits_after_a_symmetry_too(source, small_data):
    lost = Effects(lost_hits=LostHits(0.1))  # which leaves the order as it is
    hits, _ = next(iter(source(small_data)(6, as_hits=True, mirror=True, effects=lost)))
    for event in range(6):
        assert (np.diff(hits.index[hits.event == event]) > 0).all()


@both
def test_events_of_which_nothing_is_left(source, small_data):
    everything = Effects(shift=Shift(rows=10_000))
    hits, labels = next(iter(source(small_data)(6, as_hits=True, effects=everything)))
    assert len(labels) == 6 and (np.bincount(hits.event, minlength=6) == 0).any()


def test_scoring_has_no_effects(small_data):
    plain, _ = next(small_data.hits("train").batches(6))
    images, _ = next(small_data.hits("train").batches(6, effects=SOME))
    assert np.array_equal(images, plain)
