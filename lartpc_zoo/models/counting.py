"""What every layer of a network costs, counted from shapes: parameters, multiply-adds, activations, receptive field.

A second execution of the same blocks and builder, whose feature maps are sizes; nothing is allocated, and Keras is not
needed.
"""

import math
from dataclasses import dataclass, replace

from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.operations import Operations

_FLOAT32_BYTES = 4
_NORMALIZATION_WEIGHTS = 2  # gamma and beta of every channel are trained


@dataclass(frozen=True)
class LayerCosts:
    """What one layer costs for one event.

    Attributes:
        name: of the layer.
        kind: of the layer, as Keras calls it.
        output: shape without the batch axis.
        parameters: trainable ones.
        macs: multiply-adds of convolutions and dense layers, in towers those of all planes; additions of a bias,
            batch normalisation, activations and pools are not counted.
        activations: numbers in the output, in towers those of all planes.
        receptive_field: side in pixels of what one pixel of the output depends on, None once all pixels are merged.
    """

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    macs: int
    activations: int
    receptive_field: int | None


@dataclass(frozen=True)
class Totals:
    """The costs of a whole network for one event.

    Attributes:
        parameters: trainable ones.
        macs: multiply-adds of convolutions and dense layers.
        weights_mb: of the trainable parameters, in megabytes of 10^6 bytes in float32.
        activations_mb: the outputs of all layers but the image itself, as a training keeps them, likewise.
        receptive_field: side in pixels of what one pixel of the last feature map depends on.
    """

    parameters: int
    macs: int
    weights_mb: float
    activations_mb: float
    receptive_field: int


@dataclass(frozen=True)
class Sizes:
    """A feature map as its sizes.

    Attributes:
        shape: (rows, cols, channels), or (channels,) once all pixels are merged.
        images: per event: in the stem of towers, as many as planes.
        field: side of the receptive field in pixels of the image, None once all pixels are merged.
        distance: of two neighbouring pixels, in pixels of the image.
    """

    shape: tuple[int, ...]
    images: int = 1
    field: int | None = 1
    distance: int = 1


class Counting(Operations[Sizes]):
    """Counts what every operation costs.

    Attributes:
        layers: the costs of all layers so far, in the order in which they were asked for.
    """

    def __init__(self) -> None:
        self.layers: list[LayerCosts] = []

    def image(self, shape: tuple[int, int, int]) -> Sizes:
        """The raw image (rows, cols, planes), the first of all layers."""
        return self._count("adc", "InputLayer", Sizes(tuple(map(int, shape))))

    def prepare(self, image: Sizes, inputs: InputSpec, plane: int | None) -> Sizes:
        x = self._count("prepare_adc", "PrepareADC", image)
        if plane is None:
            return x
        return self._count("select_plane", "SelectPlane", replace(x, shape=(*x.shape[:2], 1)))

    def channels(self, x: Sizes) -> int:
        return x.shape[-1]

    def convolution(self, x: Sizes, filters: int, size: int, stride: int, bias: bool, name: str) -> Sizes:
        kind = "PointwiseConv2D" if (size, stride) == (1, 1) else "Conv2D"
        kernel = size * size * x.shape[-1] * filters
        output = replace(self._window(x, size, stride, "same"), shape=(*self._sides(x, size, stride, "same"), filters))
        macs = kernel * math.prod(output.shape[:2])
        return self._count(name, kind, output, kernel + filters * bias, macs)

    def batch_normalization(self, x: Sizes, name: str) -> Sizes:
        return self._count(name, "Normalization", x, _NORMALIZATION_WEIGHTS * x.shape[-1])

    def relu(self, x: Sizes, name: str) -> Sizes:
        return self._count(name, "ReLU", x)

    def pool(self, x: Sizes, size: int, stride: int, padding: str, name: str) -> Sizes:
        return self._count(name, "MaxPooling2D", self._window(x, size, stride, padding))

    def way_down(self, x: Sizes, stride: int, name: str) -> Sizes:
        return x if stride == 1 else self._count(name, "AveragePooling2D", self._window(x, 1, stride, "valid"))

    def addition(self, x: Sizes, y: Sizes, name: str) -> Sizes:
        return self._count(name, "Add", replace(x, field=max(x.field or 0, y.field or 0)))

    def concatenation(self, parts: list[Sizes], name: str) -> Sizes:
        shape = (*parts[0].shape[:2], sum(part.shape[-1] for part in parts))
        field = max(part.field or 0 for part in parts)
        return self._count(name, "Concatenate", replace(parts[0], shape=shape, field=field))

    def planes_to_batch(self, x: Sizes, name: str) -> Sizes:
        rows, cols, planes = x.shape
        return self._count(name, "PlanesToBatch", replace(x, shape=(rows, cols, 1), images=planes))

    def planes_to_channels(self, x: Sizes, planes: int, name: str) -> Sizes:
        rows, cols, channels = x.shape
        return self._count(name, "PlanesToChannels", replace(x, shape=(rows, cols, planes * channels), images=1))

    def mean(self, x: Sizes, name: str) -> Sizes:
        return self._count(name, "GlobalAveragePooling2D", Sizes((x.shape[-1],), field=None))

    def flatten(self, x: Sizes, name: str) -> Sizes:
        return self._count(name, "Flatten", Sizes((math.prod(x.shape),), field=None))

    def dropout(self, x: Sizes, rate: float, name: str) -> Sizes:
        return self._count(name, "Dropout", x)

    def dense(self, x: Sizes, units: int, relu: bool, name: str) -> Sizes:
        kernel = x.shape[-1] * units
        return self._count(name, "Dense", replace(x, shape=(units,)), kernel + units, kernel)

    def logits(self, x: Sizes, classes: int, name: str) -> Sizes:
        return self.dense(x, classes, False, name)

    def totals(self) -> Totals:
        """The costs of all layers together."""
        parameters = sum(layer.parameters for layer in self.layers)
        return Totals(
            parameters=parameters,
            macs=sum(layer.macs for layer in self.layers),
            weights_mb=parameters * _FLOAT32_BYTES / 1e6,
            activations_mb=sum(layer.activations for layer in self.layers[1:]) * _FLOAT32_BYTES / 1e6,
            receptive_field=max(layer.receptive_field or 0 for layer in self.layers),
        )

    def _count(self, name: str, kind: str, x: Sizes, parameters: int = 0, macs: int = 0) -> Sizes:
        activations = x.images * math.prod(x.shape)
        self.layers.append(LayerCosts(name, kind, x.shape, parameters, x.images * macs, activations, x.field))
        return x

    def _window(self, x: Sizes, size: int, stride: int, padding: str) -> Sizes:
        """The feature map behind a square window.

        Its field is that of x plus (size - 1) times the distance of two pixels of x; that grows by the factor stride.
        """
        shape = (*self._sides(x, size, stride, padding), x.shape[-1])
        field = None if x.field is None else x.field + (size - 1) * x.distance
        return replace(x, shape=shape, field=field, distance=x.distance * stride)

    @staticmethod
    def _sides(x: Sizes, size: int, stride: int, padding: str) -> tuple[int, int]:
        lost = size - 1 if padding == "valid" else 0
        rows, cols = (-(-(side - lost) // stride) for side in x.shape[:2])
        return rows, cols
