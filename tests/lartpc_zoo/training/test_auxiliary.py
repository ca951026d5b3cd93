import keras
import numpy as np
import pytest
from keras.ops import convert_to_numpy

from lartpc_zoo.models.catalogue import network_info
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.training.auxiliary import WEIGHT, cross_entropy_of_heads
from lartpc_zoo.training.callbacks import Evaluate
from lartpc_zoo.training.train import train
from lartpc_zoo.training.trainer import compile_for_training


@pytest.fixture
def googlenet():
    return create_model("googlenet_wd8", (64, 64, 3))


def test_a_training_has_two_heads_more_than_the_network(googlenet, tiny):
    model = compile_for_training(googlenet, tiny()).model
    assert model.output_shape == (None, 3, 5)
    assert googlenet.output_shape == (None, 5)
    images = np.random.default_rng(0).gamma(0.2, 100.0, (2, 64, 64, 3)).astype(np.float32)
    assert np.allclose(model(images)[:, 0], googlenet(images), atol=1e-5)
    own = sum(np.prod(weight.shape) for weight in googlenet.trainable_weights)
    assert own == network_info("googlenet_wd8", (64, 64, 3)).parameters
    # Widths 512 / 8 and 528 / 8 at the heads: 1x1 to 128, 1024 units, five classes.
    heads = sum((width // 8 + 1) * 128 + 129 * 1024 + 1025 * 5 for width in (512, 528))
    assert sum(np.prod(weight.shape) for weight in model.trainable_weights) == own + heads


def test_one_step_trains_the_heads_and_what_is_before_them(googlenet, tiny):
    model = compile_for_training(googlenet, tiny()).model
    before = [convert_to_numpy(weight) for weight in model.trainable_weights]
    images = np.random.default_rng(1).gamma(0.2, 100.0, (4, 64, 64, 3)).astype(np.float32)
    model.fit(images, np.arange(4), batch_size=4, verbose=0)
    changed = {
        weight.path.split("/")[0]
        for weight, old in zip(model.trainable_weights, before)
        if not np.array_equal(convert_to_numpy(weight), old)
    }
    assert {"auxiliary_inception4a_logits", "auxiliary_inception4d_fc", "conv1_conv", "logits"} <= changed


def test_the_loss_is_that_of_the_network_and_a_part_of_the_others():
    logits = np.random.default_rng(2).normal(size=(6, 3, 5)).astype(np.float32)
    labels = np.array([0, 1, 2, 3, 4, 0])

    def loss(head):
        own = logits[:, head]
        return np.log(np.exp(own).sum(axis=1)) - own[np.arange(6), labels]

    expected = loss(0) + WEIGHT * (loss(1) + loss(2))
    assert np.allclose(cross_entropy_of_heads(labels, logits), expected, atol=1e-5)


def test_networks_without_auxiliary_heads_train_as_they_are(tiny):
    network = create_model("plainresnet10b_wd16", (64, 64, 3))
    assert compile_for_training(network, tiny()).model.output is network.output


def test_the_heads_follow_the_dtype_of_the_recipe(tiny):
    network = create_model("googlenet_wd8", (64, 64, 3), dtype="mixed_bfloat16")
    model = compile_for_training(network, tiny(dtype="mixed_bfloat16")).model
    assert model.get_layer("auxiliary_inception4a_conv").compute_dtype == "bfloat16"
    assert model.get_layer("auxiliary_inception4a_logits").compute_dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"


class Interrupted(Exception):
    pass


@pytest.mark.slow
def test_auxiliary_heads_are_resumed_and_not_kept(small_data, tiny, tmp_path, monkeypatch):
    real, network = Evaluate.on_epoch_end, "googlenet_wd8"

    def stops(self, epoch, logs=None):
        real(self, epoch, logs)
        raise Interrupted

    with monkeypatch.context() as patch, pytest.raises(Interrupted):
        patch.setattr(Evaluate, "on_epoch_end", stops)
        train(network, small_data, tmp_path / "run", tiny(), seed=1)
    with np.load(next((tmp_path / "run" / "state").glob("variables-*.npz"))) as state:
        heads = [name for name in state.files if "auxiliary" in name]
    run = train(network, small_data, tmp_path / "run", tiny(), seed=1)
    assert heads
    assert run.results.parameters == network_info(network, small_data.image_shape).parameters
