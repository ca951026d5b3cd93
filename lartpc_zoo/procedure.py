"""The study's procedure from a data set to Table 1."""

from dataclasses import replace

import numpy as np
import pandas as pd

import data_tools
from data_tools.files import sha256_of_file, write_csv
from lartpc_zoo.errors import Unlabelled, UserError
from lartpc_zoo.evaluation import figures
from lartpc_zoo.evaluation.predictions import write_predictions
from lartpc_zoo.models.precision import AUTO, MEASURED_IN, resolve
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.models.spec import parse
from lartpc_zoo.runs import Run
from lartpc_zoo.same_data import describe
from lartpc_zoo.scoring import begun_scoring, ended_scoring, measure, predict, source_hashes
from lartpc_zoo.training.callbacks import check_tensorboard
from lartpc_zoo.training.feed import TEST_A, TEST_B, TRAIN, feed_of, source_of
from lartpc_zoo.training.recipe import Recipe, load_recipe
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.strategies import find_devices, set_seed
from lartpc_zoo.training.trainer import check_interval, compile_for_training, train_network


def train(network, data, output, recipe="paper", seed=0, devices=None, deterministic=False, tensorboard=False):
    """Train a network under the study's protocol and report testB once; returns the finished Run.

    network: a name, as in 'resnet29b_w4', or a NetworkSpec. data: a data_tools Dataset or its directory, with samples
    train, testA and testB. output: the run directory; one with an interrupted run of the same configuration is
    continued, a finished one is only opened. recipe: a name, a file or a Recipe. devices: as in ['GPU:0', 'GPU:1']
    (default: all GPUs, else the CPU). deterministic: bit-for-bit reproducible operations, slower. tensorboard: write
    the curves for TensorBoard too, to the run's directory tensorboard/.

    Raises UnknownNetwork, UnknownRecipe, BadRecipe, BadDevices, RunDiffers, RunBusy, TrainingDiverged, MissingExtra or
    a data_tools error.
    """
    data = data if isinstance(data, data_tools.Dataset) else data_tools.open_dataset(data)
    recipe, config, directory = configure(network, data, output, recipe, seed, deterministic)
    devices = find_devices(devices, recipe.batch_size)
    if tensorboard:
        check_tensorboard()
    if directory.results() is not None:
        directory.remove_state()
        return Run(directory)
    _check_labelled(data)
    data.verify([TRAIN, TEST_A, TEST_B])
    set_seed(seed, deterministic)
    feed = feed_of(data, recipe, seed)
    with devices.scope():
        trained, measured = (
            create_model(config["network"], data.image_shape, len(data.classes), recipe.inputs, dtype)
            for dtype in (recipe.dtype, MEASURED_IN)
        )
        compiled = compile_for_training(trained, recipe)
        check_interval(feed, recipe)
        # Only now, so that what cannot be trained leaves no directory behind.
        with directory.locked():
            if directory.begin(config):  # another process may have ended it meanwhile
                directory.write_environment(
                    devices=list(devices.names), recipe=recipe.name, data_fingerprint=data.fingerprint
                )
                protocol = _train(trained, compiled, measured, feed, recipe, directory, tensorboard, data)
                _report(directory, measured, protocol, data, recipe.batch_size, config["network"])
    return Run(directory)


def configure(network, data, output, recipe, seed, deterministic=False):
    """(Recipe, configuration, RunDirectory) of a training, as `train` takes its arguments; data: a Dataset.

    Raises RunDiffers where `output` holds something else, or what the names of network and recipe raise.
    """
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    directory = RunDirectory(output)
    recipe = replace(recipe, dtype=_dtype(recipe, directory))
    config = {
        "network": str(parse(network)),
        "seed": seed,
        "deterministic": deterministic,
        "batches": source_of(data),
        "data": _describe(data),
        # Not the recipe's name, and not how it converts files: the data set is what it is.
        "recipe": {key: value for key, value in recipe.as_dict().items() if key not in ("name", "convert")},
    }
    directory.check(config)
    return recipe, config, directory


def _dtype(recipe, directory):
    """The dtype policy of a training; 'auto' is what it was when the run began, on whatever machine."""
    if recipe.dtype == AUTO and directory.exists():
        return directory.config()["recipe"]["dtype"]
    return resolve(recipe.dtype)


def _check_labelled(data):
    for sample in (TRAIN, TEST_A, TEST_B):
        if not data.labelled(sample):
            raise Unlabelled(
                f"{data.directory}: sample {sample} has no truth, so nothing can be trained on it or measured with it. "
                "Score it with a trained network: lartpc-zoo evaluate RUN --data DIR --sample NAME."
            )


def _describe(data):
    """What of a data set must be the same for a training to go on, or its network to be used."""
    return {
        "fingerprint": data.fingerprint,
        "sources": source_hashes(data),
        **describe(data),
        "samples": {sample: data.size(sample) for sample in (TRAIN, TEST_A, TEST_B)},
    }


def _train(trained, compiled, measured, feed, recipe, directory, tensorboard, data):
    """Train until the protocol stops. Where data that was whole at the start is not any more, raises CorruptShard."""
    try:
        return train_network(trained, compiled, measured, feed, recipe, directory, tensorboard)
    except (UserError, OSError):
        raise
    except Exception:
        # A batch that cannot be read fails in the backend, which does not say where: the hashes do.
        data.verify([TRAIN, TEST_A])
        raise


def _report(directory, model, protocol, data, batch_size, network):
    """Choose the weights, score testB once with them, and write everything that a finished run holds."""
    chosen = _load_choice(model, protocol, directory)
    write_csv(directory.path / "window.csv", pd.DataFrame(protocol.window))
    results = {
        **protocol.summary(),
        "parameters": int(sum(np.prod(weight.shape) for weight in model.trainable_variables)),
        "chosen": chosen,
        "class_names": list(data.classes),
    }
    title = f"{network}: {protocol.status.replace('_', ' ')}"
    figures.window_figure(directory.figures, directory.history(), results, title)
    predictions = _score_test_b_once(directory, model, data, batch_size, chosen["sha256"])
    measured = measure(directory.path, predictions, data, TEST_B, network)
    directory.end_scoring(ended_scoring(directory.scorings()[-1], measured))
    predicted = {"predictions_sha256": sha256_of_file(directory.predictions_file)}
    directory.write_results({**results, **measured, **predicted, "scorings": directory.scorings()})


def _load_choice(model, protocol, directory):
    """Load the chosen weights into the model and describe the choice; other weights are removed."""
    choice = protocol.choice()
    path = directory.weights(choice.iteration)
    model.load_weights(path)
    directory.keep_weights([choice.iteration])
    return {
        "iteration": choice.iteration,
        "testA_loss": choice.loss,
        "testA_accuracy": choice.accuracy,
        "weights": path.relative_to(directory.path).as_posix(),
        "sha256": sha256_of_file(path),
    }


def _score_test_b_once(directory, model, data, batch_size, weights):
    """The predictions of testB: those that an earlier start of the run has scored with the same weights, if it has.

    weights: their sha256. Every scoring is on record before it begins.
    """
    before = directory.scorings()[-1:]
    if before and before[0]["complete"] and before[0]["weights"] == weights:
        return directory.predictions()
    scoring = {**begun_scoring(data, TEST_B), "weights": weights}
    directory.begin_scoring(scoring)
    write_predictions(directory.predictions_file, predict(model, data, TEST_B, batch_size), "csv.gz")
    directory.end_scoring({**scoring, "complete": True})
    return directory.predictions()
