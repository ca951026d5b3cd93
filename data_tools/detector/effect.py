"""What an effect of a detector is: a function of the hits of one event, a strength and random numbers."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

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
class Limit:
    """What the size of an effect has to be.

    Attributes:
        expected: in words.
        met: whether a number is so.
    """

    expected: str
    met: Callable[[float], bool]


NOT_NEGATIVE = Limit("0 or more", lambda value: value >= 0)
POSITIVE = Limit("more than 0", lambda value: value > 0)
FRACTION = Limit("0 to 1", lambda value: 0 <= value <= 1)
COUNT = Limit("1 or more", lambda value: value >= 1)


@dataclass(frozen=True)
class Effect(Record):
    """Base of the effects. The fields of each are its size at strength 1, and not negative.

    `LIMITS` has those that are limited otherwise: {field: Limit}.
    """

    LIMITS: ClassVar[Mapping[str, Limit]] = {}

    def __post_init__(self) -> None:
        sizes: dict[Limit, dict[str, float]] = {}
        for field in fields(self):
            if (value := getattr(self, field.name)) is not None:
                sizes.setdefault(self.LIMITS.get(field.name, NOT_NEGATIVE), {})[field.name] = value
        for limit, found in sizes.items():
            if not all(map(limit.met, found.values())):
                shown = ", ".join(f"{name} {value}" for name, value in found.items())
                raise ValueError(f"{shown}: expected {limit.expected}.")

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
