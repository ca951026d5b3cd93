"""The paper's figure 6: how the scores tell the species apart."""

import numpy as np
from matplotlib.figure import Figure

from data_tools.particles import symbol
from lartpc_zoo.metrics.predictions import score_column
from lartpc_zoo.plots.style import BLACK, GREY, PAGE_WIDTH, SKY, class_colours, in_style, save_both

_BINS = np.linspace(0, 1, 51)
_LETTERS = "abcd"
_ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1}


def separation_figure(directory, name, predictions, classes, separations, title):
    """Score of the true class for every species, then the score of every pair by true class, its ROC below it.

    name: of the files. predictions: the table of evaluation.predictions. separations: of these, see
    evaluation.separation. Beside a ROC: the area under it, and the best cut with the efficiencies of both groups.
    """
    columns = 1 + len(separations)
    with in_style():
        figure = Figure(figsize=(PAGE_WIDTH * columns / 4, 3.5), layout="constrained")
        scores, rocs = figure.subplots(2, columns, squeeze=False)
        _true_class_panel(scores[0], predictions, classes)
        for axes, roc, separation in zip(scores[1:], rocs[1:], separations):
            _pair_panel(axes, separation, class_colours(classes))
            _roc_panel(roc, separation)
        for letter, axes in zip(_LETTERS, scores):
            axes.set_title(f"({letter})", loc="left", weight="bold")
        scores[0].set_ylabel(f"Part of the events [% per {_BINS[1]:.2f}]")
        rocs[0].set_axis_off()
        rocs[0].legend(*scores[0].get_legend_handles_labels(), loc="center")
        figure.suptitle(title, fontsize=8)
        save_both(figure, directory, name)


def _true_class_panel(axes, predictions, classes):
    for label, colour in enumerate(class_colours(classes).values()):
        scores = predictions.loc[predictions["label"] == label, score_column(classes[label])]
        _histogram(axes, scores, colour, symbol(classes[label], latex=True))
    axes.set_xlabel("Score of the true class")


def _pair_panel(axes, separation, colours):
    pair = separation.pair
    groups = ((separation.signal, pair.signal, BLACK), (separation.background, pair.background, SKY))
    for scores, group, colour_of_several in groups:
        colour = colours[group[0]] if len(group) == 1 else colour_of_several
        _histogram(axes, scores, colour, f"true {_symbols(group)}")
    axes.axvline(separation.cut, color=GREY, lw=0.8, ls="--")
    signal, background = _short_names(pair)
    axes.set_xlabel(f"P({signal}) / [P({signal}) + P({background})]", fontsize=6)
    axes.legend(loc="upper center", handlelength=1.2, frameon=True, edgecolor="none", framealpha=1, borderpad=0)
    axes.set_ylim(top=axes.get_ylim()[1] * 10)


def _roc_panel(axes, separation):
    signal, background = _short_names(separation.pair)
    axes.plot(100 * separation.rates[:, 0], 100 * separation.rates[:, 1], color=BLACK)
    axes.plot([0, 100], [0, 100], color=GREY, lw=0.6, ls=":")
    passing = 100 * (1 - separation.background_efficiency)
    axes.plot(passing, 100 * separation.signal_efficiency, "o", color=GREY, ms=4)
    axes.set(xlim=(0, 100), ylim=(0, 101))
    axes.set_xlabel(f"{background} above the cut [%]", fontsize=7)
    axes.set_ylabel(f"{signal} above the cut [%]", fontsize=7)
    lines = (
        f"area {separation.area:.4f}",
        f"best cut {separation.cut:.2f}:",
        f"{signal} above {100 * separation.signal_efficiency:.1f} %",
        f"{background} below {100 * separation.background_efficiency:.1f} %",
    )
    axes.text(0.97, 0.05, "\n".join(lines), ha="right", fontsize=7, transform=axes.transAxes, bbox=_ON_WHITE)


def _histogram(axes, scores, colour, label):
    weights = np.full(len(scores), 100 / max(len(scores), 1))
    axes.hist(scores, _BINS, weights=weights, histtype="step", color=colour, lw=1.1, label=label)
    axes.set(yscale="log", xlim=(0, 1))


def _short_names(pair):
    """How signal and background are called on an axis: by their symbol, or as in the pair's name."""
    groups = zip((pair.signal, pair.background), pair.name.split("/"))
    return [_symbols(group) if len(group) == 1 else name for group, name in groups]


def _symbols(group):
    """The printed group: symbols of species, or what the group is called."""
    return ", ".join(symbol(name, latex=True) for name in group)
