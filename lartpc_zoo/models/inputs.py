"""What happens to raw ADC inside a model, so that weights and preprocessing cannot part."""

from typing import Any

import keras
from keras import ops

from lartpc_zoo.models.input_spec import InputSpec

_PACKAGE = "lartpc_zoo"
Limits = float | tuple[float, ...] | None
"""One number for all planes, one for each, or none."""


@keras.saving.register_keras_serializable(_PACKAGE)
class SelectPlane(keras.layers.Layer):
    """One plane of the image: (batch, rows, cols, planes) -> (batch, rows, cols, 1)."""

    def __init__(self, plane: int, **kwargs: Any) -> None:
        # Raw ADC up to thousands loses precision in bfloat16, so preprocessing is done in float32.
        super().__init__(**{"dtype": "float32", **kwargs})
        self.plane = plane

    def call(self, image: Any) -> Any:
        return image[..., self.plane : self.plane + 1]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "plane": self.plane}


@keras.saving.register_keras_serializable(_PACKAGE)
class ActivePixels(keras.layers.Layer):
    """Where a prepared image has any channel that is not 0: (batch, rows, cols, channels) -> (batch, rows, cols, 1)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})

    def call(self, image: Any) -> Any:
        return ops.cast(ops.any(image != 0, axis=-1, keepdims=True), "float32")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], 1)


@keras.saving.register_keras_serializable(_PACKAGE)
class PrepareADC(keras.layers.Layer):
    """Threshold, maximum and scale of an InputSpec; the shape stays."""

    def __init__(self, threshold: Limits = None, maximum: Limits = None, scale: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.threshold, self.maximum, self.scale = threshold, maximum, scale

    def call(self, image: Any) -> Any:
        if self.threshold is not None:
            image = ops.where(image < ops.convert_to_tensor(self.threshold, image.dtype), ops.zeros_like(image), image)
        if self.maximum is not None:
            image = ops.minimum(image, ops.convert_to_tensor(self.maximum, image.dtype))
        return image * self.scale

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "threshold": self.threshold,
            "maximum": self.maximum,
            "scale": self.scale,
        }


def input_spec_of(network: keras.Model) -> InputSpec:
    """What a network makes of raw ADC."""
    layer = network.get_layer("prepare_adc")
    return InputSpec(layer.threshold, layer.maximum, layer.scale)
