import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread

from lartpc_zoo.plots.style import (
    COLUMN_WIDTH,
    DPI,
    PAGE_WIDTH,
    class_colours,
    in_style,
    legend_columns,
    logarithmic,
    margins,
    network_looks,
    powers_of_ten,
    printed,
    save_both,
)

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


def test_species_are_printed_as_symbols_and_others_by_name():
    classes = ["electron", "gamma", "muon", "pion", "proton", "shower"]
    assert [printed(name) for name in classes] == ["e⁻", "γ", "μ⁻", "π", "p", "shower"]
    assert len(set(class_colours(classes).values())) == len(classes)


def test_powers_of_ten_are_the_ticks():
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], [0.02, 300])
    powers_of_ten(axes.yaxis)
    FigureCanvasAgg(figure).draw()
    shown = [tick.get_text() for at, tick in zip(axes.get_yticks(), axes.get_yticklabels()) if 0.02 <= at <= 300]
    assert shown == ["10⁻¹", "10⁰", "10¹", "10²"]


def test_a_figure_has_the_margins_and_the_size_that_it_was_given(tmp_path):
    with in_style():
        figure = Figure(figsize=(4, 2))
        margins(figure, left=1, right=0.5, bottom=0.4, top=0.2)
        axes = figure.subplots()
        save_both(figure, tmp_path, "figure")
    assert axes.get_position().extents == pytest.approx([0.25, 0.2, 0.875, 0.9])
    assert imread(tmp_path / "figure.png").shape[:2] == (2 * DPI, 4 * DPI)
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")
