import numpy as np
import pandas as pd
import pytest

from lartpc_zoo.metrics.separation import Pair, pairs_of, separate

CLASSES = ["electron", "gamma", "muon", "pion", "proton"]


def table(labels, scores):
    """A table of predictions: scores (events, classes)."""
    columns = {f"score_{name}": scores[:, label] for label, name in enumerate(CLASSES)}
    return pd.DataFrame({"label": labels, **columns})


@pytest.fixture
def random_table():
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 5, 2_000)
    logits = generator.normal(0, 1, (2_000, 5)) + 1.5 * np.eye(5)[labels]
    scores = np.exp(logits)
    return table(labels, scores / scores.sum(axis=1, keepdims=True))


def test_the_area_is_the_chance_that_signal_scores_higher_and_that_under_the_roc(random_table):
    for pair in pairs_of(CLASSES):
        found = separate(random_table, CLASSES, pair)
        higher = (found.signal[:, None] > found.background).mean()
        assert found.area == pytest.approx(higher, abs=1e-9)
        assert np.trapezoid(found.rates[:, 1], found.rates[:, 0]) == pytest.approx(found.area, abs=1e-9)
        assert found.rates[0].tolist() == [0, 0]
        assert found.rates[-1].tolist() == [1, 1]


def test_only_the_true_events_of_the_pair_count_and_the_score_is_their_share(random_table):
    found = separate(random_table, CLASSES, Pair("mu/pi", ("muon",), ("pion",)))
    muons = random_table[random_table["label"] == 2]
    assert np.allclose(found.signal, muons["score_muon"] / (muons["score_muon"] + muons["score_pion"]))
    assert len(found.background) == (random_table["label"] == 3).sum()
    shower = separate(random_table, CLASSES, pairs_of(CLASSES)[2])
    electrons = random_table[random_table["label"] <= 1]
    assert np.allclose(shower.signal, electrons["score_electron"] + electrons["score_gamma"])


def test_the_best_cut_gives_the_efficiencies_that_stand_beside_it(random_table):
    found = separate(random_table, CLASSES, pairs_of(CLASSES)[0])
    assert found.signal_efficiency == pytest.approx((found.signal >= found.cut).mean())
    assert found.background_efficiency == pytest.approx((found.background < found.cut).mean())
    for cut in np.linspace(0, 1, 101):
        worse = (found.signal >= cut).mean() + (found.background < cut).mean()
        assert worse <= found.signal_efficiency + found.background_efficiency + 1e-12


def test_perfect_and_blind_scores():
    labels = np.array([2, 2, 3, 3])
    perfect = table(labels, np.eye(5)[labels])
    found = separate(perfect, CLASSES, pairs_of(CLASSES)[0])
    assert (found.area, found.signal_efficiency, found.background_efficiency) == (1, 1, 1)
    blind = separate(table(labels, np.zeros((4, 5))), CLASSES, pairs_of(CLASSES)[0])
    assert blind.area == 0.5


def test_pairs_follow_from_the_classes():
    assert [pair.name for pair in pairs_of(CLASSES)] == ["mu/pi", "e/gamma", "shower/track"]
    assert [pair.name for pair in pairs_of(["shower", "track"])] == ["shower/track"]
    assert pairs_of(["a", "b"]) == []
    with pytest.raises(ValueError, match="mu/pi: 4 events of the signal, 0 of the background"):
        separate(table(np.full(4, 2), np.eye(5)[np.full(4, 2)]), CLASSES, pairs_of(CLASSES)[0])
