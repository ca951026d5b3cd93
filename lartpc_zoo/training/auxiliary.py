"""Auxiliary heads, which help deep networks without normalisation to train and are gone afterwards (GoogLeNet)."""

from typing import Any

import keras
from keras import ops

from lartpc_zoo.backend.precision import dtype_policy
from lartpc_zoo.models.blocks import auxiliary_head
from lartpc_zoo.models.on_images import OnImages
from lartpc_zoo.models.spec import parse_network

WEIGHT = 0.3
"""Of an auxiliary loss beside the network's own (Szegedy et al. 2014, arXiv:1409.4842)."""


def training_outputs(network: keras.Model, dtype: str) -> tuple[Any, Any]:
    """(output, loss) to train a network of the zoo with.

    The output is that of the network, or (batch, heads, classes) with the network's own logits first; the loss is the
    cross-entropy, or that of all heads with their weights. dtype: Keras dtype policy of the heads.
    """
    rows = parse_network(network.name).architecture.auxiliary
    if not rows:
        return network.output, keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classes = network.output.shape[-1]
    with dtype_policy(dtype):
        heads = [auxiliary_head(OnImages(), network.get_layer(row).output, f"auxiliary_{row}", classes) for row in rows]
    return ops.stack([network.output, *heads], axis=1), cross_entropy_of_heads


def cross_entropy_of_heads(labels: Any, logits: Any) -> Any:
    """Cross-entropy (batch,) of labels (batch,): that of the first head, and WEIGHT times those of the others."""
    heads = logits.shape[1]
    labels = ops.repeat(ops.reshape(labels, (-1, 1)), heads, axis=1)
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    return losses[:, 0] + WEIGHT * ops.sum(losses[:, 1:], axis=1)
