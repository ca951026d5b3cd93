"""The table of predictions: what was scored, event by event, and the files it is written to."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from data_tools.files import write_csv, written_aside
from lartpc_zoo.errors import MissingExtra
from lartpc_zoo.metrics.formats import CSV, PARQUET, ROOT

FILE = "file"
"""Column of the name of the file that an event is from."""
PREDICTION = "prediction"
"""Column of the label that a network gives."""
TREE = "predictions"
"""Name of the tree in a ROOT file."""

_TEXT = "string"
_ROOT_TYPES = {"i": "int64", "u": "int64", "b": "int8", "f": "float64", "O": _TEXT}


def prediction_table(events: pd.DataFrame, logits: np.ndarray, classes: Sequence[str]) -> pd.DataFrame:
    """The events with what a network says of them.

    Args:
        events: their truth, as Dataset.events gives it.
        logits: (events, classes).
        classes: names, in the order of labels.

    Returns:
        The events with the columns `prediction`, the class with the highest score, and `score_CLASS`, one probability
        per class; those of an event add up to 1.
    """
    scores = np.exp(log_softmax(logits.astype(np.float64), axis=1))
    columns: Mapping[str, Any] = {score_column(name): scores[:, label] for label, name in enumerate(classes)}
    return events.assign(**{PREDICTION: logits.argmax(axis=1)}, **columns)


def averaged(tables: Sequence[pd.DataFrame], classes: Sequence[str]) -> pd.DataFrame:
    """The mean of what several networks say of the same events.

    Args:
        tables: of predictions, one per network, with the same events in the same order.
        classes: names, in the order of labels.

    Returns:
        The first table with the means of the scores, and the class with the highest one as prediction.
    """
    if len(tables) == 1:
        return tables[0]
    columns = [score_column(name) for name in classes]
    scores = np.mean([table[columns].to_numpy() for table in tables], axis=0)
    return tables[0].assign(**{PREDICTION: scores.argmax(axis=1)}, **dict(zip(columns, scores.T)))


def score_column(class_name: str) -> str:
    """The column of a class's score."""
    return f"score_{class_name}"


def write_predictions(path: Path, predictions: pd.DataFrame, format_: str) -> None:
    """Write the table atomically.

    Args:
        path: of the file.
        predictions: the table.
        format_: one of lartpc_zoo.metrics.formats.FORMATS.

    Raises:
        MissingExtra: the package that writes the format is not installed.
    """
    _WRITERS[format_](path, predictions)


def check_format(format_: str) -> None:
    """Raise MissingExtra when the package that writes a format is not there, before there is something to write."""
    if format_ == PARQUET:
        _pyarrow()


def _write_parquet(path: Path, predictions: pd.DataFrame) -> None:
    _pyarrow()
    with written_aside(path) as aside:
        predictions.to_parquet(aside, engine="pyarrow", index=False)


def _write_root(path: Path, predictions: pd.DataFrame) -> None:
    """One TTree, a branch per column; whole numbers as 64 bits, so that run, subrun and event can be its index."""
    import awkward
    import uproot

    types = {name: _ROOT_TYPES[column.dtype.kind] for name, column in predictions.items()}
    with written_aside(path) as aside, uproot.recreate(aside) as file:
        tree = file.mktree(TREE, types, title="one entry per event, to be befriended by run, subrun and event")
        tree.extend(
            {
                name: awkward.Array(predictions[name].tolist()) if kind == _TEXT else predictions[name].to_numpy(kind)
                for name, kind in types.items()
            }
        )


def _pyarrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra('parquet needs pyarrow, which is an extra: pip install ".[parquet]".') from error


_WRITERS: dict[str, Callable[[Path, pd.DataFrame], None]] = {
    CSV: write_csv,
    PARQUET: _write_parquet,
    ROOT: _write_root,
}
