import keras
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lartpc_zoo.models.planes import PlanesToBatch, PlanesToChannels


@settings(deadline=None)
@given(hnp.arrays(np.float32, (2, 3, 4, 3), elements=st.floats(-10, 1000, width=32)))
def test_planes_go_into_the_batch_and_come_back_as_channels(image):
    apart = PlanesToBatch()(image)
    assert apart.shape == (6, 3, 4, 1)
    for event in range(2):
        for plane in range(3):
            assert np.array_equal(apart[3 * event + plane, ..., 0], image[event, ..., plane])
    assert np.array_equal(PlanesToChannels(3)(apart), image)


def test_shapes_of_a_batch_of_any_size():
    apart = PlanesToBatch()(keras.Input((8, 6, 3)))
    assert apart.shape == (None, 8, 6, 1)
    assert PlanesToChannels(3)(keras.layers.Conv2D(5, 3, padding="same")(apart)).shape == (None, 8, 6, 15)
