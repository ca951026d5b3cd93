"""Layers that pass the planes of an image through a network one by one, and bring them together again."""

from typing import Any

import keras
from keras import ops

_PACKAGE = "lartpc_zoo"


@keras.saving.register_keras_serializable(_PACKAGE)
class PlanesToBatch(keras.layers.Layer):
    """Every plane as an image of its own: (batch, rows, cols, planes) -> (batch * planes, rows, cols, 1)."""

    def call(self, image: Any) -> Any:
        _, rows, cols, _ = image.shape
        return ops.reshape(ops.transpose(image, (0, 3, 1, 2)), (-1, rows, cols, 1))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (None, *input_shape[1:-1], 1)


@keras.saving.register_keras_serializable(_PACKAGE)
class PlanesToChannels(keras.layers.Layer):
    """The way back: (batch * planes, rows, cols, channels) -> (batch, rows, cols, planes * channels)."""

    def __init__(self, planes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.planes = planes

    def call(self, x: Any) -> Any:
        _, rows, cols, channels = x.shape
        x = ops.transpose(ops.reshape(x, (-1, self.planes, rows, cols, channels)), (0, 2, 3, 1, 4))
        return ops.reshape(x, (-1, rows, cols, self.planes * channels))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        *sides, channels = input_shape
        return (*sides, None if channels is None else self.planes * channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "planes": self.planes}
