"""Effects of a detector on whole events, the same wherever an event is seen: in conversion and in scoring."""

from dataclasses import dataclass, field, replace

from data_tools.detector.combination import Effects
from data_tools.detector.effect import EventHits
from data_tools.event import Event
from data_tools.record import Record

_MOST = 2**64


@dataclass(frozen=True)
class Disturbance(Record):
    """Effects of a detector, of one strength.

    Attributes:
        effects: with their sizes at strength 1.
        strength: of all of them, 0 to 1.
        seed: of the random numbers; an event of the same run, subrun and event has the same ones.
        name: what it was called, for tables.
    """

    effects: Effects
    strength: float = 1.0
    seed: int = 0
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise ValueError(f"strength {self.strength}: expected 0 to 1.")

    def of(self, event: Event) -> Event:
        """The event with the effects; the pixels of the image are those that the sizes of the effects mean."""
        numbers = (self.seed, event.run % _MOST, event.subrun % _MOST, event.event % _MOST)
        hits = self.effects.apply(EventHits(event.index, event.value), event.shape, numbers, self.strength)
        return replace(event, index=hits.index, value=hits.value)
