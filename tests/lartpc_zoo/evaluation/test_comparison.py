import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from lartpc_zoo.evaluation.comparison import Spread, compare_all, holm, mcnemar, pooled_spread


def pair(first, second, runs=(1, 1), spread=None, margin=0.01):
    (difference,) = compare_all({"a": first, "b": second}, {"a": runs[0], "b": runs[1]}, spread, margin)
    return difference


def correlated(events, only_first, only_second, generator):
    """Two networks: parts of events that only one of them gets right; 80 % right for both, and the rest for none."""
    kind = generator.choice(4, events, p=[0.8, only_first, only_second, 0.2 - only_first - only_second])
    return np.isin(kind, [0, 1]).astype(float), np.isin(kind, [0, 2]).astype(float)


def test_mcnemar_is_the_chi2_of_textbooks_for_large_numbers():
    # 10 and 12 discordant events are no sign of anything, 100 and 200 are.
    assert mcnemar(10, 12) > 0.8
    assert mcnemar(100, 200) == pytest.approx(chi2.sf((100 - 200) ** 2 / 300, 1), rel=0.5)
    assert mcnemar(0, 0) == 1


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


def test_with_one_set_of_events_and_seeds_the_spread_widens_the_error():
    first, second = correlated(10_000, 0.03, 0.02, np.random.default_rng(4))
    alone, spread = pair(first, second), pair(first, second, (2, 3), Spread(0.004, 3))
    assert spread.error == pytest.approx(np.hypot(alone.error, 0.004 * np.sqrt(1 / 2 + 1 / 3)))
    assert alone.p < 0.001 < spread.p


def test_identical_networks_neither_differ_nor_are_far_apart():
    same = np.array([1.0, 0.0, 1.0])
    found = pair(same, same)
    assert (found.difference, found.error, found.p, found.p_equivalent) == (0, 0, 1, 0)


def test_the_pooled_spread_is_that_within_networks():
    assert pooled_spread([[0.8], [0.7]]) is None
    found = pooled_spread([[0.80, 0.82], [0.5, 0.5, 0.53], [0.9]])
    assert found.freedom == 3
    assert found.deviation == pytest.approx(np.sqrt((2 * 0.01**2 + 2 * 0.01**2 + 0.02**2) / 3))


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
