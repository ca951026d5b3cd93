"""What the files of every generation of LArCV hold: products, each of a producer, of images or of particles."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from data_tools.errors import Argument, CorruptFile, ProducerNotFound, did_you_mean
from data_tools.readers.larcv.stored import Columns, StoredEntry

IDS = ("run", "subrun", "event")
"""What numbers an entry, in this order."""

Products = Mapping[tuple[str, str], Callable[[], "Product"]]
"""{(product, producer): function that opens it} of a file."""


class Product(ABC):
    """One product of a file.

    Attributes:
        name: of its tree or group.
        entries: number of them.
    """

    name: str
    entries: int

    @abstractmethod
    def ids(self, start: int, stop: int) -> Columns:
        """Run, subrun and event of the entries, under the names of IDS; int64, -1 where LArCV left them unset."""


class ImageProduct(Product):
    """Images of all planes.

    Attributes:
        metas_apart: whether the sizes of images can be read without their pixels.
    """

    metas_apart: bool

    @abstractmethod
    def planes(self, start: int, stop: int) -> dict[int, tuple[int, int]]:
        """{plane: (rows, cols)} of the first image of every plane in these entries."""

    @abstractmethod
    def pixel_cm(self) -> tuple[float, float] | None:
        """(drift, wire) size of a pixel in cm, None where the file does not tell."""

    @abstractmethod
    def read(self, start: int, stop: int) -> Iterator[tuple[int, StoredEntry | CorruptFile]]:
        """Yield (entry, its images or why they cannot be read); pixels may be overwritten by the next entry."""


class ParticleProduct(Product):
    """The truth: particles of every entry.

    Attributes:
        units: {unit of data_tools.truth: factor from what is stored}; 1 where there is none.
    """

    units: Mapping[str, float]

    @abstractmethod
    def read(self, start: int, stop: int, wanted: Collection[str] | None = None) -> Columns:
        """Columns of the particles: those of data_tools.truth, and what tells the primary (all, or those `wanted`)."""


def choose(
    path: Path | str, products: Products, wanted: Collection[str], producer: str | None, argument: str
) -> Callable[[], Product]:
    """The function that opens the product of a producer; of the only one where none is named.

    Args:
        path: of the file, for messages.
        products: those of the file.
        wanted: names of products that would do.
        producer: as the user named it, 'data' or 'sparse2d_data'.
        argument: name of the argument by which it is named.

    Raises:
        ProducerNotFound: there is none, or there are several and none is named.
    """
    there = {f"{product}_{name}": found for (product, name), found in products.items() if product in wanted}
    if not there:
        raise ProducerNotFound(
            f"{path}: no {' or '.join(sorted(wanted))} in the file, which has "
            f"{', '.join(sorted(f'{product}_{name}' for product, name in products)) or 'no product of LArCV'}."
        )
    if producer is None:
        if len(there) > 1:
            raise ProducerNotFound(
                f"{path}: several products to read: {', '.join(there)}. Name one as ",
                Argument(argument),
                ".",
                choices=there,
            )
        return next(iter(there.values()))
    fitting = [found for name, found in there.items() if re.fullmatch(rf"([a-z0-9]+_)?{re.escape(producer)}", name)]
    if len(fitting) != 1:
        raise ProducerNotFound(
            f"{path}: {len(fitting)} products fit ",
            Argument(argument, producer),
            f". In the file: {', '.join(there)}." + did_you_mean(producer, there),
            choices=there,
        )
    return fitting[0]
