"""What a file holds before anything is decided about it: images, their hits, and the particles of many entries."""

from dataclasses import dataclass, field

import numpy as np

from data_tools.errors import CorruptFile


@dataclass(frozen=True)
class StoredImage:
    """One image of one plane, in the order in which its file stores pixels.

    values: (pixels,) numbers of any kind and byte order, ADC; voxels: which pixels these are, None when they are all.
    column_major: pixel number = col * rows + row, otherwise row * cols + col. top_row_first: row 0 is the highest tick.
    """

    plane: int
    rows: int
    cols: int
    values: np.ndarray
    voxels: np.ndarray | None
    column_major: bool
    top_row_first: bool

    def hits(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """row, col (int64) and value (float32) of all pixels that are not zero, row 0 = lowest tick.

        Raises CorruptFile when the pixels do not fit into the image.
        """
        pixels = self.rows * self.cols
        where = self.voxels
        values = np.ascontiguousarray(self.values)
        if values.dtype.newbyteorder("=") != np.float32:
            values = values.astype(np.float32)
        if where is None and len(values) != pixels:
            raise CorruptFile(f"{len(values)} pixels in an image of {self.rows} x {self.cols}")
        number = _nearly_nonzero(values) if where is None else np.arange(len(where))
        value = values[number].astype(np.float32)
        hit = value != 0
        value, number = value[hit], number[hit]
        if where is not None and len(number):
            number = where[number]
            if number.max() >= pixels:
                raise CorruptFile(f"voxel {number.max()} in an image of {self.rows} x {self.cols}")
            number = number.astype(np.int64)
        if self.column_major:
            col, row = np.divmod(number, self.rows)
        else:
            row, col = np.divmod(number, self.cols)
        return (self.rows - 1 - row if self.top_row_first else row), col, value


Ids = tuple[int, int, int]
"""Run, subrun and event."""


@dataclass(frozen=True)
class StoredEntry:
    """The images of one entry in stored order; run, subrun and event number it."""

    entry: int
    ids: Ids
    images: list[StoredImage]


@dataclass
class Columns:
    """Members of the objects of many entries: {member: (objects,) array} and how many objects each entry has.

    damaged: {position of an entry: CorruptFile}; such an entry has no objects.
    """

    values: dict[str, np.ndarray]
    counts: np.ndarray
    damaged: dict[int, CorruptFile] = field(default_factory=dict)

    @property
    def first(self) -> np.ndarray:
        """Position of every entry's first object, (entries,) int64."""
        return np.cumsum(self.counts) - self.counts


def _nearly_nonzero(values: np.ndarray) -> np.ndarray:
    """Positions of all values that are not zero and of few that are, much faster than np.flatnonzero(values).

    Two values at a time as the bits of one integer, then as bools: 20 times faster on big-endian floats, mostly 0.
    """
    pairs = values[: len(values) // 2 * 2].view(np.uint64)
    first = 2 * np.flatnonzero(pairs.astype(bool))
    found = np.repeat(first, 2)
    found[1::2] += 1
    return np.append(found, len(values) - 1) if len(values) % 2 else found
