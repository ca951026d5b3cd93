"""The paper's figure 6: how the scores tell the species apart."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lartpc_zoo.metrics.predictions import score_column
from lartpc_zoo.metrics.separation import Pair, Separation
from lartpc_zoo.plots.style import (
    BLACK,
    GREY,
    PAGE_WIDTH,
    SKY,
    class_colours,
    in_style,
    margins,
    powers_of_ten,
    printed,
    save_both,
)

_BINS = np.linspace(0, 1, 51)
_LETTERS = "abcd"
_SCORES, _PERCENT = (0, 0.5, 1), (0, 50, 100)
_ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1}
_HEIGHT = 3.5
_ROOM_FOR_NAMES = 10
"""How many times as high as its content a panel with the names of its two groups is."""
_BELOW_NAMES = 0.8
_LINE = 0.12
"""Height of a line of names, in heights of a panel."""


def separation_figure(
    directory: Path,
    name: str,
    predictions: pd.DataFrame,
    classes: Sequence[str],
    separations: Sequence[Separation],
    title: str,
) -> None:
    """Score of the true class for every species, then the score of every pair by true class with its ROC below.

    Beside a ROC are the area under it, and the best cut with the efficiencies of both groups.

    Args:
        directory: of the files.
        name: of the files.
        predictions: the table of metrics.predictions.
        classes: names, in the order of labels.
        separations: of these predictions, one per pair.
        title: of the figure.
    """
    columns = 1 + len(separations)
    with in_style():
        figure = Figure(figsize=(PAGE_WIDTH * columns / 4, _HEIGHT))
        margins(figure, left=0.45, right=0.2, bottom=0.36, top=0.42, wspace=0.48, hspace=0.38)
        scores, rocs = figure.subplots(2, columns, squeeze=False)
        _true_class_panel(scores[0], predictions, classes)
        for axes, roc, separation in zip(scores[1:], rocs[1:], separations):
            _pair_panel(axes, separation, class_colours(classes))
            _roc_panel(roc, separation)
        for letter, axes in zip(_LETTERS, scores):
            axes.set_title(f"({letter})", loc="left", weight="bold")
        scores[0].set_ylabel(f"Events [% per {_BINS[1]:.2f}]")
        rocs[0].set_axis_off()
        _names(rocs[0], 0.95, [(printed(name), colour) for name, colour in class_colours(classes).items()])
        figure.suptitle(title, fontsize=8, y=0.985)
        save_both(figure, directory, name)


def _true_class_panel(axes: Axes, predictions: pd.DataFrame, classes: Sequence[str]) -> None:
    for label, colour in enumerate(class_colours(classes).values()):
        scores = predictions.loc[predictions["label"] == label, score_column(classes[label])]
        _histogram(axes, scores.to_numpy(), colour)
    powers_of_ten(axes.yaxis)
    axes.set(xlim=(0, 1), xticks=_SCORES, xlabel="Score of the true class")


def _pair_panel(axes: Axes, separation: Separation, colours: dict[str, str]) -> None:
    pair = separation.pair
    groups = ((separation.signal, pair.signal, BLACK), (separation.background, pair.background, SKY))
    names = []
    for scores, group, colour_of_several in groups:
        colour = colours[group[0]] if len(group) == 1 else colour_of_several
        _histogram(axes, scores, colour)
        names.append((f"true {_symbols(group)}", colour))
    _names(axes, 1.0, names)
    axes.axvline(separation.cut, ymax=_BELOW_NAMES, color=GREY, lw=0.8, ls="--")
    signal, background = _short_names(pair)
    powers_of_ten(axes.yaxis)
    axes.set(xlim=(0, 1), xticks=_SCORES)
    axes.set_xlabel(f"P({signal}) / [P({signal}) + P({background})]", fontsize=6)
    axes.set_ylim(top=axes.get_ylim()[1] * _ROOM_FOR_NAMES)


def _roc_panel(axes: Axes, separation: Separation) -> None:
    signal, background = _short_names(separation.pair)
    axes.plot(100 * separation.rates[:, 0], 100 * separation.rates[:, 1], color=BLACK)
    axes.plot([0, 100], [0, 100], color=GREY, lw=0.6, ls=":")
    passing = 100 * (1 - separation.background_efficiency)
    axes.plot(passing, 100 * separation.signal_efficiency, "o", color=GREY, ms=4)
    axes.set(xlim=(0, 100), ylim=(0, 101), xticks=_PERCENT, yticks=_PERCENT)
    axes.set_xlabel(f"{background} above the cut [%]", fontsize=7)
    axes.set_ylabel(f"{signal} above the cut [%]", fontsize=7, labelpad=1)
    lines = (
        f"area {separation.area:.4f}",
        f"best cut {separation.cut:.2f}:",
        f"{signal} above {100 * separation.signal_efficiency:.1f} %",
        f"{background} below {100 * separation.background_efficiency:.1f} %",
    )
    axes.text(0.97, 0.05, "\n".join(lines), ha="right", fontsize=7, transform=axes.transAxes, bbox=_ON_WHITE)


def _names(axes: Axes, top: float, names: Sequence[tuple[str, str]]) -> None:
    """Names in their colours, one below the other: in a figure of many panels a legend takes long."""
    for number, (name, colour) in enumerate(names):
        place = 0.5, top - number * _LINE
        axes.text(*place, name, color=colour, fontsize=7, ha="center", va="top", transform=axes.transAxes)


def _histogram(axes: Axes, scores: np.ndarray, colour: str) -> None:
    """Outline of the fraction of the events in every bin, in percent."""
    counts, _ = np.histogram(scores, _BINS)
    axes.stairs(100 * counts / max(len(scores), 1), _BINS, color=colour, lw=1.1)


def _short_names(pair: Pair) -> tuple[str, str]:
    """How signal and background are called on an axis: by their symbol, or as in the pair's name."""
    signal, background = pair.name.split("/")
    return (
        _symbols(pair.signal) if len(pair.signal) == 1 else signal,
        _symbols(pair.background) if len(pair.background) == 1 else background,
    )


def _symbols(group: Sequence[str]) -> str:
    """The printed group: symbols of species, or what the group is called."""
    return ", ".join(printed(name) for name in group)
