"""Whether images are of the kind that a network was trained on: on others its scores mean nothing."""

from lartpc_zoo.errors import DataDiffers

_SAME_PIXELS = 0.01  # of their size: the drift velocity, with which a tick becomes a length, is rounded here and there


def describe(data):
    """What of a Dataset a network depends on that is trained on it, as runs and cards hold it."""
    return {
        "classes": data.manifest["classes"],
        "image_shape": list(data.image_shape),
        "planes": list(data.planes),
        "pixel_cm": data.manifest["pixel_cm"],
        "adc": data.manifest["adc"],
    }


def check_same(trained_on, data, where, network):
    """Raise DataDiffers unless a Dataset has the classes, shape, planes, ADC and pixels of a training's data.

    trained_on: the description of the training's data, as a run or a card holds it. where, network: what the error
    calls the data and the trained network.
    """
    for what, now in describe(data).items():
        before = trained_on.get(what)  # runs did not always know the size of their pixels
        if not (_same_pixels(before, now) if what == "pixel_cm" else before == now):
            raise DataDiffers(
                f"{where}: {what} {now}, but {network} was trained on {before}. Convert the files with the options of "
                "the training's data set."
            )


def _same_pixels(before, now):
    """Whether pixels are equally large, as far as it is known."""
    return not (before and now) or all(abs(a - b) <= _SAME_PIXELS * a for a, b in zip(before, now))
