"""What effects of a detector do to the accuracy of trained networks, event by event against the clean sample."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import zoo_configs
from data_tools.detector.combination import Effects
from data_tools.detector.disturbance import Disturbance
from data_tools.detector.loading import load_effects
from data_tools.errors import BadOption
from data_tools.files import write_json
from data_tools.location import name_of
from data_tools.particles import NO_TRUTH, TOTAL
from data_tools.record import Record, plain_with_version, read_record
from lartpc_zoo.errors import BadScores, Unlabelled
from lartpc_zoo.evaluation.classify import predictions
from lartpc_zoo.evaluation.measure import check_output
from lartpc_zoo.evaluation.opening import Data, Opened, is_dataset, opened
from lartpc_zoo.metrics.predictions import PREDICTION
from lartpc_zoo.metrics.tables import NETWORK, Table
from lartpc_zoo.models.scoring import begin_scoring
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.plots.robustness import robustness_figure
from lartpc_zoo.scoring.scorer import Scorer

RECORD = "robustness.json"
STRENGTHS = (0.25, 0.5, 1.0)
CLEAN = Disturbance(Effects(), strength=0.0, name="none")
"""That of the clean sample."""
TEST_A = "testA"


@dataclass(frozen=True, kw_only=True)
class Measurement(Record):
    """The accuracy of a network on a sample with an effect, or without.

    Attributes:
        network: its name, or of a run that of its directory.
        weights: hex SHA-256 of its weights.
        data: fingerprint of the data.
        sample: name of the sample.
        events: of the sample.
        effect: name of the effect; 'none' without.
        effects: what it is.
        strength: 0 without.
        accuracies: of every class and of all events, 0 to 1.
        difference: in the accuracy of all events to the clean sample, on the same events.
        error: of the difference, from the events.
    """

    network: str
    weights: str | None
    data: str
    sample: str
    events: int
    effect: str
    effects: Effects
    strength: float
    accuracies: dict[str, float]
    difference: float
    error: float

    @property
    def what(self) -> tuple[object, ...]:
        """What was measured."""
        return self.network, self.weights, self.data, self.sample, self.effect, self.effects, self.strength


@dataclass(frozen=True, kw_only=True)
class Measurements(Record):
    """All measurements of a directory."""

    rows: tuple[Measurement, ...] = ()


@dataclass(frozen=True)
class Robustness:
    """What `robustness` found.

    Attributes:
        rows: the measurements that were asked for, network by network, the clean sample first.
        table: the same as a table in percent.
        directory: where everything was written.
    """

    rows: tuple[Measurement, ...]
    table: Table
    directory: Path


def robustness(
    networks: Sequence[TrainedNetwork],
    data: Data,
    output: str | Path,
    effects: Sequence[str] = (),
    strengths: Sequence[float] = STRENGTHS,
    sample: str | None = None,
) -> Robustness:
    """Measure the accuracy of networks under effects of a detector; see `lartpc_zoo.robustness`."""
    wanted = _wanted(effects, strengths)
    if sample is None and is_dataset(data):
        sample = TEST_A
    directory = Path(output)
    check_output(directory)
    directory.mkdir(parents=True, exist_ok=True)
    known = {row.what: row for row in _read(directory).rows}
    asked_for: list[Measurement] = []
    for network in networks:
        found = opened(data, [network], sample if is_dataset(data) else None, truth=True)
        for row in _measured(network, found, sample or "input", wanted, known):
            if row.what not in known:
                known[row.what] = row
                write_json(directory / RECORD, plain_with_version(Measurements(rows=tuple(known.values()))))
            asked_for.append(row)
    table = robustness_table(asked_for)
    table.write(directory)
    robustness_figure(directory, table.frame, NETWORK)
    return Robustness(tuple(asked_for), table, directory)


def robustness_table(rows: Sequence[Measurement]) -> Table:
    """Accuracies in percent, and the difference to the clean sample in percentage points with its error."""
    frame = pd.DataFrame(
        [
            {
                NETWORK: row.network,
                "effect": row.effect,
                "strength": row.strength,
                **{name: 100 * accuracy for name, accuracy in row.accuracies.items()},
                "to clean [points]": 100 * row.difference,
                "to clean [points] error": 100 * row.error,
            }
            for row in rows
        ]
    )
    first = rows[0]
    caption = (
        f"Accuracy in % on {first.sample}, {first.events:,} events, data {first.data[:12]}, under effects of a "
        "detector. To clean: the difference in percentage points to the same events without the effect; its error is "
        "that of the events."
    )
    classes = [name for name in first.accuracies if name in frame]
    digits = {"strength": 2, "to clean [points]": 2, **dict.fromkeys(classes, 1)}
    return Table("robustness", caption, frame, digits)


def _wanted(effects: Sequence[str], strengths: Sequence[float]) -> list[Disturbance]:
    """Every effect in every strength. Raises BadOption."""
    if not strengths or not all(0 < strength <= 1 for strength in strengths):
        raise BadOption(f"Strengths {list(strengths)}: expected one or more above 0, 1 at most.")
    found = [(Path(name).stem, load_effects(name)) for name in effects or zoo_configs.names("effect")]
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        raise BadOption(f"Effects {', '.join(names)}: expected different names.")
    return [Disturbance(one, strength, name=name) for name, one in found for strength in sorted(set(strengths))]


def _measured(
    network: TrainedNetwork,
    data: Opened,
    sample: str,
    wanted: Sequence[Disturbance],
    known: Mapping[tuple, Measurement],
) -> Iterator[Measurement]:
    """The measurements of a network, the clean sample first; its weights are loaded where one is not known yet."""
    fingerprint = data.description.fingerprint
    name = name_of(network.name)  # a run is called by its directory
    about = (name, network.weights_sha256, fingerprint, sample)
    identities = {(*about, one.name, one.effects, one.strength): one for one in (CLEAN, *wanted)}
    if all(identity in known for identity in identities):
        yield from (known[identity] for identity in identities)
        return
    scorer, clean = Scorer([network]), None
    for identity, disturbance in identities.items():
        if identity in known and clean is not None:
            yield known[identity]
            continue
        right, labels = _scored(network, scorer.under(disturbance), data, sample, disturbance)
        clean = right if clean is None else clean
        difference = right.astype(float) - clean
        yield Measurement(
            network=name,
            weights=network.weights_sha256,
            data=fingerprint,
            sample=sample,
            events=len(right),
            effect=disturbance.name,
            effects=disturbance.effects,
            strength=disturbance.strength,
            accuracies=_accuracies(right, labels, data.description.class_names),
            difference=float(difference.mean()),
            error=float(difference.std(ddof=1) / np.sqrt(len(difference))),
        )


def _accuracies(right: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> dict[str, float]:
    """{class or 'all': fraction of its events that is called right}, without classes that have no events."""
    of_classes = {name: right[labels == label] for label, name in enumerate(classes)}
    return {name: float(mine.mean()) for name, mine in {**of_classes, TOTAL: right}.items() if len(mine)}


def _scored(
    network: TrainedNetwork, scorer: Scorer, data: Opened, sample: str, disturbance: Disturbance
) -> tuple[np.ndarray, np.ndarray]:
    """(events,) whether each is called right, and its label; put on record where the network keeps one."""
    effect = None if disturbance == CLEAN else f"{disturbance.name}:{disturbance.strength:g}"
    scoring = begin_scoring(data.description.fingerprint, sample, data.entries, scorer.executions[0], effect=effect)
    network.log_scoring(scoring)
    table = predictions(data, scorer, effect or sample)
    labels = table["label"].to_numpy()
    if (labels == NO_TRUTH).any():
        raise Unlabelled(f"{sample}: events without truth, with which no accuracy can be measured.")
    right = table[PREDICTION].to_numpy() == labels
    network.log_scoring(scoring.ended(float(right.mean())))
    return right, labels


def _read(directory: Path) -> Measurements:
    path = directory / RECORD
    if not path.is_file():
        return Measurements()
    advice = "Choose another output."
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadScores(f"{path}: no JSON ({error}). {advice}") from error
    return read_record(Measurements, content, path, BadScores, advice)
