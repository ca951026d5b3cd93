from dataclasses import replace

import numpy as np
import pytest

from data_tools.errors import BadOption
from lartpc_zoo.cli.text.cards import card_text
from lartpc_zoo.errors import BadCard, NotARun
from lartpc_zoo.pretrained.catalogue import card
from lartpc_zoo.pretrained.publishing import publish
from lartpc_zoo.zoo import classify


@pytest.mark.filterwarnings("ignore::lartpc_zoo.evaluation.opening.SharedSources")
def test_scores_of_demo_events_stand_on_the_card(published, larcv2_256):
    demo = card(published).demo
    scores = classify(larcv2_256, published).head(20)
    assert scores[["run", "subrun", "event"]].to_numpy().tolist() == [list(event) for event in demo.events]
    assert np.allclose(scores.filter(like="score_").to_numpy(), demo.scores, atol=1e-5)
    assert len({tuple(row) for row in demo.scores}) > 10


def test_a_card_alone(finished_run, larcv2_256, tmp_path):
    ours, path = publish(finished_run.directory, tmp_path / "new", larcv2_256, "MIT", "few\n  events", weights=False)
    assert (ours.name, ours.weights, ours.limits) == (finished_run.network, None, "few events")
    assert [entry.name for entry in path.parent.iterdir()] == [f"{ours.name}.card.yaml"]


def test_a_card_names_every_machine_of_the_training(begun_elsewhere, larcv2_256, tmp_path):
    ours, _ = publish(begun_elsewhere, tmp_path / "new", larcv2_256, "MIT", "none", weights=False)
    assert ours.made_with.before == (replace(begun_elsewhere.environment, keras_backend="jax", devices=("a GPU",)),)
    begun, made = (line for line in card_text(ours).splitlines() if "Keras on" in line)
    assert begun.startswith("  begun with python ") and begun.endswith("Keras on jax, a GPU")
    assert made.startswith("  made with python ") and f"Keras on {ours.made_with.keras_backend}" in made


def test_nothing_is_replaced_and_names_are_names(published, finished_run, larcv2_256, tmp_path):
    with pytest.raises(BadOption, match="has a card of small"):
        publish(finished_run, published.parent, larcv2_256, "MIT", "none", name="small")
    with pytest.raises(BadCard, match="'a/b': expected letters"):
        publish(finished_run, tmp_path, larcv2_256, "MIT", "none", name="a/b")
    with pytest.raises(NotARun):
        publish(tmp_path, tmp_path, larcv2_256, "MIT", "none")
