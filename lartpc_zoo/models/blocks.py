"""The blocks that networks are made of, written against `Operations`; names of layers read like the papers.

A block is one entry of BLOCKS: what the numbers in the widths of its rows are, and the function that makes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lartpc_zoo.models.operations import AnyOperations
from lartpc_zoo.models.rows import Row

LOGITS = "logits"
"""Name of the last layer."""

Function = Callable[["Part", Any, Row, int, str], Any]


@dataclass(frozen=True)
class Part:
    """What the blocks of one network share.

    Attributes:
        operations: what computes them.
        batch_normalization: whether convolutions are followed by it, instead of having a bias.
    """

    operations: AnyOperations
    batch_normalization: bool

    def convolution(self, x: Any, filters: int, size: int, stride: int, name: str, relu: bool = True) -> Any:
        """Convolution, batch normalisation or a bias and, unless `relu` is False, ReLU."""
        operations = self.operations
        if size == 1:
            x, stride = operations.way_down(x, stride, f"{name}_subsample"), 1
        x = operations.convolution(x, filters, size, stride, not self.batch_normalization, f"{name}_conv")
        if self.batch_normalization:
            x = operations.batch_normalization(x, f"{name}_norm")
        return operations.relu(x, f"{name}_relu") if relu else x


@dataclass(frozen=True)
class Block:
    """A kind of block.

    Attributes:
        widths: what the numbers in the widths of a row are; a family says which of them get wider with _wN.
        make: function (part, x, row, stride, name) that gives the output.
    """

    widths: tuple[str, ...]
    make: Function


def _conv(part: Part, x: Any, row: Row, stride: int, name: str) -> Any:
    (filters,) = row.widths
    return part.convolution(x, filters, row.size, stride, name)


def _pool(part: Part, x: Any, row: Row, stride: int, name: str) -> Any:
    return part.operations.pool(x, row.size, stride, row.padding, name)


def _bottleneck(part: Part, x: Any, row: Row, stride: int, name: str) -> Any:
    """1x1, 3x3, 1x1 with a shortcut; the stride is in the first 1x1, as in He et al. 2015 (arXiv:1512.03385)."""
    inner, outer = row.widths
    # Both branches begin with a strided 1x1, so they see the same pixels.
    x = part.operations.way_down(x, stride, f"{name}_subsample")
    y = part.convolution(x, inner, 1, 1, f"{name}_1")
    y = part.convolution(y, inner, 3, 1, f"{name}_2")
    y = part.convolution(y, outer, 1, 1, f"{name}_3", relu=False)
    return _add_shortcut(part, x, y, 1, name)


def _basic(part: Part, x: Any, row: Row, stride: int, name: str) -> Any:
    """3x3, 3x3 with a shortcut; the stride is in the first."""
    inner, outer = row.widths
    y = part.convolution(x, inner, 3, stride, f"{name}_1")
    y = part.convolution(y, outer, 3, 1, f"{name}_2", relu=False)
    return _add_shortcut(part, x, y, stride, name)


def _inception(part: Part, x: Any, row: Row, stride: int, name: str) -> Any:
    """1x1, 3x3, 5x5 and pool side by side (Szegedy et al. 2014, arXiv:1409.4842)."""
    single, reduce3, triple, reduce5, quintuple, pooled = row.widths
    branches = [
        part.convolution(x, single, 1, 1, f"{name}_1x1"),
        part.convolution(part.convolution(x, reduce3, 1, 1, f"{name}_3x3_reduce"), triple, 3, 1, f"{name}_3x3"),
        part.convolution(part.convolution(x, reduce5, 1, 1, f"{name}_5x5_reduce"), quintuple, 5, 1, f"{name}_5x5"),
        part.convolution(part.operations.pool(x, 3, 1, "same", f"{name}_pool"), pooled, 1, 1, f"{name}_proj"),
    ]
    return part.operations.concatenation(branches, name)


BLOCKS = {
    "conv": Block(("filters",), _conv),
    "pool": Block((), _pool),
    "bottleneck": Block(("inner", "outer"), _bottleneck),
    "basic": Block(("inner", "outer"), _basic),
    "inception": Block(("branch",) * 6, _inception),
}
"""Every kind of block by the name that a row of a family's table has."""


def head(
    operations: AnyOperations,
    x: Any,
    num_classes: int,
    flatten: bool,
    dense: Sequence[int],
    dropout: float,
    pool_dropout: float,
) -> Any:
    """The end of a network: from its last feature map to the logits.

    Args:
        operations: what computes it.
        x: the feature map.
        num_classes: of the logits.
        flatten: whether all pixels stand in a row; otherwise every channel is averaged over them.
        dense: units of layers before the logits, each with ReLU and dropout.
        dropout: fraction after each of them.
        pool_dropout: fraction before them.
    """
    x = operations.flatten(x, "flatten") if flatten else operations.mean(x, "pool")
    if pool_dropout:
        x = operations.dropout(x, pool_dropout, "pool_dropout")
    for number, units in enumerate(dense, start=1):
        x = operations.dense(x, units, True, f"fc{number}")
        x = operations.dropout(x, dropout, f"fc{number}_dropout")
    return operations.logits(x, num_classes, LOGITS)


def auxiliary_head(operations: AnyOperations, x: Any, name: str, num_classes: int) -> Any:
    """Logits of a feature map in the middle of a network (Szegedy et al. 2014), of any size.

    128 filters of 1x1, their mean over the image, 1024 units, dropout 0.7.
    """
    x = Part(operations, batch_normalization=False).convolution(x, 128, 1, 1, name)
    x = operations.mean(x, f"{name}_pool")
    x = operations.dense(x, 1024, True, f"{name}_fc")
    x = operations.dropout(x, 0.7, f"{name}_dropout")
    return operations.logits(x, num_classes, f"{name}_logits")


def _add_shortcut(part: Part, x: Any, y: Any, stride: int, name: str) -> Any:
    """ReLU(x + y), with x projected where stride or width changes."""
    operations = part.operations
    if stride != 1 or operations.channels(x) != operations.channels(y):
        x = part.convolution(x, operations.channels(y), 1, stride, f"{name}_projection", relu=False)
    return operations.relu(operations.addition(x, y, f"{name}_add"), f"{name}_out")
