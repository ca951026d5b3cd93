"""The one builder: the rows of a family's table, one after the other, between the raw image and the logits."""

from collections.abc import Sequence
from typing import Any

from lartpc_zoo.models.axes import TOWERS
from lartpc_zoo.models.blocks import BLOCKS, Part, auxiliary_head, head
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.operations import AnyOperations
from lartpc_zoo.models.rows import Row
from lartpc_zoo.models.spec import NetworkSpec


def build(spec: NetworkSpec, image: Any, inputs: InputSpec, num_classes: int, operations: AnyOperations) -> Any:
    """The logits of raw images.

    Args:
        spec: the network. In towers the planes pass the stem as images of their own, so that its weights and statistics
            are those of all planes together, and go on with their channels side by side.
        image: ADC (batch, rows, cols, planes), as the execution has it.
        inputs: what happens to ADC first; the threshold of the spec comes before its own.
        num_classes: of the logits (batch, num_classes).
        operations: what computes it.
    """
    return build_with_heads(spec, image, inputs, num_classes, operations, rows=())[0]


def build_with_heads(
    spec: NetworkSpec,
    image: Any,
    inputs: InputSpec,
    num_classes: int,
    operations: AnyOperations,
    rows: Sequence[str],
) -> list[Any]:
    """The logits of raw images, as of `build`, then those of auxiliary heads behind the rows with these names."""
    architecture, towers = spec.architecture, spec.planes == TOWERS
    prepared = operations.prepare(image, spec.inputs(inputs), spec.plane)
    part = Part(operations, architecture.batch_normalization)
    heads = []
    x = operations.planes_to_batch(prepared, "split_planes") if towers else prepared
    for row in architecture.stem:
        x = _row(part, x, row)
    if towers:
        x = operations.planes_to_channels(x, operations.channels(prepared), "join_planes")
    for row in architecture.stages:
        x = _row(part, x, row)
        if row.name in rows:
            heads.append(auxiliary_head(operations, x, f"auxiliary_{row.name}", num_classes))
    logits = head(
        operations,
        x,
        num_classes,
        flatten=architecture.head == "flatten",
        dense=architecture.dense,
        dropout=architecture.dropout,
        pool_dropout=architecture.pool_dropout,
    )
    return [logits, *heads]


def _row(part: Part, x: Any, row: Row) -> Any:
    make = BLOCKS[row.block].make
    if row.blocks is None:
        return make(part, x, row, row.stride, row.name)
    for number in range(1, row.blocks + 1):
        x = make(part, x, row, row.stride if number == 1 else 1, f"{row.name}_block{number}")
    return x
