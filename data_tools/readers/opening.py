"""Which generation a file is, which of its products are read, and what becomes of a file that cannot be opened."""

import contextlib
import re

from data_tools.defects import Policies
from data_tools.errors import CorruptFile, InputNotFound, NotLArCV, ProducerNotFound, UserError, did_you_mean
from data_tools.location import check_ranges, is_url, open_binary
from data_tools.readers.larcv import hdf5, root
from data_tools.readers.larcv.reader import Reader

_ROOT_MAGIC = b"root"
_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_IMAGE_PRODUCTS = {*root.IMAGE_PRODUCTS, *hdf5.IMAGE_PRODUCTS}
_TRUTH_PRODUCTS = set(root.PARTICLE_PRODUCTS)


def open_file(path, image_producer=None, particle_producer=None, policies=None):
    """The Reader of a LArCV file (path or URL) of any generation, found out by its content.

    image_producer, particle_producer: may stay None where the file has only one; 'data', or with its product,
    'sparse2d_data'. policies: defects.Policies. Raises InputNotFound, NotLArCV, CorruptFile, ProducerNotFound or
    TruthMismatch.
    """
    if not is_url(path) and not path.is_file():
        raise InputNotFound(f"{path}: no such file.")
    check_ranges(path)
    with open_binary(path) as file:
        magic = file.read(len(_HDF5_MAGIC))
    if not magic:
        raise CorruptFile(f"{path}: an empty file. Fetch or write it again.")
    if magic != _HDF5_MAGIC and not magic.startswith(_ROOT_MAGIC):
        raise NotLArCV(f"{path} is neither a ROOT nor an HDF5 file: it starts with {magic!r}.")
    with _damage_named(path):
        if magic == _HDF5_MAGIC:
            products = hdf5.products(path, open_binary(path) if is_url(path) else None)
        else:
            products = root.products(path)
    images = _choose(path, products, _IMAGE_PRODUCTS, image_producer, "--image-producer")
    if particle_producer is None and not _producers(products, _TRUTH_PRODUCTS):
        particles = None
    else:
        particles = _choose(path, products, _TRUTH_PRODUCTS, particle_producer, "--particle-producer")
    with _damage_named(path):
        return Reader(path, images(), particles and particles(), policies or Policies())


def _producers(products, wanted):
    return {producer: product for product, producer in products if product in wanted}


@contextlib.contextmanager
def _damage_named(path):
    """Whatever uproot, h5py and decompressors make of a damaged file becomes a CorruptFile that names it."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        raise CorruptFile(
            f"{path}: starts like a ROOT or HDF5 file but cannot be opened ({type(error).__name__}); it is probably "
            "truncated: fetch or write it again."
        ) from error


def _choose(path, products, wanted, producer, option):
    """The product of a producer; the only one where none is named."""
    there = {f"{product}_{name}": found for (product, name), found in products.items() if product in wanted}
    if not there:
        raise ProducerNotFound(
            f"{path}: no {' or '.join(sorted(wanted))} in the file, which has "
            f"{', '.join(sorted(f'{product}_{name}' for product, name in products)) or 'no product of LArCV'}."
        )
    if producer is None:
        if len(there) > 1:
            raise ProducerNotFound(f"{path}: several products to read: {', '.join(there)}. Name one with {option}.")
        return next(iter(there.values()))
    fitting = [found for name, found in there.items() if re.fullmatch(rf"([a-z0-9]+_)?{re.escape(producer)}", name)]
    if len(fitting) != 1:
        raise ProducerNotFound(
            f"{path}: {len(fitting)} products fit {option} {producer!r}. In the file: {', '.join(there)}."
            + did_you_mean(producer, there)
        )
    return fitting[0]
