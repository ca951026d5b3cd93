"""LArCV1 and LArCV2, the ROOT generations: where their trees hold planes, pixels and particles.

LArCV1 (2016): EventImage2D with row 0 = highest tick, EventROI with energies in MeV. LArCV2: EventImage2D and
EventSparseTensor2D with row 0 = lowest tick, EventParticle with momenta in MeV/c but energies in GeV. Both number
pixels col * rows + row. `_id` of an image and `_meta._image_id` are junk even in public files; the plane is in the
meta.
"""

import functools
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data_tools.errors import CorruptFile, NotLArCV
from data_tools.readers.larcv.products import IDS, ImageProduct, ParticleProduct, Product, Products
from data_tools.readers.larcv.rootfile import Tree, find_trees
from data_tools.readers.larcv.stored import Columns, StoredEntry, StoredImage

_IDS = ("_run", "_subrun", "_event")
_CENTIMETRES = 1  # kUnitCM of LArCV2's DistanceUnit_t


@dataclass(frozen=True)
class _ImageLayout:
    """Names of the members of an image tree. extent: width and height of an image as differences, with their unit."""

    pixels: str
    plane: str
    rows: str
    cols: str
    sparse: bool = False
    top_row_first: bool = False
    width: tuple[str, str] | None = None
    height: tuple[str, str] | None = None
    unit: str | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """The members that are one number per image."""
        return (self.plane, self.rows, self.cols)


def _larcv2(vector: str, pixels: str, **options: bool) -> _ImageLayout:
    meta = f"{vector}._meta"
    return _ImageLayout(
        f"{vector}.{pixels}",
        f"{meta}._id",
        f"{meta}._row_count",
        f"{meta}._col_count",
        width=(f"{meta}._p1.x", f"{meta}._p2.x"),
        height=(f"{meta}._p1.y", f"{meta}._p2.y"),
        unit=f"{meta}._unit",
        **options,
    )


_IMAGE_LAYOUTS = (
    _ImageLayout(
        "_image_v._img",
        "_image_v._meta._plane",
        "_image_v._meta._row_count",
        "_image_v._meta._col_count",
        top_row_first=True,
    ),
    _larcv2("_image_v", "_img"),
    _larcv2("_tensor_v", "_voxel_v", sparse=True),
)

_VERTEX = {f"vertex_{axis}": f"_part_v._vtx._{axis}" for axis in "xyz"}
_KINEMATICS = {
    "pdg": "_part_v._pdg",
    **{f"p{axis}": f"_part_v._p{axis}" for axis in "xyz"},
    **_VERTEX,
    "energy_init": "_part_v._energy_init",
    "energy_deposit": "_part_v._energy_deposit",
    "trackid": "_part_v._trackid",
    "parent_trackid": "_part_v._parent_trackid",
}


@dataclass(frozen=True)
class ParticleLayout:
    """Members of a truth tree by their names here, and the factors {unit: factor} from what is stored to our units."""

    members: dict[str, str]
    units: dict[str, float]


PARTICLE_PRODUCTS = {
    "particle": ParticleLayout({**_KINEMATICS, "process": "_part_v._process"}, {"MeV": 1000.0}),
    "partroi": ParticleLayout({**_KINEMATICS, "roi_type": "_part_v._type"}, {}),
}
IMAGE_PRODUCTS = ("image2d", "sparse2d")


def products(path: Path | str) -> Products:
    """The products of a ROOT file."""
    return {
        (product, producer): functools.partial(_open, product, opened)
        for (product, producer), opened in find_trees(path).items()
        if product in IMAGE_PRODUCTS or product in PARTICLE_PRODUCTS
    }


def _open(product: str, opened: Callable[[], Tree]) -> Product:
    if product in IMAGE_PRODUCTS:
        return RootImages(opened())
    return RootParticles(opened(), PARTICLE_PRODUCTS[product])


def _ids(tree: Tree, start: int, stop: int) -> Columns:
    """Run, subrun and event; what LArCV leaves unset is 2**64 - 1, which becomes -1."""
    columns = tree.columns(_IDS, start, stop)
    return Columns(
        {name: columns.values[member].astype(np.int64) for name, member in zip(IDS, _IDS)},
        columns.counts,
        columns.damaged,
    )


