"""Which format a file has, and what becomes of a file that cannot be opened."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from data_tools.defects import Policies
from data_tools.errors import CorruptFile, InputNotFound, NotLArCV, UserError
from data_tools.location import check_ranges, is_url, open_binary
from data_tools.readers.base import Reader
from data_tools.readers.format import Candidate, Format, Options
from data_tools.readers.registry import FORMATS

_LONGEST_MAGIC = max(len(known.magic) for known in FORMATS)
_CONTAINERS = tuple(dict.fromkeys(known.container for known in FORMATS))


def open_file(
    path: Path | str,
    image_producer: str | None = None,
    particle_producer: str | None = None,
    policies: Policies | None = None,
) -> Reader:
    """The reader of a file of any format, which is recognised by its content.

    Args:
        path: path or URL.
        image_producer: of the images; may stay None where the file has only one. 'data', or with its product,
            'sparse2d_data'.
        particle_producer: the same of the truth.
        policies: what is done about defects; the defaults where None.

    Raises:
        InputNotFound: there is no such file.
        NotLArCV: it has no format that is known.
        CorruptFile: it is damaged.
        ProducerNotFound: it has no such producer, or several and none was named.
        TruthMismatch: images and truth do not belong together.
    """
    if not is_url(path) and not Path(path).is_file():
        raise InputNotFound(f"{path}: no such file.")
    check_ranges(path)
    with open_binary(path) as file:
        candidate = Candidate(path, file.read(_LONGEST_MAGIC))
    with _damage_named(path):
        return _format_of(candidate).open(candidate, Options(policies or Policies(), image_producer, particle_producer))


def _format_of(candidate: Candidate) -> Format:
    path, magic = candidate.path, candidate.magic
    if not magic:
        raise CorruptFile(f"{path}: an empty file. Fetch or write it again.")
    possible = [known for known in FORMATS if magic.startswith(known.magic)]
    if not possible:
        raise NotLArCV(f"{path} is neither {' nor '.join(_CONTAINERS)}: it starts with {magic!r}.")
    for known in possible:
        if known.recognises(candidate):
            return known
    expected = " and ".join(f"{known.name}, which has {known.expected}" for known in possible)
    raise NotLArCV(f"{path} is a file of {possible[0].container}, but not one of {expected}.")


@contextlib.contextmanager
def _damage_named(path: Path | str) -> Iterator[None]:
    """Whatever uproot, h5py and decompressors make of a damaged file becomes a CorruptFile that names it."""
    try:
        yield
    except (UserError, MemoryError, ConnectionError, TimeoutError):
        raise
    except Exception as error:
        raise CorruptFile(
            f"{path}: starts like a file of {' or '.join(_CONTAINERS)} but cannot be opened "
            f"({type(error).__name__}); it is probably truncated: fetch or write it again."
        ) from error
