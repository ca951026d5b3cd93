import numpy as np

from lartpc_zoo.models.inputs import ActivePixels
from lartpc_zoo.models.masked import ActiveCells, ActiveMean, KeepActive

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(2, 7, 5, 3)).astype(np.float32) * (RANDOM.random((2, 7, 5, 1)) < 0.4)
ACTIVE = X.any(axis=-1, keepdims=True).astype(np.float32)


def test_pixels_are_active_where_any_channel_is_not_0_also_below():
    assert np.array_equal(ActivePixels()(X), ACTIVE)
    assert X.min() < 0
    assert 0 < ACTIVE.mean() < 1


def test_what_is_not_active_is_0():
    assert np.array_equal(KeepActive()(X + 1, ACTIVE), (X + 1) * ACTIVE)


def test_cells_with_an_active_pixel_are_active_those_at_the_border_too():
    for sides in ((4, 3), (3, 2)):  # windows without padding leave the last one out
        found = np.asarray(ActiveCells(2, sides)(ACTIVE))[..., 0]
        for row in range(sides[0]):
            for col in range(sides[1]):
                cell = ACTIVE[:, 2 * row : 2 * row + 2, 2 * col : 2 * col + 2, 0]
                assert np.array_equal(found[:, row, col], cell.max(axis=(1, 2)))


def test_means_are_those_of_active_pixels_and_0_where_there_are_none():
    whole = np.asarray(ActiveMean()(X, ACTIVE))
    expected = [image[active[..., 0] > 0].mean(axis=0) for image, active in zip(X, ACTIVE)]
    assert np.allclose(whole, expected, atol=1e-6)
    cells = np.asarray(ActiveMean(2)(X, ACTIVE))
    assert cells.shape == (2, 4, 3, 3)
    last = X[:, 6:, 4:].reshape(2, 3)  # a cell of one pixel
    assert np.allclose(cells[:, 3, 2], last)
    assert not np.asarray(ActiveMean()(0 * X, 0 * ACTIVE)).any()
