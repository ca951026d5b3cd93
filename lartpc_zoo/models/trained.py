"""A trained network: its name, its weights, and the data that its scores mean something for."""

import abc
import warnings
from collections.abc import Sequence
from pathlib import Path

import keras

from data_tools.description import DataDescription
from lartpc_zoo.backend.dtypes import MEASURED_IN
from lartpc_zoo.errors import CorruptWeights, DataDiffers
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.models.scoring import Scoring

_SAME_PIXELS = 0.01
"""Of their size: the drift velocity, with which a tick becomes a length, is rounded here and there."""
_CHECKED = ("classes", "image_shape", "planes", "adc")


class TrainedNetwork(abc.ABC):
    """What can be scored with: a finished run or a published network.

    Attributes:
        name: what messages call it.
        network: name of the network.
        trained_on: the data it was trained on.
        inputs: what happens to ADC inside the model.
        batch_size: events per iteration of the training.
        weights_sha256: hex SHA-256 of the weights, None where none are published.
        evaluations: directory for what it scores.
    """

    name: str
    network: str
    trained_on: DataDescription
    inputs: InputSpec
    batch_size: int
    weights_sha256: str | None
    evaluations: Path

    @abc.abstractmethod
    def find_weights(self) -> Path:
        """Path of the weights, whose hash was checked."""

    def load_model(self, dtype: str | None = None) -> keras.Model:
        """The network with its weights.

        Args:
            dtype: Keras dtype policy (default: float32, in which accuracies were measured).

        Returns:
            Keras model from raw ADC images (batch, rows, cols, planes) float32 to logits (batch, classes) float32.

        Raises:
            CorruptWeights: the file does not hold the weights of this network.
            UserError: there are no weights, or others than those that were saved.
        """
        path, data = self.find_weights(), self.trained_on
        model = create_model(self.network, data.image_shape, len(data.classes), self.inputs, dtype or MEASURED_IN)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # Keras only warns of layers that keep their random weights
                model.load_weights(path)
        except (ValueError, KeyError, OSError, Warning) as error:
            raise CorruptWeights(f"{path}: not weights of {self.network} ({error}).") from error
        return model

    def check_data(self, data: DataDescription, where: object) -> None:
        """Check that images are of the kind that the network was trained on: on others its scores mean nothing.

        Args:
            data: what is to be scored.
            where: what the message calls it.

        Raises:
            DataDiffers: the classes, shape, planes, ADC or size of pixels are others.
        """
        before, now = self.trained_on, data
        differing = [what for what in _CHECKED if getattr(before, what) != getattr(now, what)]
        if not same_pixels(before.pixel_cm, now.pixel_cm):
            differing.append("pixel_cm")
        if differing:
            what = differing[0]
            raise DataDiffers(
                f"{where}: {what} {getattr(now, what)}, but {self.name} was trained on {getattr(before, what)}. "
                "Convert the files with the options of the training's data set."
            )

    @abc.abstractmethod
    def log_scoring(self, scoring: Scoring) -> None:
        """Put a scoring on record, where the network keeps one."""


def check_alike(networks: Sequence[TrainedNetwork]) -> None:
    """Raise DataDiffers unless all networks were trained on images and classes of one kind."""
    first, *others = networks
    for other in others:
        other.check_data(first.trained_on, first.name)


def same_pixels(before: tuple[float, float] | None, now: tuple[float, float] | None) -> bool:
    """Whether (drift, wire) sizes of pixels in cm are equal, as far as they are known."""
    return not (before and now) or all(abs(a - b) <= _SAME_PIXELS * a for a, b in zip(before, now))
