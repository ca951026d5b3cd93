import numpy as np
import pandas as pd
from matplotlib.image import imread

from lartpc_zoo.plots.training import confusion_figure, window_figure
from lartpc_zoo.training.protocol import Protocol, ProtocolSettings


def draw_window(directory, chosen=7):
    """The figure of a training that fell for six evaluations and rose for five, best in accuracy at `chosen`."""
    protocol = Protocol(ProtocolSettings(evaluation_interval=100, window_epochs=5, maximum_epochs=22), 50.0)
    for n in range(1, 12):
        protocol.record(100 * n, 1 + abs(n - 6) / 10, 0.9 if n == chosen else 0.5 + 0.01 * n)
    history = pd.DataFrame(protocol.evaluations, columns=["iteration", "testA_loss", "testA_accuracy"])
    results = {**protocol.summary(), "chosen": protocol.choice()._asdict()}
    directory.mkdir(exist_ok=True)
    window_figure(directory, history.assign(epoch=history["iteration"] / 50), results, "resnet14b: plateaued")


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
    draw_window(tmp_path / "2", chosen=5)
    images = [imread(tmp_path / part / "fig4_window.png") for part in "12"]
    assert images[0].shape == images[1].shape
    assert not np.array_equal(*images)
