import json
import re

import keras
import numpy as np
import pandas as pd
import pytest
import yaml

from data_tools.conversion import convert
from data_tools.errors import CorruptShard, UnknownSample
from lartpc_zoo.backend import precision
from lartpc_zoo.errors import (
    BadInput,
    BadRecipe,
    MissingExtra,
    NotARun,
    RunDiffers,
    TrainingDiverged,
    Unlabelled,
)
from lartpc_zoo.metrics.scores import cross_entropy, logits_of
from lartpc_zoo.training import callbacks
from lartpc_zoo.training import train as procedure
from lartpc_zoo.training.callbacks import Evaluate
from lartpc_zoo.training.protocol import Protocol
from lartpc_zoo.training.run import open_run
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.train import UnsuitedRecipe, train


def weights_of(run):
    return [keras.ops.convert_to_numpy(weight) for weight in run.load_model().weights]


def test_the_run_directory_holds_what_it_should(finished_run):
    files = {path.relative_to(finished_run.directory).as_posix() for path in finished_run.directory.rglob("*.*")}
    chosen = finished_run.results.chosen
    assert files == {
        *("config.yaml", "environment.json", "history.csv", "window.csv", "results.json", "scorings.jsonl"),
        *("table1.csv", "table1.md", "table1.tex", "predictions_testB.csv.gz", chosen.weights),
        *(f"figures/{name}.{kind}" for name in ("fig4_window", "confusion_matrix") for kind in ("png", "pdf")),
    }


def test_every_number_of_table_1_follows_from_the_predictions(finished_run, small_data):
    predictions = finished_run.predictions
    events = small_data.events("testB").sort_values(["source", "entry"])
    assert predictions["entry"].tolist() == events["entry"].tolist()
    assert predictions["label"].tolist() == events["label"].tolist()
    assert set(predictions["file"]) == {"larcv2_256.root"}
    table = finished_run.table1
    for label, name in enumerate(small_data.classes):
        mine = predictions[predictions["label"] == label]
        p = np.mean(mine["prediction"] == label)
        assert table.loc[0, name] == pytest.approx(100 * p)
        assert table.loc[0, f"{name} error"] == pytest.approx(100 * np.sqrt(p * (1 - p) / len(mine)), abs=1e-4)
    assert table.loc[0, "all"] == pytest.approx(100 * np.mean(predictions["prediction"] == predictions["label"]))
    assert np.trace(np.array(finished_run.results.confusion_matrix)) == sum(
        predictions["prediction"] == predictions["label"]
    )


def test_the_columns_of_the_predictions_are_those_of_the_study(finished_run):
    expected = ["run", "subrun", "event", "entry", "energy_deposit", "energy_init", "momentum"]
    expected += ["direction_x", "npx_U", "npx_V", "npx_Y", "label", "prediction", "score_electron", "score_proton"]
    assert set(expected) <= set(finished_run.predictions.columns)


def test_the_chosen_weights_score_on_test_a_as_the_results_say(finished_run, small_data):
    chosen, labels = finished_run.results.chosen, small_data.events("testA")["label"].to_numpy()
    logits = logits_of(finished_run.load_model(), small_data.tf_dataset("testA", 5), 10)
    assert cross_entropy(logits, labels).mean() == pytest.approx(chosen.testA_loss, rel=1e-4)
    assert np.mean(logits.argmax(axis=1) == labels) == chosen.testA_accuracy
    window = pd.read_csv(finished_run.directory / "window.csv")
    assert chosen.testA_accuracy == window["accuracy"].max()
    history = pd.read_csv(finished_run.directory / "history.csv")
    assert set(window["iteration"]) <= set(history["iteration"])
    assert finished_run.results.minimum.loss == pytest.approx(history["testA_loss"].min())


def test_a_finished_run_is_opened_and_test_b_is_not_scored_again(finished_run, small_data, tiny, network):
    before = (finished_run.directory / "results.json").read_bytes()
    again = train(network, small_data, finished_run.directory, tiny(), seed=1)
    assert again.table1_markdown() == finished_run.table1_markdown()
    assert (finished_run.directory / "results.json").read_bytes() == before
    assert [scoring.sample for scoring in again.scorings] == ["testB"]


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
    assert resumed.results.chosen.iteration == finished_run.results.chosen.iteration
    for whole, cut in zip(weights_of(finished_run), weights_of(resumed)):
        assert np.allclose(whole, cut, rtol=1e-3, atol=1e-4)


def test_a_training_goes_on_with_batches_of_the_same_source(finished_run, small_data, tiny, network, monkeypatch):
    monkeypatch.setattr(procedure, "source_of_batches", lambda: "hits")
    with pytest.raises(RunDiffers, match="batches was tf.data, now hits"):
        train(network, small_data, finished_run.directory, tiny(), seed=1)


def test_auto_is_what_it_was_when_the_run_began(finished_run, small_data, tiny, network, monkeypatch):
    assert finished_run.config.recipe.dtype == "float32"
    monkeypatch.setattr(precision, "_multiplies_bfloat16", lambda: True)
    again = train(network, small_data, finished_run.directory, tiny(dtype="auto"), seed=1)
    assert again.table1_markdown() == finished_run.table1_markdown()


def test_a_recipe_for_other_data_warns(small_data, tiny, network, tmp_path, monkeypatch):
    made_for = {"sides": [288, 576], "planes": 3, "train_events": 1000}
    monkeypatch.setattr(procedure, "_train", lambda *arguments: 1 / 0)
    expected = r"tiny is made for images with sides of 288 to 576 pixels, these have 64 x 64; for networks that see 3 "
    expected += r"plane\(s\).* sees 1; for 1,000 train events or more, these"
    with pytest.warns(UnsuitedRecipe, match=expected), pytest.raises(ZeroDivisionError):
        train(network, small_data, tmp_path / "run", tiny(made_for=made_for))
    with pytest.raises(ZeroDivisionError):
        train(network, small_data, tmp_path / "other", tiny(made_for={"sides": [64, 64], "planes": 1}))


def test_the_caption_names_the_planes_that_the_network_sees(finished_run):
    assert "planes Y," in finished_run.table1_markdown()


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
    assert [(one.sample, one.complete) for one in run.scorings] == [("testB", False), ("testB", True)]
    assert run.results.accuracies["all"].accuracy == run.scorings[1].accuracy


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
    assert results.evaluations == len(history)
    assert results.iterations == history["iteration"].max()
    names = [condition.name for condition in results.stop]
    assert names == ["minimum_before", "mean_of_last", "window_epochs", "minimum_epochs"]
    assert (results.status == "plateaued") == all(condition.met for condition in results.stop)
    window = pd.read_csv(finished_run.directory / "window.csv")
    assert (results.window.first, results.window.last) == (
        window["iteration"].min(),
        window["iteration"].max(),
    )
    assert results.window.evaluations == len(window)


def test_tensorboard_that_is_missing_names_the_extra(small_data, tiny, network, tmp_path, monkeypatch):
    real = callbacks.importlib.util.find_spec
    monkeypatch.setattr(
        callbacks.importlib.util, "find_spec", lambda name: None if name == "tensorboard" else real(name)
    )
    with pytest.raises(MissingExtra, match=r"\.\[tensorboard\]"):
        train(network, small_data, tmp_path / "run", tiny(), tensorboard=True)
    assert not (tmp_path / "run").exists()
