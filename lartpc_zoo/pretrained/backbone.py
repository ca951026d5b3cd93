"""Trained weights for a new last layer: `create_model(..., weights=...)`."""

import keras

from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.blocks import LOGITS
from lartpc_zoo.models.spec import NetworkSpec
from lartpc_zoo.pretrained.loading import Pretrained, open_pretrained

SAME_NAME = "pretrained"
"""What `weights` is for the card that is called like the network."""


def open_backbone(weights: str, spec: NetworkSpec) -> Pretrained:
    """The published network of create_model's argument `weights`. Raises BadInput where it is another than `spec`."""
    backbone = open_pretrained(str(spec) if weights == SAME_NAME else weights)
    if backbone.card.spec != spec:
        raise BadInput(f"{spec}: {backbone.name} has the weights of another network, {backbone.network}.")
    return backbone


def take_backbone(model: keras.Model, backbone: Pretrained) -> None:
    """Give a model the weights of a published network in all layers but the last.

    Raises:
        BadInput: a layer does not fit.
    """
    trained = backbone.load_model()
    for layer in model.layers:
        if layer.name == LOGITS or not layer.weights:
            continue
        try:
            layer.set_weights(trained.get_layer(layer.name).get_weights())
        except ValueError as error:
            raise BadInput(
                f"{model.name} of images {model.input_shape[1:]} cannot take the layer {layer.name} of "
                f"{backbone.name}, which is for images {backbone.card.input_shape} ({error})."
            ) from error
