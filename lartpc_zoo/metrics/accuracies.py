"""Accuracies, efficiencies and purities with their errors, and the confusion matrix."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import beta, binomtest

from data_tools.particles import TOTAL
from lartpc_zoo.metrics.efficiency import Efficiency

_LEVEL = 0.6827
"""Coverage of one standard deviation."""
_QUANTITIES = ("efficiency", "purity")


def binomial_error(p: float, n: int) -> float:
    """Standard error sqrt(p (1 - p) / n) of a fraction p of n events."""
    return float(np.sqrt(p * (1 - p) / n))


def efficiency(correct: int, n: int) -> Efficiency:
    """The Efficiency of `correct` of `n` events."""
    test = binomtest(int(correct), int(n))
    wilson, exact = (test.proportion_ci(_LEVEL, method) for method in ("wilson", "exact"))
    accuracy = int(correct) / int(n)
    return Efficiency(
        events=int(n),
        accuracy=accuracy,
        error=binomial_error(accuracy, n),
        correct=int(correct),
        wilson=(float(wilson.low), float(wilson.high)),
        clopper_pearson=(float(exact.low), float(exact.high)),
    )


def confusion_matrix(labels: ArrayLike, predictions: ArrayLike, classes: int) -> np.ndarray:
    """Events by true class (rows) and predicted class (columns).

    Args:
        labels: (events,) true labels.
        predictions: (events,) predicted labels.
        classes: number of classes.

    Returns:
        (classes, classes) int64.
    """
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (np.asarray(labels), np.asarray(predictions)), 1)
    return matrix


def class_accuracies(matrix: np.ndarray, names: Sequence[str]) -> dict[str, Efficiency]:
    """{class name: Efficiency} of a confusion matrix, n being the events of that class, and TOTAL for all events."""
    per_class = {
        name: efficiency(matrix[label, label], matrix[label].sum())
        for label, name in enumerate(names)
        if matrix[label].any()
    }
    return {**per_class, TOTAL: efficiency(np.trace(matrix), matrix.sum())}


def efficiencies_and_purities(predictions: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Efficiency and purity of every class.

    Efficiency is the fraction of a class's events that is called so. Purity is the fraction of the events called so
    that is of the class; it depends on how many events of each class there are.

    Args:
        predictions: table with `label` and `prediction`.
        names: of the classes, in the order of labels.

    Returns:
        A row per quantity and class, without those that have no events. Columns: quantity, class, events, part (the
        fraction), low and high (of its Clopper-Pearson interval of 68.27 %).
    """
    counts = confusion_matrix(predictions["label"], predictions["prediction"], len(names))
    return _rates(counts[np.newaxis], names).drop(columns="bin")


def clopper_pearson(correct: ArrayLike, n: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the Clopper-Pearson intervals (1934) of 68.27 % of many fractions.

    Args:
        correct: (fractions,) events of each that were right.
        n: (fractions,) events of each, 1 or more.
    """
    correct, n = np.asarray(correct, float), np.asarray(n, float)
    outside = (1 - _LEVEL) / 2
    # Without an event on one side the distribution does not exist, and the interval goes to the end.
    low = np.where(correct > 0, beta.ppf(outside, np.maximum(correct, 1), n - correct + 1), 0.0)
    high = np.where(correct < n, beta.ppf(1 - outside, correct + 1, np.maximum(n - correct, 1)), 1.0)
    return low, high


def efficiencies_in_bins(
    predictions: pd.DataFrame, names: Sequence[str], values: np.ndarray, edges: np.ndarray
) -> pd.DataFrame:
    """`efficiencies_and_purities` of the events of every bin of a quantity.

    Args:
        predictions: table with `label` and `prediction`.
        names: of the classes, in the order of labels.
        values: (events,) of the quantity; events outside all bins do not count.
        edges: of the bins, ascending; a bin includes its lower edge, the last one both.

    Returns:
        The tables of all bins, one below the other, with the columns bin_low and bin_high before the others.
    """
    number = np.digitize(values, edges) - 1
    number[values == edges[-1]] = len(edges) - 2
    inside = (number >= 0) & (number < len(edges) - 1)
    counts = np.zeros((len(edges) - 1, len(names), len(names)), np.int64)
    np.add.at(counts, tuple(column[inside] for column in (number, predictions["label"], predictions["prediction"])), 1)
    table = _rates(counts, names)
    bins = table.pop("bin").to_numpy()
    table.insert(0, "bin_low", edges[bins])
    table.insert(1, "bin_high", edges[bins + 1])
    return table


def _rates(counts: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Efficiencies and purities in bins: the table of `efficiencies_and_purities` with the column `bin`.

    Args:
        counts: (bins, classes, classes), the confusion matrix of every bin.
        names: of the classes, in the order of labels.
    """
    right = np.diagonal(counts, axis1=1, axis2=2)
    events = np.stack([counts.sum(axis=2), counts.sum(axis=1)], axis=2)  # bins, classes, quantities
    bins, classes, quantities = (place.ravel() for place in np.indices(events.shape))
    n, correct = events.ravel(), np.repeat(right.ravel(), len(_QUANTITIES))
    known = n > 0
    bins, classes, quantities, n, correct = (column[known] for column in (bins, classes, quantities, n, correct))
    low, high = clopper_pearson(correct, n)
    return pd.DataFrame(
        {
            "bin": bins,
            "quantity": np.array(_QUANTITIES, object)[quantities],
            "class": np.array(names, object)[classes],
            "events": n,
            "part": correct / n,
            "low": low,
            "high": high,
        }
    )


def equal_bins(values: np.ndarray, bins: int) -> np.ndarray:
    """Edges of at most `bins` bins with about equal numbers of events; fewer where many values are equal.

    Values that are not finite are left out; no edges where none is left.
    """
    values = values[np.isfinite(values)]
    return np.unique(np.quantile(values, np.linspace(0, 1, bins + 1))) if len(values) else np.empty(0)
