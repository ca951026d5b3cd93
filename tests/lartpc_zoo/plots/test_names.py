import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lartpc_zoo.plots.names import Box, place_names

AREA = Box(0, 0, 400, 200)
PLACES = st.tuples(st.floats(5, 395), st.floats(5, 195))


@given(st.lists(PLACES, max_size=15), st.integers(10, 120))
def test_no_name_lies_on_another_or_on_a_point_or_leaves_the_area(points, width):
    boxes = place_names(points, [(width, 7)] * len(points), 2.5, AREA)
    assert len(boxes) == len(points)
    placed = [box for box in boxes if box]
    assert all(box.inside(AREA) for box in placed)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(placed, 2))
    marks = [Box(x - 2.5, y - 2.5, x + 2.5, y + 2.5) for x, y in points]
    assert not any(box.overlaps(mark) for box in placed for mark in marks)
    assert boxes == place_names(points, [(width, 7)] * len(points), 2.5, AREA)


def test_a_name_stands_beside_a_lone_point():
    (box,) = place_names([(100, 100)], [(50, 8)], 2.5, AREA)
    assert box == Box(103.5, 96, 153.5, 104)


def test_a_crowd_is_named_in_full():
    points = [(100 + 8 * number, 100 + 10 * (number % 3)) for number in range(8)]
    assert None not in place_names(points, [(70, 7)] * 8, 2.5, AREA)


def test_without_room_there_is_no_place():
    assert place_names([(50, 50)], [(500, 8)], 2.5, AREA) == [None]


def test_names_keep_off_lines_where_they_can():
    points, sizes, line = [(100, 100)], [(50, 8)], ((100, 100), (300, 100))
    (box,) = place_names(points, sizes, 2.5, AREA, [line])
    assert not box.crossed_by(line)
    everywhere = [((0, float(y)), (400, float(y))) for y in np.arange(0, 200, 2)]
    assert place_names(points, sizes, 2.5, AREA, everywhere) != [None]
