"""Run in a process in which TensorFlow cannot be imported: Keras on JAX scores, saves, trains and evaluates.

without_tensorflow.py FOLDER NETWORK [NETWORK ...]

FOLDER holds images.npy, NETWORK.weights.h5 of each network, data/ (a data set) and
recipe.yaml. Written to it: NETWORK.npy (logits of the images), NETWORK-jax.weights.h5 (new weights) and NETWORK-jax.npy
(their logits), and run/ (a training of the last network on data/) and resumed/ (the
same training, interrupted after its first evaluation and continued, then testA scored), and report/ (of it).
"""

import functools
import sys
from pathlib import Path

import jax
import keras
import numpy as np

import data_tools
import lartpc_zoo
from lartpc_zoo.backend.precision import exact_products
from lartpc_zoo.models.normalization import PreciseStatistics
from lartpc_zoo.training.callbacks import Evaluate

assert keras.backend.backend() == "jax"


class Interrupted(Exception):
    pass


def interrupted_training(*arguments):
    """Train up to the first evaluation."""
    real = Evaluate.on_epoch_end

    def stops(self, epoch, logs=None):
        real(self, epoch, logs)
        raise Interrupted

    Evaluate.on_epoch_end = stops
    try:
        lartpc_zoo.train(*arguments, seed=1)
        raise AssertionError("not interrupted")
    except Interrupted:
        Evaluate.on_epoch_end = real


def check_estimate(model, images):
    """Re-estimated statistics are the means over the batches."""
    layer = model.get_layer("stem_norm")
    convolved = keras.Model(model.input, layer.input)
    PreciseStatistics(model, steps=3).estimate((image[None],) for image in images)
    batches = keras.ops.convert_to_numpy(convolved(images))
    mean, variance = (keras.ops.convert_to_numpy(weight) for weight in (layer.moving_mean, layer.moving_variance))
    assert np.allclose(mean, batches.mean(axis=(0, 1, 2)), rtol=1e-3, atol=1e-4)
    assert np.allclose(variance, batches.var(axis=(1, 2)).mean(axis=0), rtol=1e-2)


def check_exact_products():
    """Scoring multiplies float32 as such; on a GPU JAX takes fewer bits else."""
    images = np.ones((2, 64, 64, 3), np.float32)
    with exact_products():
        text = jax.jit(lambda x: x[0, :, :, 0] @ x[1, :, :, 0]).lower(images).as_text()
    assert "HIGHEST" in text
    assert "HIGHEST" not in jax.jit(lambda x: x[1, :, :, 0] @ x[0, :, :, 0]).lower(images).as_text()


def main(folder, *networks):
    folder = Path(folder)
    images = np.load(folder / "images.npy")
    for name in networks:
        model = lartpc_zoo.create_model(name, images.shape[1:])
        logits = functools.partial(model.predict, images, verbose=0)
        model.save_weights(folder / f"{name}-jax.weights.h5")
        np.save(folder / f"{name}-jax.npy", logits())
        model.load_weights(folder / f"{name}.weights.h5")
        np.save(folder / f"{name}.npy", logits())
    check_estimate(model, images)
    check_exact_products()
    lartpc_zoo.train(networks[-1], folder / "data", folder / "run", folder / "recipe.yaml", seed=1)
    resumed = (networks[-1], folder / "data", folder / "resumed", folder / "recipe.yaml")
    interrupted_training(*resumed)
    run = lartpc_zoo.train(*resumed, seed=1)
    lartpc_zoo.evaluate(run, data_tools.open_dataset(folder / "data"), "testA")
    lartpc_zoo.report([run], folder / "report")
    assert not any(name.split(".")[0] == "tensorflow" for name, module in sys.modules.items() if module is not None)


if __name__ == "__main__":
    main(*sys.argv[1:])
