"""Configuration files of the user's or of the package: by a name in zoo_configs, or by the path of a YAML file."""

from pathlib import Path
from typing import Any

import yaml

import zoo_configs
from data_tools.errors import UserError, did_you_mean


def read_config(
    kind: str, name: str | Path, unknown: type[UserError], bad: type[UserError]
) -> tuple[Any, str, Path | None]:
    """What a configuration says.

    Args:
        kind: 'recipe', 'study' or 'effect'.
        name: of the package's, or the path of a file.
        unknown: error to raise where there is none.
        bad: error to raise where it is not YAML.

    Returns:
        Its content, what was read (for messages), and the path of its file (None of the package's).
    """
    names = zoo_configs.names(kind)
    if str(name) in names:
        return zoo_configs.load(zoo_configs.file_of(kind, str(name))), f"{kind} {name}", None
    path = Path(name)
    if not path.is_file():
        near = did_you_mean(str(name), names)
        raise unknown(f"No {kind} {str(name)!r}: there are {', '.join(names)}, or give a file.{near}")
    try:
        return zoo_configs.parse_yaml(path.read_text(encoding="utf-8")), str(path), path
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise bad(f"{path}: not YAML ({error}).") from error
