from dataclasses import replace
from types import SimpleNamespace

import pytest

from data_tools.conversion import convert
from lartpc_zoo.errors import DataDiffers
from lartpc_zoo.reporting import events as module
from lartpc_zoo.reporting.events import event_figures


def run_on(data):
    """What the figures take of a Run that was trained on a data set."""
    return SimpleNamespace(trained_on=data.description, directory="run")


@pytest.fixture
def shown_events(monkeypatch):
    """The numbers of the events that were drawn."""
    numbers = []
    real = module.draw_event

    def draw(events, number):
        numbers.append(number)
        return real(events, number)

    monkeypatch.setattr(module, "draw_event", draw)
    return numbers


def test_figures_1_and_2_are_drawn_from_testb(small_data, tmp_path):
    captions = {shown.name: shown.caption for shown in event_figures(tmp_path, small_data, [run_on(small_data)])}
    assert captions == {
        "fig1_event": "Figure 1. The event with the most hits of the first 20 events of testB, in all planes.",
        "fig2_species": "Figure 2. One event of every class, of medium momentum, in plane Y.",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "fig1_event.pdf",
        "fig1_event.png",
        "fig2_species.pdf",
        "fig2_species.png",
    ]


def test_figure_1_has_the_most_hits_of_the_first_twenty_events_as_they_are_stored(larcv2_256, shown_events, tmp_path):
    data = convert(larcv2_256, tmp_path / "data", ["testB"], down_sample=4, seed=2)
    hits = data.events("testB").filter(regex="^npx_").sum(axis=1)
    assert hits.argmax() >= 20
    next(event_figures(tmp_path, data, [run_on(data)]))
    assert shown_events == [hits[:20].argmax()]


def test_figure_2_names_classes_that_are_not_the_species(larcv2_256, tmp_path):
    classes = ["shower=11,22", "track=13,-211,211,2212"]
    data = convert(larcv2_256, tmp_path / "data", ["testB"], down_sample=4, classes=classes)
    captions = {shown.name: shown.caption for shown in event_figures(tmp_path, data, [run_on(data)])}
    assert captions["fig2_species"] == (
        "Figure 2. One event of every class (shower, track), of medium momentum, in plane Y."
    )


def test_another_data_set_than_those_of_the_trainings_is_refused(small_data, tmp_path):
    run, other = run_on(small_data), run_on(small_data)
    other.trained_on = replace(run.trained_on, fingerprint="0123456789abcdef")
    expected = r"were trained on 0123456789ab \(run\)\. Give the data set of the training"
    with pytest.raises(DataDiffers, match=expected):
        next(event_figures(tmp_path, small_data, [other]))
    assert list(tmp_path.iterdir()) == []
    assert next(event_figures(tmp_path, small_data, [other, run])).name == "fig1_event"
