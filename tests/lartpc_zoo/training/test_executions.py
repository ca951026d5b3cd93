"""Trainings of submanifold networks: on sites as on images."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

import lartpc_zoo
from lartpc_zoo.errors import BadInput, BadRecipe, RunDiffers
from lartpc_zoo.models.catalogue import network_info
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.pretrained.publishing import publish
from lartpc_zoo.training import train as procedure
from lartpc_zoo.training.run import open_run
from lartpc_zoo.training.train import train
from lartpc_zoo.training.trainer import compile_for_training

NETWORK = "plainresnet10b_wd16_towers_sub"


@pytest.fixture(scope="module")
def runs(small_data, tiny, tmp_path_factory):
    """{execution: finished run} of the same training."""
    output = tmp_path_factory.mktemp("executions")
    # Plain descent: adaptive optimizers divide by gradients that may be nothing but rounding.
    changes = {"optimizer": {"class_name": "SGD", "config": {"momentum": 0.9}}, "learning_rate": {"base": 0.02}}
    return {
        execution: train(NETWORK, small_data, output / execution, tiny(execution=execution, **changes), seed=1)
        for execution in ("images", "sites")
    }


def test_the_result_is_the_same_up_to_rounding(runs):
    histories = [run.history for run in runs.values()]
    pd.testing.assert_frame_equal(*histories, rtol=1e-3)
    scores = [run.predictions.filter(like="score_").to_numpy() for run in runs.values()]
    assert np.abs(scores[0] - scores[1]).max() < 1e-2
    assert histories[0]["train_loss_with_penalty"].nunique() > 1


def test_what_ran_is_on_record(runs, small_data, larcv2_256, tmp_path):
    for execution, run in runs.items():
        assert run.config.execution == execution
        assert run.scorings[0].execution == execution
    assert runs["images"].config.recipe == runs["sites"].config.recipe
    card, _ = publish(runs["sites"], tmp_path, larcv2_256, "MIT", "made for tests", name="small")
    info = network_info(NETWORK, data=small_data, inputs=runs["sites"].inputs)
    assert card.training.execution == "sites"
    assert (card.costs.macs, card.costs.dense_macs) == (info.macs, info.dense.macs)
    assert 0 < card.costs.macs < card.costs.dense_macs


def test_a_run_goes_on_as_it_began(runs, small_data, tmp_path, monkeypatch):
    recipe = replace(runs["images"].config.recipe, execution="auto")
    again = train(NETWORK, small_data, runs["images"].directory, recipe, seed=1)
    assert again.config.execution == "images"  # where auto would be sites
    on_sites = runs["sites"].directory
    with pytest.raises(BadInput, match="several devices share batches of images only"):
        train(NETWORK, small_data, on_sites, recipe, seed=1, devices=["CPU:0", "CPU:1"])
    with pytest.raises(RunDiffers, match="execution"):
        train(NETWORK, small_data, runs["images"].directory, replace(recipe, execution="sites"), seed=1)


def test_a_network_without_sub_is_not_trained_on_sites(small_data, tiny, tmp_path):
    with pytest.raises(BadInput, match="computes at every pixel"):
        train("plainresnet10b_wd16", small_data, tmp_path / "run", tiny(execution="sites"))
    assert not (tmp_path / "run").exists()
    with pytest.raises(BadRecipe, match="execution 'pixels': expected one of auto, images, sites"):
        tiny(execution="pixels")


def test_several_devices_train_on_images(small_data, tiny, tmp_path):
    devices = ["CPU:0", "CPU:1"]
    _, config, _ = procedure.configure(NETWORK, small_data, tmp_path / "run", tiny(), 1, devices=devices)
    assert config.execution == "images"
    with pytest.raises(BadInput, match="several devices share batches of images only"):
        train(NETWORK, small_data, tmp_path / "other", tiny(execution="sites"), devices=devices)


def test_auxiliary_heads_are_trained_on_sites_with_the_loss_on_images(small_data, tiny):
    losses = []
    for execution in ("images", "sites"):
        keras.utils.set_random_seed(2)
        network = create_model("googlenet_wd8_sub", small_data.image_shape)
        for layer in network.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0.0
        trained = compile_for_training(network, tiny(), execution)
        for layer in trained.model._flatten_layers():
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0.0
        assert trained.model.output_shape == (None, 3, 5)
        inputs, labels = next(iter(trained.batches(small_data)("train", 6)))
        losses.append(float(trained.model.test_on_batch(inputs, labels)))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_every_way_to_score_gives_the_same(runs, small_data):
    run = runs["sites"]
    expected = lartpc_zoo.score(run, small_data, "testA", execution="images")
    assert expected.dtype == np.float32
    assert expected.shape == (10, 5)
    for model in (run, run.directory, run.load_model()):
        assert np.allclose(lartpc_zoo.score(model, small_data.directory, "testA"), expected, atol=1e-5)
    on_record = lartpc_zoo.evaluate(run, small_data, "testA").predictions
    order = small_data.events("testA").sort_values(["source", "entry"]).index
    called = expected.argmax(axis=1)[order]
    assert on_record["prediction"].tolist() == called.tolist()
    assert open_run(run.directory).scorings[-1].execution == "sites"
