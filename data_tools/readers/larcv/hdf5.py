"""LArCV3: HDF5 files with groups Data/PRODUCT_PRODUCER_group, dense (image2d, tensor2d) and sparse (sparse2d).

extents (entries): first and number of an entry's images; image_extents or voxel_extents (images): first and number of
their pixels, with the plane as ID; image_meta (images): valid, projection_id, image_sizes, number_of_voxels, origin,
each (row, col). Pixels are numbered row * cols + col, row 0 is the lowest tick. A plane without a valid meta is not
there: the writer fills the places of planes that an event lacks. Units as in LArCV2. Layout: larcv3/core/dataformat.
"""

import functools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import h5py
import numpy as np

from data_tools.errors import CorruptFile
from data_tools.readers.larcv.products import IDS, ImageProduct, ParticleProduct, Product, Products
from data_tools.readers.larcv.stored import Columns, StoredEntry, StoredImage

_GROUP = re.compile(r"(?P<product>[a-z0-9]+)_(?P<producer>.+)_group")
IMAGE_PRODUCTS = {"image2d": "dense", "tensor2d": "dense", "sparse2d": "sparse"}
_PARTICLES = "particle"
_H5PY_ERRORS = (OSError, RuntimeError, KeyError, ValueError)  # what h5py makes of damage
_EVENT_IDS = "Events/event_id"
EXPECTED = ("Data", _EVENT_IDS)
"""What makes an HDF5 file one of LArCV3."""

_NUMBERS = ("pdg", "px", "py", "pz", "energy_init", "energy_deposit", "trackid", "parent_trackid")


def products(content: Path | str | BinaryIO) -> Products:
    """The products of a file, given as a path or as an open binary file."""
    file = h5py.File(content, "r")
    found: dict[tuple[str, str], Callable[[], Product]] = {}
    for name in file["Data"]:
        match = _GROUP.fullmatch(name)
        if match and match["product"] in IMAGE_PRODUCTS:
            kind = IMAGE_PRODUCTS[match["product"]]
            found[match["product"], match["producer"]] = functools.partial(Hdf5Images, file, name, kind)
        elif match and match["product"] == _PARTICLES:
            found[match["product"], match["producer"]] = functools.partial(Hdf5Particles, file, name)
    return found


class _Group(Product):
    """What images and particles share: the group, its extents, and the numbers of the events."""

    def __init__(self, file: h5py.File, name: str) -> None:
        self.name = name
        self._group = file["Data"][name]
        self._event_ids = file[_EVENT_IDS]
        self.entries = len(self._group["extents"])
        if len(self._event_ids) < self.entries:
            raise CorruptFile(f"{name}: {self.entries} entries but {len(self._event_ids)} numbers of events")

    def ids(self, start: int, stop: int) -> Columns:
        """Columns of run, subrun and event; LArCV3 numbers events once per file."""
        ids, damaged = _rows(self._event_ids, start, stop)
        counts = np.ones(stop - start, np.int64)
        counts[list(damaged)] = 0
        return Columns({name: ids[name][counts > 0].astype(np.int64) for name in IDS}, counts, damaged)

    def _extents(self, start: int, stop: int, table: h5py.Dataset) -> tuple[np.ndarray, dict[int, CorruptFile]]:
        """(first, end) of every entry's rows in `table`, and the damaged entries by position."""
        extents, damaged = _rows(self._group["extents"], start, stop)
        first, number = (extents[name].astype(np.int64) for name in ("first", "N"))
        outside = (first < 0) | (number < 0) | (first + number > len(table))
        damaged |= {
            int(position): CorruptFile(f"{self.name}: extents reach beyond the end")
            for position in np.flatnonzero(outside)
        }
        number[outside] = 0
        return np.stack([first, first + number], axis=1), damaged

    def _rows_of(
        self, table: h5py.Dataset, start: int, stop: int
    ) -> tuple[np.ndarray, np.ndarray, dict[int, CorruptFile]]:
        """The rows of `table` that belong to these entries, as (rows, rows per entry, damaged entries)."""
        limits, damaged = self._extents(start, stop, table)
        low = int(limits[:, 0].min(initial=len(table)))
        high = int(limits[:, 1].max(initial=low))
        rows, broken = _rows(table, low, high)
        counts = np.diff(limits, axis=1)[:, 0]
        for position, (first, end) in enumerate(limits - low):
            if error := next((broken[row] for row in range(first, end) if row in broken), None) if broken else None:
                damaged[position] = error
        counts[list(damaged)] = 0
        mine = [np.arange(first, first + count) for (first, _), count in zip(limits - low, counts)]
        return rows[np.concatenate([np.empty(0, np.int64), *mine])], counts, damaged


