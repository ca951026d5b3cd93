"""Files of any format in, events out: `open_file` recognises the format by the content of the file."""

from data_tools.readers.base import Reader
from data_tools.readers.opening import open_file

__all__ = ["Reader", "open_file"]
