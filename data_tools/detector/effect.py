"""What an effect of a detector is: a function of the hits of one event, a strength and random numbers."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from data_tools.index import Shape
from data_tools.record import Record


@dataclass(frozen=True)
class EventHits:
    """The hits of one event.

    Attributes:
        index: (hits,) int32, pixel of each hit, unique and ascending, see data_tools.index.
        value: (hits,) float32, ADC.
    """

    index: np.ndarray
    value: np.ndarray


@dataclass(frozen=True)
class Effect(Record):
    """Base of the effects. The fields of each are its size at strength 1."""

    @abstractmethod
    def apply(
        self, hits: EventHits, image_shape: Shape, random: np.random.Generator, strength: float = 1.0
    ) -> EventHits:
        """The hits of an event with the effect.

        Args:
            hits: of the event.
            image_shape: (rows, cols, planes).
            random: where its random numbers come from.
            strength: 0 changes nothing, 1 is the effect as its fields say.

        Returns:
            Hits in the image, unique and ascending.
        """
