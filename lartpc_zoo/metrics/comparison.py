"""Paired comparison of networks that have scored the same events.

Which events a network gets right is strongly correlated between networks, so differences are taken event by event. Two
questions have two answers. Which of these trainings are better: the events alone decide. Which network is better under
this recipe, whatever the seed: the spread over seeds is part of the error, and several trainings of one network have to
tell it.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binomtest, norm, t

_NORMAL, _STEP = np.linspace(-12, 12, 2_401, retstep=True)


@dataclass(frozen=True)
class Spread:
    """How the accuracy varies over seeds, in fractions of 1.

    Attributes:
        deviations: {network: standard deviation over its runs}, of networks with several.
        pooled: standard deviation over all networks.
        freedom: degrees of freedom of `pooled`.
    """

    deviations: dict[str, float]
    pooled: float
    freedom: int

    def of(self, network: str) -> float:
        """Standard deviation of one run of a network: `pooled`, as two or three runs tell little of their own spread.

        Where its own is larger it counts, since the pooled one would be too small for a network that varies more than
        the others.
        """
        return max(self.pooled, self.deviations.get(network, 0.0))

    def error_of_mean(self, network: str, runs: int) -> float:
        """Error of the mean accuracy of so many runs of a network from the seeds."""
        return float(self.of(network) / np.sqrt(runs))


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Accuracy of the first network minus that of the second, on the same events, in fractions of 1.

    Attributes:
        first: name.
        second: name.
        difference: of the accuracies.
        events_error: error from the events.
        equivalence_error: the same, and at least that of as many discordant events as a difference of the margin needs.
        seeds_error: error from the seeds, 0 where only these trainings are asked for.
        freedom: degrees of freedom of seeds_error, infinite where it is 0.
        margin: within which accuracies are functionally equivalent.
        p: of no difference, two-sided.
        p_equivalent: of a difference outside the margin (two one-sided tests).
        p_corrected: p, corrected for the number of pairs (Holm).
        p_equivalent_corrected: p_equivalent, corrected for the number of pairs (Holm).
    """

    first: str
    second: str
    difference: float
    events_error: float
    equivalence_error: float
    seeds_error: float
    freedom: float
    margin: float
    p: float
    p_equivalent: float
    p_corrected: float = 1.0
    p_equivalent_corrected: float = 1.0

    @property
    def error(self) -> float:
        """Error from events and seeds."""
        return float(np.hypot(self.events_error, self.seeds_error))

    def differs(self, level: float) -> bool:
        """Whether the networks differ at a level of significance, corrected for the number of pairs."""
        return self.p_corrected < level

    def equivalent(self, level: float) -> bool:
        """Whether the difference is within the margin at a level of significance, corrected for the number of pairs."""
        return self.p_equivalent_corrected < level

    def decided(self, level: float) -> bool:
        """Whether the networks are shown to differ, to be equivalent, or both."""
        return self.differs(level) or self.equivalent(level)


def spread_of(accuracies: Mapping[str, Sequence[float]]) -> Spread | None:
    """The Spread over seeds, or None where no network has several runs.

    Args:
        accuracies: {network: accuracy of each of its runs}.
    """
    several = {name: np.asarray(values) for name, values in accuracies.items() if len(values) > 1}
    if not several:
        return None
    freedom = sum(len(values) - 1 for values in several.values())
    squares = sum(((values - values.mean()) ** 2).sum() for values in several.values())
    deviations = {name: float(values.std(ddof=1)) for name, values in several.items()}
    return Spread(deviations, float(np.sqrt(squares / freedom)), freedom)


def compare_all(
    correct: Mapping[str, np.ndarray], runs: Mapping[str, int], spread: Spread | None, margin: float
) -> list[Difference]:
    """The Difference of every pair of networks, in their order.

    Args:
        correct: {network: (events,) fraction of its runs that got the event right}.
        runs: {network: number of its runs}.
        spread: over seeds; None to compare these trainings, whatever other seeds would give.
        margin: fraction of 1 within which two accuracies are functionally equivalent.
    """
    pairs = itertools.combinations(correct, 2)
    return _corrected([_compare(first, second, correct, runs, spread, margin) for first, second in pairs])


