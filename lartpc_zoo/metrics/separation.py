"""How well two groups of classes are told apart by their scores (the paper's figure 6 b to d)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from lartpc_zoo.metrics.predictions import score_column

SHOWERS = ("electron", "gamma", "shower")
TRACKS = ("muon", "pion", "proton", "track")


@dataclass(frozen=True)
class Pair:
    """Two groups of classes.

    Attributes:
        name: of the columns and panels it is shown in.
        signal: names of the classes of the one.
        background: names of the classes of the other.
    """

    name: str
    signal: tuple[str, ...]
    background: tuple[str, ...]


def pairs_of(classes: Sequence[str]) -> list[Pair]:
    """The Pairs of figure 6 that the classes allow: mu/pi, e/gamma, shower/track."""
    wanted = [Pair("mu/pi", ("muon",), ("pion",)), Pair("e/gamma", ("electron",), ("gamma",))]
    wanted += [
        Pair(
            "shower/track",
            tuple(name for name in SHOWERS if name in classes),
            tuple(name for name in TRACKS if name in classes),
        )
    ]
    return [
        pair
        for pair in wanted
        if pair.signal and pair.background and set(pair.signal) | set(pair.background) <= set(classes)
    ]


@dataclass(frozen=True)
class Separation:
    """How a pair is separated.

    Attributes:
        pair: that is separated.
        signal: (events,) pair scores of the true events of the signal.
        background: (events,) those of the background.
        rates: (points, 2), fractions of the background and of the signal above every cut (the ROC).
        area: under the ROC, 0.5 for chance.
        cut: with the largest sum of the two efficiencies, found on the same events.
        signal_efficiency: fraction of the signal at or above the cut.
        background_efficiency: fraction of the background below the cut.
    """

    pair: Pair
    signal: np.ndarray
    background: np.ndarray
    rates: np.ndarray
    area: float
    cut: float
    signal_efficiency: float
    background_efficiency: float


def separate(predictions: pd.DataFrame, classes: Sequence[str], pair: Pair) -> Separation:
    """The Separation of a Pair by the score P_signal / (P_signal + P_background), P being sums over a group's classes.

    Args:
        predictions: the table of metrics.predictions.
        classes: names, in the order of labels.
        pair: to separate.

    Raises:
        ValueError: one of the groups has no events.
    """
    score = _pair_score(predictions, pair)
    labels = predictions["label"].to_numpy()
    signal, background = (
        score[np.isin(labels, [classes.index(name) for name in names])] for names in (pair.signal, pair.background)
    )
    if not len(signal) or not len(background):
        raise ValueError(f"{pair.name}: {len(signal)} events of the signal, {len(background)} of the background.")
    cuts = np.unique(np.concatenate([signal, background]))[::-1]
    above = np.stack([_fraction_above(background, cuts), _fraction_above(signal, cuts)], axis=1)
    best = int(np.argmax(above[:, 1] - above[:, 0]))
    return Separation(
        pair,
        signal,
        background,
        np.concatenate([[[0.0, 0.0]], above]),
        _area(signal, background),
        float(cuts[best]),
        float(above[best, 1]),
        float(1 - above[best, 0]),
    )


def _pair_score(predictions: pd.DataFrame, pair: Pair) -> np.ndarray:
    signal, background = (
        predictions[[score_column(name) for name in names]].to_numpy().sum(axis=1)
        for names in (pair.signal, pair.background)
    )
    total = signal + background
    # Both may be 0 in the digits of the file: then nothing is known.
    return np.divide(signal, total, out=np.full_like(total, 0.5), where=total > 0)


def _fraction_above(values: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Fraction of `values` at or above each of `cuts`."""
    return 1 - np.searchsorted(np.sort(values), cuts, side="left") / len(values)


def _area(signal: np.ndarray, background: np.ndarray) -> float:
    """Area under the ROC: the chance that signal scores above background (Mann-Whitney); ties count a half."""
    ranks = rankdata(np.concatenate([signal, background]))[: len(signal)]
    above = ranks.sum() - len(signal) * (len(signal) + 1) / 2
    return float(above / (len(signal) * len(background)))
