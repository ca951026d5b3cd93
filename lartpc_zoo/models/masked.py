"""Layers of submanifold networks on images: what is not active is 0."""

from typing import Any

import keras
from keras import ops

_PACKAGE = "lartpc_zoo"


@keras.saving.register_keras_serializable(_PACKAGE)
class KeepActive(keras.layers.Layer):
    """0 where a feature map is not active: (batch, rows, cols, channels) and (batch, rows, cols, 1) of 0 and 1."""

    def call(self, x: Any, active: Any) -> Any:
        return x * ops.cast(active, x.dtype)

    def compute_output_shape(self, x_shape: Any, active_shape: Any) -> Any:
        return x_shape


@keras.saving.register_keras_serializable(_PACKAGE)
class ActiveCells(keras.layers.Layer):
    """The cells with any active pixel: (batch, rows, cols, 1) -> (batch, *sides, 1).

    Args:
        stride: rows and columns of a cell.
        sides: (rows, cols) of the cells; windows without padding may leave the last ones out.
    """

    def __init__(self, stride: int, sides: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.stride, self.sides = stride, tuple(sides)

    def call(self, active: Any) -> Any:
        _, rows, cols, _ = active.shape
        more = [(0, -side % self.stride) for side in (rows, cols)]
        padded = ops.pad(active, [(0, 0), *more, (0, 0)])
        cells = ops.max_pool(padded, self.stride, self.stride, padding="valid")
        return cells[:, : self.sides[0], : self.sides[1]]

    def compute_output_shape(self, active_shape: Any) -> Any:
        return (active_shape[0], *self.sides, 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stride": self.stride, "sides": self.sides}


@keras.saving.register_keras_serializable(_PACKAGE)
class ActiveMean(keras.layers.Layer):
    """The mean over the active pixels of a cell or, without a stride, of a feature map.

    With a stride (batch, rows, cols, channels) -> (batch, ceil(rows / stride), ceil(cols / stride), channels), else
    (batch, channels). It is 0 where nothing is active.
    """

    def __init__(self, stride: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stride = stride

    def call(self, x: Any, active: Any) -> Any:
        return self._sum(x) / ops.maximum(self._sum(ops.cast(active, x.dtype)), 1)

    def _sum(self, x: Any) -> Any:
        if self.stride is None:
            return ops.sum(x, axis=(1, 2))
        _, rows, cols, channels = x.shape
        stride, (down, right) = self.stride, ((-side) % self.stride for side in (rows, cols))
        x = ops.pad(x, [(0, 0), (0, down), (0, right), (0, 0)])
        cells = ((rows + down) // stride, stride, (cols + right) // stride, stride)
        return ops.sum(ops.reshape(x, (-1, *cells, channels)), axis=(2, 4))

    def compute_output_shape(self, x_shape: Any, active_shape: Any) -> Any:
        batch, rows, cols, channels = x_shape
        if self.stride is None:
            return (batch, channels)
        return (batch, -(-rows // self.stride), -(-cols // self.stride), channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stride": self.stride}
