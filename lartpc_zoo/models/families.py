"""The families of networks and the study's list, from zoo_configs/networks.yaml."""

from dataclasses import dataclass
from functools import cache

import zoo_configs


@dataclass(frozen=True)
class Depth:
    """One depth of a family: `blocks` of each stage, and the published `parameters` at 1 plane and 5 classes."""

    blocks: tuple[int, ...]
    parameters: float


@dataclass(frozen=True)
class Family:
    """A family of networks; every field stands in networks.yaml."""

    name: str
    about: str
    block: str
    widths: tuple[int, ...]
    expansion: int
    width_scales: tuple[str, ...]
    dropout: float
    axes: tuple[str, ...]
    depths: dict[str, Depth]
    found: tuple[str, ...]
    inferred: tuple[str, ...]


@cache
def families():
    """{family name: Family}."""
    return {name: _family(name, fields) for name, fields in zoo_configs.load("networks.yaml")["families"].items()}


@cache
def study():
    """The study's list: {network name: whether it stands in the paper's Table 1}."""
    return {entry["name"]: entry.get("table1", False) for entry in zoo_configs.load("networks.yaml")["study"]}


def _family(name, fields):
    depths = {
        depth: Depth(tuple(values["blocks"]), values["parameters"]) for depth, values in fields.pop("depths").items()
    }
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    return Family(name=name, depths=depths, **fields)
