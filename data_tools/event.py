"""One event: a particle seen by all wire planes, as hits, with its truth."""

from dataclasses import dataclass, replace

import numpy as np

from data_tools.errors import Argument, BadOption
from data_tools.index import Shape, flat_index, from_flat_index, plane_of
from data_tools.truth import Truth

PLANE_NAMES = {0: "U", 1: "V", 2: "Y"}
"""MicroBooNE's names of the plane ids in LArCV files; Y is the collection plane."""


def plane_name(plane: int) -> str:
    """The name of a plane id; of one that MicroBooNE does not have, the id as text."""
    return PLANE_NAMES.get(plane, str(plane))


@dataclass(frozen=True)
class Event:
    """Hits and truth of one entry of a file.

    Attributes:
        entry: position in its file.
        run, subrun, event: what its experiment calls it.
        shape: (rows, cols, planes), row = drift time with row 0 = lowest tick, col = wire, planes ordered by plane id.
        index: (hits,) int32, ascending, unique, see data_tools.index.
        value: (hits,) float32, ADC.
        truth: what is known of the particle.
        flags: names of the defects (data_tools.defects) that were met and settled.
        offset: after a crop, the row and, plane by plane, the column where its window begins; else None.
    """

    entry: int
    run: int
    subrun: int
    event: int
    shape: Shape
    index: np.ndarray
    value: np.ndarray
    truth: Truth
    flags: tuple[str, ...] = ()
    offset: tuple[int, ...] | None = None

    def image(self) -> np.ndarray:
        """The dense image, (rows, cols, planes) float32, ADC."""
        image = np.zeros(self.shape, np.float32)
        image.reshape(-1)[self.index] = self.value
        return image

    def hits_per_plane(self) -> np.ndarray:
        """Number of hits in each plane, (planes,) int64."""
        return np.bincount(plane_of(self.index, self.shape), minlength=self.shape[2])


@dataclass(frozen=True)
class LeftOut:
    """An entry that is no event, because of the named defect and its policy."""

    entry: int
    defect: str


def down_sampled_shape(shape: Shape, factor: int) -> Shape:
    """The image shape (rows, cols, planes) after down-sampling. Raises BadOption when `factor` does not divide it."""
    rows, cols, planes = shape
    if rows % factor or cols % factor:
        raise BadOption(Argument("down_sample", factor), f" does not divide images of {rows} x {cols} pixels.")
    return rows // factor, cols // factor, planes


def down_sample(event: Event, factor: int) -> Event:
    """Sum the ADC of factor x factor pixels into one. Raises BadOption as down_sampled_shape does.

    A sum keeps the charge and so raises ADC.
    """
    if factor == 1:
        return event
    shape = down_sampled_shape(event.shape, factor)
    row, col, plane = from_flat_index(event.index, event.shape)
    coarse = flat_index(row // factor, col // factor, plane, shape)
    index, inverse = np.unique(coarse, return_inverse=True)
    value = np.bincount(inverse, weights=event.value, minlength=len(index)).astype(np.float32)
    hit = value != 0
    return replace(event, shape=shape, index=index[hit].astype(np.int32), value=value[hit])


def apply_threshold(event: Event, threshold: float | None) -> Event:
    """Drop hits below `threshold` ADC; None keeps all."""
    if threshold is None:
        return event
    hit = event.value >= threshold
    return replace(event, index=event.index[hit], value=event.value[hit])
