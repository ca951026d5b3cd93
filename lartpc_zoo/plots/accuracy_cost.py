"""Accuracy against cost, with the networks that are best for their cost."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from lartpc_zoo.plots.names import Box, place_names
from lartpc_zoo.plots.style import (
    COLUMN_WIDTH,
    GREY,
    PAGE_WIDTH,
    Look,
    in_style,
    legend_columns,
    logarithmic,
    margins,
    network_looks,
    save_both,
)

_LOGARITHMIC = 8
_FEW = 5
"""So many networks at most are a figure of one column."""
_HEIGHT, _LEGEND_ROW = 2.6, 0.14
_MARKER, _RING, _NAME = 5.0, 11.0, 6.0  # points: diameters, size of the font
_LED = 5.0
"""From this distance in points on, a line leads from a point to its name."""


@dataclass(frozen=True)
class Point:
    """One network.

    Attributes:
        name: as it is printed.
        cost: in the unit of the axis.
        accuracy: mean of its trainings, 0 to 1.
        error: of the accuracy.
        trainings: accuracy of each training.
    """

    name: str
    cost: float
    accuracy: float
    error: float
    trainings: tuple[float, ...]


def accuracy_cost_figure(
    directory: Path, points: Sequence[Point], front: Sequence[str], cost_label: str, suggested: str
) -> None:
    """accuracy_cost: accuracy on testB against cost, a point with its name per network, small ones for its trainings.

    Names for which there is no room beside the points stand in a legend.

    Args:
        directory: of the files.
        points: one per network.
        front: names of the networks that no other beats in accuracy at the same or a lower cost, cheapest first.
        cost_label: of the axis.
        suggested: name of the network that has a ring.
    """
    with in_style():
        save_both(draw_accuracy_cost(points, front, cost_label, suggested), directory, "accuracy_cost")


def draw_accuracy_cost(points: Sequence[Point], front: Sequence[str], cost_label: str, suggested: str) -> Figure:
    """The figure; see `accuracy_cost_figure`."""
    looks = network_looks([point.name for point in points])
    width = COLUMN_WIDTH if len(points) <= _FEW else PAGE_WIDTH
    figure = Figure(figsize=(width, _HEIGHT * width**0.5 / COLUMN_WIDTH**0.5))
    margins(figure, left=0.45, right=0.1, bottom=0.4, top=0.1)
    axes = figure.subplots()
    by_name = {point.name: point for point in points}
    best = [(by_name[name].cost, 100 * by_name[name].accuracy) for name in front]
    axes.plot(*zip(*best), color=GREY, lw=0.8, ls="--")
    for point in points:
        _draw(axes, point, looks[point.name])
    ringed = by_name[suggested]
    axes.plot(ringed.cost, 100 * ringed.accuracy, "o", ms=_RING, mfc="none", mec="black", mew=1.0)
    costs = [point.cost for point in points]
    if max(costs) > _LOGARITHMIC * min(costs):
        logarithmic(axes.xaxis, costs)
    axes.margins(x=0.08, y=0.08)
    axes.autoscale_view()  # before names are written, and not only when it is drawn
    axes.set(xlabel=cost_label, ylabel="testB accuracy [%]")
    nameless = _write_names(axes, points, best, looks)
    if nameless:
        _legend(figure, axes, nameless)
    return figure


def _draw(axes: Axes, point: Point, look: Look) -> None:
    x, y = point.cost, 100 * point.accuracy
    axes.errorbar(x, y, 100 * point.error, ms=_MARKER, lw=0.8, ls="none", label=point.name, **look)
    if len(point.trainings) > 1:
        runs = 100 * np.array(point.trainings)
        axes.plot(np.full(len(runs), x), runs, ms=2, ls="none", alpha=0.6, **look)


def _write_names(
    axes: Axes, points: Sequence[Point], front: Sequence[tuple[float, float]], looks: Mapping[str, Look]
) -> list[str]:
    """Write the names beside the points; returns those for which there was no room."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    renderer = FigureCanvasAgg(figure).get_renderer()
    unit = figure.dpi / 72  # pixels in a point of print
    texts = [_annotation(axes, point, looks[point.name]) for point in points]
    extents = [text.get_window_extent(renderer) for text in texts]
    places = _in_points(axes, [(point.cost, 100 * point.accuracy) for point in points], unit)
    inside = axes.get_window_extent(renderer)
    boxes = place_names(
        places,
        [(extent.width / unit, extent.height / unit) for extent in extents],
        radius=_MARKER / 2,
        area=Box(*(edge / unit for edge in inside.extents)),
        lines=list(itertools.pairwise(_in_points(axes, front, unit))),
    )
    for text, box, (x, y) in zip(texts, boxes, places):
        if box is None:
            text.remove()
            continue
        text.set_position((box.left - x, box.bottom - y))
        end = box.nearest(x, y)
        if np.hypot(end[0] - x, end[1] - y) > _LED:
            offset = (end[0] - x, end[1] - y)
            line = {"arrowstyle": "-", "color": GREY, "lw": 0.4, "shrinkA": 0, "shrinkB": _MARKER / 2}
            axes.annotate("", text.xy, offset, textcoords="offset points", arrowprops=line)
    return [point.name for point, box in zip(points, boxes) if box is None]


def _annotation(axes: Axes, point: Point, look: Look) -> Annotation:
    at = (point.cost, 100 * point.accuracy)
    return axes.annotate(point.name, at, (0, 0), textcoords="offset points", fontsize=_NAME, color=look["color"])


def _in_points(axes: Axes, places: Sequence[tuple[float, float]], unit: float) -> list[tuple[float, float]]:
    """Places of the data on the figure, in points of print."""
    return [(float(x), float(y)) for x, y in axes.transData.transform(places) / unit]


def _legend(figure: Figure, axes: Axes, names: Sequence[str]) -> None:
    """A legend of some networks below the panel, for which the figure gets higher."""
    width, height = figure.get_size_inches()
    columns = legend_columns(names, width, most=4)
    extra = _LEGEND_ROW * (-(-len(names) // columns) + 1)
    figure.set_size_inches(width, height + extra)
    margins(figure, left=0.45, right=0.1, bottom=0.4 + extra, top=0.1)
    shown = dict(zip(*reversed(axes.get_legend_handles_labels())))
    figure.legend([shown[name] for name in names], names, loc="lower center", ncols=columns)
