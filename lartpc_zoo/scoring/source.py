"""What can be scored piece by piece: a LArCV file, or a shard of a data set."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data_tools.errors import CorruptFile, UserError
from data_tools.event import Event

LabelledEvent = tuple[Event, int, int]
"""An event, the position of its class (-1: none), and that of its file."""


@dataclass(frozen=True)
class Reading:
    """How LArCV files are read.

    Attributes:
        policies: {defect: policy}, see data_tools.defects.
        image_producer, particle_producer: as of data_tools.convert.
        fit: whether images of another size are padded or cut to that of the network.
    """

    policies: Mapping[str, str] = field(default_factory=dict)
    image_producer: str | None = None
    particle_producer: str | None = None
    fit: bool = False


class Source(ABC):
    """Something that events are read from, once.

    Attributes:
        path: path or URL.
        planes: plane ids in the order of channels.
        file_names: of the files that its events are from, by their position.
        entries: how many there are.
        left_out: {defect: entries that are no events}, of what was read so far.
        noticed: {defect: events that have it and are scored all the same}, likewise.
        fitted: (rows, cols) that its images are padded or cut to; None where they are as they should be.
    """

    path: Path | str
    planes: tuple[int, ...]
    file_names: Sequence[str]
    entries: int
    left_out: Counter[str]
    noticed: Counter[str]
    fitted: tuple[int, int] | None = None

    def read(self) -> Iterator[LabelledEvent]:
        """Yield the events in their order. Raises UserError or OSError where they cannot be read."""
        try:
            yield from self.events()
        except (UserError, OSError, MemoryError):
            raise
        except Exception as error:  # whatever a library makes of a damaged file
            raise CorruptFile(f"{self.path}: cannot be read ({type(error).__name__}: {error}).") from error

    @abstractmethod
    def events(self) -> Iterator[LabelledEvent]:
        """Yield the events in their order."""
