"""Networks by name: `list_models`, `create_model`, `network_info`."""

import fnmatch
import numbers
import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import keras

from lartpc_zoo.backend.precision import dtype_policy
from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.builder import build
from lartpc_zoo.models.costs import layer_table, totals
from lartpc_zoo.models.families import families, study
from lartpc_zoo.models.inputs import InputSpec, prepare
from lartpc_zoo.models.spec import TOWERS, NetworkSpec, parse_network

_HEAVY_MB = 1000


class HeavyNetwork(UserWarning):
    """A network with a first dense layer that large images make very large."""


def list_models(pattern: str = "*") -> list[str]:
    """Names of the study's networks that match a glob, in natural order (w2 before w10)."""
    return sorted(fnmatch.filter(study(), pattern), key=natural_order)


def create_model(
    name: str | NetworkSpec,
    input_shape: tuple[int, int, int],
    num_classes: int = 5,
    inputs: InputSpec | None = None,
    dtype: str | None = None,
) -> keras.Model:
    """A new Keras model of the named network, with random weights.

    Args:
        name: of the network, as in 'resnet29b_w4', or its NetworkSpec.
        input_shape: (rows, cols, planes) with all planes of the data. The model takes raw ADC (batch, rows, cols,
            planes) float32.
        num_classes: the model gives logits (batch, num_classes) float32.
        inputs: what happens to ADC inside the model (default: scale 1/100 only); `_tN` in the name overrides its
            threshold.
        dtype: Keras dtype policy, as in 'mixed_bfloat16', or 'auto' for that where the machine has it (default: Keras's
            own).

    Raises:
        UnknownNetwork: no network has this name.
        BadInput: the network cannot take such images.

    Warns:
        HeavyNetwork: its first dense layer makes the network heavier than 1 GB. Said before anything is allocated.
    """
    spec = parse_network(name)
    inputs = inputs or InputSpec()
    check_images(spec, input_shape, num_classes, inputs)
    _warn_if_heavy(spec, input_shape, num_classes)
    return _build(spec, input_shape, num_classes, inputs, dtype)


def network_info(name, input_shape=(576, 576, 3), num_classes=5):
    """What is known of a network, without allocating its weights.

    Keys: name, spec, about, input_shape, num_classes; for one event parameters (trainable), macs (multiply-adds of
    convolutions and dense layers), weights_mb and activations_mb (float32, 10^6 bytes), receptive_field (side in pixels
    of what one pixel of the last feature map sees); smallest_side (fewest rows or columns of an image);
    first_dense: None, or the parameters of the dense layer after the flattened image, which grow with it; tokens
    ({token of the name: what it does}), table1, found, inferred; layers (rows of lartpc_zoo.models.costs.layer_table).
    Raises as create_model.
    """
    spec = parse_network(name)
    check_images(spec, input_shape, num_classes, InputSpec())
    architecture = spec.architecture
    # Keras keeps a list of variables without a value for each thread, and gives them all one at the next occasion: for
    # the largest networks gigabytes. The list of a thread of its own is forgotten with it.
    with ThreadPoolExecutor(max_workers=1) as thread:
        rows = thread.submit(_layers_without_values, spec, input_shape, num_classes).result()
    return {
        "name": str(spec),
        "spec": spec,
        "about": families()[spec.family].about,
        "input_shape": tuple(input_shape),
        "num_classes": num_classes,
        **totals(rows),
        "smallest_side": architecture.smallest_side,
        "first_dense": _first_dense(rows),
        "tokens": spec.meanings,
        "table1": study().get(str(spec), False),
        "found": architecture.found,
        "inferred": architecture.inferred,
        "layers": rows,
    }


def _layers_without_values(spec, input_shape, num_classes):
    """The layer_table of a network whose variables have a shape but no value."""
    with keras.StatelessScope(initialize_variables=False):
        return layer_table(_build(spec, input_shape, num_classes))


def _build(spec, input_shape, num_classes, inputs=None, dtype=None):
    inputs = inputs or InputSpec()
    if spec.threshold is not None:
        inputs = replace(inputs, threshold=spec.threshold)
    with dtype_policy(dtype):
        image = keras.Input(tuple(map(int, input_shape)), dtype="float32", name="adc")
        prepared = prepare(image, inputs, plane=spec.planes if isinstance(spec.planes, int) else None)
        logits = build(spec.architecture, prepared, spec.planes == TOWERS, num_classes)
        return keras.Model(image, logits, name=str(spec))


def check_images(spec: NetworkSpec, input_shape: tuple[int, ...], num_classes: int, inputs: InputSpec) -> None:
    """Raise BadInput where a network cannot take images (rows, cols, planes) with such inputs and classes."""
    smallest = spec.architecture.smallest_side
    whole = len(input_shape) == 3 and all(isinstance(side, numbers.Integral) for side in input_shape)
    if not whole or min(input_shape[:2]) < smallest or input_shape[2] < 1:
        raise BadInput(
            f"{spec}: input shape {tuple(input_shape)}, expected whole numbers (rows, cols, planes) with rows and "
            f"cols of {smallest} or more."
        )
    planes = input_shape[2]
    if isinstance(spec.planes, int) and spec.planes >= planes:
        raise BadInput(f"{spec} looks at plane {spec.planes}, but the images have planes 0 to {planes - 1}.")
    if spec.planes == TOWERS and planes < 2:
        raise BadInput(f"{spec}: towers need two or more planes, the images have {planes}.")
    for field in ("threshold", "maximum"):
        value = getattr(inputs, field)
        if isinstance(value, tuple) and len(value) != planes:
            raise BadInput(f"Input {field} {list(value)}: expected one number, or one for each of {planes} planes.")
    if num_classes < 2:
        raise BadInput(f"{num_classes} classes: expected two or more.")


def _warn_if_heavy(spec, input_shape, num_classes):
    if spec.architecture.head != "flatten":
        return
    info = network_info(spec, input_shape, num_classes)
    if info["weights_mb"] > _HEAVY_MB:
        warnings.warn(
            f"{spec} at {' x '.join(map(str, input_shape))}: {info['first_dense'] / 1e6:,.0f} of "
            f"{info['parameters'] / 1e6:,.0f} million parameters are in the first dense layer; "
            f"{info['weights_mb']:,.0f} MB of weights, several times as much in training. Smaller images, or a network "
            "with a global average pool, are lighter.",
            HeavyNetwork,
            stacklevel=3,
        )


def _first_dense(rows):
    """Parameters of the dense layer after the flattened image, or None."""
    flattened = next((number for number, row in enumerate(rows) if row["kind"] == "Flatten"), None)
    if flattened is None:
        return None
    return next(row["parameters"] for row in rows[flattened:] if row["kind"] == "Dense")


def natural_order(name: str) -> list[int | str]:
    """Key to sort names by, with numbers as such."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
