"""Trained weights for a new last layer: `create_model(..., weights=...)`."""

from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.blocks import LOGITS
from lartpc_zoo.pretrained.loading import open_pretrained

SAME_NAME = "pretrained"
"""What `weights` is for the card that is called like the network."""


def open_trunk(weights, spec):
    """The Pretrained of create_model's argument `weights`. Raises BadInput where it is of another network than spec."""
    trunk = open_pretrained(str(spec) if weights == SAME_NAME else weights)
    if trunk.card.spec != spec:
        raise BadInput(f"{spec}: {trunk.name} has the weights of another network, {trunk.network}.")
    return trunk


def take_trunk(model, trunk):
    """Give a model the weights of a Pretrained in all layers but the last. Raises BadInput where one does not fit."""
    trained = trunk.load_model()
    for layer in model.layers:
        if layer.name == LOGITS or not layer.weights:
            continue
        try:
            layer.set_weights(trained.get_layer(layer.name).get_weights())
        except ValueError as error:
            raise BadInput(
                f"{model.name} of images {model.input_shape[1:]} cannot take the layer {layer.name} of {trunk.name}, "
                f"which is for images {trunk.card.input_shape} ({error})."
            ) from error
