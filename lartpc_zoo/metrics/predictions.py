"""The table of predictions: what was scored, event by event, and the files it is written to."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from lartpc_zoo.metrics.table_files import table_written

FILE = "file"
"""Column of the name of the file that an event is from."""
EVENT = ("entry", "run", "subrun", "event")
"""Columns that say which event of a file it is."""
PREDICTION = "prediction"
"""Column of the label that a network gives."""


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


def scores_of(predictions: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """What a user of scores wants of a table of predictions.

    Returns:
        file, entry, run, subrun, event, prediction (name of a class), and score_CLASS for every class.
    """
    called = predictions[PREDICTION].map(dict(enumerate(classes)))
    scores = predictions[[score_column(name) for name in classes]]
    return predictions[[FILE, *EVENT]].assign(**{PREDICTION: called}, **scores)


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
    with table_written(path, format_, predictions) as append:
        append(predictions)
