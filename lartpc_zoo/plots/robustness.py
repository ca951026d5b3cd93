"""Accuracy against the strength of effects of a detector: a panel per effect, a line per network."""

import math
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from data_tools.particles import TOTAL
from lartpc_zoo.plots.style import GREY, PAGE_WIDTH, in_style, legend_columns, network_looks, save_both

_COLUMNS = 4


def robustness_figure(directory: Path, frame: pd.DataFrame, network: str) -> None:
    """robustness: accuracy of all events against strength, with the errors of the differences to the clean sample.

    Args:
        directory: of the files.
        frame: columns `network`, effect, strength, 'all' [%], 'to clean [points] error'; a row of strength 0 for each
            network.
        network: name of the column of networks.
    """
    effects = list(dict.fromkeys(frame.loc[frame["strength"] > 0, "effect"]))
    looks = network_looks(dict.fromkeys(frame[network]))
    columns = min(_COLUMNS, len(effects))
    rows = math.ceil(len(effects) / columns)
    with in_style():
        figure = Figure(figsize=(PAGE_WIDTH * columns / _COLUMNS, 0.6 + 1.4 * rows), layout="constrained")
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, effect in zip(panels, effects):
            for name, look in looks.items():
                mine = frame[(frame[network] == name) & ((frame["effect"] == effect) | (frame["strength"] == 0))]
                clean = mine.loc[mine["strength"] == 0, TOTAL].iloc[0]
                axes.axhline(clean, color=look["color"], lw=0.5, alpha=0.5)
                axes.errorbar(
                    mine["strength"], mine[TOTAL], mine["to clean [points] error"], **look, ms=3, capsize=0, label=name
                )
            axes.set_title(effect.replace("_", " "))
            axes.grid(axis="y", color=GREY, lw=0.3, alpha=0.4)
        for axes in panels[len(effects) :]:
            axes.set_visible(False)
        figure.supxlabel("Strength of the effect", fontsize=8)
        figure.supylabel("Accuracy [%]", fontsize=8)
        handles = panels[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside upper center", ncols=legend_columns(looks, PAGE_WIDTH, 3))
        save_both(figure, directory, "robustness")
