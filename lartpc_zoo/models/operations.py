"""What blocks and networks are written against: the operations on a feature map, whatever computes them.

A feature map is what an execution makes of it: a tensor of Keras (`on_images`), or the sizes that a network is counted
with (`counting`). Names of operations are the names of layers, and so the keys of weights: two executions of a network
share its weights by them.
"""

import abc
from typing import Any, Generic, TypeVar

from lartpc_zoo.models.input_spec import InputSpec

X = TypeVar("X")
"""A feature map of an execution; after `mean` or `flatten`, a vector per event."""


class Operations(abc.ABC, Generic[X]):
    """The operations of one execution. Shapes are (batch, rows, cols, channels)."""

    @abc.abstractmethod
    def prepare(self, image: X, inputs: InputSpec, plane: int | None) -> X:
        """What a network sees of raw images (batch, rows, cols, planes), by the layers prepare_adc and select_plane.

        An execution that computes at active pixels only finds out here which these are: those with any channel that is
        not 0 afterwards.

        Args:
            image: ADC.
            inputs: threshold, maximum and scale.
            plane: the only one that is seen, or None for all.
        """

    @abc.abstractmethod
    def channels(self, x: X) -> int:
        """Number of channels."""

    @abc.abstractmethod
    def convolution(self, x: X, filters: int, size: int, stride: int, bias: bool, name: str) -> X:
        """Convolution of size x size with 'same' padding; those of 1 x 1 have no stride (see `way_down`)."""

    @abc.abstractmethod
    def batch_normalization(self, x: X, name: str) -> X:
        """Batch normalisation of every channel."""

    @abc.abstractmethod
    def relu(self, x: X, name: str) -> X:
        """max(x, 0)."""

    @abc.abstractmethod
    def pool(self, x: X, size: int, stride: int, padding: str, name: str) -> X:
        """Maximum over windows of size x size; padding 'same' or 'valid'."""

    @abc.abstractmethod
    def way_down(self, x: X, stride: int, name: str) -> X:
        """Every stride-th row and column, before a convolution of 1 x 1; with stride 1 the feature map itself."""

    @abc.abstractmethod
    def addition(self, x: X, y: X, name: str) -> X:
        """x + y, of one shape."""

    @abc.abstractmethod
    def concatenation(self, parts: list[X], name: str) -> X:
        """The channels of several feature maps one after the other."""

    @abc.abstractmethod
    def planes_to_batch(self, x: X, name: str) -> X:
        """Every plane as an image of its own: (batch * planes, rows, cols, 1)."""

    @abc.abstractmethod
    def planes_to_channels(self, x: X, planes: int, name: str) -> X:
        """The way back: (batch, rows, cols, planes * channels)."""

    @abc.abstractmethod
    def mean(self, x: X, name: str) -> X:
        """Mean of every channel over all pixels, in float32: (batch, channels)."""

    @abc.abstractmethod
    def flatten(self, x: X, name: str) -> X:
        """All pixels in a row: (batch, rows * cols * channels)."""

    @abc.abstractmethod
    def dropout(self, x: X, rate: float, name: str) -> X:
        """In training, a fraction `rate` of the numbers becomes 0 and the others are scaled up."""

    @abc.abstractmethod
    def dense(self, x: X, units: int, relu: bool, name: str) -> X:
        """Fully connected layer with a bias: (batch, units)."""

    @abc.abstractmethod
    def logits(self, x: X, classes: int, name: str) -> X:
        """The last layer: (batch, classes) float32."""


AnyOperations = Operations[Any]
