"""Figure of a profile: what was measured at each batch size, and the lines of Table 2 through it."""

import itertools
import math

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lartpc_zoo.evaluation.style import (
    COLUMN_WIDTH,
    GREY,
    in_style,
    legend_columns,
    network_looks,
    save_both,
)
from lartpc_zoo.profiling.record import IO_QUANTITIES
from lartpc_zoo.profiling.table import HEADINGS, UNITS

_PANEL_HEIGHT, _NAME_HEIGHT = 1.35, 0.14
_PANELS_PER_ROW = 2


def fits_figure(directory, profile):
    """table2_fits: per quantity the medians of the rounds with bars from quartile to quartile, and the fits."""
    curves = _curves(profile)
    looks = network_looks(profile["networks"])
    panel_rows = math.ceil(len(curves) / _PANELS_PER_ROW)
    columns = legend_columns(looks, COLUMN_WIDTH, most=2)
    height = panel_rows * _PANEL_HEIGHT + math.ceil((len(looks) + 1) / columns) * _NAME_HEIGHT
    with in_style():
        figure = Figure(figsize=(COLUMN_WIDTH, height), layout="constrained")
        panels = figure.subplots(panel_rows, _PANELS_PER_ROW, squeeze=False).flat
        handles = {}
        for axes, (quantity, of_network) in itertools.zip_longest(panels, curves.items(), fillvalue=(None, {})):
            _draw(axes, quantity, of_network, looks, handles)
        figure.legend(handles.values(), handles, loc="outside lower center", ncols=columns)
        save_both(figure, directory, "table2_fits")


def _curves(profile):
    """{quantity: {network, or None for all: the quantity}} of what was measured."""
    found = {}
    for quantity in HEADINGS:
        if quantity in IO_QUANTITIES:
            measured = {None: profile["io"][quantity]}
        else:
            measured = {name: network["quantities"][quantity] for name, network in profile["networks"].items()}
        if all(measured.values()):
            found[quantity] = measured
    return found


def _draw(axes, quantity, of_network, looks, handles):
    """One panel; `handles` takes what the legend of the figure shows."""
    if quantity is None:
        axes.set_axis_off()
        return
    for network, measured in of_network.items():
        look = looks.get(network, {"color": GREY, "marker": "o"})
        sizes = np.array(measured["batch_sizes"])
        lower, middle, upper = np.array([np.quantile(values, (0.25, 0.5, 0.75)) for values in measured["values"]]).T
        bars = [middle - lower, upper - middle]
        points = axes.errorbar(sizes, middle, bars, ls="none", ms=2.5, lw=0.7, mec="none", **look)
        ends = np.array([0, sizes.max()])
        axes.plot(ends, measured["intercept"] + measured["slope"] * ends, color=look["color"], lw=0.8)
        handles.setdefault(network or "the data alone", points)
    axes.set(xlabel="Batch size", ylabel=f"Per batch [{UNITS[quantity]}]", title=HEADINGS[quantity])
    axes.set_xlim(0, None)
    axes.set_ylim(0, None)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
