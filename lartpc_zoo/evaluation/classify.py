"""Scores of every event as a table, without files."""

from collections.abc import Sequence

import pandas as pd

from data_tools.detector.loading import parse_disturbance
from data_tools.progress import bar
from lartpc_zoo.evaluation.opening import Data, Opened, opened
from lartpc_zoo.metrics.predictions import scores_of
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.scoring.scorer import Scorer


def classify(
    data: Data, networks: Sequence[TrainedNetwork], fit: bool = False, effect: str | None = None
) -> pd.DataFrame:
    """Scores of every event of LArCV files or of a data set, means over the networks; see `lartpc_zoo.classify`."""
    found = opened(data, networks, fit=fit)
    return scores_of(
        predictions(found, Scorer(networks, parse_disturbance(effect)), "events"), found.description.class_names
    )


def predictions(data: Opened, scorer: Scorer, what: str) -> pd.DataFrame:
    """Score everything once.

    Args:
        data: what to score.
        scorer: what scores it.
        what: it is called while it is scored.

    Returns:
        The table of predictions of lartpc_zoo.metrics.predictions, ordered by file and entry.
    """
    tables = []
    with bar(f"Scoring {what}", data.entries) as advance:
        for number, opener in enumerate(data.sources):
            source = opener()
            read = 0
            for table in scorer.tables(source):
                tables.append(table.assign(source=number) if data.in_order else table)
                read += len(table)
                advance(len(table))
            advance(source.entries - read)  # what was left out
    table = pd.concat(tables, ignore_index=True)
    return table if data.in_order else table.sort_values(["source", "entry"], ignore_index=True)
