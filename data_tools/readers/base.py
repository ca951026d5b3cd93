"""What every reader is, whatever its format: one file, entry by entry, as events."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from data_tools.event import Event, LeftOut
from data_tools.index import Shape
from data_tools.truth import TruthTable


class Reader(ABC):
    """One input file.

    How a format stores planes is known to its reader alone: where planes have different numbers of wires, `shape` has
    the columns of the widest one, and the others have no hits beyond their own.

    Attributes:
        path: path or URL of the file.
        entries: number of them.
        shape: (rows, cols, planes) of every image.
        planes: plane ids in the order of an image's last axis.
        pixel_cm: (drift, wire) size of a pixel in cm, None where the file does not tell.
        labelled: whether there is truth, with any PDG code that is not 0.
        trees: names of what is read of the file, one at least: with another choice it would be other data.
    """

    path: Path | str
    entries: int
    shape: Shape
    planes: tuple[int, ...]
    pixel_cm: tuple[float, float] | None
    labelled: bool
    trees: tuple[str, ...]

    @abstractmethod
    def truth(self, start: int = 0, stop: int | None = None) -> TruthTable:
        """The truth of the entries from `start` to `stop` (None: the end), without looking at pixels.

        Raises:
            BadEntry, CorruptFile: a policy is to stop.
        """

    @abstractmethod
    def events(
        self, start: int = 0, stop: int | None = None, wanted: np.ndarray | None = None
    ) -> Iterator[Event | LeftOut]:
        """Yield every entry from `start` to `stop` (None: the end), in order.

        Args:
            start: first entry.
            stop: end of the range.
            wanted: (stop - start,) bool; entries where it is False are passed over.

        Raises:
            BadEntry, CorruptFile, ShapeMismatch, TruthMismatch: a policy is to stop; the message names file and entry.
        """
