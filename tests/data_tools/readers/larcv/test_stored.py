import numpy as np
import pytest

from data_tools.errors import CorruptFile
from data_tools.readers.larcv.stored import Columns, StoredImage

IMAGE = np.array([[0, 1, 0], [2, 0, 3]], np.float32)  # rows x columns, the highest tick in the first row


@pytest.mark.parametrize("column_major", [True, False])
@pytest.mark.parametrize("dtype", [">f4", "<f4", "<i2"])
def test_the_hits_of_a_dense_image(column_major, dtype):
    values = (IMAGE.T if column_major else IMAGE).reshape(-1).astype(dtype)
    row, col, value = StoredImage(0, 2, 3, values, None, column_major, True).hits()
    image = np.zeros((2, 3), np.float32)
    image[row, col] = value
    assert np.array_equal(image, IMAGE[::-1])
    assert value.dtype == np.float32


def test_the_hits_of_a_sparse_image():
    stored = StoredImage(0, 2, 3, np.array([5.0, 0.0, 7.0]), np.array([1, 2, 5], np.uint64), False, False)
    assert [part.tolist() for part in stored.hits()] == [[0, 1], [1, 2], [5.0, 7.0]]


@pytest.mark.parametrize(
    ("values", "voxels", "message"),
    [(np.ones(5), None, "5 pixels in an image of 2 x 3"), (np.ones(1), np.array([6]), "voxel 6 in an image of 2 x 3")],
)
def test_pixels_that_do_not_fit(values, voxels, message):
    with pytest.raises(CorruptFile, match=message):
        StoredImage(0, 2, 3, values, voxels, False, False).hits()


def test_the_first_object_of_every_entry():
    assert Columns({}, np.array([2, 0, 3])).first.tolist() == [0, 2, 2]
