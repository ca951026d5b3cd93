"""Images per second forward and in training, and peak memory, against the same network of stock Keras layers.

Usage: python benchmarks/train_speed.py [NETWORK ...]      (default: the networks of the paper's Table 1)

Per network and dtype policy, in one process, steps of the ways take turns: batches of 20 images of 144 x 144 x 3 that
are in memory already, AdamW. 'stock Keras' has Conv2D, BatchNormalization and Keras's step of the optimizer. 'fused
normalisation' is that with our layer of normalisation only; 'lartpc-zoo' is what `create_model` and the trainer make.
Peak memory is that of a process of its own per way, imports included.

Tried with resnet14b on 2 cores and not taken up: XLA for the whole step (a quarter to a half of the speed), one thread
between operations (0.9), space-to-depth before the stem, settings of glibc's allocator or TensorFlow's, and oneDNN's
bfloat16 mode for float32 (no difference).
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import functools
import json
import resource
import statistics
import subprocess
import sys
import typing

import click
from pairs import compare, ratio

_BATCH, _SIDE, _PLANES, _CLASSES = 20, 144, 3, 5
_STOCK, _FUSED, _OURS = "stock Keras", "fused normalisation", "lartpc-zoo"
_WAYS = (_STOCK, _FUSED, _OURS)


class _Strided(typing.NamedTuple):
    """A tensor of which the next 1x1 convolution takes every stride-th pixel."""

    x: typing.Any
    stride: int

    @property
    def shape(self):
        return self.x.shape


def _stock_pointwise(filters, **options):
    from keras import layers

    def convolve(x):
        x, stride = x if isinstance(x, _Strided) else (x, 1)
        return layers.Conv2D(filters, 1, strides=stride, **options)(x)

    return convolve


def _layers_of(way):
    """The layers as a way has them, {name in lartpc_zoo.models.on_images: layer}."""
    from keras import layers

    stock = {
        "PointwiseConv2D": _stock_pointwise,
        "subsampling": lambda stride, name: lambda x: _Strided(x, stride),
    }
    normalization = {"Normalization": lambda name: layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)}
    return {_STOCK: stock | normalization, _FUSED: stock, _OURS: {}}[way]


def _model(network, dtype, way):
    """A compiled model, and the network of it for scoring."""
    from unittest import mock

    import keras

    from lartpc_zoo import create_model, load_recipe
    from lartpc_zoo.models import on_images
    from lartpc_zoo.training import trainer

    with mock.patch.dict(vars(on_images), _layers_of(way)):
        model = create_model(network, (_SIDE, _SIDE, _PLANES), _CLASSES, dtype=dtype)
    if way == _OURS:
        return trainer.compile_for_training(model, load_recipe("quickstart")).model, model
    trained = keras.Model(model.input, model.output)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    trained.compile(keras.optimizers.AdamW(1e-3, weight_decay=0.01), loss)
    return trained, model


def _batch():
    import keras
    import numpy as np

    random = np.random.default_rng(0)
    images = np.zeros((_BATCH, _SIDE, _SIDE, _PLANES), np.float32)
    images[random.random(images.shape) < 0.01] = 100.0
    return keras.ops.convert_to_tensor(images), keras.ops.convert_to_tensor(np.arange(_BATCH) % _CLASSES)


def _measure(network, dtype, ways, rounds):
    """{'WAY, training' or 'WAY, forward': [seconds of each round]} of one step."""
    images, labels = _batch()
    steps = {}
    for way in ways:
        trained, model = _model(network, dtype, way)
        steps[f"{way}, training"] = functools.partial(trained.train_on_batch, images, labels)
        steps[f"{way}, forward"] = functools.partial(model.predict_on_batch, images)
    return compare(steps, rounds)


def _peak_mb(network, dtype, way):
    _measure(network, dtype, [way], rounds=1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _in_a_process_of_its_own(what, *arguments):
    command = [sys.executable, __file__, "--only", json.dumps([what, *arguments])]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(result.stdout.splitlines()[-1]) if result.returncode == 0 else None


@click.command(context_settings={"show_default": True})
@click.argument("networks", nargs=-1)
@click.option("--dtype", "dtypes", multiple=True, default=["float32", "mixed_bfloat16"])
@click.option("--way", "ways", multiple=True, default=_WAYS, type=click.Choice(_WAYS))
@click.option("--rounds", default=11)
@click.option("--memory/--no-memory", default=True)
@click.option("--only", hidden=True)
def main(networks, dtypes, ways, rounds, memory, only):
    if only:
        what, *arguments = json.loads(only)
        print(json.dumps({"measure": _measure, "memory": _peak_mb}[what](*arguments)))
        return
    if not networks:
        from lartpc_zoo.models.families import study

        networks = [name for name, table1 in study().items() if table1]
    print(f"Batches of {_BATCH} images of {_SIDE} x {_SIDE} x {_PLANES}, medians of {rounds} rounds\n")
    print("| network | dtype | way | training, images/s | times the first | forward, images/s | times the first | GB |")
    print("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    for network in networks:
        for dtype in dtypes:
            taken = _in_a_process_of_its_own("measure", network, dtype, list(ways), rounds)
            for way in ways:
                cells = [network, dtype, way, *_cells(taken, ways, way)]
                peak = _in_a_process_of_its_own("memory", network, dtype, way) if memory else None
                print("| " + " | ".join([*cells, f"{peak / 1e3:.1f}" if peak else ""]) + " |", flush=True)


def _cells(taken, ways, way):
    """Images per second and the ratio to the first way, in training and forward."""
    if taken is None:
        return ["failed", "", "failed", ""]
    cells = []
    for what in ("training", "forward"):
        faster = ratio(taken, f"{ways[0]}, {what}", f"{way}, {what}")
        cells += [f"{_BATCH / statistics.median(taken[f'{way}, {what}']):.3g}", f"{faster:.2f}"]
    return cells


if __name__ == "__main__":
    main()
