"""Run in a process whose packages have one field more in every record: opens what was written without it.

with_added_fields.py FOLDER DATA INTERRUPTED RECIPE RESULTS

FOLDER is for what is written, DATA a data set, INTERRUPTED a run to be continued, RECIPE its recipe, RESULTS the
directory of archived runs.
"""

import shutil
import sys
from dataclasses import fields, replace
from pathlib import Path

import data_tools
import lartpc_zoo
from data_tools.record import Record
from lartpc_zoo.pretrained.catalogue import cards
from lartpc_zoo.profiling.record import load_profile
from lartpc_zoo.reporting.contenders import gather
from lartpc_zoo.training.recipe import load_recipe
from lartpc_zoo.training.run_directory import RunDirectory

NETWORK = "plainresnet10b_wd32"


def subclasses(cls):
    return [one for sub in cls.__subclasses__() for one in (sub, *subclasses(sub))]


def with_the_field(run, folder):
    """A copy of an archived run, written as of now under another seed, with another value of the field."""
    directory = RunDirectory(folder / "another-seed")
    directory.begin(replace(run.config, seed=99))
    for name in ("environment.json", "history.csv", "scores_testB.npz"):
        shutil.copy(run.directory / name, directory.path)
    shutil.copy(run.directory.parent / "events_testB.csv.gz", folder)
    directory.write_results(run.results)
    return directory.path


def main(folder, data, interrupted, recipe, results):
    folder = Path(folder)
    records = subclasses(Record)
    assert len(records) > 20
    assert all("added_later" in [field.name for field in fields(record)] for record in records if fields(record))
    dataset = data_tools.open_dataset(data)
    assert dataset.size("train") == 20
    runs = [lartpc_zoo.open_run(path) for path in sorted(Path(results).glob("*-seed*"))]
    assert all(run.config.recipe.added_later == 7 for run in runs)
    assert all(card.added_later == 7 for card in cards())
    assert load_profile(Path(results) / "profile")
    # An interrupted training goes on, and a finished one is opened, under the same configuration.
    run = lartpc_zoo.train(NETWORK, dataset, interrupted, recipe, seed=1)
    assert run.history["iteration"].iloc[:3].tolist() == [3, 6, 9]
    assert lartpc_zoo.train(NETWORK, dataset, interrupted, recipe, seed=1).results == run.results
    assert load_recipe(recipe).added_later == 7
    # Trainings from before and from now are pooled, and reported on.
    seeds = [run for run in runs if run.directory.name.startswith("resnet14b_wd4-zoo")]
    contenders = gather([*seeds, with_the_field(seeds[0], folder)])
    assert [len(contender.runs) for contender in contenders] == [len(seeds) + 1] == [4]
    assert lartpc_zoo.report([run], folder / "report").page.is_file()
    print("all opened, resumed, pooled and reported")


if __name__ == "__main__":
    main(*sys.argv[1:])
