from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lartpc_zoo.metrics.comparison import Difference, Spread
from lartpc_zoo.metrics.efficiency import Accuracy
from lartpc_zoo.metrics.separation import Pair, Separation
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.reporting.findings import Findings, Limit, Step
from lartpc_zoo.reporting.tables import (
    axes_table,
    costs_table,
    efficiency_table,
    networks_table,
    pairs_table,
    seeds_table,
    separation_table,
    table1_of,
)
from lartpc_zoo.training.protocol import NO_PLATEAU, PLATEAUED

DATA = SimpleNamespace(planes=(0, 1, 2), image_shape=(64, 48, 3), fingerprint="0123456789abcdef")


def contender(name, accuracies=(0.9,), status=PLATEAUED, **costs):
    """What the tables take of a Contender whose runs, with seeds 1, 2, ..., have these accuracies."""
    runs = [
        SimpleNamespace(trained_on=DATA, config=SimpleNamespace(seed=seed), results=SimpleNamespace(status=status))
        for seed in range(1, len(accuracies) + 1)
    ]
    return SimpleNamespace(
        name=name,
        spec=parse_network(name),
        runs=runs,
        trained_on=DATA,
        predictions=[pd.DataFrame(index=range(1_500))],
        costs=costs,
        accuracies=list(accuracies),
        mean_accuracies=lambda: {
            "muon": Accuracy(events=500, accuracy=0.875, error=0.0148),
            "all": Accuracy(events=1_500, accuracy=accuracies[0], error=0.00775),
        },
    )


def difference(first, second, points, p=1.0, p_equivalent=1.0):
    return Difference(
        first=first,
        second=second,
        difference=points / 100,
        events_error=0.003,
        equivalence_error=0.003,
        seeds_error=0.004,
        freedom=3,
        margin=0.01,
        p=p,
        p_equivalent=p_equivalent,
        p_corrected=p,
        p_equivalent_corrected=p_equivalent,
    )


def findings(differences, ranking=(), steps=()):
    return Findings(
        margin=0.01,
        cost="macs",
        spread=None,
        of_trainings=tuple(differences),
        differences=tuple(differences),
        ranking=tuple(ranking),
        equivalent=(),
        suggested="",
        front=(),
        surpassed={},
        steps=tuple(steps),
    )


def test_table_1_is_in_percent_and_says_of_which_data():
    table = table1_of([contender("resnet14b_wd4"), contender("vgg16b_wd4", (0.75,))])
    assert table.header() == ["Network", "mu-", "all"]
    assert table.rows() == [
        ["resnet14b_wd4", "87.5 ± 1.5", "90.0 ± 0.8"],
        ["vgg16b_wd4", "87.5 ± 1.5", "75.0 ± 0.8"],
    ]
    assert table.caption == (
        "Accuracy in % on testB, 1,500 events, images of 64 x 48 pixels, planes U, V, Y, data set 0123456789ab. Errors "
        "are binomial, from the events of each class."
    )


def test_captions_name_the_images_of_all_networks():
    small, large = (
        contender("resnet14b_wd4", macs=1.0, parameters=1.0, activations=1.0),
        contender("vgg16b_wd4", macs=1.0),
    )
    large.costs |= small.costs
    large.trained_on = SimpleNamespace(planes=(0, 1, 2), image_shape=(128, 96, 3), fingerprint="fedcba9876543210")
    caption = table1_of([small, large]).caption
    assert "images of 64 x 48 and 128 x 96 pixels, planes U, V, Y, data sets 0123456789ab and fedcba987654" in caption
    assert costs_table([small, large]).caption.startswith("Costs of one image of 64 x 48 x 3 or 128 x 96 x 3, counted")


@pytest.mark.parametrize(
    ("odd", "remark"),
    [
        (contender("resnet14b_wd4_p2"), " A network with _pN in its name sees channel N only."),
        (contender("vgg16b_wd4", (0.9, 0.8)), " Of networks with several trainings it is the mean;"),
        (contender("vgg16b_wd4", status=NO_PLATEAU), " Not all trainings reached a plateau."),
    ],
    ids=["one plane", "several trainings", "no plateau"],
)
def test_what_is_special_of_a_network_is_in_the_caption_of_table_1(odd, remark):
    plain = contender("resnet14b_wd4_towers")
    assert remark in table1_of([plain, odd]).caption
    assert remark not in table1_of([plain]).caption


def test_table_2_has_what_can_be_counted_only():
    costs = {"macs": 12.5, "parameters": 0.5, "activations": 3.25, "forward": 7.0}
    table = costs_table([contender("resnet14b_wd4", **costs)])
    assert table.frame.to_dict("list") == {
        "Network": ["resnet14b_wd4"],
        "multiply-adds [G]": [12.5],
        "parameters [M]": [0.5],
        "activations [MB]": [3.25],
    }
    assert table.caption.startswith("Costs of one image of 64 x 48 x 3, counted")


