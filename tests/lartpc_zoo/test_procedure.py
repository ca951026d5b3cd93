import json
import re

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
import yaml

from data_tools.conversion import convert
from data_tools.errors import CorruptShard, UnknownSample
from lartpc_zoo import procedure
from lartpc_zoo.errors import (
    BadDevices,
    BadInput,
    BadRecipe,
    MissingExtra,
    NotARun,
    RunDiffers,
    TrainingDiverged,
    Unlabelled,
)
from lartpc_zoo.evaluation.scores import cross_entropy, logits_of
from lartpc_zoo.models import precision
from lartpc_zoo.models.normalization import StatisticsEstimator
from lartpc_zoo.models.registry import create_model, network_info
from lartpc_zoo.procedure import train
from lartpc_zoo.runs import open_run
from lartpc_zoo.training import callbacks
from lartpc_zoo.training.callbacks import Evaluate
from lartpc_zoo.training.feed import feed_of
from lartpc_zoo.training.protocol import Protocol
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.run_text import protocol_log
from lartpc_zoo.training.strategies import find_devices, set_seed
from lartpc_zoo.training.trainer import compile_for_training


def weights_of(run):
    return [keras.ops.convert_to_numpy(weight) for weight in run.load_model().weights]


def without_dates(results):
    return {key: value for key, value in results.items() if key != "scorings"}


def test_the_run_directory_holds_what_it_should(finished_run):
    files = {path.relative_to(finished_run.directory).as_posix() for path in finished_run.directory.rglob("*.*")}
    chosen = finished_run.results["chosen"]
    assert files == {
        *("config.yaml", "environment.json", "history.csv", "window.csv", "results.json"),
        *("table1.csv", "table1.md", "table1.tex", "predictions_testB.csv.gz", chosen["weights"]),
        *(f"figures/{name}.{kind}" for name in ("fig4_window", "confusion_matrix") for kind in ("png", "pdf")),
    }


def test_every_number_of_table_1_follows_from_the_predictions(finished_run, small_data):
    predictions = finished_run.predictions
    assert predictions["label"].tolist() == small_data.events("testB")["label"].tolist()
    table = finished_run.table1
    for label, name in enumerate(small_data.classes):
        mine = predictions[predictions["label"] == label]
        p = np.mean(mine["prediction"] == label)
        assert table.loc[0, name] == pytest.approx(100 * p)
        assert table.loc[0, f"{name} error"] == pytest.approx(100 * np.sqrt(p * (1 - p) / len(mine)), abs=1e-4)
    assert table.loc[0, "all"] == pytest.approx(100 * np.mean(predictions["prediction"] == predictions["label"]))
    assert np.trace(np.array(finished_run.results["confusion_matrix"])) == sum(
        predictions["prediction"] == predictions["label"]
    )


def test_the_columns_of_the_predictions_are_those_of_the_study(finished_run):
    expected = ["run", "subrun", "event", "entry", "energy_deposit", "energy_init", "momentum"]
    expected += ["direction_x", "npx_U", "npx_V", "npx_Y", "label", "prediction", "score_electron", "score_proton"]
    assert set(expected) <= set(finished_run.predictions.columns)


def test_the_chosen_weights_score_on_test_a_as_the_results_say(finished_run, small_data):
    chosen, labels = finished_run.results["chosen"], small_data.events("testA")["label"].to_numpy()
    logits = logits_of(finished_run.load_model(), small_data.tf_dataset("testA", 5), 10)
    assert cross_entropy(logits, labels).mean() == pytest.approx(chosen["testA_loss"], rel=1e-4)
    assert np.mean(logits.argmax(axis=1) == labels) == chosen["testA_accuracy"]
    window = pd.read_csv(finished_run.directory / "window.csv")
    assert chosen["testA_accuracy"] == window["accuracy"].max()
    history = pd.read_csv(finished_run.directory / "history.csv")
    assert set(window["iteration"]) <= set(history["iteration"])
    assert finished_run.results["minimum"]["loss"] == pytest.approx(history["testA_loss"].min())


