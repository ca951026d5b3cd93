import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lartpc_zoo.metrics.accuracies import (
    binomial_error,
    class_accuracies,
    clopper_pearson,
    confusion_matrix,
    efficiencies_and_purities,
    efficiencies_in_bins,
    efficiency,
    equal_bins,
)

# Table 1 of the draft: accuracies in % of e-, gamma, mu-, pi-, proton with their printed errors.
PAPER = {
    "resnet14b": ([84.8, 85.0, 90.5, 76.0, 94.0], [0.2, 0.2, 0.2, 0.2, 0.1]),
    "resnet29b": ([87.2, 86.7, 90.7, 78.8, 96.8], [0.2, 0.2, 0.2, 0.2, 0.1]),
    "resnet29b_w4": ([87.9, 86.0, 90.6, 78.9, 96.2], [0.2, 0.2, 0.2, 0.2, 0.1]),
    "resnet50b": ([87.7, 85.9, 93.1, 78.5, 96.2], [0.2, 0.2, 0.1, 0.2, 0.1]),
}


@pytest.mark.parametrize(
    ("percent", "error"), [pair for row in PAPER.values() for pair in zip(*row)], ids=lambda value: str(value)
)
def test_the_errors_of_the_paper_follow_from_30000_events(percent, error):
    assert round(100 * binomial_error(percent / 100, 30_000), 1) == error


def test_our_errors_come_from_the_events_of_each_class():
    matrix = np.diag([60, 80, 90]) + np.array([[0, 40, 0], [0, 0, 120], [10, 0, 0]])
    accuracies = class_accuracies(matrix, ["a", "b", "c"])
    for name, p, n in (("a", 0.6, 100), ("b", 0.4, 200), ("c", 0.9, 100), ("all", 230 / 400, 400)):
        assert accuracies[name].events == n
        assert accuracies[name].accuracy == pytest.approx(p)
        assert accuracies[name].error == pytest.approx(np.sqrt(p * (1 - p) / n))


def test_a_class_without_events_has_no_accuracy():
    assert set(class_accuracies(np.diag([3, 0]), ["a", "b"])) == {"a", "all"}


def test_intervals_at_known_values():
    # Clopper-Pearson for 0 of n: the upper limit solves (1 - p)^n = (1 - 0.6827) / 2.
    none = efficiency(0, 20)
    assert none.error == 0
    assert none.clopper_pearson == (0, pytest.approx(1 - (0.31730 / 2) ** (1 / 20), rel=1e-4))
    # Wilson with z = 1 for 50 of 100: 0.5 -+ sqrt(0.25 / 101).
    assert efficiency(50, 100).wilson == pytest.approx((0.5 - np.sqrt(0.25 / 101), 0.5 + np.sqrt(0.25 / 101)), abs=1e-5)


@given(st.integers(1, 500), st.data())
def test_intervals_hold_the_accuracy_and_clopper_pearson_is_the_wider(n, data):
    value = efficiency(data.draw(st.integers(0, n)), n)
    for low, high in (value.wilson, value.clopper_pearson):
        assert -1e-12 <= low <= value.accuracy + 1e-12
        assert value.accuracy - 1e-12 <= high <= 1 + 1e-12
    assert np.diff(value.clopper_pearson) > np.diff(value.wilson)


def test_intervals_of_many_fractions_are_those_of_each():
    n = np.array([1, 1, 20, 20, 500, 6_000])
    correct = np.array([0, 1, 0, 7, 500, 5_813])
    alone = np.array([efficiency(*pair).clopper_pearson for pair in zip(correct, n)])
    np.testing.assert_allclose(np.stack(clopper_pearson(correct, n), axis=1), alone, atol=1e-11)


def test_rows_of_the_confusion_matrix_are_true_classes():
    matrix = confusion_matrix([0, 0, 1, 2], [0, 1, 1, 0], 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def scored(events, seed=0):
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame({"label": generator.integers(0, 3, events), "prediction": generator.integers(0, 3, events)})
    return frame.assign(momentum=generator.uniform(50, 500, events))


def test_efficiency_is_of_the_true_events_and_purity_of_those_called_so():
    frame = pd.DataFrame({"label": [0, 0, 0, 1], "prediction": [0, 0, 1, 1]})
    table = efficiencies_and_purities(frame, ["a", "b", "c"]).set_index(["quantity", "class"])
    assert table.loc[("efficiency", "a"), ["events", "part"]].tolist() == [3, 2 / 3]
    assert table.loc[("purity", "a"), ["events", "part"]].tolist() == [2, 1]
    assert table.loc[("purity", "b"), ["events", "part"]].tolist() == [2, 0.5]
    assert ("efficiency", "c") not in table.index
    # Clopper-Pearson: with all of n events the lower end is ((1 - level) / 2) ** (1 / n), the upper 1.
    assert table.loc[("purity", "a"), ["low", "high"]].tolist() == pytest.approx([0.15865**0.5, 1], abs=1e-4)


def test_every_event_is_in_one_bin_and_the_edges_belong_to_them():
    frame = scored(500)
    edges = equal_bins(frame["momentum"], 6)
    table = efficiencies_in_bins(frame, ["a", "b", "c"], frame["momentum"].to_numpy(), edges)
    whole = efficiencies_and_purities(frame, ["a", "b", "c"]).set_index(["quantity", "class"])
    summed = table.groupby(["quantity", "class"])["events"].sum()
    assert summed.to_dict() == whole["events"].to_dict()
    found = (table["events"] * table["part"]).groupby([table["quantity"], table["class"]]).sum()
    assert np.allclose(found, (whole["events"] * whole["part"]).reindex(found.index))


def test_bins_of_equal_values_are_fewer():
    assert equal_bins(np.array([1, 1, 1, 1, 1, 5]), 3).tolist() == [1, 5]
    assert equal_bins(np.array([1.0, np.nan, 2.0, np.inf, 3.0]), 2).tolist() == [1, 2, 3]
    assert len(equal_bins(np.array([np.nan]), 3)) == 0
