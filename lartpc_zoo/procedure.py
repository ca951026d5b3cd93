"""The study's procedure from a data set to Table 1: `train`; and scoring with its weights: `evaluate`."""

import datetime
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import data_tools
from data_tools.event import plane_name
from data_tools.files import sha256_of_file, write_csv
from data_tools.particles import TOTAL
from data_tools.progress import bar
from lartpc_zoo.errors import DataDiffers, RunDiffers, Unlabelled
from lartpc_zoo.evaluation import figures, metrics, scores, tables
from lartpc_zoo.models.precision import AUTO, resolve
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.models.spec import parse
from lartpc_zoo.runs import Run, open_run
from lartpc_zoo.training.feed import TEST_A, TEST_B, TRAIN, batches_of, feed_of, source_of
from lartpc_zoo.training.recipe import Recipe, load_recipe
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.strategies import find_devices, set_seed
from lartpc_zoo.training.trainer import check_interval, compile_for_training, train_network


class SharedSources(UserWarning):
    """A data set was made from files that a network was trained on."""


def train(network, data, output, recipe="paper", seed=0, devices=None, deterministic=False):
    """Train a network under the study's protocol and report testB once; returns the finished Run.

    network: a name, as in 'resnet29b_w4', or a NetworkSpec. data: a data_tools Dataset or its directory, with samples
    train, testA and testB. output: the run directory; one with an interrupted run of the same configuration is
    continued, a finished one is only opened. recipe: a name, a file or a Recipe. devices: as in ['GPU:0', 'GPU:1']
    (default: all GPUs, else the CPU). deterministic: bit-for-bit reproducible operations, slower.

    Raises UnknownNetwork, UnknownRecipe, BadRecipe, BadDevices, RunDiffers, TrainingDiverged or a data_tools error.
    """
    network = str(parse(network))
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    data = data if isinstance(data, data_tools.Dataset) else data_tools.open_dataset(data)
    devices = find_devices(devices, recipe.batch_size)
    directory = RunDirectory(output)
    recipe = replace(recipe, dtype=_dtype(recipe, directory))
    config = {
        "network": network,
        "seed": seed,
        "deterministic": deterministic,
        "batches": source_of(data),
        "data": _describe(data),
        # Not the recipe's name, and not how it converts files: the data set is what it is.
        "recipe": {key: value for key, value in recipe.as_dict().items() if key not in ("name", "convert")},
    }
    directory.check(config)
    if directory.results() is not None:
        return Run(directory)
    _check_labelled(data)
    data.verify([TRAIN, TEST_A, TEST_B])
    set_seed(seed, deterministic)
    feed = feed_of(data, recipe, seed)
    with devices.scope():
        model = create_model(network, data.image_shape, len(data.classes), recipe.inputs, recipe.dtype)
        compiled = compile_for_training(model, recipe)
        check_interval(feed, recipe)
        # Only now, so that what cannot be trained leaves no directory behind.
        directory.begin(config)
        directory.write_environment(devices=list(devices.names), recipe=recipe.name, data_fingerprint=data.fingerprint)
        protocol = train_network(model, compiled, feed, recipe, directory)
        _report(directory, model, protocol, data, recipe.batch_size, network)
    return Run(directory)


def evaluate(run, data, sample=TEST_B, output=None):
    """Score a sample with a run's network; writes predictions, Table 1 and the confusion matrix.

    run: a Run or its directory. data: a Dataset, its directory or its file of hits. output: default
    RUN/evaluations/SAMPLE-FINGERPRINT.
    Of a sample without truth only the predictions can be written. The scoring is logged in the run's results.json.
    Returns (Table 1 as Markdown, or how many events were called what, Path of the output).
    Raises NotARun, CorruptRun, DataDiffers, RunDiffers (where the output is a run) or a data_tools error.
    """
    run = run if isinstance(run, Run) else open_run(run)
    data = data if isinstance(data, data_tools.Dataset) else data_tools.open_dataset(data)
    _check_same(run, data)
    data.verify([sample])
    output = Path(output or run.directory / "evaluations" / f"{sample}-{data.fingerprint[:12]}")
    if (output / "config.yaml").exists() or (output / "manifest.json").exists():
        raise RunDiffers(f"{output} is a run or a data set, whose files would be lost. Choose another output.")
    _warn_of_shared_sources(run, data)
    model = run.load_model()
    batch_size = run.config["recipe"]["batch_size"]
    if not data.labelled(sample):
        predictions = _predict(output, model, data, sample, batch_size)
        run.log_scoring(_scoring(data, sample, len(predictions)))
        return _count_predictions(predictions, data.classes), output
    results = _score(output, model, data, sample, batch_size, run.config["network"])
    run.log_scoring(_scoring(data, sample, **_overall(results)))
    return (output / "table1.md").read_text(encoding="utf-8"), output


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
        "sources": _source_hashes(data),
        "classes": data.manifest["classes"],
        "image_shape": list(data.image_shape),
        "planes": list(data.planes),
        "adc": data.manifest["adc"],
        "samples": {sample: data.size(sample) for sample in (TRAIN, TEST_A, TEST_B)},
    }


