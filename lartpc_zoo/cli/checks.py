"""Names and choices of a command, looked up before TensorFlow is imported: a typo is an answer of a moment."""

import re
from collections.abc import Iterable
from pathlib import Path

from lartpc_zoo.errors import BadDevices, BadExport
from lartpc_zoo.metrics.formats import format_of

_DEVICE = re.compile(r"[A-Z]+:\d+")


def devices(names: Iterable[str]) -> None:
    """Raise BadDevices for what cannot be the name of a device; which ones there are only the backend knows."""
    for name in names:
        if not _DEVICE.fullmatch(name):
            raise BadDevices(f"Device {name!r}: expected a name as in GPU:0 or CPU:0.")


def sample_of(data: str, sample: str | None) -> None:
    """Raise UnknownSample where a data set has no such sample; LArCV files have none, any name is right for them."""
    if sample is not None and Path(data).is_dir():
        from data_tools import open_dataset

        open_dataset(data).size(sample)


def new_file(path: str) -> None:
    """Raise BadOption for a file of predictions in no known format, BadExport where it is there already."""
    format_of(path)
    if Path(path).exists():
        raise BadExport(f"{path} exists. Choose another output, or remove it.")
