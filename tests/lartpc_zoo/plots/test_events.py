from dataclasses import replace

import numpy as np
import pytest

from data_tools.conversion import convert
from data_tools.event import Event
from data_tools.inspection import open_events
from data_tools.truth import TruthTable
from lartpc_zoo.plots.events import contact_sheet, event_display, species_display

PLANES = (0, 1, 2)


def shown(axis):
    """What an axis shows, zeros where nothing is drawn, with rows from low to high."""
    (image,) = axis.images
    return np.ma.filled(image.get_array(), 0), image.get_extent()


def event_of(hits, shape=(200, 300, 3)):
    """An event without truth, of hits {(row, col, channel): ADC}."""
    index = np.array(sorted(np.ravel_multi_index(place, shape) for place in hits), np.int32)
    value = np.array([hits[tuple(map(int, np.unravel_index(one, shape)))] for one in index], np.float32)
    return Event(0, 1, 2, 3, shape, index, value, TruthTable.unknown(1).truth(0))


def split(figure):
    """(axes of the three planes, axis of the colour bar)"""
    return figure.axes[:3], figure.axes[3]


LINE = {(100, 150 + step, 0): 10.0 for step in range(60)}


def test_a_window_is_a_square_around_the_activity_with_a_margin():
    (axis, empty, _), _ = split(event_display(event_of(LINE), PLANES, None, "name"))
    drawn, (left, right, bottom, top) = shown(axis)
    # 60 columns less the outermost on either side, which hold 2 % of the ADC, and 8 on each side.
    assert drawn.shape == (74, 74)
    assert (right - left, top - bottom) == (74, 74)
    assert drawn.sum() == 600
    assert bottom <= 100 < top
    assert (left + right) / 2 == pytest.approx(180, abs=1)
    assert shown(empty)[0].sum() == 0
    assert [text.get_text() for text in empty.texts] == ["no hits"]


def test_a_window_is_not_smaller_than_it_can_be_looked_at_and_stays_inside_the_image():
    (axis, *_), _ = split(event_display(event_of({(0, 299, 0): 1.0}), PLANES, None, "name"))
    drawn, extent = shown(axis)
    assert drawn.shape == (32, 32)
    assert list(extent) == [268, 300, 0, 32]
    assert drawn[0, 31] == 1


def test_the_brightest_hits_do_not_set_the_colour_scale():
    (axis, *_), bar = split(event_display(event_of({**LINE, (100, 150, 0): 9_000.0}), PLANES, None, "name"))
    assert axis.images[0].get_clim() == (0, 10)
    assert bar.get_ylabel() == "ADC"


def test_an_event_without_truth_says_so():
    figure = event_display(event_of(LINE), PLANES, None, "name")
    assert figure.get_suptitle() == "no truth (run 1, subrun 2, event 3)"
    assert figure.get_supxlabel() == "name"


def test_a_plane_is_drawn_by_its_id_not_by_its_place():
    event = event_of({(5, 5, 1): 7.0})
    for plane, total in ((0, 7), (2, 0)):
        figure = species_display({"muon": event}, ("muon",), (2, 0, 1), None, plane, "name")
        assert shown(figure.axes[0])[0].sum() == total
    assert figure.get_suptitle() == "plane Y"


def test_a_contact_sheet_has_five_in_a_row_with_one_colour_scale():
    truth = replace(TruthTable.unknown(1).truth(0), pdg=13, momentum=(30.0, 40.0, 0.0))
    events = [(number, replace(event_of({(9, 9, 0): float(number)}), truth=truth)) for number in range(1, 8)]
    figure = contact_sheet(events, "muon", PLANES, (0.3, 0.4), 0)
    axes = figure.axes[:10]
    assert [axis.get_visible() for axis in axes] == [True] * 7 + [False] * 3
    assert [axis.get_title() for axis in axes[:7]] == [f"{number}: 50 MeV/c" for number in range(1, 8)]
    assert len({axis.images[0].get_clim() for axis in axes[:7]}) == 1
    assert [shown(axis)[0].sum() for axis in axes[:7]] == [1, 2, 3, 4, 5, 6, 7]
    assert figure.get_suptitle() == "muon, plane U; across: wire, up: drift, both in cm"


