import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from data_tools.index import flat_index, from_flat_index, plane_of


@given(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4)))
def test_the_index_is_that_of_a_flat_array_and_back(shape):
    index = np.arange(np.prod(shape))
    row, col, plane = from_flat_index(index, shape)
    assert np.array_equal(np.stack([row, col, plane]), np.unravel_index(index, shape))
    assert np.array_equal(flat_index(row, col, plane, shape), index)
    assert np.array_equal(plane_of(index, shape), plane)


def test_whole_numbers_and_their_type():
    assert from_flat_index(flat_index(5, 3, 2, (7, 8, 3)), (7, 8, 3)) == (5, 3, 2)
    index = np.arange(4, dtype=np.int32)
    assert all(part.dtype == np.int32 for part in from_flat_index(index, (2, 2, 1)))
