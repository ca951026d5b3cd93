"""Recipes: everything about a training that is not the network, the data or the seed, as a checked YAML file."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from data_tools.configs import read_config
from data_tools.detector.combination import Effects
from data_tools.record import Record, read_record
from lartpc_zoo.backend.dtypes import DTYPES
from lartpc_zoo.errors import BadRecipe, UnknownRecipe
from lartpc_zoo.models.executions import AUTO, EXECUTIONS
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.training.protocol import ProtocolSettings


@dataclass(frozen=True)
class LearningRate(Record):
    """rate = base * (1 + gamma * iteration) ** -power: falls with the iteration, has no preset end (Caffe's 'inv')."""

    base: float
    gamma: float = 0.0
    power: float = 0.0

    def __post_init__(self) -> None:
        if self.base <= 0 or self.gamma < 0:
            raise ValueError("expected base > 0 and gamma >= 0.")


@dataclass(frozen=True)
class Optimizer(Record):
    """A Keras optimizer by its class name, with its arguments but for the learning rate."""

    class_name: str
    config: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if "learning_rate" in self.config:
            raise ValueError("learning_rate has a field of its own in a recipe.")
        if self.config.get("ema_overwrite_frequency"):
            raise ValueError("ema_overwrite_frequency: averages are evaluated and saved, and never trained on.")


@dataclass(frozen=True)
class Convert(Record):
    """How raw LArCV files are converted for this recipe: arguments of data_tools.convert."""

    samples: tuple[str, ...]
    down_sample: int = 1
    threshold: float | None = None


@dataclass(frozen=True)
class MadeFor(Record):
    """The data that a recipe is made for; on other data a training warns.

    Attributes:
        sides: fewest and most rows or columns of an image.
        planes: that the network sees, None: any number.
        train_events: fewest events to train on.
    """

    sides: tuple[int, int]
    planes: int | None = None
    train_events: int = 1


@dataclass(frozen=True, kw_only=True)
class Recipe(Record):
    """One recipe. Two are the same when all that a training depends on is equal, whatever they are called.

    Attributes:
        name: of its file.
        batch_size: events per iteration, over all devices.
        optimizer: a Keras optimizer.
        learning_rate: how it falls.
        protocol: the numbers of the procedure.
        inputs: what happens to ADC inside the model.
        mirror: mirror rows and columns at random in training.
        exchange_planes: turn events by multiples of 60 degrees at random in training (see
            data_tools.tfrecords.symmetries).
        effects: of a detector, with which events are seen in training, drawn anew for every event.
        l2: penalty l2 * sum w^2 on kernels.
        statistics_events: train events over which normalisation is re-estimated before every evaluation.
        dtype: Keras dtype policy, or 'auto' for what the machine is fast at.
        execution: how the network is run, 'images', 'sites' or 'auto' (see lartpc_zoo.models.execution); the result
            does not depend on it, but for rounding.
        made_for: the data it is made for.
        convert: how LArCV files are converted for it.
    """

    name: str = field(default="", compare=False)
    batch_size: int
    optimizer: Optimizer
    learning_rate: LearningRate
    protocol: ProtocolSettings
    inputs: InputSpec = field(default_factory=InputSpec)
    mirror: bool = True
    exchange_planes: bool = False
    effects: Effects = field(default_factory=Effects)
    l2: float = 0.0
    statistics_events: int = 1200
    dtype: str = "float32"
    execution: str = field(default=AUTO, compare=False)
    made_for: MadeFor | None = field(default=None, compare=False)
    convert: Convert | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.statistics_events < self.batch_size or self.l2 < 0:
            raise ValueError("expected batch_size >= 1, statistics_events >= batch_size and l2 >= 0.")
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype {self.dtype!r}: expected one of {', '.join(DTYPES)}.")
        if self.execution not in EXECUTIONS:
            raise ValueError(f"execution {self.execution!r}: expected one of {', '.join(EXECUTIONS)}.")

    def for_run(self) -> "Recipe":
        """The recipe as the configuration of a run holds it: the data set is what it is, however it was made, and the
        configuration says itself how the network is run."""
        return replace(self, made_for=None, convert=None, execution=AUTO)


def load_recipe(name: str | Path) -> Recipe:
    """The Recipe of a name in zoo_configs/recipes, or of the path of a YAML file.

    Raises:
        UnknownRecipe: there is no such recipe.
        BadRecipe: the file is not a recipe.
    """
    content, where, _ = read_config("recipe", name, UnknownRecipe, BadRecipe)
    return recipe_from_dict(Path(name).stem, content, where)


def recipe_from_dict(name: str, content: object, where: str) -> Recipe:
    """The Recipe of {field: value}.

    Args:
        name: of the recipe.
        content: of its file.
        where: what was read, for messages.

    Raises:
        BadRecipe: the content is not that of a recipe.
    """
    if isinstance(content, dict) and "name" in content:
        raise BadRecipe(f"{where}: unknown field 'name'; the name of a recipe is that of its file.")
    return replace(read_record(Recipe, content, where, BadRecipe), name=name)
