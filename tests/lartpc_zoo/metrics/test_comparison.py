import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, norm, t

from lartpc_zoo.metrics.comparison import (
    compare_all,
    holm,
    mcnemar,
    spread_of,
    without_events_error,
    without_seeds_error,
)


def pair(first, second, accuracies=None, margin=0.01):
    """The Difference of two networks; accuracies: of the runs of each, where there are several."""
    runs = {name: len(values) for name, values in (accuracies or {"a": [0], "b": [0]}).items()}
    spread = spread_of(accuracies) if accuracies else None
    (difference,) = compare_all({"a": first, "b": second}, runs, spread, margin)
    return difference


def correlated(events, only_first, only_second, generator):
    """Two networks: parts of events that only one of them gets right; 80 % right for both, and the rest for none."""
    kind = generator.choice(4, events, p=[0.8, only_first, only_second, 0.2 - only_first - only_second])
    return np.isin(kind, [0, 1]).astype(float), np.isin(kind, [0, 2]).astype(float)


def test_mcnemar_is_the_sign_test_of_the_discordant_events():
    # Of 2, 4 and 10 discordant events all on one side: 2 / 2**n, by hand.
    for n in (2, 4, 10):
        assert mcnemar(n, 0) == mcnemar(0, n) == pytest.approx(2 / 2**n)
    assert mcnemar(10, 12) > 0.8
    assert mcnemar(0, 0) == 1
    # With Yates's correction the chi-squared of textbooks is close for large numbers.
    assert mcnemar(520, 450) == pytest.approx(chi2.sf((70 - 1) ** 2 / 970, 1), rel=0.02)


def test_the_error_is_that_of_the_discordant_events():
    first, second = correlated(10_000, 0.03, 0.02, np.random.default_rng(1))
    found = pair(first, second)
    b, c, n = ((first > second).sum(), (first < second).sum(), 10_000)
    assert found.difference == pytest.approx((b - c) / n)
    assert found.error == pytest.approx(np.sqrt(b + c - (b - c) ** 2 / n) / n, rel=1e-3)
    assert found.error < np.sqrt(first.var() / n + second.var() / n)  # of samples that are not the same
    assert found.p == mcnemar(b, c)


def test_equal_networks_are_called_different_as_often_as_the_level_says():
    generator = np.random.default_rng(2)
    p = [pair(*correlated(2_000, 0.05, 0.05, generator)).p for _ in range(400)]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.08


def test_networks_at_the_margin_are_called_equivalent_as_rarely_as_the_level_says():
    generator = np.random.default_rng(3)
    found = [pair(*correlated(4_000, 0.06, 0.04, generator), margin=0.02) for _ in range(400)]
    assert 0.02 < np.mean([one.p_equivalent < 0.05 for one in found]) < 0.08
    inside = [pair(*correlated(4_000, 0.05, 0.05, generator), margin=0.02) for _ in range(100)]
    assert np.mean([one.p_equivalent < 0.05 for one in inside]) > 0.9


@pytest.mark.parametrize(("events", "margin"), [(100, 0.01), (1_000, 0.01), (5_000, 0.001)])
def test_few_discordant_events_are_no_equivalence(events, margin):
    generator = np.random.default_rng(5)
    at_the_margin = [pair(*correlated(events, margin, 0.0, generator), margin=margin) for _ in range(400)]
    assert np.mean([one.p_equivalent < 0.05 for one in at_the_margin]) < 0.09
    same = np.ones(60)
    assert pair(same, same).p_equivalent > 0.05


def test_the_spread_over_seeds_widens_the_error():
    first, second = correlated(10_000, 0.03, 0.02, np.random.default_rng(4))
    alone, spread = pair(first, second), pair(first, second, {"a": [0.800, 0.806], "b": [0.79, 0.794, 0.798]})
    pooled, larger = np.sqrt((2 * 0.003**2 + 2 * 0.004**2) / 3), np.sqrt(2 * 0.003**2)
    assert larger > pooled
    assert spread.seeds_error == pytest.approx(np.sqrt(larger**2 / 2 + pooled**2 / 3))
    assert spread.events_error == alone.error
    assert spread.error == pytest.approx(np.hypot(alone.error, spread.seeds_error))
    random = np.random.default_rng(0)
    seeds = spread.seeds_error * random.standard_t(3, 400_000)
    fluctuations = seeds + spread.events_error * random.normal(size=400_000)
    assert spread.p == pytest.approx(np.mean(np.abs(fluctuations) > spread.difference), rel=0.03)
    assert alone.p < 0.001 < spread.p


def test_a_difference_of_many_errors_is_one_even_where_few_seeds_tell_of_their_spread():
    first, second = correlated(30_000, 0.15, 0.03, np.random.default_rng(7))
    found = pair(first, second, {"a": [0.848, 0.8495, 0.847], "b": [0.73]})
    assert found.error < 0.004
    assert found.p < 0.001


