import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.inputs import PrepareADC
from lartpc_zoo.models.planes import PlanesToBatch, PlanesToChannels

images = hnp.arrays(np.float32, (1, 3, 4, 3), elements=st.floats(-10, 1000, width=32))


@settings(deadline=None)
@given(images)
def test_below_the_threshold_zero_above_the_maximum_the_maximum_then_the_scale(image):
    spec = InputSpec(threshold=(40, 50, 40), maximum=(400, 500, 400), scale=0.5)
    expected = np.where(image < [40, 50, 40], 0, np.minimum(image, [400, 500, 400])) * 0.5
    assert np.allclose(PrepareADC(spec.threshold, spec.maximum, spec.scale)(image), expected)


def test_by_default_only_the_scale():
    image = np.array([[-5.0, 0.0, 2500.0]], np.float32)
    assert np.allclose(PrepareADC(scale=InputSpec().scale)(image), image / 100)


def test_a_scale_must_be_positive():
    with pytest.raises(BadInput, match="scale 0: expected a positive number"):
        InputSpec(scale=0)


@settings(deadline=None)
@given(hnp.arrays(np.float32, (2, 3, 4, 3), elements=st.floats(-10, 1000, width=32)))
def test_planes_go_into_the_batch_and_come_back_as_channels(image):
    apart = PlanesToBatch()(image)
    assert apart.shape == (6, 3, 4, 1)
    for event in range(2):
        for plane in range(3):
            assert np.array_equal(apart[3 * event + plane, ..., 0], image[event, ..., plane])
    assert np.array_equal(PlanesToChannels(3)(apart), image)