def _check_same(run, data):
    trained_on = run.config["data"]
    for what, now in (
        ("classes", data.manifest["classes"]),
        ("image_shape", list(data.image_shape)),
        ("planes", list(data.planes)),
        ("adc", data.manifest["adc"]),
    ):
        if trained_on[what] != now:
            raise DataDiffers(
                f"{data.directory}: {what} {now}, but {run.directory} was trained on {trained_on[what]}. "
                "Convert the files with the options of the training's data set."
            )


def _warn_of_shared_sources(run, data):
    """Events of the training may stand again in another data set that was made from the same files."""
    before = run.config["data"]
    shared = set(before["sources"]) & set(_source_hashes(data))
    if shared and data.fingerprint != before["fingerprint"]:
        warnings.warn(
            f"{data.directory} was made from {len(shared)} of the files that {run.directory} was trained on: events of "
            "the training may be in the sample, and the accuracy too high.",
            SharedSources,
            stacklevel=3,
        )


def _source_hashes(data):
    return [source["sha256"] for source in data.manifest["sources"]]


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


def _report(directory, model, protocol, data, batch_size, network):
    """Choose the weights, score testB once with them, and write everything that a finished run holds."""
    chosen = _load_choice(model, protocol, directory)
    write_csv(directory.path / "window.csv", pd.DataFrame(protocol.window))
    title = f"{network}: {protocol.status.replace('_', ' ')}"
    figures.window_figure(directory.figures, protocol, title)
    results = {
        "status": protocol.status,
        "iterations": protocol.iteration,
        "epochs": protocol.iteration / protocol.iterations_per_epoch,
        "parameters": int(sum(np.prod(weight.shape) for weight in model.trainable_variables)),
        "minimum": protocol.minimum._asdict(),
        "window": {"first": protocol.window[0].iteration, "last": protocol.window[-1].iteration},
        "chosen": chosen,
        "class_names": list(data.classes),
        **_score(directory.path, model, data, TEST_B, batch_size, network),
    }
    directory.write_results({**results, "scorings": [_scoring(data, TEST_B, **_overall(results))]})


def _score(output, model, data, sample, batch_size, network):
    """Score a sample once and write everything that follows from its predictions."""
    (output / "figures").mkdir(parents=True, exist_ok=True)
    predictions = _predict(output, model, data, sample, batch_size)
    events = len(predictions)
    matrix = metrics.confusion_matrix(predictions["label"], predictions["prediction"], len(data.classes))
    accuracies = metrics.class_accuracies(matrix, data.classes)
    planes = [plane_name(plane) for plane in data.planes]
    seen = parse(network).planes
    caption = tables.table1_caption(
        sample, events, [planes[seen]] if isinstance(seen, int) else planes, data.image_shape, data.fingerprint
    )
    tables.print_table1(tables.table1({network: accuracies}), caption).write(output)
    figures.confusion_figure(output / "figures", matrix, data.classes, title=f"{network}, {sample}")
    return {"table1_caption": caption, "accuracies": accuracies, "confusion_matrix": matrix.tolist()}


def _predict(output, model, data, sample, batch_size):
    """Score a sample once and write the table of its predictions, which is returned."""
    output.mkdir(parents=True, exist_ok=True)
    events = data.events(sample)
    with bar(f"Scoring {sample}", len(events)) as advance:
        batches = batches_of(data)(sample, batch_size, pad=True)
        logits = scores.logits_of(model, batches, len(events), advance)
    predictions = scores.prediction_table(events, logits, data.classes)
    write_csv(output / f"predictions_{sample}.csv.gz", predictions)
    return predictions


def _count_predictions(predictions, classes):
    """How many events without truth were called what, as text."""
    counts = np.bincount(predictions["prediction"], minlength=len(classes))
    called = ", ".join(f"{count:,} {name}" for name, count in zip(classes, counts))
    return f"{len(predictions):,} events without truth, called: {called}."


def _overall(results):
    total = results["accuracies"][TOTAL]
    return {"events": total["events"], "accuracy": total["accuracy"]}


def _scoring(data, sample, events, accuracy=None):
    """What results.json keeps of one scoring; no accuracy where there is no truth."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "sample": sample,
        "data_fingerprint": data.fingerprint,
        "events": events,
        "accuracy": accuracy,
    }
