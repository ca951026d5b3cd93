"""Predictions in little space: scores in half precision, and the truth of the events once for all runs."""

import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from data_tools.files import sha256_of_file, write_csv, written_aside
from lartpc_zoo.errors import CorruptRun, DataDiffers
from lartpc_zoo.evaluation.predictions import PREDICTION, score_column

_EVENT_DIGITS = "%.6g"


def write_scores(path, predictions, classes, events):
    """Write a table of predictions: scores to `path` (.npz), what it says of the events to `events` (.csv.gz).

    Where `events` is there already, it must be of the same events: raises DataDiffers.
    """
    columns = [score_column(name) for name in classes]
    truth = predictions.drop(columns=[PREDICTION, *columns])
    _write_events(events, truth)
    with written_aside(path) as aside:
        np.savez_compressed(
            aside,
            classes=np.array(classes),
            prediction=predictions[PREDICTION].to_numpy(np.uint8),
            scores=predictions[columns].to_numpy(np.float16),
            events_sha256=np.array(sha256_of_file(events)),
        )


def _write_events(path, truth):
    if not path.is_file():
        write_csv(path, truth, _EVENT_DIGITS)
        return
    with tempfile.TemporaryDirectory() as directory:
        again = Path(directory) / path.name
        write_csv(again, truth, _EVENT_DIGITS)
        same = sha256_of_file(path) == sha256_of_file(again)
    if not same:
        raise DataDiffers(f"{path} is of other events than this run has scored. Archive it to another directory.")


def read_scores(path, events):
    """The table of predictions that `write_scores` was given, scores to three digits. Raises CorruptRun."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            scores, prediction = stored["scores"].astype(np.float64), stored["prediction"].astype(np.int64)
            classes, events_sha256 = stored["classes"], str(stored["events_sha256"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CorruptRun(f"{path} is damaged ({error}); restore it.") from error
    if not events.is_file() or sha256_of_file(events) != events_sha256:
        raise CorruptRun(f"{events}: missing, or not the events of {path}; restore it.")
    columns = {score_column(name): scores[:, label] for label, name in enumerate(classes)}
    return pd.read_csv(events).assign(**{PREDICTION: prediction}, **columns)
