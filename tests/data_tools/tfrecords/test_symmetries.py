import itertools

import numpy as np
import pytest

from data_tools.errors import BadOption
from data_tools.tfrecords.dataset import Dataset
from data_tools.tfrecords.symmetries import EXCHANGES, MIRRORED_ON_THE_WAY, turned

SHAPE = (31, 41, 3)
WIRES = np.radians([60, -60, 0])


def seen(points):
    """Columns from the middle (points, planes) of points (z, y) in the three planes."""
    return points @ np.stack([np.cos(WIRES), np.sin(WIRES)])


def exchange(cols, way):
    """Columns from the middle of the same points after one of the exchanges."""
    exchanged = np.empty_like(cols)
    middle = (SHAPE[1] - 1) // 2
    for plane in range(3):
        index = (5 * SHAPE[1] + np.round(cols[:, plane]).astype(int) + middle) * 3 + plane
        parts = (0, MIRRORED_ON_THE_WAY[way][plane], EXCHANGES[way][plane])
        new = turned(index, SHAPE, *(np.full(len(index), part) for part in parts))
        assert (new // 3 // SHAPE[1] == 5).all()
        assert set(new % 3) == {EXCHANGES[way][plane]}
        exchanged[:, new[0] % 3] = new // 3 % SHAPE[1] - middle
    return exchanged


def test_an_exchange_of_planes_is_a_turn_or_a_mirror_in_space():
    # A lattice on which all three planes see whole columns.
    y_step = 1 / np.sqrt(3)
    points = np.array([(z, 2 * y * y_step + (z % 2) * y_step) for z in range(-8, 9) for y in range(-6, 7)])
    cols = seen(points)
    assert np.allclose(cols, np.round(cols))
    transformations = []
    for way in range(len(EXCHANGES)):
        matrix, *_ = np.linalg.lstsq(points, _in_space(exchange(cols, way)), rcond=None)
        assert np.allclose(seen(points @ matrix), exchange(cols, way))
        assert np.allclose(matrix @ matrix.T, np.eye(2))
        transformations += [matrix, -matrix]
    assert len({tuple(np.round(matrix, 6).ravel() + 0.0) for matrix in transformations}) == 12


def _in_space(cols):
    """Points (z, y) from the columns of two planes."""
    return np.stack([cols[:, 2], (cols[:, 0] - cols[:, 1]) / np.sqrt(3)], axis=1)


def in_memory(data):
    hits = data.hits("train")
    return lambda batch_size, **options: hits.batches(batch_size, training=True, **options)


def in_tensorflow(data):
    return lambda batch_size, **options: data.tf_dataset(
        "train", batch_size, training=True, **options
    ).as_numpy_iterator()


@pytest.mark.parametrize("source", [in_memory, in_tensorflow])
def test_training_sees_all_24_images_of_an_event(source, small_data):
    plain, exchanged = (
        itertools.islice(source(small_data)(30, seed=3, **options), 20)
        for options in ({}, {"mirror": True, "exchange_planes": True})
    )
    ways = set()
    for (images, labels), (others, same_labels) in zip(plain, exchanged):
        assert np.array_equal(labels, same_labels)
        for image, other in zip(images, others):
            found = {way for way, expected in all_images(image) if np.array_equal(expected, other)}
            assert len(found) == 1
            ways |= found
    assert len(ways) == 24


def all_images(image):
    """((way, rows, cols), image) for the 24 symmetries, with NumPy's own mirrors."""
    for way, rows, cols in itertools.product(range(6), (1, -1), (1, -1)):
        other = np.empty_like(image)
        for plane in range(3):
            turn = cols * (-1 if MIRRORED_ON_THE_WAY[way][plane] else 1)
            other[..., EXCHANGES[way][plane]] = image[::rows, ::turn, plane]
        yield (way, rows, cols), other


@pytest.mark.parametrize("source", [in_memory, in_tensorflow])
def test_planes_are_exchanged_without_mirrors_too_and_continued(source, small_data):
    batches = source(small_data)
    options = {"seed": 3, "exchange_planes": True}
    whole = [image for image, _ in itertools.islice(batches(7, **options), 6)]
    continued = [image for image, _ in itertools.islice(batches(7, start_iteration=2, **options), 4)]
    assert np.array_equal(whole[2:], continued)
    plain = np.concatenate([image for image, _ in itertools.islice(batches(7, seed=3), 6)])
    ways = set()
    for image, other in zip(plain, np.concatenate(whole)):
        ways |= {way for way, expected in all_images(image) if np.array_equal(expected, other)}
    assert {way[1:] for way in ways} == {(1, 1)}
    assert len(ways) == 6


def test_planes_that_cannot_be_exchanged(small_data):
    hits = small_data.hits("train")
    object.__setattr__(hits, "image_shape", (64, 64, 2))
    with pytest.raises(BadOption, match=r"exchange_planes: expected images of three planes, .* got 2"):
        hits.batches(4, training=True, exchange_planes=True)
    data = Dataset.__new__(Dataset)
    data.image_shape = (64, 64, 1)
    with pytest.raises(BadOption, match="got 1"):
        data.tf_dataset("train", 4, training=True, exchange_planes=True)
