"""What is compared: networks, each with its finished runs, all scored on the same testB events."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from data_tools.particles import TOTAL
from lartpc_zoo.errors import DataDiffers, NotARun
from lartpc_zoo.models.registry import network_info
from lartpc_zoo.models.spec import NetworkSpec, parse
from lartpc_zoo.runs import Run, open_run

_EVENT = ["source", "entry", "run", "subrun", "event", "label"]


@dataclass(frozen=True)
class Cost:
    """A cost of a network for one image. key: where network_info or the profile has it; unit: of its numbers times
    scale; measured: whether it comes from a profile."""

    key: str
    title: str
    unit: str
    scale: float = 1.0
    measured: bool = False

    @property
    def heading(self):
        return f"{self.title} [{self.unit}]"


COSTS = {
    "macs": Cost("macs", "multiply-adds", "G", 1e-9),
    "parameters": Cost("parameters", "parameters", "M", 1e-6),
    "activations": Cost("activations_mb", "activations", "MB"),
    "forward": Cost("forward", "forward", "ms per image", measured=True),
    "forward_backward": Cost("forward_backward", "forward and backward", "ms per image", measured=True),
    "peak_memory": Cost("peak_memory", "peak memory", "MB per image", measured=True),
}
"""What networks may be weighed against, by the names that `--cost` takes."""


@dataclass(frozen=True)
class Contender:
    """One network under one recipe. name: as it is printed. runs: its Runs, the lowest seed first. predictions: of the
    runs, in one order of events. costs: {name of COSTS: number}, of those that are known."""

    name: str
    spec: NetworkSpec
    runs: tuple[Run, ...]
    predictions: tuple[pd.DataFrame, ...]
    costs: dict

    @cached_property
    def correct(self):
        """(events,) part of the runs that got the event right."""
        return np.mean([frame["prediction"] == frame["label"] for frame in self.predictions], axis=0)

    @property
    def accuracies(self):
        """Accuracy of every run, parts of 1."""
        return [run.results["accuracies"][TOTAL]["accuracy"] for run in self.runs]

    @property
    def accuracy(self):
        return float(np.mean(self.accuracies))

    def mean_accuracies(self):
        """{class or 'all': {events, accuracy, error}}: the mean over the runs with the binomial error of the events."""
        per_run = [run.results["accuracies"] for run in self.runs]
        if len(per_run) == 1:
            return per_run[0]
        means = {}
        for name, first in per_run[0].items():
            accuracy = float(np.mean([accuracies[name]["accuracy"] for accuracies in per_run]))
            error = float(np.sqrt(accuracy * (1 - accuracy) / first["events"]))
            means[name] = {"events": first["events"], "accuracy": accuracy, "error": error}
        return means


def gather(runs, profile=None):
    """The Contenders of finished runs, in the order given.

    runs: Runs or their directories. profile: the content of a profile.json, or None. Runs of one network and recipe are
    one Contender. Raises NotARun, CorruptRun, or DataDiffers where they have not scored the same events.
    """
    opened = [run if isinstance(run, Run) else open_run(run) for run in runs]
    if not opened:
        raise NotARun("No run was given: name the directories of one or more finished runs.")
    repeated = [str(run.directory) for run in opened if [r.directory for r in opened].count(run.directory) > 1]
    if repeated:
        raise NotARun(f"{repeated[0]} is named twice; give each run once.")
    predictions = [_ordered(run) for run in opened]
    _check_same_events(opened, predictions)
    groups = {}
    for run, frame in zip(opened, predictions):
        groups.setdefault((run.config["network"], str(run.config["recipe"])), []).append((run, frame))
    names = _names(groups)
    contenders = []
    for key, members in groups.items():
        members.sort(key=lambda member: member[0].config["seed"])
        mine, frames = zip(*members)
        contenders.append(Contender(names[key], parse(key[0]), mine, frames, _costs(mine[0], profile)))
    return contenders


def _ordered(run):
    frame = run.predictions
    return frame.sort_values(_EVENT, kind="stable", ignore_index=True)


def _check_same_events(runs, predictions):
    for run, frame in zip(runs[1:], predictions[1:]):
        if run.results["class_names"] != runs[0].results["class_names"] or not frame[_EVENT].equals(
            predictions[0][_EVENT]
        ):
            raise DataDiffers(
                f"{run.directory} has scored other events or classes than {runs[0].directory} ({len(frame):,} and "
                f"{len(predictions[0]):,} events of testB): a comparison needs the same ones. Report them apart."
            )


def _names(groups):
    """{key: printed name}: the network, with a number for its recipe where a network has several."""
    names = {}
    for network in dict.fromkeys(network for network, _ in groups):
        recipes = [key for key in groups if key[0] == network]
        for key in recipes:
            recipe = groups[key][0][0].recipe_name
            names[key] = network if len(recipes) == 1 else f"{network} ({recipe})"
    if len(set(names.values())) < len(names):  # two recipes of one name
        return {key: f"{name} #{number}" for number, (key, name) in enumerate(names.items(), 1)}
    return names


def _costs(run, profile):
    data = run.config["data"]
    info = network_info(run.config["network"], tuple(data["image_shape"]), len(data["classes"]))
    measured = (profile or {"networks": {}})["networks"].get(run.config["network"], {"quantities": {}})["quantities"]
    costs = {}
    for name, cost in COSTS.items():
        value = (measured.get(cost.key) or {}).get("slope") if cost.measured else info[cost.key]
        if value is not None:
            costs[name] = cost.scale * value
    return costs
