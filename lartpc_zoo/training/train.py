"""The study's procedure from a data set to Table 1."""

import contextlib
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd

import data_tools
from data_tools.files import sha256_of_file, write_csv
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.backend.batches import source_of_batches
from lartpc_zoo.backend.devices import find_devices, set_seed
from lartpc_zoo.backend.dtypes import MEASURED_IN
from lartpc_zoo.backend.environment import this_start
from lartpc_zoo.backend.group import Group, group_of, is_first, joined_group, shared
from lartpc_zoo.backend.precision import resolve
from lartpc_zoo.errors import Unlabelled, UserError
from lartpc_zoo.evaluation.measure import TEST_B, measure, predict
from lartpc_zoo.metrics.formats import CSV
from lartpc_zoo.metrics.predictions import write_predictions
from lartpc_zoo.models.catalogue import check_images, network_info
from lartpc_zoo.models.costs import Costs, costs_of
from lartpc_zoo.models.execution import Executed, executed, resolve_execution
from lartpc_zoo.models.executions import AUTO
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.models.scoring import begin_scoring
from lartpc_zoo.models.spec import NetworkSpec, parse_network
from lartpc_zoo.plots.training import window_figure
from lartpc_zoo.training.batches import TEST_A, TRAIN, Feed, feed_of
from lartpc_zoo.training.callbacks import check_tensorboard
from lartpc_zoo.training.defaults import RECIPE
from lartpc_zoo.training.protocol import Protocol
from lartpc_zoo.training.recipe import Recipe, load_recipe
from lartpc_zoo.training.records import Chosen, Results, RunConfig
from lartpc_zoo.training.run import Run
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.trainer import check_interval, compile_for_training, train_network


class UnsuitedRecipe(UserWarning):
    """A recipe is made for other data than it is used with."""


def train(
    network: str | NetworkSpec,
    data: Dataset | str | Path,
    output: str | Path,
    recipe: str | Path | Recipe = RECIPE,
    seed: int = 0,
    devices: list[str] | None = None,
    deterministic: bool = False,
    tensorboard: bool = False,
    group: Group | None = None,
) -> Run:
    """Train a network under the study's protocol and report testB once.

    Args:
        network: a name, as in 'resnet29b_w4', or a NetworkSpec.
        data: a data set or its directory, with samples train, testA and testB.
        output: the run directory. One with an interrupted run of the same configuration is continued, a finished one is
            only opened.
        recipe: a name, a file or a Recipe.
        seed: of initial weights, order and augmentation, 0 to 2^32 - 1.
        devices: as in ['GPU:0', 'GPU:1'] (default: all GPUs, else the CPU).
        deterministic: bit-for-bit reproducible operations, slower.
        tensorboard: write the curves for TensorBoard too, to the run's directory tensorboard/.
        group: where this process stands among several that train together, Keras on JAX only (default: as `srun` has
            started them). All call `train` with the same arguments and see the same data; the first alone reads and
            writes `output`.

    Returns:
        The finished run.

    Raises:
        UnknownNetwork: no network has this name.
        UnknownRecipe, BadRecipe: there is no such recipe, or it cannot be used.
        BadInput: the network cannot take the images.
        BadDevices: a device is not there, or cannot share the batch, or processes do not meet.
        RunDiffers: the output holds something else.
        RunBusy: another process writes to the output.
        TrainingDiverged: the loss became NaN or infinite.
        MissingExtra: TensorBoard is not installed.
        UserError: of the data layer, where the data cannot be read.

    Warns:
        UnsuitedRecipe: the recipe is made for other data.

    Example:
        >>> run = lartpc_zoo.train("resnet14b_wd4", "DATA", "RUN", seed=1)  # doctest: +SKIP
        >>> print(run.table1_markdown())  # doctest: +SKIP
    """
    spec = parse_network(network)  # what is cheap to check comes first
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    data = data if isinstance(data, Dataset) else data_tools.open_dataset(data)
    check_images(spec, data.image_shape, len(data.classes), recipe.inputs)
    if tensorboard:
        check_tensorboard()
    with joined_group(group or group_of()):
        return _train_together(spec, data, output, recipe, seed, devices, deterministic, tensorboard)


