"""Submanifold networks on sites: from hits to logits without an image, with the weights of a network on images."""

import math
from dataclasses import dataclass, replace
from typing import Any

import keras
from keras import layers

from lartpc_zoo.models.families import ALL, MAXIMUM, MEAN, submanifold
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.levels import Level, Window
from lartpc_zoo.models.operations import Operations
from lartpc_zoo.models.site_layers import (
    EventMean,
    EventPixels,
    SideBySide,
    SiteConvolution,
    SiteMaximum,
    SiteMean,
    SiteNormalization,
)
from lartpc_zoo.models.site_maker import Pixels, SitePlan
from lartpc_zoo.models.site_tables import (
    AllPixels,
    EventOf,
    Neighbours,
    Number,
    PlacesInAll,
    PlacesTogether,
    PlanesTogether,
    Table,
    WindowsAround,
)


@dataclass(frozen=True)
class Features:
    """A feature map at its active sites.

    Attributes:
        rows: (capacity of the level, channels).
        level: of the sites.
    """

    rows: Any
    level: Level


class OnSites(Operations[Any]):
    """Every operation as a layer at active sites; feature maps are Features, vectors of events are tensors.

    Args:
        network: on images, whose weights are used.
    """

    def __init__(self, network: keras.Model) -> None:
        self._network = network
        self._hits = keras.Input((), dtype="int32", name="hits")
        self._features: Any = None
        self._tables: dict[Table, Any] = {}

    @property
    def inputs(self) -> list[Any]:
        """Inputs of the network, in the order of what a SiteMaker makes."""
        return [self._hits, self._features, *self._tables.values()]

    @property
    def plan(self) -> SitePlan:
        """What a batch is made into."""
        return SitePlan(self._pixels, tuple(self._tables))

    def prepare(self, image: Any, inputs: InputSpec, plane: int | None) -> Any:
        return self._image(Pixels(image, inputs, plane))

    def channels(self, x: Any) -> int:
        return int(x.rows.shape[-1])

    def convolution(self, x: Any, filters: int, size: int, stride: int, bias: bool, name: str) -> Any:
        of_image, window = x.rows is self._features, Window(x.level, size, stride)
        layer = SiteConvolution(self._layer(name), of_image)
        target, tables = window.target, []
        if size > 1:
            tables.append(self._table(Neighbours(window)))
        symmetric = stride == 1 and size % 2  # a site's neighbours have it as theirs
        if size > 1 and not (symmetric or of_image):
            tables.append(self._table(WindowsAround(window)))
        return Features(layer(x.rows, self._table(Number(target)), *tables), target)

    def batch_normalization(self, x: Any, name: str) -> Any:
        layer = SiteNormalization(self._layer(name))
        return Features(layer(x.rows, self._table(Number(x.level))), x.level)

    def relu(self, x: Any, name: str) -> Any:
        return Features(self._layer(name)(x.rows), x.level)

    def pool(self, x: Any, size: int, stride: int, padding: str, name: str) -> Any:
        return self._windows(SiteMaximum(**self._like(name)), x, Window(x.level, size, stride, padding))

    def way_down(self, x: Any, stride: int, name: str) -> Any:
        if stride == 1:
            return x
        layer = {MAXIMUM: SiteMaximum, MEAN: SiteMean}[submanifold().way_down]
        return self._windows(layer(**self._like(name)), x, Window(x.level, stride, stride))

    def addition(self, x: Any, y: Any, name: str) -> Any:
        return Features(layers.Add(**self._like(name))([x.rows, y.rows]), x.level)

    def concatenation(self, parts: list[Any], name: str) -> Any:
        return Features(layers.Concatenate(**self._like(name))([part.rows for part in parts]), parts[0].level)

    def planes_to_batch(self, x: Any, name: str) -> Any:
        return self._image(replace(self._pixels, apart=True))

    def planes_to_channels(self, x: Any, planes: int, name: str) -> Any:
        tables = self._table(PlanesTogether(x.level)), self._table(PlacesTogether(x.level))
        return Features(SideBySide(**self._like(name))(x.rows, *tables), x.level.joined())

    def mean(self, x: Any, name: str) -> Any:
        pixels = math.prod(x.level.sides) if submanifold().mean == ALL else None
        return EventMean(pixels, **self._like(name))(x.rows, self._table(EventOf(x.level)), self._hits)

    def flatten(self, x: Any, name: str) -> Any:
        tables = self._table(AllPixels(x.level)), self._table(PlacesInAll(x.level))
        return EventPixels(math.prod(x.level.sides), **self._like(name))(x.rows, *tables)

    def dropout(self, x: Any, rate: float, name: str) -> Any:
        return self._layer(name)(x)

    def dense(self, x: Any, units: int, relu: bool, name: str) -> Any:
        return self._layer(name)(x)

    def logits(self, x: Any, classes: int, name: str) -> Any:
        return self._layer(name)(x)

    def _image(self, pixels: Pixels) -> Features:
        """The feature map of the image."""
        self._pixels, self._features = pixels, keras.Input((pixels.channels,), name="features")
        return Features(self._features, pixels.level)

    def _layer(self, name: str) -> keras.Layer:
        return self._network.get_layer(name)

    def _like(self, name: str) -> dict[str, Any]:
        """Name and dtype of a layer without weights."""
        return {"name": name, "dtype": self._layer(name).dtype_policy}

    def _windows(self, layer: keras.Layer, x: Features, window: Window) -> Features:
        tables = self._table(Neighbours(window)), self._table(WindowsAround(window))
        return Features(layer(x.rows, *tables), window.target)

    def _table(self, table: Table) -> Any:
        """A table as an input of the network; equal ones are one."""
        if table not in self._tables:
            shape = () if table.columns is None else (table.columns,)
            self._tables[table] = keras.Input(shape, dtype="int32", name=f"table{len(self._tables)}")
        return self._tables[table]
