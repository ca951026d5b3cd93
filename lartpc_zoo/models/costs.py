"""What every layer of a model costs, counted from shapes: parameters, multiply-adds, activations, receptive field."""

import math

from keras import layers

from lartpc_zoo.models.inputs import PlanesToBatch, PlanesToChannels

_FLOAT32_BYTES = 4


def layer_table(model):
    """Rows {name, kind, output, parameters, macs, activations, receptive_field} of a functional model of one input.

    output: shape without the batch axis. parameters: trainable. macs: multiply-adds of convolutions and dense layers
    for one event, in towers those of all planes; additions of a bias, normalisation, activations and pools are not
    counted. activations: numbers in the output for one event. receptive_field: side in pixels of the part of the image
    that one pixel of the output depends on, None once all pixels are merged.
    """
    planes = model.input.shape[-1]
    fields = _receptive_fields(model)
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
                "activations": images_per_event * math.prod(output),
                "receptive_field": fields[layer.name],
            }
        )
    return rows


def totals(rows):
    """The costs of a whole model from its layer_table, for one event.

    parameters, macs; weights_mb and activations_mb: megabytes of 10^6 bytes in float32, activations being the outputs
    of all layers but the image itself, as a training keeps them; receptive_field: of the last feature map.
    """
    parameters = sum(row["parameters"] for row in rows)
    return {
        "parameters": parameters,
        "macs": sum(row["macs"] for row in rows),
        "weights_mb": parameters * _FLOAT32_BYTES / 1e6,
        "activations_mb": sum(row["activations"] for row in rows[1:]) * _FLOAT32_BYTES / 1e6,
        "receptive_field": max(row["receptive_field"] or 0 for row in rows),
    }


def _macs(layer, output):
    if isinstance(layer, layers.Conv2D):
        return math.prod(layer.kernel.shape) * math.prod(output[:2])
    if isinstance(layer, layers.Dense):
        return math.prod(layer.kernel.shape)
    return 0


def _receptive_fields(model):
    """{layer name: side of its receptive field, or None}.

    With size k and stride s, a layer's field is that of its input plus (k - 1) times the distance, in pixels of the
    image, of two pixels of its input; that distance grows by the factor s.
    """
    found = {id(model.input): (1, 1)}  # tensor -> (field, distance)
    for layer in model.layers[1:]:
        sources = layer.input if isinstance(layer.input, list) else [layer.input]
        before = [found[id(source)] for source in sources]
        if any(field is None for field, _ in before) or isinstance(
            layer, layers.GlobalAveragePooling2D | layers.Flatten
        ):
            found[id(layer.output)] = (None, None)
            continue
        field, distance = max(before)
        size, stride = _window(layer)
        found[id(layer.output)] = (field + (size - 1) * distance, distance * stride)
    return {layer.name: found[id(layer.output)][0] for layer in model.layers}


def _window(layer):
    """(size, stride) of the square window of a layer; (1, 1) where it has none."""
    if isinstance(layer, layers.Conv2D):
        return layer.kernel_size[0], layer.strides[0]
    if isinstance(layer, layers.MaxPooling2D | layers.AveragePooling2D):
        return layer.pool_size[0], layer.strides[0]
    return 1, 1
