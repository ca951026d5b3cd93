"""The one builder: the rows of a family's table, one after the other, between the raw image and the logits."""

from dataclasses import replace
from typing import Any

from lartpc_zoo.models.axes import TOWERS
from lartpc_zoo.models.blocks import BLOCKS, Part, head
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.operations import AnyOperations
from lartpc_zoo.models.rows import Row
from lartpc_zoo.models.spec import NetworkSpec


def build(spec: NetworkSpec, image: Any, inputs: InputSpec, num_classes: int, operations: AnyOperations) -> Any:
    """The logits of raw images.

    Args:
        spec: the network. In towers the planes pass the stem as images of their own, so that its weights and statistics
            are those of all planes together, and go on with their channels side by side.
        image: ADC (batch, rows, cols, planes), a feature map of the execution.
        inputs: what happens to ADC first; the threshold of the spec comes before its own.
        num_classes: of the logits (batch, num_classes).
        operations: what computes it.
    """
    architecture, towers = spec.architecture, spec.planes == TOWERS
    if spec.threshold is not None:
        inputs = replace(inputs, threshold=spec.threshold)
    prepared = operations.prepare(image, inputs, spec.planes if isinstance(spec.planes, int) else None)
    part = Part(operations, architecture.batch_normalization)
    x = operations.planes_to_batch(prepared, "split_planes") if towers else prepared
    for row in architecture.stem:
        x = _row(part, x, row)
    if towers:
        x = operations.planes_to_channels(x, operations.channels(prepared), "join_planes")
    for row in architecture.stages:
        x = _row(part, x, row)
    return head(
        operations,
        x,
        num_classes,
        flatten=architecture.head == "flatten",
        dense=architecture.dense,
        dropout=architecture.dropout,
        pool_dropout=architecture.pool_dropout,
    )


def _row(part: Part, x: Any, row: Row) -> Any:
    make = BLOCKS[row.block].make
    if row.blocks is None:
        return make(part, x, row, row.stride, row.name)
    for number in range(1, row.blocks + 1):
        x = make(part, x, row, row.stride if number == 1 else 1, f"{row.name}_block{number}")
    return x
