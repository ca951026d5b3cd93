import numpy as np
import pandas as pd
import pytest

from data_tools.files import write_csv
from lartpc_zoo.errors import DataDiffers, NotARun
from lartpc_zoo.models.registry import network_info
from lartpc_zoo.reporting.contenders import gather


def test_runs_of_one_network_and_recipe_are_one_contender_the_lowest_seed_first(forge):
    runs = [forge("resnet14b_wd4", 0.8, 3), forge("vgg16c_wd4", 0.7), forge("resnet14b_wd4", 0.9, 1)]
    resnet, vgg = gather(runs)
    assert [run.config["seed"] for run in resnet.runs] == [1, 3]
    assert resnet.accuracies == [pytest.approx(0.9), pytest.approx(0.8)]
    assert resnet.accuracy == pytest.approx(0.85)
    assert set(np.unique(resnet.correct)) == {0, 0.5, 1}
    assert resnet.correct.mean() == pytest.approx(0.85)
    assert (vgg.name, len(vgg.runs)) == ("vgg16c_wd4", 1)
    mean = resnet.mean_accuracies()["all"]
    assert mean["accuracy"] == pytest.approx(0.85)
    assert mean["error"] == pytest.approx(np.sqrt(0.85 * 0.15 / 1_000))


def test_recipes_stand_in_the_name_where_a_network_has_several(forge):
    runs = [forge("resnet14b_wd4", 0.8), forge("resnet14b_wd4", 0.7, recipe="other"), forge("vgg16c_wd4", 0.7)]
    assert [one.name for one in gather(runs)] == ["resnet14b_wd4 (tiny)", "resnet14b_wd4 (other)", "vgg16c_wd4"]


def test_costs_are_those_of_the_network_and_of_the_profile(forge, small_data):
    profile = {"networks": {"resnet14b_wd4": {"quantities": {"forward": {"slope": 2.5}, "peak_memory": None}}}}
    (contender,) = gather([forge("resnet14b_wd4", 0.8)], profile)
    info = network_info("resnet14b_wd4", small_data.image_shape)
    assert contender.costs["parameters"] == pytest.approx(info["parameters"] / 1e6)
    assert contender.costs["macs"] == pytest.approx(info["macs"] / 1e9)
    assert contender.costs["forward"] == 2.5
    assert "peak_memory" not in contender.costs


def test_the_order_of_the_events_does_not_matter_but_which_they_are_does(forge):
    first, second = forge("resnet14b_wd4", 0.8), forge("vgg16c_wd4", 0.7)
    path = second / "predictions_testB.csv.gz"
    shuffled = pd.read_csv(path).sample(frac=1, random_state=1)
    write_csv(path, shuffled)
    one, other = gather([first, second])
    assert one.predictions[0]["event"].equals(other.predictions[0]["event"])
    write_csv(path, shuffled.assign(event=shuffled["event"] + 1))
    with pytest.raises(DataDiffers, match=r"vgg16c_wd4.* has scored other events or classes than .*resnet14b_wd4"):
        gather([first, second])


def test_a_run_twice_or_none(forge):
    run = forge("resnet14b_wd4", 0.8)
    with pytest.raises(NotARun, match="is named twice"):
        gather([run, run])
    with pytest.raises(NotARun, match="No run was given"):
        gather([])
