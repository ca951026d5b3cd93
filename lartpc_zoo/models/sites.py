"""The active sites of a batch of events, level by level.

A pixel of the prepared image is active where any of its channels is not 0, a cell of a coarser level where any pixel in
it is: submanifold convolutions (Graham and van der Maaten 2017, arXiv:1706.01307). The features of a level are the rows
of an array (capacity, channels): its sites in order of image, row and column, then rows of zeros, one at least.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lartpc_zoo.backend.rows import capacities
from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.levels import Level

NOTHING = np.int32(np.iinfo(np.int32).max)
"""What a grid holds where there is no site."""

Coordinates = tuple[np.ndarray, np.ndarray, np.ndarray]
"""(image, row, col) of some sites, each (sites,) int32."""


class Grid:
    """The numbers of the sites of a level, by place: (images, rows, cols) with a border around each image, flat.

    It is kept from batch to batch, since to clear the places of the last one is faster than to make a new one.

    Args:
        level: which.
        border: rows and columns around each image: no table looks further.
    """

    def __init__(self, level: Level, border: int) -> None:
        self.level, self.border = level, np.int32(border)
        rows, cols = level.sides
        self.pitch = np.int32(cols + 2 * border)
        self.area = np.int32((rows + 2 * border) * self.pitch)
        self._numbers = np.empty(0, np.int32)

    def check(self, events: int) -> None:
        """Raise BadInput where so many events have more places than 32 bits can number."""
        if (size := events * self.level.images * int(self.area)) > NOTHING:
            rows, cols = self.level.sides
            raise BadInput(
                f"A batch of {events:,} events with {self.level.images} image(s) of {rows} x {cols} pixels has "
                f"{size:,} pixels with their borders, expected {NOTHING:,} at most: take smaller batches."
            )

    def place(self, image: np.ndarray, row: np.ndarray, col: np.ndarray) -> np.ndarray:
        """Places of pixels, int32."""
        return image * self.area + (row + self.border) * self.pitch + col + self.border

    def coordinates(self, place: np.ndarray) -> Coordinates:
        """(image, row, col) of places."""
        image, inside = np.divmod(place, self.area)
        row, col = np.divmod(inside, self.pitch)
        return image, row - self.border, col - self.border

    def number(self, place: np.ndarray, events: int) -> np.ndarray:
        """The numbers of all places (events * images * area or more,), those of the sites in the order of `place`."""
        size = events * self.level.images * int(self.area)
        if len(self._numbers) < size:
            self._numbers = np.full(size, NOTHING)
        self._numbers[place] = np.arange(len(place), dtype=np.int32)
        return self._numbers

    def clear(self, place: np.ndarray) -> None:
        """Forget the sites at `place`."""
        self._numbers[place] = NOTHING


@dataclass(frozen=True)
class Sites:
    """The active sites of one batch at one level.

    Attributes:
        grid: of the level.
        place: (sites,) their places in the grid, ascending.
        numbers: of all places of the grid, NOTHING without a site.
        capacity: rows of the features.
    """

    grid: Grid
    place: np.ndarray
    numbers: np.ndarray
    capacity: int

    def __len__(self) -> int:
        return len(self.place)

    @property
    def nothing(self) -> int:
        """The last row of the features, which is of zeros."""
        return self.capacity - 1

    def coordinates(self) -> Coordinates:
        """(image, row, col) of every site."""
        return self.grid.coordinates(self.place)

    def at(self, place: np.ndarray) -> np.ndarray:
        """Rows of the features for places in the grid, the last row where there is no site."""
        return np.minimum(self.numbers[place], np.int32(self.nothing))


class Batch:
    """The sites of one batch at all levels, a context: at its end the grids are cleared.

    Args:
        events: how many.
        place: (hits,) of the active pixels in the first of the grids, in any order, repeated or not.
        grids: of all levels, each after the one above it.
    """

    def __init__(self, events: int, place: np.ndarray, grids: Mapping[Level, Grid]) -> None:
        self.events = events
        places = places_of(place, grids)
        rows = capacities([len(found) for found in places.values()])
        self._sites = {
            level: Sites(grids[level], found, grids[level].number(found, events), capacity)
            for (level, found), capacity in zip(places.items(), rows)
        }

    def sites(self, level: Level) -> Sites:
        """The sites of a level."""
        return self._sites[level]

    def __enter__(self) -> "Batch":
        return self

    def __exit__(self, *exception: object) -> None:
        """Clear the grids, for the next batch."""
        for sites in self._sites.values():
            sites.grid.clear(sites.place)


def places_of(place: np.ndarray, grids: Mapping[Level, Grid]) -> dict[Level, np.ndarray]:
    """{level: places of the active sites in its grid, ascending}.

    Args:
        place: (hits,) of the active pixels in the first of the grids, in any order, repeated or not.
        grids: of all levels, each after the one above it.
    """
    first, *others = grids
    places = {first: _unique(place)}
    for level in others:
        assert level.above is not None  # only the first level has none
        places[level] = _cells(level, grids[level], grids[level.above].coordinates(places[level.above]))
    return places


def levels_of(wanted: Sequence[Level], image: Level) -> list[Level]:
    """Some levels and all between them and the image, each once and after the one above it.

    Args:
        wanted: levels on the way down from the image.
        image: the level of the image, which comes first.
    """
    found = {image: None}
    for level in wanted:
        way = [level]
        while (above := way[-1].above) is not None:
            way.append(above)
        found.update(dict.fromkeys(reversed(way)))
    return list(found)


def _cells(level: Level, grid: Grid, pixels: Coordinates) -> np.ndarray:
    """Places of the cells of a level with active pixels of the level above."""
    image, row, col = pixels
    assert level.above is not None
    if level.images != level.above.images:
        image = image // np.int32(level.above.images)
    row, col = row // np.int32(level.stride), col // np.int32(level.stride)
    rows, cols = level.sides
    inside = (row < rows) & (col < cols)  # windows without padding may leave the last pixels out
    return _unique(grid.place(image, row, col)[inside])


def _unique(place: np.ndarray) -> np.ndarray:
    """Every place once, ascending; np.unique takes five times as long."""
    place = np.sort(place)
    new = np.ones(len(place), bool)
    np.not_equal(place[1:], place[:-1], out=new[1:])
    return place[new]
