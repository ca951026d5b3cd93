import numpy as np
from matplotlib.image import imread

from lartpc_zoo.evaluation.figures import confusion_figure, window_figure
from lartpc_zoo.training.protocol import Evaluation

EVALUATIONS = [Evaluation(100 * n, 1 / n, 0.1 * n) for n in range(1, 9)]


def draw_window(directory, chosen=EVALUATIONS[6]):
    directory.mkdir(exist_ok=True)
    window_figure(directory, EVALUATIONS, EVALUATIONS[3:], chosen, EVALUATIONS[7], 50.0, "resnet14b: plateaued")


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
    draw_window(tmp_path / "2", chosen=EVALUATIONS[4])
    images = [imread(tmp_path / part / "fig4_window.png") for part in "12"]
    assert images[0].shape == images[1].shape
    assert not np.array_equal(*images)
