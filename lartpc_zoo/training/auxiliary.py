"""Auxiliary heads, which help deep networks without normalisation to train and are gone afterwards (GoogLeNet)."""

from typing import Any

import keras
from keras import ops

from lartpc_zoo.backend.precision import dtype_policy
from lartpc_zoo.models.builder import build_with_heads
from lartpc_zoo.models.execution import Executed, executed
from lartpc_zoo.models.inputs import input_spec_of
from lartpc_zoo.models.registry import operations_on_images
from lartpc_zoo.models.spec import parse_network

WEIGHT = 0.3
"""Of an auxiliary loss beside the network's own (Szegedy et al. 2014, arXiv:1409.4842)."""


def trained_network(network: keras.Model, dtype: str, execution: str) -> tuple[Executed, Any]:
    """What is trained in the place of a network, and its loss.

    Args:
        network: of the zoo, on images; it stays without auxiliary heads.
        dtype: Keras dtype policy of the heads.
        execution: as of `executed`.

    Returns:
        The network as it is run, with the network's own weights, and the loss. The model gives the network's logits and
        the loss is the cross-entropy; or (batch, heads, classes), with the network's own logits first, and the loss is
        that of all heads with their weights.
    """
    rows = parse_network(network.name).architecture.auxiliary
    if not rows:
        return executed(network, execution), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    ran = executed(_with_heads(network, rows, dtype), execution, rows)
    stacked = keras.Model(ran.model.input, ops.stack(ran.model.outputs, axis=1))
    return Executed(network, stacked, ran.execution, ran.plan), cross_entropy_of_heads


def cross_entropy_of_heads(labels: Any, logits: Any) -> Any:
    """Cross-entropy (batch,) of labels (batch,): that of the first head, and WEIGHT times those of the others."""
    heads = logits.shape[1]
    labels = ops.repeat(ops.reshape(labels, (-1, 1)), heads, axis=1)
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    return losses[:, 0] + WEIGHT * ops.sum(losses[:, 1:], axis=1)


def _with_heads(network: keras.Model, rows: tuple[str, ...], dtype: str) -> keras.Model:
    """The network with heads behind some rows; its logits come first."""
    spec, classes = parse_network(network.name), network.output_shape[-1]
    operations = operations_on_images(spec, network)
    with dtype_policy(dtype):
        outputs = build_with_heads(spec, network.input, input_spec_of(network), classes, operations, rows)
    return keras.Model(network.input, outputs, name=network.name)
