import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from data_tools.conversion.crop import crop, cropped_shape, parse_crop
from data_tools.errors import BadOption
from data_tools.event import Event, Truth

SHAPE = (7, 9, 2)
TRUTH = Truth(11, (1.0, 2.0, 3.0), 4.0, 5.0, (6.0, 7.0, 8.0))


def event_of(image):
    index = np.flatnonzero(image).astype(np.int32)
    return Event(0, 1, 2, 3, image.shape, index, image.reshape(-1)[index], TRUTH)


@settings(deadline=None)
@given(hnp.arrays(np.float32, SHAPE, elements=st.sampled_from([0, 0, 0, 1, 2.5])), st.integers(1, 7), st.integers(1, 9))
def test_the_window_is_a_piece_of_every_plane_and_no_other_holds_more(image, rows, cols):
    cropped = crop(event_of(image), (rows, cols))
    first_row, *first_cols = cropped.offset
    band = image[first_row : first_row + rows]
    assert band.shape[0] == rows
    for plane, first_col in enumerate(first_cols):
        piece = band[:, first_col : first_col + cols, plane]
        assert np.array_equal(cropped.image()[..., plane], piece)
        others = [band[:, start : start + cols, plane].sum() for start in range(SHAPE[1] - cols + 1)]
        assert piece.sum() == pytest.approx(max(others))
    bands = [image[start : start + rows].sum() for start in range(SHAPE[0] - rows + 1)]
    assert band.sum() == pytest.approx(max(bands))
    assert np.all(np.diff(cropped.index) > 0)
    assert ("cut-hits" in cropped.flags) == (len(cropped.index) < np.count_nonzero(image))


def test_a_track_that_fits_lies_in_the_middle_of_its_window():
    image = np.zeros((100, 100, 1), np.float32)
    image[40:50, 70:72] = 1
    assert crop(event_of(image), (20, 10)).offset == (35, 66)


def test_an_empty_event_gives_the_middle():
    assert crop(event_of(np.zeros((10, 20, 3), np.float32)), (4, 4)).offset == (3, 8, 8, 8)


def test_no_crop():
    event = event_of(np.ones(SHAPE, np.float32))
    assert crop(event, None) is event
    assert cropped_shape(SHAPE, None) == SHAPE
    assert parse_crop(None) is None


@pytest.mark.parametrize("text", ["576", "576x", "0x5", "axb", "5x5x5", "-1x5", 576, (576,)])
def test_a_window_that_cannot_be(text):
    with pytest.raises(BadOption, match="expected ROWSxCOLS"):
        parse_crop(text)


def test_a_window_larger_than_the_image():
    with pytest.raises(BadOption, match='crop="8x9": larger than the images of 7 x 9'):
        cropped_shape(SHAPE, parse_crop("8x9"))
