"""Parameters and multiply-adds of every layer of a model, counted from shapes."""

import math

from keras import layers


def layer_table(model):
    """Rows {name, kind, output, parameters, macs} of a functional model; output without the batch axis.

    parameters: trainable. macs: multiply-adds of convolutions and dense layers for one image, all calls of a shared
    layer together. Additions of a bias, normalisation, activations and pools are not counted.
    """
    return [_row(layer) for layer in model.layers]


def _row(layer):
    # A layer shared by towers has one node per call.
    outputs = [node.output_tensors[0].shape[1:] for node in layer._inbound_nodes]
    return {
        "name": layer.name,
        "kind": type(layer).__name__,
        "output": tuple(outputs[0]),
        "parameters": sum(math.prod(weight.shape) for weight in layer.trainable_weights),
        "macs": sum(_macs(layer, output) for output in outputs),
    }


def _macs(layer, output):
    if isinstance(layer, layers.Conv2D):
        return math.prod(layer.kernel.shape) * math.prod(output[:2])
    if isinstance(layer, layers.Dense):
        return math.prod(layer.kernel.shape)
    return 0
