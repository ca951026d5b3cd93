"""Whether a score of 0.9 is right nine times in ten, and how to make it so.

Temperature scaling and the expected calibration error: Guo et al. 2017, arXiv:1706.04599. Scores for other abundances
of the classes: Saerens, Latinne and Decaestecker 2002, Neural Computation 14, 21.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp

from lartpc_zoo.metrics.accuracies import clopper_pearson

BINS = 15
"""Of the expected calibration error, as of Guo et al."""
_SMALLEST, _LARGEST = 0.05, 20.0
"""Between which temperatures are looked for."""


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature T for which the scores softmax(logits / T) have the lowest negative log-likelihood.

    Args:
        logits: (events, classes), of a sample that was not trained on.
        labels: (events,) true labels, 0 and up.
    """
    found = minimize_scalar(
        lambda logarithm: negative_log_likelihood(logits / np.exp(logarithm), labels),
        bounds=(np.log(_SMALLEST), np.log(_LARGEST)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


def negative_log_likelihood(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean over the events of -log of the score of the true class.

    Args:
        logits: (events, classes); logarithms of scores do as well.
        labels: (events,) true labels, 0 and up.
    """
    return float(-log_softmax(np.asarray(logits, np.float64), axis=1)[np.arange(len(labels)), labels].mean())


def with_temperature(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Scores (events, classes) that add up to 1, at a temperature: the softmax of their logarithms over it.

    The highest score stays the highest.
    """
    with np.errstate(divide="ignore"):
        scaled = np.log(np.asarray(scores, np.float64)) / temperature
    return np.exp(scaled - logsumexp(scaled, axis=1, keepdims=True))


def with_priors(scores: np.ndarray, trained_with: ArrayLike, abundances: ArrayLike) -> np.ndarray:
    """Scores for other abundances of the classes than those of the training.

    P'(c | x) is proportional to P(c | x) p'(c) / p(c): what an event looks like depends on its class alone, so only the
    priors change.

    Args:
        scores: (events, classes), which add up to 1 and should be calibrated.
        trained_with: (classes,) fractions of the classes in the training.
        abundances: (classes,) fractions, or numbers, of the classes in what is scored.

    Raises:
        ValueError: the abundances are not those of the classes, or make no sense.
    """
    before, now = np.asarray(trained_with, np.float64), np.asarray(abundances, np.float64)
    classes = np.shape(scores)[1]
    if before.shape != (classes,) or now.shape != (classes,) or (before <= 0).any() or (now < 0).any() or not now.any():
        raise ValueError(
            f"trained_with {before.tolist()}, abundances {now.tolist()}: expected a number for each of {classes} "
            "classes, those of the training above 0, the others 0 or more."
        )
    weighted = np.asarray(scores, np.float64) * (now / now.sum()) / (before / before.sum())
    return weighted / weighted.sum(axis=1, keepdims=True)


def expected_calibration_error(scores: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    """Mean distance of the highest score to how often it is right, in bins of equal width, weighted by their events.

    Args:
        scores: (events, classes).
        labels: (events,) true labels, 0 and up.
        bins: number of them from 0 to 1.
    """
    highest, right = scores.max(axis=1), scores.argmax(axis=1) == labels
    number = np.minimum((highest * bins).astype(int), bins - 1)
    events = np.bincount(number, minlength=bins)
    confidence, correct = (np.bincount(number, weights, minlength=bins) for weights in (highest, right))
    return float(np.abs(confidence - correct).sum() / events.sum())


def reliability(scores: np.ndarray, labels: np.ndarray, names: Sequence[str], bins: int = BINS) -> pd.DataFrame:
    """How often events with a score of a class are of that class.

    Args:
        scores: (events, classes).
        labels: (events,) true labels, 0 and up.
        names: of the classes, in the order of labels.
        bins: number of them from 0 to 1, of equal width.

    Returns:
        A row per class and bin with events. Columns: class, events, score (mean of the bin), fraction (of the events
        that are of the class), low and high (of its Clopper-Pearson interval of 68.27 %).
    """
    tables = []
    for label, name in enumerate(names):
        score, is_class = scores[:, label], labels == label
        number = np.minimum((score * bins).astype(int), bins - 1)
        events, correct = (np.bincount(number, weights, minlength=bins) for weights in (None, is_class))
        some = events > 0
        events, correct = events[some], correct[some].astype(np.int64)
        low, high = clopper_pearson(correct, events)
        mean = np.bincount(number, score, minlength=bins)[some] / events
        columns = {
            "class": name,
            "events": events,
            "score": mean,
            "fraction": correct / events,
            "low": low,
            "high": high,
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)
