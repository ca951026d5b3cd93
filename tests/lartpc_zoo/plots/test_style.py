import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lartpc_zoo.plots.style import COLUMN_WIDTH, PAGE_WIDTH, in_style, legend_columns, logarithmic, network_looks

SHORT = ["resnet14b_wd4", "plainresnet18b_wd4", "vgg16c_wd4", "resnet29b"]
LONG = ["googlenet_wd4 (zoo_unnormalised)", "resnet14b_wd4 (study_solver)", "resnet14b_wd4 (zoo) (seed 1)", "vgg16b"]


@pytest.mark.parametrize("names", [SHORT, LONG, ["plainresnet18b_wd4_fc1024x1024 (my_recipe)"] * 4])
@pytest.mark.parametrize("width", [COLUMN_WIDTH, PAGE_WIDTH])
def test_a_legend_lies_within_its_figure(names, width):
    with in_style():
        figure = Figure(figsize=(width, 3), layout="constrained")
        axes = figure.subplots()
        for name in names:
            axes.plot([0, 1], [0, 1], marker="o", label=name)
        legend = figure.legend(loc="outside lower center", ncols=legend_columns(names, width, most=4))
        FigureCanvasAgg(figure).draw()
        assert legend.get_window_extent().width <= figure.bbox.width


def test_no_two_of_many_networks_look_the_same():
    looks = network_looks(range(66)).values()
    assert len({(look["color"], look["marker"]) for look in looks}) == 66


@pytest.mark.parametrize("lowest", [0.0332, 0.09, 4, 700])
@pytest.mark.parametrize("times", [8.5, 16, 40, 99, 100, 2e3, 1e5])
def test_the_numbers_of_a_logarithmic_axis_can_be_read(lowest, times):
    with in_style():
        figure = Figure(figsize=(COLUMN_WIDTH, 3), layout="constrained")
        axes = figure.subplots()
        axes.plot([lowest, lowest * times], [0, 1])
        logarithmic(axes.xaxis, axes.lines[0].get_xdata())
        FigureCanvasAgg(figure).draw()
        low, high = axes.get_xlim()
        labels = [label for at, label in zip(axes.get_xticks(), axes.get_xticklabels()) if low <= at <= high]
        boxes = [label.get_window_extent() for label in labels]
    assert len(labels) >= 2
    assert [label.get_text() for label in labels] == [f"{at:g}" for at in axes.get_xticks() if low <= at <= high]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))
    assert not any(label.get_text() for label in axes.get_xticklabels(minor=True))


def test_short_names_stand_side_by_side():
    assert legend_columns(SHORT, COLUMN_WIDTH, most=2) == 2
    assert legend_columns(SHORT, PAGE_WIDTH, most=4) == 4
