import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.inputs import PrepareADC, SelectPlane

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


def test_one_plane_keeps_its_axis():
    image = np.arange(24, dtype=np.float32).reshape(1, 2, 4, 3)
    assert np.array_equal(SelectPlane(1)(image), image[..., 1:2])
