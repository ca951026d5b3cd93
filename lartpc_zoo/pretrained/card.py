"""Cards: what goes with published weights, as a checked YAML file NAME.card.yaml."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

import zoo_configs
from data_tools.description import DataDescription
from data_tools.files import write_text
from data_tools.particles import TOTAL
from data_tools.record import Record, plain, read_record
from lartpc_zoo.backend.environment import Environment
from lartpc_zoo.errors import BadCard
from lartpc_zoo.metrics.efficiency import Efficiency
from lartpc_zoo.models.costs import Costs
from lartpc_zoo.models.executions import IMAGES
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.spec import NetworkSpec, parse_network
from lartpc_zoo.training.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd

SUFFIX = ".card.yaml"
WEIGHTS_SUFFIX = ".weights.h5"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ChosenEvaluation(Record):
    """The evaluation whose weights are published: its iteration, and testA's loss and accuracy (0 to 1)."""

    iteration: int
    testA_loss: float
    testA_accuracy: float


@dataclass(frozen=True, kw_only=True)
class Training(Record):
    """How the protocol ended: its status, after how much, which evaluation it chose, and how the network was run."""

    status: str
    iterations: int
    epochs: float
    evaluations: int = 0
    chosen: ChosenEvaluation
    execution: str = IMAGES


@dataclass(frozen=True, kw_only=True)
class MadeWith(Environment):
    """What the last start of a training ran on; `before`: the same of those before it that were unlike."""

    before: tuple[Environment, ...] = ()


@dataclass(frozen=True)
class Performance(Record):
    """testB: accuracies of every class and of all events, and the confusion matrix (rows: true class)."""

    accuracies: dict[str, Efficiency]
    confusion_matrix: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Demo(Record):
    """Scores of some events (run, subrun, event) of the bundled sample, which the weights must give again."""

    events: tuple[tuple[int, int, int], ...]
    scores: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if len(self.events) != len(self.scores):
            raise ValueError(f"{len(self.events)} events with {len(self.scores)} rows of scores.")


@dataclass(frozen=True)
class Weights(Record):
    """The file of the weights: its size and hex SHA-256."""

    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"sha256 {self.sha256!r}: expected 64 digits from 0 to f.")


@dataclass(frozen=True, kw_only=True)
class Card(Record):
    """All one must know of a published network before one trusts it.

    Attributes:
        name: of the card and its weights.
        network: name of the network.
        parameters: trainable ones.
        costs: for one image; cards of early versions do not have them.
        seed: of the training.
        data: what it was trained on and takes.
        recipe: of the training.
        training: how it ended.
        made_with: what it was trained on.
        testB: how well it does.
        demo: scores of some events.
        licence: of the weights.
        limits: of what they were trained on, to be said wherever results are shown.
        weights: None where none are published.
    """

    name: str
    network: str
    parameters: int
    costs: Costs | None = None
    seed: int
    data: DataDescription
    recipe: Recipe
    training: Training
    made_with: MadeWith
    testB: Performance
    demo: Demo = field(default_factory=lambda: Demo((), ()))
    licence: str
    limits: str
    weights: Weights | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        try:
            parse_network(self.network)
        except KeyError as error:
            raise ValueError(f"network: {error}") from error
        classes = len(self.classes)
        if [len(row) for row in self.testB.confusion_matrix] != [classes] * classes:
            raise ValueError(f"confusion_matrix: expected {classes} x {classes}, as there are classes.")

    @property
    def spec(self) -> NetworkSpec:
        """The network as data."""
        return parse_network(self.network)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the scores."""
        return self.data.class_names

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(rows, cols, planes) of the images."""
        return self.data.image_shape

    @property
    def inputs(self) -> InputSpec:
        """What happens to ADC inside the model."""
        return self.recipe.inputs

    @property
    def accuracy(self) -> float:
        """Fraction of all testB events that were called right."""
        return self.testB.accuracies[TOTAL].accuracy

    @property
    def table1(self) -> "pd.DataFrame":
        """testB as a row of Table 1, in percent."""
        from lartpc_zoo.metrics.tables import table1  # pandas takes a second to import, and a card is read without it

        return table1({self.name: self.testB.accuracies})

    @property
    def file_name(self) -> str:
        """NAME.card.yaml"""
        return f"{self.name}{SUFFIX}"

    def write(self, directory: str | Path) -> Path:
        """Write NAME.card.yaml to a directory; returns its path."""
        path = Path(directory) / self.file_name
        write_text(path, yaml.safe_dump(plain(self), sort_keys=False, default_flow_style=None, width=110))
        return path


def read_card(text: str, where: object) -> Card:
    """The Card in a YAML text; `where` says in messages what was read. Raises BadCard."""
    try:
        content = zoo_configs.parse_yaml(text)
    except yaml.YAMLError as error:
        raise BadCard(f"{where}: not YAML ({error}).") from error
    return read_record(Card, content, where, BadCard)


def check_name(name: str) -> str:
    """The name, if a card can have it. Raises BadCard."""
    if not _NAME.fullmatch(name):
        raise BadCard(f"Card {name!r}: expected letters, digits, '.', '_' and '-', since it names files.")
    return name
