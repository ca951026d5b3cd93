"""The one builder: the rows of a family's table, one after the other, between the prepared image and the logits."""

from typing import Any

from lartpc_zoo.models.blocks import BLOCKS, Part, head
from lartpc_zoo.models.families import Architecture, Row
from lartpc_zoo.models.operations import AnyOperations


def build(architecture: Architecture, image: Any, towers: bool, num_classes: int, operations: AnyOperations) -> Any:
    """The logits of a prepared image.

    Args:
        architecture: the tables of the network.
        image: (batch, rows, cols, planes), a feature map of the execution.
        towers: pass the planes through the stem as images of their own, so that its weights and statistics are those of
            all planes together, and go on with their channels side by side.
        num_classes: of the logits (batch, num_classes).
        operations: what computes it.
    """
    part = Part(operations, architecture.normalised)
    x = operations.planes_to_batch(image, "split_planes") if towers else image
    for row in architecture.stem:
        x = _row(part, x, row)
    if towers:
        x = operations.planes_to_channels(x, operations.channels(image), "join_planes")
    for row in architecture.stages:
        x = _row(part, x, row)
    return head(operations, x, architecture, num_classes)


def _row(part: Part, x: Any, row: Row) -> Any:
    make = BLOCKS[row.block].make
    if row.blocks is None:
        return make(part, x, row, row.stride, row.name)
    for number in range(1, row.blocks + 1):
        x = make(part, x, row, row.stride if number == 1 else 1, f"{row.name}_block{number}")
    return x
