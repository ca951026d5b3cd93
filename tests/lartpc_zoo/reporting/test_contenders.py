import json
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from data_tools.files import sha256_of_file, write_csv, write_json
from lartpc_zoo.backend.environment import MeasuredOn
from lartpc_zoo.errors import BadProfile, CorruptRun, DataDiffers, NotARun
from lartpc_zoo.models.registry import network_info
from lartpc_zoo.profiling.record import (
    InputQuantities,
    MeasuredNetwork,
    NetworkQuantities,
    Profile,
    Quantity,
)
from lartpc_zoo.reporting.contenders import gather
from lartpc_zoo.reporting.findings import find


def test_runs_of_one_network_and_recipe_are_one_contender_the_lowest_seed_first(forge):
    runs = [forge("resnet14b_wd4", 0.8, 3), forge("vgg16c_wd4", 0.7), forge("resnet14b_wd4", 0.9, 1)]
    resnet, vgg = gather(runs)
    assert [run.config.seed for run in resnet.runs] == [1, 3]
    assert resnet.accuracies == [pytest.approx(0.9), pytest.approx(0.8)]
    assert resnet.accuracy == pytest.approx(0.85)
    assert set(np.unique(resnet.correct)) == {0, 0.5, 1}
    assert resnet.correct.mean() == pytest.approx(0.85)
    assert (vgg.name, len(vgg.runs)) == ("vgg16c_wd4", 1)
    mean = resnet.mean_accuracies()["all"]
    assert mean.accuracy == pytest.approx(0.85)
    assert mean.error == pytest.approx(np.sqrt(0.85 * 0.15 / 1_000))


def test_recipes_stand_in_the_names_where_the_report_has_several(forge):
    runs = [forge("resnet14b_wd4", 0.8), forge("resnet14b_wd4", 0.7, recipe="other"), forge("vgg16c_wd4", 0.7)]
    names = ["resnet14b_wd4 (tiny)", "resnet14b_wd4 (other)", "vgg16c_wd4 (tiny)"]
    assert [one.name for one in gather(runs)] == names


def test_recipes_that_are_called_the_same_are_numbered(forge, tmp_path):
    runs = [forge("resnet14b_wd4", 0.8), forge("resnet14b_wd4", 0.7, recipe="other"), forge("vgg16c_wd4", 0.7)]
    config = runs[1] / "config.yaml"
    config.write_text(config.read_text().replace("name: other", "name: tiny"))
    names = ["resnet14b_wd4 (tiny) #1", "resnet14b_wd4 (tiny) #2", "vgg16c_wd4 (tiny)"]
    assert [one.name for one in gather(runs)] == names


def profile_of(shape=(64, 64, 3), **slopes):
    """A profile of resnet14b_wd4 with some quantities, by slope and its error."""
    units = NetworkQuantities.UNITS
    quantities = {
        name: Quantity(
            unit=units[name],
            batch_sizes=(1, 2, 4),
            values=((1.0,), (2.0,), (4.0,)),
            slope=slope,
            slope_error=error,
            intercept=0.0,
            intercept_error=0.1,
        )
        for name, (slope, error) in slopes.items()
    }
    quantities = NetworkQuantities(**{**dict.fromkeys(units), **quantities})
    environment = MeasuredOn(
        versions={}, keras_backend="tensorflow", machine="x86_64", cpus=2, device="a CPU", dtype="float32", memory=None
    )
    return Profile(
        environment=environment,
        data=None,
        images="random",
        input_shape=shape,
        classes=5,
        batch_sizes=(1, 2, 4),
        rounds=1,
        networks={
            "resnet14b_wd4": MeasuredNetwork(parameters=1, macs=1, activations_mb=1.0, quantities=quantities),
        },
        io=InputQuantities(),
    )


def test_costs_are_those_of_the_network_and_of_the_profile(forge, small_data):
    # The time of a training step may as well be nothing.
    measured = {"forward": (2.5, 0.1), "forward_backward": (0.1, 0.1)}
    run = forge("resnet14b_wd4", 0.8)
    (contender,) = gather([run], profile_of(**measured))
    info = network_info("resnet14b_wd4", small_data.image_shape)
    assert contender.costs["parameters"] == pytest.approx(info.parameters / 1e6)
    assert contender.costs["macs"] == pytest.approx(info.macs / 1e9)
    assert contender.costs["forward"] == 2.5
    assert not {"peak_memory", "forward_backward"} & set(contender.costs)
    with pytest.raises(BadProfile, match=r"The profile is of images \[288, 288, 3\]"):
        gather([run], profile_of((288, 288, 3), **measured))


