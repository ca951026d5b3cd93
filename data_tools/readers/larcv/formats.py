"""The formats of LArCV, as the registry of readers has them."""

from pathlib import Path
from typing import cast

import h5py

from data_tools.readers.format import Candidate, Format, Options
from data_tools.readers.larcv import hdf5, root
from data_tools.readers.larcv.products import ImageProduct, ParticleProduct, Products, choose
from data_tools.readers.larcv.reader import LarcvReader

_IMAGE_PRODUCTS = {*root.IMAGE_PRODUCTS, *hdf5.IMAGE_PRODUCTS}
_TRUTH_PRODUCTS = set(root.PARTICLE_PRODUCTS)


def _open_root(candidate: Candidate, options: Options) -> LarcvReader:
    return _reader(candidate.path, root.products(candidate.path), options)


def _is_larcv3(candidate: Candidate) -> bool:
    with h5py.File(candidate.content(), "r") as file:
        return all(name in file for name in hdf5.EXPECTED)


def _open_hdf5(candidate: Candidate, options: Options) -> LarcvReader:
    return _reader(candidate.path, hdf5.products(candidate.content()), options)


def _reader(path: Path | str, products: Products, options: Options) -> LarcvReader:
    """The reader of the products that the options name."""
    images = choose(path, products, _IMAGE_PRODUCTS, options.image_producer, "image_producer")
    has_truth = any(product in _TRUTH_PRODUCTS for product, _ in products)
    particles = (
        choose(path, products, _TRUTH_PRODUCTS, options.particle_producer, "particle_producer")
        if has_truth or options.particle_producer is not None
        else None
    )
    return LarcvReader(
        path,
        cast(ImageProduct, images()),
        cast(ParticleProduct, particles()) if particles else None,
        options.policies,
    )


LARCV_ROOT = Format(
    name="LArCV1 and LArCV2",
    container="ROOT",
    magic=b"root",
    expected="trees PRODUCT_PRODUCER_tree",
    endings=(".root",),
    recognises=lambda candidate: True,  # without its trees it is said which ones it has
    open=_open_root,
)
LARCV3 = Format(
    name="LArCV3",
    container="HDF5",
    magic=b"\x89HDF\r\n\x1a\n",
    expected=" and ".join(hdf5.EXPECTED),
    endings=(".h5", ".hdf5"),
    recognises=_is_larcv3,
    open=_open_hdf5,
)