def test_a_finished_run_is_opened_and_test_b_is_not_scored_again(finished_run, small_data, tiny, network):
    before = (finished_run.directory / "results.json").read_bytes()
    again = train(network, small_data, finished_run.directory, tiny(), seed=1)
    assert again.table1_markdown() == finished_run.table1_markdown()
    assert (finished_run.directory / "results.json").read_bytes() == before
    assert [scoring["sample"] for scoring in again.results["scorings"]] == ["testB"]


def test_another_configuration_is_refused_and_the_difference_named(finished_run, small_data, tiny, network):
    with pytest.raises(RunDiffers, match=r"seed was 1, now 2"):
        train(network, small_data, finished_run.directory, tiny(), seed=2)
    with pytest.raises(
        RunDiffers, match=r"network was plainresnet10b_wd16_fc8_p2, now .*; recipe\.batch_size was 4, now 5"
    ):
        train("plainresnet10b_wd8", small_data, finished_run.directory, tiny(batch_size=5), seed=1)


def test_nothing_that_is_published_names_the_machine(finished_run):
    published = (finished_run.directory / "config.yaml").read_text() + (
        finished_run.directory / "results.json"
    ).read_text()
    host = json.loads((finished_run.directory / "environment.json").read_text())["starts"][0]["host"]
    assert host not in published
    assert str(finished_run.directory.parent) not in published
    assert not re.search(r"/(home|root|tmp|work)/", published)
    assert yaml.safe_load(published.split("{")[0])["network"] == "plainresnet10b_wd16_fc8_p2"


class Interrupted(Exception):
    pass


def test_train_and_resume_ends_like_train_in_one_go(finished_run, small_data, tiny, network, tmp_path, monkeypatch):
    real, done = Evaluate.on_epoch_end, []

    def stops(self, epoch, logs=None):
        real(self, epoch, logs)
        done.append(epoch)
        if len(done) == 3:
            raise Interrupted

    with monkeypatch.context() as patch, pytest.raises(Interrupted):
        patch.setattr(Evaluate, "on_epoch_end", stops)
        train(network, small_data, tmp_path / "run", tiny(), seed=1)
    with pytest.raises(NotARun, match="has not ended"):
        open_run(tmp_path / "run")
    protocol = Protocol(tiny().protocol, 5.0)
    protocol.restore(json.loads((tmp_path / "run" / "state" / "state.json").read_text())["protocol"])
    on_disk = sorted(int(re.search(r"\d+", path.name)[0]) for path in (tmp_path / "run" / "weights").iterdir())
    assert on_disk == protocol.weights_to_keep()
    resumed = train(network, small_data, tmp_path / "run", tiny(), seed=1)
    histories = [pd.read_csv(run.directory / "history.csv") for run in (finished_run, resumed)]
    pd.testing.assert_frame_equal(*histories, rtol=1e-4)
    assert resumed.results["chosen"]["iteration"] == finished_run.results["chosen"]["iteration"]
    for whole, cut in zip(weights_of(finished_run), weights_of(resumed)):
        assert np.allclose(whole, cut, rtol=1e-3, atol=1e-4)


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
    assert replicas == [2]
    assert compared
    assert all(compared)


@pytest.mark.parametrize("devices", [None, ["CPU:0", "CPU:1"]])
def test_a_file_of_hits_is_trained_on_as_well(devices, small_data, tiny, tmp_path):
    small_data.save_hits(tmp_path / "data.npz")
    run = train("plainresnet10b_wd16", tmp_path / "data.npz", tmp_path / "run", tiny(), seed=1, devices=devices)
    assert run.config["data"]["fingerprint"] == small_data.fingerprint
    assert run.predictions["label"].tolist() == small_data.events("testB")["label"].tolist()
    # Its batches are not those of tf.data, so a training does not go on with the other ones.
    with pytest.raises(RunDiffers, match="batches was hits, now tf.data"):
        train("plainresnet10b_wd16", small_data, tmp_path / "run", tiny(), seed=1)


