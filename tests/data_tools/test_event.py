import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from data_tools.errors import BadOption
from data_tools.event import Event, Truth, apply_threshold, down_sample

NO_PARTICLE = Truth(pdg=11, momentum=(0.0, 0.0, 1.0), energy_init=1.0, energy_deposit=1.0, vertex=(0.0, 0.0, 0.0))


def event_of(image):
    index = np.flatnonzero(image)
    return Event(0, 1, 2, 3, image.shape, index.astype(np.int32), image.reshape(-1)[index], NO_PARTICLE)


# Small whole numbers, so that sums are exact.
images = hnp.arrays(np.float32, (12, 8, 3), elements=st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.0, -1.0, 64.0]))


@given(images)
def test_an_event_gives_its_image_back(image):
    event = event_of(image)
    assert np.array_equal(event.image(), image)
    assert event.hits_per_plane().tolist() == np.count_nonzero(image, axis=(0, 1)).tolist()


@given(images, st.sampled_from([1, 2, 4]))
def test_down_sampling_sums_blocks_of_pixels(image, factor):
    coarse = down_sample(event_of(image), factor)
    blocks = image.reshape(12 // factor, factor, 8 // factor, factor, 3).sum(axis=(1, 3))
    assert np.array_equal(coarse.image(), blocks)
    assert np.all(np.diff(coarse.index) > 0)
    assert np.all(coarse.value != 0)


def test_down_sampling_must_divide_the_image():
    with pytest.raises(BadOption, match="down_sample=5 does not divide images of 12 x 8"):
        down_sample(event_of(np.ones((12, 8, 3), np.float32)), 5)


@given(images)
def test_the_threshold_drops_what_lies_below_it(image):
    kept = apply_threshold(event_of(image), 2.0)
    assert np.array_equal(kept.image(), np.where(image >= 2, image, 0))
    assert apply_threshold(event_of(image), None).index.size == np.count_nonzero(image)
