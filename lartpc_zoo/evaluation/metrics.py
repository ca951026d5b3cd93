"""Accuracies with their errors, and the confusion matrix."""

import numpy as np
from scipy.stats import binomtest

from data_tools.particles import TOTAL

_LEVEL = 0.6827
"""Coverage of one standard deviation."""


def binomial_error(p, n):
    """Standard error sqrt(p (1 - p) / n) of a part p of n events."""
    return float(np.sqrt(p * (1 - p) / n))


def efficiency(correct, n):
    """Accuracy of `correct` of `n` events: {events, correct, accuracy, error, wilson, clopper_pearson}.

    The intervals have a coverage of 68.27%; unlike the binomial error they stay right near 0 and 1.
    """
    test = binomtest(int(correct), int(n))
    intervals = {name: test.proportion_ci(_LEVEL, method) for name, method in _METHODS.items()}
    return {
        "events": int(n),
        "correct": int(correct),
        "accuracy": correct / n,
        "error": binomial_error(correct / n, n),
        **{name: [float(interval.low), float(interval.high)] for name, interval in intervals.items()},
    }


_METHODS = {"wilson": "wilson", "clopper_pearson": "exact"}


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
