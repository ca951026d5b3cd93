"""The converter's inputs: found, hashed, opened, and checked as far as that goes without reading pixels."""

import glob
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_tools import larcv
from data_tools.errors import DuplicateInput, InputNotFound, ShapeMismatch
from data_tools.files import sha256_of_file
from data_tools.progress import bar

_FILE_ENDINGS = (".root",)


@dataclass(frozen=True)
class Source:
    """One input file with its reader and the labels of its entries (negative: left out)."""

    path: Path
    sha256: str
    reader: larcv.larcv2.Reader
    labels: np.ndarray


def expand_inputs(inputs):
    """Paths of all files that `inputs` name: files, directories (their *.root files) and glob patterns."""
    inputs = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    paths = []
    for given in inputs:
        given = Path(given)
        if given.is_dir():
            found = [path for path in sorted(given.iterdir()) if path.suffix in _FILE_ENDINGS]
        elif given.is_file():
            found = [given]
        else:
            found = [path for name in sorted(glob.glob(str(given), recursive=True)) if (path := Path(name)).is_file()]
        if not found:
            raise InputNotFound(f"{given}: no such file, and no {' or '.join(_FILE_ENDINGS)} file in or like it.")
        paths += found
    if not paths:
        raise InputNotFound("No input was given: name one or more LArCV files, directories or patterns.")
    return paths


def open_sources(paths, classes, image_producer, particle_producer, skip_unknown):
    """The Source of every path, ordered by hash, so that neither names nor the order of arguments matter.

    Raises DuplicateInput, UnknownPDG (unless `skip_unknown`), ShapeMismatch, or what larcv.open_file raises.
    """
    by_hash = {}
    with bar("Hashing inputs", sum(path.stat().st_size for path in paths), unit="bytes") as advance:
        for path in paths:
            sha256 = sha256_of_file(path, advance)
            if sha256 in by_hash:
                raise DuplicateInput(f"{path} and {by_hash[sha256]} have the same content; give each source once.")
            by_hash[sha256] = path
    sources = []
    for sha256, path in sorted(by_hash.items()):
        reader = larcv.open_file(path, image_producer, particle_producer)
        if not skip_unknown:
            classes.check_known(reader.truth["pdg"], path)
        sources.append(Source(path, sha256, reader, classes.labels(reader.truth["pdg"])))
    first = sources[0]
    for other in sources[1:]:
        if (other.reader.shape, other.reader.planes) != (first.reader.shape, first.reader.planes):
            raise ShapeMismatch(
                f"{other.path}, entry 0: images {other.reader.shape} of planes {other.reader.planes}, but {first.path} "
                f"has {first.reader.shape} of planes {first.reader.planes}. Convert them into different data sets."
            )
    return sources
