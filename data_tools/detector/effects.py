"""The effects that there are."""

from dataclasses import dataclass

import numpy as np

from data_tools.detector.effect import Effect, EventHits
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

    def __post_init__(self) -> None:
        if self.rows < 0 or self.cols < 0:
            raise ValueError(f"rows {self.rows}, cols {self.cols}: expected 0 or more.")

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        rows, cols, planes = image_shape
        down = _whole(random.uniform(-1, 1), self.rows * strength)
        right = _whole(random.uniform(-1, 1, planes), self.cols * strength)
        row, col, plane = from_flat_index(hits.index, image_shape)
        row, col = row + down, col + right[plane]
        inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
        index = flat_index(row, col, plane, image_shape)[inside]
        order = np.argsort(index)
        return EventHits(index[order].astype(np.int32), hits.value[inside][order])


@dataclass(frozen=True)
class Gain(Effect):
    """Every plane of an event has a gain of its own.

    Attributes:
        spread: standard deviation of the logarithm of a gain; where it is small, of the gain as a fraction.
    """

    spread: float

    def __post_init__(self) -> None:
        if self.spread < 0:
            raise ValueError(f"spread {self.spread}: expected 0 or more.")

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        planes = image_shape[-1]
        gain = np.exp(strength * self.spread * random.standard_normal(planes)).astype(np.float32)
        return EventHits(hits.index, hits.value * gain[hits.index % planes])


@dataclass(frozen=True)
class LostHits(Effect):
    """Hits are missing, each independently of the others.

    Attributes:
        fraction: probability that a hit is missing.
    """

    fraction: float

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:
            raise ValueError(f"fraction {self.fraction}: expected 0 to 1.")

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        kept = random.random(len(hits.index)) >= strength * self.fraction
        return EventHits(hits.index[kept], hits.value[kept])


def _whole(unit: float | np.ndarray, most: float) -> np.ndarray:
    """A whole number from -most to most, all equally likely, for one that is uniform from -1 to 1."""
    whole = np.floor(most)
    return np.clip(np.floor((unit + 1) / 2 * (2 * whole + 1)) - whole, -whole, whole).astype(np.int32)
