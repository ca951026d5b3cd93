"""Networks by name: `list_models`, `create_model`, `network_info`."""

import fnmatch
import numbers
import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import keras

from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.builder import build
from lartpc_zoo.models.costs import layer_table, totals
from lartpc_zoo.models.families import families, study
from lartpc_zoo.models.inputs import InputSpec, prepare
from lartpc_zoo.models.precision import dtype_policy
from lartpc_zoo.models.spec import TOWERS, parse

_HEAVY_MB = 1000


class HeavyNetwork(UserWarning):
    """A network with a first dense layer that large images make very large."""


def list_models(pattern="*", pretrained=False):
    """Names of the study's networks that match the glob `pattern`, in natural order (w2 before w10).

    pretrained: instead, names with published weights, for `load_pretrained`.
    """
    if pretrained:
        from lartpc_zoo.pretrained.loading import cards

        names = [card.name for card in cards() if card.weights]
    else:
        names = study()
    return sorted(fnmatch.filter(names, pattern), key=_natural)


def create_model(name, input_shape=None, num_classes=5, inputs=None, dtype=None, weights=None):
    """A new Keras model of the named network, with random weights or on a trained trunk.

    input_shape: (rows, cols, planes) with all planes of the data; the model takes raw ADC (batch, rows, cols, planes)
    float32 and gives logits (batch, num_classes) float32. inputs: InputSpec (default: scale 1/100 only); `_tN` in the
    name overrides its threshold. dtype: Keras dtype policy, as in 'mixed_bfloat16', or 'auto' for that where the
    machine has it (default: Keras's own).
    weights: 'pretrained', the name of a pretrained network, or the path of a card, whose weights the model then has in
    all layers but the last one, which is new: for fine-tuning on other classes. input_shape and inputs are then those
    of the card, if not given.

    Raises UnknownNetwork, BadInput, or what load_pretrained raises; warns with HeavyNetwork, before anything is
    allocated, of a network whose first dense layer makes it heavier than 1 GB.
    """
    spec = parse(name)
    trunk = None
    if weights is not None:
        from lartpc_zoo.pretrained.trunk import open_trunk, take_trunk

        trunk = open_trunk(weights, spec)
        input_shape, inputs = input_shape or trunk.card.input_shape, inputs or trunk.card.inputs
    if input_shape is None:
        raise BadInput(f"{spec}: an input_shape (rows, cols, planes) is needed; only a pretrained trunk has its own.")
    inputs = inputs or InputSpec()
    _check_shape(spec, input_shape, num_classes, inputs)
    _warn_if_heavy(spec, input_shape, num_classes)
    model = _build(spec, input_shape, num_classes, inputs, dtype)
    if trunk is not None:
        take_trunk(model, trunk)
    return model


def network_info(name, input_shape=(576, 576, 3), num_classes=5):
    """What is known of a network, without allocating its weights.

    Keys: name, spec, about, input_shape, num_classes; for one event parameters (trainable), macs (multiply-adds of
    convolutions and dense layers), weights_mb and activations_mb (float32, 10^6 bytes), receptive_field (side in pixels
    of what one pixel of the last feature map sees); smallest_side (fewest rows or columns of an image);
    first_dense: None, or the parameters of the dense layer after the flattened image, which grow with it; tokens
    ({token of the name: what it does}), table1, found, inferred; layers (rows of lartpc_zoo.models.costs.layer_table).
    Raises as create_model.
    """
    spec = parse(name)
    _check_shape(spec, input_shape, num_classes, InputSpec())
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


def _check_shape(spec, input_shape, num_classes, inputs):
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


def _natural(name):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
