"""Event displays: one event in its planes (the paper's figure 1), the species together (figure 2), contact sheets."""

from collections.abc import Iterable, Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from data_tools.event import Event, plane_name
from data_tools.particles import particle_symbol, symbol
from lartpc_zoo.plots.style import GREY, PAGE_WIDTH, in_style

_MARGIN = 8
_SMALLEST_WINDOW = 32
_OUTER_ADC = 0.02
_BRIGHT = 0.98
# The lightest colours would be lost on white.
_COLOURS = ListedColormap(mpl.colormaps["plasma_r"](np.linspace(0.12, 1, 256)))
_SHEET_COLUMNS = 5
PixelSize = tuple[float, float] | None
Bounds = tuple[tuple[int, int], tuple[int, int]]
_BOXES: dict[str, bool] = {"axes.spines.top": True, "axes.spines.right": True}


def event_display(event: Event, planes: Sequence[int], pixel_cm: PixelSize, name: str) -> Figure:
    """Figure 1: the planes of an event side by side, zoomed on the activity, with one colour scale in ADC.

    Args:
        event: to draw.
        planes: plane ids in the order of channels.
        pixel_cm: (drift, wire) size of a pixel in cm, None where it is not known.
        name: of where the event comes from.
    """
    with in_style(**_BOXES):
        figure = Figure(figsize=(PAGE_WIDTH, 2.9), layout="constrained")
        axes = figure.subplots(1, len(planes), squeeze=False)[0]
        norm = _norm([event])
        window = _window_size([_bounds(event, channel) for channel in range(len(planes))])
        for channel, (axis, plane) in enumerate(zip(axes, planes)):
            drawn = _draw(axis, event, channel, window, pixel_cm, norm)
            axis.set_title(f"plane {plane_name(plane)}")
            _label(axis, pixel_cm, left=channel == 0)
        figure.colorbar(drawn, ax=list(axes), label="ADC", shrink=0.9, extend="max")
        figure.suptitle(f"{describe(event)} (run {event.run}, subrun {event.subrun}, event {event.event})")
        figure.supxlabel(name, fontsize=6, color=GREY, x=0.99, ha="right")
    return figure


def species_display(
    events: Mapping[str, Event],
    classes: Sequence[str],
    planes: Sequence[int],
    pixel_cm: PixelSize,
    plane: int,
    name: str,
) -> Figure:
    """Figure 2: one event of every class in one plane, each zoomed on its activity, with one colour scale in ADC.

    Args:
        events: {class name: event}, of the classes that have one.
        classes: names, in the order of labels.
        planes: plane ids in the order of channels.
        pixel_cm: (drift, wire) size of a pixel in cm, None where it is not known.
        plane: id of the plane to draw.
        name: of where the events come from.
    """
    channel = planes.index(plane)
    with in_style(**_BOXES):
        figure = Figure(figsize=(PAGE_WIDTH, 2.1), layout="constrained")
        axes = figure.subplots(1, len(classes), squeeze=False)[0]
        norm = _norm(events.values())
        drawn = None
        for axis, class_name in zip(axes, classes):
            if class_name not in events:
                axis.text(0.5, 0.5, "no event", ha="center", transform=axis.transAxes)
                axis.set(xticks=[], yticks=[], title=symbol(class_name, latex=True))
                continue
            window = _window_size([_bounds(events[class_name], channel)])
            drawn = _draw(axis, events[class_name], channel, window, pixel_cm, norm)
            described = describe(events[class_name])
            # A species is named by its symbol; of other classes the symbol does not tell which one it is.
            known = symbol(class_name, latex=True) != class_name
            axis.set_title(described if known else f"{class_name}\n{described}")
            _label(axis, pixel_cm, left=axis is axes[0])
        if drawn is not None:
            figure.colorbar(drawn, ax=list(axes), label="ADC", shrink=0.9, extend="max")
        figure.suptitle(f"plane {plane_name(plane)}")
        figure.supxlabel(name, fontsize=6, color=GREY, x=0.99, ha="right")
    return figure


