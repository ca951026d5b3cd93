"""The formats that can be read, in the order in which a file is tried. A new one is a file here and a line below."""

from data_tools.readers.format import Format
from data_tools.readers.larcv.formats import LARCV3, LARCV_ROOT

FORMATS: tuple[Format, ...] = (LARCV_ROOT, LARCV3)
"""Every format; the first one that recognises a file reads it."""

FILE_ENDINGS: tuple[str, ...] = tuple(dict.fromkeys(ending for known in FORMATS for ending in known.endings))
"""Endings of the files that are taken from a directory."""
