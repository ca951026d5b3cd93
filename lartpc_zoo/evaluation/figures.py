"""Figures of a run: the window of the chosen weights (the paper's figure 4) and the confusion matrix."""

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from data_tools.particles import symbol
from lartpc_zoo.evaluation.style import BLUE, COLUMN_WIDTH, GREY, VERMILION, in_style, save_both


def window_figure(directory, protocol, title):
    """fig4_window: testA accuracy and loss of all evaluations, the window shaded, minimum and chosen weights marked.

    protocol: a training.protocol.Protocol that has ended.
    """
    per_epoch, minimum, chosen = protocol.iterations_per_epoch, protocol.minimum, protocol.choice()
    table = np.array(protocol.evaluations)
    epochs, losses, accuracies = table[:, 0] / per_epoch, table[:, 1], 100 * table[:, 2]
    with in_style():
        figure = Figure(figsize=(COLUMN_WIDTH, 3.4), layout="constrained")
        above = figure.add_subplot()
        first, last = (protocol.window[end].iteration / per_epoch for end in (0, -1))
        above.axvspan(first, last, color=GREY, alpha=0.15, lw=0, label="window")
        above.plot(epochs, accuracies, "o-", ms=3, lw=1.2, color=BLUE, label="accuracy")
        above.xaxis.set_major_locator(MaxNLocator(integer=True))
        above.set(xlabel="Epoch", ylabel="testA accuracy [%]", title=title)
        below = above.twinx()
        below.plot(epochs, losses, "s--", ms=3, lw=1.2, color=VERMILION, label="loss")
        below.set_ylabel("testA loss [nats per event]")
        below.plot(
            minimum.iteration / per_epoch, minimum.loss, "v", ms=8, color=VERMILION, mec="k", label="lowest loss"
        )
        above.plot(
            chosen.iteration / per_epoch,
            100 * chosen.accuracy,
            "*",
            ms=13,
            color=BLUE,
            mec="k",
            label="chosen weights",
        )
        handles = [pair for axes in (above, below) for pair in zip(*axes.get_legend_handles_labels())]
        figure.legend(*zip(*handles), loc="outside lower center", ncols=3, frameon=False, fontsize=8)
        save_both(figure, directory, "fig4_window")


def confusion_figure(directory, matrix, classes, title):
    """confusion_matrix: percent of each true class (rows) by predicted class (columns)."""
    percent = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [symbol(name, latex=True) for name in classes]
    with in_style(**{"axes.spines.top": True}):
        figure = Figure(figsize=(COLUMN_WIDTH, 4.0), layout="constrained")
        axes = figure.add_subplot()
        sns.heatmap(
            percent,
            annot=True,
            fmt=".1f",
            cmap="cividis",
            vmin=0,
            vmax=100,
            square=True,
            xticklabels=names,
            yticklabels=names,
            cbar_kws={"label": "Part of the true class [%]"},
            ax=axes,
        )
        axes.tick_params(left=False, bottom=False)
        axes.set_yticklabels(axes.get_yticklabels(), rotation=0)
        axes.set(xlabel="Predicted class", ylabel="True class", title=title)
        save_both(figure, directory, "confusion_matrix")
