import json
import platform
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from data_tools.conversion import convert
from data_tools.errors import BadOption
from lartpc_zoo.errors import CorruptRun, DataDiffers
from lartpc_zoo.pretrained.archiving import archive
from lartpc_zoo.reporting.report import report
from lartpc_zoo.training.run import open_run
from lartpc_zoo.training.train import train
from lartpc_zoo.zoo import evaluate


@pytest.fixture(scope="module")
def runs(finished_run, small_data, tiny, network, tmp_path_factory):
    """Two finished trainings of one data set."""
    other = train(network, small_data, tmp_path_factory.mktemp("more") / "other", tiny(), seed=2)
    return [finished_run, other]


@pytest.fixture
def archived(runs, tmp_path):
    return [open_run(directory) for directory in archive(runs, tmp_path / "archive")]


def test_an_archived_run_is_the_run_without_weights(archived, runs):
    for ours, theirs in zip(archived, runs):
        assert ours.directory.name == theirs.directory.name
        assert ours.config == theirs.config
        assert ours.history.equals(theirs.history)
        assert ours.recipe_name == theirs.recipe_name
        assert ours.environments == theirs.environments
        pd.testing.assert_frame_equal(ours.predictions, theirs.predictions, rtol=1e-3, atol=1e-6)
        for column in ("label", "prediction", "run", "event"):
            assert ours.predictions[column].equals(theirs.predictions[column])
        with pytest.raises(CorruptRun, match="An archive has none"):
            ours.load_model()


def test_every_machine_of_a_training_stays_on_record(begun_elsewhere, tmp_path):
    (archived,) = map(open_run, archive([begun_elsewhere], tmp_path / "archive"))
    first, last = archived.environments
    assert first == replace(last, keras_backend="jax", devices=("a GPU",))
    assert archived.environment == last == begun_elsewhere.environment


def test_it_carries_no_host_user_or_path(archived, runs):
    ours_alone = (platform.node(), str(runs[0].directory), str(Path.home()), sys.argv[0])
    for file in archived[0].directory.iterdir():
        if file.suffix != ".npz":
            assert [text for text in ours_alone if text in file.read_text()] == []
    starts = json.loads((archived[0].directory / "environment.json").read_text())["starts"]
    assert [set(start) & {"host", "argv"} for start in starts] == [set()]


def test_the_events_are_kept_once_and_the_report_is_the_same(archived, runs, tmp_path):
    assert sorted(path.name for path in archived[0].directory.parent.iterdir()) == [
        "events_testB.csv.gz",
        *sorted(run.directory.name for run in runs),
    ]
    ours, theirs = (report(some, tmp_path / name).sentences for some, name in ((archived, "ours"), (runs, "theirs")))
    assert ours == theirs
    tables = {path.name for path in (tmp_path / "theirs").glob("*.csv")}
    assert {"table1.csv", "seeds.csv", "efficiency_momentum.csv", "separation.csv"} <= tables
    for table in tables:
        pd.testing.assert_frame_equal(*(pd.read_csv(tmp_path / name / table) for name in ("ours", "theirs")), rtol=2e-3)


def test_what_cannot_be_archived(archived, runs, small_data, tiny, network, tmp_path):
    with pytest.raises(BadOption, match="is there already"):
        archive(runs[:1], archived[0].directory.parent)
    with pytest.raises(BadOption, match=f"2 of the runs are called {runs[0].directory.name}"):
        archive([runs[0], shutil.copytree(runs[0].directory, tmp_path / runs[0].directory.name)], tmp_path / "both")
    assert not (tmp_path / "both").exists()
    elsewhere = shutil.copytree(runs[0].directory, tmp_path / "changed")
    frame = pd.read_csv(elsewhere / "predictions_testB.csv.gz")
    frame.assign(event=frame["event"] + 1).to_csv(elsewhere / "predictions_testB.csv.gz", index=False)
    with pytest.raises(CorruptRun, match="not the predictions that results.json is of"):
        archive([elsewhere], archived[0].directory.parent)
    assert not (archived[0].directory.parent / "changed").exists()


def test_runs_with_other_events_need_another_archive(archived, small_data, tiny, network, larcv2_256, tmp_path):
    data = convert(larcv2_256, tmp_path / "data", ["train=20", "testA=10", "testB"], down_sample=4, seed=5)
    run = train(network, data, tmp_path / "third", tiny(), seed=1)
    with pytest.raises(DataDiffers, match=r"events_testB\.csv\.gz is of other events .*another directory"):
        archive([run], archived[0].directory.parent)


@pytest.mark.parametrize("name", ["scores_testB.npz", "events_testB.csv.gz"])
def test_damage_is_found(name, archived):
    run = archived[0]
    path = {"scores_testB.npz": run.directory, "events_testB.csv.gz": run.directory.parent}[name] / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptRun, match=name.replace(".", r"\.")):
        _ = run.predictions


def test_an_archived_run_cannot_score(archived, small_data):
    with pytest.raises(CorruptRun, match="the weights of this run cannot be used"):
        evaluate(archived[0].directory, small_data, "testA")
