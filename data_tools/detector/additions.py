"""What adds hits: noise, and particles that have nothing to do with the event."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data_tools.detector.effect import FRACTION, Effect, EventHits, hits_of
from data_tools.index import Shape, flat_index

_LANDAU_LIKE = 0.3
"""Standard deviation of the logarithm of the charge of a track's pixels."""
_PLANES_OF_A_TRACK = 3


@dataclass(frozen=True)
class NoiseHits(Effect):
    """Pixels pass the threshold by noise, each independently of the others. What is a hit already stays as it is.

    Attributes:
        occupancy: fraction of all pixels.
        adc: the threshold [ADC].
        scale: mean of what they have above it [ADC], distributed exponentially.
    """

    LIMITS: ClassVar = {"occupancy": FRACTION}

    occupancy: float
    adc: float = 10.0
    scale: float = 3.0

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        pixels = int(np.prod(image_shape))
        number = random.binomial(pixels, strength * self.occupancy)
        index = np.setdiff1d(random.integers(pixels, size=number), hits.index)  # unique, too
        value = (self.adc + random.exponential(self.scale, len(index))).astype(np.float32)
        some = value > 0
        return hits_of(np.concatenate([hits.index, index[some]]), np.concatenate([hits.value, value[some]]))


@dataclass(frozen=True)
class Tracks(Effect):
    """Straight tracks cross the window, as of cosmic muons; their charge adds to that of the event.

    A track has any direction in space, and passes a random place of every plane's window. With three planes at +60, -60
    and 0 degrees its slopes fit together: that of plane 2 is the sum of the others.

    Attributes:
        number: mean number of them, Poisson distributed.
        adc: charge of a pixel that a track crosses [ADC], with fluctuations.
    """

    number: float
    adc: float = 80.0

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        index, value = [hits.index], [hits.value]
        for _ in range(random.poisson(strength * self.number)):
            pixels = np.concatenate(_track(image_shape, random))
            index.append(pixels)
            value.append((self.adc * np.exp(_LANDAU_LIKE * random.standard_normal(len(pixels)))).astype(np.float32))
        found = hits_of(np.concatenate(index), np.concatenate(value))
        some = found.value > 0
        return EventHits(found.index[some], found.value[some])


def _track(image_shape: Shape, random: np.random.Generator) -> list[np.ndarray]:
    """The pixels of each plane that a straight track crosses."""
    rows, cols, planes = image_shape
    direction = random.standard_normal(3)  # drift, and two of the plane of the wires
    drift, along = direction[0], direction[1:]
    angles = np.radians([60, -60, 0])[:planes] if planes == _PLANES_OF_A_TRACK else np.zeros(planes)
    # Across wires at an angle a to the vertical: z cos a - y sin a.
    across = along[0] * np.cos(angles) - along[1] * np.sin(angles)
    row = random.uniform(0, rows)
    found = []
    for plane in range(planes):
        col = random.uniform(0, cols)
        step = max(abs(drift), abs(across[plane]), np.finfo(float).tiny)
        reach = np.arange(-(rows + cols), rows + cols + 1)
        at_row = np.floor(row + reach * drift / step).astype(np.int64)
        at_col = np.floor(col + reach * across[plane] / step).astype(np.int64)
        inside = (at_row >= 0) & (at_row < rows) & (at_col >= 0) & (at_col < cols)
        found.append(np.unique(flat_index(at_row[inside], at_col[inside], plane, image_shape)))
    return found
