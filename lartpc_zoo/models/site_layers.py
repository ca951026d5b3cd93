"""Layers on sites, each with the weights of a layer on images; see lartpc_zoo.models.sites for what they are given."""

from typing import Any

import keras
import numpy as np
from keras import ops

from lartpc_zoo.backend.rows import first_rows, gather_rows, with_rows_of_zeros


def gathered(x: Any, table: Any, inverse: Any) -> Any:
    """Rows of x side by side, with a gradient that is a gather, too: TensorFlow's own scatters, and is slow.

    Args:
        x: (rows, channels); the last one is of zeros, and so is its gradient.
        table: (outputs, entries) int32, numbers of rows.
        inverse: (rows, places) int32, the places in the flat table at which each row stands; the last place for none.

    Returns:
        (outputs, entries, channels).
    """

    @ops.custom_gradient
    def gather(x: Any) -> tuple[Any, Any]:
        def gradient(given: Any) -> Any:
            return _brought_back(given, inverse)

        return gather_rows(x, table), gradient

    return gather(x)


def convolved(x: Any, kernel: Any, table: Any, size: int) -> Any:
    """A convolution without stride and of an odd size: the neighbours of every row times the kernel.

    The neighbours of a site have it as theirs, on the other side. So both gradients follow from the neighbours of the
    output's gradient, and those of x need not be kept: the gradient of x is the convolution with the kernel turned
    round, that of the kernel the product with x, turned round.

    Args:
        x: (rows, channels); the last one is of zeros.
        kernel: (size * size * channels, filters).
        table: (rows, size * size) int32.
        size: side of the kernel, odd.

    Returns:
        (rows, filters).
    """
    pixels, channels, filters = size * size, x.shape[-1], kernel.shape[-1]

    def turned(kernel: Any, inner: int, outer: int) -> Any:
        """Pixels in the opposite order, and the other axes: (pixels * inner, outer) -> (pixels, outer, inner)."""
        opposite = gather_rows(ops.reshape(kernel, (pixels, -1)), np.arange(pixels - 1, -1, -1, dtype=np.int32))
        return ops.transpose(ops.reshape(opposite, (pixels, inner, outer)), (0, 2, 1))

    @ops.custom_gradient
    def convolve(x: Any, kernel: Any) -> tuple[Any, Any]:
        def gradient(given: Any) -> tuple[Any, Any]:
            around = ops.reshape(gather_rows(given, table), (-1, pixels * filters))
            of_x = ops.matmul(around, ops.reshape(turned(kernel, channels, filters), (-1, channels)))
            of_kernel = turned(ops.matmul(ops.transpose(around), x), filters, channels)
            return of_x, ops.reshape(of_kernel, (-1, filters))

        return ops.matmul(ops.reshape(gather_rows(x, table), (-1, pixels * channels)), kernel), gradient

    return convolve(x, kernel)


def largest(x: Any, table: Any, inverse: Any) -> Any:
    """The maximum of several rows, channel by channel; of equal ones the first has the gradient.

    Args and shapes as of `gathered`, but for the result, (outputs, channels).
    """

    @ops.custom_gradient
    def maximum(x: Any) -> tuple[Any, Any]:
        # One gather for each entry, as a maximum over an axis is slower.
        parts = [gather_rows(x, table[:, entry]) for entry in range(table.shape[1])]
        found = parts[0]
        for part in parts[1:]:
            found = ops.maximum(found, part)

        def gradient(given: Any) -> Any:
            shares, left = [], given
            for part in parts:
                largest = part == found
                shares.append(ops.where(largest, left, 0))
                left = ops.where(largest, 0, left)
            return _brought_back(ops.stack(shares, axis=1), inverse)

        return found, gradient

    return maximum(x)


def _brought_back(entries: Any, inverse: Any) -> Any:
    """For every row the sum of the entries (outputs, entries, channels) at its places; see `gathered`."""
    flat = ops.reshape(entries, (-1, entries.shape[-1]))
    parts = [gather_rows(flat, inverse[:, place]) for place in range(inverse.shape[1])]
    return sum(parts[1:], start=parts[0])


class SiteLayer(keras.layers.Layer):
    """A layer with the weights of one on images.

    Args:
        layer: which.
    """

    def __init__(self, layer: keras.Layer) -> None:
        super().__init__(name=layer.name, dtype=layer.dtype_policy)
        self.layer = layer
        self.built = True


