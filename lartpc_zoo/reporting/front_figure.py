"""Accuracy against cost, with the networks that are best for their cost."""

import numpy as np
from matplotlib.figure import Figure

from data_tools.particles import TOTAL
from lartpc_zoo.evaluation.style import (
    COLUMN_WIDTH,
    GREY,
    in_style,
    legend_columns,
    logarithmic,
    network_looks,
    save_both,
)
from lartpc_zoo.reporting.contenders import COSTS

_LOGARITHMIC = 8


def front_figure(directory, contenders, findings):
    """accuracy_cost: accuracy on testB against cost, a point per network, small ones for its trainings.

    Error bars are of the events and, where their spread is known, of the seeds; differences are paired, see the table.
    """
    cost = COSTS[findings.cost]
    by_name = {contender.name: contender for contender in contenders}
    looks = network_looks(by_name)
    with in_style():
        columns = legend_columns(by_name, COLUMN_WIDTH, most=2)
        rows = -(-len(contenders) // columns)
        figure = Figure(figsize=(COLUMN_WIDTH, 2.5 + 0.14 * rows), layout="constrained")
        axes = figure.subplots()
        front = [by_name[name] for name in findings.front]
        best_buys = [one.costs[findings.cost] for one in front], [100 * one.accuracy for one in front]
        axes.plot(*best_buys, color=GREY, lw=0.8, ls="--")
        for name, contender in by_name.items():
            x, y = contender.costs[findings.cost], 100 * contender.accuracy
            error = 100 * _error(contender, findings.spread)
            axes.errorbar(x, y, error, ms=5, lw=0.8, ls="none", label=name, **looks[name])
            if len(contender.runs) > 1:
                runs = 100 * np.array(contender.accuracies)
                axes.plot(np.full(len(runs), x), runs, ms=2, ls="none", alpha=0.6, **looks[name])
        costs = [contender.costs[findings.cost] for contender in contenders]
        if max(costs) > _LOGARITHMIC * min(costs):
            logarithmic(axes.xaxis, costs)
        axes.set(xlabel=cost.heading[0].upper() + cost.heading[1:], ylabel="testB accuracy [%]")
        figure.legend(loc="outside lower center", ncols=columns)
        save_both(figure, directory, "accuracy_cost")


def _error(contender, spread):
    """Error of the accuracy from the events, and from the seeds where their spread is known."""
    seeds = spread and spread.error_of_mean(contender.name, len(contender.runs))
    return np.hypot(contender.mean_accuracies()[TOTAL]["error"], seeds or 0.0)