class Hdf5Images(_Group, ImageProduct):
    """An image group."""

    metas_apart = True

    def __init__(self, file: h5py.File, name: str, kind: str) -> None:
        super().__init__(file, name)
        self._sparse = kind == "sparse"
        self._pixels = self._group["voxels" if self._sparse else "images"]
        self._pixel_extents = self._group["voxel_extents" if self._sparse else "image_extents"]
        self._metas = self._group["image_meta"]

    def planes(self, start: int, stop: int) -> dict[int, tuple[int, int]]:
        """{plane: (rows, cols)} of the first image of every plane in these entries."""
        metas, _, _ = self._rows_of(self._metas, start, stop)
        metas = metas[metas["valid"] > 0]
        planes, first = np.unique(metas["projection_id"], return_index=True)
        sizes = metas["number_of_voxels"][first].tolist()
        return {int(plane): (rows, cols) for plane, (rows, cols) in zip(planes, sizes)}

    def pixel_cm(self) -> None:
        """None: LArCV3 does not write the unit of its image sizes."""

    def read(self, start: int, stop: int) -> Iterator[tuple[int, StoredEntry | CorruptFile]]:
        """Yield (entry, its images or why they cannot be read)."""
        ids = self.ids(start, stop)
        limits, damaged = self._extents(start, stop, self._metas)
        for position in range(stop - start):
            error = ids.damaged.get(position) or damaged.get(position)
            if error is None:
                run, subrun, event = (int(ids.values[name][ids.first[position]]) for name in IDS)
                try:
                    found = StoredEntry(start + position, (run, subrun, event), self._images(*limits[position]))
                except (*_H5PY_ERRORS, CorruptFile) as caught:
                    error = CorruptFile(f"{self.name}: {caught}")
            yield start + position, error or found

    def _images(self, first: int, end: int) -> list[StoredImage]:
        images = []
        for meta, extent in zip(self._metas[first:end], self._pixel_extents[first:end]):
            if not meta["valid"]:
                continue
            begin, end = int(extent["first"]), int(extent["first"]) + int(extent["N"])
            if end > len(self._pixels):
                raise CorruptFile("pixels reach beyond the end")
            pixels = self._pixels[begin:end]
            values, voxels = (pixels["value"], pixels["id"]) if self._sparse else (pixels, None)
            rows, cols = (int(n) for n in meta["number_of_voxels"])
            images.append(
                StoredImage(int(meta["projection_id"]), rows, cols, np.ascontiguousarray(values), voxels, False, False)
            )
        return images


class Hdf5Particles(_Group, ParticleProduct):
    """A particle group."""

    units: Mapping[str, float] = {"MeV": 1000.0}

    def read(self, start: int, stop: int, wanted: Collection[str] | None = None) -> Columns:
        """Columns of the particles (all, or those `wanted`)."""
        particles, counts, damaged = self._rows_of(self._group["particles"], start, stop)
        values = {name: particles[name] for name in _NUMBERS}
        values |= {f"vertex_{axis}": particles["vtx"][axis] for axis in "xyz"}
        values["process"] = np.char.decode(particles["process"], "utf-8", "replace").astype(object)
        values = {name: column for name, column in values.items() if wanted is None or name in wanted}
        return Columns(values, counts, damaged)


def _rows(dataset: h5py.Dataset, start: int, stop: int) -> tuple[np.ndarray, dict[int, CorruptFile]]:
    """Rows of a table, and {position: CorruptFile} of those whose chunk cannot be read (zeros stand in their place)."""
    try:
        return dataset[start:stop], {}
    except _H5PY_ERRORS as error:
        if stop - start <= 1:
            return np.zeros(1, dataset.dtype), {0: CorruptFile(f"{dataset.name}: {error}")}
    # Row by row, so that a damaged chunk costs only its own rows.
    each = [_rows(dataset, row, row + 1) for row in range(start, stop)]
    damaged = {position: broken[0] for position, (_, broken) in enumerate(each) if broken}
    return np.concatenate([rows for rows, _ in each]), damaged
