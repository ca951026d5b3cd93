"""The converter's inputs: found, hashed, opened, and checked as far as that goes without reading pixels."""

import glob
import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data_tools.conversion.entries import Entries, entries_of
from data_tools.defects import Policies, SkipEntry
from data_tools.errors import CorruptFile, DuplicateInput, InputNotFound, ShapeMismatch
from data_tools.index import Shape
from data_tools.location import as_location, check_ranges, is_url, open_binary, read_errors_named, size_of
from data_tools.particles import Classes
from data_tools.progress import bar
from data_tools.readers import Reader, open_file
from data_tools.readers.registry import FILE_ENDINGS

_BLOCK = 1 << 22
_NONE_OPENS = "None of the inputs could be opened."
_SAME_SIZE = 0.01

Inputs = str | Path | Iterable[str | Path]
"""Files, directories, glob patterns or URLs, one or several."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One input file.

    Attributes:
        path: path or URL.
        bytes: its size.
        sha256: hex SHA-256 of its content.
        trees: what is read of it, see data_tools.readers.base; () where it could not be opened and is left out.
        shape: (rows, cols, planes) of its images, as they are in the file.
        planes: plane ids.
        pixel_cm: (drift, wire) size of a pixel in cm, or None.
        labelled: whether it has truth.
        truth: what is known of its entries without their pixels.
    """

    path: Path | str
    bytes: int
    sha256: str
    trees: tuple[str, ...]
    shape: Shape
    planes: tuple[int, ...]
    pixel_cm: tuple[float, float] | None
    labelled: bool
    truth: Entries

    @classmethod
    def unreadable(cls, path: Path | str, size: int, sha256: str) -> "Source":
        """A file that could not be opened: it has no entries."""
        return cls(
            path=path,
            bytes=size,
            sha256=sha256,
            trees=(),
            shape=(0, 0, 0),
            planes=(),
            pixel_cm=None,
            labelled=False,
            truth=Entries.unlabelled(0),
        )

    @property
    def readable(self) -> bool:
        """Whether it could be opened."""
        return bool(self.trees)

    @property
    def entries(self) -> int:
        """Number of its entries."""
        return len(self.truth)


def expand_inputs(inputs: Inputs) -> list[Path | str]:
    """Paths and URLs of all files that `inputs` name, those of a directory by their endings.

    Raises:
        InputNotFound: one of them names no file.
        DuplicateInput: a file is named twice.
    """
    inputs = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    paths: list[Path | str] = []
    for given in map(as_location, inputs):
        paths += _files_of(given)
    if not paths:
        raise InputNotFound("No input was given: name one or more LArCV files, directories, patterns or URLs.")
    seen: dict[Path | str, Path | str] = {}
    for path in paths:
        # Before anything is hashed, which takes its time.
        other = seen.setdefault(path if isinstance(path, str) else path.resolve(), path)
        if other is not path:
            raise DuplicateInput(f"{path} is given twice; give each source once.")
    return paths


def _files_of(given: Path | str) -> Sequence[Path | str]:
    if isinstance(given, str) or given.is_file():
        return [given]
    if given.is_dir():
        found = [path for path in sorted(given.iterdir()) if path.suffix in FILE_ENDINGS and path.is_file()]
        if not found:
            raise InputNotFound(f"{given}: a directory without a LArCV file ({_ENDINGS}).")
        return found
    found = [path for name in sorted(glob.glob(str(given), recursive=True)) if (path := Path(name)).is_file()]
    if not found:
        raise InputNotFound(f"{given}: no such file, and no file that fits such a pattern.")
    return found


_ENDINGS = f"{', '.join(FILE_ENDINGS[:-1])} or {FILE_ENDINGS[-1]}"


def first_shape(
    paths: Sequence[Path | str],
    policies: Policies,
    image_producer: str | None = None,
    particle_producer: str | None = None,
) -> Shape:
    """Shape of the images of the first file that can be opened.

    Raises:
        CorruptFile: none can be opened, or one cannot and the policy is to stop.
        ProducerNotFound: it has no such producer.
    """
    for path in paths:
        if reader := _opened(path, policies, image_producer, particle_producer):
            return reader.shape
    raise CorruptFile(_NONE_OPENS)


def open_sources(
    paths: Sequence[Path | str],
    classes: Classes,
    policies: Policies,
    image_producer: str | None = None,
    particle_producer: str | None = None,
) -> list[Source]:
    """The Source of every path, ordered by hash, so that neither names nor the order of arguments matter.

    Raises:
        DuplicateInput: two files have the same content.
        UnknownPDG: no class has a code.
        ShapeMismatch: images differ in shape, planes or size of pixels.
        UserError: what data_tools.readers.open_file raises, as the policies say.
    """
    sources = []
    for sha256, (path, size) in sorted(hash_all(paths).items()):
        reader = _opened(path, policies, image_producer, particle_producer)
        if reader is None:
            sources.append(Source.unreadable(path, size, sha256))
            continue
        sources.append(
            Source(
                path=path,
                bytes=size,
                sha256=sha256,
                trees=reader.trees,
                shape=reader.shape,
                planes=reader.planes,
                pixel_cm=reader.pixel_cm,
                labelled=reader.labelled,
                truth=entries_of(reader, classes, policies),
            )
        )
    readable = [source for source in sources if source.readable]
    if not readable:
        raise CorruptFile(_NONE_OPENS)
    for other in readable[1:]:
        _check_alike(readable[0], other)
    return sources


def _opened(
    path: Path | str, policies: Policies, image_producer: str | None, particle_producer: str | None
) -> Reader | None:
    """The reader of a file; None where it cannot be opened and is to be left out."""
    try:
        return open_file(path, image_producer, particle_producer, policies)
    except CorruptFile as error:
        try:
            policies.settle("truncated", error)
        except SkipEntry:
            return None
        raise AssertionError("'truncated' has no policy that goes on") from error


def hash_all(paths: Sequence[Path | str]) -> dict[str, tuple[Path | str, int]]:
    """{sha256: (path, bytes)} of files and URLs. Raises DuplicateInput where two have the same content."""
    for path in filter(is_url, paths):
        check_ranges(path)
    sizes = {path: size_of(path) for path in paths}
    by_hash: dict[str, tuple[Path | str, int]] = {}
    with bar("Hashing inputs", sum(sizes.values()), unit="bytes") as advance:
        for path in paths:
            digest = hashlib.sha256()
            with read_errors_named(path), open_binary(path) as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    advance(len(block))
            sha256 = digest.hexdigest()
            if sha256 in by_hash:
                raise DuplicateInput(f"{path} and {by_hash[sha256][0]} have the same content; give each source once.")
            by_hash[sha256] = (path, sizes[path])
    return by_hash


def _check_alike(first: Source, other: Source) -> None:
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
