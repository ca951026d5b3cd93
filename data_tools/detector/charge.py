"""What changes the charge of hits, and not where they are."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data_tools.detector.effect import POSITIVE, Effect, EventHits
from data_tools.index import Shape, from_flat_index


@dataclass(frozen=True)
class Gain(Effect):
    """Every plane of an event has a gain of its own.

    Attributes:
        spread: standard deviation of the logarithm of a gain; where it is small, of the gain as a fraction.
    """

    spread: float

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        planes = image_shape[-1]
        gain = np.exp(strength * self.spread * random.standard_normal(planes)).astype(np.float32)
        return EventHits(hits.index, hits.value * gain[hits.index % planes])


@dataclass(frozen=True)
class WireGain(Effect):
    """Every wire of an event has a gain of its own.

    Attributes:
        spread: standard deviation of the logarithm of a gain.
    """

    spread: float

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        _, cols, planes = image_shape
        gain = np.exp(strength * self.spread * random.standard_normal((cols, planes))).astype(np.float32)
        _, col, plane = from_flat_index(hits.index, image_shape)
        return EventHits(hits.index, hits.value * gain[col, plane])


@dataclass(frozen=True)
class Noise(Effect):
    """Every hit has noise of the electronics on top. Hits that have no charge left are lost.

    Attributes:
        adc: standard deviation [ADC].
    """

    adc: float

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        noise = strength * self.adc * random.standard_normal(len(hits.index))
        value = (hits.value + noise).astype(np.float32)
        left = value > 0
        return EventHits(hits.index[left], value[left])


@dataclass(frozen=True)
class Attenuation(Effect):
    """Electrons are lost on their way to the wires: charge falls as exp(-drift time / lifetime).

    An event is as likely at any drift distance; within it, later rows have drifted longer. The inverse of the lifetime
    is the strength times that of the field: without strength there is no loss.

    Attributes:
        lifetime: of the electrons [us].
        row: duration of a row [us].
        drift: longest drift time [us].
    """

    LIMITS: ClassVar = {"lifetime": POSITIVE}

    lifetime: float
    row: float
    drift: float

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        begin = random.uniform(0, self.drift)
        row, _, _ = from_flat_index(hits.index, image_shape)
        time = begin + row * self.row
        value = (hits.value * np.exp(-strength * time / self.lifetime)).astype(np.float32)
        left = value > 0
        return EventHits(hits.index[left], value[left])


@dataclass(frozen=True)
class Saturation(Effect):
    """Charge above a limit is cut off. The limit is the field over the strength: without strength there is none.

    Attributes:
        adc: highest value of a pixel [ADC].
    """

    LIMITS: ClassVar = {"adc": POSITIVE}

    adc: float

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        limit = self.adc / strength if strength else np.inf
        return EventHits(hits.index, np.minimum(hits.value.astype(float), limit).astype(np.float32))
