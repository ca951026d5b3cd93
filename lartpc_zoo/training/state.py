"""All variables of a model in training: weights, moving statistics, random states, optimizer slots."""

import keras
import numpy as np
from keras import ops

from lartpc_zoo.errors import CorruptRun


def save_variables(model: keras.Model) -> dict[str, np.ndarray]:
    """{position and path: array} of every variable of a compiled model and its optimizer."""
    return {name: ops.convert_to_numpy(variable) for name, variable in _named(model)}


def load_variables(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    """Assign what `save_variables` gave. Raises CorruptRun when the variables are not the same ones."""
    named = dict(_named(model))
    if set(named) != set(arrays):
        raise CorruptRun(
            f"The saved state has {len(arrays)} variables, the model {len(named)}, or their names differ; it was "
            "written by another version. Start the run again elsewhere."
        )
    for name, variable in named.items():
        variable.assign(arrays[name])


def _named(model: keras.Model) -> list[tuple[str, keras.Variable]]:
    # Paths alone are not unique, and number the optimizers of a process.
    variables = [*model.variables, *model.optimizer.variables]
    return [(f"{number:05d}_{variable.name}", variable) for number, variable in enumerate(variables)]
