"""Recipes: everything about a training that is not the network, the data or the seed, as a checked YAML file."""

import math
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path

from lartpc_zoo.configs import read_config
from lartpc_zoo.errors import BadRecipe, UnknownRecipe, did_you_mean
from lartpc_zoo.models.inputs import InputSpec
from lartpc_zoo.models.precision import DTYPES
from lartpc_zoo.training.protocol import ProtocolSettings

_NUMBER_OR_NONE = float | None
_NUMBERS = (float, _NUMBER_OR_NONE)
_TEXTS = tuple[str, ...]
# Types of fields that are checked here; parts of a recipe, built before, and InputSpec check their own.
_CHECKED = {
    int: "a whole number",
    bool: "true or false",
    str: "a text",
    dict: "a mapping",
    float: "a number",
    _NUMBER_OR_NONE: "a number or nothing",
    _TEXTS: "a list of texts",
}


@dataclass(frozen=True)
class LearningRate:
    """rate = base * (1 + gamma * iteration) ** -power: falls with the iteration, has no preset end (Caffe's 'inv')."""

    base: float
    gamma: float = 0.0
    power: float = 0.0

    def __post_init__(self):
        if self.base <= 0 or self.gamma < 0:
            raise ValueError("expected base > 0 and gamma >= 0.")


@dataclass(frozen=True)
class Optimizer:
    """A Keras optimizer by its class name, with its arguments but for the learning rate."""

    class_name: str
    config: dict = field(default_factory=dict)

    def __post_init__(self):
        if "learning_rate" in self.config:
            raise ValueError("learning_rate has a field of its own in a recipe.")
        if self.config.get("ema_overwrite_frequency"):
            raise ValueError("ema_overwrite_frequency: averages are evaluated and saved, and never trained on.")


@dataclass(frozen=True)
class Convert:
    """How raw LArCV files are converted for this recipe: arguments of data_tools.convert."""

    samples: tuple[str, ...]
    down_sample: int = 1
    threshold: float | None = None


@dataclass(frozen=True)
class Recipe:
    """One recipe.

    batch_size: events per iteration, over all devices. mirror: mirror rows and columns at random in training.
    exchange_planes: turn events by multiples of 60 degrees at random in training (data_tools.symmetries).
    l2: penalty l2 * sum w^2 on kernels. statistics_events: train events over which normalisation is re-estimated before
    every evaluation. dtype: Keras dtype policy, or 'auto' for what the machine is fast at. The rest: see the classes
    above, InputSpec and ProtocolSettings.
    """

    name: str
    batch_size: int
    optimizer: Optimizer
    learning_rate: LearningRate
    protocol: ProtocolSettings
    convert: Convert
    inputs: InputSpec = field(default_factory=InputSpec)
    mirror: bool = True
    exchange_planes: bool = False
    l2: float = 0.0
    statistics_events: int = 1200
    dtype: str = "float32"

    def __post_init__(self):
        if self.batch_size < 1 or self.statistics_events < self.batch_size or self.l2 < 0:
            raise ValueError("expected batch_size >= 1, statistics_events >= batch_size and l2 >= 0.")
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype {self.dtype!r}: expected one of {', '.join(DTYPES)}.")

    def as_dict(self):
        """Plain types, as config.yaml holds them."""
        return {**_plain(asdict(self)), "inputs": self.inputs.as_dict()}


def load_recipe(name):
    """The Recipe of a name in zoo_configs/recipes, or of the path of a YAML file. Raises UnknownRecipe or BadRecipe."""
    content, where, _ = read_config("recipe", name, UnknownRecipe, BadRecipe)
    return recipe_from_dict(Path(name).stem, content, where)


def recipe_from_dict(name, content, where):
    """The Recipe of {field: value}; `where` says in errors what was read. Raises BadRecipe."""
    parts = {
        "optimizer": Optimizer,
        "learning_rate": LearningRate,
        "protocol": ProtocolSettings,
        "convert": Convert,
        "inputs": InputSpec,
    }
    if not isinstance(content, dict):
        raise BadRecipe(f"{where}: expected a mapping of fields, got {type(content).__name__}.")
    if "name" in content:
        raise BadRecipe(f"{where}: unknown field 'name'; the name of a recipe is that of its file.")
    values = {
        key: _build(parts[key], value, f"{where}: {key}") if key in parts else value for key, value in content.items()
    }
    return _build(Recipe, {"name": name, **values}, where)


def _build(cls, values, where):
    """An instance of a dataclass from a mapping; every fault is a BadRecipe that says where."""
    if not isinstance(values, dict):
        raise BadRecipe(f"{where}: expected a mapping, got {values!r}.")
    known = {field.name: field.type for field in fields(cls)}
    for key, value in values.items():
        if key not in known:
            raise BadRecipe(f"{where}: unknown field {key!r}; fields: {', '.join(known)}.{did_you_mean(key, known)}")
        values = {**values, key: _checked(value, known[key], f"{where}: {key}")}
    required = [f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING]
    if missing := [name for name in required if name not in values]:
        raise BadRecipe(f"{where}: missing {', '.join(missing)}; fields: {', '.join(known)}.")
    try:
        return cls(**values)
    except (TypeError, ValueError) as error:
        raise BadRecipe(f"{where}: {error}") from error


def _checked(value, expected, where):
    """The value as the type of its field; a wrong one would fail much later, or not at all."""
    if type(value) in (int, float) and expected in _NUMBERS and math.isfinite(value):
        return float(value)
    if isinstance(value, list | tuple) and expected == _TEXTS and all(isinstance(item, str) for item in value):
        return tuple(value)
    if expected not in _CHECKED or (value is None and expected == _NUMBER_OR_NONE):
        return value
    if type(value) is expected and expected not in _NUMBERS:
        return value
    hint = " YAML needs a point in 1.0e-4." if isinstance(value, str) and expected in _NUMBERS else ""
    raise BadRecipe(f"{where}: expected {_CHECKED[expected]}, got {value!r}.{hint}")


def _plain(value):
    """Tuples to lists, all the way down."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