def test_the_planes_of_an_event_are_drawn_where_they_are(larcv2_256, truth_of):
    events = open_events(larcv2_256)
    event, _ = events.get(6)
    figure = event_display(event, events.planes, events.pixel_cm, "name")
    truth = truth_of("larcv2_256").image(6)
    axes = figure.axes[:3]
    assert [axis.get_title() for axis in axes] == ["plane U", "plane V", "plane Y"]
    for plane, axis in enumerate(axes):
        drawn, (left, right, bottom, top) = shown(axis)
        row, col = round(bottom / 0.5), round(left / 0.5)
        assert np.array_equal(drawn, truth[row : row + drawn.shape[0], col : col + drawn.shape[1], plane])
        assert (right - left, top - bottom) == (drawn.shape[1] * 0.5, drawn.shape[0] * 0.5)
        assert drawn.sum() >= 0.9 * truth[..., plane].sum()
        assert axis.get_xlabel() == "wire [cm]"
    assert len({shown(axis)[0].shape for axis in axes}) == 1
    assert figure.axes[3].get_ylabel() == "ADC"
    momentum = np.linalg.norm(event.truth.momentum)
    assert figure.get_suptitle() == rf"$\gamma$, {momentum:.0f} MeV/c (run 1, subrun 0, event 7)"


def test_without_a_scale_in_cm_the_axes_are_pixels(fixture_file):
    events = open_events(fixture_file("larcv1_10.root"))
    event, _ = events.get(0)
    figure = event_display(event, events.planes, events.pixel_cm, "name")
    assert figure.axes[0].get_xlabel() == "column (wire)"
    assert figure.axes[0].get_ylabel() == "row (drift time)"


def test_every_class_of_the_species_figure_shows_an_event_of_that_class(larcv2_256):
    events = open_events(larcv2_256)
    of_class = {events.classes.names[label]: event for _, event, label in events}
    figure = species_display(of_class, events.classes.names, events.planes, events.pixel_cm, 2, "name")
    titles = [axis.get_title() for axis in figure.axes[:5]]
    assert [title.partition(",")[0] for title in titles] == ["$e^-$", r"$\gamma$", r"$\mu^-$", r"$\pi^+$", "$p$"]


def test_other_classes_are_named(larcv2_256):
    events = open_events(larcv2_256)
    of_class = {"shower": events.get(0)[0]}
    figure = species_display(of_class, ("shower", "track"), events.planes, events.pixel_cm, 2, "name")
    assert figure.axes[0].get_title().startswith("shower\n$")
    assert figure.axes[1].get_title() == "track"


def test_the_axes_of_a_cropped_event_are_those_of_the_whole_image(larcv2_256, tmp_path):
    data = convert(larcv2_256, tmp_path / "data", ["all"], crop="200x180")
    event, _ = next(data.iterate("all"))
    whole, _ = open_events(larcv2_256).get(event.entry)
    for channel in range(3):
        cut, _ = (event_display(e, (0, 1, 2), (0.5, 0.5), "name").axes[channel] for e in (event, whole))
        drawn, (left, _, bottom, _) = shown(cut)
        row, col = round(bottom / 0.5), round(left / 0.5)
        assert np.array_equal(drawn, whole.image()[row : row + drawn.shape[0], col : col + drawn.shape[1], channel])


def test_events_without_hits_and_classes_without_events(larcv2_256):
    events = open_events(larcv2_256)
    event, _ = events.get(0)
    nothing = type(event)(**{**vars(event), "index": event.index[:0], "value": event.value[:0]})
    assert event_display(nothing, events.planes, None, "name").axes
    figure = species_display({"electron": nothing}, events.classes.names, events.planes, None, 0, "name")
    assert len(figure.axes) >= 5
