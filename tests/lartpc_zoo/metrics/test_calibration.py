import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from lartpc_zoo.metrics.calibration import (
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability,
    with_priors,
    with_temperature,
)

NAMES = ["electron", "gamma", "muon"]


def sample(events, priors=(1, 1, 1), temperature=1.0, seed=1):
    """Logits that are calibrated at a temperature, and labels drawn from them: two-dimensional Gaussian classes."""
    random = np.random.default_rng(seed)
    priors = np.array(priors) / np.sum(priors)
    centres = np.array([[0, 0], [1.5, 0], [0, 1.5]])
    labels = random.choice(3, size=events, p=priors)
    x = centres[labels] + random.standard_normal((events, 2))
    logits = -0.5 * ((x[:, None] - centres) ** 2).sum(axis=2)  # of equal priors
    return temperature * logits, labels, np.log(priors) + logits


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_the_temperature_is_found_and_makes_scores_true(temperature):
    logits, labels, _ = sample(40_000, temperature=temperature)
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(temperature, rel=0.03)
    before, after = softmax(logits, axis=1), softmax(logits / found, axis=1)
    np.testing.assert_allclose(with_temperature(before, found), after, atol=1e-12)
    assert expected_calibration_error(after, labels) < 0.01
    assert negative_log_likelihood(logits / found, labels) <= negative_log_likelihood(logits, labels)
    if temperature != 1:
        assert expected_calibration_error(before, labels) > 0.05


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=5), st.floats(0.1, 10))
def test_a_temperature_changes_no_prediction(rows, temperature):
    scores = softmax(np.array(rows) * 20, axis=1)
    scaled = with_temperature(scores, temperature)
    assert np.allclose(scaled.sum(axis=1), 1)
    chosen = np.arange(len(scores)), scores.argmax(axis=1)
    assert (scaled[chosen] >= scaled.max(axis=1) - 1e-12).all()


def test_scores_of_zero_stay_zero():
    np.testing.assert_allclose(with_temperature(np.array([[0.0, 0.5, 0.5]]), 2.0), [[0, 0.5, 0.5]])


def test_scores_for_other_abundances_are_true_for_a_sample_that_has_them():
    abundances = (8, 1, 3)
    logits, labels, true_logits = sample(60_000, priors=abundances)
    scores = softmax(logits, axis=1)
    corrected = with_priors(scores, (1, 1, 1), abundances)
    np.testing.assert_allclose(corrected, softmax(true_logits, axis=1), atol=1e-9)
    assert expected_calibration_error(corrected, labels) < 0.01 < 0.03 < expected_calibration_error(scores, labels)
    right = [(table.argmax(axis=1) == labels).mean() for table in (corrected, scores)]
    assert right[0] > right[1] + 0.02


def test_equal_abundances_change_nothing_and_a_class_that_is_not_there_has_no_score():
    scores = np.array([[0.2, 0.3, 0.5]])
    np.testing.assert_allclose(with_priors(scores, (1, 1, 1), (7, 7, 7)), scores)
    np.testing.assert_allclose(with_priors(scores, (1, 1, 1), (1, 1, 0)), [[0.4, 0.6, 0]])


@pytest.mark.parametrize(
    ("before", "now"), [((1, 1), (1, 1, 1)), ((1, 1, 0), (1, 1, 1)), ((1, 1, 1), (0, 0, 0)), ((1, 1, 1), (1, -1, 1))]
)
def test_abundances_that_make_no_sense(before, now):
    with pytest.raises(ValueError, match="expected a number for each of 3 classes"):
        with_priors(np.array([[0.2, 0.3, 0.5]]), before, now)


def test_the_calibration_error_of_a_known_case():
    scores = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    labels = np.array([0, 1, 0, 0])
    assert expected_calibration_error(scores, labels) == pytest.approx(0.5 * abs(0.9 - 0.5) + 0.5 * abs(0.6 - 1.0))


def test_reliability_counts_the_events_of_every_class_in_bins():
    logits, labels, _ = sample(30_000)
    table = reliability(softmax(logits, axis=1), labels, NAMES, bins=10)
    assert table.groupby("class")["events"].sum().tolist() == [30_000] * 3
    assert ((table["low"] <= table["fraction"]) & (table["fraction"] <= table["high"])).all()
    inside = (table["low"] <= table["score"]) & (table["score"] <= table["high"])
    assert inside.mean() == pytest.approx(0.68, abs=0.25)
