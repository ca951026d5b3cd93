"""How many cells of the feature maps of a data set are active, level by level. Needs no Keras."""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

import data_tools
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.models.levels import Level
from lartpc_zoo.models.site_maker import Pixels
from lartpc_zoo.models.sites import Grid, levels_of, places_of

EVENTS = 2000
"""Of the first sample, which is in random order, that a mean is taken over at most."""
_AT_A_TIME = 100


def mean_active_cells(data: Dataset | str | Path, pixels: Pixels) -> Callable[[Level], float]:
    """How many cells are active on average in the first events of the first sample of a data set.

    Args:
        data: the data set or its directory.
        pixels: how its hits become active pixels.

    Returns:
        Function from a level to the mean number of active cells of an event.
    """
    dataset = data if isinstance(data, Dataset) else data_tools.open_dataset(data)
    hits = dataset.hits(dataset.samples[0])
    events = min(EVENTS, len(hits))

    @functools.cache
    def cells(level: Level) -> float:
        image = level
        while image.above is not None:
            image = image.above
        grids = {one: Grid(one, border=0) for one in levels_of([level], image)}
        seen, found = Pixels(pixels.image_shape, pixels.inputs, pixels.plane, apart=image.images > 1), 0
        for first in range(0, events, _AT_A_TIME):
            batch = hits.hits_of(np.arange(first, min(first + _AT_A_TIME, events)))
            place, _, _ = seen.active(batch, grids[image])
            found += len(places_of(place, grids)[level])
        return found / events

    return cells
