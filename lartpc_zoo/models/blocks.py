"""The blocks networks are made of. Tensors are (batch, rows, cols, channels); names of layers read like the papers.

A block is a function (x, row, stride, name, conv) of a row of the family's table; `conv` is `convolution` as the family
wants it, with normalisation or with a bias.
"""

from keras import layers

from lartpc_zoo.models.convolution import PointwiseConv2D, subsample
from lartpc_zoo.models.normalization import Normalization

LOGITS = "logits"
"""Name of the last layer."""
_INITIAL = "he_normal"


def convolution(x, filters, size, stride, name, normalised, relu=True):
    """Convolution ('same' padding), normalisation or a bias and, unless `relu` is False, ReLU."""
    options = {"use_bias": not normalised, "kernel_initializer": _INITIAL, "name": f"{name}_conv"}
    if size == 1:
        x = PointwiseConv2D(filters, **options)(subsample(x, stride, f"{name}_subsample"))
    else:
        x = layers.Conv2D(filters, size, strides=stride, padding="same", **options)(x)
    if normalised:
        x = Normalization(name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def _conv(x, row, stride, name, conv):
    return conv(x, *row.widths, row.size, stride, name)


def _pool(x, row, stride, name, conv):
    return layers.MaxPooling2D(row.size, strides=stride, padding=row.padding, name=name)(x)


def _bottleneck(x, row, stride, name, conv):
    """1x1, 3x3, 1x1 with a shortcut; the stride is in the first 1x1, as in He et al. 2015 (arXiv:1512.03385)."""
    inner, outer = row.widths
    # Both branches begin with a strided 1x1, so they see the same pixels.
    x = subsample(x, stride, f"{name}_subsample")
    y = conv(x, inner, 1, 1, f"{name}_1")
    y = conv(y, inner, 3, 1, f"{name}_2")
    y = conv(y, outer, 1, 1, f"{name}_3", relu=False)
    return _add_shortcut(x, y, 1, name, conv)


def _basic(x, row, stride, name, conv):
    """3x3, 3x3 with a shortcut; the stride is in the first."""
    inner, outer = row.widths
    y = conv(x, inner, 3, stride, f"{name}_1")
    y = conv(y, outer, 3, 1, f"{name}_2", relu=False)
    return _add_shortcut(x, y, stride, name, conv)


def _inception(x, row, stride, name, conv):
    """1x1, 3x3, 5x5 and pool side by side (Szegedy et al. 2014, arXiv:1409.4842)."""
    single, reduce3, triple, reduce5, quintuple, pooled = row.widths
    branches = [
        conv(x, single, 1, 1, f"{name}_1x1"),
        conv(conv(x, reduce3, 1, 1, f"{name}_3x3_reduce"), triple, 3, 1, f"{name}_3x3"),
        conv(conv(x, reduce5, 1, 1, f"{name}_5x5_reduce"), quintuple, 5, 1, f"{name}_5x5"),
        conv(layers.MaxPooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x), pooled, 1, 1, f"{name}_proj"),
    ]
    return layers.Concatenate(name=name)(branches)


BLOCKS = {"conv": _conv, "pool": _pool, "bottleneck": _bottleneck, "basic": _basic, "inception": _inception}


def head(x, architecture, num_classes):
    """Global average pool or all pixels in a row, dense layers with ReLU and dropout, float32 logits."""
    if architecture.head == "flatten":
        x = layers.Flatten(name="flatten")(x)
    else:
        # A mean over many pixels needs more digits than bfloat16 has.
        x = layers.GlobalAveragePooling2D(dtype="float32", name="pool")(x)
    if architecture.pool_dropout:
        x = layers.Dropout(architecture.pool_dropout, name="pool_dropout")(x)
    for number, units in enumerate(architecture.dense, start=1):
        x = layers.Dense(units, activation="relu", kernel_initializer=_INITIAL, name=f"fc{number}")(x)
        x = layers.Dropout(architecture.dropout, name=f"fc{number}_dropout")(x)
    return layers.Dense(num_classes, dtype="float32", name=LOGITS)(x)


def auxiliary_head(x, name, num_classes):
    """Float32 logits of a feature map in the middle of a network (Szegedy et al. 2014), of any size.

    128 filters of 1x1, their mean over the image, 1024 units, dropout 0.7.
    """
    x = convolution(x, 128, 1, 1, name, normalised=False)
    x = layers.GlobalAveragePooling2D(dtype="float32", name=f"{name}_pool")(x)
    x = layers.Dense(1024, activation="relu", kernel_initializer=_INITIAL, name=f"{name}_fc")(x)
    x = layers.Dropout(0.7, name=f"{name}_dropout")(x)
    return layers.Dense(num_classes, dtype="float32", name=f"{name}_logits")(x)


def _add_shortcut(x, y, stride, name, conv):
    """ReLU(x + y), with x projected where stride or width changes."""
    if stride != 1 or x.shape[-1] != y.shape[-1]:
        x = conv(x, y.shape[-1], 1, stride, f"{name}_projection", relu=False)
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([x, y]))
