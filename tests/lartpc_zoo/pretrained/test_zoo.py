"""The published networks themselves: every card of the package, and every file of weights of the checkout."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import zoo_configs
from data_tools.conversion import convert
from data_tools.files import sha256_of_file
from data_tools.record import plain
from lartpc_zoo.metrics import accuracies as metrics
from lartpc_zoo.models.catalogue import network_info
from lartpc_zoo.pretrained.card import WEIGHTS_SUFFIX
from lartpc_zoo.pretrained.catalogue import cards
from lartpc_zoo.pretrained.defaults import RECOMMENDED
from lartpc_zoo.training.protocol import PLATEAUED
from lartpc_zoo.training.run import open_run

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "examples" / "data" / "singles_demo_288.root"
PACKAGE, BESIDE = zoo_configs.directory("pretrained"), ROOT / "weights"
CARDS = {card.name: card for card in cards()}
WITH_WEIGHTS = [name for name, card in CARDS.items() if card.weights]
_MB = 1e6

_SCORE = """
import json, sys
import lartpc_zoo
source, *names = sys.argv[1:]
scores = {name: lartpc_zoo.classify(data, name, source) for name, data in zip(names[::2], names[1::2])}
told = {name: [table[["run", "subrun", "event"]].values.tolist(), table.filter(like="score_").values.tolist()]
        for name, table in scores.items()}
print(json.dumps(told))
"""
_WITHOUT_TENSORFLOW = "import sys; sys.modules['tensorflow'] = None\n"


@pytest.fixture(scope="module")
def demo_events(tmp_path_factory):
    """Function: directory of a data set of the 20 events that cards have the scores of, down-sampled by a factor."""

    @functools.cache
    def converted(down_sample):
        output = tmp_path_factory.mktemp("demo") / "data"
        return str(convert(DEMO, output, ["demo"], down_sample=down_sample, select="entry < 20").directory)

    return converted


@pytest.mark.parametrize("place", [PACKAGE, pytest.param(BESIDE, marks=pytest.mark.slow)], ids=["package", "beside"])
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_weights_score_the_demo_events_as_their_cards_say_in_a_fresh_process(backend, place, demo_events, tmp_path):
    names = [path.name.removesuffix(WEIGHTS_SUFFIX) for path in sorted(place.glob(f"*{WEIGHTS_SUFFIX}"))]
    named = [(name, demo_events(CARDS[name].data.adc.down_sample)) for name in names]
    before = _WITHOUT_TENSORFLOW if backend == "jax" else ""
    result = subprocess.run(
        [sys.executable, "-c", before + _SCORE, place, *(text for pair in named for text in pair)],
        env={**os.environ, "KERAS_BACKEND": backend, "LARTPC_ZOO_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout.splitlines()[-1])
    assert set(told) == set(names) != set()
    for name, (events, scores) in told.items():
        assert [tuple(event) for event in events] == list(CARDS[name].demo.events)
        assert np.allclose(scores, CARDS[name].demo.scores, atol=2e-3), name


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_consistent(name):
    card = CARDS[name]
    matrix = np.array(card.testB.confusion_matrix)
    ours, expected = (
        pd.json_normalize({name: plain(one) for name, one in accuracies.items()})
        for accuracies in (card.testB.accuracies, metrics.class_accuracies(matrix, card.classes))
    )
    pd.testing.assert_frame_equal(ours, expected, rtol=1e-12, atol=0)  # another processor, another last digit
    assert matrix.sum() == card.data.samples["testB"] == 30000
    assert card.data.samples == {"train": 10000, "testA": 10000, "testB": 30000}
    assert card.training.status == PLATEAUED
    assert len(card.demo.events) == 20
    assert np.allclose(np.sum(card.demo.scores, axis=1), 1, atol=1e-4)
    assert len(card.limits) > 100
    info = network_info(card.network, card.input_shape, len(card.classes))
    assert (card.costs.dense_macs or card.costs.macs, card.parameters) == (info.macs, info.parameters)
    if card.costs.dense_macs is None:  # the activations of others depend on their data
        assert card.costs.activations_mb == pytest.approx(info.activations_mb, abs=1e-3)


@pytest.mark.parametrize("name", CARDS)
def test_a_card_says_what_the_results_of_its_training_say(name):
    card = CARDS[name]
    run = open_run(ROOT / "results" / str(card.input_shape[0]) / f"{card.network}-{card.recipe.name}-seed{card.seed}")
    assert card.recipe == run.config.recipe
    assert card.data == run.config.data
    assert (card.testB.accuracies, card.testB.confusion_matrix) == (
        run.results.accuracies,
        run.results.confusion_matrix,
    )
    assert card.training.chosen.iteration == run.results.chosen.iteration
    assert card.weights is None or card.weights.sha256 == run.results.chosen.sha256


def test_no_weights_without_a_card_and_not_too_many_of_them():
    found = [path for place in (PACKAGE, BESIDE) for path in sorted(place.glob(f"*{WEIGHTS_SUFFIX}"))]
    assert sorted(path.name.removesuffix(WEIGHTS_SUFFIX) for path in found) == sorted(WITH_WEIGHTS)
    for path in found:
        assert sha256_of_file(path) == CARDS[path.name.removesuffix(WEIGHTS_SUFFIX)].weights.sha256
    in_package, beside = (sum(path.stat().st_size for path in place.glob("*.h5")) / _MB for place in (PACKAGE, BESIDE))
    assert in_package < 25
    assert beside < 60


def test_the_recommended_network_is_in_the_package_and_the_most_accurate_there():
    in_package = [card for card in cards() if (PACKAGE / f"{card.name}{WEIGHTS_SUFFIX}").is_file()]
    assert in_package[0].name == RECOMMENDED
