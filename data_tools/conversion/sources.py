"""The converter's inputs: found, hashed, opened, and checked as far as that goes without reading pixels."""

import glob
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_tools.conversion.spool import LEFT_OUT, NOT_WANTED
from data_tools.defects import SkipEntry
from data_tools.errors import CorruptFile, DuplicateInput, InputNotFound, ShapeMismatch
from data_tools.location import as_location, check_ranges, is_url, open_binary, size_of
from data_tools.particles import NO_TRUTH
from data_tools.progress import bar
from data_tools.readers import open_file

_FILE_ENDINGS = (".root", ".h5", ".hdf5")
_BLOCK = 1 << 22
_ENTRIES_AT_ONCE = 2_000
_SAME_SIZE = 0.01


@dataclass(frozen=True)
class Source:
    """One input file: what its reader knows, and its entries' labels (see spool; NO_TRUTH: unlabelled).

    entries is 0 and `trees` empty where the file could not be opened and is left out.
    """

    path: Path | str
    bytes: int
    sha256: str
    entries: int
    trees: tuple[str, ...]
    shape: tuple[int, int, int]
    planes: tuple[int, ...]
    pixel_cm: tuple[float, float] | None
    labelled: bool
    pdg: np.ndarray
    labels: np.ndarray


def expand_inputs(inputs):
    """Paths and URLs of all files that `inputs` name: files, URLs, directories (their *.root and *.h5) and patterns."""
    inputs = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    paths = []
    for given in map(as_location, inputs):
        if is_url(given) or given.is_file():
            found = [given]
        elif given.is_dir():
            found = [path for path in sorted(given.iterdir()) if path.suffix in _FILE_ENDINGS and path.is_file()]
        else:
            found = [path for name in sorted(glob.glob(str(given), recursive=True)) if (path := Path(name)).is_file()]
        if not found:
            raise InputNotFound(f"{given}: no such file, and no {' or '.join(_FILE_ENDINGS)} file in or like it.")
        paths += found
    if not paths:
        raise InputNotFound("No input was given: name one or more LArCV files, directories, patterns or URLs.")
    return paths


def open_sources(paths, classes, policies, image_producer=None, particle_producer=None):
    """The Source of every path, ordered by hash, so that neither names nor the order of arguments matter.

    Raises DuplicateInput, UnknownPDG, ShapeMismatch, or what larcv.open_file raises, as the policies say.
    """
    sources = []
    for sha256, (path, size) in sorted(_hash_all(paths).items()):
        try:
            reader = open_file(path, image_producer, particle_producer, policies)
        except CorruptFile as error:
            sources.append(_unreadable(path, size, sha256, error, policies))
            continue
        pdg, labels = _labels(reader, classes, policies)
        known = (reader.trees, reader.shape, reader.planes, reader.pixel_cm, reader.labelled, pdg, labels)
        sources.append(Source(path, size, sha256, reader.entries, *known))
    readable = [source for source in sources if source.trees]
    if not readable:
        raise CorruptFile("None of the inputs could be opened.")
    for other in readable[1:]:
        _check_alike(readable[0], other)
    return sources


def _hash_all(paths):
    """{sha256: (path, bytes)}. Raises DuplicateInput."""
    for path in filter(is_url, paths):
        check_ranges(path)
    sizes = {path: size_of(path) for path in paths}
    by_hash = {}
    with bar("Hashing inputs", sum(sizes.values()), unit="bytes") as advance:
        for path in paths:
            digest = hashlib.sha256()
            with open_binary(path) as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    advance(len(block))
            sha256 = digest.hexdigest()
            if sha256 in by_hash:
                raise DuplicateInput(f"{path} and {by_hash[sha256][0]} have the same content; give each source once.")
            by_hash[sha256] = (path, sizes[path])
    return by_hash


def _labels(reader, classes, policies):
    """PDG codes and labels of all entries."""
    pdg = np.zeros(reader.entries, np.int64)
    if not reader.labelled:
        return pdg, np.full(reader.entries, NO_TRUTH, np.int64)
    left_out = np.zeros(reader.entries, bool)
    # In pieces, because every entry may have many particles.
    for start in range(0, reader.entries, _ENTRIES_AT_ONCE):
        stop = min(start + _ENTRIES_AT_ONCE, reader.entries)
        truth = reader.truth(start, stop)
        pdg[start:stop] = truth["pdg"]
        left_out[[start + position for position in truth.left_out]] = True
    labels = np.where(left_out, LEFT_OUT, classes.labels(pdg))
    unknown = labels == NO_TRUTH
    if unknown.any():
        try:
            policies.settle("unknown-pdg", classes.unknown(pdg[unknown], reader.path))
        except SkipEntry:
            labels[unknown] = NOT_WANTED
    return pdg, labels


def _unreadable(path, size, sha256, error, policies):
    try:
        policies.settle("truncated", error)
    except SkipEntry:
        return Source(path, size, sha256, 0, (), (), (), None, False, *(np.empty(0, np.int64),) * 2)
    raise AssertionError("truncated has no policy that goes on")


def _check_alike(first, other):
    if (other.shape, other.planes) != (first.shape, first.planes):
        raise ShapeMismatch(
            f"{other.path}, entry 0: images {other.shape} of planes {other.planes}, but {first.path}, entry 0 "
            f"has {first.shape} of planes {first.planes}. Convert them into different data sets."
        )
    if first.pixel_cm and other.pixel_cm:
        pairs = zip(first.pixel_cm, other.pixel_cm)
        if not all(math.isclose(one, two, rel_tol=_SAME_SIZE) for one, two in pairs):
            raise ShapeMismatch(
                f"{other.path}: pixels of {other.pixel_cm} cm (drift, wire), but {first.path} has {first.pixel_cm}. "
                "Convert them into different data sets."
            )
