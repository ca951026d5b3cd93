"""One reader for every generation of LArCV: events in order, with their truth, and nothing silently wrong."""

import contextlib
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from data_tools.defects import Policies, SkipEntry
from data_tools.errors import BadEntry, CorruptFile, ShapeMismatch, TruthMismatch
from data_tools.event import Event, LeftOut
from data_tools.index import Shape, flat_index
from data_tools.readers.base import Reader
from data_tools.readers.larcv.products import IDS, ImageProduct, ParticleProduct
from data_tools.readers.larcv.stored import Columns, Ids, StoredImage
from data_tools.readers.larcv.truth import choose_primaries
from data_tools.truth import TRUTH_FIELDS, TruthTable

_LAYOUT_ENTRIES = 20
_ENTRIES_AT_ONCE = 2_000
_MOST_PIXELS = np.iinfo(np.int32).max
_DAMAGED = "The file is damaged: fetch or write it again."


class LarcvReader(Reader):
    """One LArCV file: a product of images, and where there is one, of particles. Its planes have one shape."""

    def __init__(
        self, path: Path | str, images: ImageProduct, particles: ParticleProduct | None, policies: Policies
    ) -> None:
        self.path = path
        self._images = images
        self._particles = particles
        self._policies = policies
        self.trees = (images.name,) if particles is None else (images.name, particles.name)
        self.entries = images.entries
        if not self.entries:
            raise CorruptFile(f"{path}: no entries.")
        self._truth_entry = None if particles is None else self._match_truth(particles)
        self.planes, self.shape = self._planes_and_shape()
        self.pixel_cm = images.pixel_cm()
        self.labelled = particles is not None and _has_codes(particles)

    def truth(self, start: int = 0, stop: int | None = None) -> TruthTable:
        """The truth of the entries from `start` to `stop`; entries that the policies leave out are named in it."""
        stop = self.entries if stop is None else stop
        if self._particles is None or not self.labelled:
            return TruthTable.unknown(stop - start)
        if self._truth_entry is None:
            return self._primaries(self._particles, start, stop)
        return _deal_out(self._all_primaries, self._truth_entry[start:stop])

    def events(
        self, start: int = 0, stop: int | None = None, wanted: np.ndarray | None = None
    ) -> Iterator[Event | LeftOut]:
        """Yield the event, or the defect for which it is left out, of every entry from `start` to `stop`."""
        stop = self.entries if stop is None else stop
        truth = self.truth(start, stop)
        truth_ids = self._truth_ids(start, stop)
        for entry, found in self._images.read(start, stop):
            position = entry - start
            if wanted is not None and not wanted[position]:
                continue
            try:
                if isinstance(found, CorruptFile):
                    error = CorruptFile(f"{self.path}, entry {entry} cannot be read: {found}. {_DAMAGED}")
                    self._policies.settle("corrupt", error)
                    raise AssertionError("'corrupt' has no policy that goes on")
                if position in truth.left_out:
                    raise SkipEntry(truth.left_out[position])
                self._check_ids(entry, found.ids, truth_ids, position)
                flags = list(truth.flags.get(position, ()))
                index, value = self._hits(entry, found.images, flags)
            except SkipEntry as skipped:
                yield LeftOut(entry, str(skipped))
                continue
            yield Event(
                entry=entry,
                run=found.ids[0],
                subrun=found.ids[1],
                event=found.ids[2],
                shape=self.shape,
                index=index,
                value=value,
                truth=truth.truth(position),
                flags=tuple(flags),
            )

    def _primaries(self, particles: ParticleProduct, start: int, stop: int) -> TruthTable:
        """The TruthTable of a range of the truth's own entries."""
        return choose_primaries(
            particles.read(start, stop),
            particles.units,
            self._policies,
            lambda position: f"{self.path}, entry {start + position} of the truth",
        )

    @functools.cached_property
    def _all_primaries(self) -> TruthTable:
        """Read once, where entries of the truth have to be dealt out to those of the images."""
        assert self._particles is not None
        return self._primaries(self._particles, 0, self._particles.entries)

    def _hits(self, entry: int, images: list[StoredImage], flags: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """index int32 and value float32 of the event's own planes; appends to `flags`."""
        # Images of rejected events stay in front in some public files: the event's own come last, each plane once.
        own: dict[int, StoredImage] = {}
        for image in reversed(images):
            if image.plane in own:
                break
            own[image.plane] = image
        if len(own) < len(images):
            self._policies.settle(
                "accumulated",
                BadEntry(f"{self.path}, entry {entry}: {len(images)} images of {len(own)} planes."),
            )
            flags.append("accumulated")
        if missing := [plane for plane in self.planes if plane not in own]:
            lacking = f"{self.path}, entry {entry}: planes {sorted(own)}, expected {list(self.planes)}."
            self._policies.settle("missing-plane", BadEntry(lacking))
            flags.append("missing-plane")
        if unknown := sorted(set(own) - set(self.planes)):
            raise BadEntry(f"{self.path}, entry {entry}: planes {unknown} beside those expected, {list(self.planes)}.")
        per_plane = [
            self._plane_hits(entry, own[plane], channel, flags)
            for channel, plane in enumerate(self.planes)
            if plane not in missing
        ]
        if not per_plane:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        index = np.concatenate([index for index, _ in per_plane])
        index = index.astype(np.int32)
        order = np.argsort(index)
        index = index[order]
        if np.any(index[1:] == index[:-1]):
            error = CorruptFile(f"{self.path}, entry {entry}: a pixel is there twice. {_DAMAGED}")
            self._policies.settle("corrupt", error)
        return index, np.concatenate([value for _, value in per_plane])[order]

    def _plane_hits(
        self, entry: int, image: StoredImage, channel: int, flags: list[str]
    ) -> tuple[np.ndarray, np.ndarray]:
        where = f"{self.path}, entry {entry}, plane {image.plane}"
        if (image.rows, image.cols) != self.shape[:2]:
            raise ShapeMismatch(
                f"{where}: image of {image.rows} x {image.cols}, expected {self.shape[0]} x {self.shape[1]} as in the "
                "first entries. Images of one data set have one shape."
            )
        try:
            row, col, value = image.hits()
        except CorruptFile as error:
            self._policies.settle("corrupt", CorruptFile(f"{where}: {error}. {_DAMAGED}"))
        finite = np.isfinite(value)
        if not finite.all():
            number = np.sum(~finite)
            self._policies.settle("bad-pixels", BadEntry(f"{where}: {number} pixels are NaN or infinite."))
            if "bad-pixels" not in flags:
                flags.append("bad-pixels")
            row, col, value = row[finite], col[finite], value[finite]
        return flat_index(row, col, channel, self.shape), value

    def _planes_and_shape(self) -> tuple[tuple[int, ...], Shape]:
        """Plane ids and (rows, cols, planes) of the first image that can be read; every other one must agree."""
        planes: dict[int, tuple[int, int]] = {}
        # To look at all of them is cheap where metas are stored apart from pixels; the first ones may lack a plane.
        at_once = _ENTRIES_AT_ONCE if self._images.metas_apart else _LAYOUT_ENTRIES
        for start in range(0, self.entries, at_once):
            planes = self._images.planes(start, min(start + at_once, self.entries)) | planes
            if planes and not self._images.metas_apart:
                break
        if not planes:
            raise CorruptFile(f"{self.path}: {self._images.name} has no entry with an image that can be read.")
        rows, cols = next(iter(planes.values()))
        if not 0 < rows * cols * len(planes) <= _MOST_PIXELS:
            raise ShapeMismatch(
                f"{self.path}: images of {rows} x {cols} x {len(planes)} pixels; expected 1 to {_MOST_PIXELS:,}, what "
                "an index of 32 bits can count."
            )
        return tuple(sorted(planes)), (rows, cols, len(planes))

    def _match_truth(self, particles: ParticleProduct) -> np.ndarray | None:
        """None where entry i of the truth is that of entry i of the images; else its entry, or -1, for every image."""
        if self._policies["mismatch"] == "match":
            return self._matched_by_ids(particles)
        if self.entries != particles.entries:
            self._policies.settle(
                "mismatch",
                TruthMismatch(
                    f"{self.path}: {self.entries} entries of images but {particles.entries} of particles; "
                    "which truth belongs to which image cannot be known by position."
                ),
            )
        return None

    def _matched_by_ids(self, particles: ParticleProduct) -> np.ndarray | None:
        images = _ids_by_entry(self._images.ids(0, self.entries))
        of_truth = particles.ids(0, particles.entries)
        for entry, error in of_truth.damaged.items():
            with contextlib.suppress(SkipEntry):  # then it has no partner, and its images are left out
                self._settle_damaged_ids(entry, error)
        truth = _ids_by_entry(of_truth)
        if images == truth and self.entries == particles.entries:
            return None
        entry_of = {number: entry for entry, number in truth.items()}
        # A number that is there twice, on either side, tells nothing.
        repeated = _repeated(images.values()) | _repeated(truth.values())
        matched = np.full(self.entries, -1)
        for entry, number in images.items():
            if number not in repeated:
                matched[entry] = entry_of.get(number, -1)
        return matched

    def _truth_ids(self, start: int, stop: int) -> tuple[dict[int, CorruptFile], dict[int, Ids]] | None:
        """({position: damage}, {position: (run, subrun, event)}) of the truth, None where there is none to compare."""
        if self._particles is None or self._truth_entry is not None:
            return None
        columns = self._particles.ids(start, stop)
        return columns.damaged, _ids_by_entry(columns)

    def _settle_damaged_ids(self, entry: int, error: CorruptFile) -> None:
        where = f"{self.path}, entry {entry} of the truth"
        self._policies.settle("corrupt", CorruptFile(f"{where} cannot be read: {error}. {_DAMAGED}"))

    def _check_ids(
        self, entry: int, ids: Ids, of_truth: tuple[dict[int, CorruptFile], dict[int, Ids]] | None, position: int
    ) -> None:
        if of_truth is None:
            return
        damaged, truth_ids = of_truth
        if position in damaged:
            self._settle_damaged_ids(entry, damaged[position])
        if truth_ids[position] == ids:
            return
        self._policies.settle(
            "mismatch",
            TruthMismatch(
                f"{self.path}, entry {entry}: run, subrun, event are {ids} for the images but {truth_ids[position]} "
                "for the truth: it is not theirs."
            ),
        )


def _has_codes(particles: ParticleProduct) -> bool:
    """Whether any particle has a PDG code that is not 0: detector data has truth trees without truth.

    Codes that cannot be read are codes all the same: damage must not turn a file into detector data.
    """
    for start in range(0, particles.entries, _ENTRIES_AT_ONCE):
        codes = particles.read(start, min(start + _ENTRIES_AT_ONCE, particles.entries), wanted=("pdg",))
        if codes.damaged or np.any(codes.values["pdg"] != 0):
            return True
    return False


def _deal_out(table: TruthTable, partner: np.ndarray) -> TruthTable:
    """The TruthTable of images whose truth stands at the entries `partner` of a table (-1: nowhere)."""
    dealt = TruthTable.unknown(len(partner))
    there = partner >= 0
    for field in TRUTH_FIELDS:
        dealt[field.name][there] = table[field.name][partner[there]]
    for position, entry in enumerate(partner.tolist()):
        if entry < 0:
            dealt.left_out[position] = "mismatch"
            continue
        if entry in table.left_out:
            dealt.left_out[position] = table.left_out[entry]
        if entry in table.flags:
            dealt.flags[position] = table.flags[entry]
    return dealt


def _ids_by_entry(columns: Columns) -> dict[int, Ids]:
    """{entry: (run, subrun, event)} of the entries that can be read."""
    numbers = zip(*(columns.values[name].tolist() for name in IDS))
    return dict(zip(np.flatnonzero(columns.counts).tolist(), numbers))


def _repeated(numbers: Iterable[Ids]) -> set[Ids]:
    seen: set[Ids] = set()
    repeated: set[Ids] = set()
    for number in numbers:
        (repeated if number in seen else seen).add(number)
    return repeated
