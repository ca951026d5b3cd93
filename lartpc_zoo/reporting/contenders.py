"""What is compared: networks, each with its finished runs, all scored on the same testB events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from data_tools.description import DataDescription
from data_tools.particles import TOTAL
from lartpc_zoo.errors import BadProfile, CorruptRun, DataDiffers, NotARun
from lartpc_zoo.metrics import accuracies as metrics
from lartpc_zoo.metrics.efficiency import Accuracy
from lartpc_zoo.metrics.predictions import averaged
from lartpc_zoo.models.catalogue import network_info
from lartpc_zoo.models.spec import NetworkSpec, parse_network
from lartpc_zoo.profiling.record import Profile
from lartpc_zoo.reporting.costs import COSTS
from lartpc_zoo.training.recipe import Recipe
from lartpc_zoo.training.run import Run, open_run
from lartpc_zoo.training.run_directory import EVENT

_LEAST_ERRORS = 2
"""A measured cost is used when it is more than so many of its errors above 0."""


@dataclass(frozen=True)
class Contender:
    """One network under one recipe, on images of one kind.

    Attributes:
        name: as it is printed.
        spec: the network as data.
        runs: its trainings, the lowest seed first.
        predictions: of the runs, in one order of events.
        costs: {name in COSTS: number}, of those that are known.
    """

    name: str
    spec: NetworkSpec
    runs: tuple[Run, ...]
    predictions: tuple[pd.DataFrame, ...]
    costs: dict[str, float]

    @property
    def first_run(self) -> str:
        """What the training with the lowest seed is called, which is shown where there is room for one only."""
        return self.name if len(self.runs) == 1 else f"{self.name} (seed {self.runs[0].config.seed})"

    @cached_property
    def correct(self) -> np.ndarray:
        """(events,) fraction of the runs that got the event right."""
        return np.mean([frame["prediction"] == frame["label"] for frame in self.predictions], axis=0)

    @property
    def accuracies(self) -> list[float]:
        """Accuracy of every run, 0 to 1."""
        return [run.results.accuracies[TOTAL].accuracy for run in self.runs]

    @property
    def accuracy(self) -> float:
        """Mean accuracy of the runs, 0 to 1."""
        return float(np.mean(self.accuracies))

    @property
    def averaged_accuracy(self) -> float:
        """Accuracy of the mean of the scores of all runs, 0 to 1."""
        table = averaged(self.predictions, self.trained_on.class_names)
        return float((table["prediction"] == table["label"]).mean())

    @property
    def trained_on(self) -> DataDescription:
        """The data set of the trainings."""
        return self.runs[0].trained_on

    def same_recipe(self, other: "Contender") -> bool:
        """Whether both were trained under equal recipes, whatever these were called."""
        return self.runs[0].config.recipe == other.runs[0].config.recipe

    def same_data(self, other: "Contender") -> bool:
        """Whether both saw the same images, and not only the same events."""
        return self.trained_on.fingerprint == other.trained_on.fingerprint

    def mean_accuracies(self) -> Mapping[str, Accuracy]:
        """{class or 'all': the mean over the runs, with the binomial error of the events}."""
        per_run = [run.results.accuracies for run in self.runs]
        if len(per_run) == 1:
            return per_run[0]
        means: dict[str, Accuracy] = {}
        for name, first in per_run[0].items():
            accuracy = float(np.mean([accuracies[name].accuracy for accuracies in per_run]))
            means[name] = Accuracy(
                events=first.events, accuracy=accuracy, error=metrics.binomial_error(accuracy, first.events)
            )
        return means


def gather(runs: Sequence[Run | str | Path], profile: Profile | None = None) -> list[Contender]:
    """The Contenders of finished runs, in the order given; runs of one network, recipe and data set are one.

    Args:
        runs: Runs or their directories.
        profile: of measured costs, None without.

    Raises:
        NotARun: a run is not there or has not ended, a training is given twice, or none is given.
        CorruptRun: a run is damaged.
        BadProfile: the profile is of other images.
        DataDiffers: the runs are not of the same events.
    """
    opened = [run if isinstance(run, Run) else open_run(run) for run in runs]
    if not opened:
        raise NotARun("No run was given: name the directories of one or more finished runs.")
    _check_data(opened)
    for run in opened:
        _check_profile(run, profile)
    groups = _grouped(opened)
    _check_seeds(groups)
    ordered = {run.directory: _ordered(run) for run in opened}
    _check_same_events(opened, ordered)
    contenders = []
    for name, mine in zip(_names(groups), groups):
        mine.sort(key=lambda run: run.config.seed)
        frames = tuple(ordered[run.directory] for run in mine)
        spec = parse_network(mine[0].network)
        contenders.append(Contender(name, spec, tuple(mine), frames, _costs(mine[0], profile)))
    return contenders


def _grouped(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs by network, recipe and data set, in the order given; equal records are the same recipe."""

    def kind(run: Run) -> tuple[str, Recipe, str]:
        return run.network, run.config.recipe, run.trained_on.fingerprint

    groups: list[list[Run]] = []
    for run in runs:
        for group in groups:
            if kind(group[0]) == kind(run):
                group.append(run)
                break
        else:
            groups.append([run])
    return groups


