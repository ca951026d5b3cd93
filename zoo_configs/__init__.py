"""Data of the zoo, not code: networks.yaml, recipes, studies, and in pretrained/ cards and weights."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

_DIRECTORIES = {"recipe": "recipes", "study": "studies", "effect": "effects"}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, ten times faster, where libyaml is there


def parse_yaml(text: str) -> Any:
    """The content of a YAML text, of plain types only. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_LOADER)


def load(name: str) -> Any:
    """The content of a YAML file of this package, as in load('networks.yaml')."""
    return parse_yaml(files(__name__).joinpath(name).read_text(encoding="utf-8"))


def directory(name: str) -> Path:
    """Path of a directory of this package, as in directory('pretrained')."""
    return Path(str(files(__name__).joinpath(name)))


def names(kind: str) -> list[str]:
    """Names of all configurations of a kind, 'recipe', 'study' or 'effect'."""
    return sorted(path.name.removesuffix(".yaml") for path in files(__name__).joinpath(_DIRECTORIES[kind]).iterdir())


def file_of(kind: str, name: str) -> str:
    """The file of a configuration, for `load`."""
    return f"{_DIRECTORIES[kind]}/{name}.yaml"
