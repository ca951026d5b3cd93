import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation

from lartpc_zoo.plots.accuracy_cost import Point, accuracy_cost_figure, draw_accuracy_cost
from lartpc_zoo.plots.style import in_style


def point(number, cost, accuracy, name=None):
    return Point(name or f"resnet{number}b_wd4 (a recipe)", cost, accuracy, 0.002, (accuracy,))


FEW = [point(14, 0.1, 0.8), point(29, 0.2, 0.82), point(50, 0.9, 0.83)]
CROWD = [point(number, 0.04 * 1.02**number, 0.84 + 0.0005 * (number % 5)) for number in range(15)]


@pytest.mark.parametrize("points", [FEW, CROWD], ids=["few", "crowd"])
def test_every_point_has_its_name_and_none_lies_on_another(points):
    with in_style():
        figure = draw_accuracy_cost(points, [points[0].name, points[-1].name], "Multiply-adds [G]", points[0].name)
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
    texts = [text for text in figure.axes[0].texts if isinstance(text, Annotation) and text.get_text()]
    legend = [text.get_text() for one in figure.legends for text in one.get_texts()]
    assert sorted([text.get_text() for text in texts] + legend) == sorted(point.name for point in points)
    boxes = [text.get_window_extent(renderer) for text in texts]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)


def test_names_without_room_stand_in_a_legend():
    points = [point(0, 0.1, 0.8), point(1, 0.2, 0.82, "a name that is much too long for a figure of one column " * 3)]
    with in_style():
        figure = draw_accuracy_cost(points, [points[0].name], "Multiply-adds [G]", points[1].name)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [points[1].name]


def test_the_figure_is_written_in_both_formats(tmp_path):
    accuracy_cost_figure(tmp_path, FEW, [FEW[0].name], "Multiply-adds [G]", FEW[0].name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["accuracy_cost.pdf", "accuracy_cost.png"]
