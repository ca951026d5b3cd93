"""Figure of a profile: what was measured at each batch size, and the lines of Table 2 through it."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lartpc_zoo.plots.style import (
    COLUMN_WIDTH,
    GREY,
    Look,
    in_style,
    legend_columns,
    network_looks,
    save_both,
)

_PANEL_HEIGHT, _NAME_HEIGHT = 1.35, 0.14
_PANELS_PER_ROW = 2


class Fitted(Protocol):
    """A measured quantity: values of whole batches, one row of rounds per batch size, and the line through them."""

    @property
    def batch_sizes(self) -> tuple[int, ...]: ...
    @property
    def values(self) -> tuple[tuple[float, ...], ...]: ...
    @property
    def slope(self) -> float: ...
    @property
    def intercept(self) -> float: ...


@dataclass(frozen=True)
class Panel:
    """What one panel shows.

    Attributes:
        title: of the panel.
        unit: of the values.
        measured: {network: quantity}, under None that of the data alone.
    """

    title: str
    unit: str
    measured: Mapping[str | None, Fitted]


def fits_figure(directory: Path, panels: Sequence[Panel], networks: Sequence[str]) -> None:
    """table2_fits: per quantity the medians of the rounds with bars from quartile to quartile, and the fits.

    Args:
        directory: of the files.
        panels: one per quantity that was measured.
        networks: names of all networks.
    """
    looks = network_looks(networks)
    panel_rows = math.ceil(len(panels) / _PANELS_PER_ROW)
    columns = legend_columns(looks, COLUMN_WIDTH, most=2)
    height = panel_rows * _PANEL_HEIGHT + math.ceil((len(looks) + 1) / columns) * _NAME_HEIGHT
    with in_style():
        figure = Figure(figsize=(COLUMN_WIDTH, height), layout="constrained")
        handles: dict[str, Any] = {}
        axes_of_panels = figure.subplots(panel_rows, _PANELS_PER_ROW, squeeze=False).flat
        for axes, panel in itertools.zip_longest(axes_of_panels, panels):
            if panel is None:
                axes.set_axis_off()
            else:
                _draw(axes, panel, looks, handles)
        figure.legend(handles.values(), handles, loc="outside lower center", ncols=columns)
        save_both(figure, directory, "table2_fits")


def _draw(axes: Axes, panel: Panel, looks: Mapping[str, Look], handles: dict[str, Any]) -> None:
    """One panel; `handles` takes what the legend of the figure shows."""
    for network, measured in panel.measured.items():
        look = looks[network] if network else {"color": GREY, "marker": "o"}
        sizes = np.array(measured.batch_sizes)
        lower, middle, upper = np.array([np.quantile(values, (0.25, 0.5, 0.75)) for values in measured.values]).T
        bars = [middle - lower, upper - middle]
        points = axes.errorbar(sizes, middle, bars, ls="none", ms=2.5, lw=0.7, mec="none", **look)
        ends = np.array([0, sizes.max()])
        axes.plot(ends, measured.intercept + measured.slope * ends, color=look["color"], lw=0.8)
        handles.setdefault(network or "the data alone", points)
    axes.set(xlabel="Batch size", ylabel=f"Per batch [{panel.unit}]", title=panel.title)
    axes.set_xlim(0, None)
    axes.set_ylim(0, None)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
