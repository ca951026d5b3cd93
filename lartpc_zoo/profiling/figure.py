"""Figure of a profile: what was measured at each batch size, and the lines of Table 2 through it."""

import itertools

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lartpc_zoo.evaluation.style import BLUE, COLUMN_WIDTH, GREY, VERMILION, in_style, save_both
from lartpc_zoo.profiling.record import IO_QUANTITIES
from lartpc_zoo.profiling.table import HEADINGS, UNITS

_COLORS = (BLUE, VERMILION, "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000")  # Okabe and Ito, as in style
_MARKERS = "osD^vPX<>"
_PANEL_HEIGHT, _LEGEND_HEIGHT = 1.75, 0.2
_NAMES_PER_ROW = 3


def fits_figure(directory, profile):
    """table2_fits: per quantity the medians of the rounds, bars from the lowest to the highest round, and the fits."""
    curves = _curves(profile)
    networks = list(profile["networks"])
    panel_rows, name_rows = -(-len(curves) // 2), -(-len(networks) // _NAMES_PER_ROW)
    with in_style(**{"axes.titlesize": 9, "axes.labelsize": 9}):
        height = panel_rows * _PANEL_HEIGHT + (name_rows + 1) * _LEGEND_HEIGHT
        figure = Figure(figsize=(COLUMN_WIDTH, height), layout="constrained")
        panels = figure.subplots(panel_rows, 2, squeeze=False).flat
        looks = dict(zip(networks, itertools.cycle(zip(_COLORS, _MARKERS))))
        handles = {}
        for axes, (quantity, of_network) in itertools.zip_longest(panels, curves.items(), fillvalue=(None, {})):
            _draw(axes, quantity, of_network, looks, handles)
        figure.legend(
            handles.values(), handles, loc="outside lower center", ncols=_NAMES_PER_ROW, frameon=False, fontsize=8
        )
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
        color, marker = looks.get(network, (GREY, "o"))
        sizes = np.array(measured["batch_sizes"])
        lowest, middle, highest = np.array([np.quantile(values, (0, 0.5, 1)) for values in measured["values"]]).T
        points = axes.errorbar(
            sizes, middle, [middle - lowest, highest - middle], fmt=marker, ms=3, lw=0.8, color=color, mec="none"
        )
        ends = np.array([0, sizes.max()])
        axes.plot(ends, measured["intercept"] + measured["slope"] * ends, color=color, lw=1)
        handles.setdefault(network or "the data alone", points)
    axes.set(xlabel="Batch size", ylabel=f"Per batch [{UNITS[quantity]}]", title=HEADINGS[quantity])
    axes.set_xlim(0, None)
    axes.set_ylim(0, None)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
