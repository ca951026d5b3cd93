"""The ResNet families: He et al. 2015 (arXiv:1512.03385), post-activation, of bottleneck or basic blocks."""

from keras import layers

from lartpc_zoo.models.blocks import BLOCKS, conv_norm, head
from lartpc_zoo.models.families import families
from lartpc_zoo.models.inputs import PlanesToBatch, PlanesToChannels
from lartpc_zoo.models.spec import TOWERS


def build(spec, image, num_classes):
    """Logits (batch, num_classes) of the prepared image (batch, rows, cols, planes)."""
    family = families()[spec.family]
    block = BLOCKS[family.block]

    def width(base, part):
        return int(base * spec.width) if part in family.width_scales else base

    x = _stem(image, spec, width(family.widths[0], "stem"))
    for stage, (base, blocks) in enumerate(zip(family.widths, family.depths[spec.depth].blocks), start=2):
        inner, outer = width(base, "inner"), width(base * family.expansion, "outer")
        for number in range(1, blocks + 1):
            # The max pool has already halved the image of the first stage.
            stride = 2 if number == 1 and stage > 2 else 1
            x = block(x, inner, outer, stride, f"stage{stage}_block{number}")
    return head(x, spec.dense, family.dropout, num_classes)


def _stem(image, spec, filters):
    """7x7 convolution, normalisation, ReLU, max pool 3x3 stride 2; over all planes, or over every plane alike.

    Towers pass the planes as images of their own, so that weights and statistics are those of all planes together.
    """
    towers = spec.planes == TOWERS
    x = PlanesToBatch(name="planes_to_batch")(image) if towers else image
    x = conv_norm(x, filters, 7, spec.stem_stride, "stem")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="stem_pool")(x)
    return PlanesToChannels(image.shape[-1], name="planes_to_channels")(x) if towers else x
