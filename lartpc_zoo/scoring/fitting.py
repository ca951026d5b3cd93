"""Whether the images of a file are such as a network was trained on, and how others can be made as large."""

import math

from data_tools.conversion.crop import cropped_shape
from data_tools.errors import Argument, UserError
from data_tools.event import down_sampled_shape
from data_tools.index import Shape
from data_tools.readers.base import Reader
from lartpc_zoo.errors import DataDiffers
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.models.trained import TrainedNetwork, same_pixels

_GLOBAL_POOL = "average"


def check_reader(reader: Reader, network: TrainedNetwork, fit: bool) -> tuple[int, int] | None:
    """Check the images of a file, before they are read.

    Args:
        reader: of the file.
        network: that will score it.
        fit: whether images of another size may be padded or cut.

    Returns:
        (rows, cols) that the images of the file are to be padded or cut to; None where they are as they should be.

    Raises:
        DataDiffers: its images are not such as the network was trained on, and cannot be made so.
    """
    trained_on = network.trained_on
    adc, shape = trained_on.adc, reader.shape
    if tuple(reader.planes) != trained_on.planes:
        raise _other_images(reader, network, "")
    if _as_converted(shape, network) == trained_on.image_shape:
        if not _same_pixels(reader, network):
            raise DataDiffers(f"{reader.path}: {_other_pixels(reader, network)}.")
        return None
    if impossible := _why_not_fitted(reader, network):
        raise _other_images(reader, network, f" They cannot be padded or cut either: {impossible}." if fit else "")
    if not fit:
        raise _other_images(reader, network, " To pad them, or to cut the window around the activity: ", fit=True)
    if adc.crop is not None:  # the window is cut later; here images become no smaller than it
        rows, cols = (max(side, window * adc.down_sample) for side, window in zip(shape, adc.crop))
        return _multiple(rows, adc.down_sample), _multiple(cols, adc.down_sample)
    rows, cols, _ = trained_on.image_shape
    return rows * adc.down_sample, cols * adc.down_sample


def _why_not_fitted(reader: Reader, network: TrainedNetwork) -> str:
    """Why images of another size cannot be made as large as those of the training; '' where they can."""
    if parse_network(network.network).architecture.head != _GLOBAL_POOL:
        return f"{network.network} looks at places in the image, as it has no global pool"
    if not (network.trained_on.pixel_cm and reader.pixel_cm):
        return "the size of their pixels is not known, and could be another"
    return "" if _same_pixels(reader, network) else _other_pixels(reader, network)


def _same_pixels(reader: Reader, network: TrainedNetwork) -> bool:
    """Whether pixels are as large as those of the training, as far as it is known."""
    if reader.pixel_cm is None:
        return True
    (drift, wire), factor = reader.pixel_cm, network.trained_on.adc.down_sample
    return same_pixels(network.trained_on.pixel_cm, (drift * factor, wire * factor))


def _other_pixels(reader: Reader, network: TrainedNetwork) -> str:
    trained_on = network.trained_on
    return (
        f"pixels of {_lengths(reader.pixel_cm)} (drift, wire), but {network.name} was trained on images with "
        f"{_lengths(trained_on.pixel_cm, trained_on.adc.down_sample)}"
    )


def _as_converted(shape: Shape, network: TrainedNetwork) -> Shape | None:
    """The shape of images that are converted as those of the training, None where that cannot be done."""
    adc = network.trained_on.adc
    try:
        return cropped_shape(down_sampled_shape(shape, adc.down_sample), adc.crop)
    except UserError:
        return None


def _other_images(reader: Reader, network: TrainedNetwork, advice: str, fit: bool = False) -> DataDiffers:
    """The error that says what the images are and what was expected."""
    trained_on, shape = network.trained_on, reader.shape
    adc = trained_on.adc
    options = f"down_sample {adc.down_sample}" + (f" and crop {adc.crop[0]} x {adc.crop[1]}" if adc.crop else "")
    if found := _as_converted(shape, network):
        becomes = f"with the training's {options} they become {_sides(found)}"
    else:
        becomes = f"{options} cannot be applied to them" if adc.crop else f"{options} does not divide them"
    text = (
        f"{reader.path}: images of {_sides(shape)}, planes {', '.join(map(str, reader.planes))}; {becomes}, but "
        f"{network.name} was trained on {_sides(trained_on.image_shape)}, planes "
        f"{', '.join(map(str, trained_on.planes))}.{_what_fits(network)}{advice}"
    )
    return DataDiffers(text, Argument("fit", True), ".") if fit else DataDiffers(text)


def _what_fits(network: TrainedNetwork) -> str:
    """Which files would do, in a sentence."""
    trained_on = network.trained_on
    rows, cols, planes = trained_on.image_shape
    factor = trained_on.adc.down_sample
    if trained_on.adc.crop:
        return f" Files with {planes} planes of {rows * factor} x {cols * factor} pixels or more fit."
    pixels = f" of {_lengths(trained_on.pixel_cm, factor)} (drift, wire)" if trained_on.pixel_cm else ""
    return f" Files with {planes} planes of {rows * factor} x {cols * factor} pixels{pixels} fit."


def _multiple(size: int, of: int) -> int:
    return math.ceil(size / of) * of


def _lengths(pixel_cm: tuple[float, float] | None, divided_by: int = 1) -> str:
    return " x ".join(f"{size / divided_by:.3g}" for size in pixel_cm) + " cm" if pixel_cm else "unknown size"


def _sides(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