def _check_data(runs: Sequence[Run]) -> None:
    """Raise DataDiffers unless all runs are of one data set, or of images of several kinds made from the same files."""
    first = runs[0].trained_on
    for run in runs[1:]:
        data = run.trained_on
        if data.fingerprint != first.fingerprint and _made_from(data) != _made_from(first):
            raise DataDiffers(
                f"{run.directory} was trained and measured on the data set {data.fingerprint[:12]}, "
                f"{runs[0].directory} on {first.fingerprint[:12]}, made from other files, or with other classes, "
                "planes or samples: a comparison needs the same events. Make a report of each."
            )


def _made_from(data: DataDescription) -> tuple[object, ...]:
    """What data sets of the same events have in common, whatever their pixels are."""
    return frozenset(data.sources), data.classes, data.planes, data.samples


def _check_profile(run: Run, profile: Profile | None) -> None:
    """Raise BadProfile unless a profile is of images like those of a run."""
    if profile is None:
        return
    shape, classes = run.trained_on.image_shape, len(run.trained_on.classes)
    if (profile.input_shape, profile.classes) != (shape, classes):
        raise BadProfile(
            f"The profile is of images {list(profile.input_shape)} with {profile.classes} classes, the runs are of "
            f"{list(shape)} with {classes}. Measure with the data of the runs; a report on images of several sizes has "
            "no profile."
        )


def _check_seeds(groups: Sequence[Sequence[Run]]) -> None:
    """Raise NotARun where a training is given twice: it would count as two that agree perfectly."""
    for runs in groups:
        by_seed: dict[int, Run] = {}
        for run in runs:
            other = by_seed.setdefault(run.config.seed, run)
            if other is not run:
                raise NotARun(
                    f"{run.directory} and {other.directory} are the same training, of {run.network} with "
                    f"seed {run.config.seed}. Give each training once."
                )


def _ordered(run: Run) -> pd.DataFrame:
    """The predictions in one order for all runs. Raises CorruptRun where they are not those of the results."""
    frame = run.predictions.sort_values(list(EVENT), kind="stable", ignore_index=True)
    matrix = metrics.confusion_matrix(frame["label"], frame["prediction"], len(run.results.class_names))
    if matrix.tolist() != [list(row) for row in run.results.confusion_matrix]:
        raise CorruptRun(f"{run.directory}: results.json is not of these predictions; restore both.")
    return frame


def _check_same_events(runs: Sequence[Run], predictions: Mapping[Path, pd.DataFrame]) -> None:
    first = predictions[runs[0].directory][list(EVENT)]
    for run in runs[1:]:
        if not predictions[run.directory][list(EVENT)].equals(first):
            raise DataDiffers(
                f"{run.directory} has scored other events than {runs[0].directory} "
                f"({len(predictions[run.directory]):,} and {len(first):,} of testB): a comparison needs the same ones. "
                "Make a report of each."
            )


def _names(groups: Sequence[Sequence[Run]]) -> list[str]:
    """Printed names: of the network, with its recipe and the size of its images where the report has several."""
    firsts = [runs[0] for runs in groups]
    several_recipes = any(run.config.recipe != firsts[0].config.recipe for run in firsts)
    several_sizes = any(_size(run) != _size(firsts[0]) for run in firsts)
    names = []
    for run in firsts:
        remarks = [run.recipe_name] * several_recipes + [_size(run)] * several_sizes
        names.append(f"{run.network} ({', '.join(remarks)})" if remarks else run.network)
    return [
        name if names.count(name) == 1 else f"{name} #{names[:number].count(name) + 1}"
        for number, name in enumerate(names)
    ]


def _size(run: Run) -> str:
    rows, cols, _ = run.trained_on.image_shape
    return f"{rows} x {cols}"


def _costs(run: Run, profile: Profile | None) -> dict[str, float]:
    """What is known of the costs of a run's network, by the names in COSTS."""
    data = run.trained_on
    parameters = network_info(run.network, data.image_shape, len(data.classes)).parameters
    counted = {"parameters": parameters, **vars(run.costs)}
    costs = {name: cost.scale * counted[cost.key] for name, cost in COSTS.items() if not cost.measured}
    network = profile.networks.get(run.network) if profile else None
    measured = network.quantities.by_name() if network else {}
    for name, cost in COSTS.items():
        quantity = measured.get(cost.key) if cost.measured else None
        if quantity and quantity.slope > _LEAST_ERRORS * quantity.slope_error:
            costs[name] = cost.scale * quantity.slope
    return costs
