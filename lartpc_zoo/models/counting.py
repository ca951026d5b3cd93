"""What every layer of a network costs, counted from shapes: parameters, multiply-adds, activations, receptive field.

A second execution of the same blocks and builder, whose feature maps are sizes; nothing is allocated, and Keras is not
needed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from lartpc_zoo.models.families import MAXIMUM, submanifold
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.levels import SAME, Level, Window
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
        cells: pixels of the output that are computed, likewise; None once all pixels are merged.
        receptive_field: side in pixels of what one pixel of the output depends on, None once all pixels are merged.
    """

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    macs: int
    activations: int
    cells: float | None
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
        channels: of a pixel, or of the vector of an event.
        level: of the pixels, None once all are merged.
        field: side of the receptive field in pixels of the image, None once all pixels are merged.
        distance: of two neighbouring pixels, in pixels of the image.
    """

    channels: int
    level: Level | None
    field: int | None = 1
    distance: int = 1

    @property
    def shape(self) -> tuple[int, ...]:
        """(rows, cols, channels), or (channels,) once all pixels are merged."""
        return (*self.level.sides, self.channels) if self.level else (self.channels,)


def all_cells(level: Level) -> float:
    """All pixels of an event's feature maps."""
    return level.images * math.prod(level.sides)


class Counting(Operations[Sizes]):
    """Counts what every operation costs.

    Attributes:
        layers: the costs of all layers so far, in the order in which they were asked for.

    Args:
        cells: how many pixels of an event's feature maps are computed at a level; all without it.
        whole_cells: whether the way down looks at them, as in submanifold networks.
    """

    def __init__(self, cells: Callable[[Level], float] = all_cells, whole_cells: bool = False) -> None:
        self.layers: list[LayerCosts] = []
        self._cells = cells
        self._whole_cells = whole_cells

    def image(self, shape: tuple[int, int, int]) -> Sizes:
        """The raw image (rows, cols, planes), the first of all layers."""
        rows, cols, planes = map(int, shape)
        return self._count("adc", "InputLayer", Sizes(planes, Level((rows, cols))))

    def prepare(self, image: Sizes, inputs: InputSpec, plane: int | None) -> Sizes:
        x = self._count("prepare_adc", "PrepareADC", image)
        if plane is None:
            return x
        return self._count("select_plane", "SelectPlane", replace(x, channels=1))

    def channels(self, x: Sizes) -> int:
        return x.channels

    def convolution(self, x: Sizes, filters: int, size: int, stride: int, bias: bool, name: str) -> Sizes:
        kind = "PointwiseConv2D" if (size, stride) == (1, 1) else "Conv2D"
        kernel = size * size * x.channels * filters
        output = replace(self._window(x, size, stride, SAME), channels=filters)
        return self._count(name, kind, output, kernel + filters * bias, kernel)

    def batch_normalization(self, x: Sizes, name: str) -> Sizes:
        return self._count(name, "Normalization", x, _NORMALIZATION_WEIGHTS * x.channels)

    def relu(self, x: Sizes, name: str) -> Sizes:
        return self._count(name, "ReLU", x)

    def pool(self, x: Sizes, size: int, stride: int, padding: str, name: str) -> Sizes:
        return self._count(name, "MaxPooling2D", self._window(x, size, stride, padding))

    def way_down(self, x: Sizes, stride: int, name: str) -> Sizes:
        if stride == 1:
            return x
        if self._whole_cells:
            kind = "MaxPooling2D" if submanifold().way_down == MAXIMUM else "ActiveMean"
            return self._count(name, kind, self._window(x, stride, stride, SAME))
        return self._count(name, "AveragePooling2D", self._window(x, 1, stride, "valid"))

    def addition(self, x: Sizes, y: Sizes, name: str) -> Sizes:
        return self._count(name, "Add", replace(x, field=max(x.field or 0, y.field or 0)))

    def concatenation(self, parts: list[Sizes], name: str) -> Sizes:
        channels, field = sum(part.channels for part in parts), max(part.field or 0 for part in parts)
        return self._count(name, "Concatenate", replace(parts[0], channels=channels, field=field))

    def planes_to_batch(self, x: Sizes, name: str) -> Sizes:
        assert x.level is not None
        level = replace(x.level, images=x.channels)
        return self._count(name, "PlanesToBatch", replace(x, channels=1, level=level))

    def planes_to_channels(self, x: Sizes, planes: int, name: str) -> Sizes:
        assert x.level is not None
        together = replace(x, channels=planes * x.channels, level=x.level.joined())
        return self._count(name, "PlanesToChannels", together)

    def mean(self, x: Sizes, name: str) -> Sizes:
        return self._count(name, "GlobalAveragePooling2D", Sizes(x.channels, None, field=None))

    def flatten(self, x: Sizes, name: str) -> Sizes:
        return self._count(name, "Flatten", Sizes(math.prod(x.shape), None, field=None))

    def dropout(self, x: Sizes, rate: float, name: str) -> Sizes:
        return self._count(name, "Dropout", x)

    def dense(self, x: Sizes, units: int, relu: bool, name: str) -> Sizes:
        kernel = x.channels * units
        return self._count(name, "Dense", replace(x, channels=units), kernel + units, kernel)

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

    def _count(self, name: str, kind: str, x: Sizes, parameters: int = 0, kernel: int = 0) -> Sizes:
        """Put a layer on the list; `kernel`: multiply-adds for one pixel, or for the vector of an event."""
        cells = None if x.level is None else self._cells(x.level)
        times = 1 if cells is None else cells
        macs, activations = round(times * kernel), round(times * x.channels)
        self.layers.append(LayerCosts(name, kind, x.shape, parameters, macs, activations, cells, x.field))
        return x

    def _window(self, x: Sizes, size: int, stride: int, padding: str) -> Sizes:
        """The feature map behind a square window.

        Its field is that of x plus (size - 1) times the distance of two pixels of x; that grows by the factor stride.
        """
        assert x.level is not None
        level = Window(x.level, size, stride, padding).target
        field = None if x.field is None else x.field + (size - 1) * x.distance
        return replace(x, level=level, field=field, distance=x.distance * stride)
