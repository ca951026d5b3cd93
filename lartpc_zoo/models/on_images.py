"""Networks on dense images, as layers of Keras."""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from lartpc_zoo.models.convolution import PointwiseConv2D, subsampling
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.inputs import PrepareADC, SelectPlane
from lartpc_zoo.models.normalization import Normalization
from lartpc_zoo.models.operations import Operations
from lartpc_zoo.models.planes import PlanesToBatch, PlanesToChannels

_INITIAL = "he_normal"


class OnImages(Operations[Any]):
    """Every operation as a layer of Keras on tensors (batch, rows, cols, channels).

    Args:
        network: whose layers are used, where it has them; others are new.
    """

    def __init__(self, network: keras.Model | None = None) -> None:
        self._layers = {layer.name: layer for layer in network.layers} if network is not None else {}

    def prepare(self, image: Any, inputs: InputSpec, plane: int | None) -> Any:
        limits = {"threshold": inputs.threshold, "maximum": inputs.maximum, "scale": inputs.scale}
        prepared = self.layer(PrepareADC, "prepare_adc", **limits)(image)
        return prepared if plane is None else self.layer(SelectPlane, "select_plane", plane=plane)(prepared)

    def channels(self, x: Any) -> int:
        return int(x.shape[-1])

    def convolution(self, x: Any, filters: int, size: int, stride: int, bias: bool, name: str) -> Any:
        options: dict[str, Any] = {"filters": filters, "use_bias": bias, "kernel_initializer": _INITIAL}
        if (size, stride) == (1, 1):
            return self.layer(PointwiseConv2D, name, **options)(x)
        return self.layer(layers.Conv2D, name, kernel_size=size, strides=stride, padding="same", **options)(x)

    def batch_normalization(self, x: Any, name: str) -> Any:
        return self.layer(Normalization, name)(x)

    def relu(self, x: Any, name: str) -> Any:
        return self.layer(layers.ReLU, name)(x)

    def pool(self, x: Any, size: int, stride: int, padding: str, name: str) -> Any:
        return self.layer(layers.MaxPooling2D, name, pool_size=size, strides=stride, padding=padding)(x)

    def way_down(self, x: Any, stride: int, name: str) -> Any:
        return x if stride == 1 else self.layer(subsampling, name, stride=stride)(x)

    def addition(self, x: Any, y: Any, name: str) -> Any:
        return self.layer(layers.Add, name)([x, y])

    def concatenation(self, parts: list[Any], name: str) -> Any:
        return self.layer(layers.Concatenate, name)(parts)

    def planes_to_batch(self, x: Any, name: str) -> Any:
        return self.layer(PlanesToBatch, name)(x)

    def planes_to_channels(self, x: Any, planes: int, name: str) -> Any:
        return self.layer(PlanesToChannels, name, planes=planes)(x)

    def mean(self, x: Any, name: str) -> Any:
        # A mean over many pixels needs more digits than bfloat16 has.
        return self.layer(layers.GlobalAveragePooling2D, name, dtype="float32")(x)

    def flatten(self, x: Any, name: str) -> Any:
        return self.layer(layers.Flatten, name)(x)

    def dropout(self, x: Any, rate: float, name: str) -> Any:
        return self.layer(layers.Dropout, name, rate=rate)(x)

    def dense(self, x: Any, units: int, relu: bool, name: str) -> Any:
        activation = "relu" if relu else None
        return self.layer(layers.Dense, name, units=units, activation=activation, kernel_initializer=_INITIAL)(x)

    def logits(self, x: Any, classes: int, name: str) -> Any:
        return self.layer(layers.Dense, name, units=classes, dtype="float32")(x)

    def layer(self, kind: Callable[..., keras.Layer], name: str, **options: Any) -> keras.Layer:
        """The layer of a name: that of the network, or a new one."""
        if name not in self._layers:
            self._layers[name] = kind(name=name, **options)
        return self._layers[name]
