"""Accuracy against cost, with the networks that are best for their cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from lartpc_zoo.plots.style import (
    COLUMN_WIDTH,
    GREY,
    in_style,
    legend_columns,
    logarithmic,
    network_looks,
    save_both,
)

_LOGARITHMIC = 8


@dataclass(frozen=True)
class Point:
    """One network: its name, cost, accuracy with its error (0 to 1), and the accuracy of each of its trainings."""

    name: str
    cost: float
    accuracy: float
    error: float
    trainings: tuple[float, ...]


def accuracy_cost_figure(directory: Path, points: Sequence[Point], front: Sequence[str], cost_label: str) -> None:
    """accuracy_cost: accuracy on testB against cost, a point per network, small ones for its trainings.

    Args:
        directory: of the files.
        points: one per network.
        front: names of the networks that no other beats in accuracy at the same or a lower cost, cheapest first.
        cost_label: of the axis.
    """
    by_name = {point.name: point for point in points}
    looks = network_looks(by_name)
    with in_style():
        columns = legend_columns(by_name, COLUMN_WIDTH, most=2)
        rows = -(-len(points) // columns)
        figure = Figure(figsize=(COLUMN_WIDTH, 2.5 + 0.14 * rows), layout="constrained")
        axes = figure.subplots()
        best = [by_name[name] for name in front]
        axes.plot([one.cost for one in best], [100 * one.accuracy for one in best], color=GREY, lw=0.8, ls="--")
        for name, point in by_name.items():
            x, y = point.cost, 100 * point.accuracy
            axes.errorbar(x, y, 100 * point.error, ms=5, lw=0.8, ls="none", label=name, **looks[name])
            if len(point.trainings) > 1:
                runs = 100 * np.array(point.trainings)
                axes.plot(np.full(len(runs), x), runs, ms=2, ls="none", alpha=0.6, **looks[name])
        costs = [point.cost for point in points]
        if max(costs) > _LOGARITHMIC * min(costs):
            logarithmic(axes.xaxis, costs)
        axes.set(xlabel=cost_label, ylabel="testB accuracy [%]")
        figure.legend(loc="outside lower center", ncols=columns)
        save_both(figure, directory, "accuracy_cost")
