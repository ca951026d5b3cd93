"""Paired comparison of networks that have scored the same events.

Which events a network gets right is strongly correlated between networks, so differences are taken event by event. With
one training each the test is McNemar's, and what it says holds for these weights. With several trainings of one network
the spread over seeds is known too, and is part of the error: then it holds for the network.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.stats import bartlett, binomtest, norm, t

ALIKE_P = 0.2
"""Above it, by Bartlett's test (1937), the spreads of the networks may be the same; high, because with two or three
seeds the test sees little."""

_NORMAL, _STEP = np.linspace(-12, 12, 2_401, retstep=True)


@dataclass(frozen=True)
class Spread:
    """How the accuracy varies over seeds, as parts of 1.

    deviations: {network: standard deviation over its runs}, of networks with several. runs: {network: number of runs}.
    pooled: over all networks, with `freedom` degrees of freedom. alike: whether the deviations may be one and the same,
    so that the pooled one counts for every network, also for those that were trained once; p: that of Bartlett's test,
    None where only one network has several runs.
    """

    deviations: dict
    runs: dict
    pooled: float
    freedom: int
    p: float | None

    @property
    def alike(self):
        return self.p is None or self.p >= ALIKE_P

    def of(self, network):
        """(standard deviation of one run, degrees of freedom) of a network, or None where nothing is known."""
        if self.alike:
            return self.pooled, self.freedom
        if network not in self.deviations:
            return None
        return self.deviations[network], self.runs[network] - 1

    def error_of_mean(self, network, runs):
        """Error of the mean accuracy of so many runs of a network from the seeds, or None where nothing is known."""
        known = self.of(network)
        return known and float(known[0] / np.sqrt(runs))


@dataclass(frozen=True)
class Difference:
    """Accuracy of the first network minus that of the second, on the same events; all as parts of 1.

    events_error: of the events. seeds_error: of the seeds, 0 where their spread is not known of any network, NaN where
    it is not known of these. p: that of no difference, two-sided. p_equivalent: that of a difference outside of the
    margin (two one-sided tests). Both also corrected for the number of pairs (Holm).
    """

    first: str
    second: str
    difference: float
    events_error: float
    seeds_error: float
    p: float
    p_equivalent: float
    p_corrected: float
    p_equivalent_corrected: float

    @property
    def error(self):
        return float(np.hypot(self.events_error, self.seeds_error))

    def differs(self, level):
        """Whether the networks differ at a level of significance, corrected for the number of pairs."""
        return self.p_corrected < level

    def equivalent(self, level):
        """Whether the difference is within the margin at a level of significance, corrected for the number of pairs."""
        return self.p_equivalent_corrected < level


def spread_of(accuracies):
    """The Spread over seeds, or None where no network has several runs.

    accuracies: {network: accuracy of each of its runs}.
    """
    several = {name: np.asarray(values) for name, values in accuracies.items() if len(values) > 1}
    if not several:
        return None
    freedom = sum(len(values) - 1 for values in several.values())
    squares = sum(((values - values.mean()) ** 2).sum() for values in several.values())
    deviations = {name: float(values.std(ddof=1)) for name, values in several.items()}
    return Spread(
        deviations,
        {name: len(values) for name, values in several.items()},
        float(np.sqrt(squares / freedom)),
        freedom,
        _equal_spreads(list(several.values())),
    )


def _equal_spreads(samples):
    """p-value of equal standard deviations, or None for one sample. A sample without any spread has too few digits."""
    if len(samples) < 2:
        return None
    if any(np.ptp(sample) == 0 for sample in samples):
        return 1.0 if all(np.ptp(sample) == 0 for sample in samples) else 0.0
    return float(bartlett(*samples).pvalue)


def compare_all(correct, runs, spread, margin):
    """The Difference of every pair of networks, in their order.

    correct: {network: (events,) part of its runs that got the event right}. runs: {network: number of its runs}.
    spread: a Spread or None. margin: part of 1 within which two accuracies are functionally equivalent.
    """
    pairs = list(itertools.combinations(correct, 2))
    raw = [_compare(pair, [correct[name] for name in pair], runs, spread, margin) for pair in pairs]
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


def _compare(pair, correct, runs, spread, margin):
    differences = correct[0] - correct[1]
    events, difference = len(differences), float(differences.mean())
    events_error = float(differences.std(ddof=1) / np.sqrt(events))
    found = {"difference": difference, "events_error": events_error}
    if spread is None:
        p = mcnemar((differences > 0).sum(), (differences < 0).sum())
        seeds_error, freedom = 0.0, np.inf
    else:
        known = [spread.of(name) for name in pair]
        if None in known:  # trained once, while the others show that spreads differ
            return {**found, "seeds_error": np.nan, "p": 1.0, "p_equivalent": 1.0}
        seeds_error, freedom = _seeds_error(known, [runs[name] for name in pair], spread.alike)
        p = 2 * _beyond(abs(difference), events_error, seeds_error, freedom)
    # A difference as large as the margin has that part of the events discordant at least.
    least = np.sqrt((margin - margin**2) / events)
    errors = max(events_error, least), seeds_error
    outside = max(_beyond(margin - difference, *errors, freedom), _beyond(margin + difference, *errors, freedom))
    return {**found, "seeds_error": seeds_error, "p": min(p, 1.0), "p_equivalent": outside}


def _seeds_error(known, runs, alike):
    """Error of a difference from the seeds and its degrees of freedom."""
    variances = [deviation**2 / number for (deviation, _), number in zip(known, runs)]
    total = sum(variances)
    if alike:
        return float(np.sqrt(total)), known[0][1]
    if not total:
        return 0.0, min(free for _, free in known)
    # Welch and Satterthwaite
    freedom = total**2 / sum(variance**2 / free for variance, (_, free) in zip(variances, known))
    return float(np.sqrt(total)), float(freedom)


def _beyond(distance, events_error, seeds_error, freedom):
    """Chance that a fluctuation goes beyond a distance: a normal one of the events plus Student's t of the seeds.

    Their sum has the distribution of Behrens (1929) and Fisher (1935). Degrees of freedom of the sum (Satterthwaite)
    would trust a spread of two or three seeds that is small by chance.
    """
    if seeds_error:
        beyond = t.sf((distance - events_error * _NORMAL) / seeds_error, freedom)
        return float(np.sum(norm.pdf(_NORMAL) * beyond) * _STEP)
    return float(norm.sf(distance / events_error)) if events_error else float(distance <= 0)
