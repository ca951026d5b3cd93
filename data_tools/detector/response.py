"""What spreads charge over neighbouring pixels."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data_tools.detector.effect import FRACTION, Effect, EventHits, hits_of
from data_tools.index import Shape, flat_index, from_flat_index

_REACH = 4
"""Pixels to either side; at a standard deviation of one pixel 0.02 % of the charge are beyond."""


@dataclass(frozen=True)
class Broadening(Effect):
    """Charge spreads as a Gaussian, in drift time and over wires: diffusion, or a response wider than expected.

    Charge is kept, but for what leaves the image, and for new pixels below the threshold, which are not recorded.

    Attributes:
        rows: standard deviation in drift time [pixels], 1 at most.
        cols: standard deviation over wires [pixels], 1 at most.
        adc: threshold of new pixels [ADC].
    """

    LIMITS: ClassVar = {"rows": FRACTION, "cols": FRACTION}

    rows: float = 0.0
    cols: float = 0.0
    adc: float = 10.0

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        if not len(hits.index):
            return hits
        row, col, plane = from_flat_index(hits.index, image_shape)
        index, value = [], []
        for down, in_rows in _weights(strength * self.rows):
            for right, in_cols in _weights(strength * self.cols):
                to_row, to_col = row + down, col + right
                inside = (to_row >= 0) & (to_row < image_shape[0]) & (to_col >= 0) & (to_col < image_shape[1])
                index.append(flat_index(to_row, to_col, plane, image_shape)[inside])
                value.append(hits.value[inside] * np.float32(in_rows * in_cols))
        spread = hits_of(np.concatenate(index), np.concatenate(value))
        kept = (spread.value >= self.adc) | np.isin(spread.index, hits.index, assume_unique=True)
        kept &= spread.value > 0
        return EventHits(spread.index[kept], spread.value[kept])


def _weights(sigma: float) -> list[tuple[int, float]]:
    """(pixel, fraction of the charge) of a Gaussian on pixels, about pixel 0; fractions add up to 1.

    exp(-t) I_n(t), t = sigma^2, has that standard deviation however small it is (Lindeberg 1990, IEEE Transactions on
    Pattern Analysis and Machine Intelligence 12, 234).
    """
    from scipy.special import ive

    pixels = np.arange(-_REACH, _REACH + 1)
    weights = ive(np.abs(pixels), sigma**2)
    used = weights > 0
    return list(zip(pixels[used].tolist(), (weights[used] / weights.sum()).tolist()))
