"""From the hits of a batch to what a network on sites takes."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data_tools.index import Shape
from data_tools.tfrecords.batches import HitBatch
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.levels import Level
from lartpc_zoo.models.site_tables import Table
from lartpc_zoo.models.sites import Batch, Grid, levels_of


@dataclass(frozen=True)
class Pixels:
    """How the hits of a data set become active pixels.

    Attributes:
        image_shape: (rows, cols, planes) of the data.
        inputs: threshold, maximum and scale.
        plane: the only one that is seen, or None for all.
        apart: whether planes are images of their own.
    """

    image_shape: Shape
    inputs: InputSpec
    plane: int | None = None
    apart: bool = False

    @property
    def level(self) -> Level:
        """The level of the image."""
        rows, cols, planes = self.image_shape
        return Level((rows, cols), planes if self.apart else 1)

    @property
    def channels(self) -> int:
        """Of a pixel."""
        return 1 if self.apart or self.plane is not None else self.image_shape[2]

    def active(self, hits: HitBatch, grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pixels that are not 0 once prepared.

        Args:
            hits: of a batch.
            grid: of the level of the image.

        Returns:
            Of each such hit its place in the grid, its channel and its value, float32.
        """
        pixel, plane = np.divmod(hits.index, np.int32(self.image_shape[2]))
        value = prepared(hits.value, plane, self.inputs)
        seen = value != 0
        if self.plane is not None:
            seen &= plane == self.plane
        event, pixel, plane = hits.event[seen], pixel[seen], plane[seen]
        row, col = np.divmod(pixel, np.int32(self.image_shape[1]))
        image = event * np.int32(self.image_shape[2]) + plane if self.apart else event
        return grid.place(image, row, col), plane if self.channels > 1 else np.zeros_like(plane), value[seen]


@dataclass(frozen=True)
class SitePlan:
    """What a network on sites takes of a batch.

    Attributes:
        pixels: how hits become active pixels.
        tables: in the order of the network's inputs.
    """

    pixels: Pixels
    tables: tuple[Table, ...]

    def maker(self) -> "SiteMaker":
        """A new SiteMaker."""
        return SiteMaker(self)


class SiteMaker:
    """Makes of the hits of a batch what a network on sites takes; of one batch at a time."""

    def __init__(self, plan: SitePlan) -> None:
        borders: dict[Level, int] = {}
        for table in plan.tables:
            for level, border in table.borders.items():
                borders[level] = max(border, borders.get(level, 0))
        levels = levels_of(list(borders), plan.pixels.level)
        self._lock = threading.Lock()  # the grids are those of one batch
        self._plan, self._grids = plan, {level: Grid(level, borders.get(level, 0)) for level in levels}

    @property
    def columns(self) -> list[int | None]:
        """The second axis of each array that it makes, None for those with one axis."""
        return [None, self._plan.pixels.channels, *(table.columns for table in self._plan.tables)]

    def __call__(self, hits: HitBatch, events: int) -> list[np.ndarray]:
        """What the network takes.

        Args:
            hits: of the batch.
            events: how many, those without hits too.

        Returns:
            Active hits of each event (events,) int32, features of the image (capacity, channels) float32, and the
            tables, int32.

        Raises:
            BadInput: the batch has more pixels than can be numbered.
        """
        with self._lock:
            return self._make(hits, events)

    def _make(self, hits: HitBatch, events: int) -> list[np.ndarray]:
        pixels = self._plan.pixels
        for each in self._grids.values():
            each.check(events)
        grid = self._grids[pixels.level]
        place, channel, value = pixels.active(hits, grid)
        with Batch(events, place, self._grids) as batch:
            sites = batch.sites(pixels.level)
            features = np.zeros((sites.capacity, pixels.channels), np.float32)
            features[sites.numbers[place], channel] = value
            event = place // np.int32(grid.area * grid.level.images)
            active = np.bincount(event, minlength=events).astype(np.int32)
            return [active, features, *(table.of(batch) for table in self._plan.tables)]


def prepared(value: np.ndarray, plane: np.ndarray, inputs: InputSpec) -> np.ndarray:
    """What the layer prepare_adc makes of hits.

    Args:
        value: ADC, (hits,) float32.
        plane: of each hit.
        inputs: threshold, maximum and scale.
    """
    if inputs.threshold is not None:
        value = np.where(value < _of_planes(inputs.threshold, plane), np.float32(0), value)
    if inputs.maximum is not None:
        value = np.minimum(value, _of_planes(inputs.maximum, plane))
    return value * np.float32(inputs.scale)


def _of_planes(limit: float | Sequence[float], plane: np.ndarray) -> np.ndarray:
    limits = np.asarray(limit, np.float32)
    return limits[plane] if limits.ndim else limits
