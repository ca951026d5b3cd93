"""A study as data: networks x recipes x seeds, every combination a training of its own."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import zoo_configs
from data_tools.configs import read_config
from data_tools.record import Record, read_record
from lartpc_zoo.errors import BadStudy, UnknownStudy
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.training.recipe import load_recipe


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
