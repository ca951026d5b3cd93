"""The same networks, weights, recipes and scores where there is no TensorFlow."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import yaml

from data_tools.record import plain
from lartpc_zoo.metrics.scores import logits_of
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.training.run import open_run

_SCRIPT = Path(__file__).parent / "without_tensorflow.py"
# What README's installation without TensorFlow leaves out.
_WITHOUT_TENSORFLOW = """
import runpy, sys
for name in ("tensorflow", "uproot", "awkward", "cramjam", "xxhash", "fsspec"):
    sys.modules[name] = None
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""
# One network of every family, and towers; the last one is trained.
NETWORKS = ["resnet14b_wd16_towers", "vgg16a_wd16_fc8", "vgg16c_wd16_s1", "alexnet_wd16_fc8_t40", "googlenet_wd8_p2"]
NETWORKS += ["plainresnet10b_wd16"]


@pytest.fixture(scope="module")
def folder(small_data, tiny, tmp_path_factory):
    """What the process without TensorFlow was given and what it wrote."""
    folder = tmp_path_factory.mktemp("portable")
    images = np.random.default_rng(4).gamma(0.2, 100.0, (3, *small_data.image_shape)).astype(np.float32)
    np.save(folder / "images.npy", images)
    for name in NETWORKS:
        model = create_model(name, small_data.image_shape)
        for weight in model.weights:  # also the statistics, which are 0 and 1 in a new network
            weight.assign(weight + 0.02 * np.random.default_rng(5).random(weight.shape))
        model.save_weights(folder / f"{name}.weights.h5")
    shutil.copytree(small_data.directory, folder / "data")
    recipe = {key: value for key, value in plain(tiny(dtype="auto")).items() if key != "name"}
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    result = subprocess.run(
        [sys.executable, "-c", _WITHOUT_TENSORFLOW, _SCRIPT, folder, *NETWORKS],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return folder


def logits(name, weights, images):
    model = create_model(name, images.shape[1:])
    model.load_weights(weights)
    return keras.ops.convert_to_numpy(model(images))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_weights_give_the_same_logits(name, folder):
    images = np.load(folder / "images.npy")
    for weights, theirs in ((f"{name}.weights.h5", f"{name}.npy"), (f"{name}-jax.weights.h5", f"{name}-jax.npy")):
        ours = logits(name, folder / weights, images)
        assert np.abs(ours).max() > 0.01
        assert np.allclose(ours, np.load(folder / theirs), rtol=1e-4, atol=1e-4)


def test_a_run_without_tensorflow_is_a_run(folder, small_data):
    run = open_run(folder / "run")
    assert run.config.data.fingerprint == small_data.fingerprint
    assert run.config.recipe.dtype == "float32"
    start = json.loads((run.directory / "environment.json").read_text())["starts"][0]
    assert start["keras_backend"] == "jax"
    assert [scoring.sample for scoring in run.scorings] == ["testB"]
    labels = small_data.events("testB").sort_values(["source", "entry"])["label"].tolist()
    assert run.predictions["label"].tolist() == labels
    history = pd.read_csv(run.directory / "history.csv")
    assert history["train_loss_with_penalty"].iloc[-1] < history["train_loss_with_penalty"].iloc[0]


def test_its_weights_score_here_as_they_did_there(folder, small_data):
    run = open_run(folder / "run")
    scores = logits_of(run.load_model(), small_data.tf_dataset("testB", 5), 10)
    probabilities = np.exp(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))
    order = small_data.events("testB").sort_values(["source", "entry"]).index
    probabilities = probabilities[order]
    theirs = run.predictions[[f"score_{name}" for name in small_data.classes]].to_numpy()
    assert np.allclose(probabilities, theirs, atol=1e-4)


def test_an_interrupted_training_continues_and_its_network_scores_other_samples(folder):
    histories = [pd.read_csv(folder / name / "history.csv") for name in ("run", "resumed")]
    assert len(histories[0]) > 1
    pd.testing.assert_frame_equal(*histories, rtol=1e-4)
    assert [scoring.sample for scoring in open_run(folder / "resumed").scorings] == ["testB", "testA"]
    evaluated = pd.read_csv(next((folder / "resumed" / "evaluations").glob("*/predictions_testA.csv.gz")))
    assert len(evaluated) == 10
