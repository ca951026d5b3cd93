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


def hits_of(index: np.ndarray, value: np.ndarray) -> EventHits:
    """Hits in ascending order; the charge of several in one pixel is summed.

    Args:
        index: (hits,) pixels of the image, in any order.
        value: (hits,) ADC.
    """
    order = np.argsort(index, kind="stable")
    index, value = index[order].astype(np.int32), value[order]
    first = np.ones(len(index), bool)
    np.not_equal(index[1:], index[:-1], out=first[1:])
    if first.all():
        return EventHits(index, value.astype(np.float32))
    return EventHits(index[first], np.add.reduceat(value, np.flatnonzero(first)).astype(np.float32))


def check_not_negative(effect: Effect, *names: str) -> None:
    """Raise ValueError where a field is below 0."""
    found = {name: getattr(effect, name) for name in names}
    if any(value < 0 for value in found.values()):
        raise ValueError(f"{_shown(found)}: expected 0 or more.")


def check_fraction(effect: Effect, *names: str) -> None:
    """Raise ValueError where a field is not from 0 to 1."""
    found = {name: getattr(effect, name) for name in names}
    if not all(0 <= value <= 1 for value in found.values()):
        raise ValueError(f"{_shown(found)}: expected 0 to 1.")


def _shown(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