def test_auto_is_what_it_was_when_the_run_began(finished_run, small_data, tiny, network, monkeypatch):
    assert finished_run.config["recipe"]["dtype"] == "float32"
    monkeypatch.setattr(precision, "_multiplies_bfloat16", lambda: True)
    again = train(network, small_data, finished_run.directory, tiny(dtype="auto"), seed=1)
    assert again.table1_markdown() == finished_run.table1_markdown()


def test_a_named_device_is_the_one_that_is_used():
    with find_devices(["CPU:1"]).scope():
        model = create_model("plainresnet10b_wd16", (64, 64, 3))
    assert model.get_layer("stem_conv").kernel.value.device.endswith("CPU:1")
    with pytest.raises(BadDevices, match="each may be named once"):
        find_devices(["CPU:1", "CPU:1"])


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
    assert run.results["parameters"] == network_info(network, small_data.image_shape)["parameters"]


def test_the_learning_rate_falls_with_the_iteration(finished_run):
    history = pd.read_csv(finished_run.directory / "history.csv")
    assert np.allclose(history["learning_rate"], 0.01 / (1 + 0.01 * history["iteration"]), rtol=1e-5)


def test_the_penalty_is_that_of_all_kernels_and_of_nothing_else(tiny):
    network = create_model("plainresnet10b_wd16_fc8", (64, 64, 3))
    model = compile_for_training(network, tiny(l2=0.5))
    kernels = [keras.ops.convert_to_numpy(w) for w in network.trainable_weights if w.name == "kernel"]
    assert len(kernels) == 1 + 4 * 2 + 3 + 2
    assert float(sum(model.losses)) == pytest.approx(0.5 * sum((kernel**2).sum() for kernel in kernels), rel=1e-4)


def test_any_optimizer_of_keras_by_its_name(tiny):
    recipe = tiny(optimizer={"class_name": "Lamb", "config": {"beta_1": 0.8}})
    model = compile_for_training(create_model("plainresnet10b_wd16", (64, 64, 3)), recipe)
    assert (type(model.optimizer).__name__, model.optimizer.beta_1) == ("Lamb", 0.8)


def test_statistics_come_from_the_same_train_events_before_every_evaluation(
    small_data, tiny, network, tmp_path, monkeypatch
):
    seen, order = [], []
    estimate, logits_of_test_a = StatisticsEstimator.estimate, callbacks.logits_of

    def estimating(self, batches):
        order.append("statistics")
        seen.append(np.concatenate([labels for _, labels in batches.as_numpy_iterator()][:2]).tolist())
        estimate(self, batches)

    def scoring(*arguments):
        order.append("testA")
        return logits_of_test_a(*arguments)

    monkeypatch.setattr(StatisticsEstimator, "estimate", estimating)
    monkeypatch.setattr(callbacks, "logits_of", scoring)
    run = train(network, small_data, tmp_path / "run", tiny(), seed=1)
    evaluations = len(pd.read_csv(run.directory / "history.csv"))
    assert order == ["statistics", "testA"] * evaluations
    assert seen == [small_data.events("train")["label"].tolist()[:8]] * evaluations


def test_training_batches_are_those_of_the_recipe(small_data, tiny):
    for mirror in (True, False):
        mine = feed_of(small_data, tiny(mirror=mirror), seed=5).training(2)
        for kind in (True, False):
            theirs = small_data.tf_dataset("train", 4, training=True, seed=5, start_iteration=2, mirror=kind)
            same = [np.array_equal(a[0], b[0]) for a, b in zip(mine.take(5), theirs.take(5))]
            assert all(same) is (mirror is kind)


def test_the_caption_names_the_planes_that_the_network_sees(finished_run):
    assert "planes Y," in finished_run.table1_markdown()


