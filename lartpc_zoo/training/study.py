"""A study: networks x recipes x seeds, every combination a resumable training of its own; then the report over all."""

import itertools
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import data_tools
import zoo_configs
from data_tools.errors import BadOption
from data_tools.record import Record, read_record
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.errors import BadStudy, StudyIncomplete, UnknownStudy
from lartpc_zoo.models.catalogue import check_images
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.training.configs import read_config
from lartpc_zoo.training.recipe import load_recipe
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.train import configure


@dataclass(frozen=True)
class Job:
    """One training of a study. recipe: a name or the path of a file. directory: the run's, in that of the study."""

    network: str
    recipe: str
    seed: int

    @property
    def directory(self) -> str:
        return f"{self.network}-{Path(self.recipe).stem}-seed{self.seed}"


@dataclass(frozen=True)
class Study(Record):
    """The trainings of a study, in order: names of networks and recipes, and seeds."""

    networks: tuple[str, ...]
    recipes: tuple[str, ...]
    seeds: tuple[int, ...]

    def __post_init__(self) -> None:
        for field, values in vars(self).items():
            if not values:
                raise ValueError(f"{field}: expected one or more.")
            if len(set(values)) < len(values):
                raise ValueError(f"{field}: {list(values)} names one twice.")
        if not all(0 <= seed < 2**32 for seed in self.seeds):
            raise ValueError(f"seeds: expected whole numbers from 0 to {2**32 - 1}, got {list(self.seeds)}.")

    @property
    def jobs(self) -> list[Job]:
        """Every combination as a Job: seed after seed, so that every network has a result early."""
        combinations = itertools.product(self.seeds, self.recipes, self.networks)
        return [Job(network, recipe, seed) for seed, recipe, network in combinations]


def load_study(name: str | Path) -> Study:
    """The Study of a name in zoo_configs/studies, or of the path of a YAML file.

    Recipes that are files are looked for beside that of the study. Raises UnknownStudy, BadStudy, UnknownNetwork,
    UnknownRecipe or BadRecipe.
    """
    content, where, path = read_config("study", name, UnknownStudy, BadStudy)
    return _check(content, where, path.parent if path else Path())


def run_study(
    study: Study, data: str | Path, output: str | Path, job: int | None = None, devices: Sequence[str] = ()
) -> list[Path]:
    """Train what of a Study is not finished, in processes of their own, so that one that fails takes no other with it.

    data: directory of a data set. output: directory of the runs. job: number of the only training to
    run, as for one job of a Slurm array. devices: as in train. Returns the directories of the finished runs; with `job`
    that of one. Raises BadOption, RunDiffers where a directory holds another training, or StudyIncomplete, after all
    others have ended, where trainings failed.
    """
    jobs = study.jobs
    if job is not None and not 0 <= job < len(jobs):
        raise BadOption(f"Job {job}: the study has {len(jobs)} trainings, 0 to {len(jobs) - 1}.")
    chosen = jobs if job is None else [jobs[job]]
    opened = data_tools.open_dataset(data)
    _check_networks(study, opened)
    directories = [Path(output) / one.directory for one in chosen]
    runs = [
        configure(one.network, opened, directory, one.recipe, one.seed)[2]
        for one, directory in zip(chosen, directories)
    ]
    failed = {}
    for number, (one, directory, run) in enumerate(zip(chosen, directories, runs), 1):
        finished = run.results() is not None
        ended = ": finished before" if finished else ""
        print(f"[{number}/{len(chosen)}] {one.directory}{ended}", file=sys.stderr, flush=True)
        if finished:
            continue
        status = subprocess.run(_command(one, data, directory, devices), check=False).returncode
        if status:
            failed[one.directory] = status
    if failed:
        raise StudyIncomplete(
            f"{len(failed)} of {len(chosen)} trainings did not end: {', '.join(failed)}. What went wrong stands above; "
            "the same command goes on with them."
        )
    return directories


def runs_of(study: Study, output: str | Path) -> list[RunDirectory]:
    """The run directories of all trainings of a study, in their order."""
    return [RunDirectory(Path(output) / job.directory) for job in study.jobs]


def _command(job: Job, data: str | Path, directory: Path, devices: Sequence[str]) -> list[str]:
    command = [sys.executable, "-m", "lartpc_zoo", "train", job.network, "--data", str(data)]
    command += ["--output", str(directory), "--recipe", job.recipe, "--seed", str(job.seed)]
    return command + [text for device in devices for text in ("--device", device)]


def _check(content: object, where: str, directory: Path) -> Study:
    """The Study of a file's content. Every name is looked up, so that a study fails before it trains for days."""
    study = read_record(Study, content, where, BadStudy)
    recipes = [_recipe_path(recipe, directory) for recipe in study.recipes]
    for recipe in recipes:
        load_recipe(recipe)
    if len({Path(recipe).stem for recipe in recipes}) < len(recipes):
        raise BadStudy(f"{where}: recipes: {list(study.recipes)} have one name twice, which names the runs.")
    networks = [str(parse_network(network)) for network in study.networks]
    return Study(tuple(networks), tuple(recipes), study.seeds)


def _recipe_path(recipe: str, directory: Path) -> str:
    """The recipe's name, or its path as seen from the study's file."""
    return recipe if recipe in zoo_configs.names("recipe") else str(directory / recipe)


def _check_networks(study: Study, data: Dataset) -> None:
    """Raise BadInput when a network cannot take the images of a Dataset."""
    for network in study.networks:
        check_images(parse_network(network), data.image_shape, len(data.classes), InputSpec())
