"""What a format tells of itself: how its files are recognised, and how they are opened."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from data_tools.defects import Policies
from data_tools.location import is_url, open_binary
from data_tools.readers.base import Reader


@dataclass(frozen=True)
class Candidate:
    """A file whose format is not known yet.

    Attributes:
        path: path or URL.
        magic: its first bytes.
    """

    path: Path | str
    magic: bytes

    def content(self) -> Path | str | BinaryIO:
        """What libraries open that know nothing of URLs: the path, or of a URL an open binary file."""
        return open_binary(self.path) if is_url(self.path) else self.path


@dataclass(frozen=True)
class Options:
    """How a file is to be read.

    Attributes:
        policies: what is done about defects.
        image_producer: of the images; None where there is only one. Formats without producers ignore it.
        particle_producer: of the truth; None where there is only one.
    """

    policies: Policies
    image_producer: str | None = None
    particle_producer: str | None = None


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        name: as messages have it.
        container: the kind of file that it is, which several formats may share.
        magic: the first bytes of such a container.
        expected: what a container must hold to be of this format.
        endings: of its files' names.
        recognises: whether a file of this container is of this format; it may look into the file.
        open: the Reader of such a file.
    """

    name: str
    container: str
    magic: bytes
    expected: str
    endings: tuple[str, ...]
    recognises: Callable[[Candidate], bool]
    open: Callable[[Candidate, Options], Reader]
