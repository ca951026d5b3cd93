"""Where an event stands in its image."""

from dataclasses import dataclass

import numpy as np

from data_tools.detector.effect import Effect, EventHits, hits_of
from data_tools.index import Shape, flat_index, from_flat_index


@dataclass(frozen=True)
class Shift(Effect):
    """The window around an event stands elsewhere: all planes move together in drift time, each in its own wires.

    Hits that leave the image are lost.

    Attributes:
        rows: most rows that an event moves, either way, all equally likely.
        cols: likewise the columns of each plane.
    """

    rows: int = 0
    cols: int = 0

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        rows, cols, planes = image_shape
        down = _whole(random.uniform(-1, 1), self.rows * strength)
        right = _whole(random.uniform(-1, 1, planes), self.cols * strength)
        row, col, plane = from_flat_index(hits.index, image_shape)
        row, col = row + down, col + right[plane]
        inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
        return hits_of(flat_index(row, col, plane, image_shape)[inside], hits.value[inside])


def _whole(unit: float | np.ndarray, most: float) -> np.ndarray:
    """A whole number from -most to most, all equally likely, for one that is uniform from -1 to 1."""
    whole = np.floor(most)
    return np.clip(np.floor((unit + 1) / 2 * (2 * whole + 1)) - whole, -whole, whole).astype(np.int32)
