import numpy as np

from lartpc_zoo.plots.cells import STRIDES, cells, cells_display


def test_a_cell_is_active_where_any_of_its_pixels_is():
    active = np.zeros((7, 5), bool)
    active[6, 4] = active[1, 1] = True
    assert np.array_equal(cells(active, 1), active)
    assert np.argwhere(cells(active, 2)).tolist() == [[0, 0], [3, 2]]
    assert cells(active, 4).tolist() == [[True, False], [False, True]]
    assert cells(active, 8).tolist() == [[True]]


def test_every_level_says_how_much_of_it_is_active(small_data):
    event, _ = next(small_data.iterate("train"))
    titles = [axis.get_title() for axis in cells_display(event, "a file").axes]
    assert len(titles) == len(STRIDES)
    assert titles[0].startswith(f"stride 1: {event.image().any(axis=-1).sum():,} of 64 × 64, ")
