"""A window around the activity: the same rows (drift times) in every plane, its own columns (wires) in each; and how
images of another size become as large as that."""

import re
from dataclasses import replace

import numpy as np

from data_tools.errors import Argument, BadOption
from data_tools.event import Event
from data_tools.index import Shape, flat_index, from_flat_index

_CROP = re.compile(r"(\d+)x(\d+)")


def parse_crop(text: str | tuple[int, int] | None) -> tuple[int, int] | None:
    """(rows, cols) of a text ROWSxCOLS or of a pair, None of None. Raises BadOption."""
    if text is None:
        return None
    text = "x".join(map(str, text)) if isinstance(text, tuple | list) else str(text)
    match = _CROP.fullmatch(text)
    if not match or not (int(match[1]) and int(match[2])):
        raise BadOption(Argument("crop", text), ": expected ROWSxCOLS, as in 576x576.")
    return int(match[1]), int(match[2])


def cropped_shape(shape: Shape, window: tuple[int, int] | None) -> Shape:
    """(rows, cols, planes) of images of `shape` after the crop. Raises BadOption when they are smaller than it."""
    if window is None:
        return shape
    if window[0] > shape[0] or window[1] > shape[1]:
        raise BadOption(
            Argument("crop", f"{window[0]}x{window[1]}"),
            f": larger than the images of {shape[0]} x {shape[1]} pixels (after down-sampling).",
        )
    return (*window, shape[2])


def crop(event: Event, window: tuple[int, int] | None) -> Event:
    """The part of an Event inside the window that holds most of its ADC, with `offset` set; None keeps it as it is.

    Rows are chosen first, by the ADC of all planes, then the columns of every plane. Of windows that hold equally much,
    the middle one. Hits outside are lost: where there are any, the event has the flag 'cut-hits'.
    """
    if window is None:
        return event
    shape = rows, cols, planes = cropped_shape(event.shape, window)
    row, col, plane = from_flat_index(event.index.astype(np.int64), event.shape)
    weight = np.abs(event.value.astype(np.float64))
    first_row = _best_start(row, weight, event.shape[0], rows)
    inside = (row >= first_row) & (row < first_row + rows)
    first_col = np.array(
        [
            _best_start(col[mine], weight[mine], event.shape[1], cols)
            for mine in (inside & (plane == number) for number in range(planes))
        ],
        np.int64,
    )
    inside &= (col >= first_col[plane]) & (col < first_col[plane] + cols)
    row, col, plane = row[inside] - first_row, (col - first_col[plane])[inside], plane[inside]
    # A plane's columns move together, so the order within a row may change between planes.
    index = flat_index(row, col, plane, shape)
    order = np.argsort(index)
    return replace(
        event,
        shape=shape,
        index=index[order].astype(np.int32),
        value=event.value[inside][order],
        offset=(first_row, *first_col.tolist()),
        flags=event.flags if inside.all() else (*event.flags, "cut-hits"),
    )


def fitted(event: Event, window: tuple[int, int]) -> Event:
    """The event in an image of `window` (rows, cols): padded where it is smaller, cut by `crop` where it is larger.

    What is padded stays in the middle.
    """
    larger = (max(window[0], event.shape[0]), max(window[1], event.shape[1]))
    return crop(_padded(event, larger), None if larger == window else window)


def _padded(event: Event, sides: tuple[int, int]) -> Event:
    """The event in the middle of an image of these sides (rows, cols), which are no smaller than its own."""
    if sides == event.shape[:2]:
        return event
    shape = (*sides, event.shape[2])
    row, col, plane = from_flat_index(event.index, event.shape)
    rows, cols = ((now - before) // 2 for now, before in zip(sides, event.shape))
    return replace(event, shape=shape, index=flat_index(row + rows, col + cols, plane, shape).astype(np.int32))


def _best_start(position: np.ndarray, weight: np.ndarray, size: int, length: int) -> int:
    """Where a window of `length` out of `size` holds most weight: the middle of the best, the middle of nothing."""
    if not len(position):
        return (size - length) // 2
    held = np.concatenate([[0.0], np.cumsum(np.bincount(position, weight, minlength=size))])
    inside = held[length:] - held[:-length]
    best = np.flatnonzero(inside >= inside.max() * (1 - 1e-12))
    # Windows equally good that do not touch each other: the first group, and the middle of it.
    first_group = best[: np.argmax(np.append(np.diff(best) != 1, True)) + 1]
    return int(first_group[len(first_group) // 2])
