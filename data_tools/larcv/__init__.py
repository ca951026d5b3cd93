"""LArCV files of every generation in, events out: `open_file` finds out which one it is."""

from data_tools.larcv.reader import Reader, open_file

__all__ = ["Reader", "open_file"]
