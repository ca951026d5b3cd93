"""What is to be scored: a data set, or LArCV files, which are converted as the training's data were."""

import contextlib
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import data_tools
from data_tools.description import DataDescription
from data_tools.errors import UserError
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.errors import DataDiffers
from lartpc_zoo.models.trained import TrainedNetwork

Data = Dataset | str | Path | Sequence[str | Path]
"""A data set, its directory, or LArCV files: a path, pattern or URL, or a list of them."""

WHOLE_FILE = "input"
"""What the sample is called that LArCV files become, if it is not named."""


class SharedSources(UserWarning):
    """A data set was made from files that a network was trained on."""


@contextlib.contextmanager
def opened(data: Data, network: TrainedNetwork, sample: str | None = None) -> Iterator[Dataset]:
    """Context with the Dataset to score; what is converted from LArCV files lasts as long as the context.

    Args:
        data: what to score.
        network: that scores it.
        sample: name of the sample that LArCV files become (default: 'input').

    Raises:
        DataDiffers: the images are of another kind than those of the training.
        UserError: the data cannot be opened or converted.

    Warns:
        SharedSources: the data set was made from files that the network was trained on.
    """
    if isinstance(data, Dataset):
        yield checked(data, data.directory, network)
    elif is_dataset(data):
        yield checked(data_tools.open_dataset(data), data, network)  # type: ignore[arg-type]  # is_dataset says so
    else:
        _check_shape(data, network)
        with tempfile.TemporaryDirectory() as directory:
            yield checked(_converted(data, network, sample or WHOLE_FILE, Path(directory) / "data"), data, network)


def is_dataset(data: Data) -> bool:
    """Whether what is to be scored is a data set already, or its directory."""
    return isinstance(data, Dataset) or (isinstance(data, str | Path) and Path(data).is_dir())


def _converted(files: str | Path | Sequence[str | Path], network: TrainedNetwork, sample: str, output: Path) -> Dataset:
    trained_on = network.trained_on
    adc = trained_on.adc
    try:
        return data_tools.convert(
            files,
            output,
            [sample],
            down_sample=adc.down_sample,
            threshold=adc.threshold,
            crop=adc.crop,
            classes=[f"{name}={','.join(map(str, codes))}" for name, codes in trained_on.classes],
        )
    except UserError as error:
        if error.option is None:
            raise
        advice = " This is an option of the conversion: convert the files first and score the data set."
        raise type(error)(*error.parts, advice, choices=error.choices) from error


def _check_shape(files: str | Path | Sequence[str | Path], network: TrainedNetwork) -> None:
    """Raise DataDiffers before anything is converted where images cannot become those of the training."""
    # The readers need uproot, which is not there where only converted data are scored.
    from data_tools.conversion.crop import cropped_shape
    from data_tools.conversion.sources import expand_inputs
    from data_tools.event import down_sampled_shape
    from data_tools.readers import open_file

    trained_on = network.trained_on
    path = expand_inputs(files)[0]
    reader = open_file(path)
    adc, shape = trained_on.adc, reader.shape
    try:
        found = cropped_shape(down_sampled_shape(shape, adc.down_sample), adc.crop)
    except UserError:
        found = None
    if found == trained_on.image_shape and tuple(reader.planes) == trained_on.planes:
        return
    options = f"down_sample {adc.down_sample}" + (f" and crop {adc.crop[0]} x {adc.crop[1]}" if adc.crop else "")
    if found:
        becomes = f"with the training's {options} they become {_sides(found)}"
    else:
        becomes = f"{options} cannot be applied to them" if adc.crop else f"{options} does not divide them"
    raise DataDiffers(
        f"{path}: images of {_sides(shape)}, planes {', '.join(map(str, reader.planes))}; {becomes}, but "
        f"{network.name} was trained on {_sides(trained_on.image_shape)}, planes "
        f"{', '.join(map(str, trained_on.planes))}.{_what_fits(shape, trained_on)}"
    )


def _what_fits(shape: tuple[int, int, int], trained_on: DataDescription) -> str:
    """Which files would do, in a sentence."""
    rows, cols, planes = trained_on.image_shape
    factor = trained_on.adc.down_sample
    if trained_on.adc.crop:
        return f" Files with {planes} planes of {rows * factor} x {cols * factor} pixels or more fit."
    pixels = ""
    if trained_on.pixel_cm:
        drift, wire = (size / factor for size in trained_on.pixel_cm)
        pixels = f" of {drift:.3g} x {wire:.3g} cm (drift, wire)"
    return f" Files with {planes} planes of {rows * factor} x {cols * factor} pixels{pixels} fit."


def checked(data: Dataset, where: object, network: TrainedNetwork) -> Dataset:
    """The data set, if its images are of the training's kind; warns where their events may be those of the training.

    Args:
        data: the data set.
        where: what messages call it.
        network: that scores it.

    Raises:
        DataDiffers: the images are of another kind than those of the training.

    Warns:
        SharedSources: the data set was made from files that the network was trained on.
    """
    network.check_data(data, where)
    before = network.trained_on
    shared = set(before.sources) & set(data.description.sources)
    if shared and data.fingerprint != before.fingerprint:
        warnings.warn(
            f"{where} has events from {len(shared)} of the files that {network.name} was trained on: some of them may "
            "be those of the training, and the accuracy too high.",
            SharedSources,
            stacklevel=5,
        )
    return data


def _sides(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