def _train_together(
    spec: NetworkSpec,
    data: Dataset,
    output: str | Path,
    recipe: Recipe,
    seed: int,
    devices: list[str] | None,
    deterministic: bool,
    tensorboard: bool,
) -> Run:
    """`train`, in every process of its group."""
    found = find_devices(devices, recipe.batch_size)
    recipe, config, directory = shared(lambda: configure(spec, data, output, recipe, seed, deterministic, found.names))
    if (run := shared(lambda: _ended(directory))) is not None:
        return run
    _check_labelled(data)
    _warn_if_unsuited(recipe, spec, data)
    data.verify([TRAIN, TEST_A, TEST_B])
    set_seed(seed, deterministic)
    with found.scope():
        network, copy = (
            create_model(spec, data.image_shape, len(data.classes), recipe.inputs, dtype)
            for dtype in (recipe.dtype, MEASURED_IN)
        )
        trained = compile_for_training(network, recipe, config.execution)
        measured = executed(copy, config.execution)
        measured = replace(measured, model=found.whole(measured.model))
        feed = feed_of(data, recipe, seed, trained, measured)
        check_interval(feed, recipe)
        # Only now, so that what cannot be trained leaves no directory behind.
        with directory.locked() if is_first() else contextlib.nullcontext():
            if shared(lambda: directory.begin(config)):  # another process may have ended it meanwhile
                start = this_start(found.names, recipe.name, data.fingerprint)
                shared(lambda: directory.add_start(start))
                protocol = _train(trained, measured, feed, recipe, directory, tensorboard, data)
                _report(directory, measured, protocol, data, config)
    return shared(lambda: Run(directory))


def _ended(directory: RunDirectory) -> Run | None:
    """The run, where it ended before."""
    if directory.results() is None:
        return None
    directory.remove_state()
    return Run(directory)


def configure(
    network: str | NetworkSpec,
    data: Dataset,
    output: str | Path,
    recipe: str | Path | Recipe,
    seed: int,
    deterministic: bool = False,
    devices: Sequence[str] | None = None,
) -> tuple[Recipe, RunConfig, RunDirectory]:
    """The recipe, configuration and directory of a training, as `train` takes its arguments.

    Raises:
        RunDiffers: `output` holds something else.
        UserError: there is no such network or recipe.
    """
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    directory = RunDirectory(output)
    recipe = replace(recipe, dtype=_dtype(recipe, directory))
    samples = {sample: data.size(sample) for sample in (TRAIN, TEST_A, TEST_B)}
    config = RunConfig(
        network=str(parse_network(network)),
        seed=seed,
        deterministic=deterministic,
        batches=source_of_batches(),
        execution=_execution(recipe, parse_network(network), directory, devices),
        data=replace(data.description, samples=samples),
        recipe=recipe.for_run(),
    )
    directory.check(config)
    return recipe, config, directory


def _dtype(recipe: Recipe, directory: RunDirectory) -> str:
    """The dtype policy of a training; 'auto' is what it was when the run began, on whatever machine."""
    if recipe.dtype == AUTO and directory.exists():
        return directory.config().recipe.dtype
    return resolve(recipe.dtype)


def _execution(recipe: Recipe, network: NetworkSpec, directory: RunDirectory, devices: Sequence[str] | None) -> str:
    """How the network is run; 'auto' is what it was when the run began."""
    begun = recipe.execution == AUTO and directory.exists()
    execution = directory.config().execution if begun else recipe.execution
    return resolve_execution(execution, network, devices)


def _check_labelled(data: Dataset) -> None:
    for sample in (TRAIN, TEST_A, TEST_B):
        if not data.labelled(sample):
            raise Unlabelled(
                f"{data.directory}: sample {sample} has no truth, so nothing can be trained on it or measured with it. "
                "Score it with a trained network: lartpc-zoo evaluate RUN --data DIR --sample NAME."
            )


def _warn_if_unsuited(recipe: Recipe, spec: NetworkSpec, data: Dataset) -> None:
    """Warn where the data are not those that the recipe is made for."""
    if (made_for := recipe.made_for) is None:
        return
    rows, cols, planes = data.image_shape
    seen = 1 if isinstance(spec.planes, int) else planes
    found = []
    least, most = made_for.sides
    if not (least <= min(rows, cols) and max(rows, cols) <= most):
        sides = f"{least}" if least == most else f"{least} to {most}"
        found.append(f"images with sides of {sides} pixels, these have {rows} x {cols}")
    if made_for.planes not in (None, seen):
        found.append(f"networks that see {made_for.planes} plane(s), {spec} sees {seen}")
    if data.size(TRAIN) < made_for.train_events:
        found.append(f"{made_for.train_events:,} train events or more, these are {data.size(TRAIN):,}")
    if found:
        warnings.warn(
            f"The recipe {recipe.name} is made for {'; for '.join(found)}. Its numbers may not suit them.",
            UnsuitedRecipe,
            stacklevel=3,
        )


