"""Networks as Keras models: `create_model`."""

import warnings

import keras

from lartpc_zoo.backend.precision import dtype_policy
from lartpc_zoo.models.builder import build
from lartpc_zoo.models.catalogue import CLASSES, NetworkInfo, check_images, network_info
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.on_images import OnImages
from lartpc_zoo.models.on_masked_images import OnMaskedImages
from lartpc_zoo.models.operations import AnyOperations
from lartpc_zoo.models.spec import NetworkSpec, parse_network

_HEAVY_MB = 1000
_SEEDED = {"Conv2D", "PointwiseConv2D", "Dense", "Dropout"}
"""Layers that draw a seed when they are made."""


class HeavyNetwork(UserWarning):
    """A network with a first dense layer that large images make very large."""


def create_model(
    name: str | NetworkSpec,
    input_shape: tuple[int, int, int],
    num_classes: int = CLASSES,
    inputs: InputSpec | None = None,
    dtype: str | None = None,
) -> keras.Model:
    """A new Keras model of the named network, with random weights; see `lartpc_zoo.create_model`."""
    spec = parse_network(name)
    inputs = inputs or InputSpec()
    check_images(spec, input_shape, num_classes, inputs)
    if spec.architecture.head == "flatten":
        info = network_info(spec, input_shape, num_classes)
        _warn_if_heavy(info)
        _draw_seeds(info)
    with dtype_policy(dtype):
        image = keras.Input(tuple(map(int, input_shape)), dtype="float32", name="adc")
        return keras.Model(image, build(spec, image, inputs, num_classes, operations_on_images(spec)), name=str(spec))


def operations_on_images(spec: NetworkSpec, network: keras.Model | None = None) -> AnyOperations:
    """What builds a network on images.

    Args:
        spec: the network.
        network: whose layers are used, where it has them; others are new.
    """
    return OnMaskedImages(network) if spec.submanifold else OnImages(network)


def _warn_if_heavy(info: NetworkInfo) -> None:
    if info.weights_mb > _HEAVY_MB:
        warnings.warn(
            f"{info.name} at {' x '.join(map(str, info.input_shape))}: {(info.first_dense or 0) / 1e6:,.0f} of "
            f"{info.parameters / 1e6:,.0f} million parameters are in the first dense layer; {info.weights_mb:,.0f} MB "
            "of weights, several times as much in training. Smaller images, or a network with a global average pool, "
            "are lighter.",
            HeavyNetwork,
            stacklevel=4,
        )


def _draw_seeds(info: NetworkInfo) -> None:
    """Draw as many seeds as the layers of a network do.

    A network that flattens its image used to be built twice, the first time to be weighed. Without the seeds of the
    first time, the weights that belong to a seed would be others, and trainings of earlier versions not reproducible.
    """
    for layer in info.layers:
        if layer.kind in _SEEDED:
            keras.initializers.HeNormal()
