"""What is compared: networks, each with its finished runs, all scored on the same testB events."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from data_tools.particles import TOTAL
from lartpc_zoo.errors import BadProfile, CorruptRun, DataDiffers, NotARun
from lartpc_zoo.metrics import accuracies as metrics
from lartpc_zoo.metrics.efficiency import Accuracy
from lartpc_zoo.models.catalogue import network_info
from lartpc_zoo.models.spec import NetworkSpec, parse_network
from lartpc_zoo.reporting.costs import COSTS
from lartpc_zoo.training.run import Run, open_run
from lartpc_zoo.training.run_directory import EVENT

_LEAST_ERRORS = 2
"""A measured cost counts as known when it is so many errors above 0."""


@dataclass(frozen=True)
class Contender:
    """One network under one recipe.

    name: as it is printed. runs: its Runs, the lowest seed first. predictions: of the runs, in one order of events.
    costs: {name of COSTS: number}, of those that are known.
    """

    name: str
    spec: NetworkSpec
    runs: tuple[Run, ...]
    predictions: tuple[pd.DataFrame, ...]
    costs: dict

    @property
    def first_run(self):
        """What the training with the lowest seed is called, which stands for the network where one must."""
        return self.name if len(self.runs) == 1 else f"{self.name} (seed {self.runs[0].config.seed})"

    @cached_property
    def correct(self):
        """(events,) part of the runs that got the event right."""
        return np.mean([frame["prediction"] == frame["label"] for frame in self.predictions], axis=0)

    @property
    def accuracies(self):
        """Accuracy of every run, parts of 1."""
        return [run.results.accuracies[TOTAL].accuracy for run in self.runs]

    @property
    def accuracy(self):
        return float(np.mean(self.accuracies))

    def same_recipe(self, other):
        """Whether both were trained under equal recipes, whatever these were called."""
        return self.runs[0].config.recipe == other.runs[0].config.recipe

    def mean_accuracies(self):
        """{class or 'all': {events, accuracy, error}}: the mean over the runs with the binomial error of the events."""
        per_run = [run.results.accuracies for run in self.runs]
        if len(per_run) == 1:
            return per_run[0]
        means = {}
        for name, first in per_run[0].items():
            accuracy = float(np.mean([accuracies[name].accuracy for accuracies in per_run]))
            means[name] = Accuracy(first.events, accuracy, metrics.binomial_error(accuracy, first.events))
        return means


def gather(runs, profile=None):
    """The Contenders of finished runs, in the order given.

    runs: Runs or their directories. profile: the content of a profile.json, or None. Runs of one network and recipe are
    one Contender. Raises NotARun, CorruptRun, BadProfile where the profile is of other images, or DataDiffers where the
    runs are not of the same data.
    """
    opened = [run if isinstance(run, Run) else open_run(run) for run in runs]
    if not opened:
        raise NotARun("No run was given: name the directories of one or more finished runs.")
    _check_data(opened, profile)
    groups = _grouped(opened)
    _check_seeds(groups)
    ordered = {run.directory: _ordered(run) for run in opened}
    _check_same_events(opened, ordered)
    names = _names(groups)
    contenders = []
    for name, mine in zip(names, groups):
        mine.sort(key=lambda run: run.config.seed)
        frames = tuple(ordered[run.directory] for run in mine)
        contenders.append(
            Contender(name, parse_network(mine[0].network), tuple(mine), frames, _costs(mine[0], profile))
        )
    return contenders


def _grouped(runs):
    """The runs by network and recipe, in the order given; recipes are the same when they are equal as records."""
    groups = []
    for run in runs:
        for group in groups:
            if (group[0].network, group[0].config.recipe) == (run.network, run.config.recipe):
                group.append(run)
                break
        else:
            groups.append([run])
    return groups


def _check_data(runs, profile):
    first = runs[0].trained_on
    for run in runs[1:]:
        data = run.trained_on
        if data.fingerprint != first.fingerprint:
            raise DataDiffers(
                f"{run.directory} was trained and measured on the data set {data.fingerprint[:12]}, "
                f"{runs[0].directory} on {first.fingerprint[:12]}: a comparison needs the same events. Report them "
                "apart."
            )
    if profile and (tuple(profile["input_shape"]), profile["classes"]) != (first.image_shape, len(first.classes)):
        raise BadProfile(
            f"The profile is of images {profile['input_shape']} with {profile['classes']} classes, the runs are of "
            f"{list(first.image_shape)} with {len(first.classes)}. Measure with the data of the runs."
        )


def _check_seeds(groups):
    """Raise NotARun where a training is there twice: it would count as two that agree perfectly."""
    for runs in groups:
        by_seed = {}
        for run in runs:
            other = by_seed.setdefault(run.config.seed, run)
            if other is not run:
                raise NotARun(
                    f"{run.directory} and {other.directory} are the same training, of {run.network} with "
                    f"seed {run.config.seed}. Give each training once."
                )


def _ordered(run):
    """The predictions in one order for all runs. Raises CorruptRun where they are not those of the results."""
    frame = run.predictions.sort_values(list(EVENT), kind="stable", ignore_index=True)
    matrix = metrics.confusion_matrix(frame["label"], frame["prediction"], len(run.results.class_names))
    if matrix.tolist() != [list(row) for row in run.results.confusion_matrix]:
        raise CorruptRun(f"{run.directory}: results.json and the predictions do not fit together; restore them.")
    return frame


def _check_same_events(runs, predictions):
    first = predictions[runs[0].directory][list(EVENT)]
    for run in runs[1:]:
        if not predictions[run.directory][list(EVENT)].equals(first):
            raise DataDiffers(
                f"{run.directory} has scored other events than {runs[0].directory} "
                f"({len(predictions[run.directory]):,} and {len(first):,} of testB): a comparison needs the same ones. "
                "Report them apart."
            )


def _names(groups):
    """Printed names: of the network, with its recipe where the report has several."""
    firsts = [runs[0] for runs in groups]
    if all(run.config.recipe == firsts[0].config.recipe for run in firsts):
        return [run.network for run in firsts]
    names = [f"{run.network} ({run.recipe_name})" for run in firsts]
    return [
        name if names.count(name) == 1 else f"{name} #{names[:number].count(name) + 1}"
        for number, name in enumerate(names)
    ]


def _costs(run, profile):
    data = run.trained_on
    info = network_info(run.network, data.image_shape, len(data.classes))
    measured = (profile or {"networks": {}})["networks"].get(run.network, {"quantities": {}})["quantities"]
    costs = {name: cost.scale * getattr(info, cost.key) for name, cost in COSTS.items() if not cost.measured}
    for name, cost in COSTS.items():
        quantity = measured.get(cost.key) if cost.measured else None
        if quantity and quantity["slope"] > _LEAST_ERRORS * quantity["slope_error"]:
            costs[name] = cost.scale * quantity["slope"]
    return costs
