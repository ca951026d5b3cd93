"""Paired comparison of networks that have scored the same events.

Which events a network gets right is strongly correlated between networks, so differences are taken event by event. With
one training each the test is McNemar's, and what it says holds for these weights. With several trainings of one network
the spread over seeds is known too, and is part of the error: then it holds for the network.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, t


@dataclass(frozen=True)
class Spread:
    """Standard deviation of the accuracy over seeds, pooled over networks, and its degrees of freedom."""

    deviation: float
    freedom: int


@dataclass(frozen=True)
class Difference:
    """Accuracy of the first network minus that of the second, on the same events; all as parts of 1.

    error: of the events, and of the seeds where their spread is known. p: that of no difference, two-sided.
    p_equivalent: that of a difference outside of the margin (two one-sided tests). Both also corrected for the number
    of pairs (Holm).
    """

    first: str
    second: str
    difference: float
    error: float
    p: float
    p_equivalent: float
    p_corrected: float
    p_equivalent_corrected: float

    def differs(self, level):
        """Whether the networks differ at a level of significance, corrected for the number of pairs."""
        return self.p_corrected < level

    def equivalent(self, level):
        """Whether the difference is within the margin at a level of significance, corrected for the number of pairs."""
        return self.p_equivalent_corrected < level


def pooled_spread(accuracies):
    """The Spread over seeds, or None where no network has several runs.

    accuracies: one list per network, of the accuracy of each of its runs. The spread is taken to be the same for all.
    """
    several = [np.asarray(values) for values in accuracies if len(values) > 1]
    freedom = sum(len(values) - 1 for values in several)
    if not freedom:
        return None
    squares = sum(((values - values.mean()) ** 2).sum() for values in several)
    return Spread(float(np.sqrt(squares / freedom)), freedom)


def compare_all(correct, runs, spread, margin):
    """The Difference of every pair of networks, in their order.

    correct: {network: (events,) part of its runs that got the event right}. runs: {network: number of its runs}.
    spread: a Spread or None. margin: part of 1 within which two accuracies are functionally equivalent.
    """
    pairs = list(itertools.combinations(correct, 2))
    raw = [_compare(correct[one], correct[other], runs[one], runs[other], spread, margin) for one, other in pairs]
    p, p_equivalent = (holm([row[name] for row in raw]) for name in ("p", "p_equivalent"))
    return [
        Difference(*pair, **row, p_corrected=one, p_equivalent_corrected=other)
        for pair, row, one, other in zip(pairs, raw, p, p_equivalent)
    ]


def mcnemar(only_first, only_second):
    """Exact two-sided p-value of McNemar's test (1947) from the numbers of events that only one of two gets right."""
    discordant = int(only_first) + int(only_second)
    return float(binomtest(int(only_first), discordant, 0.5).pvalue) if discordant else 1.0


def holm(p_values):
    """p-values corrected for their number by Holm's step-down method (1979), in the order given."""
    p_values = np.asarray(p_values, float)
    order = np.argsort(p_values)
    corrected = np.empty_like(p_values)
    factors = len(p_values) - np.arange(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1)
    return corrected.tolist()


def _compare(first, second, runs_of_first, runs_of_second, spread, margin):
    differences = first - second
    difference = float(differences.mean())
    events_error = float(differences.std(ddof=1) / np.sqrt(len(differences)))
    seeds_error = spread.deviation * np.sqrt(1 / runs_of_first + 1 / runs_of_second) if spread else 0.0
    error = float(np.hypot(events_error, seeds_error))
    freedom = spread.freedom * (error / seeds_error) ** 4 if seeds_error else np.inf  # Welch and Satterthwaite
    if spread is None and runs_of_first == runs_of_second == 1:
        p = mcnemar((differences > 0).sum(), (differences < 0).sum())
    else:
        p = 2 * _beyond(abs(difference), error, freedom)
    outside = max(_beyond(margin - difference, error, freedom), _beyond(margin + difference, error, freedom))
    return {"difference": difference, "error": error, "p": min(p, 1.0), "p_equivalent": outside}


def _beyond(distance, error, freedom):
    """Chance that a fluctuation of this error goes beyond a distance."""
    if error == 0:
        return float(distance <= 0)
    return float(t.sf(distance / error, freedom))
