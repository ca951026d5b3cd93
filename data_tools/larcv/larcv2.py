"""LArCV2 ROOT files: trees image2d_PRODUCER_tree (EventImage2D) and particle_PRODUCER_tree (EventParticle).

Pixels are read basket by basket and only hits are kept, so memory does not grow with the file. On disk an entry of
`_image_v._img` is, big-endian: u4 byte count, u2 version, then per image u4 n and n float32 in column-major order
(col * rows + row). Row 0 is the lowest tick. A plane is told by `_meta._id`, never by its position in the vector.
"""

import re

import numpy as np
import uproot

from data_tools.errors import (
    BadEntry,
    CorruptFile,
    NotLArCV,
    ProducerNotFound,
    ShapeMismatch,
    TruthMismatch,
    did_you_mean,
)
from data_tools.event import Event, Truth

_MEV_PER_GEV = 1000.0
_ENTRY_HEADER = 6
_COUNT = np.dtype(">u4")
_PIXEL = np.dtype(">f4")
_ACCUMULATED = "accumulated images (the last of each plane is taken)"
_SEVERAL = "several particles (the primary is taken)"
_ID_COLUMNS = ("_run", "_subrun", "_event")
_NUMBER_COLUMNS = ("_pdg", "_px", "_py", "_pz", "_energy_init", "_energy_deposit", "_vtx._x", "_vtx._y", "_vtx._z")
_PRIMARY_COLUMNS = ("_process", "_trackid", "_parent_trackid")