def test_a_batch_that_the_devices_cannot_share(small_data, tiny, network, tmp_path):
    with pytest.raises(BadDevices, match="batch of 5 events cannot be shared equally by 2 devices"):
        train(network, small_data, tmp_path / "run", tiny(batch_size=5), devices=["CPU:0", "CPU:1"])
    with pytest.raises(BadDevices, match="No device GPU:7; there are CPU:0, CPU:1"):
        train(network, small_data, tmp_path / "run", tiny(), devices=["GPU:7"])


def test_a_training_that_diverges_says_so_and_keeps_what_it_had(small_data, tiny, tmp_path):
    optimizer = {"class_name": "SGD", "config": {}}
    recipe = tiny(optimizer=optimizer, learning_rate={"base": 1e30}, l2=0.0)
    with pytest.raises(TrainingDiverged, match="At iteration 3 .*diverged.*lower learning rate"):
        train("plainresnet10b_wd16", small_data, tmp_path / "run", recipe)
    assert (tmp_path / "run" / "config.yaml").is_file()


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        ({"class_name": "AdamZ", "config": {}}, "Keras has no AdamZ"),
        ({"class_name": "AdamW", "config": {"momentums": 1}}, "no AdamW with the arguments .*momentums"),
    ],
)
def test_what_cannot_be_trained_leaves_no_directory(optimizer, message, small_data, tiny, network, tmp_path):
    with pytest.raises(BadRecipe, match=message):
        train(network, small_data, tmp_path / "run", tiny(optimizer=optimizer))
    with pytest.raises(BadInput, match="looks at plane 7"):
        train(network.replace("_p2", "_p7"), small_data, tmp_path / "run", tiny())
    rarely = tiny().protocol.__dict__ | {"evaluation_interval": 50}
    with pytest.raises(BadRecipe, match="every 50 iterations, but maximum_epochs is reached after 20"):
        train(network, small_data, tmp_path / "run", tiny(protocol=rarely))
    with pytest.raises(BadInput, match="Seed -1: expected 0 to"):
        train(network, small_data, tmp_path / "run", tiny(), seed=-1)
    assert not (tmp_path / "run").exists()


def test_data_without_a_sample_or_with_a_damaged_shard(copy_of_small_data, larcv2_256, tiny, network, tmp_path):
    with pytest.raises(UnknownSample, match="no sample 'testA'"):
        train(network, convert(larcv2_256, tmp_path / "data", ["train"], down_sample=4), tmp_path / "run", tiny())
    shard = sorted(copy_of_small_data.glob("testB-*"))[0]
    shard.write_bytes(shard.read_bytes()[::-1])
    with pytest.raises(CorruptShard, match=shard.name):
        train(network, copy_of_small_data, tmp_path / "run", tiny())


@pytest.mark.filterwarnings("ignore::data_tools.conversion.RepeatedEvents")
def test_events_without_truth_are_not_trained_on(fixture_file, tiny, network, tmp_path):
    data = convert(
        [fixture_file("larcv2_multi_particle.root"), fixture_file("larcv2_images_only_5.root")],
        tmp_path / "data",
        ["testA=5@*multi*", "train@*multi*", "testB@*images_only*"],
        down_sample=4,
    )
    with pytest.raises(Unlabelled, match="sample testB has no truth"):
        train(network, data, tmp_path / "run", tiny())
    assert not (tmp_path / "run").exists()


def test_every_scoring_of_test_b_is_on_record_and_none_is_done_twice(
    finished_run, small_data, tiny, network, tmp_path, monkeypatch
):
    def interrupted(*arguments):
        raise Interrupted

    def start():
        return train(network, small_data, tmp_path / "run", tiny(), seed=1)

    with monkeypatch.context() as patch, pytest.raises(Interrupted):
        patch.setattr(procedure, "predict", interrupted)  # within the scoring
        start()
    with monkeypatch.context() as patch, pytest.raises(Interrupted):
        patch.setattr(procedure, "measure", interrupted)  # after it, before the results are written
        start()
    monkeypatch.setattr(procedure, "predict", interrupted)
    run = start()
    assert [(one["sample"], one["complete"]) for one in run.results["scorings"]] == [("testB", False), ("testB", True)]
    assert run.results["accuracies"]["all"]["accuracy"] == run.results["scorings"][1]["accuracy"]


