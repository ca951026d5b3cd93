"""Configuration files of the user's or of the package: by a name in zoo_configs, or by the path of a YAML file."""

from pathlib import Path

import yaml

import zoo_configs
from lartpc_zoo.errors import did_you_mean


def read_config(kind, name, unknown, bad):
    """(content, what was read for errors, Path of its file or None) of a 'recipe' or 'study'.

    unknown, bad: the errors to raise where there is none, and where it is not YAML.
    """
    names = zoo_configs.names(kind)
    if str(name) in names:
        return zoo_configs.load(zoo_configs.file_of(kind, name)), f"{kind} {name}", None
    path = Path(name)
    if not path.is_file():
        near = did_you_mean(name, names)
        raise unknown(f"No {kind} {str(name)!r}: there are {', '.join(names)}, or give a file.{near}")
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")), str(path), path
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise bad(f"{path}: not YAML ({error}).") from error