class Reader:
    """One LArCV2 file: `entries`, `shape` (rows, cols, planes), `planes` (plane ids), `trees`, `truth`, `events`.

    trees: names of the trees read. truth: {column: array over entries}: pdg int64, momentum (entries, 3) MeV/c,
    energy_init and energy_deposit MeV, vertex (entries, 3) cm.
    """

    def __init__(self, path, image_producer=None, particle_producer=None):
        self.path = path
        self._several_particles = set()
        file = _open(path)
        self._images = _tree(file, path, "image2d", image_producer)
        particles = _tree(file, path, "particle", particle_producer)
        self.trees = (self._images.name, particles.name)
        self.entries = self._images.num_entries
        if self.entries != particles.num_entries:
            raise TruthMismatch(
                f"{path}: {self.entries} entries of images but {particles.num_entries} of particles; "
                "which truth belongs to which image cannot be known. Write the file again, or name other producers."
            )
        if not self.entries:
            raise NotLArCV(f"{path}: no entries.")
        self._ids = _read(self._images, path, _ID_COLUMNS)
        self._check_same_ids(_read(particles, path, _ID_COLUMNS))
        self.truth = self._read_truth(particles)
        self.planes, self.shape = self._planes_and_shape()

    def events(self, start=0, stop=None):
        """Yield the Event of every entry from `start` to `stop`, in order.

        Raises CorruptFile, BadEntry or ShapeMismatch, each naming file and entry.
        """
        stop = self.entries if stop is None else stop
        metas = _read(self._images, self.path, ("_meta._id", "_meta._row_count", "_meta._col_count"), start, stop)
        for entry, payload in self._payloads(start, stop):
            ids, rows, cols = (metas[name][entry - start] for name in metas)
            index, value = self._hits(entry, payload, ids, rows, cols)
            noticed = [_ACCUMULATED] * (len(ids) > len(self.planes)) + [_SEVERAL] * (entry in self._several_particles)
            yield Event(
                entry=entry,
                **{name[1:]: int(self._ids[name][entry]) for name in _ID_COLUMNS},
                shape=self.shape,
                index=index,
                value=value,
                truth=Truth(
                    pdg=int(self.truth["pdg"][entry]),
                    momentum=tuple(self.truth["momentum"][entry]),
                    energy_init=float(self.truth["energy_init"][entry]),
                    energy_deposit=float(self.truth["energy_deposit"][entry]),
                    vertex=tuple(self.truth["vertex"][entry]),
                ),
                noticed=tuple(noticed),
            )

    def _payloads(self, start, stop):
        """(entry, bytes uint8) of the image vector of every entry; one basket in memory at a time."""
        branch = _branch(self._images, self.path, "_img")
        offsets = branch.entry_offsets
        first = max(0, int(np.searchsorted(offsets, start, side="right")) - 1)
        for number in range(first, branch.num_baskets):
            if offsets[number] >= stop:
                break
            try:
                basket = branch.basket(number)
            except Exception as error:  # uproot passes on whatever the decompressor raises
                raise CorruptFile(
                    f"{self.path}: entries {offsets[number]} to {offsets[number + 1] - 1} cannot be read "
                    f"({type(error).__name__}: {error}). The file is damaged: fetch or write it again."
                ) from error
            for entry in range(max(start, offsets[number]), min(stop, offsets[number + 1])):
                begin, end = basket.byte_offsets[entry - offsets[number] :][:2]
                yield entry, basket.data[begin:end]

    def _hits(self, entry, payload, ids, rows, cols):
        """index int32 and value float32 of the event's own planes."""
        images = self._split_images(entry, payload)
        if len(images) != len(ids):
            raise BadEntry(
                f"{self.path}, entry {entry}: {len(images)} images but {len(ids)} metas; the file is damaged."
            )
        # Images of rejected events stay in front in some public files: the event's own are the last of each plane.
        own = {int(plane): position for position, plane in enumerate(ids)}
        if tuple(sorted(own)) != self.planes:
            raise BadEntry(
                f"{self.path}, entry {entry}: planes {sorted(own)}, expected {list(self.planes)} as in entry 0."
            )
        per_plane = []
        for channel, plane in enumerate(self.planes):
            position = own[plane]
            shape = (int(rows[position]), int(cols[position]))
            if shape != self.shape[:2] or len(images[position]) != shape[0] * shape[1]:
                raise ShapeMismatch(
                    f"{self.path}, entry {entry}, plane {plane}: image of {shape[0]} x {shape[1]} with "
                    f"{len(images[position])} pixels, expected {self.shape[0]} x {self.shape[1]} as in entry 0."
                )
            per_plane.append(self._plane_hits(entry, images[position], channel))
        index = np.concatenate([index for index, _ in per_plane])
        order = np.argsort(index)
        return index[order], np.concatenate([value for _, value in per_plane])[order]

    def _plane_hits(self, entry, pixels, channel):
        rows, cols, planes = self.shape
        # As bits and then bools: 28 times faster than looking for non-zero big-endian floats.
        flat = np.flatnonzero(pixels.view(np.uint32).astype(bool))
        value = pixels[flat].astype(np.float32)
        flat, value = flat[value != 0], value[value != 0]  # -0.0 has bits
        if not np.isfinite(value).all():
            raise BadEntry(
                f"{self.path}, entry {entry}, plane {self.planes[channel]}: {np.sum(~np.isfinite(value))} pixels are "
                "NaN or infinite. Remove this entry from the file, or write it again."
            )
        col, row = np.divmod(flat, rows)
        return ((row * cols + col) * planes + channel).astype(np.int32), value

    def _split_images(self, entry, payload):
        """The pixel arrays of one entry, in stored order."""
        images, begin = [], _ENTRY_HEADER
        while begin < len(payload):
            count = int(payload[begin : begin + 4].view(_COUNT)[0]) if begin + 4 <= len(payload) else 0
            begin += 4
            if begin + 4 * count > len(payload):
                raise CorruptFile(f"{self.path}, entry {entry}: the image data ends too early; the file is damaged.")
            images.append(payload[begin : begin + 4 * count].view(_PIXEL))
            begin += 4 * count
        return images

    def _planes_and_shape(self):
        """Plane ids and (rows, cols, planes), from entry 0; every other entry must agree."""
        metas = _read(self._images, self.path, ("_meta._id", "_meta._row_count", "_meta._col_count"), 0, 1)
        ids, rows, cols = (column[0] for column in metas.values())
        if not len(ids):
            raise BadEntry(f"{self.path}, entry 0: no image.")
        planes = tuple(sorted({int(plane) for plane in ids}))
        return planes, (int(rows[-1]), int(cols[-1]), len(planes))

    def _check_same_ids(self, of_particles):
        for name in _ID_COLUMNS:
            differ = np.flatnonzero(self._ids[name] != of_particles[name])
            if differ.size:
                entry = differ[0]
                raise TruthMismatch(
                    f"{self.path}, entry {entry}: {name[1:]} is {self._ids[name][entry]} for the images but "
                    f"{of_particles[name][entry]} for the particles ({differ.size} such entries): "
                    "the truth is not that of the images."
                )

    def _read_truth(self, particles):
        columns = _read(particles, self.path, _NUMBER_COLUMNS + _PRIMARY_COLUMNS)
        primary = np.empty(self.entries, np.int64)
        for entry in range(self.entries):
            primary[entry] = self._primary(entry, *(columns[name][entry] for name in _PRIMARY_COLUMNS))

        def of_primary(name):
            return np.array([column[which] for column, which in zip(columns[name], primary)], np.float64)

        return {
            "pdg": of_primary("_pdg").astype(np.int64),
            "momentum": np.stack([of_primary(f"_p{axis}") for axis in "xyz"], axis=1),
            # LArCV2 has momenta in MeV/c but energies in GeV.
            "energy_init": of_primary("_energy_init") * _MEV_PER_GEV,
            "energy_deposit": of_primary("_energy_deposit") * _MEV_PER_GEV,
            "vertex": np.stack([of_primary(f"_vtx._{axis}") for axis in "xyz"], axis=1),
        }

    def _primary(self, entry, process, trackid, parent):
        """Position of the primary among the particles of one entry; it need not be first."""
        if len(trackid) == 1:
            return 0
        primaries = [i for i, name in enumerate(process) if name == "primary"]
        primaries = primaries or [i for i in range(len(trackid)) if trackid[i] == parent[i]]
        if len(primaries) != 1:
            raise BadEntry(
                f"{self.path}, entry {entry}: {len(primaries)} primaries among {len(trackid)} particles, expected one: "
                "what to call this event cannot be known. Remove the entry from the file."
            )
        self._several_particles.add(entry)
        return primaries[0]