def test_the_order_of_the_events_does_not_matter_but_which_they_are_does(forge, change_predictions):
    first, second = forge("resnet14b_wd4", 0.8), forge("vgg16c_wd4", 0.7)
    change_predictions(second, lambda table: table.sample(frac=1, random_state=1))
    one, other = gather([first, second])
    assert one.predictions[0]["event"].equals(other.predictions[0]["event"])
    change_predictions(second, lambda table: table.assign(event=table["event"] + 1))
    with pytest.raises(DataDiffers, match=r"vgg16c_wd4.* has scored other events than .*resnet14b_wd4"):
        gather([first, second])


def of_other_data(run, **changes):
    """Change what the configuration of a run says of its data."""
    config = yaml.safe_load((run / "config.yaml").read_text())
    config["data"] |= {"fingerprint": "a" * 64, **changes}
    (run / "config.yaml").write_text(yaml.safe_dump(config))


def test_images_of_several_sizes_of_the_same_events_are_compared(forge):
    runs = [forge("resnet14b_wd4", 0.8), forge("resnet14b_wd4", 0.9, 2)]
    of_other_data(runs[1], image_shape=[128, 128, 3])
    contenders = gather(runs)
    assert [one.name for one in contenders] == ["resnet14b_wd4 (64 x 64)", "resnet14b_wd4 (128 x 128)"]
    assert not contenders[0].same_data(contenders[1])
    (step,) = find(contenders, None, 0.01, "macs").steps
    assert (step.axis, step.of_trainings.difference) == ("images", pytest.approx(0.1))


def test_the_scores_of_all_runs_are_averaged(forge, change_predictions):
    runs = [forge("resnet14b_wd4", 0.8, seed) for seed in (1, 2, 3)]
    scores = [f"score_{name}" for name in ("electron", "gamma", "muon", "pion", "proton")]

    def wrong_but_unsure(part):
        """A function that makes every third event wrong by a little, and all others right beyond doubt."""

        def change(table):
            wrong = np.arange(len(table)) % 3 == part
            called = np.where(wrong, (table["label"] + 1) % 5, table["label"])
            sure = np.where(wrong, 0.4, 0.9)[:, np.newaxis]
            values = np.where(np.arange(5) == called[:, np.newaxis], sure, (1 - sure) / 4)
            return table.assign(prediction=called, **dict(zip(scores, values.T)))

        return change

    for part, run in enumerate(runs):
        change_predictions(run, wrong_but_unsure(part))
    (contender,) = gather(runs)
    assert contender.accuracy == pytest.approx(2 / 3, abs=0.001)
    assert contender.averaged_accuracy == 1


def test_other_planes_are_other_data(forge):
    first, second = forge("resnet14b_wd4", 0.8), forge("resnet14b_wd4", 0.7, 2)
    of_other_data(second, planes=[0, 1, 3])
    with pytest.raises(DataDiffers, match="or with other classes, planes or samples"):
        gather([first, second])


def test_runs_of_another_data_set_are_not_compared(forge):
    first, second = forge("resnet14b_wd4", 0.8), forge("resnet14b_wd4", 0.7, 2)
    of_other_data(second, sources=["b" * 64])
    with pytest.raises(DataDiffers, match="on the data set aaaaaaaaaaaa, .*needs the same events"):
        gather([first, second])


def test_a_training_counts_once(forge, tmp_path):
    run = forge("resnet14b_wd4", 0.8)
    copy = shutil.copytree(run, tmp_path / "copy")
    for twice in ([run, run], [run, copy], [run, run.parent / "." / run.name]):
        with pytest.raises(NotARun, match="are the same training, of resnet14b_wd4 with seed 1"):
            gather(twice)
    with pytest.raises(NotARun, match="No run was given"):
        gather([])


def test_predictions_that_are_not_those_of_the_results(forge, change_predictions):
    run = forge("resnet14b_wd4", 0.8)
    results = json.loads((run / "results.json").read_text())
    write_json(run / "results.json", {**results, "confusion_matrix": (200 * np.eye(5, dtype=int)).tolist()})
    with pytest.raises(CorruptRun, match=r"results\.json is not of these predictions"):
        gather([run])
    write_json(run / "results.json", results)
    path = run / "predictions_testB.csv.gz"
    write_csv(path, pd.read_csv(path)[:-100])
    with pytest.raises(CorruptRun, match="not the predictions that results.json is of"):
        gather([run])
    path.write_bytes(path.read_bytes()[:-50])
    results["predictions_sha256"] = sha256_of_file(path)
    write_json(run / "results.json", results)
    with pytest.raises(CorruptRun, match=r"predictions_testB\.csv\.gz is missing or damaged"):
        gather([run])
