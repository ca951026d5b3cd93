"""The tables by which a network on sites finds neighbours, windows and events: numbers of rows of the features.

Where nothing is, a table has the last row, which is of zeros. A table of windows has an inverse: the places in the flat
table at which each row stands, for the gradient. There the last place stands for nothing, which belongs to a row of
zeros.
"""

import abc
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lartpc_zoo.models.levels import Level, Window
from lartpc_zoo.models.sites import NOTHING, Batch, Sites


class Table(abc.ABC):
    """One table of a batch."""

    @property
    @abc.abstractmethod
    def columns(self) -> int | None:
        """Entries of a row; None where the table has one axis."""

    @property
    @abc.abstractmethod
    def borders(self) -> dict[Level, int]:
        """The levels that it is made of, and how far around an image it looks there."""

    @abc.abstractmethod
    def of(self, batch: Batch) -> np.ndarray:
        """The table of a batch, (rows, columns) or (rows,) int32."""


@dataclass(frozen=True)
class _OfWindow(Table):
    """A table of the windows of a convolution or pool."""

    window: Window

    def _sites(self, batch: Batch) -> tuple[Sites, Sites]:
        """Of the pixels and of the outputs."""
        return batch.sites(self.window.level), batch.sites(self.window.target)


class Neighbours(_OfWindow):
    """The pixels in each window: (capacity of the target, size * size)."""

    @property
    def columns(self) -> int:
        return self.window.size**2

    @property
    def borders(self) -> dict[Level, int]:
        return {self.window.target: 0, self.window.level: self.window.size}

    def of(self, batch: Batch) -> np.ndarray:
        pixels, outputs = self._sites(batch)
        row, col = np.divmod(np.arange(self.columns, dtype=np.int32), np.int32(self.window.size))
        table = np.full((outputs.capacity, self.columns), pixels.nothing, np.int32)
        table[: len(outputs)] = pixels.at(self._corner(pixels, outputs)[:, None] + (row * pixels.grid.pitch + col))
        return table

    def _corner(self, pixels: Sites, outputs: Sites) -> np.ndarray:
        """Places of the first pixel of each window."""
        above, left = map(np.int32, self.window.before)
        image, row, col = outputs.coordinates()
        stride = np.int32(self.window.stride)
        return pixels.grid.place(image, row * stride - above, col * stride - left)


class WindowsAround(_OfWindow):
    """The inverse of Neighbours: (capacity of the level, windows that a pixel may be in)."""

    @property
    def columns(self) -> int:
        return self.window.per_pixel**2

    @property
    def borders(self) -> dict[Level, int]:
        return {self.window.level: 0, self.window.target: self.window.per_pixel}

    def of(self, batch: Batch) -> np.ndarray:
        pixels, outputs = self._sites(batch)
        size = np.int32(self.window.size)
        nothing = np.int32(outputs.capacity * self.window.size**2 - 1)
        image, row, col = pixels.coordinates()
        above, left = map(np.int32, self.window.before)
        table = np.full((pixels.capacity, self.columns), nothing, np.int32)
        windows = [(a, b) for a in self._windows(row + above) for b in self._windows(col + left)]
        for number, ((down_number, down), (right_number, right)) in enumerate(windows):
            output = outputs.numbers[outputs.grid.place(image, down_number, right_number)]
            there = (output != NOTHING) & (down < size) & (right < size)
            table[: len(pixels), number] = np.where(there, (output * size + down) * size + right, nothing)
        return table

    def _windows(self, position: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(number of the window, position in it) along one axis, for each of the windows that a pixel may be in.

        In fewer windows a pixel is where the position is `size` or more.
        """
        stride = np.int32(self.window.stride)
        last = position // stride
        for back in range(self.window.per_pixel):
            number = last - np.int32(back)
            yield number, position - number * stride


@dataclass(frozen=True)
class _OfLevel(Table):
    """A table of the sites of one level."""

    level: Level

    @property
    def columns(self) -> int | None:
        return None

    @property
    def borders(self) -> dict[Level, int]:
        return {self.level: 0}


class EventOf(_OfLevel):
    """The number of each site's event, and the number of events for rows of zeros: (capacity,)."""

    def of(self, batch: Batch) -> np.ndarray:
        sites = batch.sites(self.level)
        table = np.full(sites.capacity, batch.events, np.int32)
        table[: len(sites)] = sites.coordinates()[0]
        return table


class Number(_OfLevel):
    """How many sites there are: (1,)."""

    def of(self, batch: Batch) -> np.ndarray:
        return np.array([len(batch.sites(self.level))], np.int32)


class AllPixels(_OfLevel):
    """The sites of all pixels, row by row, and of one more event without any: ((events + 1) * rows * cols, 1)."""

    @property
    def columns(self) -> int:
        return 1

    def of(self, batch: Batch) -> np.ndarray:
        sites = batch.sites(self.level)
        table = np.full((_all_pixels(batch, self.level), 1), sites.nothing, np.int32)
        table[_pixels(sites), 0] = np.arange(len(sites), dtype=np.int32)
        return table


class PlacesInAll(_OfLevel):
    """The inverse of AllPixels: (capacity, 1)."""

    @property
    def columns(self) -> int:
        return 1

    def of(self, batch: Batch) -> np.ndarray:
        sites = batch.sites(self.level)
        table = np.full((sites.capacity, 1), _all_pixels(batch, self.level) - 1, np.int32)
        table[: len(sites), 0] = _pixels(sites)
        return table


class _OfPlanes(_OfLevel):
    """A table of the level at which planes are images of their own, and of the one at which they come together."""

    @property
    def borders(self) -> dict[Level, int]:
        return {self.level: 0, self.level.joined(): 0}

    def _sites(self, batch: Batch) -> tuple[Sites, Sites]:
        """Apart and together."""
        return batch.sites(self.level), batch.sites(self.level.joined())


class PlanesTogether(_OfPlanes):
    """The sites of all planes of an event at one place: (capacity of the joined level, planes)."""

    @property
    def columns(self) -> int:
        return self.level.images

    def of(self, batch: Batch) -> np.ndarray:
        apart, together = self._sites(batch)
        event, row, col = together.coordinates()
        image = event[:, None] * np.int32(self.columns) + np.arange(self.columns, dtype=np.int32)
        table = np.full((together.capacity, self.columns), apart.nothing, np.int32)
        table[: len(together)] = apart.at(apart.grid.place(image, row[:, None], col[:, None]))
        return table


class PlacesTogether(_OfPlanes):
    """The inverse of PlanesTogether: (capacity of the level, 1)."""

    @property
    def columns(self) -> int:
        return 1

    def of(self, batch: Batch) -> np.ndarray:
        apart, together = self._sites(batch)
        planes = np.int32(self.level.images)
        image, row, col = apart.coordinates()
        event, plane = np.divmod(image, planes)
        table = np.full((apart.capacity, 1), together.capacity * planes - 1, np.int32)
        table[: len(apart), 0] = together.numbers[together.grid.place(event, row, col)] * planes + plane
        return table


def _all_pixels(batch: Batch, level: Level) -> int:
    rows, cols = level.sides
    return (batch.events + 1) * rows * cols


def _pixels(sites: Sites) -> np.ndarray:
    """The number of each site's pixel, row by row, image by image."""
    image, row, col = sites.coordinates()
    rows, cols = map(np.int32, sites.grid.level.sides)
    return (image * rows + row) * cols + col
