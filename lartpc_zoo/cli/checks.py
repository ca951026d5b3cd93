"""Names and choices of a command, looked up before TensorFlow is imported: a typo is an answer of a moment."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from lartpc_zoo.errors import BadDevices, BadExport
from lartpc_zoo.metrics.formats import format_of

_DEVICE = re.compile(r"[A-Z]+:\d+")


def devices(names: Iterable[str]) -> None:
    """Raise BadDevices for what cannot be the name of a device; which ones there are only the backend knows."""
    for name in names:
        if not _DEVICE.fullmatch(name):
            raise BadDevices(f"Device {name!r}: expected a name as in GPU:0 or CPU:0.")


def data_set(path: str) -> None:
    """Raise NotADataset where there is none, or BadManifest or CorruptShard where it is damaged."""
    from data_tools import open_dataset

    open_dataset(path)


def scored(data: Sequence[str], sample: str | None = None) -> None:
    """Raise the error of what cannot be scored: no data set, a data set without that sample, no such LArCV files.

    LArCV files have no samples: any name is right for them.
    """
    if len(data) == 1 and Path(data[0]).is_dir():
        from data_tools import open_dataset

        dataset = open_dataset(data[0])
        if sample is not None:
            dataset.size(sample)
    else:
        from data_tools.conversion.sources import expand_inputs

        expand_inputs(data)


def new_file(path: str) -> None:
    """Raise BadOption for a file of predictions in no known format, BadExport where it is there already."""
    format_of(path)
    if Path(path).exists():
        raise BadExport(f"{path} exists. Choose another output, or remove it.")
