"""LArCV files of every generation in, events out: `open_file` finds out which one it is."""

from data_tools.larcv.opening import open_file
from data_tools.larcv.reader import Reader

__all__ = ["Reader", "open_file"]