def without_seeds_error(differences: Sequence[Difference]) -> list[Difference]:
    """What the differences would be if any number of seeds had given these accuracies."""
    return _corrected(
        [
            _with_errors(one, one.events_error, one.equivalence_error, 0.0) if one.seeds_error else one
            for one in differences
        ]
    )


def without_events_error(differences: Sequence[Difference]) -> list[Difference]:
    """What the differences would be if any number of events had given these accuracies."""
    return _corrected([_with_errors(one, 0.0, 0.0, one.seeds_error) for one in differences])


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p-value of McNemar's test (1947) from the numbers of events that only one of two gets right."""
    discordant = int(only_first) + int(only_second)
    return float(binomtest(int(only_first), discordant, 0.5).pvalue) if discordant else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for their number by Holm's step-down method (1979), in the order given."""
    raw = np.asarray(p_values, float)
    order = np.argsort(raw)
    corrected = np.empty_like(raw)
    factors = len(raw) - np.arange(len(raw))
    corrected[order] = np.minimum(np.maximum.accumulate(raw[order] * factors), 1)
    return corrected.tolist()


def _corrected(differences: Sequence[Difference]) -> list[Difference]:
    """The differences with their p-values corrected for the number of pairs."""
    p = holm([one.p for one in differences])
    p_equivalent = holm([one.p_equivalent for one in differences])
    return [
        replace(one, p_corrected=first, p_equivalent_corrected=second)
        for one, first, second in zip(differences, p, p_equivalent)
    ]


def _compare(
    first: str,
    second: str,
    correct: Mapping[str, np.ndarray],
    runs: Mapping[str, int],
    spread: Spread | None,
    margin: float,
) -> Difference:
    """The Difference of two networks, its p-values not yet corrected."""
    differences = correct[first] - correct[second]
    events, difference = len(differences), float(differences.mean())
    events_error = float(differences.std(ddof=1) / np.sqrt(events))
    # A difference as large as the margin has that fraction of the events discordant at least.
    least = float(np.sqrt((margin - margin**2) / events))
    seeds_error, freedom = 0.0, math.inf
    if spread is not None:
        seeds_error = math.hypot(*(spread.error_of_mean(name, runs[name]) for name in (first, second)))
        freedom = spread.freedom
    found = Difference(
        first=first,
        second=second,
        difference=difference,
        events_error=events_error,
        equivalence_error=max(events_error, least),
        seeds_error=seeds_error,
        freedom=freedom,
        margin=margin,
        p=1.0,
        p_equivalent=1.0,
    )
    found = _with_errors(found, found.events_error, found.equivalence_error, seeds_error)
    if spread is None and runs[first] == runs[second] == 1:
        found = replace(found, p=mcnemar((differences > 0).sum(), (differences < 0).sum()))
    return found


def _with_errors(
    difference: Difference, events_error: float, equivalence_error: float, seeds_error: float
) -> Difference:
    """The Difference with p-values of these errors, not yet corrected."""
    found, margin, freedom = difference.difference, difference.margin, difference.freedom
    errors = equivalence_error, seeds_error, freedom
    return replace(
        difference,
        p=min(2 * _beyond(abs(found), events_error, seeds_error, freedom), 1.0),
        p_equivalent=max(_beyond(margin - found, *errors), _beyond(margin + found, *errors)),
    )


def _beyond(distance: float, events_error: float, seeds_error: float, freedom: float) -> float:
    """Chance that a fluctuation goes beyond a distance: a normal one of the events plus Student's t of the seeds.

    Their sum has the distribution of Behrens (1929) and Fisher (1935). Degrees of freedom of the sum (Satterthwaite)
    would trust a spread of two or three seeds that is small by chance.
    """
    if seeds_error:
        beyond = t.sf((distance - events_error * _NORMAL) / seeds_error, freedom)
        return float(np.sum(norm.pdf(_NORMAL) * beyond) * _STEP)
    return float(norm.sf(distance / events_error)) if events_error else float(distance <= 0)
