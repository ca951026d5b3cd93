"""Accuracies, efficiencies and purities with their errors, and the confusion matrix."""

import itertools

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from data_tools.particles import TOTAL
from lartpc_zoo.metrics.efficiency import Efficiency

_LEVEL = 0.6827
"""Coverage of one standard deviation."""


def binomial_error(p, n):
    """Standard error sqrt(p (1 - p) / n) of a part p of n events."""
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


def confusion_matrix(labels, predictions, classes):
    """Events by true class (rows) and predicted class (columns), (classes, classes) int64."""
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (np.asarray(labels), np.asarray(predictions)), 1)
    return matrix


def class_accuracies(matrix, names):
    """{class name: efficiency} of a confusion matrix, n being the events of that class, and TOTAL for all events."""
    per_class = {
        name: efficiency(matrix[label, label], matrix[label].sum())
        for label, name in enumerate(names)
        if matrix[label].any()
    }
    return {**per_class, TOTAL: efficiency(np.trace(matrix), matrix.sum())}


def efficiencies_and_purities(predictions, names):
    """Efficiency and purity of every class, as a DataFrame with a row per quantity and class.

    predictions: DataFrame with `label` and `prediction`. Columns: quantity, class, events, part, low, high; low and
    high are the Clopper-Pearson interval of 68.27 %. Efficiency: part of a class's events that is called so. Purity:
    part of the events called so that is of the class; it depends on how many events of each class there are. A row
    without events is left out.
    """
    rows = []
    for label, name in enumerate(names):
        true, called = predictions["label"] == label, predictions["prediction"] == label
        for quantity, of in (("efficiency", true), ("purity", called)):
            if of.any():
                rows.append({"quantity": quantity, "class": name, **_interval((true & called).sum(), of.sum())})
    return pd.DataFrame(rows, columns=["quantity", "class", "events", "part", "low", "high"])


def efficiencies_in_bins(predictions, names, values, edges):
    """efficiencies_and_purities for the events of every bin of a quantity.

    values: (events,) of the quantity; of events outside all bins nothing is said. edges: of the bins, ascending; a bin
    includes its lower edge, the last one both. Columns before those: bin_low, bin_high.
    """
    number = np.digitize(values, edges) - 1
    number[values == edges[-1]] = len(edges) - 2
    tables = []
    for bin_, (low, high) in enumerate(itertools.pairwise(edges)):
        table = efficiencies_and_purities(predictions[number == bin_], names)
        table.insert(0, "bin_high", high)
        table.insert(0, "bin_low", low)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def equal_bins(values, bins):
    """Edges of at most `bins` bins with about equal numbers of events; fewer where many values are equal.

    Values that are not finite are left out; no edges where none is left.
    """
    values = values[np.isfinite(values)]
    return np.unique(np.quantile(values, np.linspace(0, 1, bins + 1))) if len(values) else np.empty(0)


def _interval(part, whole):
    interval = binomtest(int(part), int(whole)).proportion_ci(_LEVEL, "exact")
    return {"events": int(whole), "part": part / whole, "low": float(interval.low), "high": float(interval.high)}
