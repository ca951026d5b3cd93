from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.conversion.crop import fitted
from data_tools.description import Adc, DataDescription
from data_tools.event import Event
from data_tools.truth import Truth
from lartpc_zoo.errors import DataDiffers
from lartpc_zoo.scoring.fitting import check_reader

TRAINED_ON = DataDescription(
    fingerprint="",
    classes=(("electron", (11,)), ("gamma", (22,))),
    image_shape=(128, 128, 3),
    planes=(0, 1, 2),
    pixel_cm=(1.0, 0.6),
    adc=Adc(down_sample=2),
)


def network(name="resnet14b", **changes):
    return SimpleNamespace(name="mine", network=name, trained_on=replace(TRAINED_ON, **changes))


def reader(shape=(256, 256, 3), planes=(0, 1, 2), pixel_cm=(0.5, 0.3)):
    return SimpleNamespace(path="a.root", shape=shape, planes=planes, pixel_cm=pixel_cm)


def test_images_as_those_of_the_training_stay_as_they_are():
    for fit in (False, True):
        assert check_reader(reader(), network(), fit) is None
        assert check_reader(reader(pixel_cm=None), network(), fit) is None


@pytest.mark.parametrize("shape", [(288, 288, 3), (192, 320, 3), (100, 101, 3)])
def test_images_of_another_size_become_as_large_as_those_of_the_training(shape):
    assert check_reader(reader(shape), network(), fit=True) == (256, 256)
    with pytest.raises(DataDiffers, match=r"a\.root: images of .* To pad them, .*: fit=True\."):
        check_reader(reader(shape), network(), fit=False)


def test_images_that_are_cropped_anyway_only_become_large_enough():
    cropped = network(adc=Adc(down_sample=2, crop=(128, 128)))
    assert check_reader(reader((999, 256, 3)), cropped, fit=True) == (1000, 256)
    assert check_reader(reader((100, 300, 3)), cropped, fit=True) == (256, 300)


@pytest.mark.parametrize(
    ("other", "by", "why"),
    [
        (reader((288, 288, 3), pixel_cm=(0.5, 0.4)), network(), "0.5 x 0.4 cm .* trained on images with 0.5 x 0.3 cm"),
        (reader((288, 288, 3), pixel_cm=None), network(), "size of their pixels is not known"),
        (reader((288, 288, 3)), network("alexnet"), "alexnet looks at places in the image"),
    ],
    ids=["pixels", "unknown pixels", "no global pool"],
)
def test_what_cannot_be_fitted_says_why(other, by, why):
    with pytest.raises(DataDiffers, match=f"cannot be padded or cut either: .*{why}"):
        check_reader(other, by, fit=True)


def test_other_planes_and_other_pixels_are_refused():
    with pytest.raises(DataDiffers, match=r"planes 0, 2; .* trained on .*planes 0, 1, 2"):
        check_reader(reader((256, 256, 2), planes=(0, 2)), network(), fit=True)
    with pytest.raises(DataDiffers, match=r"pixels of 0\.7 x 0\.3 cm"):
        check_reader(reader(pixel_cm=(0.7, 0.3)), network(), fit=False)


sides = st.tuples(st.integers(1, 12), st.integers(1, 12))


@given(sides, sides, st.data())
def test_a_fitted_event_has_the_size_and_loses_only_what_is_outside_the_window(before, after, data):
    shape = (*before, 2)
    pixels = st.sets(st.integers(0, before[0] * before[1] * 2 - 1), max_size=20)
    index = np.array(sorted(data.draw(pixels)), np.int32)
    event = Event(
        0, 1, 2, 3, shape, index, np.arange(1, len(index) + 1, dtype=np.float32), Truth(0, (0,) * 3, 0, 0, (0,) * 3)
    )
    found = fitted(event, after)
    assert found.shape == (*after, 2)
    assert (np.diff(found.index) > 0).all() and found.index.dtype == np.int32
    assert set(found.value) <= set(event.value)
    lost = len(event.index) - len(found.index)
    assert ("cut-hits" in found.flags) == (lost > 0)
    if all(now >= was for now, was in zip(after, before)):
        rows, cols = ((now - was) // 2 for now, was in zip(after, before))
        inside = found.image()[rows : rows + before[0], cols : cols + before[1]]
        np.testing.assert_array_equal(inside, event.image())
