"""Networks by name: `list_models`, `create_model`, `network_info`."""

import contextlib
import fnmatch
import re
from dataclasses import replace

import keras

from lartpc_zoo.errors import BadInput
from lartpc_zoo.models import resnet
from lartpc_zoo.models.families import families, study
from lartpc_zoo.models.inputs import InputSpec, prepare
from lartpc_zoo.models.layers_table import layer_table
from lartpc_zoo.models.spec import TOWERS, parse

_SMALLEST_SIDE = 32
_BUILDERS = {"resnet": resnet.build, "plainresnet": resnet.build}


def list_models(pattern="*", pretrained=False):
    """Names of the study's networks that match the glob `pattern`, in natural order (w2 before w10).

    pretrained: only those with published weights. There are none yet, so the list is empty.
    """
    return [] if pretrained else sorted(fnmatch.filter(study(), pattern), key=_natural)


def create_model(name, input_shape, num_classes=5, inputs=None, dtype=None):
    """A new Keras model of the named network, with random weights.

    input_shape: (rows, cols, planes) with all planes of the data; the model takes raw ADC (batch, rows, cols, planes)
    float32 and gives logits (batch, num_classes) float32. inputs: InputSpec (default: scale 1/100 only); `_tN` in the
    name overrides its threshold. dtype: Keras dtype policy, as in 'mixed_bfloat16' (default: Keras's own).
    Raises UnknownNetwork or BadInput.
    """
    spec = parse(name)
    inputs = inputs or InputSpec()
    _check_shape(spec, input_shape, num_classes, inputs)
    if spec.threshold is not None:
        inputs = replace(inputs, threshold=spec.threshold)
    with _dtype_policy(dtype):
        image = keras.Input(tuple(input_shape), dtype="float32", name="adc")
        prepared = prepare(image, inputs, plane=spec.planes if isinstance(spec.planes, int) else None)
        return keras.Model(image, _BUILDERS[spec.family](spec, prepared, num_classes), name=str(spec))


def network_info(name, input_shape=(576, 576, 3), num_classes=5):
    """What is known of a network, without allocating its weights.

    Keys: name, spec, about, parameters (trainable), macs (multiply-adds of convolutions and dense layers per image),
    weights_mb (float32), table1, found, inferred, layers (rows of name, kind, output, parameters, macs).
    """
    spec = parse(name)
    family = families()[spec.family]
    # In this scope Keras gives variables a shape but no value.
    with keras.StatelessScope(initialize_variables=False):
        rows = layer_table(create_model(spec, input_shape, num_classes))
    parameters = sum(row["parameters"] for row in rows)
    return {
        "name": str(spec),
        "spec": spec,
        "about": family.about,
        "input_shape": tuple(input_shape),
        "parameters": parameters,
        "macs": sum(row["macs"] for row in rows),
        "weights_mb": parameters * 4 / 1e6,
        "table1": study().get(str(spec), False),
        "found": family.found,
        "inferred": family.inferred,
        "layers": rows,
    }


def _check_shape(spec, input_shape, num_classes, inputs):
    if len(input_shape) != 3 or min(input_shape[:2]) < _SMALLEST_SIDE or input_shape[2] < 1:
        raise BadInput(
            f"{spec}: input shape {tuple(input_shape)}, expected (rows, cols, planes) with rows and cols "
            f"of {_SMALLEST_SIDE} or more."
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


@contextlib.contextmanager
def _dtype_policy(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy or before)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _natural(name):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
