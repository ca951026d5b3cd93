"""The formats in which predictions are written, by the endings of their files."""

from pathlib import Path

from data_tools.errors import BadOption

CSV, PARQUET, ROOT = "csv.gz", "parquet", "root"
FORMATS = (CSV, PARQUET, ROOT)
_ENDINGS = {".csv": CSV, ".csv.gz": CSV, ".parquet": PARQUET, ".root": ROOT}


def format_of(path: str | Path) -> str:
    """The format that the name of a file asks for, one of FORMATS; a csv file may be compressed or not.

    Raises:
        BadOption: its ending is that of no format.
    """
    for ending, format_ in _ENDINGS.items():
        if Path(path).name.endswith(ending):
            return format_
    raise BadOption(f"{path}: expected a name that ends in {', '.join(_ENDINGS)}.")
