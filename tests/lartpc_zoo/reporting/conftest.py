"""Runs without a training: the files of a small one, with predictions that are made up."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from data_tools.files import sha256_of_file, write_csv, write_json, write_text
from data_tools.record import plain
from lartpc_zoo.metrics import accuracies as metrics

CLASSES = ["electron", "gamma", "muon", "pion", "proton"]
EVENTS = 1_000


def accuracies_of(matrix):
    """The accuracies of a confusion matrix, as results.json holds them."""
    return {name: plain(value) for name, value in metrics.class_accuracies(matrix, CLASSES).items()}


def predictions_of(accuracy, seed, events=EVENTS):
    """Predictions that are right for so many events; which ones is strongly correlated between calls."""
    generator = np.random.default_rng(0)
    label = np.arange(events) % 5
    difficulty = generator.uniform(size=events)
    table = pd.DataFrame({"run": 1, "subrun": 0, "event": np.arange(events), "source": 0, "entry": np.arange(events)})
    table["momentum"] = generator.uniform(50, 500, events)
    for plane in "UVY":
        table[f"npx_{plane}"] = generator.integers(5, 200, events)
    table["label"] = label
    noise = np.random.default_rng(seed + 1).normal(0, 0.01, events)
    right = difficulty + noise <= np.quantile(difficulty + noise, accuracy)
    prediction = np.where(right, label, (label + 1) % 5)
    logits = 3 * np.eye(5)[prediction] + generator.normal(0, 0.3, (events, 5))
    logits[np.arange(events), prediction] = logits.max(axis=1) + 0.1
    scores = np.exp(logits)
    scores /= scores.sum(axis=1, keepdims=True)
    return table.assign(prediction=prediction, **{f"score_{name}": scores[:, n] for n, name in enumerate(CLASSES)})


@pytest.fixture(scope="session")
def forge_in(finished_run):
    """Function of a directory: `forge` that makes its runs there."""

    def forge_there(parent):
        def make(network, accuracy, seed=1, recipe=None, events=EVENTS):
            directory = parent / f"{network}-{recipe or 'tiny'}-seed{seed}"
            shutil.copytree(finished_run.directory, directory)
            config = yaml.safe_load((directory / "config.yaml").read_text()) | {"network": network, "seed": seed}
            if recipe:
                config["recipe"]["l2"] = 0.5
                config["recipe"]["name"] = recipe
            write_text(directory / "config.yaml", yaml.safe_dump(config))
            predictions = predictions_of(accuracy, seed, events)
            write_csv(directory / "predictions_testB.csv.gz", predictions)
            matrix = metrics.confusion_matrix(predictions["label"], predictions["prediction"], 5)
            results = json.loads((directory / "results.json").read_text())
            results |= {
                "status": "plateaued",
                "accuracies": accuracies_of(matrix),
                "confusion_matrix": matrix.tolist(),
                "predictions_sha256": sha256_of_file(directory / "predictions_testB.csv.gz"),
            }
            write_json(directory / "results.json", results)
            return directory

        return make

    return forge_there


@pytest.fixture
def forge(forge_in, tmp_path):
    """Function (network, accuracy, seed=1, recipe=None, events): directory of a run with made-up predictions."""
    return forge_in(tmp_path)


@pytest.fixture
def change_predictions():
    """Function: change the predictions of a run by a function of their table, and its results as they would be then."""

    def change(directory, function):
        path = directory / "predictions_testB.csv.gz"
        predictions = function(pd.read_csv(path))
        write_csv(path, predictions)
        results = json.loads((directory / "results.json").read_text())
        matrix = metrics.confusion_matrix(predictions["label"], predictions["prediction"], 5)
        results |= {"confusion_matrix": matrix.tolist(), "predictions_sha256": sha256_of_file(path)}
        results["accuracies"] = accuracies_of(matrix)
        write_json(directory / "results.json", results)

    return change
