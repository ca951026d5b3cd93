import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from lartpc_zoo.backend import devices
from lartpc_zoo.backend.devices import find_devices, gpu_capabilities, gpu_kinds, has_strategy, one_replica, set_seed
from lartpc_zoo.errors import BadDevices
from lartpc_zoo.metrics.scores import logits_of
from lartpc_zoo.models.normalization import PreciseStatistics
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.training import train as procedure
from lartpc_zoo.training.batches import feed_of
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.train import train
from lartpc_zoo.training.trainer import compile_for_training


def test_two_devices_train_like_one(small_data, tiny, tmp_path, monkeypatch):
    # Without dropout, and with synchronised statistics, the global batch is what counts.
    network, replicas, compared = "plainresnet10b_wd16", [], []
    finished_run = train(network, small_data, tmp_path / "single", tiny(), seed=1)

    def counting(*arguments):
        replicas.append(tf.distribute.get_strategy().num_replicas_in_sync)
        return create_model(*arguments)

    def saving(self, model, iteration):
        strategy = tf.distribute.get_strategy()
        for weight in model.weights:  # statistics of normalisation among them
            values = strategy.experimental_local_results(weight.value)
            compared.append(len(values) == 2 and np.array_equal(*map(np.array, values)))
        save(self, model, iteration)

    save = RunDirectory.save_weights
    monkeypatch.setattr(RunDirectory, "save_weights", saving)

    monkeypatch.setattr(procedure, "create_model", counting)
    double = train(network, small_data, tmp_path / "run", tiny(), seed=1, devices=["CPU:0", "CPU:1"])
    histories = [pd.read_csv(run.directory / "history.csv") for run in (finished_run, double)]
    first = [history.iloc[0] for history in histories]
    assert first[0]["train_loss_with_penalty"] == pytest.approx(first[1]["train_loss_with_penalty"], rel=0.02)
    assert first[0]["testA_loss"] == pytest.approx(first[1]["testA_loss"], rel=0.02)
    assert len(double.predictions) == 10
    assert replicas == [2, 2]
    assert compared
    assert all(compared)


def test_a_named_device_is_the_one_that_is_used():
    with find_devices(["CPU:1"]).scope():
        model = create_model("plainresnet10b_wd16", (64, 64, 3))
    assert model.get_layer("stem_conv").kernel.value.device.endswith("CPU:1")
    with pytest.raises(BadDevices, match="each may be named once"):
        find_devices(["CPU:1", "CPU:1"])


def test_a_batch_that_the_devices_cannot_share(small_data, tiny, network, tmp_path):
    with pytest.raises(BadDevices, match="batch of 5 events cannot be shared equally by 2 devices"):
        train(network, small_data, tmp_path / "run", tiny(batch_size=5), devices=["CPU:0", "CPU:1"])
    with pytest.raises(BadDevices, match="No device GPU:7; there are CPU:0, CPU:1"):
        train(network, small_data, tmp_path / "run", tiny(), devices=["GPU:7"])


def test_devices_score_a_sample_that_no_number_of_them_divides(finished_run, small_data):
    data = small_data.tf_dataset("testA", 4, pad=True)  # 10 events in batches of 4
    alone = logits_of(finished_run.load_model(), data, 9)
    with find_devices(["CPU:0", "CPU:1"]).scope():
        model = finished_run.load_model()
        both = logits_of(model, small_data.tf_dataset("testA", 4, pad=True), 9)
    assert len(both) == 9
    assert np.allclose(alone, both, atol=1e-5)


@pytest.mark.parametrize("name", ["plainresnet10b_wd16", "plainresnet10b_wd16_sub"])
def test_a_step_on_two_devices_has_the_gradients_and_statistics_of_one(name, small_data, tiny):
    recipe = tiny(optimizer={"class_name": "SGD", "config": {}}, batch_size=8)
    weights = []
    for names in (["CPU:0"], ["CPU:0", "CPU:1"]):
        set_seed(3)
        with find_devices(names).scope():
            network = create_model(name, small_data.image_shape, inputs=recipe.inputs)
            trained = compile_for_training(network, recipe, "images")
            feed = feed_of(small_data, recipe, 3, trained, trained)
            before = [keras.ops.convert_to_numpy(weight) for weight in network.weights]
            trained.model.fit(feed.training(0), steps_per_epoch=1, shuffle=False, verbose=0)
            after = [keras.ops.convert_to_numpy(weight) for weight in network.weights]
            PreciseStatistics(network, 2).estimate(feed.statistics())
            estimated = [keras.ops.convert_to_numpy(weight) for weight in network.non_trainable_weights]
        weights.append((before, after, estimated))
    (start, one, one_estimated), (same_start, two, two_estimated) = weights
    for first, second in zip(start, same_start):
        assert np.array_equal(first, second)
    for name, first, second, begin in zip([weight.path for weight in network.weights], one, two, start):
        step = np.abs(first - begin).max()
        assert step > 0, name
        assert np.abs(first - second).max() < 1e-3 * step, name  # float32, summed in another order
    for first, second in zip(one_estimated, two_estimated):
        assert np.allclose(first, second, rtol=1e-3, atol=1e-4)


class JaxDevice:
    """A device of JAX, as far as it is asked."""

    def __init__(self, platform, kind, compute_capability=None):
        self.platform, self.device_kind = platform, kind
        if compute_capability:
            self.compute_capability = compute_capability


@pytest.fixture
def on_jax(monkeypatch):
    def has(*found):
        monkeypatch.setattr(devices, "is_tensorflow", lambda: False)
        monkeypatch.setattr(devices, "is_jax", lambda: True)
        monkeypatch.setattr(devices, "_jax_devices", lambda of_all_processes=False: list(found))

    return has


def test_kinds_and_capabilities_of_devices_on_jax(on_jax):
    on_jax(JaxDevice("gpu", "NVIDIA X", "8.9"), JaxDevice("gpu", "other", "gfx90a"), JaxDevice("cpu", "cpu"))
    assert gpu_kinds() == ["NVIDIA X", "other"]
    assert gpu_capabilities() == [(8, 9), (0, 0)]
    assert one_replica()
    assert not has_strategy()


def test_a_single_device_on_jax_and_several_that_cannot_share_a_batch(on_jax):
    on_jax(JaxDevice("gpu", "NVIDIA X"))
    assert find_devices().names == ("NVIDIA X",)
    on_jax(JaxDevice("gpu", "NVIDIA X"), JaxDevice("gpu", "NVIDIA X"))
    with pytest.raises(BadDevices, match="A batch of 5 events .* by 2 devices.*CUDA_VISIBLE_DEVICES"):
        find_devices(batch_size=5)


def test_only_tensorflow_takes_devices_by_name(on_jax):
    on_jax(JaxDevice("cpu", "cpu"))
    assert gpu_kinds() == gpu_capabilities() == []
    with pytest.raises(BadDevices, match="only Keras on TensorFlow takes devices by name"):
        find_devices(["CPU:0"])


def test_other_backends_have_a_default_device(monkeypatch):
    monkeypatch.setattr(devices, "is_tensorflow", lambda: False)
    assert find_devices().names == ("default",)
    assert gpu_kinds() == []


def test_a_machine_without_gpus():
    assert gpu_kinds() == gpu_capabilities() == []
    assert one_replica()
    with find_devices(["CPU:0", "CPU:1"]).scope():
        assert has_strategy()
        assert not one_replica()
