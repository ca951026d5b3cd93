"""LArCV files in, events out: one reader per file generation, all with the interface of larcv2.Reader."""

from pathlib import Path

from data_tools.errors import InputNotFound, NotLArCV
from data_tools.larcv import larcv2

_ROOT_MAGIC = b"root"


def open_file(path, image_producer=None, particle_producer=None):
    """The reader of a LArCV file.

    A producer may stay None where the file has only one of its kind. Raises InputNotFound, NotLArCV, CorruptFile,
    ProducerNotFound or TruthMismatch.
    """
    path = Path(path)
    if not path.is_file():
        raise InputNotFound(f"{path}: no such file.")
    with open(path, "rb") as file:
        magic = file.read(len(_ROOT_MAGIC))
    if magic != _ROOT_MAGIC:
        if path.suffix in (".h5", ".hdf5"):
            raise NotLArCV(f"{path}: HDF5 files of LArCV3 are not read by this version, only ROOT files of LArCV2.")
        raise NotLArCV(f"{path} is not a ROOT file: it starts with {magic!r}, expected {_ROOT_MAGIC!r}.")
    return larcv2.Reader(path, image_producer, particle_producer)
