"""Data of the zoo, not code: networks.yaml, recipes and studies. Read with `load`."""

from importlib.resources import files

import yaml

_DIRECTORIES = {"recipe": "recipes", "study": "studies"}


def load(name):
    """The content of a YAML file of this package, as in load('networks.yaml')."""
    return yaml.safe_load(files(__name__).joinpath(name).read_text(encoding="utf-8"))


def names(kind):
    """Names of all configurations of a kind, 'recipe' or 'study'."""
    directory = files(__name__).joinpath(_DIRECTORIES[kind])
    return sorted(path.name.removesuffix(".yaml") for path in directory.iterdir())


def file_of(kind, name):
    """The file of a configuration, for `load`."""
    return f"{_DIRECTORIES[kind]}/{name}.yaml"
