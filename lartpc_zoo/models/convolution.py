"""Convolutions of one pixel, and every second pixel: the same numbers as Keras's, by the operations that are fast.

TensorFlow 2.21 on CPUs is faster with the gradients of a 1x1 convolution as products of matrices, above all in
bfloat16. Its strided slices are slow to differentiate, and the gradient of a strided 1x1 convolution corrupts memory
there (seen with AVX512, 16 and fewer channels, large images).
"""

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("lartpc_zoo")
class PointwiseConv2D(layers.Conv2D):
    """A 1x1 convolution without stride, with the weights of Conv2D; a product of matrices in training."""

    def __init__(self, filters: int, kernel_size: int = 1, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, **kwargs)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        if not training:
            return super().call(inputs)
        _, rows, cols, channels = inputs.shape
        kernel = ops.reshape(self.kernel, (channels, self.filters))
        outputs = ops.matmul(ops.reshape(inputs, (-1, channels)), kernel)
        if self.use_bias:
            outputs = outputs + self.bias
        return ops.reshape(outputs, (-1, rows, cols, self.filters))


def subsampling(stride: int, name: str) -> keras.Layer:
    """Every stride-th row and column, as the mean over one pixel."""
    return layers.AveragePooling2D(1, strides=stride, name=name)
