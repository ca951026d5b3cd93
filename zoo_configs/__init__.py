"""Data of the zoo, not code: networks.yaml, recipes, studies, and in pretrained/ cards and weights."""

from importlib.resources import files
from pathlib import Path

import yaml

_DIRECTORIES = {"recipe": "recipes", "study": "studies"}


def load(name):
    """The content of a YAML file of this package, as in load('networks.yaml')."""
    return yaml.safe_load(files(__name__).joinpath(name).read_text(encoding="utf-8"))


def directory(name):
    """Path of a directory of this package, as in directory('pretrained')."""
    return Path(str(files(__name__).joinpath(name)))


def names(kind):
    """Names of all configurations of a kind, 'recipe' or 'study'."""
    directory = files(__name__).joinpath(_DIRECTORIES[kind])
    return sorted(path.name.removesuffix(".yaml") for path in directory.iterdir())


def file_of(kind, name):
    """The file of a configuration, for `load`."""
    return f"{_DIRECTORIES[kind]}/{name}.yaml"