class SiteConvolution(SiteLayer):
    """Conv2D or PointwiseConv2D at sites: (rows, channels) -> (rows of the target, filters).

    Args:
        layer: on images.
        of_image: whether x is the image, of which no gradient is asked for.
    """

    def __init__(self, layer: keras.Layer, of_image: bool) -> None:
        super().__init__(layer)
        self.of_image = of_image

    def call(self, x: Any, number: Any, table: Any = None, inverse: Any = None) -> Any:
        kernel = ops.reshape(self.layer.kernel, (-1, self.layer.filters))
        if table is None:
            x = ops.matmul(x, kernel)
        elif inverse is None and not self.of_image:
            x = convolved(x, kernel, table, self.layer.kernel.shape[0])
        else:
            pixels = gather_rows(x, table) if self.of_image else gathered(x, table, inverse)
            x = ops.matmul(ops.reshape(pixels, (-1, kernel.shape[0])), kernel)
        if self.layer.use_bias:
            real, mask = first_rows(x, number)
            x = with_rows_of_zeros(real + self.layer.bias, mask, x)
        return x

    def compute_output_shape(
        self, x_shape: Any, number_shape: Any, table_shape: Any = None, inverse_shape: Any = None
    ) -> Any:
        return (None, self.layer.filters)


class SiteNormalization(SiteLayer):
    """Normalization over sites: (rows, channels) -> (rows, channels)."""

    def call(self, x: Any, number: Any) -> Any:
        real, mask = first_rows(x, number)
        active = None if mask is None else mask[None, :, None, None]
        outputs = self.layer(ops.reshape(real, (1, -1, 1, x.shape[-1])), active=active)
        return with_rows_of_zeros(ops.reshape(outputs, (-1, x.shape[-1])), mask, x)

    def compute_output_shape(self, x_shape: Any, number_shape: Any) -> Any:
        return (None, x_shape[-1])

    def collecting(self, batches: int) -> keras.Layer:
        """As of Normalization."""
        return SiteNormalization(self.layer.collecting(batches))


class SiteMaximum(keras.layers.Layer):
    """Maximum over windows: (rows, channels) -> (rows of the target, channels)."""

    def call(self, x: Any, table: Any, inverse: Any) -> Any:
        return largest(x, table, inverse)

    def compute_output_shape(self, x_shape: Any, table_shape: Any, inverse_shape: Any) -> Any:
        return (None, x_shape[-1])


class SiteMean(keras.layers.Layer):
    """Mean over the active pixels of windows: (rows, channels) -> (rows of the target, channels)."""

    def call(self, x: Any, table: Any, inverse: Any) -> Any:
        there = ops.sum(ops.cast(table < ops.shape(x)[0] - 1, "float32"), axis=1, keepdims=True)
        total = ops.sum(gathered(x, table, inverse), axis=1)
        return total / ops.cast(ops.maximum(there, 1.0), x.dtype)

    def compute_output_shape(self, x_shape: Any, table_shape: Any, inverse_shape: Any) -> Any:
        return (None, x_shape[-1])


class SideBySide(keras.layers.Layer):
    """Several rows one after the other: (rows, channels) -> (rows of the table, entries * channels)."""

    def call(self, x: Any, table: Any, inverse: Any) -> Any:
        return ops.reshape(gathered(x, table, inverse), (-1, table.shape[1] * x.shape[-1]))

    def compute_output_shape(self, x_shape: Any, table_shape: Any, inverse_shape: Any) -> Any:
        return (None, table_shape[1] * x_shape[-1])


class EventMean(keras.layers.Layer):
    """Sum over the sites of each event, divided by `pixels`: (rows, channels) -> (events, channels) float32.

    pixels: None for as many as the event has active ones.
    """

    def __init__(self, pixels: int | None, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.pixels = pixels

    def call(self, x: Any, event: Any, hits: Any) -> Any:
        events = ops.shape(hits)[0]
        total = ops.segment_sum(x, event, events + 1)[:-1]
        if self.pixels is not None:
            return total / self.pixels
        active = ops.segment_sum(ops.ones_like(event, dtype="float32"), event, events + 1)[:-1]
        return total / ops.maximum(active, 1.0)[:, None]

    def compute_output_shape(self, x_shape: Any, event_shape: Any, hits_shape: Any) -> Any:
        return (None, x_shape[-1])


class EventPixels(keras.layers.Layer):
    """All pixels of each event in a row: (rows, channels) -> (events, pixels * channels)."""

    def __init__(self, pixels: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pixels = pixels

    def call(self, x: Any, table: Any, inverse: Any) -> Any:
        return ops.reshape(gathered(x, table, inverse), (-1, self.pixels * x.shape[-1]))[:-1]

    def compute_output_shape(self, x_shape: Any, table_shape: Any, inverse_shape: Any) -> Any:
        return (None, self.pixels * x_shape[-1])
