"""Predictions in little space: scores in half precision, and the truth of the events once for all runs."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from data_tools.files import sha256_of_file, write_csv, written_aside
from lartpc_zoo.errors import CorruptRun, DataDiffers
from lartpc_zoo.metrics.predictions import PREDICTION, score_column

_EVENT_DIGITS = "%.6g"
_IDENTITY = ["source", "entry"]
# RuntimeError is what zipfile makes of flags that a damaged header seems to have.
_DAMAGE = (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


def write_scores(path: Path, predictions: pd.DataFrame, classes: Sequence[str], events: Path) -> None:
    """Write a table of predictions in little space.

    Args:
        path: of the scores (.npz).
        predictions: the table.
        classes: names of the classes.
        events: path of what the table says of the events (.csv.gz). Where it is there already, it must be of the same
            events.

    Raises:
        DataDiffers: it is of other events.
        CorruptRun: it is damaged.
    """
    columns = [score_column(name) for name in classes]
    truth = predictions.drop(columns=[PREDICTION, *columns])
    if events.is_file():
        predictions = _in_order_of(predictions, truth, events)
    else:
        write_csv(events, truth, _EVENT_DIGITS)
    with written_aside(path) as aside:
        np.savez_compressed(
            aside,
            classes=np.array(classes),
            prediction=predictions[PREDICTION].to_numpy(np.uint8),
            scores=predictions[columns].to_numpy(np.float16),
            events_sha256=np.array(sha256_of_file(events)),
        )


def _in_order_of(predictions: pd.DataFrame, truth: pd.DataFrame, events: Path) -> pd.DataFrame:
    """The predictions in the order of the events on file. Raises DataDiffers where they are of others, CorruptRun."""
    try:
        on_file = pd.read_csv(events)
    except _DAMAGE as error:
        raise CorruptRun(f"{events} is damaged ({error}); restore it.") from error
    if len(on_file) == len(truth):
        place = pd.MultiIndex.from_frame(truth[_IDENTITY]).get_indexer(pd.MultiIndex.from_frame(on_file[_IDENTITY]))
        shared = [str(column) for column in on_file if column in truth]
        if (place >= 0).all() and _as_written(truth.iloc[place], shared) == _as_written(on_file, shared):
            return predictions.iloc[place]
    raise DataDiffers(f"{events} is of other events than this run has scored. Archive it to another directory.")


def _as_written(frame: pd.DataFrame, columns: list[str]) -> str:
    return frame[columns].to_csv(index=False, float_format=_EVENT_DIGITS)


def read_scores(path: Path, events: Path) -> pd.DataFrame:
    """The table of predictions that `write_scores` was given, scores to three digits. Raises CorruptRun."""
    try:
        # Opened here: of a damaged archive numpy leaves its own file open.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            scores, prediction = stored["scores"].astype(np.float64), stored["prediction"].astype(np.int64)
            classes, events_sha256 = stored["classes"], str(stored["events_sha256"])
    except _DAMAGE as error:
        raise CorruptRun(f"{path} is damaged ({error}); restore it.") from error
    if not events.is_file() or sha256_of_file(events) != events_sha256:
        raise CorruptRun(f"{events}: missing, or not the events of {path}; restore it.")
    columns = {score_column(name): scores[:, label] for label, name in enumerate(classes)}
    return pd.read_csv(events).assign(**{PREDICTION: prediction}, **columns)
