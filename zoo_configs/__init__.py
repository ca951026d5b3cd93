"""Data of the zoo, not code: networks.yaml, recipes and studies. Read with `load`."""

from importlib.resources import files

import yaml


def load(name):
    """The content of a YAML file of this package, as in load('networks.yaml')."""
    return yaml.safe_load(files(__name__).joinpath(name).read_text(encoding="utf-8"))


def recipe_names():
    """Names of the recipes in recipes/."""
    return _names("recipes")


def study_names():
    """Names of the studies in studies/."""
    return _names("studies")


def _names(directory):
    return sorted(path.name.removesuffix(".yaml") for path in files(__name__).joinpath(directory).iterdir())
