"""The one builder: the rows of a family's table, one after the other, between the prepared image and the logits."""

import functools

from lartpc_zoo.models.blocks import BLOCKS, convolution, head
from lartpc_zoo.models.inputs import PlanesToBatch, PlanesToChannels


def build(architecture, image, towers, num_classes):
    """Logits (batch, num_classes) of the prepared image (batch, rows, cols, planes).

    towers: pass the planes through the stem as images of their own, so that its weights and statistics are those of all
    planes together, and go on with their channels side by side.
    """
    conv = functools.partial(convolution, normalised=architecture.normalised)
    x = PlanesToBatch(name="split_planes")(image) if towers else image
    for row in architecture.stem:
        x = _blocks(x, row, conv)
    if towers:
        x = PlanesToChannels(image.shape[-1], name="join_planes")(x)
    for row in architecture.stages:
        x = _blocks(x, row, conv)
    return head(x, architecture, num_classes)


def _blocks(x, row, conv):
    block = BLOCKS[row.block]
    if row.blocks is None:
        return block(x, row, row.stride, row.name, conv)
    for number in range(1, row.blocks + 1):
        x = block(x, row, row.stride if number == 1 else 1, f"{row.name}_block{number}", conv)
    return x
