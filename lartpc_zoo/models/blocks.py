"""The pieces networks are made of. Tensors are (batch, rows, cols, channels); names read like the paper."""

from keras import layers

from lartpc_zoo.models.normalization import Normalization

_INITIAL = "he_normal"


def conv_norm(x, filters, size, stride, name, relu=True):
    """Convolution without bias, 'same' padding, normalisation and, unless `relu` is False, ReLU."""
    if size == 1 and stride > 1:
        # The same numbers, but TensorFlow 2.21's gradient of a strided 1x1 convolution corrupts memory on CPUs with
        # AVX512 where channels are few (16 and fewer) and images large.
        x, stride = x[:, ::stride, ::stride], 1
    convolution = layers.Conv2D(
        filters, size, strides=stride, padding="same", use_bias=False, kernel_initializer=_INITIAL, name=f"{name}_conv"
    )
    x = convolution(x)
    x = Normalization(name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def bottleneck(x, inner, outer, stride, name):
    """1x1, 3x3, 1x1 with a shortcut; the stride is in the first 1x1, as in He et al. 2015 (arXiv:1512.03385)."""
    y = conv_norm(x, inner, 1, stride, f"{name}_1")
    y = conv_norm(y, inner, 3, 1, f"{name}_2")
    y = conv_norm(y, outer, 1, 1, f"{name}_3", relu=False)
    return _add_shortcut(x, y, outer, stride, name)


def basic(x, inner, outer, stride, name):
    """3x3, 3x3 with a shortcut; the stride is in the first."""
    y = conv_norm(x, inner, 3, stride, f"{name}_1")
    y = conv_norm(y, outer, 3, 1, f"{name}_2", relu=False)
    return _add_shortcut(x, y, outer, stride, name)


BLOCKS = {"bottleneck": bottleneck, "basic": basic}


def head(x, dense, dropout, num_classes):
    """Global average pool, dense layers with ReLU and dropout, then float32 logits (batch, num_classes)."""
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    for number, units in enumerate(dense, start=1):
        x = layers.Dense(units, activation="relu", kernel_initializer=_INITIAL, name=f"fc{number}")(x)
        x = layers.Dropout(dropout, name=f"fc{number}_dropout")(x)
    return layers.Dense(num_classes, dtype="float32", name="logits")(x)


def _add_shortcut(x, y, outer, stride, name):
    """ReLU(x + y), with x projected where stride or width changes."""
    if stride != 1 or x.shape[-1] != outer:
        x = conv_norm(x, outer, 1, stride, f"{name}_projection", relu=False)
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([x, y]))
