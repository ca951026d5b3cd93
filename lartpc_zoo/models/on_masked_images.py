"""Submanifold networks on dense images, as layers of Keras: the same layers with a mask after them.

This is what defines them; `on_sites` computes the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from lartpc_zoo.models.families import ACTIVE, MEAN, submanifold
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.inputs import ActivePixels
from lartpc_zoo.models.levels import Level, Window
from lartpc_zoo.models.masked import ActiveCells, ActiveMean, KeepActive
from lartpc_zoo.models.normalization import Normalization
from lartpc_zoo.models.on_images import OnImages
from lartpc_zoo.models.operations import Operations
from lartpc_zoo.models.planes import PlanesToBatch, PlanesToChannels


@dataclass(frozen=True)
class Masked:
    """A feature map that is 0 where it is not active.

    Attributes:
        x: (batch, rows, cols, channels).
        level: of its active pixels.
    """

    x: Any
    level: Level


class OnMaskedImages(Operations[Any]):
    """Every operation as on images, and 0 where nothing is active; vectors of events are tensors.

    Args:
        network: whose layers are used, where it has them; others are new.
    """

    def __init__(self, network: keras.Model | None = None) -> None:
        self._on_images = OnImages(network)
        self._active: dict[Level, Any] = {}

    def prepare(self, image: Any, inputs: InputSpec, plane: int | None) -> Any:
        x = self._on_images.prepare(image, inputs, plane)
        _, rows, cols, _ = x.shape
        level = Level((rows, cols))
        self._active[level] = self._layer(ActivePixels, "active")(x)
        return Masked(x, level)

    def channels(self, x: Any) -> int:
        return int(x.x.shape[-1])

    def convolution(self, x: Any, filters: int, size: int, stride: int, bias: bool, name: str) -> Any:
        y = self._on_images.convolution(x.x, filters, size, stride, bias, name)
        return self._kept(y, Window(x.level, size, stride).target, name)

    def batch_normalization(self, x: Any, name: str) -> Any:
        return self._kept(self._layer(Normalization, name)(x.x, active=self._active_at(x.level)), x.level, name)

    def relu(self, x: Any, name: str) -> Any:
        return Masked(self._on_images.relu(x.x, name), x.level)

    def pool(self, x: Any, size: int, stride: int, padding: str, name: str) -> Any:
        y = self._on_images.pool(x.x, size, stride, padding, name)
        return self._kept(y, Window(x.level, size, stride, padding).target, name)

    def way_down(self, x: Any, stride: int, name: str) -> Any:
        if stride == 1:
            return x
        if submanifold().way_down == MEAN:
            cells = self._layer(ActiveMean, name, stride=stride)(x.x, self._active_at(x.level))
            return Masked(cells, Window(x.level, stride, stride).target)
        return self.pool(x, stride, stride, "same", name)

    def addition(self, x: Any, y: Any, name: str) -> Any:
        return Masked(self._on_images.addition(x.x, y.x, name), x.level)

    def concatenation(self, parts: list[Any], name: str) -> Any:
        return Masked(self._on_images.concatenation([part.x for part in parts], name), parts[0].level)

    def planes_to_batch(self, x: Any, name: str) -> Any:
        images = self._layer(PlanesToBatch, name)(x.x)
        level = Level(x.level.sides, images=self.channels(x))
        self._active[level] = self._layer(ActivePixels, f"{name}_active")(images)
        return Masked(images, level)

    def planes_to_channels(self, x: Any, planes: int, name: str) -> Any:
        level = x.level.joined()
        together = self._layer(PlanesToChannels, f"{name}_active", planes=planes, dtype="float32")(
            self._active_at(x.level)
        )
        self._active[level] = self._layer(ActivePixels, f"{name}_any_active")(together)
        return Masked(self._on_images.planes_to_channels(x.x, planes, name), level)

    def mean(self, x: Any, name: str) -> Any:
        if submanifold().mean == ACTIVE:
            return self._layer(ActiveMean, name, dtype="float32")(x.x, self._active_at(x.level))
        return self._on_images.mean(x.x, name)

    def flatten(self, x: Any, name: str) -> Any:
        return self._on_images.flatten(x.x, name)

    def dropout(self, x: Any, rate: float, name: str) -> Any:
        return self._on_images.dropout(x, rate, name)

    def dense(self, x: Any, units: int, relu: bool, name: str) -> Any:
        return self._on_images.dense(x, units, relu, name)

    def logits(self, x: Any, classes: int, name: str) -> Any:
        return self._on_images.logits(x, classes, name)

    def _kept(self, x: Any, level: Level, name: str) -> Masked:
        """The feature map, 0 where it is not active."""
        return Masked(self._layer(KeepActive, f"{name}_active")(x, self._active_at(level)), level)

    def _active_at(self, level: Level) -> Any:
        """(batch, rows, cols, 1) float32: 1 for the active pixels of a level."""
        if level not in self._active:
            assert level.above is not None
            above = self._active_at(level.above)
            name = f"active{len(self._active) + 1}"
            self._active[level] = self._layer(ActiveCells, name, stride=level.stride, sides=level.sides)(above)
        return self._active[level]

    def _layer(self, kind: Callable[..., keras.Layer], name: str, **options: Any) -> keras.Layer:
        return self._on_images.layer(kind, name, **options)
