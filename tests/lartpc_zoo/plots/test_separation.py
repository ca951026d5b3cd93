import numpy as np
import pandas as pd
import pytest

from lartpc_zoo.metrics.separation import pairs_of, separate
from lartpc_zoo.plots.separation import separation_figure

CLASSES = ["electron", "gamma", "muon", "pion", "proton"]


def scored(classes, events=400):
    generator = np.random.default_rng(0)
    label = np.arange(events) % len(classes)
    scores = generator.dirichlet(np.ones(len(classes)), events) + 2 * np.eye(len(classes))[label]
    scores /= scores.sum(axis=1, keepdims=True)
    columns = {f"score_{name}": scores[:, number] for number, name in enumerate(classes)}
    return pd.DataFrame({"label": label, "prediction": scores.argmax(axis=1), **columns})


@pytest.mark.parametrize("classes", [CLASSES, ["shower", "track"], ["a", "b", "c"]], ids=["five", "two", "others"])
def test_any_classes_have_a_figure_the_same_every_time(classes, tmp_path):
    predictions = scored(classes)
    separations = [separate(predictions, classes, pair) for pair in pairs_of(classes)]
    for name in ("one", "two"):
        separation_figure(tmp_path, name, predictions, classes, separations, "a title")
    for ending in ("png", "pdf"):
        assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()
