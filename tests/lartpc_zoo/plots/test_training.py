from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.image import imread

from lartpc_zoo.plots.training import confusion_figure, window_figure

ITERATIONS_PER_EPOCH = 50


def draw_window(directory, chosen=700):
    """The figure of a training that fell for six evaluations and rose for five, best in accuracy at `chosen`."""
    iterations = 100 * np.arange(1, 12)
    history = pd.DataFrame(
        {
            "iteration": iterations,
            "epoch": iterations / ITERATIONS_PER_EPOCH,
            "testA_loss": 1 + np.abs(iterations - 600) / 1000,
            "testA_accuracy": np.where(iterations == chosen, 0.9, 0.5 + iterations / 10_000),
        }
    )
    ended = SimpleNamespace(minimum=SimpleNamespace(iteration=600), window=SimpleNamespace(first=400, last=800))
    directory.mkdir(exist_ok=True)
    window_figure(directory, history, ended, chosen, "resnet14b: plateaued")


def test_figures_are_written_as_png_and_pdf_and_are_reproducible(tmp_path):
    for directory in (tmp_path / "1", tmp_path / "2"):
        draw_window(directory)
        confusion_figure(directory, np.diag([3, 4]), ["electron", "other"], "title")
    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert names == ["confusion_matrix.pdf", "confusion_matrix.png", "fig4_window.pdf", "fig4_window.png"]
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_the_chosen_weights_are_marked(tmp_path):
    draw_window(tmp_path / "1")
    draw_window(tmp_path / "2", chosen=500)
    images = [imread(tmp_path / part / "fig4_window.png") for part in "12"]
    assert images[0].shape == images[1].shape
    assert not np.array_equal(*images)
