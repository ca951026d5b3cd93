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
class Neighbours(Table):
    """The pixels in each window: (capacity of the target, size * size)."""

    window: Window

    @property
    def columns(self) -> int:
        return self.window.size**2

    @property
    def borders(self) -> dict[Level, int]:
        return {self.window.target: 0, self.window.level: self.window.size}

    def of(self, batch: Batch) -> np.ndarray:
        pixels, outputs = batch.sites(self.window.level), batch.sites(self.window.target)
        row, col = np.divmod(np.arange(self.columns, dtype=np.int32), np.int32(self.window.size))
        table = np.full((outputs.capacity, self.columns), pixels.nothing, np.int32)
        table[: len(outputs)] = pixels.at(self._corner(pixels, outputs)[:, None] + (row * pixels.grid.pitch + col))
        return table

    def _corner(self, pixels: Sites, outputs: Sites) -> np.ndarray:
        """Places of the first pixel of each window."""
        above, left = map(np.int32, self.window.before)
        if pixels is outputs:
            return pixels.place - above * pixels.grid.pitch - left
        image, row, col = outputs.coordinates()
        stride = np.int32(self.window.stride)
        return pixels.grid.place(image, row * stride - above, col * stride - left)


@dataclass(frozen=True)
class WindowsAround(Table):
    """The inverse of Neighbours: (capacity of the level, windows that a pixel may be in)."""

    window: Window

    @property
    def columns(self) -> int:
        return self.window.per_pixel**2

    @property
    def borders(self) -> dict[Level, int]:
        return {self.window.level: 0, self.window.target: self.window.per_pixel}

    def of(self, batch: Batch) -> np.ndarray:
        pixels, outputs = batch.sites(self.window.level), batch.sites(self.window.target)
        size = np.int32(self.window.size)
        nothing = np.int32(outputs.capacity * self.columns_of_neighbours - 1)
        image, row, col = pixels.coordinates()
        above, left = map(np.int32, self.window.before)
        table = np.full((pixels.capacity, self.columns), nothing, np.int32)
        windows = [(a, b) for a in self._windows(row + above) for b in self._windows(col + left)]
        for number, ((down_number, down), (right_number, right)) in enumerate(windows):
            output = outputs.numbers[outputs.grid.place(image, down_number, right_number)]
            there = (output != NOTHING) & (down < size) & (right < size)
            table[: len(pixels), number] = np.where(there, (output * size + down) * size + right, nothing)
        return table

    @property
    def columns_of_neighbours(self) -> int:
        """Entries of a row of the table that this is the inverse of."""
        return self.window.size**2

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
class PlanesTogether(Table):
    """The sites of all planes of an event at one place: (capacity of the joined level, planes)."""

    level: Level

    @property
    def columns(self) -> int:
        return self.level.images

    @property
    def borders(self) -> dict[Level, int]:
        return {self.level: 0, self.level.joined(): 0}

    def of(self, batch: Batch) -> np.ndarray:
        apart, together = batch.sites(self.level), batch.sites(self.level.joined())
        event, row, col = together.coordinates()
        image = event[:, None] * np.int32(self.columns) + np.arange(self.columns, dtype=np.int32)
        table = np.full((together.capacity, self.columns), apart.nothing, np.int32)
        table[: len(together)] = apart.at(apart.grid.place(image, row[:, None], col[:, None]))
        return table


@dataclass(frozen=True)
class PlacesTogether(Table):
    """The inverse of PlanesTogether: (capacity of the level, 1)."""

    level: Level
    columns = 1

    @property
    def borders(self) -> dict[Level, int]:
        return {self.level: 0, self.level.joined(): 0}

    def of(self, batch: Batch) -> np.ndarray:
        apart, together = batch.sites(self.level), batch.sites(self.level.joined())
        planes = np.int32(self.level.images)
        image, row, col = apart.coordinates()
        event, plane = np.divmod(image, planes)
        table = np.full((apart.capacity, 1), together.capacity * planes - 1, np.int32)
        table[: len(apart), 0] = together.numbers[together.grid.place(event, row, col)] * planes + plane
        return table


@dataclass(frozen=True)
class AllPixels(Table):
    """The sites of all pixels, row by row, and of one more event without any: ((events + 1) * rows * cols, 1)."""

    level: Level
    columns = 1

    @property
    def borders(self) -> dict[Level, int]:
        return {self.level: 0}

    def of(self, batch: Batch) -> np.ndarray:
        sites = batch.sites(self.level)
        table = np.full((_all_pixels(batch, self.level), 1), sites.nothing, np.int32)
        table[_pixels(sites), 0] = np.arange(len(sites), dtype=np.int32)
        return table


@dataclass(frozen=True)
class PlacesInAll(Table):
    """The inverse of AllPixels: (capacity, 1)."""

    level: Level
    columns = 1

    @property
    def borders(self) -> dict[Level, int]:
        return {self.level: 0}

    def of(self, batch: Batch) -> np.ndarray:
        sites = batch.sites(self.level)
        table = np.full((sites.capacity, 1), _all_pixels(batch, self.level) - 1, np.int32)
        table[: len(sites), 0] = _pixels(sites)
        return table


@dataclass(frozen=True)
class EventOf(Table):
    """The number of each site's event, and the number of events for rows of zeros: (capacity,)."""

    level: Level
    columns = None

    @property
    def borders(self) -> dict[Level, int]:
        return {self.level: 0}

    def of(self, batch: Batch) -> np.ndarray:
        sites = batch.sites(self.level)
        table = np.full(sites.capacity, batch.events, np.int32)
        table[: len(sites)] = sites.coordinates()[0]
        return table


@dataclass(frozen=True)
class Number(Table):
    """How many sites there are: (1,)."""

    level: Level
    columns = None

    @property
    def borders(self) -> dict[Level, int]:
        return {self.level: 0}

    def of(self, batch: Batch) -> np.ndarray:
        return np.array([len(batch.sites(self.level))], np.int32)


def _all_pixels(batch: Batch, level: Level) -> int:
    rows, cols = level.sides
    return (batch.events + 1) * rows * cols


def _pixels(sites: Sites) -> np.ndarray:
    """The number of each site's pixel, row by row, image by image."""
    image, row, col = sites.coordinates()
    rows, cols = map(np.int32, sites.grid.level.sides)
    return (image * rows + row) * cols + col