def test_efficiencies_are_in_percent_with_their_intervals():
    one = pd.DataFrame(
        {
            "quantity": ["efficiency", "purity"],
            "class": ["muon", "muon"],
            "events": [8, 10],
            "part": [0.75, 0.6],
            "low": [0.5, 0.4],
            "high": [0.9, 0.8],
        }
    )
    table = efficiency_table({"a": one, "b": one.iloc[:1]}, " Of the first.")
    assert table.rows() == [
        ["a", "efficiency", "muon", "75.0", "50.0", "90.0"],
        ["a", "purity", "muon", "60.0", "40.0", "80.0"],
        ["b", "efficiency", "muon", "75.0", "50.0", "90.0"],
    ]
    assert table.caption.endswith(" Of the first.")


def test_separations_have_a_row_per_network_and_pair():
    nothing = np.zeros(0)
    one, other = (
        Separation(Pair(name, ("first",), ("second",)), nothing, nothing, np.zeros((0, 2)), area, 0.4321, 0.8, 0.7)
        for name, area in (("mu/pi", 0.98765), ("e/gamma", 0.75))
    )
    table = separation_table({"a": [one, other], "b": [one]}, " Of the first.")
    assert table.rows() == [
        ["a", "mu/pi", "0.9877", "0.432", "80.0", "70.0"],
        ["a", "e/gamma", "0.7500", "0.432", "80.0", "70.0"],
        ["b", "mu/pi", "0.9877", "0.432", "80.0", "70.0"],
    ]
    assert table.caption.endswith(" Of the first.")


def test_pairs_have_the_better_network_first_and_follow_the_ranking():
    differences = [
        difference("worst", "best", -5, p=1e-7),
        difference("worst", "middle", -4, p=0.001),
        difference("best", "middle", 1, p_equivalent=0.02),
    ]
    table = pairs_table(findings(differences, ranking=("best", "middle", "worst")))
    assert table.header()[:3] == ["Network", "against", "difference [points]"]
    assert table.rows() == [
        ["best", "middle", "1.00 ± 0.50", "1.0000", "0.0200", "equivalent"],
        ["best", "worst", "5.00 ± 0.50", "< 0.0001", "1.0000", "different"],
        ["middle", "worst", "4.00 ± 0.50", "0.0010", "1.0000", "different"],
    ]
    assert "corrected for 3 pairs (Holm); the margin of equivalence is 1, the level 0.05." in table.caption


def test_steps_are_ordered_by_axis_and_then_by_what_they_cost():
    steps = [
        Step("width", difference("w4", "w1", 2, p=0.01), difference("w4", "w1", 2), (3, 3), 16.0),
        Step("depth", difference("deep", "flat", -1), None, (1, 1), 2.0),
        Step("width", difference("w2", "w1", 1), difference("w2", "w1", 1), (1, 3), 4.0),
    ]
    table = axes_table(findings([], steps=steps))
    assert table.header()[-2:] == ["these trainings", "the network"]
    assert table.rows() == [
        ["depth", "flat", "deep", "1", "2.00", "-1.00", "0.30", "–", "undecided", ""],
        ["width", "w1", "w2", "3, 1", "4.00", "1.00", "0.30", "0.40", "undecided", "undecided"],
        ["width", "w1", "w4", "3", "16.0", "2.00", "0.30", "0.40", "different", "undecided"],
    ]


def test_networks_stand_against_the_best_with_what_they_cost():
    found = findings([difference("vgg16b_wd4", "resnet14b_wd4", 5, p=1e-7)], ranking=("vgg16b_wd4", "resnet14b_wd4"))
    found = replace(found, front=("vgg16b_wd4",), undecided={"resnet14b_wd4": Limit.SEEDS}, spread=Spread({}, 0.0, 1))
    contenders = [contender("resnet14b_wd4", (0.85, 0.85), macs=0.5), contender("vgg16b_wd4", macs=1.5)]
    for one in contenders:
        one.accuracy = one.accuracies[0]
    table = networks_table(contenders, found)
    assert table.rows() == [
        ["vgg16b_wd4", "1", "90.00", "1.50", "–", "the best", "the best", "", "yes", ""],
        ["resnet14b_wd4", "2", "85.00", "0.500", "-5.00 ± 0.50", "different", "different", "seeds", "", ""],
    ]


def test_the_spread_over_seeds_is_that_of_a_sample():
    contenders = [contender("resnet14b_wd4", (0.9, 0.92, 0.88)), contender("vgg16b_wd4", (0.7,))]
    contenders[0].averaged_accuracy = 0.935
    table = seeds_table(contenders, Spread({"resnet14b_wd4": 0.02}, 0.02, 2))
    assert table.rows() == [
        ["resnet14b_wd4", "3", "1, 2, 3", "90.00", "2.00", "88.00", "92.00", "93.50"],
        ["vgg16b_wd4", "1", "1", "70.00", "–", "70.00", "70.00", "–"],
    ]
    assert "Standard deviation, pooled: 2.00 percentage points (2 degrees of freedom)." in table.caption