def _open(path):
    try:
        return uproot.open(path)
    except Exception as error:  # uproot's errors differ with what is broken
        raise CorruptFile(
            f"{path}: starts like a ROOT file but cannot be opened ({type(error).__name__}); "
            "it is probably truncated: fetch or write it again."
        ) from error


def _tree(file, path, product, producer):
    """The tree of a product; the only one where no producer is named."""
    pattern = re.compile(rf"{product}_(.+)_tree")
    there = {match[1]: key for key in file.keys(cycle=False) if (match := pattern.fullmatch(key))}
    option = "--image-producer" if product == "image2d" else "--particle-producer"
    if not there:
        raise ProducerNotFound(
            f"{path}: no tree {product}_PRODUCER_tree. Trees in the file: {', '.join(file.keys(cycle=False))}."
        )
    if producer is None and len(there) > 1:
        raise ProducerNotFound(f"{path}: several producers of {product}: {', '.join(there)}. Name one with {option}.")
    if producer is not None and producer not in there:
        raise ProducerNotFound(
            f"{path}: no {product} of producer {producer!r}. Producers in the file: {', '.join(there)} ({option})."
            + did_you_mean(producer, there)
        )
    return file[there[producer or next(iter(there))]]


def _branch(tree, path, name):
    """The branch whose name ends in `name` (branches carry the path of classes in front)."""
    for key in tree.keys():  # noqa: SIM118 (a TTree iterates over entries)
        if key.endswith((f"/{name}", f"_v.{name}")):
            return tree[key]
    raise NotLArCV(f"{path}: {tree.name} has no branch {name}; it was not written by LArCV2, or without splitting.")


def _read(tree, path, names, start=None, stop=None):
    """{name: NumPy array over entries} of the named branches."""
    try:
        return {
            name: _branch(tree, path, name).array(library="np", entry_start=start, entry_stop=stop) for name in names
        }
    except NotLArCV:
        raise
    except Exception as error:  # uproot passes on whatever the decompressor raises
        raise CorruptFile(f"{path}: {tree.name} cannot be read ({type(error).__name__}: {error}).") from error