def test_a_shard_that_is_damaged_during_the_training_is_named(copy_of_small_data, tiny, network, tmp_path, monkeypatch):
    real = Evaluate.on_epoch_end

    def damages(self, epoch, logs=None):
        real(self, epoch, logs)
        shard = sorted(copy_of_small_data.glob("testA-*"))[0]
        content = bytearray(shard.read_bytes())
        content[len(content) // 2] ^= 255
        shard.write_bytes(content)

    monkeypatch.setattr(Evaluate, "on_epoch_end", damages)
    with pytest.raises(CorruptShard, match="testA-00000-of-.*changed or damaged"):
        train(network, copy_of_small_data, tmp_path / "run", tiny(), seed=1)
    assert RunDirectory(tmp_path / "run").last_iteration() == 3


def test_results_say_what_happened_at_every_step(finished_run, tiny):
    results = finished_run.results
    history = pd.read_csv(finished_run.directory / "history.csv")
    assert results["evaluations"] == len(history)
    assert results["iterations"] == history["iteration"].max()
    names = [condition["name"] for condition in results["stop"]]
    assert names == ["minimum_before", "mean_of_last", "window_epochs", "minimum_epochs"]
    assert (results["status"] == "plateaued") == all(condition["met"] for condition in results["stop"])
    window = pd.read_csv(finished_run.directory / "window.csv")
    assert (results["window"]["first"], results["window"]["last"]) == (
        window["iteration"].min(),
        window["iteration"].max(),
    )
    assert results["window"]["evaluations"] == len(window)
    log = list(protocol_log(results))
    assert sum("Condition" in sentence for sentence in log) == 4
    assert any(f"iteration {results['chosen']['iteration']}" in sentence for sentence in log)


def test_tensorboard_that_is_missing_names_the_extra(small_data, tiny, network, tmp_path, monkeypatch):
    real = callbacks.importlib.util.find_spec
    monkeypatch.setattr(
        callbacks.importlib.util, "find_spec", lambda name: None if name == "tensorboard" else real(name)
    )
    with pytest.raises(MissingExtra, match=r"\.\[tensorboard\]"):
        train(network, small_data, tmp_path / "run", tiny(), tensorboard=True)
    assert not (tmp_path / "run").exists()


def test_devices_score_a_sample_that_no_number_of_them_divides(finished_run, small_data):
    data = small_data.tf_dataset("testA", 4, pad=True)  # 10 events in batches of 4
    alone = logits_of(finished_run.load_model(), data, 9)
    with find_devices(["CPU:0", "CPU:1"]).scope():
        model = finished_run.load_model()
        both = logits_of(model, small_data.tf_dataset("testA", 4, pad=True), 9)
    assert len(both) == 9
    assert np.allclose(alone, both, atol=1e-5)


def test_a_step_on_two_devices_has_the_gradients_and_statistics_of_one(small_data, tiny):
    recipe = tiny(optimizer={"class_name": "SGD", "config": {}}, batch_size=8)
    weights = []
    for names in (["CPU:0"], ["CPU:0", "CPU:1"]):
        set_seed(3)
        feed = feed_of(small_data, recipe, seed=3)
        with find_devices(names).scope():
            network = create_model("plainresnet10b_wd16", small_data.image_shape, inputs=recipe.inputs)
            model = compile_for_training(network, recipe)
            before = [keras.ops.convert_to_numpy(weight) for weight in network.weights]
            model.fit(feed.training(0), steps_per_epoch=1, shuffle=False, verbose=0)
            after = [keras.ops.convert_to_numpy(weight) for weight in network.weights]
            StatisticsEstimator(network, 2).estimate(feed.statistics())
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
