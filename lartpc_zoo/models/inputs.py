"""What happens to raw ADC inside a model, so that weights and preprocessing cannot part."""

import math
from dataclasses import dataclass

import keras
from keras import ops

from data_tools.record import Record
from lartpc_zoo.errors import BadInput

_PACKAGE = "lartpc_zoo"


@dataclass(frozen=True)
class InputSpec(Record):
    """Preprocessing of the converted image, in its ADC.

    threshold: ADC below it becomes 0. maximum: ADC above it becomes the maximum. Each one number for all planes, or one
    number per plane. scale: factor after that. The study has (40, 50, 40), (400, 500, 400) and no scale at 576 x 576.
    """

    threshold: float | tuple[float, ...] | None = None
    maximum: float | tuple[float, ...] | None = None
    scale: float = 0.01

    def __post_init__(self):
        for name in ("threshold", "maximum"):
            value = getattr(self, name)
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))
            numbers = value if isinstance(value, list | tuple) else [] if value is None else [value]
            if not all(_is_number(number) for number in numbers):
                raise BadInput(f"Input {name} {value!r}: expected a number, one number per plane, or none.")
        if not (_is_number(self.scale) and self.scale > 0):
            raise BadInput(f"Input scale {self.scale!r}: expected a positive number.")


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def prepare(image, spec, plane):
    """A network's input from the raw image (batch, rows, cols, planes); of one `plane` unless that is None."""
    prepared = PrepareADC(spec.threshold, spec.maximum, spec.scale, name="prepare_adc")(image)
    return prepared if plane is None else SelectPlane(plane, name="select_plane")(prepared)


@keras.saving.register_keras_serializable(_PACKAGE)
class SelectPlane(keras.layers.Layer):
    """One plane of the image: (batch, rows, cols, planes) -> (batch, rows, cols, 1)."""

    def __init__(self, plane, **kwargs):
        # Raw ADC up to thousands loses precision in bfloat16, so preprocessing is done in float32.
        super().__init__(**{"dtype": "float32", **kwargs})
        self.plane = plane

    def call(self, image):
        return image[..., self.plane : self.plane + 1]

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 1)

    def get_config(self):
        return {**super().get_config(), "plane": self.plane}


@keras.saving.register_keras_serializable(_PACKAGE)
class PlanesToBatch(keras.layers.Layer):
    """Every plane as an image of its own: (batch, rows, cols, planes) -> (batch * planes, rows, cols, 1)."""

    def call(self, image):
        _, rows, cols, _ = image.shape
        return ops.reshape(ops.transpose(image, (0, 3, 1, 2)), (-1, rows, cols, 1))

    def compute_output_shape(self, input_shape):
        return (None, *input_shape[1:-1], 1)


@keras.saving.register_keras_serializable(_PACKAGE)
class PlanesToChannels(keras.layers.Layer):
    """The way back: (batch * planes, rows, cols, channels) -> (batch, rows, cols, planes * channels)."""

    def __init__(self, planes, **kwargs):
        super().__init__(**kwargs)
        self.planes = planes

    def call(self, x):
        _, rows, cols, channels = x.shape
        x = ops.transpose(ops.reshape(x, (-1, self.planes, rows, cols, channels)), (0, 2, 3, 1, 4))
        return ops.reshape(x, (-1, rows, cols, self.planes * channels))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.planes * input_shape[-1])

    def get_config(self):
        return {**super().get_config(), "planes": self.planes}


@keras.saving.register_keras_serializable(_PACKAGE)
class PrepareADC(keras.layers.Layer):
    """Threshold, maximum and scale of an InputSpec; the shape stays."""

    def __init__(self, threshold=None, maximum=None, scale=1.0, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.threshold, self.maximum, self.scale = threshold, maximum, scale

    def call(self, image):
        if self.threshold is not None:
            image = ops.where(image < ops.convert_to_tensor(self.threshold, image.dtype), ops.zeros_like(image), image)
        if self.maximum is not None:
            image = ops.minimum(image, ops.convert_to_tensor(self.maximum, image.dtype))
        return image * self.scale

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "threshold": self.threshold,
            "maximum": self.maximum,
            "scale": self.scale,
        }
