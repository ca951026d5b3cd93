"""What the files of a run hold: config.yaml, environment.json and results.json."""

from dataclasses import dataclass

from data_tools.description import DataDescription
from data_tools.record import Record
from lartpc_zoo.backend.environment import Start
from lartpc_zoo.metrics.efficiency import Efficiency
from lartpc_zoo.models.costs import Costs
from lartpc_zoo.models.executions import IMAGES
from lartpc_zoo.models.scoring import Scoring
from lartpc_zoo.training.protocol import Summary
from lartpc_zoo.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class RunConfig(Record):
    """All that the result of a training depends on.

    Attributes:
        network: name of the network.
        seed: of initial weights, order and augmentation.
        deterministic: whether operations are bit-for-bit reproducible.
        batches: 'tf.data' or 'hits'; in training these are not the same batches.
        execution: how the network is run, 'images' or 'sites'; the result depends on it by rounding only.
        data: the data set.
        recipe: with the dtype policy that 'auto' was.
    """

    network: str
    seed: int
    deterministic: bool = False
    batches: str = "tf.data"
    execution: str = IMAGES
    data: DataDescription
    recipe: Recipe


@dataclass(frozen=True)
class Starts(Record):
    """Every start of a training, one at least, the first one first."""

    starts: tuple[Start, ...]

    def __post_init__(self) -> None:
        if not self.starts:
            raise ValueError("no start is on record.")


@dataclass(frozen=True)
class Chosen(Record):
    """The weights that the protocol chose: of which evaluation, and the path and hex SHA-256 of their file."""

    iteration: int
    testA_loss: float
    testA_accuracy: float
    weights: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Results(Summary):
    """What a finished training found.

    Attributes:
        parameters: trainable ones.
        costs: of a submanifold network for one image, which depend on the data; None of others.
        chosen: the weights.
        class_names: in the order of labels.
        table1_caption: what stands with Table 1.
        accuracies: on testB, of every class and of all events.
        confusion_matrix: of testB, events by true class (rows) and predicted class (columns).
        predictions_sha256: hex SHA-256 of the file of testB's predictions.
        scorings: of early versions, which kept them here and not in scorings.jsonl.
    """

    parameters: int = 0
    costs: Costs | None = None
    chosen: Chosen
    class_names: tuple[str, ...]
    table1_caption: str
    accuracies: dict[str, Efficiency]
    confusion_matrix: tuple[tuple[int, ...], ...]
    predictions_sha256: str
    scorings: tuple[Scoring, ...] = ()
