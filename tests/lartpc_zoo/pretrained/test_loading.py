import shutil

import keras
import numpy as np
import pytest

from data_tools.conversion import convert
from lartpc_zoo import load_pretrained
from lartpc_zoo.errors import BadCard, CorruptWeights, DataDiffers, NoWeights
from lartpc_zoo.pretrained.card import read_card
from lartpc_zoo.pretrained.catalogue import card

CLASSES = ("electron", "gamma", "muon", "pion", "proton")


def test_a_pretrained_network_scores_as_the_run_does(published, finished_run, small_data):
    images = small_data.hits("testB").images(range(10))
    ours = load_pretrained(published, data=small_data.directory, classes=CLASSES)
    theirs = finished_run.load_model("float32")
    assert np.array_equal(*(keras.ops.convert_to_numpy(model(images)) for model in (ours, theirs)))
    assert np.abs(keras.ops.convert_to_numpy(ours(images))).max() > 0.01


def test_classes_and_data_must_be_those_of_the_training(published, larcv2_256, tmp_path):
    with pytest.raises(DataDiffers, match="gamma, electron, .*was trained on electron, gamma"):
        load_pretrained(published, classes=("gamma", "electron", "muon", "pion", "proton"))
    other = convert(larcv2_256, tmp_path / "other", ["testB"], down_sample=4, threshold=5)
    with pytest.raises(DataDiffers, match="adc .*but small was trained on"):
        load_pretrained(published, data=other)


def test_names_that_are_not_there(tmp_path):
    with pytest.raises(NoWeights, match=r"No pretrained network 'nonsense'.*path of a NAME\.card\.yaml"):
        load_pretrained("nonsense")
    with pytest.raises(NoWeights, match="'resnet50b_w4'.*The zoo has a network of this name: create_model gives"):
        load_pretrained("resnet50b_w4")
    with pytest.raises(NoWeights, match=r"my\.card\.yaml: no such card"):
        load_pretrained(tmp_path / "my.card.yaml")
    for name in ("../recipes/paper", "/etc/passwd", ""):
        with pytest.raises(NoWeights, match="No pretrained network"):
            load_pretrained(name)


def test_a_card_is_called_like_its_file(published, tmp_path):
    shutil.copy(published, tmp_path / "other.card.yaml")
    with pytest.raises(BadCard, match=r"the file of this card is called small\.card\.yaml"):
        card(tmp_path / "other.card.yaml")


def test_weights_of_another_network_are_refused_and_none_are_made_up(published, network, tmp_path):
    text = published.read_text().replace(f"network: {network}", "network: plainresnet10b_wd16_fc16_p2")
    path = read_card(text, "other").write(tmp_path)
    shutil.copy(published.parent / "small.weights.h5", tmp_path)
    with pytest.raises(CorruptWeights, match=r"not weights of plainresnet10b_wd16_fc16_p2"):
        load_pretrained(path)


def test_a_card_without_weights_says_so(published, tmp_path):
    lines = published.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("weights:"))
    path = read_card("\n".join(lines[:start]), "small").write(tmp_path)
    with pytest.raises(NoWeights, match=r"its weights are not\. Train it: lartpc-zoo train .* --recipe tiny"):
        load_pretrained(path)
