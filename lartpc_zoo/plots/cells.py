"""The active cells of an event, level by level: what a submanifold network computes."""

import math

import numpy as np
from matplotlib.figure import Figure

from data_tools.event import Event
from lartpc_zoo.plots.events import describe
from lartpc_zoo.plots.style import BLUE, GREY, PAGE_WIDTH, in_style

STRIDES = (1, 2, 4, 8, 16, 32)


def cells_display(event: Event, name: str) -> Figure:
    """The cells of an image with any hit of any plane, at the strides of a network.

    Args:
        event: to draw.
        name: of where the event comes from.
    """
    active = np.asarray(event.image().any(axis=-1))
    with in_style(**{"axes.spines.top": True, "axes.spines.right": True}):
        figure = Figure(figsize=(PAGE_WIDTH, 4.9), layout="constrained")
        for axis, stride in zip(figure.subplots(2, 3).flat, STRIDES):
            found = cells(active, stride)
            rows, cols = active.shape
            shaded = np.where(found[..., None], np.array([int(BLUE[i : i + 2], 16) for i in (1, 3, 5)]), 255)
            extent = (0, found.shape[1] * stride, 0, found.shape[0] * stride)
            axis.imshow(shaded.astype(np.uint8), origin="lower", extent=extent, interpolation="nearest")
            axis.set(xlim=(0, cols), ylim=(0, rows))
            fraction = 100 * found.mean()
            sides = f"{found.shape[0]} × {found.shape[1]}"
            axis.set_title(f"stride {stride}: {found.sum():,} of {sides}, {fraction:.2g} %")
            axis.set(xlabel="wire" if stride >= STRIDES[3] else "", ylabel="time" if stride in STRIDES[::3] else "")
        figure.suptitle(f"{describe(event)} (run {event.run}, subrun {event.subrun}, event {event.event}), all planes")
        figure.supxlabel(name, fontsize=6, color=GREY, x=0.99, ha="right")
    return figure


def cells(active: np.ndarray, stride: int) -> np.ndarray:
    """Which cells of stride x stride pixels have an active one.

    Args:
        active: (rows, cols) bool.
        stride: side of a cell.

    Returns:
        (ceil(rows / stride), ceil(cols / stride)) bool.
    """
    rows, cols = (math.ceil(side / stride) for side in active.shape)
    padded = np.pad(active, [(0, count * stride - side) for count, side in zip((rows, cols), active.shape)])
    return np.asarray(padded.reshape(rows, stride, cols, stride).any(axis=(1, 3)))
