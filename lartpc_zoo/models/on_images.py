"""Networks on dense images, as layers of Keras."""

from typing import Any

from keras import layers

from lartpc_zoo.models.convolution import PointwiseConv2D, subsample
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.inputs import PrepareADC, SelectPlane
from lartpc_zoo.models.normalization import Normalization
from lartpc_zoo.models.operations import Operations
from lartpc_zoo.models.planes import PlanesToBatch, PlanesToChannels

_INITIAL = "he_normal"


class OnImages(Operations[Any]):
    """Every operation as a layer of Keras on tensors (batch, rows, cols, channels)."""

    def prepare(self, image: Any, inputs: InputSpec, plane: int | None) -> Any:
        prepared = PrepareADC(inputs.threshold, inputs.maximum, inputs.scale, name="prepare_adc")(image)
        return prepared if plane is None else SelectPlane(plane, name="select_plane")(prepared)

    def channels(self, x: Any) -> int:
        return int(x.shape[-1])

    def convolution(self, x: Any, filters: int, size: int, stride: int, bias: bool, name: str) -> Any:
        options: dict[str, Any] = {"use_bias": bias, "kernel_initializer": _INITIAL, "name": name}
        if (size, stride) == (1, 1):
            return PointwiseConv2D(filters, **options)(x)
        return layers.Conv2D(filters, size, strides=stride, padding="same", **options)(x)

    def batch_normalization(self, x: Any, name: str) -> Any:
        return Normalization(name=name)(x)

    def relu(self, x: Any, name: str) -> Any:
        return layers.ReLU(name=name)(x)

    def pool(self, x: Any, size: int, stride: int, padding: str, name: str) -> Any:
        return layers.MaxPooling2D(size, strides=stride, padding=padding, name=name)(x)

    def way_down(self, x: Any, stride: int, name: str) -> Any:
        return subsample(x, stride, name)

    def addition(self, x: Any, y: Any, name: str) -> Any:
        return layers.Add(name=name)([x, y])

    def concatenation(self, parts: list[Any], name: str) -> Any:
        return layers.Concatenate(name=name)(parts)

    def planes_to_batch(self, x: Any, name: str) -> Any:
        return PlanesToBatch(name=name)(x)

    def planes_to_channels(self, x: Any, planes: int, name: str) -> Any:
        return PlanesToChannels(planes, name=name)(x)

    def mean(self, x: Any, name: str) -> Any:
        # A mean over many pixels needs more digits than bfloat16 has.
        return layers.GlobalAveragePooling2D(dtype="float32", name=name)(x)

    def flatten(self, x: Any, name: str) -> Any:
        return layers.Flatten(name=name)(x)

    def dropout(self, x: Any, rate: float, name: str) -> Any:
        return layers.Dropout(rate, name=name)(x)

    def dense(self, x: Any, units: int, relu: bool, name: str) -> Any:
        activation = "relu" if relu else None
        return layers.Dense(units, activation=activation, kernel_initializer=_INITIAL, name=name)(x)

    def logits(self, x: Any, classes: int, name: str) -> Any:
        return layers.Dense(classes, dtype="float32", name=name)(x)
