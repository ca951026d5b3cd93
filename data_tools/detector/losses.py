"""What takes hits away."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data_tools.detector.effect import COUNT, FRACTION, Effect, EventHits
from data_tools.errors import BadOption
from data_tools.index import Shape, from_flat_index, plane_of


@dataclass(frozen=True)
class LostHits(Effect):
    """Hits are missing, each independently of the others.

    Attributes:
        fraction: probability that a hit is missing.
    """

    LIMITS: ClassVar = {"fraction": FRACTION}

    fraction: float

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        kept = random.random(len(hits.index)) >= strength * self.fraction
        return EventHits(hits.index[kept], hits.value[kept])


@dataclass(frozen=True)
class Threshold(Effect):
    """Hits below a threshold are not recorded.

    Attributes:
        adc: the threshold [ADC].
    """

    adc: float

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        kept = hits.value >= strength * self.adc
        return EventHits(hits.index[kept], hits.value[kept])


@dataclass(frozen=True)
class DeadWires(Effect):
    """Wires give no signal, in groups of neighbours that are dead together.

    Attributes:
        fraction: probability that a wire is dead.
        together: wires of a group; 1: each on its own.
    """

    LIMITS: ClassVar = {"fraction": FRACTION, "together": COUNT}

    fraction: float
    together: int = 1

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        _, cols, planes = image_shape
        # A group may begin before the first wire of the image.
        groups = cols // self.together + 2
        begin = random.integers(self.together, size=planes)
        dead = random.random((groups, planes)) < strength * self.fraction
        _, col, plane = from_flat_index(hits.index, image_shape)
        kept = ~dead[(col + begin[plane]) // self.together, plane]
        return EventHits(hits.index[kept], hits.value[kept])


@dataclass(frozen=True)
class MissingPlane(Effect):
    """A whole plane has no hits.

    Attributes:
        probability: that a plane is missing.
        plane: which one, by its position in the image; None: any, all equally likely.
    """

    LIMITS: ClassVar = {"probability": FRACTION}

    probability: float = 1.0
    plane: int | None = None

    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        planes = image_shape[-1]
        if self.plane is not None and self.plane >= planes:
            raise BadOption(f"missing_plane: plane {self.plane} of images with {planes}: expected 0 to {planes - 1}.")
        missing = random.integers(planes) if self.plane is None else self.plane
        if random.random() >= strength * self.probability:
            return hits
        kept = plane_of(hits.index, image_shape) != missing
        return EventHits(hits.index[kept], hits.value[kept])
