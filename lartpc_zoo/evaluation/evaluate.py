"""Score a sample with a trained network, and write what follows from it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_tools.detector.disturbance import Disturbance
from data_tools.detector.loading import parse_disturbance
from data_tools.errors import BadOption
from data_tools.particles import NO_TRUTH
from lartpc_zoo.errors import RunDiffers
from lartpc_zoo.evaluation.classify import predictions
from lartpc_zoo.evaluation.measure import TEST_B, check_output, measure
from lartpc_zoo.evaluation.opening import Data, is_dataset, opened
from lartpc_zoo.metrics.formats import CSV, FORMATS
from lartpc_zoo.metrics.predictions import PREDICTION, write_predictions
from lartpc_zoo.metrics.table_files import check_format
from lartpc_zoo.metrics.tables import print_table1, table1
from lartpc_zoo.models.scoring import begin_scoring
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.scoring.scorer import Scorer

WHOLE_FILE = "input"
"""What all events of LArCV files are called, where they are not named."""


@dataclass(frozen=True)
class EvaluationResult:
    """What `evaluate` found.

    Attributes:
        table1: Table 1 in percent, with columns Network, then CLASS and 'CLASS error' for each class and 'all'; None of
            a sample without truth.
        caption: what stands with Table 1, empty without it.
        predictions: a row per event: truth, `prediction` and one score per class.
        classes: names of the classes, in the order of labels.
        directory: where everything was written.
    """

    table1: pd.DataFrame | None
    caption: str
    predictions: pd.DataFrame
    classes: tuple[str, ...]
    directory: Path

    def table1_markdown(self) -> str:
        """Table 1 as Markdown with its caption. Raises ValueError where there is none."""
        if self.table1 is None:
            raise ValueError(f"{self.directory}: the sample has no truth, so there is no Table 1.")
        return print_table1(self.table1, self.caption).markdown()

    def counts(self) -> dict[str, int]:
        """How many events were called what."""
        counts = np.bincount(self.predictions[PREDICTION], minlength=len(self.classes))
        return dict(zip(self.classes, counts.tolist()))


def evaluate(
    network: TrainedNetwork,
    data: Data,
    sample: str | None = None,
    output: str | Path | None = None,
    format: str = CSV,
    fit: bool = False,
    effect: str | None = None,
) -> EvaluationResult:
    """Score a sample with a trained network; see `lartpc_zoo.evaluate`."""
    if format not in FORMATS:
        raise BadOption(f"Format {format!r} of predictions: expected one of {', '.join(FORMATS)}.")
    check_format(format)
    disturbance = parse_disturbance(effect)
    if sample is None:
        sample = TEST_B if is_dataset(data) else WHOLE_FILE
    found = opened(data, [network], sample if is_dataset(data) else None, fit, truth=True)
    directory = Path(
        output or network.evaluations / f"{sample}-{found.description.fingerprint[:12]}{_suffix(disturbance)}"
    )
    _begin_output(directory, sample)
    scorer = Scorer([network], disturbance)
    scoring = begin_scoring(found.description.fingerprint, sample, found.entries, scorer.executions[0], effect=effect)
    network.log_scoring(scoring)
    table = predictions(found, scorer, sample)
    write_predictions(directory / f"predictions_{sample}.{format}", table, format)
    measured = None
    if (table["label"] != NO_TRUTH).all():
        measured = measure(directory, table, found.description, sample, network.network)
    network.log_scoring(scoring.ended(measured.accuracy if measured else None))
    frame = table1({network.network: measured.accuracies}) if measured else None
    return EvaluationResult(frame, measured.table1_caption if measured else "", table, scorer.classes, directory)


def _suffix(disturbance: Disturbance | None) -> str:
    """What a scoring with effects of a detector adds to the name of its directory."""
    return f"-{disturbance.name}-{disturbance.strength:g}" if disturbance else ""


def _begin_output(output: Path, sample: str) -> None:
    """Make the directory of a scoring. Raises RunDiffers where it is a run, a data set, or of another sample."""
    check_output(output)
    names = [path.name for path in output.glob("predictions_*")]
    if others := [name for name in names if name.split(".")[0] != f"predictions_{sample}"]:
        raise RunDiffers(f"{output} holds {others[0]}, of another sample than {sample}. Choose another output.")
    output.mkdir(parents=True, exist_ok=True)
