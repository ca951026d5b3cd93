"""Figures of efficiency and purity: per class for all networks (the paper's figure 5), and in bins of a quantity."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lartpc_zoo.plots.style import (
    COLUMN_WIDTH,
    GREY,
    PAGE_WIDTH,
    Look,
    class_colours,
    class_looks,
    in_style,
    legend_columns,
    network_looks,
    printed,
    save_both,
)

_QUANTITIES = ("efficiency", "purity")


def efficiency_purity_figure(directory: Path, tables: Mapping[str, pd.DataFrame], classes: Sequence[str]) -> None:
    """fig5_efficiency_purity: efficiency and purity of every class, a line per network.

    Args:
        directory: of the files.
        tables: {network: table of metrics.efficiencies_and_purities}, from top to bottom.
        classes: names, in the order of labels.
    """
    looks, networks = class_looks(classes), list(tables)
    positions = np.arange(len(networks))[::-1]
    with in_style():
        figure = Figure(figsize=(PAGE_WIDTH, 1.1 + 0.24 * len(networks)), layout="constrained")
        for axes, quantity in zip(figure.subplots(1, 2, sharey=True), _QUANTITIES):
            for position in positions:
                axes.axhline(position, color=GREY, lw=0.3, alpha=0.5, zorder=0)
            for number, name in enumerate(classes):
                rows = [_row(tables[network], quantity, name) for network in networks]
                # Points of the species a little apart, so that equal ones are seen.
                shift = 0.09 * (number - (len(classes) - 1) / 2)
                _points(axes, rows, positions - shift, looks[name], printed(name))
            axes.set(xlabel=f"{quantity.capitalize()} [%]", ylim=(-0.6, len(networks) - 0.4))
        figure.axes[0].set_yticks(positions, networks)
        handles = figure.axes[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside upper center", ncols=len(classes), handletextpad=0.1)
        save_both(figure, directory, "fig5_efficiency_purity")


def binned_figure(
    directory: Path, name: str, tables: Mapping[str, pd.DataFrame], classes: Sequence[str], xlabel: str
) -> None:
    """Efficiency (above) and purity (below) against a quantity: a panel per class, points per network.

    Args:
        directory: of the files.
        name: of the files.
        tables: {network: table of metrics.efficiencies_in_bins}.
        classes: names, in the order of labels.
        xlabel: the quantity and its unit.
    """
    looks = network_looks(tables)
    with in_style():
        width = max(COLUMN_WIDTH, PAGE_WIDTH * len(classes) / 5)
        figure = Figure(figsize=(width, 3.3), layout="constrained")
        panels = figure.subplots(2, len(classes), sharex=True, sharey="row", squeeze=False)
        for row, quantity in zip(panels, _QUANTITIES):
            for axes, class_name in zip(row, classes):
                for network, table in tables.items():
                    mine = table[(table["quantity"] == quantity) & (table["class"] == class_name)]
                    _line(axes, mine, looks[network], network)
            row[0].set(ylabel=f"{quantity.capitalize()} [%]", ylim=(0, 102))
        for axes, class_name in zip(panels[0], classes):
            axes.set_title(printed(class_name), color=class_colours(classes)[class_name], fontsize=10)
        figure.supxlabel(xlabel, fontsize=8)
        handles = panels[0][0].get_legend_handles_labels()
        columns = legend_columns(tables, width, most=min(len(tables), 4))
        figure.legend(*handles, loc="outside upper center", ncols=columns)
        save_both(figure, directory, name)


def _row(table: pd.DataFrame, quantity: str, name: str) -> pd.Series | None:
    found = table[(table["quantity"] == quantity) & (table["class"] == name)]
    return found.iloc[0] if len(found) else None


def _points(axes: Axes, rows: Sequence[pd.Series | None], positions: np.ndarray, look: Look, label: str) -> None:
    known = [(row, position) for row, position in zip(rows, positions) if row is not None]
    percent = 100 * np.reshape([[row["part"], row["low"], row["high"]] for row, _ in known], (-1, 3))
    errors = np.abs(percent[:, 1:] - percent[:, :1]).T
    axes.errorbar(percent[:, 0], [at for _, at in known], xerr=errors, ls="none", ms=3.5, lw=0.9, label=label, **look)


def _line(axes: Axes, table: pd.DataFrame, look: Look, label: str) -> None:
    centre = (table["bin_low"] + table["bin_high"]) / 2
    half = (table["bin_high"] - table["bin_low"]) / 2
    percent, low, high = (100 * table[column].to_numpy() for column in ("part", "low", "high"))
    bars = [percent - low, high - percent]
    axes.errorbar(centre, percent, xerr=half, yerr=bars, ls="none", ms=2.2, lw=0.7, label=label, **look)