def _train(
    trained: Executed,
    measured: Executed,
    feed: Feed,
    recipe: Recipe,
    directory: RunDirectory,
    tensorboard: bool,
    data: Dataset,
) -> Protocol:
    """Train until the protocol stops. Where data that was whole at the start is not any more, raises CorruptShard."""
    try:
        return train_network(trained, measured, feed, recipe, directory, tensorboard)
    except (UserError, OSError):
        raise
    except Exception:
        # A batch that cannot be read fails in the backend, which does not say where: the hashes do.
        data.verify([TRAIN, TEST_A])
        raise


def _report(directory: RunDirectory, measured: Executed, protocol: Protocol, data: Dataset, config: RunConfig) -> None:
    """Choose the weights, score testB once with them, and write everything that a finished run holds."""
    chosen = shared(lambda: _choose(protocol, directory))
    _load(measured.network, directory.path / chosen.weights)
    _score_test_b_once(directory, measured, data, config.recipe.batch_size, chosen.sha256)
    parameters = int(sum(np.prod(weight.shape) for weight in measured.network.trainable_variables))
    shared(lambda: _write_report(directory, protocol, data, config, chosen, parameters))


def _write_report(
    directory: RunDirectory, protocol: Protocol, data: Dataset, config: RunConfig, chosen: Chosen, parameters: int
) -> None:
    """Everything that a finished run holds beside its predictions of testB."""
    network = config.network
    write_csv(directory.path / "window.csv", pd.DataFrame(protocol.window))
    summary = protocol.summary()
    title = f"{network}: {summary.status.replace('_', ' ')}"
    window_figure(directory.figures, directory.history(), summary, chosen.iteration, title)
    found = measure(directory.path, directory.predictions(), data.description, TEST_B, network)
    directory.log_scoring(directory.scorings()[-1].ended(found.accuracy))
    directory.write_results(
        Results(
            **vars(summary),
            parameters=parameters,
            costs=_costs(config, data),
            chosen=chosen,
            class_names=tuple(data.classes),
            **vars(found),
            predictions_sha256=sha256_of_file(directory.predictions_file),
        )
    )


def _costs(config: RunConfig, data: Dataset) -> Costs | None:
    """What depends on the data of the costs of a network."""
    if not parse_network(config.network).submanifold:
        return None
    return costs_of(network_info(config.network, None, len(data.classes), data, config.recipe.inputs))


def _choose(protocol: Protocol, directory: RunDirectory) -> Chosen:
    """The chosen weights; others are removed."""
    choice = protocol.choice()
    path = directory.weights(choice.iteration)
    directory.keep_weights([choice.iteration])
    where = path.relative_to(directory.path).as_posix()
    return Chosen(choice.iteration, choice.loss, choice.accuracy, where, sha256_of_file(path))


def _load(model: keras.Model, path: Path) -> None:
    """Load weights that the first process has into the models of all."""
    content = shared(path.read_bytes)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(content)
        model.load_weights(copy)


def _score_test_b_once(
    directory: RunDirectory, measured: Executed, data: Dataset, batch_size: int, weights: str
) -> None:
    """Write the predictions of testB, unless an earlier start of the run has scored it with the same weights.

    weights: their sha256. Every scoring is on record before it begins.
    """
    if shared(lambda: _scored(directory, weights)):
        return
    scoring = begin_scoring(data.fingerprint, TEST_B, data.size(TEST_B), measured.execution, weights)
    shared(lambda: directory.log_scoring(scoring))
    predictions = predict(measured, data, TEST_B, batch_size)
    shared(lambda: write_predictions(directory.predictions_file, predictions, CSV))
    shared(lambda: directory.log_scoring(scoring.ended()))


def _scored(directory: RunDirectory, weights: str) -> bool:
    """Whether testB has been scored with weights of this sha256."""
    last = directory.scorings()[-1:]
    return bool(last and last[0].complete and last[0].weights == weights and directory.predictions_file.is_file())
