"""Parameters and multiply-adds of every layer of a model, counted from shapes."""

import math

from keras import layers

from lartpc_zoo.models.inputs import PlanesToBatch, PlanesToChannels


def layer_table(model):
    """Rows {name, kind, output, parameters, macs} of a functional model; output without the batch axis.

    parameters: trainable. macs: multiply-adds of convolutions and dense layers for one event, in towers those of all
    planes. Additions of a bias, normalisation, activations and pools are not counted.
    """
    planes = model.input.shape[-1]
    rows, images_per_event = [], 1
    for layer in model.layers:
        if isinstance(layer, PlanesToBatch):
            images_per_event = planes
        if isinstance(layer, PlanesToChannels):
            images_per_event = 1
        output = tuple(layer.output.shape[1:])
        rows.append(
            {
                "name": layer.name,
                "kind": type(layer).__name__,
                "output": output,
                "parameters": sum(math.prod(weight.shape) for weight in layer.trainable_weights),
                "macs": images_per_event * _macs(layer, output),
            }
        )
    return rows


def _macs(layer, output):
    if isinstance(layer, layers.Conv2D):
        return math.prod(layer.kernel.shape) * math.prod(output[:2])
    if isinstance(layer, layers.Dense):
        return math.prod(layer.kernel.shape)
    return 0
