"""Figures of a run: the window of the chosen weights (the paper's figure 4) and the confusion matrix."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from data_tools.particles import symbol
from lartpc_zoo.plots.style import BLACK, COLUMN_WIDTH, GREY, WINE, in_style, save_both


def window_figure(
    directory: Path, history: pd.DataFrame, summary: Any, chosen: int, title: str, name: str = "fig4_window"
) -> None:
    """Figure 4: testA accuracy and loss of all evaluations, the window shaded, minimum and chosen weights marked.

    Args:
        directory: of the files.
        history: of a run's history.csv.
        summary: of the protocol, with `minimum.iteration`, `window.first` and `window.last`.
        chosen: iteration of the chosen weights.
        title: of the figure.
        name: of the files.
    """
    at = history.set_index("iteration")
    minimum, at_choice = at.loc[summary.minimum.iteration], at.loc[chosen]
    first, last = (at.loc[end, "epoch"] for end in (summary.window.first, summary.window.last))
    with in_style():
        figure = Figure(figsize=(COLUMN_WIDTH, 2.8), layout="constrained")
        above = figure.add_subplot()
        above.axvspan(first, last, color=GREY, alpha=0.15, lw=0, label="window")
        above.plot(history["epoch"], 100 * history["testA_accuracy"], "o-", ms=2.5, color=BLACK, label="accuracy")
        above.xaxis.set_major_locator(MaxNLocator(integer=True))
        above.set(xlabel="Epoch", ylabel="testA accuracy [%]", title=title)
        below = above.twinx()
        below.spines.right.set_visible(True)
        below.plot(history["epoch"], history["testA_loss"], "s--", ms=2.5, color=WINE, label="loss")
        below.set_ylabel("testA loss [nats per event]")
        below.plot(minimum["epoch"], minimum["testA_loss"], "v", ms=5, color=WINE, mec="k", label="lowest loss")
        above.plot(
            at_choice["epoch"],
            100 * at_choice["testA_accuracy"],
            "*",
            ms=9,
            color=BLACK,
            mec="k",
            label="chosen weights",
        )
        handles = [pair for axes in (above, below) for pair in zip(*axes.get_legend_handles_labels())]
        figure.legend(*zip(*handles), loc="outside lower center", ncols=3)
        save_both(figure, directory, name)


def confusion_figure(
    directory: Path, matrix: np.ndarray, classes: Sequence[str], title: str, name: str = "confusion_matrix"
) -> None:
    """Percent of each true class (rows) by predicted class (columns). name: of the files."""
    percent = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [symbol(name, latex=True) for name in classes]
    with in_style():
        figure = Figure(figsize=(COLUMN_WIDTH, 2.9), layout="constrained")
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
            cbar_kws={"label": "Fraction of the true class [%]", "shrink": 0.8},
            ax=axes,
        )
        axes.tick_params(left=False, bottom=False)
        axes.set_yticklabels(axes.get_yticklabels(), rotation=0)
        axes.set(xlabel="Predicted class", ylabel="True class", title=title)
        save_both(figure, directory, name)
