"""Figures of a run: the window of the chosen weights (the paper's figure 4) and the confusion matrix."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lartpc_zoo.plots.style import BLACK, COLUMN_WIDTH, GREY, WINE, in_style, margins, printed, save_both

_SHORT = 2
"""Characters of a symbol at most."""
_CHARACTER = 0.058  # inches


class _Minimum(Protocol):
    @property
    def iteration(self) -> int: ...


class _Window(Protocol):
    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...


class Ended(Protocol):
    """What figure 4 needs of the protocol's summary: the iterations of testA's lowest loss and of the window."""

    @property
    def minimum(self) -> _Minimum: ...
    @property
    def window(self) -> _Window: ...


def window_figure(
    directory: Path, history: pd.DataFrame, summary: Ended, chosen: int, title: str, name: str = "fig4_window"
) -> None:
    """Figure 4: testA accuracy and loss of all evaluations, the window shaded, minimum and chosen weights marked.

    Args:
        directory: of the files.
        history: of a run's history.csv.
        summary: of the protocol.
        chosen: iteration of the chosen weights.
        title: of the figure.
        name: of the files.
    """
    at = history.set_index("iteration")
    lowest, at_choice = (at.loc[[iteration]].iloc[0] for iteration in (summary.minimum.iteration, chosen))
    with in_style():
        figure = Figure(figsize=(COLUMN_WIDTH, 2.8))
        margins(figure, left=0.42, right=0.47, bottom=0.73, top=0.22)
        above = figure.add_subplot()
        first, last = at["epoch"].loc[[summary.window.first, summary.window.last]].tolist()
        above.axvspan(first, last, color=GREY, alpha=0.15, lw=0, label="window")
        above.set_title(title)
        _accuracy(above, history, at_choice)
        below = above.twinx()
        _loss(below, history, lowest)
        handles = [pair for axes in (above, below) for pair in zip(*axes.get_legend_handles_labels())]
        figure.legend(*zip(*handles), loc="lower center", ncols=3)
        save_both(figure, directory, name)


def _accuracy(axes: Axes, history: pd.DataFrame, chosen: pd.Series) -> None:
    axes.plot(history["epoch"], 100 * history["testA_accuracy"], "o-", ms=2.5, color=BLACK, label="accuracy")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="Epoch", ylabel="testA accuracy [%]")
    place = chosen["epoch"], 100 * chosen["testA_accuracy"]
    axes.plot(*place, "*", ms=9, color=BLACK, mec="k", label="chosen weights")


def _loss(axes: Axes, history: pd.DataFrame, lowest: pd.Series) -> None:
    axes.spines.right.set_visible(True)
    axes.plot(history["epoch"], history["testA_loss"], "s--", ms=2.5, color=WINE, label="loss")
    axes.set_ylabel("testA loss [nats per event]")
    axes.plot(lowest["epoch"], lowest["testA_loss"], "v", ms=5, color=WINE, mec="k", label="lowest loss")


def confusion_figure(
    directory: Path, matrix: np.ndarray, classes: Sequence[str], title: str, name: str = "confusion_matrix"
) -> None:
    """Each predicted class (columns) in percent of the true class (rows).

    Args:
        directory: of the files.
        matrix: (classes, classes), events by true and predicted class.
        classes: names, in the order of labels.
        title: of the figure.
        name: of the files.
    """
    percent = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [printed(name) for name in classes]
    longest = max(_SHORT, *map(len, names))
    with in_style():
        figure = Figure(figsize=(COLUMN_WIDTH, 2.9))
        margins(figure, left=0.3 + _CHARACTER * longest, right=0.05, bottom=0.4, top=0.22)
        axes = figure.add_subplot()
        sns.heatmap(
            percent,
            annot=True,
            annot_kws={"fontsize": 7},
            fmt=".1f",
            cmap="cividis",
            vmin=0,
            vmax=100,
            square=True,
            xticklabels=names,
            yticklabels=names,
            cbar_kws={"label": "Fraction of the true class [%]", "shrink": 0.8, "fraction": 0.2, "pad": 0.04},
            ax=axes,
        )
        axes.tick_params(left=False, bottom=False)
        axes.set_yticklabels(axes.get_yticklabels(), rotation=0)
        axes.set(xlabel="Predicted class", ylabel="True class", title=title)
        save_both(figure, directory, name)