def contact_sheet(
    events: Sequence[tuple[int, Event]], name: str, planes: Sequence[int], pixel_cm: PixelSize, plane: int
) -> Figure:
    """Many events of one class in one plane, each zoomed on its own activity, all with one colour scale.

    Args:
        events: with their numbers.
        name: of the class.
        planes: plane ids in the order of channels.
        pixel_cm: (drift, wire) size of a pixel in cm, None where it is not known.
        plane: id of the plane to draw.
    """
    channel = planes.index(plane)
    rows = -(-len(events) // _SHEET_COLUMNS)
    with in_style(**{**_BOXES, "font.size": 7}):
        figure = Figure(figsize=(PAGE_WIDTH, 1.5 * rows + 0.4), layout="constrained")
        axes = figure.subplots(rows, _SHEET_COLUMNS, squeeze=False)
        norm = _norm([event for _, event in events])
        for axis in axes.flat[len(events) :]:
            axis.set_visible(False)
        for axis, (number, event) in zip(axes.flat, events):
            window = _window_size([_bounds(event, channel)])
            drawn = _draw(axis, event, channel, window, pixel_cm, norm)
            axis.set_title(f"{number}: {np.linalg.norm(event.truth.momentum):.0f} MeV/c", fontsize=7)
            axis.tick_params(labelsize=5)
        figure.colorbar(drawn, ax=list(axes.flat), label="ADC", shrink=0.6, extend="max")
        unit = "cm" if pixel_cm else "pixels"
        title = f"{name}, plane {plane_name(plane)}; across: wire, up: drift, both in {unit}"
        figure.suptitle(title, fontsize=9)
    return figure


def _draw(
    axis: Axes, event: Event, channel: int, window: tuple[int, int], pixel_cm: PixelSize, norm: Normalize
) -> AxesImage:
    """Draw one plane in a window of (rows, cols) around its activity; returns what a colour bar needs."""
    image = event.image()[:, :, channel]
    activity = zip(_bounds(event, channel), window, image.shape)
    row, col = (_centred(low, high, size, whole) for (low, high), size, whole in activity)
    drift, wire = pixel_cm or (1.0, 1.0)
    rows, cols = (min(size, whole) for size, whole in zip(window, image.shape))
    shown = np.ma.masked_equal(image[row : row + rows, col : col + cols], 0)
    # A crop's offset is in pixels of the data set: axes count from where the whole image begins.
    first_row, *first_cols = event.offset or (0,) * (1 + event.shape[2])
    row, col = row + first_row, col + first_cols[channel]
    if not shown.count():
        axis.text(0.5, 0.5, "no hits", ha="center", transform=axis.transAxes, color=GREY)
    extent = (col * wire, (col + cols) * wire, row * drift, (row + rows) * drift)
    return axis.imshow(shown, cmap=_COLOURS, norm=norm, origin="lower", extent=extent, interpolation="nearest")


def _bounds(event: Event, channel: int) -> Bounds:
    """((first row, last row), (first col, last col)) of a plane's activity with a margin, without its outer ADC."""
    mine = event.index % event.shape[2] == channel
    rows, cols = event.shape[:2]
    if not mine.any():
        return (rows // 2, rows // 2), (cols // 2, cols // 2)
    row, col = np.divmod(event.index[mine] // event.shape[2], cols)
    weight = np.abs(event.value[mine])
    return _ends(row, weight), _ends(col, weight)


def _ends(position: np.ndarray, weight: np.ndarray) -> tuple[int, int]:
    """First and last position with a margin, without those of the outer ADC."""
    order = np.argsort(position, kind="stable")
    total = np.cumsum(weight[order])
    low, high = (position[order][np.searchsorted(total, part * total[-1])] for part in (_OUTER_ADC, 1 - _OUTER_ADC))
    return max(int(low) - _MARGIN, 0), int(high) + _MARGIN


def _window_size(bounds: Iterable[Bounds]) -> tuple[int, int]:
    """(rows, cols) of a square window, in pixels, that fits the largest activity."""
    largest = max(high - low + 1 for pair in bounds for low, high in pair)
    side = max(largest, _SMALLEST_WINDOW)
    return side, side


def _centred(low: int, high: int, size: int, whole: int) -> int:
    """Where a window of `size` begins that is centred on the activity and stays inside the image."""
    return int(np.clip((low + high) // 2 - size // 2, 0, max(whole - size, 0)))


def _norm(events: Iterable[Event]) -> Normalize:
    """One colour scale, whose top leaves out the brightest 2 % of hits."""
    values = np.concatenate([event.value for event in events])
    return Normalize(0, np.quantile(values, _BRIGHT) if len(values) else 1.0)


def _label(axis: Axes, pixel_cm: PixelSize, left: bool) -> None:
    axis.set_xlabel("wire [cm]" if pixel_cm else "column (wire)")
    if left:
        axis.set_ylabel("drift [cm]" if pixel_cm else "row (drift time)")


def describe(event: Event) -> str:
    """'e-, 312 MeV/c' with the particle's symbol, or that nothing is known."""
    if not event.truth.pdg:
        return "no truth"
    return f"{particle_symbol(event.truth.pdg)}, {np.linalg.norm(event.truth.momentum):.0f} MeV/c"
