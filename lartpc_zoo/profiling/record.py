"""profile.json: what it holds, and how it is read.

environment: versions, keras_backend, machine, system, cpus, device, dtype, memory (one of MEMORY_KINDS). data:
fingerprint or null. images: which. input_shape, classes, batch_sizes, rounds. networks: {name: {parameters, macs,
activations_mb (sum of all activations for one image, float32), quantities}}. io: quantities without a network.
missing: {quantity: why it was not measured}. A quantity is null or {unit, batch_sizes, values (one list of rounds per
batch size, of a whole batch), slope (per image), intercept (fixed), slope_error, intercept_error}.
"""

import json
import math
from pathlib import Path

from lartpc_zoo.backend.memory import LARGE_TENSORS, PROCESS, TENSORS
from lartpc_zoo.errors import BadProfile

NAME = "profile.json"
NETWORK_QUANTITIES = {"peak_memory": "MB", "forward": "ms", "forward_backward": "ms", "io_wait": "ms"}
"""Units of what is measured with each network."""
IO_QUANTITIES = {"io_thread": "ms", "io_thread_copy": "ms"}
"""Units of what is measured with the data alone."""
MEMORY_KINDS = (TENSORS, LARGE_TENSORS, PROCESS, None)
_FIT = ("slope", "slope_error", "intercept", "intercept_error")
_KEYS = {
    "environment": dict,
    "data": str | None,
    "images": str,
    "input_shape": list,
    "classes": int,
    "batch_sizes": list,
    "rounds": int,
    "networks": dict,
    "io": dict,
    "missing": dict,
}
_ENVIRONMENT = ("versions", "keras_backend", "machine", "cpus", "device", "dtype", "memory")
_COSTS = ("parameters", "macs", "activations_mb")


def load_profile(path):
    """The content of profile.json, `path` being the file or its directory. Raises BadProfile."""
    path = Path(path)
    path = path / NAME if path.is_dir() else path
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadProfile(f"{path}: no such file; `lartpc-zoo profile` writes it.") from error
    except (OSError, ValueError) as error:
        raise BadProfile(f"{path}: cannot be read ({error}). {_AGAIN}") from error
    if fault := _fault(content):
        raise BadProfile(f"{path}: {fault}. {_AGAIN}")
    return content


_AGAIN = "Expected what `lartpc-zoo profile` writes; measure again, or restore the file."


def _fault(content):
    """What is wrong with the content of a profile, or None."""
    if not isinstance(content, dict):
        return f"expected a mapping, got {type(content).__name__}"
    for key, kind in _KEYS.items():
        if key not in content:
            return f"{key} is missing"
        if not isinstance(content[key], kind):
            return f"{key} is {content[key]!r}"
    if missing := [key for key in _ENVIRONMENT if key not in content["environment"]]:
        return f"environment: {', '.join(missing)} missing"
    if content["environment"]["memory"] not in MEMORY_KINDS:
        return f"environment: memory is {content['environment']['memory']!r}"
    if unknown := set(content["missing"]) - {*NETWORK_QUANTITIES, *IO_QUANTITIES}:
        return f"missing: unknown {', '.join(map(str, unknown))}"
    if len(content["input_shape"]) != 3 or not all(map(_is_number, content["input_shape"] + content["batch_sizes"])):
        return "input_shape or batch_sizes are not numbers"
    if not content["networks"]:
        return "it has no networks"
    faults = [_network_fault(name, network) for name, network in content["networks"].items()]
    faults.append(_quantities_fault("io", content["io"], IO_QUANTITIES))
    return next(filter(None, faults), None)


def _network_fault(name, network):
    if not isinstance(network, dict) or not all(_is_number(network.get(cost)) for cost in _COSTS):
        return f"network {name}: expected numbers {', '.join(_COSTS)}"
    return _quantities_fault(f"network {name}", network.get("quantities"), NETWORK_QUANTITIES)


def _quantities_fault(where, quantities, units):
    if not isinstance(quantities, dict) or set(quantities) != set(units):
        return f"{where}: expected the quantities {', '.join(units)}"
    for name, quantity in quantities.items():
        if quantity is not None and not _is_quantity(quantity, units[name]):
            return f"{where}: {name} is damaged"
    return None


def _is_quantity(quantity, unit):
    if not isinstance(quantity, dict) or quantity.get("unit") != unit:
        return False
    sizes, values = quantity.get("batch_sizes"), quantity.get("values")
    if not isinstance(sizes, list) or not isinstance(values, list) or len(sizes) != len(values):
        return False
    rounds = [value for of_size in values if isinstance(of_size, list) and of_size for value in of_size]
    full = all(isinstance(of_size, list) and of_size for of_size in values)
    return full and all(map(_is_number, [*sizes, *rounds, *(quantity.get(key) for key in _FIT)]))


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
