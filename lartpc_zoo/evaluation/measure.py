"""From a model and a sample to predictions, and from predictions to Table 1 and the confusion matrix."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_tools.description import DataDescription
from data_tools.event import plane_name
from data_tools.location import name_of
from data_tools.particles import TOTAL
from data_tools.progress import bar
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.errors import RunDiffers
from lartpc_zoo.metrics import accuracies, scores, tables
from lartpc_zoo.metrics.efficiency import Efficiency
from lartpc_zoo.metrics.predictions import FILE, prediction_table
from lartpc_zoo.models.execution import Executed
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.plots.training import confusion_figure

TEST_B = "testB"
"""The sample that is reported once."""


@dataclass(frozen=True)
class Measured:
    """What follows from the predictions of a sample with truth.

    Attributes:
        table1_caption: what stands with Table 1.
        accuracies: of every class and of all events.
        confusion_matrix: events by true class (rows) and predicted class (columns).
    """

    table1_caption: str
    accuracies: dict[str, Efficiency]
    confusion_matrix: tuple[tuple[int, ...], ...]

    @property
    def accuracy(self) -> float:
        """Fraction of all events that were called right."""
        return self.accuracies[TOTAL].accuracy


def predict(network: Executed, data: Dataset, sample: str, batch_size: int) -> pd.DataFrame:
    """Score a sample once.

    Args:
        network: as it is run.
        data: the data set.
        sample: its name.
        batch_size: events at a time, at least.

    Returns:
        The table of predictions of lartpc_zoo.metrics.predictions, with the name of every event's file, ordered by
        source and entry.
    """
    events = data.events(sample)
    with bar(f"Scoring {sample}", len(events)) as advance:
        batches = network.batches(data)(sample, network.scoring_size(batch_size), pad=True)
        logits = scores.logits_of(network.model, batches, len(events), advance)
    table = prediction_table(events, logits, data.classes)
    names = [name_of(source.path) for source in data.manifest.sources]
    table.insert(0, FILE, table["source"].map(dict(enumerate(names))))
    return table.sort_values(["source", "entry"], ignore_index=True)


def measure(output: Path, predictions: pd.DataFrame, data: DataDescription, sample: str, network: str) -> Measured:
    """Write Table 1 and the confusion matrix of predictions with truth to a directory.

    Args:
        output: the directory.
        predictions: of the sample, as `predict` gives them.
        data: what it is a sample of.
        sample: its name.
        network: name of the network.
    """
    matrix = accuracies.confusion_matrix(predictions["label"], predictions["prediction"], len(data.class_names))
    of_classes = accuracies.class_accuracies(matrix, data.class_names)
    planes = [plane_name(plane) for plane in data.planes]
    seen = parse_network(network).planes
    caption = tables.table1_caption(
        sample,
        len(predictions),
        [planes[seen]] if isinstance(seen, int) else planes,
        {data.fingerprint: data.image_shape},
    )
    tables.print_table1(tables.table1({network: of_classes}), caption).write(output)
    (output / "figures").mkdir(exist_ok=True)
    confusion_figure(output / "figures", matrix, data.class_names, title=f"{network}, {sample}")
    return Measured(caption, of_classes, _rows(matrix))


def check_output(directory: Path) -> None:
    """Raise RunDiffers where other results would be written over those of a run or over a data set."""
    if (directory / "config.yaml").exists() or (directory / "manifest.json").exists():
        raise RunDiffers(f"{directory} is a run or a data set, whose files would be lost. Choose another output.")


def _rows(matrix: np.ndarray) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in matrix.tolist())
