import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lartpc_zoo.evaluation.style import COLUMN_WIDTH, MARKERS, PAGE_WIDTH, in_style, legend_columns, network_colours

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
    colours = network_colours(map(str, range(40))).values()
    assert len(set(zip(colours, itertools.cycle(MARKERS)))) == 40


def test_short_names_stand_side_by_side():
    assert legend_columns(SHORT, COLUMN_WIDTH, most=2) == 2
    assert legend_columns(SHORT, PAGE_WIDTH, most=4) == 4