def test_a_spread_that_is_small_beside_the_events_leaves_their_test():
    first, second = correlated(5_000, 0.03, 0.02, np.random.default_rng(8))
    found = pair(first, second, {"a": [0.8, 0.8 + 1e-9, 0.8 - 1e-9], "b": [0.79]})
    assert found.p == pytest.approx(2 * norm.sf(found.difference / found.events_error), rel=0.05)


def test_a_network_that_varies_more_than_the_others_has_its_own_spread():
    spread = spread_of({"a": [0.800, 0.801, 0.802], "b": [0.70, 0.78, 0.86], "c": [0.75]})
    pooled = np.sqrt((0.001**2 + 0.08**2) / 2)
    assert spread.of("a") == spread.of("c") == pytest.approx(pooled)
    assert spread.of("b") == pytest.approx(0.08)
    assert spread.error_of_mean("b", 3) == pytest.approx(0.08 / np.sqrt(3))


def test_of_these_trainings_the_events_alone_decide():
    first, second = correlated(10_000, 0.03, 0.02, np.random.default_rng(4))
    of_two = (first + np.roll(first, 1)) / 2
    (found,) = compare_all({"a": of_two, "b": second}, {"a": 2, "b": 1}, None, 0.01)
    assert found.seeds_error == 0
    assert found.p == pytest.approx(2 * norm.sf(abs(found.difference) / found.events_error))


def test_networks_that_differ_by_their_seeds_only_are_rarely_called_different():
    generator = np.random.default_rng(6)
    found = []
    for _ in range(200):
        base = generator.random(2_000)
        accuracies = {name: 0.8 + generator.normal(0, 0.01, number) for name, number in (("a", 2), ("b", 1))}
        correct = [np.mean([base < accuracy for accuracy in values], axis=0) for values in accuracies.values()]
        found.append(pair(*correct, accuracies).p < 0.05)
    assert np.mean(found) < 0.08


def test_identical_networks_do_not_differ():
    same = np.array([1.0, 0.0, 1.0])
    found = pair(same, same)
    assert (found.difference, found.error, found.p) == (0, 0, 1)


def test_the_pooled_spread_is_that_within_networks():
    assert spread_of({"a": [0.8], "b": [0.7]}) is None
    found = spread_of({"a": [0.80, 0.82], "b": [0.5, 0.5, 0.53], "c": [0.9]})
    assert found.freedom == 3
    assert found.pooled == pytest.approx(np.sqrt((2 * 0.01**2 + 2 * 0.01**2 + 0.02**2) / 3))
    assert found.of("c") == found.pooled


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_never_lowers_a_p_value_keeps_their_order_and_stays_below_bonferroni(p_values):
    corrected = np.array(holm(p_values))
    p_values = np.array(p_values)
    assert (corrected >= p_values).all()
    assert (corrected <= np.minimum(p_values * len(p_values), 1) + 1e-12).all()
    order = np.argsort(p_values)
    assert (np.diff(corrected[order]) >= 0).all()


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_every_pair_once_and_in_order():
    rows = {name: np.array([1.0, 0.0, 1.0, value]) for name, value in (("a", 0.0), ("b", 1.0), ("c", 0.0))}
    found = compare_all(rows, dict.fromkeys(rows, 1), None, 0.01)
    assert [(one.first, one.second) for one in found] == [("a", "b"), ("a", "c"), ("b", "c")]


def test_what_a_difference_would_be_without_either_error():
    correct = {"a": np.array([1.0] * 820 + [0.0] * 180), "b": np.array([1.0] * 800 + [0.0] * 200)}
    spread = spread_of({"a": [0.81, 0.83], "b": [0.80]})
    (found,) = compare_all(correct, {"a": 2, "b": 1}, spread, 0.01)
    assert (found.freedom, found.margin) == (1, 0.01)
    assert found.equivalence_error >= found.events_error
    assert found.p > 0.3
    (of_events,) = without_seeds_error([found])
    assert of_events.p == pytest.approx(2 * norm.sf(0.02 / found.events_error))
    (of_seeds,) = without_events_error([found])
    assert of_seeds.p == pytest.approx(2 * t.sf(0.02 / found.seeds_error, 1), rel=1e-3)
    assert max(of_events.p, of_seeds.p) < found.p


def test_without_a_spread_there_is_no_error_of_the_seeds_to_leave_out():
    correct = {"a": np.array([1.0, 1.0, 0.0, 1.0]), "b": np.array([1.0, 0.0, 0.0, 1.0])}
    found = compare_all(correct, {"a": 1, "b": 1}, None, 0.01)
    assert without_seeds_error(found) == found
    assert without_events_error(found)[0].p == 0
