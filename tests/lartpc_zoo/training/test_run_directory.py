import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from data_tools import files
from data_tools.description import DataDescription
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.backend.environment import this_start
from lartpc_zoo.errors import CorruptRun, NotARun, RunBusy, RunDiffers
from lartpc_zoo.models.scoring import Scoring
from lartpc_zoo.training.protocol import ProtocolSettings
from lartpc_zoo.training.recipe import LearningRate, Optimizer, Recipe
from lartpc_zoo.training.records import RunConfig
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.train import train

DATA = DataDescription(
    fingerprint="ab12", classes=(("electron", (11,)), ("muon", (13,))), image_shape=(64, 64, 3), planes=(0, 1, 2)
)
RECIPE = Recipe(batch_size=20, optimizer=Optimizer("SGD"), learning_rate=LearningRate(0.1), protocol=ProtocolSettings())
CONFIG = RunConfig(network="resnet14b", seed=1, data=DATA, recipe=RECIPE)
SCORING = Scoring(date="2030-01-02T03:04:05", sample="testB", data_fingerprint="ab12", events=10, id="one")


@pytest.fixture
def run(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.begin(CONFIG)
    return run


def test_the_same_configuration_goes_on_and_another_is_refused(run):
    run.begin(CONFIG)
    with pytest.raises(RunDiffers, match=r"another configuration: seed was 1, now 3; recipe\.l2 was 0\.0, now 0\.1\."):
        run.begin(replace(CONFIG, recipe=replace(RECIPE, l2=0.1), seed=3))
    assert run.config() == CONFIG


def test_a_directory_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(RunDiffers, match="is not empty and holds no run"):
        RunDirectory(tmp_path).begin(CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_last_complete_state_is_the_one_that_is_loaded(run):
    assert run.load_state() is None
    for iteration in (10, 20):
        run.save_state(iteration, {"w": np.full(3, iteration)}, {"iteration": iteration})
    # An interruption after the arrays of a third moment, before the file that names them.
    np.savez(run.path / "state" / "variables-0000030.npz", w=np.zeros(3))
    arrays, content = run.load_state()
    assert content["iteration"] == 20
    assert arrays["w"].tolist() == [20, 20, 20]


def test_a_damaged_state_is_not_loaded(run):
    run.save_state(10, {"w": np.zeros(3)}, {})
    path = run.path / "state" / "variables-0000010.npz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CorruptRun, match="missing or damaged"):
        run.load_state()


@pytest.mark.parametrize(
    ("name", "content"),
    [("config.yaml", "a: ["), ("config.yaml", "[1]"), ("results.json", "{"), ("results.json", "{}")],
)
def test_a_damaged_file_is_named(run, name, content):
    (run.path / name).write_text(content)
    with pytest.raises(CorruptRun, match=f"{name}.* damaged"):
        run.finished()


def test_no_run_and_a_run_that_has_not_ended(run, tmp_path):
    with pytest.raises(NotARun, match=r"no config\.yaml"):
        RunDirectory(tmp_path / "nothing").finished()
    with pytest.raises(NotARun, match="has not ended"):
        run.finished()


def test_the_environment_keeps_every_start_on_record(run):
    run.add_start(this_start(["CPU:0"], "zoo", None))
    run.add_start(this_start(["GPU:0"], "zoo", None))
    starts = json.loads((run.path / "environment.json").read_text())["starts"]
    assert [start["devices"] for start in starts] == [["CPU:0"], ["GPU:0"]]
    assert {"python", "keras", "tensorflow"} <= set(starts[0]["versions"])
    assert [start.devices for start in run.starts()] == [("CPU:0",), ("GPU:0",)]


@pytest.mark.parametrize(
    ("content", "message"),
    [({"starts": []}, "no start is on record"), ({}, "missing starts"), ({"starts": [{}]}, "missing versions")],
)
def test_an_environment_without_a_start_is_damaged(content, message, run):
    (run.path / "environment.json").write_text(json.dumps(content))
    with pytest.raises(CorruptRun, match=message):
        run.starts()


def test_one_process_at_a_time(run):
    busy = pytest.raises(RunBusy, match="another process writes to this run")
    with run.locked(), busy, RunDirectory(run.path).locked():
        pass
    with RunDirectory(run.path).locked():
        pass


def test_what_a_killed_start_leaves_is_no_obstacle_and_goes(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.path.mkdir()
    (run.path / ".aside-12-config.yaml").write_text("netw")
    run.begin(CONFIG)
    (run.path / "weights" / ".aside-12-iteration-0000001.weights.h5").write_text("half")
    (run.path / ".aside-12-report").mkdir()
    assert run.begin(CONFIG)
    assert not list(run.path.rglob(".aside-*"))


def test_a_scoring_on_record_leaves_alone_what_another_process_is_writing(finished_run, tmp_path):
    run = RunDirectory(shutil.copytree(finished_run.directory, tmp_path / "run"))
    (run.path / "scored").mkdir()
    written = [run.path / "scored" / ".aside-99-predictions_testB.csv.gz", run.path / ".aside-99-report"]
    written[0].write_text("half")
    written[1].mkdir()
    run.log_scoring(SCORING)
    assert all(path.exists() for path in written)


def test_a_run_that_has_ended_is_not_begun_again(finished_run, tmp_path):
    run = RunDirectory(shutil.copytree(finished_run.directory, tmp_path / "run"))
    before = sorted(path.name for path in run.path.iterdir())
    assert run.begin(run.config()) is False
    assert sorted(path.name for path in run.path.iterdir()) == before


def test_a_scoring_is_on_record_from_its_begin(run):
    assert run.scorings() == []
    run.log_scoring(SCORING)
    run.log_scoring(other := replace(SCORING, id="two"))
    run.log_scoring(other.ended(0.5))
    found = RunDirectory(run.path).scorings()
    assert [(scoring.complete, scoring.accuracy) for scoring in found] == [(False, None), (True, 0.5)]


def test_what_a_killed_process_left_of_a_scoring_is_no_scoring(run):
    run.log_scoring(SCORING)
    with open(run.scorings_file, "a") as file:
        file.write('{"sample": "te')
    assert run.scorings() == [SCORING]
    run.log_scoring(SCORING.ended())
    assert [scoring.complete for scoring in run.scorings()] == [True]


def test_a_full_disk_is_noticed_before_weights_are_written(run, monkeypatch):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    monkeypatch.setattr(files.shutil, "disk_usage", lambda path: SimpleNamespace(free=10))
    with pytest.raises(OSError, match="No space left on device"):
        run.save_weights(model, 10)
    assert not list((run.path / "weights").iterdir())


def test_a_run_that_another_process_has_ended_is_not_trained_again(
    finished_run, small_data, tiny, network, tmp_path, monkeypatch
):
    real = Dataset.verify

    def ended_meanwhile(self, samples):
        real(self, samples)
        shutil.copytree(finished_run.directory, tmp_path / "run")

    monkeypatch.setattr(Dataset, "verify", ended_meanwhile)
    run = train(network, small_data, tmp_path / "run", tiny(), seed=1)
    assert run.results == finished_run.results