class RootImages(ImageProduct):
    """An image tree."""

    def __init__(self, tree: Tree) -> None:
        self.name = tree.name
        self.entries = tree.entries
        self.metas_apart = tree.split
        self._tree = tree
        self._found_layout: _ImageLayout | None = None

    def ids(self, start: int, stop: int) -> Columns:
        """Columns of run, subrun and event."""
        return _ids(self._tree, start, stop)

    def planes(self, start: int, stop: int) -> dict[int, tuple[int, int]]:
        """{plane: (rows, cols)} of the first image of every plane in these entries."""
        columns = self._tree.columns(self._layout.numbers, start, stop)
        plane, rows, cols = (columns.values[name] for name in self._layout.numbers)
        found, first = np.unique(plane, return_index=True)
        return {int(number): (int(rows[i]), int(cols[i])) for number, i in zip(found, first)}

    def pixel_cm(self) -> tuple[float, float] | None:
        """(drift, wire) size of a pixel in cm, or None where the file does not tell."""
        layout = self._layout
        if layout.unit is None or layout.width is None or layout.height is None:
            return None
        if layout.unit not in self._tree.members or not self.entries:
            return None
        names = (layout.unit, layout.rows, layout.cols, *layout.height, *layout.width)
        values = self._tree.columns(names, 0, 1).values
        if not len(values[layout.unit]) or values[layout.unit][0] != _CENTIMETRES:
            return None
        _, rows, cols, bottom, top, left, right = (values[name][0] for name in names)
        if not (rows and cols and top > bottom and right > left):
            return None
        return float((top - bottom) / rows), float((right - left) / cols)

    def read(self, start: int, stop: int) -> Iterator[tuple[int, StoredEntry | CorruptFile]]:
        """Yield (entry, its images or why they cannot be read); pixels are overwritten by the next entry."""
        layout = self._layout
        ids = self.ids(start, stop) if self._tree.split else None
        numbers = layout.numbers if self._tree.split else (*layout.numbers, *_IDS)
        for entry, found in self._tree.objects(numbers, (layout.pixels,), start, stop):
            if not isinstance(found, CorruptFile) and ids is not None:
                found = ids.damaged.get(entry - start, found)
            if isinstance(found, CorruptFile):
                yield entry, found
                continue
            if ids is not None:
                row = ids.first[entry - start]
                run, subrun, event = (int(ids.values[name][row]) for name in IDS)
            else:
                run, subrun, event = (int(found[member][0].astype(np.int64)) for member in _IDS)
            try:
                yield entry, StoredEntry(entry, (run, subrun, event), self._images(found))
            except CorruptFile as error:
                yield entry, error

    def _images(self, found: Mapping[str, Any]) -> list[StoredImage]:
        layout = self._layout
        payloads = found[layout.pixels]
        if len(payloads) != len(found[layout.plane]):
            raise CorruptFile(f"{len(payloads)} images but {len(found[layout.plane])} metas")
        images = []
        for plane, rows, cols, payload in zip(*(found[name] for name in layout.numbers), payloads):
            values, voxels = (payload["_value"], payload["_id"]) if layout.sparse else (payload, None)
            images.append(StoredImage(int(plane), int(rows), int(cols), values, voxels, True, layout.top_row_first))
        return images

    @property
    def _layout(self) -> _ImageLayout:
        """Looked up on first use, because the members of a tree without splitting are in its entries."""
        if self._found_layout is None:
            members = self._tree.members
            fitting = [layout for layout in _IMAGE_LAYOUTS if {layout.pixels, *layout.numbers} <= members]
            if not fitting:
                raise NotLArCV(
                    f"{self._tree.path}: {self.name} is no image tree of LArCV1 or LArCV2; its members are "
                    f"{', '.join(sorted(members)) or 'none, it has no readable entry'}."
                )
            self._found_layout = fitting[0]
        return self._found_layout


class RootParticles(ParticleProduct):
    """A truth tree."""

    def __init__(self, tree: Tree, layout: ParticleLayout) -> None:
        self.name = tree.name
        self.entries = tree.entries
        self.units = layout.units
        self._tree = tree
        self._members = layout.members

    def ids(self, start: int, stop: int) -> Columns:
        """Columns of run, subrun and event."""
        return _ids(self._tree, start, stop)

    def read(self, start: int, stop: int, wanted: Collection[str] | None = None) -> Columns:
        """Columns of the particles (all, or those `wanted`)."""
        members = {key: name for key, name in self._members.items() if wanted is None or key in wanted}
        columns = self._tree.columns(tuple(members.values()), start, stop)
        return Columns({key: columns.values[name] for key, name in members.items()}, columns.counts, columns.damaged)
