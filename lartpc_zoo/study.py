"""A study: networks x recipes x seeds, every combination a resumable training of its own; then the report over all."""

import itertools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import data_tools
import zoo_configs
from data_tools.errors import BadOption, UserError
from lartpc_zoo.configs import read_config
from lartpc_zoo.errors import BadStudy, StudyIncomplete, UnknownStudy
from lartpc_zoo.models.registry import network_info
from lartpc_zoo.models.spec import parse
from lartpc_zoo.procedure import configure
from lartpc_zoo.training.recipe import load_recipe
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.run_text import state_text

_FIELDS = {"networks": str, "recipes": str, "seeds": int}


@dataclass(frozen=True)
class Job:
    """One training of a study. recipe: a name or the path of a file. directory: the run's, in that of the study."""

    network: str
    recipe: str
    seed: int

    @property
    def directory(self):
        return f"{self.network}-{Path(self.recipe).stem}-seed{self.seed}"


@dataclass(frozen=True)
class Study:
    """The trainings of a study, in order. networks and recipes: names; seeds: whole numbers."""

    networks: tuple[str, ...]
    recipes: tuple[str, ...]
    seeds: tuple[int, ...]

    @property
    def jobs(self):
        """Every combination as a Job: seed after seed, so that every network has a result early."""
        combinations = itertools.product(self.seeds, self.recipes, self.networks)
        return [Job(network, recipe, seed) for seed, recipe, network in combinations]


def load_study(name):
    """The Study of a name in zoo_configs/studies, or of the path of a YAML file.

    Recipes that are files are looked for beside that of the study. Raises UnknownStudy, BadStudy, UnknownNetwork,
    UnknownRecipe or BadRecipe.
    """
    content, where, path = read_config("study", name, UnknownStudy, BadStudy)
    return _check(content, where, path.parent if path else Path())


def run_study(study, data, output, job=None, devices=()):
    """Train what of a Study is not finished, in processes of their own, so that one that fails takes no other with it.

    data: directory or file of hits of a data set. output: directory of the runs. job: number of the only training to
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


def report_study(study, runs, data, output, margin, cost="macs", measure_costs=True):
    """Measure Table 2 where it is not yet measured, and report on the finished runs; returns what `report` does.

    The profile is in OUTPUT/profile, the report in OUTPUT/report. Raises StudyIncomplete, after the report without
    Table 2 has been made, where it cannot be measured.
    """
    from lartpc_zoo.reporting.procedure import report

    directory = Path(output) / "report"
    try:
        profile = _profile(study, data, Path(output) / "profile") if measure_costs else None
    except UserError as error:
        _, page = report(runs, directory, data=data, margin=margin)
        raise StudyIncomplete(f"Table 2 could not be measured: {error} {page} is without it.") from error
    return report(runs, directory, data=data, profile=profile, margin=margin, cost=cost)


def _profile(study, data, directory):
    """The directory of a profile of the study's networks on the data, measured if it is not there yet."""
    from lartpc_zoo.profiling.procedure import profile
    from lartpc_zoo.profiling.record import NAME, load_profile

    if (directory / NAME).is_file():
        known = load_profile(directory)
        same_data = known["data"] == data_tools.open_dataset(data).fingerprint
        if same_data and set(study.networks) <= set(known["networks"]):
            return directory
    profile(study.networks, data=data, output=directory)
    return directory


def states(study, output):
    """(number, Job, how far it is) of every training of a study."""
    for number, job in enumerate(study.jobs):
        yield number, job, state_text(RunDirectory(Path(output) / job.directory))


def _command(job, data, directory, devices):
    command = [sys.executable, "-m", "lartpc_zoo", "train", job.network, "--data", str(data)]
    command += ["--output", str(directory), "--recipe", job.recipe, "--seed", str(job.seed)]
    return command + [text for device in devices for text in ("--device", device)]


def _check(content, where, directory):
    """The Study of a file's content. Every name is looked up, so that a study fails before it trains for days."""
    if not isinstance(content, dict) or set(content) != set(_FIELDS):
        given = list(content) if isinstance(content, dict) else type(content).__name__
        raise BadStudy(f"{where}: expected the fields {', '.join(_FIELDS)}, got {given}.")
    for field, kind in _FIELDS.items():
        values = content[field]
        if not (isinstance(values, list) and values and all(type(value) is kind for value in values)):
            raise BadStudy(f"{where}: {field}: expected a list of {kind.__name__}, got {values!r}.")
        if kind is int and not all(0 <= value < 2**32 for value in values):
            raise BadStudy(f"{where}: {field}: expected whole numbers from 0 to {2**32 - 1}, got {values}.")
        if len(set(values)) < len(values):
            raise BadStudy(f"{where}: {field}: {values} names one twice.")
    recipes = [_recipe_path(recipe, directory) for recipe in content["recipes"]]
    for recipe in recipes:
        load_recipe(recipe)
    if len({Path(recipe).stem for recipe in recipes}) < len(recipes):
        raise BadStudy(f"{where}: recipes: {content['recipes']} have one name twice, which names the runs.")
    networks = [str(parse(network)) for network in content["networks"]]
    return Study(tuple(networks), tuple(recipes), tuple(content["seeds"]))


def _recipe_path(recipe, directory):
    """The recipe's name, or its path as seen from the study's file."""
    return recipe if recipe in zoo_configs.names("recipe") else str(directory / recipe)


def _check_networks(study, data):
    """Raise BadInput when a network cannot take the images of a Dataset."""
    for network in study.networks:
        network_info(network, data.image_shape, len(data.classes))
