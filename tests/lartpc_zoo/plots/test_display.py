import matplotlib.image
import numpy as np
import pytest

from data_tools.conversion import convert
from data_tools.errors import BadOption
from data_tools.inspection import open_events
from lartpc_zoo.plots import events as displays
from lartpc_zoo.plots.display import draw


def shown(axis):
    """What an axis shows, zeros where nothing is drawn, with rows from low to high."""
    (image,) = axis.images
    return np.ma.filled(image.get_array(), 0), image.get_extent()


def test_the_planes_of_an_event_are_drawn_where_they_are(larcv2_256, truth_of):
    events = open_events(larcv2_256)
    event, _ = events.get(6)
    figure = displays.event_display(event, events.planes, events.pixel_cm, "name")
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
    figure = displays.event_display(event, events.planes, events.pixel_cm, "name")
    assert figure.axes[0].get_xlabel() == "column (wire)"
    assert figure.axes[0].get_ylabel() == "row (drift time)"


def test_every_class_of_the_species_figure_shows_an_event_of_that_class(larcv2_256):
    events = open_events(larcv2_256)
    of_class = {events.classes.names[label]: event for _, event, label in events}
    figure = displays.species_display(of_class, events.classes.names, events.planes, events.pixel_cm, 2, "name")
    titles = [axis.get_title() for axis in figure.axes[:5]]
    assert [title.partition(",")[0] for title in titles] == ["$e^-$", r"$\gamma$", r"$\mu^-$", r"$\pi^+$", "$p$"]


def test_other_classes_are_named(larcv2_256):
    events = open_events(larcv2_256)
    of_class = {"shower": events.get(0)[0]}
    figure = displays.species_display(of_class, ("shower", "track"), events.planes, events.pixel_cm, 2, "name")
    assert figure.axes[0].get_title().startswith("shower\n$")
    assert figure.axes[1].get_title() == "track"


def test_the_axes_of_a_cropped_event_are_those_of_the_whole_image(larcv2_256, tmp_path):
    data = convert(larcv2_256, tmp_path / "data", ["all"], crop="200x180")
    event, _ = next(data.iterate("all"))
    whole, _ = open_events(larcv2_256).get(event.entry)
    for channel in range(3):
        cut, _ = (displays.event_display(e, (0, 1, 2), (0.5, 0.5), "name").axes[channel] for e in (event, whole))
        drawn, (left, _, bottom, _) = shown(cut)
        row, col = round(bottom / 0.5), round(left / 0.5)
        assert np.array_equal(drawn, whole.image()[row : row + drawn.shape[0], col : col + drawn.shape[1], channel])


def test_events_without_hits_and_classes_without_events(larcv2_256):
    events = open_events(larcv2_256)
    event, _ = events.get(0)
    nothing = type(event)(**{**vars(event), "index": event.index[:0], "value": event.value[:0]})
    assert displays.event_display(nothing, events.planes, None, "name").axes
    figure = displays.species_display({"electron": nothing}, events.classes.names, events.planes, None, 0, "name")
    assert len(figure.axes) >= 5


@pytest.mark.parametrize("ending", ["png", "pdf"])
@pytest.mark.parametrize(
    "what", [{"event": 3}, {"species": True}, {"contact_sheet": "muon"}], ids=["event", "species", "sheet"]
)
def test_figures_of_files_and_data_sets(what, ending, larcv2_256, small_data, tmp_path):
    for path in (larcv2_256, small_data.directory):
        output = draw(path, **what, output=tmp_path / f"figure.{ending}")
        if ending == "png":
            assert matplotlib.image.imread(output).std() > 0.05
        else:
            assert output.read_bytes().startswith(b"%PDF")


def test_a_name_is_found_for_the_figure(larcv2_256, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert draw(larcv2_256, event=3).name == "larcv2_256-event-3.png"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"contact_sheet": "muno"}, "contact_sheet muno: the classes are .* Did you mean muon"),
        ({"species": True, "plane": 5}, "plane 5: .* has the planes 0, 1, 2"),
        ({"event": 1, "output": "figure.jpg"}, "output figure.jpg: expected a name that ends in .png or .pdf"),
    ],
)
def test_what_cannot_be_drawn(options, message, larcv2_256):
    with pytest.raises(BadOption, match=message):
        draw(larcv2_256, **options)


def test_events_of_no_class_have_no_species(fixture_file):
    with pytest.raises(BadOption, match="no event of the classes electron"):
        draw(fixture_file("larcv1_detector_3.root"), species=True)
