"""Tables of events in files, written piece by piece: csv, parquet, or a TTree."""

import contextlib
import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from data_tools.files import written_aside
from lartpc_zoo.errors import MissingExtra
from lartpc_zoo.metrics.formats import CSV, PARQUET, ROOT

TREE = "predictions"
"""Name of the tree in a ROOT file."""

Append = Callable[[pd.DataFrame], None]

_TEXT = "string"
_ROOT_TYPES = {"i": "int64", "u": "int64", "b": "int8", "f": "float64", "O": _TEXT}
_DIGITS = {"float32": "%.7g", "float64": "%.9g"}


@contextlib.contextmanager
def table_written(path: Path, format_: str, like: pd.DataFrame) -> Iterator[Append]:
    """Context with a function that appends rows to a file, which is there, and complete, when the context ends well.

    The same rows in the same pieces give the same bytes; a ROOT file also holds when it was written.

    Args:
        path: of the file.
        format_: one of lartpc_zoo.metrics.formats.FORMATS.
        like: a table with the columns and their types, with rows or without; floats are all of one type.

    Raises:
        MissingExtra: the package that writes the format is not installed.
    """
    check_format(format_)
    with written_aside(path) as aside, _WRITERS[format_](aside, like) as append:
        yield append


def check_format(format_: str) -> None:
    """Raise MissingExtra when the package that writes a format is not there, before there is something to write."""
    if format_ == PARQUET:
        try:
            import pyarrow  # noqa: F401
        except ModuleNotFoundError as error:
            raise MissingExtra('parquet needs pyarrow, which is an extra: pip install ".[parquet]".') from error


@contextlib.contextmanager
def _csv(path: Path, like: pd.DataFrame) -> Iterator[Append]:
    """Compressed where the path ends in .gz, without the time and the name of the file, which gzip would keep."""
    floats = {str(column.dtype) for _, column in like.items() if column.dtype.kind == "f"}
    digits = _DIGITS[max(floats, default="float64")]
    with open(path, "wb") as file, contextlib.ExitStack() as stack:
        target: Any = file
        if path.suffix == ".gz":
            target = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0))
        text = stack.enter_context(io.TextIOWrapper(target, encoding="utf-8", newline=""))
        like.head(0).to_csv(text, index=False)
        yield lambda rows: rows.to_csv(text, index=False, header=False, float_format=digits)


@contextlib.contextmanager
def _parquet(path: Path, like: pd.DataFrame) -> Iterator[Append]:
    import pyarrow
    from pyarrow import parquet

    types = [
        (name, pyarrow.string() if column.dtype.kind == "O" else pyarrow.from_numpy_dtype(column.dtype))
        for name, column in like.items()
    ]
    schema = pyarrow.schema(types)
    with parquet.ParquetWriter(path, schema) as writer:
        yield lambda rows: writer.write_table(pyarrow.Table.from_pandas(rows, schema, preserve_index=False))


@contextlib.contextmanager
def _root(path: Path, like: pd.DataFrame) -> Iterator[Append]:
    """One TTree, a branch per column; whole numbers as 64 bits, so that run, subrun and event can be its index."""
    import awkward
    import uproot

    types = {str(name): _ROOT_TYPES[column.dtype.kind] for name, column in like.items()}

    def branch(column: pd.Series, kind: str) -> Any:
        return awkward.Array(column.tolist()) if kind == _TEXT else column.to_numpy(kind)

    with uproot.recreate(path) as file:
        tree = file.mktree(TREE, types, title="one entry per event, to be befriended by run, subrun and event")
        yield lambda rows: tree.extend({name: branch(rows[name], kind) for name, kind in types.items()})


_WRITERS: dict[str, Callable[[Path, pd.DataFrame], contextlib.AbstractContextManager[Append]]] = {
    CSV: _csv,
    PARQUET: _parquet,
    ROOT: _root,
}
