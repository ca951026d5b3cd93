import shutil

import keras
import numpy as np
import pytest

from data_tools.conversion import convert
from lartpc_zoo import load_pretrained
from lartpc_zoo.errors import CorruptWeights, DataDiffers, NoWeights
from lartpc_zoo.pretrained.card import read_card

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


def test_a_name_that_is_not_there():
    with pytest.raises(NoWeights, match="No pretrained network 'nonsense'"):
        load_pretrained("nonsense")


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
